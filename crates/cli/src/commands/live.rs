//! `surae live`: devices in, decisions and a recording out, headless.

use super::outlets::{MarkArgs, OutletArgs};
use super::stream::{Form, Results, command_of};
use super::{interrupt, load};
use crate::failure::Failure;
use crate::output;
use clap::builder::PossibleValue;
use clap::{Args as ClapArgs, ValueEnum};
use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use surae_engine::{Command, Device, DeviceSpec, RecordingState, Session, SessionOptions, Source};
use surae_io::recorder::PreTrigger;
use surae_trial::Settings;

/// Run devices live: decisions as they are made, and a recording of everything
///
/// Commands are read from standard input, one a line: `mark 3`, `set envelope_hz 10`,
/// `reference right MG 180 3`, `straight right 0.2`, `record`, `status`, `stop`. Each that changes a number becomes part of
/// the recording. Ctrl-C and SIGTERM end the session in order.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  surae live --device ascii --port /dev/ttyACM0 --map calf.toml --profile anna.toml --record run.xdf
  surae live --device ascii --port /dev/ttyACM0 --record jump.xdf --pre-trigger 10     then type `record` or `mark 1`
  surae live --device cyton --port /dev/ttyUSB0 --map cyton.toml --profile anna.toml
  surae live --lsl type=EMG --device ascii --port /dev/ttyACM0 --map both.toml    a stream and a board on one clock
  surae live --device auto --port /dev/ttyUSB0                                                 which device is this?
  surae live --device ascii --port /dev/ttyACM0 --device ascii --port /dev/ttyACM1 --duration 60 --output jsonl

Without a device at hand: surae emulate --device ascii --trial walk.csv --link /tmp/calf")]
pub struct Args {
    /// Protocol of the port; one for each --port, or one for all
    #[arg(long, value_enum, required_unless_present_any = ["latency_test", "lsl"])]
    device: Vec<DeviceName>,
    /// Path, glob (quoted) or tcp://host:port; the first one with EMG is the master clock
    #[arg(long, required_unless_present_any = ["latency_test", "lsl"])]
    port: Vec<String>,
    /// Lab Streaming Layer stream, after the ports: its name, or type=EMG, source_id=... (commas between); repeatable. The same as
    /// --device lsl --port STREAM
    #[arg(long, value_name = "STREAM")]
    lsl: Vec<String>,
    /// Bits per second of serial lines; the device's usual ones when not given
    #[arg(long)]
    baud: Option<u32>,
    /// What the device's bytes do not say, such as aux=analog; `surae emulate --help` lists them
    #[arg(long, value_name = "NAME=VALUE")]
    device_option: Vec<String>,
    /// Nominal rate of each port in Hz, in their order; measured when not given
    #[arg(long, value_name = "HZ")]
    rate: Vec<f64>,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// References of the person
    #[arg(long, value_name = "P.toml")]
    profile: Option<PathBuf>,
    /// File to record into
    #[arg(long, value_name = "OUT.xdf")]
    record: Option<PathBuf>,
    /// Replace an existing recording
    #[arg(long, requires = "record")]
    overwrite: bool,
    /// Hold this many seconds (1-30) in memory; the file begins with them at `record` or the first mark
    #[arg(long, value_name = "S", requires = "record")]
    pre_trigger: Option<f64>,
    /// Seconds to run; until `stop` or the end of the program when not given
    #[arg(long, value_name = "S")]
    duration: Option<f64>,
    /// No device: how long samples of an emulated board take on this machine, from the wire to the decision (8 channels at
    /// 2 kHz for --duration seconds, 10 when not given)
    #[arg(long, conflicts_with_all = ["device", "port", "lsl", "record"])]
    latency_test: bool,
    /// How results are written
    #[arg(long, value_enum, default_value_t)]
    output: Form,
    #[command(flatten)]
    outlets: OutletArgs,
    #[command(flatten)]
    marks: MarkArgs,
}

/// Protocols of the command line.
#[derive(Clone, Copy, Debug)]
pub struct DeviceName(pub Device);

impl ValueEnum for DeviceName {
    fn value_variants<'a>() -> &'a [Self] {
        const NAMES: [DeviceName; Device::ALL.len()] = {
            let mut names = [DeviceName(Device::Ascii); Device::ALL.len()];
            let mut at = 0;
            while at < names.len() {
                names[at] = DeviceName(Device::ALL[at]);
                at += 1;
            }
            names
        };
        &NAMES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let value = PossibleValue::new(self.0.name()).help(self.0.what());
        Some(if self.0 == Device::Surae { value.alias("cobs") } else { value })
    }
}

