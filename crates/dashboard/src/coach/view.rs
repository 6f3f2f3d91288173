//! The Coach view as one of the window's views: model from the review, keys, clicks.

use super::model::CoachModel;
use super::state::{Ask, CoachState, keys};
use super::{from_review, screen};
use crate::model::LabModel;
use crate::reviewed::{Reviewed, Reviewing};
use crate::shell;
use crate::state::{Action, Tab};
use crate::text::coach as text;
use crate::theme::COACH;
use egui::{Rect, Ui, vec2};
use std::sync::Arc;

/// Height of the top bar in the design, of a window 1000 high.
const BAR: f32 = 56.0 / 1000.0;

/// What the Coach view draws from.
pub struct CoachInput<'a> {
    /// The review of the open trial: shown result, progress.
    pub reviewing: &'a Reviewing,
    /// What the Lab view shows: the live source.
    pub live: &'a LabModel,
}

/// The Coach view and what is set on it.
#[derive(Debug, Default)]
pub struct CoachView {
    /// What is set.
    pub state: CoachState,
    model: CoachModel,
    shown: Option<Arc<Reviewed>>,
    now_s: f64,
}

impl CoachView {
    /// Draws the view into the whole of `ui` and returns what is asked for, its own keys included.
    pub fn ui(&mut self, ui: &mut Ui, input: &CoachInput<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        ui.ctx().set_visuals(COACH.visuals());
        self.now_s = ui.input(|input| input.time);
        self.look(input);
        let mut asked = keys(ui.ctx());
        let window = ui.max_rect();
        if self.state.is_blank {
            screen::blank(ui, window);
        } else {
            screen::show(ui, window, &self.model, &mut self.state, self.now_s, &mut asked);
            let bar = Rect::from_min_size(window.min, vec2(window.width(), (BAR * window.height()).max(40.0)));
            let left = shell::bar(ui, bar, &COACH, Tab::Coach, &mut actions);
            screen::bar(ui, bar, left, &self.model, &self.state, self.now_s);
        }
        for ask in asked {
            if ask == Ask::FullScreen {
                actions.push(Action::FullScreen);
            } else {
                self.state.perform(ask, &self.model, self.now_s);
            }
        }
        actions
    }

    /// Takes what there is: the whole review, or how far it has come, or nothing.
    fn look(&mut self, input: &CoachInput<'_>) {
        if input.reviewing.shown().is_none() {
            let empty = (text::NOTHING_OPEN.to_owned(), vec![text::OPEN_ONE.to_owned()]);
            let progress = input.reviewing.share().map(|share| share as f32);
            self.model = CoachModel { title: input.live.source.name.clone(), empty, progress, ..CoachModel::default() };
            self.shown = None;
        }
        self.state.watch(&self.model, self.now_s, None, false);
    }

    /// Carries out what concerns this view alone; false when the window must do it.
    pub fn perform(&mut self, action: &Action) -> bool {
        matches!(action, Action::Escape) && self.state.escape()
    }

    /// A new review is whole.
    pub fn show(&mut self, reviewed: &Arc<Reviewed>) {
        let before = self.shown.as_ref();
        let is_new = before.is_none_or(|old| !Arc::ptr_eq(&old.material.trial, &reviewed.material.trial));
        if is_new {
            self.state.reset();
        }
        self.model = from_review::model(&reviewed.model, &reviewed.material.name);
        self.shown = Some(Arc::clone(reviewed));
    }

    /// True while something moves.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.state.is_moving(self.now_s)
    }
}
