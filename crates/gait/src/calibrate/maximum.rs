//! The maximal contraction of one muscle in one posture: repetitions, their best 500 ms, and whether they can be believed.

use crate::emg::Emg;
use crate::noise::Rest;
use crate::stats::{mean, sd};
use surae_signal::quality::{ChannelQuality, Grade, Limit, QualityLimits, QualityMeter, QualitySettings};
use surae_trial::Trial;

/// Window of the reference (METHOD 2.3). The highest of sliding windows lies 6 % above the mean of steady EMG; both muscles alike.
pub const WINDOW_S: f64 = 0.5;
/// Step between windows.
const HOP_S: f64 = 0.01;
/// A repetition is a stretch above this part of the recording's highest window.
const REPETITION_PART: f64 = 0.5;
/// Pauses shorter than this do not end a repetition.
const PAUSE_S: f64 = 1.0;
/// The best two repetitions agree within this, relative to the better one (METHOD 2.2).
const AGREE: f64 = 0.10;
/// A maximum lies at least this far above rest.
const LEAST_SNR_DB: f64 = 12.0;
/// Largest share of clipped samples.
const MOST_CLIPPED: f64 = 0.001;
/// Steady EMG has 5 % of the energy of 500 ms in any 25 ms; an artefact has most of it.
const SPIKE_S: f64 = 0.025;
const MOST_IN_SPIKE: f64 = 0.4;

/// One repetition of a maximal contraction.
#[derive(Clone, Debug, PartialEq)]
pub struct Repetition {
    /// Recording it is from.
    pub source: String,
    /// Start of its best window, in s of that recording.
    pub at_s: f64,
    /// Rectified mean of the best window, noise included, in the channel's unit.
    pub value: f64,
    /// What is wrong with it, in words; `None` when it counts.
    pub problem: Option<String>,
}

/// The repetitions of a muscle in one posture.
#[derive(Clone, Debug, PartialEq)]
pub struct Posture {
    /// Its name.
    pub name: String,
    /// Every repetition found, good or not.
    pub repetitions: Vec<Repetition>,
}

/// What a posture gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Maximum {
    /// Best repetition.
    pub value: f64,
    /// Coefficient of variation of the repetitions within a fifth of the best; `None` for a single one.
    pub repeat_cv: Option<f64>,
    /// Repetitions that count.
    pub n: usize,
}

/// Repetitions of one muscle in one recording: stretches above half of its highest 500 ms, each with its best window.
#[must_use]
pub fn repetitions(trial: &Trial, emg: &Emg, source: &str, rest: &Rest) -> Vec<Repetition> {
    let (first, last) = (emg.start_s, emg.time_of(emg.envelope.len()));
    let count = ((last - first - WINDOW_S) / HOP_S).floor().max(-1.0) as i64 + 1;
    let windows: Vec<(f64, f64)> = (0..count)
        .map(|k| first + k as f64 * HOP_S)
        .filter(|from| emg.is_whole(*from, from + WINDOW_S))
        .map(|from| (from, emg.sums(from, from + WINDOW_S).arv()))
        .filter(|(_, value)| value.is_finite())
        .collect();
    let highest = windows.iter().map(|w| w.1).fold(0.0, f64::max);
    let mut best: Vec<(f64, f64)> = Vec::new();
    let mut last_above = f64::NEG_INFINITY;
    for (from, value) in windows.into_iter().filter(|w| w.1 > REPETITION_PART * highest) {
        if from - last_above > PAUSE_S {
            best.push((from, value));
        } else if let Some(top) = best.last_mut().filter(|top| top.1 < value) {
            *top = (from, value);
        }
        last_above = from;
    }
    best.into_iter()
        .map(|(at_s, value)| Repetition {
            source: source.to_owned(),
            at_s,
            value,
            problem: problem(trial, emg, at_s, value, rest),
        })
        .collect()
}

