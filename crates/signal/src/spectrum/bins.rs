//! What is read off a density: band power, median and mean frequency.

use super::welch::blocked_sum;

/// How the median frequency is read off the bins of a density. The report names the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MedianRule {
    /// The cumulative sum of the bins, inverted linearly at one half: METHOD 7 and rows 26 and 44.
    #[default]
    Interpolated,
    /// The first bin at which the cumulative sum reaches one half: what most toolboxes print. Steps by the resolution.
    FirstBin,
    /// The cumulative *trapezoid* integral, inverted linearly at one half.
    Trapezoid,
}

/// A one-sided power density on evenly spaced frequencies, borrowed: `density[i]` belongs to `i * resolution_hz`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins<'a> {
    /// Distance between bins, Hz.
    pub resolution_hz: f64,
    /// Power density, unit²/Hz; NaN where nothing could be computed.
    pub density: &'a [f64],
}

/// A one-sided power density that owns its bins.
///
/// ```
/// use surae_signal::spectrum::Spectrum;
/// let spectrum = Spectrum { resolution_hz: 1.0, density: vec![0.0, 1.0, 1.0, 1.0, 0.0], segments: 1 };
/// assert_eq!(spectrum.mean_frequency(0.0, 4.0), Some(2.0));
/// assert_eq!(spectrum.median_frequency(0.0, 4.0), Some(1.5));
/// assert_eq!(spectrum.band_power(1.0, 3.0), 3.0);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Spectrum {
    /// Distance between bins, Hz.
    pub resolution_hz: f64,
    /// Power density, unit²/Hz; NaN when [`Spectrum::segments`] is 0.
    pub density: Vec<f64>,
    /// How many segments were averaged: segments with a value that is not finite are left out.
    pub segments: usize,
}

impl Spectrum {
    /// The same density, borrowed.
    ///
    /// ```
    /// use surae_signal::spectrum::{MedianRule, Spectrum};
    /// let spectrum = Spectrum { resolution_hz: 10.0, density: vec![0.0, 1.0, 2.0, 1.0, 0.0], segments: 1 };
    /// assert_eq!(spectrum.bins().median_frequency(0.0, 40.0, MedianRule::FirstBin), Some(20.0));
    /// ```
    pub fn bins(&self) -> Bins<'_> {
        Bins { resolution_hz: self.resolution_hz, density: &self.density }
    }

    /// Frequency of bin `i`, Hz.
    ///
    /// ```
    /// use surae_signal::spectrum::Spectrum;
    /// let spectrum = Spectrum { resolution_hz: 2.0, density: vec![0.0; 10], segments: 1 };
    /// assert_eq!(spectrum.frequency(3), 6.0);
    /// ```
    pub fn frequency(&self, i: usize) -> f64 {
        self.bins().frequency(i)
    }

    /// Median frequency of the band, Hz, by [`MedianRule::Interpolated`]; see [`Bins::median_frequency`].
    /// `None` if the band holds no bin, no power, or a NaN.
    ///
    /// ```
    /// use surae_signal::spectrum::Spectrum;
    /// let spectrum = Spectrum { resolution_hz: 10.0, density: vec![0.0, 1.0, 1.0, 2.0, f64::NAN], segments: 1 };
    /// assert_eq!(spectrum.median_frequency(0.0, 30.0), Some(20.0)); // 1 + 1 of 4 at 20 Hz
    /// assert_eq!(spectrum.median_frequency(0.0, 40.0), None);
    /// ```
    pub fn median_frequency(&self, low_hz: f64, high_hz: f64) -> Option<f64> {
        self.bins().median_frequency(low_hz, high_hz, MedianRule::Interpolated)
    }

    /// Mean frequency of the band, Hz; `None` if the band holds no bin, no power, or a NaN. See [`Bins::mean_frequency`].
    ///
    /// ```
    /// use surae_signal::spectrum::Spectrum;
    /// let spectrum = Spectrum { resolution_hz: 10.0, density: vec![0.0, 1.0, 0.0, 3.0], segments: 1 };
    /// assert_eq!(spectrum.mean_frequency(0.0, 30.0), Some(25.0)); // (1 · 10 + 3 · 30) / 4
    /// assert_eq!(spectrum.mean_frequency(15.0, 25.0), None); // no power
    /// ```
    pub fn mean_frequency(&self, low_hz: f64, high_hz: f64) -> Option<f64> {
        self.bins().mean_frequency(low_hz, high_hz)
    }

    /// Power in the band, unit²; 0 for an empty band, NaN where the density is. See [`Bins::band_power`].
    ///
    /// ```
    /// use surae_signal::spectrum::Spectrum;
    /// let spectrum = Spectrum { resolution_hz: 10.0, density: vec![1.0, 2.0, 3.0], segments: 1 };
    /// assert_eq!(spectrum.band_power(10.0, 20.0), 50.0);
    /// assert_eq!(spectrum.band_power(11.0, 19.0), 0.0);
    /// ```
    pub fn band_power(&self, low_hz: f64, high_hz: f64) -> f64 {
        self.bins().band_power(low_hz, high_hz)
    }
}

