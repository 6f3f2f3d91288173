//! Grades, and why.

use std::fmt;

/// How far a channel can be trusted; the worst of its metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Grade {
    /// Nothing to hold against it.
    #[default]
    Good,
    /// Usable; say so beside the result.
    Fair,
    /// Not usable for a class.
    Bad,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Bad => "bad",
        })
    }
}

/// Why a channel is not `Good`. `Display` gives words for the user, with what to do.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// Noise floor, µV.
    Noise {
        /// RMS of the quietest windows, µV.
        floor_uv: f64,
    },
    /// Signal-to-noise ratio, dB.
    LowSnr {
        /// Active over quiet, dB.
        snr_db: f64,
    },
    /// The channel never rose above its floor.
    NoActivity,
    /// Mains hum and harmonics.
    Hum {
        /// Fundamental, Hz.
        mains_hz: f64,
        /// Share of the power, 0 to 1.
        ratio: f64,
    },
    /// Power below 20 Hz.
    Motion {
        /// Share of the power, 0 to 1.
        ratio: f64,
    },
    /// Samples at the rails, or equal at the extremes.
    Clipping {
        /// Share of the samples, 0 to 1.
        fraction: f64,
    },
    /// Samples that never came.
    Lost {
        /// Share of the samples, 0 to 1.
        fraction: f64,
    },
    /// A hole that is too long for its window to be used.
    LongGap {
        /// Longest gap, seconds.
        seconds: f64,
    },
    /// Nothing but the converter's own steps.
    ElectrodeOff,
    /// The offset uses up the range.
    Offset {
        /// Absolute mean over the range, 0 to 1.
        of_range: f64,
    },
    /// Spikes inside bursts.
    Spikes {
        /// Kurtosis within active windows.
        kurtosis: f64,
    },
    /// RMS outside what surface EMG gives.
    Amplitude {
        /// RMS of 20 to 450 Hz over the trial, µV.
        rms_uv: f64,
    },
    /// Two channels carry the same signal.
    Identical {
        /// Absolute correlation of the raw channels, 0 to 1.
        correlation: f64,
    },
    /// Two channels share part of their signal.
    Crosstalk {
        /// Largest absolute correlation within ±30 ms, 0 to 1.
        correlation: f64,
    },
}

impl Reason {
    /// A word for tables and JSON: `noise`, `snr`, `hum`, ... Never renamed.
    ///
    /// ```
    /// assert_eq!(surae_signal::quality::Reason::ElectrodeOff.code(), "electrode_off");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::Noise { .. } => "noise",
            Self::LowSnr { .. } => "snr",
            Self::NoActivity => "no_activity",
            Self::Hum { .. } => "hum",
            Self::Motion { .. } => "motion",
            Self::Clipping { .. } => "clipping",
            Self::Lost { .. } => "lost",
            Self::LongGap { .. } => "long_gap",
            Self::ElectrodeOff => "electrode_off",
            Self::Offset { .. } => "offset",
            Self::Spikes { .. } => "spikes",
            Self::Amplitude { .. } => "amplitude",
            Self::Identical { .. } => "identical",
            Self::Crosstalk { .. } => "crosstalk",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Noise { floor_uv } => {
                write!(
                    f,
                    "noise floor {floor_uv:.1} µV: clean the skin, press the electrodes on, check the reference"
                )
            }
            Self::LowSnr { snr_db } => {
                write!(
                    f,
                    "activity only {snr_db:.1} dB above the noise: check the placement, or record a stronger effort"
                )
            }
            Self::NoActivity => f.write_str("no activity seen yet: contract the muscle to check the channel"),
            Self::Hum { mains_hz, ratio } => write!(
                f,
                "mains hum, {:.0} % of the power at {mains_hz:.0} Hz: check the reference electrode and move cables from chargers",
                100.0 * ratio
            ),
            Self::Motion { ratio } => {
                write!(
                    f,
                    "motion, {:.0} % of the power below 20 Hz: tape the cables and electrodes down",
                    100.0 * ratio
                )
            }
            Self::Clipping { fraction } => {
                write!(f, "clipped, {:.2} % of the samples: lower the gain", 100.0 * fraction)
            }
            Self::Lost { fraction } => {
                write!(
                    f,
                    "lost data {:.1} %: move closer to the receiver or check the cable",
                    100.0 * fraction
                )
            }
            Self::LongGap { seconds } => {
                write!(f, "a gap of {:.0} ms: results around it are left out", 1000.0 * seconds)
            }
            Self::ElectrodeOff => {
                f.write_str("no signal, loose electrode? Press the electrodes on and check the lead")
            }
            Self::Offset { of_range } => {
                write!(f, "offset at {:.0} % of the range: check electrodes and reference", 100.0 * of_range)
            }
            Self::Spikes { kurtosis } => {
                write!(
                    f,
                    "spikes in the bursts (kurtosis {kurtosis:.1}): look for impacts or a loose contact"
                )
            }
            Self::Amplitude { rms_uv } => {
                write!(f, "RMS {rms_uv:.1} µV is unusual for surface EMG: check unit, gain and placement")
            }
            Self::Identical { correlation } => write!(
                f,
                "two channels carry the same signal (correlation {correlation:.2}): check for a short or a doubled channel"
            ),
            Self::Crosstalk { correlation } => {
                write!(f, "possible crosstalk (correlation {correlation:.2}): move the electrodes apart")
            }
        }
    }
}
