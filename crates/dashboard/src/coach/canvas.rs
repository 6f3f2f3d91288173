//! A drawing surface in the pixels of the design (1600 x 1000), scaled to the window, with heavy text.
//!
//! Not for what is drawn: painters of this folder decide that.

use crate::paint;
use crate::theme::{Theme, text_font};
use egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

/// Width and height of the design.
pub const DESIGN: (f32, f32) = (1600.0, 1000.0);
/// Type sizes of the design.
pub mod size {
    /// Notes, for who stands at the screen.
    pub const NOTE: f32 = 28.0;
    /// Labels.
    pub const LABEL: f32 = 36.0;
    /// Words.
    pub const WORD: f32 = 84.0;
    /// Numbers.
    pub const NUMBER: f32 = 112.0;
    /// The answer.
    pub const HEADLINE: f32 = 150.0;
}
/// Corner radius of tiles.
const RADIUS: f32 = 8.0;
/// Offset of the copies of a heavy text, in em: the bundled fonts have no bold.
const HEAVY_EM: f32 = 0.016;
/// Directions of the copies.
const AROUND: [(f32, f32); 8] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, 1.0),
    (0.0, -1.0),
    (0.707, 0.707),
    (-0.707, 0.707),
    (0.707, -0.707),
    (-0.707, -0.707),
];

/// The surface.
pub struct Canvas<'a> {
    /// Where shapes go.
    pub painter: &'a Painter,
    /// Colours.
    pub theme: &'static Theme,
    origin: Pos2,
    /// Points per pixel of the design.
    pub scale: f32,
}

/// Upper left corner and scale of the design in a window.
fn fit(window: Rect) -> (Pos2, f32) {
    let scale = (window.width() / DESIGN.0).min(window.height() / DESIGN.1);
    (pos2(window.left() + (window.width() - DESIGN.0 * scale) / 2.0, window.top()), scale)
}

/// A rectangle of the design in a window: left, top, width, height.
#[must_use]
pub fn placed(window: Rect, [x, y, width, height]: [f32; 4]) -> Rect {
    let (origin, scale) = fit(window);
    Rect::from_min_size(origin + vec2(x, y) * scale, vec2(width, height) * scale)
}

impl<'a> Canvas<'a> {
    /// A surface that fits the design into `window`, centred across.
    #[must_use]
    pub fn new(painter: &'a Painter, theme: &'static Theme, window: Rect) -> Self {
        let (origin, scale) = fit(window);
        Self { painter, theme, origin, scale }
    }

    /// A place on the screen.
    #[must_use]
    pub fn at(&self, x: f32, y: f32) -> Pos2 {
        self.origin + vec2(x, y) * self.scale
    }

    /// A rectangle on the screen.
    #[must_use]
    pub fn rect(&self, x: f32, y: f32, width: f32, height: f32) -> Rect {
        Rect::from_min_size(self.at(x, y), vec2(width, height) * self.scale)
    }

    /// Width of a text in pixels of the design.
    #[must_use]
    pub fn width(&self, words: &str, size: f32) -> f32 {
        let font = text_font(size * self.scale);
        self.painter.layout_no_wrap(words.to_owned(), font, self.theme.text).size().x / self.scale
    }

    /// The largest size up to `size` at which a text is no wider than `room`.
    #[must_use]
    pub fn fitting(&self, words: &str, size: f32, room: f32) -> f32 {
        let width = self.width(words, size);
        if width > room { (size * room / width).max(8.0) } else { size }
    }

    /// Text in one line; returns its right end in pixels of the design.
    pub fn text(&self, x: f32, y: f32, anchor: Align2, words: &str, size: f32, color: Color32) -> f32 {
        let rect = self.painter.text(self.at(x, y), anchor, words, text_font(size * self.scale), color);
        (rect.right() - self.origin.x) / self.scale
    }

    /// Text in one line, cut with `…` where it is wider than `room`.
    pub fn fitted(
        &self,
        (x, y): (f32, f32),
        anchor: Align2,
        words: &str,
        size: f32,
        color: Color32,
        room: f32,
    ) {
        let font = text_font(size * self.scale);
        paint::fitted(self.painter, self.at(x, y), anchor, words, font, color, room * self.scale);
    }

