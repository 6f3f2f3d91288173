//! Welch's density of a live channel.

use super::welch::Periodogram;
use super::{Bins, SpectrumError, WelchSettings};

/// A running Welch density of one channel: a new periodogram every hop, averaged over the last `average` of them.
///
/// The hop is `segment − overlap` samples and falls on sample indices counted from the last reset, however the stream is cut.
/// The mean over the last segments is a plain sum of theirs (cut at fixed hops into a suffix and a prefix sum, as
/// [`crate::envelope::MovingRms`] does), so that it cannot drift; it equals [`super::Welch`] over the same
/// samples to rounding. A segment with a value that is not finite is left out and takes its place in the average with it: a gap
/// thins the average out and is forgotten after `average` hops. Clones share the planned transform.
///
/// ```
/// use surae_signal::spectrum::{StreamingWelch, WelchSettings};
/// let mut spectrum = StreamingWelch::new(WelchSettings::for_rate(1000.0), 4)?;
/// let samples: Vec<f64> = (0..2048).map(|n| (n as f64 * 0.5).sin()).collect();
/// assert_eq!(spectrum.push(&samples), 7); // hops: 512 samples, then every 256
/// assert!(spectrum.latest()[41] > spectrum.latest()[100]); // 0.5 rad a sample = 79.6 Hz = bin 40.7
/// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StreamingWelch {
    periodogram: Periodogram,
    /// The newest samples, oldest first; `filled` of them are valid.
    segment: Vec<f64>,
    filled: usize,
    /// `[average][bins]`: before `next_row` the squared transforms of the running block of segments, from it on suffix sums of the last.
    rows: Vec<f64>,
    /// How many complete segments each row is the sum of.
    counts: Vec<usize>,
    next_row: usize,
    /// Sum of the running block, and the segments in it.
    prefix: Vec<f64>,
    prefix_count: usize,
    density: Vec<f64>,
    segments: usize,
}

impl StreamingWelch {
    /// Plans the transform and takes all memory; `average` (at least 1 is used) is the number of segments in the mean.
    ///
    /// # Errors
    /// As [`super::Welch::new`].
    ///
    /// ```
    /// use surae_signal::spectrum::{SpectrumError, StreamingWelch, WelchSettings};
    /// let settings = WelchSettings::for_rate(1000.0);
    /// assert_eq!(StreamingWelch::new(settings, 4)?.latest().len(), 257); // 512 samples a segment
    /// let no_step = WelchSettings { overlap: 512, ..settings };
    /// assert!(matches!(StreamingWelch::new(no_step, 4), Err(SpectrumError::Overlap { .. })));
    /// # Ok::<(), SpectrumError>(())
    /// ```
    pub fn new(settings: WelchSettings, average: usize) -> Result<Self, SpectrumError> {
        let periodogram = Periodogram::new(settings)?;
        let (bins, average) = (periodogram.bins(), average.max(1));
        Ok(Self {
            periodogram,
            segment: vec![0.0; settings.segment],
            filled: 0,
            rows: vec![0.0; bins * average],
            counts: vec![0; average],
            next_row: 0,
            prefix: vec![0.0; bins],
            prefix_count: 0,
            density: vec![f64::NAN; bins],
            segments: 0,
        })
    }

    /// Forgets everything: equals a new one.
    ///
    /// ```
    /// # use surae_signal::spectrum::{Detrend, StreamingWelch, WelchSettings};
    /// let settings = WelchSettings { segment: 16, overlap: 8, detrend: Detrend::Constant, rate_hz: 1000.0 };
    /// let mut spectrum = StreamingWelch::new(settings, 4)?;
    /// spectrum.push(&[1.0, -1.0].repeat(8));
    /// spectrum.reset();
    /// assert!(spectrum.segments() == 0 && spectrum.latest()[0].is_nan());
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn reset(&mut self) {
        self.filled = 0;
        self.counts.fill(0);
        self.rows.fill(0.0);
        self.next_row = 0;
        self.prefix.fill(0.0);
        self.prefix_count = 0;
        self.density.fill(f64::NAN);
        self.segments = 0;
    }

