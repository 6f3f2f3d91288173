//! Debiased, normalised activation of one muscle, and the mean of the two heads.

use crate::stats::Z90;

/// Coefficient of variation of a rest level, where it was not measured.
pub const REST_CV: f64 = 0.1;

/// One muscle over one instant or window: amplitudes as measured, all of the same estimator and unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Amplitude as measured (envelope value, RMS or rectified mean of the window).
    pub amplitude: f64,
    /// Rest level as measured, same estimator and filters; 0 when there is none.
    pub rest: f64,
    /// Reference amplitude as measured; its noise is subtracted here, once. `NaN` when there is none.
    pub reference: f64,
    /// Coefficient of variation of `amplitude` from the randomness of EMG alone ([`super::envelope_cv`], [`super::window_cv`]).
    pub amplitude_cv: f64,
    /// Coefficient of variation of `rest`.
    pub rest_cv: f64,
    /// Coefficient of variation of the reference (repetitions); it does not shrink with the window.
    pub reference_cv: f64,
}

/// Debiased activation, 1 = the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activation {
    /// `sqrt(max(E^2 - N^2, 0) / (R^2 - N^2))`; `NaN` without a usable reference. May pass 1.
    pub value: f64,
    /// Standard deviation of `value` from the randomness of EMG and of the rest level.
    pub sd: f64,
    /// The rest level on the same scale: below twice this, only a bound can be given.
    pub floor: f64,
    /// Coefficient of variation of the reference.
    pub reference_cv: f64,
}

impl Level {
    /// `E^2 - N^2`, in squared units; negative when the window is quieter than rest.
    #[must_use]
    pub fn debiased_square(&self) -> f64 {
        self.amplitude * self.amplitude - self.rest * self.rest
    }

    /// The activation. Its `value` is `NaN` when the reference is missing, not finite or not above rest.
    #[must_use]
    pub fn activation(&self) -> Activation {
        let span = self.reference * self.reference - self.rest * self.rest;
        self.scaled(if span > 0.0 && self.reference > 0.0 { span } else { f64::NAN })
    }

    /// The debiased amplitude in its own unit, without any reference: what the reference-free angle test compares.
    #[must_use]
    pub fn unreferenced(&self) -> Activation {
        Activation { reference_cv: 0.0, ..self.scaled(1.0) }
    }

    /// Error propagation of METHOD 3.3 step 4 on the squares, which stays finite at and below the floor.
    fn scaled(&self, span: f64) -> Activation {
        let square = self.debiased_square() / span;
        let amplitude_part = 2.0 * self.amplitude * self.amplitude * self.amplitude_cv;
        let rest_part = 2.0 * self.rest * self.rest * self.rest_cv;
        let square_sd = (amplitude_part * amplitude_part + rest_part * rest_part).sqrt() / span;
        let value = square.max(0.0).sqrt();
        let value = if square.is_nan() { f64::NAN } else { value };
        let floor = self.rest / span.sqrt();
        // Linear propagation divides by the value itself; near the floor the upper bound of the square is used instead.
        let sd = if value > 2.0 * floor && value > 0.0 {
            square_sd / (2.0 * value)
        } else {
            ((square.max(0.0) + Z90 * square_sd).sqrt() - value) / Z90
        };
        Activation { value, sd, floor, reference_cv: self.reference_cv }
    }
}

impl Activation {
    /// True when the value is too near the rest level for more than a bound.
    #[must_use]
    pub fn at_floor(&self) -> bool {
        self.value < 2.0 * self.floor || self.value <= 0.0
    }

    /// True when there is a number at all.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.value.is_finite()
    }

    /// Coefficient of variation including the reference's; infinite at zero.
    #[must_use]
    pub fn cv(&self) -> f64 {
        let own = self.sd / self.value;
        (own * own + self.reference_cv * self.reference_cv).sqrt()
    }
}

/// Gastrocnemius from its heads: `sum(w a) / sum(w)`, the weights renormalised over the heads given.
///
/// One head is that head. `NaN` when no head, or when any given head is unknown: a missing reference is not hidden.
#[must_use]
pub fn arithmetic_heads(heads: &[(f64, Activation)]) -> Activation {
    let total: f64 = heads.iter().map(|(weight, _)| weight).sum();
    let mut sum = Activation { value: 0.0, sd: 0.0, floor: 0.0, reference_cv: 0.0 };
    let mut reference_sd = 0.0;
    for (weight, head) in heads {
        let w = weight / total;
        sum.value += w * head.value;
        sum.sd += (w * head.sd).powi(2);
        sum.floor += w * head.floor;
        reference_sd += (w * head.value * head.reference_cv).powi(2);
    }
    if heads.is_empty() || total <= 0.0 {
        sum.value = f64::NAN;
    }
    sum.sd = sum.sd.sqrt();
    sum.reference_cv = if sum.value > 0.0 { reference_sd.sqrt() / sum.value } else { 0.0 };
    sum
}

