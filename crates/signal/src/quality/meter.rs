//! The meter of one channel.

use super::hum::{Mains, hum_ratio};
use super::limits::QualityLimits;
use super::reason::{Grade, Reason};
use super::watch::{Clipping, Flatness};
use super::windows::Windows;
use crate::design::{Band, DesignError, Sos, butterworth};
use crate::filter::FilterBank;
use crate::spectrum::{Detrend, StreamingWelch, WelchSettings};

/// Windows kept for the noise floor: ten minutes of 100 ms.
const WINDOWS: usize = 6000;

/// Segments of one second, half overlapping, in the running spectrum: ten seconds.
const SEGMENTS: usize = 19;

/// Samples that are filtered at a time.
const BLOCK: usize = 256;

/// Most reasons that one report can hold: one of each.
const REASONS: usize = 12;

/// What a meter has to know about its channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualitySettings {
    /// Sampling rate, Hz; above 50.
    pub rate_hz: f64,
    /// µV per unit of the samples: 1 for µV, 1e6 for V; `None` for arbitrary units, which leaves the limits in µV out.
    pub microvolts_per_unit: Option<f64>,
    /// Smallest and largest value the converter can give, in the unit of the samples.
    pub range: Option<(f64, f64)>,
    /// One step of the converter, in the unit of the samples.
    pub step: Option<f64>,
    /// The local mains; `None` takes the stronger of 50 and 60 Hz.
    pub mains: Option<Mains>,
    /// What counts as good, fair and bad.
    pub limits: QualityLimits,
}

impl QualitySettings {
    /// Samples in µV, nothing else known.
    ///
    /// ```
    /// use surae_signal::quality::QualitySettings;
    /// // A 24-bit converter with a range of ±187.5 mV.
    /// let settings = QualitySettings { step: Some(0.0224), range: Some((-187_500.0, 187_500.0)), ..QualitySettings::microvolts(1000.0) };
    /// assert_eq!(settings.microvolts_per_unit, Some(1.0));
    /// ```
    pub fn microvolts(rate_hz: f64) -> Self {
        Self {
            rate_hz,
            microvolts_per_unit: Some(1.0),
            range: None,
            step: None,
            mains: None,
            limits: QualityLimits::default(),
        }
    }
}

/// What a meter found. `None` where nothing can be said yet or the unit is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelQuality {
    /// The worst grade of all metrics.
    pub grade: Grade,
    /// RMS of the 20 to 450 Hz band over the last ten minutes, unit of the signal.
    pub rms: Option<f64>,
    /// Noise floor, unit of the signal: RMS at rest if it was set, else the 5th percentile of 100 ms windows, never below the converter's.
    pub noise_floor: Option<f64>,
    /// RMS of the active windows over the noise floor, dB.
    pub snr_db: Option<f64>,
    /// Share of mains hum in the raw power, 0 to 1 (last ten seconds).
    pub hum_ratio: Option<f64>,
    /// The mains frequency that the ratio is of.
    pub mains: Option<Mains>,
    /// Share of the raw power below 20 Hz, offset not counted, 0 to 1 (last ten seconds).
    pub motion_ratio: Option<f64>,
    /// Share of the samples that are clipped, 0 to 1.
    pub clipping_fraction: f64,
    /// Share of the samples that were lost, 0 to 1.
    pub lost_fraction: f64,
    /// Longest gap, seconds.
    pub longest_gap_s: f64,
    /// Share of the 200 ms windows that hold at most one converter step of standard deviation, 0 to 1.
    pub flat_fraction: f64,
    /// Absolute mean of the last second over the range, 0 to 1.
    pub offset_of_range: Option<f64>,
    /// Kurtosis within active windows of 100 ms, weighted by their energy; 3 for Gaussian EMG.
    pub kurtosis: Option<f64>,
    reasons: [Option<(Grade, Reason)>; REASONS],
}

