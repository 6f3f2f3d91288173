//! Tidy CSV: one row per sample (`stream,channel,index,time_s,value`), and a JSON header beside it with rates, units, roles, gaps
//! and events. For statistics programs; the form of a trial for Surae is [`super::SuraeCsv`].

use super::table;
use crate::described::{Described, losses};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::text;
use crate::tidy::{MOST_SERIES, Series, described, guessed, too_many};
use crate::writer::Writer;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use surae_trial::{Note, Stream, Trial};

/// Tidy CSV.
pub struct TidyCsv;

/// Columns, in this order.
const HEAD: [&str; 5] = ["stream", "channel", "index", "time_s", "value"];
/// Values a file may hold.
const MAX_VALUES: usize = 1 << 28;

impl Format for TidyCsv {
    fn name(&self) -> &'static str {
        "tidy-csv"
    }

    fn title(&self) -> &'static str {
        "tidy CSV"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        let first = text::decode(&head[..head.len().min(200)]);
        let first = first.lines().next().unwrap_or("").trim();
        if first == HEAD.join(",") { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "tidy CSV" };
        let content = text::decode(input.bytes()?);
        let mut notes = Vec::new();
        let series = series(&content, &blame, &mut notes)?;
        let mut trial = match header(input) {
            Some(header) => described(header, &series, &blame)?,
            None => guessed(series, "csv_guessed", &blame)?,
        };
        trial.notes.append(&mut notes);
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

/// The JSON beside the table, if it is there and belongs to it.
fn header(input: &Input<'_>) -> Option<Described> {
    let name = Path::new(&input.name).file_name()?.to_string_lossy().into_owned();
    let beside = input.companion(&format!("{name}.json")).ok()?;
    Described::parse(&text::decode(beside.bytes().ok()?))
}

/// Rows by stream and channel.
fn series(content: &str, blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Vec<Series>, Error> {
    let mut reader = table::reader(content, b',');
    let mut record = csv::StringRecord::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    let mut found: Vec<Series> = Vec::new();
    let (mut skipped, mut words, mut values) = (Vec::new(), 0usize, 0usize);
    let mut last = 0;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                return Err(blame.malformed(Position::Line(line), error.to_string(), "correct this line"));
            }
        }
        let line = record.position().map_or(1, csv::Position::line);
        if line == 1 {
            continue;
        }
        let cell = |at: usize| record.get(at).unwrap_or("");
        let time = table::number(cell(3), false);
        let Some(time) = time.filter(|_| record.len() == HEAD.len()) else {
            skipped.push(line.to_string());
            continue;
        };
        let is = |series: &Series| series.channel == cell(1) && series.stream == cell(0);
        if !found.get(last).is_some_and(is) {
            let key = (cell(0).to_owned(), cell(1).to_owned());
            last = *places.entry(key).or_insert(found.len());
            if last == found.len() {
                if last >= MOST_SERIES {
                    return Err(too_many(blame));
                }
                let (stream, channel) = (cell(0).to_owned(), cell(1).to_owned());
                found.push(Series {
                    stream,
                    channel,
                    index: Vec::new(),
                    time: Vec::new(),
                    value: Vec::new(),
                });
            }
        }
        let value = table::number(cell(4), false);
        words += usize::from(value.is_none() && !table::is_missing(cell(4)));
        let series = &mut found[last];
        series.value.push(value.unwrap_or(f64::NAN));
        series.time.push(time);
        series.index.extend(table::number(cell(2), false));
        values += 1;
        if values > MAX_VALUES {
            return Err(blame.limit(Position::Line(line), "the number of values", "2^28 values"));
        }
    }
    table::report_rows(&skipped, "they do not hold stream, channel, index, time and value", notes);
    table::report_words(words, notes);
    if found.is_empty() {
        return Err(blame.malformed(Position::Line(1), "the table has no row", "write it again with data"));
    }
    Ok(found)
}

