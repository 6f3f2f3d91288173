//! A recording of Surae: its session log, restored exactly.

use super::CLOCK_STREAM;
use super::streams::XdfStream;
use crate::error::{Blame, Error, Position};
use crate::recorder::{Header, LogLine};
use std::collections::BTreeMap;
use surae_trial::log::{BlockHeader, Entry, SessionLog, Stamped};
use surae_trial::{
    Event, EventKind, EventSource, Gap, NativeType, Note, SampleIndex, Samples, Seconds, SessionLayout,
    Stream, Trial,
};

/// Restores streams, gaps, events and log. Master index 0 is trial time 0.
pub fn restore(
    log: &XdfStream,
    streams: &[XdfStream],
    mut notes: Vec<Note>,
    blame: &Blame<'_>,
) -> Result<Trial, Error> {
    const TODO: &str = "the recording was cut before its first second; record again";
    let missing = || blame.malformed(Position::Whole, "the stream 'surae.log' has no header line", TODO);
    let mut lines = log.texts.iter();
    let header: Header = match lines.next().map(|line| serde_json::from_str(line)) {
        Some(Ok(LogLine::Header(header))) => *header,
        Some(Err(error)) => {
            let what = format!("the header of 'surae.log' cannot be read: {error}");
            return Err(blame.malformed(
                Position::Whole,
                what,
                "open it with the version of Surae that made it",
            ));
        }
        _ => return Err(missing()),
    };
    usable(&header, blame)?;
    let mut session = SessionLog {
        layout: header.layout,
        settings: header.settings,
        profile: header.profile,
        ..SessionLog::default()
    };
    let mut unreadable = 0usize;
    for line in lines {
        match serde_json::from_str(line) {
            Ok(LogLine::Entry(stamped)) if fits(&stamped.entry, &session.layout) => {
                session.entries.push(stamped)
            }
            Ok(LogLine::Note(event)) => session.events.push(event),
            Ok(LogLine::Header(_) | LogLine::Entry(_)) | Err(_) => unreadable += 1,
        }
    }
    if unreadable > 0 {
        let text = format!("{unreadable} lines of the session log cannot be read and were left out");
        notes.push(Note::error("log_damaged", text));
    }
    let ended = session.entries.iter().any(|stamped| stamped.entry == Entry::End);
    if !ended {
        notes.push(Note::warning(
            "recording_not_ended",
            "the recording was not ended in order; it holds what was written",
        ));
    }
    let blocks = blocks(streams);
    let restored: Vec<Stream> = (0..session.layout.streams.len())
        .map(|number| stream(number, &session, streams, blocks.get(&number).map_or(&[], Vec::as_slice)))
        .collect();
    let software = header.provenance.get("software").cloned().unwrap_or_default();
    notes.push(Note::info(
        "surae_recording",
        format!("recorded by Surae {} {software}", header.version).trim().to_owned(),
    ));
    Ok(Trial {
        task: Some(session.settings.task),
        synthetic: header.provenance.get("synthetic").is_some_and(|v| v == "true"),
        events: events(&session),
        streams: restored,
        notes,
        log: Some(session),
        ..Trial::default()
    })
}

/// A layout and settings that a session can run with.
fn usable(header: &Header, blame: &Blame<'_>) -> Result<(), Error> {
    let refuse = |what: String| {
        blame.malformed(
            Position::Whole,
            format!("the header of 'surae.log': {what}"),
            "the recording is damaged",
        )
    };
    let streams = &header.layout.streams;
    if streams.is_empty() || streams.len() > SessionLayout::MAX_STREAMS {
        return Err(refuse(format!("{} streams", streams.len())));
    }
    for stream in streams {
        let channels = stream.channels.len();
        if channels == 0 || channels > SessionLayout::MAX_CHANNELS {
            return Err(refuse(format!("stream '{}' has {channels} channels", stream.name)));
        }
        if !(stream.rate_hz.is_finite() && stream.rate_hz > 0.0 && stream.rate_hz <= 1e6) {
            return Err(refuse(format!("stream '{}' has a rate of {} Hz", stream.name, stream.rate_hz)));
        }
    }
    if header.layout.master.is_some_and(|id| usize::from(id.0) >= streams.len()) {
        return Err(refuse("the master stream does not exist".to_owned()));
    }
    header.settings.validate().map_err(|error| refuse(error.to_string()))
}

/// An entry that names existing streams and settings that can be used.
fn fits(entry: &Entry, layout: &SessionLayout) -> bool {
    match entry {
        Entry::Block(BlockHeader { stream, .. })
        | Entry::Gap { stream, .. }
        | Entry::PipelineDrop { stream, .. }
        | Entry::Clock { stream, .. } => layout.stream(*stream).is_some(),
        Entry::Settings(settings) => settings.validate().is_ok(),
        _ => true,
    }
}

