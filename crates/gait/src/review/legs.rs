//! Which leg the EMG is from when its labels do not say.
//!
//! Evidence first: the calf works while its own foot is on the ground, so the bursts of each channel are held against the stance of each leg. Then
//! the leg of the only knee angle, then the only leg with foot contacts. Without any of these the right leg is taken, as a guess. What
//! decided is a note.

use crate::emg::{Emg, Mode};
use crate::events::{Events, find_events};
use crate::review::prepare::settle_kinds;
use surae_trial::{EventKind, EventSettings, Joint, Kind, Note, Settings, Side, Trial};

/// Activity in stance over activity in swing, of one leg against the other, that tells them apart.
const CLEAR_RATIO: f64 = 1.5;
/// The part of stance and of swing that is looked at: pre-activation and the end of push-off belong to neither.
const STANCE_PART: [f64; 2] = [0.1, 1.0];
const SWING_PART: [f64; 2] = [0.15, 0.8];
/// Longest stance and swing.
const LONGEST_S: f64 = 2.0;
/// The reader's note that the leg is not stated; the one written here says that and what was done.
const READER_NOTE: &str = "side_not_stated";

/// What decided.
struct Decision {
    side: Side,
    why: String,
    is_guess: bool,
}

/// Gives EMG channels without a side to a leg when no calf channel of the trial has one, and says what decided.
///
/// Where the bursts of the calf channels fall into the stance of different legs, each goes to its own leg: there is then no
/// dominance within a leg. Live, replay and review of one file call it alike, before knee angles are added, so that they speak of the same leg.
///
/// Channels called raw that hold an envelope are called so first: a map or a header may be wrong, the spectrum is not.
pub fn settle_sides(trial: &mut Trial) {
    settle_kinds(trial);
    let calf: Vec<(usize, usize)> =
        places(trial).filter(|at| is_calf(trial, *at) && channel(trial, *at).role.side.is_none()).collect();
    if calf.is_empty() {
        return;
    }
    let labels = |list: &[(usize, usize)]| {
        list.iter().map(|at| channel(trial, *at).label.clone()).collect::<Vec<_>>().join(", ")
    };
    let all = labels(&calf);
    if places(trial).any(|at| is_calf(trial, at) && channel(trial, at).role.side.is_some()) {
        let text = format!("No leg is stated for {all}: left out of the analysis. State the leg with --map.");
        note(trial, Note::warning("side_unknown", text));
        return;
    }
    let events = find_events(trial, &EventSettings::default(), &mut Vec::new());
    let told: Vec<Option<Side>> = calf.iter().map(|at| by_bursts(trial, *at, &events)).collect();
    let of = |side| -> Vec<(usize, usize)> {
        calf.iter().zip(&told).filter(|(_, t)| **t == Some(side)).map(|(at, _)| *at).collect()
    };
    let (left, right) = (of(Side::Left), of(Side::Right));
    if !left.is_empty() && !right.is_empty() {
        let text = format!(
            "No leg is stated for any EMG channel. By their bursts against the foot contacts {} are on the left leg and {} on the right one: \
             the muscles sit on different legs, so there is no dominance within a leg. State the legs with --map if this is wrong.",
            labels(&left),
            labels(&right)
        );
        for (list, side) in [(left, Side::Left), (right, Side::Right)] {
            list.into_iter()
                .for_each(|at| assign(trial, at, side, "by its bursts against the foot contacts"));
        }
        note(trial, Note::warning("sides_differ", text));
        return;
    }
    let decision = decide(trial, &events, [left.len(), right.len()]);
    let emg: Vec<(usize, usize)> = places(trial)
        .filter(|at| channel(trial, *at).role.kind.is_emg() && channel(trial, *at).role.side.is_none())
        .collect();
    emg.into_iter().for_each(|at| assign(trial, at, decision.side, &decision.why));
    let text = format!(
        "No leg is stated for any EMG channel ({all}); all are taken for the {} leg: {}. State the leg with --map if this is wrong.",
        decision.side, decision.why
    );
    let code = if decision.is_guess { "side_guessed" } else { "side_told" };
    note(trial, Note::warning(code, text));
}

