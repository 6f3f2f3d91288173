//! OpenBCI: text of the GUI (versions 1 to 6) and the headerless tables of BrainFlow.
//!
//! EXG values are microvolts at the electrode. Nothing says which muscle a channel is: name them in a map.

use super::{counter, table};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::UNSEEN;
use crate::text;
use surae_trial::{
    Channel, Event, EventKind, EventSource, Kind, Note, Role, Samples, Seconds, Stream, Trial, Unit,
};

/// OpenBCI text.
pub struct OpenBci;

impl Format for OpenBci {
    fn name(&self) -> &'static str {
        "openbci"
    }

    fn title(&self) -> &'static str {
        "OpenBCI text"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        if head.contains(&0) {
            return Confidence::No;
        }
        let text = text::decode(head);
        if text.lines().next().is_some_and(|line| line.starts_with('%') && line.contains("OpenBCI")) {
            Confidence::Sure
        } else if brainflow(&text).is_some() {
            Confidence::Guess
        } else {
            Confidence::No
        }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "OpenBCI text" };
        let content = text::decode(input.bytes()?);
        let mut notes = Vec::new();
        let shape = match brainflow(&content) {
            Some(board) if !content.starts_with('%') => board_shape(board, &mut notes),
            _ => gui(&content, &blame, &mut notes)?,
        };
        if shape.columns.iter().all(|column| column.what == What::Dropped) {
            return Err(blame.malformed(
                Position::Line(shape.above as u64),
                "the row of names names no signal",
                "write the names of the columns back (Sample Index, EXG Channel 0, ...)",
            ));
        }
        let rows = Rows::read(&content, &shape, &blame, &mut notes)?;
        let gaps = counter::gaps(&rows.counter, shape.rate_hz, &mut notes);
        let kept: Vec<&Column> = shape.columns.iter().filter(|column| column.what != What::Dropped).collect();
        let stream = Stream {
            name: "openbci".to_owned(),
            rate_hz: shape.rate_hz,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels: kept.iter().map(|column| channel(column)).collect(),
            samples: Samples::F64(rows.values),
            gaps,
            times_s: Vec::new(),
        };
        let mark = |frame: usize, code: f64| Event {
            time_s: stream.time_of(stream.index_of_frame(frame).0),
            kind: EventKind::Mark,
            side: None,
            source: EventSource::File,
            label: format!("marker {code}"),
        };
        let events = rows.marks.iter().map(|(frame, code)| mark(*frame, *code)).collect();
        let mut trial = Trial { streams: vec![stream], events, notes, ..Trial::default() };
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Counter,
    Exg,
    Accel,
    /// Digital and analog pins.
    Pin,
    Marker,
    DeviceTime,
    /// Text, and columns that the GUI fills with zeros.
    Dropped,
}

#[derive(Clone, Debug)]
struct Column {
    label: String,
    what: What,
}

struct Shape {
    columns: Vec<Column>,
    rate_hz: f64,
    /// Lines above the rows.
    above: usize,
}

fn column(label: impl Into<String>, what: What) -> Column {
    Column { label: label.into(), what }
}

