//! Repetitions, calf pump and force share of a leg as the report gives them.

use super::side::Missing;
use crate::angle_map::AngleBin;
use crate::calf_pump::{self, CalfPump};
use crate::force_share::{CAPACITIES, share};
use crate::repetition::{self, Change, Repetition, Trend};
use crate::report::{
    CalfPumpReport, ChangeReport, ForceShareReport, ForceShareRow, RepetitionReport, RepetitionsReport,
    SideReport, TrendReport, finite,
};
use crate::words::signed;
use surae_trial::Side;

/// Repetitions and trends of a leg.
pub(super) fn repetitions_report(
    reps: &[Repetition],
    changes: &[Change],
    missing: &mut Missing<'_>,
) -> Option<RepetitionsReport> {
    if reps.is_empty() {
        missing.say(
            "repetitions",
            "not plantar flexion, or no activity of at least 0.5 s of gastrocnemius and soleus",
        );
        return None;
    }
    missing.say("repetitions.per_min", "one repetition has no cadence");
    for key in ["knee_deg", "ankle_deg", "rms", "mdf_hz"] {
        missing.say(&format!("repetitions.items[*].{key}"), "not recorded, or not raw EMG over its floor");
    }
    for change in changes {
        let path = |key: &str| format!("repetitions.trends.{}.{key}", change.muscle.short());
        missing.say(&path("snr_db"), "no amplitude over the rest level");
        for (key, why) in
            [("rms", change.rms.err()), ("mdf", change.mdf.err()), ("reading", change.reading.err())]
        {
            missing.say(&path(key), why.unwrap_or("not available"));
        }
    }
    let span_s = reps[reps.len() - 1].from_s - reps[0].from_s;
    let rise = reps.iter().any(|r| r.part_to_s < r.to_s);
    Some(RepetitionsReport {
        n: reps.len(),
        per_min: (reps.len() > 1).then(|| 60.0 * (reps.len() - 1) as f64 / span_s).and_then(finite),
        part: if rise { "rise" } else { "whole" }.to_owned(),
        items: reps
            .iter()
            .map(|r| RepetitionReport {
                from_s: r.from_s,
                to_s: r.to_s,
                knee_deg: r.knee_deg,
                ankle_deg: r.ankle_deg,
                rms: r.muscles.iter().filter_map(|m| Some((m.muscle.short().to_owned(), m.rms?))).collect(),
                mdf_hz: r
                    .muscles
                    .iter()
                    .filter_map(|m| Some((m.muscle.short().to_owned(), m.mdf_hz?)))
                    .collect(),
            })
            .collect(),
        trends: changes
            .iter()
            .map(|c| {
                let report = ChangeReport {
                    snr_db: finite(c.snr_db),
                    rms: c.rms.ok().map(trend),
                    mdf: c.mdf.ok().map(trend),
                    reading: c.reading.ok().map(str::to_owned),
                };
                (c.muscle.short().to_owned(), report)
            })
            .collect(),
    })
}

fn trend(t: Trend) -> TrendReport {
    TrendReport {
        n: t.n,
        start: t.start,
        percent_per_min: t.percent_per_min,
        ci95_per_min: t.ci95_per_min,
        percent_per_point: t.percent_per_point,
        ci95_per_point: t.ci95_per_point,
    }
}

/// Repetitions with their trends, and the calf pump, in words.
pub(crate) fn sentences(side: Side, leg: &SideReport) -> Vec<String> {
    let name = if side == Side::Left { "Left" } else { "Right" };
    let mut said = Vec::new();
    if let Some(reps) = &leg.repetitions {
        let plural = if reps.n == 1 { "" } else { "s" };
        let rate = reps.per_min.map_or(String::new(), |rate| format!(", {rate:.0} a minute"));
        said.push(format!(
            "{name} leg: {} repetition{plural}{rate}, each with at least {} s of calf activity.",
            reps.n,
            repetition::SHORTEST_S
        ));
        said.extend(reps.trends.iter().filter_map(|(muscle, change)| trend_sentence(name, muscle, change)));
    }
    if let Some(pump) = &leg.calf_pump {
        said.push(format!(
            "{name} leg: the calf contracts {:.1} times a minute ({} times for at least {} s in {:.0} s); the longest time without is {:.0} s.",
            pump.per_min,
            pump.contractions,
            calf_pump::SHORTEST_S,
            pump.duration_s,
            pump.longest_still_s
        ));
    }
    said
}

fn trend_sentence(leg: &str, muscle: &str, change: &ChangeReport) -> Option<String> {
    let (rms, mdf) = (change.rms.as_ref()?, change.mdf.as_ref()?);
    let part = |t: &TrendReport| {
        let [low, high] = t.ci95_per_min;
        format!(
            "{} % a minute (95 % interval {} \u{2026} {})",
            signed(t.percent_per_min, 1),
            signed(low, 1),
            signed(high, 1)
        )
    };
    let reading = change.reading.as_ref().map_or(String::new(), |text| format!(": {text}"));
    Some(format!(
        "{leg} leg, {muscle}, {} points: amplitude {}, median frequency {}{reading}.",
        rms.n,
        part(rms),
        part(mdf)
    ))
}

/// The calf pump of a leg.
pub(super) fn pump_report(pump: Option<&CalfPump>, missing: &mut Missing<'_>) -> Option<CalfPumpReport> {
    let Some(pump) = pump else {
        missing.say("calf_pump", "counted in standing only, with gastrocnemius and soleus on this leg");
        return None;
    };
    Some(CalfPumpReport {
        contractions: pump.contractions.len(),
        per_min: pump.per_min,
        longest_still_s: pump.longest_still_s,
        duration_s: pump.duration_s,
        rule: format!(
            "gastrocnemius or soleus over its gate for at least {:.1} s; closer than {:.1} s is one",
            calf_pump::SHORTEST_S,
            calf_pump::CLOSE_S
        ),
    })
}

/// Share of gastrocnemius in the force by knee angle, from the ratio of activations of each bin with both heads alike.
pub(super) fn share_report(
    asked: bool,
    classed: bool,
    bins: &[AngleBin],
    missing: &mut Missing<'_>,
) -> Option<ForceShareReport> {
    let why = if !asked {
        "optional: ask for it with --force-share"
    } else if !classed {
        "needs activations of one reference kind for every muscle (a profile)"
    } else {
        "needs a knee angle and both muscles over their floor"
    };
    let rows: Vec<ForceShareRow> = bins
        .iter()
        .filter(|bin| {
            asked && classed && bin.ratio.is_known() && bin.ratio.bound == crate::dominance::Bound::None
        })
        .filter_map(|bin| {
            let gastrocnemius = bin.ratio.log_ratio.exp();
            let found =
                share([gastrocnemius, gastrocnemius, 1.0], bin.knee_deg, bin.ankle_deg.unwrap_or(0.0))?;
            Some(ForceShareRow {
                knee_deg: bin.knee_deg,
                ankle_deg: bin.ankle_deg.unwrap_or(0.0),
                ankle_measured: bin.ankle_deg.is_some(),
                share: found.central,
                range: found.range,
            })
        })
        .collect();
    if rows.is_empty() {
        missing.say("force_share", why);
        return None;
    }
    Some(ForceShareReport {
        label: "model estimate: capacity x activation x force-length x pennation, rigid tendon (gait2392 geometry), no force-velocity; \
                not a measurement"
            .to_owned(),
        capacities: CAPACITIES.iter().map(|c| c.source.to_owned()).collect(),
        by_angle: rows,
    })
}
