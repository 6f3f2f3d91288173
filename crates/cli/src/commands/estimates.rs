//! A trial through the live pipeline in one go, as the lines of `surae.stream/1`.
//!
//! The same log and the same pipeline as `surae live` and `surae replay`, without threads and without pacing.

use crate::failure::Failure;
use std::io::{self, Write};
use surae_gait::knee;
use surae_gait::log_of_trial::{Step, TrialLog};
use surae_gait::pipeline::line::{header, line};
use surae_gait::pipeline::{Output, Pipeline, Record};
use surae_gait::review::settle_sides;
use surae_trial::{Profile, SessionLayout, Settings, Trial};

/// Writes each record as a line, remembering the first failure: the pipeline has no place for it.
struct Lines<'a, W> {
    out: W,
    layout: &'a SessionLayout,
    failed: Option<io::Error>,
}

impl<W: Write> Output for Lines<'_, W> {
    fn record(&mut self, record: &Record) {
        if self.failed.is_none() {
            self.failed = write_line(&mut self.out, &line(record, self.layout)).err();
        }
    }
}

fn write_line(out: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Writes the header and every record of the trial; a recording's own settings hold over `settings`.
pub fn of_trial(
    trial: &Trial,
    standing: Option<&Trial>,
    profile: Option<&Profile>,
    settings: &Settings,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let profile = profile.or_else(|| trial.log.as_ref().and_then(|log| log.profile.as_ref()));
    let mut trial = trial.clone();
    if trial.log.is_none() {
        settle_sides(&mut trial);
        knee::add_knee_angles(&mut trial, standing, profile);
    }
    let mut log = TrialLog::new(&trial);
    let settings = log.settings().copied().unwrap_or(*settings);
    let layout = log.layout().clone();
    let mut pipeline = Pipeline::new(&layout, &settings, profile).map_err(|error| {
        Failure::refused(
            format!("{}: no estimates: {error}", trial.path),
            "estimate lines need raw EMG at a usable rate; `surae info` shows what the trial has",
        )
    })?;
    pipeline.set_origin(log.origin());
    write_line(out, &header(&pipeline, &layout, &settings))?;
    let mut lines = Lines { out, layout: &layout, failed: None };
    while let Some(step) = log.next_step() {
        match step {
            Step::Block(header, native) => pipeline.block(&header, native, &mut lines),
            Step::Entry(stamped) => pipeline.entry(&stamped, &mut lines),
        }
    }
    pipeline.finish(&mut lines);
    lines.failed.map_or(Ok(()), |error| Err(error.into()))
}
