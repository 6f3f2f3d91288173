//! Repetitions of an effort (heel raises, holds): count, amplitude and median frequency of each, and how they change (METHOD 6.3, 7).
//!
//! "Amplitude up and median frequency down" is called fatigue only where muscle length is constant (R10). Not for gait.

use crate::dominance::{Activation, Ratio, Verdict};
use crate::emg::Emg;
use crate::leg::{Leg, over_efforts};
use crate::noise::Rest;
use crate::spectra::window_median_hz;
use crate::stats::{mean, median, t_quantile};
use crate::track::{AngleSeries, Track};
use surae_trial::{Muscle, SpectrumSettings};

/// Activity with shorter interruptions is one repetition, in s.
const CLOSE_S: f64 = 0.3;
/// Shorter activity is not a repetition, in s.
pub const SHORTEST_S: f64 = 0.5;
/// Holds longer than this are cut into windows of [`WINDOW_S`], in s.
const LONG_HOLD_S: f64 = 3.0;
const WINDOW_S: f64 = 1.0;
/// Rise and fall of a hold that no window is taken from, in s.
const EDGE_S: f64 = 0.5;
/// Fewest points of a trend, and least SNR in dB (METHOD 7).
pub const ENOUGH_POINTS: usize = 10;
/// See [`ENOUGH_POINTS`].
pub const ENOUGH_SNR_DB: f64 = 10.0;
/// Joint angles that stay within this are constant, in deg.
const CONSTANT_DEG: f64 = 5.0;

/// One muscle in one repetition or window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RepMuscle {
    /// Which.
    pub muscle: Muscle,
    /// Root mean square, rest level taken out, in the channel's unit; `None` at its floor.
    pub rms: Option<f64>,
    /// Median frequency in Hz.
    pub mdf_hz: Option<f64>,
}

/// One repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct Repetition {
    /// Start of activity in s.
    pub from_s: f64,
    /// End of activity in s.
    pub to_s: f64,
    /// End of the part that amplitudes and spectra are taken from: the most plantar-flexed moment where an ankle angle tells it, else
    /// the end.
    pub part_to_s: f64,
    /// Mean knee flexion in deg.
    pub knee_deg: Option<f64>,
    /// Mean ankle angle in deg.
    pub ankle_deg: Option<f64>,
    /// Log ratio without references: only its change means something.
    pub raw_ratio: Ratio,
    /// ln of the amplitude of gastrocnemius (geometric head mean) and soleus, without references; `None` at the floor.
    pub ln_amplitudes: [Option<f64>; 2],
    /// Log ratio of the activations, with references.
    pub ratio: Ratio,
    /// Class of `ratio` with its reason.
    pub verdict: Verdict,
    /// Activation of gastrocnemius and soleus, 1 = the reference; `NaN` without one.
    pub activations: [f64; 2],
    /// Each calf muscle.
    pub muscles: Vec<RepMuscle>,
}

/// Calf channels with rest level and head weight.
pub type Calf<'a> = [(&'a Emg, Rest, f64)];

/// The repetitions of a leg, from the activity of its calf.
#[must_use]
pub fn repetitions(
    leg: &Leg<'_>,
    calf: &Calf<'_>,
    track: &Track,
    angles: [Option<&AngleSeries>; 2],
    spectrum: &SpectrumSettings,
    class_threshold: f64,
) -> Vec<Repetition> {
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for (from, to) in track.bursts(0.02) {
        match spans.last_mut() {
            Some(last) if from - last.1 <= CLOSE_S => last.1 = to,
            _ => spans.push((from, to)),
        }
    }
    spans.retain(|(from, to)| to - from >= SHORTEST_S);
    spans.into_iter().map(|span| repetition(leg, calf, span, angles, spectrum, class_threshold)).collect()
}

