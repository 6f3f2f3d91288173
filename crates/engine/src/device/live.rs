//! The log thread of a live session: bytes to frames, frames to indices and positions, everything into the log.
//!
//! The order in which entries enter the log is the order in which they were read; the log, not the clock, is what replay follows.

use super::Message;
use super::port::{Chunk, Line, Port};
use super::reader::Received;
use super::recording::Recording;
use crate::clock::{ClockEstimator, Places};
use crate::handover::Handover;
use crate::history::HistoryMessage;
use crate::ring::{Item, Sender};
use crate::session::{Command, DeviceSpec};
use crate::status::{Losses, RecordingState, SessionEvent, SourceNow, SourceState, Status, Summary};
use crate::threads::{Decoded, Hub, Pause};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{HostNs, Note, SampleIndex, Seconds, SessionLayout, StreamId};

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

pub(crate) struct Live {
    layout: Arc<SessionLayout>,
    master: usize,
    ports: Vec<Port>,
    received: Receiver<Message>,
    /// Frames that were read before the session started.
    early: VecDeque<(usize, Chunk)>,
    pipeline: Handover,
    recorder: Option<Recording>,
    hub: Hub,
    zero: Instant,
    reported: Instant,
    clock_told_s: f64,
    /// Where the newest mark of a typed note stands.
    noted: SampleIndex,
    stopped: bool,
    block: Vec<f64>,
    /// What devices said in words, told once each.
    said: Vec<String>,
}

