//! Meters of the channels of one stream: what a [`QualityMeter`] for each of them would say, with the channels side by side.

use super::meter::{QualityMeter, QualitySettings};
use crate::design::DesignError;
use crate::filter::FilterBank;
use crate::filter::frames::{TOGETHER, interleave, separate};

/// Frames that are filtered at a time.
const BLOCK: usize = 256;

/// Watches the raw channels of one stream, which share the vector lanes of the band-pass. Neither pushing nor reporting allocates.
///
/// Every meter says what a meter of its own would, to the bit, also where channels lose samples at different times.
///
/// ```
/// use surae_signal::quality::{QualityMeter, QualityMeters, QualitySettings};
/// let settings = QualitySettings::microvolts(1000.0);
/// let tone = |hz: f64| (0..4000).map(|n| 40.0 * (hz * f64::from(n) / 159.15).sin()).collect::<Vec<f64>>();
/// let (a, b) = (tone(80.0), tone(130.0));
/// let mut meters = QualityMeters::new(&[settings; 2])?;
/// meters.push(&[a, b.clone()].concat(), 4000, 4000); // one channel after the other
/// let mut alone = QualityMeter::new(settings)?;
/// alone.push(&b);
/// assert_eq!(meters.get_mut(1).map(|meter| meter.report()), Some(alone.report()));
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct QualityMeters {
    meters: Vec<QualityMeter>,
    /// One for every [`TOGETHER`] channels.
    banks: Vec<FilterBank>,
    frames: Vec<f64>,
    band: [Vec<f64>; TOGETHER],
}

impl QualityMeters {
    /// A meter for each channel; all have the rate of the first. Allocates; nothing after it does.
    ///
    /// # Errors
    /// As [`QualityMeter::new`], for the rate.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeters, QualitySettings};
    /// assert!(QualityMeters::new(&[]).is_ok_and(|meters| meters.is_empty()));
    /// assert!(QualityMeters::new(&[QualitySettings::microvolts(40.0)]).is_err());
    /// ```
    pub fn new(settings: &[QualitySettings]) -> Result<Self, DesignError> {
        let rate_hz = settings.first().map_or(f64::NAN, |first| first.rate_hz);
        let meters: Vec<QualityMeter> = settings
            .iter()
            .map(|settings| QualityMeter::new(QualitySettings { rate_hz, ..*settings }))
            .collect::<Result<_, _>>()?;
        let banks = meters.chunks(TOGETHER).map(|group| group[0].bank(group.len())).collect();
        let band = [(); TOGETHER].map(|()| vec![0.0; BLOCK]);
        Ok(Self { banks, frames: vec![0.0; BLOCK * TOGETHER], band, meters })
    }

