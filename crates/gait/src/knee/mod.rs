//! The knee angle of a trial: found, calibrated or computed, brought to degrees with flexion positive, zeroed on standing.
//!
//! Every choice is a note in the trial. Stored angles keep their native values: unit, sign and zero are put right in
//! the channel's scale, so that the pipeline and the review read the same numbers. Angles from markers become a new
//! stream named [`STREAM`]. Not for ankle or hip.

mod derived;
mod geometry;
mod goniometer;
mod imu;
mod markers;
mod sign;

use geometry::sub;
pub use geometry::{Point, flexion_deg, hip_centre_bell};
pub(crate) use geometry::{cross, dot as inner};
pub use goniometer::calibrate_goniometers;
pub(crate) use markers::{foot_markers, heel, pelvis, shank_markers, toe};
pub use sign::{SignProposal, peak_rate_deg_s, propose_sign};

use crate::stats::{median, percentile};
use derived::{Derived, is_derived, push_streams};
use surae_trial::{Joint, Note, Profile, Scale, Seconds, Side, Trial, Unit};

/// From one point to another.
pub(crate) fn vector(from: Point, to: Point) -> Point {
    sub(to, from)
}

/// Name of the stream that holds angles derived from markers or inertial sensors; a second clock gets `"knee 2"`.
pub const STREAM: &str = "knee";

/// Where the knee angle of a leg is, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct KneeSource {
    /// Position of its stream in the trial.
    pub stream: usize,
    /// Position of its channel in the stream.
    pub channel: usize,
    /// Where it comes from, in words.
    pub text: String,
    /// What was subtracted, in deg; 0 when nothing was.
    pub offset_deg: f64,
    /// `"standing trial"`, `"profile"`, `"quiet standing in this trial"`, `"straightest of this trial"` or `"none"`.
    pub zero_method: &'static str,
    /// What was decided about the sign, in words.
    pub sign_note: String,
}

/// Brings the knee angles of both legs to degrees with flexion positive, and zeroes them.
///
/// A stored angle channel comes first (a calibrated goniometer is one), else markers of hip, knee and ankle. The zero is the median of the standing
/// trial where one is given and has the same kind of angle, else the profile's, else none. Calling it twice changes
/// nothing the second time. A trial without any of this stays as it is, with a note that says what is missing.
pub fn add_knee_angles(trial: &mut Trial, statics: Option<&Trial>, profile: Option<&Profile>) {
    if trial.notes.iter().any(|note| note.code == DONE) {
        return;
    }
    goniometer::apply(trial, profile);
    // A recording made with a profile holds its zero already.
    let profile = profile.filter(|_| trial.log.as_ref().is_none_or(|log| log.profile.is_none()));
    let mut derived: Vec<Derived> = Vec::new();
    for side in Side::BOTH {
        if let Some((stream, channel)) = stored(trial, side) {
            let zero = zero_of(statics, profile, side, true);
            settle_stored(trial, stream, channel, side, zero);
        } else if let Some(angle) = from_markers(trial, statics, profile, side) {
            derived.push(angle);
        } else if let Some(angle) = from_inertial(trial, side) {
            derived.push(angle);
        }
    }
    push_streams(trial, derived);
    for side in Side::BOTH {
        check(trial, side);
    }
    let legs = Side::BOTH.iter().filter(|side| source(trial, **side).is_some()).count();
    let text = match legs {
        0 => {
            "No knee angle: no angle channel, no hip-knee-ankle markers, no inertial sensors on thigh and shank. The \
              straight-knee/bent-knee comparison is not available; add a coordinates file or markers."
        }
        1 => "Knee angle for one leg.",
        _ => "Knee angle for both legs.",
    };
    trial.notes.push(if legs == 0 { Note::warning(DONE, text) } else { Note::info(DONE, text) });
}

