//! Which flights are jumps: from the whole vertical force, else from take-off events of the file, else from foot switches.

use super::{
    GRAVITY, Jump, JumpPhase, Start, UNKNOWN_PUSH_S, VerticalForce, contact, standing, vertical_force, weigh,
};
use crate::events::Events;
use surae_trial::{EventKind, EventSettings, EventSource, Note, Side, Task, Trial};

/// Shortest and longest time in the air that is a jump, in s (1.2 s is a height of 1.77 m).
const FLIGHT_S: [f64; 2] = [0.08, 1.2];
/// A loaded phase longer than this is not the contact of a rebound, in s.
const LONGEST_CONTACT_S: f64 = 1.0;
/// Less than this fraction of body weight on the plate before take-off is not a jump, as a guard against other loads.
const LIGHTEST_N: f64 = 150.0;

/// Jumps and the force they were found in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The whole vertical force.
    pub force: Option<VerticalForce>,
    /// Jumps by ascending take-off.
    pub jumps: Vec<Jump>,
}

/// Jumps of a trial. `stated` is what the person does, where it is stated: then force and switches are read as jumps only if it
/// says so; unstated, the force counts when somebody stands still on it for a second and pushes off with more than walking does.
#[must_use]
pub fn find(
    trial: &Trial,
    events: &Events,
    stated: Option<Task>,
    settings: &EventSettings,
    notes: &mut Vec<Note>,
) -> Found {
    if stated.is_none_or(|task| task == Task::Jump) {
        let force = vertical_force(trial, &events.plates, settings, notes);
        let mut jumps = force.as_ref().map(of_force).unwrap_or_default();
        if let (None, Some(force)) = (stated, &force) {
            jumps.retain(|jump| pushed(force, jump));
        }
        if !jumps.is_empty() {
            return Found { force, jumps };
        }
        let of_file = of_file(events);
        let jumps = if of_file.is_empty() && stated.is_some() { of_contacts(events) } else { of_file };
        return Found { force, jumps };
    }
    Found { force: None, jumps: of_file(events) }
}

/// A push-off peaks at this many body weights at least; walking off a plate makes about 1.1.
const PUSH_WEIGHTS: f64 = 1.3;

/// Whether a known body was pushed off the ground, and did not just walk from one plate to the next.
fn pushed(force: &VerticalForce, jump: &Jump) -> bool {
    let Some(weighing) = jump.weighing else { return false };
    let (from, to) = (force.index_of(jump.take_off_s - UNKNOWN_PUSH_S), force.index_of(jump.take_off_s));
    let peak = force.newtons.get(from..to).unwrap_or_default().iter().copied().fold(0.0, f64::max);
    peak >= PUSH_WEIGHTS * weighing.weight_n
}

fn is_flight(take_off_s: f64, landing_s: f64) -> bool {
    (FLIGHT_S[0]..=FLIGHT_S[1]).contains(&(landing_s - take_off_s))
}

fn of_force(force: &VerticalForce) -> Vec<Jump> {
    let loaded = &force.loaded;
    let time = |sample: usize| force.time_of(sample);
    let flight_after = |at: usize| {
        let next = loaded.get(at + 1)?;
        is_flight(time(loaded[at].off), time(next.on)).then_some((time(loaded[at].off), time(next.on)))
    };
    // The stillest second of the record: body mass for jumps that nobody stands still before.
    let anywhere = loaded
        .iter()
        .filter_map(|l| weigh(force, time(l.on), time(l.off)))
        .min_by(|a, b| (a.sd_n / a.weight_n).total_cmp(&(b.sd_n / b.weight_n)));
    let mut jumps = Vec::new();
    for (at, stretch) in loaded.iter().enumerate() {
        let Some((take_off_s, landing_s)) = flight_after(at) else { continue };
        let heaviest = force.newtons.get(stretch.on..stretch.off).unwrap_or_default();
        if heaviest.iter().copied().fold(0.0, f64::max) < LIGHTEST_N {
            continue;
        }
        let mut jump = Jump {
            start: Start::Unknown,
            source: EventSource::ForcePlate,
            rule: rule(force),
            contact_s: None,
            onset_s: None,
            take_off_s,
            landing_s,
            weighing: anywhere,
            impulse: Err("nobody stands still for a second before the take-off"),
            contact_speed_mps: None,
            phases: Vec::new(),
        };
        let from_s = time(stretch.on);
        let short = stretch.has_onset && take_off_s - from_s <= LONGEST_CONTACT_S;
        let landed_from_flight = at > 0 && flight_after(at - 1).is_some();
        if let Some(weighing) = weigh(force, from_s, take_off_s) {
            standing::complete(&mut jump, force, weighing);
        } else if short {
            jump.start = if landed_from_flight { Start::Rebound } else { Start::Drop };
            contact::complete(&mut jump, force, from_s);
        }
        jump.phases.push(JumpPhase { name: "flight", from_s: take_off_s, to_s: landing_s });
        if let Some(to_s) = came_to_rest(force, &jump) {
            jump.phases.push(JumpPhase { name: "landing", from_s: landing_s, to_s });
        }
        jumps.push(jump);
    }
    jumps
}

