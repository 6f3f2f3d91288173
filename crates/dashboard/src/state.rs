//! What the person has set on the view, and what the person asks for.
//!
//! Panels change [`ViewState`] and push [`Action`]s; [`crate::app`] carries them out. Nothing here touches a session.

use crate::layout::{Form, Panel};
use crate::model::LabModel;
use crate::request::Demo;
use crate::reviewed::Recipe;
use crate::theme::Theme;
use std::path::PathBuf;
use std::time::Instant;
use surae_trial::Side;

/// Which traces the lanes show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Traces {
    /// Raw columns and envelope.
    #[default]
    Both,
    /// Raw columns only.
    Raw,
    /// Envelope only.
    Envelope,
}

impl Traces {
    /// The next one, in the order both, raw, envelope.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Both => Self::Raw,
            Self::Raw => Self::Envelope,
            Self::Envelope => Self::Both,
        }
    }
}

/// One of the three views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Is the data good, and what does it show now?
    #[default]
    Lab,
    /// What happened, and how sure is that?
    Review,
    /// One answer, to be read from 5 m.
    Coach,
}

impl Tab {
    /// All views in the order of their keys F1 to F3.
    pub const ALL: [Self; 3] = [Self::Lab, Self::Review, Self::Coach];
}

/// The choice of theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// Dark.
    #[default]
    Dark,
    /// Light.
    Light,
}

impl ThemeChoice {
    /// The colours of the choice.
    #[must_use]
    pub fn theme(self) -> &'static Theme {
        match self {
            Self::Dark => &crate::theme::DARK,
            Self::Light => &crate::theme::LIGHT,
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }
}

/// What is set on the Lab view.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewState {
    /// Theme.
    pub theme: ThemeChoice,
    /// Leg asked for; shown where the source has it.
    pub side: Option<Side>,
    /// Length of the window of Signals.
    pub window_s: f64,
    /// What the lanes show.
    pub traces: Traces,
    /// Half scale per lane as `(name, half scale)`, only growing until fitted.
    pub scales: Vec<(String, f32)>,
    /// Width of a lane in pixels as last drawn: columns to ask for.
    pub lane_pixels: u16,
    /// No line under the pointer: for pictures.
    pub hides_pointer: bool,
    /// Lanes that are left out, by name.
    pub hidden: Vec<String>,
    /// Lanes in the order the person has given them; others follow as the source has them.
    pub lane_order: Vec<String>,
    /// Lanes whose scale the person has chosen: it stays until fitted.
    pub held_scales: Vec<String>,
    /// Panels that are left out.
    pub hidden_panels: Vec<Panel>,
    /// Kept layouts: name and text.
    pub layouts: Vec<(String, String)>,
    /// Name of the next layout to be kept, as typed.
    pub layout_name: String,
    /// No trail, no flash.
    pub reduces_motion: bool,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::Dark,
            side: None,
            window_s: 12.0,
            traces: Traces::Both,
            scales: Vec::new(),
            lane_pixels: 872,
            hides_pointer: false,
            hidden: Vec::new(),
            lane_order: Vec::new(),
            held_scales: Vec::new(),
            hidden_panels: Vec::new(),
            layouts: Vec::new(),
            layout_name: String::new(),
            reduces_motion: false,
        }
    }
}

impl ViewState {
    /// Window lengths the zoom goes through, in s.
    pub const WINDOWS_S: [f64; 8] = [1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 30.0, 60.0];

    /// Where a lane stands in the person's order; behind all others without one.
    #[must_use]
    pub fn place_of(&self, lane: &str) -> usize {
        self.lane_order.iter().position(|name| name == lane).unwrap_or(usize::MAX)
    }

    /// Takes the lane in row `from` of `shown` to row `to`; the others keep their order.
    pub fn move_lane(&mut self, mut shown: Vec<String>, from: usize, to: usize) {
        if from >= shown.len() || to >= shown.len() {
            return;
        }
        let lane = shown.remove(from);
        shown.insert(to, lane);
        // Lanes that are left out now come back behind these.
        let hidden = self.lane_order.iter().filter(|name| !shown.contains(name)).cloned();
        let hidden: Vec<String> = hidden.collect();
        shown.extend(hidden);
        self.lane_order = shown;
    }

    /// The next shorter (`-1`) or longer (`+1`) window.
    pub fn zoom(&mut self, by: i32) {
        let at = Self::WINDOWS_S.iter().position(|w| *w >= self.window_s).unwrap_or(0) as i32;
        let at = (at + by).clamp(0, Self::WINDOWS_S.len() as i32 - 1);
        self.window_s = Self::WINDOWS_S[at as usize];
    }
}

/// An error or a fact that the person may dismiss.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserNote {
    /// What, where, and what to do.
    pub text: String,
    /// True for an error, false for a confirmation.
    pub is_error: bool,
    /// A file that was written: it can be opened, and its path be copied.
    pub file: Option<PathBuf>,
    /// When it was first drawn.
    pub shown: Option<Instant>,
}

