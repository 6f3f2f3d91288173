//! What the dashboard asks of the program around it, which alone opens files and sessions.

use crate::browser::Folder;
use crate::feed::quality;
use crate::model::Quality;
use crate::reviewed::{Material, Reviewed};
use crate::text;
use std::path::PathBuf;
use std::sync::Arc;
use surae_engine::{Job, Session};
use surae_trial::{Joint, Note, Profile, Settings, Side, StraightReference, Trial, Unit};

/// Something that needs a file or a device.
#[derive(Clone, Debug)]
pub enum Request {
    /// Read this trial and start a session that plays it, beside the window.
    OpenTrial(PathBuf),
    /// Make or read a demo and start a session that plays it, beside the window.
    OpenDemo(Demo),
    /// Open this port and follow the board on it, beside the window.
    Connect {
        /// Protocol, one of those that [`Response::Ports`] names.
        device: String,
        /// Path, or `tcp://host:port`.
        port: String,
    },
    /// List the ports, opening none.
    ListPorts,
    /// List a folder; an empty path is the working folder.
    ListFolder(PathBuf),
    /// Open a file in the viewer of the system.
    OpenFile(PathBuf),
    /// Keep what the person has set for the next start.
    Remember(Remembered),
    /// Read this trial, to be compared with the open one.
    ReadTrial(PathBuf),
    /// Write the report page and the JSON of a reviewed trial where the person finds them, beside the window.
    WriteReport(Arc<Reviewed>),
    /// Write a profile where the person finds it, beside the window.
    SaveProfile(Box<Profile>),
    /// Write a picture.
    SavePng {
        /// Where.
        path: PathBuf,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Rows from the top, four bytes a pixel: red, green, blue, alpha.
        rgba: Vec<u8>,
        /// A file of that name is overwritten; else another name is found.
        replaces: bool,
    },
}

/// What came of a request.
pub enum Response {
    /// A session is on its way; it takes the place of the one before.
    Opening(Opening),
    /// The ports there are.
    Ports(Vec<Port>),
    /// What a folder holds.
    Folder(Folder),
    /// Done, and there is nothing to say.
    Nothing,
    /// A trial is on its way.
    Reading(Job<Result<Material, String>>),
    /// Something is being written; the words say where, or why not.
    Writing(Job<Result<Written, String>>),
    /// Done, in words for the person.
    Done(String),
    /// Not done: what, where, and what to do.
    Refused(String),
}

/// Files that were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What, in words.
    pub words: String,
    /// Where: each can be opened, and its path be copied.
    pub files: Vec<PathBuf>,
}

/// A demo of the Start card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demo {
    /// Walking.
    Walk,
    /// Sprinting.
    Sprint,
    /// Countermovement jumps.
    Jump,
}

/// A port of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Path to open it by.
    pub path: String,
    /// What is known of it; empty when nothing is.
    pub what: String,
}

/// What is kept from one start to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remembered {
    /// Trials, newest first.
    pub recents: Vec<PathBuf>,
    /// The Lab view is light.
    pub lab_is_light: bool,
    /// The Review view is dark.
    pub review_is_dark: bool,
    /// Size of everything; 1 is that of the system.
    pub zoom: f32,
    /// Protocol of the board that was connected last.
    pub device: String,
    /// Its port.
    pub port: String,
    /// Less that moves by itself.
    pub reduces_motion: bool,
    /// Layouts of the Lab view: name and text.
    pub layouts: Vec<(String, String)>,
}

/// A source that is being opened on a thread of its own.
pub struct Opening {
    /// What is opened, in words.
    pub name: String,
    /// The file, to be remembered; `None` for a demo or a board.
    pub path: Option<PathBuf>,
    /// A session, or why there is none: what, where, and what to do.
    pub job: Job<Result<Box<Opened>, String>>,
}

/// A session and what the session itself does not know about its source.
pub struct Opened {
    /// What is said about the source.
    pub facts: SourceFacts,
    /// The running session.
    pub session: Session,
    /// What Review and Coach work on; `None` for a device.
    pub material: Option<Material>,
    /// Settings the person asked for; `None` leaves the choice to the review.
    pub task_settings: Option<Settings>,
}

/// Answers the dashboard's requests.
pub type Requests = Box<dyn FnMut(Request) -> Response>;

/// A picture to take and then to close.
#[derive(Clone, Debug, PartialEq)]
pub struct Screenshot {
    /// Where the picture goes.
    pub path: PathBuf,
    /// Seconds after the first frame.
    pub after_s: f64,
}

