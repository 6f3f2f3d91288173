//! The whole trial: envelopes, classes and contacts, and a brush whose window the other panels show.

use super::Cx;
use crate::model::Class;
use crate::paint;
use crate::panels::gauge::class_color;
use crate::text::review as words;
use crate::theme::{self, size, text_font};
use crate::time_scale::TimeScale;
use egui::{Align2, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use surae_trial::Muscle;

/// Width of the row names.
const NAMES: f32 = 106.0;
/// Half width of what a handle answers to.
const GRIP: f32 = 6.0;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let theme = cx.theme;
    let rect = ui.max_rect();
    let compact = cx.compact();
    paint::panel(ui, theme, "", "", compact);
    let painter = ui.painter().clone();
    let title = pos2(rect.left() + theme::PADDING, rect.top() + 15.0);
    paint::text(&painter, title, Align2::LEFT_CENTER, words::WHOLE_TRIAL, text_font(size::TITLE), theme.text);
    if !compact {
        let place = pos2(rect.right() - theme::PADDING, rect.top() + 15.0);
        let font = text_font(size::NOTE);
        paint::text(&painter, place, Align2::RIGHT_CENTER, words::BRUSH_HINT, font, theme.muted);
    }
    let top = if compact { rect.top() + 8.0 } else { rect.top() + 26.0 };
    let strip = Rect::from_min_max(pos2(rect.left() + NAMES, top), rect.max - vec2(theme::PADDING, 8.0));
    let time = TimeScale::new(strip.left(), strip.right(), 0.0, cx.state.duration_s);
    let (class_height, contact_height) = (9.0, 9.0);
    let curves = Rect::from_min_max(
        strip.min,
        pos2(strip.right(), strip.bottom() - class_height - contact_height - 4.0),
    );
    let classes =
        Rect::from_min_size(pos2(strip.left(), curves.bottom() + 2.0), vec2(strip.width(), class_height));
    let contacts =
        Rect::from_min_size(pos2(strip.left(), classes.bottom() + 2.0), vec2(strip.width(), contact_height));
    painter.rect(strip, 0.0, theme.plot, Stroke::new(1.0, theme.line), StrokeKind::Outside);
    let names = [(words::ENVELOPES, curves), (words::CLASS, classes), (words::CONTACT, contacts)];
    for (name, row) in names.into_iter().skip(usize::from(compact)) {
        let place = pos2(rect.left() + theme::PADDING, row.center().y.max(rect.top() + 30.0));
        let font = text_font(size::TICK);
        paint::fitted(&painter, place, Align2::LEFT_CENTER, name, font, theme.muted, NAMES - 20.0);
    }
    envelopes(ui, cx, curves);
    class_row(ui, cx, classes, &time);
    contact_row(ui, cx, contacts, &time);
    gaps(ui, cx, strip, &time, false);
    brush(ui, cx, strip, &time);
}

/// Stretches without samples, hatched through all rows; with their length where there is room for words.
pub(super) fn gaps(ui: &Ui, cx: &Cx<'_>, area: Rect, time: &TimeScale, has_words: bool) {
    let theme = cx.theme;
    let painter = ui.painter_at(area);
    let mut last_words = f32::NEG_INFINITY;
    for gap in &cx.reviewed.gaps {
        let (x0, x1) = (time.x(gap.t0_s), time.x(gap.t1_s));
        let block = Rect::from_min_max(pos2(x0, area.top()), pos2(x1.max(x0 + 2.0), area.bottom()));
        let block = block.intersect(area);
        if block.width() <= 0.0 {
            continue;
        }
        painter.rect_filled(block, 0.0, theme.bad.gamma_multiply(0.14));
        paint::hatch(&painter, block, 7.0, Stroke::new(1.0, theme.bad.gamma_multiply(0.8)));
        painter.rect_stroke(block, 0.0, Stroke::new(1.0, theme.bad), StrokeKind::Inside);
        let middle = block.center().x.clamp(area.left() + 40.0, area.right() - 40.0);
        if has_words && middle - last_words > 90.0 {
            last_words = middle;
            let (length, lost) = crate::text::gap(gap.t1_s - gap.t0_s, gap.lost, gap.certain);
            let galley = painter.layout_no_wrap(length.clone(), text_font(size::TICK), theme.text);
            let tag =
                Rect::from_center_size(pos2(middle, area.bottom() - 10.0), galley.size() + vec2(8.0, 2.0));
            painter.rect_filled(tag, 2.0, theme.tint(theme.bad, 0.2));
            painter.galley(tag.min + vec2(4.0, 1.0), galley, theme.text);
            paint::named(ui, block, format!("{length}, {lost}"));
        }
    }
}

