//! Vicon Nexus CSV and ASCII: sections one below the other (devices, trajectories, model outputs, events), each with its own
//! rate and its own rows of objects, columns and units.
//!
//! Rows are placed by their frame and sub-frame numbers; trial time 0 is the first frame of the file. Not for C3D of the same
//! program, which keeps more.

mod parts;
#[cfg(test)]
mod tests;

use super::table;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::text;
use surae_trial::{Note, SessionLayout, Trial};

/// Nexus' tables.
pub struct Vicon;

/// Values that the sections may hold together.
const MAX_VALUES: usize = 1 << 28;

impl Format for Vicon {
    fn name(&self) -> &'static str {
        "vicon-csv"
    }

    fn title(&self) -> &'static str {
        "Vicon Nexus CSV"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        if head.contains(&0) {
            return Confidence::No;
        }
        let text = text::decode(head);
        let lines: Vec<&str> = text.lines().collect();
        let known = delimiter(&lines).is_some_and(|delimiter| {
            lines.iter().enumerate().any(|(at, line)| {
                What::titled(line, delimiter).is_some() && rate(&lines, at, delimiter).is_some()
            })
        });
        if known { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "Vicon Nexus CSV" };
        let content = text::decode(input.bytes()?);
        let lines: Vec<&str> = content.lines().collect();
        let Some(delimiter) = delimiter(&lines) else {
            let what = "no row that begins with 'Frame' and 'Sub Frame'";
            return Err(blame.malformed(
                Position::Whole,
                what,
                "export it again from Nexus with frame numbers",
            ));
        };
        let mut notes = Vec::new();
        let mut left = MAX_VALUES;
        let mut sections = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            match What::titled(lines[at], delimiter).zip(rate(&lines, at, delimiter)) {
                Some((what, rate_hz)) => {
                    let section =
                        Section::read(&lines, at, what, rate_hz, delimiter, &mut left, &blame, &mut notes)?;
                    at = section.end.max(at + 1);
                    sections.push(section);
                }
                None => at += 1,
            }
        }
        parts::trial(sections, notes, &blame)
    }
}

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Devices,
    Trajectories,
    Outputs,
    Events,
    /// Joints and segments of the kinematic fit: not read.
    Fit,
}

impl What {
    /// A line that holds nothing but the title of a section.
    fn titled(line: &str, delimiter: char) -> Option<Self> {
        let title = line.trim().trim_end_matches(delimiter).trim_matches('"').trim();
        Some(match title.to_lowercase().as_str() {
            "devices" => Self::Devices,
            "trajectories" | "unlabeled trajectories" => Self::Trajectories,
            "model outputs" => Self::Outputs,
            "events" => Self::Events,
            "joints" | "segments" => Self::Fit,
            _ => return None,
        })
    }
}

/// The rate in the line below a title.
fn rate(lines: &[&str], title: usize, delimiter: char) -> Option<f64> {
    let cell = lines.get(title + 1)?.trim().trim_end_matches(delimiter).trim();
    table::number(cell, delimiter != ',').filter(|rate| *rate > 0.0 && *rate <= 1e6)
}

/// What stands between `Frame` and `Sub Frame`; in a file of events only, between the names of its columns.
fn delimiter(lines: &[&str]) -> Option<char> {
    lines.iter().find_map(|line| {
        let line = line.trim_start_matches(['"', '\u{feff}']).to_lowercase();
        let rest =
            line.strip_prefix("frame").or_else(|| line.strip_prefix("subject"))?.trim_start_matches('"');
        let delimiter = rest.chars().next().filter(|c| matches!(c, ',' | ';' | '\t'))?;
        let next = rest[1..].trim_start_matches('"');
        (next.starts_with("sub frame") || next.starts_with("context")).then_some(delimiter)
    })
}

/// One section as it stands in the file.
#[derive(Debug)]
struct Section {
    what: What,
    rate_hz: f64,
    /// Object, name and unit of each column behind the two of frame numbers.
    columns: Vec<Column>,
    /// Frame and sub-frame of each row.
    rows: Vec<(u64, u64)>,
    /// Row after row.
    values: Vec<f64>,
    /// Cells of each row, of events only.
    events: Vec<Vec<String>>,
    /// Line (from 0) behind the section.
    end: usize,
}

#[derive(Clone, Debug)]
struct Column {
    object: String,
    name: String,
    unit: String,
}

