//! Delsys Trigno over the control utility's TCP server: sets of 16 (EMG) or 144 (auxiliary) `f32` values, sensor by sensor, no header.
//!
//! Tried against the emulator only. The stream has neither counter nor time: it starts at a set and TCP loses nothing, so that place
//! in the stream is time; a stall shows in the host's clock. Sensors that are absent are sent as zero. The command port is another
//! connection. Source: public clients and their mock server.

use super::{Counts, Decode, Frame, Item};

/// Port of commands and replies.
pub const COMMAND_PORT: u16 = 50040;
/// Port of EMG: 16 values a set.
pub const EMG_PORT: u16 = 50043;
/// Port of auxiliary channels: nine for each of 16 sensors.
pub const AUX_PORT: u16 = 50044;
/// Values of an EMG set.
pub const EMG_CHANNELS: usize = 16;
/// Values of an auxiliary set.
pub const AUX_CHANNELS: usize = 144;
/// Time of one data frame of the base station.
pub const FRAME_S: f64 = 0.0135;

/// The rate of a sensor that sends `samples` samples in each frame of 13.5 ms (26: 1925.93 Hz).
#[must_use]
pub fn rate_hz(samples: u32) -> f64 {
    f64::from(samples) / FRAME_S
}

/// Decodes the sets of one data port, in volts for EMG.
#[derive(Clone, Debug)]
pub struct Decoder {
    channels: usize,
    buffer: Vec<u8>,
    values: Vec<f64>,
    counts: Counts,
}

impl Decoder {
    /// A decoder for the EMG port.
    #[must_use]
    pub fn emg() -> Self {
        Self::new(EMG_CHANNELS)
    }

    /// A decoder for the auxiliary port.
    #[must_use]
    pub fn aux() -> Self {
        Self::new(AUX_CHANNELS)
    }

    fn new(channels: usize) -> Self {
        Self { channels, buffer: Vec::new(), values: Vec::new(), counts: Counts::default() }
    }
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        self.counts.bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        let len = 4 * self.channels;
        let whole = self.buffer.len() / len * len;
        for set in self.buffer[..whole].chunks_exact(len) {
            self.values.clear();
            self.values.extend(set.chunks_exact(4).map(|b| {
                let value = f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                if value.is_finite() {
                    value
                } else {
                    self.counts.bad_values += 1;
                    f64::NAN
                }
            }));
            self.counts.frames += 1;
            out(Item::Frame(Frame {
                values: &self.values,
                counter: None,
                device_us: None,
                clock_reset: false,
            }));
        }
        self.buffer.drain(..whole);
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// Appends one set; missing sensors are zero.
pub fn encode(values: &[f64], channels: usize, out: &mut Vec<u8>) {
    for at in 0..channels {
        out.extend_from_slice(&(values.get(at).copied().unwrap_or(0.0) as f32).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::golden::{frames_of, hex, survives_splits};

    #[test]
    fn the_golden_set() {
        let golden = hex(
            "17b7d13817b7513952499d3917b7d1396f12033a52491d3a3480373a17b7513afaed6b3a6f12833ae02d903a52499d3ac364aa3a\
             3480b73aa69bc43a17b7d13a",
        );
        let found = frames_of(&mut Decoder::emg(), &golden);
        for (at, value) in found[0].1.iter().enumerate() {
            assert!((value - (at + 1) as f64 * 1e-4).abs() < 1e-10, "{value}");
        }
        let values: Vec<f64> = (1..=16).map(|k| f64::from(k) * 1e-4).collect();
        let mut bytes = Vec::new();
        encode(&values, EMG_CHANNELS, &mut bytes);
        assert_eq!(bytes, golden);
        survives_splits(Decoder::emg, |k, out| encode(&[f64::from(k)], EMG_CHANNELS, out));
    }

    #[test]
    fn rates_of_the_base_station() {
        assert!((rate_hz(26) - 1_925.925_925_9).abs() < 1e-6);
        assert!((rate_hz(2) - 148.148_148_1).abs() < 1e-6);
    }
}
