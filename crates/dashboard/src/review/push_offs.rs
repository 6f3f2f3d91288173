//! The left column: push-offs that jump to their moment, who was first, the chosen contact, and every doubt.

use super::{Cx, details, lead, table};
use crate::paint;
use crate::text::review as words;
use crate::theme::{self, figure_font, size, text_font};
use egui::{Align2, Rect, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let compact = cx.compact();
    let caption = if compact { words::KEYS_SHORT.to_owned() } else { words::push_off_keys(cx.leg.side) };
    let inner = paint::panel(ui, cx.theme, words::PUSH_OFFS, &caption, compact);
    let rows = table::rows(cx.report, |path| {
        let path = format!("sides.{}.{path}", cx.leg.side);
        cx.reviewed.report().reason(&path).map(str::to_owned)
    });
    let line = if compact { 22.0 } else { 28.0 };
    let most = 5;
    let header = 20.0;
    let shown = rows.len().clamp(1, most);
    let table_bottom = inner.top() + header + shown as f32 * line + 4.0;
    let area = Rect::from_min_max(inner.min, pos2(inner.right(), table_bottom));
    head(ui, cx, area, header);
    let body = Rect::from_min_max(
        pos2(inner.left() - 8.0, inner.top() + header + 2.0),
        pos2(inner.right() + 8.0, table_bottom),
    );
    list(ui, cx, body, &rows, line);
    let mut top = table_bottom + 8.0;
    if let Some(typed) = cx.state.rejecting.clone() {
        let field = Rect::from_min_size(pos2(inner.left(), table_bottom + 2.0), vec2(inner.width(), 24.0));
        reason_field(ui, cx, field, typed);
        top = field.bottom() + 8.0;
    }
    rule(ui, cx, inner, top - 4.0);
    top = lead::show(ui, cx, Rect::from_min_max(pos2(inner.left(), top + 6.0), inner.max)) + 8.0;
    rule(ui, cx, inner, top);
    let rest = Rect::from_min_max(pos2(inner.left(), top + 8.0), inner.max);
    // Details and doubts may be longer than the panel: they scroll together, the table above stays.
    let mut child = ui.new_child(UiBuilder::new().max_rect(rest));
    child.set_clip_rect(rest.intersect(ui.clip_rect()));
    ScrollArea::vertical().id_salt("details").auto_shrink(false).show(&mut child, |ui| {
        details::contact(ui, cx, rest.width());
        details::doubts(ui, cx, rest.width());
    });
}

fn rule(ui: &Ui, cx: &Cx<'_>, inner: Rect, y: f32) {
    ui.painter().hline(inner.x_range(), y, Stroke::new(1.0, cx.theme.line));
}

/// Left edges of the columns, as shares of the width.
fn columns(width: f32, compact: bool) -> [f32; 5] {
    if compact { [0.0, 48.0, 104.0, 152.0, 0.0] } else { [0.0, 52.0, 112.0, 176.0, width - 86.0] }
}

fn head(ui: &Ui, cx: &Cx<'_>, area: Rect, height: f32) {
    let names = if cx.compact() { &words::COLUMNS_SHORT } else { &words::COLUMNS };
    let columns = columns(area.width(), cx.compact());
    let last = if cx.compact() { 4 } else { 5 };
    for (name, x) in names.iter().zip(columns).take(last) {
        let place = pos2(area.left() + x, area.top() + height / 2.0);
        paint::text(ui.painter(), place, Align2::LEFT_CENTER, name, text_font(size::TICK), cx.theme.muted);
    }
    ui.painter().hline(area.x_range(), area.top() + height, Stroke::new(1.0, cx.theme.line));
}

