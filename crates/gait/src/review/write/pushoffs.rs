//! The push-offs of a leg and the lead over them, as the report gives them.

use crate::pushoff::{LeadSummary, MuscleTiming, PushOff, accelerating, why, window_rule};
use crate::report::{
    LeadReport, PushOffMuscle, PushOffPhase, PushOffReport, PushOffSummary, finite, interval,
};
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
    let onset = |muscle| of(muscle).map(|m| m.onset_ms);
    let onsets = [onset(Muscle::MG), onset(Muscle::SOL)];
    let reasons = || onsets.iter().flatten().filter_map(|o| o.err());
    let onset_reason = match onsets {
        [Some(Ok(_)), Some(Ok(_))] => "",
        _ => reasons().find(|r| *r == why::MERGED).or(reasons().next()).unwrap_or(why::NOT_MEASURED),
    };
    for (key, onset) in [("mg_onset_ms", onsets[0]), ("sol_onset_ms", onsets[1])] {
        say(key, onset.and_then(Result::err).map_or("muscle not recorded on this leg", onset_words));
    }
    for m in &push.muscles {
        let of = |key: &str| format!("muscles.{}.{key}", m.muscle.short());
        for (keys, result) in
            [(["onset_ms", "onset_to_off_ms"], m.onset_ms), (["offset_ms", "offset_to_off_ms"], m.offset_ms)]
        {
            for key in keys {
                say(&of(key), result.err().map_or("no foot off for this contact", onset_words));
            }
        }
        for key in ["t50_ms", "t50_to_off_ms"] {
            say(&of(key), why);
        }
        for key in ["peak_ms", "peak_to_off_ms", "peak_percent_contact"] {
            say(&of(key), "no contact time to look in");
        }
    }
    say("muscles", "no calf EMG on this leg");
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
        muscles: push
            .muscles
            .iter()
            .map(|m| {
                (m.muscle.short().to_owned(), muscle(m, push.off_s.map(|off| (off - push.contact_s) * 1e3)))
            })
            .collect(),
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
        mg_onset_ms: onsets[0].and_then(Result::ok),
        sol_onset_ms: onsets[1].and_then(Result::ok),
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
        rejected: push.rejected.clone().unwrap_or_default(),
        quality: worst_grade(context, side),
    }
}

/// Why a burst has no beginning or end, in words.
fn onset_words(reason: &'static str) -> &'static str {
    match reason {
        why::MERGED => "burst merges with other activity (no 50 ms below 20 % of its peak)",
        why::LOW => "20 % of the burst's peak is not clear of the rest level",
        _ => "needs raw EMG, whole around the contact",
    }
}

fn muscle(timing: &MuscleTiming, contact_ms: Option<f64>) -> PushOffMuscle {
    let (onset_ms, offset_ms) = (timing.onset_ms.ok(), timing.offset_ms.ok());
    let to_off = |time_ms: Option<f64>| Some(time_ms? - contact_ms?);
    PushOffMuscle {
        onset_ms,
        offset_ms,
        t50_ms: timing.t50_ms,
        peak_ms: timing.peak_ms,
        onset_to_off_ms: to_off(onset_ms),
        offset_to_off_ms: to_off(offset_ms),
        t50_to_off_ms: to_off(timing.t50_ms),
        peak_to_off_ms: to_off(timing.peak_ms),
        peak_percent_contact: timing.peak_ms.zip(contact_ms).map(|(peak, contact)| 100.0 * peak / contact),
    }
}

/// Medians over the contacts that have a foot off.
pub(in crate::review) fn push_summary(
    pushes: &[PushOff],
    missing: &mut Missing<'_>,
) -> Option<PushOffSummary> {
    let whole: Vec<&PushOff> = pushes.iter().filter(|p| p.off_s.is_some()).collect();
    if whole.is_empty() {
        missing.say("pushoff_summary", "no contact with a foot off");
        return None;
    }
    for key in ["flight_time_s", "contact_time_s"] {
        missing.say(&format!("pushoff_summary.{key}"), "no flight after these contacts");
    }
    missing.say("pushoff_summary.accelerating_s", "contacts do not shorten from step to step");
    missing.say("pushoff_summary.knee_deg", "no knee angle");
    for key in ["preactivation_fraction", "t50_ms"] {
        missing
            .say(&format!("pushoff_summary.{key}"), "needs raw EMG of the calf, whole around the contacts");
    }
    let over = |value: &dyn Fn(&PushOff) -> Option<f64>| {
        median(&whole.iter().filter_map(|p| value(p)).collect::<Vec<f64>>())
    };
    let muscles: Vec<Muscle> = whole[0].muscles.iter().map(|m| m.muscle).collect();
    let of = |p: &PushOff, muscle| p.muscles.iter().find(|m| m.muscle == muscle).cloned();
    let by_muscle = |value: &dyn Fn(MuscleTiming) -> Option<f64>| -> BTreeMap<String, f64> {
        let found = muscles
            .iter()
            .filter_map(|m| Some((m.short().to_owned(), over(&|p| of(p, *m).and_then(value))?)));
        found.collect()
    };
    Some(PushOffSummary {
        n: whole.len(),
        contact_time_s: over(&|p| p.off_s.map(|off| off - p.contact_s)),
        flight_time_s: over(&|p| p.flight_time_s),
        accelerating_s: accelerating(pushes),
        preactivation_fraction: by_muscle(&|m| m.preactivation_fraction),
        t50_ms: by_muscle(&|m| m.t50_ms),
        knee_deg: [0, 1, 2].map(|k| over(&|p| p.knee_deg[k])),
    })
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
