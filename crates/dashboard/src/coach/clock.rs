//! The calf clock: one turn of an effort with the activity of each muscle around it, the feet on the ground, and a hand.
//!
//! 12 o'clock is the contact (of a jump: before take-off), clockwise. Not for what the rings hold: [`super::model`].

use super::canvas::{Canvas, size};
use super::model::{Clock, CoachLeg, FULL_RING, Ring, WEDGES};
use crate::text::coach as text;
use crate::theme::mix;
use egui::{Align2, Color32, Pos2, Shape, Stroke, vec2};
use std::f32::consts::TAU;

/// Centre in the design.
const CENTRE: (f32, f32) = (1324.0, 392.0);
/// Middle of the ground ring, and the widths of its arcs.
const GROUND: f32 = 249.0;
const OWN: f32 = 26.0;
const OTHER: f32 = 13.0;
/// Outer and inner end of the muscles' rings.
const RINGS: (f32, f32) = (235.0, 41.0);
/// Radius of the disc in the middle.
const DISC: f32 = 30.0;
/// Part of a wedge that is left free.
const FREE: f32 = 0.14;
/// Right and left end of the column.
const COLUMN: (f32, f32) = (1072.0, 1576.0);

/// A place on the dial: share of a turn from 12 o'clock, clockwise.
fn place(canvas: &Canvas<'_>, share: f32, radius: f32) -> Pos2 {
    let (sin, cos) = (share * TAU).sin_cos();
    canvas.at(CENTRE.0, CENTRE.1) + vec2(sin, -cos) * radius * canvas.scale
}

/// Draws the clock; `at_s` is where the hand stands, in s after 12 o'clock.
pub fn show(canvas: &Canvas<'_>, leg: &CoachLeg, clock: &Clock, at_s: f64, is_moving: bool) {
    let theme = canvas.theme;
    canvas.text(COLUMN.0, 92.0, Align2::LEFT_CENTER, text::CLOCK, size::LABEL, theme.muted);
    let turn = text::turn(clock);
    let room = COLUMN.1 - COLUMN.0 - canvas.width(text::CLOCK, size::LABEL) - 24.0;
    canvas.text(
        COLUMN.1,
        92.0,
        Align2::RIGHT_CENTER,
        &turn,
        canvas.fitting(&turn, size::LABEL, room),
        theme.muted,
    );
    dial(canvas, clock);
    let side = theme.side(leg.side);
    arcs(canvas, &clock.ground, OWN, side);
    arcs(canvas, &clock.other, OTHER, theme.side(leg.side.map(surae_trial::Side::other)));
    let n = clock.rings.len().max(1) as f32;
    let depth = (RINGS.0 - RINGS.1) / n;
    for (at, ring) in clock.rings.iter().enumerate() {
        wedges(canvas, ring, RINGS.0 - (at as f32 + 1.0) * depth, depth);
    }
    for (at, ring) in clock.rings.iter().enumerate() {
        name(canvas, ring, RINGS.0 - (at as f32 + 0.5) * depth);
    }
    hand(canvas, clock, at_s, is_moving);
    legend(canvas, leg, clock, at_s, is_moving);
}

fn dial(canvas: &Canvas<'_>, clock: &Clock) {
    let theme = canvas.theme;
    let centre = canvas.at(CENTRE.0, CENTRE.1);
    let rim = Stroke::new((2.0 * canvas.scale).max(1.0), mix(theme.plot, theme.muted, 0.35));
    canvas.painter.circle_stroke(centre, GROUND * canvas.scale, rim);
    let n = clock.rings.len().max(1) as f32;
    for (at, ring) in clock.rings.iter().enumerate() {
        let radius = RINGS.0 - at as f32 * (RINGS.0 - RINGS.1) / n;
        let ground = mix(theme.plot, theme.muscle(ring.muscle), 0.11);
        canvas.painter.circle(centre, radius * canvas.scale, ground, if at > 0 { rim } else { Stroke::NONE });
    }
    canvas.painter.circle(centre, RINGS.1 * canvas.scale, theme.plot, rim);
}

/// Arcs as quads, so that their ends are straight.
fn arcs(canvas: &Canvas<'_>, spans: &[(f32, f32)], width: f32, color: Color32) {
    for (from, to) in spans {
        let (from, to) = (from.clamp(0.0, 1.0), to.clamp(0.0, 1.0));
        let steps = ((to - from) * 180.0).ceil().max(1.0) as usize;
        let points: Vec<Pos2> = (0..=steps)
            .map(|k| place(canvas, from + (to - from) * k as f32 / steps as f32, GROUND))
            .collect();
        if to > from {
            canvas.painter.add(Shape::line(points, Stroke::new(width * canvas.scale, color)));
        }
    }
}

