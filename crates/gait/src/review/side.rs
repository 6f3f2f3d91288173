//! One leg of a review.

use super::CycleCurves;
use super::efforts::{pump_report, repetitions_report, share_report};
use super::quality::{self, Graded};
use super::write::{
    CycleParts, cycles_report, dominance_report, knee_report, lead_report, muscle_report, push_report,
    push_summary,
};
use super::{ReviewOptions, SideSeries};
use crate::angle_map::{self, Straight, by_angle, efforts};
use crate::braking::braking_ends;
use crate::calf_pump::calf_pump;
use crate::comparison::band_difference;
use crate::cycles::{Cycle, Ensemble, Timing, curve, cycles, outliers};
use crate::dominance::Reason;
use crate::emg::{Emg, Mode, lowpass};
use crate::events::Events;
use crate::jump::{Jump, jump_side};
use crate::knee;
use crate::leg::{Leg, LegMuscle};
use crate::noise::{Rest, rest_level};
use crate::normalise::{Reference, from_profile, from_task};
use crate::phases::{PhaseResult, by_phase, phases};
use crate::pipeline::Estimate;
use crate::pushoff::{PushOff, PushOffInputs, accelerating, lead_summary, push_offs};
use crate::repetition::{changes, over_all, repetitions};
use crate::report::{Crosstalk, SideReport};
use crate::spectra::common_signal;
use crate::steps::{StepTimes, step_times};
use crate::strides::lengths;
use crate::track::{AngleSeries, Track, follow};
use std::collections::BTreeMap;
use surae_trial::{
    EventKind, Joint, Muscle, NormalisationKind, Note, Profile, Settings, Side, Task, TaskReference, Trial,
};

/// Everything a leg's review reads.
pub(super) struct Context<'a> {
    pub trial: &'a Trial,
    pub profile: Option<&'a Profile>,
    pub settings: &'a Settings,
    pub options: &'a ReviewOptions,
    pub mode: Mode,
    pub events: &'a Events,
    pub jumps: &'a [Jump],
    pub emg: &'a [Emg],
    pub standing: &'a [Emg],
    pub graded: &'a [Graded],
    pub estimates: &'a [Estimate],
}

/// Reasons for missing values of one leg.
pub(super) struct Missing<'a> {
    prefix: String,
    map: &'a mut BTreeMap<String, String>,
}

impl Missing<'_> {
    pub fn say(&mut self, key: &str, why: impl Into<String>) {
        self.map.insert(format!("{}.{key}", self.prefix), why.into());
    }
}

/// One channel of the leg with what belongs to it.
pub(super) struct Channel<'a> {
    pub emg: &'a Emg,
    pub rest: Rest,
    pub ensemble: Option<Ensemble>,
    pub curves: CycleCurves,
    /// What the task itself gives as reference, where there is none of a calibration.
    pub of_task: Option<Reference>,
    pub reference: Option<Reference>,
}

/// What the dominance of a leg is reported from.
pub(super) struct Parts<'a> {
    pub leg: &'a Leg<'a>,
    pub track: &'a Track,
    pub phases: &'a [PhaseResult],
    pub bins: &'a [angle_map::AngleBin],
    pub straight: Option<&'a Straight>,
    pub n_efforts: usize,
    pub has_knee: bool,
    pub has_cycles: bool,
}

