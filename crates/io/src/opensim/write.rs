//! OpenSim storage files, written: `.sto` for signals, `.mot` for coordinates.
//!
//! A file holds one stream; the others lie beside it as `<stem>.<stream>.sto`. Values are physical ones, printed so that
//! they read back exactly; lost samples are missing rows.

use crate::error::{Blame, Error, Position};
use crate::writer::Writer;
use std::io::{self, Write};
use std::path::Path;
use surae_trial::{Kind, Note, Stream, Trial, Unit};

/// `.sto`: the stream with EMG first.
pub(crate) struct Storage;
/// `.mot`: the stream with joint angles first.
pub(crate) struct Motion;

impl Writer for Storage {
    fn name(&self) -> &'static str {
        "opensim"
    }

    fn title(&self) -> &'static str {
        "OpenSim storage"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["sto"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        write(trial, path, trial.master_stream().unwrap_or(0), "sto")
    }
}

impl Writer for Motion {
    fn name(&self) -> &'static str {
        "opensim"
    }

    fn title(&self) -> &'static str {
        "OpenSim motion"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["mot"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        let joint =
            |s: &Stream| s.channels.iter().any(|c| c.role.kind == Kind::Angle && c.role.joint.is_some());
        let angle = |s: &Stream| s.channels.iter().any(|c| c.role.kind == Kind::Angle);
        let streams = &trial.streams;
        let first = streams.iter().position(joint).or_else(|| streams.iter().position(angle));
        let blame = Blame { path: &path.display().to_string(), format: "OpenSim motion" };
        let first = first.ok_or_else(|| {
            let what = "writing a trial without joint angles to .mot";
            blame.unsupported(Position::Whole, what, "write .sto for other signals, .trc for markers")
        })?;
        write(trial, path, first, "mot")
    }
}

fn write(trial: &Trial, path: &Path, first: usize, ending: &str) -> Result<Vec<Note>, Error> {
    if trial.streams.is_empty() {
        let blame = Blame { path: &path.display().to_string(), format: "OpenSim storage" };
        let what = "writing a trial without streams";
        return Err(blame.unsupported(Position::Whole, what, "write markers to .trc"));
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut notes = losses(trial);
    let mut beside = Vec::new();
    for (k, stream) in trial.streams.iter().enumerate() {
        let target = if k == first {
            path.to_owned()
        } else {
            let name = format!("{stem}.{}.{ending}", crate::csv_trial::file_name(&stream.name));
            beside.push(name.clone());
            path.with_file_name(name)
        };
        crate::target::written(&target, |out| put(stream, out))?;
    }
    if !beside.is_empty() {
        let text = format!("a file holds one stream: the others are in {}", crate::text::list(&beside, 6));
        notes.push(Note::info("opensim_beside", text));
    }
    Ok(notes)
}

fn losses(trial: &Trial) -> Vec<Note> {
    let channels = || trial.streams.iter().flat_map(|s| &s.channels);
    let mut units: Vec<String> =
        channels().filter(|c| c.unit != Unit::Arbitrary).map(|c| c.unit.symbol().to_owned()).collect();
    units.sort_unstable();
    units.dedup();
    let units = format!("the units of the channels ({})", crate::text::list(&units, 6));
    let lost = [
        (channels().any(|c| c.unit != Unit::Arbitrary && c.unit != Unit::Degree), units.as_str()),
        (!trial.events.is_empty(), "events"),
        (trial.markers.is_some(), "markers (write them to .trc)"),
        (!trial.plates.is_empty(), "the description of force plates"),
        (trial.log.is_some(), "the session log"),
    ];
    lost.into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| {
            Note::warning("opensim_cannot_hold", format!("OpenSim storage does not hold {what}"))
        })
        .collect()
}

fn put(stream: &Stream, out: &mut dyn Write) -> io::Result<()> {
    let angles = stream.channels.iter().any(|c| c.role.kind == Kind::Angle);
    let title = if angles { "Coordinates" } else { stream.name.as_str() };
    let width = stream.channels.len();
    writeln!(out, "{}", one_line(title))?;
    writeln!(out, "version=1\nnRows={}\nnColumns={}", stream.frames(), width + 1)?;
    writeln!(out, "inDegrees=yes\nendheader")?;
    write!(out, "time")?;
    for channel in &stream.channels {
        write!(out, "\t{}", one_line(&channel.label))?;
    }
    writeln!(out)?;
    for frame in 0..stream.frames() {
        match stream.times_s.get(frame) {
            Some(time_s) => write!(out, "{time_s}")?,
            None => write!(out, "{:.9}", stream.time_of(stream.index_of_frame(frame).0).0)?,
        }
        for (k, channel) in stream.channels.iter().enumerate() {
            let value = channel.scale.physical(stream.samples.get(frame * width + k));
            if value.is_finite() { write!(out, "\t{value}")? } else { write!(out, "\tnan")? }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Tabs and line ends separate, so no label may hold one.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
