//! Dominance now: the class in words, a gauge of D with its interval, and the numbers behind it.

use crate::layout::Form;
use crate::model::{Bound, Class, Dominance};
use crate::paint;
use crate::state::Panels;
use crate::text::{self, missing};
use crate::theme::{self, Theme, figure_font, size, text_font};
use egui::{Align2, Color32, CornerRadius, Painter, Rect, Shape, Stroke, Ui, pos2, vec2};

/// Beyond this |D| a ratio cannot be resolved; nothing is drawn there.
const LIMIT: f32 = 0.9;
/// The balanced zone of the class rule.
const BALANCED: f32 = 0.2;
/// D of the ratio labels: 9 : 1, 3 : 1, 1.5 : 1.
const TICKS: [f32; 6] = [-0.8, -0.5, -0.2, 0.2, 0.5, 0.8];

/// Vertical places of the rows, from the lower edge of the title.
struct Rows {
    headline: f32,
    headline_size: f32,
    relative: f32,
    ends: f32,
    bar: (f32, f32),
    ratios: f32,
    names: f32,
    values: f32,
    note: f32,
}

fn rows(form: Form) -> Rows {
    match form {
        Form::Wide => Rows {
            headline: 0.0,
            headline_size: size::HEADLINE,
            relative: 42.0,
            ends: 66.0,
            bar: (84.0, 114.0),
            ratios: 119.0,
            names: 146.0,
            values: 161.0,
            note: 191.0,
        },
        Form::Compact => Rows {
            headline: -4.0,
            headline_size: 28.0,
            relative: 29.0,
            ends: 48.0,
            bar: (64.0, 84.0),
            ratios: 87.0,
            names: 107.0,
            values: 120.0,
            note: 144.0,
        },
    }
}

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Panels<'_>) {
    let theme = cx.theme;
    let dominance = &cx.model.dominance;
    let title = format!("{}{}", text::title::DOMINANCE, text::of_leg(cx.model.side));
    let caption = format!("causal, one decision each {:.0} ms", cx.model.source.tick_ms);
    let inner = paint::panel(ui, theme, &title, &caption, cx.form == Form::Compact);
    let rows = rows(cx.form);
    let painter = ui.painter_at(ui.max_rect());

    headline(&painter, theme, inner, &rows, dominance);
    if dominance.has_soleus && dominance.has_gastrocnemius {
        let bar = Rect::from_min_max(
            pos2(inner.left() + 8.0, inner.top() + rows.bar.0),
            pos2(inner.right() - 8.0, inner.top() + rows.bar.1),
        );
        ends(&painter, theme, bar, inner.top() + rows.ends);
        gauge(&painter, theme, bar, dominance);
        ratios(&painter, theme, bar, inner.top() + rows.ratios);
    }
    numbers(&painter, inner, &rows, cx);
    let (note, color) = note(cx);
    let place = pos2(inner.left(), inner.top() + rows.note);
    paint::fitted(&painter, place, Align2::LEFT_TOP, &note, text_font(size::NOTE), color, inner.width());
    paint::named(ui, inner, spoken(dominance));
    if !note.is_empty() {
        paint::named(ui, Rect::from_min_size(place, vec2(inner.width(), 16.0)), note);
    }
}

/// The colour of a class.
pub fn class_color(theme: &Theme, class: Class) -> Color32 {
    match class {
        Class::Gastrocnemius => theme.mg,
        Class::Soleus => theme.sol,
        Class::Balanced => theme.balanced,
        Class::Rest => theme.rest,
        Class::NotClear => theme.muted,
    }
}

/// Headline, reason and fixed line in one sentence, for screen readers.
fn spoken(dominance: &Dominance) -> String {
    let mut words = text::headline(dominance.class).to_owned();
    if !dominance.reason.is_empty() {
        words = format!("{words}: {}", dominance.reason);
    }
    format!("{words}; {}", text::RELATIVE)
}

