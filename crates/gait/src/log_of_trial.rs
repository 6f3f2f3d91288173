//! Any trial as a session log: the one input of the pipeline, for replay and for `review --mode causal`.
//!
//! A recording of Surae carries its own log, which is followed to the letter. For every other trial a fixed rule makes one: master
//! samples in order, and a sample of any other stream directly after the master sample whose time has passed its own; gaps,
//! events and marks where they fall. No value is made up: a hole in a stream is a gap entry.
//!
//! Not for reading files (`surae-io`) nor for pacing (`surae-engine`).

use surae_trial::log::{BlockHeader, Entry, SessionLog, Stamped};
use surae_trial::{EventKind, SampleIndex, Seconds, SessionLayout, Settings, Stream, StreamId, Trial};

/// What comes next in the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step<'a> {
    /// Frames of a stream: hand them to [`crate::pipeline::Pipeline::block`].
    Block(BlockHeader, &'a [f64]),
    /// Anything else: hand it to [`crate::pipeline::Pipeline::entry`].
    Entry(Stamped),
}

/// What a log holds beside the samples of its trial: made once, and handed to whoever plays it.
#[derive(Debug)]
pub struct Script {
    layout: SessionLayout,
    /// Everything but master samples, in order.
    entries: Vec<Stamped>,
    settings: Option<Settings>,
    own: bool,
    /// Indices of the pipeline's drops, by stream.
    dropped: Vec<Vec<(u64, u64)>>,
}

/// A trial laid out as a log. Steps are made on the fly; memory beyond the trial is one block and the sorted entries.
#[derive(Debug)]
pub struct TrialLog<'a> {
    trial: &'a Trial,
    script: Script,
    block_frames: u32,
    cursor: Cursor,
    native: Vec<f64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    entry: usize,
    /// Next stored frame of the master.
    frame: usize,
}

impl<'a> TrialLog<'a> {
    /// Frames a block holds unless told otherwise; the size never changes a result.
    pub const BLOCK_FRAMES: u32 = 64;

    /// The log of a trial: its own, or one made by the fixed rule.
    #[must_use]
    pub fn new(trial: &'a Trial) -> Self {
        let layout = match &trial.log {
            Some(log) => log.layout.clone(),
            None => SessionLayout::of_trial(trial),
        };
        let entries = match &trial.log {
            Some(log) => own_entries(log, &layout),
            None => made_entries(trial, &layout),
        };
        let mut dropped = vec![Vec::new(); layout.streams.len()];
        for stamped in &entries {
            if let Entry::PipelineDrop { stream, first, last } = stamped.entry
                && let Some(ranges) = dropped.get_mut(usize::from(stream.0))
            {
                ranges.push((first.0, last.0));
            }
        }
        let settings = trial.log.as_ref().map(|log| log.settings);
        Self::of_script(trial, Script { layout, entries, settings, own: trial.log.is_some(), dropped })
    }

    /// The log of a trial whose script is known: that of the same trial, from [`TrialLog::into_script`].
    #[must_use]
    pub fn of_script(trial: &'a Trial, script: Script) -> Self {
        let (block_frames, cursor) = (Self::BLOCK_FRAMES, Cursor::default());
        Self { trial, script, block_frames, cursor, native: Vec::new() }
    }

    /// The script, to go on with where this borrow of the trial ends.
    #[must_use]
    pub fn into_script(self) -> Script {
        self.script
    }

    /// As [`TrialLog::new`], cutting samples into blocks of at most `frames`.
    #[must_use]
    pub fn with_block_frames(mut self, frames: u32) -> Self {
        self.block_frames = frames.max(1);
        self
    }

    /// The layout to build the pipeline with.
    #[must_use]
    pub fn layout(&self) -> &SessionLayout {
        &self.script.layout
    }

    /// The settings the session was recorded with; `None` for a trial without its own log.
    #[must_use]
    pub fn settings(&self) -> Option<&Settings> {
        self.script.settings.as_ref()
    }

