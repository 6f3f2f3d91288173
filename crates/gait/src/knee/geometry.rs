//! The knee angle from three points, and the hip centre from the pelvis.

/// A point or vector.
pub type Point = [f64; 3];

pub(crate) fn sub(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn add(a: Point, b: Point) -> Point {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(crate) fn scale(a: Point, by: f64) -> Point {
    a.map(|x| x * by)
}

pub(crate) fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn cross(a: Point, b: Point) -> Point {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(crate) fn norm(a: Point) -> f64 {
    dot(a, a).sqrt()
}

fn unit(a: Point) -> Point {
    scale(a, 1.0 / norm(a))
}

pub(crate) fn middle(a: Point, b: Point) -> Point {
    scale(add(a, b), 0.5)
}

/// A leg bent further than this is never hyperextended.
const SIGNED_BELOW_DEG: f64 = 25.0;
/// The bend must lie this much in the sagittal plane (cosine) for its sign to mean anything: with lateral markers a
/// straight leg shows several degrees in the frontal plane, and a sign put on those would jump by twice as much.
const SAGITTAL_COSINE: f64 = 0.7;

/// Knee flexion in deg from hip, knee and ankle: 0 = straight, flexion positive (METHOD 4.2).
///
/// `180 - atan2(|u x v|, u . v)` with `u` = hip - knee, `v` = ankle - knee: exact near 0, where an arc cosine is not.
/// With `to_right`, a vector towards the subject's right, hyperextension comes out negative; without it the angle has
/// no sign. Coincident points give `NaN`, as does any `NaN`.
#[must_use]
pub fn flexion_deg(hip: Point, knee: Point, ankle: Point, to_right: Option<Point>) -> f64 {
    let (u, v) = (sub(hip, knee), sub(ankle, knee));
    if norm(u) == 0.0 || norm(v) == 0.0 {
        return f64::NAN;
    }
    let normal = cross(u, v);
    let angle = 180.0 - norm(normal).atan2(dot(u, v)).to_degrees();
    match to_right {
        Some(right)
            if angle < SIGNED_BELOW_DEG
                && dot(normal, right) < -SAGITTAL_COSINE * norm(normal) * norm(right) =>
        {
            -angle
        }
        _ => angle,
    }
}

/// Hip joint centre by the regression of Bell et al. (1990): from each anterior superior iliac spine 14 % of their
/// distance medially, 19 % posteriorly, 30 % distally.
///
/// `sacrum` is the sacral marker or the middle of the posterior spines. Any `NaN` gives `NaN`.
#[must_use]
pub fn hip_centre_bell(right_asis: Point, left_asis: Point, sacrum: Point, right_side: bool) -> Point {
    let to_right = sub(right_asis, left_asis);
    let width = norm(to_right);
    let right = unit(to_right);
    let centre = middle(right_asis, left_asis);
    let forward = sub(centre, sacrum);
    let forward = unit(sub(forward, scale(right, dot(forward, right))));
    let up = cross(right, forward);
    let lateral = if right_side { 0.36 } else { -0.36 };
    let offset = add(add(scale(right, lateral), scale(forward, -0.19)), scale(up, -0.30));
    add(centre, scale(offset, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_rows_28_to_30() {
        let knee = [0.0, 0.0, 0.5];
        assert!(flexion_deg([0.0, 0.0, 0.9], knee, [0.0, 0.0, 0.1], None).abs() < 1e-9);
        assert!((flexion_deg([0.4, 0.0, 0.5], knee, [0.0, 0.0, 0.1], None) - 90.0).abs() < 1e-9);
        assert!((flexion_deg([0.0, 0.0, 0.9], knee, [-0.346_410_161_5, 0.0, 0.3], None) - 60.0).abs() < 1e-6);
    }

    #[test]
    fn hyperextension_is_negative_and_flexion_positive() {
        // x forward, y left, z up: the subject's right is -y. The ankle goes back in flexion.
        let (hip, knee, right) = ([0.0, 0.0, 0.9], [0.0, 0.0, 0.5], Some([0.0, -1.0, 0.0]));
        let ankle = |degrees: f64| {
            let a = degrees.to_radians();
            [-0.4 * a.sin(), 0.0, 0.5 - 0.4 * a.cos()]
        };
        for degrees in [-8.0, -0.5, 0.5, 8.0, 90.0] {
            assert!((flexion_deg(hip, knee, ankle(degrees), right) - degrees).abs() < 1e-9, "{degrees}");
        }
        // A lateral knee marker bends the leg 11 deg in the frontal plane: no sign can be told, and none is.
        assert!((flexion_deg(hip, [0.0, -0.04, 0.5], ankle(-1.0), right) - 11.4).abs() < 0.3);
        assert!(flexion_deg(hip, hip, ankle(3.0), right).is_nan());
        assert!(flexion_deg(hip, knee, [f64::NAN; 3], right).is_nan());
    }

    #[test]
    fn bell_puts_the_hip_where_the_regression_says() {
        // Pelvis 240 mm wide, facing +x, right = -y.
        let centre = hip_centre_bell([0.0, -120.0, 0.0], [0.0, 120.0, 0.0], [-150.0, 0.0, 0.0], true);
        let expected = [-0.19 * 240.0, -0.36 * 240.0, -0.30 * 240.0];
        assert!(centre.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{centre:?}");
    }
}
