//! A bent-straight series as a drawing: the change of the ratio with knee flexion over the amplitudes behind it.

use super::scale::{Scale, round_top, tick_text};
use super::svg::{Anchor, Svg, stroke};
use super::{Area, colour};

/// Size of the drawing in px.
const SIZE: (f64, f64) = (620.0, 470.0);
/// Ratios that the upper axis names.
const RATIOS: [(f64, &str); 7] = [
    (0.2, "\u{f7}5"),
    (0.333_333, "\u{f7}3"),
    (0.5, "\u{f7}2"),
    (1.0, "\u{d7}1"),
    (2.0, "\u{d7}2"),
    (3.0, "\u{d7}3"),
    (5.0, "\u{d7}5"),
];
/// Half the distance between the two muscles of one block, px.
const APART: f64 = 7.0;

/// Radius of a value's dot, px.
const DOT: f64 = 3.5;
/// Changes of ln(G/S) beyond this are drawn at the edge.
const FARTHEST: f64 = 3.0;

/// A value with its interval, where each is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ranged {
    /// The value.
    pub value: Option<f64>,
    /// Its 90 % interval; an open end is drawn to the edge.
    pub interval: [Option<f64>; 2],
}

/// One knee angle.
#[derive(Clone, Copy, Debug)]
pub struct BentBlock {
    /// Knee flexion.
    pub knee_deg: f64,
    /// Repetitions.
    pub n: usize,
    /// Whether it counts for the verdict.
    pub usable: bool,
    /// Whether the others are relative to it.
    pub is_straight: bool,
    /// Change of ln(G/S) from the straight knee.
    pub change: Ranged,
    /// Range of published group means for that change.
    pub published: Option<[f64; 2]>,
    /// Gastrocnemius relative to the straight knee.
    pub gastrocnemius: Ranged,
    /// Soleus relative to the straight knee.
    pub soleus: Ranged,
}

/// Draws the blocks, by ascending knee flexion; `None` when no block has a value.
pub fn bent_knee(blocks: &[BentBlock], title: &str) -> Option<String> {
    let told = |b: &&BentBlock| {
        b.is_straight || b.change.value.or(b.gastrocnemius.value).or(b.soleus.value).is_some()
    };
    blocks.iter().find(|b| !b.is_straight && told(b))?;
    let blocks: Vec<BentBlock> = blocks.iter().filter(told).copied().collect();
    let low = blocks.iter().map(|b| b.knee_deg).reduce(f64::min)?.min(0.0) - 8.0;
    let high = blocks.iter().map(|b| b.knee_deg).fold(30.0, f64::max) + 8.0;
    let mut svg = Svg::inline(SIZE.0, SIZE.1, title);
    let x = Scale::new(low, high, 66.0, SIZE.0 - 10.0);
    let upper = Area { x: 66.0, y: 30.0, width: SIZE.0 - 76.0, height: 200.0 };
    let lower = Area { y: 262.0, height: 150.0, ..upper };
    change(&mut svg, &blocks, x, upper);
    amplitudes(&mut svg, &blocks, x, lower);
    for block in &blocks {
        let at = x.at(block.knee_deg);
        let bottom = lower.y + lower.height;
        let angle = format!("{:.0}\u{b0}", block.knee_deg).replace('-', "\u{2212}");
        svg.text((at, bottom + 17.0), 12.0, Anchor::Middle, colour::TEXT, &angle);
        let n = if block.usable { format!("n {}", block.n) } else { "not used".to_owned() };
        svg.text((at, bottom + 32.0), 11.0, Anchor::Middle, colour::MUTED, &n);
    }
    let axis = (upper.x + upper.width / 2.0, SIZE.1 - 8.0);
    svg.text(axis, 12.0, Anchor::Middle, colour::MUTED, "knee flexion (0\u{b0} = straight)");
    Some(svg.finish())
}

