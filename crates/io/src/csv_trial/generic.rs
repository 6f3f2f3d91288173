//! Tables of other programs: a row of labels, a time column, numbers. What is guessed is said.
//!
//! Without a time column the rate comes from a line above the table or from the user; without either the table is refused.

use super::counter;
use super::shape::{Shape, bare_unit};
use super::table::{self, cells};
use super::worded;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::roles::{UNSEEN, parse_unit};
use crate::text::Timing;
use surae_trial::{Channel, EventKind, Gap, Note, Role, Samples, Seconds, Stream, Trial, Unit};

pub fn looks_like_a_table(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64 << 10)];
    if head.contains(&0) {
        return false;
    }
    Shape::of(&crate::text::decode(head)).is_some()
}

pub fn read(input: &Input<'_>) -> Result<Trial, Error> {
    let blame = Blame { path: &input.name, format: "CSV" };
    let content = crate::text::decode(input.bytes()?);
    let shape = Shape::of(&content).ok_or_else(|| {
        blame.malformed(Position::Whole, "no table of numbers was found", "export a table with a time column")
    })?;
    if shape.columns > surae_trial::SessionLayout::MAX_CHANNELS {
        return Err(blame.limit(
            Position::Line(shape.line),
            format!("{} columns", shape.columns),
            "1024 columns",
        ));
    }
    let clock = clock(&shape, input.rate_hz, &blame)?;
    let mut notes = Vec::new();
    let rows = &content[shape.at..];
    let table = table::read(
        rows,
        shape.line,
        shape.delimiter,
        shape.decimal_comma,
        shape.columns,
        &blame,
        &mut notes,
    )?;
    if table.first.len() < 2 {
        return Err(blame.malformed(
            Position::Line(shape.line),
            "fewer than two rows",
            "export it again with data",
        ));
    }
    let words = table.words;
    let (mut stream, time_origin_s) = clock.stream(table, &shape, &mut notes);
    let mut events = Vec::new();
    if let (Clock::Column(column, _), true) = (clock, words > 0) {
        events = worded::events(rows, &shape, column, words, &mut stream, &mut notes);
    }
    for (k, channel) in stream.channels.iter_mut().enumerate() {
        if channel.label.is_empty() {
            channel.label = format!("column {}", k + 1);
        }
    }
    let mut trial = Trial { streams: vec![stream], events, notes, time_origin_s, ..Trial::default() };
    crate::roles::assign(&mut trial);
    Ok(trial)
}

/// Where the times of a table come from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Clock {
    /// A column of times, 0 or 1, with s per unit.
    Column(usize, f64),
    /// A rate that the user states, or a line above the table; the first column may count samples.
    Rate { rate_hz: f64, line: Option<u64>, counted: bool },
}

