//! The log ratio of gastrocnemius to soleus, its interval, and what becomes of both near the noise floor.

use super::Activation;
use crate::stats::Z90;
use serde::{Deserialize, Serialize};

/// Whether a ratio is a value or only a bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// A value with an interval.
    #[default]
    None,
    /// At most this (gastrocnemius is near its floor).
    Upper,
    /// At least this (soleus is near its floor).
    Lower,
}

/// `ln(G/S)` with its 90 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// `ln(G/S)`, natural logarithm; the one-sided 95 % bound itself when `bound` is not `None`. `NaN` when unknown.
    pub log_ratio: f64,
    /// Two-sided 90 % interval; one end is infinite when `bound` is not `None`.
    pub ci90: [f64; 2],
    /// Value or bound.
    pub bound: Bound,
}

/// `D = (G - S)/(G + S) = tanh(lambda/2)`, -1 to 1.
#[must_use]
pub fn dominance_of(log_ratio: f64) -> f64 {
    (log_ratio / 2.0).tanh()
}

/// `lambda` of a dominance: the inverse of [`dominance_of`].
#[must_use]
pub fn log_ratio_of(dominance: f64) -> f64 {
    2.0 * dominance.atanh()
}

/// The log ratio of a class threshold: ln 1.5 for 0.2.
#[must_use]
pub fn threshold_log_ratio(class_threshold: f64) -> f64 {
    log_ratio_of(class_threshold)
}

impl Ratio {
    /// Nothing known.
    pub const UNKNOWN: Self = Self { log_ratio: f64::NAN, ci90: [f64::NAN, f64::NAN], bound: Bound::None };

    /// The ratio of two activations (METHOD 3.3 steps 3-4, R1, R3).
    ///
    /// Both at their floor, or either unknown: [`Ratio::UNKNOWN`].
    #[must_use]
    pub fn of(gastrocnemius: &Activation, soleus: &Activation) -> Self {
        if !(gastrocnemius.is_known() && soleus.is_known()) {
            return Self::UNKNOWN;
        }
        match (gastrocnemius.at_floor(), soleus.at_floor()) {
            (true, true) => Self::UNKNOWN,
            (true, false) => Self::upper(upper_ratio(gastrocnemius, soleus).ln()),
            (false, true) => Self::lower(-upper_ratio(soleus, gastrocnemius).ln()),
            (false, false) => {
                let (cv_g, cv_s) = (gastrocnemius.cv(), soleus.cv());
                let sigma = (cv_g * cv_g + cv_s * cv_s).sqrt();
                Self::normal((gastrocnemius.value / soleus.value).ln(), sigma)
            }
        }
    }

    /// A value with a normal standard deviation.
    #[must_use]
    pub fn normal(log_ratio: f64, sigma: f64) -> Self {
        Self { log_ratio, ci90: [log_ratio - Z90 * sigma, log_ratio + Z90 * sigma], bound: Bound::None }
    }

    /// At most `bound`.
    #[must_use]
    pub fn upper(bound: f64) -> Self {
        if !bound.is_finite() {
            return Self::UNKNOWN;
        }
        Self { log_ratio: bound, ci90: [f64::NEG_INFINITY, bound], bound: Bound::Upper }
    }

    /// At least `bound`.
    #[must_use]
    pub fn lower(bound: f64) -> Self {
        if !bound.is_finite() {
            return Self::UNKNOWN;
        }
        Self { log_ratio: bound, ci90: [bound, f64::INFINITY], bound: Bound::Lower }
    }

    /// True when there is a number.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.log_ratio.is_finite()
    }

    /// `D`; the bound's when one-sided.
    #[must_use]
    pub fn dominance(&self) -> f64 {
        dominance_of(self.log_ratio)
    }

    /// 90 % interval of `D`; an open end is -1 or 1.
    #[must_use]
    pub fn dominance_ci90(&self) -> [f64; 2] {
        self.ci90.map(dominance_of)
    }
}

/// Upper one-sided 95 % limit of `weak / strong` by Fieller's theorem, which needs no logarithm of a value near zero.
///
/// Infinite when `strong` is itself not clear of zero.
fn upper_ratio(weak: &Activation, strong: &Activation) -> f64 {
    let z2 = Z90 * Z90;
    let (a, b) = (weak.value, strong.value);
    let variance_a = weak.sd.powi(2) + (a * weak.reference_cv).powi(2);
    let variance_b = strong.sd.powi(2) + (b * strong.reference_cv).powi(2);
    let lead = b * b - z2 * variance_b;
    if lead <= 0.0 {
        return f64::INFINITY;
    }
    let discriminant = a * a * b * b - lead * (a * a - z2 * variance_a);
    // The weak muscle's reference scales its bound even where its value is zero.
    let limit = (a * b + discriminant.max(0.0).sqrt()) / lead;
    limit * (1.0 + if a > 0.0 { 0.0 } else { Z90 * weak.reference_cv })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dominance::{Level, REST_CV};

    fn sure(value: f64) -> Activation {
        Activation { value, sd: 0.0, floor: 0.0, reference_cv: 0.0 }
    }

    #[test]
    fn method_row_19() {
        let ratio = Ratio::of(&sure(0.6), &sure(0.4));
        assert!((ratio.dominance() - 0.2).abs() < 1e-6);
        assert!((ratio.log_ratio - 0.405_465).abs() < 1e-6);
        assert!(((1.0 + ratio.dominance()) / 2.0 - 0.6).abs() < 1e-6);
        assert!((threshold_log_ratio(0.2) - 1.5_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_silent_muscle_gives_a_bound_that_covers_the_truth() {
        // True gastrocnemius activation 0.01 over a floor of 0.02, read 5 % high; soleus 0.5.
        let rest = 0.02;
        let level = |amplitude| Level {
            amplitude,
            rest,
            reference: 1.0,
            amplitude_cv: 0.05,
            rest_cv: REST_CV,
            reference_cv: 0.0,
        };
        let g = level((rest * rest + 0.01_f64.powi(2)).sqrt() * 1.05).activation();
        let ratio = Ratio::of(&g, &level(0.5).activation());
        assert_eq!(ratio.bound, Bound::Upper);
        assert!(ratio.log_ratio > (0.01_f64 / 0.5).ln() && ratio.log_ratio < -threshold_log_ratio(0.2));
        assert_eq!(ratio.dominance_ci90()[0], -1.0);
        let mirrored = Ratio::of(&level(0.5).activation(), &g);
        assert_eq!((mirrored.bound, mirrored.log_ratio), (Bound::Lower, -ratio.log_ratio));
    }

    #[test]
    fn two_silent_muscles_and_unknown_ones_have_no_ratio() {
        let quiet = Activation { value: 0.0, sd: 0.01, floor: 0.02, reference_cv: 0.0 };
        assert!(!Ratio::of(&quiet, &quiet).is_known());
        assert!(!Ratio::of(&sure(f64::NAN), &sure(0.3)).is_known());
    }
}
