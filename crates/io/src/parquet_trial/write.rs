//! One row per sample, channel after channel; memory holds one group of rows.

use super::OURS;
use crate::described::{Described, losses};
use crate::error::Error;
use crate::table::{Sink, Values};
use parquet::basic::Type as Physical;
use std::path::Path;
use surae_trial::{Note, Stream, Trial};

/// Rows of a group.
const GROUP: usize = 1 << 18;

pub fn write(trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
    let streams: Vec<&Stream> = trial.streams.iter().collect();
    let schema = [
        ("stream", Physical::BYTE_ARRAY),
        ("channel", Physical::BYTE_ARRAY),
        ("index", Physical::INT64),
        ("time", Physical::DOUBLE),
        ("value", Physical::DOUBLE),
    ];
    let metadata = [(OURS.to_owned(), Described::of(trial, &streams).json())];
    crate::target::written(path, |out| {
        let mut sink = Sink::new(out, &schema, &metadata)?;
        for stream in &streams {
            for channel in 0..stream.channels.len() {
                let mut from = 0;
                while from < stream.frames() {
                    let to = (from + GROUP).min(stream.frames());
                    let rows = rows(stream, channel, from..to);
                    sink.rows(&rows.iter().collect::<Vec<_>>())?;
                    from = to;
                }
            }
        }
        sink.finish()
    })?;
    let mut notes = losses(trial, "parquet_cannot_hold", "Parquet");
    let scaled = streams.iter().filter(|s| {
        matches!(s.samples, surae_trial::Samples::F32(_) | surae_trial::Samples::F64(_))
            && s.channels.iter().any(|c| c.scale != surae_trial::Scale::IDENTITY)
    });
    let names: Vec<&str> = scaled.map(|s| s.name.as_str()).collect();
    if !names.is_empty() {
        let text = format!(
            "{}: values are written in physical units; floats with a scale come back to the last digit of a double, not bit for bit",
            crate::text::list(&names, 6)
        );
        notes.push(Note::info("parquet_physical", text));
    }
    Ok(notes)
}

fn rows(stream: &Stream, channel: usize, frames: std::ops::Range<usize>) -> [Values; 5] {
    let described = &stream.channels[channel];
    let count = stream.channels.len();
    let length = frames.len();
    let mut index = Vec::with_capacity(length);
    let mut time = Vec::with_capacity(length);
    let mut value = Vec::with_capacity(length);
    for frame in frames {
        let at = stream.index_of_frame(frame).0;
        index.push(i64::try_from(at).ok());
        time.push(Some(stream.times_s.get(frame).copied().unwrap_or_else(|| stream.time_of(at).0)));
        value.push(Some(described.scale.physical(stream.samples.get(frame * count + channel))));
    }
    [
        Values::Text(vec![Some(stream.name.clone()); length]),
        Values::Text(vec![Some(described.label.clone()); length]),
        Values::I64(index),
        Values::F64(time),
        Values::F64(value),
    ]
}
