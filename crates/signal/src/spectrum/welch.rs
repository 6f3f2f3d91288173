//! Welch's averaged periodogram.

use std::f64::consts::PI;
use std::fmt;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

use super::{Complex64, Spectrum};

/// What is taken out of each segment before its transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Detrend {
    /// The segment's mean: SciPy's `detrend="constant"`.
    #[default]
    Constant,
    /// Nothing.
    None,
}

/// How a density is estimated. METHOD 7: 512 samples at 1000 Hz or 1024 at 2000, half overlapping, constant detrend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WelchSettings {
    /// Samples per segment (at least 2): the resolution is `rate_hz / segment`.
    pub segment: usize,
    /// Samples that neighbouring segments share (less than `segment`).
    pub overlap: usize,
    /// What is taken out of each segment.
    pub detrend: Detrend,
    /// Sampling rate, Hz.
    pub rate_hz: f64,
}

impl WelchSettings {
    /// METHOD 7's choice for a rate: about half a second, a power of two, half overlapping, constant detrend.
    ///
    /// 16 to 65 536 samples; a rate that is not finite gets 512 here and is refused by [`Welch::new`].
    ///
    /// ```
    /// use surae_signal::spectrum::WelchSettings;
    /// assert_eq!(WelchSettings::for_rate(1000.0).segment, 512);
    /// assert_eq!(WelchSettings::for_rate(2000.0).segment, 1024);
    /// ```
    pub fn for_rate(rate_hz: f64) -> Self {
        let wanted = if rate_hz.is_finite() { (0.5 * rate_hz).clamp(16.0, 65_536.0) } else { 512.0 };
        let segment = 1_usize << (wanted.log2().round() as u32);
        Self { segment, overlap: segment / 2, detrend: Detrend::Constant, rate_hz }
    }
}

/// Why a spectrum cannot be set up.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpectrumError {
    /// A segment must have at least two samples.
    #[error("a segment of {0} samples is too short for a spectrum")]
    Segment(usize),
    /// Segments must move on by at least one sample.
    #[error("an overlap of {overlap} samples leaves no step between segments of {segment}")]
    Overlap {
        /// Samples shared.
        overlap: usize,
        /// Samples per segment.
        segment: usize,
    },
    /// The sampling rate is not a positive, finite number of hertz.
    #[error("sampling rate {0} Hz is not a positive number")]
    Rate(f64),
}

/// Planned transform, window and scratch of one segment length: everything a periodogram needs.
#[derive(Clone)]
pub(super) struct Periodogram {
    settings: WelchSettings,
    plan: Arc<dyn RealToComplex<f64>>,
    window: Vec<f64>,
    /// `1 / (rate · Σ w²)`.
    scale: f64,
    windowed: Vec<f64>,
    transform: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

impl Periodogram {
    pub(super) fn new(settings: WelchSettings) -> Result<Self, SpectrumError> {
        let WelchSettings { segment, overlap, rate_hz, .. } = settings;
        if segment < 2 {
            return Err(SpectrumError::Segment(segment));
        }
        if overlap >= segment {
            return Err(SpectrumError::Overlap { overlap, segment });
        }
        if !(rate_hz.is_finite() && rate_hz > 0.0) {
            return Err(SpectrumError::Rate(rate_hz));
        }
        let plan = RealFftPlanner::<f64>::new().plan_fft_forward(segment);
        let window = hann_periodic(segment);
        let scale = 1.0 / (rate_hz * window.iter().map(|w| w * w).sum::<f64>());
        Ok(Self {
            settings,
            scale,
            window,
            windowed: plan.make_input_vec(),
            transform: plan.make_output_vec(),
            scratch: plan.make_scratch_vec(),
            plan,
        })
    }

    pub(super) fn settings(&self) -> WelchSettings {
        self.settings
    }

    pub(super) fn bins(&self) -> usize {
        self.transform.len()
    }

    pub(super) fn resolution_hz(&self) -> f64 {
        self.settings.rate_hz / self.settings.segment as f64
    }

