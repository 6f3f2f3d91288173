//! EMG of a gastrocnemius and a soleus electrode whose sources are known exactly.
//!
//! Not a use of the analysis: neither `surae-gait` nor `surae-signal` is called, so that what the analysis finds is compared with what
//! other code put in. Spectra are those of Shwedyk as a recursive filter, sources are Gaussian, leak and noise are added to them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::PI;

/// Sampling rate of the pairs, Hz.
pub const PAIR_RATE_HZ: f64 = 2000.0;
/// Root mean square of a source at drive 1, in microvolts.
pub const FULL_UV: f64 = 100.0;
/// Band in which the ratio of signal to noise is stated, Hz.
pub const STATED_BAND_HZ: [f64; 2] = [20.0, 450.0];
/// Median over lower corner of a Shwedyk spectrum whose upper corner is twice the lower one (95.58 Hz at 60/120 Hz).
const MEDIAN_OVER_LOW: f64 = 95.58 / 60.0;
/// Time in which a drive rises or falls at the edges of a step, in s.
const RAMP_S: f64 = 0.01;

/// A seeded source of normal numbers.
pub struct Random(ChaCha8Rng);

impl Random {
    /// `purpose` keeps streams of one seed apart.
    #[must_use]
    pub fn new(seed: u64, purpose: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(purpose);
        Self(random)
    }

    /// A standard normal number.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }
}

/// EMG-shaped noise of unit variance with a given median frequency over 0 to half of the rate.
#[derive(Clone, Debug)]
pub struct Spectrum {
    low: OnePole,
    high: OnePole,
    gain: f64,
    share: f64,
}

/// `1/(s + w)` under the bilinear transform: `y = a y' + b (x + x')`.
#[derive(Clone, Copy, Debug)]
struct OnePole {
    a: f64,
    b: f64,
}

impl OnePole {
    fn of(corner_hz: f64) -> Self {
        let k = PI * corner_hz / PAIR_RATE_HZ;
        Self { a: (1.0 - k) / (1.0 + k), b: k / (1.0 + k) }
    }

    fn power(self, f: f64) -> f64 {
        let c = (2.0 * PI * f / PAIR_RATE_HZ).cos();
        self.b * self.b * 2.0 * (1.0 + c) / (1.0 + self.a * self.a - 2.0 * self.a * c)
    }
}

impl Spectrum {
    /// Corners in the ratio 1 : 2 such that the median is the one asked for.
    #[must_use]
    pub fn of_median(median_hz: f64) -> Self {
        let mut low_hz = median_hz / MEDIAN_OVER_LOW;
        let mut spectrum = Self::of_corner(low_hz);
        // Sampling bends the spectrum a little; each step takes most of what is left of the error.
        for _ in 0..8 {
            low_hz *= median_hz / spectrum.median_hz();
            spectrum = Self::of_corner(low_hz);
        }
        spectrum
    }

    fn of_corner(low_hz: f64) -> Self {
        let (low, high) = (OnePole::of(low_hz), OnePole::of(2.0 * low_hz));
        let mut spectrum = Self { low, high, gain: 1.0, share: 1.0 };
        let whole = spectrum.power_between(0.0, PAIR_RATE_HZ / 2.0);
        spectrum.share = spectrum.power_between(STATED_BAND_HZ[0], STATED_BAND_HZ[1]) / whole;
        spectrum.gain = whole.sqrt().recip();
        spectrum
    }

    /// Share of the power within [`STATED_BAND_HZ`].
    #[must_use]
    pub fn share_in_band(&self) -> f64 {
        self.share
    }

    /// Power density of the filter at a frequency, for white noise of unit variance.
    fn density(&self, f: f64) -> f64 {
        // The zero at 0 Hz: s/(s + w) passes what 1/(s + w) does not.
        let c = (2.0 * PI * f / PAIR_RATE_HZ).cos();
        let b = 1.0 - self.low.b;
        let high_pass = b * b * 2.0 * (1.0 - c) / (1.0 + self.low.a * self.low.a - 2.0 * self.low.a * c);
        high_pass * self.high.power(f).powi(2)
    }

    fn power_between(&self, from_hz: f64, to_hz: f64) -> f64 {
        let steps = 20_000;
        let width = (to_hz - from_hz) / f64::from(steps);
        (0..steps).map(|k| self.density(from_hz + (f64::from(k) + 0.5) * width)).sum::<f64>() * width
            / (PAIR_RATE_HZ / 2.0)
    }

    /// Frequency below which half of the power lies, by summation.
    #[must_use]
    pub fn median_hz(&self) -> f64 {
        let (mut low, mut high) = (0.0, PAIR_RATE_HZ / 2.0);
        let half = self.power_between(0.0, high) / 2.0;
        while high - low > 1e-3 {
            let middle = (low + high) / 2.0;
            if self.power_between(0.0, middle) < half { low = middle } else { high = middle }
        }
        low
    }
}

