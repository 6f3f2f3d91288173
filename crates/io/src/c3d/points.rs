//! Points: markers, and the model outputs that programs store among them.

use super::data::{self, RawPoint, Section};
use super::number::Bytes;
use super::parameters::Parameters;
use crate::roles::parse_unit;
use surae_trial::{
    Channel, Joint, Kind, Marker, MarkerSet, Note, Role, Samples, Scale, Seconds, Side, Stream, Unit,
};

/// What the points of a file are.
#[derive(Debug, Default)]
pub struct Points {
    pub markers: Option<MarkerSet>,
    /// Streams `angles` and `model`.
    pub streams: Vec<Stream>,
}

/// Labels of model outputs that are looked at.
const MOST_LISTED: usize = 4096;

/// The groups of model outputs in the POINT group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Angle,
    Force,
    Moment,
    Other,
}

/// Reads all points. Gaps, by negative residual or by (0, 0, 0), are `NaN`.
pub fn read(data: Bytes<'_>, section: &Section, parameters: &Parameters, notes: &mut Vec<Note>) -> Points {
    if section.points == 0 {
        return Points::default();
    }
    let labels = parameters.strings("POINT", "LABELS");
    let groups = groups(parameters);
    let mut markers = Vec::new();
    let mut angles = Columns::default();
    let mut model = Columns::default();
    let mut zeros = Zeros::default();
    let mut stripped: Vec<String> = Vec::new();
    for number in 0..section.points {
        let full = labels.get(number).filter(|l| !l.is_empty()).cloned();
        let full = full.unwrap_or_else(|| format!("point {}", number + 1));
        let label = strip_prefix(&full, &mut stripped);
        let track = data::point(data, section, number);
        match group_of(&full, &label, &groups) {
            None => markers.push(Marker { position: gaps(track, true, &label, &mut zeros), label }),
            Some(Group::Angle) => angles.add(&label, gaps(track, true, &label, &mut zeros), angle_channels),
            Some(group) => {
                let positions = gaps(track, false, &label, &mut zeros);
                model.add(&label, positions, |label| model_channels(label, group, parameters));
            }
        }
    }
    zeros.report(notes);
    if !stripped.is_empty() {
        let text =
            format!("the subject prefix {} was taken off point labels", crate::text::list(&stripped, 4));
        notes.push(Note::info("subject_prefix", text));
    }
    let unit = point_unit(parameters, notes);
    let set = MarkerSet { rate_hz: section.rate_hz, start_s: Seconds(0.0), unit, markers };
    let scale = angle_scale(parameters, notes);
    let streams = [angles.stream("angles", section, scale), model.stream("model", section, Scale::IDENTITY)];
    Points {
        markers: (!set.markers.is_empty()).then_some(set),
        streams: streams.into_iter().flatten().collect(),
    }
}

/// Positions with gaps as `NaN`; (0, 0, 0) counts as a gap where `zero_is_gap`.
fn gaps(
    track: impl Iterator<Item = Option<RawPoint>>,
    zero_is_gap: bool,
    label: &str,
    zeros: &mut Zeros,
) -> Vec<[f64; 3]> {
    let mut coded_as_zero = 0;
    let positions = track
        .map(|point| {
            let point = point.filter(|p| p.residual >= 0.0 && p.position.iter().all(|v| v.is_finite()));
            match point {
                None => [f64::NAN; 3],
                Some(p) if zero_is_gap && p.position == [0.0; 3] => {
                    coded_as_zero += 1;
                    [f64::NAN; 3]
                }
                Some(p) => p.position,
            }
        })
        .collect();
    if coded_as_zero > 0 {
        zeros.points.push(label.to_owned());
        zeros.frames += coded_as_zero;
    }
    positions
}

/// Gaps that were stored as (0, 0, 0) with a valid residual.
#[derive(Default)]
struct Zeros {
    points: Vec<String>,
    frames: usize,
}

impl Zeros {
    fn report(&self, notes: &mut Vec<Note>) {
        if self.frames > 0 {
            notes.push(Note::info(
                "gaps_as_zero",
                format!(
                    "{} frames of {} points are (0, 0, 0) without a negative residual; they are taken as gaps ({})",
                    self.frames,
                    self.points.len(),
                    crate::text::list(&self.points, 6)
                ),
            ));
        }
    }
}

fn strip_prefix(full: &str, stripped: &mut Vec<String>) -> String {
    match full.rsplit_once(':') {
        Some((prefix, label)) if !label.is_empty() => {
            let prefix = format!("'{prefix}:'");
            if !stripped.contains(&prefix) {
                stripped.push(prefix);
            }
            label.trim().to_owned()
        }
        _ => full.to_owned(),
    }
}

fn groups(parameters: &Parameters) -> Vec<(String, Group)> {
    let tables = [
        ("ANGLES", Group::Angle),
        ("FORCES", Group::Force),
        ("MOMENTS", Group::Moment),
        ("POWERS", Group::Other),
        ("SCALARS", Group::Other),
        ("REACTIONS", Group::Other),
        ("MODELED_MARKERS", Group::Other),
    ];
    let names = |(name, group): (&str, Group)| {
        // Modelled markers are positions and stay markers.
        let list = if name == "MODELED_MARKERS" { Vec::new() } else { parameters.strings("POINT", name) };
        list.into_iter()
            .filter(|label| !label.is_empty())
            .map(move |label| (label, group))
            .collect::<Vec<_>>()
    };
    // A file lists each of its points at most once.
    tables.into_iter().flat_map(names).take(MOST_LISTED).collect()
}