    /// Text from the top left corner, wrapped at `room` into at most `rows` lines; returns its lower edge.
    pub fn wrapped(
        &self,
        (x, y): (f32, f32),
        words: &str,
        size: f32,
        color: Color32,
        room: f32,
        rows: usize,
    ) -> f32 {
        let font = text_font(size * self.scale);
        let galley = paint::lines(self.painter, words, font, color, room * self.scale, rows);
        let bottom = y + galley.size().y / self.scale;
        self.painter.galley(self.at(x, y), galley, color);
        bottom
    }

    /// Heavy text in one line, its middle at `y`; returns its right end in pixels of the design.
    pub fn heavy(&self, x: f32, y: f32, words: &str, size: f32, color: Color32) -> f32 {
        let font = text_font(size * self.scale);
        let galley = self.painter.layout_no_wrap(words.to_owned(), font, color);
        let rect = Align2::LEFT_CENTER.anchor_size(self.at(x, y), galley.size());
        let by = HEAVY_EM * size * self.scale;
        for (dx, dy) in AROUND {
            self.painter.galley(rect.min + vec2(dx, dy) * by, galley.clone(), color);
        }
        (rect.right() - self.origin.x) / self.scale
    }

    /// A tile's ground.
    pub fn tile(&self, x: f32, y: f32, width: f32, height: f32) {
        let radius = CornerRadius::same((RADIUS * self.scale).round() as u8);
        let stroke = Stroke::new(1.0, self.theme.line);
        self.painter.rect(
            self.rect(x, y, width, height),
            radius,
            self.theme.panel,
            stroke,
            StrokeKind::Inside,
        );
    }

    /// A filled rectangle.
    pub fn fill(&self, x: f32, y: f32, width: f32, height: f32, color: Color32) {
        let rect = self.rect(x, y, width, height);
        if rect.is_finite() {
            self.painter.rect_filled(rect, 0.0, color);
        }
    }

    /// A dot: filled, or open with a thick edge.
    pub fn dot(&self, x: f32, y: f32, radius: f32, color: Color32, is_open: bool) {
        let (place, radius) = (self.at(x, y), radius * self.scale);
        if !place.is_finite() {
            return;
        }
        if is_open {
            let stroke = Stroke::new(4.0 * self.scale, color);
            self.painter.circle(place, radius - 2.0 * self.scale, self.theme.panel, stroke);
        } else {
            self.painter.circle_filled(place, radius, color);
        }
    }

    /// A triangle that points to the left or to the right; `x` is its tip.
    pub fn pointer(&self, x: f32, y: f32, size: f32, is_left: bool, color: Color32) {
        let back = if is_left { x + size } else { x - size };
        let half = size * 0.62;
        let points = vec![self.at(x, y), self.at(back, y - half), self.at(back, y + half)];
        self.painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
    }

    /// A line.
    pub fn line(&self, from: (f32, f32), to: (f32, f32), width: f32, color: Color32) {
        let stroke = Stroke::new((width * self.scale).max(1.0), color);
        self.painter.line_segment([self.at(from.0, from.1), self.at(to.0, to.1)], stroke);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::COACH;

    #[test]
    fn the_design_keeps_its_shape_in_a_wide_window_and_stands_in_the_middle() {
        let ctx = egui::Context::default();
        let painter = ctx.debug_painter();
        let window = Rect::from_min_size(Pos2::ZERO, vec2(1280.0, 720.0));
        let canvas = Canvas::new(&painter, &COACH, window);
        assert!((canvas.scale - 0.72).abs() < 1e-6);
        assert!((canvas.at(0.0, 0.0).x - 64.0).abs() < 1e-3);
        assert!((canvas.at(1600.0, 1000.0).x - 1216.0).abs() < 1e-3);
        assert!((canvas.at(1600.0, 1000.0).y - 720.0).abs() < 1e-3);
    }
}