    /// Takes the next samples of the channel; returns how many hops they completed (0: [`StreamingWelch::latest`] is unchanged).
    /// Does not allocate.
    ///
    /// ```
    /// # use surae_signal::spectrum::{Detrend, StreamingWelch, WelchSettings};
    /// let settings = WelchSettings { segment: 16, overlap: 8, detrend: Detrend::Constant, rate_hz: 1000.0 };
    /// let mut spectrum = StreamingWelch::new(settings, 4)?;
    /// // Segments of 16 samples, half overlapping: a hop every 8 samples.
    /// assert_eq!([8, 7, 1, 24].map(|samples| spectrum.push(&vec![0.0; samples])), [0, 0, 1, 3]);
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn push(&mut self, samples: &[f64]) -> usize {
        let (length, overlap) = (self.segment.len(), self.periodogram.settings().overlap);
        let mut rest = samples;
        let mut hops = 0;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(length - self.filled));
            self.segment[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            rest = later;
            if self.filled == length {
                self.hop();
                self.segment.copy_within(length - overlap.., 0);
                self.filled = overlap;
                hops += 1;
            }
        }
        hops
    }

    /// The latest density, unit²/Hz per bin; NaN until the first complete segment.
    /// `segment / 2 + 1` of them, bin `i` at `i * rate_hz / segment`.
    ///
    /// ```
    /// # use surae_signal::spectrum::{Detrend, StreamingWelch, WelchSettings};
    /// let settings = WelchSettings { segment: 16, overlap: 8, detrend: Detrend::Constant, rate_hz: 1000.0 };
    /// let mut spectrum = StreamingWelch::new(settings, 4)?;
    /// assert!(spectrum.latest().iter().all(|density| density.is_nan()));
    /// spectrum.push(&[3.0, -3.0].repeat(16));
    /// let power: f64 = spectrum.latest().iter().sum::<f64>() * spectrum.bins().resolution_hz;
    /// assert!((power - 9.0).abs() < 1e-12); // the mean square (Parseval)
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn latest(&self) -> &[f64] {
        &self.density
    }

    /// The latest density with its resolution, for median and mean frequency.
    ///
    /// ```
    /// # use surae_signal::spectrum::{Detrend, StreamingWelch, WelchSettings};
    /// let settings = WelchSettings { segment: 16, overlap: 8, detrend: Detrend::Constant, rate_hz: 1000.0 };
    /// let mut spectrum = StreamingWelch::new(settings, 4)?;
    /// // A quarter of the sampling rate of 1000 Hz, segments of 16 samples.
    /// spectrum.push(&[0.0, 1.0, 0.0, -1.0].repeat(8));
    /// assert_eq!(spectrum.bins().resolution_hz, 62.5);
    /// assert!((spectrum.bins().mean_frequency(0.0, 500.0).unwrap() - 250.0).abs() < 1e-9);
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn bins(&self) -> Bins<'_> {
        Bins { resolution_hz: self.periodogram.resolution_hz(), density: &self.density }
    }

    /// How many segments the latest density is the mean of.
    /// At most `average`; less at the start and while a gap is among the last segments.
    ///
    /// ```
    /// # use surae_signal::spectrum::{Detrend, StreamingWelch, WelchSettings};
    /// let settings = WelchSettings { segment: 16, overlap: 8, detrend: Detrend::Constant, rate_hz: 1000.0 };
    /// let mut spectrum = StreamingWelch::new(settings, 4)?;
    /// spectrum.push(&[1.0, -1.0].repeat(40)); // 9 hops, the mean of the last 4
    /// assert_eq!(spectrum.segments(), 4);
    /// spectrum.push(&[f64::NAN; 8]);
    /// assert_eq!(spectrum.segments(), 3);
    /// # Ok::<(), surae_signal::spectrum::SpectrumError>(())
    /// ```
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// Samples at the start of a stream of `samples` that leave no trace in what is known at its end: a stream that starts after them
    /// ends in the same state, to the bit. The sums of a block of rows depend on that block and the one before it.
    pub(crate) fn forgotten(&self, samples: usize) -> usize {
        let (length, overlap) = (self.segment.len(), self.periodogram.settings().overlap);
        let Some(after_first) = samples.checked_sub(length) else { return 0 };
        let (hop, average) = (length - overlap, self.counts.len());
        let segments = after_first / hop + 1;
        (segments / average).saturating_sub(1) * average * hop
    }

    fn hop(&mut self) {
        let bins = self.density.len();
        let row = &mut self.rows[self.next_row * bins..][..bins];
        row.fill(0.0);
        let complete = self.periodogram.add(&self.segment, row);
        self.counts[self.next_row] = usize::from(complete);
        self.prefix_count += usize::from(complete);
        self.prefix.iter_mut().zip(&*row).for_each(|(sum, value)| *sum += value);
        self.next_row += 1;
        // The rest of the window: the suffix sum that starts one row further on.
        self.segments = self.prefix_count;
        if let Some(&count) = self.counts.get(self.next_row) {
            self.segments += count;
            let suffix = &self.rows[self.next_row * bins..][..bins];
            for ((density, sum), rest) in self.density.iter_mut().zip(&self.prefix).zip(suffix) {
                *density = sum + rest;
            }
        } else {
            self.density.copy_from_slice(&self.prefix);
            self.close_block();
        }
        self.periodogram.finish(&mut self.density, self.segments);
    }

    /// Turns the rows of a complete block into suffix sums.
    fn close_block(&mut self) {
        let bins = self.density.len();
        for index in (1..self.counts.len()).rev() {
            self.counts[index - 1] += self.counts[index];
            let (before, after) = self.rows.split_at_mut(index * bins);
            let row = &mut before[(index - 1) * bins..];
            row.iter_mut().zip(&after[..bins]).for_each(|(sum, value)| *sum += value);
        }
        self.next_row = 0;
        self.prefix.fill(0.0);
        self.prefix_count = 0;
    }
}
