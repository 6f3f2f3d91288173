//! Gait events, jumps and marks.

use crate::{Seconds, Side};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The foot meets the ground.
    FootContact,
    /// The foot leaves the ground.
    FootOff,
    /// Take-off of a jump.
    TakeOff,
    /// Landing of a jump.
    Landing,
    /// A mark set by a person or a trigger.
    Mark,
}

impl EventKind {
    /// The word used in JSON and in messages to other programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FootContact => "foot_contact",
            Self::FootOff => "foot_off",
            Self::TakeOff => "take_off",
            Self::Landing => "landing",
            Self::Mark => "mark",
        }
    }
}

/// Where an event comes from. Events of several sources stand side by side; none deletes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSource {
    /// Stored in the file by its author.
    File,
    /// Vertical force of a plate over its threshold.
    ForcePlate,
    /// A foot switch.
    FootSwitch,
    /// Marker trajectories.
    Kinematic,
    /// Angular velocity of the shank.
    Gyro,
    /// The EMG itself (no stance, no foot off).
    Emg,
    /// Entered during the session.
    User,
}

impl EventSource {
    /// The word used in JSON and in text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::ForcePlate => "force_plate",
            Self::FootSwitch => "foot_switch",
            Self::Kinematic => "kinematic",
            Self::Gyro => "gyro",
            Self::Emg => "emg",
            Self::User => "user",
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Seconds from trial start.
    pub time_s: Seconds,
    /// What happened.
    pub kind: EventKind,
    /// The leg; `None` where the source does not say.
    pub side: Option<Side>,
    /// Where it comes from.
    pub source: EventSource,
    /// The source's own name for it (`"Foot Strike"`, `"mark 3"`), or empty.
    pub label: String,
}
