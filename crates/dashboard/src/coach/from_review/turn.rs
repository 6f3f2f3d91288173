//! One turn of the calf clock out of the envelopes of a review.

use super::{Source, is_calibrated};
use crate::coach::model::{Clock, Ring, Turn, WEDGES};
use surae_gait::emg::Emg;
use surae_gait::review::ReviewModel;
use surae_trial::{EventKind, Side};

/// Longest contact, in s.
const LONGEST_CONTACT_S: f64 = 3.0;

/// A clock from `from_s` on; `zero_s` and `off_s` are after 12 o'clock.
pub(super) fn clock(
    source: &Source<'_>,
    turn: Turn,
    from_s: f64,
    length_s: f64,
    zero_s: f64,
    off_s: Option<f64>,
) -> Clock {
    // One measure for all rings: of the reference only where each muscle has one that compares.
    let reference = |emg: &Emg| {
        let normalisation = &source.report.muscles.get(emg.muscle.short())?.normalisation;
        normalisation.reference.filter(|_| is_calibrated(normalisation.kind))
    };
    let is_of_reference = !source.calf.is_empty() && source.calf.iter().all(|emg| reference(emg).is_some());
    let ring = |emg: &&Emg| {
        let unit = if is_of_reference { reference(emg) } else { own_peak(emg) };
        Ring {
            name: emg.muscle.short().to_owned(),
            muscle: Some(emg.muscle),
            values: wedges(emg, from_s, length_s, unit.unwrap_or(f64::NAN)),
        }
    };
    Clock {
        turn,
        length_s,
        zero_s,
        off_s,
        rings: source.calf.iter().map(ring).collect(),
        is_of_reference,
        ground: Vec::new(),
        other: Vec::new(),
    }
}

/// A clock without muscles.
pub(super) fn bare(turn: Turn, length_s: f64, zero_s: f64, ground: Vec<(f32, f32)>) -> Clock {
    Clock { turn, length_s, zero_s, off_s: Some(zero_s), is_of_reference: true, ground, ..Clock::default() }
}

fn own_peak(emg: &Emg) -> Option<f64> {
    let peak = emg.envelope.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    (peak > 0.0).then_some(peak)
}

/// Mean envelope of each wedge over `unit`; `NaN` where the record has nothing.
fn wedges(emg: &Emg, from_s: f64, length_s: f64, unit: f64) -> Vec<f32> {
    let at = |wedge: usize| from_s + length_s * wedge as f64 / WEDGES as f64;
    (0..WEDGES)
        .map(|wedge| {
            let (first, end) = (emg.index_of(at(wedge)), emg.index_of(at(wedge + 1)));
            let whole = emg.envelope.get(first..end).filter(|part| !part.is_empty());
            // A slow envelope may have no sample in a wedge.
            let value = whole.map_or_else(
                || emg.envelope_at((at(wedge) + at(wedge + 1)) / 2.0),
                |part| part.iter().sum::<f64>() / part.len() as f64,
            );
            (value / unit) as f32
        })
        .collect()
}

/// When a foot was on the ground, as shares of the turn.
pub(super) fn ground(review: &ReviewModel, side: Side, from_s: f64, length_s: f64) -> Vec<(f32, f32)> {
    let times = |kind: EventKind| {
        let chosen =
            review.report.events.iter().filter(move |e| e.chosen && e.kind == kind && e.side == Some(side));
        chosen.map(|e| e.time_s).collect::<Vec<f64>>()
    };
    let (contacts, offs) = (times(EventKind::FootContact), times(EventKind::FootOff));
    let mut spans = Vec::new();
    for (at, contact) in contacts.iter().enumerate() {
        let next = contacts.get(at + 1).copied().unwrap_or(f64::INFINITY);
        let off = offs
            .iter()
            .copied()
            .find(|off| off > contact && *off < next && off - contact < LONGEST_CONTACT_S);
        let Some(off) = off else { continue };
        let share = |time_s: f64| ((time_s - from_s) / length_s).clamp(0.0, 1.0) as f32;
        let (start, end) = (share(*contact), share(off));
        if end > start {
            spans.push((start, end));
        }
    }
    spans
}
