//! Linked traces: EMG of the calf, both activations, knee, force and class over the window, with one cursor.

use super::state::Face;
use super::{Cx, overview, titled};
use crate::model::{Contact, Grade};
use crate::paint;
use crate::reviewed::{EmgTrace, Trace};
use crate::state::{Action, Traces};
use crate::text::{self, menu as menu_words, review as words};
use crate::theme::{self, figure_font, size, text_font};
use crate::time_scale::TimeScale;
use egui::{Align2, PointerButton, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use surae_trial::{Muscle, Side};

/// Width of the row names.
const NAMES: f32 = 52.0;
/// Share of a raw column that shows over the plot's ground.
const RAW_SHARE: f32 = 0.42;
/// Height of the axis below the lanes.
const AXIS: f32 = 18.0;

/// What a lane shows.
enum Lane<'a> {
    Emg(&'a EmgTrace),
    Activation,
    Knee(&'a Trace),
    Force,
    Class,
}

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let caption = words::window(cx.state.window);
    let titles = [words::TRACES, text::title::PHASE];
    let inner = titled(ui, cx, 0, titles, Face::First, &caption);
    let note = if cx.compact() { 0.0 } else { 16.0 };
    let lanes = lanes(cx);
    let left = inner.left() + NAMES;
    let area = Rect::from_min_max(pos2(left, inner.top()), pos2(inner.right(), inner.bottom() - AXIS - note));
    let (from, to) = cx.state.window;
    let time = TimeScale::new(area.left(), area.right(), from, to);
    let response = ui.interact(area, ui.scope_id().with("traces"), Sense::click_and_drag());
    let parts: Vec<f32> = lanes.iter().map(weight).collect();
    let total: f32 = parts.iter().sum();
    let gap = 4.0;
    let room = area.height() - gap * (lanes.len().max(1) - 1) as f32;
    let mut top = area.top();
    for (lane, part) in lanes.iter().zip(&parts) {
        let height = room * part / total;
        let rect = Rect::from_min_size(pos2(left, top), vec2(area.width(), height));
        draw(ui, cx, lane, rect, &time, inner.left());
        top += height + gap;
    }
    axis(ui, cx, area, &time);
    if note > 0.0 {
        let place = pos2(inner.left(), inner.bottom());
        let font = text_font(size::TICK);
        let room = inner.width();
        paint::fitted(
            ui.painter(),
            place,
            Align2::LEFT_BOTTOM,
            words::TRACES_NOTE,
            font,
            cx.theme.muted,
            room,
        );
    }
    contacts(ui, cx, area, &time);
    overview::gaps(ui, cx, area, &time, true);
    cursor(ui, cx, area, &time);
    pointer(ui, cx, &response, &time);
    menu(ui, cx, &response);
    let at = cx.state.cursor_s;
    response.widget_info(move || {
        let mut info = WidgetInfo::labeled(Role::Slider, true, words::CURSOR);
        info.value = Some(at);
        info
    });
}

/// What the right mouse button offers; a drag with it zooms a box instead.
fn menu(ui: &Ui, cx: &mut Cx<'_>, response: &egui::Response) {
    let panel = ui.max_rect();
    response.context_menu(|ui| {
        let item = |ui: &mut Ui, words: &str| {
            let is_clicked = ui.button(words).clicked();
            if is_clicked {
                ui.close();
            }
            is_clicked
        };
        if item(ui, menu_words::WHOLE) {
            cx.state.fit();
        }
        if item(ui, menu_words::TRACES) {
            cx.state.traces = cx.state.traces.next();
        }
        if item(ui, menu_words::BOOKMARK) {
            cx.state.bookmark();
        }
        ui.separator();
        if item(ui, menu_words::COPY) {
            cx.actions.push(Action::CopyTable);
        }
        if item(ui, menu_words::PICTURE) {
            cx.actions.push(Action::PictureOf(panel));
        }
    });
}

fn lanes<'a>(cx: &Cx<'a>) -> Vec<Lane<'a>> {
    let mut lanes = Vec::new();
    let calf = [Muscle::MG, Muscle::LG, Muscle::GAS, Muscle::SOL];
    let leg = cx.leg;
    let is_calf = |emg: &&EmgTrace| calf.contains(&emg.muscle);
    lanes.extend(leg.emg.iter().filter(is_calf).map(Lane::Emg));
    if lanes.is_empty() {
        lanes.extend(leg.emg.iter().take(4).map(Lane::Emg));
    }
    if !leg.gastrocnemius.values.is_empty() || !leg.soleus.values.is_empty() {
        lanes.push(Lane::Activation);
    }
    lanes.extend(leg.knee.as_ref().map(Lane::Knee));
    if !leg.forces.is_empty() {
        lanes.push(Lane::Force);
    }
    if !leg.classes.is_empty() {
        lanes.push(Lane::Class);
    }
    lanes
}

