//! Every fault of a wire against every protocol: what is lost is counted, nothing is made up, nothing panics.

use super::*;
use crate::device::faults::{Faults, Wire};
use crate::device::twin::{AsciiClock, Twin};

const DEVICES: [Protocol; 10] = [
    Protocol::Ascii,
    Protocol::Surae,
    Protocol::Cyton,
    Protocol::CytonDaisy,
    Protocol::Chords,
    Protocol::Backyard,
    Protocol::Bitalino,
    Protocol::HackEeg,
    Protocol::FreeEeg,
    Protocol::Knight,
];

fn twin(protocol: Protocol) -> Twin {
    if protocol == Protocol::Ascii {
        let clock = AsciiClock { counter: true, time: true };
        return Twin::ascii(&["RMG".to_owned(), "RSOL".to_owned()], clock, Default::default());
    }
    Twin::new(protocol, Options::default(), 2)
}

struct Outcome {
    sent: Vec<Vec<f64>>,
    found: Vec<Vec<f64>>,
    markers: usize,
    counts: Counts,
    hit: u64,
    bytes: usize,
}

/// 3000 frames over a wire with faults, after the conversation that starts the device.
fn over(protocol: Protocol, faults: &[(&str, &str)]) -> Outcome {
    let mut set = Faults::default();
    for (name, value) in faults {
        assert_eq!(set.set(name, value), Ok(true), "{name}");
    }
    let mut wire = Wire::new(set);
    let mut twin = twin(protocol);
    let mut driver = Driver::new(protocol, Options::default(), 0.0);
    let (mut now_s, mut say, mut answer) = (0.0, Vec::new(), Vec::new());
    while driver.is_talking() {
        driver.poll(now_s, &mut say);
        twin.receive(&std::mem::take(&mut say), 0, &mut answer);
        driver.push(now_s, &std::mem::take(&mut answer), &mut |_| {});
        now_s += 0.01;
        assert!(now_s < 20.0, "{protocol:?} never starts");
    }
    let width = twin.facts().channels.len();
    let (mut sent, mut found, mut markers, mut total) = (Vec::new(), Vec::new(), 0, 0);
    for n in 0..3000_u64 {
        // Values that tell frames apart within every converter: the number of the frame in base 30.
        let mut values: Vec<f64> =
            (0..width).map(|k| ((n / 30_u64.pow((k % 3) as u32)) % 30) as f64).collect();
        wire.values(&mut values, twin.header_like(), |at| twin.rail(at));
        let mut frame = Vec::new();
        if wire.marks(n) {
            twin.mark(3, &mut frame);
        }
        twin.frame_timed(n, n * 1000, &values, &mut frame);
        let mut bytes = Vec::new();
        if !wire.swallows(n, n as f64 * 1e-3) {
            wire.send(n, &frame, &mut bytes);
            sent.push(values);
        }
        total += bytes.len();
        let mut take = |item: Item<'_>| match item {
            Item::Frame(frame) => found.push(frame.values.to_vec()),
            Item::Message(Message::Marker(3)) => markers += 1,
            Item::Message(_) => {}
        };
        driver.push(now_s, &bytes, &mut take);
        now_s += 0.001;
    }
    driver.idle(&mut |item| {
        if let Item::Frame(frame) = item {
            found.push(frame.values.to_vec());
        }
    });
    Outcome { sent, found, markers, counts: driver.counts(), hit: wire.hit_frames, bytes: total }
}

/// Values as they come back: lines and status that the converter or the board itself sets do not count.
fn same(sent: &[f64], found: &[f64]) -> bool {
    let analog = sent.len().min(found.len()).min(2);
    sent[..analog] == found[..analog]
}

/// Frames found that were never sent, in their order.
fn false_frames(outcome: &Outcome) -> usize {
    let mut rest = outcome.sent.iter();
    outcome
        .found
        .iter()
        .filter(|found| !rest.clone().any(|sent| same(sent, found)) || !rest.any(|sent| same(sent, found)))
        .count()
}

#[test]
fn a_clean_wire_loses_nothing_whatever_the_channels_show() {
    for protocol in DEVICES {
        for faults in [&[][..], &[("stuck", "1")], &[("rail", "2")], &[("flat", "1")]] {
            if protocol == Protocol::Ascii && !faults.is_empty() {
                continue;
            }
            let outcome = over(protocol, faults);
            // The last frame of a format without checksum waits for its successor.
            let lost = outcome.sent.len() - outcome.found.len();
            assert!(lost <= 1, "{protocol:?} {faults:?}: {lost} lost of {}", outcome.sent.len());
            assert_eq!(outcome.counts.bad_frames, 0, "{protocol:?} {faults:?}");
        }
    }
}