fn headline(painter: &Painter, theme: &Theme, inner: Rect, rows: &Rows, dominance: &Dominance) {
    let top = inner.top() + rows.headline;
    let bar = Rect::from_min_max(
        pos2(inner.left(), top + 5.0),
        pos2(inner.left() + 4.0, inner.top() + rows.relative + 15.0),
    );
    if dominance.class == Class::NotClear {
        paint::hatch(painter, bar, 7.0, Stroke::new(1.0, theme.muted));
    } else {
        painter.rect_filled(bar, 0.0, class_color(theme, dominance.class));
    }
    let left = inner.left() + 14.0;
    let words = paint::text(
        painter,
        pos2(left, top),
        Align2::LEFT_TOP,
        text::headline(dominance.class),
        text_font(rows.headline_size),
        theme.text,
    );
    if !dominance.reason.is_empty() {
        let place = pos2(words.right() + 10.0, words.bottom() - rows.headline_size * 0.24);
        let room = inner.right() - place.x;
        let font = text_font(size::TITLE);
        paint::fitted(painter, place, Align2::LEFT_BOTTOM, &dominance.reason, font, theme.muted, room);
    }
    let place = pos2(left, inner.top() + rows.relative);
    paint::fitted(
        painter,
        place,
        Align2::LEFT_TOP,
        text::RELATIVE,
        text_font(size::NOTE),
        theme.muted,
        inner.right() - left,
    );
}

fn ends(painter: &Painter, theme: &Theme, bar: Rect, top: f32) {
    let font = text_font(size::BODY);
    paint::text(
        painter,
        pos2(bar.left(), top),
        Align2::LEFT_TOP,
        text::label::SOLEUS_END,
        font.clone(),
        theme.sol,
    );
    paint::text(
        painter,
        pos2(bar.center().x, top),
        Align2::CENTER_TOP,
        text::label::BALANCED,
        font.clone(),
        theme.muted,
    );
    paint::text(
        painter,
        pos2(bar.right(), top),
        Align2::RIGHT_TOP,
        text::label::GASTROCNEMIUS_END,
        font,
        theme.mg,
    );
}

/// Horizontal place of a D on the gauge.
fn place(bar: Rect, dominance: f32) -> f32 {
    bar.center().x + dominance.clamp(-LIMIT, LIMIT) / LIMIT * bar.width() / 2.0
}

fn gauge(painter: &Painter, theme: &Theme, bar: Rect, dominance: &Dominance) {
    let zone = |from: f32, to: f32, color: Color32| {
        let rect = Rect::from_min_max(pos2(place(bar, from), bar.top()), pos2(place(bar, to), bar.bottom()));
        painter.rect_filled(rect, CornerRadius::ZERO, color);
    };
    zone(-LIMIT, -BALANCED, theme::mix(theme.plot, theme.sol, 0.32));
    zone(-BALANCED, BALANCED, theme::mix(theme.plot, theme.muted, 0.42));
    zone(BALANCED, LIMIT, theme::mix(theme.plot, theme.mg, 0.32));
    for edge in [-BALANCED, BALANCED] {
        let x = place(bar, edge);
        painter.vline(x, (bar.top() - 4.0)..=(bar.bottom() + 4.0), Stroke::new(1.0, theme.muted));
    }
    let middle = Stroke::new(1.0, theme.muted);
    paint::dashed_vertical(painter, bar.center().x, bar.top(), bar.bottom(), middle, 3.0);
    let Some(value) = dominance.value.filter(|v| v.is_finite()) else { return };
    let inset = bar.height() * 0.22;
    let band = |from: f32, to: f32| {
        let rect = Rect::from_min_max(
            pos2(place(bar, from), bar.top() + inset),
            pos2(place(bar, to), bar.bottom() - inset),
        );
        painter.rect_filled(rect, 1.0, theme::mix(theme.plot, theme.text, 0.62));
    };
    match dominance.bound {
        Bound::None => {
            if let Some((low, high)) = dominance.interval {
                band(low, high);
            }
        }
        Bound::AtLeast => {
            band(value, LIMIT);
            arrow(painter, theme, bar, place(bar, value), 1.0);
        }
        Bound::AtMost => {
            band(-LIMIT, value);
            arrow(painter, theme, bar, place(bar, value), -1.0);
        }
    }
    if value.abs() <= LIMIT {
        let x = place(bar, value);
        painter.vline(x, (bar.top() - 5.0)..=(bar.bottom() + 5.0), Stroke::new(4.0, theme.text));
    }
}