/// Reviews one leg: its report and its series.
pub(super) fn review_side(
    context: &Context<'_>,
    side: Side,
    notes: &mut Vec<Note>,
    unavailable: &mut BTreeMap<String, String>,
) -> (Option<SideReport>, SideSeries) {
    let mut missing = Missing { prefix: format!("sides.{side}"), map: unavailable };
    let knee = joint_angle(context, side, Joint::Knee, notes);
    let ankle = joint_angle(context, side, Joint::Ankle, notes);
    let contacts = context.events.times(side, EventKind::FootContact);
    let offs = context.events.times(side, EventKind::FootOff);
    let emg: Vec<&Emg> = context.emg.iter().filter(|e| e.side == side).collect();
    let starts = context.events.burst_starts(side);
    if emg.is_empty() && knee.is_none() && contacts.is_empty() {
        missing.map.insert(
            format!("sides.{side}"),
            "no EMG, no knee angle and no foot contact of this leg".to_owned(),
        );
        return (None, SideSeries::default());
    }
    // Cycles between burst starts give curves and their spread; everything that needs a foot on the ground sees no cycle.
    let is_emg = contacts.is_empty() && !starts.is_empty();
    let mut cycle_list = cycles(if is_emg { &starts } else { &contacts }, &offs, context.settings.task);
    reject_broken(&mut cycle_list, &emg);
    let gait: &[Cycle] = if is_emg { &[] } else { &cycle_list };
    let channels = channels(context, &emg, &cycle_list, notes);
    let leg = build_leg(context, &channels, side, &mut missing, notes);
    let track = leg.as_ref().map(|leg| {
        follow(
            leg,
            knee.as_ref(),
            ankle.as_ref(),
            &context.settings.dominance,
            context.settings.conditioning.envelope_hz,
        )
    });
    let timing = Timing::of(&cycle_list);
    let gait_timing = timing.filter(|_| !is_emg);
    let phase_results =
        leg.as_ref().map(|leg| leg_phases(context, leg, gait, gait_timing)).unwrap_or_default();
    let effort_list = track.as_ref().map(|t| efforts(gait, t)).unwrap_or_default();
    let straight =
        leg.as_ref().zip(track.as_ref()).and_then(|(l, t)| straight(context, l, t, &effort_list, gait, side));
    let bins = leg
        .as_ref()
        .zip(track.as_ref())
        .map(|(l, t)| {
            by_angle(
                l,
                t,
                &effort_list,
                &cycle_list,
                straight.as_ref(),
                &context.settings.dominance,
                context.settings.task,
            )
        })
        .unwrap_or_default();
    let is_gait = matches!(context.settings.task, Task::Walk | Task::Run | Task::Sprint);
    if is_gait && !bins.is_empty() && !notes.iter().any(|n| n.code == "angle_and_phase") {
        notes.push(Note::info(
            "angle_and_phase",
            "In gait knee angle and phase of the cycle go together: read dominance by angle beside dominance by phase. The part of \
             each angle that lies in stance is given with it.",
        ));
    }
    let confounded = angle_map::has_knee_extension_confound(context.settings.task);
    if confounded && leg.is_some() && !notes.iter().any(|n| n.code == "knee_extension_confound") {
        notes.push(Note::warning(
            "knee_extension_confound",
            "Effort of the knee extensors alone makes gastrocnemius less and soleus more active at an unchanged knee angle (Suzuki \
             2014): in this task the ratio does not show what the knee angle does.",
        ));
    }
    let pushes = pushes(context, side, &contacts, &offs, &channels, leg.as_ref(), knee.as_ref());
    let calf_channels = calf(context, &channels);
    let angles = [knee.as_ref(), ankle.as_ref()];
    let spectrum = &context.settings.spectrum;
    let threshold = context.settings.dominance.class_threshold;
    let flexing = context.settings.task == Task::PlantarFlexion;
    let reps = leg
        .as_ref()
        .zip(track.as_ref())
        .filter(|_| flexing)
        .map(|(leg, track)| repetitions(leg, &calf_channels, track, angles, spectrum, threshold))
        .unwrap_or_default();
    let raises = leg.as_ref().and_then(|leg| over_all(leg, &reps, threshold));
    let trends = changes(&reps, &calf_channels, angles, context.options.isometric, spectrum);
    let standing = context.settings.task == Task::Standing;
    let pump = track.as_ref().filter(|_| standing).and_then(calf_pump);
    let jumps: Vec<_> = context
        .jumps
        .iter()
        .map(|jump| {
            let settings = context.settings;
            jump_side(
                jump,
                &calf_channels,
                leg.as_ref(),
                knee.as_ref(),
                &settings.events,
                &settings.dominance,
            )
        })
        .collect();
    if let Some([first_s, last_s]) = accelerating(&pushes) {
        notes.push(Note::info(
            "acceleration_steps",
            format!(
                "{side} leg: contacts shorten from {:.0} to {:.0} ms, as in a start; medians over them mix unlike steps, so read \
                 the push-offs one by one.",
                first_s * 1e3,
                last_s * 1e3
            ),
        ));
    }
    let summary = lead_summary(&pushes);
    let dominance = leg.as_ref().zip(track.as_ref()).map(|(leg, track)| {
        let parts = Parts {
            leg,
            track,
            phases: &phase_results,
            bins: &bins,
            straight: straight.as_ref(),
            n_efforts: effort_list.len(),
            has_knee: knee.is_some(),
            has_cycles: gait_timing.is_some(),
        };
        dominance_report(context, side, &parts, &mut missing)
    });
    let report = SideReport {
        knee_angle: knee_report(context, side, knee.as_ref(), &cycle_list, &mut missing),
        cycles: cycles_report(
            &CycleParts {
                cycles: &cycle_list,
                timing,
                steps: steps(context, side, gait),
                lengths: lengths(
                    context.trial,
                    side,
                    gait,
                    matches!(context.settings.task, Task::Run | Task::Sprint),
                ),
                outliers: &outlier_muscles(&channels, cycle_list.len()),
                is_emg,
                source: context.events.source(side),
            },
            &mut missing,
        ),
        muscles: channels.iter().map(|channel| muscle_report(context, channel, gait, &mut missing)).collect(),
        crosstalk: crosstalk(&channels, &mut missing),
        dominance,
        pushoffs: pushes
            .iter()
            .enumerate()
            .map(|(at, p)| push_report(context, side, at, p, &mut missing))
            .collect(),
        pushoff_summary: push_summary(&pushes, &mut missing),
        lead_summary: lead_report(summary, &pushes, &mut missing),
        repetitions: repetitions_report(&reps, &trends, &mut missing),
        calf_pump: pump_report(pump.as_ref(), &mut missing),
        force_share: share_report(
            context.options.force_share,
            leg.as_ref().is_some_and(|leg| leg.no_class.is_none()),
            &bins,
            &mut missing,
        ),
    };
    let mut curves: Vec<CycleCurves> = channels.iter().map(|c| c.curves.clone()).collect();
    curves.extend(
        knee.as_ref().map(|k| cycle_curves("knee", "deg", &k.deg, k.rate_hz, k.start_s, &cycle_list)),
    );
    let series = SideSeries {
        knee,
        cycles: cycle_list,
        curves,
        track,
        phases: phase_results,
        bins,
        push_offs: pushes,
        repetitions: reps,
        raises,
        jumps,
    };
    (Some(report), series)
}

