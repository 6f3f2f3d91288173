//! Unit quaternions `[w, x, y, z]` for rotations of vectors. Only what orientation needs.

pub(super) type Quaternion = [f64; 4];

pub(super) const IDENTITY: Quaternion = [1.0, 0.0, 0.0, 0.0];

pub(super) fn product(a: Quaternion, b: Quaternion) -> Quaternion {
    [
        a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
        a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
        a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
        a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
    ]
}

pub(super) fn conjugate(q: Quaternion) -> Quaternion {
    [q[0], -q[1], -q[2], -q[3]]
}

pub(super) fn normalised(q: Quaternion) -> Quaternion {
    let length = q.iter().map(|x| x * x).sum::<f64>().sqrt();
    if length > 0.0 { q.map(|x| x / length) } else { IDENTITY }
}

/// `q v q*`.
pub(super) fn rotate(q: Quaternion, v: [f64; 3]) -> [f64; 3] {
    let r = product(product(q, [0.0, v[0], v[1], v[2]]), conjugate(q));
    [r[1], r[2], r[3]]
}

/// Rotation by `angle` rad about a unit axis.
pub(super) fn about(axis: [f64; 3], angle: f64) -> Quaternion {
    let (s, c) = (0.5 * angle).sin_cos();
    [c, s * axis[0], s * axis[1], s * axis[2]]
}

/// The shortest rotation that takes one unit vector to another.
pub(super) fn between(from: [f64; 3], to: [f64; 3]) -> Quaternion {
    let dot: f64 = from.iter().zip(to).map(|(a, b)| a * b).sum();
    let cross = [
        from[1] * to[2] - from[2] * to[1],
        from[2] * to[0] - from[0] * to[2],
        from[0] * to[1] - from[1] * to[0],
    ];
    if dot < -1.0 + 1e-9 {
        // Half a turn about any axis across.
        let across = if from[0].abs() < 0.9 { [0.0, -from[2], from[1]] } else { [-from[1], from[0], 0.0] };
        return normalised([0.0, across[0], across[1], across[2]]);
    }
    normalised([1.0 + dot, cross[0], cross[1], cross[2]])
}

/// Angle of the part of a rotation that is about `axis`, in rad, -pi to pi (swing-twist decomposition).
pub(super) fn twist(q: Quaternion, axis: [f64; 3]) -> f64 {
    let along = q[1] * axis[0] + q[2] * axis[1] + q[3] * axis[2];
    let angle = 2.0 * along.atan2(q[0]);
    (angle + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI
}
