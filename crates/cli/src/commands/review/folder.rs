//! `surae review` of folders: every trial below them on all cores, one line each, and what could not be analysed at the end.
//!
//! Trials are never put together here: a standing trial is one only where `--static` says so, and a file of coordinates joins
//! an EMG file only on a command line of its own.

use super::{Args, Format, Mode, ModeName, One, damage, only, settings, unique, usable};
use crate::commands::load;
use crate::failure::Failure;
use crate::output;
use crate::review as written;
use crate::review::dataset;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use surae_engine::jobs;
use surae_gait::report::{ClassSeconds, Report};
use surae_gait::review::{ReviewOptions, review_in_place};
use surae_trial::{Profile, Side, Trial};

/// Files that are no recordings, named in the summary at most.
const NAMED: usize = 6;

/// What became of one file.
enum Outcome {
    /// Analysed; what is missing for the whole answer.
    Done { line: String, lacking: Vec<String>, files: usize },
    /// Opened or recognised, and refused.
    Refused(String),
    /// No recording.
    Other,
}

/// One file and whether the user named it.
struct Found {
    path: PathBuf,
    named: bool,
    /// Stem for the files of its result, unique in this run.
    name: String,
    /// What it is called in a dataset: its path below the folder, so that a later run calls it the same.
    partition: String,
}

/// Reviews everything below the folders of the command line.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    if !args.with.is_empty() {
        return Err(Failure::usage(
            "--with joins files to one trial, not to a folder",
            "review that trial on its own",
        ));
    }
    if !args.format.is_empty() && args.out.is_none() {
        return Err(Failure::usage(
            "several results cannot share standard output",
            "give a folder with --out",
        ));
    }
    let standing = args
        .standing
        .as_deref()
        .map(|path| load::trial_at(path, args.map.as_deref(), args.rate))
        .transpose()?;
    let profile = load::profile(args.profile.as_deref())?;
    if let Some(folder) = &args.out {
        fs::create_dir_all(folder).map_err(|error| Failure::writing(folder, &error))?;
    }
    let found = files(args)?;
    if found.is_empty() {
        let folders: Vec<String> = args.trials.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::refused(
            format!("{}: no files", folders.join(", ")),
            "name a folder that holds trials",
        ));
    }
    let bar = ProgressBar::new(found.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files, {eta} left") {
        bar.set_style(style);
    }
    let mut run = Summary::default();
    let work = |found: &Found| one(found, args, standing.as_ref(), profile.as_ref());
    jobs::in_order(&found, jobs::workers(), work, |at, outcome| {
        let stopped = || Outcome::Refused("the analysis stopped; please report this file".to_owned());
        run.take(&found[at], outcome.unwrap_or_else(stopped), &bar);
        bar.inc(1);
    });
    bar.finish_and_clear();
    run.finish(args)
}

/// All files below the named paths, in the order of their names; nothing twice, none of our own results.
fn files(args: &Args) -> Result<Vec<Found>, Failure> {
    let whole = |path: &PathBuf| path.canonicalize().ok();
    let mut seen: BTreeSet<PathBuf> = [&args.standing, &args.profile, &args.map, &args.out]
        .into_iter()
        .filter_map(|path| path.as_ref().and_then(whole))
        .collect();
    let (mut paths, mut roots) = (Vec::new(), Vec::new());
    for path in &args.trials {
        let known = paths.len();
        if path.is_dir() {
            below(path, &mut seen, &mut paths)?;
        } else {
            paths.push((path.clone(), true));
        }
        roots.resize(roots.len() + paths.len() - known, path.as_path());
    }
    let (mut names, mut partitions) = (Vec::new(), BTreeSet::new());
    let companions = companions(&paths);
    Ok(paths
        .into_iter()
        .zip(roots)
        .filter(|((path, named), _)| *named || !companions.contains(path))
        .map(|((path, named), root)| {
            let name = unique(&mut names, &path.to_string_lossy());
            let partition = partition(&mut partitions, &path, root);
            Found { path, named, name, partition }
        })
        .collect())
}

