//! Dominance by phase of the gait cycle.
//!
//! Walking phases are those of Perry in percent of the cycle; running has its stance cut in half and a pre-activation
//! before contact. The phase view must stand beside the angle view, because in gait angle and phase mix (METHOD 3.4).

use crate::cycles::Cycle;
use crate::dominance::{Ratio, Reason, Verdict};
use crate::leg::{ENOUGH_EFFORTS, Leg, over_efforts};
use surae_trial::{DominanceSettings, Task};

/// A part of the cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
    /// Name in `snake_case`.
    pub name: &'static str,
    /// Start in percent of the cycle.
    pub from_percent: f64,
    /// End in percent of the cycle.
    pub to_percent: f64,
}

/// The phases of a task; `foot_off_percent` is the mean of the kept cycles.
#[must_use]
pub fn phases(task: Task, foot_off_percent: Option<f64>, preactivation_percent: f64) -> Vec<Phase> {
    let phase = |name, from_percent, to_percent| Phase { name, from_percent, to_percent };
    match (task, foot_off_percent) {
        (Task::Run | Task::Sprint | Task::Jump, Some(off)) => {
            let last = (100.0 - preactivation_percent).max(off);
            vec![
                phase("first_half_of_contact", 0.0, off / 2.0),
                phase("second_half_of_contact", off / 2.0, off),
                phase("swing", off, last),
                phase("pre_activation", last, 100.0),
            ]
        }
        _ => vec![
            phase("loading", 0.0, 12.0),
            phase("mid_stance", 12.0, 31.0),
            phase("terminal_stance", 31.0, 50.0),
            phase("pre_swing", 50.0, 62.0),
            phase("swing", 62.0, 100.0),
        ],
    }
}

/// The result of one phase.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseResult {
    /// Which.
    pub phase: Phase,
    /// Over all kept cycles.
    pub ratio: Ratio,
    /// Cycles in it.
    pub n: usize,
    /// Class and reason.
    pub verdict: Verdict,
}

/// Dominance in each phase over the kept cycles: integrals over the phase per cycle, intervals across cycles.
///
/// A phase in which neither muscle is clear of its floor is rest.
#[must_use]
pub fn by_phase(
    leg: &Leg<'_>,
    cycles: &[Cycle],
    phases: &[Phase],
    settings: &DominanceSettings,
) -> Vec<PhaseResult> {
    let kept: Vec<&Cycle> = cycles.iter().filter(|c| c.is_kept()).collect();
    phases
        .iter()
        .map(|phase| {
            let windows: Vec<(f64, f64)> = kept
                .iter()
                .map(|c| (c.at_percent(phase.from_percent), c.at_percent(phase.to_percent)))
                .collect();
            let ratios: Vec<Ratio> = windows.iter().map(|w| leg.levels(&[*w]).ratio()).collect();
            let pooled = leg.levels(&windows);
            let ratio = over_efforts(&ratios, &pooled.ratio(), pooled.reference_variance());
            let silent = pooled.gastrocnemius.at_floor() && pooled.soleus.at_floor();
            let verdict = if kept.is_empty() {
                Verdict::undetermined(Reason::NoData)
            } else if silent && pooled.soleus.is_known() {
                Verdict::of(crate::dominance::Class::Rest)
            } else if kept.len() < ENOUGH_EFFORTS
                && leg.no_class.is_none()
                && !leg.verdict(&ratio, settings.class_threshold).class.is_dominant()
            {
                Verdict::undetermined(Reason::OneContact)
            } else {
                leg.verdict(&ratio, settings.class_threshold)
            };
            PhaseResult { phase: *phase, ratio, n: kept.len(), verdict }
        })
        .collect()
}