impl<'a> Bins<'a> {
    /// Frequency of bin `i`, Hz.
    ///
    /// ```
    /// use surae_signal::spectrum::Bins;
    /// assert_eq!(Bins { resolution_hz: 2.0, density: &[0.0; 10] }.frequency(3), 6.0);
    /// ```
    pub fn frequency(&self, i: usize) -> f64 {
        i as f64 * self.resolution_hz
    }

    /// Median frequency of the band `low_hz..=high_hz`, Hz: half of the band's power lies below it. Both edge bins belong to the band.
    ///
    /// Source: Stulen & De Luca 1981; the reading of the bins is `rule`'s. `None` if the band holds no bin, no power, or a NaN.
    ///
    /// ```
    /// use surae_signal::spectrum::{Bins, MedianRule};
    /// let bins = Bins { resolution_hz: 10.0, density: &[0.0, 1.0, 2.0, 1.0, 0.0] };
    /// assert_eq!(bins.median_frequency(0.0, 40.0, MedianRule::FirstBin), Some(20.0));
    /// assert_eq!(bins.median_frequency(0.0, 0.0, MedianRule::FirstBin), None); // no power
    /// ```
    pub fn median_frequency(&self, low_hz: f64, high_hz: f64, rule: MedianRule) -> Option<f64> {
        let (first, band) = self.band(low_hz, high_hz)?;
        let total: f64 = match rule {
            MedianRule::Trapezoid => band.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).sum(),
            _ => band.iter().sum(),
        };
        if !(total.is_finite() && total > 0.0) {
            return None;
        }
        let position = match rule {
            MedianRule::FirstBin => first_at_least(band, total / 2.0)? as f64,
            MedianRule::Interpolated => inverse_of_sum(band, total / 2.0)?,
            MedianRule::Trapezoid => inverse_of_trapezoid(band, total / 2.0)?,
        };
        Some((first as f64 + position) * self.resolution_hz)
    }

    /// Mean (centroid) frequency `Σ f P / Σ P` of the band `low_hz..=high_hz`, Hz. `None` if the band holds no bin, no power, or a NaN.
    ///
    /// ```
    /// use surae_signal::spectrum::Bins;
    /// let bins = Bins { resolution_hz: 10.0, density: &[0.0, 1.0, 0.0, 1.0] };
    /// assert_eq!(bins.mean_frequency(0.0, 30.0), Some(20.0));
    /// ```
    pub fn mean_frequency(&self, low_hz: f64, high_hz: f64) -> Option<f64> {
        let (first, band) = self.band(low_hz, high_hz)?;
        let total: f64 = band.iter().sum();
        let weighted: f64 = band.iter().enumerate().map(|(i, p)| self.frequency(first + i) * p).sum();
        (total.is_finite() && total > 0.0).then(|| weighted / total)
    }

    /// Power in the band `low_hz..=high_hz`, unit²: the sum of its bins times the resolution. 0 for an empty band, NaN where the density is.
    ///
    /// ```
    /// use surae_signal::spectrum::Bins;
    /// let bins = Bins { resolution_hz: 10.0, density: &[1.0, 2.0, 3.0] };
    /// assert_eq!(bins.band_power(10.0, 20.0), 50.0);
    /// ```
    pub fn band_power(&self, low_hz: f64, high_hz: f64) -> f64 {
        self.band(low_hz, high_hz).map_or(0.0, |(_, band)| blocked_sum(band) * self.resolution_hz)
    }

    /// Index of the first bin of a band, and its bins. A bin that misses an edge by rounding only is inside.
    fn band(&self, low_hz: f64, high_hz: f64) -> Option<(usize, &'a [f64])> {
        const ROUNDING: f64 = 1e-9;
        let last = self.density.len().checked_sub(1)?;
        if !(low_hz <= high_hz && high_hz >= 0.0 && self.resolution_hz > 0.0) {
            return None;
        }
        let first = (low_hz.max(0.0) / self.resolution_hz - ROUNDING).ceil() as usize;
        let end = ((high_hz / self.resolution_hz + ROUNDING).floor() as usize).min(last);
        (first <= end).then(|| (first, &self.density[first..=end]))
    }
}

fn first_at_least(band: &[f64], target: f64) -> Option<usize> {
    let mut sum = 0.0;
    band.iter().position(|p| {
        sum += p;
        sum >= target
    })
}

fn inverse_of_sum(band: &[f64], target: f64) -> Option<f64> {
    let mut sum = 0.0;
    for (i, p) in band.iter().enumerate() {
        let next = sum + p;
        if next >= target {
            let back = if i == 0 { 0.0 } else { (next - target) / p };
            return Some(i as f64 - back);
        }
        sum = next;
    }
    None
}

fn inverse_of_trapezoid(band: &[f64], target: f64) -> Option<f64> {
    let mut sum = 0.0;
    for (i, pair) in band.windows(2).enumerate() {
        let area = (pair[0] + pair[1]) / 2.0;
        if sum + area >= target {
            return Some(i as f64 + (target - sum) / area);
        }
        sum += area;
    }
    None
}
