//! One port of a live session: its device in conversation, its clock, its state and what it lost.

use super::reader::Received;
use super::sync::{Edges, Sync, channel_of};
use crate::clock::{ClockEstimator, FrameClock, Places};
use crate::session::DeviceSpec;
use crate::status::{Losses, SourceState};
use crossbeam_channel::Sender;
use std::collections::VecDeque;
use surae_io::device::{Driver, Item, Message as Said};
use surae_trial::{HostNs, StreamId, StreamLayout};

/// How long frames wait after a silence, where only the reads that follow tell how long it was.
const HOLD_S: f64 = 0.25;

/// Silence after which a device that must be told to send is told again, s; and again after each of these.
const TELL_AGAIN_S: f64 = 3.0;

/// Reads that may wait to be written to a port.
pub(super) const TO_SAY: usize = 64;

/// A port that is open and spoken with.
pub(crate) struct Line {
    pub(crate) driver: Driver,
    pub(crate) say: Sender<Vec<u8>>,
    send: Vec<u8>,
}

/// Frames of one read, decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) host: HostNs,
    pub(crate) values: Vec<f64>,
    pub(crate) frames: Vec<FrameClock>,
    /// Markers of the device: before which frame, which code.
    pub(crate) marks: Vec<(usize, u32)>,
    /// What the device said in words.
    pub(crate) texts: Vec<String>,
    /// The place of the next frame is an estimate.
    pub(crate) estimated: bool,
}

impl Line {
    pub(crate) fn new(spec: &DeviceSpec, say: Sender<Vec<u8>>, now_s: f64) -> Self {
        let mut options = spec.options.clone();
        options.rate_hz = options.rate_hz.or(spec.rate_hz);
        Self { driver: Driver::new(spec.device, options, now_s), say, send: Vec::new() }
    }

    /// Says what is to be said now.
    pub(crate) fn talk(&mut self, now_s: f64) {
        self.driver.poll(now_s, &mut self.send);
        if !self.send.is_empty() {
            // A port that takes nothing is as silent as one that is gone; silence is watched.
            let _ = self.say.try_send(std::mem::take(&mut self.send));
        }
    }

    /// Takes what the port said; frames that it completes.
    pub(crate) fn take(&mut self, received: &Received, now_s: f64) -> Chunk {
        let mut chunk = Chunk::default();
        match received {
            Received::Bytes(host, bytes) => {
                chunk.host = *host;
                let mut take = |item: Item<'_>| chunk.item(item);
                if bytes.is_empty() {
                    self.driver.idle(&mut take);
                } else {
                    self.driver.push(host.0 as f64 * 1e-9, bytes, &mut take);
                }
            }
            Received::Told(text) => self.driver.told(text),
            Received::Back(_) => self.driver.restart(now_s),
            Received::Gone(_) => {}
        }
        chunk
    }

    /// Frames that waited for others which will not come.
    pub(crate) fn finish(&mut self, host: HostNs) -> Chunk {
        let mut chunk = Chunk { host, ..Chunk::default() };
        self.driver.finish(&mut |item| chunk.item(item));
        chunk
    }

    /// Ends the stream in order.
    pub(crate) fn close(&self) {
        let end = self.driver.closing();
        if !end.is_empty() {
            let _ = self.say.try_send(end.to_vec());
        }
    }
}

impl Chunk {
    fn item(&mut self, item: Item<'_>) {
        match item {
            Item::Frame(frame) => {
                self.values.extend_from_slice(frame.values);
                self.frames.push(FrameClock {
                    counter: frame.counter,
                    device_us: frame.device_us,
                    reset: frame.clock_reset,
                    estimated: std::mem::take(&mut self.estimated),
                });
            }
            Item::Message(Said::Marker(code)) => self.marks.push((self.frames.len(), code)),
            Item::Message(Said::Text(text)) => self.texts.push(text.to_owned()),
            Item::Message(Said::Estimated) => self.estimated = true,
        }
    }
}

