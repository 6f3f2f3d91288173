//! The one recurrence everything stateful runs on: a cascade of second-order sections in transposed direct form II.
//!
//! Multiplications and additions are separate and in one order, `y = b0·x + s1`, `s1 = (b1·x + s2) − a1·y`, `s2 = b2·x − a2·y`, so
//! that any number of lanes gives the bits of one lane. States smaller than [`FLUSH_BELOW`] are set to zero every
//! [`FLUSH_INTERVAL`] frames of the stream (not of the block): denormal numbers would make silence a hundred times slower
//! than sound, and a flush at block ends would make the result depend on how the stream was cut.

#[cfg(target_arch = "x86_64")]
mod lanes;
mod pass;
mod plan;
mod run;

use crate::chain::Rectify;
use crate::design::{Section, Sos};
use crate::level::Level;
use plan::Step;
use run::{Frames, Run, SCRATCH};

/// Frames between two looks at the states.
pub(crate) const FLUSH_INTERVAL: u64 = 256;

/// States below this are zero: far under any signal, far above the smallest normal number (2.2e-308).
const FLUSH_BELOW: f64 = 1e-200;

/// Channels are padded to a multiple of this: two of the widest vectors.
const PADDING: usize = 16;

/// Values from one aligned address to the next.
const LINE: usize = 8;

/// One section, one sample.
#[inline(always)]
pub(crate) fn step(section: &Section, state: &mut [f64; 2], x: f64) -> f64 {
    let y = section.b[0] * x + state[0];
    state[0] = (section.b[1] * x + state[1]) - section.a[0] * y;
    state[1] = section.b[2] * x - section.a[1] * y;
    y
}

/// Sections before the rectifier, the rectifier, sections after it, and the state of every channel.
#[derive(Clone, Debug)]
pub(crate) struct Cascade {
    level: Level,
    /// The sections fit into lanes, side by side.
    side_by_side: bool,
    /// All sections, the ones before the rectifier first.
    sections: Vec<Section>,
    front: usize,
    rectify: Rectify,
    /// How the sections are cut into passes.
    steps: Vec<Step>,
    channels: usize,
    /// Channels padded to whole vectors.
    stride: usize,
    /// `[section][s1 | s2][stride]`; sized for the most sections at construction.
    state: Vec<f64>,
    /// A tile and room to start it on a cache line.
    scratch: Vec<f64>,
    /// Frames since the last reset: fixes where states are flushed.
    position: u64,
}

impl Cascade {
    /// Room for `capacity` sections of `channels` channels. This is the only place that allocates.
    pub(crate) fn new(channels: usize, capacity: usize) -> Self {
        let stride = channels.next_multiple_of(PADDING);
        Self {
            level: Level::best_for(channels),
            side_by_side: false,
            sections: Vec::with_capacity(capacity),
            front: 0,
            rectify: Rectify::None,
            steps: Vec::with_capacity(plan::capacity(capacity)),
            channels,
            stride,
            state: vec![0.0; capacity * 2 * stride],
            scratch: vec![0.0; SCRATCH + LINE],
            position: 0,
        }
    }

    /// Takes the sections of `front`, in order, then `rectify`, then `back`; resets.
    pub(crate) fn design(&mut self, front: [Option<&Sos>; 2], rectify: Rectify, back: Option<&Sos>) {
        self.sections.clear();
        for sos in front.into_iter().flatten() {
            self.sections.extend_from_slice(sos.sections());
        }
        self.front = self.sections.len();
        self.rectify = rectify;
        self.sections.extend_from_slice(back.map_or(&[], Sos::sections));
        plan::plan(&self.sections, back.map(|_| self.front), &mut self.steps);
        self.side_by_side = self.goes_side_by_side();
        self.reset();
    }

    pub(crate) fn set_level(&mut self, level: Level) {
        self.level = level;
        self.side_by_side = self.goes_side_by_side();
    }

    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    pub(crate) fn reset(&mut self) {
        self.state.fill(0.0);
        self.position = 0;
    }

    pub(crate) fn reset_channel(&mut self, channel: usize) {
        for row in self.state.chunks_exact_mut(self.stride) {
            row[channel] = 0.0;
        }
    }

    /// Sets the state of one channel to what a constant input of `level` settles to.
    pub(crate) fn prime_channel(&mut self, channel: usize, level: f64) {
        // Gain first, level last: the order of SciPy's `sosfilt_zi(sos) * x[0]`.
        let (mut level, mut gain) = (level, 1.0);
        let rows = self.state.chunks_exact_mut(2 * self.stride);
        for (index, (section, rows)) in self.sections.iter().zip(rows).enumerate() {
            if index == self.front {
                (level, gain) = (self.rectify.apply(level * gain), 1.0);
            }
            let settled = section.settled_state();
            rows[channel] = settled[0] * gain * level;
            rows[self.stride + channel] = settled[1] * gain * level;
            gain *= section.dc_gain();
        }
    }

    /// One sample of one channel: returns the value before the rectifier and the value at the end. Does not move the position.
    pub(crate) fn step_channel(&mut self, channel: usize, x: f64) -> (f64, f64) {
        let (front, back) = self.sections.split_at(self.front);
        let (head, tail) = self.state.split_at_mut(self.front * 2 * self.stride);
        let band = run_one(front, head, self.stride, channel, x);
        let end = run_one(back, tail, self.stride, channel, self.rectify.apply(band));
        (band, end)
    }

