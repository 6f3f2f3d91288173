//! `surae review`: offline analysis of trials: summary, JSON, tables, one page per leg.

mod folder;

use super::task::TaskName;
use super::{estimates, load};
use crate::failure::Failure;
use crate::html;
use crate::output;
use crate::page;
use crate::review as written;
use clap::{Args as ClapArgs, ValueEnum};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use surae_gait::report::Report;
use surae_gait::review::{Mode, ReviewModel, ReviewOptions, review, review_in_place};
use surae_trial::{Note, Profile, Settings, Severity, Side, Trial};

/// Analyse recorded trials: timing, dominance by phase and by knee angle, push-offs
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  surae review run.c3d --static standing.c3d             summary in words
  surae review run.c3d --static standing.c3d --out report    summary, and JSON, CSV, HTML, SVG and PNG in report/
  surae review emg.sto coordinates.mot                   EMG and angles in two files of one take
  surae review day1.c3d day2.c3d --out report            both, and comparison.html: the same axes, or why not
  surae review run.c3d --format html > run.html          one page to read, print or send
  surae review run.c3d --format pdf > run.pdf            the page of each leg, on A4
  surae review season/ --out results                     every trial below a folder, on all cores, one line each
  surae review season/ --out results --format parquet    one dataset of all trials, for DuckDB, Polars or Spark
  surae review run.c3d --format json                     JSON (surae.review/1) on stdout
  surae review run.c3d --task run --set conditioning.envelope_hz=20