/// Files that others of them name as a part of themselves: they are read with those.
fn companions(paths: &[(PathBuf, bool)]) -> BTreeSet<PathBuf> {
    let tables =
        paths.iter().map(|(path, _)| path).filter(|path| path.extension().is_some_and(|e| e == "csv"));
    tables
        .flat_map(|path| surae_io::companions_of(path).into_iter().map(|name| path.with_file_name(name)))
        .collect()
}

/// The path below `root` without its ending; with it, or whole, where another file of this run has that name.
fn partition(taken: &mut BTreeSet<String>, path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).ok().filter(|rest| !rest.as_os_str().is_empty());
    let below = below.or_else(|| path.file_name().map(Path::new)).unwrap_or(path);
    let text = |path: &Path| path.to_string_lossy().replace('\\', "/");
    let names = [text(&below.with_extension("")), text(below), text(path)];
    let free = names.iter().find(|name| !taken.contains(*name)).unwrap_or(&names[2]).clone();
    taken.insert(free.clone());
    free
}

fn below(
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
    paths: &mut Vec<(PathBuf, bool)>,
) -> Result<(), Failure> {
    let refused = |error: std::io::Error| {
        Failure::refused(format!("{}: cannot be listed: {error}", folder.display()), "check its permissions")
    };
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).map_err(refused)?.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let Ok(whole) = path.canonicalize() else { continue };
        // A link may lead back up: what was seen is not seen again.
        if hidden || !seen.insert(whole) {
            continue;
        }
        if path.is_dir() {
            below(&path, seen, paths)?;
        } else if path.is_file() {
            paths.push((path, false));
        }
    }
    Ok(())
}

