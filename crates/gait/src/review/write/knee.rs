//! The knee angle of a leg, as the report gives it.

use crate::cycles::{Cycle, Ensemble, POINTS, curve};
use crate::knee;
use crate::report::KneeReport;
use crate::review::side::{Context, Missing};
use crate::stats::percentile;
use crate::track::AngleSeries;
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
            "no knee angle: no angle channel and no hip, knee and ankle markers of this leg",
        );
        return None;
    };
    let curves: Vec<[f64; POINTS]> = cycles
        .iter()
        .filter(|c| c.is_kept())
        .filter_map(|c| curve(&series.deg, series.rate_hz, series.start_s, c))
        .collect();
    let ensemble = Ensemble::of(&curves);
    if ensemble.is_none() {
        missing.say("knee_angle.mean_curve_deg", "no gait cycle with a whole knee angle");
    }
    if ensemble.as_ref().is_none_or(|e| e.sd.is_empty()) {
        missing.say("knee_angle.sd_curve_deg", "fewer than two gait cycles with a whole knee angle");
    }
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
