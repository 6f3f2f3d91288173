//! The magnitude of the analytic signal.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex64;

/// `|x + i·H(x)|` with the Hilbert transform `H` by FFT over the whole signal: `abs(scipy.signal.hilbert(x))`.
///
/// The instantaneous amplitude of a *narrow-band* signal; of EMG it is a noisy envelope that still needs smoothing. Plans and allocates
/// for each call: an offline function. A value that is not finite makes the whole result NaN; an empty signal gives an empty result.
///
/// ```
/// let tone: Vec<f64> = (0..1000).map(|n| 3.0 * (2.0 * std::f64::consts::PI * 50.0 * n as f64 / 1000.0).sin()).collect();
/// assert!((surae_signal::envelope::analytic(&tone)[500] - 3.0).abs() < 1e-9);
/// ```
pub fn analytic(signal: &[f64]) -> Vec<f64> {
    let len = signal.len();
    if len == 0 {
        return Vec::new();
    }
    let mut planner = FftPlanner::<f64>::new();
    let mut spectrum: Vec<Complex64> = signal.iter().map(|&x| Complex64::new(x, 0.0)).collect();
    planner.plan_fft_forward(len).process(&mut spectrum);
    // Positive frequencies twice, negative ones not at all; 0 Hz and (for even lengths) Nyquist once.
    let half = len.div_ceil(2);
    for value in &mut spectrum[1..half] {
        *value *= 2.0;
    }
    for value in &mut spectrum[len / 2 + 1..] {
        *value = Complex64::new(0.0, 0.0);
    }
    planner.plan_fft_inverse(len).process(&mut spectrum);
    spectrum.iter().map(|value| value.norm() / len as f64).collect()
}
