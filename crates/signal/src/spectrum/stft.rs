//! The short-time spectrum: what a spectrogram shows.

use super::welch::Periodogram;
use super::{Complex64, Detrend, SpectrumError, WelchSettings};

/// A planned short-time Fourier transform: Hann windows of one length, moved on by a fixed hop.
///
/// METHOD 7 uses 256 points and a hop of 32 for dynamic tasks. Column `k` covers samples `k·hop .. k·hop + segment` (no padding: the
/// first column is centred on half a segment), scaled by `1 / Σw` as SciPy's `stft(scaling="spectrum", boundary=None, padded=False)`.
///
/// ```
/// use surae_signal::spectrum::Stft;
/// let mut stft = Stft::new(256, 32, 2000.0)?;
/// let tone: Vec<f64> = (0..2000).map(|n| (2.0 * std::f64::consts::PI * 125.0 * n as f64 / 2000.0).cos()).collect();
/// let columns = stft.columns(tone.len());
/// let mut last = vec![Default::default(); stft.bins()];
/// stft.column(&tone, columns - 1, &mut last);
/// assert!((last[16].norm() - 0.5).abs() < 1e-9); // 125 Hz is bin 16; a real cosine puts half its amplitude there
/// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stft {
    periodogram: Periodogram,
    hop: usize,
}

impl Stft {
    /// Plans the transform of `segment` samples every `hop` samples at `rate_hz`.
    ///
    /// # Errors
    /// [`SpectrumError`] for a segment under two samples, a hop of 0 or beyond the segment, or a rate that is not positive.
    ///
    /// ```
    /// use surae_signal::spectrum::{SpectrumError, Stft};
    /// assert!(Stft::new(256, 32, 2000.0).is_ok());
    /// assert!(matches!(Stft::new(256, 0, 2000.0), Err(SpectrumError::Overlap { .. })));
    /// assert!(matches!(Stft::new(1, 1, 2000.0), Err(SpectrumError::Segment(1))));
    /// assert!(matches!(Stft::new(256, 32, f64::NAN), Err(SpectrumError::Rate(_))));
    /// ```
    pub fn new(segment: usize, hop: usize, rate_hz: f64) -> Result<Self, SpectrumError> {
        let overlap = segment.checked_sub(hop).ok_or(SpectrumError::Overlap { overlap: 0, segment })?;
        let settings = WelchSettings { segment, overlap, detrend: Detrend::None, rate_hz };
        Ok(Self { periodogram: Periodogram::new(settings)?, hop })
    }

    /// Bins of a column: `segment / 2 + 1`.
    ///
    /// ```
    /// assert_eq!(surae_signal::spectrum::Stft::new(256, 32, 1000.0)?.bins(), 129); // 0 to 500 Hz
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn bins(&self) -> usize {
        self.periodogram.bins()
    }

    /// Distance between bins, Hz.
    ///
    /// ```
    /// assert_eq!(surae_signal::spectrum::Stft::new(250, 25, 1000.0)?.resolution_hz(), 4.0); // 1000 Hz / 250
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn resolution_hz(&self) -> f64 {
        self.periodogram.resolution_hz()
    }

    /// Seconds from the start of the signal to the centre of column `index`.
    ///
    /// ```
    /// let stft = surae_signal::spectrum::Stft::new(256, 32, 1000.0)?;
    /// assert_eq!((stft.bins(), stft.columns(1000), stft.time_s(1)), (129, 24, 0.160));
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn time_s(&self, index: usize) -> f64 {
        let settings = self.periodogram.settings();
        (index * self.hop) as f64 / settings.rate_hz + settings.segment as f64 / 2.0 / settings.rate_hz
    }

    /// Complete columns in a signal of `samples` samples.
    ///
    /// ```
    /// let stft = surae_signal::spectrum::Stft::new(256, 32, 1000.0)?;
    /// assert_eq!([255, 256, 287, 288].map(|samples| stft.columns(samples)), [0, 1, 1, 2]);
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn columns(&self, samples: usize) -> usize {
        samples.checked_sub(self.periodogram.settings().segment).map_or(0, |rest| rest / self.hop + 1)
    }

    /// Computes column `index` into `out` (up to [`Stft::bins`] values). A column that the signal does not hold completely, or that
    /// holds a value that is not finite, is NaN. Does not allocate.
    /// Amplitudes are in the unit of the signal.
    ///
    /// ```
    /// use surae_signal::spectrum::{Complex64, Stft};
    /// let mut stft = Stft::new(256, 32, 1000.0)?;
    /// let mut column = vec![Complex64::default(); stft.bins()];
    /// stft.column(&[3.0; 300], 1, &mut column);
    /// assert!((column[0].re - 3.0).abs() < 1e-12 && column[2].norm() < 1e-12); // a constant is all at 0 Hz
    /// stft.column(&[3.0; 300], 2, &mut column); // needs samples 64 to 319
    /// assert!(column.iter().all(|value| value.re.is_nan()));
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn column(&mut self, signal: &[f64], index: usize, out: &mut [Complex64]) {
        let start = index.saturating_mul(self.hop);
        let segment = self.periodogram.settings().segment;
        let Some(samples) = signal.get(start..start.saturating_add(segment)) else {
            out.fill(Complex64::new(f64::NAN, f64::NAN));
            return;
        };
        let scale = 1.0 / self.periodogram.window_sum();
        for (to, value) in out.iter_mut().zip(self.periodogram.transform(samples)) {
            *to = value * scale;
        }
        if !samples.iter().all(|x| x.is_finite()) {
            out.fill(Complex64::new(f64::NAN, f64::NAN));
        }
    }
}
