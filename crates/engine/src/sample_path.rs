//! What the pipeline thread runs, as a step-driven object: from the ring of the log to the rings of results.
//!
//! [`SamplePath::step`] neither allocates, locks, logs, touches a file nor reads a clock; `tests/sample_path.rs` proves the first under
//! `assert_no_alloc`, clippy's `disallowed-methods` guards the rest. Deadline: one tick (20 ms) of samples in well under one tick.

#![deny(clippy::disallowed_methods)]

use crate::ring::{self, Item, Polled, Receiver};
use crate::snapshot::Snapshot;
use rtrb::Producer;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use surae_gait::pipeline::{Output, Pipeline, Record};
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{SampleIndex, SessionLayout, StreamId};

/// How long the thread sleeps when its ring is empty. A block wakes it at once.
pub(crate) const IDLE: Duration = Duration::from_millis(1);

/// How long it sleeps at most when nothing comes for a while, as in a trial that stands still.
const LONGEST_IDLE: Duration = Duration::from_millis(32);

/// Envelope rows for the history, per second at most.
const ENVELOPE_ROWS_HZ: f64 = 100.0;

/// Where the results go.
pub(crate) struct Results {
    /// To the reader of all records.
    pub(crate) records: Option<Producer<Record>>,
    /// To the history.
    pub(crate) history: Option<Producer<Record>>,
    /// Envelope rows to the history: stream, index, then one value per channel.
    pub(crate) envelopes: Option<Producer<f64>>,
    /// To an outlet: as `envelopes`, on an even grid of samples.
    pub(crate) outlet: Option<Producer<f64>>,
    /// True when the source can wait: a full ring of records then holds the pipeline instead of losing one.
    pub(crate) waits: bool,
    /// Records that found no room.
    pub(crate) lost_records: Arc<AtomicU64>,
    /// Index of the last envelope row and rows' distance in samples, by stream.
    pub(crate) rows: Vec<(u64, u64, usize)>,
}

impl Results {
    /// Distance of envelope rows and channels of each stream.
    pub(crate) fn rows_of(layout: &SessionLayout) -> Vec<(u64, u64, usize)> {
        layout.streams.iter().map(|s| (0, row_distance(s.rate_hz), s.channels.len())).collect()
    }

    fn restart(&mut self) {
        self.rows.iter_mut().for_each(|row| row.0 = 0);
    }
}

/// Samples from one envelope row to the next.
pub(crate) fn row_distance(rate_hz: f64) -> u64 {
    (rate_hz / ENVELOPE_ROWS_HZ).ceil().max(1.0) as u64
}

/// Appends a row: stream, index, values. What finds no room is not drawn.
fn push_row(ring: &mut Producer<f64>, stream: StreamId, index: u64, row: &[f64]) -> bool {
    let Ok(mut chunk) = ring.write_chunk(2 + row.len()) else { return false };
    let values = [f64::from(stream.0), index as f64].into_iter().chain(row.iter().copied());
    let (a, b) = chunk.as_mut_slices();
    a.iter_mut().chain(b).zip(values).for_each(|(slot, value)| *slot = value);
    chunk.commit_all();
    true
}

impl Output for Results {
    fn record(&mut self, record: &Record) {
        if let Some(records) = &mut self.records {
            while records.push(*record).is_err() {
                if !self.waits || records.is_abandoned() {
                    self.lost_records.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                thread::park_timeout(IDLE);
            }
        }
        if let Some(history) = &mut self.history {
            // The history is for display only: what it has no room for is not drawn.
            let _ = history.push(*record);
        }
    }

    fn frames(&mut self, stream: StreamId, first: SampleIndex, _band: &[f64], envelope: &[f64]) {
        let Some((last, distance, width)) = self.rows.get_mut(usize::from(stream.0)) else { return };
        let frames = envelope.len() / (*width).max(1);
        if let Some(ring) = &mut self.outlet {
            let end = first.0 + frames as u64;
            let mut at = first.0.next_multiple_of(*distance);
            while at < end {
                let from = (at - first.0) as usize * *width;
                push_row(ring, stream, at, &envelope[from..from + *width]);
                at += *distance;
            }
        }
        let Some(ring) = &mut self.envelopes else { return };
        let Some(frame) = frames.checked_sub(1) else { return };
        let index = first.0 + frame as u64;
        if index >= *last && index - *last < *distance && *last != 0 {
            return;
        }
        if push_row(ring, stream, index, &envelope[frame * *width..(frame + 1) * *width]) {
            *last = index;
        }
    }
}

/// Whether there is more to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Something was done.
    Worked,
    /// The ring is empty for now.
    Idle,
    /// The session is over.
    Finished,
}

