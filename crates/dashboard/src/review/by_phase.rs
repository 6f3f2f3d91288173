//! Dominance by phase: mean and interval over the strides or contacts, a ring for each contact, and the word.

use super::state::Face;
use super::{Cx, titled};
use crate::feed::words as method;
use crate::model::Class;
use crate::paint;
use crate::panels::gauge::class_color;
use crate::text::{self, missing, review as words};
use crate::theme::{self, figure_font, size, text_font};
use egui::{Align2, Painter, Rect, Shape, Stroke, Ui, pos2, vec2};
use surae_gait::dominance::{Bound, dominance_of};
use surae_gait::report::{PhaseReport, SideReport};

/// Ends of the D axis.
const LIMIT: f32 = 0.9;
/// Class threshold shown as the balanced zone.
const TICKS: [f32; 6] = [-0.8, -0.5, -0.2, 0.2, 0.5, 0.8];
/// Fixed length of a one-sided arrow: its length means nothing.
const ARROW: f32 = 46.0;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let n = cx.report.cycles.n;
    let inner = titled(ui, cx, 1, [text::title::MAP, words::BY_PHASE], Face::Second, &words::strides(n));
    let theme = cx.theme;
    let why = match &cx.report.dominance {
        None => Some(missing_muscle(cx)),
        Some(dominance) if dominance.by_phase.is_empty() => {
            let path = format!("sides.{}.dominance.by_phase", cx.leg.side);
            Some(cx.reviewed.report().reason(&path).unwrap_or(words::NO_STRIDES).to_owned())
        }
        Some(_) => None,
    };
    if let Some(why) = why {
        let galley = paint::lines(ui.painter(), &why, text_font(size::BODY), theme.muted, inner.width(), 4);
        let rect = Align2::CENTER_CENTER.anchor_size(inner.center(), galley.size());
        ui.painter().galley(rect.min, galley, theme.muted);
        paint::named(ui, inner, why);
        return;
    }
    let phases: Vec<PhaseReport> =
        cx.report.dominance.as_ref().map(|dominance| ordered(&dominance.by_phase)).unwrap_or_default();
    let painter = ui.painter().clone();
    let names = if cx.compact() { 104.0 } else { 128.0 };
    let classes = if cx.compact() { 106.0 } else { 128.0 };
    let plot = Rect::from_min_max(
        pos2(inner.left() + names, inner.top() + 22.0),
        pos2(inner.right() - classes, inner.bottom() - 42.0),
    );
    ground(&painter, cx, plot);
    let height = plot.height() / phases.len().max(1) as f32;
    for (k, phase) in phases.iter().enumerate() {
        let top = plot.top() + k as f32 * height;
        let row = Rect::from_min_max(pos2(plot.left(), top), pos2(plot.right(), top + height));
        draw_phase(ui, cx, phase, row, inner);
    }
    let place = inner.left_bottom();
    let font = text_font(size::NOTE);
    paint::fitted(&painter, place, Align2::LEFT_BOTTOM, words::RELATIVE, font, theme.muted, inner.width());
}

fn missing_muscle(cx: &Cx<'_>) -> String {
    let has = |name: &str| cx.report.muscles.contains_key(name);
    let has_gastrocnemius = has("MG") || has("LG") || has("GAS");
    match (has_gastrocnemius, has("SOL")) {
        (true, false) => missing::SOLEUS.to_owned(),
        (false, true) => missing::GASTROCNEMIUS.to_owned(),
        _ => words::NO_CALF.to_owned(),
    }
}

/// What happens before contact stands first, as it does in time.
fn ordered(phases: &[PhaseReport]) -> Vec<PhaseReport> {
    let mut phases = phases.to_vec();
    phases.sort_by_key(|phase| phase.phase != "pre_activation");
    phases
}

fn x_of(plot: Rect, dominance: f32) -> f32 {
    plot.center().x + dominance.clamp(-LIMIT, LIMIT) / LIMIT * plot.width() / 2.0
}

fn ground(painter: &Painter, cx: &Cx<'_>, plot: Rect) {
    let theme = cx.theme;
    painter.rect(plot, 0.0, theme.plot, Stroke::new(1.0, theme.line), egui::StrokeKind::Outside);
    let delta = cx.report.dominance.as_ref().map_or(0.2, |dominance| dominance.class_threshold) as f32;
    let zone = Rect::from_x_y_ranges(x_of(plot, -delta)..=x_of(plot, delta), plot.y_range());
    painter.rect_filled(zone, 0.0, theme::mix(theme.plot, theme.muted, 0.10));
    for x in [-delta, 0.0, delta] {
        painter.vline(x_of(plot, x), plot.y_range(), Stroke::new(1.0, theme.line));
    }
    let font = text_font(size::NOTE);
    let y = plot.top() - 11.0;
    paint::text(
        painter,
        pos2(plot.left(), y),
        Align2::LEFT_CENTER,
        text::label::SOLEUS_END,
        font.clone(),
        theme.sol,
    );
    let words = if plot.width() < 230.0 { words::GASTROC_END } else { text::label::GASTROCNEMIUS_END };
    paint::text(painter, pos2(plot.right(), y), Align2::RIGHT_CENTER, words, font, theme.mg);
    let mut end = f32::NEG_INFINITY;
    for d in TICKS {
        let words = text::ratio(d).replace(' ', "");
        let place = pos2(x_of(plot, d), plot.bottom() + 4.0);
        let galley = painter.layout_no_wrap(words, figure_font(size::TICK), theme.muted);
        let rect = Align2::CENTER_TOP.anchor_size(place, galley.size());
        if rect.left() > end + 3.0 {
            end = rect.right();
            painter.galley(rect.min, galley, theme.muted);
        }
    }
}

