//! The triceps surae of one leg: which channels, with which rest levels and references, and their activation over any
//! set of windows.

use crate::dominance::{
    Activation, Bound, Level, REST_CV, Ratio, Reason, Verdict, arithmetic_heads, classify, geometric_heads,
    window_cv,
};
use crate::emg::{Emg, Sums};
use crate::noise::Rest;
use crate::normalise::Reference;
use crate::stats::{Z90, mean, sd, t90_of};
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

/// A log ratio over efforts before it is made an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffortMean {
    /// Mean of the effort-level log ratios; of the pooled data when there are too few efforts.
    pub value: f64,
    /// Standard error of `value`.
    pub standard_error: f64,
    /// Degrees of freedom of `standard_error`; infinite when it comes from the model of one effort.
    pub df: f64,
    /// Whether bounded efforts make it a bound.
    pub bound: Bound,
}

/// Mean over efforts (METHOD R4); with fewer than [`ENOUGH_EFFORTS`] the pooled ratio with its own model error.
///
/// Efforts that are only bounded stay in with their bound and make the result a bound (R1). Bounds on both sides cancel what can
/// be said, and nothing known cannot say anything: `None`.
#[must_use]
pub fn effort_mean(ratios: &[Ratio], pooled: &Ratio) -> Option<EffortMean> {
    let known: Vec<&Ratio> = ratios.iter().filter(|r| r.is_known()).collect();
    if known.len() < ENOUGH_EFFORTS {
        // The interval of one effort is normal: its half width is Z90 standard errors.
        let standard_error = match pooled.bound {
            Bound::None => (pooled.ci90[1] - pooled.ci90[0]) / (2.0 * Z90),
            Bound::Upper | Bound::Lower => 0.0,
        };
        let bound = pooled.bound;
        let mean = EffortMean { value: pooled.log_ratio, standard_error, df: f64::INFINITY, bound };
        return pooled.is_known().then_some(mean);
    }
    let bound = match (
        known.iter().any(|r| r.bound == Bound::Upper),
        known.iter().any(|r| r.bound == Bound::Lower),
    ) {
        (true, true) => return None,
        (true, false) => Bound::Upper,
        (false, true) => Bound::Lower,
        (false, false) => Bound::None,
    };
    let values: Vec<f64> = known.iter().map(|r| r.log_ratio).collect();
    let n = values.len() as f64;
    Some(EffortMean { value: mean(&values)?, standard_error: sd(&values)? / n.sqrt(), df: n - 1.0, bound })
}

impl EffortMean {
    /// The difference to another mean that has no bound; degrees of freedom after Welch and Satterthwaite.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let (own, its) = (self.standard_error.powi(2), other.standard_error.powi(2));
        let spread = own * own / self.df.max(1.0) + its * its / other.df.max(1.0);
        Self {
            value: self.value - other.value,
            standard_error: (own + its).sqrt(),
            df: if spread > 0.0 { (own + its).powi(2) / spread } else { f64::INFINITY },
            bound: self.bound,
        }
    }

    /// As a ratio with its 90 % interval, widened by a variance that data do not shrink.
    #[must_use]
    pub fn ratio(&self, fixed_variance: f64) -> Ratio {
        let half = (t90_of(self.df) * self.standard_error).hypot(Z90 * fixed_variance.sqrt());
        match self.bound {
            Bound::None => Ratio {
                log_ratio: self.value,
                ci90: [self.value - half, self.value + half],
                bound: Bound::None,
            },
            Bound::Upper => Ratio::upper(self.value + half),
            Bound::Lower => Ratio::lower(self.value - half),
        }
    }
}

/// Ratio over several efforts (METHOD R4): mean and t-interval of effort-level log ratios, widened by the variance of
/// the references; with fewer than [`ENOUGH_EFFORTS`], the pooled ratio with its own model interval.
#[must_use]
pub fn over_efforts(ratios: &[Ratio], pooled: &Ratio, reference_variance: f64) -> Ratio {
    if ratios.iter().filter(|r| r.is_known()).count() < ENOUGH_EFFORTS {
        return *pooled;
    }
    effort_mean(ratios, pooled).map_or(Ratio::UNKNOWN, |mean| mean.ratio(reference_variance))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_difference_of_means_has_the_degrees_of_freedom_of_welch() {
        let of = |value, standard_error, df| EffortMean { value, standard_error, df, bound: Bound::None };
        // Equal errors of 9 and 9 degrees: 18, t(18, .95) = 1.734; one error alone keeps its own.
        let both = of(0.5, 0.1, 9.0).minus(&of(0.2, 0.1, 9.0));
        assert!((both.df - 18.0).abs() < 1e-9);
        let ratio = both.ratio(0.0);
        assert!((ratio.ci90[1] - 0.3 - 1.734_064 * 0.1 * 2f64.sqrt()).abs() < 1e-4);
        assert!((of(0.5, 0.1, 4.0).minus(&of(0.2, 0.0, 9.0)).df - 4.0).abs() < 1e-9);
        assert_eq!(of(0.5, 0.0, 4.0).minus(&of(0.2, 0.0, 9.0)).ratio(0.0).ci90, [0.3, 0.3]);
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
