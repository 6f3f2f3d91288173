use super::*;
use crate::device::ascii::{Encoder, Faults, Style};
use proptest::prelude::*;

type Row = (Vec<u64>, Option<u64>, Option<u64>, bool);

/// Frames with values as bits, so that `NaN` compares.
fn decode(mut decoder: Decoder, chunks: &[&[u8]]) -> (Vec<Row>, Counts) {
    let mut rows = Vec::new();
    for chunk in chunks {
        decoder.push(chunk, &mut |f| {
            rows.push((
                f.values.iter().map(|v| v.to_bits()).collect(),
                f.counter,
                f.device_us,
                f.clock_reset,
            ));
        });
    }
    (rows, decoder.counts())
}

fn names() -> Vec<String> {
    ["n", "micros", "MG", "SOL"].map(str::to_owned).to_vec()
}

/// A stream of `frames` frames at 1 kHz as the encoder writes it; values are exact in decimal.
fn encoded(frames: u64, style: Style, faults: Faults) -> Vec<u8> {
    let mut encoder = Encoder::new(names(), style, faults);
    let mut bytes = Vec::new();
    for k in 0..frames {
        let x = k as f64;
        encoder.frame(&[x, 1000.0 * x, 500.0 + (x * 37.0) % 91.0, 0.25 * x], &mut bytes);
    }
    bytes
}

fn value(row: &Row, at: usize) -> f64 {
    f64::from_bits(row.0[at])
}

#[test]
fn what_the_encoder_writes_the_decoder_reads() {
    for style in [Style::Labelled, Style::Header] {
        for faults in [
            Faults::default(),
            Faults { crlf: true, ..Faults::default() },
            Faults { decimal_comma: true, ..Faults::default() },
        ] {
            let bytes = encoded(50, style, faults);
            let (rows, counts) = decode(Decoder::from_start(), &[&bytes]);
            assert_eq!(rows.len(), 50);
            assert_eq!(counts.frames, 50);
            assert_eq!((counts.bad_frames, counts.bad_values, counts.skipped_bytes), (0, 0, 0));
            for (k, row) in rows.iter().enumerate() {
                let x = k as f64;
                assert_eq!((value(row, 0), value(row, 1)), (500.0 + (x * 37.0) % 91.0, 0.25 * x));
                assert_eq!((row.1, row.2), (Some(k as u64), Some(1000 * k as u64)));
            }
        }
    }
}

