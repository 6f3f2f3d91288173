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
        let complete = self.periodogram.add(&self.segment, row);
        self.counts[self.next_row] = usize::from(complete);
        self.prefix_count += usize::from(complete);
        self.prefix.iter_mut().zip(&*row).for_each(|(sum, value)| *sum += value);
        self.next_row += 1;
        // The rest of the window: the suffix sum that starts one row further on.
        self.segments = self.prefix_count;
        self.density.copy_from_slice(&self.prefix);
        if let Some(&count) = self.counts.get(self.next_row) {
            self.segments += count;
            let suffix = &self.rows[self.next_row * bins..][..bins];
            self.density.iter_mut().zip(suffix).for_each(|(sum, value)| *sum += value);
        } else {
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
