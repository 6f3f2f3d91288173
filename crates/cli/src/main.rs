//! `surae`: the command line of Surae. Composes the other crates, prints, and decides the exit code.
//!
//! Exit codes: 0 done, 1 the input was refused or the result is a finding, 2 wrong usage. Errors are told once, on
//! stderr: what is wrong, where, and what to do. A reader that closes the pipe early (`surae info t.c3d | head`) is
//! not an error.

mod commands;
mod failure;
mod generate;
mod html;
mod output;
mod page;
mod review;
mod words;

use clap::{Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;

/// Real-time EMG and gait analysis: gastrocnemius or soleus, when, and at which knee angle.
///
/// Without a command it opens the dashboard: see a demo, open a recording, connect a board.
#[derive(Parser)]
#[command(name = "surae", version, arg_required_else_help = false, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// One variant per file of `commands/`.
#[derive(Subcommand)]
enum Command {
    Review(commands::review::Args),
    Calibrate(commands::calibrate::Args),
    Info(commands::info::Args),
    Convert(commands::convert::Args),
    Repair(commands::repair::Args),
    Generate(commands::generate::Args),
    Live(commands::live::Args),
    Replay(commands::replay::Args),
    Protocol(commands::protocol::Args),
    Emulate(commands::emulate::Args),
    Devices(commands::devices::Args),
    #[cfg(feature = "dashboard")]
    Dashboard(commands::dashboard::Args),
}

fn main() -> ExitCode {
    // A hook can be set once; this is the only place that does.
    let _ = miette::set_hook(Box::new(|_| {
        Box::new(miette::MietteHandlerOpts::new().width(100).terminal_links(false).build())
    }));
    // What a reader answers with an error of its own is no fault to print.
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !surae_io::panics_are_answered() {
            usual(panic);
        }
    }));
    let outcome = match Cli::parse().command {
        None => commands::without_command(),
        Some(Command::Review(args)) => commands::review::run(args),
        Some(Command::Calibrate(args)) => commands::calibrate::run(args),
        Some(Command::Info(args)) => commands::info::run(args),
        Some(Command::Convert(args)) => commands::convert::run(args),
        Some(Command::Repair(args)) => commands::repair::run(args),
        Some(Command::Generate(args)) => commands::generate::run(args),
        Some(Command::Live(args)) => commands::live::run(args),
        Some(Command::Replay(args)) => commands::replay::run(args),
        Some(Command::Protocol(args)) => commands::protocol::run(args),
        Some(Command::Emulate(args)) => commands::emulate::run(args),
        Some(Command::Devices(args)) => commands::devices::run(args),
        #[cfg(feature = "dashboard")]
        Some(Command::Dashboard(args)) => commands::dashboard::run(args),
    };
    outcome.unwrap_or_else(Failure::report)
}
