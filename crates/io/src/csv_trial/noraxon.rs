//! Noraxon MyoResearch CSV (MR3, MR4): a row of keys, a row of their values, then a table; one record with all signals or one
//! signal a file.
//!
//! Not for the tab-separated text of MyoResearch XP, which is read as a generic table (`Time,s`, `RT SOLEUS,uV`).

use super::generic::label_and_unit;
use super::table;
use crate::error::{Blame, Error, Position};
use crate::event_name;
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::{UNSEEN, parse_unit};
use crate::text::{self, Timing};
use surae_trial::{
    Channel, Event, EventKind, EventSource, Note, Role, Samples, Seconds, SessionLayout, Stream, Trial, Unit,
};

/// MyoResearch's tables.
pub struct Noraxon;

/// Values a file may hold.
const MAX_VALUES: usize = 1 << 28;
/// Lines in which the row of labels is looked for.
const LOOK: usize = 30;

impl Format for Noraxon {
    fn name(&self) -> &'static str {
        "noraxon-csv"
    }

    fn title(&self) -> &'static str {
        "Noraxon MyoResearch CSV"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        if head.contains(&0) {
            return Confidence::No;
        }
        if Head::find(&text::decode(head)).is_some() { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "Noraxon CSV" };
        let content = text::decode(input.bytes()?);
        let Some(head) = Head::find(&content) else {
            let what = "no rows 'type,...,frequency' and 'time,...'";
            return Err(blame.malformed(Position::Whole, what, "export it again from MyoResearch"));
        };
        let mut notes = Vec::new();
        let mut trial = head.table(&content, &blame, &mut notes)?;
        if let Some(version) = head.value("created with version") {
            notes.push(Note::info("recorded_with", version.to_owned()));
        }
        if let Some(date) = head.value("measurement_date") {
            notes.push(Note::info("recorded_at", date.to_owned()));
        }
        trial.notes = notes;
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

/// What stands above the rows.
struct Head {
    delimiter: u8,
    keys: Vec<String>,
    values: Vec<String>,
    labels: Vec<String>,
    /// Line (from 0) of the first row of numbers.
    rows: usize,
}

impl Head {
    fn find(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().take(LOOK).collect();
        let first = lines.first()?.trim_start_matches('"').to_lowercase();
        let rest = first.strip_prefix("type")?.trim_start_matches('"');
        let delimiter = rest.bytes().next().filter(|byte| matches!(byte, b',' | b';' | b'\t'))?;
        let keys = table::cells(lines[0], delimiter).iter().map(|key| key.to_lowercase()).collect::<Vec<_>>();
        keys.iter().find(|key| *key == "frequency")?;
        let values = table::cells(lines.get(1)?, delimiter);
        let rows = (2..lines.len())
            .find(|at| table::cells(lines[*at], delimiter).first().is_some_and(|cell| is_time(cell)))?;
        let labels = table::cells(lines[rows], delimiter);
        Some(Self { delimiter, keys, values, labels, rows: rows + 1 })
    }

