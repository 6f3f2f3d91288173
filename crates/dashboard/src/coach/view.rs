//! The Coach view as one of the window's views: model from the review or from the running session, keys, clicks.

use super::live::Live;
use super::model::CoachModel;
use super::state::{self, Ask, CoachState};
use super::{canvas, from_review, screen};
use crate::feed::Feed;
use crate::model::LabModel;
use crate::reviewed::{Reviewed, Reviewing};
use crate::shell;
use crate::state::{Action, Tab};
use crate::text::coach as text;
use crate::theme;
use egui::{Rect, Ui, vec2};
use std::sync::Arc;

/// Height of the top bar in the design, and at least.
const BAR: (f32, f32) = (56.0, 40.0);

/// What the Coach view draws from.
pub struct CoachInput<'a> {
    /// The review of the open trial: shown result, progress.
    pub reviewing: &'a Reviewing,
    /// What the Lab view shows: the running source.
    pub live: &'a LabModel,
}

/// The Coach view and what is set on it.
#[derive(Debug, Default)]
pub struct CoachView {
    /// What is set.
    pub state: CoachState,
    model: CoachModel,
    live: Live,
    now_s: f64,
    window: Option<Rect>,
}

impl CoachView {
    /// Draws the view into the whole of `ui` and returns what is asked for, its own keys included.
    pub fn ui(&mut self, ui: &mut Ui, input: &CoachInput<'_>) -> Vec<Action> {
        let theme = &theme::COACH;
        ui.ctx().set_visuals(theme.visuals());
        self.now_s = ui.input(|input| input.time);
        let mut asked = state::keys(ui.ctx());
        let mut actions = Vec::new();
        let window = ui.max_rect();
        self.window = Some(window);
        let model = self.look(input);
        if self.state.is_blank {
            screen::blank(ui, window);
        } else {
            screen::show(ui, window, &model, &mut self.state, self.now_s, &mut asked);
            let scale = (window.width() / canvas::DESIGN.0).min(window.height() / canvas::DESIGN.1);
            let bar = Rect::from_min_size(window.min, vec2(window.width(), (BAR.0 * scale).max(BAR.1)));
            let left = shell::bar(ui, bar, theme, Tab::Coach, &mut actions);
            screen::bar(ui, bar, left + theme::GAP, &model, &self.state, self.now_s);
        }
        for ask in asked {
            match ask {
                Ask::FullScreen => actions.push(Action::FullScreen),
                ask => self.state.perform(ask, &model, self.now_s),
            }
        }
        *(if input.reviewing.material().is_some() { &mut self.model } else { self.live.model_mut() }) = model;
        actions
    }

    /// The model to draw now, with what runs beside it.
    fn look(&mut self, input: &CoachInput<'_>) -> CoachModel {
        let transport = &input.live.transport;
        let is_trial = input.reviewing.material().is_some();
        let mut model = std::mem::take(if is_trial { &mut self.model } else { self.live.model_mut() });
        let is_playing = is_trial && transport.is_replay && transport.playing;
        let played_to_s = is_playing.then_some(transport.position_s);
        model.running = match (is_trial, is_playing) {
            (true, true) => text::running(Some(transport.speed)),
            (true, false) => String::new(),
            (false, _) if transport.duration_s.is_none() && !transport.is_replay => text::running(None),
            _ => String::new(),
        };
        if model.legs.is_empty() {
            model.progress = input.reviewing.share().filter(|_| is_trial).map(|share| share as f32);
            if !is_trial && !self.live.is_followed() {
                model.empty = (text::NOTHING_OPEN.to_owned(), vec![text::OPEN_ONE.to_owned()]);
            }
        } else {
            model.progress = None;
        }
        self.state.watch(&model, self.now_s, played_to_s, !is_trial);
        model
    }

    /// Follows a device: what its last seconds show joins the set. Does nothing while a trial is open.
    pub fn follow(&mut self, feed: &mut dyn Feed, is_shown: bool) {
        self.live.poll();
        if self.live.is_due(is_shown)
            && let Some(source) = feed.live_source()
            && let Some(recent) = feed.recent()
        {
            self.live.start(&recent, &source);
        }
    }

    /// Forgets what was shown: another source is opened.
    pub fn open(&mut self) {
        self.state.reset();
        self.model = CoachModel::default();
        self.live = Live::default();
    }

    /// The panel at a place, as drawn last; nothing on a blank screen.
    #[must_use]
    pub fn panel_at(&self, at: egui::Pos2) -> Option<Rect> {
        self.window.filter(|_| !self.state.is_blank).and_then(|window| screen::panel_at(window, at))
    }

    /// Carries out what concerns this view alone; false when the window must do it.
    pub fn perform(&mut self, action: &Action) -> bool {
        matches!(action, Action::Escape) && self.state.escape()
    }

    /// A new review is whole.
    pub fn show(&mut self, reviewed: &Arc<Reviewed>) {
        self.model = from_review::model(&reviewed.model, &reviewed.material.name);
    }

    /// True while something moves.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.state.is_moving(self.now_s)
    }
}
