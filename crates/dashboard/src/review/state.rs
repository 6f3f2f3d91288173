//! What is set on the Review view: window, cursor, chosen push-off, playback, drawer. Nothing here draws.

use crate::reviewed::{LegTraces, Recipe, Reviewed};
use crate::state::{ThemeChoice, Traces};
use surae_gait::report::PushOffReport;
use surae_trial::Side;

/// The shortest window, in s.
const SHORTEST_S: f64 = 0.05;
/// A step of the cursor, in s: that of the classes.
pub const STEP_S: f64 = surae_gait::track::STEP_S;
/// Time around a push-off that going to it shows, in s.
const AROUND_S: f64 = 0.45;

/// Contacts that a trial opens on, and their longest stretch in s.
const FIRST_SHOWN: usize = 3;
const LONGEST_FIRST_S: f64 = 10.0;

/// Which panel stands in a place that two share in the compact form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Face {
    /// The upper one: traces, map.
    #[default]
    First,
    /// The lower one: phase view, dominance by phase.
    Second,
}

/// What the dashed curves are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Against {
    /// None.
    #[default]
    Nothing,
    /// The other leg of this trial.
    OtherLeg,
    /// A second trial.
    Trial,
}

/// What is set on the Review view.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewState {
    /// Theme.
    pub theme: ThemeChoice,
    /// Leg asked for; shown where the trial has it.
    pub side: Option<Side>,
    /// Start and end of the window, in s.
    pub window: (f64, f64),
    /// Length of the trial in s.
    pub duration_s: f64,
    /// Cursor, in s.
    pub cursor_s: f64,
    /// Chosen push-off: position in the report's list.
    pub chosen: usize,
    /// The cursor moves.
    pub playing: bool,
    /// Times real time.
    pub speed: f64,
    /// Starts over at the end of the window.
    pub looped: bool,
    /// What the EMG lanes show.
    pub traces: Traces,
    /// Density of the map.
    pub shows_density: bool,
    /// The map shows G/G0 and S/S0 instead of D.
    pub shows_change: bool,
    /// Settings drawer.
    pub settings_open: bool,
    /// The two shared places of the compact form, centre and right.
    pub faces: [Face; 2],
    /// Dashed curves.
    pub against: Against,
    /// Bookmarks, in s.
    pub bookmarks_s: Vec<f64>,
    /// The person types a reason for rejecting the chosen push-off.
    pub rejecting: Option<String>,
}

impl Default for ReviewState {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::Light,
            side: None,
            window: (0.0, 1.0),
            duration_s: 0.0,
            cursor_s: 0.0,
            chosen: 0,
            playing: false,
            speed: 0.25,
            looped: true,
            traces: Traces::Both,
            shows_density: true,
            shows_change: false,
            settings_open: false,
            faces: [Face::First; 2],
            against: Against::Nothing,
            rejecting: None,
            bookmarks_s: Vec::new(),
        }
    }
}

