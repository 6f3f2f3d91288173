//! The knee angle from inertial sensors on thigh and shank: drift-free, whatever way the sensors are strapped on, without a magnetometer.
//!
//! Each sensor's orientation is by `vqf`; its heading drifts. The knee is a hinge to within a few degrees: its axis in both sensors is found from the
//! movement itself (`hinge`), and since both axes are one in space, their headings tell how far the two have drifted apart. The angle is the
//! twist of the shank against the thigh about that axis. Not for the ankle, and not for knees that hardly move.

mod hinge;
mod quaternion;
mod vqf;

use crate::emg::interpolate;
use crate::inertial::{Segment, Sensor, sensors};
use crate::stats::{mean, percentile};
use hinge::{Hinge, hinge};
use quaternion::{Quaternion, about, between, conjugate, product, rotate, twist};
use surae_trial::{Side, Trial};

/// Movement that an axis can be found from.
const SHORTEST_S: f64 = 5.0;
/// The heading difference drifts slowly: it is averaged over this time.
const HEADING_WINDOW_S: f64 = 4.0;
/// Angular velocity under which a segment stands still, and for how long.
const STILL_RAD_S: f64 = 0.12;
const STILL_S: f64 = 1.0;
/// A knee that moves less than this does not tell its axis.
const LEAST_RANGE_DEG: f64 = 15.0;
/// Share of the sway across the axis that does not fit a hinge, over which the angle is doubtful.
pub(super) const POOR_FIT_RAD_S: f64 = 0.6;

/// A knee angle from two sensors.
pub(super) struct ImuAngle {
    /// Flexion in deg, zeroed; `NaN` where samples were lost.
    pub flexion_deg: Vec<f64>,
    pub rate_hz: f64,
    pub start_s: f64,
    /// Which channels, in words.
    pub source: String,
    /// What was subtracted and by which method.
    pub zero_deg: f64,
    pub zero_method: &'static str,
    /// Root mean square of what does not fit a hinge.
    pub misfit_rad_s: f64,
}

/// The knee angle of a leg, or why there is none; `None` without sensors on both thigh and shank.
pub(super) fn knee_angle(trial: &Trial, side: Side) -> Option<Result<ImuAngle, String>> {
    let all = sensors(trial);
    let of = |segment| all.iter().find(|s| s.segment == segment && s.side == side);
    Some(from_sensors(of(Segment::Thigh)?, of(Segment::Shank)?))
}

fn from_sensors(thigh: &Sensor, shank: &Sensor) -> Result<ImuAngle, String> {
    if thigh.acc.is_empty() || shank.acc.is_empty() {
        return Err("an accelerometer is missing beside the gyroscope of thigh or shank".to_owned());
    }
    let n = thigh.gyro.len().min(thigh.acc.len());
    if (n as f64) < SHORTEST_S * thigh.rate_hz {
        return Err(format!("{SHORTEST_S} s of movement are needed to find the axis of the knee"));
    }
    let onto = |values: &[[f64; 3]]| on_clock_of(thigh, shank, values, n);
    let (shank_gyro, shank_acc) = (onto(&shank.gyro), onto(&shank.acc));
    let rate = thigh.rate_hz;
    let upper = vqf::orientations(&thigh.gyro[..n], &thigh.acc[..n], rate);
    let lower = vqf::orientations(&shank_gyro, &shank_acc, rate);
    let Some(mut found) = hinge(&thigh.gyro[..n], &shank_gyro) else {
        return Err("the leg hardly moves, so the axis of the knee cannot be found".to_owned());
    };
    let mut headings = heading_difference(&upper, &lower, &found, rate);
    if push_opposite(&upper, &lower, &thigh.acc[..n], &shank_acc, &headings) {
        found.axes[1] = found.axes[1].map(|x| -x);
        headings = heading_difference(&upper, &lower, &found, rate);
    }
    let mut deg = twists(&upper, &lower, &found, &headings);
    for (value, (a, b)) in deg.iter_mut().zip(thigh.gyro.iter().zip(&shank_gyro)) {
        if a.iter().chain(b).any(|v| !v.is_finite()) {
            *value = f64::NAN;
        }
    }
    let [low, middle, high] = [2.0, 50.0, 98.0].map(|p| percentile(&deg, p).unwrap_or(f64::NAN));
    if (high - low).is_nan() || high - low < LEAST_RANGE_DEG {
        return Err(format!("the knee moves by {:.0} deg only, too little to find its axis", high - low));
    }
    // A knee bends further from its usual angle than it straightens.
    if high - middle < middle - low {
        deg.iter_mut().for_each(|v| *v = -*v);
    }
    let (zero_deg, zero_method) = zero(&deg, &thigh.gyro, &shank_gyro, rate);
    deg.iter_mut().for_each(|v| *v -= zero_deg);
    Ok(ImuAngle {
        flexion_deg: deg,
        rate_hz: rate,
        start_s: thigh.start_s,
        source: format!("inertial sensors: {} and {}", thigh.labels, shank.labels),
        zero_deg,
        zero_method,
        misfit_rad_s: found.misfit_rad_s,
    })
}

