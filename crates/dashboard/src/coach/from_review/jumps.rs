//! Jumps as cards: height, contact or flight, knee at take-off, and the calf of each leg.

use super::{Source, no_word, turn, word};
use crate::coach::model::{CoachCard, CoachLeg, Effort, Measure, Turn};
use crate::model::Grade;
use crate::text::coach as said;
use surae_gait::jump::{Jump, JumpSide, height_from_flight_m};
use surae_gait::review::ReviewModel;
use surae_trial::Task;

/// How long before take-off the clock begins, in s.
const BEFORE_S: f64 = 0.3;
/// The window about the landing: activity of this leg there is not of the jump itself.
const LANDING_PHASE: &str = "before_landing";

/// The cards of a leg, oldest first.
pub(super) fn leg(source: &Source<'_>) -> CoachLeg {
    let jumps = &source.review.series.jumps.jumps;
    let measures = measures(jumps);
    let sides = &source.series.jumps;
    // Out of a landing and from standing are different efforts: the set is the one there is more of.
    let landed = jumps.iter().filter(|jump| jump.contact_s.is_some()).count();
    let is_of_set = |jump: &Jump| jump.contact_s.is_some() == (2 * landed > jumps.len());
    let card = |(at, jump): (usize, &Jump)| CoachCard {
        is_of_set: is_of_set(jump),
        ..card(source, jump, sides.get(at), measures)
    };
    let mut of_set = sides.iter().zip(jumps).filter(|(_, jump)| is_of_set(jump));
    let interval = of_set.find_map(|(side, _)| side.lead_ci90_ms);
    CoachLeg {
        effort: Effort::Jump,
        half_of_one_ms: interval.map(|[low, high]| (high - low) / 2.0),
        no_lead: source.no_lead(true).to_owned(),
        measures,
        cards: jumps.iter().enumerate().map(card).collect(),
        ..CoachLeg::default()
    }
}

/// Jumps of which no leg is known: times and heights.
pub(super) fn without_leg(review: &ReviewModel) -> CoachLeg {
    let jumps = &review.series.jumps.jumps;
    let measures = measures(jumps);
    let card = |jump: &Jump| CoachCard {
        reasons: reasons(&values(jump, None, measures), measures, said::NO_KNEE),
        values: values(jump, None, measures),
        time_s: jump.take_off_s,
        whole_s: jump.landing_s,
        word: crate::coach::model::Word { reason: said::NO_EMG.to_owned(), ..Default::default() },
        clock: turn::bare(Turn::Jump, BEFORE_S + jump.flight_time_s(), BEFORE_S, ground(jump)),
        ..CoachCard::default()
    };
    CoachLeg {
        effort: Effort::Jump,
        task: Some(Task::Jump),
        quality: Grade::Unknown,
        no_lead: said::NO_EMG_AT_ALL.to_owned(),
        measures,
        cards: jumps.iter().map(card).collect(),
        ..CoachLeg::default()
    }
}

/// Contact time where most jumps come out of a landing, else flight time.
fn measures(jumps: &[Jump]) -> [Measure; 3] {
    let landed = jumps.iter().filter(|jump| jump.contact_s.is_some()).count();
    let second = if 2 * landed > jumps.len() { Measure::Contact } else { Measure::Flight };
    [Measure::Height, second, Measure::KneeAtTakeOff]
}

fn values(jump: &Jump, side: Option<&JumpSide>, measures: [Measure; 3]) -> [Option<f64>; 3] {
    let flight_s = jump.flight_time_s();
    let second = if measures[1] == Measure::Contact { jump.contact_time_s() } else { Some(flight_s) };
    [Some(height_from_flight_m(flight_s)), second, side.and_then(|side| side.knee_deg[2])]
}

fn reasons(values: &[Option<f64>; 3], measures: [Measure; 3], no_knee: &str) -> [String; 3] {
    let second = if measures[1] == Measure::Contact { said::NO_CONTACT } else { said::NO_FLIGHT };
    let why = [said::NO_FLIGHT, second, no_knee];
    std::array::from_fn(|k| if values[k].is_some() { String::new() } else { why[k].to_owned() })
}

/// On the ground from the contact, or from the beginning of the turn, to take-off; as shares of the turn.
fn ground(jump: &Jump) -> Vec<(f32, f32)> {
    let length_s = BEFORE_S + jump.flight_time_s();
    let from_s = jump.contact_time_s().map_or(0.0, |contact_s| (BEFORE_S - contact_s).max(0.0));
    vec![((from_s / length_s) as f32, (BEFORE_S / length_s) as f32)]
}

fn card(source: &Source<'_>, jump: &Jump, side: Option<&JumpSide>, measures: [Measure; 3]) -> CoachCard {
    let values = values(jump, side, measures);
    let phases = side.map(|side| side.phases.as_slice()).unwrap_or_default();
    let push = phases.iter().rev().find(|phase| phase.phase.name != LANDING_PHASE);
    let fractions = side.map(|side| &side.muscles).into_iter().flatten().filter_map(|muscle| {
        muscle.landing_preactivation_fraction.map(|fraction| (muscle.muscle.short().to_owned(), fraction))
    });
    let length_s = BEFORE_S + jump.flight_time_s();
    let mut clock =
        turn::clock(source, Turn::Jump, jump.take_off_s - BEFORE_S, length_s, BEFORE_S, Some(BEFORE_S));
    clock.ground = ground(jump);
    CoachCard {
        time_s: jump.take_off_s,
        whole_s: jump.landing_s,
        lead_ms: side.and_then(|side| side.lead_ms),
        is_of_set: false,
        reasons: reasons(&values, measures, source.no_knee()),
        values,
        word: push.map_or_else(|| no_word(source), |phase| word(&phase.ratio, &phase.verdict)),
        shares: source.both(&fractions.collect()),
        clock,
    }
}
