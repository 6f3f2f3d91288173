//! Dominance against knee angle: bins of flexion, each with its interval across efforts, and the angle test against the
//! straight knee, from which every normalisation cancels (METHOD 3.3 step 7, 3.4, R4, R5, R7).
//!
//! The published range is for isometric or slow plantar flexion only and is given for no other task.

use crate::cycles::Cycle;
use crate::dominance::{Activation, Bound, Ratio, expected_change_range};
use crate::leg::{ENOUGH_EFFORTS, EffortMean, Leg, Levels, effort_mean, over_efforts};
use crate::stats::{mean, sd};
use crate::track::{STEP_S, Track};
use surae_trial::{DominanceSettings, StraightReference, Task};

/// The straight-knee reference that changes are counted from.
#[derive(Clone, Debug, PartialEq)]
pub struct Straight {
    /// Log ratio at the straight knee; on the scale of `normalised`.
    pub log_ratio: f64,
    /// Standard error of it.
    pub standard_error: f64,
    /// Efforts behind it.
    pub n: usize,
    /// Knee angle it was taken at.
    pub knee_deg: f64,
    /// Task it was taken in.
    pub task: Task,
    /// True when it is a ratio of activations (profile), false when of amplitudes without references (this trial).
    pub normalised: bool,
    /// ln of gastrocnemius and soleus amplitude at the straight knee; `None` from a profile.
    pub ln_amplitudes: Option<[f64; 2]>,
}

/// One bin of knee angle.
#[derive(Clone, Debug, PartialEq)]
pub struct AngleBin {
    /// Centre of the bin in deg.
    pub centre_deg: f64,
    /// Mean flexion of the samples in it.
    pub knee_deg: f64,
    /// Mean ankle angle of those samples; `None` without one.
    pub ankle_deg: Option<f64>,
    /// Seconds in which either muscle was on.
    pub active_s: f64,
    /// Efforts in it.
    pub n_efforts: usize,
    /// Over the efforts; a model interval of the pooled data when fewer than three.
    pub ratio: Ratio,
    /// Change of the log ratio from the straight knee, with its interval.
    pub change: Option<Ratio>,
    /// Range of published group means for that change; only for plantar flexion.
    pub expected: Option<[f64; 2]>,
    /// Gastrocnemius and soleus amplitude relative to the straight knee.
    pub relative_amplitude: Option<[f64; 2]>,
    /// Part of the active time in which the foot is on the ground, 0 to 1; `None` without foot contacts and offs. Far from 0 and 1
    /// the bin mixes phases.
    pub stance_part: Option<f64>,
    /// `inside`, `outside_published_group_means` or `few` against the published range; `knee_extension_confound` where effort of
    /// the knee extensors alone moves the ratio (Suzuki 2014); `None` where neither applies.
    pub flag: Option<&'static str>,
}

/// Within this flexion the knee is straight.
const STRAIGHT_DEG: f64 = 10.0;
/// Part of the walking cycle whose straight-knee samples serve as reference.
const STRAIGHT_PERCENT: [f64; 2] = [30.0, 45.0];
/// Less than this of one effort in a bin is not used.
const SHORTEST_S: f64 = 0.02;
/// A bin is compared with the published range only with this much data.
const FLAG_EFFORTS: usize = 5;
const FLAG_SECONDS: f64 = 1.0;

/// An effort is a stretch of time that counts once: a stride, a repetition, a burst.
pub type Effort = (f64, f64);

/// Efforts of a trial: kept cycles where there are any, else bursts of activity of at least 150 ms.
#[must_use]
pub fn efforts(cycles: &[Cycle], track: &Track) -> Vec<Effort> {
    let kept: Vec<Effort> = cycles.iter().filter(|c| c.is_kept()).map(|c| (c.start_s, c.end_s)).collect();
    if kept.is_empty() { track.bursts(0.15) } else { kept }
}

/// The straight-knee reference of this trial, from active samples within 10 deg of straight (in gait only those of
/// 30-45 % of the cycle); `None` with fewer than three efforts.
#[must_use]
pub fn straight_of_trial(
    leg: &Leg<'_>,
    track: &Track,
    efforts: &[Effort],
    task: Task,
    is_gait: bool,
) -> Option<Straight> {
    straight_knee(leg, track, efforts, task, is_gait, false)
}

/// The straight-knee reference that a profile keeps: of activations, so that it can be used in another trial of the same placement.
/// As [`straight_of_trial`] otherwise.
#[must_use]
pub fn straight_for_profile(
    leg: &Leg<'_>,
    track: &Track,
    efforts: &[Effort],
    task: Task,
) -> Option<Straight> {
    straight_knee(leg, track, efforts, task, false, true)
}