/// The leg of all channels when their bursts do not speak for both.
fn decide(trial: &Trial, events: &Events, told: [usize; 2]) -> Decision {
    let decision = |side, why: &str| Decision { side, why: why.to_owned(), is_guess: false };
    let bursts = "the bursts fall into the stance of that leg";
    match told {
        [n, 0] if n > 0 => return decision(Side::Left, bursts),
        [0, n] if n > 0 => return decision(Side::Right, bursts),
        _ => {}
    }
    let only = |has: &dyn Fn(Side) -> bool| match (has(Side::Left), has(Side::Right)) {
        (true, false) => Some(Side::Left),
        (false, true) => Some(Side::Right),
        _ => None,
    };
    let has_knee =
        |side| trial.streams.iter().flat_map(|s| &s.channels).any(|c| c.is_angle_of(Joint::Knee, side));
    if let Some(side) = only(&has_knee) {
        return decision(side, "it is the leg of the only knee angle");
    }
    if let Some(side) = only(&|side| !events.times(side, EventKind::FootContact).is_empty()) {
        return decision(side, "it is the only leg with foot contacts");
    }
    Decision {
        side: Side::Right,
        why: "a guess, nothing in the trial tells the leg (no contacts and offs of the feet, no knee angle of one leg only)".to_owned(),
        is_guess: true,
    }
}

fn places(trial: &Trial) -> impl Iterator<Item = (usize, usize)> + use<'_> {
    trial.streams.iter().enumerate().flat_map(|(s, stream)| (0..stream.channels.len()).map(move |c| (s, c)))
}

fn channel(trial: &Trial, at: (usize, usize)) -> &surae_trial::Channel {
    &trial.streams[at.0].channels[at.1]
}

fn is_calf(trial: &Trial, at: (usize, usize)) -> bool {
    let role = &channel(trial, at).role;
    role.kind.is_emg() && role.muscle.is_some_and(|m| m.is_triceps_surae())
}

fn assign(trial: &mut Trial, at: (usize, usize), side: Side, why: &str) {
    let role = &mut trial.streams[at.0].channels[at.1].role;
    role.side = Some(side);
    role.reason.push_str(&format!("; leg not stated, taken as {side}: {why}"));
}

/// Adds a note in place of the reader's own about the same thing.
fn note(trial: &mut Trial, note: Note) {
    trial.notes.retain(|n| n.code != READER_NOTE);
    trial.notes.push(note);
}

/// The leg in whose stance a channel is active and in whose swing it is not; `None` when that is not clear.
fn by_bursts(trial: &Trial, at: (usize, usize), events: &Events) -> Option<Side> {
    let emg = conditioned(trial, at)?;
    let ratio = |side| stance_over_swing(&emg, events, side);
    match (ratio(Side::Left), ratio(Side::Right)) {
        (Some(left), Some(right)) if left > CLEAR_RATIO * right && left > 1.0 => Some(Side::Left),
        (Some(left), Some(right)) if right > CLEAR_RATIO * left && right > 1.0 => Some(Side::Right),
        (Some(one), None) if one > CLEAR_RATIO => Some(Side::Left),
        (Some(one), None) if one < 1.0 / CLEAR_RATIO => Some(Side::Right),
        (None, Some(one)) if one > CLEAR_RATIO => Some(Side::Right),
        (None, Some(one)) if one < 1.0 / CLEAR_RATIO => Some(Side::Left),
        _ => None,
    }
}

/// The channel's envelope by the settings of walking; the leg in it means nothing yet.
fn conditioned(trial: &Trial, at: (usize, usize)) -> Option<Emg> {
    let stream = &trial.streams[at.0];
    let mut one = surae_trial::Stream {
        channels: vec![stream.channels[at.1].clone()],
        samples: surae_trial::Samples::F64(stream.column(at.1)),
        gaps: Vec::new(),
        ..stream.clone()
    };
    one.channels[0].scale = surae_trial::Scale::IDENTITY;
    one.channels[0].role.side = Some(Side::Right);
    let settings = Settings::default();
    if stream.channels[at.1].role.kind == Kind::Unknown {
        return None;
    }
    let bridge_s = settings.bridge_s;
    Emg::of(&one, (0, 0), &settings.conditioning, bridge_s, Mode::ZeroPhase, &mut Vec::new())?.ok()
}

