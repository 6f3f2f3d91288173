//! Jumps of a trial as the report gives them, with a reason for everything that is missing, and their sentences.

use super::jump_words;
use crate::jump::{Jump, JumpSide, height_from_flight_m, height_from_speed_m};
use crate::report::{
    EventReport, JumpMuscleReport, JumpPhaseReport, JumpReport, JumpSideReport, PushOffPhase, finite,
    interval,
};
use std::collections::BTreeMap;
use surae_trial::{EventKind, EventSource, Side, Trial};

/// Reports of all jumps; `sides` are the left and the right leg through each of them.
pub(super) fn jump_reports(
    trial: &Trial,
    jumps: &[Jump],
    sides: [&[JumpSide]; 2],
    unavailable: &mut BTreeMap<String, String>,
) -> Vec<JumpReport> {
    jumps
        .iter()
        .enumerate()
        .map(|(at, jump)| {
            let mut say =
                |key: &str, why: &str| unavailable.insert(format!("jumps[{at}].{key}"), why.to_owned());
            missing(jump, &mut say);
            let legs = Side::BOTH
                .into_iter()
                .zip(sides)
                .filter_map(|(side, legs)| Some((side, legs.get(at)?)))
                .filter(|(_, leg)| !leg.muscles.is_empty() || leg.knee_deg.iter().any(Option::is_some));
            let legs =
                legs.map(|(side, leg)| (side.name().to_owned(), side_report(side, leg, &mut say))).collect();
            report(trial, at, jump, legs)
        })
        .collect()
}

fn report(trial: &Trial, at: usize, jump: &Jump, sides: BTreeMap<String, JumpSideReport>) -> JumpReport {
    let flight_time_s = jump.flight_time_s();
    let height_m = height_from_flight_m(flight_time_s);
    let contact_time_s = jump.contact_time_s();
    let time_to_take_off_s = jump.onset_s.map(|onset| jump.take_off_s - onset);
    let impulse = jump.impulse.ok();
    let weighed = jump.weighing.map(|w| w.mass_kg());
    let body_mass_kg = weighed.or(trial.subject.mass_kg);
    let (rsi, rsi_definition) = match (contact_time_s, time_to_take_off_s) {
        (Some(contact_s), _) => (Some(height_m / contact_s), Some(RSI)),
        (None, Some(time_s)) => (Some(height_m / time_s), Some(RSI_MODIFIED)),
        (None, None) => (None, None),
    };
    JumpReport {
        id: format!("jump-{}", at + 1),
        start: jump.start.name().to_owned(),
        source: jump.source,
        movement_onset_s: jump.onset_s,
        contact_s: jump.contact_s,
        take_off_s: jump.take_off_s,
        landing_s: jump.landing_s,
        flight_time_s,
        height_flight_m: height_m,
        height_impulse_m: impulse.map(|i| height_from_speed_m(i.take_off_mps)),
        take_off_speed_mps: impulse.map(|i| i.take_off_mps),
        integration_residual_mps: impulse.and_then(|i| i.residual_mps),
        body_mass_kg,
        body_mass_source: body_mass_kg
            .map(|_| if weighed.is_some() { "quiet standing on the plate" } else { "stated" }.to_owned()),
        weighing_snr_db: jump.weighing.map(|w| w.snr_db()).and_then(finite),
        contact_time_s,
        time_to_take_off_s,
        drop_height_m: jump
            .contact_speed_mps
            .filter(|_| jump.start == crate::jump::Start::Drop)
            .map(height_from_speed_m),
        rsi,
        rsi_definition: rsi_definition.map(str::to_owned),
        rsi_other: contact_time_s.map(|contact_s| flight_time_s / contact_s),
        rsi_other_definition: contact_time_s.map(|_| "flight time / contact time".to_owned()),
        take_off_rule: jump.rule.clone(),
        phases: jump
            .phases
            .iter()
            .map(|p| JumpPhaseReport { phase: p.name.to_owned(), from_s: p.from_s, to_s: p.to_s })
            .collect(),
        sides,
    }
}

const RSI: &str = "height by flight time / contact time, in m/s";
const RSI_MODIFIED: &str = "modified: height by flight time / time from movement onset to take-off, in m/s";

