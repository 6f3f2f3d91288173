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
}

impl Tkeo {
    /// An operator at rest. Allocates; nothing after it does.
    pub fn new(channels: usize) -> Self {
        Self { channels, last: vec![f64::NAN; 2 * channels] }
    }

    /// Replaces each sample by the energy at the sample before it. The first two frames after a reset are NaN.
    ///
    /// # Panics
    /// In debug builds, if the slice does not hold whole frames.
    pub fn process(&mut self, interleaved: &mut [f64]) {
        let whole = crate::whole_frames(interleaved.len(), self.channels);
        let (older, newer) = self.last.split_at_mut(self.channels);
        for frame in interleaved[..whole].chunks_exact_mut(self.channels.max(1)) {
            for ((x, before), here) in frame.iter_mut().zip(older.iter_mut()).zip(newer.iter_mut()) {
                let after = *x;
                *x = *here * *here - *before * after;
                *before = *here;
                *here = after;
            }
        }
    }

    /// Forgets the last two frames.
    pub fn reset(&mut self) {
        self.last.fill(f64::NAN);
    }
}
