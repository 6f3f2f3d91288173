//! The muscles of a leg, as the report gives them: curves, activity, filters, normalisation.

use super::NO_CYCLE;
use crate::activity::{Activity, Burst, CLEAN_S, Detector, activity};
use crate::cycles::{Cycle, Ensemble};
use crate::emg::{Emg, Mode};
use crate::report::{ActivityReport, FilterReport, MuscleReport, NoiseReport, NormalisationReport, finite};
use crate::review::channels::Channel;
use crate::review::pair::own_reference;
use crate::review::side::{Context, Missing};
use crate::spectra::{burst_frequencies, own_burst_frequencies};
use surae_signal::design::{Band, butterworth, two_pass_factor};
use surae_trial::{Correction, Kind, NormalisationKind};

pub(in crate::review) fn muscle_report(
    context: &Context<'_>,
    channel: &Channel<'_>,
    cycles: &[Cycle],
    missing: &mut Missing<'_>,
) -> (String, MuscleReport) {
    let name = channel.emg.muscle.short().to_owned();
    let mut say = |key: &str, why: &str| missing.say(&format!("muscles.{name}.{key}"), why);
    let ensemble = channel.ensemble.as_ref();
    if ensemble.is_none() {
        for key in ["peak", "peak_percent_cycle", "mean_curve"] {
            say(key, NO_CYCLE);
        }
    }
    let live = ensemble.filter(|e| e.peak().0 > 0.0);
    if ensemble.is_some() && live.is_none() {
        say("peak", "the channel holds no signal");
        say("peak_percent_cycle", "the channel holds no signal");
    }
    if ensemble.is_none_or(|e| e.n < 2) {
        for key in ["sd_curve", "cv", "vr", "cmc"] {
            say(key, "needs at least two gait cycles");
        }
    }
    let active = activity(channel.emg, &channel.rest);
    let spectrum = &context.settings.spectrum;
    let frequencies = if channel.emg.muscle.is_triceps_surae() {
        burst_frequencies(channel.emg, cycles, context.settings.task, spectrum)
    } else {
        let bursts: Vec<(f64, f64)> = active.bursts.iter().map(|b| (b.onset_s, b.offset_s)).collect();
        own_burst_frequencies(channel.emg, cycles, &bursts, spectrum)
    };
    if let Err(why) = frequencies {
        say("mdf_hz", why);
        say("mnf_hz", why);
    }
    let alone = match active.detector {
        Detector::Gate => {
            "an envelope or a quiet part too short: one detector only, nothing to compare it with"
        }
        Detector::DoubleThreshold => "another detector found no such event within 100 ms",
    };
    say("activity.onset_spread_ms", alone);
    say("activity.offset_spread_ms", alone);
    say("activity.snr_db", "no rest level");
    let filter = filter_report(context, channel.emg);
    say("filter.effective_cutoffs_hz", "filtered by the source, how is not known");
    say("filter.lag_ms", "filtered by the source, lag not known");
    let normalisation = normalisation_report(context, channel, &mut say);
    let report = MuscleReport {
        label: channel.emg.label.clone(),
        signal: channel.emg.kind,
        peak: live.map(|e| e.peak().0),
        amplitude_unit: channel.emg.unit.symbol().to_owned(),
        peak_percent_cycle: live.map(|e| e.peak().1),
        mean_curve: ensemble.map(|e| e.mean.clone()),
        sd_curve: ensemble.filter(|e| !e.sd.is_empty()).map(|e| e.sd.clone()),
        cv: ensemble.and_then(|e| e.cv),
        vr: ensemble.and_then(|e| e.variance_ratio),
        cmc: ensemble.and_then(Ensemble::multiple_correlation),
        onsets_s: active.bursts.iter().map(|b| b.onset_s).collect(),
        offsets_s: active.bursts.iter().map(|b| b.offset_s).collect(),
        activity: activity_report(&active),
        mdf_hz: frequencies.ok().map(|f| f[0]),
        mnf_hz: frequencies.ok().map(|f| f[1]),
        noise: NoiseReport {
            source: channel.rest.source,
            window_ms: crate::noise::WINDOW_S * 1e3,
            value: channel.rest.arv,
        },
        filter,
        normalisation,
    };
    (name, report)
}

