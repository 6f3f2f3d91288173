//! The Teager-Kaiser energy operator, `ψ[n] = x[n]² − x[n−1]·x[n+1]`.
//!
//! It weighs amplitude and frequency together and so lifts the onset of a burst out of the noise (Kaiser 1990; for EMG onsets
//! Li, Zhou & Aruin 2007, Solnik et al. 2008). Apply it to band-passed EMG (30 to 300 Hz, METHOD), never to an envelope.

use pulp::{Simd, WithSimd};

use crate::level::Level;

/// The operator over a whole signal; the unit is the input's unit squared. Both end values are copied from their neighbours.
///
/// For `A sin(2πfn/rate)` the result is `A² sin²(2πf/rate)` everywhere. A NaN touches its own and its two neighbouring values only;
/// a signal of fewer than three samples has no value and gives NaN.
///
/// ```
/// let sine: Vec<f64> = (0..100).map(|n| 2.0 * (2.0 * std::f64::consts::PI * 80.0 * n as f64 / 2000.0).sin()).collect();
/// assert!((surae_signal::tkeo::tkeo(&sine)[50] - 0.247387).abs() < 1e-6);
/// ```
pub fn tkeo(signal: &[f64]) -> Vec<f64> {
    let mut energy = vec![f64::NAN; signal.len()];
    tkeo_into(signal, &mut energy);
    energy
}

/// As [`tkeo`], into a buffer; the shorter length counts. Does not allocate.
///
/// ```
/// let mut energy = [0.0; 4];
/// surae_signal::tkeo::tkeo_into(&[0.0, 1.0, 3.0, 4.0], &mut energy);
/// assert_eq!(energy, [1.0, 1.0, 5.0, 5.0]);
/// ```
pub fn tkeo_into(signal: &[f64], out: &mut [f64]) {
    let len = signal.len().min(out.len());
    let (signal, out) = (&signal[..len], &mut out[..len]);
    if len < 3 {
        out.fill(f64::NAN);
        return;
    }
    Level::best().run(Operator { signal, out: &mut out[1..len - 1] });
    out[0] = out[1];
    out[len - 1] = out[len - 2];
}

/// The inner values, compiled for each vector width.
struct Operator<'a> {
    signal: &'a [f64],
    out: &'a mut [f64],
}

impl WithSimd for Operator<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let count = self.out.len();
        let (before, here, after) = (&self.signal[..count], &self.signal[1..=count], &self.signal[2..]);
        for (((out, b), x), a) in self.out.iter_mut().zip(before).zip(here).zip(after) {
            *out = x * x - b * a;
        }
    }
}

/// The absolute energy of an interleaved stream, one frame late, and the history brought up to date: `history` holds the two frames before
/// `frames`, older first.
pub(crate) fn lagged_energy(level: Level, history: &mut [f64], frames: &[f64], energy: &mut [f64]) {
    let channels = history.len() / 2;
    let head = frames.len().min(2 * channels);
    for i in 0..head {
        let before = history[i];
        let here = if i < channels { history[channels + i] } else { frames[i - channels] };
        energy[i] = (here * here - before * frames[i]).abs();
    }
    if frames.len() > head {
        level.run(LaggedEnergy { frames, channels, energy: &mut energy[head..frames.len()] });
    }
    if frames.len() >= 2 * channels {
        history.copy_from_slice(&frames[frames.len() - 2 * channels..]);
    } else {
        history.copy_within(frames.len().., 0);
        history[2 * channels - frames.len()..].copy_from_slice(frames);
    }
}

struct LaggedEnergy<'a> {
    frames: &'a [f64],
    channels: usize,
    energy: &'a mut [f64],
}

impl WithSimd for LaggedEnergy<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let neighbours = self.frames.iter().zip(&self.frames[self.channels..]);
        for (out, ((before, here), after)) in
            self.energy.iter_mut().zip(neighbours.zip(&self.frames[2 * self.channels..]))
        {
            *out = (here * here - before * after).abs();
        }
    }
}

/// Every frame from the third on, replaced from the last to the first.
struct InPlace<'a> {
    frames: &'a mut [f64],
    channels: usize,
}

