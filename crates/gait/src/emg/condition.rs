//! The filters of a recording: band-pass, rectify, low-pass, with holes kept as holes. Signals without a hole are filtered side by side,
//! which gives the bits of one at a time.

use super::Mode;
use surae_signal::chain::{ChainDesign, Rectify};
use surae_signal::design::{self, Band, Sos, butterworth, butterworth_two_pass};
use surae_signal::filter::{FilterBank, zero_phase_chain, zero_phase_many, zero_phase_segments};
use surae_trial::{Conditioning, Correction};

/// Highest usable upper band edge as a fraction of the rate.
const HIGHEST_EDGE: f64 = 0.45;

/// Band-passed EMG and its envelope.
pub(super) struct Parts {
    /// Empty when the source gave no raw EMG.
    pub band: Vec<f64>,
    pub envelope: Vec<f64>,
    /// Band edges used; `None` without a band-pass.
    pub band_hz: Option<[f64; 2]>,
}

/// How one recording is filtered.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    pub settings: &'a Conditioning,
    pub rate_hz: f64,
    /// Samples that a hole may have to be bridged in the filter.
    pub bridge: usize,
    pub mode: Mode,
}

/// Raw EMG of one rate, each with its band-passed signal and envelope.
///
/// # Errors
/// Why the filters cannot be designed.
pub(super) fn condition_raw(raw: &[&[f64]], manner: &Manner<'_>) -> Result<Vec<Parts>, String> {
    let (c, rate_hz) = (manner.settings, manner.rate_hz);
    let high = c.band_high_hz.min(HIGHEST_EDGE * rate_hz);
    if high <= c.band_low_hz {
        return Err(format!("{rate_hz} Hz is too slow for EMG from {} Hz up", c.band_low_hz));
    }
    let edges = Band::BandPass(c.band_low_hz, high);
    let mut filter = design(c.band_order, edges, rate_hz, c.correction, manner.mode)?;
    if let Some(notch) = c.notch {
        let notch = design::notch(notch.centre_hz, notch.quality, rate_hz).map_err(|e| e.to_string())?;
        filter = filter.then(&notch).map_err(|e| e.to_string())?;
    }
    let low = envelope_filter(manner)?;
    let band_hz = Some([c.band_low_hz, high]);
    if manner.mode == Mode::ZeroPhase && raw.iter().all(|signal| is_whole(signal)) {
        let chain = ChainDesign { band: filter, notch: None, rectify: Rectify::Absolute, envelope: low };
        let parts = zero_phase_chain(&chain, raw);
        if parts.iter().all(|part| is_whole(&part.band)) {
            let parts = parts.into_iter();
            return Ok(parts.map(|p| Parts { band: p.band, envelope: p.envelope, band_hz }).collect());
        }
    }
    let one = |raw: &&[f64]| {
        let band = run(&filter, raw, manner.bridge, manner.mode);
        let rectified: Vec<f64> = band.iter().map(|y| y.abs()).collect();
        let envelope = run(&low, &rectified, manner.bridge, manner.mode);
        Parts { band, envelope, band_hz }
    };
    Ok(raw.iter().map(one).collect())
}

/// Envelopes of EMG that the source rectified.
///
/// # Errors
/// Why the filter cannot be designed.
pub(super) fn smooth(rectified: &[&[f64]], manner: &Manner<'_>) -> Result<Vec<Parts>, String> {
    let low = envelope_filter(manner)?;
    let one = |signal: &&[f64]| Parts {
        band: Vec::new(),
        envelope: run(&low, signal, manner.bridge, manner.mode),
        band_hz: None,
    };
    Ok(rectified.iter().map(one).collect())
}

/// No sample is missing.
pub(super) fn is_whole(signal: &[f64]) -> bool {
    signal.iter().all(|value| value.is_finite())
}

fn envelope_filter(manner: &Manner<'_>) -> Result<Sos, String> {
    let c = manner.settings;
    design(c.envelope_order, Band::LowPass(c.envelope_hz), manner.rate_hz, c.correction, manner.mode)
}

