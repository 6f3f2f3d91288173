//! What a port sends: columns and rate, learnt from its first seconds.

use crate::Error;
use crate::device::Message;
use crate::device::reader::Received;
use crate::session::DeviceSpec;
use crossbeam_channel::Receiver;
use std::time::{Duration, Instant};
use surae_io::device::ascii::Decoder;
use surae_trial::StreamLayout;

/// Longest wait: opening a port resets most Arduinos, whose boot loader takes up to 2 s.
const PATIENCE: Duration = Duration::from_secs(8);

/// Seconds of device time, or of host time, that a rate is read from.
const DEVICE_SPAN_S: f64 = 0.5;
const HOST_SPAN_S: f64 = 2.0;

/// Rates that devices have; a measured rate near one of them is it.
const USUAL_HZ: [f64; 38] = [
    10.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 64.0, 75.0, 80.0, 100.0, 120.0, 125.0, 128.0, 150.0, 200.0,
    240.0, 250.0, 256.0, 300.0, 400.0, 480.0, 500.0, 512.0, 600.0, 800.0, 960.0, 1000.0, 1024.0, 1200.0,
    1500.0, 1600.0, 1920.0, 2000.0, 2048.0, 2400.0, 3000.0, 4000.0,
];

/// What was learnt, and everything read meanwhile.
pub(crate) struct Probed {
    pub(crate) streams: Vec<StreamLayout>,
    pub(crate) messages: Vec<Message>,
}

/// One port's evidence.
struct Evidence {
    decoder: Decoder,
    device_us: Vec<u64>,
    frames: u64,
    first_host_s: f64,
    last_host_s: f64,
    frames_at_first: u64,
}

/// Reads until every port's columns and rate are known.
pub(crate) fn learn(specs: &[DeviceSpec], received: &Receiver<Message>) -> Result<Probed, Error> {
    let mut evidence: Vec<Evidence> = specs.iter().map(|_| Evidence::new()).collect();
    let mut messages = Vec::new();
    let started = Instant::now();
    loop {
        let rates: Vec<Option<f64>> =
            evidence.iter().zip(specs).map(|(evidence, spec)| evidence.rate(spec.rate_hz)).collect();
        if rates.iter().all(Option::is_some) {
            let streams =
                specs.iter().zip(&evidence).zip(rates).enumerate().map(|(at, ((spec, evidence), rate))| {
                    let name = format!("ascii{}", at + 1);
                    evidence.decoder.layout(&name, rate.unwrap_or(1.0)).ok_or_else(|| evidence.silent(spec))
                });
            return Ok(Probed { streams: streams.collect::<Result<_, _>>()?, messages });
        }
        if started.elapsed() > PATIENCE {
            let late = evidence.iter().zip(specs).zip(&rates).find(|(_, rate)| rate.is_none());
            return Err(late.map_or_else(
                || Error::Empty("no port".to_owned()),
                |((evidence, spec), _)| evidence.silent(spec),
            ));
        }
        let Ok((port, message)) = received.recv_timeout(Duration::from_millis(50)) else { continue };
        if let Received::Bytes(host, bytes) = &message
            && !bytes.is_empty()
        {
            evidence[port].take(host.0 as f64 * 1e-9, bytes);
            messages.push((port, message));
        }
    }
}

impl Evidence {
    fn new() -> Self {
        Self {
            decoder: Decoder::new(),
            device_us: Vec::new(),
            frames: 0,
            first_host_s: f64::NAN,
            last_host_s: f64::NAN,
            frames_at_first: 0,
        }
    }

    fn take(&mut self, host_s: f64, bytes: &[u8]) {
        let (device_us, frames) = (&mut self.device_us, &mut self.frames);
        self.decoder.push(bytes, &mut |frame| {
            *frames += 1;
            device_us.extend(frame.device_us);
        });
        if self.frames > 0 && self.first_host_s.is_nan() {
            (self.first_host_s, self.frames_at_first) = (host_s, self.frames);
        }
        self.last_host_s = host_s;
    }

    /// The nominal rate: as stated, else by the device's clock, else by arrival.
    fn rate(&self, stated_hz: Option<f64>) -> Option<f64> {
        self.decoder.columns()?;
        if stated_hz.is_some() {
            return stated_hz;
        }
        if let (Some(first), Some(last)) = (self.device_us.first(), self.device_us.last()) {
            let span_s = (last.saturating_sub(*first)) as f64 * 1e-6;
            return (span_s >= DEVICE_SPAN_S && self.device_us.len() > 20)
                .then(|| usual(1e6 / typical_step(&self.device_us), 0.006));
        }
        let span_s = self.last_host_s - self.first_host_s;
        let frames = self.frames - self.frames_at_first;
        (span_s >= HOST_SPAN_S && frames > 20).then(|| usual(frames as f64 / span_s, 0.03))
    }

    fn silent(&self, spec: &DeviceSpec) -> Error {
        let counts = self.decoder.counts();
        let reason = if counts.bytes == 0 {
            "no byte arrives; is the device running, and is this its port?".to_owned()
        } else if self.frames == 0 {
            format!(
                "{} bytes arrive, but no line of numbers among them; check --baud (now {}) and --device",
                counts.bytes, spec.baud
            )
        } else {
            format!(
                "{} lines arrive, too slow or irregular to tell the rate; state it with --rate",
                self.frames
            )
        };
        Error::Silent { port: spec.port.clone(), reason }
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

    #[test]
    fn rates_are_read_from_the_device_clock_with_holes_in_it() {
        let mut evidence = Evidence::new();
        let mut text = String::from("partial\n");
        for n in (0..900_u32).chain(1500..2000) {
            text.push_str(&format!("t_us:{},RMG:{},RSOL:{}\n", n * 500, n % 7, n % 5));
        }
        evidence.take(0.0, text.as_bytes());
        assert_eq!(evidence.rate(None), Some(2000.0));
        assert_eq!(evidence.rate(Some(1999.0)), Some(1999.0));
    }

    #[test]
    fn without_a_device_clock_arrival_tells_the_rate() {
        let mut evidence = Evidence::new();
        for k in 0..300_u32 {
            let host_s = f64::from(k) * 0.0101;
            evidence.take(host_s, format!("RMG:{},RSOL:2\n", k % 9).as_bytes());
        }
        assert_eq!(evidence.rate(None), Some(100.0));
    }

    #[test]
    fn unusual_rates_stay_what_they_are() {
        assert_eq!(usual(148.147, 0.006), 148.1);
        assert_eq!(usual(1999.0, 0.006), 2000.0);
    }
}
