//! Any bytes and damaged real files: an answer or an error, never a panic.

use crate::common::recording;
use proptest::prelude::*;
use surae_io::read_bytes;

/// Beginnings that lead into each reader.
const STARTS: [&[u8]; 14] = [
    b"",
    b"\x02\x50",
    b"XDF:\x04",
    b"# schema = \"surae.csv/1\"\n",
    b"# schema = \"surae.csv/1\"\n# rate_hz = 100.0\ntime_s,SOL\n0,1\n",
    b"title\ninDegrees=no\nendheader\ntime\tknee_angle_r\n0\t1\n0.1\t2\n",
    b"time,SOL,GM\n0,1,2\n0.1,2,3\n0.2,3,4\n",
    b"t;x\n",
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\xe8\x03\0\0\xd0\x07\0\0\x02\0\x10\0data",
    b"\x93NUMPY\x01\0",
    b"\x93NUMPY\x01\0\x46\0{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }             \n",
    b"PAR1",
    b"\x89HDF\r\n\x1a\n",
    b"PK\x03\x04",
];

/// A small valid C3D: `parameters` 512-byte blocks of nothing but the end mark, `frames` frames of one int point.
fn small_c3d(processor: u8) -> Vec<u8> {
    let mut bytes = vec![0u8; 512 * 3];
    bytes[0] = 2;
    bytes[1] = 0x50;
    let big = processor == 86;
    let mut word = |number: usize, value: u16| {
        let pair = if big { value.to_be_bytes() } else { value.to_le_bytes() };
        bytes[(number - 1) * 2..number * 2].copy_from_slice(&pair);
    };
    word(2, 1);
    word(3, 2);
    word(4, 1);
    word(5, 40);
    word(9, 3);
    word(10, 1);
    // 1.0 and 100.0 as floats of the processor.
    let (one, hundred): ([u8; 4], [u8; 4]) = match processor {
        84 => (1.0f32.to_le_bytes(), 100.0f32.to_le_bytes()),
        85 => ([0x80, 0x40, 0, 0], [0xc8, 0x43, 0, 0]),
        _ => (1.0f32.to_be_bytes(), 100.0f32.to_be_bytes()),
    };
    bytes[12..16].copy_from_slice(&one);
    bytes[20..24].copy_from_slice(&hundred);
    bytes[512 + 2] = 1;
    bytes[512 + 3] = processor;
    bytes
}

#[test]
fn the_small_c3d_of_each_processor_is_valid() {
    for processor in [84, 85, 86] {
        let trial = read_bytes("small.c3d", &small_c3d(processor)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(trial.streams[0].rate_hz, 100.0);
        assert_eq!((trial.streams[0].frames(), trial.streams[0].channels.len()), (40, 2));
    }
}

fn answer(bytes: &[u8]) {
    if let Err(error) = read_bytes("any", bytes) {
        assert!(!error.to_string().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_answered(start in 0..STARTS.len(), rest in proptest::collection::vec(any::<u8>(), 0..2000)) {
        answer(&[STARTS[start], &rest].concat());
    }

    #[test]
    fn any_text_is_answered(start in 0..STARTS.len(), rest in "[a-z0-9,;:\\t\\n\\r .#=\\[\\]\"eE+-]{0,600}") {
        answer(&[STARTS[start], rest.as_bytes()].concat());
    }

    #[test]
    fn damaged_c3d_headers_are_answered(
        processor in 84u8..87,
        damage in proptest::collection::vec((0usize..1100, any::<u8>()), 1..40),
        length in 0usize..1600,
    ) {
        let mut bytes = small_c3d(processor);
        for (at, value) in damage {
            bytes[at] = value;
        }
        bytes.truncate(length.max(400));
        answer(&bytes);
    }
}

/// Real files with bytes changed in their headers, cut anywhere.
#[test]
fn damaged_recordings_are_answered() {
    let names = [
        "11_btkdata/c3d/pc_int.c3d",
        "11_btkdata/c3d/DEC_INT.C3D",
        "11_btkdata/c3d/Analysis.c3d",
        "25_xdf/minimal.xdf",
        "25_xdf/empty_streams.xdf",
        "05_santuz_treadmill_walk/ID0012_TW_01_cycles.DERIVED.csv",
        "32_edf_bdf/eda_slow_signal.edf",
        "32_edf_bdf/short_psg.bdf",
        "21_backyardbrains_wav/amp_on_baseline.wav",
        "28_biosignalsplux/emg_bursts.h5",
    ];
    // A linear congruential generator with a fixed seed: the same damage each time.
    let mut state = 7u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below.max(1)
    };
    for name in names {
        let Some(path) = recording(name) else { return };
        let bytes = std::fs::read(path).expect("readable");
        for round in 0..150 {
            let mut damaged = bytes.clone();
            for _ in 0..=random(12) {
                let at = random(damaged.len().min(9000));
                damaged[at] = random(256) as u8;
            }
            if round % 3 == 0 {
                damaged.truncate(random(bytes.len()));
            }
            answer(&damaged);
        }
    }
}

/// Every file of the collection is read or refused with words; prints which.
#[test]
fn every_recording_is_answered() {
    let Some(catalogue) = recording("CATALOGUE.md") else { return };
    let root = catalogue.parent().expect("a folder").to_owned();
    let mut folders = vec![root.clone()];
    let mut answered = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            match surae_io::read_trial(&path) {
                Ok(trial) => {
                    assert!(
                        !trial.streams.is_empty() || trial.markers.is_some() || !trial.events.is_empty(),
                        "{name}"
                    );
                    println!("read    {name}: {} streams, {} notes", trial.streams.len(), trial.notes.len());
                }
                Err(error) => {
                    let text = error.to_string();
                    assert!(text.contains(';') || text.contains(". "), "no remedy in: {text}");
                    println!("refused {name}: {text}");
                }
            }
            answered += 1;
        }
    }
    assert!(answered > 50, "{answered} files");
}

/// Recordings of our own, damaged: the log and the samples before the damage come back.
#[test]
fn damaged_own_recordings_are_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.xdf");
    crate::recorder::record_session(&path);
    let bytes = std::fs::read(&path).expect("readable");
    let mut state = 11u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below.max(1)
    };
    for _ in 0..100 {
        let mut damaged = bytes.clone();
        for _ in 0..=random(8) {
            let at = random(damaged.len());
            damaged[at] = random(256) as u8;
        }
        answer(&damaged);
    }
}
