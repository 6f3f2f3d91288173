//! Surface EMG signal processing: numbers in, numbers out.
//!
//! Filters, envelopes, spectra, onsets, quality meters and resampling for signals of a few hundred to a few thousand hertz. Three promises:
//!
//! * **Exact.** Coefficients and outputs agree with SciPy 1.17 to 1e-9 of the peak (`tests/scipy.rs`, `fixtures/dsp`). Every formula names
//!   its source.
//! * **The same everywhere.** State is carried: any partition of a stream into blocks gives the same bits, and so does every vector width
//!   ([`level`]), because multiplication and addition are separate and in one order. Only transforms ([`spectrum`]) use fused arithmetic.
//! * **Real-time.** Construction may fail and allocates; processing can do neither. No lock, clock, file or thread anywhere.
//!
//! | to | use |
//! |---|---|
//! | design a Butterworth filter or a notch, ask for its gain or lag | [`design`] |
//! | filter a live stream, or a recording without lag | [`filter`] |
//! | band-pass, notch, rectify and smooth in one pass | [`chain`] |
//! | do the right thing where samples are missing | [`gap`] |
//! | get an envelope of a whole signal or an exact moving window | [`envelope`] |
//! | find bursts | [`onset`], [`tkeo`] |
//! | get a spectrum, median and mean frequency | [`spectrum`] |
//! | count, integrate, find the half of a burst | [`feature`] |
//! | judge a channel | [`quality`] |
//! | bring an angle onto the EMG clock, a cycle onto 101 points | [`resample`] |
//! | draw a long signal without hiding a peak | [`columns`] |
//!
//! # Conventions
//! Interleaved means `[ch0, ch1, .., ch0, ch1, ..]`, one *frame* after the other. Frequencies are in Hz, times in seconds, lengths in samples;
//! amplitudes keep the unit they come in. NaN means *missing*: it never crosses to another channel, and where a function lets it spread
//! in time its page says how far. Everything is f64: at 6 Hz and 2 kHz, f32 filters are wrong by 2e-4 of the peak.
//!
//! # Not for
//! Reading files or devices, deciding what a channel is, or anything about muscles and gait: this crate knows numbers only. Nor for
//! audio-rate processing of one channel, where a scalar filter is as fast and simpler.
//!
//! ```
//! use surae_signal::chain::{Chain, ChainDesign, Rectify};
//! use surae_signal::design::{butterworth, Band};
//!
//! // A live envelope of eight channels at 2000 Hz, in blocks of 16 frames.
//! let design = ChainDesign {
//!     band: butterworth(2, Band::BandPass(20.0, 450.0), 2000.0)?,
//!     notch: None,
//!     rectify: Rectify::Absolute,
//!     envelope: butterworth(2, Band::LowPass(6.0), 2000.0)?,
//! };
//! let mut chain = Chain::new(&design, 8);
//! let mut block = [0.25; 16 * 8];
//! chain.process_in_place(&mut block);
//! println!("envelope lag {:.0} ms", 1e3 * design.step_lag_s(2000.0)); // 38 ms
//! # Ok::<(), surae_signal::design::DesignError>(())
//! ```

pub mod chain;
pub mod columns;
pub mod design;
pub mod envelope;
pub mod feature;
pub mod filter;
pub mod gap;
mod kernel;
pub mod level;
pub mod onset;
pub mod quality;
pub mod resample;
pub mod spectrum;
pub mod tkeo;

/// Samples that form whole frames; a caller's incomplete frame is a mistake that debug builds catch.
pub(crate) fn whole_frames(len: usize, channels: usize) -> usize {
    let whole = len.checked_rem(channels).map_or(0, |rest| len - rest);
    debug_assert!(whole == len, "{len} samples are not whole frames of {channels} channels");
    whole
}
