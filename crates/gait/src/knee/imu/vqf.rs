//! Orientation of one inertial sensor without a magnetometer: the filter VQF of Laidig and Seel (2023), from its published equations.
//!
//! Strap-down integration of the gyroscope; the acceleration, low-passed in the almost inertial frame (time constant 3 s), corrects the
//! inclination; a Kalman filter estimates the gyroscope's bias, from that correction while moving and directly at rest. Heading is
//! not observable and drifts: whoever compares two sensors must take that out (`super`).

use super::quaternion::{IDENTITY, Quaternion, normalised, product, rotate};

/// Time constant of the low-pass of the acceleration.
const ACC_TAU_S: f64 = 3.0;
/// Standard deviation of the bias at the start, in deg/s, and what is added to it in 100 s.
const BIAS_SD_START: f64 = 0.5;
const BIAS_FORGETTING_S: f64 = 100.0;
const BIAS_FORGOTTEN: f64 = 0.1;
/// Largest bias, in deg/s.
const BIAS_LIMIT_DEG_S: f64 = 2.0;
/// Standard deviation that the bias converges to in motion and at rest, in deg/s.
const BIAS_SD_MOTION: f64 = 0.1;
const BIAS_SD_REST: f64 = 0.03;
/// How much less the bias about the vertical is pulled to zero.
const VERTICAL_FORGETTING: f64 = 1e-4;
/// Rest: this long, within these deviations from low-passed values.
const REST_S: f64 = 1.5;
const REST_TAU_S: f64 = 0.5;
const REST_GYRO_DEG_S: f64 = 2.0;
const REST_ACC_M_S2: f64 = 0.5;

type Matrix = [[f64; 3]; 3];

/// Orientations (sensor to a frame with z up), one a sample; samples with `NaN` repeat the last one.
///
/// Two passes: the second starts from the bias that the first ended with.
pub(super) fn orientations(gyro: &[[f64; 3]], acc: &[[f64; 3]], rate_hz: f64) -> Vec<Quaternion> {
    let mut first = Vqf::new(rate_hz, [0.0; 3]);
    gyro.iter().zip(acc).for_each(|(g, a)| {
        first.step(*g, *a);
    });
    let mut second = Vqf::new(rate_hz, first.bias);
    gyro.iter().zip(acc).map(|(g, a)| second.step(*g, *a)).collect()
}

/// A second-order Butterworth low-pass that starts as the running mean of its first time constant.
struct LowPass<const N: usize> {
    b: [f64; 3],
    a: [f64; 2],
    state: [[f64; 2]; N],
    sum: [f64; N],
    seen: usize,
    warm: usize,
}

impl<const N: usize> LowPass<N> {
    fn new(tau_s: f64, rate_hz: f64) -> Self {
        // Cut-off sqrt(2) / (2 pi tau), bilinear with pre-warping.
        let cutoff = std::f64::consts::SQRT_2 / (std::f64::consts::TAU * tau_s);
        let c = (std::f64::consts::PI * cutoff / rate_hz).tan();
        let d = c * c + std::f64::consts::SQRT_2 * c + 1.0;
        let b0 = c * c / d;
        Self {
            b: [b0, 2.0 * b0, b0],
            a: [2.0 * (c * c - 1.0) / d, (1.0 - std::f64::consts::SQRT_2 * c + c * c) / d],
            state: [[0.0; 2]; N],
            sum: [0.0; N],
            seen: 0,
            warm: ((tau_s * rate_hz).round() as usize).max(1),
        }
    }

    fn step(&mut self, x: [f64; N]) -> [f64; N] {
        if self.seen < self.warm {
            self.seen += 1;
            let mut out = [0.0; N];
            for (i, value) in out.iter_mut().enumerate() {
                self.sum[i] += x[i];
                *value = self.sum[i] / self.seen as f64;
                self.state[i] = [*value * (1.0 - self.b[0]), *value * (self.b[2] - self.a[1])];
            }
            return out;
        }
        let mut out = [0.0; N];
        for (i, value) in out.iter_mut().enumerate() {
            let y = self.b[0] * x[i] + self.state[i][0];
            self.state[i][0] = self.b[1] * x[i] - self.a[0] * y + self.state[i][1];
            self.state[i][1] = self.b[2] * x[i] - self.a[1] * y;
            *value = y;
        }
        out
    }
}