/// Mean envelope in the stances of a leg over that in its swings.
fn stance_over_swing(emg: &Emg, events: &Events, side: Side) -> Option<f64> {
    let contacts = events.times(side, EventKind::FootContact);
    let offs = events.times(side, EventKind::FootOff);
    let mean = |starts: &[f64], ends: &[f64], part: [f64; 2]| {
        let (mut sum, mut n) = (0.0, 0.0);
        for start in starts {
            let Some(end) = ends.iter().find(|end| *end > start && *end - start < LONGEST_S) else {
                continue;
            };
            let [from, to] = part.map(|p| start + p * (end - start));
            let (first, last) = (emg.index_of(from), emg.index_of(to));
            for value in emg.envelope[first..last.max(first)].iter().filter(|v| v.is_finite()) {
                sum += value;
                n += 1.0;
            }
        }
        (n > 0.0).then(|| sum / n)
    };
    let swing = mean(&offs, &contacts, SWING_PART)?;
    let stance = mean(&contacts, &offs, STANCE_PART)?;
    (swing > 0.0).then(|| stance / swing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::tests::stream;
    use surae_trial::{Event, EventSource, Muscle, Seconds};

    /// Contacts and offs of both feet, stride 1 s, stance 60 %, left half a stride after right.
    fn steps() -> Vec<Event> {
        let event = |time_s: f64, kind, side| Event {
            time_s: Seconds(time_s),
            kind,
            side: Some(side),
            source: EventSource::File,
            label: String::new(),
        };
        let mut all: Vec<Event> = (0..8)
            .flat_map(|k| {
                let t = f64::from(k);
                [
                    event(t, EventKind::FootContact, Side::Right),
                    event(t + 0.6, EventKind::FootOff, Side::Right),
                    event(t + 0.5, EventKind::FootContact, Side::Left),
                    event(t + 1.1, EventKind::FootOff, Side::Left),
                ]
            })
            .collect();
        all.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
        all
    }

    /// Envelopes that peak at 40 % of the stride that starts with the contact of the given leg.
    fn trial(legs: &[(Muscle, Side)]) -> Trial {
        let streams = legs
            .iter()
            .map(|(muscle, side)| {
                let late = if *side == Side::Left { 0.5 } else { 0.0 };
                let values = (0..1600)
                    .map(|i| {
                        let u = (f64::from(i) / 200.0 - late).rem_euclid(1.0);
                        3.0 + 100.0 * (1.0 - ((u - 0.4) / 0.15).abs()).max(0.0)
                    })
                    .collect();
                let mut stream = stream(Kind::Envelope, *muscle, 200.0, values);
                stream.name = muscle.short().to_owned();
                stream.channels[0].role.side = None;
                stream
            })
            .collect();
        Trial { streams, events: steps(), ..Trial::default() }
    }

    fn side_of(trial: &Trial, at: usize) -> Option<Side> {
        trial.streams[at].channels[0].role.side
    }

    #[test]
    fn bursts_in_the_stance_of_a_leg_tell_it() {
        for side in Side::BOTH {
            let mut trial = trial(&[(Muscle::MG, side), (Muscle::SOL, side)]);
            settle_sides(&mut trial);
            assert_eq!((side_of(&trial, 0), side_of(&trial, 1)), (Some(side), Some(side)));
            assert_eq!(trial.notes.last().unwrap().code, "side_told");
            assert!(trial.notes.last().unwrap().text.contains(side.name()));
        }
    }

    #[test]
    fn one_legs_contacts_are_enough_for_the_other_leg_too() {
        let mut trial = trial(&[(Muscle::SOL, Side::Left)]);
        trial.events.retain(|e| e.side == Some(Side::Right));
        settle_sides(&mut trial);
        assert_eq!(side_of(&trial, 0), Some(Side::Left), "{:?}", trial.notes);
    }

    #[test]
    fn muscles_on_different_legs_are_parted() {
        let mut trial = trial(&[(Muscle::GAS, Side::Right), (Muscle::SOL, Side::Left)]);
        settle_sides(&mut trial);
        assert_eq!((side_of(&trial, 0), side_of(&trial, 1)), (Some(Side::Right), Some(Side::Left)));
        assert_eq!(trial.notes.last().unwrap().code, "sides_differ");
    }

    #[test]
    fn without_evidence_it_is_a_guess_and_said_once() {
        let mut trial = trial(&[(Muscle::SOL, Side::Left)]);
        trial.events.clear();
        trial.notes.push(Note::warning(READER_NOTE, "no label states the leg of test"));
        settle_sides(&mut trial);
        assert_eq!(side_of(&trial, 0), Some(Side::Right));
        let codes: Vec<&str> = trial.notes.iter().map(|n| n.code.as_str()).collect();
        assert_eq!(codes, ["side_guessed"]);
    }
}
