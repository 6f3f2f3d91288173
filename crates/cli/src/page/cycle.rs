//! Curves over the gait cycle, or over the trial where it has no cycle: one lane per muscle and the knee.

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
    let (heading, remark) = match &page.no_cycles {
        None => ("Over the gait cycle", count),
        Some(why) => ("Over the trial", why.clone()),
    };
    title(svg, area, heading, &remark);
    plot(svg, page, area, LEFT);
}

/// Lanes and axis, with the names of the lanes in a margin of `margin` px, or within the lanes when it is too small for them.
pub fn plot(svg: &mut Svg, page: &LegPage, area: Area, margin: f64) {
    let (top, bottom) = (area.y + 18.0, area.y + area.height - 36.0);
    let height = (bottom - top - GAP * (page.lanes.len().max(1) - 1) as f64) / page.lanes.len().max(1) as f64;
    let (left, right) = (area.x + margin, area.x + area.width);
    let axis = Axis::of(page, left, right);
    for (k, lane) in page.lanes.iter().enumerate() {
        let y = top + (height + GAP) * k as f64;
        lane_plot(svg, lane, page, &axis, Area { x: area.x, y, width: area.width, height });
    }
    for tick in axis.ticks() {
        let at = (axis.x.at(tick), bottom + 17.0);
        svg.text(at, 11.0, Anchor::Middle, colour::MUTED, &tick_text(tick, axis.step));
    }
    let text = if margin < LEFT { axis.short } else { axis.text };
    svg.text(((left + right) / 2.0, bottom + 34.0), 12.0, Anchor::Middle, colour::MUTED, text);
    if let Some((mean, sd)) = page.foot_off_percent {
        let at = axis.x.at(mean);
        let dashed = Stroke { colour: colour::TEXT, width: 1.2, dash: "5 4" };
        svg.line((at, top), (at, bottom), dashed);
        let spread = if page.strides >= 3 { format!(" \u{b1} {sd:.1}") } else { String::new() };
        let text = format!("foot off {mean:.1}{spread} %");
        // Over the lanes, where nothing else is written.
        let side = if at > (left + right) / 2.0 { (Anchor::End, 0.0) } else { (Anchor::Start, 0.0) };
        let place = if margin < LEFT { (at + side.1, top - 5.0) } else { (at + 6.0, top + 14.0) };
        let anchor = if margin < LEFT { side.0 } else { Anchor::Start };
        svg.text(place, 11.0, anchor, colour::TEXT, &text);
    }
}

/// The axis that all lanes share: percent of the cycle, or time.
struct Axis {
    x: Scale,
    span: (f64, f64),
    step: f64,
    text: &'static str,
    short: &'static str,
    shades: Vec<(f64, f64)>,
}

impl Axis {
    fn of(page: &LegPage, left: f64, right: f64) -> Self {
        if page.no_cycles.is_none() {
            return Self {
                x: Scale::new(0.0, 100.0, left, right),
                span: (0.0, 100.0),
                step: 10.0,
                text: "gait cycle, % from foot contact to the next contact of the same foot",
                short: "gait cycle, %",
                shades: page.foot_off_percent.map(|(mean, _)| (0.0, mean)).into_iter().collect(),
            };
        }
        Self {
            x: Scale::new(page.time_s.0, page.time_s.1, left, right),
            span: page.time_s,
            step: round_top((page.time_s.1 - page.time_s.0) / 2.0).1,
            text: "time from the start of the trial, s (shaded: foot on the ground)",
            short: "time from the start of the trial, s",
            shades: page.contacts_s.clone(),
        }
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        let step = self.step;
        let first = (self.span.0 / step).ceil() as i64;
        let last = (self.span.1 / step).floor() as i64;
        (first..=last).map(move |k| k as f64 * step)
    }

    /// Place of point `k` of `n` that are spread evenly over the axis.
    fn place(&self, k: usize, n: usize) -> f64 {
        let share = k as f64 / (n.max(2) - 1) as f64;
        self.x.at(self.span.0 + share * (self.span.1 - self.span.0))
    }
}

fn lane_plot(svg: &mut Svg, lane: &Lane, page: &LegPage, axis: &Axis, area: Area) {
    let (left, right) = (axis.x.at(axis.span.0), axis.x.at(axis.span.1));
    let n = lane.mean.len();
    let (low, high, step) = limits(lane);
    let y = Scale::new(low, high, area.y + area.height, area.y);
    svg.rect(left, area.y, right - left, area.height, colour::PLOT);
    for (from, to) in &axis.shades {
        let from = axis.x.at(from.max(axis.span.0));
        svg.rect(from, area.y, axis.x.at(to.min(axis.span.1)) - from, area.height, colour::SHADE);
    }
    for tick in axis.ticks() {
        let at = axis.x.at(tick);
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
            .map(|(k, (mean, sd))| {
                (axis.place(k, n), y.at((mean - sd).max(low)), y.at((mean + sd).min(high)))
            })
            .collect();
        svg.band(&band, lane.colour, 0.18);
    }
    let points = lane.mean.iter().enumerate().map(|(k, mean)| (axis.place(k, n), y.at(*mean)));
    svg.polyline(points, stroke(lane.colour, 2.2));
    for (other, dash) in &lane.others {
        let points = other.iter().enumerate().map(|(k, value)| (axis.place(k, other.len()), y.at(*value)));
        svg.polyline(points, Stroke { colour: lane.colour, width: 1.8, dash });
    }
    svg.frame(left, area.y, right - left, area.height, colour::FRAME);
    let middle = area.y + area.height / 2.0;
    if left - area.x >= LEFT {
        svg.text((area.x, middle), 19.0, Anchor::Start, lane.colour, &lane.name);
        svg.text((area.x, middle + 17.0), 11.0, Anchor::Start, colour::MUTED, &lane.unit);
    } else {
        let name = format!("{}, {}", lane.name, lane.unit).replace("Knee, flexion", "Knee flexion");
        svg.text((left + 6.0, area.y + 14.0), 12.0, Anchor::Start, lane.colour, &name);
    }
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
    for value in lane.others.iter().flat_map(|(other, _)| other).filter(|value| value.is_finite()) {
        highest = highest.max(*value);
        lowest = lowest.min(*value);
    }
    if !highest.is_finite() {
        return (0.0, 1.0, 0.5);
    }
    let (top, step) = round_top(if lane.signed { highest.abs().max(lowest.abs()) } else { highest });
    let low = if lane.signed && lowest < 0.0 { (lowest / step).floor() * step } else { 0.0 };
    let high = if lane.signed { ((highest / step).ceil() * step).max(low + step) } else { top };
    (low, high, step)
}
