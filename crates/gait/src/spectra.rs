//! Median and mean frequency of a muscle's bursts.
//!
//! Absolute values do not tell muscles apart (METHOD fact 9). Not for fatigue slopes.

use crate::cycles::Cycle;
use crate::emg::Emg;
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

/// Largest absolute correlation of two band-passed channels within 30 ms over the record, at most its first minute
/// (METHOD 1.7): a screen for crosstalk, not a measure of it. Lost samples count as silence. `None` when either is not
/// raw or they do not share rate and start.
#[must_use]
pub fn common_signal(a: &Emg, b: &Emg) -> Option<f64> {
    if !(a.is_raw() && b.is_raw() && a.rate_hz == b.rate_hz && a.start_s == b.start_s) {
        return None;
    }
    let n = a.band.len().min(b.band.len()).min((LONGEST_CORRELATION_S * a.rate_hz) as usize);
    let known = |v: &[f64]| v[..n].iter().map(|x| if x.is_finite() { *x } else { 0.0 }).collect::<Vec<f64>>();
    let (x, y) = (known(&a.band), known(&b.band));
    let centre = |v: &[f64]| {
        let mean = v.iter().sum::<f64>() / v.len() as f64;
        v.iter().map(|x| x - mean).collect::<Vec<f64>>()
    };
    let (x, y) = (centre(&x), centre(&y));
    let energy = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
    let scale = (energy(&x) * energy(&y)).sqrt();
    let most = ((0.03 * a.rate_hz) as usize).min(n.saturating_sub(1));
    let at = |p: &[f64], q: &[f64], lag: usize| p[lag..].iter().zip(q).map(|(p, q)| p * q).sum::<f64>().abs();
    let best = (0..=most).map(|lag| at(&x, &y, lag).max(at(&y, &x, lag))).fold(0.0, f64::max);
    (scale > 0.0).then(|| best / scale)
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
        assert!(common_signal(&emg, &emg).is_none());
    }

    #[test]
    fn a_channel_has_everything_in_common_with_itself() {
        let emg = tone([80.0, 121.0], Kind::RawEmg);
        assert!((common_signal(&emg, &emg).unwrap() - 1.0).abs() < 1e-9);
    }
}
