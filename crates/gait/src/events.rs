//! Foot contacts and foot offs from every source a trial has, side by side, and which source is used.
//!
//! Sources: events of the file, force plates, foot switches. Not for kinematic or inertial detection. No source deletes
//! another; disagreements are noted (METHOD 5.1, R14, R15).

use crate::knee::{self, Point, foot_markers};
use crate::plate::{PlateForce, loaded_intervals, vertical_forces};
use surae_trial::{Event, EventKind, EventSettings, EventSource, Kind, Note, Seconds, Side, Trial};

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
    /// Vertical force of each usable plate.
    pub plates: Vec<PlateForce>,
}

/// Largest difference between two sources that is not worth a note: contact, off (METHOD R14).
const AGREE_S: [f64; 2] = [0.006, 0.008];
/// Events further apart than this are different events.
const SAME_EVENT_S: f64 = 0.1;

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

    /// The source chosen for a leg.
    #[must_use]
    pub fn source(&self, side: Side) -> Option<EventSource> {
        self.all
            .iter()
            .find(|e| e.chosen && e.event.side == Some(side) && e.event.kind == EventKind::FootContact)
            .map(|e| e.event.source)
    }
}

/// Collects events from all sources and chooses one source a leg: the file's if it has a contact, else plates, else
/// foot switches.
pub fn find_events(trial: &Trial, settings: &EventSettings, notes: &mut Vec<Note>) -> Events {
    let plates = vertical_forces(trial, notes);
    let mut all: Vec<Event> = trial.events.clone();
    all.extend(plate_events(trial, &plates, settings, notes));
    all.extend(switch_events(trial, settings, notes));
    all.retain(|event| event.time_s.0.is_finite());
    all.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
    let mut chosen_source = [None; 2];
    for (slot, side) in chosen_source.iter_mut().zip(Side::BOTH) {
        *slot = [EventSource::File, EventSource::User, EventSource::ForcePlate, EventSource::FootSwitch]
            .into_iter()
            .find(|source| {
                all.iter()
                    .any(|e| e.source == *source && e.side == Some(side) && e.kind == EventKind::FootContact)
            });
    }
    let all = all
        .into_iter()
        .map(|event| {
            let is_gait = matches!(event.kind, EventKind::FootContact | EventKind::FootOff);
            let source = event.side.and_then(|side| chosen_source[usize::from(side == Side::Right)]);
            GaitEvent { chosen: if is_gait { source == Some(event.source) } else { true }, event }
        })
        .collect();
    let events = Events { all, plates };
    note_sideless(&events, notes);
    for side in Side::BOTH {
        note_disagreements(&events, side, notes);
    }
    events
}

/// Contacts of each plate, given to the leg whose foot markers are nearest.
fn plate_events(
    trial: &Trial,
    plates: &[PlateForce],
    settings: &EventSettings,
    notes: &mut Vec<Note>,
) -> Vec<Event> {
    let mut contacts: Vec<(Option<Side>, f64, f64, bool, bool)> = Vec::new();
    for force in plates {
        let debounce = ((settings.debounce_s * force.rate_hz).round() as usize).max(1);
        for loaded in loaded_intervals(&force.vertical_n, settings.force_threshold_n, debounce) {
            let time = |sample: usize| force.start_s + sample as f64 / force.rate_hz;
            let (on, off) = (time(loaded.on), time(loaded.off));
            let side = side_of_contact(trial, force.plate, on, off);
            contacts.push((side, on, off, loaded.has_onset, loaded.has_end));
        }
    }
    contacts.sort_by(|a, b| a.1.total_cmp(&b.1));
    // One foot over two plates is one contact.
    let mut merged: Vec<(Option<Side>, f64, f64, bool, bool)> = Vec::new();
    for contact in contacts {
        match merged.iter_mut().rev().find(|m| m.0 == contact.0) {
            Some(last) if last.0.is_some() && contact.1 - last.2 < settings.debounce_s => {
                if contact.2 > last.2 {
                    (last.2, last.4) = (contact.2, contact.4);
                }
                last.3 &= contact.3;
            }
            _ => merged.push(contact),
        }
    }
    if merged.iter().any(|m| m.0.is_none()) {
        notes.push(Note::warning(
            "plate_side",
            "A contact on a force plate could not be given to a leg (no foot markers, no events of the file near it); it is listed but not used.",
        ));
    }
    let mut events = Vec::new();
    for (side, on, off, has_onset, has_end) in merged {
        let event = |kind, time_s| Event {
            time_s: Seconds(time_s),
            kind,
            side,
            source: EventSource::ForcePlate,
            label: format!("vertical force over {} N", settings.force_threshold_n),
        };
        events.extend(has_onset.then(|| event(EventKind::FootContact, on)));
        events.extend(has_end.then(|| event(EventKind::FootOff, off)));
    }
    events
}