/// The open end of a one-sided band.
fn arrow(painter: &Painter, theme: &Theme, bar: Rect, x: f32, direction: f32) {
    let (y, end) = (bar.center().y, x + direction * 46.0);
    let end = end.clamp(bar.left() + 2.0, bar.right() - 2.0);
    let stroke = Stroke::new(2.0, theme.text);
    painter.line_segment([pos2(x, y), pos2(end, y)], stroke);
    let tip = vec2(-7.0 * direction, 5.0);
    painter.add(Shape::line(
        vec![pos2(end + tip.x, y - tip.y), pos2(end, y), pos2(end + tip.x, y + tip.y)],
        stroke,
    ));
}

fn ratios(painter: &Painter, theme: &Theme, bar: Rect, top: f32) {
    for tick in TICKS {
        let place = pos2(place(bar, tick), top);
        let font = figure_font(size::TICK);
        paint::text(painter, place, Align2::CENTER_TOP, &text::ratio(tick), font, theme.muted);
    }
}

fn numbers(painter: &Painter, inner: Rect, rows: &Rows, cx: &Panels<'_>) {
    let (theme, dominance) = (cx.theme, &cx.model.dominance);
    let knee = cx.model.signals.knee.as_ref().and_then(|knee| knee.now_deg);
    let value = match (dominance.value, dominance.bound) {
        (None, _) => text::MISSING.to_owned(),
        (Some(value), Bound::None) => text::signed(value, 2),
        (Some(value), bound) => text::one_sided(bound, value),
    };
    let interval = dominance.interval.filter(|_| dominance.bound == Bound::None);
    let large = if cx.form == Form::Wide { size::MUSCLE - 2.0 } else { size::TITLE };
    let columns = [
        (0.0, text::label::GASTROCNEMIUS, text::percent(dominance.gastrocnemius), theme.mg),
        (0.25, text::label::SOLEUS, text::percent(dominance.soleus), theme.sol),
        (0.42, text::label::D_INTERVAL, value, theme.text),
        (0.89, text::label::KNEE_NOW, text::degrees(knee), theme.text),
    ];
    for (share, name, value, color) in columns {
        let x = inner.left() + share * inner.width();
        let name_place = pos2(x, inner.top() + rows.names);
        paint::text(painter, name_place, Align2::LEFT_TOP, name, text_font(size::TICK), theme.muted);
        let font = if dominance.bound == Bound::None || share != 0.42 {
            figure_font(large)
        } else {
            figure_font(size::BODY)
        };
        let place = pos2(x, inner.top() + rows.values);
        let drawn = paint::text(painter, place, Align2::LEFT_TOP, &value, font, color);
        if let (Some(interval), true) = (interval, share == 0.42) {
            let place = pos2(drawn.right() + 8.0, drawn.bottom() - 2.0);
            let room = inner.left() + 0.88 * inner.width() - place.x;
            let words = text::interval(interval);
            let font = figure_font(size::TICK);
            paint::fitted(painter, place, Align2::LEFT_BOTTOM, &words, font, theme.text, room);
        }
    }
}

/// The one line under the numbers: what limits the result.
fn note(cx: &Panels<'_>) -> (String, Color32) {
    let dominance = &cx.model.dominance;
    if !dominance.has_soleus && !dominance.has_gastrocnemius {
        return (format!("▲ {}", missing::EMG), cx.theme.fair);
    }
    if !dominance.has_soleus {
        return (format!("▲ {}", missing::SOLEUS), cx.theme.fair);
    }
    if !dominance.has_gastrocnemius {
        return (format!("▲ {}", missing::GASTROCNEMIUS), cx.theme.fair);
    }
    if cx.model.source.profile.is_none() {
        return (text::label::NO_PROFILE.to_owned(), cx.theme.fair);
    }
    if cx.model.source.profile_is_illustrative {
        return (text::label::DEMO_PROFILE.to_owned(), cx.theme.fair);
    }
    if dominance.is_single_head {
        return (text::label::SINGLE_HEAD.to_owned(), cx.theme.muted);
    }
    (String::new(), cx.theme.muted)
}
