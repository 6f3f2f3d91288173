//! Calibration: rest level, maximal contraction, straight-knee reference and soleus leak of one person, one placement, one day.
//!
//! Takes trials, however they were recorded: files, or what a live session kept. What cannot be believed is refused with the reason and
//! left out of the profile. Not for reading or writing files.

mod isolation;
mod maximum;
pub mod run;
mod straight;

use crate::emg::{Emg, Mode};
use crate::noise::{Rest, RestSource, lowest_level, quiet_level};
use crate::review::{conditioned, settle_sides};
pub use maximum::{Maximum, Posture, Repetition, WINDOW_S};
use surae_trial::{
    AmplitudeReference, Estimator, Goniometer, IsolationLeak, Muscle, NormalisationKind, Note, Profile,
    Settings, Side, Trial,
};

/// A muscle that is quieter than this part of its rest level for a while was not at rest when that was taken.
const QUIETER: f64 = 0.75;

/// A maximal contraction as recorded.
#[derive(Clone, Copy, Debug)]
pub struct MvcTrial<'a> {
    /// Posture, in words; trials of one posture are repetitions of each other.
    pub posture: &'a str,
    /// The recording.
    pub trial: &'a Trial,
}

/// What a calibration is made from.
#[derive(Clone, Copy, Debug)]
pub struct CalibrationInputs<'a> {
    /// Lying, sitting or standing relaxed.
    pub rest: &'a Trial,
    /// Maximal contractions, at least one.
    pub mvc: &'a [MvcTrial<'a>],
    /// Efforts with a straight knee.
    pub straight: Option<&'a Trial>,
    /// Light plantar flexion, seated with the knee bent: soleus alone.
    pub isolation: Option<&'a Trial>,
    /// Filters, and the task of the straight-knee efforts.
    pub settings: &'a Settings,
    /// Which of the CEDE approaches the maxima are.
    pub kind: NormalisationKind,
    /// Name or code of the person.
    pub athlete: &'a str,
    /// Day of the calibration, `YYYY-MM-DD`.
    pub date: &'a str,
    /// Electrode placement in words.
    pub placement: &'a str,
    /// Goniometers calibrated at 0 and 90 deg.
    pub goniometers: &'a [Goniometer],
    /// Knee angle in upright standing, left and right, to be subtracted.
    pub knee_offsets_deg: [Option<f64>; 2],
    /// A profile of the same placement and day: what is not measured again is kept from it.
    pub base: Option<&'a Profile>,
}

/// One muscle's calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct MuscleCalibration {
    /// Muscle.
    pub muscle: Muscle,
    /// Leg.
    pub side: Side,
    /// Unit of every amplitude.
    pub unit: String,
    /// Rest level; `None` when the rest trial has no such channel.
    pub rest: Option<Rest>,
    /// Postures with their repetitions.
    pub postures: Vec<Posture>,
    /// Posture and maximum that count, or why there is none.
    pub outcome: Result<(String, Maximum), String>,
}

/// A calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// What was accepted.
    pub profile: Profile,
    /// Every muscle, accepted or not.
    pub muscles: Vec<MuscleCalibration>,
    /// Doubts and limits.
    pub notes: Vec<Note>,
}

/// A trial with its EMG conditioned.
struct Prepared {
    trial: Trial,
    emg: Vec<Emg>,
}

impl Prepared {
    fn of(trial: &Trial, settings: &Settings, notes: &mut Vec<Note>) -> Self {
        let mut trial = trial.clone();
        settle_sides(&mut trial);
        let emg = conditioned(&trial, settings, Mode::ZeroPhase, notes);
        Self { trial, emg }
    }

    fn channel(&self, muscle: Muscle, side: Side) -> Option<&Emg> {
        self.emg.iter().find(|e| e.muscle == muscle && e.side == side)
    }
}

