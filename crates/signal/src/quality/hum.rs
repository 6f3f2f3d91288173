//! Mains hum in a density.

use crate::spectrum::Bins;

/// Half width of a hum line, Hz.
const HALF_WIDTH_HZ: f64 = 1.0;

/// Highest harmonic that is looked at, Hz.
const TOP_HZ: f64 = 450.0;

/// The mains frequency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mains {
    /// 50 Hz.
    Hz50,
    /// 60 Hz.
    Hz60,
}

impl Mains {
    /// Fundamental, Hz.
    ///
    /// ```
    /// assert_eq!(surae_signal::quality::Mains::Hz60.frequency_hz(), 60.0);
    /// ```
    pub fn frequency_hz(self) -> f64 {
        match self {
            Self::Hz50 => 50.0,
            Self::Hz60 => 60.0,
        }
    }
}

/// Share of the total power within 1 Hz of `mains` and of its harmonics up to 450 Hz, beyond what the neighbourhood would have there.
///
/// METHOD 8: power in f0 ± 1 Hz (and harmonics) minus the interpolation of its neighbours, over the total power. The neighbours are the
/// bins from 2 to 4 Hz on both sides, which a Hann window of one second keeps free of the line. 0 to 1; NaN where the density is NaN,
/// 0 without power or when the resolution is coarser than 1.5 Hz.
///
/// ```
/// use surae_signal::quality::{Mains, hum_ratio};
/// use surae_signal::spectrum::Bins;
/// let mut density = vec![1.0; 501];
/// density[50] = 500.0; // as much in one bin as in all others together
/// let bins = Bins { resolution_hz: 1.0, density: &density };
/// assert!((hum_ratio(bins, Mains::Hz50) - 0.5).abs() < 0.01);
/// assert!(hum_ratio(bins, Mains::Hz60) < 0.01);
/// ```
pub fn hum_ratio(bins: Bins<'_>, mains: Mains) -> f64 {
    let nyquist_hz = bins.frequency(bins.density.len().saturating_sub(1));
    let total = bins.band_power(0.0, nyquist_hz);
    if total.is_nan() {
        return f64::NAN;
    }
    if total <= 0.0 || bins.resolution_hz > 1.5 {
        return 0.0;
    }
    let mut excess = 0.0;
    let mut centre_hz = mains.frequency_hz();
    while centre_hz + 4.0 <= TOP_HZ.min(nyquist_hz) {
        excess += line_excess(bins, centre_hz);
        centre_hz += mains.frequency_hz();
    }
    (excess / total).clamp(0.0, 1.0)
}

/// Power of one line beyond the mean of its neighbours.
fn line_excess(bins: Bins<'_>, centre_hz: f64) -> f64 {
    let count = |low: f64, high: f64| {
        let (first, last) =
            ((low / bins.resolution_hz - 1e-9).ceil(), (high / bins.resolution_hz + 1e-9).floor());
        (last - first + 1.0).max(0.0)
    };
    let line = (centre_hz - HALF_WIDTH_HZ, centre_hz + HALF_WIDTH_HZ);
    let below = (centre_hz - 4.0, centre_hz - 2.0);
    let above = (centre_hz + 2.0, centre_hz + 4.0);
    let neighbours = count(below.0, below.1) + count(above.0, above.1);
    if neighbours == 0.0 {
        return 0.0;
    }
    let around = bins.band_power(below.0, below.1) + bins.band_power(above.0, above.1);
    (bins.band_power(line.0, line.1) - around / neighbours * count(line.0, line.1)).max(0.0)
}