    /// Number of channels.
    ///
    /// ```
    /// # use surae_signal::quality::{QualityMeters, QualitySettings};
    /// let meters = QualityMeters::new(&[QualitySettings::microvolts(1000.0); 3])?;
    /// assert_eq!(meters.len(), 3);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn len(&self) -> usize {
        self.meters.len()
    }

    /// True without channels.
    ///
    /// ```
    /// # use surae_signal::quality::QualityMeters;
    /// assert!(QualityMeters::new(&[])?.is_empty());
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.meters.is_empty()
    }

    /// The meter of a channel, to report or to set its rest level; `None` beyond the last. Samples are for [`QualityMeters::push`] only.
    ///
    /// ```
    /// # use surae_signal::quality::{QualityMeters, QualitySettings};
    /// let mut meters = QualityMeters::new(&[QualitySettings::microvolts(1000.0)])?;
    /// assert!(meters.get_mut(0).is_some() && meters.get_mut(1).is_none());
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn get_mut(&mut self, channel: usize) -> Option<&mut QualityMeter> {
        self.meters.get_mut(channel)
    }

    /// Forgets everything but settings and rest levels.
    ///
    /// ```
    /// # use surae_signal::quality::{QualityMeters, QualitySettings};
    /// let mut meters = QualityMeters::new(&[QualitySettings::microvolts(1000.0)])?;
    /// meters.lost(100);
    /// meters.reset();
    /// assert_eq!(meters.get_mut(0).map(|meter| meter.report().lost_fraction), Some(0.0));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn reset(&mut self) {
        self.meters.iter_mut().for_each(QualityMeter::reset);
        self.banks.iter_mut().for_each(FilterBank::reset);
    }

    /// Counts frames that never came.
    ///
    /// ```
    /// # use surae_signal::quality::{QualityMeters, QualitySettings};
    /// let mut meters = QualityMeters::new(&[QualitySettings::microvolts(1000.0)])?;
    /// meters.push(&[1.0; 900], 900, 900);
    /// meters.lost(100);
    /// assert_eq!(meters.get_mut(0).map(|meter| meter.report().lost_fraction), Some(0.1));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn lost(&mut self, frames: u64) {
        self.meters.iter_mut().for_each(|meter| meter.lost(frames));
    }

    /// Takes the next frames: channel `c` has its samples at `columns[c * stride..][..frames]`, in the unit of its settings. Values that
    /// are not finite count as lost.
    ///
    /// # Panics
    /// When `columns` is too short for that.
    ///
    /// ```
    /// # use surae_signal::quality::{QualityMeters, QualitySettings};
    /// let mut meters = QualityMeters::new(&[QualitySettings::microvolts(1000.0); 2])?;
    /// let mut columns = vec![1.0; 2 * 1000];
    /// columns[1500..].fill(f64::NAN);
    /// meters.push(&columns, 1000, 1000);
    /// assert_eq!(meters.get_mut(0).map(|meter| meter.report().lost_fraction), Some(0.0));
    /// assert_eq!(meters.get_mut(1).map(|meter| meter.report().lost_fraction), Some(0.5));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn push(&mut self, columns: &[f64], stride: usize, frames: usize) {
        let mut from = 0;
        while from < frames && !self.meters.is_empty() {
            let count = self.alike(columns, stride, from, frames.min(from + BLOCK));
            self.take(columns, stride, from, count);
            from += count;
        }
    }

    /// Frames from `from` on in which every channel has values, or has none, throughout; at least one.
    fn alike(&self, columns: &[f64], stride: usize, from: usize, to: usize) -> usize {
        let of = |channel: usize| {
            let column = &columns[channel * stride..][from..to];
            let first = column[0].is_finite();
            column.iter().position(|x| x.is_finite() != first).unwrap_or(column.len())
        };
        (0..self.meters.len()).map(of).min().unwrap_or(to - from)
    }

    /// At most [`BLOCK`] frames in which no channel begins or ceases to have values.
    fn take(&mut self, columns: &[f64], stride: usize, from: usize, count: usize) {
        let groups = self.meters.chunks_mut(TOGETHER).zip(&mut self.banks);
        for (group, (meters, bank)) in groups.enumerate() {
            let channels = meters.len();
            let of = |at: usize| &columns[(group * TOGETHER + at) * stride..][from..from + count];
            let raw: [&[f64]; TOGETHER] = std::array::from_fn(|at| of(at.min(channels - 1)));
            let frames = &mut self.frames[..count * channels];
            interleave(&raw[..channels], 0, frames);
            for (at, meter) in meters.iter().enumerate() {
                if !raw[at][0].is_finite() {
                    // What the filter makes of a gap is nobody's: it starts anew after it.
                    frames.chunks_exact_mut(channels).for_each(|frame| frame[at] = 0.0);
                } else if meter.begins() {
                    bank.prime_channel(at, raw[at][0]);
                }
            }
            bank.process(frames);
            separate(frames, 0, &mut self.band[..channels]);
            for (meter, (raw, band)) in meters.iter_mut().zip(raw.iter().zip(&self.band)) {
                if raw[0].is_finite() {
                    meter.take_filtered(raw, &band[..count]);
                    meter.push_spectrum(raw);
                } else {
                    meter.lost(count as u64);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_what_a_meter_of_its_own_says_however_channels_lose_samples() {
        let mut state = 3_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
        };
        for channels in [1, 2, 3, 8, 9] {
            let mut signals: Vec<Vec<f64>> =
                (0..channels).map(|_| (0..12_000).map(|_| 30.0 * next()).collect()).collect();
            // Gaps of all lengths at places of their own, at the very start too, and one value that is not finite alone.
            for (k, signal) in signals.iter_mut().enumerate().filter(|(k, _)| k % 3 != 1) {
                signal[3000 + 17 * k..3000 + 17 * k + 1 + 40 * k].fill(f64::NAN);
                signal[7777] = f64::INFINITY;
                if k % 2 == 0 {
                    signal[..5].fill(f64::NAN);
                }
            }
            let settings = QualitySettings::microvolts(1000.0);
            let mut meters = QualityMeters::new(&vec![settings; channels]).unwrap();
            let mut alone: Vec<QualityMeter> =
                (0..channels).map(|_| QualityMeter::new(settings).unwrap()).collect();
            let mut from = 0;
            while from < 12_000 {
                let now = ((next() + 0.5) * 900.0) as usize + 1;
                let to = (from + now).min(12_000);
                let columns: Vec<f64> = signals.iter().flat_map(|signal| signal[from..to].to_vec()).collect();
                meters.push(&columns, to - from, to - from);
                for (meter, signal) in alone.iter_mut().zip(&signals) {
                    meter.push(&signal[from..to]);
                }
                if from > 9000 && from < 9900 {
                    meters.lost(77);
                    alone.iter_mut().for_each(|meter| meter.lost(77));
                }
                from = to;
            }
            for (channel, alone) in alone.iter_mut().enumerate() {
                let found = meters.get_mut(channel).unwrap().report();
                assert_eq!(format!("{found:?}"), format!("{:?}", alone.report()), "{channel} of {channels}");
            }
        }
    }
}
