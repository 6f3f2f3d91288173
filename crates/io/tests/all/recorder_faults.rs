//! A recording whose disk fills up at any byte, and one that begins before its trigger.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use surae_io::read_bytes;
use surae_io::recorder::{PreTrigger, Recorder, RecordingInfo, Store};
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{
    Channel, HostNs, Kind, Muscle, NativeType, Role, SampleIndex, Samples, SessionLayout, Settings, Side,
    StreamId, StreamLayout, Task, Unit,
};

const RATE_HZ: f64 = 1000.0;
const FRAMES: u64 = 20;

/// A disk with room for so many bytes; like a real one it takes a part of the write that does not fit.
#[derive(Clone)]
struct SmallDisk {
    bytes: Arc<Mutex<Vec<u8>>>,
    room: usize,
    sync_fails: bool,
}

impl SmallDisk {
    fn with_room(room: usize) -> Self {
        Self { bytes: Arc::default(), room, sync_fails: false }
    }

    fn content(&self) -> Vec<u8> {
        self.bytes.lock().expect("one thread").clone()
    }
}

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.bytes.lock().expect("one thread");
        let fits = bytes.len().min(self.room - held.len());
        held.extend_from_slice(&bytes[..fits]);
        if fits == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(fits) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Store for SmallDisk {
    fn sync(&mut self, _: bool) -> io::Result<()> {
        if self.sync_fails { Err(io::Error::other("the cable is out")) } else { Ok(()) }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.bytes.lock().expect("one thread").truncate(length as usize);
        Ok(())
    }
}

fn layout() -> SessionLayout {
    let channel = |label: &str, kind, muscle| {
        let role = Role { kind, muscle, side: Some(Side::Right), joint: None, reason: "test".to_owned() };
        Channel::new(label, role, Unit::Arbitrary)
    };
    let stream = |name: &str, rate_hz, channel| StreamLayout {
        name: name.to_owned(),
        rate_hz,
        native: NativeType::I32,
        channels: vec![channel],
    };
    SessionLayout::new(vec![
        stream("emg", RATE_HZ, channel("RSOL", Kind::RawEmg, Some(Muscle::SOL))),
        stream("angle", 100.0, channel("knee", Kind::Angle, None)),
    ])
}

/// Block `k` of the EMG, whose values are the session's indices, and the angle's frames that lie in it.
fn blocks(k: u64) -> [(BlockHeader, Vec<f64>); 2] {
    let first = k * FRAMES;
    let emg = BlockHeader {
        stream: StreamId(0),
        first: SampleIndex(first),
        frames: FRAMES as u32,
        position: first as f64,
        step: 1.0,
    };
    let angle = BlockHeader {
        stream: StreamId(1),
        first: SampleIndex(2 * k),
        frames: 2,
        position: first as f64 + 3.0,
        step: 10.0,
    };
    [
        (emg, (first..first + FRAMES).map(|v| v as f64).collect()),
        (angle, vec![2.0 * k as f64, 2.0 * k as f64 + 1.0]),
    ]
}

fn host(k: u64) -> HostNs {
    HostNs(7_000_000_000 + ((k + 1) * FRAMES * 1_000_000) as i64)
}

#[test]
fn a_disk_that_fills_up_at_any_byte_leaves_a_file_that_opens() {
    let (layout, provenance) = (layout(), BTreeMap::new());
    let settings = Settings::default();
    let info = RecordingInfo { layout: &layout, settings: &settings, profile: None, provenance: &provenance };
    let headers = {
        let disk = SmallDisk::with_room(1 << 20);
        drop(Recorder::into_store(Path::new("full.xdf"), Box::new(disk.clone()), &info).expect("written"));
        disk.content().len()
    };
    let mut stopped = 0;
    for room in (headers..headers + 4000).step_by(37) {
        let disk = SmallDisk::with_room(room);
        let mut recorder = Recorder::into_store(Path::new("full.xdf"), Box::new(disk.clone()), &info)
            .expect("room for headers");
        let mut told = Vec::new();
        for k in 0..40 {
            for (header, values) in blocks(k) {
                recorder.block(&header, &values, host(k)).expect("taken");
            }
            if k == 1 {
                let mark = Entry::Mark { code: 3, index: SampleIndex(30) };
                recorder.entry(&Stamped { at: SampleIndex(40), entry: mark }).expect("taken");
            }
            if let Err(error) = recorder.step(host(k)) {
                told.push(error.to_string());
                break;
            }
        }
        let text = told.first().expect("4000 bytes are less than 40 blocks");
        assert!(text.contains("full.xdf") && text.contains("write"), "{text}");
        assert!(recorder.is_stopped() && recorder.step(host(50)).is_err(), "it does not start again");
        assert!(recorder.finish().is_err());
        stopped += 1;
        let bytes = disk.content();
        let trial = read_bytes("full.xdf", &bytes).unwrap_or_else(|error| panic!("room {room}: {error}"));
        assert!(!trial.notes.iter().any(|note| note.code == "xdf_torn"), "room {room}: a torn chunk");
        let Samples::I32(values) = &trial.streams[0].samples else { panic!("native type") };
        assert!(values.iter().copied().eq(0..values.len() as i32), "room {room}");
        let marks = trial.events.len();
        assert_eq!(marks, usize::from(values.len() >= 60), "room {room}: {} samples", values.len());
    }
    assert!(stopped > 100);
}

