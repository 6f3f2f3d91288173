//! One EMG channel made ready for the analysis: band-passed, rectified, smoothed, with sums over any window at hand.
//!
//! Channels that a source already rectified or smoothed are taken as they are: no band-pass is invented for them.
//! Not for the live path, which filters sample by sample (`pipeline`).

use crate::dominance::{
    REFERENCE_BANDWIDTH_HZ, Smoothing, envelope_cv, lowpass_noise_bandwidth_hz, statistical_bandwidth_hz,
};
use std::borrow::Cow;
use surae_signal::spectrum::{Welch, WelchSettings};
use surae_trial::{Conditioning, Kind, Muscle, Note, Side, Stream, Unit};

mod condition;
mod sums;

pub use condition::lowpass;
pub(crate) use condition::lowpass_many;
use condition::{Manner, Parts, condition_raw, is_whole, smooth};
pub use sums::Sums;
use sums::Totals;

/// How the filters run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Forward and backward, no lag.
    #[default]
    ZeroPhase,
    /// One pass, as live.
    Causal,
}

/// A conditioned EMG channel.
#[derive(Clone, Debug)]
pub struct Emg {
    /// Position of the stream in the trial.
    pub stream: usize,
    /// Position of the channel in the stream.
    pub channel: usize,
    /// Label of the channel.
    pub label: String,
    /// Muscle.
    pub muscle: Muscle,
    /// Leg.
    pub side: Side,
    /// Unit of `band` and `envelope`.
    pub unit: Unit,
    /// Raw, rectified or envelope, as the source gave it.
    pub kind: Kind,
    /// Samples per second.
    pub rate_hz: f64,
    /// Time of sample 0 in s.
    pub start_s: f64,
    /// Band-passed EMG, `NaN` in gaps; empty when the source gave no raw EMG.
    pub band: Vec<f64>,
    /// Linear envelope, `NaN` in gaps.
    pub envelope: Vec<f64>,
    /// Band edges used, after lowering the upper one for a slow rate; `None` without a band-pass.
    pub band_hz: Option<[f64; 2]>,
    /// Statistical bandwidth of the band-passed EMG.
    pub bandwidth_hz: f64,
    /// Coefficient of variation of the envelope at constant drive.
    pub envelope_cv: f64,
    /// Smallest step of the physical values where the source stores integers; 0 for floats.
    pub step: f64,
    totals: Totals,
}

/// Rates that a channel can have.
const RATES_HZ: std::ops::RangeInclusive<f64> = 5.0..=1e6;
/// Bandwidths outside this are hum or artefact, not EMG.
const BANDWIDTH_HZ: [f64; 2] = [30.0, 400.0];

impl Emg {
    /// Conditions one channel. Channels that are not EMG of a known side give `None`.
    ///
    /// # Errors
    /// A sentence that says why the channel cannot be filtered (for example a rate too low for the band).
    pub fn of(
        stream: &Stream,
        at: (usize, usize),
        settings: &Conditioning,
        bridge_s: f64,
        mode: Mode,
        notes: &mut Vec<Note>,
    ) -> Option<Result<Self, String>> {
        let accepted = match accept(stream, at.1)? {
            Ok(accepted) => accepted,
            Err(why) => return Some(Err(why)),
        };
        let raw = [stream.column(at.1)];
        let found = Self::of_columns(stream, at.0, &[accepted], &raw, settings, bridge_s, mode).pop()?;
        Some(found.map(|(emg, doubt)| {
            notes.extend(doubt);
            emg
        }))
    }

    /// Conditions channels of one kind that [`accept`] took, from their physical values; each with what is to be said about it.
    pub(crate) fn of_columns(
        stream: &Stream,
        stream_at: usize,
        channels: &[Accepted],
        raw: &[Vec<f64>],
        settings: &Conditioning,
        bridge_s: f64,
        mode: Mode,
    ) -> Vec<Result<(Self, Option<Note>), String>> {
        let bridge = (bridge_s * stream.rate_hz).floor() as usize;
        let manner = Manner { settings, rate_hz: stream.rate_hz, bridge, mode };
        let signals: Vec<&[f64]> = raw.iter().map(Vec::as_slice).collect();
        let conditioned = match channels.first().map(|accepted| stream.channels[accepted.channel].role.kind) {
            Some(Kind::RawEmg) => condition_raw(&signals, &manner),
            Some(Kind::RectifiedEmg) => smooth(&signals, &manner),
            _ => Ok(raw
                .iter()
                .map(|raw| Parts { band: Vec::new(), envelope: raw.clone(), band_hz: None })
                .collect()),
        };
        match conditioned {
            Ok(parts) => {
                let all = channels.iter().zip(parts);
                all.map(|(of, parts)| Ok(Self::with_parts(stream, stream_at, *of, parts, settings, mode)))
                    .collect()
            }
            Err(why) => {
                let name = |of: &Accepted| {
                    format!("{} ({} {})", stream.channels[of.channel].label, of.side, of.muscle)
                };
                channels.iter().map(|of| Err(format!("{}: {why}", name(of)))).collect()
            }
        }
    }

