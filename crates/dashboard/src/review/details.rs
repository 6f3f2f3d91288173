//! The chosen contact in numbers, and every doubt about the trial in plain words.

use super::Cx;
use crate::paint;
use crate::text::{self, review as words};
use crate::theme::{figure_font, size, text_font};
use egui::{Align2, Sense, Ui, pos2, vec2};
use surae_gait::report::PushOffReport;
use surae_trial::{Note, Severity};

/// Height of a row of numbers.
const LINE: f32 = 19.0;

/// The chosen contact.
pub fn contact(ui: &mut Ui, cx: &Cx<'_>, width: f32) {
    let Some(push) = cx.report.pushoffs.get(cx.state.chosen) else { return };
    title(ui, cx, &words::contact_at(push.contact_s), width);
    for (name, value) in rows(push) {
        let (rect, _) = ui.allocate_exact_size(vec2(width, LINE), Sense::hover());
        let middle = rect.center().y;
        let font = figure_font(size::NOTE);
        let place = pos2(rect.right() - 10.0, middle);
        let drawn = paint::text(ui.painter(), place, Align2::RIGHT_CENTER, &value, font, cx.theme.text);
        let room = drawn.left() - rect.left() - 8.0;
        let place = pos2(rect.left(), middle);
        let font = text_font(size::NOTE);
        paint::fitted(ui.painter(), place, Align2::LEFT_CENTER, &name, font, cx.theme.muted, room);
        paint::named(ui, rect, format!("{name}: {value}"));
    }
    ui.add_space(8.0);
}

fn title(ui: &mut Ui, cx: &Cx<'_>, words: &str, width: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(width, 26.0), Sense::hover());
    let place = rect.left_center();
    paint::text(ui.painter(), place, Align2::LEFT_CENTER, words, text_font(size::TITLE), cx.theme.text);
}

/// Name and value of everything that is said of a contact.
fn rows(push: &PushOffReport) -> Vec<(String, String)> {
    let degrees = |deg: Option<f64>| {
        deg.map_or_else(|| text::MISSING.to_owned(), |deg| format!("{}°", text::signed(deg as f32, 1)))
    };
    let ms = |ms: Option<f64>| {
        ms.map_or_else(|| text::MISSING.to_owned(), |ms| format!("{} ms", text::signed(ms as f32, 0)))
    };
    let mut rows = vec![
        (words::CONTACT_TIME.to_owned(), ms(push.contact_time_s.map(|s| s * 1e3))),
        (words::FLIGHT_TIME.to_owned(), ms(push.flight_time_s.map(|s| s * 1e3))),
        (words::KNEE_AT_CONTACT.to_owned(), degrees(push.knee_at_contact_deg)),
        (words::KNEE_LEAST.to_owned(), degrees(push.knee_min_deg)),
        (words::KNEE_AT_OFF.to_owned(), degrees(push.knee_at_off_deg)),
    ];
    let calf = calf_order(push);
    let joined = |value: &dyn Fn(&str) -> Option<f64>| -> String {
        let all = calf.iter().map(|name| value(name).map_or_else(|| text::MISSING.to_owned(), whole));
        all.collect::<Vec<_>>().join(" · ")
    };
    let names = calf.join(" · ");
    if calf.iter().any(|name| push.muscles.contains_key(*name)) {
        let peak = joined(&|name| push.muscles.get(name)?.peak_ms);
        let half = joined(&|name| push.muscles.get(name)?.t50_ms);
        rows.push((words::peak_of(&names), format!("{peak} ms")));
        rows.push((words::half_by(&names), format!("{half} ms")));
    }
    if !push.preactivation_fraction.is_empty() {
        let before = joined(&|name| push.preactivation_fraction.get(name).map(|share| share * 100.0));
        rows.push((words::before_contact(&names), format!("{before} %")));
    }
    if let Some(quality) = &push.quality {
        rows.push((words::SIGNAL_QUALITY.to_owned(), quality.clone()));
    }
    rows
}

/// The muscles that a contact has times of: the calf as on the screen, then others.
fn calf_order(push: &PushOffReport) -> Vec<&str> {
    let mut names: Vec<&str> =
        push.muscles.keys().chain(push.preactivation_fraction.keys()).map(String::as_str).collect();
    let rank = |name: &str| ["MG", "LG", "GAS", "SOL", "TA"].iter().position(|one| *one == name).unwrap_or(9);
    names.sort_by_key(|name| (rank(name), *name));
    names.dedup();
    names
}

fn whole(value: f64) -> String {
    text::signed(value as f32, 0)
}

/// Notes of the review: warnings first, then what was guessed or decided.
pub fn doubts(ui: &mut Ui, cx: &Cx<'_>, width: f32) {
    title(ui, cx, words::DOUBTS, width);
    let report = cx.reviewed.report();
    let mut notes: Vec<&Note> = report.notes.iter().collect();
    notes.sort_by_key(|note| std::cmp::Reverse(note.severity));
    let illustrative = Note::warning("illustrative", words::DOUBT_ILLUSTRATIVE);
    if cx.reviewed.is_illustrative() {
        notes.insert(0, &illustrative);
    }
    if notes.is_empty() {
        line(ui, cx, Severity::Info, words::NO_DOUBTS, width);
    }
    for note in notes {
        line(ui, cx, note.severity, &note.text, width);
    }
}

fn line(ui: &mut Ui, cx: &Cx<'_>, severity: Severity, words: &str, width: f32) {
    let theme = cx.theme;
    let (ink, mark) = match severity {
        Severity::Info => (theme.muted, theme.muted),
        Severity::Warning => (theme.text, theme.fair),
        Severity::Error => (theme.text, theme.bad),
    };
    let galley = paint::lines(ui.painter(), words, text_font(size::NOTE), ink, width - 28.0, 6);
    let (rect, _) = ui.allocate_exact_size(vec2(width, galley.size().y + 5.0), Sense::hover());
    let glyph = text::severity_glyph(severity);
    let place = rect.min + vec2(4.0, 0.0);
    paint::text(ui.painter(), place, Align2::LEFT_TOP, glyph, text_font(size::TICK), mark);
    ui.painter().galley(rect.min + vec2(18.0, 0.0), galley, ink);
    paint::named(ui, rect, words);
}