/// A stored or derived joint angle of the leg, low-passed at its own rate.
fn joint_angle(
    context: &Context<'_>,
    side: Side,
    joint: Joint,
    notes: &mut Vec<Note>,
) -> Option<AngleSeries> {
    let (stream, channel) = match joint {
        Joint::Knee => knee::source(context.trial, side).map(|s| (s.stream, s.channel))?,
        _ => context.trial.streams.iter().enumerate().find_map(|(s, stream)| {
            stream.channels.iter().position(|c| c.is_angle_of(joint, side)).map(|c| (s, c))
        })?,
    };
    let stream = &context.trial.streams[stream];
    if !(stream.rate_hz.is_finite() && stream.rate_hz > 0.0 && stream.start_s.0.is_finite()) {
        let text =
            format!("{side} {joint:?} angle: a rate of {} Hz cannot be used; not analysed.", stream.rate_hz);
        notes.push(Note::warning("angle_rate", text));
        return None;
    }
    let factor =
        if stream.channels[channel].unit == surae_trial::Unit::Radian { 1.0_f64.to_degrees() } else { 1.0 };
    let raw: Vec<f64> = stream.column(channel).iter().map(|v| v * factor).collect();
    let cutoff = context.settings.angle_hz;
    let deg =
        match lowpass(&raw, stream.rate_hz, cutoff, context.settings.conditioning.correction, context.mode) {
            Ok(smooth) => smooth,
            Err(why) => {
                notes.push(Note::warning(
                    "angle_filter",
                    format!("{side} {joint:?} angle is not low-passed: {why}."),
                ));
                raw
            }
        };
    Some(AngleSeries { rate_hz: stream.rate_hz, start_s: stream.start_s.0, deg })
}