/// One source of EMG: white noise through a [`Spectrum`], sample by sample.
pub struct Source {
    spectrum: Spectrum,
    random: Random,
    x: f64,
    stages: [f64; 3],
}

impl Source {
    /// A source with a random stream of its own.
    #[must_use]
    pub fn new(spectrum: &Spectrum, random: Random) -> Self {
        let mut source = Self { spectrum: spectrum.clone(), random, x: 0.0, stages: [0.0; 3] };
        for _ in 0..200 {
            source.sample();
        }
        source
    }

    /// The next sample, of unit variance.
    pub fn sample(&mut self) -> f64 {
        let (low, high) = (self.spectrum.low, self.spectrum.high);
        let x = self.spectrum.gain * self.random.normal();
        let first = low.a * self.stages[0] + (1.0 - low.b) * (x - self.x);
        let second = high.a * self.stages[1] + high.b * (first + self.stages[0]);
        let third = high.a * self.stages[2] + high.b * (second + self.stages[1]);
        self.x = x;
        self.stages = [first, second, third];
        third
    }
}

/// What the two electrodes see, besides the drives.
#[derive(Clone, Copy, Debug)]
pub struct Electrodes {
    /// Part of the soleus amplitude that is picked up over gastrocnemius (the direction of Vieira 2017).
    pub leak: f64,
    /// Root mean square of white noise in each channel, in microvolts.
    pub noise_uv: f64,
}

/// A stretch of constant drives.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// How long it lasts, in s.
    pub duration_s: f64,
    /// Drive of gastrocnemius and soleus, 1 = maximum.
    pub drive: [f64; 2],
}

/// The two channels in microvolts: gastrocnemius, soleus.
#[must_use]
pub fn pair(spectrum: &Spectrum, electrodes: Electrodes, steps: &[Step], seed: u64) -> [Vec<f64>; 2] {
    let mut sources = [1, 2].map(|purpose| Source::new(spectrum, Random::new(seed, purpose)));
    let mut noises = [3, 4].map(|purpose| Random::new(seed, purpose));
    let samples: usize = steps.iter().map(|s| (s.duration_s * PAIR_RATE_HZ).round() as usize).sum();
    let mut channels = [Vec::with_capacity(samples), Vec::with_capacity(samples)];
    let step_of_ramp = 1.0 / (RAMP_S * PAIR_RATE_HZ);
    let mut now = [0.0; 2];
    for step in steps {
        let from = now;
        let mut part = 0.0_f64;
        for _ in 0..(step.duration_s * PAIR_RATE_HZ).round() as usize {
            part = (part + step_of_ramp).min(1.0);
            now = [0, 1].map(|m| from[m] + (step.drive[m] - from[m]) * part);
            let [g, s] = [0, 1].map(|m| FULL_UV * now[m] * sources[m].sample());
            channels[0].push(g + electrodes.leak * s + electrodes.noise_uv * noises[0].normal());
            channels[1].push(s + electrodes.noise_uv * noises[1].normal());
        }
    }
    channels
}

/// Root mean square of white noise, in microvolts, for a ratio of signal to noise in [`STATED_BAND_HZ`] at a drive.
#[must_use]
pub fn noise_for_snr(spectrum: &Spectrum, snr_db: f64, drive: f64) -> f64 {
    let width = (STATED_BAND_HZ[1] - STATED_BAND_HZ[0]) / (PAIR_RATE_HZ / 2.0);
    FULL_UV * drive * (spectrum.share_in_band() / width).sqrt() * 10.0_f64.powf(-snr_db / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_asked_for_and_the_variance_is_one() {
        for median_hz in [65.0, 95.0, 125.0] {
            let spectrum = Spectrum::of_median(median_hz);
            assert!((spectrum.median_hz() / median_hz - 1.0).abs() < 1e-3, "{}", spectrum.median_hz());
            let mut source = Source::new(&spectrum, Random::new(5, 1));
            let n = 400_000;
            let power = (0..n).map(|_| source.sample().powi(2)).sum::<f64>() / f64::from(n);
            // 200 s of about 130 Hz bandwidth: standard error of the power about 0.9 %.
            assert!((power - 1.0).abs() < 0.035, "{median_hz} Hz: {power}");
        }
    }

    #[test]
    fn leak_adds_in_the_square_and_in_one_direction() {
        let spectrum = Spectrum::of_median(95.0);
        let steps = [Step { duration_s: 100.0, drive: [0.0, 1.0] }];
        let [g, s] = pair(&spectrum, Electrodes { leak: 0.1, noise_uv: 0.0 }, &steps, 3);
        for (g, s) in g.iter().zip(&s) {
            assert!((g - 0.1 * s).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_of_the_analysis_is_used_to_make_its_truth() {
        let source = include_str!("pairs.rs");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(!code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains("surae_")));
    }
}
