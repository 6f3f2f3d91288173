//! SVG to PNG, with the bundled font only: no font of the machine changes the page.

use crate::failure::Failure;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::sync::Arc;

/// Pixels of the PNG per px of the page: 2400 across, 205 dpi on A4.
const SCALE: f32 = 1.5;

fn broken(what: String) -> Failure {
    Failure::refused(format!("the page cannot be drawn: {what}"), "please report this")
}

/// What the page consists of, its text set in the bundled font.
pub fn tree(svg: &str) -> Result<Tree, Failure> {
    let mut options = Options::default();
    let fonts = Arc::make_mut(&mut options.fontdb);
    fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    let family = fonts.faces().next().and_then(|face| face.families.first()).map(|(name, _)| name.clone());
    if let Some(family) = family {
        fonts.set_sans_serif_family(family);
    }
    Tree::from_str(svg, &options).map_err(|error| broken(error.to_string()))
}

/// The page as PNG.
pub fn png(svg: &str) -> Result<Vec<u8>, Failure> {
    let tree = tree(svg)?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| broken("no size".to_owned()))?;
    let mut pixels =
        Pixmap::new(size.width(), size.height()).ok_or_else(|| broken("no memory for it".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| broken(error.to_string()))
}
