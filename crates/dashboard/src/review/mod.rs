//! The Review view: what happened in a trial, and how sure that is.
//!
//! Draws a [`Reviewed`] trial and says what is asked for. What is set on it is [`state::ReviewState`]; each panel is a
//! function of both.

mod bar;
mod by_phase;
mod change;
mod details;
mod drawer;
mod input;
pub mod layout;
mod lead;
mod map;
mod overview;
mod phase;
mod push_offs;
pub mod state;
mod table;
mod traces;
mod transport;

use crate::layout::Form;
use crate::paint;
use crate::reviewed::{LegTraces, Reviewed, Reviewing};
use crate::shell;
use crate::state::{Action, Tab};
use crate::text;
use crate::theme::{Theme, size, text_font};
use egui::{Align2, Rect, Ui, UiBuilder, pos2, vec2};
use layout::Places;
use state::{Against, Face, History, ReviewState};
use std::sync::Arc;
use surae_gait::comparable::{Quantity, refusal};
use surae_gait::report::SideReport;

/// The Review view and what is set on it.
#[derive(Debug, Default)]
pub struct ReviewView {
    /// What is set.
    pub state: ReviewState,
    /// Recipes to go back to.
    pub history: History,
    /// The trial that is drawn dashed on the same axes.
    pub second: Reviewing,
    shown: Option<Arc<Reviewed>>,
    map: map::Cache,
    places: Option<Places>,
}

/// What a panel gets.
pub(crate) struct Cx<'a> {
    /// The trial.
    pub reviewed: &'a Reviewed,
    /// Traces of the shown leg.
    pub leg: &'a LegTraces,
    /// Report of the shown leg.
    pub report: &'a SideReport,
    /// What stands dashed beside it: name, traces and report of a leg.
    pub other: Option<Other<'a>>,
    /// Colours.
    pub theme: &'static Theme,
    /// Wide or compact.
    pub form: Form,
    /// What is set.
    pub state: &'a mut ReviewState,
    /// What is asked for.
    pub actions: &'a mut Vec<Action>,
}

/// A leg that is drawn dashed on the same axes.
#[derive(Clone, Copy)]
pub(crate) struct Other<'a> {
    /// What it is, in words.
    pub name: &'a str,
    /// Report of the leg.
    pub report: &'a SideReport,
}

impl Cx<'_> {
    /// True in the compact form.
    pub fn compact(&self) -> bool {
        self.form == Form::Compact
    }
}

impl ReviewView {
    /// Draws the view into the whole of `ui` and returns what is asked for, its own keys included.
    pub fn ui(&mut self, ui: &mut Ui, reviewing: &Reviewing) -> Vec<Action> {
        let theme = self.theme();
        let mut actions = Vec::new();
        ui.ctx().set_visuals(theme.visuals());
        let window = ui.max_rect();
        ui.painter().rect_filled(window, 0.0, theme.window);
        let places = Places::new(window);
        self.places = Some(places);
        let left = shell::bar(ui, places.top_bar, theme, Tab::Review, &mut actions);
        bar::show(ui, places.top_bar, left, self, reviewing, &mut actions);
        self.state.play(f64::from(ui.input(|input| input.stable_dt)));
        let Some(reviewed) = reviewing.shown().cloned() else {
            empty(ui, theme, Rect::from_min_max(places.overview.min, places.transport.max), reviewing);
            return actions;
        };
        let state = &mut self.state;
        let Some(leg) = state.leg_of(&reviewed) else {
            nothing(ui, theme, places, &reviewed);
            return actions;
        };
        let Some(report) = reviewed.report().sides.of(leg.side) else { return actions };
        let second = self.second.shown().cloned();
        let names =
            (text::review::other_leg(leg.side.other()), second.as_ref().map(|s| s.material.name.clone()));
        let other = match state.against {
            Against::Nothing => None,
            Against::OtherLeg => {
                reviewed.report().sides.of(leg.side.other()).map(|report| Other { name: names.0, report })
            }
            Against::Trial => second.as_ref().and_then(|second| {
                let report = second.report().sides.of(leg.side)?;
                Some(Other { name: names.1.as_deref().unwrap_or(""), report })
            }),
        };
        let mut cx = Cx {
            reviewed: &reviewed,
            leg,
            report,
            other,
            theme,
            form: places.form,
            state,
            actions: &mut actions,
        };
        input::keys(ui, &mut cx, &mut self.history, reviewing);
        panels(ui, &mut cx, places, &mut self.map);
        if cx.state.settings_open {
            let area = Rect::from_min_max(
                pos2(window.right() - 320.0, places.top_bar.bottom()),
                pos2(window.right(), places.transport.top()),
            );
            drawer::show(ui, area, &mut cx, &mut self.history, reviewing);
        }
        actions
    }