fn list(ui: &mut Ui, cx: &mut Cx<'_>, body: Rect, rows: &[table::Row], line: f32) {
    if rows.is_empty() {
        let place = body.left_center() + vec2(8.0, 0.0);
        let font = text_font(size::NOTE);
        let room = body.width() - 16.0;
        paint::fitted(
            ui.painter(),
            place,
            Align2::LEFT_CENTER,
            words::NO_PUSH_OFFS,
            font,
            cx.theme.muted,
            room,
        );
        paint::named(ui, body, words::NO_PUSH_OFFS);
        return;
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(body));
    child.set_clip_rect(body.intersect(ui.clip_rect()));
    child.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt("push-offs").auto_shrink(false).show_rows(
        &mut child,
        line,
        rows.len(),
        |ui, range| {
            for at in range {
                let (rect, response) =
                    ui.allocate_exact_size(vec2(ui.available_width(), line), Sense::click());
                let row = &rows[at];
                draw_row(ui, cx, rect, row, at == cx.state.chosen);
                let spoken = words::row(&row.cells, row.rejected.as_deref());
                let is_chosen = at == cx.state.chosen;
                response
                    .widget_info(|| WidgetInfo::selected(Role::ListItem, true, is_chosen, spoken.clone()));
                if response.clicked() {
                    cx.state.choose(cx.reviewed, at, false);
                }
                if response.double_clicked() {
                    cx.state.choose(cx.reviewed, at, true);
                }
                let hint = row.rejected.as_deref().unwrap_or(&row.reason);
                if !hint.is_empty() {
                    response.on_hover_text(hint);
                }
            }
        },
    );
}

fn draw_row(ui: &Ui, cx: &Cx<'_>, rect: Rect, row: &table::Row, is_chosen: bool) {
    let theme = cx.theme;
    let painter = ui.painter();
    if is_chosen {
        painter.rect_filled(rect.shrink2(vec2(0.0, 1.0)), f32::from(theme::RADIUS), theme.control_strong);
        let bar = Rect::from_min_size(rect.min + vec2(0.0, 1.0), vec2(3.0, rect.height() - 2.0));
        painter.rect_filled(bar, 0.0, theme.text);
    }
    let inside = rect.shrink2(vec2(8.0, 0.0));
    let columns = columns(inside.width(), cx.compact());
    let ink = if row.rejected.is_some() { theme.muted } else { theme.text };
    let place = |x: f32| pos2(inside.left() + x, inside.center().y);
    let figures = figure_font(if cx.compact() { size::NOTE } else { size::BODY });
    paint::text(painter, place(columns[0]), Align2::LEFT_CENTER, &row.cells[0], figures.clone(), ink);
    if let Some(why) = &row.rejected {
        let room = inside.width() - columns[1];
        paint::fitted(painter, place(columns[1]), Align2::LEFT_CENTER, why, text_font(size::NOTE), ink, room);
        return;
    }
    for (cell, x) in row.cells.iter().zip(columns).take(4).skip(1) {
        paint::text(painter, place(x), Align2::LEFT_CENTER, cell, figures.clone(), ink);
    }
    if !cx.compact() {
        let muted = if row.reason.is_empty() { theme.text } else { theme.muted };
        let room = inside.width() - columns[4];
        paint::fitted(
            painter,
            place(columns[4]),
            Align2::LEFT_CENTER,
            &row.cells[4],
            text_font(size::NOTE),
            muted,
            room,
        );
    }
}

/// Why the chosen push-off is rejected; Enter takes it, Esc gives up.
fn reason_field(ui: &mut Ui, cx: &mut Cx<'_>, rect: Rect, mut typed: String) {
    let edit =
        egui::TextEdit::singleline(&mut typed).hint_text(words::REASON_HINT).font(text_font(size::NOTE));
    let response = ui.put(rect, edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, words::REASON_HINT));
    if !response.has_focus() && !response.lost_focus() {
        response.request_focus();
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        let reason = if typed.trim().is_empty() { words::NO_REASON } else { typed.trim() };
        super::input::reject(cx, Some(reason));
        cx.state.rejecting = None;
    } else {
        cx.state.rejecting = Some(typed);
    }
}
