//! Spectra of EMG: Welch's density, a streaming form of it, the short-time spectrum, and what is read off them.
//!
//! Densities are one-sided power densities in unit²/Hz, scaled as `scipy.signal.welch(window="hann", scaling="density")`: their sum times
//! the resolution is the mean square of the (detrended) signal. Transforms are `realfft` over `rustfft`, planned once, with their
//! scratch kept.
//!
//! Median and mean frequency are always *of a named band* and by a named definition ([`MedianRule`]): on one recording the
//! definitions differ by more than the fatigue effects they are used to show.
//!
//! Not for: rectified signals or envelopes, whose spectrum says nothing about the muscle (METHOD §0); nor for fatigue claims in dynamic
//! tasks without per-burst windows (METHOD §7).

mod bins;
mod stft;
mod streaming;
mod welch;

pub use bins::{Bins, MedianRule, Spectrum};
pub use rustfft::num_complex::Complex64;
pub use stft::Stft;
pub use streaming::StreamingWelch;
pub use welch::{Detrend, SpectrumError, Welch, WelchSettings};
