//! What is watched sample by sample on the raw channel: flat stretches, the offset, and clipping.

use pulp::{Simd, WithSimd};

use super::windows::{Running, by_lanes, in_windows};
use crate::level::Level;

/// Windows of 200 ms in the running offset.
const OFFSET_WINDOWS: usize = 5;

/// Windows of 200 ms whose standard deviation is at most one converter step, and the running mean.
#[derive(Clone, Debug)]
pub(super) struct Flatness {
    step: f64,
    /// Samples of a window, and the window at work.
    length: usize,
    moments: Moments,
    windows: u64,
    flat: u64,
    means: [f64; OFFSET_WINDOWS],
}

impl Flatness {
    pub(super) fn new(length: usize, step: f64) -> Self {
        let (length, moments) = (length.max(2), Moments::default());
        Self { step, length, moments, windows: 0, flat: 0, means: [0.0; OFFSET_WINDOWS] }
    }

    pub(super) fn reset(&mut self) {
        self.interrupt();
        (self.windows, self.flat) = (0, 0);
    }

    pub(super) fn interrupt(&mut self) {
        self.moments = Moments::default();
    }

    pub(super) fn push(&mut self, raw: &[f64]) {
        let (step, windows, flat, means) = (self.step, &mut self.windows, &mut self.flat, &mut self.means);
        let count = self.length as f64;
        in_windows(self.length, &mut self.moments, raw, |moments| {
            let (sum, squares) = moments.sums();
            let mean = sum / count;
            let variance = (squares / count - mean * mean).max(0.0);
            means[*windows as usize % OFFSET_WINDOWS] = moments.origin + mean;
            *windows += 1;
            *flat += u64::from(variance.sqrt() <= step);
        });
    }

    pub(super) fn fraction(&self) -> f64 {
        self.flat as f64 / self.windows.max(1) as f64
    }

    /// Distance of the running mean from the middle of the range, over the range.
    pub(super) fn offset_of(&self, (low, high): (f64, f64)) -> Option<f64> {
        let count = (self.windows as usize).min(OFFSET_WINDOWS);
        let mean = self.means[..count].iter().sum::<f64>() / count as f64;
        (count > 0 && high > low).then(|| (mean - (low + high) / 2.0).abs() / (high - low))
    }
}

/// Sum and sum of squares of values less the first of them, so that an offset costs no precision; in eight partial sums.
#[derive(Clone, Debug, Default)]
struct Moments {
    count: usize,
    origin: f64,
    sum: [f64; 8],
    squares: [f64; 8],
}

impl Moments {
    fn sums(&self) -> (f64, f64) {
        (self.sum.iter().sum(), self.squares.iter().sum())
    }
}

impl Running for Moments {
    fn count(&self) -> usize {
        self.count
    }

    fn take(&mut self, samples: &[f64]) {
        if let (0, Some(first)) = (self.count, samples.first()) {
            self.origin = *first;
        }
        Level::best().run(TakeMoments(self, samples));
    }
}

struct TakeMoments<'a>(&'a mut Moments, &'a [f64]);

impl WithSimd for TakeMoments<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self(Moments { count, origin, sum, squares }, samples) = self;
        let (mut of_one, mut of_two) = (*sum, *squares);
        by_lanes(*count, samples, |lane, x| {
            let x = x - *origin;
            of_one[lane] += x;
            of_two[lane] += x * x;
        });
        (*sum, *squares) = (of_one, of_two);
        *count += samples.len();
    }
}

/// Samples at the rails, or runs of three and more equal samples at the largest or smallest value seen so far.
#[derive(Clone, Debug)]
pub(super) struct Clipping {
    range: Option<(f64, f64)>,
    at_rails: u64,
    /// Extreme value, and samples in runs of three or more on it; low, then high.
    extremes: [(f64, u64); 2],
    last: f64,
    run: u64,
}

impl Clipping {
    pub(super) fn new(range: Option<(f64, f64)>) -> Self {
        let extremes = [(f64::INFINITY, 0), (f64::NEG_INFINITY, 0)];
        Self { range, at_rails: 0, extremes, last: f64::NAN, run: 0 }
    }

    pub(super) fn interrupt(&mut self) {
        (self.last, self.run) = (f64::NAN, 0);
    }

