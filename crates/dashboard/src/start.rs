//! The Start card: see a demo, open a recording, connect a board. Also asks for the second trial of a comparison.
//!
//! Draws and says what is asked for; it lists no port and reads no file by itself.

use crate::browser::{Asked, Browser};
use crate::paint;
use crate::request::{Demo, Port};
use crate::state::Action;
use crate::text::{control, start as words};
use crate::theme::{self, Theme, size, text_font};
use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use std::path::{Path, PathBuf};

/// Size of the card.
const CARD: egui::Vec2 = vec2(960.0, 420.0);
/// Recent trials shown at most.
const RECENTS: usize = 5;
/// Ports shown at most.
const PORTS: usize = 5;

/// A column of the card.
type Column = fn(&mut StartCard, &mut Ui, &Theme, &mut Vec<Action>);

/// What a chosen file is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// It becomes the open trial.
    #[default]
    Open,
    /// It is compared with the open trial.
    Compare,
}

/// What is set on the card.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StartCard {
    /// Shown over a view although something is open.
    pub is_open: bool,
    /// What a chosen file is for.
    pub purpose: Purpose,
    /// Path as typed.
    pub path: String,
    /// Trials opened before, newest first.
    pub recents: Vec<PathBuf>,
    /// Ports as listed last; `None` until they are asked for.
    pub ports: Option<Vec<Port>>,
    /// Protocols a board may speak.
    pub devices: Vec<String>,
    /// Protocol chosen, position in `devices`.
    pub device: usize,
    /// Port as typed or picked.
    pub port: String,
    /// The list of files.
    pub browser: Browser,
    /// What is being opened.
    pub busy: Option<String>,
}

impl StartCard {
    /// Puts a trial first in the list of recent ones.
    pub fn remember(&mut self, path: &Path) {
        self.recents.retain(|known| known != path);
        self.recents.insert(0, path.to_owned());
        self.recents.truncate(2 * RECENTS);
    }

    fn take(&self, path: PathBuf) -> Action {
        match self.purpose {
            Purpose::Open => Action::Open(path),
            Purpose::Compare => Action::Compare(path),
        }
    }

    /// Draws the card in the middle of `area`; over a view there is a way to close it.
    pub fn show(&mut self, ui: &mut Ui, area: Rect, theme: &Theme, actions: &mut Vec<Action>) {
        let is_over = self.is_open;
        let card = Rect::from_center_size(area.center(), CARD.min(area.size() - vec2(32.0, 32.0)));
        // What lies below must not feel the pointer through the card.
        ui.interact(card, ui.scope_id().with("card"), Sense::click_and_drag());
        ui.painter().rect(card, 6.0, theme.panel, Stroke::new(1.0, theme.muted), StrokeKind::Inside);
        let title = if self.purpose == Purpose::Compare { words::COMPARE } else { words::TITLE };
        let place = pos2(card.left() + 28.0, card.top() + 36.0);
        paint::text(ui.painter(), place, Align2::LEFT_CENTER, title, text_font(24.0), theme.text);
        if is_over {
            let close = Rect::from_min_size(pos2(card.right() - 48.0, card.top() + 20.0), vec2(28.0, 28.0));
            if paint::button(ui, close, control::CLOSE, false).on_hover_text("Esc").clicked() {
                self.is_open = false;
            }
        }
        let body = Rect::from_min_max(card.min + vec2(28.0, 70.0), card.max - vec2(28.0, 44.0));
        if self.browser.is_open {
            self.browse(ui, body, theme, actions);
        } else {
            self.columns(ui, body, theme, actions);
        }
        let foot = pos2(card.left() + 28.0, card.bottom() - 24.0);
        let words = self.busy.as_deref().map_or_else(|| words::HINT.to_owned(), words::opening);
        let room = card.width() - 56.0;
        let font = text_font(size::NOTE);
        paint::fitted(ui.painter(), foot, Align2::LEFT_CENTER, &words, font, theme.muted, room);
        paint::named(ui, Rect::from_min_size(foot - vec2(0.0, 8.0), vec2(room, 16.0)), words);
    }

