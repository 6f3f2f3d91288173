//! The axis of a hinge in two sensors on its segments, from their angular velocities alone (Seel, Raisch and Schauer 2014).
//!
//! Across the axis both segments turn alike: `|w1 x j1| = |w2 x j2|` at every instant. The two unit axes that come closest to this over the
//! recording are found by Gauss-Newton from several starts. Each axis is known up to its sign.

/// Most samples that are used.
const SAMPLES: usize = 1500;
/// Angular velocity under which a sample says nothing, in rad/s.
const SLOW_RAD_S: f64 = 0.5;
/// Fewest usable samples.
const FEWEST: usize = 100;
const ITERATIONS: usize = 60;

/// Both axes and the root mean square of what does not fit, in rad/s.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hinge {
    pub axes: [[f64; 3]; 2],
    pub misfit_rad_s: f64,
}

/// The hinge axes in the frames of two sensors; `None` when they hardly move.
pub(super) fn hinge(first: &[[f64; 3]], second: &[[f64; 3]]) -> Option<Hinge> {
    let usable: Vec<([f64; 3], [f64; 3])> =
        first.iter().zip(second).filter(|(a, b)| is_fast(a) && is_fast(b)).map(|(a, b)| (*a, *b)).collect();
    if usable.len() < FEWEST {
        return None;
    }
    let step = usable.len().div_ceil(SAMPLES);
    let used: Vec<([f64; 3], [f64; 3])> = usable.into_iter().step_by(step).collect();
    let starts = [[0.2, 0.3], [1.4, 0.2], [0.3, 1.4], [-0.9, 0.8], [0.8, -0.9]];
    let mut best: Option<([f64; 4], f64)> = None;
    for a in starts {
        for b in starts {
            let found = refine(&used, [a[0], a[1], b[0], b[1]]);
            if best.is_none_or(|(_, cost)| found.1 < cost) {
                best = Some(found);
            }
        }
    }
    let (angles, cost) = best?;
    Some(Hinge {
        axes: [axis(angles[0], angles[1]), axis(angles[2], angles[3])],
        misfit_rad_s: (cost / used.len() as f64).sqrt(),
    })
}

/// Whether a segment turns fast enough to say where its axis is; never for missing samples.
pub(super) fn is_fast(v: &[f64; 3]) -> bool {
    v.iter().map(|x| x * x).sum::<f64>() > SLOW_RAD_S * SLOW_RAD_S
}

/// The unit vector of inclination and azimuth.
fn axis(inclination: f64, azimuth: f64) -> [f64; 3] {
    let (si, ci) = inclination.sin_cos();
    let (sa, ca) = azimuth.sin_cos();
    [ci * ca, ci * sa, si]
}

fn across(w: &[f64; 3], j: [f64; 3]) -> f64 {
    let c = [w[1] * j[2] - w[2] * j[1], w[2] * j[0] - w[0] * j[2], w[0] * j[1] - w[1] * j[0]];
    (c[0] * c[0] + c[1] * c[1] + c[2] * c[2]).sqrt()
}

fn residual(pair: &([f64; 3], [f64; 3]), angles: &[f64; 4]) -> f64 {
    across(&pair.0, axis(angles[0], angles[1])) - across(&pair.1, axis(angles[2], angles[3]))
}

/// Levenberg-Marquardt from one start: the angles and the sum of squares.
fn refine(pairs: &[([f64; 3], [f64; 3])], start: [f64; 4]) -> ([f64; 4], f64) {
    const STEP: f64 = 1e-6;
    let cost_of = |angles: &[f64; 4]| pairs.iter().map(|p| residual(p, angles).powi(2)).sum::<f64>();
    let (mut angles, mut damping) = (start, 1e-3);
    let mut cost = cost_of(&angles);
    for _ in 0..ITERATIONS {
        let (mut normal, mut gradient) = ([[0.0; 4]; 4], [0.0; 4]);
        for pair in pairs {
            let e = residual(pair, &angles);
            let slope = [0, 1, 2, 3].map(|k: usize| {
                let mut moved = angles;
                moved[k] += STEP;
                (residual(pair, &moved) - e) / STEP
            });
            for r in 0..4 {
                gradient[r] += slope[r] * e;
                for c in 0..4 {
                    normal[r][c] += slope[r] * slope[c];
                }
            }
        }
        for (r, row) in normal.iter_mut().enumerate() {
            row[r] += damping * row[r] + 1e-12;
        }
        let Some(change) = super::linear::solve(normal, gradient) else { break };
        let tried = [0, 1, 2, 3].map(|k: usize| angles[k] - change[k]);
        let new = cost_of(&tried);
        if new < cost {
            let gained = cost - new;
            (angles, cost, damping) = (tried, new, damping * 0.3);
            if gained < 1e-9 * cost {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > 1e6 {
                break;
            }
        }
    }
    (angles, cost)
}
