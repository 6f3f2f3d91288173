//! Gaps are data: what a filter does where samples are missing.
//!
//! The rule (ARCHITECTURE, "Gaps are data"; METHOD 1.3): recordings and outputs never hold filled samples. Inside the filter path only,
//! a gap of at most [`MAX_BRIDGE_S`] is bridged linearly and flagged; a longer one resets and primes the filters, and what follows is
//! [`Mark::Settling`] for three step lags. Missing is a jump in the sample index ([`GapChain::lost`]) or a sample that is not finite.
//!
//! Not for: deciding that samples are missing (that is the decoder's and the clock's business), nor for display, which breaks the line.

use std::ops::Range;

use crate::chain::{Chain, ChainDesign};

/// Longest gap that the filter path bridges, seconds.
pub const MAX_BRIDGE_S: f64 = 0.005;

/// Step lags that an estimate needs after a reset.
const SETTLING_LAGS: f64 = 3.0;

/// How far one output sample can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Mark {
    /// Nothing missing within the memory of the filters.
    #[default]
    Clean,
    /// Valid, but within one step lag after a bridged gap.
    Bridged,
    /// Valid number, but within three step lags after the start or a long gap: no estimate may be made of it.
    Settling,
    /// The sample is missing; the outputs are NaN.
    Gap,
}

/// A conditioning [`Chain`] that follows the rule for gaps, channel by channel.
///
/// Each channel carries its own gap: a NaN in one never touches another, and no NaN outlives its gap. Any partition of the stream
/// into blocks gives the same bits and marks, and `lost(n)` is the same as `n` frames of NaN.
///
/// ```
/// use surae_signal::chain::{ChainDesign, Rectify};
/// use surae_signal::design::{butterworth, Band};
/// use surae_signal::gap::{GapChain, Mark};
/// let design = ChainDesign {
///     band: butterworth(2, Band::BandPass(20.0, 450.0), 2000.0)?,
///     notch: None,
///     rectify: Rectify::Absolute,
///     envelope: butterworth(2, Band::LowPass(6.0), 2000.0)?,
/// };
/// let mut chain = GapChain::new(&design, 2000.0, 1);
/// let (mut band, mut envelope, mut marks) = ([0.0; 100], [0.0; 100], [Mark::Clean; 100]);
/// chain.process(&[1.0; 100], &mut band, &mut envelope, &mut marks);
/// chain.lost(100); // 50 ms
/// chain.process(&[1.0; 100], &mut band, &mut envelope, &mut marks);
/// assert_eq!(marks[0], Mark::Settling);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GapChain {
    chain: Chain,
    channels: Vec<ChannelGap>,
    /// Channels with `missing > 0`: while it is 0 and a block is finite, the fused chain runs.
    open: usize,
    /// Channels with frames left to mark.
    cautious: usize,
    max_bridge: u64,
    lag: u64,
}

#[derive(Clone, Copy, Debug)]
struct ChannelGap {
    /// Frames missing so far.
    missing: u64,
    /// Last valid sample; NaN before the first.
    last: f64,
    /// Frames still to be marked, and with what.
    remaining: u64,
    mark: Mark,
}

/// Samples in `bridge_s` seconds, at most 50 ms: a rounding error must not turn "exactly 5 ms" into one sample less.
///
/// Negative and NaN arguments give 0.
///
/// ```
/// use surae_signal::gap::{longest_bridge, MAX_BRIDGE_S};
/// assert_eq!(longest_bridge(MAX_BRIDGE_S, 2000.0), 10);
/// assert_eq!(longest_bridge(1.0, 2000.0), 100); // 50 ms at most
/// assert_eq!(longest_bridge(f64::NAN, 2000.0), 0);
/// ```
pub fn longest_bridge(bridge_s: f64, rate_hz: f64) -> u64 {
    (bridge_s.clamp(0.0, 0.05) * rate_hz + 1e-6) as u64
}

impl ChannelGap {
    /// Before the first sample everything is missing, for longer than can be bridged.
    const FRESH: Self = Self { missing: u64::MAX, last: f64::NAN, remaining: 0, mark: Mark::Clean };
}

