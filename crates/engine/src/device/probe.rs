//! What a port sends: columns and rate, learnt from its first seconds.

use crate::Error;
use crate::device::Message;
use crate::device::port::{Chunk, Line};
use crate::device::reader::Received;
use crate::session::DeviceSpec;
use crossbeam_channel::Receiver;
use std::time::{Duration, Instant};
use surae_io::device::Protocol;
use surae_trial::StreamLayout;

/// Longest wait: opening a port resets most Arduinos, whose boot loader takes up to 2 s.
const PATIENCE: Duration = Duration::from_secs(8);

/// Longest wait for a port that nobody knows: it is listened to and asked one question after the other.
const AUTO_PATIENCE: Duration = Duration::from_secs(16);

/// Longest wait for channels beside the EMG that a device says it has; a Trigno base station begins after 2 s.
const COMPANION_PATIENCE: Duration = Duration::from_secs(5);

/// Seconds of device time, or of host time, that a rate is read from.
const DEVICE_SPAN_S: f64 = 0.5;
const HOST_SPAN_S: f64 = 2.0;

/// Rates that devices have; a measured rate near one of them is it.
const USUAL_HZ: [f64; 42] = [
    10.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 64.0, 75.0, 80.0, 100.0, 120.0, 125.0, 128.0, 150.0, 200.0,
    240.0, 250.0, 256.0, 300.0, 400.0, 480.0, 500.0, 512.0, 600.0, 800.0, 960.0, 1000.0, 1024.0, 1200.0,
    1500.0, 1600.0, 1920.0, 2000.0, 2048.0, 2400.0, 3000.0, 4000.0, 5000.0, 8000.0, 10_000.0, 16_000.0,
];

/// What was learnt, and everything read meanwhile.
pub(crate) struct Probed {
    pub(crate) streams: Vec<StreamLayout>,
    pub(crate) moduli: Vec<Option<u64>>,
    pub(crate) chunks: Vec<(usize, Chunk)>,
    /// What is to be told about the devices.
    pub(crate) notes: Vec<String>,
}

/// One port's evidence for its rate.
struct Evidence {
    device_us: Vec<u64>,
    frames: u64,
    first_host_s: f64,
    last_host_s: f64,
    frames_at_first: u64,
    /// Why the port is gone, while it is.
    gone: Option<String>,
}

/// Reads and talks until every port's channels and rate are known. Auxiliary channels that do not come are left out.
pub(crate) fn learn(
    specs: &mut Vec<DeviceSpec>,
    lines: &mut Vec<Line>,
    received: &Receiver<Message>,
    zero: Instant,
) -> Result<Probed, Error> {
    let mut evidence: Vec<Evidence> = specs.iter().map(|_| Evidence::new()).collect();
    let mut chunks = Vec::new();
    let mut notes = Vec::new();
    let started = Instant::now();
    let auto = specs.iter().any(|spec| spec.device == Protocol::Auto);
    let patience = if auto { AUTO_PATIENCE } else { PATIENCE };
    loop {
        let now_s = zero.elapsed().as_secs_f64();
        lines.iter_mut().for_each(|line| line.talk(now_s));
        let mut rates: Vec<Option<f64>> =
            evidence.iter().zip(&*specs).zip(&*lines).map(|((e, spec), line)| e.rate(spec, line)).collect();
        if started.elapsed() > COMPANION_PATIENCE {
            // They stand last, so that what is left keeps its numbers; of one that is silent nothing is held.
            let silent = |specs: &[DeviceSpec]| {
                specs.last().is_some_and(|spec| spec.device == Protocol::TrignoAux)
                    && evidence[specs.len() - 1].frames == 0
            };
            while silent(specs) {
                let left_out = specs.pop().map(|spec| spec.port).unwrap_or_default();
                notes.push(format!(
                    "{left_out}: sensors have auxiliary channels, and none arrive; they are left out"
                ));
                lines.pop();
                rates.pop();
            }
        }
        if rates.iter().all(Option::is_some) {
            let streams = lines.iter().zip(rates).enumerate().filter_map(|(at, (line, rate))| {
                let facts = line.driver.facts()?;
                Some(StreamLayout {
                    name: format!("{}{}", line.driver.protocol().name(), at + 1),
                    rate_hz: rate?,
                    native: facts.native,
                    channels: facts.channels.clone(),
                })
            });
            let moduli = lines.iter().map(|line| line.driver.facts().and_then(|facts| facts.modulus));
            return Ok(Probed { streams: streams.collect(), moduli: moduli.collect(), chunks, notes });
        }
        if started.elapsed() > patience {
            let late = rates.iter().position(Option::is_none).unwrap_or(0);
            let reason = match &evidence[late].gone {
                Some(why) => format!("the port is gone ({why}); plug the device in again"),
                None => lines[late].driver.trouble(specs[late].baud),
            };
            return Err(Error::Silent { port: specs[late].port.clone(), reason });
        }
        let Ok((port, message)) = received.recv_timeout(Duration::from_millis(5)) else { continue };
        if port >= lines.len() {
            continue;
        }
        match &message {
            Received::Gone(why) => evidence[port].gone = Some(why.clone()),
            Received::Back(_) => evidence[port].gone = None,
            _ => {}
        }
        let chunk = lines[port].take(&message, now_s);
        notes
            .extend(chunk.texts.iter().map(|text| format!("{}: the device says '{text}'", specs[port].port)));
        if !chunk.frames.is_empty() {
            evidence[port].take(&chunk);
            chunks.push((port, chunk));
        }
    }
}

