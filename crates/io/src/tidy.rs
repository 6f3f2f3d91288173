//! Tidy tables, one row per sample, as trials: what Parquet and CSV of this form share.

use crate::described::Described;
use crate::error::{Blame, Error, Position};
use crate::roles::UNSEEN;
use crate::text::Timing;
use surae_trial::{
    Channel, Gap, NativeType, Note, Role, SampleIndex, Samples, Seconds, SessionLayout, Stream, Trial,
};

/// Channels that a table may hold.
pub const MOST_SERIES: usize = SessionLayout::MAX_CHANNELS * 64;

/// The error of more.
pub fn too_many(blame: &Blame<'_>) -> Error {
    blame.limit(Position::Whole, format!("more than {MOST_SERIES} channels"), "64 streams of 1024 channels")
}

/// Samples of one channel, with what places them in time.
pub struct Series {
    pub stream: String,
    pub channel: String,
    pub index: Vec<f64>,
    pub time: Vec<f64>,
    pub value: Vec<f64>,
}

/// A table that Surae wrote: channels in their order, native numbers back.
pub fn described(described: Described, series: &[Series], blame: &Blame<'_>) -> Result<Trial, Error> {
    let mut streams = Vec::new();
    for (number, stated) in described.streams.iter().enumerate() {
        // Labels may occur twice in a stream: then rows of both are one series, one after the other.
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for (k, channel) in stated.channels.iter().enumerate() {
            let nth = stated.channels[..k].iter().filter(|c| c.label == channel.label).count();
            let values = series
                .iter()
                .find(|s| s.stream == stated.name && s.channel == channel.label)
                .and_then(|s| s.value.get(nth * stated.frames..(nth + 1) * stated.frames));
            let scale = channel.scale;
            let native = |v: &f64| v / scale.gain + scale.offset;
            columns.push(values.unwrap_or(&[]).iter().map(native).collect());
        }
        if columns.iter().any(|c| c.len() != stated.frames) {
            let what = format!("stream '{}' has other rows than its description says", stated.name);
            let todo = "the file was changed by another program; remove the metadata 'surae.trial' to read it as a plain table";
            return Err(blame.malformed(Position::Whole, what, todo));
        }
        let values = (0..stated.frames).flat_map(|f| columns.iter().map(move |c| c[f]));
        let samples = match stated.native {
            NativeType::I16 => Samples::I16(values.map(|v| v.round() as i16).collect()),
            NativeType::I32 => Samples::I32(values.map(|v| v.round() as i32).collect()),
            NativeType::F32 => Samples::F32(values.map(|v| v as f32).collect()),
            NativeType::F64 => Samples::F64(values.collect()),
        };
        let times_s = if stated.irregular {
            let first = series.iter().find(|s| s.stream == stated.name);
            first.map(|s| s.time.iter().copied().take(stated.frames).collect()).unwrap_or_default()
        } else {
            Vec::new()
        };
        streams.push(described.streams[number].stream(samples, times_s));
    }
    Ok(described.trial(streams, Vec::new()))
}

/// A tidy table of another program.
pub fn guessed(series: Vec<Series>, code: &str, blame: &Blame<'_>) -> Result<Trial, Error> {
    if series.iter().all(|s| s.time.is_empty()) {
        let todo = "add a column 'time' in s";
        return Err(blame.unsupported(Position::Whole, "a tidy table without a column of times", todo));
    }
    let mut groups: Vec<Vec<Series>> = Vec::new();
    for one in series {
        let together = |group: &Vec<Series>| group[0].stream == one.stream && group[0].time == one.time;
        match groups.iter().position(together) {
            Some(at) => groups[at].push(one),
            None => groups.push(vec![one]),
        }
    }
    let mut notes = Vec::new();
    let mut streams: Vec<Stream> = Vec::new();
    for group in groups {
        let labels = group.iter().map(|s| s.channel.clone()).collect();
        let columns = group.iter().map(|s| s.value.as_slice()).collect();
        let name = group[0].stream.clone();
        let made = stream(name, labels, columns, &group[0].time, &group[0].index, blame, &mut notes)?;
        streams.push(made);
    }
    Ok(finish(streams, notes, code, "tidy: one row per sample"))
}

