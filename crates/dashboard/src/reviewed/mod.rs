//! A reviewed trial: what the Review and the Coach view draw, and the job that makes it beside the window.
//!
//! The caller hands over a [`Material`] (it alone reads files); [`Reviewing`] reviews it on a thread of the engine, as
//! `surae review` does, and gives an immutable [`Reviewed`] that stays until the next one is whole. Nothing here draws.

mod leg;
mod trace;

pub use leg::{ClassSpan, EmgTrace, ForceTrace, LegTraces};
pub use trace::Trace;

use std::sync::Arc;
use surae_engine::{Job, JobState};
use surae_gait::report::Report;
use surae_gait::review::{Mode, Rejection, ReviewModel, ReviewOptions, review_telling};
use surae_trial::{Profile, Settings, Side, Trial};

use crate::model::GapSpan;
use crate::text;

/// What a review is made from: a trial with what was named beside it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Material {
    /// Name for titles: the file name.
    pub name: String,
    /// The trial as read, its map applied.
    pub trial: Arc<Trial>,
    /// Standing trial: zero of the knee angle and rest level.
    pub standing: Option<Arc<Trial>>,
    /// References.
    pub profile: Option<Arc<Profile>>,
}

/// How a review is made; a change makes a new review.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// All settings; `None`: the defaults of the task, detected where the trial does not state it.
    pub settings: Option<Settings>,
    /// Zero-phase or causal filters.
    pub mode: Mode,
    /// Contacts that the person rejected.
    pub rejected: Vec<Rejection>,
}

impl Recipe {
    /// The same for another trial: what was rejected is of this one.
    #[must_use]
    pub fn for_another_trial(&self) -> Self {
        Self { rejected: Vec::new(), ..self.clone() }
    }
}

/// One reviewed trial: the report, the series behind it, and traces ready to be drawn.
#[derive(Clone, Debug)]
pub struct Reviewed {
    /// What it was made from.
    pub material: Material,
    /// How it was made.
    pub recipe: Recipe,
    /// Report and series, the same as `surae review` gives.
    pub model: ReviewModel,
    /// Traces of the left and the right leg; `None` for a leg that has neither EMG nor knee angle nor contacts.
    pub legs: [Option<LegTraces>; 2],
    /// Length of the trial in s.
    pub duration_s: f64,
    /// Stretches of EMG whose samples never arrived, by time.
    pub gaps: Vec<GapSpan>,
}

impl Reviewed {
    /// Reviews a material; `told` hears how far it has come, 0 to 1.
    #[must_use]
    pub fn of(material: &Material, recipe: &Recipe, told: &mut dyn FnMut(f64)) -> Self {
        let options = ReviewOptions {
            mode: recipe.mode,
            settings: recipe.settings,
            rejected: recipe.rejected.clone(),
            ..ReviewOptions::default()
        };
        let model = review_telling(
            &material.trial,
            material.standing.as_deref(),
            material.profile.as_deref(),
            &options,
            told,
        );
        let legs = Side::BOTH.map(|side| LegTraces::of(&model, side));
        let duration_s = model.report.trial.duration_s;
        let gaps = gaps(&material.trial);
        Self { material: material.clone(), recipe: recipe.clone(), model, legs, duration_s, gaps }
    }

    /// The report.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.model.report
    }

    /// The traces of a leg.
    #[must_use]
    pub fn leg(&self, side: Side) -> Option<&LegTraces> {
        self.legs[usize::from(side == Side::Right)].as_ref()
    }

    /// The legs that have calf EMG; else those that have anything.
    #[must_use]
    pub fn sides(&self) -> Vec<Side> {
        let has_emg = |side: &Side| self.leg(*side).is_some_and(|leg| !leg.emg.is_empty());
        let with_emg: Vec<Side> = Side::BOTH.into_iter().filter(has_emg).collect();
        if with_emg.is_empty() {
            Side::BOTH.into_iter().filter(|side| self.leg(*side).is_some()).collect()
        } else {
            with_emg
        }
    }

    /// True when a profile is in force whose values are illustrative.
    #[must_use]
    pub fn is_illustrative(&self) -> bool {
        self.material.profile.as_ref().is_some_and(|profile| profile.illustrative)
    }
}

/// The holes of the streams that have EMG, by time.
fn gaps(trial: &Trial) -> Vec<GapSpan> {
    let streams = trial.streams.iter().filter(|stream| stream.has_emg() && stream.rate_hz > 0.0);
    let mut gaps: Vec<GapSpan> = streams
        .flat_map(|stream| {
            stream.gaps.iter().map(|gap| GapSpan {
                t0_s: gap.time_s.0,
                t1_s: gap.time_s.0 + gap.lost_samples as f64 / stream.rate_hz,
                lost: gap.lost_samples,
                certain: gap.certain,
            })
        })
        .collect();
    gaps.sort_by(|a, b| a.t0_s.total_cmp(&b.t0_s));
    gaps
}

