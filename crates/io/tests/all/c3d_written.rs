//! C3D as Surae writes it: read back by Surae, ezc3d and py-c3d.

use crate::common::recording;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use surae_trial::{
    Channel, Event, EventKind, EventSource, ForcePlate, Kind, Marker, MarkerSet, Role, Samples, Scale,
    Seconds, Side, Stream, Subject, Trial, Unit,
};

const NAN: [f64; 3] = [f64::NAN; 3];

/// 100 Hz markers with a gap, 300 channels at 1000 Hz in three number ranges, events, a plate of type 4.
fn trial() -> Trial {
    let frames = 50;
    let position = |k: usize| if (10..14).contains(&k) { NAN } else { [k as f64, -0.25 * k as f64, 900.0] };
    let still = vec![[1.0, 2.0, 3.0]; frames];
    let markers = vec![
        Marker { label: "RKNE".to_owned(), position: (0..frames).map(position).collect() },
        Marker { label: "Genou é".to_owned(), position: still },
    ];
    let channels: Vec<Channel> = (0..300)
        .map(|k| {
            let mut channel = Channel::new(format!("EMG{k:03}"), Role::unknown("test"), Unit::Millivolt);
            channel.scale =
                Scale { gain: 0.001 * (k + 1) as f64, offset: if k % 3 == 0 { 32_768.0 } else { 0.0 } };
            channel
        })
        .collect();
    let values =
        (0..10 * frames).flat_map(|frame| (0..300).map(move |k| (frame * 7 + k * 13) as i32 % 65_536));
    let stream = Stream {
        name: "analog".to_owned(),
        rate_hz: 1000.0,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels,
        samples: Samples::I32(values.collect()),
        gaps: Vec::new(),
        times_s: Vec::new(),
    };
    let event = |time_s: f64, kind, side, label: &str| Event {
        time_s: Seconds(time_s),
        kind,
        side,
        source: EventSource::File,
        label: label.to_owned(),
    };
    let matrix = (0..6).map(|r| (0..6).map(|c| f64::from(10 * r + c)).collect()).collect();
    Trial {
        time_origin_s: 1.47,
        subject: Subject { name: Some("S 1".to_owned()), mass_kg: Some(70.5), height_m: Some(1.75) },
        streams: vec![stream],
        markers: Some(MarkerSet { rate_hz: 100.0, start_s: Seconds(0.0), unit: Unit::Millimetre, markers }),
        plates: vec![ForcePlate {
            plate_type: 4,
            stream: "analog".to_owned(),
            channels: vec![294, 295, 296, 297, 298, 299],
            corners_mm: [[0.0, 0.0, 0.0], [400.0, 0.0, 0.0], [400.0, 600.0, 0.0], [0.0, 600.0, 0.0]],
            origin_mm: [0.5, -0.5, 40.0],
            calibration: Some(matrix),
            zero_frames: Some((1, 5)),
        }],
        events: vec![
            event(0.125, EventKind::FootContact, Some(Side::Left), ""),
            event(0.25, EventKind::FootOff, Some(Side::Right), "Toe Off"),
            event(0.375, EventKind::Mark, None, "beep"),
        ],
        ..Trial::default()
    }
}

/// Every number within a 32-bit float's rounding.
fn alike(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1.3e-7 * a.abs().max(b.abs())
}