    /// The list of files in place of the columns.
    fn browse(&mut self, ui: &mut Ui, body: Rect, theme: &Theme, actions: &mut Vec<Action>) {
        let back = Rect::from_min_size(pos2(body.right() - 84.0, body.top() - 2.0), vec2(84.0, 26.0));
        if paint::button(ui, back, words::BACK, false).on_hover_text("Esc").clicked() {
            self.browser.is_open = false;
        }
        match self.browser.show(ui, body, theme) {
            Some(Asked::List(path)) => actions.push(Action::ListFolder(path)),
            Some(Asked::Take(path)) => {
                self.browser.is_open = false;
                actions.push(self.take(path));
            }
            None => {}
        }
    }

    /// The choices beside each other.
    fn columns(&mut self, ui: &mut Ui, body: Rect, theme: &Theme, actions: &mut Vec<Action>) {
        let columns: &[Column] = match self.purpose {
            Purpose::Open => &[Self::demo, Self::recording, Self::board],
            Purpose::Compare => &[Self::recording],
        };
        let width = (body.width() - 24.0 * (columns.len() - 1) as f32) / columns.len() as f32;
        for (k, column) in columns.iter().enumerate() {
            let left = body.left() + k as f32 * (width + 24.0);
            let rect = Rect::from_min_size(pos2(left, body.top()), vec2(width, body.height()));
            if k > 0 {
                ui.painter().vline(left - 12.0, body.y_range(), Stroke::new(1.0, theme.line));
            }
            let mut child = ui.new_child(UiBuilder::new().id_salt(("start", k)).max_rect(rect));
            column(self, &mut child, theme, actions);
        }
    }

    fn demo(&mut self, ui: &mut Ui, theme: &Theme, actions: &mut Vec<Action>) {
        heading(ui, theme, words::DEMO, words::DEMO_NOTE);
        for (demo, name) in
            [(Demo::Walk, words::WALK), (Demo::Sprint, words::SPRINT), (Demo::Jump, words::JUMP)]
        {
            if wide_button(ui, theme, name).clicked() {
                actions.push(Action::Demo(demo));
            }
        }
    }

