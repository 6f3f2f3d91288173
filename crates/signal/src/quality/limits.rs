//! What counts as good: every limit a meter judges by, with its source.

use super::reason::Grade;

/// Two limits of a metric: worse than the first is fair, worse than the second bad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Last good value.
    pub fair: f64,
    /// Last fair value.
    pub bad: f64,
}

impl Limit {
    const fn new(fair: f64, bad: f64) -> Self {
        Self { fair, bad }
    }

    /// The grade of a metric that is worse the larger it is. NaN is good: nothing is known against it.
    ///
    /// ```
    /// use surae_signal::quality::{Grade, QualityLimits};
    /// let limit = QualityLimits::default().hum_ratio;
    /// assert_eq!((limit.rising(0.05), limit.rising(0.06), limit.rising(0.21)), (Grade::Good, Grade::Fair, Grade::Bad));
    /// ```
    pub fn rising(&self, value: f64) -> Grade {
        if value > self.bad {
            Grade::Bad
        } else if value > self.fair {
            Grade::Fair
        } else {
            Grade::Good
        }
    }

    /// The grade of a metric that is worse the smaller it is. NaN is good: nothing is known against it.
    ///
    /// ```
    /// use surae_signal::quality::{Grade, QualityLimits};
    /// let limit = QualityLimits::default().snr_db;
    /// assert_eq!((limit.falling(15.0), limit.falling(14.0), limit.falling(7.0)), (Grade::Good, Grade::Fair, Grade::Bad));
    /// ```
    pub fn falling(&self, value: f64) -> Grade {
        Self::new(-self.fair, -self.bad).rising(-value)
    }
}

/// Every limit of the meters. The default is METHOD 8's table: \[P\] marks this project's proposals, which no standard backs, \[V\] figures
/// that were read in their source. Change what your laboratory has better knowledge of, and say so beside the results.
///
/// ```
/// use surae_signal::quality::{Limit, QualityLimits, QualityMeter, QualitySettings};
/// // A laboratory with dry electrodes accepts more noise.
/// let limits = QualityLimits { noise_uv: Limit { fair: 10.0, bad: 30.0 }, ..QualityLimits::default() };
/// let meter = QualityMeter::new(QualitySettings { limits, ..QualitySettings::microvolts(2000.0) })?;
/// # let _ = meter;
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityLimits {
    /// Noise floor, µV RMS: 5 and 15 \[P\].
    pub noise_uv: Limit,
    /// Signal over noise, dB (falling): 15 \[P\] and 8, under which the double threshold detector loses its published precision \[V\]
    /// (Bonato et al. 1998).
    pub snr_db: Limit,
    /// Mains hum and harmonics over total power: 0.05 and 0.20 \[P\].
    pub hum_ratio: Limit,
    /// Power below 20 Hz over total power: 0.10 and 0.30 \[P\].
    pub motion_ratio: Limit,
    /// Share of clipped samples: 0 and 0.001 \[P\].
    pub clipping_fraction: Limit,
    /// Share of lost samples: 0 and 0.005 \[P\].
    pub lost_fraction: Limit,
    /// Longest gap, seconds: 0.050 \[P\]; by its length alone a gap spoils its surroundings, not the channel.
    pub gap_s: Limit,
    /// Absolute mean over the converter's range: bad beyond 0.30 \[P\].
    pub offset_of_range: Limit,
    /// Kurtosis in bursts: 6 and 10 \[P\]; 3 for Gaussian EMG.
    pub kurtosis: Limit,
    /// RMS of 20 to 450 Hz that surface EMG gives, µV, smallest and largest: 7.1 to 245, gaitutils' variances of 5e-11 and 6e-8 V² \[V\].
    /// Outside is fair.
    pub rms_uv: (f64, f64),
    /// RMS under which no electrode is on, µV: 0.5 \[P\].
    pub off_below_uv: f64,
    /// Share of flat windows above which no electrode is on: 0.1 \[P\].
    pub off_above_flat_fraction: f64,
    /// A window of 100 ms is active above this multiple of the noise floor: 2, 6 dB \[P\].
    pub active_over_floor: f64,
    /// Absolute correlation of two raw channels above which they are the same signal: 0.95 \[P\].
    pub identical: f64,
    /// Largest absolute correlation within ±30 ms: 0.2 and 0.3 \[P\]; a screen in the form of Winter, Fuglevand & Archer 1994 \[V\].
    pub crosstalk: Limit,
}

impl Default for QualityLimits {
    fn default() -> Self {
        Self {
            noise_uv: Limit::new(5.0, 15.0),
            snr_db: Limit::new(15.0, 8.0),
            hum_ratio: Limit::new(0.05, 0.20),
            motion_ratio: Limit::new(0.10, 0.30),
            clipping_fraction: Limit::new(0.0, 0.001),
            lost_fraction: Limit::new(0.0, 0.005),
            gap_s: Limit::new(0.05, f64::INFINITY),
            offset_of_range: Limit::new(0.30, 0.30),
            kurtosis: Limit::new(6.0, 10.0),
            rms_uv: (7.1, 245.0),
            off_below_uv: 0.5,
            off_above_flat_fraction: 0.1,
            active_over_floor: 2.0,
            identical: 0.95,
            crosstalk: Limit::new(0.2, 0.3),
        }
    }
}
