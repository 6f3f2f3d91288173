//! The offline analysis of one trial: from streams to the report and to the series that plots are drawn from.
//!
//! What is missing never fails the review: what can be computed is computed, and a sentence says what is missing.
//! Not for files, and not for drawing.

mod angles;
mod causal;
mod channels;
mod efforts;
mod jump_words;
mod jumps;
mod legs;
mod pair;
mod prepare;
mod quality;
mod rejected;
mod rejection;
mod side;
mod trial;
mod write;

use crate::angle_map::AngleBin;
use crate::ankle::add_ankle_angles;
use crate::cycles::{Cycle, POINTS};
use crate::emg::Emg;
pub use crate::emg::Mode;
use crate::events::{Events, find_events};
use crate::jump::{Found, JumpSide, find};
use crate::knee::add_knee_angles;
use crate::normalise::profile_doubts;
use crate::phases::PhaseResult;
use crate::plate::PlateForce;
use crate::pushoff::PushOff;
use crate::report::{Report, Sides};
use crate::spectra::CommonSignals;
use crate::track::{AngleSeries, Track};
pub(crate) use efforts::sentences as effort_sentences;
pub(crate) use jumps::sentences as jump_sentences;
pub use legs::settle_sides;
pub(crate) use prepare::condition as conditioned;
use std::collections::BTreeMap;
use surae_trial::{Note, Profile, Samples, Settings, Side, Stream, Task, Trial};

/// How a review is made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewOptions {
    /// Zero-phase or causal filters.
    pub mode: Mode,
    /// All settings; `None`: the task is detected and its defaults are used.
    pub settings: Option<Settings>,
    /// The person's word that muscle length was constant, for trials without an ankle angle.
    pub isometric: bool,
    /// Whether the model estimate of the force share is wanted.
    pub force_share: bool,
    /// Contacts that a person rejected.
    pub rejected: Vec<Rejection>,
}

/// A contact that a person rejected: its stride and its push-off stay listed with the reason and count nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// Leg.
    pub side: Side,
    /// Its contact in s.
    pub contact_s: f64,
    /// Why, in the person's words.
    pub reason: String,
}

impl Rejection {
    /// Two contacts of a foot are never as near as this, in s.
    const NEAR_S: f64 = 0.02;

    /// True when it is about the contact of this leg at this time; events may move a little with the settings.
    #[must_use]
    pub fn is_of(&self, side: Side, contact_s: f64) -> bool {
        self.side == side && (self.contact_s - contact_s).abs() < Self::NEAR_S
    }
}

/// The report, and the series behind it.
#[derive(Clone, Debug)]
pub struct ReviewModel {
    /// What is written as JSON.
    pub report: Report,
    /// What is drawn.
    pub series: Series,
}

/// Series behind a report.
#[derive(Clone, Debug)]
pub struct Series {
    /// Conditioned EMG channels of known muscle and side, in trial order.
    pub emg: Vec<Emg>,
    /// Vertical forces.
    pub plates: Vec<PlateForce>,
    /// Left and right leg.
    pub sides: [SideSeries; 2],
    /// Decisions of the live pipeline, in causal mode only.
    pub estimates: Vec<crate::pipeline::Estimate>,
    /// Jumps, and the vertical force they were found in.
    pub jumps: Found,
}

/// Series of one leg.
#[derive(Clone, Debug, Default)]
pub struct SideSeries {
    /// Knee flexion, low-passed.
    pub knee: Option<AngleSeries>,
    /// Cycles with reasons.
    pub cycles: Vec<Cycle>,
    /// Envelopes and knee angle over the kept cycles.
    pub curves: Vec<CycleCurves>,
    /// Activation and class over time; `None` without gastrocnemius or soleus.
    pub track: Option<Track>,
    /// Dominance by phase.
    pub phases: Vec<PhaseResult>,
    /// Dominance by knee angle.
    pub bins: Vec<AngleBin>,
    /// Push-offs.
    pub push_offs: Vec<PushOff>,
    /// Repetitions of plantar flexion.
    pub repetitions: Vec<crate::repetition::Repetition>,
    /// Gastrocnemius against soleus over all repetitions, with its class.
    pub raises: Option<(crate::dominance::Ratio, crate::dominance::Verdict)>,
    /// This leg through each jump of the trial.
    pub jumps: Vec<JumpSide>,
}

/// One signal over the kept cycles of a leg, each at 101 points.
#[derive(Clone, Debug)]
pub struct CycleCurves {
    /// Muscle (`"SOL"`) or `"knee"`.
    pub name: String,
    /// Unit of the values.
    pub unit: String,
    /// Position in [`SideSeries::cycles`] of each curve; kept cycles in which the signal is not whole are left out.
    pub cycles: Vec<usize>,
    /// The curves.
    pub curves: Vec<[f64; POINTS]>,
}

