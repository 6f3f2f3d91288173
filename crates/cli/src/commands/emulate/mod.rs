//! `surae emulate`: a device that is not there, on a pseudo-terminal or over TCP: the real protocol, paced in real time, with faults on
//! demand.

mod inertia;
mod rows;
mod speaker;
mod stream;
mod tcp;
mod terminal;

use super::live::DeviceName;
use super::load;
use crate::failure::Failure;
use crate::generate::{self, Request, Scenario};
use crate::output;
use clap::Args as ClapArgs;
use rows::Rows;
use speaker::Speaker;
use std::path::PathBuf;
use std::process::ExitCode;
use surae_gait::knee;
use surae_io::device::ascii;
use surae_io::device::faults::{Faults, Wire};
use surae_io::device::twin::AsciiClock;
use surae_io::device::{Options, Protocol, Twin};
use surae_trial::{Stream, Trial};

/// Stand in for a device: play a trial on a pseudo-terminal (Trigno: over TCP, LSL: as a stream), in real time
///
/// It answers commands as the device does, starts when it is told to (or, where the device sends by itself, when someone
/// reads), and starts the trial again at its end. Lines of --device ascii have a counter (`n`) and the device's clock
/// (`t_us`). Ctrl-C and SIGTERM end it and say how many samples were sent.
#[derive(ClapArgs)]
#[command(after_help = emulate_help())]
pub struct Args {
    /// Protocol
    #[arg(long, value_enum)]
    device: DeviceName,
    /// Trial to play; the bundled synthetic walk when not given
    #[arg(long)]
    trial: Option<PathBuf>,
    /// Play what `surae generate` makes of this scenario
    #[arg(long, value_enum, conflicts_with = "trial")]
    scenario: Option<Scenario>,
    /// Stream of the trial; the first one with EMG when not given
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// What a device of this kind may be set to; see below
    #[arg(long, value_name = "NAME=VALUE")]
    device_option: Vec<String>,
    /// Write the map that tells `surae live` which input carries which muscle
    #[arg(long, value_name = "MAP.toml")]
    write_map: Option<PathBuf>,
    /// Symbolic link to make, so that the port has a name that is known beforehand
    #[arg(long, value_name = "PATH")]
    link: Option<PathBuf>,
    /// First of the TCP ports of --device trigno, on this machine only
    #[arg(long, value_name = "PORT", default_value_t = surae_io::device::trigno::COMMAND_PORT)]
    tcp_port: u16,
    /// Name of the stream of --device lsl (a build with --features lsl)
    #[arg(long, value_name = "NAME", default_value = "surae")]
    lsl_name: String,
    /// Something that goes wrong
    #[arg(long, value_name = "NAME=VALUE")]
    fault: Vec<String>,
    /// How much the device's crystal is off, in parts per million
    #[arg(long, value_name = "PPM", default_value_t = 0.0, allow_negative_numbers = true)]
    rate_error: f64,
    /// Seconds to run, counted from the first reader
    #[arg(long, value_name = "S")]
    duration: Option<f64>,
    /// Leave the counter out (ascii)
    #[arg(long)]
    no_counter: bool,
    /// Leave the device's clock out (ascii)
    #[arg(long)]
    no_clock: bool,
}

