//! The push-offs of a leg and the lead over them, as the report gives them.

use crate::pushoff::{LeadSummary, PushOff, window_rule};
use crate::report::{LeadReport, PushOffPhase, PushOffReport, finite, interval};
use crate::review::quality;
use crate::review::side::{Context, Missing};
use crate::stats::median;
use crate::words;
use std::collections::BTreeMap;
use surae_trial::{Muscle, Side};

/// Worst grade of the calf channels of a leg.
fn worst_grade(context: &Context<'_>, side: Side) -> Option<String> {
    context
        .emg
        .iter()
        .filter(|e| e.side == side && e.muscle.is_triceps_surae())
        .filter_map(|e| context.graded.iter().find(|g| quality::is(g, e)))
        .map(|g| g.grade)
        .max()
        .map(|grade| grade.to_string())
}

/// How the lead is measured.
const LEAD_METHOD: &str = "t50 of soleus minus t50 of gastrocnemius (heads weighted); interval of one contact from a model SD of 8 ms a muscle";

pub(in crate::review) fn push_report(
    context: &Context<'_>,
    side: Side,
    at: usize,
    push: &PushOff,
    missing: &mut Missing<'_>,
) -> PushOffReport {
    let of = |muscle| push.muscles.iter().find(|m| m.muscle == muscle);
    let t50 = |muscle| of(muscle).and_then(|m| m.t50_ms);
    let peak = |muscle| of(muscle).and_then(|m| m.peak_ms);
    let mut say = |key: &str, why: &str| missing.say(&format!("pushoffs[{at}].{key}"), why);
    let why = push.reason.unwrap_or("muscle not recorded on this leg, or signal not whole");
    for key in ["off_s", "contact_time_s"] {
        say(key, "no foot off for this contact");
    }
    say("flight_time_s", "no flight: the other foot is down, or no later contact");
    for key in ["gastrocnemius_lead_ms", "lead_ci90_ms", "mg_t50_ms", "lg_t50_ms", "sol_t50_ms"] {
        say(key, why);
    }
    for key in ["mg_peak_ms", "lg_peak_ms", "sol_peak_ms"] {
        say(key, "muscle not recorded on this leg, or no contact time to look in");
    }
    for key in ["knee_at_contact_deg", "knee_min_deg", "knee_at_off_deg"] {
        say(key, "no knee angle at that time, or no foot off");
    }
    say("phases", "class determined, or muscles at their floor, or no reference");
    let onsets = [Muscle::MG, Muscle::SOL].map(|m| of(m).and_then(|m| m.onset_ms));
    let onset_reason = match onsets {
        [Some(_), Some(_)] => "",
        _ if push.muscles.iter().all(|m| m.onset_ms.is_none() && m.t50_ms.is_none()) => "not_measured",
        _ => "onset_merged",
    };
    for key in ["mg_onset_ms", "sol_onset_ms"] {
        say(key, "burst merges with earlier activity (no 50 ms below 20 % of its peak), or muscle missing");
    }
    say("quality", "no raw EMG of the calf to grade");
    PushOffReport {
        id: format!("{side}-{}", at + 1),
        contact_s: push.contact_s,
        off_s: push.off_s,
        contact_time_s: push.off_s.map(|off| off - push.contact_s),
        flight_time_s: push.flight_time_s,
        gastrocnemius_lead_ms: push.lead_ms,
        lead_ci90_ms: push.lead_ci90_ms.map_or([None; 2], |ci| ci.map(Some)),
        lead_method: LEAD_METHOD.to_owned(),
        preactivation_fraction: push
            .muscles
            .iter()
            .filter_map(|m| m.preactivation_fraction.map(|f| (m.muscle.short().to_owned(), f)))
            .collect(),
        phases: push
            .phases
            .iter()
            .map(|p| PushOffPhase {
                phase: p.name.to_owned(),
                log_ratio: finite(p.ratio.log_ratio),
                log_ratio_ci90: interval(p.ratio.ci90),
                class: p.verdict.class,
                reason: p.verdict.reason,
            })
            .collect(),
        mg_onset_ms: onsets[0],
        sol_onset_ms: onsets[1],
        onset_reason: onset_reason.to_owned(),
        mg_t50_ms: t50(Muscle::MG),
        lg_t50_ms: t50(Muscle::LG),
        sol_t50_ms: t50(Muscle::SOL),
        mg_peak_ms: peak(Muscle::MG),
        lg_peak_ms: peak(Muscle::LG),
        sol_peak_ms: peak(Muscle::SOL),
        knee_at_contact_deg: push.knee_deg[0],
        knee_min_deg: push.knee_deg[1],
        knee_at_off_deg: push.knee_deg[2],
        window_rule: window_rule(&context.settings.events),
        quality: worst_grade(context, side),
    }
}

pub(in crate::review) fn lead_report(
    summary: Option<LeadSummary>,
    pushes: &[PushOff],
    missing: &mut Missing<'_>,
) -> Option<LeadReport> {
    let Some(summary) = summary else {
        missing.say(
            "lead_summary",
            "no contact with a lead: needs raw EMG of gastrocnemius and soleus, contact and foot off",
        );
        return None;
    };
    let t50 =
        |push: &PushOff, muscle| push.muscles.iter().find(|m| m.muscle == muscle).and_then(|m| m.t50_ms);
    let mut by_head_ms = BTreeMap::new();
    for head in [Muscle::MG, Muscle::LG, Muscle::GAS] {
        let leads: Vec<f64> =
            pushes.iter().filter_map(|p| Some(t50(p, Muscle::SOL)? - t50(p, head)?)).collect();
        if let Some(median) = median(&leads) {
            by_head_ms.insert(head.short().to_owned(), median);
        }
    }
    Some(LeadReport {
        median_ms: summary.median_ms,
        ci90_ms: summary.ci90_ms,
        n: summary.n,
        by_head_ms,
        call: words::lead_call(summary.ci90_ms).to_owned(),
    })
}