/// Gastrocnemius as the geometric mean of its heads, `ln G = sum(w ln a) / sum(w)`: the only mean from which every
/// reference cancels in a change of the log ratio (METHOD R5).
///
/// A head at its floor enters with its 95 % upper bound and the result is marked at its floor, so that the ratio built
/// on it is a bound and not a value.
#[must_use]
pub fn geometric_heads(heads: &[(f64, Activation)]) -> Activation {
    let total: f64 = heads.iter().map(|(weight, _)| weight).sum();
    let (mut ln, mut variance, mut reference_variance, mut any_at_floor) = (0.0, 0.0, 0.0, false);
    for (weight, head) in heads {
        let w = weight / total;
        let floored = head.at_floor();
        any_at_floor |= floored;
        let value = if floored { head.value + Z90 * head.sd } else { head.value };
        ln += w * value.ln();
        variance += if floored { 0.0 } else { (w * head.sd / head.value).powi(2) };
        reference_variance += (w * head.reference_cv).powi(2);
    }
    let value = if heads.is_empty() || total <= 0.0 { f64::NAN } else { ln.exp() };
    Activation {
        value,
        sd: value * variance.sqrt(),
        floor: if any_at_floor { value } else { 0.0 },
        reference_cv: reference_variance.sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(amplitude: f64, rest: f64, reference: f64) -> Level {
        Level { amplitude, rest, reference, amplitude_cv: 0.1, rest_cv: REST_CV, reference_cv: 0.0 }
    }

    #[test]
    fn method_row_16_debias_takes_the_noise_out_once() {
        // Signal .1945 under noise of half its size reads sqrt(.1945^2 + .066^2) = .2054 (METHOD row 16).
        let rest = (0.2054_f64.powi(2) - 0.1945_f64.powi(2)).sqrt();
        let a = Level { reference: (1.0 + rest * rest).sqrt(), ..level(0.2054, rest, 1.0) }.activation();
        assert!((a.value - 0.1945).abs() < 1e-9);
    }

    #[test]
    fn quieter_than_rest_is_zero_with_a_finite_bound() {
        let a = level(0.9, 1.0, 10.0).activation();
        assert_eq!(a.value, 0.0);
        assert!(a.at_floor() && a.sd > 0.0 && a.sd.is_finite());
    }

    #[test]
    fn no_usable_reference_is_nan() {
        for reference in [f64::NAN, 0.0, -1.0, 0.5] {
            assert!(!level(2.0, 0.5, reference).activation().is_known(), "{reference}");
        }
        assert!(!arithmetic_heads(&[]).is_known());
        assert!(
            !arithmetic_heads(&[
                (0.69, level(1.0, 0.1, 2.0).activation()),
                (0.31, level(1.0, 0.1, f64::NAN).activation())
            ])
            .is_known()
        );
    }

    #[test]
    fn error_propagation_is_that_of_method_step_4() {
        let (e, n, c_e, c_n) = (3.0_f64, 1.0_f64, 0.12_f64, 0.1_f64);
        let l = Level {
            amplitude: e,
            rest: n,
            reference: 5.0,
            amplitude_cv: c_e,
            rest_cv: c_n,
            reference_cv: 0.0,
        };
        let d = e * e - n * n;
        let expected = ((e * e / d * c_e).powi(2) + (n * n / d * c_n).powi(2)).sqrt();
        assert!((l.activation().cv() - expected).abs() < 1e-12);
    }

    #[test]
    fn method_row_21_scaling_every_reference_leaves_the_change_alone() {
        let heads = |amplitudes: [f64; 2], k: [f64; 2]| {
            geometric_heads(&[
                (0.69, level(amplitudes[0], 0.0, 2.0 * k[0]).activation()),
                (0.31, level(amplitudes[1], 0.0, 3.0 * k[1]).activation()),
            ])
            .value
            .ln()
        };
        let change = |k| heads([0.4, 0.9], k) - heads([1.1, 1.3], k);
        assert!((change([1.0, 1.0]) - change([7.3, 0.21])).abs() < 1e-12);
    }
}
