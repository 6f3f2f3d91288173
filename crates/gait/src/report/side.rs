//! One leg: knee, cycles, muscles, dominance, push-offs.

use super::{CalfPumpReport, ForceShareReport, Interval, MuscleReport, RepetitionsReport};
use crate::dominance::{Bound, Class, Reason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use surae_trial::{EventSource, Task};

/// One leg.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideReport {
    /// Knee angle.
    pub knee_angle: Option<KneeReport>,
    /// Ankle angle.
    pub ankle_angle: Option<AnkleReport>,
    /// Gait cycles.
    pub cycles: CyclesReport,
    /// Muscles by short name.
    pub muscles: BTreeMap<String, MuscleReport>,
    /// Crosstalk screens.
    pub crosstalk: Crosstalk,
    /// Gastrocnemius against soleus.
    pub dominance: Option<DominanceReport>,
    /// One entry a contact.
    pub pushoffs: Vec<PushOffReport>,
    /// Medians over the contacts.
    pub pushoff_summary: Option<PushOffSummary>,
    /// Lead over the contacts.
    pub lead_summary: Option<LeadReport>,
    /// Repetitions of plantar flexion, with trends.
    pub repetitions: Option<RepetitionsReport>,
    /// Contractions in standing.
    pub calf_pump: Option<CalfPumpReport>,
    /// Share of gastrocnemius in the force: a model estimate, on request.
    pub force_share: Option<ForceShareReport>,
}

/// Knee angle: 0 = straight, flexion positive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KneeReport {
    /// Where it comes from.
    pub source: String,
    /// What was decided about the sign.
    pub sign_note: String,
    /// `standing trial`, `profile`, `quiet standing in this trial`, `straightest of this trial` or `none`.
    pub zero_method: String,
    /// What was subtracted.
    pub offset_deg: f64,
    /// Smallest flexion.
    pub min_deg: Option<f64>,
    /// Largest flexion.
    pub max_deg: Option<f64>,
    /// First and last time with a value.
    pub valid_s: Interval,
    /// Mean over the cycle, 101 points.
    pub mean_curve_deg: Option<Vec<f64>>,
    /// Standard deviation over the cycle, 101 points.
    pub sd_curve_deg: Option<Vec<f64>>,
}

/// Ankle angle: 0 = foot at a right angle to the shank, dorsiflexion positive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnkleReport {
    /// Where it comes from.
    pub source: String,
    /// `standing trial` or `none`.
    pub zero_method: String,
    /// What was subtracted.
    pub offset_deg: f64,
    /// Most plantarflexed.
    pub min_deg: Option<f64>,
    /// Most dorsiflexed.
    pub max_deg: Option<f64>,
    /// Mean over the cycle, 101 points.
    pub mean_curve_deg: Option<Vec<f64>>,
    /// Standard deviation over the cycle, 101 points.
    pub sd_curve_deg: Option<Vec<f64>>,
}

/// Gait cycles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CyclesReport {
    /// What 0 % is: `foot_contact`, or `soleus_burst_start` where nothing shows the contacts (EMG cycles, not gait cycles).
    pub start_event: String,
    /// Where the contacts come from; the source of most of them.
    pub source: Option<EventSource>,
    /// Kept cycles.
    pub n: usize,
    /// Mean stride time.
    pub stride_time_s: Option<f64>,
    /// Its coefficient of variation.
    pub stride_time_cv_percent: Option<f64>,
    /// Mean stance.
    pub stance_percent: Option<f64>,
    /// Steps per minute.
    pub cadence_steps_per_min: Option<f64>,
    /// Mean contact to foot off.
    pub stance_time_s: Option<f64>,
    /// Mean foot off to contact.
    pub swing_time_s: Option<f64>,
    /// Mean contact of the other foot to contact of this one.
    pub step_time_s: Option<f64>,
    /// Mean of both feet on the ground, both intervals; walking only.
    pub double_support_percent: Option<f64>,
    /// Mean of this foot alone on the ground; walking only.
    pub single_support_percent: Option<f64>,
    /// Mean heel-to-heel way of a stride, relative to the ground.
    pub stride_length_m: Option<f64>,
    /// Mean of how far this heel is ahead of the other one at its contact; walking only.
    pub step_length_m: Option<f64>,
    /// Mean distance of the heels across the walking direction at contact.
    pub step_width_m: Option<f64>,
    /// Mean stride length over stride time.
    pub speed_m_s: Option<f64>,
    /// Speed of the treadmill's belt; `null` on the floor.
    pub belt_m_s: Option<f64>,
    /// All cycles.
    pub items: Vec<CycleReport>,
}

/// One cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CycleReport {
    /// Contact.
    pub start_s: f64,
    /// Foot off.
    pub foot_off_s: Option<f64>,
    /// Next contact.
    pub end_s: f64,
    /// Whether it counts.
    pub kept: bool,
    /// Why not; empty when kept.
    pub reason: String,
    /// Why it has no part in the mean knee angle; empty when it has.
    pub knee_reason: String,
    /// Muscles whose curve in this cycle lies unusually far from their median curve; it counts all the same.
    pub outlier_muscles: Vec<String>,
}

