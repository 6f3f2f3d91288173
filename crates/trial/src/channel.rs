//! A channel: label, meaning, unit and scale.

use crate::{Joint, Kind, Muscle, Side, Unit};
use serde::{Deserialize, Serialize};

/// How native values become physical ones: `physical = (native - offset) * gain`.
///
/// The one place where counts turn into units; native values are what is stored and recorded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Physical units per native unit.
    pub gain: f64,
    /// Native value of physical zero.
    pub offset: f64,
}

impl Scale {
    /// Native values are physical values.
    pub const IDENTITY: Self = Self { gain: 1.0, offset: 0.0 };

    /// The physical value of a native one; `NaN` stays `NaN`.
    #[must_use]
    pub fn physical(&self, native: f64) -> f64 {
        (native - self.offset) * self.gain
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self::IDENTITY
    }
}

/// What a channel was taken for, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// What the numbers are.
    pub kind: Kind,
    /// The muscle of an EMG channel.
    pub muscle: Option<Muscle>,
    /// The leg.
    pub side: Option<Side>,
    /// The joint of an angle channel.
    pub joint: Option<Joint>,
    /// Why, in words a user can check: `"label 'RSOL': R = right, SOL = soleus"`.
    pub reason: String,
}

impl Role {
    /// A channel that is kept and shown but not understood; `reason` says what was tried.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self { kind: Kind::Unknown, muscle: None, side: None, joint: None, reason: reason.into() }
    }
}

/// Where and with what the signal was picked up, as far as stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Electrode {
    /// Placement in words (`"SENIAM"`, `"SOL.lat"`).
    pub placement: Option<String>,
    /// Inter-electrode distance in mm.
    pub distance_mm: Option<f64>,
}

/// The amplifier, as far as stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Amplifier {
    /// Gain between electrode and the stated unit; `None` when not stated (the unit is then at the amplifier's output).
    pub gain: Option<f64>,
    /// Converter resolution in bits.
    pub resolution_bits: Option<u8>,
    /// Native value at the lower and upper rail, where known: for clipping.
    pub rails: Option<(f64, f64)>,
    /// True when physical values are volts at the electrode.
    pub input_referred: bool,
}

/// One channel of a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// The label as the source wrote it, trimmed.
    pub label: String,
    /// The source's longer description, or empty.
    pub description: String,
    /// What it was taken for, and why.
    pub role: Role,
    /// Unit of the physical values.
    pub unit: Unit,
    /// Native to physical.
    pub scale: Scale,
    /// Electrode, as far as stated.
    #[serde(default)]
    pub electrode: Electrode,
    /// Amplifier, as far as stated.
    #[serde(default)]
    pub amplifier: Amplifier,
}

impl Channel {
    /// A channel with the given label, role and unit, identity scale and nothing else stated.
    #[must_use]
    pub fn new(label: impl Into<String>, role: Role, unit: Unit) -> Self {
        Self {
            label: label.into(),
            description: String::new(),
            role,
            unit,
            scale: Scale::IDENTITY,
            electrode: Electrode::default(),
            amplifier: Amplifier::default(),
        }
    }

    /// True for EMG of the given muscle and side.
    #[must_use]
    pub fn is_emg_of(&self, muscle: Muscle, side: Side) -> bool {
        self.role.kind.is_emg() && self.role.muscle == Some(muscle) && self.role.side == Some(side)
    }

    /// True for an angle of the given joint and side.
    #[must_use]
    pub fn is_angle_of(&self, joint: Joint, side: Side) -> bool {
        self.role.kind == Kind::Angle && self.role.joint == Some(joint) && self.role.side == Some(side)
    }
}
