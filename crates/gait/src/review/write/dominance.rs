//! Gastrocnemius against soleus of a leg, as the report gives it.

use super::NO_CYCLE;
use crate::angle_map::{AngleBin, Straight};
use crate::dominance::{Class, Ratio};
use crate::emg::Mode;
use crate::phases::PhaseResult;
use crate::report::{
    AngleReport, ClassSeconds, DominanceReport, PhaseReport, StraightReport, finite, interval,
};
use crate::review::side::{Context, Missing, Parts};
use crate::review::{causal, task_word};
use crate::stats::Z90;
use crate::track::FASTEST_PER_SAMPLE_HZ;
use surae_trial::{Side, Task};

pub(in crate::review) fn dominance_report(
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
            .then(|| causal::class_seconds(estimates, side, context.settings.tick_s));
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
    missing.say("dominance.by_angle[*].stance_percent", "no foot contacts with foot offs of this leg");
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
        stance_percent: bin.stance_part.map(|part| 100.0 * part),
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
