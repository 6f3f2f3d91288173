//! What the inertial sensors of an emulated Trigno would feel: thighs and shanks that swing in one plane as a trial's knee angles say.
//!
//! The hip stands still and the thigh swings by a part of the knee's flexion, so that both segments turn. A stand-in for trying Surae,
//! not a model of walking.

use std::fmt::Write as _;
use surae_gait::inertial::GRAVITY;
use surae_io::device::trigno::{AUX_CHANNELS, AUX_OF_SENSOR};
use surae_trial::{Side, Stream, Trial};

/// Part of the knee's flexion by which the thigh swings.
const THIGH: f64 = 0.4;

/// From hip to knee, and from hip and knee to the sensor below it, m.
const THIGH_M: f64 = 0.42;
const SENSOR_M: [f64; 2] = [0.25, 0.15];

/// Half the time over which a velocity or acceleration is taken, s.
const HALF_STEP_S: f64 = 0.01;

/// Half the time over which a knee angle is averaged, s: between its samples it would turn in corners.
const SMOOTH_S: f64 = 0.02;

/// The sensor (from 1 on) on the thigh of a leg; the next one is on its shank.
fn thigh_of(side: Side) -> usize {
    match side {
        Side::Right => 9,
        Side::Left => 11,
    }
}

/// The knee of a leg.
struct Knee {
    side: Side,
    flexion_deg: Vec<f64>,
    rate_hz: f64,
    mean_deg: f64,
}

impl Knee {
    fn flexion_deg(&self, time_s: f64) -> f64 {
        let last = (self.flexion_deg.len() - 1) as f64;
        let at = |time_s: f64| {
            let place = (time_s * self.rate_hz).rem_euclid(last);
            let (n, part) = (place as usize, place.fract());
            self.flexion_deg[n] * (1.0 - part) + self.flexion_deg[n + 1] * part
        };
        (-4..=4).map(|k| at(time_s + f64::from(k) / 4.0 * SMOOTH_S)).sum::<f64>() / 9.0
    }

    /// How far thigh and shank are turned about the axis that points to the side, rad.
    fn pitch(&self, time_s: f64) -> [f64; 2] {
        let flexion = self.flexion_deg(time_s);
        let thigh = THIGH * (flexion - self.mean_deg);
        [thigh.to_radians(), (thigh - flexion).to_radians()]
    }

    /// Where both sensors are, backward and up from the hip, m.
    fn places(&self, time_s: f64) -> [[f64; 2]; 2] {
        let [thigh, shank] = self.pitch(time_s).map(|pitch| [-pitch.sin(), -pitch.cos()]);
        let along = |at: f64, from: [f64; 2], to: [f64; 2]| [from[0] + at * to[0], from[1] + at * to[1]];
        [along(SENSOR_M[0], [0.0; 2], thigh), along(SENSOR_M[1], along(THIGH_M, [0.0; 2], thigh), shank)]
    }

    /// Acceleration in g and angular velocity in deg/s of both sensors, which are strapped on with their third axis upwards.
    fn felt(&self, time_s: f64) -> [[f64; 6]; 2] {
        let (h, pitch) = (HALF_STEP_S, self.pitch(time_s));
        let (before, after) = (self.pitch(time_s - h), self.pitch(time_s + h));
        let places = [-h, 0.0, h].map(|by| self.places(time_s + by));
        [0, 1].map(|k| {
            let second = |axis: usize| {
                (places[0][k][axis] - 2.0 * places[1][k][axis] + places[2][k][axis]) / (h * h * GRAVITY)
            };
            let (back, up) = (second(0), second(1) + 1.0);
            let (sine, cosine) = pitch[k].sin_cos();
            let turn = ((after[k] - before[k]) / (2.0 * h)).to_degrees();
            [back * cosine - up * sine, 0.0, back * sine + up * cosine, 0.0, turn, 0.0]
        })
    }
}

/// Sensors on the legs of a trial.
pub(super) struct Inertia {
    knees: Vec<Knee>,
}

