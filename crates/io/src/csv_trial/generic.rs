//! Tables of other programs: a row of labels, a time column, numbers. What is guessed is said.

use super::table;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::roles::{UNSEEN, parse_unit};
use crate::text::Timing;
use surae_trial::{Channel, EventKind, Note, Role, Samples, Seconds, Stream, Trial, Unit};

/// Lines looked at to find the table.
const LOOK: usize = 200;

/// Where the table is and how it is written.
#[derive(Clone, Debug, PartialEq)]
struct Shape {
    delimiter: u8,
    decimal_comma: bool,
    columns: usize,
    /// Byte and line (from 1) of the first row of numbers.
    at: usize,
    line: u64,
    /// The row of labels above it, if any.
    labels: Option<Vec<String>>,
}

pub fn looks_like_a_table(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64 << 10)];
    if head.contains(&0) {
        return false;
    }
    shape(&crate::text::decode(head)).is_some()
}

/// The first place where three rows (or all that are left) of equally many numbers follow each other.
fn shape(text: &str) -> Option<Shape> {
    let mut lines = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate().take(LOOK) {
        lines.push((at, number as u64 + 1, line.trim_end_matches(['\r', '\n'])));
        at += line.len();
    }
    let filled: Vec<_> = lines.into_iter().filter(|(.., line)| !line.trim().is_empty()).collect();
    for start in 0..filled.len() {
        if let Some(shape) = shape_at(&filled, start) {
            return Some(shape);
        }
    }
    None
}

fn shape_at(filled: &[(usize, u64, &str)], start: usize) -> Option<Shape> {
    let rows = &filled[start..(start + 3).min(filled.len())];
    let (at, line, _) = rows[0];
    for (delimiter, decimal_comma) in [(b'\t', false), (b';', true), (b',', false), (b' ', false)] {
        let counts: Vec<Option<usize>> =
            rows.iter().map(|(.., row)| numbers(row, delimiter, decimal_comma)).collect();
        let Some(columns) = counts[0].filter(|columns| *columns >= 2) else { continue };
        if rows.len() < 2 || counts.iter().any(|count| *count != Some(columns)) {
            continue;
        }
        let labels = start.checked_sub(1).and_then(|before| {
            let cells = cells(filled[before].2, delimiter);
            let mut cells: Vec<String> =
                cells.iter().map(|c| c.trim_start_matches(['#', '%']).trim().to_owned()).collect();
            if cells.len() == columns + 1 && cells[columns].is_empty() {
                cells.pop();
            }
            let named = cells.iter().any(|c| c.chars().any(char::is_alphabetic));
            (cells.len() == columns && named).then_some(cells)
        });
        return Some(Shape { delimiter, decimal_comma, columns, at, line, labels });
    }
    None
}

