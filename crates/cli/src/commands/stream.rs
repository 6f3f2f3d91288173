//! What `live` and `replay` share: results as JSON lines or in words, and commands that arrive as lines of text.

use super::outlets::OutletArgs;
use crate::failure::Failure;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::io::Write;
use surae_engine::publish::{PublishCounts, Publisher};
use surae_engine::{Command, Losses, RecordingNow, RecordingState, Session, SessionEvent, SourceNow};
use surae_gait::dominance::{Class, Reason};
use surae_gait::pipeline::Estimate;
use surae_gait::pipeline::Record;
use surae_gait::pipeline::line::{header_of, line};
use surae_gait::words;
use surae_trial::{EventKind, SessionLayout, Settings, Side};

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A line for each change of class, contact and gap
    #[default]
    Text,
    /// surae.stream/1: every decision, one JSON object a line
    Jsonl,
}

/// Writes results as they come.
pub struct Results<W> {
    pub out: W,
    form: Form,
    layout: SessionLayout,
    shown: [Option<(Class, Option<Reason>)>; 2],
    publisher: Option<Publisher>,
    text: String,
    /// Decisions written or counted.
    pub estimates: u64,
    pub last_s: f64,
}

impl<W: Write> Results<W> {
    /// Starts with the header line, here and at the outlets.
    pub fn new(mut out: W, form: Form, session: &Session, outlets: &OutletArgs) -> Result<Self, Failure> {
        let layout = session.layout().clone();
        let header = serde_json::to_string(&header_of(session.lag(), &layout, session.settings()))
            .map_err(std::io::Error::from)?;
        let publisher = outlets.open(&header, session)?;
        if form == Form::Jsonl {
            writeln!(out, "{header}")?;
        } else {
            let lag = session.lag();
            writeln!(
                out,
                "envelope lag {:.0} ms, knee angle awaited {:.0} ms, classes change after {:.0} ms; times are not shifted",
                lag.envelope_s * 1e3,
                lag.angle_wait_s * 1e3,
                lag.dwell_s * 1e3
            )?;
        }
        let shown = [None; 2];
        Ok(Self { out, form, layout, shown, publisher, text: String::new(), estimates: 0, last_s: 0.0 })
    }

    /// Writes what waits; false when the session is over.
    pub fn drain(&mut self, session: &mut Session) -> Result<bool, Failure> {
        if let Some(publisher) = &mut self.publisher {
            publisher.follow(session);
        }
        let mut failed = None;
        let more = session.drain(|record| {
            if failed.is_none() {
                failed = self.record(record).err();
            }
        });
        self.out.flush()?;
        failed.map_or(Ok(more), Err)
    }

    fn record(&mut self, record: &Record) -> Result<(), Failure> {
        if let Record::Estimate(estimate) = record {
            self.estimates += 1;
            self.last_s = estimate.time_s.0;
        }
        if let Some(publisher) = &mut self.publisher {
            publisher.record(record);
        }
        let wanted = self.publisher.as_ref().is_some_and(Publisher::wants_lines);
        if wanted || self.form == Form::Jsonl {
            self.text = serde_json::to_string(&line(record, &self.layout)).map_err(std::io::Error::from)?;
            self.tell_line()?;
        }
        if self.form == Form::Text {
            self.words(record)?;
        }
        Ok(())
    }

