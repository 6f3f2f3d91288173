//! A list of folders and files to choose a trial from: works alike on every system, with mouse or keys, and needs no
//! dialog of the desktop.
//!
//! Shows what the program around the window lists ([`crate::request::Request::ListFolder`]); it reads no folder itself.

use crate::paint;
use crate::text::start as words;
use crate::theme::{self, Theme, size, text_font};
use egui::{Align2, Key, Modifiers, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use std::path::{Path, PathBuf};

/// Height of a row.
const ROW: f32 = 24.0;

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name.
    pub name: String,
    /// A folder, or a file.
    pub is_folder: bool,
    /// A file of a format that can be read, by its ending.
    pub is_trial: bool,
}

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Whole path.
    pub path: PathBuf,
    /// Folders first, then files, each by name.
    pub entries: Vec<Entry>,
}

/// What the person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// List this folder.
    List(PathBuf),
    /// Take this file.
    Take(PathBuf),
}

/// The list and what is set on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    /// Shown.
    pub is_open: bool,
    /// Only names that contain this, any case.
    pub filter: String,
    /// Files of every kind, not only those that can be read.
    pub shows_all: bool,
    folder: Folder,
    at: usize,
    focus: bool,
}

impl Browser {
    /// Opens the list; the folder it shows comes as an answer to the returned request.
    pub fn open(&mut self, near: Option<&Path>) -> Asked {
        self.is_open = true;
        self.focus = true;
        let known = Some(self.folder.path.clone()).filter(|path| !path.as_os_str().is_empty());
        let near = near.and_then(Path::parent).map(Path::to_owned);
        Asked::List(known.or(near).unwrap_or_default())
    }

    /// Takes a listed folder.
    pub fn show_folder(&mut self, folder: Folder) {
        self.folder = folder;
        self.filter.clear();
        self.at = 0;
    }

    /// The entries that pass the filter.
    #[must_use]
    pub fn shown(&self) -> Vec<&Entry> {
        let wanted = self.filter.trim().to_lowercase();
        let fits = |entry: &&Entry| {
            (entry.is_folder || entry.is_trial || self.shows_all)
                && (wanted.is_empty() || entry.name.to_lowercase().contains(&wanted))
        };
        self.folder.entries.iter().filter(fits).collect()
    }

    fn choose(&self, at: usize) -> Option<Asked> {
        let entry = *self.shown().get(at)?;
        let path = self.folder.path.join(&entry.name);
        Some(if entry.is_folder { Asked::List(path) } else { Asked::Take(path) })
    }

    /// Arrows move, Enter opens, Backspace in an empty filter and Alt+Up go to the folder above.
    fn keys(&mut self, ui: &Ui) -> Option<Asked> {
        let count = self.shown().len();
        let pressed =
            |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
        let is_up = pressed(Modifiers::ALT, Key::ArrowUp)
            || (self.filter.is_empty() && pressed(Modifiers::NONE, Key::Backspace));
        if is_up {
            return self.folder.path.parent().map(|path| Asked::List(path.to_owned()));
        }
        for (key, by) in [(Key::ArrowDown, 1), (Key::PageDown, 10)] {
            if pressed(Modifiers::NONE, key) {
                self.at = (self.at + by).min(count.saturating_sub(1));
            }
        }
        for (key, by) in [(Key::ArrowUp, 1), (Key::PageUp, 10)] {
            if pressed(Modifiers::NONE, key) {
                self.at = self.at.saturating_sub(by);
            }
        }
        if pressed(Modifiers::NONE, Key::Enter) { self.choose(self.at) } else { None }
    }

