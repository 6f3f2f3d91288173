//! The gait cycles of a leg, as the report gives them.

use super::NO_CYCLE;
use crate::cycles::{Cycle, Timing};
use crate::report::{CycleReport, CyclesReport};
use crate::review::side::Missing;

pub(in crate::review) fn cycles_report(
    cycles: &[Cycle],
    timing: Option<Timing>,
    contacts: &[f64],
    missing: &mut Missing<'_>,
) -> CyclesReport {
    let why = if contacts.is_empty() {
        "no foot contacts of this leg: no events, plates or switches"
    } else {
        NO_CYCLE
    };
    if timing.is_none() {
        for key in ["stride_time_s", "stride_time_cv_percent", "stance_percent", "cadence_steps_per_min"] {
            missing.say(&format!("cycles.{key}"), why);
        }
    } else {
        missing.say("cycles.stride_time_cv_percent", "one gait cycle has no variation");
        missing.say("cycles.stance_percent", "no foot off in the gait cycles");
    }
    missing.say("cycles.items[*].foot_off_s", "no foot off in this cycle");
    CyclesReport {
        n: timing.map_or(0, |t| t.n),
        stride_time_s: timing.map(|t| t.stride_time_s),
        stride_time_cv_percent: timing.and_then(|t| t.stride_time_cv_percent),
        stance_percent: timing.and_then(|t| t.stance_percent),
        cadence_steps_per_min: timing.map(|t| t.cadence_steps_per_min()),
        items: cycles
            .iter()
            .map(|c| CycleReport {
                start_s: c.start_s,
                foot_off_s: c.foot_off_s,
                end_s: c.end_s,
                kept: c.is_kept(),
                reason: c.rejected.clone().unwrap_or_default(),
            })
            .collect(),
    }
}
