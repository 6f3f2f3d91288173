//! Ballistics of a jump (METHOD rows 35-38): closed forms, no measurement.

/// Standard gravity in m/s^2.
pub const GRAVITY: f64 = 9.806_65;

/// Height in m from the flight time in s: `g t^2 / 8`. It takes landing and take-off posture for equal: a bent-legged landing
/// counts as height.
#[must_use]
pub fn height_from_flight_m(flight_time_s: f64) -> f64 {
    GRAVITY * flight_time_s * flight_time_s / 8.0
}

/// Take-off speed in m/s from the net impulse in N s (force minus body weight) and the mass in kg.
#[must_use]
pub fn speed_from_impulse_mps(net_impulse_ns: f64, mass_kg: f64) -> f64 {
    net_impulse_ns / mass_kg
}

/// Height in m that a vertical speed in m/s reaches: `v^2 / 2g`.
#[must_use]
pub fn height_from_speed_m(speed_mps: f64) -> f64 {
    speed_mps * speed_mps / (2.0 * GRAVITY)
}

/// Speed in m/s after a fall from a height in m: `sqrt(2 g h)`.
#[must_use]
pub fn drop_speed_mps(height_m: f64) -> f64 {
    (2.0 * GRAVITY * height_m).sqrt()
}

/// Reactive strength index: height by flight time over the contact time before it, in m/s.
#[must_use]
pub fn reactive_strength_mps(flight_time_s: f64, contact_time_s: f64) -> f64 {
    height_from_flight_m(flight_time_s) / contact_time_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_rows_35_to_38() {
        for (flight_s, height_m) in [(0.5, 0.306_458), (0.55, 0.370_81), (0.6, 0.441_30)] {
            assert!((height_from_flight_m(flight_s) - height_m).abs() < 1e-5);
        }
        assert!((height_from_flight_m(0.5) - 0.306_458).abs() < 1e-6);
        let speed = speed_from_impulse_mps(187.5, 75.0);
        assert!((speed - 2.5).abs() < 1e-12 && (height_from_speed_m(speed) - 0.318_662).abs() < 1e-5);
        assert!((reactive_strength_mps(0.5, 0.2) - 1.532_29).abs() < 1e-5 && 0.5 / 0.2 == 2.5);
        assert!((drop_speed_mps(0.30) - 2.425_69).abs() < 1e-5);
    }
}
