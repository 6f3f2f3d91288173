//! Painting helpers: text that stays inside its place, hatches, min/max columns as one mesh, lines that break.
//!
//! Not for what is drawn: panels decide that.

use crate::theme::{self, Theme, size};
use egui::epaint::{Mesh, PathShape};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, FontId, Galley, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// Height of a panel's title row.
#[must_use]
pub fn title_height(is_compact: bool) -> f32 {
    if is_compact { 28.0 } else { 36.0 }
}

/// Paints the ground of a panel with its title and returns what is left below the title, padded.
pub fn panel(ui: &Ui, theme: &Theme, title: &str, caption: &str, is_compact: bool) -> Rect {
    let rect = ui.max_rect();
    let painter = ui.painter();
    painter.rect(
        rect,
        CornerRadius::same(theme::RADIUS),
        theme.panel,
        Stroke::new(1.0, theme.line),
        StrokeKind::Inside,
    );
    // A panel under a tab is named by the tab: its row holds the caption only.
    let height = if title.is_empty() { 20.0 } else { title_height(is_compact) };
    let middle = rect.top() + height / 2.0;
    let left = rect.left() + theme::PADDING;
    let title = text(
        painter,
        pos2(left, middle),
        Align2::LEFT_CENTER,
        title,
        theme::text_font(size::TITLE),
        theme.text,
    );
    if !caption.is_empty() {
        let room = rect.right() - theme::PADDING - title.right() - theme::GAP;
        let place = pos2(rect.right() - theme::PADDING, middle);
        fitted(
            painter,
            place,
            Align2::RIGHT_CENTER,
            caption,
            theme::text_font(size::NOTE),
            theme.muted,
            room,
        );
    }
    Rect::from_min_max(
        pos2(left, rect.top() + height),
        pos2(rect.right() - theme::PADDING, rect.bottom() - theme::GAP),
    )
}

/// Text in one line; returns its box.
pub fn text(
    painter: &Painter,
    place: Pos2,
    anchor: Align2,
    words: &str,
    font: FontId,
    color: Color32,
) -> Rect {
    painter.text(place, anchor, words, font, color)
}

/// Text in one line, cut with `…` where it is wider than `room`; nothing where there is no room for a letter.
pub fn fitted(
    painter: &Painter,
    place: Pos2,
    anchor: Align2,
    words: &str,
    font: FontId,
    color: Color32,
    room: f32,
) -> Rect {
    if room < font.size {
        return Rect::from_min_size(place, vec2(0.0, 0.0));
    }
    let galley = lines(painter, words, font, color, room, 1);
    let rect = anchor.anchor_size(place, galley.size());
    painter.galley(rect.min, galley, color);
    rect
}

/// Text wrapped at `room` into at most `rows` lines, the last one cut with `…`.
pub fn lines(
    painter: &Painter,
    words: &str,
    font: FontId,
    color: Color32,
    room: f32,
    rows: usize,
) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(words.to_owned(), TextFormat::simple(font, color));
    job.wrap = TextWrapping { max_width: room, max_rows: rows, ..TextWrapping::default() };
    job.wrap.break_anywhere = rows == 1;
    painter.layout_job(job)
}

/// A 45 degree hatch inside a rectangle, as line segments that end at its edges.
pub fn hatch(painter: &Painter, rect: Rect, spacing: f32, stroke: Stroke) {
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return;
    }
    // Lines x - y = const on a grid that is fixed to the screen: a moving box does not make the hatch swim.
    let first = ((rect.left() - rect.bottom()) / spacing).floor() as i32;
    let last = ((rect.right() - rect.top()) / spacing).ceil() as i32;
    let shapes = (first..=last).filter_map(|k| {
        let offset = k as f32 * spacing;
        let x0 = rect.left().max(rect.top() + offset);
        let x1 = rect.right().min(rect.bottom() + offset);
        (x0 < x1).then(|| Shape::line_segment([pos2(x0, x0 - offset), pos2(x1, x1 - offset)], stroke))
    });
    painter.extend(shapes.collect::<Vec<_>>());
}

/// Min/max columns as one mesh: column `k` of `n` covers its share of the width, at least one pixel high.
///
/// Values beyond `scale` end at the edge of the lane; `NaN` columns are left out.
#[must_use]
pub fn columns_mesh(rect: Rect, low: &[f32], high: &[f32], scale: f32, color: Color32) -> Mesh {
    let n = low.len().min(high.len());
    let mut mesh = Mesh::default();
    if n == 0 || scale.is_nan() || scale <= 0.0 {
        return mesh;
    }
    mesh.reserve_triangles(2 * n);
    mesh.reserve_vertices(4 * n);
    let width = rect.width() / n as f32;
    let half = rect.height() / 2.0;
    let y = |value: f32| rect.center().y - (value / scale).clamp(-1.0, 1.0) * half;
    for k in 0..n {
        if low[k].is_nan() || high[k].is_nan() {
            continue;
        }
        let x = rect.left() + k as f32 * width;
        let (mut top, mut bottom) = (y(high[k]), y(low[k]));
        if bottom - top < 1.0 {
            let middle = (top + bottom) / 2.0;
            (top, bottom) = (middle - 0.5, middle + 0.5);
        }
        mesh.add_colored_rect(Rect::from_min_max(pos2(x, top), pos2(x + width, bottom)), color);
    }
    mesh
}

