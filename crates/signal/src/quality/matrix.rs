//! Correlations of all pairs of many long signals.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::spectrum::Complex64;

/// Samples that are transformed at a time, at least four times as long as the lags.
const LENGTH: usize = 2048;

/// [`max_correlation`](super::max_correlation) of every two of `signals`, in the order (0, 1), (0, 2), .., (1, 2), ..
///
/// The same value to rounding (about 1e-15), through transforms of stretches: each signal is transformed twice, and only the sums over all
/// stretches are transformed back, so that many pairs and many lags cost little. The shortest length counts for all. 0 for a silent
/// signal, NaN where one holds a NaN.
///
/// ```
/// use surae_signal::quality::{max_correlation, max_correlations};
/// let tone = |hz: f64| (0..5000).map(|n| (f64::from(n) * hz).sin()).collect::<Vec<f64>>();
/// let signals = [tone(0.11), tone(0.13), tone(0.5)];
/// let refs: Vec<&[f64]> = signals.iter().map(Vec::as_slice).collect();
/// let all = max_correlations(&refs, 60);
/// assert!((all[1] - max_correlation(&signals[0], &signals[2], 60)).abs() < 1e-12);
/// assert_eq!(all.len(), 3);
/// ```
pub fn max_correlations(signals: &[&[f64]], max_lag: usize) -> Vec<f64> {
    let len = signals.iter().map(|signal| signal.len()).min().unwrap_or(0);
    let signals: Vec<&[f64]> = signals.iter().map(|signal| &signal[..len]).collect();
    let most = max_lag.min(len.saturating_sub(1));
    let energy: Vec<f64> = signals.iter().map(|x| x.iter().map(|x| x * x).sum()).collect();
    let mut plan = Plan::new(most);
    let pairs = pairs(signals.len());
    let bins = plan.bins();
    let mut sums = vec![Complex64::default(); bins * pairs.len()];
    let (mut parts, mut wider) = (vec![Complex64::default(); bins * signals.len()], Vec::new());
    wider.clone_from(&parts);
    for start in (0..len).step_by(plan.step) {
        let end = (start + plan.step).min(len);
        for (k, signal) in signals.iter().enumerate() {
            let place = k * bins..(k + 1) * bins;
            plan.transform(&signal[start..end], 0, &mut parts[place.clone()]);
            // As far as the lags reach on both sides; outside of the record there is nothing.
            let from = start.saturating_sub(most);
            plan.transform(&signal[from..(end + most).min(len)], from + most - start, &mut wider[place]);
        }
        for ((a, b), sum) in pairs.iter().zip(sums.chunks_exact_mut(bins)) {
            let (a, b) = (&parts[a * bins..][..bins], &wider[b * bins..][..bins]);
            for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
                sum.re += a.re * b.re + a.im * b.im;
                sum.im += a.re * b.im - a.im * b.re;
            }
        }
    }
    let largest = pairs.iter().zip(sums.chunks_exact_mut(bins)).map(|((a, b), sum)| {
        let scale = (energy[*a] * energy[*b]).sqrt();
        if scale == 0.0 {
            return 0.0;
        }
        if scale.is_nan() {
            return f64::NAN;
        }
        let lags = &plan.back(sum)[..=2 * most];
        (lags.iter().fold(0.0_f64, |most, lag| most.max(lag.abs())) / plan.length as f64 / scale).min(1.0)
    });
    largest.collect()
}

/// (0, 1), (0, 2), .., (1, 2), ..
fn pairs(count: usize) -> Vec<(usize, usize)> {
    (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect()
}

/// Transforms of one length, and their memory.
struct Plan {
    length: usize,
    /// Samples of a stretch: with the lags on both sides it fills the length.
    step: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    input: Vec<f64>,
    scratch: Vec<Complex64>,
    inverse_scratch: Vec<Complex64>,
}

impl Plan {
    fn new(most: usize) -> Self {
        let length = LENGTH.max((8 * most).next_power_of_two());
        let mut planner = RealFftPlanner::<f64>::new();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        Self {
            length,
            step: length - 2 * most,
            input: forward.make_input_vec(),
            scratch: forward.make_scratch_vec(),
            inverse_scratch: inverse.make_scratch_vec(),
            forward,
            inverse,
        }
    }

    fn bins(&self) -> usize {
        self.length / 2 + 1
    }

    /// The transform of `samples` from `at` on, zeros around them.
    fn transform(&mut self, samples: &[f64], at: usize, into: &mut [Complex64]) {
        self.input.fill(0.0);
        self.input[at..at + samples.len()].copy_from_slice(samples);
        let done = self.forward.process_with_scratch(&mut self.input, into, &mut self.scratch);
        debug_assert!(done.is_ok(), "buffers were made by the plan");
    }

    /// The signal behind a transform, times the length.
    fn back(&mut self, transform: &mut [Complex64]) -> &[f64] {
        // Sums of conjugate products of real signals: what rounding leaves there is nothing.
        transform[0].im = 0.0;
        transform[self.length / 2].im = 0.0;
        let done = self.inverse.process_with_scratch(transform, &mut self.input, &mut self.inverse_scratch);
        debug_assert!(done.is_ok(), "buffers were made by the plan");
        &self.input
    }
}

#[cfg(test)]
mod tests {
    use super::max_correlations;
    use crate::quality::max_correlation;

    #[test]
    fn all_pairs_are_what_each_pair_is_alone() {
        let mut state = 9_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
        };
        for (length, most) in
            [(0, 5), (1, 60), (50, 60), (2_000, 60), (1_928, 60), (10_001, 60), (9_000, 700)]
        {
            let common: Vec<f64> = (0..length + 40).map(|_| noise()).collect();
            let mut signals: Vec<Vec<f64>> = (0..4)
                .map(|k| (0..length).map(|i| noise() + common[i + 13 * k] * (k as f64) / 2.0).collect())
                .collect();
            signals.push(vec![0.0; length]);
            let refs: Vec<&[f64]> = signals.iter().map(Vec::as_slice).collect();
            let mut found = max_correlations(&refs, most).into_iter();
            for a in 0..5 {
                for b in a + 1..5 {
                    let (all, alone) = (found.next().unwrap(), max_correlation(refs[a], refs[b], most));
                    assert!((all - alone).abs() < 1e-12, "{length}, {most}: {a} {b} {all} {alone}");
                }
            }
        }
        let holed = max_correlations(&[&[1.0, f64::NAN, 2.0], &[1.0, 2.0, 3.0]], 1);
        assert!(holed[0].is_nan());
    }
}
