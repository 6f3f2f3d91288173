//! A trial: everything a file or a recording says, with what was guessed written down.

use crate::{Event, ForcePlate, MarkerSet, Muscle, Seconds, Side, Stream, Task, log::SessionLog};
use serde::{Deserialize, Serialize};

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A guess was made, or a result is limited.
    Warning,
    /// Something could not be computed or read.
    Error,
}

/// A guess, a doubt or a limit, in words for people and with a code for scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How much it matters.
    pub severity: Severity,
    /// Stable identifier in `snake_case`.
    pub code: String,
    /// One or two sentences: what, where, and what to do.
    pub text: String,
}

impl Note {
    /// A note worth knowing.
    pub fn info(code: &str, text: impl Into<String>) -> Self {
        Self { severity: Severity::Info, code: code.to_owned(), text: text.into() }
    }

    /// A guess or a limit.
    pub fn warning(code: &str, text: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, code: code.to_owned(), text: text.into() }
    }

    /// Something that could not be done.
    pub fn error(code: &str, text: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code: code.to_owned(), text: text.into() }
    }
}

/// The person, as far as stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// Name or code.
    pub name: Option<String>,
    /// Body mass in kg.
    pub mass_kg: Option<f64>,
    /// Height in m.
    pub height_m: Option<f64>,
}

/// A recorded or synthetic trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trial {
    /// Where it was read from, as the user gave it.
    pub path: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Format it was recognised as (`"c3d"`).
    pub format: String,
    /// What the source calls time zero, in s on its own clock; trial time 0 is that instant.
    pub time_origin_s: f64,
    /// Day of the recording, `YYYY-MM-DD`, where the source states it.
    pub recorded_on: Option<String>,
    /// What the person did, where stated.
    pub task: Option<Task>,
    /// True for generated data.
    pub synthetic: bool,
    /// The person.
    pub subject: Subject,
    /// Streams, each with its own rate.
    pub streams: Vec<Stream>,
    /// Markers, if any.
    pub markers: Option<MarkerSet>,
    /// Force plates, if any.
    pub plates: Vec<ForcePlate>,
    /// Events in the source, by ascending time.
    pub events: Vec<Event>,
    /// What was guessed, limited or not understood while reading.
    pub notes: Vec<Note>,
    /// The session log, for recordings of Surae; replay honours it instead of making its own.
    pub log: Option<SessionLog>,
}

impl Trial {
    /// Seconds from 0 to the end of the longest stream or marker set.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        let streams = self.streams.iter().map(|s| s.start_s.0 + s.duration_s());
        let markers = self.markers.iter().map(|m| m.start_s.0 + m.frames() as f64 / m.rate_hz);
        streams.chain(markers).fold(0.0, f64::max)
    }

    /// The first EMG channel of a muscle and side: stream position and channel position.
    #[must_use]
    pub fn emg(&self, muscle: Muscle, side: Side) -> Option<(usize, usize)> {
        self.streams.iter().enumerate().find_map(|(s, stream)| stream.emg(muscle, side).map(|c| (s, c)))
    }

    /// The first stream with EMG: the master clock.
    #[must_use]
    pub fn master_stream(&self) -> Option<usize> {
        self.streams.iter().position(Stream::has_emg)
    }

    /// The stream of this name.
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    /// Seconds from trial start for a time on the source's own clock.
    #[must_use]
    pub fn from_origin(&self, source_s: f64) -> Seconds {
        Seconds(source_s - self.time_origin_s)
    }
}
