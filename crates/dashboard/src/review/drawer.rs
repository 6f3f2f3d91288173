//! The settings drawer: each change is reviewed beside the window, and is one step of undo.

use super::Cx;
use super::state::History;
use crate::paint;
use crate::reviewed::{Recipe, Reviewing};
use crate::state::Action;
use crate::text::{self, review as words};
use crate::theme::{self, size, text_font};
use egui::{Align2, DragValue, Rect, RichText, ScrollArea, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};
use std::ops::RangeInclusive;
use surae_gait::Mode;
use surae_trial::{Correction, Notch, Settings, Task};

/// Tasks in the order of the list.
const TASKS: [Task; 7] = [
    Task::Standing,
    Task::PlantarFlexion,
    Task::Walk,
    Task::Run,
    Task::Sprint,
    Task::Jump,
    Task::KneeExtension,
];

/// Draws the drawer over the right of the view.
pub fn show(ui: &mut Ui, area: Rect, cx: &mut Cx<'_>, history: &mut History, reviewing: &Reviewing) {
    let theme = cx.theme;
    // The panels below must not feel the pointer through it.
    ui.interact(area, ui.scope_id().with("drawer"), egui::Sense::click_and_drag());
    ui.painter().rect(area, 0.0, theme.panel, Stroke::new(1.0, theme.muted), StrokeKind::Inside);
    let title = pos2(area.left() + 16.0, area.top() + 22.0);
    paint::text(
        ui.painter(),
        title,
        Align2::LEFT_CENTER,
        words::SETTINGS,
        text_font(size::MUSCLE),
        theme.text,
    );
    let close = Rect::from_min_size(pos2(area.right() - 40.0, area.top() + 9.0), vec2(28.0, 26.0));
    if paint::button(ui, close, text::control::CLOSE, false).on_hover_text("Esc").clicked() {
        cx.state.settings_open = false;
    }
    let recipe = reviewing.recipe().clone();
    let in_force = recipe.settings.unwrap_or(cx.reviewed.report().settings);
    let mut mode = recipe.mode;
    let mut settings = in_force;
    let body = Rect::from_min_max(area.min + vec2(16.0, 46.0), area.max - vec2(12.0, 96.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(body));
    child.set_clip_rect(body);
    ScrollArea::vertical().id_salt("settings").auto_shrink(false).show(&mut child, |ui| {
        ui.spacing_mut().item_spacing.y = 7.0;
        fields(ui, cx, &mut settings, &mut mode);
    });
    foot(ui, cx, area, history, reviewing);
    // While a value is dragged nothing is computed: the review begins when the mouse is let go.
    let is_dragging = ui.input(|input| input.pointer.any_down());
    let changed = settings != in_force || mode != recipe.mode;
    let id = ui.scope_id().with("pending");
    let mut pending: Option<(Settings, Mode)> = ui.data(|data| data.get_temp(id));
    if changed {
        pending = Some((settings, mode));
    }
    if let (Some((settings, mode)), false) = (pending, is_dragging) {
        ui.data_mut(|data| data.remove::<(Settings, Mode)>(id));
        match settings.validate() {
            Ok(()) => {
                // Another task brings its own defaults, as on the command line.
                let settings =
                    if settings.task == in_force.task { settings } else { Settings::for_task(settings.task) };
                cx.actions.push(Action::Change(Recipe { settings: Some(settings), mode, ..recipe }));
            }
            Err(error) => cx.actions.push(Action::Tell(crate::state::UserNote {
                text: error.to_string(),
                is_error: true,
                ..crate::state::UserNote::default()
            })),
        }
    } else if let Some(pending) = pending {
        ui.data_mut(|data| data.insert_temp(id, pending));
    }
}

fn fields(ui: &mut Ui, cx: &Cx<'_>, settings: &mut Settings, mode: &mut Mode) {
    let heading = |ui: &mut Ui, words: &str| {
        ui.add_space(4.0);
        ui.label(RichText::new(words).font(text_font(size::TITLE)).color(cx.theme.text));
    };
    heading(ui, words::TASK);
    let list = egui::ComboBox::from_id_salt("task").selected_text(text::task(settings.task)).width(230.0);
    let list = list.show_ui(ui, |ui| {
        for task in TASKS {
            ui.selectable_value(&mut settings.task, task, text::task(task));
        }
    });
    list.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, words::TASK));
    heading(ui, words::FILTERS);
    ui.horizontal(|ui| {
        ui.selectable_value(mode, Mode::ZeroPhase, words::ZERO_PHASE);
        ui.selectable_value(mode, Mode::Causal, words::CAUSAL);
    });
    let c = &mut settings.conditioning;
    number(ui, cx, words::BAND_LOW, &mut c.band_low_hz, 1.0..=200.0, "Hz", 1.0);
    number(ui, cx, words::BAND_HIGH, &mut c.band_high_hz, 50.0..=1000.0, "Hz", 1.0);
    number(ui, cx, words::ENVELOPE_HZ, &mut c.envelope_hz, 1.0..=50.0, "Hz", 0.5);
    let mut has_notch = c.notch.is_some();
    ui.checkbox(&mut has_notch, words::NOTCH);
    if has_notch != c.notch.is_some() {
        c.notch = has_notch.then_some(Notch { centre_hz: 50.0, quality: 35.0 });
    }
    if let Some(notch) = &mut c.notch {
        number(ui, cx, words::NOTCH_HZ, &mut notch.centre_hz, 45.0..=65.0, "Hz", 0.1);
    }
    let mut winter = c.correction == Correction::Winter;
    ui.checkbox(&mut winter, words::CORRECTION);
    c.correction = if winter { Correction::Winter } else { Correction::None };
    number(ui, cx, words::ANGLE_HZ, &mut settings.angle_hz, 1.0..=50.0, "Hz", 0.5);
    heading(ui, words::DOMINANCE);
    let d = &mut settings.dominance;
    number(ui, cx, words::THRESHOLD, &mut d.class_threshold, 0.05..=0.8, "", 0.01);
    d.hysteresis = d.hysteresis.min(d.class_threshold);
    number(ui, cx, words::MEDIAL, &mut d.medial_weight, 0.0..=1.0, "", 0.01);
    number(ui, cx, words::BIN, &mut d.angle_bin_deg, 2.0..=30.0, "°", 1.0);
    heading(ui, words::CONTACTS);
    let e = &mut settings.events;
    number(ui, cx, words::FORCE_THRESHOLD, &mut e.force_threshold_n, 5.0..=200.0, "N", 1.0);
    milliseconds(ui, cx, words::PREACTIVATION, &mut e.preactivation_s, 20.0..=400.0);
    milliseconds(ui, cx, words::LEAD_WINDOW, &mut e.lead_window_s, 20.0..=400.0);
}