impl GapChain {
    /// A chain at rest for `channels` channels at `rate_hz`. Allocates; nothing after it does.
    ///
    /// ```
    /// use surae_signal::chain::{ChainDesign, Rectify};
    /// use surae_signal::design::{butterworth, Band, Sos};
    /// use surae_signal::gap::GapChain;
    /// let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let chain = GapChain::new(&design, 2000.0, 8);
    /// // Half of a step after 37.77 ms (SciPy): 76 frames, and settled after three times as long.
    /// assert_eq!((chain.channels(), chain.settling_frames()), (8, 228));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn new(design: &ChainDesign, rate_hz: f64, channels: usize) -> Self {
        let mut chain = Self {
            chain: Chain::new(design, channels),
            channels: vec![ChannelGap::FRESH; channels],
            open: channels,
            cautious: 0,
            max_bridge: 0,
            lag: 0,
        };
        chain.set_design(design, rate_hz);
        chain
    }

    /// Swaps the filters and starts afresh: the next valid sample primes its channel and settles. Does not allocate.
    /// `rate_hz` is the rate of the stream and of the new filters, Hz; a longest bridge that was set is [`MAX_BRIDGE_S`] again.
    ///
    /// ```
    /// # use surae_signal::chain::{ChainDesign, Rectify};
    /// # use surae_signal::design::{butterworth, Band, Sos};
    /// # use surae_signal::gap::{GapChain, Mark};
    /// # let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = GapChain::new(&design, 2000.0, 1); // 2000 Hz, one channel, second-order envelope of 6 Hz
    /// let slower = ChainDesign { envelope: butterworth(4, Band::LowPass(6.0), 2000.0)?, ..design };
    /// chain.set_design(&slower, 2000.0);
    /// assert_eq!(chain.settling_frames(), 450); // SciPy: half of a step after 74.56 ms, 150 frames
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn set_design(&mut self, design: &ChainDesign, rate_hz: f64) {
        self.chain.set_design(design);
        self.max_bridge = longest_bridge(MAX_BRIDGE_S, rate_hz);
        self.lag = (design.step_lag_s(rate_hz) * rate_hz).ceil() as u64;
        self.reset();
    }

    /// Bridges gaps of at most `bridge_s` seconds (0 to 50 ms) instead of [`MAX_BRIDGE_S`], until the design is swapped.
    ///
    /// ```
    /// # use surae_signal::chain::{ChainDesign, Rectify};
    /// # use surae_signal::design::{butterworth, Band, Sos};
    /// # use surae_signal::gap::{GapChain, Mark};
    /// # let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = GapChain::new(&design, 2000.0, 1); // 2000 Hz, one channel, second-order envelope of 6 Hz
    /// chain.process(&[1.0; 300], &mut [0.0; 300], &mut [0.0; 300], &mut [Mark::Clean; 300]); // settled
    /// let mut marks = [Mark::Clean; 1];
    /// chain.set_longest_bridge(0.010, 2000.0); // 20 samples
    /// chain.lost(20);
    /// chain.process(&[1.0], &mut [0.0], &mut [0.0], &mut marks);
    /// assert_eq!(marks, [Mark::Bridged]);
    /// chain.lost(21);
    /// chain.process(&[1.0], &mut [0.0], &mut [0.0], &mut marks);
    /// assert_eq!(marks, [Mark::Settling]);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn set_longest_bridge(&mut self, bridge_s: f64, rate_hz: f64) {
        self.max_bridge = longest_bridge(bridge_s, rate_hz);
    }

    /// Number of channels.
    ///
    /// ```
    /// # use surae_signal::chain::{ChainDesign, Rectify};
    /// # use surae_signal::design::{butterworth, Band, Sos};
    /// # use surae_signal::gap::{GapChain, Mark};
    /// # let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = GapChain::new(&design, 2000.0, 1); // 2000 Hz, one channel, second-order envelope of 6 Hz
    /// assert_eq!(chain.channels(), 1);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn channels(&self) -> usize {
        self.channels.len()
    }

    /// Frames for which a restarted channel is marked [`Mark::Settling`].
    ///
    /// ```
    /// # use surae_signal::chain::{ChainDesign, Rectify};
    /// # use surae_signal::design::{butterworth, Band, Sos};
    /// # use surae_signal::gap::{GapChain, Mark};
    /// # let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = GapChain::new(&design, 2000.0, 1); // 2000 Hz, one channel, second-order envelope of 6 Hz
    /// // A second-order 6 Hz envelope at 2000 Hz rises to half of a step in 75.5 samples (SciPy), so 3 · 76 frames settle.
    /// assert_eq!(chain.settling_frames(), 228);
    /// let mut marks = [Mark::Clean; 229];
    /// chain.process(&[1.0; 229], &mut [0.0; 229], &mut [0.0; 229], &mut marks);
    /// assert_eq!((marks[227], marks[228]), (Mark::Settling, Mark::Clean));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn settling_frames(&self) -> u64 {
        (SETTLING_LAGS * self.lag as f64) as u64
    }

    /// Forgets everything: equals a new chain.
    ///
    /// ```
    /// # use surae_signal::chain::{ChainDesign, Rectify};
    /// # use surae_signal::design::{butterworth, Band, Sos};
    /// # use surae_signal::gap::{GapChain, Mark};
    /// # let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = GapChain::new(&design, 2000.0, 1); // 2000 Hz, one channel, second-order envelope of 6 Hz
    /// chain.process(&[1.0; 300], &mut [0.0; 300], &mut [0.0; 300], &mut [Mark::Clean; 300]);
    /// chain.reset();
    /// let (mut envelope, mut marks) = ([0.0], [Mark::Clean]);
    /// chain.process(&[-3.0], &mut [0.0], &mut envelope, &mut marks);
    /// assert_eq!(marks, [Mark::Settling]);
    /// assert!((envelope[0] - 3.0).abs() < 1e-9); // primed with the first sample
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn reset(&mut self) {
        self.chain.reset();
        self.channels.fill(ChannelGap::FRESH);
        self.open = self.channels.len();
        self.cautious = 0;
    }

    /// Tells that the sample index jumped by `frames`: that many frames of every channel are missing.
    /// 0 changes nothing.
    ///
    /// ```
    /// # use surae_signal::chain::{ChainDesign, Rectify};
    /// # use surae_signal::design::{butterworth, Band, Sos};
    /// # use surae_signal::gap::{GapChain, Mark};
    /// # let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = GapChain::new(&design, 2000.0, 1); // 2000 Hz, one channel, second-order envelope of 6 Hz
    /// let mut marks = [Mark::Clean; 300];
    /// chain.process(&[1.0; 300], &mut [0.0; 300], &mut [0.0; 300], &mut marks);
    /// assert_eq!(marks[299], Mark::Clean);
    /// chain.lost(10); // 5 ms at 2000 Hz: the longest gap that is bridged
    /// chain.process(&[1.0; 100], &mut [0.0; 100], &mut [0.0; 100], &mut marks[..100]);
    /// assert_eq!((marks[0], marks[75], marks[76]), (Mark::Bridged, Mark::Bridged, Mark::Clean));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn lost(&mut self, frames: u64) {
        if frames == 0 {
            return;
        }
        for gap in &mut self.channels {
            gap.missing = gap.missing.saturating_add(frames);
            gap.remaining = gap.remaining.saturating_sub(frames);
        }
        self.open = self.channels.len();
        self.chain.cascade.skip(frames);
        self.count_cautious();
    }

    /// Processes whole interleaved frames; samples that are not finite count as missing.
    ///
    /// `band_out` and `envelope_out` receive what [`Chain::process`] gives, NaN where the sample is missing; `marks` says for every
    /// sample how far to trust it.
    ///
    /// # Panics
    /// In debug builds, if the slices differ in length or do not hold whole frames; in release builds the shortest whole number of
    /// frames is processed.
    ///
    /// ```
    /// # use surae_signal::chain::{ChainDesign, Rectify};
    /// # use surae_signal::design::{butterworth, Band, Sos};
    /// # use surae_signal::gap::{GapChain, Mark};
    /// # let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut chain = GapChain::new(&design, 2000.0, 1); // 2000 Hz, one channel, second-order envelope of 6 Hz
    /// let (mut band, mut envelope, mut marks) = ([0.0; 3], [0.0; 3], [Mark::Clean; 3]);
    /// chain.process(&[-2.0, f64::NAN, -2.0], &mut band, &mut envelope, &mut marks);
    /// assert_eq!(marks, [Mark::Settling, Mark::Gap, Mark::Settling]);
    /// assert!(band[1].is_nan() && envelope[1].is_nan());
    /// assert!(band[2] == -2.0 && (envelope[2] - 2.0).abs() < 1e-9);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn process(
        &mut self,
        raw_in: &[f64],
        band_out: &mut [f64],
        envelope_out: &mut [f64],
        marks: &mut [Mark],
    ) {
        debug_assert!(raw_in.len() == band_out.len() && raw_in.len() == envelope_out.len());
        debug_assert!(raw_in.len() == marks.len());
        let shortest = raw_in.len().min(band_out.len()).min(envelope_out.len()).min(marks.len());
        let whole = crate::whole_frames(shortest, self.channels());
        let raw = &raw_in[..whole];
        if self.open == 0 && raw.iter().all(|x| x.is_finite()) {
            self.chain.process(raw, &mut band_out[..whole], &mut envelope_out[..whole]);
            self.mark_and_remember(raw, &mut marks[..whole]);
        } else {
            self.process_with_gaps(raw, band_out, envelope_out, marks);
        }
    }

    /// The block is complete: only the marks and the last samples need care.
    fn mark_and_remember(&mut self, raw: &[f64], marks: &mut [Mark]) {
        marks.fill(Mark::Clean);
        let channels = self.channels.len();
        for (gap, &last) in self.channels.iter_mut().zip(&raw[raw.len() - channels.min(raw.len())..]) {
            gap.last = last;
        }
        if self.cautious == 0 {
            return;
        }
        for frame in marks.chunks_exact_mut(channels) {
            for (mark, gap) in frame.iter_mut().zip(&mut self.channels) {
                *mark = gap.next_mark();
            }
        }
        self.count_cautious();
    }

    fn process_with_gaps(&mut self, raw: &[f64], band: &mut [f64], envelope: &mut [f64], marks: &mut [Mark]) {
        let channels = self.channels.len();
        let frames = raw.len() / channels.max(1);
        for channel in 0..channels {
            for frame in 0..frames {
                let at = frame * channels + channel;
                (band[at], envelope[at], marks[at]) = self.sample(channel, raw[at]);
                self.chain.cascade.flush_channel_at(channel, frame as u64);
            }
        }
        self.chain.cascade.advance(frames as u64);
        self.open = self.channels.iter().filter(|gap| gap.missing > 0).count();
        self.count_cautious();
    }

    fn sample(&mut self, channel: usize, x: f64) -> (f64, f64, Mark) {
        let gap = &mut self.channels[channel];
        if !x.is_finite() {
            gap.missing = gap.missing.saturating_add(1);
            gap.remaining = gap.remaining.saturating_sub(1);
            return (f64::NAN, f64::NAN, Mark::Gap);
        }
        if gap.missing > 0 {
            self.resume(channel, x);
        }
        let gap = &mut self.channels[channel];
        gap.last = x;
        let mark = gap.next_mark();
        let (band, envelope) = self.chain.cascade.step_channel(channel, x);
        (band, envelope, mark)
    }

    /// The first valid sample after a gap: bridge it, or start anew.
    fn resume(&mut self, channel: usize, x: f64) {
        let settling = self.settling_frames();
        let gap = &mut self.channels[channel];
        let (missing, last) = (gap.missing, gap.last);
        gap.missing = 0;
        if missing <= self.max_bridge {
            if gap.mark != Mark::Settling || gap.remaining == 0 {
                (gap.mark, gap.remaining) = (Mark::Bridged, self.lag);
            }
            for i in 1..=missing {
                let filled = last + (x - last) * (i as f64 / (missing + 1) as f64);
                self.chain.cascade.step_channel(channel, filled);
            }
        } else {
            (gap.mark, gap.remaining) = (Mark::Settling, settling);
            self.chain.prime_channel(channel, x);
        }
    }

    fn count_cautious(&mut self) {
        self.cautious = self.channels.iter().filter(|gap| gap.remaining > 0).count();
    }
}

