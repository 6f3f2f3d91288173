//! Who was first: one ring per contact, the median and its interval on an axis of milliseconds; one row a trial.

use super::Area;
use super::colour;
use super::scale::{Scale, round_top, tick_text};
use super::svg::{Anchor, Svg, stroke};

/// Leads in ms, positive when gastrocnemius is first.
#[derive(Clone, Debug, Default)]
pub struct Lead {
    /// One a contact.
    pub contacts_ms: Vec<f64>,
    /// Median.
    pub median_ms: f64,
    /// 90 % interval of it.
    pub interval_ms: (f64, f64),
}

/// Top of the first row.
const TOP: f64 = 26.0;
/// Height of a row, and what a label adds.
const ROW: f64 = 36.0;
const LABEL: f64 = 16.0;

fn row_height(label: &str) -> f64 {
    if label.is_empty() { ROW } else { ROW + LABEL }
}

/// Height of the drawing of these rows.
pub fn height(rows: &[(String, Lead)]) -> f64 {
    TOP + rows.iter().map(|(label, _)| row_height(label)).sum::<f64>() + 36.0
}

/// Draws the rows on one scale.
pub fn draw(svg: &mut Svg, rows: &[(String, Lead)], area: Area) {
    let (left, right) = (area.x + 20.0, area.x + area.width - 8.0);
    let values = rows.iter().flat_map(|(_, lead)| {
        lead.contacts_ms.iter().copied().chain([lead.median_ms, lead.interval_ms.0, lead.interval_ms.1])
    });
    let (top, step) = round_top(values.map(f64::abs).filter(|ms| ms.is_finite()).fold(20.0, f64::max));
    let x = Scale::new(-top, top, left, right);
    let bottom = height(rows) - 36.0;
    svg.polygon(&[(left - 8.0, 12.0), (left, 8.0), (left, 16.0)], colour::SOL);
    svg.text((left + 6.0, 16.0), 12.0, Anchor::Start, colour::SOL, "soleus first");
    svg.polygon(&[(right + 8.0, 12.0), (right, 8.0), (right, 16.0)], colour::MG);
    svg.text((right - 6.0, 16.0), 12.0, Anchor::End, colour::MG, "gastrocnemius first");
    let ticks = (top / step).round() as i64;
    for tick in (-ticks..=ticks).map(|k| k as f64 * step) {
        svg.line((x.at(tick), TOP), (x.at(tick), bottom), stroke(colour::GRID, 1.0));
        svg.text((x.at(tick), bottom + 15.0), 11.0, Anchor::Middle, colour::MUTED, &tick_text(tick, step));
    }
    svg.line((x.at(0.0), TOP - 2.0), (x.at(0.0), bottom), stroke(colour::TEXT, 1.2));
    svg.line((left, bottom), (right, bottom), stroke(colour::FRAME, 1.0));
    let axis = ((left + right) / 2.0, bottom + 31.0);
    svg.text(axis, 12.0, Anchor::Middle, colour::MUTED, "gastrocnemius lead, ms");
    let mut y = TOP;
    for (label, lead) in rows {
        let used = row_height(label) - ROW;
        svg.text((left, y + 13.0), 12.0, Anchor::Start, colour::TEXT, label);
        row(svg, lead, x, y + used);
        y += row_height(label);
    }
}

fn row(svg: &mut Svg, lead: &Lead, x: Scale, y: f64) {
    let ink = if lead.interval_ms.0 > 0.0 {
        colour::MG
    } else if lead.interval_ms.1 < 0.0 {
        colour::SOL
    } else {
        colour::TEXT
    };
    let (from, to, middle) = (x.at(lead.interval_ms.0), x.at(lead.interval_ms.1), y + 24.0);
    svg.line((from, middle), (to, middle), stroke(ink, 4.0));
    svg.line((from, middle - 6.0), (from, middle + 6.0), stroke(ink, 2.0));
    svg.line((to, middle - 6.0), (to, middle + 6.0), stroke(ink, 2.0));
    svg.line((x.at(lead.median_ms), middle - 8.0), (x.at(lead.median_ms), middle + 8.0), stroke(ink, 4.0));
    for contact in lead.contacts_ms.iter().filter(|ms| ms.is_finite()) {
        svg.circle((x.at(*contact), y + 8.0), 4.0, colour::PLOT, stroke(colour::TEXT, 1.6));
    }
}
