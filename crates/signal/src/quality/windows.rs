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
    /// The window at work.
    buffer: Vec<f64>,
    filled: usize,
    ring: Vec<Window>,
    capacity: usize,
    next: usize,
    /// For selecting a percentile without touching the ring.
    sorted: Vec<f64>,
}

impl Windows {
    pub(super) fn new(length: usize, capacity: usize) -> Self {
        Self {
            buffer: vec![0.0; length.max(1)],
            filled: 0,
            ring: Vec::with_capacity(capacity),
            capacity,
            next: 0,
            sorted: Vec::with_capacity(capacity),
        }
    }

    pub(super) fn reset(&mut self) {
        self.ring.clear();
        self.next = 0;
        self.interrupt();
    }

    /// Drops the window at work: it has a gap.
    pub(super) fn interrupt(&mut self) {
        self.filled = 0;
    }

    pub(super) fn push(&mut self, band: &[f64]) {
        let (ring, capacity, next) = (&mut self.ring, self.capacity, &mut self.next);
        fill_whole(&mut self.buffer, &mut self.filled, band, |window| {
            let (squares, fourths) = Level::best().run(Powers(window));
            let mean = squares / window.len() as f64;
            let kurtosis = fourths / window.len() as f64 / (mean * mean);
            let window = Window { rms: mean.sqrt(), kurtosis };
            if ring.len() < capacity {
                ring.push(window);
            } else {
                ring[*next] = window;
                *next = (*next + 1) % capacity;
            }
        });
    }

    /// The `share` (0 to 1) quantile of the windows' RMS, linear between ranks. `None` without a window.
    pub(super) fn rms_quantile(&mut self, share: f64) -> Option<f64> {
        let last = self.ring.len().checked_sub(1)?;
        self.sorted.clear();
        self.sorted.extend(self.ring.iter().map(|window| window.rms));
        let rank = share * last as f64;
        let below = rank as usize;
        let (_, &mut low, above) = self.sorted.select_nth_unstable_by(below, f64::total_cmp);
        let high = above.iter().copied().fold(f64::INFINITY, f64::min);
        Some(if above.is_empty() { low } else { low + (high - low) * (rank - below as f64) })
    }

    /// RMS over the windows whose RMS exceeds `threshold`, and their kurtosis weighted by energy: the window at the edge of a burst,
    /// half silent and so of high kurtosis, weighs little, a spike much.
    pub(super) fn active(&self, threshold: f64) -> Option<Window> {
        let active = || self.ring.iter().filter(|window| window.rms > threshold);
        let energy: f64 = active().map(|window| window.rms * window.rms).sum();
        let weighted: f64 = active().map(|window| window.rms * window.rms * window.kurtosis).sum();
        (energy > 0.0)
            .then(|| Window { rms: (energy / active().count() as f64).sqrt(), kurtosis: weighted / energy })
    }

    /// RMS over all windows.
    pub(super) fn overall_rms(&self) -> Option<f64> {
        let sum: f64 = self.ring.iter().map(|window| window.rms * window.rms).sum();
        (!self.ring.is_empty()).then(|| (sum / self.ring.len() as f64).sqrt())
    }
}

/// Collects samples in `buffer` and calls `work` on every full one: however the stream is cut, the windows are the same.
#[inline]
pub(super) fn fill_whole(
    buffer: &mut [f64],
    filled: &mut usize,
    samples: &[f64],
    mut work: impl FnMut(&[f64]),
) {
    let mut rest = samples;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(buffer.len() - *filled));
        buffer[*filled..*filled + now.len()].copy_from_slice(now);
        *filled += now.len();
        rest = later;
        if *filled == buffer.len() {
            work(buffer);
            *filled = 0;
        }
    }
}

/// Sums of second and fourth powers, in eight partial sums whatever the vector width.
struct Powers<'a>(&'a [f64]);

impl WithSimd for Powers<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        let (mut squares, mut fourths) = ([0.0; 8], [0.0; 8]);
        let (blocks, rest) = self.0.as_chunks::<8>();
        for block in blocks {
            for lane in 0..8 {
                let square = block[lane] * block[lane];
                squares[lane] += square;
                fourths[lane] += square * square;
            }
        }
        for (lane, y) in rest.iter().enumerate() {
            let square = y * y;
            squares[lane] += square;
            fourths[lane] += square * square;
        }
        (squares.iter().sum(), fourths.iter().sum())
    }
}
