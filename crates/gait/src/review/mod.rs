//! The offline analysis of one trial: from streams to the report and to the series that plots are drawn from.
//!
//! What is missing never fails the review: what can be computed is computed, and a sentence says what is missing.
//! Not for files, and not for drawing.

mod causal;
mod prepare;
mod quality;
mod side;
mod trial;
mod write;

use crate::angle_map::AngleBin;
use crate::cycles::Cycle;
use crate::emg::Emg;
pub use crate::emg::Mode;
use crate::events::{Events, find_events};
use crate::knee::add_knee_angles;
use crate::phases::PhaseResult;
use crate::plate::PlateForce;
use crate::pushoff::PushOff;
use crate::report::{JumpReport, Report, Sides};
use crate::track::{AngleSeries, Track};
pub use prepare::settle_sides;
use std::collections::BTreeMap;
use surae_trial::{EventKind, Note, Profile, Settings, Side, Task, Trial};

/// How a review is made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReviewOptions {
    /// Zero-phase or causal filters.
    pub mode: Mode,
    /// All settings; `None`: the task is detected and its defaults are used.
    pub settings: Option<Settings>,
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
}

/// Series of one leg.
#[derive(Clone, Debug, Default)]
pub struct SideSeries {
    /// Knee flexion, low-passed.
    pub knee: Option<AngleSeries>,
    /// Cycles with reasons.
    pub cycles: Vec<Cycle>,
    /// Activation and class over time; `None` without gastrocnemius or soleus.
    pub track: Option<Track>,
    /// Dominance by phase.
    pub phases: Vec<PhaseResult>,
    /// Dominance by knee angle.
    pub bins: Vec<AngleBin>,
    /// Push-offs.
    pub push_offs: Vec<PushOff>,
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
    let mut trial = trial.clone();
    let mut notes = Vec::new();
    prepare::settle_sides(&mut trial);
    let first = options.settings.unwrap_or_default();
    let events = find_events(&trial, &first.events, &mut notes);
    let settings = choose_settings(&mut trial, &events, options, &mut notes);
    trial.task = Some(settings.task);
    add_knee_angles(&mut trial, statics, profile);
    let emg = prepare::condition(&trial, &settings, options.mode, &mut notes);
    let mut static_trial = statics.cloned();
    if let Some(standing) = static_trial.as_mut() {
        prepare::settle_sides(standing);
    }
    let standing = static_trial
        .as_ref()
        .map(|s| prepare::condition(s, &settings, options.mode, &mut Vec::new()))
        .unwrap_or_default();
    let graded = quality::grade(&trial, &emg, &mut notes);
    let estimates = match options.mode {
        Mode::Causal => causal::estimates(&trial, profile, &settings, &mut notes),
        Mode::ZeroPhase => Vec::new(),
    };
    let context = side::Context {
        trial: &trial,
        profile,
        settings: &settings,
        mode: options.mode,
        events: &events,
        emg: &emg,
        standing: &standing,
        graded: &graded,
        estimates: &estimates,
    };
    let mut unavailable = BTreeMap::new();
    let mut sentences = Vec::new();
    let (left, left_series) =
        side::review_side(&context, Side::Left, &mut notes, &mut unavailable, &mut sentences);
    let (right, right_series) =
        side::review_side(&context, Side::Right, &mut notes, &mut unavailable, &mut sentences);
    let report = Report {
        schema: Report::SCHEMA.to_owned(),
        surae_version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: if options.mode == Mode::Causal { "causal" } else { "zero_phase" }.to_owned(),
        settings,
        trial: trial::trial_report(&context, &mut unavailable),
        events: trial::event_reports(&events, &mut unavailable),
        sides: Sides { left, right },
        jumps: jumps(&trial, &events, &mut unavailable),
        unavailable,
        notes: trial.notes.iter().cloned().chain(notes).collect(),
        sentences,
    }
    .with_exact_reasons();
    let series = Series { plates: events.plates.clone(), emg, sides: [left_series, right_series], estimates };
    ReviewModel { report, series }
}

/// The settings given, else the defaults of the task that the trial states or the contacts tell.
fn choose_settings(
    trial: &mut Trial,
    events: &Events,
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

/// Standard gravity in m/s^2.
const GRAVITY: f64 = 9.806_65;

/// Height of the centre of mass from flight time: `g t^2 / 8`; it counts a bent-legged landing as height.
#[must_use]
pub fn height_from_flight_m(flight_time_s: f64) -> f64 {
    GRAVITY * flight_time_s * flight_time_s / 8.0
}

/// Jumps of the file's take-off and landing events.
fn jumps(trial: &Trial, events: &Events, unavailable: &mut BTreeMap<String, String>) -> Vec<JumpReport> {
    let of = |kind| events.all.iter().filter(move |e| e.event.kind == kind).map(|e| e.event.time_s.0);
    let jumps: Vec<JumpReport> = of(EventKind::TakeOff)
        .filter_map(|off| {
            of(EventKind::Landing).find(|land| *land > off && *land - off < 2.0).map(|land| (off, land))
        })
        .enumerate()
        .map(|(at, (take_off_s, landing_s))| JumpReport {
            id: format!("jump-{}", at + 1),
            take_off_s,
            landing_s,
            flight_time_s: landing_s - take_off_s,
            height_flight_m: height_from_flight_m(landing_s - take_off_s),
            height_impulse_m: None,
            body_mass_kg: trial.subject.mass_kg,
            rsi: None,
            rsi_definition: None,
            take_off_rule: "take-off and landing events of the file".to_owned(),
        })
        .collect();
    if !jumps.is_empty() {
        let mut missing =
            |key: &str, why: &str| unavailable.insert(format!("jumps[*].{key}"), why.to_owned());
        missing("height_impulse_m", "needs the force from a still start; events alone give flight time only");
        missing("rsi", "needs the contact before the jump");
        missing("rsi_definition", "no reactive strength index given");
        missing("body_mass_kg", "not stated in the file");
    }
    jumps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_row_35_flight_height() {
        assert!((height_from_flight_m(0.5) - 0.306_458).abs() < 1e-6);
    }

    #[test]
    fn an_empty_trial_gives_a_report_that_says_so() {
        let model = review(&Trial::default(), None, None, &ReviewOptions::default());
        assert!(model.report.sides.left.is_none() && model.report.sides.right.is_none());
        assert!(model.report.reason("sides.left").is_some());
        assert!(model.report.notes.iter().any(|n| n.code == "knee_angle"));
    }
}
