//! Which channels take part, conditioned.

use crate::emg::{Emg, Mode};
use surae_trial::{Kind, Note, Settings, Trial};

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
