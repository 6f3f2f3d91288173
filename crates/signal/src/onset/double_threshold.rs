//! Bonato's double threshold.

use pulp::{Simd, WithSimd};

use super::OnsetError;
use crate::level::Level;

/// Most pairs that the second threshold looks at: they are kept as the bits of a word.
const MOST_PAIRS: usize = 64;

/// Pairs that are decided together, by vectors; fewer than [`FEW_PAIRS`] are decided one by one.
const TOGETHER: usize = 512;
const FEW_PAIRS: usize = 64;

/// The two thresholds for a chosen false-alarm probability, in units of the noise variance.
///
/// For white Gaussian noise of variance σ² the sum of two squared samples, `z = y²[2k] + y²[2k+1]`, exceeds ζ with probability
/// `p = exp(−ζ / 2σ²)`. "Active" is said when at least `r0` of `m` successive z exceed ζ, so the false-alarm probability is
/// `P = 1 − BinomCDF(r0 − 1; m, p)`. Given P, p and ζ/σ² follow. Source: Bonato et al. 1998, eq. 3 to 7.
///
/// ```
/// let design = surae_signal::onset::DoubleThreshold::design(2, 5, 0.05)?;
/// assert!((design.exceedance - 0.07644).abs() < 1e-5);
/// assert!((design.threshold_over_variance - 5.142).abs() < 1e-3);
/// # Ok::<(), surae_signal::onset::OnsetError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DoubleThreshold {
    /// Exceedances needed, `r0`.
    pub needed: usize,
    /// Pairs looked at, `m`.
    pub window: usize,
    /// Probability `p` that one pair of noise exceeds the first threshold.
    pub exceedance: f64,
    /// First threshold over the noise variance, `ζ/σ²`.
    pub threshold_over_variance: f64,
}

impl DoubleThreshold {
    /// Solves for the first threshold.
    ///
    /// # Errors
    /// [`OnsetError::Count`] unless `1 ≤ needed ≤ window ≤ 64`; [`OnsetError::Probability`] unless `0 < false_alarm < 1`.
    ///
    /// ```
    /// use surae_signal::onset::{DoubleThreshold, OnsetError};
    /// // With one pair the false-alarm probability is p itself: threshold −2 ln p.
    /// let single = DoubleThreshold::design(1, 1, 0.01)?;
    /// assert!((single.threshold_over_variance + 2.0 * 0.01_f64.ln()).abs() < 1e-9);
    /// // All of five pairs: P = p⁵.
    /// assert!((DoubleThreshold::design(5, 5, 0.01)?.exceedance - 0.01_f64.powf(0.2)).abs() < 1e-9);
    /// assert_eq!(DoubleThreshold::design(3, 2, 0.01), Err(OnsetError::Count { needed: 3, window: 2 }));
    /// # Ok::<(), OnsetError>(())
    /// ```
    pub fn design(needed: usize, window: usize, false_alarm: f64) -> Result<Self, OnsetError> {
        if needed == 0 || needed > window || window > MOST_PAIRS {
            return Err(OnsetError::Count { needed, window });
        }
        if !(false_alarm > 0.0 && false_alarm < 1.0) {
            return Err(OnsetError::Probability(false_alarm));
        }
        // P grows with p; bisection on ln p keeps its precision for the smallest probabilities.
        let (mut low, mut high) = (-700.0_f64, 0.0_f64);
        for _ in 0..200 {
            let middle = (low + high) / 2.0;
            if at_least(needed, window, middle.exp()) < false_alarm { low = middle } else { high = middle }
        }
        let exceedance = low.exp();
        Ok(Self { needed, window, exceedance, threshold_over_variance: -2.0 * low })
    }
}

/// Probability of at least `needed` successes in `trials` of probability `p`.
fn at_least(needed: usize, trials: usize, p: f64) -> f64 {
    let mut coefficient = 1.0;
    let mut sum = 0.0;
    for k in 0..=trials {
        if k >= needed {
            sum += coefficient * p.powi(k as i32) * (1.0 - p).powi((trials - k) as i32);
        }
        coefficient *= (trials - k) as f64 / (k + 1) as f64;
    }
    sum
}

