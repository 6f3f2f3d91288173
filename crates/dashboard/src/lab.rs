//! The Lab view: bar, tiles and strip put together, plus what floats above them (keys overlay, notes).
//!
//! Draws a [`LabModel`] and says what is asked for; it knows no session, so tests drive it with models made by hand.

use crate::input;
use crate::layout::{Form, Frame, Panel, tree};
use crate::model::LabModel;
use crate::panels;
use crate::state::{Action, Panels, ViewState};
use crate::text::{self, control};
use crate::theme::{self, GAP, Theme, figure_font, size, text_font};
use egui::{Align2, Area, Id, Order, Rect, RichText, Ui, UiBuilder, WidgetText, vec2};
use egui_tiles::{Behavior, SimplificationOptions, TabState, TileId, Tiles, Tree, UiResponse};

/// The Lab view and what is set on it.
pub struct LabView {
    /// What is set.
    pub state: ViewState,
    tiles: Option<(Form, bool, Tree<Panel>)>,
}

impl Default for LabView {
    fn default() -> Self {
        Self::new(ViewState::default())
    }
}

impl LabView {
    /// A view with these settings.
    #[must_use]
    pub fn new(state: ViewState) -> Self {
        Self { state, tiles: None }
    }

    /// Draws the view into the whole of `ui` and returns what is asked for, keys included.
    pub fn ui(&mut self, ui: &mut Ui, model: &LabModel) -> Vec<Action> {
        let theme = self.state.theme.theme();
        ui.ctx().set_visuals(theme.visuals());
        let mut actions = input::actions(ui.ctx());
        let window = ui.max_rect();
        ui.painter().rect_filled(window, 0.0, theme.window);
        let frame = Frame::new(window);
        let mut cx = Panels { model, view: &mut self.state, theme, form: frame.form, actions: &mut actions };
        panels::top_bar(ui, frame.top_bar, &mut cx);
        panels::transport(ui, frame.transport, &mut cx);

        let has_knee = model.signals.knee.is_some();
        let is_current =
            self.tiles.as_ref().is_some_and(|(form, knee, _)| *form == frame.form && *knee == has_knee);
        if !is_current {
            self.tiles = Some((frame.form, has_knee, tree(frame.form, has_knee)));
        }
        if let Some((_, _, tree)) = &mut self.tiles {
            let mut area = ui.new_child(UiBuilder::new().max_rect(frame.tiles));
            area.set_clip_rect(frame.tiles);
            tree.ui(&mut TilePanels { cx: &mut cx }, &mut area);
        }
        notes(ui, theme, &mut self.state, frame.transport.top());
        if self.state.help_open {
            help(ui, theme, window);
        }
        actions
    }

    /// Carries out what concerns the view alone; false when the session or the window must do it.
    pub fn perform(&mut self, action: &Action, model: &LabModel) -> bool {
        let state = &mut self.state;
        match action {
            Action::Zoom(by) => state.zoom(*by),
            Action::FitScales => state.scales.clear(),
            Action::NextTraces => state.traces = state.traces.next(),
            Action::Theme => state.theme = state.theme.other(),
            Action::Help => state.help_open = !state.help_open,
            Action::Escape if state.help_open => state.help_open = false,
            Action::Escape => {
                state.notes.pop();
            }
            Action::OtherSide => {
                let other = model.side.map(surae_trial::Side::other);
                if let Some(other) = other.filter(|side| model.sides.contains(side)) {
                    state.side = Some(other);
                } else {
                    state.note(text::ONE_LEG, false);
                }
            }
            _ => return false,
        }
        true
    }
}

