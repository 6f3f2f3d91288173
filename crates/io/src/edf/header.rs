//! The header: 256 bytes for the file, 256 for each signal, all ASCII in fixed columns.

use super::Width;
use crate::error::{Blame, Error, Position};
use crate::registry::Confidence;
use crate::text::latin;
use surae_trial::Note;

/// Most signals a file may have; the field has four digits.
const MOST_SIGNALS: usize = 9_999;
/// Bytes of the fixed part and of one signal's part.
const PART: usize = 256;

/// What the header says.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    pub width: Width,
    pub patient: String,
    pub recording: String,
    pub date: String,
    pub time: String,
    /// `"EDF+C"`, `"EDF+D"`, `"BDF+C"`, `"24BIT"`, empty.
    pub reserved: String,
    /// Records stated; `None` while a recorder runs (-1) or where it is no number.
    pub records: Option<u64>,
    pub record_s: f64,
    pub signals: Vec<Signal>,
    /// Where the first record begins.
    pub data_at: usize,
}

/// One signal of the header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signal {
    pub label: String,
    pub transducer: String,
    pub unit: String,
    pub physical: Option<(f64, f64)>,
    pub digital: Option<(f64, f64)>,
    pub prefilter: String,
    /// Samples in each record.
    pub samples: usize,
}

impl Header {
    /// True when the reserved field or an annotation signal says EDF+ or BDF+.
    pub fn is_plus(&self) -> bool {
        self.reserved.contains("DF+") || self.signals.iter().any(|s| self.is_annotation(s))
    }

    /// Records need not follow each other in time.
    pub fn is_discontinuous(&self) -> bool {
        self.reserved.starts_with("EDF+D") || self.reserved.starts_with("BDF+D")
    }

    pub fn is_annotation(&self, signal: &Signal) -> bool {
        // Some writers of BDF+ use the words of EDF+.
        let label = signal.label.trim();
        label == Width::Two.annotations() || label == Width::Three.annotations()
    }

    /// Bytes of one record.
    pub fn record_bytes(&self) -> usize {
        let samples: usize = self.signals.iter().map(|s| s.samples).sum();
        samples.saturating_mul(self.width.bytes())
    }
}

/// EDF begins with "0" and seven blanks, BDF with 255 and "BIOSEMI"; the number of signals must be a number.
pub fn recognise(bytes: &[u8]) -> Confidence {
    let Some(count) = bytes.get(252..PART) else {
        let short = bytes.starts_with(b"0       ") || bytes.starts_with(b"\xffBIOSEMI");
        return if short && bytes.len() > 16 { Confidence::Guess } else { Confidence::No };
    };
    let counted = number(count).is_some_and(|n| n >= 0.0);
    let edf = bytes[0] == b'0' && bytes[1..8].iter().all(|b| matches!(b, b' ' | 0));
    let bdf = bytes.starts_with(b"\xffBIOSEMI");
    // A file without signals and one with a damaged count are EDF still, so that the message says what is wrong.
    match (edf, bdf, counted) {
        (true, _, true) | (_, true, _) => Confidence::Sure,
        (true, _, false) if bytes[8..PART].iter().all(|b| (0x20..0x7f).contains(b)) => Confidence::Sure,
        _ => Confidence::No,
    }
}

/// A number in a fixed column; commas for points, NUL padding and stray white space are met in practice.
pub fn number(field: &[u8]) -> Option<f64> {
    let text = latin(field).replace(',', ".");
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    text.parse::<f64>().ok().filter(|v| v.is_finite())
}