impl WithSimd for InPlace<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { frames, channels } = self;
        let mut at = frames.len();
        while at >= 2 * channels + S::F64_LANES {
            at -= S::F64_LANES;
            let load = |from: usize| S::as_simd_f64s(&frames[from..from + S::F64_LANES]).0[0];
            let (before, here, after) = (load(at - 2 * channels), load(at - channels), load(at));
            let energy = simd.sub_f64s(simd.mul_f64s(here, here), simd.mul_f64s(before, after));
            S::as_mut_simd_f64s(&mut frames[at..at + S::F64_LANES]).0[0] = energy;
        }
        for i in (2 * channels..at).rev() {
            let here = frames[i - channels];
            frames[i] = here * here - frames[i - 2 * channels] * frames[i];
        }
    }
}

/// The operator on a live, interleaved stream: one sample of lag, two samples of state a channel.
///
/// ```
/// use surae_signal::tkeo::Tkeo;
/// let mut operator = Tkeo::new(1);
/// let mut samples = [1.0, 2.0, 4.0, 8.5];
/// operator.process(&mut samples);
/// assert!(samples[..2].iter().all(|x| x.is_nan())); // no neighbours yet
/// assert_eq!(samples[2..], [0.0, -1.0]); // ψ of the samples 2.0 and 4.0
/// ```
#[derive(Clone, Debug)]
pub struct Tkeo {
    channels: usize,
    /// The two newest frames, older first.
    last: Vec<f64>,
    /// Room for those of the block at work.
    next: Vec<f64>,
}

impl Tkeo {
    /// An operator at rest. Allocates; nothing after it does.
    ///
    /// ```
    /// use surae_signal::tkeo::Tkeo;
    /// let mut operator = Tkeo::new(2);
    /// let mut frames = [0.0, 5.0, 2.0, 5.0, 0.0, 5.0]; // two channels, three frames
    /// operator.process(&mut frames);
    /// assert_eq!(frames[4..], [4.0, 0.0]); // 2² − 0·0 and 5² − 5·5
    /// ```
    pub fn new(channels: usize) -> Self {
        let last = vec![f64::NAN; 2 * channels];
        Self { channels, next: last.clone(), last }
    }

    /// Replaces each sample by the energy at the sample before it. The first two frames after a reset are NaN.
    /// The unit is the input's squared; a NaN touches the three energies that it is part of.
    ///
    /// # Panics
    /// In debug builds, if the slice does not hold whole frames.
    ///
    /// ```
    /// use surae_signal::tkeo::Tkeo;
    /// let mut operator = Tkeo::new(1);
    /// let mut samples = [0.0, 3.0, 0.0, -3.0, 0.0, 3.0]; // A sin(πn/2): A² everywhere
    /// operator.process(&mut samples);
    /// assert_eq!(samples[2..], [9.0; 4]);
    /// let mut next = [f64::NAN, 3.0, 0.0, -3.0];
    /// operator.process(&mut next);
    /// assert!(next[..3].iter().all(|x| x.is_nan()));
    /// assert_eq!(next[3], 9.0); // 0² − 3·(−3)
    /// ```
    pub fn process(&mut self, interleaved: &mut [f64]) {
        let whole = crate::whole_frames(interleaved.len(), self.channels);
        let frames = &mut interleaved[..whole];
        let head = whole.min(2 * self.channels);
        let mut newest = [&self.last[..], &frames[..head]];
        if whole >= 2 * self.channels {
            newest = [&[], &frames[whole - 2 * self.channels..]];
        }
        let kept = 2 * self.channels - newest[1].len();
        self.next[..kept].copy_from_slice(&newest[0][newest[0].len() - kept..]);
        self.next[kept..].copy_from_slice(newest[1]);
        // From the end, so that what is read has not been replaced yet.
        Level::best().run(InPlace { frames, channels: self.channels });
        for i in (0..head).rev() {
            let here =
                if i < self.channels { self.last[self.channels + i] } else { frames[i - self.channels] };
            frames[i] = here * here - self.last[i] * frames[i];
        }
        std::mem::swap(&mut self.last, &mut self.next);
    }

    /// Forgets the last two frames.
    ///
    /// ```
    /// use surae_signal::tkeo::Tkeo;
    /// let mut operator = Tkeo::new(1);
    /// operator.process(&mut [1.0, 2.0]);
    /// operator.reset();
    /// let mut sample = [4.0];
    /// operator.process(&mut sample);
    /// assert!(sample[0].is_nan()); // no neighbours yet
    /// ```
    pub fn reset(&mut self) {
        self.last.fill(f64::NAN);
    }
}
