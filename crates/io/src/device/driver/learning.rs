//! Which decoder fits the bytes: all that could are tried side by side until one has understood most of them.

use crate::device::facts::{self, Facts};
use crate::device::protocol::{Options, Protocol};
use crate::device::{
    Decode, Item, ascii, backyard, bitalino, chords, cobs, cyton, freeeeg, hackeeg, knight, lsl, trigno,
};

/// Most bytes that are kept while learning.
const KEEP: usize = 1 << 16;

/// Part of the bytes that a decoder must have understood, at once and after much was seen.
const MOST: f64 = 0.8;
const SOME: f64 = 0.4;
const MUCH: usize = 1 << 13;

/// A decoder of any kind.
#[derive(Debug)]
pub(super) enum Codec {
    Ascii(Box<ascii::Decoder>),
    Other(Box<dyn Decode>),
}

impl std::fmt::Debug for dyn Decode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("decoder")
    }
}

impl Codec {
    pub(super) fn decoder(&mut self) -> &mut dyn Decode {
        match self {
            Self::Ascii(decoder) => &mut **decoder,
            Self::Other(decoder) => &mut **decoder,
        }
    }

    pub(super) fn counts(&self) -> crate::device::Counts {
        match self {
            Self::Ascii(decoder) => decoder.counts(),
            Self::Other(decoder) => decoder.counts(),
        }
    }

    /// The facts of its frames, once they are known.
    pub(super) fn facts(
        &self,
        protocol: Protocol,
        options: &Options,
        width: usize,
        said: &str,
    ) -> Option<Facts> {
        match self {
            Self::Ascii(decoder) => facts::of_ascii(decoder),
            Self::Other(_) => (width > 0).then(|| facts::facts(protocol, options, width, said)),
        }
    }
}

/// How a decoder is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Form {
    pub(super) protocol: Protocol,
    /// Channels, 1 for the longer of two forms of a frame, or what [`trigno::Slots`] makes of its sensors.
    pub(super) number: usize,
}

impl Form {
    pub(super) fn codec(self, options: &Options) -> Codec {
        let n = self.number;
        let other: Box<dyn Decode> = match self.protocol {
            Protocol::Ascii | Protocol::Auto => return Codec::Ascii(Box::new(ascii::Decoder::new())),
            Protocol::Surae => Box::new(cobs::Decoder::new()),
            Protocol::Cyton | Protocol::CytonDaisy => Box::new(cyton::Decoder::new(n == 16, options.aux)),
            Protocol::Chords => Box::new(chords::Decoder::new(n)),
            Protocol::Backyard => Box::new(backyard::Decoder::new(n)),
            Protocol::Bitalino => Box::new(bitalino::Decoder::new(n)),
            Protocol::HackEeg => Box::new(hackeeg::Decoder::new()),
            Protocol::FreeEeg => Box::new(freeeeg::Decoder::new(n)),
            Protocol::Knight => Box::new(knight::Decoder::new(n == 1, options.little_endian)),
            Protocol::Trigno => Box::new(trigno::Decoder::emg()),
            Protocol::TrignoAux => Box::new(trigno::Decoder::aux_of(trigno::Slots::from_number(n))),
            Protocol::Lsl => Box::new(lsl::Decoder::new(options.rate_hz)),
        };
        Codec::Other(other)
    }
}

/// The forms that a device of this protocol may send in; `said` is what it told about itself.
pub(super) fn forms(protocol: Protocol, options: &Options, said: &str) -> Vec<Form> {
    let form = |protocol, number| Form { protocol, number };
    let one = |number| vec![form(protocol, number)];
    match protocol {
        Protocol::Cyton => one(if said.contains("On Daisy") { 16 } else { 8 }),
        Protocol::CytonDaisy => one(16),
        Protocol::Chords => {
            let board = options.board.or_else(|| said.lines().find_map(chords::Board::named));
            match options.channels.or(board.map(|board| board.channels)) {
                Some(channels) => one(channels),
                None => (1..=chords::MAX_CHANNELS).map(|n| form(protocol, n)).collect(),
            }
        }
        Protocol::Backyard => match options.channels {
            Some(channels) => one(channels),
            None => (1..=8).map(|n| form(protocol, n)).collect(),
        },
        Protocol::Bitalino => one(options.channels.unwrap_or(6)),
        Protocol::FreeEeg => vec![form(protocol, 32), form(protocol, 128)],
        Protocol::Knight => vec![form(protocol, 0), form(protocol, 1)],
        Protocol::TrignoAux => one(trigno::Slots::of(&trigno::told_aux(said)).number()),
        // What a running device may be sending; those with checks of their own first, lines of text last.
        Protocol::Auto => [
            Protocol::HackEeg,
            Protocol::Surae,
            Protocol::Cyton,
            Protocol::Chords,
            Protocol::FreeEeg,
            Protocol::Knight,
            Protocol::Backyard,
            Protocol::Ascii,
        ]
        .into_iter()
        .flat_map(|protocol| forms(protocol, options, said))
        .collect(),
        _ => one(0),
    }
}