impl ReviewState {
    /// The leg that is shown: the one asked for where there is one, else the first with a dominance, else the first.
    #[must_use]
    pub fn leg_of<'a>(&self, reviewed: &'a Reviewed) -> Option<&'a LegTraces> {
        let sides = reviewed.sides();
        let asked = self.side.filter(|side| sides.contains(side));
        let answers =
            |side: &Side| reviewed.report().sides.of(*side).is_some_and(|leg| leg.dominance.is_some());
        let side =
            asked.or_else(|| sides.iter().copied().find(answers)).or_else(|| sides.first().copied())?;
        reviewed.leg(side)
    }

    /// Takes a trial: its first contacts are shown, the first usable push-off is chosen. The same trial reviewed anew keeps
    /// window and cursor.
    pub fn take(&mut self, reviewed: &Reviewed, is_new: bool) {
        self.duration_s = reviewed.duration_s;
        if !is_new {
            return;
        }
        self.side = None;
        self.playing = false;
        self.rejecting = None;
        self.bookmarks_s.clear();
        self.fit();
        self.cursor_s = 0.0;
        self.chosen = 0;
        if let Some(leg) = self.leg_of(reviewed)
            && let Some(report) = reviewed.report().sides.of(leg.side)
        {
            let usable = report.pushoffs.iter().position(|push| push.off_s.is_some());
            self.chosen = usable.unwrap_or(0);
            let (from, to) = first_window(&report.pushoffs[self.chosen.min(report.pushoffs.len())..]);
            if to > from && to - from < 0.8 * self.duration_s {
                self.set_window(from, to);
            }
            if let Some(push) = report.pushoffs.get(self.chosen) {
                self.cursor_s = push.contact_s;
            }
        }
    }

    /// Shows the whole trial.
    pub fn fit(&mut self) {
        self.window = (0.0, self.duration_s.max(SHORTEST_S));
    }

    /// Sets the window, never past the ends of the trial and never shorter than can be drawn.
    pub fn set_window(&mut self, from_s: f64, to_s: f64) {
        if !(from_s.is_finite() && to_s.is_finite()) {
            return;
        }
        let end = self.duration_s.max(SHORTEST_S);
        let length = (to_s - from_s).clamp(SHORTEST_S, end);
        let from = from_s.clamp(0.0, end - length);
        self.window = (from, from + length);
    }

    /// Zooms by a factor about a time: below 1 is closer.
    pub fn zoom(&mut self, factor: f64, about_s: f64) {
        let (from, to) = self.window;
        let length = ((to - from) * factor).clamp(SHORTEST_S, self.duration_s.max(SHORTEST_S));
        let share = ((about_s - from) / (to - from)).clamp(0.0, 1.0);
        self.set_window(about_s - share * length, about_s + (1.0 - share) * length);
    }

    /// Moves the window by s.
    pub fn pan(&mut self, by_s: f64) {
        let (from, to) = self.window;
        self.set_window(from + by_s, to + by_s);
    }

    /// Puts the cursor to a time, and the window around it where it would be outside.
    pub fn go(&mut self, to_s: f64) {
        if !to_s.is_finite() {
            return;
        }
        self.cursor_s = to_s.clamp(0.0, self.duration_s);
        let (from, to) = self.window;
        if self.cursor_s < from || self.cursor_s > to {
            self.pan(self.cursor_s - (from + to) / 2.0);
        }
    }

    /// Chooses a push-off and puts the cursor on its contact; `near` also zooms to it.
    pub fn choose(&mut self, reviewed: &Reviewed, at: usize, near: bool) {
        let Some(leg) = self.leg_of(reviewed) else { return };
        let Some(push) = reviewed.report().sides.of(leg.side).and_then(|leg| leg.pushoffs.get(at)) else {
            return;
        };
        self.chosen = at;
        self.rejecting = None;
        if near {
            let end = push.off_s.unwrap_or(push.contact_s + 0.3);
            self.set_window(push.contact_s - AROUND_S, end + AROUND_S);
        }
        self.go(push.contact_s);
    }

    /// Sets a bookmark at the cursor, or takes away the one that is there.
    pub fn bookmark(&mut self) {
        let (at, before) = (self.cursor_s, self.bookmarks_s.len());
        self.bookmarks_s.retain(|one| (one - at).abs() > STEP_S / 2.0);
        if self.bookmarks_s.len() == before {
            self.bookmarks_s.push(at);
        }
    }

    /// The next (`+1`) or previous (`-1`) contact, foot off or bookmark from the cursor.
    #[must_use]
    pub fn event_from(&self, leg: &LegTraces, by: i32) -> Option<f64> {
        let contacts = leg.contacts.iter().flat_map(|contact| [Some(contact.t0_s), contact.t1_s]).flatten();
        let times = contacts.chain(self.bookmarks_s.iter().copied());
        if by > 0 {
            times.filter(|t| *t > self.cursor_s + 1e-6).min_by(f64::total_cmp)
        } else {
            times.filter(|t| *t < self.cursor_s - 1e-6).max_by(f64::total_cmp)
        }
    }

    /// Moves a playing cursor on by real time; it stops or starts over at the end of the window.
    pub fn play(&mut self, elapsed_s: f64) {
        if !self.playing {
            return;
        }
        let (from, to) = self.window;
        let speed = if self.speed.is_finite() { self.speed } else { 16.0 };
        let next = self.cursor_s.max(from) + elapsed_s * speed;
        if next < to {
            self.cursor_s = next;
        } else if self.looped {
            self.cursor_s = from;
        } else {
            self.cursor_s = to;
            self.playing = false;
        }
    }
}

