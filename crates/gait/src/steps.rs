//! Spatio-temporal parameters: times of stance, swing, step and double support from contacts and offs of both feet, lengths
//! and speed from foot markers, and the comparison of the legs where it is sound.
//!
//! Not for angles or dominance: an index of symmetry explodes where a quantity passes zero, so it is given for times and lengths
//! only.

use crate::cycles::Cycle;
use crate::stats::mean;

/// Mean times of the kept cycles of one leg; `None` where the events do not show it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepTimes {
    /// Contact to foot off.
    pub stance_time_s: Option<f64>,
    /// Foot off to the next contact.
    pub swing_time_s: Option<f64>,
    /// Contact of the other foot to the next contact of this one.
    pub step_time_s: Option<f64>,
    /// Both feet on the ground, both intervals of the cycle, in percent of it; `None` in running.
    pub double_support_percent: Option<f64>,
    /// This foot alone on the ground, in percent of the cycle; `None` in running.
    pub single_support_percent: Option<f64>,
}

/// The times of a leg's kept cycles against the contacts and offs of the other foot.
#[must_use]
pub fn step_times(cycles: &[Cycle], other_contacts: &[f64], other_offs: &[f64]) -> StepTimes {
    let kept = || cycles.iter().filter(|c| c.is_kept());
    let of = |f: &dyn Fn(&Cycle) -> Option<f64>| mean(&kept().filter_map(f).collect::<Vec<f64>>());
    StepTimes {
        stance_time_s: of(&|c| Some(c.foot_off_s? - c.start_s)),
        swing_time_s: of(&|c| Some(c.end_s - c.foot_off_s?)),
        step_time_s: of(&|c| {
            let other = other_contacts.iter().find(|t| **t > c.start_s && **t < c.end_s)?;
            Some(c.end_s - other)
        }),
        double_support_percent: of(&|c| {
            let [off, contact] = other_swing(c, other_contacts, other_offs)?;
            Some(100.0 * (off - c.start_s + c.foot_off_s? - contact) / c.duration_s())
        }),
        single_support_percent: of(&|c| {
            let [off, contact] = other_swing(c, other_contacts, other_offs)?;
            Some(100.0 * (contact - off) / c.duration_s())
        }),
    }
}

/// Off and next contact of the other foot within this foot's stance: walking. `None` when either lies outside of it.
fn other_swing(cycle: &Cycle, contacts: &[f64], offs: &[f64]) -> Option<[f64; 2]> {
    let until = cycle.foot_off_s?;
    let off = *offs.iter().find(|t| **t >= cycle.start_s && **t < until)?;
    let contact = *contacts.iter().find(|t| **t >= cycle.start_s && **t < until)?;
    (off < contact).then_some([off, contact])
}

/// Symmetry index in percent: `100 (R - L) / (0.5 (R + L))`, positive when the right one is larger; `None` unless both are
/// positive.
#[must_use]
pub fn symmetry_index_percent(left: f64, right: f64) -> Option<f64> {
    (left > 0.0 && right > 0.0).then(|| 100.0 * (right - left) / (0.5 * (right + left)))
}

/// Symmetry angle in percent: `100 (45 deg - atan(L / R)) / 90 deg` (Zifchock 2008), positive when the right one is larger; `None`
/// unless both are positive.
#[must_use]
pub fn symmetry_angle_percent(left: f64, right: f64) -> Option<f64> {
    (left > 0.0 && right > 0.0).then(|| 100.0 * (45.0 - (left / right).atan().to_degrees()) / 90.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycle(start_s: f64, foot_off_s: f64, end_s: f64) -> Cycle {
        Cycle { start_s, foot_off_s: Some(foot_off_s), end_s, rejected: None }
    }

    #[test]
    fn a_walk_has_two_double_supports() {
        // Stride 1.0 s, stance 60 %, the other foot half a stride later.
        let cycles = [cycle(0.0, 0.6, 1.0), cycle(1.0, 1.6, 2.0)];
        let found = step_times(&cycles, &[0.5, 1.5, 2.5], &[0.1, 1.1, 2.1]);
        let close = |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-9, "{a:?} {b}");
        close(found.stance_time_s, 0.6);
        close(found.swing_time_s, 0.4);
        close(found.step_time_s, 0.5);
        close(found.double_support_percent, 20.0);
        close(found.single_support_percent, 40.0);
    }

    #[test]
    fn running_has_no_double_support_and_one_leg_alone_has_no_step() {
        let cycles = [cycle(0.0, 0.25, 0.75), cycle(0.75, 1.0, 1.5)];
        let running = step_times(&cycles, &[0.375, 1.125], &[0.625, 1.375]);
        assert_eq!(running.double_support_percent, None);
        assert!((running.step_time_s.unwrap() - 0.375).abs() < 1e-9);
        let alone = step_times(&cycles, &[], &[]);
        assert_eq!((alone.step_time_s, alone.single_support_percent), (None, None));
        assert!(alone.stance_time_s.is_some());
    }

    #[test]
    fn method_row_39_symmetry() {
        assert!((symmetry_index_percent(90.0, 110.0).unwrap() - 20.0).abs() < 1e-9);
        assert!((symmetry_angle_percent(90.0, 110.0).unwrap() - 6.345).abs() < 1e-3);
        assert_eq!(symmetry_index_percent(-3.0, 5.0), None);
    }
}