fn missing(jump: &Jump, say: &mut impl FnMut(&str, &str) -> Option<String>) {
    let no_impulse = jump.impulse.err().unwrap_or("not available");
    for key in ["height_impulse_m", "take_off_speed_mps"] {
        say(key, no_impulse);
    }
    let no_check =
        if jump.impulse.is_ok() { "nobody stands still for a second after the landing" } else { no_impulse };
    say("integration_residual_mps", no_check);
    let no_mass = if jump.source == EventSource::ForcePlate {
        "nobody stands still on the plate for a second, and no mass is stated"
    } else {
        "no vertical force, and no mass is stated in the file"
    };
    for key in ["body_mass_kg", "body_mass_source"] {
        say(key, no_mass);
    }
    say("weighing_snr_db", "nobody stands still on a plate for a second");
    for key in ["contact_s", "contact_time_s", "rsi_other", "rsi_other_definition"] {
        say(key, "the jump does not begin out of a landing");
    }
    for key in ["movement_onset_s", "time_to_take_off_s"] {
        say(key, "needs the vertical force from quiet standing");
    }
    for key in ["rsi", "rsi_definition"] {
        say(key, "needs the contact before the jump, or the movement onset from force");
    }
    say("drop_height_m", "not a drop jump, or no body mass");
    say("sides", "no calf EMG and no knee angle");
}

fn side_report(
    side: Side,
    leg: &JumpSide,
    say: &mut impl FnMut(&str, &str) -> Option<String>,
) -> JumpSideReport {
    let mut of = |key: &str, why: &str| say(&format!("sides.{side}.{key}"), why);
    of(
        "gastrocnemius_lead_ms",
        "needs raw EMG of gastrocnemius and soleus, whole from the beginning of the jump to take-off",
    );
    of("lead_ci90_ms", "no lead");
    for key in ["at_start_deg", "max_deg", "max_s", "at_take_off_deg", "at_landing_deg", "max_landing_deg"] {
        of(&format!("knee_{key}"), "no knee angle at that time");
    }
    of("phases", "no dominance on this leg: gastrocnemius or soleus missing");
    let muscles = leg
        .muscles
        .iter()
        .map(|m| {
            let name = m.muscle.short();
            for (key, result) in [("on_ms", &m.on_ms), ("off_ms", &m.off_ms)] {
                if let Err(why) = result {
                    of(&format!("muscles.{name}.{key}"), why);
                }
            }
            of(&format!("muscles.{name}"), "needs raw EMG, whole around the jump");
            let report = JumpMuscleReport {
                on_ms: m.on_ms.ok(),
                off_ms: m.off_ms.ok(),
                peak_ms: m.peak_ms,
                t50_ms: m.t50_ms,
                landing_preactivation_fraction: m.landing_preactivation_fraction,
            };
            (name.to_owned(), report)
        })
        .collect();
    for (k, phase) in leg.phases.iter().enumerate() {
        let why = if phase.verdict.reason.is_some() { "no call" } else { "the class is determined" };
        of(&format!("phases[{k}].reason"), why);
        for key in ["log_ratio", "log_ratio_ci90"] {
            of(
                &format!("phases[{k}].{key}"),
                "muscles at their floor, no reference, or an open end of a bound",
            );
        }
    }
    JumpSideReport {
        muscles,
        gastrocnemius_lead_ms: leg.lead_ms,
        lead_ci90_ms: leg.lead_ci90_ms.map_or([None; 2], |ci| ci.map(Some)),
        phases: leg
            .phases
            .iter()
            .map(|p| PushOffPhase {
                phase: p.phase.name.to_owned(),
                log_ratio: finite(p.ratio.log_ratio),
                log_ratio_ci90: interval(p.ratio.ci90),
                class: p.verdict.class,
                reason: p.verdict.reason,
            })
            .collect(),
        knee_at_start_deg: leg.knee_deg[0],
        knee_max_deg: leg.knee_deg[1],
        knee_max_s: leg.turn_s,
        knee_at_take_off_deg: leg.knee_deg[2],
        knee_at_landing_deg: leg.knee_deg[3],
        knee_max_landing_deg: leg.knee_deg[4],
    }
}

/// Take-offs and landings that were found in force or contacts, as events; those of the file are events already.
pub(super) fn jump_events(jumps: &[Jump], first: usize) -> Vec<EventReport> {
    let found = jumps.iter().filter(|jump| jump.source != EventSource::File);
    let both = found.flat_map(|j| {
        [(EventKind::TakeOff, j.take_off_s, j.source), (EventKind::Landing, j.landing_s, j.source)]
    });
    both.enumerate()
        .map(|(at, (kind, time_s, source))| EventReport {
            id: format!("event-{}", first + at + 1),
            time_s,
            kind,
            side: None,
            source,
            chosen: true,
        })
        .collect()
}

/// From more jumps than this on, they are told together.
const MANY: usize = 5;

/// One sentence a jump and one a leg; medians of many.
pub(crate) fn sentences(reports: &[JumpReport], sentences: &mut Vec<String>) {
    if reports.len() > MANY {
        sentences.extend(jump_words::series(reports));
        sentences.extend(Side::BOTH.iter().filter_map(|side| jump_words::series_leg(side.name(), reports)));
        return;
    }
    for (at, jump) in reports.iter().enumerate() {
        sentences.push(jump_words::jump(at + 1, jump));
        for (side, leg) in &jump.sides {
            sentences.extend(jump_words::jump_leg(at + 1, side, leg));
        }
    }
}
