//! EDF+ and BDF+ written: one file for all regular streams, events as annotations, holes as missing records.
//!
//! What a record cannot leave out is filled with a code that no sample has and named in an annotation, so that nothing
//! is invented; reading with Surae takes the filler out again.

use super::Width;
use super::annotation;
use super::plan::{Plan, plan};
use super::scale::{Coding, coding};
use crate::event_name;
use std::io::{self, Write};
use surae_trial::{Channel, Note, Stream, Trial};

/// Smallest room for annotations in a record, in bytes.
const LEAST_ROOM: usize = 60;
/// Most signals: the field has four digits.
const MOST_SIGNALS: usize = 9_998;
/// Text of the annotation that names filled samples.
pub const NO_DATA: &str = "no data";

/// Streams that go in, with their layout.
struct Layout<'a> {
    streams: Vec<&'a Stream>,
    codings: Vec<Vec<Coding>>,
    plan: Plan,
    width: Width,
    first_s: f64,
}

/// Writes a trial as EDF+ or BDF+; the notes say what the format cannot hold and what was rounded.
///
/// # Errors
/// `InvalidInput` where nothing can be written (no regular stream), else those of `out`.
pub(crate) fn encode(trial: &Trial, width: Width, out: &mut dyn Write) -> io::Result<Vec<Note>> {
    let mut notes = Vec::new();
    let streams = regular(trial, &mut notes);
    let nothing = |text: &str| io::Error::new(io::ErrorKind::InvalidInput, text.to_owned());
    let plan = plan(&streams, width.bytes())
        .ok_or_else(|| nothing("the trial has no stream of a regular rate, and EDF holds nothing else"))?;
    let signals: usize = streams.iter().map(|s| s.channels.len()).sum();
    if signals > MOST_SIGNALS {
        return Err(nothing("more than 9998 channels: EDF counts its signals with four digits"));
    }
    let mut codings = Vec::new();
    for stream in &streams {
        let all: Option<Vec<Coding>> =
            (0..stream.channels.len()).map(|k| coding(stream, k, width, plan.needs_void)).collect();
        codings.push(all.ok_or_else(|| {
            nothing("values beyond eight digits: EDF states limits in eight characters; scale the channel with a map")
        })?);
    }
    let first_s = streams.iter().map(|s| s.start_s.0).fold(f64::INFINITY, f64::min);
    let layout = Layout { streams, codings, plan, width, first_s };
    notes.extend(told(&layout, trial));
    let lists = Lists::new(trial, &layout);
    let records: Vec<u64> = (0..layout.plan.records).filter(|record| layout.has_samples(*record)).collect();
    if (records.len() as u64) < layout.plan.records {
        let text = "holes longer than a record are left out: the file is discontinuous (EDF+D, BDF+D), which some readers refuse (pyEDFlib does)";
        notes.push(Note::warning("edf_discontinuous", text));
    }
    let queue = lists.placed(&layout, &records);
    header(&layout, trial, &queue, records.len(), out)?;
    for (record, texts) in records.iter().zip(&queue.lists) {
        layout.record(*record, out)?;
        let mut field = texts.clone();
        field.resize(queue.room, 0);
        out.write_all(&field)?;
    }
    Ok(notes)
}

fn regular<'a>(trial: &'a Trial, notes: &mut Vec<Note>) -> Vec<&'a Stream> {
    let (kept, left): (Vec<&Stream>, Vec<&Stream>) = trial
        .streams
        .iter()
        .filter(|s| !s.channels.is_empty() && s.frames() > 0)
        .partition(|s| s.times_s.is_empty() && s.rate_hz > 0.0 && s.rate_hz.is_finite());
    if !left.is_empty() {
        let names: Vec<&str> = left.iter().map(|s| s.name.as_str()).collect();
        let text = format!(
            "EDF does not hold streams of irregular times: {} left out",
            crate::text::list(&names, 6)
        );
        notes.push(Note::warning("edf_cannot_hold", text));
    }
    kept
}

