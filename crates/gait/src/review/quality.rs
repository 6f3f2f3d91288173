//! Signal quality of the EMG channels of a review, by the meters of `surae-signal`.

use super::prepare::{Prepared, group_of};
use crate::emg::Emg;
use crate::report::QualityReport;
use crate::spectra::CommonSignals;
use rayon::prelude::*;
use surae_signal::quality::{ChannelQuality, Grade, QualityLimits, QualitySettings, judge_whole};
use surae_trial::{Note, Trial};

/// Two raw channels that share more than this are one signal.
pub(super) const IDENTICAL: f64 = 0.95;

/// The quality of one channel.
#[derive(Clone, Debug)]
pub(super) struct Graded {
    pub stream: usize,
    pub channel: usize,
    pub grade: Grade,
    pub report: QualityReport,
}

/// Grades every raw EMG channel, given its values as they came.
///
/// Limits in microvolts are only held against amplitudes at the electrode.
pub(super) fn grade(
    trial: &Trial,
    prepared: &Prepared,
    common: &CommonSignals,
    notes: &mut Vec<Note>,
) -> Vec<Graded> {
    let emg = &prepared.emg;
    let raw: Vec<usize> = (0..emg.len()).filter(|at| emg[*at].is_raw()).collect();
    let groups: Vec<&[usize]> = raw.chunks(group_of(raw.len())).collect();
    let graded = groups.par_iter().map(|group| {
        let settings: Vec<QualitySettings> = group.iter().map(|at| settings(trial, &emg[*at])).collect();
        let signals: Vec<&[f64]> = group.iter().map(|at| prepared.raw[*at].as_slice()).collect();
        let found = group.iter().zip(judge_whole(&settings, &signals));
        found.filter_map(|(at, found)| Some(graded(&emg[*at], &found.ok()?))).collect::<Vec<_>>()
    });
    let mut graded: Vec<Graded> = graded.flatten_iter().collect();
    for (at, a) in emg.iter().enumerate() {
        for b in &emg[at + 1..] {
            if common.between(a, b).is_some_and(|r| r > IDENTICAL) {
                let text =
                    format!("{} and {} carry the same signal: shorted or duplicated", a.label, b.label);
                for one in graded.iter_mut().filter(|g| is(g, a) || is(g, b)) {
                    one.grade = Grade::Bad;
                    one.report.grade = Grade::Bad.to_string();
                    one.report.reasons.push(text.clone());
                }
                notes.push(Note::warning("identical_channels", format!("{text}.")));
            }
        }
    }
    for one in graded.iter().filter(|g| g.grade == Grade::Bad) {
        let label = &trial.streams[one.stream].channels[one.channel].label;
        notes.push(Note::warning("quality_bad", format!("{label}: {}.", one.report.reasons.join("; "))));
    }
    graded
}

pub(super) fn is(graded: &Graded, emg: &Emg) -> bool {
    (graded.stream, graded.channel) == (emg.stream, emg.channel)
}

fn settings(trial: &Trial, emg: &Emg) -> QualitySettings {
    let stream = &trial.streams[emg.stream];
    let channel = &stream.channels[emg.channel];
    let microvolts = channel.unit.volts().filter(|_| channel.amplifier.input_referred).map(|v| v * 1e6);
    let rails = channel
        .amplifier
        .rails
        .map(|(low, high)| (channel.scale.physical(low), channel.scale.physical(high)));
    QualitySettings {
        rate_hz: stream.rate_hz,
        microvolts_per_unit: microvolts,
        range: rails.map(|(low, high)| (low.min(high), low.max(high))),
        step: (emg.step > 0.0).then_some(emg.step),
        mains: None,
        limits: QualityLimits::default(),
    }
}

fn graded(emg: &Emg, found: &ChannelQuality) -> Graded {
    Graded {
        stream: emg.stream,
        channel: emg.channel,
        grade: found.grade,
        report: QualityReport {
            grade: found.grade.to_string(),
            reasons: found.reasons().map(|(_, reason)| reason.to_string()).collect(),
            snr_db: found.snr_db,
            noise_floor: found.noise_floor,
            hum_ratio: found.hum_ratio,
            motion_ratio: found.motion_ratio,
            clipping_fraction: Some(found.clipping_fraction),
        },
    }
}