impl Series {
    /// The series of a leg.
    #[must_use]
    pub fn side(&self, side: Side) -> &SideSeries {
        &self.sides[usize::from(side == Side::Right)]
    }
}

/// Reviews a trial, with a standing trial for the knee's zero and the rest level, and a profile for the references.
#[must_use]
pub fn review(
    trial: &Trial,
    statics: Option<&Trial>,
    profile: Option<&Profile>,
    options: &ReviewOptions,
) -> ReviewModel {
    review_telling(trial, statics, profile, options, &mut |_| {})
}

/// [`review`] that tells how far it has come, from 0 to 1, after each of its parts: for a window that must not look stuck.
#[must_use]
pub fn review_telling(
    trial: &Trial,
    statics: Option<&Trial>,
    profile: Option<&Profile>,
    options: &ReviewOptions,
    told: &mut dyn FnMut(f64),
) -> ReviewModel {
    review_held(trial.clone(), statics, profile, options, told).0
}

/// [`review`] without a copy of the samples: they leave the trial while it works and are back in it, unchanged, when it returns.
#[must_use]
pub fn review_in_place(
    trial: &mut Trial,
    statics: Option<&Trial>,
    profile: Option<&Profile>,
    options: &ReviewOptions,
) -> ReviewModel {
    let mut streams = std::mem::take(&mut trial.streams);
    trial.streams = streams.iter_mut().map(hollow).collect();
    let held = Trial { streams, ..trial.clone() };
    let (model, held) = review_held(held, statics, profile, options, &mut |_| {});
    for (hollow, full) in trial.streams.iter_mut().zip(held.streams) {
        (hollow.samples, hollow.times_s) = (full.samples, full.times_s);
    }
    model
}

/// A copy of a stream without its samples.
fn hollow(stream: &mut Stream) -> Stream {
    let samples = std::mem::replace(&mut stream.samples, Samples::F64(Vec::new()));
    let times_s = std::mem::take(&mut stream.times_s);
    let hollow = stream.clone();
    (stream.samples, stream.times_s) = (samples, times_s);
    hollow
}

/// Reviews a trial and gives it back, with what the review derived added to its streams.
fn review_held(
    mut trial: Trial,
    statics: Option<&Trial>,
    profile: Option<&Profile>,
    options: &ReviewOptions,
    told: &mut dyn FnMut(f64),
) -> (ReviewModel, Trial) {
    // A recording of Surae brings the references it was made with.
    let brought = trial.log.as_ref().and_then(|log| log.profile.clone());
    let profile = profile.or(brought.as_ref());
    let mut notes = Vec::new();
    settle_sides(&mut trial);
    let first = options.settings.unwrap_or_default();
    let events = find_events(&trial, &first.events, &mut notes);
    let stated = options.settings.map(|s| s.task).or(trial.task);
    let found = find(&trial, &events, stated, &first.events, &mut notes);
    let settings = choose_settings(&mut trial, &events, &found, options, &mut notes);
    trial.task = Some(settings.task);
    if let Some(profile) = profile {
        notes.extend(profile_doubts(profile, trial.recorded_on.as_deref(), &settings.conditioning));
    }
    told(0.15);
    add_knee_angles(&mut trial, statics, profile);
    add_ankle_angles(&mut trial, statics);
    told(0.25);
    let prepared = prepare::prepare(&trial, &settings, options.mode, &mut notes);
    let mut static_trial = statics.cloned();
    if let Some(standing) = static_trial.as_mut() {
        settle_sides(standing);
    }
    let standing = static_trial
        .as_ref()
        .map(|s| prepare::condition(s, &settings, options.mode, &mut Vec::new()))
        .unwrap_or_default();
    told(0.5);
    let common = CommonSignals::of(&prepared.emg);
    let graded = quality::grade(&trial, &prepared, &common, &mut notes);
    told(0.6);
    let estimates = match options.mode {
        Mode::Causal => causal::estimates(&trial, profile, &settings, &mut notes),
        Mode::ZeroPhase => Vec::new(),
    };
    let context = side::Context {
        trial: &trial,
        profile,
        settings: &settings,
        options,
        mode: options.mode,
        events: &events,
        jumps: &found.jumps,
        emg: &prepared.emg,
        raw: &prepared.raw,
        common: &common,
        standing: &standing,
        graded: &graded,
        estimates: &estimates,
    };
    let mut unavailable = BTreeMap::new();
    let [mut left, mut right] = side::review_sides(&context);
    left.tell(&mut notes, &mut unavailable);
    right.tell(&mut notes, &mut unavailable);
    told(0.95);
    let jumps = jumps::jump_reports(
        &trial,
        &found.jumps,
        [&left.series.jumps, &right.series.jumps],
        &mut unavailable,
    );
    let mut event_list = trial::event_reports(&events, &mut unavailable);
    event_list.extend(jumps::jump_events(&found.jumps, event_list.len()));
    event_list.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
    let sides = Sides { left: left.report, right: right.report };
    unavailable.insert(
        "symmetry".to_owned(),
        "needs gait cycles of both legs; only times and lengths are compared by an index".to_owned(),
    );
    let side_difference = write::side_difference(&sides).unwrap_or_else(|why| {
        unavailable.insert("side_difference".to_owned(), why);
        Vec::new()
    });
    let mut report = Report {
        schema: Report::SCHEMA.to_owned(),
        surae_version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: if options.mode == Mode::Causal { "causal" } else { "zero_phase" }.to_owned(),
        settings,
        trial: trial::trial_report(&context, &mut unavailable),
        events: event_list,
        symmetry: write::symmetry(&sides),
        side_difference,
        sides,
        jumps,
        unavailable,
        notes: trial.notes.iter().cloned().chain(notes).collect(),
        sentences: Vec::new(),
    }
    .with_exact_reasons();
    report.sentences = crate::sentences::of(&report);
    let series = Series {
        plates: events.plates.clone(),
        emg: prepared.emg,
        sides: [left.series, right.series],
        estimates,
        jumps: found,
    };
    (ReviewModel { report, series }, trial)
}

