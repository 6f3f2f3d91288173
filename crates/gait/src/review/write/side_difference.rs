//! Left against right: the difference of ln(G/S) by phase, where it means something.
//!
//! Amplitudes of two legs are never compared. Their log ratios are, if the references of both legs were measured and are of one kind, for
//! then each is a share of that leg's own maximum (METHOD 3.3). Not for times and lengths (`symmetry`).

use crate::dominance::Bound;
use crate::report::{PhaseReport, SideDifferenceReport, SideReport, Sides};
use surae_trial::NormalisationKind;

/// The rows, or why there are none.
pub(in crate::review) fn side_difference(sides: &Sides) -> Result<Vec<SideDifferenceReport>, String> {
    let (Some(left), Some(right)) = (&sides.left, &sides.right) else {
        return Err("one leg only".to_owned());
    };
    let (left_kind, right_kind) = (kind(left, "left")?, kind(right, "right")?);
    if left_kind != right_kind {
        return Err(format!(
            "the references of the legs are of different kinds: {} left, {} right",
            left_kind.name(),
            right_kind.name()
        ));
    }
    let of = |leg: &SideReport| leg.dominance.as_ref().map(|d| (d.heads.clone(), d.weights.clone()));
    if of(left) != of(right) {
        return Err("the legs have different heads of gastrocnemius".to_owned());
    }
    let phases = |leg: &SideReport| leg.dominance.as_ref().map(|d| d.by_phase.clone()).unwrap_or_default();
    let (left, right) = (phases(left), phases(right));
    let rows: Vec<_> =
        left.iter().filter_map(|l| difference(l, right.iter().find(|r| r.phase == l.phase)?)).collect();
    if rows.is_empty() {
        return Err(
            "no phase of the cycle in which the ratio of both legs is known from both sides".to_owned()
        );
    }
    Ok(rows)
}

/// The one kind of measured reference of a leg's gastrocnemius and soleus.
fn kind(leg: &SideReport, word: &str) -> Result<NormalisationKind, String> {
    let Some(dominance) = &leg.dominance else {
        return Err(format!("no dominance of the {word} leg"));
    };
    let names = dominance.heads.iter().map(String::as_str).chain(["SOL"]);
    let mut kinds = names.filter_map(|name| leg.muscles.get(name)).map(|m| m.normalisation.kind);
    match kinds.next() {
        Some(first) if !first.supports_dominance() => Err(format!(
            "the amplitudes of the {word} leg are relative to the task itself ({}): needs measured references of one kind",
            first.name()
        )),
        Some(first) if kinds.all(|kind| kind == first) => Ok(first),
        _ => Err(format!("the muscles of the {word} leg have references of different kinds")),
    }
}

/// Errors of the two legs are independent and add in the square; a bound on either side leaves no difference.
fn difference(left: &PhaseReport, right: &PhaseReport) -> Option<SideDifferenceReport> {
    let known = |p: &PhaseReport| {
        let half = match (p.bound, p.log_ratio_ci90) {
            (Bound::None, [Some(low), Some(high)]) => 0.5 * (high - low),
            _ => return None,
        };
        Some((p.log_ratio?, half))
    };
    let ((l, l_half), (r, r_half)) = (known(left)?, known(right)?);
    let half = l_half.hypot(r_half);
    Some(SideDifferenceReport {
        phase: left.phase.clone(),
        log_ratio_left: l,
        log_ratio_right: r,
        log_ratio_difference: l - r,
        log_ratio_difference_ci90: [l - r - half, l - r + half],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dominance::Class;

    fn phase(name: &str, log_ratio: f64, half: f64) -> PhaseReport {
        PhaseReport {
            phase: name.to_owned(),
            from_percent: 12.0,
            to_percent: 31.0,
            log_ratio: Some(log_ratio),
            log_ratio_ci90: [Some(log_ratio - half), Some(log_ratio + half)],
            dominance: Some((log_ratio / 2.0).tanh()),
            dominance_ci90: [None, None],
            bound: Bound::None,
            class: Class::Balanced,
            reason: None,
        }
    }

    #[test]
    fn ratios_subtract_and_their_errors_add_in_the_square() {
        let row = difference(&phase("push_off", 0.5, 0.3), &phase("push_off", -0.2, 0.4)).unwrap();
        assert!((row.log_ratio_difference - 0.7).abs() < 1e-12);
        // 3-4-5.
        assert!((row.log_ratio_difference_ci90[0] - 0.2).abs() < 1e-12);
        assert!((row.log_ratio_difference_ci90[1] - 1.2).abs() < 1e-12);
    }

    #[test]
    fn a_bound_or_an_open_end_gives_no_difference() {
        let known = phase("push_off", 0.5, 0.3);
        let bound = PhaseReport { bound: Bound::Lower, ..known.clone() };
        let open = PhaseReport { log_ratio_ci90: [Some(0.2), None], ..known.clone() };
        let silent = PhaseReport { log_ratio: None, ..known.clone() };
        for other in [bound, open, silent] {
            assert_eq!(difference(&known, &other), None);
            assert_eq!(difference(&other, &known), None);
        }
    }

    #[test]
    fn legs_that_do_not_compare_are_refused_with_the_reason() {
        assert_eq!(side_difference(&Sides::default()), Err("one leg only".to_owned()));
    }
}