    /// The line in `text` to the listeners, and to standard output where lines are wanted there.
    fn tell_line(&mut self) -> Result<(), Failure> {
        if let Some(publisher) = &mut self.publisher {
            publisher.line(&self.text);
        }
        if self.form == Form::Jsonl {
            self.out.write_all(self.text.as_bytes())?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn tell(&mut self, value: &Value) -> Result<(), Failure> {
        self.text = value.to_string();
        self.tell_line()
    }

    /// Says on standard error what listeners were too slow for.
    pub fn say_what_listeners_missed(&mut self) {
        let Some(counts) = self.publisher.as_mut().map(Publisher::counts) else { return };
        let PublishCounts { dropped_lines, osc_failed, .. } = counts;
        if dropped_lines > 0 {
            let _ = writeln!(std::io::stderr(), "{dropped_lines} lines dropped: a listener read too slowly");
        }
        if osc_failed > 0 {
            let _ = writeln!(std::io::stderr(), "{osc_failed} OSC messages were refused by the system");
        }
    }

    fn words(&mut self, record: &Record) -> Result<(), Failure> {
        match *record {
            Record::Estimate(e) if self.is_news(&e) => {
                let why = e.reason.map_or_else(String::new, |why| format!(": {}", words::reason(why)));
                write!(self.out, "{:9.2} s  {:5}  {}{why}", e.time_s.0, e.side, words::headline(e.class))?;
                if e.ratio.is_known() {
                    write!(self.out, "  D {:+.2}", e.ratio.dominance())?;
                }
                if e.knee_flexion_deg.is_finite() {
                    write!(self.out, "  knee {:.0} deg", e.knee_flexion_deg)?;
                }
                writeln!(self.out)?;
            }
            Record::Gap { time_s, gap } => writeln!(
                self.out,
                "{:9.2} s  gap    {} samples lost{}",
                time_s.0,
                gap.lost_samples,
                if gap.certain { "" } else { " (estimated)" }
            )?,
            Record::Drop { time_s, first, last, .. } => {
                writeln!(
                    self.out,
                    "{:9.2} s  drop   samples {} to {} not analysed",
                    time_s.0, first.0, last.0
                )?;
            }
            Record::Mark { time_s, code, .. } => writeln!(self.out, "{:9.2} s  mark   {code}", time_s.0)?,
            Record::Event { time_s, event } => {
                let what = match event.kind {
                    EventKind::FootContact => "foot contact",
                    EventKind::FootOff => "foot off",
                    EventKind::TakeOff => "take-off",
                    EventKind::Landing => "landing",
                    EventKind::Mark => "mark",
                };
                let side = event.side.map_or("", Side::name);
                writeln!(self.out, "{:9.2} s  {side:5}  {what}", time_s.0)?;
            }
            Record::Estimate(_) | Record::State { .. } => {}
        }
        Ok(())
    }

    /// True for a change of class, and for a change of reason that lasts: near a border the reason flickers and says nothing new.
    fn is_news(&mut self, estimate: &Estimate) -> bool {
        let lasting = |reason: Option<Reason>| {
            reason.filter(|reason| {
                !matches!(
                    reason,
                    Reason::StraddlesDelta
                        | Reason::GastrocnemiusAtFloor
                        | Reason::SoleusAtFloor
                        | Reason::BothAtFloor
                )
            })
        };
        let now = Some((estimate.class, lasting(estimate.reason)));
        let shown = &mut self.shown[estimate.side as usize];
        let news = *shown != now;
        *shown = now;
        news
    }

    /// Writes how the recording stands: size, and how long the disk has room for more.
    pub fn recording(&mut self, now: &RecordingNow) -> Result<(), Failure> {
        let number = |value: f64| value.is_finite().then_some(value);
        self.tell(&json!({
            "type": "state", "recording": now.state.name(), "bytes": now.bytes,
            "bytes_per_s": number(now.bytes_per_s), "held_s": now.held_s, "disk_free_bytes": now.free_bytes,
            "disk_time_left_s": number(now.disk_time_left_s),
        }))?;
        if self.form == Form::Jsonl {
            return Ok(());
        }
        let left = if now.disk_time_left_s.is_finite() {
            format!(", room on the disk for {}", duration_in_words(now.disk_time_left_s))
        } else {
            String::new()
        };
        let text = match now.state {
            RecordingState::Off => "no recording".to_owned(),
            RecordingState::Armed => format!("recording waits, {:.1} s held", now.held_s),
            RecordingState::Running => {
                format!(
                    "recording: {:.1} MB, {:.0} kB/s{left}",
                    now.bytes as f64 * 1e-6,
                    now.bytes_per_s * 1e-3
                )
            }
            RecordingState::Failed => "the recording stopped".to_owned(),
        };
        writeln!(self.out, "           {text}")?;
        Ok(())
    }

    /// Writes how the sources stand: rate against the host's clock, and what was lost.
    pub fn sources(&mut self, sources: &[SourceNow]) -> Result<(), Failure> {
        for source in sources {
            let ppm = source.rate_error_ppm();
            let losses = losses_in_words(&source.losses);
            let number = |value: f64| value.is_finite().then_some(value);
            self.tell(&json!({
                "type": "state", "source": source.name, "stream": source.stream, "state": source.state.name(),
                "rate_hz": source.rate_hz, "measured_rate_hz": number(source.measured_rate_hz),
                "rate_error_ppm": number(ppm), "frames": source.frames,
                "lost_frames": source.losses.lost_frames, "lost_frames_10s": source.losses.lost_frames_10s,
                "bad_input": source.losses.bad_input, "repeated_frames": source.losses.repeated_frames,
                "restarts": source.losses.restarts, "not_analysed": source.losses.pipeline_frames,
                "not_recorded": source.losses.recorder_frames,
                "sync_offset_ms": number(source.sync_offset_ms), "sync_residual_ms": number(source.sync_residual_ms),
            }))?;
            if self.form == Form::Jsonl {
                continue;
            }
            let measured = if ppm.is_finite() {
                format!(", measured {:.3} Hz ({ppm:+.0} ppm)", source.measured_rate_hz)
            } else {
                String::new()
            };
            let sync = if source.sync_residual_ms.is_finite() {
                format!(
                    ", sync pulse {:+.1} ms, residual {:.1} ms",
                    source.sync_offset_ms, source.sync_residual_ms
                )
            } else {
                String::new()
            };
            let losses = if losses.is_empty() { "nothing lost".to_owned() } else { losses };
            writeln!(
                self.out,
                "           {} ({}): {}, {} frames at {} Hz{measured}{sync}; {losses}",
                source.name,
                source.stream,
                source.state.name(),
                source.frames,
                source.rate_hz
            )?;
        }
        Ok(())
    }

    /// Writes what happened to the source.
    pub fn event(&mut self, event: &SessionEvent) -> Result<(), Failure> {
        let value: Value = match event {
            SessionEvent::Source { time_s, name, state, text } => {
                json!({"type": "state", "time_s": time_s.0, "source": name, "state": state.name(), "text": text})
            }
            SessionEvent::Recorded(path) => {
                json!({"type": "state", "recording": "ended", "text": format!("recorded: {}", path.display())})
            }
            SessionEvent::RecordingFailed(text) => {
                json!({"type": "state", "recording": "failed", "text": text})
            }
            SessionEvent::Note(note) => {
                json!({"type": "note", "severity": note.severity, "code": note.code, "text": note.text})
            }
            SessionEvent::Ended => return Ok(()),
        };
        self.tell(&value)?;
        if self.form == Form::Text {
            let text = value["text"].as_str().unwrap_or_default();
            writeln!(self.out, "           {} {text}", value["state"].as_str().unwrap_or("note"))?;
        }
        Ok(())
    }
}

/// `40 s`, `12 min`, `7 h`, `12 days`.
fn duration_in_words(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} days", s / 86_400.0),
    }
}

