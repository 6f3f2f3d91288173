//! Raw, rectified or envelope: what the signal itself says, whatever its label.
//!
//! Raw surface EMG has 88-99 % of its power at 20-450 Hz and both signs; a rectified one keeps the roughness and
//! loses the sign; an envelope has next to nothing above 20 Hz (values of real recordings in `docs/formats.md`).

use std::borrow::Cow;
use surae_signal::spectrum::{Welch, WelchSettings};

/// What a channel labelled EMG holds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Nature {
    /// Both signs about a centre, rough.
    Raw {
        /// Share of power at 20-450 Hz, 0 to 1.
        share: f64,
    },
    /// Never below zero, rough.
    Rectified {
        /// Share of power at 20-450 Hz, 0 to 1.
        share: f64,
    },
    /// Never clearly below zero, smooth.
    Envelope {
        /// Share of power at 20-450 Hz, 0 to 1.
        share: f64,
    },
    /// Both signs, yet smooth: drift, motion or a filtered signal; not EMG as it should be.
    SmoothBothSigns {
        /// Share of power at 20-450 Hz, 0 to 1.
        share: f64,
    },
    /// One value throughout.
    Flat,
    /// Too short, too slow or too broken to say.
    Unknown,
}

/// Below this share of power in the EMG band a signal is smooth. Raw recordings lie above 0.85, envelopes below 0.01.
const SMOOTH_SHARE: f64 = 0.25;
/// Samples needed for a spectrum that means anything.
const FEWEST: usize = 64;
/// Longest stretch looked at.
pub(crate) const LONGEST: usize = 1 << 19;

/// Judges the samples of one channel at `rate_hz`; `NaN` samples are left out.
#[must_use]
pub fn nature_of(column: &[f64], rate_hz: f64) -> Nature {
    let is_whole = column.len() <= LONGEST && column.iter().all(|v| v.is_finite());
    let values: Cow<'_, [f64]> = match is_whole {
        true => column.into(),
        false => column.iter().copied().filter(|v| v.is_finite()).take(LONGEST).collect(),
    };
    if values.is_empty() || !rate_hz.is_finite() {
        return Nature::Unknown;
    }
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    if low == high {
        return Nature::Flat;
    }
    if values.len() < FEWEST || rate_hz < 45.0 {
        return Nature::Unknown;
    }
    let Some(share) = emg_share(&values, rate_hz) else { return Nature::Unknown };
    let never_negative = low >= -1e-3 * high.abs();
    if share < SMOOTH_SHARE {
        // A smoothing filter may undershoot a little below zero.
        return if low >= -0.1 * high {
            Nature::Envelope { share }
        } else {
            Nature::SmoothBothSigns { share }
        };
    }
    if never_negative && rests_on_zero(&values) { Nature::Rectified { share } } else { Nature::Raw { share } }
}

/// Power at 20-450 Hz over all power above 0 Hz.
fn emg_share(values: &[f64], rate_hz: f64) -> Option<f64> {
    let mut settings = WelchSettings::for_rate(rate_hz);
    while settings.segment > values.len() {
        settings.segment /= 2;
        settings.overlap = settings.segment / 2;
    }
    let spectrum = Welch::new(settings).ok()?.density(values);
    let nyquist = rate_hz / 2.0;
    let total = spectrum.band_power(0.0, nyquist);
    let share = spectrum.band_power(20.0, nyquist.min(450.0)) / total;
    (total > 0.0 && share.is_finite()).then_some(share)
}

/// True when the smallest values crowd at zero and the tail is long, as after rectification; a raw signal on a
/// positive offset (an Arduino's 512) lies symmetrically about its centre and far from zero.
fn rests_on_zero(values: &[f64]) -> bool {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment = |power: i32| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / n;
    let deviation = moment(2).sqrt();
    let skewness = moment(3) / deviation.powi(3);
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    // A quiet muscle over constant noise lies 3 deviations up, yet still touches zero.
    skewness > 0.5 && (mean < 3.0 * deviation || low < 0.15 * mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise of a linear congruential generator, roughly Gaussian (sum of twelve), unit variance.
    fn noise(n: usize) -> Vec<f64> {
        let mut state = 1u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as f64 / f64::from(1u32 << 31)
        };
        (0..n).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect()
    }

    #[test]
    fn noise_its_magnitude_and_a_slow_wave_are_told_apart() {
        let raw = noise(4000);
        assert!(matches!(nature_of(&raw, 1000.0), Nature::Raw { share } if share > 0.8));
        let rectified: Vec<f64> = raw.iter().map(|v| v.abs()).collect();
        assert!(matches!(nature_of(&rectified, 1000.0), Nature::Rectified { .. }));
        let offset: Vec<f64> = raw.iter().map(|v| 512.0 + 40.0 * v).collect();
        assert!(matches!(nature_of(&offset, 1000.0), Nature::Raw { .. }));
        let slow: Vec<f64> = (0..4000).map(|k| 1.0 - (f64::from(k) * 0.00628).cos()).collect();
        assert!(matches!(nature_of(&slow, 1000.0), Nature::Envelope { share } if share < 0.01));
        let drift: Vec<f64> = (0..4000).map(|k| (f64::from(k) * 0.00628).cos()).collect();
        assert!(matches!(nature_of(&drift, 1000.0), Nature::SmoothBothSigns { .. }));
    }

    #[test]
    fn what_cannot_be_judged_is_not_judged() {
        assert_eq!(nature_of(&[], 1000.0), Nature::Unknown);
        assert_eq!(nature_of(&[f64::NAN; 100], 1000.0), Nature::Unknown);
        assert_eq!(nature_of(&[2.0; 100], 1000.0), Nature::Flat);
        assert_eq!(nature_of(&noise(100), 1.0), Nature::Unknown);
        assert_eq!(nature_of(&noise(10), 1000.0), Nature::Unknown);
    }
}
