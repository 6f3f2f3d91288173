//! Where the panels of the Review view stand: the rectangles of the design at 1600 x 1000 and 1280 x 720, stretched in
//! between and beyond.

use crate::layout::Form;
use crate::theme::GAP;
use egui::{Rect, pos2};

/// Places of the Review view. In the compact form the lower places are those of the upper ones: two panels share each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Places {
    /// Form of the view.
    pub form: Form,
    /// Top bar.
    pub top_bar: Rect,
    /// The whole trial.
    pub overview: Rect,
    /// Push-offs and details.
    pub left: Rect,
    /// Linked traces.
    pub traces: Rect,
    /// Phase view.
    pub phase: Rect,
    /// Knee angle and dominance.
    pub map: Rect,
    /// Dominance by phase.
    pub by_phase: Rect,
    /// Transport strip.
    pub transport: Rect,
}

impl Places {
    /// The places in a window of this rectangle.
    #[must_use]
    pub fn new(window: Rect) -> Self {
        let form = Form::of(window.size());
        let (overview_height, left_width, centre_share, upper_share) = match form {
            Form::Wide => (84.0, 352.0, 672.0 / 1216.0, 500.0 / 796.0),
            Form::Compact => (72.0, 260.0, 560.0 / 988.0, 1.0),
        };
        let (top, bottom) = (window.top() + form.top_bar(), window.bottom() - form.transport());
        let (west, east) = (window.left() + GAP, window.right() - GAP);
        let overview = Rect::from_min_max(pos2(west, top + GAP), pos2(east, top + GAP + overview_height));
        let below = Rect::from_min_max(pos2(west, overview.bottom() + GAP), pos2(east, bottom - GAP));
        let left = Rect::from_min_max(below.min, pos2(west + left_width, below.bottom()));
        let room = below.right() - left.right() - 2.0 * GAP;
        let centre_right = left.right() + GAP + room * centre_share;
        let upper_bottom = match form {
            Form::Wide => below.top() + (below.height() - GAP) * upper_share,
            Form::Compact => below.bottom(),
        };
        let lower_top = if form == Form::Wide { upper_bottom + GAP } else { below.top() };
        let column =
            |from: f32, to: f32, top: f32, bottom: f32| Rect::from_min_max(pos2(from, top), pos2(to, bottom));
        let (centre, right) = ((left.right() + GAP, centre_right), (centre_right + GAP, below.right()));
        Self {
            form,
            top_bar: Rect::from_min_max(window.min, pos2(window.right(), top)),
            overview,
            left,
            traces: column(centre.0, centre.1, below.top(), upper_bottom),
            phase: column(centre.0, centre.1, lower_top, below.bottom()),
            map: column(right.0, right.1, below.top(), upper_bottom),
            by_phase: column(right.0, right.1, lower_top, below.bottom()),
            transport: Rect::from_min_max(pos2(window.left(), bottom), window.max),
        }
    }

    /// The same without a knee angle: no map, and the phase view is as wide as both.
    #[must_use]
    pub fn without_map(mut self) -> Self {
        if self.form == Form::Wide {
            self.traces.set_right(self.map.right());
        } else {
            self.map = self.by_phase;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    fn at(x: f32, y: f32, w: f32, h: f32) -> Rect {
        Rect::from_min_size(pos2(x, y), vec2(w, h))
    }

    #[test]
    fn the_places_are_those_of_the_design() {
        let wide = Places::new(at(0.0, 0.0, 1600.0, 1000.0));
        assert_eq!(wide.overview, at(8.0, 52.0, 1584.0, 84.0));
        assert_eq!(wide.left, at(8.0, 144.0, 352.0, 804.0));
        assert_eq!(wide.traces, at(368.0, 144.0, 672.0, 500.0));
        assert_eq!(wide.map, at(1048.0, 144.0, 544.0, 500.0));
        assert_eq!(wide.phase, at(368.0, 652.0, 672.0, 296.0));
        assert_eq!(wide.by_phase, at(1048.0, 652.0, 544.0, 296.0));
        assert_eq!(wide.transport.height(), 44.0);
        let compact = Places::new(at(0.0, 0.0, 1280.0, 720.0));
        assert_eq!((compact.left.width(), compact.traces.width()), (260.0, 560.0));
        assert_eq!(compact.traces, compact.phase);
        assert_eq!(compact.map.right(), 1272.0);
    }
}
