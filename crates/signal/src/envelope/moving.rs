//! Moving windows of exact length: RMS and average rectified value.
//!
//! A running sum that adds the newest and subtracts the oldest value drifts and keeps the rounding (or the NaN) of every value it
//! ever saw. Here the window is cut at fixed places of the stream: the part before the cut is a suffix sum, the part after it a prefix
//! sum, both started afresh every window. Each result is a plain sum of its own values, after an hour as in the first second.

/// Window sums of `map(x)` over interleaved channels.
#[derive(Clone, Debug)]
struct MovingSum {
    window: usize,
    channels: usize,
    /// `[window][channels]`: before the write position the mapped values of the running block, from it on suffix sums of the last one.
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
        self.at = 0;
        self.full = false;
    }

    /// Replaces every sample by `finish(sum / window)` of the window that ends with it; NaN before the first full window.
    #[inline(always)]
    fn run(&mut self, frames: &mut [f64], map: impl Fn(f64) -> f64, finish: impl Fn(f64) -> f64) {
        let scale = 1.0 / self.window as f64;
        for frame in frames.chunks_exact_mut(self.channels.max(1)) {
            // The suffix sum that completes this frame's window starts one row further on.
            let last = self.at + 1 == self.window;
            let (head, tail) = self.rows.split_at_mut((self.at + 1) * self.channels);
            let row = &mut head[self.at * self.channels..];
            for (channel, ((x, row), prefix)) in frame.iter_mut().zip(row).zip(&mut self.prefix).enumerate() {
                let value = map(*x);
                *row = value;
                *prefix += value;
                let old = if last { 0.0 } else { tail[channel] };
                *x = if last || self.full { finish((old + *prefix) * scale) } else { f64::NAN };
            }
            self.at += 1;
            if last {
                self.close_block();
            }
        }
    }

    fn close_block(&mut self) {
        for at in (0..self.window - 1).rev() {
            let (head, tail) = self.rows.split_at_mut((at + 1) * self.channels);
            for (value, next) in head[at * self.channels..].iter_mut().zip(&*tail) {
                *value += next;
            }
        }
        self.prefix.fill(0.0);
        self.at = 0;
        self.full = true;
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
    pub fn new(window: usize, channels: usize) -> Self {
        Self(MovingSum::new(window, channels))
    }

    /// Replaces whole interleaved frames by their moving RMS, in the unit of the input.
    ///
    /// # Panics
    /// In debug builds, if the slice does not hold whole frames.
    pub fn process(&mut self, interleaved: &mut [f64]) {
        let whole = crate::whole_frames(interleaved.len(), self.0.channels);
        self.0.run(&mut interleaved[..whole], |x| x * x, f64::sqrt);
    }

    /// Forgets everything: equals a new one.
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
    pub fn new(window: usize, channels: usize) -> Self {
        Self(MovingSum::new(window, channels))
    }

    /// Replaces whole interleaved frames by their moving average rectified value, in the unit of the input.
    ///
    /// # Panics
    /// In debug builds, if the slice does not hold whole frames.
    pub fn process(&mut self, interleaved: &mut [f64]) {
        let whole = crate::whole_frames(interleaved.len(), self.0.channels);
        self.0.run(&mut interleaved[..whole], f64::abs, |mean| mean);
    }

    /// Forgets everything: equals a new one.
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
