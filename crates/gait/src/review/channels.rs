//! The EMG channels of a leg with what belongs to them: rest level, curves, references.

use super::CycleCurves;
use super::side::{Context, Missing};
use crate::cycles::{Cycle, Ensemble, curve, outliers};
use crate::dominance::dominance_of;
use crate::emg::Emg;
use crate::leg::{Leg, LegMuscle};
use crate::noise::{Rest, rest_level};
use crate::normalise::{Reference, from_profile, from_task};
use crate::report::Crosstalk;
use surae_trial::{Muscle, Note};

/// One channel of the leg with what belongs to it.
pub(super) struct Channel<'a> {
    pub emg: &'a Emg,
    pub rest: Rest,
    pub ensemble: Option<Ensemble>,
    pub curves: CycleCurves,
    /// What the task itself gives as reference, where there is none of a calibration.
    pub of_task: Option<Reference>,
    pub reference: Option<Reference>,
}

/// First channel of each muscle, with rest level, ensemble and reference.
pub(super) fn channels<'a>(
    context: &Context<'_>,
    emg: &[&'a Emg],
    cycles: &[Cycle],
    notes: &mut Vec<Note>,
) -> Vec<Channel<'a>> {
    let mut found: Vec<Channel<'a>> = Vec::new();
    for emg in emg.iter().copied().filter(|e| e.muscle != Muscle::Other) {
        if found.iter().any(|c| c.emg.muscle == emg.muscle) {
            notes.push(Note::warning(
                "second_site",
                format!(
                    "{}: a second {} of the {} leg; only the first is analysed.",
                    emg.label, emg.muscle, emg.side
                ),
            ));
            continue;
        }
        let standing = context
            .standing
            .iter()
            .find(|s| s.muscle == emg.muscle && s.side == emg.side && s.unit == emg.unit);
        let rest = rest_level(emg, standing);
        let name = emg.muscle.short();
        let curves = cycle_curves(name, emg.unit.symbol(), &emg.envelope, emg.rate_hz, emg.start_s, cycles);
        let ensemble = Ensemble::of(&curves.curves);
        let reference = match context.profile.map(|p| from_profile(p, emg)) {
            Some(Ok(found)) => found,
            Some(Err(why)) => {
                notes.push(Note::warning("reference_unusable", format!("{why}; not used.")));
                None
            }
            None => None,
        };
        let wanted = context.settings.task_reference;
        let of_task = from_task(wanted, &curves.curves, ensemble.as_ref(), &emg.envelope);
        found.push(Channel { emg, rest, ensemble, curves, of_task, reference });
    }
    found
}

/// A signal over the kept cycles in which it is whole.
pub(super) fn cycle_curves(
    name: &str,
    unit: &str,
    values: &[f64],
    rate_hz: f64,
    start_s: f64,
    cycles: &[Cycle],
) -> CycleCurves {
    let (cycles, curves) = cycles
        .iter()
        .enumerate()
        .filter(|(_, c)| c.is_kept())
        .filter_map(|(at, c)| Some((at, curve(values, rate_hz, start_s, c)?)))
        .unzip();
    CycleCurves { name: name.to_owned(), unit: unit.to_owned(), cycles, curves }
}

/// By cycle, the muscles whose curve lies unusually far from their median curve.
pub(super) fn outlier_muscles(channels: &[Channel<'_>], n: usize) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new(); n];
    for channel in channels {
        for (at, is_outlier) in channel.curves.cycles.iter().zip(outliers(&channel.curves.curves)) {
            if is_outlier {
                found[*at].push(channel.curves.name.clone());
            }
        }
    }
    found
}

/// Calf channels of the leg with rest level and head weight; a channel of both heads only without channels of the heads.
pub(super) fn calf<'a>(context: &Context<'_>, channels: &[Channel<'a>]) -> Vec<(&'a Emg, Rest, f64)> {
    let both_heads = channels.iter().any(|c| matches!(c.emg.muscle, Muscle::MG | Muscle::LG));
    channels
        .iter()
        .filter(|c| c.emg.muscle.is_triceps_surae() && !(both_heads && c.emg.muscle == Muscle::GAS))
        .map(|c| (c.emg, c.rest, context.settings.head_weight(c.emg.muscle)))
        .collect()
}

/// Common signal of each pair of calf channels over the record, as a screen, and what an isolation trial says of the leak of soleus.
pub(super) fn crosstalk(
    context: &Context<'_>,
    channels: &[Channel<'_>],
    leg: Option<&Leg<'_>>,
    missing: &mut Missing<'_>,
) -> Crosstalk {
    let mut found = Crosstalk::default();
    let calf: Vec<&Channel<'_>> = channels.iter().filter(|c| c.emg.muscle.is_triceps_surae()).collect();
    for (at, a) in calf.iter().enumerate() {
        for b in &calf[at + 1..] {
            if let Some(r) = context.common.between(a.emg, b.emg) {
                found.r_xy.insert(format!("{}-{}", a.emg.muscle, b.emg.muscle), r);
            }
        }
    }
    isolation(context, &calf, leg, &mut found, missing);
    found
}

/// The leak of the profile and the lowest D that it leaves measurable.
fn isolation(
    context: &Context<'_>,
    calf: &[&Channel<'_>],
    leg: Option<&Leg<'_>>,
    found: &mut Crosstalk,
    missing: &mut Missing<'_>,
) {
    let of = |emg: &Emg| context.profile?.isolation(emg.muscle, emg.side).map(|leak| leak.coefficient);
    for channel in calf {
        if let Some(coefficient) = of(channel.emg) {
            found.isolation_by_head.insert(channel.emg.muscle.to_string(), coefficient);
        }
    }
    found.isolation_coefficient = found.isolation_by_head.values().copied().reduce(f64::max);
    if found.isolation_coefficient.is_none() {
        let why = "needs an isolation trial (seated, knee bent, light plantar flexion): surae calibrate --isolation";
        missing.say("crosstalk.isolation_coefficient", why);
        missing.say("crosstalk.lowest_dominance", why);
        return;
    }
    // Soleus alone: each head shows its leak, on its own reference; the heads add up as in the ratio.
    let share = |muscle: &LegMuscle<'_>| {
        Some(
            muscle.weight * of(muscle.emg)? / muscle.reference.as_ref()?.arv()
                * leg?.soleus.reference.as_ref()?.arv(),
        )
    };
    let ratio: Option<f64> = leg.and_then(|leg| leg.heads.iter().map(share).sum());
    found.lowest_dominance = ratio.filter(|r| *r > 0.0).map(|r| dominance_of(r.ln()));
    if found.lowest_dominance.is_none() {
        let why = match ratio {
            Some(_) => "the isolation trial shows no leak at all",
            None => "needs the leak and the reference of every head in use, and the reference of soleus",
        };
        missing.say("crosstalk.lowest_dominance", why);
    }
}
