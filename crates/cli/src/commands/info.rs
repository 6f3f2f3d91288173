//! `surae info`: what a file holds, what each channel was taken for and why, and what was not understood.

use crate::failure::Failure;
use crate::output;
use crate::words;
use clap::Args as ClapArgs;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use surae_gait::knee;
use surae_gait::review::{ReviewModel, ReviewOptions, review};
use surae_trial::{Channel, Kind, Note, Severity, Side, Stream, Trial};

/// Say what a trial holds: streams, channels and what each was taken for, gaps, events, quality
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  surae info walk.c3d
  surae info walk.c3d --write-map walk.map.toml   then edit it and: surae review walk.c3d --map walk.map.toml")]
pub struct Args {
    /// Trial to look at
    trial: PathBuf,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Rate in Hz of a table that has neither a time column nor a rate
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
    /// JSON instead of words
    #[arg(long)]
    json: bool,
    /// Write what was understood as a map to edit
    #[arg(long, value_name = "MAP.toml")]
    write_map: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let mut trial = super::load::trial_at(&args.trial, args.map.as_deref(), args.rate)?;
    if let Some(path) = &args.write_map {
        output::write_file(path, surae_io::map::write_map(&trial).as_bytes())?;
    }
    let stretch = Stretch::of(&trial);
    let model = match &stretch {
        Some(stretch) => {
            let part = trial.excerpt(stretch.from_s, stretch.to_s);
            review(&part, None, None, &ReviewOptions::default())
        }
        None => review(&trial, None, None, &ReviewOptions::default()),
    };
    knee::add_knee_angles(&mut trial, None, None);
    add_choices(&mut trial, &model);
    trial.notes.extend(stretch.as_ref().map(Stretch::note));
    let mut out = output::stdout();
    if args.json {
        output::write_json(&mut out, &as_json(&trial, &model, stretch.as_ref()))?;
    } else {
        in_words(&mut out, &trial, &model, stretch.as_ref())?;
        if let Some(path) = &args.write_map {
            writeln!(out, "\nmap written to {}; edit it and give it with --map", path.display())?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The part of a long trial that quality and choices are told from; the rest is only read.
struct Stretch {
    from_s: f64,
    to_s: f64,
    whole_s: f64,
}

impl Stretch {
    /// Longest trial that is looked at whole, and length of the stretch of a longer one, in s.
    const LONGEST_S: f64 = 60.0;

    /// `None` for a trial that is looked at whole. Else the stretch lies about the middle event of the file, or about the middle
    /// of the EMG where the file has no events.
    fn of(trial: &Trial) -> Option<Self> {
        let whole_s = trial.duration_s();
        if whole_s.is_nan() || whole_s <= Self::LONGEST_S {
            return None;
        }
        let event = trial.events.get(trial.events.len() / 2).map(|event| event.time_s.0);
        let emg = || trial.master_stream().map(|at| &trial.streams[at]);
        let middle_of_emg = || emg().map(|stream| stream.start_s.0 + stream.duration_s() / 2.0);
        let centre_s = event.or_else(middle_of_emg).filter(|s| s.is_finite()).unwrap_or(whole_s / 2.0);
        let from_s = (centre_s - Self::LONGEST_S / 2.0).clamp(0.0, whole_s - Self::LONGEST_S).floor();
        Some(Self { from_s, to_s: from_s + Self::LONGEST_S, whole_s })
    }

    fn note(&self) -> Note {
        Note::info(
            "info_stretch",
            format!(
                "Quality and what is said of events, plates and legs come from {:.0} to {:.0} s of {:.0} s; layout, units, roles, gaps \
                 and the other notes are of the whole file. 'surae review' goes through all of it.",
                self.from_s, self.to_s, self.whole_s
            ),
        )
    }
}

/// Adds what the review says about the choice of events and legs.
fn add_choices(trial: &mut Trial, model: &ReviewModel) {
    let is_choice = |note: &&Note| {
        ["event_", "plate_", "emg_cycles", "side_", "sides_", "switch_"]
            .iter()
            .any(|p| note.code.starts_with(p))
    };
    let chosen: Vec<Note> = model.report.notes.iter().filter(is_choice).cloned().collect();
    trial.notes.retain(|note| !is_choice(&note));
    trial.notes.extend(chosen);
}

fn as_json(trial: &Trial, model: &ReviewModel, stretch: Option<&Stretch>) -> Value {
    let streams: Vec<Value> = trial
        .streams
        .iter()
        .map(|stream| {
            let channels: Vec<Value> = stream.channels.iter().map(channel_json).collect();
            json!({
                "name": stream.name,
                "rate_hz": stream.rate_hz,
                "measured_rate_hz": stream.measured_rate_hz,
                "start_s": stream.start_s.0,
                "n_samples": stream.frames(),
                "native": stream.samples.native_type(),
                "gaps": stream.gaps,
                "channels": channels,
            })
        })
        .collect();
    let markers = trial.markers.as_ref().map(|set| {
        json!({
            "rate_hz": set.rate_hz,
            "unit": set.unit.symbol(),
            "frames": set.frames(),
            "labels": set.markers.iter().map(|marker| marker.label.as_str()).collect::<Vec<_>>(),
        })
    });
    let mut value = json!({
        "schema": "surae.info/1",
        "surae_version": env!("CARGO_PKG_VERSION"),
        "path": trial.path,
        "format": trial.format,
        "sha256": trial.sha256,
        "time_origin_s": trial.time_origin_s,
        "duration_s": trial.duration_s(),
        "task": trial.task,
        "synthetic": trial.synthetic,
        "subject": trial.subject,
        "streams": streams,
        "quality": model.report.trial.streams,
        "markers": markers,
        "plates": trial.plates,
        "events": trial.events,
        "notes": trial.notes,
    });
    if let Some(stretch) = stretch {
        value["looked_at_s"] = json!([stretch.from_s, stretch.to_s]);
    }
    value
}

fn channel_json(channel: &Channel) -> Value {
    json!({
        "label": channel.label,
        "description": channel.description,
        "kind": channel.role.kind,
        "muscle": channel.role.muscle,
        "side": channel.role.side,
        "joint": channel.role.joint,
        "unit": channel.unit.symbol(),
        "reason": channel.role.reason,
        "electrode": channel.electrode,
        "amplifier": channel.amplifier,
    })
}

fn in_words(
    out: &mut impl Write,
    trial: &Trial,
    model: &ReviewModel,
    stretch: Option<&Stretch>,
) -> io::Result<()> {
    let synthetic = if trial.synthetic { ", synthetic" } else { "" };
    let task = trial.task.map_or(String::new(), |task| format!(", {}", words::task(task)));
    writeln!(out, "{}: {}, {:.3} s{task}{synthetic}", trial.path, trial.format, trial.duration_s())?;
    if !trial.sha256.is_empty() {
        writeln!(out, "sha256 {}", trial.sha256)?;
    }
    if let Some(stretch) = stretch {
        writeln!(
            out,
            "long trial: quality is that of {:.0} to {:.0} s (see the notes)",
            stretch.from_s, stretch.to_s
        )?;
    }
    for stream in &trial.streams {
        stream_in_words(out, stream, model)?;
    }
    if let Some(set) = &trial.markers {
        let labels: Vec<&str> = set.markers.iter().map(|marker| marker.label.as_str()).collect();
        writeln!(
            out,
            "\nmarkers: {} at {} Hz, {} frames, {}",
            labels.len(),
            set.rate_hz,
            set.frames(),
            set.unit
        )?;
        for line in words::wrapped(&labels.join(" "), 96) {
            writeln!(out, "  {line}")?;
        }
    }
    if !trial.plates.is_empty() {
        let types: Vec<String> = trial.plates.iter().map(|plate| plate.plate_type.to_string()).collect();
        writeln!(out, "\nforce plates: {} of type {}", types.len(), types.join(" "))?;
    }
    events_in_words(out, trial)?;
    writeln!(out)?;
    for side in Side::BOTH {
        match knee::source(trial, side) {
            Some(source) => writeln!(out, "{side} knee angle: {}", words::knee_source(&source))?,
            None => writeln!(out, "{side} knee angle: none")?,
        }
    }
    notes_in_words(out, trial)
}

fn stream_in_words(out: &mut impl Write, stream: &Stream, model: &ReviewModel) -> io::Result<()> {
    let measured = stream.measured_rate_hz.map_or(String::new(), |rate| format!(" (measured {rate:.3} Hz)"));
    let gaps = match stream.gaps.len() {
        0 => "no gaps".to_owned(),
        n => {
            let lost: u64 = stream.gaps.iter().map(|gap| gap.lost_samples).sum();
            format!("{n} gaps, {lost} samples lost")
        }
    };
    writeln!(
        out,
        "\nstream {}: {} Hz{measured}, {} samples from {:.3} s, {gaps}",
        stream.name,
        stream.rate_hz,
        stream.frames(),
        stream.start_s.0
    )?;
    let width = stream.channels.iter().map(|c| c.label.chars().count()).max().unwrap_or(0).clamp(5, 24);
    for channel in &stream.channels {
        let unit = channel.unit.symbol();
        writeln!(
            out,
            "  {:width$}  {:44} {unit:6} {}",
            channel.label,
            taken_for(channel),
            channel.role.reason
        )?;
        if channel.role.kind.is_emg()
            && let Some(quality) = words::quality_of(&model.report, &stream.name, &channel.label)
        {
            writeln!(out, "  {:width$}  quality {quality}", "")?;
        }
    }
    Ok(())
}

fn taken_for(channel: &Channel) -> String {
    let role = &channel.role;
    let what = match (role.kind, role.muscle, role.joint) {
        (Kind::Unknown, ..) => return "not understood; kept, not used".to_owned(),
        (Kind::RawEmg, Some(muscle), _) => format!("EMG, {}", muscle.name()),
        (Kind::RectifiedEmg, Some(muscle), _) => format!("rectified EMG, {}", muscle.name()),
        (Kind::Envelope, Some(muscle), _) => format!("EMG envelope, {}", muscle.name()),
        (Kind::Angle, _, Some(joint)) => format!("{} angle", words::joint(joint)),
        (kind, ..) => kind.name().replace('_', " "),
    };
    match role.side {
        Some(side) => format!("{what}, {side}"),
        None if role.kind.is_emg() || role.kind == Kind::Angle => format!("{what}, side not stated"),
        None => what,
    }
}

fn events_in_words(out: &mut impl Write, trial: &Trial) -> io::Result<()> {
    if trial.events.is_empty() {
        return writeln!(out, "\nevents in the file: none");
    }
    writeln!(out, "\nevents in the file: {}", trial.events.len())?;
    for event in &trial.events {
        let side = event.side.map_or("side not stated", Side::name);
        let what = words::event(event.kind);
        writeln!(out, "  {:8.3} s  {what}, {side}  {}", event.time_s.0, event.label)?;
    }
    Ok(())
}

fn notes_in_words(out: &mut impl Write, trial: &Trial) -> io::Result<()> {
    if trial.notes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nnotes:")?;
    for note in &trial.notes {
        let mark = match note.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        for (k, line) in words::wrapped(&note.text, 96).iter().enumerate() {
            let head = if k == 0 { mark } else { "" };
            writeln!(out, "  {head:8} {line}")?;
        }
    }
    Ok(())
}
