//! When a muscle switches on and off.
//!
//! * [`DoubleThreshold`]: Bonato, D'Alessio & Knaflitz 1998, on whitened EMG, with a chosen false-alarm rate.
//! * [`TkeoOnset`]: Teager-Kaiser energy, smoothed, over mean plus h standard deviations of rest (Li et al. 2007, Solnik et al. 2008).
//! * [`Bursts`]: from flags to intervals, merging short pauses and dropping short bursts.
//!
//! Onsets depend on threshold and detector by tens of milliseconds (METHOD R8): report the settings with them.
//!
//! Not for: envelopes from the sensor, smoothed signals, or comparing onsets between detectors.

mod bursts;
mod double_threshold;
mod energy;
mod whiten;

pub use bursts::{Burst, Bursts, bursts, bursts_of_channels};
pub use double_threshold::{DoubleThreshold, DoubleThresholdDetector};
pub use energy::{RestLevel, TkeoOnset, TkeoSettings};
pub use whiten::Whitener;

/// Why a detector cannot be set up.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OnsetError {
    /// The count of exceedances must be between 1 and the window.
    #[error("{needed} exceedances out of {window} cannot be asked for")]
    Count {
        /// Exceedances needed (`r0`).
        needed: usize,
        /// Pairs looked at (`m`).
        window: usize,
    },
    /// A probability must lie strictly between 0 and 1.
    #[error("false-alarm probability {0} is not between 0 and 1")]
    Probability(f64),
    /// The noise variance must be positive.
    #[error("noise variance {0} is not a positive number")]
    Variance(f64),
    /// The rest recording is too short, not finite, or silent.
    #[error("rest recording of {0} samples cannot serve as a reference")]
    Rest(usize),
    /// The smoothing filter cannot be designed at this rate.
    #[error(transparent)]
    Design(#[from] crate::design::DesignError),
}