fn straight_knee(
    leg: &Leg<'_>,
    track: &Track,
    efforts: &[Effort],
    task: Task,
    is_gait: bool,
    normalised: bool,
) -> Option<Straight> {
    let mut log_ratios = Vec::new();
    let mut ln = [Vec::new(), Vec::new()];
    let mut angles = Vec::new();
    for effort in efforts {
        let inside = |time: f64| {
            let percent = 100.0 * (time - effort.0) / (effort.1 - effort.0);
            !is_gait || (STRAIGHT_PERCENT[0]..STRAIGHT_PERCENT[1]).contains(&percent)
        };
        let steps = steps_of(track, *effort, |step| {
            track.knee_deg[step].abs() <= STRAIGHT_DEG && inside(track.time(step))
        });
        let levels = leg.levels(&windows_of(track, &steps));
        let ratio = if normalised { levels.ratio() } else { levels.raw_ratio() };
        if steps.len() as f64 * STEP_S >= SHORTEST_S && ratio.is_known() && ratio.bound == Bound::None {
            log_ratios.push(ratio.log_ratio);
            ln[0].push(levels.gastrocnemius_raw.value.ln());
            ln[1].push(levels.soleus_raw.value.ln());
            angles.extend(steps.iter().map(|step| track.knee_deg[*step]));
        }
    }
    let n = log_ratios.len();
    if n < ENOUGH_EFFORTS {
        return None;
    }
    Some(Straight {
        log_ratio: mean(&log_ratios)?,
        standard_error: sd(&log_ratios)? / (n as f64).sqrt(),
        n,
        knee_deg: mean(&angles)?,
        task,
        normalised,
        ln_amplitudes: Some([mean(&ln[0])?, mean(&ln[1])?]),
    })
}

/// The straight-knee reference of a profile.
#[must_use]
pub fn straight_of_profile(reference: &StraightReference) -> Straight {
    Straight {
        log_ratio: reference.log_ratio,
        standard_error: reference.standard_error,
        n: reference.n as usize,
        knee_deg: reference.knee_deg,
        task: reference.task,
        normalised: true,
        ln_amplitudes: None,
    }
}

/// Active steps of an effort that satisfy a condition.
fn steps_of(track: &Track, effort: Effort, condition: impl Fn(usize) -> bool) -> Vec<usize> {
    let step = |time: f64| ((time - track.start_s) / STEP_S).ceil().max(0.0) as usize;
    (step(effort.0)..step(effort.1).min(track.active.len()))
        .filter(|at| track.active[*at] && condition(*at))
        .collect()
}

/// Runs of consecutive steps as windows in s.
fn windows_of(track: &Track, steps: &[usize]) -> Vec<(f64, f64)> {
    let mut windows: Vec<(usize, usize)> = Vec::new();
    for step in steps {
        match windows.last_mut() {
            Some(last) if last.1 == *step => last.1 = step + 1,
            _ => windows.push((*step, step + 1)),
        }
    }
    windows.into_iter().map(|(from, to)| (track.time(from), track.time(to))).collect()
}

/// Bins of knee angle with at least one effort in them, by ascending angle.
#[must_use]
pub fn by_angle(
    leg: &Leg<'_>,
    track: &Track,
    efforts: &[Effort],
    cycles: &[Cycle],
    straight: Option<&Straight>,
    settings: &DominanceSettings,
    task: Task,
) -> Vec<AngleBin> {
    let width = settings.angle_bin_deg;
    let (first, last) = ((-30.0 / width).round() as i32, (160.0 / width).round() as i32);
    (first..=last)
        .filter_map(|index| {
            let centre_deg = f64::from(index) * width;
            let in_bin = |step: usize| {
                let knee = track.knee_deg[step];
                knee >= centre_deg - width / 2.0 && knee < centre_deg + width / 2.0
            };
            let per_effort: Vec<Vec<usize>> = efforts
                .iter()
                .map(|effort| steps_of(track, *effort, in_bin))
                .filter(|steps| steps.len() as f64 * STEP_S >= SHORTEST_S - 1e-9)
                .collect();
            if per_effort.is_empty() {
                return None;
            }
            let mut found = bin(leg, track, &per_effort, centre_deg, straight, task);
            found.stance_part = stance_part(track, &per_effort, cycles);
            Some(found)
        })
        .collect()
}

