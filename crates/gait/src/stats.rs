//! The few statistics that the method needs: mean, spread, median, t-intervals.
//!
//! Not for tests of hypotheses: the report gives intervals.

/// Two-sided 90 % (one-sided 95 %) quantile of the normal distribution.
pub const Z90: f64 = 1.644_853_626_951_472_7;

/// Mean of the finite values; `None` without any.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    let (sum, n) = values.iter().filter(|v| v.is_finite()).fold((0.0, 0_usize), |(s, n), v| (s + v, n + 1));
    (n > 0).then(|| sum / n as f64)
}

/// Sample standard deviation (n - 1) of the finite values; `None` with fewer than two.
#[must_use]
pub fn sd(values: &[f64]) -> Option<f64> {
    let centre = mean(values)?;
    let (sum, n) = values
        .iter()
        .filter(|v| v.is_finite())
        .fold((0.0, 0_usize), |(s, n), v| (s + (v - centre) * (v - centre), n + 1));
    (n > 1).then(|| (sum / (n - 1) as f64).sqrt())
}

/// Median of the finite values; `None` without any.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    percentile(values, 50.0)
}

/// Percentile (0-100) of the finite values, linear between order statistics; `None` without any.
#[must_use]
pub fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = (percent / 100.0).clamp(0.0, 1.0) * last as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (at - below as f64))
}

/// The 95 % quantile of Student's t with `df` degrees of freedom: half-width factor of a two-sided 90 % interval.
///
/// Exact for 1 and 2 degrees of freedom, else the expansion of Abramowitz and Stegun 26.7.5 (error below 0.2 % at 3,
/// falling fast). Infinite for 0: one value has no spread.
#[must_use]
pub fn t90(df: usize) -> f64 {
    student(0.9, Z90, df)
}

/// Quantile of Student's t with `df` degrees of freedom; `p` is 0.95 or above.
///
/// Exact for 1 and 2 degrees of freedom, else the expansion of Abramowitz and Stegun 26.7.5 around the normal quantile (26.2.23).
#[must_use]
pub fn t_quantile(p: f64, df: usize) -> f64 {
    let z = if (p - 0.975).abs() < 1e-9 { 1.959_963_984_540_054 } else { normal_quantile(p) };
    student(2.0 * p - 1.0, z, df)
}

/// Half width of the two-sided interval of Student's t that holds `inner` of it; `z` is that of the normal distribution.
fn student(inner: f64, z: f64, df: usize) -> f64 {
    match df {
        0 => f64::INFINITY,
        1 => (inner / 2.0 * std::f64::consts::PI).tan(),
        2 => inner * (2.0 / (1.0 - inner * inner)).sqrt(),
        _ => {
            let v = df as f64;
            let z2 = z * z;
            let g1 = z * (z2 + 1.0) / 4.0;
            let g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
            let g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
            let g4 = z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0;
            z + g1 / v + g2 / v.powi(2) + g3 / v.powi(3) + g4 / v.powi(4)
        }
    }
}

/// Upper quantile of the normal distribution (Abramowitz and Stegun 26.2.23, error below 4.5e-4).
fn normal_quantile(p: f64) -> f64 {
    let t = (-2.0 * (1.0 - p).ln()).sqrt();
    t - (2.515_517 + t * (0.802_853 + t * 0.010_328))
        / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
}

/// [`t90`] for degrees of freedom that need not be whole, as Welch and Satterthwaite give them; linear in `1/df` between
/// whole numbers. The normal quantile for infinite ones.
#[must_use]
pub fn t90_of(df: f64) -> f64 {
    if !df.is_finite() {
        return Z90;
    }
    let below = df.max(0.0).floor();
    let (low, high) = (t90(below as usize), t90(below as usize + 1));
    if below < 1.0 || df == below {
        return low;
    }
    let part = (1.0 / below - 1.0 / df) / (1.0 / below - 1.0 / (below + 1.0));
    low + (high - low) * part
}

/// Mean and two-sided 90 % t-interval of independent values; `None` with fewer than two finite ones.
#[must_use]
pub fn mean_ci90(values: &[f64]) -> Option<(f64, [f64; 2])> {
    let n = values.iter().filter(|v| v.is_finite()).count();
    let (centre, spread) = (mean(values)?, sd(values)?);
    let half = t90(n - 1) * spread / (n as f64).sqrt();
    Some((centre, [centre - half, centre + half]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_quantiles_are_those_of_the_tables() {
        // Published tables of Student's t, 0.95.
        for (df, expected) in
            [(1, 6.313_752), (2, 2.919_986), (3, 2.353_363), (4, 2.131_847), (9, 1.833_113), (30, 1.697_261)]
        {
            assert!((t90(df) / expected - 1.0).abs() < 2e-3, "{df}: {}", t90(df));
        }
        assert!(t90(0).is_infinite());
        // The same tables, 0.975.
        for (df, expected) in [(1, 12.706_2), (2, 4.302_65), (4, 2.776_45), (10, 2.228_14), (30, 2.042_27)] {
            assert!((t_quantile(0.975, df) / expected - 1.0).abs() < 3e-3, "{df}: {}", t_quantile(0.975, df));
        }
        assert!((t_quantile(0.95, 9) / 1.833_113 - 1.0).abs() < 2e-3);
        assert_eq!((t90_of(4.0), t90_of(f64::INFINITY)), (t90(4), Z90));
        // SciPy 1.17: t.ppf(0.95, 4.5) = 2.065.
        assert!((t90_of(4.5) - 2.0650).abs() < 5e-3, "{}", t90_of(4.5));
    }

    #[test]
    fn missing_values_are_left_out_and_nothing_is_invented() {
        assert_eq!(mean(&[1.0, f64::NAN, 3.0]), Some(2.0));
        assert_eq!(mean(&[f64::NAN]), None);
        assert_eq!(sd(&[4.0]), None);
        assert_eq!(median(&[3.0, 1.0, f64::NAN, 2.0]), Some(2.0));
        assert_eq!(percentile(&[0.0, 10.0], 5.0), Some(0.5));
        assert_eq!(mean_ci90(&[1.0]), None);
    }
}
