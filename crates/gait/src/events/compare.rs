//! What is said about events: where sources disagree, and what was left out.

use super::Events;
use surae_trial::{EventKind, EventSource, Note, Side};

/// Largest mean difference between two sources that is not worth a note: contact, off (METHOD R14).
const AGREE_S: [f64; 2] = [0.006, 0.008];
/// Events further apart than this are different events.
pub(super) const SAME_EVENT_S: f64 = 0.1;
/// Every source that finds contacts, most trusted first (METHOD 5.1).
pub(super) const TRUST: [EventSource; 6] = [
    EventSource::File,
    EventSource::User,
    EventSource::ForcePlate,
    EventSource::FootSwitch,
    EventSource::Kinematic,
    EventSource::Gyro,
];

/// Says how many events of the file have no leg.
pub(super) fn note_sideless(events: &Events, notes: &mut Vec<Note>) {
    let count = events
        .all
        .iter()
        .filter(|e| e.event.side.is_none() && e.event.source == EventSource::File)
        .filter(|e| matches!(e.event.kind, EventKind::FootContact | EventKind::FootOff))
        .count();
    if count > 0 {
        notes.push(Note::warning(
            "event_side",
            format!("{count} gait events of the file do not say which leg; they are listed but not used."),
        ));
    }
}

/// Difference of each event of `times` to its counterpart in `other`, in s (positive: the other is later).
pub(super) fn differences(times: &[f64], other: &[f64]) -> Vec<f64> {
    times
        .iter()
        .filter_map(|time| {
            other
                .iter()
                .map(|t| t - time)
                .min_by(|a, b| a.abs().total_cmp(&b.abs()))
                .filter(|d| d.abs() < SAME_EVENT_S)
        })
        .collect()
}

/// Says where another source puts the same events elsewhere by more than the usual few milliseconds.
pub(super) fn note_disagreements(events: &Events, side: Side, notes: &mut Vec<Note>) {
    let Some(chosen) = events.source(side) else { return };
    for (kind, agree_s, word) in
        [(EventKind::FootContact, AGREE_S[0], "contact"), (EventKind::FootOff, AGREE_S[1], "foot off")]
    {
        let used = events.times_of(chosen, side, kind);
        for other in TRUST.into_iter().filter(|source| *source != chosen) {
            let found = differences(&used, &events.times_of(other, side, kind));
            let worst = found.iter().copied().fold(0.0, |m: f64, d| if d.abs() > m.abs() { d } else { m });
            let Some(mean) = crate::stats::mean(&found).filter(|_| worst.abs() > agree_s) else { continue };
            notes.push(Note::info(
                "event_disagreement",
                format!(
                    "{side} {word}: {} puts it up to {:.0} ms {} than {} (mean {:+.0} ms over {} events); {} is used.",
                    words(other),
                    worst.abs() * 1e3,
                    if worst > 0.0 { "later" } else { "earlier" },
                    words(chosen),
                    mean * 1e3,
                    found.len(),
                    words(chosen)
                ),
            ));
        }
    }
}

/// A source in words.
pub(super) fn words(source: EventSource) -> &'static str {
    match source {
        EventSource::File => "the file",
        EventSource::ForcePlate => "the force plates",
        EventSource::FootSwitch => "the foot switch",
        EventSource::Kinematic => "the markers",
        EventSource::Gyro => "the shank gyroscope",
        EventSource::Emg => "the EMG",
        EventSource::User => "the user",
    }
}
