//! The knee and ankle angles of a leg, as the report gives them.

use crate::cycles::{Cycle, Ensemble, POINTS, curve};
use crate::report::{AnkleReport, KneeReport};
use crate::review::side::{Context, Missing};
use crate::stats::percentile;
use crate::track::AngleSeries;
use crate::{ankle, knee};
use surae_trial::Side;

pub(in crate::review) fn knee_report(
    context: &Context<'_>,
    side: Side,
    series: Option<&AngleSeries>,
    cycles: &[Cycle],
    missing: &mut Missing<'_>,
) -> Option<KneeReport> {
    let (Some(source), Some(series)) = (knee::source(context.trial, side), series) else {
        missing.say(
            "knee_angle",
            "no knee angle: no angle channel, no hip, knee and ankle markers and no inertial sensors on thigh and shank of this leg",
        );
        return None;
    };
    let ensemble = ensemble("knee", series, cycles, missing);
    let valid: Vec<usize> = (0..series.deg.len()).filter(|i| series.deg[*i].is_finite()).collect();
    let time = |i: &usize| series.start_s + *i as f64 / series.rate_hz;
    if valid.is_empty() {
        missing.say("knee_angle", "the knee angle has no valid value");
    }
    Some(KneeReport {
        source: source.text,
        sign_note: source.sign_note,
        zero_method: source.zero_method.to_owned(),
        offset_deg: source.offset_deg,
        min_deg: percentile(&series.deg, 0.0),
        max_deg: percentile(&series.deg, 100.0),
        valid_s: [valid.first().map(time), valid.last().map(time)],
        sd_curve_deg: ensemble.as_ref().filter(|e| !e.sd.is_empty()).map(|e| e.sd.clone()),
        mean_curve_deg: ensemble.map(|e| e.mean),
    })
}

pub(in crate::review) fn ankle_report(
    context: &Context<'_>,
    side: Side,
    series: Option<&AngleSeries>,
    cycles: &[Cycle],
    missing: &mut Missing<'_>,
) -> Option<AnkleReport> {
    let (Some(source), Some(series)) = (ankle::source(context.trial, side), series) else {
        missing.say(
            "ankle_angle",
            "no ankle angle: no angle channel and no knee, ankle, heel and toe markers of this leg",
        );
        return None;
    };
    let ensemble = ensemble("ankle", series, cycles, missing);
    missing.say("ankle_angle", "the ankle angle has no valid value");
    Some(AnkleReport {
        source: source.text,
        zero_method: source.zero_method.to_owned(),
        offset_deg: source.offset_deg,
        min_deg: percentile(&series.deg, 0.0),
        max_deg: percentile(&series.deg, 100.0),
        sd_curve_deg: ensemble.as_ref().filter(|e| !e.sd.is_empty()).map(|e| e.sd.clone()),
        mean_curve_deg: ensemble.map(|e| e.mean),
    })
}

/// An angle over the kept cycles in which it is whole.
fn ensemble(
    joint: &str,
    series: &AngleSeries,
    cycles: &[Cycle],
    missing: &mut Missing<'_>,
) -> Option<Ensemble> {
    let curves: Vec<[f64; POINTS]> = cycles
        .iter()
        .filter(|c| c.is_kept())
        .filter_map(|c| curve(&series.deg, series.rate_hz, series.start_s, c))
        .collect();
    let ensemble = Ensemble::of(&curves);
    if ensemble.is_none() {
        let why = format!("no gait cycle with a whole {joint} angle");
        missing.say(&format!("{joint}_angle.mean_curve_deg"), why);
    }
    if ensemble.as_ref().is_none_or(|e| e.sd.is_empty()) {
        let why = format!("fewer than two gait cycles with a whole {joint} angle");
        missing.say(&format!("{joint}_angle.sd_curve_deg"), why);
    }
    ensemble
}
