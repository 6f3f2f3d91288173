//! A uniformly sampled trace with a pyramid of minima and maxima: any window of any length is drawn in the same time,
//! and no spike is hidden.

/// Samples under one entry of the next level.
const FACTOR: usize = 16;

/// A trace; `NaN` is missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Time of the first sample in s.
    pub start_s: f64,
    /// Samples per second.
    pub rate_hz: f64,
    /// Samples.
    pub values: Vec<f32>,
    levels: Vec<Vec<(f32, f32)>>,
}

impl Trace {
    /// A trace of these samples.
    #[must_use]
    pub fn new(start_s: f64, rate_hz: f64, values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f32> = values.into_iter().map(|v| v as f32).collect();
        let mut levels: Vec<Vec<(f32, f32)>> = Vec::new();
        let mut level: Vec<(f32, f32)> =
            values.chunks(FACTOR).map(|part| span(part.iter().copied())).collect();
        while level.len() > FACTOR {
            let next = level.chunks(FACTOR).map(merge).collect();
            levels.push(std::mem::replace(&mut level, next));
        }
        levels.push(level);
        Self { start_s, rate_hz, values, levels }
    }

    /// Time after the last sample in s.
    #[must_use]
    pub fn end_s(&self) -> f64 {
        self.start_s + self.values.len() as f64 / self.rate_hz.max(f64::MIN_POSITIVE)
    }

    /// Value at a time, linear between samples; `None` outside and beside missing samples.
    #[must_use]
    pub fn at(&self, time_s: f64) -> Option<f32> {
        let place = (time_s - self.start_s) * self.rate_hz;
        if !(place >= -0.5 && place <= self.values.len() as f64) {
            return None;
        }
        let place = place.clamp(0.0, self.values.len().saturating_sub(1) as f64);
        let (at, share) = (place.floor() as usize, place.fract() as f32);
        let first = *self.values.get(at)?;
        let value = match self.values.get(at + 1) {
            Some(next) if share > 0.0 => first + (next - first) * share,
            _ => first,
        };
        value.is_finite().then_some(value)
    }

    /// Lowest and highest value in each of `n` columns of a window; `NaN` where a column has no sample.
    #[must_use]
    pub fn columns(&self, t0_s: f64, t1_s: f64, n: usize) -> (Vec<f32>, Vec<f32>) {
        let (mut low, mut high) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let place = |k: usize| (t0_s + (t1_s - t0_s) * k as f64 / n as f64 - self.start_s) * self.rate_hz;
        for k in 0..n {
            let found = self.between(index(place(k)), index(place(k + 1)));
            low.push(found.0);
            high.push(found.1);
        }
        (low, high)
    }

    /// Value at the middle of each of `n` columns of a window, `NaN` where there is none: for smooth traces.
    #[must_use]
    pub fn line(&self, t0_s: f64, t1_s: f64, n: usize) -> Vec<f32> {
        let step = (t1_s - t0_s) / n.max(1) as f64;
        (0..n).map(|k| self.at(t0_s + (k as f64 + 0.5) * step).unwrap_or(f32::NAN)).collect()
    }

    /// Lowest and highest value of a window; `NaN` where there is none.
    #[must_use]
    pub fn range(&self, t0_s: f64, t1_s: f64) -> (f32, f32) {
        let place = |time_s: f64| (time_s - self.start_s) * self.rate_hz;
        self.between(index(place(t0_s)), index(place(t1_s)))
    }

    /// Minimum and maximum of the samples `[from, to)`.
    fn between(&self, from: usize, to: usize) -> (f32, f32) {
        let (from, to) = (from.min(self.values.len()), to.min(self.values.len()));
        if to <= from {
            return (f32::NAN, f32::NAN);
        }
        self.descend(self.levels.len(), from, to)
    }

