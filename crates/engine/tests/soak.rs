//! Long sessions: 16 channels at 4 kHz, nothing lost in the recorder, memory flat; and a file source that waits for its reader.
//!
//! CI runs some seconds at four times real time. Longer ones by hand, seconds of samples and speed:
//!
//! ```text
//! SURAE_SOAK=600:1      cargo test --release -p surae-engine --test soak -- --nocapture    10 min in real time
//! SURAE_SOAK=28800:40   cargo test --release -p surae-engine --test soak -- --nocapture    8 h at speed
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests fail as tests do; the list is for the sample path"
)]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use surae_engine::{Device, DeviceSpec, Session, SessionOptions, Source, Speed};
use surae_gait::pipeline::Record;
use surae_io::Error;
use surae_io::device::{Options, Protocol, Twin};
use surae_io::port::{ByteSource, PortInfo, Ports};
use surae_trial::{Channel, Kind, Muscle, Role, Samples, Seconds, Side, Stream, Trial, Unit};

const CHANNELS: usize = 16;
const RATE_HZ: f64 = 4000.0;

/// A board that sends `total` frames, `speed` times as fast as they are taken.
struct Board {
    total: u64,
    speed: f64,
    sent: Arc<AtomicU64>,
}

struct Opened {
    twin: Twin,
    total: u64,
    speed: f64,
    sent: Arc<AtomicU64>,
    started: Instant,
    waiting: Vec<u8>,
    row: Vec<f64>,
}

impl Ports for Board {
    fn list(&self) -> Result<Vec<PortInfo>, Error> {
        Ok(Vec::new())
    }

    fn open(&self, _: &str, _: u32, _: Protocol) -> Result<Box<dyn ByteSource>, Error> {
        Ok(Box::new(Opened {
            twin: Twin::new(Protocol::Surae, Options::default(), CHANNELS),
            total: self.total,
            speed: self.speed,
            sent: Arc::clone(&self.sent),
            started: Instant::now(),
            waiting: Vec::new(),
            row: vec![0.0; CHANNELS],
        }))
    }
}

impl ByteSource for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.waiting.is_empty() {
            let due = (self.started.elapsed().as_secs_f64() * RATE_HZ * self.speed) as u64;
            let mut n = self.sent.load(Ordering::Relaxed);
            // At most what a USB driver would hold.
            let end = due.min(self.total).min(n + 400);
            while n < end {
                for (k, value) in self.row.iter_mut().enumerate() {
                    let noise = (n * CHANNELS as u64 + k as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54;
                    *value = noise as f64 - 512.0;
                }
                let us = (n as f64 / RATE_HZ * 1e6) as u64;
                self.twin.frame_timed(n, us, &self.row, &mut self.waiting);
                n += 1;
            }
            self.sent.store(n, Ordering::Relaxed);
        }
        if self.waiting.is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let n = buffer.len().min(self.waiting.len());
        buffer[..n].copy_from_slice(&self.waiting[..n]);
        self.waiting.drain(..n);
        Ok(n)
    }

    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn name(&self) -> &str {
        "soak"
    }
}

/// Memory of this process that is really there, in MB; `None` where the system does not say.
fn resident_mb() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// Seconds of samples and speed.
fn length() -> (f64, f64) {
    let stated = std::env::var("SURAE_SOAK").ok();
    let parsed = stated.as_deref().and_then(|text| {
        let (seconds, speed) = text.split_once(':')?;
        Some((seconds.parse().ok()?, speed.parse().ok()?))
    });
    assert!(stated.is_none() || parsed.is_some(), "SURAE_SOAK is SECONDS:SPEED, for example 600:1");
    parsed.unwrap_or((24.0, 4.0))
}

