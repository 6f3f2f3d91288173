//! Opens what the window shows: trials, demos, devices. Everything here may take a while and runs beside the window.

use super::super::live::DeviceName;
use super::super::{demo, load};
use super::Args;
use crate::failure::Failure;
use crate::generate;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use surae_dashboard::Waker;
use surae_dashboard::request::{Demo, Opened, SourceFacts};
use surae_dashboard::reviewed::Material;
use surae_engine::{Command, Device, DeviceSpec, Session, SessionOptions, Source, Speed};
use surae_gait::events::find_events;
use surae_gait::knee;
use surae_gait::review::settle_sides;
use surae_trial::{Note, Profile, Settings, Side, Task, Trial};

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

/// What every session of this window is opened with.
#[derive(Clone)]
pub struct Opener {
    /// Map of channels.
    pub map: Option<PathBuf>,
    /// References.
    pub profile: Option<Profile>,
    /// Leg of channels whose labels do not say.
    pub side: Option<Side>,
    /// What the person does.
    pub task: Option<Task>,
    /// Wakes the window.
    pub waker: Waker,
}

/// Seed of the generated demos: always the same trial.
const SEED: u64 = 1;

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
    pub fn trial(&self, path: &Path, with: &[PathBuf], statics: Option<&Path>) -> Result<Opened, Failure> {
        let trial = load::trials(&[path], with, self.map.as_deref(), None)?.pop();
        let Some(trial) = trial else {
            return Err(Failure::usage("no trial was named", "surae dashboard TRIAL"));
        };
        let statics = statics.map(|path| load::trial(path, self.map.as_deref())).transpose()?;
        self.play(&file_name(path), trial, statics, self.profile.as_ref())
    }

    /// A trial of a file for a comparison.
    pub fn material(&self, path: &Path) -> Result<Material, Failure> {
        let mut trial = load::trial(path, self.map.as_deref())?;
        if let Some(side) = self.side {
            state_side(&mut trial, side);
        }
        Ok(Material {
            name: file_name(path),
            trial: Arc::new(trial),
            standing: None,
            profile: self.profile.clone().map(Arc::new),
        })
    }

    /// The bundled walk, or a generated sprint or jump, each with its own profile unless another one is named.
    pub fn demo(&self, demo: Demo) -> Result<Opened, Failure> {
        let scenario = match demo {
            Demo::Walk => {
                let walk = demo::open()?;
                return self.play_demo(walk.name, walk.trial, walk.profile);
            }
            Demo::Sprint => generate::Scenario::Sprint,
            Demo::Jump => generate::Scenario::Cmj,
        };
        let request = generate::Request::of(scenario, SEED);
        let (trial, _) = generate::generate(&request);
        let name = if demo == Demo::Sprint { "Demo: synthetic sprint" } else { "Demo: synthetic jumps" };
        self.play_demo(name, trial, generate::profile(&request))
    }

    fn play_demo(&self, name: &str, trial: Trial, profile: Profile) -> Result<Opened, Failure> {
        let profile = self.profile.clone().unwrap_or(profile);
        let opener = Self { profile: Some(profile.clone()), ..self.clone() };
        opener.play(name, trial, None, Some(&profile))
    }

    fn play(
        &self,
        name: &str,
        mut trial: Trial,
        statics: Option<Trial>,
        profile: Option<&Profile>,
    ) -> Result<Opened, Failure> {
        if let Some(side) = self.side {
            state_side(&mut trial, side);
        }
        let material = Material {
            name: name.to_owned(),
            trial: Arc::new(trial.clone()),
            standing: statics.map(Arc::new),
            profile: profile.map(|profile| Arc::new(profile.clone())),
        };
        if trial.log.is_none() {
            settle_sides(&mut trial);
            knee::add_knee_angles(&mut trial, material.standing.as_deref(), profile);
        }
        let settings = Settings::for_task(self.task_of(&trial));
        let name = format!("{name} · {:.1} s in a loop", trial.duration_s());
        let mut facts = SourceFacts::of_trial(&name, &trial, &settings, profile);
        let path = trial.path.clone();
        let source = Source::Trial { trial: Arc::new(trial), speed: Speed::Times(1.0), looped: true };
        let session = Session::start(source, self.options(settings)).map_err(|error| {
            Failure::refused(format!("{path}: {error}"), "`surae info` shows what the trial has")
        })?;
        facts.settings = *session.settings();
        let task_settings = self.task.map(Settings::for_task);
        Ok(Opened { facts, session, material: Some(material), task_settings })
    }

    /// What was asked for, else what the trial says, else what its contacts tell, as a review of it does: both views then
    /// filter alike.
    fn task_of(&self, trial: &Trial) -> Task {
        let stated = self.task.or(trial.task);
        let told = || {
            let settings = Settings::for_task(Task::Walk).events;
            let events = find_events(trial, &settings, &mut Vec::new());
            surae_gait::task::detect(&events).map(|(task, _)| task)
        };
        stated.or_else(told).unwrap_or(Task::Walk)
    }

    /// A session that follows the devices of the command line.
    pub fn devices(&self, args: &Args) -> Result<Opened, Failure> {
        if args.device.len() != args.port.len() && args.device.len() != 1 {
            return Err(Failure::usage(
                format!("{} --device for {} --port", args.device.len(), args.port.len()),
                "give one --device for all ports, or one for each",
            ));
        }
        let options = super::super::emulate::options(&args.device_option)?;
        let specs = args.port.iter().enumerate().map(|(at, port)| {
            let device: Device = args.device.get(at).copied().unwrap_or(args.device[0]).into();
            let baud = args.baud.unwrap_or(device.baud());
            DeviceSpec { device, port: port.clone(), baud, rate_hz: None, options: options.clone() }
        });
        self.follow(specs.collect(), args.record.clone())
    }

    /// A session that follows the board on one port: only this one is opened.
    pub fn board(&self, device: &str, port: &str) -> Result<Opened, Failure> {
        let name = DeviceName::from_str(device, true).map_err(|why| {
            Failure::refused(format!("{device}: {why}"), "`surae devices` lists the protocols")
        })?;
        let device: Device = name.into();
        let spec = DeviceSpec {
            device,
            port: port.to_owned(),
            baud: device.baud(),
            rate_hz: None,
            options: super::super::emulate::options(&[])?,
        };
        self.follow(vec![spec], None)
    }

    fn follow(&self, specs: Vec<DeviceSpec>, record: Option<PathBuf>) -> Result<Opened, Failure> {
        let name = specs.iter().map(|spec| spec.port.as_str()).collect::<Vec<_>>().join(", ");
        let starts_recording = record.is_some();
        let place = record.or_else(recording_place);
        let can_record = place.is_some();
        let settings = self.task.map_or_else(Settings::default, Settings::for_task);
        let map = self.map.as_deref().map(surae_io::map::read).transpose()?;
        let options = SessionOptions {
            pre_trigger_s: place.is_some().then_some(PRE_TRIGGER_S),
            record: place,
            map: map.map(|map| {
                Box::new(move |layout: &mut _| map.apply_layout(layout)) as surae_engine::ApplyMap
            }),
            ..self.options(settings)
        };
        let session = Session::start(Source::Devices(specs), options).map_err(|error| {
            let help = "`surae devices` lists the ports; `surae emulate` stands in for a device";
            Failure::refused(error.to_string(), help)
        })?;
        if starts_recording {
            session.command(Command::Record);
        }
        let mut facts = SourceFacts::of_device(&name, session.settings(), self.profile.as_ref());
        facts.task_settings = self.task.map(Settings::for_task);
        if !can_record {
            facts.notes.push(Note::warning("no_recording", NO_PLACE));
        }
        Ok(Opened { facts, session, material: None, task_settings: None })
    }
}

/// Seconds before the key that a recording begins with.
const PRE_TRIGGER_S: f64 = 10.0;
const NO_PLACE: &str = "No recording: neither the working folder nor the home folder can be written to. Start in another \
    folder, or name a file with --record.";

/// A file that does not exist yet, in the working folder or else in the home folder; `None` where neither can be written to.
fn recording_place() -> Option<PathBuf> {
    let home = directories::UserDirs::new().map(|folders| folders.home_dir().to_owned());
    let folders = std::env::current_dir().ok().into_iter().chain(home);
    folders.into_iter().find_map(|folder| {
        let path =
            (1..10_000).map(|k| folder.join(format!("recording-{k}.xdf"))).find(|path| !path.exists())?;
        std::fs::File::create_new(&path).ok()?;
        std::fs::remove_file(&path).ok()?;
        Some(path)
    })
}

/// Protocols a board may speak, by the names of the command line.
pub fn device_names() -> Vec<String> {
    let values = DeviceName::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    values.map(|value| value.get_name().to_owned()).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
