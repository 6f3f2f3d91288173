//! The triceps surae of one leg: which channels, with which rest levels and references, and their activation over any
//! set of windows.

use crate::dominance::{
    Activation, Level, REST_CV, Ratio, Reason, Verdict, arithmetic_heads, classify, geometric_heads,
    window_cv,
};
use crate::emg::{Emg, Sums};
use crate::noise::Rest;
use crate::normalise::Reference;
use crate::stats::{Z90, mean_ci90};
use surae_trial::Estimator;

/// One muscle of a leg.
#[derive(Clone, Debug)]
pub struct LegMuscle<'a> {
    /// The conditioned channel.
    pub emg: &'a Emg,
    /// Weight of the head; 1 for soleus.
    pub weight: f64,
    /// Rest level of the channel.
    pub rest: Rest,
    /// Reference; `None` when there is none at all.
    pub reference: Option<Reference>,
}

/// Gastrocnemius and soleus of one leg.
#[derive(Clone, Debug)]
pub struct Leg<'a> {
    /// Heads of gastrocnemius, at least one.
    pub heads: Vec<LegMuscle<'a>>,
    /// Soleus.
    pub soleus: LegMuscle<'a>,
    /// Why no class may be given; `None` when references carry one.
    pub no_class: Option<Reason>,
}

/// Activations over one set of windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// Gastrocnemius, of its reference, weighted mean of the heads.
    pub gastrocnemius: Activation,
    /// Soleus, of its reference.
    pub soleus: Activation,
    /// Gastrocnemius without references: geometric mean of the heads, for changes only.
    pub gastrocnemius_raw: Activation,
    /// Soleus without reference, for changes only.
    pub soleus_raw: Activation,
    /// Seconds of valid signal.
    pub duration_s: f64,
}

impl Levels {
    /// Ratio of the activations.
    #[must_use]
    pub fn ratio(&self) -> Ratio {
        Ratio::of(&self.gastrocnemius, &self.soleus)
    }

    /// Ratio without references: only its change means something.
    #[must_use]
    pub fn raw_ratio(&self) -> Ratio {
        Ratio::of(&self.gastrocnemius_raw, &self.soleus_raw)
    }

    /// Variance of the log ratio that comes from the references and does not shrink with data.
    #[must_use]
    pub fn reference_variance(&self) -> f64 {
        self.gastrocnemius.reference_cv.powi(2) + self.soleus.reference_cv.powi(2)
    }
}

impl LegMuscle<'_> {
    /// Amplitude, rest and reference of one estimator over the summed windows.
    fn level(&self, sums: &Sums) -> Level {
        // A source's own envelope has only a mean; raw EMG follows the reference's measure.
        let estimator = match &self.reference {
            Some(reference) if self.emg.is_raw() => reference.estimator,
            _ => Estimator::Arv,
        };
        let seconds = sums.n / self.emg.rate_hz;
        let (amplitude, rest) = match estimator {
            Estimator::Arv => (sums.arv(), self.rest.arv),
            Estimator::Rms => (sums.rms(), self.rest.rms),
        };
        let reference = self.reference.as_ref();
        Level {
            amplitude,
            rest: reference.and_then(|r| r.rest).unwrap_or(rest),
            reference: reference
                .map_or(f64::NAN, |r| if estimator == r.estimator { r.value } else { r.arv() }),
            amplitude_cv: window_cv(seconds, self.emg.bandwidth_hz),
            rest_cv: REST_CV,
            reference_cv: reference.map_or(0.0, |r| r.repeat_cv),
        }
    }

    /// The level of the envelope at one instant.
    #[must_use]
    pub fn level_at(&self, time_s: f64) -> Level {
        let reference = self.reference.as_ref();
        Level {
            amplitude: self.emg.envelope_at(time_s),
            rest: self.rest_arv(),
            reference: reference.map_or(f64::NAN, Reference::arv),
            amplitude_cv: self.emg.envelope_cv,
            rest_cv: REST_CV,
            reference_cv: reference.map_or(0.0, |r| r.repeat_cv),
        }
    }

    /// Rest level as a rectified mean: the reference's own where it has one.
    #[must_use]
    pub fn rest_arv(&self) -> f64 {
        match self.reference.as_ref().and_then(|r| r.rest.map(|rest| (rest, r.estimator))) {
            Some((rest, Estimator::Arv)) => rest,
            Some((rest, Estimator::Rms)) => rest * crate::normalise::ARV_OVER_RMS,
            None => self.rest.arv,
        }
    }

    fn sums(&self, windows: &[(f64, f64)]) -> Sums {
        let mut total = Sums::default();
        for (from, to) in windows {
            total.add(self.emg.sums(*from, *to));
        }
        total
    }
}

