//! From results of one leg to its part of the report, one file a topic, with a reason for everything that is missing.

mod angles;
mod cycles;
mod dominance;
mod muscles;
mod pushoffs;
mod side_difference;

pub(super) use angles::{ankle_report, knee_report};
pub(super) use cycles::{CycleParts, cycles_report, symmetry};
pub(super) use dominance::dominance_report;
pub(super) use muscles::muscle_report;
pub(super) use pushoffs::{lead_report, push_report, push_summary};
pub(super) use side_difference::side_difference;

const NO_CYCLE: &str = "no gait cycle: fewer than two usable foot contacts of this leg";
