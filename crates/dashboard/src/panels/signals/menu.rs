//! The menu of a lane: what the right mouse button offers where a trace is.

use crate::state::{Action, Panels};
use crate::text::menu as words;
use egui::{Rect, Response, Ui};

/// What was picked in the menu of a lane.
enum Picked {
    Hide,
    ShowAll,
    Scale(f32),
    Do(Box<Action>),
}

/// Opens at a right click on the lane; `panel` is what a picture is taken of.
pub fn of_lane(response: &Response, cx: &mut Panels<'_>, lane: &str, panel: Rect) {
    let mut picked = None;
    response.context_menu(|ui| picked = items(ui, lane, !cx.view.hidden.is_empty(), panel));
    match picked {
        Some(Picked::Hide) => cx.view.hidden.push(lane.to_owned()),
        Some(Picked::ShowAll) => cx.view.hidden.clear(),
        Some(Picked::Scale(factor)) => {
            if let Some((_, scale)) = cx.view.scales.iter_mut().find(|(name, _)| name == lane) {
                *scale *= factor;
                cx.view.held_scales.retain(|name| name != lane);
                cx.view.held_scales.push(lane.to_owned());
            }
        }
        Some(Picked::Do(action)) => cx.actions.push(*action),
        None => {}
    }
}

fn items(ui: &mut Ui, lane: &str, has_hidden: bool, panel: Rect) -> Option<Picked> {
    let mut picked = None;
    let mut item = |ui: &mut Ui, words: &str, what: Picked| {
        if ui.button(words).clicked() {
            picked = Some(what);
            ui.close();
        }
    };
    item(ui, &words::hide(lane), Picked::Hide);
    if has_hidden {
        item(ui, words::SHOW_ALL, Picked::ShowAll);
    }
    ui.separator();
    item(ui, words::LARGER, Picked::Scale(0.5));
    item(ui, words::SMALLER, Picked::Scale(2.0));
    item(ui, words::FIT, Picked::Do(Box::new(Action::FitScales)));
    item(ui, words::TRACES, Picked::Do(Box::new(Action::NextTraces)));
    ui.separator();
    item(ui, words::PICTURE, Picked::Do(Box::new(Action::PictureOf(panel))));
    picked
}
