//! Drives the passes over memory: tiles of frames, groups of channels.

use pulp::{Simd, WithSimd};

use super::pass::{Pass, Source, State, Target};
use super::plan::{Destination, Step};
use crate::chain::Rectify;
use crate::design::Section;

/// Frames per tile: both scratch buffers of a group (8 KiB each with AVX2) stay in the first-level cache.
pub(super) const TILE: usize = 128;

/// Values per scratch buffer: a tile of the widest group (two vectors of eight).
pub(super) const SCRATCH: usize = TILE * 16;

/// Tiles smaller than this are in the cache anyway and need no touching ahead, values.
const TOUCH_ABOVE: usize = 4096;

/// Frames to filter. `source: None` means in place in `end`.
pub(super) struct Frames<'a> {
    pub(super) source: Option<&'a [f64]>,
    pub(super) band: Option<&'a mut [f64]>,
    pub(super) end: &'a mut [f64],
}

/// Everything one call needs; frames never cross a flush boundary.
pub(super) struct Run<'a> {
    pub(super) sections: &'a [Section],
    /// Steps for one and for two vectors side by side.
    pub(super) steps: [&'a [Step]; 2],
    pub(super) rectify: Rectify,
    pub(super) state: &'a mut [f64],
    pub(super) stride: usize,
    pub(super) channels: usize,
    pub(super) scratch: [&'a mut [f64]; 2],
    pub(super) frames: Frames<'a>,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let per_tile = TILE * self.channels;
        let total = self.frames.end.len();
        for start in (0..total).step_by(per_tile) {
            let end = (start + per_tile).min(total);
            self.touch(end..(end + per_tile).min(total));
            let mut channel = 0;
            while channel < self.channels {
                let left = self.channels - channel;
                if left > S::F64_LANES {
                    self.group::<S, 2>(simd, start..end, channel);
                    channel += 2 * S::F64_LANES;
                } else {
                    self.group::<S, 1>(simd, start..end, channel);
                    channel += S::F64_LANES;
                }
            }
        }
    }
}

/// Where the group's samples are between two steps.
#[derive(Clone, Copy)]
enum Place {
    Input,
    Band,
    Scratch(usize),
}