struct Vqf {
    dt: f64,
    gyro_q: Quaternion,
    acc_q: Quaternion,
    acc_low: LowPass<3>,
    bias: [f64; 3],
    variance: Matrix,
    rotation_low: LowPass<9>,
    bias_low: LowPass<2>,
    rest_gyro: LowPass<3>,
    rest_acc: LowPass<3>,
    still_s: f64,
    out: Quaternion,
}

impl Vqf {
    fn new(rate_hz: f64, bias: [f64; 3]) -> Self {
        let start = square(BIAS_SD_START);
        Self {
            dt: 1.0 / rate_hz,
            gyro_q: IDENTITY,
            acc_q: IDENTITY,
            acc_low: LowPass::new(ACC_TAU_S, rate_hz),
            bias,
            variance: [[start, 0.0, 0.0], [0.0, start, 0.0], [0.0, 0.0, start]],
            rotation_low: LowPass::new(ACC_TAU_S, rate_hz),
            bias_low: LowPass::new(ACC_TAU_S, rate_hz),
            rest_gyro: LowPass::new(REST_TAU_S, rate_hz),
            rest_acc: LowPass::new(REST_TAU_S, rate_hz),
            still_s: 0.0,
            out: IDENTITY,
        }
    }

    fn step(&mut self, gyro: [f64; 3], acc: [f64; 3]) -> Quaternion {
        if gyro.iter().chain(&acc).any(|v| !v.is_finite()) {
            self.still_s = 0.0;
            return self.out;
        }
        let rest = self.rest(gyro, acc);
        let rate = [0, 1, 2].map(|i: usize| gyro[i] - self.bias[i]);
        let speed = rate.iter().map(|v| v * v).sum::<f64>().sqrt();
        if speed > 0.0 {
            let turn = super::quaternion::about(rate.map(|v| v / speed), speed * self.dt);
            self.gyro_q = normalised(product(self.gyro_q, turn));
        }
        let low = self.acc_low.step(rotate(self.gyro_q, acc));
        let level = unit(rotate(self.acc_q, low));
        if let Some(level) = level {
            let w = ((level[2] + 1.0) / 2.0).max(0.0).sqrt();
            let correction = if w > 1e-6 {
                [w, 0.5 * level[1] / w, -0.5 * level[0] / w, 0.0]
            } else {
                [0.0, 1.0, 0.0, 0.0]
            };
            self.acc_q = normalised(product(correction, self.acc_q));
        }
        self.out = normalised(product(self.acc_q, self.gyro_q));
        self.estimate_bias(rest, level);
        self.out
    }

    /// The low-passed rate while the sensor rests.
    fn rest(&mut self, gyro: [f64; 3], acc: [f64; 3]) -> Option<[f64; 3]> {
        let (g, a) = (self.rest_gyro.step(gyro), self.rest_acc.step(acc));
        let apart =
            |x: [f64; 3], y: [f64; 3]| x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
        let still = apart(gyro, g) < REST_GYRO_DEG_S.to_radians()
            && apart(acc, a) < REST_ACC_M_S2
            && g.iter().all(|v| v.abs() < BIAS_LIMIT_DEG_S.to_radians());
        self.still_s = if still { self.still_s + self.dt } else { 0.0 };
        (self.still_s >= REST_S).then_some(g)
    }

