//! Where braking ends and propulsion begins: the change of sign of the fore-aft ground force, for contacts that one plate sees alone.
//!
//! Forward is where the feet point (markers), so the sign of the force does not depend on how the plate lies or was wired. Without markers, or on two
//! plates at once, nothing is said and contacts are split in half.

use crate::events::feet_and_directions;
use crate::knee::{Point, cross, inner, vector};
use crate::plate::{PlateForce, component_weights};
use crate::stats::mean;
use surae_trial::{ForcePlate, Stream, Trial};

/// The part of a contact in which the other foot is in the air and the plate must carry it alone.
const ALONE: [f64; 2] = [0.3, 0.7];
/// Least force of a foot that stands, in N.
const STANDING_N: f64 = 100.0;
/// Share of that force that another plate may show.
const ELSEWHERE: f64 = 0.1;
/// A plate under less than this is unloaded, in N: its fore-aft force then is its zero.
const UNLOADED_N: f64 = 10.0;
/// The split lies within this part of a contact; outside of it there is braking or propulsion only.
const WITHIN: [f64; 2] = [0.05, 0.95];

/// The end of braking in s of each contact `(contact, off)` that has one.
#[must_use]
pub fn braking_ends(trial: &Trial, plates: &[PlateForce], contacts: &[(f64, f64)]) -> Vec<f64> {
    let Some((_, directions)) = trial.markers.as_ref().and_then(feet_and_directions) else {
        return Vec::new();
    };
    let mut known: Vec<(usize, Option<Vec<f64>>)> = Vec::new();
    contacts
        .iter()
        .filter_map(|(on, off)| {
            let force = alone(plates, *on, *off)?;
            if !known.iter().any(|(plate, _)| *plate == force.plate) {
                let found = fore_aft(trial, force, directions.forward, directions.up);
                known.push((force.plate, found));
            }
            let fore_aft = known.iter().find(|(plate, _)| *plate == force.plate)?.1.as_ref()?;
            split(fore_aft, force, *on, *off)
        })
        .collect()
}

/// The one plate that carries a contact.
fn alone(plates: &[PlateForce], on: f64, off: f64) -> Option<&PlateForce> {
    let load = |force: &PlateForce| {
        let [from, to] = ALONE.map(|part| sample(force, on + part * (off - on)));
        mean(force.vertical_n.get(from..to).unwrap_or_default()).unwrap_or(0.0)
    };
    let plates: Vec<&PlateForce> = plates.iter().filter(|p| p.side.is_none()).collect();
    let best = plates.iter().copied().max_by(|a, b| load(a).total_cmp(&load(b)))?;
    let most = load(best);
    let others = plates.iter().filter(|p| p.plate != best.plate).map(|p| load(p).max(0.0)).sum::<f64>();
    (most > STANDING_N && others < ELSEWHERE * most).then_some(best)
}

fn sample(force: &PlateForce, time_s: f64) -> usize {
    ((time_s - force.start_s) * force.rate_hz).round().clamp(0.0, force.vertical_n.len() as f64) as usize
}

/// Ground force along the walking direction in N, forward positive; its zero from the unloaded plate.
fn fore_aft(trial: &Trial, force: &PlateForce, forward: Point, up: Point) -> Option<Vec<f64>> {
    let plate = trial.plates.get(force.plate)?;
    let stream = trial.stream(&plate.stream)?;
    // C3D corners: (+x +y), (-x +y), (-x -y), (+x -y) of the plate's own axes.
    let x = unit(vector(plate.corners_mm[1], plate.corners_mm[0]))?;
    let y = unit(vector(plate.corners_mm[3], plate.corners_mm[0]))?;
    let parts = [0, 1, 2].map(|row| component(stream, plate, row));
    let [Some(fx), Some(fy), Some(fz)] = parts else { return None };
    let along: Vec<f64> =
        fx.iter().zip(&fy).map(|(a, b)| a * inner(x, forward) + b * inner(y, forward)).collect();
    // Whether the file has the force on the plate or on the foot: the one on the foot points up.
    let rises = inner(cross(x, y), up) * mean_loaded(&fz, force)?;
    let sign = rises.signum();
    let zero: Vec<f64> = along
        .iter()
        .zip(&force.vertical_n)
        .filter(|(_, vertical)| vertical.abs() < UNLOADED_N)
        .map(|(a, _)| *a)
        .collect();
    let zero = crate::stats::median(&zero).unwrap_or(0.0);
    Some(along.iter().map(|a| sign * (a - zero)).collect())
}

fn mean_loaded(fz: &[f64], force: &PlateForce) -> Option<f64> {
    let loaded: Vec<f64> =
        fz.iter().zip(&force.vertical_n).filter(|(_, v)| **v > STANDING_N).map(|(f, _)| *f).collect();
    mean(&loaded).filter(|m| *m != 0.0)
}

/// One force component in the plate's own axes.
fn component(stream: &Stream, plate: &ForcePlate, row: usize) -> Option<Vec<f64>> {
    let weights = component_weights(plate, row).ok()?;
    let mut sum: Vec<f64> = Vec::new();
    for (channel, weight) in plate.channels.iter().zip(&weights).filter(|(_, w)| **w != 0.0) {
        let column = stream.column(*channel);
        sum.resize(column.len(), 0.0);
        sum.iter_mut().zip(&column).for_each(|(s, v)| *s += weight * v);
    }
    Some(sum).filter(|s| !s.is_empty())
}

fn unit(v: Point) -> Option<Point> {
    let length = inner(v, v).sqrt();
    (length > 0.0).then(|| v.map(|x| x / length))
}

/// The instant at which the impulse is most backward: before it braking prevails, after it propulsion.
fn split(fore_aft: &[f64], force: &PlateForce, on: f64, off: f64) -> Option<f64> {
    let (from, to) = (sample(force, on), sample(force, off));
    let window = fore_aft.get(from..to)?;
    let (mut sum, mut least, mut at) = (0.0, 0.0, 0);
    for (i, value) in window.iter().enumerate() {
        if !value.is_finite() {
            return None;
        }
        sum += value;
        if sum < least {
            (least, at) = (sum, i + 1);
        }
    }
    let part = at as f64 / window.len().max(1) as f64;
    (WITHIN[0]..WITHIN[1]).contains(&part).then(|| force.start_s + (from + at) as f64 / force.rate_hz)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn force(n: usize) -> PlateForce {
        PlateForce {
            plate: 0,
            rate_hz: 1000.0,
            start_s: 0.0,
            vertical_n: vec![700.0; n],
            baseline_n: 0.0,
            side: None,
        }
    }

    #[test]
    fn braking_ends_where_the_force_turns_forward() {
        // A sine of one period turned over: braking for 200 ms, propulsion for 200 ms; a short spike forward at contact.
        let mut fore_aft: Vec<f64> =
            (0..400).map(|i| -150.0 * (std::f64::consts::TAU * f64::from(i) / 400.0).sin()).collect();
        fore_aft[3] = 80.0;
        let found = split(&fore_aft, &force(400), 0.0, 0.4).unwrap();
        assert!((found - 0.2).abs() < 0.002, "{found}");
        assert_eq!(split(&[100.0; 400], &force(400), 0.0, 0.4), None, "a start has no braking");
        assert_eq!(split(&[-100.0; 400], &force(400), 0.0, 0.4), None);
    }
}
