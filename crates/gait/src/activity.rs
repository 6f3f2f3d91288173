//! When each muscle is on over a recording: onsets and offsets, and how far detectors agree on each of them.
//!
//! Raw EMG: the double threshold of Bonato 1998 on whitened EMG, with Teager-Kaiser energy (Solnik 2008) and the simple live rule beside
//! it. Envelopes of a source: the live rule alone. An onset moves by tens of milliseconds with the detector (METHOD R8): the spread is
//! given with each one. Not for the lead of a push-off (`pushoff`), which needs no threshold.

use crate::dominance::Gate;
use crate::emg::Emg;
use crate::noise::Rest;
use crate::stats::percentile;
use crate::track::STEP_S;
use serde::{Deserialize, Serialize};
use surae_signal::gap::pieces;
use surae_signal::onset::{
    DoubleThreshold, DoubleThresholdDetector, TkeoOnset, TkeoSettings, Whitener, bursts_of_channels,
};

/// Pauses filled and bursts dropped up to this (Bonato 1998).
pub const CLEAN_S: f64 = 0.03;
/// Exceedances out of pairs, and false alarms of the double threshold.
const NEEDED_OF: (usize, usize) = (2, 5);
const FALSE_ALARM: f64 = 0.001;
/// Order of the whitening predictor.
const WHITENING: usize = 8;
/// Windows of the quiet part that whitening and energy learn from.
const QUIET_WINDOW_S: f64 = 0.1;
const QUIET_PERCENT: f64 = 10.0;
const FEWEST_QUIET_WINDOWS: usize = 3;
/// Detectors speak of one event when they are this near to each other.
const SAME_EVENT_S: f64 = 0.1;
/// Below this ratio of a burst to rest the published accuracy (bias under 10 ms, SD under 15 ms) does not hold.
const RELIABLE_SNR_DB: f64 = 8.0;

/// What found the activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detector {
    /// Double threshold on whitened EMG.
    DoubleThreshold,
    /// Envelope over `N (1 + 3 c)`, under `N (1 + 2 c)`.
    Gate,
}

/// A stretch of activity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// Start in s.
    pub onset_s: f64,
    /// End in s.
    pub offset_s: f64,
    /// Range over the detectors of the onset in s; `None` where another detector has none within 100 ms.
    pub onset_spread_s: Option<f64>,
    /// As `onset_spread_s`, of the end.
    pub offset_spread_s: Option<f64>,
    /// Root mean square of the burst over rest in dB; infinite without a rest level.
    pub snr_db: f64,
}

impl Burst {
    /// True when the published accuracy of the detector applies and the detectors found the same event.
    #[must_use]
    pub fn is_reliable(&self) -> bool {
        self.snr_db >= RELIABLE_SNR_DB && self.onset_spread_s.is_some()
    }
}

/// The activity of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// What found it.
    pub detector: Detector,
    /// By ascending time.
    pub bursts: Vec<Burst>,
}

/// Start and end in s of stretches of activity.
type Spans = Vec<(f64, f64)>;

/// Starts and ends, each by ascending time.
type Edges = [Vec<f64>; 2];

fn edges(spans: &Spans) -> Edges {
    let mut edges = [spans.iter().map(|s| s.0).collect::<Vec<f64>>(), spans.iter().map(|s| s.1).collect()];
    edges.iter_mut().for_each(|edges| edges.sort_by(f64::total_cmp));
    edges
}

/// The time nearest to `own`, the earlier of two.
fn nearest(times: &[f64], own: f64) -> Option<f64> {
    let after = times.partition_point(|time| *time < own);
    let (before, after) = (after.checked_sub(1).map(|at| times[at]), times.get(after).copied());
    match (before, after) {
        (Some(before), Some(after)) => Some(if own - before <= after - own { before } else { after }),
        (one, other) => one.or(other),
    }
}

