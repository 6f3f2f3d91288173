//! The window: asks the feed for the model, draws the view that is shown, carries out what is asked for.

use crate::calibration::{self, CalibrationPanel};
use crate::camera::{Camera, Outcome};
use crate::coach::{CoachInput, CoachView};
use crate::feed::{Feed, SessionFeed};
use crate::input;
use crate::lab::LabView;
use crate::model::LabModel;
use crate::request::{Opened, Opening, Remembered, Request, Requests, Response, Screenshot, Written};
use crate::review::ReviewView;
use crate::reviewed::{Material, Recipe, Reviewing};
use crate::shell::{self, Shell};
use crate::start::{Purpose, StartCard};
use crate::state::{Action, Tab, ThemeChoice};
use crate::text;
use crate::theme::Theme;
use crate::{LatencyTest, Waker};
use egui::{Rect, Ui, ViewportCommand, pos2};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use surae_engine::{Job, JobState};

/// The shortest time between two frames: 60 Hz.
const FRAME: Duration = Duration::from_millis(16);
/// How often a running job is asked how far it has come.
const JOB: Duration = Duration::from_millis(60);
/// How often the Coach view of a device looks for a new card.
const CARDS: Duration = Duration::from_millis(100);
/// A second R within this time stops a recording.
const TWICE: Duration = Duration::from_secs(2);
/// How often a window on a device that says nothing looks at its state; samples and input wake it at once.
const SILENT: Duration = Duration::from_millis(500);

/// The application.
pub struct App {
    requests: Requests,
    feed: Option<Box<dyn Feed>>,
    opening: Option<Opening>,
    /// What all views share.
    pub shell: Shell,
    /// The Lab view.
    pub lab: LabView,
    /// The Review view.
    pub review: ReviewView,
    /// The Coach view.
    pub coach: CoachView,
    /// The Start card.
    pub start: StartCard,
    /// The guided calibration.
    pub calibration: CalibrationPanel,
    /// The review of the open trial.
    pub reviewing: Reviewing,
    remembered: Remembered,
    model: LabModel,
    camera: Camera,
    /// A trial that is being read beside the open source.
    reading: Option<(Purpose, Job<Result<Material, String>>)>,
    reading_for: Purpose,
    /// When the running recording was asked to stop once.
    stop_asked: Option<Instant>,
    /// What the Coach view gets while a board is followed: it then shows what comes, not a recording.
    no_review: Reviewing,
    /// What is being written.
    writing: Vec<Job<Result<Written, String>>>,
    /// What is set is kept for the next start: not for pictures and tests.
    keeps: bool,
    /// What sessions wake the window with.
    waker: Waker,
    /// What measures how long samples take to be seen.
    latency: Option<LatencyTest>,
}

impl App {
    /// An application with nothing open yet.
    #[must_use]
    pub fn new(requests: Requests, lab: LabView) -> Self {
        Self {
            requests,
            feed: None,
            opening: None,
            shell: Shell::default(),
            lab,
            review: ReviewView::default(),
            coach: CoachView::default(),
            start: StartCard::default(),
            calibration: CalibrationPanel::default(),
            reviewing: Reviewing::default(),
            remembered: Remembered::default(),
            model: LabModel::default(),
            camera: Camera::default(),
            reading: None,
            reading_for: Purpose::Compare,
            stop_asked: None,
            no_review: Reviewing::default(),
            writing: Vec::new(),
            keeps: false,
            waker: Waker::default(),
            latency: None,
        }
    }

    /// The same with a picture to take; `outcome` gets what became of it.
    #[must_use]
    pub fn with_screenshot(mut self, screenshot: Option<Screenshot>, outcome: Outcome) -> Self {
        self.camera = Camera::new(screenshot, outcome);
        self
    }

    /// The same with what was set when the window was closed last, and the protocols a board may speak.
    #[must_use]
    pub fn with_remembered(mut self, remembered: Remembered, devices: Vec<String>) -> Self {
        self.start.recents.clone_from(&remembered.recents);
        self.start.port.clone_from(&remembered.port);
        self.start.device = devices.iter().position(|name| *name == remembered.device).unwrap_or(0);
        self.start.devices = devices;
        if remembered.lab_is_light {
            self.lab.state.theme = ThemeChoice::Light;
        }
        if remembered.review_is_dark {
            self.review.state.theme = ThemeChoice::Dark;
        }
        self.lab.state.reduces_motion = remembered.reduces_motion;
        self.coach.state.reduces_motion = remembered.reduces_motion;
        self.lab.state.layouts.clone_from(&remembered.layouts);
        self.remembered = remembered;
        self.keeps = true;
        self
    }