fn same(written: &Trial, read: &Trial, what: &str) {
    let stream = written.streams.iter().find(|s| s.name == "analog");
    if let Some(stream) = stream {
        let back = read.stream("analog").unwrap_or_else(|| panic!("{what}: no analog"));
        assert!(alike(back.rate_hz, stream.rate_hz), "{what}");
        assert_eq!(back.channels.len(), stream.channels.len(), "{what}");
        for k in 0..stream.channels.len() {
            let label = &stream.channels[k].label;
            assert_eq!(&back.channels[k].label, label, "{what}");
            let (a, b) = (stream.column(k), back.column(k));
            assert!(a.len() <= b.len() && a.iter().zip(&b).all(|(a, b)| alike(*a, *b)), "{what}: {label}");
        }
    }
    let tracks = |trial: &Trial| trial.markers.clone().map(|set| set.markers).unwrap_or_default();
    let (a, b) = (tracks(written), tracks(read));
    assert_eq!(a.len(), b.len(), "{what}");
    for (a, b) in a.iter().zip(&b) {
        assert_eq!(a.label, b.label, "{what}");
        let equal = |p: &[f64; 3], q: &[f64; 3]| (0..3).all(|i| alike(p[i], q[i]));
        assert!(a.position.iter().zip(&b.position).all(|(p, q)| equal(p, q)), "{what}: {}", a.label);
    }
    assert_eq!(written.events.len(), read.events.len(), "{what}");
    for (a, b) in written.events.iter().zip(&read.events) {
        assert_eq!((a.kind, a.side), (b.kind, b.side), "{what}");
        assert!(
            (a.time_s.0 - b.time_s.0).abs() <= 2e-6 * (1.0 + written.time_origin_s),
            "{what}: {a:?} {b:?}"
        );
    }
    let types =
        |trial: &Trial| trial.plates.iter().map(|p| (p.plate_type, p.channels.clone())).collect::<Vec<_>>();
    assert_eq!(types(written), types(read), "{what}");
}

#[test]
fn a_trial_with_everything_reads_back() {
    let trial = trial();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("all.c3d");
    let notes = surae_io::write_trial(&trial, &path).expect("written");
    assert!(notes.iter().all(|n| n.code == "c3d_float32"), "{notes:?}");
    let back = surae_io::read_trial(&path).expect("readable");
    same(&trial, &back, "all.c3d");
    assert!((back.time_origin_s - 1.47).abs() < 1e-9);
    assert_eq!(back.plates[0].calibration, trial.plates[0].calibration);
    assert_eq!(back.plates[0].zero_frames, Some((1, 5)));
    assert_eq!(back.plates[0].corners_mm, trial.plates[0].corners_mm);
    assert_eq!((&back.subject.name, back.subject.height_m), (&trial.subject.name, Some(1.75)));
    assert!(back.markers.expect("markers").markers[0].position[10][0].is_nan());
}

#[test]
fn chunks_of_an_opened_file_are_its_samples() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("all.c3d");
    surae_io::write_trial(&trial(), &path).expect("written");
    let whole = surae_io::read_trial(&path).expect("readable");
    let mut reader = surae_io::open_trial(&path).expect("readable");
    assert!(reader.layout().streams[0].samples.is_empty());
    let gathered = surae_io::gather(&mut *reader).expect("readable");
    assert_eq!(gathered.streams[0].samples, whole.streams[0].samples);
    assert_eq!(format!("{:?}", gathered.markers), format!("{:?}", whole.markers));
}

/// What C3D cannot hold is said: another rate, a gap, more than 255 events.
#[test]
fn what_does_not_fit_is_said() {
    let mut trial = trial();
    let mut other = trial.streams[0].clone();
    other.name = "imu".to_owned();
    other.rate_hz = 148.148;
    trial.streams.push(other);
    trial.streams[0].gaps.push(surae_trial::Gap {
        index: surae_trial::SampleIndex(100),
        time_s: Seconds(0.1),
        lost_samples: 20,
        certain: true,
    });
    trial.events = (0..300)
        .map(|k| Event { time_s: Seconds(f64::from(k) * 0.001), ..trial.events[0].clone() })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.c3d");
    let notes = surae_io::write_trial(&trial, &path).expect("written");
    for code in ["c3d_cannot_hold", "c3d_gaps_as_nan", "c3d_events_left_out", "c3d_ends_differ"] {
        assert!(notes.iter().any(|n| n.code == code), "{code}: {notes:?}");
    }
    let back = surae_io::read_trial(&path).expect("readable");
    let column = back.streams[0].column(1);
    assert!(column[99].is_finite() && column[100..120].iter().all(|v| v.is_nan()) && column[120].is_finite());
    let empty = surae_io::write_trial(&Trial::default(), &path).expect_err("nothing to write");
    assert!(empty.to_string().contains("samples"), "{empty}");
}

