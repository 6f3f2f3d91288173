//! How much an EMG amplitude varies by chance alone when the drive is constant.
//!
//! EMG of constant drive is band-limited noise: the fewer independent values a smoother averages, the more its output
//! wanders. Theory (Bendat and Piersol) with the constant checked against simulation; see `docs/method.md`.

use std::f64::consts::PI;
use surae_trial::Correction;

/// Statistical bandwidth `(int P)^2 / int P^2` of a 60/120 Hz Shwedyk spectrum through a zero-phase 20-450 Hz band:
/// used where a channel's own bandwidth was not measured.
pub const REFERENCE_BANDWIDTH_HZ: f64 = 185.0;

/// Coefficient of variation of a rectified mean over 1 s per square root of bandwidth. A rectified mean of Gaussian
/// noise varies 2 % more than its RMS, whose value is 1/2.
const RECTIFIED_CV: f64 = 0.513;

/// How an envelope is smoothed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smoothing {
    /// One pass.
    Causal,
    /// Forward and backward, with or without the correction of the cut-off.
    ZeroPhase(Correction),
}

/// Equivalent noise bandwidth of a Butterworth low-pass of prototype order `order` at `cutoff_hz`.
///
/// One pass: `fc (pi/2N) / sin(pi/2N)`. Two passes: that times `1 - 1/(2N)`, at the effective single-pass cut-off.
#[must_use]
pub fn lowpass_noise_bandwidth_hz(cutoff_hz: f64, order: u8, smoothing: Smoothing) -> f64 {
    let n = f64::from(order.max(1));
    let angle = PI / (2.0 * n);
    let one_pass = cutoff_hz * angle / angle.sin();
    match smoothing {
        Smoothing::Causal => one_pass,
        Smoothing::ZeroPhase(Correction::None) => one_pass * (1.0 - 0.5 / n),
        Smoothing::ZeroPhase(Correction::Winter) => {
            let correction = (2.0_f64.sqrt() - 1.0).powf(0.5 / n);
            one_pass * (1.0 - 0.5 / n) / correction
        }
    }
}

/// Coefficient of variation of a linear envelope at constant drive (`c_E` of METHOD 3.3).
///
/// `noise_bandwidth_hz` is that of the low-pass, `emg_bandwidth_hz` the statistical bandwidth of the band-passed EMG.
#[must_use]
pub fn envelope_cv(noise_bandwidth_hz: f64, emg_bandwidth_hz: f64) -> f64 {
    RECTIFIED_CV * (2.0 * noise_bandwidth_hz / emg_bandwidth_hz).sqrt()
}

/// Coefficient of variation of the rectified mean or RMS of `window_s` seconds at constant drive.
#[must_use]
pub fn window_cv(window_s: f64, emg_bandwidth_hz: f64) -> f64 {
    RECTIFIED_CV / (window_s * emg_bandwidth_hz).sqrt()
}

/// Statistical bandwidth of a one-sided power spectrum on a grid of `step_hz`, in Hz; `NaN` for an empty or zero one.
#[must_use]
pub fn statistical_bandwidth_hz(power: &[f64], step_hz: f64) -> f64 {
    let (sum, squares) = power.iter().fold((0.0, 0.0), |(s, q), p| (s + p, q + p * p));
    sum * sum / squares * step_hz
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelope_variation_is_that_of_the_method_table() {
        // METHOD R4 and step 4 (simulation with a Shwedyk 60/120 Hz spectrum).
        let zero = |c| Smoothing::ZeroPhase(c);
        for (cutoff_hz, smoothing, expected) in [
            (6.0, zero(Correction::Winter), 0.133),
            (10.0, zero(Correction::Winter), 0.172),
            (20.0, zero(Correction::Winter), 0.240),
            (6.0, zero(Correction::None), 0.120),
            (10.0, zero(Correction::None), 0.154),
            (20.0, zero(Correction::None), 0.216),
            (6.0, Smoothing::Causal, 0.138),
            (20.0, Smoothing::Causal, 0.246),
        ] {
            let cv = envelope_cv(lowpass_noise_bandwidth_hz(cutoff_hz, 2, smoothing), REFERENCE_BANDWIDTH_HZ);
            // The flat-spectrum theory is 2 % high at 20 Hz.
            assert!((cv / expected - 1.0).abs() < 0.03, "{cutoff_hz} {smoothing:?}: {cv}");
        }
    }

    #[test]
    fn method_rows_17_and_18_dominance_of_equal_drive_wanders_by_chance() {
        // Two muscles of the same drive: SD(D) = (1 - D^2)/2 sqrt(c^2 + c^2) at D = 0; the rows are simulations.
        let zero = |c| Smoothing::ZeroPhase(c);
        for (cutoff_hz, smoothing, expected) in [
            (6.0, zero(Correction::None), 0.084),
            (6.0, zero(Correction::Winter), 0.094),
            (20.0, zero(Correction::None), 0.149),
            (20.0, Smoothing::Causal, 0.169),
        ] {
            let cv = envelope_cv(lowpass_noise_bandwidth_hz(cutoff_hz, 2, smoothing), REFERENCE_BANDWIDTH_HZ);
            let sd = 0.5 * 2.0_f64.sqrt() * cv;
            assert!((sd / expected - 1.0).abs() < 0.15, "{cutoff_hz} {smoothing:?}: {sd}");
        }
    }

    #[test]
    fn window_variation_is_that_of_the_method() {
        assert!((window_cv(1.0, REFERENCE_BANDWIDTH_HZ) - 0.038).abs() < 0.001);
        assert!(
            (window_cv(0.25, REFERENCE_BANDWIDTH_HZ) / window_cv(1.0, REFERENCE_BANDWIDTH_HZ) - 2.0).abs()
                < 1e-12
        );
    }

    #[test]
    fn a_flat_spectrum_has_its_own_width() {
        assert!((statistical_bandwidth_hz(&[3.0; 40], 2.0) - 80.0).abs() < 1e-9);
        assert!(statistical_bandwidth_hz(&[], 1.0).is_nan());
    }
}
