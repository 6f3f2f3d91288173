//! Timing of one muscle around one contact: half of its EMG, its peak, and where its burst begins and ends.
//!
//! Needs raw EMG for all but the peak: an envelope has lost the timing.

use crate::emg::{Emg, Sums, lowpass_many};
use crate::noise::Rest;
use std::ops::Range;
use surae_trial::{Correction, EventSettings, Muscle};

/// Window of the local mean square from which noise is taken.
const DEBIAS_WINDOW_S: f64 = 0.05;
/// A burst begins and ends at this fraction of its peak...
const BURST_FRACTION: f64 = 0.2;
/// ...and its beginning counts if it stayed below for this long.
const QUIET_S: f64 = 0.05;
/// How far before its window the beginning of a burst is looked for, and how far after it the end.
const SEARCH_S: f64 = 0.3;
/// Low-pass of the burst, zero-phase. By simulation of sprint bursts (spectra 40/80 and 60/120 Hz, 20 and 34 dB): at 20 Hz the
/// beginning is 4 ms late with an SD of 7 to 9 ms, at 12 Hz 1 ms with 6 to 8 ms.
pub const BURST_HZ: f64 = 12.0;
/// The same for the slow burst of a push-off from standing: at 12 Hz its beginning is 11 to 20 ms late, at 6 Hz 3 to 7 ms with an SD
/// of 12 to 13 ms (simulation of 0.9 s countermovement jumps).
pub const SLOW_BURST_HZ: f64 = 6.0;
/// The level of a beginning must be this far over the rest level.
const CLEAR_OF_REST: f64 = 2.0;

/// Why a burst has no beginning or end.
pub mod why {
    /// No 50 ms below 20 % of its peak come first (or follow).
    pub const MERGED: &str = "onset_merged";
    /// 20 % of its peak is not clear of the rest level.
    pub const LOW: &str = "too_close_to_rest";
    /// No raw EMG, or not whole around the contact.
    pub const NOT_MEASURED: &str = "not_measured";
}

/// Timing of one muscle at one contact, in ms after contact.
#[derive(Clone, Debug, PartialEq)]
pub struct MuscleTiming {
    /// Which.
    pub muscle: Muscle,
    /// Half of the EMG between contact minus the lead window and foot off has accumulated.
    pub t50_ms: Option<f64>,
    /// Highest envelope during contact.
    pub peak_ms: Option<f64>,
    /// Beginning of the burst, or why there is none ([`why`]).
    pub onset_ms: Result<f64, &'static str>,
    /// End of the burst, or why there is none.
    pub offset_ms: Result<f64, &'static str>,
    /// EMG in the window before contact over EMG from there to foot off.
    pub preactivation_fraction: Option<f64>,
}

/// Timing of a muscle at the contact `contact..off`; `until` is the foot off or its likely time, `burst` the one up to
/// then.
pub(super) fn timing(
    emg: &Emg,
    rest: &Rest,
    contact: f64,
    off: Option<f64>,
    until: Option<f64>,
    burst: Burst,
    events: &EventSettings,
) -> MuscleTiming {
    let peak = until.and_then(|until| envelope_peak(emg, contact, until));
    let lead_from = contact - events.lead_window_s;
    let clean =
        off.and_then(|off| noise_free(emg, rest, lead_from.min(contact - events.preactivation_s), off));
    let ms = |time_s: f64| (time_s - contact) * 1e3;
    let t50 = clean.as_ref().and_then(|clean| clean.half_s(lead_from));
    let fraction = clean.as_ref().and_then(|clean| {
        let before = clean.sum(contact - events.preactivation_s, contact);
        let total = before + clean.sum(contact, f64::INFINITY);
        (total > 0.0).then(|| before / total)
    });
    MuscleTiming {
        muscle: emg.muscle,
        t50_ms: t50.map(ms),
        peak_ms: peak.map(|(at, _)| ms(emg.time_of(at))),
        onset_ms: burst.onset_s.map(ms),
        offset_ms: burst.offset_s.map(ms),
        preactivation_fraction: fraction,
    }
}

/// Rectified EMG with the rest level taken out of its local mean square: `|y| sqrt(max(1 - N^2/m, 0))`.
///
/// Taking N from |y| itself would take too much where the muscle is active.
pub(crate) struct NoiseFree<'a> {
    emg: &'a Emg,
    first: usize,
    values: Vec<f64>,
}

