//! What the session has shown so far: the last ten minutes of samples, envelopes, angles, classes and events, ready to be drawn.
//!
//! A thread of its own keeps them and answers [`View`] requests with [`Columns`]. Of a trial, everything played is kept, addressed
//! by its place in the trial, so that a loop finds it again. Display only: what finds no room is counted, never waited for.
//!
//! `NaN` in columns means that there is nothing to draw: before the start, in a gap, or out of the back. A spike is never hidden: a
//! pixel has the minimum and the maximum of its samples.

mod columns;
mod recent;
mod track;

pub use columns::{ChannelColumns, ClassRun, ColumnEvent, ColumnGap, Columns, View};
pub use recent::Recent;

use crate::session::Wake;
use crossbeam_channel::{Receiver, Sender, bounded, never, select};
use recent::Newest;
use rtrb::Consumer;
use std::sync::Arc;
use std::time::{Duration, Instant};
use surae_gait::dominance::Class;
use surae_gait::pipeline::{GapRecord, Record};
use surae_trial::log::BlockHeader;
use surae_trial::{EventKind, Seconds, SessionLayout, Side};
use track::Track;

/// Views that are kept at a time.
pub const VIEWS: usize = 2;

/// Seconds that are kept of a live session.
const KEPT_S: f64 = 600.0;

/// Seconds that are kept of a trial at most.
const KEPT_TRIAL_S: f64 = 3600.0;

/// Values of one stream that are kept at most (f32).
const MAX_VALUES: u64 = 64 << 20;

/// Envelope, angle and class are kept at this rate.
const SLOTS_HZ: f64 = 50.0;

/// Events and gaps that are kept.
const MAX_EVENTS: usize = 20_000;

/// Time between two calls of the wake-up.
const FRAME: Duration = Duration::from_millis(16);

/// How often results of the pipeline are looked for while something comes.
const BUSY: Duration = Duration::from_millis(4);

/// How often once nothing came for [`QUIET`]; samples and requests end the wait.
const STILL: Duration = Duration::from_millis(250);

/// The pipeline is done with what it got after this long without anything new.
const QUIET: Duration = Duration::from_secs(1);

/// What the log thread tells the history.
#[derive(Debug)]
pub(crate) enum HistoryMessage {
    /// Samples.
    Block { header: BlockHeader, native: Vec<f64> },
    /// Trial time 0 is at this session time now.
    Restart { offset_s: f64, loops: u64 },
    /// Measured clock of the master: seconds of sample 0, and the rate.
    Clock { zero_s: f64, rate_hz: f64 },
}

/// One stream's samples.
struct StreamHistory {
    /// Columns of the frame that are EMG.
    emg: Vec<usize>,
    raw: Track,
    envelope: Track,
    /// An index, its position and the step of the last block.
    mapped: (u64, f64, f64),
}

/// One leg's angle and class.
struct LegHistory {
    knee: Track,
    class: Track,
}

/// The history thread.
pub(crate) struct History {
    layout: Arc<SessionLayout>,
    rate_hz: f64,
    origin_s: f64,
    duration_s: f64,
    offset_s: f64,
    loops: u64,
    clock: (f64, f64),
    streams: Vec<Option<StreamHistory>>,
    legs: [LegHistory; 2],
    events: Vec<ColumnEvent>,
    gaps: Vec<ColumnGap>,
    /// Of a live session only.
    newest: Option<Newest>,
    input: Receiver<HistoryMessage>,
    requests: Receiver<Request>,
    answers: [triple_buffer::Input<Option<Arc<Columns>>>; VIEWS],
    recent: triple_buffer::Input<Option<Arc<Recent>>>,
    records: Consumer<Record>,
    rows: Consumer<f64>,
    wake: Option<Wake>,
    row: Vec<f64>,
}

/// What is asked of the history.
enum Request {
    View(usize, View),
    Recent,
}

/// What a wait ended with.
enum Heard {
    Message(HistoryMessage),
    Asked(Request),
    Nothing,
}

/// The other end of the views.
pub(crate) struct Handle {
    requests: Sender<Request>,
    answers: [triple_buffer::Output<Option<Arc<Columns>>>; VIEWS],
    recent: triple_buffer::Output<Option<Arc<Recent>>>,
}

impl Handle {
    pub(crate) fn request(&self, slot: usize, view: View) {
        // A request that finds others waiting is asked again with the next frame.
        let _ = self.requests.try_send(Request::View(slot, view));
    }

    pub(crate) fn columns(&mut self, slot: usize) -> Option<Arc<Columns>> {
        self.answers.get_mut(slot)?.read().clone()
    }

    pub(crate) fn request_recent(&self) {
        let _ = self.requests.try_send(Request::Recent);
    }

