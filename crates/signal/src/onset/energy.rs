//! Onset by Teager-Kaiser energy.

use pulp::{Simd, WithSimd};

use super::OnsetError;
use crate::design::{Band, butterworth};
use crate::filter::FilterBank;
use crate::level::Level;
use crate::tkeo::lagged_energy;

/// Settings of [`TkeoOnset`]. METHOD's: 30 to 300 Hz before, 50 Hz after, h = 8 to 15.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TkeoSettings {
    /// Sampling rate, Hz.
    pub rate_hz: f64,
    /// Corner of the second-order low-pass over the rectified energy, Hz.
    pub smoothing_hz: f64,
    /// Standard deviations of rest above its mean.
    pub h: f64,
}

impl TkeoSettings {
    /// 50 Hz and h = 10.
    /// `rate_hz` in Hz; whether it can carry the 50 Hz corner is checked by [`TkeoOnset::new`].
    ///
    /// ```
    /// use surae_signal::onset::TkeoSettings;
    /// let settings = TkeoSettings::for_rate(2000.0);
    /// assert_eq!((settings.rate_hz, settings.smoothing_hz, settings.h), (2000.0, 50.0, 10.0));
    /// ```
    pub fn for_rate(rate_hz: f64) -> Self {
        Self { rate_hz, smoothing_hz: 50.0, h: 10.0 }
    }
}

/// Mean and standard deviation of the smoothed energy at rest, unit² of the signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestLevel {
    /// Mean.
    pub mean: f64,
    /// Standard deviation (population).
    pub deviation: f64,
}

/// The detector over interleaved, band-passed EMG: causal, state carried, the same live and on a recording.
///
/// A sample is active when the smoothed energy exceeds `mean + h · deviation` of rest. The flag at a frame speaks of the frame
/// [`TkeoOnset::lag_samples`] before it. Source: Solnik et al. 2008 (onset error 40 ± 99 ms against 229 ± 356 ms without the operator). A NaN
/// makes its channel inactive until reset: split at gaps.
///
/// ```
/// use surae_signal::onset::{TkeoOnset, TkeoSettings};
/// let mut detector = TkeoOnset::new(TkeoSettings::for_rate(2000.0), 1)?;
/// let tone = |gain: f64, n: usize| gain * (0.3 * n as f64).sin() * (1.0 + 0.2 * (0.7 * n as f64).cos());
/// let rest: Vec<f64> = (0..1000).map(|n| tone(1.0, n)).collect();
/// detector.learn_rest(&rest)?;
/// let burst: Vec<f64> = (0..1000).map(|n| tone(if n >= 500 { 20.0 } else { 1.0 }, n)).collect();
/// let mut active = [false; 1000];
/// detector.process(&burst, &mut active);
/// let onset = active.iter().position(|a| *a).unwrap();
/// assert!((500..520).contains(&onset));
/// # Ok::<(), surae_signal::onset::OnsetError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TkeoOnset {
    settings: TkeoSettings,
    level: Level,
    /// The two newest frames, older first: the operator needs neighbours.
    history: Vec<f64>,
    smoother: FilterBank,
    thresholds: Vec<f64>,
    /// The thresholds once for every frame of a block: comparing is then one flat loop.
    repeated: Vec<f64>,
    /// Energy of the block at work.
    energy: Vec<f64>,
    lag_samples: f64,
    /// The first two energies do not exist; they count as 0.
    unstarted: usize,
}

/// Frames that are worked on at a time.
const BLOCK: usize = 128;