/// Cycles in which a calf channel has a hole do not count.
fn reject_broken(cycles: &mut [Cycle], emg: &[&Emg]) {
    for cycle in cycles.iter_mut().filter(|c| c.is_kept()) {
        let broken =
            emg.iter().find(|e| e.muscle.is_triceps_surae() && !e.is_whole(cycle.start_s, cycle.end_s));
        cycle.rejected = broken.map(|e| format!("{} is not whole in it (gap or end of record)", e.label));
    }
}

/// First channel of each muscle, with rest level, ensemble and reference.
fn channels<'a>(
    context: &Context<'_>,
    emg: &[&'a Emg],
    cycles: &[Cycle],
    notes: &mut Vec<Note>,
) -> Vec<Channel<'a>> {
    let mut found: Vec<Channel<'a>> = Vec::new();
    for emg in emg.iter().copied().filter(|e| e.muscle != Muscle::Other) {
        if found.iter().any(|c| c.emg.muscle == emg.muscle) {
            notes.push(Note::warning(
                "second_site",
                format!(
                    "{}: a second {} of the {} leg; only the first is analysed.",
                    emg.label, emg.muscle, emg.side
                ),
            ));
            continue;
        }
        let standing = context
            .standing
            .iter()
            .find(|s| s.muscle == emg.muscle && s.side == emg.side && s.unit == emg.unit);
        let rest = rest_level(emg, standing);
        let name = emg.muscle.short();
        let curves = cycle_curves(name, emg.unit.symbol(), &emg.envelope, emg.rate_hz, emg.start_s, cycles);
        let ensemble = Ensemble::of(&curves.curves);
        let reference = match context.profile.map(|p| from_profile(p, emg)) {
            Some(Ok(found)) => found,
            Some(Err(why)) => {
                notes.push(Note::warning("reference_unusable", format!("{why}; not used.")));
                None
            }
            None => None,
        };
        let wanted = context.settings.task_reference;
        let of_task = from_task(wanted, &curves.curves, ensemble.as_ref(), &emg.envelope);
        found.push(Channel { emg, rest, ensemble, curves, of_task, reference });
    }
    found
}

/// A signal over the kept cycles in which it is whole.
fn cycle_curves(
    name: &str,
    unit: &str,
    values: &[f64],
    rate_hz: f64,
    start_s: f64,
    cycles: &[Cycle],
) -> CycleCurves {
    let (cycles, curves) = cycles
        .iter()
        .enumerate()
        .filter(|(_, c)| c.is_kept())
        .filter_map(|(at, c)| Some((at, curve(values, rate_hz, start_s, c)?)))
        .unzip();
    CycleCurves { name: name.to_owned(), unit: unit.to_owned(), cycles, curves }
}