/// Gastrocnemius against soleus over all repetitions, each counted once (METHOD R4); `None` without a repetition.
#[must_use]
pub fn over_all(leg: &Leg<'_>, reps: &[Repetition], class_threshold: f64) -> Option<(Ratio, Verdict)> {
    if reps.is_empty() {
        return None;
    }
    let windows: Vec<(f64, f64)> = reps.iter().map(|rep| (rep.from_s, rep.to_s)).collect();
    let ratios: Vec<Ratio> = reps.iter().map(|rep| rep.ratio).collect();
    let pooled = leg.levels(&windows);
    let ratio = over_efforts(&ratios, &pooled.ratio(), pooled.reference_variance());
    Some((ratio, leg.verdict(&ratio, class_threshold)))
}

fn repetition(
    leg: &Leg<'_>,
    calf: &Calf<'_>,
    (from_s, to_s): (f64, f64),
    [knee, ankle]: [Option<&AngleSeries>; 2],
    spectrum: &SpectrumSettings,
    class_threshold: f64,
) -> Repetition {
    let levels = leg.levels(&[(from_s, to_s)]);
    let (raw_ratio, ratio) = (levels.raw_ratio(), levels.ratio());
    let ln = |level: &Activation| {
        (level.is_known() && !level.at_floor() && level.value > 0.0).then(|| level.value.ln())
    };
    let part_to_s = ankle
        .filter(|ankle| range(&[ankle.between(from_s, to_s)]).is_some_and(|r| r > CONSTANT_DEG))
        .and_then(|ankle| ankle.lowest_s(from_s, to_s))
        .filter(|at| at - from_s >= SHORTEST_S / 2.0)
        .unwrap_or(to_s);
    Repetition {
        from_s,
        to_s,
        part_to_s,
        knee_deg: knee.and_then(|k| mean(k.between(from_s, to_s))),
        ankle_deg: ankle.and_then(|a| mean(a.between(from_s, to_s))),
        raw_ratio,
        ln_amplitudes: [ln(&levels.gastrocnemius_raw), ln(&levels.soleus_raw)],
        verdict: leg.verdict(&ratio, class_threshold),
        ratio,
        activations: [levels.gastrocnemius.value, levels.soleus.value],
        muscles: calf.iter().map(|(emg, rest, _)| point(emg, rest, from_s, part_to_s, spectrum)).collect(),
    }
}

fn point(emg: &Emg, rest: &Rest, from_s: f64, to_s: f64, spectrum: &SpectrumSettings) -> RepMuscle {
    let square = emg.sums(from_s, to_s).rms().powi(2) - rest.rms.powi(2);
    RepMuscle {
        muscle: emg.muscle,
        rms: (emg.is_raw() && square > 0.0).then(|| square.sqrt()),
        mdf_hz: window_median_hz(emg, from_s, to_s, spectrum),
    }
}

/// A straight line through values over time, relative to its own start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Value of the line at the first point.
    pub start: f64,
    /// Change in percent of `start` per minute.
    pub percent_per_min: f64,
    /// Its 95 % interval.
    pub ci95_per_min: [f64; 2],
    /// Change in percent of `start` from one point to the next, by their mean distance.
    pub percent_per_point: f64,
    /// Its 95 % interval.
    pub ci95_per_point: [f64; 2],
    /// Points.
    pub n: usize,
}

/// Least-squares line with its interval by t; `None` with fewer than three points.
#[must_use]
pub fn trend(points: &[(f64, f64)]) -> Option<Trend> {
    let n = points.len();
    if n < 3 {
        return None;
    }
    let (mx, my) = (
        mean(&points.iter().map(|p| p.0).collect::<Vec<_>>())?,
        mean(&points.iter().map(|p| p.1).collect::<Vec<_>>())?,
    );
    let sxx: f64 = points.iter().map(|p| (p.0 - mx).powi(2)).sum();
    let sxy: f64 = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
    let slope = sxy / sxx;
    let residual: f64 = points.iter().map(|p| (p.1 - my - slope * (p.0 - mx)).powi(2)).sum();
    let half = t_quantile(0.975, n - 2) * (residual / (n - 2) as f64 / sxx).sqrt();
    let start = my + slope * (points[0].0 - mx);
    if !(sxx > 0.0 && start > 0.0 && half.is_finite()) {
        return None;
    }
    let per_min = 100.0 * 60.0 / start;
    let per_point = 100.0 / start * (points[n - 1].0 - points[0].0) / (n - 1) as f64;
    let scaled = |scale: f64| (slope * scale, [(slope - half) * scale, (slope + half) * scale]);
    let (percent_per_min, ci95_per_min) = scaled(per_min);
    let (percent_per_point, ci95_per_point) = scaled(per_point);
    Some(Trend { start, percent_per_min, ci95_per_min, percent_per_point, ci95_per_point, n })
}

