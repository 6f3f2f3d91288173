//! Power spectrum of each EMG channel with its median frequency.

use crate::layout::Form;
use crate::model::{Spectrum, SpectrumLine};
use crate::paint;
use crate::state::Panels;
use crate::text::{self, missing};
use crate::theme::{Theme, figure_font, size, text_font};
use egui::{Align2, Rect, Stroke, Ui, UiBuilder, pos2};
use egui_plot::{AxisHints, GridMark, HoverPosition, Line, LineStyle, Plot, PlotPoint, PlotPoints, VLine};

/// Shown frequencies.
const FIRST_HZ: f64 = 5.0;
const LAST_HZ: f64 = 500.0;
/// Shown range under the strongest bin.
const FLOOR_DB: f64 = -50.0;

/// Draws the panel.
pub fn show(ui: &mut Ui, cx: &mut Panels<'_>) {
    let theme = cx.theme;
    let compact = cx.form == Form::Compact;
    let spectrum = &cx.model.spectrum;
    let inner = paint::panel(ui, theme, cx.tab_title(text::title::SPECTRUM), &spectrum.caption, compact);
    if spectrum.lines.is_empty() {
        let words = if spectrum.missing.is_empty() { missing::SPECTRUM_YET } else { &spectrum.missing };
        let font = text_font(size::BODY);
        let galley = paint::lines(ui.painter(), words, font, theme.muted, inner.width(), 3);
        let rect = Align2::CENTER_CENTER.anchor_size(inner.center(), galley.size());
        ui.painter().galley(rect.min, galley, theme.muted);
        paint::named(ui, inner, words);
        return;
    }
    let medians_height = 18.0;
    let plot_rect = Rect::from_min_max(inner.min, pos2(inner.right(), inner.bottom() - medians_height));
    let mut child = ui.new_child(UiBuilder::new().max_rect(plot_rect));
    let response = plot(&mut child, theme, spectrum);
    let frame = *response.transform.frame();
    hum(&child, theme, spectrum, &response.transform);
    let place = frame.right_top() + egui::vec2(-6.0, 3.0);
    let words = text::label::DECIBEL;
    paint::text(child.painter(), place, Align2::RIGHT_TOP, words, text_font(size::TICK), theme.muted);
    medians(ui, cx, inner, medians_height);
    paint::named(ui, plot_rect, text::label::SPECTRUM_SPOKEN);
}

fn plot(ui: &mut Ui, theme: &Theme, spectrum: &Spectrum) -> egui_plot::PlotResponse<()> {
    let axis = |hints: AxisHints<'static>| {
        hints.tick_label_color(theme.muted).tick_label_font(figure_font(size::TICK)).label_spacing(2.0..=3.0)
    };
    let x_axis = axis(AxisHints::new_x()).formatter(|mark, _| format!("{:.0} Hz", mark.value));
    let y_axis =
        axis(AxisHints::new_y()).formatter(|mark, _| text::signed(mark.value as f32, 0)).min_thickness(30.0);
    let step_db = if ui.available_height() < 110.0 { 20.0 } else { 10.0 };
    Plot::new("spectrum")
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .x_grid_spacer(|_| {
            (0..=5).map(|k| GridMark { value: f64::from(k) * 100.0, step_size: 100.0 }).collect()
        })
        .y_grid_spacer(move |_| {
            let steps = (-FLOOR_DB / step_db) as i32;
            (0..=steps).map(|k| GridMark { value: f64::from(-k) * step_db, step_size: step_db }).collect()
        })
        .grid_spacing(1.0..=2.0)
        .grid_color(theme.grid)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .set_margin_fraction(egui::Vec2::ZERO)
        .label_formatter(|hover| {
            let (HoverPosition::NearDataPoint { position: point, .. }
            | HoverPosition::Elsewhere { position: point }) = hover;
            Some(format!("{:.0} Hz, {} dB", point.x, text::signed(point.y as f32, 0)))
        })
        .show(ui, |plot| {
            plot.set_plot_bounds_x(0.0..=LAST_HZ + 10.0);
            plot.set_plot_bounds_y((FLOOR_DB - 4.0)..=3.0);
            for line in &spectrum.lines {
                let color = theme.muscle(line.muscle);
                plot.line(Line::new(line.name.clone(), points(line)).color(color).width(1.4));
                if let Some(median) = line.median_hz.filter(|hz| hz.is_finite()) {
                    let mark = VLine::new(line.name.clone(), f64::from(median)).color(color).width(1.0);
                    plot.vline(mark.style(LineStyle::Dotted { spacing: 5.0 }));
                }
            }
        })
}

fn points(line: &SpectrumLine) -> PlotPoints<'static> {
    line.decibel
        .iter()
        .enumerate()
        .map(|(k, decibel)| [line.first_hz + k as f64 * line.step_hz, f64::from(*decibel)])
        .filter(|[hz, decibel]| (FIRST_HZ..=LAST_HZ).contains(hz) && decibel.is_finite())
        .collect()
}

/// A mains line where a channel has a hum problem.
fn hum(ui: &Ui, theme: &Theme, spectrum: &Spectrum, transform: &egui_plot::PlotTransform) {
    let Some((hz, channels)) = &spectrum.hum else { return };
    let frame = *transform.frame();
    let painter = ui.painter_at(frame);
    let x = transform.position_from_point(&PlotPoint::new(f64::from(*hz), 0.0)).x;
    paint::dashed_vertical(&painter, x, frame.top(), frame.bottom(), Stroke::new(1.0, theme.fair), 2.0);
    let words = format!("{hz:.0} Hz hum: {channels}");
    let place = pos2(x + 6.0, frame.bottom() - 4.0);
    let room = frame.right() - place.x;
    paint::fitted(&painter, place, Align2::LEFT_BOTTOM, &words, text_font(size::TICK), theme.fair, room);
}

/// Median frequencies, one after the other as far as they fit.
fn medians(ui: &Ui, cx: &Panels<'_>, inner: Rect, height: f32) {
    let theme = cx.theme;
    let painter = ui.painter();
    let y = inner.bottom() - height / 2.0 + 1.0;
    let (low, high) = cx.model.spectrum.band_hz;
    let words = format!("median frequency {low:.0}–{high:.0} Hz:");
    let place = pos2(inner.left(), y);
    let font = text_font(size::NOTE);
    let label = paint::text(painter, place, Align2::LEFT_CENTER, &words, font, theme.muted);
    let mut x = label.right() + 14.0;
    for line in &cx.model.spectrum.lines {
        let value = line.median_hz.filter(|hz| hz.is_finite());
        let value = value.map_or_else(|| text::MISSING.to_owned(), |hz| format!("{hz:.0}"));
        let words = format!("{} {value}", line.name);
        let galley =
            painter.layout_no_wrap(words.clone(), figure_font(size::NOTE), theme.muscle(line.muscle));
        if x + galley.size().x > inner.right() {
            let place = pos2(inner.right(), y);
            let more = text_font(size::NOTE);
            paint::text(painter, place, Align2::RIGHT_CENTER, "…", more, theme.muted);
            break;
        }
        let rect = Align2::LEFT_CENTER.anchor_size(pos2(x, y), galley.size());
        x = rect.right() + 10.0;
        painter.galley(rect.min, galley, theme.text);
        paint::named(ui, rect, format!("median frequency of {words} Hz"));
    }
}