/// The body of the pipeline thread.
pub struct SamplePath {
    input: Receiver,
    pipeline: Pipeline,
    layout: Arc<SessionLayout>,
    results: Results,
    snapshot: Option<triple_buffer::Input<Snapshot>>,
    native: Vec<f64>,
    generation: u64,
    ended: bool,
}

impl SamplePath {
    pub(crate) fn new(
        input: Receiver,
        pipeline: Pipeline,
        layout: Arc<SessionLayout>,
        results: Results,
        snapshot: Option<triple_buffer::Input<Snapshot>>,
    ) -> Self {
        let native = Vec::with_capacity(crate::threads::MAX_BLOCK_WORDS);
        Self { input, pipeline, layout, results, snapshot, native, generation: 0, ended: false }
    }

    /// Takes what the ring holds, at most `items` entries, and publishes the new state.
    pub fn step(&mut self, items: usize) -> Progress {
        let mut worked = false;
        for _ in 0..items {
            let layout = &self.layout;
            let width = |stream: u8| layout.streams.get(usize::from(stream)).map_or(0, |s| s.channels.len());
            match self.input.poll(&mut self.native, width) {
                Polled::Item(item) => {
                    worked = true;
                    self.take(item);
                }
                Polled::Empty => break,
                Polled::Finished => {
                    self.ended = true;
                    break;
                }
            }
        }
        if worked {
            self.publish();
            return Progress::Worked;
        }
        if self.ended { Progress::Finished } else { Progress::Idle }
    }

    /// The pipeline it drives.
    #[must_use]
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    fn take(&mut self, item: Item) {
        match item {
            Item::Entry(Stamped { entry: Entry::Block(header), .. }) => {
                self.pipeline.block(&header, &self.native, &mut self.results);
            }
            Item::Entry(stamped) => self.pipeline.entry(&stamped, &mut self.results),
            Item::Restart(origin) => {
                self.pipeline.restart(origin);
                self.results.restart();
            }
            Item::Host { .. } | Item::Record | Item::StopRecording | Item::Note { .. } => {}
            Item::Close => {
                self.pipeline.finish(&mut self.results);
                self.ended = true;
            }
        }
    }

    fn publish(&mut self) {
        if let Some(snapshot) = &mut self.snapshot {
            self.generation += 1;
            snapshot.input_buffer_mut().fill(&self.pipeline, &self.layout, self.generation);
            snapshot.publish();
        }
    }

    /// Runs until the session is over; the pipeline comes back for its counters.
    pub(crate) fn run(mut self) -> Pipeline {
        let mut idle = IDLE;
        loop {
            match self.step(64) {
                Progress::Worked => idle = IDLE,
                Progress::Idle => {
                    thread::park_timeout(idle);
                    idle = (idle * 2).min(LONGEST_IDLE);
                }
                Progress::Finished => return self.pipeline,
            }
        }
    }
}

/// A sample path whose input is fed by hand: for the allocation test and the benches.
pub struct Feed(ring::Sender);

impl Feed {
    /// A path for a session, its feed and the ring of its records. Everything a real session has is on: records, history, snapshot.
    ///
    /// # Errors
    /// As [`Pipeline::new`].
    pub fn new(
        layout: &SessionLayout,
        settings: &surae_trial::Settings,
        profile: Option<&surae_trial::Profile>,
    ) -> Result<(Self, SamplePath, rtrb::Consumer<Record>), crate::Error> {
        let pipeline = Pipeline::new(layout, settings, profile)?;
        let (tx, rx) = ring::ring(1 << 12, 1 << 18);
        let (records, read) = rtrb::RingBuffer::new(1 << 14);
        let (history, _) = rtrb::RingBuffer::new(1 << 10);
        let (envelopes, _) = rtrb::RingBuffer::new(1 << 12);
        let (outlet, _) = rtrb::RingBuffer::new(1 << 12);
        let (snapshot, _) = triple_buffer::TripleBuffer::new(&Snapshot::new(&pipeline, layout)).split();
        let results = Results {
            records: Some(records),
            history: Some(history),
            envelopes: Some(envelopes),
            outlet: Some(outlet),
            waits: false,
            lost_records: Arc::default(),
            rows: Results::rows_of(layout),
        };
        let layout = Arc::new(layout.clone());
        Ok((Self(tx), SamplePath::new(rx, pipeline, layout, results, Some(snapshot)), read))
    }

    /// Hands a block in; false when the ring is full.
    pub fn block(&mut self, header: &BlockHeader, native: &[f64]) -> bool {
        self.0.try_block(Stamped { at: header.first, entry: Entry::Block(*header) }, native)
    }

    /// Hands an entry in; false when the ring is full.
    pub fn entry(&mut self, stamped: &Stamped) -> bool {
        self.0.try_item(Item::Entry(*stamped))
    }
}