/// Makes a profile from calibration trials (METHOD 2.2, 2.3).
#[must_use]
pub fn calibrate(inputs: &CalibrationInputs<'_>) -> Calibration {
    let mut notes = Vec::new();
    let rest = Prepared::of(inputs.rest, inputs.settings, &mut notes);
    let mvc: Vec<(&str, Prepared)> = inputs
        .mvc
        .iter()
        .map(|m| (m.posture, Prepared::of(m.trial, inputs.settings, &mut Vec::new())))
        .collect();
    let mut muscles: Vec<MuscleCalibration> = Vec::new();
    for (_, prepared) in &mvc {
        for emg in &prepared.emg {
            let is_known = muscles.iter().any(|m| m.muscle == emg.muscle && m.side == emg.side);
            if emg.muscle != Muscle::Other && !is_known {
                muscles.push(calibrate_muscle(emg, &rest, &mvc, &mut notes));
            }
        }
    }
    let mut profile = Profile {
        schema: Profile::SCHEMA.to_owned(),
        athlete: inputs.athlete.to_owned(),
        date: inputs.date.to_owned(),
        placement: inputs.placement.to_owned(),
        illustrative: false,
        conditioning: Some(inputs.settings.conditioning),
        references: Vec::new(),
        straight: Vec::new(),
        isolation: Vec::new(),
        goniometers: inputs.goniometers.to_vec(),
        knee_offset_left_deg: inputs.knee_offsets_deg[0],
        knee_offset_right_deg: inputs.knee_offsets_deg[1],
    };
    profile.references = muscles.iter().filter_map(|m| reference(m, inputs.kind, &mvc)).collect();
    if let Some(base) = inputs.base {
        keep(&mut profile, base, &mut notes);
    }
    if let Some(trial) = inputs.straight {
        straight::add(&mut profile, trial, inputs, &mut notes);
    }
    if let Some(base) = inputs.base {
        let old = base.straight.iter().filter(|old| !profile.straight.iter().any(|s| s.side == old.side));
        profile.straight.extend(old.cloned().collect::<Vec<_>>());
    }
    if let Some(trial) = inputs.isolation {
        isolation::add(&mut profile, trial, &rest, inputs, &mut notes);
    }
    if let Some(base) = inputs.base {
        let known = |old: &&IsolationLeak| profile.isolation(old.muscle, old.side).is_none();
        let old: Vec<IsolationLeak> = base.isolation.iter().filter(known).cloned().collect();
        profile.isolation.extend(old);
    }
    Calibration { profile, muscles, notes }
}

/// What was not measured again stays as it was, if it was measured behind the same filters.
fn keep(profile: &mut Profile, base: &Profile, notes: &mut Vec<Note>) {
    let text = |old: &str, new: &mut String| {
        if new.is_empty() {
            old.clone_into(new);
        }
    };
    text(&base.athlete, &mut profile.athlete);
    text(&base.placement, &mut profile.placement);
    profile.illustrative = base.illustrative;
    if base.date != profile.date {
        let text = format!(
            "What was kept is of {}, what is new of {}: both hold only if the electrodes stayed where they were.",
            base.date, profile.date
        );
        notes.push(Note::warning("profile_of_another_day", text));
    }
    if base.conditioning.is_none_or(|filters| Some(filters) == profile.conditioning) {
        let known = |r: &&AmplitudeReference| profile.reference(r.muscle, r.side).is_none();
        let old: Vec<AmplitudeReference> = base.references.iter().filter(known).cloned().collect();
        profile.references.extend(old);
    } else {
        let text = "The maxima of the profile were measured behind other filters and are not kept.";
        notes.push(Note::warning("profile_filters_differ", text.to_owned()));
    }
    let old = base.goniometers.iter().filter(|old| !profile.goniometers.iter().any(|g| g.side == old.side));
    let old: Vec<Goniometer> = old.cloned().collect();
    profile.goniometers.extend(old);
    profile.knee_offset_left_deg = profile.knee_offset_left_deg.or(base.knee_offset_left_deg);
    profile.knee_offset_right_deg = profile.knee_offset_right_deg.or(base.knee_offset_right_deg);
}