fn envelopes(ui: &Ui, cx: &Cx<'_>, rect: Rect) {
    let painter = ui.painter_at(rect);
    let n = rect.width() as usize;
    for muscle in [Muscle::MG, Muscle::LG, Muscle::GAS, Muscle::SOL] {
        let Some(emg) = cx.leg.muscle(muscle) else { continue };
        let (_, high) = emg.envelope.columns(0.0, cx.state.duration_s, n);
        // A trial shorter than a sample a pixel has columns without a sample: there the line is between samples.
        let is_sparse = high.iter().filter(|v| v.is_nan()).count() > n / 4;
        let values = if is_sparse { emg.envelope.line(0.0, cx.state.duration_s, n) } else { high };
        let peak = values.iter().copied().filter(|v| v.is_finite()).fold(0.0_f32, f32::max);
        if peak > 0.0 {
            let stroke = Stroke::new(1.2, cx.theme.muscle(Some(muscle)));
            paint::broken_line(
                &painter,
                paint::trace(rect.shrink2(vec2(0.0, 1.0)), &values, 0.0, peak),
                stroke,
            );
        }
    }
}

/// Blocks of the classes; the same marks as the class lane.
pub(super) fn class_row(ui: &Ui, cx: &Cx<'_>, rect: Rect, time: &TimeScale) {
    let theme = cx.theme;
    let painter = ui.painter_at(rect);
    for run in &cx.leg.classes {
        let (x0, x1) = (time.x(run.t0_s).max(rect.left()), time.x(run.t1_s).min(rect.right()));
        if x1 <= x0 {
            continue;
        }
        // A run shorter than a pixel still shows: nothing that was decided is hidden.
        let block = Rect::from_min_max(pos2(x0, rect.top()), pos2(x1.max(x0 + 1.0), rect.bottom()));
        match run.class {
            Class::Rest => {
                let bar = Rect::from_center_size(
                    block.center(),
                    vec2(block.width(), (rect.height() / 3.0).min(8.0)),
                );
                painter.rect_filled(bar, 0.0, theme.rest);
            }
            Class::NotClear => {
                paint::hatch(
                    &painter,
                    block,
                    7.0,
                    Stroke::new(1.0, theme::mix(theme.plot, theme.muted, 0.7)),
                );
            }
            class => {
                painter.rect_filled(block, 0.0, class_color(theme, class));
            }
        }
    }
}

fn contact_row(ui: &Ui, cx: &Cx<'_>, rect: Rect, time: &TimeScale) {
    let painter = ui.painter_at(rect);
    let color = theme::mix(cx.theme.panel, cx.theme.muted, 0.6);
    for contact in &cx.leg.contacts {
        let (x0, x1) = (time.x(contact.t0_s), contact.t1_s.map_or(0.0, |t| time.x(t)));
        // Without a foot off only the contact itself is known.
        let block = Rect::from_min_max(pos2(x0, rect.top()), pos2(x1.max(x0 + 2.0), rect.bottom()));
        painter.rect_filled(block, 1.0, color);
    }
    if cx.leg.contacts.is_empty() {
        // A little higher than its row: letters are taller than a bar.
        let place = rect.left_center() + vec2(10.0, -2.0);
        let font = text_font(size::TICK);
        paint::text(ui.painter(), place, Align2::LEFT_CENTER, words::NO_CONTACTS, font, cx.theme.muted);
    }
}

/// What a drag that began here moves.
#[derive(Clone, Copy, PartialEq)]
enum Grip {
    From,
    To,
    Window(f64),
    New(f64),
}

