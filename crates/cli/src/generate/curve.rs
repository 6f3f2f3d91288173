//! Shapes over time: a burst of activation, and a smooth periodic curve through published points.

use serde::Serialize;

/// One burst of a muscle within the gait cycle, in percent of the cycle from foot contact.
///
/// Zero outside `on..off`, rising to `level` at `peak` and falling again along half cosines; `half` is where the
/// rise passes half of the peak. `on` may be negative: the burst then begins before contact.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Burst {
    /// Start of the burst.
    pub on_percent: f64,
    /// Where the rise passes half of its peak.
    pub half_percent: f64,
    /// Peak.
    pub peak_percent: f64,
    /// End of the burst.
    pub off_percent: f64,
    /// Drive at the peak, as a fraction of the muscle's own maximum.
    pub level: f64,
}

impl Burst {
    /// Drive at `percent` of the cycle; bursts do not repeat here, the caller adds neighbouring cycles.
    pub fn at(&self, percent: f64) -> f64 {
        if percent <= self.on_percent || percent >= self.off_percent {
            0.0
        } else if percent < self.peak_percent {
            let rise = (percent - self.on_percent) / (self.peak_percent - self.on_percent);
            let half = (self.half_percent - self.on_percent) / (self.peak_percent - self.on_percent);
            let exponent = 0.5_f64.ln() / half.ln();
            self.level * half_cosine(rise.powf(exponent))
        } else {
            self.level * half_cosine((self.off_percent - percent) / (self.off_percent - self.peak_percent))
        }
    }
}

/// 0 at 0, one half at one half, 1 at 1, flat at both ends.
pub fn half_cosine(u: f64) -> f64 {
    (1.0 - (std::f64::consts::PI * u.clamp(0.0, 1.0)).cos()) / 2.0
}

/// A periodic curve over 0..100 % through `points` (ascending), monotone between them (Fritsch and Carlson 1980),
/// so that the given extremes stay the extremes.
pub fn periodic(points: &[(f64, f64)], percent: f64) -> f64 {
    let n = points.len();
    let x = percent.rem_euclid(100.0);
    let knot = |i: isize| {
        let turns = i.div_euclid(n as isize);
        let (p, y) = points[i.rem_euclid(n as isize) as usize];
        (p + 100.0 * turns as f64, y)
    };
    let right = points.iter().position(|(p, _)| *p > x).unwrap_or(n) as isize;
    let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = [-2, -1, 0, 1].map(|offset| knot(right + offset));
    let secant = |(xa, ya): (f64, f64), (xb, yb): (f64, f64)| (yb - ya) / (xb - xa);
    let (before, here, after) =
        (secant((x0, y0), (x1, y1)), secant((x1, y1), (x2, y2)), secant((x2, y2), (x3, y3)));
    let (left_slope, right_slope) =
        (slope(before, here, x1 - x0, x2 - x1), slope(here, after, x2 - x1, x3 - x2));
    let width = x2 - x1;
    let t = (x - x1) / width;
    let (t2, t3) = (t * t, t * t * t);
    y1 * (2.0 * t3 - 3.0 * t2 + 1.0)
        + left_slope * width * (t3 - 2.0 * t2 + t)
        + y2 * (3.0 * t2 - 2.0 * t3)
        + right_slope * width * (t3 - t2)
}

/// A curve over time through `points` (ascending), monotone between them, constant before the first and after the last.
pub fn through(points: &[(f64, f64)], time: f64) -> f64 {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return 0.0 };
    if time <= first.0 {
        return first.1;
    }
    if time >= last.0 {
        return last.1;
    }
    let right = points.partition_point(|(t, _)| *t <= time).clamp(1, points.len() - 1);
    let (x1, y1) = points[right - 1];
    let (x2, y2) = points[right];
    let secant = |a: (f64, f64), b: (f64, f64)| (b.1 - a.1) / (b.0 - a.0);
    let here = secant(points[right - 1], points[right]);
    let tangent = |at: usize| match (at.checked_sub(1), points.get(at + 1)) {
        (Some(before), Some(after)) => slope(
            secant(points[before], points[at]),
            secant(points[at], *after),
            points[at].0 - points[before].0,
            after.0 - points[at].0,
        ),
        _ => 0.0,
    };
    hermite((x2 - x1, (time - x1) / (x2 - x1)), [y1, y2], [tangent(right - 1), tangent(right)], here)
}

/// Cubic with values and slopes at both ends of an interval; straight where both ends are equal.
fn hermite((width, t): (f64, f64), [y1, y2]: [f64; 2], [left, right]: [f64; 2], secant: f64) -> f64 {
    if secant == 0.0 {
        return y1;
    }
    let (t2, t3) = (t * t, t * t * t);
    y1 * (2.0 * t3 - 3.0 * t2 + 1.0)
        + left * width * (t3 - 2.0 * t2 + t)
        + y2 * (3.0 * t2 - 2.0 * t3)
        + right * width * (t3 - t2)
}

/// The slope at a knot: 0 at an extreme, else the weighted harmonic mean of both sides.
fn slope(before: f64, after: f64, width_before: f64, width_after: f64) -> f64 {
    if before * after <= 0.0 {
        return 0.0;
    }
    let (a, b) = (2.0 * width_after + width_before, width_after + 2.0 * width_before);
    (a + b) / (a / before + b / after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burst_passes_through_its_five_numbers() {
        let burst =
            Burst { on_percent: 9.0, half_percent: 28.0, peak_percent: 40.0, off_percent: 54.0, level: 0.42 };
        assert_eq!(burst.at(9.0), 0.0);
        assert!((burst.at(28.0) - 0.21).abs() < 1e-12);
        assert!((burst.at(40.0) - 0.42).abs() < 1e-12);
        assert!((burst.at(47.0) - 0.21).abs() < 1e-12);
        assert_eq!(burst.at(54.0), 0.0);
        assert_eq!(burst.at(80.0), 0.0);
    }

    #[test]
    fn a_curve_over_time_keeps_its_points_and_its_ends() {
        let points = [(1.0, 5.0), (2.0, 5.0), (3.0, 90.0), (3.5, 10.0)];
        for (time, value) in points {
            assert!((through(&points, time) - value).abs() < 1e-12);
        }
        assert_eq!((through(&points, 0.0), through(&points, 9.0)), (5.0, 10.0));
        assert_eq!(through(&points, 1.5), 5.0);
        for k in 0..300 {
            let value = through(&points, 0.5 + f64::from(k) * 0.0125);
            assert!((5.0 - 1e-12..=90.0 + 1e-12).contains(&value), "{value}");
        }
    }

    #[test]
    fn periodic_curve_passes_through_its_points_and_adds_no_extreme() {
        let points = [(0.0, 5.6), (12.0, 19.3), (40.0, 6.2), (50.0, 11.6), (60.0, 33.9), (72.0, 59.1)];
        for (percent, value) in points {
            assert!((periodic(&points, percent) - value).abs() < 1e-12);
            assert!((periodic(&points, percent + 100.0) - value).abs() < 1e-12);
        }
        for k in 0..1000 {
            let value = periodic(&points, f64::from(k) * 0.1);
            assert!((5.6 - 1e-12..=59.1 + 1e-12).contains(&value), "{value} at {k}");
        }
        let before_wrap = periodic(&points, 99.999);
        assert!((before_wrap - 5.6).abs() < 0.01);
    }
}