    pub(crate) fn recent(&mut self) -> Option<Arc<Recent>> {
        self.recent.read().clone()
    }
}

impl History {
    pub(crate) fn new(
        layout: Arc<SessionLayout>,
        origin: Seconds,
        span: Option<u64>,
        records: Consumer<Record>,
        rows: Consumer<f64>,
        wake: Option<Wake>,
    ) -> (Self, Handle, Sender<HistoryMessage>) {
        let rate_hz = layout.master_stream().map_or(1.0, |stream| stream.rate_hz);
        let duration_s = span.map_or(f64::NAN, |span| span as f64 / rate_hz);
        let kept_s = if duration_s.is_finite() { (duration_s + 1.0).min(KEPT_TRIAL_S) } else { KEPT_S };
        let slots = (kept_s * SLOTS_HZ).ceil() as u64 + 1;
        let streams = layout
            .streams
            .iter()
            .map(|stream| {
                let channels = stream.channels.iter().enumerate();
                let emg: Vec<usize> =
                    channels.filter(|(_, c)| c.role.kind.is_emg()).map(|(column, _)| column).collect();
                (!emg.is_empty()).then(|| {
                    let wanted = (kept_s * stream.rate_hz).ceil().clamp(1.0, 1e12) as u64 + 1;
                    let capacity = wanted.min(MAX_VALUES / emg.len() as u64);
                    StreamHistory {
                        raw: Track::new(capacity, emg.len(), true),
                        envelope: Track::new(slots, stream.channels.len(), false),
                        mapped: (0, 0.0, 1.0),
                        emg,
                    }
                })
            })
            .collect();
        let leg = || LegHistory { knee: Track::new(slots, 1, false), class: Track::new(slots, 1, false) };
        let (input_tx, input) = bounded(256);
        let (request_tx, requests) = bounded(8);
        let ((in0, out0), (in1, out1)) =
            (triple_buffer::TripleBuffer::default().split(), triple_buffer::TripleBuffer::default().split());
        let (recent_in, recent_out) = triple_buffer::TripleBuffer::default().split();
        let history = Self {
            rate_hz,
            origin_s: origin.0,
            duration_s,
            offset_s: 0.0,
            loops: 0,
            clock: (0.0, rate_hz),
            streams,
            legs: [leg(), leg()],
            events: Vec::new(),
            gaps: Vec::new(),
            newest: span.is_none().then(|| Newest::new(layout.streams.len())),
            input,
            requests,
            answers: [in0, in1],
            recent: recent_in,
            records,
            rows,
            wake,
            row: Vec::new(),
            layout,
        };
        (history, Handle { requests: request_tx, answers: [out0, out1], recent: recent_out }, input_tx)
    }

    /// Runs until the log thread is gone and nobody can ask any more.
    pub(crate) fn run(mut self) {
        let (mut woken, mut newest) = (Instant::now(), Instant::now());
        // Log thread, and whoever asks.
        let mut left = [true; 2];
        // What the window was not woken for yet; a session that stands still lets it sleep.
        let mut is_new = false;
        while left != [false; 2] {
            let is_quiet = newest.elapsed() >= QUIET && !is_new;
            let mut is_fresh = match self.hear(&mut left, if is_quiet { STILL } else { BUSY }) {
                Heard::Message(message) => {
                    self.take(message);
                    while let Ok(message) = self.input.try_recv() {
                        self.take(message);
                    }
                    true
                }
                Heard::Asked(request) => {
                    self.answer(&request);
                    true
                }
                Heard::Nothing => false,
            };
            is_fresh |= self.take_results();
            while let Ok(request) = self.requests.try_recv() {
                self.answer(&request);
                is_fresh = true;
            }
            if is_fresh {
                (newest, is_new) = (Instant::now(), true);
            }
            if let Some(wake) = &self.wake
                && is_new
                && woken.elapsed() >= FRAME
            {
                (woken, is_new) = (Instant::now(), false);
                wake();
            }
        }
    }

    /// Waits for samples and requests, at most this long.
    fn hear(&self, left: &mut [bool; 2], wait: Duration) -> Heard {
        let (no_message, no_request) = (never(), never());
        // A channel whose other end is gone would end every wait.
        let messages = if left[0] { &self.input } else { &no_message };
        let requests = if left[1] { &self.requests } else { &no_request };
        select! {
            recv(messages) -> message => match message {
                Ok(message) => return Heard::Message(message),
                Err(_) => left[0] = false,
            },
            recv(requests) -> request => match request {
                Ok(request) => return Heard::Asked(request),
                Err(_) => left[1] = false,
            },
            default(wait) => {}
        }
        Heard::Nothing
    }