impl TkeoOnset {
    /// A detector whose thresholds are infinite until they are learnt or set.
    ///
    /// # Errors
    /// [`OnsetError::Design`] if the smoothing corner does not fit the rate.
    ///
    /// ```
    /// use surae_signal::design::DesignError;
    /// use surae_signal::onset::{OnsetError, TkeoOnset, TkeoSettings};
    /// let mut detector = TkeoOnset::new(TkeoSettings::for_rate(2000.0), 1)?;
    /// let mut active = [true; 4];
    /// detector.process(&[0.0, 1e9, 0.0, -1e9], &mut active);
    /// assert_eq!(active, [false; 4]); // no threshold yet
    /// let too_slow = TkeoOnset::new(TkeoSettings::for_rate(80.0), 1);
    /// assert!(matches!(too_slow, Err(OnsetError::Design(DesignError::Cutoff { .. }))));
    /// # Ok::<(), OnsetError>(())
    /// ```
    pub fn new(settings: TkeoSettings, channels: usize) -> Result<Self, OnsetError> {
        let low_pass = butterworth(2, Band::LowPass(settings.smoothing_hz), settings.rate_hz)?;
        Ok(Self {
            settings,
            level: Level::best(),
            history: vec![0.0; 2 * channels],
            smoother: FilterBank::new(&low_pass, channels),
            thresholds: vec![f64::INFINITY; channels],
            repeated: vec![f64::INFINITY; BLOCK * channels],
            energy: vec![0.0; BLOCK * channels],
            lag_samples: 1.0 + low_pass.group_delay_s(0.0, settings.rate_hz) * settings.rate_hz,
            unstarted: 2,
        })
    }

    /// Samples by which a flag comes after the activity it speaks of: one of the operator and the group delay of the smoother.
    ///
    /// ```
    /// use surae_signal::onset::{TkeoOnset, TkeoSettings};
    /// let detector = TkeoOnset::new(TkeoSettings::for_rate(2000.0), 1)?;
    /// assert!((detector.lag_samples() / 2000.0 - 0.005).abs() < 0.0005); // 5 ms
    /// # Ok::<(), surae_signal::onset::OnsetError>(())
    /// ```
    pub fn lag_samples(&self) -> f64 {
        self.lag_samples
    }