/// Finds when the muscle is on. A channel whose quiet part cannot be learnt falls back to the gate.
#[must_use]
pub fn activity(emg: &Emg, rest: &Rest) -> Activity {
    let gate = by_gate(emg, rest);
    let found = if emg.is_raw() { by_double_threshold(emg, rest) } else { None };
    let (detector, list, others) = match found {
        Some((list, energy)) => (Detector::DoubleThreshold, list, vec![energy, gate]),
        None => (Detector::Gate, gate, Vec::new()),
    };
    let others: Vec<Edges> = others.iter().map(edges).collect();
    let bursts = list.iter().map(|burst| describe(emg, rest, *burst, &others)).collect();
    Activity { detector, bursts }
}

fn describe(emg: &Emg, rest: &Rest, burst: (f64, f64), others: &[Edges]) -> Burst {
    let spread = |own: f64, edge: usize| {
        let mut range = (own, own);
        for other in others {
            let near = nearest(&other[edge], own)?;
            if (near - own).abs() > SAME_EVENT_S {
                return None;
            }
            range = (range.0.min(near), range.1.max(near));
        }
        (!others.is_empty()).then_some(range.1 - range.0)
    };
    let level = emg.sums(burst.0, burst.1).rms();
    Burst {
        onset_s: burst.0,
        offset_s: burst.1,
        onset_spread_s: spread(burst.0, 0),
        offset_spread_s: spread(burst.1, 1),
        snr_db: 20.0 * (level / rest.rms).log10(),
    }
}

/// The live rule in steps of 5 ms; it confirms late by a known time, which is taken off again.
fn by_gate(emg: &Emg, rest: &Rest) -> Spans {
    let mut gate = Gate::default();
    let steps = (emg.envelope.len() as f64 / emg.rate_hz / STEP_S) as usize;
    let flags: Vec<bool> = (0..steps)
        .map(|step| {
            let time = emg.start_s + step as f64 * STEP_S;
            gate.step(emg.envelope_at(time), rest.arv, emg.envelope_cv, STEP_S)
        })
        .collect();
    let shift = Gate::CONFIRM_S - STEP_S;
    let time = |step: u64| (emg.start_s + step as f64 * STEP_S - shift).max(emg.start_s);
    let cleaned = (CLEAN_S / STEP_S).round() as usize;
    bursts_of(&flags, cleaned).into_iter().map(|b| (time(b.start), time(b.end))).collect()
}

/// Bursts of the double threshold and of Teager-Kaiser energy; `None` when the quiet part is too short or silent.
fn by_double_threshold(emg: &Emg, rest: &Rest) -> Option<(Spans, Spans)> {
    let quiet = quiet_part(emg)?;
    let power = quiet.iter().map(|y| y * y).sum::<f64>() / quiet.len() as f64;
    let whitener = Whitener::fit(&quiet, WHITENING).ok()?;
    // The quietest windows lie below the rest level; the noise is that of the rest level.
    let scale = (rest.rms * rest.rms / power).max(1.0);
    let design = DoubleThreshold::design(NEEDED_OF.0, NEEDED_OF.1, FALSE_ALARM).ok()?;
    let mut detector = DoubleThresholdDetector::new(&design, whitener.variance() * scale).ok()?;
    let mut energy = TkeoOnset::new(TkeoSettings::for_rate(emg.rate_hz), 1).ok()?;
    energy.learn_rest(&quiet).ok()?;
    let cleaned = (CLEAN_S * emg.rate_hz).round() as usize;
    let (mut double, mut teager) = (Vec::new(), Vec::new());
    for piece in pieces(&emg.band, 0) {
        let signal = &emg.band[piece.clone()];
        let mut flags = vec![false; signal.len()];
        double_threshold(&mut whitener.clone(), &mut detector, signal, &mut flags);
        // The window of pairs says "active" when its second exceedance comes; its middle is the event.
        let lag = NEEDED_OF.1 as f64;
        let at =
            |sample: u64, lag: f64| emg.time_of(piece.start) + (sample as f64 - lag).max(0.0) / emg.rate_hz;
        let spans = bursts_of(&flags, cleaned);
        double.extend(spans.into_iter().map(|b| (at(b.start, 2.0), at(b.end, 2.0 * lag))));
        energy.reset();
        energy.process(signal, &mut flags);
        let lag = energy.lag_samples();
        let spans = bursts_of(&flags, cleaned);
        teager.extend(spans.into_iter().map(|b| (at(b.start, lag), at(b.end, lag))));
    }
    double.retain(|b: &(f64, f64)| b.1 > b.0);
    Some((double, teager))
}

