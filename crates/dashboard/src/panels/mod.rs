//! The panels of the Lab view, each a function of the model and the view state.

pub(crate) mod gauge;
pub(crate) mod map;
mod menu;
pub(crate) mod phase;
mod session;
mod signals;
mod spectrum;
mod top_bar;
mod transport;

pub use top_bar::show as top_bar;
pub use transport::show as transport;

use crate::layout::Panel;
use crate::state::Panels;
use crate::text;
use egui::Ui;

/// Draws the panel into the whole of `ui`.
pub fn show(panel: Panel, ui: &mut Ui, cx: &mut Panels<'_>) {
    match panel {
        Panel::Signals => signals::show(ui, cx),
        Panel::Dominance => gauge::show(ui, cx),
        Panel::Map => map::show(ui, cx),
        Panel::Spectrum => spectrum::show(ui, cx),
        Panel::Phase => phase::show(ui, cx),
        Panel::Session => session::show(ui, cx),
    }
}

/// The title of a panel.
#[must_use]
pub fn title(panel: Panel) -> &'static str {
    match panel {
        Panel::Signals => text::title::SIGNALS,
        Panel::Dominance => text::title::DOMINANCE,
        Panel::Map => text::title::MAP,
        Panel::Spectrum => text::title::SPECTRUM,
        Panel::Phase => text::title::PHASE,
        Panel::Session => text::title::SESSION,
    }
}
