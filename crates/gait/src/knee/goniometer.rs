//! Goniometers: two calibrated values, at 0 and at 90 deg of flexion, make volts or counts an angle.
//!
//! The calibration is in the profile. What cannot be right is refused with a reason and the channel stays what it was.

use crate::stats::percentile;
use surae_trial::{Channel, Goniometer, Joint, Kind, Note, Profile, Scale, SessionLayout, Trial, Unit};

/// Flexion that the calibrated values must stay within, 1st to 99th percentile.
const PLAUSIBLE_DEG: [f64; 2] = [-30.0, 170.0];
/// Smallest difference of the two calibrated values against the range of the recording: a 90 deg turn shows in it.
const LEAST_STEP_SHARE: f64 = 0.05;

/// Turns every channel that the profile has a goniometer calibration for into a knee angle in deg.
pub(super) fn apply(trial: &mut Trial, profile: Option<&Profile>) {
    for calibration in profile.map(|p| p.goniometers.as_slice()).unwrap_or_default() {
        let place = trial.streams.iter().enumerate().find_map(|(s, stream)| {
            let same = |c: &surae_trial::Channel| c.label.eq_ignore_ascii_case(&calibration.label);
            stream.channels.iter().position(same).map(|c| (s, c))
        });
        let Some((stream, channel)) = place else { continue };
        let found = &trial.streams[stream].channels[channel];
        if trial.log.as_ref().is_some_and(|log| log.profile.is_some())
            && found.is_angle_of(Joint::Knee, calibration.side)
            && found.unit == Unit::Degree
        {
            // A recording made with this profile holds the angle already.
            continue;
        }
        let scale = scale(trial, (stream, channel), calibration);
        let note = settle(&mut trial.streams[stream].channels[channel], calibration, scale);
        trial.notes.push(note);
    }
}

/// As for a trial, for the channels of a session before their first sample: what only the values can show is not checked.
pub fn calibrate_goniometers(layout: &mut SessionLayout, profile: &Profile) -> Vec<Note> {
    let mut notes = Vec::new();
    for calibration in &profile.goniometers {
        let mut channels = layout.streams.iter_mut().flat_map(|stream| &mut stream.channels);
        if let Some(channel) = channels.find(|c| c.label.eq_ignore_ascii_case(&calibration.label)) {
            let scale = scale_of(channel, calibration);
            notes.push(settle(channel, calibration, scale));
        } else {
            notes.push(Note::warning(
                "goniometer",
                format!(
                    "The profile has a goniometer '{}' ({} knee), but no channel is called that.",
                    calibration.label, calibration.side
                ),
            ));
        }
    }
    notes
}

/// Makes the channel a knee angle, or says why not.
fn settle(target: &mut Channel, calibration: &Goniometer, scale: Result<(Scale, String), String>) -> Note {
    match scale {
        Ok((scale, text)) => {
            target.scale = scale;
            target.unit = Unit::Degree;
            target.role.kind = Kind::Angle;
            target.role.muscle = None;
            target.role.side = Some(calibration.side);
            target.role.joint = Some(Joint::Knee);
            target.role.reason = text.clone();
            Note::info("goniometer", format!("{} knee angle: {text}.", calibration.side))
        }
        Err(why) => Note::error(
            "goniometer",
            format!(
                "Goniometer '{}' ({} knee): {why}. It is not used; calibrate it again at 0 and 90 deg.",
                calibration.label, calibration.side
            ),
        ),
    }
}

/// The scale to deg, and how it came about, if the values of a trial bear it out.
fn scale(trial: &Trial, at: (usize, usize), calibration: &Goniometer) -> Result<(Scale, String), String> {
    let found = scale_of(&trial.streams[at.0].channels[at.1], calibration)?;
    let (zero, ninety) = (calibration.at_0_deg, calibration.at_90_deg);
    let values = trial.streams[at.0].column(at.1);
    let (Some(low), Some(high)) = (percentile(&values, 1.0), percentile(&values, 99.0)) else {
        return Err("it has no values".to_owned());
    };
    if (ninety - zero).abs() < LEAST_STEP_SHARE * (high - low) {
        return Err(format!(
            "90 deg are only {:.4} {} apart, while the recording spans {:.4}",
            (ninety - zero).abs(),
            calibration.unit,
            high - low
        ));
    }
    let deg = |value: f64| 90.0 * (value - zero) / (ninety - zero);
    let range = [deg(low).min(deg(high)), deg(low).max(deg(high))];
    if range[0] < PLAUSIBLE_DEG[0] || range[1] > PLAUSIBLE_DEG[1] {
        return Err(format!(
            "by its calibration the knee would move from {:.0} to {:.0} deg, outside {:.0} to {:.0}",
            range[0], range[1], PLAUSIBLE_DEG[0], PLAUSIBLE_DEG[1]
        ));
    }
    Ok(found)
}

