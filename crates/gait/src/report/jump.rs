//! One jump: times, heights, phases, and each leg through it.

use super::{Interval, PushOffPhase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use surae_trial::EventSource;

/// One jump, from force, take-off events or foot switches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JumpReport {
    /// Unique within the report.
    pub id: String,
    /// `countermovement`, `squat`, `drop`, `rebound` or `unknown`.
    pub start: String,
    /// Where its times come from.
    pub source: EventSource,
    /// First movement after quiet standing.
    pub movement_onset_s: Option<f64>,
    /// Landing out of which it begins.
    pub contact_s: Option<f64>,
    /// Take-off.
    pub take_off_s: f64,
    /// Landing.
    pub landing_s: f64,
    /// Flight time.
    pub flight_time_s: f64,
    /// `g t^2 / 8`.
    pub height_flight_m: f64,
    /// `v^2 / 2g` from the impulse.
    pub height_impulse_m: Option<f64>,
    /// Take-off speed from the impulse.
    pub take_off_speed_mps: Option<f64>,
    /// Speed left in the still second after landing: a check of weight and baseline.
    pub integration_residual_mps: Option<f64>,
    /// Mass used.
    pub body_mass_kg: Option<f64>,
    /// `quiet standing` or `subject`.
    pub body_mass_source: Option<String>,
    /// 20 log10 of weight over its standard deviation in the still second.
    pub weighing_snr_db: Option<f64>,
    /// Contact time before take-off.
    pub contact_time_s: Option<f64>,
    /// From movement onset to take-off.
    pub time_to_take_off_s: Option<f64>,
    /// Height of a fall that ends at the landing speed found; drop jumps only.
    pub drop_height_m: Option<f64>,
    /// Reactive strength index.
    pub rsi: Option<f64>,
    /// Which definition.
    pub rsi_definition: Option<String>,
    /// Flight time over contact time, or height over time to take-off.
    pub rsi_other: Option<f64>,
    /// Which definition.
    pub rsi_other_definition: Option<String>,
    /// What counted as take-off.
    pub take_off_rule: String,
    /// Phases in order.
    pub phases: Vec<JumpPhaseReport>,
    /// Each leg with EMG or knee angle, by side.
    pub sides: BTreeMap<String, JumpSideReport>,
}

/// A phase of a jump.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JumpPhaseReport {
    /// Name.
    pub phase: String,
    /// Start.
    pub from_s: f64,
    /// End.
    pub to_s: f64,
}

/// One leg through a jump.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JumpSideReport {
    /// Timing of each calf muscle by short name.
    pub muscles: BTreeMap<String, JumpMuscleReport>,
    /// t50 of soleus minus t50 of gastrocnemius: positive when gastrocnemius is first.
    pub gastrocnemius_lead_ms: Option<f64>,
    /// Its interval.
    pub lead_ci90_ms: Interval,
    /// Dominance by phase.
    pub phases: Vec<PushOffPhase>,
    /// Flexion at movement onset or contact.
    pub knee_at_start_deg: Option<f64>,
    /// Largest flexion before take-off.
    pub knee_max_deg: Option<f64>,
    /// When that is.
    pub knee_max_s: Option<f64>,
    /// Flexion at take-off.
    pub knee_at_take_off_deg: Option<f64>,
    /// Flexion at landing.
    pub knee_at_landing_deg: Option<f64>,
    /// Largest flexion in the 0.6 s after landing.
    pub knee_max_landing_deg: Option<f64>,
}

/// Timing of one muscle in a jump, after take-off (negative: before it).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JumpMuscleReport {
    /// Beginning of the burst before take-off.
    pub on_ms: Option<f64>,
    /// Its end.
    pub off_ms: Option<f64>,
    /// Highest envelope.
    pub peak_ms: Option<f64>,
    /// Half of the EMG up to take-off.
    pub t50_ms: Option<f64>,
    /// EMG of the 100 ms before landing over that and the 100 ms after.
    pub landing_preactivation_fraction: Option<f64>,
}