/// What is known of a source beyond its samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceFacts {
    /// Name for the top bar.
    pub name: String,
    /// True for a trial, false for a device.
    pub is_trial: bool,
    /// Settings in force.
    pub settings: Settings,
    /// Those the person asked for with a task; `None` leaves the choice to each review.
    pub task_settings: Option<Settings>,
    /// Athlete or name of the profile; `None` without a profile.
    pub profile: Option<String>,
    /// True when the profile's values are illustrative.
    pub profile_is_illustrative: bool,
    /// Straight-knee references of the profile.
    pub straight: Vec<StraightReference>,
    /// Length of a trial in s.
    pub duration_s: Option<f64>,
    /// True when the trial starts over at its end.
    pub looped: bool,
    /// Guesses, limits and doubts of the source.
    pub notes: Vec<Note>,
    /// Quality of each EMG channel over the trial, in the order of the layout; empty when not judged.
    pub quality: Vec<Quality>,
    /// Range of each EMG channel over the trial, in its unit and the order of the layout, without rare spikes.
    pub spans: Vec<Option<(f64, f64)>>,
    /// Range of the knee angle over the trial, left and right.
    pub knee_range_deg: [Option<(f32, f32)>; 2],
}

/// Share of the samples that a fixed scale leaves outside at each end: a few spikes then do not flatten a lane.
const OUTSIDE: f64 = 5e-4;

impl SourceFacts {
    /// The facts of a trial called `name` that plays with these settings and this profile.
    #[must_use]
    pub fn of_trial(name: &str, trial: &Trial, settings: &Settings, profile: Option<&Profile>) -> Self {
        Self {
            name: name.to_owned(),
            is_trial: true,
            duration_s: Some(trial.duration_s()),
            looped: true,
            notes: notes(trial),
            quality: quality::of_trial(trial),
            spans: spans(trial),
            knee_range_deg: Side::BOTH.map(|side| knee_range(trial, side)),
            ..Self::of_device(name, settings, profile)
        }
    }

    /// The facts of a device called `name`.
    #[must_use]
    pub fn of_device(name: &str, settings: &Settings, profile: Option<&Profile>) -> Self {
        Self {
            name: name.to_owned(),
            is_trial: false,
            settings: *settings,
            profile: profile.map(|profile| profile.athlete.clone()),
            profile_is_illustrative: profile.is_some_and(|profile| profile.illustrative),
            straight: profile.map(|profile| profile.straight.clone()).unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// The notes of a trial, and that it is synthetic where it is.
fn notes(trial: &Trial) -> Vec<Note> {
    let synthetic = trial.synthetic.then(|| Note::info("synthetic", text::problem::SYNTHETIC));
    synthetic.into_iter().chain(trial.notes.iter().cloned()).collect()
}

/// Range of every EMG channel of a trial in the order of its streams.
fn spans(trial: &Trial) -> Vec<Option<(f64, f64)>> {
    let mut spans = Vec::new();
    for stream in &trial.streams {
        for (at, channel) in stream.channels.iter().enumerate() {
            if channel.role.kind.is_emg() {
                spans.push(span(stream.column(at)));
            }
        }
    }
    spans
}

/// Lowest and highest value, `OUTSIDE` of the samples left out at each end; `None` without a finite sample.
fn span(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.retain(|value| value.is_finite());
    let last = values.len().checked_sub(1)?;
    let outside = (values.len() as f64 * OUTSIDE) as usize;
    let low = *values.select_nth_unstable_by(outside, f64::total_cmp).1;
    let high = *values.select_nth_unstable_by(last - outside, f64::total_cmp).1;
    Some((low, high))
}

/// Range of the knee angle of a leg, in deg.
fn knee_range(trial: &Trial, side: Side) -> Option<(f32, f32)> {
    let (stream, at) = trial.streams.iter().find_map(|stream| {
        let at = stream.channels.iter().position(|channel| channel.is_angle_of(Joint::Knee, side))?;
        Some((stream, at))
    })?;
    if stream.channels[at].unit != Unit::Degree {
        return None;
    }
    span(stream.column(at)).map(|(low, high)| (low as f32, high as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_does_not_set_the_span() {
        let mut values: Vec<f64> = (0..10_000).map(|k| f64::from(k % 200) / 100.0 - 1.0).collect();
        values[5] = 900.0;
        values[6] = f64::NAN;
        let (low, high) = span(values).unwrap();
        assert!((low + 1.0).abs() < 1e-9 && (0.9..=1.0).contains(&high), "{low} {high}");
        assert_eq!(span(vec![f64::NAN; 4]), None);
        assert_eq!(span(Vec::new()), None);
    }
}
