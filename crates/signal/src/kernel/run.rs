//! Drives the passes over memory: tiles of frames, groups of channels.

use pulp::{Simd, WithSimd};

use super::pass::{Apart, Copy, Data, InPlace, Pass, State, Walk};
use super::plan::{Destination, Step};
use crate::chain::Rectify;
use crate::design::Section;

/// Most frames per tile: the scratch of a group (16 KiB with AVX2) stays in the first-level cache.
const TILE: usize = 256;

/// Channels above which a tile has half the frames: it and the next one stay in the second-level cache.
const WIDE_ABOVE: usize = 64;

/// Frames of a tile.
pub(super) fn tile(channels: usize) -> usize {
    if channels > WIDE_ABOVE { TILE / 2 } else { TILE }
}

/// Values of scratch: a tile of the widest group (two vectors of eight).
pub(super) const SCRATCH: usize = TILE * 16;

/// Tiles smaller than this are in the cache anyway and need no touching ahead, values.
const TOUCH_ABOVE: usize = 4096;

/// Frames to filter. `source: None` means in place in `end`.
pub(super) struct Frames<'a> {
    pub(super) source: Option<&'a [f64]>,
    pub(super) band: Option<&'a mut [f64]>,
    pub(super) end: &'a mut [f64],
    /// The last frame comes first. In place only.
    pub(super) backwards: bool,
    /// What follows in source, band and end. The last step of each group reads a value of its share of the cache lines of the next tile:
    /// the groups of a wide stream jump over memory in strides that no prefetcher follows, this walk it does follow, and a step of two
    /// sections has time for it while it waits for its own recurrence.
    pub(super) ahead: [&'a [f64]; 3],
}

/// Everything one call needs; frames never cross a flush boundary.
pub(super) struct Run<'a> {
    pub(super) sections: &'a [Section],
    pub(super) steps: &'a [Step],
    pub(super) rectify: Rectify,
    pub(super) state: &'a mut [f64],
    pub(super) stride: usize,
    pub(super) channels: usize,
    pub(super) scratch: &'a mut [f64],
    pub(super) frames: Frames<'a>,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let tile = self.frames.end.len();
        if tile < TOUCH_ABOVE {
            self.frames.ahead = [&[]; 3];
        }
        for channel in (0..self.channels).step_by(2 * S::F64_LANES) {
            self.group(simd, tile, channel);
        }
    }
}

/// Where the group's samples are between two steps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Input,
    Band,
    Scratch,
    End,
}

/// One or two vectors of channels in a tile.
#[derive(Clone, Copy)]
struct Group {
    channel: usize,
    /// Values of a frame of the group, in scratch.
    width: usize,
    /// Channels that exist.
    valid: usize,
    frames: usize,
    /// The group's way over the caller's frames.
    walk: Walk,
}

