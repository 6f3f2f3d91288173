//! What the literature expects of the log ratio when the knee bends, and what crosstalk allows.
//!
//! Three published group means, not a norm (METHOD R7); for isometric or slow plantar flexion only.

use super::dominance_of;

/// Fall of the log ratio per degree of knee flexion, central value (Hebert-Losier 2012 at 45 deg).
pub const EXPECTED_PER_DEG: f64 = 0.009;

/// Range of that fall over the published group means (Gago 2017, Avancini 2015).
pub const EXPECTED_PER_DEG_RANGE: [f64; 2] = [0.006, 0.018];

/// The range holds up to here; beyond it the expectation stays level.
const LAST_DEG: f64 = 110.0;

/// Degrees of flexion that count between the reference angle and `knee_deg`.
fn flexion_between(knee_deg: f64, reference_deg: f64) -> f64 {
    knee_deg.clamp(0.0, LAST_DEG) - reference_deg.clamp(0.0, LAST_DEG)
}

/// Expected change of `ln(G/S)` from `reference_deg` to `knee_deg` (flexion positive), central value.
#[must_use]
pub fn expected_change(knee_deg: f64, reference_deg: f64) -> f64 {
    -EXPECTED_PER_DEG * flexion_between(knee_deg, reference_deg)
}

/// Range of the expected change, lower value first.
#[must_use]
pub fn expected_change_range(knee_deg: f64, reference_deg: f64) -> [f64; 2] {
    let change = EXPECTED_PER_DEG_RANGE.map(|k| -k * flexion_between(knee_deg, reference_deg));
    [change[0].min(change[1]), change[0].max(change[1])]
}

/// Largest |D| that can be measured when a fraction `leak` of one muscle's amplitude is picked up over the other:
/// `(1 - c)/(1 + c)`.
#[must_use]
pub fn leak_bound(leak: f64) -> f64 {
    dominance_of(-leak.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_row_22_expected_dominance() {
        for (knee_deg, expected) in [(45.0, -0.1998), (90.0, -0.3842), (120.0, -0.4582)] {
            let d = dominance_of(expected_change(knee_deg, 0.0));
            assert!((d - expected).abs() < 2e-3, "{knee_deg}: {d}");
        }
        let range = expected_change_range(90.0, 0.0).map(dominance_of);
        assert!((range[0] + 0.67).abs() < 0.006 && (range[1] + 0.26).abs() < 0.006);
        assert_eq!(expected_change(20.0, 20.0), 0.0);
    }

    #[test]
    fn method_row_23_leak() {
        assert!((leak_bound(0.06) - 0.8868).abs() < 1e-4);
    }
}
