use super::*;
use crate::device::golden::{frames_of, hex, survives_lost_bytes, survives_splits};

/// Bit by bit, as the maker's interface computes it: a second way to the same checksum.
fn crc4_by_bits(frame: &[u8]) -> u8 {
    let mut crc = 0_u8;
    for (at, byte) in frame.iter().enumerate() {
        let byte = if at + 1 == frame.len() { byte & 0xf0 } else { *byte };
        for bit in (0..8).rev() {
            crc <<= 1;
            if crc & 0x10 != 0 {
                crc ^= 0x13;
            }
            crc ^= byte >> bit & 1;
        }
    }
    crc & 0x0f
}

#[test]
fn golden_frames() {
    let golden: [(&str, u64, [f64; 4], &[f64]); 5] = [
        ("2c01a857", 5, [1.0, 0.0, 1.0, 0.0], &[512.0, 300.0]),
        ("4641c00002040095", 9, [0.0; 4], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ("fc1f06", 0, [0.0, 0.0, 0.0, 1.0], &[1023.0]),
        ("408000fc8ff2", 15, [1.0, 0.0, 0.0, 0.0], &[1023.0, 0.0, 513.0]),
        ("c0ebff0006403f", 3, [0.0, 1.0, 0.0, 0.0], &[1.0, 512.0, 1023.0, 700.0]),
    ];
    for (bytes, counter, digital, analog) in golden {
        let bytes = hex(bytes);
        assert_eq!(crc4(&bytes), crc4_by_bits(&bytes));
        let found = frames_of(&mut Decoder::new(analog.len()), &bytes);
        assert_eq!(found, [(Some(counter), [analog, &digital].concat())]);
        let mut coded = Vec::new();
        encode(counter as u8, analog, digital.map(|line| line > 0.0), &mut coded);
        assert_eq!(coded, bytes);
    }
}

fn frame(channels: u32) -> impl Fn(u32, &mut Vec<u8>) {
    move |k, out| {
        let values: Vec<f64> = (0..channels).map(|c| f64::from((k * 37 + c * 211) % 1024)).collect();
        encode((k & 0x0f) as u8, &values, [k & 64 != 0, false, true, false], out);
    }
}

#[test]
fn every_split_gives_the_same_frames() {
    for channels in 1..=6 {
        survives_splits(|| Decoder::new(channels), frame(channels as u32));
    }
}

/// At most one frame for each lost byte, and what a checksum of four bits lets through is counted.
#[test]
fn a_lost_byte_costs_at_most_one_frame() {
    for channels in [2, 4, 6] {
        survives_lost_bytes(|| Decoder::new(channels), frame(channels as u32), 0);
    }
}

#[test]
fn a_flipped_bit_is_found() {
    let mut bytes = Vec::new();
    (0..400).for_each(|k| frame(4)(k, &mut bytes));
    for event in 1..40 {
        let at = event * 69;
        bytes[at] ^= 1 << (event % 8);
    }
    let mut decoder = Decoder::new(4);
    let found = frames_of(&mut decoder, &bytes);
    // A change of one bit never passes this checksum.
    assert_eq!(found.len(), 400 - 39);
    assert_eq!(decoder.counts().bad_frames, 39);
}

#[test]
fn noise_passes_rarely() {
    let mut state = 1_u64;
    let noise: Vec<u8> = (0..200_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect();
    // Eight checksums and seven counters of four bits each: 2^-60 for each byte.
    assert!(frames_of(&mut Decoder::new(4), &noise).is_empty());
}

#[test]
fn commands_and_volts() {
    assert_eq!(rate_command(1000.0), Some(0xc3));
    assert_eq!(rate_command(500.0), None);
    assert_eq!(start_command(4), 0b0011_1101);
    assert!((emg_mv(0.0, 10) + 1.635_3).abs() < 1e-4);
    assert_eq!(emg_mv(512.0, 10), 0.0);
}

/// A frame lost on the radio leaves the bytes whole: the frames around it are sound, and only the counter jumps.
#[test]
fn a_frame_lost_on_the_radio_costs_no_other() {
    let mut bytes = Vec::new();
    let sent: Vec<u32> = (0..400).filter(|n| *n < 20 || n % 41 != 40).collect();
    for n in &sent {
        encode(*n as u8, &[f64::from(n % 1000), f64::from(n / 3)], [false; 4], &mut bytes);
    }
    let found = frames_of(&mut Decoder::new(2), &bytes);
    let values: Vec<f64> = found.iter().map(|(_, values)| values[0]).collect();
    assert_eq!(values, sent.iter().map(|n| f64::from(n % 1000)).collect::<Vec<_>>());
}
