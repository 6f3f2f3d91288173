//! Qualisys Track Manager TSV: lines of a key and its values, then rows. Trajectories (3D), analog signals, force plates.
//!
//! Frame and time columns are optional in an export; they are told from how their numbers advance. Not for 2D and 6D exports.

use super::signals::{Signal, streams};
use super::table;
use crate::error::{Blame, Error, Position};
use crate::event_name;
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::parse_unit;
use crate::text;
use std::collections::BTreeMap;
use surae_trial::{Event, EventSource, Marker, MarkerSet, Note, Seconds, SessionLayout, Trial, Unit};

/// QTM's tables.
pub struct Qualisys;

/// Values a file may hold.
const MAX_VALUES: usize = 1 << 28;
/// Markers a file may hold.
const MAX_MARKERS: usize = 4096;
/// Keys that an export begins with.
const FIRST: [&str; 6] =
    ["FILE_VERSION", "NO_OF_FRAMES", "NO_OF_CAMERAS", "NO_OF_SAMPLES", "TOT_NO_OF_CHAN", "NO_OF_MARKERS"];

impl Format for Qualisys {
    fn name(&self) -> &'static str {
        "qualisys-tsv"
    }

    fn title(&self) -> &'static str {
        "Qualisys TSV"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        if head.contains(&0) {
            return Confidence::No;
        }
        let text = text::decode(&head[..head.len().min(4096)]);
        let first = text.lines().next().and_then(|line| line.split('\t').next()).map(str::trim);
        let known = first.is_some_and(|key| FIRST.contains(&key)) && text.contains('\t');
        if known { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "Qualisys TSV" };
        let content = text::decode(input.bytes()?);
        let mut notes = Vec::new();
        let header = Header::read(&content);
        let included = header.text("DATA_INCLUDED").unwrap_or("").to_uppercase();
        if included.starts_with("2D") || included.starts_with("6D") || included.starts_with("SKELETON") {
            let what = format!("an export of {included} data");
            return Err(blame.unsupported(
                Position::Whole,
                what,
                "export 3D trajectories and analog data, or a C3D",
            ));
        }
        let mut trial = Trial { events: header.events.clone(), ..Trial::default() };
        if let Some(names) = header.keys.get("MARKER_NAMES") {
            let rate_hz = header.rate("FREQUENCY", &blame)?;
            let rows = Rows::read(&content, &header, 3 * names.len(), rate_hz, &blame, &mut notes)?;
            trial.markers = Some(markers(names, rate_hz, &rows, &mut notes));
        } else if let Some(names) = header.keys.get("CHANNEL_NAMES") {
            trial.streams = analog(names, &content, &header, &blame, &mut notes)?;
        } else if header.keys.contains_key("FORCE_PLATE_NAME") {
            trial.streams = forces(&content, &header, &blame, &mut notes)?;
        } else {
            let what = "neither MARKER_NAMES nor CHANNEL_NAMES nor FORCE_PLATE_NAME";
            return Err(blame.malformed(Position::Whole, what, "export from QTM with 'Include TSV header'"));
        }
        trial.notes = notes;
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

/// The lines above the rows.
#[derive(Debug, Default)]
struct Header {
    keys: BTreeMap<String, Vec<String>>,
    events: Vec<Event>,
    /// Names of columns, where the export has them.
    columns: Vec<String>,
    /// Line (from 0) of the first row.
    rows: usize,
}

impl Header {
    fn read(content: &str) -> Self {
        let mut header = Self::default();
        for line in content.lines() {
            let mut cells: Vec<String> = line.split('\t').map(|cell| cell.trim().to_owned()).collect();
            // Lists end with a tab.
            while cells.len() > 1 && cells.last().is_some_and(String::is_empty) {
                cells.pop();
            }
            let first = cells[0].as_str();
            let is_key = first.len() > 3
                && first.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            if is_key && !matches!(first, "SAMPLE" | "TIME" | "FRAME") {
                if first == "EVENT" {
                    header.events.extend(event(&cells[1..]));
                } else {
                    let key = cells.remove(0);
                    header.keys.entry(key).or_insert(cells);
                }
            } else if first.chars().next().is_some_and(char::is_alphabetic)
                && table::number(first, true).is_none()
                && !table::is_missing(first)
            {
                header.columns = cells;
            } else if !first.is_empty() || cells.len() > 1 {
                break;
            }
            header.rows += 1;
        }
        header
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.keys.get(key)?.first().map(String::as_str)
    }

    fn rate(&self, key: &str, blame: &Blame<'_>) -> Result<f64, Error> {
        let stated = self.text(key).unwrap_or("");
        let rate = table::number(stated, true).filter(|rate| *rate > 0.0 && *rate <= 1e6);
        rate.ok_or_else(|| {
            let what = format!("{key} is '{stated}'");
            blame.unsupported(
                Position::Whole,
                what,
                "export with a fixed frequency (external time base: as C3D)",
            )
        })
    }
}