/// The header of the GUI: `%` lines, and from version 5 on a row of names.
fn gui(content: &str, blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Shape, Error> {
    let comments: Vec<&str> = content.lines().take(40).take_while(|line| line.starts_with('%')).collect();
    let number = |key: &str| {
        let line = comments.iter().find(|line| line.to_lowercase().contains(key))?;
        line.split_once('=')?.1.split_whitespace().next()?.parse::<f64>().ok()
    };
    let rate = number("sample rate").filter(|rate| rate.is_finite() && *rate > 0.0 && *rate <= 1e5);
    let Some(rate_hz) = rate else {
        let what = "no line '%Sample Rate = ... Hz'";
        return Err(blame.malformed(Position::Line(1), what, "write the line back into the header"));
    };
    let next = content.lines().nth(comments.len()).unwrap_or("");
    if next.chars().any(char::is_alphabetic) && !next.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
        let columns = next.split(',').map(|name| named(name.trim())).collect();
        return Ok(Shape { columns, rate_hz, above: comments.len() + 1 });
    }
    // Versions 1 to 4: index, EEG, accelerometer or aux, then a time as text, a time in ms, or both.
    let cells = next.split(',').count();
    let exg = number("number of channels").map_or(8, |n| n.clamp(1.0, 64.0) as usize);
    let mut columns = vec![column("Sample Index", What::Counter)];
    columns.extend((0..exg).map(|k| column(format!("EXG Channel {k}"), What::Exg)));
    let mut aux = 0;
    for (k, cell) in next.split(',').enumerate().skip(1 + exg) {
        let value = table::number(cell.trim(), false);
        let last = k + 2 >= cells;
        columns.push(match value {
            None => column(format!("text {k}"), What::Dropped),
            Some(value) if last && value > 1e8 => column("Timestamp", What::DeviceTime),
            Some(_) => {
                aux += 1;
                let what = if aux <= 3 { What::Accel } else { What::Pin };
                column(
                    if aux <= 3 { format!("Accel Channel {}", aux - 1) } else { format!("Aux {}", aux - 1) },
                    what,
                )
            }
        });
    }
    notes.push(Note::info(
        "openbci_columns_guessed",
        format!("the header names no columns: {exg} EXG, {aux} accelerometer or auxiliary values and times are taken in the order of GUI versions 1 to 4"),
    ));
    Ok(Shape { columns, rate_hz, above: comments.len() })
}

fn named(name: &str) -> Column {
    let lower = name.to_lowercase();
    let what = if lower.starts_with("sample index") {
        What::Counter
    } else if lower.starts_with("exg") || lower.starts_with("eeg") || lower.starts_with("emg") {
        What::Exg
    } else if lower.starts_with("accel") {
        What::Accel
    } else if lower.starts_with("marker") {
        What::Marker
    } else if lower == "timestamp" {
        What::DeviceTime
    } else if lower.starts_with("not used")
        || lower.contains("formatted")
        || lower.is_empty()
        || lower == "other"
    {
        What::Dropped
    } else {
        What::Pin
    };
    column(name, what)
}

/// Boards of BrainFlow by their number of columns.
#[derive(Clone, Copy, Debug)]
struct Board {
    name: &'static str,
    columns: usize,
    exg: usize,
    accel: usize,
    time: usize,
    rate_hz: f64,
}

/// Column layouts of BrainFlow's board descriptions.
const BOARDS: [Board; 3] = [
    Board { name: "Cyton", columns: 24, exg: 8, accel: 9, time: 22, rate_hz: 250.0 },
    Board { name: "Cyton with Daisy", columns: 32, exg: 16, accel: 17, time: 30, rate_hz: 125.0 },
    Board { name: "Ganglion", columns: 15, exg: 4, accel: 5, time: 13, rate_hz: 200.0 },
];

/// A headerless table with as many columns as a board has, a small counter first and times since 1970 near the end.
fn brainflow(text: &str) -> Option<Board> {
    let rows: Vec<Vec<f64>> = text
        .lines()
        .take(4)
        .map(|line| line.split(['\t', ',']).map(|cell| cell.trim().parse().unwrap_or(f64::NAN)).collect())
        .collect();
    let board =
        BOARDS.into_iter().find(|board| rows.first().is_some_and(|row| row.len() == board.columns))?;
    let fits = |row: &Vec<f64>| {
        row.len() == board.columns
            && (0.0..=255.0).contains(&row[0])
            && row[0].fract() == 0.0
            && (1e9..4e9).contains(&row[board.time])
    };
    // The last line of a head may be cut.
    (rows.len() >= 3 && rows[..rows.len() - 1].iter().all(fits)).then_some(board)
}