/// The review of the open trial: the one that is shown, and the one that is being made.
#[derive(Debug, Default)]
pub struct Reviewing {
    material: Option<Material>,
    recipe: Recipe,
    shown: Option<Arc<Reviewed>>,
    job: Option<Job<Reviewed>>,
    /// The recipe or the material changed while the job ran: its result is old.
    is_outdated: bool,
    problem: Option<String>,
}

impl Reviewing {
    /// Takes another trial and reviews it; what was shown goes, because it is of another trial.
    pub fn open(&mut self, material: Material, recipe: Recipe) {
        self.material = Some(material);
        self.recipe = recipe;
        self.shown = None;
        self.start();
    }

    /// Forgets the trial: a device is followed now.
    pub fn close(&mut self) {
        self.material = None;
        self.shown = None;
        self.is_outdated = self.job.is_some();
    }

    /// Reviews the same trial in another way; the old result stays until the new one is whole.
    pub fn change(&mut self, recipe: Recipe) {
        if recipe != self.recipe {
            self.recipe = recipe;
            self.start();
        }
    }

    fn start(&mut self) {
        self.problem = None;
        if self.job.is_some() {
            self.is_outdated = true;
            return;
        }
        self.is_outdated = false;
        let Some(material) = self.material.clone() else { return };
        let recipe = self.recipe.clone();
        self.job = Some(Job::start("surae-review", move |progress| {
            Reviewed::of(&material, &recipe, &mut |share| progress.set(share))
        }));
    }

    /// Looks whether a review is whole; true when a new one is shown now.
    pub fn update(&mut self) -> bool {
        let Some(job) = &mut self.job else { return false };
        let state = job.poll();
        if matches!(state, JobState::Running) {
            return false;
        }
        self.job = None;
        if std::mem::take(&mut self.is_outdated) {
            self.start();
            return false;
        }
        match state {
            JobState::Done(reviewed) => {
                self.shown = Some(Arc::new(reviewed));
                true
            }
            _ => {
                self.problem = Some(text::review::FAILED.to_owned());
                false
            }
        }
    }

    /// The review that is shown: the newest whole one.
    #[must_use]
    pub fn shown(&self) -> Option<&Arc<Reviewed>> {
        self.shown.as_ref()
    }

    /// Shows a review made elsewhere: for tests and pictures.
    pub fn show(&mut self, reviewed: Reviewed) {
        self.material = Some(reviewed.material.clone());
        self.recipe = reviewed.recipe.clone();
        self.shown = Some(Arc::new(reviewed));
    }

    /// The trial that is open, reviewed or not yet.
    #[must_use]
    pub fn material(&self) -> Option<&Material> {
        self.material.as_ref()
    }

    /// How the newest review is or will be made.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// How far a running review has come, 0 to 1; `None` when none runs.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        self.job.as_ref().map(|job| if self.is_outdated { 0.0 } else { job.share() })
    }

    /// Why there is no new review, in words; told once.
    pub fn take_problem(&mut self) -> Option<String> {
        self.problem.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::Task;

    fn material() -> Material {
        Material { name: "empty".into(), trial: Arc::default(), standing: None, profile: None }
    }

    fn wait(reviewing: &mut Reviewing) {
        while reviewing.share().is_some() {
            reviewing.update();
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_changed_recipe_replaces_the_result_only_when_it_is_whole() {
        let mut reviewing = Reviewing::default();
        assert!(reviewing.shown().is_none() && reviewing.share().is_none());
        reviewing.open(material(), Recipe::default());
        wait(&mut reviewing);
        let first = Arc::clone(reviewing.shown().unwrap());
        let run = Recipe { settings: Some(Settings::for_task(Task::Run)), ..Recipe::default() };
        reviewing.change(run.clone());
        assert!(Arc::ptr_eq(&first, reviewing.shown().unwrap()));
        // Changes while one runs: only the last one counts.
        reviewing.change(Recipe { mode: Mode::Causal, ..Recipe::default() });
        reviewing.change(run.clone());
        wait(&mut reviewing);
        let second = reviewing.shown().unwrap();
        assert_eq!(second.recipe, run);
        assert_eq!(second.report().settings.task, Task::Run);
    }

    #[test]
    fn a_closed_trial_does_not_come_back_when_its_review_ends() {
        let mut reviewing = Reviewing::default();
        reviewing.open(material(), Recipe::default());
        reviewing.close();
        wait(&mut reviewing);
        assert!(reviewing.shown().is_none() && reviewing.take_problem().is_none());
    }
}
