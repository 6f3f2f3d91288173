//! One pass of a few sections over a tile of frames, for one or two vectors of channels side by side.
//!
//! Why passes: the recurrence of a section takes nine cycles from one frame to the next whatever the vector width, and seven sections in
//! a row make a chain that is longer than what a processor can look ahead. Two vectors times two or three sections fill the wait with
//! independent work and still fit in the registers; the tile between the passes stays in the first-level cache.

use pulp::{Simd, WithSimd};

use crate::chain::Rectify;
use crate::design::Section;

/// A strided view of one group of channels in a run of frames, for reading.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) samples: &'a [f64],
    pub(super) stride: usize,
}

/// The same, for writing.
pub(super) struct Target<'a> {
    pub(super) samples: &'a mut [f64],
    pub(super) stride: usize,
}

/// Rows of state of the group: row `2·section + (0 | 1)` starts at that many strides.
pub(super) struct State<'a> {
    pub(super) rows: &'a mut [f64],
    pub(super) stride: usize,
}

/// `K` sections over `G` vectors of channels. `SYMMETRIC`: every section has `b0 = b2`, one product serves both.
pub(super) struct Pass<'a, const K: usize, const G: usize, const SYMMETRIC: bool> {
    pub(super) sections: &'a [Section],
    pub(super) state: State<'a>,
    pub(super) source: Source<'a>,
    pub(super) target: Target<'a>,
    /// Applied to what is read.
    pub(super) rectify: Rectify,
}

/// Keeps the broadcast coefficients from straddling cache lines.
#[repr(align(64))]
struct Aligned<T>(T);

// Plain loops instead of closures: a closure that is not inlined would be compiled without the vector instructions.
impl<const K: usize, const G: usize, const SYMMETRIC: bool> WithSimd for Pass<'_, K, G, SYMMETRIC> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sections, state: State { rows, stride }, source, target, rectify } = self;
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
        let frames = source.samples.chunks(source.stride).zip(target.samples.chunks_mut(target.stride));
        for (from, to) in frames {
            let from = &from[..G * lanes];
            let to = &mut to[..G * lanes];
            let mut value = [zero; G];
            for g in 0..G {
                value[g] = load::<S>(&from[g * lanes..]);
                match rectify {
                    Rectify::None => {}
                    Rectify::Absolute => value[g] = simd.abs_f64s(value[g]),
                    Rectify::Square => value[g] = simd.mul_f64s(value[g], value[g]),
                }
            }
            for (c, state) in coefficients.0.iter().zip(&mut state) {
                for (value, state) in value.iter_mut().zip(state) {
                    *value = step::<S, SYMMETRIC>(simd, c, state, *value);
                }
            }
            for g in 0..G {
                store::<S>(&mut to[g * lanes..], value[g]);
            }
        }
        for (k, state) in state.iter().enumerate() {
            for g in 0..G {
                store::<S>(&mut rows[2 * k * stride + g * lanes..], state[g][0]);
                store::<S>(&mut rows[(2 * k + 1) * stride + g * lanes..], state[g][1]);
            }
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
