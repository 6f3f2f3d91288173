//! The ankle angle from markers of knee, ankle, heel and toe: 0 = foot at a right angle to the shank, dorsiflexion positive.
//!
//! Only where the trial stores no ankle angle. Markers of heel and toe lie at different heights above the sole, so without a standing trial the
//! angle has an unknown constant of some degrees; a note says so. Not for inversion or rotation of the foot.

use crate::knee::{self, Point};
use crate::stats::median;
use surae_trial::{
    Channel, Joint, Kind, Marker, MarkerSet, Note, Role, Samples, Scale, Side, Stream, Trial, Unit,
};

/// Name of the stream that holds ankle angles derived from markers.
pub const STREAM: &str = "ankle";

/// Where the ankle angle of a leg is, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct AnkleSource {
    /// Position of its stream in the trial.
    pub stream: usize,
    /// Position of its channel in the stream.
    pub channel: usize,
    /// Where it comes from, in words.
    pub text: String,
    /// `"standing trial"` or `"none"`.
    pub zero_method: &'static str,
    /// What was subtracted, in deg; 0 when nothing was.
    pub offset_deg: f64,
}

/// Dorsiflexion in deg from knee, ankle, heel and toe: 90 less the angle between shank (ankle to knee) and foot (heel to toe).
///
/// `atan2(|s x f|, s . f)`, exact near a right angle. Coincident points give `NaN`, as does any `NaN`.
#[must_use]
pub fn dorsiflexion_deg(knee: Point, ankle: Point, heel: Point, toe: Point) -> f64 {
    let (shank, foot) = (knee::vector(ankle, knee), knee::vector(heel, toe));
    let normal = knee::cross(shank, foot);
    let (across, along) = (knee::inner(normal, normal).sqrt(), knee::inner(shank, foot));
    if across == 0.0 && along == 0.0 {
        return f64::NAN;
    }
    90.0 - across.atan2(along).to_degrees()
}

/// Adds the ankle angle of each leg that has the markers and no stored ankle angle, zeroed on the standing trial where there is one.
///
/// Calling it twice changes nothing the second time.
pub fn add_ankle_angles(trial: &mut Trial, statics: Option<&Trial>) {
    let Some(set) = trial.markers.as_ref() else { return };
    let (rate_hz, start_s) = (set.rate_hz, set.start_s);
    let mut found: Vec<(Channel, Vec<f64>)> = Vec::new();
    let mut notes = Vec::new();
    for side in Side::BOTH {
        if stored(trial, side).is_some() {
            continue;
        }
        let Some((deg, labels)) = from_markers(set, side) else { continue };
        let standing = statics
            .and_then(|s| from_markers(s.markers.as_ref()?, side))
            .filter(|(_, then)| *then == labels)
            .and_then(|(deg, _)| median(&deg));
        let zero = match standing {
            Some(deg) => format!("zero: standing trial, {deg:.4} deg subtracted"),
            None => "zero: none".to_owned(),
        };
        let reason = format!("markers: {labels}; {zero}");
        notes.push(Note::info("ankle_source", format!("{side} ankle angle from {reason}.")));
        if standing.is_none() {
            notes.push(Note::warning(
                "ankle_zero",
                format!(
                    "{side} ankle angle has no zero: heel and toe markers lie at different heights, so its level may be off by some \
                     degrees; its changes are right. Give a standing trial with --static."
                ),
            ));
        }
        let role =
            Role { kind: Kind::Angle, muscle: None, side: Some(side), joint: Some(Joint::Ankle), reason };
        let mut channel = Channel::new(format!("{side} ankle dorsiflexion"), role, Unit::Degree);
        channel.scale = Scale { gain: 1.0, offset: standing.unwrap_or(0.0) };
        found.push((channel, deg));
    }
    trial.notes.extend(notes);
    if found.is_empty() {
        return;
    }
    let frames = found.iter().map(|(_, deg)| deg.len()).min().unwrap_or(0);
    let samples = (0..frames).flat_map(|f| found.iter().map(move |(_, deg)| deg[f])).collect();
    trial.streams.push(Stream {
        name: STREAM.to_owned(),
        rate_hz,
        measured_rate_hz: None,
        start_s,
        channels: found.iter().map(|(channel, _)| channel.clone()).collect(),
        samples: Samples::F64(samples),
        gaps: Vec::new(),
        times_s: Vec::new(),
    });
}

/// The ankle angle of a leg after [`add_ankle_angles`]: the stored one, else the derived one.
#[must_use]
pub fn source(trial: &Trial, side: Side) -> Option<AnkleSource> {
    let (stream, channel) = stored(trial, side)?;
    let found = &trial.streams[stream].channels[channel];
    if trial.streams[stream].name != STREAM {
        let text = format!("channel '{}', taken as dorsiflexion positive", found.label);
        return Some(AnkleSource { stream, channel, text, zero_method: "none", offset_deg: 0.0 });
    }
    let (text, zero) = found.role.reason.split_once("; ").unwrap_or((&found.role.reason, ""));
    let zero_method = if zero.contains("standing trial") { "standing trial" } else { "none" };
    Some(AnkleSource { stream, channel, text: text.to_owned(), zero_method, offset_deg: found.scale.offset })
}

