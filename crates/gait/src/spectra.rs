//! Median and mean frequency of a muscle's bursts.
//!
//! Absolute values do not tell muscles apart (METHOD fact 9). Not for fatigue slopes.

use crate::cycles::Cycle;
use crate::emg::Emg;
use surae_signal::quality::max_correlations;
use surae_signal::spectrum::{Detrend, Welch, WelchSettings};
use surae_trial::{SpectrumSettings, Task};

/// Slower channels carry too little of the EMG band for a spectrum.
pub const SLOWEST_HZ: f64 = 250.0;
/// Part of the walking cycle that holds the calf's burst.
const WALK_BURST_PERCENT: [f64; 2] = [25.0, 50.0];
/// Fewer samples than this have no spectrum.
const SHORTEST: usize = 64;

/// Where the burst of a cycle lies: 25-50 % of a walking cycle, the contact in running.
#[must_use]
pub fn burst_window(cycle: &Cycle, task: Task) -> Option<(f64, f64)> {
    match task {
        Task::Run | Task::Sprint | Task::Jump => cycle.foot_off_s.map(|off| (cycle.start_s, off)),
        _ => Some((cycle.at_percent(WALK_BURST_PERCENT[0]), cycle.at_percent(WALK_BURST_PERCENT[1]))),
    }
}

/// Median and mean frequency in Hz over the bursts of the kept cycles, joined end to end (METHOD 7, row 44).
///
/// Welch with Hann windows no longer than the shortest burst, constant detrend, over the band of the settings.
///
/// # Errors
/// Why there is none, in words.
pub fn burst_frequencies(
    emg: &Emg,
    cycles: &[Cycle],
    task: Task,
    settings: &SpectrumSettings,
) -> Result<[f64; 2], &'static str> {
    let windows: Vec<(f64, f64)> =
        cycles.iter().filter(|c| c.is_kept()).filter_map(|c| burst_window(c, task)).collect();
    of_windows(emg, &windows, settings)
}

/// Median and mean frequency in Hz over the muscle's own bursts within the kept cycles: for muscles that are silent while the calf
/// is active, such as tibialis anterior. Bursts of less than 64 samples are left out.
///
/// # Errors
/// Why there is none, in words.
pub fn own_burst_frequencies(
    emg: &Emg,
    cycles: &[Cycle],
    bursts: &[(f64, f64)],
    settings: &SpectrumSettings,
) -> Result<[f64; 2], &'static str> {
    let kept = || cycles.iter().filter(|c| c.is_kept());
    if kept().next().is_none() {
        return Err("no spectrum: no whole gait cycle");
    }
    let windows: Vec<(f64, f64)> = bursts
        .iter()
        .flat_map(|(on, off)| kept().map(|c| (on.max(c.start_s), off.min(c.end_s))))
        .filter(|(from, to)| (to - from) * emg.rate_hz >= SHORTEST as f64 + 1.0)
        .collect();
    if windows.is_empty() {
        return Err("no spectrum: the muscle has no burst within the gait cycles");
    }
    of_windows(emg, &windows, settings)
}

/// Median and mean frequency over stretches joined end to end; those with a hole are left out.
fn of_windows(
    emg: &Emg,
    windows: &[(f64, f64)],
    settings: &SpectrumSettings,
) -> Result<[f64; 2], &'static str> {
    if !emg.is_raw() {
        return Err("no spectrum: the source gave no raw EMG");
    }
    if emg.rate_hz < SLOWEST_HZ {
        return Err("no spectrum: sampled below 250 Hz");
    }
    let mut joined = Vec::new();
    let mut shortest = usize::MAX;
    for (from_s, to_s) in windows.iter().copied() {
        if emg.is_whole(from_s, to_s) {
            let burst = &emg.band[emg.index_of(from_s)..emg.index_of(to_s)];
            shortest = shortest.min(burst.len());
            joined.extend_from_slice(burst);
        }
    }
    if joined.is_empty() {
        return Err("no spectrum: no whole gait cycle");
    }
    frequencies(&joined, shortest, emg.rate_hz, settings)
}

