//! `surae calibrate`: rest level, maximal contractions, straight-knee reference and goniometer of one person into a profile, from
//! recorded trials or step by step on a running device.

mod guided;

use super::live::DeviceName;
use super::load;
use super::task::TaskName;
use crate::failure::Failure;
use crate::output;
use clap::{Args as ClapArgs, ValueEnum};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use surae_gait::calibrate::{Calibration, CalibrationInputs, MuscleCalibration, MvcTrial, calibrate};
use surae_trial::{NormalisationKind, Settings, Severity, Task, Trial};

/// Make a profile: rest level, maximal contractions, straight-knee reference, goniometer; from recorded trials, or step by step on
/// a device
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  surae calibrate --device ascii --port /dev/ttyACM0 --map calf.toml --out anna.toml
  surae calibrate --device ascii --port /dev/ttyACM0 --out anna.toml --profile anna.toml --overwrite --steps gonio0,gonio90
  surae calibrate --rest quiet.c3d --mvc standing=mvc1.c3d --mvc seated=mvc2.c3d --date 2026-05-01 --out anna.toml
  surae calibrate --rest quiet.csv --mvc mvc.csv --straight raises.csv --athlete A1 --out a1.toml

Of each muscle the highest 500 ms over all postures counts. Repetitions lie in one trial or in several of one posture; the best two must
agree within 10 %. Clipped, noisy or spiky ones are refused, with the reason.

On a device the steps are told on standard error, and Enter starts each. Everything is recorded beside the profile (me.xdf), with
a mark at each step: 1 rest, 2 gonio0, 3 gonio90, 4 mvc, 5 straight. Ctrl-C ends it; what was accepted is kept.
Without a person at hand: surae emulate --device ascii --scenario calibration --link /tmp/calf

Exit code 1 with a profile: a muscle or a step was refused or left out and is not in it")]
pub struct Args {
    /// Trial at rest: lying, sitting or standing relaxed
    #[arg(long, value_name = "TRIAL", required_unless_present = "device", conflicts_with = "device")]
    rest: Option<PathBuf>,
    /// Trial of maximal contractions, its posture before '=' (repeatable)
    #[arg(
        long,
        value_name = "[POSTURE=]TRIAL",
        required_unless_present = "device",
        conflicts_with = "device"
    )]
    mvc: Vec<String>,
    /// Efforts with a straight knee (at least three): the reference of the angle test
    #[arg(long, value_name = "TRIAL", conflicts_with = "device")]
    straight: Option<PathBuf>,
    /// Light plantar flexion seated with the knee bent, at least 3 s: how much of soleus the electrodes over gastrocnemius see
    #[arg(long, value_name = "TRIAL", conflicts_with = "device")]
    isolation: Option<PathBuf>,
    /// Protocol of the port; one for each --port, or one for all
    #[arg(long, value_enum, requires = "port")]
    device: Vec<DeviceName>,
    #[command(flatten)]
    guided: guided::GuidedArgs,
    /// Where the profile goes
    #[arg(long, value_name = "PROFILE.toml")]
    out: PathBuf,
    /// Name or code of the person; that of the rest trial or of --profile otherwise
    #[arg(long)]
    athlete: Option<String>,
    /// Day of the calibration, YYYY-MM-DD; that of the rest trial, or today (UTC) on a device, otherwise
    #[arg(long, value_name = "DAY")]
    date: Option<String>,
    /// Where the electrodes are, in words
    #[arg(long, default_value = "")]
    placement: String,
    /// What the contractions are
    #[arg(long, value_enum, default_value = "mvc-iso")]
    kind: Kind,
    /// What the person does in the trial of --straight, and the filters of the calibration
    #[arg(long, value_enum, default_value = "plantar-flexion")]
    task: TaskName,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
}

/// The CEDE approaches that a calibration can measure.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// Standardised isometric maximal contraction
    MvcIso,
    /// Maximal contraction in the same task
    MvcTask,
    /// Standardised sub-maximal task
    Submax,
    /// Maximal evoked response
    Mmax,
}

