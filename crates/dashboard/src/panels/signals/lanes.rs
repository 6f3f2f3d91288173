//! What is drawn along the time axis: traces, classes, contacts, marks, gaps.

use super::Rows;
use crate::model::{Class, Grade, Knee, Lane};
use crate::paint;
use crate::panels::gauge::class_color;
use crate::state::{Panels, Traces};
use crate::text;
use crate::theme::{self, figure_font, size, text_font};
use crate::time_scale::TimeScale;
use egui::{Align2, Rect, Shape, Stroke, Ui, pos2, vec2};

/// Share of a raw column that shows over the plot's ground.
const RAW_SHARE: f32 = 0.42;

/// Ground of the lanes that do not scroll, grid lines and labels of time.
pub fn grid(ui: &Ui, cx: &Panels<'_>, rows: &Rows, time: &TimeScale) {
    let painter = ui.painter();
    let decimals = usize::from(time.step_s() < 1.0);
    for tick in time.ticks() {
        let x = time.x(tick).round();
        let font = figure_font(size::TICK);
        let words = text::clock(tick, decimals);
        let half = 0.5 * if decimals == 0 { 36.0 } else { 50.0 };
        if x - half < rows.left - 4.0 || x + half > rows.axis.right() + 4.0 {
            continue;
        }
        let place = pos2(x, rows.axis.center().y + 1.0);
        paint::text(painter, place, Align2::CENTER_CENTER, &words, font, cx.theme.muted);
    }
}

fn grid_lines(painter: &egui::Painter, cx: &Panels<'_>, rect: Rect, time: &TimeScale) {
    for tick in time.ticks() {
        painter.vline(time.x(tick).round(), rect.y_range(), Stroke::new(1.0, cx.theme.grid));
    }
}

/// One EMG lane.
pub fn emg(ui: &Ui, cx: &Panels<'_>, lane: &Lane, rect: Rect, time: &TimeScale) {
    let theme = cx.theme;
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, theme.plot);
    grid_lines(&painter, cx, rect, time);
    painter.hline(rect.x_range(), rect.center().y, Stroke::new(1.0, theme.grid));
    let mut color = theme.muscle(lane.muscle);
    if lane.quality.grade == Grade::Bad {
        color = theme::mix(theme.plot, color, 0.5);
    }
    let columns = &lane.columns;
    if cx.view.traces != Traces::Envelope && !lane.is_envelope {
        let alone = cx.view.traces == Traces::Raw;
        let raw = theme::mix(theme.plot, color, if alone { 0.8 } else { RAW_SHARE });
        let mesh = paint::columns_mesh(rect, &columns.low, &columns.high, lane.scale, raw);
        painter.add(Shape::mesh(mesh));
    }
    if cx.view.traces != Traces::Raw || lane.is_envelope {
        let upper = Rect::from_min_max(rect.min, pos2(rect.right(), rect.center().y));
        let points = paint::trace(upper, &columns.envelope, 0.0, lane.scale);
        paint::broken_line(&painter, points, Stroke::new(1.8, color));
    }
    if lane.is_envelope && rect.height() >= 40.0 {
        let place = rect.left_bottom() + vec2(6.0, -4.0);
        let font = text_font(size::TICK);
        paint::text(&painter, place, Align2::LEFT_BOTTOM, text::label::SENSOR_ENVELOPE, font, theme.muted);
    }
}

/// The knee lane.
pub fn knee(ui: &Ui, cx: &Panels<'_>, knee: &Knee, rect: Rect) {
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, cx.theme.plot);
    let middle = rect.center().y;
    painter.hline(rect.x_range(), middle, Stroke::new(1.0, cx.theme.grid));
    let inside = rect.shrink2(vec2(0.0, 2.0));
    let columns = joined(&knee.columns);
    let points = paint::trace(inside, &columns, knee.range_deg.0, knee.range_deg.1);
    paint::broken_line(&painter, points, Stroke::new(1.6, cx.theme.side(cx.model.side)));
}

/// The angle is kept at a lower rate than there are columns: each value stands in a few of them. A straight line joins the
/// first column of one value with that of the next, as the angle itself moves; nothing is joined across a hole.
fn joined(columns: &[f32]) -> Vec<f32> {
    /// Longest run that is a held value and not a knee that stands still.
    const LONGEST: usize = 24;
    let mut out = columns.to_vec();
    let mut start = 0;
    while start < columns.len() {
        let run = columns[start..].iter().take_while(|v| **v == columns[start]).count().max(1);
        let next = columns.get(start + run).copied().unwrap_or(f32::NAN);
        if run > 1 && run <= LONGEST && next.is_finite() {
            for k in 1..run {
                out[start + k] = columns[start] + (next - columns[start]) * k as f32 / run as f32;
            }
        }
        start += run;
    }
    out
}

/// Blocks for a class, a hatch for not clear, a thin bar for rest.
pub fn classes(ui: &Ui, cx: &Panels<'_>, rect: Rect, time: &TimeScale) {
    let theme = cx.theme;
    let painter = ui.painter_at(rect);
    for run in &cx.model.signals.runs {
        let (x0, x1) = (time.x(run.t0_s).max(rect.left()), time.x(run.t1_s).min(rect.right()));
        if x1 <= x0 {
            continue;
        }
        // A run shorter than a pixel still shows: nothing that was decided is hidden.
        let block = Rect::from_min_max(pos2(x0, rect.top()), pos2(x1.max(x0 + 1.0), rect.bottom()));
        match run.class {
            Class::Rest => {
                let bar = Rect::from_center_size(block.center(), vec2(block.width(), 8.0));
                painter.rect_filled(bar, 0.0, theme.rest);
            }
            Class::NotClear => {
                paint::hatch(&painter, block, 7.0, Stroke::new(1.0, theme.muted.gamma_multiply(0.8)));
            }
            class => {
                painter.rect_filled(block, 0.0, class_color(theme, class));
            }
        }
    }
}

