//! Text tables: Surae's own CSV (`surae.csv/1`) and generic ones whose meaning is guessed and said.
//!
//! Surae's CSV starts with lines of `#` that form a TOML document, then a row of labels beginning with `time_s`, then
//! rows. A session of several streams is one file per stream; the first names the others in `companions`.
//!
//! ```text
//! # schema = "surae.csv/1"
//! # stream = "emg"
//! # rate_hz = 1000.0
//! # task = "walk"
//! # [[channel]]
//! # label = "MG"
//! # kind = "raw_emg"
//! # muscle = "MG"
//! # side = "right"
//! # unit = "uV"
//! # [[event]]
//! # time_s = 0.412
//! # kind = "foot_contact"
//! # side = "right"
//! time_s,MG
//! 0.000,12.5
//! 0.001,-3.25
//! ```
//!
//! Only `schema` is needed; a channel without an entry is read by its label. Values are native: a channel with `gain` or
//! `offset` has `physical = (value - offset) * gain`. A row that is missing is a gap; an empty cell or `NaN` is a missing value.

pub(crate) mod acqknowledge;
pub(crate) mod biometrics;
mod counter;
pub(crate) mod delsys;
mod generic;
pub(crate) mod noraxon;
pub(crate) mod open_bci;
pub(crate) mod open_signals;
mod own;
mod plain;
pub(crate) mod qualisys;
mod quick;
mod shape;
mod signals;
mod table;
pub(crate) mod tidy;
pub(crate) mod vicon;
mod worded;
mod write;

use crate::error::Error;
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::writer::Writer;
use serde::{Deserialize, Serialize};
use std::path::Path;
use surae_trial::{
    EventKind, EventSource, Joint, Kind, Muscle, NativeType, Note, Side, Subject, Task, Trial,
};

pub(crate) use generic::label_and_unit;
pub(crate) use write::file_name;
pub use write::write;

/// The value of `schema`.
pub const SCHEMA: &str = "surae.csv/1";

/// The header of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_s: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<NativeType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_on: Option<String>,
    #[serde(default)]
    pub synthetic: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_origin_s: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    #[serde(default, rename = "gap", skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<HeaderGap>,
    #[serde(default, rename = "channel", skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<HeaderChannel>,
    #[serde(default, rename = "event", skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<HeaderEvent>,
}

/// A hole whose length is an estimate; certain ones need no entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeaderGap {
    pub index: u64,
    pub certain: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeaderChannel {
    pub label: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muscle: Option<Muscle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<Joint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeaderEvent {
    pub time_s: f64,
    pub kind: EventKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<EventSource>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
}

/// Surae's CSV.
pub struct SuraeCsv;

impl Format for SuraeCsv {
    fn name(&self) -> &'static str {
        "surae-csv"
    }

    fn title(&self) -> &'static str {
        "Surae CSV"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        let head = crate::text::decode(&bytes[..bytes.len().min(4096)]);
        let ours = head.lines().take_while(|line| line.trim_start().starts_with('#')).any(|line| {
            let line = line.trim_start_matches(['#', ' ']);
            line.starts_with("schema") && line.contains("surae.csv/")
        });
        if ours { Confidence::Sure } else { Confidence::No }
    }

    fn companions(&self, head: &[u8]) -> Vec<String> {
        own::companions(&crate::text::decode(head))
    }

    fn reads_whole(&self) -> bool {
        true
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        own::read(input)
    }
}

impl Writer for SuraeCsv {
    fn name(&self) -> &'static str {
        "surae-csv"
    }

    fn title(&self) -> &'static str {
        "Surae CSV"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        write::write(trial, path)
    }
}

/// A table of numbers with a time column, or with a rate that is stated.
pub struct GenericCsv;

impl Format for GenericCsv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn title(&self) -> &'static str {
        "CSV with a time column"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        if generic::looks_like_a_table(bytes) { Confidence::Guess } else { Confidence::No }
    }

    fn reads_whole(&self) -> bool {
        true
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        generic::read(input)
    }
}

/// Times of events from a table whose columns are kinds of events (`touchdown_s,liftoff_s`): time, kind, column name.
///
/// # Errors
/// Not a table, or a column whose name is no event.
pub(crate) fn read_events(name: &str, bytes: &[u8]) -> Result<Vec<(f64, EventKind, String)>, Error> {
    generic::read_events(name, bytes)
}

#[cfg(test)]
mod tests;
