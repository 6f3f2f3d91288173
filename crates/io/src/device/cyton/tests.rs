use super::*;
use crate::device::golden::{frames_of, hex, survives_lost_bytes, survives_splits};
use crate::device::{Decode, Item, Message};

const ACCELERATION: &str = "a0010003e8fffc187fffff80000000a0c0ffffff0000000000011000e0000064c0";

#[test]
fn the_golden_frame_gives_the_golden_microvolts() {
    let found = frames_of(&mut Decoder::new(false, Aux::Acceleration), &hex(ACCELERATION));
    let (counter, values) = &found[0];
    assert_eq!(*counter, Some(1));
    // From BrainFlow's decoder at gain 24, over a pseudo-terminal.
    let expected = [
        22.35174445530706,
        -22.35174445530706,
        187500.0,
        -187500.02235174447,
        919.8189878247961,
        -0.022351744455307063,
        0.0,
        0.022351744455307063,
    ];
    for (count, uv) in values.iter().zip(expected) {
        assert!((count * uv_per_count(GAIN) - uv).abs() <= 1e-9 * uv.abs(), "{count} {uv}");
    }
    for (g, expected) in values[8..].iter().zip([0.512, -1.024, 0.0125]) {
        assert!((g - expected).abs() < 1e-12);
    }
}

#[test]
fn auxiliary_bytes_are_read_by_board_mode() {
    let zeros = "00".repeat(24);
    let frame = |head: &str, tail: &str| hex(&format!("{head}{zeros}{tail}"));
    let read = |aux, bytes: &[u8]| frames_of(&mut Decoder::new(false, aux), bytes).remove(0).1[8..].to_vec();
    assert_eq!(read(Aux::Analog, &frame("a002", "0200012c03ffc1")), [512.0, 300.0, 1023.0]);
    assert_eq!(read(Aux::Digital, &frame("a003", "010000010001c1")), [1.0, 0.0, 0.0, 1.0, 1.0]);
    let timed = read(Aux::Acceleration, &frame("a007", "10000001e240c4"));
    assert!((timed[0] - 0.512).abs() < 1e-12 && timed[1].is_nan() && timed[2].is_nan());
    // One axis at exactly zero is still a reading.
    assert_eq!(read(Aux::Acceleration, &frame("a002", "00001f40e0c0c0")), [0.0, 1.0, -1.0]);
    assert!(read(Aux::Acceleration, &frame("a002", "000000000000c0")).iter().all(|v| v.is_nan()));
    let mut markers = Vec::new();
    Decoder::new(false, Aux::Marker).push(
        &[frame("a001", "000000000000c0"), frame("a002", "004100000000c1")].concat(),
        &mut |item| {
            if let Item::Message(Message::Marker(marker)) = item {
                markers.push(marker);
            }
        },
    );
    assert_eq!(markers, [0x41]);
}

#[test]
fn the_encoder_writes_golden_bytes() {
    let mut bytes = Vec::new();
    let counts = [1000.0, -1000.0, 8_388_607.0, -8_388_608.0, 41152.0, -1.0, 0.0, 1.0];
    Encoder::starting_at(1).frame(&counts, AuxValues::Acceleration([0.512, -1.024, 0.0125]), &mut bytes);
    assert_eq!(bytes, hex(ACCELERATION));
}

/// Channels stuck on the header and the end byte, in both orders, and on the rails.
#[test]
fn a_lost_byte_costs_one_frame_also_with_channels_stuck_on_header_bytes() {
    for stuck in [0x00a0c0, 0x00c0a0, 0xa0c0a0 - (1 << 24), 0xc0a0c0 - (1 << 24)] {
        let frame = move |k: u32, out: &mut Vec<u8>| {
            let stuck = f64::from(stuck);
            let counts = [stuck, f64::from(k), stuck, stuck, -f64::from(k), stuck, 8_388_607.0, stuck];
            Encoder::starting_at(k as u8).frame(&counts, AuxValues::None, out);
        };
        survives_lost_bytes(|| Decoder::new(false, Aux::Marker), frame, 1);
        survives_splits(|| Decoder::new(false, Aux::Marker), frame);
    }
}

#[test]
fn daisy_pairs_go_by_parity() {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::starting_at(0);
    for k in 0..40_u32 {
        // Frame 21 is lost: the first half of pair 21, 22.
        if k == 21 {
            encoder.skip();
            continue;
        }
        encoder.frame(&[f64::from(k); 8], AuxValues::None, &mut bytes);
    }
    let mut decoder = Decoder::new(true, Aux::Acceleration);
    let found = frames_of(&mut decoder, &bytes);
    let expected: Vec<u64> = (0..19).filter(|pair| *pair != 10).collect();
    assert_eq!(found.iter().map(|(counter, _)| counter.expect("counted")).collect::<Vec<_>>(), expected);
    for (counter, values) in found {
        let odd = 2.0 * counter.expect("counted") as f64 + 1.0;
        assert_eq!(values[..8], [odd; 8]);
        assert_eq!(values[8..16], [odd + 1.0; 8]);
    }
}

#[test]
fn the_emulated_board_answers_the_opening() {
    for daisy in [false, true] {
        let mut board = Responder::new(daisy);
        for command in opening(daisy, Aux::Analog) {
            let mut reply = Vec::new();
            board.receive(command.send, &mut reply);
            if let Some(expected) = command.expect {
                let text = String::from_utf8(reply).expect("ASCII");
                assert!(text.contains(expected) && text.ends_with("$$$"), "{text}");
            }
        }
        assert!(board.streaming);
        assert_eq!(board.aux(), Aux::Analog);
    }
}
