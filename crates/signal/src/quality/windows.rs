//! Short windows of the band-passed signal: what noise floor, activity and spikes are read from.

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
    length: usize,
    count: usize,
    squares: f64,
    fourths: f64,
    ring: Vec<Window>,
    capacity: usize,
    next: usize,
    /// For selecting a percentile without touching the ring.
    sorted: Vec<f64>,
}

impl Windows {
    pub(super) fn new(length: usize, capacity: usize) -> Self {
        Self {
            length: length.max(1),
            count: 0,
            squares: 0.0,
            fourths: 0.0,
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
        (self.count, self.squares, self.fourths) = (0, 0.0, 0.0);
    }

    pub(super) fn push(&mut self, y: f64) {
        let square = y * y;
        self.squares += square;
        self.fourths += square * square;
        self.count += 1;
        if self.count == self.length {
            let mean = self.squares / self.count as f64;
            let kurtosis = self.fourths / self.count as f64 / (mean * mean);
            self.keep(Window { rms: mean.sqrt(), kurtosis });
            self.interrupt();
        }
    }

    fn keep(&mut self, window: Window) {
        if self.ring.len() < self.capacity {
            self.ring.push(window);
        } else {
            self.ring[self.next] = window;
            self.next = (self.next + 1) % self.capacity;
        }
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
