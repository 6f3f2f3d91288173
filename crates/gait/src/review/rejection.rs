//! Cycles that do not count because of their EMG, and cycles without a knee angle.
//!
//! A cycle is judged by itself: one loose step does not spoil the walk, and a channel that is bad throughout is graded as a whole
//! (`quality`). Not for strides of odd length or stance (`cycles`).

use crate::cycles::Cycle;
use crate::emg::Emg;
use crate::stats::median;
use crate::track::AngleSeries;
use surae_trial::Trial;

/// A cycle with more samples than this share in runs of equal extremes, or at the rails, is clipped (METHOD 8).
const CLIPPED: f64 = 0.001;
/// Equal extremes that make a run.
const RUN: usize = 3;
/// Nothing changes for this long: no electrode (METHOD 8).
const FLAT_S: f64 = 0.2;
/// Amplitude against the median cycle, either way, that no change of effort within a trial explains.
const ODD_AMPLITUDE: f64 = 5.0;
/// Share of a raw cycle's power, of what lies in the band and below it, beyond which it is mostly movement of the electrodes.
const BELOW_BAND: f64 = 0.5;
/// Means over this long keep what is below about 20 Hz (a boxcar's half-power point is 0.443 over its length).
const SLOW_S: f64 = 0.022;

/// Marks the kept cycles in which a calf channel has a hole or is not to be trusted, with the reason. Each channel comes with its
/// values as they came.
pub(super) fn reject_broken(trial: &Trial, cycles: &mut [Cycle], emg: &[(&Emg, &[f64])]) {
    for (emg, raw) in emg.iter().filter(|(e, _)| e.muscle.is_triceps_surae()) {
        for cycle in cycles.iter_mut().filter(|c| c.is_kept()) {
            if !emg.is_whole(cycle.start_s, cycle.end_s) {
                cycle.rejected = Some(format!("{} is not whole in it (gap or end of record)", emg.label));
            }
        }
        if emg.is_raw() {
            reject_bad(trial, cycles, emg, raw);
        }
    }
}

fn reject_bad(trial: &Trial, cycles: &mut [Cycle], emg: &Emg, raw: &[f64]) {
    let rms: Vec<f64> =
        cycles.iter().filter(|c| c.is_kept()).map(|c| emg.sums(c.start_s, c.end_s).rms()).collect();
    let Some(usual) = median(&rms).filter(|usual| *usual > 0.0) else { return };
    let channel = &trial.streams[emg.stream].channels[emg.channel];
    let rails = channel.amplifier.rails.map(|(a, b)| {
        let (a, b) = (channel.scale.physical(a), channel.scale.physical(b));
        (a.min(b), a.max(b))
    });
    let extremes = raw
        .iter()
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    for cycle in cycles.iter_mut().filter(|c| c.is_kept()) {
        let (from, to) = (emg.index_of(cycle.start_s), emg.index_of(cycle.end_s).min(raw.len()));
        let Some(raw) = raw.get(from..to).filter(|raw| !raw.is_empty()) else { continue };
        let amplitude = emg.sums(cycle.start_s, cycle.end_s).rms();
        let why = flat(raw, emg.rate_hz)
            .or_else(|| clipped(raw, rails, extremes))
            .or_else(|| odd(amplitude / usual))
            .or_else(|| moved(raw, emg.rate_hz, amplitude));
        cycle.rejected = why.map(|why| format!("{}: {why}", emg.label));
    }
}

fn flat(raw: &[f64], rate_hz: f64) -> Option<String> {
    // A run that is long enough holds three neighbours at some place of this grid: almost no cycle needs a look at every sample.
    let grid = ((FLAT_S * rate_hz / 2.0) as usize).saturating_sub(1).max(1);
    if !raw.windows(3).step_by(grid).any(|three| three[0] == three[1] && three[1] == three[2]) && grid > 2 {
        return None;
    }
    let longest = raw.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0) as f64 / rate_hz;
    (longest >= FLAT_S).then(|| format!("no signal for {:.0} ms of it, loose electrode?", 1e3 * longest))
}

fn clipped(raw: &[f64], rails: Option<(f64, f64)>, extremes: (f64, f64)) -> Option<String> {
    let at_rail = |v: f64| rails.is_some_and(|(low, high)| v <= low || v >= high);
    let is_extreme = |v: f64| (v == extremes.0) | (v == extremes.1) | at_rail(v);
    if !raw.iter().fold(false, |any, v| any | is_extreme(*v)) {
        return None;
    }
    let n: usize = raw
        .chunk_by(|a, b| a == b)
        .filter(|run| at_rail(run[0]) || run.len() >= RUN && (run[0] == extremes.0 || run[0] == extremes.1))
        .map(<[f64]>::len)
        .sum();
    let share = n as f64 / raw.len() as f64;
    (share > CLIPPED).then(|| format!("clipped, {:.1} % of its samples", 100.0 * share))
}

fn odd(ratio: f64) -> Option<String> {
    (!(1.0 / ODD_AMPLITUDE..=ODD_AMPLITUDE).contains(&ratio))
        .then(|| format!("amplitude {ratio:.2} times that of the usual cycle, loose electrode or artefact?"))
}

