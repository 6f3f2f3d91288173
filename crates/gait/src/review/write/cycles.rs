//! The gait cycles of a leg, and the comparison of both legs, as the report gives them.

use super::NO_CYCLE;
use crate::cycles::{Cycle, Timing};
use crate::report::{CycleReport, CyclesReport, Sides, SymmetryReport};
use crate::review::side::Missing;
use crate::steps::{StepTimes, symmetry_angle_percent, symmetry_index_percent};
use crate::strides::Lengths;
use surae_trial::EventSource;

/// What the cycles of a leg are reported from.
pub(in crate::review) struct CycleParts<'a> {
    pub cycles: &'a [Cycle],
    pub timing: Option<Timing>,
    pub steps: StepTimes,
    pub lengths: Option<Lengths>,
    /// By cycle, the muscles whose curve is an outlier.
    pub outliers: &'a [Vec<String>],
    /// By cycle, why it has no part in the mean knee angle.
    pub without_knee: &'a [String],
    /// Cycles between starts of the soleus burst.
    pub is_emg: bool,
    pub source: Option<EventSource>,
}

const NO_MARKERS: &str = "no heel, toe and pelvis markers, or not seen in a kept cycle";

pub(in crate::review) fn cycles_report(parts: &CycleParts<'_>, missing: &mut Missing<'_>) -> CyclesReport {
    say(parts, missing);
    let (timing, steps) = (parts.timing, &parts.steps);
    let lengths = parts.lengths.unwrap_or_default();
    CyclesReport {
        start_event: if parts.is_emg { "soleus_burst_start" } else { "foot_contact" }.to_owned(),
        source: if parts.is_emg { Some(EventSource::Emg) } else { parts.source },
        n: timing.map_or(0, |t| t.n),
        stride_time_s: timing.map(|t| t.stride_time_s),
        stride_time_cv_percent: timing.and_then(|t| t.stride_time_cv_percent),
        stance_percent: timing.and_then(|t| t.stance_percent),
        cadence_steps_per_min: timing.map(|t| t.cadence_steps_per_min()),
        stance_time_s: steps.stance_time_s,
        swing_time_s: steps.swing_time_s,
        step_time_s: steps.step_time_s,
        double_support_percent: steps.double_support_percent,
        single_support_percent: steps.single_support_percent,
        stride_length_m: lengths.stride_length_m,
        step_length_m: lengths.step_length_m,
        step_width_m: lengths.step_width_m,
        speed_m_s: lengths.speed_m_s,
        belt_m_s: lengths.belt_m_s,
        items: parts
            .cycles
            .iter()
            .zip(parts.outliers)
            .zip(parts.without_knee)
            .map(|((c, outliers), knee)| CycleReport {
                start_s: c.start_s,
                foot_off_s: c.foot_off_s,
                end_s: c.end_s,
                kept: c.is_kept(),
                reason: c.rejected.clone().unwrap_or_default(),
                knee_reason: knee.clone(),
                outlier_muscles: outliers.clone(),
            })
            .collect(),
    }
}

/// Reasons for what may be missing.
fn say(parts: &CycleParts<'_>, missing: &mut Missing<'_>) {
    let keys = [
        "stride_time_s",
        "stride_time_cv_percent",
        "stance_percent",
        "cadence_steps_per_min",
        "stance_time_s",
        "swing_time_s",
        "step_time_s",
        "double_support_percent",
        "single_support_percent",
        "stride_length_m",
        "step_length_m",
        "step_width_m",
        "speed_m_s",
        "belt_m_s",
    ];
    let why = if parts.cycles.is_empty() && parts.source.is_none() {
        "no foot contacts of this leg: no events, plates, switches, foot markers or shank gyroscope"
    } else {
        NO_CYCLE
    };
    missing.say("cycles.source", why);
    missing.say("cycles.items[*].outlier_muscles", "no outlier");
    if parts.is_emg {
        let no_foot = "an EMG cycle has no foot contact and no foot off";
        keys.iter().for_each(|key| missing.say(&format!("cycles.{key}"), no_foot));
        missing.say("cycles.stride_time_cv_percent", "one cycle has no variation");
        missing.say("cycles.items[*].foot_off_s", no_foot);
        return;
    }
    if parts.timing.is_none() {
        keys.iter().for_each(|key| missing.say(&format!("cycles.{key}"), why));
    } else {
        missing.say("cycles.stride_time_cv_percent", "one gait cycle has no variation");
        for key in ["stance_percent", "stance_time_s", "swing_time_s"] {
            missing.say(&format!("cycles.{key}"), "no foot off in the gait cycles");
        }
        missing.say("cycles.step_time_s", "no contact of the other foot in the gait cycles");
        for key in ["double_support_percent", "single_support_percent"] {
            let why = "walking only, and needs contacts and offs of both feet";
            missing.say(&format!("cycles.{key}"), why);
        }
        for key in ["stride_length_m", "step_width_m", "speed_m_s"] {
            missing.say(&format!("cycles.{key}"), NO_MARKERS);
        }
        missing.say("cycles.step_length_m", format!("walking only; or {NO_MARKERS}"));
        missing.say("cycles.belt_m_s", format!("on the floor; or {NO_MARKERS}"));
    }
    missing.say("cycles.items[*].foot_off_s", "no foot off in this cycle");
}

/// Both legs side by side, for the times and lengths that both have.
pub(in crate::review) fn symmetry(sides: &Sides) -> Vec<SymmetryReport> {
    let (Some(left), Some(right)) = (&sides.left, &sides.right) else { return Vec::new() };
    type Quantity = (&'static str, fn(&CyclesReport) -> Option<f64>);
    let quantities: [Quantity; 6] = [
        ("stance_time_s", |c| c.stance_time_s),
        ("swing_time_s", |c| c.swing_time_s),
        ("step_time_s", |c| c.step_time_s),
        ("stance_percent", |c| c.stance_percent),
        ("step_length_m", |c| c.step_length_m),
        ("single_support_percent", |c| c.single_support_percent),
    ];
    quantities
        .into_iter()
        .filter_map(|(name, of)| {
            let (left, right) = (of(&left.cycles)?, of(&right.cycles)?);
            Some(SymmetryReport {
                quantity: name.to_owned(),
                left,
                right,
                symmetry_index_percent: symmetry_index_percent(left, right)?,
                symmetry_angle_percent: symmetry_angle_percent(left, right)?,
            })
        })
        .collect()
}