    /// The push-offs of the shown leg as a table with tabs; `None` without a review.
    #[must_use]
    pub fn table(&self, reviewing: &Reviewing) -> Option<String> {
        let reviewed = reviewing.shown()?;
        let side = self.state.leg_of(reviewed)?.side;
        let rows = table::rows(reviewed.report().sides.of(side)?, |path| {
            reviewed.report().reason(&format!("sides.{side}.{path}")).map(str::to_owned)
        });
        Some(table::tabbed(&rows))
    }

    /// Puts the second trial dashed on the same axes; says why where it does not stand on one scale.
    pub fn compare(&mut self, reviewing: &Reviewing) -> Option<String> {
        let (first, second) = (reviewing.shown()?, self.second.shown()?);
        let side = self.state.leg_of(first)?.side;
        let name = second.material.name.clone();
        if second.report().sides.of(side).is_none_or(|leg| leg.muscles.is_empty()) {
            return Some(text::review::not_compared(&name, &text::review::no_other_leg(side)));
        }
        let all = [Quantity::Dominance, Quantity::Curves];
        let refused = all.into_iter().find_map(|what| refusal(first.report(), second.report(), side, what));
        match refused {
            Some(why) => Some(text::review::not_compared(&name, &why)),
            None => {
                self.state.against = Against::Trial;
                None
            }
        }
    }

    /// The colours of this view.
    #[must_use]
    pub fn theme(&self) -> &'static Theme {
        self.state.theme.theme()
    }

    /// Carries out what concerns this view alone; false when the window must do it.
    pub fn perform(&mut self, action: &Action, reviewing: &Reviewing) -> bool {
        match action {
            Action::Theme => self.state.theme = self.state.theme.other(),
            Action::Escape if self.state.rejecting.is_some() => self.state.rejecting = None,
            Action::Escape if self.state.settings_open => self.state.settings_open = false,
            Action::OtherSide => {
                let Some(reviewed) = reviewing.shown() else { return false };
                let sides = reviewed.sides();
                let shown = self.state.leg_of(reviewed).map(|leg| leg.side);
                let Some(other) = shown.map(|s| s.other()).filter(|side| sides.contains(side)) else {
                    return false;
                };
                self.state.side = Some(other);
                self.state.chosen = 0;
            }
            _ => return false,
        }
        true
    }

    /// The panel at a place, as drawn last.
    #[must_use]
    pub fn panel_at(&self, at: egui::Pos2) -> Option<Rect> {
        let p = self.places?;
        let all = [p.overview, p.left, p.traces, p.phase, p.map, p.by_phase];
        all.into_iter().find(|rect| rect.contains(at))
    }

    /// A new review is whole.
    pub fn show(&mut self, reviewed: &Arc<Reviewed>) {
        let is_new =
            self.shown.as_ref().is_none_or(|old| !Arc::ptr_eq(&old.material.trial, &reviewed.material.trial));
        self.state.take(reviewed, is_new);
        if is_new {
            self.history = History::default();
            self.state.against = Against::Nothing;
        }
        self.shown = Some(Arc::clone(reviewed));
        self.map = map::Cache::default();
    }

    /// True while something moves.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.state.playing
    }
}

