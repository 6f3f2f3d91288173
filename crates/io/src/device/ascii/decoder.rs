//! Bytes to frames.

use super::line::{self, Line, Value};
use crate::device::{Counts, Frame};
use surae_trial::label::{Labelled, roles_of};
use surae_trial::{Channel, Kind, NativeType, Role, StreamLayout, Unit};

/// Longest line; more without an end is noise.
const MAX_LINE: usize = 4096;
/// Most lines that may be held back while columns are learnt.
const MAX_LEARNING: usize = 1000;
/// Clock readings in a row that must lie behind before the device is taken to have restarted.
const RESET_AFTER: u32 = 3;

/// Unit of a device clock column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockUnit {
    /// Microseconds (`micros()`), wraps at 2^32.
    Microseconds,
    /// Milliseconds (`millis()`), wraps at 2^32.
    Milliseconds,
    /// Seconds, as a decimal number.
    Seconds,
}

/// What the columns of the lines are.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// Names of all columns, as sent or `value 1` ... `value n`.
    pub names: Vec<String>,
    /// True when each value carries its name.
    pub labelled: bool,
    /// Column of the device clock.
    pub clock: Option<(usize, ClockUnit)>,
    /// Column of the device counter.
    pub counter: Option<usize>,
}

impl Columns {
    fn new(names: Vec<String>, labelled: bool) -> Self {
        let clock = names.iter().position(|n| clock_unit(n).is_some());
        let clock = clock.and_then(|at| clock_unit(&names[at]).map(|unit| (at, unit)));
        let counter = names.iter().position(|n| is_counter(n));
        Self { names, labelled, clock, counter }
    }

    fn is_channel(&self, at: usize) -> bool {
        self.clock.map(|(clock, _)| clock) != Some(at) && self.counter != Some(at)
    }

    /// Names of the channels: every column but clock and counter.
    #[must_use]
    pub fn channels(&self) -> Vec<&str> {
        (0..self.names.len()).filter(|at| self.is_channel(*at)).map(|at| self.names[at].as_str()).collect()
    }
}

/// `micros`, `millis`, `timestamp_us`, `time_ms`, `t_s`. A bare `t`, `time` or `timestamp` states no unit: it is no clock
/// that can be used and stays a channel (of kind device time).
fn clock_unit(name: &str) -> Option<ClockUnit> {
    let plain = name.trim().to_lowercase();
    let (stem, unit) = match plain.rsplit_once('_') {
        Some((stem, "us")) => (stem, Some(ClockUnit::Microseconds)),
        Some((stem, "ms")) => (stem, Some(ClockUnit::Milliseconds)),
        Some((stem, "s")) => (stem, Some(ClockUnit::Seconds)),
        _ => (plain.as_str(), None),
    };
    match stem {
        "micros" => Some(unit.unwrap_or(ClockUnit::Microseconds)),
        "millis" => Some(unit.unwrap_or(ClockUnit::Milliseconds)),
        "t" | "time" | "timestamp" => unit,
        _ => None,
    }
}

fn is_counter(name: &str) -> bool {
    matches!(name.trim().to_lowercase().as_str(), "n" | "seq" | "nseq" | "counter" | "sample")
}

/// A push decoder for ASCII lines.
///
/// ```
/// let mut decoder = surae_io::device::ascii::Decoder::new();
/// let mut rows = Vec::new();
/// decoder.push(b"2\nMG:1,SOL:2\nMG:3,SOL:4\n", &mut |frame| rows.push(frame.values.to_vec()));
/// assert_eq!(rows, [[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(decoder.counts().skipped_bytes, 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// The line in the buffer is skipped to its end: the first one, or one that is too long.
    skipping: bool,
    columns: Option<Columns>,
    /// Names of a header line, until lines of that many values follow.
    names: Option<Vec<String>>,
    /// Lines before the columns were fixed.
    pending: Vec<(Columns, Vec<Value>)>,
    /// Lines looked at before the columns are fixed, beyond the first two.
    more_lines: usize,
    row: Vec<Value>,
    values: Vec<f64>,
    clock: Clock,
    counts: Counts,
}

impl Decoder {
    /// A decoder that joins a running stream: the first line is skipped, it may be partial.
    #[must_use]
    pub fn new() -> Self {
        Self { skipping: true, ..Self::default() }
    }

    /// A decoder that sees the stream from its first byte.
    #[must_use]
    pub fn from_start() -> Self {
        Self::default()
    }

    /// Looks at `lines` lines (at least two) before the columns are fixed, so that channels that ride along in few lines
    /// (`knee:12.5` in every twentieth) are found. The lines are held back until then, not lost.
    #[must_use]
    pub fn learning(mut self, lines: usize) -> Self {
        self.more_lines = lines.saturating_sub(2).min(MAX_LEARNING);
        self
    }