/// By cycle, the muscles whose curve lies unusually far from their median curve.
fn outlier_muscles(channels: &[Channel<'_>], n: usize) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new(); n];
    for channel in channels {
        for (at, is_outlier) in channel.curves.cycles.iter().zip(outliers(&channel.curves.curves)) {
            if is_outlier {
                found[*at].push(channel.curves.name.clone());
            }
        }
    }
    found
}

/// Times of the steps of a leg against the other foot.
fn steps(context: &Context<'_>, side: Side, cycles: &[Cycle]) -> StepTimes {
    let other = side.other();
    let times = |kind| context.events.times(other, kind);
    step_times(cycles, &times(EventKind::FootContact), &times(EventKind::FootOff))
}

/// Gastrocnemius and soleus of the leg, or a sentence that says which is missing.
fn build_leg<'a>(
    context: &Context<'_>,
    channels: &'a [Channel<'a>],
    side: Side,
    missing: &mut Missing<'_>,
    notes: &mut Vec<Note>,
) -> Option<Leg<'a>> {
    let of = |muscle| channels.iter().find(|c: &&Channel<'_>| c.emg.muscle == muscle);
    let mut heads: Vec<&Channel<'_>> = [of(Muscle::MG), of(Muscle::LG)].into_iter().flatten().collect();
    if heads.is_empty() {
        heads.extend(of(Muscle::GAS));
    }
    let soleus = of(Muscle::SOL);
    let leg_word = if side == Side::Left { "Left" } else { "Right" };
    let text = match (heads.is_empty(), soleus) {
        (false, Some(_)) => None,
        (false, None) => {
            let names: Vec<&str> = heads.iter().map(|h| h.emg.muscle.short()).collect();
            Some(format!(
                "{leg_word} leg: soleus missing: activity of {} only, no dominance.",
                names.join(" and ")
            ))
        }
        (true, Some(_)) => {
            Some(format!("{leg_word} leg: gastrocnemius missing: activity of SOL only, no dominance."))
        }
        (true, None) => Some(format!("{leg_word} leg: no EMG of gastrocnemius or soleus, no dominance.")),
    };
    if let Some(text) = text {
        missing.say("dominance", text);
        return None;
    }
    let soleus = soleus?;
    let referenced = heads.iter().chain([&soleus]).all(|c| c.reference.is_some());
    let kinds: Vec<NormalisationKind> =
        heads.iter().chain([&soleus]).filter_map(|c| c.reference.as_ref().map(|r| r.kind)).collect();
    let is_bad = |c: &&Channel<'_>| {
        context.graded.iter().any(|g| quality::is(g, c.emg) && g.grade == surae_signal::quality::Grade::Bad)
    };
    let no_class = if !referenced {
        Some(Reason::NoReference)
    } else if heads.iter().chain([&soleus]).any(is_bad) {
        Some(Reason::BadSignal)
    } else if kinds.iter().any(|k| *k != kinds[0] || !k.supports_dominance()) {
        Some(Reason::ReferenceMismatch)
    } else {
        None
    };
    if no_class == Some(Reason::NoReference) {
        notes.push(Note::warning(
            "no_reference",
            format!(
                "{leg_word} leg: {}. No class is given between the muscles; timing and the change with knee angle stand. \
                 Calibrate, or give a profile with --profile.",
                if context.mode == Mode::Causal {
                    "no reference for every muscle, so no ratio"
                } else {
                    task_reference_words(context.settings.task_reference)
                }
            ),
        ));
    }
    if heads.iter().chain([&soleus]).any(|c| c.reference.as_ref().is_some_and(|r| r.illustrative)) {
        notes.push(Note::warning(
            "illustrative",
            "The references of the profile are illustrative, not measured.",
        ));
    }
    let weight = |muscle| if heads.len() == 1 { 1.0 } else { context.settings.head_weight(muscle) };
    let member = |channel: &'a Channel<'a>, weight| LegMuscle {
        emg: channel.emg,
        weight,
        rest: channel.rest,
        reference: if referenced { channel.reference.clone() } else { own_reference(context, channel) },
    };
    Some(Leg {
        heads: heads.iter().map(|h| member(h, weight(h.emg.muscle))).collect(),
        soleus: member(soleus, 1.0),
        no_class,
    })
}

/// What amplitudes are without a calibration.
fn task_reference_words(wanted: TaskReference) -> &'static str {
    match wanted {
        TaskReference::PeakOfMean | TaskReference::MeanOfPeaks => {
            "amplitudes are relative to their own peak in this trial (earlier or later only)"
        }
        TaskReference::Mean => {
            "amplitudes are relative to their own mean in this trial (earlier or later only)"
        }
        TaskReference::None => "amplitudes are not normalised, so there is no ratio between muscles",
    }
}

/// The reference that the task itself gives, by the settings. Never in causal mode.
pub(super) fn own_reference(context: &Context<'_>, channel: &Channel<'_>) -> Option<Reference> {
    if context.mode == Mode::Causal {
        return None;
    }
    channel.of_task.clone()
}

