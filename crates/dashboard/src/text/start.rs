//! Words of the Start card.

/// Title.
pub const TITLE: &str = "What would you like to see?";
/// Title when a second trial is asked for.
pub const COMPARE: &str = "Compare with which trial?";
/// First choice.
pub const DEMO: &str = "See a demo";
/// About it.
pub const DEMO_NOTE: &str = "Synthetic data with known truth; starts at once.";
/// A demo.
pub const WALK: &str = "Walk";
/// A demo.
pub const SPRINT: &str = "Sprint";
/// A demo.
pub const JUMP: &str = "Jump";
/// Second choice.
pub const RECORDING: &str = "Open a recording";
/// About it.
pub const RECORDING_NOTE: &str = "Drop a file on the window, or type its path.";
/// Path field.
pub const PATH: &str = "path of a trial";
/// Button.
pub const OPEN: &str = "Open";
/// Over the recent trials.
pub const RECENTS: &str = "Recent";
/// No recent trials.
pub const NO_RECENTS: &str = "Trials you open are listed here.";
/// Third choice.
pub const BOARD: &str = "Connect a board";
/// About it.
pub const BOARD_NOTE: &str = "Only the port you pick is opened; nothing else is probed.";
/// Before the protocols.
pub const SPEAKS: &str = "It speaks";
/// Port field.
pub const PORT: &str = "port, or tcp://host:port";
/// Button.
pub const CONNECT: &str = "Connect";
/// Button.
pub const LIST: &str = "List the ports";
/// Before the ports were listed.
pub const NOT_LISTED: &str = "Pseudo-terminals are never listed: type their path.";
/// No ports.
pub const NO_PORTS: &str = "No serial port found. Is the board plugged in, and may you read it?";
/// Below everything.
pub const HINT: &str = "Esc closes · ? shows the keys · F1 Lab, F2 Review, F3 Coach";

/// Something is being opened.
#[must_use]
pub fn opening(name: &str) -> String {
    format!("Opening {name} …")
}

/// Opens the list of files.
pub const BROWSE: &str = "Browse …";
/// Back to the choices.
pub const BACK: &str = "← Back";
/// The folder above.
pub const FOLDER_ABOVE: &str = "the folder above, Alt+↑";
/// Field over the list.
pub const FILTER: &str = "part of a name";
/// Files of every kind.
pub const ALL_FILES: &str = "all files";
/// The list is empty.
pub const NOTHING_HERE: &str = "Nothing here that can be read as a trial; “all files” shows the rest.";
