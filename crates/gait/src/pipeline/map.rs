//! Dominance against knee angle, gathered as it happens: bins, a density grid and a short trail.
//!
//! For display. The angle test with its intervals over efforts is review's (`angle_map`); the bins here use the same unit of
//! evidence, the effort: one uninterrupted stretch of activity.

use crate::dominance::{Bound, Class};

/// Lowest and one past the highest angle of bins and grid.
pub const ANGLE_RANGE_DEG: [f64; 2] = [-20.0, 150.0];
/// Width of a density cell.
pub const CELL_DEG: f64 = 2.5;
/// Height of a density cell.
pub const CELL_DOMINANCE: f64 = 0.05;
/// Cells across.
pub const COLUMNS: usize = 68;
/// Cells up, from D = -1.
pub const ROWS: usize = 40;
/// Points of the trail: 0.6 s of ticks of 20 ms.
pub const TRAIL: usize = 30;
/// Room for bins of 1 deg.
const MAX_BINS: usize = 172;

/// One bin of knee angle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AngleBin {
    /// Seconds of activity of the leg at this angle.
    pub active_s: f64,
    /// Efforts that reached this bin, the running one included.
    pub n_efforts: u32,
    /// Mean over finished efforts of `ln(integral of G / integral of S)`.
    mean: f64,
    /// Sum of squared deviations from it.
    spread: f64,
    finished: u32,
    /// Whether any effort gave a bound only.
    bound: Bound,
    /// The running effort.
    gastrocnemius: f64,
    soleus: f64,
    gastrocnemius_floor: f64,
    soleus_floor: f64,
}

impl AngleBin {
    /// Mean log ratio over finished efforts; `NaN` before the first.
    #[must_use]
    pub fn log_ratio(&self) -> f64 {
        if self.finished == 0 { f64::NAN } else { self.mean }
    }

    /// Standard error of [`AngleBin::log_ratio`] over efforts; `NaN` below two.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        let n = f64::from(self.finished);
        if self.finished < 2 { f64::NAN } else { (self.spread / (n - 1.0) / n).sqrt() }
    }

    /// Finished efforts.
    #[must_use]
    pub fn finished_efforts(&self) -> u32 {
        self.finished
    }

    /// Whether the mean holds efforts of which only a bound is known.
    #[must_use]
    pub fn bound(&self) -> Bound {
        self.bound
    }

    fn finish_effort(&mut self) {
        let (mut g, mut s) = (self.gastrocnemius, self.soleus);
        let (floor_g, floor_s) = (2.0 * self.gastrocnemius_floor, 2.0 * self.soleus_floor);
        (self.gastrocnemius, self.soleus, self.gastrocnemius_floor, self.soleus_floor) = (0.0, 0.0, 0.0, 0.0);
        if g <= floor_g && s <= floor_s {
            return;
        }
        if g <= floor_g {
            (g, self.bound) = (floor_g, Bound::Upper);
        } else if s <= floor_s {
            (s, self.bound) = (floor_s, Bound::Lower);
        }
        let log_ratio = (g / s).ln();
        if log_ratio.is_finite() {
            self.finished += 1;
            let step = log_ratio - self.mean;
            self.mean += step / f64::from(self.finished);
            self.spread += step * (log_ratio - self.mean);
        }
    }
}

/// The gathered map of one leg. All memory is taken at construction.
#[derive(Clone, Debug, PartialEq)]
pub struct AngleMap {
    bin_deg: f64,
    bins: Vec<AngleBin>,
    grid: Vec<u32>,
    trail: [(f32, f32); TRAIL],
    trail_len: usize,
    in_effort: bool,
}

/// What one decision adds to the map.
#[derive(Clone, Copy, Debug)]
pub(super) struct MapPoint {
    pub(super) class: Class,
    pub(super) knee_deg: f64,
    pub(super) dominance: f64,
    pub(super) gastrocnemius: f64,
    pub(super) soleus: f64,
    pub(super) gastrocnemius_floor: f64,
    pub(super) soleus_floor: f64,
    /// True when a comparison between the muscles is allowed.
    pub(super) comparable: bool,
}

impl AngleMap {
    pub(super) fn new(bin_deg: f64) -> Self {
        let mut map = Self {
            bin_deg,
            bins: Vec::with_capacity(MAX_BINS),
            grid: vec![0; COLUMNS * ROWS],
            trail: [(f32::NAN, f32::NAN); TRAIL],
            trail_len: 0,
            in_effort: false,
        };
        map.reset(bin_deg);
        map
    }

    /// Empties the map and sets the width of its bins. Does not allocate.
    pub(super) fn reset(&mut self, bin_deg: f64) {
        self.bin_deg = bin_deg;
        let n = ((ANGLE_RANGE_DEG[1] - ANGLE_RANGE_DEG[0]) / bin_deg).ceil() as usize + 1;
        self.bins.clear();
        self.bins.resize(n.min(MAX_BINS), AngleBin::default());
        self.grid.fill(0);
        self.trail_len = 0;
        self.in_effort = false;
    }

