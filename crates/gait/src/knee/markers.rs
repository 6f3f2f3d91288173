//! Which markers make a knee angle, and the angle from them.

use super::geometry::{Point, flexion_deg, hip_centre_bell, middle, sub};
use surae_trial::{Marker, MarkerSet, Side};

/// A knee angle from markers.
pub(super) struct MarkerAngle {
    /// Flexion per frame in deg; `NaN` where a marker was not seen.
    pub flexion_deg: Vec<f64>,
    /// Which markers, in words.
    pub source: String,
}

/// Labels in use for the same landmark, best first; `{}` is the side's letter.
const HIP: [&str; 6] = ["{}HJC", "{}_HJC", "{}.HJC", "{}HIP", "{}.Hip", "{}GTR"];
const KNEE: [&str; 10] = [
    "{}LEPI",
    "{}KNE",
    "{}KNEE",
    "{}.Knee.Lat",
    "{}.Knee",
    "{}LFE",
    "{}FLE",
    "{}LEK",
    "{}_LatKnee",
    "{}LatKnee",
];
const ANKLE: [&str; 10] = [
    "{}LMAL",
    "{}ANK",
    "{}ANKLE",
    "{}.Ankle.Lat",
    "{}.Ankle",
    "{}LM",
    "{}FAL",
    "{}ML",
    "{}_LatAnkle",
    "{}LatAnkle",
];
const ASIS: [&str; 5] = ["{}ASI", "{}ASIS", "{}.ASIS", "{}IAS", "{}_ASIS"];
const PSIS: [&str; 5] = ["{}PSI", "{}PSIS", "{}.PSIS", "{}IPS", "{}_PSIS"];
const SACRUM: [&str; 7] = ["SACR", "VSAC", "V.Sacral", "SACRUM", "SACRAL", "S1", "S2"];
const FOOT: [&str; 12] = [
    "{}ANK",
    "{}LMAL",
    "{}HEE",
    "{}HEEL",
    "{}.Heel",
    "{}TOE",
    "{}.Toe.Tip",
    "{}FOO",
    "{}.Ankle.Lat",
    "{}CAL",
    "{}MFL",
    "{}P1MT",
];

const HEEL: [&str; 9] =
    ["{}HEE", "{}HEEL", "{}.Heel", "{}_Heel", "{}CAL", "{}FCC", "{}.Calca", "{}_Calc", "{}CALC"];
const TOE: [&str; 13] = [
    "{}TOE",
    "{}.Toe.Tip",
    "{}.Toe",
    "{}_Toe",
    "{}MT2",
    "{}.MT2",
    "{}DMT2",
    "{}P1MT",
    "{}FM2",
    "{}.MT5",
    "{}MT5",
    "{}P5MT",
    "{}.Foot.Med",
];

/// Heel marker of a foot.
pub(crate) fn heel(set: &MarkerSet, side: Side) -> Option<&Marker> {
    find(set, &HEEL, side)
}

/// Forefoot marker of a foot.
pub(crate) fn toe(set: &MarkerSet, side: Side) -> Option<&Marker> {
    find(set, &TOE, side)
}

/// Lateral markers of knee and ankle.
pub(crate) fn shank_markers(set: &MarkerSet, side: Side) -> Option<(&Marker, &Marker)> {
    Some((find(set, &KNEE, side)?, find(set, &ANKLE, side)?))
}

/// The back of the pelvis in each frame: sacral marker, else the middle of the posterior spines, else of the anterior ones.
pub(crate) fn pelvis(set: &MarkerSet) -> Option<(Vec<Point>, String)> {
    let middle_of = |labels: &[&str]| {
        let (right, left) = (find(set, labels, Side::Right)?, find(set, labels, Side::Left)?);
        let points = (0..set.frames()).map(|f| middle(at(right, f), at(left, f))).collect();
        Some((points, format!("{} {}", right.label, left.label)))
    };
    let sacrum = find(set, &SACRUM, Side::Right);
    sacrum
        .map(|m| ((0..set.frames()).map(|f| at(m, f)).collect(), m.label.clone()))
        .or_else(|| middle_of(&PSIS))
        .or_else(|| middle_of(&ASIS))
}

