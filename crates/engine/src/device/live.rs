//! The log thread of a live session: bytes to frames, frames to indices and positions, everything into the log.
//!
//! The order in which entries enter the log is the order in which they were read; the log, not the clock, is what replay follows.

use super::Message;
use super::reader::Received;
use super::recording::Recording;
use crate::clock::ClockEstimator;
use crate::history::HistoryMessage;
use crate::ring::{Item, Sender};
use crate::session::{Command, DeviceSpec};
use crate::status::{Losses, RecordingState, SessionEvent, SourceNow, SourceState, Status, Summary};
use crate::threads::{Hub, Pause};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use surae_io::device::ascii::Decoder;
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{HostNs, SampleIndex, Seconds, SessionLayout, StreamId};

/// Frames of a block at most.
const MAX_FRAMES: usize = 64;

/// Time between two estimates of the master's clock in the log.
const CLOCK_EVERY_S: f64 = 10.0;

/// Time between two reports of the status.
const STATUS_EVERY: Duration = Duration::from_millis(16);

/// Silence after which a source is lost.
const LOST_AFTER_S: f64 = 10.0;

/// Part of the disagreement between predicted and measured position that each block of another stream takes over, and how
/// many of its own frames that may be at most: positions never run backwards.
const FOLLOW: f64 = 0.05;
const FOLLOW_FRAMES: f64 = 0.5;

/// Disagreement beyond which another stream's position jumps, s.
const JUMP_S: f64 = 0.05;

/// One port and its stream.
struct Port {
    name: String,
    stream: StreamId,
    decoder: Decoder,
    clock: ClockEstimator,
    state: SourceState,
    /// When samples last came, s.
    last_s: f64,
    /// Position of the next frame on the master clock, by steps.
    next_position: Option<f64>,
    frames: u64,
    losses: Losses,
    /// Gaps of the last 10 s: when, how many.
    recent: VecDeque<(f64, u64)>,
    /// A stretch that the pipeline's ring had no room for and that is not in its log yet.
    dropped: Option<(u64, u64)>,
}

/// Frames of one chunk as they come out of the decoder.
#[derive(Default)]
struct Decoded {
    values: Vec<f64>,
    clocks: Vec<(Option<u64>, Option<u64>, bool)>,
}

pub(crate) struct Live {
    layout: Arc<SessionLayout>,
    master: usize,
    ports: Vec<Port>,
    received: Receiver<Message>,
    early: VecDeque<Message>,
    pipeline: Sender,
    recorder: Option<Recording>,
    hub: Hub,
    zero: Instant,
    reported: Instant,
    clock_told_s: f64,
    stopped: bool,
    decoded: Decoded,
    block: Vec<f64>,
}

impl Live {
    #[expect(clippy::too_many_arguments, reason = "one call site; each is one end of a queue")]
    pub(crate) fn new(
        specs: &[DeviceSpec],
        layout: &Arc<SessionLayout>,
        received: Receiver<Message>,
        early: Vec<Message>,
        pipeline: Sender,
        recorder: Option<Recording>,
        hub: Hub,
        zero: Instant,
    ) -> Self {
        let clocks = learnt(layout, &early);
        let ports: Vec<Port> = specs
            .iter()
            .zip(&layout.streams)
            .zip(clocks)
            .enumerate()
            .map(|(at, ((spec, stream), learnt))| Port {
                name: spec.port.clone(),
                stream: StreamId(at as u8),
                decoder: Decoder::new(),
                clock: {
                    let mut clock = ClockEstimator::new(stream.rate_hz);
                    clock.learn_from(&learnt);
                    clock
                },
                state: SourceState::Live,
                last_s: zero.elapsed().as_secs_f64(),
                next_position: None,
                frames: 0,
                losses: Losses::default(),
                recent: VecDeque::new(),
                dropped: None,
            })
            .collect();
        Self {
            layout: Arc::clone(layout),
            master: layout.master.map_or(0, |id| usize::from(id.0)),
            ports,
            received,
            early: early.into(),
            pipeline,
            recorder,
            hub,
            zero,
            reported: zero,
            clock_told_s: 0.0,
            stopped: false,
            decoded: Decoded::default(),
            block: Vec::new(),
        }
    }