    /// Takes bytes in any split and hands out each frame they complete.
    pub fn push(&mut self, bytes: &[u8], frame: &mut dyn FnMut(Frame<'_>)) {
        self.counts.bytes += bytes.len() as u64;
        for byte in bytes {
            if *byte == b'\n' {
                self.end_of_line(frame);
            } else if self.skipping {
                self.counts.skipped_bytes += 1;
            } else if self.buffer.len() == MAX_LINE {
                self.counts.bad_frames += 1;
                self.counts.skipped_bytes += self.buffer.len() as u64 + 1;
                self.buffer.clear();
                self.skipping = true;
            } else {
                self.buffer.push(*byte);
            }
        }
    }

    fn end_of_line(&mut self, frame: &mut dyn FnMut(Frame<'_>)) {
        if self.skipping {
            self.counts.skipped_bytes += 1;
            self.skipping = false;
            return;
        }
        let buffer = std::mem::take(&mut self.buffer);
        match std::str::from_utf8(&buffer) {
            Ok(text) => self.line(line::read(text), frame),
            Err(_) => self.counts.bad_frames += 1,
        }
        self.buffer = buffer;
        self.buffer.clear();
    }

    fn line(&mut self, line: Line<'_>, frame: &mut dyn FnMut(Frame<'_>)) {
        match line {
            Line::Blank => {}
            Line::TooLong => self.counts.bad_frames += 1,
            Line::Names(names) => {
                if self.columns.is_some() {
                    self.counts.bad_frames += 1;
                } else {
                    self.names = Some(names.into_iter().map(str::to_owned).collect());
                }
            }
            Line::Labelled { pairs, strays } => {
                if self.columns.is_none() {
                    let names = pairs.iter().map(|(name, _)| (*name).to_owned()).collect();
                    let values = pairs.iter().map(|(_, value)| *value).collect();
                    self.propose(Columns::new(names, true), values, strays, frame);
                } else {
                    self.labelled(&pairs, strays, frame);
                }
            }
            Line::Plain(values) => {
                if self.columns.is_none() {
                    let numbered = |k: usize| format!("value {}", k + 1);
                    let fitting = self.names.clone().filter(|names| names.len() == values.len());
                    let names = fitting.unwrap_or_else(|| (0..values.len()).map(numbered).collect());
                    self.propose(Columns::new(names, false), values, 0, frame);
                } else {
                    self.plain(values, frame);
                }
            }
        }
    }

    /// Before the columns are fixed: two lines must agree on them, so that a damaged line cannot name channels.
    fn propose(
        &mut self,
        columns: Columns,
        values: Vec<Value>,
        strays: usize,
        frame: &mut dyn FnMut(Frame<'_>),
    ) {
        if strays > 0 || values.is_empty() || repeats(&columns.names) || columns.channels().is_empty() {
            self.counts.bad_frames += 1;
            return;
        }
        self.pending.push((columns, values));
        if self.pending.len() < 2 + self.more_lines {
            return;
        }
        let Some(columns) = self.agreed() else {
            let half = self.pending.len() / 2;
            self.pending.drain(..half);
            self.counts.bad_frames += half as u64;
            return;
        };
        self.columns = Some(columns);
        for (columns, values) in std::mem::take(&mut self.pending) {
            if columns.labelled {
                let pairs: Vec<(&str, Value)> =
                    columns.names.iter().map(String::as_str).zip(values.iter().copied()).collect();
                self.labelled(&pairs, 0, frame);
            } else {
                self.plain(values, frame);
            }
        }
    }

    /// The columns on which most of the held lines agree (at least two), with names that two other lines add.
    fn agreed(&self) -> Option<Columns> {
        let count = |columns: &Columns| self.pending.iter().filter(|(other, _)| other == columns).count();
        let mut best: Option<(&Columns, usize)> = None;
        for (columns, _) in &self.pending {
            let votes = count(columns);
            if votes >= 2 && best.is_none_or(|(_, most)| votes > most) {
                best = Some((columns, votes));
            }
        }
        let (core, _) = best?;
        if !core.labelled {
            return Some(core.clone());
        }
        let mut names = core.names.clone();
        for name in self.pending.iter().flat_map(|(columns, _)| &columns.names) {
            let lines = self.pending.iter().filter(|(c, _)| c.labelled && c.names.contains(name)).count();
            if lines >= 2 && !names.contains(name) && names.len() < line::MAX_TOKENS {
                names.push(name.clone());
            }
        }
        Some(Columns::new(names, true))
    }

    fn labelled(&mut self, pairs: &[(&str, Value)], strays: usize, frame: &mut dyn FnMut(Frame<'_>)) {
        if self.place(pairs) {
            self.counts.bad_values += strays as u64;
            self.emit(frame);
        } else {
            self.counts.bad_frames += 1;
        }
    }

    fn plain(&mut self, values: Vec<Value>, frame: &mut dyn FnMut(Frame<'_>)) {
        let fits = |columns: &Columns| !columns.labelled && columns.names.len() == values.len();
        if self.columns.as_ref().is_some_and(fits) {
            self.row = values;
            self.emit(frame);
        } else {
            self.counts.bad_frames += 1;
        }
    }

    /// Puts named values into their columns; false when the line is two lines fused (a name twice) or names nothing known.
    fn place(&mut self, pairs: &[(&str, Value)]) -> bool {
        let Some(columns) = &self.columns else { return false };
        if !columns.labelled {
            return false;
        }
        self.row.clear();
        self.row.resize(columns.names.len(), Value::Missing);
        let mut seen = 0usize;
        let mut unknown = 0u64;
        for (k, (name, value)) in pairs.iter().enumerate() {
            if pairs[..k].iter().any(|(before, _)| before == name) {
                return false;
            }
            match columns.names.iter().position(|known| known == name) {
                Some(at) => {
                    self.row[at] = *value;
                    seen += 1;
                }
                None => unknown += 1,
            }
        }
        self.counts.bad_values += unknown;
        seen > 0
    }

    fn emit(&mut self, frame: &mut dyn FnMut(Frame<'_>)) {
        let Some(columns) = &self.columns else { return };
        self.values.clear();
        for (at, value) in self.row.iter().enumerate() {
            match value {
                Value::Bad => self.counts.bad_values += 1,
                Value::Missing => self.counts.missing_values += 1,
                Value::Number(_) => {}
            }
            if columns.is_channel(at) {
                self.values.push(value.native());
            }
        }
        let counter = columns.counter.map(|at| self.row[at].native());
        let counter = counter.filter(|v| *v >= 0.0 && v.fract() == 0.0).map(|v| v as u64);
        let reading = columns.clock.map(|(at, unit)| (self.row[at].native(), unit));
        let (device_us, clock_reset) = match reading {
            Some((value, unit)) => self.clock.read(value, unit, &mut self.counts.clock_errors),
            None => (None, false),
        };
        self.counts.frames += 1;
        frame(Frame { values: &self.values, counter, device_us, clock_reset });
    }

    /// The columns, once two lines agreed on them.
    #[must_use]
    pub fn columns(&self) -> Option<&Columns> {
        self.columns.as_ref()
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The layout of the frames as a stream of `rate_hz`, once the columns are known. Values are decimal text, so the
    /// native type is f64 and the unit is unknown until a map states it.
    #[must_use]
    pub fn layout(&self, name: &str, rate_hz: f64) -> Option<StreamLayout> {
        let names = self.columns.as_ref()?.channels();
        let labelled: Vec<Labelled<'_>> =
            names.iter().map(|label| Labelled { label, description: "", unit: &Unit::Arbitrary }).collect();
        let channels = names
            .iter()
            .zip(roles_of(&labelled))
            .map(|(label, role)| {
                let unit = if role.kind == Kind::Angle { Unit::Degree } else { Unit::Arbitrary };
                Channel::new(*label, described(role), unit)
            })
            .collect();
        Some(StreamLayout { name: name.to_owned(), rate_hz, native: NativeType::F64, channels })
    }
}

/// An angle without a unit is taken as degrees, and the reason says so.
fn described(role: Role) -> Role {
    if role.kind == Kind::Angle {
        let reason = format!("{}; the protocol has no units, degrees are assumed", role.reason);
        return Role { reason, ..role };
    }
    role
}

fn repeats(names: &[String]) -> bool {
    names.iter().enumerate().any(|(k, name)| names[..k].contains(name))
}

/// Unwraps a device clock.
#[derive(Clone, Debug, Default)]
struct Clock {
    last_ticks: Option<u64>,
    behind: u32,
}

impl Clock {
    /// Microseconds and whether the clock restarted. Readings behind the last one are not used, three in a row are a
    /// restart.
    fn read(&mut self, value: f64, unit: ClockUnit, errors: &mut u64) -> (Option<u64>, bool) {
        let (value, modulus, us) = match unit {
            ClockUnit::Microseconds => (value, Some(1u64 << 32), 1),
            ClockUnit::Milliseconds => (value, Some(1u64 << 32), 1000),
            ClockUnit::Seconds => ((value * 1e6).round(), None, 1),
        };
        if !(0.0..1e15).contains(&value) {
            *errors += u64::from(!value.is_nan());
            return (None, false);
        }
        let raw = value as u64;
        let Some(last) = self.last_ticks else {
            self.last_ticks = Some(raw);
            return (Some(raw * us), false);
        };
        // A 32-bit clock may wrap; sketches that print 64 bits do not.
        let step = match modulus {
            Some(modulus) if raw < modulus => {
                Some(raw.wrapping_sub(last) % modulus).filter(|s| *s < modulus / 2)
            }
            _ => raw.checked_sub(last),
        };
        if let Some(step) = step {
            self.behind = 0;
            self.last_ticks = Some(last + step);
            return (Some((last + step) * us), false);
        }
        self.behind += 1;
        if self.behind < RESET_AFTER {
            *errors += 1;
            return (None, false);
        }
        self.behind = 0;
        self.last_ticks = Some(raw);
        (Some(raw * us), true)
    }
}

#[cfg(test)]
mod tests;
