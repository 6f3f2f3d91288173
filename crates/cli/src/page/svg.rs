//! A drawing as SVG text: the few shapes the page needs, escaped and with numbers kept short.
//!
//! Not a chart library: dashes, hatches, anchored text and open arrows are what a page of intervals needs, and SVG has
//! them all.

use super::colour;
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
    /// Colours by name, for a page that has a light and a dark theme; else as they are.
    themed: bool,
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
        Self { text, themed: false }
    }

    /// A drawing within a page of HTML: no background, as wide as its place, colours of the page's theme.
    pub fn inline(width: f64, height: f64, title: &str) -> Self {
        let mut text = format!(
            "<svg class=\"plot\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escaped(title)
        );
        let _ = writeln!(text, "<title>{}</title>", escaped(title));
        Self { text, themed: true }
    }

    /// The attributes for a fill and a stroke colour; `none` and `currentColor` stay as they are.
    fn paint(&self, fill: &str, stroke: Option<&str>) -> String {
        let named = |colour: &str| match colour::name(colour).filter(|_| self.themed) {
            Some(name) => format!("var(--{name})"),
            None => colour.to_owned(),
        };
        match (self.themed, stroke) {
            (false, None) => format!(" fill=\"{fill}\""),
            (false, Some(stroke)) => format!(" fill=\"{fill}\" stroke=\"{stroke}\""),
            (true, None) => format!(" style=\"fill:{}\"", named(fill)),
            (true, Some(stroke)) => format!(" style=\"fill:{};stroke:{}\"", named(fill), named(stroke)),
        }
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
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"{}/>",
            width.max(0.0),
            height.max(0.0),
            self.paint(fill, None)
        );
    }

    /// A rectangle's outline.
    pub fn frame(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &str) {
        let _ = writeln!(
            self.text,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"{}/>",
            self.paint("none", Some(colour))
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
            self.stroked("none", stroke)
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
                "<path d=\"{path}\" stroke-linejoin=\"round\"{}/>",
                self.stroked("none", stroke)
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
            let _ = writeln!(
                self.text,
                "<path d=\"{path}Z\"{} fill-opacity=\"{opacity}\"/>",
                self.paint(fill, None)
            );
        }
    }

    /// A closed shape.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: &str) {
        let list: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(self.text, "<polygon points=\"{}\"{}/>", list.join(" "), self.paint(fill, None));
    }

    /// A ring, or a disc when `fill` is its colour.
    pub fn circle(&mut self, centre: (f64, f64), radius: f64, fill: &str, stroke: Stroke) {
        let _ = writeln!(
            self.text,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\"{}/>",
            centre.0,
            centre.1,
            self.stroked(fill, stroke)
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
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\"{}{turn}>{}</text>",
            self.paint(colour, None),
            escaped(text)
        );
    }

    fn stroked(&self, fill: &str, stroke: Stroke) -> String {
        let dash = if stroke.dash.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{}\"", stroke.dash)
        };
        format!("{} stroke-width=\"{}\"{dash}", self.paint(fill, Some(stroke.colour)), stroke.width)
    }
}

/// XML text; control characters, which XML cannot hold, become spaces.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
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
        assert!(text.contains("x &lt; &quot;y&quot; &amp;   z</text>"));
    }

    #[test]
    fn lines_break_where_values_are_missing() {
        let mut svg = Svg::new(10.0, 10.0, "t");
        svg.polyline([(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, 4.0)], stroke("#000000", 1.0));
        assert!(svg.finish().contains("M0.0 1.0M2.0 3.0L3.0 4.0"));
    }
}