impl Run<'_> {
    /// Reads one value of each cache line of the next tile, in order: the groups of a wide stream jump over memory in strides that no
    /// prefetcher follows, this walk it does follow.
    #[inline(always)]
    fn touch(&self, next: std::ops::Range<usize>) {
        if next.len() < TOUCH_ABOVE {
            return;
        }
        let line = |samples: &[f64]| samples.chunks(8).fold(0, |bits, line| bits | line[0].to_bits());
        let mut bits = line(&self.frames.end[next.clone()]);
        if let Some(source) = self.frames.source {
            bits |= line(&source[next.clone()]);
        }
        if let Some(band) = &self.frames.band {
            bits |= line(&band[next]);
        }
        std::hint::black_box(bits);
    }

    /// All steps of one tile for the `G` vectors of channels that start at `channel`.
    #[inline(always)]
    fn group<S: Simd, const G: usize>(&mut self, simd: S, tile: std::ops::Range<usize>, channel: usize) {
        let width = G * S::F64_LANES;
        let valid = width.min(self.channels - channel);
        let whole = valid == width;
        let mut place = Place::Input;
        if !whole {
            self.gather(&tile, channel, valid, width);
            place = Place::Scratch(0);
        }
        for index in 0..self.steps[G - 1].len() {
            let step = self.steps[G - 1][index];
            let wanted = match step.destination {
                Destination::Band if self.frames.band.is_none() => Destination::Scratch,
                destination => destination,
            };
            let direct = if whole { wanted } else { Destination::Scratch };
            let reached = self.step::<S, G>(simd, &step, place, direct, &tile, channel);
            if !whole {
                self.scatter(wanted, reached, &tile, channel, valid, width);
            }
            place = reached;
        }
    }

    /// Copies the last, incomplete vectors of channels into scratch, padded with zeros.
    #[inline(always)]
    fn gather(&mut self, tile: &std::ops::Range<usize>, channel: usize, valid: usize, width: usize) {
        let samples = self.frames.source.unwrap_or(self.frames.end);
        let frames = samples[tile.clone()].chunks_exact(self.channels);
        for (from, to) in frames.zip(self.scratch[0].chunks_exact_mut(width)) {
            to.fill(0.0);
            to[..valid].copy_from_slice(&from[channel..channel + valid]);
        }
    }

    /// Copies incomplete vectors from scratch to where a step's result belongs.
    #[inline(always)]
    fn scatter(
        &mut self,
        wanted: Destination,
        reached: Place,
        tile: &std::ops::Range<usize>,
        channel: usize,
        valid: usize,
        width: usize,
    ) {
        let (Place::Scratch(buffer), Some(samples)) = (
            reached,
            match wanted {
                Destination::Scratch => None,
                Destination::Band => self.frames.band.as_deref_mut(),
                Destination::End => Some(&mut *self.frames.end),
            },
        ) else {
            return;
        };
        let frames = samples[tile.clone()].chunks_exact_mut(self.channels);
        for (to, from) in frames.zip(self.scratch[buffer].chunks_exact(width)) {
            to[channel..channel + valid].copy_from_slice(&from[..valid]);
        }
    }

    /// One step from where the samples are to `destination`; returns where they are then.
    #[inline(always)]
    fn step<S: Simd, const G: usize>(
        &mut self,
        simd: S,
        step: &Step,
        place: Place,
        destination: Destination,
        tile: &std::ops::Range<usize>,
        channel: usize,
    ) -> Place {
        let width = G * S::F64_LANES;
        let frames = tile.len() / self.channels;
        let strided = tile.start + channel..tile.end;
        let [first, second] = &mut self.scratch;
        let (mut free, mut used) = (Some(&mut first[..frames * width]), &second[..frames * width]);
        let mut free_index = 0;
        if matches!(place, Place::Scratch(0)) {
            (free, used) = (Some(&mut second[..frames * width]), &first[..frames * width]);
            free_index = 1;
        }
        let mut end = Some(&mut *self.frames.end);
        let mut band = self.frames.band.as_deref_mut();
        let (target, stride, reached) = match destination {
            Destination::Scratch => (free.take(), width, Place::Scratch(free_index)),
            Destination::Band => (slice_mut(band.take(), &strided), self.channels, Place::Band),
            Destination::End => (slice_mut(end.take(), &strided), self.channels, Place::Input),
        };
        let Some(target) = target else { return place };
        let target = Target { samples: target, stride };
        let source = match place {
            Place::Scratch(_) => Some(Source { samples: used, stride: width }),
            Place::Band => band.map(|band| Source { samples: &band[strided.clone()], stride: self.channels }),
            Place::Input => {
                let samples = self.frames.source.or(end.as_deref());
                samples.map(|samples| Source { samples: &samples[strided.clone()], stride: self.channels })
            }
        };
        let Some(source) = source else { return place };
        let rows = &mut self.state[2 * step.first * self.stride + channel..];
        let state = State { rows, stride: self.stride };
        let sections = &self.sections[step.first..step.first + step.count];
        let rectify = if step.rectify { self.rectify } else { Rectify::None };
        dispatch::<S, G>(simd, step, sections, state, source, target, rectify);
        reached
    }
}

#[inline(always)]
fn slice_mut<'a>(samples: Option<&'a mut [f64]>, range: &std::ops::Range<usize>) -> Option<&'a mut [f64]> {
    samples.map(|samples| &mut samples[range.clone()])
}

/// Picks the pass that was compiled for this many sections.
#[inline(always)]
fn dispatch<S: Simd, const G: usize>(
    simd: S,
    step: &Step,
    sections: &[Section],
    state: State<'_>,
    source: Source<'_>,
    target: Target<'_>,
    rectify: Rectify,
) {
    macro_rules! pass {
        ($k:literal, $symmetric:literal) => {
            simd.vectorize(Pass::<'_, $k, G, $symmetric> { sections, state, source, target, rectify })
        };
    }
    match (step.count, step.symmetric) {
        (0, _) => pass!(0, true),
        (1, false) => pass!(1, false),
        (1, true) => pass!(1, true),
        (2, false) => pass!(2, false),
        (2, true) => pass!(2, true),
        (3, false) => pass!(3, false),
        (3, true) => pass!(3, true),
        (4, false) => pass!(4, false),
        (4, true) => pass!(4, true),
        (_, false) => pass!(5, false),
        (_, true) => pass!(5, true),
    }
}
