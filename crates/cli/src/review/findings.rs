//! What a trial lacks for the main question: who leads, when, at which knee angle.
//!
//! The result stands, computed as far as the trial goes; these sentences go to stderr and make the exit code 1, so that
//! a script does not take half an answer for a whole one. Not for doubts about what was found: those are notes.

use surae_gait::report::{Report, SideReport};
use surae_trial::{EventKind, Muscle, Side, Task, Unit};

/// One sentence for each thing that is missing, with what to do; empty for a trial that answers the whole question.
pub fn findings(report: &Report) -> Vec<String> {
    let legs: Vec<&SideReport> = Side::BOTH
        .into_iter()
        .filter_map(|side| report.sides.of(side))
        .filter(|leg| has_calf_emg(leg))
        .collect();
    let mut found = Vec::new();
    if legs.is_empty() && !report.jumps.is_empty() {
        found.push(
            "no EMG of a calf muscle, so times and heights of the jumps only: nothing about gastrocnemius and soleus; record EMG \
             with the force, or join its file with --with FILE"
                .to_owned(),
        );
        return found;
    }
    if !legs.iter().any(|leg| leg.dominance.is_some()) {
        let missing = if legs.iter().any(|leg| leg.muscles.contains_key(Muscle::SOL.short())) {
            "no gastrocnemius on a leg with soleus"
        } else {
            "no soleus on a leg with gastrocnemius"
        };
        found.push(format!(
            "{missing}, so no dominance; name the channel with --map if it was recorded (`surae info TRIAL --write-map`)"
        ));
    }
    if !legs.iter().any(|leg| leg.knee_angle.is_some()) {
        found.push(
            "no knee angle, so no dominance against knee angle; add markers, an angle channel or a file of coordinates \
             (--with FILE)"
                .to_owned(),
        );
    }
    let contact = |kind: EventKind| matches!(kind, EventKind::FootContact | EventKind::TakeOff);
    let steps = matches!(report.settings.task, Task::Walk | Task::Run | Task::Sprint | Task::Jump);
    if steps && !report.events.iter().any(|event| contact(event.kind)) {
        found.push(
            "no foot contacts, so no phases and no push-offs; add events, force plates or a foot switch, or state events \
             in a map"
                .to_owned(),
        );
    }
    let unknown: Vec<&str> = legs
        .iter()
        .flat_map(|leg| &leg.muscles)
        .filter(|(name, muscle)| is_calf(name) && muscle.amplitude_unit == Unit::Arbitrary.symbol())
        .map(|(_, muscle)| muscle.label.as_str())
        .collect();
    if !unknown.is_empty() {
        found.push(format!(
            "unit unknown for {}, so amplitudes are a.u. and compare within a channel only; state the unit with --map",
            unknown.join(", ")
        ));
    }
    found
}

fn is_calf(short: &str) -> bool {
    Muscle::from_short(short).is_some_and(Muscle::is_triceps_surae)
}

fn has_calf_emg(leg: &SideReport) -> bool {
    leg.muscles.keys().any(|name| is_calf(name))
}
