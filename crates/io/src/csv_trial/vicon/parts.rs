//! Sections to streams, markers and events.

use super::{Column, Section, What};
use crate::csv_trial::table;
use crate::error::{Blame, Error, Position};
use crate::event_name;
use crate::model_output::{angle_channels, strip_prefix};
use crate::roles::{UNSEEN, parse_unit};
use surae_trial::{
    Channel, Event, EventSource, Gap, Kind, Marker, MarkerSet, Note, Role, SampleIndex, Samples, Scale,
    Seconds, SessionLayout, Stream, Trial, Unit,
};

/// The trial of all sections.
pub fn trial(sections: Vec<Section>, mut notes: Vec<Note>, blame: &Blame<'_>) -> Result<Trial, Error> {
    let filled = |section: &&Section| !section.rows.is_empty() && !section.columns.is_empty();
    let first = sections.iter().filter(filled).map(|section| section.rows[0].0).min();
    let frame_rate_hz = sections.iter().find(filled).map_or(f64::NAN, Section::frame_rate_hz);
    let events: Vec<&Section> = sections.iter().filter(|section| section.what == What::Events).collect();
    if first.is_none() {
        let (what, todo) = if events.is_empty() {
            ("no section holds a row of numbers", "export it again from Nexus with data in it")
        } else {
            ("nothing but events", "tick devices, trajectories or model outputs when exporting from Nexus")
        };
        return Err(blame.malformed(Position::Whole, what, todo));
    }
    let first = first.unwrap_or(1);
    let mut trial = Trial::default();
    for event in events {
        let before_s = (first as f64 - 1.0) / frame_rate_hz;
        trial.events.extend(
            event
                .events
                .iter()
                .filter_map(|cells| one_event(cells, if before_s.is_finite() { before_s } else { 0.0 })),
        );
    }
    let mut prefixes = Vec::new();
    for section in sections.iter().filter(filled) {
        if (section.frame_rate_hz() - frame_rate_hz).abs() > 1e-3 * frame_rate_hz {
            let text = format!(
                "frames of the sections run at {frame_rate_hz:.3} and {:.3} Hz; each keeps its own",
                section.frame_rate_hz()
            );
            notes.push(Note::warning("frame_rates_differ", text));
        }
        let start_s = (section.rows[0].0 - first) as f64 / section.frame_rate_hz();
        match section.what {
            What::Devices => stream(section, "analog", start_s, devices(section, &mut notes), &mut trial, &mut notes),
            What::Outputs => outputs(section, start_s, &mut prefixes, &mut trial, &mut notes),
            What::Trajectories if trial.markers.is_none() => markers(section, start_s, &mut prefixes, &mut trial, &mut notes),
            What::Trajectories => notes.push(Note::warning("section_left_out", "a second section of trajectories is left out")),
            What::Fit => notes.push(Note::info(
                "section_left_out",
                "joints and segments of the kinematic fit are left out: they are no flexion angles; model outputs are read",
            )),
            What::Events => {}
        }
    }
    if !prefixes.is_empty() {
        let text = format!("the subject prefix {} was taken off labels", crate::text::list(&prefixes, 4));
        notes.push(Note::info("subject_prefix", text));
    }
    notes.append(&mut trial.notes);
    trial.notes = notes;
    crate::roles::assign(&mut trial);
    Ok(trial)
}

/// Subject, context, name, time: `Anna, Right, Foot Strike, 1.23`. Nexus counts time from frame 1.
fn one_event(cells: &[String], before_s: f64) -> Option<Event> {
    let time_s = cells.iter().skip(2).find_map(|cell| table::number(cell, true))?;
    let label = cells.get(1..3)?.join(" ").trim().to_owned();
    let (kind, side) = event_name::meaning(&label);
    Some(Event { time_s: Seconds(time_s - before_s), kind, side, source: EventSource::File, label })
}