/// How one muscle changes over the trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which.
    pub muscle: Muscle,
    /// 20 log10 of the median amplitude over the rest level.
    pub snr_db: f64,
    /// Amplitude over time, or why there is no trend.
    pub rms: Result<Trend, &'static str>,
    /// Median frequency over time, or why there is no trend.
    pub mdf: Result<Trend, &'static str>,
    /// What both say together, or why nothing is said.
    pub reading: Result<&'static str, &'static str>,
}

/// Changes of each calf muscle over its repetitions; holds of more than 3 s are cut into seconds. `isometric` is the person's
/// word that the length is constant, for trials without an ankle angle.
#[must_use]
pub fn changes(
    reps: &[Repetition],
    calf: &Calf<'_>,
    angles: [Option<&AngleSeries>; 2],
    isometric: bool,
    spectrum: &SpectrumSettings,
) -> Vec<Change> {
    let constant = constant_length(reps, angles, isometric);
    calf.iter()
        .map(|(emg, rest, _)| {
            let by_rep: Vec<Vec<(f64, RepMuscle)>> = reps
                .iter()
                .map(|rep| {
                    let of =
                        |(from_s, to_s)| ((from_s + to_s) / 2.0, point(emg, rest, from_s, to_s, spectrum));
                    windows(rep).into_iter().map(of).collect()
                })
                .collect();
            let level = by_rep.iter().flatten().filter_map(|(_, p)| p.rms).collect::<Vec<f64>>();
            let snr_db = 20.0 * (median(&level).unwrap_or(0.0) / rest.rms.max(1e-12)).log10();
            let enough = |value: &dyn Fn(&RepMuscle) -> Option<f64>| {
                if snr_db < ENOUGH_SNR_DB {
                    return Err("less than 10 dB over the rest level");
                }
                over_repetitions(&by_rep, value)
            };
            let (rms, mdf) = (enough(&|p| p.rms), enough(&|p| p.mdf_hz));
            let reading = match (constant, rms, mdf) {
                (Err(why), ..) => Err(why),
                (_, Ok(rms), Ok(mdf)) => Ok(together(&rms, &mdf)),
                (_, Err(why), _) | (_, _, Err(why)) => Err(why),
            };
            Change { muscle: emg.muscle, snr_db, rms, mdf, reading }
        })
        .collect()
}

/// Trend over repetitions: one point each where there are ten; else one a window, with the wider of the intervals by window and by
/// repetition, because windows of one repetition are alike (METHOD R4).
fn over_repetitions(
    by_rep: &[Vec<(f64, RepMuscle)>],
    value: &dyn Fn(&RepMuscle) -> Option<f64>,
) -> Result<Trend, &'static str> {
    let of = |rep: &Vec<(f64, RepMuscle)>| -> Vec<(f64, f64)> {
        rep.iter().filter_map(|(t, p)| Some((*t, value(p)?))).collect()
    };
    let means: Vec<(f64, f64)> = by_rep
        .iter()
        .map(of)
        .filter_map(|points| {
            let (t, v): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            Some((mean(&t)?, mean(&v)?))
        })
        .collect();
    if means.len() >= ENOUGH_POINTS {
        return trend(&means).ok_or("no line can be drawn");
    }
    let points: Vec<(f64, f64)> = by_rep.iter().flat_map(of).collect();
    if points.len() < ENOUGH_POINTS {
        return Err("fewer than 10 points");
    }
    let mut found = trend(&points).ok_or("no line can be drawn")?;
    if let Some(coarse) = trend(&means).filter(|_| by_rep.len() > 1) {
        let half = |ci: [f64; 2]| (ci[1] - ci[0]) / 2.0;
        let wider = (half(coarse.ci95_per_min) / half(found.ci95_per_min).max(1e-12)).max(1.0);
        let widen = |centre: f64, ci: [f64; 2]| [centre - wider * half(ci), centre + wider * half(ci)];
        found.ci95_per_min = widen(found.percent_per_min, found.ci95_per_min);
        found.ci95_per_point = widen(found.percent_per_point, found.ci95_per_point);
    }
    Ok(found)
}