/// The noise-free EMG of a window; `None` without raw EMG or where it is not whole.
pub(crate) fn noise_free<'a>(emg: &'a Emg, rest: &Rest, from_s: f64, to_s: f64) -> Option<NoiseFree<'a>> {
    if !emg.is_raw() || !emg.is_whole(from_s, to_s) {
        return None;
    }
    let (first, to) = (emg.index_of(from_s), emg.index_of(to_s));
    let half = DEBIAS_WINDOW_S / 2.0;
    let window = |i: usize| {
        let time = emg.time_of(i);
        (emg.index_of(time - half), emg.index_of(time + half))
    };
    let (lowest, highest) = (window(first).0, window(to).1);
    let totals = emg.running(lowest, highest);
    // Away from the ends and from half a sample every window lies alike about its sample.
    let reach = half * emg.rate_hz;
    let steady = (reach.fract() - 0.5).abs() > 1e-3 && lowest + reach.round() as usize == first;
    let square = |i: usize| {
        let (from, to) = if steady && i + (reach.round() as usize) < emg.band.len() {
            (i - reach.round() as usize, i + reach.round() as usize)
        } else {
            window(i)
        };
        let sums =
            if to <= from { Sums::default() } else { totals[to - lowest].since(totals[from - lowest]) };
        sums.squares / sums.n
    };
    let power = rest.rms * rest.rms;
    let values = (first..to)
        .map(|i| {
            let square = square(i);
            if square > 0.0 { emg.band[i].abs() * (1.0 - power / square).max(0.0).sqrt() } else { 0.0 }
        })
        .collect();
    Some(NoiseFree { emg, first, values })
}

impl NoiseFree<'_> {
    fn position(&self, time_s: f64) -> usize {
        self.emg.index_of(time_s).saturating_sub(self.first).min(self.values.len())
    }

    pub(crate) fn sum(&self, from_s: f64, to_s: f64) -> f64 {
        let to = if to_s.is_finite() { self.position(to_s) } else { self.values.len() };
        self.values[self.position(from_s).min(to)..to].iter().sum()
    }

    /// When half of the EMG from `from_s` on has accumulated, in s; `None` when there is none.
    pub(crate) fn half_s(&self, from_s: f64) -> Option<f64> {
        let from = self.position(from_s);
        let total: f64 = self.values[from..].iter().sum();
        if total <= 0.0 {
            return None;
        }
        let mut sum = 0.0;
        self.values.iter().enumerate().skip(from).find_map(|(i, v)| {
            sum += v;
            (sum >= total / 2.0).then(|| self.emg.time_of(self.first + i))
        })
    }
}

/// Sample and height of the highest envelope between two times.
pub(crate) fn envelope_peak(emg: &Emg, from_s: f64, to_s: f64) -> Option<(usize, f64)> {
    let (from, to) = (emg.index_of(from_s), emg.index_of(to_s));
    emg.envelope
        .get(from..to)?
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, v)| v.is_finite())
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(i, v)| (from + i, v))
}

/// Where a burst begins and ends, in s, each with the reason when it does not show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Burst {
    pub onset_s: Result<f64, &'static str>,
    pub offset_s: Result<f64, &'static str>,
}

/// Where a burst is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub emg: &'a Emg,
    pub rest: &'a Rest,
    /// The peak lies from here...
    pub from_s: f64,
    /// ...to here.
    pub to_s: f64,
}

impl Search<'_> {
    /// The samples that are low-passed for it; `None` without raw EMG or where it is not whole.
    fn samples(&self) -> Option<Range<usize>> {
        let &Self { emg, from_s, to_s, .. } = self;
        let around = SEARCH_S + QUIET_S;
        (emg.is_raw() && from_s < to_s && emg.is_whole(from_s, to_s))
            .then(|| emg.index_of(from_s - around)..emg.index_of(to_s + around))
    }
}

/// A burst that was not measured, and why.
pub(crate) const fn none(reason: &'static str) -> Burst {
    Burst { onset_s: Err(reason), offset_s: Err(reason) }
}

/// The burst whose peak lies in `from_s..to_s`: crossings of 20 % of the peak of the rectified EMG under a low-pass of `burst_hz`.
///
/// A beginning counts only after 50 ms below that level, an end only before 50 ms below it, and both only when the level is clear
/// of rest.
pub(crate) fn burst(emg: &Emg, rest: &Rest, from_s: f64, to_s: f64, burst_hz: f64) -> Burst {
    let found = bursts(&[Search { emg, rest, from_s, to_s }], burst_hz);
    found.first().copied().unwrap_or(none(why::NOT_MEASURED))
}

/// Windows that are low-passed side by side.
const TOGETHER: usize = 8;

