//! Meters over whole recordings: what pushing each signal into a meter of its own would report, with the signals side by side.

use super::meter::{ChannelQuality, QualityMeter, QualitySettings};
use crate::design::DesignError;
use crate::filter::FilterBank;
use crate::filter::frames::{interleave, separate};

/// Frames that are filtered at a time.
const BLOCK: usize = 256;

/// Judges whole signals. The report of each is the one of a new [`QualityMeter`] that was pushed all of it, to the bit.
///
/// Signals of one length and rate in which nothing is missing share the vector lanes of the band-pass, and a spectrum of the last ten
/// seconds is made of those alone; eight such signals cost a third of eight meters. Others go through a meter of their own.
///
/// # Errors
/// For each signal as [`QualityMeter::new`].
///
/// ```
/// use surae_signal::quality::{QualityMeter, QualitySettings, judge_whole};
/// let settings = QualitySettings::microvolts(1000.0);
/// let tone = |hz: f64| (0..30_000).map(|n| 40.0 * (hz * f64::from(n) / 159.15).sin()).collect::<Vec<f64>>();
/// let (a, b) = (tone(80.0), tone(130.0));
/// let reports = judge_whole(&[settings; 2], &[&a, &b]);
/// let mut meter = QualityMeter::new(settings)?;
/// meter.push(&b);
/// assert_eq!(reports[1].as_ref().ok(), Some(&meter.report()));
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn judge_whole(
    settings: &[QualitySettings],
    signals: &[&[f64]],
) -> Vec<Result<ChannelQuality, DesignError>> {
    let mut meters: Vec<Result<QualityMeter, DesignError>> =
        settings.iter().map(|settings| QualityMeter::new(*settings)).collect();
    let is_whole: Vec<bool> =
        signals.iter().map(|s| !s.is_empty() && s.iter().all(|x| x.is_finite())).collect();
    let mut at = 0;
    while at < meters.len().min(signals.len()) {
        let alike = |k: &usize| {
            is_whole[*k]
                && is_whole[at]
                && signals[*k].len() == signals[at].len()
                && settings[*k].rate_hz == settings[at].rate_hz
        };
        let count = (at..meters.len().min(signals.len())).take_while(alike).count();
        match meters[at..at + count].iter().map(|meter| meter.as_ref().ok()).collect::<Option<Vec<_>>>() {
            Some(of) if count > 0 => {
                let bank = of[0].bank(count);
                push_side_by_side(bank, &mut meters[at..at + count], &signals[at..at + count]);
            }
            _ => {
                for (meter, signal) in meters[at..].iter_mut().zip(&signals[at..]).take(count.max(1)) {
                    if let Ok(meter) = meter {
                        meter.push(signal);
                    }
                }
            }
        }
        at += count.max(1);
    }
    meters.into_iter().map(|meter| meter.map(|mut meter| meter.report())).collect()
}

/// Whole signals of one length through one bank, a block at a time.
fn push_side_by_side(
    mut bank: FilterBank,
    meters: &mut [Result<QualityMeter, DesignError>],
    signals: &[&[f64]],
) {
    let channels = signals.len();
    for (channel, signal) in signals.iter().enumerate() {
        bank.prime_channel(channel, signal[0]);
    }
    let mut frames = vec![0.0; BLOCK * channels];
    let mut band = vec![vec![0.0; BLOCK]; channels];
    for start in (0..signals[0].len()).step_by(BLOCK) {
        let count = (signals[0].len() - start).min(BLOCK);
        let frames = &mut frames[..count * channels];
        interleave(signals, start, frames);
        bank.process(frames);
        separate(frames, 0, &mut band);
        for (meter, (signal, band)) in meters.iter_mut().zip(signals.iter().zip(&band)) {
            if let Ok(meter) = meter {
                meter.take_filtered(&signal[start..start + count], &band[..count]);
            }
        }
    }
    for (meter, signal) in meters.iter_mut().zip(signals) {
        if let Ok(meter) = meter {
            meter.take_spectrum(signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_those_of_meters_of_their_own() {
        let mut state = 3_u64;
        let mut noise = |length: usize, scale: f64| -> Vec<f64> {
            (0..length)
                .map(|i| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let burst = if (i / 700) % 3 == 1 { 20.0 } else { 1.0 };
                    scale * burst * ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5)
                })
                .collect()
        };
        // 1, 18 to 39 and 100 segments of a second, and parts of one.
        for length in [0, 5, 999, 1000, 9_999, 10_000, 19_700, 20_000, 50_300] {
            let mut signals: Vec<Vec<f64>> = (0..6).map(|k| noise(length, f64::from(k + 1))).collect();
            if length > 100 {
                signals[2][50..90].fill(f64::NAN);
                signals[4].truncate(length - 1);
            }
            let mut settings = [QualitySettings::microvolts(1000.0); 6];
            settings[3].range = Some((-30.0, 30.0));
            settings[5].rate_hz = 40.0;
            let refs: Vec<&[f64]> = signals.iter().map(Vec::as_slice).collect();
            for ((found, settings), signal) in judge_whole(&settings, &refs).iter().zip(settings).zip(refs) {
                match QualityMeter::new(settings) {
                    Ok(mut meter) => {
                        meter.push(signal);
                        let own = format!("{:?}", meter.report());
                        assert_eq!(format!("{:?}", found.as_ref().unwrap()), own, "{length}");
                    }
                    Err(_) => assert!(found.is_err()),
                }
            }
        }
    }
}