fn windows(rep: &Repetition) -> Vec<(f64, f64)> {
    if rep.to_s - rep.from_s <= LONG_HOLD_S {
        return vec![(rep.from_s, rep.part_to_s)];
    }
    let n = ((rep.to_s - rep.from_s - 2.0 * EDGE_S) / WINDOW_S).floor() as usize;
    let at = |k: usize| rep.from_s + EDGE_S + k as f64 * WINDOW_S;
    (0..n).map(|k| (at(k), at(k + 1))).collect()
}

/// Whether muscle length is constant: knee and ankle stay within 5 deg over all holds, or the person says so.
fn constant_length(
    reps: &[Repetition],
    [knee, ankle]: [Option<&AngleSeries>; 2],
    isometric: bool,
) -> Result<(), &'static str> {
    let over = |angle: &AngleSeries| {
        let parts: Vec<&[f64]> = reps.iter().map(|r| angle.between(r.from_s, r.to_s)).collect();
        range(&parts)
    };
    let moves = |angle: Option<&AngleSeries>| angle.and_then(over).is_some_and(|r| r > CONSTANT_DEG);
    if moves(knee) || moves(ankle) {
        return Err(
            "knee or ankle moves: amplitude and spectrum then change with length, not with fatigue alone",
        );
    }
    if ankle.is_none() && !isometric {
        return Err("no ankle angle shows that the length is constant; say --isometric if it was");
    }
    Ok(())
}

fn range(parts: &[&[f64]]) -> Option<f64> {
    let finite = || parts.iter().flat_map(|p| p.iter()).copied().filter(|v| v.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    (high >= low).then_some(high - low)
}

/// What amplitude and median frequency say together at constant length (METHOD 7).
fn together(rms: &Trend, mdf: &Trend) -> &'static str {
    let sign = |t: &Trend| match t.ci95_per_min {
        [low, _] if low > 0.0 => 1,
        [_, high] if high < 0.0 => -1,
        _ => 0,
    };
    match (sign(rms), sign(mdf)) {
        (1, -1) => "amplitude up, median frequency down: as in fatigue",
        (1, 1) => "amplitude up, median frequency up: more force or recruitment",
        (-1, -1) => "amplitude down, median frequency down",
        (-1, 1) => "amplitude down, median frequency up: less force, or recovery",
        (0, -1) => "median frequency down, amplitude unchanged",
        (0, 1) => "median frequency up, amplitude unchanged",
        (1, _) => "amplitude up, median frequency unchanged: more force",
        (-1, _) => "amplitude down, median frequency unchanged: less force",
        _ => "no clear change",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_with_the_interval_of_the_textbook() {
        // y = 100 - 2 t per minute, with residuals +1, -1, -1, +1: slope unchanged by symmetry.
        let points: Vec<(f64, f64)> = [(0.0, 1.0), (60.0, -1.0), (120.0, -1.0), (180.0, 1.0)]
            .map(|(t, e)| (t, 100.0 - 2.0 * t / 60.0 + e))
            .to_vec();
        let found = trend(&points).unwrap();
        assert!((found.percent_per_min + 2.0).abs() < 1e-9 && (found.start - 100.0).abs() < 1e-9);
        // Residual variance 4/2, Sxx = 5 min^2, t(2 df, .975) = 4.302653.
        let half = 4.302_653 * (2.0_f64 / 5.0).sqrt();
        assert!((found.ci95_per_min[1] - found.percent_per_min - half).abs() < 1e-3, "{found:?}");
        assert!((found.percent_per_point - found.percent_per_min).abs() < 1e-9);
        assert!(trend(&points[..2]).is_none());
    }
}