impl Section {
    #[expect(clippy::too_many_arguments, reason = "one call; a struct of them would be used nowhere else")]
    fn read(
        lines: &[&str],
        title: usize,
        what: What,
        rate_hz: f64,
        delimiter: char,
        left: &mut usize,
        blame: &Blame<'_>,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Error> {
        let cells =
            |at: usize| lines.get(at).map_or_else(Vec::new, |line| table::cells(line, delimiter as u8));
        let ends = |at: usize| {
            lines.get(at).is_none_or(|line| line.trim_matches([delimiter, ' ', '\r', '"', '\t']).is_empty())
                || What::titled(lines[at], delimiter).is_some()
        };
        let mut section = Self {
            what,
            rate_hz,
            columns: Vec::new(),
            rows: Vec::new(),
            values: Vec::new(),
            events: Vec::new(),
            end: title + 2,
        };
        if what == What::Events {
            // Below the row of names: subject, context, name, time, description.
            section.end = title + 3;
            while !ends(section.end) {
                section.events.push(cells(section.end));
                section.end += 1;
            }
            return Ok(section);
        }
        let framed = |at: usize| cells(at).first().is_some_and(|cell| cell.eq_ignore_ascii_case("frame"));
        let Some(names_at) = (title + 2..title + 6).find(|at| framed(*at)) else {
            let what = "a section without its row 'Frame, Sub Frame, ...'";
            return Err(blame.malformed(
                Position::Line(title as u64 + 1),
                what,
                "export it again from Nexus",
            ));
        };
        let names = cells(names_at);
        if names.len() > 3 * SessionLayout::MAX_CHANNELS + 2 {
            return Err(blame.limit(
                Position::Line(names_at as u64 + 1),
                format!("{} columns", names.len()),
                "3074 columns",
            ));
        }
        let objects = if names_at > title + 2 { cells(names_at - 1) } else { Vec::new() };
        let below = cells(names_at + 1);
        let has_units =
            below.first().is_some_and(String::is_empty) && below.iter().any(|cell| !cell.is_empty());
        section.end = names_at + 1 + usize::from(has_units);
        let mut object = String::new();
        for (at, name) in names.iter().enumerate().skip(2) {
            if let Some(named) = objects.get(at).filter(|cell| !cell.is_empty()) {
                object.clone_from(named);
            }
            let unit = below.get(at).filter(|_| has_units).cloned().unwrap_or_default();
            section.columns.push(Column { object: object.clone(), name: name.clone(), unit });
        }
        // Rows may end with a delimiter, and so does then the row of names.
        while section.columns.last().is_some_and(|column| column.name.is_empty()) {
            section.columns.pop();
        }
        section.rows(lines, delimiter, &ends, left, blame, notes)?;
        Ok(section)
    }

    /// Rows until the next blank line or title.
    fn rows(
        &mut self,
        lines: &[&str],
        delimiter: char,
        ends: &dyn Fn(usize) -> bool,
        left: &mut usize,
        blame: &Blame<'_>,
        notes: &mut Vec<Note>,
    ) -> Result<(), Error> {
        let width = self.columns.len();
        let (mut skipped, mut words) = (Vec::new(), 0usize);
        while !ends(self.end) {
            let line = lines[self.end];
            self.end += 1;
            let mut cells = line.split(delimiter).map(|cell| cell.trim().trim_matches('"'));
            let mut whole = || cells.next().and_then(|cell| cell.parse::<u64>().ok());
            let place = whole().zip(whole());
            let Some(place) = place.filter(|place| self.rows.last().is_none_or(|last| place > last)) else {
                skipped.push(self.end.to_string());
                continue;
            };
            let Some(rest) = left.checked_sub(width) else {
                return Err(blame.limit(
                    Position::Line(self.end as u64),
                    "the number of values",
                    "2^28 values",
                ));
            };
            *left = rest;
            self.rows.push(place);
            for _ in 0..width {
                let cell = cells.next().unwrap_or("");
                let value = table::number(cell, delimiter != ',');
                words += usize::from(value.is_none() && !table::is_missing(cell));
                self.values.push(value.unwrap_or(f64::NAN));
            }
        }
        table::report_rows(
            &skipped,
            "their frame number is missing or not above that of the row before",
            notes,
        );
        table::report_words(words, notes);
        Ok(())
    }

    /// Sub-frames per frame.
    fn per_frame(&self) -> u64 {
        self.rows.iter().map(|(_, sub)| sub.saturating_add(1)).max().unwrap_or(1).min(100_000)
    }

    fn frame_rate_hz(&self) -> f64 {
        self.rate_hz / self.per_frame() as f64
    }
}
