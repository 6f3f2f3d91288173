//! Linear axes and round ticks.

/// Maps values to px.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// `low..high` onto `low_px..high_px` (which may run downwards).
    pub fn new(low: f64, high: f64, low_px: f64, high_px: f64) -> Self {
        Self { from: (low, high), to: (low_px, high_px) }
    }

    /// Position of a value; values outside are outside.
    pub fn at(&self, value: f64) -> f64 {
        let share = (value - self.from.0) / (self.from.1 - self.from.0);
        self.to.0 + share * (self.to.1 - self.to.0)
    }
}

/// A round top for an axis that must hold `value`, and its tick step: 1, 2 or 5 times a power of ten, 2-4 ticks.
pub fn round_top(value: f64) -> (f64, f64) {
    if !value.is_finite() || value <= 0.0 {
        return (1.0, 0.5);
    }
    let power = 10_f64.powf(value.log10().floor());
    for step in [0.2, 0.5, 1.0, 2.0, 5.0] {
        let step = step * power;
        let ticks = (value / step).ceil();
        if ticks <= 4.0 {
            return (ticks * step, step);
        }
    }
    (10.0 * power, 5.0 * power)
}

/// A tick with as many decimals as its step needs.
pub fn tick_text(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}").replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_are_round_and_hold_the_value() {
        for (value, top, step) in
            [(0.31, 0.4, 0.1), (137.0, 150.0, 50.0), (59.1, 60.0, 20.0), (1.0, 1.0, 0.5)]
        {
            let (found_top, found_step) = round_top(value);
            assert!((found_top - top).abs() < 1e-12, "{value}: top {found_top}");
            assert!((found_step - step).abs() < 1e-12, "{value}: step {found_step}");
        }
        assert_eq!(round_top(f64::NAN), (1.0, 0.5));
    }

    #[test]
    fn ticks_show_the_decimals_of_their_step() {
        assert_eq!(tick_text(0.2, 0.2), "0.2");
        assert_eq!(tick_text(-10.0, 5.0), "\u{2212}10");
        assert_eq!(tick_text(0.05, 0.05), "0.05");
    }
}
