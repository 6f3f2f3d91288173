//! `surae calibrate --device`: the steps of a calibration told one by one while a device runs.
//!
//! What is due and what can be believed is for [`CalibrationRun`]; here are words, keys and files.

use super::super::live::specs_of;
use super::super::stream::losses_in_words;
use super::super::{interrupt, load};
use super::{Args, day, in_words, refused};
use crate::failure::Failure;
use crate::output;
use clap::Args as ClapArgs;
use crossbeam_channel::{Receiver, TryRecvError};
use std::io::{BufReader, IsTerminal, Write, stderr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use surae_engine::{Command, Session, SessionEvent, SessionOptions, Source, SourceState};
use surae_gait::calibrate::run::{CalibrationRun, Next, Phase, Plan, StepKind, Verdict};
use surae_trial::{Settings, Severity, Task};

/// What only a calibration on a device has.
#[derive(ClapArgs)]
pub struct GuidedArgs {
    /// Path, glob (quoted) or tcp://host:port
    #[arg(long, requires = "device")]
    port: Vec<String>,
    /// Bits per second of serial lines; the device's usual ones when not given
    #[arg(long, requires = "device")]
    baud: Option<u32>,
    /// What the device's bytes do not say, such as aux=analog
    #[arg(long, value_name = "NAME=VALUE", requires = "device")]
    device_option: Vec<String>,
    /// Nominal rate of each port in Hz, in their order; measured when not given
    #[arg(long, value_name = "HZ", requires = "device")]
    rate: Vec<f64>,
    /// Steps, of rest, gonio0, gonio90, mvc, straight; all that the channels allow when not given
    #[arg(long, value_name = "STEP,...", value_delimiter = ',', value_parser = step_kind, requires = "device")]
    steps: Vec<StepKind>,
    /// Channel that carries the goniometer of a knee (repeatable); those called knee or goniometer when not given
    #[arg(long, value_name = "LABEL", requires = "device")]
    goniometer: Vec<String>,
    /// Profile of the same placement and day whose other values are kept
    #[arg(long, value_name = "P.toml", requires = "device")]
    profile: Option<PathBuf>,
    /// Where the session is recorded; beside the profile when not given
    #[arg(long, value_name = "OUT.xdf", requires = "device")]
    record: Option<PathBuf>,
    /// Replace an existing profile and recording
    #[arg(long, requires = "device")]
    overwrite: bool,
    /// Wait for nobody: each recording begins --pause seconds after the one before
    #[arg(long, requires = "device")]
    auto: bool,
    /// Seconds before each recording with --auto
    #[arg(long, value_name = "S", default_value_t = 60.0, requires = "auto")]
    pause: f64,
}

fn step_kind(word: &str) -> Result<StepKind, String> {
    StepKind::from_name(word.trim())
        .ok_or_else(|| "steps are rest, gonio0, gonio90, mvc, straight".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let guided = &args.guided;
    if !(guided.pause.is_finite() && (0.0..=3600.0).contains(&guided.pause)) {
        return Err(Failure::usage("--pause takes seconds", "for example --pause 60"));
    }
    let today = surae_engine::utc_now();
    let date = day(args.date.as_deref(), today.get(..10))?;
    let record = guided.record.clone().unwrap_or_else(|| args.out.with_extension("xdf"));
    for path in [&args.out, &record] {
        if path.exists() && !guided.overwrite {
            return Err(Failure::usage(
                format!("{}: a file of this name exists", path.display()),
                "give another name, or --overwrite to lose it",
            ));
        }
    }
    let base = load::profile(guided.profile.as_deref())?;
    let map = args.map.as_deref().map(surae_io::map::read).transpose()?;
    let specs = specs_of(&args.device, &guided.port, guided.baud, &guided.rate, &guided.device_option)?;
    let settings = Settings::for_task(Task::from(args.task));
    let options = SessionOptions {
        settings,
        record: Some(record.clone()),
        history: true,
        map: map
            .map(|map| Box::new(move |layout: &mut _| map.apply_layout(layout)) as surae_engine::ApplyMap),
        ..SessionOptions::default()
    };
    let session = Session::start(Source::Devices(specs), options).map_err(|error| {
        Failure::refused(
            error.to_string(),
            "`surae devices` lists the ports; `surae emulate --scenario calibration` stands in for a person",
        )
    })?;
    let kinds = if guided.steps.is_empty() { Plan::possible(session.layout()) } else { guided.steps.clone() };
    let plan = match Plan::new(session.layout(), &kinds, &guided.goniometer) {
        Ok(plan) if !plan.steps.is_empty() => plan,
        other => {
            session.stop();
            let _ = std::fs::remove_file(&record);
            let why = other.err().unwrap_or_else(|| "no channel can be calibrated".to_owned());
            return Err(Failure::refused(why, "name channels with --map, a goniometer with --goniometer"));
        }
    };
    let plan = Plan {
        settings,
        kind: args.kind.into(),
        athlete: args.athlete.clone().unwrap_or_default(),
        date,
        placement: args.placement.clone(),
        base,
        ..plan
    };
    let interrupted = interrupt::flag()?;
    let guide = Guide {
        run: CalibrationRun::new(plan),
        session,
        keys: surae_engine::lines(BufReader::new(std::io::stdin()))?,
        pause_s: guided.auto.then_some(guided.pause),
        ended_s: 0.0,
        shown: String::new(),
        asked: Instant::now(),
    };
    let (run, stopped, recording_error) = guide.follow(&interrupted)?;
    let written = finish(args, &run, stopped);
    let _ = writeln!(stderr(), "recording: {}", record.display());
    match recording_error {
        Some(error) => Err(Failure::refused(
            format!("{}: the recording is not complete: {error}", record.display()),
            "the profile does not need it; free space on the disk before the next one",
        )),
        None => written,
    }
}

/// Writes the profile if there is anything for it, and says what is missing.
fn finish(args: &Args, run: &CalibrationRun, stopped: Option<String>) -> Result<ExitCode, Failure> {
    let found = run.calibration();
    let mut out = output::stdout();
    in_words(&mut out, &found)?;
    let profile = &found.profile;
    let something = !profile.references.is_empty()
        || !profile.goniometers.is_empty()
        || !profile.straight.is_empty()
        || profile.knee_offset_left_deg.or(profile.knee_offset_right_deg).is_some();
    if something {
        surae_io::profile::write(&args.out, profile)?;
        writeln!(out, "\nwritten to {}", args.out.display())?;
    }
    out.flush()?;
    let steps = run.plan().steps.iter().enumerate();
    let missing: Vec<&str> =
        steps.filter(|(at, _)| !run.is_complete(*at)).map(|(_, step)| step.name.as_str()).collect();
    let mut why: Vec<String> = stopped.into_iter().collect();
    if !missing.is_empty() {
        why.push(format!("not done: {}", missing.join(", ")));
    }
    why.extend(refused(&found).filter(|_| run.plan().steps.iter().any(|s| s.kind == StepKind::Maximum)));
    if why.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let help = if something {
        "the profile has the rest; `--steps` with `--profile` and `--overwrite` adds to it"
    } else {
        "no profile is written: nothing was accepted"
    };
    Err(Failure::refused(why.join("\n"), help))
}

/// A run, the session it watches, and the person at the keys.
struct Guide {
    run: CalibrationRun,
    session: Session,
    keys: Receiver<String>,
    /// With `--auto`: seconds before each recording.
    pause_s: Option<f64>,
    /// End of the last recording in session time.
    ended_s: f64,
    /// The line that is being drawn over.
    shown: String,
    asked: Instant,
}

impl Guide {
    /// Until all is done or someone ends it; then why, if it was ended, and what became of the recording.
    fn follow(
        mut self,
        interrupted: &AtomicBool,
    ) -> Result<(CalibrationRun, Option<String>, Option<String>), Failure> {
        self.instruct(self.run.position());
        let mut stopped = None;
        while stopped.is_none() && self.run.phase() != &Phase::Done {
            if interrupted.load(Ordering::Relaxed) {
                stopped = Some("stopped before the end".to_owned());
            }
            let now_s = self.session.snapshot().time_s;
            stopped = stopped.or(self.keys(now_s)).or(self.events());
            self.step(now_s);
            std::thread::sleep(Duration::from_millis(15));
        }
        self.line("");
        let summary = self.session.stop();
        for source in &summary.sources {
            let losses = losses_in_words(&source.losses);
            if !losses.is_empty() {
                say(&format!("{}: {losses}", source.name));
            }
        }
        Ok((self.run, stopped, summary.recording_error))
    }

    /// What the phase asks for.
    fn step(&mut self, now_s: f64) {
        let before = std::mem::discriminant(self.run.phase());
        self.run.tick(now_s);
        let is_new = std::mem::discriminant(self.run.phase()) != before;
        match self.run.phase().clone() {
            Phase::Instruction { .. } => {
                if let Some(pause_s) = self.pause_s {
                    self.run.go_at(now_s, self.ended_s + pause_s);
                }
            }
            Phase::Countdown { left_s } => self.line(&format!("  in {:.0} s", left_s.ceil())),
            Phase::Recording { to_s, done, .. } => {
                if is_new {
                    self.mark();
                }
                self.ended_s = to_s;
                let full = (20.0 * done).round() as usize;
                self.line(&format!("  NOW [{}{}]", "#".repeat(full), " ".repeat(20 - full)));
            }
            Phase::Judging { to_s, .. } => {
                self.ended_s = to_s;
                self.line("  ...");
                if let Some(recent) = self.session.recent()
                    && self.run.give(&recent.trial, recent.from_s)
                {
                    self.verdict(now_s);
                } else if self.asked.elapsed() >= Duration::from_millis(50) {
                    self.asked = Instant::now();
                    self.session.request_recent();
                }
            }
            Phase::Verdict(_) | Phase::Done => {}
        }
    }

    fn verdict(&mut self, now_s: f64) {
        let Phase::Verdict(verdict) = self.run.phase().clone() else { return };
        self.line("");
        let Verdict { accepted, reasons, measured, next } = verdict;
        say(&format!(
            "  {}{}{}",
            if accepted { "accepted" } else { "refused" },
            if measured.is_empty() { "" } else { ": " },
            measured.join("; ")
        ));
        for reason in reasons {
            say(&format!("  {reason}"));
        }
        match next {
            Next::Again => self.instruct(self.run.position()),
            Next::Step(step) => self.instruct(step),
            Next::Done => {}
        }
        if self.pause_s.is_some() || next == Next::Done {
            self.run.proceed(now_s);
        }
    }

    /// Tells what comes next and how to begin it.
    fn instruct(&self, at: usize) {
        let Some(step) = self.run.plan().steps.get(at) else { return };
        let (good, _) = self.run.taken(at);
        let number = if step.repetitions > 1 {
            format!(", repetition {} of {}", (good + 1).min(step.repetitions.max(good + 1)), step.repetitions)
        } else {
            String::new()
        };
        say(&format!("\nStep {} of {}: {}{number}", at + 1, self.run.plan().steps.len(), step.title));
        say(&format!("  {} ({:.0} s)", step.instruction, step.duration_s));
        if self.pause_s.is_none() {
            if step.kind == StepKind::Maximum && self.run.taken(at).1 > 0 {
                say(&format!("  Rest for {:.0} s first.", self.run.plan().rest_s));
            }
            say("  Enter starts (r: the last one again, s: skip this step, q: end)");
        }
    }

    /// A mark at the start of the recording: 1 rest to 5 straight.
    fn mark(&self) {
        if let Some(step) = self.run.step() {
            let at = StepKind::ALL.iter().position(|kind| *kind == step.kind).unwrap_or(0);
            self.session.command(Command::Mark(at as u8 + 1));
        }
    }

    /// Takes what was typed; gives why it ends.
    fn keys(&mut self, now_s: f64) -> Option<String> {
        loop {
            let word = match self.keys.try_recv() {
                Ok(line) => line.trim().to_lowercase(),
                Err(TryRecvError::Disconnected) if self.pause_s.is_none() => {
                    return Some("standard input ended: with nobody to type, give --auto".to_owned());
                }
                Err(_) => return None,
            };
            match word.as_str() {
                "" => {
                    self.run.proceed(now_s);
                    self.run.go(now_s);
                }
                "r" | "repeat" => {
                    self.line("");
                    self.run.repeat(now_s);
                    self.instruct(self.run.position());
                }
                "s" | "skip" => {
                    self.line("");
                    if matches!(self.run.phase(), Phase::Verdict(_)) {
                        self.run.proceed(now_s);
                    }
                    self.run.skip(now_s);
                    self.instruct(self.run.position());
                }
                "q" | "quit" | "stop" => return Some("stopped before the end".to_owned()),
                other => say(&format!("  '{other}' is no key here: Enter, r, s or q")),
            }
        }
    }

    /// Tells what happens to the device; gives why it ends.
    fn events(&mut self) -> Option<String> {
        let mut ended = None;
        while let Ok(event) = self.session.events().try_recv() {
            match event {
                SessionEvent::Source { name, state, text, .. } if state != SourceState::Live => {
                    self.line("");
                    say(&format!("  {name}: {} ({text})", state.name()));
                }
                SessionEvent::Note(note) if note.severity != Severity::Info => {
                    self.line("");
                    say(&format!("  {}", note.text));
                }
                SessionEvent::RecordingFailed(text) => {
                    self.line("");
                    say(&format!("  the recording stopped: {text}; the calibration goes on"));
                }
                SessionEvent::Ended => ended = Some("the session ended".to_owned()),
                SessionEvent::Source { .. } | SessionEvent::Note(_) | SessionEvent::Recorded(_) => {}
            }
        }
        ended
    }

    /// Draws a line over the one before; an empty text leaves it and begins a new one.
    fn line(&mut self, text: &str) {
        if text == self.shown || !stderr().is_terminal() {
            return;
        }
        let clear = " ".repeat(self.shown.chars().count().saturating_sub(text.chars().count()));
        let end = if text.is_empty() { "\r" } else { "" };
        let _ = write!(stderr(), "\r{text}{clear}{end}");
        let _ = stderr().flush();
        text.clone_into(&mut self.shown);
    }
}

fn say(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}
