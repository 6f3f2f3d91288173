//! One pass of a few sections over a tile of frames, for one or two vectors of channels side by side.
//!
//! Why skewed: the recurrence of a section takes nine cycles from one frame to the next whatever the vector width, and the sections of
//! one frame wait for each other. So section `k` works on the frame `k` places behind the one that is read: all sections of a turn are
//! independent of each other and fill the wait. A turn at the beginning or the end, when some sections have no frame, leaves those out.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::chain::Rectify;
use crate::design::Section;

/// The way of a pass over memory: its vector `t` is at `start + t·step`, modulo 2^64, so that a step can lead backwards.
#[derive(Clone, Copy)]
pub(super) struct Walk {
    pub(super) start: usize,
    pub(super) step: usize,
}

impl Walk {
    #[inline(always)]
    pub(super) fn at(self, t: usize) -> usize {
        self.start.wrapping_add(t.wrapping_mul(self.step))
    }
}

/// Vectors of samples that a pass reads and replaces.
pub(super) trait Data {
    fn load<S: Simd>(&self, t: usize, vector: usize) -> S::f64s;
    fn store<S: Simd>(&mut self, t: usize, vector: usize, value: S::f64s);
}

/// Reads here, writes there.
pub(super) struct Apart<'a> {
    pub(super) source: &'a [f64],
    pub(super) read: Walk,
    pub(super) target: &'a mut [f64],
    pub(super) write: Walk,
}

/// Reads and writes the same memory.
pub(super) struct InPlace<'a> {
    pub(super) samples: &'a mut [f64],
    pub(super) walk: Walk,
}

impl Data for Apart<'_> {
    #[inline(always)]
    fn load<S: Simd>(&self, t: usize, vector: usize) -> S::f64s {
        load::<S>(&self.source[self.read.at(t) + vector * S::F64_LANES..])
    }

    #[inline(always)]
    fn store<S: Simd>(&mut self, t: usize, vector: usize, value: S::f64s) {
        store::<S>(&mut self.target[self.write.at(t) + vector * S::F64_LANES..], value);
    }
}

impl Data for InPlace<'_> {
    #[inline(always)]
    fn load<S: Simd>(&self, t: usize, vector: usize) -> S::f64s {
        load::<S>(&self.samples[self.walk.at(t) + vector * S::F64_LANES..])
    }

    #[inline(always)]
    fn store<S: Simd>(&mut self, t: usize, vector: usize, value: S::f64s) {
        store::<S>(&mut self.samples[self.walk.at(t) + vector * S::F64_LANES..], value);
    }
}

/// Rows of state of the group: row `2·section + (0 | 1)` starts at that many strides.
pub(super) struct State<'a> {
    pub(super) rows: &'a mut [f64],
    pub(super) stride: usize,
}

/// `K` sections over `G` vectors of channels. `SYMMETRIC`: every section has `b0 = b2`, one product serves both.
pub(super) struct Pass<'a, D, const K: usize, const G: usize, const SYMMETRIC: bool> {
    pub(super) sections: &'a [Section],
    pub(super) state: State<'a>,
    pub(super) data: D,
    /// Vectors per group member.
    pub(super) count: usize,
    /// Memory of which every turn brings the next cache lines, a group of vectors wide.
    pub(super) ahead: [&'a [f64]; 3],
    /// Applied to what is read.
    pub(super) rectify: Rectify,
}

/// Values of a cache line.
const LINE: usize = 8;

/// Keeps the broadcast coefficients from straddling cache lines.
#[repr(align(64))]
struct Aligned<T>(T);

// Plain loops and macros instead of closures and arrays that are indexed by a variable: a closure that is not inlined would be compiled
// without the vector instructions, and such an array would live in memory, whose latency the recurrence would wait for.
impl<D: Data, const K: usize, const G: usize, const SYMMETRIC: bool> WithSimd
    for Pass<'_, D, K, G, SYMMETRIC>
{
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sections, state: State { rows, stride }, data, count, ahead, rectify } = self;
        let lanes = S::F64_LANES;
        let zero = simd.splat_f64s(0.0);
        let mut coefficients = Aligned([[zero; 5]; K]);
        let mut state = [[[zero; 2]; G]; K];
        for (k, section) in sections.iter().enumerate().take(K) {
            let Section { b: [b0, b1, b2], a: [a1, a2] } = *section;
            for (to, from) in coefficients.0[k].iter_mut().zip([b0, b1, b2, a1, a2]) {
                *to = simd.splat_f64s(from);
            }
            for g in 0..G {
                state[k][g][0] = load::<S>(&rows[2 * k * stride + g * lanes..]);
                state[k][g][1] = load::<S>(&rows[(2 * k + 1) * stride + g * lanes..]);
            }
        }
        let work = Work { coefficients: &coefficients.0, data, count, ahead, rectify };
        let state = work.run::<G, SYMMETRIC>(simd, state);
        for (k, state) in state.iter().enumerate() {
            for g in 0..G {
                store::<S>(&mut rows[2 * k * stride + g * lanes..], state[g][0]);
                store::<S>(&mut rows[(2 * k + 1) * stride + g * lanes..], state[g][1]);
            }
        }
    }
}

/// What the turns of a pass need besides the state.
struct Work<'a, S: Simd, D, const K: usize> {
    coefficients: &'a [[S::f64s; 5]; K],
    data: D,
    count: usize,
    ahead: [&'a [f64]; 3],
    rectify: Rectify,
}

