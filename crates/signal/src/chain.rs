//! The conditioning chain: band-pass, optional notch, rectify or square, low-pass, in one pass over memory.
//!
//! This is the causal chain of a live session and of `review --mode causal`. Doing the stages together costs one read and one write of
//! the data instead of four; the arithmetic is that of four [`crate::filter::FilterBank`]s in a row, to the bit.
//!
//! Not for: review's zero-phase chain (see [`crate::filter::zero_phase`]), nor for channels that are already rectified or smoothed
//! by the sensor: those have no band to pass.

use crate::design::{MAX_SECTIONS, Sos};
use crate::kernel::Cascade;
use crate::level::Level;

/// What happens between the band-pass and the low-pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Rectify {
    /// Absolute value: the low-pass gives an average rectified value.
    #[default]
    Absolute,
    /// Square: the low-pass gives a mean square; take the root for an RMS envelope. The unit out is the input's unit squared.
    Square,
    /// Nothing: the low-pass follows the signal itself (for an angle that must get the envelope's lag).
    None,
}

impl Rectify {
    #[inline(always)]
    pub(crate) fn apply(self, x: f64) -> f64 {
        match self {
            Self::Absolute => x.abs(),
            Self::Square => x * x,
            Self::None => x,
        }
    }
}

/// The filters of a [`Chain`]. `Copy`, so that new settings can travel through a queue and be applied without allocation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChainDesign {
    /// Band-pass (or high-pass) of the raw signal.
    pub band: Sos,
    /// Mains notch, where a measurement asked for one.
    pub notch: Option<Sos>,
    /// What is done to the band-passed signal.
    pub rectify: Rectify,
    /// Low-pass that makes the envelope.
    pub envelope: Sos,
}

impl ChainDesign {
    /// Seconds until the envelope has risen to half of a step in activity: the lag to print beside a live envelope.
    ///
    /// The envelope filter's [`Sos::step_t50_s`]; band-pass and notch add their group delay in mid-band, a few milliseconds at most.
    /// `rate_hz` is the sampling rate in Hz that the filters were designed for; NaN gives NaN.
    ///
    /// ```
    /// use surae_signal::chain::{ChainDesign, Rectify};
    /// use surae_signal::design::{butterworth, Band, Sos};
    /// let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// assert!((design.step_lag_s(2000.0) - 0.037_769).abs() < 1e-6); // SciPy's sosfilt of a step crosses 1/2 there
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn step_lag_s(&self, rate_hz: f64) -> f64 {
        self.envelope.step_t50_s(rate_hz)
    }
}

/// A [`ChainDesign`] running over interleaved channels with carried state.
///
/// Any partition of the stream gives the same bits; a NaN poisons its own channel only, until reset or primed
/// (see [`crate::gap::GapChain`] for streams with gaps).
///
/// ```
/// use surae_signal::chain::{Chain, ChainDesign, Rectify};
/// use surae_signal::design::{butterworth, Band};
/// let design = ChainDesign {
///     band: butterworth(2, Band::BandPass(20.0, 450.0), 2000.0)?,
///     notch: None,
///     rectify: Rectify::Absolute,
///     envelope: butterworth(2, Band::LowPass(6.0), 2000.0)?,
/// };
/// let mut chain = Chain::new(&design, 1);
/// let raw: Vec<f64> = (0..4000).map(|n| (n as f64 * 0.1 * std::f64::consts::PI).sin()).collect(); // 100 Hz
/// let (mut band, mut envelope) = (vec![0.0; 4000], vec![0.0; 4000]);
/// chain.process(&raw, &mut band, &mut envelope);
/// assert!((envelope[3999] - 2.0 / std::f64::consts::PI).abs() < 0.01); // mean of a rectified sine
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chain {
    pub(crate) cascade: Cascade,
}

impl Chain {
    /// A chain at rest for `channels` channels. Allocates; nothing after it does.
    ///
    /// ```
    /// use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// use surae_signal::design::{Section, Sos};
    /// // The absolute value, then the mean of two samples.
    /// let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = Chain::new(&design, 2);
    /// let mut frame = [-2.0, 4.0];
    /// chain.process_in_place(&mut frame);
    /// assert_eq!(frame, [1.0, 2.0]); // at rest: the sample before counts as 0
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn new(design: &ChainDesign, channels: usize) -> Self {
        let mut chain = Self { cascade: Cascade::new(channels, 3 * MAX_SECTIONS) };
        chain.set_design(design);
        chain
    }

    /// Swaps all filters and resets every channel. Does not allocate.
    ///
    /// ```
    /// # use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// # use surae_signal::design::{Section, Sos};
    /// # let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = Chain::new(&design, 1); // absolute value, then the mean of two samples
    /// chain.process_in_place(&mut [-2.0]);
    /// chain.set_design(&ChainDesign { rectify: Rectify::Square, ..design });
    /// let mut frame = [-2.0];
    /// chain.process_in_place(&mut frame);
    /// assert_eq!(frame, [2.0]); // (0² + 2²) / 2: nothing is left of the sample before
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn set_design(&mut self, design: &ChainDesign) {
        let front = [Some(&design.band), design.notch.as_ref()];
        self.cascade.design(front, design.rectify, Some(&design.envelope));
    }