fn weight(lane: &Lane<'_>) -> f32 {
    match lane {
        Lane::Emg(_) => 68.0,
        Lane::Activation => 76.0,
        Lane::Knee(_) => 54.0,
        Lane::Force => 42.0,
        Lane::Class => 22.0,
    }
}

fn draw(ui: &Ui, cx: &Cx<'_>, lane: &Lane<'_>, rect: Rect, time: &TimeScale, names: f32) {
    let theme = cx.theme;
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, theme.plot);
    for tick in time.ticks() {
        painter.vline(time.x(tick).round(), rect.y_range(), Stroke::new(1.0, theme.grid));
    }
    match lane {
        Lane::Emg(emg) => draw_emg(ui, cx, emg, rect, names),
        Lane::Activation => activation(ui, cx, rect, names),
        Lane::Knee(knee) => draw_knee(ui, cx, knee, rect, names),
        Lane::Force => force(ui, cx, rect, names),
        Lane::Class => {
            name(ui, cx, rect, names, words::CLASS_LANE, "", theme.text);
            overview::class_row(ui, cx, rect.shrink2(vec2(0.0, 1.0)), time);
        }
    }
    let frame = ui.painter().with_clip_rect(rect.expand(1.0));
    frame.rect_stroke(rect, 0.0, Stroke::new(1.0, theme.line), egui::StrokeKind::Outside);
}

/// Name and scale left of a lane; the scale only where there is room for both.
fn name(ui: &Ui, cx: &Cx<'_>, rect: Rect, left: f32, words: &str, scale: &str, ink: egui::Color32) {
    let painter = ui.painter();
    let large = if rect.height() >= 34.0 { size::TITLE } else { size::BODY };
    let is_low = rect.height() < 34.0 || scale.is_empty();
    let y = if is_low { rect.center().y } else { rect.top() + 11.0 };
    paint::fitted(painter, pos2(left, y), Align2::LEFT_CENTER, words, text_font(large), ink, NAMES - 6.0);
    if !is_low {
        let font = figure_font(size::TICK);
        let wide = painter.layout_no_wrap(scale.to_owned(), font.clone(), cx.theme.muted).size().x;
        // Number and unit below each other where they do not fit beside each other.
        let parts = match scale.rsplit_once(' ') {
            Some((number, unit)) if wide > NAMES - 4.0 && rect.height() >= 48.0 => vec![number, unit],
            _ => vec![scale],
        };
        for (k, part) in parts.into_iter().enumerate() {
            let place = pos2(left, y + 15.0 + 12.0 * k as f32);
            let room = NAMES - 4.0;
            paint::fitted(painter, place, Align2::LEFT_CENTER, part, font.clone(), cx.theme.muted, room);
        }
    }
}

fn draw_emg(ui: &Ui, cx: &Cx<'_>, emg: &EmgTrace, rect: Rect, left: f32) {
    let theme = cx.theme;
    let painter = ui.painter_at(rect);
    let (from, to) = cx.state.window;
    let n = rect.width() as usize;
    let mut color = theme.muscle(Some(emg.muscle));
    if emg.grade == Grade::Bad {
        color = theme::mix(theme.plot, color, 0.5);
    }
    // The scale is that of the whole trial: zooming in time never changes an amplitude on screen.
    let peak = |trace: &Trace| {
        let (low, high) = trace.range(trace.start_s, trace.end_s());
        low.abs().max(high.abs())
    };
    let full = if emg.is_envelope { peak(&emg.envelope) } else { peak(&emg.band) };
    let scale = nice(full);
    let (low_edge, middle) = if emg.is_envelope { (0.0, rect.bottom()) } else { (-scale, rect.center().y) };
    painter.hline(rect.x_range(), middle, Stroke::new(1.0, theme.grid));
    if cx.state.traces != Traces::Envelope && !emg.is_envelope {
        let alone = cx.state.traces == Traces::Raw;
        let raw = theme::mix(theme.plot, color, if alone { 0.8 } else { RAW_SHARE });
        let per_column = (to - from) * emg.band.rate_hz / n.max(1) as f64;
        if per_column >= 1.0 {
            let (low, high) = emg.band.columns(from, to, n);
            painter.add(Shape::mesh(paint::columns_mesh(rect, &low, &high, scale, raw)));
        } else {
            let values = emg.band.line(from, to, n);
            paint::broken_line(&painter, paint::trace(rect, &values, -scale, scale), Stroke::new(1.0, raw));
        }
    }
    if cx.state.traces != Traces::Raw || emg.is_envelope {
        let values = emg.envelope.line(from, to, n);
        paint::broken_line(&painter, paint::trace(rect, &values, low_edge, scale), Stroke::new(1.8, color));
    }
    let is_small = emg.unit == "V" && scale < 1.0;
    let (shown, unit) = if is_small { (scale * 1e3, "mV") } else { (scale, text::display_unit(&emg.unit)) };
    let words = format!("±{} {unit}", text::figure(shown));
    name(ui, cx, rect, left, emg.muscle.short(), &words, color);
    let mut spoken = format!("{}, {}", emg.muscle.short(), words);
    if emg.grade == Grade::Bad {
        let why = emg.reasons.first().map_or("", String::as_str);
        let bad = format!("{} {why}", text::grade_glyph(Grade::Bad));
        let place = rect.right_top() + vec2(-4.0, 2.0);
        paint::fitted(
            &painter,
            place,
            Align2::RIGHT_TOP,
            &bad,
            text_font(size::TICK),
            theme.bad,
            rect.width() / 2.0,
        );
        spoken = format!("{spoken}, {bad}");
    }
    paint::named(ui, Rect::from_min_max(pos2(left, rect.top()), rect.left_bottom()), spoken);
}

