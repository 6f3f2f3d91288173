//! Numbers that describe a stretch of EMG: zero crossings, slope sign changes, waveform length, integral.
//!
//! Time-domain features in the definitions of Hudgins, Parker & Scott 1993 and Phinyomark et al. 2012. A stretch without enough samples
//! gives 0; NaN is stated per function.

/// Number of sign changes whose step exceeds `threshold` (unit of the signal; 0 counts all, noise included).
///
/// A pair counts if `x[n]·x[n+1] < 0` and `|x[n] − x[n+1]| > threshold`, or if the signal passes through an exact zero. Pairs with a NaN
/// do not count.
///
/// ```
/// assert_eq!(surae_signal::feature::zero_crossings(&[1.0, -1.0, -0.01, 0.01, 2.0], 0.1), 1);
/// ```
pub fn zero_crossings(signal: &[f64], threshold: f64) -> usize {
    let mut last = 0.0_f64;
    let mut count = 0;
    for &x in signal {
        if x.is_nan() {
            last = 0.0;
        } else if x != 0.0 {
            count += usize::from(last * x < 0.0 && (last - x).abs() > threshold);
            last = x;
        }
    }
    count
}

/// Number of local extremes that stand out from a neighbour by more than `threshold` (unit of the signal). A NaN is no extreme,
/// and neither are its neighbours.
///
/// ```
/// assert_eq!(surae_signal::feature::slope_sign_changes(&[0.0, 1.0, 0.0, 1.0, 2.0], 0.5), 2);
/// ```
pub fn slope_sign_changes(signal: &[f64], threshold: f64) -> usize {
    let is_change = |w: &[f64]| {
        let (rise, fall) = (w[1] - w[0], w[1] - w[2]);
        rise * fall > 0.0 && (rise.abs() > threshold || fall.abs() > threshold)
    };
    signal.windows(3).filter(|w| is_change(w)).count()
}

/// Length of the waveform `Σ |x[n+1] − x[n]|`, unit of the signal. NaN if the signal holds a NaN.
///
/// ```
/// assert_eq!(surae_signal::feature::waveform_length(&[0.0, 2.0, -1.0]), 5.0);
/// ```
pub fn waveform_length(signal: &[f64]) -> f64 {
    signal.windows(2).map(|w| (w[1] - w[0]).abs()).sum()
}

/// Integrated EMG `∫ |x| dt`, in unit·seconds: the sum of `|x|` over the samples divided by the rate.
///
/// NaN if the signal holds a NaN or the rate is 0 and the signal too.
///
/// ```
/// assert_eq!(surae_signal::feature::integrated(&[1.0, -1.0], 1000.0), 0.002);
/// ```
pub fn integrated(signal: &[f64], rate_hz: f64) -> f64 {
    signal.iter().map(|x| x.abs()).sum::<f64>() / rate_hz
}

/// The time, in samples from the start, at which half of `Σ |x|` has accumulated, linear within a sample: METHOD R8's `t50`.
///
/// Sample `n` is taken to cover `n .. n + 1`. `None` if nothing accumulates or the signal holds a NaN. Subtract the noise before:
/// negative values count as nothing.
///
/// ```
/// assert_eq!(surae_signal::feature::half_accumulation(&[1.0, 1.0, 1.0, 1.0]), Some(2.0));
/// ```
pub fn half_accumulation(noise_subtracted: &[f64]) -> Option<f64> {
    let total: f64 = noise_subtracted.iter().map(|x| if *x < 0.0 { 0.0 } else { *x }).sum();
    if !(total.is_finite() && total > 0.0) {
        return None;
    }
    let mut sum = 0.0;
    for (n, x) in noise_subtracted.iter().enumerate() {
        let x = x.max(0.0);
        if sum + x >= total / 2.0 {
            return Some(n as f64 + (total / 2.0 - sum) / x);
        }
        sum += x;
    }
    None
}