fn clock(shape: &Shape, stated: Option<f64>, blame: &Blame<'_>) -> Result<Clock, Error> {
    let above = Position::Line(shape.line.saturating_sub(1).max(1));
    let labels = shape.labels.as_deref().unwrap_or(&[]);
    let unit_s = |column: usize| {
        let label = labels.get(column)?;
        let below = shape.units.get(column).map_or("", |unit| bare_unit(unit));
        as_time(label).or_else(|| as_time(&format!("{label} {below}"))).map(|unit| match below {
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "min" => 60.0,
            _ => unit,
        })
    };
    let times = (0..labels.len()).filter(|column| unit_s(*column).is_some()).count();
    // Data frames are saved with a first column of row numbers that has no name.
    let counted =
        labels.first().is_some_and(|label| is_counter(label) || label.is_empty() && unit_s(1).is_some());
    if times > 1 {
        let what = "a table with several time columns (one rate per signal)";
        let todo = "export signals of one rate to a file with one time column";
        return Err(blame.unsupported(above, what, todo));
    }
    match (unit_s(0), unit_s(1).filter(|_| counted && shape.columns > 2)) {
        (Some(unit_s), _) => return Ok(Clock::Column(0, unit_s)),
        (None, Some(unit_s)) => return Ok(Clock::Column(1, unit_s)),
        (None, None) => {}
    }
    let said = shape.rate_hz.map(|(rate_hz, line)| (rate_hz, Some(line)));
    if let Some((rate_hz, line)) = stated.map(|rate_hz| (rate_hz, None)).or(said) {
        return Ok(Clock::Rate { rate_hz, line, counted });
    }
    if labels.first().is_some_and(|label| label.contains('%')) {
        let what = format!("a curve over '{}'", labels[0]);
        let todo = "Surae needs signals over time, not cycles that were already cut and averaged: export the recording";
        return Err(blame.unsupported(above, what, todo));
    }
    let what = match labels.first() {
        Some(first) => format!("a table of unknown rate (its first column is '{first}', not a time)"),
        None => "a table without a row of labels and without a rate".to_owned(),
    };
    let todo = "state the rate: --rate HZ, or rate_hz = HZ in a map (--map), which can also name the columns; or make the first \
                column 'time' in s (or 'time_ms')";
    Err(blame.unsupported(above, what, todo))
}

impl Clock {
    /// The stream, and the time of its first sample on the file's clock where that is no start of a recording.
    fn stream(self, table: table::Table, shape: &Shape, notes: &mut Vec<Note>) -> (Stream, f64) {
        let rest = shape.columns - 1;
        match self {
            Self::Column(0, unit_s) => timed(table.first, table.rest, 1, unit_s, shape, notes),
            Self::Column(_, unit_s) => {
                let times: Vec<f64> = table.rest.iter().step_by(rest.max(1)).copied().collect();
                if times.iter().all(|time| time.is_finite()) {
                    let values = without_first(&table.rest, rest);
                    return timed(times, values, 2, unit_s, shape, notes);
                }
                // Rows without a time: their numbers in the first column place them.
                notes.push(Note::warning(
                    "cells_not_numbers",
                    "some cells of the time column are no numbers; rows were counted instead",
                ));
                let (first, step) =
                    (times.iter().copied().find(|t| t.is_finite()).unwrap_or(0.0), usual_step(&times));
                let counted = (0..times.len()).map(|k| first + k as f64 * step).collect();
                let values = without_first(&table.rest, rest);
                timed(counted, values, 2, unit_s, shape, notes)
            }
            Self::Rate { rate_hz, line, counted } => {
                let values = if counted { table.rest } else { table::whole_rows(&table, rest) };
                let from = usize::from(counted);
                let gaps = if counted { counter::gaps(&table.first, rate_hz, notes) } else { Vec::new() };
                let source =
                    line.map_or("stated by the user".to_owned(), |line| format!("stated in line {line}"));
                let count =
                    if counted { format!("; '{}' counts samples", shape.label(0)) } else { String::new() };
                notes.push(guess(shape, format!("no time column, {rate_hz} Hz as {source}{count}")));
                (stream(shape, from, rate_hz, 0.0, values, gaps), 0.0)
            }
        }
    }
}

/// Times beyond this many seconds (three years) count from a date, not from the start of a recording.
const DATE_S: f64 = 1e8;

/// Times in s, and where they begin on the file's clock when that counts from a date (Unix time in s, ms, us or ns).
fn from_start(times: &mut [f64], unit_s: f64, notes: &mut Vec<Note>) -> f64 {
    let first = times.first().copied().unwrap_or(0.0);
    // A unit that is not stated: this decade is 1.7e9 s, 1.7e12 ms, 1.7e15 us or 1.7e18 ns after 1970.
    let guessed_s = match first {
        _ if unit_s != 1.0 => unit_s,
        f if f > 1e17 => 1e-9,
        f if f > 1e14 => 1e-6,
        f if f > 1e11 => 1e-3,
        _ => 1.0,
    };
    let origin_s = first * guessed_s;
    if origin_s <= DATE_S {
        times.iter_mut().for_each(|time| *time *= unit_s);
        return 0.0;
    }
    times.iter_mut().for_each(|time| *time = (*time - first) * guessed_s);
    let text =
        format!("times count from a date (1970 or another): trial time 0 is {origin_s:.6} s on that clock");
    notes.push(Note::info("times_from_a_date", text));
    origin_s
}

