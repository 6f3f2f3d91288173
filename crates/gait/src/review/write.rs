//! From results of one leg to its part of the report, with a reason for everything that is missing.

use super::side::{Channel, Context, Missing, Parts, own_reference};
use super::task_word;
use crate::angle_map::{AngleBin, Straight};
use crate::cycles::{Cycle, Ensemble, POINTS, Timing, curve};
use crate::dominance::{Class, Gate, Ratio};
use crate::emg::{Emg, Mode};
use crate::knee;
use crate::phases::PhaseResult;
use crate::pushoff::{LeadSummary, PushOff, window_rule};
use crate::report::{
    AngleReport, ClassSeconds, CycleReport, CyclesReport, DominanceReport, FilterReport, KneeReport,
    LeadReport, MuscleReport, NoiseReport, NormalisationReport, PhaseReport, PushOffPhase, PushOffReport,
    StraightReport, finite, interval,
};
use crate::spectra::burst_frequencies;
use crate::stats::{Z90, median, percentile};
use crate::track::{AngleSeries, FASTEST_PER_SAMPLE_HZ, STEP_S};
use crate::words;
use std::collections::BTreeMap;
use surae_signal::design::{Band, butterworth, two_pass_factor};
use surae_trial::{Correction, Kind, Muscle, NormalisationKind, Side, Task};

const NO_CYCLE: &str = "no gait cycle: fewer than two usable foot contacts of this leg";

