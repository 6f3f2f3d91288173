//! TRC: marker coordinates as text (Motion Analysis, OpenSim).
//!
//! Four header lines, a row of labels, a row of axes, rows of frame, time and three numbers a marker. Not for model outputs.

mod write;

use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::reader::Chunk;
use crate::registry::{Confidence, Format};
use crate::roles::parse_unit;
use crate::text::{self, Timing};
use surae_trial::{Marker, MarkerSet, Note, Seconds, Trial, Unit};

/// The TRC format.
pub struct Trc;

/// Coordinates a file may hold.
const MAX_VALUES: usize = 1 << 28;
/// Markers a file may hold.
const MAX_MARKERS: usize = 4096;

impl Format for Trc {
    fn name(&self) -> &'static str {
        "trc"
    }

    fn title(&self) -> &'static str {
        "TRC"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        let head = text::decode(&head[..head.len().min(4096)]);
        let mut lines = head.lines().map(|line| line.trim_start().to_lowercase());
        let named = lines.next().is_some_and(|line| line.starts_with("pathfiletype"));
        let rated = head.lines().take(6).any(|line| line.trim_start().to_lowercase().starts_with("datarate"));
        if named || rated { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "TRC" };
        let content = text::decode(input.bytes()?);
        let mut notes = Vec::new();
        let mut header = Header::read(&content, &blame)?;
        header.name_the_rest(&mut notes);
        let table = Table::read(&content, &header, &blame, &mut notes)?;
        let rate_hz = rate(&header, &table, &mut notes);
        let unit = unit(&header, &mut notes);
        let set = MarkerSet {
            rate_hz,
            start_s: Seconds(table.times.first().copied().unwrap_or(0.0)),
            unit,
            markers: header
                .labels
                .iter()
                .map(|l| Marker { label: l.clone(), position: Vec::new() })
                .collect(),
        };
        let mut trial = Trial { markers: Some(set), notes, ..Trial::default() };
        crate::reader::place(&mut trial, Chunk::Markers(table.tracks));
        Ok(trial)
    }
}

/// What stands above the rows.
#[derive(Debug, Default)]
struct Header {
    data_rate_hz: Option<f64>,
    frames: Option<usize>,
    markers: Option<usize>,
    unit: String,
    labels: Vec<String>,
    /// Line (from 0) after which the rows begin.
    labels_line: usize,
}

impl Header {
    fn read(content: &str, blame: &Blame<'_>) -> Result<Self, Error> {
        let lines: Vec<&str> = content.lines().take(40).collect();
        let starts = |line: &str, word: &str| line.trim_start().to_lowercase().starts_with(word);
        let Some(at) = lines.iter().position(|line| starts(line, "frame#") || starts(line, "frame\t")) else {
            return Err(blame.malformed(
                Position::Whole,
                "no row of labels that begins with 'Frame#'",
                "export the file again from the program that made it",
            ));
        };
        let mut header = Self { labels_line: at, ..Self::default() };
        if let Some(keys) = lines[..at].iter().position(|line| starts(line, "datarate")) {
            let values = lines.get(keys + 1).copied().unwrap_or("");
            for (key, value) in lines[keys].split_whitespace().zip(values.split_whitespace()) {
                match key.to_lowercase().as_str() {
                    "datarate" => {
                        header.data_rate_hz = value.parse().ok().filter(|r: &f64| *r > 0.0 && r.is_finite())
                    }
                    "numframes" => header.frames = value.parse().ok(),
                    "nummarkers" => header.markers = value.parse().ok(),
                    "units" => value.clone_into(&mut header.unit),
                    _ => {}
                }
            }
        }
        let row = lines[at];
        let cells = if row.contains('\t') {
            row.split('\t').collect::<Vec<_>>()
        } else {
            row.split_whitespace().collect()
        };
        let labels = cells.iter().skip(2).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        header.labels = labels.map(str::to_owned).collect();
        if header.labels.is_empty() || header.labels.len() > MAX_MARKERS {
            let what = format!("{} marker labels", header.labels.len());
            return Err(blame.malformed(Position::Line(at as u64 + 1), what, "a TRC has 1 to 4096 markers"));
        }
        Ok(header)
    }
}

struct Table {
    times: Vec<f64>,
    tracks: Vec<Vec<[f64; 3]>>,
}