/// What is lost or rounded.
fn told(layout: &Layout<'_>, trial: &Trial) -> Vec<Note> {
    let mut notes = Vec::new();
    let lost = [
        (trial.markers.is_some(), "markers"),
        (!trial.plates.is_empty(), "the description of force plates (their channels are kept)"),
        (trial.log.is_some(), "the session log"),
        (layout.streams.len() > 1, "the names of streams (signals are grouped by rate)"),
    ];
    for (_, what) in lost.into_iter().filter(|(there, _)| *there) {
        notes.push(Note::warning("edf_cannot_hold", format!("EDF does not hold {what}")));
    }
    let coarse: Vec<String> = layout
        .streams
        .iter()
        .zip(&layout.codings)
        .flat_map(|(stream, codings)| stream.channels.iter().zip(codings))
        .filter_map(|(channel, coding)| coding.step.map(|step| (channel, step)))
        .map(|(channel, step)| format!("{} {step:.3e} {}", channel.label, channel.unit))
        .collect();
    if !coarse.is_empty() {
        let bits = 8 * layout.width.bytes();
        let text = format!(
            "values are rounded to {bits} bits over each channel's range; largest error half of: {}",
            crate::text::list(&coarse, 8)
        );
        notes.push(Note::warning("quantised", text));
    }
    if layout.plan.rate_error > 1e-9 {
        let text = format!(
            "no record duration of eight characters fits every rate: rates differ by up to {:.2e} of themselves",
            layout.plan.rate_error
        );
        notes.push(Note::warning("edf_rate", text));
    }
    if layout.plan.shift_error > 1e-3 {
        let text = format!(
            "streams start at different instants: starts are moved by up to {:.3} of a sample",
            layout.plan.shift_error
        );
        notes.push(Note::warning("edf_start", text));
    }
    notes
}

impl Layout<'_> {
    /// Stored frame of stream `s` at `index` of the file's grid.
    fn frames(&self, s: usize, from: u64) -> Vec<Option<usize>> {
        let stream = self.streams[s];
        let shift = self.plan.shift[s];
        let mut lost = 0u64;
        let mut gaps = stream.gaps.iter().peekable();
        let frames = stream.frames() as u64;
        (from..from + self.plan.samples[s] as u64)
            .map(|at| {
                let index = at.checked_sub(shift)?;
                while let Some(gap) = gaps.next_if(|gap| gap.index.0 + gap.lost_samples <= index) {
                    lost += gap.lost_samples;
                }
                let inside = gaps.peek().is_some_and(|gap| gap.index.0 <= index);
                let frame = index - lost;
                (!inside && frame < frames).then_some(frame as usize)
            })
            .collect()
    }

    fn has_samples(&self, record: u64) -> bool {
        (0..self.streams.len())
            .any(|s| self.frames(s, record * self.plan.samples[s] as u64).iter().any(Option::is_some))
    }

    fn record(&self, record: u64, out: &mut dyn Write) -> io::Result<()> {
        for (s, stream) in self.streams.iter().enumerate() {
            let frames = self.frames(s, record * self.plan.samples[s] as u64);
            let count = stream.channels.len();
            for (channel, coding) in self.codings[s].iter().enumerate() {
                let mut bytes = Vec::with_capacity(frames.len() * self.width.bytes());
                for frame in &frames {
                    let native = frame.map_or(f64::NAN, |f| stream.samples.get(f * count + channel));
                    let code = coding.code(native).to_le_bytes();
                    bytes.extend_from_slice(&code[..self.width.bytes()]);
                }
                out.write_all(&bytes)?;
            }
        }
        Ok(())
    }

    /// Stretches without samples inside written records, in s from the first sample.
    fn filled(&self) -> Vec<(f64, f64)> {
        let mut found: Vec<(f64, f64)> = Vec::new();
        for record in 0..self.plan.records {
            if !self.has_samples(record) {
                continue;
            }
            for s in 0..self.streams.len() {
                let from = record * self.plan.samples[s] as u64;
                let step = self.plan.record_s / self.plan.samples[s] as f64;
                let frames = self.frames(s, from);
                let mut at = 0;
                while at < frames.len() {
                    let run = frames[at..].iter().take_while(|f| f.is_none()).count();
                    if run > 0 {
                        let start_s = (from + at as u64) as f64 * step;
                        found.push((start_s, run as f64 * step));
                    }
                    at += run.max(1);
                }
            }
        }
        found.dedup();
        found
    }
}

/// Annotations in order of time.
struct Lists {
    lists: Vec<(f64, Vec<u8>)>,
}

/// Annotation bytes of each record and the room for them.
struct Queue {
    lists: Vec<Vec<u8>>,
    room: usize,
}

impl Lists {
    fn new(trial: &Trial, layout: &Layout<'_>) -> Self {
        let mut lists: Vec<(f64, Vec<u8>)> = trial
            .events
            .iter()
            .filter(|event| event.time_s.0.is_finite())
            .map(|event| {
                let onset_s = event.time_s.0 - layout.first_s;
                (onset_s, annotation::encode(onset_s, None, &event_name::text(event)))
            })
            .collect();
        if layout.plan.needs_void {
            let filled = layout.filled();
            lists.extend(
                filled.iter().map(|(at, length)| (*at, annotation::encode(*at, Some(*length), NO_DATA))),
            );
        }
        lists.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { lists }
    }

