//! Classes: who is relatively more active, or why that cannot be said.

use super::{Bound, Ratio, threshold_log_ratio};
use serde::{Deserialize, Serialize};

/// The answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Neither muscle is on.
    Rest,
    /// Soleus relatively more active, beyond doubt and beyond the threshold.
    SoleusDominant,
    /// The whole interval lies inside the threshold.
    Balanced,
    /// Gastrocnemius relatively more active, beyond doubt and beyond the threshold.
    GastrocnemiusDominant,
    /// No answer; the reason says why.
    #[default]
    Undetermined,
}

/// Why a class is [`Class::Undetermined`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The interval includes the threshold: more data or a longer window could decide.
    StraddlesDelta,
    /// No normalisation reference: calibrate or load a profile.
    NoReference,
    /// The references of the muscles are of different kinds, or of a kind that carries no comparison between muscles.
    ReferenceMismatch,
    /// Gastrocnemius is at its floor and the bound does not decide.
    GastrocnemiusAtFloor,
    /// Soleus is at its floor and the bound does not decide.
    SoleusAtFloor,
    /// Something is on, but neither muscle is clear of its floor.
    BothAtFloor,
    /// A channel is of bad quality.
    BadSignal,
    /// Filters are settling after a gap or at the start.
    Settling,
    /// The muscles are on streams whose clocks are not tied.
    DifferentClocks,
    /// A muscle of the pair was not recorded on this leg.
    MissingMuscle,
    /// One contact or effort is not enough.
    OneContact,
    /// No sample fell into the window.
    NoData,
}

impl Class {
    /// The word used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::SoleusDominant => "soleus_dominant",
            Self::Balanced => "balanced",
            Self::GastrocnemiusDominant => "gastrocnemius_dominant",
            Self::Undetermined => "undetermined",
        }
    }

    /// True for the two dominant classes.
    #[must_use]
    pub fn is_dominant(self) -> bool {
        matches!(self, Self::SoleusDominant | Self::GastrocnemiusDominant)
    }
}

impl Reason {
    /// The word used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::StraddlesDelta => "straddles_delta",
            Self::NoReference => "no_reference",
            Self::ReferenceMismatch => "reference_mismatch",
            Self::GastrocnemiusAtFloor => "gastrocnemius_at_floor",
            Self::SoleusAtFloor => "soleus_at_floor",
            Self::BothAtFloor => "both_at_floor",
            Self::BadSignal => "bad_signal",
            Self::Settling => "settling",
            Self::DifferentClocks => "different_clocks",
            Self::MissingMuscle => "missing_muscle",
            Self::OneContact => "one_contact",
            Self::NoData => "no_data",
        }
    }
}

/// A class with its reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The class.
    pub class: Class,
    /// Set exactly when the class is [`Class::Undetermined`].
    pub reason: Option<Reason>,
}

impl Verdict {
    /// An answer.
    #[must_use]
    pub fn of(class: Class) -> Self {
        Self { class, reason: None }
    }

    /// No answer, and why.
    #[must_use]
    pub fn undetermined(reason: Reason) -> Self {
        Self { class: Class::Undetermined, reason: Some(reason) }
    }
}

/// The class of a ratio (METHOD R1, R3): dominant when the interval, or the one-sided 95 % bound, lies wholly beyond
/// the threshold; balanced when it lies wholly inside; else undetermined.
///
/// `class_threshold` is on |D|. Rest is decided before, by the gate.
#[must_use]
pub fn classify(ratio: &Ratio, class_threshold: f64) -> Verdict {
    if !ratio.is_known() {
        return Verdict::undetermined(Reason::BothAtFloor);
    }
    let limit = threshold_log_ratio(class_threshold);
    let [low, high] = ratio.ci90;
    if high < -limit {
        Verdict::of(Class::SoleusDominant)
    } else if low > limit {
        Verdict::of(Class::GastrocnemiusDominant)
    } else if low > -limit && high < limit {
        Verdict::of(Class::Balanced)
    } else {
        Verdict::undetermined(match ratio.bound {
            Bound::None => Reason::StraddlesDelta,
            Bound::Upper => Reason::GastrocnemiusAtFloor,
            Bound::Lower => Reason::SoleusAtFloor,
        })
    }
}

/// Keeps a dominant class until the interval leaves a second, lower threshold: no flicker at the border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hysteresis {
    last: Class,
}