/// The first ankle angle of a leg with a value.
fn stored(trial: &Trial, side: Side) -> Option<(usize, usize)> {
    trial.streams.iter().enumerate().find_map(|(s, stream)| {
        let at = stream.channels.iter().enumerate().position(|(c, channel)| {
            channel.is_angle_of(Joint::Ankle, side) && stream.column(c).iter().any(|v| v.is_finite())
        })?;
        Some((s, at))
    })
}

/// Dorsiflexion per frame and the labels it is from; `None` without the markers or a frame that has all.
fn from_markers(set: &MarkerSet, side: Side) -> Option<(Vec<f64>, String)> {
    let (knee, ankle) = knee::shank_markers(set, side)?;
    let (heel, toe) = (knee::heel(set, side)?, knee::toe(set, side)?);
    let at = |marker: &Marker, frame: usize| marker.position.get(frame).copied().unwrap_or([f64::NAN; 3]);
    let deg: Vec<f64> = (0..set.frames())
        .map(|f| dorsiflexion_deg(at(knee, f), at(ankle, f), at(heel, f), at(toe, f)))
        .collect();
    let labels = format!("{}, {}, {}, {}", knee.label, ankle.label, heel.label, toe.label);
    deg.iter().any(|v| v.is_finite()).then_some((deg, labels))
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::Seconds;

    /// x forward, z up; the shank leans forward over a flat foot by `lean_deg`, or the foot points down by `down_deg`.
    fn leg(lean_deg: f64, down_deg: f64) -> [Point; 4] {
        let (ls, lc) = lean_deg.to_radians().sin_cos();
        let (ds, dc) = down_deg.to_radians().sin_cos();
        let ankle = [0.0, 0.0, 0.1];
        [[0.4 * ls, 0.0, 0.1 + 0.4 * lc], ankle, [-0.05 * dc, 0.01, 0.05 * ds], [0.2 * dc, 0.01, -0.2 * ds]]
    }

    #[test]
    fn dorsiflexion_is_positive_and_exact() {
        for (lean, down, expected) in
            [(0.0, 0.0, 0.0), (20.0, 0.0, 20.0), (0.0, 30.0, -30.0), (15.0, 40.0, -25.0), (-10.0, 0.0, -10.0)]
        {
            let [knee, ankle, heel, toe] = leg(lean, down);
            let found = dorsiflexion_deg(knee, ankle, heel, toe);
            assert!((found - expected).abs() < 1e-9, "{lean} {down}: {found}");
        }
        let p = [1.0, 2.0, 3.0];
        assert!(dorsiflexion_deg(p, p, p, p).is_nan());
        assert!(dorsiflexion_deg([f64::NAN; 3], p, p, p).is_nan());
    }

    fn trial(poses: &[(f64, f64)]) -> Trial {
        let labels = ["RKNE", "RANK", "RHEE", "RTOE"];
        let markers = labels
            .iter()
            .enumerate()
            .map(|(m, label)| Marker {
                label: (*label).to_owned(),
                position: poses.iter().map(|(lean, down)| leg(*lean, *down)[m]).collect(),
            })
            .collect();
        let set = MarkerSet { rate_hz: 100.0, start_s: Seconds(0.0), unit: Unit::Metre, markers };
        Trial { markers: Some(set), ..Trial::default() }
    }

    #[test]
    fn the_standing_trial_is_zero_and_twice_is_once() {
        let mut moving = trial(&[(0.0, 0.0), (12.0, 0.0), (0.0, 20.0)]);
        add_ankle_angles(&mut moving, Some(&trial(&[(4.0, 0.0); 5])));
        let once = moving.clone();
        add_ankle_angles(&mut moving, None);
        assert_eq!(once, moving);
        let found = source(&moving, Side::Right).unwrap();
        let deg = moving.streams[found.stream].column(found.channel);
        assert!(deg.iter().zip([-4.0, 8.0, -24.0]).all(|(a, b)| (a - b).abs() < 1e-9), "{deg:?}");
        assert_eq!(found.zero_method, "standing trial");
        assert!((found.offset_deg - 4.0).abs() < 1e-9 && found.text.contains("RTOE"));
        assert!(source(&moving, Side::Left).is_none());

        let mut alone = trial(&[(0.0, 0.0)]);
        add_ankle_angles(&mut alone, None);
        assert!(alone.notes.iter().any(|n| n.code == "ankle_zero"));
    }
}
