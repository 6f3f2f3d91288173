//! The knee angle from two inertial sensors against a simulated leg whose angle is known: bias, noise, sensors strapped on anyhow, and
//! skin that moves over the bone. The simulation knows nothing of the estimator: orientations are matrices, rates and accelerations are
//! differences of them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::needless_range_loop,
    reason = "a missing part fails the test; the errors are what docs/validation.md quotes"
)]

use surae_gait::knee::{add_knee_angles, source};
use surae_trial::{Channel, Kind, Role, Samples, Seconds, Side, Stream, Trial, Unit};

type Matrix = [[f64; 3]; 3];

const RATE_HZ: f64 = 100.0;
const STRIDE_S: f64 = 1.1;
/// Standing still before the walk.
const STANDING_S: f64 = 4.0;

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    [0, 1, 2].map(|r: usize| [0, 1, 2].map(|c: usize| (0..3).map(|k| a[r][k] * b[k][c]).sum()))
}

fn transposed(a: &Matrix) -> Matrix {
    [0, 1, 2].map(|r: usize| [0, 1, 2].map(|c: usize| a[c][r]))
}

fn apply(a: &Matrix, v: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|r: usize| (0..3).map(|k| a[r][k] * v[k]).sum())
}

fn turn(axis: usize, deg: f64) -> Matrix {
    let (s, c) = deg.to_radians().sin_cos();
    match axis {
        0 => [[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]],
        1 => [[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]],
        _ => [[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]],
    }
}

/// From standing to walking over one second.
fn walking(t: f64) -> f64 {
    let u = ((t - STANDING_S) / 1.0).clamp(0.0, 1.0);
    u * u * (3.0 - 2.0 * u)
}

fn phase(t: f64) -> f64 {
    std::f64::consts::TAU * (t - STANDING_S) / STRIDE_S
}

/// Knee flexion of free walking: five harmonics of a periodic curve through the values of Schwartz 2008 (5.6 deg at contact, 19.3 at 12 %,
/// 6.2 at 40, 11.6 at 50, 33.9 at 60, 59.1 at 72).
fn knee_deg(t: f64) -> f64 {
    let harmonics = [(17.07, 1.738), (16.52, -2.631), (4.29, -1.681), (0.79, -1.406), (0.42, -1.604)];
    let wave: f64 = harmonics
        .iter()
        .zip(1..)
        .map(|((size, shift), k)| size * (f64::from(k) * phase(t) + shift).cos())
        .sum();
    walking(t) * (22.56 + wave)
}

/// Thigh forward of the vertical.
fn thigh_deg(t: f64) -> f64 {
    walking(t) * (8.0 + 22.0 * phase(t).cos() + 4.0 * (2.0 * phase(t) + 0.4).cos())
}

/// Way of walking: heading wanders, the leg sways out of the plane.
fn heading_deg(t: f64) -> f64 {
    walking(t) * (25.0 * (0.11 * t).sin() + 3.0 * phase(t).sin())
}

fn sway_deg(t: f64) -> f64 {
    walking(t) * 4.0 * (phase(t) + 1.0).sin()
}

fn hip(t: f64) -> [f64; 3] {
    let w = walking(t);
    [1.2 * w * (t - STANDING_S), 0.03 * w * phase(t).sin(), 0.95 + 0.02 * w * (2.0 * phase(t)).sin()]
}

fn thigh(t: f64) -> Matrix {
    product(&product(&turn(2, heading_deg(t)), &turn(0, sway_deg(t))), &turn(1, -thigh_deg(t)))
}

fn shank(t: f64) -> Matrix {
    product(&thigh(t), &turn(1, knee_deg(t)))
}

/// Movement of the skin under a sensor: `size_deg` at contact, dying away.
fn skin(t: f64, size_deg: f64, axis: usize) -> Matrix {
    let since = (phase(t).rem_euclid(std::f64::consts::TAU)) / std::f64::consts::TAU * STRIDE_S;
    let wobble = (-since / 0.08).exp() * (std::f64::consts::TAU * 9.0 * since).sin();
    let slow = 0.5 * (phase(t) + 0.5).sin();
    turn(axis, walking(t) * size_deg * (wobble + slow))
}

/// What is wrong with the sensors.
#[derive(Clone, Copy)]
struct Faults {
    mounting: [[f64; 3]; 2],
    bias_deg_s: f64,
    gyro_noise_deg_s: f64,
    acc_noise_m_s2: f64,
    skin_deg: f64,
}

struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as f64 + 0.5) / f64::from(1_u32 << 31)
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Gyroscope in deg/s and accelerometer in g of a sensor on a segment.
fn sensor(
    seconds: f64,
    segment: fn(f64) -> Matrix,
    place: fn(f64) -> [f64; 3],
    faults: &Faults,
    which: usize,
    random: &mut Random,
) -> Vec<[f64; 6]> {
    let [a, b, c] = faults.mounting[which];
    let mounting = product(&product(&turn(2, a), &turn(1, b)), &turn(0, c));
    let frame = |t: f64| product(&product(&segment(t), &skin(t, faults.skin_deg, which)), &mounting);
    let bias = [0.9, -0.7, 0.5].map(|b| faults.bias_deg_s * b * if which == 0 { 1.0 } else { -0.8 });
    let h = 5e-4;
    (0..(RATE_HZ * seconds) as usize)
        .map(|i| {
            let t = i as f64 / RATE_HZ;
            let (before, now, after) = (frame(t - h), frame(t), frame(t + h));
            let change: Matrix =
                [0, 1, 2].map(|r: usize| [0, 1, 2].map(|c: usize| (after[r][c] - before[r][c]) / (2.0 * h)));
            let w = product(&transposed(&now), &change);
            let rate = [w[2][1], w[0][2], w[1][0]];
            let (p0, p1, p2) = (place(t - h), place(t), place(t + h));
            let force = [0, 1, 2].map(|k: usize| {
                (p2[k] - 2.0 * p1[k] + p0[k]) / (h * h) + if k == 2 { 9.806_65 } else { 0.0 }
            });
            let acc = apply(&transposed(&now), force);
            let mut out = [0.0; 6];
            for k in 0..3 {
                out[k] = rate[k].to_degrees() + bias[k] + faults.gyro_noise_deg_s * random.normal();
                out[3 + k] = (acc[k] + faults.acc_noise_m_s2 * random.normal()) / 9.806_65;
            }
            out
        })
        .collect()
}

