//! The three tiles of one effort: a number, and a strip with this one, the others, the median and the best.
//!
//! Not for what is measured: [`super::model`].

use super::canvas::{Canvas, size};
use super::model::{CoachLeg, Measure};
use crate::text::coach as text;
use egui::Align2;

/// Left ends, top, width and height.
const LEFT: [f32; 3] = [24.0, 371.0, 718.0];
const TOP: f32 = 520.0;
const WIDTH: f32 = 330.0;
const HEIGHT: f32 = 250.0;
/// From this many efforts on the dots are small.
const MANY: usize = 12;

/// Draws the header and the tiles of effort `at`; `other` is the other leg, for comparison.
pub fn show(canvas: &Canvas<'_>, leg: &CoachLeg, at: usize, other: Option<&CoachLeg>) {
    let theme = canvas.theme;
    let which = text::which(leg.effort, at, leg.cards.len());
    canvas.text(30.0, 493.0, Align2::LEFT_CENTER, &which, size::LABEL, theme.muted);
    let right = 1048.0;
    canvas.text(right, 493.0, Align2::RIGHT_CENTER, text::THIS_ONE, size::NOTE, theme.muted);
    canvas.dot(right - canvas.width(text::THIS_ONE, size::NOTE) - 17.0, 494.0, 9.0, theme.muted, false);
    for tile in 0..LEFT.len() {
        one(canvas, leg, at, tile, other.filter(|other| other.measures == leg.measures));
    }
}

fn one(canvas: &Canvas<'_>, leg: &CoachLeg, at: usize, tile: usize, other: Option<&CoachLeg>) {
    let theme = canvas.theme;
    let x = LEFT[tile];
    canvas.tile(x, TOP, WIDTH, HEIGHT);
    let measure = leg.measures[tile];
    let left = x + 22.0;
    let title = text::measure(measure);
    canvas.fitted((left, 550.0), Align2::LEFT_CENTER, title, size::LABEL, theme.muted, WIDTH - 40.0);
    let card = &leg.cards[at];
    let shown = if measure == Measure::Count {
        Some(leg.cards.len() as f64)
    } else {
        card.values[tile].map(|value| measure.shown(value))
    };
    let (number, unit) = text::value(measure, shown);
    let room = WIDTH - 44.0 - if unit.is_empty() { 0.0 } else { canvas.width(unit, 48.0) + 14.0 };
    let number_size = canvas.fitting(&number, size::NUMBER, room);
    let end = canvas.heavy(left, 627.0, &number, number_size, theme.text);
    let unit_end = if unit.is_empty() {
        end
    } else {
        canvas.text(end + 14.0, 627.0 + 0.24 * size::NUMBER, Align2::LEFT_CENTER, unit, 48.0, theme.text)
    };
    let other_median = other.and_then(|other| other.median(tile));
    if let (Some(other), Some(median)) = (other, other_median.filter(|_| shown.is_some())) {
        let words = text::short_leg(other.side, &text::value(measure, Some(median)).0);
        let title_end = left + canvas.width(title, size::LABEL);
        let right = x + WIDTH - 18.0;
        let begins = right - canvas.width(&words, size::NOTE);
        // Beside the title, else beside the number, where it is free.
        let y = match (begins > title_end + 12.0, begins > unit_end + 10.0) {
            (true, _) => 552.0,
            (false, true) => 600.0,
            (false, false) => return strip_or_reason(canvas, leg, at, tile, other_median),
        };
        canvas.text(right, y, Align2::RIGHT_CENTER, &words, size::NOTE, theme.side(other.side));
    }
    strip_or_reason(canvas, leg, at, tile, other_median);
}

fn strip_or_reason(canvas: &Canvas<'_>, leg: &CoachLeg, at: usize, tile: usize, other: Option<f64>) {
    let theme = canvas.theme;
    let x = LEFT[tile];
    let card = &leg.cards[at];
    let reason = &card.reasons[tile];
    if card.values[tile].is_none() && leg.measures[tile] != Measure::Count {
        canvas.wrapped((x + 22.0, 692.0), reason, size::NOTE, theme.text, WIDTH - 40.0, 2);
        return;
    }
    if leg.measures[tile] == Measure::Count {
        canvas.fitted(
            (x + WIDTH / 2.0, 744.0),
            Align2::CENTER_CENTER,
            reason,
            size::NOTE,
            theme.muted,
            WIDTH - 30.0,
        );
        return;
    }
    strip(canvas, leg, at, tile, other);
    let best = text::best(leg, tile);
    canvas.fitted(
        (x + WIDTH / 2.0, 744.0),
        Align2::CENTER_CENTER,
        &best,
        size::NOTE,
        theme.muted,
        WIDTH - 30.0,
    );
}

/// Where values stand on the strip: half of the span free at each side, never less than the least span.
fn span(values: impl Iterator<Item = f64>, least: f64) -> Option<(f64, f64)> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if !(low.is_finite() && high.is_finite()) {
        return None;
    }
    let half = (0.75 * (high - low)).max(least / 2.0);
    let middle = (low + high) / 2.0;
    Some((middle - half, middle + half))
}

fn strip(canvas: &Canvas<'_>, leg: &CoachLeg, at: usize, tile: usize, other: Option<f64>) {
    let theme = canvas.theme;
    let (from, to, y) = (LEFT[tile] + 30.0, LEFT[tile] + WIDTH - 30.0, 706.0);
    let values = leg.set(tile).map(|(_, value)| value).chain(other);
    let Some((low, high)) = span(values, leg.measures[tile].least_span()) else { return };
    let x = |value: f64| from + ((value - low) / (high - low)) as f32 * (to - from);
    canvas.line((from, y), (to, y), 3.0, theme.muted);
    if let Some(other) = other {
        canvas.fill(x(other) - 3.0, y - 18.0, 6.0, 36.0, theme.side(leg.side.map(surae_trial::Side::other)));
    }
    if let Some(median) = leg.median(tile) {
        canvas.fill(x(median) - 2.5, y - 17.0, 5.0, 34.0, theme.text);
    }
    let radius = if leg.cards.len() > MANY { 7.0 } else { 11.0 };
    for (_, value) in leg.set(tile).filter(|(place, _)| *place != at) {
        canvas.dot(x(value), y, radius, theme.muted, true);
    }
    if let Some((_, value)) = leg.set(tile).find(|(place, _)| *place == at) {
        canvas.dot(x(value), y, 11.0, theme.text, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_ms_do_not_fill_the_strip() {
        assert_eq!(span([256.0, 258.0].into_iter(), 50.0), Some((232.0, 282.0)));
        assert_eq!(span([200.0, 300.0].into_iter(), 50.0), Some((175.0, 325.0)));
        assert_eq!(span(std::iter::empty(), 50.0), None);
    }
}
