//! The transport strip of the Review view: the cursor moves through the window, and what stands under it is read out.

use super::Cx;
use super::state::{Against, STEP_S};
use crate::layout::Form;
use crate::model::Class;
use crate::paint;
use crate::panels::gauge::class_color;
use crate::state::{Action, SPEEDS, speed_text};
use crate::text::{self, control, review as words};
use crate::theme::{GAP, figure_font, size, text_font};
use egui::{Align2, Rect, RichText, Stroke, Ui, pos2, vec2};
use surae_gait::dominance::{Bound, dominance_of};

/// Draws the strip.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0.0, cx.theme.panel);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, cx.theme.line));
    let (middle, height) = (rect.center().y, rect.height() - 14.0);
    let mut x = rect.left() + GAP;
    let mut next = |width: f32| {
        let place = Rect::from_center_size(pos2(x + width / 2.0, middle), vec2(width, height));
        x += width + 4.0;
        place
    };
    if paint::button(ui, next(36.0), words::TO_START, false).on_hover_text(words::TO_START_HINT).clicked() {
        let start = cx.state.window.0;
        cx.state.go(start);
    }
    if paint::button(ui, next(36.0), words::BACK, false).on_hover_text(words::BACK_HINT).clicked() {
        step_event(cx, -1);
    }
    let play = if cx.state.playing { words::PAUSE } else { words::PLAY };
    if paint::button(ui, next(40.0), play, cx.state.playing).on_hover_text(words::PLAY_HINT).clicked() {
        cx.state.playing = !cx.state.playing;
    }
    if paint::button(ui, next(36.0), words::TO_END, false).on_hover_text(words::TO_END_HINT).clicked() {
        let end = cx.state.window.1;
        cx.state.go(end);
    }
    speed_menu(ui, next(64.0), cx);
    if paint::button(ui, next(68.0), control::LOOP, cx.state.looped).on_hover_text("L").clicked() {
        cx.state.looped = !cx.state.looped;
    }
    let right = compare_buttons(ui, rect, cx);
    readout(ui, cx, x + 8.0, right - 8.0, middle);
}

/// To the next event, or one step where there is none.
pub(super) fn step_event(cx: &mut Cx<'_>, by: i32) {
    let to = cx.state.event_from(cx.leg, by).unwrap_or(cx.state.cursor_s + f64::from(by) * STEP_S);
    cx.state.go(to);
}

fn speed_menu(ui: &mut Ui, rect: Rect, cx: &mut Cx<'_>) {
    let words = RichText::new(format!("{} ▼", speed_text(cx.state.speed))).font(text_font(size::BODY));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    let button = egui::Button::new(words).min_size(rect.size());
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(&mut child, |ui| {
        for choice in SPEEDS.into_iter().filter(|speed| speed.is_finite()) {
            let words = RichText::new(speed_text(choice)).font(text_font(size::BODY));
            if ui.selectable_label(choice == cx.state.speed, words).clicked() {
                cx.state.speed = choice;
                ui.close();
            }
        }
    });
    response.on_hover_text(text::label::SPEED_HINT);
}

/// Compare with a trial, compare the legs; returns their left edge.
fn compare_buttons(ui: &mut Ui, rect: Rect, cx: &mut Cx<'_>) -> f32 {
    let (middle, height) = (rect.center().y, rect.height() - 14.0);
    let mut right = rect.right() - GAP;
    let mut next = |width: f32| {
        let place = Rect::from_center_size(pos2(right - width / 2.0, middle), vec2(width, height));
        right = place.left() - 6.0;
        place
    };
    let is_trial = cx.state.against == Against::Trial;
    let button = paint::button(ui, next(112.0), words::COMPARE_TRIALS, is_trial);
    if button.on_hover_text(words::COMPARE_HINT).clicked() {
        if is_trial {
            cx.state.against = Against::Nothing;
        } else {
            cx.actions.push(Action::CompareWith);
        }
    }
    let is_leg = cx.state.against == Against::OtherLeg;
    if paint::button(ui, next(104.0), words::COMPARE_LEGS, is_leg).on_hover_text(words::LEGS_HINT).clicked() {
        super::input::compare_legs(cx);
    }
    right
}

