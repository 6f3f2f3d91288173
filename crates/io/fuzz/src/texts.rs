//! What people write by hand: maps and profiles.

use surae_io::{map, profile};
use surae_trial::{Channel, Role, Samples, Seconds, Stream, Trial, Unit};

/// A map with everything that one may state.
pub const MAP: &str = r#"schema = "surae.map/1"
side = "right"
unit = "uV"
task = "walk"
rate_hz = 2000.0
[[channel]]
label = "GM"
stream = "emg"
kind = "raw_emg"
muscle = "MG"
side = "right"
joint = "knee"
unit = "uV"
scale = 1.0
offset = 0.5
[[event]]
time_s = 1.414
kind = "foot_contact"
side = "left"
label = "x"
"#;

/// A profile with references.
pub const PROFILE: &str = include_str!("../../../../fixtures/demo/walk.profile.toml");

/// A map that is read can be applied, and what is then understood can be written and read again.
pub fn map(text: &str) {
    let Ok(stated) = map::parse(text) else { return };
    let channels =
        ["GM", "SOL", "knee angle r"].map(|label| Channel::new(label, Role::unknown("fuzz"), Unit::Count));
    let stream = Stream {
        name: "emg".to_owned(),
        rate_hz: 1000.0,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels: channels.to_vec(),
        samples: Samples::I16(vec![1; 300]),
        gaps: Vec::new(),
        times_s: Vec::new(),
    };
    let mut trial = Trial { streams: vec![stream], ..Trial::default() };
    stated.apply(&mut trial);
    crate::promises::promises(&trial);
    let written = map::write_map(&trial);
    map::parse(&written).unwrap_or_else(|error| panic!("a map of ours: {error}\n{written}"));
}

/// A profile that is read is written as text that reads back as the same profile.
pub fn profile(text: &str) {
    let Ok(read) = profile::parse(text) else { return };
    let written = profile::to_string(&read).expect("TOML holds what came from TOML");
    let again =
        profile::parse(&written).unwrap_or_else(|error| panic!("a profile of ours: {error}\n{written}"));
    // As text: a number that is not one is not equal to itself.
    assert_eq!(profile::to_string(&again).expect("as before"), written);
}
