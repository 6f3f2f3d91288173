//! How long a sample takes from the wire to its decision, against what the wire alone takes.
//!
//! An emulated board (8 channels at 2 kHz, Surae's own frame) writes to a pseudo-terminal and puts the time of writing into each
//! frame; a session reads the other end. The same pseudo-terminal carries single frames to a bare reader before that: what a
//! system call and a wake-up cost on this machine at this moment. Filter lag and the wait for a knee angle are properties of
//! the settings, not of the machine, and are told apart ([`Latency::lag`]).
//!
//! Unix only. Not for real devices: those do not say when they wrote.

pub use crate::frames::Quantiles;
use crate::threads::Decoded;
use crate::{Device, DeviceSpec, Error, Session, SessionOptions, Source};
use crossbeam_channel::{Receiver, Sender, bounded};
use serialport::{SerialPort, TTYPort};
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use surae_gait::pipeline::{Lag, Record};
use surae_io::device::cobs::Encoder;
use surae_trial::{Kind, Muscle, Note, SessionLayout, Side};

/// Channels and rate of the emulated board.
pub const CHANNELS: usize = 8;
/// See [`CHANNELS`].
pub const RATE_HZ: f64 = 2000.0;

/// Start of a session that is not counted: the clock settles, and what waited in the port is read.
const SETTLE_S: f64 = 1.0;

/// Frames to the bare reader.
const PINGS: usize = 1000;

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    /// Written to read, without a session.
    pub wire: Quantiles,
    /// Written to decoded and placed in time.
    pub decode: Quantiles,
    /// Written to a decision in the hands of the caller.
    pub decision: Quantiles,
    /// Frames that were lost or not analysed: with any, the rest is not to be trusted.
    pub lost: u64,
    /// Delays that the settings bring, on top.
    pub lag: Lag,
}

/// Measures for `seconds` (at least 2).
///
/// # Errors
/// No pseudo-terminal, or the session does not start.
pub fn latency(seconds: f64) -> Result<Latency, Error> {
    let (mut device, mut reader) = TTYPort::pair().map_err(port)?;
    device.set_timeout(Duration::from_millis(100)).map_err(port)?;
    let wire = pings(&mut device, &mut reader)?;
    let board = Board::on(device, reader)?;
    let (decoded_tx, decoded) = bounded(1 << 18);
    let measured = session(&board, seconds.max(2.0), decoded_tx, &decoded);
    drop(board);
    let (decode, decision, lost, lag) = measured?;
    Ok(Latency { wire, decode, decision, lost, lag })
}

/// The emulated board on its pseudo-terminal; stops when it is dropped.
pub struct Board {
    zero: Instant,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
    /// Kept open: the terminal ends with its last reader.
    reader: TTYPort,
}

impl Board {
    /// A board that sends.
    ///
    /// # Errors
    /// No pseudo-terminal, or no thread.
    pub fn start() -> Result<Self, Error> {
        let (mut device, reader) = TTYPort::pair().map_err(port)?;
        device.set_timeout(Duration::from_millis(100)).map_err(port)?;
        Self::on(device, reader)
    }

    fn on(device: TTYPort, reader: TTYPort) -> Result<Self, Error> {
        let zero = Instant::now();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread =
            thread::Builder::new().name("board".to_owned()).spawn(move || board(device, zero, &stopped))?;
        Ok(Self { zero, stop, thread: Some(thread), reader })
    }

