//! Repetitions, their trends, the calf pump of standing, and the force share: optional parts of a leg's report.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Repetitions of plantar flexion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepetitionsReport {
    /// How many.
    pub n: usize,
    /// Repetitions per minute, from the first to the last.
    pub per_min: Option<f64>,
    /// What amplitude and spectrum are taken from: `rise` (up to the most plantar-flexed moment) or `whole`.
    pub part: String,
    /// Each of them.
    pub items: Vec<RepetitionReport>,
    /// Trends of each calf muscle by short name.
    pub trends: BTreeMap<String, ChangeReport>,
}

/// One repetition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepetitionReport {
    /// Start of activity.
    pub from_s: f64,
    /// End of activity.
    pub to_s: f64,
    /// Mean knee flexion.
    pub knee_deg: Option<f64>,
    /// Mean ankle angle.
    pub ankle_deg: Option<f64>,
    /// Root mean square by muscle, rest level taken out, in the channel's unit.
    pub rms: BTreeMap<String, f64>,
    /// Median frequency by muscle.
    pub mdf_hz: BTreeMap<String, f64>,
}

/// How one muscle changes over the repetitions, or each second of long holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeReport {
    /// Median amplitude over the rest level.
    pub snr_db: Option<f64>,
    /// Amplitude.
    pub rms: Option<TrendReport>,
    /// Median frequency.
    pub mdf: Option<TrendReport>,
    /// What both say together; only at constant length.
    pub reading: Option<String>,
}

/// A straight line over time, in percent of its start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrendReport {
    /// Points.
    pub n: usize,
    /// Value at the first point.
    pub start: f64,
    /// Per minute.
    pub percent_per_min: f64,
    /// Its 95 % interval.
    pub ci95_per_min: [f64; 2],
    /// From one point to the next.
    pub percent_per_point: f64,
    /// Its 95 % interval.
    pub ci95_per_point: [f64; 2],
}

/// Contractions of the triceps surae in standing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalfPumpReport {
    /// How many.
    pub contractions: usize,
    /// Per minute.
    pub per_min: f64,
    /// Longest time without one.
    pub longest_still_s: f64,
    /// Time looked at.
    pub duration_s: f64,
    /// What counts as one.
    pub rule: String,
}

/// Share of gastrocnemius in the force of the triceps by knee angle: a model estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForceShareReport {
    /// Always `model estimate`, with what is in the model.
    pub label: String,
    /// Where capacities come from.
    pub capacities: Vec<String>,
    /// By knee angle.
    pub by_angle: Vec<ForceShareRow>,
}

/// One knee angle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForceShareRow {
    /// Mean knee flexion.
    pub knee_deg: f64,
    /// Mean ankle angle, or 0 where it was not measured.
    pub ankle_deg: f64,
    /// False where the ankle was taken for a right angle.
    pub ankle_measured: bool,
    /// Share with the central capacities.
    pub share: f64,
    /// Smallest and largest over the published capacities.
    pub range: [f64; 2],
}
