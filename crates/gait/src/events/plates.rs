//! Contacts on force plates, each end given to the foot that is there.
//!
//! One foot over two plates is one contact. Two feet on one plate (a crossover step) give the contact of the first foot
//! and the off of the last one; what happened between them on that plate cannot be seen and is not invented. Which foot
//! it is comes from foot markers, else from events of the file; without either the contact is listed and not used.

use crate::knee::{self, Point, foot_markers};
use crate::plate::{PlateForce, loaded_intervals};
use surae_trial::{Event, EventKind, EventSettings, EventSource, Note, Seconds, Side, Trial};

/// How long after the contact and before the off a foot's place is looked at.
const END_S: f64 = 0.15;
/// Feet closer to each other than this, in mm from the plate, do not tell which one it is at one end of a contact.
const CLEAR_MM: f64 = 50.0;
/// A foot further from the plate than this is not the one that loads it.
const FAR_MM: f64 = 300.0;
/// An event of the file this near tells the foot where markers are missing.
const NEAR_FILE_S: f64 = 0.06;

/// One loaded interval of a plate: its ends, and the foot at each.
struct Interval {
    on_s: f64,
    off_s: f64,
    has_onset: bool,
    has_end: bool,
    first: Option<Side>,
    last: Option<Side>,
}

/// A contact of one foot, ends unknown where the plate does not show them.
#[derive(Clone, Copy)]
struct Contact {
    side: Option<Side>,
    on_s: Option<f64>,
    off_s: Option<f64>,
    from_s: f64,
    to_s: f64,
}

/// Contacts and offs of all plates.
pub(super) fn events(
    trial: &Trial,
    plates: &[PlateForce],
    settings: &EventSettings,
    notes: &mut Vec<Note>,
) -> Vec<Event> {
    let mut contacts = Vec::new();
    let mut crossovers = 0;
    for force in plates {
        let debounce = ((settings.debounce_s * force.rate_hz).round() as usize).max(1);
        for loaded in loaded_intervals(&force.vertical_n, settings.force_threshold_n, debounce) {
            let time = |sample: usize| force.start_s + sample as f64 / force.rate_hz;
            let (on_s, off_s) = (time(loaded.on), time(loaded.off));
            let [first, last] = match force.side {
                Some(side) => [Some(side); 2],
                None => feet_of(trial, force.plate, on_s, off_s),
            };
            let interval =
                Interval { on_s, off_s, has_onset: loaded.has_onset, has_end: loaded.has_end, first, last };
            crossovers += usize::from(interval.is_crossover());
            contacts.extend(interval.contacts());
        }
    }
    contacts.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    let merged = merge(&contacts, settings.debounce_s);
    say(crossovers, merged.iter().any(|c| c.side.is_none()), notes);
    let label = format!("vertical force over {} N", settings.force_threshold_n);
    let event = |kind, side, time_s| Event {
        time_s: Seconds(time_s),
        kind,
        side,
        source: EventSource::ForcePlate,
        label: label.clone(),
    };
    merged
        .iter()
        .flat_map(|c| {
            [
                c.on_s.map(|t| event(EventKind::FootContact, c.side, t)),
                c.off_s.map(|t| event(EventKind::FootOff, c.side, t)),
            ]
        })
        .flatten()
        .collect()
}

impl Interval {
    fn is_crossover(&self) -> bool {
        matches!((self.first, self.last), (Some(a), Some(b)) if a != b)
    }

    fn contacts(&self) -> Vec<Contact> {
        let (on, off) = (self.has_onset.then_some(self.on_s), self.has_end.then_some(self.off_s));
        let part = |side, on_s, off_s, from_s, to_s| Contact { side, on_s, off_s, from_s, to_s };
        if self.is_crossover() {
            let middle = 0.5 * (self.on_s + self.off_s);
            return vec![
                part(self.first, on, None, self.on_s, middle),
                part(self.last, None, off, middle, self.off_s),
            ];
        }
        vec![part(self.first.or(self.last), on, off, self.on_s, self.off_s)]
    }
}

