//! The meter of two channels: identical signals, and a screen for crosstalk.

use pulp::{Simd, WithSimd};

use super::limits::QualityLimits;
use super::meter::QualitySettings;
use super::reason::{Grade, Reason};
use crate::design::{Band, DesignError, butterworth};
use crate::filter::FilterBank;
use crate::level::Level;

/// Largest lag of the crosstalk screen, seconds (METHOD 1.7).
const MAX_LAG_S: f64 = 0.030;

/// Frames that are filtered at a time.
const BLOCK: usize = 256;

/// Largest absolute correlation of two zero-mean signals at lags of `−max_lag ..= max_lag` samples, 0 to 1.
///
/// `max |Σ a[t] b[t+τ]| / √(Σ a² · Σ b²)` (Winter, Fuglevand & Archer 1994). A screen, not a measure of crosstalk: muscles that are
/// driven together correlate too, and crosstalk need not (METHOD 1.7). The shorter length counts; 0 if a signal is empty or silent, NaN
/// if one holds a NaN.
///
/// ```
/// let a: Vec<f64> = (0..200).map(|n| ((n * n) as f64 * 0.1).sin()).collect();
/// let delayed: Vec<f64> = [vec![0.0; 7], a[..193].to_vec()].concat();
/// assert!(surae_signal::quality::max_correlation(&a, &delayed, 10) > 0.95);
/// assert!(surae_signal::quality::max_correlation(&a, &delayed, 2) < 0.5);
/// ```
pub fn max_correlation(a: &[f64], b: &[f64], max_lag: usize) -> f64 {
    let len = a.len().min(b.len());
    let (a, b) = (&a[..len], &b[..len]);
    let scale = (dot(a, a) * dot(b, b)).sqrt();
    if scale == 0.0 {
        return 0.0;
    }
    if scale.is_nan() {
        return f64::NAN;
    }
    let most = max_lag.min(len.saturating_sub(1));
    let largest = Level::best().run(Lags { a, b, most }).max(Level::best().run(Lags { a: b, b: a, most }));
    (largest / scale).min(1.0)
}

/// Inner product in [`LANES`] partial sums.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    Level::best().run(Dots { a, b, lag: 0 })[0]
}

/// Partial sums of an inner product, and lags that are worked on at a time: `a` is then loaded once for all of them.
const LANES: usize = 4;
const TOGETHER: usize = 4;

/// `Σ a[t] b[t + lag + i]` for [`TOGETHER`] neighbouring lags; the sums end where `b` does.
struct Dots<'a> {
    a: &'a [f64],
    b: &'a [f64],
    lag: usize,
}

impl WithSimd for Dots<'_> {
    type Output = [f64; TOGETHER];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f64; TOGETHER] {
        let len = self.a.len().min(self.b.len());
        let mut partial = [[0.0; LANES]; TOGETHER];
        // Whole blocks of `a` whose partners exist at every lag of the group; the rest goes value by value.
        let blocks = len.saturating_sub(self.lag + TOGETHER - 1) / LANES;
        for (block, a) in self.a.chunks_exact(LANES).take(blocks).enumerate() {
            let b = &self.b[block * LANES + self.lag..][..LANES + TOGETHER - 1];
            for (i, partial) in partial.iter_mut().enumerate() {
                for lane in 0..LANES {
                    partial[lane] += a[lane] * b[i + lane];
                }
            }
        }
        for (i, partial) in partial.iter_mut().enumerate() {
            let from = blocks * LANES;
            let partners = self.b.get(from + self.lag + i..len).unwrap_or_default();
            for (lane, (a, b)) in self.a[from..].iter().zip(partners).enumerate() {
                partial[lane % LANES] += a * b;
            }
        }
        partial.map(|sums| sums.iter().sum())
    }
}

/// Largest absolute inner product over the lags of `0 ..= most`.
struct Lags<'a> {
    a: &'a [f64],
    b: &'a [f64],
    most: usize,
}

impl WithSimd for Lags<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let mut largest = 0.0_f64;
        for lag in (0..=self.most).step_by(TOGETHER) {
            let sums = Dots { a: self.a, b: self.b, lag }.with_simd(simd);
            for sum in sums.iter().take(self.most + 1 - lag) {
                largest = largest.max(sum.abs());
            }
        }
        largest
    }
}