/// Flags of one channel as bursts, pauses filled and bursts dropped up to `cleaned` samples.
fn bursts_of(flags: &[bool], cleaned: usize) -> Vec<surae_signal::onset::Burst> {
    bursts_of_channels(flags, 1, cleaned, cleaned).pop().unwrap_or_default()
}

/// Whether the muscle is on after each sample of a stretch; a pair is decided by its second sample.
fn double_threshold(
    whitener: &mut Whitener,
    detector: &mut DoubleThresholdDetector,
    signal: &[f64],
    flags: &mut [bool],
) {
    const BLOCK: usize = 1024;
    detector.reset();
    let (mut white, mut pairs) = ([0.0; BLOCK], [false; BLOCK / 2]);
    let mut is_on = false;
    for (signal, flags) in signal.chunks(BLOCK).zip(flags.chunks_mut(BLOCK)) {
        let white = &mut white[..signal.len()];
        whitener.process(signal, white);
        let decided = detector.process(white, &mut pairs);
        for (flags, decision) in flags.chunks_mut(2).zip(&pairs[..decided]) {
            flags[0] = is_on;
            is_on = *decision;
            flags[1] = is_on;
        }
        // Half a pair at the very end.
        flags[2 * decided..].fill(is_on);
    }
}

/// The quietest tenth of the 100 ms windows, end to end.
fn quiet_part(emg: &Emg) -> Option<Vec<f64>> {
    let count = (emg.band.len() as f64 / emg.rate_hz / QUIET_WINDOW_S).floor() as usize;
    let windows: Vec<(f64, f64)> = (0..count)
        .map(|i| emg.start_s + i as f64 * QUIET_WINDOW_S)
        .filter(|from| emg.is_whole(*from, from + QUIET_WINDOW_S))
        .map(|from| (from, emg.sums(from, from + QUIET_WINDOW_S).rms()))
        .collect();
    let levels: Vec<f64> = windows.iter().map(|w| w.1).collect();
    let limit = percentile(&levels, QUIET_PERCENT)?;
    let quiet: Vec<f64> = windows
        .iter()
        .filter(|w| w.1 <= limit)
        .flat_map(|w| emg.band[emg.index_of(w.0)..emg.index_of(w.0 + QUIET_WINDOW_S)].iter().copied())
        .collect();
    let least = FEWEST_QUIET_WINDOWS as f64 * QUIET_WINDOW_S * emg.rate_hz;
    (quiet.len() as f64 >= least - 0.5).then_some(quiet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::{Mode, tests::stream};
    use crate::noise::rest_level;
    use surae_trial::{Conditioning, Kind, Muscle};

    /// Roughly Gaussian white noise of unit variance.
    struct Noise(u64);

    impl Noise {
        fn sample(&mut self) -> f64 {
            (0..12)
                .map(|_| {
                    self.0 = self
                        .0
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (self.0 >> 40) as f64 / (1_u64 << 24) as f64
                })
                .sum::<f64>()
                - 6.0
        }
    }

    const RATE_HZ: f64 = 2000.0;
    const BURSTS: usize = 40;

    /// Bursts of 0.4 s every second from 0.5 s on, `snr_db` above the noise.
    fn emg(snr_db: f64, kind: Kind) -> Emg {
        let mut noise = Noise(3);
        let gain = 10.0_f64.powf(snr_db / 20.0);
        let values: Vec<f64> = (0..(BURSTS as f64 * RATE_HZ) as usize)
            .map(|i| {
                let phase = (i as f64 / RATE_HZ).fract();
                let on = (0.5..0.9).contains(&phase);
                let own = if on { gain * noise.sample() } else { 0.0 };
                own + noise.sample()
            })
            .collect();
        let stream = stream(kind, Muscle::SOL, RATE_HZ, values);
        Emg::of(&stream, (0, 0), &Conditioning::default(), 0.005, Mode::ZeroPhase, &mut Vec::new())
            .unwrap()
            .unwrap()
    }

    fn errors_ms(found: &[f64], phase: f64) -> (f64, f64) {
        let errors: Vec<f64> = found.iter().map(|t| 1e3 * (t.fract() - phase)).collect();
        (crate::stats::mean(&errors).unwrap(), crate::stats::sd(&errors).unwrap())
    }

    /// Bonato 1998: bias under 10 ms, SD under 15 ms, more than 95 % found, above 8 dB.
    #[test]
    fn onsets_and_offsets_are_those_put_in() {
        for snr_db in [10.0, 15.0, 20.0] {
            let emg = emg(snr_db, Kind::RawEmg);
            let found = activity(&emg, &rest_level(&emg, None));
            assert_eq!(found.detector, Detector::DoubleThreshold);
            let real: Vec<&Burst> =
                found.bursts.iter().filter(|b| (0.4..0.6).contains(&b.onset_s.fract())).collect();
            assert!(real.len() as f64 >= 0.95 * BURSTS as f64, "{snr_db} dB: {} found", real.len());
            assert!(
                found.bursts.len() - real.len() <= 2,
                "{snr_db} dB: {} false",
                found.bursts.len() - real.len()
            );
            let (bias, sd) = errors_ms(&real.iter().map(|b| b.onset_s).collect::<Vec<_>>(), 0.5);
            assert!(bias.abs() < 10.0 && sd < 15.0, "{snr_db} dB: onsets {bias} +- {sd}");
            let (bias, sd) = errors_ms(&real.iter().map(|b| b.offset_s).collect::<Vec<_>>(), 0.9);
            assert!(bias.abs() < 10.0 && sd < 15.0, "{snr_db} dB: offsets {bias} +- {sd}");
            let spreads = real.iter().filter_map(|b| b.onset_spread_s).count();
            assert!(spreads as f64 >= 0.9 * real.len() as f64, "{snr_db} dB: {spreads} spreads");
            assert!(real.iter().all(|b| (b.snr_db - snr_db).abs() < 3.0));
        }
    }

    #[test]
    fn noise_alone_is_never_on_for_long() {
        let emg = emg(-200.0, Kind::RawEmg);
        let found = activity(&emg, &rest_level(&emg, None));
        let on: f64 = found.bursts.iter().map(|b| b.offset_s - b.onset_s).sum();
        assert!(on < 0.05 * BURSTS as f64, "{on} s of {BURSTS}");
    }

    #[test]
    fn an_envelope_has_the_live_rule_and_no_spread() {
        let values: Vec<f64> = (0..1000).map(|i| if (i / 100) % 2 == 1 { 1.0 } else { 0.01 }).collect();
        let stream = stream(Kind::Envelope, Muscle::SOL, 100.0, values);
        let emg = Emg::of(&stream, (0, 0), &Conditioning::default(), 0.005, Mode::ZeroPhase, &mut Vec::new())
            .unwrap()
            .unwrap();
        let found = activity(&emg, &rest_level(&emg, None));
        assert_eq!((found.detector, found.bursts.len()), (Detector::Gate, 5));
        assert!(found.bursts.iter().all(|b| b.onset_spread_s.is_none() && !b.is_reliable()));
        assert!((found.bursts[0].onset_s - 1.0).abs() < 0.02, "{}", found.bursts[0].onset_s);
    }
}
