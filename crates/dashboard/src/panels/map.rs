//! Knee angle against dominance: density, bins with interval and n, one-sided arrows, trail and dot, and the
//! published range only where it holds.

use crate::layout::Form;
use crate::model::{Bound, Map, MapBin, PublishedRange};
use crate::paint;
use crate::state::Panels;
use crate::text::{self, missing};
use crate::theme::{self, Theme, figure_font, size, text_font};
use egui::epaint::Mesh;
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, Ui, UiBuilder, pos2, vec2};
use egui_plot::{AxisHints, GridMark, Plot, PlotPoint, PlotTransform};

/// Upper and lower end of the D axis.
const LIMIT: f64 = 0.9;
/// Height of the strip below the D axis, where n and the name of the lower half stand, and of that above it.
const STRIPS: (f32, f32) = (36.0, 18.0);
/// The same where there is little room: the name of the lower half stands inside the plot.
const STRIPS_COMPACT: (f32, f32) = (18.0, 16.0);
/// Height of the axis below the plot: ticks and name.
const AXIS: f32 = 34.0;
/// The balanced zone of the class rule.
const BALANCED: f64 = 0.2;
/// D of the ratio labels.
const TICKS: [f64; 7] = [-0.8, -0.5, -0.2, 0.0, 0.2, 0.5, 0.8];
/// Fixed length of a one-sided arrow: its length means nothing.
const ARROW: f32 = 46.0;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Panels<'_>) {
    let theme = cx.theme;
    let map = &cx.model.map;
    let caption =
        if cx.form == Form::Wide { text::label::MAP_CAPTION } else { text::label::MAP_CAPTION_SHORT };
    let compact = cx.form == Form::Compact;
    let inner = paint::panel(ui, theme, text::title::MAP, caption, compact);
    let painter = ui.painter_at(ui.max_rect());
    let legend_height = if compact { 0.0 } else { 22.0 };
    if !compact {
        legend(&painter, theme, inner);
    }
    let notes = notes(cx);
    // Two lines are kept free whatever is said, so that words never resize the plot.
    let notes_top = inner.bottom() - 2.0 * 16.0;
    for (k, (note, color)) in notes.iter().enumerate() {
        let place = pos2(inner.left(), notes_top + k as f32 * 16.0);
        let font = text_font(size::NOTE);
        paint::fitted(&painter, place, Align2::LEFT_TOP, note, font, *color, inner.width());
        paint::named(ui, Rect::from_min_size(place, vec2(inner.width(), 15.0)), note.clone());
    }
    let area = Rect::from_min_max(
        pos2(inner.left(), inner.top() + legend_height),
        pos2(inner.right(), notes_top - 2.0),
    );
    let range = knee_range(map);
    let mut child = ui.new_child(UiBuilder::new().max_rect(area));
    let response = plot(&mut child, theme, range, compact);
    let still = cx.view.reduces_motion.then(|| {
        let last = map.trail.last().copied();
        Map { trail: last.into_iter().collect(), ..map.clone() }
    });
    content(&child, theme, still.as_ref().unwrap_or(map), &response.transform, compact);
    paint::named(ui, area, spoken(map));
}

/// Whole tens around what there is to show, at least -10 to 60 deg.
pub(crate) fn knee_range(map: &Map) -> (f64, f64) {
    let angles = map
        .bins
        .iter()
        .map(|bin| bin.knee_deg)
        .chain(map.cells.iter().map(|cell| cell.knee_deg))
        .chain(map.trail.iter().map(|point| point.knee_deg))
        .filter(|deg| deg.is_finite());
    let (low, high) = angles.fold((0.0_f32, 60.0_f32), |(low, high), deg| (low.min(deg), high.max(deg)));
    let low = ((f64::from(low) - 5.0) / 10.0).floor() * 10.0;
    let high = ((f64::from(high) + 5.0) / 10.0).ceil() * 10.0;
    (low.max(-30.0), high.min(150.0))
}

pub(crate) fn spoken(map: &Map) -> String {
    let bins: Vec<String> = map
        .bins
        .iter()
        .map(|bin| {
            let mean = text::signed(bin.mean, 2);
            format!("{}: {} {mean}, n {}", text::degrees(Some(bin.knee_deg)), text::bound(bin.bound), bin.n)
        })
        .collect();
    if bins.is_empty() {
        missing::MAP_YET.to_owned()
    } else {
        format!("D by knee angle: {}", bins.join("; "))
    }
}