/// One foot over two plates is one contact: parts of one foot that overlap or nearly touch are joined.
fn merge(contacts: &[Contact], debounce_s: f64) -> Vec<Contact> {
    let mut merged: Vec<Contact> = Vec::new();
    for contact in contacts {
        match merged.iter_mut().rev().find(|m| m.side == contact.side) {
            Some(last) if last.side.is_some() && contact.from_s - last.to_s < debounce_s => {
                if contact.to_s > last.to_s {
                    (last.to_s, last.off_s) = (contact.to_s, contact.off_s);
                }
            }
            _ => merged.push(*contact),
        }
    }
    merged
}

fn say(crossovers: usize, any_unknown: bool, notes: &mut Vec<Note>) {
    if crossovers > 0 {
        notes.push(Note::warning(
            "plate_crossover",
            format!(
                "{crossovers} time(s) both feet stood on one force plate: the contact of the first foot and the off of the last one \
                 are used, what happened between them on that plate is not."
            ),
        ));
    }
    if any_unknown {
        notes.push(Note::warning(
            "plate_side",
            "A contact on a force plate could not be given to a leg (no foot markers, no events of the file near it); it is listed but not used.",
        ));
    }
}

/// The foot at the start and at the end of a contact: nearest foot markers in space, else the leg whose file events are
/// near. One foot for both ends unless each end clearly shows another.
fn feet_of(trial: &Trial, plate: usize, on_s: f64, off_s: f64) -> [Option<Side>; 2] {
    let half = END_S.min((off_s - on_s) / 2.0);
    let whole = nearest(trial, plate, on_s, off_s);
    if let Some((side, _)) = whole {
        let clear = |from, to| nearest(trial, plate, from, to).filter(|(_, by)| *by > CLEAR_MM).map(|n| n.0);
        let ends = [clear(on_s, on_s + half), clear(off_s - half, off_s)];
        return match ends {
            [Some(a), Some(b)] => [Some(a), Some(b)],
            _ => [Some(side); 2],
        };
    }
    let near = |kind, time: f64| {
        trial
            .events
            .iter()
            .filter(|e| e.kind == kind && e.side.is_some() && (e.time_s.0 - time).abs() < NEAR_FILE_S)
            .min_by(|a, b| (a.time_s.0 - time).abs().total_cmp(&(b.time_s.0 - time).abs()))
            .and_then(|e| e.side)
    };
    let ends = [near(EventKind::FootContact, on_s), near(EventKind::FootOff, off_s)];
    [ends[0].or(ends[1]), ends[1].or(ends[0])]
}

/// The foot nearest to the plate over a time, and by how many mm it is nearer than the other one.
fn nearest(trial: &Trial, plate: usize, from_s: f64, to_s: f64) -> Option<(Side, f64)> {
    let left = foot_distance_mm(trial, plate, Side::Left, from_s, to_s)?;
    let right = foot_distance_mm(trial, plate, Side::Right, from_s, to_s)?;
    let side = if left < right { Side::Left } else { Side::Right };
    (left.min(right) < FAR_MM).then_some((side, (left - right).abs()))
}

