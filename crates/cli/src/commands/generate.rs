//! `surae generate`: a synthetic trial with its truth and its profile beside it.

use crate::failure::Failure;
use crate::generate::{self, Request, Scenario, Shwedyk};
use crate::output;
use clap::{Args as ClapArgs, ValueEnum};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use surae_trial::Side;

/// Make a synthetic trial whose truth is known, with the truth (JSON) and a matching profile (TOML) beside it
#[derive(ClapArgs)]
#[command(after_help = "Example: surae generate walk.csv --scenario walk --seed 7
  writes walk.csv (EMG), walk.angles.csv (knee angle, foot switch), walk.truth.json and walk.profile.toml;
  then: surae review walk.csv --profile walk.profile.toml")]
pub struct Args {
    /// File to write; must end in .csv
    out: PathBuf,
    /// What is done
    #[arg(long, value_enum)]
    scenario: Scenario,
    /// Seed: the same seed gives the same trial
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Knee flexion in deg (heel-raise and isometric only; 0 = straight)
    #[arg(long, value_name = "DEG", allow_negative_numbers = true)]
    knee: Option<f64>,
    /// Duration in s; each scenario has its own default
    #[arg(long, value_name = "S")]
    duration: Option<f64>,
    /// Rate of the EMG in Hz
    #[arg(long, value_name = "HZ", default_value_t = 1000.0)]
    rate: f64,
    /// Legs with sensors
    #[arg(long, value_enum, default_value = "right")]
    side: Sides,
    /// Lower corner of the EMG spectrum in Hz (Shwedyk)
    #[arg(long, value_name = "HZ", default_value_t = 60.0)]
    fl: f64,
    /// Upper corner of the EMG spectrum in Hz (Shwedyk)
    #[arg(long, value_name = "HZ", default_value_t = 120.0)]
    fh: f64,
    /// Share of the soleus signal that the gastrocnemius electrodes pick up (0.06: Vieira 2017)
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    crosstalk: f64,
    /// White noise of each channel, RMS in uV
    #[arg(long, value_name = "UV", default_value_t = 3.0)]
    noise: f64,
    /// Mains hum: amplitude in uV
    #[arg(long, value_name = "UV", default_value_t = 0.0)]
    hum: f64,
    /// Mains frequency in Hz
    #[arg(long, value_name = "HZ", default_value_t = 50.0)]
    hum_hz: f64,
    /// Hole in the EMG stream: START:LENGTH in s
    #[arg(long, value_name = "S:S", value_parser = parse_gap)]
    gap: Option<(f64, f64)>,
    /// Body mass in kg (jumps only)
    #[arg(long, value_name = "KG", default_value_t = 75.0)]
    body_mass: f64,
    /// White noise of the force, RMS in N (jumps only)
    #[arg(long, value_name = "N", default_value_t = 1.5)]
    force_noise: f64,
    /// Fall of gastrocnemius and rise of soleus with knee flexion, both per deg (heel-raise, isometric, squat): G:S
    #[arg(long, value_name = "G:S", value_parser = parse_gap, allow_hyphen_values = true)]
    per_deg: Option<(f64, f64)>,
    /// Change towards the end (heel-raise, isometric, squat): factor of the spectrum's corners, factor of the drive
    #[arg(long, value_name = "F:F", value_parser = parse_gap)]
    fatigue: Option<(f64, f64)>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sides {
    Left,
    Right,
    Both,
}

fn parse_gap(text: &str) -> Result<(f64, f64), String> {
    let (start, length) = text.split_once(':').ok_or("give two numbers with a colon, for example 4.0:0.3")?;
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| format!("'{text}' is not a number"));
    Ok((number(start)?, number(length)?))
}

