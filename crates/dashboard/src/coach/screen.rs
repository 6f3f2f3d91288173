//! The Coach view below its top bar, put together from its painters, with what can be clicked.
//!
//! Draws a [`CoachModel`] and says what is asked for; it knows no session and no review.

use super::canvas::{self, Canvas, size};
use super::model::{CoachCard, CoachLeg, CoachModel, FIRM};
use super::state::{Ask, CoachState};
use super::{answer, clock, tiles, word};
use crate::model::Grade;
use crate::paint;
use crate::text::{self as words, coach as text};
use crate::theme::{self, Theme, text_font};
use egui::{
    Align2, Color32, CornerRadius, Id, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use surae_trial::Side;

/// From this scale on the keys stand at the foot.
const HINTS_FROM: f32 = 0.8;
/// Top of the footer in the design.
const FOOT: f32 = 938.0;

/// Panels of the design, for pictures of one: the answer, three tiles, the word, the clock, what was active before contact.
const PANELS: [[f32; 4]; 7] = [
    [8.0, 60.0, 1050.0, 410.0],
    [24.0, 520.0, 330.0, 250.0],
    [371.0, 520.0, 330.0, 250.0],
    [718.0, 520.0, 330.0, 250.0],
    [24.0, 786.0, 1024.0, 136.0],
    [1062.0, 60.0, 530.0, 680.0],
    [1072.0, 750.0, 504.0, 172.0],
];

/// The panel at a place in the window.
#[must_use]
pub fn panel_at(window: Rect, at: egui::Pos2) -> Option<Rect> {
    PANELS.into_iter().map(|panel| canvas::placed(window, panel)).find(|panel| panel.contains(at))
}

/// Draws the view into `window`, all but its top bar, and adds what is asked for by clicks.
pub fn show(
    ui: &Ui,
    window: Rect,
    model: &CoachModel,
    state: &mut CoachState,
    now_s: f64,
    asked: &mut Vec<Ask>,
) {
    let theme = &theme::COACH;
    ui.painter().rect_filled(window, 0.0, theme.window);
    let canvas = Canvas::new(ui.painter(), theme, window);
    foot_ground(ui, &canvas, window);
    let leg = state.leg(model).and_then(|at| model.legs.get(at)).filter(|_| has_cards(model));
    let Some(leg) = leg else {
        nothing(ui, &canvas, model);
        return;
    };
    let other = model.legs.iter().find(|other| other.side != leg.side);
    let at = state.card(leg);
    answer::show(&canvas, leg, at);
    paint::named(ui, canvas.rect(24.0, 66.0, 1024.0, 390.0), text::spoken(leg));
    if let Some((at, card)) = at.and_then(|at| Some((at, leg.cards.get(at)?))) {
        tiles::show(&canvas, leg, at, other.filter(|other| !other.cards.is_empty()));
        for tile in 0..leg.measures.len() {
            let rect = canvas.rect(24.0 + 347.0 * tile as f32, 520.0, 330.0, 250.0);
            paint::named(ui, rect, spoken_tile(leg, card, tile));
        }
        word::show(&canvas, leg.effort, &card.word);
        paint::named(ui, canvas.rect(24.0, 786.0, 1024.0, 136.0), text::spoken_word(&card.word));
        word::shares(&canvas, leg.effort, card);
        turning(ui, &canvas, leg, card, state, now_s, asked);
    }
    foot(ui, &canvas, leg, other, asked);
    if state.is_flashing(now_s) {
        let stroke = Stroke::new((14.0 * canvas.scale).max(4.0), theme.text);
        ui.painter().rect_stroke(window, 0.0, stroke, StrokeKind::Inside);
    }
}

/// A blank screen.
pub fn blank(ui: &Ui, window: Rect) {
    ui.painter().rect_filled(window, 0.0, Color32::BLACK);
    paint::named(ui, window, text::BLANK);
}

fn has_cards(model: &CoachModel) -> bool {
    model.legs.iter().any(|leg| !leg.cards.is_empty())
}

fn spoken_tile(leg: &CoachLeg, card: &CoachCard, tile: usize) -> String {
    let measure = leg.measures[tile];
    let value = text::value_words(measure, card.values[tile].map(|value| measure.shown(value)));
    format!("{}: {value}; {}{}", text::measure(measure), text::best(leg, tile), card.reasons[tile])
}

/// The clock, its hand where the replay is, else at toe-off; a click starts and stops the replay.
fn turning(
    ui: &Ui,
    canvas: &Canvas<'_>,
    leg: &CoachLeg,
    card: &CoachCard,
    state: &mut CoachState,
    now_s: f64,
    asked: &mut Vec<Ask>,
) {
    let turn = &card.clock;
    let replay = state.replay_s(turn.length_s, now_s);
    let rest_s = turn.off_s.unwrap_or(turn.zero_s);
    clock::show(canvas, leg, turn, replay.unwrap_or(rest_s), replay.is_some());
    let rect = canvas.rect(1072.0, 130.0, 504.0, 528.0);
    if pressed(ui, rect, "coach clock", &text::clock_spoken(turn)) {
        asked.push(Ask::Replay);
    }
}

/// A region that acts as a button.
fn pressed(ui: &Ui, rect: Rect, id: &'static str, name: &str) -> bool {
    let response = ui.interact(rect, Id::unique(id), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if response.has_focus() {
        let stroke = Stroke::new(2.0, theme::COACH.text);
        ui.painter().rect_stroke(rect, CornerRadius::same(theme::RADIUS), stroke, StrokeKind::Outside);
    }
    response.clicked()
}

fn foot_ground(ui: &Ui, canvas: &Canvas<'_>, window: Rect) {
    let theme = canvas.theme;
    let top = canvas.at(0.0, FOOT).y;
    ui.painter().rect_filled(Rect::from_min_max(pos2(window.left(), top), window.max), 0.0, theme.panel);
    ui.painter().hline(window.x_range(), top, Stroke::new(1.0, theme.line));
}

/// The other leg, what makes the answer firm, and the keys.
fn foot(ui: &Ui, canvas: &Canvas<'_>, leg: &CoachLeg, other: Option<&CoachLeg>, asked: &mut Vec<Ask>) {
    let theme = canvas.theme;
    let y = 969.0;
    let mut x = 30.0;
    if let Some(side) = leg.side.map(Side::other) {
        let color = theme.side(Some(side));
        let is_left = side == Side::Left;
        canvas.pointer(if is_left { x } else { x + 20.0 }, y, 20.0, is_left, color);
        let said = other.map_or_else(|| text::no_sensors(side).to_owned(), text::other_leg);
        let end = canvas.text(x + 33.0, y, Align2::LEFT_CENTER, &said, size::NOTE, color);
        if other.is_some() && pressed(ui, canvas.rect(x, y - 24.0, end - x, 48.0), "coach leg", &said) {
            asked.push(Ask::OtherLeg);
        }
        x = end + 44.0;
    }
    let n = leg.shown_lead().map_or(0, |lead| lead.n);
    if let Some(few) = text::few(leg.effort).filter(|_| (1..FIRM).contains(&n)) {
        let end = canvas.text(x, y, Align2::LEFT_CENTER, few, size::NOTE, theme.fair);
        for k in 0..FIRM {
            canvas.dot(end + 25.0 + 25.0 * k as f32, y, 10.0, theme.fair, k >= n);
        }
        let wide = end + 25.0 * FIRM as f32 + 12.0 - x;
        paint::named(ui, canvas.rect(x, y - 24.0, wide, 48.0), format!("{few}: {}", text::firm(n)));
    }
    if canvas.scale < HINTS_FROM {
        return;
    }
    let mut right = 1576.0;
    let hints = [
        (text::KEY_LEG, Ask::OtherLeg, "coach key leg"),
        (text::key_others(leg.effort), Ask::Earlier, "coach key others"),
        (text::KEY_REPLAY, Ask::Replay, "coach key replay"),
    ];
    for (hint, ask, id) in hints {
        let wide = canvas.width(hint, size::NOTE);
        canvas.text(right, y, Align2::RIGHT_CENTER, hint, size::NOTE, theme.muted);
        if pressed(ui, canvas.rect(right - wide, y - 24.0, wide, 48.0), id, hint) {
            asked.push(ask);
        }
        right -= wide + 26.0;
    }
}

/// Nothing to show: what is needed, or what is going on.
fn nothing(ui: &Ui, canvas: &Canvas<'_>, model: &CoachModel) {
    let theme = canvas.theme;
    let title = match model.progress {
        Some(share) => text::progress(share),
        None => model.empty.0.clone(),
    };
    let room = 1500.0;
    let size = canvas.fitting(&title, size::NUMBER, room);
    canvas.heavy(50.0, 300.0, &title, size, theme.text);
    let mut y = 410.0;
    if model.progress.is_none() {
        for line in &model.empty.1 {
            y = canvas.wrapped((50.0, y), line, size::LABEL, theme.text, room, 3) + 22.0;
        }
    }
    paint::named(ui, canvas.rect(24.0, 220.0, 1552.0, 600.0), format!("{title} {}", model.empty.1.join(" ")));
}

/// The right part of the top bar, from `left` on: what it is, references, quality.
pub fn bar(ui: &Ui, rect: Rect, left: f32, model: &CoachModel, state: &CoachState, now_s: f64) {
    let theme = &theme::COACH;
    let (middle, font) = (rect.center().y, text_font(theme::size::MUSCLE + 1.0));
    let leg = state.leg(model).and_then(|at| model.legs.get(at));
    let mut right = rect.right() - 24.0;
    if let Some(leg) = leg.filter(|leg| leg.has_emg && leg.quality != Grade::Unknown) {
        let color = match leg.quality {
            Grade::Fair => theme.fair,
            Grade::Bad => theme.bad,
            _ => theme.text,
        };
        let quality =
            format!("{} {} {}", text::QUALITY, words::grade_glyph(leg.quality), words::grade(leg.quality));
        let drawn = paint::text(
            ui.painter(),
            pos2(right, middle),
            Align2::RIGHT_CENTER,
            &quality,
            font.clone(),
            color,
        );
        paint::named(ui, drawn, quality);
        right = drawn.left() - 26.0;
    }
    if let Some(pill) = super::model::pill(model) {
        right = warning(ui, theme, pos2(right, middle), pill) - 20.0;
    }
    let mut title = model.title.clone();
    let running =
        if state.is_moving(now_s) && !state.is_flashing(now_s) { text::SLOW_REPLAY } else { &model.running };
    if !running.is_empty() {
        title = if title.is_empty() { running.to_owned() } else { format!("{title} · {running}") };
    }
    let place = pos2(left, middle);
    let room = right - left - 8.0;
    let drawn = paint::fitted(ui.painter(), place, Align2::LEFT_CENTER, &title, font, theme.text, room);
    paint::named(ui, drawn, title);
}

/// A pill in yellow; returns its left edge.
fn warning(ui: &Ui, theme: &Theme, right: egui::Pos2, said: &str) -> f32 {
    let galley =
        ui.painter().layout_no_wrap(said.to_owned(), text_font(theme::size::MUSCLE - 2.0), theme.fair);
    let rect = Align2::RIGHT_CENTER.anchor_size(right, vec2(galley.size().x + 40.0, 36.0));
    let stroke = Stroke::new(1.0, theme.fair);
    let fill = Color32::from_rgb(0xFF, 0xF3, 0xC4);
    ui.painter().rect(rect, CornerRadius::same(18), fill, stroke, StrokeKind::Inside);
    let place = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    ui.painter().galley(place, galley, theme.fair);
    paint::named(ui, rect, said);
    rect.left()
}