/// Part of the steps that lie between contact and foot off of the kept cycles.
fn stance_part(track: &Track, per_effort: &[Vec<usize>], cycles: &[Cycle]) -> Option<f64> {
    let stances: Vec<(f64, f64)> =
        cycles.iter().filter(|c| c.is_kept()).filter_map(|c| Some((c.start_s, c.foot_off_s?))).collect();
    let times: Vec<f64> = per_effort.iter().flatten().map(|step| track.time(*step)).collect();
    if stances.is_empty() || times.is_empty() {
        return None;
    }
    // Stances follow each other: only the last one that began can hold a time.
    let disjoint = stances.windows(2).all(|pair| pair[0].1 <= pair[1].0);
    let loaded = |time: &&f64| {
        let inside = |(from, to): &(f64, f64)| **time >= *from && **time < *to;
        if !disjoint {
            return stances.iter().any(inside);
        }
        let begun = stances.partition_point(|(from, _)| from <= *time);
        begun.checked_sub(1).is_some_and(|at| inside(&stances[at]))
    };
    Some(times.iter().filter(loaded).count() as f64 / times.len() as f64)
}

/// Squats, jump drives, stairs and cycling: effort of the knee extensors depresses gastrocnemius and raises soleus with no change of
/// the knee angle (Suzuki 2014), so the angle does not explain the ratio.
#[must_use]
pub fn has_knee_extension_confound(task: Task) -> bool {
    matches!(task, Task::KneeExtension | Task::Jump)
}

fn bin(
    leg: &Leg<'_>,
    track: &Track,
    per_effort: &[Vec<usize>],
    centre_deg: f64,
    straight: Option<&Straight>,
    task: Task,
) -> AngleBin {
    let levels: Vec<Levels> = per_effort.iter().map(|steps| leg.levels(&windows_of(track, steps))).collect();
    let all: Vec<usize> = per_effort.iter().flatten().copied().collect();
    let pooled = leg.levels(&windows_of(track, &all));
    let angles: Vec<f64> = all.iter().map(|step| track.knee_deg[*step]).collect();
    let knee_deg = mean(&angles).unwrap_or(centre_deg);
    let ratios: Vec<Ratio> = levels.iter().map(Levels::ratio).collect();
    let active_s = all.len() as f64 * STEP_S;
    let n_efforts = per_effort.len();
    let change = straight.map(|s| change_from(s, &levels, &pooled)).filter(Ratio::is_known);
    let expected = straight
        .filter(|s| task == Task::PlantarFlexion && s.task == task)
        .map(|s| expected_change_range(knee_deg, s.knee_deg));
    let flag = expected.zip(change).map(|(range, change)| {
        if n_efforts < FLAG_EFFORTS || active_s < FLAG_SECONDS {
            "few"
        } else if change.ci90[1] < range[0] || change.ci90[0] > range[1] {
            "outside_published_group_means"
        } else {
            "inside"
        }
    });
    let flag = if has_knee_extension_confound(task) { Some("knee_extension_confound") } else { flag };
    AngleBin {
        centre_deg,
        knee_deg,
        ankle_deg: mean(&all.iter().map(|step| track.ankle_deg[*step]).collect::<Vec<_>>()),
        active_s,
        n_efforts,
        ratio: over_efforts(&ratios, &pooled.ratio(), pooled.reference_variance()),
        change,
        expected,
        relative_amplitude: straight.and_then(|s| s.ln_amplitudes).and_then(|ln| relative(&levels, ln)),
        stance_part: None,
        flag,
    }
}

/// Change from the straight knee; the variance of the reference itself is added (R4), with the degrees of freedom of both
/// (Welch and Satterthwaite).
fn change_from(straight: &Straight, levels: &[Levels], pooled: &Levels) -> Ratio {
    let ratio_of = |l: &Levels| if straight.normalised { l.ratio() } else { l.raw_ratio() };
    let ratios: Vec<Ratio> = levels.iter().map(ratio_of).collect();
    let mean = effort_mean(&ratios, &ratio_of(pooled));
    let Some(mean) = mean else { return Ratio::UNKNOWN };
    let reference = EffortMean {
        value: straight.log_ratio,
        standard_error: straight.standard_error,
        df: straight.n as f64 - 1.0,
        ..mean
    };
    mean.minus(&reference).ratio(0.0)
}

/// G/G0 and S/S0: geometric mean over efforts against the straight knee.
fn relative(levels: &[Levels], straight_ln: [f64; 2]) -> Option<[f64; 2]> {
    let ln = |pick: fn(&Levels) -> &Activation| -> Option<f64> {
        let values: Vec<f64> = levels.iter().map(|l| pick(l).value.ln()).collect();
        mean(&values)
    };
    let g = ln(|l| &l.gastrocnemius_raw)?;
    let s = ln(|l| &l.soleus_raw)?;
    Some([(g - straight_ln[0]).exp(), (s - straight_ln[1]).exp()])
}
