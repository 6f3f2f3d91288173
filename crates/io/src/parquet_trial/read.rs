//! Tidy and wide tables as trials.

use super::OURS;
use super::columns::{is_flat, numbers, texts, time_unit_s};
use crate::described::Described;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::roles::{UNSEEN, parse_unit};
use crate::text::{Timing, list};
use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use surae_trial::{
    Channel, Gap, NativeType, Note, Role, SampleIndex, Samples, Seconds, SessionLayout, Stream, Trial, Unit,
};

const TIMES: &[&str] =
    &["time", "time_s", "t", "time_ms", "timestamp", "times", "zeit", "temps", "tiempo", "tempo"];
const VALUES: &[&str] = &["value", "values", "sample"];
const CHANNELS: &[&str] = &["channel", "label", "signal", "variable"];
const INDICES: &[&str] = &["index", "sample_index", "frame"];

pub fn read(input: &Input<'_>) -> Result<Trial, Error> {
    let blame = Blame { path: &input.name, format: "Parquet" };
    let damaged =
        |what: String| blame.malformed(Position::Whole, what, "the file is damaged or cut; write it again");
    let bytes = Bytes::copy_from_slice(input.bytes()?);
    let read = || {
        let refuse = |error: ParquetError| damaged(error.to_string());
        let table = Table { file: SerializedFileReader::new(bytes).map_err(refuse)?, blame };
        table.trial()
    };
    // The library is checked against damage, not proved: what it does not foresee must stay an error.
    let mut trial = catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(damaged("its structure contradicts itself".to_owned())))?;
    crate::roles::assign(&mut trial);
    Ok(trial)
}

/// Samples of one channel, with what places them in time.
struct Series {
    stream: String,
    channel: String,
    index: Vec<f64>,
    time: Vec<f64>,
    value: Vec<f64>,
}

struct Table<'a> {
    file: SerializedFileReader<Bytes>,
    blame: Blame<'a>,
}

