//! ANC: analog data as text (Motion Analysis EVaRT and Cortex, "Analog R/C ASCII").
//!
//! Rows `Name`, `Rate` and `Range`, then time and one count per channel. Range is the converter's, in mV at its input:
//! `mV = count * Range / 2^(bits - 1)` for bipolar boards (checked against the C3D of the same recordings).

use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::UNSEEN;
use crate::text::{self, Timing};
use surae_trial::{Amplifier, Channel, Note, Role, Samples, Scale, Seconds, Stream, Trial, Unit};

/// The ANC format.
pub struct Anc;

/// Values a file may hold.
const MAX_VALUES: usize = 1 << 28;

impl Format for Anc {
    fn name(&self) -> &'static str {
        "anc"
    }

    fn title(&self) -> &'static str {
        "Motion Analysis ANC"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        let head = text::decode(&head[..head.len().min(4096)]);
        let typed = head.lines().next().is_some_and(|line| {
            let line = line.to_lowercase();
            line.starts_with("file_type") && line.contains("analog")
        });
        if typed { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "ANC" };
        let content = text::decode(input.bytes()?);
        let mut notes = Vec::new();
        let header = Header::read(&content, &blame)?;
        let table = Table::read(&content, &header, &blame, &mut notes)?;
        let channels = header.channels(&mut notes);
        let rate_hz = header.rate(&table.times, &mut notes);
        let stream = Stream {
            name: "analog".to_owned(),
            rate_hz,
            measured_rate_hz: None,
            start_s: Seconds(table.times.first().copied().unwrap_or(0.0)),
            channels,
            samples: table.samples(),
            gaps: Vec::new(),
            times_s: Vec::new(),
        };
        let mut trial = Trial { streams: vec![stream], notes, ..Trial::default() };
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

#[derive(Debug, Default)]
struct Header {
    bits: Option<u8>,
    precise_rate_hz: Option<f64>,
    unipolar: bool,
    names: Vec<String>,
    rates_hz: Vec<f64>,
    ranges_mv: Vec<f64>,
    /// Line (from 0) after which the rows begin.
    last_line: usize,
}

/// Cells of a row without its first one and without an empty last one.
fn cells(line: &str) -> Vec<&str> {
    let mut cells: Vec<&str> = line.trim_end_matches(['\r', '\n']).split('\t').map(str::trim).collect();
    if cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    cells
}

impl Header {
    fn read(content: &str, blame: &Blame<'_>) -> Result<Self, Error> {
        let mut header = Self::default();
        let mut found = false;
        for (number, line) in content.lines().enumerate().take(60) {
            let cells = cells(line);
            let numbers = || cells.iter().skip(1).map(|c| c.parse().unwrap_or(f64::NAN)).collect();
            match cells.first().map(|cell| cell.to_lowercase()).as_deref() {
                Some("name") => {
                    header.names = cells.iter().skip(1).map(|c| (*c).to_owned()).collect();
                    found = true;
                }
                Some("rate") => header.rates_hz = numbers(),
                Some("range") => header.ranges_mv = numbers(),
                Some(first) if found && first.parse::<f64>().is_ok() => break,
                _ => header.pairs(&cells),
            }
            header.last_line = number;
        }
        let n = header.names.len();
        if n == 0 || n > surae_trial::SessionLayout::MAX_CHANNELS {
            let what = format!("{n} channel names (row 'Name')");
            return Err(blame.malformed(
                Position::Whole,
                what,
                "export the file again; 1 to 1024 channels are read",
            ));
        }
        Ok(header)
    }

    /// `key:<TAB>value` pairs of the first lines.
    fn pairs(&mut self, cells: &[&str]) {
        for pair in cells.windows(2) {
            match pair[0].to_lowercase().trim_end_matches(':') {
                "bitdepth" => self.bits = pair[1].parse().ok().filter(|bits| (1..=32).contains(bits)),
                "preciserate" => {
                    self.precise_rate_hz = pair[1].parse().ok().filter(|r: &f64| r.is_finite() && *r > 0.0)
                }
                "polarity" => self.unipolar = pair[1].to_lowercase().starts_with("uni"),
                _ => {}
            }
        }
    }

    fn channels(&self, notes: &mut Vec<Note>) -> Vec<Channel> {
        let mut unlabelled = 0;
        let mut unscaled = 0;
        let channels: Vec<Channel> = (0..self.names.len())
            .map(|k| {
                let mut label = self.names[k].clone();
                if label.is_empty() {
                    unlabelled += 1;
                    label = format!("analog {}", k + 1);
                }
                let mut channel = Channel::new(label, Role::unknown(UNSEEN), Unit::Count);
                let range = self.ranges_mv.get(k).copied().filter(|r| r.is_finite() && *r > 0.0);
                match (range, self.bits) {
                    (Some(range), Some(bits)) => {
                        let steps = 2f64.powi(i32::from(bits) - i32::from(!self.unipolar));
                        channel.unit = Unit::Millivolt;
                        channel.scale = Scale { gain: range / steps, offset: 0.0 };
                        let low = if self.unipolar { 0.0 } else { -steps };
                        let rails = Some((low, steps - 1.0));
                        channel.amplifier =
                            Amplifier { resolution_bits: Some(bits), rails, ..Amplifier::default() };
                    }
                    _ => unscaled += 1,
                }
                channel
            })
            .collect();
        if unlabelled > 0 {
            let text = format!("{unlabelled} analog channels have no label; they are named by their number");
            notes.push(Note::warning("unlabelled_channels", text));
        }
        if unscaled > 0 {
            let text =
                format!("{unscaled} channels have no Range, or the file no BitDepth: they stay counts");
            notes.push(Note::warning("anc_unscaled", text));
        }
        if self.unipolar {
            let text =
                "Polarity is unipolar: counts are taken as 0 to Range; this was not met in a recording yet";
            notes.push(Note::warning("anc_unipolar", text));
        }
        channels
    }

