//! The push-offs as a table, with who was first in front of it.

use super::svg::{Anchor, Svg, stroke};
use super::{Area, LegPage, colour, title};

/// Column heads and their right edges as shares of the width.
pub const COLUMNS: [(&str, f64); 6] = [
    ("start", 0.09),
    ("contact time", 0.23),
    ("knee at contact", 0.39),
    ("knee at foot off", 0.55),
    ("lead, + gastrocnemius first", 0.79),
    ("push-off", 1.0),
];

/// Draws the block; as many rows as fit, and how many more there are.
pub fn draw(svg: &mut Svg, page: &LegPage, area: Area) {
    title(svg, area, "Push-offs", &page.lead);
    if page.push_offs.is_empty() {
        let at = (area.x, area.y + 30.0);
        svg.text(at, 14.0, Anchor::Start, colour::MUTED, "No complete foot contact in this trial.");
        return;
    }
    let edge = |k: usize| area.x + area.width * COLUMNS[k].1;
    let y = area.y + 26.0;
    for (k, (head, _)) in COLUMNS.iter().enumerate() {
        svg.text((edge(k), y), 12.0, Anchor::End, colour::MUTED, head);
    }
    svg.line((area.x, y + 7.0), (area.x + area.width, y + 7.0), stroke(colour::FRAME, 1.0));
    let step = 19.0;
    let room = ((area.height - 46.0) / step) as usize;
    let shown = if page.push_offs.len() > room { room - 1 } else { page.push_offs.len() };
    for (row, push_off) in page.push_offs.iter().take(shown).enumerate() {
        let y = y + 26.0 + step * row as f64;
        for (k, cell) in push_off.cells.iter().enumerate() {
            svg.text((edge(k), y), 13.0, Anchor::End, colour::TEXT, cell);
        }
    }
    if shown < page.push_offs.len() {
        let y = y + 26.0 + step * shown as f64;
        let more = format!("{} more in the table pushoffs.csv", page.push_offs.len() - shown);
        svg.text((area.x, y), 12.0, Anchor::Start, colour::MUTED, &more);
    }
}
