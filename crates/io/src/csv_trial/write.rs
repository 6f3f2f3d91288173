//! Surae's CSV, written.

use super::{Header, HeaderChannel, HeaderEvent, HeaderGap, SCHEMA};
use crate::error::{Error, io_error};
use std::fmt::Write as _;
use std::path::Path;
use surae_trial::{Channel, Note, Samples, Scale, Stream, Trial};

/// Writes a trial: the stream with EMG (else the first) at `path`, every other stream beside it as
/// `<stem>.<stream>.csv`, named in the first file's header. Values read back exactly, gaps keep their place.
///
/// The notes say what the format cannot hold (markers, plates, the session log).
///
/// # Errors
/// The trial has no streams, or a file cannot be written.
pub fn write(trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
    let main = trial.master_stream().unwrap_or(0);
    let Some(first) = trial.streams.get(main) else {
        let nothing = std::io::Error::new(std::io::ErrorKind::InvalidInput, "the trial has no stream");
        return Err(io_error(path, "write", nothing));
    };
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let others: Vec<(&Stream, String)> = trial
        .streams
        .iter()
        .enumerate()
        .filter(|(k, _)| *k != main)
        .map(|(_, stream)| (stream, format!("{stem}.{}.csv", file_name(&stream.name))))
        .collect();
    for (stream, name) in &others {
        put(&path.with_file_name(name), &header(stream, None), stream)?;
    }
    let mut head = header(first, Some(trial));
    head.companions = others.into_iter().map(|(_, name)| name).collect();
    put(path, &head, first)?;
    Ok(losses(trial))
}

/// Letters, digits, `-` and `_` of a stream's name.
pub(crate) fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}

fn losses(trial: &Trial) -> Vec<Note> {
    let lost = [
        (trial.markers.is_some(), "markers"),
        (!trial.plates.is_empty(), "the description of force plates (their channels are kept)"),
        (trial.log.is_some(), "the session log"),
    ];
    lost.into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| Note::warning("csv_cannot_hold", format!("CSV does not hold {what}")))
        .collect()
}

fn header(stream: &Stream, trial: Option<&Trial>) -> Header {
    let mut header = Header {
        schema: SCHEMA.to_owned(),
        stream: Some(stream.name.clone()),
        rate_hz: Some(stream.rate_hz),
        start_s: Some(stream.start_s.0),
        native: Some(stream.samples.native_type()),
        gaps: stream
            .gaps
            .iter()
            .filter(|gap| !gap.certain)
            .map(|gap| HeaderGap { index: gap.index.0, certain: false })
            .collect(),
        channels: stream.channels.iter().map(channel).collect(),
        ..Header::default()
    };
    if let Some(trial) = trial {
        header.task = trial.task;
        header.recorded_on = trial.recorded_on.clone();
        header.synthetic = trial.synthetic;
        header.time_origin_s = Some(trial.time_origin_s);
        header.subject = Some(trial.subject.clone());
        header.events = trial
            .events
            .iter()
            .map(|event| HeaderEvent {
                time_s: event.time_s.0,
                kind: event.kind,
                side: event.side,
                source: Some(event.source),
                label: event.label.clone(),
            })
            .collect();
    }
    header
}

fn channel(channel: &Channel) -> HeaderChannel {
    let scaled = channel.scale != Scale::IDENTITY;
    HeaderChannel {
        label: channel.label.clone(),
        description: channel.description.clone(),
        kind: Some(channel.role.kind),
        muscle: channel.role.muscle,
        side: channel.role.side,
        joint: channel.role.joint,
        unit: Some(channel.unit.symbol().to_owned()),
        gain: scaled.then_some(channel.scale.gain),
        offset: scaled.then_some(channel.scale.offset),
    }
}

fn put(path: &Path, header: &Header, stream: &Stream) -> Result<(), Error> {
    let refuse = |error: String| io_error(path, "write", std::io::Error::other(error));
    let toml = toml::to_string(header).map_err(|e| refuse(e.to_string()))?;
    let mut text = String::with_capacity(stream.samples.len() * 10 + toml.len() + 1024);
    for line in toml.lines() {
        text.push_str(if line.is_empty() { "#" } else { "# " });
        text.push_str(line);
        text.push('\n');
    }
    let mut labels = csv::Writer::from_writer(Vec::new());
    let names = std::iter::once("time_s").chain(stream.channels.iter().map(|c| c.label.as_str()));
    labels.write_record(names).map_err(|e| refuse(e.to_string()))?;
    let labels = labels.into_inner().map_err(|e| refuse(e.to_string()))?;
    text.push_str(&String::from_utf8_lossy(&labels));
    rows(stream, &mut text);
    crate::target::written(path, |out| std::io::Write::write_all(out, text.as_bytes()))
}

fn rows(stream: &Stream, text: &mut String) {
    let width = stream.channels.len();
    for frame in 0..stream.frames() {
        let time = match stream.times_s.get(frame) {
            Some(time) => *time,
            None => stream.time_of(stream.index_of_frame(frame).0).0,
        };
        // Writing into a String cannot fail. Nine decimals place samples of any rate here; irregular times are kept.
        let _ = if stream.times_s.is_empty() { write!(text, "{time:.9}") } else { write!(text, "{time}") };
        for at in frame * width..(frame + 1) * width {
            let _ = match &stream.samples {
                Samples::I16(v) => write!(text, ",{}", v[at]),
                Samples::I32(v) => write!(text, ",{}", v[at]),
                Samples::F32(v) => write!(text, ",{}", v[at]),
                Samples::F64(v) => write!(text, ",{}", v[at]),
            };
        }
        text.push('\n');
    }
}