impl Leg<'_> {
    /// Every muscle: heads, then soleus.
    pub fn muscles(&self) -> impl Iterator<Item = &LegMuscle<'_>> {
        self.heads.iter().chain(std::iter::once(&self.soleus))
    }

    /// Activations over the union of disjoint windows (`[from, to)` in s).
    #[must_use]
    pub fn levels(&self, windows: &[(f64, f64)]) -> Levels {
        let mut heads = [(0.0, Activation { value: f64::NAN, sd: 0.0, floor: 0.0, reference_cv: 0.0 }); 3];
        let mut raw = heads;
        let n = self.heads.len().min(heads.len());
        for ((head, slot), raw_slot) in self.heads.iter().zip(&mut heads).zip(&mut raw) {
            let level = head.level(&head.sums(windows));
            *slot = (head.weight, level.activation());
            *raw_slot = (head.weight, level.unreferenced());
        }
        let sums = self.soleus.sums(windows);
        let level = self.soleus.level(&sums);
        Levels {
            gastrocnemius: arithmetic_heads(&heads[..n]),
            soleus: level.activation(),
            gastrocnemius_raw: geometric_heads(&raw[..n]),
            soleus_raw: level.unreferenced(),
            duration_s: sums.n / self.soleus.emg.rate_hz,
        }
    }

    /// Class of a ratio, or why this leg cannot have one.
    #[must_use]
    pub fn verdict(&self, ratio: &Ratio, class_threshold: f64) -> Verdict {
        match self.no_class {
            Some(reason) => Verdict::undetermined(reason),
            None => classify(ratio, class_threshold),
        }
    }
}

/// Efforts that make an interval across efforts; with fewer the model of one effort stands in.
pub const ENOUGH_EFFORTS: usize = 3;

/// Ratio over several efforts (METHOD R4): mean and t-interval of effort-level log ratios, widened by the variance of
/// the references; with fewer than [`ENOUGH_EFFORTS`], the pooled ratio with its own model interval.
///
/// Efforts that are only bounded stay in with their bound and make the result a bound (R1). Bounds on both sides cancel
/// what can be said: unknown.
#[must_use]
pub fn over_efforts(ratios: &[Ratio], pooled: &Ratio, reference_variance: f64) -> Ratio {
    use crate::dominance::Bound;
    let known: Vec<&Ratio> = ratios.iter().filter(|r| r.is_known()).collect();
    let values: Vec<f64> = known.iter().map(|r| r.log_ratio).collect();
    let upper = known.iter().any(|r| r.bound == Bound::Upper);
    let lower = known.iter().any(|r| r.bound == Bound::Lower);
    let interval = if known.len() >= ENOUGH_EFFORTS { mean_ci90(&values) } else { None };
    let Some((centre, [low, high])) = interval else { return *pooled };
    let reference_half = Z90 * reference_variance.sqrt();
    match (upper, lower) {
        (true, true) => Ratio::UNKNOWN,
        (true, false) => Ratio::upper(centre + (high - centre).hypot(reference_half)),
        (false, true) => Ratio::lower(centre - (centre - low).hypot(reference_half)),
        (false, false) => {
            let half = (high - centre).hypot(reference_half);
            Ratio { log_ratio: centre, ci90: [centre - half, centre + half], bound: Bound::None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dominance::Bound;

    #[test]
    fn spread_between_efforts_makes_the_interval() {
        let ratios: Vec<Ratio> = [0.1, 0.3, 0.2].iter().map(|v| Ratio::normal(*v, 0.01)).collect();
        let pooled = Ratio::normal(0.21, 0.01);
        let over = over_efforts(&ratios, &pooled, 0.0);
        // t(2 df, .95) = 2.920, standard error .1/sqrt(3).
        assert!(
            (over.log_ratio - 0.2).abs() < 1e-12
                && (over.ci90[1] - 0.2 - 2.919_986 * 0.1 / 3f64.sqrt()).abs() < 1e-5
        );
        assert_eq!(over_efforts(&ratios[..2], &pooled, 0.0), pooled);
        assert!(over_efforts(&ratios, &pooled, 0.04).ci90[1] > over.ci90[1]);
    }

    #[test]
    fn a_bounded_effort_makes_a_bound_and_not_a_hole() {
        let ratios = [Ratio::upper(-1.0), Ratio::normal(-1.2, 0.1), Ratio::normal(-1.1, 0.1)];
        let over = over_efforts(&ratios, &Ratio::UNKNOWN, 0.0);
        assert_eq!(over.bound, Bound::Upper);
        assert!(over.log_ratio > -1.1 && over.log_ratio < -0.8);
        let both = [Ratio::upper(-1.0), Ratio::lower(1.0), Ratio::normal(0.0, 0.1)];
        assert!(!over_efforts(&both, &Ratio::normal(0.0, 0.1), 0.0).is_known());
    }
}
