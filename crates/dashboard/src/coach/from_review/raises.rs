//! Slow plantar flexions (heel raises) as cards: no lead, the word over all of them, and each of them.

use super::{Source, turn, word};
use crate::coach::model::{CoachCard, CoachLeg, Effort, Measure, Turn};
use crate::text::coach as said;
use surae_gait::repetition::Repetition;

/// The cards of a leg, oldest first.
pub(super) fn leg(source: &Source<'_>) -> CoachLeg {
    let per_min = source.report.repetitions.as_ref().and_then(|reps| reps.per_min);
    let cards = source.series.repetitions.iter().map(|rep| card(source, rep, per_min)).collect();
    CoachLeg {
        effort: Effort::HeelRaise,
        no_lead: said::SLOW.to_owned(),
        set_word: source.series.raises.as_ref().map(|(ratio, verdict)| word(ratio, verdict)),
        measures: [Measure::Count, Measure::Knee, Measure::Length],
        cards,
        ..CoachLeg::default()
    }
}

fn card(source: &Source<'_>, rep: &Repetition, per_min: Option<f64>) -> CoachCard {
    let length_s = rep.to_s - rep.from_s;
    let values = [None, rep.knee_deg, Some(length_s)];
    let no_knee = if rep.knee_deg.is_some() { "" } else { source.no_knee() };
    CoachCard {
        time_s: rep.from_s,
        whole_s: rep.to_s,
        lead_ms: None,
        is_of_set: false,
        reasons: [said::per_minute(per_min), no_knee.to_owned(), String::new()],
        values,
        word: word(&rep.ratio, &rep.verdict),
        shares: rep.activations.map(|share| Some(share).filter(|share| share.is_finite())),
        clock: turn::clock(source, Turn::Raise, rep.from_s, length_s, 0.0, None),
    }
}
