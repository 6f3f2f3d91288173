//! Sums of a signal over any window, from running totals kept at every few samples: those in between are added up again in the same
//! order, so that the result is that of totals kept at every sample, at a fraction of their memory.

/// Sums of the rectified or smoothed signal over a window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Valid samples.
    pub n: f64,
    /// Sum of absolute values.
    pub absolute: f64,
    /// Sum of squares.
    pub squares: f64,
}

impl Sums {
    /// Adds another window.
    pub fn add(&mut self, other: Self) {
        self.n += other.n;
        self.absolute += other.absolute;
        self.squares += other.squares;
    }

    /// Rectified mean; `NaN` for an empty window.
    #[must_use]
    pub fn arv(&self) -> f64 {
        self.absolute / self.n
    }

    /// Root mean square; `NaN` for an empty window.
    #[must_use]
    pub fn rms(&self) -> f64 {
        (self.squares / self.n).sqrt()
    }

    /// Adds one sample; a missing one adds nothing.
    fn take(&mut self, value: f64) {
        if value.is_finite() {
            self.add(Self { n: 1.0, absolute: value.abs(), squares: value * value });
        }
    }

    /// What lies between two totals.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            n: self.n - earlier.n,
            absolute: self.absolute - earlier.absolute,
            squares: self.squares - earlier.squares,
        }
    }
}

/// Samples between two kept totals.
const STRIDE: usize = 16;

/// Running totals of one signal.
#[derive(Clone, Debug)]
pub(super) struct Totals {
    /// Total of the samples before every [`STRIDE`]th one.
    kept: Vec<Sums>,
}

impl Totals {
    pub fn of(values: &[f64]) -> Self {
        let mut total = Sums::default();
        let mut kept = Vec::with_capacity(values.len() / STRIDE + 1);
        for part in values.chunks(STRIDE) {
            kept.push(total);
            part.iter().for_each(|value| total.take(*value));
        }
        if values.len().is_multiple_of(STRIDE) {
            kept.push(total);
        }
        Self { kept }
    }

    /// Total of `values[..to]`, for the values that these are the totals of.
    pub fn before(&self, values: &[f64], to: usize) -> Sums {
        let mut total = self.kept[to / STRIDE];
        values[to / STRIDE * STRIDE..to].iter().for_each(|value| total.take(*value));
        total
    }

    /// [`Totals::before`] for every index of `from..=to`.
    pub fn run(&self, values: &[f64], from: usize, to: usize) -> Vec<Sums> {
        let mut total = self.before(values, from);
        let mut run = Vec::with_capacity(to + 1 - from);
        run.push(total);
        for value in &values[from..to] {
            total.take(*value);
            run.push(total);
        }
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_total_is_the_running_one() {
        for length in [0, 1, 15, 16, 17, 160] {
            let value = |i: usize| if i % 7 == 3 { f64::NAN } else { (i as f64 * 0.37).sin() / 3.0 };
            let values: Vec<f64> = (0..length).map(value).collect();
            let totals = Totals::of(&values);
            let mut total = Sums::default();
            let mut all = vec![total];
            for value in &values {
                total.take(*value);
                all.push(total);
            }
            for (to, expected) in all.iter().enumerate() {
                assert_eq!(totals.before(&values, to), *expected, "{to} of {length}");
            }
            assert_eq!(totals.run(&values, length / 2, length), all[length / 2..]);
        }
    }
}
