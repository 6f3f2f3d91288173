//! The live pipeline over a trial: what `review --mode causal` takes its classes from.

use crate::dominance::Class;
use crate::log_of_trial::{Step, TrialLog};
use crate::pipeline::{Estimate, Output, Pipeline, Record};
use crate::report::ClassSeconds;
use surae_trial::{Note, Profile, Settings, Side, Trial};

/// Keeps the estimates.
#[derive(Default)]
struct Keep(Vec<Estimate>);

impl Output for Keep {
    fn record(&mut self, record: &Record) {
        if let Record::Estimate(estimate) = record {
            self.0.push(*estimate);
        }
    }
}

/// Every estimate of the pipeline over the trial's log, in order; none, with a note, when it cannot run.
pub(super) fn estimates(
    trial: &Trial,
    profile: Option<&Profile>,
    settings: &Settings,
    notes: &mut Vec<Note>,
) -> Vec<Estimate> {
    let mut log = TrialLog::new(trial);
    let settings = log.settings().copied().unwrap_or(*settings);
    let mut pipeline = match Pipeline::new(log.layout(), &settings, profile) {
        Ok(pipeline) => pipeline,
        Err(error) => {
            notes.push(Note::warning("no_estimates", format!("No live estimates from this trial: {error}.")));
            return Vec::new();
        }
    };
    pipeline.set_origin(log.origin());
    let mut kept = Keep::default();
    while let Some(step) = log.next_step() {
        match step {
            Step::Block(header, native) => pipeline.block(&header, native, &mut kept),
            Step::Entry(stamped) => pipeline.entry(&stamped, &mut kept),
        }
    }
    pipeline.finish(&mut kept);
    kept.0
}

/// Seconds in each class, before dwell; one estimate stands for one tick.
pub(super) fn class_seconds(estimates: &[Estimate], side: Side, tick_s: f64) -> ClassSeconds {
    let seconds = |class: Class| {
        estimates.iter().filter(|e| e.side == side && e.class_before_dwell == class).count() as f64 * tick_s
    };
    ClassSeconds {
        rest: seconds(Class::Rest),
        soleus_dominant: seconds(Class::SoleusDominant),
        balanced: seconds(Class::Balanced),
        gastrocnemius_dominant: seconds(Class::GastrocnemiusDominant),
        undetermined: seconds(Class::Undetermined),
    }
}