fn rule(force: &VerticalForce) -> String {
    format!(
        "{} under {:.0} N between two loaded phases, {:.2} to {:.1} s in the air, {:.0} Hz",
        force.source, force.threshold_n, FLIGHT_S[0], FLIGHT_S[1], force.rate_hz
    )
}

/// When the body stops going down after landing, from the landing speed of the flight and the force; `None` when it does not
/// within a second, or without body mass.
fn came_to_rest(force: &VerticalForce, jump: &Jump) -> Option<f64> {
    let weighing = jump.weighing?;
    let from = force.index_of(jump.landing_s);
    let to = force.index_of(jump.landing_s + 1.0).min(force.newtons.len().checked_sub(1)?);
    let landing_mps = -GRAVITY * jump.flight_time_s() / 2.0;
    let at =
        super::weighing::speeds(force, &weighing, from, to).iter().position(|v| landing_mps + v >= 0.0)?;
    Some(force.time_of(from + at))
}

/// Jumps of take-off and landing events of the file.
fn of_file(events: &Events) -> Vec<Jump> {
    let of = |kind| events.all.iter().filter(move |e| e.event.kind == kind).map(|e| e.event.time_s.0);
    of(EventKind::TakeOff)
        .filter_map(|off| of(EventKind::Landing).find(|land| is_flight(off, *land)).map(|land| (off, land)))
        .map(|(off, land)| {
            timed(off, land, None, EventSource::File, "take-off and landing events of the file")
        })
        .collect()
}

/// Jumps of foot contacts: every foot that has contacts is off the ground.
fn of_contacts(events: &Events) -> Vec<Jump> {
    let of = |side, kind| events.times(side, kind);
    let sides: Vec<Side> =
        Side::BOTH.into_iter().filter(|side| !of(*side, EventKind::FootOff).is_empty()).collect();
    let Some(first) = sides.first() else { return Vec::new() };
    let source = events.source(*first).unwrap_or(EventSource::FootSwitch);
    let rule = if sides.len() == 2 {
        "both feet off by their contacts"
    } else {
        "one foot off; the other was not measured"
    };
    let mut jumps = Vec::new();
    let mut landed: Option<f64> = None;
    for off in of(*first, EventKind::FootOff) {
        let take_off = sides[1..].iter().fold(off, |latest: f64, side| {
            let near = of(*side, EventKind::FootOff);
            near.into_iter().filter(|t| (t - off).abs() < 0.1).fold(latest, f64::max)
        });
        let landings = sides
            .iter()
            .filter_map(|side| of(*side, EventKind::FootContact).into_iter().find(|t| *t > take_off));
        let landing = landings.fold(f64::INFINITY, f64::min);
        if is_flight(take_off, landing) {
            let contact = landed.filter(|t| take_off - t <= LONGEST_CONTACT_S);
            jumps.push(timed(take_off, landing, contact, source, rule));
            landed = Some(landing);
        }
    }
    jumps
}

fn timed(take_off_s: f64, landing_s: f64, contact_s: Option<f64>, source: EventSource, rule: &str) -> Jump {
    Jump {
        start: if contact_s.is_some() { Start::Rebound } else { Start::Unknown },
        source,
        rule: rule.to_owned(),
        contact_s,
        onset_s: None,
        take_off_s,
        landing_s,
        weighing: None,
        impulse: Err("needs the vertical force from a still start; events give the flight time only"),
        contact_speed_mps: None,
        phases: vec![JumpPhase { name: "flight", from_s: take_off_s, to_s: landing_s }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::loaded_intervals;

    /// Force at 1000 Hz from stretches of constant load: newtons and seconds.
    fn force(parts: &[(f64, f64)]) -> VerticalForce {
        let newtons: Vec<f64> =
            parts.iter().flat_map(|(n, s)| std::iter::repeat_n(*n, (s * 1000.0).round() as usize)).collect();
        VerticalForce {
            source: "test".into(),
            rate_hz: 1000.0,
            start_s: 0.0,
            loaded: loaded_intervals(&newtons, 20.0, 50),
            newtons,
            threshold_n: 20.0,
        }
    }

    #[test]
    fn a_flight_lies_between_two_loaded_phases() {
        // Stepping on, jumping, stepping off for good, and a ringing of 8 N after it.
        let force = force(&[
            (0.0, 1.0),
            (700.0, 3.0),
            (1500.0, 0.3),
            (0.0, 0.5),
            (700.0, 2.0),
            (0.0, 1.0),
            (8.0, 0.3),
            (0.0, 1.0),
        ]);
        let jumps = of_force(&force);
        assert_eq!(jumps.len(), 1);
        assert!((jumps[0].take_off_s - 4.3).abs() < 1e-9 && (jumps[0].landing_s - 4.8).abs() < 1e-9);
        assert!(pushed(&force, &jumps[0]));
    }

    #[test]
    fn walking_from_plate_to_plate_is_not_a_jump() {
        let force = force(&[(700.0, 2.0), (760.0, 0.3), (0.0, 0.4), (740.0, 0.6), (0.0, 1.0)]);
        assert!(of_force(&force).iter().all(|jump| !pushed(&force, jump)));
    }
}
