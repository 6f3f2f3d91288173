//! The Review part of the top bar: which trial, which filters, which references, and what to do with the result.

use super::ReviewView;
use crate::paint;
use crate::reviewed::{Reviewed, Reviewing};
use crate::state::Action;
use crate::text::{self, review as words};
use crate::theme::{GAP, Theme, size, text_font};
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use surae_gait::Mode;

/// Draws the part right of `left`.
pub fn show(
    ui: &mut Ui,
    bar: Rect,
    left: f32,
    view: &mut ReviewView,
    reviewing: &Reviewing,
    actions: &mut Vec<Action>,
) {
    let theme = view.theme();
    let middle = bar.center().y;
    let right = buttons(ui, bar, view, actions);
    let Some(reviewed) = reviewing.shown() else { return };
    let right = profile_chip(ui, theme, pos2(right, middle), reviewed);
    let right = filter_chip(ui, theme, pos2(right - GAP, middle), reviewed, reviewing, view, actions);
    let name = &reviewed.material.name;
    let font = text_font(size::BODY + 1.0);
    let room = right - left - GAP;
    let drawn =
        paint::fitted(ui.painter(), pos2(left, middle), Align2::LEFT_CENTER, name, font, theme.text, room);
    let facts = facts(view, reviewed);
    let place = pos2(drawn.right() + 8.0, middle);
    let room = right - place.x - GAP;
    paint::fitted(ui.painter(), place, Align2::LEFT_CENTER, &facts, text_font(size::NOTE), theme.muted, room);
    paint::named(
        ui,
        Rect::from_min_max(pos2(left, bar.top()), pos2(right, bar.bottom())),
        format!("{name}: {facts}"),
    );
}

/// Help, copy, report, settings from right to left; returns the left edge.
fn buttons(ui: &mut Ui, bar: Rect, view: &mut ReviewView, actions: &mut Vec<Action>) -> f32 {
    let mut right = bar.right() - GAP;
    let mut next = |width: f32| {
        let rect = Rect::from_min_size(pos2(right - width, bar.center().y - 13.0), vec2(width, 26.0));
        right = rect.left() - 6.0;
        rect
    };
    if paint::button(ui, next(28.0), text::control::HELP, false)
        .on_hover_text(text::hint(text::control::HELP))
        .clicked()
    {
        actions.push(Action::Help);
    }
    if paint::button(ui, next(58.0), words::COPY, false).on_hover_text(words::COPY_HINT).clicked() {
        actions.push(Action::CopyTable);
    }
    if paint::button(ui, next(66.0), words::REPORT, false).on_hover_text(words::REPORT_HINT).clicked() {
        actions.push(Action::Report);
    }
    let is_open = view.state.settings_open;
    if paint::button(ui, next(74.0), words::SETTINGS, is_open).clicked() {
        view.state.settings_open = !is_open;
    }
    right
}

fn profile_chip(ui: &Ui, theme: &Theme, right: egui::Pos2, reviewed: &Reviewed) -> f32 {
    let (chip, warns) = match &reviewed.material.profile {
        None => (words::NO_PROFILE.to_owned(), true),
        Some(profile) if profile.illustrative => (words::ILLUSTRATIVE.to_owned(), true),
        Some(profile) => (words::profile(&profile.athlete, &profile.date), false),
    };
    let (fill, edge) =
        if warns { (theme.tint(theme.fair, 0.12), theme.fair) } else { (theme.control, theme.line) };
    let rect = paint::chip(ui, right, 26.0, &chip, theme.text, fill, edge);
    paint::named(ui, rect, chip);
    rect.left()
}

/// The filters in force; a click changes between zero-phase and causal. Says how far a new review has come.
fn filter_chip(
    ui: &Ui,
    theme: &Theme,
    right: egui::Pos2,
    reviewed: &Reviewed,
    reviewing: &Reviewing,
    view: &mut ReviewView,
    actions: &mut Vec<Action>,
) -> f32 {
    let chip = match reviewing.share() {
        Some(share) => words::recomputing(share),
        None => words::filters(reviewed.recipe.mode, reviewed.report().settings.conditioning.envelope_hz),
    };
    let rect = paint::chip(ui, right, 26.0, &chip, theme.text, theme.plot, theme.line);
    let response = ui.interact(rect, ui.scope_id().with("filters"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, chip.clone()));
    if response.has_focus() || response.hovered() {
        let stroke = egui::Stroke::new(1.0, theme.muted);
        ui.painter().rect_stroke(rect, egui::CornerRadius::same(13), stroke, egui::StrokeKind::Inside);
    }
    if response.clicked() {
        let recipe = reviewing.recipe().clone();
        let mode = if recipe.mode == Mode::Causal { Mode::ZeroPhase } else { Mode::Causal };
        view.history.changed(recipe.clone());
        actions.push(Action::Review(crate::reviewed::Recipe { mode, ..recipe }));
    }
    response.on_hover_text(words::FILTER_HINT);
    rect.left()
}

/// `jog · 3.35 s · right leg MG LG SOL TA at 1500 Hz · 3 contacts, 2 full strides`.
fn facts(view: &ReviewView, reviewed: &Reviewed) -> String {
    let report = reviewed.report();
    let mut facts =
        vec![text::task(report.settings.task).to_owned(), format!("{:.2} s", reviewed.duration_s)];
    if let Some(leg) = view.state.leg_of(reviewed) {
        let names: Vec<&str> = leg.emg.iter().take(5).map(|emg| emg.muscle.short()).collect();
        let rate = leg.emg.first().map_or(0.0, |emg| emg.envelope.rate_hz);
        let more = if leg.emg.len() > 5 { format!(" +{}", leg.emg.len() - 5) } else { String::new() };
        if !names.is_empty() {
            facts.push(format!("{} leg {}{more} at {rate:.0} Hz", leg.side.name(), names.join(" ")));
        }
        if let Some(side) = report.sides.of(leg.side) {
            facts.push(words::contacts_and_strides(side.pushoffs.len(), side.cycles.n));
        }
    }
    facts.join(" · ")
}
