//! Stamps of foreign XDF streams on one clock, and which stretches of them are regular.

use super::streams::XdfStream;
use surae_trial::{Gap, SampleIndex, Seconds};

/// A step in the offsets or a break in collection that is a restart of the stream's clock (pyxdf's thresholds).
const RESET_SECONDS: f64 = 5.0;
const RESET_OFFSET_S: f64 = 1.0;

/// Stamps brought to the recorder's clock: a straight line through the offsets, one per run of the stream's clock.
pub fn synchronised(stream: &XdfStream) -> Vec<f64> {
    let mut runs: Vec<&[(f64, f64)]> = Vec::new();
    let offsets = &stream.offsets[..];
    let mut start = 0;
    for k in 1..offsets.len() {
        let (before, after) = (offsets[k - 1], offsets[k]);
        let jump = (after.1 - before.1).abs() > RESET_OFFSET_S;
        let back = after.0 < before.0 - RESET_SECONDS || after.0 > before.0 + 60.0;
        if jump && back || after.0 < before.0 {
            runs.push(&offsets[start..k]);
            start = k;
        }
    }
    if start < offsets.len() {
        runs.push(&offsets[start..]);
    }
    let lines: Vec<(f64, f64, f64)> = runs.iter().filter_map(|run| line(run)).collect();
    let mut current = 0usize;
    let mut last = f64::NEG_INFINITY;
    stream
        .stamps
        .iter()
        .map(|stamp| {
            // A stamp far behind its predecessor belongs to the next run of the clock.
            if *stamp < last - RESET_SECONDS && current + 1 < lines.len() {
                current += 1;
            }
            last = *stamp;
            lines
                .get(current)
                .map_or(*stamp, |(origin, at_origin, slope)| stamp + at_origin + slope * (stamp - origin))
        })
        .collect()
}

/// Least squares: (mean time, offset there, slope).
fn line(run: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    if run.is_empty() {
        return None;
    }
    let n = run.len() as f64;
    let time = run.iter().map(|(t, _)| t).sum::<f64>() / n;
    let offset = run.iter().map(|(_, o)| o).sum::<f64>() / n;
    let (mut up, mut down) = (0.0, 0.0);
    for (t, o) in run {
        up += (t - time) * (o - offset);
        down += (t - time).powi(2);
    }
    Some((time, offset, if down > 0.0 { up / down } else { 0.0 }))
}

/// A regular stream seen through jittered stamps: start, measured rate, holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Regular {
    pub start_s: f64,
    pub measured_rate_hz: f64,
    pub gaps: Vec<Gap>,
}

/// Breaks where stamps jump by more than a quarter second or 20 samples; each hole is the whole number of samples nearest
/// to the jump. `None` where stamps run backwards or jump out of all
/// proportion: they are then kept as they are.
pub fn regular(stamps: &[f64], rate_hz: f64, exact: bool) -> Option<Regular> {
    let (first, last) = (*stamps.first()?, *stamps.last()?);
    let step = 1.0 / rate_hz;
    // Stamps of a source that says it may drop samples are exact; others jitter by the length of their chunks.
    let threshold = if exact { 1.5 * step } else { (20.0 * step).max(0.25) };
    let mut gaps = Vec::new();
    let mut index = 0u64;
    let mut lost = 0u64;
    for pair in stamps.windows(2) {
        let jump = pair[1] - pair[0];
        if !jump.is_finite() || jump < -threshold {
            return None;
        }
        index += 1;
        if jump > threshold {
            // Counted from the first stamp, so that a rate slightly off the nominal one does not pile up over holes.
            let place = ((pair[1] - first) * rate_hz).round();
            let lost_samples = if place > index as f64 && place < 1e15 { place as u64 - index } else { 0 };
            lost += lost_samples;
            if lost > crate::text::MOST_LOST_SAMPLES {
                return None;
            }
            if lost_samples > 0 {
                let time_s = SampleIndex(index).at(rate_hz, Seconds(first));
                gaps.push(Gap { index: SampleIndex(index), time_s, lost_samples, certain: exact });
                index += lost_samples;
            }
        }
    }
    let span = last - first;
    let measured_rate_hz = if span > 0.0 { index as f64 / span } else { rate_hz };
    Some(Regular { start_s: first, measured_rate_hz, gaps })
}
