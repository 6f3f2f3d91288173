//! Forward-backward filtering with SciPy's odd extension.

use super::FilterBank;
use crate::design::{MAX_SECTIONS, Sos};
use crate::kernel::step;

/// Signals that are filtered side by side.
const TOGETHER: usize = 8;

/// SciPy's default padding of `sosfiltfilt`, samples at each end.
///
/// `3 · (2·sections + 1 − min(#b2 = 0, #a2 = 0))`: three times the number of taps of the equivalent transfer function.
///
/// ```
/// use surae_signal::design::{butterworth, Band};
/// let band = butterworth(4, Band::BandPass(20.0, 450.0), 2000.0)?;
/// assert_eq!(surae_signal::filter::default_pad(&band), 27);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn default_pad(sos: &Sos) -> usize {
    let sections = sos.sections();
    let short_numerators = sections.iter().filter(|s| s.b[2] == 0.0).count();
    let short_denominators = sections.iter().filter(|s| s.a[1] == 0.0).count();
    3 * (2 * sections.len() + 1 - short_numerators.min(short_denominators))
}

/// Filters forwards, then backwards: no lag, squared magnitude. Equals SciPy's `sosfiltfilt(sos, signal)`.
///
/// Both ends are extended by [`default_pad`] samples of odd reflection and each pass starts from the settled state of its first
/// sample. SciPy refuses signals that are not longer than the padding; here the padding shrinks to `len − 1`, so that a short
/// signal gives a (less trustworthy) result and an empty one gives an empty one. A NaN anywhere makes the whole result NaN: use
/// [`zero_phase_segments`] for signals with gaps.
///
/// ```
/// use surae_signal::design::{butterworth, Band};
/// use surae_signal::filter::zero_phase;
/// let low = butterworth(2, Band::LowPass(6.0), 2000.0)?;
/// assert!(zero_phase(&low, &[2.5; 400]).iter().all(|y| (y - 2.5).abs() < 1e-9));
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn zero_phase(sos: &Sos, signal: &[f64]) -> Vec<f64> {
    zero_phase_padded(sos, signal, default_pad(sos))
}

/// As [`zero_phase`] with `pad` samples of odd reflection at each end; shortened to `len − 1` where the signal is shorter.
///
/// METHOD 1.3 asks for at least three times the longest time constant: `3 · rate / (2π · lowest corner)` samples.
pub fn zero_phase_padded(sos: &Sos, signal: &[f64], pad: usize) -> Vec<f64> {
    let Some(last) = signal.len().checked_sub(1) else { return Vec::new() };
    let pad = pad.min(last);
    let mut extended = Vec::with_capacity(signal.len() + 2 * pad);
    extended.extend((1..=pad).rev().map(|i| 2.0 * signal[0] - signal[i]));
    extended.extend_from_slice(signal);
    extended.extend((1..=pad).map(|i| 2.0 * signal[last] - signal[last - i]));
    pass(sos, extended.iter_mut());
    pass(sos, extended.iter_mut().rev());
    extended.truncate(pad + signal.len());
    extended.drain(..pad);
    extended
}

/// [`zero_phase`] of several signals: the same values at several times the speed, because signals of one length share the vector lanes.
///
/// Lengths may differ; a NaN makes its own signal NaN only. The values agree with [`zero_phase`] to the bit unless states fall
/// below 1e-200.
///
/// ```
/// use surae_signal::design::{butterworth, Band};
/// use surae_signal::filter::{zero_phase, zero_phase_many};
/// let low = butterworth(2, Band::LowPass(6.0), 2000.0)?;
/// let (a, b) = (vec![1.0; 400], vec![-2.0; 400]);
/// let both = zero_phase_many(&low, &[&a, &b]);
/// assert_eq!(both[1], zero_phase(&low, &b));
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn zero_phase_many(sos: &Sos, signals: &[&[f64]]) -> Vec<Vec<f64>> {
    let mut filtered: Vec<Vec<f64>> = Vec::with_capacity(signals.len());
    let mut frames = Vec::new();
    for group in signals.chunks(TOGETHER) {
        if group.len() > 1 && group.iter().all(|signal| signal.len() == group[0].len()) {
            filtered.extend(together(sos, group, &mut frames));
        } else {
            filtered.extend(group.iter().map(|signal| zero_phase(sos, signal)));
        }
    }
    filtered
}