/// The change of gastrocnemius over soleus on a logarithmic axis, with the published range behind it.
fn change(svg: &mut Svg, blocks: &[BentBlock], x: Scale, area: Area) {
    let ends = blocks.iter().flat_map(|b| {
        [b.change.value, b.change.interval[0], b.change.interval[1]]
            .into_iter()
            .flatten()
            .chain(b.published.into_iter().flatten())
    });
    let (low, high) = ends.fold((-0.8_f64, 0.45_f64), |(low, high), v| (low.min(v), high.max(v)));
    let limits = (low.max(-FARTHEST) - 0.12, high.min(FARTHEST) + 0.12);
    let (top, bottom) = (area.y, area.y + area.height);
    let y = Scale::new(limits.0, limits.1, bottom, top);
    svg.text(
        (area.x, top - 10.0),
        13.0,
        Anchor::Start,
        colour::TEXT,
        "Gastrocnemius over soleus, against the straight knee",
    );
    svg.rect(area.x, top, area.width, area.height, colour::PLOT);
    let range: Vec<(f64, f64, f64)> = blocks
        .iter()
        .filter_map(|b| {
            let [low, high] = if b.is_straight { [0.0; 2] } else { b.published? };
            Some((x.at(b.knee_deg), y.at(low.max(limits.0)), y.at(high.min(limits.1))))
        })
        .collect();
    svg.band(&range, colour::MUTED, 0.16);
    for (ratio, label) in RATIOS.iter().filter(|(ratio, _)| (limits.0..limits.1).contains(&ratio.ln())) {
        let at = y.at(ratio.ln());
        let ink = if *ratio == 1.0 { colour::FRAME } else { colour::GRID };
        svg.line((area.x, at), (area.x + area.width, at), stroke(ink, 1.0));
        svg.text((area.x - 8.0, at + 4.0), 11.0, Anchor::End, colour::MUTED, label);
    }
    svg.frame(area.x, top, area.width, area.height, colour::FRAME);
    svg.text(
        (area.x + area.width - 8.0, top + 17.0),
        12.0,
        Anchor::End,
        colour::MG,
        "relatively more gastrocnemius",
    );
    svg.text(
        (area.x + area.width - 8.0, bottom - 8.0),
        12.0,
        Anchor::End,
        colour::SOL,
        "relatively more soleus",
    );
    for block in blocks {
        let at = x.at(block.knee_deg);
        if block.is_straight {
            svg.circle((at, y.at(0.0)), DOT, colour::PLOT, stroke(colour::MUTED, 1.5));
            svg.text((at, y.at(0.0) - 10.0), 11.0, Anchor::Middle, colour::MUTED, "reference");
        }
        mark(svg, block.change, at, y, limits, colour::TEXT, block.usable);
    }
}

/// Both amplitudes relative to the straight knee.
fn amplitudes(svg: &mut Svg, blocks: &[BentBlock], x: Scale, area: Area) {
    let values = blocks
        .iter()
        .flat_map(|b| [b.gastrocnemius, b.soleus].map(|m| m.interval[1].or(m.value).unwrap_or(0.0).min(4.0)));
    let (most, step) = round_top(values.fold(1.0, f64::max) * 100.0);
    let (top, bottom) = (area.y, area.y + area.height);
    let y = Scale::new(0.0, most, bottom, top);
    svg.text((area.x, top - 8.0), 13.0, Anchor::Start, colour::TEXT, "Amplitude, % of the straight knee");
    svg.rect(area.x, top, area.width, area.height, colour::PLOT);
    let mut tick = 0.0;
    while tick <= most * 1.001 {
        svg.line((area.x, y.at(tick)), (area.x + area.width, y.at(tick)), stroke(colour::GRID, 1.0));
        svg.text((area.x - 8.0, y.at(tick) + 4.0), 11.0, Anchor::End, colour::MUTED, &tick_text(tick, step));
        tick += step;
    }
    svg.frame(area.x, top, area.width, area.height, colour::FRAME);
    let key = area.x + area.width - 8.0;
    svg.text((key, top - 8.0), 12.0, Anchor::End, colour::SOL, "\u{25cf} soleus");
    svg.text((key - 70.0, top - 8.0), 12.0, Anchor::End, colour::MG, "\u{25cf} gastrocnemius");
    for block in blocks {
        if block.is_straight {
            svg.circle((x.at(block.knee_deg), y.at(100.0)), DOT, colour::PLOT, stroke(colour::MUTED, 1.5));
        }
        for (muscle, ink, by) in
            [(block.gastrocnemius, colour::MG, -APART), (block.soleus, colour::SOL, APART)]
        {
            let percent = Ranged {
                value: muscle.value.map(|v| 100.0 * v),
                interval: muscle.interval.map(|end| end.map(|v| 100.0 * v)),
            };
            mark(svg, percent, x.at(block.knee_deg) + by, y, (0.0, most), ink, block.usable);
        }
    }
}

/// A value with its interval; hollow where the block does not count.
fn mark(
    svg: &mut Svg,
    ranged: Ranged,
    at: f64,
    y: Scale,
    (low, high): (f64, f64),
    ink: &'static str,
    usable: bool,
) {
    let Some(value) = ranged.value else { return };
    let [from, to] = ranged.interval;
    if from.is_some() || to.is_some() {
        let end = |end: Option<f64>, open: f64| y.at(end.unwrap_or(open).clamp(low, high));
        let (from, to) = (end(from, low), end(to, high));
        svg.line((at, from), (at, to), stroke(ink, 2.0));
        for edge in [from, to] {
            svg.line((at - DOT, edge), (at + DOT, edge), stroke(ink, 1.5));
        }
    }
    let fill = if usable { ink } else { colour::PLOT };
    svg.circle((at, y.at(value.clamp(low, high))), DOT, fill, stroke(ink, 1.5));
}