fn calibrate_muscle(
    emg: &Emg,
    rest: &Prepared,
    mvc: &[(&str, Prepared)],
    notes: &mut Vec<Note>,
) -> MuscleCalibration {
    let (muscle, side) = (emg.muscle, emg.side);
    let name = format!("{side} {muscle}");
    let quiet = rest.channel(muscle, side).filter(|r| r.unit == emg.unit).and_then(quiet_level);
    let level = quiet.map(|quiet| rest_of(quiet, muscle, side, mvc, &name, notes));
    let mut postures: Vec<Posture> = Vec::new();
    for (posture, prepared) in mvc {
        let Some(channel) = prepared.channel(muscle, side).filter(|c| c.unit == emg.unit) else { continue };
        let none = Rest { arv: 0.0, rms: 0.0, source: RestSource::QuietStanding };
        let found = maximum::repetitions(
            &prepared.trial,
            channel,
            &prepared.trial.path,
            level.as_ref().unwrap_or(&none),
        );
        match postures.iter_mut().find(|p| p.name == *posture) {
            Some(same) => same.repetitions.extend(found),
            None => postures.push(Posture { name: (*posture).to_owned(), repetitions: found }),
        }
    }
    let outcome = match level {
        None => Err("the rest trial has no such channel, or it is shorter than 0.1 s".to_owned()),
        Some(_) => best(&postures),
    };
    if let Ok((posture, found)) = &outcome
        && found.repeat_cv.is_none()
    {
        notes.push(Note::warning(
            "single_repetition",
            format!("{name}: one repetition only ({posture}); how well it repeats is not known."),
        ));
    }
    MuscleCalibration { muscle, side, unit: emg.unit.symbol().to_owned(), rest: level, postures, outcome }
}

/// The rest level: that of the rest trial, unless the muscle is clearly quieter elsewhere (soleus holds a standing body up).
fn rest_of(
    quiet: Rest,
    muscle: Muscle,
    side: Side,
    mvc: &[(&str, Prepared)],
    name: &str,
    notes: &mut Vec<Note>,
) -> Rest {
    let lowest = mvc
        .iter()
        .filter_map(|(_, prepared)| prepared.channel(muscle, side))
        .filter_map(lowest_level)
        .filter(|lowest| lowest.arv > 0.0)
        .min_by(|a, b| a.arv.total_cmp(&b.arv));
    match lowest {
        Some(lowest) if lowest.arv < QUIETER * quiet.arv => {
            notes.push(Note::warning(
                "not_at_rest",
                format!(
                    "{name}: not at rest in the rest trial ({:.3} against {:.3} between contractions); the lower level is used.",
                    quiet.arv, lowest.arv
                ),
            ));
            lowest
        }
        _ => quiet,
    }
}

/// The posture with the highest accepted maximum.
fn best(postures: &[Posture]) -> Result<(String, Maximum), String> {
    let mut refused = Vec::new();
    let mut found: Option<(String, Maximum)> = None;
    for posture in postures {
        match posture.maximum() {
            Ok(maximum) if found.as_ref().is_none_or(|(_, best)| maximum.value > best.value) => {
                found = Some((posture.name.clone(), maximum));
            }
            Ok(_) => {}
            Err(why) => refused.push(format!("{}: {why}", posture.name)),
        }
    }
    found.ok_or_else(|| if refused.is_empty() { "in no trial".to_owned() } else { refused.join("; ") })
}

fn reference(
    muscle: &MuscleCalibration,
    kind: NormalisationKind,
    mvc: &[(&str, Prepared)],
) -> Option<AmplitudeReference> {
    let (posture, maximum) = muscle.outcome.as_ref().ok()?;
    let unit = mvc.iter().find_map(|(_, p)| p.channel(muscle.muscle, muscle.side))?.unit.clone();
    Some(AmplitudeReference {
        muscle: muscle.muscle,
        side: muscle.side,
        kind,
        estimator: Estimator::Arv,
        value: maximum.value,
        rest: muscle.rest.map_or(0.0, |r| r.arv),
        unit,
        posture: Some(posture.clone()),
        window_ms: Some(WINDOW_S * 1e3),
        repeat_cv: maximum.repeat_cv,
    })
}