    /// True when the trial carries its own log.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.script.own
    }

    /// Trial time of master sample 0.
    #[must_use]
    pub fn origin(&self) -> Seconds {
        if self.script.own {
            Seconds(0.0)
        } else {
            self.master().map_or(Seconds(0.0), |(_, stream)| stream.start_s)
        }
    }

    /// Number of master samples, lost ones included.
    #[must_use]
    pub fn span(&self) -> u64 {
        self.master().map_or(0, |(_, stream)| stream.span())
    }

    /// Starts again at the beginning.
    pub fn rewind(&mut self) {
        self.cursor = Cursor::default();
    }

    /// Goes to the first step at or after a master sample, as if everything before had been played.
    pub fn seek(&mut self, index: SampleIndex) {
        self.cursor.entry = self.script.entries.partition_point(|stamped| stamped.at < index);
        self.cursor.frame = match self.master() {
            None => 0,
            Some((_, stream)) => partition_frames(stream, index.0),
        };
    }

    /// The settings in force at the cursor after a seek: the last settings entry before it.
    #[must_use]
    pub fn settings_before(&self) -> Option<Settings> {
        self.script.entries[..self.cursor.entry].iter().rev().find_map(|stamped| match stamped.entry {
            Entry::Settings(settings) => Some(settings),
            _ => None,
        })
    }

    /// The next step; `None` at the end. Steps borrow a buffer of the log: take one at a time.
    pub fn next_step(&mut self) -> Option<Step<'_>> {
        loop {
            let entry = self.script.entries.get(self.cursor.entry).copied();
            if let Some(header) = self.next_master(entry.map(|stamped| stamped.at.0)) {
                return Some(Step::Block(header, &self.native));
            }
            let stamped = entry?;
            self.cursor.entry += 1;
            let Entry::Block(header) = stamped.entry else { return Some(Step::Entry(stamped)) };
            if !self.is_dropped(header.stream, header.first.0) && self.fill(&header) {
                return Some(Step::Block(header, &self.native));
            }
        }
    }

    fn master(&self) -> Option<(StreamId, &'a Stream)> {
        let id = self.script.layout.master?;
        self.trial.streams.get(usize::from(id.0)).map(|stream| (id, stream))
    }

    /// A block of master frames that come before `before`, without dropped ones.
    fn next_master(&mut self, before: Option<u64>) -> Option<BlockHeader> {
        let (id, stream) = self.master()?;
        let total = stream.frames();
        while self.cursor.frame < total {
            let first = stream.index_of_frame(self.cursor.frame).0;
            if before.is_some_and(|before| first >= before) {
                return None;
            }
            let inside = self.script.dropped[usize::from(id.0)]
                .iter()
                .find(|range| range.0 <= first && first <= range.1);
            if let Some(&(_, last)) = inside {
                self.cursor.frame = partition_frames(stream, last + 1);
                continue;
            }
            // A block ends at a gap, at a drop and at the next entry.
            let gap = stream.gaps.iter().map(|gap| gap.index.0).find(|&index| index > first);
            let drop = self.script.dropped[usize::from(id.0)]
                .iter()
                .map(|range| range.0)
                .filter(|&d| d > first)
                .min();
            let stop = [before, gap, drop].into_iter().flatten().min().unwrap_or(u64::MAX);
            let left = (total - self.cursor.frame) as u64;
            let frames = u64::from(self.block_frames).min(left).min(stop - first);
            let header = BlockHeader {
                stream: id,
                first: SampleIndex(first),
                frames: frames as u32,
                position: first as f64,
                step: 1.0,
            };
            copy_frames(stream, self.cursor.frame, frames as usize, &mut self.native);
            self.cursor.frame += frames as usize;
            return Some(header);
        }
        None
    }

    fn is_dropped(&self, stream: StreamId, index: u64) -> bool {
        self.script
            .dropped
            .get(usize::from(stream.0))
            .is_some_and(|ranges| ranges.iter().any(|range| range.0 <= index && index <= range.1))
    }

    /// Fetches the values of a block by its header; false when the trial does not hold them.
    fn fill(&mut self, header: &BlockHeader) -> bool {
        let Some(stream) = self.trial.streams.get(usize::from(header.stream.0)) else { return false };
        let frame = partition_frames(stream, header.first.0);
        let frames = header.frames as usize;
        if frame.saturating_add(frames) > stream.frames() {
            return false;
        }
        copy_frames(stream, frame, frames, &mut self.native);
        true
    }
}