/// Longest and largest trial that is made: keeps a mistyped number from filling memory.
const MAX_DURATION_S: f64 = 3600.0;

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let out_path = args.out.clone();
    if out_path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("csv")) {
        return Err(Failure::usage(
            format!("{}: generate writes CSV", out_path.display()),
            "give a file name that ends in .csv",
        ));
    }
    let request = args.request()?;
    let (trial, truth) = generate::generate(&request);
    let beside = |ending: &str| out_path.with_extension(ending);
    surae_io::csv_trial::write(&trial, &out_path)?;
    let truth_path = beside("truth.json");
    let mut text = Vec::new();
    output::write_json(&mut text, &truth)?;
    output::write_file(&truth_path, &text)?;
    let profile_path = beside("profile.toml");
    surae_io::profile::write(&profile_path, &generate::profile(&request))?;

    let mut out = output::stdout();
    let shown = |path: &Path| path.display().to_string();
    writeln!(
        out,
        "{}: synthetic {} of {} s, EMG at {} Hz, seed {}",
        shown(&out_path),
        scenario_word(request.scenario),
        request.duration_s,
        request.rate_hz,
        request.seed
    )?;
    writeln!(out, "truth    {}\nprofile  {}", shown(&truth_path), shown(&profile_path))?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn scenario_word(scenario: Scenario) -> String {
    scenario.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

impl Args {
    fn request(&self) -> Result<Request, Failure> {
        let held = matches!(self.scenario, Scenario::HeelRaise | Scenario::Isometric);
        if !held && self.knee.is_some() {
            return Err(Failure::usage(
                "--knee: the knee moves in this scenario",
                "leave it out, or take --scenario heel-raise or isometric",
            ));
        }
        let efforts = held || self.scenario == Scenario::Squat;
        if !efforts && (self.per_deg.is_some() || self.fatigue.is_some()) {
            return Err(Failure::usage(
                "--per-deg, --fatigue: they change single efforts only",
                "leave them out, or take --scenario heel-raise, isometric or squat",
            ));
        }
        if self.scenario == Scenario::Calibration && matches!(self.side, Sides::Both) {
            return Err(Failure::usage("--side both: a calibration is of one leg", "take left or right"));
        }
        let duration_s = self.duration.unwrap_or(self.scenario.default_duration_s());
        let knee_deg = self.knee.unwrap_or(0.0);
        between("--duration", duration_s, 2.0, MAX_DURATION_S)?;
        between("--rate", self.rate, 100.0, 20_000.0)?;
        between("--knee", knee_deg, -15.0, 130.0)?;
        between("--fl", self.fl, 1.0, 500.0)?;
        between("--fh", self.fh, 1.0, 1000.0)?;
        between("--crosstalk", self.crosstalk, 0.0, 1.0)?;
        between("--noise", self.noise, 0.0, 1e5)?;
        between("--hum", self.hum, 0.0, 1e5)?;
        between("--hum-hz", self.hum_hz, 1.0, 1000.0)?;
        between("--body-mass", self.body_mass, 1.0, 500.0)?;
        between("--force-noise", self.force_noise, 0.0, 1000.0)?;
        for per_deg in self.per_deg.iter().flat_map(|law| [law.0, law.1]) {
            between("--per-deg", per_deg, -0.1, 0.1)?;
        }
        for factor in self.fatigue.iter().flat_map(|f| [f.0, f.1]) {
            between("--fatigue", factor, 0.1, 10.0)?;
        }
        if let Some((start_s, length_s)) = self.gap {
            between("--gap start", start_s, 0.0, duration_s)?;
            between("--gap length", length_s, 0.0, duration_s - start_s)?;
        }
        let sides = match self.side {
            Sides::Left => vec![Side::Left],
            Sides::Right => vec![Side::Right],
            Sides::Both => Side::BOTH.to_vec(),
        };
        Ok(Request {
            scenario: self.scenario,
            seed: self.seed,
            knee_deg,
            duration_s,
            rate_hz: self.rate,
            sides,
            spectrum: Shwedyk { low_hz: self.fl, high_hz: self.fh },
            crosstalk: self.crosstalk,
            noise_uv: self.noise,
            hum: (self.hum > 0.0).then_some((self.hum, self.hum_hz)),
            gap: self.gap,
            mass_kg: self.body_mass,
            force_noise_n: self.force_noise,
            law: self.per_deg.map(|(gastrocnemius, soleus)| [gastrocnemius, soleus]),
            fatigue: self
                .fatigue
                .map(|(spectrum_at_end, drive_at_end)| generate::Fatigue { spectrum_at_end, drive_at_end }),
        })
    }
}

fn between(option: &str, value: f64, low: f64, high: f64) -> Result<(), Failure> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Failure::usage(
            format!("{option}: {value} is out of range"),
            format!("give a number from {low} to {high}"),
        ))
    }
}
