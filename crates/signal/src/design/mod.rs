//! Filter design: Butterworth and notch filters as second-order sections, and what a finished filter does to a signal.
//!
//! The coefficients are SciPy's: [`butterworth`] follows `scipy.signal.butter(..., output="sos")` (prototype, pre-warping, bilinear
//! transform, pairing `"nearest"`, gain in the first section) and [`notch`] follows `scipy.signal.iirnotch`, so that a number
//! computed here can be checked with three lines of Python. A [`Sos`] has a fixed capacity and is `Copy`: it can be designed and
//! swapped in a running pipeline without touching the allocator.
//!
//! Not for: FIR filters, elliptic or Chebyshev filters, analogue filters.
//!
//! ```
//! use surae_signal::design::{butterworth, Band};
//! let band = butterworth(2, Band::BandPass(20.0, 450.0), 2000.0)?;
//! assert_eq!(band.sections().len(), 2);
//! assert!((band.magnitude(20.0, 2000.0) - 0.5_f64.sqrt()).abs() < 1e-12);
//! # Ok::<(), surae_signal::design::DesignError>(())
//! ```

mod butterworth;
mod notch;
mod pairing;
mod response;
mod section;

pub use butterworth::{Band, Correction, butterworth, butterworth_two_pass, two_pass_factor};
pub use notch::notch;
pub use rustfft::num_complex::Complex64;
pub use section::{MAX_SECTIONS, Section, Sos};

/// Highest order of a Butterworth prototype that [`butterworth`] designs.
///
/// A band-pass of this order has ten sections, which leaves room in a [`Sos`] for two notches.
pub const MAX_ORDER: usize = 10;

/// Why a filter cannot be designed. Every variant names the offending number and its limit.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// The prototype order is 0 or above [`MAX_ORDER`].
    #[error("filter order {0} is not between 1 and {MAX_ORDER}")]
    Order(usize),
    /// The sampling rate is not a positive, finite number of hertz.
    #[error("sampling rate {0} Hz is not a positive number")]
    Rate(f64),
    /// A corner frequency is not strictly between 0 Hz and half the sampling rate.
    #[error("cut-off {cutoff_hz} Hz is not between 0 and half the sampling rate ({nyquist_hz} Hz)")]
    Cutoff {
        /// The corner that was asked for, Hz.
        cutoff_hz: f64,
        /// Half the sampling rate, Hz.
        nyquist_hz: f64,
    },
    /// The lower edge of a band is not below its upper edge.
    #[error("lower edge {low_hz} Hz is not below upper edge {high_hz} Hz")]
    Edges {
        /// Lower edge, Hz.
        low_hz: f64,
        /// Upper edge, Hz.
        high_hz: f64,
    },
    /// The quality factor of a notch is not a positive number, or its bandwidth does not fit below half the sampling rate.
    #[error("notch quality factor {0} is not a usable positive number")]
    Quality(f64),
    /// Joining two filters would exceed [`MAX_SECTIONS`].
    #[error("{0} second-order sections do not fit: the limit is {MAX_SECTIONS}")]
    Sections(usize),
    /// A coefficient is NaN or infinite, or a section is unstable.
    #[error("section {0} is not finite and stable")]
    Unstable(usize),
}

pub(crate) fn check_rate(rate_hz: f64) -> Result<(), DesignError> {
    if rate_hz.is_finite() && rate_hz > 0.0 { Ok(()) } else { Err(DesignError::Rate(rate_hz)) }
}

pub(crate) fn check_cutoff(cutoff_hz: f64, rate_hz: f64) -> Result<(), DesignError> {
    let nyquist_hz = rate_hz / 2.0;
    // NaN fails the comparison and is refused with the rest.
    if cutoff_hz > 0.0 && cutoff_hz < nyquist_hz {
        Ok(())
    } else {
        Err(DesignError::Cutoff { cutoff_hz, nyquist_hz })
    }
}
