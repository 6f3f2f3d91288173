//! Gait cycles: which strides count and why not, 101-point curves, ensembles, spatio-temporal parameters.
//!
//! Not for events (`events`) and not for what happens within a cycle (`phases`, `pushoff`).

use crate::emg::interpolate;
use crate::stats::{mean, median, sd};
use surae_trial::Task;

/// Points of a time-normalised curve: 0 to 100 % of the cycle.
pub const POINTS: usize = 101;

/// A cycle from foot contact to the next contact of the same foot.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// Contact that starts it.
    pub start_s: f64,
    /// Foot off within it.
    pub foot_off_s: Option<f64>,
    /// Contact that ends it.
    pub end_s: f64,
    /// Why it does not count; `None` when it does.
    pub rejected: Option<String>,
}

impl Cycle {
    /// Duration in s.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.end_s - self.start_s
    }

    /// True when it counts.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.rejected.is_none()
    }

    /// Foot off in percent of the cycle.
    #[must_use]
    pub fn stance_percent(&self) -> Option<f64> {
        self.foot_off_s.map(|off| 100.0 * (off - self.start_s) / self.duration_s())
    }

    /// Time at a percentage of the cycle.
    #[must_use]
    pub fn at_percent(&self, percent: f64) -> f64 {
        self.start_s + percent / 100.0 * self.duration_s()
    }
}

/// Longest time between two contacts that can still be one stride, in s.
const LONGEST_STRIDE_S: f64 = 3.0;
/// First and last cycles are only spared when there are this many (METHOD R11).
const ENOUGH_TO_DROP_EDGES: usize = 8;

/// Stance in percent of the cycle that a task allows (METHOD 5.2, R11).
#[must_use]
pub fn stance_range_percent(task: Task) -> [f64; 2] {
    match task {
        Task::Run | Task::Sprint | Task::Jump => [20.0, 50.0],
        _ => [50.0, 75.0],
    }
}

/// Cycles between consecutive contacts, with the reason where one does not count.
#[must_use]
pub fn cycles(contacts_s: &[f64], offs_s: &[f64], task: Task) -> Vec<Cycle> {
    let mut found: Vec<Cycle> = contacts_s
        .windows(2)
        .map(|pair| Cycle {
            start_s: pair[0],
            foot_off_s: offs_s.iter().copied().find(|off| *off > pair[0] && *off < pair[1]),
            end_s: pair[1],
            rejected: None,
        })
        .collect();
    let durations: Vec<f64> =
        found.iter().map(Cycle::duration_s).filter(|d| *d <= LONGEST_STRIDE_S).collect();
    let Some(typical) = median(&durations) else {
        found.iter_mut().for_each(|c| c.rejected = Some(too_long(c)));
        return found;
    };
    let tolerance = if matches!(task, Task::Run | Task::Sprint) { 0.15 } else { 0.20 };
    let any_off = found.iter().any(|c| c.foot_off_s.is_some());
    let allowed = stance_range_percent(task);
    for cycle in &mut found {
        cycle.rejected = rejection(cycle, typical, tolerance, any_off, allowed);
    }
    if found.len() >= ENOUGH_TO_DROP_EDGES {
        let last = found.len() - 1;
        for at in [0, last] {
            let reason = "first or last of the series (starting, stopping)";
            found[at].rejected.get_or_insert_with(|| reason.to_owned());
        }
    }
    found
}

fn too_long(cycle: &Cycle) -> String {
    format!("{:.1} s between contacts is not one stride", cycle.duration_s())
}

fn rejection(
    cycle: &Cycle,
    typical: f64,
    tolerance: f64,
    any_off: bool,
    allowed: [f64; 2],
) -> Option<String> {
    let duration = cycle.duration_s();
    if duration > LONGEST_STRIDE_S {
        return Some(too_long(cycle));
    }
    if (duration / typical - 1.0).abs() > tolerance {
        return Some(format!(
            "{duration:.3} s, more than {:.0} % off the median of {typical:.3} s",
            tolerance * 100.0
        ));
    }
    match cycle.stance_percent() {
        None if any_off => Some("no foot off in it".to_owned()),
        Some(stance) if !(allowed[0]..=allowed[1]).contains(&stance) => {
            Some(format!("stance {stance:.0} % is outside {:.0} to {:.0} %", allowed[0], allowed[1]))
        }
        _ => None,
    }
}

/// A signal over one cycle at 101 points by linear interpolation; `None` when it is not whole there.
#[must_use]
pub fn curve(values: &[f64], rate_hz: f64, start_s: f64, cycle: &Cycle) -> Option<[f64; POINTS]> {
    let mut points = [0.0; POINTS];
    for (percent, point) in points.iter_mut().enumerate() {
        *point = interpolate(values, (cycle.at_percent(percent as f64) - start_s) * rate_hz);
        if !point.is_finite() {
            return None;
        }
    }
    Some(points)
}