/// The scale to deg, and how it came about.
fn scale_of(channel: &Channel, calibration: &Goniometer) -> Result<(Scale, String), String> {
    let (zero, ninety) = (calibration.at_0_deg, calibration.at_90_deg);
    if !(zero.is_finite() && ninety.is_finite()) || zero == ninety {
        return Err(format!("its calibrated values {zero} and {ninety} tell no angle"));
    }
    if channel.unit != calibration.unit {
        return Err(format!(
            "it was calibrated in {}, the recording is in {}",
            calibration.unit, channel.unit
        ));
    }
    if channel.role.kind.is_emg() {
        return Err(format!("the channel was taken for {}", channel.role.kind));
    }
    // physical = (native - offset) gain, then 90 (physical - zero) / (ninety - zero).
    let gain = channel.scale.gain;
    let scale = Scale { gain: gain * 90.0 / (ninety - zero), offset: channel.scale.offset + zero / gain };
    let unit = &calibration.unit;
    Ok((scale, format!("goniometer '{}', 0 deg at {zero} {unit}, 90 deg at {ninety} {unit}", channel.label)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Role, Samples, Seconds, Side, Stream};

    fn trial(values: Vec<f64>) -> Trial {
        let mut channel = Channel::new("Gonio R", Role::unknown("a voltage"), Unit::Volt);
        channel.scale = Scale { gain: 0.5, offset: 100.0 };
        Trial {
            streams: vec![Stream {
                name: "aux".into(),
                rate_hz: 100.0,
                measured_rate_hz: None,
                start_s: Seconds(0.0),
                channels: vec![channel],
                samples: Samples::F64(values),
                gaps: Vec::new(),
                times_s: Vec::new(),
            }],
            ..Trial::default()
        }
    }

    fn profile(at_0_deg: f64, at_90_deg: f64, unit: Unit) -> Profile {
        let goniometer = Goniometer { side: Side::Right, label: "gonio r".into(), at_0_deg, at_90_deg, unit };
        Profile {
            goniometers: vec![goniometer],
            ..serde_json::from_value(serde_json::json!({
                "schema": Profile::SCHEMA, "athlete": "A", "date": "2026-01-01"
            }))
            .unwrap()
        }
    }

    #[test]
    fn two_points_make_an_angle_in_both_directions() {
        // Native 104 is 2 V, native 110 is 5 V.
        for (zero, ninety, expected) in [(2.0, 5.0, [0.0, 90.0, 45.0]), (5.0, 2.0, [90.0, 0.0, 45.0])] {
            let mut trial = trial(vec![104.0, 110.0, 107.0]);
            apply(&mut trial, Some(&profile(zero, ninety, Unit::Volt)));
            let found = trial.streams[0].column(0);
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
            assert!(trial.streams[0].channels[0].is_angle_of(Joint::Knee, Side::Right));
            assert_eq!(trial.streams[0].samples.get(0), 104.0, "native values stay");
        }
    }

    #[test]
    fn a_session_gets_the_angle_before_its_first_sample() {
        let whole = trial(vec![104.0, 110.0, 107.0]);
        let mut layout = SessionLayout::of_trial(&whole);
        let notes = calibrate_goniometers(&mut layout, &profile(2.0, 5.0, Unit::Volt));
        let channel = &layout.streams[0].channels[0];
        assert!(channel.is_angle_of(Joint::Knee, Side::Right) && channel.unit == Unit::Degree);
        // Native 107 is 3.5 V: half way.
        assert!((channel.scale.physical(107.0) - 45.0).abs() < 1e-9);
        assert_eq!(notes.len(), 1);
        let mut other = profile(2.0, 5.0, Unit::Volt);
        other.goniometers[0].label = "A2".into();
        assert!(calibrate_goniometers(&mut layout, &other)[0].text.contains("no channel is called"));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (zero, ninety, unit, word) in [
            (2.0, 2.0, Unit::Volt, "tell no angle"),
            (2.0, 5.0, Unit::Millivolt, "calibrated in mV"),
            (2.0, 2.05, Unit::Volt, "apart"),
            (2.0, 2.6, Unit::Volt, "would move"),
        ] {
            let mut trial = trial(vec![104.0, 110.0, 107.0]);
            let before = trial.streams.clone();
            apply(&mut trial, Some(&profile(zero, ninety, unit)));
            assert!(trial.notes[0].text.contains(word), "{}", trial.notes[0].text);
            assert_eq!(trial.streams, before);
        }
    }
}
