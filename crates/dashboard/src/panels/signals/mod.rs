//! Signals: one lane per EMG channel, the knee, the classes, contacts and marks over one time axis.

mod card;
mod lanes;
mod menu;
mod order;

use crate::layout::Form;
use crate::model::{Lane, Signals};
use crate::paint;
use crate::state::{Action, Panels, Traces};
use crate::text::{self, control, missing};
use crate::theme::{GAP, PADDING, figure_font, size, text_font};
use crate::time_scale::TimeScale;
use egui::{Align2, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

/// Where the rows stand. All lanes share `left..right`.
struct Rows {
    /// EMG lanes, all of them visible or scrolled.
    emg: Rect,
    /// The knee lane; empty without a knee.
    knee: Rect,
    /// Class lane.
    class: Rect,
    /// Contacts and marks.
    contacts: Rect,
    /// Time axis.
    axis: Rect,
    /// First pixel of the traces.
    left: f32,
}

/// Height below which a lane is not squeezed: the lanes scroll instead.
fn least_height(form: Form, lanes: usize) -> f32 {
    match (form, lanes) {
        (_, 16..) => 40.0,
        (Form::Wide, _) => 72.0,
        (Form::Compact, _) => 64.0,
    }
}

fn rows(inner: Rect, form: Form, signals: &Signals) -> Rows {
    let compact = form == Form::Compact;
    let (knee_height, class_height, contact_height, axis_height) =
        if compact { (64.0, 28.0, 16.0, 18.0) } else { (86.0, 28.0, 18.0, 20.0) };
    let row = |bottom: f32, height: f32| {
        Rect::from_min_max(pos2(inner.left(), bottom - height), pos2(inner.right(), bottom))
    };
    let axis = row(inner.bottom(), axis_height);
    let contacts = row(axis.top() - 2.0, contact_height);
    let class = row(contacts.top() - 6.0, class_height);
    let knee = if signals.knee.is_some() {
        row(class.top() - 6.0, knee_height)
    } else {
        row(class.top() - 6.0, 0.0)
    };
    let emg = Rect::from_min_max(inner.min, pos2(inner.right(), knee.top() - 4.0));
    Rows { emg, knee, class, contacts, axis, left: inner.left() + form.lane_header() }
}

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Panels<'_>) {
    let compact = cx.form == Form::Compact;
    let caption = format!(
        "envelope: rectified, {} Hz low-pass, {}, causal",
        text::figure(cx.model.source.envelope_hz as f32),
        text::order(cx.model.source.envelope_order),
    );
    let title = format!("{}{}", text::title::SIGNALS, text::of_leg(cx.model.side));
    let caption = if compact { String::new() } else { caption };
    let inner = paint::panel(ui, cx.theme, &title, &caption, compact);
    controls(ui, cx);
    let signals = &cx.model.signals;
    if signals.lanes.is_empty() {
        let place = inner.center();
        let font = text_font(size::BODY);
        paint::text(ui.painter(), place, Align2::CENTER_CENTER, missing::EMG, font, cx.theme.text);
        paint::named(ui, inner, missing::EMG);
        return;
    }
    let rows = rows(inner, cx.form, signals);
    cx.view.lane_pixels = (inner.right() - rows.left).clamp(16.0, 4096.0) as u16;
    let time = TimeScale::new(rows.left, inner.right(), signals.t0_s, signals.t1_s);
    lanes::grid(ui, cx, &rows, &time);
    emg(ui, cx, &rows, &time);
    if let Some(knee) = &signals.knee {
        card::knee(ui, cx, knee, rows.knee, rows.left);
        lanes::knee(ui, cx, knee, trace_rect(rows.knee, rows.left));
    }
    lanes::classes(ui, cx, trace_rect(rows.class, rows.left), &time);
    lanes::contacts(ui, cx, trace_rect(rows.contacts, rows.left), &time);
    row_names(ui, cx, &rows);
    lanes::overlays(ui, cx, &rows, &time);
    pointer(ui, cx, &rows, &time);
}

fn trace_rect(row: Rect, left: f32) -> Rect {
    Rect::from_min_max(pos2(left, row.top()), row.max)
}

