//! Whether results of several trials may stand on one scale, and if not, why (METHOD 1.2, R8, R9; issue 4 item 1).
//!
//! Compares what the reports state about themselves. Not for the comparison itself.

use crate::report::{MuscleReport, Report, SideReport};
use surae_trial::{Side, Unit};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Ratios between the muscles: D by phase and by angle.
    Dominance,
    /// Envelope curves in percent of the reference.
    Curves,
    /// Who was first.
    Lead,
}

/// Why a quantity of `other` does not stand on the scale of `first` for this leg; `None` when it does.
#[must_use]
pub fn refusal(first: &Report, other: &Report, side: Side, quantity: Quantity) -> Option<String> {
    let (a, b) = (first.sides.of(side)?, other.sides.of(side)?);
    if let (Some(one), Some(two)) = (&first.trial.subject.name, &other.trial.subject.name)
        && one != two
    {
        return Some(format!("the files name two people, {one} and {two}"));
    }
    if first.mode != other.mode {
        return Some(format!("filters differ: {} against {}", dashed(&first.mode), dashed(&other.mode)));
    }
    match quantity {
        Quantity::Lead => lead(a, b),
        Quantity::Dominance => {
            calf(a, b).find_map(|(name, a, b)| muscle(name, a, b, true)).or_else(|| heads(a, b))
        }
        Quantity::Curves => calf(a, b).find_map(|(name, a, b)| muscle(name, a, b, false)),
    }
}

fn dashed(text: &str) -> String {
    text.replace('_', "-")
}

/// The muscles that both legs have.
fn calf<'a>(
    a: &'a SideReport,
    b: &'a SideReport,
) -> impl Iterator<Item = (&'static str, &'a MuscleReport, &'a MuscleReport)> {
    ["MG", "LG", "GAS", "SOL"]
        .into_iter()
        .filter_map(|name| Some((name, a.muscles.get(name)?, b.muscles.get(name)?)))
}

fn heads(a: &SideReport, b: &SideReport) -> Option<String> {
    let of = |leg: &SideReport| leg.dominance.as_ref().map(|d| d.heads.join(" and "));
    let (one, two) = (of(a)?, of(b)?);
    (one != two).then(|| format!("gastrocnemius is {one} against {two}"))
}

fn lead(a: &SideReport, b: &SideReport) -> Option<String> {
    let rule = |leg: &SideReport| leg.pushoffs.first().map(|push_off| push_off.window_rule.clone());
    let (one, two) = (rule(a)?, rule(b)?);
    if one != two {
        return Some(format!("window rules differ: {one} against {two}"));
    }
    // A lead is of band-passed EMG: the envelope's cut-off does not enter, the band does.
    calf(a, b).find_map(|(name, a, b)| {
        let [one, two] = [a, b].map(|m| [m.filter.effective_cutoffs_hz[0], m.filter.effective_cutoffs_hz[1]]);
        (!close(&one, &two)).then(|| format!("{name}: band-pass differs, {} against {}", hz(&one), hz(&two)))
    })
}

fn muscle(name: &str, a: &MuscleReport, b: &MuscleReport, across: bool) -> Option<String> {
    let (one, two) = (a.normalisation.kind, b.normalisation.kind);
    if one != two {
        return Some(format!(
            "{name}: references differ, {} against {}",
            crate::words::normalisation(one),
            crate::words::normalisation(two)
        ));
    }
    if a.filter.envelope_kind != b.filter.envelope_kind {
        return Some(format!(
            "{name}: envelopes differ, {} against {}",
            a.filter.envelope_kind.replace('_', " "),
            b.filter.envelope_kind.replace('_', " ")
        ));
    }
    let (one, two) = (&a.filter.effective_cutoffs_hz, &b.filter.effective_cutoffs_hz);
    if !close(one, two) || a.filter.order != b.filter.order {
        return Some(format!("{name}: cut-offs differ, {} against {}", hz(one), hz(two)));
    }
    if across && !one_session(a, b) {
        return Some(format!(
            "{name}: references of two days, {} against {}",
            a.normalisation.date.as_deref().unwrap_or("no date"),
            b.normalisation.date.as_deref().unwrap_or("no date")
        ));
    }
    let unknown = Unit::Arbitrary.symbol();
    ((a.amplitude_unit == unknown) != (b.amplitude_unit == unknown))
        .then(|| format!("{name}: units differ, {} against {}", a.amplitude_unit, b.amplitude_unit))
}

/// A reference dies with its electrodes: two days are two references, unless each is of its own trial.
fn one_session(a: &MuscleReport, b: &MuscleReport) -> bool {
    match (&a.normalisation.date, &b.normalisation.date) {
        (Some(one), Some(two)) => one == two || a.normalisation.reference != b.normalisation.reference,
        _ => true,
    }
}

fn close(one: &[Option<f64>], two: &[Option<f64>]) -> bool {
    one.iter().zip(two).all(|(a, b)| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 0.01 * a.abs(),
        (a, b) => a.is_none() == b.is_none(),
    })
}

fn hz(values: &[Option<f64>]) -> String {
    let text: Vec<String> =
        values.iter().map(|v| v.map_or_else(|| "not known".to_owned(), |v| format!("{v:.0}"))).collect();
    format!("{} Hz", text.join(", "))
}
