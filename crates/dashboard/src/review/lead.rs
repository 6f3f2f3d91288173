//! Who was active first: the median over the contacts with its interval, and a dot for each contact.

use super::Cx;
use crate::paint;
use crate::text::review as words;
use crate::theme::{self, figure_font, size, text_font};
use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};
use surae_gait::report::LeadReport;

/// Size of the call in words.
const CALL: f32 = 25.0;
/// Contacts from which the interval is that of the contacts and not of the model.
const FIRM: usize = surae_gait::pushoff::ENOUGH_CONTACTS;

/// Draws the section from the top of `rect` and returns where it ends.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, rect: Rect) -> f32 {
    let theme = cx.theme;
    let painter = ui.painter().clone();
    let compact = cx.compact();
    let (left, mut y) = (rect.left(), rect.top());
    let line = |y: f32, words: &str, font, ink| {
        paint::fitted(&painter, pos2(left, y), Align2::LEFT_TOP, words, font, ink, rect.width())
    };
    if !compact {
        line(y, words::WHO_FIRST, text_font(size::TITLE), theme.text);
        y += 24.0;
    }
    let Some(lead) = &cx.report.lead_summary else {
        let path = format!("sides.{}.lead_summary", cx.leg.side);
        let why = cx.reviewed.report().reason(&path).unwrap_or(words::NO_LEAD_WHY);
        let galley =
            paint::lines(&painter, &words::no_lead(why), text_font(size::NOTE), theme.muted, rect.width(), 3);
        let drawn = Rect::from_min_size(pos2(left, y), galley.size());
        painter.galley(drawn.min, galley, theme.muted);
        paint::named(ui, drawn, words::no_lead(why));
        return drawn.bottom();
    };
    let call = words::call(lead.median_ms, lead.ci90_ms);
    let call_size = if compact { 20.0 } else { CALL };
    let drawn = line(y, call, text_font(call_size), theme.text);
    y = drawn.bottom() + 1.0;
    let numbers = words::lead_numbers(lead.median_ms, lead.ci90_ms, lead.n);
    y = line(y, &numbers, text_font(size::NOTE), theme.text).bottom() + 4.0;
    paint::named(ui, Rect::from_min_max(rect.min, pos2(rect.right(), y)), format!("{call}, {numbers}"));
    let bar = Rect::from_min_size(pos2(left + 14.0, y), vec2(rect.width() - 28.0, 34.0));
    scale(ui, cx, bar, lead);
    y = bar.bottom() + 20.0;
    let font = text_font(size::NOTE);
    paint::text(&painter, pos2(left, y), Align2::LEFT_TOP, words::SOLEUS_FIRST, font.clone(), theme.sol);
    let right = pos2(rect.right(), y);
    y = paint::text(&painter, right, Align2::RIGHT_TOP, words::GASTROCNEMIUS_FIRST, font.clone(), theme.mg)
        .bottom();
    if lead.n < FIRM {
        y = line(y + 3.0, words::FEW_CONTACTS, font, theme.fair).bottom();
    }
    y
}

/// The interval, the median and the contacts on an axis that is the same on both sides of 0.
fn scale(ui: &Ui, cx: &Cx<'_>, rect: Rect, lead: &LeadReport) {
    let theme = cx.theme;
    let painter = ui.painter();
    let kept = cx.report.pushoffs.iter().enumerate().filter(|(_, push)| push.rejected.is_empty());
    let leads: Vec<(usize, f64)> =
        kept.filter_map(|(at, push)| Some((at, push.gastrocnemius_lead_ms?))).collect();
    let farthest = leads
        .iter()
        .map(|(_, ms)| ms.abs())
        .chain(lead.ci90_ms.map(f64::abs))
        .filter(|ms| ms.is_finite())
        .fold(0.0, f64::max);
    let half = [40.0, 80.0, 160.0, 320.0].into_iter().find(|half| *half >= farthest).unwrap_or(640.0);
    let x = |ms: f64| rect.center().x + (ms.clamp(-half, half) / half) as f32 * rect.width() / 2.0;
    let (dots, axis) = (rect.top() + 6.0, rect.top() + 22.0);
    painter.hline(rect.x_range(), axis, Stroke::new(1.0, theme.muted));
    let [low, high] = lead.ci90_ms;
    let block = Rect::from_min_max(pos2(x(low), axis - 5.0), pos2(x(high), axis + 5.0));
    painter.rect_filled(block, 0.0, theme::mix(theme.panel, theme.muted, 0.6));
    paint::dashed_vertical(painter, x(0.0), rect.top(), axis + 9.0, Stroke::new(1.0, theme.text), 2.0);
    let median = Rect::from_center_size(pos2(x(lead.median_ms), axis), vec2(4.0, 22.0));
    painter.rect_filled(median, 0.0, theme.text);
    for (at, ms) in leads {
        let place = pos2(x(ms), dots);
        if at == cx.state.chosen {
            painter.circle_filled(place, 4.5, theme.text);
        } else {
            painter.circle(place, 4.0, theme.plot, Stroke::new(1.5, theme.text));
        }
    }
    for ms in [-half, -half / 2.0, 0.0, half / 2.0, half] {
        let place = pos2(x(ms), axis + 10.0);
        painter.vline(place.x, (axis - 3.0)..=(axis + 3.0), Stroke::new(1.0, theme.muted));
        let words = words::signed_ms(ms);
        paint::text(painter, place, Align2::CENTER_TOP, &words, figure_font(size::TICK), theme.muted);
    }
}
