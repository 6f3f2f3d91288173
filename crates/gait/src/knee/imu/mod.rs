//! The knee angle from inertial sensors on thigh and shank: drift-free, whatever way the sensors are strapped on, without a magnetometer.
//!
//! Each sensor's orientation is by `vqf`; its heading drifts. The knee is a hinge to within a few degrees: its axis in both sensors is found
//! from the movement itself (`hinge`), and since both axes are one in space, their headings tell how far the two have drifted apart. Which
//! ends of the two axes belong together is told by the knee's acceleration, which both sensors must see alike (`joint`). The angle is the
//! twist of the shank against the thigh about that axis. Uses the whole record, so not for live use; not for the ankle, and not for knees
//! that hardly move.

mod hinge;
mod joint;
mod linear;
mod quaternion;
mod vqf;
mod zero;

use crate::emg::interpolate;
use crate::inertial::{Segment, Sensor, sensors};
use crate::stats::percentile;
use hinge::hinge;
use joint::{Joint, Motion, joint};
use quaternion::{Quaternion, about, between, conjugate, product, rotate, twist};
use surae_trial::{Side, Trial};
use zero::{Direction, direction, zero};

/// Movement that an axis can be found from.
const SHORTEST_S: f64 = 10.0;
/// The heading difference drifts slowly: it is averaged over this time.
const HEADING_WINDOW_S: f64 = 4.0;
/// A knee that moves less than this does not tell its axis.
const LEAST_RANGE_DEG: f64 = 15.0;
/// Sensors under this rate miss the swing of the leg.
const SLOWEST_HZ: f64 = 25.0;
/// Misfit of the hinge, as a share of the knee's own rate, over which the angle is doubtful.
const POOR_FIT: f64 = 0.35;
/// The wrong pairing of the ends leaves at least this many times as much unexplained; less is told in a note.
const CLEAR_PAIRING: f64 = 1.2;

/// A knee angle from two sensors.
pub(super) struct ImuAngle {
    /// Flexion in deg, not yet zeroed; `NaN` where samples were lost.
    pub flexion_deg: Vec<f64>,
    pub rate_hz: f64,
    pub start_s: f64,
    /// Which channels, in words.
    pub source: String,
    /// How the sign was told, in words.
    pub sign_note: &'static str,
    /// What is to be subtracted and by which method.
    pub zero_deg: f64,
    pub zero_method: &'static str,
    /// What a reader must know before trusting the angle.
    pub doubts: Vec<String>,
}

/// The knee angle of a leg, or why there is none; `None` without sensors on both thigh and shank.
pub(super) fn knee_angle(trial: &Trial, side: Side) -> Option<Result<ImuAngle, String>> {
    let all = sensors(trial);
    let of = |segment| all.iter().find(|s| s.segment == segment && s.side == side);
    Some(from_sensors(of(Segment::Thigh)?, of(Segment::Shank)?))
}

/// Two sensors on one clock.
struct Pair {
    thigh: Vec<[f64; 3]>,
    shank: Vec<[f64; 3]>,
    thigh_acc: Vec<[f64; 3]>,
    shank_acc: Vec<[f64; 3]>,
    upper: Vec<Quaternion>,
    lower: Vec<Quaternion>,
    rate_hz: f64,
}

fn from_sensors(thigh: &Sensor, shank: &Sensor) -> Result<ImuAngle, String> {
    let pair = Pair::of(thigh, shank)?;
    let Some(found) = hinge(&pair.thigh, &pair.shank) else {
        return Err("the leg hardly moves, so the axis of the knee cannot be found".to_owned());
    };
    let (fit, pairing) =
        pair.best_fit(found.axes).ok_or("the accelerations do not tell where the knee is")?;
    let mut deg = pair.twists(&fit);
    let [low, high] = [2.0, 98.0].map(|p| percentile(&deg, p).unwrap_or(f64::NAN));
    if (high - low).is_nan() || high - low < LEAST_RANGE_DEG {
        return Err(format!("the knee moves by {:.0} deg only, too little to find its axis", high - low));
    }
    let told = direction(&deg, fit.joint.places, fit.axes, &pair);
    if told.reversed() {
        deg.iter_mut().for_each(|v| *v = -*v);
    }
    let (zero_deg, zero_method) = zero(&deg, &pair);
    Ok(ImuAngle {
        flexion_deg: deg,
        rate_hz: thigh.rate_hz,
        start_s: thigh.start_s,
        source: format!("inertial sensors: {} and {}", thigh.labels, shank.labels),
        sign_note: told.words(),
        zero_deg,
        zero_method,
        doubts: doubts(found.misfit_rad_s / pair.knee_rate(fit.axes).max(1e-9), pairing, told),
    })
}

fn doubts(misfit: f64, pairing: f64, told: Direction) -> Vec<String> {
    let mut found = Vec::new();
    if misfit > POOR_FIT {
        found.push(format!(
            "{:.0} % of the turning does not fit one axis: check the straps and that both sensors are on the same leg",
            100.0 * misfit
        ));
    }
    if pairing < CLEAR_PAIRING {
        found.push("the accelerations hardly tell the two directions of the axis apart".to_owned());
    }
    if told == Direction::Guessed {
        found.push(
            "the movement does not tell bending from straightening; record a few steps or squats".to_owned(),
        );
    }
    found
}

/// Both axes in space, the heading between the sensors, and the knee that fits.
struct Fit {
    axes: [[f64; 3]; 2],
    headings: Vec<f64>,
    joint: Joint,
}

