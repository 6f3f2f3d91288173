//! What the tests of every decoder share: bytes from hexadecimal, and the trials that each must survive.

use super::{Decode, Item};

/// A frame's counter and values.
pub(crate) type Found = (Option<u64>, Vec<f64>);

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("two digits"))
        .collect()
}

/// The frames in `bytes`, the waiting one included.
pub(crate) fn frames_of(decoder: &mut dyn Decode, bytes: &[u8]) -> Vec<Found> {
    pieces_of(decoder, &[bytes])
}

fn pieces_of(decoder: &mut dyn Decode, pieces: &[&[u8]]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut take = |item: Item<'_>| {
        if let Item::Frame(frame) = item {
            found.push((frame.counter, frame.values.to_vec()));
        }
    };
    for piece in pieces {
        decoder.push(piece, &mut take);
    }
    decoder.idle(&mut take);
    found
}

/// 4000 frames, one byte lost in every hundredth, at every place of a frame in turn: of each such frame at most one is lost, at
/// least `least` (0 where a lost byte may cost nothing), and none is made up.
pub(crate) fn survives_lost_bytes<D: Decode>(
    decoder: impl Fn() -> D,
    frame: impl Fn(u32, &mut Vec<u8>),
    least: usize,
) {
    let (mut bytes, mut events) = (Vec::new(), 0);
    for k in 0..4000 {
        let from = bytes.len();
        frame(k, &mut bytes);
        if k % 100 == 50 {
            let place = from + (k / 100) as usize % (bytes.len() - from);
            bytes.remove(place);
            events += 1;
        }
    }
    let mut clean = Vec::new();
    for k in 0..4000 {
        frame(k, &mut clean);
    }
    let sent = frames_of(&mut decoder(), &clean);
    assert_eq!(sent.len(), 4000, "an undamaged stream arrives whole");
    let found = frames_of(&mut decoder(), &bytes);
    let lost = sent.len() - found.len();
    assert!((least * events..=events).contains(&lost), "{lost} frames lost by {events} lost bytes");
    // Every frame found is one of those sent, in their order.
    let mut rest = sent.iter();
    for one in &found {
        assert!(rest.any(|other| other == one), "{one:?} was never sent");
    }
}

/// Every split in two of a short stream, and single bytes.
pub(crate) fn survives_splits<D: Decode>(decoder: impl Fn() -> D, frame: impl Fn(u32, &mut Vec<u8>)) {
    let mut bytes = Vec::new();
    for k in 0..12 {
        frame(k, &mut bytes);
    }
    let whole = frames_of(&mut decoder(), &bytes);
    assert!(!whole.is_empty());
    for at in 0..=bytes.len() {
        assert_eq!(pieces_of(&mut decoder(), &[&bytes[..at], &bytes[at..]]), whole, "split at {at}");
    }
    let singles: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(pieces_of(&mut decoder(), &singles), whole);
}