/// More frames than the header's 16 bits count, with and without points.
#[test]
fn long_files_keep_all_frames() {
    let folder = tempfile::tempdir().expect("a folder");
    for (frames, points) in [(70_001usize, true), (131_072, false), (70_001, false)] {
        let mut channel = Channel::new("SOL", Role::unknown("test"), Unit::Volt);
        channel.scale = Scale { gain: 0.5, offset: 0.0 };
        let stream = Stream {
            name: "analog".to_owned(),
            rate_hz: 1000.0,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels: vec![channel],
            samples: Samples::I16((0..frames).map(|k| (k % 30_011) as i16).collect()),
            gaps: Vec::new(),
            times_s: Vec::new(),
        };
        let marker =
            Marker { label: "A".to_owned(), position: (0..frames).map(|k| [k as f64, 1.0, 1.0]).collect() };
        let set = MarkerSet {
            rate_hz: 1000.0,
            start_s: Seconds(0.0),
            unit: Unit::Millimetre,
            markers: vec![marker],
        };
        let trial = Trial { streams: vec![stream], markers: points.then_some(set), ..Trial::default() };
        let path = folder.path().join("long.c3d");
        surae_io::write_trial(&trial, &path).expect("written");
        let back = surae_io::read_trial(&path).expect("readable");
        assert_eq!(back.streams[0].frames(), frames, "{:?}", back.notes);
        same(&trial, &back, "long.c3d");
    }
}

/// Every C3D of the recordings, written and read again.
#[test]
fn recordings_survive_a_round_trip() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in [
        "01_dorn2012_jog/JA1Gait21.c3d",
        "03_bmc_gait/Gait.c3d",
        "11_btkdata/c3d/1123x01EMG.c3d",
        "11_btkdata/c3d/ADemo1_rewrite_c3d_pc_float.c3d",
        "11_btkdata/c3d/Analysis.c3d",
        "11_btkdata/c3d/DEC_INT.C3D",
        "11_btkdata/c3d/PiG_Motion-FlatFoot-Full.c3d",
        "11_btkdata/c3d/Res16bits.c3d",
        "11_btkdata/c3d/parameterOverflow.c3d",
        "11_btkdata/c3d/type-2a.c3d",
        "27_pyomeca/markers_analogs.c3d",
    ] {
        let Some(path) = recording(name) else { return };
        let trial = surae_io::read_trial(&path).expect("readable");
        let target = folder.path().join("again.c3d");
        let notes = surae_io::write_trial(&trial, &target).unwrap_or_else(|error| panic!("{error}"));
        let back = surae_io::read_trial(&target).expect("readable");
        same(&trial, &back, name);
        for (stream, label) in
            trial.streams.iter().flat_map(|s| s.channels.iter().map(move |c| (s, &c.label)))
        {
            let there =
                back.stream(&stream.name).is_some_and(|s| s.channels.iter().any(|c| c.label == *label));
            assert!(there, "{name}: {label} of {} is gone; {notes:?}", stream.name);
        }
        println!("{name}: {notes:?}");
    }
}

