//! Pictures: the one that was asked for on the command line, and those of a panel or of the window by key.

use crate::request::{Request, Requests, Response, Screenshot};
use crate::state::UserNote;
use crate::text;
use egui::{ColorImage, Rect, ScreenshotCallback, Ui, ViewportCommand};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

/// What became of the picture that was asked for on the command line.
pub type Outcome = Arc<OnceLock<Result<String, String>>>;

/// A picture that is being taken.
struct Shot {
    path: PathBuf,
    /// Part of the window, in points; the whole of it otherwise.
    part: Option<Rect>,
    pixels_per_point: f32,
    image: Arc<Mutex<Option<Arc<ColorImage>>>>,
    closes: bool,
}

/// Takes pictures of the window.
#[derive(Default)]
pub struct Camera {
    started: Option<Instant>,
    screenshot: Option<Screenshot>,
    shot: Option<Shot>,
    outcome: Outcome,
    taken: usize,
}

impl Camera {
    /// A camera with this picture to take.
    #[must_use]
    pub fn new(screenshot: Option<Screenshot>, outcome: Outcome) -> Self {
        Self { screenshot, outcome, ..Self::default() }
    }

    /// Takes a picture of a part of the window, or of the whole of it, named after what is shown.
    pub fn snap(&mut self, ui: &Ui, part: Option<Rect>, name: &str) {
        if self.shot.is_some() {
            return;
        }
        self.taken += 1;
        let stem = Path::new(name).file_stem().map_or_else(|| name.into(), |stem| stem.to_string_lossy());
        let what = if part.is_some() { "panel" } else { "window" };
        let path = PathBuf::from(format!("{stem}-{what}-{}.png", self.taken));
        self.ask(ui, path, part, false);
    }

    /// Tells what came of something else that was asked for on the command line.
    pub fn finish(&self, words: String) {
        // Set once: a window that closes is drawn once more.
        let _ = self.outcome.set(Ok(words));
    }

    /// True while a picture is to be taken.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.screenshot.is_some() || self.shot.is_some()
    }

    fn ask(&mut self, ui: &Ui, path: PathBuf, part: Option<Rect>, closes: bool) {
        let image: Arc<Mutex<Option<Arc<ColorImage>>>> = Arc::default();
        let (kept, ctx) = (Arc::clone(&image), ui.ctx().clone());
        let keep = ScreenshotCallback::new(move |picture| {
            if let Ok(mut place) = kept.lock() {
                *place = Some(picture);
            }
            ctx.request_repaint();
        });
        ui.ctx().send_viewport_cmd(ViewportCommand::Screenshot(keep));
        let pixels_per_point = ui.ctx().pixels_per_point();
        self.shot = Some(Shot { path, part, pixels_per_point, image, closes });
    }

    /// Asks for the picture of the command line when its time has come and nothing is being read or computed; hands on
    /// any picture that is there. Gives what is to be told of one taken by key.
    pub fn look(&mut self, ui: &Ui, requests: &mut Requests, is_ready: bool) -> Option<UserNote> {
        let started = *self.started.get_or_insert_with(Instant::now);
        if let Some(wanted) = &self.screenshot
            && self.shot.is_none()
            && is_ready
            && started.elapsed().as_secs_f64() >= wanted.after_s
        {
            let path = wanted.path.clone();
            self.screenshot = None;
            self.ask(ui, path, None, true);
        }
        let shot = self.shot.as_ref()?;
        let image = shot.image.lock().ok()?.take()?;
        let shot = self.shot.take()?;
        // A window that has shrunk since is cut to what is left of it.
        let size = egui::vec2(image.size[0] as f32, image.size[1] as f32) / shot.pixels_per_point;
        let window = Rect::from_min_size(egui::Pos2::ZERO, size);
        let part = shot.part.map(|part| part.intersect(window)).filter(Rect::is_positive);
        let image = match part {
            Some(part) => image.region(&part, Some(shot.pixels_per_point)),
            None => image.as_ref().clone(),
        };
        let answer = requests(Request::SavePng {
            path: shot.path,
            width: image.size[0] as u32,
            height: image.size[1] as u32,
            rgba: image.pixels.iter().flat_map(egui::Color32::to_array).collect(),
            replaces: shot.closes,
        });
        let outcome = match answer {
            Response::Done(words) => Ok(words),
            Response::Refused(words) => Err(words),
            _ => Err(text::NOT_SAVED.to_owned()),
        };
        if shot.closes {
            // Set once: a second frame before the window closes changes nothing.
            let _ = self.outcome.set(outcome);
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
            return None;
        }
        let is_error = outcome.is_err();
        Some(UserNote { text: outcome.unwrap_or_else(|words| words), is_error, ..UserNote::default() })
    }
}