impl ChannelQuality {
    /// Every reason with its grade, in METHOD's order.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
    /// meter.push(&vec![0.0; 2000]);
    /// let words: Vec<String> = meter.report().reasons().map(|(_, reason)| reason.to_string()).collect();
    /// assert!(words.iter().any(|w| w.contains("loose electrode?")));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn reasons(&self) -> impl Iterator<Item = (Grade, Reason)> + '_ {
        self.reasons.iter().flatten().copied()
    }

    /// Whether the numbers themselves are wrong, so that nothing can be concluded from the channel: bad hum, an electrode that is off, or
    /// bad clipping. Noise and amplitude stand in the intervals of results, gaps have an answer of their own.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
    /// assert!(!meter.report().is_unusable());
    /// meter.push(&vec![0.0; 2000]);
    /// assert!(meter.report().is_unusable());
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn is_unusable(&self) -> bool {
        let wrong =
            |reason| matches!(reason, Reason::Hum { .. } | Reason::ElectrodeOff | Reason::Clipping { .. });
        self.reasons().any(|(grade, reason)| grade == Grade::Bad && wrong(reason))
    }

    fn empty() -> Self {
        Self {
            grade: Grade::Good,
            rms: None,
            noise_floor: None,
            snr_db: None,
            hum_ratio: None,
            mains: None,
            motion_ratio: None,
            clipping_fraction: 0.0,
            lost_fraction: 0.0,
            longest_gap_s: 0.0,
            flat_fraction: 0.0,
            offset_of_range: None,
            kurtosis: None,
            reasons: [None; REASONS],
        }
    }

    fn hold(&mut self, grade: Grade, reason: Reason) {
        if grade == Grade::Good {
            return;
        }
        self.grade = self.grade.max(grade);
        if let Some(free) = self.reasons.iter_mut().find(|slot| slot.is_none()) {
            *free = Some((grade, reason));
        }
    }
}

/// Watches one raw channel. Push samples as they come, report when asked; neither allocates.
///
/// Samples that are not finite count as lost. The metrics do not depend on how the stream is cut.
///
/// ```
/// use surae_signal::quality::{Grade, QualityMeter, QualitySettings};
/// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
/// let hum: Vec<f64> = (0..4000).map(|n| 50.0 * (2.0 * std::f64::consts::PI * 60.0 * n as f64 / 1000.0).sin()).collect();
/// meter.push(&hum);
/// let report = meter.report();
/// assert_eq!(report.grade, Grade::Bad);
/// assert_eq!(report.mains.map(|m| m.frequency_hz()), Some(60.0));
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct QualityMeter {
    settings: QualitySettings,
    band_design: Sos,
    band: FilterBank,
    windows: Windows,
    spectrum: StreamingWelch,
    flat: Flatness,
    clipping: Clipping,
    rest_noise: Option<f64>,
    received: u64,
    lost: u64,
    gap: u64,
    longest_gap: u64,
}

impl QualityMeter {
    /// A meter for one channel. Allocates; nothing after it does.
    ///
    /// # Errors
    /// [`DesignError`] if the rate is not a number or too low for a band above 20 Hz.
    ///
    /// ```
    /// use surae_signal::quality::{Grade, QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
    /// let report = meter.report();
    /// assert_eq!((report.grade, report.rms), (Grade::Good, None)); // nothing is known yet
    /// assert!(QualityMeter::new(QualitySettings::microvolts(40.0)).is_err()); // no band above 20 Hz
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn new(settings: QualitySettings) -> Result<Self, DesignError> {
        let rate_hz = settings.rate_hz;
        let band = butterworth(2, Band::BandPass(20.0, (0.45 * rate_hz).min(450.0)), rate_hz)?;
        let second = rate_hz.round() as usize;
        let welch =
            WelchSettings { segment: second, overlap: second / 2, detrend: Detrend::Constant, rate_hz };
        let spectrum = StreamingWelch::new(welch, SEGMENTS).map_err(|_| DesignError::Rate(rate_hz))?;
        Ok(Self {
            settings,
            band_design: band,
            band: FilterBank::new(&band, 1),
            windows: Windows::new((0.1 * rate_hz).round() as usize, WINDOWS),
            spectrum,
            flat: Flatness::new((0.2 * rate_hz).round() as usize, settings.step.unwrap_or(0.0)),
            clipping: Clipping::new(settings.range),
            rest_noise: None,
            received: 0,
            lost: 0,
            gap: 0,
            longest_gap: 0,
        })
    }

