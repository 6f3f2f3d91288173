//! Envelopes: how strongly a muscle is active, over time.
//!
//! Two kinds, which differ by 0.80 for EMG and must not be mixed (METHOD R6): the average rectified value (`arv`, `linear`) and the root
//! mean square (`rms`). [`linear`] is the zero-phase envelope of review; live sessions use [`crate::chain::Chain`]; [`MovingRms`] and
//! [`MovingArv`] are windows of exact length, [`analytic`] the magnitude of the analytic signal.
//!
//! Not for: raw signals with an offset. Band-pass first.

mod analytic;
mod moving;

pub use analytic::analytic;
pub use moving::{MovingArv, MovingRms, moving_rms};

use crate::design::Sos;

/// Average rectified value: the mean of `|x|`, in the unit of the signal. NaN if the signal is empty or holds a NaN.
///
/// ```
/// assert_eq!(surae_signal::envelope::average_rectified(&[1.0, -3.0]), 2.0);
/// ```
pub fn average_rectified(signal: &[f64]) -> f64 {
    signal.iter().map(|x| x.abs()).sum::<f64>() / signal.len() as f64
}

/// Root of the mean square, in the unit of the signal. NaN if the signal is empty or holds a NaN.
///
/// ```
/// assert_eq!(surae_signal::envelope::root_mean_square(&[3.0, -3.0]), 3.0);
/// ```
pub fn root_mean_square(signal: &[f64]) -> f64 {
    (signal.iter().map(|x| x * x).sum::<f64>() / signal.len() as f64).sqrt()
}

/// The linear envelope of review: rectify, then low-pass forwards and backwards. No lag.
///
/// `band_passed` may hold gaps as NaN: pieces are filtered apart, gaps of at most `max_bridge_samples` are bridged for the filter only,
/// and the result is NaN where the input is (see [`crate::filter::zero_phase_segments`]). The low-pass can undershoot zero beside a steep
/// burst; the value is left as it is.
///
/// ```
/// use surae_signal::design::{butterworth, Band};
/// let low = butterworth(2, Band::LowPass(6.0), 1000.0)?;
/// let envelope = surae_signal::envelope::linear(&low, &[-0.5; 500], 5);
/// assert!((envelope[250] - 0.5).abs() < 1e-9);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn linear(low_pass: &Sos, band_passed: &[f64], max_bridge_samples: usize) -> Vec<f64> {
    // Bridge the signed signal, not its absolute value, as the causal path does.
    let mut rectified = vec![f64::NAN; band_passed.len()];
    for piece in crate::gap::pieces(band_passed, max_bridge_samples) {
        let bridged = crate::gap::bridge(&band_passed[piece.clone()]);
        for (to, from) in rectified[piece].iter_mut().zip(bridged) {
            *to = from.abs();
        }
    }
    let mut envelope = crate::filter::zero_phase_segments(low_pass, &rectified, 0);
    for (value, original) in envelope.iter_mut().zip(band_passed) {
        if !original.is_finite() {
            *value = f64::NAN;
        }
    }
    envelope
}
