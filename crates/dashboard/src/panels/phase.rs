//! Phase view: envelopes over the gait cycle, 0 to 100 % from foot contact.

use crate::layout::Form;
use crate::model::{Phase, PhaseRow};
use crate::paint;
use crate::state::Panels;
use crate::text::{self, missing};
use crate::theme::{self, Theme, figure_font, size, text_font};
use egui::epaint::Mesh;
use egui::{Align2, Rect, Shape, Stroke, Ui, pos2, vec2};

/// Width of the row names.
const NAMES: f32 = 44.0;
/// Lowest row that can be read.
const LEAST_ROW: f32 = 17.0;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Panels<'_>) {
    let compact = cx.form == Form::Compact;
    let phase = &cx.model.phase;
    let caption = match phase.n {
        0 => String::new(),
        1 => "1 stride in the shown window".to_owned(),
        n => format!("{n} strides in the shown window, 0–100 % from contact"),
    };
    let title =
        if cx.model.signals.knee.is_some() { cx.tab_title(text::title::PHASE) } else { text::title::PHASE };
    let inner = paint::panel(ui, cx.theme, title, &caption, compact);
    let mut body = inner;
    if cx.model.signals.knee.is_none() {
        let font = text_font(size::NOTE);
        let galley = paint::lines(ui.painter(), missing::KNEE, font, cx.theme.fair, inner.width(), 2);
        let height = galley.size().y;
        ui.painter().galley(inner.min, galley, cx.theme.fair);
        paint::named(ui, Rect::from_min_size(inner.min, vec2(inner.width(), height)), missing::KNEE);
        body.min.y += height + 6.0;
    }
    if phase.rows.is_empty() || phase.n == 0 {
        let words = if phase.missing.is_empty() { missing::STRIDES } else { &phase.missing };
        let font = text_font(size::BODY);
        let galley = paint::lines(ui.painter(), words, font, cx.theme.muted, body.width(), 3);
        let rect = Align2::CENTER_CENTER.anchor_size(body.center(), galley.size());
        ui.painter().galley(rect.min, galley, cx.theme.muted);
        paint::named(ui, body, words);
        return;
    }
    rows(ui, cx, body, phase);
    paint::named(ui, body, spoken(phase));
}

fn spoken(phase: &Phase) -> String {
    let off = phase.foot_off_percent.map_or_else(String::new, |p| format!(", foot off at {p:.0} %"));
    format!("Mean envelopes over {} strides{off}", phase.n)
}

