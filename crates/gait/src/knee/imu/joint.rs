//! Where the joint lies as seen from each sensor, from the accelerations: both sensors see the same joint accelerate.
//!
//! A sensor at `r` from the joint measures `a = a_joint + w x (w x r) + w' x r`. In a common frame the joint's acceleration is one
//! vector, so `R1 G1 r1 - R2 G2 r2 = R1 a1 - R2 a2` is linear in both places and is solved by least squares (the idea of Seel, Schauer and
//! Raisch 2012, with orientations known). What does not fit tells whether the frames were paired rightly.

use super::quaternion::{Quaternion, rotate};

/// Both sides of the equation are averaged over blocks of this length: skin that shakes at 9 Hz under a sensor gives angular accelerations
/// far above those of the leg.
const BLOCK_S: f64 = 0.15;
/// Fewest blocks.
const FEWEST: usize = 50;
/// Added to the diagonal, as a share of the trace: the place along the axis of a hinge hardly shows.
const DAMPING: f64 = 1e-6;

/// Places of two sensors as seen from the joint, and what does not fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joint {
    /// From the joint to each sensor, in m, in the sensor's frame.
    pub places: [[f64; 3]; 2],
    /// Root mean square of the difference that is left, in m/s^2.
    pub misfit_m_s2: f64,
}

/// Angular velocity and acceleration of one sensor with its orientation.
pub(super) struct Motion<'a> {
    pub gyro: &'a [[f64; 3]],
    pub acc: &'a [[f64; 3]],
    pub turn: &'a [Quaternion],
}

/// The joint between two sensors whose orientations are in one frame; `None` when they hardly move or a sample is never whole.
pub(super) fn joint(first: &Motion<'_>, second: &Motion<'_>, rate_hz: f64) -> Option<Joint> {
    let n = first.gyro.len().min(second.gyro.len());
    let length = ((BLOCK_S * rate_hz).round() as usize).max(1);
    let mut system = System::default();
    let (mut block, mut filled) = ([[0.0; 7]; 3], 0);
    for at in 1..n.saturating_sub(1) {
        let Some((a, b)) = rows(first, at, rate_hz).zip(rows(second, at, rate_hz)) else {
            (block, filled) = ([[0.0; 7]; 3], 0);
            continue;
        };
        for (sum, (a, b)) in block.iter_mut().zip(a.iter().zip(&b)) {
            for (cell, value) in sum.iter_mut().zip([a[0], a[1], a[2], -b[0], -b[1], -b[2], a[3] - b[3]]) {
                *cell += value / length as f64;
            }
        }
        filled += 1;
        if filled == length {
            block.iter().for_each(|row| system.add(row));
            (block, filled) = ([[0.0; 7]; 3], 0);
        }
    }
    system.solved()
}

/// Normal equations.
#[derive(Default)]
struct System {
    normal: [[f64; 6]; 6],
    right: [f64; 6],
    power: f64,
    rows: usize,
}

impl System {
    /// Adds a row: six factors and the right side.
    fn add(&mut self, row: &[f64; 7]) {
        let wanted = row[6];
        for ((right, cells), factor) in self.right.iter_mut().zip(&mut self.normal).zip(row) {
            *right += factor * wanted;
            cells.iter_mut().zip(row).for_each(|(cell, other)| *cell += factor * other);
        }
        self.power += wanted * wanted;
        self.rows += 1;
    }

    fn solved(&self) -> Option<Joint> {
        let trace: f64 = self.normal.iter().enumerate().map(|(i, row)| row[i]).sum();
        if self.rows < 3 * FEWEST || trace <= 0.0 {
            return None;
        }
        let mut damped = self.normal;
        damped.iter_mut().enumerate().for_each(|(i, row)| row[i] += DAMPING * trace);
        let x = super::linear::solve(damped, self.right)?;
        let product = |row: &[f64; 6]| row.iter().zip(&x).map(|(a, b)| a * b).sum::<f64>();
        let explained: f64 = self
            .normal
            .iter()
            .zip(&self.right)
            .zip(&x)
            .map(|((row, right), x)| x * (2.0 * right - product(row)))
            .sum();
        Some(Joint {
            places: [[x[0], x[1], x[2]], [x[3], x[4], x[5]]],
            misfit_m_s2: (3.0 * (self.power - explained).max(0.0) / self.rows as f64).sqrt(),
        })
    }
}

/// In the common frame, what `r` is multiplied with and the acceleration, axis by axis; `None` beside a missing sample.
fn rows(motion: &Motion<'_>, at: usize, rate_hz: f64) -> Option<[[f64; 4]; 3]> {
    let w = motion.gyro[at];
    let (before, after) = (motion.gyro[at - 1], motion.gyro[at + 1]);
    let d = [0, 1, 2].map(|i: usize| 0.5 * rate_hz * (after[i] - before[i]));
    if w.iter().chain(&d).chain(&motion.acc[at]).any(|v| !v.is_finite()) {
        return None;
    }
    let square: f64 = w.iter().map(|v| v * v).sum();
    // Columns of w w' - |w|^2 + [w']x.
    let columns = [
        [w[0] * w[0] - square, w[1] * w[0] + d[2], w[2] * w[0] - d[1]],
        [w[0] * w[1] - d[2], w[1] * w[1] - square, w[2] * w[1] + d[0]],
        [w[0] * w[2] + d[1], w[1] * w[2] - d[0], w[2] * w[2] - square],
    ]
    .map(|column| rotate(motion.turn[at], column));
    let acc = rotate(motion.turn[at], motion.acc[at]);
    Some([0, 1, 2].map(|r: usize| [columns[0][r], columns[1][r], columns[2][r], acc[r]]))
}
