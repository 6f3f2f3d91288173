//! The top bar: view, state and source on the left; rate, loss, lag and profile on the right.

use super::menu;
use crate::layout::Form;
use crate::model::{SourceModel, SourceState};
use crate::paint;
use crate::shell;
use crate::state::{Action, Panels, Tab};
use crate::text::{self, control};
use crate::theme::{GAP, Theme, figure_font, size, text_font};
use egui::{Align2, Color32, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

/// Room on the disk below which its figure turns yellow, in s of recording.
const DISK_WARNING_S: f64 = 900.0;

/// Draws the bar into `rect`.
pub fn show(ui: &mut Ui, rect: Rect, cx: &mut Panels<'_>) {
    let theme = cx.theme;
    let left = shell::bar(ui, rect, theme, Tab::Lab, cx.actions);
    let middle = rect.center().y;
    let pill = pill(ui, theme, pos2(left + 10.0, middle), &cx.model.source);
    let right = buttons(ui, rect, cx);
    let right = figures(ui, rect, right, cx);
    let place = pos2(pill.right() + 14.0, middle);
    let room = right - place.x - 16.0;
    let source = &cx.model.source.name;
    let drawn = paint::fitted(
        ui.painter(),
        place,
        Align2::LEFT_CENTER,
        source,
        text_font(size::BODY + 1.0),
        theme.text,
        room,
    );
    paint::named(ui, drawn, format!("Source: {source}"));
}

fn state_color(theme: &Theme, state: SourceState) -> Color32 {
    match state {
        SourceState::Live | SourceState::Replay => theme.running,
        SourceState::Paused | SourceState::Ended => theme.muted,
        SourceState::Stalled | SourceState::Reconnecting => theme.fair,
        SourceState::Lost => theme.bad,
    }
}

fn pill(ui: &Ui, theme: &Theme, left: egui::Pos2, source: &SourceModel) -> Rect {
    let color = state_color(theme, source.state);
    let words = text::state(source.state, source.silent_s);
    let galley = ui.painter().layout_no_wrap(words.clone(), text_font(size::BODY), theme.text);
    let rect = Align2::LEFT_CENTER.anchor_size(left, vec2(galley.size().x + 28.0, 26.0));
    ui.painter().rect(
        rect,
        CornerRadius::same(13),
        theme.tint(color, 0.16),
        Stroke::new(1.0, color),
        StrokeKind::Inside,
    );
    let place = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    ui.painter().galley(place, galley, theme.text);
    paint::named(ui, rect, words);
    rect
}

/// Menu, theme, help; returns their left edge.
fn buttons(ui: &mut Ui, bar: Rect, cx: &mut Panels<'_>) -> f32 {
    let mut right = bar.right() - GAP;
    for (glyph, action) in [(control::HELP, Action::Help), (control::THEME, Action::Theme)] {
        let rect = Rect::from_min_size(pos2(right - 28.0, bar.center().y - 13.0), vec2(28.0, 26.0));
        if paint::button(ui, rect, glyph, false).on_hover_text(text::hint(glyph)).clicked() {
            cx.actions.push(action);
        }
        right = rect.left() - 6.0;
    }
    let rect = Rect::from_min_size(pos2(right - 28.0, bar.center().y - 13.0), vec2(28.0, 26.0));
    menu::show(ui, rect, cx);
    rect.left() - 6.0
}

/// A name over a value.
struct Figure {
    name: &'static str,
    value: String,
    color: Color32,
    width: f32,
}

/// The figures from right to left; returns the left edge of the leftmost one.
fn figures(ui: &Ui, bar: Rect, right: f32, cx: &Panels<'_>) -> f32 {
    let theme = cx.theme;
    let mut x = right - 12.0;
    for figure in collect(cx).into_iter().rev() {
        x -= figure.width;
        let font = text_font(size::TICK);
        let name_place = pos2(x, bar.top() + 6.0);
        let room = figure.width - 10.0;
        paint::fitted(ui.painter(), name_place, Align2::LEFT_TOP, figure.name, font, theme.muted, room);
        let place = pos2(x, bar.bottom() - 5.0);
        let font = figure_font(size::NOTE);
        let value = &figure.value;
        paint::fitted(ui.painter(), place, Align2::LEFT_BOTTOM, value, font, figure.color, room);
        let area = Rect::from_min_max(pos2(x, bar.top()), pos2(x + room, bar.bottom()));
        paint::named(ui, area, format!("{}: {}", figure.name, figure.value));
    }
    x
}

fn collect(cx: &Panels<'_>) -> Vec<Figure> {
    let (theme, source) = (cx.theme, &cx.model.source);
    let mut figures = Vec::new();
    let mut add = |name, value: Option<String>, warn: bool, width| {
        let value = value.unwrap_or_else(|| text::MISSING.to_owned());
        let color = if warn { theme.fair } else { theme.text };
        figures.push(Figure { name, value, color, width });
    };
    let rate_name =
        if source.rate_is_measured { text::label::MEASURED_RATE } else { text::label::NOMINAL_RATE };
    add(rate_name, source.rate_hz.map(|hz| text::rate(hz, source.rate_is_measured)), false, 100.0);
    let lost = source.lost_session.map(|share| format!("{:.2} %", share * 100.0));
    add(text::label::LOST_SESSION, lost, source.lost_session.is_some_and(|share| share > 0.0), 92.0);
    let recent = source.lost_10s.map(|n| format!("{n} samples"));
    add(text::label::LOST_RECENT, recent, source.lost_10s.is_some_and(|n| n > 0), 108.0);
    match source.lag_decision_ms {
        Some(decision) => {
            let lag = source.lag_filter_ms.map(|filter| format!("{filter:.0} ms + {decision:.0} ms"));
            add(text::label::LAG_BOTH, lag, false, 146.0);
        }
        None => {
            add(text::label::LAG_FILTER, source.lag_filter_ms.map(|ms| format!("{ms:.0} ms")), false, 80.0)
        }
    }
    if let Some(left_s) = cx.model.recording.disk_time_left_s {
        add(text::label::DISK_LEFT, Some(text::rough_time(left_s)), left_s < DISK_WARNING_S, 96.0);
    }
    if cx.form == Form::Wide {
        let name = if source.profile_is_illustrative {
            text::label::PROFILE_ILLUSTRATIVE
        } else {
            text::label::PROFILE
        };
        let words = source.profile.clone().or_else(|| Some(text::label::NONE.to_owned()));
        add(name, words, source.profile_is_illustrative || source.profile.is_none(), 140.0);
    }
    figures
}
