//! The blocks of the page of a leg as single drawings, narrow enough for a phone, for pages of HTML.

use super::lead::{self, Lead};
use super::svg::Svg;
use super::{Area, LegPage, cycle, dominance};

/// Width of every drawing in px: text stays readable on a phone and two stand side by side on paper.
const WIDTH: f64 = 420.0;
/// Room for the tick labels at the left.
const MARGIN: f64 = 42.0;
/// Height of one lane.
const LANE: f64 = 82.0;

/// The drawings of one leg; `None` for what has nothing to draw.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Curves over the cycle, or over the trial.
    pub curves: Option<String>,
    /// Dominance by phase.
    pub phases: Option<String>,
    /// Dominance by knee angle.
    pub angles: Option<String>,
    /// Who was first.
    pub lead: Option<String>,
}

/// Draws them.
pub fn figures(page: &LegPage) -> Figures {
    let whole = |y: f64, height: f64| Area { x: 1.0, y, width: WIDTH - 14.0, height };
    let leg = page.leg.to_lowercase();
    let drawn = |height: f64, what: &str, draw: &dyn Fn(&mut Svg)| {
        let mut svg = Svg::inline(WIDTH, height, &format!("{what}, {leg} of {}", page.trial));
        draw(&mut svg);
        svg.finish()
    };
    let lanes = page.lanes.len() as f64;
    let over = if page.no_cycles.is_none() { "Curves over the gait cycle" } else { "Curves over the trial" };
    let rows = page.phases.len() as f64 * dominance::ROW;
    Figures {
        curves: (!page.lanes.is_empty()).then(|| {
            let height = 54.0 + lanes * LANE + 12.0;
            drawn(height, over, &|svg| cycle::plot(svg, page, whole(0.0, height - 6.0), MARGIN))
        }),
        phases: (!page.phases.is_empty()).then(|| {
            drawn(rows + 42.0, "Dominance by phase", &|svg| {
                dominance::phase_rows(svg, page, Area { width: WIDTH - 2.0, ..whole(0.0, rows + 40.0) });
            })
        }),
        angles: (page.no_angle.is_none() && !page.angles.is_empty()).then(|| {
            drawn(340.0, "Dominance against knee angle", &|svg| {
                dominance::angle_plot(svg, page, whole(8.0, 300.0), false);
            })
        }),
        lead: page.leads.as_ref().map(|leads| {
            let rows = [(String::new(), leads.clone())];
            drawn(lead::height(&rows), "Who was active first", &|svg| lead::draw(svg, &rows, whole(0.0, 0.0)))
        }),
    }
}

/// Leads of several trials on one axis, each with its label.
pub fn leads(rows: &[(String, Lead)], title: &str) -> String {
    let mut svg = Svg::inline(WIDTH, lead::height(rows), title);
    lead::draw(&mut svg, rows, Area { x: 1.0, y: 0.0, width: WIDTH - 14.0, height: 0.0 });
    svg.finish()
}
