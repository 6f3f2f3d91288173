//! Foot contacts and foot offs from every source a trial has, side by side, and which of them are used.
//!
//! Sources: events of the file, force plates, foot switches, markers, shank gyroscopes, and as a last resort the rhythm of the EMG.
//! No source deletes another; disagreements are noted (METHOD 5.1, R14, R15). Not for jumps.

mod compare;
mod emg;
mod gyro;
mod kinematic;
mod plates;
mod switches;

use crate::plate::{PlateForce, forces_by_foot, vertical_forces};
use compare::{SAME_EVENT_S, TRUST};
pub use emg::BURST_START;
pub(crate) use kinematic::{Directions, Foot, feet_and_directions};
use surae_trial::{Event, EventKind, EventSettings, EventSource, Note, Side, Trial};

/// An event and whether the analysis uses it.
#[derive(Clone, Debug, PartialEq)]
pub struct GaitEvent {
    /// The event.
    pub event: Event,
    /// True for events of the source that was chosen for this leg (and for marks, take-offs and landings of the file).
    pub chosen: bool,
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// All events by ascending time.
    pub all: Vec<GaitEvent>,
    /// Vertical force of each usable plate, and of each foot where the source gives that.
    pub plates: Vec<PlateForce>,
}

impl Events {
    /// Times of the chosen events of one kind and leg, ascending.
    #[must_use]
    pub fn times(&self, side: Side, kind: EventKind) -> Vec<f64> {
        self.all
            .iter()
            .filter(|e| e.chosen && e.event.kind == kind && e.event.side == Some(side))
            .map(|e| e.event.time_s.0)
            .collect()
    }

    /// Times of one source, chosen or not.
    #[must_use]
    pub fn times_of(&self, source: EventSource, side: Side, kind: EventKind) -> Vec<f64> {
        self.all
            .iter()
            .filter(|e| e.event.source == source && e.event.kind == kind && e.event.side == Some(side))
            .map(|e| e.event.time_s.0)
            .collect()
    }

    /// The source of a leg's contacts; where one completes another, the one with most of them.
    #[must_use]
    pub fn source(&self, side: Side) -> Option<EventSource> {
        let count = |source: EventSource| {
            let chosen = |e: &&GaitEvent| {
                e.chosen
                    && e.event.source == source
                    && e.event.side == Some(side)
                    && e.event.kind == EventKind::FootContact
            };
            self.all.iter().filter(chosen).count()
        };
        // The first of equals: the more trusted one.
        TRUST.into_iter().rev().max_by_key(|source| count(*source)).filter(|source| count(*source) > 0)
    }

    /// Starts of soleus bursts of a leg without any contact: they make EMG cycles, not gait cycles.
    #[must_use]
    pub fn burst_starts(&self, side: Side) -> Vec<f64> {
        self.times_of(EventSource::Emg, side, EventKind::Mark)
    }
}

/// Longest time between two contacts that can be one stride.
const STRIDE_S: f64 = 3.0;

/// Collects events from all sources and chooses, leg by leg.
///
/// The most trusted source that shows a whole stride is used alone; the order of trust is file, user, plates, switches, markers,
/// shank gyroscope. Where the most trusted source has contacts but no whole stride (one plate in a walkway), it is used for what it
/// saw and the next source that shows a stride completes it; a note says so. A leg without any contact gets the starts of its soleus bursts
/// as marks.
pub fn find_events(trial: &Trial, settings: &EventSettings, notes: &mut Vec<Note>) -> Events {
    let mut plates = vertical_forces(trial, notes);
    plates.extend(forces_by_foot(trial));
    let mut all: Vec<Event> = trial.events.clone();
    all.extend(plates::events(trial, &plates, settings, notes));
    all.extend(switches::events(trial, settings, notes));
    all.extend(kinematic::events(trial, notes));
    all.extend(gyro::events(trial, notes));
    let stepped = |side: Side| {
        all.iter().any(|e| e.side == Some(side) && e.kind == EventKind::FootContact && e.time_s.0.is_finite())
    };
    // Steps of either foot show the rhythm better than the EMG of the other one.
    let anywhere = Side::BOTH.into_iter().any(stepped);
    all.extend(emg::events(trial, |_| anywhere, notes));
    all.retain(|event| event.time_s.0.is_finite());
    all.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
    let used = Side::BOTH.map(|side| choose(&all, side, notes));
    let all = all
        .iter()
        .map(|event| GaitEvent { chosen: is_chosen(event, &all, &used), event: event.clone() })
        .collect();
    let events = Events { all, plates };
    compare::note_sideless(&events, notes);
    for side in Side::BOTH {
        compare::note_disagreements(&events, side, notes);
    }
    events
}

