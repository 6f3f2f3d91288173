//! The dashboard of Surae: draws what it is given and answers with commands and requests.
//!
//! Three views. [`lab::LabView`] replays a trial or follows a device: a [`feed::Feed`] turns a running session into a
//! [`model::LabModel`]. [`review::ReviewView`] and [`coach::CoachView`] draw a [`reviewed::Reviewed`] trial, which
//! [`reviewed::Reviewing`] makes beside the window. A view returns [`state::Action`]s; [`app::App`] carries them out.
//! [`shell`] holds what the views share. Whatever needs a file goes to the caller as a [`request::Request`].
//!
//! Not for reading files or ports, not for the method, not for printing: it opens nothing by itself.

pub mod app;
mod arrangement;
pub mod browser;
pub mod calibration;
mod camera;
pub mod coach;
pub mod feed;
pub mod headless;
mod input;
pub mod lab;
pub mod layout;
pub mod model;
mod paint;
mod panels;
pub mod request;
pub mod review;
pub mod reviewed;
pub mod shell;
pub mod start;
pub mod state;
pub mod text;
pub mod theme;
mod time_scale;

use app::App;
use camera::Outcome;
use lab::LabView;
use request::{Opened, Remembered, Requests, Screenshot};
use state::{Tab, ViewState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How the window opens.
#[derive(Debug)]
pub struct DashboardOptions {
    /// Width and height of the window in points.
    pub size: (f32, f32),
    /// The view to begin with.
    pub tab: Tab,
    /// What is set on the Lab view.
    pub view: ViewState,
    /// A picture to take and then to close.
    pub screenshot: Option<Screenshot>,
    /// Lets sessions wake the window.
    pub waker: Waker,
    /// What was set when the window was closed last; `None` keeps nothing.
    pub remembered: Option<Remembered>,
    /// Protocols a board may speak.
    pub devices: Vec<String>,
    /// How long samples take to be seen: measures that, and closes.
    pub latency: Option<LatencyTest>,
}

/// A test of how long samples take to be seen.
#[derive(Debug)]
pub struct LatencyTest {
    /// Hears of blocks and frames.
    pub frames: surae_engine::frames::FrameLatency,
    /// Seconds to count.
    pub seconds: f64,
}

/// Wakes the window when a session has something new; before there is a window it does nothing.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Waking>);

/// The window, and how often in ms it wants to be woken.
#[derive(Debug, Default)]
struct Waking {
    window: OnceLock<egui::Context>,
    pace_ms: AtomicU32,
}

impl Waker {
    /// What a session calls; cheap, from any thread.
    #[must_use]
    pub fn call(&self) -> surae_engine::Wake {
        let waking = Arc::clone(&self.0);
        Box::new(move || {
            if let Some(window) = waking.window.get() {
                let pace_ms = waking.pace_ms.load(Ordering::Relaxed);
                window.request_repaint_after(Duration::from_millis(u64::from(pace_ms)));
            }
        })
    }

    /// The window wants to be woken this long after something new at the earliest.
    fn pace(&self, pace: Duration) {
        let pace_ms = u32::try_from(pace.as_millis()).unwrap_or(u32::MAX);
        self.0.pace_ms.store(pace_ms, Ordering::Relaxed);
    }
}

impl Default for DashboardOptions {
    fn default() -> Self {
        Self {
            size: (1600.0, 1000.0),
            tab: Tab::default(),
            view: ViewState::default(),
            screenshot: None,
            waker: Waker::default(),
            remembered: None,
            devices: Vec::new(),
            latency: None,
        }
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

/// Opens the window on a session, or with the Start card, and draws it until it is closed. Returns what was said about the picture or the
/// latency, if one was asked for.
///
/// # Errors
/// No window, or no picture.
pub fn run(
    options: DashboardOptions,
    opened: Option<Opened>,
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
    let mut app = App::new(requests, LabView::new(view))
        .with_screenshot(options.screenshot, outcome.clone())
        .with_waker(options.waker.clone());
    app = app.with_latency(options.latency);
    app.shell.tab = options.tab;
    let zoom = options.remembered.as_ref().map_or(1.0, |remembered| remembered.zoom);
    if let Some(remembered) = options.remembered {
        app = app.with_remembered(remembered, options.devices);
    } else {
        app.start.devices = options.devices;
    }
    if let Some(opened) = opened {
        app.open(opened);
    }
    let waker = options.waker;
    let create = move |context: &eframe::CreationContext<'_>| {
        context.egui_ctx.set_fonts(theme::fonts());
        if (0.5..=3.0).contains(&zoom) {
            context.egui_ctx.set_zoom_factor(zoom);
        }
        // Set once: a second window of the same process would be woken by the first one's sessions.
        let _ = waker.0.window.set(context.egui_ctx.clone());
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