/// The stream of a table with times and its origin; signals begin at column `from`.
fn timed(
    mut times: Vec<f64>,
    values: Vec<f64>,
    from: usize,
    unit_s: f64,
    shape: &Shape,
    notes: &mut Vec<Note>,
) -> (Stream, f64) {
    let origin_s = from_start(&mut times, unit_s, notes);
    let timing = Timing::of(&times);
    notes.extend(timing.note.clone());
    let unit = match unit_s {
        1e-3 => "ms",
        1e-6 => "us",
        60.0 => "min",
        _ => "s",
    };
    let label = shape.label(from - 1);
    // A step of 1 or of half a unit, and nothing that states the unit.
    let doubt = if label.chars().all(char::is_alphabetic) && unit_s == 1.0 && timing.rate_hz <= 2.0 {
        " (if these are milliseconds, name the column 'time_ms')"
    } else {
        ""
    };
    notes.push(guess(
        shape,
        format!("'{label}' is time in {unit}, {:.6} Hz from {:.6} s{doubt}", timing.rate_hz, timing.start_s),
    ));
    let mut stream = stream(shape, from, timing.rate_hz, timing.start_s, values, Vec::new());
    if !timing.regular {
        stream.times_s = times;
    }
    (stream, origin_s)
}

fn stream(
    shape: &Shape,
    from: usize,
    rate_hz: f64,
    start_s: f64,
    values: Vec<f64>,
    gaps: Vec<Gap>,
) -> Stream {
    Stream {
        name: "signals".to_owned(),
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(start_s),
        channels: (from..shape.columns).map(|column| channel(shape, column)).collect(),
        samples: Samples::F64(values),
        gaps,
        times_s: Vec::new(),
    }
}

/// Rows of `width` values without their first one.
fn without_first(values: &[f64], width: usize) -> Vec<f64> {
    values.chunks_exact(width.max(1)).flat_map(|row| row[1..].iter().copied()).collect()
}

/// The median step between neighbours that are both there.
fn usual_step(times: &[f64]) -> f64 {
    let mut steps: Vec<f64> =
        times.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| step.is_finite()).collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(0.0)
}

/// A column that numbers the samples.
fn is_counter(label: &str) -> bool {
    let plain: String = label.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '#').collect();
    let names = [
        "n",
        "#",
        "no",
        "nr",
        "frame",
        "frames",
        "sample",
        "samples",
        "sampleindex",
        "samplenumber",
        "index",
        "idx",
        "item",
        "bild",
    ];
    names.contains(&plain.as_str())
}

/// Seconds per unit when a label names a time.
fn as_time(label: &str) -> Option<f64> {
    let plain: String =
        label.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let mut words = plain.split_whitespace();
    let first = words.next()?;
    let named = ["time", "times", "t", "zeit", "temps", "tiempo", "tempo", "timestamp", "x"].contains(&first);
    let unit = words.next();
    match (named, first, unit) {
        (_, "x", Some("s")) => Some(1.0),
        (_, "x", _) | (false, ..) => None,
        (true, _, None | Some("s" | "sec" | "seconds" | "second" | "sek" | "secs")) => Some(1.0),
        (true, _, Some("ms" | "msec" | "milliseconds")) => Some(1e-3),
        (true, _, Some("us" | "microseconds" | "µs")) => Some(1e-6),
        (true, _, Some("min" | "minutes" | "minute")) => Some(60.0),
        (true, _, Some(_)) => None,
    }
}