/// One decoder on trial.
#[derive(Debug)]
struct Candidate {
    form: Form,
    codec: Codec,
    frames: u64,
    width: usize,
    /// Frames whose counter followed the one before.
    in_order: u64,
    counter: Option<u64>,
}

impl Candidate {
    fn push(&mut self, bytes: &[u8]) {
        let (frames, width, order, last) =
            (&mut self.frames, &mut self.width, &mut self.in_order, &mut self.counter);
        self.codec.decoder().push(bytes, &mut |item| {
            if let Item::Frame(frame) = item {
                *frames += 1;
                *width = frame.values.len();
                let follows =
                    frame.counter.zip(*last).is_none_or(|(now, last)| now == last + 1 || now < last);
                *order += u64::from(follows);
                *last = frame.counter;
            }
        });
    }

    /// Frames before one is believed.
    fn enough(&self) -> u64 {
        if matches!(self.codec, Codec::Ascii(_)) { 3 } else { 8 }
    }

    /// Part of the bytes that was understood.
    fn score(&self) -> f64 {
        let counts = self.codec.counts();
        if self.frames < self.enough() || counts.bytes == 0 || self.in_order * 2 < self.frames {
            return 0.0;
        }
        let lines = (counts.frames + counts.bad_frames).max(1) as f64;
        (1.0 - counts.skipped_bytes as f64 / counts.bytes as f64) * counts.frames as f64 / lines
    }
}

/// The trial of all candidates.
#[derive(Debug)]
pub(super) struct Learning {
    candidates: Vec<Candidate>,
    held: Vec<u8>,
    seen: usize,
}

impl Learning {
    pub(super) fn new(forms: &[Form], options: &Options) -> Self {
        let candidate = |form: &Form| Candidate {
            form: *form,
            codec: form.codec(options),
            frames: 0,
            width: 0,
            in_order: 0,
            counter: None,
        };
        Self { candidates: forms.iter().map(candidate).collect(), held: Vec::new(), seen: 0 }
    }

    /// Takes bytes; gives the form that fits and the number of values of its frames, once there is one.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<(Form, usize)> {
        self.seen += bytes.len();
        self.held.extend_from_slice(bytes);
        if self.held.len() > KEEP {
            self.held.drain(..KEEP / 2);
        }
        for candidate in &mut self.candidates {
            candidate.push(bytes);
        }
        // The first one of equals: fewer channels, and protocols with checks before those without.
        let mut best: Option<(&Candidate, f64)> = None;
        for candidate in &self.candidates {
            let score = candidate.score();
            if best.is_none_or(|(_, most)| score > most) {
                best = Some((candidate, score));
            }
        }
        let (candidate, score) = best?;
        let fits = score >= MOST || (score >= SOME && self.seen >= MUCH);
        fits.then_some((candidate.form, candidate.width))
    }

    /// What was read so far, for the decoder that was chosen.
    pub(super) fn into_held(self) -> Vec<u8> {
        self.held
    }

    pub(super) fn seen(&self) -> usize {
        self.seen
    }

    /// Frames and bad frames of the candidate that understood most.
    pub(super) fn frames(&self) -> u64 {
        self.candidates.iter().map(|candidate| candidate.frames).max().unwrap_or(0)
    }

    pub(super) fn held(&self) -> &[u8] {
        &self.held
    }
}

/// The protocol in which these bytes make sense, if any.
pub(super) fn identify(bytes: &[u8]) -> Option<Protocol> {
    let options = Options::default();
    let mut learning = Learning::new(&forms(Protocol::Auto, &options, ""), &options);
    learning.push(bytes).map(|(form, _)| form.protocol)
}
