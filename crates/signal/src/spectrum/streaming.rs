//! Welch's density of a live channel.

use super::welch::Periodogram;
use super::{Bins, SpectrumError, WelchSettings};

/// A running Welch density of one channel: a new periodogram every hop, averaged over the last `average` of them.
///
/// The hop is `segment − overlap` samples and falls on sample indices counted from the last reset, however the stream is cut.
/// The mean over the last segments is summed anew at each hop, so that it cannot drift; it equals [`super::Welch`] over the same
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
    /// Ring of the last squared transforms, one row a segment, and whether each was complete.
    rows: Vec<f64>,
    complete: Vec<bool>,
    next_row: usize,
    density: Vec<f64>,
    segments: usize,
}

impl StreamingWelch {
    /// Plans the transform and takes all memory; `average` (at least 1 is used) is the number of segments in the mean.
    ///
    /// # Errors
    /// As [`super::Welch::new`].
    pub fn new(settings: WelchSettings, average: usize) -> Result<Self, SpectrumError> {
        let periodogram = Periodogram::new(settings)?;
        let (bins, average) = (periodogram.bins(), average.max(1));
        Ok(Self {
            periodogram,
            segment: vec![0.0; settings.segment],
            filled: 0,
            rows: vec![0.0; bins * average],
            complete: vec![false; average],
            next_row: 0,
            density: vec![f64::NAN; bins],
            segments: 0,
        })
    }

    /// Forgets everything: equals a new one.
    pub fn reset(&mut self) {
        self.filled = 0;
        self.complete.fill(false);
        self.next_row = 0;
        self.density.fill(f64::NAN);
        self.segments = 0;
    }

    /// Takes the next samples of the channel; returns how many hops they completed (0: [`StreamingWelch::latest`] is unchanged).
    /// Does not allocate.
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
    pub fn latest(&self) -> &[f64] {
        &self.density
    }

    /// The latest density with its resolution, for median and mean frequency.
    pub fn bins(&self) -> Bins<'_> {
        Bins { resolution_hz: self.periodogram.resolution_hz(), density: &self.density }
    }

    /// How many segments the latest density is the mean of.
    pub fn segments(&self) -> usize {
        self.segments
    }

    fn hop(&mut self) {
        let bins = self.density.len();
        let row = &mut self.rows[self.next_row * bins..][..bins];
        row.fill(0.0);
        self.complete[self.next_row] = self.periodogram.add(&self.segment, row);
        self.next_row = (self.next_row + 1) % self.complete.len();
        self.density.fill(0.0);
        self.segments = 0;
        for (row, _) in self.rows.chunks_exact(bins).zip(&self.complete).filter(|(_, complete)| **complete) {
            self.segments += 1;
            self.density.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        self.periodogram.finish(&mut self.density, self.segments);
    }
}
