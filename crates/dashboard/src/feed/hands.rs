//! What a person does with a running session beyond watching it: standing still while samples go on, typed notes,
//! bookmarks, the recording. Nothing here draws, and nothing here holds a sample.

use crate::model::Recording;
use crate::state::Action;
use crate::text;
use std::path::PathBuf;
use surae_engine::{Command, NoteText, RecordingNow, RecordingState};

/// A bookmark this close to another one is that one, in s.
const SAME_S: f64 = 0.05;
/// A mark this close to where a note was begun is its mark, in s: the clock of a device is known that well.
const NOTE_S: f64 = 1.0;

/// State of one session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hands {
    /// Right edge of the window of a device that was left standing, session time; `None` follows what comes.
    pub frozen_s: Option<f64>,
    /// Bookmarks of a trial, in its time.
    pub bookmarks_s: Vec<f64>,
    /// Typed notes: session time of the key, words.
    notes: Vec<(f64, String)>,
    noting_s: Option<f64>,
    recording_from_s: Option<f64>,
    recorded: Vec<PathBuf>,
}

impl Hands {
    /// Leaves the live edge, moves along what is kept, or returns. `oldest_s` to `now_s` is there. True when done.
    pub fn look(&mut self, action: &Action, oldest_s: f64, now_s: f64) -> bool {
        let here = self.frozen_s.unwrap_or(now_s);
        let to = match action {
            Action::PlayPause if self.frozen_s.is_some() => now_s,
            Action::PlayPause => {
                self.frozen_s = Some(now_s);
                return true;
            }
            Action::Step(by_s) => here + by_s,
            Action::Seek(to_s) => *to_s,
            Action::Start => oldest_s,
            Action::End => now_s,
            _ => return false,
        };
        self.frozen_s = (to < now_s).then_some(to.max(oldest_s.min(now_s)));
        true
    }

    /// The command of an action that notes, marks or records; `None` where there is none.
    pub fn command(&mut self, action: &Action, now_s: f64) -> Option<Command> {
        match action {
            Action::Mark(code) => Some(Command::Mark(*code)),
            Action::Note => {
                self.noting_s = Some(now_s);
                Some(Command::Mark(u8::MAX))
            }
            Action::NoteText(words) => {
                self.notes.push((self.noting_s.take().unwrap_or(now_s), words.clone()));
                Some(Command::Note(NoteText::new(words)))
            }
            Action::Record => Some(Command::Record),
            Action::StopRecording => Some(Command::StopRecording),
            _ => None,
        }
    }

    /// Sets a bookmark, or takes away the one that is there.
    pub fn bookmark(&mut self, at_s: f64) {
        let before = self.bookmarks_s.len();
        self.bookmarks_s.retain(|one| (one - at_s).abs() > SAME_S);
        if self.bookmarks_s.len() == before {
            self.bookmarks_s.push(at_s);
            self.bookmarks_s.sort_by(f64::total_cmp);
        }
    }

    /// The next (`+1`) or previous (`-1`) bookmark.
    #[must_use]
    pub fn next_bookmark(&self, from_s: f64, by: i32) -> Option<f64> {
        let mut all = self.bookmarks_s.iter().copied();
        if by > 0 { all.find(|t| *t > from_s + SAME_S) } else { all.rfind(|t| *t < from_s - SAME_S) }
    }

    /// The words of the note whose mark stands here; empty while they are typed.
    #[must_use]
    pub fn words_at(&self, time_s: f64) -> &str {
        let near = self.notes.iter().filter(|(at, _)| (at - time_s).abs() < NOTE_S);
        near.min_by(|a, b| (a.0 - time_s).abs().total_cmp(&(b.0 - time_s).abs()))
            .map_or("", |(_, words)| words)
    }

    /// A mark in the session's list.
    #[must_use]
    pub fn entry(&self, time_s: f64, code: u8) -> String {
        let words = if code == u8::MAX { self.words_at(time_s) } else { "" };
        text::mark_entry(code, words)
    }

    /// The recording as the view shows it.
    pub fn recording(&mut self, now: &RecordingNow, now_s: f64) -> Recording {
        let is_running = now.state == RecordingState::Running;
        if is_running {
            self.recording_from_s.get_or_insert(now_s);
        } else {
            self.recording_from_s = None;
        }
        Recording {
            is_possible: now.state != RecordingState::Off,
            is_running,
            has_failed: now.state == RecordingState::Failed,
            seconds: self.recording_from_s.map_or(0.0, |from| (now_s - from).max(0.0)),
            held_s: now.held_s,
            // Only a file that grows can fill a disk.
            disk_time_left_s: Some(now.disk_time_left_s).filter(|left_s| is_running && left_s.is_finite()),
        }
    }

    /// A recording was ended in order.
    pub fn ended(&mut self, path: PathBuf) {
        self.recorded.push(path);
    }

    /// The recordings that were ended since this was asked last.
    pub fn take_recorded(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_window_stands_and_the_live_edge_brings_it_back() {
        let mut hands = Hands::default();
        assert!(hands.look(&Action::PlayPause, 0.0, 20.0));
        assert_eq!(hands.frozen_s, Some(20.0));
        hands.look(&Action::Step(-1.0), 0.0, 25.0);
        assert_eq!(hands.frozen_s, Some(19.0), "it moves from where it stood");
        hands.look(&Action::Start, 4.0, 25.0);
        assert_eq!(hands.frozen_s, Some(4.0));
        hands.look(&Action::Seek(99.0), 4.0, 25.0);
        assert_eq!(hands.frozen_s, None, "beyond now is now");
        hands.look(&Action::Step(-1.0), 4.0, 25.0);
        hands.look(&Action::End, 4.0, 26.0);
        assert_eq!(hands.frozen_s, None);
        assert!(!hands.look(&Action::Mark(1), 4.0, 26.0));
    }

    #[test]
    fn a_note_has_the_time_of_its_key_and_the_words_typed_later() {
        let mut hands = Hands::default();
        assert_eq!(hands.command(&Action::Note, 10.0), Some(Command::Mark(255)));
        let said = hands.command(&Action::NoteText("good step".to_owned()), 14.0);
        assert!(matches!(said, Some(Command::Note(words)) if words.as_str() == "good step"));
        assert_eq!(hands.words_at(10.02), "good step");
        assert_eq!(hands.words_at(14.0), "");
        assert!(hands.entry(10.02, 255).contains("good step"));
    }

    #[test]
    fn a_trial_has_no_recording_and_no_disk_to_fill() {
        let recording = Hands::default().recording(&RecordingNow::default(), 3.0);
        assert_eq!(recording, Recording::default());
        let now = RecordingNow {
            state: RecordingState::Running,
            disk_time_left_s: 60.0,
            ..RecordingNow::default()
        };
        let mut hands = Hands::default();
        hands.recording(&now, 3.0);
        let recording = hands.recording(&now, 5.0);
        assert!(recording.is_running && recording.seconds == 2.0 && recording.disk_time_left_s == Some(60.0));
    }

    #[test]
    fn bookmarks_toggle_and_are_gone_to_in_order() {
        let mut hands = Hands::default();
        for at in [5.0, 1.0, 3.0, 3.01] {
            hands.bookmark(at);
        }
        assert_eq!(hands.bookmarks_s, [1.0, 5.0], "the same place twice takes it away");
        assert_eq!(hands.next_bookmark(1.0, 1), Some(5.0));
        assert_eq!(hands.next_bookmark(5.0, -1), Some(1.0));
        assert_eq!(hands.next_bookmark(5.0, 1), None);
    }
}
