//! Which way of turning is bending, and where straight is.

use super::Pair;
use crate::knee::geometry::{cross, dot, norm, scale, sub};
use crate::stats::{mean, percentile};

/// Angular velocity under which a segment stands still, in rad/s, and for how long.
const STILL_RAD_S: f64 = 0.12;
const STILL_S: f64 = 1.0;
/// Sensors on the skin lie beside the bone: the lines from the knee to both sensors seem to bend a straight leg by up to 45 deg, and knees
/// hyperextend by 10. Beyond this a leg is bent.
const SURELY_BENT_DEG: f64 = 60.0;
/// The usual angle differs from that of standing by more than this, or standing does not tell.
const FROM_STANDING_DEG: f64 = 5.0;
/// The knee bends this much further from its usual angle than it straightens, or the range does not tell.
const LOPSIDED: f64 = 1.15;

/// Nearest that a sensor is to the knee; nearer ones say nothing about the direction of the leg.
const NEAREST_M: f64 = 0.03;

/// How the direction of bending was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// The sensors' places as seen from the knee close up with it; `true` when the angle must be turned round.
    Places(bool),
    /// A knee that moves is more bent than one that stands.
    Standing(bool),
    /// A knee bends further from its usual angle than it straightens.
    Range(bool),
    /// Nothing told.
    Guessed,
}

impl Direction {
    pub(super) fn reversed(self) -> bool {
        matches!(self, Self::Places(true) | Self::Standing(true) | Self::Range(true))
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Places(_) => "flexion positive: thigh and shank close up",
            Self::Standing(_) => "flexion positive: the moving knee is more bent than the standing one",
            Self::Range(_) => {
                "flexion positive: the knee bends further from its usual angle than it straightens"
            }
            Self::Guessed => "sign not told by the movement, taken as it came",
        }
    }
}

/// Which way bending is; `deg` is the twist of the shank against the thigh about `axes`.
pub(super) fn direction(deg: &[f64], places: [[f64; 3]; 2], axes: [[f64; 3]; 2], pair: &Pair) -> Direction {
    let [low, middle, high] = [2.0, 50.0, 98.0].map(|p| percentile(deg, p).unwrap_or(f64::NAN));
    if let Some(offset) = apparent_offset(places, axes) {
        let apparent = [low, high].map(|angle| (angle + offset + 180.0).rem_euclid(360.0) - 180.0);
        let most = if apparent[0].abs() > apparent[1].abs() { apparent[0] } else { apparent[1] };
        if most.abs() > SURELY_BENT_DEG {
            return Direction::Places(most < 0.0);
        }
    }
    // Nobody stands on knees that the places call bent, so a still leg is a standing one here.
    let still = still_angles(deg, pair);
    if let Some(standing) = percentile(&still, 50.0)
        && (middle - standing).abs() > FROM_STANDING_DEG
    {
        return Direction::Standing(middle < standing);
    }
    let (up, down) = (high - middle, middle - low);
    if up > LOPSIDED * down || down > LOPSIDED * up {
        Direction::Range(down > up)
    } else {
        Direction::Guessed
    }
}

/// Flexion by the lines from the knee to the sensors where the twist about the axis is zero, in deg, with the sign of the twist.
fn apparent_offset(places: [[f64; 3]; 2], axes: [[f64; 3]; 2]) -> Option<f64> {
    // Twist about the axis is counted from where `between` lays one axis on the other.
    let laid = super::between(axes[1], axes[0]);
    let across = |place, axis: [f64; 3]| sub(place, scale(axis, dot(place, axis)));
    let up = across(places[0], axes[0]);
    let down = across(super::rotate(laid, places[1]), axes[0]);
    if norm(up) < NEAREST_M || norm(down) < NEAREST_M {
        return None;
    }
    // From the continued thigh to the shank, about the axis.
    let ahead = scale(up, -1.0);
    Some(dot(cross(ahead, down), axes[0]).atan2(dot(ahead, down)).to_degrees())
}

/// Mean angle of each second in which both segments stand still.
fn still_angles(deg: &[f64], pair: &Pair) -> Vec<f64> {
    let slow = |w: &[f64; 3]| w.iter().map(|x| x * x).sum::<f64>() < STILL_RAD_S * STILL_RAD_S;
    let length = ((STILL_S * pair.rate_hz).ceil() as usize).max(1);
    let (mut found, mut run) = (Vec::new(), 0_usize);
    for i in 0..deg.len() {
        run = if slow(&pair.thigh[i]) && slow(&pair.shank[i]) { run + 1 } else { 0 };
        if run >= length && run.is_multiple_of(length) {
            found.extend(mean(&deg[i + 1 - length..=i]));
        }
    }
    found
}

/// The angle of quiet standing: the straightest second in which both segments stand still; else that of the straightest samples.
pub(super) fn zero(deg: &[f64], pair: &Pair) -> (f64, &'static str) {
    match still_angles(deg, pair).into_iter().min_by(f64::total_cmp) {
        Some(angle) => (angle, super::super::ZERO_STANDING_HERE),
        None => (percentile(deg, 2.0).unwrap_or(0.0), super::super::ZERO_STRAIGHTEST),
    }
}
