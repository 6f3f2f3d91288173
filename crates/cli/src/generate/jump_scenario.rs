//! What each jump scenario consists of: which movements follow each other, how the knee moves, when muscles are on.
//!
//! All numbers are chosen: they are the truth of the synthetic trial, not a statement about people.

use super::curve::Burst;
use surae_trial::Muscle;

/// A jump scenario.
pub struct Jumps {
    /// How it is performed.
    pub style: Style,
    /// Quiet standing (or standing beside the plate) before the first jump, in s.
    pub quiet_s: f64,
    /// Quiet standing between and after jumps, in s.
    pub rest_s: f64,
    /// Take-off speed of the centre of mass, in m/s.
    pub take_off_mps: f64,
    /// Its variation from jump to jump.
    pub take_off_cv: f64,
    /// Where the numbers come from.
    pub sources: &'static [&'static str],
}

/// How a jump is performed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Style {
    /// From standing with a countermovement.
    Countermovement,
    /// From a held squat, without countermovement.
    Squat,
    /// From a box of this height in m.
    Drop(f64),
    /// This many hops in a row.
    Hops(usize),
}

/// What the body does over a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Movement {
    /// Standing still on the plate.
    Stand,
    /// Beside or above the plate.
    Away,
    /// Push-off from standing, with or without a countermovement.
    Push { countermovement: bool },
    /// In the air.
    Flight,
    /// Landing and take-off in one contact.
    Rebound,
    /// Landing and coming to rest.
    Land,
}

/// Bursts of a movement in percent of its duration from its start; those of a rebound and a landing begin before it.
pub fn bursts(movement: Movement) -> &'static [(Muscle, Burst)] {
    match movement {
        Movement::Push { .. } => &PUSH,
        Movement::Rebound => &REBOUND,
        Movement::Land => &LAND,
        Movement::Stand | Movement::Away | Movement::Flight => &[],
    }
}

const fn burst(on: f64, half: f64, peak: f64, off: f64, level: f64) -> Burst {
    Burst { on_percent: on, half_percent: half, peak_percent: peak, off_percent: off, level }
}

const PUSH: [(Muscle, Burst); 4] = [
    (Muscle::MG, burst(45.0, 70.0, 88.0, 103.0, 0.85)),
    (Muscle::LG, burst(45.0, 72.0, 89.0, 103.0, 0.70)),
    (Muscle::SOL, burst(30.0, 60.0, 84.0, 102.0, 0.75)),
    (Muscle::TA, burst(0.0, 12.0, 25.0, 45.0, 0.25)),
];

const REBOUND: [(Muscle, Burst); 4] = [
    (Muscle::MG, burst(-60.0, -5.0, 30.0, 95.0, 1.00)),
    (Muscle::LG, burst(-60.0, -4.0, 31.0, 95.0, 0.85)),
    (Muscle::SOL, burst(-45.0, 5.0, 38.0, 98.0, 0.85)),
    (Muscle::TA, burst(10.0, 30.0, 50.0, 90.0, 0.10)),
];

const LAND: [(Muscle, Burst); 4] = [
    (Muscle::MG, burst(-25.0, -3.0, 12.0, 45.0, 0.70)),
    (Muscle::LG, burst(-25.0, -3.0, 12.0, 45.0, 0.60)),
    (Muscle::SOL, burst(-18.0, 2.0, 16.0, 60.0, 0.60)),
    (Muscle::TA, burst(0.0, 10.0, 25.0, 60.0, 0.30)),
];

/// Knee flexion through a movement: fraction of its duration, degrees.
pub fn knee(movement: Movement, style: Style) -> &'static [(f64, f64)] {
    match (movement, style) {
        (Movement::Stand, Style::Squat) => &[(0.9, 90.0)],
        (Movement::Stand, _) => &[(0.0, 5.0), (1.0, 5.0)],
        (Movement::Away, _) => &[(0.0, 5.0), (0.9, 5.0)],
        (Movement::Push { countermovement: true }, _) => &[(0.0, 5.0), (0.70, 85.0), (1.0, 10.0)],
        (Movement::Push { countermovement: false }, _) => &[(0.0, 90.0), (1.0, 10.0)],
        (Movement::Flight, _) => &[],
        (Movement::Rebound, Style::Drop(_)) => &[(0.0, 25.0), (0.5, 60.0), (1.0, 15.0)],
        (Movement::Rebound, _) => &[(0.0, 18.0), (0.5, 34.0), (1.0, 15.0)],
        (Movement::Land, _) => &[(0.0, 14.0), (0.4, 55.0), (1.0, 5.0)],
    }
}

pub const COUNTERMOVEMENT_JUMP: Jumps = Jumps {
    style: Style::Countermovement,
    quiet_s: 3.0,
    rest_s: 3.0,
    take_off_mps: 2.5,
    take_off_cv: 0.03,
    sources: &[
        "chosen: take-off at 2.5 m/s (0.319 m), all durations, forces, the knee and the bursts",
        "soleus before gastrocnemius in the push-off: chosen",
    ],
};

pub const SQUAT_JUMP: Jumps = Jumps { style: Style::Squat, take_off_mps: 2.3, ..COUNTERMOVEMENT_JUMP };

pub const DROP_JUMP: Jumps = Jumps {
    style: Style::Drop(0.30),
    quiet_s: 1.5,
    rest_s: 3.0,
    take_off_mps: 2.2,
    take_off_cv: 0.03,
    sources: &["chosen: drop from 0.30 m, contact 0.2 s, all forces, the knee and the bursts"],
};

pub const HOPS: Jumps = Jumps {
    style: Style::Hops(12),
    quiet_s: 3.0,
    rest_s: 3.0,
    take_off_mps: 1.2,
    take_off_cv: 0.03,
    sources: &[
        "preferred hopping at about 2 Hz: Funase 2001",
        "chosen: contact 0.25 s, all forces, knee, bursts",
    ],
};