fn leg_phases(
    context: &Context<'_>,
    leg: &Leg<'_>,
    cycles: &[Cycle],
    timing: Option<Timing>,
) -> Vec<PhaseResult> {
    let Some(timing) = timing else { return Vec::new() };
    let before = 100.0 * context.settings.events.preactivation_s / timing.stride_time_s;
    let list = phases(context.settings.task, timing.stance_percent, before);
    by_phase(leg, cycles, &list, &context.settings.dominance)
}

/// The profile's straight-knee reference if it was taken in this task, else that of the trial itself.
fn straight(
    context: &Context<'_>,
    leg: &Leg<'_>,
    track: &Track,
    efforts: &[angle_map::Effort],
    cycles: &[Cycle],
    side: Side,
) -> Option<Straight> {
    // A reference measured behind another band is not comparable with this trial.
    let same_band = |p: &&Profile| {
        p.conditioning.is_none_or(|then| band_difference(&then, &context.settings.conditioning).is_none())
    };
    let stored = context
        .profile
        .filter(same_band)
        .and_then(|p| p.straight(side))
        .filter(|s| s.task == context.settings.task);
    if let (Some(stored), None) = (stored, leg.no_class) {
        return Some(angle_map::straight_of_profile(stored));
    }
    if context.mode == Mode::Causal {
        return None;
    }
    let is_gait = cycles.iter().any(Cycle::is_kept) && context.settings.task != Task::PlantarFlexion;
    angle_map::straight_of_trial(leg, track, efforts, context.settings.task, is_gait)
}

fn pushes(
    context: &Context<'_>,
    side: Side,
    contacts: &[f64],
    offs: &[f64],
    channels: &[Channel<'_>],
    leg: Option<&Leg<'_>>,
    knee: Option<&AngleSeries>,
) -> Vec<PushOff> {
    let muscles = calf(context, channels);
    let pairs: Vec<(f64, f64)> = contacts
        .iter()
        .filter_map(|on| offs.iter().find(|off| **off > *on && **off - on < 3.0).map(|off| (*on, *off)))
        .collect();
    push_offs(&PushOffInputs {
        contacts_s: contacts,
        offs_s: offs,
        braking_ends_s: &braking_ends(context.trial, &context.events.plates, &pairs),
        other_contacts_s: &context.events.times(side.other(), EventKind::FootContact),
        muscles: &muscles,
        leg,
        knee,
        events: &context.settings.events,
        dominance: &context.settings.dominance,
    })
}

/// Calf channels of the leg with rest level and head weight; a channel of both heads only without channels of the heads.
fn calf<'a>(context: &Context<'_>, channels: &[Channel<'a>]) -> Vec<(&'a Emg, Rest, f64)> {
    let both_heads = channels.iter().any(|c| matches!(c.emg.muscle, Muscle::MG | Muscle::LG));
    channels
        .iter()
        .filter(|c| c.emg.muscle.is_triceps_surae() && !(both_heads && c.emg.muscle == Muscle::GAS))
        .map(|c| (c.emg, c.rest, context.settings.head_weight(c.emg.muscle)))
        .collect()
}

/// Common signal of each pair of calf channels over the record, as a screen.
fn crosstalk(channels: &[Channel<'_>], missing: &mut Missing<'_>) -> Crosstalk {
    missing.say(
        "crosstalk.isolation_coefficient",
        "needs an isolation trial (seated, knee bent, light plantar flexion)",
    );
    let mut found = Crosstalk::default();
    let calf: Vec<&Channel<'_>> = channels.iter().filter(|c| c.emg.muscle.is_triceps_surae()).collect();
    for (at, a) in calf.iter().enumerate() {
        for b in &calf[at + 1..] {
            if let Some(r) = common_signal(a.emg, b.emg) {
                found.r_xy.insert(format!("{}-{}", a.emg.muscle, b.emg.muscle), r);
            }
        }
    }
    found
}
