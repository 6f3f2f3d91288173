//! One filter over many channels, with carried state.

use crate::chain::Rectify;
use crate::design::{MAX_SECTIONS, Sos};
use crate::kernel::Cascade;
use crate::level::Level;

/// The same filter on every channel of an interleaved stream, state carried between blocks.
///
/// Equals SciPy's `sosfilt(sos, x, axis=0, zi=...)`. Any partition of the stream into blocks gives the same bits. A NaN poisons its own
/// channel, from its frame on, until that channel is reset or primed, and no other channel; streams with gaps go through
/// [`crate::gap`] instead. Units out are units in.
///
/// ```
/// use surae_signal::design::{butterworth, Band};
/// use surae_signal::filter::FilterBank;
/// let low = butterworth(2, Band::LowPass(6.0), 2000.0)?;
/// let mut bank = FilterBank::new(&low, 2);
/// let mut frames = vec![1.0; 2 * 4000]; // 2 channels, 2 s of a constant 1
/// bank.process(&mut frames);
/// assert!((frames[7999] - 1.0).abs() < 1e-9);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FilterBank {
    cascade: Cascade,
}

impl FilterBank {
    /// A bank at rest (all states zero) for `channels` channels. Allocates; nothing after it does.
    pub fn new(sos: &Sos, channels: usize) -> Self {
        let mut cascade = Cascade::new(channels, MAX_SECTIONS);
        cascade.design([Some(sos), None], Rectify::None, None);
        Self { cascade }
    }

    /// Swaps the filter and resets every channel. Does not allocate.
    pub fn set_design(&mut self, sos: &Sos) {
        self.cascade.design([Some(sos), None], Rectify::None, None);
    }

    /// Uses the instructions of `level` from now on. Results do not change; for benches and tests.
    pub fn set_level(&mut self, level: Level) {
        self.cascade.set_level(level);
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.cascade.channels()
    }

    /// Filters whole frames `[ch0, ch1, .., ch0, ch1, ..]` in place.
    ///
    /// # Panics
    /// In debug builds, if the length is not a multiple of the channel count; in release builds the incomplete last frame is left as
    /// it is.
    pub fn process(&mut self, interleaved: &mut [f64]) {
        let whole = crate::whole_frames(interleaved.len(), self.channels());
        self.cascade.run_in_place(&mut interleaved[..whole]);
    }

    /// All states to zero: afterwards the bank equals a new one.
    pub fn reset(&mut self) {
        self.cascade.reset();
    }

    /// One channel's states to zero.
    pub fn reset_channel(&mut self, channel: usize) {
        self.cascade.reset_channel(channel);
    }

    /// Starts every channel as if its first value had been there for ever: SciPy's `sosfilt_zi(sos) * x[0]`.
    ///
    /// Channels whose first value is not finite are reset. Values beyond the channel count are ignored.
    ///
    /// ```
    /// use surae_signal::design::{butterworth, Band};
    /// use surae_signal::filter::FilterBank;
    /// let mut bank = FilterBank::new(&butterworth(2, Band::LowPass(6.0), 2000.0)?, 1);
    /// bank.prime(&[5.0]);
    /// let mut frames = [5.0; 10];
    /// bank.process(&mut frames);
    /// assert!(frames.iter().all(|y| (y - 5.0).abs() < 1e-9)); // no step from 0
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn prime(&mut self, first_frame: &[f64]) {
        for (channel, &level) in first_frame.iter().enumerate().take(self.channels()) {
            self.prime_channel(channel, level);
        }
    }

    /// Starts one channel as if `level` had been there for ever; resets it when `level` is not finite.
    pub fn prime_channel(&mut self, channel: usize, level: f64) {
        if level.is_finite() {
            self.cascade.prime_channel(channel, level);
        } else {
            self.cascade.reset_channel(channel);
        }
    }
}
