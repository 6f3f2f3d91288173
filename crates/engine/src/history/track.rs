//! Rows of numbers at a fixed rate, the newest of them, with a pyramid of minima and maxima.
//!
//! A row is addressed by its index; what was never written, or has fallen out of the back, is `NaN`. Writing an index twice replaces
//! it in the rows; the pyramid then covers both values.

/// Rows in a bucket of the finest level.
const FIRST_BUCKET: u64 = 16;
/// Buckets of a level in one of the next.
const FACTOR: u64 = 4;
/// Levels: the coarsest holds 16 * 4^6 = 65536 rows.
const LEVELS: u32 = 7;

/// Minima and maxima of runs of rows.
struct Level {
    rows_per_bucket: u64,
    /// Which bucket a slot holds.
    ids: Vec<u64>,
    /// Minimum and maximum, per slot and column.
    extremes: Vec<(f32, f32)>,
}

/// The newest rows.
pub(super) struct Track {
    width: usize,
    capacity: u64,
    rows: Vec<f32>,
    /// Which index a slot holds.
    ids: Vec<u64>,
    levels: Vec<Level>,
}

const NOTHING: u64 = u64::MAX;

impl Track {
    /// Room for `capacity` rows of `width` columns; `pyramid` where views may be much wider than their pixels.
    pub(super) fn new(capacity: u64, width: usize, pyramid: bool) -> Self {
        let capacity = capacity.max(1);
        let levels = if pyramid { LEVELS } else { 0 };
        let levels = (0..levels)
            .map(|level| {
                let rows_per_bucket = FIRST_BUCKET * FACTOR.pow(level);
                let slots = (capacity / rows_per_bucket + 2) as usize;
                Level {
                    rows_per_bucket,
                    ids: vec![NOTHING; slots],
                    extremes: vec![(f32::NAN, f32::NAN); slots * width],
                }
            })
            .collect();
        Self {
            width,
            capacity,
            rows: vec![f32::NAN; capacity as usize * width],
            ids: vec![NOTHING; capacity as usize],
            levels,
        }
    }

    /// Writes one row; values beyond the width are ignored.
    pub(super) fn write(&mut self, index: u64, row: impl Iterator<Item = f64> + Clone) {
        let slot = (index % self.capacity) as usize;
        self.ids[slot] = index;
        let width = self.width;
        for (to, value) in self.rows[slot * width..][..width].iter_mut().zip(row.clone()) {
            *to = value as f32;
        }
        for level in &mut self.levels {
            let bucket = index / level.rows_per_bucket;
            let slot = (bucket % level.ids.len() as u64) as usize;
            let extremes = &mut level.extremes[slot * width..][..width];
            if level.ids[slot] != bucket {
                level.ids[slot] = bucket;
                extremes.fill((f32::NAN, f32::NAN));
            }
            for ((low, high), value) in extremes.iter_mut().zip(row.clone()) {
                // min and max pass over NaN: one missing sample hides no spike.
                (*low, *high) = (low.min(value as f32), high.max(value as f32));
            }
        }
    }

    /// The value of a column at an index; `NaN` when it is not held.
    pub(super) fn get(&self, index: u64, column: usize) -> f32 {
        let slot = (index % self.capacity) as usize;
        if self.ids[slot] == index { self.rows[slot * self.width + column] } else { f32::NAN }
    }

    /// Minimum and maximum of a column over `from..to`; `NaN` when nothing of it is held. At its ends a long stretch is rounded out
    /// to whole buckets: no spike is hidden.
    pub(super) fn extremes(&self, from: u64, to: u64, column: usize) -> (f32, f32) {
        let level =
            self.levels.iter().rev().find(|level| level.rows_per_bucket * 2 <= to.saturating_sub(from));
        let mut found = (f32::NAN, f32::NAN);
        match level {
            None => {
                for index in from..to {
                    let value = self.get(index, column);
                    found = (found.0.min(value), found.1.max(value));
                }
            }
            Some(level) => {
                for bucket in from / level.rows_per_bucket..to.div_ceil(level.rows_per_bucket) {
                    let slot = (bucket % level.ids.len() as u64) as usize;
                    if level.ids[slot] == bucket {
                        let (low, high) = level.extremes[slot * self.width + column];
                        found = (found.0.min(low), found.1.max(high));
                    }
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_spike_survives_any_zoom_and_old_rows_are_gone() {
        let mut track = Track::new(100_000, 1, true);
        for index in 0..150_000_u64 {
            let value = if index == 120_001 { 9.0 } else { 0.5 };
            track.write(index, std::iter::once(value));
        }
        for pixels in [1_u64, 7, 100, 3000] {
            let span = 100_000 / pixels;
            let highest = (0..pixels)
                .map(|p| track.extremes(50_000 + p * span, 50_000 + (p + 1) * span, 0).1)
                .fold(f32::NAN, f32::max);
            assert_eq!(highest, 9.0, "{pixels} pixels");
        }
        assert!(track.get(10, 0).is_nan());
        assert!(track.extremes(0, 1000, 0).0.is_nan());
    }

    #[test]
    fn holes_are_nan() {
        let mut track = Track::new(1000, 2, true);
        track.write(5, [1.0, 2.0].into_iter());
        assert_eq!(track.get(5, 1), 2.0);
        assert!(track.get(6, 0).is_nan());
        assert!(track.extremes(600, 900, 0).0.is_nan());
    }
}
