//! `surae convert`: a trial from one format to another, with what the target cannot hold.

use super::load;
use crate::failure::Failure;
use crate::output;
use clap::Args as ClapArgs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use surae_io::{WRITERS, Writer, writer_for};
use surae_trial::{Stream, Trial};

/// Convert a trial to another format, saying what that cannot hold
///
/// The written file is read back and compared: the largest difference of any sample is said.
#[derive(ClapArgs)]
#[command(after_help = convert_help())]
pub struct Args {
    /// Trial to convert
    input: PathBuf,
    /// File to write; its ending names the format
    output: PathBuf,
    /// Format to write, whatever the ending says
    #[arg(long, value_name = "FORMAT")]
    to: Option<String>,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Rate in Hz of a table that has neither a time column nor a rate
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
    /// File of the same take to join to the trial (repeatable)
    #[arg(long, value_name = "FILE")]
    with: Vec<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    overwrite: bool,
}

fn convert_help() -> String {
    let mut text =
        String::from("Example: surae convert session.xdf session.edf\n\nFormats that can be written:\n");
    for writer in WRITERS {
        text.push_str(&format!(
            "  {:10} {} (.{})\n",
            writer.name(),
            writer.title(),
            writer.extensions().join(", .")
        ));
    }
    text
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let writer = match &args.to {
        None => writer_for(&args.output)?,
        Some(name) => named(name)?,
    };
    let shown = args.output.display();
    if args.output.exists() && !args.overwrite {
        return Err(Failure::usage(
            format!("{shown}: a file of this name exists"),
            "give another name, or --overwrite to replace it",
        ));
    }
    let Some(trial) = load::trials(&[&args.input], &args.with, args.map.as_deref(), args.rate)?.pop() else {
        return Err(Failure::usage("no trial was named", "surae convert IN OUT"));
    };
    let notes = writer.write(&trial, &args.output)?;
    let mut out = output::stdout();
    writeln!(out, "{} ({}) -> {shown} ({})", trial.path, trial.format, writer.title())?;
    writeln!(out, "  {}", contents(&trial))?;
    for note in &notes {
        writeln!(out, "  lost: {}", note.text)?;
    }
    for line in compared(&trial, &args.output)? {
        writeln!(out, "  {line}")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// A writer by its name or one of its endings.
fn named(name: &str) -> Result<&'static dyn Writer, Failure> {
    let wanted = name.trim_start_matches('.').to_lowercase();
    let found =
        WRITERS.iter().find(|w| w.name() == wanted || w.extensions().contains(&wanted.as_str())).copied();
    found.ok_or_else(|| {
        let known: Vec<&str> = WRITERS.iter().map(|w| w.name()).collect();
        Failure::usage(format!("--to {name}: no such format"), format!("one of: {}", known.join(", ")))
    })
}

fn contents(trial: &Trial) -> String {
    let channels: usize = trial.streams.iter().map(|stream| stream.channels.len()).sum();
    let mut parts =
        vec![format!("{} streams, {channels} channels, {:.3} s", trial.streams.len(), trial.duration_s())];
    parts.extend(trial.markers.as_ref().map(|set| format!("{} markers", set.markers.len())));
    if !trial.events.is_empty() {
        parts.push(format!("{} events", trial.events.len()));
    }
    parts.join(", ")
}

/// What the written file gives back, against what went in.
fn compared(trial: &Trial, path: &Path) -> Result<Vec<String>, Failure> {
    let back = surae_io::read_trial(path).map_err(|error| {
        Failure::refused(
            format!("the written file cannot be read back: {error}"),
            "keep the original; this is a fault of Surae",
        )
    })?;
    let mut missing = Vec::new();
    let (mut worst, mut channels) = (0.0f64, 0usize);
    let mut moved = Vec::new();
    for stream in &trial.streams {
        let Some(twin) = back.stream(&stream.name).or_else(|| holding(&back, stream)) else {
            missing.push(stream.name.as_str());
            continue;
        };
        if twin.span() != stream.span() || (twin.rate_hz - stream.rate_hz).abs() > 1e-6 * stream.rate_hz {
            moved.push(format!(
                "stream {}: {} samples at {} Hz came back as {} at {} Hz",
                stream.name,
                stream.span(),
                stream.rate_hz,
                twin.span(),
                twin.rate_hz
            ));
        }
        for (at, channel) in stream.channels.iter().enumerate() {
            let Some(other) = twin.channels.iter().position(|c| c.label == channel.label) else { continue };
            channels += 1;
            // A target that states no unit holds the values as they are.
            let units = (twin.channels[other].unit.volts(), channel.unit.volts());
            let factor = if let (Some(written), Some(read)) = units { written / read } else { 1.0 };
            worst = worst.max(difference(&stream.column(at), &twin.column(other), factor));
        }
    }
    let mut lines = vec![match worst {
        0.0 => format!("read back: {channels} channels, every value equal"),
        worst => {
            format!("read back: {channels} channels, largest difference {worst:.2e} of a channel's range")
        }
    }];
    if !missing.is_empty() {
        lines.push(format!("not in the written file: stream {}", missing.join(", ")));
    }
    lines.append(&mut moved);
    Ok(lines)
}

/// A stream of another name that has the same channels.
fn holding<'a>(back: &'a Trial, stream: &Stream) -> Option<&'a Stream> {
    let has = |twin: &Stream| {
        stream.channels.iter().all(|channel| twin.channels.iter().any(|c| c.label == channel.label))
    };
    back.streams.iter().find(|twin| has(twin))
}

/// Largest difference of two columns, as a share of the range of the first.
fn difference(a: &[f64], b: &[f64], factor: f64) -> f64 {
    let finite = || a.iter().copied().filter(|v| v.is_finite());
    let range = finite().fold(f64::NEG_INFINITY, f64::max) - finite().fold(f64::INFINITY, f64::min);
    let scale = if range.is_finite() && range > 0.0 { range } else { 1.0 };
    let gap =
        |(a, b): (&f64, &f64)| if a.is_nan() || b.is_nan() { 0.0 } else { (a - b * factor).abs() / scale };
    a.iter().zip(b).map(gap).fold(0.0, f64::max)
}
