//! Views drawn without a display, and what can be read from the shapes they draw.

use egui::{Rect, Shape, Ui, vec2};
use egui_kittest::Harness;
use surae_dashboard::theme;

/// The two window sizes of the design.
pub const SIZES: [(f32, f32); 2] = [(1600.0, 1000.0), (1280.0, 720.0)];

/// A window of this size with the fonts of the program, drawn until it stands.
pub fn window<S: 'static>(
    (width, height): (f32, f32),
    draw: impl FnMut(&mut Ui, &mut S) + 'static,
    state: S,
) -> Harness<'static, S> {
    let mut harness = Harness::builder()
        .with_size(vec2(width, height))
        .with_context_setup(|ctx| ctx.set_fonts(theme::fonts()))
        .build_ui_state(draw, state);
    harness.run_steps(3);
    harness
}

/// What is visible of every drawn text.
pub fn texts<S>(harness: &Harness<'_, S>) -> Vec<(String, Rect)> {
    fn collect(shape: &Shape, clip: Rect, into: &mut Vec<(String, Rect)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, clip, into)),
            Shape::Text(text) => {
                let rect = text.galley.mesh_bounds.translate(text.pos.to_vec2()).intersect(clip);
                if rect.width() > 1.0 && rect.height() > 1.0 {
                    into.push((text.galley.text().to_owned(), rect));
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    for clipped in &harness.output().shapes {
        collect(&clipped.shape, clipped.clip_rect, &mut all);
    }
    all
}

/// Whether some text that is drawn has these words.
pub fn shows<S>(harness: &Harness<'_, S>, words: &str) -> bool {
    texts(harness).iter().any(|(text, _)| text.contains(words))
}

/// Fails where two texts share pixels, unless one of them `may` by design. The same words twice are one heavy text.
pub fn assert_no_overlap<S>(harness: &Harness<'_, S>, name: &str, may: impl Fn(&str) -> bool) {
    let texts = texts(harness);
    for (at, (a, here)) in texts.iter().enumerate() {
        for (b, there) in &texts[at + 1..] {
            let shared = here.intersect(*there);
            let overlap = shared.width() > 1.5 && shared.height() > 2.5;
            assert!(!overlap || a == b || may(a) || may(b), "{name}: '{a}' {here:?} and '{b}' {there:?}");
        }
    }
}

/// Fails where a text leaves the window or is smaller than a tick label.
pub fn assert_readable<S>(harness: &Harness<'_, S>, size: (f32, f32)) {
    let window = Rect::from_min_size(egui::Pos2::ZERO, size.into()).expand(1.0);
    for (text, rect) in texts(harness) {
        assert!(window.contains_rect(rect), "'{text}' {rect:?} leaves the window");
    }
    for clipped in &harness.output().shapes {
        if let Shape::Text(text) = &clipped.shape {
            for section in &text.galley.job.sections {
                assert!(section.format.font_id.size >= 11.0, "'{}'", text.galley.text());
            }
        }
    }
}
