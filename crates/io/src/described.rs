//! What a format cannot say of a trial, as one JSON document (`surae.trial/1`) that formats carry beside the numbers:
//! a chunk of a WAV, the key-value metadata of Parquet, a file beside an NPY.

use serde::{Deserialize, Serialize};
use surae_trial::{
    Channel, Event, Gap, NativeType, Note, Samples, Seconds, SessionLayout, Stream, Subject, Task, Trial,
};

/// The value of `schema`.
pub(crate) const SCHEMA: &str = "surae.trial/1";

/// A trial without its numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Described {
    pub schema: String,
    #[serde(default)]
    pub time_origin_s: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    #[serde(default)]
    pub synthetic: bool,
    #[serde(default)]
    pub subject: Subject,
    #[serde(default)]
    pub events: Vec<Event>,
    pub streams: Vec<DescribedStream>,
    /// Files beside this one that hold the other streams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<String>,
}

/// A stream without its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DescribedStream {
    pub name: String,
    pub rate_hz: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_rate_hz: Option<f64>,
    pub start_s: f64,
    pub native: NativeType,
    /// Number of frames.
    pub frames: usize,
    pub channels: Vec<Channel>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// True when frames have times of their own.
    #[serde(default)]
    pub irregular: bool,
}

impl Described {
    /// All of a trial, with the given streams.
    pub fn of(trial: &Trial, streams: &[&Stream]) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            time_origin_s: trial.time_origin_s,
            task: trial.task,
            synthetic: trial.synthetic,
            subject: trial.subject.clone(),
            events: trial.events.clone(),
            streams: streams.iter().map(|s| DescribedStream::of(s)).collect(),
            companions: Vec::new(),
        }
    }

    /// Reads a document; `None` when it is of another schema or no such document, or states what cannot be.
    pub fn parse(text: &str) -> Option<Self> {
        let found: Self = serde_json::from_str(text).ok()?;
        let sane = |s: &DescribedStream| {
            let lost: u64 = s.gaps.iter().fold(0, |sum, gap| sum.saturating_add(gap.lost_samples));
            let ascending = s.gaps.windows(2).all(|pair| pair[0].index.0 < pair[1].index.0);
            s.rate_hz > 0.0
                && s.rate_hz <= 1e6
                && s.start_s.is_finite()
                && s.channels.len() <= SessionLayout::MAX_CHANNELS
                && s.channels.iter().all(|c| c.scale.gain.is_finite() && c.scale.offset.is_finite())
                && lost <= crate::text::MOST_LOST_SAMPLES
                && ascending
        };
        (found.schema == SCHEMA && found.streams.iter().all(sane)).then_some(found)
    }

    /// A trial of these streams, with everything that is stated for the whole.
    pub fn trial(self, streams: Vec<Stream>, notes: Vec<Note>) -> Trial {
        Trial {
            time_origin_s: self.time_origin_s,
            task: self.task,
            synthetic: self.synthetic,
            subject: self.subject,
            events: self.events.into_iter().filter(|e| e.time_s.0.is_finite()).collect(),
            streams,
            notes,
            ..Trial::default()
        }
    }

    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl DescribedStream {
    fn of(stream: &Stream) -> Self {
        Self {
            name: stream.name.clone(),
            rate_hz: stream.rate_hz,
            measured_rate_hz: stream.measured_rate_hz,
            start_s: stream.start_s.0,
            native: stream.samples.native_type(),
            frames: stream.frames(),
            channels: stream.channels.clone(),
            gaps: stream.gaps.clone(),
            irregular: !stream.times_s.is_empty(),
        }
    }

    /// The stream, with its numbers.
    pub fn stream(&self, samples: Samples, times_s: Vec<f64>) -> Stream {
        Stream {
            name: self.name.clone(),
            rate_hz: self.rate_hz,
            measured_rate_hz: self.measured_rate_hz,
            start_s: Seconds(self.start_s),
            channels: self.channels.clone(),
            samples,
            gaps: if times_s.is_empty() { self.gaps.clone() } else { Vec::new() },
            times_s,
        }
    }
}

/// Notes on what no number file of one table holds: markers, plates, the session log.
pub(crate) fn losses(trial: &Trial, code: &str, format: &str) -> Vec<Note> {
    let lost = [
        (trial.markers.is_some(), "markers"),
        (!trial.plates.is_empty(), "the description of force plates (their channels are kept)"),
        (trial.log.is_some(), "the session log"),
    ];
    lost.into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| Note::warning(code, format!("{format} does not hold {what}")))
        .collect()
}

/// Letters, digits, `-` and `_` of a stream's name, for the name of a file beside the first.
pub(crate) fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}
