//! The profile that belongs to a generated trial: references and rest levels computed from the truth.

use super::calibration::{Steps, goniometer};
use super::legs::MUSCLES;
use super::scenario::Content;
use super::{MAXIMUM_UV, Request};
use surae_trial::{
    AmplitudeReference, Estimator, NormalisationKind, Profile, Settings, StraightReference, Unit,
};

/// References as an ideal calibration of this synthetic person would find them: rectified mean after the task's
/// band-pass (closed form, not measured), noise included, as references are.
pub fn profile(request: &Request) -> Profile {
    let settings = Settings::for_task(request.scenario.task());
    let band = settings.conditioning;
    let high_hz = band.band_high_hz.min(0.45 * request.rate_hz);
    let order = i32::from(band.band_order);
    let share = request.spectrum.share_in_band(request.rate_hz, band.band_low_hz, high_hz, order);
    let noise_power = request.noise_uv.powi(2) * (high_hz - band.band_low_hz) / (request.rate_hz / 2.0);
    // For Gaussian signals the rectified mean is sqrt(2/pi) of the root mean square.
    let rectified = |power: f64| round((power * 2.0 / std::f64::consts::PI).sqrt());
    let mut references = Vec::new();
    let mut straight = Vec::new();
    let steps = match request.scenario.content() {
        Content::Steps(steps) => Some(steps),
        _ => None,
    };
    for side in &request.sides {
        for (muscle, maximum_uv) in MUSCLES.into_iter().zip(MAXIMUM_UV) {
            references.push(AmplitudeReference {
                muscle,
                side: *side,
                kind: NormalisationKind::MvcIso,
                estimator: Estimator::Arv,
                value: rectified(maximum_uv.powi(2) * share + noise_power),
                rest: rectified(noise_power),
                unit: Unit::Microvolt,
                posture: Some("synthetic: drive 1".to_owned()),
                window_ms: None,
                repeat_cv: None,
            });
        }
        // Of single efforts, all three muscles have the same drive at a straight knee by construction.
        let same = matches!(request.scenario.content(), Content::Efforts(_)).then_some(0.0);
        if let Some(log_ratio) = same.or(steps.as_ref().map(Steps::straight_log_ratio)) {
            straight.push(StraightReference {
                side: *side,
                log_ratio,
                standard_error: 0.0,
                n: 6,
                knee_deg: 0.0,
                task: request.scenario.task(),
            });
        }
    }
    Profile {
        schema: Profile::SCHEMA.to_owned(),
        athlete: "synthetic".to_owned(),
        date: "1970-01-01".to_owned(),
        placement: "none: the signals are generated".to_owned(),
        illustrative: false,
        conditioning: Some(band),
        references,
        straight,
        isolation: Vec::new(),
        knee_offset_left_deg: None,
        knee_offset_right_deg: None,
        goniometers: steps
            .map(|_| request.sides.iter().map(|side| goniometer(*side)).collect())
            .unwrap_or_default(),
    }
}

/// To 0.001 uV: far below what any recording resolves.
fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