/// A stream of columns that share their times.
pub fn stream(
    name: String,
    labels: Vec<String>,
    columns: Vec<&[f64]>,
    times: &[f64],
    index: &[f64],
    blame: &Blame<'_>,
    notes: &mut Vec<Note>,
) -> Result<Stream, Error> {
    let frames = times.len();
    if frames < 2 || columns.is_empty() || columns.iter().any(|c| c.len() != frames) {
        let what = format!("stream '{name}': too few rows, or channels of different lengths");
        return Err(blame.malformed(Position::Whole, what, "write it again with data"));
    }
    if !times.iter().all(|t| t.is_finite()) {
        let what = format!("stream '{name}': a row has no time");
        return Err(blame.malformed(Position::Whole, what, "fill the column of times"));
    }
    if columns.len() > SessionLayout::MAX_CHANNELS {
        let what = format!("stream '{name}' with {} channels", columns.len());
        return Err(blame.limit(Position::Whole, what, "1024 channels"));
    }
    let mut timing = Timing::of(times);
    let gaps = holes(index, timing.start_s, times);
    if let Some((rate_hz, _)) = &gaps {
        (timing.rate_hz, timing.regular) = (*rate_hz, true);
    } else {
        notes.extend(timing.note.clone());
    }
    Ok(Stream {
        name,
        rate_hz: timing.rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(timing.start_s),
        channels: labels.iter().map(|label| channel(label)).collect(),
        samples: Samples::F64((0..frames).flat_map(|f| columns.iter().map(move |c| c[f])).collect()),
        gaps: gaps.map(|(_, gaps)| gaps).unwrap_or_default(),
        times_s: if timing.regular { Vec::new() } else { times.to_vec() },
    })
}

/// Rate and holes where a column counts samples: the times must follow it within a quarter of a sample.
fn holes(index: &[f64], start_s: f64, times: &[f64]) -> Option<(f64, Vec<Gap>)> {
    let (first, last) = (*index.first()?, *index.last()?);
    let whole = index.len() == times.len() && index.iter().all(|i| i.fract() == 0.0);
    let span = times.last()? - start_s;
    if !whole || span <= 0.0 || last - first > crate::text::MOST_LOST_SAMPLES as f64 + index.len() as f64 {
        return None;
    }
    let rate_hz = (last - first) / span;
    let rate_hz = if (rate_hz - rate_hz.round()).abs() < 1e-5 * rate_hz { rate_hz.round() } else { rate_hz };
    let follows = |(i, t): (&f64, &f64)| ((t - start_s) * rate_hz - (i - first)).abs() <= 0.25;
    if !(rate_hz > 0.0 && rate_hz <= 1e6 && index.iter().zip(times).all(follows)) {
        return None;
    }
    let mut gaps = Vec::new();
    for pair in index.windows(2) {
        let step = pair[1] - pair[0];
        if step < 1.0 {
            return None;
        }
        if step > 1.0 {
            let at = pair[0] - first + 1.0;
            gaps.push(Gap {
                index: SampleIndex(at as u64),
                time_s: Seconds(start_s + at / rate_hz),
                lost_samples: step as u64 - 1,
                certain: true,
            });
        }
    }
    Some((rate_hz, gaps))
}

fn channel(label: &str) -> Channel {
    let (name, unit) = crate::csv_trial::label_and_unit(label);
    Channel::new(name, Role::unknown(UNSEEN), unit)
}

/// Clock times of day and date become seconds from the first sample.
pub fn finish(mut streams: Vec<Stream>, mut notes: Vec<Note>, code: &str, shape: &str) -> Trial {
    let first_s = streams.iter().map(|s| s.start_s.0).fold(f64::INFINITY, f64::min);
    let mut time_origin_s = 0.0;
    if first_s > 1e7 {
        time_origin_s = first_s;
        for stream in &mut streams {
            stream.start_s.0 -= first_s;
            stream.times_s.iter_mut().for_each(|t| *t -= first_s);
            stream.gaps.iter_mut().for_each(|gap| gap.time_s.0 -= first_s);
        }
    }
    for k in 1..streams.len() {
        if streams[..k].iter().any(|s| s.name == streams[k].name) {
            streams[k].name = format!("{}_{}", streams[k].name, k + 1);
        }
    }
    let text = format!(
        "read as a table ({shape}); units are unknown unless a label states one. State them with a map"
    );
    notes.push(Note::warning(code, text));
    Trial { streams, notes, time_origin_s, ..Trial::default() }
}
