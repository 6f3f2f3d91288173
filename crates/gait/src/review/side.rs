//! One leg of a review.

use super::CycleCurves;
use super::angles::joint_angle;
use super::channels::{Channel, calf, channels, crosstalk, cycle_curves, outlier_muscles};
use super::efforts::{pump_report, repetitions_report, share_report};
use super::pair::build_leg;
use super::quality::Graded;
use super::rejection::{reject_broken, without_knee};
use super::write::{
    CycleParts, ankle_report, cycles_report, dominance_report, knee_report, lead_report, muscle_report,
    push_report, push_summary,
};
use super::{ReviewOptions, SideSeries, rejected};
use crate::angle_map::{self, Straight, by_angle, efforts};
use crate::braking::braking_ends;
use crate::calf_pump::calf_pump;
use crate::comparison::band_difference;
use crate::cycles::{Cycle, Timing, cycles};
use crate::emg::{Emg, Mode};
use crate::events::Events;
use crate::jump::{Jump, jump_side};
use crate::leg::Leg;
use crate::phases::{PhaseResult, by_phase, phases};
use crate::pipeline::Estimate;
use crate::pushoff::{PushOff, PushOffInputs, accelerating, lead_summary, push_offs};
use crate::repetition::{changes, over_all, repetitions};
use crate::report::SideReport;
use crate::spectra::CommonSignals;
use crate::steps::{StepTimes, step_times};
use crate::strides::lengths;
use crate::track::{AngleSeries, Track, follow};
use std::collections::BTreeMap;
use surae_trial::{EventKind, Joint, Note, Profile, Settings, Side, Task, Trial};

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
    /// Values of the channels as they came, in the order of `emg`.
    pub raw: &'a [Vec<f64>],
    pub common: &'a CommonSignals,
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

/// One leg, reviewed.
pub(super) struct Reviewed {
    pub report: Option<SideReport>,
    pub series: SideSeries,
    notes: Vec<Note>,
    unavailable: BTreeMap<String, String>,
}

/// Notes about the task, which both legs find and which are said once.
const ONCE: [&str; 2] = ["angle_and_phase", "knee_extension_confound"];

impl Reviewed {
    /// Hands over the notes and the reasons for missing values.
    pub fn tell(&mut self, notes: &mut Vec<Note>, unavailable: &mut BTreeMap<String, String>) {
        for note in self.notes.drain(..) {
            let said = ONCE.contains(&note.code.as_str()) && notes.iter().any(|n| n.code == note.code);
            if !said {
                notes.push(note);
            }
        }
        unavailable.append(&mut self.unavailable);
    }
}

/// Reviews both legs at the same time: neither knows of the other's results.
pub(super) fn review_sides(context: &Context<'_>) -> [Reviewed; 2] {
    let review = |side: Side| {
        let (mut notes, mut unavailable) = (Vec::new(), BTreeMap::new());
        let (report, series) = review_side(context, side, &mut notes, &mut unavailable);
        Reviewed { report, series, notes, unavailable }
    };
    let [left, right] = Side::BOTH;
    rayon::join(|| review(left), || review(right)).into()
}

/// Reviews one leg: its report and its series.
fn review_side(
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
    let with_raw: Vec<(&Emg, &[f64])> = context
        .emg
        .iter()
        .zip(context.raw)
        .filter(|(e, _)| e.side == side)
        .map(|(e, r)| (e, &r[..]))
        .collect();
    let emg: Vec<&Emg> = with_raw.iter().map(|(emg, _)| *emg).collect();
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
    reject_broken(context.trial, &mut cycle_list, &with_raw);
    rejected::cycles_by_hand(&context.options.rejected, side, &mut cycle_list);
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
    if is_gait && !bins.is_empty() {
        notes.push(Note::info(
            "angle_and_phase",
            "In gait knee angle and phase of the cycle go together: read dominance by angle beside dominance by phase. The part of \
             each angle that lies in stance is given with it.",
        ));
    }
    let confounded = angle_map::has_knee_extension_confound(context.settings.task);
    if confounded && leg.is_some() {
        notes.push(Note::warning(
            "knee_extension_confound",
            "Effort of the knee extensors alone makes gastrocnemius less and soleus more active at an unchanged knee angle (Suzuki \
             2014): in this task the ratio does not show what the knee angle does.",
        ));
    }
    let mut pushes = pushes(context, side, &contacts, &offs, &channels, leg.as_ref(), knee.as_ref());
    let kept = rejected::push_offs_by_hand(&context.options.rejected, side, &mut pushes);
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
    if let Some([first_s, last_s]) = accelerating(&kept) {
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
    let summary = lead_summary(&kept);
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
        ankle_angle: ankle_report(context, side, ankle.as_ref(), &cycle_list, &mut missing),
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
                without_knee: &without_knee(&cycle_list, knee.as_ref()),
                is_emg,
                source: context.events.source(side),
            },
            &mut missing,
        ),
        muscles: channels.iter().map(|channel| muscle_report(context, channel, gait, &mut missing)).collect(),
        crosstalk: crosstalk(context, &channels, leg.as_ref(), &mut missing),
        dominance,
        pushoffs: pushes
            .iter()
            .enumerate()
            .map(|(at, p)| push_report(context, side, at, p, &mut missing))
            .collect(),
        pushoff_summary: push_summary(&kept, &mut missing),
        lead_summary: lead_report(summary, &kept, &mut missing),
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

/// Times of the steps of a leg against the other foot.
fn steps(context: &Context<'_>, side: Side, cycles: &[Cycle]) -> StepTimes {
    let other = side.other();
    let times = |kind| context.events.times(other, kind);
    step_times(cycles, &times(EventKind::FootContact), &times(EventKind::FootOff))
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