/// The knee angle of a leg after [`add_knee_angles`]: a derived one first, else the stored one with most values.
#[must_use]
pub fn source(trial: &Trial, side: Side) -> Option<KneeSource> {
    let derived =
        trial.streams.iter().enumerate().filter(|(_, s)| s.name.starts_with(STREAM)).find_map(|(at, s)| {
            Some((at, s.channels.iter().position(|c| is_derived(c) && c.is_angle_of(Joint::Knee, side))?))
        });
    let (stream, channel) = derived.or_else(|| stored(trial, side))?;
    let reason = &trial.streams[stream].channels[channel].role.reason;
    let part = |from: usize| reason.split("; ").nth(from).unwrap_or_default().to_owned();
    let zero = part(2);
    let (zero_method, offset_deg) = Zero::parse(&zero);
    Some(KneeSource { stream, channel, text: part(0), offset_deg, zero_method, sign_note: part(1) })
}

const DONE: &str = "knee_angle";
const SIGN_MARKERS: &str = "flexion positive by geometry";
const ZERO_STANDING_HERE: &str = "quiet standing in this trial";
const ZERO_STRAIGHTEST: &str = "straightest of this trial";

/// What is subtracted from a knee angle.
struct Zero {
    deg: f64,
    method: &'static str,
}

impl Zero {
    fn text(&self) -> String {
        match self.method {
            "none" => "zero: none".to_owned(),
            method => format!("zero: {method}, {:.4} deg subtracted", self.deg),
        }
    }

