//! Moving windows of exact length: RMS and average rectified value.
//!
//! A running sum that adds the newest and subtracts the oldest value drifts and keeps the rounding (or the NaN) of every value it
//! ever saw. Here the window is cut at fixed places of the stream: the part before the cut is a suffix sum, the part after it a prefix
//! sum, both started afresh every window. Each result is a plain sum of its own values, after an hour as in the first second.

use pulp::{Simd, WithSimd};

use crate::level::Level;

/// Window sums over interleaved channels.
#[derive(Clone, Debug)]
struct MovingSum {
    level: Level,
    window: usize,
    channels: usize,
    /// `[window][channels]`: before the write position the values of the running block; from it on, in each row, the sum of the
    /// rows after it in the last block.
    rows: Vec<f64>,
    /// Sum of the running block.
    prefix: Vec<f64>,
    /// Frames in the running block.
    at: usize,
    /// Whether a whole block lies behind.
    full: bool,
}

impl MovingSum {
    fn new(window: usize, channels: usize) -> Self {
        let window = window.max(1);
        Self {
            level: Level::best(),
            window,
            channels,
            rows: vec![0.0; window * channels],
            prefix: vec![0.0; channels],
            at: 0,
            full: false,
        }
    }

    fn reset(&mut self) {
        self.prefix.fill(0.0);
        self.rows.fill(0.0);
        self.at = 0;
        self.full = false;
    }

    /// Replaces every sample by the mean, or its root, of the window that ends with it; NaN before the first full window.
    fn run(&mut self, kind: Kind, frames: &mut [f64]) {
        let mut rest = frames;
        while !rest.is_empty() {
            let count = (rest.len() / self.channels).min(self.window - self.at);
            let (now, later) = rest.split_at_mut(count * self.channels);
            self.level.run(Stretch { sum: self, kind, frames: now });
            self.at += count;
            if self.at == self.window {
                self.level.run(CloseBlock(self));
            }
            rest = later;
        }
    }
}

/// What is averaged.
#[derive(Clone, Copy)]
enum Kind {
    RootMeanSquare,
    MeanAbsolute,
}

/// Frames that do not cross the end of a block.
struct Stretch<'a> {
    sum: &'a mut MovingSum,
    kind: Kind,
    frames: &'a mut [f64],
}

impl WithSimd for Stretch<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut channel = 0;
        while channel + 2 * S::F64_LANES <= self.sum.channels {
            self.columns::<S, 2>(simd, channel);
            channel += 2 * S::F64_LANES;
        }
        while channel + S::F64_LANES <= self.sum.channels {
            self.columns::<S, 1>(simd, channel);
            channel += S::F64_LANES;
        }
        while channel < self.sum.channels {
            self.columns::<pulp::Scalar, 1>(pulp::Scalar, channel);
            channel += 1;
        }
        if !self.sum.full {
            // Only the last frame of the first block has a whole window before it.
            let frames = self.frames.len() / self.sum.channels;
            let missing = frames.min(self.sum.window - 1 - self.sum.at);
            self.frames[..missing * self.sum.channels].fill(f64::NAN);
        }
    }
}

impl Stretch<'_> {
    /// `G` vectors of channels that start at `channel`, frame by frame.
    #[inline(always)]
    fn columns<S: Simd, const G: usize>(&mut self, simd: S, channel: usize) {
        match self.kind {
            Kind::RootMeanSquare => self.columns_of::<S, G, true>(simd, channel),
            Kind::MeanAbsolute => self.columns_of::<S, G, false>(simd, channel),
        }
    }

    #[inline(always)]
    fn columns_of<S: Simd, const G: usize, const SQUARE: bool>(&mut self, simd: S, channel: usize) {
        let MovingSum { window, channels, rows, prefix, at, .. } = &mut *self.sum;
        let (channels, wide) = (*channels, channel..channel + G * S::F64_LANES);
        let scale = simd.splat_f64s(1.0 / *window as f64);
        let (prefix, _) = S::as_mut_simd_f64s(&mut prefix[wide.clone()]);
        let mut sums = [simd.splat_f64s(0.0); G];
        sums.copy_from_slice(&prefix[..G]);
        let rows = rows[*at * channels..].chunks_exact_mut(channels);
        for (frame, row) in self.frames.chunks_exact_mut(channels).zip(rows) {
            let (frame, _) = S::as_mut_simd_f64s(&mut frame[wide.clone()]);
            let (row, _) = S::as_mut_simd_f64s(&mut row[wide.clone()]);
            for g in 0..G {
                let x = frame[g];
                let value = if SQUARE { simd.mul_f64s(x, x) } else { simd.abs_f64s(x) };
                sums[g] = simd.add_f64s(sums[g], value);
                let mean = simd.mul_f64s(simd.add_f64s(row[g], sums[g]), scale);
                row[g] = value;
                frame[g] = if SQUARE { simd.sqrt_f64s(mean) } else { mean };
            }
        }
        prefix[..G].copy_from_slice(&sums);
    }
}