/// [`burst`] of many searches: those whose windows are equally long share the filter.
pub(crate) fn bursts(searches: &[Search<'_>], burst_hz: f64) -> Vec<Burst> {
    let mut found = vec![none(why::NOT_MEASURED); searches.len()];
    let mut windows: Vec<(usize, Range<usize>)> =
        searches.iter().enumerate().filter_map(|(at, search)| Some((at, search.samples()?))).collect();
    let kind = |window: &(usize, Range<usize>)| (searches[window.0].emg.rate_hz.to_bits(), window.1.len());
    windows.sort_by_key(kind);
    for group in windows.chunk_by(|a, b| kind(a) == kind(b)).flat_map(|alike| alike.chunks(TOGETHER)) {
        let rectified: Vec<Vec<f64>> = group
            .iter()
            .map(|(at, window)| searches[*at].emg.band[window.clone()].iter().map(|y| y.abs()).collect())
            .collect();
        let signals: Vec<&[f64]> = rectified.iter().map(Vec::as_slice).collect();
        let rate_hz = searches[group[0].0].emg.rate_hz;
        let Ok(smooth) = lowpass_many(&signals, rate_hz, burst_hz, Correction::Winter) else { continue };
        for ((at, window), smooth) in group.iter().zip(&smooth) {
            found[*at] = edges(&searches[*at], window.start, smooth);
        }
    }
    found
}

/// Beginning and end of the burst in the low-passed window that starts at sample `first`.
fn edges(search: &Search<'_>, first: usize, smooth: &[f64]) -> Burst {
    let &Search { emg, rest, from_s, to_s } = search;
    let at = |time_s: f64| emg.index_of(time_s).saturating_sub(first).min(smooth.len());
    let peak = smooth[at(from_s)..at(to_s)]
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, v)| v.is_finite())
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((peak, height)) = peak.map(|(i, v)| (at(from_s) + i, v)) else { return none(why::NOT_MEASURED) };
    let level = BURST_FRACTION * height;
    if level < CLEAR_OF_REST * rest.arv {
        return none(why::LOW);
    }
    let quiet = (QUIET_S * emg.rate_hz).round() as usize;
    let is_low =
        |range: std::ops::Range<usize>| smooth.get(range).is_some_and(|part| part.iter().all(|v| *v < level));
    let time = |sample: usize| emg.time_of(first + sample);
    let onset = (0..peak).rev().find(|i| smooth[*i] < level).map(|i| i + 1);
    let onset_s = onset
        .filter(|on| on.checked_sub(quiet).is_some_and(|from| is_low(from..*on)))
        .map(time)
        .ok_or(why::MERGED);
    let offset_s = (peak..smooth.len())
        .find(|i| smooth[*i] < level)
        .filter(|off| is_low(*off..off + quiet))
        .map(time)
        .ok_or(why::MERGED);
    Burst { onset_s, offset_s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::{Mode, tests::stream};
    use crate::noise::RestSource;
    use surae_trial::{Conditioning, Kind};

    const REST: Rest = Rest { arv: 0.002, rms: 0.0025, source: RestSource::TrialPercentile };

    /// Noise-like EMG (a fixed sequence) with this drive.
    fn emg(drive: impl Fn(f64) -> f64) -> Emg {
        let mut state = 11_u64;
        let values: Vec<f64> = (0..4000)
            .map(|i| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let noise = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
                noise * (0.005 + drive(f64::from(i) / 2000.0))
            })
            .collect();
        let stream = stream(Kind::RawEmg, Muscle::MG, 2000.0, values);
        Emg::of(&stream, (0, 0), &Conditioning::default(), 0.005, Mode::ZeroPhase, &mut Vec::new())
            .unwrap()
            .unwrap()
    }

    /// A triangle from 0.95 to 1.25 s: 20 % of its peak at 0.98 and 1.22 s.
    fn triangle(t: f64) -> f64 {
        (1.0 - (t - 1.1).abs() / 0.15).max(0.0)
    }

    #[test]
    fn an_isolated_burst_begins_and_ends_at_a_fifth_of_its_peak() {
        let found = burst(&emg(triangle), &REST, 0.85, 1.2, BURST_HZ);
        assert!((found.onset_s.unwrap() - 0.98).abs() < 0.015, "{found:?}");
        assert!((found.offset_s.unwrap() - 1.22).abs() < 0.015, "{found:?}");
    }

    #[test]
    fn activity_before_the_burst_makes_its_beginning_merged_and_leaves_its_end() {
        let found =
            burst(&emg(|t| triangle(t) + if t < 1.0 { 0.4 } else { 0.0 }), &REST, 0.85, 1.2, BURST_HZ);
        assert_eq!(found.onset_s, Err(why::MERGED));
        assert!(found.offset_s.is_ok());
        // Silence of 30 ms is too short to separate two bursts.
        let close =
            burst(&emg(|t| triangle(t) + if t < 0.93 { 0.6 } else { 0.0 }), &REST, 0.85, 1.2, BURST_HZ);
        assert_eq!(close.onset_s, Err(why::MERGED));
    }

    #[test]
    fn a_burst_near_the_rest_level_has_no_timing() {
        let loud = Rest { arv: 0.05, rms: 0.06, source: RestSource::TrialPercentile };
        assert_eq!(burst(&emg(|t| 0.3 * triangle(t)), &loud, 0.85, 1.2, BURST_HZ).onset_s, Err(why::LOW));
        assert_eq!(burst(&emg(triangle), &REST, -5.0, 0.2, BURST_HZ).onset_s, Err(why::NOT_MEASURED));
    }
}
