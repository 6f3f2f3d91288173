//! Body weight from quiet standing, and the speed of the body from its force.

use super::force::VerticalForce;
use super::physics::GRAVITY;
use crate::stats::{mean, sd};

/// Length of the weighing window in s (Hawkin: at least 1 s still).
pub const WEIGHING_S: f64 = 1.0;
/// Stillest relative spread that still counts as standing.
const STILL_SD: f64 = 0.01;
/// A window counts while its spread is at most this factor over the stillest.
const AS_STILL: f64 = 1.5;
/// How far before a movement a weighing window is looked for, in s.
const LOOK_BACK_S: f64 = 10.0;

/// A weighing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighing {
    /// Start of the window in s.
    pub from_s: f64,
    /// End of the window in s.
    pub to_s: f64,
    /// Mean force in N.
    pub weight_n: f64,
    /// Standard deviation of the force in the window, in N.
    pub sd_n: f64,
    /// Half of the difference between both halves of the window: how well the weight is known, in N.
    pub drift_n: f64,
}

impl Weighing {
    /// Body mass in kg.
    #[must_use]
    pub fn mass_kg(&self) -> f64 {
        self.weight_n / GRAVITY
    }

    /// How still the person stands: 20 log10(weight / SD), in dB.
    #[must_use]
    pub fn snr_db(&self) -> f64 {
        20.0 * (self.weight_n / self.sd_n.max(1e-9)).log10()
    }
}

/// The last still second within `from_s..to_s`: of all windows about as still as the stillest one, the latest, so that little is
/// integrated between it and the take-off. `None` when nobody stands still for a second.
#[must_use]
pub fn weigh(force: &VerticalForce, from_s: f64, to_s: f64) -> Option<Weighing> {
    let length = (WEIGHING_S * force.rate_hz).round() as usize;
    let step = ((0.02 * force.rate_hz).round() as usize).max(1);
    let first = force.index_of(from_s.max(to_s - LOOK_BACK_S));
    let last = force.index_of(to_s).checked_sub(length)?;
    let mut found: Vec<Weighing> = Vec::new();
    for at in (first..=last.max(first)).step_by(step) {
        let Some(window) =
            force.newtons.get(at..at + length).filter(|w| w.iter().all(|f| *f > force.threshold_n))
        else {
            continue;
        };
        let (Some(weight_n), Some(sd_n)) = (mean(window), sd(window)) else { continue };
        let (a, b) = window.split_at(length / 2);
        let drift_n = mean(a).zip(mean(b)).map_or(f64::NAN, |(a, b)| (a - b).abs() / 2.0);
        if sd_n <= STILL_SD * weight_n {
            found.push(Weighing {
                from_s: force.time_of(at),
                to_s: force.time_of(at + length),
                weight_n,
                sd_n,
                drift_n,
            });
        }
    }
    let stillest = found.iter().map(|w| w.sd_n).fold(f64::INFINITY, f64::min);
    found.into_iter().rfind(|w| w.sd_n <= AS_STILL * stillest)
}

/// Speed of the centre of mass in m/s at every sample of `from..=to`, 0 at `from`: trapezoid of (F - weight)/mass.
#[must_use]
pub fn speeds(force: &VerticalForce, weighing: &Weighing, from: usize, to: usize) -> Vec<f64> {
    let mut speed = 0.0;
    let mut out = vec![0.0];
    for pair in force.newtons.get(from..=to).unwrap_or_default().windows(2) {
        let net = 0.5 * (pair[0] + pair[1]) - weighing.weight_n;
        speed += net / weighing.mass_kg() / force.rate_hz;
        out.push(speed);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn force(newtons: Vec<f64>) -> VerticalForce {
        VerticalForce {
            source: "test".into(),
            rate_hz: 1000.0,
            start_s: 0.0,
            newtons,
            loaded: Vec::new(),
            threshold_n: 20.0,
        }
    }

    #[test]
    fn method_row_36_impulse_over_mass() {
        // 2500 N over weight for 75 ms: 187.5 N s on 75 kg.
        let weight = 75.0 * GRAVITY;
        let mut newtons = vec![weight; 2000];
        newtons.extend(vec![weight + 2500.0; 76]);
        let force = force(newtons);
        let weighing = weigh(&force, 0.0, 2.0).unwrap();
        assert!((weighing.mass_kg() - 75.0).abs() < 1e-9);
        let speed = speeds(&force, &weighing, 2000, 2075);
        assert!((speed[75] - 2.5).abs() < 1e-9);
    }

    #[test]
    fn nobody_is_weighed_while_moving_or_away() {
        let swaying: Vec<f64> = (0..3000).map(|i| 700.0 + 40.0 * (f64::from(i) * 0.02).sin()).collect();
        assert!(weigh(&force(swaying), 0.0, 3.0).is_none());
        assert!(weigh(&force(vec![0.0; 3000]), 0.0, 3.0).is_none());
        assert!(weigh(&force(vec![700.0; 500]), 0.0, 0.5).is_none());
    }
}
