//! The transport strip: play, speed, loop, time, marks, and the whole trial to scrub over.

use crate::layout::Form;
use crate::model::Transport;
use crate::paint;
use crate::state::{Action, Panels, SPEEDS, speed_text};
use crate::text::{self, control};
use crate::theme::{self, GAP, figure_font, size, text_font};
use egui::{Align2, Rect, RichText, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

/// Draws the strip into `rect`.
pub fn show(ui: &mut Ui, rect: Rect, cx: &mut Panels<'_>) {
    ui.painter().rect_filled(rect, 0.0, cx.theme.panel);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, cx.theme.line));
    let mut row = Row { x: rect.left() + GAP, middle: rect.center().y, height: rect.height() - 14.0 };
    let transport = &cx.model.transport;
    if transport.is_replay {
        replay_controls(ui, &mut row, cx);
        time(ui, &mut row, cx, &cx.model.transport);
        marks(ui, &mut row, cx);
        bookmark(ui, &mut row, cx);
    } else {
        record(ui, &mut row, cx);
        marks(ui, &mut row, cx);
        device_controls(ui, &mut row, cx);
        time(ui, &mut row, cx, &cx.model.transport);
    }
    let strip = Rect::from_min_max(
        pos2(row.x + GAP, rect.top() + 6.0),
        pos2(rect.right() - 12.0, rect.bottom() - 6.0),
    );
    if strip.width() > 60.0 {
        overview(ui, strip, cx);
    }
}

/// Places controls one after the other.
struct Row {
    x: f32,
    middle: f32,
    height: f32,
}

impl Row {
    fn next(&mut self, width: f32) -> Rect {
        let rect = Rect::from_center_size(pos2(self.x + width / 2.0, self.middle), vec2(width, self.height));
        self.x += width + 6.0;
        rect
    }
}

fn replay_controls(ui: &mut Ui, row: &mut Row, cx: &mut Panels<'_>) {
    let transport = &cx.model.transport;
    if paint::button(ui, row.next(74.0), control::START, false).on_hover_text("Home").clicked() {
        cx.actions.push(Action::Start);
    }
    let play = if transport.playing { control::PAUSE } else { control::PLAY };
    if paint::button(ui, row.next(82.0), play, false).on_hover_text("Space").clicked() {
        cx.actions.push(Action::PlayPause);
    }
    speed_menu(ui, row.next(64.0), cx);
    if paint::button(ui, row.next(74.0), control::LOOP, transport.looped).on_hover_text("L").clicked() {
        cx.actions.push(Action::Loop);
    }
}

/// The record button: the time of a recording, or how to begin one.
fn record(ui: &mut Ui, row: &mut Row, cx: &mut Panels<'_>) {
    let (theme, recording) = (cx.theme, cx.model.recording);
    let rect = row.next(112.0);
    let words = if recording.is_running {
        format!("⏺ {}", text::clock(recording.seconds, 1))
    } else {
        control::RECORD.to_owned()
    };
    let fill = if recording.is_running { theme.tint(theme.recording, 0.35) } else { theme.control };
    let edge = if recording.is_running { theme.recording } else { theme.line };
    let ink = if recording.is_possible { theme.text } else { theme.muted };
    let words = RichText::new(words).font(text_font(size::BODY)).color(ink);
    let button = egui::Button::new(words).fill(fill).stroke(Stroke::new(1.0, edge));
    if ui.put(rect, button).on_hover_text("R").clicked() {
        cx.actions.push(Action::Record);
    }
    if cx.form == Form::Wide && recording.is_possible {
        let words = text::record_caption(recording.is_running, recording.held_s);
        let place = pos2(row.x, row.middle);
        let font = text_font(size::NOTE);
        let drawn = paint::text(ui.painter(), place, Align2::LEFT_CENTER, &words, font, theme.muted);
        // Figures that change never push what stands beside them.
        row.x += drawn.width().max(188.0) + 8.0;
    }
}

/// A typed note, the calibration, freeze or back to now.
fn device_controls(ui: &mut Ui, row: &mut Row, cx: &mut Panels<'_>) {
    if paint::button(ui, row.next(58.0), control::NOTE, false).on_hover_text("N").clicked() {
        cx.actions.push(Action::Note);
    }
    if paint::button(ui, row.next(92.0), control::CALIBRATE, false).on_hover_text("G").clicked() {
        cx.actions.push(Action::Calibrate);
    }
    let playing = cx.model.transport.playing;
    let words = if playing { control::FREEZE } else { control::LIVE_EDGE };
    if paint::button(ui, row.next(92.0), words, !playing).on_hover_text("Space").clicked() {
        cx.actions.push(Action::PlayPause);
    }
}

fn bookmark(ui: &mut Ui, row: &mut Row, cx: &mut Panels<'_>) {
    let button = paint::button(ui, row.next(28.0), control::BOOKMARK, false);
    if button.on_hover_text(text::label::BOOKMARK_HINT).clicked() {
        cx.actions.push(Action::Bookmark);
    }
}

fn speed_menu(ui: &mut Ui, rect: Rect, cx: &mut Panels<'_>) {
    let speed = cx.model.transport.speed;
    let words = RichText::new(format!("{} ▼", speed_text(speed))).font(text_font(size::BODY));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    let button = egui::Button::new(words).min_size(rect.size());
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(&mut child, |ui| {
        for choice in SPEEDS {
            let words = RichText::new(speed_text(choice)).font(text_font(size::BODY));
            if ui.selectable_label(choice == speed, words).clicked() {
                cx.actions.push(Action::Speed(choice));
                ui.close();
            }
        }
    });
    response.on_hover_text(text::label::SPEED_HINT);
}