/// `EVENT  Right Heel Strike  123  1.23`: name, frame, time.
fn event(cells: &[String]) -> Option<Event> {
    let label = cells.first()?.clone();
    let time_s = table::number(cells.last()?, true)?;
    let (kind, side) = event_name::meaning(&label);
    Some(Event { time_s: Seconds(time_s), kind, side, source: EventSource::File, label })
}

/// Rows without their columns of frame and time.
struct Rows {
    start_s: f64,
    width: usize,
    /// Row after row; not-a-number where a cell is empty or `NULL`.
    values: Vec<f64>,
    /// Length of each column up to its last filled cell.
    ends: Vec<usize>,
}

impl Rows {
    fn read(
        content: &str,
        header: &Header,
        width: usize,
        rate_hz: f64,
        blame: &Blame<'_>,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Error> {
        let at = Position::Line(header.rows as u64 + 1);
        if width == 0 || width > 3 * MAX_MARKERS {
            return Err(blame.limit(at, format!("{width} columns"), "12288 columns"));
        }
        let lines: Vec<&str> =
            content.lines().skip(header.rows).filter(|line| !line.trim().is_empty()).collect();
        let comma = lines.first().is_some_and(|line| !line.contains('.') && line.contains(','));
        let cells = |line: &str, column: usize| {
            line.split('\t').nth(column).and_then(|cell| table::number(cell.trim(), comma))
        };
        let step = |column: usize| Some(cells(lines.get(1)?, column)? - cells(lines[0], column)?);
        let is_time = |column: usize| step(column).is_some_and(|step| (step * rate_hz - 1.0).abs() < 0.1);
        // At 1 Hz frame and time advance alike; the names of the columns then tell, or the first is the frame.
        let is_frame = step(0).is_some_and(|step| step == 1.0) && (rate_hz != 1.0 || is_time(1));
        let spare = lines.first().is_some_and(|line| line.split('\t').count() > width);
        let lead = match (spare, is_frame, is_time(0)) {
            (true, true, _) => 1 + usize::from(is_time(1) && lines[0].split('\t').count() > width + 1),
            (true, false, true) => 1,
            _ => 0,
        };
        let timed = lead == 2 || (lead == 1 && !is_frame);
        let start_s = if timed { cells(lines[0], lead - 1).unwrap_or(0.0) } else { 0.0 };
        if lines.len().saturating_mul(width) > MAX_VALUES {
            return Err(blame.limit(at, "the number of values", "2^28 values"));
        }
        let mut rows =
            Self { start_s, width, values: Vec::with_capacity(lines.len() * width), ends: vec![0; width] };
        let (mut words, mut extra) = (0usize, 0usize);
        for (number, line) in lines.iter().enumerate() {
            let mut found = line.split('\t').skip(lead).map(str::trim);
            for column in 0..width {
                let cell = found.next().unwrap_or("");
                let value = table::number(cell, comma);
                words += usize::from(value.is_none() && !table::is_missing(cell));
                if value.is_some() {
                    rows.ends[column] = number + 1;
                }
                rows.values.push(value.unwrap_or(f64::NAN));
            }
            extra += found.filter(|cell| !cell.is_empty()).count();
        }
        if rows.values.is_empty() {
            return Err(blame.malformed(at, "no row of numbers", "export it again from QTM with data in it"));
        }
        if extra > 0 {
            let text = format!("{extra} cells stand behind the last named column and are left out");
            notes.push(Note::warning("columns_left_out", text));
        }
        table::report_words(words, notes);
        Ok(rows)
    }

    /// A column up to its last filled cell.
    fn column(&self, at: usize) -> Vec<f64> {
        self.values.iter().skip(at).step_by(self.width).take(self.ends[at]).copied().collect()
    }
}

fn markers(names: &[String], rate_hz: f64, rows: &Rows, notes: &mut Vec<Note>) -> MarkerSet {
    let mut zeros = 0usize;
    let mut track = |number: usize| {
        let seen = |row: &[f64]| {
            let position = [0, 1, 2].map(|axis| row[3 * number + axis]);
            let zero = position == [0.0; 3];
            zeros += usize::from(zero);
            if zero || position.iter().any(|v| v.is_nan()) { [f64::NAN; 3] } else { position }
        };
        rows.values.chunks_exact(rows.width).map(seen).collect::<Vec<_>>()
    };
    let markers = names
        .iter()
        .enumerate()
        .map(|(k, label)| Marker { label: label.clone(), position: track(k) })
        .collect();
    if zeros > 0 {
        let text = format!("{zeros} coordinates are (0, 0, 0); they are taken as gaps");
        notes.push(Note::info("gaps_as_zero", text));
    }
    notes.push(Note::info("unit_of_format", "QTM writes coordinates in mm; the file itself states no unit"));
    MarkerSet { rate_hz, start_s: Seconds(rows.start_s), unit: Unit::Millimetre, markers }
}

