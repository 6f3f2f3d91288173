//! Dominance with its intervals: by phase as rows, by knee angle as a map.

use super::scale::Scale;
use super::svg::{Anchor, Svg, stroke, wrapped};
use super::{AngleBin, Area, Balance, Bound, LegPage, colour, remark, title};

/// Beyond this |D| two surface signals cannot be told apart (crosstalk); nothing is drawn there.
const LIMIT: f64 = 0.9;
/// The balanced zone.
const BALANCED: f64 = 0.2;
/// D of the ratios that the axis names.
const RATIOS: [(f64, &str); 7] =
    [(-0.8, "9:1"), (-0.5, "3:1"), (-0.2, "1.5:1"), (0.0, "1:1"), (0.2, "1.5:1"), (0.5, "3:1"), (0.8, "9:1")];
/// Length of the open arrow of a one-sided result; it means nothing.
const ARROW: f64 = 46.0;
/// Length of its barbs.
const BARB: f64 = 9.0;
/// A narrower interval is drawn with a dot: a ring would hide it.
const NARROW: f64 = 20.0;
const FEWEST_EFFORTS: usize = 3;

/// Dominance by phase: one row each, gastrocnemius to the right.
pub fn by_phase(svg: &mut Svg, page: &LegPage, area: Area) {
    title(svg, area, "Dominance by phase", page.caution.as_deref().unwrap_or("mean and 90 % interval"));
    if page.phases.is_empty() {
        let why = page.no_dominance.as_deref().unwrap_or("No phases: the trial has no complete gait cycle.");
        remark(svg, area, why);
        return;
    }
    let (left, right) = (area.x + 116.0, area.x + area.width - 176.0);
    let (top, bottom) = (area.y + 40.0, area.y + area.height - 30.0);
    let x = Scale::new(-LIMIT, LIMIT, left, right);
    svg.rect(x.at(-BALANCED), top, x.at(BALANCED) - x.at(-BALANCED), bottom - top, colour::SHADE);
    for (d, ratio) in RATIOS {
        svg.line((x.at(d), top), (x.at(d), bottom), stroke(colour::GRID, 1.0));
        svg.text((x.at(d), bottom + 16.0), 11.0, Anchor::Middle, colour::MUTED, ratio);
    }
    svg.frame(left, top, right - left, bottom - top, colour::FRAME);
    directions(svg, left, right, top - 10.0);
    let step = (bottom - top) / page.phases.len() as f64;
    for (k, row) in page.phases.iter().enumerate() {
        let y = top + step * (k as f64 + 0.5);
        svg.text((area.x, y), 13.0, Anchor::Start, colour::TEXT, &row.label);
        svg.text((area.x, y + 14.0), 11.0, Anchor::Start, colour::MUTED, &row.detail);
        svg.text((right + 14.0, y), 13.0, Anchor::Start, row.ink, &row.word);
        for (line, text) in wrapped(&row.reason, 11.0, 166.0).iter().take(2).enumerate() {
            let at = (right + 14.0, y + 14.0 + 12.0 * line as f64);
            svg.text(at, 11.0, Anchor::Start, colour::MUTED, text);
        }
        mark(svg, row, |d| (x.at(d), y), true, true);
    }
}

/// Height of one row of [`phase_rows`].
pub const ROW: f64 = 46.0;

/// Dominance by phase for a narrow place: the words of a row stand over its bar.
pub fn phase_rows(svg: &mut Svg, page: &LegPage, area: Area) {
    let (left, right) = (area.x + 8.0, area.x + area.width - 8.0);
    let (top, bottom) = (area.y + 20.0, area.y + area.height - 20.0);
    let x = Scale::new(-LIMIT, LIMIT, left, right);
    directions(svg, left, right, area.y + 12.0);
    svg.rect(left, top, right - left, bottom - top, colour::PLOT);
    svg.rect(x.at(-BALANCED), top, x.at(BALANCED) - x.at(-BALANCED), bottom - top, colour::SHADE);
    for (d, ratio) in RATIOS {
        svg.line((x.at(d), top), (x.at(d), bottom), stroke(colour::GRID, 1.0));
        svg.text((x.at(d), bottom + 16.0), 11.0, Anchor::Middle, colour::MUTED, ratio);
    }
    svg.frame(left, top, right - left, bottom - top, colour::FRAME);
    for (k, row) in page.phases.iter().enumerate() {
        let y = top + ROW * k as f64;
        let label = format!("{} ({})", row.label, row.detail.rsplit(", ").next().unwrap_or(&row.detail));
        let label = label.trim_end_matches(" ()");
        svg.text((left + 6.0, y + 16.0), 12.0, Anchor::Start, colour::TEXT, label);
        svg.text((right - 6.0, y + 16.0), 12.0, Anchor::End, row.ink, &row.word);
        mark(svg, row, |d| (x.at(d), y + 31.0), true, true);
    }
}