/// `amplitude` is the root mean square of the band-passed cycle; what lies below the band is taken from means over [`SLOW_S`].
fn moved(raw: &[f64], rate_hz: f64, amplitude: f64) -> Option<String> {
    let frames = ((SLOW_S * rate_hz).round() as usize).max(1);
    let means: Vec<f64> = raw
        .chunks_exact(frames)
        .map(|part| part.iter().sum::<f64>() / frames as f64)
        .filter(|mean| mean.is_finite())
        .collect();
    let n = means.len() as f64;
    let mean = means.iter().sum::<f64>() / n;
    let below = means.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let share = below / (below + amplitude * amplitude);
    (share > BELOW_BAND).then(|| {
        format!("{:.0} % of its power below the EMG band, movement of electrode or cable?", 100.0 * share)
    })
}

/// By cycle, why it has no part in the mean knee angle; empty where the angle covers it. Without any knee angle nothing is said here.
pub(super) fn without_knee(cycles: &[Cycle], knee: Option<&AngleSeries>) -> Vec<String> {
    let Some(knee) = knee else { return vec![String::new(); cycles.len()] };
    let missing = |c: &Cycle| {
        let index = |time: f64| ((time - knee.start_s) * knee.rate_hz).round();
        let (from, to) = (index(c.start_s), index(c.end_s));
        let n = (to - from + 1.0).clamp(1.0, 1e9) as usize;
        let known = (0..n)
            .filter(|i| {
                let at = from + *i as f64;
                at >= 0.0 && knee.deg.get(at as usize).is_some_and(|v| v.is_finite())
            })
            .count();
        (n - known) as f64 / n as f64
    };
    cycles
        .iter()
        .map(|c| match missing(c) {
            share if share > 0.0 => format!(
                "knee angle missing for {:.0} % of it: its muscles count, its knee does not",
                (100.0 * share).ceil()
            ),
            _ => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::{Mode, tests::stream};
    use surae_trial::{Conditioning, Kind, Muscle};

    const RATE_HZ: f64 = 1000.0;

    /// Twelve cycles of 1 s of noise, changed by `damage` in the sixth.
    fn rejected(damage: fn(usize, f64) -> f64) -> Vec<Option<String>> {
        let mut state = 1_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
        };
        let values = (0..12_000)
            .map(|i| {
                let v = 100.0 * (noise() + noise());
                if (5000..6000).contains(&i) { damage(i - 5000, v) } else { v }
            })
            .collect();
        let trial =
            Trial { streams: vec![stream(Kind::RawEmg, Muscle::SOL, RATE_HZ, values)], ..Trial::default() };
        let emg = Emg::of(
            &trial.streams[0],
            (0, 0),
            &Conditioning::default(),
            0.005,
            Mode::ZeroPhase,
            &mut Vec::new(),
        )
        .unwrap()
        .unwrap();
        let mut cycles: Vec<Cycle> = (0..12)
            .map(|i| Cycle {
                start_s: f64::from(i),
                foot_off_s: None,
                end_s: f64::from(i + 1),
                rejected: None,
            })
            .collect();
        let raw = trial.streams[0].column(0);
        reject_broken(&trial, &mut cycles, &[(&emg, &raw)]);
        cycles.into_iter().map(|c| c.rejected).collect()
    }

    #[test]
    fn a_bad_cycle_is_left_out_with_its_reason_and_its_neighbours_are_not() {
        type Damage = fn(usize, f64) -> f64;
        let cases: [(Damage, &str); 5] = [
            (|i, v| if i < 300 { 3.0 } else { v }, "no signal for 300 ms"),
            (|_, v| v.clamp(-60.0, 60.0) * 10.0, "clipped"),
            (|_, v| 8.0 * v, "times that of the usual cycle"),
            (|i, v| v + 900.0 * (i as f64 * 0.018).sin(), "below the EMG band"),
            (|i, v| if (500..520).contains(&i) { f64::NAN } else { v }, "not whole"),
        ];
        for (damage, words) in cases {
            let found = rejected(damage);
            assert!(found[5].as_deref().unwrap_or_default().contains(words), "{found:?}");
            assert!(found.iter().enumerate().all(|(at, f)| at == 5 || f.is_none()), "{words}: {found:?}");
        }
        assert!(rejected(|_, v| v).iter().all(Option::is_none));
    }

    #[test]
    fn a_cycle_without_a_whole_knee_angle_says_how_much_is_missing() {
        let cycle = |start_s: f64| Cycle { start_s, foot_off_s: None, end_s: start_s + 1.0, rejected: None };
        let deg = (0..300).map(|i| if i < 150 { 10.0 } else { f64::NAN }).collect();
        let knee = AngleSeries { rate_hz: 100.0, start_s: 0.0, deg };
        let found = without_knee(&[cycle(0.0), cycle(1.0), cycle(5.0)], Some(&knee));
        assert!(found[0].is_empty() && found[1].contains("51 %") && found[2].contains("100 %"), "{found:?}");
        assert!(without_knee(&[cycle(0.0)], None)[0].is_empty());
    }
}
