//! The Lab view: bar, tiles and strip put together.
//!
//! Draws a [`LabModel`] and says what is asked for; it knows no session, so tests drive it with models made by hand.

use crate::arrangement;
use crate::input;
use crate::layout::{Form, Frame, Panel, tree};
use crate::model::LabModel;
use crate::panels;
use crate::state::{Action, Panels, ViewState};
use crate::text;
use crate::theme::{GAP, RADIUS, Theme, size, text_font};
use egui::{RichText, Role, Ui, UiBuilder, WidgetInfo, WidgetText};
use egui_tiles::{Behavior, SimplificationOptions, TabState, Tile, TileId, Tiles, Tree, UiResponse};

/// The Lab view and what is set on it.
pub struct LabView {
    /// What is set.
    pub state: ViewState,
    tiles: Option<(Form, bool, Tree<Panel>)>,
    /// The words of a note while they are typed.
    pub noting: Option<String>,
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
        Self { state, tiles: None, noting: None }
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
            let panes = tree.tiles.iter().filter_map(|(id, tile)| match tile {
                Tile::Pane(panel) => Some((*id, !cx.view.hidden_panels.contains(panel))),
                Tile::Container(_) => None,
            });
            for (id, is_shown) in panes.collect::<Vec<_>>() {
                tree.set_visible(id, is_shown);
            }
            let mut area = ui.new_child(UiBuilder::new().max_rect(frame.tiles));
            area.set_clip_rect(frame.tiles);
            tree.ui(&mut TilePanels { cx: &mut cx }, &mut area);
        }
        if let Some(typed) = self.noting.take() {
            let left = frame.transport.left_top() + egui::vec2(2.0 * GAP, -44.0);
            let field = egui::Rect::from_min_size(left, egui::vec2(460.0, 34.0));
            self.noting = note_field(ui, field, theme, typed, &mut actions);
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
            Action::ReduceMotion => state.reduces_motion = !state.reduces_motion,
            Action::TogglePanel(panel) => {
                let before = state.hidden_panels.len();
                state.hidden_panels.retain(|one| one != panel);
                if state.hidden_panels.len() == before {
                    state.hidden_panels.push(*panel);
                }
            }
            Action::UseLayout(None) => {
                state.hidden_panels.clear();
                self.tiles = None;
            }
            Action::UseLayout(Some(name)) => return self.take(name),
            Action::SaveLayout(name) => {
                // Said by the window.
                self.keep(name);
                return false;
            }
            Action::Escape if self.noting.is_some() => self.noting = None,
            // The mark is set by the session; its words are typed here.
            Action::Note => {
                self.noting.get_or_insert_default();
                return false;
            }
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

impl LabView {
    /// Keeps the layout under a name; empty: one of its own.
    fn keep(&mut self, name: &str) {
        let Some((_, _, tree)) = &self.tiles else { return };
        let name = if name.trim().is_empty() { text::menu::UNNAMED } else { name.trim() };
        self.state.layouts.retain(|(known, _)| known != name);
        self.state.layouts.push((name.to_owned(), arrangement::encode(tree)));
        self.state.layout_name.clear();
    }

    /// Takes a kept layout; false where it does not fit the panels that there are.
    fn take(&mut self, name: &str) -> bool {
        let kept = self.state.layouts.iter().find(|(known, _)| known == name);
        let (Some((_, text)), Some((form, has_knee, tree))) = (kept, &mut self.tiles) else { return false };
        let id = egui::Id::unique(("lab", *form == Form::Wide, *has_knee));
        let Some(found) = arrangement::decode(text, tree, id) else { return false };
        *tree = found;
        self.state.hidden_panels.clear();
        true
    }
}

/// A line for the words of a note: Enter takes them, Esc leaves the mark without words. `None` once that is done.
fn note_field(
    ui: &mut Ui,
    rect: egui::Rect,
    theme: &Theme,
    mut typed: String,
    actions: &mut Vec<Action>,
) -> Option<String> {
    let stroke = egui::Stroke::new(1.5, theme.fair);
    ui.painter().rect(rect, f32::from(RADIUS), theme.panel, stroke, egui::StrokeKind::Inside);
    let edit = egui::TextEdit::singleline(&mut typed)
        .hint_text(text::NOTE_HINT)
        .font(text_font(size::BODY))
        .char_limit(surae_engine::NoteText::MOST / 2);
    let response = ui.put(rect.shrink(5.0), edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, text::NOTE_HINT));
    if response.lost_focus() {
        let words = typed.trim();
        if ui.input(|input| input.key_pressed(egui::Key::Enter)) && !words.is_empty() {
            actions.push(Action::NoteText(words.to_owned()));
        }
        return None;
    }
    if !response.has_focus() {
        response.request_focus();
    }
    Some(typed)
}

/// Draws tiles; their borders can be dragged, the tiles themselves stay where the layout has them.
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

    fn resize_stroke(&self, _style: &egui::Style, state: egui_tiles::ResizeState) -> egui::Stroke {
        match state {
            egui_tiles::ResizeState::Idle => egui::Stroke::NONE,
            _ => egui::Stroke::new(2.0, self.cx.theme.muted),
        }
    }

    fn is_tile_draggable(&self, _tiles: &Tiles<Panel>, _tile: TileId) -> bool {
        false
    }

    fn is_container_resizable(&self, _tiles: &Tiles<Panel>, _tile: TileId) -> bool {
        true
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { prune_single_child_tabs: true, ..SimplificationOptions::OFF }
    }
}
