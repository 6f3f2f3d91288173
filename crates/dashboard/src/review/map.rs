//! Knee angle against dominance over the trial: density, bins with interval and n, one-sided marks, the stride under the
//! cursor and the cursor as a dot.

use super::state::Face;
use super::{Cx, change, titled};
use crate::feed::words as method;
use crate::model::{Bound, Map, MapBin, MapCell, PublishedRange};
use crate::paint;
use crate::panels::map as shared;
use crate::text::{self, missing, review as words};
use crate::theme::{self, size, text_font};
use egui::{Align2, Rect, Shape, Stroke, Ui, UiBuilder, pos2, vec2};
use std::collections::HashMap;
use surae_gait::dominance::{Bound as MethodBound, dominance_of};
use surae_gait::report::{AngleReport, SideReport};
use surae_gait::track::Track;
use surae_trial::{Side, Task};

/// Width of a density cell in deg, and its height in D.
const CELL: (f32, f32) = (2.5, 0.05);
/// Longest way of the cursor that is drawn, on both sides, in s.
const WAY_S: f64 = 0.3;
/// Efforts below which a bin has no interval on screen.
const FEW: usize = 3;

/// The map of each leg; the density over a long trial is counted once.
#[derive(Debug, Default)]
pub struct Cache(HashMap<Side, Map>);

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>, cache: &mut Cache) {
    let n = cx.report.dominance.as_ref().map_or(0, |dominance| dominance.n_efforts);
    let caption = words::map_caption(n, cx.compact());
    let inner = titled(ui, cx, 1, [text::title::MAP, words::BY_PHASE], Face::First, &caption);
    let theme = cx.theme;
    let side = cx.leg.side;
    let track = cx.reviewed.model.series.side(side).track.as_ref();
    let map = cache.0.entry(side).or_insert_with(|| map_of(cx, track));
    let painter = ui.painter_at(ui.max_rect());
    let legend_height = if cx.form == crate::layout::Form::Compact { 0.0 } else { 22.0 };
    if legend_height > 0.0 && !cx.state.shows_change {
        legend(ui, cx, inner);
    }
    let notes = notes(cx, map);
    let notes_top = inner.bottom() - 2.0 * 16.0;
    for (k, note) in notes.iter().take(2).enumerate() {
        let place = pos2(inner.left(), notes_top + k as f32 * 16.0);
        paint::fitted(
            &painter,
            place,
            Align2::LEFT_TOP,
            note,
            text_font(size::NOTE),
            theme.muted,
            inner.width(),
        );
        paint::named(ui, Rect::from_min_size(place, vec2(inner.width(), 15.0)), note.clone());
    }
    let area = Rect::from_min_max(
        pos2(inner.left(), inner.top() + legend_height),
        pos2(inner.right(), notes_top - 2.0),
    );
    let place = Rect::from_min_size(pos2(inner.right() - 74.0, inner.top() - 3.0), vec2(74.0, 21.0));
    let is_on = cx.state.shows_change;
    let button = paint::button_sized(ui, place, words::CHANGE, is_on, size::NOTE);
    if button.on_hover_text(words::CHANGE_HINT).clicked() {
        cx.state.shows_change = !is_on;
    }
    if cx.state.shows_change {
        change::show(ui, cx, area);
        return;
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(area));
    let compact = cx.compact();
    let response = shared::plot(&mut child, theme, shared::knee_range(map), compact);
    let shown = if cx.state.shows_density { map.clone() } else { Map { cells: Vec::new(), ..map.clone() } };
    shared::content(&child, theme, &shown, &response.transform, compact);
    if let Some(other) = cx.other {
        dashed(&child, cx, other.report, &response.transform);
    }
    if let Some(track) = track {
        way(&child, cx, track, &response.transform);
    }
    paint::named(ui, area, shared::spoken(map));
}

fn map_of(cx: &Cx<'_>, track: Option<&Track>) -> Map {
    let mut map = Map { bins: bins(cx.report), cell_size: CELL, ..Map::default() };
    if let Some(track) = track {
        map.cells = cells(track);
    }
    let straight = cx.report.dominance.as_ref().and_then(|dominance| dominance.straight_reference.as_ref());
    let task = cx.reviewed.report().settings.task;
    match straight {
        _ if task != Task::PlantarFlexion => map.not_published = missing::PUBLISHED.to_owned(),
        Some(straight) => {
            map.published = Some(PublishedRange {
                reference_deg: straight.knee_deg as f32,
                reference_log_ratio: straight.log_ratio as f32,
            });
        }
        None => map.not_published = missing::STRAIGHT.to_owned(),
    }
    map
}

/// The bins of the report that have a value or a bound.
fn bins(report: &SideReport) -> Vec<MapBin> {
    let all = report.dominance.as_ref().map(|dominance| dominance.by_angle.as_slice()).unwrap_or_default();
    all.iter().filter_map(bin).collect()
}

fn bin(angle: &AngleReport) -> Option<MapBin> {
    let [low, high] = angle.dominance_ci90;
    let interval = low.zip(high).filter(|_| angle.n_efforts >= FEW && angle.bound == MethodBound::None);
    Some(MapBin {
        knee_deg: angle.knee_deg as f32,
        mean: angle.dominance? as f32,
        interval: interval.map(|(low, high)| (low as f32, high as f32)),
        n: angle.n_efforts as u32,
        bound: method::bound(angle.bound),
        is_outside: angle.angle_flag.as_deref() == Some("outside_published_group_means"),
    })
}