/// `00:02.4 / 00:20.0`, in figures that do not jump.
fn time(ui: &Ui, row: &mut Row, cx: &Panels<'_>, transport: &Transport) {
    let wide = cx.form == Form::Wide;
    let large = if wide { size::MUSCLE - 1.0 } else { size::TITLE };
    let decimals = if transport.is_replay { 2 } else { 1 };
    let position = text::clock(transport.position_s, decimals);
    let place = pos2(row.x + 6.0, row.middle);
    let theme = cx.theme;
    let drawn =
        paint::text(ui.painter(), place, Align2::LEFT_CENTER, &position, figure_font(large), theme.text);
    row.x = drawn.right() + 6.0;
    let mut spoken = format!("Time {position}");
    if let Some(duration) = transport.duration_s {
        let words = format!("/ {}", text::clock(duration, decimals));
        let place = pos2(row.x, row.middle + 1.0);
        let font = figure_font(size::NOTE);
        let drawn = paint::text(ui.painter(), place, Align2::LEFT_CENTER, &words, font, theme.muted);
        row.x = drawn.right() + 4.0;
        spoken = format!("{spoken} of {}", text::clock(duration, decimals));
    }
    let place = pos2(row.x, row.middle + 1.0);
    let unit = paint::text(
        ui.painter(),
        place,
        Align2::LEFT_CENTER,
        text::label::CLOCK_UNIT,
        text_font(size::TICK),
        theme.muted,
    );
    paint::named(ui, drawn.union(unit), spoken);
    row.x = unit.right() + 14.0;
}

fn marks(ui: &mut Ui, row: &mut Row, cx: &mut Panels<'_>) {
    let place = pos2(row.x, row.middle);
    let font = text_font(size::NOTE);
    let label = paint::text(ui.painter(), place, Align2::LEFT_CENTER, control::MARK, font, cx.theme.muted);
    row.x = label.right() + 6.0;
    let last = if cx.form == Form::Wide { 9 } else { 5 };
    for code in 1..=last {
        let rect = row.next(24.0);
        row.x -= 2.0;
        if paint::button(ui, rect, &code.to_string(), false).on_hover_text(text::mark_hint(code)).clicked() {
            cx.actions.push(Action::Mark(code));
        }
    }
}

/// The whole trial: envelope, gaps, the shown window, the cursor. Click or drag goes there.
fn overview(ui: &mut Ui, rect: Rect, cx: &mut Panels<'_>) {
    let theme = cx.theme;
    let transport = &cx.model.transport;
    let response = ui.interact(rect, ui.scope_id().with("scrub"), Sense::click_and_drag());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 2.0, theme.plot);
    let peak = transport.overview.iter().copied().filter(|v| v.is_finite()).fold(0.0_f32, f32::max);
    if peak > 0.0 {
        let high = &transport.overview;
        let low: Vec<f32> = high.iter().map(|v| -v).collect();
        let color = theme::mix(theme.plot, theme.muscle(transport.overview_muscle), 0.7);
        painter.add(Shape::mesh(paint::columns_mesh(rect, &low, high, peak, color)));
    }
    let x = |share: f32| rect.left() + share.clamp(0.0, 1.0) * rect.width();
    for (from, to) in &transport.overview_gaps {
        let block =
            Rect::from_min_max(pos2(x(*from), rect.top()), pos2(x(*to).max(x(*from) + 1.0), rect.bottom()));
        painter.rect_filled(block, 0.0, theme.bad);
    }
    if let Some((from, to)) = transport.overview_window {
        let window = Rect::from_min_max(pos2(x(from), rect.top()), pos2(x(to), rect.bottom()));
        painter.rect_stroke(window, 2.0, Stroke::new(1.5, theme.text), egui::StrokeKind::Inside);
    }
    for share in &transport.bookmarks {
        let place = pos2(x(*share), rect.top());
        let corners = vec![place, place + vec2(7.0, 4.0), place + vec2(0.0, 8.0)];
        painter.vline(place.x, rect.y_range(), Stroke::new(1.0, theme.fair));
        painter.add(Shape::convex_polygon(corners, theme.fair, Stroke::NONE));
    }
    if let Some((from_s, to_s)) = transport.span_s {
        let pressed = response.clicked() || response.dragged();
        if let (true, Some(at)) = (pressed, response.interact_pointer_pos()) {
            let share = f64::from(((at.x - rect.left()) / rect.width()).clamp(0.0, 1.0));
            // The window's middle goes where the pointer is.
            let to = from_s + share * (to_s - from_s) + cx.view.window_s / 2.0;
            cx.actions.push(Action::Seek(to));
        }
    }
    let Some(duration) = transport.duration_s.filter(|d| *d > 0.0) else { return };
    let cursor = x((transport.position_s / duration) as f32);
    painter.vline(cursor, rect.y_range(), Stroke::new(2.0, theme.text));
    if let (true, Some(at)) = (response.clicked() || response.dragged(), response.interact_pointer_pos()) {
        let share = f64::from(((at.x - rect.left()) / rect.width()).clamp(0.0, 1.0));
        cx.actions.push(Action::Seek(share * duration));
    }
    let value = transport.position_s;
    response.widget_info(move || {
        let mut info = WidgetInfo::labeled(Role::Slider, true, text::SCRUB);
        info.value = Some(value);
        info
    });
}
