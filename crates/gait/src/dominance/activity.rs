//! Whether a muscle is on: the simple rule that works live (METHOD 3.3 step 5c).
//!
//! Not an onset detector: a threshold crossing moves by tens of milliseconds with the filter (R8).

/// On/off state of one muscle from its envelope: on above `N (1 + 3 c)`, off below `N (1 + 2 c)`, each confirmed
/// for 30 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gate {
    on: bool,
    pending_s: f64,
}

impl Gate {
    /// How long a crossing must last before it counts.
    pub const CONFIRM_S: f64 = 0.03;

    /// The amplitude above which a muscle turns on.
    #[must_use]
    pub fn on_level(rest: f64, amplitude_cv: f64) -> f64 {
        rest * (1.0 + 3.0 * amplitude_cv)
    }

    /// The amplitude below which a muscle turns off.
    #[must_use]
    pub fn off_level(rest: f64, amplitude_cv: f64) -> f64 {
        rest * (1.0 + 2.0 * amplitude_cv)
    }

    /// Takes the envelope `step_s` after the previous one and returns whether the muscle is on. `NaN` is off at once.
    pub fn step(&mut self, amplitude: f64, rest: f64, amplitude_cv: f64, step_s: f64) -> bool {
        if !amplitude.is_finite() {
            *self = Self::default();
            return false;
        }
        let crossed = if self.on {
            amplitude < Self::off_level(rest, amplitude_cv)
        } else {
            amplitude > Self::on_level(rest, amplitude_cv)
        };
        self.pending_s = if crossed { self.pending_s + step_s } else { 0.0 };
        if self.pending_s >= Self::CONFIRM_S {
            self.on = !self.on;
            self.pending_s = 0.0;
        }
        self.on
    }

    /// The current state.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_crossings_do_not_count_and_nan_is_off() {
        let mut gate = Gate::default();
        for _ in 0..2 {
            assert!(!gate.step(2.0, 1.0, 0.1, 0.01));
        }
        assert!(!gate.step(1.0, 1.0, 0.1, 0.01), "interrupted");
        for _ in 0..4 {
            gate.step(2.0, 1.0, 0.1, 0.01);
        }
        assert!(gate.is_on());
        assert!(gate.step(1.25, 1.0, 0.1, 0.1), "between the two levels it stays on");
        assert!(!gate.step(f64::NAN, 1.0, 0.1, 0.01));
    }
}