fn legend(painter: &Painter, theme: &Theme, inner: Rect) {
    let y = inner.top() + 8.0;
    let ring = pos2(inner.left() + 6.0, y);
    painter.circle_stroke(ring, 4.5, Stroke::new(2.0, theme.text));
    let font = text_font(size::NOTE);
    let mean = paint::text(
        painter,
        pos2(inner.left() + 15.0, y),
        Align2::LEFT_CENTER,
        text::label::BIN_LEGEND,
        font.clone(),
        theme.text,
    );
    let dot = pos2(mean.right() + 22.0, y);
    painter.circle_filled(dot, 5.0, theme.fair);
    let trail = paint::text(
        painter,
        pos2(dot.x + 9.0, y),
        Align2::LEFT_CENTER,
        text::label::TRAIL_LEGEND,
        font.clone(),
        theme.text,
    );
    let place = pos2(trail.right() + 18.0, y);
    let room = inner.right() - place.x;
    paint::fitted(painter, place, Align2::LEFT_CENTER, text::label::BOUND_LEGEND, font, theme.text, room);
}

/// Axes and grid: knee flexion in deg by whole tens, D by the ratio it stands for.
pub(crate) fn plot(
    ui: &mut Ui,
    theme: &Theme,
    range: (f64, f64),
    compact: bool,
) -> egui_plot::PlotResponse<()> {
    let step = if range.1 - range.0 > 90.0 { 20.0 } else { 10.0 };
    // Beyond the ends of D nothing is drawn: words stand there, so that no bin and no whisker runs into them.
    let (below, above) = if compact { STRIPS_COMPACT } else { STRIPS };
    let height = (ui.available_height() - AXIS).max(60.0);
    let per_pixel = 2.0 * LIMIT / f64::from((height - below - above).max(30.0));
    let ends = (-LIMIT - per_pixel * f64::from(below), LIMIT + per_pixel * f64::from(above));
    let axis = |hints: AxisHints<'static>| {
        hints.tick_label_color(theme.muted).tick_label_font(figure_font(size::TICK)).label_spacing(2.0..=3.0)
    };
    let x_axis = axis(AxisHints::new_x())
        .formatter(|mark, _| text::degrees(Some(mark.value as f32)))
        .label(egui::RichText::new(text::label::KNEE_FLEXION).font(text_font(size::TICK)).color(theme.muted));
    let y_axis = axis(AxisHints::new_y()).formatter(|mark, _| text::ratio(mark.value as f32));
    let y_axis = y_axis.min_thickness(if compact { 52.0 } else { 58.0 });
    Plot::new("map")
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .x_grid_spacer(move |input| {
            let first = (input.bounds.0 / step).ceil() as i32;
            let last = (input.bounds.1 / step).floor() as i32;
            (first..=last).map(|k| GridMark { value: f64::from(k) * step, step_size: step }).collect()
        })
        .y_grid_spacer(|_| TICKS.map(|value| GridMark { value, step_size: 0.3 }).to_vec())
        .grid_spacing(1.0..=2.0)
        .grid_color(theme.grid)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_x(false)
        .show_y(false)
        .set_margin_fraction(egui::Vec2::ZERO)
        .show(ui, |plot| {
            plot.set_plot_bounds_x(range.0..=range.1);
            plot.set_plot_bounds_y(ends.0..=ends.1);
        })
}

pub(crate) fn at(transform: &PlotTransform, knee_deg: f32, dominance: f32) -> Pos2 {
    transform.position_from_point(&PlotPoint::new(f64::from(knee_deg), f64::from(dominance)))
}