/// Time spent in each cell, active and two-sided samples only, as a share of the fullest one.
fn cells(track: &Track) -> Vec<MapCell> {
    let mut counts: HashMap<(i32, i32), u32> = HashMap::new();
    for step in 0..track.active.len() {
        if let Some((deg, dominance)) = point(track, step) {
            let cell = ((deg / CELL.0).floor() as i32, (dominance / CELL.1).floor() as i32);
            *counts.entry(cell).or_default() += 1;
        }
    }
    let fullest = counts.values().copied().max().unwrap_or(1).max(1);
    let mut cells: Vec<MapCell> = counts
        .into_iter()
        .map(|((x, y), count)| MapCell {
            knee_deg: x as f32 * CELL.0,
            dominance: y as f32 * CELL.1,
            share: count as f32 / fullest as f32,
        })
        .collect();
    cells.sort_by(|a, b| {
        (a.knee_deg, a.dominance).partial_cmp(&(b.knee_deg, b.dominance)).unwrap_or(std::cmp::Ordering::Equal)
    });
    cells
}

/// Angle and D of an active step whose ratio is a value and not a bound.
fn point(track: &Track, step: usize) -> Option<(f32, f32)> {
    let ratio = track.ratio.get(step)?;
    let deg = *track.knee_deg.get(step)?;
    let is_value = track.active[step] && ratio.is_known() && ratio.bound == MethodBound::None;
    (is_value && deg.is_finite()).then(|| (deg as f32, dominance_of(ratio.log_ratio) as f32))
}

/// The way before and after the cursor, and the cursor as a dot where there is a value.
fn way(ui: &Ui, cx: &Cx<'_>, track: &Track, transform: &egui_plot::PlotTransform) {
    let painter = ui.painter_at(*transform.frame());
    let step_of = |time_s: f64| ((time_s - track.start_s) / surae_gait::track::STEP_S).round();
    let now = step_of(cx.state.cursor_s);
    let last = track.active.len().saturating_sub(1) as f64;
    if now < 0.0 || now > last {
        return;
    }
    let from = step_of(cx.state.cursor_s - WAY_S).max(0.0) as usize;
    let to = step_of(cx.state.cursor_s + WAY_S).min(last) as usize;
    let points = (from..=to).map(|step| point(track, step).map(|(deg, d)| shared::at(transform, deg, d)));
    paint::broken_line(&painter, points, Stroke::new(1.0, theme::mix(cx.theme.plot, cx.theme.text, 0.7)));
    if let Some((deg, d)) = point(track, now as usize) {
        painter.circle_filled(shared::at(transform, deg, d), 5.5, cx.theme.text);
    }
}

/// The bins of the other leg or trial, in grey with dashed whiskers.
fn dashed(ui: &Ui, cx: &Cx<'_>, other: &SideReport, transform: &egui_plot::PlotTransform) {
    let painter = ui.painter_at(*transform.frame());
    let color = cx.theme.left;
    let mut line = Vec::new();
    for bin in bins(other).into_iter().filter(|bin| bin.bound == Bound::None) {
        let middle = shared::at(transform, bin.knee_deg, bin.mean);
        if let Some((low, high)) = bin.interval {
            let ends = [shared::at(transform, bin.knee_deg, low), shared::at(transform, bin.knee_deg, high)];
            painter.extend(Shape::dashed_line(&ends, Stroke::new(1.5, color), 4.0, 3.0));
        }
        painter.rect_stroke(
            Rect::from_center_size(middle, vec2(8.0, 8.0)),
            0.0,
            Stroke::new(1.5, color),
            egui::StrokeKind::Middle,
        );
        line.push(middle);
    }
    painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, color), 4.0, 3.0));
}

fn legend(ui: &Ui, cx: &Cx<'_>, inner: Rect) {
    let (theme, painter) = (cx.theme, ui.painter());
    let y = inner.top() + 8.0;
    let font = text_font(size::NOTE);
    painter.circle_stroke(pos2(inner.left() + 6.0, y), 4.5, Stroke::new(2.0, theme.text));
    let place = pos2(inner.left() + 15.0, y);
    let mean =
        paint::text(painter, place, Align2::LEFT_CENTER, text::label::BIN_LEGEND, font.clone(), theme.text);
    let place = pos2(mean.right() + 20.0, y);
    let bound =
        paint::text(painter, place, Align2::LEFT_CENTER, text::label::BOUND_LEGEND, font.clone(), theme.text);
    let dot = pos2(bound.right() + 20.0, y);
    painter.circle_filled(dot, 4.0, theme.text);
    let place = pos2(dot.x + 9.0, y);
    let cursor =
        paint::text(painter, place, Align2::LEFT_CENTER, words::CURSOR_LEGEND, font.clone(), theme.text);
    if let Some(other) = cx.other {
        let mark = Rect::from_center_size(pos2(cursor.right() + 20.0, y), vec2(8.0, 8.0));
        painter.rect_stroke(mark, 0.0, Stroke::new(1.5, theme.left), egui::StrokeKind::Middle);
        let place = pos2(mark.right() + 6.0, y);
        let room = inner.right() - 80.0 - place.x;
        paint::fitted(painter, place, Align2::LEFT_CENTER, other.name, font, theme.left, room);
    }
}

fn notes(cx: &Cx<'_>, map: &Map) -> Vec<String> {
    let mut notes = Vec::new();
    if !words::has_reference(cx.report) {
        notes.push(words::OWN_PEAK_MAP.to_owned());
    } else if !map.not_published.is_empty() {
        notes.push(map.not_published.clone());
    }
    notes.extend(shared::outside_note(map));
    let caution = text::map_caution(cx.reviewed.report().settings.task);
    if !caution.is_empty() {
        notes.push(caution.to_owned());
    }
    notes
}