impl Run<'_> {
    /// All steps of one tile for the vectors of channels that start at `channel`.
    #[inline(always)]
    fn group<S: Simd>(&mut self, simd: S, tile: usize, channel: usize) {
        let left = self.channels - channel;
        let vectors = if left > S::F64_LANES { 2 } else { 1 };
        let width = vectors * S::F64_LANES;
        let walk = match self.frames.backwards {
            false => Walk { start: channel, step: self.channels },
            true => Walk { start: tile - self.channels + channel, step: self.channels.wrapping_neg() },
        };
        let frames = tile / self.channels;
        let group = Group { channel, width, valid: width.min(left), frames, walk };
        let whole = group.valid == width;
        let mut place = Place::Input;
        if !whole {
            self.gather(group);
            place = Place::Scratch;
        }
        for index in 0..self.steps.len() {
            let step = self.steps[index];
            let wanted = match step.destination {
                Destination::End => Place::End,
                Destination::Band if self.frames.band.is_some() => Place::Band,
                Destination::Band | Destination::Scratch => Place::Scratch,
            };
            let reached = if whole { wanted } else { Place::Scratch };
            for vector in 0..vectors {
                if let Some(side) = step.side_by_side(vector, vectors) {
                    self.step(simd, &step, side, group, vector, [place, reached]);
                }
            }
            if !whole {
                self.scatter(wanted, group);
            }
            place = reached;
        }
    }

    /// Copies the last, incomplete vectors of channels into scratch, padded with zeros.
    #[inline(always)]
    fn gather(&mut self, group: Group) {
        let samples = self.frames.source.unwrap_or(self.frames.end);
        for (t, to) in self.scratch.chunks_exact_mut(group.width).take(group.frames).enumerate() {
            to.fill(0.0);
            to[..group.valid].copy_from_slice(&samples[group.walk.at(t)..][..group.valid]);
        }
    }

    /// Copies incomplete vectors from scratch to where a step's result belongs.
    #[inline(always)]
    fn scatter(&mut self, wanted: Place, group: Group) {
        let samples = match wanted {
            Place::Band => self.frames.band.as_deref_mut(),
            Place::End => Some(&mut *self.frames.end),
            Place::Input | Place::Scratch => None,
        };
        let Some(samples) = samples else { return };
        for (t, from) in self.scratch.chunks_exact(group.width).take(group.frames).enumerate() {
            samples[group.walk.at(t)..][..group.valid].copy_from_slice(&from[..group.valid]);
        }
    }

    /// One step for `side` vectors from `vector` on, from one place to another.
    #[inline(always)]
    fn step<S: Simd>(
        &mut self,
        simd: S,
        step: &Step,
        side: usize,
        group: Group,
        vector: usize,
        [from, to]: [Place; 2],
    ) {
        let offset = vector * S::F64_LANES;
        let outer = Walk { start: group.walk.start + offset, step: group.walk.step };
        let inner = Walk { start: offset, step: group.width };
        let walk = |place| if place == Place::Scratch { inner } else { outer };
        let (read, write) = (walk(from), walk(to));
        let last = to == Place::End;
        let share = group.channel * group.frames;
        let ahead = self.frames.ahead.map(|next| if last { next.get(share..).unwrap_or(&[]) } else { &[] });
        let rows = &mut self.state[2 * step.first * self.stride + group.channel + offset..];
        let job = Job {
            step,
            side,
            sections: &self.sections[step.first..step.first + step.count],
            state: State { rows, stride: self.stride },
            count: group.frames,
            ahead,
            rectify: if step.rectify { self.rectify } else { Rectify::None },
        };
        let Frames { source, band, end, .. } = &mut self.frames;
        let scratch = &mut *self.scratch;
        let (source, target) = match (from, to) {
            (Place::Scratch, Place::Scratch) => {
                return job.run(simd, InPlace { samples: scratch, walk: inner });
            }
            (Place::Input, Place::End) if source.is_none() => {
                return job.run(simd, InPlace { samples: end, walk: outer });
            }
            (Place::Input, Place::Scratch) => (source.or(Some(&**end)), Some(scratch)),
            (Place::Input, Place::Band) => (source.or(Some(&**end)), band.as_deref_mut()),
            (Place::Input, _) => (*source, Some(&mut **end)),
            (Place::Band, Place::Scratch) => (band.as_deref(), Some(scratch)),
            (Place::Band, _) => (band.as_deref(), Some(&mut **end)),
            (Place::Scratch | Place::End, Place::Band) => (Some(&*scratch), band.as_deref_mut()),
            (Place::Scratch | Place::End, _) => (Some(&*scratch), Some(&mut **end)),
        };
        if let (Some(source), Some(target)) = (source, target) {
            job.run(simd, Apart { source, read, target, write });
        }
    }
}

/// A step with its data still to come.
struct Job<'a> {
    step: &'a Step,
    side: usize,
    sections: &'a [Section],
    state: State<'a>,
    count: usize,
    ahead: [&'a [f64]; 3],
    rectify: Rectify,
}

impl Job<'_> {
    /// Picks the pass that was compiled for this many sections and vectors.
    #[inline(always)]
    fn run<S: Simd, D: Data>(self, simd: S, data: D) {
        let Self { step, side, sections, state, count, ahead, rectify } = self;
        macro_rules! pass {
            ($k:literal, $g:literal, $symmetric:literal) => {
                simd.vectorize(Pass::<'_, D, $k, $g, $symmetric> {
                    sections,
                    state,
                    data,
                    count,
                    ahead,
                    rectify,
                })
            };
        }
        match (step.count, side, step.symmetric) {
            (0, ..) => simd.vectorize(Copy { data, count, rectify }),
            (1, 1, true) => pass!(1, 1, true),
            (1, _, true) => pass!(1, 2, true),
            (1, _, false) => pass!(1, 1, false),
            (2, 1, true) => pass!(2, 1, true),
            (2, _, true) => pass!(2, 2, true),
            (2, _, false) => pass!(2, 1, false),
            (3, ..) => pass!(3, 1, true),
            (4, ..) => pass!(4, 1, true),
            _ => pass!(5, 1, true),
        }
    }
}

impl Step {
    /// How many vectors the step takes at a time when it is `vector`'s turn in a group of `vectors`; `None` when it was taken along.
    #[inline(always)]
    fn side_by_side(&self, vector: usize, vectors: usize) -> Option<usize> {
        match (self.count, self.symmetric, vector) {
            (1 | 2, true, 0) => Some(vectors),
            (1 | 2, true, _) => None,
            _ => Some(1),
        }
    }
}
