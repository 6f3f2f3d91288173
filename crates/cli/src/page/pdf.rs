//! The pages of a trial as one PDF on A4: the same SVG as on screen and in the PNG, its words as text that can be searched and copied.

use super::raster::tree;
use crate::failure::Failure;
use krilla::Document;
use krilla::geom::{Size, Transform};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};

/// A4 on its side in points of 1/72 inch (297 mm x 210 mm).
const A4: (f32, f32) = (841.89, 595.28);

/// One page for each SVG, in order.
pub fn pdf(pages: &[String], title: &str) -> Result<Vec<u8>, Failure> {
    let broken =
        |what: String| Failure::refused(format!("the PDF cannot be made: {what}"), "please report this");
    let size = |width: f32, height: f32| {
        Size::from_wh(width, height).ok_or_else(|| broken("a page without a size".to_owned()))
    };
    let mut document = Document::new();
    for svg in pages {
        let tree = tree(svg)?;
        // The whole page, in its own proportions, in the middle of the sheet.
        let scale = (A4.0 / tree.size().width()).min(A4.1 / tree.size().height());
        let drawn = (tree.size().width() * scale, tree.size().height() * scale);
        let mut page = document.start_page_with(PageSettings::new(size(A4.0, A4.1)?));
        let mut surface = page.surface();
        let middle = Transform::from_translate((A4.0 - drawn.0) / 2.0, (A4.1 - drawn.1) / 2.0);
        surface.push_transform(&middle);
        surface.draw_svg(&tree, size(drawn.0, drawn.1)?, SvgSettings::default());
        surface.pop();
        surface.finish();
        page.finish();
    }
    let metadata = Metadata::new().title(title.to_owned()).creator("Surae".to_owned());
    document.set_metadata(metadata.language("en".to_owned()));
    document.finish().map_err(|error| broken(format!("{error:?}")))
}