fn rows(ui: &Ui, cx: &Panels<'_>, body: Rect, phase: &Phase) {
    let theme = cx.theme;
    let painter = ui.painter_at(ui.max_rect());
    let compact = cx.form == Form::Compact;
    let (axis_height, note_height) = if compact { (14.0, 0.0) } else { (16.0, 16.0) };
    let plot = Rect::from_min_max(
        pos2(body.left() + NAMES, body.top() + 13.0),
        pos2(body.right() - 6.0, body.bottom() - axis_height - note_height),
    );
    painter.rect_filled(plot, 0.0, theme.plot);
    let x = |percent: f32| plot.left() + percent / 100.0 * plot.width();
    if let Some(off) = phase.foot_off_percent {
        let stance = Rect::from_min_max(plot.min, pos2(x(off), plot.bottom()));
        painter.rect_filled(stance, 0.0, theme.muted.gamma_multiply(0.10));
    }
    for tick in [0.0, 20.0, 40.0, 60.0, 80.0, 100.0] {
        painter.vline(x(tick), plot.y_range(), Stroke::new(1.0, theme.grid));
        let anchor = match tick {
            0.0 => Align2::LEFT_TOP,
            100.0 => Align2::RIGHT_TOP,
            _ => Align2::CENTER_TOP,
        };
        let place = pos2(x(tick), plot.bottom() + 2.0);
        let words = format!("{tick:.0} %");
        paint::text(&painter, place, anchor, &words, figure_font(size::TICK), theme.muted);
    }
    // The calf comes first; rows that would be too low to read are left out rather than squeezed.
    let fitting = ((plot.height() / LEAST_ROW) as usize).clamp(1, phase.rows.len());
    let height = plot.height() / fitting as f32;
    for (k, row) in phase.rows.iter().take(fitting).enumerate() {
        let top = plot.top() + k as f32 * height;
        let lane = Rect::from_min_max(pos2(plot.left(), top), pos2(plot.right(), top + height));
        draw_row(&painter, theme, row, lane);
        let place = pos2(body.left(), lane.center().y);
        let font = text_font(if height < 22.0 { size::TICK } else { size::TITLE });
        let color = theme.muscle(row.muscle);
        paint::fitted(&painter, place, Align2::LEFT_CENTER, &row.name, font, color, NAMES - 4.0);
    }
    if let Some(off) = phase.foot_off_percent {
        let dashed = Stroke::new(1.0, theme.muted);
        paint::dashed_vertical(&painter, x(off), plot.top(), plot.bottom(), dashed, 3.0);
        let words = format!("foot off {off:.0} %");
        // Above the rows: inside them every place may belong to a curve.
        let place = pos2(x(off).clamp(plot.left() + 30.0, plot.right() - 30.0), plot.top() - 1.0);
        paint::text(&painter, place, Align2::CENTER_BOTTOM, &words, text_font(size::TICK), theme.muted);
    }
    if note_height > 0.0 {
        let late =
            phase.lag_ms.map_or_else(String::new, |lag| format!("; late by the {lag:.0} ms filter lag"));
        let words = format!("bars: over 20 % of the row's own peak{late}");
        let place = pos2(body.left(), body.bottom());
        let font = text_font(size::NOTE);
        paint::fitted(&painter, place, Align2::LEFT_BOTTOM, &words, font, theme.muted, body.width());
    }
}

/// Thin strides, SD band, thick mean, burst bar; every row has its own height, from its own peak.
pub(crate) fn draw_row(painter: &egui::Painter, theme: &Theme, row: &PhaseRow, lane: Rect) {
    let color = theme.muscle(row.muscle);
    let peak = row
        .strides
        .iter()
        .flatten()
        .chain(&row.mean)
        .copied()
        .filter(|v| v.is_finite())
        .fold(0.0_f32, f32::max);
    if peak <= 0.0 {
        return;
    }
    let curve = Rect::from_min_max(lane.min + vec2(0.0, 3.0), lane.max - vec2(0.0, 7.0));
    if !row.sd.is_empty() {
        painter.add(Shape::mesh(band(row, curve, peak, theme::mix(theme.plot, color, 0.25))));
    }
    let thin = Stroke::new(0.8, theme::mix(theme.plot, color, 0.4));
    for stride in &row.strides {
        paint::broken_line(painter, paint::trace(curve, stride, 0.0, peak), thin);
    }
    paint::broken_line(painter, paint::trace(curve, &row.mean, 0.0, peak), Stroke::new(2.0, color));
    for (from, to) in &row.bursts {
        let x = |percent: f32| lane.left() + percent / 100.0 * lane.width();
        let bar =
            Rect::from_min_max(pos2(x(*from), curve.bottom() + 1.5), pos2(x(*to), curve.bottom() + 5.5));
        painter.rect_filled(bar, 0.0, color);
    }
}

/// One standard deviation on both sides of the mean.
fn band(row: &PhaseRow, rect: Rect, peak: f32, color: egui::Color32) -> Mesh {
    let mut mesh = Mesh::default();
    let width = rect.width() / row.mean.len().max(1) as f32;
    let y = |value: f32| rect.bottom() - (value / peak).clamp(0.0, 1.0) * rect.height();
    for (k, (mean, sd)) in row.mean.iter().zip(&row.sd).enumerate() {
        if mean.is_finite() && sd.is_finite() {
            let x = rect.left() + k as f32 * width;
            let column = Rect::from_min_max(pos2(x, y(mean + sd)), pos2(x + width, y(mean - sd)));
            mesh.add_colored_rect(column, color);
        }
    }
    mesh
}
