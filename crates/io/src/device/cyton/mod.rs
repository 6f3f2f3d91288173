//! OpenBCI Cyton, alone or with a Daisy: frames of 33 bytes, `A0`, a counter, eight signed 24-bit values, six auxiliary bytes,
//! `C0` to `C6`.
//!
//! With a Daisy, frames with an even counter hold channels 9 to 16 and those with an odd counter channels 1 to 8; a pair is one
//! sample at half the rate. At 250 Hz EMG is covered to 125 Hz only: amplitudes of such a board compare with themselves.
//! Sources: the board's firmware library and BrainFlow's decoder; facts only.

mod command;
mod decoder;
mod encoder;

pub use command::{Command, Responder, opening};
pub use decoder::{Aux, Decoder};
pub use encoder::{AuxValues, Encoder};

/// Rate of a board on its radio dongle; with a Daisy a pair takes two of its frames.
pub const RATE_HZ: f64 = 250.0;
/// Reference voltage of the converter, V.
pub const VREF_V: f64 = 4.5;
/// Gain after a reset of the board.
pub const GAIN: f64 = 24.0;
/// Largest and smallest native value: an input beyond the converter's range stands there.
pub const RAILS: (f64, f64) = (-8_388_608.0, 8_388_607.0);

/// Microvolts at the electrode for each count, at an amplifier gain.
///
/// ```
/// assert!((surae_io::device::cyton::uv_per_count(24.0) - 0.022_351_744_455).abs() < 1e-12);
/// ```
#[must_use]
pub fn uv_per_count(gain: f64) -> f64 {
    VREF_V / 8_388_607.0 / gain * 1e6
}

const LEN: usize = 33;

#[cfg(test)]
mod tests;
