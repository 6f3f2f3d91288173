use super::*;
use crate::device::golden::{frames_of, hex, survives_lost_bytes, survives_splits};

const CHANNELS: [f64; 8] = [1.0, -1.0, 8_388_607.0, -8_388_608.0, 0.0, 0.0, 0.0, 0.0];

#[test]
fn golden_samples_in_both_forms() {
    let json = b"{\"C\":200,\"D\":\"6AMAAAUAAADAAAAAAAH///9///+AAAAAAAAAAAAAAAAAAAA=\"}\n";
    let pack =
        hex("82a143ccc8a144c423e803000005000000c00000000001ffffff7fffff800000000000000000000000000000");
    for bytes in [&json[..], &pack] {
        let mut times = Vec::new();
        let mut decoder = Decoder::new();
        let mut take = |item: Item<'_>| {
            if let Item::Frame(frame) = item {
                times.push(frame.device_us);
            }
        };
        decoder.push(bytes, &mut take);
        decoder.idle(&mut take);
        assert_eq!(times, [Some(1000)]);
        let found = frames_of(&mut Decoder::new(), bytes);
        assert_eq!(found, [(Some(5), [&CHANNELS[..], &[0.0; 6]].concat())]);
    }
    let mut coded = Vec::new();
    encode(Style::JsonLines, 1000, 5, [0, 0], 0, &CHANNELS, &mut coded);
    assert_eq!(coded, json);
    coded.clear();
    encode(Style::MessagePack, 1000, 5, [0, 0], 0, &CHANNELS, &mut coded);
    assert_eq!(coded, pack);
}

#[test]
fn status_bits_are_told_apart() {
    let mut coded = Vec::new();
    encode(Style::MessagePack, 0, 0, [0b1000_0001, 0b0000_0010], 0b1001, &[0.0; 8], &mut coded);
    let (_, values) = frames_of(&mut Decoder::new(), &coded).remove(0);
    assert_eq!(values[8..], [129.0, 2.0, 1.0, 0.0, 0.0, 1.0]);
}

#[test]
fn replies_in_words_are_messages() {
    let mut texts = Vec::new();
    let bytes =
        b"Ready\r\n{\"STATUS_CODE\":200,\"STATUS_TEXT\":\"Ok\"}\r\n406 Error: Unrecognized command.\n";
    Decoder::new().push(bytes, &mut |item| {
        if let Item::Message(Message::Text(text)) = item {
            texts.push(text.to_owned());
        }
    });
    assert_eq!(
        texts,
        ["Ready", "{\"STATUS_CODE\":200,\"STATUS_TEXT\":\"Ok\"}", "406 Error: Unrecognized command."]
    );
}

#[test]
fn a_lost_byte_costs_at_most_one_sample_or_two_lines() {
    let frame = |style| {
        move |k: u32, out: &mut Vec<u8>| {
            encode(style, k * 4000, k, [0, 0], 0, &[f64::from(k); 4], out);
        }
    };
    survives_splits(Decoder::new, frame(Style::MessagePack));
    survives_splits(Decoder::new, frame(Style::JsonLines));
    survives_lost_bytes(Decoder::new, frame(Style::MessagePack), 1);
    // JSON: the checks are the counter's and the form's; lines have no checksum. A lost line end costs two lines.
    let (mut bytes, mut events) = (Vec::new(), 0);
    for k in 0..4000 {
        let from = bytes.len();
        frame(Style::JsonLines)(k, &mut bytes);
        if k % 100 == 50 {
            bytes.remove(from + (k / 100) as usize % (bytes.len() - from));
            events += 1;
        }
    }
    let found = frames_of(&mut Decoder::new(), &bytes);
    assert!((4000 - 2 * events..=4000 - events).contains(&found.len()), "{}", found.len());
}
