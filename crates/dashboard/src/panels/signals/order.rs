//! The order of the lanes: a card is dragged to another place, or goes up and down by Alt and an arrow while it has the focus.

use crate::state::Panels;
use crate::text;
use egui::{CursorIcon, Key, Modifiers, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

/// What is dragged of a lane: its card.
pub fn card(ui: &Ui, cx: &Panels<'_>, rect: Rect, name: &str) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(("card", name)), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text::menu::lane(name)));
    if response.has_focus() {
        let stroke = Stroke::new(1.0, cx.theme.text);
        ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Inside);
    }
    if response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    response
}

/// The place that the lane in row `at` of `count` is to take; shows where that is while it is dragged.
pub fn wanted(
    ui: &Ui,
    cx: &Panels<'_>,
    card: &Response,
    row: Rect,
    at: usize,
    count: usize,
) -> Option<usize> {
    let step = row.height() + ui.spacing().item_spacing.y;
    let place = |rows: f32| (at as f32 + rows).round().clamp(0.0, count as f32 - 1.0) as usize;
    let mut to = None;
    if card.has_focus() {
        for (key, rows) in [(Key::ArrowUp, -1.0), (Key::ArrowDown, 1.0)] {
            if ui.input_mut(|input| input.consume_key(Modifiers::ALT, key)) {
                to = Some(place(rows));
            }
        }
    }
    if let Some(pointer) = card.interact_pointer_pos().filter(|_| card.dragged() || card.drag_stopped()) {
        let over = place((pointer.y - row.center().y) / step);
        if card.drag_stopped() {
            to = Some(over);
        } else if over != at {
            let rows = over as f32 - at as f32;
            let edge = if over < at { row.top() } else { row.bottom() };
            let y = edge + rows * step;
            ui.painter().hline(card.rect.x_range(), y, Stroke::new(2.0, cx.theme.text));
        }
    }
    to.filter(|to| *to != at)
}
