//! The knee angle of a trial: found, calibrated or computed, brought to degrees with flexion positive, zeroed on standing.
//!
//! Every choice is a note in the trial. Stored angles keep their native values: unit, sign and zero are put right in
//! the channel's scale, so that the pipeline and the review read the same numbers. Angles from markers become a new
//! stream named [`STREAM`]. Not for ankle or hip.

mod geometry;
mod goniometer;
mod markers;
mod sign;

use geometry::sub;
pub use geometry::{Point, flexion_deg, hip_centre_bell};
pub(crate) use geometry::{cross, dot as inner};
pub(crate) use markers::{foot_markers, heel, pelvis, toe};
pub use sign::{SignProposal, peak_rate_deg_s, propose_sign};

use crate::stats::{median, percentile};
use surae_trial::{Channel, Joint, Kind, Note, Profile, Role, Samples, Scale, Side, Stream, Trial, Unit};

/// From one point to another.
pub(crate) fn vector(from: Point, to: Point) -> Point {
    sub(to, from)
}

/// Name of the stream that holds angles derived from markers.
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
    /// `"standing trial"`, `"profile"` or `"none"`.
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
    let mut derived: Vec<(Side, Vec<f64>, Role, Scale)> = Vec::new();
    for side in Side::BOTH {
        if let Some((stream, channel)) = stored(trial, side) {
            let zero = zero_of(statics, profile, side, true);
            settle_stored(trial, stream, channel, side, zero);
        } else if let Some(angle) = trial.markers.as_ref().and_then(|set| markers::knee_angle(set, side)) {
            let zero = zero_of(statics, profile, side, false);
            let text = format!("{}; {SIGN_MARKERS}; {}", angle.source, zero.text());
            trial.notes.push(Note::info("knee_source", format!("{side} knee angle from {text}.")));
            let role = Role {
                kind: Kind::Angle,
                muscle: None,
                side: Some(side),
                joint: Some(Joint::Knee),
                reason: text,
            };
            derived.push((side, angle.flexion_deg, role, Scale { gain: 1.0, offset: zero.deg }));
        }
    }
    if !derived.is_empty() {
        push_stream(trial, derived);
    }
    for side in Side::BOTH {
        check(trial, side);
    }
    let legs = Side::BOTH.iter().filter(|side| source(trial, **side).is_some()).count();
    let text = match legs {
        0 => {
            "No knee angle: no angle channel, no hip-knee-ankle markers. The straight-knee/bent-knee comparison is not \
              available; add a coordinates file or markers."
        }
        1 => "Knee angle for one leg.",
        _ => "Knee angle for both legs.",
    };
    trial.notes.push(if legs == 0 { Note::warning(DONE, text) } else { Note::info(DONE, text) });
}

/// The knee angle of a leg after [`add_knee_angles`]: a derived one first, else the stored one with most values.
#[must_use]
pub fn source(trial: &Trial, side: Side) -> Option<KneeSource> {
    let derived = trial.streams.iter().position(|s| s.name == STREAM).and_then(|stream| {
        let channel = trial.streams[stream].channels.iter().position(|c| c.is_angle_of(Joint::Knee, side))?;
        Some((stream, channel))
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
        let method = ["standing trial", "profile"].into_iter().find(|m| text.contains(m)).unwrap_or("none");
        let deg =
            text.split(", ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(0.0);
        (method, deg)
    }
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

/// Adds the angles from markers as one stream at the marker rate.
fn push_stream(trial: &mut Trial, derived: Vec<(Side, Vec<f64>, Role, Scale)>) {
    let Some((rate_hz, start_s)) = trial.markers.as_ref().map(|set| (set.rate_hz, set.start_s)) else {
        return;
    };
    let frames = derived.iter().map(|(_, values, _, _)| values.len()).min().unwrap_or(0);
    let mut samples = Vec::with_capacity(frames * derived.len());
    for frame in 0..frames {
        samples.extend(derived.iter().map(|(_, values, _, _)| values[frame]));
    }
    let channels = derived
        .into_iter()
        .map(|(side, _, role, scale)| {
            let mut channel = Channel::new(format!("{side} knee flexion"), role, Unit::Degree);
            channel.scale = scale;
            channel
        })
        .collect();
    trial.streams.push(Stream {
        name: STREAM.to_owned(),
        rate_hz,
        measured_rate_hz: None,
        start_s,
        channels,
        samples: Samples::F64(samples),
        gaps: Vec::new(),
        times_s: Vec::new(),
    });
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
    use surae_trial::Seconds;

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