fn board_shape(board: Board, notes: &mut Vec<Note>) -> Shape {
    let columns = (0..board.columns)
        .map(|k| match k {
            0 => column("Sample Index", What::Counter),
            k if (1..=board.exg).contains(&k) => column(format!("EXG Channel {}", k - 1), What::Exg),
            k if (board.accel..board.accel + 3).contains(&k) => {
                column(format!("Accel Channel {}", k - board.accel), What::Accel)
            }
            k if k == board.time => column("Timestamp", What::DeviceTime),
            k if k == board.time + 1 => column("Marker Channel", What::Marker),
            k => column(format!("Other {k}"), What::Pin),
        })
        .collect();
    notes.push(Note::warning(
        "brainflow_guessed",
        format!(
            "a table without a header, {} columns: read as BrainFlow's of an OpenBCI {} at {} Hz. Another board has another rate and order",
            board.columns, board.name, board.rate_hz
        ),
    ));
    Shape { columns, rate_hz: board.rate_hz, above: 0 }
}

#[derive(Default)]
struct Rows {
    counter: Vec<f64>,
    values: Vec<f64>,
    marks: Vec<(usize, f64)>,
}

/// Values a file may hold.
const MAX_VALUES: usize = 1 << 28;

impl Rows {
    fn read(content: &str, shape: &Shape, blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Self, Error> {
        let n = shape.columns.len();
        let mut rows = Self::default();
        let mut skipped = Vec::new();
        let mut missing = 0usize;
        let mut last = shape.above as u64;
        for (number, line) in content.lines().enumerate().skip(shape.above) {
            if line.trim().is_empty() || line.starts_with('%') {
                continue;
            }
            last = number as u64 + 1;
            let separator = char::from(if line.contains('\t') { b'\t' } else { b',' });
            let cells: Vec<&str> =
                line.trim_end_matches([separator, '\r', ' ']).split(separator).map(str::trim).collect();
            let index = table::number(cells[0], false);
            let Some(index) = index.filter(|_| cells.len() == n) else {
                skipped.push(last.to_string());
                continue;
            };
            rows.counter.push(index);
            for (cell, column) in cells.iter().zip(&shape.columns) {
                if column.what == What::Dropped {
                    continue;
                }
                let value = table::number(cell, false);
                missing += usize::from(value.is_none());
                if let Some(code) = value.filter(|code| column.what == What::Marker && *code != 0.0) {
                    rows.marks.push((rows.counter.len() - 1, code));
                }
                rows.values.push(value.unwrap_or(f64::NAN));
            }
            if rows.values.len() > MAX_VALUES {
                return Err(blame.limit(Position::Line(last), "the number of values", "2^28 values"));
            }
        }
        if rows.counter.is_empty() || n > surae_trial::SessionLayout::MAX_CHANNELS {
            let what = format!("no row of {n} cells below the header");
            return Err(blame.malformed(Position::Line(last.max(1)), what, "record again with data"));
        }
        if !skipped.is_empty() {
            let why = if skipped == [last.to_string()] {
                "the file was cut there"
            } else {
                "they do not hold one cell per column"
            };
            let text =
                format!("{} rows were left out (line {}): {why}", skipped.len(), text::list(&skipped, 6));
            notes.push(Note::warning("rows_skipped", text));
        }
        if missing > 0 {
            notes.push(Note::warning(
                "cells_not_numbers",
                format!("{missing} cells are no numbers; they are missing values"),
            ));
        }
        Ok(rows)
    }
}

fn channel(column: &Column) -> Channel {
    let role =
        |kind: Kind, reason: &str| Role { kind, ..Role::unknown(format!("'{}': {reason}", column.label)) };
    let (role, unit) = match column.what {
        What::Counter => (role(Kind::Counter, "sample counter of the board"), Unit::Count),
        What::Exg => (Role::unknown(UNSEEN), Unit::Microvolt),
        What::Accel => (role(Kind::Acceleration, "accelerometer of the board"), Unit::Gravity),
        What::Pin | What::Dropped => (Role::unknown(UNSEEN), Unit::Arbitrary),
        What::Marker => (role(Kind::Event, "marks set during the recording"), Unit::Arbitrary),
        What::DeviceTime => (role(Kind::DeviceTime, "clock of the computer"), Unit::Arbitrary),
    };
    let mut channel = Channel::new(column.label.clone(), role, unit);
    channel.amplifier.input_referred = column.what == What::Exg;
    channel
}
