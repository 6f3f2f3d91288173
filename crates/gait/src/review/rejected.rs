//! Contacts that a person rejected: their strides and push-offs do not count.
//!
//! Not for what the signals themselves rule out (`rejection`).

use super::Rejection;
use crate::cycles::Cycle;
use crate::pushoff::PushOff;
use surae_trial::Side;

/// A stride that begins with a rejected contact does not count.
pub(super) fn cycles_by_hand(rejected: &[Rejection], side: Side, cycles: &mut [Cycle]) {
    for cycle in cycles.iter_mut().filter(|cycle| cycle.is_kept()) {
        cycle.rejected = reason(rejected, side, cycle.start_s).map(|why| format!("by hand: {why}"));
    }
}

/// Writes the reasons into the push-offs and gives those that count.
pub(super) fn push_offs_by_hand(rejected: &[Rejection], side: Side, pushes: &mut [PushOff]) -> Vec<PushOff> {
    for push in pushes.iter_mut() {
        push.rejected = reason(rejected, side, push.contact_s).map(str::to_owned);
    }
    pushes.iter().filter(|push| push.rejected.is_none()).cloned().collect()
}

/// Why a person rejected the contact of a leg at a time.
fn reason(rejected: &[Rejection], side: Side, contact_s: f64) -> Option<&str> {
    rejected.iter().find(|one| one.is_of(side, contact_s)).map(|one| one.reason.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contact_of_that_leg_at_that_time_is_rejected() {
        let rejected = [Rejection { side: Side::Right, contact_s: 1.0, reason: "stumble".into() }];
        let cycle = |start_s: f64| Cycle { start_s, foot_off_s: None, end_s: start_s + 0.7, rejected: None };
        let mut cycles = vec![cycle(0.3), cycle(1.004), cycle(1.7)];
        cycles_by_hand(&rejected, Side::Left, &mut cycles);
        assert!(cycles.iter().all(Cycle::is_kept));
        cycles_by_hand(&rejected, Side::Right, &mut cycles);
        let kept: Vec<bool> = cycles.iter().map(Cycle::is_kept).collect();
        assert_eq!(kept, [true, false, true]);
        assert_eq!(cycles[1].rejected.as_deref(), Some("by hand: stumble"));
    }
}