impl Writer for TidyCsv {
    fn name(&self) -> &'static str {
        "tidy-csv"
    }

    fn title(&self) -> &'static str {
        "tidy CSV"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["tidy.csv"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        let streams: Vec<&Stream> = trial.streams.iter().collect();
        crate::target::written(path, |out| {
            writeln!(out, "{}", HEAD.join(","))?;
            streams.iter().try_for_each(|stream| rows(stream, out))
        })?;
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let beside = path.with_file_name(format!("{file}.json"));
        let json = Described::of(trial, &streams).json();
        crate::target::written(&beside, |out| out.write_all(json.as_bytes()))?;
        let mut notes = losses(trial, "tidy_cannot_hold", "tidy CSV");
        let text =
            format!("rates, units, roles, gaps and events are in {file}.json: keep the files together");
        notes.push(Note::info("tidy_files", text));
        Ok(notes)
    }
}

/// Channel after channel; numbers are printed so that they read back exactly, missing values are empty.
fn rows(stream: &Stream, out: &mut dyn Write) -> std::io::Result<()> {
    let count = stream.channels.len();
    for (at, channel) in stream.channels.iter().enumerate() {
        let names = format!("{},{}", quoted(&stream.name), quoted(&channel.label));
        for frame in 0..stream.frames() {
            let index = stream.index_of_frame(frame).0;
            let time = stream.times_s.get(frame).copied().unwrap_or_else(|| stream.time_of(index).0);
            let value = channel.scale.physical(stream.samples.get(frame * count + at));
            if value.is_finite() {
                writeln!(out, "{names},{index},{time},{value}")?;
            } else {
                writeln!(out, "{names},{index},{time},")?;
            }
        }
    }
    Ok(())
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use surae_trial::{
        Channel, Event, EventKind, EventSource, Gap, Role, SampleIndex, Samples, Scale, Seconds, Stream,
        Trial, Unit,
    };

    fn trial() -> Trial {
        let channel = |label: &str, gain| {
            let mut channel = Channel::new(label, Role::unknown("test"), Unit::Millivolt);
            channel.scale = Scale { gain, offset: 3.0 };
            channel
        };
        let gap = Gap { index: SampleIndex(2), time_s: Seconds(0.252), lost_samples: 5, certain: true };
        let stream = Stream {
            name: "emg, left".to_owned(),
            rate_hz: 1000.0,
            measured_rate_hz: None,
            start_s: Seconds(0.25),
            channels: vec![channel("SOL \"x\"", 0.25), channel("MG", 0.5)],
            samples: Samples::I16(vec![1, -2, 3, 32_767, -32_768, 6]),
            gaps: vec![gap],
            times_s: Vec::new(),
        };
        let event = Event {
            time_s: Seconds(0.26),
            kind: EventKind::FootContact,
            side: None,
            source: EventSource::File,
            label: String::new(),
        };
        Trial { streams: vec![stream], events: vec![event], ..Trial::default() }
    }

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("walk.tidy.csv");
        let trial = trial();
        let notes = crate::write_trial(&trial, &path).expect("written");
        assert!(notes.iter().any(|note| note.text.contains("walk.tidy.csv.json")));
        let back = crate::read_trial(&path).expect("readable");
        assert_eq!(back.format, "tidy-csv");
        assert_eq!(
            (&back.streams[0].samples, &back.streams[0].gaps),
            (&trial.streams[0].samples, &trial.streams[0].gaps)
        );
        assert_eq!(back.events, trial.events);
        let text = std::fs::read_to_string(&path).expect("text");
        // 0.25 * (1 - 3) mV; index 7 after two samples and a hole of five.
        assert_eq!(text.lines().nth(1), Some("\"emg, left\",\"SOL \"\"x\"\"\",0,0.25,-0.5"));
        assert!(text.lines().nth(3).is_some_and(|line| line.contains(",7,0.257")), "{text}");
    }

    #[test]
    fn without_its_header_the_table_still_opens() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("walk.tidy.csv");
        crate::write_trial(&trial(), &path).expect("written");
        std::fs::remove_file(folder.path().join("walk.tidy.csv.json")).expect("there");
        let back = crate::read_trial(&path).expect("readable");
        let stream = &back.streams[0];
        assert_eq!((stream.rate_hz, stream.gaps[0].lost_samples), (1000.0, 5));
        let column = stream.column(1);
        assert_eq!([column[0], column[1], column[7]], [0.5 * -5.0, 0.5 * 32_764.0, 1.5]);
        assert!(back.notes.iter().any(|note| note.code == "csv_guessed"));
    }
}
