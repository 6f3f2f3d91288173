//! Filters at work: a bank over channels with carried state, and zero-phase filtering for review.
//!
//! [`FilterBank`] is the causal filter of a live stream: interleaved frames in place, any partition of the stream into blocks gives
//! the same bits. [`zero_phase`] is the offline filter of review: SciPy's `sosfiltfilt` with its default odd padding.
//!
//! Not for: mixing the two. Causal and zero-phase results differ by the lag of the filter and, for an envelope, by its shape.

mod bank;
pub(crate) mod frames;
mod reel;
mod zero_phase;

pub use bank::FilterBank;
pub use zero_phase::{
    Conditioned, ZeroPhaseChain, default_pad, zero_phase, zero_phase_chain, zero_phase_envelopes,
    zero_phase_many, zero_phase_padded, zero_phase_segments,
};