    /// Takes one decision, `step_s` long.
    pub(super) fn add(&mut self, point: &MapPoint, step_s: f64) {
        let active = point.comparable && point.class != Class::Rest;
        if !active && self.in_effort {
            self.bins
                .iter_mut()
                .filter(|bin| bin.soleus + bin.gastrocnemius > 0.0)
                .for_each(AngleBin::finish_effort);
        }
        self.in_effort = active;
        if !active || !point.knee_deg.is_finite() {
            return;
        }
        if let Some(bin) = self.bin_of(point.knee_deg) {
            let bin = &mut self.bins[bin];
            if bin.gastrocnemius + bin.soleus == 0.0 {
                bin.n_efforts += 1;
            }
            bin.active_s += step_s;
            bin.gastrocnemius += point.gastrocnemius;
            bin.soleus += point.soleus;
            bin.gastrocnemius_floor += point.gastrocnemius_floor;
            bin.soleus_floor += point.soleus_floor;
        }
        if point.dominance.is_finite() {
            self.draw(point.knee_deg, point.dominance);
        }
    }

    fn draw(&mut self, knee_deg: f64, dominance: f64) {
        let column = (knee_deg - ANGLE_RANGE_DEG[0]) / CELL_DEG;
        let row = ((dominance + 1.0) / CELL_DOMINANCE).min(ROWS as f64 - 1.0);
        if (0.0..COLUMNS as f64).contains(&column) && row >= 0.0 {
            let cell = &mut self.grid[row as usize * COLUMNS + column as usize];
            *cell = cell.saturating_add(1);
        }
        if self.trail_len == TRAIL {
            self.trail.rotate_left(1);
            self.trail_len -= 1;
        }
        self.trail[self.trail_len] = (knee_deg as f32, dominance as f32);
        self.trail_len += 1;
    }

    fn bin_of(&self, knee_deg: f64) -> Option<usize> {
        let bin = ((knee_deg - ANGLE_RANGE_DEG[0]) / self.bin_deg).round();
        (bin >= 0.0 && bin < self.bins.len() as f64).then_some(bin as usize)
    }

    /// The bins and the angle at the centre of each; centres are multiples of the width from -20 deg.
    pub fn bins(&self) -> impl ExactSizeIterator<Item = (f64, &AngleBin)> {
        self.bins.iter().enumerate().map(|(i, bin)| (ANGLE_RANGE_DEG[0] + i as f64 * self.bin_deg, bin))
    }

    /// Decisions per cell, [`COLUMNS`] cells a row from -20 deg, [`ROWS`] rows from D = -1.
    #[must_use]
    pub fn grid(&self) -> &[u32] {
        &self.grid
    }

    /// The last points, oldest first: knee flexion in deg and dominance.
    #[must_use]
    pub fn trail(&self) -> &[(f32, f32)] {
        &self.trail[..self.trail_len]
    }

    /// Takes the state of `other` without allocating, where both come from sessions of one layout.
    pub fn copy_from(&mut self, other: &Self) {
        self.bin_deg = other.bin_deg;
        self.bins.clear();
        self.bins.extend_from_slice(&other.bins);
        self.grid.copy_from_slice(&other.grid);
        (self.trail, self.trail_len, self.in_effort) = (other.trail, other.trail_len, other.in_effort);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(knee_deg: f64, g: f64, s: f64, class: Class) -> MapPoint {
        MapPoint {
            class,
            knee_deg,
            dominance: (g - s) / (g + s),
            gastrocnemius: g,
            soleus: s,
            gastrocnemius_floor: 0.01,
            soleus_floor: 0.01,
            comparable: true,
        }
    }

    #[test]
    fn an_effort_counts_once_whatever_its_length_and_its_ratio_is_that_of_integrals() {
        let mut map = AngleMap::new(10.0);
        for (g, n) in [(0.2, 10), (0.4, 30)] {
            for _ in 0..n {
                map.add(&point(31.0, g, 0.4, Class::Balanced), 0.02);
            }
            map.add(&point(31.0, 0.0, 0.0, Class::Rest), 0.02);
        }
        let (centre, bin) = map.bins().find(|(_, bin)| bin.n_efforts > 0).expect("one bin");
        assert_eq!((centre, bin.n_efforts, bin.finished_efforts()), (30.0, 2, 2));
        assert!((bin.active_s - 0.8).abs() < 1e-9);
        assert!((bin.log_ratio() - 0.5 * 0.5_f64.ln()).abs() < 1e-12);
        assert!((bin.standard_error() - 0.5 * 2.0_f64.ln()).abs() < 1e-12);
        assert_eq!(map.grid().iter().sum::<u32>(), 40);
        assert_eq!(map.trail().len(), TRAIL);
    }

    #[test]
    fn an_effort_at_the_floor_is_kept_as_a_bound() {
        let mut map = AngleMap::new(10.0);
        map.add(&point(90.0, 0.0, 0.4, Class::SoleusDominant), 0.02);
        map.add(&point(90.0, 0.0, 0.0, Class::Rest), 0.02);
        let bin = *map.bins().find(|(centre, _)| *centre == 90.0).expect("in range").1;
        assert_eq!(bin.bound(), Bound::Upper);
        assert!((bin.log_ratio() - (0.02_f64 / 0.4).ln()).abs() < 1e-12);
    }

    #[test]
    fn angles_out_of_range_or_missing_are_left_out() {
        let mut map = AngleMap::new(1.0);
        for knee_deg in [f64::NAN, -500.0, 1e9, f64::INFINITY] {
            map.add(&point(knee_deg, 0.3, 0.3, Class::Balanced), 0.02);
        }
        assert!(map.bins().all(|(_, bin)| bin.n_efforts == 0));
    }
}