    /// Runs until it is stopped or nobody reads the pipeline any more.
    pub(crate) fn run(mut self) -> Summary {
        while !self.stopped && !self.pipeline.is_abandoned() {
            while let Ok(command) = self.hub.commands.try_recv() {
                self.obey(command);
            }
            let message = match self.early.pop_front() {
                Some(message) => Ok(message),
                None => self.received.recv_timeout(Duration::from_millis(5)),
            };
            match message {
                Ok((port, Received::Bytes(host, bytes))) if !bytes.is_empty() => {
                    self.bytes(port, host, &bytes)
                }
                Ok((_, Received::Bytes(..))) | Err(RecvTimeoutError::Timeout) => {}
                Ok((port, Received::Gone(why))) => self.gone(port, &why),
                Ok((port, Received::Back)) => self.back(port),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.watch();
            self.report(false);
        }
        self.close()
    }

    fn now_s(&self) -> f64 {
        self.zero.elapsed().as_secs_f64()
    }

    /// Next master sample: the stamp of whatever enters the log now.
    fn at(&self) -> SampleIndex {
        SampleIndex(self.ports[self.master].clock.next_index())
    }

    fn bytes(&mut self, at: usize, host: HostNs, bytes: &[u8]) {
        let port = &mut self.ports[at];
        self.decoded.values.clear();
        self.decoded.clocks.clear();
        let decoded = &mut self.decoded;
        port.decoder.push(bytes, &mut |frame| {
            decoded.values.extend_from_slice(frame.values);
            decoded.clocks.push((frame.counter, frame.device_us, frame.clock_reset));
        });
        let counts = port.decoder.counts();
        port.losses.bad_input = counts.bad_frames + counts.bad_values + counts.clock_errors;
        if self.decoded.clocks.is_empty() {
            return;
        }
        port.last_s = self.zero.elapsed().as_secs_f64();
        let mut silence = port.clock.chunk(host, self.decoded.clocks.len() as u64);
        let decoded = std::mem::take(&mut self.decoded);
        let width = self.layout.streams[at].channels.len();
        let mut first = None;
        for (row, &(counter, device_us, reset)) in decoded.values.chunks_exact(width).zip(&decoded.clocks) {
            let Some(placed) = self.ports[at].clock.place(counter, device_us, reset, silence) else {
                continue;
            };
            silence = 0;
            if placed.lost > 0 || self.block.len() >= MAX_FRAMES * width {
                self.send(at, &mut first, host);
            }
            if placed.lost > 0 {
                self.gap(at, placed.index - placed.lost, placed.lost, placed.certain);
            }
            first.get_or_insert((placed.index, device_us));
            self.block.extend_from_slice(row);
        }
        self.ports[at].clock.observe(host);
        self.send(at, &mut first, host);
        self.decoded = decoded;
        if at == self.master {
            self.tell_clock();
        }
    }

    /// Sends the gathered frames as one block.
    fn send(&mut self, at: usize, first: &mut Option<(u64, Option<u64>)>, host: HostNs) {
        let Some((first, device_us)) = first.take() else { return };
        let block = std::mem::take(&mut self.block);
        let frames = block.len() / self.layout.streams[at].channels.len();
        let (position, step) = self.position(at, first, frames);
        let header = BlockHeader {
            stream: StreamId(at as u8),
            first: SampleIndex(first),
            frames: frames as u32,
            position,
            step,
        };
        let stamp = if at == self.master { SampleIndex(first) } else { self.at() };
        let stamped = Stamped { at: stamp, entry: Entry::Block(header) };
        self.ports[at].frames += frames as u64;
        self.record_block(at, stamped, &block, Item::Host { at: host, device_us });
        self.settle_drops();
        let room = self.ports.iter().all(|port| port.dropped.is_none());
        if !room || !self.pipeline.try_block(stamped, &block) {
            self.ports[at].losses.pipeline_frames += frames as u64;
            let last = first + frames as u64 - 1;
            let dropped = self.ports[at].dropped.get_or_insert((first, last));
            dropped.1 = last;
        }
        self.hub.wake_pipeline();
        self.hub.show(HistoryMessage::Block { header, native: block.clone() }, false);
        self.block = block;
        self.block.clear();
    }

    /// Where a block of a stream stands on the master clock.
    fn position(&mut self, at: usize, first: u64, frames: usize) -> (f64, f64) {
        if at == self.master {
            return (first as f64, 1.0);
        }
        let master = &self.ports[self.master].clock;
        let measured = master.index_at(self.ports[at].clock.host_s(first as f64));
        let nominal = master.nominal_rate_hz() / self.ports[at].clock.nominal_rate_hz();
        let port = &mut self.ports[at];
        let (mine, its) = (port.clock.measured_rate_hz(), self.ports[self.master].clock.measured_rate_hz());
        let step = mine.zip(its).map_or(nominal, |(mine, its)| its / mine);
        let jump = JUMP_S * self.ports[self.master].clock.nominal_rate_hz();
        let port = &mut self.ports[at];
        let predicted = port.next_position.unwrap_or(measured);
        let position = if (measured - predicted).abs() > jump && measured > predicted {
            measured
        } else {
            let most = FOLLOW_FRAMES * step;
            predicted + (FOLLOW * (measured - predicted)).clamp(-most, most)
        };
        port.next_position = Some(position + frames as f64 * step);
        (position, step)
    }

    fn gap(&mut self, at: usize, index: u64, lost: u64, certain: bool) {
        let now_s = self.now_s();
        let port = &mut self.ports[at];
        port.losses.lost_frames += lost;
        port.recent.push_back((now_s, lost));
        if let Some(position) = &mut port.next_position {
            let nominal = self.layout.streams[self.master].rate_hz / self.layout.streams[at].rate_hz;
            *position += lost as f64 * nominal;
        }
        let stamp = if at == self.master { SampleIndex(index) } else { self.at() };
        let entry = Entry::Gap { stream: StreamId(at as u8), index: SampleIndex(index), lost, certain };
        self.log(Stamped { at: stamp, entry });
    }

    /// An entry for everyone. Entries are few and have room of their own; should even that be gone, the log waits.
    fn log(&mut self, stamped: Stamped) {
        self.settle_drops();
        let pipeline = &mut self.pipeline;
        let hub = &self.hub;
        Pause::wait(|| {
            hub.wake_pipeline();
            pipeline.try_item(Item::Entry(stamped)) || pipeline.is_abandoned()
        });
        self.record(Item::Entry(stamped));
    }

    /// Writes into the log what the pipeline's ring had no room for, as soon as there is room for saying so.
    fn settle_drops(&mut self) {
        let at = self.at();
        for port in 0..self.ports.len() {
            let Some((first, last)) = self.ports[port].dropped else { continue };
            let stream = self.ports[port].stream;
            let entry = Entry::PipelineDrop { stream, first: SampleIndex(first), last: SampleIndex(last) };
            // The stamp of a drop of the master is its first sample: what comes next in the pipeline comes after it.
            let at = if port == self.master { SampleIndex(first) } else { at };
            let item = Item::Entry(Stamped { at, entry });
            if self.pipeline.try_item(item) {
                self.ports[port].dropped = None;
                self.record(item);
            }
        }
    }

    fn record_block(&mut self, at: usize, stamped: Stamped, block: &[f64], read: Item) {
        let frames = block.len() / self.layout.streams[at].channels.len();
        let Some(recorder) = &mut self.recorder else { return };
        if !(recorder.ring.try_item(read) && recorder.ring.try_block(stamped, block)) {
            self.ports[at].losses.recorder_frames += frames as u64;
        }
    }

    fn record(&mut self, item: Item) {
        let Some(recorder) = self.recorder.as_mut().map(|recording| &mut recording.ring) else { return };
        let started = Instant::now();
        // The recorder empties its ring even when the disk is full; a second is far beyond its longest fsync.
        Pause::wait(|| {
            recorder.try_item(item) || recorder.is_abandoned() || started.elapsed() > Duration::from_secs(1)
        });
    }

    /// A new estimate of the master's clock, now and then.
    fn tell_clock(&mut self) {
        let now_s = self.now_s();
        if now_s - self.clock_told_s < CLOCK_EVERY_S {
            return;
        }
        let clock = &self.ports[self.master].clock;
        let Some(rate_hz) = clock.measured_rate_hz() else { return };
        self.clock_told_s = now_s;
        let zero_s = clock.host_s(0.0);
        let entry = Entry::Clock {
            stream: StreamId(self.master as u8),
            origin: HostNs((zero_s * 1e9).round() as i64),
            rate_hz,
        };
        self.log(Stamped { at: self.at(), entry });
        self.hub.show(HistoryMessage::Clock { zero_s: 0.0, rate_hz }, false);
    }

    fn obey(&mut self, command: Command) {
        let at = self.at();
        let entry = match command {
            Command::Mark(code) => Entry::Mark { code, index: at },
            Command::Settings(settings) => Entry::Settings(settings),
            Command::Reference { muscle, side, reference, rest } => {
                Entry::Reference { muscle, side, reference, rest }
            }
            Command::Straight { side, log_ratio } => Entry::Straight { side, log_ratio },
            Command::Stop => {
                self.stopped = true;
                return;
            }
            Command::Record => {
                self.record(Item::Record);
                return;
            }
            // A device can be neither held nor sought.
            Command::Play | Command::Pause | Command::Speed(_) | Command::Seek(_) | Command::Loop(_) => {
                return;
            }
        };
        self.log(Stamped { at, entry });
    }

    fn gone(&mut self, at: usize, why: &str) {
        let text = format!("the port is gone ({why}); it is opened again as soon as it is there");
        self.change(at, SourceState::Reconnecting, text);
    }

    fn back(&mut self, at: usize) {
        // The line that was cut by the unplugging ends here.
        self.ports[at].decoder.push(b"\n", &mut |_| {});
        self.change(at, SourceState::Stalled, "the port is open again".to_owned());
    }

    /// States that follow from silence.
    fn watch(&mut self) {
        let now_s = self.now_s();
        for at in 0..self.ports.len() {
            let port = &mut self.ports[at];
            while port.recent.front().is_some_and(|(when, _)| now_s - when > 10.0) {
                port.recent.pop_front();
            }
            let silent_s = now_s - port.last_s;
            let stalled_after_s = (5.0 / port.clock.nominal_rate_hz()).max(0.2);
            let (state, text) = if silent_s > LOST_AFTER_S {
                (SourceState::Lost, format!("nothing for {silent_s:.0} s; check the device and its cable"))
            } else if port.state == SourceState::Reconnecting {
                continue;
            } else if silent_s > stalled_after_s {
                (SourceState::Stalled, format!("nothing for {:.0} ms", silent_s * 1e3))
            } else {
                (SourceState::Live, "samples arrive".to_owned())
            };
            if state != port.state {
                self.change(at, state, text);
            }
        }
    }

    fn change(&mut self, at: usize, state: SourceState, text: String) {
        self.ports[at].state = state;
        let event = SessionEvent::Source {
            time_s: Seconds(self.at().0 as f64 / self.layout.streams[self.master].rate_hz),
            name: self.ports[at].name.clone(),
            state,
            text,
        };
        self.hub.tell(event);
        self.report(true);
    }

    fn report(&mut self, now: bool) {
        if !now && self.reported.elapsed() < STATUS_EVERY {
            return;
        }
        self.reported = Instant::now();
        let sources = self.sources();
        let recording = match &mut self.recorder {
            Some(recorder) => recorder.now(&self.hub),
            None => self.hub.current.recording,
        };
        self.hub.publish(|status: &mut Status| {
            status.sources = sources;
            status.transport.duration_s = f64::NAN;
            status.transport.playing = true;
            status.transport.speed = 1.0;
            status.recording = recording;
        });
    }

    fn sources(&self) -> Vec<SourceNow> {
        let shared = self.hub.losses();
        let source = |port: &Port| SourceNow {
            name: port.name.clone(),
            stream: self.layout.streams[usize::from(port.stream.0)].name.clone(),
            state: port.state,
            rate_hz: port.clock.nominal_rate_hz(),
            measured_rate_hz: port.clock.measured_rate_hz().unwrap_or(f64::NAN),
            frames: port.frames,
            losses: Losses {
                lost_frames_10s: port.recent.iter().map(|(_, lost)| lost).sum(),
                history_blocks: shared.history_blocks,
                records: shared.records,
                ..port.losses
            },
        };
        self.ports.iter().map(source).collect()
    }

    fn close(mut self) -> Summary {
        self.log(Stamped { at: self.at(), entry: Entry::End });
        let pipeline = &mut self.pipeline;
        Pause::wait(|| pipeline.try_item(Item::Close) || pipeline.is_abandoned());
        self.record(Item::Close);
        for at in 0..self.ports.len() {
            self.ports[at].state = SourceState::Ended;
        }
        self.report(true);
        let told = self.hub.current.recording.state == RecordingState::Failed;
        let recording_error = self.recorder.take().and_then(Recording::finish);
        if let Some(error) = recording_error.as_ref().filter(|_| !told) {
            self.hub.tell(SessionEvent::RecordingFailed(error.clone()));
        }
        self.hub.tell(SessionEvent::Ended);
        Summary { sources: self.sources(), recording_error, ..Summary::default() }
    }
}

/// How the bytes read before the start relate to the host's clock: what waited in the port's buffer when it was opened came late,
/// and must not place the first samples.
fn learnt(layout: &SessionLayout, early: &[Message]) -> Vec<ClockEstimator> {
    let mut ports: Vec<(Decoder, ClockEstimator)> =
        layout.streams.iter().map(|s| (Decoder::new(), ClockEstimator::new(s.rate_hz))).collect();
    for (port, message) in early {
        let (Received::Bytes(host, bytes), Some((decoder, clock))) = (message, ports.get_mut(*port)) else {
            continue;
        };
        let mut any = false;
        decoder.push(bytes, &mut |frame| {
            any |= clock.place(frame.counter, frame.device_us, frame.clock_reset, 0).is_some();
        });
        if any {
            clock.observe(*host);
        }
    }
    ports.into_iter().map(|(_, clock)| clock).collect()
}
