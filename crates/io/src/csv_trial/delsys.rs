//! Delsys tables: a time column before every signal, each signal at its own rate.
//!
//! EMGworks writes `X[s]` columns under a line per signal (`Label: ... Sampling frequency: ... Unit: ...`); newer
//! exports name the time column `... Time Series (s)` and put the sensor's name in a row above.

use super::signals::{Signal, streams};
use super::table;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::parse_unit;
use crate::text::{self, Timing};
use surae_trial::{Note, Trial, Unit};

/// Tables with a time column per signal.
pub struct Delsys;

/// Lines in which the row of labels is looked for: one line per signal stands above it.
const LOOK: usize = 1200;
/// Values a file may hold.
const MAX_VALUES: usize = 1 << 28;

impl Format for Delsys {
    fn name(&self) -> &'static str {
        "delsys-csv"
    }

    fn title(&self) -> &'static str {
        "Delsys CSV"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        if head.contains(&0) {
            return Confidence::No;
        }
        if label_row(&text::decode(head)).is_some() { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "Delsys CSV" };
        let content = text::decode(input.bytes()?);
        let Some(row) = label_row(&content) else {
            return Err(blame.malformed(
                Position::Whole,
                "no row of labels with time columns",
                "export it again",
            ));
        };
        let said = content.lines().take(row.line).filter_map(said).collect::<Vec<_>>();
        let mut columns = columns(&row, &content);
        let mut notes = Vec::new();
        fill(&content, &row, &mut columns, &blame, &mut notes)?;
        let mut signals = Vec::new();
        let mut cut = Vec::new();
        for (k, column) in columns.into_iter().enumerate() {
            let said =
                said.iter().find(|s| s.label == column.label).or(said.get(k).filter(|_| said.len() > k));
            signals.extend(signal(column, said, &mut cut, &mut notes));
        }
        if signals.is_empty() {
            let at = Position::Line(row.line as u64 + 1);
            return Err(blame.malformed(
                at,
                "no signal holds two samples",
                "export it again with data in it",
            ));
        }
        if !cut.is_empty() {
            let text =
                format!("fewer samples than the header states: {}; the file was cut", text::list(&cut, 4));
            notes.push(Note::warning("truncated", text));
        }
        let streams = streams(signals, &mut notes);
        let mut trial = Trial { streams, notes, ..Trial::default() };
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

/// The row of labels: its line (from 0), cells and separator.
struct Row {
    line: usize,
    delimiter: u8,
    decimal_comma: bool,
    cells: Vec<String>,
}

fn is_time(cell: &str) -> bool {
    let plain: String = cell.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    plain == "x[s]" || plain == "x(s)" || plain.ends_with("timeseries(s)")
}

fn label_row(text: &str) -> Option<Row> {
    for (line, content) in text.lines().enumerate().take(LOOK) {
        let lower = content.to_lowercase();
        if !(lower.contains("x[s]")
            || lower.contains("x (s)")
            || lower.contains("x(s)")
            || lower.contains("time series"))
        {
            continue;
        }
        for (delimiter, decimal_comma) in [(b',', false), (b';', true), (b'\t', false)] {
            let cells = table::cells(content, delimiter);
            let times = cells.iter().filter(|cell| is_time(cell)).count();
            if times >= 2 || (times == 1 && lower.contains("time series")) {
                return Some(Row { line, delimiter, decimal_comma, cells });
            }
        }
    }
    None
}

/// What the line of a signal says.
struct Said {
    label: String,
    rate_hz: Option<f64>,
    samples: Option<usize>,
    start_s: Option<f64>,
    unit: Unit,
}

/// `Label: X Sampling frequency: 1.2e3 Number of points: 10 start: 0.0 Unit: V Domain Unit: s`.
fn said(line: &str) -> Option<Said> {
    let rest = line.trim().trim_matches('"').strip_prefix("Label:")?;
    let before = |text: &str, key: &str| text.find(key).map(|at| text[..at].trim().to_owned());
    let after = |key: &str| {
        let at = rest.find(key)? + key.len();
        rest[at..].split_whitespace().next().map(str::to_owned)
    };
    let number = |key: &str| after(key).and_then(|text| table::number(&text, true));
    Some(Said {
        label: before(rest, "Sampling frequency:").unwrap_or_else(|| rest.trim().to_owned()),
        rate_hz: number("Sampling frequency:").filter(|rate| *rate > 0.0),
        samples: number("Number of points:").map(|n| n as usize),
        start_s: number("start:"),
        unit: after(" Unit:").map_or(Unit::Arbitrary, |unit| parse_unit(&unit)),
    })
}

/// A signal while it is read.
struct Column {
    label: String,
    unit: Unit,
    time_at: usize,
    value_at: usize,
    times: Vec<f64>,
    values: Vec<f64>,
    ended: bool,
}