#[test]
fn a_sync_that_fails_ends_the_recording_with_what_was_written() {
    let (layout, provenance) = (layout(), BTreeMap::new());
    let settings = Settings::default();
    let info = RecordingInfo { layout: &layout, settings: &settings, profile: None, provenance: &provenance };
    let disk = SmallDisk { bytes: Arc::default(), room: 1 << 20, sync_fails: true };
    let mut recorder =
        Recorder::into_store(Path::new("s.xdf"), Box::new(disk.clone()), &info).expect("headers");
    for (header, values) in blocks(0) {
        recorder.block(&header, &values, host(0)).expect("taken");
    }
    let error = recorder.step(host(0)).expect_err("the cable is out").to_string();
    assert!(error.contains("the cable is out"), "{error}");
    let bytes = disk.content();
    assert_eq!(read_bytes("s.xdf", &bytes).expect("opens").streams[0].frames(), FRAMES as usize);
}

#[test]
fn a_pre_triggered_recording_begins_before_its_trigger_and_counts_from_there() {
    let layout = layout();
    let mut held = PreTrigger::new(&layout, &Settings::default(), 2.0);
    let at = |k: u64| SampleIndex(k * FRAMES);
    for k in 0..300 {
        for (header, values) in blocks(k) {
            held.block(&header, &values, host(k), None);
        }
        // Before the two seconds that are held (4 s to 6 s), and within.
        match k {
            50 => held.entry(&Stamped { at: at(51), entry: Entry::Settings(Settings::for_task(Task::Run)) }),
            60 | 70 => {
                let straight = Entry::Straight { side: Side::Right, log_ratio: k as f64 };
                held.entry(&Stamped { at: at(k), entry: straight });
            }
            80 => held.entry(&Stamped { at: at(80), entry: Entry::Mark { code: 1, index: at(80) } }),
            250 => held.entry(&Stamped { at: at(250), entry: Entry::Mark { code: 2, index: at(250) } }),
            _ => {}
        }
    }
    assert!((held.held_s() - 2.0).abs() < 0.03, "{}", held.held_s());
    let disk = SmallDisk::with_room(1 << 22);
    let mut recorder =
        held.start(Path::new("p.xdf"), Box::new(disk.clone()), None, &BTreeMap::new()).expect("written");
    for k in 300..350 {
        for (header, values) in blocks(k) {
            recorder.block(&header, &values, host(k)).expect("taken");
        }
    }
    recorder.finish().expect("written");
    let bytes = disk.content();
    let trial = read_bytes("p.xdf", &bytes).expect("opens");
    let log = trial.log.as_ref().expect("log");
    assert_eq!(log.settings, Settings::for_task(Task::Run), "the settings in force at the beginning");
    let straights: Vec<f64> = log
        .entries
        .iter()
        .filter_map(|s| if let Entry::Straight { log_ratio, .. } = s.entry { Some(log_ratio) } else { None })
        .collect();
    assert_eq!(straights, [70.0], "the reference in force at the beginning");
    let emg = &trial.streams[0];
    assert!(emg.gaps.is_empty(), "it begins with its first sample: {:?}", emg.gaps);
    let Samples::I32(values) = &emg.samples else { panic!("native type") };
    let begin = values[0];
    assert_eq!(*values.last().expect("samples"), 350 * FRAMES as i32 - 1);
    assert!((i64::from(begin) - 4000).abs() <= FRAMES as i64, "{begin}");
    assert!(values.iter().enumerate().all(|(k, v)| *v == begin + k as i32), "no sample lost or doubled");
    let marks: Vec<f64> = trial.events.iter().map(|event| event.time_s.0).collect();
    assert_eq!(marks.len(), 1, "the mark before the beginning is not in it");
    assert!((marks[0] - (5000.0 - f64::from(begin)) / RATE_HZ).abs() < 1e-9);
    // The angle keeps its place beside the EMG: its value is its index on a stream that stands 3 samples later.
    let angle = &trial.streams[1];
    let Samples::I32(angles) = &angle.samples else { panic!("native type") };
    let expected_s = (f64::from(angles[0]) * 10.0 + 3.0 - f64::from(begin)) / RATE_HZ;
    assert!((angle.start_s.0 - expected_s).abs() < 1e-9, "{} {expected_s}", angle.start_s.0);
}