impl Evidence {
    fn new() -> Self {
        Self {
            device_us: Vec::new(),
            frames: 0,
            first_host_s: f64::NAN,
            last_host_s: f64::NAN,
            frames_at_first: 0,
            gone: None,
        }
    }

    fn take(&mut self, chunk: &Chunk) {
        let host_s = chunk.host.0 as f64 * 1e-9;
        self.frames += chunk.frames.len() as u64;
        self.device_us.extend(chunk.frames.iter().filter_map(|frame| frame.device_us));
        if self.first_host_s.is_nan() {
            (self.first_host_s, self.frames_at_first) = (host_s, self.frames);
        }
        self.last_host_s = host_s;
    }

    /// The nominal rate: as stated, else by the device's specification, else by its clock, else by arrival.
    fn rate(&self, spec: &DeviceSpec, line: &Line) -> Option<f64> {
        let facts = line.driver.facts()?;
        // One frame must have come: a device that was understood and is silent is no stream yet.
        if self.frames == 0 {
            return None;
        }
        spec.rate_hz.or(facts.rate_hz).or_else(|| self.measured())
    }

    fn measured(&self) -> Option<f64> {
        if let (Some(first), Some(last)) = (self.device_us.first(), self.device_us.last()) {
            let span_s = (last.saturating_sub(*first)) as f64 * 1e-6;
            return (span_s >= DEVICE_SPAN_S && self.device_us.len() > 20)
                .then(|| usual(1e6 / typical_step(&self.device_us), 0.006));
        }
        let span_s = self.last_host_s - self.first_host_s;
        let frames = self.frames - self.frames_at_first;
        (span_s >= HOST_SPAN_S && frames > 20).then(|| usual(frames as f64 / span_s, 0.03))
    }
}

/// Mean of the clock's steps that are near their median: holes and repeated readings do not count.
fn typical_step(device_us: &[u64]) -> f64 {
    let mut steps: Vec<f64> =
        device_us.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64).collect();
    steps.sort_by(f64::total_cmp);
    let median = steps[steps.len() / 2].max(1.0);
    let near: Vec<f64> = steps.into_iter().filter(|step| (step / median - 1.0).abs() < 0.5).collect();
    near.iter().sum::<f64>() / near.len().max(1) as f64
}

/// The usual rate within `tolerance` of a measured one, else the measured one to four digits.
fn usual(measured_hz: f64, tolerance: f64) -> f64 {
    let nearest =
        USUAL_HZ.into_iter().min_by(|a, b| (a - measured_hz).abs().total_cmp(&(b - measured_hz).abs()));
    match nearest {
        Some(rate_hz) if (rate_hz / measured_hz - 1.0).abs() < tolerance => rate_hz,
        _ => {
            let digits = 10_f64.powf(3.0 - measured_hz.abs().max(1e-9).log10().floor());
            (measured_hz * digits).round() / digits
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FrameClock;

    fn chunk(host_s: f64, device_us: impl Iterator<Item = Option<u64>>) -> Chunk {
        let frames = device_us.map(|us| FrameClock { device_us: us, ..FrameClock::default() }).collect();
        Chunk { host: surae_trial::HostNs((host_s * 1e9) as i64), frames, ..Chunk::default() }
    }

    #[test]
    fn rates_are_read_from_the_device_clock_with_holes_in_it() {
        let mut evidence = Evidence::new();
        evidence.take(&chunk(0.0, (0..900_u64).chain(1500..2000).map(|n| Some(n * 500))));
        assert_eq!(evidence.measured(), Some(2000.0));
    }

    #[test]
    fn without_a_device_clock_arrival_tells_the_rate() {
        let mut evidence = Evidence::new();
        for k in 0..300_u32 {
            evidence.take(&chunk(f64::from(k) * 0.0101, std::iter::once(None)));
        }
        assert_eq!(evidence.measured(), Some(100.0));
    }

    #[test]
    fn unusual_rates_stay_what_they_are() {
        assert_eq!(usual(148.147, 0.006), 148.1);
        assert_eq!(usual(1999.0, 0.006), 2000.0);
    }
}