/// What was lost, in words; empty when nothing was.
pub fn losses_in_words(losses: &Losses) -> String {
    let parts = [
        (losses.lost_frames, "frames lost on the way"),
        (losses.bad_input, "lines, frames or values not understood"),
        (losses.repeated_frames, "frames came twice"),
        (losses.restarts, "restarts of the device"),
        (losses.pipeline_frames, "frames recorded but not analysed"),
        (losses.recorder_frames, "frames not recorded"),
        (losses.records, "results not delivered"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    said.join(", ")
}

/// `mark 3`, `set envelope_hz 10`, `reference right MG 180 3`, `straight right 0.2`, `record`, `stop`.
pub fn command_of(line: &str, settings: &mut Settings) -> Result<Command, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |text: &str| text.parse::<f64>().map_err(|_| format!("'{text}' is not a number"));
    match words[..] {
        ["mark", key] => match key.parse::<u8>() {
            Ok(code @ 0..=9) => Ok(Command::Mark(code)),
            _ => Err(format!("mark takes a key from 0 to 9, not '{key}'")),
        },
        ["set", name, value] => {
            let changed = with_setting(settings, name, value)?;
            *settings = changed;
            Ok(Command::Settings(changed))
        }
        ["reference", side, muscle, reference, rest] => Ok(Command::Reference {
            side: side_of(side)?,
            muscle: surae_trial::Muscle::from_short(muscle).ok_or_else(|| format!("no muscle '{muscle}'"))?,
            reference: number(reference)?,
            rest: number(rest)?,
        }),
        ["straight", side, log_ratio] => {
            Ok(Command::Straight { side: side_of(side)?, log_ratio: number(log_ratio)? })
        }
        ["record"] => Ok(Command::Record),
        ["stop"] => Ok(Command::Stop),
        _ => Err(format!(
            "'{line}' is no command; commands: mark KEY, set SETTING VALUE, reference SIDE MUSCLE VALUE REST, \
             straight SIDE LOG_RATIO, record, status, stop"
        )),
    }
}

fn side_of(word: &str) -> Result<Side, String> {
    Side::BOTH
        .into_iter()
        .find(|side| side.name() == word)
        .ok_or_else(|| format!("no side '{word}': left or right"))
}

/// Settings with one value changed; `name` is a path (`conditioning.envelope_hz`) or its last word where that is unique.
pub fn with_setting(settings: &Settings, name: &str, value: &str) -> Result<Settings, String> {
    let mut tree = serde_json::to_value(settings).map_err(|error| error.to_string())?;
    let mut paths = Vec::new();
    leaves(&tree, "", &mut paths);
    let fits: Vec<&String> = paths
        .iter()
        .filter(|path| {
            path.trim_start_matches('/').replace('/', ".") == name || path.ends_with(&format!("/{name}"))
        })
        .collect();
    let path = match fits[..] {
        [path] => path.clone(),
        [] => return Err(format!("no setting '{name}'")),
        _ => {
            return Err(format!(
                "several settings are called '{name}': give the whole path, such as conditioning.{name}"
            ));
        }
    };
    let parsed: Value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    if let Some(leaf) = tree.pointer_mut(&path) {
        *leaf = parsed;
    }
    let changed: Settings = serde_json::from_value(tree).map_err(|error| format!("{name}: {error}"))?;
    changed.validate().map_err(|error| error.to_string())?;
    Ok(changed)
}

fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| leaves(value, &format!("{path}/{key}"), found))
        }
        _ => found.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_and_nonsense_says_what_is_known() {
        let mut settings = Settings::default();
        assert_eq!(command_of("mark 3", &mut settings), Ok(Command::Mark(3)));
        let Ok(Command::Settings(changed)) = command_of("set envelope_hz 10", &mut settings) else {
            panic!("not taken")
        };
        assert_eq!(changed.conditioning.envelope_hz, 10.0);
        assert_eq!(settings, changed);
        assert!(
            command_of("set envelope_hz -4", &mut settings)
                .is_err_and(|e| e.contains("conditioning.envelope_hz"))
        );
        assert!(command_of("set low_hz_x 4", &mut settings).is_err_and(|e| e.contains("no setting")));
        assert!(command_of("jump", &mut settings).is_err_and(|e| e.contains("mark KEY")));
        assert!(command_of("mark 12", &mut settings).is_err());
    }
}
