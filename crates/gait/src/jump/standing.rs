//! A jump from quiet standing: movement onset, unweighting, braking, propulsion, and the impulse.

use super::weighing::{WEIGHING_S, speeds, weigh};
use super::{GRAVITY, Impulse, Jump, JumpPhase, Start, VerticalForce, Weighing};

/// The force leaves body weight beyond this many standard deviations of the weighing (Owen 2014)...
const ONSET_SD: f64 = 5.0;
/// ...and the movement is said to begin this much earlier, in s.
const ONSET_BACK_S: f64 = 0.03;
/// Downward speed from which on a jump has a countermovement, in m/s. A choice.
const COUNTERMOVEMENT_MPS: f64 = 0.15;
/// Largest uncertainty of the take-off speed from the weighing for which an impulse height is given, in m/s. A choice.
const WORST_DRIFT_MPS: f64 = 0.1;
/// How long after landing a still second is looked for, in s.
const SETTLE_S: f64 = 5.0;

/// Fills in what a jump from standing has.
pub(super) fn complete(jump: &mut Jump, force: &VerticalForce, weighing: Weighing) {
    let from = force.index_of(weighing.to_s);
    let to = force.index_of(jump.take_off_s);
    let speed = speeds(force, &weighing, from, to);
    jump.weighing = Some(weighing);
    let Some((lowest, lowest_mps)) = extreme(&speed) else { return };
    let weight = weighing.weight_n;
    let band = ONSET_SD * weighing.sd_n;
    let counter = lowest_mps <= -COUNTERMOVEMENT_MPS;
    jump.start = if counter { Start::Countermovement } else { Start::Squat };
    let newtons = |k: usize| force.newtons.get(from + k).copied().unwrap_or(f64::NAN);
    // Backwards from the movement itself, so that sway in standing is not taken for its beginning.
    let inside = |k: &usize| (newtons(*k) - weight).abs() <= band;
    let moving = if counter { deepest(&newtons, lowest) } else { highest(&newtons, speed.len()) };
    let left = (0..moving).rev().find(inside).unwrap_or(0);
    let onset_s = (force.time_of(from + left) - ONSET_BACK_S).max(weighing.to_s);
    jump.onset_s = Some(onset_s);
    let lowest_s = force.time_of(from + lowest);
    let turn = (lowest..speed.len()).find(|k| speed[*k] >= 0.0);
    let phase = |name, from_s, to_s| JumpPhase { name, from_s, to_s };
    if counter {
        jump.phases.push(phase("unweighting", onset_s, lowest_s));
        if let Some(turn_s) = turn.map(|k| force.time_of(from + k)) {
            jump.phases.push(phase("braking", lowest_s, turn_s));
            jump.phases.push(phase("propulsion", turn_s, jump.take_off_s));
        }
    } else {
        jump.phases.push(phase("propulsion", onset_s, jump.take_off_s));
    }
    jump.impulse = impulse(jump, force, &weighing, &speed);
}

fn impulse(
    jump: &Jump,
    force: &VerticalForce,
    weighing: &Weighing,
    speed: &[f64],
) -> Result<Impulse, &'static str> {
    let take_off_mps = speed.last().copied().unwrap_or(f64::NAN);
    if !take_off_mps.is_finite() {
        return Err("samples of the force are missing before the take-off");
    }
    if take_off_mps <= 0.0 {
        return Err("the force does not lift the body: weight or baseline of the plate is wrong");
    }
    let drift_mps = GRAVITY * weighing.drift_n / weighing.weight_n * (jump.take_off_s - weighing.to_s);
    if drift_mps > WORST_DRIFT_MPS {
        return Err("body weight is not steady enough: its drift alone makes more than 0.1 m/s");
    }
    Ok(Impulse { take_off_mps, residual_mps: residual(jump, force, weighing) })
}

/// Speed that is left when the person stands still again, in m/s; `None` when nobody does within a few seconds.
fn residual(jump: &Jump, force: &VerticalForce, weighing: &Weighing) -> Option<f64> {
    let until = jump.landing_s + SETTLE_S;
    let next = force.loaded.iter().find(|l| (force.time_of(l.on) - jump.landing_s).abs() < 1e-9)?;
    let end = until.min(force.time_of(next.off));
    let still = weigh(force, jump.landing_s, end).filter(|w| w.to_s - w.from_s >= WEIGHING_S - 1e-6)?;
    let from = force.index_of(weighing.to_s);
    let to = force.index_of(still.from_s + WEIGHING_S / 2.0);
    speeds(force, weighing, from, to).last().copied().filter(|v| v.is_finite())
}

/// Position and value of the lowest speed.
fn extreme(speed: &[f64]) -> Option<(usize, f64)> {
    speed.iter().copied().enumerate().filter(|(_, v)| v.is_finite()).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// Sample of the smallest force up to `to`.
fn deepest(newtons: &impl Fn(usize) -> f64, to: usize) -> usize {
    (0..=to).min_by(|a, b| newtons(*a).total_cmp(&newtons(*b))).unwrap_or(0)
}

/// Sample of the largest force before `to`.
fn highest(newtons: &impl Fn(usize) -> f64, to: usize) -> usize {
    (0..to).max_by(|a, b| newtons(*a).total_cmp(&newtons(*b))).unwrap_or(0)
}
