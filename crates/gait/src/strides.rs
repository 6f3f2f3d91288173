//! Lengths of strides and steps, and speed, from heel markers: on the floor and on a treadmill alike.
//!
//! A foot that stands moves with the belt, or not at all; what it moves by in mid-stance is the speed of the ground, and a stride is the heel's
//! way between two contacts less the ground's. Not for times (`steps`).

use crate::cycles::Cycle;
use crate::events::{Directions, Foot, feet_and_directions};
use crate::knee::{Point, inner, vector};
use crate::stats::{mean, median};
use surae_trial::{Side, Trial};

/// Part of the cycle in which the whole foot stands, in percent; in running the foot rolls, so the ground is then taken as still.
const STANDING_PERCENT: [f64; 2] = [15.0, 30.0];
/// A belt slower than this is a floor, in mm/s.
const STILL_MM_S: f64 = 150.0;

/// Mean lengths and speed over the kept cycles of one leg.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lengths {
    /// From contact to contact of one foot.
    pub stride_length_m: Option<f64>,
    /// How far this heel is ahead of the other one at its contact.
    pub step_length_m: Option<f64>,
    /// How far apart the heels are across the walking direction at contact.
    pub step_width_m: Option<f64>,
    /// Stride length over stride time.
    pub speed_m_s: Option<f64>,
    /// Speed of the belt; `None` on the floor.
    pub belt_m_s: Option<f64>,
}

/// Lengths of the kept cycles; `None` without heel, toe and pelvis markers.
///
/// `runs` takes the ground as still where the pelvis travels: the heel of a runner does not rest.
#[must_use]
pub fn lengths(trial: &Trial, side: Side, cycles: &[Cycle], runs: bool) -> Option<Lengths> {
    let set = trial.markers.as_ref()?;
    let (feet, directions) = feet_and_directions(set)?;
    let foot = feet.iter().find(|f| f.side == side)?;
    let other = feet.iter().find(|f| f.side != side);
    let kept: Vec<&Cycle> = cycles.iter().filter(|c| c.is_kept()).collect();
    let place = |foot: &Foot, time_s: f64| at(&foot.heel, &directions, time_s);
    let belts: Vec<f64> = kept.iter().filter_map(|c| ground_mm_s(foot, &directions, c)).collect();
    let travels = directions.travels();
    let belt = median(&belts).filter(|v| v.abs() > STILL_MM_S && !(runs && travels)).unwrap_or(0.0);
    let (mut strides, mut speeds, mut steps, mut widths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for cycle in kept {
        if let (Some(from), Some(to)) = (place(foot, cycle.start_s), place(foot, cycle.end_s)) {
            let way = inner(vector(from, to), directions.forward) - belt * cycle.duration_s();
            strides.push(way / 1000.0);
            speeds.push(way / 1000.0 / cycle.duration_s());
        }
        if let (Some(this), Some(that)) =
            (place(foot, cycle.end_s), other.and_then(|o| place(o, cycle.end_s)))
        {
            let between = vector(that, this);
            if !runs {
                steps.push(inner(between, directions.forward) / 1000.0);
            }
            widths.push(inner(between, directions.across()).abs() / 1000.0);
        }
    }
    Some(Lengths {
        stride_length_m: mean(&strides),
        step_length_m: mean(&steps),
        step_width_m: mean(&widths),
        speed_m_s: mean(&speeds),
        belt_m_s: (belt != 0.0).then_some(-belt / 1000.0),
    })
}

/// Velocity of a standing heel along the walking direction, in mm/s: negative on a treadmill.
fn ground_mm_s(foot: &Foot, directions: &Directions, cycle: &Cycle) -> Option<f64> {
    let [from_s, to_s] = STANDING_PERCENT.map(|p| cycle.at_percent(p));
    let way = vector(at(&foot.heel, directions, from_s)?, at(&foot.heel, directions, to_s)?);
    Some(inner(way, directions.forward) / (to_s - from_s))
}

/// A point at the frame nearest to a time; `None` outside the record or where it was not seen.
fn at(points: &[Point], directions: &Directions, time_s: f64) -> Option<Point> {
    let frame = ((time_s - directions.start_s) * directions.rate_hz).round();
    if !(frame >= 0.0 && frame < points.len() as f64) {
        return None;
    }
    points.get(frame as usize).copied().filter(|p| p.iter().all(|x| x.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Marker, MarkerSet, Seconds, Unit};

    /// A walker of stride 1 s and length 1.3 m, seen from a floor (`belt` 0) or from beside a treadmill of `belt` m/s: feet stand for
    /// 60 % and move evenly through swing.
    fn walker(belt: f64) -> Trial {
        let foot = |phase: f64, toe: f64, across: f64| -> Vec<Point> {
            (0..500)
                .map(|i| {
                    let t = f64::from(i) / 100.0 + phase;
                    let (stride, u) = (t.floor(), t.fract());
                    let ground = 1.3 * (stride + ((u - 0.6) / 0.4).max(0.0));
                    let along = ground - 1.3 * phase - belt * f64::from(i) / 100.0;
                    [along * 1000.0 + toe, across, 40.0]
                })
                .collect()
        };
        let pelvis = (0..500).map(|i| [(1.3 - belt) * f64::from(i) * 10.0 + 300.0, 0.0, 950.0]).collect();
        let marker = |label: &str, position| Marker { label: label.into(), position };
        Trial {
            markers: Some(MarkerSet {
                rate_hz: 100.0,
                start_s: Seconds(0.0),
                unit: Unit::Millimetre,
                markers: vec![
                    marker("SACR", pelvis),
                    marker("RHEE", foot(0.0, 0.0, -60.0)),
                    marker("RTOE", foot(0.0, 180.0, -60.0)),
                    marker("LHEE", foot(0.5, 0.0, 60.0)),
                    marker("LTOE", foot(0.5, 180.0, 60.0)),
                ],
            }),
            ..Trial::default()
        }
    }

    #[test]
    fn a_stride_is_as_long_on_a_treadmill_as_on_the_floor() {
        let cycles: Vec<Cycle> = (1..4)
            .map(|k| Cycle {
                start_s: f64::from(k),
                foot_off_s: Some(f64::from(k) + 0.6),
                end_s: f64::from(k) + 1.0,
                rejected: None,
            })
            .collect();
        for belt in [0.0, 1.3] {
            let found = lengths(&walker(belt), Side::Right, &cycles, false).unwrap();
            assert!((found.stride_length_m.unwrap() - 1.3).abs() < 0.02, "{found:?}");
            assert!((found.speed_m_s.unwrap() - 1.3).abs() < 0.02);
            assert!((found.step_length_m.unwrap() - 0.65).abs() < 0.02, "{found:?}");
            assert!((found.step_width_m.unwrap() - 0.12).abs() < 1e-6);
            assert_eq!(found.belt_m_s.is_some(), belt > 0.0);
        }
    }
}