    fn rate(&self, times: &[f64], notes: &mut Vec<Note>) -> f64 {
        let stated = self.rates_hz.iter().copied().filter(|r| r.is_finite() && *r > 0.0).fold(0.0, f64::max);
        if self.rates_hz.iter().any(|rate| *rate > 0.0 && *rate != stated) {
            let text = format!(
                "channels have different rates; every row holds all of them, so slower channels repeat their values at {stated} Hz"
            );
            notes.push(Note::warning("anc_rates_differ", text));
        }
        let timing = (times.len() > 1).then(|| Timing::of(times));
        let header = self.precise_rate_hz.or((stated > 0.0).then_some(stated));
        match (header, timing) {
            (Some(rate), Some(timing)) if (timing.rate_hz - rate).abs() > 0.01 * rate => {
                let text = format!(
                    "the header gives {rate} Hz, the times {:.3} Hz; the times are used",
                    timing.rate_hz
                );
                notes.push(Note::warning("anc_rates_differ", text));
                timing.rate_hz
            }
            (Some(rate), _) => rate,
            (None, Some(timing)) => timing.rate_hz,
            (None, None) => 1.0,
        }
    }
}

#[derive(Debug, Default)]
struct Table {
    times: Vec<f64>,
    values: Vec<f64>,
}

impl Table {
    fn read(content: &str, header: &Header, blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Self, Error> {
        let n = header.names.len();
        let mut table = Self::default();
        let mut skipped = Vec::new();
        let mut missing = 0usize;
        let mut last = header.last_line as u64 + 1;
        for (number, line) in content.lines().enumerate().skip(header.last_line + 1) {
            if line.trim().is_empty() {
                continue;
            }
            last = number as u64 + 1;
            let cells = cells(line);
            let time = cells.first().and_then(|cell| cell.parse::<f64>().ok()).filter(|t| t.is_finite());
            let Some(time) = time.filter(|_| cells.len() == n + 1) else {
                skipped.push(last.to_string());
                continue;
            };
            table.times.push(time);
            for cell in &cells[1..] {
                let value = cell.parse::<f64>().ok().filter(|v| v.is_finite());
                missing += usize::from(value.is_none());
                table.values.push(value.unwrap_or(f64::NAN));
            }
            if table.values.len() > MAX_VALUES {
                return Err(blame.limit(Position::Line(last), "the number of values", "2^28 values"));
            }
        }
        if table.times.is_empty() {
            let what = format!("no row of time and {n} counts");
            return Err(blame.malformed(Position::Line(last), what, "export the file again with data in it"));
        }
        if !skipped.is_empty() {
            let why = if skipped == [last.to_string()] {
                "the file was cut there"
            } else {
                "they do not hold one number per column"
            };
            let text =
                format!("{} rows were left out (line {}): {why}", skipped.len(), text::list(&skipped, 6));
            notes.push(Note::warning("rows_skipped", text));
        }
        if missing > 0 {
            let text = format!("{missing} cells are no numbers; they are missing values");
            notes.push(Note::warning("cells_not_numbers", text));
        }
        Ok(table)
    }

    /// The counts in the smallest type that holds them.
    fn samples(self) -> Samples {
        let whole =
            |low: f64, high: f64| self.values.iter().all(|v| v.fract() == 0.0 && (low..=high).contains(v));
        if whole(f64::from(i16::MIN), f64::from(i16::MAX)) {
            Samples::I16(self.values.iter().map(|v| *v as i16).collect())
        } else if whole(f64::from(i32::MIN), f64::from(i32::MAX)) {
            Samples::I32(self.values.iter().map(|v| *v as i32).collect())
        } else {
            Samples::F64(self.values)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "File_Type:\tAnalog R/C ASCII\tGeneration#:\t2\r\nBoard_Type:\tNI\tPolarity:\tBipolar\r\nTrial_Name:\tx\tTrial#:\t1\r\nBitDepth:\t12\tPreciseRate:\t1000.0\r\n\r\n\r\nName\tR Sol\t\tF1Z\t\r\nRate\t1000\t1000\t1000\t\r\nRange\t2500\t5000\t10000\t\r\n";

    #[test]
    fn counts_become_millivolts_by_range_and_bits() {
        let text = format!("{HEAD}0.000\t-2048\t1\t5\t\r\n0.001\t2047\t-1\t6\t\r\n0.002\t7\r\n");
        let trial = crate::read_bytes("a.anc", text.as_bytes()).expect("readable");
        let stream = &trial.streams[0];
        assert_eq!((stream.rate_hz, stream.frames(), stream.channels.len()), (1000.0, 2, 3));
        assert_eq!(stream.column(0), [-2500.0, 2047.0 * 2500.0 / 2048.0]);
        assert_eq!(stream.channels[0].unit, Unit::Millivolt);
        assert_eq!(stream.channels[0].amplifier.rails, Some((-2048.0, 2047.0)));
        assert_eq!(stream.channels[1].label, "analog 2");
        assert!(trial.notes.iter().any(|n| n.code == "rows_skipped"));
    }

    #[test]
    fn without_names_or_rows_it_says_so() {
        for text in ["File_Type:\tAnalog R/C ASCII\n", HEAD] {
            let error = crate::read_bytes("a.anc", text.as_bytes()).expect_err("nothing to read").to_string();
            assert!(error.contains("ANC"), "{error}");
        }
    }
}