    /// As [`Self::between`], in entries of the level above the samples counted from 1; level 0 are the samples.
    fn descend(&self, level: usize, from: usize, to: usize) -> (f32, f32) {
        if level == 0 {
            return span(self.values[from..to].iter().copied());
        }
        let size = FACTOR.pow(level as u32);
        let (first, last) = (from.div_ceil(size), to / size);
        if first >= last {
            return self.descend(level - 1, from, to);
        }
        let middle = merge(&self.levels[level - 1][first..last]);
        let before = if from < first * size { self.descend(level - 1, from, first * size) } else { NOTHING };
        let after = if last * size < to { self.descend(level - 1, last * size, to) } else { NOTHING };
        merge(&[before, middle, after])
    }
}

const NOTHING: (f32, f32) = (f32::NAN, f32::NAN);

/// The first sample at or after a place.
fn index(place: f64) -> usize {
    // A cast saturates: before the record is 0, NaN is 0.
    place.ceil().max(0.0) as usize
}

/// `f32::min` and `max` pass over `NaN`.
fn span(values: impl Iterator<Item = f32>) -> (f32, f32) {
    values.fold(NOTHING, |(low, high), value| (low.min(value), high.max(value)))
}

fn merge(spans: &[(f32, f32)]) -> (f32, f32) {
    spans.iter().fold(NOTHING, |(low, high), span| (low.min(span.0), high.max(span.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values without order, the same for every run.
    fn noise(n: usize) -> Vec<f64> {
        let mut state = 1u64;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f64 / 1e5
            })
            .collect()
    }

    #[test]
    fn columns_are_what_a_plain_search_finds() {
        let values = noise(10_000);
        let trace = Trace::new(2.0, 1000.0, values.iter().copied());
        for (t0, t1, n) in [(2.0, 12.0, 700), (2.0, 12.0, 3), (4.123, 5.377, 61), (0.0, 40.0, 90)] {
            let (low, high) = trace.columns(t0, t1, n);
            for k in 0..n {
                let edge = |k: usize| t0 + (t1 - t0) * k as f64 / n as f64;
                let inside = values.iter().enumerate().filter(|(i, _)| {
                    let place = *i as f64;
                    place >= ((edge(k) - 2.0) * 1000.0).ceil()
                        && place < ((edge(k + 1) - 2.0) * 1000.0).ceil()
                });
                let (a, b) = span(inside.map(|(_, v)| *v as f32));
                assert!(a == low[k] || (a.is_nan() && low[k].is_nan()), "{t0} {n} {k}: {a} {}", low[k]);
                assert!(b == high[k] || (b.is_nan() && high[k].is_nan()));
            }
        }
    }

    #[test]
    fn a_spike_is_seen_at_every_zoom_and_a_hole_stays_a_hole() {
        let mut values = vec![0.0; 100_000];
        values[54_321] = 9.0;
        values[10_000..20_000].fill(f64::NAN);
        let trace = Trace::new(0.0, 1000.0, values);
        for n in [1, 7, 640, 5000] {
            let (_, high) = trace.columns(0.0, 100.0, n);
            assert_eq!(high.iter().copied().fold(f32::MIN, f32::max), 9.0, "{n}");
        }
        let (low, _) = trace.columns(0.0, 100.0, 100);
        assert!(low[15].is_nan() && low[9] == 0.0 && low[20] == 0.0);
        assert_eq!(trace.at(15.0), None);
        assert_eq!(trace.at(54.321), Some(9.0));
        assert_eq!(trace.at(54.3215), Some(4.5));
        assert_eq!(trace.at(-1.0), None);
        assert_eq!(trace.at(101.0), None);
    }

    #[test]
    fn an_empty_trace_and_a_nan_window_give_nothing() {
        let empty = Trace::new(0.0, 1000.0, []);
        assert!(empty.columns(0.0, 1.0, 4).0.iter().all(|v| v.is_nan()));
        assert_eq!(empty.at(0.0), None);
        let one = Trace::new(0.0, 0.0, [1.0]);
        assert!(one.line(f64::NAN, f64::NAN, 3).iter().all(|v| v.is_nan()));
    }
}
