//! A calibration as a person does it who is told to: rest, knee straight and bent, maximal contractions in three postures, heel
//! raises with a straight knee. The windows are those of `surae calibrate --auto --pause 3`, so that the emulator can stand in for
//! the person.

use super::Request;
use super::curve::half_cosine;
use super::legs::{Leg, MUSCLES};
use serde::Serialize;
use std::collections::BTreeMap;
use surae_trial::{Goniometer, Side, Unit};

/// Time before each recording, in s.
pub const PAUSE_S: f64 = 3.0;
/// Duration of the scenario: all windows, and 5 s after the last one.
pub const DURATION_S: f64 = 15.0 * PAUSE_S - PAUSE_S + 5.0 + 2.0 * 3.0 + 9.0 * 5.0 + 20.0 + 5.0;
/// What the goniometer reads at 0 and 90 deg, in V (chosen).
const GONIOMETER_V: [f64; 2] = [0.6, 2.4];
/// Rise and fall of a maximal contraction, and how long before its window's end it ends, in s (chosen).
const RAMP_S: f64 = 0.5;
/// Drive of MG, LG, SOL and TA in heel raises with a straight knee (chosen).
const STRAIGHT: [f64; 4] = [0.27, 0.27, 0.22, 0.03];
/// Heel raises: first one after the start of the window, distance, duration, in s.
const RAISES: (f64, f64, f64) = (1.5, 3.5, 2.0);
/// Number of heel raises.
const N_RAISES: usize = 5;
/// How much weaker the repetitions of a maximum are than the best one (chosen).
const REPETITIONS: [f64; 3] = [0.97, 1.0, 0.95];

/// One recording.
#[derive(Clone, Debug)]
struct Window {
    name: &'static str,
    from_s: f64,
    to_s: f64,
    /// Drive of each muscle of [`MUSCLES`] while it is held.
    drive: [f64; 4],
    knee_deg: f64,
}

/// The recordings of a calibration.
#[derive(Clone, Debug)]
pub struct Steps {
    windows: Vec<Window>,
    /// Where the numbers come from.
    pub sources: &'static [&'static str],
}

/// One recording as it was put in.
#[derive(Debug, Serialize)]
pub struct StepTruth {
    name: &'static str,
    start_s: f64,
    end_s: f64,
    drive: BTreeMap<&'static str, f64>,
    knee_deg: f64,
}

impl Steps {
    /// The steps in the order of `surae calibrate`.
    pub fn new() -> Self {
        let mut windows: Vec<Window> = Vec::new();
        let mut add = |name, duration_s: f64, drive, knee_deg| {
            let from_s = windows.last().map_or(0.0, |last| last.to_s) + PAUSE_S;
            windows.push(Window { name, from_s, to_s: from_s + duration_s, drive, knee_deg });
        };
        add("rest", 5.0, [0.0; 4], 0.0);
        add("gonio0", 3.0, [0.0; 4], 0.0);
        add("gonio90", 3.0, [0.0; 4], 90.0);
        let postures = [
            ("mvc standing", [1.0, 1.0, 0.8, 0.04], 0.0),
            ("mvc seated", [0.4, 0.4, 1.0, 0.04], 90.0),
            ("mvc dorsiflexion", [0.05, 0.05, 0.05, 1.0], 90.0),
        ];
        for (name, drive, knee_deg) in postures {
            for part in REPETITIONS {
                add(name, 5.0, drive.map(|level| level * part), knee_deg);
            }
        }
        add("straight", 20.0, STRAIGHT, 0.0);
        Self {
            windows,
            sources: &[
                "postures and 5 s of contraction: METHOD 2.2 (soleus seated, gastrocnemius standing)",
                "chosen: all levels, and a goniometer of 0.6 V straight and 2.4 V at 90 deg",
            ],
        }
    }

    /// ln(G/S) of the heel raises: both heads have the same drive.
    pub fn straight_log_ratio(&self) -> f64 {
        (STRAIGHT[0] / STRAIGHT[2]).ln()
    }

