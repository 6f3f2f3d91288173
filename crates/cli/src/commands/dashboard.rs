//! `surae dashboard`: the window on a trial or a device, and what the window asks for.
//!
//! Opens trials and devices and writes pictures; the dashboard itself opens nothing.

use super::live::DeviceName;
use super::load;
use super::task::TaskName;
use crate::failure::Failure;
use clap::{Args as ClapArgs, ValueEnum};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use surae_dashboard::request::{Opened, Request, Requests, Response, Screenshot, SourceFacts};
use surae_dashboard::state::ViewState;
use surae_dashboard::{DashboardOptions, Waker};
use surae_engine::{DeviceSpec, Session, SessionOptions, Source, Speed};
use surae_gait::knee;
use surae_gait::review::settle_sides;
use surae_trial::{Note, Profile, Settings, Side, Task, Trial};

/// Open the dashboard on a trial or a device; on the bundled demo when neither is named
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  surae dashboard jog.c3d --static standing.c3d --profile anna.toml
  surae dashboard --device ascii --port /dev/ttyACM0 --map calf.toml
  surae dashboard walk.csv --screenshot walk.png --after 8 --size 1600x1000

Without a display: surae review TRIAL, surae replay TRIAL, surae live --device ... --port ...")]
pub struct Args {
    /// Trial to play in a loop
    #[arg(conflicts_with = "device")]
    trial: Option<PathBuf>,
    /// File that joins the trial (knee angles of another program)
    #[arg(long, value_name = "FILE", requires = "trial")]
    with: Vec<PathBuf>,
    /// Standing trial: the zero of the knee angle
    #[arg(long = "static", value_name = "TRIAL", requires = "trial")]
    statics: Option<PathBuf>,
    /// Protocol of the port; one for each --port, or one for all
    #[arg(long, value_enum, requires = "port")]
    device: Vec<DeviceName>,
    /// Path, glob (quoted) or tcp://host:port; the first one with EMG is the master clock
    #[arg(long, requires = "device")]
    port: Vec<String>,
    /// Bits per second of serial lines
    #[arg(long, requires = "port")]
    baud: Option<u32>,
    /// What the device's bytes do not say, such as aux=analog; `surae emulate --help` lists them
    #[arg(long, value_name = "NAME=VALUE", requires = "port")]
    device_option: Vec<String>,
    /// File to record a device into
    #[arg(long, value_name = "OUT.xdf", requires = "device")]
    record: Option<PathBuf>,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// References of the person
    #[arg(long, value_name = "P.toml")]
    profile: Option<PathBuf>,
    /// Leg of the channels whose labels do not say
    #[arg(long, value_enum)]
    side: Option<OneSide>,
    /// What the person does: chooses filters; else what the trial says
    #[arg(long, value_enum)]
    task: Option<TaskName>,
    /// View to open
    #[arg(long, value_enum, default_value = "lab")]
    view: ViewName,
    /// Write a picture of the window and exit
    #[arg(long, value_name = "OUT.png")]
    screenshot: Option<PathBuf>,
    /// Seconds before the picture
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, requires = "screenshot")]
    after: f64,
    /// Size of the window
    #[arg(long, value_name = "WxH", value_parser = size, default_value = "1600x1000")]
    size: (f32, f32),
}

impl Args {
    /// As when nothing is asked for: the bundled demo.
    pub fn plain() -> Self {
        Self {
            trial: None,
            with: Vec::new(),
            statics: None,
            device: Vec::new(),
            port: Vec::new(),
            baud: None,
            device_option: Vec::new(),
            record: None,
            map: None,
            profile: None,
            side: None,
            task: None,
            view: ViewName::Lab,
            screenshot: None,
            after: 5.0,
            size: (1600.0, 1000.0),
        }
    }
}

/// The views there are.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ViewName {
    /// Is the data good, and what does it show now?
    Lab,
}

/// A leg on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OneSide {
    Left,
    Right,
}

impl From<OneSide> for Side {
    fn from(side: OneSide) -> Self {
        match side {
            OneSide::Left => Self::Left,
            OneSide::Right => Self::Right,
        }
    }
}

/// Gives the EMG channels that state no leg the one that was named, and says so.
fn state_side(trial: &mut Trial, side: Side) {
    let channels = trial.streams.iter_mut().flat_map(|stream| &mut stream.channels);
    let silent = channels.filter(|channel| channel.role.kind.is_emg() && channel.role.side.is_none());
    let mut stated = Vec::new();
    for channel in silent {
        channel.role.side = Some(side);
        channel.role.reason = format!("{}; {side} leg by --side", channel.role.reason);
        stated.push(channel.label.clone());
    }
    if !stated.is_empty() {
        trial.notes.retain(|note| note.code != "side_not_stated");
        trial.notes.push(Note::info("side_stated", format!("{side} leg by --side: {}", stated.join(", "))));
    }
}