/// Shortest stretch of EMG that gets a median frequency of its own, in s (METHOD 7).
const SHORTEST_WINDOW_S: f64 = 0.2;

/// Median frequency in Hz of one stretch of raw EMG; `None` when it is not whole, too short or too slowly sampled.
#[must_use]
pub fn window_median_hz(emg: &Emg, from_s: f64, to_s: f64, settings: &SpectrumSettings) -> Option<f64> {
    let usable = emg.is_raw() && emg.rate_hz >= SLOWEST_HZ && to_s - from_s >= SHORTEST_WINDOW_S;
    if !usable || !emg.is_whole(from_s, to_s) {
        return None;
    }
    let part = emg.band.get(emg.index_of(from_s)..emg.index_of(to_s))?;
    frequencies(part, part.len(), emg.rate_hz, settings).ok().map(|f| f[0])
}

/// Median and mean frequency of a signal, in segments no longer than `longest` samples.
fn frequencies(
    joined: &[f64],
    longest: usize,
    rate_hz: f64,
    settings: &SpectrumSettings,
) -> Result<[f64; 2], &'static str> {
    let wanted = (settings.segment_s * rate_hz).max(2.0).log2().round() as u32;
    let segment = (1_usize << wanted.min(20)).min(1 << longest.max(2).ilog2());
    if segment < SHORTEST {
        return Err("no spectrum: bursts are too short");
    }
    let overlap = ((settings.overlap * segment as f64) as usize).min(segment - 1);
    let welch = WelchSettings { segment, overlap, detrend: Detrend::Constant, rate_hz };
    let spectrum =
        Welch::new(welch).map_err(|_| "no spectrum: it cannot be set up for this rate")?.density(joined);
    let high = settings.high_hz.min(rate_hz / 2.0);
    match (spectrum.median_frequency(settings.low_hz, high), spectrum.mean_frequency(settings.low_hz, high)) {
        (Some(median), Some(mean)) => Ok([median, mean]),
        _ => Err("no spectrum: no power in the band"),
    }
}

/// Longest stretch that a correlation is computed over.
const LONGEST_CORRELATION_S: f64 = 60.0;

/// Lags that a correlation is looked for within.
const LONGEST_LAG_S: f64 = 0.03;

/// Common signal of the calf channels of a trial, every two of them.
#[derive(Clone, Debug, Default)]
pub struct CommonSignals {
    /// Stream and channel of both, and their correlation.
    pairs: Vec<([(usize, usize); 2], f64)>,
}

impl CommonSignals {
    /// Largest absolute correlation of every two band-passed calf channels within 30 ms over the record, at most its first minute
    /// (METHOD 1.7): a screen for crosstalk, not a measure of it. Lost samples count as silence.
    #[must_use]
    pub fn of(emg: &[Emg]) -> Self {
        let calf: Vec<&Emg> = emg.iter().filter(|e| e.muscle.is_triceps_surae() && e.is_raw()).collect();
        let alike =
            |a: &Emg, b: &Emg| (a.rate_hz, a.start_s, a.band.len()) == (b.rate_hz, b.start_s, b.band.len());
        let mut found = Self::default();
        for (at, first) in calf.iter().enumerate() {
            if calf[..at].iter().any(|before| alike(before, first)) {
                continue;
            }
            let group: Vec<&Emg> = calf[at..].iter().copied().filter(|e| alike(first, e)).collect();
            found.add(&group);
        }
        // Channels of other lengths, as some devices make them: each pair over what both have.
        for (at, a) in calf.iter().enumerate() {
            for b in &calf[at + 1..] {
                if a.rate_hz == b.rate_hz && a.start_s == b.start_s && a.band.len() != b.band.len() {
                    found.add(&[*a, *b]);
                }
            }
        }
        found
    }

