//! XDF: Surae's recordings and those of LabRecorder.
//!
//! Own recordings restore their session log; foreign ones become streams on the recorder's clock. Torn files give what
//! was written before the tear. Not for writing: that is [`crate::recorder`].

pub(crate) mod chunk;
mod clock;
mod export;
mod own;
pub(crate) mod streams;
pub(crate) mod writer;

use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::{UNSEEN, parse_unit};
use clock::Regular;
use streams::XdfStream;
use surae_trial::{
    Channel, Event, EventKind, EventSource, Gap, Note, Role, Seconds, SessionLayout, Side, Stream, Trial,
    Unit,
};

/// The XDF format.
pub struct Xdf;

/// Name of the string stream that holds the session log.
pub(crate) const LOG_STREAM: &str = "surae.log";
/// Name of the companion stream: stream number, index, frames, device clock, host clock per block.
pub(crate) const CLOCK_STREAM: &str = "clock";

impl Format for Xdf {
    fn name(&self) -> &'static str {
        "xdf"
    }

    fn title(&self) -> &'static str {
        "XDF"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        if bytes.starts_with(b"XDF:") { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "XDF" };
        let mut notes = Vec::new();
        let mut chunks = chunk::Chunks::new(input);
        let streams: Vec<XdfStream> = streams::gather(&mut chunks, &mut notes)?.into_values().collect();
        let damage = chunks.damage;
        if let Some(at) = damage.torn_at {
            let text = format!(
                "the file ends inside a chunk at byte {at} of {}: everything before it was read",
                input.len()
            );
            notes.push(Note::warning("xdf_torn", text));
        }
        for (from, to) in damage.skipped.iter().take(8) {
            let text = format!(
                "bytes {from} to {to} hold no readable chunk and were skipped up to the next boundary"
            );
            notes.push(Note::warning("xdf_damaged", text));
        }
        if damage.skipped.len() > 8 {
            let text =
                format!("{} more stretches without readable chunks were skipped", damage.skipped.len() - 8);
            notes.push(Note::warning("xdf_damaged", text));
        }
        if streams.is_empty() {
            let at = Position::Byte(damage.torn_at.unwrap_or(4));
            return Err(blame.malformed(
                at,
                "no stream could be read",
                "record again; the file holds no data",
            ));
        }
        if let Some(log) = streams.iter().find(|stream| stream.name == LOG_STREAM) {
            return own::restore(log, &streams, notes, &blame);
        }
        foreign(streams, notes, &blame)
    }
}

/// A recording of another program: every numeric stream, markers as events, time 0 at the first sample of all.
fn foreign(streams: Vec<XdfStream>, mut notes: Vec<Note>, blame: &Blame<'_>) -> Result<Trial, Error> {
    let mut trial = Trial::default();
    let mut empty = Vec::new();
    let stamped: Vec<(XdfStream, Vec<f64>, Option<Regular>)> = streams
        .into_iter()
        .filter_map(|mut stream| {
            if stream.stamps.is_empty() {
                empty.push(format!("'{}'", stream.name));
                return None;
            }
            let stamps = clock::synchronised(&mut stream);
            let steady = stream.rate_hz > 0.0 && stream.format != streams::Format::Text;
            let regular =
                steady.then(|| clock::regular(&stamps, stream.rate_hz, stream.can_drop_samples)).flatten();
            Some((stream, stamps, regular))
        })
        .collect();
    if !empty.is_empty() {
        let text = format!("streams without samples: {}", crate::text::list(&empty, 8));
        notes.push(Note::warning("xdf_empty_streams", text));
    }
    let begin = |(_, stamps, regular): &(XdfStream, Vec<f64>, Option<Regular>)| {
        let earliest =
            || stamps.iter().copied().filter(|stamp| stamp.is_finite()).fold(f64::INFINITY, f64::min);
        regular.as_ref().map_or_else(earliest, |regular| regular.start_s)
    };
    let origin_s = stamped.iter().map(begin).fold(f64::INFINITY, f64::min);
    if !origin_s.is_finite() {
        return Err(blame.malformed(Position::Whole, "no stream holds samples", "record again with data"));
    }
    trial.time_origin_s = origin_s;
    trial.notes = notes;
    for (stream, mut stamps, regular) in stamped {
        let is_signal = stream.format != streams::Format::Text && !stream.is_triggers();
        if trial.streams.len() == SessionLayout::MAX_STREAMS && is_signal {
            let text = format!("more than 64 streams: '{}' is left out", stream.name);
            trial.notes.push(Note::warning("too_many_streams", text));
            continue;
        }
        stamps.iter_mut().for_each(|stamp| *stamp -= origin_s);
        if stream.format == streams::Format::Text {
            markers(&stream, &stamps, &mut trial);
        } else if stream.is_triggers() {
            triggers(&stream, &stamps, &mut trial);
        } else {
            numeric(stream, stamps, regular, &mut trial);
        }
    }
    crate::roles::assign(&mut trial);
    Ok(trial)
}