/// The detector at work on one channel of whitened EMG (see [`super::Whitener`]).
///
/// Decides once per pair of samples; pairs fall on even sample indices however the stream is cut. A pair with a NaN never exceeds.
/// Published performance with an SNR above 8 dB: bias under 10 ms, SD under 15 ms.
///
/// ```
/// use surae_signal::onset::{DoubleThreshold, DoubleThresholdDetector};
/// let design = DoubleThreshold::design(1, 5, 0.01)?;
/// let mut detector = DoubleThresholdDetector::new(&design, 1.0)?;
/// assert_eq!(detector.push(0.1), None); // half a pair
/// assert_eq!(detector.push(-0.1), Some(false));
/// assert_eq!((detector.push(9.0), detector.push(9.0)), (None, Some(true)));
/// # Ok::<(), surae_signal::onset::OnsetError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DoubleThresholdDetector {
    threshold: f64,
    needed: u32,
    mask: u64,
    /// Bit 0: the newest pair exceeded.
    exceeded: u64,
    half: Option<f64>,
}

impl DoubleThresholdDetector {
    /// A detector for noise of variance `noise_variance` (unit² of the signal).
    ///
    /// # Errors
    /// [`OnsetError::Variance`] unless it is positive and finite.
    ///
    /// ```
    /// use surae_signal::onset::{DoubleThreshold, DoubleThresholdDetector, OnsetError};
    /// let design = DoubleThreshold::design(1, 1, 0.01)?; // threshold 9.21 σ²
    /// let mut detector = DoubleThresholdDetector::new(&design, 4.0)?;
    /// let mut flags = [false; 2];
    /// detector.process(&[4.0, 4.0, 5.0, 5.0], &mut flags); // 32 and 50 against 36.8
    /// assert_eq!(flags, [false, true]);
    /// assert!(matches!(DoubleThresholdDetector::new(&design, 0.0), Err(OnsetError::Variance(_))));
    /// # Ok::<(), OnsetError>(())
    /// ```
    pub fn new(design: &DoubleThreshold, noise_variance: f64) -> Result<Self, OnsetError> {
        if !(noise_variance.is_finite() && noise_variance > 0.0) {
            return Err(OnsetError::Variance(noise_variance));
        }
        Ok(Self {
            threshold: design.threshold_over_variance * noise_variance,
            needed: design.needed as u32,
            mask: u64::MAX >> (MOST_PAIRS - design.window),
            exceeded: 0,
            half: None,
        })
    }

    /// Takes one sample; after every second one, whether the muscle is active.
    /// NaN counts as a pair that does not exceed.
    ///
    /// ```
    /// use surae_signal::onset::{DoubleThreshold, DoubleThresholdDetector};
    /// let design = DoubleThreshold::design(1, 1, 0.01)?; // threshold 9.21 σ²
    /// let mut detector = DoubleThresholdDetector::new(&design, 1.0)?;
    /// assert_eq!([3.0, 1.0].map(|x| detector.push(x)), [None, Some(true)]); // 10
    /// assert_eq!([3.0, 0.0].map(|x| detector.push(x)), [None, Some(false)]); // 9
    /// assert_eq!([f64::NAN, 9.0].map(|x| detector.push(x)), [None, Some(false)]);
    /// # Ok::<(), surae_signal::onset::OnsetError>(())
    /// ```
    pub fn push(&mut self, sample: f64) -> Option<bool> {
        let square = sample * sample;
        match self.half.take() {
            None => {
                self.half = Some(square);
                None
            }
            Some(first) => Some(self.pair(first + square)),
        }
    }