    fn with_parts(
        stream: &Stream,
        stream_at: usize,
        of: Accepted,
        parts: Parts,
        settings: &Conditioning,
        mode: Mode,
    ) -> (Self, Option<Note>) {
        let channel = &stream.channels[of.channel];
        let Parts { band, envelope, band_hz } = parts;
        let doubt = band_hz.filter(|edges| edges[1] < settings.band_high_hz).map(|[_, high]| {
            Note::warning(
                "band_limited",
                format!(
                    "{}: {} Hz carries EMG only up to {high:.0} Hz; amplitudes are not comparable with faster boards.",
                    channel.label, stream.rate_hz
                ),
            )
        });
        let bandwidth_hz = bandwidth(&band, stream.rate_hz);
        let smoothing = match mode {
            Mode::ZeroPhase => Smoothing::ZeroPhase(settings.correction),
            Mode::Causal => Smoothing::Causal,
        };
        let noise_bandwidth =
            lowpass_noise_bandwidth_hz(settings.envelope_hz, settings.envelope_order, smoothing);
        let emg = Self {
            stream: stream_at,
            channel: of.channel,
            label: channel.label.clone(),
            muscle: of.muscle,
            side: of.side,
            unit: channel.unit.clone(),
            kind: channel.role.kind,
            rate_hz: stream.rate_hz,
            start_s: stream.start_s.0,
            totals: Totals::of(if band.is_empty() { &envelope } else { &band }),
            band,
            envelope,
            band_hz,
            bandwidth_hz,
            envelope_cv: envelope_cv(noise_bandwidth, bandwidth_hz),
            step: match stream.samples.native_type() {
                surae_trial::NativeType::I16 | surae_trial::NativeType::I32 => channel.scale.gain.abs(),
                _ => 0.0,
            },
        };
        (emg, doubt)
    }

    /// True when there is raw EMG: spectrum, timing and window statistics are possible.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        !self.band.is_empty()
    }

    /// First sample at or after a time, clamped to the record.
    #[must_use]
    pub fn index_of(&self, time_s: f64) -> usize {
        let at = ((time_s - self.start_s) * self.rate_hz).round();
        if at.is_finite() { at.max(0.0).min(self.envelope.len() as f64) as usize } else { 0 }
    }

    /// Time of a sample in s.
    #[must_use]
    pub fn time_of(&self, sample: usize) -> f64 {
        self.start_s + sample as f64 / self.rate_hz
    }

    /// Sums over `[from, to)` seconds; of the band-passed EMG, or of the envelope when there is no raw EMG.
    #[must_use]
    pub fn sums(&self, from_s: f64, to_s: f64) -> Sums {
        let (from, to) = (self.index_of(from_s), self.index_of(to_s));
        if to <= from {
            return Sums::default();
        }
        let values = self.summed();
        self.totals.before(values, to).since(self.totals.before(values, from))
    }

    /// Running totals at every sample of `from..=to`, of what [`Emg::sums`] sums.
    pub(crate) fn running(&self, from: usize, to: usize) -> Vec<Sums> {
        self.totals.run(self.summed(), from, to)
    }

    fn summed(&self) -> &[f64] {
        if self.band.is_empty() { &self.envelope } else { &self.band }
    }

    /// True when every sample of the window is valid and the window lies inside the record.
    #[must_use]
    pub fn is_whole(&self, from_s: f64, to_s: f64) -> bool {
        let half = 0.5 / self.rate_hz;
        let inside = from_s >= self.start_s - half && to_s <= self.time_of(self.envelope.len()) + half;
        inside
            && self.sums(from_s, to_s).n as usize
                == self.index_of(to_s) - self.index_of(from_s).min(self.index_of(to_s))
    }

    /// Envelope at a time by linear interpolation; `NaN` outside the record and in gaps.
    #[must_use]
    pub fn envelope_at(&self, time_s: f64) -> f64 {
        interpolate(&self.envelope, (time_s - self.start_s) * self.rate_hz)
    }
}

/// Linear interpolation at a fractional position; `NaN` outside.
#[must_use]
pub fn interpolate(values: &[f64], position: f64) -> f64 {
    // Rounding may put the last sample a hair outside.
    let position = if position < 0.0 && position > -1e-6 { 0.0 } else { position };
    if !(position >= 0.0 && position <= values.len().saturating_sub(1) as f64 + 1e-6) || values.is_empty() {
        return f64::NAN;
    }
    let below = (position.floor() as usize).min(values.len() - 1);
    let part = position - below as f64;
    match values.get(below + 1) {
        Some(next) if part > 1e-9 => values[below] + (next - values[below]) * part,
        _ => values[below],
    }
}

/// A channel of a stream that is EMG of a known muscle and side, at a rate that can be analysed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepted {
    /// Position in the stream.
    pub channel: usize,
    muscle: Muscle,
    side: Side,
}