Exit code 1 with a result: the trial lacks something for the whole answer (soleus, knee angle, contacts, units) or is damaged")]
pub struct Args {
    /// Trials, or folders of them; two files of which one has the EMG and the other the angles are one trial
    #[arg(required = true, value_name = "TRIAL")]
    trials: Vec<PathBuf>,
    /// Standing trial: zero of the knee angle and rest level of the EMG
    #[arg(long = "static", value_name = "TRIAL")]
    standing: Option<PathBuf>,
    /// File of the same take to join to the trial (repeatable)
    #[arg(long, value_name = "FILE")]
    with: Vec<PathBuf>,
    /// References, rest levels and straight-knee reference of this person
    #[arg(long, value_name = "P.toml")]
    profile: Option<PathBuf>,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Rate in Hz of a table that has neither a time column nor a rate
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
    /// One leg only
    #[arg(long, value_enum)]
    side: Option<OneSide>,
    /// What the person does; told from the contacts otherwise
    #[arg(long, value_enum)]
    task: Option<TaskName>,
    /// Change a setting (repeatable): path=value, as in the settings of the JSON report
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Filters: zero-phase (better timing) or causal (as live)
    #[arg(long, value_enum, default_value = "zero-phase")]
    mode: ModeName,
    /// Joint angles were constant: amplitude and spectrum may then be read together as fatigue
    #[arg(long)]
    isometric: bool,
    /// Add a model estimate of gastrocnemius's share in the plantar-flexion force (needs a profile and a knee angle)
    #[arg(long)]
    force_share: bool,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to write; with --out the default is json,csv,html,svg,png
    #[arg(long, value_enum, value_delimiter = ',')]
    format: Vec<Format>,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
enum OneSide {
    Left,
    Right,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeName {
    ZeroPhase,
    Causal,
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
    Svg,
    Png,
    /// One page of HTML: plots, tables, definitions; no scripts, nothing from outside
    Html,
    /// The pages of the legs in one file, on A4
    Pdf,
    /// Estimate lines of the live pipeline (surae.stream/1); needs --mode causal
    Jsonl,
    /// One dataset for all trials: OUT/TABLE/trial=NAME/part-0.parquet, for DuckDB, Polars and Spark
    Parquet,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let causal = matches!(args.mode, ModeName::Causal);
    if args.format.contains(&Format::Jsonl) && !causal {
        return Err(Failure::usage(
            "--format jsonl: estimate lines exist in causal mode only",
            "add --mode causal",
        ));
    }
    if args.trials.iter().any(|path| path.is_dir()) {
        return folder::run(&args);
    }
    let mut trials = load::trials(&args.trials, &args.with, args.map.as_deref(), args.rate)?;
    let standing = args
        .standing
        .as_deref()
        .map(|path| load::trial_at(path, args.map.as_deref(), args.rate))
        .transpose()?;
    let profile = load::profile(args.profile.as_deref())?;
    if args.out.is_none() && (trials.len() > 1 || args.format.len() > 1) && !args.format.is_empty() {
        return Err(Failure::usage(
            "several results cannot share standard output",
            "give a folder with --out, or one trial and one format",
        ));
    }
    if let Some(folder) = &args.out {
        fs::create_dir_all(folder).map_err(|error| Failure::writing(folder, &error))?;
    }
    // The page of several trials has its own name.
    let mut names: Vec<String> = if trials.len() > 1 { vec![COMPARISON.to_owned()] } else { Vec::new() };
    let mut later = false;
    let mut damages = Vec::new();
    let mut lacking = Vec::new();
    let mut pages: Vec<(String, ReviewModel)> = Vec::new();
    for trial in &mut trials {
        let settings = settings(&args, trial, standing.as_ref(), profile.as_ref())?;
        let options = ReviewOptions {
            mode: if causal { Mode::Causal } else { Mode::ZeroPhase },
            settings,
            isometric: args.isometric,
            force_share: args.force_share,
            ..ReviewOptions::default()
        };
        let mut model = review_in_place(trial, standing.as_ref(), profile.as_ref(), &options);
        let trial = &*trial;
        only(&mut model.report, args.side);
        usable(trial, &model.report)?;
        let name = unique(&mut names, &trial.path);
        let one = One {
            trial,
            model: &model,
            profile: profile.as_ref(),
            standing: standing.as_ref(),
            partition: &name,
        };
        match (&args.out, args.format.first()) {
            (None, Some(format)) => one.to_stdout(*format)?,
            (folder, _) => {
                let mut out = output::stdout();
                if std::mem::replace(&mut later, true) {
                    writeln!(out)?;
                }
                written::in_words(&mut out, &model.report)?;
                if let Some(folder) = folder {
                    let formats: &[Format] = if args.format.is_empty() {
                        &[Format::Json, Format::Csv, Format::Html, Format::Svg, Format::Png]
                    } else {
                        &args.format
                    };
                    let files = one.to_folder(folder, &name, formats)?;
                    writeln!(out, "\nwritten to {}: {}", folder.display(), files.join(" "))?;
                    if let Some(page) = files.iter().find(|file| file.ends_with(".html")) {
                        pages.push((page.clone(), model.clone()));
                    }
                }
                out.flush()?;
            }
        }
        damages.extend(damage(trial));
        if args.format != [Format::Jsonl] {
            lacking.extend(
                written::findings(&model.report).iter().map(|text| format!("{}: {text}", trial.path)),
            );
        }
    }
    if let (Some(folder), true) = (&args.out, pages.len() > 1) {
        compare(folder, &pages)?;
    }
    if !damages.is_empty() {
        damages.append(&mut lacking);
        return Err(Failure::refused(
            damages.join("\n"),
            "what could be read was analysed and stands in the result; copy or export the file again for the rest",
        ));
    }
    if !lacking.is_empty() {
        return Err(Failure::refused(
            lacking.join("\n"),
            "everything else was computed and stands in the result",
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the page that shows several trials on one scale.
fn compare(folder: &Path, pages: &[(String, ReviewModel)]) -> Result<(), Failure> {
    let trials: Vec<html::Compared<'_>> =
        pages.iter().map(|(page, model)| html::Compared { model, page: page.clone() }).collect();
    let path = folder.join(format!("{COMPARISON}.html"));
    output::write_file(&path, html::comparison(&trials).as_bytes())?;
    let mut out = output::stdout();
    writeln!(out, "\n{} trials on one scale: {}", pages.len(), path.display())?;
    out.flush()?;
    Ok(())
}

/// Name of the page of several trials, without its ending.
const COMPARISON: &str = "comparison";

/// Damage that the reader could work around: the result stands, and the exit code says that it is not whole.
fn damage(trial: &Trial) -> Vec<String> {
    let is_damage = |note: &&Note| note.severity == Severity::Error || DAMAGE.contains(&note.code.as_str());
    trial.notes.iter().filter(is_damage).map(|note| format!("{}: {}", trial.path, note.text)).collect()
}

/// Codes of notes that mean loss of data within the file.
const DAMAGE: [&str; 3] = ["truncated", "xdf_damaged", "xdf_torn"];

/// Shortest EMG of a muscle that anything can be said from.
const SHORTEST_EMG_S: f64 = 0.25;

/// The result of one trial.
struct One<'a> {
    trial: &'a Trial,
    model: &'a ReviewModel,
    profile: Option<&'a Profile>,
    standing: Option<&'a Trial>,
    /// What the trial is called in a dataset.
    partition: &'a str,
}

impl One<'_> {
    fn to_stdout(&self, format: Format) -> Result<(), Failure> {
        let mut out = output::stdout();
        match format {
            Format::Json => output::write_json(&mut out, &self.model.report)?,
            Format::Jsonl => self.estimate_lines(&mut out)?,
            Format::Html => out.write_all(html::page(self.model).as_bytes())?,
            Format::Pdf => match written::pdf(self.model)? {
                Some(pdf) => out.write_all(&pdf)?,
                None => return Err(Failure::refused(NO_PAGE, "--format html has all there is")),
            },
            Format::Csv | Format::Svg | Format::Png | Format::Parquet => {
                return Err(Failure::usage(
                    format!("--format {format:?} makes several files").to_lowercase(),
                    "give a folder with --out",
                ));
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Writes the files of one trial and gives their names.
    fn to_folder(&self, folder: &Path, name: &str, formats: &[Format]) -> Result<Vec<String>, Failure> {
        let mut files = Vec::new();
        if formats.contains(&Format::Parquet) {
            files.extend(written::dataset::write(&self.model.report, folder, self.partition)?);
        }
        let mut write = |file: String, bytes: &[u8]| {
            output::write_file(&folder.join(&file), bytes)?;
            files.push(file);
            Ok::<(), Failure>(())
        };
        if formats.contains(&Format::Json) {
            let mut text = Vec::new();
            output::write_json(&mut text, &self.model.report)?;
            write(format!("{name}.json"), &text)?;
        }
        if formats.contains(&Format::Html) {
            write(format!("{name}.html"), html::page(self.model).as_bytes())?;
        }
        if formats.contains(&Format::Pdf)
            && let Some(pdf) = written::pdf(self.model)?
        {
            write(format!("{name}.pdf"), &pdf)?;
        }
        if formats.contains(&Format::Csv) {
            for table in &written::TABLES {
                if let Some(text) = written::table(table, &self.model.report) {
                    write(format!("{name}.{}.csv", table.name), text.as_bytes())?;
                }
            }
            if let Some(text) = written::jump_table(&self.model.report) {
                write(format!("{name}.jumps.csv"), text.as_bytes())?;
            }
            for side in Side::BOTH {
                // A leg that was not asked for is not in the report.
                let asked = self.model.report.sides.of(side).is_some();
                for curves in self.model.series.side(side).curves.iter().filter(|_| asked) {
                    if let Some(text) = written::curve_matrix(curves) {
                        write(format!("{name}.spm1d.{side}.{}.csv", curves.name), text.as_bytes())?;
                    }
                }
            }
        }
        if formats.contains(&Format::Jsonl) {
            let mut text = Vec::new();
            self.estimate_lines(&mut text)?;
            write(format!("{name}.jsonl"), &text)?;
        }
        for side in Side::BOTH {
            let Some(page) = written::leg_page(self.model, side) else { continue };
            let svg = page::svg(&page);
            if formats.contains(&Format::Svg) {
                write(format!("{name}.{side}.svg"), svg.as_bytes())?;
            }
            if formats.contains(&Format::Png) {
                write(format!("{name}.{side}.png"), &page::png(&svg)?)?;
            }
        }
        Ok(files)
    }

    fn estimate_lines(&self, out: &mut impl Write) -> Result<(), Failure> {
        estimates::of_trial(self.trial, self.standing, self.profile, &self.model.report.settings, out)
    }
}

/// Why there is no PDF.
const NO_PAGE: &str = "no leg has EMG of a known muscle: there is no page to print";

/// A file stem that no earlier trial of this run has.
fn unique(taken: &mut Vec<String>, path: &str) -> String {
    let stem =
        Path::new(path).file_stem().map_or_else(|| "trial".into(), |s| s.to_string_lossy().into_owned());
    let name = (1..)
        .map(|k| if k == 1 { stem.clone() } else { format!("{stem}-{k}") })
        .find(|name| !taken.contains(name))
        .unwrap_or(stem);
    taken.push(name.clone());
    name
}

/// Leaves one leg only, and says why the other is missing.
fn only(report: &mut Report, side: Option<OneSide>) {
    let (dropped, path) = match side {
        None => return,
        Some(OneSide::Left) => (&mut report.sides.right, "sides.right"),
        Some(OneSide::Right) => (&mut report.sides.left, "sides.left"),
    };
    *dropped = None;
    report.unavailable.retain(|key, _| !key.starts_with(path));
    report.unavailable.insert(path.to_owned(), "not asked for (--side)".to_owned());
    let leg = if path == "sides.left" { "Left" } else { "Right" };
    report.sentences.retain(|sentence| !sentence.starts_with(leg));
}

/// Seconds of EMG of a known muscle with a value, in the channel that has most; no more than are asked for are counted.
fn longest_emg_s(trial: &Trial, asked_s: f64) -> f64 {
    let mut longest_s = 0.0_f64;
    for stream in &trial.streams {
        let asked = (asked_s * stream.rate_hz).ceil().max(1.0) as usize;
        for (at, channel) in stream.channels.iter().enumerate() {
            if longest_s < asked_s && channel.role.kind.is_emg() && channel.role.muscle.is_some() {
                let found = stream.first_values(&[at], asked).first().map_or(0, Vec::len);
                longest_s = longest_s.max(found as f64 / stream.rate_hz);
            }
        }
    }
    longest_s
}

/// Refuses a trial from which nothing about the calf and no jump can be told.
fn usable(trial: &Trial, report: &Report) -> Result<(), Failure> {
    let legs = || Side::BOTH.into_iter().filter_map(|side| report.sides.of(side));
    if legs().any(|leg| !leg.muscles.is_empty()) {
        let longest_s = longest_emg_s(trial, SHORTEST_EMG_S);
        if longest_s >= SHORTEST_EMG_S {
            return Ok(());
        }
        let mut what = format!("{}: only {longest_s:.3} s of EMG have a value", trial.path);
        for text in damage(trial) {
            what = format!("{what}\n{text}");
        }
        return Err(Failure::refused(
            what,
            format!("at least {SHORTEST_EMG_S} s are needed; check the export, or record the trial again"),
        ));
    }
    if !report.jumps.is_empty() {
        return Ok(());
    }
    let labels: Vec<&str> = trial
        .streams
        .iter()
        .flat_map(|stream| &stream.channels)
        .map(|channel| channel.label.as_str())
        .take(12)
        .collect();
    let labels = if labels.is_empty() { "no channels at all".to_owned() } else { labels.join(", ") };
    let doubts: Vec<&str> = report
        .notes
        .iter()
        .filter(|note| note.severity == Severity::Error)
        .map(|note| note.text.as_str())
        .collect();
    let doubts = if doubts.is_empty() { String::new() } else { format!(". {}", doubts.join(" ")) };
    Err(Failure::refused(
        format!("{}: no usable EMG of a calf muscle; the channels are: {labels}{doubts}", trial.path),
        "`surae info TRIAL` says what each channel was taken for; `surae info TRIAL --write-map MAP.toml` writes a map \
         in which you name muscle and side, to be given with --map MAP.toml",
    ))
}

/// The settings of the command line; `None` leaves the choice to the review.
fn settings(
    args: &Args,
    trial: &Trial,
    standing: Option<&Trial>,
    profile: Option<&Profile>,
) -> Result<Option<Settings>, Failure> {
    let of_task = args.task.map(|task| Settings::for_task(task.into()));
    if args.set.is_empty() {
        return Ok(of_task);
    }
    // The changes are relative to the defaults of the task, which the review itself finds.
    let base = of_task
        .unwrap_or_else(|| review(trial, standing, profile, &ReviewOptions::default()).report.settings);
    changed(base, &args.set).map(Some)
}

/// Applies `path=value` changes; an unknown path or a value out of range is wrong usage.
pub fn changed(base: Settings, changes: &[String]) -> Result<Settings, Failure> {
    let wrong = |change: &str, why: String| {
        Failure::usage(
            format!("--set {change}: {why}"),
            "give PATH=VALUE with a path of `settings` in the JSON report, for example conditioning.envelope_hz=10",
        )
    };
    let mut tree = serde_json::to_value(base).map_err(|error| wrong("", error.to_string()))?;
    for change in changes {
        let (path, value) = change.split_once('=').ok_or_else(|| wrong(change, "no '=' in it".to_owned()))?;
        let value: Value =
            serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.trim().to_owned()));
        let place = path
            .trim()
            .split('.')
            .try_fold(&mut tree, |node, key| node.get_mut(key))
            .ok_or_else(|| wrong(change, format!("there is no setting '{path}'")))?;
        *place = value;
    }
    let settings: Settings =
        serde_json::from_value(tree).map_err(|error| wrong(&changes.join(" "), error.to_string()))?;
    settings.validate().map_err(|error| wrong(&changes.join(" "), error.to_string()))?;
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_change_by_path_and_refuse_what_is_not_there() {
        let change = |text: &str| changed(Settings::default(), &[text.to_owned()]);
        assert_eq!(change("conditioning.envelope_hz=10").unwrap().conditioning.envelope_hz, 10.0);
        assert_eq!(
            change("conditioning.correction=none").unwrap().conditioning.correction,
            surae_trial::Correction::None
        );
        let notch = change("conditioning.notch={\"centre_hz\":50,\"quality\":35}").unwrap();
        assert_eq!(notch.conditioning.notch.map(|n| n.centre_hz), Some(50.0));
        for bad in [
            "conditioning.envelope=10",
            "conditioning.envelope_hz",
            "conditioning.envelope_hz=-1",
            "tick_s=soon",
        ] {
            assert!(matches!(change(bad), Err(Failure::Usage(_))), "{bad}");
        }
    }

    #[test]
    fn results_of_trials_with_one_name_do_not_overwrite_each_other() {
        let mut taken = Vec::new();
        assert_eq!(unique(&mut taken, "a/walk.c3d"), "walk");
        assert_eq!(unique(&mut taken, "b/walk.c3d"), "walk-2");
        assert_eq!(unique(&mut taken, "b/run.c3d"), "run");
    }
}
