//! Forward-backward filtering with SciPy's odd extension.

use super::frames::{TOGETHER, interleave, separate};
use super::reel::Reel;
use crate::chain::{ChainDesign, Rectify};
use crate::design::Sos;

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
///
/// ```
/// use surae_signal::design::{butterworth, Band};
/// use surae_signal::filter::{default_pad, zero_phase, zero_phase_padded};
/// let low = butterworth(2, Band::LowPass(6.0), 2000.0)?;
/// let ramp: Vec<f64> = (0..2000).map(f64::from).collect();
/// assert_eq!(zero_phase_padded(&low, &ramp, default_pad(&low)), zero_phase(&low, &ramp));
/// // A longer padding gives the filter time to settle before the signal begins.
/// assert!((zero_phase_padded(&low, &ramp, 1000)[0] - ramp[0]).abs() < 1e-6);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn zero_phase_padded(sos: &Sos, signal: &[f64], pad: usize) -> Vec<f64> {
    let mut filtered = [vec![0.0; signal.len()]];
    let mut reel = Reel::new(1, signal.len(), pad);
    reel.filter(sos, pad, &mut |first, part| interleave(&[signal], first, part), &mut |first, part| {
        separate(part, first, &mut filtered);
    });
    let [filtered] = filtered;
    filtered
}

/// [`zero_phase`] of several signals: the same values at several times the speed, because signals of one length share the vector lanes.
///
/// Lengths may differ; a NaN makes its own signal NaN only. The values agree with [`zero_phase`] to the bit.
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
    let mut filtered = buffers(signals);
    let pad = default_pad(sos);
    in_groups(&mut Reel::new(0, 0, 0), signals, pad, |reel, at, group| {
        let out = &mut filtered[at..at + group.len()];
        reel.filter(sos, pad, &mut |first, part| interleave(group, first, part), &mut |first, part| {
            separate(part, first, out);
        });
    });
    filtered
}

/// What [`zero_phase_chain`] makes of a signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditioned {
    /// Band-passed (and notched), unit of the signal.
    pub band: Vec<f64>,
    /// Its envelope, unit of the signal (squared for [`Rectify::Square`]).
    pub envelope: Vec<f64>,
}

/// The conditioning chain of review: band-pass, notch, rectify, low-pass, every filter forwards and backwards. No lag.
///
/// Each filter is a [`zero_phase`] of its own, with its own padding, so this equals three `sosfiltfilt` and an `abs` in SciPy to 1e-9 of
/// the peak. Design the filters with [`crate::design::butterworth_two_pass`] if the cut-offs shall hold for both passes together.
/// Signals share the vector lanes and stay interleaved between the filters; a signal may be as short as it likes, and a NaN makes its
/// own signal NaN, from one end to the other.
///
/// ```
/// use surae_signal::chain::{ChainDesign, Rectify};
/// use surae_signal::design::{butterworth_two_pass, Band, Correction};
/// use surae_signal::filter::zero_phase_chain;
/// let design = ChainDesign {
///     band: butterworth_two_pass(2, Band::BandPass(20.0, 450.0), 2000.0, Correction::Winter)?,
///     notch: None,
///     rectify: Rectify::Absolute,
///     envelope: butterworth_two_pass(2, Band::LowPass(6.0), 2000.0, Correction::Winter)?,
/// };
/// let tone: Vec<f64> = (0..4000).map(|n| (n as f64 * 0.1 * std::f64::consts::PI).sin()).collect(); // 100 Hz
/// let [conditioned] = &zero_phase_chain(&design, &[&tone])[..] else { unreachable!() };
/// assert!((conditioned.band[2000] - tone[2000]).abs() < 1e-3);
/// assert!((conditioned.envelope[2000] - 0.6314).abs() < 1e-3); // mean of a rectified sine of 20 points
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn zero_phase_chain(design: &ChainDesign, signals: &[&[f64]]) -> Vec<Conditioned> {
    let (mut band, mut envelopes) = (buffers(signals), buffers(signals));
    run_chain(&mut Reel::new(0, 0, 0), design, signals, Some(&mut band), &mut envelopes);
    band.into_iter().zip(envelopes).map(|(band, envelope)| Conditioned { band, envelope }).collect()
}

/// The envelopes of [`zero_phase_chain`] alone.
///
/// ```
/// use surae_signal::chain::{ChainDesign, Rectify};
/// use surae_signal::design::{butterworth, Band};
/// use surae_signal::filter::{zero_phase_chain, zero_phase_envelopes};
/// let design = ChainDesign {
///     band: butterworth(2, Band::BandPass(20.0, 450.0), 2000.0)?,
///     notch: None,
///     rectify: Rectify::Absolute,
///     envelope: butterworth(2, Band::LowPass(6.0), 2000.0)?,
/// };
/// let tone: Vec<f64> = (0..400).map(|n| (n as f64 * 0.3).sin()).collect();
/// assert_eq!(zero_phase_envelopes(&design, &[&tone])[0], zero_phase_chain(&design, &[&tone])[0].envelope);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn zero_phase_envelopes(design: &ChainDesign, signals: &[&[f64]]) -> Vec<Vec<f64>> {
    let mut envelopes = buffers(signals);
    run_chain(&mut Reel::new(0, 0, 0), design, signals, None, &mut envelopes);
    envelopes
}

