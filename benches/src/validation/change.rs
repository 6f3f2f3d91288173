//! The angle test: change of the log ratio from a straight to a bent knee, ten strides each, through `straight_of_trial` and `by_angle`.

use super::{ACTIVE_S, QUIET_S, STRIDES, Session, Tally, WINDOW_S, start_of};
use surae_gait::angle_map::{Effort, by_angle, straight_of_trial};
use surae_gait::dominance::{Ratio, Verdict};
use surae_gait::leg::Leg;
use surae_gait::track::{STEP_S, Track};
use surae_trial::{Settings, Task};

/// The bent knee, in degrees.
const BENT_DEG: f64 = 60.0;

/// Scores the change between two sessions of a record: the first with a straight knee, the second with a bent one.
pub(super) fn score(leg: &Leg<'_>, two: &[Session], at: usize, leak: f64, tally: &mut Tally) {
    let [straight, bent] = two else { return };
    let strides = 2 * STRIDES;
    let start_s = start_of(at, 0);
    let steps = (strides as f64 * (ACTIVE_S + QUIET_S) / STEP_S).round() as usize;
    let since_contact = |time: f64| (time + 1e-9) % (ACTIVE_S + QUIET_S);
    let time = |step: usize| start_s + step as f64 * STEP_S;
    let is_active = |step: &usize| {
        let since = since_contact(time(*step));
        (WINDOW_S[0] - 1e-6..WINDOW_S[1] - 1e-6).contains(&since)
    };
    let track = Track {
        start_s,
        gastrocnemius: vec![f64::NAN; steps],
        soleus: vec![f64::NAN; steps],
        active: (0..steps).map(|step| is_active(&step)).collect(),
        verdict: vec![Verdict::default(); steps],
        ratio: vec![Ratio::UNKNOWN; steps],
        knee_deg: (0..steps).map(|step| if step < steps / 2 { 0.0 } else { BENT_DEG }).collect(),
        ankle_deg: vec![f64::NAN; steps],
    };
    let efforts: Vec<Effort> =
        (0..strides).map(|k| (start_of(at, k), start_of(at, k) + ACTIVE_S + QUIET_S)).collect();
    let reference = straight_of_trial(leg, &track, &efforts, Task::PlantarFlexion, false);
    let settings = Settings::default().dominance;
    let bins = by_angle(leg, &track, &efforts, &[], reference.as_ref(), &settings, Task::PlantarFlexion);
    let change = bins.iter().find(|bin| bin.centre_deg == BENT_DEG).and_then(|bin| bin.change);
    let source = bent.log_ratio - straight.log_ratio;
    let electrode = bent.at_electrode(leak) - straight.at_electrode(leak);
    tally.add_interval(&change.unwrap_or(Ratio::UNKNOWN), source, electrode);
}
