//! The dashboard of Surae: draws what it is given and answers with commands and requests.
//!
//! The Lab view replays a trial or follows a device: raw traces with envelopes, quality, which muscle is relatively
//! more active and how sure that is, the same against the knee angle, spectra and the gait cycle. A [`feed::Feed`]
//! turns a running session into a [`model::LabModel`]; [`lab::LabView`] draws the model and returns
//! [`state::Action`]s; [`app::App`] carries them out. Whatever needs a file goes to the caller as a
//! [`request::Request`].
//!
//! Not for reading files or ports, not for the method, not for printing: it opens nothing by itself.

pub mod app;
pub mod coach;
pub mod feed;
mod input;
pub mod lab;
pub mod layout;
pub mod model;
mod paint;
mod panels;
pub mod request;
pub mod state;
pub mod text;
pub mod theme;

use app::{App, Outcome};
use feed::{Feed, SessionFeed};
use lab::LabView;
use request::{Opened, Requests, Screenshot};
use state::ViewState;
use std::sync::{Arc, OnceLock};

/// How the window opens.
#[derive(Clone, Debug)]
pub struct DashboardOptions {
    /// Width and height of the window in points.
    pub size: (f32, f32),
    /// What is set on the view.
    pub view: ViewState,
    /// A picture to take and then to close.
    pub screenshot: Option<Screenshot>,
    /// Lets sessions wake the window.
    pub waker: Waker,
}

/// Wakes the window when a session has something new; before there is a window it does nothing.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<OnceLock<egui::Context>>);

impl Waker {
    /// What a session calls; cheap, from any thread.
    #[must_use]
    pub fn call(&self) -> surae_engine::Wake {
        let window = Arc::clone(&self.0);
        Box::new(move || {
            if let Some(window) = window.get() {
                window.request_repaint();
            }
        })
    }
}

/// Opens the window on a session and draws it until it is closed. Returns what was said about the picture, if one
/// was asked for.
///
/// # Errors
/// No window, or no picture.
pub fn run(options: DashboardOptions, opened: Opened, requests: Requests) -> Result<Option<String>, Error> {
    run_feed(options, Box::new(SessionFeed::new(opened)), requests)
}

impl Default for DashboardOptions {
    fn default() -> Self {
        Self { size: (1600.0, 1000.0), view: ViewState::default(), screenshot: None, waker: Waker::default() }
    }
}

/// The window could not be opened, or the picture not be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No window: no display, or no OpenGL 2.1 on it.
    #[error("the window cannot be opened: {0}")]
    Window(String),
    /// The picture was asked for and not written.
    #[error("{0}")]
    Picture(String),
}

/// Opens a window on any feed and draws it until it is closed. Returns what was said about the picture, if one was
/// asked for.
///
/// # Errors
/// No window, or no picture.
pub fn run_feed(
    options: DashboardOptions,
    feed: Box<dyn Feed>,
    requests: Requests,
) -> Result<Option<String>, Error> {
    let (width, height) = options.size;
    let viewport = egui::ViewportBuilder::default()
        .with_title(text::PROGRAM)
        .with_app_id("surae")
        .with_inner_size([width, height])
        .with_min_inner_size([960.0, 600.0])
        .with_drag_and_drop(true);
    let native = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let is_picture = options.screenshot.is_some();
    let outcome = Outcome::default();
    let mut view = options.view;
    view.hides_pointer = is_picture;
    let app = App::new(feed, requests, LabView::new(view), options.screenshot, outcome.clone());
    let waker = options.waker;
    let create = move |context: &eframe::CreationContext<'_>| {
        context.egui_ctx.set_fonts(theme::fonts());
        // Set once: a second window of the same process would be woken by the first one's sessions.
        let _ = waker.0.set(context.egui_ctx.clone());
        Ok(Box::new(app) as Box<dyn eframe::App>)
    };
    eframe::run_native(text::PROGRAM, native, Box::new(create))
        .map_err(|error| Error::Window(error.to_string()))?;
    match outcome.get() {
        Some(Ok(words)) => Ok(Some(words.clone())),
        Some(Err(words)) => Err(Error::Picture(words.clone())),
        None if is_picture => Err(Error::Picture(text::CLOSED_BEFORE_PICTURE.to_owned())),
        None => Ok(None),
    }
}