/// Feet on the ground, and the flags of marks.
pub fn contacts(ui: &Ui, cx: &Panels<'_>, rect: Rect, time: &TimeScale) {
    let theme = cx.theme;
    let painter = ui.painter_at(rect);
    let signals = &cx.model.signals;
    let inside = rect.shrink2(vec2(0.0, 1.0));
    for contact in &signals.contacts {
        let end = contact.t1_s.unwrap_or(signals.now_s);
        let (x0, x1) = (time.x(contact.t0_s), time.x(end));
        let block = Rect::from_min_max(pos2(x0, inside.top()), pos2(x1.max(x0 + 1.0), inside.bottom()));
        painter.rect_filled(block, 1.0, theme::mix(theme.panel, theme.muted, 0.55));
    }
    if signals.contacts.is_empty() && signals.marks.is_empty() {
        let font = text_font(size::TICK);
        let words = text::label::NO_CONTACTS;
        paint::text(
            &painter,
            rect.left_center() + vec2(6.0, 0.0),
            Align2::LEFT_CENTER,
            words,
            font,
            theme.muted,
        );
    }
}

/// What crosses all lanes: gaps, marks, now.
pub fn overlays(ui: &Ui, cx: &Panels<'_>, rows: &Rows, time: &TimeScale) {
    let theme = cx.theme;
    let signals = &cx.model.signals;
    let area = Rect::from_min_max(pos2(rows.left, rows.emg.top()), rows.contacts.max);
    let painter = ui.painter_at(area);
    let mut last_label = f32::NEG_INFINITY;
    for gap in &signals.gaps {
        let (x0, x1) = (time.x(gap.t0_s), time.x(gap.t1_s));
        if gap.t1_s - gap.t0_s <= 0.005 {
            let tick = Stroke::new(2.0, theme.fair);
            painter.vline(x0, area.top()..=(area.top() + 8.0), tick);
            continue;
        }
        let block = Rect::from_min_max(pos2(x0, area.top()), pos2(x1.max(x0 + 2.0), area.bottom()));
        let block = block.intersect(area);
        painter.rect_filled(block, 0.0, theme.bad.gamma_multiply(0.18));
        paint::hatch(&painter, block, 7.0, Stroke::new(1.0, theme.bad.gamma_multiply(0.8)));
        painter.rect_stroke(block, 0.0, Stroke::new(1.0, theme.bad), egui::StrokeKind::Inside);
        let (length, lost) = text::gap(gap.t1_s - gap.t0_s, gap.lost, gap.certain);
        let middle = block.center().x.clamp(area.left() + 60.0, area.right() - 60.0);
        if middle - last_label > 120.0 {
            for (k, words) in [length, lost].iter().enumerate() {
                let place = pos2(middle, rows.emg.bottom() - 26.0 + 17.0 * k as f32);
                tag(&painter, theme, place, words);
            }
            last_label = middle;
        }
    }
    for mark in &signals.marks {
        let x = time.x(mark.time_s);
        if !(area.left()..=area.right()).contains(&x) {
            continue;
        }
        let stroke = Stroke::new(1.5, theme.fair);
        paint::dashed_vertical(&painter, x, area.top(), rows.contacts.top(), stroke, 2.0);
        let flag = Rect::from_center_size(pos2(x, rows.contacts.center().y), vec2(16.0, 16.0));
        painter.rect_filled(flag, 2.0, theme.fair);
        let ink = if theme.is_dark { theme.plot } else { theme.panel };
        paint::text(
            &painter,
            flag.center(),
            Align2::CENTER_CENTER,
            &mark.label,
            figure_font(size::TICK),
            ink,
        );
    }
    for mark in signals.marks.iter().filter(|mark| !mark.words.is_empty()) {
        let x = time.x(mark.time_s);
        let room = (area.right() - x - 12.0).min(160.0);
        if x >= area.left() && room > 30.0 {
            let place = pos2(x + 11.0, rows.contacts.center().y);
            let font = text_font(size::TICK);
            let galley = paint::lines(&painter, &mark.words, font, theme.text, room, 1);
            let rect = Align2::LEFT_CENTER.anchor_size(place, galley.size());
            painter.rect_filled(rect.expand2(vec2(2.0, 0.0)), 2.0, theme.panel);
            painter.galley(rect.min, galley, theme.text);
        }
    }
    let now = time.x(signals.now_s).min(area.right() - 1.0);
    if now > area.left() {
        painter.vline(now, area.y_range(), Stroke::new(2.0, theme.text));
    }
}

fn tag(painter: &egui::Painter, theme: &theme::Theme, place: egui::Pos2, words: &str) {
    let galley = painter.layout_no_wrap(words.to_owned(), text_font(size::TICK), theme.text);
    let rect = Rect::from_center_size(place, galley.size() + vec2(8.0, 2.0));
    painter.rect_filled(rect, 2.0, theme.tint(theme.bad, 0.2));
    painter.galley(rect.min + vec2(4.0, 1.0), galley, theme.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_angles_become_a_line_and_holes_stay() {
        let out = joined(&[10.0, 10.0, 12.0, 12.0, f32::NAN, 5.0, 5.0]);
        assert_eq!(out[..3], [10.0, 11.0, 12.0]);
        assert_eq!(out[3], 12.0, "nothing leads into a hole");
        assert!(out[4].is_nan());
        assert_eq!(out[5..], [5.0, 5.0], "the last value is held, not invented");
    }
}
