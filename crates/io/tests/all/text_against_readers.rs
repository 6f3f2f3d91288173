//! Text formats against numpy and pandas (`fixtures/expected/text.json`).

use crate::common::recording;
use serde::Deserialize;
use surae_trial::{Kind, Trial};

#[derive(Deserialize)]
struct Expected {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    file: String,
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    markers: Vec<Column>,
    rate_hz: Option<f64>,
    unit: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    rate_hz: f64,
    channels: Vec<Column>,
}

#[derive(Deserialize)]
struct Column {
    label: String,
    unit: Option<String>,
    n: usize,
    seen: usize,
    sum: f64,
    size: f64,
    samples: [Option<f64>; 3],
}

fn same(found: &[f64], wanted: &Column, what: &str) {
    let what = format!("{what} '{}'", wanted.label);
    assert!(found.len() >= wanted.n, "{what}: {} of {}", found.len(), wanted.n);
    let found = &found[..wanted.n];
    let seen: Vec<f64> = found.iter().copied().filter(|v| v.is_finite()).collect();
    assert_eq!(seen.len(), wanted.seen, "{what}");
    let sum: f64 = seen.iter().sum();
    assert!((sum - wanted.sum).abs() <= 1e-12 * wanted.size, "{what}: {sum} against {}", wanted.sum);
    for (at, sample) in [0, wanted.n / 2, wanted.n - 1].into_iter().zip(wanted.samples) {
        match sample {
            Some(value) => {
                assert!((found[at] - value).abs() <= 1e-12 * value.abs(), "{what} [{at}]: {}", found[at])
            }
            None => assert!(found[at].is_nan(), "{what} [{at}]"),
        }
    }
}

/// Channels are found by position where labels repeat or are empty.
fn streams(trial: &Trial, file: &File) {
    for wanted in &file.streams {
        let near = |rate: f64| (rate - wanted.rate_hz).abs() <= 1e-4 * wanted.rate_hz;
        let stream = trial.streams.iter().find(|s| near(s.rate_hz));
        let rates: Vec<f64> = trial.streams.iter().map(|s| s.rate_hz).collect();
        let stream = stream.unwrap_or_else(|| panic!("{}: {} Hz among {rates:?}", file.file, wanted.rate_hz));
        let whole = stream.channels.len() == wanted.channels.len();
        for (k, column) in wanted.channels.iter().enumerate() {
            let by_label = || stream.channels.iter().position(|c| c.label == column.label);
            let at = if whole {
                k
            } else {
                by_label().unwrap_or_else(|| panic!("{}: no '{}'", file.file, column.label))
            };
            let channel = &stream.channels[at];
            if let Some(unit) = &column.unit {
                // A voltage that no amplifier gives is doubted, and said so.
                let stated = channel.unit == surae_trial::Unit::parse(unit)
                    || trial.notes.iter().any(|n| n.code == "unit_implausible");
                assert!(stated, "{} '{}': {} not {unit}", file.file, column.label, channel.unit);
            }
            same(&stream.column(at), column, &file.file);
        }
    }
}

fn markers(trial: &Trial, file: &File) {
    if file.markers.is_empty() {
        return;
    }
    let set = trial.markers.as_ref().unwrap_or_else(|| panic!("{}: no markers", file.file));
    assert_eq!(Some(set.rate_hz), file.rate_hz, "{}", file.file);
    assert_eq!(Some(set.unit.symbol()), file.unit.as_deref(), "{}", file.file);
    assert_eq!(set.markers.len() * 3, file.markers.len(), "{}", file.file);
    for (k, column) in file.markers.iter().enumerate() {
        let marker = &set.markers[k / 3];
        assert!(column.label.starts_with(&marker.label), "{}: {}", file.file, column.label);
        let track: Vec<f64> = marker.position.iter().map(|p| p[k % 3]).collect();
        same(&track, column, &file.file);
    }
}