/// The next rounder number above: 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten.
fn nice(value: f32) -> f32 {
    if !(value.is_finite() && value > 0.0) {
        return 1.0;
    }
    let power = 10f32.powf(value.log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|step| *step >= value * 0.999).unwrap_or(value)
}

/// Gastrocnemius and soleus over each other, in % of the reference; the axis is never cut at 100 %.
fn activation(ui: &Ui, cx: &Cx<'_>, rect: Rect, left: f32) {
    let theme = cx.theme;
    let painter = ui.painter_at(rect);
    let (from, to) = cx.state.window;
    let n = rect.width() as usize;
    let highest = |trace: &Trace| trace.range(0.0, f64::MAX).1;
    let peak = highest(&cx.leg.gastrocnemius).max(highest(&cx.leg.soleus));
    let top = peak.max(1.1) * 1.05;
    let y = |share: f32| rect.bottom() - 2.0 - share / top * (rect.height() - 4.0);
    let hundred = y(1.0);
    painter.extend(Shape::dashed_line(
        &[pos2(rect.left(), hundred), pos2(rect.right(), hundred)],
        Stroke::new(1.0, theme.muted),
        4.0,
        3.0,
    ));
    let inside = rect.shrink2(vec2(0.0, 2.0));
    let curves = [&cx.leg.gastrocnemius, &cx.leg.soleus].map(|trace| trace.line(from, to, n));
    for (values, color) in curves.iter().zip([theme.mg, theme.sol]) {
        paint::broken_line(&painter, paint::trace(inside, values, 0.0, top), Stroke::new(1.8, color));
    }
    let galley = painter.layout_no_wrap(words::HUNDRED.to_owned(), text_font(size::TICK), theme.muted);
    // At the line's right end, or further left where a curve passes there.
    let x_of = |time_s: f64| rect.left() + ((time_s - from) / (to - from)) as f32 * rect.width();
    let events = cx.leg.contacts.iter().flat_map(|contact| [Some(contact.t0_s), contact.t1_s]).flatten();
    let lines: Vec<f32> = events.map(x_of).collect();
    let is_free = |left: f32, y0: f32| {
        if lines.iter().any(|x| (left - 2.0..left + galley.size().x + 2.0).contains(x)) {
            return false;
        }
        let first = (left - rect.left() - 3.0).max(0.0) as usize;
        let last = ((left + galley.size().x - rect.left() + 3.0) as usize).min(n);
        let passed = curves.iter().flat_map(|values| values.get(first..last).unwrap_or(&[]));
        passed.filter(|v| v.is_finite()).all(|v| y(*v) > y0 + galley.size().y || y(*v) < y0)
    };
    let lefts = (0..n / 8).map(|k| rect.right() - 4.0 - galley.size().x - 8.0 * k as f32);
    let rows = [hundred - galley.size().y, hundred + 1.0].map(|y0| y0.max(rect.top()));
    let free = lefts.flat_map(|left| rows.map(|y0| pos2(left, y0))).find(|at| is_free(at.x, at.y));
    if let Some(place) = free {
        painter.galley(place, galley, theme.muted);
    }
    let has_reference = words::has_reference(cx.report);
    let scale = if has_reference { words::OF_REFERENCE } else { words::OF_OWN_PEAK };
    name(ui, cx, rect, left, words::G_S, scale[0], theme.text);
    if rect.height() >= 44.0 {
        let place = pos2(left, rect.top() + 39.0);
        let font = text_font(size::TICK);
        paint::fitted(ui.painter(), place, Align2::LEFT_CENTER, scale[1], font, theme.muted, NAMES - 2.0);
    }
}