impl Live {
    #[expect(clippy::too_many_arguments, reason = "one call site; each is one end of a queue")]
    pub(crate) fn new(
        specs: &[DeviceSpec],
        lines: Vec<Line>,
        moduli: &[Option<u64>],
        layout: &Arc<SessionLayout>,
        received: Receiver<Message>,
        early: Vec<(usize, Chunk)>,
        pipeline: Sender,
        recorder: Option<Recording>,
        hub: Hub,
        zero: Instant,
    ) -> Self {
        let clock = |at: usize| {
            let modulus = moduli.get(at).copied().flatten();
            ClockEstimator::with_counter(layout.streams[at].rate_hz, modulus)
        };
        let mut learnt: Vec<ClockEstimator> = (0..layout.streams.len()).map(clock).collect();
        // How the frames read before the start relate to the host's clock: what waited in the port's buffer when it was opened
        // came late, and must not place the first samples.
        for (port, chunk) in &early {
            learnt[*port].place(chunk.host, &chunk.frames);
        }
        let now_s = zero.elapsed().as_secs_f64();
        let master_hz = layout.master_stream().map_or(1.0, |stream| stream.rate_hz);
        let ports: Vec<Port> = lines
            .into_iter()
            .zip(specs)
            .enumerate()
            .map(|(at, (line, spec))| {
                let mut clock = clock(at);
                clock.learn_from(&learnt[at]);
                let stream = (StreamId(at as u8), &layout.streams[at]);
                Port::new(spec.port.clone(), stream, line, clock, now_s, master_hz)
            })
            .collect();
        Self {
            layout: Arc::clone(layout),
            master: layout.master.map_or(0, |id| usize::from(id.0)),
            ports,
            received,
            early: early.into(),
            pipeline: Handover::new(pipeline, layout.streams.len()),
            recorder,
            hub,
            zero,
            reported: zero,
            clock_told_s: 0.0,
            noted: SampleIndex(0),
            stopped: false,
            block: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Runs until it is stopped or nobody reads the pipeline any more.
    pub(crate) fn run(mut self) -> Summary {
        while !self.stopped && !self.pipeline.is_abandoned() {
            while let Ok(command) = self.hub.commands.try_recv() {
                self.obey(command);
            }
            if let Some((port, chunk)) = self.early.pop_front() {
                self.chunk(port, chunk);
            } else {
                match self.received.recv_timeout(Duration::from_millis(5)) {
                    // What was left out is read all the same, or its device stalls.
                    Ok((port, _)) if port >= self.ports.len() => {}
                    Ok((port, received)) => self.received(port, &received),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
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

    fn received(&mut self, at: usize, received: &Received) {
        match received {
            Received::Gone(why) => self.gone(at, why),
            Received::Back(name) => self.back(at, name),
            _ => {}
        }
        let now_s = self.now_s();
        let chunk = self.ports[at].line.take(received, now_s);
        self.ports[at].count_input();
        for text in &chunk.texts {
            self.say(at, text);
        }
        if !chunk.frames.is_empty() {
            self.ports[at].last_s = now_s;
            self.chunk(at, chunk);
        } else if !chunk.marks.is_empty() {
            self.marks(chunk.marks.iter().map(|(_, code)| *code));
        }
    }

    /// What a device says in words: once each, or a chatterbox would fill the channel of events.
    fn say(&mut self, at: usize, text: &str) {
        const MOST: usize = 64;
        let text = format!("{}: the device says '{text}'", self.ports[at].name);
        if self.said.len() < MOST && !self.said.contains(&text) {
            self.hub.tell(SessionEvent::Note(Note::info("device_says", text.clone())));
            self.said.push(text);
        }
    }

    fn chunk(&mut self, at: usize, chunk: Chunk) {
        if let Some((chunk, places)) = self.ports[at].place(chunk) {
            self.placed(at, &chunk, &places);
        }
    }

    fn placed(&mut self, at: usize, chunk: &Chunk, places: &Places) {
        if places.restarted {
            let port = &mut self.ports[at];
            port.losses.restarts += 1;
            let text = format!(
                "{}: the device started again; how much was lost is estimated by the host's clock",
                port.name
            );
            self.hub.tell(SessionEvent::Note(Note::warning("device_restarted", text)));
        }
        self.ports[at].losses.repeated_frames += places.repeated;
        let width = self.layout.streams[at].channels.len();
        let mut first = None;
        let mut marks = chunk.marks.iter().peekable();
        let rows = chunk.values.chunks_exact(width).zip(&chunk.frames).zip(&places.frames);
        for (k, ((row, clock), placed)) in rows.enumerate() {
            while let Some((_, code)) = marks.next_if(|(before, _)| *before <= k) {
                self.send(at, &mut first, chunk.host);
                self.marks(std::iter::once(*code));
            }
            let Some(placed) = placed else { continue };
            if placed.lost > 0 || self.block.len() >= MAX_FRAMES * width {
                self.send(at, &mut first, chunk.host);
            }
            if placed.lost > 0 {
                self.gap(at, placed.index - placed.lost, placed.lost, placed.certain);
            }
            first.get_or_insert((placed.index, clock.device_us));
            self.block.extend_from_slice(row);
        }
        self.send(at, &mut first, chunk.host);
        self.marks(marks.map(|(_, code)| *code));
        if at == self.master {
            self.tell_clock();
        }
    }

    /// Marks that a device made, at the present sample.
    fn marks(&mut self, codes: impl Iterator<Item = u32>) {
        for code in codes {
            let index = self.at();
            let code = u8::try_from(code).unwrap_or(u8::MAX);
            self.log(Stamped { at: index, entry: Entry::Mark { code, index } });
        }
    }

    /// Sends the gathered frames as one block.
    fn send(&mut self, at: usize, first: &mut Option<(u64, Option<u64>)>, host: HostNs) {
        let Some((first, device_us)) = first.take() else { return };
        let block = std::mem::take(&mut self.block);
        let frames = block.len() / self.layout.streams[at].channels.len();
        let (by_host, position, step) = self.position(at, first, frames);
        self.pulses(at, by_host, step, &block);
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
        if !self.pipeline.block(stamp, &header, &block) {
            self.ports[at].losses.pipeline_frames += frames as u64;
        }
        self.hub.wake_pipeline();
        if let Some((decoded, device_us)) = self.hub.decoded.as_ref().zip(device_us) {
            let _ = decoded.try_send(Decoded { first, device_us, at: Instant::now() });
        }
        if self.hub.history.is_some() {
            self.hub.show(HistoryMessage::Block { header, native: block.clone() }, false);
        }
        self.block = block;
        self.block.clear();
    }

    /// Looks for edges of the sync pulse in a block that stands at `by_host` on the master clock.
    fn pulses(&mut self, at: usize, by_host: f64, step: f64, block: &[f64]) {
        let width = self.layout.streams[at].channels.len();
        let Some((channel, edges)) = &mut self.ports[at].edges else { return };
        let found: Vec<f64> = block
            .chunks_exact(width)
            .enumerate()
            .filter_map(|(k, row)| edges.push(row[*channel], by_host + k as f64 * step, step))
            .collect();
        for edge in found {
            if at == self.master {
                self.ports.iter_mut().for_each(|port| port.sync.master_edge(edge));
            } else {
                self.ports[at].sync.device_edge(edge);
            }
        }
    }

    /// Where a block of a stream stands on the master clock: by the host's clock alone, and with what the sync pulses say and
    /// without ever running backwards.
    fn position(&mut self, at: usize, first: u64, frames: usize) -> (f64, f64, f64) {
        if at == self.master {
            return (first as f64, first as f64, 1.0);
        }
        let master = &self.ports[self.master].clock;
        let by_host = master.index_at(self.ports[at].clock.host_s(first as f64));
        let measured = by_host - self.ports[at].sync.offset().unwrap_or(0.0);
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
        (by_host, position, step)
    }

    fn gap(&mut self, at: usize, index: u64, lost: u64, certain: bool) {
        let now_s = self.now_s();
        let port = &mut self.ports[at];
        port.losses.lost_frames += lost;
        port.recent.push_back((now_s, lost));
        if let Some((_, edges)) = &mut port.edges {
            edges.cut();
        }
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
        Pause::wait(|| {
            self.settle_drops();
            self.hub.wake_pipeline();
            self.pipeline.item(Item::Entry(stamped)) || self.pipeline.is_abandoned()
        });
        self.record(Item::Entry(stamped));
    }

    /// Writes into the log what the pipeline's ring had no room for, as soon as there is room for saying so.
    fn settle_drops(&mut self) {
        let (at, master) = (self.at(), self.master);
        // The stamp of a drop of the master is its first sample: what comes next in the pipeline comes after it.
        let stamp =
            |stream: StreamId, first| if usize::from(stream.0) == master { SampleIndex(first) } else { at };
        let mut told = Vec::new();
        self.pipeline.settle(stamp, |item| told.push(item));
        told.into_iter().for_each(|item| self.record(item));
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

    /// The master sample that the device takes now: samples of this moment are still on their way, in bursts or in a stall.
    fn index_now(&self, at: SampleIndex) -> SampleIndex {
        let now = self.ports[self.master].clock.index_at(self.now_s()).round();
        // Not before what has arrived; a clock that has seen nothing yet says nothing.
        if now > at.0 as f64 { SampleIndex(now as u64) } else { at }
    }

    fn obey(&mut self, command: Command) {
        let at = self.at();
        let entry = match command {
            Command::Mark(code) => {
                let index = self.index_now(at);
                if code == u8::MAX {
                    self.noted = index;
                }
                Entry::Mark { code, index }
            }
            Command::Note(words) => {
                self.record(Item::Note { index: self.noted, words });
                return;
            }
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
            Command::StopRecording => {
                self.record(Item::StopRecording);
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

    fn back(&mut self, at: usize, name: &str) {
        self.ports[at].told_s = self.now_s();
        let text = if self.ports[at].name == name {
            "the port is open again".to_owned()
        } else {
            format!("the port is open again, now as {name}")
        };
        self.change(at, SourceState::Stalled, text);
    }

    /// States that follow from silence.
    fn watch(&mut self) {
        let now_s = self.now_s();
        for at in 0..self.ports.len() {
            if self.ports[at].is_due(now_s)
                && let Some((chunk, places)) = self.ports[at].release()
            {
                self.placed(at, &chunk, &places);
            }
            let port = &mut self.ports[at];
            port.line.talk(now_s);
            if port.state != SourceState::Reconnecting {
                port.tell_again(now_s);
            }
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
        let source = |port: &Port| {
            let (sync_offset_ms, sync_residual_ms) = port.sync.offset_and_residual_ms();
            SourceNow {
                sync_offset_ms,
                sync_residual_ms,
                host_line: Some(port.clock.line()),
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
            }
        };
        self.ports.iter().map(source).collect()
    }

    fn close(mut self) -> Summary {
        let now = HostNs((self.now_s() * 1e9) as i64);
        for at in 0..self.ports.len() {
            self.ports[at].line.close();
            let waiting = self.ports[at].line.finish(now);
            if !waiting.frames.is_empty() {
                self.chunk(at, waiting);
            }
            if let Some((chunk, places)) = self.ports[at].release() {
                self.placed(at, &chunk, &places);
            }
        }
        self.log(Stamped { at: self.at(), entry: Entry::End });
        let pipeline = &mut self.pipeline;
        Pause::wait(|| pipeline.item(Item::Close) || pipeline.is_abandoned());
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