/// The labels with the time column that stands before each; the row above may hold names of sensors.
fn columns(row: &Row, content: &str) -> Vec<Column> {
    let above = row.line.checked_sub(1).and_then(|line| content.lines().nth(line)).unwrap_or("");
    let above = if above.starts_with("Label:") { Vec::new() } else { sensors(content, row, above) };
    let mut columns = Vec::new();
    let mut time_at = None;
    for (at, cell) in row.cells.iter().enumerate() {
        if is_time(cell) {
            time_at = Some(at);
            continue;
        }
        let Some(time_at) = time_at.filter(|_| !cell.trim().is_empty()) else { continue };
        let (name, unit) = super::generic::label_and_unit(cell);
        let sensor = above.get(at).filter(|sensor| !sensor.is_empty());
        let label = sensor.map_or(name.clone(), |sensor| format!("{sensor}: {name}"));
        let (times, values) = (Vec::new(), Vec::new());
        columns.push(Column { label, unit, time_at, value_at: at, times, values, ended: false });
    }
    columns
}

/// Names of sensors above the labels, each valid until the next one; `(81744)` serial numbers are taken off.
fn sensors(content: &str, row: &Row, above: &str) -> Vec<String> {
    let lines: Vec<&str> = content.lines().take(row.line).collect();
    let sensor_mode = above.to_lowercase().contains("sensor mode");
    let line = if sensor_mode { lines.iter().rev().nth(1).copied().unwrap_or("") } else { above };
    let cells = table::cells(line, row.delimiter);
    if cells.len() < 2 || cells.len() + 2 < row.cells.len() {
        return Vec::new();
    }
    let mut current = String::new();
    cells
        .iter()
        .map(|cell| {
            if !cell.is_empty() {
                let name = cell.rsplit_once('(').map_or(cell.as_str(), |(name, _)| name);
                name.trim().clone_into(&mut current);
            }
            current.clone()
        })
        .collect()
}

fn fill(
    content: &str,
    row: &Row,
    columns: &mut [Column],
    blame: &Blame<'_>,
    notes: &mut Vec<Note>,
) -> Result<(), Error> {
    let start: usize = content.split_inclusive('\n').take(row.line + 1).map(str::len).sum();
    let mut reader = table::reader(&content[start..], row.delimiter);
    let mut record = csv::StringRecord::new();
    let (mut values, mut skipped) = (0usize, 0usize);
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line) + row.line as u64 + 1;
                return Err(blame.malformed(Position::Line(line), error.to_string(), "correct this line"));
            }
        }
        let mut any = false;
        for column in columns.iter_mut().filter(|column| !column.ended) {
            let cell = |at: usize| record.get(at).and_then(|cell| table::number(cell, row.decimal_comma));
            let Some(time) = cell(column.time_at) else { continue };
            // After its end a signal's columns are blank, or filled with zeros.
            if column.times.last().is_some_and(|last| time <= *last) {
                column.ended = true;
                continue;
            }
            any = true;
            column.times.push(time);
            column.values.push(cell(column.value_at).unwrap_or(f64::NAN));
            values += 1;
        }
        // A row of rates (`2148.1 Hz`) may stand below the labels.
        skipped +=
            usize::from(!any && columns.iter().any(|column| !column.times.is_empty() && !column.ended));
        if values > MAX_VALUES {
            let line = record.position().map_or(0, csv::Position::line) + row.line as u64 + 1;
            return Err(blame.limit(Position::Line(line), "the number of values", "2^28 values"));
        }
    }
    if skipped > 0 {
        let text = format!("{skipped} rows hold no value of any signal");
        notes.push(Note::warning("rows_skipped", text));
    }
    Ok(())
}

fn signal(
    column: Column,
    said: Option<&Said>,
    cut: &mut Vec<String>,
    notes: &mut Vec<Note>,
) -> Option<Signal> {
    if column.times.len() < 2 {
        let text = format!("'{}' holds fewer than two samples and is left out", column.label);
        notes.push(Note::warning("signal_left_out", text));
        return None;
    }
    let timing = Timing::of(&column.times);
    let stated = said.and_then(|said| said.rate_hz);
    let rate_hz = match stated {
        Some(rate) if (rate - timing.rate_hz).abs() <= 0.02 * rate => rate,
        Some(rate) => {
            let text = format!(
                "'{}': the header gives {rate} Hz, the times {:.3} Hz; the times are used",
                column.label, timing.rate_hz
            );
            notes.push(Note::warning("delsys_rates_differ", text));
            timing.rate_hz
        }
        None => timing.rate_hz,
    };
    if let Some(samples) = said.and_then(|said| said.samples).filter(|n| *n > column.values.len()) {
        cut.push(format!("{} ({} of {samples})", column.label, column.values.len()));
    }
    let unit = match (&column.unit, said) {
        (Unit::Arbitrary, Some(said)) => said.unit.clone(),
        (unit, _) => unit.clone(),
    };
    let start_s = said.and_then(|said| said.start_s).unwrap_or(timing.start_s);
    Some(Signal {
        label: column.label,
        description: String::new(),
        unit,
        rate_hz,
        start_s,
        values: column.values,
    })
}