/// ezc3d and py-c3d read the same values, labels, units, events and plates.
#[test]
fn other_readers_read_what_was_written() {
    let python = std::env::var("SURAE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let available =
        Command::new(&python).args(["-c", "import ezc3d, c3d"]).output().is_ok_and(|o| o.status.success());
    if !available {
        println!("skipped: {python} has no ezc3d and c3d (set SURAE_PYTHON to one that has)");
        return;
    }
    let mut small = trial();
    narrow(&mut small, 40);
    let mut only_analog = small.clone();
    only_analog.markers = None;
    let mut only_points = small.clone();
    only_points.streams.clear();
    only_points.plates.clear();
    let folder = tempfile::tempdir().expect("a folder");
    for (name, trial) in
        [("wide", trial()), ("small", small), ("analog", only_analog), ("points", only_points)]
    {
        compare(&python, folder.path(), name, &trial);
    }
    for name in ["01_dorn2012_jog/JA1Gait21.c3d", "03_bmc_gait/Gait.c3d", "11_btkdata/c3d/1123x01EMG.c3d"] {
        let Some(path) = recording(name) else { return };
        let mut trial = surae_io::read_trial(&path).expect("readable");
        trial.streams.retain(|stream| stream.name == "analog");
        compare(&python, folder.path(), "recording", &trial);
    }
}

/// The first `channels` channels of the first stream.
fn narrow(trial: &mut Trial, channels: usize) {
    let stream = &mut trial.streams[0];
    let width = stream.channels.len();
    stream.channels.truncate(channels);
    if let Samples::I32(values) = &stream.samples {
        stream.samples =
            Samples::I32(values.chunks(width).flat_map(|frame| frame[..channels].to_vec()).collect());
    }
    trial.plates[0].channels = (0..6).collect();
}

fn compare(python: &str, folder: &Path, name: &str, trial: &Trial) {
    let path = folder.join(format!("{name}.c3d"));
    surae_io::write_trial(trial, &path).unwrap_or_else(|error| panic!("{error}"));
    let finite = |v: &f64| v.is_finite().then_some(*v);
    let stream = trial.streams.first();
    let set = trial.markers.as_ref();
    let (rate, per_frame) = match (set, stream) {
        (Some(set), stream) => (set.rate_hz, stream.map_or(1.0, |s| s.rate_hz / set.rate_hz)),
        (None, Some(stream)) => (stream.rate_hz, 1.0),
        (None, None) => panic!("nothing to compare"),
    };
    let analog: Vec<_> = stream.iter().flat_map(|s| (0..s.channels.len()).map(move |k| (s, k))).collect();
    let first_frame = (trial.time_origin_s * rate).round() as usize + 1;
    let origin_s = (first_frame - 1) as f64 / rate;
    let label = |event: &Event| match (event.label.as_str(), event.kind) {
        ("", EventKind::FootContact) => "Foot Strike".to_owned(),
        (label, _) => label.to_owned(),
    };
    let side =
        |event: &Event| event.side.map_or("General", |s| if s == Side::Left { "Left" } else { "Right" });
    let values = json!({
        "point_rate_hz": rate,
        "analog_rate_hz": rate * per_frame,
        "first_frame": first_frame,
        "frames": set.map_or_else(|| stream.map_or(0, Stream::frames), MarkerSet::frames),
        "analog": analog.iter().map(|(s, k)| json!({
            "label": s.channels[*k].label,
            "unit": s.channels[*k].unit.symbol(),
            "values": s.column(*k).iter().map(finite).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "points": set.iter().flat_map(|set| &set.markers).map(|m| json!({
            "label": m.label,
            "values": m.position.iter().map(|p| p[0].is_finite().then_some(*p)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "events": trial.events.iter().map(|e| json!([e.time_s.0 + origin_s, label(e), side(e)])).collect::<Vec<_>>(),
        "plates": trial.plates.iter().map(|p| p.plate_type).collect::<Vec<_>>(),
    });
    let file = folder.join("values.json");
    std::fs::write(&file, values.to_string()).expect("written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tools/c3d_written.py");
    let output = Command::new(python).arg(script).arg(&path).arg(&file).output().expect("python starts");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {text}");
    println!("{text}");
}

/// Angles of a model stay angles of their joint and side.
#[test]
fn joint_angles_survive() {
    let role = |joint| Role { kind: Kind::Angle, joint, side: Some(Side::Right), ..Role::unknown("test") };
    let stream = Stream {
        name: "coordinates".to_owned(),
        rate_hz: 100.0,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels: vec![Channel::new("knee_angle_r", role(Some(surae_trial::Joint::Knee)), Unit::Degree)],
        samples: Samples::F64(vec![0.0, 12.5, f64::NAN, 60.0]),
        gaps: Vec::new(),
        times_s: Vec::new(),
    };
    let trial = Trial { streams: vec![stream], ..Trial::default() };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.c3d");
    surae_io::write_trial(&trial, &path).expect("written");
    let back = surae_io::read_trial(&path).expect("readable");
    let stream = back.stream("angles").expect("angles");
    let knee = stream.channels.iter().position(|c| c.is_angle_of(surae_trial::Joint::Knee, Side::Right));
    let column = stream.column(knee.expect("a knee"));
    assert!(
        column[0].abs() < 1e-30 && column[1] == 12.5 && column[2].is_nan() && column[3] == 60.0,
        "{column:?}"
    );
}
