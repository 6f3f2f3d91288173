//! Short windows of the band-passed signal: what noise floor, activity and spikes are read from.

use pulp::{Simd, WithSimd};

use crate::level::Level;

/// RMS and kurtosis of one window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    /// Root mean square, unit of the signal.
    pub(super) rms: f64,
    /// Fourth over squared second moment about 0.
    pub(super) kurtosis: f64,
}

/// The last windows, in memory taken once.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    /// Samples of a window, and the window at work.
    length: usize,
    powers: Powers,
    /// Root mean squares and kurtosis of the ring's windows, apart, so that ten minutes of them are looked over a vector at a time.
    rms: Vec<f64>,
    kurtosis: Vec<f64>,
    capacity: usize,
    next: usize,
    /// The RMS of the ring's windows by size, once a quantile was asked for: a new window then takes its place in it, so that asking every
    /// second does not sort ten minutes every second.
    sorted: Vec<f64>,
    is_sorted: bool,
}

impl Windows {
    pub(super) fn new(length: usize, capacity: usize) -> Self {
        Self {
            length: length.max(1),
            powers: Powers::default(),
            rms: Vec::with_capacity(capacity),
            kurtosis: Vec::with_capacity(capacity),
            capacity,
            next: 0,
            sorted: Vec::with_capacity(capacity),
            is_sorted: false,
        }
    }

    pub(super) fn reset(&mut self) {
        self.rms.clear();
        self.kurtosis.clear();
        (self.next, self.is_sorted) = (0, false);
        self.interrupt();
    }

    /// Drops the window at work: it has a gap.
    pub(super) fn interrupt(&mut self) {
        self.powers = Powers::default();
    }

    pub(super) fn push(&mut self, band: &[f64]) {
        let (ring, kurtoses) = (&mut self.rms, &mut self.kurtosis);
        let (capacity, next) = (self.capacity, &mut self.next);
        let mut sorted = self.is_sorted.then_some(&mut self.sorted);
        let length = self.length;
        in_windows(length, &mut self.powers, band, |powers| {
            let (squares, fourths) = powers.sums();
            let mean = squares / length as f64;
            let kurtosis = fourths / length as f64 / (mean * mean);
            let rms = mean.sqrt();
            if let Some(sorted) = &mut sorted {
                let place = |sorted: &[f64], rms: f64| sorted.partition_point(|v| v.total_cmp(&rms).is_lt());
                if ring.len() == capacity {
                    sorted.remove(place(sorted, ring[*next]));
                }
                sorted.insert(place(sorted, rms), rms);
            }
            if ring.len() < capacity {
                ring.push(rms);
                kurtoses.push(kurtosis);
            } else {
                (ring[*next], kurtoses[*next]) = (rms, kurtosis);
                *next = (*next + 1) % capacity;
            }
        });
    }

    /// The `share` (0 to 1) quantile of the windows' RMS, linear between ranks. `None` without a window.
    pub(super) fn rms_quantile(&mut self, share: f64) -> Option<f64> {
        let last = self.rms.len().checked_sub(1)?;
        if !self.is_sorted {
            self.sorted.clear();
            self.sorted.extend_from_slice(&self.rms);
            self.sorted.sort_unstable_by(f64::total_cmp);
            self.is_sorted = true;
        }
        let rank = share * last as f64;
        let below = rank as usize;
        let low = self.sorted[below];
        Some(self.sorted.get(below + 1).map_or(low, |high| low + (high - low) * (rank - below as f64)))
    }

    /// RMS over the windows whose RMS exceeds `threshold`, and their kurtosis weighted by energy: the window at the edge of a burst,
    /// half silent and so of high kurtosis, weighs little, a spike much.
    pub(super) fn active(&self, threshold: f64) -> Option<Window> {
        let Active { energy, weighted, count } =
            Level::best().run(Above { threshold, rms: &self.rms, kurtosis: &self.kurtosis });
        (energy > 0.0).then(|| Window { rms: (energy / count).sqrt(), kurtosis: weighted / energy })
    }

    /// RMS over all windows.
    pub(super) fn overall_rms(&self) -> Option<f64> {
        let mut powers = Powers::default();
        powers.take(&self.rms);
        let (squares, _) = powers.sums();
        (!self.rms.is_empty()).then(|| (squares / self.rms.len() as f64).sqrt())
    }
}

/// Sums that take the samples of a window as they come.
pub(super) trait Running: Default {
    /// Samples taken.
    fn count(&self) -> usize;
    /// Takes the next samples of the window.
    fn take(&mut self, samples: &[f64]);
}