    fn answer(&mut self, request: &Request) {
        match *request {
            Request::View(slot, view) => {
                let columns = self.columns(&view);
                self.answers[slot].write(Some(Arc::new(columns)));
            }
            Request::Recent => {
                let newest = self.newest.as_ref();
                let recent = newest.and_then(|newest| newest.trial(&self.layout, self.origin_s));
                self.recent.write(recent.map(Arc::new));
            }
        }
    }

    fn take(&mut self, message: HistoryMessage) {
        match message {
            HistoryMessage::Block { header, native } => {
                self.block(&header, &native);
                if let Some(newest) = &mut self.newest {
                    newest.push(header, native, self.rate_hz);
                }
            }
            HistoryMessage::Restart { offset_s, loops } => (self.offset_s, self.loops) = (offset_s, loops),
            HistoryMessage::Clock { zero_s, rate_hz } => self.clock = (zero_s, rate_hz),
        }
    }

    fn block(&mut self, header: &BlockHeader, native: &[f64]) {
        let at = usize::from(header.stream.0);
        let (Some(layout), Some(Some(stream))) = (self.layout.streams.get(at), self.streams.get_mut(at))
        else {
            return;
        };
        stream.mapped = (header.first.0, header.position, header.step);
        let width = layout.channels.len();
        for (frame, row) in native.chunks_exact(width).enumerate() {
            let physical =
                stream.emg.iter().map(|&column| layout.channels[column].scale.physical(row[column]));
            stream.raw.write(header.first.0 + frame as u64, physical);
        }
    }

    /// Takes envelopes and records from the pipeline; false when there was nothing.
    fn take_results(&mut self) -> bool {
        let mut is_new = false;
        while let Ok(&stream) = self.rows.peek() {
            let Some(width) = self.layout.streams.get(stream as usize).map(|s| s.channels.len()) else {
                return is_new;
            };
            let Ok(chunk) = self.rows.read_chunk(2 + width) else { break };
            is_new = true;
            self.row.clear();
            self.row.extend(chunk);
            if let Some(history) = &mut self.streams[stream as usize] {
                let (index, position, step) = history.mapped;
                let master = position + (self.row[1] - index as f64) * step;
                let values = self.row[2..].iter().copied();
                history.envelope.write(slot(master / self.rate_hz), values);
            }
        }
        while let Ok(record) = self.records.pop() {
            is_new = true;
            self.record(&record);
        }
        is_new
    }

    fn record(&mut self, record: &Record) {
        match *record {
            Record::Estimate(estimate) => {
                let at = slot(estimate.index.0 as f64 / self.rate_hz);
                let leg = &mut self.legs[estimate.side as usize];
                leg.knee.write(at, std::iter::once(estimate.knee_flexion_deg));
                leg.class.write(at, std::iter::once(class_code(estimate.class)));
            }
            Record::Gap { gap, .. } => self.gap(&gap),
            Record::Event { event, .. } => self.event(event.index.0, event.kind, event.side, 0),
            Record::Mark { code, index, .. } => self.event(index.0, EventKind::Mark, None, code),
            Record::Drop { .. } | Record::State { .. } => {}
        }
    }

    fn gap(&mut self, gap: &GapRecord) {
        let rate_hz = self.layout.stream(gap.stream).map_or(self.rate_hz, |stream| stream.rate_hz);
        let t0_s = self.origin_s + gap.index.0 as f64 / rate_hz;
        let found = ColumnGap {
            t0_s,
            t1_s: t0_s + gap.lost_samples as f64 / rate_hz,
            stream: gap.stream,
            lost_samples: gap.lost_samples,
            certain: gap.certain,
        };
        if self.gaps.len() < MAX_EVENTS && !self.gaps.contains(&found) {
            self.gaps.push(found);
        }
    }

    fn event(&mut self, index: u64, kind: EventKind, side: Option<Side>, code: u8) {
        let event = ColumnEvent { time_s: self.origin_s + index as f64 / self.rate_hz, kind, side, code };
        // A looped trial brings its events again.
        if self.events.len() < MAX_EVENTS && !self.events.contains(&event) {
            self.events.push(event);
        }
    }
}

/// The slot of a time in s from master sample 0.
fn slot(time_s: f64) -> u64 {
    (time_s * SLOTS_HZ + 1e-6).max(0.0) as u64
}

const CLASSES: [Class; 5] =
    [Class::Rest, Class::SoleusDominant, Class::Balanced, Class::GastrocnemiusDominant, Class::Undetermined];

fn class_code(class: Class) -> f64 {
    CLASSES.iter().position(|&c| c == class).unwrap_or(CLASSES.len() - 1) as f64
}

fn class_of(code: f32) -> Option<Class> {
    if code.is_nan() { None } else { CLASSES.get(code as usize).copied() }
}
