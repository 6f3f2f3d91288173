//! Knee angle against dominance: the gathered map of a leg as the view draws it.

use super::words;
use crate::model::{Map, MapBin, MapCell, PublishedRange, TrailPoint};
use crate::request::SourceFacts;
use crate::text::{self, missing};
use surae_engine::{LegNow, Snapshot};
use surae_gait::dominance::{Class, dominance_of};
use surae_gait::pipeline::map::{ANGLE_RANGE_DEG, AngleBin, CELL_DEG, CELL_DOMINANCE, COLUMNS};
use surae_gait::stats::t90;
use surae_trial::{Side, Task};

/// Efforts below which a bin has no interval.
const FEW: u32 = 3;
/// An angle older than this is missing.
pub const STALE_S: f64 = 0.1;
/// Time between two points of the trail.
const TRAIL_STEP_S: f32 = 0.02;

/// Brings the map up to date; `active_s` is how long the running effort has lasted.
pub fn fill(map: &mut Map, snapshot: &Snapshot, side: Option<Side>, facts: &SourceFacts, active_s: f64) {
    *map = Map::default();
    published(map, side, facts);
    let Some(leg) = snapshot.legs.iter().find(|leg| Some(leg.side) == side) else { return };
    map.bins = leg.map.bins().filter_map(|(knee_deg, bin)| bin_of(knee_deg, bin)).collect();
    if let Some(range) = map.published {
        for bin in map.bins.iter_mut().filter(|bin| bin.knee_deg > range.reference_deg) {
            let (low, high) = range.at(bin.knee_deg);
            bin.is_outside = bin.interval.is_some_and(|(from, to)| from > high || to < low);
        }
    }
    map.cell_size = (CELL_DEG as f32, CELL_DOMINANCE as f32);
    let fullest = leg.map.grid().iter().copied().max().unwrap_or(0);
    let cells = leg.map.grid().iter().enumerate().filter(|(_, count)| **count > 0);
    map.cells = cells
        .map(|(at, count)| MapCell {
            knee_deg: (ANGLE_RANGE_DEG[0] + (at % COLUMNS) as f64 * CELL_DEG) as f32,
            dominance: (-1.0 + (at / COLUMNS) as f64 * CELL_DOMINANCE) as f32,
            share: *count as f32 / fullest as f32,
        })
        .collect();
    trail(map, leg, active_s);
}

fn bin_of(knee_deg: f64, bin: &AngleBin) -> Option<MapBin> {
    let n = bin.finished_efforts();
    let mean = bin.log_ratio();
    if n == 0 || !mean.is_finite() {
        return None;
    }
    let half = t90(n.saturating_sub(1) as usize) * bin.standard_error();
    let ends = (dominance_of(mean - half) as f32, dominance_of(mean + half) as f32);
    Some(MapBin {
        knee_deg: knee_deg as f32,
        mean: dominance_of(mean) as f32,
        interval: (n >= FEW && half.is_finite()).then_some(ends),
        n,
        bound: words::bound(bin.bound()),
        is_outside: false,
    })
}

/// Trail and dot only while something is active at a fresh angle.
fn trail(map: &mut Map, leg: &LegNow, active_s: f64) {
    let Some(last) = leg.last else { return };
    if leg.knee_age_s > STALE_S {
        map.no_dot = text::stale_angle(leg.knee_age_s);
        return;
    }
    if last.class == Class::Rest || !last.knee_flexion_deg.is_finite() || !last.ratio.is_known() {
        return;
    }
    let points = leg.map.trail();
    // Points of an earlier effort are older than their place in the list says.
    let fresh = (active_s / f64::from(TRAIL_STEP_S)) as usize + 1;
    let points = &points[points.len().saturating_sub(fresh)..];
    let n = points.len();
    map.trail = points
        .iter()
        .enumerate()
        .map(|(at, (knee_deg, dominance))| TrailPoint {
            knee_deg: *knee_deg,
            dominance: *dominance,
            age_s: (n - 1 - at) as f32 * TRAIL_STEP_S,
        })
        .collect();
    map.has_dot = !map.trail.is_empty();
}

/// The published range holds for isometric or slow plantar flexion with a straight-knee reference of that task.
fn published(map: &mut Map, side: Option<Side>, facts: &SourceFacts) {
    if facts.settings.task != Task::PlantarFlexion {
        map.not_published = missing::PUBLISHED.to_owned();
        return;
    }
    let straight = facts
        .straight
        .iter()
        .find(|reference| Some(reference.side) == side && reference.task == Task::PlantarFlexion);
    match straight {
        Some(reference) => {
            map.published = Some(PublishedRange {
                reference_deg: reference.knee_deg as f32,
                reference_log_ratio: reference.log_ratio as f32,
            });
        }
        None => map.not_published = missing::STRAIGHT.to_owned(),
    }
}
