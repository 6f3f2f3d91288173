//! NeuroPawn Knight boards: `A0`, a counter, eight signed 16-bit values, two bytes of lead-off bits, `C0`; with an IMU nine floats
//! before the end.
//!
//! Source: BrainFlow's decoder, which reads the values most significant byte first while its header comment says the opposite: both
//! orders are offered. No board was at hand.

use super::bytes::whole;
use super::framer::{Framer, Shape};
use super::{Counts, Decode, Frame, Item};

/// Microvolts at the electrode for each count at a gain (12 after a reset): reference 4 V, 15 bits.
#[must_use]
pub fn uv_per_count(gain: f64) -> f64 {
    4.0 / 32767.0 / gain * 1e6
}

/// Names of what rides along on a board with an IMU.
pub const IMU: [&str; 9] =
    ["ACC X", "ACC Y", "ACC Z", "GYRO X", "GYRO Y", "GYRO Z", "MAG X", "MAG Y", "MAG Z"];

const PLAIN: Shape = Shape { header: &[0xa0], len: 21, is_end: |byte| byte == 0xc0 };
const WITH_IMU: Shape = Shape { header: &[0xa0], len: 57, is_end: |byte| byte == 0xc0 };

/// Decodes frames: eight channels in counts, two lead-off bytes (bit k = electrode k + 1 is off; first the positive inputs), then
/// [`IMU`] where there is one.
#[derive(Clone, Debug)]
pub struct Decoder {
    framer: Framer,
    little_endian: bool,
    values: Vec<f64>,
    counts: Counts,
}

impl Decoder {
    /// A decoder; `little_endian` for firmware that sends the least significant byte first.
    #[must_use]
    pub fn new(imu: bool, little_endian: bool) -> Self {
        let framer = Framer::new(if imu { WITH_IMU } else { PLAIN });
        Self { framer, little_endian, values: Vec::new(), counts: Counts::default() }
    }
}

fn take(values: &mut Vec<f64>, little_endian: bool, frame: &[u8], out: &mut dyn FnMut(Item<'_>)) {
    values.clear();
    values.extend(frame[2..18].chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        f64::from(if little_endian { i16::from_le_bytes(pair) } else { i16::from_be_bytes(pair) })
    }));
    values.extend([f64::from(frame[18]), f64::from(frame[19])]);
    let imu = &frame[20..frame.len() - 1];
    values.extend(imu.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))));
    let counter = Some(u64::from(frame[1]));
    out(Item::Frame(Frame { values, counter, device_us: None, clock_reset: false }));
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        let (values, little) = (&mut self.values, self.little_endian);
        self.framer.push(bytes, &mut self.counts, &mut |frame| take(values, little, frame, out));
    }

    fn idle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        let (values, little) = (&mut self.values, self.little_endian);
        self.framer.idle(&mut self.counts, &mut |frame| take(values, little, frame, out));
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// Appends one frame, most significant byte first: eight channels, lead-off of positive and negative inputs, nine IMU values or none.
pub fn encode(counter: u8, channels: &[f64], lead_off: [u8; 2], imu: &[f64], out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xa0, counter]);
    for at in 0..8 {
        let value = whole(channels.get(at).copied().unwrap_or(0.0), -32768, 32767) as i16;
        out.extend_from_slice(&value.to_be_bytes());
    }
    out.extend_from_slice(&lead_off);
    for value in imu.iter().take(9) {
        out.extend_from_slice(&(*value as f32).to_le_bytes());
    }
    out.push(0xc0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::golden::{frames_of, hex, survives_lost_bytes, survives_splits};

    #[test]
    fn the_golden_frame() {
        let golden = hex("a0090001ffff7fff800000000064ff9c00050300c0");
        let values = [1.0, -1.0, 32767.0, -32768.0, 0.0, 100.0, -100.0, 5.0];
        let found = frames_of(&mut Decoder::new(false, false), &golden);
        assert_eq!(found, [(Some(9), [&values[..], &[3.0, 0.0]].concat())]);
        let mut bytes = Vec::new();
        encode(9, &values, [3, 0], &[], &mut bytes);
        assert_eq!(bytes, golden);
    }

    #[test]
    fn a_lost_byte_costs_one_frame() {
        let plain = |k: u32, out: &mut Vec<u8>| {
            encode(k as u8, &[-24384.0, f64::from(k), -16224.0, 160.0], [0xa0, 0xc0], &[], out);
        };
        survives_lost_bytes(|| Decoder::new(false, false), plain, 1);
        survives_splits(|| Decoder::new(false, false), plain);
        let imu = |k: u32, out: &mut Vec<u8>| {
            encode(
                k as u8,
                &[-24384.0, f64::from(k)],
                [0, 0],
                &[0.5, -1.0, 9.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
                out,
            );
        };
        survives_lost_bytes(|| Decoder::new(true, false), imu, 1);
        survives_splits(|| Decoder::new(true, false), imu);
    }
}