/// The EMG lanes, scrolled where they do not all fit.
fn emg(ui: &mut Ui, cx: &mut Panels<'_>, rows: &Rows, time: &TimeScale) {
    let model = cx.model;
    let all = &model.signals.lanes;
    let is_shown = |lane: &&Lane| !cx.view.hidden.contains(&lane.name);
    let mut lanes: Vec<&Lane> = all.iter().filter(is_shown).collect();
    if lanes.is_empty() {
        lanes = all.iter().collect();
    }
    lanes.sort_by_key(|lane| cx.view.place_of(&lane.name));
    let count = lanes.len();
    let mut moved = None;
    let panel = ui.max_rect();
    let gap = if count >= 16 { 2.0 } else { 5.0 };
    let least = least_height(cx.form, count);
    // Only whole lanes are shown at a time: half a card says half of what it means.
    let fitting = (((rows.emg.height() + gap) / (least + gap)) as usize).clamp(1, count);
    let height = (rows.emg.height() + gap) / fitting as f32 - gap;
    let mut child = ui.new_child(UiBuilder::new().max_rect(rows.emg));
    child.set_clip_rect(rows.emg.intersect(ui.clip_rect()));
    child.spacing_mut().item_spacing = vec2(0.0, gap);
    let scroll = ScrollArea::vertical()
        .id_salt("lanes")
        .scroll_bar_visibility(egui::scroll_area::ScrollBarVisibility::VisibleWhenNeeded);
    scroll.show(&mut child, |ui| {
        for (at, lane) in lanes.iter().enumerate() {
            let (rect, response) = ui.allocate_exact_size(vec2(rows.emg.width(), height), Sense::click());
            menu::of_lane(&response, cx, &lane.name, panel);
            let card = Rect::from_min_max(rect.min, pos2(rows.left, rect.bottom()));
            let card = order::card(ui, cx, card, &lane.name);
            menu::of_lane(&card, cx, &lane.name, panel);
            if let Some(to) = order::wanted(ui, cx, &card, rect, at, count) {
                moved = Some((at, to));
            }
            if !ui.is_rect_visible(rect) {
                continue;
            }
            card::emg(ui, cx, lane, rect, rows.left);
            lanes::emg(ui, cx, lane, trace_rect(rect, rows.left), time);
        }
    });
    if let Some((from, to)) = moved {
        cx.view.move_lane(lanes.iter().map(|lane| lane.name.clone()).collect(), from, to);
    }
}

fn row_names(ui: &Ui, cx: &Panels<'_>, rows: &Rows) {
    let painter = ui.painter();
    let left = rows.class.left() + 10.0;
    let room = rows.left - left - 6.0;
    let (body, tick) = (text_font(size::NOTE), text_font(size::TICK));
    let place = pos2(left, rows.class.top() + 1.0);
    let text = cx.theme.text;
    let name =
        paint::fitted(painter, place, Align2::LEFT_TOP, text::label::CLASS_LANE, body.clone(), text, room);
    paint::fitted(
        painter,
        pos2(left, name.bottom() - 1.0),
        Align2::LEFT_TOP,
        text::label::CLASS_LANE_NOTE,
        tick.clone(),
        cx.theme.muted,
        room,
    );
    let place = pos2(left, rows.contacts.center().y);
    paint::fitted(painter, place, Align2::LEFT_CENTER, text::label::CONTACT_LANE, body, text, room);
    let place = pos2(left, rows.axis.center().y + 1.0);
    paint::fitted(painter, place, Align2::LEFT_CENTER, text::label::TIME_AXIS, tick, cx.theme.muted, room);
}

/// Controls in the title row: traces, window, fit.
fn controls(ui: &mut Ui, cx: &mut Panels<'_>) {
    let rect = ui.max_rect();
    let compact = cx.form == Form::Compact;
    let middle = rect.top() + paint::title_height(compact) / 2.0;
    let mut x = rect.left() + PADDING + if compact { 150.0 } else { cx.form.lane_header() - 8.0 };
    let mut place = |width: f32| {
        let button = Rect::from_center_size(pos2(x + width / 2.0, middle), vec2(width, 22.0));
        x += width + GAP;
        button
    };
    let traces = match cx.view.traces {
        Traces::Both => control::RAW_AND_ENVELOPE,
        Traces::Raw => control::RAW,
        Traces::Envelope => control::ENVELOPE,
    };
    if paint::button(ui, place(116.0), traces, false).on_hover_text("V").clicked() {
        cx.actions.push(Action::NextTraces);
    }
    if paint::button(ui, place(26.0), "−", false).on_hover_text(text::label::LONGER_HINT).clicked() {
        cx.actions.push(Action::Zoom(1));
    }
    let window = place(44.0);
    let words = format!("{} s", cx.view.window_s);
    paint::text(
        ui.painter(),
        window.center(),
        Align2::CENTER_CENTER,
        &words,
        figure_font(size::NOTE),
        cx.theme.text,
    );
    if paint::button(ui, place(26.0), "+", false).on_hover_text(text::label::SHORTER_HINT).clicked() {
        cx.actions.push(Action::Zoom(-1));
    }
    if paint::button(ui, place(98.0), control::FIT, false).on_hover_text("0").clicked() {
        cx.actions.push(Action::FitScales);
    }
}

/// A neutral line with its time under the pointer.
fn pointer(ui: &Ui, cx: &Panels<'_>, rows: &Rows, time: &TimeScale) {
    let area = Rect::from_min_max(pos2(rows.left, rows.emg.top()), rows.contacts.max);
    let Some(at) = ui.ctx().pointer_hover_pos().filter(|at| area.contains(*at)) else { return };
    if cx.view.hides_pointer || !ui.rect_contains_pointer(area) {
        return;
    }
    let painter = ui.painter_at(area);
    painter.vline(at.x, area.y_range(), egui::Stroke::new(1.0, cx.theme.muted));
    let words = text::clock(time.seconds(at.x), 2);
    let galley = painter.layout_no_wrap(words, figure_font(size::TICK), cx.theme.text);
    let left = (at.x + 4.0).min(area.right() - galley.size().x - 8.0);
    let tag = Rect::from_min_size(pos2(left, area.top() + 2.0), galley.size() + vec2(8.0, 2.0));
    painter.rect_filled(tag, 2.0, cx.theme.control_strong);
    painter.galley(tag.min + vec2(4.0, 1.0), galley, cx.theme.text);
}