impl<S: Simd, D: Data, const K: usize> Work<'_, S, D, K> {
    /// All turns. In turn `t`, section `k` works on frame `t − k`, the last section first, so that none takes what was made in the
    /// same turn.
    #[inline(always)]
    fn run<const G: usize, const SYMMETRIC: bool>(
        mut self,
        simd: S,
        mut state: [[[S::f64s; 2]; G]; K],
    ) -> [[[S::f64s; 2]; G]; K] {
        // What section `k` takes in its next turn.
        let mut flight = [[simd.splat_f64s(0.0); G]; K];
        let begun = (K - 1).min(self.count);
        self.partial::<G, SYMMETRIC>(simd, &mut state, &mut flight, 0..begun);
        // These copies are touched by constant indices only, and so live in registers.
        let (mut s, mut f) = (state, flight);
        macro_rules! section {
            ($t:ident, $k:literal, $g:literal) => {
                if K > $k && G > $g {
                    let x = if $k > 0 { f[$k][$g] } else { self.read(simd, $t, $g) };
                    let y = step::<S, SYMMETRIC>(simd, &self.coefficients[$k], &mut s[$k][$g], x);
                    if $k + 1 < K {
                        f[$k + 1][$g] = y;
                    } else {
                        self.data.store::<S>($t + 1 - K, $g, y);
                    }
                }
            };
        }
        macro_rules! turn {
            ($t:ident) => {
                section!($t, 4, 0);
                section!($t, 3, 0);
                section!($t, 2, 0);
                section!($t, 1, 0);
                section!($t, 1, 1);
                section!($t, 0, 0);
                section!($t, 0, 1);
            };
        }
        if self.ahead.iter().all(|next| next.is_empty()) {
            for t in begun..self.count {
                turn!(t);
            }
        } else {
            for t in begun..self.count {
                self.touch(t);
                turn!(t);
            }
        }
        (state, flight) = (s, f);
        self.partial::<G, SYMMETRIC>(simd, &mut state, &mut flight, self.count..self.count + K - 1);
        state
    }

    /// Reads a value of each cache line ahead that falls to a turn.
    #[inline(always)]
    fn touch(&self, turn: usize) {
        let group = 2 * S::F64_LANES;
        let mut bits = 0;
        for next in self.ahead {
            for line in (0..group).step_by(LINE) {
                bits |= next.get(group * turn + line).map_or(0, |x| x.to_bits());
            }
        }
        std::hint::black_box(bits);
    }

    /// Turns in which some sections have no frame.
    #[inline(always)]
    fn partial<const G: usize, const SYMMETRIC: bool>(
        &mut self,
        simd: S,
        state: &mut [[[S::f64s; 2]; G]; K],
        flight: &mut [[S::f64s; G]; K],
        turns: Range<usize>,
    ) {
        for t in turns {
            let first = (t + 1).saturating_sub(self.count);
            for k in (first..K.min(t + 1)).rev() {
                for g in 0..G {
                    let x = if k > 0 { flight[k][g] } else { self.read(simd, t, g) };
                    let y = step::<S, SYMMETRIC>(simd, &self.coefficients[k], &mut state[k][g], x);
                    if k + 1 < K {
                        flight[k + 1][g] = y;
                    } else {
                        self.data.store::<S>(t + 1 - K, g, y);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn read(&self, simd: S, t: usize, vector: usize) -> S::f64s {
        read::<S, D>(simd, &self.data, t, vector, self.rectify)
    }
}

#[inline(always)]
fn read<S: Simd, D: Data>(simd: S, data: &D, t: usize, vector: usize, rectify: Rectify) -> S::f64s {
    let x = data.load::<S>(t, vector);
    match rectify {
        Rectify::None => x,
        Rectify::Absolute => simd.abs_f64s(x),
        Rectify::Square => simd.mul_f64s(x, x),
    }
}

/// No section at all: samples go from here to there, rectified.
pub(super) struct Copy<D> {
    pub(super) data: D,
    pub(super) count: usize,
    pub(super) rectify: Rectify,
}

impl<D: Data> WithSimd for Copy<D> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for t in 0..self.count {
            let y = read::<S, D>(simd, &self.data, t, 0, self.rectify);
            self.data.store::<S>(t, 0, y);
        }
    }
}

/// [`super::step`] on a vector: the same operations in the same order.
#[inline(always)]
fn step<S: Simd, const SYMMETRIC: bool>(
    simd: S,
    [b0, b1, b2, a1, a2]: &[S::f64s; 5],
    state: &mut [S::f64s; 2],
    x: S::f64s,
) -> S::f64s {
    let scaled = simd.mul_f64s(*b0, x);
    let y = simd.add_f64s(scaled, state[0]);
    let last = if SYMMETRIC { scaled } else { simd.mul_f64s(*b2, x) };
    let middle = simd.add_f64s(simd.mul_f64s(*b1, x), state[1]);
    state[0] = simd.sub_f64s(middle, simd.mul_f64s(*a1, y));
    state[1] = simd.sub_f64s(last, simd.mul_f64s(*a2, y));
    y
}

#[inline(always)]
fn load<S: Simd>(samples: &[f64]) -> S::f64s {
    S::as_simd_f64s(&samples[..S::F64_LANES]).0[0]
}

#[inline(always)]
fn store<S: Simd>(samples: &mut [f64], value: S::f64s) {
    S::as_mut_simd_f64s(&mut samples[..S::F64_LANES]).0[0] = value;
}
