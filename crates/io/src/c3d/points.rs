//! Points: markers, and the model outputs that programs store among them.

use super::data::{RawPoint, Section};
use super::parameters::Parameters;
use crate::model_output::{angle_channels, joint_angle, strip_prefix};
use crate::reader::Chunk;
use crate::roles::parse_unit;
use surae_trial::{
    Channel, Kind, Marker, MarkerSet, Note, Role, Samples, Scale, Seconds, Stream, Trial, Unit,
};

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

/// Where the points of a file go, and what was met on the way.
#[derive(Debug)]
pub struct Points {
    slots: Vec<Slot>,
    /// Position of the streams of angles and of other model outputs in the trial.
    angles_at: usize,
    model_at: usize,
    zeros: Zeros,
}

/// What one point is.
#[derive(Clone, Debug)]
struct Slot {
    label: String,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Marker,
    Angle,
    Model,
    /// More model outputs than a stream may have channels.
    Left,
}

/// Sorts the points into markers, angles and other model outputs, and adds their streams and markers, still without
/// samples, to the trial.
pub fn layout(section: &Section, parameters: &Parameters, trial: &mut Trial) -> Points {
    let labels = parameters.strings("POINT", "LABELS");
    let groups = groups(parameters);
    let mut stripped: Vec<String> = Vec::new();
    let (mut markers, mut angles, mut model) = (Vec::new(), Vec::new(), Vec::new());
    let mut slots = Vec::with_capacity(section.points);
    for number in 0..section.points {
        let full = labels.get(number).filter(|l| !l.is_empty()).cloned();
        let full = full.unwrap_or_else(|| format!("point {}", number + 1));
        let label = strip_prefix(&full, &mut stripped);
        let what = match group_of(&full, &label, &groups) {
            None => {
                markers.push(Marker { label: label.clone(), position: Vec::new() });
                What::Marker
            }
            Some(Group::Angle) => add(&mut angles, angle_channels(&label), What::Angle),
            Some(group) => add(&mut model, model_channels(&label, group, parameters), What::Model),
        };
        slots.push(Slot { label, what });
    }
    let notes = &mut trial.notes;
    if !stripped.is_empty() {
        let text =
            format!("the subject prefix {} was taken off point labels", crate::text::list(&stripped, 4));
        notes.push(Note::info("subject_prefix", text));
    }
    let left: Vec<String> =
        slots.iter().filter(|slot| slot.what == What::Left).map(|slot| slot.label.clone()).collect();
    if !left.is_empty() {
        let list = crate::text::list(&left, 4);
        let text = format!("model outputs beyond 1024 channels are left out: {list}");
        notes.push(Note::warning("c3d_outputs_left_out", text));
    }
    if section.points > 0 {
        let unit = point_unit(parameters, notes);
        if !markers.is_empty() {
            trial.markers =
                Some(MarkerSet { rate_hz: section.rate_hz, start_s: Seconds(0.0), unit, markers });
        }
    }
    let scale = if angles.is_empty() { Scale::IDENTITY } else { angle_scale(parameters, &mut trial.notes) };
    angles.iter_mut().for_each(|channel| channel.scale = scale);
    let angles_at = trial.streams.len();
    trial.streams.extend(stream("angles", section, angles));
    let model_at = trial.streams.len();
    trial.streams.extend(stream("model", section, model));
    Points { slots, angles_at, model_at, zeros: Zeros::default() }
}

fn add(channels: &mut Vec<Channel>, more: Vec<Channel>, what: What) -> What {
    if channels.len() + more.len() > surae_trial::SessionLayout::MAX_CHANNELS {
        return What::Left;
    }
    channels.extend(more);
    what
}

fn stream(name: &str, section: &Section, channels: Vec<Channel>) -> Option<Stream> {
    (!channels.is_empty()).then(|| Stream {
        name: name.to_owned(),
        rate_hz: section.rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels,
        samples: Samples::F32(Vec::new()),
        gaps: Vec::new(),
        times_s: Vec::new(),
    })
}

impl Points {
    /// Chunks of the points of one piece, for the layout that [`layout`] made. Gaps, by negative residual or by
    /// (0, 0, 0), are `NaN`; for model forces, moments and powers zero is a value.
    pub fn chunks(&mut self, points: Vec<Vec<RawPoint>>) -> Vec<Chunk> {
        let frames = points.first().map_or(0, Vec::len);
        let (mut markers, mut angles, mut model) = (Vec::new(), Vec::new(), Vec::new());
        for (slot, track) in self.slots.iter().zip(points) {
            let zero_is_gap = slot.what != What::Model;
            let positions = gaps(&track, zero_is_gap, &slot.label, &mut self.zeros);
            match slot.what {
                What::Marker => markers.push(positions),
                What::Angle => angles.push(positions),
                What::Model => model.push(positions),
                What::Left => {}
            }
        }
        let mut chunks = Vec::new();
        if !markers.is_empty() {
            chunks.push(Chunk::Markers(markers));
        }
        for (stream, tracks) in [(self.angles_at, angles), (self.model_at, model)] {
            if !tracks.is_empty() {
                let values = (0..frames).flat_map(|frame| tracks.iter().flat_map(move |t| t[frame]));
                let samples = Samples::F32(values.map(|v| v as f32).collect());
                chunks.push(Chunk::Samples { stream, samples, times_s: Vec::new() });
            }
        }
        chunks
    }

    /// What was met in the samples.
    pub fn report(&self, notes: &mut Vec<Note>) {
        self.zeros.report(notes);
    }
}

/// Positions with gaps as `NaN`; (0, 0, 0) counts as a gap where `zero_is_gap`.
fn gaps(track: &[RawPoint], zero_is_gap: bool, label: &str, zeros: &mut Zeros) -> Vec<[f64; 3]> {
    let mut coded_as_zero = 0;
    let position = |point: &RawPoint| {
        let measured = point.residual >= 0.0 && point.position.iter().all(|v| v.is_finite());
        if measured && zero_is_gap && point.position == [0.0; 3] {
            coded_as_zero += 1;
            return [f64::NAN; 3];
        }
        if measured { point.position } else { [f64::NAN; 3] }
    };
    let positions = track.iter().map(position).collect();
    if coded_as_zero > 0 {
        if !zeros.points.iter().any(|known| known == label) {
            zeros.points.push(label.to_owned());
        }
        zeros.frames += coded_as_zero;
    }
    positions
}

/// Gaps that were stored as (0, 0, 0) with a valid residual.
#[derive(Debug, Default)]
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
