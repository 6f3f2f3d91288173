//! A profile: what was calibrated for one person, one electrode placement, one day.
//!
//! Stored as TOML (`surae-io` reads and writes it). Causal analysis takes its references from here and from nowhere else.

use crate::{Conditioning, Muscle, Side, Task, Unit};
use serde::{Deserialize, Serialize};

/// How an amplitude was normalised: the six approaches of CEDE (Besomi 2020).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NormalisationKind {
    /// Maximal contraction in the same task or context.
    MvcTask,
    /// Standardised isometric maximal contraction.
    MvcIso,
    /// Standardised sub-maximal task.
    Submax,
    /// Peak in the task: supports "earlier or later", not a class between muscles.
    TaskPeak,
    /// Mean in the task: as the peak.
    TaskMean,
    /// Not normalised.
    None,
    /// Maximal evoked response.
    Mmax,
}

impl NormalisationKind {
    /// The word used in JSON and text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MvcTask => "mvc_task",
            Self::MvcIso => "mvc_iso",
            Self::Submax => "submax",
            Self::TaskPeak => "task_peak",
            Self::TaskMean => "task_mean",
            Self::None => "none",
            Self::Mmax => "mmax",
        }
    }

    /// Whether a dominance class between two muscles may rest on it (METHOD R10).
    #[must_use]
    pub fn supports_dominance(self) -> bool {
        matches!(self, Self::MvcTask | Self::MvcIso | Self::Submax | Self::Mmax)
    }
}

/// What amplitudes are relative to where no calibration gives a reference. It comes from the task itself and supports "earlier or
/// later" only, never a class between muscles (METHOD R10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskReference {
    /// Highest point of the mean curve over the cycles.
    #[default]
    PeakOfMean,
    /// Mean over cycles of each cycle's highest point; higher than [`TaskReference::PeakOfMean`] (7 % in one real walk).
    MeanOfPeaks,
    /// Mean over all cycles.
    Mean,
    /// Not normalised: amplitudes stay in their unit.
    None,
}

/// The amplitude measure a reference and its rest level were taken with.
///
/// For Gaussian EMG the rectified mean is 0.7979 of the root mean square: the two are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// Average rectified value, or a low-passed rectified signal.
    Arv,
    /// Root mean square.
    Rms,
}

/// Reference and rest level of one muscle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AmplitudeReference {
    /// Muscle.
    pub muscle: Muscle,
    /// Leg.
    pub side: Side,
    /// Which of the CEDE approaches.
    pub kind: NormalisationKind,
    /// Amplitude measure of `value` and `rest`.
    pub estimator: Estimator,
    /// Reference amplitude as measured (noise included).
    pub value: f64,
    /// Rest level as measured, same measure and filters; 0 when unknown.
    pub rest: f64,
    /// Unit of both.
    pub unit: Unit,
    /// Posture in which the reference was reached.
    #[serde(default)]
    pub posture: Option<String>,
    /// Window of the reference.
    #[serde(default)]
    pub window_ms: Option<f64>,
    /// Coefficient of variation over repetitions.
    #[serde(default)]
    pub repeat_cv: Option<f64>,
}

/// The straight-knee reference of the angle test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StraightReference {
    /// Leg.
    pub side: Side,
    /// Mean ln(G/S) over efforts.
    pub log_ratio: f64,
    /// Standard error of that mean.
    pub standard_error: f64,
    /// Efforts.
    pub n: u32,
    /// Knee angle it was taken at.
    pub knee_deg: f64,
    /// Task it was taken in; references of different tasks are not interchangeable.
    pub task: Task,
}

/// How much of soleus the electrodes over a gastrocnemius head see, from an isolation trial (seated, knee bent, light plantar flexion).
///
/// What gastrocnemius itself did in that trial is in the coefficient too, so it bounds the leak from above.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IsolationLeak {
    /// The head.
    pub muscle: Muscle,
    /// Leg.
    pub side: Side,
    /// RMS over the head by RMS over soleus, both with their rest level taken off in power; 0 when the head stayed at rest.
    pub coefficient: f64,
    /// Windows of 0.5 s in which soleus was active.
    pub n: u32,
    /// Knee angle of the trial, deg of flexion; `None` when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knee_deg: Option<f64>,
}

/// Two-point calibration of a goniometer: what it reads with the knee straight and bent by a right angle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goniometer {
    /// Leg.
    pub side: Side,
    /// Label of its channel, case-insensitive.
    pub label: String,
    /// Value at 0 deg of flexion.
    pub at_0_deg: f64,
    /// Value at 90 deg of flexion.
    pub at_90_deg: f64,
    /// Unit of both; that of the channel.
    pub unit: Unit,
}

/// Calibration of one person, one placement, one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// `"surae.profile/1"`.
    pub schema: String,
    /// Name or code of the person.
    pub athlete: String,
    /// Day of the calibration, `YYYY-MM-DD`.
    pub date: String,
    /// Electrode placement in words.
    #[serde(default)]
    pub placement: String,
    /// True when the values are illustrative (demo) rather than measured; said wherever they are used.
    #[serde(default)]
    pub illustrative: bool,
    /// Filters behind which the references were measured; `None` when not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditioning: Option<Conditioning>,
    /// Amplitude references.
    #[serde(default, rename = "reference")]
    pub references: Vec<AmplitudeReference>,
    /// Straight-knee references.
    #[serde(default, rename = "straight")]
    pub straight: Vec<StraightReference>,
    /// Leak of soleus into the heads of gastrocnemius.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub isolation: Vec<IsolationLeak>,
    /// Knee angle measured in upright standing, to be subtracted, by leg.
    #[serde(default)]
    pub knee_offset_left_deg: Option<f64>,
    /// As `knee_offset_left_deg`, right leg.
    #[serde(default)]
    pub knee_offset_right_deg: Option<f64>,
    /// Two-point calibrations of goniometers on the knee.
    #[serde(default, rename = "goniometer", skip_serializing_if = "Vec::is_empty")]
    pub goniometers: Vec<Goniometer>,
}

impl Profile {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "surae.profile/1";

    /// The amplitude reference of a muscle and leg.
    #[must_use]
    pub fn reference(&self, muscle: Muscle, side: Side) -> Option<&AmplitudeReference> {
        self.references.iter().find(|r| r.muscle == muscle && r.side == side)
    }

    /// The straight-knee reference of a leg.
    #[must_use]
    pub fn straight(&self, side: Side) -> Option<&StraightReference> {
        self.straight.iter().find(|r| r.side == side)
    }

    /// The leak of soleus into a head of gastrocnemius.
    #[must_use]
    pub fn isolation(&self, muscle: Muscle, side: Side) -> Option<&IsolationLeak> {
        self.isolation.iter().find(|l| l.muscle == muscle && l.side == side)
    }

    /// The standing knee angle of a leg.
    #[must_use]
    pub fn knee_offset_deg(&self, side: Side) -> Option<f64> {
        match side {
            Side::Left => self.knee_offset_left_deg,
            Side::Right => self.knee_offset_right_deg,
        }
    }
}