impl Table {
    fn read(content: &str, header: &Header, blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Self, Error> {
        let n = header.labels.len();
        let mut table = Self { times: Vec::new(), tracks: vec![Vec::new(); n] };
        let (mut skipped, mut words, mut zeros, mut extra, mut last) =
            (Vec::new(), 0usize, 0usize, 0usize, 0u64);
        for (number, line) in content.lines().enumerate().skip(header.labels_line + 1) {
            let line = line.trim_end_matches('\r');
            let first = line.trim_start().chars().next();
            // The row of axes (X1 Y1 Z1) and blank lines stand between labels and rows.
            if first.is_none() || (table.times.is_empty() && first.is_some_and(char::is_alphabetic)) {
                continue;
            }
            last = number as u64 + 1;
            let cells: Vec<&str> = if line.contains('\t') {
                line.split('\t').collect()
            } else {
                line.split_whitespace().collect()
            };
            let time =
                cells.get(1).and_then(|cell| cell.trim().parse::<f64>().ok()).filter(|t| t.is_finite());
            // Missing cells at the end of a row are gaps of the last markers; cells behind the last marker belong to
            // trajectories that nobody named or counted.
            extra += cells.iter().skip(2 + 3 * n).filter(|cell| !cell.trim().is_empty()).count();
            let Some(time) = time else {
                skipped.push(last.to_string());
                continue;
            };
            table.times.push(time);
            for (k, track) in table.tracks.iter_mut().enumerate() {
                let coordinate = |axis: usize| cells.get(2 + 3 * k + axis).map_or("", |cell| cell.trim());
                let position = [0, 1, 2].map(|axis| {
                    let cell = coordinate(axis);
                    let value = cell.parse::<f64>().ok().filter(|v| v.is_finite());
                    words += usize::from(value.is_none() && !is_missing(cell));
                    value.unwrap_or(f64::NAN)
                });
                let zero = position == [0.0; 3];
                zeros += usize::from(zero);
                let seen = !zero && position.iter().all(|v| v.is_finite());
                track.push(if seen { position } else { [f64::NAN; 3] });
            }
            if table.times.len() * n * 3 > MAX_VALUES {
                return Err(blame.limit(Position::Line(last), "the number of coordinates", "2^28 values"));
            }
        }
        if table.times.is_empty() {
            let what = "no row of frame number, time and coordinates";
            return Err(blame.malformed(
                Position::Line(last.max(1)),
                what,
                "export the file again with data in it",
            ));
        }
        if !skipped.is_empty() {
            let list = text::list(&skipped, 6);
            let text = format!("{} rows were left out (line {list}): they hold no time", skipped.len());
            notes.push(Note::warning("rows_skipped", text));
        }
        if extra > 0 {
            let text = format!(
                "{extra} numbers stand behind the last of {n} markers: they belong to no name and are left out"
            );
            notes.push(Note::warning("trc_extra_cells", text));
        }
        if words > 0 {
            let text = format!("{words} cells are no numbers; they are missing values");
            notes.push(Note::warning("cells_not_numbers", text));
        }
        if zeros > 0 {
            let text = format!("{zeros} coordinates are (0, 0, 0); they are taken as gaps");
            notes.push(Note::info("gaps_as_zero", text));
        }
        header.compare(table.times.len(), notes);
        Ok(table)
    }
}

impl Header {
    /// Trajectories without a name stand behind the named ones: NumMarkers counts them too.
    fn name_the_rest(&mut self, notes: &mut Vec<Note>) {
        let named = self.labels.len();
        let stated = self.markers.unwrap_or(0).min(MAX_MARKERS);
        if stated > named {
            self.labels.extend((named + 1..=stated).map(|k| format!("marker {k}")));
            let text = format!("{named} of {stated} markers have a name; the others are numbered");
            notes.push(Note::warning("unlabelled_markers", text));
        }
    }

    fn compare(&self, rows: usize, notes: &mut Vec<Note>) {
        for (what, stated, found) in
            [("frames", self.frames, rows), ("markers", self.markers, self.labels.len())]
        {
            if let Some(stated) = stated.filter(|stated| *stated != found) {
                let text =
                    format!("the header states {stated} {what}, the table has {found}; the table is used");
                notes.push(Note::warning("trc_counts_differ", text));
            }
        }
    }
}

fn is_missing(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "" | "-" | "nan" | "na" | "n/a" | "null" | "none" | "inf" | "-inf")
}

/// The header's rate; the times decide where they contradict it by more than their rounding.
fn rate(header: &Header, table: &Table, notes: &mut Vec<Note>) -> f64 {
    if table.times.len() < 2 {
        return header.data_rate_hz.unwrap_or(1.0);
    }
    let timing = Timing::of(&table.times);
    let Some(stated) = header.data_rate_hz else {
        notes.extend(timing.note);
        return timing.rate_hz;
    };
    let span_s = (table.times.len() - 1) as f64 / stated;
    let whole_s = table.times[table.times.len() - 1] - table.times[0];
    if (whole_s - span_s).abs() > 1.0 / stated {
        let text = format!(
            "DataRate is {stated} Hz, the times advance at {:.3} Hz; the times are used",
            timing.rate_hz
        );
        notes.push(Note::warning("trc_rates_differ", text));
        notes.extend(timing.note);
        return timing.rate_hz;
    }
    stated
}

fn unit(header: &Header, notes: &mut Vec<Note>) -> Unit {
    match parse_unit(&header.unit) {
        unit @ (Unit::Millimetre | Unit::Metre) => unit,
        unit => {
            let text = format!(
                "Units is '{}'; coordinates are kept as they are, lengths are not in mm",
                header.unit
            );
            notes.push(Note::warning("point_unit_unknown", text));
            unit
        }
    }
}

#[cfg(test)]
mod tests;
