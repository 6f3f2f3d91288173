//! The printed page of one leg: curves over the gait cycle, dominance by phase and by knee angle, push-offs, doubts.
//!
//! Draws what it is given; computes nothing. Colours and words are those of the light theme of the dashboard. PNG and
//! PDF are the same SVG with the font that is bundled, so all look alike everywhere.

mod bent_knee;
pub mod colour;
mod cycle;
mod dominance;
mod figures;
mod lead;
mod pdf;
mod push_offs;
mod raster;
mod scale;
mod svg;

pub use bent_knee::{BentBlock, Ranged, bent_knee};
pub use figures::{Figures, figures, leads};
pub use lead::Lead;
pub use pdf::pdf;
pub use raster::png;

use svg::{Anchor, Svg, stroke, wrapped};

/// Everything on the page.
#[derive(Clone, Debug, Default)]
pub struct LegPage {
    /// File name of the trial.
    pub trial: String,
    /// `"Right leg"`.
    pub leg: String,
    /// What was done, how many strides, how long: one line.
    pub summary: String,
    /// Filter, normalisation, mode: one line.
    pub method: String,
    /// Curves over the cycle.
    pub lanes: Vec<Lane>,
    /// Foot off in percent of the cycle: mean and SD.
    pub foot_off_percent: Option<(f64, f64)>,
    /// Strides behind the curves.
    pub strides: usize,
    /// Why there are no curves over the cycle, where there are none; the lanes then run over `time_s`.
    pub no_cycles: Option<String>,
    /// Time of the first and last point of each lane, where there are no cycles.
    pub time_s: (f64, f64),
    /// Times on the ground, drawn where there are no cycles.
    pub contacts_s: Vec<(f64, f64)>,
    /// Rows of dominance by phase.
    pub phases: Vec<Balance>,
    /// Bins of dominance by knee angle; `label` is the angle.
    pub angles: Vec<AngleBin>,
    /// Why there is no angle view, where there is none.
    pub no_angle: Option<String>,
    /// Why there is no dominance at all, where there is none.
    pub no_dominance: Option<String>,
    /// What the ratios may be read as, where that is less than dominance.
    pub caution: Option<String>,
    /// Title of the angle axis, with what 0 means.
    pub knee_axis: String,
    /// What the published range says here, or why it is not drawn.
    pub range_note: String,
    /// Lead of each contact and over them, in ms.
    pub leads: Option<Lead>,
    /// Head of the push-off block: who was first.
    pub lead: String,
    /// Push-offs.
    pub push_offs: Vec<PushOff>,
    /// Doubts in this trial, most serious first.
    pub doubts: Vec<String>,
    /// Version and fingerprint.
    pub footer: String,
}

/// One curve over the gait cycle.
#[derive(Clone, Debug)]
pub struct Lane {
    /// `"MG"`, `"Knee"`.
    pub name: String,
    /// `#RRGGBB`.
    pub colour: &'static str,
    /// Unit of the axis.
    pub unit: String,
    /// Mean at 0, 1 ... 100 %, or values at even steps over the trial.
    pub mean: Vec<f64>,
    /// Curves of other trials on the same axes, with their dashes.
    pub others: Vec<(Vec<f64>, &'static str)>,
    /// SD at the same places; empty below three strides.
    pub sd: Vec<f64>,
    /// Peak in percent of the cycle, as text.
    pub peak: Option<String>,
    /// Angles may be negative; amplitudes start at 0.
    pub signed: bool,
}

/// Dominance with its interval, or the bound that is all that is known.
#[derive(Clone, Debug)]
pub struct Balance {
    /// Row label.
    pub label: String,
    /// Second line of the label.
    pub detail: String,
    /// D, and its 90 % interval.
    pub dominance: Option<f64>,
    /// 90 % interval of D.
    pub interval: Option<(f64, f64)>,
    /// One-sided result.
    pub bound: Bound,
    /// Class in words.
    pub word: String,
    /// Reason of "Not clear", or empty.
    pub reason: String,
    /// Colour of the interval: a muscle's own only where a class is given.
    pub ink: &'static str,
}

/// Which side of a value is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bound {
    /// A value with an interval.
    #[default]
    None,
    /// D is at most the value.
    AtMost,
    /// D is at least the value.
    AtLeast,
}

/// One knee-angle bin.
#[derive(Clone, Debug)]
pub struct AngleBin {
    /// Centre in deg.
    pub knee_deg: f64,
    /// Efforts (strides, repetitions).
    pub efforts: usize,
    /// D and its interval.
    pub balance: Balance,
    /// Range of published group means as D, where it applies.
    pub published: Option<(f64, f64)>,
}