/// The leg of a plate contact: nearest foot marker in space over the contact, else the leg whose file events are near.
fn side_of_contact(trial: &Trial, plate: usize, on_s: f64, off_s: f64) -> Option<Side> {
    let distance = |side| foot_distance(trial, plate, side, on_s, off_s);
    match (distance(Side::Left), distance(Side::Right)) {
        (Some(left), Some(right)) => Some(if left < right { Side::Left } else { Side::Right }),
        _ => {
            let near = |kind, time: f64| {
                trial
                    .events
                    .iter()
                    .filter(|e| e.kind == kind && e.side.is_some() && (e.time_s.0 - time).abs() < 0.06)
                    .min_by(|a, b| (a.time_s.0 - time).abs().total_cmp(&(b.time_s.0 - time).abs()))
                    .and_then(|e| e.side)
            };
            near(EventKind::FootContact, on_s).or_else(|| near(EventKind::FootOff, off_s))
        }
    }
}

/// Mean distance of the nearest marker of one foot to the plate's surface during a contact, in the markers' unit.
fn foot_distance(trial: &Trial, plate: usize, side: Side, on_s: f64, off_s: f64) -> Option<f64> {
    let set = trial.markers.as_ref()?;
    let corners = trial.plates.get(plate)?.corners_mm;
    let per_mm = if set.unit == surae_trial::Unit::Metre { 1000.0 } else { 1.0 };
    let feet = foot_markers(set, side);
    let frame =
        |time: f64| ((time - set.start_s.0) * set.rate_hz).round().clamp(0.0, set.frames() as f64) as usize;
    let distances: Vec<f64> = (frame(on_s)..=frame(off_s).max(frame(on_s)))
        .filter_map(|f| {
            feet.iter()
                .filter_map(|m| m.position.get(f))
                .filter(|p| p[0].is_finite())
                .map(|p| distance_to_rectangle(p.map(|x| x * per_mm), &corners))
                .min_by(f64::total_cmp)
        })
        .collect();
    crate::stats::mean(&distances)
}

/// Distance of a point to the rectangle spanned by a plate's corners.
fn distance_to_rectangle(point: Point, corners: &[[f64; 3]; 4]) -> f64 {
    let (a, b) = (knee::vector(corners[0], corners[1]), knee::vector(corners[0], corners[3]));
    let from = knee::vector(corners[0], point);
    let (aa, bb) = (knee::inner(a, a), knee::inner(b, b));
    if aa == 0.0 || bb == 0.0 {
        return knee::inner(from, from).sqrt();
    }
    let (u, v) = ((knee::inner(from, a) / aa).clamp(0.0, 1.0), (knee::inner(from, b) / bb).clamp(0.0, 1.0));
    let rest = [0, 1, 2].map(|i| from[i] - u * a[i] - v * b[i]);
    knee::inner(rest, rest).sqrt()
}

