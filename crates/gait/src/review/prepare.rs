//! Which channels take part, conditioned; and which leg they belong to when the source does not say.

use crate::emg::{Emg, Mode};
use surae_trial::{Kind, Note, Settings, Side, Trial};

/// Gives EMG channels without a side to one leg when no calf channel of the trial has a side, and says so.
///
/// The leg is that of the only knee angle, else the right one: a guess, and noted as such. Live, replay and review of one file
/// call it alike, before knee angles are added, so that they speak of the same leg.
pub fn settle_sides(trial: &mut Trial) {
    let is_calf = |c: &surae_trial::Channel| {
        c.role.kind.is_emg() && c.role.muscle.is_some_and(|m| m.is_triceps_surae())
    };
    let channels = || trial.streams.iter().flat_map(|s| &s.channels);
    let sided = channels().any(|c| is_calf(c) && c.role.side.is_some());
    let sideless: Vec<String> =
        channels().filter(|c| is_calf(c) && c.role.side.is_none()).map(|c| c.label.clone()).collect();
    if sided || sideless.is_empty() {
        if !sideless.is_empty() {
            trial.notes.push(Note::warning(
                "side_unknown",
                format!(
                    "No leg is stated for {}: left out of the analysis. State the leg with --map.",
                    sideless.join(", ")
                ),
            ));
        }
        return;
    }
    let knee = |side| channels().any(|c| c.is_angle_of(surae_trial::Joint::Knee, side));
    let side = if knee(Side::Left) && !knee(Side::Right) { Side::Left } else { Side::Right };
    for channel in trial.streams.iter_mut().flat_map(|s| &mut s.channels) {
        if channel.role.kind.is_emg() && channel.role.side.is_none() {
            channel.role.side = Some(side);
            channel.role.reason.push_str(&format!("; leg not stated, taken as {side}"));
        }
    }
    // The reader's own note says the same without the answer.
    trial.notes.retain(|note| note.code != "side_not_stated");
    trial.notes.push(Note::warning(
        "side_guessed",
        format!(
            "No leg is stated for any EMG channel ({}); all are taken for the {side} leg. State the leg with --map if this is wrong.",
            sideless.join(", ")
        ),
    ));
}

/// Conditions every EMG channel of known muscle and side; what cannot be filtered is noted.
pub(crate) fn condition(trial: &Trial, settings: &Settings, mode: Mode, notes: &mut Vec<Note>) -> Vec<Emg> {
    let mut conditioned = Vec::new();
    for (s, stream) in trial.streams.iter().enumerate() {
        for c in 0..stream.channels.len() {
            match Emg::of(stream, (s, c), &settings.conditioning, settings.bridge_s, mode, notes) {
                Some(Ok(emg)) => conditioned.push(emg),
                Some(Err(why)) => notes
                    .push(Note::error("channel_unusable", format!("{why}; the channel is not analysed."))),
                None => {}
            }
        }
    }
    note_kinds(&conditioned, notes);
    conditioned
}

/// Says which channels are not raw EMG and what that costs.
fn note_kinds(emg: &[Emg], notes: &mut Vec<Note>) {
    let labels = |kind| {
        let found: Vec<&str> = emg.iter().filter(|e| e.kind == kind).map(|e| e.label.as_str()).collect();
        (!found.is_empty()).then(|| found.join(", "))
    };
    if let Some(found) = labels(Kind::Envelope) {
        notes.push(Note::warning(
            "envelopes",
            format!(
                "These are envelopes, not raw EMG: {found}. No band-pass, no spectrum, no timing from them; how they were \
                 smoothed is not known, so intervals within one effort are nominal."
            ),
        ));
    }
    if let Some(found) = labels(Kind::RectifiedEmg) {
        notes.push(Note::warning(
            "rectified",
            format!("Rectified by the source: {found}. No band-pass, no spectrum, no timing from them."),
        ));
    }
}
