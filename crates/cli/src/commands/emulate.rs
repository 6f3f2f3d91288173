//! `surae emulate`: a device on a pseudo-terminal that speaks the real protocol, paced in real time, with faults on demand.

use super::live::DeviceName;
use super::load;
use crate::failure::Failure;
use crate::output;
use clap::Args as ClapArgs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use surae_gait::knee;
use surae_io::device::ascii::{Encoder, Faults, Style};
use surae_trial::label::{Labelled, roles_of};
use surae_trial::{Channel, Joint, Kind, Side, Stream, Trial, Unit};

/// Stand in for a device: play a trial on a pseudo-terminal, in real time
///
/// It starts when someone reads, and starts the trial again at its end. Each line has a counter (`n`) and the
/// device's clock (`t_us`). Ctrl-C and SIGTERM end it and say how many samples were sent.
#[derive(ClapArgs)]
#[command(after_help = emulate_help())]
pub struct Args {
    /// Protocol
    #[arg(long, value_enum)]
    device: DeviceName,
    /// Trial to play; the bundled synthetic walk when not given
    #[arg(long)]
    trial: Option<PathBuf>,
    /// Stream of the trial; the first one with EMG when not given
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Symbolic link to make, so that the port has a name that is known beforehand
    #[arg(long, value_name = "PATH")]
    link: Option<PathBuf>,
    /// Something that goes wrong
    #[arg(long, value_name = "NAME=VALUE")]
    fault: Vec<String>,
    /// How much the device's crystal is off, in parts per million
    #[arg(long, value_name = "PPM", default_value_t = 0.0, allow_negative_numbers = true)]
    rate_error: f64,
    /// Seconds to run, counted from the first reader
    #[arg(long, value_name = "S")]
    duration: Option<f64>,
    /// Leave the counter out
    #[arg(long)]
    no_counter: bool,
    /// Leave the device's clock out
    #[arg(long)]
    no_clock: bool,
}

fn emulate_help() -> String {
    let mut text = String::from(
        "Example: surae emulate --device ascii --trial walk.csv --link /tmp/calf --fault drop-byte=1000
  then:  surae live --device ascii --port /tmp/calf\n\nFaults:\n",
    );
    for (name, meaning) in Faults::NAMES {
        text.push_str(&format!("  {name:14} {meaning}\n"));
    }
    text
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let DeviceName::Ascii = args.device;
    let mut faults = Faults::default();
    for fault in &args.fault {
        let wrong = |why: String| {
            Failure::usage(format!("--fault {fault}: {why}"), "`surae emulate --help` lists them")
        };
        let (name, value) = fault.split_once('=').ok_or_else(|| wrong("it has no '='".to_owned()))?;
        faults.set(name, value).map_err(wrong)?;
    }
    let mut trial = match &args.trial {
        Some(path) => load::trial(path, args.map.as_deref())?,
        None => super::demo::open()?.trial,
    };
    knee::add_knee_angles(&mut trial, None, None);
    let stream = choose(&trial, args.stream.as_deref())?;
    let speaker = Speaker::new(stream, &args, faults);
    terminal::play(speaker, &args)
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

/// Makes the bytes of the device.
struct Speaker<'a> {
    stream: &'a Stream,
    encoder: Encoder,
    names: Vec<String>,
    faults: Faults,
    counter: bool,
    clock: bool,
    /// Device samples from the start on, lost ones included.
    index: u64,
    /// Next stored frame, and the samples of the rounds before.
    frame: usize,
    round: u64,
    row: Vec<f64>,
}

impl<'a> Speaker<'a> {
    fn new(stream: &'a Stream, args: &Args, faults: Faults) -> Self {
        let mut names = Vec::new();
        names.extend((!args.no_counter).then(|| "n".to_owned()));
        names.extend((!args.no_clock).then(|| "t_us".to_owned()));
        names.extend(stream.channels.iter().map(column_name));
        Self {
            stream,
            encoder: Encoder::new(names.clone(), Style::Labelled, faults.clone()),
            names,
            faults,
            counter: !args.no_counter,
            clock: !args.no_clock,
            index: 0,
            frame: 0,
            round: 0,
            row: Vec::new(),
        }
    }

    /// From the first sample again, as if just switched on.
    fn reset(&mut self) {
        self.encoder = Encoder::new(self.names.clone(), Style::Labelled, self.faults.clone());
        (self.index, self.frame, self.round) = (0, 0, 0);
    }

    /// Appends every frame whose time has come.
    fn until(&mut self, samples: u64, out: &mut Vec<u8>) {
        let width = self.stream.channels.len();
        while self.index < samples {
            if self.frame == self.stream.frames() {
                self.frame = 0;
                self.round += self.stream.span();
            }
            let at = self.round + self.stream.index_of_frame(self.frame).0;
            if at >= samples {
                return;
            }
            self.row.clear();
            self.row.extend(self.counter.then_some(at as f64));
            self.row.extend(
                self.clock.then(|| (at as f64 / self.stream.rate_hz * 1e6).floor() % 4_294_967_296.0),
            );
            for (column, channel) in self.stream.channels.iter().enumerate() {
                self.row.push(channel.scale.physical(self.stream.samples.get(self.frame * width + column)));
            }
            self.encoder.frame(&self.row, out);
            self.index = at + 1;
            self.frame += 1;
        }
    }
}

