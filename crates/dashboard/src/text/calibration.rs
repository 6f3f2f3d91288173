//! Words of the guided calibration. What a step asks for and why a recording is refused is said by the method.

/// Title.
pub const TITLE: &str = "Calibrate";
/// On the button that closes the panel.
pub const CLOSE_HINT: &str = "G or Esc; what was accepted stays";
/// There is no board.
pub const NO_BOARD: &str = "A board is needed: calibration listens to what comes in now. Ctrl+O connects one. From recorded trials: `surae calibrate`.";
/// The channels give nothing to calibrate.
pub const NOTHING_TO_CALIBRATE: &str =
    "No channel is EMG of a known muscle and leg, and none is a goniometer: name them with a map (--map).";
/// Button.
pub const GO: &str = "Ready";
/// Button.
pub const SKIP: &str = "Skip";
/// Button.
pub const STOP: &str = "Stop";
/// Button.
pub const NEXT: &str = "Go on";
/// Button.
pub const AGAIN: &str = "Repeat it";
/// While samples are looked at.
pub const JUDGING: &str = "Looking at it …";
/// Verdict.
pub const ACCEPTED: &str = "✔ Accepted";
/// Verdict.
pub const REFUSED: &str = "✖ Not used";
/// The end.
pub const DONE: &str = "All steps are done. Save the profile, or choose a step above to do it again.";
/// Field.
pub const ATHLETE: &str = "name or code of the person";
/// Field.
pub const PLACEMENT: &str = "where the electrodes are";
/// Button.
pub const SAVE: &str = "Save the profile and use it now";
/// What it does.
pub const SAVE_HINT: &str = "writes a .toml beside the recordings; what was not accepted is left out";

/// No run can begin.
#[must_use]
pub fn refused(why: &str) -> String {
    format!("Calibration cannot begin: {why}.")
}

/// The muscle should rest.
#[must_use]
pub fn rest(left_s: f64) -> String {
    format!("Rest {left_s:.0} s more: a tired muscle gives no maximum.")
}

/// Before a recording.
#[must_use]
pub fn countdown(left_s: f64) -> String {
    format!("in {:.0}", left_s.ceil().max(1.0))
}

/// During a recording.
#[must_use]
pub fn left(left_s: f64) -> String {
    format!("{:.1} s", left_s.max(0.0))
}

/// A step for screen readers.
#[must_use]
pub fn step(title: &str, accepted: usize, needed: usize, all: usize) -> String {
    format!("{title}: {accepted} of {needed} accepted, {all} recorded")
}

/// A profile is in force.
#[must_use]
pub fn in_force(athlete: &str) -> String {
    let of = if athlete.is_empty() { String::new() } else { format!(" of {athlete}") };
    format!("The new references{of} are in force from now on.")
}