    /// Uses the instructions of `level` from now on. Results do not change; for benches and tests.
    ///
    /// ```
    /// # use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// # use surae_signal::design::{Section, Sos};
    /// # let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// use surae_signal::level::Level;
    /// for level in Level::available() {
    ///     let mut chain = Chain::new(&design, 1); // absolute value, then the mean of two samples
    ///     chain.set_level(level);
    ///     let mut frames = [-2.0, 4.0];
    ///     chain.process_in_place(&mut frames);
    ///     assert_eq!(frames, [1.0, 3.0], "{}", level.name());
    /// }
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn set_level(&mut self, level: Level) {
        self.cascade.set_level(level);
    }

    /// Number of channels.
    ///
    /// ```
    /// # use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// # use surae_signal::design::{Section, Sos};
    /// # let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// assert_eq!(Chain::new(&design, 8).channels(), 8);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn channels(&self) -> usize {
        self.cascade.channels()
    }

    /// Processes whole interleaved frames: `band_out` receives the band-passed (and notched) signal in the input's unit, `envelope_out`
    /// the envelope (in the unit squared for [`Rectify::Square`]). From a NaN on, both are NaN in its channel, until reset or primed.
    ///
    /// # Panics
    /// In debug builds, if the three slices differ in length or do not hold whole frames; in release builds the shortest whole
    /// number of frames is processed.
    ///
    /// ```
    /// # use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// # use surae_signal::design::{Section, Sos};
    /// # let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = Chain::new(&design, 1); // no band-pass, absolute value, then the mean of two samples
    /// let (mut band, mut envelope) = ([0.0; 3], [0.0; 3]);
    /// chain.process(&[-2.0, 4.0, f64::NAN], &mut band, &mut envelope);
    /// assert_eq!((&band[..2], &envelope[..2]), (&[-2.0, 4.0][..], &[1.0, 3.0][..]));
    /// assert!(band[2].is_nan() && envelope[2].is_nan());
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn process(&mut self, raw_in: &[f64], band_out: &mut [f64], envelope_out: &mut [f64]) {
        debug_assert!(raw_in.len() == band_out.len() && raw_in.len() == envelope_out.len());
        let shortest = raw_in.len().min(band_out.len()).min(envelope_out.len());
        let whole = crate::whole_frames(shortest, self.channels());
        self.cascade.run(&raw_in[..whole], Some(&mut band_out[..whole]), &mut envelope_out[..whole]);
    }

    /// Replaces whole interleaved frames by their envelope: half the memory traffic when the band-passed signal is not needed.
    /// The unit is the input's, squared for [`Rectify::Square`]; NaN as in [`Chain::process`].
    ///
    /// # Panics
    /// In debug builds, if the slice does not hold whole frames.
    ///
    /// ```
    /// # use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// # use surae_signal::design::{Section, Sos};
    /// # let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = Chain::new(&design, 1); // absolute value, then the mean of two samples
    /// let mut frames = [-2.0, 4.0];
    /// chain.process_in_place(&mut frames);
    /// assert_eq!(frames, [1.0, 3.0]);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn process_in_place(&mut self, frames: &mut [f64]) {
        let whole = crate::whole_frames(frames.len(), self.channels());
        self.cascade.run_in_place(&mut frames[..whole]);
    }

    /// All states to zero: afterwards the chain equals a new one.
    ///
    /// ```
    /// # use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// # use surae_signal::design::{Section, Sos};
    /// # let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = Chain::new(&design, 1); // absolute value, then the mean of two samples
    /// chain.process_in_place(&mut [f64::NAN]);
    /// chain.reset();
    /// let mut frame = [4.0];
    /// chain.process_in_place(&mut frame);
    /// assert_eq!(frame, [2.0]);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn reset(&mut self) {
        self.cascade.reset();
    }

    /// Starts every channel as if its first value had been there for ever: no offset transient through the band-pass.
    /// Channels whose value is not finite are reset.
    /// Values beyond the channel count are ignored.
    ///
    /// ```
    /// # use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// # use surae_signal::design::{Section, Sos};
    /// # let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = Chain::new(&design, 2); // absolute value, then the mean of two samples
    /// chain.prime(&[-4.0, f64::NAN]);
    /// let mut frame = [-4.0, -4.0];
    /// chain.process_in_place(&mut frame);
    /// assert_eq!(frame, [4.0, 2.0]); // settled; at rest
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn prime(&mut self, first_frame: &[f64]) {
        for (channel, &level) in first_frame.iter().enumerate().take(self.channels()) {
            self.prime_channel(channel, level);
        }
    }

    /// Starts one channel as if `level` had been there for ever; resets it when `level` is not finite.
    /// `level` is a raw sample, in the unit of the input; `channel` must be less than [`Chain::channels`]; another may panic.
    ///
    /// ```
    /// # use surae_signal::chain::{Chain, ChainDesign, Rectify};
    /// # use surae_signal::design::{Section, Sos};
    /// # let envelope = Sos::from_sections(&[Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }])?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = Chain::new(&design, 2); // absolute value, then the mean of two samples
    /// chain.prime_channel(1, 4.0);
    /// let mut frame = [4.0, 4.0];
    /// chain.process_in_place(&mut frame);
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
