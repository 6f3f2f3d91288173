//! The answer in big type and the lead bar under it: who was active first, by how much, and how sure that is.
//!
//! Not for single efforts: those are in the tiles.

use super::canvas::{Canvas, size};
use super::model::{CoachLeg, Effort};
use super::word;
use crate::text::coach as text;
use crate::theme::mix;
use egui::{Align2, Stroke};

/// Left and right end of the column.
const COLUMN: (f32, f32) = (30.0, 1048.0);
/// The lead bar: left, width, top, height.
const BAR: (f32, f32, f32, f32) = (60.0, 960.0, 324.0, 64.0);
/// Half scales of the lead bar in ms.
const LIMITS_MS: [f64; 6] = [40.0, 80.0, 150.0, 300.0, 600.0, 1200.0];
/// Part of a half bar that the interval may fill, so that its ends find room beside it.
const ROOM: f64 = 0.72;
/// The same where both ends stand on one side, beyond the interval.
const ROOM_BESIDE: f64 = 0.48;

/// Draws question, answer and lead bar. `at` is the effort that is shown.
pub fn show(canvas: &Canvas<'_>, leg: &CoachLeg, at: Option<usize>) {
    let theme = canvas.theme;
    let n = match (leg.effort, leg.shown_lead()) {
        (Effort::HeelRaise, _) | (_, None) => leg.cards.len(),
        (_, Some(lead)) => lead.n,
    };
    let count = if leg.cards.is_empty() { String::new() } else { text::count(leg.effort, n) };
    let right = COLUMN.1 - canvas.width(&count, size::LABEL);
    let room = right - COLUMN.0 - 16.0;
    canvas.fitted(
        (COLUMN.0, 92.0),
        Align2::LEFT_CENTER,
        &text::question(leg),
        size::LABEL,
        theme.muted,
        room,
    );
    canvas.text(COLUMN.1, 92.0, Align2::RIGHT_CENTER, &count, size::LABEL, theme.muted);
    headline(canvas, leg);
    match (leg.effort, leg.shown_lead()) {
        (Effort::HeelRaise, _) if !leg.is_bad() => raises(canvas, leg, at),
        (_, Some(_)) => lead_bar(canvas, leg, at),
        _ => no_bar(canvas, leg),
    }
}

fn headline(canvas: &Canvas<'_>, leg: &CoachLeg) {
    let (words, number) = text::headline(leg);
    let color = if leg.is_bad() { canvas.theme.bad } else { canvas.theme.text };
    let room = COLUMN.1 - COLUMN.0;
    if number.is_empty() {
        let size = canvas.fitting(&words, size::HEADLINE, room);
        canvas.heavy(COLUMN.0, 192.0, &words, size, color);
        return;
    }
    // Words and number share one line: both shrink alike where they do not fit.
    let gap = 34.0;
    let wide = canvas.width(&words, size::HEADLINE) + gap + canvas.width(&number, size::WORD);
    let share = (room / wide).min(1.0);
    let right = canvas.heavy(COLUMN.0, 192.0, &words, size::HEADLINE * share, color);
    let baseline = 192.0 + 0.37 * (size::HEADLINE - size::WORD) * share;
    canvas.heavy(right + gap * share, baseline, &number, size::WORD * share, color);
}

/// The smallest scale on which everything finds its place.
fn limit_ms(leg: &CoachLeg, interval_ms: [f64; 2]) -> f64 {
    let dots = leg.cards.iter().filter_map(|card| card.lead_ms).map(f64::abs).fold(0.0, f64::max);
    let ends = interval_ms.map(f64::abs).into_iter().fold(0.0, f64::max);
    let is_one_sided = interval_ms[0] * interval_ms[1] > 0.0;
    let wanted = (ends / if is_one_sided { ROOM_BESIDE } else { ROOM }).max(dots);
    LIMITS_MS.into_iter().find(|limit| *limit >= wanted).unwrap_or(wanted.ceil())
}

