//! Whitening by linear prediction, so that the double threshold has the error rate it was designed for.

use pulp::{Simd, WithSimd};

use super::OnsetError;
use crate::level::Level;

/// Highest order of the predictor.
const MOST: usize = 16;

/// A prediction-error filter fitted to rest: removes the colour that the band-pass gave to the noise.
///
/// Autoregressive model by the autocorrelation method and Levinson-Durbin recursion (Makhoul 1975). The output is `x[n] + Σ a_k x[n−k]`,
/// white with variance [`Whitener::variance`] if the input is noise like the rest; its unit is the input's. NaN stays in the output for `order` samples.
///
/// ```
/// use surae_signal::onset::Whitener;
/// let rest: Vec<f64> = (0..1000).map(|n| ((n * 7919) % 1009) as f64 / 1009.0 - 0.5).collect();
/// let mut whitener = Whitener::fit(&rest, 4)?;
/// assert!(whitener.variance() > 0.0);
/// let first = whitener.push(0.3);
/// assert_eq!(first, 0.3);
/// # Ok::<(), surae_signal::onset::OnsetError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Whitener {
    order: usize,
    coefficients: [f64; MOST],
    /// Newest first.
    past: [f64; MOST],
    variance: f64,
}

impl Whitener {
    /// Fits a predictor of `order` (at most 16 is used) to a stretch of rest, in the unit of what will be whitened.
    ///
    /// # Errors
    /// [`OnsetError::Rest`] if rest is shorter than ten times the order, holds a value that is not finite, or is silent.
    ///
    /// ```
    /// use surae_signal::onset::{OnsetError, Whitener};
    /// // Autocorrelation 1.25 and 0.5 (over ten samples): coefficient −0.4, error 0.125 · (1 − 0.4²).
    /// let rest = [1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    /// let whitener = Whitener::fit(&rest, 1)?;
    /// assert!((whitener.variance() - 0.105).abs() < 1e-12);
    /// assert!(matches!(Whitener::fit(&[0.0; 10], 1), Err(OnsetError::Rest(10))));
    /// # Ok::<(), OnsetError>(())
    /// ```
    pub fn fit(rest: &[f64], order: usize) -> Result<Self, OnsetError> {
        let order = order.min(MOST);
        if rest.len() < 10 * order.max(1) {
            return Err(OnsetError::Rest(rest.len()));
        }
        let mut lags = [0.0; MOST + 1];
        for (k, lag) in lags[..=order].iter_mut().enumerate() {
            *lag = rest.iter().zip(&rest[k..]).map(|(x, y)| x * y).sum::<f64>() / rest.len() as f64;
        }
        let mut error = lags[0];
        if !(error.is_finite() && error > 0.0) {
            return Err(OnsetError::Rest(rest.len()));
        }
        let mut coefficients = [0.0; MOST];
        for m in 0..order {
            let predicted: f64 = (0..m).map(|k| coefficients[k] * lags[m - k]).sum();
            let reflection = -(lags[m + 1] + predicted) / error;
            let before = coefficients;
            for k in 0..m {
                coefficients[k] = before[k] + reflection * before[m - 1 - k];
            }
            coefficients[m] = reflection;
            error *= 1.0 - reflection * reflection;
        }
        // A perfectly predictable rest has no noise to be measured against.
        if !(error.is_finite() && error > 0.0) {
            return Err(OnsetError::Rest(rest.len()));
        }
        Ok(Self { order, coefficients, past: [0.0; MOST], variance: error })
    }

    /// Variance of the whitened rest: the σ² of [`super::DoubleThresholdDetector`].
    /// In the input's unit squared; positive and finite.
    ///
    /// ```
    /// use surae_signal::onset::Whitener;
    /// let rest = [3.0, -3.0].repeat(10);
    /// assert!((Whitener::fit(&rest, 0)?.variance() - 9.0).abs() < 1e-12); // order 0: the mean square
    /// # Ok::<(), surae_signal::onset::OnsetError>(())
    /// ```
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// Whitens the next sample.
    ///
    /// ```
    /// use surae_signal::onset::Whitener;
    /// let rest = [1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    /// let mut whitener = Whitener::fit(&rest, 1)?; // coefficient −0.4
    /// assert_eq!(whitener.push(1.0), 1.0);
    /// assert!((whitener.push(0.5) - 0.1).abs() < 1e-12); // 0.5 − 0.4 · 1.0
    /// # Ok::<(), surae_signal::onset::OnsetError>(())
    /// ```
    pub fn push(&mut self, x: f64) -> f64 {
        let past = &self.past[..self.order];
        let white = x + self.coefficients.iter().zip(past).map(|(a, x)| a * x).sum::<f64>();
        self.past.copy_within(..MOST - 1, 1);
        self.past[0] = x;
        white
    }

    /// [`Whitener::push`] of many samples: the same values. `whitened` takes one value for each sample; no more than fit are taken.
    ///
    /// ```
    /// use surae_signal::onset::Whitener;
    /// let rest: Vec<f64> = (0..500).map(|n| ((n * n) as f64 * 0.7).sin()).collect();
    /// let (mut whole, mut single) = (Whitener::fit(&rest, 8)?, Whitener::fit(&rest, 8)?);
    /// let mut whitened = vec![0.0; 500];
    /// whole.process(&rest, &mut whitened);
    /// assert!(rest.iter().zip(&whitened).all(|(x, white)| single.push(*x) == *white));
    /// # Ok::<(), surae_signal::onset::OnsetError>(())
    /// ```
    pub fn process(&mut self, samples: &[f64], whitened: &mut [f64]) {
        let count = samples.len().min(whitened.len());
        let start = self.order.min(count);
        for (white, x) in whitened[..start].iter_mut().zip(samples) {
            *white = self.push(*x);
        }
        Level::best().run(Predict {
            coefficients: &self.coefficients[..self.order],
            samples: &samples[..count],
            whitened: &mut whitened[..count],
        });
        for x in &samples[count.saturating_sub(MOST).max(start)..count] {
            self.past.copy_within(..MOST - 1, 1);
            self.past[0] = *x;
        }
    }

    /// Forgets the past samples.
    ///
    /// ```
    /// use surae_signal::onset::Whitener;
    /// let rest = [1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    /// let mut whitener = Whitener::fit(&rest, 1)?;
    /// assert!(whitener.push(f64::NAN).is_nan());
    /// whitener.reset();
    /// assert_eq!(whitener.push(0.5), 0.5);
    /// # Ok::<(), surae_signal::onset::OnsetError>(())
    /// ```
    pub fn reset(&mut self) {
        self.past.fill(0.0);
    }
}

/// Samples that are whitened at a time: they stay in the first-level cache.
const BLOCK: usize = 256;

/// Whitens the samples that have as many before them as there are coefficients.
struct Predict<'a> {
    coefficients: &'a [f64],
    samples: &'a [f64],
    whitened: &'a mut [f64],
}

impl WithSimd for Predict<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { coefficients, samples, whitened } = self;
        let order = coefficients.len();
        let mut sums = [0.0; BLOCK];
        for from in (order..samples.len()).step_by(BLOCK) {
            let to = (from + BLOCK).min(samples.len());
            let sums = &mut sums[..to - from];
            sums.fill(-0.0);
            for (k, coefficient) in coefficients.iter().enumerate() {
                for (sum, x) in sums.iter_mut().zip(&samples[from - 1 - k..to - 1 - k]) {
                    *sum += coefficient * x;
                }
            }
            for ((white, x), sum) in whitened[from..to].iter_mut().zip(&samples[from..to]).zip(&*sums) {
                *white = x + sum;
            }
        }
    }
}
