//! Seconds to pixels and back, and where an axis of time has its ticks.

/// Least distance of two labels in pixels.
const APART: f64 = 62.0;
/// Steps an axis may have, in s.
const STEPS_S: [f64; 16] =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0];

/// A window of time over a width of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale {
    left: f32,
    right: f32,
    t0_s: f64,
    t1_s: f64,
}

impl TimeScale {
    /// `t0_s` to `t1_s` over `left..right`; an empty window is taken as one second.
    #[must_use]
    pub fn new(left: f32, right: f32, t0_s: f64, t1_s: f64) -> Self {
        let t1_s = if t1_s > t0_s { t1_s } else { t0_s + 1.0 };
        Self { left, right, t0_s, t1_s }
    }

    /// Horizontal place of a time.
    #[must_use]
    pub fn x(&self, time_s: f64) -> f32 {
        let share = (time_s - self.t0_s) / (self.t1_s - self.t0_s);
        self.left + share as f32 * (self.right - self.left)
    }

    /// Time of a horizontal place.
    #[must_use]
    pub fn seconds(&self, x: f32) -> f64 {
        self.t0_s + f64::from((x - self.left) / (self.right - self.left)) * (self.t1_s - self.t0_s)
    }

    /// Seconds of one pixel.
    #[must_use]
    pub fn per_pixel(&self) -> f64 {
        (self.t1_s - self.t0_s) / f64::from((self.right - self.left).max(1.0))
    }

    /// Step of the axis: labels stand apart.
    #[must_use]
    pub fn step_s(&self) -> f64 {
        let least = APART * self.per_pixel();
        STEPS_S.into_iter().find(|step| *step >= least).unwrap_or(1200.0)
    }

    /// Times with a grid line, none before 0.
    pub fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        let step = self.step_s();
        let first = (self.t0_s / step).ceil().max(0.0) as i64;
        let last = (self.t1_s / step).floor() as i64;
        (first..=last).map(move |k| k as f64 * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_seconds_are_inverse_and_ticks_stand_apart() {
        let scale = TimeScale::new(100.0, 700.0, 2.0, 5.0);
        assert_eq!(scale.x(3.5), 400.0);
        assert_eq!(scale.seconds(400.0), 3.5);
        let ticks: Vec<f64> = scale.ticks().collect();
        assert_eq!(ticks.len(), 7);
        assert!(scale.x(ticks[1]) - scale.x(ticks[0]) >= 62.0);
        assert_eq!(TimeScale::new(0.0, 10.0, 3.0, 3.0).x(3.0), 0.0);
    }
}
