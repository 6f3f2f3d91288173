//! Files of Polars, DuckDB and PyArrow (`fixtures/tools/make_array_fixtures.py`), and round trips.

use super::Parquet;
use crate::table::{Table, Values};
use crate::writer::Writer;
use std::path::PathBuf;
use surae_trial::{
    Channel, Event, EventKind, EventSource, Gap, Role, SampleIndex, Samples, Scale, Seconds, Side, Stream,
    Trial, Unit,
};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/formats").join(name)
}

#[test]
fn tables_of_other_programs_are_trials() {
    for name in ["tidy_polars.parquet", "tidy_duckdb.parquet", "wide_pyarrow.parquet"] {
        let trial = crate::read_trial(&fixture(name)).unwrap_or_else(|error| panic!("{error}"));
        let [stream] = &trial.streams[..] else { panic!("{name}: {:?}", trial.streams) };
        assert_eq!((stream.rate_hz, stream.frames(), stream.start_s), (1000.0, 50, Seconds(0.25)), "{name}");
        assert_eq!((stream.channels[0].label.as_str(), &stream.channels[0].unit), ("RSOL", &Unit::Millivolt));
        assert_eq!(stream.column(0), (0..50).map(f64::from).collect::<Vec<_>>(), "{name}");
        assert_eq!(stream.column(1), (0..50).map(|k| 0.5 - f64::from(k) / 4.0).collect::<Vec<_>>(), "{name}");
        assert!(trial.notes.iter().any(|n| n.code == "parquet_guessed"));
    }
}

fn stream(name: &str, samples: Samples, scale: Scale) -> Stream {
    let mut channel = Channel::new("RSOL", Role::unknown("stated"), Unit::Newton);
    channel.scale = scale;
    Stream {
        name: name.to_owned(),
        rate_hz: 1000.0 / 3.0,
        measured_rate_hz: Some(333.1),
        start_s: Seconds(0.5),
        channels: vec![channel.clone(), channel],
        samples,
        gaps: vec![Gap { index: SampleIndex(2), time_s: Seconds(0.506), lost_samples: 4, certain: true }],
        times_s: Vec::new(),
    }
}

#[test]
fn what_is_written_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trial.parquet");
    let scale = Scale { gain: 0.195, offset: 3.0 };
    let mut irregular = stream("irregular", Samples::F32(vec![1.5, 2.5, -3.5, f32::NAN]), Scale::IDENTITY);
    irregular.gaps.clear();
    irregular.times_s = vec![0.5, 0.75];
    let trial = Trial {
        streams: vec![
            stream("emg", Samples::I16(vec![1, -2, i16::MIN, i16::MAX, 5, 6]), scale),
            stream("wide", Samples::I32(vec![i32::MIN, i32::MAX, 0, 1, 2, 3]), scale),
            irregular,
        ],
        events: vec![Event {
            time_s: Seconds(1.0),
            kind: EventKind::Landing,
            side: Some(Side::Left),
            source: EventSource::User,
            label: "a".to_owned(),
        }],
        ..Trial::default()
    };
    Parquet.write(&trial, &path).expect("written");
    let back = crate::read_trial(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(back.events, trial.events);
    assert_eq!(back.streams[..2], trial.streams[..2]);
    let (there, here) = (&trial.streams[2], &back.streams[2]);
    assert_eq!((&there.times_s, there.frames()), (&here.times_s, here.frames()));
    for k in 0..4 {
        let (a, b) = (there.samples.get(k), here.samples.get(k));
        assert!(a == b || (a.is_nan() && b.is_nan()), "{a} {b}");
    }
}

#[test]
fn tables_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("table.parquet");
    assert!(Table::new().write(&path).is_err());
    let mut uneven = Table::new();
    uneven.push("a", Values::F64(vec![Some(1.0)]));
    uneven.push("b", Values::I64(vec![]));
    assert!(uneven.write(&path).expect_err("uneven").to_string().contains("differ in length"));
    let mut twice = Table::new();
    twice.push("a", Values::F64(vec![Some(1.0)]));
    twice.push("a", Values::Bool(vec![Some(true)]));
    assert!(twice.write(&path).expect_err("twice").to_string().contains("same name"));
    assert!(!path.exists() && std::fs::read_dir(folder.path()).expect("there").next().is_none());
    // A table is not a trial: the message says what a trial needs.
    let mut plain = Table::new();
    plain.push("side", Values::Text(vec![Some("left".to_owned()), None]));
    plain.push("stance_percent", Values::F64(vec![Some(61.5), None]));
    plain.write(&path).expect("written");
    assert!(crate::read_trial(&path).expect_err("no time").to_string().contains("'time'"));
}

#[test]
fn damage_is_answered() {
    let bytes = std::fs::read(fixture("tidy_polars.parquet")).expect("readable");
    for at in (0..bytes.len()).step_by(3) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x81;
        let _ = crate::read_bytes("t.parquet", &damaged);
        let _ = crate::read_bytes("t.parquet", &bytes[..at]);
    }
}

/// Found by `crates/io/fuzz`: numbers of the footer that one flipped bit makes negative (they are zigzag coded).
#[test]
fn a_column_that_begins_before_the_file_is_refused() {
    let bytes = std::fs::read(fixture("tidy_duckdb.parquet")).expect("readable");
    let mut negative = 0;
    for at in bytes.len() - 700..bytes.len() - 8 {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        if let Err(error) = crate::read_bytes("damaged.parquet", &damaged) {
            negative += usize::from(error.to_string().contains("begins or ends before the file"));
        }
    }
    assert!(negative > 3, "{negative}");
}
