//! Changes from the straight knee with their intervals, and the verdict.

use super::bent_straight::Measured;
use crate::dominance::{Bound, Ratio, expected_change_range};
use crate::stats::{mean, sd, t90_of};

/// A change from the straight knee: value, low and high end of the 90 % interval; one end may be open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Change {
    pub value: f64,
    pub ci90: [f64; 2],
}

impl Change {
    const UNKNOWN: Self = Self { value: f64::NAN, ci90: [f64::NAN; 2] };
}

/// Welch's interval for the difference of two means.
pub(super) fn difference(bent: &[f64], straight: &[f64]) -> Change {
    let parts = |v: &[f64]| Some((mean(v)?, sd(v)?.powi(2) / v.len() as f64, v.len() as f64 - 1.0));
    let (Some((mb, vb, nb)), Some((ms, vs, ns))) = (parts(bent), parts(straight)) else {
        return Change::UNKNOWN;
    };
    let df = (vb + vs).powi(2) / (vb * vb / nb + vs * vs / ns).max(1e-300);
    let half = t90_of(df.max(1.0)) * (vb + vs).sqrt();
    Change { value: mb - ms, ci90: [mb - ms - half, mb - ms + half] }
}

/// Change of the log ratio; repetitions with gastrocnemius at its floor make it an upper bound (METHOD R1).
pub(super) fn ratio_change(bent: &[Ratio], straight: &[Ratio]) -> Change {
    let values = |ratios: &[Ratio]| -> Vec<f64> {
        ratios.iter().filter(|r| r.is_known()).map(|r| r.log_ratio).collect()
    };
    if straight.iter().any(|r| r.is_known() && r.bound != Bound::None) {
        return Change::UNKNOWN;
    }
    let has = |bound| bent.iter().any(|r| r.is_known() && r.bound == bound);
    let change = difference(&values(bent), &values(straight));
    match (has(Bound::Upper), has(Bound::Lower)) {
        (false, false) => change,
        (true, false) => Change { value: change.ci90[1], ci90: [f64::NEG_INFINITY, change.ci90[1]] },
        (false, true) => Change { value: change.ci90[0], ci90: [change.ci90[0], f64::INFINITY] },
        (true, true) => Change::UNKNOWN,
    }
}

/// What one bent block says about the published direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// ln(G/S) and G fall.
    Falls,
    /// The smallest published fall is excluded for ln(G/S), or for G itself.
    DoesNotFall(&'static str),
    /// Neither.
    Unclear,
}

/// Judges one bent block from the change of ln(G/S) and of ln G. The smallest published fall is the upper end of the published range.
pub(super) fn says(ratio: &Change, gastrocnemius: &Change, published: [f64; 2]) -> Says {
    let smallest = published[1];
    if ratio.ci90[1] < 0.0 && gastrocnemius.ci90[1] < 0.0 {
        Says::Falls
    } else if ratio.ci90[0] > smallest {
        Says::DoesNotFall("the ratio of gastrocnemius to soleus does not fall as published")
    } else if ratio.ci90[1] < 0.0 && gastrocnemius.ci90[0] > smallest {
        Says::DoesNotFall(
            "the ratio falls because soleus rises; gastrocnemius itself does not fall as published",
        )
    } else {
        Says::Unclear
    }
}

/// The range of published group means for a change between two knee angles.
pub(super) fn published(block: &Measured, straight: &Measured) -> Option<[f64; 2]> {
    Some(expected_change_range(block.angle_deg()?, straight.angle_deg()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_of_means_has_the_interval_of_welch() {
        // Equal variances 1 and n 6 each: df 10, t .95 = 1.812461, se sqrt(2/6).
        let straight = [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0].map(|v: f64| v * (5.0_f64 / 6.0).sqrt());
        let bent = straight.map(|v| v - 2.0);
        let found = difference(&bent, &straight);
        assert!((found.value + 2.0).abs() < 1e-12);
        assert!((found.ci90[1] + 2.0 - 1.812_461 * (1.0_f64 / 3.0).sqrt()).abs() < 2e-3, "{found:?}");
    }

    #[test]
    fn the_verdict_of_a_block_needs_the_ratio_and_gastrocnemius_itself() {
        let change = |low: f64, high: f64| Change { value: (low + high) / 2.0, ci90: [low, high] };
        let published = [-1.6, -0.54];
        assert_eq!(says(&change(-0.7, -0.4), &change(-0.6, -0.3), published), Says::Falls);
        assert!(matches!(says(&change(-0.2, 0.1), &change(-0.2, 0.1), published), Says::DoesNotFall(_)));
        assert!(matches!(says(&change(-0.7, -0.4), &change(-0.1, 0.1), published), Says::DoesNotFall(_)));
        assert_eq!(says(&change(-0.9, 0.2), &change(-0.9, 0.2), published), Says::Unclear);
    }

    #[test]
    fn a_silent_gastrocnemius_over_the_bent_knee_is_a_bound_and_evidence() {
        let straight = [0.0, 0.1, -0.1].map(|v| Ratio::normal(v, 0.05));
        let bent = [-2.0, -2.1, -1.9].map(Ratio::upper);
        let change = ratio_change(&bent, &straight);
        assert!(change.ci90[1] < -1.5 && change.ci90[0] == f64::NEG_INFINITY);
    }
}
