//! Where the panels of the Lab view stand: the tree of tiles whose shares give the rectangles of the design at
//! 1600 x 1000 and 1280 x 720, and stretch in between and beyond.
//!
//! Not for what is drawn inside a panel.

use crate::theme::GAP;
use egui::{Rect, Vec2, pos2};
use egui_tiles::{Container, Linear, LinearDir, Tabs, Tile, TileId, Tiles, Tree};

/// A panel of the Lab view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Raw traces, envelopes, knee, classes, contacts.
    Signals,
    /// The class and the gauge.
    Dominance,
    /// Knee angle against dominance.
    Map,
    /// Power spectrum.
    Spectrum,
    /// The gait cycle.
    Phase,
    /// Problems, gaps, marks.
    Session,
}

/// The two forms of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// From about 1440 x 860: three tiles below.
    Wide,
    /// Smaller: two tabbed tiles below, some values move into the menu.
    Compact,
}

impl Form {
    /// The form for a window size in points.
    #[must_use]
    pub fn of(size: Vec2) -> Self {
        if size.x >= 1440.0 && size.y >= 860.0 { Self::Wide } else { Self::Compact }
    }

    /// Height of the top bar.
    #[must_use]
    pub fn top_bar(self) -> f32 {
        match self {
            Self::Wide => 44.0,
            Self::Compact => 40.0,
        }
    }

    /// Height of the transport strip.
    #[must_use]
    pub fn transport(self) -> f32 {
        self.top_bar()
    }

    /// Width of a channel card beside its lane.
    #[must_use]
    pub fn lane_header(self) -> f32 {
        match self {
            Self::Wide => 186.0,
            Self::Compact => 156.0,
        }
    }

    /// Panel sizes of the design: left column, right column, upper row, dominance, map, lower row, lower tiles.
    fn shares(self) -> Shares {
        match self {
            Self::Wide => Shares {
                columns: [1072.0, 504.0],
                rows: [664.0, 224.0],
                right: [252.0, 404.0],
                lower: &[440.0, 560.0, 568.0],
            },
            Self::Compact => Shares {
                columns: [832.0, 424.0],
                rows: [464.0, 152.0],
                right: [196.0, 260.0],
                lower: &[628.0, 628.0],
            },
        }
    }
}

struct Shares {
    columns: [f32; 2],
    rows: [f32; 2],
    right: [f32; 2],
    lower: &'static [f32],
}

/// The rectangles of bar, tiles and strip inside a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Form of the view.
    pub form: Form,
    /// Top bar.
    pub top_bar: Rect,
    /// What the tile tree fills.
    pub tiles: Rect,
    /// Transport strip.
    pub transport: Rect,
}

impl Frame {
    /// The frame of a window of this rectangle.
    #[must_use]
    pub fn new(window: Rect) -> Self {
        let form = Form::of(window.size());
        let (top, bottom) = (window.top() + form.top_bar(), window.bottom() - form.transport());
        Self {
            form,
            top_bar: Rect::from_min_max(window.min, pos2(window.right(), top)),
            tiles: Rect::from_min_max(
                pos2(window.left() + GAP, top + GAP),
                pos2(window.right() - GAP, bottom - GAP),
            ),
            transport: Rect::from_min_max(pos2(window.left(), bottom), window.max),
        }
    }
}

/// The tile tree of a form. Without a knee angle there is no map, and the phase view takes its place.
#[must_use]
pub fn tree(form: Form, has_knee: bool) -> Tree<Panel> {
    let shares = form.shares();
    let mut tiles = Tiles::default();
    let signals = tiles.insert_pane(Panel::Signals);
    let dominance = tiles.insert_pane(Panel::Dominance);
    let second = tiles.insert_pane(if has_knee { Panel::Map } else { Panel::Phase });
    let right = linear(&mut tiles, LinearDir::Vertical, &[dominance, second], &shares.right);
    let upper = linear(&mut tiles, LinearDir::Horizontal, &[signals, right], &shares.columns);

    let spectrum = tiles.insert_pane(Panel::Spectrum);
    let session = tiles.insert_pane(Panel::Session);
    let phase = has_knee.then(|| tiles.insert_pane(Panel::Phase));
    let lower = match (form, phase) {
        (Form::Wide, Some(phase)) => {
            linear(&mut tiles, LinearDir::Horizontal, &[spectrum, phase, session], shares.lower)
        }
        (Form::Compact, Some(phase)) => {
            let tabs = tiles.insert_new(Tile::Container(Container::Tabs(Tabs::new(vec![phase, spectrum]))));
            linear(&mut tiles, LinearDir::Horizontal, &[tabs, session], shares.lower)
        }
        (_, None) => linear(&mut tiles, LinearDir::Horizontal, &[spectrum, session], &[1.0, 1.0]),
    };
    let root = linear(&mut tiles, LinearDir::Vertical, &[upper, lower], &shares.rows);
    Tree::new(egui::Id::unique(("lab", form == Form::Wide, has_knee)), root, tiles)
}

/// Tiles beside or below each other with their shares.
pub(crate) fn linear(
    tiles: &mut Tiles<Panel>,
    dir: LinearDir,
    children: &[TileId],
    shares: &[f32],
) -> TileId {
    let mut linear = Linear::new(dir, children.to_vec());
    for (child, share) in children.iter().zip(shares) {
        linear.shares.set_share(*child, *share);
    }
    tiles.insert_new(Tile::Container(Container::Linear(linear)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    fn window(width: f32, height: f32) -> Rect {
        Rect::from_min_size(egui::Pos2::ZERO, vec2(width, height))
    }

    #[test]
    fn bars_stand_where_the_design_says() {
        let wide = Frame::new(window(1600.0, 1000.0));
        assert_eq!(wide.top_bar.height(), 44.0);
        assert_eq!(wide.tiles, Rect::from_min_max(pos2(8.0, 52.0), pos2(1592.0, 948.0)));
        assert_eq!(wide.transport, Rect::from_min_max(pos2(0.0, 956.0), pos2(1600.0, 1000.0)));
        let compact = Frame::new(window(1280.0, 720.0));
        assert_eq!(compact.tiles, Rect::from_min_max(pos2(8.0, 48.0), pos2(1272.0, 672.0)));
        assert_eq!(compact.transport.top(), 680.0);
    }

    #[test]
    fn shares_add_up_to_the_tile_area_of_the_design() {
        for (form, size) in [(Form::Wide, vec2(1600.0, 1000.0)), (Form::Compact, vec2(1280.0, 720.0))] {
            let frame = Frame::new(Rect::from_min_size(egui::Pos2::ZERO, size));
            assert_eq!(frame.form, form);
            let shares = form.shares();
            assert_eq!(shares.columns.iter().sum::<f32>() + GAP, frame.tiles.width());
            assert_eq!(shares.rows.iter().sum::<f32>() + GAP, frame.tiles.height());
            assert_eq!(shares.right.iter().sum::<f32>() + GAP, shares.rows[0]);
            let gaps = (shares.lower.len() - 1) as f32 * GAP;
            assert_eq!(shares.lower.iter().sum::<f32>() + gaps, frame.tiles.width());
        }
    }
}