/// `1600x1000`.
fn size(text: &str) -> Result<(f32, f32), String> {
    let parse = |part: &str| part.trim().parse::<u16>().ok().filter(|pixels| (320..=8192).contains(pixels));
    text.split_once(['x', 'X'])
        .and_then(|(width, height)| Some((f32::from(parse(width)?), f32::from(parse(height)?))))
        .ok_or_else(|| {
            format!("'{text}' is not WIDTHxHEIGHT with 320 to 8192 pixels each, for example 1600x1000")
        })
}

/// What every session of this window is opened with.
#[derive(Clone)]
struct Opener {
    map: Option<PathBuf>,
    profile: Option<Profile>,
    side: Option<Side>,
    task: Option<Task>,
    waker: Waker,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    display()?;
    if !(args.after.is_finite() && (0.0..=3600.0).contains(&args.after)) {
        return Err(Failure::usage("--after takes seconds from 0 to 3600", "for example --after 8"));
    }
    let opener = Opener {
        map: args.map.clone(),
        profile: load::profile(args.profile.as_deref())?,
        side: args.side.map(Side::from),
        task: args.task.map(Task::from),
        waker: Waker::default(),
    };
    let opened = match (&args.trial, args.device.is_empty()) {
        (Some(path), _) => opener.trial(path, &args.with, args.statics.as_deref())?,
        (None, false) => opener.devices(&args)?,
        (None, true) => opener.demo()?,
    };
    let ViewName::Lab = args.view;
    let view = ViewState { window_s: window_s(&opened.facts), ..ViewState::default() };
    let options = DashboardOptions {
        size: args.size,
        view,
        screenshot: args.screenshot.map(|path| Screenshot { path, after_s: args.after }),
        waker: opener.waker.clone(),
    };
    let said = surae_dashboard::run(options, opened, requests(opener)).map_err(|error| {
        Failure::refused(
            error.to_string(),
            format!("the dashboard needs a display with OpenGL 2.1; {HEADLESS}"),
        )
    })?;
    if let Some(words) = said {
        use std::io::Write as _;
        writeln!(crate::output::stdout(), "{words}")?;
    }
    Ok(ExitCode::SUCCESS)
}

const HEADLESS: &str =
    "without one: `surae review TRIAL`, `surae replay TRIAL`, `surae live --device D --port P`";

/// Says what is missing before anything is read.
fn display() -> Result<(), Failure> {
    let has = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(all(unix, not(target_os = "macos"))) && !has("DISPLAY") && !has("WAYLAND_DISPLAY") {
        return Err(Failure::refused(
            "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set",
            format!("start it in a graphical session, or under xvfb-run; {HEADLESS}"),
        ));
    }
    Ok(())
}

/// Twelve seconds, or less for a shorter trial: a loop is then seen once at a time.
fn window_s(facts: &SourceFacts) -> f64 {
    let longest = facts.duration_s.unwrap_or(f64::INFINITY).min(12.0);
    let fitting = ViewState::WINDOWS_S.into_iter().filter(|window| *window <= longest);
    fitting.fold(ViewState::WINDOWS_S[0], f64::max)
}

/// Answers what the window asks for.
fn requests(opener: Opener) -> Requests {
    Box::new(move |request| match request {
        Request::OpenTrial(path) => match opener.trial(&path, &[], None) {
            Ok(opened) => Response::Opened(Box::new(opened)),
            Err(failure) => Response::Refused(failure.to_string()),
        },
        Request::SavePng { path, width, height, rgba } => match write_png(&path, width, height, &rgba) {
            Ok(()) => Response::Done(format!("{}: {width} x {height} pixels", path.display())),
            Err(why) => Response::Refused(format!("{}: cannot be written: {why}", path.display())),
        },
    })
}

impl Opener {
    fn options(&self, settings: Settings) -> SessionOptions {
        SessionOptions {
            settings,
            profile: self.profile.clone(),
            history: true,
            display: true,
            wake: Some(self.waker.call()),
            ..SessionOptions::default()
        }
    }