    /// Sets the noise floor to the RMS of quiet standing (METHOD R2), 20 to 450 Hz, unit of the signal.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
    /// meter.set_rest_noise(Some(3.0));
    /// assert_eq!(meter.report().noise_floor, Some(3.0));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn set_rest_noise(&mut self, rms: Option<f64>) {
        self.rest_noise = rms;
    }

    /// Forgets everything but the settings and the rest level.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
    /// meter.set_rest_noise(Some(3.0));
    /// meter.lost(100);
    /// meter.reset();
    /// let report = meter.report();
    /// assert_eq!((report.lost_fraction, report.noise_floor), (0.0, Some(3.0)));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn reset(&mut self) {
        self.band.reset();
        self.windows.reset();
        self.spectrum.reset();
        self.flat.reset();
        self.clipping = Clipping::new(self.settings.range);
        (self.received, self.lost, self.gap, self.longest_gap) = (0, 0, 0, 0);
    }

    /// Counts samples that never came.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
    /// meter.push(&[1.0; 900]);
    /// meter.lost(100);
    /// assert_eq!((meter.report().lost_fraction, meter.report().longest_gap_s), (0.1, 0.1));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn lost(&mut self, samples: u64) {
        if samples == 0 {
            return;
        }
        if self.gap == 0 {
            self.windows.interrupt();
            self.flat.interrupt();
            self.clipping.interrupt();
            // One NaN marks the segments that the gap falls in; what comes after it is whole again.
            self.spectrum.push(&[f64::NAN]);
        }
        self.gap += samples;
        self.lost += samples;
        self.longest_gap = self.longest_gap.max(self.gap);
    }

    /// Takes the next raw samples of the channel.
    /// Any number of them, in the unit of the settings; values that are not finite count as lost. Does not allocate.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
    /// meter.push(&[1.0; 750]);
    /// meter.push(&[f64::NAN; 250]);
    /// let report = meter.report();
    /// assert_eq!((report.lost_fraction, report.longest_gap_s), (0.25, 0.25));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn push(&mut self, raw: &[f64]) {
        for block in raw.chunks(BLOCK) {
            for run in block.chunk_by(|x, y| x.is_finite() == y.is_finite()) {
                if run[0].is_finite() {
                    self.run(run);
                } else {
                    self.lost(run.len() as u64);
                }
            }
        }
    }

    /// At most [`BLOCK`] finite samples.
    fn run(&mut self, raw: &[f64]) {
        if self.gap > 0 || self.received == 0 {
            self.band.prime_channel(0, raw[0]);
            self.gap = 0;
        }
        self.received += raw.len() as u64;
        let mut buffer = [0.0; BLOCK];
        let band = &mut buffer[..raw.len()];
        band.copy_from_slice(raw);
        self.band.process(band);
        self.windows.push(band);
        self.flat.push(raw);
        self.clipping.push(raw);
        self.spectrum.push(raw);
    }

    /// A bank of this meter's band-pass for several channels, at rest.
    pub(super) fn bank(&self, channels: usize) -> FilterBank {
        FilterBank::new(&self.band_design, channels)
    }

    /// True when the next sample begins a stretch: its band-pass starts from the settled state of that sample.
    pub(super) fn begins(&self) -> bool {
        self.gap > 0 || self.received == 0
    }

    /// The spectrum of the next samples, for a meter that is given its band-passed signal.
    pub(super) fn push_spectrum(&mut self, raw: &[f64]) {
        self.spectrum.push(raw);
    }

    /// As [`QualityMeter::push`] of finite samples whose band-passed signal is known, without the spectrum.
    pub(super) fn take_filtered(&mut self, raw: &[f64], band: &[f64]) {
        self.gap = 0;
        self.received += raw.len() as u64;
        self.windows.push(band);
        self.flat.push(raw);
        self.clipping.push(raw);
    }

    /// The spectrum of a whole signal, into a meter that has none yet.
    pub(super) fn take_spectrum(&mut self, raw: &[f64]) {
        let from = self.spectrum.forgotten(raw.len());
        self.spectrum.push(&raw[from..]);
    }

    /// What the meter knows now.
    /// Fields are `None` until there is enough to say: 100 ms for the RMS, 1 s for hum and motion. Does not allocate.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings { range: Some((-90.0, 90.0)), ..QualitySettings::microvolts(2000.0) })?;
    /// // 100 µV at 100 Hz, cut at the rails of ±90 µV: the samples at 72, 90 and 108°, 6 of every 20.
    /// let tone = |n: u32| 100.0 * (f64::from(n) * std::f64::consts::PI / 10.0).sin();
    /// meter.push(&(0..4000).map(|n| tone(n).clamp(-90.0, 90.0)).collect::<Vec<_>>());
    /// let report = meter.report();
    /// assert!((report.clipping_fraction - 6.0 / 20.0).abs() < 1e-3);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn report(&mut self) -> ChannelQuality {
        let mut report = ChannelQuality::empty();
        self.measure(&mut report);
        self.judge(&mut report);
        report
    }

    /// What [`ChannelQuality::is_unusable`] of the report would be, for a fraction of its cost. Does not allocate.
    ///
    /// ```
    /// use surae_signal::quality::{QualityMeter, QualitySettings};
    /// let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0))?;
    /// meter.push(&vec![0.0; 2000]);
    /// assert_eq!(meter.is_unusable(), meter.report().is_unusable());
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn is_unusable(&self) -> bool {
        let limits = self.settings.limits;
        let is_bad = |grade| grade == Grade::Bad;
        if is_bad(limits.clipping_fraction.rising(self.clipping.fraction(self.received))) {
            return true;
        }
        let rms = self.settings.microvolts_per_unit.and_then(|_| self.windows.overall_rms());
        if self.is_off(self.flat.fraction(), rms) {
            return true;
        }
        self.spectrum.segments() > 0 && is_bad(limits.hum_ratio.rising(self.hum().1))
    }

    /// Whether the electrode is off, by the share of flat windows and the RMS.
    fn is_off(&self, flat_fraction: f64, rms: Option<f64>) -> bool {
        let limits = self.settings.limits;
        flat_fraction > limits.off_above_flat_fraction
            || self.microvolts(rms).is_some_and(|rms_uv| rms_uv < limits.off_below_uv)
    }

    fn microvolts(&self, value: Option<f64>) -> Option<f64> {
        Some(value? * self.settings.microvolts_per_unit?)
    }

    fn measure(&mut self, report: &mut ChannelQuality) {
        let converter_floor = self.settings.step.unwrap_or(0.0) / 12.0_f64.sqrt();
        let floor = self.rest_noise.or_else(|| self.windows.rms_quantile(0.05));
        report.noise_floor = floor.map(|floor| floor.max(converter_floor));
        report.rms = self.windows.overall_rms();
        if let Some(floor) = report.noise_floor
            && let Some(active) = self.windows.active(self.settings.limits.active_over_floor * floor)
        {
            report.snr_db = Some(20.0 * (active.rms / floor).log10());
            report.kurtosis = Some(active.kurtosis);
        }
        if self.spectrum.segments() > 0 {
            self.measure_spectrum(report);
        }
        let expected = (self.received + self.lost).max(1) as f64;
        report.lost_fraction = self.lost as f64 / expected;
        report.longest_gap_s = self.longest_gap as f64 / self.settings.rate_hz;
        report.clipping_fraction = self.clipping.fraction(self.received);
        report.flat_fraction = self.flat.fraction();
        report.offset_of_range = self.settings.range.and_then(|range| self.flat.offset_of(range));
    }

    /// The mains frequency that was set, or that has more hum, and its share of the power.
    fn hum(&self) -> (Mains, f64) {
        let bins = self.spectrum.bins();
        let of = |mains| (mains, hum_ratio(bins, mains));
        match self.settings.mains {
            Some(mains) => of(mains),
            None => {
                let (low, high) = (of(Mains::Hz50), of(Mains::Hz60));
                if high.1 > low.1 { high } else { low }
            }
        }
    }

    fn measure_spectrum(&self, report: &mut ChannelQuality) {
        let bins = self.spectrum.bins();
        let (mains, ratio) = self.hum();
        (report.mains, report.hum_ratio) = (Some(mains), Some(ratio));
        let total = bins.band_power(0.0, self.settings.rate_hz / 2.0);
        if total > 0.0 {
            // "Below 20 Hz" ends half a bin short of it.
            let below = bins.band_power(0.0, 20.0 - bins.resolution_hz / 2.0);
            report.motion_ratio = Some(below / total);
        }
    }

    fn judge(&self, report: &mut ChannelQuality) {
        let limits = self.settings.limits;
        let rms_uv = self.microvolts(report.rms);
        let off = self.is_off(report.flat_fraction, report.rms);
        if off {
            report.hold(Grade::Bad, Reason::ElectrodeOff);
        }
        if let Some(floor_uv) = self.microvolts(report.noise_floor) {
            report.hold(limits.noise_uv.rising(floor_uv), Reason::Noise { floor_uv });
        }
        match report.snr_db {
            Some(snr_db) => report.hold(limits.snr_db.falling(snr_db), Reason::LowSnr { snr_db }),
            None if !off && report.noise_floor.is_some() => report.hold(Grade::Fair, Reason::NoActivity),
            None => {}
        }
        if let (Some(ratio), Some(mains)) = (report.hum_ratio, report.mains) {
            let reason = Reason::Hum { mains_hz: mains.frequency_hz(), ratio };
            report.hold(limits.hum_ratio.rising(ratio), reason);
        }
        if let Some(ratio) = report.motion_ratio {
            report.hold(limits.motion_ratio.rising(ratio), Reason::Motion { ratio });
        }
        let fraction = report.clipping_fraction;
        report.hold(limits.clipping_fraction.rising(fraction), Reason::Clipping { fraction });
        let fraction = report.lost_fraction;
        report.hold(limits.lost_fraction.rising(fraction), Reason::Lost { fraction });
        let seconds = report.longest_gap_s;
        report.hold(limits.gap_s.rising(seconds), Reason::LongGap { seconds });
        if let Some(of_range) = report.offset_of_range {
            report.hold(limits.offset_of_range.rising(of_range), Reason::Offset { of_range });
        }
        if let Some(kurtosis) = report.kurtosis {
            report.hold(limits.kurtosis.rising(kurtosis), Reason::Spikes { kurtosis });
        }
        let (least, most) = limits.rms_uv;
        if let Some(rms_uv) = rms_uv.filter(|rms| !off && !(least..=most).contains(rms)) {
            report.hold(Grade::Fair, Reason::Amplitude { rms_uv });
        }
    }
}