/// Curves of several cycles.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    /// Cycles in it.
    pub n: usize,
    /// Mean curve.
    pub mean: Vec<f64>,
    /// Standard deviation across cycles; empty below two cycles.
    pub sd: Vec<f64>,
    /// Coefficient of variation of the ensemble, `sqrt(mean of sd^2) / mean of the mean curve`; `None` below two cycles or for a
    /// curve without a positive mean.
    pub cv: Option<f64>,
    /// Variance ratio (Hershler and Milner); `None` below two cycles or for a flat curve.
    pub variance_ratio: Option<f64>,
}

impl Ensemble {
    /// The ensemble of these curves; `None` without any.
    #[must_use]
    pub fn of(curves: &[[f64; POINTS]]) -> Option<Self> {
        let n = curves.len();
        if n == 0 {
            return None;
        }
        let column = |i: usize| -> Vec<f64> { curves.iter().map(|c| c[i]).collect() };
        let mean_curve: Vec<f64> = (0..POINTS).filter_map(|i| mean(&column(i))).collect();
        let sd_curve: Vec<f64> = (0..POINTS).filter_map(|i| sd(&column(i))).collect();
        let spread = mean(&sd_curve.iter().map(|s| s * s).collect::<Vec<f64>>()).map(f64::sqrt);
        let cv = spread.zip(mean(&mean_curve).filter(|m| *m > 0.0)).map(|(spread, level)| spread / level);
        Some(Self {
            n,
            cv,
            variance_ratio: variance_ratio(curves, &mean_curve),
            mean: mean_curve,
            sd: sd_curve,
        })
    }

    /// Highest point of the mean curve and its percentage of the cycle.
    #[must_use]
    pub fn peak(&self) -> (f64, f64) {
        self.mean
            .iter()
            .enumerate()
            .fold((f64::NEG_INFINITY, 0.0), |best, (i, v)| if *v > best.0 { (*v, i as f64) } else { best })
    }

    /// Coefficient of multiple correlation, `sqrt(1 - VR)`; 0 when the cycles have nothing in common.
    #[must_use]
    pub fn multiple_correlation(&self) -> Option<f64> {
        self.variance_ratio.map(|vr| (1.0 - vr).max(0.0).sqrt())
    }
}

/// Fewest curves of which one can be called an outlier.
const ENOUGH_FOR_OUTLIERS: usize = 6;
/// Median absolute deviations, brought to the scale of a standard deviation, beyond which a curve is an outlier.
const OUTLIER_DEVIATIONS: f64 = 3.0;
/// From median absolute deviation to standard deviation of a normal distribution.
const MAD_TO_SD: f64 = 1.4826;

/// Which curves lie unusually far from the median curve: root mean square distance more than 3 scaled median absolute deviations over
/// the median distance. None of fewer than six.
#[must_use]
pub fn outliers(curves: &[[f64; POINTS]]) -> Vec<bool> {
    if curves.len() < ENOUGH_FOR_OUTLIERS {
        return vec![false; curves.len()];
    }
    let middle: Vec<f64> =
        (0..POINTS).filter_map(|i| median(&curves.iter().map(|c| c[i]).collect::<Vec<f64>>())).collect();
    let distances: Vec<f64> = curves
        .iter()
        .map(|c| (c.iter().zip(&middle).map(|(x, m)| (x - m).powi(2)).sum::<f64>() / POINTS as f64).sqrt())
        .collect();
    let usual = median(&distances).unwrap_or(0.0);
    let deviations: Vec<f64> = distances.iter().map(|d| (d - usual).abs()).collect();
    let limit = usual + OUTLIER_DEVIATIONS * MAD_TO_SD * median(&deviations).unwrap_or(0.0);
    distances.iter().map(|d| *d > limit && limit > 0.0).collect()
}

/// `[sum (x_ij - mean_i)^2 / (n (k - 1))] / [sum (x_ij - mean)^2 / (n k - 1)]` over n points and k cycles.
fn variance_ratio(curves: &[[f64; POINTS]], mean_curve: &[f64]) -> Option<f64> {
    let (n, k) = (POINTS as f64, curves.len() as f64);
    let grand = mean(mean_curve)?;
    let within: f64 =
        curves.iter().flat_map(|c| c.iter().zip(mean_curve).map(|(x, m)| (x - m).powi(2))).sum();
    let total: f64 = curves.iter().flatten().map(|x| (x - grand).powi(2)).sum();
    (k > 1.0 && total > 0.0).then(|| (within / (n * (k - 1.0))) / (total / (n * k - 1.0)))
}

/// Spatio-temporal parameters of the kept cycles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// Kept cycles.
    pub n: usize,
    /// Mean stride time.
    pub stride_time_s: f64,
    /// Coefficient of variation of the stride time in percent; `None` below two cycles.
    pub stride_time_cv_percent: Option<f64>,
    /// Mean stance in percent of the cycle; `None` without foot offs.
    pub stance_percent: Option<f64>,
}

impl Timing {
    /// Steps per minute: two a stride.
    #[must_use]
    pub fn cadence_steps_per_min(&self) -> f64 {
        120.0 / self.stride_time_s
    }