pub(super) fn knee_report(
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

pub(super) fn cycles_report(
    cycles: &[Cycle],
    timing: Option<Timing>,
    contacts: &[f64],
    missing: &mut Missing<'_>,
) -> CyclesReport {
    let why = if contacts.is_empty() {
        "no foot contacts of this leg: no events, plates or switches"
    } else {
        NO_CYCLE
    };
    if timing.is_none() {
        for key in ["stride_time_s", "stride_time_cv_percent", "stance_percent", "cadence_steps_per_min"] {
            missing.say(&format!("cycles.{key}"), why);
        }
    } else {
        missing.say("cycles.stride_time_cv_percent", "one gait cycle has no variation");
        missing.say("cycles.stance_percent", "no foot off in the gait cycles");
    }
    missing.say("cycles.items[*].foot_off_s", "no foot off in this cycle");
    CyclesReport {
        n: timing.map_or(0, |t| t.n),
        stride_time_s: timing.map(|t| t.stride_time_s),
        stride_time_cv_percent: timing.and_then(|t| t.stride_time_cv_percent),
        stance_percent: timing.and_then(|t| t.stance_percent),
        cadence_steps_per_min: timing.map(|t| t.cadence_steps_per_min()),
        items: cycles
            .iter()
            .map(|c| CycleReport {
                start_s: c.start_s,
                foot_off_s: c.foot_off_s,
                end_s: c.end_s,
                kept: c.is_kept(),
                reason: c.rejected.clone().unwrap_or_default(),
            })
            .collect(),
    }
}

pub(super) fn muscle_report(
    context: &Context<'_>,
    channel: &Channel<'_>,
    cycles: &[Cycle],
    missing: &mut Missing<'_>,
) -> (String, MuscleReport) {
    let name = channel.emg.muscle.short().to_owned();
    let mut say = |key: &str, why: &str| missing.say(&format!("muscles.{name}.{key}"), why);
    let ensemble = channel.ensemble.as_ref();
    if ensemble.is_none() {
        for key in ["peak", "peak_percent_cycle", "mean_curve"] {
            say(key, NO_CYCLE);
        }
    }
    if ensemble.is_none_or(|e| e.n < 2) {
        for key in ["sd_curve", "vr", "cmc"] {
            say(key, "needs at least two gait cycles");
        }
    }
    let frequencies =
        burst_frequencies(channel.emg, cycles, context.settings.task, &context.settings.spectrum);
    if let Err(why) = frequencies {
        say("mdf_hz", why);
        say("mnf_hz", why);
    }
    let (onsets_s, offsets_s) = activity(channel);
    let filter = filter_report(context, channel.emg);
    say("filter.effective_cutoffs_hz", "filtered by the source, how is not known");
    say("filter.lag_ms", "filtered by the source, lag not known");
    let normalisation = normalisation_report(context, channel, &mut say);
    let report = MuscleReport {
        label: channel.emg.label.clone(),
        signal: channel.emg.kind,
        peak: ensemble.map(|e| e.peak().0),
        amplitude_unit: channel.emg.unit.symbol().to_owned(),
        peak_percent_cycle: ensemble.map(|e| e.peak().1),
        mean_curve: ensemble.map(|e| e.mean.clone()),
        sd_curve: ensemble.filter(|e| !e.sd.is_empty()).map(|e| e.sd.clone()),
        vr: ensemble.and_then(|e| e.variance_ratio),
        cmc: ensemble.and_then(Ensemble::multiple_correlation),
        onsets_s,
        offsets_s,
        mdf_hz: frequencies.ok().map(|f| f[0]),
        mnf_hz: frequencies.ok().map(|f| f[1]),
        noise: NoiseReport {
            source: channel.rest.source,
            window_ms: crate::noise::WINDOW_S * 1e3,
            value: channel.rest.arv,
        },
        filter,
        normalisation,
    };
    (name, report)
}

/// Starts and ends of activity by the gate, in steps of 5 ms.
fn activity(channel: &Channel<'_>) -> (Vec<f64>, Vec<f64>) {
    let emg = channel.emg;
    let (mut gate, mut on) = (Gate::default(), false);
    let (mut onsets, mut offsets) = (Vec::new(), Vec::new());
    let steps = (emg.envelope.len() as f64 / emg.rate_hz / STEP_S) as usize;
    for step in 0..steps {
        let time = emg.start_s + step as f64 * STEP_S;
        let is_on = gate.step(emg.envelope_at(time), channel.rest.arv, emg.envelope_cv, STEP_S);
        // The gate confirms late by a known time; the report gives the crossing itself.
        let crossing = (time - Gate::CONFIRM_S + STEP_S).max(emg.start_s);
        if is_on && !on {
            onsets.push(crossing);
        } else if !is_on && on {
            offsets.push(crossing);
        }
        on = is_on;
    }
    (onsets, offsets)
}

fn filter_report(context: &Context<'_>, emg: &Emg) -> FilterReport {
    let c = &context.settings.conditioning;
    let zero_phase = context.mode == Mode::ZeroPhase;
    // Without correction two passes are -3 dB inside the nominal band: the edges move by the factor that would correct them.
    let moved = |hz: f64, order: u8, upwards: bool| {
        if !zero_phase || c.correction == Correction::Winter {
            return hz;
        }
        let factor = two_pass_factor(usize::from(order));
        let warped =
            (std::f64::consts::PI * hz / emg.rate_hz).tan() * if upwards { 1.0 / factor } else { factor };
        warped.atan() * emg.rate_hz / std::f64::consts::PI
    };
    let low = Some(moved(c.envelope_hz, c.envelope_order, false));
    let (effective_cutoffs_hz, envelope_kind) = match emg.kind {
        Kind::RawEmg => {
            let band =
                emg.band_hz.map(|[a, b]| [moved(a, c.band_order, true), moved(b, c.band_order, false)]);
            ([band.map(|b| b[0]), band.map(|b| b[1]), low], "rectified_lowpass")
        }
        Kind::RectifiedEmg => ([None, None, low], "source_rectified_lowpass"),
        _ => ([None; 3], "source_envelope"),
    };
    let lag_ms = match (emg.kind, zero_phase) {
        (Kind::Envelope, _) => None,
        (_, true) => Some(0.0),
        (_, false) => butterworth(usize::from(c.envelope_order), Band::LowPass(c.envelope_hz), emg.rate_hz)
            .ok()
            .map(|f| f.group_delay_s(0.01, emg.rate_hz) * 1e3),
    };
    FilterReport {
        order: [c.band_order, c.envelope_order],
        passes: if zero_phase { 2 } else { 1 },
        correction: if c.correction == Correction::Winter { "winter" } else { "none" }.to_owned(),
        effective_cutoffs_hz,
        envelope_kind: envelope_kind.to_owned(),
        lag_ms,
    }
}

fn normalisation_report(
    context: &Context<'_>,
    channel: &Channel<'_>,
    say: &mut impl FnMut(&str, &str),
) -> NormalisationReport {
    for (key, why) in [
        ("date", "not from a calibration"),
        ("posture", "not stated"),
        ("window_ms", "not stated"),
        ("repeat_cv", "repetitions not stated"),
        ("reference", "no reference"),
    ] {
        say(&format!("normalisation.{key}"), why);
    }
    match channel.reference.clone().or_else(|| own_reference(context, channel)) {
        Some(r) => NormalisationReport {
            kind: r.kind,
            reference: Some(r.value),
            source: r.source,
            date: r.date,
            posture: r.posture,
            window_ms: r.window_ms,
            repeat_cv: (r.repeat_cv > 0.0).then_some(r.repeat_cv),
            illustrative: r.illustrative,
        },
        None => NormalisationReport {
            kind: NormalisationKind::None,
            reference: None,
            source: "none".to_owned(),
            date: None,
            posture: None,
            window_ms: None,
            repeat_cv: None,
            illustrative: false,
        },
    }
}

pub(super) fn dominance_report(
    context: &Context<'_>,
    side: Side,
    parts: &Parts<'_>,
    missing: &mut Missing<'_>,
) -> DominanceReport {
    let settings = &context.settings.dominance;
    let fast = context.settings.conditioning.envelope_hz > FASTEST_PER_SAMPLE_HZ;
    let no_durations = if context.mode == Mode::Causal {
        "no live estimates from this trial"
    } else {
        "no class per sample with an envelope faster than 10 Hz: see the phases"
    };
    missing.say("dominance.class_duration_s", no_durations);
    if parts.straight.is_none() {
        let why = if parts.has_knee {
            "no straight-knee reference: fewer than three efforts with the active knee within 10 deg of straight, none in the profile for this task"
        } else {
            "no knee angle: the straight-knee/bent-knee comparison is not available"
        };
        missing.say("dominance.straight_reference", why);
    }
    if !parts.has_knee {
        missing.say(
            "dominance.by_angle",
            "no knee angle: the straight-knee/bent-knee comparison is not available",
        );
    }
    if !parts.has_cycles {
        missing.say("dominance.by_phase", NO_CYCLE);
    }
    say_angle_reasons(context, parts, missing);
    let applies = context.settings.task == Task::PlantarFlexion;
    DominanceReport {
        heads: parts.leg.heads.iter().map(|h| h.emg.muscle.short().to_owned()).collect(),
        weights: parts.leg.heads.iter().map(|h| h.weight).collect(),
        class_threshold: settings.class_threshold,
        dwell_ms: settings.dwell_s * 1e3,
        hysteresis: settings.hysteresis,
        band_source: if applies {
            "range of three published group means (Hebert-Losier 2012, Gago 2017, Avancini 2015), not a norm"
                .to_owned()
        } else {
            format!(
                "not drawn for {}: it holds for slow plantar flexion only",
                task_word(context.settings.task)
            )
        },
        n_efforts: parts.n_efforts,
        straight_reference: parts.straight.map(straight_report),
        class_duration_s: class_seconds(context, side, parts, fast),
        by_angle: parts.bins.iter().map(angle_report).collect(),
        by_phase: parts.phases.iter().map(phase_report).collect(),
    }
}

/// Seconds in each class: of the track, or of the live pipeline's decisions in causal mode.
fn class_seconds(context: &Context<'_>, side: Side, parts: &Parts<'_>, fast: bool) -> Option<ClassSeconds> {
    if context.mode == Mode::Causal {
        let estimates = context.estimates;
        return (!estimates.is_empty())
            .then(|| super::causal::class_seconds(estimates, side, context.settings.tick_s));
    }
    (!fast).then(|| ClassSeconds {
        rest: parts.track.seconds_in(Class::Rest),
        soleus_dominant: parts.track.seconds_in(Class::SoleusDominant),
        balanced: parts.track.seconds_in(Class::Balanced),
        gastrocnemius_dominant: parts.track.seconds_in(Class::GastrocnemiusDominant),
        undetermined: parts.track.seconds_in(Class::Undetermined),
    })
}

/// Reasons for what bins and phases may lack.
fn say_angle_reasons(context: &Context<'_>, parts: &Parts<'_>, missing: &mut Missing<'_>) {
    let unknown = if parts.leg.no_class.is_some() && context.mode == Mode::Causal {
        "no reference: calibrate or load a profile"
    } else {
        "neither muscle is clear of its floor, or efforts are bounded on both sides"
    };
    for list in ["by_angle", "by_phase"] {
        for key in ["log_ratio", "dominance"] {
            missing.say(&format!("dominance.{list}[*].{key}"), unknown);
            let open = format!("open end of a one-sided bound; or {unknown}");
            missing.say(&format!("dominance.{list}[*].{key}_ci90"), open);
        }
    }
    missing.say("dominance.by_phase[*].reason", "the class is determined");
    let no_change = if parts.straight.is_none() {
        "no straight-knee reference"
    } else {
        "neither muscle is clear of its floor, or a profile gives no amplitudes at the straight knee"
    };
    for key in ["log_ratio_change", "log_ratio_change_ci90", "g_ratio", "s_ratio"] {
        missing.say(&format!("dominance.by_angle[*].{key}"), no_change);
    }
    for key in ["expected_log_ratio_change_range", "angle_flag"] {
        missing.say(
            &format!("dominance.by_angle[*].{key}"),
            "published for slow plantar flexion with a straight-knee reference of the same task only",
        );
    }
    missing.say("dominance.by_angle[*].ankle_deg", "no ankle angle");
}

fn straight_report(straight: &Straight) -> StraightReport {
    let half = Z90 * straight.standard_error;
    StraightReport {
        log_ratio: straight.log_ratio,
        ci90: interval([straight.log_ratio - half, straight.log_ratio + half]),
        knee_deg: straight.knee_deg,
        task: straight.task,
        n: straight.n,
    }
}

fn angle_report(bin: &AngleBin) -> AngleReport {
    let unknown = Ratio::UNKNOWN;
    let change = bin.change.as_ref().unwrap_or(&unknown);
    AngleReport {
        knee_deg: bin.knee_deg,
        ankle_deg: bin.ankle_deg,
        active_s: bin.active_s,
        n_efforts: bin.n_efforts,
        log_ratio: finite(bin.ratio.log_ratio),
        log_ratio_ci90: interval(bin.ratio.ci90),
        dominance: finite(bin.ratio.dominance()),
        dominance_ci90: interval(bin.ratio.dominance_ci90()),
        bound: bin.ratio.bound,
        log_ratio_change: finite(change.log_ratio),
        log_ratio_change_ci90: interval(change.ci90),
        expected_log_ratio_change_range: bin.expected,
        g_ratio: bin.relative_amplitude.and_then(|r| finite(r[0])),
        s_ratio: bin.relative_amplitude.and_then(|r| finite(r[1])),
        angle_flag: bin.flag.map(str::to_owned),
    }
}

fn phase_report(result: &PhaseResult) -> PhaseReport {
    PhaseReport {
        phase: result.phase.name.to_owned(),
        from_percent: result.phase.from_percent,
        to_percent: result.phase.to_percent,
        log_ratio: finite(result.ratio.log_ratio),
        log_ratio_ci90: interval(result.ratio.ci90),
        dominance: finite(result.ratio.dominance()),
        dominance_ci90: interval(result.ratio.dominance_ci90()),
        bound: result.ratio.bound,
        class: result.verdict.class,
        reason: result.verdict.reason,
    }
}

/// Worst grade of the calf channels of a leg.
fn worst_grade(context: &Context<'_>, side: Side) -> Option<String> {
    context
        .emg
        .iter()
        .filter(|e| e.side == side && e.muscle.is_triceps_surae())
        .filter_map(|e| context.graded.iter().find(|g| super::quality::is(g, e)))
        .map(|g| g.grade)
        .max()
        .map(|grade| grade.to_string())
}

/// How the lead is measured.
const LEAD_METHOD: &str = "t50 of soleus minus t50 of gastrocnemius (heads weighted); interval of one contact from a model SD of 8 ms a muscle";

pub(super) fn push_report(
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

pub(super) fn lead_report(
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