fn problem(trial: &Trial, emg: &Emg, at_s: f64, value: f64, rest: &Rest) -> Option<String> {
    if rest.arv > 0.0 {
        let snr_db = 20.0 * (value / rest.arv).log10();
        if snr_db < LEAST_SNR_DB {
            return Some(format!("only {snr_db:.0} dB above rest (at least {LEAST_SNR_DB:.0})"));
        }
    }
    if !emg.is_raw() {
        return None;
    }
    let whole = emg.sums(at_s, at_s + WINDOW_S).squares;
    let spikes = (WINDOW_S / SPIKE_S).round() as usize;
    let highest = (0..spikes)
        .map(|k| at_s + k as f64 * SPIKE_S)
        .map(|from| emg.sums(from, from + SPIKE_S).squares)
        .fold(0.0, f64::max);
    if highest > MOST_IN_SPIKE * whole {
        return Some(format!(
            "an artefact: {:.0} % of its energy lies within 25 ms",
            100.0 * highest / whole
        ));
    }
    let unjudged = |limit: f64| Limit { fair: limit, bad: limit };
    let limits = QualityLimits {
        noise_uv: unjudged(f64::INFINITY),
        snr_db: unjudged(f64::NEG_INFINITY),
        ..QualityLimits::default()
    };
    let quality = quality(trial, emg, (at_s - 0.25, at_s + WINDOW_S + 0.25), limits)?;
    if quality.clipping_fraction > MOST_CLIPPED {
        return Some(format!(
            "clipped ({:.1} % of its samples): lower the gain and repeat it",
            100.0 * quality.clipping_fraction
        ));
    }
    let reasons: Vec<String> = quality
        .reasons()
        .filter(|(grade, _)| *grade == Grade::Bad)
        .map(|(_, reason)| reason.to_string())
        .collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// The meter over a stretch. A contraction has no rest within: what the meter would take for noise there is EMG, and the ratio to
/// rest is judged elsewhere.
pub(super) fn quality(
    trial: &Trial,
    emg: &Emg,
    (from_s, to_s): (f64, f64),
    limits: QualityLimits,
) -> Option<ChannelQuality> {
    let stream = trial.streams.get(emg.stream)?;
    let channel = stream.channels.get(emg.channel)?;
    let rails = channel.amplifier.rails.map(|(a, b)| (channel.scale.physical(a), channel.scale.physical(b)));
    let mut meter = QualityMeter::new(QualitySettings {
        rate_hz: stream.rate_hz,
        microvolts_per_unit: channel
            .unit
            .volts()
            .filter(|_| channel.amplifier.input_referred)
            .map(|v| v * 1e6),
        range: rails.map(|(low, high)| (low.min(high), low.max(high))),
        step: (emg.step > 0.0).then_some(emg.step),
        mains: None,
        limits,
    })
    .ok()?;
    let column = stream.column(emg.channel);
    meter.push(column.get(emg.index_of(from_s)..emg.index_of(to_s))?);
    Some(meter.report())
}

impl Posture {
    /// The maximum of this posture.
    ///
    /// # Errors
    /// Why it is refused, in words, and what to do.
    pub fn maximum(&self) -> Result<Maximum, String> {
        let mut good: Vec<f64> =
            self.repetitions.iter().filter(|r| r.problem.is_none()).map(|r| r.value).collect();
        good.sort_by(|a, b| b.total_cmp(a));
        match good[..] {
            [] => match self.repetitions.first() {
                Some(first) => Err(first.problem.clone().unwrap_or_default()),
                None => Err("no contraction found in it".to_owned()),
            },
            [value] => Ok(Maximum { value, repeat_cv: None, n: 1 }),
            [best, second, ..] if best - second > AGREE * best => Err(format!(
                "the best two of {} repetitions differ by {:.0} % (at most {:.0}): record another",
                good.len(),
                100.0 * (best - second) / best,
                100.0 * AGREE
            )),
            [best, ..] => {
                let near: Vec<f64> =
                    good.iter().copied().filter(|v| *v > (1.0 - 2.0 * AGREE) * best).collect();
                let cv = sd(&near).zip(mean(&near)).map(|(sd, mean)| sd / mean);
                Ok(Maximum { value: best, repeat_cv: cv, n: good.len() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posture(values: &[f64]) -> Posture {
        let of = |value: &f64| Repetition { source: "a".into(), at_s: 0.0, value: *value, problem: None };
        Posture { name: "standing".into(), repetitions: values.iter().map(of).collect() }
    }

    #[test]
    fn the_best_two_must_agree_within_ten_percent() {
        let good = posture(&[95.0, 100.0, 60.0]).maximum().unwrap();
        assert_eq!((good.value, good.n), (100.0, 3));
        // Two values 5 apart: SD 3.536 over the mean 97.5.
        assert!((good.repeat_cv.unwrap() - 3.535_534 / 97.5).abs() < 1e-6);
        assert!(posture(&[100.0, 85.0]).maximum().unwrap_err().contains("15 %"));
        assert_eq!(posture(&[80.0]).maximum().unwrap().repeat_cv, None);
        assert!(posture(&[]).maximum().unwrap_err().contains("no contraction"));
        let mut bad = posture(&[100.0]);
        bad.repetitions[0].problem = Some("clipped".into());
        assert_eq!(bad.maximum().unwrap_err(), "clipped");
    }
}