fn one(found: &Found, args: &Args, standing: Option<&Trial>, profile: Option<&Profile>) -> Outcome {
    if let (Some(folder), true) = (&args.out, args.format.contains(&Format::Parquet))
        && let Err(failure) = dataset::forget(folder, &found.partition)
    {
        return Outcome::Refused(failure.what());
    }
    let map = match args.map.as_deref().map(surae_io::map::read).transpose() {
        Ok(map) => map,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    let rate_hz = args.rate.or_else(|| map.as_ref().and_then(|map| map.rate_hz));
    let mut trial = match surae_io::read_trial_at(&found.path, rate_hz) {
        Ok(trial) => trial,
        Err(surae_io::Error::Unrecognised { .. }) if !found.named => return Outcome::Other,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    if let Some(map) = map {
        map.apply(&mut trial);
    }
    reviewed(&mut trial, found, args, standing, profile)
        .unwrap_or_else(|failure| Outcome::Refused(failure.what()))
}

fn reviewed(
    trial: &mut Trial,
    found: &Found,
    args: &Args,
    standing: Option<&Trial>,
    profile: Option<&Profile>,
) -> Result<Outcome, Failure> {
    let mode = if matches!(args.mode, ModeName::Causal) { Mode::Causal } else { Mode::ZeroPhase };
    let options = ReviewOptions {
        mode,
        settings: settings(args, trial, standing, profile)?,
        isometric: args.isometric,
        force_share: args.force_share,
        ..ReviewOptions::default()
    };
    let mut model = review_in_place(trial, standing, profile, &options);
    let trial = &*trial;
    only(&mut model.report, args.side);
    usable(trial, &model.report)?;
    let mut lacking = damage(trial);
    lacking
        .extend(written::findings(&model.report).into_iter().map(|text| format!("{}: {text}", trial.path)));
    let one = One { trial, model: &model, profile, standing, partition: &found.partition };
    let formats: &[Format] =
        if args.format.is_empty() { &[Format::Json, Format::Csv][..] } else { &args.format };
    let files = match &args.out {
        Some(folder) => one.to_folder(folder, &found.name, formats)?.len(),
        None => 0,
    };
    Ok(Outcome::Done { line: line(&model.report), lacking, files })
}

/// What a trial shows, in one line.
fn line(report: &Report) -> String {
    let mut parts = vec![
        format!("{:.1} s", report.trial.duration_s),
        crate::words::task(report.settings.task).to_owned(),
    ];
    for side in Side::BOTH {
        let Some(leg) = report.sides.of(side).filter(|leg| !leg.muscles.is_empty()) else { continue };
        let muscles: Vec<&str> = leg.muscles.keys().map(String::as_str).collect();
        let mut said = format!("{side} {}", muscles.join("+"));
        if leg.cycles.n > 0 {
            said.push_str(&format!(", {} cycles", leg.cycles.n));
        }
        if let Some(lead) = &leg.lead_summary {
            said.push_str(&format!(", lead {:+.0} ms", lead.median_ms));
        }
        if let Some(shares) =
            leg.dominance.as_ref().and_then(|d| d.class_duration_s.as_ref()).and_then(shares)
        {
            said.push_str(&format!(", {shares}"));
        }
        parts.push(said);
    }
    parts.join(" | ")
}

/// Shares of the time in which a class could be told.
fn shares(seconds: &ClassSeconds) -> Option<String> {
    let told = seconds.soleus_dominant + seconds.balanced + seconds.gastrocnemius_dominant;
    let percent = |part: f64| 100.0 * part / told;
    (told > 0.0).then(|| {
        format!(
            "soleus {:.0} % balanced {:.0} % gastrocnemius {:.0} %",
            percent(seconds.soleus_dominant),
            percent(seconds.balanced),
            percent(seconds.gastrocnemius_dominant)
        )
    })
}

/// What the end of the run tells.
#[derive(Default)]
struct Summary {
    whole: usize,
    partial: Vec<String>,
    refused: Vec<(String, String)>,
    other: Vec<String>,
    written: usize,
    failure: Option<Failure>,
}

impl Summary {
    fn take(&mut self, found: &Found, outcome: Outcome, bar: &ProgressBar) {
        let path = found.path.display().to_string();
        let told = match outcome {
            Outcome::Other => {
                self.other.push(path);
                return;
            }
            Outcome::Refused(why) => {
                let told = format!("refused  {path}");
                self.refused.push((path, why));
                told
            }
            Outcome::Done { line, lacking, files } => {
                let state = if lacking.is_empty() { "ok" } else { "partial" };
                if lacking.is_empty() {
                    self.whole += 1;
                } else {
                    self.partial.extend(lacking);
                }
                self.written += files;
                format!("{state:8} {path} | {line}")
            }
        };
        if self.failure.is_none() {
            self.failure = bar.suspend(|| writeln!(std::io::stdout(), "{told}")).err().map(Failure::from);
        }
    }

    fn finish(self, args: &Args) -> Result<ExitCode, Failure> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut out = output::stdout();
        let partial: BTreeSet<&str> =
            self.partial.iter().filter_map(|text| text.split(": ").next()).collect();
        writeln!(
            out,
            "\n{} trials analysed, {} of them in part; {} refused; {} other files",
            self.whole + partial.len(),
            partial.len(),
            self.refused.len(),
            self.other.len()
        )?;
        if let Some(folder) = &args.out {
            writeln!(out, "{} files written to {}", self.written, folder.display())?;
        }
        if !self.other.is_empty() {
            let names: Vec<String> = self.other.iter().take(NAMED).map(|path| file_name(path)).collect();
            let more = self.other.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(out, "no recordings: {}{more}", names.join(", "))?;
        }
        for (title, texts) in [
            ("in part", self.partial.iter().map(String::as_str).collect::<Vec<_>>()),
            ("refused", self.refused.iter().map(|(_, why)| why.as_str()).collect()),
        ] {
            if !texts.is_empty() {
                writeln!(out, "\n{title}:")?;
            }
            for text in texts {
                writeln!(out, "  {}", text.lines().next().unwrap_or_default())?;
            }
        }
        out.flush()?;
        let found = !self.partial.is_empty() || !self.refused.is_empty();
        Ok(ExitCode::from(u8::from(found)))
    }
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_dataset_are_paths_below_the_folder_and_never_shared() {
        let mut taken = BTreeSet::new();
        let mut named = |path: &str, root: &str| partition(&mut taken, Path::new(path), Path::new(root));
        assert_eq!(named("season/anna/walk.c3d", "season"), "anna/walk");
        assert_eq!(named("season/anna/walk.trc", "season"), "anna/walk.trc");
        assert_eq!(named("other/anna/walk.trc", "other"), "other/anna/walk.trc");
        assert_eq!(named("day/run.1.c3d", "day/run.1.c3d"), "run.1");
    }
}
