//! From a review to what the Coach view draws: which efforts there are, and who answers for each leg.
//!
//! Copies and picks; every number is the review's. Not for drawing.

mod jumps;
mod push_offs;
mod raises;
mod turn;

use super::model::{CoachLeg, CoachModel, Effort, References, Word};
use crate::feed::words;
use crate::model::Grade;
use crate::text::{self, coach as said};
use std::collections::BTreeMap;
use surae_gait::dominance::{Ratio, Reason, Verdict};
use surae_gait::emg::Emg;
use surae_gait::report::SideReport;
use surae_gait::review::{ReviewModel, SideSeries};
use surae_trial::{Muscle, NormalisationKind, Side, Task};

/// The calf from outside to inside of the clock.
const CALF: [Muscle; 4] = [Muscle::MG, Muscle::LG, Muscle::GAS, Muscle::SOL];

/// What the Coach view draws of a review; `name` is that of the trial or device.
#[must_use]
pub fn model(review: &ReviewModel, name: &str) -> CoachModel {
    let report = &review.report;
    let task = report.settings.task;
    let mut legs: Vec<CoachLeg> = Side::BOTH.into_iter().filter_map(|side| leg(review, side)).collect();
    if legs.iter().all(|leg| leg.cards.is_empty()) && !report.jumps.is_empty() {
        // Jumps on a plate alone belong to no leg.
        legs = vec![jumps::without_leg(review)];
    }
    let title =
        [said::task(task), name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    CoachModel {
        title,
        running: String::new(),
        references: references(review),
        legs,
        empty: (said::NOTHING.to_owned(), said::NEEDS.map(str::to_owned).to_vec()),
        progress: None,
    }
}

/// The kind of references in force, by the calf muscles of both legs.
fn references(review: &ReviewModel) -> References {
    let sides = [&review.report.sides.left, &review.report.sides.right];
    let calf = sides.into_iter().flatten().flat_map(|side| &side.muscles).filter(|(name, _)| is_calf(name));
    let mut found = References::None;
    for (_, muscle) in calf {
        let normalisation = &muscle.normalisation;
        if normalisation.illustrative {
            return References::Illustrative;
        }
        if is_calibrated(normalisation.kind) && normalisation.reference.is_some() {
            found = References::Profile;
        }
    }
    found
}

fn is_calf(name: &str) -> bool {
    CALF.iter().any(|muscle| muscle.short() == name)
}

/// True for references that muscles can be compared with.
fn is_calibrated(kind: NormalisationKind) -> bool {
    !matches!(kind, NormalisationKind::TaskPeak | NormalisationKind::TaskMean | NormalisationKind::None)
}

/// Everything of one leg that the parts of the adapter read.
pub(super) struct Source<'a> {
    review: &'a ReviewModel,
    side: Side,
    report: &'a SideReport,
    series: &'a SideSeries,
    /// Calf channels from outside to inside of the clock; a channel of both heads only without channels of the heads.
    calf: Vec<&'a Emg>,
}

impl Source<'_> {
    fn task(&self) -> Task {
        self.review.report.settings.task
    }

    fn has(&self, wanted: impl Fn(Muscle) -> bool) -> bool {
        self.calf.iter().any(|emg| wanted(emg.muscle))
    }

    /// Gastrocnemius and soleus of values by muscle; the heads weighted as in the class.
    fn both(&self, of: &BTreeMap<String, f64>) -> [Option<f64>; 2] {
        let (mut sum, mut weights) = (0.0, 0.0);
        for emg in self.calf.iter().filter(|emg| emg.muscle.is_gastrocnemius()) {
            if let Some(value) = of.get(emg.muscle.short()) {
                let weight = self.review.report.settings.head_weight(emg.muscle);
                sum += weight * value;
                weights += weight;
            }
        }
        [(weights > 0.0).then(|| sum / weights), of.get(Muscle::SOL.short()).copied()]
    }

    /// Why there is no lead of this leg.
    fn no_lead(&self, has_off: bool) -> &'static str {
        if self.calf.is_empty() {
            said::NO_EMG
        } else if !self.has(|muscle| muscle == Muscle::SOL) {
            said::NO_SOLEUS
        } else if !self.has(|muscle| muscle.is_gastrocnemius()) {
            said::NO_GASTROCNEMIUS
        } else if self.calf.iter().any(|emg| !emg.is_raw()) {
            said::ENVELOPES
        } else if !has_off {
            said::NO_OFF
        } else {
            said::NOT_WHOLE
        }
    }

    /// Why a knee angle is missing.
    fn no_knee(&self) -> &'static str {
        if self.series.knee.is_none() { said::NO_KNEE } else { said::NO_KNEE_THERE }
    }
}

