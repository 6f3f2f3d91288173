//! Curves over the gait cycle: one lane per muscle and the knee, on one axis of percent.

use super::scale::{Scale, round_top, tick_text};
use super::svg::{Anchor, Stroke, Svg, stroke};
use super::{Area, Lane, LegPage, colour, title};

const LEFT: f64 = 96.0;
const GAP: f64 = 12.0;

/// Draws the block.
pub fn draw(svg: &mut Svg, page: &LegPage, area: Area) {
    let count = match page.strides {
        0 => String::new(),
        1 => "one stride: no SD".to_owned(),
        2 => "mean of 2 strides: no SD band below 3".to_owned(),
        n => format!("mean of {n} strides, band = \u{b1}1 SD"),
    };
    title(svg, area, "Over the gait cycle", &count);
    if let Some(why) = &page.no_cycles {
        super::remark(svg, area, why);
        return;
    }
    let (top, bottom) = (area.y + 18.0, area.y + area.height - 36.0);
    let height = (bottom - top - GAP * (page.lanes.len().max(1) - 1) as f64) / page.lanes.len().max(1) as f64;
    let x = Scale::new(0.0, 100.0, area.x + LEFT, area.x + area.width);
    for (k, lane) in page.lanes.iter().enumerate() {
        let y = top + (height + GAP) * k as f64;
        lane_plot(svg, lane, page, x, Area { x: area.x, y, width: area.width, height });
    }
    for percent in (0..=100).step_by(10) {
        let at = x.at(f64::from(percent));
        svg.text((at, bottom + 17.0), 11.0, Anchor::Middle, colour::MUTED, &percent.to_string());
    }
    svg.text(
        (x.at(50.0), bottom + 34.0),
        12.0,
        Anchor::Middle,
        colour::MUTED,
        "gait cycle, % from foot contact to the next contact of the same foot",
    );
    if let Some((mean, sd)) = page.foot_off_percent {
        let at = x.at(mean);
        let dashed = Stroke { colour: colour::TEXT, width: 1.2, dash: "5 4" };
        svg.line((at, top), (at, bottom), dashed);
        let spread = if page.strides >= 3 { format!(" \u{b1} {sd:.1}") } else { String::new() };
        let text = format!("foot off {mean:.1}{spread} %");
        svg.text((at + 6.0, top + 14.0), 11.0, Anchor::Start, colour::TEXT, &text);
    }
}

fn lane_plot(svg: &mut Svg, lane: &Lane, page: &LegPage, x: Scale, area: Area) {
    let (left, right) = (x.at(0.0), x.at(100.0));
    let (low, high, step) = limits(lane);
    let y = Scale::new(low, high, area.y + area.height, area.y);
    svg.rect(left, area.y, right - left, area.height, "#FFFFFF");
    if let Some((foot_off, _)) = page.foot_off_percent {
        svg.rect(left, area.y, x.at(foot_off) - left, area.height, colour::SHADE);
    }
    for percent in (10..100).step_by(10) {
        let at = x.at(f64::from(percent));
        svg.line((at, area.y), (at, area.y + area.height), stroke(colour::GRID, 1.0));
    }
    let mut tick = low;
    while tick <= high + step * 0.01 {
        let at = y.at(tick);
        svg.line((left, at), (right, at), stroke(colour::GRID, 1.0));
        svg.text((left - 7.0, at + 4.0), 11.0, Anchor::End, colour::MUTED, &tick_text(tick, step));
        tick += step;
    }
    if lane.sd.len() == lane.mean.len() && page.strides >= 3 {
        let band: Vec<(f64, f64, f64)> = lane
            .mean
            .iter()
            .zip(&lane.sd)
            .enumerate()
            .map(|(k, (mean, sd))| (x.at(k as f64), y.at((mean - sd).max(low)), y.at((mean + sd).min(high))))
            .collect();
        svg.band(&band, lane.colour, 0.18);
    }
    let points = lane.mean.iter().enumerate().map(|(k, mean)| (x.at(k as f64), y.at(*mean)));
    svg.polyline(points, stroke(lane.colour, 2.2));
    svg.frame(left, area.y, right - left, area.height, colour::FRAME);
    let middle = area.y + area.height / 2.0;
    svg.text((area.x, middle), 19.0, Anchor::Start, lane.colour, &lane.name);
    svg.text((area.x, middle + 17.0), 11.0, Anchor::Start, colour::MUTED, &lane.unit);
    if let Some(peak) = &lane.peak {
        let at = (right - 8.0, area.y + 15.0);
        svg.text(at, 11.0, Anchor::End, lane.colour, peak);
    }
}

/// Lower and upper end of the axis and the tick step: round, holding mean and SD.
fn limits(lane: &Lane) -> (f64, f64, f64) {
    let spread = |k: usize| lane.sd.get(k).copied().filter(|sd| sd.is_finite()).unwrap_or(0.0);
    let mut highest = f64::NEG_INFINITY;
    let mut lowest = f64::INFINITY;
    for (k, mean) in lane.mean.iter().enumerate().filter(|(_, mean)| mean.is_finite()) {
        highest = highest.max(mean + spread(k));
        lowest = lowest.min(mean - spread(k));
    }
    if !highest.is_finite() {
        return (0.0, 1.0, 0.5);
    }
    let (top, step) = round_top(if lane.signed { highest.abs().max(lowest.abs()) } else { highest });
    let low = if lane.signed && lowest < 0.0 { (lowest / step).floor() * step } else { 0.0 };
    let high = if lane.signed { ((highest / step).ceil() * step).max(low + step) } else { top };
    (low, high, step)
}
