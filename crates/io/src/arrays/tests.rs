//! Files of SciPy and NumPy (`fixtures/tools/make_array_fixtures.py`): 50 frames, channel 1 = k, channel 2 = 0.5 - k / 4.

use crate::registry::Format;
use crate::writer::Writer;
use std::path::PathBuf;
use surae_trial::{Gap, SampleIndex, Samples, Seconds, Trial, Unit};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/formats").join(name)
}

fn read(name: &str) -> Trial {
    crate::read_trial(&fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// Checks the numbers that all fixtures share.
fn check(trial: &Trial, start_s: f64, labels: &[&str]) {
    let [stream] = &trial.streams[..] else { panic!("{:?}", trial.streams) };
    assert_eq!((stream.rate_hz, stream.frames(), stream.start_s), (1000.0, 50, Seconds(start_s)));
    let found: Vec<&str> = stream.channels.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(found, labels);
    for (position, label) in labels.iter().enumerate() {
        let value = |k: usize| if *label == "RSOL" { k as f64 } else { 0.5 - k as f64 / 4.0 };
        let expected: Vec<f64> = (0..50).map(value).collect();
        assert_eq!(stream.column(position), expected, "{label}");
    }
}

fn has(trial: &Trial, code: &str) -> bool {
    trial.notes.iter().any(|note| note.code == code)
}

#[test]
fn matlab_structures_give_rate_labels_and_unit() {
    for name in ["struct_v5.mat", "struct_v73.mat"] {
        let trial = read(name);
        check(&trial, 0.0, &["RSOL", "RMG"]);
        assert_eq!(trial.streams[0].channels[0].unit, Unit::Millivolt, "{name}");
        assert!(has(&trial, "arrays_guessed"), "{name}");
    }
}

#[test]
fn matlab_tables_lying_down_with_times_and_rows_of_letters() {
    let trial = read("compressed_v7.mat");
    check(&trial, 0.25, &["RSOL", "RMG"]);
    assert!(matches!(trial.streams[0].samples, Samples::F32(_)));
}

#[test]
fn vectors_of_one_length_are_channels_of_one_stream() {
    let trial = read("vectors.mat");
    let mut labels: Vec<&str> = trial.streams[0].channels.iter().map(|c| c.label.as_str()).collect();
    check(&trial, 0.0, &labels.clone());
    labels.sort_unstable();
    assert_eq!(labels, ["RMG", "RSOL"]);
}

#[test]
fn npz_and_a_described_npy_of_the_other_byte_order() {
    check(&read("named.npz"), 0.0, &["RSOL", "RMG"]);
    let trial = read("fortran.npy");
    check(&trial, 0.25, &["RSOL", "RMG"]);
    assert!(has(&trial, "arrays_described"));
}

#[test]
fn no_rate_is_no_trial_and_the_remedy_is_said() {
    let bytes = std::fs::read(fixture("fortran.npy")).expect("readable");
    let error = crate::read_bytes("walk.npy", &bytes).expect_err("no rate").to_string();
    assert!(error.contains("rate") && error.contains("walk.npy.map.toml"), "{error}");
}

#[test]
fn damage_is_answered() {
    for name in
        ["struct_v5.mat", "compressed_v7.mat", "vectors.mat", "named.npz", "fortran.npy", "struct_v73.mat"]
    {
        let bytes = std::fs::read(fixture(name)).expect("readable");
        for cut in (0..bytes.len()).step_by(41) {
            // A cut file may still hold whole variables.
            let _ = crate::read_bytes(name, &bytes[..cut]);
        }
        for at in (0..bytes.len()).step_by(11) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            if let Err(error) = crate::read_bytes(name, &damaged) {
                assert!(!error.to_string().is_empty());
            }
        }
    }
}

#[test]
fn a_description_that_names_what_is_not_there_says_what_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fortran.npy");
    std::fs::copy(fixture("fortran.npy"), &path).expect("copied");
    let beside = folder.path().join("fortran.npy.map.toml");
    std::fs::write(&beside, "schema = \"surae.arrays/1\"\n[[stream]]\ndata = \"emg\"\nrate_hz = 10.0\n")
        .expect("written");
    let error = crate::read_trial(&path).expect_err("no such array").to_string();
    assert!(error.contains("'emg'") && error.contains("fortran"), "{error}");
}

#[test]
fn npy_comes_back_exactly_with_its_description() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut trial = read("compressed_v7.mat");
    trial.notes.clear();
    let gap = Gap { index: SampleIndex(10), time_s: Seconds(0.26), lost_samples: 7, certain: true };
    trial.streams[0].gaps.push(gap);
    let mut other = trial.streams[0].clone();
    other.name = "copy of it".to_owned();
    other.samples = Samples::I16((0..100).collect());
    trial.streams.push(other);
    let path = folder.path().join("walk.npy");
    let notes = super::Npy.write(&trial, &path).expect("written");
    assert!(notes.iter().any(|n| n.code == "npy_cannot_hold"), "{notes:?}");
    let back = crate::read_trial(&path).expect("read");
    assert_eq!(back.streams[..], trial.streams[..1]);
    let second = crate::read_trial(&folder.path().join("walk.copy_of_it.npy")).expect("read");
    assert_eq!(second.streams[0].samples, trial.streams[1].samples);
    assert_eq!(Format::name(&super::Npy), back.format);
}
