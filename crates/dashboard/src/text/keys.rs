//! The keys overlay: for each view, key and what it does.

use crate::state::Tab;

/// A key and what it does.
pub type Key = (&'static str, &'static str);

/// Keys that mean the same in every view.
pub const COMMON: [Key; 8] = [
    ("F1 F2 F3", "Lab, Review, Coach"),
    ("F11", "full screen"),
    ("T", "theme"),
    ("Ctrl +  Ctrl −", "size of everything"),
    ("Tab  Shift Tab", "next, previous control"),
    ("drop a file", "open it"),
    ("?", "this list"),
    ("Esc", "close this or the newest note"),
];

/// Keys of the Lab view.
pub const LAB: [Key; 17] = [
    ("Space", "play, pause; freeze a board"),
    ("← →", "0.1 s back, on"),
    ("Shift ← →", "1 s back, on"),
    ("Home  End", "start, end"),
    ("[  ]", "slower, faster"),
    ("L", "loop"),
    ("+  −", "zoom time"),
    ("0", "fit scales"),
    ("V", "raw, envelope, both"),
    ("Alt ↑ ↓", "move the lane in focus, or drag it"),
    ("S", "other leg"),
    ("1 – 9", "mark"),
    ("N", "mark with a typed note"),
    ("R", "record a board; R R stops"),
    ("G", "calibrate"),
    ("M  Ctrl ← →", "bookmark, go to one"),
    ("Ctrl S", "save the layout"),
];

/// Keys of the Review view.
pub const REVIEW: [Key; 21] = [
    ("Space", "play, pause"),
    ("← →", "one step"),
    ("Shift ← →", "ten steps"),
    ("Ctrl ← →", "one event or bookmark"),
    ("M", "bookmark, or none any more"),
    ("Home  End", "start, end"),
    ("+  −  0", "zoom time, fit"),
    ("I  O", "window from, to the cursor"),
    ("[  ]  L", "slower, faster, loop"),
    ("J  K", "next, previous push-off"),
    ("Enter", "zoom to it"),
    ("X  Y", "reject with a reason, keep"),
    ("S", "other leg"),
    ("V", "raw, envelope, both"),
    ("D", "density of the map"),
    ("C", "compare with a second trial"),
    ("Ctrl Z", "undo a change"),
    ("Ctrl Shift Z", "redo it"),
    ("Ctrl P", "report"),
    ("Ctrl C", "copy the table"),
    ("wheel", "zoom at the pointer; Shift: move"),
];

/// Keys of the Coach view; a remote's Page Up and Page Down work too.
pub const COACH: [Key; 6] = [
    ("← →", "other push-offs"),
    ("↑ ↓", "other leg"),
    ("Enter  .", "slow replay"),
    ("B", "blank screen"),
    ("F5", "full screen"),
    ("Esc", "end replay, newest again"),
];

/// The keys of a view.
#[must_use]
pub fn of(tab: Tab) -> &'static [Key] {
    match tab {
        Tab::Lab => &LAB,
        Tab::Review => &REVIEW,
        Tab::Coach => &COACH,
    }
}
