//! Any trial as XDF: the streams with their own rates and exact stamps, markers as channels, events as a string stream.
//!
//! Not the form of a recording: that one carries the session log and is written by [`crate::recorder`].

use super::Xdf;
use super::writer::{self, StreamHeader, tag};
use crate::error::Error;
use crate::writer::Writer;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use surae_trial::{EventKind, NativeType, Note, Samples, Scale, Side, Stream, Trial};

/// Samples of a chunk.
const CHUNK: usize = 256;

impl Writer for Xdf {
    fn name(&self) -> &'static str {
        "xdf"
    }

    fn title(&self) -> &'static str {
        "XDF"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xdf"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        crate::target::written(path, |out| put(trial, out))?;
        Ok(losses(trial))
    }
}

fn losses(trial: &Trial) -> Vec<Note> {
    let scaled = trial.streams.iter().any(|stream| native_type(stream) != stream.samples.native_type());
    let lost = [
        (trial.markers.is_some(), "markers as such: they are written as channels of the stream 'markers'"),
        (!trial.plates.is_empty(), "the description of force plates (their channels are kept)"),
        (trial.log.is_some(), "the session log: copy a recording instead of converting it"),
        (trial.subject != surae_trial::Subject::default(), "the subject"),
        (scaled, "counts with a scale: physical values are written as 64-bit floats"),
        (trial.task.is_some(), "the task"),
    ];
    lost.into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| Note::warning("xdf_cannot_hold", format!("XDF does not hold {what}")))
        .collect()
}

/// Native values where they are physical already, else 64-bit floats.
fn native_type(stream: &Stream) -> NativeType {
    if stream.channels.iter().all(|channel| channel.scale == Scale::IDENTITY) {
        stream.samples.native_type()
    } else {
        NativeType::F64
    }
}

fn put(trial: &Trial, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"XDF:")?;
    writer::chunk(out, tag::FILE_HEADER, b"<?xml version=\"1.0\"?><info><version>1.0</version></info>")?;
    let mut number = 0u32;
    for stream in &trial.streams {
        number += 1;
        put_stream(number, stream, trial.time_origin_s, out)?;
    }
    if let Some(set) = &trial.markers {
        number += 1;
        put_markers(number, trial, set, out)?;
    }
    if !trial.events.is_empty() {
        put_events(number + 1, trial, out)?;
    }
    Ok(())
}

/// Header, samples in chunks, footer; `fill` appends the values of one frame.
fn put_samples(
    number: u32,
    header: &StreamHeader<'_>,
    stamps: impl Iterator<Item = f64>,
    mut fill: impl FnMut(usize, &mut Vec<u8>),
    out: &mut impl Write,
) -> io::Result<()> {
    let id = number.to_le_bytes();
    writer::chunk(out, tag::STREAM_HEADER, &[&id[..], header.xml().as_bytes()].concat())?;
    let (mut first, mut last, mut total) = (f64::NAN, f64::NAN, 0u64);
    let mut content = Vec::new();
    let mut waiting = 0;
    for (frame, stamp) in stamps.enumerate() {
        if total == 0 {
            first = stamp;
        }
        last = stamp;
        total += 1;
        content.push(8);
        content.extend_from_slice(&stamp.to_le_bytes());
        fill(frame, &mut content);
        waiting += 1;
        if waiting == CHUNK {
            put_chunk(id, &mut content, &mut waiting, out)?;
        }
    }
    if waiting > 0 {
        put_chunk(id, &mut content, &mut waiting, out)?;
    }
    let footer = writer::footer(first, last, total);
    writer::chunk(out, tag::STREAM_FOOTER, &[&id[..], footer.as_bytes()].concat())
}

fn put_chunk(
    id: [u8; 4],
    content: &mut Vec<u8>,
    waiting: &mut usize,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut chunk = id.to_vec();
    writer::count(&mut chunk, std::mem::take(waiting));
    chunk.append(content);
    writer::chunk(out, tag::SAMPLES, &chunk)
}