    /// Draws the list into `area`.
    pub fn show(&mut self, ui: &mut Ui, area: Rect, theme: &Theme) -> Option<Asked> {
        let mut asked = self.keys(ui);
        let mut child = ui.new_child(UiBuilder::new().id_salt("browser").max_rect(area));
        child.horizontal(|ui| {
            if ui.button("⬆").on_hover_text(words::FOLDER_ABOVE).clicked() {
                asked = self.folder.path.parent().map(|path| Asked::List(path.to_owned()));
            }
            let edit = egui::TextEdit::singleline(&mut self.filter)
                .hint_text(words::FILTER)
                .font(text_font(size::BODY))
                .desired_width(220.0);
            let response = ui.add(edit);
            response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, words::FILTER));
            if response.changed() {
                self.at = 0;
            }
            if std::mem::take(&mut self.focus) || response.lost_focus() && asked.is_some() {
                response.request_focus();
            }
            ui.checkbox(&mut self.shows_all, words::ALL_FILES);
        });
        let path = self.folder.path.display().to_string();
        let (rect, _) = child.allocate_exact_size(vec2(area.width(), 20.0), Sense::hover());
        let font = text_font(size::NOTE);
        let place = rect.left_center();
        paint::fitted(child.painter(), place, Align2::LEFT_CENTER, &path, font, theme.muted, area.width());
        asked.or(self.rows(&mut child, theme))
    }

    fn rows(&mut self, ui: &mut Ui, theme: &Theme) -> Option<Asked> {
        let entries: Vec<Entry> = self.shown().into_iter().cloned().collect();
        if entries.is_empty() {
            ui.label(words::NOTHING_HERE);
            return None;
        }
        let mut asked = None;
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().id_salt("files").auto_shrink(false).show(ui, |ui| {
            for (at, entry) in entries.iter().enumerate() {
                let (rect, response) =
                    ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
                let is_here = at == self.at;
                response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, is_here, &entry.name));
                if is_here || response.hovered() {
                    let fill = if is_here { theme.control_strong } else { theme.control };
                    ui.painter().rect_filled(rect, f32::from(theme::RADIUS), fill);
                }
                if is_here && ui.input(|input| !input.keys_down.is_empty()) {
                    ui.scroll_to_rect(rect, None);
                }
                let glyph = if entry.is_folder { "▶" } else { "" };
                let place = pos2(rect.left() + 8.0, rect.center().y);
                let font = text_font(size::BODY);
                let ink = if entry.is_folder || entry.is_trial { theme.text } else { theme.muted };
                paint::text(ui.painter(), place, Align2::LEFT_CENTER, glyph, text_font(size::TICK), ink);
                let place = pos2(rect.left() + 26.0, rect.center().y);
                let room = rect.width() - 34.0;
                paint::fitted(ui.painter(), place, Align2::LEFT_CENTER, &entry.name, font, ink, room);
                if response.clicked() {
                    self.at = at;
                    asked = self.choose(at);
                }
            }
        });
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser() -> Browser {
        let entry = |name: &str, is_folder, is_trial| Entry { name: name.to_owned(), is_folder, is_trial };
        let entries = vec![
            entry("monday", true, false),
            entry("Jog.c3d", false, true),
            entry("notes.txt", false, false),
        ];
        let mut browser = Browser::default();
        browser.show_folder(Folder { path: PathBuf::from("/data"), entries });
        browser
    }

    #[test]
    fn only_what_can_be_read_is_listed_unless_all_is_wanted() {
        let mut browser = browser();
        assert_eq!(browser.shown().len(), 2);
        browser.shows_all = true;
        assert_eq!(browser.shown().len(), 3);
        browser.filter = "JOG".to_owned();
        assert_eq!(browser.shown().iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["Jog.c3d"]);
    }

    #[test]
    fn a_folder_is_gone_into_and_a_file_is_taken() {
        let browser = browser();
        assert_eq!(browser.choose(0), Some(Asked::List(PathBuf::from("/data/monday"))));
        assert_eq!(browser.choose(1), Some(Asked::Take(PathBuf::from("/data/Jog.c3d"))));
        assert_eq!(browser.choose(9), None);
    }
}
