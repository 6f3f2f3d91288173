//! Device decoders: any split of the bytes gives the same frames, and every byte is counted. `crates/io/fuzz` asks for it too.

use surae_io::device::{
    Counts, Decode, Item, Message, ascii, backyard, bitalino, chords, cobs, cyton, freeeeg, hackeeg, knight,
    lsl, trigno,
};

/// Makes a decoder in its first state.
pub type Make = fn() -> Box<dyn Decode>;
/// Appends frame number k as the emulator sends it.
type Send = fn(u32, &mut Vec<u8>);

/// Each decoder with the frames that its targets start from.
pub const DECODERS: [(&str, Make, Send); 17] = [
    (
        "ascii",
        || Box::new(ascii::Decoder::new()),
        |k, out| out.extend(format!("{},{}\r\n", 512 + k % 7, 300 - k % 5).as_bytes()),
    ),
    (
        "ascii-labelled",
        || Box::new(ascii::Decoder::from_start()),
        |k, out| {
            out.extend(format!("MG:{},SOL:{},knee:{}.5\n", 512 + k % 7, 300 - k % 5, k % 60).as_bytes());
        },
    ),
    (
        "backyard",
        || Box::new(backyard::Decoder::new(2)),
        |k, out| {
            backyard::encode(&values(k, 2, 1000), out);
            if k == 10 {
                backyard::encode_message("EVNT:1;", out);
            }
        },
    ),
    (
        "bitalino",
        || Box::new(bitalino::Decoder::new(6)),
        |k, out| {
            bitalino::encode(k as u8 & 15, &values(k, 6, 60), [k % 2 == 0, false, true, false], out);
        },
    ),
    (
        "bitalino-1",
        || Box::new(bitalino::Decoder::new(1)),
        |k, out| bitalino::encode(k as u8 & 15, &values(k, 1, 1000), [false; 4], out),
    ),
    (
        "chords",
        || Box::new(chords::Decoder::new(6)),
        |k, out| chords::encode(k as u8, &values(k, 6, 4000), out),
    ),
    (
        "cobs",
        || Box::new(cobs::Decoder::new()),
        |k, out| cobs::Encoder::default().frame(k as u16, k * 500, &values(k, 4, 30_000), out),
    ),
    (
        "cyton",
        || Box::new(cyton::Decoder::new(false, cyton::Aux::Acceleration)),
        |k, out| {
            cyton::Encoder::starting_at(k as u8).frame(
                &values(k, 8, 100_000),
                cyton::AuxValues::Acceleration([0.1, 0.2, 0.9]),
                out,
            );
        },
    ),
    (
        "cyton-daisy",
        || Box::new(cyton::Decoder::new(true, cyton::Aux::Marker)),
        |k, out| {
            cyton::Encoder::starting_at(k as u8).frame(
                &values(k, 8, 100_000),
                cyton::AuxValues::Marker(k as u16 % 9),
                out,
            );
        },
    ),
    (
        "freeeeg",
        || Box::new(freeeeg::Decoder::new(32)),
        |k, out| freeeeg::encode(k as u8, &values(k, 32, 100_000), 0, out),
    ),
    (
        "hackeeg-lines",
        || Box::new(hackeeg::Decoder::new()),
        |k, out| {
            hackeeg::encode(hackeeg::Style::JsonLines, k * 500, k, [0; 2], 1, &values(k, 8, 100_000), out);
        },
    ),
    (
        "hackeeg-msgpack",
        || Box::new(hackeeg::Decoder::new()),
        |k, out| {
            hackeeg::encode(hackeeg::Style::MessagePack, k * 500, k, [0; 2], 1, &values(k, 8, 100_000), out);
        },
    ),
    (
        "knight",
        || Box::new(knight::Decoder::new(false, false)),
        |k, out| knight::encode(k as u8, &values(k, 8, 30_000), [0; 2], &[], out),
    ),
    (
        "knight-imu",
        || Box::new(knight::Decoder::new(true, true)),
        |k, out| {
            knight::encode(k as u8, &values(k, 8, 30_000), [0; 2], &values(k, 9, 300), out);
        },
    ),
    ("trigno", || Box::new(trigno::Decoder::emg()), |k, out| trigno::encode(&values(k, 16, 3), 16, out)),
    (
        "trigno-aux",
        || Box::new(trigno::Decoder::aux()),
        |k, out| trigno::encode(&values(k, 144, 3), 144, out),
    ),
    (
        "lsl",
        || Box::new(lsl::Decoder::new(None)),
        |k, out| lsl::encode(100.0, f64::from(k + k / 20) * 0.01, false, &values(k, 4, 300), out),
    ),
];

fn values(k: u32, channels: u32, most: u32) -> Vec<f64> {
    (0..channels).map(|channel| f64::from((k * 31 + channel * 17) % most)).collect()
}

/// Streams that a device sends, whole and with bytes lost.
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    let Some((_, _, send)) = DECODERS.iter().find(|(known, _, _)| *known == name) else { return Vec::new() };
    let mut whole = Vec::new();
    (0..40).for_each(|k| send(k, &mut whole));
    let mut torn = whole.clone();
    for at in [whole.len() / 3, whole.len() / 2] {
        torn.remove(at);
    }
    vec![whole, torn]
}

/// What a decoder handed out, in a form that can be compared: `NaN` by its bits.
#[derive(PartialEq)]
enum Told {
    Frame(Vec<u64>, Option<u64>, Option<u64>, bool),
    Marker(u32),
    Text(String),
    Estimated,
}

fn told(decoder: &mut dyn Decode, pieces: &[&[u8]]) -> (Vec<Told>, Counts) {
    let mut all = Vec::new();
    let mut take = |item: Item<'_>| {
        all.push(match item {
            Item::Frame(frame) => Told::Frame(
                frame.values.iter().map(|value| value.to_bits()).collect(),
                frame.counter,
                frame.device_us,
                frame.clock_reset,
            ),
            Item::Message(Message::Marker(code)) => Told::Marker(code),
            Item::Message(Message::Text(text)) => Told::Text(text.to_owned()),
            Item::Message(Message::Estimated) => Told::Estimated,
        });
    };
    for piece in pieces {
        decoder.push(piece, &mut take);
    }
    decoder.idle(&mut take);
    (all, decoder.counts())
}

/// The first byte of the input says where the rest is cut.
pub fn any_split_is_the_same(make: Make, data: &[u8]) {
    let Some((step, bytes)) = data.split_first() else { return };
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(*step).max(1)).collect();
    let (whole, counts) = told(&mut *make(), &[bytes]);
    let (split, again) = told(&mut *make(), &pieces);
    assert!(counts.bytes == bytes.len() as u64 && again.bytes == counts.bytes, "every byte is counted");
    let frames = whole.iter().filter(|item| matches!(item, Told::Frame(..))).count();
    // Two frames of a Daisy on the wire are one frame of the layout.
    assert!(counts.frames >= frames as u64, "every frame is counted");
    assert!(
        whole == split && counts == again,
        "cut every {step} bytes: other frames, {counts:?} and {again:?}"
    );
}