    fn parse(text: &str) -> (&'static str, f64) {
        let method = ["standing trial", "profile", ZERO_STANDING_HERE, ZERO_STRAIGHTEST]
            .into_iter()
            .find(|m| text.contains(m))
            .unwrap_or("none");
        let deg =
            text.split(", ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(0.0);
        (method, deg)
    }
}

/// The angle from hip, knee and ankle markers, zeroed, with its note.
fn from_markers(
    trial: &mut Trial,
    statics: Option<&Trial>,
    profile: Option<&Profile>,
    side: Side,
) -> Option<Derived> {
    let set = trial.markers.as_ref()?;
    let angle = markers::knee_angle(set, side)?;
    let (rate_hz, start_s) = (set.rate_hz, set.start_s);
    let zero = zero_of(statics, profile, side, false);
    let text = format!("{}; {SIGN_MARKERS}; {}", angle.source, zero.text());
    trial.notes.push(Note::info("knee_source", format!("{side} knee angle from {text}.")));
    Some(Derived { side, deg: angle.flexion_deg, text, zero_deg: zero.deg, rate_hz, start_s })
}

/// The angle from inertial sensors on thigh and shank, zeroed on its own standing, with its notes.
fn from_inertial(trial: &mut Trial, side: Side) -> Option<Derived> {
    let angle = match imu::knee_angle(trial, side)? {
        Ok(angle) => angle,
        Err(why) => {
            let text = format!("{side} knee angle: not computed from the inertial sensors: {why}.");
            trial.notes.push(Note::warning("knee_imu", text));
            return None;
        }
    };
    let zero = Zero { deg: angle.zero_deg, method: angle.zero_method };
    let text = format!("{}; {}; {}", angle.source, angle.sign_note, zero.text());
    trial.notes.push(Note::info("knee_source", format!("{side} knee angle from {text}.")));
    trial.notes.push(Note::info(
        "knee_imu",
        format!(
            "{side} knee angle from inertial sensors: about 3 deg of error on a leg are published (Seel 2014), more where the sensors \
             wobble. It uses the whole recording, so it is not what a live session could have known."
        ),
    ));
    for doubt in angle.doubts {
        trial.notes.push(Note::warning(
            "knee_imu_doubt",
            format!("{side} knee angle from inertial sensors: {doubt}."),
        ));
    }
    if angle.zero_method == ZERO_STRAIGHTEST {
        let text = format!(
            "{side} knee angle: nobody stands still for a second, so the straightest knee of the trial counts as 0 deg."
        );
        trial.notes.push(Note::warning("knee_imu_zero", text));
    }
    Some(Derived {
        side,
        deg: angle.flexion_deg,
        text,
        zero_deg: angle.zero_deg,
        rate_hz: angle.rate_hz,
        start_s: Seconds(angle.start_s),
    })
}

/// The zero of one leg; a standing trial only counts when it has the same kind of angle as the trial.
fn zero_of(statics: Option<&Trial>, profile: Option<&Profile>, side: Side, is_stored: bool) -> Zero {
    let standing = statics.and_then(|statics| {
        if is_stored {
            let (stream, channel) = stored(statics, side)?;
            let mut values = in_degrees(statics, stream, channel)?;
            if propose_sign(&values) == SignProposal::FlexionNegative {
                values.iter_mut().for_each(|v| *v = -*v);
            }
            median(&values)
        } else {
            median(&markers::knee_angle(statics.markers.as_ref()?, side)?.flexion_deg)
        }
    });
    match (standing, profile.and_then(|p| p.knee_offset_deg(side))) {
        (Some(deg), _) => Zero { deg, method: "standing trial" },
        (None, Some(deg)) if deg.is_finite() => Zero { deg, method: "profile" },
        _ => Zero { deg: 0.0, method: "none" },
    }
}

/// The stored knee angle channel of a leg with the most values.
fn stored(trial: &Trial, side: Side) -> Option<(usize, usize)> {
    let mut best = None;
    for (s, stream) in trial.streams.iter().enumerate() {
        for (c, channel) in stream.channels.iter().enumerate() {
            if channel.is_angle_of(Joint::Knee, side) {
                let valid = stream.column(c).iter().filter(|v| v.is_finite()).count();
                if valid > 0 && best.is_none_or(|(most, _)| valid > most) {
                    best = Some((valid, (s, c)));
                }
            }
        }
    }
    best.map(|(_, at)| at)
}

/// Values in deg, or `None` when the unit is neither degrees nor radians.
fn in_degrees(trial: &Trial, stream: usize, channel: usize) -> Option<Vec<f64>> {
    let factor = match trial.streams[stream].channels[channel].unit {
        Unit::Degree => 1.0,
        Unit::Radian => 1.0_f64.to_degrees(),
        _ => return None,
    };
    Some(trial.streams[stream].column(channel).iter().map(|v| v * factor).collect())
}

/// Puts unit, sign and zero of a stored channel right in its scale, and says so.
fn settle_stored(trial: &mut Trial, stream: usize, channel: usize, side: Side, zero: Zero) {
    let label = trial.streams[stream].channels[channel].label.clone();
    let unit = trial.streams[stream].channels[channel].unit.clone();
    let factor = if unit == Unit::Radian { 1.0_f64.to_degrees() } else { 1.0 };
    if !matches!(unit, Unit::Degree | Unit::Radian) {
        trial.notes.push(Note::warning(
            "knee_unit",
            format!("{side} knee angle '{label}': unit '{unit}' is neither deg nor rad; taken as deg. State the unit with --map."),
        ));
    }
    let values: Vec<f64> = trial.streams[stream].column(channel).iter().map(|v| v * factor).collect();
    let (sign, sign_note) = match propose_sign(&values) {
        SignProposal::FlexionNegative => {
            let (low, high) = (
                percentile(&values, 0.0).unwrap_or(f64::NAN),
                percentile(&values, 100.0).unwrap_or(f64::NAN),
            );
            trial.notes.push(Note::warning(
                "knee_sign",
                format!(
                    "{side} knee angle '{label}' runs from {low:.1} to {high:.1} deg: flexion is negative in this file. \
                     The sign was turned, so that flexion is positive here."
                ),
            ));
            (-1.0, "flexion was negative in the source, turned")
        }
        SignProposal::FlexionPositive => (1.0, "flexion positive in the source"),
        SignProposal::Unclear => {
            trial.notes.push(Note::warning(
                "knee_sign",
                format!("{side} knee angle '{label}': its values do not tell which way flexion counts; taken as flexion positive."),
            ));
            (1.0, "sign not told by the values, taken as flexion positive")
        }
    };
    let target = &mut trial.streams[stream].channels[channel];
    let gain = target.scale.gain * factor * sign;
    target.scale = Scale { gain, offset: target.scale.offset + zero.deg / gain };
    target.unit = Unit::Degree;
    target.role.reason = format!("channel '{label}'; {sign_note}; {}", zero.text());
    let text = format!("{side} knee angle from {}.", target.role.reason);
    trial.notes.push(Note::info("knee_source", text));
}

/// Notes when the values cannot be a knee: range and rate (METHOD R11).
fn check(trial: &mut Trial, side: Side) {
    let Some(found) = source(trial, side) else { return };
    let stream = &trial.streams[found.stream];
    let values = stream.column(found.channel);
    let (Some(low), Some(high)) = (percentile(&values, 0.5), percentile(&values, 99.5)) else { return };
    let limit = sign::FASTEST_DEG_S;
    let rate = peak_rate_deg_s(&values, stream.rate_hz);
    if low < sign::RANGE_DEG[0] || high > sign::RANGE_DEG[1] {
        trial.notes.push(Note::warning(
            "knee_range",
            format!(
                "{side} knee angle runs from {low:.0} to {high:.0} deg, outside -15 to 160: check source, sign and zero."
            ),
        ));
    }
    if rate > limit {
        trial.notes.push(Note::warning(
            "knee_rate",
            format!("{side} knee angle changes by up to {rate:.0} deg/s (over {limit:.0}): check for marker swaps or noise."),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Channel, Kind, Role, Samples, Stream};

    fn stored_trial(unit: Unit, values: Vec<f64>) -> Trial {
        let role = Role {
            kind: Kind::Angle,
            muscle: None,
            side: Some(Side::Right),
            joint: Some(Joint::Knee),
            reason: "label".into(),
        };
        Trial {
            streams: vec![Stream {
                name: "coordinates".into(),
                rate_hz: 100.0,
                measured_rate_hz: None,
                start_s: Seconds(0.0),
                channels: vec![Channel::new("knee_angle_r", role, unit)],
                samples: Samples::F64(values),
                gaps: Vec::new(),
                times_s: Vec::new(),
            }],
            ..Trial::default()
        }
    }

    fn swing(sign: f64) -> Vec<f64> {
        (0..200).map(|i| sign * (32.0 - 30.0 * (f64::from(i) * 0.06).cos())).collect()
    }

    #[test]
    fn a_flexion_negative_angle_is_turned_with_a_note_and_only_once() {
        let mut trial = stored_trial(Unit::Degree, swing(-1.0));
        add_knee_angles(&mut trial, None, None);
        let once = trial.clone();
        add_knee_angles(&mut trial, None, None);
        assert_eq!(trial, once);
        let found = source(&trial, Side::Right).unwrap();
        assert!((trial.streams[0].column(found.channel)[0] - 2.0).abs() < 1e-9);
        assert!(trial.notes.iter().any(|n| n.code == "knee_sign" && n.text.contains("turned")));
        assert!(found.sign_note.contains("turned"));
        assert_eq!(trial.streams[0].samples.get(0), -2.0, "native values stay");
    }

    #[test]
    fn radians_and_the_zero_of_a_standing_trial() {
        let mut trial = stored_trial(Unit::Radian, swing(1.0).iter().map(|d| d.to_radians()).collect());
        let standing = stored_trial(Unit::Degree, vec![5.0; 50]);
        add_knee_angles(&mut trial, Some(&standing), None);
        let found = source(&trial, Side::Right).unwrap();
        assert!((trial.streams[0].column(0)[0] - (2.0 - 5.0)).abs() < 1e-9);
        assert_eq!((found.zero_method, found.offset_deg), ("standing trial", 5.0));
    }

    #[test]
    fn no_angle_is_said() {
        let mut trial = Trial::default();
        add_knee_angles(&mut trial, None, None);
        assert!(source(&trial, Side::Left).is_none());
        assert!(trial.notes[0].text.contains("not available"));
    }
}