    /// A session that plays a trial of a file in a loop.
    fn trial(&self, path: &Path, with: &[PathBuf], statics: Option<&Path>) -> Result<Opened, Failure> {
        let trial = load::trials(&[path], with, self.map.as_deref(), None)?.pop();
        let Some(trial) = trial else {
            return Err(Failure::usage("no trial was named", "surae dashboard TRIAL"));
        };
        let statics = statics.map(|path| load::trial(path, self.map.as_deref())).transpose()?;
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        self.play(&name, trial, statics.as_ref(), self.profile.as_ref())
    }

    /// The bundled trial with its profile, unless another profile is named.
    fn demo(&self) -> Result<Opened, Failure> {
        let demo = super::demo::open()?;
        let profile = self.profile.clone().unwrap_or(demo.profile);
        let opener = Self { profile: Some(profile.clone()), ..self.clone() };
        opener.play(demo.name, demo.trial, None, Some(&profile))
    }

    fn play(
        &self,
        name: &str,
        mut trial: Trial,
        statics: Option<&Trial>,
        profile: Option<&Profile>,
    ) -> Result<Opened, Failure> {
        if let Some(side) = self.side {
            state_side(&mut trial, side);
        }
        if trial.log.is_none() {
            settle_sides(&mut trial);
            knee::add_knee_angles(&mut trial, statics, profile);
        }
        let settings = Settings::for_task(self.task.or(trial.task).unwrap_or(Task::Walk));
        let name = format!("{name} · {:.1} s in a loop", trial.duration_s());
        let mut facts = SourceFacts::of_trial(&name, &trial, &settings, profile);
        let path = trial.path.clone();
        let source = Source::Trial { trial: Arc::new(trial), speed: Speed::Times(1.0), looped: true };
        let session = Session::start(source, self.options(settings)).map_err(|error| {
            Failure::refused(format!("{path}: {error}"), "`surae info` shows what the trial has")
        })?;
        facts.settings = *session.settings();
        Ok(Opened { facts, session })
    }

    /// A session that follows devices.
    fn devices(&self, args: &Args) -> Result<Opened, Failure> {
        if args.device.len() != args.port.len() && args.device.len() != 1 {
            return Err(Failure::usage(
                format!("{} --device for {} --port", args.device.len(), args.port.len()),
                "give one --device for all ports, or one for each",
            ));
        }
        let options = super::emulate::options(&args.device_option)?;
        let specs = args.port.iter().enumerate().map(|(at, port)| {
            let device: surae_engine::Device = args.device.get(at).copied().unwrap_or(args.device[0]).into();
            let baud = args.baud.unwrap_or(device.baud());
            DeviceSpec { device, port: port.clone(), baud, rate_hz: None, options: options.clone() }
        });
        let settings = self.task.map_or_else(Settings::default, Settings::for_task);
        let map = self.map.as_deref().map(surae_io::map::read).transpose()?;
        let options = SessionOptions {
            record: args.record.clone(),
            map: map.map(|map| {
                Box::new(move |layout: &mut _| map.apply_layout(layout)) as surae_engine::ApplyMap
            }),
            ..self.options(settings)
        };
        let session = Session::start(Source::Devices(specs.collect()), options).map_err(|error| {
            let help = "`surae devices` lists the ports; `surae emulate` stands in for a device";
            Failure::refused(error.to_string(), help)
        })?;
        let facts = SourceFacts::of_device(&args.port.join(", "), session.settings(), self.profile.as_ref());
        Ok(Opened { facts, session })
    }
}

/// Eight bits a channel; what is behind the window is not part of the picture.
fn write_png(path: &Path, width: u32, height: u32, rgba: &[u8]) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    let rgb: Vec<u8> = rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    writer.write_image_data(&rgb)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_or_refused_with_an_example() {
        assert_eq!(size("1280x720"), Ok((1280.0, 720.0)));
        for wrong in ["", "1280", "0x0", "1280x", "12x99999", "axb", "-5x700"] {
            assert!(size(wrong).is_err_and(|words| words.contains("1600x1000")), "{wrong}");
        }
    }

    #[test]
    fn a_short_trial_has_a_window_it_fills() {
        let facts = |duration_s| SourceFacts { duration_s, ..SourceFacts::default() };
        assert_eq!(window_s(&facts(None)), 12.0);
        assert_eq!(window_s(&facts(Some(20.0))), 12.0);
        assert_eq!(window_s(&facts(Some(3.35))), 3.0);
        assert_eq!(window_s(&facts(Some(0.4))), 1.0);
    }

    #[test]
    fn a_picture_reads_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.png");
        write_png(&path, 2, 1, &[1, 2, 3, 255, 4, 5, 6, 255]).unwrap();
        let decoder = png::Decoder::new(std::io::BufReader::new(File::open(&path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; 6];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, [1, 2, 3, 4, 5, 6]);
    }
}