impl ChannelGap {
    fn next_mark(&mut self) -> Mark {
        if self.remaining == 0 {
            return Mark::Clean;
        }
        self.remaining -= 1;
        self.mark
    }
}

/// The parts of `signal` that may be filtered as one: split at runs of more than `max_bridge_samples` values that are not finite.
///
/// Every range starts and ends on a finite value; gaps at the ends of the signal belong to no range.
///
/// ```
/// let nan = f64::NAN;
/// let pieces = surae_signal::gap::pieces(&[nan, 1.0, nan, 2.0, nan, nan, 3.0], 1);
/// assert_eq!(pieces, [1..4, 6..7]);
/// ```
pub fn pieces(signal: &[f64], max_bridge_samples: usize) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (index, _) in signal.iter().enumerate().filter(|(_, x)| x.is_finite()) {
        match pieces.last_mut() {
            Some(piece) if index - piece.end <= max_bridge_samples => piece.end = index + 1,
            _ => pieces.push(index..index + 1),
        }
    }
    pieces
}

/// A copy of `signal` with every interior run of values that are not finite filled linearly. Runs at the ends stay as they are.
///
/// ```
/// assert_eq!(surae_signal::gap::bridge(&[1.0, f64::NAN, f64::NAN, 4.0]), [1.0, 2.0, 3.0, 4.0]);
/// ```
pub fn bridge(signal: &[f64]) -> Vec<f64> {
    let mut filled = signal.to_vec();
    let mut last: Option<usize> = None;
    for (index, &value) in signal.iter().enumerate().filter(|(_, x)| x.is_finite()) {
        if let Some(from) = last {
            let steps = (index - from) as f64;
            for (i, missing) in filled[from + 1..index].iter_mut().enumerate() {
                *missing = signal[from] + (value - signal[from]) * ((i + 1) as f64 / steps);
            }
        }
        last = Some(index);
    }
    filled
}
