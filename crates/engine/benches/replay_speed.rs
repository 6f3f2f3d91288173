//! How much faster than real time a trial is replayed: 8 EMG channels at 2 kHz with knee angle, decisions for one leg, through all
//! threads and rings of a session. `cargo bench -p surae-engine`.

#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use surae_engine::{Session, SessionOptions, Source, Speed};
use surae_trial::{Channel, Joint, Kind, Muscle, Role, Samples, Seconds, Side, Stream, Trial, Unit};

const DURATION_S: usize = 120;
const RATE_HZ: usize = 2000;

fn channel(kind: Kind, muscle: Option<Muscle>, unit: Unit) -> Channel {
    let joint = (kind == Kind::Angle).then_some(Joint::Knee);
    Channel::new(
        "bench",
        Role { kind, muscle, side: Some(Side::Right), joint, reason: "bench".to_owned() },
        unit,
    )
}

fn stream(name: &str, rate_hz: usize, channels: Vec<Channel>, samples: Vec<f64>) -> Stream {
    Stream {
        name: name.to_owned(),
        rate_hz: rate_hz as f64,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels,
        samples: Samples::F64(samples),
        gaps: Vec::new(),
        times_s: Vec::new(),
    }
}

fn main() {
    use Muscle::{BF, LG, MG, PL, SOL, ST, TA, VM};
    let emg =
        [MG, LG, SOL, TA, PL, VM, BF, ST].map(|m| channel(Kind::RawEmg, Some(m), Unit::Microvolt)).to_vec();
    let noise = |k: usize| ((k.wrapping_mul(2_654_435_761) >> 9) % 2001) as f64 / 10.0 - 100.0;
    let samples = (0..DURATION_S * RATE_HZ * 8).map(noise).collect();
    let knee = (0..DURATION_S * 100).map(|k| 30.0 + 20.0 * (k as f64 * 0.06).sin()).collect();
    let trial = Arc::new(Trial {
        path: "bench".to_owned(),
        streams: vec![
            stream("emg", RATE_HZ, emg, samples),
            stream("knee", 100, vec![channel(Kind::Angle, None, Unit::Degree)], knee),
        ],
        ..Trial::default()
    });
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let options = SessionOptions { records: true, ..SessionOptions::default() };
        let source = Source::Trial { trial: Arc::clone(&trial), speed: Speed::Max, looped: false };
        let started = Instant::now();
        let Ok(mut session) = Session::start(source, options) else { return };
        let mut records = 0_u64;
        while session.drain(|_| records += 1) {
            thread::sleep(Duration::from_micros(500));
        }
        session.join();
        best = best.min(started.elapsed().as_secs_f64());
        let _ = writeln!(std::io::stdout(), "{records} records in {:.3} s", started.elapsed().as_secs_f64());
    }
    let _ =
        writeln!(std::io::stdout(), "best: {:.0} times real time (8 ch x 2 kHz)", DURATION_S as f64 / best);
}
