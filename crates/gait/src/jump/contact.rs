//! A jump out of a landing (drop jump, hop): braking and propulsion of the contact.

use super::weighing::speeds;
use super::{GRAVITY, Jump, JumpPhase, VerticalForce};

/// Fills in what a jump out of the landing at `contact_s` has.
///
/// The speed is integrated backwards from take-off, where the flight time gives it; so the landing speed need not be known.
pub(super) fn complete(jump: &mut Jump, force: &VerticalForce, contact_s: f64) {
    jump.contact_s = Some(contact_s);
    jump.impulse = Err("the jump begins out of a landing, not from a still start");
    let Some(weighing) = jump.weighing else { return };
    let (from, to) = (force.index_of(contact_s), force.index_of(jump.take_off_s));
    let speed = speeds(force, &weighing, from, to);
    let Some(gained) = speed.last().copied().filter(|v| v.is_finite()) else { return };
    let landing_mps = GRAVITY * jump.flight_time_s() / 2.0 - gained;
    let Some(turn) = speed.iter().position(|v| landing_mps + v >= 0.0).filter(|at| *at > 0) else { return };
    jump.contact_speed_mps = Some(-landing_mps);
    let turn_s = force.time_of(from + turn);
    jump.phases.push(JumpPhase { name: "braking", from_s: contact_s, to_s: turn_s });
    jump.phases.push(JumpPhase { name: "propulsion", from_s: turn_s, to_s: jump.take_off_s });
}
