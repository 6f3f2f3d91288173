//! Bytes to frames, and to samples of 16 channels where a Daisy is attached.

use super::LEN;
use crate::device::bytes::{i16_be, i24};
use crate::device::framer::{Framer, Shape};
use crate::device::{Counts, Decode, Frame, Item, Message};

const SHAPE: Shape = Shape { header: &[0xa0], len: LEN, is_end: |byte| (0xc0..=0xc6).contains(&byte) };

/// What the six auxiliary bytes are taken for; the board's mode decides, the frame's end byte says only "raw".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aux {
    /// Acceleration along X, Y, Z in g, in few frames; `NaN` between them (board mode 0).
    #[default]
    Acceleration,
    /// Pins A5, A6, A7 in counts of 10 bits (board mode 2): a goniometer.
    Analog,
    /// Pins D11, D12, D13, D17, D18, 0 or 1 (board mode 3): foot switches.
    Digital,
    /// Markers (board mode 4); they leave as messages.
    Marker,
}

impl Aux {
    /// Names of the channels that ride along.
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Acceleration => &["ACC X", "ACC Y", "ACC Z"],
            Self::Analog => &["A5", "A6", "A7"],
            Self::Digital => &["D11", "D12", "D13", "D17", "D18"],
            Self::Marker => &[],
        }
    }
}

/// Decodes Cyton frames. Values are counts for the EXG channels, then the auxiliary channels of [`Aux::names`].
#[derive(Clone, Debug)]
pub struct Decoder {
    framer: Framer,
    pairs: Pairs,
    counts: Counts,
}

impl Decoder {
    /// A decoder for eight channels, or 16 with a Daisy.
    #[must_use]
    pub fn new(daisy: bool, aux: Aux) -> Self {
        Self {
            framer: Framer::new(SHAPE),
            pairs: Pairs { daisy, aux, half: None, values: Vec::new(), aux_values: Vec::new() },
            counts: Counts::default(),
        }
    }

    /// EXG channels of a sample: 8 or 16.
    #[must_use]
    pub fn channels(&self) -> usize {
        if self.pairs.daisy { 16 } else { 8 }
    }
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        let (pairs, mut incomplete) = (&mut self.pairs, 0);
        self.framer.push(bytes, &mut self.counts, &mut |frame| incomplete += pairs.take(frame, out));
        self.counts.bad_frames += incomplete;
    }

    fn idle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        let (pairs, mut incomplete) = (&mut self.pairs, 0);
        self.framer.idle(&mut self.counts, &mut |frame| incomplete += pairs.take(frame, out));
        self.counts.bad_frames += incomplete;
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// From frames to samples.
#[derive(Clone, Debug)]
struct Pairs {
    daisy: bool,
    aux: Aux,
    /// The first half of a pair: its counter, and its channels in `values`.
    half: Option<u8>,
    values: Vec<f64>,
    aux_values: Vec<f64>,
}

impl Pairs {
    /// Takes a frame; gives the number of halves that stay without their partner.
    fn take(&mut self, frame: &[u8], out: &mut dyn FnMut(Item<'_>)) -> u64 {
        let counter = frame[1];
        let exg = frame[2..26].chunks_exact(3).map(|bytes| f64::from(i24(bytes)));
        if !self.daisy {
            self.values.clear();
            self.values.extend(exg);
            self.aux_values.clear();
            read_aux(self.aux, frame, &mut self.aux_values, out);
            self.emit(u64::from(counter), out);
            return 0;
        }
        // The board's own channels come first (odd), those of the Daisy second (even). Pairing goes by parity, so that a
        // lost half cannot shift it.
        if counter % 2 == 1 {
            let lonely = u64::from(self.half.is_some());
            self.values.clear();
            self.values.extend(exg);
            self.aux_values.clear();
            read_aux(self.aux, frame, &mut self.aux_values, out);
            self.half = Some(counter);
            return lonely;
        }
        match self.half.take() {
            Some(first) if counter == first.wrapping_add(1) => {
                self.values.extend(exg);
                let mut second = Vec::new();
                read_aux(self.aux, frame, &mut second, out);
                for (value, other) in self.aux_values.iter_mut().zip(second) {
                    if value.is_nan() {
                        *value = other;
                    }
                }
                self.emit(u64::from(first / 2), out);
                0
            }
            Some(_) => 2,
            None => 1,
        }
    }

    fn emit(&mut self, counter: u64, out: &mut dyn FnMut(Item<'_>)) {
        self.values.extend_from_slice(&self.aux_values);
        let frame =
            Frame { values: &self.values, counter: Some(counter), device_us: None, clock_reset: false };
        out(Item::Frame(frame));
    }
}

/// Reads the auxiliary bytes. Values that the frame does not carry are `NaN`: the board sends acceleration in some frames only.
fn read_aux(aux: Aux, frame: &[u8], values: &mut Vec<f64>, out: &mut dyn FnMut(Item<'_>)) {
    let (bytes, end) = (&frame[26..32], frame[LEN - 1]);
    let words = bytes.chunks_exact(2).map(i16_be);
    match aux {
        Aux::Acceleration => match end {
            // A word that is zero is a reading as long as not all three are.
            0xc0 if bytes.iter().any(|byte| *byte != 0) => {
                values.extend(words.map(|word| f64::from(word) * 0.002 / 16.0));
            }
            // With time stamps one axis travels at a time: X, Y, Z when the counter ends in 7, 8, 9.
            0xc3 | 0xc4 => {
                let axis = usize::from(frame[1] % 10).checked_sub(7);
                let word = i16_be(&bytes[..2]);
                let reading = |at: usize| {
                    if axis == Some(at) { f64::from(word) * 0.002 / 16.0 } else { f64::NAN }
                };
                values.extend((0..3).map(reading));
            }
            _ => values.extend([f64::NAN; 3]),
        },
        Aux::Analog if matches!(end, 0xc1) => values.extend(words.map(f64::from)),
        Aux::Analog => values.extend([f64::NAN; 3]),
        Aux::Digital if matches!(end, 0xc1) => {
            values.extend([0, 1, 2, 3, 5].map(|at: usize| f64::from(bytes[at])));
        }
        Aux::Digital => values.extend([f64::NAN; 5]),
        Aux::Marker => {
            let marker = i16_be(&bytes[..2]);
            if end == 0xc1 && marker != 0 {
                out(Item::Message(Message::Marker(u32::from(marker as u16))));
            }
        }
    }
}