/// Values of the shank at the sample times of the thigh, linearly between its own; `NaN` outside its record.
fn on_clock_of(thigh: &Sensor, shank: &Sensor, values: &[[f64; 3]], n: usize) -> Vec<[f64; 3]> {
    let columns = [0, 1, 2].map(|axis: usize| values.iter().map(|v| v[axis]).collect::<Vec<f64>>());
    (0..n)
        .map(|i| {
            let time = thigh.start_s + i as f64 / thigh.rate_hz;
            let at = (time - shank.start_s) * shank.rate_hz;
            [0, 1, 2].map(|axis: usize| interpolate(&columns[axis], at))
        })
        .collect()
}

/// By how much the shank's heading must be turned so that its axis points where the thigh's does, in rad, averaged over time.
fn heading_difference(upper: &[Quaternion], lower: &[Quaternion], hinge: &Hinge, rate_hz: f64) -> Vec<f64> {
    let n = upper.len();
    let (mut re, mut im) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    for i in 0..n {
        let (a, b) = (rotate(upper[i], hinge.axes[0]), rotate(lower[i], hinge.axes[1]));
        // An upright axis has no heading; its small horizontal part weighs little.
        re[i + 1] = re[i] + a[0] * b[0] + a[1] * b[1];
        im[i + 1] = im[i] + a[1] * b[0] - a[0] * b[1];
    }
    let half = (0.5 * HEADING_WINDOW_S * rate_hz) as usize;
    (0..n)
        .map(|i| {
            let (from, to) = (i.saturating_sub(half), (i + half).min(n));
            (im[to] - im[from]).atan2(re[to] - re[from])
        })
        .collect()
}

/// Whether the segments seem to be pushed in opposite directions: then one axis has the wrong sign.
fn push_opposite(
    upper: &[Quaternion],
    lower: &[Quaternion],
    upper_acc: &[[f64; 3]],
    lower_acc: &[[f64; 3]],
    headings: &[f64],
) -> bool {
    let mut together = 0.0;
    for i in 0..upper.len() {
        let (a, b) = (rotate(upper[i], upper_acc[i]), rotate(lower[i], lower_acc[i]));
        let b = rotate(about([0.0, 0.0, 1.0], headings[i]), b);
        let product = a[0] * b[0] + a[1] * b[1];
        together += if product.is_finite() { product } else { 0.0 };
    }
    together < 0.0
}

/// Twist of the shank against the thigh about the axis, in deg, without jumps.
fn twists(upper: &[Quaternion], lower: &[Quaternion], hinge: &Hinge, headings: &[f64]) -> Vec<f64> {
    let align = conjugate(between(hinge.axes[1], hinge.axes[0]));
    let mut out: Vec<f64> = Vec::with_capacity(upper.len());
    let mut turns = 0.0;
    for i in 0..upper.len() {
        let turned = product(about([0.0, 0.0, 1.0], headings[i]), lower[i]);
        let relative = product(product(conjugate(upper[i]), turned), align);
        let angle = twist(relative, hinge.axes[0]).to_degrees();
        if let Some(last) = out.last() {
            turns += ((last - angle - turns) / 360.0).round() * 360.0;
        }
        out.push(angle + turns);
    }
    out
}

/// The angle of quiet standing: the straightest second in which both segments stand still; else that of the straightest samples.
fn zero(deg: &[f64], thigh: &[[f64; 3]], shank: &[[f64; 3]], rate_hz: f64) -> (f64, &'static str) {
    let still = |i: usize| {
        let slow = |w: &[f64; 3]| w.iter().map(|x| x * x).sum::<f64>() < STILL_RAD_S * STILL_RAD_S;
        slow(&thigh[i]) && slow(&shank[i])
    };
    let length = (STILL_S * rate_hz).ceil() as usize;
    let mut best: Option<f64> = None;
    let mut run = 0;
    for i in 0..deg.len() {
        run = if still(i) { run + 1 } else { 0 };
        if run > 0
            && run % length.max(1) == 0
            && let Some(angle) = mean(&deg[i + 1 - length.max(1)..=i])
        {
            best = Some(best.map_or(angle, |b: f64| b.min(angle)));
        }
    }
    match best {
        Some(angle) => (angle, "quiet standing in this trial"),
        None => (percentile(deg, 2.0).unwrap_or(0.0), "straightest of this trial"),
    }
}