fn leg(review: &ReviewModel, side: Side) -> Option<CoachLeg> {
    let report = review.report.sides.of(side)?;
    let series = review.series.side(side);
    let of_leg =
        |muscle: Muscle| review.series.emg.iter().find(|emg| emg.side == side && emg.muscle == muscle);
    let has_heads = of_leg(Muscle::MG).is_some() || of_leg(Muscle::LG).is_some();
    let calf: Vec<&Emg> =
        CALF.into_iter().filter(|muscle| *muscle != Muscle::GAS || !has_heads).filter_map(of_leg).collect();
    let source = Source { review, side, report, series, calf };
    let mut leg = match effort(&source) {
        Effort::PushOff => push_offs::leg(&source),
        Effort::Jump => jumps::leg(&source),
        Effort::HeelRaise => raises::leg(&source),
    };
    leg.settle();
    leg.side = Some(side);
    leg.task = Some(source.task());
    leg.has_emg = !source.calf.is_empty();
    (leg.quality, leg.bad) = quality(&source);
    (leg.has_emg || !leg.cards.is_empty()).then_some(leg)
}

/// What is counted: by the task, else by what there is.
fn effort(source: &Source<'_>) -> Effort {
    let has_jumps = !source.review.report.jumps.is_empty();
    match source.task() {
        Task::Jump if has_jumps => Effort::Jump,
        Task::PlantarFlexion if !source.series.repetitions.is_empty() => Effort::HeelRaise,
        _ if source.series.push_offs.is_empty() && has_jumps => Effort::Jump,
        _ => Effort::PushOff,
    }
}

/// Worst grade of the calf channels, and the names of those below fair.
fn quality(source: &Source<'_>) -> (Grade, Vec<String>) {
    let mut worst = Grade::Unknown;
    let mut bad = Vec::new();
    for emg in &source.calf {
        let stream = source.review.report.trial.streams.get(emg.stream);
        let quality = stream.and_then(|stream| stream.channels.get(emg.channel)?.quality.as_ref());
        let grade = match quality.map(|quality| quality.grade.as_str()) {
            Some("good") => Grade::Good,
            Some("fair") => Grade::Fair,
            Some("bad") => Grade::Bad,
            _ => Grade::Unknown,
        };
        if grade == Grade::Bad {
            bad.push(emg.muscle.short().to_owned());
        }
        worst = worst.max(grade);
    }
    (worst, bad)
}

/// A ratio and its class in the words of the view. Without references that compare there is no value to show.
fn word(ratio: &Ratio, verdict: &Verdict) -> Word {
    let is_comparable = !matches!(
        verdict.reason,
        Some(
            Reason::NoReference | Reason::ReferenceMismatch | Reason::MissingMuscle | Reason::DifferentClocks
        )
    );
    let is_known = is_comparable && ratio.is_known();
    let [low, high] = ratio.dominance_ci90();
    Word {
        class: words::class(verdict.class),
        reason: verdict.reason.map_or_else(String::new, |reason| words::reason(reason).to_owned()),
        value: is_known.then(|| ratio.dominance() as f32).filter(|d| d.is_finite()),
        interval: is_known
            .then_some((low as f32, high as f32))
            .filter(|(low, high)| !(low.is_nan() || high.is_nan())),
        bound: words::bound(ratio.bound),
    }
}

/// Why there is no class at all.
fn no_word(source: &Source<'_>) -> Word {
    let whole = source.has(|m| m == Muscle::SOL) && source.has(|m| m.is_gastrocnemius());
    let reason = if whole { text::reason::NO_DATA } else { text::reason::MISSING_MUSCLE };
    Word { reason: reason.to_owned(), ..Word::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_of_references_that_do_not_compare_has_no_place_on_the_bar() {
        let ratio = Ratio::normal(-0.4, 0.1);
        let shown = word(&ratio, &Verdict::undetermined(Reason::NoReference));
        assert_eq!((shown.value, shown.interval), (None, None));
        assert_eq!(shown.reason, text::reason::NO_REFERENCE);
        let shown = word(&ratio, &Verdict::undetermined(Reason::StraddlesDelta));
        assert!((shown.value.unwrap() - (-0.2f32).tanh()).abs() < 1e-6);
    }
}
