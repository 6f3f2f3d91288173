//! Push-offs of a running session: the last seconds are reviewed beside the window, and what is new joins the set.
//!
//! The same review as that of a recording, on a shorter stretch: the numbers of an effort differ from it only by what
//! the rest level and the filters know of the time around it. Not on the sample path and not on the window's thread.

use super::from_review;
use super::model::{CoachLeg, CoachModel};
use crate::text::coach as text;
use std::sync::Arc;
use std::time::{Duration, Instant};
use surae_engine::{Job, JobState, Recent};
use surae_gait::review::{Mode, ReviewOptions, review};
use surae_trial::{Profile, Settings};

/// Time between two reviews while the view is shown: a new card comes within 1 s.
const SHOWN: Duration = Duration::from_millis(350);
/// The same while another view is shown.
const HIDDEN: Duration = Duration::from_secs(4);
/// Less than this is not reviewed, in s.
const SHORTEST_S: f64 = 2.0;
/// An effort is renewed with what follows it for this long, in s; then it stays as it is.
const OPEN_S: f64 = 6.0;
/// What begins this close to the start of the stretch may be cut, in s.
const CUT_S: f64 = 2.5;
/// Longest wait for the end of a flight, in s.
const LANDING_S: f64 = 0.6;
/// The same effort in two reviews, in s.
const SAME_S: f64 = 0.12;

/// What a session is reviewed with.
#[derive(Clone, Debug, Default)]
pub struct LiveSource {
    /// Name of the device.
    pub name: String,
    /// References.
    pub profile: Option<Arc<Profile>>,
    /// Settings the person asked for; `None`: those of the task that is found.
    pub settings: Option<Settings>,
}

/// The efforts of a running session.
#[derive(Debug, Default)]
pub struct Live {
    model: CoachModel,
    job: Option<Job<(CoachModel, f64, f64)>>,
    asked: Option<Instant>,
    reviewed_to_s: f64,
}

impl Live {
    /// What has been found so far.
    #[must_use]
    pub fn model(&self) -> &CoachModel {
        &self.model
    }

    /// The same, to be drawn without a copy: what is taken out is put back.
    pub(super) fn model_mut(&mut self) -> &mut CoachModel {
        &mut self.model
    }

    /// True once a session is followed.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.asked.is_some()
    }

    /// True when it is time to look at the session again.
    #[must_use]
    pub fn is_due(&self, is_shown: bool) -> bool {
        let every = if is_shown { SHOWN } else { HIDDEN };
        self.job.is_none() && self.asked.is_none_or(|asked| asked.elapsed() >= every)
    }

    /// Reviews the last seconds of the session, unless nothing came since.
    pub fn start(&mut self, recent: &Arc<Recent>, source: &LiveSource) {
        self.asked = Some(Instant::now());
        if self.job.is_some() || recent.to_s() <= self.reviewed_to_s || recent.trial.duration_s() < SHORTEST_S
        {
            return;
        }
        self.reviewed_to_s = recent.to_s();
        let (recent, source) = (Arc::clone(recent), source.clone());
        self.job = Some(Job::start("surae-coach", move |_| look(&recent, &source)));
    }

    /// Takes a finished review; true when one was there.
    pub fn poll(&mut self) -> bool {
        let Some(job) = &mut self.job else { return false };
        match job.poll() {
            JobState::Running => false,
            JobState::Done((found, from_s, to_s)) => {
                self.job = None;
                join(&mut self.model, found, from_s, to_s);
                true
            }
            JobState::Failed => {
                self.job = None;
                false
            }
        }
    }
}

/// Efforts of a stretch on the session's time, with its start and end.
#[must_use]
pub fn look(recent: &Recent, source: &LiveSource) -> (CoachModel, f64, f64) {
    let options =
        ReviewOptions { mode: Mode::ZeroPhase, settings: source.settings, ..ReviewOptions::default() };
    let reviewed = review(&recent.trial, None, source.profile.as_deref(), &options);
    let mut model = from_review::model(&reviewed, &source.name);
    for card in model.legs.iter_mut().flat_map(|leg| &mut leg.cards) {
        card.time_s += recent.from_s;
        card.whole_s += recent.from_s;
    }
    model.running = text::running(None);
    model.empty = (text::WAITING.to_owned(), text::NEEDS.map(str::to_owned).to_vec());
    (model, recent.from_s, recent.to_s())
}

