//! Which way a stored knee angle counts, and whether its values can be a knee.

use crate::stats::percentile;

/// Flexion that hardly any knee exceeds, and hyperextension likewise.
pub(super) const RANGE_DEG: [f64; 2] = [-15.0, 160.0];

/// Faster than any knee: sprinters reach 900 to 1000 deg/s.
pub(super) const FASTEST_DEG_S: f64 = 1500.0;

/// What the values of a stored knee angle say about its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignProposal {
    /// Flexion positive, as used here.
    FlexionPositive,
    /// Flexion negative (OpenSim gait2392 family): to be flipped.
    FlexionNegative,
    /// The knee hardly moves or the values have both signs: taken as they are.
    Unclear,
}

/// Proposes the sign of knee angles in deg from their values (METHOD 4).
///
/// Flexion negative when the angle goes below -30 deg and is hardly ever above +15 deg, which no knee does in
/// hyperextension. The share of samples below -5 deg is not asked for: a walking knee spends a third of the cycle
/// within 5 deg of straight.
#[must_use]
pub fn propose_sign(flexion_deg: &[f64]) -> SignProposal {
    let (Some(low), Some(high)) = (percentile(flexion_deg, 1.0), percentile(flexion_deg, 99.0)) else {
        return SignProposal::Unclear;
    };
    if low < -30.0 && high < 15.0 {
        SignProposal::FlexionNegative
    } else if high > 30.0 && low > RANGE_DEG[0] {
        SignProposal::FlexionPositive
    } else {
        SignProposal::Unclear
    }
}

/// Fastest change in deg/s between consecutive valid samples; 0 without any.
#[must_use]
pub fn peak_rate_deg_s(flexion_deg: &[f64], rate_hz: f64) -> f64 {
    flexion_deg
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs() * rate_hz)
        .filter(|rate| rate.is_finite())
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_row_31_a_knee_at_minus_sixty_counts_the_other_way() {
        assert_eq!(propose_sign(&[-60.0; 10]), SignProposal::FlexionNegative);
        assert_eq!(propose_sign(&[60.0; 10]), SignProposal::FlexionPositive);
    }

    #[test]
    fn hyperextension_and_silence_are_not_flipped() {
        assert_eq!(propose_sign(&[-6.0, -2.0, 0.0, 3.0]), SignProposal::Unclear);
        assert_eq!(propose_sign(&[f64::NAN]), SignProposal::Unclear);
        let walking: Vec<f64> = (0..100).map(|i| 30.0 - 32.0 * (f64::from(i) * 0.1).cos()).collect();
        assert_eq!(propose_sign(&walking), SignProposal::FlexionPositive);
        assert_eq!(
            propose_sign(&walking.iter().map(|x| -x).collect::<Vec<_>>()),
            SignProposal::FlexionNegative
        );
    }

    #[test]
    fn a_gap_has_no_rate() {
        assert_eq!(peak_rate_deg_s(&[0.0, 1.0, f64::NAN, 50.0, 48.0], 100.0), 200.0);
    }
}
