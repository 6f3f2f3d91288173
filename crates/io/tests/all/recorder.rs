//! The recorder's files: restored exactly by our reader, right to one sample in pyxdf, readable after a crash.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use surae_io::read_trial;
use surae_io::recorder::{Recorder, RecordingInfo};
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{
    Channel, Event, EventKind, EventSource, HostNs, Joint, Kind, Muscle, NativeType, Profile, Role,
    SampleIndex, Seconds, SessionLayout, Settings, Side, StreamId, StreamLayout, Task, Unit,
};

const EMG_HZ: f64 = 2000.0;
const ANGLE_HZ: f64 = 100.0;
/// Holes of the master: first lost index and length (20 ms, 0.3 s, 2 s).
const HOLES: [(u64, u64); 3] = [(3000, 40), (6000, 600), (9000, 4000)];
const BLOCK: u64 = 16;

fn layout() -> SessionLayout {
    let role = |kind, muscle, joint| Role {
        kind,
        muscle,
        side: Some(Side::Right),
        joint,
        reason: "test <&>".to_owned(),
    };
    let emg =
        |label: &str, muscle| Channel::new(label, role(Kind::RawEmg, Some(muscle), None), Unit::Microvolt);
    let knee = Channel::new("knee \"r\"", role(Kind::Angle, None, Some(Joint::Knee)), Unit::Degree);
    SessionLayout::new(vec![
        StreamLayout {
            name: "emg".to_owned(),
            rate_hz: EMG_HZ,
            native: NativeType::I16,
            channels: vec![emg("MG", Muscle::MG), emg("SOL", Muscle::SOL)],
        },
        StreamLayout {
            name: "angle".to_owned(),
            rate_hz: ANGLE_HZ,
            native: NativeType::F64,
            channels: vec![knee],
        },
    ])
}

fn profile() -> Profile {
    Profile {
        schema: Profile::SCHEMA.to_owned(),
        athlete: "A. <B>".to_owned(),
        date: "2026-11-22".to_owned(),
        placement: String::new(),
        illustrative: false,
        references: Vec::new(),
        straight: Vec::new(),
        isolation: Vec::new(),
        conditioning: None,
        goniometers: Vec::new(),
        knee_offset_left_deg: None,
        knee_offset_right_deg: Some(0.1 + 0.2),
    }
}

/// What a session hands to the recorder.
enum Item {
    Block(BlockHeader, Vec<f64>),
    Entry(Stamped),
}

/// A session of 10 s with three holes, an angle stream, settings, clocks and marks.
fn session() -> Vec<Item> {
    let mut items = Vec::new();
    let mut index = 0u64;
    let mut angle = 0u64;
    let stamp = |at: u64, entry| Item::Entry(Stamped { at: SampleIndex(at), entry });
    while index < 20_000 {
        if let Some((first, lost)) = HOLES.into_iter().find(|(first, _)| *first == index) {
            items.push(stamp(
                index,
                Entry::Gap { stream: StreamId(0), index: SampleIndex(first), lost, certain: lost != 600 },
            ));
            index += lost;
        }
        let next = HOLES.into_iter().map(|(first, _)| first).find(|first| *first > index).unwrap_or(20_000);
        let frames = BLOCK.min(next - index);
        let values = (index..index + frames).flat_map(|k| [(k % 1000) as f64, -((k % 777) as f64)]).collect();
        let header = BlockHeader {
            stream: StreamId(0),
            first: SampleIndex(index),
            frames: frames as u32,
            position: index as f64,
            step: 1.0,
        };
        items.push(Item::Block(header, values));
        index += frames;
        while (angle as f64) * EMG_HZ / ANGLE_HZ + 0.37 < index as f64 {
            let position = angle as f64 * EMG_HZ / ANGLE_HZ + 0.37;
            let header = BlockHeader {
                stream: StreamId(1),
                first: SampleIndex(angle),
                frames: 1,
                position,
                step: 20.0,
            };
            items.push(Item::Block(header, vec![(angle as f64 * 0.1).sin() / 3.0]));
            angle += 1;
        }
        if index == 4016 {
            let settings = Settings::for_task(Task::Run);
            items.push(stamp(index, Entry::Settings(settings)));
            items.push(stamp(index, Entry::Mark { code: 3, index: SampleIndex(index) }));
            let clock =
                Entry::Clock { stream: StreamId(0), origin: HostNs(123_456_789), rate_hz: 2_000.123_456_789 };
            items.push(stamp(index, clock));
            let straight = Entry::Straight { side: Side::Left, log_ratio: 0.1 + 0.2 };
            items.push(stamp(index, straight));
            let strike = Entry::Event {
                kind: EventKind::FootContact,
                side: Some(Side::Right),
                index: SampleIndex(4001),
            };
            items.push(stamp(index, strike));
        }
    }
    items.push(stamp(index, Entry::End));
    items
}