fn lead_bar(canvas: &Canvas<'_>, leg: &CoachLeg, at: Option<usize>) {
    let Some(lead) = leg.shown_lead() else { return };
    let theme = canvas.theme;
    let (left, width, top, height) = BAR;
    let middle = left + width / 2.0;
    let limit = limit_ms(leg, lead.interval_ms);
    let x = |ms: f64| middle + (ms / limit).clamp(-1.0, 1.0) as f32 * width / 2.0;
    canvas.fill(left, top, width / 2.0, height, mix(theme.plot, theme.sol, 0.15));
    canvas.fill(middle, top, width / 2.0, height, mix(theme.plot, theme.mg, 0.15));
    let [low, high] = lead.interval_ms.map(x);
    canvas.fill(low, top + 10.0, high - low, height - 20.0, mix(theme.plot, theme.muted, 0.8));
    let zero = [canvas.at(middle, top - 14.0), canvas.at(middle, top + height + 12.0)];
    let dashes = egui::Shape::dashed_line(
        &zero,
        Stroke::new((4.0 * canvas.scale).max(1.0), theme.text),
        10.0 * canvas.scale,
        6.0 * canvas.scale,
    );
    canvas.painter.extend(dashes);
    canvas.fill(x(lead.median_ms) - 5.0, top - 4.0, 10.0, height + 8.0, theme.text);
    let y = top + height / 2.0;
    let end = |ms, has_unit| text::lead_end(ms, has_unit);
    let ends = [end(lead.interval_ms[0], false), end(lead.interval_ms[1], true)];
    // Beside a clear lead both ends stand away from zero, so that its line stays free.
    match lead.first() {
        None => {
            canvas.text(low - 16.0, y, Align2::RIGHT_CENTER, &ends[0], 40.0, theme.text);
            canvas.text(high + 16.0, y, Align2::LEFT_CENTER, &ends[1], 40.0, theme.text);
        }
        Some(true) => {
            canvas.text(high + 16.0, y, Align2::LEFT_CENTER, &ends.join(" … "), 36.0, theme.text);
        }
        Some(false) => {
            canvas.text(low - 16.0, y, Align2::RIGHT_CENTER, &ends.join(" … "), 36.0, theme.text);
        }
    }
    for (place, card) in leg.cards.iter().enumerate() {
        if let Some(ms) = card.lead_ms.filter(|_| Some(place) != at) {
            canvas.dot(x(ms), top - 18.0, 11.0, theme.muted, true);
        }
    }
    if let Some(ms) = at.and_then(|at| leg.cards.get(at)?.lead_ms) {
        canvas.dot(x(ms), top - 18.0, 11.0, theme.text, false);
    }
    let y = 426.0;
    canvas.pointer(70.0, y, 30.0, true, theme.sol);
    canvas.text(120.0, y, Align2::LEFT_CENTER, text::SOLEUS_FIRST, 39.0, theme.sol);
    canvas.text(middle, y, Align2::CENTER_CENTER, &text::lead_scale(limit), size::NOTE, theme.muted);
    canvas.pointer(1010.0, y, 30.0, false, theme.mg);
    canvas.text(960.0, y, Align2::RIGHT_CENTER, text::GASTROCNEMIUS_FIRST, 39.0, theme.mg);
}

/// Heel raises have no lead: the word of the set with a dot for each raise.
fn raises(canvas: &Canvas<'_>, leg: &CoachLeg, at: Option<usize>) {
    let Some(set) = &leg.set_word else { return no_bar(canvas, leg) };
    let (left, width, top, height) = BAR;
    word::gauge(canvas, set, (left, width, top, height));
    for (place, card) in leg.cards.iter().enumerate() {
        let Some(value) = card.word.value else { continue };
        let x = word::x_of(value, left, width);
        let is_this = Some(place) == at;
        let color = if is_this { canvas.theme.text } else { canvas.theme.muted };
        canvas.dot(x, top - 24.0, 11.0, color, !is_this);
    }
    if !set.reason.is_empty() {
        let (theme, room) = (canvas.theme, COLUMN.1 - left);
        canvas.fitted((left, 426.0), Align2::LEFT_CENTER, &set.reason, size::LABEL, theme.text, room);
    }
}

/// What stands where there is no bar: the reason.
fn no_bar(canvas: &Canvas<'_>, leg: &CoachLeg) {
    let room = COLUMN.1 - COLUMN.0;
    let reason = if leg.is_bad() { text::BAD_ADVICE } else { &leg.no_lead };
    canvas.wrapped((COLUMN.0, 320.0), reason, size::LABEL, canvas.theme.text, room, 2);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coach::model::CoachCard;

    #[test]
    fn the_scale_grows_in_steps_and_holds_everything() {
        let leg = |leads: &[f64]| CoachLeg {
            cards: leads.iter().map(|ms| CoachCard { lead_ms: Some(*ms), ..CoachCard::default() }).collect(),
            ..CoachLeg::default()
        };
        assert_eq!(limit_ms(&leg(&[-3.0, 2.0, -9.0]), [-13.0, 8.0]), 40.0);
        assert_eq!(limit_ms(&leg(&[-3.0]), [-35.0, 8.0]), 80.0);
        assert_eq!(limit_ms(&leg(&[70.0]), [-5.0, 8.0]), 80.0);
        assert_eq!(limit_ms(&leg(&[40.0]), [30.0, 54.0]), 150.0);
        assert!(limit_ms(&leg(&[5000.0]), [-5.0, 8.0]) >= 5000.0);
    }
}