fn emulate_help() -> String {
    let mut text = String::from(
        "Examples:
  surae emulate --device ascii --trial walk.csv --link /tmp/calf --fault drop-byte=1000
  surae live --device ascii --port /tmp/calf

  surae emulate --device cyton --device-option aux=analog --link /tmp/cyton --write-map cyton.toml
  surae live --device cyton --device-option aux=analog --port /tmp/cyton --map cyton.toml

  surae emulate --device ascii --scenario calibration --link /tmp/calf
  surae calibrate --device ascii --port /tmp/calf --out me.toml --auto --pause 3\n\nFaults:\n",
    );
    for (name, meaning) in Faults::NAMES {
        text.push_str(&format!("  {name:14} {meaning}\n"));
    }
    text.push_str("Faults of lines of text (ascii):\n");
    let plain = Faults::NAMES.map(|(name, _)| name);
    for (name, meaning) in ascii::Faults::NAMES.iter().filter(|(name, _)| !plain.contains(name)) {
        text.push_str(&format!("  {name:14} {meaning}\n"));
    }
    text.push_str("\nDevice options:\n");
    for (name, meaning) in Options::NAMES {
        text.push_str(&format!("  {name:14} {meaning}\n"));
    }
    text
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let protocol = args.device.0;
    if protocol == Protocol::Auto {
        return Err(Failure::usage("an emulator must be some device", "for example --device cyton"));
    }
    let options = options(&args.device_option)?;
    options.check(protocol).map_err(|why| Failure::usage(why, "see --device-option"))?;
    let (faults, ascii_faults) = faults(&args.fault, protocol)?;
    let mut trial = match (&args.trial, args.scenario) {
        (Some(path), _) => load::trial(path, args.map.as_deref())?,
        (None, Some(scenario)) => generate::generate(&Request::of(scenario, 1)).0,
        (None, None) => super::demo::open()?.trial,
    };
    knee::add_knee_angles(&mut trial, None, None);
    let stream = choose(&trial, args.stream.as_deref())?;
    if protocol == Protocol::Lsl {
        stream::check(&args.fault)?;
        if let Some(path) = &args.write_map {
            output::write_file(path, Rows::as_they_are(stream).map().as_bytes())?;
        }
        return self::stream::play(&args.lsl_name, stream, faults, args.rate_error, args.duration);
    }
    let inertia = (protocol == Protocol::Trigno && options.imu).then(|| inertia::Inertia::of(&trial));
    let (twin, rows) = if protocol == Protocol::Ascii {
        let clock = AsciiClock { counter: !args.no_counter, time: !args.no_clock };
        let names: Vec<String> = stream.channels.iter().map(rows::column_name).collect();
        (Twin::ascii(&names, clock, ascii_faults), Rows::as_they_are(stream))
    } else {
        let wanted = rows::wanted(&trial, stream);
        let twin = Twin::new(protocol, options, wanted);
        let rows = Rows::for_device(&trial, stream, &twin);
        (twin, rows)
    };
    if let Some(path) = &args.write_map {
        let sensors = inertia.as_ref().map(inertia::Inertia::map).unwrap_or_default();
        output::write_file(path, format!("{}{sensors}", rows.map()).as_bytes())?;
    }
    let speaker = Speaker::new(twin, rows, Wire::new(faults), args.rate_error);
    if protocol == Protocol::Trigno {
        tcp::play(speaker, inertia.as_ref(), args.tcp_port, args.duration)
    } else {
        terminal::play(speaker, args.link.as_deref(), args.duration)
    }
}

/// What `--device-option` states, as `live` and `dashboard` take it too.
pub fn options(stated: &[String]) -> Result<Options, Failure> {
    let mut options = Options::default();
    for one in stated {
        let wrong = |why: String| {
            Failure::usage(format!("--device-option {one}: {why}"), "`surae emulate --help` lists them")
        };
        let (name, value) = one.split_once('=').ok_or_else(|| wrong("it has no '='".to_owned()))?;
        options.set(name, value).map_err(wrong)?;
    }
    Ok(options)
}

fn faults(stated: &[String], protocol: Protocol) -> Result<(Faults, ascii::Faults), Failure> {
    let (mut faults, mut of_lines) = (Faults::default(), ascii::Faults::default());
    for fault in stated {
        let wrong = |why: String| {
            Failure::usage(format!("--fault {fault}: {why}"), "`surae emulate --help` lists them")
        };
        let (name, value) = fault.split_once('=').ok_or_else(|| wrong("it has no '='".to_owned()))?;
        let known = faults.set(name, value).map_err(wrong)?;
        if !known {
            if protocol != Protocol::Ascii && ascii::Faults::NAMES.iter().any(|(other, _)| *other == name) {
                return Err(wrong("only lines of text have that".to_owned()));
            }
            of_lines.set(name, value).map_err(wrong)?;
        }
    }
    Ok((faults, of_lines))
}

fn choose<'a>(trial: &'a Trial, name: Option<&str>) -> Result<&'a Stream, Failure> {
    let names = || trial.streams.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = match name {
        Some(name) => trial.stream(name),
        None => trial.master_stream().map(|at| &trial.streams[at]),
    };
    found.filter(|stream| stream.frames() > 0 && stream.rate_hz > 0.0).ok_or_else(|| {
        Failure::refused(
            format!("{}: no such stream with samples", trial.path),
            format!("choose one with --stream: {}", names()),
        )
    })
}