/// The settings given, else the defaults of the task that the trial states or the contacts tell.
fn choose_settings(
    trial: &mut Trial,
    events: &Events,
    found: &Found,
    options: &ReviewOptions,
    notes: &mut Vec<Note>,
) -> Settings {
    if let Some(settings) = options.settings {
        match settings.validate() {
            Ok(()) => return settings,
            Err(error) => notes.push(Note::error(
                "settings",
                format!("{error}; the defaults of the task '{}' are used instead.", task_word(settings.task)),
            )),
        }
        return Settings::for_task(settings.task);
    }
    if let Some(task) = trial.task {
        return Settings::for_task(task);
    }
    if !found.jumps.is_empty() && found.force.is_some() {
        notes.push(Note::info(
            "task_detected",
            format!(
                "Taken for jumping: {} between two loaded phases of the vertical force, with quiet standing beside {}. State the \
                 task in the settings if this is wrong.",
                if found.jumps.len() == 1 { "one flight".to_owned() } else { format!("{} flights", found.jumps.len()) },
                if found.jumps.len() == 1 { "it" } else { "them" }
            ),
        ));
        return Settings::for_task(Task::Jump);
    }
    match crate::task::detect(events) {
        Some((task, note)) => {
            notes.push(note);
            Settings::for_task(task)
        }
        None => {
            notes.push(Note::warning(
                "task_unknown",
                "What the person does is not stated and cannot be told without foot contacts and offs; the settings of walking \
                 are used. State the task in the settings if this is wrong.",
            ));
            Settings::for_task(Task::Walk)
        }
    }
}

/// The word of a task in text.
pub(crate) fn task_word(task: Task) -> &'static str {
    match task {
        Task::Standing => "standing",
        Task::PlantarFlexion => "plantar flexion",
        Task::Walk => "walk",
        Task::Run => "run",
        Task::Sprint => "sprint",
        Task::Jump => "jump",
        Task::KneeExtension => "knee extension",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_in_place_says_the_same_and_leaves_the_trial_as_it_was() {
        let values = |muscle, seed: f64| {
            let values = (0..8000).map(|i| (f64::from(i) * seed).sin() * f64::from(i % 900)).collect();
            crate::emg::tests::stream(surae_trial::Kind::RawEmg, muscle, 1000.0, values)
        };
        let streams = vec![values(surae_trial::Muscle::MG, 0.7), values(surae_trial::Muscle::SOL, 0.9)];
        let mut trial = Trial { streams, ..Trial::default() };
        let (options, before) = (ReviewOptions::default(), trial.clone());
        let expected = review(&trial, None, None, &options).report;
        assert_eq!(review_in_place(&mut trial, None, None, &options).report, expected);
        assert_eq!(trial, before);
    }

    #[test]
    fn an_empty_trial_gives_a_report_that_says_so() {
        let model = review(&Trial::default(), None, None, &ReviewOptions::default());
        assert!(model.report.sides.left.is_none() && model.report.sides.right.is_none());
        assert!(model.report.reason("sides.left").is_some());
        assert!(model.report.notes.iter().any(|n| n.code == "knee_angle"));
    }
}