pub(crate) fn content(ui: &Ui, theme: &Theme, map: &Map, transform: &PlotTransform, compact: bool) {
    let frame = *transform.frame();
    let painter = ui.painter_at(frame);
    let zone = Rect::from_min_max(
        pos2(frame.left(), transform.position_from_point_y(BALANCED)),
        pos2(frame.right(), transform.position_from_point_y(-BALANCED)),
    );
    let shade = theme.muted.gamma_multiply(0.12);
    painter.rect_filled(zone, 0.0, shade);
    for y in [zone.top(), zone.bottom()] {
        painter.hline(frame.x_range(), y, Stroke::new(1.0, theme.line));
    }
    if let Some(range) = map.published {
        published(&painter, theme, transform, range);
    }
    density(&painter, theme, map, transform);
    let font = text_font(size::NOTE);
    let top = frame.left_top() + vec2(8.0, 2.0);
    let floor = transform.position_from_point_y(-LIMIT);
    painter.hline(frame.x_range(), floor, Stroke::new(1.0, theme.grid));
    let n_y = floor + 9.0;
    paint::text(&painter, top, Align2::LEFT_TOP, text::label::UPPER_HALF, font.clone(), theme.mg);
    let bottom = if compact {
        frame.left_bottom() + vec2(8.0, -STRIPS_COMPACT.0 - 2.0)
    } else {
        frame.left_bottom() + vec2(8.0, -2.0)
    };
    paint::text(&painter, bottom, Align2::LEFT_BOTTOM, text::label::LOWER_HALF, font, theme.sol);
    for bin in &map.bins {
        draw_bin(&painter, theme, transform, bin, n_y);
        if map.published.is_some() && bin.is_outside {
            diamond(&painter, theme, at(transform, bin.knee_deg, bin.mean.clamp(-0.9, 0.9)));
        }
    }
    if !map.bins.is_empty() {
        let place = pos2(frame.left() + 6.0, n_y);
        paint::text(&painter, place, Align2::LEFT_CENTER, "n", figure_font(size::TICK), theme.muted);
    }
    trail(&painter, theme, map, transform);
    if map.bins.is_empty() && map.cells.is_empty() && map.trail.is_empty() {
        let font = text_font(size::BODY);
        let place = frame.center() - vec2(0.0, 24.0);
        paint::text(&painter, place, Align2::CENTER_CENTER, missing::MAP_YET, font, theme.muted);
    }
}

fn density(painter: &Painter, theme: &Theme, map: &Map, transform: &PlotTransform) {
    let mut mesh = Mesh::default();
    for cell in &map.cells {
        let low = at(transform, cell.knee_deg, cell.dominance);
        let high = at(transform, cell.knee_deg + map.cell_size.0, cell.dominance + map.cell_size.1);
        let alpha = 0.12 + 0.63 * cell.share.clamp(0.0, 1.0);
        let color = theme::mix(theme.plot, theme.muted, alpha);
        mesh.add_colored_rect(Rect::from_two_pos(low, high), color);
    }
    painter.add(Shape::mesh(mesh));
}

fn published(painter: &Painter, theme: &Theme, transform: &PlotTransform, range: PublishedRange) {
    let (first, last) = (transform.bounds().min()[0] as f32, transform.bounds().max()[0] as f32);
    let degrees = (0..=60).map(|k| first + (last - first) * k as f32 / 60.0);
    let degrees: Vec<f32> = degrees.filter(|deg| *deg >= range.reference_deg).collect();
    let stroke = Stroke::new(1.0, theme.muted);
    for pair in degrees.windows(2) {
        let (low, high) = range.at((pair[0] + pair[1]) / 2.0);
        let column = Rect::from_two_pos(at(transform, pair[0], low), at(transform, pair[1], high));
        paint::hatch(painter, column, 7.0, Stroke::new(1.0, theme.muted.gamma_multiply(0.6)));
    }
    for upper in [true, false] {
        let edge = degrees.iter().map(|deg| {
            let (low, high) = range.at(*deg);
            Some(at(transform, *deg, if upper { high } else { low }))
        });
        paint::broken_line(painter, edge, stroke);
    }
    if let Some(deg) = degrees.last() {
        let place = at(transform, *deg, range.at(*deg).1) + vec2(-6.0, -4.0);
        let words = text::label::PUBLISHED_RANGE;
        paint::text(painter, place, Align2::RIGHT_BOTTOM, words, text_font(size::TICK), theme.muted);
    }
}

/// A diamond beside a bin that lies outside the published range.
fn diamond(painter: &Painter, theme: &Theme, beside: Pos2) {
    let middle = beside + vec2(15.0, 0.0);
    let corners = [vec2(0.0, -6.0), vec2(5.0, 0.0), vec2(0.0, 6.0), vec2(-5.0, 0.0)].map(|by| middle + by);
    painter.add(Shape::convex_polygon(corners.to_vec(), theme.plot, Stroke::new(1.5, theme.text)));
}