#[test]
fn any_two_way_split_and_single_bytes_give_the_same_frames() {
    let faults =
        Faults { nan_every: 7, fuse_every: 11, partial_first: true, crlf: true, ..Faults::default() };
    let bytes = encoded(40, Style::Labelled, faults);
    let whole = decode(Decoder::new(), &[&bytes]);
    for at in 0..=bytes.len() {
        assert_eq!(decode(Decoder::new(), &[&bytes[..at], &bytes[at..]]), whole, "split at {at}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(decode(Decoder::new(), &single), whole);
}

#[test]
fn one_lost_byte_spoils_at_most_two_lines_wherever_it_is() {
    for style in [Style::Labelled, Style::Header] {
        let bytes = encoded(30, style, Faults::default());
        let (clean, _) = decode(Decoder::from_start(), &[&bytes]);
        let columns_known = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(3).expect("lines").0;
        for lost in columns_known..bytes.len() {
            let (rows, _) = decode(Decoder::from_start(), &[&bytes[..lost], &bytes[lost + 1..]]);
            let kept = clean.iter().filter(|row| rows.iter().any(|r| r.0 == row.0 && r.1 == row.1)).count();
            assert!(kept + 2 >= clean.len(), "byte {lost}: {kept} of {} lines kept", clean.len());
            assert!(rows.len() <= clean.len());
        }
    }
}

#[test]
fn missing_tokens_are_counted_and_are_nan() {
    let bytes = b"MG:1,SOL:2\nMG:1,SOL:2\nMG:NaN,SOL:2\nMG:-,SOL:2\nMG:,SOL:2\nMG:12abc,SOL:2\nSOL:3\n";
    let (rows, counts) = decode(Decoder::from_start(), &[bytes]);
    assert_eq!(rows.len(), 7);
    assert!(rows[2..].iter().all(|row| value(row, 0).is_nan()));
    assert_eq!((counts.missing_values, counts.bad_values, counts.bad_frames), (4, 1, 0));
}

#[test]
fn fused_and_foreign_lines_are_counted_not_used() {
    let bytes = b"1,2\n3,4\n5,67,8\n9,10\nhello world\n11\n12,13\n";
    let (rows, counts) = decode(Decoder::from_start(), &[bytes]);
    let first: Vec<f64> = rows.iter().map(|row| value(row, 0)).collect();
    assert_eq!(first, [1.0, 3.0, 9.0, 12.0]);
    assert_eq!(counts.bad_frames, 3);
}

#[test]
fn a_damaged_first_line_does_not_name_the_channels() {
    let mut decoder = Decoder::new();
    decoder.push(b"xx\nG:1,SOL:2\nMG:1,SOL:2\nMG:3,SOL:4\n", &mut |_| {});
    assert_eq!(decoder.columns().expect("known").names, ["MG", "SOL"]);
    assert_eq!(decoder.counts().bad_frames, 1);
    let layout = decoder.layout("ascii", 1000.0).expect("known");
    assert_eq!(layout.channels[0].role.muscle, Some(surae_trial::Muscle::MG));
}

#[test]
fn a_slow_channel_that_rides_along_is_learnt() {
    let mut encoder =
        Encoder::new(["MG", "SOL", "knee"].map(str::to_owned).to_vec(), Style::Labelled, Faults::default());
    let mut bytes = Vec::new();
    for k in 0..100u32 {
        let knee = k.is_multiple_of(20).then_some(f64::from(k));
        encoder.sparse([Some(1.0), Some(2.0), knee].into_iter(), &mut bytes);
    }
    let mut knees = Vec::new();
    let mut decoder = Decoder::from_start().learning(64);
    decoder.push(&bytes, &mut |frame| knees.extend(frame.values.get(2).copied().filter(|v| v.is_finite())));
    assert_eq!(knees, [0.0, 20.0, 40.0, 60.0, 80.0]);
    assert_eq!((decoder.counts().frames, decoder.counts().bad_frames), (100, 0));
    // Without learning the two first lines decide and the rest is counted.
    let (_, counts) =
        decode(Decoder::from_start(), &[&bytes[bytes.iter().position(|b| *b == b'\n').unwrap() + 1..]]);
    assert_eq!((counts.frames, counts.bad_values), (99, 4));
}

#[test]
fn clocks_unwrap_and_restart() {
    let wrap = (1u64 << 32) as f64;
    let mut errors = 0;
    let mut clock = Clock::default();
    let us = ClockUnit::Microseconds;
    assert_eq!(clock.read(wrap - 1000.0, us, &mut errors), (Some((1 << 32) - 1000), false));
    assert_eq!(clock.read(500.0, us, &mut errors), (Some((1 << 32) + 500), false));
    assert_eq!(clock.read(400.0, us, &mut errors), (None, false));
    assert_eq!(errors, 1);
    assert_eq!(clock.read(1500.0, us, &mut errors), (Some((1 << 32) + 1500), false));
    for time in [10.0, 110.0] {
        assert_eq!(clock.read(time, us, &mut errors), (None, false));
    }
    assert_eq!(clock.read(210.0, us, &mut errors), (Some(210), true));
    let mut millis = Clock::default();
    assert_eq!(millis.read(7.0, ClockUnit::Milliseconds, &mut errors), (Some(7000), false));
}

#[test]
fn every_fault_has_a_name_and_bad_names_are_refused() {
    for (name, _) in Faults::NAMES {
        let mut faults = Faults::default();
        let value = match name {
            "hole" => "3..9",
            "partial-first" | "crlf" | "decimal-comma" => "true",
            _ => "5",
        };
        faults.set(name, value).expect(name);
        assert_ne!(faults, Faults::default(), "{name}");
    }
    assert!(Faults::default().set("nope", "1").expect_err("unknown").contains("faults:"));
    assert!(Faults::default().set("hole", "x").is_err());
    let bytes = encoded(20, Style::Labelled, Faults { hole: Some((5, 9)), ..Faults::default() });
    let (rows, _) = decode(Decoder::from_start(), &[&bytes]);
    let counters: Vec<u64> = rows.iter().filter_map(|row| row.1).collect();
    assert_eq!(counters.len(), 16);
    assert_eq!((counters[4], counters[5]), (4, 9));
}

proptest! {
    #[test]
    fn any_bytes_in_any_split_are_answered_alike(
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b','), Just(b':'), b'0'..=b'9'], 0..600),
        cut in 0usize..600,
    ) {
        let cut = cut.min(bytes.len());
        let whole = decode(Decoder::new(), &[&bytes]);
        let split = decode(Decoder::new(), &[&bytes[..cut], &bytes[cut..]]);
        prop_assert_eq!(&whole, &split);
        prop_assert_eq!(whole.1.bytes, bytes.len() as u64);
        prop_assert_eq!(whole.1.frames, whole.0.len() as u64);
    }
}