fn draw_knee(ui: &Ui, cx: &Cx<'_>, knee: &Trace, rect: Rect, left: f32) {
    let painter = ui.painter_at(rect);
    let (from, to) = cx.state.window;
    let (low, high) = knee.range(0.0, f64::MAX);
    let tens = |deg: f32, up: bool| if up { (deg / 10.0).ceil() * 10.0 } else { (deg / 10.0).floor() * 10.0 };
    let (bottom, top) = if low.is_finite() {
        (tens(low, false), tens(high, true).max(tens(low, false) + 10.0))
    } else {
        (0.0, 100.0)
    };
    let values = knee.line(from, to, rect.width() as usize);
    let points = paint::trace(rect.shrink2(vec2(0.0, 3.0)), &values, bottom, top);
    paint::broken_line(&painter, points, Stroke::new(1.5, cx.theme.side(Some(cx.leg.side))));
    name(ui, cx, rect, left, text::label::KNEE, &words::degree_range(bottom, top), cx.theme.text);
}

/// Vertical force: right solid, left dashed and in the colour of the left leg.
fn force(ui: &Ui, cx: &Cx<'_>, rect: Rect, left: f32) {
    let theme = cx.theme;
    let painter = ui.painter_at(rect);
    let (from, to) = cx.state.window;
    let peak = cx.leg.forces.iter().map(|force| force.trace.range(0.0, f64::MAX).1).fold(0.0_f32, f32::max);
    let top = nice(peak);
    let n = rect.width() as usize;
    let inside = rect.shrink2(vec2(0.0, 2.0));
    for force in &cx.leg.forces {
        let values = force.trace.line(from, to, n);
        let points: Vec<Option<egui::Pos2>> = paint::trace(inside, &values, 0.0, top).collect();
        let color = theme.side(force.side);
        if force.side == Some(Side::Left) {
            // Dashes only where there is load: a dashed zero line would say nothing.
            let loaded = points.iter().zip(&values).map(|(point, value)| point.filter(|_| *value > 1.0));
            for run in runs(loaded) {
                painter.extend(Shape::dashed_line(&run, Stroke::new(1.3, color), 4.0, 3.0));
            }
        } else {
            paint::broken_line(&painter, points.into_iter(), Stroke::new(1.3, color));
        }
        // One letter a foot, under its first peak on screen.
        let letter = match force.side {
            Some(Side::Left) => "L",
            Some(Side::Right) => "R",
            None => "?",
        };
        let highest =
            values.iter().enumerate().filter(|(_, v)| v.is_finite()).max_by(|a, b| a.1.total_cmp(b.1));
        if let (Some((at, value)), true) = (highest, rect.height() >= 26.0)
            && *value > 0.2 * top
        {
            let x = rect.left() + at as f32;
            let place = pos2(x, rect.bottom() - 3.0);
            paint::text(&painter, place, Align2::CENTER_BOTTOM, letter, text_font(size::TICK), color);
        }
    }
    name(ui, cx, rect, left, words::FORCE, &words::kilonewton(top), theme.text);
}