    fn recording(&mut self, ui: &mut Ui, theme: &Theme, actions: &mut Vec<Action>) {
        heading(ui, theme, words::RECORDING, words::RECORDING_NOTE);
        let mut asked = None;
        ui.horizontal(|ui| {
            let edit =
                egui::TextEdit::singleline(&mut self.path).hint_text(words::PATH).font(text_font(size::BODY));
            let response = ui.add_sized(vec2(ui.available_width() - 64.0, 28.0), edit);
            response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, words::PATH));
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let open = ui.add_sized(vec2(54.0, 28.0), egui::Button::new(words::OPEN)).clicked();
            let path = self.path.trim().trim_matches('"');
            if (open || entered) && !path.is_empty() {
                asked = Some(PathBuf::from(path));
            }
        });
        if ui.add_sized(vec2(ui.available_width(), 28.0), egui::Button::new(words::BROWSE)).clicked() {
            let Asked::List(path) = self.browser.open(self.recents.first().map(PathBuf::as_path)) else {
                return;
            };
            actions.push(Action::ListFolder(path));
        }
        if self.recents.is_empty() {
            note(ui, theme, words::NO_RECENTS);
        } else {
            note(ui, theme, words::RECENTS);
        }
        for path in self.recents.iter().take(RECENTS) {
            let name = path
                .file_name()
                .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
            let response = row_button(ui, theme, &name).on_hover_text(path.display().to_string());
            if response.clicked() {
                asked = Some(path.clone());
            }
        }
        actions.extend(asked.map(|path| self.take(path)));
    }

    fn board(&mut self, ui: &mut Ui, theme: &Theme, actions: &mut Vec<Action>) {
        heading(ui, theme, words::BOARD, words::BOARD_NOTE);
        let chosen = self.devices.get(self.device).cloned().unwrap_or_default();
        ui.horizontal(|ui| {
            note(ui, theme, words::SPEAKS);
            let list = egui::ComboBox::from_id_salt("device").selected_text(&chosen).width(140.0);
            let list = list.show_ui(ui, |ui| {
                for (at, name) in self.devices.iter().enumerate() {
                    ui.selectable_value(&mut self.device, at, name);
                }
            });
            list.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, words::SPEAKS));
        });
        ui.horizontal(|ui| {
            let edit =
                egui::TextEdit::singleline(&mut self.port).hint_text(words::PORT).font(text_font(size::BODY));
            let response = ui.add_sized(vec2(ui.available_width() - 84.0, 28.0), edit);
            response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, words::PORT));
            let is_ready = !self.port.trim().is_empty() && !chosen.is_empty();
            let button = egui::Button::new(words::CONNECT).min_size(vec2(74.0, 28.0));
            if ui.add_enabled(is_ready, button).clicked() {
                actions.push(Action::Connect { device: chosen.clone(), port: self.port.trim().to_owned() });
            }
        });
        if ui.add_sized(vec2(ui.available_width(), 28.0), egui::Button::new(words::LIST)).clicked() {
            actions.push(Action::ListPorts);
        }
        ui.add_space(4.0);
        match &self.ports {
            None => note(ui, theme, words::NOT_LISTED),
            Some(ports) if ports.is_empty() => note(ui, theme, words::NO_PORTS),
            Some(ports) => {
                let mut picked = None;
                for port in ports.iter().take(PORTS) {
                    let words = if port.what.is_empty() {
                        port.path.clone()
                    } else {
                        format!("{}  {}", port.path, port.what)
                    };
                    if row_button(ui, theme, &words).clicked() {
                        picked = Some(port.path.clone());
                    }
                }
                if let Some(path) = picked {
                    self.port = path;
                }
            }
        }
    }
}

fn heading(ui: &mut Ui, theme: &Theme, title: &str, about: &str) {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover());
    let place = rect.left_center();
    paint::fitted(
        ui.painter(),
        place,
        Align2::LEFT_CENTER,
        title,
        text_font(size::MUSCLE),
        theme.text,
        width,
    );
    let galley = paint::lines(ui.painter(), about, text_font(size::NOTE), theme.muted, width, 2);
    let (rect, _) = ui.allocate_exact_size(vec2(width, 34.0), Sense::hover());
    ui.painter().galley(rect.min, galley, theme.muted);
    ui.spacing_mut().item_spacing.y = 6.0;
}

fn note(ui: &mut Ui, theme: &Theme, words: &str) {
    ui.add(
        egui::Label::new(egui::RichText::new(words).font(text_font(size::NOTE)).color(theme.muted)).wrap(),
    );
}

fn wide_button(ui: &mut Ui, theme: &Theme, words: &str) -> egui::Response {
    let text = egui::RichText::new(words).font(text_font(size::TITLE)).color(theme.text);
    ui.add_sized(vec2(ui.available_width(), 44.0), egui::Button::new(text))
}

/// A row of a list: a flat button over the whole width, its words cut where they are too long.
fn row_button(ui: &mut Ui, theme: &Theme, words: &str) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, f32::from(theme::RADIUS), theme.control_strong);
    }
    let place = rect.left_center() + vec2(8.0, 0.0);
    let room = rect.width() - 16.0;
    paint::fitted(ui.painter(), place, Align2::LEFT_CENTER, words, text_font(size::BODY), theme.text, room);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_opened_again_moves_to_the_front_and_the_list_stays_short() {
        let mut card = StartCard::default();
        for k in 0..20 {
            card.remember(Path::new(&format!("{k}.c3d")));
        }
        card.remember(Path::new("15.c3d"));
        assert_eq!(card.recents[..3], ["15.c3d", "19.c3d", "18.c3d"].map(PathBuf::from));
        assert_eq!(card.recents.len(), 10);
    }
}