    /// Takes a stretch of samples; writes one flag per completed pair to `flags` and returns how many. Does not allocate.
    ///
    /// `flags` must have room for `samples.len() / 2 + 1`; pairs beyond it are decided but not written.
    ///
    /// ```
    /// use surae_signal::onset::{DoubleThreshold, DoubleThresholdDetector};
    /// let mut detector = DoubleThresholdDetector::new(&DoubleThreshold::design(1, 2, 0.01)?, 1.0)?;
    /// let mut flags = [false; 3];
    /// assert_eq!(detector.process(&[0.1, 0.1, 9.0, 9.0, 0.1], &mut flags), 2);
    /// assert_eq!(flags[..2], [false, true]);
    /// # Ok::<(), surae_signal::onset::OnsetError>(())
    /// ```
    pub fn process(&mut self, samples: &[f64], flags: &mut [bool]) -> usize {
        let mut rest = samples;
        let mut written = 0;
        // Half a pair from the last stretch.
        if let (Some(first), Some((&sample, later))) = (self.half, rest.split_first()) {
            self.half = None;
            rest = later;
            let active = self.pair(first + sample * sample);
            flags.iter_mut().take(1).for_each(|flag| *flag = active);
            written = 1;
        }
        let (pairs, half) = rest.as_chunks::<2>();
        for pairs in pairs.chunks(TOGETHER) {
            let room = flags.get_mut(written..).unwrap_or_default();
            self.pairs(pairs, room);
            written += pairs.len();
        }
        if let Some(sample) = half.first() {
            self.half = Some(sample * sample);
        }
        written
    }

    /// Forgets everything but the thresholds.
    ///
    /// ```
    /// use surae_signal::onset::{DoubleThreshold, DoubleThresholdDetector};
    /// let mut detector = DoubleThresholdDetector::new(&DoubleThreshold::design(1, 5, 0.01)?, 1.0)?;
    /// let mut flags = [false; 1];
    /// detector.process(&[9.0, 9.0, 9.0], &mut flags);
    /// assert_eq!(flags, [true]);
    /// detector.reset(); // neither the pair that exceeded nor the half pair is left
    /// assert_eq!([0.0, 0.0].map(|x| detector.push(x)), [None, Some(false)]);
    /// # Ok::<(), surae_signal::onset::OnsetError>(())
    /// ```
    pub fn reset(&mut self) {
        self.exceeded = 0;
        self.half = None;
    }

    /// At most [`TOGETHER`] pairs; writes as many flags as there is room for.
    fn pairs(&mut self, pairs: &[[f64; 2]], flags: &mut [bool]) {
        if pairs.len() < FEW_PAIRS {
            for (i, pair) in pairs.iter().enumerate() {
                let active = self.pair(pair[0] * pair[0] + pair[1] * pair[1]);
                flags.iter_mut().skip(i).take(1).for_each(|flag| *flag = active);
            }
            return;
        }
        let mut exceeded = [0_u8; MOST_PAIRS + TOGETHER];
        for (i, before) in exceeded[..MOST_PAIRS].iter_mut().rev().enumerate() {
            *before = (self.exceeded >> i & 1) as u8;
        }
        let window = self.mask.count_ones() as usize;
        let needed = self.needed as u8;
        Level::best().run(Decide {
            pairs,
            threshold: self.threshold,
            window,
            needed,
            exceeded: &mut exceeded,
            flags,
        });
        let newest = exceeded[pairs.len()..][..MOST_PAIRS].iter();
        self.exceeded = newest.fold(0, |bits, exceeded| bits << 1 | u64::from(*exceeded)) & self.mask;
    }

    fn pair(&mut self, z: f64) -> bool {
        self.exceeded = (self.exceeded << 1 | u64::from(z > self.threshold)) & self.mask;
        self.exceeded.count_ones() >= self.needed
    }
}

/// Decides pairs by counting in bytes. `exceeded` holds 1 for every pair that exceeded: the [`MOST_PAIRS`] before, then room for these.
struct Decide<'a> {
    pairs: &'a [[f64; 2]],
    threshold: f64,
    window: usize,
    needed: u8,
    exceeded: &'a mut [u8; MOST_PAIRS + TOGETHER],
    flags: &'a mut [bool],
}

impl WithSimd for Decide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { pairs, threshold, window, needed, exceeded, flags } = self;
        for (exceeded, [first, second]) in exceeded[MOST_PAIRS..].iter_mut().zip(pairs) {
            *exceeded = u8::from(first * first + second * second > threshold);
        }
        let mut counts = [0_u8; TOGETHER];
        let counts = &mut counts[..pairs.len()];
        for back in 0..window {
            let start = MOST_PAIRS - back;
            for (count, exceeded) in counts.iter_mut().zip(&exceeded[start..start + pairs.len()]) {
                *count += *exceeded;
            }
        }
        for (flag, count) in flags.iter_mut().zip(counts) {
            *flag = *count >= needed;
        }
    }
}