    /// Adds the squared transform of a segment to `sum` and returns true, or leaves `sum` alone and returns false if a value is not
    /// finite. The one-sided factor and the scale are applied by [`Periodogram::finish`].
    pub(super) fn add(&mut self, segment: &[f64], sum: &mut [f64]) -> bool {
        let total = blocked_sum(segment);
        if !total.is_finite() {
            return false;
        }
        let mean = match self.settings.detrend {
            Detrend::Constant => total / segment.len() as f64,
            Detrend::None => 0.0,
        };
        for ((to, x), w) in self.windowed.iter_mut().zip(segment).zip(&self.window) {
            *to = (x - mean) * w;
        }
        let done = self.plan.process_with_scratch(&mut self.windowed, &mut self.transform, &mut self.scratch);
        debug_assert!(done.is_ok(), "buffers were made by the plan");
        for (sum, value) in sum.iter_mut().zip(&self.transform) {
            *sum += value.re * value.re + value.im * value.im;
        }
        true
    }

    /// Turns a sum over `segments` segments into a density.
    pub(super) fn finish(&self, sum: &mut [f64], segments: usize) {
        if segments == 0 {
            sum.fill(f64::NAN);
            return;
        }
        let single = self.scale / segments as f64;
        // All bins but those of 0 Hz and of half the rate stand for two.
        let is_even = self.settings.segment.is_multiple_of(2);
        let [first, inner @ .., last] = sum else { return };
        *first *= single;
        inner.iter_mut().for_each(|value| *value *= 2.0 * single);
        *last *= if is_even { single } else { 2.0 * single };
    }

    /// The windowed transform of one segment, without detrend or scale.
    pub(super) fn transform(&mut self, segment: &[f64]) -> &[Complex64] {
        for ((to, x), w) in self.windowed.iter_mut().zip(segment).zip(&self.window) {
            *to = x * w;
        }
        let done = self.plan.process_with_scratch(&mut self.windowed, &mut self.transform, &mut self.scratch);
        debug_assert!(done.is_ok(), "buffers were made by the plan");
        &self.transform
    }

    pub(super) fn window_sum(&self) -> f64 {
        self.window.iter().sum()
    }
}

impl fmt::Debug for Periodogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Periodogram").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// `0.5 − 0.5 cos(2π n / N)`: the periodic form, SciPy's `get_window("hann", N)`.
fn hann_periodic(length: usize) -> Vec<f64> {
    (0..length).map(|n| 0.5 - 0.5 * (2.0 * PI * n as f64 / length as f64).cos()).collect()
}

/// Sum in eight interleaved partial sums: fast, and with a rounding error far below that of a running sum.
pub(super) fn blocked_sum(values: &[f64]) -> f64 {
    let mut partial = [0.0; 8];
    let blocks = values.chunks_exact(8);
    let rest: f64 = blocks.remainder().iter().sum();
    for block in blocks {
        for (sum, x) in partial.iter_mut().zip(block) {
            *sum += x;
        }
    }
    partial.iter().sum::<f64>() + rest
}

/// Welch's power density of whole signals, with plan, window and scratch kept between calls.
///
/// Equals `scipy.signal.welch(x, rate, "hann", segment, overlap, detrend="constant" | False)`. Source: Welch 1967.
///
/// ```
/// use surae_signal::spectrum::{Welch, WelchSettings};
/// let mut welch = Welch::new(WelchSettings::for_rate(1000.0))?;
/// let sine: Vec<f64> = (0..4096).map(|n| (2.0 * std::f64::consts::PI * 125.0 * n as f64 / 1000.0).sin()).collect();
/// let spectrum = welch.density(&sine);
/// assert!((spectrum.median_frequency(20.0, 450.0).unwrap() - 125.0).abs() < 2.0);
/// assert!((spectrum.band_power(0.0, 500.0) - 0.5).abs() < 1e-3); // mean square of a unit sine
/// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Welch {
    periodogram: Periodogram,
}