/// The entries that the log must hold: those handed over, and a block entry for each block of the angle.
fn expected_entries(items: &[Item]) -> Vec<Stamped> {
    let mut end = SampleIndex(0);
    let mut entries = Vec::new();
    for item in items {
        match item {
            Item::Entry(stamped) => entries.push(*stamped),
            Item::Block(header, _) if header.stream == StreamId(0) => {
                end = SampleIndex(header.first.0 + u64::from(header.frames));
            }
            Item::Block(header, _) => entries.push(Stamped { at: end, entry: Entry::Block(*header) }),
        }
    }
    entries
}

const START_NS: i64 = 5_000_000_000_000;

fn record(path: &Path, items: &[Item], finish: bool) {
    let provenance = BTreeMap::from([("device".to_owned(), "test".to_owned())]);
    let layout = layout();
    let info = RecordingInfo {
        layout: &layout,
        settings: &Settings::default(),
        profile: Some(&profile()),
        provenance: &provenance,
    };
    let mut recorder = Recorder::create(path, &info).expect("the file is created");
    let event = Event {
        time_s: Seconds(1.25),
        kind: EventKind::Mark,
        side: None,
        source: EventSource::User,
        label: "a note with \"quotes\"\nand a line".to_owned(),
    };
    recorder.note_event(&event).expect("taken");
    let mut now = HostNs(START_NS);
    for item in items {
        match item {
            Item::Block(header, values) => {
                // A block is read when its last sample is there.
                let end_s = (header.position + header.step * f64::from(header.frames)) / EMG_HZ;
                now = HostNs(START_NS + (end_s * 1e9) as i64);
                recorder.block(header, values, now).expect("taken");
            }
            Item::Entry(stamped) => recorder.entry(stamped).expect("taken"),
        }
        recorder.step(now).expect("written");
    }
    if finish {
        recorder.finish().expect("written");
    }
}

/// A whole session in a file, for other tests.
pub fn record_session(path: &Path) {
    record(path, &session(), true);
}

#[test]
fn a_recording_restores_its_log_exactly() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.xdf");
    let items = session();
    record(&path, &items, true);
    let trial = read_trial(&path).expect("readable");
    let log = trial.log.as_ref().expect("a recording has its log");
    assert_eq!(log.layout, layout());
    assert_eq!(log.settings, Settings::default());
    assert_eq!(log.profile, Some(profile()), "a replay needs no other file");
    assert_eq!(log.entries, expected_entries(&items));
    assert_eq!(log.events.len(), 1);
    assert_eq!(log.events[0].label, "a note with \"quotes\"\nand a line");

    let emg = &trial.streams[0];
    assert_eq!(emg.samples.native_type(), NativeType::I16);
    assert_eq!(emg.span(), 20_000);
    let gaps: Vec<(u64, u64, bool)> =
        emg.gaps.iter().map(|g| (g.index.0, g.lost_samples, g.certain)).collect();
    assert_eq!(gaps, HOLES.map(|(first, lost)| (first, lost, lost != 600)));
    assert_eq!(emg.measured_rate_hz, Some(2_000.123_456_789));
    let column = emg.column(0);
    for (k, value) in column.iter().enumerate() {
        let lost = HOLES.iter().any(|(first, lost)| (*first..first + lost).contains(&(k as u64)));
        assert!(if lost { value.is_nan() } else { *value == (k % 1000) as f64 }, "sample {k}: {value}");
    }
    let angle = &trial.streams[1];
    assert_eq!(angle.frames(), 1000);
    assert!((angle.start_s.0 - 0.37 / EMG_HZ).abs() < 1e-12);
    assert_eq!(angle.column(0)[7], (7.0f64 * 0.1).sin() / 3.0);
    assert!(
        trial
            .events
            .iter()
            .any(|e| e.kind == EventKind::FootContact && (e.time_s.0 - 4001.0 / EMG_HZ).abs() < 1e-9)
    );
    assert!(!trial.notes.iter().any(|note| note.code == "recording_not_ended"));
}