    /// Channels of one rate and start, over what all of them have.
    fn add(&mut self, group: &[&Emg]) {
        let Some(first) = group.first().filter(|_| group.len() > 1) else { return };
        let shortest = group.iter().map(|e| e.band.len()).min().unwrap_or(0);
        let n = shortest.min((LONGEST_CORRELATION_S * first.rate_hz) as usize);
        let centred: Vec<Vec<f64>> = group.iter().map(|e| centred(&e.band[..n])).collect();
        let signals: Vec<&[f64]> = centred.iter().map(Vec::as_slice).collect();
        let mut all = max_correlations(&signals, (LONGEST_LAG_S * first.rate_hz) as usize).into_iter();
        for (at, a) in group.iter().enumerate() {
            for b in &group[at + 1..] {
                // A silent channel has nothing in common with any.
                let r = all.next().filter(|r| r.is_finite() && *r > 0.0);
                self.pairs.extend(r.map(|r| ([place(a), place(b)], r)));
            }
        }
    }

    /// The correlation of two channels; `None` when either is not raw or silent, or they do not share rate and start.
    #[must_use]
    pub fn between(&self, a: &Emg, b: &Emg) -> Option<f64> {
        let (a, b) = (place(a), place(b));
        self.pairs.iter().find(|(pair, _)| *pair == [a, b] || *pair == [b, a]).map(|(_, r)| *r)
    }
}

fn place(emg: &Emg) -> (usize, usize) {
    (emg.stream, emg.channel)
}

/// Without the mean; missing values are silence.
fn centred(values: &[f64]) -> Vec<f64> {
    let known: Vec<f64> = values.iter().map(|x| if x.is_finite() { *x } else { 0.0 }).collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    known.into_iter().map(|x| x - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::{Mode, tests::stream};
    use surae_trial::{Conditioning, Kind, Muscle};

    fn tone(hz: [f64; 2], kind: Kind) -> Emg {
        let values = (0..8000)
            .map(|i| hz.iter().map(|f| (std::f64::consts::TAU * f * f64::from(i) / 2000.0).sin()).sum())
            .collect();
        let stream = stream(kind, Muscle::SOL, 2000.0, values);
        Emg::of(&stream, (0, 0), &Conditioning::default(), 0.005, Mode::ZeroPhase, &mut Vec::new())
            .unwrap()
            .unwrap()
    }

    fn strides() -> Vec<Cycle> {
        (0..3)
            .map(|i| Cycle {
                start_s: f64::from(i),
                foot_off_s: None,
                end_s: f64::from(i) + 1.0,
                rejected: None,
            })
            .collect()
    }

    #[test]
    fn method_row_27_two_tones() {
        let settings = SpectrumSettings::default();
        let emg = tone([80.0, 120.0], Kind::RawEmg);
        let [median, mean] = burst_frequencies(&emg, &strides(), Task::Walk, &settings).unwrap();
        assert!((mean - 100.0).abs() < 3.0, "{mean}");
        assert!((78.0..122.0).contains(&median), "{median}");
    }

    #[test]
    fn method_row_56_an_envelope_has_no_spectrum() {
        let emg = tone([80.0, 120.0], Kind::Envelope);
        assert!(burst_frequencies(&emg, &strides(), Task::Walk, &SpectrumSettings::default()).is_err());
        assert!(CommonSignals::of(&[emg.clone(), emg.clone()]).between(&emg, &emg).is_none());
    }

    #[test]
    fn a_channel_has_everything_in_common_with_itself() {
        let emg = tone([80.0, 121.0], Kind::RawEmg);
        let (mut other, mut twin) = (tone([90.0, 130.0], Kind::RawEmg), emg.clone());
        (other.channel, twin.channel) = (1, 2);
        let common = CommonSignals::of(&[emg.clone(), other.clone(), twin.clone()]);
        assert!((common.between(&twin, &emg).unwrap() - 1.0).abs() < 1e-9);
        assert!(common.between(&emg, &other).unwrap() < 0.5);
    }
}