impl From<DeviceName> for Device {
    fn from(name: DeviceName) -> Self {
        name.0
    }
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    if args.latency_test {
        return super::latency::run(args.duration.unwrap_or(10.0), args.output);
    }
    let specs = specs(&args)?;
    may_record(&args)?;
    let profile = load::profile(args.profile.as_deref())?;
    let map = args.map.as_deref().map(surae_io::map::read).transpose()?;
    let mut settings = Settings::default();
    let options = SessionOptions {
        settings,
        profile,
        record: args.record.clone(),
        pre_trigger_s: args.pre_trigger,
        records: true,
        envelopes: args.outlets.wants_envelopes(),
        map: map
            .map(|map| Box::new(move |layout: &mut _| map.apply_layout(layout)) as surae_engine::ApplyMap),
        ..SessionOptions::default()
    };
    let mut session = Session::start(Source::Devices(specs), options).map_err(|error| {
        Failure::refused(
            error.to_string(),
            "`surae devices` lists the ports; `surae emulate` stands in for a device",
        )
    })?;
    let interrupted = interrupt::flag()?;
    let commands = surae_engine::lines(BufReader::new(std::io::stdin()))?;
    let mut results = Results::new(output::stdout(), args.output, &session, &args.outlets)?;
    let _marks = args.marks.open(&session)?;
    let end = args.duration.map(|s| Instant::now() + Duration::from_secs_f64(s));
    let mut stopping = false;
    let mut reported = Instant::now();
    while results.drain(&mut session)? {
        while let Ok(line) = commands.try_recv() {
            if line.trim() == "status" {
                let status = session.status().clone();
                results.sources(&status.sources)?;
                results.recording(&status.recording)?;
                continue;
            }
            match command_of(&line, &mut settings) {
                Ok(command) => session.command(command),
                Err(why) => drop(writeln!(std::io::stderr(), "{why}")),
            }
        }
        while let Ok(event) = session.events().try_recv() {
            results.event(&event)?;
        }
        if args.record.is_some() && reported.elapsed() >= REPORT_EVERY {
            reported = Instant::now();
            results.recording(&session.status().recording)?;
        }
        let over = end.is_some_and(|end| Instant::now() >= end);
        if !stopping && (over || interrupted.load(Ordering::Relaxed)) {
            stopping = true;
            session.command(Command::Stop);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let recording = session.status().recording;
    let summary = session.stop();
    results.sources(&summary.sources)?;
    if args.output == Form::Text {
        writeln!(results.out, "{} decisions over {:.1} s", results.estimates, results.last_s)?;
    }
    if let Some(path) = args.record.as_deref().filter(|_| recording.state == RecordingState::Armed) {
        let path = path.display();
        let _ = writeln!(std::io::stderr(), "{path}: nothing was recorded: neither `record` nor a mark came");
    }
    results.out.flush()?;
    results.say_what_listeners_missed();
    match (summary.recording_error, args.record) {
        (Some(error), Some(path)) => Err(Failure::refused(
            format!("{}: the recording is not complete: {error}", path.display()),
            "what was written before opens as usual; free space on the disk, or record to another one",
        )),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Time between two reports of the recording.
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// Refuses to replace a recording unasked, and a pre-trigger that memory cannot hold.
fn may_record(args: &Args) -> Result<(), Failure> {
    let keep = PreTrigger::KEEP_S;
    if let Some(bad) = args.pre_trigger.filter(|s| !keep.contains(s)) {
        return Err(Failure::usage(
            format!("--pre-trigger {bad}: it holds {} to {} s", keep.start(), keep.end()),
            "for example --pre-trigger 10",
        ));
    }
    match args.record.as_deref().filter(|path| !args.overwrite && path.exists()) {
        Some(path) => Err(Failure::usage(
            format!("{}: a file of this name exists", path.display()),
            "give another name, or --overwrite to lose it",
        )),
        None => Ok(()),
    }
}

fn specs(args: &Args) -> Result<Vec<DeviceSpec>, Failure> {
    if args.duration.is_some_and(|s| !(s.is_finite() && (0.0..1e7).contains(&s))) {
        return Err(Failure::usage("--duration takes seconds", "for example --duration 60"));
    }
    let mut specs = if args.port.is_empty() && args.device.is_empty() {
        Vec::new()
    } else {
        specs_of(&args.device, &args.port, args.baud, &args.rate, &args.device_option)?
    };
    let stream =
        |name: &String| DeviceSpec { device: Device::Lsl, port: name.clone(), ..DeviceSpec::default() };
    specs.extend(args.lsl.iter().map(stream));
    Ok(specs)
}

/// What `--device`, `--port`, `--baud`, `--rate` and `--device-option` state, one for each port.
pub fn specs_of(
    devices: &[DeviceName],
    ports: &[String],
    baud: Option<u32>,
    rates: &[f64],
    device_options: &[String],
) -> Result<Vec<DeviceSpec>, Failure> {
    let first = match devices {
        [only] => *only,
        [first, ..] if devices.len() == ports.len() => *first,
        _ => {
            return Err(Failure::usage(
                format!("{} --device for {} --port", devices.len(), ports.len()),
                "give one --device for all ports, or one for each",
            ));
        }
    };
    if !rates.is_empty() && rates.len() != ports.len() {
        return Err(Failure::usage(
            "--rate is given for some ports only",
            "give one --rate for each port, or none",
        ));
    }
    if let Some(bad) = rates.iter().find(|rate| !(rate.is_finite() && **rate > 0.0)) {
        return Err(Failure::usage(
            format!("--rate {bad} is not a rate"),
            "give the samples per second of the device",
        ));
    }
    let options = super::emulate::options(device_options)?;
    let spec = |(at, port): (usize, &String)| {
        let device: Device = devices.get(at).copied().unwrap_or(first).into();
        DeviceSpec {
            device,
            port: port.clone(),
            baud: baud.unwrap_or(device.baud()),
            rate_hz: rates.get(at).copied(),
            options: options.clone(),
        }
    };
    Ok(ports.iter().enumerate().map(spec).collect())
}
