use super::*;
use crate::device::golden::{frames_of, hex, survives_lost_bytes, survives_splits};

#[test]
fn golden_codes_and_checksums() {
    for (data, code) in [
        ("", "01"),
        ("00", "0101"),
        ("0000", "010101"),
        ("11220033", "0311220233"),
        ("11223344", "0511223344"),
        ("11000000", "0211010101"),
        ("01070040e2010002e803feffd284", "0301070440e2010802e803feffd284"),
    ] {
        let (data, code) = (hex(data), hex(code));
        let mut coded = Vec::new();
        encode(&data, &mut coded);
        assert_eq!(coded, code);
        let mut decoded = Vec::new();
        decode(&code, &mut decoded).expect("a code");
        assert_eq!(decoded, data);
    }
    // The check value of CRC-16/IBM-3740 in the catalogue of parametrised CRC algorithms.
    assert_eq!(crc16(b"123456789"), 0x29b1);
}

/// Blocks of 254 bytes without a zero take another overhead byte.
#[test]
fn long_runs_come_back() {
    for length in [253, 254, 255, 508, 509, 600] {
        for gap in [0, 7, 254] {
            let data: Vec<u8> =
                (0..length).map(|k| if gap > 0 && k % gap == 0 { 0 } else { (k % 255) as u8 + 1 }).collect();
            let mut code = Vec::new();
            encode(&data, &mut code);
            assert!(!code.contains(&0) && code.len() <= data.len() + data.len() / 254 + 1);
            let mut decoded = Vec::new();
            decode(&code, &mut decoded).expect("a code");
            assert_eq!(decoded, data, "{length} bytes, a zero every {gap}");
        }
    }
}

#[test]
fn the_reference_frame_is_the_golden_one() {
    let golden = hex("0301070440e2010802e803feffd28400");
    let mut bytes = Vec::new();
    Encoder::default().frame(7, 123_456, &[1000.0, -2.0], &mut bytes);
    assert_eq!(bytes, golden);
    let mut decoder = Decoder::new();
    let mut times = Vec::new();
    decoder.push(&golden, &mut |item| {
        if let Item::Frame(frame) = item {
            times.push(frame.device_us);
        }
    });
    assert_eq!(times, [Some(123_456)]);
    assert_eq!(frames_of(&mut Decoder::new(), &golden), [(Some(7), vec![1000.0, -2.0])]);
}

/// A lost zero byte costs nothing: both frames are still found by their checksums.
#[test]
fn a_lost_byte_costs_at_most_one_frame() {
    let frame = |k: u32, out: &mut Vec<u8>| {
        Encoder::default().frame(k as u16, k * 500, &[f64::from(k % 300), 0.0, -1.0], out);
    };
    survives_lost_bytes(Decoder::new, frame, 0);
    survives_splits(Decoder::new, frame);
}
