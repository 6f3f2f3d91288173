//! Noise with the spectrum of surface EMG.
//!
//! Not a filter: the spectrum is drawn bin by bin and transformed, so the truth holds exactly at every frequency up
//! to half of the rate, and no code of the analysis is used to make what the analysis is tested with.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rustfft::{FftPlanner, num_complex::Complex};
use serde::Serialize;

/// The spectrum of Shwedyk: `P(f) = fh^4 f^2 / ((f^2 + fl^2)(f^2 + fh^2)^2)`, two-sided density up to a factor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shwedyk {
    /// Lower corner in Hz.
    pub low_hz: f64,
    /// Upper corner in Hz.
    pub high_hz: f64,
}

impl Shwedyk {
    /// Power density at `frequency_hz`, in arbitrary units; 0 at 0 Hz.
    pub fn density(&self, frequency_hz: f64) -> f64 {
        let f2 = frequency_hz * frequency_hz;
        let (l2, h2) = (self.low_hz * self.low_hz, self.high_hz * self.high_hz);
        h2 * h2 * f2 / ((f2 + l2) * (f2 + h2).powi(2))
    }

    /// The same with both corners times `factor`.
    pub fn scaled(&self, factor: f64) -> Self {
        Self { low_hz: self.low_hz * factor, high_hz: self.high_hz * factor }
    }

    /// Median frequency over `low..high` of a mixture of this and another spectrum, each of unit power up to half of
    /// `rate_hz`, `part` of it the other.
    pub fn median_of_mixture(&self, other: &Self, part: f64, rate_hz: f64, band_hz: [f64; 2]) -> f64 {
        let steps = 40_000;
        let step_hz = rate_hz / 2.0 / f64::from(steps);
        let frequency = |k: i32| (f64::from(k) + 0.5) * step_hz;
        let power = |s: &Self| (0..steps).map(|k| s.density(frequency(k))).sum::<f64>();
        let (own, others) = ((1.0 - part) / power(self), part / power(other));
        let inside: Vec<(f64, f64)> = (0..steps)
            .map(frequency)
            .filter(|f| (band_hz[0]..band_hz[1]).contains(f))
            .map(|f| (f, own * self.density(f) + others * other.density(f)))
            .collect();
        let half = inside.iter().map(|(_, p)| p).sum::<f64>() / 2.0;
        let mut below = 0.0;
        let found = inside.iter().find(|(_, p)| {
            below += p;
            below >= half
        });
        found.map_or(f64::NAN, |(f, _)| *f)
    }

    /// Share of the power up to half of `rate_hz` that a band-pass `low..high` passes, for the magnitude of a
    /// Butterworth band-pass of order `order` (one pass, analog form).
    pub fn share_in_band(&self, rate_hz: f64, low_hz: f64, high_hz: f64, order: i32) -> f64 {
        let steps = 20_000;
        let (mut passed, mut whole) = (0.0, 0.0);
        for step in 0..steps {
            let f = (f64::from(step) + 0.5) * rate_hz / 2.0 / f64::from(steps);
            let power = self.density(f);
            let detuning = (f * f - low_hz * high_hz) / (f * (high_hz - low_hz));
            passed += power / (1.0 + detuning.powi(2 * order));
            whole += power;
        }
        passed / whole
    }
}

/// A random stream of its own for one purpose, so that adding a channel leaves all others as they were.
pub fn random(seed: u64, purpose: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(purpose);
    random
}

/// One standard normal number.
pub fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

/// `samples` values of Gaussian noise with this spectrum at `rate_hz`, of expected standard deviation 1.
pub fn shwedyk(random: &mut ChaCha8Rng, spectrum: Shwedyk, samples: usize, rate_hz: f64) -> Vec<f64> {
    let n = samples.next_power_of_two().max(2);
    let weights: Vec<f64> = (0..=n / 2).map(|k| spectrum.density(k as f64 * rate_hz / n as f64)).collect();
    // Bins 1 to n/2-1 stand for two lines each (f and -f); the power of the real signal is the sum over all lines.
    let power: f64 = 2.0 * weights[1..n / 2].iter().sum::<f64>() + weights[n / 2];
    let mut lines = vec![Complex::new(0.0, 0.0); n];
    for k in 1..n / 2 {
        let amplitude = (weights[k] / power / 2.0).sqrt();
        lines[k] = Complex::new(normal(random), normal(random)) * amplitude;
        lines[n - k] = lines[k].conj();
    }
    lines[n / 2] = Complex::new(normal(random) * (weights[n / 2] / power).sqrt(), 0.0);
    FftPlanner::new().plan_fft_inverse(n).process(&mut lines);
    lines.truncate(samples);
    lines.into_iter().map(|line| line.re).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// METHOD 7: analytic on 0-1000 Hz, median 95.58 Hz, mean 121.04 Hz for 60/120 Hz.
    #[test]
    fn spectrum_has_the_published_median_and_mean() {
        let spectrum = Shwedyk { low_hz: 60.0, high_hz: 120.0 };
        let step = 0.01;
        let frequencies = || (0..100_000).map(|k| (f64::from(k) + 0.5) * step);
        let whole: f64 = frequencies().map(|f| spectrum.density(f)).sum();
        let mean = frequencies().map(|f| f * spectrum.density(f)).sum::<f64>() / whole;
        let mut below = 0.0;
        let median = frequencies()
            .find(|f| {
                below += spectrum.density(*f);
                below >= whole / 2.0
            })
            .unwrap();
        assert!((mean - 121.04).abs() < 0.1, "mean {mean}");
        assert!((median - 95.58).abs() < 0.1, "median {median}");
    }

    #[test]
    fn noise_has_unit_power_and_the_spectrum_it_was_asked_for() {
        let spectrum = Shwedyk { low_hz: 60.0, high_hz: 120.0 };
        let n = 1 << 17;
        let noise = shwedyk(&mut random(7, 1), spectrum, n, 2000.0);
        let power = noise.iter().map(|x| x * x).sum::<f64>() / n as f64;
        // 131072 samples of about 200 Hz bandwidth: standard error of the power about 0.8 %.
        assert!((power - 1.0).abs() < 0.03, "power {power}");
        // Lag-one correlation of the process is the cosine-weighted spectrum.
        let (mut weighted, mut whole) = (0.0, 0.0);
        for k in 0..10_000 {
            let f = f64::from(k) * 0.1;
            weighted += spectrum.density(f) * (std::f64::consts::TAU * f / 2000.0).cos();
            whole += spectrum.density(f);
        }
        let measured = noise.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / n as f64 / power;
        assert!((measured - weighted / whole).abs() < 0.01, "{measured} against {}", weighted / whole);
    }

    #[test]
    fn purposes_are_independent_and_repeatable() {
        let draw = |seed, purpose| normal(&mut random(seed, purpose));
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
    }
}