/// One quantity of both legs. Only times and lengths are compared in this way: an index explodes where a quantity passes zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SymmetryReport {
    /// Key of the quantity in `cycles` (`step_time_s`).
    pub quantity: String,
    /// Left.
    pub left: f64,
    /// Right.
    pub right: f64,
    /// `100 (R - L) / (0.5 (R + L))`.
    pub symmetry_index_percent: f64,
    /// `100 (45 deg - atan(L / R)) / 90 deg`.
    pub symmetry_angle_percent: f64,
}

/// ln(G/S) of the left leg against that of the right one, in a phase of the cycle; only where both legs have measured references of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideDifferenceReport {
    /// Phase (`terminal_stance`).
    pub phase: String,
    /// ln(G/S) of the left leg.
    pub log_ratio_left: f64,
    /// ln(G/S) of the right leg.
    pub log_ratio_right: f64,
    /// Left minus right.
    pub log_ratio_difference: f64,
    /// Its interval.
    pub log_ratio_difference_ci90: [f64; 2],
}

/// Crosstalk screens, not corrections.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Crosstalk {
    /// Largest absolute correlation within 30 ms, by pair (`MG-SOL`), over the record.
    pub r_xy: BTreeMap<String, f64>,
    /// Amplitude leak from an isolation trial: the largest of the heads.
    pub isolation_coefficient: Option<f64>,
    /// The same by head.
    pub isolation_by_head: BTreeMap<String, f64>,
    /// D of soleus alone with this leak, on the references in use: nothing below it can be measured. In -1 to 1.
    pub lowest_dominance: Option<f64>,
}

/// Gastrocnemius against soleus: relative activity, not force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DominanceReport {
    /// Heads in use.
    pub heads: Vec<String>,
    /// Their weights.
    pub weights: Vec<f64>,
    /// Dominant beyond this |D|.
    pub class_threshold: f64,
    /// Dwell of shown classes; durations are before it.
    pub dwell_ms: f64,
    /// A dominant class is left below this |D|.
    pub hysteresis: f64,
    /// What the published range rests on, or why it is not drawn.
    pub band_source: String,
    /// Efforts (strides, bursts).
    pub n_efforts: usize,
    /// Straight-knee reference.
    pub straight_reference: Option<StraightReport>,
    /// Seconds in each class.
    pub class_duration_s: Option<ClassSeconds>,
    /// By knee angle.
    pub by_angle: Vec<AngleReport>,
    /// By phase of the cycle.
    pub by_phase: Vec<PhaseReport>,
}

/// Straight-knee reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StraightReport {
    /// ln(G/S).
    pub log_ratio: f64,
    /// Its interval.
    pub ci90: Interval,
    /// Knee angle it was taken at.
    pub knee_deg: f64,
    /// Task it was taken in.
    pub task: Task,
    /// Efforts.
    pub n: usize,
}

/// Seconds in each class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassSeconds {
    /// Neither muscle on.
    pub rest: f64,
    /// Soleus more active.
    pub soleus_dominant: f64,
    /// Balanced.
    pub balanced: f64,
    /// Gastrocnemius more active.
    pub gastrocnemius_dominant: f64,
    /// Not clear.
    pub undetermined: f64,
}

/// One bin of knee angle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AngleReport {
    /// Mean flexion of the samples in it.
    pub knee_deg: f64,
    /// Mean ankle angle.
    pub ankle_deg: Option<f64>,
    /// Seconds with either muscle on.
    pub active_s: f64,
    /// Efforts.
    pub n_efforts: usize,
    /// ln(G/S); the bound itself when one-sided.
    pub log_ratio: Option<f64>,
    /// Its interval.
    pub log_ratio_ci90: Interval,
    /// D.
    pub dominance: Option<f64>,
    /// Its interval.
    pub dominance_ci90: Interval,
    /// Value or bound.
    pub bound: Bound,
    /// Change from the straight knee, references cancelled.
    pub log_ratio_change: Option<f64>,
    /// Its interval.
    pub log_ratio_change_ci90: Interval,
    /// Published range of that change.
    pub expected_log_ratio_change_range: Option<[f64; 2]>,
    /// Gastrocnemius relative to the straight knee.
    pub g_ratio: Option<f64>,
    /// Soleus relative to the straight knee.
    pub s_ratio: Option<f64>,
    /// Part of the active time with the foot on the ground, in percent.
    pub stance_percent: Option<f64>,
    /// `inside`, `outside_published_group_means`, `few`, `knee_extension_confound`.
    pub angle_flag: Option<String>,
}