    /// Learns the thresholds of all channels from interleaved frames of rest, then resets. The first tenth settles the smoother and
    /// is not counted. Allocates.
    ///
    /// # Errors
    /// [`OnsetError::Rest`] if rest is shorter than 20 frames or holds a value that is not finite.
    ///
    /// ```
    /// # use surae_signal::onset::{OnsetError, RestLevel, TkeoOnset, TkeoSettings};
    /// let mut detector = TkeoOnset::new(TkeoSettings::for_rate(2000.0), 1)?;
    /// // A(sin πn/2) has the energy A² at every sample: mean 1 and no deviation, so the threshold is 1.
    /// let signal = |amplitude: f64| [0.0, amplitude, 0.0, -amplitude].repeat(100);
    /// detector.learn_rest(&signal(1.0))?;
    /// let mut active = [false; 400];
    /// detector.process(&signal(1.5), &mut active);
    /// assert!(active[399]);
    /// detector.reset();
    /// detector.process(&signal(0.9), &mut active);
    /// assert!(active.iter().all(|active| !active));
    /// assert_eq!(detector.learn_rest(&[0.0; 19]), Err(OnsetError::Rest(19)));
    /// # Ok::<(), OnsetError>(())
    /// ```
    pub fn learn_rest(&mut self, rest: &[f64]) -> Result<(), OnsetError> {
        let channels = self.thresholds.len();
        let frames = rest.len() / channels.max(1);
        if frames < 20 {
            return Err(OnsetError::Rest(frames));
        }
        self.reset();
        let mut energy = vec![0.0; frames * channels];
        self.smooth_energy(&rest[..frames * channels], &mut energy);
        for channel in 0..channels {
            let values = || energy[frames / 10 * channels..].iter().skip(channel).step_by(channels);
            let count = (frames - frames / 10) as f64;
            let mean = values().sum::<f64>() / count;
            let deviation = (values().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
            if !deviation.is_finite() {
                return Err(OnsetError::Rest(frames));
            }
            self.set_rest(channel, RestLevel { mean, deviation });
        }
        self.reset();
        Ok(())
    }

    /// Sets one channel's threshold from a rest level that is known. Channels that do not exist are ignored.
    /// The level is that of the smoothed energy, unit² of the signal.
    ///
    /// ```
    /// # use surae_signal::onset::{OnsetError, RestLevel, TkeoOnset, TkeoSettings};
    /// let mut detector = TkeoOnset::new(TkeoSettings::for_rate(2000.0), 1)?;
    /// detector.set_rest(0, RestLevel { mean: 1.0, deviation: 0.1 }); // threshold 1 + 10 · 0.1 = 2
    /// // A(sin πn/2) has the energy A² at every sample.
    /// let signal = |amplitude: f64| [0.0, amplitude, 0.0, -amplitude].repeat(100);
    /// let mut active = [false; 400];
    /// detector.process(&signal(1.3), &mut active); // 1.69
    /// assert!(!active[399]);
    /// detector.process(&signal(1.5), &mut active); // 2.25
    /// assert!(active[399]);
    /// # Ok::<(), OnsetError>(())
    /// ```
    pub fn set_rest(&mut self, channel: usize, rest: RestLevel) {
        if let Some(threshold) = self.thresholds.get_mut(channel) {
            *threshold = rest.mean + self.settings.h * rest.deviation;
            let channels = self.thresholds.len();
            for frame in self.repeated.chunks_exact_mut(channels) {
                frame[channel] = self.thresholds[channel];
            }
        }
    }

    /// Takes whole interleaved frames; writes one flag per sample. Does not allocate.
    ///
    /// # Panics
    /// In debug builds, if `active` is shorter than the input or the input does not hold whole frames.
    ///
    /// ```
    /// # use surae_signal::onset::{OnsetError, RestLevel, TkeoOnset, TkeoSettings};
    /// let mut detector = TkeoOnset::new(TkeoSettings::for_rate(2000.0), 1)?;
    /// detector.set_rest(0, RestLevel { mean: 1.0, deviation: 0.1 });
    /// let mut active = [false; 400];
    /// detector.process(&[0.0, 2.0, 0.0, -2.0].repeat(100), &mut active); // energy 4 against 2
    /// assert!(!active[0] && active[399]);
    /// let mut missing = [true];
    /// detector.process(&[f64::NAN], &mut missing);
    /// assert_eq!(missing, [false]);
    /// # Ok::<(), OnsetError>(())
    /// ```
    pub fn process(&mut self, interleaved: &[f64], active: &mut [bool]) {
        debug_assert!(active.len() >= interleaved.len());
        let channels = self.thresholds.len();
        let whole = crate::whole_frames(interleaved.len().min(active.len()), channels);
        let mut energy = std::mem::take(&mut self.energy);
        let blocks = interleaved[..whole].chunks(BLOCK * channels.max(1));
        for (block, active) in blocks.zip(active.chunks_mut(BLOCK * channels.max(1))) {
            let energy = &mut energy[..block.len()];
            self.smooth_energy(block, energy);
            self.level.run(Compare { energy, thresholds: &self.repeated, active });
        }
        self.energy = energy;
    }

    /// Forgets the signal, keeps the thresholds.
    ///
    /// ```
    /// # use surae_signal::onset::{OnsetError, RestLevel, TkeoOnset, TkeoSettings};
    /// let mut detector = TkeoOnset::new(TkeoSettings::for_rate(2000.0), 1)?;
    /// detector.set_rest(0, RestLevel { mean: 1.0, deviation: 0.1 });
    /// detector.process(&[f64::NAN], &mut [false]);
    /// detector.reset();
    /// let mut active = [false; 400];
    /// detector.process(&[0.0, 2.0, 0.0, -2.0].repeat(100), &mut active);
    /// assert!(active[399]); // the NaN is forgotten, the threshold is not
    /// # Ok::<(), OnsetError>(())
    /// ```
    pub fn reset(&mut self) {
        self.history.fill(0.0);
        self.smoother.reset();
        self.unstarted = 2;
    }

    fn smooth_energy(&mut self, frames: &[f64], energy: &mut [f64]) {
        let channels = self.thresholds.len();
        lagged_energy(self.level, &mut self.history, frames, energy);
        let missing = self.unstarted.min(frames.len() / channels.max(1));
        energy[..missing * channels].fill(0.0);
        self.unstarted -= missing;
        self.smoother.process(energy);
    }
}

/// One flag a value, compiled for each vector width.
struct Compare<'a> {
    energy: &'a [f64],
    thresholds: &'a [f64],
    active: &'a mut [bool],
}

impl WithSimd for Compare<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((active, energy), threshold) in self.active.iter_mut().zip(self.energy).zip(self.thresholds) {
            *active = energy > threshold;
        }
    }
}