/// From just before the first of these push-offs to just after the third: what can be read at once.
fn first_window(pushoffs: &[PushOffReport]) -> (f64, f64) {
    let Some((first, last)) = pushoffs.first().zip(pushoffs.iter().take(FIRST_SHOWN).next_back()) else {
        return (0.0, 0.0);
    };
    let end_s = last.off_s.unwrap_or(last.contact_s + AROUND_S);
    (first.contact_s - 0.1, (end_s + 0.2).min(first.contact_s + LONGEST_FIRST_S))
}

/// Recipes tried so far: undo and redo, one step a change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    past: Vec<Recipe>,
    future: Vec<Recipe>,
}

impl History {
    /// A change away from `before`.
    pub fn changed(&mut self, before: Recipe) {
        if self.past.last() != Some(&before) {
            self.past.push(before);
        }
        self.future.clear();
    }

    /// The recipe before `now`.
    pub fn undo(&mut self, now: Recipe) -> Option<Recipe> {
        let before = self.past.pop()?;
        self.future.push(now);
        Some(before)
    }

    /// The recipe that was undone last.
    pub fn redo(&mut self, now: Recipe) -> Option<Recipe> {
        let after = self.future.pop()?;
        self.past.push(now);
        Some(after)
    }

    /// Whether there is something to undo, and something to redo.
    #[must_use]
    pub fn ends(&self) -> (bool, bool) {
        (!self.past.is_empty(), !self.future.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_gait::Mode;

    fn state() -> ReviewState {
        let mut state = ReviewState { duration_s: 10.0, ..ReviewState::default() };
        state.fit();
        state
    }

    #[test]
    fn zoom_keeps_what_is_under_the_pointer_and_stays_inside() {
        let mut state = state();
        state.zoom(0.5, 2.0);
        assert_eq!(state.window, (1.0, 6.0));
        state.pan(-100.0);
        assert_eq!(state.window, (0.0, 5.0));
        state.pan(100.0);
        assert_eq!(state.window, (5.0, 10.0));
        for _ in 0..50 {
            state.zoom(0.5, 9.9);
        }
        assert!((state.window.1 - state.window.0 - SHORTEST_S).abs() < 1e-9);
        state.zoom(1e9, 0.0);
        assert_eq!(state.window, (0.0, 10.0));
        state.set_window(f64::NAN, 3.0);
        assert_eq!(state.window, (0.0, 10.0));
    }

    #[test]
    fn a_cursor_outside_takes_the_window_along() {
        let mut state = state();
        state.set_window(0.0, 2.0);
        state.go(7.0);
        assert_eq!((state.cursor_s, state.window), (7.0, (6.0, 8.0)));
    }

    #[test]
    fn playback_loops_or_stops_at_the_window_and_keeps_its_speed() {
        let mut state = state();
        state.set_window(1.0, 2.0);
        state.playing = true;
        state.speed = 0.5;
        state.play(1.0);
        assert_eq!(state.cursor_s, 1.5);
        state.play(2.0);
        assert_eq!((state.cursor_s, state.playing), (1.0, true));
        state.looped = false;
        state.play(5.0);
        assert_eq!((state.cursor_s, state.playing), (2.0, false));
    }

    #[test]
    fn undo_goes_back_one_change_and_redo_forward() {
        let recipe = |mode| Recipe { mode, ..Recipe::default() };
        let mut history = History::default();
        history.changed(recipe(Mode::ZeroPhase));
        let before = history.undo(recipe(Mode::Causal)).unwrap();
        assert_eq!(before.mode, Mode::ZeroPhase);
        assert_eq!(history.redo(before).unwrap().mode, Mode::Causal);
        assert_eq!(history.ends(), (true, false));
        assert_eq!(History::default().undo(recipe(Mode::Causal)), None);
    }
}