fn activity_report(found: &Activity) -> ActivityReport {
    let milliseconds =
        |spread: fn(&Burst) -> Option<f64>| found.bursts.iter().map(|b| spread(b).map(|s| s * 1e3)).collect();
    ActivityReport {
        detector: found.detector,
        shortest_ms: CLEAN_S * 1e3,
        onset_spread_ms: milliseconds(|b| b.onset_spread_s),
        offset_spread_ms: milliseconds(|b| b.offset_spread_s),
        snr_db: found.bursts.iter().map(|b| finite(b.snr_db)).collect(),
        reliable: found.bursts.iter().map(Burst::is_reliable).collect(),
    }
}

fn filter_report(context: &Context<'_>, emg: &Emg) -> FilterReport {
    let c = &context.settings.conditioning;
    let zero_phase = context.mode == Mode::ZeroPhase;
    // Without correction two passes are -3 dB inside the nominal band: the edges move by the factor that would correct them.
    let moved = |hz: f64, order: u8, upwards: bool| {
        if !zero_phase || c.correction == Correction::Winter {
            return hz;
        }
        let factor = two_pass_factor(usize::from(order));
        let warped =
            (std::f64::consts::PI * hz / emg.rate_hz).tan() * if upwards { 1.0 / factor } else { factor };
        warped.atan() * emg.rate_hz / std::f64::consts::PI
    };
    let low = Some(moved(c.envelope_hz, c.envelope_order, false));
    let (effective_cutoffs_hz, envelope_kind) = match emg.kind {
        Kind::RawEmg => {
            let band =
                emg.band_hz.map(|[a, b]| [moved(a, c.band_order, true), moved(b, c.band_order, false)]);
            ([band.map(|b| b[0]), band.map(|b| b[1]), low], "rectified_lowpass")
        }
        Kind::RectifiedEmg => ([None, None, low], "source_rectified_lowpass"),
        _ => ([None; 3], "source_envelope"),
    };
    let lag_ms = match (emg.kind, zero_phase) {
        (Kind::Envelope, _) => None,
        (_, true) => Some(0.0),
        (_, false) => butterworth(usize::from(c.envelope_order), Band::LowPass(c.envelope_hz), emg.rate_hz)
            .ok()
            .map(|f| f.group_delay_s(0.01, emg.rate_hz) * 1e3),
    };
    FilterReport {
        order: [c.band_order, c.envelope_order],
        passes: if zero_phase { 2 } else { 1 },
        correction: if c.correction == Correction::Winter { "winter" } else { "none" }.to_owned(),
        effective_cutoffs_hz,
        envelope_kind: envelope_kind.to_owned(),
        lag_ms,
    }
}

fn normalisation_report(
    context: &Context<'_>,
    channel: &Channel<'_>,
    say: &mut impl FnMut(&str, &str),
) -> NormalisationReport {
    for (key, why) in [
        ("date", "not from a calibration"),
        ("posture", "not stated"),
        ("window_ms", "not stated"),
        ("repeat_cv", "repetitions not stated"),
        ("reference", "no reference"),
    ] {
        say(&format!("normalisation.{key}"), why);
    }
    match channel.reference.clone().or_else(|| own_reference(context, channel)) {
        Some(r) => NormalisationReport {
            kind: r.kind,
            reference: Some(r.value),
            source: r.source,
            date: r.date,
            posture: r.posture,
            window_ms: r.window_ms,
            repeat_cv: (r.repeat_cv > 0.0).then_some(r.repeat_cv),
            illustrative: r.illustrative,
        },
        None => NormalisationReport {
            kind: NormalisationKind::None,
            reference: None,
            source: "none".to_owned(),
            date: None,
            posture: None,
            window_ms: None,
            repeat_cv: None,
            illustrative: false,
        },
    }
}