#[test]
fn a_recording_cut_anywhere_opens_with_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.xdf");
    let items = session();
    record(&path, &items, true);
    let bytes = std::fs::read(&path).expect("readable");
    let headers = 6000;
    for k in 0..40 {
        let cut = headers + (bytes.len() - headers) * k / 40;
        let trial =
            surae_io::read_bytes("torn.xdf", &bytes[..cut]).unwrap_or_else(|error| panic!("{cut}: {error}"));
        let expected = expected_entries(&items);
        let log = trial.log.expect("log");
        assert_eq!(log.entries[..], expected[..log.entries.len()], "cut at {cut}");
        // All but the last 100 ms before the tear (and the torn chunk itself) is there.
        let whole = cut as f64 / bytes.len() as f64;
        let span = trial.streams[0].span() as f64 / 20_000.0;
        assert!(span > whole - 0.25, "cut at {whole:.2} of the file, {span:.2} of the samples");
    }
}

#[test]
fn a_recorder_that_was_dropped_leaves_a_file_that_opens() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.xdf");
    let mut items = session();
    items.truncate(items.len() / 2);
    record(&path, &items, false);
    let trial = read_trial(&path).expect("readable");
    assert!(trial.notes.iter().any(|note| note.code == "recording_not_ended"));
    assert!(trial.streams[0].frames() > 3000);
}

#[test]
fn blocks_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.xdf");
    let (layout, provenance) = (layout(), BTreeMap::new());
    let info = RecordingInfo {
        layout: &layout,
        settings: &Settings::default(),
        profile: None,
        provenance: &provenance,
    };
    let mut recorder = Recorder::create(&path, &info).expect("created");
    let header =
        BlockHeader { stream: StreamId(0), first: SampleIndex(0), frames: 1, position: 0.0, step: 1.0 };
    assert!(recorder.block(&header, &[1.0], HostNs(0)).is_err());
    assert!(recorder.block(&header, &[1.0, f64::NAN], HostNs(0)).is_err(), "an i16 has no NaN");
    assert!(recorder.block(&header, &[1.0, 40_000.0], HostNs(0)).is_err());
    assert!(!recorder.is_stopped(), "a block that does not fit is no reason to stop");
    recorder.block(&header, &[1.0, 2.0], HostNs(0)).expect("taken");
    recorder.finish().expect("written");
    let trial = read_trial(&path).expect("refused blocks left no trace");
    assert_eq!(trial.streams[0].samples, surae_trial::Samples::I16(vec![1, 2]));
    assert!(Recorder::create(Path::new("/nonexistent/x.xdf"), &info).is_err());
}

/// pyxdf with default options gives every sample's time to one sample, also around the holes.
#[test]
fn pyxdf_places_every_sample() {
    let python = std::env::var("SURAE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let available =
        Command::new(&python).args(["-c", "import pyxdf"]).output().is_ok_and(|o| o.status.success());
    if !available {
        println!("skipped: {python} has no pyxdf (set SURAE_PYTHON to one that has)");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.xdf");
    record(&path, &session(), true);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tools/pyxdf_times.py");
    let holes = HOLES.map(|(first, lost)| format!("{first}:{lost}")).join(",");
    let output = Command::new(&python)
        .arg(script)
        .arg(&path)
        .args(["--rate", "2000", "--holes", &holes])
        .output()
        .expect("python starts");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    println!("{text}");
}