    /// The same with what its sessions wake the window with.
    #[must_use]
    pub fn with_waker(mut self, waker: Waker) -> Self {
        self.waker = waker;
        self
    }

    /// The same with a test of its latency; what it finds goes to the outcome, and the window closes.
    #[must_use]
    pub fn with_latency(mut self, latency: Option<LatencyTest>) -> Self {
        self.latency = latency;
        self
    }

    /// The same with a feed: for tests.
    #[must_use]
    pub fn with_feed(mut self, feed: Box<dyn Feed>) -> Self {
        self.feed = Some(feed);
        self
    }

    /// Takes a session that was opened, and reviews its trial where it has one.
    pub fn open(&mut self, opened: Opened) {
        self.start.is_open = false;
        self.lab.state.scales.clear();
        self.lab.state.side = None;
        self.calibration.close();
        self.coach.open();
        match &opened.material {
            Some(material) => {
                let settings = opened.task_settings;
                self.reviewing.open(material.clone(), Recipe { settings, ..Recipe::default() });
            }
            None => self.reviewing.close(),
        }
        match &mut self.feed {
            Some(feed) => feed.replace(opened),
            None => self.feed = Some(Box::new(SessionFeed::new(opened))),
        }
    }

    /// Draws one frame and carries out what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        // The frame before was handed over when this one begins, at the latest.
        self.measure(ui);
        self.look_after_jobs();
        self.coach.state.reduces_motion = self.lab.state.reduces_motion;
        if let Some(feed) = &mut self.feed {
            // The Coach view follows what plays; Review has a cursor of its own.
            feed.show(self.shell.tab != Tab::Review);
            // Nobody sees a trial that stands still behind the Review view.
            if self.shell.tab != Tab::Review || feed.live_source().is_some() {
                feed.update(&mut self.lab.state, &mut self.model);
            }
            if let (Some(latency), Some(index)) = (&mut self.latency, feed.shown_index()) {
                latency.frames.shows(index);
            }
            self.coach.follow(feed.as_mut(), self.shell.tab == Tab::Coach);
            self.calibration.follow(feed.as_mut(), self.model.signals.now_s);
        }
        let mut actions = input::common(ui.ctx());
        let has_nothing = self.feed.is_none() && self.reviewing.material().is_none();
        let theme = match self.shell.tab {
            _ if has_nothing => self.blank(ui, &mut actions),
            Tab::Lab => {
                actions.extend(self.lab.ui(ui, &self.model));
                self.lab.state.theme.theme()
            }
            Tab::Review => {
                actions.extend(self.review.ui(ui, &self.reviewing));
                self.review.theme()
            }
            Tab::Coach => {
                let is_live = self.feed.as_ref().is_some_and(|feed| feed.live_source().is_some());
                let reviewing = if is_live { &self.no_review } else { &self.reviewing };
                let input = CoachInput { reviewing, live: &self.model };
                actions.extend(self.coach.ui(ui, &input));
                &crate::theme::COACH
            }
        };
        if self.calibration.is_open && self.shell.tab == Tab::Lab {
            let window = ui.max_rect();
            let left = window.right() - calibration::WIDTH.min(window.width() / 2.0);
            let area = Rect::from_min_max(
                pos2(left, window.top() + 44.0),
                pos2(window.right(), window.bottom() - 44.0),
            );
            self.calibration.show(ui, area, theme, &mut actions);
        }
        self.start.busy = self.opening.as_ref().map(|opening| opening.name.clone());
        if self.start.is_open || has_nothing {
            let window = ui.max_rect();
            let area = Rect::from_min_max(pos2(window.left(), window.top() + 44.0), window.max);
            self.start.show(ui, area, theme, &mut actions);
        }
        let bottom = ui.max_rect().bottom() - 48.0;
        self.shell.overlays(ui, theme, bottom, &mut actions);
        for action in actions {
            self.perform(ui, action);
        }
        let is_ready = !self.is_working();
        if let Some(note) = self.camera.look(ui, &mut self.requests, is_ready) {
            self.shell.note(note.text, note.is_error);
        }
        self.remember(ui);
        if let Some(pause) = self.pause() {
            ui.ctx().request_repaint_after(pause);
        }
        self.waker.pace(self.pace());
    }

    fn measure(&mut self, ui: &Ui) {
        let Some(latency) = &mut self.latency else { return };
        let now = Instant::now();
        latency.frames.presented(now);
        let counted_s = latency.frames.counted_s(now);
        if counted_s >= latency.seconds {
            self.camera.finish(text::latency(latency.frames.quantiles(), latency.frames.frames(), counted_s));
            self.latency = None;
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// The bar over an empty window: nothing is open, the Start card stands in it.
    fn blank(&self, ui: &mut Ui, actions: &mut Vec<Action>) -> &'static Theme {
        let theme = self.lab.state.theme.theme();
        ui.ctx().set_visuals(theme.visuals());
        let window = ui.max_rect();
        ui.painter().rect_filled(window, 0.0, theme.window);
        let bar = Rect::from_min_max(window.min, pos2(window.right(), window.top() + 44.0));
        shell::bar(ui, bar, theme, self.shell.tab, actions);
        theme
    }

    /// How often samples that arrive need a new picture.
    fn pace(&self) -> Duration {
        match self.shell.tab {
            Tab::Lab => Duration::ZERO,
            // A card comes within a second of the end of its flight.
            Tab::Coach => CARDS,
            Tab::Review => SILENT,
        }
    }

    /// How long the window may stand still; `None` until somebody or something wakes it.
    fn pause(&self) -> Option<Duration> {
        let is_live = self.feed.as_ref().is_some_and(|feed| feed.live_source().is_some());
        let is_moving = match self.shell.tab {
            Tab::Lab => {
                self.calibration.is_moving() || self.feed.as_ref().is_some_and(|feed| feed.is_moving())
            }
            Tab::Review => self.review.is_moving(),
            Tab::Coach => self.coach.is_moving(),
        };
        if is_moving {
            Some(FRAME)
        } else if self.is_working() || self.camera.is_waiting() {
            Some(JOB)
        } else {
            let silent = is_live.then_some(SILENT);
            silent.into_iter().chain(self.shell.next_end()).min()
        }
    }

    /// True while something is being read, computed or written.
    fn is_working(&self) -> bool {
        self.opening.is_some()
            || self.reading.is_some()
            || !self.writing.is_empty()
            || self.reviewing.share().is_some()
            || self.review.second.share().is_some()
    }

    fn look_after_jobs(&mut self) {
        self.look_after_files();
        if self.review.second.update() {
            let refusal = self.review.compare(&self.reviewing);
            if let Some(words) = refusal {
                self.shell.note(words, true);
            }
        }
        if self.reviewing.update()
            && let Some(reviewed) = self.reviewing.shown()
        {
            self.review.show(reviewed);
            if self.feed.as_ref().is_none_or(|feed| feed.live_source().is_none()) {
                self.coach.show(reviewed);
            }
        }
        if let Some(problem) = self.reviewing.take_problem() {
            self.shell.note(problem, true);
        }
        let Some(opening) = &mut self.opening else { return };
        match opening.job.poll() {
            JobState::Running => return,
            JobState::Done(Ok(opened)) => {
                if let Some(path) = opening.path.take() {
                    self.start.remember(&path);
                }
                self.open(*opened);
            }
            JobState::Done(Err(words)) => self.shell.note(words, true),
            JobState::Failed => self.shell.note(text::open_failed(&opening.name), true),
        }
        self.opening = None;
    }

    /// Hands over what the person has set, where it has changed.
    fn remember(&mut self, ui: &Ui) {
        let now = Remembered {
            recents: self.start.recents.clone(),
            lab_is_light: self.lab.state.theme == ThemeChoice::Light,
            review_is_dark: self.review.state.theme == ThemeChoice::Dark,
            zoom: ui.ctx().zoom_factor(),
            device: self.start.devices.get(self.start.device).cloned().unwrap_or_default(),
            port: self.start.port.clone(),
            reduces_motion: self.lab.state.reduces_motion,
            layouts: self.lab.state.layouts.clone(),
        };
        let is_typing = ui.ctx().text_edit_focused();
        if now == self.remembered || is_typing || !self.keeps {
            return;
        }
        self.remembered = now.clone();
        self.ask(Request::Remember(now));
    }

    /// A second trial that was read, and what was written.
    fn look_after_files(&mut self) {
        let recorded = self.feed.as_mut().map(|feed| feed.take_recorded()).unwrap_or_default();
        for path in recorded {
            self.shell.note(text::recorded_and_read(&path), false);
            self.start.remember(&path);
            self.read(Purpose::Open, path);
        }
        if let Some((purpose, job)) = &mut self.reading {
            let purpose = *purpose;
            match job.poll() {
                JobState::Running => {}
                JobState::Done(Ok(material)) => {
                    self.reading = None;
                    match purpose {
                        Purpose::Open => self.reviewing.open(material, Recipe::default()),
                        Purpose::Compare => {
                            self.review.second.open(material, self.reviewing.recipe().for_another_trial());
                        }
                    }
                }
                JobState::Done(Err(words)) => {
                    self.reading = None;
                    self.shell.note(words, true);
                }
                JobState::Failed => {
                    self.reading = None;
                    self.shell.note(text::open_failed(""), true);
                }
            }
        }
        let shell = &mut self.shell;
        self.writing.retain_mut(|job| match job.poll() {
            JobState::Running => true,
            JobState::Done(Ok(written)) => {
                for file in written.files {
                    shell.wrote(format!("{}: {}", written.words, file.display()), file);
                }
                false
            }
            JobState::Done(Err(words)) => {
                shell.note(words, true);
                false
            }
            JobState::Failed => {
                shell.note(text::NOT_SAVED, true);
                false
            }
        });
    }

    /// Asks the program around the window for something, and looks after the answer.
    fn ask(&mut self, request: Request) {
        match (self.requests)(request) {
            Response::Opening(opening) => self.opening = Some(opening),
            Response::Reading(job) => self.reading = Some((self.reading_for, job)),
            Response::Writing(job) => self.writing.push(job),
            Response::Ports(ports) => self.start.ports = Some(ports),
            Response::Folder(folder) => self.start.browser.show_folder(folder),
            Response::Nothing => {}
            Response::Done(words) => self.shell.note(words, false),
            Response::Refused(words) => self.shell.note(words, true),
        }
    }

    /// Reads a second trial for a comparison.
    fn compare_with(&mut self, path: PathBuf) {
        self.start.is_open = false;
        self.start.remember(&path);
        self.read(Purpose::Compare, path);
    }

    fn read(&mut self, purpose: Purpose, path: PathBuf) {
        self.reading_for = purpose;
        self.ask(Request::ReadTrial(path));
    }

    /// R: begins a recording; ends it when asked twice, so that no slip of a finger does.
    fn record(&mut self) {
        let recording = self.model.recording;
        if recording.has_failed {
            self.shell.note(text::RECORDING_FAILED, true);
        } else if !recording.is_possible {
            self.shell.note(text::NO_RECORDING, false);
        } else if !recording.is_running {
            self.tell_feed(&Action::Record);
        } else if self.stop_asked.take().is_some_and(|asked| asked.elapsed() < TWICE) {
            self.tell_feed(&Action::StopRecording);
        } else {
            self.stop_asked = Some(Instant::now());
            self.shell.note(text::STOP_AGAIN, false);
        }
    }

    fn tell_feed(&mut self, action: &Action) {
        if let Some(feed) = &mut self.feed {
            feed.perform(action, &self.model);
        }
    }

    /// M and Ctrl with an arrow: bookmarks of the trial that plays.
    fn bookmark(&mut self, action: &Action) {
        let is_trial = self.model.transport.is_replay;
        let here_s = self.model.transport.position_s;
        self.tell_feed(action);
        match (is_trial, action) {
            (false, _) => self.shell.note(text::BOOKMARKS_OF_TRIALS, false),
            (true, Action::Jump(by)) => {
                let bookmarks = self.feed.as_ref().map(|feed| feed.bookmarks()).unwrap_or_default();
                let is_there = |at: &f64| if *by > 0 { *at > here_s } else { *at < here_s };
                if !bookmarks.iter().any(is_there) {
                    self.shell.note(text::NO_BOOKMARK, false);
                }
            }
            _ => {}
        }
    }

    /// Shows the Start card for a purpose.
    fn show_start(&mut self, purpose: Purpose) {
        self.start.purpose = purpose;
        self.start.is_open = true;
    }

    /// The panel of the shown view under the pointer.
    fn panel_under_pointer(&self, ui: &Ui) -> Option<Rect> {
        let at = ui.input(|input| input.pointer.latest_pos())?;
        match self.shell.tab {
            Tab::Lab => self.lab.panel_at(at),
            Tab::Review => self.review.panel_at(at),
            Tab::Coach => self.coach.panel_at(at),
        }
    }

    fn perform(&mut self, ui: &Ui, action: Action) {
        ui.ctx().request_repaint();
        let is_done = match self.shell.tab {
            Tab::Lab => self.lab.perform(&action, &self.model),
            Tab::Review => self.review.perform(&action, &self.reviewing),
            Tab::Coach => self.coach.perform(&action),
        };
        if is_done {
            return;
        }
        match action {
            Action::View(tab) => self.shell.tab = tab,
            Action::Tell(note) => self.shell.note(note.text, note.is_error),
            Action::Help => self.shell.help_open = !self.shell.help_open,
            Action::Escape => {
                if !self.shell.escape() {
                    if std::mem::take(&mut self.start.browser.is_open) {
                        return;
                    }
                    let is_start = std::mem::take(&mut self.start.is_open);
                    self.calibration.is_open &= is_start;
                }
            }
            Action::OtherSide => self.shell.note(text::ONE_LEG, false),
            Action::Review(recipe) => self.reviewing.change(recipe),
            Action::Change(recipe) => {
                self.review.history.changed(self.reviewing.recipe().clone());
                self.reviewing.change(recipe);
            }
            Action::Open(path) if self.start.is_open && self.start.purpose == Purpose::Compare => {
                self.compare_with(path);
            }
            Action::Open(path) => self.ask(Request::OpenTrial(path)),
            Action::Compare(path) => self.compare_with(path),
            Action::CompareWith => self.show_start(Purpose::Compare),
            Action::StartCard => self.show_start(Purpose::Open),
            Action::Demo(demo) => self.ask(Request::OpenDemo(demo)),
            Action::Connect { device, port } => self.ask(Request::Connect { device, port }),
            Action::ListPorts => self.ask(Request::ListPorts),
            Action::ListFolder(path) => self.ask(Request::ListFolder(path)),
            Action::Picture(whole) => {
                let panel = if whole { None } else { self.panel_under_pointer(ui) };
                let trial = self.reviewing.material().map_or("surae", |material| material.name.as_str());
                self.camera.snap(ui, panel, trial);
            }
            Action::Report => match self.reviewing.shown().cloned() {
                Some(reviewed) => self.ask(Request::WriteReport(reviewed)),
                None => self.shell.note(text::review::NOTHING_OPEN, true),
            },
            Action::CopyTable => match self.review.table(&self.reviewing) {
                Some(table) => {
                    ui.ctx().copy_text(table);
                    self.shell.note(text::review::COPIED, false);
                }
                None => self.shell.note(text::review::NOTHING_TO_COPY, true),
            },
            Action::PictureOf(part) => {
                let name = self.reviewing.material().map_or("surae", |material| material.name.as_str());
                self.camera.snap(ui, Some(part), name);
            }
            Action::OpenFile(path) => self.ask(Request::OpenFile(path)),
            Action::SaveLayout(name) if self.shell.tab == Tab::Lab => {
                let name = if name.is_empty() { text::menu::UNNAMED } else { &name };
                self.shell.note(text::menu::saved(name), false);
            }
            Action::UseLayout(Some(name)) => self.shell.note(text::menu::does_not_fit(&name), true),
            Action::Record => self.record(),
            Action::Calibrate => {
                let feed = self.feed.as_ref();
                let (layout, base) = (feed.and_then(|f| f.layout()), feed.and_then(|f| f.profile()));
                self.calibration.toggle(layout.as_deref(), base.as_deref());
            }
            Action::SaveCalibration => {
                if let Some(profile) = self.calibration.profile() {
                    if let Some(feed) = &mut self.feed {
                        feed.refer(&profile);
                    }
                    self.shell.note(text::calibration::in_force(&profile.athlete), false);
                    self.ask(Request::SaveProfile(Box::new(profile)));
                }
            }
            Action::Bookmark | Action::Jump(_) => self.bookmark(&action),
            Action::FullScreen => {
                let is_full = ui.ctx().input(|input| input.viewport().fullscreen.unwrap_or(false));
                ui.ctx().send_viewport_cmd(ViewportCommand::Fullscreen(!is_full));
            }
            other => {
                let Some(feed) = &mut self.feed else { return };
                feed.perform(&other, &self.model);
                if let Action::Mark(code) = other {
                    self.shell.note(text::marked(code, self.model.signals.now_s), false);
                }
            }
        }
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }
}