fn draw_phase(ui: &Ui, cx: &Cx<'_>, phase: &PhaseReport, row: Rect, inner: Rect) {
    let theme = cx.theme;
    let painter = ui.painter();
    let middle = row.center().y;
    let (name, span) = words::phase(&phase.phase, phase.from_percent, phase.to_percent);
    let room = row.left() - inner.left() - 8.0;
    let has_two = row.height() >= 34.0;
    let lift = if has_two { 7.0 } else { 0.0 };
    let line = |y: f32, x: f32, words: &str, points: f32, ink, room: f32| {
        paint::fitted(painter, pos2(x, y), Align2::LEFT_CENTER, words, text_font(points), ink, room);
    };
    line(middle - lift, inner.left(), &name, size::BODY, theme.text, room);
    if has_two {
        line(middle + 8.0, inner.left(), &span, size::TICK, theme.muted, room);
    }
    let class = method::class(phase.class);
    let reason = phase.reason.map_or("", method::reason);
    let right = row.right() + 10.0;
    let room = inner.right() - right;
    if !matches!(class, Class::NotClear | Class::Rest) {
        let bar =
            Rect::from_min_max(pos2(right, middle - 9.0 - lift), pos2(right + 4.0, middle + 9.0 - lift));
        painter.rect_filled(bar, 0.0, class_color(theme, class));
        line(middle - lift, right + 9.0, text::headline_short(class), size::BODY, theme.text, room - 9.0);
    } else {
        line(middle - lift, right, text::headline_short(class), size::BODY, theme.text, room);
    }
    if has_two {
        // The part before the colon says why; what to do is said on hover of the chip and in the doubts.
        let short = reason.split(':').next().unwrap_or(reason);
        let wide = painter.layout_no_wrap(reason.to_owned(), text_font(size::TICK), theme.muted).size().x;
        let said = if wide <= room { reason } else { short };
        line(middle + 8.0, right, said, size::TICK, theme.muted, room);
    }
    let spoken = words::phase_spoken_value(
        &name,
        phase.dominance,
        phase.dominance_ci90,
        text::headline_short(class),
        reason,
    );
    paint::named(
        ui,
        Rect::from_min_max(pos2(inner.left(), row.top()), pos2(inner.right(), row.bottom())),
        spoken,
    );
    let rings = contact_rings(cx.report, &phase.phase);
    let ring_y = if has_two { middle - 13.0 } else { middle };
    for d in rings {
        painter.circle(pos2(x_of(row, d), ring_y), 3.0, theme.plot, Stroke::new(1.2, theme.muted));
    }
    if let Some(other) = cx.other {
        whisker(painter, cx, other.report, &phase.phase, row, middle + 12.0);
    }
    let Some(dominance) = phase.dominance else { return };
    let place = pos2(x_of(row, dominance as f32), middle);
    let stroke = Stroke::new(2.5, theme.text);
    match phase.bound {
        Bound::None => {
            if let [Some(low), Some(high)] = phase.dominance_ci90 {
                let ends = [x_of(row, low as f32), x_of(row, high as f32)];
                painter.hline(ends[0]..=ends[1], middle, stroke);
                for x in ends {
                    painter.vline(x, (middle - 6.0)..=(middle + 6.0), Stroke::new(2.0, theme.text));
                }
            }
            painter.circle(place, 5.0, theme.plot, Stroke::new(2.5, theme.text));
        }
        Bound::Lower | Bound::Upper => {
            let to = place + vec2(if phase.bound == Bound::Lower { ARROW } else { -ARROW }, 0.0);
            painter.vline(place.x, (middle - 8.0)..=(middle + 8.0), Stroke::new(2.0, theme.text));
            painter.arrow(place, to - place, Stroke::new(2.0, theme.text));
        }
    }
}

/// The interval of the other leg or trial, dashed.
fn whisker(painter: &Painter, cx: &Cx<'_>, other: &SideReport, name: &str, row: Rect, y: f32) {
    let phases = other.dominance.as_ref().map(|dominance| dominance.by_phase.as_slice()).unwrap_or_default();
    let Some(phase) = phases.iter().find(|phase| phase.phase == name && phase.bound == Bound::None) else {
        return;
    };
    let Some(dominance) = phase.dominance else { return };
    let color = cx.theme.left;
    if let [Some(low), Some(high)] = phase.dominance_ci90 {
        let ends = [pos2(x_of(row, low as f32), y), pos2(x_of(row, high as f32), y)];
        painter.extend(Shape::dashed_line(&ends, Stroke::new(1.5, color), 4.0, 3.0));
    }
    let mark = Rect::from_center_size(pos2(x_of(row, dominance as f32), y), vec2(7.0, 7.0));
    painter.rect_stroke(mark, 0.0, Stroke::new(1.5, color), egui::StrokeKind::Middle);
}

/// D of each kept contact in the phase of the contact that this phase of the cycle stands for.
fn contact_rings(report: &SideReport, phase: &str) -> Vec<f32> {
    let of_contact = match phase {
        "pre_activation" => "pre_activation",
        "first_half_of_contact" => "braking",
        "second_half_of_contact" => "propulsion",
        _ => return Vec::new(),
    };
    let kept = report.pushoffs.iter().filter(|push| push.rejected.is_empty());
    kept.flat_map(|push| &push.phases)
        .filter(|one| one.phase == of_contact && one.log_ratio_ci90.iter().all(Option::is_some))
        .filter_map(|one| one.log_ratio)
        .map(|log_ratio| dominance_of(log_ratio) as f32)
        .collect()
}