fn cells(line: &str, delimiter: u8) -> Vec<String> {
    let mut record = csv::StringRecord::new();
    match table::reader(line, delimiter).read_record(&mut record) {
        Ok(true) => table::trimmed(&record, delimiter).into_iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Number of cells when the row is numbers and missing values with a number first; trailing delimiters do not count.
fn numbers(line: &str, delimiter: u8, decimal_comma: bool) -> Option<usize> {
    let mut cells = cells(line, delimiter);
    if cells.len() > 1 && cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    let first = cells.first().is_some_and(|cell| table::number(cell, decimal_comma).is_some());
    let numeric = |cell: &String| {
        cell.is_empty() || table::number(cell, decimal_comma).is_some() || cell.eq_ignore_ascii_case("nan")
    };
    (first && cells.iter().all(numeric)).then_some(cells.len())
}

pub fn read(input: &Input<'_>) -> Result<Trial, Error> {
    let blame = Blame { path: &input.name, format: "CSV" };
    let content = crate::text::decode(input.bytes()?);
    let shape = shape(&content).ok_or_else(|| {
        blame.malformed(Position::Whole, "no table of numbers was found", "export a table with a time column")
    })?;
    if shape.columns > surae_trial::SessionLayout::MAX_CHANNELS {
        return Err(blame.limit(
            Position::Line(shape.line),
            format!("{} columns", shape.columns),
            "1024 columns",
        ));
    }
    let unit_s = time_unit(&shape, &blame)?;
    let mut notes = Vec::new();
    let rows = &content[shape.at..];
    let mut table = table::read(
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
    table.first.iter_mut().for_each(|time| *time *= unit_s);
    let timing = Timing::of(&table.first);
    notes.extend(timing.note.clone());
    notes.push(guess(&shape, unit_s, &timing));
    let stream = Stream {
        name: "signals".to_owned(),
        rate_hz: timing.rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(timing.start_s),
        channels: channels(&shape),
        samples: Samples::F64(table.rest),
        gaps: Vec::new(),
        times_s: if timing.regular { Vec::new() } else { table.first },
    };
    let mut trial = Trial { streams: vec![stream], notes, ..Trial::default() };
    crate::roles::assign(&mut trial);
    Ok(trial)
}

/// Seconds per unit of the time column.
fn time_unit(shape: &Shape, blame: &Blame<'_>) -> Result<f64, Error> {
    const TODO: &str =
        "make the first column 'time' in s (or 'time_ms'), or write a header as docs/formats.md shows";
    let above = Position::Line(shape.line.saturating_sub(1).max(1));
    let Some(labels) = &shape.labels else {
        return Err(blame.unsupported(above, "a table without a row of labels", TODO));
    };
    let Some(unit_s) = as_time(&labels[0]) else {
        let what = format!("a table of unknown rate (its first column is '{}', not a time)", labels[0]);
        return Err(blame.unsupported(above, what, TODO));
    };
    if labels[1..].iter().filter(|label| as_time(label).is_some()).count() > 0 {
        let what = "a table with several time columns (one rate per signal)";
        return Err(blame.unsupported(
            above,
            what,
            "export signals of one rate to a file with one time column",
        ));
    }
    Ok(unit_s)
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
        (true, _, None | Some("s" | "sec" | "seconds" | "second")) => Some(1.0),
        (true, _, Some("ms" | "msec" | "milliseconds")) => Some(1e-3),
        (true, _, Some("us" | "microseconds" | "µs")) => Some(1e-6),
        (true, _, Some(_)) => None,
    }
}

fn guess(shape: &Shape, unit_s: f64, timing: &Timing) -> Note {
    let delimiter = match shape.delimiter {
        b'\t' => "tab",
        b' ' => "blank",
        b';' => "semicolon, decimal comma",
        _ => "comma",
    };
    let labels = shape.labels.clone().unwrap_or_default();
    let unit = if unit_s == 1.0 {
        "s"
    } else if unit_s == 1e-3 {
        "ms"
    } else {
        "us"
    };
    Note::warning(
        "csv_guessed",
        format!(
            "read as a table from line {} ({delimiter}-separated, {} columns): '{}' is time in {unit}, {:.6} Hz from {:.6} s; units are unknown unless a label states one. State them with a map",
            shape.line,
            shape.columns,
            labels.first().map_or("", String::as_str),
            timing.rate_hz,
            timing.start_s
        ),
    )
}

fn channels(shape: &Shape) -> Vec<Channel> {
    let labels = shape.labels.clone().unwrap_or_default();
    labels.iter().skip(1).enumerate().map(|(k, label)| channel(k, label)).collect()
}

fn channel(k: usize, label: &str) -> Channel {
    let (name, unit) = label_and_unit(label);
    let name = if name.is_empty() { format!("column {}", k + 2) } else { name };
    Channel::new(name, Role::unknown(UNSEEN), unit)
}

/// `SOL (uV)` and `SOL [uV]` state their unit.
pub(super) fn label_and_unit(label: &str) -> (String, Unit) {
    let bracketed = label.rsplit_once(['(', '[']).and_then(|(name, unit)| {
        let unit = unit.trim_end().strip_suffix([')', ']'])?;
        let unit = parse_unit(unit);
        let known = !matches!(unit, Unit::Other(_) | Unit::Arbitrary) && !name.trim().is_empty();
        known.then(|| (name.trim().to_owned(), unit))
    });
    bracketed.unwrap_or_else(|| (label.trim().to_owned(), Unit::Arbitrary))
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
