//! The card beside a lane: colour bar, muscle, quality with what to do, percent of reference, scale.

use crate::layout::Form;
use crate::model::{Grade, Knee, Lane};
use crate::paint;
use crate::state::Panels;
use crate::text;
use crate::theme::{Theme, figure_font, size, text_font};
use egui::{Align2, Color32, Rect, Ui, pos2, vec2};

/// Width of the colour bar.
const BAR: f32 = 4.0;

/// The colour of a grade; good is calm.
fn grade_color(theme: &Theme, grade: Grade) -> Color32 {
    match grade {
        Grade::Unknown => theme.muted,
        Grade::Good => theme.text,
        Grade::Fair => theme.fair,
        Grade::Bad => theme.bad,
    }
}

/// The card of an EMG lane; `right` is where the trace begins.
pub fn emg(ui: &Ui, cx: &Panels<'_>, lane: &Lane, row: Rect, right: f32) {
    let theme = cx.theme;
    let color = theme.muscle(lane.muscle);
    let painter = ui.painter();
    painter.rect_filled(Rect::from_min_size(row.min, vec2(BAR, row.height())), 0.0, color);
    let left = row.left() + BAR + 7.0;
    let room = right - left - 6.0;
    let name_size = match row.height() {
        h if h < 60.0 => size::TITLE,
        h if h < 90.0 => size::TITLE + 2.0,
        _ => size::MUSCLE,
    };
    let at = |y: f32| pos2(left, row.top() + y);

    let scale = text::scale(lane.scale, &lane.unit, lane.centre);
    let scale_top = cx.form == Form::Compact || row.height() < 96.0;
    let scale_box = if scale_top && lane.scale > 0.0 {
        let place = pos2(right - 8.0, row.top() + 5.0);
        let font = figure_font(size::TICK);
        paint::text(painter, place, Align2::RIGHT_TOP, &scale, font, theme.muted)
    } else {
        Rect::from_min_size(pos2(right - 6.0, row.top()), vec2(0.0, 0.0))
    };
    let name_room = scale_box.left() - left - 6.0;
    let name =
        paint::fitted(painter, at(0.0), Align2::LEFT_TOP, &lane.name, text_font(name_size), color, name_room);
    let full_place = pos2(name.right() + 6.0, name.bottom() - name_size * 0.22);
    let full_room = scale_box.left() - full_place.x - 6.0;
    if full_room > 40.0 {
        let font = text_font(size::TICK);
        paint::fitted(
            painter,
            full_place,
            Align2::LEFT_BOTTOM,
            &lane.full_name,
            font,
            theme.muted,
            full_room,
        );
    }
    quality(ui, theme, lane, at(name_size + 3.0), room, row.height());
    if row.height() >= 60.0 {
        amount(ui, theme, lane, row, left, room, scale_top);
    }
    if !scale_top && lane.scale > 0.0 {
        let place = pos2(left, row.bottom() - 1.0);
        paint::text(painter, place, Align2::LEFT_BOTTOM, &scale, figure_font(size::NOTE), theme.muted);
    }
    paint::named(ui, Rect::from_min_max(row.min, pos2(right, row.bottom())), spoken(lane));
}

fn spoken(lane: &Lane) -> String {
    let quality = &lane.quality;
    let reason = if quality.reason.is_empty() { String::new() } else { format!(": {}", quality.reason) };
    let advice = if quality.advice.is_empty() { String::new() } else { format!(". {}", quality.advice) };
    format!(
        "{}, {}, {}{reason}{advice}, {} of reference",
        lane.name,
        lane.full_name,
        text::grade(quality.grade),
        text::percent(lane.activation)
    )
}

/// Glyph, word, reason; below it what to do, else the signal to noise ratio.
fn quality(ui: &Ui, theme: &Theme, lane: &Lane, place: egui::Pos2, room: f32, height: f32) {
    let painter = ui.painter();
    let quality = &lane.quality;
    let color = grade_color(theme, quality.grade);
    let glyph = text::grade_glyph(quality.grade);
    let word = if quality.reason.is_empty() {
        format!("{glyph} {}", text::grade(quality.grade))
    } else {
        format!("{glyph} {}: {}", text::grade(quality.grade), quality.reason)
    };
    if height < 60.0 {
        let font = text_font(size::TICK);
        paint::fitted(painter, place, Align2::LEFT_TOP, &word, font, color, room);
        return;
    }
    let word = paint::fitted(painter, place, Align2::LEFT_TOP, &word, text_font(size::NOTE), color, room);
    let second = match (quality.advice.as_str(), quality.snr_db) {
        ("", Some(snr)) if snr.is_finite() => format!("SNR {snr:.0} dB"),
        ("", _) => String::new(),
        (advice, _) => advice.to_owned(),
    };
    let place = pos2(place.x, word.bottom());
    paint::fitted(painter, place, Align2::LEFT_TOP, &second, text_font(size::TICK), theme.muted, room);
}

