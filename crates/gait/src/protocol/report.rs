//! What `surae protocol bent-straight` writes: `surae.bent_straight/1`.

use crate::report::Interval;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use surae_trial::Side;

/// The result of a bent-straight series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BentStraightReport {
    /// [`BentStraightReport::SCHEMA`].
    pub schema: String,
    /// Version of Surae.
    pub surae_version: String,
    /// Leg.
    pub side: Option<Side>,
    /// `consistent`, `not consistent` or `not testable`, with the published direction: gastrocnemius falls when the knee bends.
    pub verdict: String,
    /// Why, in one sentence.
    pub reason: String,
    /// Knee flexion that changes are counted from.
    pub straight_knee_deg: Option<f64>,
    /// Blocks by ascending knee flexion.
    pub blocks: Vec<BlockReport>,
    /// Gates over the series.
    pub gates: Vec<GateReport>,
    /// The result in words.
    pub sentences: Vec<String>,
    /// Why a value is `null`, by path.
    pub unavailable: BTreeMap<String, String>,
}

impl BentStraightReport {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "surae.bent_straight/1";
}

/// One block: one trial at one knee angle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockReport {
    /// Path of the trial.
    pub path: String,
    /// Knee flexion as stated.
    pub stated_knee_deg: Option<f64>,
    /// Mean knee flexion of the repetitions.
    pub knee_deg: Option<f64>,
    /// Mean ankle angle of the repetitions.
    pub ankle_deg: Option<f64>,
    /// Load as stated.
    pub stated_load: Option<f64>,
    /// Repetitions.
    pub n: usize,
    /// Whether the block passes its gates.
    pub usable: bool,
    /// Its gates.
    pub gates: Vec<GateReport>,
    /// Change of ln(G/S) from the straight knee; references cancel.
    pub log_ratio_change: Option<f64>,
    /// Its interval, by t over repetitions.
    pub log_ratio_change_ci90: Interval,
    /// Range of published group means for that change.
    pub published_range: Option<[f64; 2]>,
    /// Gastrocnemius amplitude relative to the straight knee.
    pub g_ratio: Option<f64>,
    /// Its interval.
    pub g_ratio_ci90: Interval,
    /// Soleus amplitude relative to the straight knee.
    pub s_ratio: Option<f64>,
    /// Its interval.
    pub s_ratio_ci90: Interval,
}

/// A condition of the protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// `knee`, `ankle`, `load`, `quality`, `repetitions`, `straight`, `bent`.
    pub gate: String,
    /// `passed`, `failed` or `not measured`.
    pub state: String,
    /// In words, with the numbers.
    pub text: String,
}

impl GateReport {
    pub(super) fn new(gate: &str, state: &str, text: impl Into<String>) -> Self {
        Self { gate: gate.to_owned(), state: state.to_owned(), text: text.into() }
    }

    pub(super) fn failed(&self) -> bool {
        self.state == "failed"
    }
}
