//! The ankle angle from markers against the angle that a clinical model stored in the same recording.
//!
//! Needs `SURAE_TRIALS`; without it the test says that it is skipped, and fails if `SURAE_REQUIRE_TRIALS=1`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a missing part fails the test; a skipped test says so"
)]

mod common;

use common::{folder, read};
use surae_gait::ankle::{add_ankle_angles, source};
use surae_trial::{Joint, Side};

#[test]
fn markers_follow_the_angle_of_plug_in_gait() {
    let Some(btk) = folder("11_btkdata") else { return };
    let mut trial = read(&btk.join("c3d/PiG_Motion-FlatFoot-Full.c3d"));
    let mut model = Vec::new();
    for side in Side::BOTH {
        let stored = source(&trial, side).unwrap();
        model.push(trial.streams[stored.stream].column(stored.channel));
    }
    // Without the stored angles the markers must do.
    for stream in &mut trial.streams {
        stream
            .channels
            .iter_mut()
            .filter(|c| c.role.joint == Some(Joint::Ankle))
            .for_each(|c| c.role.joint = None);
    }
    add_ankle_angles(&mut trial, None);
    for (side, model) in Side::BOTH.into_iter().zip(model) {
        let found = source(&trial, side).unwrap();
        assert!(found.text.contains("HEE"), "{}", found.text);
        let deg = trial.streams[found.stream].column(found.channel);
        let apart: Vec<f64> = deg.iter().zip(&model).map(|(a, b)| a - b).filter(|d| d.is_finite()).collect();
        let n = apart.len() as f64;
        let mean = apart.iter().sum::<f64>() / n;
        let sd = (apart.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt();
        println!("{side} ankle: {mean:.2} deg above the model, SD {sd:.2} deg, {n} frames");
        // The level is that of the markers' heights (a standing trial takes it out); the movement is the model's.
        assert!(n > 300.0 && sd < 2.0 && mean.abs() < 8.0, "{side}: {mean:.2} {sd:.2}");
    }
}
