//! How the guided calibration looks: steps on top, what to do now, how far it is, what became of it.

use super::CalibrationPanel;
use crate::paint;
use crate::state::Action;
use crate::text::{calibration as words, control};
use crate::theme::{self, Theme, figure_font, size, text_font};
use egui::{
    Align2, Color32, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};
use surae_gait::calibrate::run::{CalibrationRun, Phase, Verdict};

/// Draws the panel into `area`.
pub fn show(panel: &mut CalibrationPanel, ui: &mut Ui, area: Rect, theme: &Theme, actions: &mut Vec<Action>) {
    // What lies below must not feel the pointer through the panel.
    ui.interact(area, ui.scope_id().with("calibration"), Sense::click_and_drag());
    ui.painter().rect(area, 0.0, theme.panel, Stroke::new(1.0, theme.muted), StrokeKind::Inside);
    let title = pos2(area.left() + 16.0, area.top() + 24.0);
    let font = text_font(size::MUSCLE);
    paint::text(ui.painter(), title, Align2::LEFT_CENTER, words::TITLE, font, theme.text);
    let close = Rect::from_min_size(pos2(area.right() - 40.0, area.top() + 10.0), vec2(28.0, 28.0));
    if paint::button(ui, close, control::CLOSE, false).on_hover_text(words::CLOSE_HINT).clicked() {
        panel.is_open = false;
    }
    let body = Rect::from_min_max(area.min + vec2(16.0, 48.0), area.max - vec2(16.0, 12.0));
    let mut child = ui.new_child(UiBuilder::new().id_salt("calibration body").max_rect(body));
    child.set_clip_rect(body.intersect(ui.clip_rect()));
    ScrollArea::vertical().id_salt("calibration scroll").auto_shrink(false).show(&mut child, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        content(panel, ui, theme, actions);
    });
}

fn content(panel: &mut CalibrationPanel, ui: &mut Ui, theme: &Theme, actions: &mut Vec<Action>) {
    let now_s = panel.now_s;
    let Some(run) = &mut panel.run else {
        label(ui, theme.text, size::BODY, &panel.refusal);
        return;
    };
    if let Some(step) = steps(ui, theme, run) {
        run.select(step, now_s);
    }
    ui.separator();
    now(ui, theme, run, now_s);
    ui.separator();
    let has_any = (0..run.plan().steps.len()).any(|step| run.taken(step).0 > 0);
    field(ui, theme, words::ATHLETE, &mut panel.athlete);
    field(ui, theme, words::PLACEMENT, &mut panel.placement);
    let save = egui::Button::new(RichText::new(words::SAVE).font(text_font(size::BODY)));
    let response = ui.add_enabled(has_any, save.min_size(vec2(ui.available_width(), 30.0)));
    if response.on_hover_text(words::SAVE_HINT).clicked() {
        actions.push(Action::SaveCalibration);
    }
}

/// The steps with what they have; returns one that was clicked.
fn steps(ui: &mut Ui, theme: &Theme, run: &CalibrationRun) -> Option<usize> {
    let mut picked = None;
    for (at, step) in run.plan().steps.iter().enumerate() {
        let is_now = at == run.position() && *run.phase() != Phase::Done;
        let (accepted, all) = run.taken(at);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
        let spoken = words::step(&step.title, accepted, step.repetitions, all);
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, is_now, spoken.clone()));
        if is_now || response.hovered() || response.has_focus() {
            let fill = if is_now { theme.control_strong } else { theme.control };
            ui.painter().rect_filled(rect, f32::from(theme::RADIUS), fill);
        }
        let (glyph, ink) = if run.is_complete(at) {
            ("✔", theme.running)
        } else if all > accepted {
            ("▲", theme.fair)
        } else {
            ("○", theme.muted)
        };
        let middle = rect.center().y;
        let font = text_font(size::BODY);
        let place = pos2(rect.left() + 8.0, middle);
        paint::text(ui.painter(), place, Align2::LEFT_CENTER, glyph, font.clone(), ink);
        let count = format!("{accepted} / {}", step.repetitions);
        let place = pos2(rect.right() - 8.0, middle);
        let figures = figure_font(size::NOTE);
        let drawn = paint::text(ui.painter(), place, Align2::RIGHT_CENTER, &count, figures, theme.muted);
        let place = pos2(rect.left() + 28.0, middle);
        let room = drawn.left() - place.x - 8.0;
        paint::fitted(ui.painter(), place, Align2::LEFT_CENTER, &step.title, font, theme.text, room);
        if response.clicked() {
            picked = Some(at);
        }
    }
    picked
}