/// Mean distance of the nearest marker of one foot to the plate's surface during a time.
fn foot_distance_mm(trial: &Trial, plate: usize, side: Side, from_s: f64, to_s: f64) -> Option<f64> {
    let set = trial.markers.as_ref()?;
    let corners = trial.plates.get(plate)?.corners_mm;
    let per_mm = if set.unit == surae_trial::Unit::Metre { 1000.0 } else { 1.0 };
    let feet = foot_markers(set, side);
    let frame =
        |time: f64| ((time - set.start_s.0) * set.rate_hz).round().clamp(0.0, set.frames() as f64) as usize;
    let distances: Vec<f64> = (frame(from_s)..=frame(to_s).max(frame(from_s)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{ForcePlate, Marker, MarkerSet, Unit};

    #[test]
    fn distance_is_to_the_surface_and_not_to_the_middle() {
        let corners = [[0.0, 0.0, 0.0], [400.0, 0.0, 0.0], [400.0, 600.0, 0.0], [0.0, 600.0, 0.0]];
        assert_eq!(distance_to_rectangle([200.0, 590.0, 30.0], &corners), 30.0);
        assert_eq!(distance_to_rectangle([-30.0, 300.0, 40.0], &corners), 50.0);
    }

    /// A plate of 400 x 600 mm at the origin and both heels, standing where `place` puts them each 10 ms.
    fn trial(place: impl Fn(f64) -> [f64; 2]) -> Trial {
        let heel = |foot: usize| (0..100).map(|i| [200.0, place(f64::from(i) / 100.0)[foot], 40.0]).collect();
        let marker = |label: &str, position| Marker { label: label.into(), position };
        Trial {
            markers: Some(MarkerSet {
                rate_hz: 100.0,
                start_s: Seconds(0.0),
                unit: Unit::Millimetre,
                markers: vec![marker("LHEE", heel(0)), marker("RHEE", heel(1))],
            }),
            plates: vec![ForcePlate {
                plate_type: 2,
                stream: "analog".into(),
                channels: Vec::new(),
                corners_mm: [[0.0; 3], [400.0, 0.0, 0.0], [400.0, 600.0, 0.0], [0.0, 600.0, 0.0]],
                origin_mm: [0.0; 3],
                calibration: None,
                zero_frames: None,
            }],
            ..Trial::default()
        }
    }

    fn force(plate: usize, loaded: std::ops::Range<usize>) -> PlateForce {
        let mut vertical_n = vec![0.0; 1000];
        vertical_n[loaded].fill(700.0);
        PlateForce { plate, rate_hz: 1000.0, start_s: 0.0, vertical_n, baseline_n: 0.0, side: None }
    }

    type Brief = (EventKind, Option<Side>, f64);

    fn found(trial: &Trial, plates: &[PlateForce]) -> (Vec<Brief>, Vec<Note>) {
        let mut notes = Vec::new();
        let all = events(trial, plates, &EventSettings::default(), &mut notes);
        (all.iter().map(|e| (e.kind, e.side, e.time_s.0)).collect(), notes)
    }

    #[test]
    fn two_feet_on_one_plate_give_the_first_contact_and_the_last_off() {
        // Left steps on first and leaves to the front; right comes from behind and leaves last.
        let crossing = trial(|t| {
            let left = if t < 0.5 { 300.0 } else { 1500.0 };
            let right = if t < 0.35 { -700.0 } else { 300.0 };
            [left, right]
        });
        let (events, notes) = found(&crossing, &[force(0, 100..900)]);
        assert_eq!(
            events,
            [(EventKind::FootContact, Some(Side::Left), 0.1), (EventKind::FootOff, Some(Side::Right), 0.9)]
        );
        assert_eq!(notes[0].code, "plate_crossover");
    }

    #[test]
    fn one_foot_on_two_plates_is_one_contact() {
        let mut standing = trial(|_| [580.0, -900.0]);
        let mut second = standing.plates[0].clone();
        second.corners_mm =
            [[0.0, 600.0, 0.0], [400.0, 600.0, 0.0], [400.0, 1200.0, 0.0], [0.0, 1200.0, 0.0]];
        standing.plates.push(second);
        let (events, notes) = found(&standing, &[force(0, 100..500), force(1, 250..700)]);
        assert_eq!(
            events,
            [(EventKind::FootContact, Some(Side::Left), 0.1), (EventKind::FootOff, Some(Side::Left), 0.7)]
        );
        assert!(notes.is_empty());
    }

    #[test]
    fn a_contact_that_nobody_can_be_seen_at_is_given_to_nobody() {
        let away = trial(|_| [-2000.0, 3000.0]);
        let (events, notes) = found(&away, &[force(0, 100..500)]);
        assert!(events.iter().all(|e| e.1.is_none()) && events.len() == 2);
        assert_eq!(notes[0].code, "plate_side");
    }
}