/// The group a point is listed in, else what its name says (`RKneeAngles`).
fn group_of(full: &str, label: &str, groups: &[(String, Group)]) -> Option<Group> {
    let listed = groups.iter().find(|(name, _)| name == full || name == label).map(|(_, group)| *group);
    listed.or_else(|| joint_angle(label).map(|_| Group::Angle))
}

/// Side and joint of a Plug-in Gait / CGM angle name.
fn joint_angle(label: &str) -> Option<(Side, Joint)> {
    let mut letters = label.chars();
    let side = match letters.next()? {
        'R' => Side::Right,
        'L' => Side::Left,
        _ => return None,
    };
    let joint = match letters.as_str().to_lowercase().as_str() {
        "kneeangles" | "kneeangle" => Joint::Knee,
        "ankleangles" | "ankleangle" => Joint::Ankle,
        "hipangles" | "hipangle" => Joint::Hip,
        _ => return None,
    };
    Some((side, joint))
}

/// Channels of one angle output: x is flexion (dorsiflexion), y and z are the other planes.
fn angle_channels(label: &str) -> Vec<Channel> {
    let main = match joint_angle(label) {
        Some((side, joint)) => Role {
            kind: Kind::Angle,
            muscle: None,
            side: Some(side),
            joint: Some(joint),
            reason: format!(
                "model output '{label}': {} = {side}, x component = flexion",
                label.chars().next().unwrap_or(' ')
            ),
        },
        None => {
            Role { kind: Kind::Angle, ..Role::unknown(format!("model output '{label}' of POINT:ANGLES")) }
        }
    };
    let plane = |axis: &str| {
        let reason = format!("model output '{label}', {axis} component: not the flexion plane");
        let role = Role { kind: Kind::Angle, ..Role::unknown(reason) };
        Channel::new(format!("{label}.{axis}"), role, Unit::Degree)
    };
    vec![Channel::new(label, main, Unit::Degree), plane("y"), plane("z")]
}

fn model_channels(label: &str, group: Group, parameters: &Parameters) -> Vec<Channel> {
    let (kind, unit) = match group {
        Group::Force => (Kind::Force, "FORCE_UNITS"),
        Group::Moment => (Kind::Moment, "MOMENT_UNITS"),
        Group::Angle | Group::Other => (Kind::Unknown, "POWER_UNITS"),
    };
    let unit = parameters.text("POINT", unit).map_or(Unit::Arbitrary, |text| parse_unit(&text));
    let channel = |axis: &str| {
        let role = Role { kind, ..Role::unknown(format!("model output '{label}', not measured")) };
        Channel::new(format!("{label}.{axis}"), role, unit.clone())
    };
    vec![channel("x"), channel("y"), channel("z")]
}

/// Three channels per output, gathered point by point.
#[derive(Default)]
struct Columns {
    channels: Vec<Channel>,
    tracks: Vec<Vec<[f64; 3]>>,
}

impl Columns {
    fn add(&mut self, label: &str, track: Vec<[f64; 3]>, channels: impl Fn(&str) -> Vec<Channel>) {
        if self.channels.len() + 3 <= surae_trial::SessionLayout::MAX_CHANNELS {
            self.channels.extend(channels(label));
            self.tracks.push(track);
        }
    }

    fn stream(mut self, name: &str, section: &Section, scale: Scale) -> Option<Stream> {
        if self.tracks.is_empty() {
            return None;
        }
        for channel in &mut self.channels {
            channel.scale = scale;
        }
        let mut values = Vec::with_capacity(section.frames * self.channels.len());
        for frame in 0..section.frames {
            values.extend(self.tracks.iter().flat_map(|track| track[frame].map(|v| v as f32)));
        }
        Some(Stream {
            name: name.to_owned(),
            rate_hz: section.rate_hz,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels: self.channels,
            samples: Samples::F32(values),
            gaps: Vec::new(),
            times_s: Vec::new(),
        })
    }
}

fn angle_scale(parameters: &Parameters, notes: &mut Vec<Note>) -> Scale {
    match parameters.text("POINT", "ANGLE_UNITS").map(|text| parse_unit(&text)) {
        Some(Unit::Radian) => {
            notes.push(Note::info(
                "angles_in_radians",
                "POINT:ANGLE_UNITS is rad; angles are turned into degrees",
            ));
            Scale { gain: 180.0 / std::f64::consts::PI, offset: 0.0 }
        }
        _ => Scale::IDENTITY,
    }
}

fn point_unit(parameters: &Parameters, notes: &mut Vec<Note>) -> Unit {
    let stated = parameters.text("POINT", "UNITS").unwrap_or_default();
    match parse_unit(&stated) {
        unit @ (Unit::Millimetre | Unit::Metre) => unit,
        unit => {
            let text =
                format!("POINT:UNITS is '{stated}'; coordinates are kept as they are, lengths are not in mm");
            notes.push(Note::warning("point_unit_unknown", text));
            unit
        }
    }
}
