//! What all views share: the left part of the top bar with the tabs, notes, and the keys overlay.
//!
//! Not for what a view draws itself: [`crate::lab`], [`crate::review`], [`crate::coach`].

use crate::paint;
use crate::state::{Action, Tab, UserNote};
use crate::text::{self, control};
use crate::theme::{self, GAP, Theme, figure_font, size, text_font};
use egui::{
    Align2, Area, CornerRadius, Id, Order, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a confirmation stays.
const READ: Duration = Duration::from_secs(8);

/// So long after its time the frame is drawn that leaves a note out.
const NOTE_END: Duration = Duration::from_millis(20);

/// State of the window that belongs to no view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shell {
    /// The view that is shown.
    pub tab: Tab,
    /// Keys overlay.
    pub help_open: bool,
    /// Notes, oldest first.
    pub notes: Vec<UserNote>,
}

impl Shell {
    /// Adds a note; only the newest three are kept.
    pub fn note(&mut self, text: impl Into<String>, is_error: bool) {
        self.push(UserNote { text: text.into(), is_error, ..UserNote::default() });
    }

    /// Adds a note about a file that was written.
    pub fn wrote(&mut self, text: impl Into<String>, file: PathBuf) {
        self.push(UserNote { text: text.into(), file: Some(file), ..UserNote::default() });
    }

    fn push(&mut self, note: UserNote) {
        self.notes.push(note);
        let extra = self.notes.len().saturating_sub(3);
        self.notes.drain(..extra);
    }

    /// How long until a note goes by itself; `None` where none does.
    #[must_use]
    pub fn next_end(&self) -> Option<Duration> {
        if self.holds_notes() {
            return None;
        }
        let ends = self.notes.iter().filter(|note| !note.is_error && note.file.is_none());
        ends.map(|note| match note.shown {
            Some(shown) => (READ + NOTE_END).saturating_sub(shown.elapsed()),
            None => Duration::ZERO,
        })
        .min()
    }

    /// Closes the overlay, else the newest note; false when there is neither.
    pub fn escape(&mut self) -> bool {
        if std::mem::take(&mut self.help_open) {
            return true;
        }
        self.notes.pop().is_some()
    }

    /// True while no note is drawn: nobody reads small print from 5 m, confirmations wait for another view.
    fn holds_notes(&self) -> bool {
        self.tab == Tab::Coach && self.notes.iter().all(|note| !note.is_error)
    }

    /// Draws notes and overlay above a view; notes end above `bottom`.
    pub fn overlays(&mut self, ui: &Ui, theme: &Theme, bottom: f32, actions: &mut Vec<Action>) {
        if !self.holds_notes() {
            notes(ui, theme, &mut self.notes, bottom, actions);
        }
        if self.help_open {
            help(ui, theme, self.tab);
        }
    }
}

/// Draws the ground of a top bar, the name and the tabs into `rect`; returns where the view's own part begins.
///
/// A click on a tab is [`Action::View`].
pub fn bar(ui: &mut Ui, rect: Rect, theme: &Theme, shown: Tab, actions: &mut Vec<Action>) -> f32 {
    ui.painter().rect_filled(rect, 0.0, theme.panel);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme.line));
    let middle = rect.center().y;
    let place = pos2(rect.left() + 16.0, middle);
    let font = text_font(size::MUSCLE);
    let name = paint::text(ui.painter(), place, Align2::LEFT_CENTER, text::PROGRAM, font, theme.text);
    let mut left = name.right() + 14.0;
    for tab in Tab::ALL {
        let area = Rect::from_min_size(pos2(left, middle - 13.0), vec2(82.0, 26.0));
        tab_button(ui, area, theme, tab, tab == shown, actions);
        left = area.right() + 4.0;
    }
    left + GAP
}

