//! A drawing as SVG text: the few shapes the page needs, escaped and with numbers kept short.
//!
//! Not a chart library: dashes, hatches, anchored text and open arrows are what a page of intervals needs, and SVG has
//! them all.

use std::fmt::Write as _;

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The point is its left end.
    Start,
    /// The point is its middle.
    Middle,
    /// The point is its right end.
    End,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Stroke {
    /// `#RRGGBB`.
    pub colour: &'static str,
    /// Width in px.
    pub width: f64,
    /// Dash pattern as SVG writes it, or empty.
    pub dash: &'static str,
}

/// A solid line.
pub const fn stroke(colour: &'static str, width: f64) -> Stroke {
    Stroke { colour, width, dash: "" }
}

/// An SVG document under construction.
pub struct Svg {
    text: String,
}

impl Svg {
    /// An empty white page of this size in px; `title` is for screen readers and search.
    pub fn new(width: f64, height: f64, title: &str) -> Self {
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"Ubuntu, 'Ubuntu Light', sans-serif\" font-weight=\"300\">\n"
        );
        let _ = writeln!(text, "<title>{}</title>", escaped(title));
        let _ = writeln!(text, "<rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>");
        Self { text }
    }

    /// The finished document.
    pub fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    /// A filled rectangle.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, fill: &str) {
        let _ = writeln!(
            self.text,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>",
            width.max(0.0),
            height.max(0.0)
        );
    }

    /// A rectangle's outline.
    pub fn frame(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &str) {
        let _ = writeln!(
            self.text,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"none\" stroke=\"{colour}\"/>"
        );
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        let _ = writeln!(
            self.text,
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"{}/>",
            from.0,
            from.1,
            to.0,
            to.1,
            attributes(stroke)
        );
    }

    /// A line through points; breaks where a coordinate is not finite.
    pub fn polyline(&mut self, points: impl IntoIterator<Item = (f64, f64)>, stroke: Stroke) {
        let mut path = String::new();
        let mut pen_down = false;
        for (x, y) in points {
            if x.is_finite() && y.is_finite() {
                let _ = write!(path, "{}{x:.1} {y:.1}", if pen_down { "L" } else { "M" });
                pen_down = true;
            } else {
                pen_down = false;
            }
        }
        if !path.is_empty() {
            let _ = writeln!(
                self.text,
                "<path d=\"{path}\" fill=\"none\" stroke-linejoin=\"round\"{}/>",
                attributes(stroke)
            );
        }
    }

    /// The area between two curves over the same x; stretches that are not finite are left out.
    pub fn band(&mut self, points: &[(f64, f64, f64)], fill: &str, opacity: f64) {
        let finite = |p: &(f64, f64, f64)| p.0.is_finite() && p.1.is_finite() && p.2.is_finite();
        for part in points.split(|p| !finite(p)).filter(|part| part.len() > 1) {
            let mut path = String::new();
            for (k, (x, low, _)) in part.iter().enumerate() {
                let _ = write!(path, "{}{x:.1} {low:.1}", if k == 0 { "M" } else { "L" });
            }
            for (x, _, high) in part.iter().rev() {
                let _ = write!(path, "L{x:.1} {high:.1}");
            }
            let _ = writeln!(self.text, "<path d=\"{path}Z\" fill=\"{fill}\" fill-opacity=\"{opacity}\"/>");
        }
    }

    /// A closed shape.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: &str) {
        let list: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(self.text, "<polygon points=\"{}\" fill=\"{fill}\"/>", list.join(" "));
    }

    /// A ring, or a disc when `fill` is its colour.
    pub fn circle(&mut self, centre: (f64, f64), radius: f64, fill: &str, stroke: Stroke) {
        let _ = writeln!(
            self.text,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\" fill=\"{fill}\"{}/>",
            centre.0,
            centre.1,
            attributes(stroke)
        );
    }

    /// A line of text on its baseline.
    pub fn text(&mut self, at: (f64, f64), size: f64, anchor: Anchor, colour: &str, text: &str) {
        self.turned_text(at, size, anchor, colour, text, false);
    }

    /// Text that reads upwards, for the axis at the left.
    pub fn upward_text(&mut self, at: (f64, f64), size: f64, anchor: Anchor, colour: &str, text: &str) {
        self.turned_text(at, size, anchor, colour, text, true);
    }

    fn turned_text(
        &mut self,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        colour: &str,
        text: &str,
        up: bool,
    ) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let turn = if up { format!(" transform=\"rotate(-90 {x:.1} {y:.1})\"") } else { String::new() };
        let _ = writeln!(
            self.text,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{colour}\"{turn}>{}</text>",
            escaped(text)
        );
    }
}

fn attributes(stroke: Stroke) -> String {
    let dash =
        if stroke.dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", stroke.dash) };
    format!(" stroke=\"{}\" stroke-width=\"{}\"{dash}", stroke.colour, stroke.width)
}

/// XML text; control characters, which XML cannot hold, become spaces.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Breaks `text` into lines of at most about `width` px at `size`, by the mean advance of the page's font.
pub fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    crate::words::wrapped(text, (width / (0.47 * size)).max(8.0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_files_cannot_break_the_document() {
        let mut svg = Svg::new(10.0, 10.0, "<a & b>\u{1}");
        svg.text((1.0, 1.0), 12.0, Anchor::Start, "#000000", "x < \"y\" & \u{7} z");
        let text = svg.finish();
        assert!(text.contains("<title>&lt;a &amp; b&gt; </title>"));
        assert!(text.contains("x &lt; \"y\" &amp;   z</text>"));
    }

    #[test]
    fn lines_break_where_values_are_missing() {
        let mut svg = Svg::new(10.0, 10.0, "t");
        svg.polyline([(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, 4.0)], stroke("#000000", 1.0));
        assert!(svg.finish().contains("M0.0 1.0M2.0 3.0L3.0 4.0"));
    }
}
