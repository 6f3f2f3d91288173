//! A pipeline that does not read for a while: whole blocks are dropped, the log says which, the recording has them, and a replay of
//! the recording decides what the live session decided.

use super::Message;
use super::live::Live;
use super::port::Line;
use super::reader::Received;
use super::recording;
use crate::ring::{self, Item, Polled, Receiver};
use crate::session::{DeviceSpec, Session, SessionOptions, Source, Speed};
use crate::status::{Losses, SessionEvent, Status, Summary};
use crate::threads::Hub;
use crossbeam_channel::{Sender, bounded};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use surae_gait::pipeline::{Output, Pipeline, Record};
use surae_io::device::{Options, Protocol, Twin};
use surae_trial::log::{Entry, Stamped};
use surae_trial::{
    AmplitudeReference, Estimator, HostNs, Kind, Muscle, NormalisationKind, Profile, Role, SessionLayout,
    Settings, Side, StreamLayout, Unit,
};

const RATE_HZ: f64 = 1000.0;
const WIDTH: usize = 4;
/// Frames that the pipeline's ring holds.
const ROOM: u64 = 256;

#[derive(Default)]
struct Records(Vec<Record>);

impl Output for Records {
    fn record(&mut self, record: &Record) {
        self.0.push(*record);
    }
}

fn profile() -> Profile {
    let reference = |muscle| AmplitudeReference {
        muscle,
        side: Side::Right,
        kind: NormalisationKind::MvcIso,
        estimator: Estimator::Arv,
        value: 400.0,
        rest: 1.0,
        unit: Unit::Microvolt,
        posture: None,
        window_ms: None,
        repeat_cv: None,
    };
    Profile {
        schema: Profile::SCHEMA.to_owned(),
        athlete: "test".to_owned(),
        date: "2026-01-01".to_owned(),
        placement: String::new(),
        illustrative: true,
        conditioning: None,
        references: vec![reference(Muscle::MG), reference(Muscle::SOL)],
        straight: Vec::new(),
        knee_offset_left_deg: None,
        knee_offset_right_deg: None,
        goniometers: Vec::new(),
        isolation: Vec::new(),
    }
}

fn layout(twin: &Twin) -> SessionLayout {
    let mut channels = twin.facts().channels.clone();
    for (channel, muscle) in channels.iter_mut().zip([Muscle::MG, Muscle::SOL]) {
        channel.role = Role {
            kind: Kind::RawEmg,
            muscle: Some(muscle),
            side: Some(Side::Right),
            joint: None,
            reason: "test".to_owned(),
        };
        channel.unit = Unit::Microvolt;
    }
    SessionLayout::new(vec![StreamLayout {
        name: "surae1".to_owned(),
        rate_hz: RATE_HZ,
        native: twin.facts().native,
        channels,
    }])
}

/// A device whose bytes the test hands in, and the reading end of the pipeline's ring.
struct Device {
    twin: Twin,
    bytes: Sender<Message>,
    next: u64,
    pipeline: Receiver,
    layout: Arc<SessionLayout>,
    log: JoinHandle<Summary>,
    _ends: (Sender<crate::Command>, crossbeam_channel::Receiver<SessionEvent>),
}

impl Device {
    fn start(path: &std::path::Path) -> Self {
        let twin = Twin::new(Protocol::Surae, Options::default(), WIDTH);
        let layout = Arc::new(layout(&twin));
        let spec = DeviceSpec { device: Protocol::Surae, port: "test".to_owned(), ..DeviceSpec::default() };
        let zero = Instant::now();
        let (say, _) = bounded(8);
        let lines = vec![Line::new(&spec, say, 0.0)];
        let options = SessionOptions { profile: Some(profile()), ..SessionOptions::default() };
        let recorder = recording::start(path, &layout, std::slice::from_ref(&spec), &options, zero).unwrap();
        let (ring_tx, pipeline) = ring::ring(1 << 10, ROOM as usize * WIDTH);
        let (command_tx, commands) = bounded(8);
        let (events, event_rx) = bounded(256);
        let (status, _) = triple_buffer::TripleBuffer::new(&Status::default()).split();
        let hub = Hub {
            commands,
            events,
            status,
            history: None,
            pipeline_thread: None,
            lost_records: Arc::default(),
            current: Status::default(),
            own: Losses::default(),
            decoded: None,
        };
        let (bytes, received) = bounded(4096);
        let moduli = [twin.facts().modulus];
        let live = Live::new(
            &[spec],
            lines,
            &moduli,
            &layout,
            received,
            Vec::new(),
            ring_tx,
            Some(recorder),
            hub,
            zero,
        );
        let log = std::thread::spawn(move || live.run());
        Self { twin, bytes, next: 0, pipeline, layout, log, _ends: (command_tx, event_rx) }
    }