fn markers(stream: &XdfStream, stamps: &[f64], trial: &mut Trial) {
    for (stamp, texts) in stamps.iter().zip(stream.texts.chunks(stream.channels)) {
        let label = texts.join(" ");
        trial.events.push(Event {
            time_s: Seconds(*stamp),
            kind: crate::c3d::event_kind_of(&label),
            side: side_of(&label),
            source: EventSource::File,
            label,
        });
    }
}

fn triggers(stream: &XdfStream, stamps: &[f64], trial: &mut Trial) {
    trial.events.extend(stamps.iter().enumerate().map(|(k, stamp)| Event {
        time_s: Seconds(*stamp),
        kind: EventKind::Mark,
        side: None,
        source: EventSource::File,
        label: format!("trigger {}", stream.values.get(k)),
    }));
}

/// The leg that a marker's words name.
fn side_of(label: &str) -> Option<Side> {
    let word =
        |wanted: &str| label.split(|c: char| !c.is_alphabetic()).any(|w| w.eq_ignore_ascii_case(wanted));
    match (word("left"), word("right")) {
        (true, false) => Some(Side::Left),
        (false, true) => Some(Side::Right),
        _ => None,
    }
}

/// A stream of numbers; `stamps` count from the trial's origin, `regular` is on the file's clock.
fn numeric(stream: XdfStream, stamps: Vec<f64>, regular: Option<Regular>, trial: &mut Trial) {
    let channels = (0..stream.channels).map(|k| channel(&stream, k)).collect();
    let mut name = if stream.name.is_empty() { stream.kind.clone() } else { stream.name.clone() };
    let wanted = name.clone();
    let mut number = 1;
    while name.is_empty() || trial.streams.iter().any(|other| other.name == name) {
        number += 1;
        name = format!("{wanted} {number}");
    }
    let stream = match regular {
        Some(regular) => Stream {
            name,
            rate_hz: stream.rate_hz,
            measured_rate_hz: Some(regular.measured_rate_hz),
            start_s: Seconds(regular.start_s - trial.time_origin_s),
            channels,
            samples: stream.values,
            gaps: regular.gaps.into_iter().map(|gap| moved(gap, trial.time_origin_s)).collect(),
            times_s: Vec::new(),
        },
        None => {
            let timing = crate::text::Timing::of(&stamps);
            trial.notes.extend(timing.note.clone());
            Stream {
                name,
                rate_hz: timing.rate_hz,
                measured_rate_hz: None,
                start_s: Seconds(timing.start_s),
                channels,
                samples: stream.values,
                gaps: Vec::new(),
                times_s: stamps,
            }
        }
    };
    trial.streams.push(stream);
}

fn moved(gap: Gap, origin_s: f64) -> Gap {
    Gap { time_s: Seconds(gap.time_s.0 - origin_s), ..gap }
}

fn channel(stream: &XdfStream, k: usize) -> Channel {
    let info = stream.info.get(k).cloned().unwrap_or_default();
    let label = if info.label.is_empty() { format!("{} {}", stream.name, k + 1) } else { info.label };
    let unit = if info.unit.is_empty() { Unit::Arbitrary } else { parse_unit(&info.unit) };
    let mut channel = Channel::new(label, Role::unknown(UNSEEN), unit);
    let emg = info.kind.eq_ignore_ascii_case("emg") || stream.kind.eq_ignore_ascii_case("emg");
    channel.description = if emg { "EMG".to_owned() } else { info.kind };
    channel
}