impl Pair {
    fn of(thigh: &Sensor, shank: &Sensor) -> Result<Self, String> {
        if thigh.acc.is_empty() || shank.acc.is_empty() {
            return Err(
                "an accelerometer with a known unit is missing beside the gyroscope of thigh or shank"
                    .to_owned(),
            );
        }
        let rate_hz = thigh.rate_hz;
        if rate_hz.min(shank.rate_hz) < SLOWEST_HZ {
            return Err(format!(
                "sensors at {} Hz are too slow (at least {SLOWEST_HZ} Hz)",
                rate_hz.min(shank.rate_hz)
            ));
        }
        let n = thigh.gyro.len().min(thigh.acc.len());
        if (n as f64) < SHORTEST_S * rate_hz {
            return Err(format!("{SHORTEST_S} s of movement are needed to find the axis of the knee"));
        }
        let onto = |values: &[[f64; 3]]| on_clock_of(thigh, shank, values, n);
        let (thigh_gyro, thigh_acc) = (thigh.gyro[..n].to_vec(), thigh.acc[..n].to_vec());
        let (shank_gyro, shank_acc) = (onto(&shank.gyro), onto(&shank.acc));
        let upper = vqf::orientations(&thigh_gyro, &thigh_acc, rate_hz);
        let lower = vqf::orientations(&shank_gyro, &shank_acc, rate_hz);
        Ok(Self { thigh: thigh_gyro, shank: shank_gyro, thigh_acc, shank_acc, upper, lower, rate_hz })
    }

    /// Of both pairings of the ends of the axes the one whose knee is one point, and by how many times it fits better.
    fn best_fit(&self, axes: [[f64; 3]; 2]) -> Option<(Fit, f64)> {
        let one = self.fit(axes)?;
        let other = self.fit([axes[0], axes[1].map(|x| -x)])?;
        let ratio = other.joint.misfit_m_s2 / one.joint.misfit_m_s2.max(1e-9);
        Some(if ratio >= 1.0 { (one, ratio) } else { (other, 1.0 / ratio.max(1e-9)) })
    }

    fn fit(&self, axes: [[f64; 3]; 2]) -> Option<Fit> {
        let headings = self.heading_difference(axes);
        let turned: Vec<Quaternion> =
            self.lower.iter().zip(&headings).map(|(q, h)| product(about([0.0, 0.0, 1.0], *h), *q)).collect();
        let upper = Motion { gyro: &self.thigh, acc: &self.thigh_acc, turn: &self.upper };
        let lower = Motion { gyro: &self.shank, acc: &self.shank_acc, turn: &turned };
        let joint = joint(&upper, &lower, self.rate_hz)?;
        Some(Fit { axes, headings, joint })
    }

    /// Root mean square of the knee's own rate, in rad/s, over the samples that the axis was found from.
    fn knee_rate(&self, axes: [[f64; 3]; 2]) -> f64 {
        let along = |w: &[f64; 3], j: [f64; 3]| w.iter().zip(j).map(|(w, j)| w * j).sum::<f64>();
        let squares =
            self.thigh.iter().zip(&self.shank).filter(|(a, b)| hinge::is_fast(a) && hinge::is_fast(b)).map(
                |(a, b)| {
                    let rate = along(a, axes[0]) - along(b, axes[1]);
                    rate * rate
                },
            );
        let (sum, n) = squares.fold((0.0, 0_usize), |(s, n), v| (s + v, n + 1));
        (sum / n.max(1) as f64).sqrt()
    }

    /// By how much the shank's heading must be turned so that its axis points where the thigh's does, in rad, averaged over time.
    fn heading_difference(&self, axes: [[f64; 3]; 2]) -> Vec<f64> {
        let n = self.upper.len();
        let (mut re, mut im) = (vec![0.0; n + 1], vec![0.0; n + 1]);
        for i in 0..n {
            let (a, b) = (rotate(self.upper[i], axes[0]), rotate(self.lower[i], axes[1]));
            // An upright axis has no heading; its small horizontal part weighs little.
            re[i + 1] = re[i] + a[0] * b[0] + a[1] * b[1];
            im[i + 1] = im[i] + a[1] * b[0] - a[0] * b[1];
        }
        let half = (0.5 * HEADING_WINDOW_S * self.rate_hz) as usize;
        (0..n)
            .map(|i| {
                let (from, to) = (i.saturating_sub(half), (i + half).min(n));
                (im[to] - im[from]).atan2(re[to] - re[from])
            })
            .collect()
    }

    /// Twist of the shank against the thigh about the axis, in deg, without jumps; `NaN` beside missing samples.
    fn twists(&self, fit: &Fit) -> Vec<f64> {
        let align = conjugate(between(fit.axes[1], fit.axes[0]));
        let mut turns = 0.0;
        let mut last: Option<f64> = None;
        let mut out: Vec<f64> = Vec::with_capacity(self.upper.len());
        for i in 0..self.upper.len() {
            let turned = product(about([0.0, 0.0, 1.0], fit.headings[i]), self.lower[i]);
            let relative = product(product(conjugate(self.upper[i]), turned), align);
            let angle = twist(relative, fit.axes[0]).to_degrees();
            if let Some(last) = last {
                turns += ((last - angle - turns) / 360.0_f64).round() * 360.0;
            }
            last = Some(angle + turns);
            let whole = self.thigh[i].iter().chain(&self.shank[i]).all(|v| v.is_finite());
            out.push(if whole { angle + turns } else { f64::NAN });
        }
        // The alignment leaves an arbitrary constant; without whole turns in it the numbers are easier to read in notes.
        let whole = 360.0 * (percentile(&out, 50.0).unwrap_or(0.0) / 360.0).round();
        out.iter_mut().for_each(|v| *v -= whole);
        out
    }
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