impl Inertia {
    pub(super) fn of(trial: &Trial) -> Self {
        let knee = |(stream, at): (&Stream, usize)| {
            let side = stream.channels[at].role.side?;
            let flexion_deg: Vec<f64> =
                stream.column(at).iter().map(|v| if v.is_finite() { *v } else { 0.0 }).collect();
            let mean_deg = flexion_deg.iter().sum::<f64>() / flexion_deg.len().max(1) as f64;
            (flexion_deg.len() > 1).then_some(Knee { side, flexion_deg, rate_hz: stream.rate_hz, mean_deg })
        };
        let mut knees: Vec<Knee> = Vec::new();
        for knee in super::rows::knees_of(trial).into_iter().filter_map(knee) {
            if knees.iter().all(|other| other.side != knee.side) {
                knees.push(knee);
            }
        }
        Self { knees }
    }

    /// The set of all sensors at a time, which wraps as the trial does: a sensor on no leg lies still.
    pub(super) fn set(&self, time_s: f64) -> Vec<f64> {
        let mut set = vec![0.0; AUX_CHANNELS];
        set.chunks_exact_mut(AUX_OF_SENSOR).for_each(|sensor| sensor[2] = 1.0);
        for knee in &self.knees {
            for (segment, felt) in knee.felt(time_s).iter().enumerate() {
                let at = (thigh_of(knee.side) - 1 + segment) * AUX_OF_SENSOR;
                set[at..at + felt.len()].copy_from_slice(felt);
            }
        }
        set
    }

    /// Where the sensors are, as entries of a map.
    pub(super) fn map(&self) -> String {
        let mut map = String::new();
        for Knee { side, .. } in &self.knees {
            for (segment, sensor) in [("thigh", thigh_of(*side)), ("shank", thigh_of(*side) + 1)] {
                for what in ["ACC", "GYRO"] {
                    for axis in ["X", "Y", "Z"] {
                        // Writing into a String cannot fail.
                        let _ = write!(
                            map,
                            "\n[[channel]]\nlabel = \"S{sensor} {what} {axis}\"\nname = \"{side} {segment} {what} {axis}\"\n"
                        );
                    }
                }
            }
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knee(flexion_deg: impl Fn(f64) -> f64) -> Knee {
        let flexion_deg = (0..2000).map(|k| flexion_deg(f64::from(k) * 0.01)).collect();
        Knee { side: Side::Right, flexion_deg, rate_hz: 100.0, mean_deg: 30.0 }
    }

    #[test]
    fn at_rest_there_is_gravity_alone() {
        let inertia = Inertia { knees: vec![knee(|_| 40.0)] };
        let set = inertia.set(3.0);
        // Thigh 4 deg, shank 36 deg the other way.
        let [thigh, shank] = [4.0_f64, -36.0].map(f64::to_radians);
        for (sensor, pitch) in [(9, thigh), (10, shank), (1, 0.0)] {
            let felt = &set[(sensor - 1) * AUX_OF_SENSOR..][..6];
            let wanted = [-pitch.sin(), 0.0, pitch.cos(), 0.0, 0.0, 0.0];
            assert!(felt.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9), "{felt:?} {wanted:?}");
        }
    }

    /// Against the pendulum's equations: a thigh that turns at the hip feels r w^2 towards it and r dw/dt across.
    #[test]
    fn a_swinging_thigh_feels_a_pendulum() {
        let rate = 2.0;
        let inertia = Inertia { knees: vec![knee(|t| 30.0 + 25.0 * (rate * t).sin())] };
        for k in 10..150 {
            let t = f64::from(k) * 0.05;
            let amplitude = (THIGH * 25.0).to_radians();
            let (pitch, turn) = (amplitude * (rate * t).sin(), amplitude * rate * (rate * t).cos());
            let bend = -amplitude * rate * rate * (rate * t).sin();
            let set = inertia.set(t);
            let felt = &set[8 * AUX_OF_SENSOR..];
            let r = SENSOR_M[0] / GRAVITY;
            assert!((felt[0] - (-pitch.sin() - r * bend)).abs() < 2e-3, "{t} s: {}", felt[0]);
            assert!((felt[2] - (pitch.cos() + r * turn * turn)).abs() < 2e-3, "{t} s: {}", felt[2]);
            assert!((felt[4] - turn.to_degrees()).abs() < 0.2, "{t} s: {}", felt[4]);
        }
    }
}
