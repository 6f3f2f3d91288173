//! `surae repair`: what is left of a torn file, in a form that every program opens.

use crate::failure::Failure;
use crate::output;
use clap::Args as ClapArgs;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Repair a file that was cut short, saying what was lost
///
/// Repairable: XDF that was not closed or is damaged within, WAV with sizes of zero, truncated EDF, BDF, C3D, MOT, STO, and
/// tables of text (CSV, OpenBCI, OpenSignals). No sample is made up; the damaged file is left as it is.
#[derive(ClapArgs)]
#[command(after_help = "Example: surae repair crashed.xdf saved.xdf")]
pub struct Args {
    /// Damaged file
    input: PathBuf,
    /// File to write
    output: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    overwrite: bool,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let shown = args.output.display();
    if args.output.exists() && !args.overwrite {
        return Err(Failure::usage(
            format!("{shown}: a file of this name exists"),
            "give another name, or --overwrite to replace it",
        ));
    }
    let repair = surae_io::repair(&args.input, &args.output)?;
    let mut out = output::stdout();
    let input = args.input.display();
    if repair.notes.is_empty() {
        writeln!(out, "{input} ({}): nothing to repair; {shown} is a copy", repair.format)?;
    } else {
        writeln!(out, "{input} ({}) -> {shown}", repair.format)?;
        for note in &repair.notes {
            writeln!(out, "  {}", note.text)?;
        }
        writeln!(out, "  {} bytes of the file are not in the repaired one", repair.lost_bytes)?;
    }
    match surae_io::read_trial(&args.output) {
        Ok(trial) => {
            let channels: usize = trial.streams.iter().map(|stream| stream.channels.len()).sum();
            writeln!(
                out,
                "  it opens: {} streams, {channels} channels, {:.3} s",
                trial.streams.len(),
                trial.duration_s()
            )?;
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            out.flush()?;
            Err(Failure::refused(
                format!("the repaired file is not a trial that Surae reads: {error}"),
                "other programs may read it; the damaged file is unchanged",
            ))
        }
    }
}
