//! Jumps: flights, phases, heights, and the timing of the calf against take-off (METHOD 6.2, R15).
//!
//! A flight lies between two loaded phases. Height comes from the flight time and, after quiet standing, from the impulse; both
//! are given side by side. Not for horizontal jumps, joint moments or power.

mod contact;
mod detect;
mod force;
mod muscle;
mod physics;
mod standing;
mod weighing;

pub use detect::{Found, find};
pub use force::{VerticalForce, vertical_force};
pub use muscle::{JumpPhaseRatio, JumpSide, MuscleBurst, jump_side};
pub use physics::{
    GRAVITY, drop_speed_mps, height_from_flight_m, height_from_speed_m, reactive_strength_mps,
    speed_from_impulse_mps,
};
pub use weighing::{Weighing, weigh};

use surae_trial::EventSource;

/// How a jump begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// From standing, going down first.
    Countermovement,
    /// From standing or a held squat, without going down.
    Squat,
    /// Out of a landing that no flight on the plate came before (from a box).
    Drop,
    /// Out of the landing of the flight before it.
    Rebound,
    /// The force before it is not known, or nobody stood still.
    Unknown,
}

impl Start {
    /// The word of the report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Countermovement => "countermovement",
            Self::Squat => "squat",
            Self::Drop => "drop",
            Self::Rebound => "rebound",
            Self::Unknown => "unknown",
        }
    }
}

/// A phase of a jump.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JumpPhase {
    /// `unweighting`, `braking`, `propulsion`, `flight`, `landing`; without force `knee_flexion`, `knee_extension`, `flight`.
    pub name: &'static str,
    /// Start in s.
    pub from_s: f64,
    /// End in s.
    pub to_s: f64,
}

/// What the impulse says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impulse {
    /// Take-off speed in m/s.
    pub take_off_mps: f64,
    /// What is left of the speed in the still second after landing, in m/s; 0 would be perfect.
    pub residual_mps: Option<f64>,
}

/// One jump.
#[derive(Clone, Debug, PartialEq)]
pub struct Jump {
    /// How it begins.
    pub start: Start,
    /// Where its times come from.
    pub source: EventSource,
    /// The rule that made the times, in words.
    pub rule: String,
    /// Landing out of which it begins.
    pub contact_s: Option<f64>,
    /// First movement after quiet standing.
    pub onset_s: Option<f64>,
    /// Take-off in s.
    pub take_off_s: f64,
    /// Landing in s.
    pub landing_s: f64,
    /// Quiet standing from which body mass is taken.
    pub weighing: Option<Weighing>,
    /// Result of the impulse, or why there is none.
    pub impulse: Result<Impulse, &'static str>,
    /// Speed of the landing out of which it begins, in m/s downwards, from its own flight and force.
    pub contact_speed_mps: Option<f64>,
    /// Phases in order.
    pub phases: Vec<JumpPhase>,
}

impl Jump {
    /// Time in the air in s.
    #[must_use]
    pub fn flight_time_s(&self) -> f64 {
        self.landing_s - self.take_off_s
    }

    /// Contact before take-off in s; only out of a landing.
    #[must_use]
    pub fn contact_time_s(&self) -> Option<f64> {
        self.contact_s.map(|contact| self.take_off_s - contact)
    }

    /// Where activity that belongs to this jump may begin, in s.
    #[must_use]
    pub fn begins_s(&self) -> f64 {
        self.contact_s.or(self.onset_s).unwrap_or(self.take_off_s - UNKNOWN_PUSH_S)
    }
}

/// Length of a push-off whose beginning is not known, in s.
pub(crate) const UNKNOWN_PUSH_S: f64 = 0.6;
