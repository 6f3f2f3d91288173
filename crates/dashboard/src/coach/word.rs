//! Relative activity in one word with its bar, and the tile with the two shares.
//!
//! The bar is D from -0.9 to 0.9: soleus to the left, gastrocnemius to the right, balanced between.

use super::canvas::{Canvas, size};
use super::model::{CoachCard, Effort, Word};
use crate::model::Bound;
use crate::text::{self as words, coach as text};
use crate::theme::mix;
use egui::Align2;

/// The tile: left, top, width, height.
const TILE: (f32, f32, f32, f32) = (24.0, 786.0, 1024.0, 136.0);
/// The bar: left, width, top, height.
const BAR: (f32, f32, f32, f32) = (500.0, 522.0, 846.0, 46.0);
/// D at the ends of the bar: beyond is not resolvable.
const END: f32 = 0.9;
/// Half of the balanced zone.
const BALANCED: f32 = 0.2;
/// The tile with two numbers: left, top, width, height.
const SHARES: (f32, f32, f32, f32) = (1072.0, 750.0, 504.0, 172.0);

/// Place of a D on a bar.
pub fn x_of(dominance: f32, left: f32, width: f32) -> f32 {
    left + (dominance.clamp(-END, END) + END) / (2.0 * END) * width
}

/// Draws the tile of the word.
pub fn show(canvas: &Canvas<'_>, effort: Effort, word: &Word) {
    let theme = canvas.theme;
    canvas.tile(TILE.0, TILE.1, TILE.2, TILE.3);
    let left = TILE.0 + 22.0;
    let caption = text::word_caption(effort);
    canvas.fitted((left, 818.0), Align2::LEFT_CENTER, caption, size::NOTE, theme.muted, TILE.2 - 44.0);
    let has_bar = word.value.is_some() || word.interval.is_some();
    let room = if has_bar { BAR.0 - left - 28.0 } else { TILE.2 - 44.0 };
    let short = text::short(word.class);
    if word.reason.is_empty() {
        canvas.heavy(left, 874.0, short, canvas.fitting(short, size::WORD, room), theme.text);
    } else if has_bar {
        canvas.heavy(left, 858.0, short, canvas.fitting(short, 56.0, room), theme.text);
        canvas.fitted((left, 902.0), Align2::LEFT_CENTER, &word.reason, size::NOTE, theme.muted, room);
    } else {
        let right = canvas.heavy(left, 874.0, short, 64.0, theme.text);
        let place = right + 30.0;
        let room = TILE.0 + TILE.2 - 22.0 - place;
        canvas.fitted((place, 878.0), Align2::LEFT_CENTER, &word.reason, size::LABEL, theme.muted, room);
    }
    if has_bar {
        gauge(canvas, word, BAR);
    }
}

/// The bar with the band of the interval and the tick of the value.
pub fn gauge(canvas: &Canvas<'_>, word: &Word, (left, width, top, height): (f32, f32, f32, f32)) {
    let theme = canvas.theme;
    let x = |d: f32| x_of(d, left, width);
    let (low, high) = (x(-BALANCED), x(BALANCED));
    canvas.fill(left, top, low - left, height, mix(theme.plot, theme.sol, 0.25));
    canvas.fill(low, top, high - low, height, mix(theme.plot, theme.muted, 0.22));
    canvas.fill(high, top, left + width - high, height, mix(theme.plot, theme.mg, 0.25));
    if let Some((from, to)) = word.interval {
        let (from, to) = (x(from), x(to).max(x(from) + 3.0));
        canvas.fill(from, top + 8.0, to - from, height - 16.0, mix(theme.plot, theme.muted, 0.7));
        // An end that is open points on.
        let (y, size) = (top + height / 2.0, 22.0);
        match word.bound {
            Bound::AtLeast => canvas.pointer(to, y, size, false, theme.text),
            Bound::AtMost => canvas.pointer(from, y, size, true, theme.text),
            Bound::None => {}
        }
    }
    let y = top + height / 2.0;
    let (at_left, at_right) = (left + 18.0, left + width - 18.0);
    let label = 32.0;
    // Names stand where the band does not.
    let band = word.interval.map_or((f32::MAX, f32::MIN), |(from, to)| (x(from), x(to)));
    let tick = word.value.map_or(f32::NAN, x);
    let is_free = |from: f32, to: f32| (band.1 < from || band.0 > to) && !(from..=to).contains(&tick);
    let right_of_soleus = at_left + 34.0 + canvas.width(text::SOLEUS, label);
    if is_free(left, right_of_soleus + 6.0) {
        canvas.pointer(at_left, y, 24.0, true, theme.text);
        canvas.text(at_left + 34.0, y, Align2::LEFT_CENTER, text::SOLEUS, label, theme.text);
    }
    let left_of_gastroc = at_right - 34.0 - canvas.width(text::GASTROC, label);
    if is_free(left_of_gastroc - 6.0, left + width) {
        canvas.pointer(at_right, y, 24.0, false, theme.text);
        canvas.text(at_right - 34.0, y, Align2::RIGHT_CENTER, text::GASTROC, label, theme.text);
    }
    if tick.is_finite() {
        canvas.fill(tick - 5.0, top - 8.0, 10.0, height + 16.0, theme.text);
    }
}

/// Draws the tile with two numbers.
pub fn shares(canvas: &Canvas<'_>, effort: Effort, card: &CoachCard) {
    let theme = canvas.theme;
    canvas.tile(SHARES.0, SHARES.1, SHARES.2, SHARES.3);
    let (title, names) = text::shares(effort);
    let left = SHARES.0 + 22.0;
    let title_size = canvas.fitting(title, size::LABEL, SHARES.2 - 44.0);
    canvas.text(left, 782.0, Align2::LEFT_CENTER, title, title_size, theme.muted);
    let columns = [(left, theme.mg), (left + 260.0, theme.sol)];
    for ((x, color), (share, name)) in columns.into_iter().zip(card.shares.into_iter().zip(names)) {
        let value = words::percent(share.map(|share| share as f32));
        canvas.heavy(x, 842.0, &value, size::WORD, color);
        canvas.fitted((x, 898.0), Align2::LEFT_CENTER, name, size::NOTE, color, 220.0);
    }
}