/// Which end of a horizontal axis is whose.
fn directions(svg: &mut Svg, left: f64, right: f64, y: f64) {
    svg.polygon(&[(left, y - 4.0), (left + 8.0, y - 8.0), (left + 8.0, y)], colour::SOL);
    svg.text((left + 14.0, y), 12.0, Anchor::Start, colour::SOL, "soleus more active");
    svg.polygon(&[(right, y - 4.0), (right - 8.0, y - 8.0), (right - 8.0, y)], colour::MG);
    svg.text((right - 14.0, y), 12.0, Anchor::End, colour::MG, "gastrocnemius more active");
}

/// Dominance by knee angle: gastrocnemius up.
pub fn by_angle(svg: &mut Svg, page: &LegPage, area: Area) {
    title(svg, area, "Dominance and knee angle", "per 10\u{b0}: mean and 90 % interval over efforts");
    if let Some(why) = page.no_angle.as_ref().or(page.no_dominance.as_ref()) {
        remark(svg, area, why);
        return;
    }
    let inner = Area { height: area.height - 50.0, ..area };
    angle_plot(svg, page, Area { y: area.y + 16.0, height: inner.height - 16.0, ..inner }, true);
    let bottom = area.y + area.height;
    svg.text((area.x + 56.0, bottom - 4.0), 11.0, Anchor::Start, colour::MUTED, &page.range_note);
}

/// The map itself: axes with their names in `area`, bins, intervals, counts.
pub fn angle_plot(svg: &mut Svg, page: &LegPage, area: Area, say_few: bool) {
    let (left, right) = (area.x + 56.0, area.x + area.width);
    let (top, bottom) = (area.y, area.y + area.height - 20.0);
    let angles = || page.angles.iter().map(|bin| bin.knee_deg);
    let low = angles().fold(0.0, f64::min) - 10.0;
    let high = angles().fold(30.0, f64::max) + 10.0;
    let x = Scale::new(low, high, left, right);
    let y = Scale::new(-LIMIT, LIMIT, bottom, top);
    svg.rect(left, top, right - left, bottom - top, colour::PLOT);
    svg.rect(left, y.at(BALANCED), right - left, y.at(-BALANCED) - y.at(BALANCED), colour::SHADE);
    let mut tick = (low / 10.0).ceil() * 10.0;
    while tick <= high {
        svg.line((x.at(tick), top), (x.at(tick), bottom), stroke(colour::GRID, 1.0));
        let label = format!("{tick:.0}\u{b0}").replace('-', "\u{2212}");
        svg.text((x.at(tick), bottom + 17.0), 11.0, Anchor::Middle, colour::MUTED, &label);
        tick += 10.0;
    }
    for (d, ratio) in RATIOS {
        svg.line((left, y.at(d)), (right, y.at(d)), stroke(colour::GRID, 1.0));
        svg.text((left - 7.0, y.at(d) + 4.0), 11.0, Anchor::End, colour::MUTED, ratio);
    }
    published(svg, &page.angles, x, y);
    svg.frame(left, top, right - left, bottom - top, colour::FRAME);
    svg.text((right - 8.0, top + 17.0), 12.0, Anchor::End, colour::MG, "gastrocnemius more active");
    svg.text((right - 8.0, bottom - 9.0), 12.0, Anchor::End, colour::SOL, "soleus more active");
    svg.text((right - 8.0, y.at(0.0) - 5.0), 11.0, Anchor::End, colour::MUTED, "balanced");
    for bin in &page.angles {
        let enough = bin.efforts >= FEWEST_EFFORTS;
        mark(svg, &bin.balance, |d| (x.at(bin.knee_deg), y.at(d)), false, enough);
        let n =
            if enough || !say_few { format!("n {}", bin.efforts) } else { format!("n {}, few", bin.efforts) };
        svg.text((x.at(bin.knee_deg), bottom + 31.0), 10.0, Anchor::Middle, colour::MUTED, &n);
    }
    let axis = ((left + right) / 2.0, bottom + 49.0);
    svg.text(axis, 12.0, Anchor::Middle, colour::MUTED, &page.knee_axis);
    let middle = (top + bottom) / 2.0;
    svg.upward_text((area.x + 12.0, middle), 12.0, Anchor::Middle, colour::MUTED, "ratio of activations");
}