/// Holes: where the numbers of frame and sub-frame jump.
fn gaps(section: &Section, start_s: f64, notes: &mut Vec<Note>) -> Vec<Gap> {
    let per = section.per_frame();
    let (first, _) = section.rows[0];
    let (mut gaps, mut expected, mut lost) = (Vec::new(), section.rows[0].1, 0u64);
    for (frame, sub) in &section.rows {
        let index = (frame - first).saturating_mul(per).saturating_add(*sub);
        let hole = index.saturating_sub(expected);
        lost = lost.saturating_add(hole);
        if lost > crate::text::MOST_LOST_SAMPLES {
            notes.push(Note::error(
                "frames_beyond_belief",
                "frame numbers jump by more than any recording lasts; from there on rows follow each other",
            ));
            break;
        }
        if hole > 0 {
            let time_s = SampleIndex(expected).at(section.rate_hz, Seconds(start_s));
            gaps.push(Gap { index: SampleIndex(expected), time_s, lost_samples: hole, certain: true });
        }
        expected = index.saturating_add(1);
    }
    gaps
}

/// Adds a stream of all columns of a section.
fn stream(
    section: &Section,
    name: &str,
    start_s: f64,
    channels: Vec<Channel>,
    trial: &mut Trial,
    notes: &mut Vec<Note>,
) {
    let all: Vec<usize> = (0..section.columns.len()).collect();
    columns(section, name, start_s, channels, &all, trial, notes);
}

/// Adds a stream of some columns of a section.
fn columns(
    section: &Section,
    name: &str,
    start_s: f64,
    mut channels: Vec<Channel>,
    from: &[usize],
    trial: &mut Trial,
    notes: &mut Vec<Note>,
) {
    let kept = channels.len().min(SessionLayout::MAX_CHANNELS);
    if kept < channels.len() {
        notes.push(Note::warning("channels_left_out", format!("{name}: channels beyond 1024 are left out")));
        channels.truncate(kept);
    }
    if kept == 0 {
        return;
    }
    let row = |row: &[f64]| from[..kept].iter().map(|at| row[*at]).collect::<Vec<_>>();
    let values = section.values.chunks_exact(section.columns.len()).flat_map(row).collect();
    let taken = trial.streams.iter().filter(|stream| stream.name.starts_with(name)).count();
    trial.streams.push(Stream {
        name: if taken == 0 { name.to_owned() } else { format!("{name} {}", taken + 1) },
        rate_hz: section.rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(start_s),
        channels,
        samples: Samples::F64(values),
        gaps: gaps(section, start_s, notes),
        times_s: Vec::new(),
    });
}

/// Channels of devices: a column's name, with its device where another column has the same name (`Fx` of two plates).
fn devices(section: &Section, notes: &mut Vec<Note>) -> Vec<Channel> {
    let same = |name: &str| {
        section.columns.iter().filter(|column| column.name.eq_ignore_ascii_case(name)).count() > 1
    };
    let unitless: Vec<String> = section
        .columns
        .iter()
        .filter(|column| column.unit.is_empty())
        .map(|column| column.name.clone())
        .collect();
    if !unitless.is_empty() {
        let text = format!("no unit is stated for {}", crate::text::list(&unitless, 6));
        notes.push(Note::info("unit_not_stated", text));
    }
    let channel = |column: &Column| {
        let device = column.object.split(" - ").next().unwrap_or("").trim_start_matches("Imported ").trim();
        let bare = column.name.is_empty() || column.name.chars().all(|c| c.is_ascii_digit());
        let label = if bare || same(&column.name) {
            format!("{device} {}", column.name).trim().to_owned()
        } else {
            column.name.clone()
        };
        let mut channel = Channel::new(label, Role::unknown(UNSEEN), parse_unit(&column.unit));
        channel.description.clone_from(&column.object);
        channel
    };
    section.columns.iter().map(channel).collect()
}

/// Columns X, Y and Z of each object, in order; others (velocities, residuals) are counted.
fn triples(section: &Section, notes: &mut Vec<Note>) -> Vec<(String, [usize; 3])> {
    let mut found: Vec<(String, [Option<usize>; 3])> = Vec::new();
    let mut others = 0usize;
    for (at, column) in section.columns.iter().enumerate() {
        let axis = match column.name.to_lowercase().as_str() {
            "x" => 0,
            "y" => 1,
            "z" => 2,
            _ => {
                others += 1;
                continue;
            }
        };
        // The same label may come twice: a new X begins a new one.
        if axis == 0 || found.last().is_none_or(|(object, _)| *object != column.object) {
            found.push((column.object.clone(), [None; 3]));
        }
        if let Some((_, axes)) = found.last_mut() {
            axes[axis] = Some(at);
        }
    }
    if others > 0 {
        let text = format!("{others} columns that are not X, Y or Z (velocities and the like) are left out");
        notes.push(Note::info("columns_left_out", text));
    }
    found.into_iter().filter_map(|(object, [x, y, z])| Some((object, [x?, y?, z?]))).collect()
}