    /// Every list in the record of its time, or in a later one where that is full.
    fn placed(&self, layout: &Layout<'_>, records: &[u64]) -> Queue {
        let longest = self.lists.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0);
        let mut room = LEAST_ROOM.max(longest + 40);
        loop {
            room = room.next_multiple_of(6);
            let mut left = self.lists.iter().peekable();
            let mut lists = Vec::with_capacity(records.len());
            for (position, record) in records.iter().enumerate() {
                let start_s = *record as f64 * layout.plan.record_s;
                let mut field = annotation::encode(start_s, None, "");
                let last = position + 1 == records.len();
                while let Some((_, list)) = left.next_if(|(at, list)| {
                    (last || *at < start_s + layout.plan.record_s) && field.len() + list.len() < room
                }) {
                    field.extend_from_slice(list);
                }
                lists.push(field);
            }
            if left.peek().is_none() {
                return Queue { lists, room };
            }
            room *= 2;
        }
    }
}

/// Text in a column: ASCII, cut or padded with blanks.
fn column(text: &str, width: usize) -> Vec<u8> {
    let plain = text.replace('µ', "u");
    let mut bytes: Vec<u8> =
        plain.chars().map(|c| if (' '..='~').contains(&c) { c as u8 } else { b'?' }).take(width).collect();
    bytes.resize(width, b' ');
    bytes
}

fn header(
    layout: &Layout<'_>,
    trial: &Trial,
    queue: &Queue,
    records: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let signals: usize = layout.codings.iter().map(Vec::len).sum::<usize>() + 1;
    let three = layout.width == Width::Three;
    let discontinuous = (records as u64) < layout.plan.records;
    let kind = if discontinuous { "DF+D" } else { "DF+C" };
    let mut bytes = if three { b"\xffBIOSEMI".to_vec() } else { column("0", 8) };
    let name = trial.subject.name.as_deref().unwrap_or("X").replace(' ', "_");
    bytes.extend(column(&format!("{} X X X", if name.is_empty() { "X" } else { &name }), 80));
    bytes.extend(column("Startdate X X X Surae", 80));
    bytes.extend(column("01.01.85", 8));
    bytes.extend(column("00.00.00", 8));
    bytes.extend(column(&((signals + 1) * 256).to_string(), 8));
    bytes.extend(column(&format!("{}{kind}", if three { 'B' } else { 'E' }), 44));
    bytes.extend(column(&records.to_string(), 8));
    bytes.extend(column(&layout.plan.record, 8));
    bytes.extend(column(&signals.to_string(), 4));
    let each: Vec<(&Channel, &Coding, usize)> = layout
        .streams
        .iter()
        .zip(&layout.codings)
        .zip(&layout.plan.samples)
        .flat_map(|((stream, codings), n)| stream.channels.iter().zip(codings).map(|(c, k)| (c, k, *n)))
        .collect();
    let (low, high) = layout.width.limits();
    let mut field = |width: usize, of: &dyn Fn(&Channel, &Coding, usize) -> String, last: &str| {
        for (channel, coding, samples) in &each {
            bytes.extend(column(&of(channel, coding, *samples), width));
        }
        bytes.extend(column(last, width));
    };
    field(16, &|c, _, _| c.label.clone(), layout.width.annotations());
    field(80, &|c, k, _| transducer(c, k), "");
    field(8, &|_, k, _| k.dimension.clone(), "");
    field(8, &|_, k, _| k.physical.0.clone(), "-1");
    field(8, &|_, k, _| k.physical.1.clone(), "1");
    field(8, &|_, k, _| k.digital.0.to_string(), &low.to_string());
    field(8, &|_, k, _| k.digital.1.to_string(), &high.to_string());
    field(80, &|_, k, _| k.exact.clone().unwrap_or_default(), "");
    field(8, &|_, _, n| n.to_string(), &(queue.room / layout.width.bytes()).to_string());
    field(32, &|_, _, _| String::new(), "");
    out.write_all(&bytes)
}

/// Role, filler and, where the label is cut, the label: read back by Surae, readable by people.
fn transducer(channel: &Channel, coding: &Coding) -> String {
    let word =
        |value: serde_json::Result<serde_json::Value>| value.ok().and_then(|v| v.as_str().map(str::to_owned));
    let role = &channel.role;
    let words = [
        word(serde_json::to_value(role.kind)),
        role.muscle.and_then(|m| word(serde_json::to_value(m))),
        role.side.and_then(|s| word(serde_json::to_value(s))),
        role.joint.and_then(|j| word(serde_json::to_value(j))),
        coding.void.map(|code| format!("void={code}")),
    ];
    let mut text = format!("surae {}", words.into_iter().flatten().collect::<Vec<_>>().join(" "));
    if channel.label.len() > 16 || !channel.label.is_ascii() {
        text = format!("{text} | {}", channel.label);
    }
    text
}
