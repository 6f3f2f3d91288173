//! The window: asks the feed for the model, draws the view, carries out what is asked for.

use crate::feed::Feed;
use crate::lab::LabView;
use crate::model::LabModel;
use crate::request::{Request, Requests, Response, Screenshot};
use crate::state::Action;
use crate::text;
use egui::{ColorImage, ScreenshotCallback, Ui, ViewportCommand};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// The shortest time between two frames: 60 Hz.
const FRAME: Duration = Duration::from_millis(16);
/// How often a window that stands still looks for something new.
const IDLE: Duration = Duration::from_millis(250);

/// What became of the picture that was asked for on the command line.
pub type Outcome = Arc<OnceLock<Result<String, String>>>;

/// The application.
pub struct App {
    feed: Box<dyn Feed>,
    requests: Requests,
    lab: LabView,
    model: LabModel,
    started: Option<Instant>,
    screenshot: Option<Screenshot>,
    image: Arc<OnceLock<Arc<ColorImage>>>,
    is_asked: bool,
    outcome: Outcome,
}

impl App {
    /// An application that draws `feed`.
    pub fn new(
        feed: Box<dyn Feed>,
        requests: Requests,
        lab: LabView,
        screenshot: Option<Screenshot>,
        outcome: Outcome,
    ) -> Self {
        Self {
            feed,
            requests,
            lab,
            model: LabModel::default(),
            started: None,
            screenshot,
            image: Arc::default(),
            is_asked: false,
            outcome,
        }
    }

    /// Draws one frame and carries out what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        self.feed.update(&mut self.lab.state, &mut self.model);
        let actions = self.lab.ui(ui, &self.model);
        for action in actions {
            self.perform(ui, action);
        }
        self.picture(ui);
        let wait = if self.feed.is_moving() { FRAME } else { IDLE };
        ui.ctx().request_repaint_after(wait);
    }

    fn perform(&mut self, ui: &Ui, action: Action) {
        if self.lab.perform(&action, &self.model) {
            ui.ctx().request_repaint();
            return;
        }
        match action {
            Action::Open(path) => match (self.requests)(Request::OpenTrial(path)) {
                Response::Opened(opened) => {
                    self.lab.state.scales.clear();
                    self.lab.state.side = None;
                    self.feed.replace(*opened);
                }
                Response::Done(words) => self.lab.state.note(words, false),
                Response::Refused(words) => self.lab.state.note(words, true),
            },
            Action::FullScreen => {
                let is_full = ui.ctx().input(|input| input.viewport().fullscreen.unwrap_or(false));
                ui.ctx().send_viewport_cmd(ViewportCommand::Fullscreen(!is_full));
            }
            Action::Mark(code) => {
                self.feed.perform(&action, &self.model);
                self.lab.state.note(text::marked(code, self.model.signals.now_s), false);
            }
            other => self.feed.perform(&other, &self.model),
        }
        ui.ctx().request_repaint();
    }

    /// Asks for the picture when its time has come, hands it on when it is there, and closes the window.
    fn picture(&mut self, ui: &Ui) {
        let started = *self.started.get_or_insert_with(Instant::now);
        let Some(screenshot) = &self.screenshot else { return };
        if let Some(image) = self.image.get() {
            let answer = (self.requests)(Request::SavePng {
                path: screenshot.path.clone(),
                width: image.size[0] as u32,
                height: image.size[1] as u32,
                rgba: image.pixels.iter().flat_map(egui::Color32::to_array).collect(),
            });
            let outcome = match answer {
                Response::Done(words) => Ok(words),
                Response::Refused(words) => Err(words),
                Response::Opened(_) => Err(text::NOT_SAVED.to_owned()),
            };
            // Set once: a second frame before the window closes changes nothing.
            let _ = self.outcome.set(outcome);
            self.screenshot = None;
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        } else if !self.is_asked && started.elapsed().as_secs_f64() >= screenshot.after_s {
            self.is_asked = true;
            let (image, ctx) = (Arc::clone(&self.image), ui.ctx().clone());
            let keep = ScreenshotCallback::new(move |picture| {
                let _ = image.set(picture);
                ctx.request_repaint();
            });
            ui.ctx().send_viewport_cmd(ViewportCommand::Screenshot(keep));
        }
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }
}
