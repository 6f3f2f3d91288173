//! What was analysed: the trial, its streams, channels and events.

use serde::{Deserialize, Serialize};
use surae_trial::{
    Amplifier, Electrode, EventKind, EventSource, Gap, Joint, Kind, Muscle, Side, Subject, Task, Unit,
};

/// The trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialReport {
    /// Path as the user gave it.
    pub path: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Trial time 0 on the source's own clock, in s.
    pub time_origin_s: f64,
    /// Length in s.
    pub duration_s: f64,
    /// What the person does.
    pub task: Task,
    /// True for generated data.
    pub synthetic: bool,
    /// The person.
    pub subject: Subject,
    /// Streams.
    pub streams: Vec<StreamReport>,
}

/// A stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamReport {
    /// Name.
    pub name: String,
    /// Nominal rate.
    pub rate_hz: f64,
    /// Rate against the host clock.
    pub measured_rate_hz: Option<f64>,
    /// Time of index 0.
    pub start_s: f64,
    /// Indices spanned, lost samples included.
    pub n_samples: u64,
    /// Lost samples.
    pub gaps: Vec<Gap>,
    /// Channels.
    pub channels: Vec<ChannelReport>,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelReport {
    /// Label of the source.
    pub label: String,
    /// What it was taken for.
    pub kind: Kind,
    /// Why.
    pub reason: String,
    /// Muscle.
    pub muscle: Option<Muscle>,
    /// Leg.
    pub side: Option<Side>,
    /// Joint.
    pub joint: Option<Joint>,
    /// Unit of its values.
    pub unit: Unit,
    /// Electrode, as stated.
    pub electrode: Electrode,
    /// Amplifier, as stated.
    pub amplifier: Amplifier,
    /// Signal quality; EMG only.
    pub quality: Option<QualityReport>,
}

/// Signal quality of an EMG channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// `good`, `fair` or `bad`: the worst of the metrics.
    pub grade: String,
    /// In words, what lowers the grade.
    pub reasons: Vec<String>,
    /// 20 log10 of active RMS over rest RMS.
    pub snr_db: Option<f64>,
    /// Rest level (RMS), in the channel's unit.
    pub noise_floor: Option<f64>,
    /// Power at mains frequency and harmonics over total.
    pub hum_ratio: Option<f64>,
    /// Power below 20 Hz over total.
    pub motion_ratio: Option<f64>,
    /// Fraction of samples at the rails.
    pub clipping_fraction: Option<f64>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventReport {
    /// Unique within the report.
    pub id: String,
    /// When.
    pub time_s: f64,
    /// What.
    pub kind: EventKind,
    /// Leg.
    pub side: Option<Side>,
    /// Where it comes from.
    pub source: EventSource,
    /// True when the analysis uses it.
    pub chosen: bool,
}