/// Per stream: index of the first frame and number of frames of every block, from the companion stream.
fn blocks(streams: &[XdfStream]) -> BTreeMap<usize, Vec<(u64, u64)>> {
    let mut blocks: BTreeMap<usize, Vec<(u64, u64)>> = BTreeMap::new();
    let Some(clock) = streams.iter().find(|s| s.name == CLOCK_STREAM && s.channels == 5) else {
        return blocks;
    };
    for k in 0..clock.values.len() / 5 {
        let at = |column: usize| clock.values.get(5 * k + column);
        let valid = at(0) >= 0.0 && at(1) >= 0.0 && at(2) >= 1.0 && at(1) < 1e15 && at(2) < 1e9;
        if valid {
            blocks.entry(at(0) as usize).or_default().push((at(1) as u64, at(2) as u64));
        }
    }
    blocks
}

fn stream(number: usize, session: &SessionLog, streams: &[XdfStream], blocks: &[(u64, u64)]) -> Stream {
    let layout = &session.layout.streams[number];
    let width = layout.channels.len();
    let found = streams.iter().find(|s| s.name == layout.name && s.channels == width);
    let samples = found.map_or_else(|| empty(layout.native), |stream| stream.values.clone());
    let samples = if samples.native_type() == layout.native { samples } else { empty(layout.native) };
    let frames = samples.len().checked_div(width).unwrap_or(0) as u64;
    let start_s = start(number, session);
    let gaps = gaps(number, session, blocks, frames, layout.rate_hz, start_s);
    let measured = session.entries.iter().rev().find_map(|stamped| match stamped.entry {
        Entry::Clock { stream, rate_hz, .. } if usize::from(stream.0) == number => Some(rate_hz),
        _ => None,
    });
    Stream {
        name: layout.name.clone(),
        rate_hz: layout.rate_hz,
        measured_rate_hz: measured,
        start_s: Seconds(start_s),
        channels: layout.channels.clone(),
        samples,
        gaps,
        times_s: Vec::new(),
    }
}

fn empty(native: NativeType) -> Samples {
    match native {
        NativeType::I16 => Samples::I16(Vec::new()),
        NativeType::I32 => Samples::I32(Vec::new()),
        NativeType::F32 => Samples::F32(Vec::new()),
        NativeType::F64 => Samples::F64(Vec::new()),
    }
}

/// Trial time of index 0 of a stream: 0 for the master, from the first block's position for the others.
fn start(number: usize, session: &SessionLog) -> f64 {
    let Some(master) = session.layout.master_stream() else { return 0.0 };
    if session.layout.master.is_some_and(|id| usize::from(id.0) == number) {
        return 0.0;
    }
    let first = session.entries.iter().find_map(|stamped| match stamped.entry {
        Entry::Block(header) if usize::from(header.stream.0) == number => Some(header),
        _ => None,
    });
    first.map_or(0.0, |header| (header.position - header.first.0 as f64 * header.step) / master.rate_hz)
}

/// Holes: jumps of the index between blocks; whether their length is certain stands in the log.
fn gaps(
    number: usize,
    session: &SessionLog,
    blocks: &[(u64, u64)],
    frames: u64,
    rate_hz: f64,
    start_s: f64,
) -> Vec<Gap> {
    let logged = |index: u64| {
        session.entries.iter().find_map(|stamped| match stamped.entry {
            Entry::Gap { stream, index: at, certain, .. }
                if usize::from(stream.0) == number && at.0 == index =>
            {
                Some(certain)
            }
            _ => None,
        })
    };
    let mut gaps = Vec::new();
    let mut expected = 0u64;
    let mut stored = 0u64;
    let mut left = crate::text::MOST_LOST_SAMPLES;
    for (first, count) in blocks {
        if stored >= frames {
            break;
        }
        let hole = first.saturating_sub(expected);
        // A hole beyond belief is a damaged line: its frames follow the others.
        if hole > 0 && hole <= left {
            left -= hole;
            let time_s = SampleIndex(expected).at(rate_hz, Seconds(start_s));
            let certain = logged(expected).unwrap_or(false);
            gaps.push(Gap { index: SampleIndex(expected), time_s, lost_samples: hole, certain });
            expected = *first;
        }
        expected += count;
        stored += count;
    }
    gaps
}

/// Noted events, and those of the log with their master index turned into time.
fn events(session: &SessionLog) -> Vec<Event> {
    let rate_hz = session.layout.master_stream().map_or(f64::NAN, |stream| stream.rate_hz);
    let at = |index: SampleIndex| index.at(rate_hz, Seconds(0.0));
    let mut events = session.events.clone();
    for Stamped { entry, .. } in &session.entries {
        match entry {
            Entry::Event { kind, side, index } => events.push(Event {
                time_s: at(*index),
                kind: *kind,
                side: *side,
                source: EventSource::File,
                label: String::new(),
            }),
            Entry::Mark { code, index } if *code != 255 => events.push(Event {
                time_s: at(*index),
                kind: EventKind::Mark,
                side: None,
                source: EventSource::User,
                label: format!("mark {code}"),
            }),
            _ => {}
        }
    }
    events.retain(|event| event.time_s.0.is_finite());
    events
}