fn wedges(canvas: &Canvas<'_>, ring: &Ring, inner: f32, depth: f32) {
    let color = canvas.theme.muscle(ring.muscle);
    for (k, value) in ring.values.iter().enumerate().take(WEDGES) {
        if !value.is_finite() || *value <= 0.0 {
            continue;
        }
        let height = (value / FULL_RING).min(1.0) * depth;
        let (from, to) =
            ((k as f32 + FREE / 2.0) / WEDGES as f32, (k as f32 + 1.0 - FREE / 2.0) / WEDGES as f32);
        let points = vec![
            place(canvas, from, inner),
            place(canvas, from, inner + height),
            place(canvas, to, inner + height),
            place(canvas, to, inner),
        ];
        canvas.painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
        if *value > FULL_RING {
            // Taller than the ring: a notch in the plot's colour.
            let (middle, half) = ((from + to) / 2.0, (to - from) * 0.3);
            let outer = inner + height;
            let notch = vec![
                place(canvas, middle - half, outer + 0.5),
                place(canvas, middle + half, outer + 0.5),
                place(canvas, middle, outer - 0.16 * depth),
            ];
            canvas.painter.add(Shape::convex_polygon(notch, canvas.theme.plot, Stroke::NONE));
        }
    }
}

/// The muscle's name at 9 o'clock, on a ground of its own so that wedges under it do not hide it.
fn name(canvas: &Canvas<'_>, ring: &Ring, radius: f32) {
    let theme = canvas.theme;
    let width = canvas.width(&ring.name, size::NOTE) + 6.0;
    let ground = mix(theme.plot, theme.muscle(ring.muscle), 0.11);
    let rect = canvas.rect(CENTRE.0 - radius - width / 2.0, CENTRE.1 - 15.0, width, 30.0);
    canvas.painter.rect_filled(rect, 4.0 * canvas.scale, ground);
    canvas.text(CENTRE.0 - radius, CENTRE.1, Align2::CENTER_CENTER, &ring.name, size::NOTE, theme.text);
}

fn hand(canvas: &Canvas<'_>, clock: &Clock, at_s: f64, is_moving: bool) {
    let theme = canvas.theme;
    let centre = canvas.at(CENTRE.0, CENTRE.1);
    if clock.length_s > 0.0 {
        let share = (at_s / clock.length_s) as f32;
        let stroke = Stroke::new((5.0 * canvas.scale).max(1.5), theme.text);
        canvas.painter.line_segment([place(canvas, share, DISC), place(canvas, share, GROUND)], stroke);
        let edge = Stroke::new((4.0 * canvas.scale).max(1.5), theme.text);
        canvas.painter.circle(place(canvas, share, GROUND), 10.0 * canvas.scale, theme.plot, edge);
    }
    canvas.painter.circle_filled(centre, DISC * canvas.scale, theme.text);
    if is_moving {
        for x in [-9.0, 3.0] {
            canvas.fill(CENTRE.0 + x, CENTRE.1 - 10.0, 6.0, 20.0, theme.plot);
        }
    } else {
        canvas.pointer(CENTRE.0 + 13.0, CENTRE.1, 22.0, false, theme.plot);
    }
}

fn legend(canvas: &Canvas<'_>, leg: &CoachLeg, clock: &Clock, at_s: f64, is_moving: bool) {
    let theme = canvas.theme;
    if !clock.ground.is_empty() {
        let color = theme.side(leg.side);
        canvas.dot(COLUMN.0 + 9.0, 684.0, 9.0, color, false);
        let words = text::on_ground(leg.side);
        canvas.text(COLUMN.0 + 24.0, 684.0, Align2::LEFT_CENTER, &words, size::NOTE, theme.text);
    }
    if let Some(other) = leg.side.map(surae_trial::Side::other).filter(|_| !clock.other.is_empty()) {
        let color = theme.side(Some(other));
        let left = COLUMN.1 - canvas.width(other.name(), size::NOTE);
        canvas.dot(left - 15.0, 684.0, 9.0, color, false);
        canvas.text(COLUMN.1, 684.0, Align2::RIGHT_CENTER, other.name(), size::NOTE, color);
    }
    if clock.length_s > 0.0 {
        let words = text::now(clock, at_s, is_moving);
        canvas.text(COLUMN.0, 722.0, Align2::LEFT_CENTER, &words, size::NOTE, theme.text);
    }
}