/// One contact.
#[derive(Clone, Debug)]
pub struct PushOff {
    /// Cells of the row, in the order of [`push_offs::COLUMNS`].
    pub cells: [String; 6],
}

/// Page size in px; the proportions of A4 on its side.
pub const SIZE: (f64, f64) = (1600.0, 1131.0);
const MARGIN: f64 = 44.0;

/// A rectangle on the page.
#[derive(Clone, Copy)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// The page as SVG.
pub fn svg(page: &LegPage) -> String {
    let mut svg = Svg::new(SIZE.0, SIZE.1, &format!("Surae: {}, {}", page.trial, page.leg));
    header(&mut svg, page);
    cycle::draw(&mut svg, page, Area { x: MARGIN, y: 132.0, width: 820.0, height: 690.0 });
    dominance::by_phase(&mut svg, page, Area { x: 920.0, y: 132.0, width: 636.0, height: 290.0 });
    dominance::by_angle(&mut svg, page, Area { x: 920.0, y: 452.0, width: 636.0, height: 370.0 });
    push_offs::draw(&mut svg, page, Area { x: MARGIN, y: 852.0, width: 820.0, height: 220.0 });
    doubts(&mut svg, page, Area { x: 920.0, y: 852.0, width: 636.0, height: 220.0 });
    footer(&mut svg, page);
    svg.finish()
}

fn header(svg: &mut Svg, page: &LegPage) {
    svg.text(
        (MARGIN, 58.0),
        30.0,
        Anchor::Start,
        colour::TEXT,
        &format!("{} \u{b7} {}", page.trial, page.leg),
    );
    svg.text((SIZE.0 - MARGIN, 58.0), 19.0, Anchor::End, colour::MUTED, "Surae");
    svg.text((MARGIN, 84.0), 15.0, Anchor::Start, colour::TEXT, &page.summary);
    svg.text((MARGIN, 105.0), 13.0, Anchor::Start, colour::MUTED, &page.method);
}

fn footer(svg: &mut Svg, page: &LegPage) {
    let y = SIZE.1 - 26.0;
    svg.line((MARGIN, y - 20.0), (SIZE.0 - MARGIN, y - 20.0), stroke(colour::FRAME, 1.0));
    let fixed = "Dominance is relative to each muscle's own maximum. It says nothing about force.";
    svg.text((MARGIN, y), 13.0, Anchor::Start, colour::TEXT, fixed);
    svg.text((SIZE.0 - MARGIN, y), 11.0, Anchor::End, colour::MUTED, &page.footer);
}

/// Title of a block, with its remark at the right.
fn title(svg: &mut Svg, area: Area, text: &str, remark: &str) {
    svg.text((area.x, area.y), 17.0, Anchor::Start, colour::TEXT, text);
    svg.text((area.x + area.width, area.y), 12.0, Anchor::End, colour::MUTED, remark);
}

/// What stands in a block that has nothing to draw.
fn remark(svg: &mut Svg, area: Area, text: &str) {
    for (k, line) in wrapped(text, 14.0, area.width).iter().enumerate() {
        let at = (area.x, area.y + 34.0 + 20.0 * k as f64);
        svg.text(at, 14.0, Anchor::Start, colour::MUTED, line);
    }
}

fn doubts(svg: &mut Svg, page: &LegPage, area: Area) {
    title(svg, area, "Doubts in this trial", "");
    let (size, step) = (12.0, 17.0);
    let mut y = area.y + 26.0;
    if page.doubts.is_empty() {
        svg.text((area.x, y), size, Anchor::Start, colour::MUTED, "None were found.");
    }
    let last = area.y + area.height;
    for (k, doubt) in page.doubts.iter().enumerate() {
        let lines = wrapped(doubt, size, area.width - 16.0);
        let left = page.doubts.len() - k;
        let room = ((last - y) / step).floor() as usize;
        if lines.len() + usize::from(left > 1) > room {
            let more = format!("{left} more in the JSON report");
            svg.text((area.x + 16.0, y), size, Anchor::Start, colour::MUTED, &more);
            break;
        }
        svg.polygon(&[(area.x, y), (area.x + 8.0, y), (area.x + 4.0, y - 8.0)], colour::LG);
        for line in &lines {
            svg.text((area.x + 16.0, y), size, Anchor::Start, colour::TEXT, line);
            y += step;
        }
    }
}
