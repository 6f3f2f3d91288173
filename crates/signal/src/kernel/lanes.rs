//! A whole cascade over one or two channels in one pass: its sections side by side in the lanes of AVX2 vectors.
//!
//! Two channels fill half a vector of four, so a vector holds two neighbouring sections of both channels: section `2p` below, `2p + 1`
//! above. Skewed as in [`super::pass`]: in turn `t`, section `k` works on frame `t − k` and takes what section `k − 1` made in the turn
//! before, which costs one shuffle a vector. Sections before and after the rectifier run in the same turn; the rectifier is a mask over
//! the lanes of the section behind it. One channel runs twice, in both places.

use std::arch::x86_64::{__m128d, __m256d, __m256i};
use std::cell::Cell;

use pulp::cast;
use pulp::x86::V3;

use super::run::Frames;
use crate::chain::Rectify;
use crate::design::Section;

/// Most sections: with more, states and what is in flight between sections would not stay in the sixteen registers.
const MOST: usize = 8;

/// A lane whose bits are all kept.
const ALL: f64 = f64::from_bits(u64::MAX);

/// One call of a cascade; frames never cross a flush boundary.
pub(super) struct Lanes<'a> {
    pub(super) sections: &'a [Section],
    /// Sections before the rectifier and the band-passed output.
    pub(super) front: usize,
    pub(super) rectify: Rectify,
    /// `[section][s1 | s2][stride]`.
    pub(super) state: &'a mut [f64],
    pub(super) stride: usize,
    pub(super) channels: usize,
    pub(super) frames: Frames<'a>,
}

/// Whether a cascade is small enough and has a rectifier that a mask can be, and the processor has AVX2.
pub(super) fn fits(channels: usize, sections: usize, front: usize, rectify: Rectify) -> bool {
    let rectifies = match rectify {
        Rectify::None => true,
        Rectify::Absolute => front < sections,
        Rectify::Square => false,
    };
    let small = (1..=2).contains(&channels) && (1..=MOST).contains(&sections);
    small && front >= 1 && rectifies && V3::is_available()
}

