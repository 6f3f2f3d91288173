//! Tables with a row of rates: every column has its own, so columns end at different rows (Biometrics Ltd and others).
//!
//! Above the numbers stand rows whose first cell says what they are: names, sample rates, units. The first column may be a
//! title for those rows, or a signal like the others.

use super::signals::{Signal, streams};
use super::table;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::parse_unit;
use crate::text;
use surae_trial::{Note, Trial, Unit};

/// Ragged tables with a rate per column.
pub struct Biometrics;

/// Lines in which the rows above the numbers are looked for.
const LOOK: usize = 60;
/// Values a file may hold.
const MAX_VALUES: usize = 1 << 28;

impl Format for Biometrics {
    fn name(&self) -> &'static str {
        "biometrics-txt"
    }

    fn title(&self) -> &'static str {
        "ragged table with rates (Biometrics)"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        if head.contains(&0) {
            return Confidence::No;
        }
        if Head::find(&text::decode(head)).is_some() { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "ragged table" };
        let content = text::decode(input.bytes()?);
        let Some(head) = Head::find(&content) else {
            return Err(blame.malformed(
                Position::Whole,
                "no row of sample rates",
                "export the rates with the data",
            ));
        };
        let mut notes = Vec::new();
        let columns = head.columns(&content, &blame, &mut notes)?;
        let mut signals = Vec::new();
        for (k, values) in columns.into_iter().enumerate() {
            let label = head.names.get(k).filter(|name| !name.is_empty()).cloned();
            let label = label.unwrap_or_else(|| format!("channel {}", k + 1));
            if values.len() < 2 {
                let text = format!("'{label}' holds fewer than two samples and is left out");
                notes.push(Note::warning("signal_left_out", text));
                continue;
            }
            let unit = head.units.get(k).map_or(Unit::Arbitrary, |unit| parse_unit(unit));
            let (rate_hz, description) = (head.rates_hz[k], String::new());
            signals.push(Signal { label, description, unit, rate_hz, start_s: 0.0, values });
        }
        if signals.is_empty() {
            let at = Position::Line(head.rows as u64 + 1);
            return Err(blame.malformed(
                at,
                "no column holds two numbers",
                "export the file again with data in it",
            ));
        }
        let streams = streams(signals, &mut notes);
        let mut trial = Trial { streams, notes, ..Trial::default() };
        trial.notes.push(Note::info(
            "csv_guessed",
            format!(
                "read as a table with a rate per column: {} columns, rows from line {}",
                head.rates_hz.len(),
                head.rows + 1
            ),
        ));
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

/// The rows above the numbers.
#[derive(Debug)]
struct Head {
    delimiter: u8,
    names: Vec<String>,
    units: Vec<String>,
    rates_hz: Vec<f64>,
    /// Lines above the first row of numbers.
    rows: usize,
    /// The first column of the rows of numbers is a title column (blank, or a count of rows).
    titled: bool,
}

impl Head {
    fn find(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().take(LOOK).collect();
        [b'\t', b';', b','].into_iter().find_map(|delimiter| Self::with(&lines, delimiter))
    }

    fn with(lines: &[&str], delimiter: u8) -> Option<Self> {
        let cells: Vec<Vec<String>> = lines.iter().map(|line| split(line, delimiter)).collect();
        let key = |row: &Vec<String>| row.first().map(|cell| plain(cell)).unwrap_or_default();
        let rate_row = cells.iter().position(|row| {
            let named = [
                "samplerate",
                "samplingrate",
                "samplefrequency",
                "samplingfrequency",
                "frequency",
                "rate",
                "samplespersecond",
            ];
            named.iter().any(|name| key(row).starts_with(name)) && rates(row).is_some()
        })?;
        let rates_hz = rates(&cells[rate_row])?;
        let row_of = |names: &[&str]| {
            let found = cells.iter().take(LOOK).find(|row| names.contains(&key(row).as_str()))?;
            Some(found[1..].to_vec())
        };
        let comma = delimiter != b',';
        let first_numbers = (rate_row + 1..cells.len()).find(|k| {
            let filled: Vec<&String> = cells[*k].iter().filter(|cell| !cell.is_empty()).collect();
            !filled.is_empty() && filled.iter().all(|cell| table::number(cell, comma).is_some())
        })?;
        // One rate above a table of many columns is a line of its header, not a row of rates.
        let filled = cells[first_numbers].iter().rposition(|cell| !cell.is_empty())? + 1;
        if filled > rates_hz.len() + 1 {
            return None;
        }
        let titled = cells[first_numbers].len() > rates_hz.len();
        let names = row_of(&[
            "channel",
            "channels",
            "channelname",
            "name",
            "names",
            "label",
            "labels",
            "description",
            "title",
        ]);
        let units = row_of(&["unit", "units", "channelunits"]);
        Some(Self {
            delimiter,
            names: names.unwrap_or_default(),
            units: units.unwrap_or_default(),
            rates_hz,
            rows: first_numbers,
            titled,
        })
    }

    fn columns(
        &self,
        content: &str,
        blame: &Blame<'_>,
        notes: &mut Vec<Note>,
    ) -> Result<Vec<Vec<f64>>, Error> {
        let n = self.rates_hz.len();
        let comma = self.delimiter != b',';
        let skip = usize::from(self.titled);
        let mut columns = vec![Vec::new(); n];
        let mut blanks = vec![0usize; n];
        let (mut total, mut words, mut holes) = (0usize, 0usize, 0usize);
        for (number, line) in content.lines().enumerate().skip(self.rows) {
            let cells = split(line, self.delimiter);
            for k in 0..n {
                let cell = cells.get(skip + k).map_or("", String::as_str);
                if cell.is_empty() {
                    blanks[k] += 1;
                    continue;
                }
                // Blanks before a value are missing values; blanks to the end are the end of the column.
                holes += blanks[k];
                columns[k].extend(std::iter::repeat_n(f64::NAN, std::mem::take(&mut blanks[k])));
                let value = table::number(cell, comma);
                words += usize::from(value.is_none());
                columns[k].push(value.unwrap_or(f64::NAN));
                total += 1;
            }
            if total + holes > MAX_VALUES {
                return Err(blame.limit(
                    Position::Line(number as u64 + 1),
                    "the number of values",
                    "2^28 values",
                ));
            }
        }
        if words > 0 {
            notes.push(Note::warning(
                "cells_not_numbers",
                format!("{words} cells are no numbers; they are missing values"),
            ));
        }
        Ok(columns)
    }
}

fn plain(cell: &str) -> String {
    cell.to_lowercase()
        .split(['(', '['])
        .next()
        .unwrap_or("")
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// The rates of a row after its title: all positive, at least one.
fn rates(row: &[String]) -> Option<Vec<f64>> {
    let cells = row.get(1..)?;
    let filled = cells.iter().rposition(|cell| !cell.is_empty())? + 1;
    if filled > surae_trial::SessionLayout::MAX_CHANNELS {
        return None;
    }
    cells[..filled]
        .iter()
        .map(|cell| {
            let number = cell.to_lowercase().replace("hz", "");
            table::number(number.trim(), true).filter(|rate| *rate > 0.0 && *rate <= 1e6)
        })
        .collect()
}

fn split(line: &str, delimiter: u8) -> Vec<String> {
    line.trim_end_matches(['\r', '\n'])
        .split(char::from(delimiter))
        .map(|cell| cell.trim().trim_matches('"').trim().to_owned())
        .collect()
}
