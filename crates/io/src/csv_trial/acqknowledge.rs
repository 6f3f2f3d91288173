//! AcqKnowledge (BIOPAC) text exports: lines that state interval, channels and units, then a table with or without times.
//!
//! ```text
//! walk.acq
//! 0.5 msec/sample
//! 2 channels
//! EMG - Soleus
//! mV
//! Goniometer
//! deg
//! min    CH1     CH2
//!        120000  120000
//! 0      0.0012  -3.5
//! ```
//!
//! Layout from public exports and the readers of resurfEMG and phys2bids. Not for `.acq` files, whose layout is not published.

use super::table::{self, cells};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::{UNSEEN, parse_unit};
use crate::text;
use surae_trial::{Channel, Note, Role, Samples, Seconds, SessionLayout, Stream, Trial};

/// Text exported by AcqKnowledge.
pub struct AcqKnowledge;

/// Lines in which the interval is looked for.
const LOOK: usize = 8;

impl Format for AcqKnowledge {
    fn name(&self) -> &'static str {
        "acqknowledge-txt"
    }

    fn title(&self) -> &'static str {
        "AcqKnowledge text"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        if head.contains(&0) {
            return Confidence::No;
        }
        if Head::interval(&text::decode(head)).is_some() { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "AcqKnowledge text" };
        let content = text::decode(input.bytes()?);
        let mut notes = Vec::new();
        let head = Head::read(&content, &blame)?;
        let stream = head.stream(&content, &blame, &mut notes)?;
        let mut said =
            content.lines().take(LOOK).filter_map(|line| line.trim().strip_prefix("Recording on:"));
        if let Some(at) = said.next().map(str::trim).filter(|at| !at.is_empty()) {
            notes.push(Note::info("recorded_at", at.to_owned()));
        }
        let mut trial = Trial { streams: vec![stream], notes, ..Trial::default() };
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

/// What stands above the rows.
struct Head {
    interval_s: f64,
    channels: Vec<Channel>,
    delimiter: u8,
    /// Seconds per unit of the first column; `None` without a column of times.
    time_unit_s: Option<f64>,
    /// Samples of each channel, as the file counts them.
    counts: Vec<f64>,
    /// Byte and number (from 1) of the first line of numbers.
    at: usize,
    line: u64,
}

impl Head {
    /// Line (from 0) and value of `0.5 msec/sample`, where the next line counts channels.
    fn interval(text: &str) -> Option<(usize, f64, usize)> {
        let lines: Vec<&str> = text.lines().take(LOOK + 1).collect();
        lines.windows(2).enumerate().find_map(|(at, pair)| {
            let (number, unit) = pair[0].trim().split_once(char::is_whitespace)?;
            let unit_s = unit_s(unit.split_whitespace().next()?.strip_suffix("/sample")?)?;
            let interval_s = table::number(number, true)? * unit_s;
            let (count, word) = pair[1].trim().split_once(' ')?;
            let counted = word.trim().starts_with("channel") && interval_s > 0.0;
            Some((at, interval_s, count.parse().ok().filter(|_| counted)?))
        })
    }

    fn read(text: &str, blame: &Blame<'_>) -> Result<Self, Error> {
        let broken = |line: usize, what: &str| {
            blame.malformed(
                Position::Line(line as u64 + 1),
                what.to_owned(),
                "export it again as text with its header",
            )
        };
        let (start, interval_s, count) = Self::interval(text).ok_or_else(|| {
            broken(0, "no line of the form '0.5 msec/sample' above one that counts channels")
        })?;
        if count == 0 || count > SessionLayout::MAX_CHANNELS {
            return Err(broken(start + 1, "the number of channels is not 1 to 1024"));
        }
        let mut lines = text.split_inclusive('\n').enumerate().skip(start + 2);
        let mut next = |what: &str| lines.next().ok_or_else(|| broken(text.lines().count(), what));
        let mut channels = Vec::new();
        for _ in 0..count {
            let (_, label) = next("the file ends within the names of its channels")?;
            let (_, unit) = next("the file ends within the names of its channels")?;
            channels.push(Channel::new(label.trim(), Role::unknown(UNSEEN), parse_unit(unit.trim())));
        }
        let (number, titles) = next("no table follows the names of the channels")?;
        let delimiter =
            [b'\t', b',', b';'].into_iter().find(|d| titles.contains(char::from(*d))).unwrap_or(b' ');
        let titles = row(titles, delimiter);
        let time_unit_s = titles.first().and_then(|title| unit_s(title));
        if titles.len() != count + usize::from(time_unit_s.is_some()) {
            return Err(broken(number, "the row of titles does not name one column for each channel"));
        }
        let at = text.split_inclusive('\n').take(number + 1).map(str::len).sum();
        let mut head = Self {
            interval_s,
            channels,
            delimiter,
            time_unit_s,
            counts: Vec::new(),
            at,
            line: number as u64 + 2,
        };
        if let Some(below) = text[at..].split_inclusive('\n').next()
            && let Some(counts) = head.counts(below)
        {
            head.counts = counts;
            head.at += below.len();
            head.line += 1;
        }
        Ok(head)
    }

