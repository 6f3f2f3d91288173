//! The commands, one file each: `Args` for clap and `run(args)`.
//!
//! To add one: a file here, a variant in `Command` of `main.rs`, a line in its `match`.

pub mod calibrate;
pub mod convert;
#[cfg(feature = "dashboard")]
pub mod dashboard;
pub mod demo;
pub mod devices;
pub mod emulate;
mod estimates;
pub mod generate;
pub mod info;
mod interrupt;
mod latency;
pub mod live;
mod load;
mod outlets;
pub mod protocol;
pub mod repair;
pub mod replay;
pub mod review;
mod stream;
mod task;

use crate::failure::Failure;
use std::process::ExitCode;

/// `surae` alone: the dashboard with its Start card.
#[cfg(not(feature = "dashboard"))]
pub fn without_command() -> Result<ExitCode, Failure> {
    Err(Failure::usage(
        "this build of surae is headless: it has no dashboard",
        "name a command, for example `surae review TRIAL`; `surae --help` lists them",
    ))
}

/// `surae` alone: the dashboard with its Start card.
#[cfg(feature = "dashboard")]
pub fn without_command() -> Result<ExitCode, Failure> {
    dashboard::run(dashboard::Args::plain())
}
