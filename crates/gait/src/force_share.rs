//! A model estimate of the share of gastrocnemius in the plantar-flexion force (METHOD 3.6): capacity times activation times
//! force-length times pennation, with a rigid tendon.
//!
//! Labelled as an estimate wherever it is shown, with the spread of published capacities as its doubt. Never newtons. Not for fast
//! contractions: there is no force-velocity in it.

/// One set of maximal forces or areas, MG, LG, SOL; only their ratios matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Where it comes from.
    pub source: &'static str,
    /// MG, LG, SOL.
    pub size: [f64; 3],
}

/// Published capacities that were read in their source.
pub const CAPACITIES: [Capacity; 3] = [
    Capacity { source: "Fukunaga 1992, cm2", size: [68.0, 28.0, 230.0] },
    Capacity { source: "gait2392 (OpenSim), N", size: [1558.0, 683.0, 3549.0] },
    Capacity { source: "Rajagopal 2016 (OpenSim), N", size: [3116.0, 1575.0, 6195.0] },
];

/// The set the central value is computed with: the one the geometry belongs to.
const CENTRAL: usize = 1;
/// gait2392: optimal fibre length, tendon slack length, pennation at optimal length, length at knee 0 and ankle 0; m, m, deg, m.
const GEOMETRY: [[f64; 4]; 3] =
    [[0.060, 0.390, 17.0, 0.450_7], [0.064, 0.380, 8.0, 0.447_1], [0.050, 0.250, 25.0, 0.291_4]];
/// Width of the active force-length curve (Thelen): exp(-(l - 1)^2 / 0.45).
const FORCE_LENGTH_WIDTH: f64 = 0.45;
/// Angles for which the polynomials of the geometry were fitted.
const KNEE_DEG: [f64; 2] = [-10.0, 125.0];
const ANKLE_DEG: [f64; 2] = [-40.0, 30.0];

/// Change of muscle-tendon length in percent of shank length with the ankle (Grieve 1978); `dorsiflexion_deg` is 0 at a right angle.
#[must_use]
pub fn grieve_ankle_percent(dorsiflexion_deg: f64) -> f64 {
    let a = 90.0 + dorsiflexion_deg;
    -22.184_68 + 0.301_41 * a - 0.000_61 * a * a
}

/// Change of the length of gastrocnemius in percent of shank length with the knee (Grieve 1978).
#[must_use]
pub fn grieve_knee_percent(knee_deg: f64) -> f64 {
    6.462_51 - 0.079_87 * knee_deg + 0.000_11 * knee_deg * knee_deg
}

/// Length of MG, LG or SOL with its tendon in m at joint angles in deg: polynomials fitted to gait2392 (shank 0.43 m).
fn length_m(muscle: usize, knee_deg: f64, ankle_deg: f64) -> f64 {
    let knee_mm = match muscle {
        0 => -0.435_1 * knee_deg + 0.001_073 * knee_deg * knee_deg,
        1 => -0.450_8 * knee_deg + 0.001_327 * knee_deg * knee_deg,
        _ => 0.0,
    };
    let ankle_mm = match muscle {
        0 | 1 => 0.793_6 * ankle_deg - 0.001_00 * ankle_deg * ankle_deg,
        _ => 0.778_8 * ankle_deg - 0.001_79 * ankle_deg * ankle_deg,
    };
    GEOMETRY[muscle][3] + (knee_mm + ankle_mm) / 1000.0
}

/// Force along the tendon per unit of capacity and activation, 0 to 1.
fn effectiveness(muscle: usize, knee_deg: f64, ankle_deg: f64) -> f64 {
    let [optimal, slack, pennation, _] = GEOMETRY[muscle];
    let along = (length_m(muscle, knee_deg, ankle_deg) - slack).max(0.0);
    let height = optimal * pennation.to_radians().sin();
    let fibre = along.hypot(height);
    (-(fibre / optimal - 1.0).powi(2) / FORCE_LENGTH_WIDTH).exp() * along / fibre
}

/// Share of gastrocnemius: with the central capacities, and the smallest and largest over all published ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// With gait2392.
    pub central: f64,
    /// Over all capacities.
    pub range: [f64; 2],
}

/// Share of both heads of gastrocnemius in the force of the triceps at activations of MG, LG and SOL (each of its own maximum) and joint
/// angles in deg; `None` for silent muscles or angles outside the geometry.
#[must_use]
pub fn share(activations: [f64; 3], knee_deg: f64, ankle_deg: f64) -> Option<Share> {
    let inside = |value: f64, [low, high]: [f64; 2]| value >= low && value <= high;
    if !(inside(knee_deg, KNEE_DEG) && inside(ankle_deg, ANKLE_DEG)) {
        return None;
    }
    let of = |capacity: &Capacity| {
        let force: Vec<f64> = (0..3)
            .map(|m| capacity.size[m] * activations[m] * effectiveness(m, knee_deg, ankle_deg))
            .collect();
        (force[0] + force[1]) / (force[0] + force[1] + force[2])
    };
    let shares = CAPACITIES.map(|capacity| of(&capacity));
    let range = [shares.into_iter().fold(f64::INFINITY, f64::min), shares.into_iter().fold(0.0, f64::max)];
    shares[CENTRAL].is_finite().then_some(Share { central: shares[CENTRAL], range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_row_32_grieve() {
        assert!((grieve_ankle_percent(0.0) - 0.001_22).abs() < 1e-5);
        for (knee, percent) in [(0.0, 6.462_51), (90.0, 0.165_21), (45.0, 3.091_11)] {
            assert!((grieve_knee_percent(knee) - percent).abs() < 1e-5);
        }
    }

    #[test]
    fn method_row_33_shortening_with_the_knee() {
        let mm = (grieve_knee_percent(90.0) - grieve_knee_percent(0.0)) / 100.0 * 430.0;
        assert!((mm + 27.1).abs() < 0.1);
        let model = (length_m(0, 90.0, 0.0) - length_m(0, 0.0, 0.0)) * 1000.0;
        assert!((model + 30.3).abs() < 0.4);
    }

    #[test]
    fn method_row_34_share_at_equal_activation() {
        for (knee, expected) in [(0.0, 0.409), (60.0, 0.358), (90.0, 0.307), (120.0, 0.266)] {
            let found = share([1.0; 3], knee, 0.0).unwrap();
            assert!((found.central - expected).abs() < 0.01, "{knee}: {found:?}");
            assert!(found.range[0] < found.central && found.central < found.range[1]);
        }
        assert!(share([0.0; 3], 0.0, 0.0).is_none() && share([1.0; 3], f64::NAN, 0.0).is_none());
        assert!(share([1.0; 3], 0.0, 80.0).is_none());
    }
}