/// `30 % of reference`, or the amplitude where there is no reference.
fn amount(ui: &Ui, theme: &Theme, lane: &Lane, row: Rect, left: f32, room: f32, scale_top: bool) {
    let painter = ui.painter();
    let bottom = row.bottom() - if scale_top { 0.0 } else { 16.0 };
    let large = if scale_top { size::TITLE } else { size::MUSCLE - 2.0 };
    let (value, words) = match lane.activation {
        Some(_) => (text::percent(lane.activation), text::label::OF_REFERENCE.to_owned()),
        None => {
            let value = lane.amplitude.filter(|a| a.is_finite());
            let unit = text::display_unit(&lane.unit).to_owned();
            (
                value.map_or_else(|| text::MISSING.to_owned(), text::figure),
                match room {
                    r if r < 142.0 => unit,
                    _ => format!("{unit}, no reference"),
                },
            )
        }
    };
    // Right-aligned figures do not push the words when they change.
    let figures = pos2(left + 62.0, bottom);
    let drawn = paint::text(painter, figures, Align2::RIGHT_BOTTOM, &value, figure_font(large), theme.text);
    let place = pos2(drawn.right() + 6.0, bottom - large * 0.14);
    let room = left + room - place.x;
    paint::fitted(painter, place, Align2::LEFT_BOTTOM, &words, text_font(size::NOTE), theme.muted, room);
}

/// The card of the knee lane.
pub fn knee(ui: &Ui, cx: &Panels<'_>, knee: &Knee, row: Rect, right: f32) {
    let theme = cx.theme;
    let painter = ui.painter();
    painter.rect_filled(Rect::from_min_size(row.min, vec2(BAR, row.height())), 0.0, theme.text);
    let left = row.left() + BAR + 7.0;
    let axis = 40.0;
    let name = paint::text(
        painter,
        pos2(left, row.top()),
        Align2::LEFT_TOP,
        text::label::KNEE,
        text_font(size::MUSCLE),
        theme.text,
    );
    let place = pos2(name.right() + 6.0, name.bottom() - 4.0);
    let font = text_font(size::TICK);
    let room = right - axis - place.x;
    paint::fitted(painter, place, Align2::LEFT_BOTTOM, text::label::FLEXION, font.clone(), theme.muted, room);
    let value = match knee.stale_s {
        Some(age) => format!("angle {age:.1} s old"),
        None => text::degrees(knee.now_deg),
    };
    let large = if knee.stale_s.is_some() { size::NOTE } else { size::MUSCLE - 2.0 };
    let place = pos2(left, name.bottom() + 1.0);
    let drawn = paint::text(painter, place, Align2::LEFT_TOP, &value, figure_font(large), theme.text);
    let mut source = knee.source.clone();
    if knee.rate_hz > 0.0 {
        source = format!("{} Hz, {source}", text::figure(knee.rate_hz as f32));
    }
    let place = pos2(left, drawn.bottom() + 1.0);
    let room = right - axis - left;
    paint::fitted(painter, place, Align2::LEFT_TOP, &source, font, theme.muted, room);
    let (low, high) = knee.range_deg;
    let middle = (low + high) / 2.0;
    for (deg, anchor, y) in [
        (high, Align2::RIGHT_TOP, row.top()),
        (middle, Align2::RIGHT_CENTER, row.center().y),
        (low, Align2::RIGHT_BOTTOM, row.bottom()),
    ] {
        let place = pos2(right - 5.0, y);
        let words = text::degrees(Some(deg));
        paint::text(painter, place, anchor, &words, figure_font(size::TICK), theme.muted);
    }
    let spoken = format!("Knee flexion {value}, {source}");
    paint::named(ui, Rect::from_min_max(row.min, pos2(right, row.bottom())), spoken);
}
