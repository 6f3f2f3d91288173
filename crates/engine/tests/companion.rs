//! What comes with a port: a second stream of the same device, left out where nothing comes over it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests fail as tests do; the list is for the sample path"
)]

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use surae_engine::{DeviceSpec, Session, SessionEvent, SessionOptions, Source};
use surae_io::Error;
use surae_io::device::{Protocol, trigno};
use surae_io::port::{ByteSource, PortInfo, Ports};

const TOLD: &str = "sensors=1,2\nrate_hz=1000\nunit=V\naux_rate_hz=100\naux=1\tg\naux=1\tg\naux=1\tg\naux=2\tdeg/s\naux=2\tdeg/s\n";

/// A base station with two sensors; its auxiliary connection may say nothing.
struct Station {
    aux_speaks: bool,
}

/// Sets of so many values at a rate.
struct Sets {
    rate_hz: f64,
    values: usize,
    sent: u64,
    started: Instant,
    companion: Option<Box<Sets>>,
}

impl Sets {
    fn new(rate_hz: f64, values: usize, companion: Option<Box<Self>>) -> Self {
        Self { rate_hz, values, sent: 0, started: Instant::now(), companion }
    }
}

impl Ports for Station {
    fn list(&self) -> Result<Vec<PortInfo>, Error> {
        Ok(Vec::new())
    }

    fn open(&self, _: &str, _: u32, _: Protocol) -> Result<Box<dyn ByteSource>, Error> {
        let rate_hz = if self.aux_speaks { 100.0 } else { 0.0 };
        let aux = Sets::new(rate_hz, trigno::AUX_CHANNELS, None);
        Ok(Box::new(Sets::new(1000.0, trigno::EMG_CHANNELS, Some(Box::new(aux)))))
    }
}

impl ByteSource for Sets {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        std::thread::sleep(Duration::from_millis(5));
        let due = (self.started.elapsed().as_secs_f64() * self.rate_hz) as u64;
        let mut bytes = Vec::new();
        while self.sent < due && bytes.len() + 4 * self.values <= buffer.len() {
            let set: Vec<f64> = (0..self.values).map(|k| k as f64 + 0.5).collect();
            trigno::encode(&set, self.values, &mut bytes);
            self.sent += 1;
        }
        buffer[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }

    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn name(&self) -> &str {
        if self.values == trigno::AUX_CHANNELS { "station (auxiliary)" } else { "station" }
    }

    fn told(&self) -> &str {
        TOLD
    }

    fn companion(&mut self) -> Option<(Protocol, Box<dyn ByteSource>)> {
        Some((Protocol::TrignoAux, self.companion.take()?))
    }
}

fn session(aux_speaks: bool) -> Session {
    let spec = DeviceSpec { device: Protocol::Trigno, port: "station".to_owned(), ..DeviceSpec::default() };
    let ports: Arc<dyn Ports> = Arc::new(Station { aux_speaks });
    let options = SessionOptions { ports: Some(ports), ..SessionOptions::default() };
    Session::start(Source::Devices(vec![spec]), options).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_second_stream_of_the_device_rides_along() {
    let session = session(true);
    let layout = session.layout();
    assert_eq!(layout.streams.len(), 2);
    assert_eq!((layout.streams[1].name.as_str(), layout.streams[1].rate_hz), ("trigno-aux2", 100.0));
    let labels: Vec<&str> = layout.streams[1].channels.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["S1 ACC X", "S1 ACC Y", "S1 ACC Z", "S2 GYRO X", "S2 GYRO Y", "S2 AUX3"]);
    std::thread::sleep(Duration::from_secs(2));
    let sources = session.stop().sources;
    assert!(sources[0].frames > 1500 && sources[1].frames > 150, "{sources:?}");
    assert!(sources.iter().all(|source| source.losses.lost_frames == 0), "{sources:?}");
}

#[test]
fn a_second_stream_that_says_nothing_is_left_out_and_keeps_nothing_back() {
    let session = session(false);
    assert_eq!(session.layout().streams.len(), 1);
    std::thread::sleep(Duration::from_secs(1));
    let told: Vec<SessionEvent> = session.events().try_iter().collect();
    assert!(format!("{told:?}").contains("station (auxiliary): sensors have auxiliary channels"), "{told:?}");
    let sources = session.stop().sources;
    assert_eq!(sources.len(), 1);
    assert!(sources[0].frames > 4000 && sources[0].losses.lost_frames == 0, "{sources:?}");
}
