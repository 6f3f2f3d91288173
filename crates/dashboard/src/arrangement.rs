//! Layouts as text: which panels stand where and how large, to be kept under a name.
//!
//! `v(664:h(1072:signals,504:v(252:dominance,404:map)),224:h(...))`: `v` below each other, `h` beside each other, `t` tabs,
//! each with its share. Not for what the panels show.

use crate::layout::{Panel, linear};
use egui_tiles::{Container, LinearDir, Tabs, Tile, TileId, Tiles, Tree};

/// Deepest nesting that is read.
const DEEPEST: usize = 8;

/// The word of a panel.
#[must_use]
pub fn word(panel: Panel) -> &'static str {
    match panel {
        Panel::Signals => "signals",
        Panel::Dominance => "dominance",
        Panel::Map => "map",
        Panel::Spectrum => "spectrum",
        Panel::Phase => "phase",
        Panel::Session => "session",
    }
}

/// A tree as text.
#[must_use]
pub fn encode(tree: &Tree<Panel>) -> String {
    let mut text = String::new();
    if let Some(root) = tree.root() {
        write(tree, root, &mut text);
    }
    text
}

fn write(tree: &Tree<Panel>, tile: TileId, text: &mut String) {
    match tree.tiles.get(tile) {
        Some(Tile::Pane(panel)) => text.push_str(word(*panel)),
        Some(Tile::Container(Container::Linear(linear))) => {
            text.push_str(if linear.dir == LinearDir::Horizontal { "h(" } else { "v(" });
            for (at, child) in linear.children.iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                text.push_str(&format!("{comma}{:.3}:", linear.shares[*child]));
                write(tree, *child, text);
            }
            text.push(')');
        }
        Some(Tile::Container(Container::Tabs(tabs))) => {
            text.push_str("t(");
            for (at, child) in tabs.children.iter().enumerate() {
                text.push_str(if at > 0 { ",1:" } else { "1:" });
                write(tree, *child, text);
            }
            text.push(')');
        }
        _ => {}
    }
}

/// The tree of a text; `None` unless it has just the panels of `like`, each once.
#[must_use]
pub fn decode(text: &str, like: &Tree<Panel>, id: egui::Id) -> Option<Tree<Panel>> {
    let mut reader = Reader { rest: text.trim(), tiles: Tiles::default(), panels: Vec::new() };
    let root = reader.tile(0)?;
    if !reader.rest.is_empty() {
        return None;
    }
    let sorted = |mut panels: Vec<&'static str>| {
        panels.sort_unstable();
        panels
    };
    let wanted = like.tiles.tiles().filter_map(|tile| match tile {
        Tile::Pane(panel) => Some(word(*panel)),
        Tile::Container(_) => None,
    });
    let found = reader.panels.iter().map(|panel| word(*panel)).collect();
    (sorted(found) == sorted(wanted.collect())).then(|| Tree::new(id, root, reader.tiles))
}

struct Reader<'a> {
    rest: &'a str,
    tiles: Tiles<Panel>,
    panels: Vec<Panel>,
}

impl Reader<'_> {
    fn eat(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn tile(&mut self, depth: usize) -> Option<TileId> {
        if depth > DEEPEST {
            return None;
        }
        for (open, dir) in
            [("v(", Some(LinearDir::Vertical)), ("h(", Some(LinearDir::Horizontal)), ("t(", None)]
        {
            if self.eat(open) {
                let (children, shares) = self.children(depth)?;
                return Some(match dir {
                    Some(dir) => linear(&mut self.tiles, dir, &children, &shares),
                    None => self.tiles.insert_new(Tile::Container(Container::Tabs(Tabs::new(children)))),
                });
            }
        }
        let all =
            [Panel::Signals, Panel::Dominance, Panel::Map, Panel::Spectrum, Panel::Phase, Panel::Session];
        let panel = all.into_iter().find(|panel| self.eat(word(*panel)))?;
        self.panels.push(panel);
        Some(self.tiles.insert_pane(panel))
    }

    fn children(&mut self, depth: usize) -> Option<(Vec<TileId>, Vec<f32>)> {
        let (mut children, mut shares) = (Vec::new(), Vec::new());
        loop {
            let (number, rest) = self.rest.split_once(':')?;
            let share: f32 = number.parse().ok()?;
            if !(share.is_finite() && share > 0.0) {
                return None;
            }
            self.rest = rest;
            children.push(self.tile(depth + 1)?);
            shares.push(share);
            if self.eat(")") {
                return Some((children, shares));
            }
            if !self.eat(",") {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Form, tree};

    #[test]
    fn every_layout_of_the_design_comes_back_as_it_was() {
        for form in [Form::Wide, Form::Compact] {
            for has_knee in [true, false] {
                let tree = tree(form, has_knee);
                let text = encode(&tree);
                let back = decode(&text, &tree, egui::Id::unique("back")).unwrap();
                assert_eq!(encode(&back), text);
                assert!(text.contains("signals"), "{text}");
            }
        }
    }

    #[test]
    fn a_text_that_is_no_layout_of_these_panels_is_refused() {
        let like = tree(Form::Wide, true);
        let id = egui::Id::unique("refused");
        let twice = encode(&like).replace("map", "signals");
        let broken = ["", "v(", "v(1:signals", "x", "v(0:signals)", "v(NaN:signals)", "signals", &twice];
        for text in broken {
            assert!(decode(text, &like, id).is_none(), "{text}");
        }
        let deep = format!("{}signals{}", "v(1:".repeat(1000), ")".repeat(1000));
        assert!(decode(&deep, &like, id).is_none());
    }
}