impl Table<'_> {
    fn refuse(&self, error: &ParquetError) -> Error {
        let todo = "the file is damaged or cut; write it again (compression snappy, zstd, gzip or none)";
        self.blame.malformed(Position::Whole, error.to_string(), todo)
    }

    /// Names of the columns, lower case, and their places among the leaves.
    fn column(&self, names: &[&str]) -> Option<usize> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        let named = |wanted: &str| {
            (0..schema.num_columns()).find(|k| {
                let column = schema.column(*k);
                is_flat(&column) && column.name().to_lowercase() == wanted
            })
        };
        names.iter().find_map(|name| named(name))
    }

    /// Seconds per unit of a time column, by its type or its name.
    fn seconds_per_unit(&self, at: usize) -> f64 {
        let column = self.file.metadata().file_metadata().schema_descr().column(at);
        let by_name = if column.name().to_lowercase().ends_with("_ms") { 1e-3 } else { 1.0 };
        time_unit_s(&column).unwrap_or(by_name)
    }

    fn trial(&self) -> Result<Trial, Error> {
        let words = self.file.metadata().file_metadata().key_value_metadata();
        let ours = words
            .and_then(|words| words.iter().find(|word| word.key == OURS))
            .and_then(|word| Described::parse(word.value.as_deref()?));
        let (value, channel) = (self.column(VALUES), self.column(CHANNELS));
        match (value, channel) {
            (Some(value), Some(channel)) => {
                let series = self.series(value, channel)?;
                match ours {
                    Some(described) => self.described(described, series),
                    None => self.tidy(series),
                }
            }
            _ => self.wide(),
        }
    }

    /// Rows of a tidy table, by stream and channel.
    fn series(&self, value: usize, channel: usize) -> Result<Vec<Series>, Error> {
        let (stream, index, time) = (self.column(&["stream"]), self.column(INDICES), self.column(TIMES));
        let mut found: Vec<Series> = Vec::new();
        for k in 0..self.file.num_row_groups() {
            let group = self.file.get_row_group(k).map_err(|e| self.refuse(&e))?;
            let read = |at: usize| numbers(group.as_ref(), at).map_err(|e| self.refuse(&e));
            let words = |at: usize| texts(group.as_ref(), at).map_err(|e| self.refuse(&e));
            let values = read(value)?;
            let channels = words(channel)?;
            let streams = stream.map(words).transpose()?;
            let indices = index.map(read).transpose()?;
            let times = time.map(read).transpose()?;
            let scale = time.map_or(1.0, |at| self.seconds_per_unit(at));
            let mut last = 0;
            for row in 0..values.len().min(channels.len()) {
                let name = streams.as_ref().and_then(|s| s.get(row)).map_or("signals", String::as_str);
                let is = |series: &Series| series.channel == channels[row] && series.stream == name;
                if !found.get(last).is_some_and(is) {
                    last = found.iter().position(is).unwrap_or(found.len());
                    if last == found.len() {
                        if last > SessionLayout::MAX_CHANNELS * 64 {
                            let what = format!("{last} channels");
                            return Err(self.blame.limit(
                                Position::Whole,
                                what,
                                "64 streams of 1024 channels",
                            ));
                        }
                        found.push(Series {
                            stream: name.to_owned(),
                            channel: channels[row].clone(),
                            index: Vec::new(),
                            time: Vec::new(),
                            value: Vec::new(),
                        });
                    }
                }
                let series = &mut found[last];
                series.value.push(values[row]);
                series.index.extend(indices.as_ref().and_then(|v| v.get(row)));
                series.time.extend(times.as_ref().and_then(|v| v.get(row)).map(|t| t * scale));
            }
        }
        if found.iter().all(|series| series.value.is_empty()) {
            let todo = "write it again with data";
            return Err(self.blame.malformed(Position::Whole, "the table has no row", todo));
        }
        Ok(found)
    }

    /// A table that Surae wrote: channels in their order, native numbers back.
    fn described(&self, described: Described, series: Vec<Series>) -> Result<Trial, Error> {
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
                return Err(self.blame.malformed(Position::Whole, what, todo));
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
    fn tidy(&self, series: Vec<Series>) -> Result<Trial, Error> {
        if series.iter().all(|s| s.time.is_empty()) {
            let todo = "add a column 'time' in s";
            return Err(self.blame.unsupported(
                Position::Whole,
                "a tidy table without a column of times",
                todo,
            ));
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
            let made = self.stream(name, labels, columns, &group[0].time, &group[0].index, &mut notes)?;
            streams.push(made);
        }
        Ok(finish(streams, notes, "tidy: one row per sample"))
    }

    /// A wide table: a column of times and a column per channel.
    fn wide(&self) -> Result<Trial, Error> {
        let Some(time) = self.column(TIMES) else {
            let todo = "name a column 'time' (s), or write a tidy table with stream, channel, time, value";
            return Err(self.blame.unsupported(
                Position::Whole,
                "a table without a column of times (its rate is unknown)",
                todo,
            ));
        };
        let schema = self.file.metadata().file_metadata().schema_descr_ptr();
        let mut times = Vec::new();
        let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
        let mut left = Vec::new();
        for k in 0..schema.num_columns() {
            let column = schema.column(k);
            let mut values = Vec::new();
            let mut readable = is_flat(&column);
            for g in 0..self.file.num_row_groups() {
                if !readable {
                    break;
                }
                let group = self.file.get_row_group(g).map_err(|e| self.refuse(&e))?;
                match numbers(group.as_ref(), k) {
                    Ok(more) => values.extend(more),
                    Err(error) if k == time => return Err(self.refuse(&error)),
                    Err(_) => readable = false,
                }
            }
            match (k == time, readable) {
                (true, _) => times = values,
                (false, true) => columns.push((column.name().to_owned(), values)),
                (false, false) => left.push(column.name().to_owned()),
            }
        }
        let scale = self.seconds_per_unit(time);
        times.iter_mut().for_each(|t| *t *= scale);
        let mut notes = Vec::new();
        if !left.is_empty() {
            let text = format!("columns that hold no numbers are not read: {}", list(&left, 8));
            notes.push(Note::warning("parquet_columns", text));
        }
        let labels = columns.iter().map(|(name, _)| name.clone()).collect();
        let values = columns.iter().map(|(_, values)| values.as_slice()).collect();
        let made = self.stream("signals".to_owned(), labels, values, &times, &[], &mut notes)?;
        Ok(finish(vec![made], notes, "wide: one column per channel"))
    }

    fn stream(
        &self,
        name: String,
        labels: Vec<String>,
        columns: Vec<&[f64]>,
        times: &[f64],
        index: &[f64],
        notes: &mut Vec<Note>,
    ) -> Result<Stream, Error> {
        let frames = times.len();
        if frames < 2 || columns.is_empty() || columns.iter().any(|c| c.len() != frames) {
            let what = format!("stream '{name}': too few rows, or channels of different lengths");
            return Err(self.blame.malformed(Position::Whole, what, "write it again with data"));
        }
        if !times.iter().all(|t| t.is_finite()) {
            let what = format!("stream '{name}': a row has no time");
            return Err(self.blame.malformed(Position::Whole, what, "fill the column of times"));
        }
        if columns.len() > SessionLayout::MAX_CHANNELS {
            let what = format!("stream '{name}' with {} channels", columns.len());
            return Err(self.blame.limit(Position::Whole, what, "1024 channels"));
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

/// `SOL (uV)` and `SOL [uV]` state their unit.
fn channel(label: &str) -> Channel {
    let stated = label.rsplit_once(['(', '[']).and_then(|(name, unit)| {
        let unit = parse_unit(unit.trim_end().strip_suffix([')', ']'])?);
        let known = !matches!(unit, Unit::Other(_) | Unit::Arbitrary) && !name.trim().is_empty();
        known.then(|| (name.trim(), unit))
    });
    let (name, unit) = stated.unwrap_or((label, Unit::Arbitrary));
    Channel::new(name, Role::unknown(UNSEEN), unit)
}

/// Clock times of day and date become seconds from the first sample.
fn finish(mut streams: Vec<Stream>, mut notes: Vec<Note>, shape: &str) -> Trial {
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
    notes.push(Note::warning("parquet_guessed", text));
    Trial { streams, notes, time_origin_s, ..Trial::default() }
}