pub fn parse(bytes: &[u8], blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Header, Error> {
    const CUT: &str = "the file was cut while it was written or copied; copy or export it again";
    let Some(fixed) = bytes.get(..PART) else {
        let what = format!("the header ends after {} of 256 bytes", bytes.len());
        return Err(blame.malformed(Position::Byte(bytes.len() as u64), what, CUT));
    };
    let width = if fixed[0] == 0xff { Width::Three } else { Width::Two };
    let bad = |at: u64, what: &str, field: &[u8]| {
        let what = format!("the {what} is '{}', no number that can be", latin(field));
        blame.malformed(Position::Byte(at), what, "export it again, or correct the header in an EDF editor")
    };
    let count = number(&fixed[252..256])
        .filter(|n| *n >= 1.0 && n.fract() == 0.0 && *n <= MOST_SIGNALS as f64)
        .ok_or_else(|| bad(252, "number of signals", &fixed[252..256]))? as usize;
    let data_at = PART * (count + 1);
    if bytes.len() < data_at {
        let what =
            format!("the header of {count} signals needs {data_at} bytes, the file has {}", bytes.len());
        return Err(blame.malformed(Position::Byte(bytes.len() as u64), what, CUT));
    }
    let stated = number(&fixed[184..192]);
    if stated != Some(data_at as f64) {
        let text = format!(
            "the header states its own length as '{}' bytes; with {count} signals it is {data_at}, which is used",
            latin(&fixed[184..192])
        );
        notes.push(Note::info("edf_header_length", text));
    }
    let record_s = number(&fixed[244..252])
        .filter(|s| *s >= 0.0)
        .ok_or_else(|| bad(244, "duration of a record", &fixed[244..252]))?;
    let signals = signals(&bytes[PART..data_at], count, blame)?;
    Ok(Header {
        width,
        patient: latin(&fixed[8..88]),
        recording: latin(&fixed[88..168]),
        date: latin(&fixed[168..176]),
        time: latin(&fixed[176..184]),
        reserved: latin(&fixed[192..236]),
        records: number(&fixed[236..244]).filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64),
        record_s,
        signals,
        data_at,
    })
}

/// Fields stand by kind, not by signal: all labels, then all transducers, and so on.
fn signals(bytes: &[u8], count: usize, blame: &Blame<'_>) -> Result<Vec<Signal>, Error> {
    const WIDTHS: [usize; 10] = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32];
    let field = |kind: usize, signal: usize| {
        let before: usize = WIDTHS[..kind].iter().sum::<usize>() * count;
        let at = before + signal * WIDTHS[kind];
        (at, &bytes[at..at + WIDTHS[kind]])
    };
    let pair =
        |low: usize, high: usize, k: usize| Some((number(field(low, k).1)?, number(field(high, k).1)?));
    (0..count)
        .map(|k| {
            let (at, samples) = field(8, k);
            let samples =
                number(samples).filter(|n| *n >= 0.0 && n.fract() == 0.0 && *n < 1e9).ok_or_else(|| {
                    let what = format!(
                        "the number of samples per record of signal {} ('{}') is '{}', no number that can be",
                        k + 1,
                        latin(field(0, k).1),
                        latin(samples)
                    );
                    let todo = "export it again, or correct the header in an EDF editor";
                    blame.malformed(Position::Byte((PART + at) as u64), what, todo)
                })? as usize;
            Ok(Signal {
                label: latin(field(0, k).1),
                transducer: latin(field(1, k).1),
                unit: latin(field(2, k).1),
                physical: pair(3, 4, k),
                digital: pair(5, 6, k),
                prefilter: latin(field(7, k).1),
                samples,
            })
        })
        .collect()
}

/// Start of the recording as `YYYY-MM-DDTHH:MM:SS`; the recording field of EDF+ knows the century. `None` where the
/// fields hold no date.
pub fn recorded_at(header: &Header) -> Option<String> {
    let numbers = |text: &str| -> Vec<u32> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
    };
    let (date, time) = (numbers(&header.date), numbers(&header.time));
    let [day, month, short] = date[..] else { return None };
    let [hour, minute, second] = time[..] else { return None };
    let year = plus_year(&header.recording).unwrap_or(if short >= 85 { 1900 + short } else { 2000 + short });
    let sane =
        (1..=31).contains(&day) && (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 62;
    sane.then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
}

/// `Startdate 16-MAR-2020 ...`.
fn plus_year(recording: &str) -> Option<u32> {
    let date = recording.strip_prefix("Startdate ")?.split_whitespace().next()?;
    date.rsplit('-').next()?.parse().ok().filter(|year| (1900..3000).contains(year))
}

/// The person's code or name from EDF+'s patient field (`code sex birthdate name`); the whole field otherwise.
pub fn person(header: &Header) -> Option<String> {
    let words: Vec<&str> = header.patient.split_whitespace().collect();
    if header.is_plus() && words.len() >= 4 {
        let stated = |word: &str| (word != "X").then(|| word.replace('_', " "));
        return stated(words[0]).or_else(|| stated(words[3]));
    }
    let text = header.patient.trim();
    (!text.is_empty() && text.split_whitespace().any(|word| word != "X")).then(|| text.to_owned())
}