/// One phase of the cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseReport {
    /// Name.
    pub phase: String,
    /// Start.
    pub from_percent: f64,
    /// End.
    pub to_percent: f64,
    /// ln(G/S); the bound itself when one-sided.
    pub log_ratio: Option<f64>,
    /// Its interval.
    pub log_ratio_ci90: Interval,
    /// D.
    pub dominance: Option<f64>,
    /// Its interval.
    pub dominance_ci90: Interval,
    /// Value or bound.
    pub bound: Bound,
    /// Class.
    pub class: Class,
    /// Why undetermined.
    pub reason: Option<Reason>,
}

/// Pre-activation by muscle.
pub type Preactivation = BTreeMap<String, f64>;

/// One contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushOffReport {
    /// Unique within the report (`right-3`).
    pub id: String,
    /// Contact.
    pub contact_s: f64,
    /// Foot off.
    pub off_s: Option<f64>,
    /// Contact time.
    pub contact_time_s: Option<f64>,
    /// Flight after it.
    pub flight_time_s: Option<f64>,
    /// t50 of soleus minus t50 of gastrocnemius: positive when gastrocnemius is first.
    pub gastrocnemius_lead_ms: Option<f64>,
    /// Its interval.
    pub lead_ci90_ms: Interval,
    /// How the lead was measured.
    pub lead_method: String,
    /// Timing of each calf muscle against contact and foot off, by short name.
    pub muscles: BTreeMap<String, PushOffMuscle>,
    /// Fraction of EMG before contact, by muscle.
    pub preactivation_fraction: Preactivation,
    /// Dominance by phase.
    pub phases: Vec<PushOffPhase>,
    /// Start of the burst after contact.
    pub mg_onset_ms: Option<f64>,
    /// Start of the burst after contact.
    pub sol_onset_ms: Option<f64>,
    /// `onset_merged` and the like; empty when both onsets are given.
    pub onset_reason: String,
    /// Half accumulated.
    pub mg_t50_ms: Option<f64>,
    /// Half accumulated.
    pub lg_t50_ms: Option<f64>,
    /// Half accumulated.
    pub sol_t50_ms: Option<f64>,
    /// Envelope peak after contact.
    pub mg_peak_ms: Option<f64>,
    /// Envelope peak after contact.
    pub lg_peak_ms: Option<f64>,
    /// Envelope peak after contact.
    pub sol_peak_ms: Option<f64>,
    /// Flexion at contact.
    pub knee_at_contact_deg: Option<f64>,
    /// Smallest flexion during contact.
    pub knee_min_deg: Option<f64>,
    /// Flexion at foot off.
    pub knee_at_off_deg: Option<f64>,
    /// Windows and thresholds.
    pub window_rule: String,
    /// Why a person rejected it; empty when it counts.
    #[serde(default)]
    pub rejected: String,
    /// Worst grade of the channels; `null` when not graded.
    pub quality: Option<String>,
}

/// Timing of one calf muscle at one contact: after contact, and after foot off (negative: before it).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushOffMuscle {
    /// Beginning of the burst after contact.
    pub onset_ms: Option<f64>,
    /// End of the burst after contact.
    pub offset_ms: Option<f64>,
    /// Half accumulated, after contact.
    pub t50_ms: Option<f64>,
    /// Highest envelope after contact.
    pub peak_ms: Option<f64>,
    /// Beginning of the burst after foot off.
    pub onset_to_off_ms: Option<f64>,
    /// End of the burst after foot off.
    pub offset_to_off_ms: Option<f64>,
    /// Half accumulated, after foot off.
    pub t50_to_off_ms: Option<f64>,
    /// Highest envelope after foot off.
    pub peak_to_off_ms: Option<f64>,
    /// Highest envelope in percent of the contact time.
    pub peak_percent_contact: Option<f64>,
}

/// Dominance in one phase of a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushOffPhase {
    /// Name.
    pub phase: String,
    /// ln(G/S).
    pub log_ratio: Option<f64>,
    /// Its interval.
    pub log_ratio_ci90: Interval,
    /// Class, or undetermined: no call.
    pub class: Class,
    /// Why undetermined.
    pub reason: Option<Reason>,
}

/// Medians over the contacts of a leg.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushOffSummary {
    /// Contacts with a foot off.
    pub n: usize,
    /// Contact time.
    pub contact_time_s: Option<f64>,
    /// Flight after it.
    pub flight_time_s: Option<f64>,
    /// First and last contact time of a start, when contacts shorten from step to step.
    pub accelerating_s: Option<[f64; 2]>,
    /// Pre-activation fraction by muscle.
    pub preactivation_fraction: Preactivation,
    /// Half accumulated after contact, by muscle.
    pub t50_ms: BTreeMap<String, f64>,
    /// Flexion at contact, smallest, at foot off.
    pub knee_deg: [Option<f64>; 3],
}

/// Lead over the contacts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadReport {
    /// Median.
    pub median_ms: f64,
    /// Interval.
    pub ci90_ms: [f64; 2],
    /// Contacts.
    pub n: usize,
    /// Medians by head, soleus minus head.
    pub by_head_ms: BTreeMap<String, f64>,
    /// In words (`No clear lead`, `Gastrocnemius first`, `Soleus first`).
    pub call: String,
}