fn tab_button(ui: &Ui, area: Rect, theme: &Theme, tab: Tab, is_shown: bool, actions: &mut Vec<Action>) {
    let (words, key) = text::tab(tab);
    let response = ui.interact(area, Id::unique(("tab", words)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_shown, words));
    let (fill, edge) = match (is_shown, response.hovered() || response.has_focus()) {
        (true, _) => (theme.control_strong, theme.muted),
        (false, true) => (theme.control, theme.muted),
        (false, false) => (theme.panel, theme.line),
    };
    let radius = CornerRadius::same(theme::RADIUS);
    ui.painter().rect(area, radius, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let left = area.left_center() + vec2(10.0, 0.0);
    paint::text(ui.painter(), left, Align2::LEFT_CENTER, words, text_font(size::BODY), theme.text);
    let right = area.right_center() - vec2(9.0, 0.0);
    paint::text(ui.painter(), right, Align2::RIGHT_CENTER, key, text_font(size::TICK), theme.muted);
    if response.clicked() {
        actions.push(Action::View(tab));
    }
}

/// Errors and confirmations, bottom right, newest three, each with its own way to close it.
fn notes(ui: &Ui, theme: &Theme, notes: &mut Vec<UserNote>, bottom: f32, actions: &mut Vec<Action>) {
    for note in notes.iter_mut() {
        note.shown.get_or_insert_with(Instant::now);
    }
    // A confirmation that was read goes by itself; an error and a file wait for the person.
    let is_over = |note: &UserNote| note.shown.is_some_and(|shown| shown.elapsed() > READ);
    notes.retain(|note| note.is_error || note.file.is_some() || !is_over(note));
    if notes.is_empty() {
        return;
    }
    let corner = pos2(ui.max_rect().right() - 2.0 * GAP, bottom - GAP);
    let area = Area::new(Id::unique("notes")).order(Order::Foreground).fixed_pos(corner);
    let mut closed = None;
    area.pivot(Align2::RIGHT_BOTTOM).show(ui.ctx(), |ui| {
        for (k, note) in notes.iter().enumerate() {
            let color = if note.is_error { theme.bad } else { theme.muted };
            let frame = egui::Frame::new()
                .fill(theme.tint(color, 0.12))
                .stroke(Stroke::new(1.0, color))
                .corner_radius(theme::RADIUS)
                .inner_margin(8.0);
            frame.show(ui, |ui| {
                ui.set_width(420.0);
                ui.horizontal_top(|ui| {
                    let words = RichText::new(&note.text).font(text_font(size::BODY)).color(theme.text);
                    ui.allocate_ui(vec2(384.0, 0.0), |ui| ui.add(egui::Label::new(words).wrap()));
                    let close = ui.small_button(control::CLOSE).on_hover_text(text::CLOSE_NOTE);
                    if close.clicked() {
                        closed = Some(k);
                    }
                });
                if let Some(file) = &note.file {
                    ui.horizontal(|ui| {
                        if ui.button(control::OPEN_FILE).clicked() {
                            actions.push(Action::OpenFile(file.clone()));
                        }
                        if ui.button(control::COPY_PATH).clicked() {
                            ui.ctx().copy_text(file.display().to_string());
                        }
                    });
                }
            });
            ui.add_space(4.0);
        }
    });
    if let Some(closed) = closed {
        notes.remove(closed);
    }
}

/// The keys, over everything.
fn help(ui: &Ui, theme: &Theme, tab: Tab) {
    let window = ui.max_rect();
    let area = Area::new(Id::unique("keys")).order(Order::Foreground).fixed_pos(window.center());
    area.pivot(Align2::CENTER_CENTER).show(ui.ctx(), |ui| {
        let frame = egui::Frame::new()
            .fill(theme.panel)
            .stroke(Stroke::new(1.0, theme.muted))
            .corner_radius(theme::RADIUS)
            .inner_margin(16.0);
        frame.show(ui, |ui| {
            let title = RichText::new(text::title::KEYS).font(text_font(size::MUSCLE)).color(theme.text);
            ui.label(title);
            ui.add_space(8.0);
            ui.horizontal_top(|ui| {
                for (at, column) in [text::keys::of(tab), &text::keys::COMMON].into_iter().enumerate() {
                    egui::Grid::new(("keys", at)).num_columns(2).spacing(vec2(20.0, 6.0)).show(ui, |ui| {
                        for (key, does) in column {
                            ui.label(RichText::new(*key).font(figure_font(size::BODY)).color(theme.text));
                            ui.label(RichText::new(*does).font(text_font(size::BODY)).color(theme.muted));
                            ui.end_row();
                        }
                    });
                    ui.add_space(24.0);
                }
            });
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_three_notes_stay() {
        let mut shell = Shell::default();
        for k in 0..5 {
            shell.note(format!("note {k}"), true);
        }
        let texts: Vec<&str> = shell.notes.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(texts, ["note 2", "note 3", "note 4"]);
    }

    #[test]
    fn escape_closes_the_overlay_before_a_note() {
        let mut shell = Shell { help_open: true, ..Shell::default() };
        shell.note("one", false);
        assert!(shell.escape() && !shell.help_open && shell.notes.len() == 1);
        assert!(shell.escape() && shell.notes.is_empty());
        assert!(!shell.escape());
    }
}
