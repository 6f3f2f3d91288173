//! The conditions under which blocks may be compared (METHOD R13).

use super::bent_straight::Measured;
use super::report::GateReport;

/// Knee and ankle may differ by this much, in deg.
const ANGLE_DEG: f64 = 5.0;
/// Fewest repetitions of a block; six are asked for.
const ENOUGH_REPETITIONS: usize = 3;
/// Stated loads may differ by this fraction.
const LOAD_FRACTION: f64 = 0.05;
/// Straight is under, bent is from this on, in deg (METHOD 4).
pub(super) const STRAIGHT_DEG: f64 = 15.0;
pub(super) const BENT_DEG: f64 = 45.0;

/// Gates of one block, apart from those that compare blocks.
pub(super) fn of_block(block: &Measured) -> Vec<GateReport> {
    vec![repetitions(block), knee(block), quality(block)]
}

fn repetitions(block: &Measured) -> GateReport {
    let state = if block.n() >= ENOUGH_REPETITIONS { "passed" } else { "failed" };
    GateReport::new(
        "repetitions",
        state,
        format!("{} of at least {ENOUGH_REPETITIONS}, 6 asked for", block.n()),
    )
}

fn knee(block: &Measured) -> GateReport {
    let angles: Vec<f64> = block.repetitions.iter().filter_map(|r| r.knee_deg).collect();
    let Some((low, high)) = range(&angles) else {
        return match block.stated_knee_deg {
            Some(stated) => GateReport::new(
                "knee",
                "not measured",
                format!("stated as {stated:.0} deg, no knee angle recorded"),
            ),
            None => GateReport::new("knee", "failed", "no knee angle recorded and none stated (--knee)"),
        };
    };
    let target = block.stated_knee_deg.unwrap_or((low + high) / 2.0);
    let worst = (low - target).abs().max((high - target).abs());
    let state = if worst <= ANGLE_DEG { "passed" } else { "failed" };
    GateReport::new(
        "knee",
        state,
        format!("{low:.0} to {high:.0} deg over repetitions, {target:.0} +- {ANGLE_DEG:.0} allowed"),
    )
}

fn quality(block: &Measured) -> GateReport {
    match block.bad.as_slice() {
        [] => GateReport::new("quality", "passed", "no calf channel graded bad"),
        bad => GateReport::new("quality", "failed", bad.join("; ")),
    }
}

/// The gate between a block and the straight one: ankle and load alike.
pub(super) fn against(block: &Measured, straight: &Measured) -> Vec<GateReport> {
    let ankle = match (block.ankle_deg(), straight.ankle_deg()) {
        (Some(own), Some(reference)) => {
            let state = if (own - reference).abs() <= ANGLE_DEG { "passed" } else { "failed" };
            GateReport::new(
                "ankle",
                state,
                format!("{own:.0} deg, {reference:.0} at the straight knee; {ANGLE_DEG:.0} apart allowed"),
            )
        }
        _ => GateReport::new("ankle", "not measured", "no ankle angle recorded in both blocks"),
    };
    let load = match (block.load, straight.load) {
        (Some(own), Some(reference)) => {
            let state =
                if (own - reference).abs() <= LOAD_FRACTION * reference.abs() { "passed" } else { "failed" };
            GateReport::new("load", state, format!("{own} and {reference} as stated; 5 % apart allowed"))
        }
        _ => GateReport::new("load", "not measured", "the load is not stated for both blocks (--load)"),
    };
    let units = block.units == straight.units;
    let same = if units { "passed" } else { "failed" };
    vec![
        ankle,
        load,
        GateReport::new("channels", same, "same calf channels and units as at the straight knee"),
    ]
}

pub(super) fn range(values: &[f64]) -> Option<(f64, f64)> {
    let fold = |start: f64, pick: fn(f64, f64) -> f64| values.iter().copied().fold(start, pick);
    (!values.is_empty()).then(|| (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max)))
}
