//! Gastrocnemius and soleus of a leg, ready for a ratio, or why there is none.

use super::channels::Channel;
use super::quality;
use super::side::{Context, Missing};
use crate::dominance::Reason;
use crate::emg::Mode;
use crate::leg::{Leg, LegMuscle};
use crate::normalise::Reference;
use surae_trial::{Muscle, NormalisationKind, Note, Side, TaskReference};

/// Gastrocnemius and soleus of the leg, or a sentence that says which is missing.
pub(super) fn build_leg<'a>(
    context: &Context<'_>,
    channels: &'a [Channel<'a>],
    side: Side,
    missing: &mut Missing<'_>,
    notes: &mut Vec<Note>,
) -> Option<Leg<'a>> {
    let of = |muscle| channels.iter().find(|c: &&Channel<'_>| c.emg.muscle == muscle);
    let mut heads: Vec<&Channel<'_>> = [of(Muscle::MG), of(Muscle::LG)].into_iter().flatten().collect();
    if heads.is_empty() {
        heads.extend(of(Muscle::GAS));
    }
    let soleus = of(Muscle::SOL);
    let leg_word = if side == Side::Left { "Left" } else { "Right" };
    let text = match (heads.is_empty(), soleus) {
        (false, Some(_)) => None,
        (false, None) => {
            let names: Vec<&str> = heads.iter().map(|h| h.emg.muscle.short()).collect();
            Some(format!(
                "{leg_word} leg: soleus missing: activity of {} only, no dominance.",
                names.join(" and ")
            ))
        }
        (true, Some(_)) => {
            Some(format!("{leg_word} leg: gastrocnemius missing: activity of SOL only, no dominance."))
        }
        (true, None) => Some(format!("{leg_word} leg: no EMG of gastrocnemius or soleus, no dominance.")),
    };
    if let Some(text) = text {
        missing.say("dominance", text);
        return None;
    }
    let soleus = soleus?;
    let referenced = heads.iter().chain([&soleus]).all(|c| c.reference.is_some());
    let kinds: Vec<NormalisationKind> =
        heads.iter().chain([&soleus]).filter_map(|c| c.reference.as_ref().map(|r| r.kind)).collect();
    let is_bad = |c: &&Channel<'_>| {
        context.graded.iter().any(|g| quality::is(g, c.emg) && g.grade == surae_signal::quality::Grade::Bad)
    };
    let no_class = if !referenced {
        Some(Reason::NoReference)
    } else if heads.iter().chain([&soleus]).any(is_bad) {
        Some(Reason::BadSignal)
    } else if kinds.iter().any(|k| *k != kinds[0] || !k.supports_dominance()) {
        Some(Reason::ReferenceMismatch)
    } else {
        None
    };
    if no_class == Some(Reason::NoReference) {
        notes.push(Note::warning(
            "no_reference",
            format!(
                "{leg_word} leg: {}. No class is given between the muscles; timing and the change with knee angle stand. \
                 Calibrate, or give a profile with --profile.",
                if context.mode == Mode::Causal {
                    "no reference for every muscle, so no ratio"
                } else {
                    task_reference_words(context.settings.task_reference)
                }
            ),
        ));
    }
    if heads.iter().chain([&soleus]).any(|c| c.reference.as_ref().is_some_and(|r| r.illustrative)) {
        notes.push(Note::warning(
            "illustrative",
            "The references of the profile are illustrative, not measured.",
        ));
    }
    let weight = |muscle| if heads.len() == 1 { 1.0 } else { context.settings.head_weight(muscle) };
    let member = |channel: &'a Channel<'a>, weight| LegMuscle {
        emg: channel.emg,
        weight,
        rest: channel.rest,
        reference: if referenced { channel.reference.clone() } else { own_reference(context, channel) },
    };
    Some(Leg {
        heads: heads.iter().map(|h| member(h, weight(h.emg.muscle))).collect(),
        soleus: member(soleus, 1.0),
        no_class,
    })
}

/// What amplitudes are without a calibration.
fn task_reference_words(wanted: TaskReference) -> &'static str {
    match wanted {
        TaskReference::PeakOfMean | TaskReference::MeanOfPeaks => {
            "amplitudes are relative to their own peak in this trial (earlier or later only)"
        }
        TaskReference::Mean => {
            "amplitudes are relative to their own mean in this trial (earlier or later only)"
        }
        TaskReference::None => "amplitudes are not normalised, so there is no ratio between muscles",
    }
}

/// The reference that the task itself gives, by the settings. Never in causal mode.
pub(super) fn own_reference(context: &Context<'_>, channel: &Channel<'_>) -> Option<Reference> {
    if context.mode == Mode::Causal {
        return None;
    }
    channel.of_task.clone()
}