/// A bin is coloured only when its interval lies wholly beyond the balanced zone.
fn bin_color(theme: &Theme, bin: &MapBin) -> Color32 {
    match bin.interval {
        Some((low, _)) if low > BALANCED as f32 => theme.mg,
        Some((_, high)) if high < -BALANCED as f32 => theme.sol,
        _ => theme.text,
    }
}

fn draw_bin(painter: &Painter, theme: &Theme, transform: &PlotTransform, bin: &MapBin, n_y: f32) {
    let middle = at(transform, bin.knee_deg, bin.mean.clamp(-LIMIT as f32, LIMIT as f32));
    let n = if bin.n < 3 { text::label::FEW.to_owned() } else { bin.n.to_string() };
    let place = pos2(middle.x, n_y);
    paint::text(painter, place, Align2::CENTER_CENTER, &n, figure_font(size::TICK), theme.text);
    let color = bin_color(theme, bin);
    match bin.bound {
        Bound::None => {
            if let Some((low, high)) = bin.interval {
                // An end beyond the axis has no cap: where it lies is not resolvable.
                let ends = [low, high].map(|end| at(transform, bin.knee_deg, end.clamp(-0.9, 0.9)));
                painter.line_segment(ends, Stroke::new(3.0, color));
                for (end, value) in ends.into_iter().zip([low, high]) {
                    if f64::from(value.abs()) <= LIMIT {
                        painter.hline((end.x - 6.0)..=(end.x + 6.0), end.y, Stroke::new(2.0, color));
                    }
                }
                painter.circle(middle, 5.0, theme.plot, Stroke::new(2.5, color));
            } else {
                painter.circle_stroke(middle, 5.0, Stroke::new(1.5, color));
            }
        }
        Bound::AtLeast => arrow(painter, middle, -ARROW, color),
        Bound::AtMost => {
            // Shorter where it would run into n.
            let floor = transform.position_from_point_y(-LIMIT);
            arrow(painter, middle, ARROW.min((floor - middle.y).max(14.0)), color);
        }
    }
}

/// A flat foot at the bound and an open arrow away from it.
fn arrow(painter: &Painter, foot: Pos2, length: f32, color: Color32) {
    let stroke = Stroke::new(2.0, color);
    let tip = foot + vec2(0.0, length);
    let barb = 8.0 * length.signum();
    painter.hline((foot.x - 7.0)..=(foot.x + 7.0), foot.y, stroke);
    painter.line_segment([foot, tip], stroke);
    painter.add(Shape::line(vec![tip + vec2(-5.0, -barb), tip, tip + vec2(5.0, -barb)], stroke));
}

fn trail(painter: &Painter, theme: &Theme, map: &Map, transform: &PlotTransform) {
    for pair in map.trail.windows(2) {
        let fresh = (1.0 - pair[1].age_s / 0.6).clamp(0.0, 1.0);
        let ends = [
            at(transform, pair[0].knee_deg, pair[0].dominance),
            at(transform, pair[1].knee_deg, pair[1].dominance),
        ];
        let stroke = Stroke::new(0.8 + 2.2 * fresh, theme.fair.gamma_multiply(0.2 + 0.7 * fresh));
        painter.line_segment(ends, stroke);
    }
    if let (Some(now), true) = (map.trail.last(), map.has_dot) {
        painter.circle(
            at(transform, now.knee_deg, now.dominance),
            7.5,
            theme.fair,
            Stroke::new(1.5, theme.plot),
        );
    }
}

/// Which bins lie outside the published range; `None` without the range.
pub(crate) fn outside_note(map: &Map) -> Option<String> {
    map.published?;
    let outside: Vec<f32> = map.bins.iter().filter(|bin| bin.is_outside).map(|bin| bin.knee_deg).collect();
    Some(text::outside_published(&outside))
}

fn notes(cx: &Panels<'_>) -> Vec<(String, Color32)> {
    let map = &cx.model.map;
    let mut notes = Vec::new();
    let caution = text::map_caution(cx.model.source.task);
    if !map.no_dot.is_empty() {
        notes.push((map.no_dot.clone(), cx.theme.muted));
    } else if !caution.is_empty() {
        notes.push((caution.to_owned(), cx.theme.muted));
    }
    if map.published.is_none() && !map.not_published.is_empty() {
        notes.push((map.not_published.clone(), cx.theme.muted));
    }
    notes.extend(outside_note(map).map(|words| (words, cx.theme.text)));
    notes.truncate(2);
    notes
}