impl From<Kind> for NormalisationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::MvcIso => Self::MvcIso,
            Kind::MvcTask => Self::MvcTask,
            Kind::Submax => Self::Submax,
            Kind::Mmax => Self::Mmax,
        }
    }
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let Some(rest) = args.rest.as_deref() else { return guided::run(&args) };
    let map = args.map.as_deref();
    let rest = load::trial(rest, map)?;
    let mvc = args
        .mvc
        .iter()
        .map(|text| {
            let (posture, path) = posture_of(text);
            Ok((posture, load::trial(&path, map)?))
        })
        .collect::<Result<Vec<(String, Trial)>, Failure>>()?;
    let straight = args.straight.as_deref().map(|path| load::trial(path, map)).transpose()?;
    let isolation = args.isolation.as_deref().map(|path| load::trial(path, map)).transpose()?;
    let date = day(args.date.as_deref(), rest.recorded_on.as_deref())?;
    let mvc: Vec<MvcTrial<'_>> = mvc.iter().map(|(posture, trial)| MvcTrial { posture, trial }).collect();
    let athlete = args.athlete.clone().or_else(|| rest.subject.name.clone()).unwrap_or_default();
    let found = calibrate(&CalibrationInputs {
        rest: &rest,
        mvc: &mvc,
        straight: straight.as_ref(),
        isolation: isolation.as_ref(),
        settings: &Settings::for_task(Task::from(args.task)),
        kind: args.kind.into(),
        athlete: &athlete,
        date: &date,
        placement: &args.placement,
        goniometers: &[],
        knee_offsets_deg: [None; 2],
        base: None,
    });
    let mut out = output::stdout();
    in_words(&mut out, &found)?;
    if found.profile.references.is_empty() {
        out.flush()?;
        return Err(Failure::refused(
            format!("no maximum was accepted: {} is not written", args.out.display()),
            "the reasons stand above; `surae info TRIAL` says what each channel was taken for",
        ));
    }
    surae_io::profile::write(&args.out, &found.profile)?;
    writeln!(out, "\nwritten to {}", args.out.display())?;
    out.flush()?;
    match refused(&found) {
        Some(refused) => {
            Err(Failure::refused(refused, "these muscles are not in the profile; record them again"))
        }
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Muscles without an accepted maximum and why, one a line.
fn refused(found: &Calibration) -> Option<String> {
    let refused: Vec<String> = found
        .muscles
        .iter()
        .filter_map(|m| m.outcome.as_ref().err().map(|why| format!("{} {}: {why}", m.side, m.muscle)))
        .collect();
    (!refused.is_empty()).then(|| refused.join("\n"))
}

/// `posture=path`, or a path whose stem names the posture. A path that exists is never cut at its '='.
fn posture_of(text: &str) -> (String, PathBuf) {
    match text.split_once('=') {
        Some((posture, path)) if !Path::new(text).exists() => {
            (posture.trim().to_owned(), PathBuf::from(path))
        }
        _ => {
            let path = PathBuf::from(text);
            let stem = path.file_stem().map_or_else(|| text.to_owned(), |s| s.to_string_lossy().into_owned());
            (stem, path)
        }
    }
}

/// The day, checked; never today's by default, because files may be old.
fn day(given: Option<&str>, stated: Option<&str>) -> Result<String, Failure> {
    let Some(day) = given.or(stated) else {
        return Err(Failure::usage(
            "the trials do not state their day",
            "give it with --date YYYY-MM-DD: a profile holds for one placement of the electrodes",
        ));
    };
    let parts: Vec<Option<u32>> = day
        .split('-')
        .map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten())
        .collect();
    let is_day = day.len() == 10
        && matches!(parts[..], [Some(_), Some(month), Some(d)] if (1..=12).contains(&month) && (1..=31).contains(&d));
    if is_day {
        Ok(day.to_owned())
    } else {
        Err(Failure::usage(format!("'{day}' is not a day"), "write it as YYYY-MM-DD, for example 2026-05-01"))
    }
}

fn in_words(out: &mut impl Write, found: &Calibration) -> Result<(), Failure> {
    for muscle in &found.muscles {
        one_muscle(out, muscle)?;
    }
    for straight in &found.profile.straight {
        writeln!(
            out,
            "{} leg, straight knee ({:.0} deg): ln(G/S) {:.3}, standard error {:.3}, {} efforts",
            straight.side, straight.knee_deg, straight.log_ratio, straight.standard_error, straight.n
        )?;
    }
    for leak in &found.profile.isolation {
        writeln!(
            out,
            "{} {}: sees at most {:.1} % of soleus ({:.1} s of the isolation trial)",
            leak.side,
            leak.muscle,
            100.0 * leak.coefficient,
            f64::from(leak.n) * 0.5
        )?;
    }
    for goniometer in &found.profile.goniometers {
        let (zero, ninety, unit) = (goniometer.at_0_deg, goniometer.at_90_deg, &goniometer.unit);
        writeln!(
            out,
            "{} knee, goniometer '{}': 0 deg at {zero:.4} {unit}, 90 deg at {ninety:.4} {unit}",
            goniometer.side, goniometer.label
        )?;
    }
    for note in &found.notes {
        let word = match note.severity {
            Severity::Info => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        writeln!(out, "{word}: {}", note.text)?;
    }
    Ok(())
}

fn one_muscle(out: &mut impl Write, muscle: &MuscleCalibration) -> Result<(), Failure> {
    let unit = &muscle.unit;
    write!(out, "{} {}: ", muscle.side, muscle.muscle)?;
    match &muscle.outcome {
        Ok((posture, maximum)) => {
            write!(out, "maximum {:.4} {unit} ({posture}, 500 ms, best of {}", maximum.value, maximum.n)?;
            match maximum.repeat_cv {
                Some(cv) => write!(out, ", CV {:.1} %", 100.0 * cv)?,
                None => write!(out, ", not repeated")?,
            }
            write!(out, ")")?;
        }
        Err(why) => write!(out, "refused: {why}")?,
    }
    match &muscle.rest {
        Some(rest) => writeln!(out, "; rest {:.4} {unit}", rest.arv)?,
        None => writeln!(out)?,
    }
    for posture in &muscle.postures {
        for repetition in &posture.repetitions {
            writeln!(
                out,
                "    {} {:.2} s: {:.4} {unit}{}",
                posture.name,
                repetition.at_s,
                repetition.value,
                repetition.problem.as_ref().map_or_else(String::new, |why| format!(", not counted: {why}"))
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posture_stands_before_the_equals_sign() {
        assert_eq!(posture_of("seated=a/b.csv"), ("seated".to_owned(), PathBuf::from("a/b.csv")));
        assert_eq!(posture_of("a/standing.csv"), ("standing".to_owned(), PathBuf::from("a/standing.csv")));
    }

    #[test]
    fn a_day_is_given_or_stated_and_never_guessed() {
        assert!(matches!(day(None, None), Err(Failure::Usage(_))));
        let stated = Some("2026-05-01");
        assert_eq!(day(None, stated).ok().as_deref(), stated);
        assert_eq!(day(Some("2026-05-02"), stated).ok().as_deref(), Some("2026-05-02"));
        for bad in ["today", "2026-13-01", "01.05.2026", "2026-5-1", "2026-+5-01"] {
            assert!(matches!(day(Some(bad), stated), Err(Failure::Usage(_))), "{bad}");
        }
    }
}