/// One byte of about 100 frames lost, also with a channel that shows the header's bytes.
#[test]
fn a_lost_byte_costs_one_frame_also_behind_a_stuck_channel() {
    for protocol in DEVICES {
        for stuck in [false, true] {
            let clean = over(protocol, &[]);
            // Frames of every length, so that the lost byte stands at another place each time.
            let every = (100 * clean.bytes / clean.sent.len() + 7).to_string();
            let drop = [("drop-byte", every.as_str()), ("stuck", "1")];
            let outcome = over(protocol, if stuck { &drop } else { &drop[..1] });
            let lost = (outcome.sent.len() - outcome.found.len()) as u64;
            // Lines: two may fuse. A pair of frames is one sample of a Daisy. The last frame may still wait.
            let each = if protocol == Protocol::Ascii { 2 } else { 1 };
            assert!(
                lost <= each * outcome.hit + 1,
                "{protocol:?} stuck {stuck}: {lost} lost by {}",
                outcome.hit
            );
            assert!(outcome.hit >= 20, "{protocol:?}: {} bytes were lost", outcome.hit);
            // A line with a digit less is still a line; a checksum of four bits passes one in 16.
            let allowed = match protocol {
                Protocol::Ascii => u64::MAX,
                Protocol::Bitalino => outcome.hit / 8 + 1,
                _ => 0,
            };
            let made_up = false_frames(&outcome) as u64;
            assert!(made_up <= allowed, "{protocol:?} stuck {stuck}: {made_up} frames that were never sent");
        }
    }
}

#[test]
fn noise_half_frames_duplicates_flips_and_markers_are_counted() {
    for protocol in DEVICES {
        let outcome = over(protocol, &[("garbage", "500"), ("partial-first", "true")]);
        let lost = outcome.sent.len().saturating_sub(outcome.found.len());
        // Noise may look like the length or the number of channels for a while; then the stream is found.
        assert!(lost <= 40, "{protocol:?}: {lost} frames lost to noise");
        let twice = over(protocol, &[("duplicate", "100")]);
        assert!(twice.found.len() + 70 >= twice.sent.len(), "{protocol:?}: {}", twice.found.len());
        let flipped = over(protocol, &[("flip-bit", "997")]);
        let lost = flipped.sent.len().saturating_sub(flipped.found.len()) as u64;
        assert!(lost <= 3 * flipped.hit + 1, "{protocol:?}: {lost} lost by {} flips", flipped.hit);
    }
    for protocol in [Protocol::Backyard, Protocol::Cyton] {
        let outcome = over(protocol, &[("marker", "50")]);
        if protocol == Protocol::Backyard {
            assert_eq!(outcome.markers, 60);
        }
        assert!(outcome.sent.len() - outcome.found.len() <= 1, "{protocol:?}");
    }
}

#[test]
fn frames_lost_on_the_radio_cost_no_others() {
    for protocol in DEVICES {
        let outcome = over(protocol, &[("drop-frame", "41"), ("hole", "1000..1500")]);
        let lost = outcome.sent.len() - outcome.found.len();
        assert!(lost <= 1, "{protocol:?}: {lost} of {}", outcome.sent.len());
    }
}

/// Random bytes: bounded memory, no panic, hardly a frame.
#[test]
fn noise_alone_gives_hardly_a_frame() {
    let mut state = 0x1234_5678_9abc_def1_u64;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    for protocol in Protocol::ALL {
        let mut driver = Driver::new(protocol, Options::default(), 0.0);
        let mut frames = 0;
        for step in 0..300 {
            let bytes: Vec<u8> = (0..100).map(|_| noise()).collect();
            let mut say = Vec::new();
            driver.poll(f64::from(step) * 0.01, &mut say);
            driver.push(f64::from(step) * 0.01, &bytes, &mut |item| {
                frames += usize::from(matches!(item, Item::Frame(_)));
            });
        }
        // Trigno has no frame marks: any 64 bytes are a set.
        assert!(frames < 20 || protocol == Protocol::Trigno, "{protocol:?}: {frames} frames in noise");
    }
}
