//! Frames to bytes: the emulator's side.

use crate::device::bytes::{put_i24, whole};

/// What rides along in the auxiliary bytes of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AuxValues {
    /// Nothing new: acceleration bytes of zero.
    None,
    /// Acceleration, g.
    Acceleration([f64; 3]),
    /// Pins A5, A6, A7, counts.
    Analog([u16; 3]),
    /// Pins D11, D12, D13, D17, D18.
    Digital([bool; 5]),
    /// A marker.
    Marker(u16),
    /// One axis of acceleration in g and the board's time in milliseconds.
    Timed(f64, u32),
}

/// Writes frames with a running counter.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    counter: u8,
}

impl Encoder {
    /// An encoder whose next frame has this counter.
    #[must_use]
    pub fn starting_at(counter: u8) -> Self {
        Self { counter }
    }

    /// The next frame was lost on the way: only its counter is used up.
    pub fn skip(&mut self) {
        self.counter = self.counter.wrapping_add(1);
    }

    /// Appends one frame of eight channels; counts are rounded and limited to 24 bits, missing channels are zero.
    pub fn frame(&mut self, exg: &[f64], aux: AuxValues, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0xa0, self.counter]);
        for at in 0..8 {
            put_i24(whole(exg.get(at).copied().unwrap_or(0.0), -8_388_608, 8_388_607), out);
        }
        let word = |g: f64| (whole(g * 16.0 / 0.002, -32768, 32767) as i16).to_be_bytes();
        let mut bytes = [0_u8; 6];
        let end = match aux {
            AuxValues::None => 0xc0,
            AuxValues::Acceleration(axes) => {
                for (at, g) in axes.into_iter().enumerate() {
                    bytes[2 * at..2 * at + 2].copy_from_slice(&word(g));
                }
                0xc0
            }
            AuxValues::Analog(pins) => {
                for (at, pin) in pins.into_iter().enumerate() {
                    bytes[2 * at..2 * at + 2].copy_from_slice(&pin.to_be_bytes());
                }
                0xc1
            }
            AuxValues::Digital([d11, d12, d13, d17, d18]) => {
                bytes = [d11.into(), d12.into(), d13.into(), d17.into(), 0, d18.into()];
                0xc1
            }
            AuxValues::Marker(marker) => {
                bytes[..2].copy_from_slice(&marker.to_be_bytes());
                0xc1
            }
            AuxValues::Timed(g, millis) => {
                bytes[..2].copy_from_slice(&word(g));
                bytes[2..].copy_from_slice(&millis.to_be_bytes());
                0xc4
            }
        };
        out.extend_from_slice(&bytes);
        out.push(end);
        self.counter = self.counter.wrapping_add(1);
    }
}
