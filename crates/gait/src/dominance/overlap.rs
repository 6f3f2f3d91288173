//! Overlap indices of the literature for the same pair of activations.
//!
//! Gastrocnemius and soleus are synergists: these are named overlap, not co-contraction.

/// Falconer and Winter: `200 % * sum(min) / sum(G + S)` over paired samples; `NaN` when nothing is active.
#[must_use]
pub fn falconer_overlap_percent(gastrocnemius: &[f64], soleus: &[f64]) -> f64 {
    let pairs = || gastrocnemius.iter().zip(soleus).filter(|(g, s)| g.is_finite() && s.is_finite());
    let low: f64 = pairs().map(|(g, s)| g.min(*s)).sum();
    let both: f64 = pairs().map(|(g, s)| g + s).sum();
    200.0 * low / both
}

/// Rudolph 2000: mean over samples of `(low/high)(low + high)`; depends on total amplitude. `NaN` without samples.
#[must_use]
pub fn rudolph_overlap(gastrocnemius: &[f64], soleus: &[f64]) -> f64 {
    let (mut sum, mut n) = (0.0, 0_usize);
    for (g, s) in gastrocnemius.iter().zip(soleus).filter(|(g, s)| g.is_finite() && s.is_finite()) {
        let (low, high) = (g.min(*s), g.max(*s));
        sum += if high > 0.0 { low / high * (low + high) } else { 0.0 };
        n += 1;
    }
    if n == 0 { f64::NAN } else { sum / n as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dominance::dominance_of;
    use proptest::prelude::*;

    #[test]
    fn method_row_19_overlap() {
        assert!((falconer_overlap_percent(&[0.6], &[0.4]) / 100.0 - 0.8).abs() < 1e-6);
        assert!((rudolph_overlap(&[0.6], &[0.4]) - 0.666_666_7).abs() < 1e-6);
        assert!(rudolph_overlap(&[f64::NAN], &[0.4]).is_nan());
    }

    proptest! {
        #[test]
        fn method_row_20_falconer_is_one_minus_dominance(g in 1e-3..2.0_f64, s in 1e-3..2.0_f64) {
            let d = dominance_of((g / s).ln());
            prop_assert!((falconer_overlap_percent(&[g], &[s]) / 100.0 - (1.0 - d.abs())).abs() < 1e-12);
        }
    }
}