fn design(order: u8, band: Band, rate_hz: f64, correction: Correction, mode: Mode) -> Result<Sos, String> {
    let order = usize::from(order);
    let correction = match correction {
        Correction::None => design::Correction::None,
        Correction::Winter => design::Correction::Winter,
    };
    match mode {
        Mode::ZeroPhase => butterworth_two_pass(order, band, rate_hz, correction),
        Mode::Causal => butterworth(order, band, rate_hz),
    }
    .map_err(|e| e.to_string())
}

/// Runs a filter over a signal with gaps, in the given mode; `NaN` stays where it was.
fn run(filter: &Sos, signal: &[f64], bridge: usize, mode: Mode) -> Vec<f64> {
    match mode {
        Mode::ZeroPhase => zero_phase_segments(filter, signal, bridge),
        Mode::Causal => causal_segments(filter, signal, bridge),
    }
}

/// One pass over each piece between gaps, from the settled state of its first sample.
fn causal_segments(filter: &Sos, signal: &[f64], bridge: usize) -> Vec<f64> {
    let mut out = vec![f64::NAN; signal.len()];
    for piece in surae_signal::gap::pieces(signal, bridge) {
        let mut filled = surae_signal::gap::bridge(&signal[piece.clone()]);
        let mut bank = FilterBank::new(filter, 1);
        bank.prime(&filled[..1]);
        bank.process(&mut filled);
        for ((to, value), original) in out[piece.clone()].iter_mut().zip(filled).zip(&signal[piece]) {
            if !original.is_nan() {
                *to = value;
            }
        }
    }
    out
}

/// Low-passes an angle at its own rate, in the given mode; `NaN` stays where it was.
///
/// # Errors
/// Why the filter cannot be designed: the cut-off is above half the rate.
pub fn lowpass(
    values: &[f64],
    rate_hz: f64,
    cutoff_hz: f64,
    correction: Correction,
    mode: Mode,
) -> Result<Vec<f64>, String> {
    let filter = design(2, Band::LowPass(cutoff_hz), rate_hz, correction, mode)?;
    Ok(run(&filter, values, 0, mode))
}

/// [`lowpass`] without lag of many signals; those of one length that follow each other share the work.
///
/// # Errors
/// As [`lowpass`].
pub(crate) fn lowpass_many(
    signals: &[&[f64]],
    rate_hz: f64,
    cutoff_hz: f64,
    correction: Correction,
) -> Result<Vec<Vec<f64>>, String> {
    let filter = design(2, Band::LowPass(cutoff_hz), rate_hz, correction, Mode::ZeroPhase)?;
    let mut smooth = zero_phase_many(&filter, signals);
    for (smooth, signal) in smooth.iter_mut().zip(signals) {
        if !is_whole(signal) {
            *smooth = run(&filter, signal, 0, Mode::ZeroPhase);
        }
    }
    Ok(smooth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_by_side_and_one_at_a_time_give_the_same_bits() {
        let settings = Conditioning {
            notch: Some(surae_trial::Notch { centre_hz: 50.0, quality: 30.0 }),
            ..Conditioning::default()
        };
        let manner = Manner { settings: &settings, rate_hz: 1000.0, bridge: 5, mode: Mode::ZeroPhase };
        let signal = |seed: f64| (0..3000).map(|i| (f64::from(i) * seed).sin() * 40.0).collect::<Vec<f64>>();
        let mut all = [signal(0.31), signal(0.7), signal(1.1)];
        for holed in [false, true] {
            if holed {
                all[1][1200..1230].fill(f64::NAN);
            }
            let refs: Vec<&[f64]> = all.iter().map(Vec::as_slice).collect();
            let together = condition_raw(&refs, &manner).unwrap();
            let low: Vec<Vec<f64>> = lowpass_many(&refs, 1000.0, 12.0, Correction::Winter).unwrap();
            for ((signal, part), low) in all.iter().zip(&together).zip(&low) {
                let alone = &condition_raw(&[signal], &manner).unwrap()[0];
                let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&part.band), bits(&alone.band));
                assert_eq!(bits(&part.envelope), bits(&alone.envelope));
                let own = lowpass(signal, 1000.0, 12.0, Correction::Winter, Mode::ZeroPhase).unwrap();
                assert_eq!(bits(low), bits(&own));
            }
        }
    }
}