#[test]
fn text_files_have_the_values_that_numpy_and_pandas_read() {
    let expected: Expected =
        serde_json::from_str(include_str!("../../../../fixtures/expected/text.json")).expect("valid");
    let mut compared = 0;
    for file in &expected.files {
        let Some(path) = recording(&file.file) else { return };
        let trial = surae_io::read_trial(&path).unwrap_or_else(|error| panic!("{error}"));
        streams(&trial, file);
        markers(&trial, file);
        compared += 1;
    }
    println!("{compared} text files compared");
    assert_eq!(compared, expected.files.len());
}

/// CATALOGUE: EMG of the two files agree to half an LSB, mV = count x Range / 2^(bits - 1), lag 0.
#[test]
fn anc_and_c3d_twins_agree_to_half_an_lsb() {
    let (Some(anc), Some(c3d)) = (recording("11_btkdata/other/Gait.anc"), recording("03_bmc_gait/Gait.c3d"))
    else {
        return;
    };
    let (anc, c3d) =
        (surae_io::read_trial(&anc).expect("readable"), surae_io::read_trial(&c3d).expect("readable"));
    let mut compared = 0;
    for (label, twin) in [
        ("L Sol", "LSOL"),
        ("R Sol", "RSOL"),
        ("L Jum Int", "LJUM"),
        ("R Jum Int", "RJUM"),
        ("L Tibialis", "LTIB"),
        ("R Tibialis", "RTIB"),
    ] {
        let at = |trial: &Trial, label: &str| {
            let channels = &trial.streams[0].channels;
            channels.iter().position(|c| c.label == label).unwrap_or_else(|| panic!("no {label}"))
        };
        let (a, b) = (at(&anc, label), at(&c3d, twin));
        let lsb_mv = anc.streams[0].channels[a].scale.gain;
        let (a, b) = (anc.streams[0].column(a), c3d.streams[0].column(b));
        let n = a.len().min(b.len());
        let worst = (0..n).map(|k| (a[k] - 1000.0 * b[k]).abs()).fold(0.0, f64::max);
        assert!(worst <= 0.5 * lsb_mv * (1.0 + 1e-6), "{label}: {worst} mV, half an LSB is {}", 0.5 * lsb_mv);
        compared += n;
    }
    assert!(compared > 6 * 4000, "{compared}");
}

#[test]
fn delsys_signals_are_one_stream_per_rate() {
    let Some(path) = recording("20_delsys_csv/truncated_trigno_sample.csv") else { return };
    let trial = surae_io::read_trial(&path).expect("readable");
    let shapes: Vec<(&str, f64, usize)> =
        trial.streams.iter().map(|s| (s.name.as_str(), s.rate_hz, s.channels.len())).collect();
    assert_eq!(shapes, [("emg", 1259.259, 2), ("imu", 148.1481, 12)]);
    assert!(trial.streams[0].channels.iter().all(|c| c.role.kind.is_emg()), "{:?}", trial.notes);
    assert!(
        trial.streams[1].of_kind(Kind::Acceleration).count() == 6
            && trial.streams[1].of_kind(Kind::Gyro).count() == 6
    );
    assert!(trial.notes.iter().any(|n| n.code == "truncated"));
}

/// The two headers of one take give the same samples; the counter wraps at 256 without a gap.
#[test]
fn two_versions_of_an_openbci_take_agree() {
    let names =
        ["OpenBCI-sampleData-1-blinks-jawClench-alpha.txt", "OpenBCI_GUI-v6-blinks-jawClench-alpha.txt"];
    let read = |name: &str| recording(&format!("22_openbci_cyton/{name}"));
    let Some(paths) = names.into_iter().map(read).collect::<Option<Vec<_>>>() else { return };
    let trials: Vec<Trial> = paths.iter().map(|path| surae_io::read_trial(path).expect("readable")).collect();
    let column = |trial: &Trial, k: usize| {
        let label = format!("EXG Channel {k}");
        let stream = &trial.streams[0];
        stream.column(stream.channels.iter().position(|c| c.label == label).expect("there"))
    };
    for k in 0..8 {
        let (old, new) = (column(&trials[0], k), column(&trials[1], k));
        let n = old.len().min(new.len());
        assert!(n > 15_000 && old[..n] == new[..n], "EXG {k}");
    }
    println!("gaps: {:?} {:?}", trials[0].streams[0].gaps.len(), trials[1].streams[0].gaps.len());
}