    fn estimate_bias(&mut self, rest: Option<[f64; 3]>, level: Option<[f64; 3]>) {
        let q = self.out;
        let columns = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(|axis| rotate(q, axis));
        let flat: [f64; 9] = std::array::from_fn(|i| columns[i % 3][i / 3]);
        let unfiltered = |row: usize| (0..3).map(|c| flat[3 * row + c] * self.bias[c]).sum::<f64>();
        let bias_low = self.bias_low.step([unfiltered(0), unfiltered(1)]);
        let low = self.rotation_low.step(flat);
        let low: Matrix = [0, 1, 2].map(|r: usize| [low[3 * r], low[3 * r + 1], low[3 * r + 2]]);
        let added = square(BIAS_FORGOTTEN) * self.dt / BIAS_FORGETTING_S;
        let noise = |sd: f64| square(sd).powi(2) / added + square(sd);
        let motion = noise(BIAS_SD_MOTION);
        let (error, matrix, weights) = match (rest, level) {
            (Some(rate), _) => (
                [0, 1, 2].map(|i: usize| rate[i] - self.bias[i]),
                [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
                [noise(BIAS_SD_REST); 3],
            ),
            (None, Some(level)) => {
                let of = |row: usize| low[row].iter().zip(self.bias).map(|(r, b)| r * b).sum::<f64>();
                (
                    [
                        -level[1] / self.dt + bias_low[0] - of(0),
                        level[0] / self.dt + bias_low[1] - of(1),
                        -of(2),
                    ],
                    low,
                    [motion, motion, motion / VERTICAL_FORGETTING],
                )
            }
            _ => return,
        };
        for (i, row) in self.variance.iter_mut().enumerate() {
            row[i] = (row[i] + added).min(square(BIAS_SD_START));
        }
        let limit = BIAS_LIMIT_DEG_S.to_radians();
        let error = error.map(|e| e.clamp(-limit, limit));
        let Some(gain) = gain(&self.variance, &matrix, weights) else { return };
        for (bias, row) in self.bias.iter_mut().zip(&gain) {
            let change: f64 = row.iter().zip(error).map(|(k, e)| k * e).sum();
            *bias = (*bias + change).clamp(-limit, limit);
        }
        let reduced = multiply(&multiply(&gain, &matrix), &self.variance);
        for (row, less) in self.variance.iter_mut().zip(&reduced) {
            for (v, l) in row.iter_mut().zip(less) {
                *v -= l;
            }
        }
    }
}

/// Variance of a standard deviation in deg/s, in the units (0.01 deg/s) squared of the published parameters.
fn square(sd_deg_s: f64) -> f64 {
    (100.0 * sd_deg_s).powi(2)
}

fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
    (length > 0.0).then(|| v.map(|x| x / length))
}

fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    [0, 1, 2].map(|r: usize| [0, 1, 2].map(|c: usize| (0..3).map(|k| a[r][k] * b[k][c]).sum()))
}

fn transpose(a: &Matrix) -> Matrix {
    [0, 1, 2].map(|r: usize| [0, 1, 2].map(|c: usize| a[c][r]))
}

/// Kalman gain `P R' (W + R P R')^-1`.
fn gain(variance: &Matrix, matrix: &Matrix, weights: [f64; 3]) -> Option<Matrix> {
    let back = multiply(variance, &transpose(matrix));
    let mut inner = multiply(matrix, &back);
    for (i, w) in weights.iter().enumerate() {
        inner[i][i] += w;
    }
    Some(multiply(&back, &inverse(&inner)?))
}

fn inverse(m: &Matrix) -> Option<Matrix> {
    let minor = |r: usize, c: usize| {
        let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant: f64 = (0..3).map(|c| m[0][c] * minor(0, c)).sum();
    (determinant.abs() > 0.0 && determinant.is_finite())
        .then(|| [0, 1, 2].map(|r: usize| [0, 1, 2].map(|c: usize| minor(c, r) / determinant)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inclination_is_found_at_rest_and_the_bias_with_it() {
        // Lying on its side: gravity along +y; bias 0.8, -0.5, 0.3 deg/s.
        let bias = [0.8_f64, -0.5, 0.3].map(f64::to_radians);
        let n = 2000;
        let found = orientations(&vec![bias; n], &vec![[0.0, 9.81, 0.0]; n], 100.0);
        let up = rotate(found[n - 1], [0.0, 1.0, 0.0]);
        assert!((up[2] - 1.0).abs() < 1e-4, "{up:?}");
        // Heading holds to within what is left of the bias in the last 10 s.
        let (a, b) = (rotate(found[n / 2], [1.0, 0.0, 0.0]), rotate(found[n - 1], [1.0, 0.0, 0.0]));
        let turned = (a[0] * b[0] + a[1] * b[1]).clamp(-1.0, 1.0).acos().to_degrees();
        assert!(turned < 0.5, "{turned}");
    }

    #[test]
    fn a_turn_is_a_turn() {
        // 90 deg about the vertical in 1 s.
        let rate = [0.0, 0.0, std::f64::consts::FRAC_PI_2];
        let found = orientations(&vec![rate; 100], &vec![[0.0, 0.0, 9.81]; 100], 100.0);
        let x = rotate(found[99], [1.0, 0.0, 0.0]);
        assert!((x[1] - 1.0).abs() < 0.01, "{x:?}");
    }
}