    /// What a session opens it with.
    #[must_use]
    pub fn spec(&self) -> DeviceSpec {
        DeviceSpec {
            device: Device::Surae,
            port: self.reader.name().unwrap_or_default(),
            rate_hz: Some(RATE_HZ),
            ..DeviceSpec::default()
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn port(error: serialport::Error) -> Error {
    Error::Port { port: "pseudo-terminal".to_owned(), reason: error.to_string() }
}

/// One frame at a time to a thread that only reads.
fn pings(device: &mut TTYPort, reader: &mut TTYPort) -> Result<Quantiles, Error> {
    let mut reader = reader.try_clone_native().map_err(|error| Error::Thread(error.into()))?;
    reader.set_timeout(Duration::from_millis(500)).map_err(|error| Error::Thread(error.into()))?;
    let (tx, arrived) = bounded(PINGS);
    let listener = thread::Builder::new().name("ping".to_owned()).spawn(move || {
        let mut bytes = [0; 256];
        while let Ok(n) = reader.read(&mut bytes) {
            // Frames end with the only zero in them.
            if n == 0 || (bytes[n - 1] == 0 && tx.send(Instant::now()).is_err()) {
                return;
            }
        }
    })?;
    let mut frame = Vec::new();
    Encoder::default().frame(1, 1, &[1.0; CHANNELS], &mut frame);
    let mut times_ms = Vec::with_capacity(PINGS);
    for _ in 0..PINGS {
        let sent = Instant::now();
        device.write_all(&frame)?;
        let Ok(at) = arrived.recv_timeout(Duration::from_millis(500)) else { break };
        times_ms.push((at - sent).as_secs_f64() * 1e3);
        thread::sleep(Duration::from_micros(500));
    }
    drop(arrived);
    let _ = listener.join();
    Ok(Quantiles::of(times_ms))
}

/// The emulated board: frames whose time has come, each with the microseconds since `zero` at which it was written.
fn board(mut device: TTYPort, zero: Instant, stop: &AtomicBool) {
    let mut encoder = Encoder::default();
    let (mut bytes, mut sent, mut noise) = (Vec::new(), 0_u64, 1_u64);
    while !stop.load(Ordering::Relaxed) {
        let now = zero.elapsed();
        let due = (now.as_secs_f64() * RATE_HZ) as u64;
        bytes.clear();
        for counter in sent..due {
            let values: [f64; CHANNELS] = std::array::from_fn(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                f64::from((noise >> 52) as u16) - 2048.0
            });
            encoder.frame(counter as u16, now.as_micros() as u32, &values, &mut bytes);
        }
        // What finds no room is lost, as on a wire; the counter tells.
        if device.write_all(&bytes).is_err() {
            thread::sleep(Duration::from_millis(5));
        }
        sent = due;
        thread::sleep(Duration::from_micros(300));
    }
}

type Measured = (Quantiles, Quantiles, u64, Lag);

fn session(
    board: &Board,
    seconds: f64,
    decoded_tx: Sender<Decoded>,
    decoded: &Receiver<Decoded>,
) -> Result<Measured, Error> {
    let options = SessionOptions {
        records: true,
        map: Some(Box::new(calf)),
        decoded: Some(decoded_tx),
        ..SessionOptions::default()
    };
    let mut session = Session::start(Source::Devices(vec![board.spec()]), options)?;
    let lag = session.lag();
    let begin = Instant::now() + Duration::from_secs_f64(SETTLE_S);
    let end = begin + Duration::from_secs_f64(seconds);
    let mut decisions = Vec::with_capacity((seconds * 400.0) as usize);
    loop {
        let more = session.drain(|record| {
            let now = Instant::now();
            if let Record::Estimate(estimate) = record {
                decisions.push((estimate.index.0, now));
            }
        });
        if !more || Instant::now() >= end {
            break;
        }
        thread::sleep(Duration::from_micros(100));
    }
    let summary = session.stop();
    let lost = summary.sources.iter().map(|s| s.losses.lost_frames + s.losses.pipeline_frames).sum();
    let blocks: Vec<Decoded> = decoded.try_iter().collect();
    let written = |block: &Decoded| board.zero + Duration::from_micros(block.device_us);
    let ms = |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64() * 1e3;
    let decode = blocks.iter().filter(|b| b.at >= begin).map(|b| ms(written(b), b.at)).collect();
    let decision = decisions
        .iter()
        .filter(|(_, at)| *at >= begin)
        .filter_map(|(index, at)| {
            // The block that holds the sample: the last that begins at or before it.
            let behind = blocks.partition_point(|b| b.first <= *index);
            behind.checked_sub(1).map(|k| ms(written(&blocks[k]), *at))
        })
        .collect();
    Ok((Quantiles::of(decode), Quantiles::of(decision), lost, lag))
}

/// The first two inputs become the muscles that decisions need.
pub fn calf(layout: &mut SessionLayout) -> Vec<Note> {
    for stream in &mut layout.streams {
        for (channel, muscle) in stream.channels.iter_mut().zip([Muscle::MG, Muscle::SOL]) {
            channel.role.kind = Kind::RawEmg;
            channel.role.muscle = Some(muscle);
            channel.role.side = Some(Side::Right);
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it measures, with room for a busy machine: the order of the stages, and that nothing is lost.
    #[test]
    fn every_stage_is_measured_and_none_is_faster_than_the_wire_allows() {
        let found = latency(2.0).expect("a pseudo-terminal");
        assert!(found.wire.n > 900 && found.decode.n > 500 && found.decision.n > 50, "{found:?}");
        assert!(found.decode.p50_ms > 0.0 && found.decode.p50_ms <= found.decision.p50_ms, "{found:?}");
        assert!(found.decision.p99_ms < 1000.0, "{found:?}");
    }
}