fn guess(shape: &Shape, clock: String) -> Note {
    let delimiter = match (shape.delimiter, shape.decimal_comma) {
        (b'\t', false) => "tabs",
        (b'\t', true) => "tabs, decimal commas",
        (b' ', _) => "blanks",
        (b'|', _) => "upright bars",
        (b';', _) => "semicolons, decimal commas",
        (_, true) => "commas, decimal commas in quotes",
        _ => "commas",
    };
    let (line, columns) = (shape.line, shape.columns);
    Note::warning(
        "csv_guessed",
        format!(
            "read as a table from line {line} ({delimiter}; {columns} columns): {clock}; units are unknown unless the \
             file states one. State them with a map"
        ),
    )
}

/// A unit comes from the label, the row of units, or a line above for what is a voltage.
fn channel(shape: &Shape, column: usize) -> Channel {
    let (name, unit) = label_and_unit(&shape.label(column));
    let below = shape.units.get(column).map_or(Unit::Arbitrary, |cell| parse_unit(bare_unit(cell)));
    let above = shape.unit.as_deref().map_or(Unit::Arbitrary, parse_unit);
    let unit = [unit, below, above].into_iter().find(|unit| *unit != Unit::Arbitrary).unwrap_or_default();
    Channel::new(name, Role::unknown(UNSEEN), unit)
}

/// `SOL (uV)` and `SOL [uV]` state their unit.
pub(crate) fn label_and_unit(label: &str) -> (String, Unit) {
    let bracketed = label.rsplit_once(['(', '[']).and_then(|(name, unit)| {
        let unit = unit.trim_end().strip_suffix([')', ']'])?;
        let unit = parse_unit(unit);
        let known = !matches!(unit, Unit::Other(_) | Unit::Arbitrary) && !name.trim().is_empty();
        known.then(|| (name.trim().to_owned(), unit))
    });
    // MyoResearch XP: `RT SOLEUS,uV`.
    let listed = || {
        let (name, unit) = label.rsplit_once(',')?;
        let unit = parse_unit(unit);
        let known = !matches!(unit, Unit::Other(_) | Unit::Arbitrary) && !name.trim().is_empty();
        known.then(|| (name.trim().to_owned(), unit))
    };
    bracketed.or_else(listed).unwrap_or_else(|| (label.trim().to_owned(), Unit::Arbitrary))
}

pub fn read_events(name: &str, bytes: &[u8]) -> Result<Vec<(f64, EventKind, String)>, Error> {
    let blame = Blame { path: name, format: "events CSV" };
    let content = crate::text::decode(bytes);
    let first = content.lines().next().unwrap_or("");
    let delimiter = if first.contains('\t') {
        b'\t'
    } else if first.contains(';') {
        b';'
    } else {
        b','
    };
    let labels = cells(first, delimiter);
    let kinds: Vec<EventKind> =
        labels.iter().map(|label| crate::c3d::event_kind_of(label.trim_end_matches("_s"))).collect();
    if labels.is_empty() || kinds.contains(&EventKind::Mark) {
        return Err(blame.malformed(
            Position::Line(1),
            format!("'{}' are not all names of events", labels.join(", ")),
            "name the columns touchdown_s, liftoff_s, takeoff_s or landing_s, with times in s",
        ));
    }
    let mut events = Vec::new();
    for (number, line) in content.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
        for ((cell, kind), label) in cells(line, delimiter).iter().zip(&kinds).zip(&labels) {
            if cell.is_empty() || cell.eq_ignore_ascii_case("nan") {
                continue;
            }
            let Some(time_s) = table::number(cell, delimiter == b';') else {
                let at = Position::Line(number as u64 + 1);
                return Err(blame.malformed(at, format!("'{cell}' is no time"), "give times in s"));
            };
            events.push((time_s, *kind, label.clone()));
        }
    }
    Ok(events)
}