/// The window with its handles, the veil outside it, the cursor.
fn brush(ui: &mut Ui, cx: &mut Cx<'_>, strip: Rect, time: &TimeScale) {
    let theme = cx.theme;
    let area = strip.expand2(vec2(GRIP, 0.0));
    let id = ui.scope_id().with("brush");
    let response = ui.interact(area, id, Sense::click_and_drag());
    let (from, to) = cx.state.window;
    let (x0, x1) = (time.x(from), time.x(to));
    let painter = ui.painter().clone();
    let veil = theme.window.gamma_multiply(0.62);
    painter.rect_filled(Rect::from_min_max(strip.min, pos2(x0, strip.bottom())), 0.0, veil);
    painter.rect_filled(Rect::from_min_max(pos2(x1, strip.top()), strip.max), 0.0, veil);
    let window = Rect::from_min_max(pos2(x0, strip.top()), pos2(x1, strip.bottom()));
    painter.rect_stroke(window, 0.0, Stroke::new(1.5, theme.text), StrokeKind::Inside);
    for x in [x0, x1] {
        let handle = Rect::from_center_size(pos2(x, strip.center().y), vec2(6.0, 22.0));
        painter.rect_filled(handle, 2.0, theme.text);
    }
    for at in &cx.state.bookmarks_s {
        let top = pos2(time.x(*at), strip.top());
        let flag = vec![top, top + vec2(7.0, 4.0), top + vec2(0.0, 8.0)];
        painter.vline(top.x, strip.y_range(), Stroke::new(1.0, theme.fair));
        painter.add(egui::Shape::convex_polygon(flag, theme.fair, Stroke::NONE));
    }
    let cursor = time.x(cx.state.cursor_s);
    if (strip.left()..=strip.right()).contains(&cursor) {
        painter.vline(cursor, strip.y_range(), Stroke::new(1.0, theme.text));
    }
    let pointer = response.interact_pointer_pos().or_else(|| response.hover_pos());
    let near = |x: f32| pointer.is_some_and(|at| (at.x - x).abs() <= GRIP);
    if near(x0) || near(x1) {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    if let (true, Some(at)) = (response.drag_started(), pointer) {
        let here = time.seconds(at.x);
        // A drag is told a few pixels after the button went down: where it went down counts.
        let origin = ui.input(|input| input.pointer.press_origin()).unwrap_or(at);
        let grabbed = |x: f32| (origin.x - x).abs() <= GRIP;
        let whole = (to - from) >= 0.98 * cx.state.duration_s;
        let grip = if grabbed(x0) {
            Grip::From
        } else if grabbed(x1) {
            Grip::To
        } else if window.contains(origin) && !whole {
            Grip::Window(here - from)
        } else {
            Grip::New(time.seconds(origin.x))
        };
        ui.data_mut(|data| data.insert_temp(id, grip));
    }
    if let (true, Some(at)) = (response.dragged(), pointer) {
        let here = time.seconds(at.x);
        let end = cx.state.duration_s;
        match ui.data(|data| data.get_temp::<Grip>(id)) {
            Some(Grip::From) => cx.state.set_window(here.clamp(0.0, to - 0.02), to),
            Some(Grip::To) => cx.state.set_window(from, here.clamp(from + 0.02, end)),
            Some(Grip::Window(by)) => {
                let start = (here - by).clamp(0.0, (end - (to - from)).max(0.0));
                cx.state.set_window(start, start + (to - from));
            }
            Some(Grip::New(start)) => cx.state.set_window(start.min(here), start.max(here)),
            None => {}
        }
    } else if let (true, Some(at)) = (response.clicked(), pointer) {
        cx.state.go(time.seconds(at.x).clamp(0.0, cx.state.duration_s));
    }
    if response.double_clicked() {
        cx.state.fit();
    }
    let spoken = words::window(cx.state.window);
    response.widget_info(move || {
        let mut info = WidgetInfo::labeled(Role::Slider, true, words::BRUSH);
        info.value = Some(from);
        info.hint_text = Some(spoken.clone());
        info
    });
}
