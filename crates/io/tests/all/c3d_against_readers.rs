//! Every C3D of the recordings against ezc3d and py-c3d (`fixtures/expected/c3d.json`).

use crate::common;

use serde::Deserialize;
use surae_trial::{Stream, Trial};

#[derive(Deserialize)]
struct Expected {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    file: String,
    point_rate_hz: f64,
    analog_rate_hz: f64,
    first_frame: u64,
    frames: usize,
    analog: Vec<Analog>,
    points: Vec<Point>,
    #[serde(default)]
    events: Vec<Event>,
    #[serde(default)]
    plate_types: Vec<u8>,
    #[serde(default)]
    plate_corners_mm: Vec<[[f64; 3]; 4]>,
}

#[derive(Deserialize)]
struct Analog {
    label: String,
    n: usize,
    sum: f64,
    energy: f64,
    samples: [f64; 3],
}

#[derive(Deserialize)]
struct Point {
    label: String,
    measured: usize,
    zero: usize,
    sum: [f64; 3],
}

#[derive(Deserialize)]
struct Event {
    stored_s: f64,
    label: String,
    context: String,
}

fn close(found: f64, expected: f64, scale: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-9 * scale.max(1e-300), "{what}: {found} is not {expected}");
}

#[test]
fn all_recordings_read_as_ezc3d_reads_them() {
    let text = include_str!("../../../../fixtures/expected/c3d.json");
    let expected: Expected = serde_json::from_str(text).expect("the fixture is valid");
    let mut count = 0;
    for file in &expected.files {
        let Some(path) = common::recording(&file.file) else { continue };
        let trial = surae_io::read_trial(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(trial.format, "c3d");
        analog(&trial, file);
        points(&trial, file);
        events(&trial, file);
        plates(&trial, file);
        count += 1;
    }
    println!("{count} C3D recordings compared");
}

fn analog(trial: &Trial, file: &File) {
    let name = &file.file;
    if file.analog.is_empty() {
        return;
    }
    let stream = trial.stream("analog").expect(name);
    close(stream.rate_hz, file.analog_rate_hz, file.analog_rate_hz, name);
    assert_eq!(stream.channels.len(), file.analog.len(), "{name}");
    for (k, channel) in file.analog.iter().enumerate() {
        let what = format!("{name} analog {k} '{}'", channel.label);
        if !channel.label.is_empty() {
            assert_eq!(stream.channels[k].label, channel.label, "{what}");
        }
        let column = stream.column(k);
        assert_eq!(column.len(), channel.n, "{what}");
        let size: f64 = column.iter().map(|v| v.abs()).sum();
        close(column.iter().sum(), channel.sum, size, &what);
        close(column.iter().map(|v| v * v).sum(), channel.energy, channel.energy, &what);
        let largest = column.iter().fold(0.0f64, |l, v| l.max(v.abs()));
        let samples = [column[0], column[column.len() / 2], column[column.len() - 1]];
        for (found, expected) in samples.into_iter().zip(channel.samples) {
            close(found, expected, largest, &what);
        }
    }
}

fn points(trial: &Trial, file: &File) {
    let mut next_marker = 0;
    for point in &file.points {
        let label = point.label.rsplit(':').next().unwrap_or("");
        let what = format!("{} point '{label}'", file.file);
        let column_of = |stream: Option<&Stream>, wanted: &str| {
            let stream = stream?;
            let k = stream.channels.iter().position(|c| c.label == wanted)?;
            Some(stream.column(k))
        };
        let angle = column_of(trial.stream("angles"), label);
        let model = column_of(trial.stream("model"), &format!("{label}.x"));
        if let Some(column) = angle.or(model) {
            let values: Vec<f64> = column.into_iter().filter(|v| v.is_finite()).collect();
            assert!(values.len() == point.measured || values.len() == point.measured - point.zero, "{what}");
            let size: f64 = values.iter().map(|v| v.abs()).sum();
            assert!((values.iter().sum::<f64>() - point.sum[0]).abs() <= 1e-6 * size, "{what}");
            continue;
        }
        let set = trial.markers.as_ref().expect(&what);
        let marker = &set.markers[next_marker];
        next_marker += 1;
        if !label.is_empty() {
            assert_eq!(marker.label, label, "{what}");
        }
        assert_eq!(marker.position.len(), file.frames, "{what}");
        let seen: Vec<&[f64; 3]> = marker.position.iter().filter(|p| p[0].is_finite()).collect();
        assert_eq!(seen.len(), point.measured - point.zero, "{what}");
        for axis in 0..3 {
            let size: f64 = seen.iter().map(|p| p[axis].abs()).sum();
            close(seen.iter().map(|p| p[axis]).sum(), point.sum[axis], size * 1e3, &what);
        }
    }
}

fn events(trial: &Trial, file: &File) {
    let origin_s = (file.first_frame - 1) as f64 / file.point_rate_hz;
    assert!((trial.time_origin_s - origin_s).abs() < 1e-9, "{}", file.file);
    for event in &file.events {
        let time_s = event.stored_s - origin_s;
        let found = trial.events.iter().any(|e| {
            let side = e.side.map_or("General", |side| side.name());
            (e.time_s.0 - time_s).abs() < 1e-9
                && e.label == event.label
                && (side.eq_ignore_ascii_case(&event.context) || event.context.is_empty())
        });
        assert!(found, "{}: event {} at {time_s}", file.file, event.label);
    }
    assert!(trial.events.is_sorted_by_key(|e| e.time_s));
}

fn plates(trial: &Trial, file: &File) {
    let types: Vec<u8> = trial.plates.iter().map(|plate| plate.plate_type).collect();
    assert_eq!(types, file.plate_types, "{}", file.file);
    for (plate, corners) in trial.plates.iter().zip(&file.plate_corners_mm) {
        assert_eq!(plate.corners_mm, *corners, "{}", file.file);
    }
}

/// CATALOGUE: one recording in four encodings: analog identical, points within one scale step (0.28 mm).
#[test]
fn four_encodings_decode_alike() {
    let names = ["pc_int.c3d", "pc_real.c3d", "DEC_INT.C3D", "Dec_real.c3d"];
    let read = |name: &str| common::recording(&format!("11_btkdata/c3d/{name}"));
    let Some(paths) = names.into_iter().map(read).collect::<Option<Vec<_>>>() else { return };
    let trials: Vec<Trial> = paths.iter().map(|path| surae_io::read_trial(path).expect("readable")).collect();
    let first = &trials[0];
    for other in &trials[1..] {
        for k in 0..first.streams[0].channels.len() {
            assert_eq!(first.streams[0].column(k), other.streams[0].column(k), "{} channel {k}", other.path);
        }
        let (mine, theirs) =
            (first.markers.as_ref().expect("markers"), other.markers.as_ref().expect("markers"));
        for (a, b) in mine.markers.iter().zip(&theirs.markers) {
            for (p, q) in a.position.iter().zip(&b.position) {
                assert_eq!(p[0].is_nan(), q[0].is_nan(), "{} {}", other.path, a.label);
                assert!(
                    (0..3).all(|i| p[i].is_nan() || (p[i] - q[i]).abs() <= 0.2812),
                    "{} {}",
                    other.path,
                    a.label
                );
            }
        }
    }
}

/// CATALOGUE: right strikes and offs of JA1Gait21 on trial time.
#[test]
fn the_jog_has_its_event_times() {
    use surae_trial::{EventKind, Side};
    let Some(path) = common::recording("01_dorn2012_jog/JA1Gait21.c3d") else { return };
    let trial = surae_io::read_trial(&path).expect("readable");
    let times = |kind: EventKind| -> Vec<f64> {
        let mine = |e: &&surae_trial::Event| e.kind == kind && e.side == Some(Side::Right);
        trial.events.iter().filter(mine).map(|e| e.time_s.0).collect()
    };
    for (kind, expected) in
        [(EventKind::FootContact, [0.896, 1.648, 2.416]), (EventKind::FootOff, [0.400, 1.140, 1.904])]
    {
        let found = times(kind);
        assert!(found.len() >= 3, "{found:?}");
        for time_s in expected {
            assert!(found.iter().any(|t| (t - time_s).abs() <= 0.002), "{kind:?} {time_s}: {found:?}");
        }
    }
}

/// CATALOGUE: the knee of PiG_Motion-FlatFoot-Full is stored as a model output in degrees.
#[test]
fn stored_knee_angles_become_a_stream() {
    use surae_trial::{Joint, Side};
    let Some(path) = common::recording("11_btkdata/c3d/PiG_Motion-FlatFoot-Full.c3d") else { return };
    let trial = surae_io::read_trial(&path).expect("readable");
    let stream = trial.stream("angles").expect("angles");
    for side in Side::BOTH {
        let k = stream.channels.iter().position(|c| c.is_angle_of(Joint::Knee, side)).expect("knee");
        let largest = stream.column(k).into_iter().filter(|v| v.is_finite()).fold(f64::MIN, f64::max);
        assert!((30.0..80.0).contains(&largest), "knee flexion in walking peaks at {largest} deg");
    }
}

#[test]
fn an_empty_file_and_a_cut_one_say_so() {
    if let Some(path) = common::recording("11_btkdata/c3d/Empty.c3d") {
        let error = surae_io::read_trial(&path).expect_err("0 bytes");
        assert!(error.to_string().contains("0 bytes"), "{error}");
    }
    let Some(path) = common::recording("03_bmc_gait/Gait.c3d") else { return };
    let bytes = std::fs::read(path).expect("readable");
    let whole = surae_io::read_bytes("Gait.c3d", &bytes).expect("readable");
    let cut = surae_io::read_bytes("Gait.c3d", &bytes[..bytes.len() / 2]).expect("half is there");
    let note = cut.notes.iter().find(|note| note.code == "truncated").expect("it says so");
    assert!(note.text.contains("of 487"), "{}", note.text);
    let frames = cut.streams[0].frames();
    assert!(frames > 1000 && frames < whole.streams[0].frames());
    assert_eq!(cut.streams[0].column(24)[..frames], whole.streams[0].column(24)[..frames]);
    for length in [1, 2, 100, 511, 600, 1024, 4000] {
        match surae_io::read_bytes("Gait.c3d", &bytes[..length]) {
            Ok(trial) => assert!(trial.notes.iter().any(|note| note.code == "truncated"), "{length}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