/// Whether a channel can be conditioned: `None` when it is not EMG of a known side.
///
/// # Errors
/// A sentence that says why not.
pub(crate) fn accept(stream: &Stream, at: usize) -> Option<Result<Accepted, String>> {
    let channel = &stream.channels[at];
    let (muscle, side) = (channel.role.muscle?, channel.role.side?);
    if !channel.role.kind.is_emg() {
        return None;
    }
    if RATES_HZ.contains(&stream.rate_hz) && stream.start_s.0.is_finite() {
        return Some(Ok(Accepted { channel: at, muscle, side }));
    }
    Some(Err(format!(
        "{} ({side} {muscle}): a rate of {} Hz from {} s on cannot be analysed; state the true rate",
        channel.label, stream.rate_hz, stream.start_s.0
    )))
}

/// Statistical bandwidth of a band-passed signal; the reference value where it cannot be measured.
fn bandwidth(band: &[f64], rate_hz: f64) -> f64 {
    let finite: Cow<'_, [f64]> =
        if is_whole(band) { band.into() } else { band.iter().copied().filter(|v| v.is_finite()).collect() };
    let settings = WelchSettings::for_rate(rate_hz);
    if finite.len() < settings.segment {
        return REFERENCE_BANDWIDTH_HZ;
    }
    let Ok(mut welch) = Welch::new(settings) else { return REFERENCE_BANDWIDTH_HZ };
    let spectrum = welch.density(&finite);
    let found = statistical_bandwidth_hz(&spectrum.density, spectrum.resolution_hz);
    if found.is_finite() { found.clamp(BANDWIDTH_HZ[0], BANDWIDTH_HZ[1]) } else { REFERENCE_BANDWIDTH_HZ }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use surae_trial::{Channel, Role, Samples, Seconds};

    /// A stream of one right-leg EMG channel.
    pub(crate) fn stream(kind: Kind, muscle: Muscle, rate_hz: f64, values: Vec<f64>) -> Stream {
        let role =
            Role { kind, muscle: Some(muscle), side: Some(Side::Right), joint: None, reason: "test".into() };
        Stream {
            name: "emg".into(),
            rate_hz,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels: vec![Channel::new("test", role, Unit::Microvolt)],
            samples: Samples::F64(values),
            gaps: Vec::new(),
            times_s: Vec::new(),
        }
    }

    fn of(stream: &Stream, mode: Mode) -> Emg {
        Emg::of(stream, (0, 0), &Conditioning::default(), 0.005, mode, &mut Vec::new()).unwrap().unwrap()
    }

    #[test]
    fn method_row_53_a_hole_stays_a_hole_and_spreads_nowhere() {
        let mut values: Vec<f64> = (0..4000).map(|i| (f64::from(i) * 0.4).sin()).collect();
        let whole = of(&stream(Kind::RawEmg, Muscle::SOL, 1000.0, values.clone()), Mode::ZeroPhase);
        values[2000..2020].fill(f64::NAN);
        let holed = of(&stream(Kind::RawEmg, Muscle::SOL, 1000.0, values), Mode::ZeroPhase);
        for i in 0..4000 {
            assert_eq!(holed.envelope[i].is_nan(), (2000..2020).contains(&i), "{i}");
        }
        assert!((holed.envelope[500] - whole.envelope[500]).abs() < 1e-6);
        assert!(!holed.is_whole(1.9, 2.1) && holed.is_whole(1.0, 1.5) && !holed.is_whole(3.5, 4.5));
    }

    #[test]
    fn an_envelope_is_never_filtered_again() {
        let values: Vec<f64> = (0..1000).map(|i| 1.0 + (f64::from(i) * 0.3).sin()).collect();
        let emg = of(&stream(Kind::Envelope, Muscle::SOL, 100.0, values.clone()), Mode::ZeroPhase);
        assert_eq!(emg.envelope, values);
        assert!(!emg.is_raw() && emg.band_hz.is_none());
    }

    #[test]
    fn sums_are_those_of_the_window() {
        let emg =
            of(&stream(Kind::Envelope, Muscle::SOL, 10.0, vec![1.0, 2.0, f64::NAN, 4.0]), Mode::ZeroPhase);
        let sums = emg.sums(0.1, 0.4);
        assert_eq!((sums.n, sums.arv(), sums.rms()), (2.0, 3.0, 10.0_f64.sqrt()));
        assert!(emg.sums(5.0, 6.0).arv().is_nan());
        assert_eq!(emg.envelope_at(0.05), 1.5);
        assert!(emg.envelope_at(0.35).is_nan() && emg.envelope_at(0.15).is_nan());
    }

    #[test]
    fn a_rate_too_low_for_emg_is_refused_in_words() {
        let slow = stream(Kind::RawEmg, Muscle::SOL, 40.0, vec![0.0; 100]);
        let result =
            Emg::of(&slow, (0, 0), &Conditioning::default(), 0.005, Mode::ZeroPhase, &mut Vec::new());
        assert!(result.unwrap().unwrap_err().contains("too slow"));
    }
}