    /// Finite samples. A stretch without three equal samples in a row, which is almost every stretch, is looked at as a whole.
    pub(super) fn push(&mut self, raw: &[f64]) {
        let [.., before, last] = *raw else {
            return raw.iter().for_each(|&x| self.push_one(x));
        };
        let found = Level::best().run(Survey { raw, range: self.range });
        let run_goes_on = raw[0] == self.last && (self.run >= 2 || raw[1] == raw[0]);
        if found.three_equal || run_goes_on {
            return raw.iter().for_each(|&x| self.push_one(x));
        }
        self.at_rails += found.at_rails;
        let [low, high] = &mut self.extremes;
        if found.low < low.0 {
            *low = (found.low, 0);
        }
        if found.high > high.0 {
            *high = (found.high, 0);
        }
        (self.last, self.run) = (last, if last == before { 2 } else { 1 });
    }

    fn push_one(&mut self, x: f64) {
        self.at_rails += u64::from(self.range.is_some_and(|(low, high)| x <= low || x >= high));
        self.run = if x == self.last { self.run + 1 } else { 1 };
        self.last = x;
        let [low, high] = &mut self.extremes;
        if x < low.0 {
            *low = (x, 0);
        }
        if x > high.0 {
            *high = (x, 0);
        }
        for extreme in &mut self.extremes {
            if x == extreme.0 && self.run >= 3 {
                extreme.1 += if self.run == 3 { 3 } else { 1 };
            }
        }
    }

    /// A channel that never changes is flat, not clipped.
    pub(super) fn fraction(&self, received: u64) -> f64 {
        let [low, high] = self.extremes;
        let at_extremes = if low.0 < high.0 { low.1 + high.1 } else { 0 };
        self.at_rails.max(at_extremes) as f64 / received.max(1) as f64
    }
}

/// Looks at a stretch of at least two samples.
struct Survey<'a> {
    raw: &'a [f64],
    range: Option<(f64, f64)>,
}

struct Found {
    low: f64,
    high: f64,
    at_rails: u64,
    three_equal: bool,
}

impl WithSimd for Survey<'_> {
    type Output = Found;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Found {
        let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
        // The least of what each three samples in a row differ by: 0 where three are equal. In floats, as comparisons of floats counted
        // in integers keep the lanes from being filled.
        let mut differ = [f64::INFINITY; 8];
        let mut add = |lane: usize, x: f64, next: f64, over: f64| {
            low[lane] = if x < low[lane] { x } else { low[lane] };
            high[lane] = if x > high[lane] { x } else { high[lane] };
            let (one, two) = ((x - next).abs(), (next - over).abs());
            let most = if one > two { one } else { two };
            differ[lane] = if most < differ[lane] { most } else { differ[lane] };
        };
        let three = self.raw.len().saturating_sub(2);
        let of = |from: usize| self.raw.get(from..from + three).unwrap_or_default().as_chunks::<8>();
        let ((xs, x_left), (nexts, next_left), (overs, over_left)) = (of(0), of(1), of(2));
        for ((x, next), over) in xs.iter().zip(nexts).zip(overs) {
            for lane in 0..8 {
                add(lane, x[lane], next[lane], over[lane]);
            }
        }
        for ((x, next), over) in x_left.iter().zip(next_left).zip(over_left) {
            add(0, *x, *next, *over);
        }
        for &x in &self.raw[three..] {
            add(0, x, f64::INFINITY, x);
        }
        let at_rails = self.range.map_or(0, |(bottom, top)| {
            self.raw.iter().map(|&x| u64::from(x <= bottom) | u64::from(x >= top)).sum()
        });
        Found {
            low: low.iter().copied().fold(f64::INFINITY, f64::min),
            high: high.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            at_rails,
            three_equal: differ.contains(&0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clipping;

    /// The way over whole stretches must count what the way over samples counts.
    #[test]
    fn stretches_count_as_samples_do() {
        let mut state = 1_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for round in 0..300 {
            let values = 2 + round % 40;
            let raw: Vec<f64> = (0..200).map(|_| next(values) as f64).collect();
            let range = (round % 2 == 0).then_some((0.0, values as f64 - 2.0));
            let (mut whole, mut single) = (Clipping::new(range), Clipping::new(range));
            let mut rest = &raw[..];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(1 + next(30) as usize));
                whole.push(now);
                rest = later;
            }
            raw.iter().for_each(|&x| single.push_one(x));
            assert_eq!(format!("{whole:?}"), format!("{single:?}"), "round {round}");
        }
    }
}
