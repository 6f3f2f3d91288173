//! Keys and dropped files, as actions.
//!
//! Keys rest while text is typed or a control has the keyboard focus that would use them. Not for the mouse: panels
//! sense that themselves.

use crate::state::{Action, Tab};
use egui::{Context, Key, Modifiers};

/// Digit keys and the mark each sets.
const DIGITS: [(Key, u8); 9] = [
    (Key::Num1, 1),
    (Key::Num2, 2),
    (Key::Num3, 3),
    (Key::Num4, 4),
    (Key::Num5, 5),
    (Key::Num6, 6),
    (Key::Num7, 7),
    (Key::Num8, 8),
    (Key::Num9, 9),
];

/// What the keys that mean the same in every view, and dropped files, ask for in this frame.
#[must_use]
pub fn common(ctx: &Context) -> Vec<Action> {
    let mut actions = dropped(ctx);
    let is_typing = ctx.text_edit_focused();
    ctx.input_mut(|input| {
        let mut on = |modifiers: Modifiers, key: Key, action: Action| {
            if input.consume_key(modifiers, key) {
                actions.push(action);
            }
        };
        for (key, tab) in [Key::F1, Key::F2, Key::F3].into_iter().zip(Tab::ALL) {
            on(Modifiers::NONE, key, Action::View(tab));
        }
        on(Modifiers::COMMAND, Key::O, Action::StartCard);
        on(Modifiers::COMMAND, Key::S, Action::SaveLayout(String::new()));
        on(Modifiers::SHIFT, Key::F12, Action::Picture(true));
        on(Modifiers::NONE, Key::F12, Action::Picture(false));
        on(Modifiers::NONE, Key::F11, Action::FullScreen);
        on(Modifiers::NONE, Key::Escape, Action::Escape);
        if is_typing {
            return;
        }
        // Help before plain keys: on many keyboards ? is Shift and /.
        on(Modifiers::SHIFT, Key::Questionmark, Action::Help);
        on(Modifiers::NONE, Key::Questionmark, Action::Help);
        on(Modifiers::SHIFT, Key::Slash, Action::Help);
    });
    actions
}

/// What the keys of the Lab view ask for in this frame.
#[must_use]
pub fn lab(ctx: &Context) -> Vec<Action> {
    let mut actions = Vec::new();
    if ctx.text_edit_focused() {
        return actions;
    }
    let has_focus = ctx.memory(|memory| memory.focused().is_some());
    ctx.input_mut(|input| {
        let mut on = |modifiers: Modifiers, key: Key, action: Action| {
            if input.consume_key(modifiers, key) {
                actions.push(action);
            }
        };
        if !has_focus {
            on(Modifiers::NONE, Key::Space, Action::PlayPause);
            on(Modifiers::COMMAND, Key::ArrowLeft, Action::Jump(-1));
            on(Modifiers::COMMAND, Key::ArrowRight, Action::Jump(1));
            on(Modifiers::SHIFT, Key::ArrowLeft, Action::Step(-1.0));
            on(Modifiers::SHIFT, Key::ArrowRight, Action::Step(1.0));
            on(Modifiers::NONE, Key::ArrowLeft, Action::Step(-0.1));
            on(Modifiers::NONE, Key::ArrowRight, Action::Step(0.1));
        }
        for (key, code) in DIGITS {
            on(Modifiers::NONE, key, Action::Mark(code));
        }
        for (key, action) in [
            (Key::Home, Action::Start),
            (Key::End, Action::End),
            (Key::OpenBracket, Action::Faster(-1)),
            (Key::CloseBracket, Action::Faster(1)),
            (Key::L, Action::Loop),
            (Key::Plus, Action::Zoom(-1)),
            (Key::Equals, Action::Zoom(-1)),
            (Key::Minus, Action::Zoom(1)),
            (Key::Num0, Action::FitScales),
            (Key::V, Action::NextTraces),
            (Key::S, Action::OtherSide),
            (Key::T, Action::Theme),
            (Key::R, Action::Record),
            (Key::N, Action::Note),
            (Key::M, Action::Bookmark),
            (Key::G, Action::Calibrate),
        ] {
            on(Modifiers::NONE, key, action);
        }
        on(Modifiers::SHIFT, Key::Plus, Action::Zoom(-1));
    });
    actions
}

fn dropped(ctx: &Context) -> Vec<Action> {
    ctx.input(|input| {
        input.raw.dropped_files.iter().map(|file| Action::Open(file.path().to_owned())).collect()
    })
}
