//! `surae dashboard`: the window on a trial or a device, and what the window asks for.
//!
//! Opens trials and devices and writes pictures; the dashboard itself opens nothing.

mod answers;
mod latency;
mod opener;
mod remembered;

use super::live::DeviceName;
use super::load;
use super::task::TaskName;
use crate::failure::Failure;
use clap::{Args as ClapArgs, ValueEnum};
use opener::Opener;
use std::path::PathBuf;
use std::process::ExitCode;
use surae_dashboard::request::{Demo, Screenshot, SourceFacts};
use surae_dashboard::state::{Tab, ViewState};
use surae_dashboard::{DashboardOptions, Waker};
use surae_trial::{Side, Task};

/// Open the dashboard on a trial or a device; with the Start card when neither is named
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  surae dashboard jog.c3d --static standing.c3d --profile anna.toml
  surae dashboard --device ascii --port /dev/ttyACM0 --map calf.toml
  surae dashboard jog.c3d --view review
  surae dashboard --demo sprint --screenshot lab.png --after 8 --size 1600x1000

Without a display: surae review TRIAL, surae replay TRIAL, surae live --device ... --port ...")]
pub struct Args {
    /// Trial to play in a loop
    #[arg(conflicts_with = "device")]
    trial: Option<PathBuf>,
    /// Synthetic trial instead of a file
    #[arg(long, value_enum, conflicts_with_all = ["trial", "device"])]
    demo: Option<DemoName>,
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
    /// Measure for so long how fast an emulated board's samples are seen, and exit
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["trial", "device", "demo", "screenshot"])]
    latency_test: Option<f64>,
    /// Size of the window
    #[arg(long, value_name = "WxH", value_parser = size, default_value = "1600x1000")]
    size: (f32, f32),
}

impl Args {
    /// As when nothing is asked for: the Start card.
    pub fn plain() -> Self {
        Self {
            trial: None,
            demo: None,
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
            latency_test: None,
            size: (1600.0, 1000.0),
        }
    }
}

/// The views there are.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ViewName {
    /// Is the data good, and what does it show now?
    Lab,
    /// What happened, and how sure is that?
    Review,
    /// One answer, to be read from 5 m
    Coach,
}

impl From<ViewName> for Tab {
    fn from(view: ViewName) -> Self {
        match view {
            ViewName::Lab => Self::Lab,
            ViewName::Review => Self::Review,
            ViewName::Coach => Self::Coach,
        }
    }
}

/// The demos there are.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DemoName {
    Walk,
    Sprint,
    Jump,
}

impl From<DemoName> for Demo {
    fn from(name: DemoName) -> Self {
        match name {
            DemoName::Walk => Self::Walk,
            DemoName::Sprint => Self::Sprint,
            DemoName::Jump => Self::Jump,
        }
    }
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

/// `1600x1000`.
fn size(text: &str) -> Result<(f32, f32), String> {
    let parse = |part: &str| part.trim().parse::<u16>().ok().filter(|pixels| (320..=8192).contains(pixels));
    text.split_once(['x', 'X'])
        .and_then(|(width, height)| Some((f32::from(parse(width)?), f32::from(parse(height)?))))
        .ok_or_else(|| {
            format!("'{text}' is not WIDTHxHEIGHT with 320 to 8192 pixels each, for example 1600x1000")
        })
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
    let test = args.latency_test.map(|seconds| latency::open(seconds, &opener.waker)).transpose()?;
    let (test, tested, _board) = match test {
        Some(tested) => (Some(tested.test), Some(tested.opened), Some(tested.board)),
        None => (None, None, None),
    };
    let opened = match (&args.trial, args.demo) {
        _ if tested.is_some() => tested,
        (Some(path), _) => Some(opener.trial(path, &args.with, args.statics.as_deref())?),
        (None, Some(demo)) => Some(opener.demo(demo.into())?),
        (None, None) if args.device.is_empty() => None,
        (None, None) => Some(opener.devices(&args)?),
    };
    let window_s = opened.as_ref().map_or(12.0, |opened| window_s(&opened.facts));
    let view = ViewState { window_s, ..ViewState::default() };
    // A picture shows the defaults, not what somebody has set, and leaves no trace.
    let kept = (args.screenshot.is_none() && test.is_none()).then(remembered::read);
    let options = DashboardOptions {
        size: args.size,
        tab: args.view.into(),
        view,
        screenshot: args.screenshot.map(|path| Screenshot { path, after_s: args.after }),
        waker: opener.waker.clone(),
        remembered: kept,
        devices: opener::device_names(),
        latency: test,
    };
    let said = surae_dashboard::run(options, opened, answers::requests(opener)).map_err(|error| {
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
}