/// The channel's label where it says by itself what the channel is, else a name that does.
fn column_name(channel: &Channel) -> String {
    let plain: String = channel
        .label
        .chars()
        .map(|c| if c.is_alphanumeric() || "_-.".contains(c) { c } else { '_' })
        .collect();
    let same = |label: &str| {
        let labelled = Labelled { label, description: "", unit: &Unit::Arbitrary };
        roles_of(&[labelled]).first().is_some_and(|role| {
            let wanted = &channel.role;
            (role.kind, role.muscle, role.side, role.joint)
                == (wanted.kind, wanted.muscle, wanted.side, wanted.joint)
        })
    };
    let side = match channel.role.side {
        Some(Side::Left) => "L",
        Some(Side::Right) => "R",
        None => "",
    };
    let muscle = channel.role.muscle.map_or("", |muscle| muscle.short());
    let by_role = match channel.role.kind {
        Kind::RawEmg => format!("{side}{muscle}"),
        Kind::Envelope => format!("{side}{muscle}_env"),
        Kind::RectifiedEmg => format!("{side}{muscle}_rect"),
        Kind::Angle if channel.role.joint == Some(Joint::Knee) => format!("{side}_knee_angle"),
        _ => plain.clone(),
    };
    if same(&plain) || !same(&by_role) { plain } else { by_role }
}

#[cfg(unix)]
mod terminal {
    use super::*;
    use serialport::{ClearBuffer, SerialPort, TTYPort};
    use std::sync::atomic::Ordering;

    /// Bytes a pseudo-terminal holds before its reader takes them; that many unread means that nobody reads.
    const FULL: u32 = 3500;
    /// Bytes delivered after which someone must be reading.
    const READ_BY_SOMEONE: u64 = 16 << 10;
    /// Bytes written at a time: few enough that a write that was said to fit does not block.
    const PIECE: usize = 256;

    pub(super) fn play(mut speaker: Speaker<'_>, args: &Args) -> Result<ExitCode, Failure> {
        let refused = |error: serialport::Error| {
            Failure::refused(format!("no pseudo-terminal: {error}"), "check that /dev/ptmx can be opened")
        };
        // The reading end is only held, never locked: the session opens it by its path.
        let (mut device, reader) = TTYPort::pair().map_err(refused)?;
        device.set_timeout(Duration::from_millis(1)).map_err(refused)?;
        let path = reader.name().unwrap_or_default();
        let link = args.link.as_deref().map(|link| Link::new(link, &path)).transpose()?;
        let mut out = output::stdout();
        writeln!(out, "{}", link.as_ref().map_or(path.as_str(), |link| link.shown.as_str()))?;
        out.flush()?;
        drop(out);
        let interrupted = super::super::interrupt::flag()?;
        let rate_hz = speaker.stream.rate_hz * (1.0 + args.rate_error * 1e-6);
        let (mut started, mut delivered, mut lost) = (Instant::now(), 0_u64, 0_u64);
        let mut bytes = Vec::new();
        loop {
            let passed_s = started.elapsed().as_secs_f64();
            if interrupted.load(Ordering::Relaxed) {
                let _ = writeln!(io::stdout(), "{} samples sent", speaker.index);
                return Ok(ExitCode::SUCCESS);
            }
            if args.duration.is_some_and(|duration_s| passed_s >= duration_s) {
                // The reader gets what was sent before the device goes away.
                for _ in 0..100 {
                    if reader.bytes_to_read().unwrap_or(0) == 0 {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
                if lost > 0 {
                    let _ = writeln!(io::stderr(), "{lost} bytes found no room: the reader was too slow");
                }
                return Ok(ExitCode::SUCCESS);
            }
            speaker.until((passed_s * rate_hz) as u64, &mut bytes);
            let sent = send(&mut device, &bytes)?;
            lost += (bytes.len() - sent) as u64;
            delivered += sent as u64;
            bytes.clear();
            if delivered < READ_BY_SOMEONE && reader.bytes_to_read().unwrap_or(0) >= FULL {
                // Nobody is there yet: switch off, and on again.
                let _ = device.clear(ClearBuffer::All);
                let _ = reader.clear(ClearBuffer::Input);
                speaker.reset();
                (started, delivered, lost) = (Instant::now(), 0, 0);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Writes what fits; a device does not wait for its reader.
    fn send(device: &mut TTYPort, bytes: &[u8]) -> Result<usize, Failure> {
        let mut sent = 0;
        for piece in bytes.chunks(PIECE) {
            match device.write(piece) {
                Ok(n) if n == piece.len() => sent += n,
                Ok(n) => return Ok(sent + n),
                Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                    return Ok(sent);
                }
                Err(error) => {
                    return Err(Failure::refused(format!("the pseudo-terminal: {error}"), "start it again"));
                }
            }
        }
        Ok(sent)
    }

    /// A symbolic link that goes away with the device.
    struct Link {
        path: PathBuf,
        shown: String,
    }

    impl Link {
        fn new(path: &Path, target: &str) -> Result<Self, Failure> {
            if path.is_symlink() {
                std::fs::remove_file(path).map_err(|error| Failure::writing(path, &error))?;
            }
            std::os::unix::fs::symlink(target, path).map_err(|error| Failure::writing(path, &error))?;
            Ok(Self { path: path.to_owned(), shown: path.display().to_string() })
        }
    }

    impl Drop for Link {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    use super::*;

    pub(super) fn play(_: Speaker<'_>, _: &Args) -> Result<ExitCode, Failure> {
        Err(Failure::refused("pseudo-terminals exist on Unix only", "run it on Linux or macOS"))
    }
}