/// Draws the panels into their places.
fn panels(ui: &mut Ui, cx: &mut Cx<'_>, places: Places, cache: &mut map::Cache) {
    let has_map = cx.leg.knee.is_some();
    let places = if has_map { places } else { places.without_map() };
    in_place(ui, places.overview, "overview", |ui| overview::show(ui, cx));
    in_place(ui, places.left, "left", |ui| push_offs::show(ui, cx));
    let wide = cx.form == Form::Wide;
    let [centre, right] = cx.state.faces;
    if wide || centre == Face::First {
        in_place(ui, places.traces, "traces", |ui| traces::show(ui, cx));
    }
    if wide || centre == Face::Second {
        in_place(ui, places.phase, "phase", |ui| phase::show(ui, cx));
    }
    if has_map && (wide || right == Face::First) {
        in_place(ui, places.map, "map", |ui| map::show(ui, cx, cache));
    }
    if wide || right == Face::Second || !has_map {
        in_place(ui, places.by_phase, "by phase", |ui| by_phase::show(ui, cx));
    }
    in_place(ui, places.transport, "transport", |ui| transport::show(ui, cx));
}

fn in_place(ui: &mut Ui, rect: Rect, name: &str, draw: impl FnOnce(&mut Ui)) {
    let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    draw(&mut child);
}

/// Two names over a place that two panels share in the compact form; the title of a panel otherwise. Returns the body.
pub(crate) fn titled(
    ui: &mut Ui,
    cx: &mut Cx<'_>,
    place: usize,
    titles: [&str; 2],
    own: Face,
    caption: &str,
) -> Rect {
    if cx.form == Form::Wide {
        let title = titles[usize::from(own == Face::Second)];
        return paint::panel(ui, cx.theme, title, caption, false);
    }
    let inner = paint::panel(ui, cx.theme, "", "", true);
    let rect = ui.max_rect();
    let mut left = rect.left() + 6.0;
    for (face, title) in [(Face::First, titles[0]), (Face::Second, titles[1])] {
        let galley = ui.painter().layout_no_wrap(title.to_owned(), text_font(size::NOTE), cx.theme.text);
        let area = Rect::from_min_size(pos2(left, rect.top() + 3.0), vec2(galley.size().x + 16.0, 20.0));
        if paint::button_sized(ui, area, title, face == own, size::NOTE).clicked() {
            cx.state.faces[place] = face;
        }
        left = area.right() + 4.0;
    }
    let room = rect.right() - 12.0 - left - 8.0;
    let place = pos2(rect.right() - 12.0, rect.top() + 13.0);
    let font = text_font(size::TICK);
    paint::fitted(ui.painter(), place, Align2::RIGHT_CENTER, caption, font, cx.theme.muted, room);
    Rect::from_min_max(pos2(inner.left(), rect.top() + 28.0), inner.max)
}

/// No review to show: it is being made, or there is no trial.
fn empty(ui: &Ui, theme: &Theme, area: Rect, reviewing: &Reviewing) {
    let name = reviewing.material().map_or("", |material| material.name.as_str());
    let words = match reviewing.share() {
        Some(share) => format!("{name}: {}", text::review::progress(share)),
        None => text::review::NOTHING_OPEN.to_owned(),
    };
    let place = area.center();
    paint::text(ui.painter(), place, Align2::CENTER_CENTER, &words, text_font(size::MUSCLE), theme.muted);
    paint::named(ui, area, words);
}

/// The trial has nothing of either leg.
fn nothing(ui: &Ui, theme: &Theme, places: Places, reviewed: &Reviewed) {
    let area = Rect::from_min_max(places.overview.min, places.transport.min);
    let words = text::review::no_leg(&reviewed.material.name);
    let font = text_font(size::TITLE);
    let galley = paint::lines(ui.painter(), &words, font, theme.text, 640.0, 4);
    let rect = Align2::CENTER_CENTER.anchor_size(area.center(), galley.size());
    ui.painter().galley(rect.min, galley, theme.text);
    paint::named(ui, rect, words);
}
