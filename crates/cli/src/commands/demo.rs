//! The bundled demo: a synthetic walk with its profile, part of the program so that `surae` alone always has something
//! to show.
//!
//! Made by `surae generate`; `fixtures/MANIFEST` says how.

use crate::failure::Failure;
use surae_trial::{Profile, Trial};

const EMG: &[u8] = include_bytes!("../../../../fixtures/demo/walk.csv");
const ANGLES: &[u8] = include_bytes!("../../../../fixtures/demo/walk.angles.csv");
const PROFILE: &str = include_str!("../../../../fixtures/demo/walk.profile.toml");

/// The demo, ready to be played.
// A headless build plays the trial only: the emulator's.
#[cfg_attr(not(feature = "dashboard"), allow(dead_code))]
pub struct Demo {
    /// Name on screen.
    pub name: &'static str,
    /// EMG, knee angle and foot switch.
    pub trial: Trial,
    /// References of its muscles.
    pub profile: Profile,
}

/// Reads the bundled files.
pub fn open() -> Result<Demo, Failure> {
    let mut trial = surae_io::read_bytes("demo/walk.csv", EMG)?;
    // The angles are merged right here: bytes in memory have no folder to look for companions in.
    trial.notes.retain(|note| note.code != "companion_not_read");
    let angles = surae_io::read_bytes("demo/walk.angles.csv", ANGLES)?;
    let trial = surae_io::merge(trial, angles);
    let profile = surae_io::profile::parse(PROFILE)?;
    Ok(Demo { name: "Demo: synthetic walk", trial, profile })
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Joint, Muscle, Side};

    #[test]
    fn the_demo_has_a_whole_calf_a_knee_and_references() {
        let demo = open().unwrap();
        for muscle in [Muscle::MG, Muscle::LG, Muscle::SOL, Muscle::TA] {
            assert!(demo.trial.emg(muscle, Side::Right).is_some(), "{muscle}");
        }
        let channels = || demo.trial.streams.iter().flat_map(|stream| &stream.channels);
        assert!(channels().any(|channel| channel.is_angle_of(Joint::Knee, Side::Right)));
        assert!(demo.profile.reference(Muscle::SOL, Side::Right).is_some());
        assert!(demo.trial.synthetic);
        assert!(demo.trial.duration_s() >= 10.0);
    }
}