impl Welch {
    /// Plans the transform.
    ///
    /// # Errors
    /// [`SpectrumError`] for a segment under two samples, an overlap that leaves no step, or a rate that is not positive.
    ///
    /// ```
    /// use surae_signal::spectrum::{SpectrumError, Welch, WelchSettings};
    /// let settings = WelchSettings::for_rate(1000.0);
    /// assert!(Welch::new(settings).is_ok());
    /// let no_step = WelchSettings { overlap: settings.segment, ..settings };
    /// assert!(matches!(Welch::new(no_step), Err(SpectrumError::Overlap { .. })));
    /// assert!(matches!(Welch::new(WelchSettings { rate_hz: 0.0, ..settings }), Err(SpectrumError::Rate(_))));
    /// ```
    pub fn new(settings: WelchSettings) -> Result<Self, SpectrumError> {
        Ok(Self { periodogram: Periodogram::new(settings)? })
    }

    /// The settings it was made with.
    ///
    /// ```
    /// use surae_signal::spectrum::{Welch, WelchSettings};
    /// assert_eq!(Welch::new(WelchSettings::for_rate(2000.0))?.settings().segment, 1024);
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn settings(&self) -> WelchSettings {
        self.periodogram.settings()
    }

    /// Number of bins of a density: `segment / 2 + 1`.
    ///
    /// ```
    /// use surae_signal::spectrum::{Welch, WelchSettings};
    /// assert_eq!(Welch::new(WelchSettings::for_rate(1000.0))?.bins(), 257); // 512 samples a segment
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn bins(&self) -> usize {
        self.periodogram.bins()
    }

    /// The density of `signal` in unit²/Hz.
    ///
    /// Segments that hold a value that is not finite are left out. A signal shorter than one segment, or without a complete segment,
    /// gives a density of NaN and `segments == 0` (SciPy would shorten the segment and change the resolution without saying so).
    ///
    /// ```
    /// use surae_signal::spectrum::{Welch, WelchSettings};
    /// let mut welch = Welch::new(WelchSettings::for_rate(1000.0))?;
    /// let spectrum = welch.density(&[3.0, -3.0].repeat(1024));
    /// assert_eq!(spectrum.segments, 7); // 2048 samples, a segment of 512 every 256
    /// assert!((spectrum.band_power(0.0, 500.0) - 9.0).abs() < 1e-9); // the mean square (Parseval)
    /// let short = welch.density(&[1.0; 511]);
    /// assert!(short.segments == 0 && short.density[0].is_nan());
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn density(&mut self, signal: &[f64]) -> Spectrum {
        let mut spectrum = Spectrum::default();
        self.density_into(signal, &mut spectrum);
        spectrum
    }

    /// As [`Welch::density`], into a spectrum that is reused: does not allocate once `spectrum` has held a density of this size.
    ///
    /// ```
    /// use surae_signal::spectrum::{Spectrum, Welch, WelchSettings};
    /// let mut welch = Welch::new(WelchSettings::for_rate(1000.0))?;
    /// let mut spectrum = Spectrum::default();
    /// for amplitude in [1.0, 2.0] {
    ///     welch.density_into(&[amplitude, -amplitude].repeat(256), &mut spectrum);
    ///     assert!((spectrum.band_power(0.0, 500.0) - amplitude * amplitude).abs() < 1e-9);
    /// }
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn density_into(&mut self, signal: &[f64], spectrum: &mut Spectrum) {
        let WelchSettings { segment, overlap, .. } = self.settings();
        spectrum.resolution_hz = self.periodogram.resolution_hz();
        spectrum.density.clear();
        spectrum.density.resize(self.bins(), 0.0);
        spectrum.segments = 0;
        for window in signal.windows(segment).step_by(segment - overlap) {
            spectrum.segments += usize::from(self.periodogram.add(window, &mut spectrum.density));
        }
        self.periodogram.finish(&mut spectrum.density, spectrum.segments);
    }
}