fn on_thigh(t: f64) -> [f64; 3] {
    let (h, d) = (hip(t), apply(&thigh(t), [0.05, 0.0, -0.25]));
    [0, 1, 2].map(|k: usize| h[k] + d[k])
}

fn on_shank(t: f64) -> [f64; 3] {
    let (h, knee, d) = (hip(t), apply(&thigh(t), [0.0, 0.0, -0.42]), apply(&shank(t), [0.04, 0.0, -0.2]));
    [0, 1, 2].map(|k: usize| h[k] + knee[k] + d[k])
}

fn trial(faults: &Faults, seconds: f64) -> Trial {
    let mut random = Random(11);
    let upper = sensor(seconds, thigh, on_thigh, faults, 0, &mut random);
    let lower = sensor(seconds, shank, on_shank, faults, 1, &mut random);
    let mut channels = Vec::new();
    for segment in ["thigh", "shank"] {
        for (kind, word, unit) in
            [(Kind::Gyro, "gyro", Unit::DegreePerSecond), (Kind::Acceleration, "acc", Unit::Gravity)]
        {
            for axis in ["x", "y", "z"] {
                let role = Role { kind, ..Role::unknown("simulated") };
                channels.push(Channel::new(format!("R {segment} {word} {axis}"), role, unit.clone()));
            }
        }
    }
    let samples = upper.iter().zip(&lower).flat_map(|(a, b)| a.iter().chain(b).copied()).collect();
    Trial {
        streams: vec![Stream {
            name: "imu".into(),
            rate_hz: RATE_HZ,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels,
            samples: Samples::F64(samples),
            gaps: Vec::new(),
            times_s: Vec::new(),
        }],
        ..Trial::default()
    }
}

/// Root mean square error and mean error of some seconds of walking.
fn error(deg: &[f64], from_s: f64, to_s: f64) -> [f64; 2] {
    let range = (from_s * RATE_HZ) as usize..(to_s * RATE_HZ) as usize;
    let n = range.len() as f64;
    let (mut squares, mut sum) = (0.0, 0.0);
    for i in range {
        let e = deg[i] - knee_deg(i as f64 / RATE_HZ);
        squares += e * e;
        sum += e;
    }
    [(squares / n).sqrt(), sum / n]
}

fn angle(trial: &mut Trial) -> Vec<f64> {
    add_knee_angles(trial, None, None);
    let found = source(trial, Side::Right).unwrap_or_else(|| panic!("{:?}", trial.notes));
    assert!(found.text.contains("inertial sensors"), "{}", found.text);
    trial.streams[found.stream].column(found.channel)
}

const STRAIGHT: [[f64; 3]; 2] = [[0.0; 3]; 2];
const ANYHOW: [[f64; 3]; 2] = [[37.0, -58.0, 121.0], [-103.0, 24.0, 66.0]];

#[test]
fn a_simulated_knee_is_followed_without_drift() {
    let clean = Faults {
        mounting: STRAIGHT,
        bias_deg_s: 0.0,
        gyro_noise_deg_s: 0.0,
        acc_noise_m_s2: 0.0,
        skin_deg: 0.0,
    };
    let noisy = Faults { bias_deg_s: 1.0, gyro_noise_deg_s: 0.2, acc_noise_m_s2: 0.1, ..clean };
    let anyhow = Faults { mounting: ANYHOW, ..noisy };
    let skin = Faults { skin_deg: 3.0, ..anyhow };
    for (name, faults, limit_deg) in [
        ("clean, aligned", clean, 1.0),
        ("bias 1 deg/s, noise", noisy, 1.5),
        ("and strapped on anyhow", anyhow, 1.5),
        ("and skin moving by 3 deg", skin, 3.0),
    ] {
        let deg = angle(&mut trial(&faults, 60.0));
        let whole = error(&deg, 0.0, 60.0)[0];
        println!("{name}, 1 min: RMSE {whole:.2} deg");
        assert!(whole < limit_deg, "{name}: {whole:.2} deg");
    }
}

#[test]
fn ten_minutes_with_everything_wrong_do_not_drift() {
    let faults = Faults {
        mounting: ANYHOW,
        bias_deg_s: 1.0,
        gyro_noise_deg_s: 0.2,
        acc_noise_m_s2: 0.1,
        skin_deg: 3.0,
    };
    let deg = angle(&mut trial(&faults, 600.0));
    let ([whole, _], [early, start], [late, end]) =
        (error(&deg, 0.0, 600.0), error(&deg, 5.0, 65.0), error(&deg, 540.0, 600.0));
    println!(
        "10 min: RMSE {whole:.2} deg, first minute {early:.2}, last {late:.2}; mean error {start:.2} to {end:.2} deg"
    );
    assert!(whole <= 3.0 && late <= 3.0, "{whole:.2} {late:.2} deg");
    assert!((end - start).abs() < 0.5, "drifts from {start:.2} to {end:.2} deg");
}
