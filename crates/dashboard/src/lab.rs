//! The Lab view: bar, tiles and strip put together.
//!
//! Draws a [`LabModel`] and says what is asked for; it knows no session, so tests drive it with models made by hand.

use crate::input;
use crate::layout::{Form, Frame, Panel, tree};
use crate::model::LabModel;
use crate::panels;
use crate::state::{Action, Panels, ViewState};
use crate::theme::{GAP, size, text_font};
use egui::{RichText, Ui, UiBuilder, WidgetText};
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
        let mut actions = input::lab(ui.ctx());
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
        actions
    }

    /// The panel at a place, as drawn last.
    #[must_use]
    pub fn panel_at(&self, at: egui::Pos2) -> Option<egui::Rect> {
        let (_, _, tree) = self.tiles.as_ref()?;
        let panes = tree.tiles.iter().filter(|(_, tile)| matches!(tile, egui_tiles::Tile::Pane(_)));
        let rects = panes.filter(|(id, _)| tree.is_visible(**id)).filter_map(|(id, _)| tree.tiles.rect(*id));
        rects.into_iter().find(|rect| rect.contains(at))
    }

    /// Carries out what concerns the view alone; false when the session or the window must do it.
    pub fn perform(&mut self, action: &Action, model: &LabModel) -> bool {
        let state = &mut self.state;
        match action {
            Action::Zoom(by) => state.zoom(*by),
            Action::FitScales => state.scales.clear(),
            Action::NextTraces => state.traces = state.traces.next(),
            Action::Theme => state.theme = state.theme.other(),
            Action::OtherSide => {
                let other = model.side.map(surae_trial::Side::other);
                let Some(other) = other.filter(|side| model.sides.contains(side)) else { return false };
                state.side = Some(other);
            }
            _ => return false,
        }
        true
    }
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