/// Positions of frames that are not in the file, beyond three for each one that is: 15 min of one marker at 100 Hz.
const MOST_UNSEEN: usize = 90_000;

fn markers(
    section: &Section,
    start_s: f64,
    prefixes: &mut Vec<String>,
    trial: &mut Trial,
    notes: &mut Vec<Note>,
) {
    let triples = triples(section, notes);
    let Some((_, [x, ..])) = triples.first() else { return };
    let unit = parse_unit(&section.columns[*x].unit);
    let width = section.columns.len();
    let per = section.per_frame();
    let first = section.rows[0].0;
    let holes = gaps(section, start_s, notes);
    // A marker set has no holes of its own: frames that are not in the file are frames in which nothing was seen.
    let frames = section.rows.len() + holes.iter().map(|gap| gap.lost_samples as usize).sum::<usize>();
    // Memory follows the size of the file, not the numbers that stand in it.
    let believed = section.rows.len().saturating_mul(4 * triples.len()).saturating_add(MOST_UNSEEN);
    if frames.saturating_mul(triples.len()) > believed {
        notes.push(Note::error(
            "section_left_out",
            "the frame numbers of the trajectories leave holes beyond belief; they are left out",
        ));
        return;
    }
    let track = |axes: &[usize; 3]| {
        let mut position = vec![[f64::NAN; 3]; frames];
        for (row, (frame, sub)) in section.rows.iter().enumerate() {
            let at = usize::try_from((frame - first).saturating_mul(per).saturating_add(*sub))
                .unwrap_or(usize::MAX);
            if let Some(place) = position.get_mut(at) {
                let seen = axes.map(|axis| section.values[row * width + axis]);
                *place = if seen.iter().all(|v| v.is_finite()) { seen } else { [f64::NAN; 3] };
            }
        }
        position
    };
    let markers = triples.iter().map(|(object, axes)| {
        let object = if object.is_empty() { "marker" } else { object };
        Marker { label: strip_prefix(object, prefixes), position: track(axes) }
    });
    trial.markers = Some(MarkerSet {
        rate_hz: section.rate_hz,
        start_s: Seconds(start_s),
        unit: unit.clone(),
        markers: markers.collect(),
    });
    if !matches!(unit, Unit::Millimetre | Unit::Metre) {
        let text = format!("the unit of the trajectories is '{unit}'; lengths are not in mm");
        notes.push(Note::warning("point_unit_unknown", text));
    }
}

/// Angles, and forces, moments and powers that a model computed.
fn outputs(
    section: &Section,
    start_s: f64,
    prefixes: &mut Vec<String>,
    trial: &mut Trial,
    notes: &mut Vec<Note>,
) {
    let (mut angles, mut model) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for (object, axes) in triples(section, notes) {
        let label = strip_prefix(&object, prefixes);
        let unit = parse_unit(&section.columns[axes[0]].unit);
        let degrees = matches!(unit, Unit::Degree | Unit::Radian);
        let (channels, into) = if degrees {
            let mut channels = angle_channels(&label);
            if unit == Unit::Radian {
                let to_degrees = Scale { gain: 180.0 / std::f64::consts::PI, offset: 0.0 };
                channels.iter_mut().for_each(|channel| channel.scale = to_degrees);
            }
            (channels, &mut angles)
        } else {
            (other_output(&label, &unit), &mut model)
        };
        into.0.extend(channels);
        into.1.extend(axes);
    }
    columns(section, "angles", start_s, angles.0, &angles.1, trial, notes);
    columns(section, "model", start_s, model.0, &model.1, trial, notes);
}

fn other_output(label: &str, unit: &Unit) -> Vec<Channel> {
    let kind = match unit {
        Unit::Newton => Kind::Force,
        Unit::NewtonMillimetre | Unit::NewtonMetre => Kind::Moment,
        _ => Kind::Unknown,
    };
    let channel = |axis: &str| {
        let role = Role { kind, ..Role::unknown(format!("model output '{label}', not measured")) };
        Channel::new(format!("{label}.{axis}"), role, unit.clone())
    };
    ["x", "y", "z"].map(channel).to_vec()
}