/// Hands samples to the window at work and calls `work` on every full one: however the stream is cut, the windows are the same.
#[inline]
pub(super) fn in_windows<R: Running>(
    length: usize,
    running: &mut R,
    samples: &[f64],
    mut work: impl FnMut(&R),
) {
    let mut rest = samples;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(length - running.count()));
        running.take(now);
        rest = later;
        if running.count() == length {
            work(running);
            *running = R::default();
        }
    }
}

/// Calls `add` with the lane and value of each sample from number `count` on, whole blocks of eight lanes together: sums over lanes are
/// then the same however the samples are cut, and whatever the vector width.
#[inline(always)]
pub(super) fn by_lanes(count: usize, samples: &[f64], mut add: impl FnMut(usize, f64)) {
    let (head, rest) = samples.split_at(samples.len().min(count.next_multiple_of(8) - count));
    for (at, x) in head.iter().enumerate() {
        add((count + at) % 8, *x);
    }
    let (blocks, tail) = rest.as_chunks::<8>();
    for block in blocks {
        for (lane, x) in block.iter().enumerate() {
            add(lane, *x);
        }
    }
    for (lane, x) in tail.iter().enumerate() {
        add(lane, *x);
    }
}

/// Sums of second and fourth powers, in eight partial sums.
#[derive(Clone, Debug, Default)]
struct Powers {
    count: usize,
    squares: [f64; 8],
    fourths: [f64; 8],
}

impl Powers {
    fn sums(&self) -> (f64, f64) {
        (self.squares.iter().sum(), self.fourths.iter().sum())
    }
}

impl Running for Powers {
    fn count(&self) -> usize {
        self.count
    }

    fn take(&mut self, samples: &[f64]) {
        Level::best().run(TakePowers(self, samples));
    }
}

struct TakePowers<'a>(&'a mut Powers, &'a [f64]);

impl WithSimd for TakePowers<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self(Powers { count, squares, fourths }, samples) = self;
        let (mut of_two, mut of_four) = (*squares, *fourths);
        by_lanes(*count, samples, |lane, x| {
            let square = x * x;
            of_two[lane] += square;
            of_four[lane] += square * square;
        });
        (*squares, *fourths) = (of_two, of_four);
        *count += samples.len();
    }
}

/// Sums over the windows above a threshold.
struct Active {
    energy: f64,
    weighted: f64,
    count: f64,
}

/// Looks over windows, in eight partial sums whatever the vector width. A silent window has no kurtosis, and is not above anything.
struct Above<'a> {
    threshold: f64,
    rms: &'a [f64],
    kurtosis: &'a [f64],
}

impl WithSimd for Above<'_> {
    type Output = Active;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Active {
        let (mut energy, mut weighted, mut count) = ([0.0; 8], [0.0; 8], [0.0; 8]);
        let mut add = |lane: usize, rms: f64, kurtosis: f64| {
            let (is_above, square) = (rms > self.threshold, rms * rms);
            energy[lane] += if is_above { square } else { 0.0 };
            weighted[lane] += if is_above { square * kurtosis } else { 0.0 };
            count[lane] += if is_above { 1.0 } else { 0.0 };
        };
        let ((rms, rms_left), (kurtosis, kurtosis_left)) =
            (self.rms.as_chunks::<8>(), self.kurtosis.as_chunks::<8>());
        for (rms, kurtosis) in rms.iter().zip(kurtosis) {
            for lane in 0..8 {
                add(lane, rms[lane], kurtosis[lane]);
            }
        }
        for (lane, (rms, kurtosis)) in rms_left.iter().zip(kurtosis_left).enumerate() {
            add(lane, *rms, *kurtosis);
        }
        Active { energy: energy.iter().sum(), weighted: weighted.iter().sum(), count: count.iter().sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::Windows;

    #[test]
    fn a_quantile_asked_for_often_is_the_one_asked_for_once() {
        let mut state = 5_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % 9) as f64
        };
        let samples: Vec<f64> = (0..900).map(|_| next()).collect();
        let mut often = Windows::new(3, 40);
        for (at, sample) in samples.iter().enumerate() {
            often.push(&[*sample]);
            let mut once = Windows::new(3, 40);
            once.push(&samples[..=at]);
            assert_eq!(often.rms_quantile(0.3), once.rms_quantile(0.3), "{at}");
        }
        often.reset();
        assert_eq!(often.rms_quantile(0.3), None);
    }
}