/// Signals of one length, interleaved into `frames` (which the next group uses again) and filtered as channels of one bank.
fn together(sos: &Sos, signals: &[&[f64]], frames: &mut Vec<f64>) -> Vec<Vec<f64>> {
    let (channels, len) = (signals.len(), signals[0].len());
    let Some(last) = len.checked_sub(1) else { return vec![Vec::new(); channels] };
    let pad = default_pad(sos).min(last);
    frames.resize((len + 2 * pad) * channels, 0.0);
    interleave(signals, &mut frames[pad * channels..(pad + len) * channels]);
    for (channel, signal) in signals.iter().enumerate() {
        for i in 1..=pad {
            frames[(pad - i) * channels + channel] = 2.0 * signal[0] - signal[i];
            frames[(pad + last + i) * channels + channel] = 2.0 * signal[last] - signal[last - i];
        }
    }
    let mut bank = FilterBank::new(sos, channels);
    for pass in 0..2 {
        // The second pass needs the frames backwards; `separate` turns its result round again.
        if pass == 1 {
            reverse_frames(frames, channels);
        }
        bank.reset();
        for (channel, &first) in frames[..channels].iter().enumerate() {
            bank.start_channel(channel, first);
        }
        bank.process(frames);
    }
    separate(&frames[pad * channels..(pad + len) * channels], channels)
}

/// Frames that are transposed at a time: both layouts of them stay in the cache.
const TURNED: usize = 64;

fn interleave(signals: &[&[f64]], frames: &mut [f64]) {
    let channels = signals.len();
    for (tile, frames) in frames.chunks_mut(TURNED * channels).enumerate() {
        let count = frames.len() / channels;
        for (channel, signal) in signals.iter().enumerate() {
            let samples = &signal[tile * TURNED..][..count];
            for (frame, sample) in frames.chunks_exact_mut(channels).zip(samples) {
                frame[channel] = *sample;
            }
        }
    }
}

/// The signals of interleaved frames that run backwards.
fn separate(frames: &[f64], channels: usize) -> Vec<Vec<f64>> {
    let mut signals = vec![Vec::with_capacity(frames.len() / channels); channels];
    for tile in frames.rchunks(TURNED * channels) {
        for (channel, signal) in signals.iter_mut().enumerate() {
            signal.extend(tile.rchunks_exact(channels).map(|frame| frame[channel]));
        }
    }
    signals
}

fn reverse_frames(frames: &mut [f64], channels: usize) {
    let (head, tail) = frames.split_at_mut(frames.len() / channels / 2 * channels);
    for (early, late) in head.chunks_exact_mut(channels).zip(tail.rchunks_exact_mut(channels)) {
        early.swap_with_slice(late);
    }
}

/// Zero-phase filtering of a signal with gaps (METHOD 1.3): never filters across a long gap.
///
/// A gap is a run of NaN. Runs of at most `max_bridge_samples` between valid samples are filled linearly *for the filter only*; longer
/// runs split the signal and each piece is filtered on its own with its own padding. The result is NaN exactly where the signal
/// is: bridged samples included.
///
/// ```
/// use surae_signal::design::{butterworth, Band};
/// use surae_signal::filter::zero_phase_segments;
/// let low = butterworth(2, Band::LowPass(6.0), 1000.0)?;
/// let mut signal = vec![1.0; 1000];
/// signal[500..520].fill(f64::NAN); // 20 ms lost
/// let smooth = zero_phase_segments(&low, &signal, 5);
/// assert!(smooth[499].is_finite() && smooth[500].is_nan() && smooth[520].is_finite());
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn zero_phase_segments(sos: &Sos, signal: &[f64], max_bridge_samples: usize) -> Vec<f64> {
    let mut filtered = vec![f64::NAN; signal.len()];
    for piece in crate::gap::pieces(signal, max_bridge_samples) {
        let bridged = crate::gap::bridge(&signal[piece.clone()]);
        let smooth = zero_phase(sos, &bridged);
        for ((to, from), original) in filtered[piece.clone()].iter_mut().zip(smooth).zip(&signal[piece]) {
            if !original.is_nan() {
                *to = from;
            }
        }
    }
    filtered
}

/// One pass from the settled state of its first sample.
fn pass<'a>(sos: &Sos, samples: impl Iterator<Item = &'a mut f64>) {
    let mut samples = samples.peekable();
    let Some(first) = samples.peek().map(|x| **x) else { return };
    let mut state: [[f64; 2]; MAX_SECTIONS] = sos.zi().map(|zi| [zi[0] * first, zi[1] * first]);
    for sample in samples {
        let mut value = *sample;
        for (section, state) in sos.sections().iter().zip(&mut state) {
            value = step(section, state, value);
        }
        *sample = value;
    }
}