/// The sources used for a leg: one, or one and what completes it.
fn choose(all: &[Event], side: Side, notes: &mut Vec<Note>) -> Vec<EventSource> {
    let contacts = |source: EventSource| -> Vec<f64> {
        all.iter()
            .filter(|e| e.source == source && e.side == Some(side) && e.kind == EventKind::FootContact)
            .map(|e| e.time_s.0)
            .collect()
    };
    let Some(first) = TRUST.into_iter().find(|source| !contacts(*source).is_empty()) else {
        return Vec::new();
    };
    let has_stride = |source: EventSource| contacts(source).windows(2).any(|p| p[1] - p[0] < STRIDE_S);
    if has_stride(first) {
        return vec![first];
    }
    let Some(second) = TRUST.into_iter().find(|source| *source != first && has_stride(*source)) else {
        return vec![first];
    };
    notes.push(Note::info(
        "event_completed",
        format!(
            "{side} leg: {} saw no whole stride; events that only {} saw complete it.",
            compare::words(first),
            compare::words(second)
        ),
    ));
    vec![first, second]
}

/// An event of the first source, or one of the second that the first does not have.
fn is_chosen(event: &Event, all: &[Event], used: &[Vec<EventSource>; 2]) -> bool {
    if !matches!(event.kind, EventKind::FootContact | EventKind::FootOff) {
        return true;
    }
    let Some(side) = event.side else { return false };
    let used = &used[usize::from(side == Side::Right)];
    match used.iter().position(|source| *source == event.source) {
        None => false,
        Some(0) => true,
        Some(_) => !all.iter().any(|e| {
            e.source == used[0]
                && e.kind == event.kind
                && e.side == event.side
                && (e.time_s.0 - event.time_s.0).abs() < SAME_EVENT_S
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Channel, Kind, Role, Samples, Seconds, Stream, Unit};

    fn file_event(time_s: f64, kind: EventKind, side: Option<Side>) -> Event {
        Event { time_s: Seconds(time_s), kind, side, source: EventSource::File, label: String::new() }
    }

    fn switch_trial() -> Trial {
        let role = Role { kind: Kind::Switch, side: Some(Side::Right), ..Role::unknown("test") };
        let mut values = vec![0.0; 1000];
        values[100..700].fill(5.0);
        values[300..310].fill(0.0);
        Trial {
            streams: vec![Stream {
                name: "aux".into(),
                rate_hz: 1000.0,
                measured_rate_hz: None,
                start_s: Seconds(0.0),
                channels: vec![Channel::new("FSW", role, Unit::Volt)],
                samples: Samples::F64(values),
                gaps: Vec::new(),
                times_s: Vec::new(),
            }],
            ..Trial::default()
        }
    }

    #[test]
    fn a_switch_is_used_until_the_file_knows_better_and_stays_listed() {
        let mut notes = Vec::new();
        let mut trial = switch_trial();
        let events = find_events(&trial, &EventSettings::default(), &mut notes);
        assert_eq!(events.times(Side::Right, EventKind::FootContact), [0.1]);
        assert_eq!(events.times(Side::Right, EventKind::FootOff), [0.7]);
        trial.events = vec![file_event(0.12, EventKind::FootContact, Some(Side::Right))];
        let events = find_events(&trial, &EventSettings::default(), &mut notes);
        assert_eq!(events.times(Side::Right, EventKind::FootContact), [0.12]);
        assert_eq!(events.times_of(EventSource::FootSwitch, Side::Right, EventKind::FootContact), [0.1]);
        assert!(notes.iter().any(|n| n.code == "event_disagreement" && n.text.contains("20 ms earlier")));
    }

    #[test]
    fn events_without_a_leg_are_listed_and_not_used() {
        let mut notes = Vec::new();
        let trial = Trial { events: vec![file_event(0.5, EventKind::FootContact, None)], ..Trial::default() };
        let events = find_events(&trial, &EventSettings::default(), &mut notes);
        assert_eq!((events.all.len(), events.source(Side::Left)), (1, None));
        assert!(!events.all[0].chosen && notes[0].code == "event_side");
    }
}