/// Runs of points without a hole.
fn runs(points: impl Iterator<Item = Option<egui::Pos2>>) -> Vec<Vec<egui::Pos2>> {
    let mut runs: Vec<Vec<egui::Pos2>> = vec![Vec::new()];
    for point in points {
        match (point, runs.last_mut()) {
            (Some(point), Some(run)) => run.push(point),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

fn axis(ui: &Ui, cx: &Cx<'_>, area: Rect, time: &TimeScale) {
    let step = time.step_s();
    let decimals = if step < 0.1 { 2 } else { usize::from(step < 1.0) };
    for tick in time.ticks() {
        let x = time.x(tick).round();
        if x < area.left() + 8.0 || x > area.right() - 12.0 {
            continue;
        }
        let place = pos2(x, area.bottom() + AXIS / 2.0 + 1.0);
        let words = format!("{tick:.decimals$}");
        paint::text(
            ui.painter(),
            place,
            Align2::CENTER_CENTER,
            &words,
            figure_font(size::TICK),
            cx.theme.muted,
        );
    }
    let place = pos2(area.left() - 6.0, area.bottom() + AXIS / 2.0 + 1.0);
    paint::text(
        ui.painter(),
        place,
        Align2::RIGHT_CENTER,
        words::SECONDS,
        text_font(size::TICK),
        cx.theme.muted,
    );
}

/// Contacts solid, foot offs dotted, through all lanes.
fn contacts(ui: &Ui, cx: &Cx<'_>, area: Rect, time: &TimeScale) {
    let painter = ui.painter_at(area);
    let stroke = Stroke::new(1.0, cx.theme.muted);
    for Contact { t0_s, t1_s } in &cx.leg.contacts {
        painter.vline(time.x(*t0_s).round(), area.y_range(), stroke);
        if let Some(off) = t1_s {
            paint::dashed_vertical(&painter, time.x(*off).round(), area.top(), area.bottom(), stroke, 2.0);
        }
    }
}

fn cursor(ui: &Ui, cx: &Cx<'_>, area: Rect, time: &TimeScale) {
    let theme = cx.theme;
    let x = time.x(cx.state.cursor_s);
    if !(area.left() - 1.0..=area.right() + 1.0).contains(&x) {
        return;
    }
    ui.painter().vline(x, area.y_range(), Stroke::new(1.5, theme.text));
    let words = words::seconds(cx.state.cursor_s);
    let galley = ui.painter().layout_no_wrap(words, figure_font(size::NOTE), theme.plot);
    let size = galley.size() + vec2(10.0, 4.0);
    // Left of the line, so that what is going to happen stays in sight; right of it at the left edge.
    let left = if x - size.x - 3.0 >= area.left() { x - size.x - 3.0 } else { x + 3.0 };
    let flag = Rect::from_min_size(pos2(left, area.top() + 2.0), size);
    ui.painter().rect_filled(flag, 3.0, theme.text);
    ui.painter().galley(flag.min + vec2(5.0, 2.0), galley, theme.plot);
}

/// Click puts the cursor, drag pans, wheel zooms about the pointer, Shift and wheel pan, right-drag zooms a box,
/// double-click fits.
fn pointer(ui: &Ui, cx: &mut Cx<'_>, response: &egui::Response, time: &TimeScale) {
    let id = response.id.with("box");
    if let (true, Some(at)) = (response.clicked(), response.interact_pointer_pos()) {
        cx.state.playing = false;
        cx.state.go(time.seconds(at.x));
    }
    if response.double_clicked() {
        cx.state.fit();
        return;
    }
    if response.dragged_by(PointerButton::Primary) {
        let by = -f64::from(response.drag_delta().x) * time.per_pixel();
        cx.state.pan(by);
    }
    if response.drag_started_by(PointerButton::Secondary)
        && let Some(at) = ui.input(|input| input.pointer.press_origin())
    {
        ui.data_mut(|data| data.insert_temp(id, time.seconds(at.x)));
    }
    let start = ui.data(|data| data.get_temp::<f64>(id));
    if let (Some(start), Some(at)) = (start, response.interact_pointer_pos()) {
        let (x0, x1) = (time.x(start), at.x);
        if response.dragged_by(PointerButton::Secondary) {
            let area = response.rect;
            let zoomed = Rect::from_x_y_ranges(x0.min(x1)..=x0.max(x1), area.y_range()).intersect(area);
            ui.painter().rect_stroke(zoomed, 0.0, Stroke::new(1.5, cx.theme.text), egui::StrokeKind::Inside);
        } else if response.drag_stopped() {
            ui.data_mut(|data| data.remove::<f64>(id));
            if (x1 - x0).abs() > 4.0 {
                let (a, b) = (time.seconds(x0), time.seconds(x1));
                cx.state.set_window(a.min(b), a.max(b));
            }
        }
    }
    let Some(at) = response.hover_pos() else { return };
    let (scroll, shift) = ui.input(|input| (input.smooth_scroll_delta, input.modifiers.shift));
    if shift || scroll.x != 0.0 {
        let by = if scroll.x != 0.0 { scroll.x } else { scroll.y };
        cx.state.pan(-f64::from(by) * time.per_pixel());
    } else if scroll.y != 0.0 {
        cx.state.zoom(f64::from(-scroll.y / 400.0).exp(), time.seconds(at.x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_never_cut() {
        assert_eq!(nice(588.0), 600.0);
        assert_eq!(nice(0.31), 0.4);
        assert_eq!(nice(f32::NAN), 1.0);
        assert_eq!(nice(0.0), 1.0);
        for value in [1e-6, 0.99, 1.0, 7.3, 123.0, 9999.0] {
            assert!(nice(value) >= value * 0.999 && nice(value) <= value * 1.6);
        }
    }
}