impl Lanes<'_> {
    /// Runs the cascade, which [`fits`].
    pub(super) fn run(self) {
        let Some(simd) = V3::try_new() else { return };
        match (self.sections.len().div_ceil(2), self.channels) {
            (1, 1) => simd.vectorize(On::<'_, 1, 1> { simd, lanes: self }),
            (2, 1) => simd.vectorize(On::<'_, 2, 1> { simd, lanes: self }),
            (3, 1) => simd.vectorize(On::<'_, 3, 1> { simd, lanes: self }),
            (_, 1) => simd.vectorize(On::<'_, 4, 1> { simd, lanes: self }),
            (1, _) => simd.vectorize(On::<'_, 1, 2> { simd, lanes: self }),
            (2, _) => simd.vectorize(On::<'_, 2, 2> { simd, lanes: self }),
            (3, _) => simd.vectorize(On::<'_, 3, 2> { simd, lanes: self }),
            _ => simd.vectorize(On::<'_, 4, 2> { simd, lanes: self }),
        }
    }
}

/// `P` vectors of two sections, `C` channels.
struct On<'a, const P: usize, const C: usize> {
    simd: V3,
    lanes: Lanes<'a>,
}

/// What a turn needs besides states.
#[repr(align(64))]
struct Constants<const P: usize> {
    /// `b0 b1 b2 a1 a2` of each vector.
    coefficients: [[__m256d; 5]; P],
    /// The bits that the rectifier keeps of what a vector takes.
    keep: [__m256d; P],
    /// The bits of all vectors that are the band-passed output.
    band: [__m256d; P],
    /// Which words of the last vector are the output, and of a vector the band-passed output: lower or upper half.
    end_half: __m256i,
    band_half: __m256i,
}

// Selected by masks and shuffles: branches would split the loop into blocks, over which the compiler spills.
impl<const P: usize> Constants<P> {
    #[inline(always)]
    fn end<const C: usize>(&self, simd: V3, made: __m256d) -> [f64; C] {
        chosen(simd, made, self.end_half)
    }

    #[inline(always)]
    #[allow(clippy::needless_range_loop, reason = "constant indices keep what was made in registers")]
    fn band<const C: usize>(&self, simd: V3, made: &[__m256d; P]) -> [f64; C] {
        let mut all = simd.avx._mm256_and_pd(made[0], self.band[0]);
        for p in 1..P {
            all = simd.avx._mm256_or_pd(all, simd.avx._mm256_and_pd(made[p], self.band[p]));
        }
        chosen(simd, all, self.band_half)
    }
}

/// Half a vector.
#[inline(always)]
fn chosen<const C: usize>(simd: V3, vector: __m256d, words: __m256i) -> [f64; C] {
    let moved: __m256d = cast(simd.avx2._mm256_permutevar8x32_epi32(cast(vector), words));
    let pair: [f64; 2] = cast(simd.avx._mm256_castpd256_pd128(moved));
    std::array::from_fn(|channel| pair[channel])
}

/// The words of the lower (0) or upper (1) half, moved down.
fn words_of(half: usize) -> __m256i {
    let first = 4 * half as u32;
    cast([first, first + 1, first + 2, first + 3, 0, 0, 0, 0])
}

/// One turn of all vectors, the last first, so that none takes what was made in the same turn.
macro_rules! turn {
    ($simd:ident, $constants:ident, $state:ident, $made:ident, $input:expr) => {
        turn!(@ $simd, $constants, $state, $made, $input, 3);
        turn!(@ $simd, $constants, $state, $made, $input, 2);
        turn!(@ $simd, $constants, $state, $made, $input, 1);
        turn!(@ $simd, $constants, $state, $made, $input, 0);
    };
    (@ $simd:ident, $constants:ident, $state:ident, $made:ident, $input:expr, $p:literal) => {
        if P > $p {
            let avx = $simd.avx;
            let x = if $p > 0 {
                avx._mm256_permute2f128_pd::<0x21>($made[$p - 1], $made[$p])
            } else {
                let below = avx._mm256_castpd256_pd128($made[0]);
                avx._mm256_insertf128_pd::<1>(avx._mm256_castpd128_pd256($input), below)
            };
            let x = avx._mm256_and_pd(x, $constants.keep[$p]);
            let [b0, b1, b2, a1, a2] = &$constants.coefficients[$p];
            let [s1, s2] = $state[$p];
            let y = avx._mm256_add_pd(avx._mm256_mul_pd(*b0, x), s1);
            let middle = avx._mm256_add_pd(avx._mm256_mul_pd(*b1, x), s2);
            let last = avx._mm256_mul_pd(*b2, x);
            $state[$p] = [
                avx._mm256_sub_pd(middle, avx._mm256_mul_pd(*a1, y)),
                avx._mm256_sub_pd(last, avx._mm256_mul_pd(*a2, y)),
            ];
            $made[$p] = y;
        }
    };
}

impl<const P: usize, const C: usize> pulp::NullaryFnOnce for On<'_, P, C> {
    type Output = ();

    // The state is touched by constant indices only in the main loop, and so lives in registers.
    #[inline(always)]
    fn call(self) {
        let Self { simd, lanes } = self;
        let constants = lanes.constants::<P>();
        let sections = lanes.sections.len();
        let lead = sections - 1;
        let band_at = lanes.front - 1;
        let mut state = lanes.load::<P, C>();
        let mut made = [cast::<[f64; 4], __m256d>([0.0; 4]); P];

        let Frames { source, band, end, backwards, .. } = lanes.frames;
        // Cells, because a turn reads a frame and writes another of the same memory.
        let end = Cell::from_mut(end.as_chunks_mut::<C>().0).as_slice_of_cells();
        let source = source.map(|source| source.as_chunks::<C>().0);
        let mut band = band.map(|band| band.as_chunks_mut::<C>().0);
        let count = end.len();
        let place = |t: usize| if backwards { count.wrapping_sub(t + 1) } else { t };
        // A turn in which some sections have no frame: they keep their state.
        macro_rules! partial {
            ($t:expr) => {{
                let t: usize = $t;
                let before = state;
                let x = match source {
                    _ if t >= count => [0.0; C],
                    None => end[place(t)].get(),
                    Some(source) => source[t],
                };
                turn!(simd, constants, state, made, frame(x));
                for (p, (now, before)) in state.iter_mut().zip(before).enumerate() {
                    let mask = busy(simd, 2 * p, t, count);
                    for (now, before) in now.iter_mut().zip(before) {
                        *now = simd.avx._mm256_blendv_pd(before, *now, mask);
                    }
                }
                if let (Some(band), Some(t)) = (&mut band, t.checked_sub(band_at).filter(|t| *t < count)) {
                    band[t] = constants.band(simd, &made);
                }
                if let Some(t) = t.checked_sub(lead).filter(|t| *t < count) {
                    end[place(t)].set(constants.end(simd, made[P - 1]));
                }
            }};
        }
        for t in 0..lead.min(count) {
            partial!(t);
        }
        if lead < count {
            let (mut s, mut m) = (state, made);
            let inner = count - lead;
            macro_rules! turns {
                ($reads:expr, $writes:expr) => {
                    for (read, write) in $reads.zip($writes) {
                        // Hidden from the compiler, or it would keep coefficients in registers and states in memory.
                        let constants = std::hint::black_box(&constants);
                        turn!(simd, constants, s, m, frame(read));
                        write.set(constants.end(simd, m[P - 1]));
                    }
                };
            }
            match (source, &mut band) {
                (None, _) if backwards => {
                    turns!(end[..inner].iter().rev().map(Cell::get), end[lead..].iter().rev());
                }
                (None, _) => turns!(end[lead..].iter().map(Cell::get), &end[..inner]),
                (Some(source), None) => turns!(source[lead..].iter().copied(), &end[..inner]),
                (Some(source), Some(band)) => {
                    let outputs = band[lead - band_at..].iter_mut().zip(&end[..inner]);
                    for (read, (band, write)) in source[lead..].iter().zip(outputs) {
                        let constants = std::hint::black_box(&constants);
                        turn!(simd, constants, s, m, frame(*read));
                        *band = constants.band(simd, &m);
                        write.set(constants.end(simd, m[P - 1]));
                    }
                }
            }
            (state, made) = (s, m);
        }
        if count > 0 {
            for t in count..count + lead {
                partial!(t);
            }
        }
        let Lanes { state: rows, stride, .. } = lanes;
        for k in 0..sections {
            for (row, state) in rows[2 * k * stride..].chunks_exact_mut(stride).zip(state[k / 2]) {
                row[..C].copy_from_slice(&chosen::<C>(simd, state, words_of(k % 2)));
            }
        }
    }
}

impl Lanes<'_> {
    #[inline(always)]
    fn constants<const P: usize>(&self) -> Constants<P> {
        let zero = cast::<[f64; 4], __m256d>([0.0; 4]);
        let all = cast::<[f64; 4], __m256d>([ALL; 4]);
        let mut constants = Constants {
            coefficients: [[zero; 5]; P],
            keep: [all; P],
            band: [zero; P],
            end_half: words_of((self.sections.len() - 1) % 2),
            band_half: words_of((self.front - 1) % 2),
        };
        constants.band[(self.front - 1) / 2] = all;
        for (p, pair) in self.sections.chunks(2).enumerate().take(P) {
            let row = |s: &Section| [s.b[0], s.b[1], s.b[2], s.a[0], s.a[1]];
            let (below, above) = (row(&pair[0]), pair.get(1).map_or([0.0; 5], row));
            for (i, to) in constants.coefficients[p].iter_mut().enumerate() {
                *to = cast([below[i], below[i], above[i], above[i]]);
            }
        }
        if self.rectify == Rectify::Absolute {
            let mut keep = [ALL; 4];
            let at = 2 * (self.front % 2);
            keep[at..at + 2].fill(f64::from_bits(u64::MAX >> 1));
            constants.keep[self.front / 2] = cast(keep);
        }
        constants
    }

    #[inline(always)]
    fn load<const P: usize, const C: usize>(&self) -> [[__m256d; 2]; P] {
        let mut lanes = [[[0.0; 4]; 2]; P];
        for k in 0..self.sections.len() {
            for (row, lanes) in
                self.state[2 * k * self.stride..].chunks_exact(self.stride).zip(&mut lanes[k / 2])
            {
                let at = 2 * (k % 2);
                lanes[at..at + 2].copy_from_slice(&[row[0], row[C - 1]]);
            }
        }
        lanes.map(|pair| pair.map(cast))
    }
}

/// The lanes of section `k` and the one after it that have one of `count` frames in turn `t`.
#[inline(always)]
fn busy(simd: V3, k: usize, t: usize, count: usize) -> __m256d {
    const AT_LEAST: i32 = 0x1d;
    const BELOW: i32 = 0x11;
    let (k, t) = (k as f64, t as f64);
    let frame: __m256d = cast([t - k, t - k, t - k - 1.0, t - k - 1.0]);
    let begun = simd.avx._mm256_cmp_pd::<AT_LEAST>(frame, cast([0.0; 4]));
    simd.avx._mm256_and_pd(begun, simd.avx._mm256_cmp_pd::<BELOW>(frame, cast([count as f64; 4])))
}

/// The samples of a frame; one channel in both places.
#[inline(always)]
fn frame<const C: usize>(samples: [f64; C]) -> __m128d {
    cast([samples[0], samples[C - 1]])
}
