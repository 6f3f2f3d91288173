//! Is this signal worth measuring? Streaming meters per channel, with reasons in words (METHOD 8).
//!
//! [`QualityMeter`] watches one raw channel: noise floor, signal-to-noise ratio, mains hum, motion, clipping, loss, electrodes off,
//! spikes; [`QualityMeters`] watches those of a stream at once. [`PairMeter`] watches two: identical channels and a screen for crosstalk. Both give a [`Grade`] and [`Reason`]s that say what
//! to do. Most limits are this project's proposals (marked P in METHOD 8), not published
//! standards; [`QualityLimits`] lists them with their sources, and each can be changed.
//!
//! Not for: repairing anything. A meter never changes the signal.

mod hum;
mod limits;
mod matrix;
mod meter;
mod meters;
mod pair;
mod reason;
mod watch;
mod whole;
mod windows;

pub use hum::{Mains, hum_ratio};
pub use limits::{Limit, QualityLimits};
pub use matrix::max_correlations;
pub use meter::{ChannelQuality, QualityMeter, QualitySettings};
pub use meters::QualityMeters;
pub use pair::{PairMeter, PairQuality, max_correlation};
pub use reason::{Grade, Reason};
pub use whole::judge_whole;
