//! The window without a display: for tests of the program around it, which have sessions but no egui.
//!
//! Draws frames and cuts them into triangles as the real window does, but shows them nowhere.

use crate::app::App;
use crate::theme;
use egui::{Context, Event, Key, Modifiers, RawInput, Rect, ViewportId, vec2};
use std::time::Duration;

/// A window nobody sees.
pub struct Headless {
    ctx: Context,
    /// The application in it.
    pub app: App,
    events: Vec<Event>,
    time_s: f64,
    rests: Duration,
}

impl Headless {
    /// A window of 1600 x 1000 points with this application.
    #[must_use]
    pub fn new(app: App) -> Self {
        let ctx = Context::default();
        ctx.set_fonts(theme::fonts());
        Self { ctx, app, events: Vec::new(), time_s: 0.0, rests: Duration::ZERO }
    }

    /// Draws a frame, `elapsed_s` after the one before; returns how many triangles it has.
    pub fn frame(&mut self, elapsed_s: f64) -> usize {
        self.time_s += elapsed_s;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, vec2(1600.0, 1000.0))),
            time: Some(self.time_s),
            events: std::mem::take(&mut self.events),
            ..RawInput::default()
        };
        let app = &mut self.app;
        let mut output = self.ctx.run_ui(input, |ui| app.draw(ui));
        self.rests = output.viewport_output.get(&ViewportId::ROOT).map_or(Duration::MAX, |v| v.repaint_delay);
        // There is no screen to hand them to.
        output.textures_delta.clear();
        let meshes = self.ctx.tessellate(output.shapes, 1.0);
        let triangles = |primitive: &egui::epaint::Primitive| match primitive {
            egui::epaint::Primitive::Mesh(mesh) => mesh.indices.len() / 3,
            egui::epaint::Primitive::Callback(_) => 0,
        };
        meshes.iter().map(|clipped| triangles(&clipped.primitive)).sum()
    }

    /// How long the window may stand still after the last frame: `Duration::MAX` until it is woken.
    #[must_use]
    pub fn rests(&self) -> Duration {
        self.rests
    }

    /// Presses and releases a key, named as egui names it (`R`, `F2`), in the next frame; false for a name it does not know.
    pub fn press(&mut self, name: &str) -> bool {
        let Some(key) = Key::from_name(name) else { return false };
        for pressed in [true, false] {
            self.events.push(Event::Key {
                key,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers: Modifiers::NONE,
            });
        }
        true
    }

    /// Types words in the next frame.
    pub fn type_text(&mut self, words: &str) {
        self.events.push(Event::Text(words.to_owned()));
    }
}