/// Errors and confirmations, bottom right, newest three, each with its own way to close it.
fn notes(ui: &Ui, theme: &Theme, state: &mut ViewState, bottom: f32) {
    if state.notes.is_empty() {
        return;
    }
    let corner = egui::pos2(ui.max_rect().right() - 2.0 * GAP, bottom - GAP);
    let area = Area::new(Id::unique("notes")).order(Order::Foreground).fixed_pos(corner);
    let mut closed = None;
    area.pivot(Align2::RIGHT_BOTTOM).show(ui.ctx(), |ui| {
        for (k, note) in state.notes.iter().enumerate() {
            let color = if note.is_error { theme.bad } else { theme.muted };
            let frame = egui::Frame::new()
                .fill(theme.tint(color, 0.12))
                .stroke(egui::Stroke::new(1.0, color))
                .corner_radius(theme::RADIUS)
                .inner_margin(8.0);
            frame.show(ui, |ui| {
                ui.set_width(420.0);
                ui.horizontal_top(|ui| {
                    let words = RichText::new(&note.text).font(text_font(size::BODY)).color(theme.text);
                    ui.allocate_ui(vec2(384.0, 0.0), |ui| ui.add(egui::Label::new(words).wrap()));
                    let close = ui.small_button(control::CLOSE).on_hover_text(text::CLOSE_NOTE);
                    if close.clicked() {
                        closed = Some(k);
                    }
                });
            });
            ui.add_space(4.0);
        }
    });
    if let Some(closed) = closed {
        state.notes.remove(closed);
    }
}

/// The keys, over everything.
fn help(ui: &Ui, theme: &Theme, window: Rect) {
    let area = Area::new(Id::unique("keys")).order(Order::Foreground).fixed_pos(window.center());
    area.pivot(Align2::CENTER_CENTER).show(ui.ctx(), |ui| {
        let frame = egui::Frame::new()
            .fill(theme.panel)
            .stroke(egui::Stroke::new(1.0, theme.muted))
            .corner_radius(theme::RADIUS)
            .inner_margin(16.0);
        frame.show(ui, |ui| {
            let title = RichText::new(text::title::KEYS).font(text_font(size::MUSCLE)).color(theme.text);
            ui.label(title);
            ui.add_space(8.0);
            egui::Grid::new("keys").num_columns(2).spacing(vec2(24.0, 6.0)).show(ui, |ui| {
                for (key, does) in text::KEYS {
                    ui.label(RichText::new(key).font(figure_font(size::BODY)).color(theme.text));
                    ui.label(RichText::new(does).font(text_font(size::BODY)).color(theme.muted));
                    ui.end_row();
                }
            });
        });
    });
}

/// Draws tiles; the design's places are kept, so tiles are neither dragged nor resized.
struct TilePanels<'a, 'b> {
    cx: &'a mut Panels<'b>,
}

impl Behavior<Panel> for TilePanels<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, panel: &mut Panel) -> UiResponse {
        let clip = ui.clip_rect().intersect(ui.max_rect());
        ui.set_clip_rect(clip);
        ui.push_id(*panel, |ui| panels::show(*panel, ui, self.cx));
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, panel: &Panel) -> WidgetText {
        RichText::new(panels::title(*panel)).font(text_font(size::NOTE)).into()
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        GAP
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        22.0
    }

    fn tab_bar_color(&self, _visuals: &egui::Visuals) -> egui::Color32 {
        self.cx.theme.window
    }

    fn tab_text_color(
        &self,
        _visuals: &egui::Visuals,
        _tiles: &Tiles<Panel>,
        _tile: TileId,
        state: &TabState,
    ) -> egui::Color32 {
        if state.active { self.cx.theme.text } else { self.cx.theme.muted }
    }

    fn resize_stroke(&self, _style: &egui::Style, _state: egui_tiles::ResizeState) -> egui::Stroke {
        egui::Stroke::NONE
    }

    fn is_tile_draggable(&self, _tiles: &Tiles<Panel>, _tile: TileId) -> bool {
        false
    }

    fn is_container_resizable(&self, _tiles: &Tiles<Panel>, _tile: TileId) -> bool {
        false
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { prune_single_child_tabs: true, ..SimplificationOptions::OFF }
    }
}
