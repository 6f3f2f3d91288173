//! G/G0 and S/S0 against knee angle: each muscle relative to its own activity with the straight knee, references cancelled.
//!
//! Second face of the map; needs a straight-knee reference and no maximum. Not for D: that is [`super::map`].

use super::Cx;
use crate::paint;
use crate::text::{self, missing, review as words};
use crate::theme::{self, figure_font, size, text_font};
use egui::{Align2, Color32, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};
use surae_gait::report::AngleReport;

/// What is drawn of a bin.
type Value = fn(&AngleReport) -> Option<f64>;

/// Width of the ratio labels, height of the angle axis.
const AXES: (f32, f32) = (44.0, 34.0);

/// Draws the curves into `area`, or says why there are none.
pub fn show(ui: &Ui, cx: &Cx<'_>, area: Rect) {
    let theme = cx.theme;
    let all = cx.report.dominance.as_ref().map(|dominance| dominance.by_angle.as_slice()).unwrap_or_default();
    let bins: Vec<&AngleReport> = all.iter().filter(|bin| bin.g_ratio.or(bin.s_ratio).is_some()).collect();
    if bins.is_empty() {
        let words = missing::CHANGE;
        let font = text_font(size::BODY);
        let galley = paint::lines(ui.painter(), words, font, theme.muted, area.width() - 40.0, 4);
        let rect = Align2::CENTER_CENTER.anchor_size(area.center(), galley.size());
        ui.painter().galley(rect.min, galley, theme.muted);
        paint::named(ui, area, words);
        return;
    }
    let plot = Rect::from_min_max(area.min + vec2(AXES.0, 22.0), area.max - vec2(6.0, AXES.1));
    let scale = Scale::of(&bins, plot);
    ground(ui, cx, &scale);
    let painter = ui.painter_at(plot.expand(6.0));
    let series: [(Value, Color32, bool); 2] =
        [(|bin| bin.g_ratio, theme.mg, true), (|bin| bin.s_ratio, theme.sol, false)];
    for (value, color, is_up) in series {
        let points = bins.iter().map(|bin| Some(scale.at(bin.knee_deg, value(bin)?)));
        let points: Vec<Option<Pos2>> = points.collect();
        paint::broken_line(&painter, points.iter().copied(), Stroke::new(1.5, color));
        for (point, bin) in points.iter().zip(&bins) {
            let Some(point) = point else { continue };
            let tip = if is_up { -1.0 } else { 1.0 };
            let corners =
                [vec2(0.0, 6.0 * tip), vec2(5.5, -4.0 * tip), vec2(-5.5, -4.0 * tip)].map(|by| *point + by);
            let fill = if bin.n_efforts < 3 { theme.plot } else { color };
            painter.add(Shape::convex_polygon(corners.to_vec(), fill, Stroke::new(1.5, color)));
        }
    }
    let spoken: Vec<String> = bins
        .iter()
        .map(|bin| words::change_spoken(bin.knee_deg, bin.g_ratio, bin.s_ratio, bin.n_efforts))
        .collect();
    paint::named(ui, area, spoken.join("; "));
}

struct Scale {
    plot: Rect,
    knee: (f32, f32),
    top: f32,
}

impl Scale {
    fn of(bins: &[&AngleReport], plot: Rect) -> Self {
        let angles = bins.iter().map(|bin| bin.knee_deg as f32).filter(|deg| deg.is_finite());
        let (low, high) = angles.fold((0.0_f32, 30.0_f32), |(low, high), deg| (low.min(deg), high.max(deg)));
        let ratios = bins.iter().flat_map(|bin| [bin.g_ratio, bin.s_ratio]).flatten();
        let top = ratios.filter(|v| v.is_finite()).fold(1.5_f64, f64::max) as f32;
        let knee = (((low - 5.0) / 10.0).floor() * 10.0, ((high + 5.0) / 10.0).ceil() * 10.0);
        Self { plot, knee, top: (top * 2.2).ceil() / 2.0 }
    }

    fn at(&self, knee_deg: f64, ratio: f64) -> Pos2 {
        let share = (knee_deg as f32 - self.knee.0) / (self.knee.1 - self.knee.0);
        let y = (ratio as f32 / self.top).clamp(0.0, 1.0);
        pos2(self.plot.left() + share * self.plot.width(), self.plot.bottom() - y * self.plot.height())
    }
}

fn ground(ui: &Ui, cx: &Cx<'_>, scale: &Scale) {
    let (theme, painter, plot) = (cx.theme, ui.painter(), scale.plot);
    painter.rect(plot, 0.0, theme.plot, Stroke::new(1.0, theme.line), StrokeKind::Outside);
    let tick = figure_font(size::TICK);
    let step = if scale.top > 4.0 { 2.0 } else { 0.5 };
    for k in 0..=(scale.top / step) as usize {
        let ratio = k as f32 * step;
        let at = scale.at(f64::from(scale.knee.0), f64::from(ratio));
        painter.hline(plot.x_range(), at.y, Stroke::new(1.0, theme.grid));
        let place = pos2(plot.left() - 6.0, at.y);
        let label = text::figure(ratio);
        paint::text(painter, place, Align2::RIGHT_CENTER, &label, tick.clone(), theme.muted);
    }
    let tens = ((scale.knee.1 - scale.knee.0) / 10.0) as usize;
    for k in (0..=tens).step_by(if tens > 9 { 2 } else { 1 }) {
        let deg = scale.knee.0 + 10.0 * k as f32;
        let x = scale.at(f64::from(deg), 0.0).x;
        painter.vline(x, plot.y_range(), Stroke::new(1.0, theme.grid));
        let place = pos2(x, plot.bottom() + 3.0);
        let label = text::degrees(Some(deg));
        paint::text(painter, place, Align2::CENTER_TOP, &label, tick.clone(), theme.muted);
    }
    let one = scale.at(0.0, 1.0).y;
    let ends = [pos2(plot.left(), one), pos2(plot.right(), one)];
    painter.extend(Shape::dashed_line(
        &ends,
        Stroke::new(1.0, theme::mix(theme.plot, theme.text, 0.7)),
        4.0,
        3.0,
    ));
    let note = text_font(size::NOTE);
    let place = pos2(plot.left(), plot.top() - 12.0);
    let g = paint::text(painter, place, Align2::LEFT_CENTER, words::G_CHANGE, note.clone(), theme.mg);
    let place = pos2(g.right() + 18.0, place.y);
    paint::text(painter, place, Align2::LEFT_CENTER, words::S_CHANGE, note, theme.sol);
    let place = pos2(plot.center().x, plot.bottom() + AXES.1 - 4.0);
    let font = text_font(size::TICK);
    paint::text(painter, place, Align2::CENTER_BOTTOM, text::label::KNEE_FLEXION, font, theme.muted);
}
