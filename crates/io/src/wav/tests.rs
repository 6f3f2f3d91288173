//! Files built chunk by chunk, and round trips.

use super::{Wav, write};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use surae_trial::{
    Channel, Event, EventKind, EventSource, Gap, Role, SampleIndex, Samples, Scale, Seconds, Side, Stream,
    Trial, Unit,
};

fn chunk(id: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = id.as_bytes().to_vec();
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes.extend(body);
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// A format chunk of 1000 Hz.
fn format(kind: u16, channels: u16, bits: u16) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut body = Vec::new();
    for value in [kind, channels] {
        body.extend(value.to_le_bytes());
    }
    for value in [1000u32, 1000 * u32::from(frame)] {
        body.extend(value.to_le_bytes());
    }
    for value in [frame, bits] {
        body.extend(value.to_le_bytes());
    }
    body
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WAVE".to_vec(), chunks.concat()].concat();
    chunk("RIFF", &body)
}

fn read(bytes: &[u8]) -> Trial {
    Wav.read(&Input::memory("made.wav", bytes)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(bytes: &[u8]) -> String {
    Wav.read(&Input::memory("made.wav", bytes)).expect_err("refused").to_string()
}

fn has(trial: &Trial, code: &str) -> bool {
    trial.notes.iter().any(|note| note.code == code)
}

#[test]
fn every_width_has_its_own_full_scale() {
    let cases: [(u16, u16, Vec<u8>, Vec<f64>); 6] = [
        (1, 8, vec![0, 128, 255], vec![-1.0, 0.0, 127.0 / 128.0]),
        (1, 16, [-32_768i16, 0, 16_384].iter().flat_map(|v| v.to_le_bytes()).collect(), vec![-1.0, 0.0, 0.5]),
        (1, 24, vec![0, 0, 0x80, 0, 0, 0, 0, 0, 0x40], vec![-1.0, 0.0, 0.5]),
        (1, 32, [i32::MIN, 0, 1 << 30].iter().flat_map(|v| v.to_le_bytes()).collect(), vec![-1.0, 0.0, 0.5]),
        (3, 32, [-1.5f32, 0.0, 0.25].iter().flat_map(|v| v.to_le_bytes()).collect(), vec![-1.5, 0.0, 0.25]),
        (3, 64, [-1.5f64, 0.0, 0.25].iter().flat_map(|v| v.to_le_bytes()).collect(), vec![-1.5, 0.0, 0.25]),
    ];
    for (kind, bits, data, expected) in cases {
        let bytes = riff(&[chunk("fmt ", &format(kind, 1, bits)), chunk("data", &data)]);
        assert_eq!(Wav.recognise(&bytes), Confidence::Sure);
        let trial = read(&bytes);
        assert_eq!(trial.streams[0].column(0), expected, "{kind} {bits}");
        assert!(has(&trial, "wav_no_unit") && trial.streams[0].channels[0].unit == Unit::Arbitrary);
        // The extensible form of the same.
        let mut long = format(0xfffe, 1, bits);
        long.extend([22, 0, bits as u8, 0, 4, 0, 0, 0, kind as u8, 0]);
        long.extend([0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113]);
        let extensible = riff(&[chunk("fmt ", &long), chunk("data", &data)]);
        assert_eq!(read(&extensible).streams[0].column(0), expected, "extensible {kind} {bits}");
    }
}

#[test]
fn a_recorder_that_crashed_left_sizes_of_zero() {
    let mut bytes = riff(&[chunk("fmt ", &format(1, 1, 16)), chunk("data", &[1, 0, 2, 0, 3])]);
    bytes[4..8].fill(0);
    bytes[40..44].fill(0);
    bytes.truncate(49);
    let trial = read(&bytes);
    assert_eq!(trial.streams[0].samples, Samples::I16(vec![1, 2]));
    assert!(has(&trial, "wav_sizes") && has(&trial, "wav_rest"));
    bytes[40..44].copy_from_slice(&1000u32.to_le_bytes());
    assert!(has(&read(&bytes), "wav_cut"));
}

#[test]
fn spike_recorders_labels_and_calibration_are_used() {
    let info = [
        b"INFO".to_vec(),
        chunk("cnam", b"EMG R SOL;EMG R MG;\0"),
        chunk("clbr", b"0.005;\0"),
        chunk("cdev", b"3;\0"),
    ]
    .concat();
    let data: Vec<u8> = [100i16, -200, 0, 400].iter().flat_map(|v| v.to_le_bytes()).collect();
    let bytes = riff(&[chunk("fmt ", &format(1, 2, 16)), chunk("data", &data), chunk("LIST", &info)]);
    let trial = read(&bytes);
    let stream = &trial.streams[0];
    assert_eq!(stream.channels[0].label, "EMG R SOL");
    assert_eq!((stream.column(0), stream.column(1)), (vec![0.5, 0.0], vec![-1.0, 2.0]));
    assert_eq!(stream.channels[0].unit, Unit::Millivolt);
    assert_eq!(stream.channels[0].role.side, Some(Side::Right));
}

#[test]
fn events_beside_the_file_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("take.wav");
    let data: Vec<u8> = (0..100i16).flat_map(i16::to_le_bytes).collect();
    std::fs::write(&path, riff(&[chunk("fmt ", &format(1, 1, 16)), chunk("data", &data)])).expect("written");
    let text = "# Marker IDs can be arbitrary strings.\n# Marker ID,\tTime (in s)\n1,\t0.0125\nRHS,\t0.05\nodd line\n";
    std::fs::write(folder.path().join("take-events.txt"), text).expect("written");
    let trial = crate::read_trial(&path).expect("read");
    let told: Vec<(f64, EventKind, &str)> =
        trial.events.iter().map(|e| (e.time_s.0, e.kind, e.label.as_str())).collect();
    assert_eq!(told, [(0.0125, EventKind::Mark, "1"), (0.05, EventKind::FootContact, "RHS")]);
    assert!(has(&trial, "events_beside") && has(&trial, "events_odd_lines"));
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let data = chunk("data", &[1, 2, 3, 4]);
    assert!(refused(&riff(&[chunk("fmt ", &format(85, 2, 16)), data.clone()])).contains("kind 85"));
    assert!(refused(&riff(std::slice::from_ref(&data))).contains("no format chunk"));
    assert!(refused(&riff(&[chunk("fmt ", &format(1, 1, 16))])).contains("no data chunk"));
    assert!(refused(&riff(&[chunk("fmt ", &format(1, 0, 16)), data])).contains("0 channels"));
    let empty = riff(&[chunk("fmt ", &format(1, 1, 16)), chunk("data", &[]), chunk("LIST", b"INFO")]);
    assert!(refused(&empty).contains("no sample"));
}

fn made(samples: Samples) -> Stream {
    let mut channel = Channel::new("RSOL", Role::unknown("stated"), Unit::Microvolt);
    channel.scale = Scale { gain: 0.195, offset: 7.0 };
    Stream {
        name: "emg".to_owned(),
        rate_hz: 1259.25,
        measured_rate_hz: None,
        start_s: Seconds(0.25),
        channels: vec![channel; 3],
        samples,
        gaps: vec![Gap { index: SampleIndex(1), time_s: Seconds(0.3), lost_samples: 5, certain: false }],
        times_s: Vec::new(),
    }
}

/// Native numbers, scales, gaps and events come back exactly, also as RF64.
#[test]
fn round_trips_are_exact() {
    let event = Event {
        time_s: Seconds(0.5),
        kind: EventKind::TakeOff,
        side: Some(Side::Left),
        source: EventSource::User,
        label: "jump".to_owned(),
    };
    for samples in [
        Samples::I16(vec![1, -2, i16::MIN, 4, 5, i16::MAX]),
        Samples::I32(vec![1, -2, i32::MIN, 4, 5, i32::MAX]),
        Samples::F32(vec![1.5, -2.0, 3e-30, 4.0, 5.0, 6.0]),
        Samples::F64(vec![1.5, -2.0, 3e-300, 4.0, 5.0, 6.0]),
    ] {
        for limit in [u64::MAX, 0] {
            let trial = Trial {
                streams: vec![made(samples.clone())],
                events: vec![event.clone()],
                ..Trial::default()
            };
            let mut bytes = Vec::new();
            write::encode_with_limit(&trial, &trial.streams[0], &[], limit, &mut bytes).expect("written");
            assert_eq!(bytes.starts_with(b"RF64"), limit == 0);
            let back = read(&bytes);
            let (mut there, mut here) = (trial.streams[0].clone(), back.streams[0].clone());
            // Units of EMG are judged anew at every reading.
            there.channels.clear();
            here.channels.clear();
            assert_eq!((there, &trial.events), (here, &back.events));
            assert_eq!(back.streams[0].channels[2].scale, Scale { gain: 0.195, offset: 7.0 });
        }
    }
}