/// A line through points, broken where one is missing; a lone point becomes a dot.
pub fn broken_line(painter: &Painter, points: impl Iterator<Item = Option<Pos2>>, stroke: Stroke) {
    let mut run: Vec<Pos2> = Vec::new();
    for point in points.chain(std::iter::once(None)) {
        match point {
            Some(point) => run.push(point),
            None if run.len() > 1 => {
                painter.add(Shape::Path(PathShape::line(std::mem::take(&mut run), stroke)));
            }
            None => {
                if let Some(point) = run.pop() {
                    painter.circle_filled(point, stroke.width / 2.0, stroke.color);
                }
            }
        }
    }
}

/// Points of a trace over a rectangle: value `bottom` at its lower edge, `top` at its upper one.
pub fn trace(rect: Rect, values: &[f32], bottom: f32, top: f32) -> impl Iterator<Item = Option<Pos2>> {
    let width = rect.width() / values.len().max(1) as f32;
    values.iter().enumerate().map(move |(k, value)| {
        let share = ((value - bottom) / (top - bottom)).clamp(0.0, 1.0);
        share
            .is_finite()
            .then(|| pos2(rect.left() + (k as f32 + 0.5) * width, rect.bottom() - share * rect.height()))
    })
}

/// A vertical dashed line.
pub fn dashed_vertical(painter: &Painter, x: f32, top: f32, bottom: f32, stroke: Stroke, dash: f32) {
    painter.extend(Shape::dashed_line(&[pos2(x, top), pos2(x, bottom)], stroke, dash, dash));
}

/// A rounded field with words in it, its right edge at `right`; returns its rectangle.
pub fn chip(
    ui: &Ui,
    right: Pos2,
    height: f32,
    words: &str,
    ink: Color32,
    fill: Color32,
    edge: Color32,
) -> Rect {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), theme::text_font(size::BODY), ink);
    let rect = Align2::RIGHT_CENTER.anchor_size(right, vec2(galley.size().x + 26.0, height));
    let radius = CornerRadius::same((height / 2.0) as u8);
    ui.painter().rect(rect, radius, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let place = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    ui.painter().galley(place, galley, ink);
    rect
}

/// Names a painted region for screen readers and tests; the region itself does nothing.
pub fn named(ui: &Ui, rect: Rect, name: impl Into<String>) -> Response {
    let name = name.into();
    let response = ui.interact(rect, ui.scope_id().with(("named", name.as_str())), Sense::hover());
    response.widget_info(move || WidgetInfo::labeled(Role::Label, true, name.clone()));
    response
}

/// A button of fixed place and size.
pub fn button(ui: &mut Ui, rect: Rect, words: &str, selected: bool) -> Response {
    button_sized(ui, rect, words, selected, size::BODY)
}

/// A button of fixed place and size with its own size of type.
pub fn button_sized(ui: &mut Ui, rect: Rect, words: &str, selected: bool, points: f32) -> Response {
    let text = egui::RichText::new(words).font(theme::text_font(points));
    ui.put(rect, egui::Button::new(text).selected(selected).wrap_mode(egui::TextWrapMode::Extend))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_of_one_sample_keeps_its_height() {
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(100.0, 40.0));
        let mut high = vec![0.1; 100];
        high[37] = 1.0;
        let mesh = columns_mesh(rect, &vec![-0.1; 100], &high, 1.0, Color32::WHITE);
        let top = mesh.vertices.iter().map(|v| v.pos.y).fold(f32::MAX, f32::min);
        assert_eq!(top, 0.0);
        assert_eq!(mesh.vertices.iter().filter(|v| v.pos.y == 0.0).count(), 2);
    }

    #[test]
    fn missing_columns_leave_a_hole() {
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(4.0, 10.0));
        let mesh = columns_mesh(rect, &[0.0, f32::NAN, f32::NAN, 0.0], &[0.0; 4], 1.0, Color32::WHITE);
        assert_eq!(mesh.indices.len(), 2 * 6);
        assert!(mesh.vertices.iter().all(|v| v.pos.x <= 1.0 || v.pos.x >= 3.0));
        let trace: Vec<_> = trace(rect, &[0.0, f32::NAN, 1.0], 0.0, 1.0).collect();
        assert!(trace[0].is_some() && trace[1].is_none() && trace[2].is_some());
    }

    #[test]
    fn a_scale_of_zero_draws_nothing_instead_of_everything() {
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(4.0, 10.0));
        assert!(columns_mesh(rect, &[0.0], &[1.0], 0.0, Color32::WHITE).is_empty());
        assert!(columns_mesh(rect, &[0.0], &[1.0], f32::NAN, Color32::WHITE).is_empty());
    }
}