/// One port and its stream.
pub(super) struct Port {
    pub(super) name: String,
    pub(super) stream: StreamId,
    pub(super) line: Line,
    pub(super) clock: ClockEstimator,
    pub(super) state: SourceState,
    /// When samples last came, and when the device was last told to send, s.
    pub(super) last_s: f64,
    pub(super) told_s: f64,
    /// Position of the next frame on the master clock, by steps.
    pub(super) next_position: Option<f64>,
    pub(super) frames: u64,
    pub(super) losses: Losses,
    /// Gaps of the last 10 s: when, how many.
    pub(super) recent: VecDeque<(f64, u64)>,
    /// Channel of the sync pulse and its edges, and what the pulses say against the master.
    pub(super) edges: Option<(usize, Edges)>,
    pub(super) sync: Sync,
    /// Chunks that wait until the length of the silence before them is known.
    held: Vec<Chunk>,
}

impl Port {
    /// `master_hz` is the rate of the master stream.
    pub(super) fn new(
        name: String,
        (stream, layout): (StreamId, &StreamLayout),
        line: Line,
        clock: ClockEstimator,
        now_s: f64,
        master_hz: f64,
    ) -> Self {
        Self {
            name,
            stream,
            edges: channel_of(layout).map(|channel| (channel, Edges::default())),
            sync: Sync::new(master_hz),
            line,
            clock,
            state: SourceState::Live,
            last_s: now_s,
            told_s: now_s,
            next_position: None,
            frames: 0,
            losses: Losses::default(),
            recent: VecDeque::new(),
            held: Vec::new(),
        }
    }

    /// Places the frames of a chunk, which may have to wait; gives those that are placed now.
    pub(super) fn place(&mut self, chunk: Chunk) -> Option<(Chunk, Places)> {
        let since = self.held.last().map(|chunk| chunk.host);
        if self.clock.is_unsure(since, chunk.host, &chunk.frames) {
            // Another silence: what waited before it is placed by what is known.
            let before = self.release();
            self.held.push(chunk);
            return before;
        }
        if self.held.is_empty() {
            let places = self.clock.place(chunk.host, &chunk.frames);
            return Some((chunk, places));
        }
        self.held.push(chunk);
        let (first, last) = (self.held.first()?.host, self.held.last()?.host);
        if (last.0 - first.0) as f64 * 1e-9 >= HOLD_S { self.release() } else { None }
    }

    /// Places what waits, now.
    pub(super) fn release(&mut self) -> Option<(Chunk, Places)> {
        let mut held = std::mem::take(&mut self.held).into_iter();
        let mut all = held.next()?;
        let mut reads = vec![(all.host, all.frames.len())];
        for chunk in held {
            let before = all.frames.len();
            reads.push((chunk.host, chunk.frames.len()));
            all.host = chunk.host;
            all.values.extend_from_slice(&chunk.values);
            all.frames.extend_from_slice(&chunk.frames);
            all.marks.extend(chunk.marks.iter().map(|(at, code)| (at + before, *code)));
            all.texts.extend(chunk.texts);
        }
        let places = self.clock.place_reads(&reads, &all.frames);
        Some((all, places))
    }

    /// True when the oldest frame that waits has waited long enough.
    pub(super) fn is_due(&self, now_s: f64) -> bool {
        self.held.first().is_some_and(|first| now_s - first.host.0 as f64 * 1e-9 >= 2.0 * HOLD_S)
    }

    /// Tells a device again that stays silent although its port is there: it was switched off and on.
    pub(super) fn tell_again(&mut self, now_s: f64) {
        let silent_s = now_s - self.last_s.max(self.told_s);
        if silent_s > TELL_AGAIN_S
            && self.line.driver.needs_telling()
            && !self.line.driver.is_talking()
            && !self.line.driver.is_listening()
        {
            self.told_s = now_s;
            self.line.driver.restart(now_s);
        }
    }

    pub(super) fn count_input(&mut self) {
        let counts = self.line.driver.counts();
        self.losses.bad_input = counts.bad_frames + counts.bad_values + counts.clock_errors;
    }
}