/// First stored frame whose index is at least `index`.
fn partition_frames(stream: &Stream, index: u64) -> usize {
    let (mut low, mut high) = (0, stream.frames());
    while low < high {
        let middle = low.midpoint(high);
        if stream.index_of_frame(middle).0 < index { low = middle + 1 } else { high = middle }
    }
    low
}

fn copy_frames(stream: &Stream, frame: usize, frames: usize, native: &mut Vec<f64>) {
    let width = stream.channels.len();
    native.clear();
    native.extend((frame * width..(frame + frames) * width).map(|at| stream.samples.get(at)));
}

/// The entries of a recording as they stand.
fn own_entries(log: &SessionLog, layout: &SessionLayout) -> Vec<Stamped> {
    let master = layout.master;
    let is_master = |entry: &Entry| matches!(entry, Entry::Block(header) if Some(header.stream) == master);
    log.entries.iter().filter(|stamped| !is_master(&stamped.entry)).copied().collect()
}

/// The fixed rule for trials without a log.
fn made_entries(trial: &Trial, layout: &SessionLayout) -> Vec<Stamped> {
    let Some(master) = layout.master_stream().zip(layout.master) else { return Vec::new() };
    let (master_id, master) = (master.1, &trial.streams[usize::from(master.1.0)]);
    let position = |time_s: f64| (time_s - master.start_s.0) * master.rate_hz;
    let mut entries = Vec::new();
    for (at, stream) in trial.streams.iter().enumerate() {
        let id = StreamId(at as u8);
        if id == master_id {
            let gaps = stream.gaps.iter().map(|gap| (gap, gap.index.0));
            entries.extend(gaps.map(|(gap, at)| gap_entry(id, gap, at)));
        } else {
            other_stream(id, stream, &position, master.rate_hz, &mut entries);
        }
    }
    for event in &trial.events {
        let index = SampleIndex(position(event.time_s.0).max(0.0).round() as u64);
        let entry = match event.kind {
            EventKind::Mark => Entry::Mark { code: 255, index },
            kind => Entry::Event { kind, side: event.side, index },
        };
        entries.push(Stamped { at: index, entry });
    }
    // Stable: what shares a place keeps the order of streams, then events.
    entries.sort_by_key(|stamped| stamped.at);
    entries.push(Stamped { at: SampleIndex(master.span()), entry: Entry::End });
    let last = entries.len() - 1;
    let end = entries.iter().map(|stamped| stamped.at).max().unwrap_or_default();
    entries[last].at = end;
    entries
}

fn gap_entry(stream: StreamId, gap: &surae_trial::Gap, at: u64) -> Stamped {
    let entry = Entry::Gap { stream, index: gap.index, lost: gap.lost_samples, certain: gap.certain };
    Stamped { at: SampleIndex(at), entry }
}

/// Frames of another stream one by one, each after the master sample whose time has passed its own.
fn other_stream(
    id: StreamId,
    stream: &Stream,
    position: &impl Fn(f64) -> f64,
    master_rate_hz: f64,
    entries: &mut Vec<Stamped>,
) {
    let step = master_rate_hz / stream.rate_hz;
    if stream.channels.is_empty() || !(step.is_finite() && step > 0.0) {
        return;
    }
    let after = |position: f64| SampleIndex(if position < 0.0 { 0 } else { position.floor() as u64 + 1 });
    let mut gaps = stream.gaps.iter().peekable();
    for frame in 0..stream.frames() {
        let first = stream.index_of_frame(frame);
        let time_s = stream.times_s.get(frame).copied().unwrap_or_else(|| stream.time_of(first.0).0);
        let at = position(time_s);
        if !at.is_finite() {
            continue;
        }
        while let Some(gap) = gaps.next_if(|gap| gap.index < first) {
            entries.push(gap_entry(id, gap, after(at).0));
        }
        let header = BlockHeader { stream: id, first, frames: 1, position: at, step };
        entries.push(Stamped { at: after(at), entry: Entry::Block(header) });
    }
}