/// What is to be done now.
fn now(ui: &mut Ui, theme: &Theme, run: &mut CalibrationRun, now_s: f64) {
    if let Some(step) = run.step() {
        label(ui, theme.text, size::TITLE, &step.title);
        label(ui, theme.text, size::BODY, &step.instruction);
    }
    match run.phase().clone() {
        Phase::Instruction { rest_until_s } => {
            let left_s = rest_until_s - now_s;
            if left_s > 0.0 {
                label(ui, theme.fair, size::BODY, &words::rest(left_s));
            }
            let asked = buttons(ui, &[words::GO, words::SKIP]);
            match asked {
                Some(0) => run.go(now_s),
                Some(_) => run.skip(now_s),
                None => {}
            }
        }
        Phase::Countdown { left_s } => {
            label(ui, theme.text, size::HEADLINE, &words::countdown(left_s));
            if buttons(ui, &[words::STOP]).is_some() {
                run.repeat(now_s);
            }
        }
        Phase::Recording { from_s, to_s, done } => {
            progress(ui, theme, done, &words::left((to_s - from_s) * (1.0 - done)));
            if buttons(ui, &[words::STOP]).is_some() {
                run.repeat(now_s);
            }
        }
        Phase::Judging { .. } => label(ui, theme.muted, size::BODY, words::JUDGING),
        Phase::Verdict(verdict) => judged(ui, theme, run, &verdict, now_s),
        Phase::Done => label(ui, theme.text, size::BODY, words::DONE),
    }
}

fn judged(ui: &mut Ui, theme: &Theme, run: &mut CalibrationRun, verdict: &Verdict, now_s: f64) {
    let (word, ink) =
        if verdict.accepted { (words::ACCEPTED, theme.running) } else { (words::REFUSED, theme.bad) };
    label(ui, ink, size::TITLE, word);
    for reason in &verdict.reasons {
        label(ui, theme.text, size::BODY, reason);
    }
    for line in &verdict.measured {
        label(ui, theme.muted, size::NOTE, line);
    }
    match buttons(ui, &[words::NEXT, words::AGAIN]) {
        Some(0) => run.proceed(now_s),
        Some(_) => run.repeat(now_s),
        None => {}
    }
}

fn progress(ui: &mut Ui, theme: &Theme, done: f64, words: &str) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::hover());
    ui.painter().rect_filled(rect, f32::from(theme::RADIUS), theme.plot);
    let filled = Rect::from_min_size(rect.min, vec2(rect.width() * done as f32, rect.height()));
    ui.painter().rect_filled(filled, f32::from(theme::RADIUS), theme.tint(theme.recording, 0.45));
    let font = figure_font(size::MUSCLE);
    paint::text(ui.painter(), rect.center(), Align2::CENTER_CENTER, words, font, theme.text);
    paint::named(ui, rect, words);
}

fn buttons(ui: &mut Ui, names: &[&str]) -> Option<usize> {
    let mut pressed = None;
    ui.horizontal(|ui| {
        for (at, name) in names.iter().enumerate() {
            let words = RichText::new(*name).font(text_font(size::BODY));
            if ui.add(egui::Button::new(words).min_size(vec2(104.0, 30.0))).clicked() {
                pressed = Some(at);
            }
        }
    });
    pressed
}

fn field(ui: &mut Ui, theme: &Theme, name: &str, value: &mut String) {
    label(ui, theme.muted, size::NOTE, name);
    let edit = egui::TextEdit::singleline(value).font(text_font(size::BODY)).desired_width(f32::INFINITY);
    ui.add(edit).widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
}

fn label(ui: &mut Ui, ink: Color32, points: f32, words: &str) {
    ui.add(egui::Label::new(RichText::new(words).font(text_font(points)).color(ink)).wrap());
}
