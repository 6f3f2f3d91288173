//! Stamps of foreign XDF streams on one clock, and which stretches of them are regular.

use super::streams::XdfStream;
use surae_trial::{Gap, SampleIndex, Seconds};

/// A step in the offsets or a break in collection that is a restart of the stream's clock (pyxdf's thresholds).
const RESET_SECONDS: f64 = 5.0;
const RESET_OFFSET_S: f64 = 1.0;

/// Takes the stamps out of a stream, brought to the recorder's clock: a straight line through the offsets, one per run of the
/// stream's clock.
pub fn synchronised(stream: &mut XdfStream) -> Vec<f64> {
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
    let mut stamps = std::mem::take(&mut stream.stamps);
    stamps.shrink_to_fit();
    for stamp in &mut stamps {
        // A stamp far behind its predecessor belongs to the next run of the clock.
        if *stamp < last - RESET_SECONDS && current + 1 < lines.len() {
            current += 1;
        }
        last = *stamp;
        if let Some((origin, at_origin, slope)) = lines.get(current) {
            *stamp += at_origin + slope * (*stamp - origin);
        }
    }
    stamps
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

/// Breaks where stamps jump by more than a quarter second and 20 samples (by more than 1.5 samples for a source that says
/// it may drop samples: its stamps are exact). Between breaks a straight line through the stamps takes their jitter out;
/// a hole is the whole number of samples nearest to where the next line begins. `None` where stamps run backwards, jump
/// out of all proportion or do not keep the nominal rate: they are then kept as they are.
pub fn regular(stamps: &[f64], rate_hz: f64, exact: bool) -> Option<Regular> {
    let step = 1.0 / rate_hz;
    let threshold = if exact { 1.5 * step } else { (20.0 * step).max(0.25) };
    let mut parts: Vec<&[f64]> = Vec::new();
    let mut from = 0;
    for k in 1..stamps.len() {
        let jump = stamps[k] - stamps[k - 1];
        if !jump.is_finite() || jump < -threshold {
            return None;
        }
        if jump > threshold {
            parts.push(&stamps[from..k]);
            from = k;
        }
    }
    parts.push(stamps.get(from..).filter(|part| !part.is_empty())?);
    // A source that runs at another rate than it says, or drops samples all along, has no grid.
    let off_grid = |part: &&[f64]| {
        let span = part[part.len() - 1] - part[0];
        (span - (part.len() - 1) as f64 * step).abs() > threshold
    };
    if parts.iter().any(off_grid) {
        return None;
    }
    let begin = |part: &[f64]| if exact { part[0] } else { fitted_start(part) };
    let first = begin(parts[0]);
    let mut gaps = Vec::new();
    let mut index = 0u64;
    let mut lost = 0u64;
    for part in &parts {
        // Counted from the first stamp, so that a rate slightly off the nominal one does not pile up over holes.
        let place = ((begin(part) - first) * rate_hz).round();
        if place.is_nan() || place >= 1e15 {
            return None;
        }
        let lost_samples = if place > index as f64 { place as u64 - index } else { 0 };
        lost += lost_samples;
        if lost > crate::text::MOST_LOST_SAMPLES {
            return None;
        }
        if lost_samples > 0 {
            let time_s = SampleIndex(index).at(rate_hz, Seconds(first));
            gaps.push(Gap { index: SampleIndex(index), time_s, lost_samples, certain: exact });
        }
        index += lost_samples + part.len() as u64;
    }
    let span = stamps.last()? - first;
    let measured_rate_hz = if span > 0.0 && index > 1 { (index - 1) as f64 / span } else { rate_hz };
    Some(Regular { start_s: first, measured_rate_hz, gaps })
}

/// Where a least-squares line through stamps begins.
fn fitted_start(part: &[f64]) -> f64 {
    let middle = (part.len() - 1) as f64 / 2.0;
    let mean = part.iter().map(|t| t - part[0]).sum::<f64>() / part.len() as f64;
    let (mut up, mut down) = (0.0, 0.0);
    for (k, stamp) in part.iter().enumerate() {
        let away = k as f64 - middle;
        up += away * (stamp - part[0] - mean);
        down += away * away;
    }
    part[0] + mean - if down > 0.0 { middle * up / down } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_taken_out_and_a_hole_keeps_its_length() {
        // 100 Hz in bursts of four, 2 s missing after 400 samples.
        let place = |k: u32| if k < 400 { f64::from(k) } else { f64::from(k) + 200.0 };
        let stamps: Vec<f64> =
            (0..800).map(|k| 5.0 + place(k) / 100.0 + 0.01 * f64::from(3 - k % 4)).collect();
        let regular = regular(&stamps, 100.0, false).expect("regular");
        assert!((regular.start_s - 5.015).abs() < 0.001, "{}", regular.start_s);
        let holes: Vec<(u64, u64)> = regular.gaps.iter().map(|g| (g.index.0, g.lost_samples)).collect();
        assert_eq!(holes, [(400, 200)]);
        assert!((regular.measured_rate_hz - 100.0).abs() < 0.5);
    }

    #[test]
    fn exact_stamps_show_every_lost_sample() {
        let stamps = [0.0, 0.001, 0.002, 0.005, 0.006];
        let regular = regular(&stamps, 1000.0, true).expect("regular");
        assert_eq!((regular.gaps[0].index.0, regular.gaps[0].lost_samples), (3, 2));
        assert!(super::regular(&[0.0, 1e300], 1000.0, true).is_none());
        assert!(super::regular(&[0.0, -5.0], 1000.0, true).is_none());
        let slow: Vec<f64> = (0..1000).map(|k| f64::from(k) / 93.0).collect();
        assert!(super::regular(&slow, 100.0, false).is_none(), "93 Hz is not 100 Hz");
        assert!(super::regular(&[], 1000.0, true).is_none());
    }
}