    /// The row of sample counts below the titles; nothing stands in its column of times.
    fn counts(&self, line: &str) -> Option<Vec<f64>> {
        let row = line.trim_end_matches(['\r', '\n']).split(char::from(self.delimiter)).map(str::trim);
        let mut row: Vec<&str> = row.collect();
        if self.time_unit_s.is_some() && !row.remove(0).is_empty() {
            return None;
        }
        row.truncate(self.channels.len());
        let counts: Option<Vec<f64>> = row.iter().map(|cell| table::number(cell, false)).collect();
        counts.filter(|c| c.len() == self.channels.len() && c.iter().all(|n| n.fract() == 0.0 && *n >= 1.0))
    }

    fn stream(self, text: &str, blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Stream, Error> {
        let rows = &text[self.at..];
        let comma = self.delimiter != b',' && rows.lines().next().is_some_and(|line| line.contains(','));
        let columns = self.channels.len() + usize::from(self.time_unit_s.is_some());
        let table = table::read(rows, self.line, self.delimiter, comma, columns, blame, notes)?;
        if table.first.is_empty() {
            return Err(blame.malformed(
                Position::Line(self.line),
                "no row of numbers",
                "export it again with data",
            ));
        }
        let frames = table.first.len();
        let mut start_s = 0.0;
        let values = match self.time_unit_s {
            None => table::whole_rows(&table, columns - 1),
            Some(unit_s) => {
                start_s = table.first[0] * unit_s;
                self.doubt_times(&table.first, unit_s, notes);
                table.rest
            }
        };
        self.doubt_counts(frames, notes);
        Ok(Stream {
            name: "signals".to_owned(),
            rate_hz: 1.0 / self.interval_s,
            measured_rate_hz: None,
            start_s: Seconds(start_s),
            channels: self.channels,
            samples: Samples::F64(values),
            gaps: Vec::new(),
            times_s: Vec::new(),
        })
    }

    /// Times are printed with few digits: the stated interval is the better clock, unless both differ by a part in a hundred.
    fn doubt_times(&self, times: &[f64], unit_s: f64, notes: &mut Vec<Note>) {
        let steps = times.len() as f64 - 1.0;
        let (first, last) = (times[0] * unit_s, times[times.len() - 1] * unit_s);
        if (last - first - steps * self.interval_s).abs() > 0.01 * steps * self.interval_s {
            let text = format!(
                "{steps} samples of {} s are stated, the column of times goes from {first} to {last} s; the stated interval is used",
                self.interval_s
            );
            notes.push(Note::warning("rates_differ", text));
        }
    }

    fn doubt_counts(&self, frames: usize, notes: &mut Vec<Note>) {
        let most = self.counts.iter().copied().fold(0.0, f64::max);
        if most > frames as f64 {
            let text = format!("the header counts {most} samples, {frames} rows follow");
            notes.push(Note::warning("truncated", text));
        }
        let shorter = self.channels.iter().zip(&self.counts).filter(|(_, n)| **n < 0.99 * most);
        let shorter: Vec<&str> = shorter.map(|(channel, _)| channel.label.as_str()).collect();
        if !shorter.is_empty() {
            let text = format!(
                "{} have fewer samples than rows (a lower rate, or they end early): what the table leaves empty is missing. Export them \
                 at the acquisition's rate",
                text::list(&shorter, 6)
            );
            notes.push(Note::warning("acq_counts_differ", text));
        }
    }
}

/// Cells without the empty one that a delimiter at the end makes.
fn row(line: &str, delimiter: u8) -> Vec<String> {
    let mut cells = cells(line, delimiter);
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    cells
}

/// Seconds per unit of time, in AcqKnowledge's spellings.
fn unit_s(unit: &str) -> Option<f64> {
    match unit.to_lowercase().as_str() {
        "usec" | "microsec" => Some(1e-6),
        "msec" | "ms" | "millisec" => Some(1e-3),
        "sec" | "s" | "seconds" => Some(1.0),
        "min" | "minutes" => Some(60.0),
        "hour" | "hours" | "hrs" => Some(3600.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::read_bytes;
    use surae_trial::{Muscle, Trial, Unit};

    const HEAD: &str = "walk.acq\n0.5 msec/sample\n2 channels\nEMG - R Soleus\nmV\nGoniometer\ndeg\n";

    fn read(rows: &str) -> Trial {
        read_bytes("walk.txt", format!("{HEAD}{rows}").as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn codes(trial: &Trial) -> Vec<&str> {
        trial.notes.iter().map(|note| note.code.as_str()).collect()
    }

    #[test]
    fn times_in_minutes_seconds_and_milliseconds_and_none_are_one_recording() {
        let tables = [
            "min\tCH1\tCH2\t\n\t4\t4\t\n0.1\t0.5\t10\n0.100008\t-0.25\t11\n0.100017\t1e-3\t12\n0.100025\t0\t13\n",
            "sec,CH1,CH2\n,4,4\n6,0.5,10\n6.0005,-0.25,11\n6.001,1e-3,12\n6.0015,0,13\n",
            "milliSec;CH1;CH2\n;4;4\n6000;0,5;10\n6000,5;-0,25;11\n6001;1e-3;12\n6001,5;0;13\n",
            "sec CH1 CH2\r\n6 0.5 10\r\n6.0005 -0.25 11\r\n6.001 1e-3 12\r\n6.0015 0 13\r\n",
        ];
        for rows in tables {
            let trial = read(rows);
            let stream = &trial.streams[0];
            assert_eq!(trial.format, "acqknowledge-txt");
            assert_eq!((stream.rate_hz, stream.start_s.0, stream.frames()), (2000.0, 6.0, 4), "{rows}");
            assert_eq!(stream.column(0), [0.5, -0.25, 0.001, 0.0]);
            assert_eq!(stream.column(1), [10.0, 11.0, 12.0, 13.0]);
            assert_eq!(stream.channels[0].role.muscle, Some(Muscle::SOL));
            assert_eq!(
                (&stream.channels[0].unit, &stream.channels[1].unit),
                (&Unit::Millivolt, &Unit::Degree)
            );
            assert!(!codes(&trial).contains(&"rates_differ"), "{:?}", trial.notes);
        }
        let dated = |at: &str| {
            let head = HEAD.replace("walk.acq\n", &format!("walk.acq\nRecording on:{at}\n"));
            read_bytes("walk.txt", format!("{head}{}", tables[0]).as_bytes()).expect("readable")
        };
        assert!(codes(&dated(" 2004-05-06")).contains(&"recorded_at"));
        assert!(!codes(&dated("")).contains(&"recorded_at"), "nothing stands there");
        let bare = read("CH1\tCH2\n4\t4\n0.5\t10\n-0.25\t11\n1e-3\t12\n0\t13\n");
        assert_eq!((bare.streams[0].start_s.0, bare.streams[0].frames()), (0.0, 4));
        assert_eq!(bare.streams[0].column(0), [0.5, -0.25, 0.001, 0.0]);
    }

    #[test]
    fn what_contradicts_the_header_is_said() {
        let cut = read("sec\tCH1\tCH2\n\t9\t4\n0\t1\t2\n0.0005\t3\t\n");
        assert!(
            codes(&cut).contains(&"truncated") && codes(&cut).contains(&"acq_counts_differ"),
            "{:?}",
            cut.notes
        );
        assert!(cut.streams[0].column(1)[1].is_nan());
        let wrong = read("sec\tCH1\tCH2\n0\t1\t2\n0.1\t3\t4\n0.2\t3\t4\n");
        assert!(codes(&wrong).contains(&"rates_differ"), "{:?}", wrong.notes);
        let error =
            read_bytes("a.txt", format!("{HEAD}sec\tCH1\n0\t1\n").as_bytes()).expect_err("a column too few");
        assert!(error.to_string().contains("line 8"), "{error}");
        for length in 0..HEAD.len() {
            let _ = read_bytes("cut", &HEAD.as_bytes()[..length]);
        }
    }
}
