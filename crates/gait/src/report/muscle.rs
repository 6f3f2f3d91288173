//! One muscle of one leg over the gait cycle.

use crate::activity::Detector;
use crate::noise::RestSource;
use serde::{Deserialize, Serialize};
use surae_trial::{Kind, NormalisationKind};

/// One muscle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MuscleReport {
    /// Label of the channel.
    pub label: String,
    /// What the channel holds.
    pub signal: Kind,
    /// Highest point of the mean curve.
    pub peak: Option<f64>,
    /// Unit of `peak`, the curves and the noise.
    pub amplitude_unit: String,
    /// Where in the cycle the peak is.
    pub peak_percent_cycle: Option<f64>,
    /// Mean envelope over the cycle, 101 points.
    pub mean_curve: Option<Vec<f64>>,
    /// Standard deviation across cycles, 101 points.
    pub sd_curve: Option<Vec<f64>>,
    /// Coefficient of variation of the ensemble: root of the mean variance over the mean.
    pub cv: Option<f64>,
    /// Variance ratio across cycles.
    pub vr: Option<f64>,
    /// Coefficient of multiple correlation across cycles.
    pub cmc: Option<f64>,
    /// Starts of activity.
    pub onsets_s: Vec<f64>,
    /// Ends of activity.
    pub offsets_s: Vec<f64>,
    /// How onsets and offsets were found, and how far detectors agree.
    pub activity: ActivityReport,
    /// Median frequency of the bursts.
    pub mdf_hz: Option<f64>,
    /// Mean frequency of the bursts.
    pub mnf_hz: Option<f64>,
    /// Rest level.
    pub noise: NoiseReport,
    /// How the envelope was made.
    pub filter: FilterReport,
    /// What activation is relative to.
    pub normalisation: NormalisationReport,
}

/// How activity was found; the lists run with `onsets_s` and `offsets_s`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityReport {
    /// What found it.
    pub detector: Detector,
    /// Pauses filled and bursts dropped up to this.
    pub shortest_ms: f64,
    /// Range of each onset over double threshold, Teager-Kaiser energy and the live rule.
    pub onset_spread_ms: Vec<Option<f64>>,
    /// As `onset_spread_ms`, of the offsets.
    pub offset_spread_ms: Vec<Option<f64>>,
    /// Root mean square of the burst over rest.
    pub snr_db: Vec<Option<f64>>,
    /// True when the burst is at least 8 dB above rest and all detectors found its onset.
    pub reliable: Vec<bool>,
}

/// Rest level of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoiseReport {
    /// Where it comes from.
    pub source: RestSource,
    /// Window it was measured over.
    pub window_ms: f64,
    /// Rectified mean at rest.
    pub value: f64,
}

/// How an envelope was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilterReport {
    /// Prototype order of the band-pass and of the low-pass.
    pub order: [u8; 2],
    /// 1 causal, 2 forward and backward.
    pub passes: u8,
    /// `none` or `winter`; applies to two passes.
    pub correction: String,
    /// Band edges and low-pass at which the net response is -3 dB; `null` for what the source filtered.
    pub effective_cutoffs_hz: [Option<f64>; 3],
    /// `rectified_lowpass`, `source_rectified_lowpass` or `source_envelope`.
    pub envelope_kind: String,
    /// Lag of the envelope.
    pub lag_ms: Option<f64>,
}

/// What activation is relative to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NormalisationReport {
    /// One of the CEDE approaches.
    pub kind: NormalisationKind,
    /// Reference amplitude in the channel's unit.
    pub reference: Option<f64>,
    /// Where it comes from.
    pub source: String,
    /// Day it was taken.
    pub date: Option<String>,
    /// Posture.
    pub posture: Option<String>,
    /// Window.
    pub window_ms: Option<f64>,
    /// Coefficient of variation over repetitions.
    pub repeat_cv: Option<f64>,
    /// True when the values are illustrative and not measured.
    pub illustrative: bool,
}
