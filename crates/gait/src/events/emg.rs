//! Rhythm from the EMG alone, where nothing else shows the steps: the start of each soleus burst.
//!
//! These are not foot contacts. They are marks of source `emg`, and cycles made of them are *EMG cycles*: 0 % is the start of the soleus
//! burst, there is no foot off, no stance and no push-off, and percentages are not those of a gait cycle (METHOD 5.1, R11).

use crate::emg::{Emg, Mode};
use crate::stats::percentile;
use surae_trial::{Event, EventKind, EventSource, Muscle, Note, Seconds, Settings, Side, Task, Trial};

/// What such a mark is called.
pub const BURST_START: &str = "start of the soleus burst";
/// Rate at which the rhythm is looked for.
const RHYTHM_HZ: f64 = 100.0;
/// Stride times that walking and running can have (R11).
const PERIOD_S: [f64; 2] = [0.38, 2.0];
/// Autocorrelation that makes a rhythm.
const RHYTHMIC: f64 = 0.3;
/// A shorter period is taken when its autocorrelation is at least this share of the best one.
const SHORTEST_SHARE: f64 = 0.8;
/// Level of a burst's start between rest and peak.
const ONSET_SHARE: f64 = 0.3;
/// Two starts are at least this share of a period apart.
const APART: f64 = 0.6;

/// Starts of the soleus bursts of each leg of which `has_contacts` says that nothing else shows its steps.
pub(super) fn events(
    trial: &Trial,
    has_contacts: impl Fn(Side) -> bool,
    notes: &mut Vec<Note>,
) -> Vec<Event> {
    let not_gait =
        matches!(trial.task, Some(Task::Standing | Task::PlantarFlexion | Task::Jump | Task::KneeExtension));
    if not_gait {
        return Vec::new();
    }
    let mut found = Vec::new();
    for side in Side::BOTH.into_iter().filter(|side| !has_contacts(*side)) {
        let Some((muscle, times, period_s)) = starts(trial, side) else { continue };
        notes.push(Note::warning(
            "emg_cycles",
            format!(
                "{side} leg: nothing shows the foot contacts, so cycles run from one start of the {} burst to the next (period {period_s:.2} s, \
                 {} starts). These are EMG cycles: no stance, no foot off, no push-off, and their percentages are not those of a gait cycle.",
                muscle.name(),
                times.len()
            ),
        ));
        found.extend(times.into_iter().map(|time| Event {
            time_s: Seconds(time),
            kind: EventKind::Mark,
            side: Some(side),
            source: EventSource::Emg,
            label: BURST_START.replace("soleus", muscle.name()),
        }));
    }
    found
}

/// Starts of the bursts and the period, from soleus, else from gastrocnemius; `None` without a rhythm of at least three strides.
fn starts(trial: &Trial, side: Side) -> Option<(Muscle, Vec<f64>, f64)> {
    let settings = Settings::default();
    let (muscle, (stream, channel)) = [Muscle::SOL, Muscle::MG, Muscle::GAS, Muscle::LG]
        .into_iter()
        .find_map(|m| Some((m, trial.emg(m, side)?)))?;
    let mut unused = Vec::new();
    let emg = Emg::of(
        &trial.streams[stream],
        (stream, channel),
        &settings.conditioning,
        settings.bridge_s,
        Mode::ZeroPhase,
        &mut unused,
    )?
    .ok()?;
    let seconds = emg.envelope.len() as f64 / emg.rate_hz;
    let steps = (seconds * RHYTHM_HZ) as usize;
    let values: Vec<f64> = (0..steps).map(|i| emg.envelope_at(emg.start_s + i as f64 / RHYTHM_HZ)).collect();
    let period = period(&values)?;
    let times: Vec<f64> =
        onsets(&values, period).into_iter().map(|at| emg.start_s + at / RHYTHM_HZ).collect();
    (times.len() >= 4).then(|| (muscle, times, period / RHYTHM_HZ))
}

