//! References that turn an amplitude into an activation, with everything that makes two of them comparable.
//!
//! Not for measuring a maximum from calibration trials. The CEDE kind is stored with every reference; a reference from
//! the task itself supports "earlier or later" only (METHOD R10).

use crate::comparison::band_difference;
use crate::cycles::{Ensemble, POINTS};
use crate::emg::Emg;
use crate::stats::{mean, percentile};
use surae_trial::{Conditioning, Estimator, NormalisationKind, Note, Profile, TaskReference, Unit};

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

/// The reference that the task itself gives a channel: from its cycles, else the 99th percentile or the mean of its envelope.
/// `None` where nothing is to be normalised, or without a positive value.
#[must_use]
pub fn from_task(
    wanted: TaskReference,
    curves: &[[f64; POINTS]],
    ensemble: Option<&Ensemble>,
    envelope: &[f64],
) -> Option<Reference> {
    use NormalisationKind::{TaskMean, TaskPeak};
    let n = curves.len();
    let (kind, value, source) = match (wanted, ensemble) {
        (TaskReference::None, _) => return None,
        (TaskReference::PeakOfMean, Some(e)) => {
            (TaskPeak, e.peak().0, format!("peak of the ensemble of {} cycles", e.n))
        }
        (TaskReference::MeanOfPeaks, Some(_)) => {
            (TaskPeak, task_peak_mean(curves)?, format!("mean over {n} cycles of each cycle's peak"))
        }
        (TaskReference::Mean, Some(e)) => (TaskMean, mean(&e.mean)?, format!("mean over {} cycles", e.n)),
        (TaskReference::Mean, None) => {
            (TaskMean, mean(envelope)?, "mean of the envelope over the trial".to_owned())
        }
        (_, None) => (
            TaskPeak,
            percentile(envelope, 99.0)?,
            "99th percentile of the envelope over the trial".to_owned(),
        ),
    };
    (value > 0.0).then(|| of_task(kind, value, source))
}

fn of_task(kind: NormalisationKind, value: f64, source: String) -> Reference {
    Reference {
        kind,
        value,
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
pub fn task_peak_mean(curves: &[[f64; POINTS]]) -> Option<f64> {
    let peaks: Vec<f64> =
        curves.iter().map(|c| c.iter().copied().fold(f64::NEG_INFINITY, f64::max)).collect();
    mean(&peaks)
}

/// What is to be said about using a profile in a trial: another day, another band-pass. Dates are compared only where the trial
/// states its own.
#[must_use]
pub fn profile_doubts(profile: &Profile, recorded_on: Option<&str>, now: &Conditioning) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(day) = recorded_on.filter(|day| *day != profile.date) {
        let text = format!(
            "The profile is of {}, the trial of {day}: amplitudes change when electrodes are placed anew. Calibrate on the day \
             of the trial; classes rest on references of another day.",
            profile.date
        );
        notes.push(Note::warning("profile_of_another_day", text));
    }
    if let Some(why) = profile.conditioning.and_then(|then| band_difference(&then, now)) {
        let text = format!(
            "The references of the profile were {why}; activations are off by what lies between. Calibrate with the filters of \
             this task, or set the filters of the profile."
        );
        notes.push(Note::warning("profile_filters_differ", text));
    }
    notes
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
            conditioning: None,
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
            isolation: Vec::new(),
            knee_offset_left_deg: None,
            knee_offset_right_deg: None,
            goniometers: Vec::new(),
        }
    }

    #[test]
    fn each_reference_of_the_task_is_named_and_of_its_own_kind() {
        // Two cycles: peaks 2 and 4 at different places, so the peak of the mean curve (2.5) is below the mean of the peaks (3).
        let mut curves = [[1.0; POINTS]; 2];
        (curves[0][10], curves[1][50]) = (2.0, 4.0);
        let ensemble = Ensemble::of(&curves).unwrap();
        let of = |wanted| from_task(wanted, &curves, Some(&ensemble), &[]);
        let peak = of(TaskReference::PeakOfMean).unwrap();
        let peaks = of(TaskReference::MeanOfPeaks).unwrap();
        let mean = of(TaskReference::Mean).unwrap();
        assert_eq!((peak.value, peaks.value), (2.5, 3.0));
        assert!((mean.value - (101.0 * 2.0 + 1.0 + 3.0) / 202.0).abs() < 1e-12);
        assert_eq!((peak.kind, mean.kind), (NormalisationKind::TaskPeak, NormalisationKind::TaskMean));
        assert_ne!(peak.source, peaks.source);
        assert_eq!(of(TaskReference::None), None);
        assert_eq!(from_task(TaskReference::PeakOfMean, &[], None, &[f64::NAN]), None);
    }

    #[test]
    fn a_profile_of_another_day_or_band_is_said() {
        let now = Conditioning::default();
        let mut profile = profile(Unit::Microvolt, 200.0, 2.0);
        assert!(profile_doubts(&profile, None, &now).is_empty());
        assert!(profile_doubts(&profile, Some("2026-05-01"), &now).is_empty());
        let codes = |notes: Vec<Note>| notes.into_iter().map(|n| n.code).collect::<Vec<_>>();
        assert_eq!(codes(profile_doubts(&profile, Some("2026-05-02"), &now)), ["profile_of_another_day"]);
        profile.conditioning = Some(Conditioning { band_low_hz: 30.0, ..now });
        assert_eq!(codes(profile_doubts(&profile, None, &now)), ["profile_filters_differ"]);
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