fn analog(
    names: &[String],
    content: &str,
    header: &Header,
    blame: &Blame<'_>,
    notes: &mut Vec<Note>,
) -> Result<Vec<surae_trial::Stream>, Error> {
    let list = |key: &str| header.keys.get(key).map_or(&[][..], Vec::as_slice);
    let rates: Vec<Option<f64>> =
        list("CHANNEL_FREQUENCIES").iter().map(|cell| table::number(cell, true)).collect();
    let shared = match rates.first() {
        Some(_) => None,
        None => Some(header.rate("FREQUENCY", blame)?),
    };
    let fastest = rates.iter().flatten().copied().chain(shared).fold(0.0f64, f64::max);
    if names.len() > SessionLayout::MAX_CHANNELS {
        return Err(blame.limit(Position::Whole, format!("{} channels", names.len()), "1024 channels"));
    }
    let rows = Rows::read(content, header, names.len(), fastest, blame, notes)?;
    let mut signals = Vec::new();
    for (k, label) in names.iter().enumerate() {
        let rate_hz =
            shared.or_else(|| rates.get(k).copied().flatten()).filter(|rate| *rate > 0.0 && *rate <= 1e6);
        let values = rows.column(k);
        let Some(rate_hz) = rate_hz.filter(|_| values.len() > 1) else {
            notes.push(Note::warning(
                "signal_left_out",
                format!("'{label}' has no rate or fewer than two samples and is left out"),
            ));
            continue;
        };
        let unit = list("CHANNEL_UNITS").get(k).map_or(Unit::Arbitrary, |unit| parse_unit(unit));
        signals.push(Signal {
            label: label.clone(),
            description: String::new(),
            unit,
            rate_hz,
            start_s: rows.start_s,
            values,
        });
    }
    let gains = list("CHANNEL_GAIN")
        .iter()
        .filter(|gain| table::number(gain, true).is_some_and(|gain| gain != 1.0))
        .count();
    if gains > 0 {
        let text = format!("CHANNEL_GAIN is not 1 for {gains} channels; values are kept as they are");
        notes.push(Note::warning("gain_not_applied", text));
    }
    if signals.is_empty() {
        return Err(blame.malformed(
            Position::Whole,
            "no channel holds two samples",
            "export it again from QTM with data in it",
        ));
    }
    Ok(streams(signals, notes))
}

/// One plate: force in N, moment in N m, centre of pressure in mm, as QTM writes them.
fn forces(
    content: &str,
    header: &Header,
    blame: &Blame<'_>,
    notes: &mut Vec<Note>,
) -> Result<Vec<surae_trial::Stream>, Error> {
    let rate_hz = header.rate("FREQUENCY", blame)?;
    let plate = header.text("FORCE_PLATE_NAME").unwrap_or("plate").to_owned();
    let is_lead = |name: &&String| matches!(name.to_lowercase().as_str(), "sample" | "frame" | "time");
    let named: Vec<String> = header.columns.iter().filter(|name| !is_lead(name)).cloned().collect();
    let names = if named.is_empty() {
        let what = "rows of forces without names of columns";
        return Err(blame.unsupported(Position::Whole, what, "export from QTM with 'Include column header'"));
    } else {
        named
    };
    let rows = Rows::read(content, header, names.len(), rate_hz, blame, notes)?;
    notes.push(Note::info(
        "unit_of_format",
        "QTM writes forces in N, moments in N m, centres of pressure in mm; the file itself states no unit",
    ));
    let signal = |(k, name): (usize, &String)| {
        let plain = name.to_lowercase();
        let unit = if plain.starts_with("force")
            || plain.starts_with("fx")
            || plain.starts_with("fy")
            || plain.starts_with("fz")
        {
            Unit::Newton
        } else if plain.starts_with('m') {
            Unit::NewtonMetre
        } else if plain.starts_with("cop") {
            Unit::Millimetre
        } else {
            Unit::Arbitrary
        };
        Signal {
            label: format!("{plate} {name}"),
            description: String::new(),
            unit,
            rate_hz,
            start_s: rows.start_s,
            values: rows.column(k),
        }
    };
    let signals: Vec<Signal> =
        names.iter().enumerate().map(signal).filter(|signal| signal.values.len() > 1).collect();
    if signals.is_empty() {
        return Err(blame.malformed(
            Position::Whole,
            "no column holds two samples",
            "export it again from QTM with data in it",
        ));
    }
    Ok(streams(signals, notes))
}