/// Turns the values of a complete block into sums of the rows after each row.
struct CloseBlock<'a>(&'a mut MovingSum);

impl WithSimd for CloseBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (rows, channels) = (&mut self.0.rows, self.0.channels);
        let mut channel = 0;
        while channel + 2 * S::F64_LANES <= channels {
            suffix_sums::<S, 2>(simd, rows, channels, channel);
            channel += 2 * S::F64_LANES;
        }
        while channel + S::F64_LANES <= channels {
            suffix_sums::<S, 1>(simd, rows, channels, channel);
            channel += S::F64_LANES;
        }
        while channel < channels {
            suffix_sums::<pulp::Scalar, 1>(pulp::Scalar, rows, channels, channel);
            channel += 1;
        }
        self.0.prefix.fill(0.0);
        self.0.at = 0;
        self.0.full = true;
    }
}

#[inline(always)]
fn suffix_sums<S: Simd, const G: usize>(simd: S, rows: &mut [f64], channels: usize, channel: usize) {
    let mut sums = [simd.splat_f64s(0.0); G];
    for row in rows.chunks_exact_mut(channels).rev() {
        let (row, _) = S::as_mut_simd_f64s(&mut row[channel..channel + G * S::F64_LANES]);
        for g in 0..G {
            let value = row[g];
            row[g] = sums[g];
            sums[g] = simd.add_f64s(value, sums[g]);
        }
    }
}

/// Root mean square over the last `window` samples of each channel of an interleaved stream; exact over hours.
///
/// The value at a frame covers that frame and the `window − 1` before it (lag `window / 2` samples for a slow change); it is NaN until
/// the first window is full and while a NaN lies inside the window, not longer. Any partition of the stream gives the same bits.
///
/// ```
/// use surae_signal::envelope::MovingRms;
/// let mut rms = MovingRms::new(2, 1);
/// let mut samples = [3.0, -4.0, 4.0, 4.0];
/// rms.process(&mut samples);
/// assert!(samples[0].is_nan());
/// assert_eq!(samples[1..], [12.5_f64.sqrt(), 4.0, 4.0]);
/// ```
#[derive(Clone, Debug)]
pub struct MovingRms(MovingSum);

impl MovingRms {
    /// A window of `window` samples (at least 1 is used). Allocates; nothing after it does.
    ///
    /// ```
    /// use surae_signal::envelope::MovingRms;
    /// let mut rms = MovingRms::new(0, 1); // taken as a window of one sample
    /// let mut samples = [-3.0, 4.0];
    /// rms.process(&mut samples);
    /// assert_eq!(samples, [3.0, 4.0]);
    /// ```
    pub fn new(window: usize, channels: usize) -> Self {
        Self(MovingSum::new(window, channels))
    }

