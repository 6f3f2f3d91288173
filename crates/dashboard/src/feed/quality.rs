//! Quality of the channels of a trial, judged once over its whole length, in the words of the screen.
//!
//! The metrics and limits are `surae_signal::quality`'s. A running device is judged by the pipeline; its words are these too.

use crate::model::{Grade, Quality};
use crate::text::{self, quality as words};
use surae_signal::quality::{
    self as signal, ChannelQuality, QualityLimits, QualityMeter, QualitySettings, Reason,
};
use surae_trial::{Channel, Kind, Stream, Trial, Unit};

/// Quality of every EMG channel of a trial, in the order of its streams.
#[must_use]
pub fn of_trial(trial: &Trial) -> Vec<Quality> {
    let mut all = Vec::new();
    for stream in &trial.streams {
        for (at, channel) in stream.channels.iter().enumerate() {
            if channel.role.kind.is_emg() {
                all.push(of_channel(stream, at, channel));
            }
        }
    }
    all
}

/// An envelope from the sensor has no noise, hum or motion to be judged by.
fn of_channel(stream: &Stream, at: usize, channel: &Channel) -> Quality {
    if channel.role.kind != Kind::RawEmg {
        return Quality { reason: words::ENVELOPE.to_owned(), ..Quality::default() };
    }
    let electrode = channel.amplifier.input_referred || channel.unit == Unit::Microvolt;
    let microvolts_per_unit = channel.unit.volts().filter(|_| electrode).map(|volts| volts / 1e-6);
    let physical = |native: f64| channel.scale.physical(native);
    let settings = QualitySettings {
        rate_hz: stream.rate_hz,
        microvolts_per_unit,
        range: channel.amplifier.rails.map(|(low, high)| (physical(low), physical(high))),
        step: None,
        mains: None,
        limits: QualityLimits::default(),
    };
    let Ok(mut meter) = QualityMeter::new(settings) else {
        return Quality { reason: words::RATE.to_owned(), ..Quality::default() };
    };
    meter.push(&stream.column(at));
    in_words(&meter.report())
}

/// The worst reason, and what to do about it.
pub(crate) fn in_words(report: &ChannelQuality) -> Quality {
    let worst = report.reasons().max_by_key(|(grade, _)| *grade);
    let (reason, advice) = worst.map_or((String::new(), ""), |(_, reason)| of_reason(&reason));
    Quality {
        grade: match report.grade {
            signal::Grade::Good => Grade::Good,
            signal::Grade::Fair => Grade::Fair,
            signal::Grade::Bad => Grade::Bad,
        },
        reason,
        advice: advice.to_owned(),
        snr_db: report.snr_db.map(|snr| snr as f32),
    }
}

fn of_reason(reason: &Reason) -> (String, &'static str) {
    let percent = |share: &f64| format!("{} %", text::figure((share * 100.0) as f32));
    match reason {
        Reason::Noise { floor_uv } => (format!("noise {floor_uv:.0} µV"), words::ELECTRODE),
        Reason::LowSnr { snr_db } => (format!("SNR {snr_db:.0} dB"), words::ELECTRODE),
        Reason::NoActivity => ("never active".to_owned(), words::PLACE),
        Reason::Hum { mains_hz, ratio } => {
            (format!("{mains_hz:.0} Hz hum {}", percent(ratio)), words::REFERENCE)
        }
        Reason::Motion { ratio } => (format!("motion {}", percent(ratio)), words::CABLE),
        Reason::Clipping { fraction } => (format!("clipped {}", percent(fraction)), words::GAIN),
        Reason::Lost { fraction } => (format!("lost {}", percent(fraction)), words::LINK),
        Reason::LongGap { seconds } => (format!("gap of {:.0} ms", seconds * 1e3), words::LINK),
        Reason::ElectrodeOff => ("flat: electrode off?".to_owned(), words::ELECTRODE),
        Reason::Offset { of_range } => (format!("offset {} of range", percent(of_range)), words::ELECTRODE),
        Reason::Spikes { .. } => ("spikes in bursts".to_owned(), words::CABLE),
        Reason::Amplitude { rms_uv } => (format!("{rms_uv:.0} µV RMS: gain?"), words::GAIN_STATED),
        Reason::Identical { .. } => ("same as another channel".to_owned(), words::CABLE),
        Reason::Crosstalk { .. } => ("shares signal with another".to_owned(), words::PLACE),
        _ => (reason.code().to_owned(), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EMG-like noise: a linear congruential sequence, three seconds of it, half of them louder.
    fn noise(rate_hz: usize) -> Vec<f64> {
        let mut state = 1_u64;
        (0..6 * rate_hz)
            .map(|k| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let white = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
                white * if (k / rate_hz).is_multiple_of(2) { 200.0 } else { 2.0 }
            })
            .collect()
    }

    fn judge(values: &[f64]) -> Quality {
        let mut meter = QualityMeter::new(QualitySettings::microvolts(1000.0)).unwrap();
        meter.push(values);
        in_words(&meter.report())
    }

    #[test]
    fn hum_is_named_with_its_frequency_and_what_to_do() {
        let emg = noise(1000);
        let hum = emg
            .iter()
            .enumerate()
            .map(|(k, v)| v + 150.0 * (std::f64::consts::TAU * 50.0 * k as f64 / 1000.0).sin());
        let quality = judge(&hum.collect::<Vec<_>>());
        assert_eq!(quality.grade, Grade::Bad);
        assert!(!quality.reason.is_empty() && !quality.advice.is_empty(), "{quality:?}");
    }

    #[test]
    fn a_flat_channel_is_bad() {
        let quality = judge(&[0.0; 4000]);
        assert_eq!(quality.grade, Grade::Bad);
        assert!(quality.reason.contains("electrode") || quality.reason.contains("never"), "{quality:?}");
    }
}
