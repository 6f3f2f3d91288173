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

/// Auxiliary values of a sensor in a set.
pub const AUX_OF_SENSOR: usize = AUX_CHANNELS / EMG_CHANNELS;

/// The rate of a sensor that sends `samples` samples in each frame of 13.5 ms (26: 1925.93 Hz).
#[must_use]
pub fn rate_hz(samples: u32) -> f64 {
    f64::from(samples) / FRAME_S
}

/// An auxiliary channel that the base station names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuxChannel {
    /// The sensor, from 1 on.
    pub sensor: usize,
    /// Its unit as the base station writes it.
    pub unit: String,
}

/// The auxiliary channels in `told`, one `aux=SENSOR<tab>UNIT` a line, in the order of a set; of several tellings the last one counts.
#[must_use]
pub fn told_aux(told: &str) -> Vec<AuxChannel> {
    let last = told.rfind("sensors=").map_or(told, |at| &told[at..]);
    let channel = |line: &str| {
        let (sensor, unit) = line.strip_prefix("aux=")?.split_once('\t')?;
        let sensor = sensor.parse().ok().filter(|n| (1..=EMG_CHANNELS).contains(n))?;
        Some(AuxChannel { sensor, unit: unit.trim().to_owned() })
    };
    last.lines().filter_map(channel).collect()
}

/// Which values of an auxiliary set are kept: as many of each sensor that has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// One bit for each sensor.
    sensors: u16,
    /// Values of each, at most nine.
    of_each: usize,
}

impl Slots {
    /// Those that hold these channels.
    #[must_use]
    pub fn of(channels: &[AuxChannel]) -> Self {
        let count = |sensor| channels.iter().filter(|channel| channel.sensor == sensor).count();
        let sensors = (1..=EMG_CHANNELS).filter(|s| count(*s) > 0).fold(0, |bits, s| bits | 1 << (s - 1));
        let of_each = (1..=EMG_CHANNELS).map(count).max().unwrap_or(0).min(AUX_OF_SENSOR);
        Self { sensors, of_each }
    }

    /// One number for both parts; [`Self::from_number`] takes it apart.
    #[must_use]
    pub fn number(self) -> usize {
        usize::from(self.sensors) | self.of_each << 16
    }

    /// See [`Self::number`].
    #[must_use]
    pub fn from_number(number: usize) -> Self {
        Self { sensors: (number & 0xffff) as u16, of_each: (number >> 16).min(AUX_OF_SENSOR) }
    }

    /// Sensor, channel of the sensor from 0 on, and place in a set, in the order of a set.
    pub fn iter(self) -> impl Iterator<Item = (usize, usize, usize)> {
        let sensors = (1..=EMG_CHANNELS).filter(move |sensor| self.sensors >> (sensor - 1) & 1 == 1);
        sensors.flat_map(move |s| (0..self.of_each).map(move |k| (s, k, (s - 1) * AUX_OF_SENSOR + k)))
    }
}

/// Decodes the sets of one data port, in volts for EMG.
#[derive(Clone, Debug)]
pub struct Decoder {
    channels: usize,
    /// Places in a set that are kept; all when empty.
    kept: Vec<usize>,
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

    /// A decoder for the auxiliary port that keeps what these slots hold; all of it where they hold nothing.
    #[must_use]
    pub fn aux_of(slots: Slots) -> Self {
        Self { kept: slots.iter().map(|(_, _, place)| place).collect(), ..Self::aux() }
    }

    fn new(channels: usize) -> Self {
        Self { channels, kept: Vec::new(), buffer: Vec::new(), values: Vec::new(), counts: Counts::default() }
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
            let value = |at: usize| {
                let b = &set[4 * at..4 * at + 4];
                f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            };
            if self.kept.is_empty() {
                self.values.extend((0..self.channels).map(value));
            } else {
                self.values.extend(self.kept.iter().map(|at| value(*at)));
            }
            for value in self.values.iter_mut().filter(|value| !value.is_finite()) {
                self.counts.bad_values += 1;
                *value = f64::NAN;
            }
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
    fn of_an_auxiliary_set_the_sensors_that_were_named_are_kept() {
        let told = "sensors=2,5\naux=2\tg\naux=2\tg\naux=2\tg\naux=5\tg\n";
        let slots = Slots::of(&told_aux(told));
        assert_eq!(slots, Slots::from_number(slots.number()));
        let places: Vec<usize> = slots.iter().map(|(_, _, place)| place).collect();
        assert_eq!(places, [9, 10, 11, 36, 37, 38]);
        let values: Vec<f64> = (0..144).map(f64::from).collect();
        let mut bytes = Vec::new();
        encode(&values, AUX_CHANNELS, &mut bytes);
        assert_eq!(frames_of(&mut Decoder::aux_of(slots), &bytes)[0].1, [9.0, 10.0, 11.0, 36.0, 37.0, 38.0]);
        // A base station that was opened again has told it twice; the last word counts.
        assert_eq!(told_aux(&format!("{told}sensors=3\naux=3\tg\n")).len(), 1);
        let slots = || Slots::of(&told_aux("sensors=1\naux=1\tg\naux=1\tg\n"));
        survives_splits(|| Decoder::aux_of(slots()), |k, out| encode(&[f64::from(k); 2], AUX_CHANNELS, out));
    }

    #[test]
    fn rates_of_the_base_station() {
        assert!((rate_hz(26) - 1_925.925_925_9).abs() < 1e-6);
        assert!((rate_hz(2) - 148.148_148_1).abs() < 1e-6);
    }
}