    /// Replaces whole interleaved frames by their moving RMS, in the unit of the input.
    ///
    /// # Panics
    /// In debug builds, if the slice does not hold whole frames.
    ///
    /// ```
    /// use surae_signal::envelope::MovingRms;
    /// let mut rms = MovingRms::new(2, 2);
    /// let mut frames = [1.0, 7.0, -1.0, f64::NAN, 1.0, 7.0, 1.0, 7.0]; // two channels
    /// rms.process(&mut frames);
    /// assert_eq!([frames[2], frames[4], frames[6]], [1.0; 3]);
    /// assert!(frames[3].is_nan() && frames[5].is_nan()); // as long as the window holds the NaN
    /// assert_eq!(frames[7], 7.0);
    /// ```
    pub fn process(&mut self, interleaved: &mut [f64]) {
        let whole = crate::whole_frames(interleaved.len(), self.0.channels);
        self.0.run(Kind::RootMeanSquare, &mut interleaved[..whole]);
    }

    /// Forgets everything: equals a new one.
    ///
    /// ```
    /// use surae_signal::envelope::MovingRms;
    /// let mut rms = MovingRms::new(2, 1);
    /// rms.process(&mut [9.0, 9.0]);
    /// rms.reset();
    /// let mut samples = [3.0, 3.0];
    /// rms.process(&mut samples);
    /// assert!(samples[0].is_nan() && samples[1] == 3.0);
    /// ```
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

/// Average rectified value over the last `window` samples of each channel; otherwise as [`MovingRms`].
///
/// ```
/// use surae_signal::envelope::MovingArv;
/// let mut arv = MovingArv::new(2, 1);
/// let mut samples = [3.0, -4.0, 4.0];
/// arv.process(&mut samples);
/// assert_eq!(samples[1..], [3.5, 4.0]);
/// ```
#[derive(Clone, Debug)]
pub struct MovingArv(MovingSum);

impl MovingArv {
    /// A window of `window` samples (at least 1 is used). Allocates; nothing after it does.
    ///
    /// ```
    /// use surae_signal::envelope::MovingArv;
    /// let mut arv = MovingArv::new(0, 1); // taken as a window of one sample
    /// let mut samples = [-3.0, 4.0];
    /// arv.process(&mut samples);
    /// assert_eq!(samples, [3.0, 4.0]);
    /// ```
    pub fn new(window: usize, channels: usize) -> Self {
        Self(MovingSum::new(window, channels))
    }

    /// Replaces whole interleaved frames by their moving average rectified value, in the unit of the input.
    ///
    /// # Panics
    /// In debug builds, if the slice does not hold whole frames.
    ///
    /// ```
    /// use surae_signal::envelope::MovingArv;
    /// let mut arv = MovingArv::new(2, 2);
    /// let mut frames = [1.0, -10.0, -2.0, 20.0]; // two channels
    /// arv.process(&mut frames);
    /// assert!(frames[0].is_nan() && frames[1].is_nan());
    /// assert_eq!(frames[2..], [1.5, 15.0]);
    /// ```
    pub fn process(&mut self, interleaved: &mut [f64]) {
        let whole = crate::whole_frames(interleaved.len(), self.0.channels);
        self.0.run(Kind::MeanAbsolute, &mut interleaved[..whole]);
    }

    /// Forgets everything: equals a new one.
    ///
    /// ```
    /// use surae_signal::envelope::MovingArv;
    /// let mut arv = MovingArv::new(2, 1);
    /// arv.process(&mut [9.0, 9.0]);
    /// arv.reset();
    /// let mut samples = [3.0, -4.0];
    /// arv.process(&mut samples);
    /// assert!(samples[0].is_nan() && samples[1] == 3.5);
    /// ```
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

/// Moving RMS of a whole signal: value `i` covers samples `i .. i + window`, so there are `len − window + 1` of them.
///
/// Centre it by attributing value `i` to sample `i + window / 2`. Empty if the signal is shorter than the window or the window is 0.
/// A NaN makes exactly the windows NaN that hold it.
///
/// ```
/// assert_eq!(surae_signal::envelope::moving_rms(&[3.0, 3.0, -3.0], 2), [3.0, 3.0]);
/// ```
pub fn moving_rms(signal: &[f64], window: usize) -> Vec<f64> {
    if window == 0 || signal.len() < window {
        return Vec::new();
    }
    let mut values = signal.to_vec();
    MovingRms::new(window, 1).process(&mut values);
    values.drain(..window - 1);
    values
}
