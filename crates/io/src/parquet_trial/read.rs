//! Tidy and wide tables as trials.

use super::OURS;
use super::columns::{is_flat, numbers, texts, time_unit_s};
use crate::described::Described;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::text::list;
use crate::tidy::Series;
use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use surae_trial::{Note, Trial};

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
        if !table.is_sound() {
            return Err(damaged("a column that begins or ends before the file".to_owned()));
        }
        table.trial()
    };
    // The library is checked against damage, not proved: what it does not foresee must stay an error.
    let mut trial = crate::contained::contained(read)
        .unwrap_or_else(|| Err(damaged("its structure contradicts itself".to_owned())))?;
    crate::roles::assign(&mut trial);
    Ok(trial)
}

struct Table<'a> {
    file: SerializedFileReader<Bytes>,
    blame: Blame<'a>,
}

impl Table<'_> {
    /// Whether places and sizes of all columns are numbers that a file can have; the library takes it for granted.
    fn is_sound(&self) -> bool {
        let columns = self.file.metadata().row_groups().iter().flat_map(|group| group.columns());
        columns.into_iter().all(|column| {
            let places = [Some(column.data_page_offset()), column.dictionary_page_offset()];
            let sizes = [Some(column.compressed_size()), Some(column.num_values())];
            places.into_iter().chain(sizes).flatten().all(|number| number >= 0)
        })
    }

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
                    Some(described) => crate::tidy::described(described, &series, &self.blame),
                    None => crate::tidy::guessed(series, "parquet_guessed", &self.blame),
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
                        if last >= crate::tidy::MOST_SERIES {
                            return Err(crate::tidy::too_many(&self.blame));
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
        let name = "signals".to_owned();
        let made = crate::tidy::stream(name, labels, values, &times, &[], &self.blame, &mut notes)?;
        Ok(crate::tidy::finish(vec![made], notes, "parquet_guessed", "wide: one column per channel"))
    }
}
