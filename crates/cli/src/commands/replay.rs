//! `surae replay`: a trial through the same engine as a live session, headless.

use super::load;
use super::outlets::OutletArgs;
use super::stream::{Form, Results};
use crate::failure::Failure;
use crate::output;
use clap::{Args as ClapArgs, ValueEnum};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use surae_engine::{Session, SessionOptions, Source, Speed};
use surae_gait::knee;
use surae_gait::review::settle_sides;
use surae_trial::{Settings, Task};

/// Play a recorded trial through the live pipeline, without a window
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  surae replay walk.c3d --profile anna.toml
  surae replay session.xdf --speed max --output jsonl > estimates.jsonl")]
pub struct Args {
    /// Trial to play
    trial: PathBuf,
    /// File that joins the trial (knee angles of another program)
    #[arg(long, value_name = "FILE")]
    with: Vec<PathBuf>,
    /// Times real time
    #[arg(long, value_enum, default_value = "1")]
    speed: SpeedName,
    /// References of the person
    #[arg(long, value_name = "P.toml")]
    profile: Option<PathBuf>,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// How results are written
    #[arg(long, value_enum, default_value_t)]
    output: Form,
    #[command(flatten)]
    outlets: OutletArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum SpeedName {
    #[value(name = "1")]
    Real,
    #[value(name = "4")]
    Four,
    Max,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let profile = load::profile(args.profile.as_deref())?;
    let mut trials = load::trials(&[&args.trial], &args.with, args.map.as_deref(), None)?;
    let Some(mut trial) = trials.pop() else {
        return Err(Failure::usage("no trial was named", "surae replay TRIAL"));
    };
    if trial.log.is_none() {
        settle_sides(&mut trial);
        knee::add_knee_angles(&mut trial, None, profile.as_ref());
    }
    let settings = Settings::for_task(trial.task.unwrap_or(Task::Walk));
    let options = SessionOptions {
        settings,
        profile,
        records: true,
        envelopes: args.outlets.wants_envelopes(),
        ..SessionOptions::default()
    };
    let speed = match args.speed {
        SpeedName::Real => Speed::Times(1.0),
        SpeedName::Four => Speed::Times(4.0),
        SpeedName::Max => Speed::Max,
    };
    let duration_s = trial.duration_s();
    let path = trial.path.clone();
    let started = Instant::now();
    let source = Source::Trial { trial: Arc::new(trial), speed, looped: false };
    let mut session = Session::start(source, options).map_err(|error| {
        Failure::refused(format!("{path}: {error}"), "`surae info` shows what the trial has")
    })?;
    let mut results = Results::new(output::stdout(), args.output, &session, &args.outlets)?;
    while results.drain(&mut session)? {
        // Long enough to gather a few lines, short enough that the ring of results never fills.
        std::thread::sleep(Duration::from_millis(2));
    }
    let summary = session.join();
    if results.estimates == 0 {
        results.out.flush()?;
        return Err(Failure::refused(
            format!("{path}: no decisions: no channel is EMG of gastrocnemius or soleus of a stated leg"),
            "`surae info TRIAL --write-map MAP.toml` makes a map to state muscle and side in; give it with --map",
        ));
    }
    if args.output == Form::Text {
        let took_s = started.elapsed().as_secs_f64();
        writeln!(
            results.out,
            "{} decisions over {duration_s:.1} s in {took_s:.3} s: {:.0} times real time",
            results.estimates,
            duration_s / took_s
        )?;
        if summary.unused_samples > 0 {
            writeln!(results.out, "{} samples came too late for their decision", summary.unused_samples)?;
        }
    }
    results.out.flush()?;
    results.say_what_listeners_missed();
    Ok(ExitCode::SUCCESS)
}