    /// Sends frames up to `end`, 50 a read, and waits until the log thread has taken them.
    fn send(&mut self, end: u64) {
        while self.next < end {
            let mut bytes = Vec::new();
            let last = (self.next + 50).min(end);
            for n in self.next..last {
                let noise = |k: u64| ((n * 4 + k).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as f64 - 512.0;
                let us = (n as f64 / RATE_HZ * 1e6) as u64;
                self.twin.frame_timed(n, us, &[noise(0), noise(1), noise(2), noise(3)], &mut bytes);
            }
            self.next = last;
            let host = HostNs((last as f64 / RATE_HZ * 1e9) as i64);
            self.bytes.send((0, Received::Bytes(host, bytes))).unwrap();
        }
        while !self.bytes.is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        // The read that was taken last is being worked on.
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Reads what is there, or until the end, into a pipeline; the log entries that are drops.
fn read(ring: &mut Receiver, pipeline: &mut Pipeline, out: &mut Records, until_end: bool) -> Vec<(u64, u64)> {
    let (mut native, mut drops) = (Vec::new(), Vec::new());
    loop {
        match ring.poll(&mut native, |_| WIDTH) {
            Polled::Item(Item::Entry(Stamped { entry: Entry::Block(header), .. })) => {
                pipeline.block(&header, &native, out);
            }
            Polled::Item(Item::Entry(stamped)) => {
                if let Entry::PipelineDrop { first, last, .. } = stamped.entry {
                    drops.push((first.0, last.0));
                }
                pipeline.entry(&stamped, out);
            }
            Polled::Item(Item::Close) => pipeline.finish(out),
            Polled::Item(_) => {}
            Polled::Empty if until_end => std::thread::sleep(Duration::from_millis(1)),
            Polled::Empty | Polled::Finished => return drops,
        }
    }
}

fn told(records: &[Record]) -> Vec<String> {
    let kept = records.iter().filter(|r| matches!(r, Record::Estimate(_) | Record::Drop { .. }));
    kept.map(|record| format!("{record:?}")).collect()
}

#[test]
fn what_finds_no_room_is_dropped_whole_recorded_and_replayed_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full.xdf");
    let mut device = Device::start(&path);
    let settings = Settings::default();
    let mut pipeline = Pipeline::new(&device.layout, &settings, Some(&profile())).unwrap();
    let mut records = Records::default();
    // Nobody reads: the ring fills, and everything after that is dropped.
    device.send(2000);
    let mut drops = read(&mut device.pipeline, &mut pipeline, &mut records, false);
    // There is room again: what is still untold comes before the block that follows.
    device.send(2200);
    drops.extend(read(&mut device.pipeline, &mut pipeline, &mut records, false));
    device.send(2400);
    let Device { bytes, pipeline: mut ring, log, .. } = device;
    drop(bytes);
    drops.extend(read(&mut ring, &mut pipeline, &mut records, true));
    let summary = log.join().unwrap();
    let (first, last) = (drops[0].0, drops[drops.len() - 1].1);
    assert!(first > 0 && first <= ROOM && last == 1999, "{drops:?}");
    assert!(drops.windows(2).all(|pair| pair[1].0 == pair[0].1 + 1), "one stretch: {drops:?}");
    assert!(drops.iter().all(|(from, to)| from % 50 == 0 && to % 50 == 49), "whole blocks only: {drops:?}");
    let losses = summary.sources[0].losses;
    assert_eq!((losses.pipeline_frames, losses.recorder_frames), (last - first + 1, 0));
    assert_eq!((summary.sources[0].frames, summary.recording_error), (2400, None));

    let trial = surae_io::read_trial(&path).unwrap();
    assert_eq!((trial.streams[0].frames(), trial.streams[0].gaps.len()), (2400, 0), "recorded all the same");
    let trial = Arc::new(trial);
    let options = SessionOptions { records: true, ..SessionOptions::default() };
    let mut session =
        Session::start(Source::Trial { trial, speed: Speed::Max, looped: false }, options).unwrap();
    let mut replayed = Vec::new();
    while session.drain(|record| replayed.push(*record)) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let (live, replayed) = (told(&records.0), told(&replayed));
    // A drop for each block of 50, and a decision each 20 ms of the 0.65 s that were read.
    let dropped = live.iter().filter(|line| line.contains("Drop")).count();
    assert!(dropped == drops.len() && live.len() - dropped >= 25, "{dropped} of {}", live.len());
    assert_eq!(live, replayed);
}