#[cfg(test)]
mod tests {
    use surae_trial::{EventKind, Muscle, Side, Unit};

    const MOTION: &str = "FILE_VERSION\t2.0.0\nNO_OF_FRAMES\t3\nNO_OF_CAMERAS\t8\nNO_OF_MARKERS\t2\nFREQUENCY\t200\nNO_OF_ANALOG\t0\n\
        ANALOG_FREQUENCY\t0\nDESCRIPTION\t--\nTIME_STAMP\t2024-05-01, 10:00:00.000\t94247.454\nDATA_INCLUDED\t3D\n\
        EVENT\tRight Heel Strike\t2\t0.005\nMARKER_NAMES\tRKNE\tRANK\t\nTRAJECTORY_TYPES\tMeasured\tMixed\n";

    #[test]
    fn trajectories_with_and_without_frame_and_time() {
        let plain = format!(
            "{MOTION}1.5\t2\t3\t4\t5\t6\n2.5\t2\t3\t0.000\t0.000\t0.000\n3.5\t2\t3\tNULL\tNULL\tNULL\n"
        );
        let named = format!(
            "{MOTION}Frame\tTime\tRKNE X\tRKNE Y\tRKNE Z\tRANK X\tRANK Y\tRANK Z\n1\t0.00000\t1.5\t2\t3\t4\t5\t6\n\
             2\t0.00500\t2.5\t2\t3\t0.000\t0.000\t0.000\n3\t0.01000\t3.5\t2\t3\t\t\t\n"
        );
        for text in [plain, named] {
            let trial = crate::read_bytes("walk.tsv", text.as_bytes()).expect("readable");
            assert_eq!(trial.format, "qualisys-tsv");
            let set = trial.markers.as_ref().expect("markers");
            assert_eq!((set.rate_hz, set.unit.clone(), set.frames()), (200.0, Unit::Millimetre, 3));
            assert_eq!(set.markers[0].position[2], [3.5, 2.0, 3.0]);
            assert_eq!(set.markers[1].position[0], [4.0, 5.0, 6.0]);
            assert!(set.markers[1].position[1..].iter().all(|p| p[0].is_nan()), "zeros and NULL are gaps");
            assert_eq!(
                (trial.events[0].kind, trial.events[0].side),
                (EventKind::FootContact, Some(Side::Right))
            );
        }
    }

    #[test]
    fn analog_channels_keep_their_own_rates_and_lengths() {
        let text = "FILE_VERSION\t2.0.0\nTOT_NO_OF_CHAN\t3\nNO_OF_CALC_CHAN\t0\nDATA_INCLUDED\tANALOG\nCHANNEL_NAMES\tR_SOL\tR_MG\tgonio\n\
            CHANNEL_GAIN\t1\t1\t1\nCHANNEL_FREQUENCIES\t2000\t2000\t1000\nCHANNEL_SAMPLE_COUNTS\t4\t4\t2\n\
            SAMPLE\tTIME\tR_SOL\tR_MG\tgonio\n\
            1\t0.0000\t0.001\t0.002\t1.0\n2\t0.0005\t-0.001\t0.002\t2.0\n3\t0.0010\t0.003\t-0.004\t\n4\t0.0015\t0.001\t0.002\t\n";
        let trial = crate::read_bytes("walk_a.tsv", text.as_bytes()).expect("readable");
        assert_eq!(trial.streams.len(), 2);
        let emg = &trial.streams[0];
        assert_eq!((emg.rate_hz, emg.frames()), (2000.0, 4));
        assert!(emg.emg(Muscle::SOL, Side::Right).is_some());
        assert_eq!((trial.streams[1].rate_hz, trial.streams[1].column(0)), (1000.0, vec![1.0, 2.0]));
        assert_eq!(emg.channels[0].unit, Unit::Arbitrary, "no unit is stated");
    }

    #[test]
    fn what_cannot_be_read_says_what_to_export() {
        for (text, said) in [
            (
                "NO_OF_FRAMES\t2\nFREQUENCY\tEXT\nDATA_INCLUDED\t3D\nMARKER_NAMES\tA\n1\t2\t3\n",
                "FREQUENCY is 'EXT'",
            ),
            ("NO_OF_FRAMES\t2\nFREQUENCY\t100\nDATA_INCLUDED\t6D\nBODY_NAMES\tA\n1\t2\t3\n", "export 3D"),
            ("NO_OF_FRAMES\t2\nFREQUENCY\t100\nDATA_INCLUDED\t3D\nMARKER_NAMES\tA\n", "no row of numbers"),
        ] {
            let error = crate::read_bytes("bad.tsv", text.as_bytes()).expect_err("refused").to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