/// Foot switches: pressed above half of their range; first press of any is contact, last release of all is off.
fn switch_events(trial: &Trial, settings: &EventSettings, notes: &mut Vec<Note>) -> Vec<Event> {
    let mut events = Vec::new();
    for stream in trial.streams.iter().filter(|s| s.rate_hz.is_finite() && s.rate_hz > 0.0) {
        for side in Side::BOTH {
            let mut pressed: Vec<f64> = Vec::new();
            for (at, _) in stream.of_kind(Kind::Switch).filter(|(_, c)| c.role.side == Some(side)) {
                let column = stream.column(at);
                let (low, high) = column
                    .iter()
                    .filter(|v| v.is_finite())
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
                pressed.resize(column.len(), 0.0);
                if high > low {
                    for (p, v) in pressed.iter_mut().zip(&column) {
                        *p = p.max(f64::from(u8::from(*v > 0.5 * (low + high))));
                    }
                }
            }
            let debounce = ((settings.debounce_s * stream.rate_hz).round() as usize).max(1);
            for loaded in loaded_intervals(&pressed, 0.5, debounce) {
                let event = |kind, sample: usize| Event {
                    time_s: stream.time_of(sample as u64),
                    kind,
                    side: Some(side),
                    source: EventSource::FootSwitch,
                    label: "foot switch over half of its range".to_owned(),
                };
                events.extend(loaded.has_onset.then(|| event(EventKind::FootContact, loaded.on)));
                events.extend(loaded.has_end.then(|| event(EventKind::FootOff, loaded.off)));
            }
        }
        if stream.of_kind(Kind::Switch).any(|(_, c)| c.role.side.is_none()) {
            notes.push(Note::warning(
                "switch_side",
                format!(
                    "Stream '{}': a foot switch without a side is not used; state its side with --map.",
                    stream.name
                ),
            ));
        }
    }
    events
}

fn note_sideless(events: &Events, notes: &mut Vec<Note>) {
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

/// Says where another source puts the same event elsewhere by more than the usual few milliseconds.
fn note_disagreements(events: &Events, side: Side, notes: &mut Vec<Note>) {
    let Some(chosen) = events.source(side) else { return };
    for (kind, agree_s, word) in
        [(EventKind::FootContact, AGREE_S[0], "contact"), (EventKind::FootOff, AGREE_S[1], "foot off")]
    {
        for other in [EventSource::ForcePlate, EventSource::FootSwitch, EventSource::File] {
            let differences: Vec<f64> = events
                .times(side, kind)
                .iter()
                .filter_map(|time| {
                    events
                        .times_of(other, side, kind)
                        .into_iter()
                        .map(|t| t - time)
                        .min_by(|a, b| a.abs().total_cmp(&b.abs()))
                        .filter(|d| d.abs() < SAME_EVENT_S)
                })
                .collect();
            let worst =
                differences.iter().copied().fold(0.0, |m: f64, d| if d.abs() > m.abs() { d } else { m });
            if other != chosen && worst.abs() > agree_s {
                notes.push(Note::info(
                    "event_disagreement",
                    format!(
                        "{side} {word}: {} puts it up to {:.0} ms {} than {} ({} events compared); {} is used.",
                        words(other),
                        worst.abs() * 1e3,
                        if worst > 0.0 { "later" } else { "earlier" },
                        words(chosen),
                        differences.len(),
                        words(chosen)
                    ),
                ));
            }
        }
    }
}

fn words(source: EventSource) -> &'static str {
    match source {
        EventSource::File => "the file",
        EventSource::ForcePlate => "the force plates",
        EventSource::FootSwitch => "the foot switch",
        EventSource::Kinematic => "the markers",
        EventSource::Gyro => "the gyroscope",
        EventSource::Emg => "the EMG",
        EventSource::User => "the user",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Channel, Role, Samples, Stream, Unit};

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

    #[test]
    fn distance_is_to_the_surface_and_not_to_the_middle() {
        let corners = [[0.0, 0.0, 0.0], [400.0, 0.0, 0.0], [400.0, 600.0, 0.0], [0.0, 600.0, 0.0]];
        assert_eq!(distance_to_rectangle([200.0, 590.0, 30.0], &corners), 30.0);
        assert_eq!(distance_to_rectangle([-30.0, 300.0, 40.0], &corners), 50.0);
    }
}
