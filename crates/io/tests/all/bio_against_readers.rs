//! EDF, BDF, OpenSignals and WAV against pyEDFlib, h5py and `wave` (`fixtures/tools/bio_expected.py`).

use crate::common::recording;
use surae_io::read_trial;
use surae_trial::{Channel, EventKind, Kind, Stream, Trial, Unit};

#[derive(serde::Deserialize)]
struct Expected {
    files: Vec<File>,
}

#[derive(serde::Deserialize)]
struct File {
    file: String,
    channels: Vec<Expect>,
    events: Vec<(f64, String)>,
    recorded_at: Option<String>,
}

#[derive(serde::Deserialize)]
struct Expect {
    label: String,
    rate_hz: f64,
    samples: usize,
    native_sum: i64,
    native_weighted: i64,
    at: Vec<usize>,
    physical: Vec<f64>,
    unit: String,
}

/// Streams of different rates lie apart; within a rate the order is that of the file.
fn find<'a>(
    trial: &'a Trial,
    wanted: &Expect,
    taken: &mut Vec<(usize, usize)>,
) -> (&'a Stream, &'a Channel, usize) {
    for (s, stream) in trial.streams.iter().enumerate() {
        for (c, channel) in stream.channels.iter().enumerate() {
            let same = channel.label == wanted.label && (stream.rate_hz - wanted.rate_hz).abs() < 1e-9;
            if same && !taken.contains(&(s, c)) {
                taken.push((s, c));
                return (stream, channel, c);
            }
        }
    }
    panic!("no channel '{}' at {} Hz", wanted.label, wanted.rate_hz)
}

#[test]
fn files_read_as_their_own_libraries_read_them() {
    let text = include_str!("../../../../fixtures/expected/bio.json");
    let expected: Expected = serde_json::from_str(text).expect("the fixture is valid");
    let mut compared = 0;
    for file in &expected.files {
        let Some(path) = recording(&file.file) else { return };
        let trial = read_trial(&path).unwrap_or_else(|error| panic!("{error}"));
        let mut taken = Vec::new();
        for wanted in &file.channels {
            let what = format!("{} '{}'", file.file, wanted.label);
            let (stream, channel, position) = find(&trial, wanted, &mut taken);
            assert_eq!(stream.frames(), wanted.samples, "{what}");
            let native = |k: usize| stream.samples.get(k * stream.channels.len() + position) as i64;
            let sum: i64 = (0..stream.frames()).map(native).sum();
            let weighted: i64 = (0..stream.frames()).map(|k| native(k) * (k % 97) as i64).sum();
            assert_eq!((sum, weighted), (wanted.native_sum, wanted.native_weighted), "{what}");
            let column = stream.column(position);
            for (at, value) in wanted.at.iter().zip(&wanted.physical) {
                assert!(
                    (column[*at] - value).abs() <= 1e-9 * value.abs().max(1.0),
                    "{what}: {} {value}",
                    column[*at]
                );
            }
            // Units that cannot be believed are taken back with a note.
            let unit = match wanted.unit.as_str() {
                "uV" => Unit::Microvolt,
                "mV" => Unit::Millivolt,
                _ => continue,
            };
            let doubted = trial.notes.iter().any(|n| n.code == "unit_implausible");
            assert!(channel.unit == unit || doubted, "{what}: {}", channel.unit);
        }
        let told: Vec<_> = trial.events.iter().filter(|e| !e.label.starts_with("trigger")).collect();
        assert_eq!(told.len(), file.events.len(), "{}: {:?}", file.file, trial.events);
        for (event, (time_s, text)) in told.iter().zip(&file.events) {
            assert!((event.time_s.0 - time_s).abs() < 1e-6, "{}: {event:?} {time_s}", file.file);
            assert!(event.label.starts_with(text.as_str()), "{}: {event:?} {text}", file.file);
        }
        if let Some(at) = &file.recorded_at {
            assert!(
                trial.notes.iter().any(|n| n.code == "recorded_at" && n.text.contains(at.as_str())),
                "{at}"
            );
        }
        compared += 1;
    }
    println!("{compared} files compared");
    assert!(compared >= 12);
}

/// A submental EMG of 1 Hz is an envelope that nothing can be said about: it must not pass for raw EMG.
#[test]
fn an_emg_of_1_hz_is_said_to_be_too_slow() {
    for name in ["32_edf_bdf/short_psg.edf", "32_edf_bdf/short_psg.bdf"] {
        let Some(path) = recording(name) else { return };
        let trial = read_trial(&path).unwrap_or_else(|error| panic!("{error}"));
        assert!(trial.notes.iter().any(|n| n.code == "emg_rate_too_low"), "{:?}", trial.notes);
        for channel in trial.streams.iter().flat_map(|s| &s.channels) {
            let brain = channel.label.starts_with("EEG") || channel.label.starts_with("EOG");
            assert!(!brain || !channel.role.kind.is_emg(), "{}: {:?}", channel.label, channel.role);
        }
    }
}

#[test]
fn open_signals_sensors_say_what_their_channels_are() {
    let Some(path) = recording("28_biosignalsplux/emg_bursts.h5") else { return };
    let trial = read_trial(&path).unwrap_or_else(|error| panic!("{error}"));
    let stream = &trial.streams[0];
    assert_eq!((stream.rate_hz, stream.frames(), stream.gaps.len()), (1000.0, 28_519, 0));
    assert_eq!(stream.channels[0].role.kind, Kind::RawEmg);
    let Some(path) = recording("28_biosignalsplux/loft_time_subject_1.h5") else { return };
    let trial = read_trial(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(trial.streams.len(), 2, "two devices");
    let kinds: Vec<Kind> = trial.streams.iter().flat_map(|s| &s.channels).map(|c| c.role.kind).collect();
    assert_eq!(kinds[..4], [Kind::Force; 4]);
    assert_eq!(kinds[4..], [Kind::Acceleration; 3]);
    assert!(trial.events.iter().all(|e| e.kind == EventKind::Mark));
}
