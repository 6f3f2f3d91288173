use super::*;
use crate::device::golden::{frames_of, hex, survives_lost_bytes, survives_splits};

type Said = (Vec<Vec<f64>>, Vec<u32>, Vec<String>);

fn said(channels: usize, pieces: &[&[u8]]) -> Said {
    let mut decoder = Decoder::new(channels);
    let (mut frames, mut markers, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        decoder.push(piece, &mut |item| match item {
            Item::Frame(frame) => frames.push(frame.values.to_vec()),
            Item::Message(Message::Marker(code)) => markers.push(code),
            Item::Message(Message::Text(text)) => texts.push(text.to_owned()),
            Item::Message(Message::Estimated) => unreachable!("the protocol has no stamps"),
        });
    }
    (frames, markers, texts)
}

#[test]
fn golden_frames_and_messages() {
    assert_eq!(frames_of(&mut Decoder::new(2), &hex("8400053c")), [(None, vec![512.0, 700.0])]);
    assert_eq!(frames_of(&mut Decoder::new(1), &hex("c000")), [(None, vec![8192.0])]);
    let (_, _, texts) = said(2, &[&hex("ffff010180ff4857543a4d5553434c4553533bffff010181ff")]);
    assert_eq!(texts, ["HWT:MUSCLESS"]);
    let (frames, markers, _) = said(2, &[&hex("8400053cffff010180ff45564e543a333bffff010181ff8401053d")]);
    assert_eq!(frames, [[512.0, 700.0], [513.0, 701.0]]);
    assert_eq!(markers, [3]);
}

#[test]
fn a_message_may_cut_a_frame() {
    let mut bytes = hex("8400");
    encode_message("EVNT:7;", &mut bytes);
    bytes.extend(hex("053c"));
    for at in 0..bytes.len() {
        let (frames, markers, _) = said(2, &[&bytes[..at], &bytes[at..]]);
        assert_eq!((frames, markers), (vec![vec![512.0, 700.0]], vec![7]), "split at {at}");
    }
}

#[test]
fn a_lost_byte_costs_one_frame() {
    for channels in [1, 2, 4, 6] {
        // 14 bits: values near the upper rail begin with FF.
        let frame = move |k: u32, out: &mut Vec<u8>| {
            let values: Vec<f64> = (0..channels).map(|c| f64::from((k * 97 + c * 8000) % 16384)).collect();
            encode(&values, out);
        };
        survives_lost_bytes(|| Decoder::new(channels as usize), frame, 1);
        survives_splits(|| Decoder::new(channels as usize), frame);
    }
}

/// A byte lost anywhere in a message or next to it: at most one frame is missing, none is made up.
#[test]
fn a_byte_lost_in_a_message_makes_up_no_frame() {
    for channels in [1_u32, 2, 6] {
        let sent =
            |k: u32| (0..channels).map(|c| f64::from((k * 531 + c * 77) % 16384)).collect::<Vec<f64>>();
        let (mut bytes, mut from, mut to) = (Vec::new(), 0, 0);
        for k in 0..40 {
            if k == 20 {
                from = bytes.len();
                encode_message("EVNT:3;", &mut bytes);
                to = bytes.len();
            }
            encode(&sent(k), &mut bytes);
        }
        for lost in from..to {
            let mut cut = bytes.clone();
            cut.remove(lost);
            let (frames, ..) = said(channels as usize, &[&cut]);
            assert!(frames.len() >= 39, "byte {} of the message: {} frames", lost - from, frames.len());
            let mut rest = (0..40).map(sent);
            for frame in &frames {
                assert!(rest.any(|other| other == *frame), "{frame:?} was never sent (byte {})", lost - from);
            }
        }
    }
}

#[test]
fn noise_is_bounded() {
    let noise: Vec<u8> = (0..100_000_u32).map(|k| (k.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut decoder = Decoder::new(3);
    decoder.push(&noise, &mut |_| {});
    assert!(decoder.frame.len() <= 6 && decoder.escape.len() <= 6);
    assert!(decoder.text.as_ref().is_none_or(|text| text.len() <= MAX_TEXT));
}