    /// The parameters; `None` without a kept cycle.
    #[must_use]
    pub fn of(cycles: &[Cycle]) -> Option<Self> {
        let kept: Vec<&Cycle> = cycles.iter().filter(|c| c.is_kept()).collect();
        let durations: Vec<f64> = kept.iter().map(|c| c.duration_s()).collect();
        let stances: Vec<f64> = kept.iter().filter_map(|c| c.stance_percent()).collect();
        let stride_time_s = mean(&durations)?;
        Some(Self {
            n: kept.len(),
            stride_time_s,
            stride_time_cv_percent: sd(&durations).map(|s| 100.0 * s / stride_time_s),
            stance_percent: mean(&stances),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_row_40_stride_times_and_variation() {
        // Touchdowns of the recording with the published strides 1.034 1.040 1.027 1.034 1.047 s.
        let mut contacts = vec![1.414];
        for stride in [1.034, 1.040, 1.027, 1.034, 1.047] {
            contacts.push(contacts[contacts.len() - 1] + stride);
        }
        let offs: Vec<f64> = contacts[..5].iter().map(|c| c + 0.66).collect();
        let found = cycles(&contacts, &offs, Task::Walk);
        let timing = Timing::of(&found).unwrap();
        assert_eq!(timing.n, 5);
        assert!((timing.stride_time_s - 1.0364).abs() < 1e-3);
        assert!((timing.stride_time_cv_percent.unwrap() - 0.72).abs() < 0.05);
    }

    #[test]
    fn strides_are_rejected_with_reasons() {
        let contacts = [0.0, 1.0, 2.0, 3.5, 4.5, 9.0];
        let found = cycles(&contacts, &[0.6, 1.2, 2.9, 4.1], Task::Walk);
        let reasons: Vec<_> = found.iter().map(|c| c.rejected.clone().unwrap_or_default()).collect();
        assert!(reasons[0].is_empty());
        assert!(reasons[1].contains("stance 20 %"));
        assert!(reasons[2].contains("off the median"));
        assert!(reasons[3].is_empty());
        assert!(reasons[4].contains("not one stride"));
        assert!(cycles(&[0.0], &[], Task::Walk).is_empty());
    }

    #[test]
    fn running_and_walking_have_different_stances_and_edges_go_only_from_long_series() {
        let contacts: Vec<f64> = (0..10).map(|i| f64::from(i) * 0.75).collect();
        let offs: Vec<f64> = contacts.iter().map(|c| c + 0.25).collect();
        let running = cycles(&contacts, &offs, Task::Run);
        assert_eq!(running.iter().filter(|c| c.is_kept()).count(), 7);
        assert!(running[0].rejected.as_deref().is_some_and(|r| r.starts_with("first")));
        assert_eq!(cycles(&contacts[..8], &offs, Task::Run).iter().filter(|c| c.is_kept()).count(), 7);
        assert!(cycles(&contacts, &offs, Task::Walk).iter().all(|c| !c.is_kept()));
    }

    #[test]
    fn a_variance_ratio_of_equal_curves_is_zero_and_of_noise_near_one() {
        let mut wave = [0.0; POINTS];
        for (i, v) in wave.iter_mut().enumerate() {
            *v = (i as f64 * 0.06).sin();
        }
        let same = Ensemble::of(&[wave, wave, wave]).unwrap();
        assert!(same.variance_ratio.unwrap().abs() < 1e-12);
        assert_eq!(same.multiple_correlation(), Some(1.0));
        let shifted = wave.map(|v| -v);
        assert!(Ensemble::of(&[wave, shifted]).unwrap().variance_ratio.unwrap() > 0.9);
        assert_eq!(Ensemble::of(&[wave]).unwrap().variance_ratio, None);
        assert!(Ensemble::of(&[]).is_none());
    }

    #[test]
    fn a_strange_curve_is_an_outlier_and_a_usual_spread_is_not() {
        let shape = |height: f64, at: f64| {
            let mut curve = [0.0; POINTS];
            for (i, v) in curve.iter_mut().enumerate() {
                *v = height * (-((i as f64 - at) / 10.0).powi(2)).exp();
            }
            curve
        };
        let mut curves: Vec<[f64; POINTS]> =
            [1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 0.98].iter().map(|h| shape(*h, 45.0)).collect();
        assert!(outliers(&curves).iter().all(|o| !o));
        curves.push(shape(1.0, 70.0));
        let found = outliers(&curves);
        assert!(found[7] && found[..7].iter().all(|o| !o), "{found:?}");
        assert!(outliers(&curves[4..]).iter().all(|o| !o), "too few to tell");
    }

    #[test]
    fn a_curve_with_a_hole_is_no_curve() {
        let mut values: Vec<f64> = (0..300).map(f64::from).collect();
        let cycle = Cycle { start_s: 0.5, foot_off_s: None, end_s: 1.5, rejected: None };
        let points = curve(&values, 100.0, 0.0, &cycle).unwrap();
        assert!((points[0] - 50.0).abs() < 1e-9 && (points[50] - 100.0).abs() < 1e-9);
        values[80] = f64::NAN;
        assert!(curve(&values, 100.0, 0.0, &cycle).is_none());
    }
}
