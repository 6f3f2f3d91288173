//! Keys of the Review view, and what the keys and buttons share. Keys rest while text is typed.

use super::Cx;
use super::state::{Against, History, STEP_S};
use super::transport::step_event;
use crate::reviewed::{Recipe, Reviewing};
use crate::state::{Action, Traces, UserNote, next_speed};
use crate::text::review as words;
use egui::{Key, Modifiers, Ui};
use surae_gait::review::Rejection;

/// Carries out the keys of this frame.
pub fn keys(ui: &Ui, cx: &mut Cx<'_>, history: &mut History, reviewing: &Reviewing) {
    if ui.ctx().text_edit_focused() {
        return;
    }
    let pressed = |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
    // Those with modifiers first: a plain key matches whatever else is held.
    if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) {
        travel(cx, history.redo(reviewing.recipe().clone()));
    }
    if pressed(Modifiers::COMMAND, Key::Z) {
        travel(cx, history.undo(reviewing.recipe().clone()));
    }
    if pressed(Modifiers::COMMAND, Key::P) {
        cx.actions.push(Action::Report);
    }
    // Where the window system makes a copy event of Ctrl+C, the key itself does not come.
    let copies = ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Copy)));
    if copies || pressed(Modifiers::COMMAND, Key::C) {
        cx.actions.push(Action::CopyTable);
    }
    let has_focus = ui.memory(|memory| memory.focused().is_some());
    if !has_focus {
        arrows(cx, &pressed);
    }
    let state = &mut *cx.state;
    for (key, by) in [(Key::OpenBracket, -1), (Key::CloseBracket, 1)] {
        if pressed(Modifiers::NONE, key) {
            let next = next_speed(state.speed, by);
            state.speed = if next.is_finite() { next } else { state.speed };
        }
    }
    for (key, factor) in [(Key::Plus, 0.5), (Key::Equals, 0.5), (Key::Minus, 2.0)] {
        if pressed(Modifiers::NONE, key) {
            state.zoom(factor, state.cursor_s);
        }
    }
    if pressed(Modifiers::SHIFT, Key::Plus) {
        state.zoom(0.5, state.cursor_s);
    }
    let (from, to) = state.window;
    if pressed(Modifiers::NONE, Key::Num0) {
        state.fit();
    }
    if pressed(Modifiers::NONE, Key::I) {
        state.set_window(state.cursor_s.min(to - 0.05), to);
    }
    if pressed(Modifiers::NONE, Key::O) {
        state.set_window(from, state.cursor_s.max(from + 0.05));
    }
    if pressed(Modifiers::NONE, Key::L) {
        state.looped = !state.looped;
    }
    if pressed(Modifiers::NONE, Key::V) {
        state.traces = Traces::next(state.traces);
    }
    if pressed(Modifiers::NONE, Key::D) {
        state.shows_density = !state.shows_density;
    }
    if pressed(Modifiers::NONE, Key::M) {
        cx.state.bookmark();
    }
    if pressed(Modifiers::NONE, Key::T) {
        cx.actions.push(Action::Theme);
    }
    if pressed(Modifiers::NONE, Key::S) {
        cx.actions.push(Action::OtherSide);
    }
    if pressed(Modifiers::NONE, Key::C) {
        if cx.state.against == Against::Nothing {
            cx.actions.push(Action::CompareWith);
        } else {
            cx.state.against = Against::Nothing;
        }
    }
    push_offs(cx, &pressed, has_focus);
}

fn travel(cx: &mut Cx<'_>, recipe: Option<Recipe>) {
    match recipe {
        Some(recipe) => cx.actions.push(Action::Review(recipe)),
        None => tell(cx, words::NOTHING_TO_UNDO),
    }
}

fn tell(cx: &mut Cx<'_>, text: &str) {
    cx.actions.push(Action::Tell(UserNote { text: text.to_owned(), is_error: false, ..UserNote::default() }));
}

fn arrows(cx: &mut Cx<'_>, pressed: &impl Fn(Modifiers, Key) -> bool) {
    for (key, by) in [(Key::ArrowLeft, -1), (Key::ArrowRight, 1)] {
        let step = f64::from(by) * STEP_S;
        if pressed(Modifiers::COMMAND, key) {
            step_event(cx, by);
        } else if pressed(Modifiers::SHIFT, key) {
            cx.state.go(cx.state.cursor_s + 10.0 * step);
        } else if pressed(Modifiers::NONE, key) {
            cx.state.go(cx.state.cursor_s + step);
        }
    }
    if pressed(Modifiers::NONE, Key::Home) {
        cx.state.go(0.0);
    }
    if pressed(Modifiers::NONE, Key::End) {
        cx.state.go(cx.state.duration_s);
    }
    if pressed(Modifiers::NONE, Key::Space) {
        cx.state.playing = !cx.state.playing;
    }
}

/// J K next and previous, Enter goes to it, X rejects with a reason, Y keeps.
fn push_offs(cx: &mut Cx<'_>, pressed: &impl Fn(Modifiers, Key) -> bool, has_focus: bool) {
    let n = cx.report.pushoffs.len();
    if n == 0 {
        return;
    }
    let at = cx.state.chosen.min(n - 1);
    if pressed(Modifiers::NONE, Key::J) {
        cx.state.choose(cx.reviewed, (at + 1).min(n - 1), false);
    }
    if pressed(Modifiers::NONE, Key::K) {
        cx.state.choose(cx.reviewed, at.saturating_sub(1), false);
    }
    if !has_focus && pressed(Modifiers::NONE, Key::Enter) {
        cx.state.choose(cx.reviewed, at, true);
    }
    if pressed(Modifiers::NONE, Key::X) {
        cx.state.rejecting = Some(String::new());
    }
    if pressed(Modifiers::NONE, Key::Y) {
        reject(cx, None);
    }
}

/// Rejects the chosen push-off with a reason, or keeps it again; the review is made anew without or with it.
pub(super) fn reject(cx: &mut Cx<'_>, reason: Option<&str>) {
    let Some(push) = cx.report.pushoffs.get(cx.state.chosen) else { return };
    let side = cx.leg.side;
    let mut recipe = cx.reviewed.recipe.clone();
    let before = recipe.rejected.clone();
    recipe.rejected.retain(|one| !one.is_of(side, push.contact_s));
    if let Some(reason) = reason {
        recipe.rejected.push(Rejection { side, contact_s: push.contact_s, reason: reason.to_owned() });
    }
    if recipe.rejected != before {
        cx.actions.push(Action::Change(recipe));
    }
}

/// Puts the other leg dashed beside this one, or takes it away; says so where there is none.
pub(super) fn compare_legs(cx: &mut Cx<'_>) {
    if cx.state.against == Against::OtherLeg {
        cx.state.against = Against::Nothing;
        return;
    }
    let other = cx.reviewed.report().sides.of(cx.leg.side.other());
    if other.is_some_and(|leg| !leg.muscles.is_empty()) {
        cx.state.against = Against::OtherLeg;
    } else {
        tell(cx, &words::no_other_leg(cx.leg.side.other()));
    }
}
