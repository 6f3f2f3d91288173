//! What to do about a channel, one line each.

/// Bad contact.
pub const ELECTRODE: &str = "Clean the skin, press the electrode";
/// Nothing on this muscle.
pub const PLACE: &str = "Check the electrode's place";
/// Hum.
pub const REFERENCE: &str = "Re-wet or move the reference";
/// Motion.
pub const CABLE: &str = "Tape the cable, check the plug";
/// Clipping.
pub const GAIN: &str = "Lower the gain, repeat";
/// Loss.
pub const LINK: &str = "Check the cable and the port";
/// Amplitude out of range.
pub const GAIN_STATED: &str = "Check the stated gain and unit";
/// An envelope is not judged.
pub const ENVELOPE: &str = "envelope";
/// The rate is too low to judge.
pub const RATE: &str = "rate too low to judge";