#[test]
fn nothing_is_lost_in_the_recorder_and_memory_stays_flat() {
    let (seconds, speed) = length();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("soak.xdf");
    let total = (seconds * RATE_HZ) as u64;
    let sent = Arc::new(AtomicU64::new(0));
    let ports: Arc<dyn Ports> = Arc::new(Board { total, speed, sent: Arc::clone(&sent) });
    let spec = DeviceSpec {
        device: Device::Surae,
        port: "soak".to_owned(),
        rate_hz: Some(RATE_HZ),
        ..DeviceSpec::default()
    };
    let options = SessionOptions {
        ports: Some(ports),
        record: Some(path.clone()),
        records: true,
        display: true,
        ..SessionOptions::default()
    };
    let mut session = Session::start(Source::Devices(vec![spec]), options).unwrap();
    let (mut early_mb, mut most_mb, mut told) = (f64::NAN, 0.0_f64, Instant::now());
    let patience = Duration::from_secs_f64(60.0 + 3.0 * seconds / speed);
    let started = Instant::now();
    loop {
        session.drain(|_| {});
        let frames = session.status().sources.first().map_or(0, |source| source.frames);
        let now_mb = resident_mb().unwrap_or(f64::NAN);
        if frames > total / 4 {
            early_mb = if early_mb.is_nan() { now_mb } else { early_mb };
            most_mb = most_mb.max(now_mb);
        }
        if told.elapsed() > Duration::from_secs(30) {
            told = Instant::now();
            println!("{:.0} of {seconds:.0} s, {now_mb:.1} MB", frames as f64 / RATE_HZ);
        }
        if frames >= total {
            break;
        }
        assert!(started.elapsed() < patience, "{frames} of {total} frames after {patience:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    let summary = session.stop();
    let source = &summary.sources[0];
    println!(
        "{seconds} s of {CHANNELS} channels at {RATE_HZ} Hz, {speed} times real time: {} frames, not recorded {}, not \
         analysed {}, memory {early_mb:.1} MB after a quarter, {most_mb:.1} MB at most",
        source.frames, source.losses.recorder_frames, source.losses.pipeline_frames
    );
    assert_eq!((source.frames, source.losses.lost_frames), (total, 0));
    assert_eq!((source.losses.recorder_frames, summary.recording_error), (0, None));
    // What a queue holds for a moment comes and goes; what leaks grows with every block.
    assert!(early_mb.is_nan() || most_mb - early_mb < 24.0, "{early_mb} MB became {most_mb} MB");
    if total < 1_000_000 {
        let trial = surae_io::read_trial(&path).unwrap();
        assert_eq!((trial.streams[0].frames() as u64, trial.streams[0].gaps.len()), (total, 0));
    }
}

/// A reader that sleeps: a file waits for it, and nothing is lost.
#[test]
fn a_file_source_waits_for_a_slow_reader() {
    let role = |muscle| Role {
        kind: Kind::RawEmg,
        muscle: Some(muscle),
        side: Some(Side::Right),
        joint: None,
        reason: "test".to_owned(),
    };
    let frames = 200_000_u64;
    let values = (0..2 * frames).map(|k| (k.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as f64 - 512.0);
    let stream = Stream {
        name: "emg".to_owned(),
        rate_hz: 1000.0,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels: vec![
            Channel::new("RMG", role(Muscle::MG), Unit::Microvolt),
            Channel::new("RSOL", role(Muscle::SOL), Unit::Microvolt),
        ],
        samples: Samples::F64(values.collect()),
        gaps: Vec::new(),
        times_s: Vec::new(),
    };
    let trial = Arc::new(Trial { streams: vec![stream], ..Trial::default() });
    let play = |naps: bool| {
        let options = SessionOptions { records: true, ..SessionOptions::default() };
        let source = Source::Trial { trial: Arc::clone(&trial), speed: Speed::Max, looped: false };
        let mut session = Session::start(source, options).unwrap();
        let mut estimates = Vec::new();
        if naps {
            // 200 s hold 10 000 decisions; 4096 fit between the pipeline and a reader that does not come.
            std::thread::sleep(Duration::from_secs(1));
        }
        while session.drain(|record| {
            if let Record::Estimate(estimate) = record {
                estimates.push(estimate.index.0);
            }
        }) {
            std::thread::sleep(Duration::from_millis(if naps { 100 } else { 1 }));
        }
        let summary = session.stop();
        assert_eq!((summary.sources[0].losses.records, summary.sources[0].losses.pipeline_frames), (0, 0));
        estimates
    };
    let (slow, fast) = (play(true), play(false));
    assert_eq!(slow.len() as u64, frames / 20);
    assert_eq!(slow, fast);
}