/// The range of published group means, where it applies.
fn published(svg: &mut Svg, bins: &[AngleBin], x: Scale, y: Scale) {
    let edges: Vec<(f64, f64, f64)> = bins
        .iter()
        .filter_map(|bin| bin.published.map(|(low, high)| (x.at(bin.knee_deg), y.at(low), y.at(high))))
        .collect();
    if edges.len() > 1 {
        svg.band(&edges, colour::MUTED, 0.14);
        svg.polyline(edges.iter().map(|(x, low, _)| (*x, *low)), stroke(colour::MUTED, 1.0));
        svg.polyline(edges.iter().map(|(x, _, high)| (*x, *high)), stroke(colour::MUTED, 1.0));
    }
}

/// An interval with its ring, or a flat foot with an open arrow for a one-sided result.
fn mark(
    svg: &mut Svg,
    balance: &Balance,
    place: impl Fn(f64) -> (f64, f64),
    horizontal: bool,
    whisker: bool,
) {
    let ink = balance.ink;
    let across = |(x, y): (f64, f64), by: f64| if horizontal { (x, y + by) } else { (x + by, y) };
    let along = |(x, y): (f64, f64), by: f64| if horizontal { (x + by, y) } else { (x, y - by) };
    if balance.bound != Bound::None {
        let open = if balance.bound == Bound::AtLeast { 1.0 } else { -1.0 };
        let Some(edge) = balance.interval.map(|(low, high)| if open > 0.0 { low } else { high }) else {
            return;
        };
        let foot = place(edge.clamp(-LIMIT, LIMIT));
        // Near the end of the scale the arrow is shorter, so that it stays in the plot.
        let room = place(open * LIMIT);
        let length = ARROW.min((room.0 - foot.0).abs() + (room.1 - foot.1).abs() - 2.0);
        if length < BARB {
            return svg.line(across(foot, -9.0), across(foot, 9.0), stroke(ink, 3.0));
        }
        let tip = along(foot, open * length);
        svg.line(across(foot, -9.0), across(foot, 9.0), stroke(ink, 3.0));
        svg.line(foot, tip, stroke(ink, 2.0));
        let barb = along(tip, -open * BARB);
        svg.line(tip, across(barb, -6.0), stroke(ink, 2.0));
        svg.line(tip, across(barb, 6.0), stroke(ink, 2.0));
        return;
    }
    let mut narrow = false;
    if let (Some((low, high)), true) = (balance.interval, whisker) {
        let (from, to) = (place(low.clamp(-LIMIT, LIMIT)), place(high.clamp(-LIMIT, LIMIT)));
        narrow = (from.0 - to.0).abs() + (from.1 - to.1).abs() < NARROW;
        svg.line(from, to, stroke(ink, 3.0));
        svg.line(across(from, -7.0), across(from, 7.0), stroke(ink, 2.0));
        svg.line(across(to, -7.0), across(to, 7.0), stroke(ink, 2.0));
    }
    let Some(d) = balance.dominance else { return };
    if narrow {
        svg.circle(place(d.clamp(-LIMIT, LIMIT)), 3.0, ink, stroke(ink, 1.0));
    } else {
        svg.circle(place(d.clamp(-LIMIT, LIMIT)), 6.0, colour::PLOT, stroke(ink, 3.0));
    }
}