    fn value(&self, key: &str) -> Option<&str> {
        let at = self.keys.iter().position(|known| known == key)?;
        self.values.get(at).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// What a column is.
    fn columns(&self) -> Vec<What> {
        let of = |label: &String| match label.to_lowercase().as_str() {
            "activity" => What::Words("activity"),
            "marker" | "markers" => What::Words(""),
            "value" => What::Signal(
                self.value("name").unwrap_or("value").to_owned(),
                parse_unit(self.value("units").unwrap_or("")),
            ),
            _ => {
                let (name, unit) = label_and_unit(label);
                let stated = self.value("units").map_or(Unit::Arbitrary, parse_unit);
                What::Signal(name, if unit == Unit::Arbitrary { stated } else { unit })
            }
        };
        let mut columns: Vec<What> = self.labels.iter().skip(1).map(of).collect();
        // Rows of labels may end with a delimiter.
        while matches!(columns.last(), Some(What::Signal(name, _)) if name.is_empty()) {
            columns.pop();
        }
        columns
    }

    fn table(&self, content: &str, blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Trial, Error> {
        let columns = self.columns();
        let channels: Vec<Channel> = columns
            .iter()
            .filter_map(|column| match column {
                What::Signal(name, unit) => {
                    Some(Channel::new(name.as_str(), Role::unknown(UNSEEN), unit.clone()))
                }
                What::Words(_) => None,
            })
            .collect();
        let at = Position::Line(self.rows as u64);
        if channels.is_empty() || channels.len() > SessionLayout::MAX_CHANNELS {
            return Err(blame.malformed(
                at,
                format!("{} signals", channels.len()),
                "export 1 to 1024 signals",
            ));
        }
        let comma = self.delimiter != b',';
        let (mut times, mut values, mut skipped, mut words) = (Vec::new(), Vec::new(), Vec::new(), 0usize);
        let mut events: Vec<Event> = Vec::new();
        let mut said = vec![String::new(); columns.len()];
        for (number, line) in
            content.lines().enumerate().skip(self.rows).filter(|(_, line)| !line.trim().is_empty())
        {
            let row = table::cells(line, self.delimiter);
            let Some(time_s) = row.first().and_then(|cell| table::number(cell, comma)) else {
                skipped.push((number + 1).to_string());
                continue;
            };
            times.push(time_s);
            for (k, column) in columns.iter().enumerate() {
                let cell = row.get(k + 1).map_or("", String::as_str);
                match column {
                    What::Signal(..) => {
                        let value = table::number(cell, comma);
                        words += usize::from(value.is_none() && !table::is_missing(cell));
                        values.push(value.unwrap_or(f64::NAN));
                    }
                    What::Words(title) => {
                        if !cell.is_empty() && said[k] != cell {
                            events.push(event(time_s, title, cell));
                        }
                        // A word that stands in every row of a span is one event, at its start.
                        cell.clone_into(&mut said[k]);
                    }
                }
            }
            if values.len() > MAX_VALUES {
                return Err(blame.limit(
                    Position::Line(number as u64 + 1),
                    "the number of values",
                    "2^28 values",
                ));
            }
        }
        table::report_rows(&skipped, "they hold no time", notes);
        table::report_words(words, notes);
        if times.len() < 2 {
            return Err(blame.malformed(at, "fewer than two rows", "export it again with data in it"));
        }
        let timing = Timing::of(&times);
        notes.extend(timing.note.clone());
        let stream = Stream {
            name: "signals".to_owned(),
            rate_hz: self.rate(&times, &timing, notes),
            measured_rate_hz: None,
            start_s: Seconds(timing.start_s),
            channels,
            samples: Samples::F64(values),
            gaps: Vec::new(),
            times_s: if timing.regular { Vec::new() } else { times },
        };
        Ok(Trial { streams: vec![stream], events, ..Trial::default() })
    }

    /// The stated frequency; times are printed with few digits. They decide where they contradict it.
    fn rate(&self, times: &[f64], timing: &Timing, notes: &mut Vec<Note>) -> f64 {
        let stated = self.value("frequency").and_then(|cell| table::number(cell, self.delimiter != b','));
        let Some(stated) = stated.filter(|rate| *rate > 0.0 && *rate <= 1e6) else { return timing.rate_hz };
        let span_s = times[times.len() - 1] - times[0];
        if (span_s - (times.len() - 1) as f64 / stated).abs() > 1.0 / stated + 1e-5 {
            let text = format!(
                "frequency is {stated} Hz, the times advance at {:.3} Hz; the times are used",
                timing.rate_hz
            );
            notes.push(Note::warning("rates_differ", text));
            return timing.rate_hz;
        }
        stated
    }
}

enum What {
    Signal(String, Unit),
    /// Markers and activities: words at some rows.
    Words(&'static str),
}

fn event(time_s: f64, title: &str, words: &str) -> Event {
    let label = if title.is_empty() { words.to_owned() } else { format!("{title} {words}") };
    let (kind, side) = if title.is_empty() { event_name::meaning(words) } else { (EventKind::Mark, None) };
    Event { time_s: Seconds(time_s), kind, side, source: EventSource::File, label }
}

fn is_time(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "time" | "time (s)" | "time,s" | "time [s]")
}

#[cfg(test)]
mod tests {
    use surae_trial::{EventKind, Muscle, Side, Unit};

    #[test]
    fn a_record_of_all_signals() {
        let text = "type,begin_time,frequency,count,created with version,exported with version,measurement_date,record_name\n\
            record,0.00000,1500,4,Noraxon MR 3.18,3.18,2024-02-01,walk\n\n\
            time,Activity,Marker,\"Ultium EMG-RT MED. GASTRO (uV)\",\"Ultium EMG-RT SOLEUS (uV)\",RT Knee Flexion (deg)\n\
            0.00000,REST,,12.5,1.0,3.0\n0.00067,REST,RHS,-13.1,2.0,3.1\n0.00133,WALK,,12.8,-3.0,3.2\n0.00200,WALK,,n/a,1.0,3.3\n";
        let trial = crate::read_bytes("walk.csv", text.as_bytes()).expect("readable");
        assert_eq!(trial.format, "noraxon-csv");
        let stream = &trial.streams[0];
        assert_eq!((stream.rate_hz, stream.frames()), (1500.0, 4));
        assert!(
            stream.emg(Muscle::MG, Side::Right).is_some() && stream.emg(Muscle::SOL, Side::Right).is_some()
        );
        assert!(stream.channels[..2].iter().all(|channel| channel.unit == Unit::Microvolt));
        assert!(stream.channels[2].is_angle_of(surae_trial::Joint::Knee, Side::Right));
        assert!(stream.column(0)[3].is_nan());
        let events: Vec<_> = trial.events.iter().map(|e| (e.time_s.0, e.kind, e.label.as_str())).collect();
        assert_eq!(
            events,
            [
                (0.0, EventKind::Mark, "activity REST"),
                (0.00067, EventKind::FootContact, "RHS"),
                (0.00133, EventKind::Mark, "activity WALK")
            ]
        );
    }

    #[test]
    fn one_signal_a_file() {
        let text = "type,name,time_units,begin_time,frequency,count,units\nsignal,Ultium_EMG-LT_SOLEUS,s,0.5,2000,3,uV\n\ntime,value\n\
            0.5,1.5\n0.5005,-2.5\n0.501,3.5\n";
        let trial = crate::read_bytes("sol.csv", text.as_bytes()).expect("readable");
        let stream = &trial.streams[0];
        assert_eq!((stream.rate_hz, stream.start_s.0), (2000.0, 0.5));
        assert_eq!(stream.channels[0].unit, Unit::Microvolt);
        assert!(stream.emg(Muscle::SOL, Side::Left).is_some(), "{:?}", stream.channels[0]);
    }
}
