//! The straight-knee reference of a profile: plantar-flexion efforts with a straight knee, relative to the references just found.

use super::CalibrationInputs;
use crate::angle_map::{efforts, straight_for_profile};
use crate::emg::Emg;
use crate::leg::{Leg, LegMuscle};
use crate::noise::rest_level;
use crate::normalise::from_profile;
use crate::review::{Mode, ReviewOptions, review};
use crate::track::follow;
use surae_trial::{Muscle, Note, Profile, Side, StraightReference, Trial};

/// Adds the reference of every leg that has one; says why of the others.
pub(super) fn add(
    profile: &mut Profile,
    trial: &Trial,
    inputs: &CalibrationInputs<'_>,
    notes: &mut Vec<Note>,
) {
    let options =
        ReviewOptions { mode: Mode::ZeroPhase, settings: Some(*inputs.settings), ..ReviewOptions::default() };
    let model = review(trial, None, Some(profile), &options);
    for side in Side::BOTH {
        let emg: Vec<&Emg> = model.series.emg.iter().filter(|e| e.side == side).collect();
        if !emg.iter().any(|e| e.muscle.is_triceps_surae()) {
            continue;
        }
        let Some(leg) = leg(profile, &emg, inputs) else {
            let text = format!(
                "{side} leg: no straight-knee reference: it needs accepted maxima of gastrocnemius and soleus."
            );
            notes.push(Note::warning("no_straight_reference", text));
            continue;
        };
        let knee = model.series.side(side).knee.as_ref();
        let settings = inputs.settings;
        let mut track = follow(&leg, knee, None, &settings.dominance, settings.conditioning.envelope_hz);
        if track.knee_deg.iter().all(|k| k.is_nan()) {
            track.knee_deg.fill(0.0);
            let text =
                format!("{side} leg: no knee angle in the straight-knee trial; taken as 0 deg, as you say.");
            notes.push(Note::warning("straight_without_angle", text));
        }
        let list = efforts(&[], &track);
        match straight_for_profile(&leg, &track, &list, settings.task) {
            Some(found) => profile.straight.push(StraightReference {
                side,
                log_ratio: found.log_ratio,
                standard_error: found.standard_error,
                n: found.n as u32,
                knee_deg: found.knee_deg,
                task: found.task,
            }),
            None => notes.push(Note::warning(
                "no_straight_reference",
                format!(
                    "{side} leg: no straight-knee reference: fewer than three efforts with both muscles clear of rest and the knee \
                     within 10 deg of straight ({} efforts found).",
                    list.len()
                ),
            )),
        }
    }
}

/// The leg with the references of the profile; `None` unless all of them are there.
fn leg<'a>(profile: &Profile, emg: &[&'a Emg], inputs: &CalibrationInputs<'_>) -> Option<Leg<'a>> {
    let member = |muscle: Muscle, weight: f64| {
        let emg = emg.iter().copied().find(|e| e.muscle == muscle)?;
        let reference = from_profile(profile, emg).ok()??;
        Some(LegMuscle { emg, weight, rest: rest_level(emg, None), reference: Some(reference) })
    };
    let weight = |muscle| inputs.settings.head_weight(muscle);
    let mut heads: Vec<LegMuscle<'a>> =
        [Muscle::MG, Muscle::LG].into_iter().filter_map(|m| member(m, weight(m))).collect();
    if heads.is_empty() {
        heads.extend(member(Muscle::GAS, 1.0));
    }
    if let [only] = &mut heads[..] {
        only.weight = 1.0;
    }
    let soleus = member(Muscle::SOL, 1.0)?;
    (!heads.is_empty()).then_some(Leg { heads, soleus, no_class: None })
}
