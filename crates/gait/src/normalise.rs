//! References that turn an amplitude into an activation, with everything that makes two of them comparable.
//!
//! Not for measuring a maximum from calibration trials. The CEDE kind is stored with every reference; a reference from
//! the task itself supports "earlier or later" only (METHOD R10).

use crate::emg::Emg;
use surae_trial::{Estimator, NormalisationKind, Profile, Unit};

/// Rectified mean over root mean square of Gaussian EMG: `sqrt(2/pi)`.
pub const ARV_OVER_RMS: f64 = 0.797_884_560_802_865_4;

/// The reference of one channel, in the channel's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Which of the CEDE approaches.
    pub kind: NormalisationKind,
    /// Amplitude as measured, noise included.
    pub value: f64,
    /// Amplitude measure of `value`.
    pub estimator: Estimator,
    /// Rest level that belongs to it, same measure; `None` when unknown.
    pub rest: Option<f64>,
    /// Coefficient of variation over repetitions; 0 when unknown.
    pub repeat_cv: f64,
    /// What it was taken from, in words (`"profile of 2026-05-01"`, `"peak of the ensemble of 5 cycles"`).
    pub source: String,
    /// Day it was taken, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Posture it was reached in.
    pub posture: Option<String>,
    /// Window it was taken over.
    pub window_ms: Option<f64>,
    /// True when the profile says that its values are illustrative.
    pub illustrative: bool,
}

impl Reference {
    /// The value as a rectified mean; a root mean square is converted for Gaussian EMG.
    #[must_use]
    pub fn arv(&self) -> f64 {
        match self.estimator {
            Estimator::Arv => self.value,
            Estimator::Rms => self.value * ARV_OVER_RMS,
        }
    }
}

/// The reference of a channel in a profile, in the channel's unit; `Ok(None)` when the profile has none.
///
/// # Errors
/// In words, when the profile's reference cannot be used: another kind of unit, or not above its own rest level.
pub fn from_profile(profile: &Profile, emg: &Emg) -> Result<Option<Reference>, String> {
    let Some(found) = profile.reference(emg.muscle, emg.side) else { return Ok(None) };
    let factor = unit_factor(&found.unit, &emg.unit).ok_or_else(|| {
        format!(
            "{} ({}): the profile's reference is in '{}', the channel in '{}'",
            emg.label, emg.muscle, found.unit, emg.unit
        )
    })?;
    let (value, rest) = (found.value * factor, found.rest * factor);
    if !(value.is_finite() && value > rest && rest >= 0.0) {
        return Err(format!(
            "{}: the profile's reference {value} is not above its rest level {rest}",
            emg.label
        ));
    }
    Ok(Some(Reference {
        kind: found.kind,
        value,
        estimator: found.estimator,
        rest: (rest > 0.0).then_some(rest),
        repeat_cv: found.repeat_cv.filter(|cv| cv.is_finite() && *cv >= 0.0).unwrap_or(0.0),
        source: format!("profile of {}", profile.date),
        date: Some(profile.date.clone()),
        posture: found.posture.clone(),
        window_ms: found.window_ms,
        illustrative: profile.illustrative,
    }))
}

/// What turns one unit into another; `None` for units of different kinds.
fn unit_factor(from: &Unit, to: &Unit) -> Option<f64> {
    if from == to {
        return Some(1.0);
    }
    Some(from.volts()? / to.volts()?)
}

/// A reference from the task itself: the given peak of an envelope.
#[must_use]
pub fn task_peak(peak: f64, source: String) -> Reference {
    Reference {
        kind: NormalisationKind::TaskPeak,
        value: peak,
        estimator: Estimator::Arv,
        rest: None,
        repeat_cv: 0.0,
        source,
        date: None,
        posture: None,
        window_ms: None,
        illustrative: false,
    }
}

/// Mean over cycles of each cycle's highest envelope value; `None` without cycles.
#[must_use]
pub fn task_peak_mean(curves: &[[f64; crate::cycles::POINTS]]) -> Option<f64> {
    let peaks: Vec<f64> =
        curves.iter().map(|c| c.iter().copied().fold(f64::NEG_INFINITY, f64::max)).collect();
    crate::stats::mean(&peaks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::{Mode, tests::stream};
    use surae_trial::{AmplitudeReference, Conditioning, Kind, Muscle, Side};

    fn emg() -> Emg {
        let stream = stream(Kind::Envelope, Muscle::SOL, 100.0, vec![1.0; 10]);
        Emg::of(&stream, (0, 0), &Conditioning::default(), 0.005, Mode::ZeroPhase, &mut Vec::new())
            .unwrap()
            .unwrap()
    }

    fn profile(unit: Unit, value: f64, rest: f64) -> Profile {
        Profile {
            schema: Profile::SCHEMA.into(),
            athlete: "A".into(),
            date: "2026-05-01".into(),
            placement: String::new(),
            illustrative: false,
            references: vec![AmplitudeReference {
                muscle: Muscle::SOL,
                side: Side::Right,
                kind: NormalisationKind::MvcIso,
                estimator: Estimator::Rms,
                value,
                rest,
                unit,
                posture: None,
                window_ms: Some(500.0),
                repeat_cv: None,
            }],
            straight: Vec::new(),
            knee_offset_left_deg: None,
            knee_offset_right_deg: None,
            goniometers: Vec::new(),
        }
    }

    #[test]
    fn units_are_converted_and_never_assumed() {
        let found = from_profile(&profile(Unit::Millivolt, 0.2, 0.002), &emg()).unwrap().unwrap();
        assert!((found.value - 200.0).abs() < 1e-9 && (found.rest.unwrap() - 2.0).abs() < 1e-9);
        assert!((found.arv() - 200.0 * 0.797_885).abs() < 1e-3);
        assert!(from_profile(&profile(Unit::Arbitrary, 200.0, 2.0), &emg()).unwrap_err().contains("a.u."));
        assert!(from_profile(&profile(Unit::Microvolt, 1.0, 2.0), &emg()).is_err());
    }
}