/// Time, and everything under the cursor, as far as there is room.
fn readout(ui: &Ui, cx: &Cx<'_>, left: f32, right: f32, middle: f32) {
    let theme = cx.theme;
    let painter = ui.painter();
    let wide = cx.form == Form::Wide;
    let large = if wide { size::MUSCLE } else { size::TITLE };
    let now = format!("{:.3}", cx.state.cursor_s);
    let time =
        paint::text(painter, pos2(left, middle), Align2::LEFT_CENTER, &now, figure_font(large), theme.text);
    let whole = format!("/ {}", words::seconds(cx.state.duration_s));
    let place = pos2(time.right() + 5.0, middle + 2.0);
    let font = figure_font(size::NOTE);
    let end = paint::text(painter, place, Align2::LEFT_CENTER, &whole, font, theme.muted);
    paint::named(ui, time.union(end), format!("{} {now} s {whole}", words::CURSOR));
    let class = cx.leg.class_at(cx.state.cursor_s);
    let mut right = right;
    if let (Some(run), true) = (class, right - end.right() > 200.0) {
        let words = text::headline(run.class);
        let galley = painter.layout_no_wrap(words.to_owned(), text_font(size::BODY + 1.0), theme.text);
        let left = right - galley.size().x - 14.0;
        let bar = Rect::from_min_max(pos2(left, middle - 9.0), pos2(left + 4.0, middle + 9.0));
        if run.class == Class::NotClear {
            paint::hatch(painter, bar, 4.0, Stroke::new(1.0, theme.muted));
        } else {
            painter.rect_filled(bar, 0.0, class_color(theme, run.class));
        }
        let place = pos2(left + 10.0, middle - galley.size().y / 2.0);
        painter.galley(place, galley, theme.text);
        let spoken =
            if run.reason.is_empty() { words.to_owned() } else { format!("{words}: {}", run.reason) };
        paint::named(ui, Rect::from_min_max(bar.min, pos2(right, bar.bottom())), spoken);
        right = left - 16.0;
    }
    let place = pos2(end.right() + 20.0, middle);
    let room = right - place.x;
    let spoken = under_cursor(cx);
    paint::fitted(painter, place, Align2::LEFT_CENTER, &spoken, text_font(size::NOTE), theme.text, room);
    paint::named(ui, Rect::from_min_max(pos2(place.x, middle - 8.0), pos2(right, middle + 8.0)), spoken);
}

/// `knee 27°  gastrocnemius 13 %  soleus 34 %  D −0.44 (−0.57 … −0.29)`.
fn under_cursor(cx: &Cx<'_>) -> String {
    let at = cx.state.cursor_s;
    let mut parts = Vec::new();
    if let Some(knee) = &cx.leg.knee {
        parts.push(format!("{} {}", text::label::KNEE_NOW, text::degrees(knee.at(at))));
    }
    for (name, trace) in
        [(text::label::GASTROCNEMIUS, &cx.leg.gastrocnemius), (text::label::SOLEUS, &cx.leg.soleus)]
    {
        if !trace.values.is_empty() {
            parts.push(format!("{name} {}", text::percent(trace.at(at))));
        }
    }
    let track = cx.reviewed.model.series.side(cx.leg.side).track.as_ref();
    let ratio = track.and_then(|track| {
        let step = ((at - track.start_s) / STEP_S).round();
        track.ratio.get(if step >= 0.0 { step as usize } else { usize::MAX }).copied()
    });
    if let Some(ratio) = ratio.filter(|ratio| ratio.is_known()) {
        let d = |log_ratio: f64| dominance_of(log_ratio) as f32;
        let value = d(ratio.log_ratio);
        parts.push(match ratio.bound {
            Bound::None => format!(
                "D {} ({})",
                text::signed(value, 2),
                text::interval((d(ratio.ci90[0]), d(ratio.ci90[1])))
            ),
            bound => format!("D {}", text::one_sided(crate::feed::words::bound(bound), value)),
        });
    }
    parts.join("   ")
}