/// What a [`PairMeter`] found, over the windows of one second so far.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct PairQuality {
    /// The worse of the two findings.
    pub grade: Grade,
    /// Mean absolute correlation of the raw channels, 0 to 1; `None` before the first window.
    pub correlation: Option<f64>,
    /// Mean of the largest absolute correlation within ±30 ms of the band-passed channels, over windows in which both are active, 0 to 1.
    pub crosstalk: Option<f64>,
    /// Why the grade is not good.
    pub reason: Option<Reason>,
}

/// Watches two raw channels of the same rate, second by second.
///
/// Windows with a sample that is not finite are left out. At the end of each window it does the work of one correlation
/// (about 0.1 ms at 2000 Hz); nothing allocates.
///
/// ```
/// use surae_signal::quality::{Grade, PairMeter, QualitySettings};
/// let mut meter = PairMeter::new(QualitySettings::microvolts(1000.0))?;
/// let signal: Vec<f64> = (0..3000).map(|n| ((n * n) as f64 * 0.37).sin()).collect();
/// meter.push(&signal, &signal);
/// assert_eq!(meter.report().grade, Grade::Bad);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PairMeter {
    band: FilterBank,
    raw: [Vec<f64>; 2],
    filtered: [Vec<f64>; 2],
    filled: usize,
    max_lag: usize,
    limits: QualityLimits,
    activity: [f64; 2],
    primed: bool,
    identical: Mean,
    crosstalk: Mean,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    fn push(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

impl PairMeter {
    /// A meter for two channels; of the settings, the rate and the limits are used. Allocates; nothing after it does.
    ///
    /// # Errors
    /// [`DesignError`] if the rate is not a number or too low for a band above 20 Hz.
    ///
    /// ```
    /// use surae_signal::quality::{Grade, PairMeter, QualitySettings};
    /// let meter = PairMeter::new(QualitySettings::microvolts(1000.0))?;
    /// assert_eq!((meter.report().grade, meter.report().correlation), (Grade::Good, None)); // no window yet
    /// assert!(PairMeter::new(QualitySettings::microvolts(40.0)).is_err()); // no band above 20 Hz
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn new(settings: QualitySettings) -> Result<Self, DesignError> {
        let rate_hz = settings.rate_hz;
        let band = butterworth(2, Band::BandPass(20.0, (0.45 * rate_hz).min(450.0)), rate_hz)?;
        let window = (rate_hz.round() as usize).max(1);
        let buffers = || [vec![0.0; window], vec![0.0; window]];
        Ok(Self {
            band: FilterBank::new(&band, 2),
            raw: buffers(),
            filtered: buffers(),
            filled: 0,
            max_lag: (MAX_LAG_S * rate_hz).round() as usize,
            limits: settings.limits,
            activity: [0.0; 2],
            primed: false,
            identical: Mean::default(),
            crosstalk: Mean::default(),
        })
    }

    /// Band-passed RMS above which each channel counts as active in a window (0, all windows, to begin with).
    /// In the unit of the signal, 20 to 450 Hz; only windows in which both channels are active are screened for crosstalk.
    ///
    /// ```
    /// use surae_signal::quality::{PairMeter, QualitySettings};
    /// let mut meter = PairMeter::new(QualitySettings::microvolts(1000.0))?;
    /// let signal: Vec<f64> = (0..1000).map(|n| ((n * n) as f64 * 0.37).sin()).collect();
    /// meter.set_activity(0.1, 100.0); // the second channel never gets there
    /// meter.push(&signal, &signal);
    /// let report = meter.report();
    /// assert!(report.correlation.is_some() && report.crosstalk.is_none());
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn set_activity(&mut self, first: f64, second: f64) {
        self.activity = [first, second];
    }

    /// Takes the next samples of both channels; the shorter length counts.
    /// A value that is not finite, in either channel, drops the window that it falls in. Does not allocate.
    ///
    /// ```
    /// use surae_signal::quality::{PairMeter, QualitySettings};
    /// let mut meter = PairMeter::new(QualitySettings::microvolts(1000.0))?;
    /// let signal: Vec<f64> = (0..1000).map(|n| ((n * n) as f64 * 0.37).sin()).collect();
    /// meter.push(&signal, &[f64::NAN; 1000]);
    /// assert_eq!(meter.report().correlation, None);
    /// meter.push(&signal, &signal.iter().map(|x| -2.0 * x).collect::<Vec<_>>());
    /// assert!((meter.report().correlation.unwrap() - 1.0).abs() < 1e-9); // sign and gain do not count
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn push(&mut self, first: &[f64], second: &[f64]) {
        for (first, second) in first.chunks(BLOCK).zip(second.chunks(BLOCK)) {
            let mut frames = [0.0; 2 * BLOCK];
            let mut filled = 0;
            for (&a, &b) in first.iter().zip(second) {
                if a.is_finite() && b.is_finite() {
                    frames[2 * filled..2 * filled + 2].copy_from_slice(&[a, b]);
                    filled += 1;
                } else {
                    self.run(&frames[..2 * filled]);
                    filled = 0;
                    self.interrupt();
                }
            }
            self.run(&frames[..2 * filled]);
        }
    }

    /// At most [`BLOCK`] finite frames.
    fn run(&mut self, raw: &[f64]) {
        if !self.primed && !raw.is_empty() {
            self.band.prime(&raw[..2]);
            self.primed = true;
        }
        let mut buffer = [0.0; 2 * BLOCK];
        let band = &mut buffer[..raw.len()];
        band.copy_from_slice(raw);
        self.band.process(band);
        for (raw, band) in raw.chunks_exact(2).zip(band.chunks_exact(2)) {
            for index in 0..2 {
                self.raw[index][self.filled] = raw[index];
                self.filtered[index][self.filled] = band[index];
            }
            self.filled += 1;
            if self.filled == self.raw[0].len() {
                self.close_window();
            }
        }
    }

    /// Samples are missing: the window at work is dropped and the filters start anew.
    ///
    /// ```
    /// use surae_signal::quality::{PairMeter, QualitySettings};
    /// let mut meter = PairMeter::new(QualitySettings::microvolts(1000.0))?;
    /// let signal: Vec<f64> = (0..600).map(|n| ((n * n) as f64 * 0.37).sin()).collect();
    /// meter.push(&signal, &signal);
    /// meter.interrupt();
    /// meter.push(&signal, &signal);
    /// assert_eq!(meter.report().correlation, None); // two pieces of 0.6 s are no window of 1 s
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn interrupt(&mut self) {
        self.filled = 0;
        self.primed = false;
    }

    /// Forgets everything but the settings.
    /// The activity that was set is kept.
    ///
    /// ```
    /// use surae_signal::quality::{PairMeter, PairQuality, QualitySettings};
    /// let mut meter = PairMeter::new(QualitySettings::microvolts(1000.0))?;
    /// let signal: Vec<f64> = (0..1000).map(|n| ((n * n) as f64 * 0.37).sin()).collect();
    /// meter.push(&signal, &signal);
    /// meter.reset();
    /// assert_eq!(meter.report(), PairQuality::default());
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn reset(&mut self) {
        self.interrupt();
        self.band.reset();
        (self.identical, self.crosstalk) = (Mean::default(), Mean::default());
    }

    /// What the meter knows now, judged by [`QualityLimits::identical`] and [`QualityLimits::crosstalk`].
    ///
    /// ```
    /// use surae_signal::quality::{PairMeter, QualitySettings, Reason};
    /// let mut meter = PairMeter::new(QualitySettings::microvolts(1000.0))?;
    /// let tone = |rate: f64| (0..1000).map(|n| (f64::from(n) * rate).sin()).collect::<Vec<_>>();
    /// meter.push(&tone(0.5), &tone(0.5));
    /// assert!(matches!(meter.report().reason, Some(Reason::Identical { correlation }) if correlation > 0.999));
    /// meter.reset();
    /// meter.push(&tone(0.5), &tone(1.5)); // other frequencies, no correlation
    /// assert_eq!(meter.report().reason, None);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn report(&self) -> PairQuality {
        let mut report = PairQuality {
            correlation: self.identical.value(),
            crosstalk: self.crosstalk.value(),
            ..PairQuality::default()
        };
        if let Some(correlation) = report.correlation.filter(|r| *r > self.limits.identical) {
            (report.grade, report.reason) = (Grade::Bad, Some(Reason::Identical { correlation }));
        } else if let Some(correlation) = report.crosstalk {
            report.grade = self.limits.crosstalk.rising(correlation);
            report.reason = (report.grade > Grade::Good).then_some(Reason::Crosstalk { correlation });
        }
        report
    }

    fn close_window(&mut self) {
        self.filled = 0;
        for raw in &mut self.raw {
            let mean = raw.iter().sum::<f64>() / raw.len() as f64;
            raw.iter_mut().for_each(|x| *x -= mean);
        }
        let [first, second] = &self.raw;
        self.identical.push(max_correlation(first, second, 0));
        let [first, second] = &self.filtered;
        let rms = |y: &[f64]| (dot(y, y) / y.len() as f64).sqrt();
        if rms(first) > self.activity[0] && rms(second) > self.activity[1] {
            self.crosstalk.push(max_correlation(first, second, self.max_lag));
        }
    }
}