fn put_stream(number: u32, stream: &Stream, origin_s: f64, out: &mut impl Write) -> io::Result<()> {
    let native = native_type(stream);
    let channels = stream.channels.iter().map(|c| (c.label.as_str(), c.unit.symbol(), c.role.kind.name()));
    let desc = described(channels);
    let regular = stream.times_s.is_empty();
    let header = StreamHeader {
        name: &stream.name,
        kind: if stream.has_emg() { "EMG" } else { "Misc" },
        channels: stream.channels.len(),
        rate_hz: if regular { stream.rate_hz } else { 0.0 },
        format: writer::format_name(native),
        source_id: &format!("surae {}", stream.name),
        desc: &desc,
    };
    let mut gaps = stream.gaps.iter().peekable();
    let mut index = 0u64;
    let stamps = (0..stream.frames()).map(|frame| {
        while let Some(gap) = gaps.next_if(|gap| gap.index.0 <= index) {
            index += gap.lost_samples;
        }
        let time_s = stream.times_s.get(frame).copied().unwrap_or_else(|| stream.time_of(index).0);
        index += 1;
        origin_s + time_s
    });
    let width = stream.channels.len();
    let fill = |frame: usize, content: &mut Vec<u8>| {
        for (column, channel) in stream.channels.iter().enumerate() {
            let at = frame * width + column;
            match (&stream.samples, native) {
                (Samples::I16(v), NativeType::I16) => content.extend_from_slice(&v[at].to_le_bytes()),
                (Samples::I32(v), NativeType::I32) => content.extend_from_slice(&v[at].to_le_bytes()),
                (Samples::F32(v), NativeType::F32) => content.extend_from_slice(&v[at].to_le_bytes()),
                (samples, _) => {
                    content.extend_from_slice(&channel.scale.physical(samples.get(at)).to_le_bytes());
                }
            }
        }
    };
    put_samples(number, &header, stamps, fill, out)
}

fn put_markers(
    number: u32,
    trial: &Trial,
    set: &surae_trial::MarkerSet,
    out: &mut impl Write,
) -> io::Result<()> {
    let labels: Vec<String> =
        set.markers.iter().flat_map(|m| ["X", "Y", "Z"].map(|axis| format!("{}_{axis}", m.label))).collect();
    let unit = set.unit.symbol();
    let desc = described(labels.iter().map(|label| (label.as_str(), unit, "marker")));
    let header = StreamHeader {
        name: "markers",
        kind: "MoCap",
        channels: labels.len(),
        rate_hz: set.rate_hz,
        format: "double64",
        source_id: "surae markers",
        desc: &desc,
    };
    let begin_s = trial.time_origin_s + set.start_s.0;
    let stamps = (0..set.frames()).map(|frame| begin_s + frame as f64 / set.rate_hz);
    let fill = |frame: usize, content: &mut Vec<u8>| {
        for marker in &set.markers {
            for value in marker.position.get(frame).copied().unwrap_or([f64::NAN; 3]) {
                content.extend_from_slice(&value.to_le_bytes());
            }
        }
    };
    if labels.is_empty() { Ok(()) } else { put_samples(number, &header, stamps, fill, out) }
}

fn put_events(number: u32, trial: &Trial, out: &mut impl Write) -> io::Result<()> {
    let header = StreamHeader {
        name: "events",
        kind: "Markers",
        channels: 1,
        rate_hz: 0.0,
        format: "string",
        source_id: "surae events",
        desc: "",
    };
    let stamps = trial.events.iter().map(|event| trial.time_origin_s + event.time_s.0);
    let fill = |at: usize, content: &mut Vec<u8>| {
        let text = event_text(&trial.events[at]);
        writer::count(content, text.len());
        content.extend_from_slice(text.as_bytes());
    };
    put_samples(number, &header, stamps, fill, out)
}

/// The event's own label where it says the kind, else its usual name; with the leg.
fn event_text(event: &surae_trial::Event) -> String {
    let name = match event.kind {
        EventKind::FootContact => "Foot Strike",
        EventKind::FootOff => "Foot Off",
        EventKind::TakeOff => "Take-off",
        EventKind::Landing => "Landing",
        EventKind::Mark => "Mark",
    };
    let told = crate::c3d::event_kind_of(&event.label) == event.kind && !event.label.is_empty();
    let text = if told { event.label.as_str() } else { name };
    match event.side {
        Some(Side::Left) if !text.to_lowercase().contains("left") => format!("Left {text}"),
        Some(Side::Right) if !text.to_lowercase().contains("right") => format!("Right {text}"),
        _ => text.to_owned(),
    }
}

fn described<'a>(channels: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> String {
    let mut xml = writer::channels_xml(channels);
    // Without it readers smear stamps over holes; writing into a String cannot fail.
    let _ = xml.write_str("<synchronization><can_drop_samples>true</can_drop_samples></synchronization>");
    xml
}
