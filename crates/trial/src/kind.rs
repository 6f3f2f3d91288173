//! What a channel holds, and in which unit.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What the numbers of a channel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Surface EMG as the amplifier gave it, both signs.
    RawEmg,
    /// EMG that the source rectified: no band-pass, spectrum or TKEO may be computed from it.
    RectifiedEmg,
    /// EMG that the source rectified and smoothed: no band-pass, spectrum or TKEO may be computed from it.
    Envelope,
    /// A joint angle.
    Angle,
    /// Angular velocity.
    Gyro,
    /// Acceleration.
    Acceleration,
    /// A coordinate of a marker kept as a channel.
    Marker,
    /// A force component, or a raw channel of a force plate.
    Force,
    /// A moment component.
    Moment,
    /// A foot switch: pressed when above half of its range.
    Switch,
    /// A channel of event codes.
    Event,
    /// A device sample counter.
    Counter,
    /// A device clock.
    DeviceTime,
    /// Not understood; kept, shown, never used.
    Unknown,
}

impl Kind {
    /// EMG of any form.
    #[must_use]
    pub fn is_emg(self) -> bool {
        matches!(self, Self::RawEmg | Self::RectifiedEmg | Self::Envelope)
    }

    /// The word used in JSON and in text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RawEmg => "raw_emg",
            Self::RectifiedEmg => "rectified_emg",
            Self::Envelope => "envelope",
            Self::Angle => "angle",
            Self::Gyro => "gyro",
            Self::Acceleration => "acceleration",
            Self::Marker => "marker",
            Self::Force => "force",
            Self::Moment => "moment",
            Self::Switch => "switch",
            Self::Event => "event",
            Self::Counter => "counter",
            Self::DeviceTime => "device_time",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The joint of an angle channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joint {
    /// Knee: 0 = straight, flexion positive.
    Knee,
    /// Ankle: 0 = foot at a right angle to the shank, dorsiflexion positive.
    Ankle,
    /// Hip: 0 = thigh in line with the trunk, flexion positive.
    Hip,
}

/// The unit of a channel's physical values.
///
/// A unit that the source does not state or that cannot be believed is [`Unit::Arbitrary`]; it is never
/// silently labelled as volts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Unit {
    /// V.
    Volt,
    /// mV.
    Millivolt,
    /// uV.
    Microvolt,
    /// deg.
    Degree,
    /// rad.
    Radian,
    /// deg/s.
    DegreePerSecond,
    /// N.
    Newton,
    /// N mm.
    NewtonMillimetre,
    /// N m.
    NewtonMetre,
    /// m.
    Metre,
    /// mm.
    Millimetre,
    /// Standard gravity.
    Gravity,
    /// s.
    Second,
    /// Analog-to-digital counts.
    Count,
    /// A ratio, such as an envelope divided by its reference (1 = 100 %).
    Ratio,
    /// Unknown scale: values may be compared within a channel only.
    #[default]
    Arbitrary,
    /// Stated by the source, not known here; kept as written.
    Other(String),
}

impl Unit {
    /// The symbol used in JSON, tables and axes; plain ASCII (`uV`).
    #[must_use]
    pub fn symbol(&self) -> &str {
        match self {
            Self::Volt => "V",
            Self::Millivolt => "mV",
            Self::Microvolt => "uV",
            Self::Degree => "deg",
            Self::Radian => "rad",
            Self::DegreePerSecond => "deg/s",
            Self::Newton => "N",
            Self::NewtonMillimetre => "N mm",
            Self::NewtonMetre => "N m",
            Self::Metre => "m",
            Self::Millimetre => "mm",
            Self::Gravity => "g",
            Self::Second => "s",
            Self::Count => "count",
            Self::Ratio => "1",
            Self::Arbitrary => "a.u.",
            Self::Other(text) => text,
        }
    }

    /// Reads a unit as files write it (`"mV"`, `"µV"`, `"uV"`, `"Nmm"`, `"deg"`); unknown text is kept in
    /// [`Unit::Other`], empty text is [`Unit::Arbitrary`]. Case matters only where it must (`mV`/`MV`).
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
        match compact.as_str() {
            "V" | "v" | "Volt" | "volt" | "Volts" | "volts" => Self::Volt,
            "mV" | "mv" | "millivolt" | "millivolts" => Self::Millivolt,
            "uV" | "µV" | "μV" | "uv" | "microvolt" | "microvolts" => Self::Microvolt,
            "deg" | "degree" | "degrees" | "Degree" | "Degrees" | "Deg" | "°" => Self::Degree,
            "rad" | "radian" | "radians" | "Rad" => Self::Radian,
            "deg/s" | "°/s" | "dps" => Self::DegreePerSecond,
            "N" | "newton" | "newtons" | "Newton" => Self::Newton,
            "Nmm" | "N*mm" | "N-mm" => Self::NewtonMillimetre,
            "Nm" | "N*m" | "N-m" => Self::NewtonMetre,
            "m" | "metre" | "meter" | "meters" => Self::Metre,
            "mm" | "millimetre" | "millimeter" => Self::Millimetre,
            "g" | "G" => Self::Gravity,
            "s" | "sec" | "second" | "seconds" => Self::Second,
            "count" | "counts" | "bits" | "adc" | "ADC" => Self::Count,
            "1" => Self::Ratio,
            "" | "au" | "AU" => Self::Arbitrary,
            _ => Self::Other(text.trim().to_owned()),
        }
    }

    /// Volts per unit, for the voltage units; `None` otherwise.
    #[must_use]
    pub fn volts(&self) -> Option<f64> {
        match self {
            Self::Volt => Some(1.0),
            Self::Millivolt => Some(1e-3),
            Self::Microvolt => Some(1e-6),
            _ => None,
        }
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> Self {
        unit.symbol().to_owned()
    }
}

impl From<String> for Unit {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_reads_back_as_its_unit() {
        let units = [
            Unit::Volt,
            Unit::Millivolt,
            Unit::Microvolt,
            Unit::Degree,
            Unit::Radian,
            Unit::DegreePerSecond,
            Unit::Newton,
            Unit::NewtonMillimetre,
            Unit::NewtonMetre,
            Unit::Metre,
            Unit::Millimetre,
            Unit::Gravity,
            Unit::Second,
            Unit::Count,
            Unit::Ratio,
            Unit::Arbitrary,
        ];
        for unit in units {
            assert_eq!(Unit::parse(unit.symbol()), unit);
        }
        assert_eq!(Unit::parse("furlong"), Unit::Other("furlong".to_owned()));
    }
}
