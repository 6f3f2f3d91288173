//! Push-offs of walking, running and sprinting as cards.

use super::{Source, no_word, turn, word};
use crate::coach::model::{CoachCard, CoachLeg, Effort, Measure, Turn};
use crate::text::coach as said;
use surae_gait::pushoff::PushOff;
use surae_trial::Task;

/// Longest time between two contacts of a foot that is one stride, in s.
const LONGEST_STRIDE_S: f64 = 3.0;
/// A turn where no stride is known, in s.
const UNKNOWN_TURN_S: f64 = 1.0;

/// The cards of a leg, oldest first.
pub(super) fn leg(source: &Source<'_>) -> CoachLeg {
    let pushes = &source.series.push_offs;
    let is_walk = source.task() == Task::Walk;
    let measures =
        [Measure::Contact, if is_walk { Measure::Stride } else { Measure::Flight }, Measure::KneeAtToeOff];
    // A contact that the record cuts is no effort, unless none of them has an end.
    let has_off = pushes.iter().any(|push| push.off_s.is_some());
    let typical =
        surae_gait::stats::median(&(0..pushes.len()).filter_map(|at| stride(pushes, at)).collect::<Vec<_>>());
    let shown: Vec<usize> = (0..pushes.len()).filter(|at| pushes[*at].off_s.is_some() || !has_off).collect();
    let cards: Vec<CoachCard> = shown.iter().map(|at| card(source, *at, measures, typical)).collect();
    let half = pushes.iter().find_map(|push| push.lead_ci90_ms.map(|[low, high]| (high - low) / 2.0));
    CoachLeg {
        effort: Effort::PushOff,
        half_of_one_ms: half,
        no_lead: source.no_lead(has_off).to_owned(),
        measures,
        cards,
        ..CoachLeg::default()
    }
}

fn stride(pushes: &[PushOff], at: usize) -> Option<f64> {
    let stride = pushes.get(at + 1)?.contact_s - pushes[at].contact_s;
    (stride > 0.0 && stride < LONGEST_STRIDE_S).then_some(stride)
}

fn card(source: &Source<'_>, at: usize, measures: [Measure; 3], typical: Option<f64>) -> CoachCard {
    let pushes = &source.series.push_offs;
    let push = &pushes[at];
    let contact_time_s = push.off_s.map(|off| off - push.contact_s);
    let second = if measures[1] == Measure::Stride { stride(pushes, at) } else { push.flight_time_s };
    let values = [contact_time_s, second, push.knee_deg[2]];
    let missing = [
        said::NO_TOE_OFF,
        if measures[1] == Measure::Stride { said::NO_NEXT } else { said::NO_FLIGHT },
        source.no_knee(),
    ];
    let reasons =
        std::array::from_fn(|k| if values[k].is_some() { String::new() } else { missing[k].to_owned() });
    let fractions = push
        .muscles
        .iter()
        .filter_map(|m| m.preactivation_fraction.map(|fraction| (m.muscle.short().to_owned(), fraction)))
        .collect();
    let off_s = push.off_s.unwrap_or(push.contact_s);
    let (kind, length_s) = match (stride(pushes, at), typical) {
        (Some(stride), _) => (Turn::Stride, stride),
        (None, Some(typical)) => (Turn::FromContact, typical),
        (None, None) => (Turn::FromContact, contact_time_s.map_or(UNKNOWN_TURN_S, |t| (3.0 * t).max(0.3))),
    };
    let mut clock = turn::clock(source, kind, push.contact_s, length_s, 0.0, contact_time_s);
    clock.ground = turn::ground(source.review, source.side, push.contact_s, length_s);
    clock.other = turn::ground(source.review, source.side.other(), push.contact_s, length_s);
    CoachCard {
        time_s: push.contact_s,
        whole_s: off_s + push.flight_time_s.unwrap_or(0.0),
        lead_ms: push.lead_ms,
        is_of_set: true,
        values,
        reasons,
        word: push.phases.last().map_or_else(|| no_word(source), |phase| word(&phase.ratio, &phase.verdict)),
        shares: source.both(&fractions),
        clock,
    }
}