/// The period of a rhythm in samples, from the autocorrelation; `None` when there is none.
fn period(values: &[f64]) -> Option<f64> {
    let centre = crate::stats::mean(values)?;
    let centred: Vec<f64> = values.iter().map(|v| if v.is_finite() { v - centre } else { 0.0 }).collect();
    let energy: f64 = centred.iter().map(|v| v * v).sum();
    let [low, high] = PERIOD_S.map(|s| (s * RHYTHM_HZ).round() as usize);
    if energy <= 0.0 || values.len() < 3 * low {
        return None;
    }
    let high = high.min(values.len() / 2);
    let at = |lag: usize| {
        let sum: f64 = centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum();
        sum / energy * values.len() as f64 / (values.len() - lag) as f64
    };
    let correlation: Vec<f64> = (low - 1..=high + 1).map(at).collect();
    let peaks: Vec<(usize, f64)> = (1..correlation.len() - 1)
        .filter(|i| correlation[*i] > correlation[i - 1] && correlation[*i] >= correlation[i + 1])
        .map(|i| (low - 1 + i, correlation[i]))
        .collect();
    let best = peaks.iter().map(|p| p.1).fold(0.0, f64::max);
    if best < RHYTHMIC {
        return None;
    }
    peaks.iter().find(|p| p.1 >= SHORTEST_SHARE * best).map(|p| p.0 as f64)
}

/// Upward crossings of the burst level, at least most of a period apart, with a fraction of a sample.
fn onsets(values: &[f64], period: f64) -> Vec<f64> {
    let (Some(rest), Some(peak)) = (percentile(values, 10.0), percentile(values, 95.0)) else {
        return Vec::new();
    };
    let level = rest + ONSET_SHARE * (peak - rest);
    let mut found: Vec<f64> = Vec::new();
    for (i, pair) in values.windows(2).enumerate() {
        if pair[0] < level && pair[1] >= level {
            let at = i as f64 + (level - pair[0]) / (pair[1] - pair[0]);
            if found.last().is_none_or(|last| at - last > APART * period) {
                found.push(at);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::tests::stream;
    use surae_trial::Kind;

    fn trial(period_s: f64, second_burst: f64, task: Option<Task>) -> Trial {
        let rate = 200.0;
        let values = (0..4000)
            .map(|i| {
                let u = (f64::from(i) / rate / period_s).fract();
                let bump = |centre: f64| (1.0 - ((u - centre) / 0.15).abs()).max(0.0);
                5.0 + 90.0 * bump(0.4) + second_burst * bump(0.8)
            })
            .collect();
        Trial { streams: vec![stream(Kind::Envelope, Muscle::SOL, rate, values)], task, ..Trial::default() }
    }

    #[test]
    fn the_rhythm_is_found_and_a_second_burst_does_not_halve_it() {
        for (period_s, second) in [(1.1, 0.0), (1.1, 30.0), (0.5, 0.0), (0.45, 20.0)] {
            let mut notes = Vec::new();
            let found = events(&trial(period_s, second, None), |_| false, &mut notes);
            let times: Vec<f64> = found.iter().map(|e| e.time_s.0).collect();
            assert!(times.len() as f64 >= 20.0 / period_s - 2.0, "{period_s}: {}", times.len());
            assert!(times.windows(2).all(|p| (p[1] - p[0] - period_s).abs() < 0.02), "{times:?}");
            assert!(found.iter().all(|e| e.kind == EventKind::Mark && e.source == EventSource::Emg));
            assert!(notes[0].text.contains("no foot off"));
        }
    }

    #[test]
    fn no_rhythm_no_marks_and_none_where_contacts_are_known() {
        assert!(events(&trial(1.1, 0.0, None), |_| true, &mut Vec::new()).is_empty());
        assert!(events(&trial(1.1, 0.0, Some(Task::Jump)), |_| false, &mut Vec::new()).is_empty());
        let mut state = 7_u64;
        let noise = (0..4000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f64
            })
            .collect();
        let restless =
            Trial { streams: vec![stream(Kind::Envelope, Muscle::SOL, 200.0, noise)], ..Trial::default() };
        assert!(events(&restless, |_| false, &mut Vec::new()).is_empty());
    }
}