/// [`zero_phase_chain`] for one recording after the other: the memory of the longest one is kept, and none is asked for once it is there.
///
/// ```
/// use surae_signal::chain::{ChainDesign, Rectify};
/// use surae_signal::design::{butterworth, Band};
/// use surae_signal::filter::{zero_phase_envelopes, ZeroPhaseChain};
/// let design = ChainDesign {
///     band: butterworth(2, Band::BandPass(20.0, 450.0), 2000.0)?,
///     notch: None,
///     rectify: Rectify::Absolute,
///     envelope: butterworth(2, Band::LowPass(6.0), 2000.0)?,
/// };
/// let tone: Vec<f64> = (0..400).map(|n| (n as f64 * 0.3).sin()).collect();
/// let mut stage = ZeroPhaseChain::new(&design);
/// let mut envelopes = [vec![]];
/// stage.envelopes_into(&[&tone], &mut envelopes);
/// assert_eq!(envelopes[..], zero_phase_envelopes(&design, &[&tone])[..]);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ZeroPhaseChain {
    design: ChainDesign,
    reel: Reel,
}

impl ZeroPhaseChain {
    /// A chain without memory yet.
    ///
    /// ```
    /// use surae_signal::chain::{ChainDesign, Rectify};
    /// use surae_signal::design::{butterworth, Band, Sos};
    /// use surae_signal::filter::ZeroPhaseChain;
    /// let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Square, envelope };
    /// let mut envelopes = [vec![]];
    /// ZeroPhaseChain::new(&design).envelopes_into(&[&[-3.0; 400]], &mut envelopes);
    /// assert!(envelopes[0].iter().all(|y| (y - 9.0).abs() < 1e-9));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn new(design: &ChainDesign) -> Self {
        Self { design: *design, reel: Reel::new(0, 0, 0) }
    }

    /// The envelope of each signal, as long as it, in the unit of the signal (squared for [`Rectify::Square`]), into the buffer at its
    /// place. Allocates only for signals that are longer than any before; signals without a buffer are not looked at.
    /// A NaN makes its own signal NaN only.
    ///
    /// ```
    /// # use surae_signal::chain::{ChainDesign, Rectify};
    /// # use surae_signal::design::{butterworth, Band, Sos};
    /// # use surae_signal::filter::ZeroPhaseChain;
    /// # let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// # let design = ChainDesign { band: Sos::IDENTITY, notch: None, rectify: Rectify::Absolute, envelope };
    /// let mut stage = ZeroPhaseChain::new(&design); // absolute value, low-pass at 6 Hz
    /// let mut envelopes = [vec![], vec![]];
    /// stage.envelopes_into(&[&[-3.0; 400], &[f64::NAN; 100]], &mut envelopes);
    /// assert!(envelopes[0].len() == 400 && envelopes[0].iter().all(|y| (y - 3.0).abs() < 1e-9));
    /// assert!(envelopes[1].len() == 100 && envelopes[1].iter().all(|y| y.is_nan()));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn envelopes_into(&mut self, signals: &[&[f64]], envelopes: &mut [Vec<f64>]) {
        let count = signals.len().min(envelopes.len());
        for (envelope, signal) in envelopes.iter_mut().zip(signals) {
            envelope.resize(signal.len(), 0.0);
        }
        run_chain(&mut self.reel, &self.design, &signals[..count], None, &mut envelopes[..count]);
    }
}

fn run_chain(
    reel: &mut Reel,
    design: &ChainDesign,
    signals: &[&[f64]],
    mut band: Option<&mut [Vec<f64>]>,
    envelopes: &mut [Vec<f64>],
) {
    let [band_pad, low_pad] = [&design.band, &design.envelope].map(default_pad);
    let notch_pad = design.notch.as_ref().map_or(0, default_pad);
    in_groups(reel, signals, band_pad.max(low_pad).max(notch_pad), |reel, at, group| {
        let places = at..at + group.len();
        let mut band_out = band.as_deref_mut().map(|band| &mut band[places.clone()]);
        let mut fill = |first: usize, part: &mut [f64]| interleave(group, first, part);
        let mut rectify = |first: usize, part: &mut [f64]| {
            if let Some(band) = band_out.as_deref_mut() {
                separate(part, first, band);
            }
            if design.rectify != Rectify::None {
                part.iter_mut().for_each(|x| *x = design.rectify.apply(*x));
            }
        };
        match &design.notch {
            None => reel.filter(&design.band, band_pad, &mut fill, &mut rectify),
            Some(notch) => {
                reel.filter(&design.band, band_pad, &mut fill, &mut |_, _| {});
                reel.filter(notch, notch_pad, &mut |_, _| {}, &mut rectify);
            }
        }
        let out = &mut envelopes[places];
        reel.filter(&design.envelope, low_pad, &mut |_, _| {}, &mut |first, part| separate(part, first, out));
    });
}

/// A buffer for each signal, as long as it.
fn buffers(signals: &[&[f64]]) -> Vec<Vec<f64>> {
    signals.iter().map(|signal| vec![0.0; signal.len()]).collect()
}

/// Calls `work` with neighbouring signals of one length, at most [`TOGETHER`], and the index of the first.
fn in_groups(
    reel: &mut Reel,
    signals: &[&[f64]],
    pad: usize,
    mut work: impl FnMut(&mut Reel, usize, &[&[f64]]),
) {
    let mut at = 0;
    for run in signals.chunk_by(|a, b| a.len() == b.len()) {
        for group in run.chunks(TOGETHER) {
            reel.resize(group.len(), group[0].len(), pad);
            work(reel, at, group);
            at += group.len();
        }
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