    /// Flushes one channel if the frame at `offset` after the current position is the last of an interval.
    pub(crate) fn flush_channel_at(&mut self, channel: usize, offset: u64) {
        if (self.position + offset + 1).is_multiple_of(FLUSH_INTERVAL) {
            for row in self.state.chunks_exact_mut(self.stride) {
                flush(&mut row[channel]);
            }
        }
    }

    /// Counts frames that never came. States are held, and flushed where the stream would have flushed them.
    pub(crate) fn skip(&mut self, frames: u64) {
        let before = self.position / FLUSH_INTERVAL;
        self.position = self.position.saturating_add(frames);
        if self.position / FLUSH_INTERVAL != before {
            self.flush_all();
        }
    }

    /// Counts frames that were run through [`Cascade::step_channel`].
    pub(crate) fn advance(&mut self, frames: u64) {
        self.position += frames;
    }

    /// Filters interleaved frames from `source` to `end`, which are equally long; `band`, where given, receives the value before the
    /// rectifier.
    pub(crate) fn run(&mut self, source: &[f64], band: Option<&mut [f64]>, end: &mut [f64]) {
        let (mut source, mut band, mut end) = (source, band, end);
        while !end.is_empty() {
            let count = self.part().min(end.len());
            let (now, later) = end.split_at_mut(count);
            let (source_now, source_later) = source.split_at(count);
            let (band_now, band_later) = band.map(|band| band.split_at_mut(count)).unzip();
            self.run_part(Frames {
                source: Some(source_now),
                band: band_now,
                end: now,
                backwards: false,
                ahead: [source_later, band_later.as_deref().unwrap_or(&[]), &*later],
            });
            (source, band, end) = (source_later, band_later, later);
        }
    }

    /// As [`Cascade::run`], reading and writing `frames`.
    pub(crate) fn run_in_place(&mut self, frames: &mut [f64]) {
        let mut rest = frames;
        while !rest.is_empty() {
            let (now, later) = rest.split_at_mut(self.part().min(rest.len()));
            let ahead: [&[f64]; 3] = [&*later, &[], &[]];
            self.run_part(Frames { source: None, band: None, end: now, backwards: false, ahead });
            rest = later;
        }
    }

    /// As [`Cascade::run_in_place`], from the last frame to the first.
    pub(crate) fn run_backwards(&mut self, frames: &mut [f64]) {
        let mut rest = frames;
        while !rest.is_empty() {
            let (later, now) = rest.split_at_mut(rest.len().saturating_sub(self.part()));
            self.run_part(Frames { source: None, band: None, end: now, backwards: true, ahead: [&[]; 3] });
            rest = later;
        }
    }

    /// Values of the next tile: it ends where the states are flushed, if not before.
    fn part(&self) -> usize {
        let until_flush = (FLUSH_INTERVAL - self.position % FLUSH_INTERVAL) as usize;
        until_flush.min(run::tile(self.channels)) * self.channels
    }

    fn run_part(&mut self, frames: Frames<'_>) {
        let count = (frames.end.len() / self.channels) as u64;
        if self.side_by_side {
            self.run_lanes(frames);
        } else {
            let aligned = self.scratch.as_ptr().align_offset(64).min(LINE);
            self.level.of_passes(self.channels).run(Run {
                sections: &self.sections,
                steps: &self.steps,
                rectify: self.rectify,
                state: &mut self.state,
                stride: self.stride,
                channels: self.channels,
                scratch: &mut self.scratch[aligned..],
                frames,
            });
        }
        self.position += count;
        if self.position.is_multiple_of(FLUSH_INTERVAL) {
            self.flush_all();
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn run_lanes(&mut self, frames: Frames<'_>) {
        let Self { sections, front, rectify, state, stride, channels, .. } = self;
        let (front, rectify, stride, channels) = (*front, *rectify, *stride, *channels);
        lanes::Lanes { sections, front, rectify, state, stride, channels, frames }.run();
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn run_lanes(&mut self, _: Frames<'_>) {}

    /// Whether the sections go side by side into lanes: few channels would leave most of a vector empty.
    #[cfg(target_arch = "x86_64")]
    fn goes_side_by_side(&self) -> bool {
        self.level == Level::Avx2 && lanes::fits(self.channels, self.sections.len(), self.front, self.rectify)
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn goes_side_by_side(&self) -> bool {
        false
    }

    fn flush_all(&mut self) {
        // A board without EMG of its own still counts its lost frames.
        if self.stride == 0 {
            return;
        }
        let used = self.sections.len() * 2 * self.stride;
        for row in self.state[..used].chunks_exact_mut(self.stride) {
            row[..self.channels].iter_mut().for_each(flush);
        }
    }
}

fn run_one(sections: &[Section], state: &mut [f64], stride: usize, channel: usize, x: f64) -> f64 {
    let mut value = x;
    for (section, rows) in sections.iter().zip(state.chunks_exact_mut(2 * stride)) {
        let mut pair = [rows[channel], rows[stride + channel]];
        value = step(section, &mut pair, value);
        rows[channel] = pair[0];
        rows[stride + channel] = pair[1];
    }
    value
}

/// NaN is kept: it is not small.
fn flush(state: &mut f64) {
    if state.abs() < FLUSH_BELOW {
        *state = 0.0;
    }
}
