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
    ///
    /// ```
    /// use surae_signal::design::{Section, Sos};
    /// use surae_signal::filter::FilterBank;
    /// let mean_of_two = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// let mut bank = FilterBank::new(&mean_of_two, 1);
    /// let mut samples = [4.0, 8.0];
    /// bank.process(&mut samples);
    /// assert_eq!(samples, [2.0, 6.0]); // at rest: the sample before counts as 0
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn new(sos: &Sos, channels: usize) -> Self {
        let mut cascade = Cascade::new(channels, MAX_SECTIONS);
        cascade.design([Some(sos), None], Rectify::None, None);
        Self { cascade }
    }

    /// Swaps the filter and resets every channel. Does not allocate.
    ///
    /// ```
    /// # use surae_signal::design::{Section, Sos};
    /// # use surae_signal::filter::FilterBank;
    /// let mean_of_two = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// let mut bank = FilterBank::new(&mean_of_two, 1);
    /// bank.process(&mut [4.0]);
    /// bank.set_design(&Sos::from_sections(&[Section { b: [1.0, -1.0, 0.0], a: [0.0, 0.0] }])?); // differences
    /// let mut samples = [5.0, 7.0];
    /// bank.process(&mut samples);
    /// assert_eq!(samples, [5.0, 2.0]);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn set_design(&mut self, sos: &Sos) {
        self.cascade.design([Some(sos), None], Rectify::None, None);
    }

    /// Uses the instructions of `level` from now on. Results do not change; for benches and tests.
    ///
    /// ```
    /// # use surae_signal::design::{Section, Sos};
    /// # use surae_signal::filter::FilterBank;
    /// let mean_of_two = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// use surae_signal::level::Level;
    /// for level in Level::available() {
    ///     let mut bank = FilterBank::new(&mean_of_two, 1);
    ///     bank.set_level(level);
    ///     let mut samples = [4.0, 8.0];
    ///     bank.process(&mut samples);
    ///     assert_eq!(samples, [2.0, 6.0], "{}", level.name());
    /// }
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn set_level(&mut self, level: Level) {
        self.cascade.set_level(level);
    }

    /// Number of channels.
    ///
    /// ```
    /// # use surae_signal::design::{Section, Sos};
    /// # use surae_signal::filter::FilterBank;
    /// let mean_of_two = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// assert_eq!(FilterBank::new(&mean_of_two, 8).channels(), 8);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn channels(&self) -> usize {
        self.cascade.channels()
    }

    /// Filters whole frames `[ch0, ch1, .., ch0, ch1, ..]` in place.
    ///
    /// # Panics
    /// In debug builds, if the length is not a multiple of the channel count; in release builds the incomplete last frame is left as
    /// it is.
    ///
    /// ```
    /// # use surae_signal::design::{Section, Sos};
    /// # use surae_signal::filter::FilterBank;
    /// let mean_of_two = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// let mut bank = FilterBank::new(&mean_of_two, 2);
    /// let mut frames = [4.0, f64::NAN, 8.0, 20.0];
    /// bank.process(&mut frames);
    /// assert_eq!((frames[0], frames[2]), (2.0, 6.0)); // the NaN of the other channel does not reach this one
    /// assert!(frames[1].is_nan() && frames[3].is_nan());
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn process(&mut self, interleaved: &mut [f64]) {
        let whole = crate::whole_frames(interleaved.len(), self.channels());
        self.cascade.run_in_place(&mut interleaved[..whole]);
    }

    /// All states to zero: afterwards the bank equals a new one.
    ///
    /// ```
    /// # use surae_signal::design::{Section, Sos};
    /// # use surae_signal::filter::FilterBank;
    /// let mean_of_two = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// let mut bank = FilterBank::new(&mean_of_two, 1);
    /// bank.process(&mut [f64::NAN]);
    /// bank.reset();
    /// let mut samples = [4.0, 8.0];
    /// bank.process(&mut samples);
    /// assert_eq!(samples, [2.0, 6.0]);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn reset(&mut self) {
        self.cascade.reset();
    }

    /// One channel's states to zero.
    /// `channel` must be less than [`FilterBank::channels`]; another may panic.
    ///
    /// ```
    /// # use surae_signal::design::{Section, Sos};
    /// # use surae_signal::filter::FilterBank;
    /// let mean_of_two = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// let mut bank = FilterBank::new(&mean_of_two, 2);
    /// bank.process(&mut [10.0, 10.0]);
    /// bank.reset_channel(1);
    /// let mut frame = [4.0, 4.0];
    /// bank.process(&mut frame);
    /// assert_eq!(frame, [7.0, 2.0]);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
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
    /// `level` is in the unit of the signal; `channel` must be less than [`FilterBank::channels`]; another may panic.
    ///
    /// ```
    /// # use surae_signal::design::{Section, Sos};
    /// # use surae_signal::filter::FilterBank;
    /// let mean_of_two = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// let mut bank = FilterBank::new(&mean_of_two, 2);
    /// bank.prime_channel(1, 4.0);
    /// let mut frame = [4.0, 4.0];
    /// bank.process(&mut frame);
    /// assert_eq!(frame, [2.0, 4.0]);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn prime_channel(&mut self, channel: usize, level: f64) {
        if level.is_finite() {
            self.cascade.prime_channel(channel, level);
        } else {
            self.cascade.reset_channel(channel);
        }
    }
}