impl Hysteresis {
    /// The class of the next ratio; `enter` and `leave` are thresholds on |D|, `leave <= enter`.
    pub fn step(&mut self, ratio: &Ratio, enter: f64, leave: f64) -> Verdict {
        let mut verdict = classify(ratio, enter);
        if self.last.is_dominant() && !verdict.class.is_dominant() {
            let held = classify(ratio, leave);
            if held.class == self.last {
                verdict = held;
            }
        }
        self.last = verdict.class;
        verdict
    }

    /// Forgets the last class: at rest, in a gap, when the signal is bad.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Shows a change between answers only after it has lasted (METHOD R12). It never fills rest, undetermined or a gap:
/// those show at once, and so does the first answer after them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dwell {
    shown: Verdict,
    candidate: Verdict,
    held_s: f64,
}

impl Dwell {
    /// The verdict to show, `step_s` after the previous one; changes between answers are delayed by `dwell_s`.
    pub fn step(&mut self, verdict: Verdict, step_s: f64, dwell_s: f64) -> Verdict {
        let is_answer = |v: Verdict| v.class.is_dominant() || v.class == Class::Balanced;
        if verdict == self.shown || !is_answer(verdict) || !is_answer(self.shown) {
            *self = Self { shown: verdict, candidate: verdict, held_s: 0.0 };
            return verdict;
        }
        if verdict == self.candidate {
            self.held_s += step_s;
        } else {
            self.candidate = verdict;
            self.held_s = step_s;
        }
        // Half a step of slack: sums of 0.02 fall short of 0.06 by rounding.
        if self.held_s >= dwell_s - 0.5 * step_s {
            self.shown = verdict;
            self.held_s = 0.0;
        }
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(log_ratio: f64, sigma: f64) -> Ratio {
        Ratio::normal(log_ratio, sigma)
    }

    #[test]
    fn the_interval_decides_and_not_the_value() {
        let delta = 0.2;
        assert_eq!(classify(&normal(0.8, 0.1), delta).class, Class::GastrocnemiusDominant);
        assert_eq!(classify(&normal(-0.8, 0.1), delta).class, Class::SoleusDominant);
        assert_eq!(classify(&normal(0.05, 0.1), delta).class, Class::Balanced);
        for (value, sigma) in [(0.8, 0.4), (0.0, 0.4), (0.4, 0.1)] {
            assert_eq!(classify(&normal(value, sigma), delta), Verdict::undetermined(Reason::StraddlesDelta));
        }
    }

    #[test]
    fn evidence_against_the_floor_is_evidence() {
        assert_eq!(classify(&Ratio::upper(-0.5), 0.2).class, Class::SoleusDominant);
        assert_eq!(classify(&Ratio::lower(0.5), 0.2).class, Class::GastrocnemiusDominant);
        assert_eq!(classify(&Ratio::upper(-0.3), 0.2).reason, Some(Reason::GastrocnemiusAtFloor));
        assert_eq!(classify(&Ratio::lower(0.3), 0.2).reason, Some(Reason::SoleusAtFloor));
        assert_eq!(classify(&Ratio::UNKNOWN, 0.2).reason, Some(Reason::BothAtFloor));
    }

    #[test]
    fn hysteresis_keeps_a_dominant_class_only_while_it_is_still_one() {
        let mut state = Hysteresis::default();
        assert_eq!(state.step(&normal(0.7, 0.1), 0.2, 0.15).class, Class::GastrocnemiusDominant);
        // The interval starts at .336: below ln 1.5 = .405, above 2 atanh .15 = .302.
        assert_eq!(state.step(&normal(0.5, 0.1), 0.2, 0.15).class, Class::GastrocnemiusDominant);
        assert_eq!(state.step(&normal(0.4, 0.1), 0.2, 0.15).class, Class::Undetermined);
        assert_eq!(state.step(&normal(0.5, 0.1), 0.2, 0.15).class, Class::Undetermined);
    }

    #[test]
    fn dwell_delays_answers_and_never_fills_rest_or_doubt() {
        let (sol, gas) = (Verdict::of(Class::SoleusDominant), Verdict::of(Class::GastrocnemiusDominant));
        let rest = Verdict::of(Class::Rest);
        let mut dwell = Dwell::default();
        let shown: Vec<_> = [sol, gas, sol, gas, gas, gas, rest, gas]
            .into_iter()
            .map(|v| dwell.step(v, 0.02, 0.06))
            .collect();
        assert_eq!(shown, [sol, sol, sol, sol, sol, gas, rest, gas]);
        assert_eq!(
            dwell.step(Verdict::undetermined(Reason::Settling), 0.02, 0.06).reason,
            Some(Reason::Settling)
        );
    }
}
