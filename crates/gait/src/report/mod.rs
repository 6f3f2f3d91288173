//! The report: `surae.review/1`, field by field what `docs/schema/review-1.json` says.
//!
//! Data only; `review` fills it. Numbers carry their unit in the name or in a `unit` beside them. Every `null` has its
//! reason in [`Report::unavailable`] under its own path; a `null` in a list of numbers has it under the list. Nothing
//! that has a value stands there. Keys are added within `/1`, never renamed.

mod absent;
mod effort;
mod jump;
mod muscle;
mod side;
mod trial;
mod unavailable;

pub use effort::{
    CalfPumpReport, ChangeReport, ForceShareReport, ForceShareRow, RepetitionReport, RepetitionsReport,
    TrendReport,
};
pub use jump::{JumpMuscleReport, JumpPhaseReport, JumpReport, JumpSideReport};
pub use muscle::{ActivityReport, FilterReport, MuscleReport, NoiseReport, NormalisationReport};
pub use side::{
    AngleReport, AnkleReport, ClassSeconds, Crosstalk, CycleReport, CyclesReport, DominanceReport,
    KneeReport, LeadReport, PhaseReport, Preactivation, PushOffMuscle, PushOffPhase, PushOffReport,
    PushOffSummary, SideDifferenceReport, SideReport, StraightReport, SymmetryReport,
};
pub use trial::{ChannelReport, EventReport, QualityReport, StreamReport, TrialReport};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use surae_trial::{Note, Settings};

/// An interval whose open end is `null`.
pub type Interval = [Option<f64>; 2];

/// The report of one trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`Report::SCHEMA`].
    pub schema: String,
    /// Version of Surae.
    pub surae_version: String,
    /// `zero_phase` or `causal`.
    pub mode: String,
    /// Everything that changed a number.
    pub settings: Settings,
    /// Why a value is `null`, by path.
    pub unavailable: BTreeMap<String, String>,
    /// What was analysed.
    pub trial: TrialReport,
    /// Events of all sources.
    pub events: Vec<EventReport>,
    /// Each leg.
    pub sides: Sides,
    /// Left against right, for times and lengths.
    pub symmetry: Vec<SymmetryReport>,
    /// Dominance of the left leg against the right one.
    pub side_difference: Vec<SideDifferenceReport>,
    /// Jumps.
    pub jumps: Vec<JumpReport>,
    /// Guesses, doubts and limits.
    pub notes: Vec<Note>,
    /// The results, each in one sentence with its number and its doubt.
    pub sentences: Vec<String>,
}

/// Both legs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sides {
    /// Left; `None` when it has neither EMG, nor knee angle, nor events.
    pub left: Option<SideReport>,
    /// Right; as left.
    pub right: Option<SideReport>,
}

impl Sides {
    /// The report of a leg.
    #[must_use]
    pub fn of(&self, side: surae_trial::Side) -> Option<&SideReport> {
        match side {
            surae_trial::Side::Left => self.left.as_ref(),
            surae_trial::Side::Right => self.right.as_ref(),
        }
    }
}

impl Report {
    /// The value of `schema`.
    pub const SCHEMA: &'static str = "surae.review/1";

    /// The reason why the value at `path` (`sides.right.pushoffs[2].off_s`) is missing: the one of the path itself, of the
    /// same path with `[*]` for an index, or of a path that contains it; the longest wins.
    #[must_use]
    pub fn reason(&self, path: &str) -> Option<&str> {
        let any_index = star(path);
        let own = self.longest(path);
        let any = self.longest(&any_index);
        match (own, any) {
            (Some((length, _)), Some((other, reason))) if other > length => Some(reason),
            (Some((_, reason)), _) | (None, Some((_, reason))) => Some(reason),
            (None, None) => None,
        }
    }

    /// The reason of the longest path that is `path` or contains it, with its length.
    fn longest(&self, path: &str) -> Option<(usize, &str)> {
        // A long trial has a hundred thousand values to ask for, so the containing paths are looked up, not searched for.
        let mut outer = path;
        loop {
            if let Some(reason) = self.unavailable.get(outer) {
                return Some((outer.len(), reason));
            }
            outer = &outer[..outer.rfind(['.', '['])?];
        }
    }
}

/// The path with every index replaced by `*`.
fn star(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '[' => {
                out.push_str("[*");
                inside = true;
            }
            ']' => {
                out.push(']');
                inside = false;
            }
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// A finite number, or nothing.
#[must_use]
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// An interval with open ends as `None`.
#[must_use]
pub(crate) fn interval(ends: [f64; 2]) -> Interval {
    ends.map(finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_found_under_its_path_any_index_or_a_containing_path() {
        assert_eq!(star("sides.right.pushoffs[12].off_s"), "sides.right.pushoffs[*].off_s");
        let reasons = [("a.b", "outer"), ("a.b[*].c", "each"), ("a.b[3].c", "third"), ("sides", "no leg")];
        let report = Report {
            unavailable: reasons.map(|(key, reason)| (key.to_owned(), reason.to_owned())).into(),
            ..crate::review(&surae_trial::Trial::default(), None, None, &crate::ReviewOptions::default())
                .report
        };
        for (path, reason) in [
            ("a.b", Some("outer")),
            ("a.b[3]", Some("outer")),
            ("a.b[2].c", Some("each")),
            ("a.b[3].c", Some("third")),
            ("a.b[3].c.d[1]", Some("third")),
            ("sides.left.cycles.n", Some("no leg")),
            ("a.bc", None),
            ("a", None),
        ] {
            assert_eq!(report.reason(path), reason, "{path}");
        }
    }
}
