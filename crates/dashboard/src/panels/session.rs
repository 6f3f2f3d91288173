//! Source and session: open problems first, then gaps, marks and changes of quality, newest first.

use crate::layout::Form;
use crate::paint;
use crate::state::Panels;
use crate::text;
use crate::theme::{figure_font, size, text_font};
use egui::{Label, RichText, ScrollArea, Ui, UiBuilder, vec2};
use surae_trial::Severity;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Panels<'_>) {
    let theme = cx.theme;
    let compact = cx.form == Form::Compact;
    let inner = paint::panel(ui, theme, text::title::SESSION, "", compact);
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    child.set_clip_rect(inner.intersect(ui.clip_rect()));
    child.spacing_mut().item_spacing = vec2(8.0, if compact { 2.0 } else { 4.0 });
    let list = &cx.model.session;
    ScrollArea::vertical().id_salt("session").auto_shrink(false).show(&mut child, |ui| {
        for problem in &list.problems {
            let color = match problem.severity {
                Severity::Info => theme.text,
                Severity::Warning => theme.fair,
                Severity::Error => theme.bad,
            };
            ui.horizontal_top(|ui| {
                let glyph = text::severity_glyph(problem.severity);
                let mark = RichText::new(glyph).font(text_font(size::NOTE)).color(color);
                ui.add_sized(vec2(12.0, 15.0), Label::new(mark));
                let words = RichText::new(&problem.text).font(text_font(size::NOTE)).color(color);
                ui.add(Label::new(words).wrap());
            });
        }
        if !list.problems.is_empty() && !list.entries.is_empty() {
            ui.separator();
        }
        for entry in &list.entries {
            ui.horizontal_top(|ui| {
                let time = text::clock(entry.time_s, 1);
                ui.label(RichText::new(time).font(figure_font(size::NOTE)).color(theme.muted));
                ui.label(RichText::new(&entry.text).font(text_font(size::NOTE)).color(theme.text));
            });
        }
        if list.problems.is_empty() && list.entries.is_empty() {
            let words = text::label::NOTHING_HAPPENED;
            ui.label(RichText::new(words).font(text_font(size::NOTE)).color(theme.muted));
        }
    });
}