fn letter(side: Side) -> &'static str {
    match side {
        Side::Left => "L",
        Side::Right => "R",
    }
}

/// The first landmark label of the list that has any valid frame.
fn find<'a>(set: &'a MarkerSet, labels: &[&str], side: Side) -> Option<&'a Marker> {
    labels.iter().find_map(|pattern| {
        set.find(&pattern.replace("{}", letter(side))).filter(|m| m.position.iter().any(|p| p[0].is_finite()))
    })
}

/// Markers of one foot, for assigning plate contacts.
pub(crate) fn foot_markers(set: &MarkerSet, side: Side) -> Vec<&Marker> {
    FOOT.iter().filter_map(|pattern| find(set, &[pattern], side)).collect()
}

fn at(marker: &Marker, frame: usize) -> Point {
    marker.position.get(frame).copied().unwrap_or([f64::NAN; 3])
}

/// The pelvis: both anterior spines and something behind them.
struct Pelvis<'a> {
    right: &'a Marker,
    left: &'a Marker,
    behind: (&'a Marker, Option<&'a Marker>),
}

impl<'a> Pelvis<'a> {
    fn of(set: &'a MarkerSet) -> Option<Self> {
        let behind = match find(set, &SACRUM, Side::Right) {
            Some(sacrum) => (sacrum, None),
            None => (find(set, &PSIS, Side::Right)?, Some(find(set, &PSIS, Side::Left)?)),
        };
        Some(Self { right: find(set, &ASIS, Side::Right)?, left: find(set, &ASIS, Side::Left)?, behind })
    }

    fn to_right(&self, frame: usize) -> Point {
        sub(at(self.right, frame), at(self.left, frame))
    }

    fn hip(&self, frame: usize, side: Side) -> Point {
        let behind = match self.behind {
            (one, None) => at(one, frame),
            (one, Some(two)) => middle(at(one, frame), at(two, frame)),
        };
        hip_centre_bell(at(self.right, frame), at(self.left, frame), behind, side == Side::Right)
    }

    fn names(&self) -> String {
        let behind = match self.behind {
            (one, None) => one.label.clone(),
            (one, Some(two)) => format!("{} {}", one.label, two.label),
        };
        format!("{} {} {behind}", self.right.label, self.left.label)
    }
}

/// Knee flexion of one leg from hip, lateral knee and lateral ankle markers.
///
/// The hip is a hip marker or centre where there is one, else Bell's regression from the pelvis. Only lateral markers
/// are used, so that a standing trial with more markers has the same bias as the trial itself.
pub(super) fn knee_angle(set: &MarkerSet, side: Side) -> Option<MarkerAngle> {
    let knee = find(set, &KNEE, side)?;
    let ankle = find(set, &ANKLE, side)?;
    let pelvis = Pelvis::of(set);
    let hip_marker = find(set, &HIP, side);
    let hip_words = match (&hip_marker, &pelvis) {
        (Some(hip), _) => hip.label.clone(),
        (None, Some(pelvis)) => format!("hip centre by Bell from {}", pelvis.names()),
        (None, None) => return None,
    };
    let flexion_deg = (0..set.frames())
        .map(|frame| {
            let hip = match (&hip_marker, &pelvis) {
                (Some(hip), _) => at(hip, frame),
                (None, Some(pelvis)) => pelvis.hip(frame, side),
                (None, None) => [f64::NAN; 3],
            };
            let to_right = pelvis.as_ref().map(|p| p.to_right(frame)).filter(|r| r[0].is_finite());
            flexion_deg(hip, at(knee, frame), at(ankle, frame), to_right)
        })
        .collect();
    Some(MarkerAngle {
        flexion_deg,
        source: format!("markers: {hip_words}, {}, {}", knee.label, ankle.label),
    })
}
