//! What the benches share: the data and the filters of the side-by-side runs.
//!
//! `benches/side_by_side` compares with SciPy in one run (see `docs/performance.md`); `benches/benches` holds the criterion benches, one
//! file per question. `pairs` makes EMG of known sources and `validation` scores the method on it (`docs/validation.md`).

pub mod pairs;
pub mod validation;

use surae_signal::chain::{ChainDesign, Rectify};
use surae_signal::design::{Band, DesignError, butterworth, notch};

/// Sampling rate of the bench data, Hz.
pub const RATE_HZ: f64 = 2000.0;

/// The chain that every peer is measured with: band-pass of 4 sections, notch, absolute value, low-pass of 2 sections.
///
/// # Errors
/// None in practice: the numbers are fixed.
pub fn chain_design() -> Result<ChainDesign, DesignError> {
    Ok(ChainDesign {
        band: butterworth(4, Band::BandPass(20.0, 450.0), RATE_HZ)?,
        notch: Some(notch(50.0, 30.0, RATE_HZ)?),
        rectify: Rectify::Absolute,
        envelope: butterworth(4, Band::LowPass(6.0), RATE_HZ)?,
    })
}

/// Uniform noise in −1 to 1 from a seed, the same on every machine.
pub fn noise(seed: u64, len: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..len).map(|_| next()).collect()
}