fn number(
    ui: &mut Ui,
    cx: &Cx<'_>,
    name: &str,
    value: &mut f64,
    range: RangeInclusive<f64>,
    unit: &str,
    step: f64,
) {
    ui.horizontal(|ui| {
        let width = 176.0;
        let words = RichText::new(name).font(text_font(size::BODY)).color(cx.theme.muted);
        let (rect, _) = ui.allocate_exact_size(vec2(width, 22.0), egui::Sense::hover());
        ui.put(rect, egui::Label::new(words).halign(egui::Align::LEFT));
        let suffix = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let drag = DragValue::new(value).range(range).speed(step).max_decimals(2).suffix(suffix);
        let response = ui.add_sized(vec2(80.0, 22.0), drag);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name));
    });
}

fn milliseconds(ui: &mut Ui, cx: &Cx<'_>, name: &str, value_s: &mut f64, range: RangeInclusive<f64>) {
    let before = *value_s * 1e3;
    let mut ms = before;
    number(ui, cx, name, &mut ms, range, "ms", 1.0);
    // Only a change is written back: a round trip through ms must not look like one.
    if ms != before {
        *value_s = ms / 1e3;
    }
}

/// Undo, redo, defaults, and what is going on.
fn foot(ui: &mut Ui, cx: &mut Cx<'_>, area: Rect, history: &mut History, reviewing: &Reviewing) {
    let theme = cx.theme;
    let top = area.bottom() - 88.0;
    ui.painter().hline(area.x_range(), top, Stroke::new(1.0, theme.line));
    let words = match reviewing.share() {
        Some(share) => words::recomputing(share),
        None => words::UP_TO_DATE.to_owned(),
    };
    let place = pos2(area.left() + 16.0, top + 20.0);
    paint::text(ui.painter(), place, Align2::LEFT_CENTER, &words, text_font(size::NOTE), theme.muted);
    if let Some(share) = reviewing.share() {
        let bar = Rect::from_min_size(pos2(area.left() + 16.0, top + 34.0), vec2(288.0, 4.0));
        ui.painter().rect_filled(bar, 2.0, theme.control);
        let done = Rect::from_min_size(bar.min, vec2(bar.width() * share as f32, 4.0));
        ui.painter().rect_filled(done, 2.0, theme::mix(theme.panel, theme.text, 0.7));
    }
    let (can_undo, can_redo) = history.ends();
    let place = |k: usize| {
        Rect::from_min_size(
            pos2(area.left() + 16.0 + 97.0 * k as f32, area.bottom() - 40.0),
            vec2(91.0, 28.0),
        )
    };
    let now = reviewing.recipe().clone();
    for (k, (name, is_on)) in
        [(words::UNDO, can_undo), (words::REDO, can_redo), (words::DEFAULTS, true)].into_iter().enumerate()
    {
        let mut child = ui.new_child(UiBuilder::new().max_rect(place(k)));
        if !is_on {
            child.disable();
        }
        if !paint::button(&mut child, place(k), name, false).clicked() {
            continue;
        }
        match k {
            0 => cx.actions.extend(history.undo(now.clone()).map(Action::Review)),
            1 => cx.actions.extend(history.redo(now.clone()).map(Action::Review)),
            _ => cx
                .actions
                .push(Action::Change(Recipe { rejected: now.rejected.clone(), ..Recipe::default() })),
        }
    }
}
