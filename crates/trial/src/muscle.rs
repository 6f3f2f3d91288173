//! Muscles and sides.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A muscle, by the short names of the field.
///
/// Only the calf and its neighbours are named one by one; everything else keeps its label and is
/// [`Muscle::Other`], which takes part in display and quality but never in dominance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Muscle {
    /// Medial gastrocnemius.
    MG,
    /// Lateral gastrocnemius.
    LG,
    /// Gastrocnemius whose head the source does not state; treated as a single head.
    GAS,
    /// Soleus.
    SOL,
    /// Tibialis anterior.
    TA,
    /// Peroneus (fibularis) longus.
    PL,
    /// Vastus medialis.
    VM,
    /// Vastus lateralis.
    VL,
    /// Rectus femoris.
    RF,
    /// Biceps femoris (lateral hamstrings).
    BF,
    /// Semitendinosus or semimembranosus (medial hamstrings).
    ST,
    /// Gluteus maximus.
    GMAX,
    /// Gluteus medius.
    GMED,
    /// Any other named muscle.
    Other,
}

impl Muscle {
    /// The two heads of gastrocnemius, and gastrocnemius of unstated head.
    #[must_use]
    pub fn is_gastrocnemius(self) -> bool {
        matches!(self, Self::MG | Self::LG | Self::GAS)
    }

    /// Part of the triceps surae: what dominance is computed from.
    #[must_use]
    pub fn is_triceps_surae(self) -> bool {
        self.is_gastrocnemius() || self == Self::SOL
    }

    /// The short name, as in reports: `MG`, `SOL`.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::MG => "MG",
            Self::LG => "LG",
            Self::GAS => "GAS",
            Self::SOL => "SOL",
            Self::TA => "TA",
            Self::PL => "PL",
            Self::VM => "VM",
            Self::VL => "VL",
            Self::RF => "RF",
            Self::BF => "BF",
            Self::ST => "ST",
            Self::GMAX => "GMAX",
            Self::GMED => "GMED",
            Self::Other => "other",
        }
    }

    /// The full English name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MG => "medial gastrocnemius",
            Self::LG => "lateral gastrocnemius",
            Self::GAS => "gastrocnemius, head not stated",
            Self::SOL => "soleus",
            Self::TA => "tibialis anterior",
            Self::PL => "peroneus longus",
            Self::VM => "vastus medialis",
            Self::VL => "vastus lateralis",
            Self::RF => "rectus femoris",
            Self::BF => "biceps femoris",
            Self::ST => "medial hamstrings",
            Self::GMAX => "gluteus maximus",
            Self::GMED => "gluteus medius",
            Self::Other => "other muscle",
        }
    }

    /// All muscles that have a short name of their own.
    pub const NAMED: [Self; 13] = [
        Self::MG,
        Self::LG,
        Self::GAS,
        Self::SOL,
        Self::TA,
        Self::PL,
        Self::VM,
        Self::VL,
        Self::RF,
        Self::BF,
        Self::ST,
        Self::GMAX,
        Self::GMED,
    ];

    /// The muscle of a short name (`"MG"`), case-insensitive; `None` for anything else.
    #[must_use]
    pub fn from_short(short: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|muscle| muscle.short().eq_ignore_ascii_case(short))
    }
}

impl fmt::Display for Muscle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

/// The leg a channel or an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The person's left.
    Left,
    /// The person's right.
    Right,
}

impl Side {
    /// Both sides, left first (the order of reports).
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// `"left"` or `"right"`, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The other leg.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