/// What the person asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Another view.
    View(Tab),
    /// Tell the person something.
    Tell(UserNote),
    /// Review the open trial in this way; not a step of undo.
    Review(Recipe),
    /// Review the open trial in this way; undo goes back to the way before.
    Change(Recipe),
    /// A picture of a part of the window.
    PictureOf(egui::Rect),
    /// Show or hide a panel of the Lab view.
    TogglePanel(Panel),
    /// Keep the layout under a name; empty: a name of its own.
    SaveLayout(String),
    /// Take a kept layout; `None`: that of the design.
    UseLayout(Option<String>),
    /// A picture of the window (`true`) or of the panel under the pointer.
    Picture(bool),
    /// Copy the table of the view.
    CopyTable,
    /// Open a file in the viewer of the system.
    OpenFile(PathBuf),
    /// Write the report of the review.
    Report,
    /// Show the Start card.
    StartCard,
    /// Open a demo.
    Demo(Demo),
    /// Follow a board.
    Connect {
        /// Protocol.
        device: String,
        /// Port.
        port: String,
    },
    /// List the ports.
    ListPorts,
    /// List a folder in the file list.
    ListFolder(PathBuf),
    /// Choose a second trial to compare with.
    CompareWith,
    /// Compare with this trial.
    Compare(PathBuf),
    /// Play or pause.
    PlayPause,
    /// Go to a place in the trial, s.
    Seek(f64),
    /// Go on or back by s.
    Step(f64),
    /// Play at this speed.
    Speed(f64),
    /// The next slower (`-1`) or faster (`+1`) speed.
    Faster(i32),
    /// Start over at the end, or not.
    Loop,
    /// Mark now.
    Mark(u8),
    /// Mark now; what it is about is typed next.
    Note,
    /// What the newest note is about.
    NoteText(String),
    /// Begin to record; while one runs, stop when asked twice.
    Record,
    /// End the recording; the session goes on.
    StopRecording,
    /// Bookmark here, or none any more.
    Bookmark,
    /// To the next (`+1`) or previous (`-1`) bookmark.
    Jump(i32),
    /// Open or close the guided calibration.
    Calibrate,
    /// Write the profile of the calibration and use it.
    SaveCalibration,
    /// Less that moves by itself, or all of it again.
    ReduceMotion,
    /// Shorter or longer window.
    Zoom(i32),
    /// Fit the scales to what is shown.
    FitScales,
    /// Next kind of traces.
    NextTraces,
    /// The other leg.
    OtherSide,
    /// The other theme.
    Theme,
    /// Keys overlay.
    Help,
    /// Close the overlay, or the newest note.
    Escape,
    /// Full screen on or off.
    FullScreen,
    /// Open a trial.
    Open(PathBuf),
    /// To the start of the trial.
    Start,
    /// To the end, or to now.
    End,
}

/// Speeds of replay the keys go through; the last one is as fast as possible.
pub const SPEEDS: [f64; 9] = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, f64::INFINITY];

/// The next slower or faster speed of [`SPEEDS`].
#[must_use]
pub fn next_speed(speed: f64, by: i32) -> f64 {
    let at = SPEEDS.iter().position(|s| *s >= speed).unwrap_or(3) as i32;
    SPEEDS[(at + by).clamp(0, SPEEDS.len() as i32 - 1) as usize]
}

/// A speed on a control: `1×`, `max`.
#[must_use]
pub fn speed_text(speed: f64) -> String {
    if speed.is_infinite() { "max".to_owned() } else { format!("{speed}×") }
}

/// What a panel gets.
pub struct Panels<'a> {
    /// What to draw.
    pub model: &'a LabModel,
    /// What is set.
    pub view: &'a mut ViewState,
    /// Colours.
    pub theme: &'static Theme,
    /// Wide or compact.
    pub form: Form,
    /// What is asked for.
    pub actions: &'a mut Vec<Action>,
}

impl Panels<'_> {
    /// The title of a panel that stands under a tab of the same name in the compact form: nothing there.
    #[must_use]
    pub fn tab_title(&self, title: &'static str) -> &'static str {
        let is_under_tab = self.form == Form::Compact && self.model.signals.knee.is_some();
        if is_under_tab { "" } else { title }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_moves_and_the_others_keep_their_order() {
        let names = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let mut view = ViewState::default();
        view.move_lane(names("abcd"), 3, 1);
        assert_eq!(view.lane_order, names("adbc"));
        // `b` is hidden: it stays known, and a lane that is not known stands last.
        view.move_lane(names("adc"), 0, 2);
        assert_eq!(view.lane_order, names("dcab"));
        assert!(view.place_of("b") < view.place_of("e"));
        view.move_lane(names("dca"), 7, 0);
        assert_eq!(view.lane_order, names("dcab"));
    }

    #[test]
    fn zoom_and_speed_stop_at_their_ends() {
        let mut view = ViewState::default();
        for _ in 0..20 {
            view.zoom(-1);
        }
        assert_eq!(view.window_s, 1.0);
        view.zoom(1);
        assert_eq!(view.window_s, 2.0);
        assert_eq!(next_speed(1.0, -1), 0.5);
        assert_eq!(next_speed(0.1, -1), 0.1);
        assert_eq!(next_speed(16.0, 1), f64::INFINITY);
        assert_eq!(next_speed(f64::INFINITY, 1), f64::INFINITY);
        assert_eq!(speed_text(0.25), "0.25×");
    }
}
