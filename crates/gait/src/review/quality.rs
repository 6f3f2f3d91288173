//! Signal quality of the EMG channels of a review, by the meters of `surae-signal`.

use crate::emg::Emg;
use crate::report::QualityReport;
use surae_signal::quality::{Grade, QualityLimits, QualityMeter, QualitySettings};
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

/// Grades every raw EMG channel; `rest_rms` is its rest level where it is known.
///
/// Limits in microvolts are only held against amplitudes at the electrode.
pub(super) fn grade(trial: &Trial, emg: &[Emg], notes: &mut Vec<Note>) -> Vec<Graded> {
    let mut graded: Vec<Graded> =
        emg.iter().filter(|e| e.is_raw()).filter_map(|e| grade_one(trial, e)).collect();
    for (at, a) in emg.iter().enumerate() {
        for b in &emg[at + 1..] {
            let calf = a.muscle.is_triceps_surae() && b.muscle.is_triceps_surae();
            if calf && crate::spectra::common_signal(a, b).is_some_and(|r| r > IDENTICAL) {
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

fn grade_one(trial: &Trial, emg: &Emg) -> Option<Graded> {
    let stream = &trial.streams[emg.stream];
    let channel = &stream.channels[emg.channel];
    let microvolts = channel.unit.volts().filter(|_| channel.amplifier.input_referred).map(|v| v * 1e6);
    let rails = channel
        .amplifier
        .rails
        .map(|(low, high)| (channel.scale.physical(low), channel.scale.physical(high)));
    let settings = QualitySettings {
        rate_hz: stream.rate_hz,
        microvolts_per_unit: microvolts,
        range: rails.map(|(low, high)| (low.min(high), low.max(high))),
        step: (emg.step > 0.0).then_some(emg.step),
        mains: None,
        limits: QualityLimits::default(),
    };
    let mut meter = QualityMeter::new(settings).ok()?;
    meter.push(&stream.column(emg.channel));
    let found = meter.report();
    Some(Graded {
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
    })
}
