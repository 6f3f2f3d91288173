//! The menu of the Lab view: open, panels, layouts, motion.

use crate::layout::Panel;
use crate::state::{Action, Panels};
use crate::text::{control, menu as words};
use crate::theme::{size, text_font};
use egui::containers::menu::{MenuButton, MenuConfig, SubMenuButton};
use egui::{PopupCloseBehavior, Rect, RichText, Role, Ui, WidgetInfo};

/// Draws the button; its menu opens below it.
pub fn show(ui: &mut Ui, rect: Rect, cx: &mut Panels<'_>) {
    let mut child = ui.new_child(egui::UiBuilder::new().id_salt("menu").max_rect(rect));
    let button =
        egui::Button::new(RichText::new(control::MENU).font(text_font(size::BODY))).min_size(rect.size());
    // A name is typed in it: it stays open until a click outside.
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    MenuButton::from_button(button).config(config).ui(&mut child, |ui| items(ui, cx));
}

fn items(ui: &mut Ui, cx: &mut Panels<'_>) {
    let mut item = |ui: &mut Ui, words: &str, action: Action| {
        if ui.button(words).clicked() {
            cx.actions.push(action);
            ui.close();
        }
    };
    item(ui, words::OPEN, Action::StartCard);
    item(ui, words::FULL_SCREEN, Action::FullScreen);
    let mut reduces = cx.view.reduces_motion;
    if ui.checkbox(&mut reduces, words::REDUCE_MOTION).changed() {
        cx.actions.push(Action::ReduceMotion);
    }
    ui.separator();
    SubMenuButton::new(words::PANELS).ui(ui, |ui| panels(ui, cx));
    SubMenuButton::new(words::LAYOUTS).ui(ui, |ui| layouts(ui, cx));
}

fn panels(ui: &mut Ui, cx: &mut Panels<'_>) {
    let panels = [Panel::Dominance, Panel::Map, Panel::Spectrum, Panel::Phase, Panel::Session];
    for panel in panels {
        let mut is_shown = !cx.view.hidden_panels.contains(&panel);
        if ui.checkbox(&mut is_shown, super::title(panel)).changed() {
            cx.actions.push(Action::TogglePanel(panel));
        }
    }
}

fn layouts(ui: &mut Ui, cx: &mut Panels<'_>) {
    if ui.button(words::STANDARD).clicked() {
        cx.actions.push(Action::UseLayout(None));
        ui.close();
    }
    for (name, _) in &cx.view.layouts {
        if ui.button(name).clicked() {
            cx.actions.push(Action::UseLayout(Some(name.clone())));
            ui.close();
        }
    }
    ui.separator();
    let edit = egui::TextEdit::singleline(&mut cx.view.layout_name).hint_text(words::LAYOUT_NAME);
    let edit = edit.desired_width(140.0).char_limit(40);
    ui.add(edit).widget_info(|| WidgetInfo::labeled(Role::TextInput, true, words::LAYOUT_NAME));
    if ui.button(words::SAVE_LAYOUT).clicked() {
        cx.actions.push(Action::SaveLayout(cx.view.layout_name.clone()));
        ui.close();
    }
}