    /// What is in the truth.
    pub fn truth(&self) -> Vec<StepTruth> {
        let of = |window: &Window| StepTruth {
            name: window.name,
            start_s: window.from_s,
            end_s: window.to_s,
            drive: MUSCLES.iter().map(|muscle| muscle.short()).zip(window.drive).collect(),
            knee_deg: window.knee_deg,
        };
        self.windows.iter().map(of).collect()
    }

    /// Drive and knee angle over the trial.
    pub fn leg(&self, request: &Request, side: Side) -> Leg {
        let frames = super::frames(request);
        let sampled = |muscle: usize| {
            (0..frames).map(|k| self.drive(muscle, k as f64 / request.rate_hz)).collect::<Vec<f64>>()
        };
        let aux_rate_hz = 100.0;
        let knee_deg = (0..(request.duration_s * aux_rate_hz).round() as usize)
            .map(|k| (self.knee_deg(k as f64 / aux_rate_hz) * 100.0).round() / 100.0)
            .collect();
        Leg {
            side,
            drive: std::array::from_fn(sampled),
            knee_deg,
            switch: None,
            aux_rate_hz,
            spans: Vec::new(),
        }
    }

    fn drive(&self, muscle: usize, time_s: f64) -> f64 {
        let Some(window) = self.windows.iter().find(|w| (w.from_s..w.to_s).contains(&time_s)) else {
            return 0.0;
        };
        let bump = |from_s: f64, to_s: f64, ramp_s: f64| {
            half_cosine((time_s - from_s).min(to_s - time_s).max(0.0) / ramp_s)
        };
        let shape = if window.name == "straight" {
            let (first, distance, length) = RAISES;
            (0..N_RAISES)
                .map(|k| window.from_s + first + k as f64 * distance)
                .map(|from_s| bump(from_s, from_s + length, length / 2.0))
                .fold(0.0, f64::max)
        } else {
            bump(window.from_s + RAMP_S, window.to_s - RAMP_S, RAMP_S)
        };
        window.drive[muscle] * shape
    }

    /// The knee goes to the next position within the first two seconds of the pause.
    fn knee_deg(&self, time_s: f64) -> f64 {
        let next = self.windows.iter().position(|w| time_s < w.to_s).unwrap_or(self.windows.len() - 1);
        let before = if next == 0 { 0.0 } else { self.windows[next - 1].knee_deg };
        let turned = half_cosine((time_s - (self.windows[next].from_s - PAUSE_S)) / (PAUSE_S - 1.0));
        // Slow sway of 0.3 deg (chosen).
        let sway = 0.3 * (std::f64::consts::TAU * 0.3 * time_s).sin();
        before + (self.windows[next].knee_deg - before) * turned + sway
    }
}

/// What the goniometer of a leg reads at the EMG rate, in steps of a 10-bit converter of 5 V.
pub fn goniometer_volts(leg: &Leg, frames: usize, rate_hz: f64) -> Vec<f64> {
    const STEP_V: f64 = 5.0 / 1023.0;
    (0..frames)
        .map(|k| {
            let at = (k as f64 / rate_hz * leg.aux_rate_hz) as usize;
            let deg = leg.knee_deg.get(at).or(leg.knee_deg.last()).copied().unwrap_or(0.0);
            let volts = GONIOMETER_V[0] + (GONIOMETER_V[1] - GONIOMETER_V[0]) * deg / 90.0;
            ((volts / STEP_V).round() * STEP_V * 1e4).round() / 1e4
        })
        .collect()
}

/// Its calibration.
pub fn goniometer(side: Side) -> Goniometer {
    let initial = super::initial(side);
    Goniometer {
        side,
        label: format!("{initial} goniometer"),
        at_0_deg: GONIOMETER_V[0],
        at_90_deg: GONIOMETER_V[1],
        unit: Unit::Volt,
    }
}