/// Joins what a stretch from `from_s` to `to_s` shows with what was found before.
pub fn join(known: &mut CoachModel, mut found: CoachModel, from_s: f64, to_s: f64) {
    // A contact whose flight is not over yet is not an effort yet.
    for leg in &mut found.legs {
        leg.cards.retain(|card| is_whole(card, to_s) && (card.time_s >= from_s + CUT_S || from_s <= 0.0));
        // Efforts of another kind are another set.
        let is_alike = |one: &&mut CoachLeg| {
            (one.side, one.effort, one.measures) == (leg.side, leg.effort, leg.measures)
        };
        let before = known.legs.iter_mut().find(is_alike);
        if let Some(before) = before {
            leg.cards = joined(before, leg, to_s);
        }
        if leg.half_of_one_ms.is_none() {
            let before = known.legs.iter().find(|one| one.side == leg.side);
            leg.half_of_one_ms = before.and_then(|before| before.half_of_one_ms);
        }
        leg.settle();
    }
    // A stretch without an effort, as between two sprints, takes nothing away.
    let is_empty = found.legs.iter().all(|leg| leg.cards.is_empty());
    if !is_empty || known.legs.iter().all(|leg| leg.cards.is_empty()) {
        *known = found;
    }
}

/// True when all that belongs to an effort has passed; where its flight has no end yet, that is waited for.
fn is_whole(card: &super::model::CoachCard, to_s: f64) -> bool {
    let wait_s = if card.values[1].is_some() { 0.0 } else { LANDING_S };
    card.whole_s + wait_s <= to_s
}

/// Old efforts as they were, recent ones as they are now, each once.
fn joined(before: &mut CoachLeg, leg: &mut CoachLeg, to_s: f64) -> Vec<super::model::CoachCard> {
    let open_from_s = to_s - OPEN_S;
    let mut cards = std::mem::take(&mut before.cards);
    for new in std::mem::take(&mut leg.cards) {
        match cards.iter_mut().find(|old| (old.time_s - new.time_s).abs() < SAME_S) {
            // Its place in time stays: the view may follow it.
            Some(old) if new.time_s >= open_from_s => {
                let time_s = old.time_s;
                *old = new;
                old.time_s = time_s;
            }
            Some(_) => {}
            None => cards.push(new),
        }
    }
    cards.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
    cards
}

#[cfg(test)]
mod tests {
    use super::super::model::{CoachCard, Lead};
    use super::*;
    use surae_trial::Side;

    fn model(times: &[f64]) -> CoachModel {
        let card = |t: &f64| CoachCard {
            time_s: *t,
            whole_s: t + 0.2,
            values: [Some(0.1); 3],
            lead_ms: Some(10.0 * t),
            is_of_set: true,
            ..CoachCard::default()
        };
        let leg = CoachLeg {
            side: Some(Side::Right),
            half_of_one_ms: Some(18.0),
            cards: times.iter().map(card).collect(),
            ..CoachLeg::default()
        };
        CoachModel { legs: vec![leg], ..CoachModel::default() }
    }

    fn times(model: &CoachModel) -> Vec<f64> {
        model.legs[0].cards.iter().map(|card| card.time_s).collect()
    }

    #[test]
    fn stretches_join_to_one_set_with_each_effort_once() {
        let mut known = CoachModel::default();
        join(&mut known, model(&[1.0, 2.0, 3.0]), 0.0, 3.5);
        assert_eq!(times(&known), [1.0, 2.0, 3.0]);
        join(&mut known, model(&[2.01, 3.01, 40.0]), 30.0, 40.1);
        assert_eq!(times(&known), [1.0, 2.0, 3.0], "the flight after 40 s is not over");
        join(&mut known, model(&[33.0, 40.0]), 31.0, 41.0);
        assert_eq!(times(&known), [1.0, 2.0, 3.0, 40.0], "33 s may be cut");
        assert_eq!(known.legs[0].lead.map(|lead: Lead| lead.n), Some(4));
    }

    #[test]
    fn a_stretch_without_an_effort_takes_nothing_away() {
        let mut known = CoachModel::default();
        join(&mut known, model(&[1.0, 2.0]), 0.0, 3.5);
        join(&mut known, model(&[]), 20.0, 50.0);
        assert_eq!(times(&known), [1.0, 2.0]);
        join(&mut known, CoachModel::default(), 20.0, 50.0);
        assert_eq!(times(&known), [1.0, 2.0]);
    }
}
