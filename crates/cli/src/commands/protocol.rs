//! `surae protocol bent-straight`: the plan of the canonical test, and the judgement of a recorded series.

use super::load;
use crate::failure::Failure;
use crate::html;
use crate::output;
use crate::words::wrapped;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use surae_gait::protocol::{BentStraightReport, Block, Options, bent_straight};
use surae_trial::Side;

/// Test protocols: what to do, and what a recorded series says
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    protocol: Protocol,
}

#[derive(Subcommand)]
enum Protocol {
    BentStraight(BentStraightArgs),
}

/// Does gastrocnemius fall when the knee bends? Heel raises or isometric plantar flexion at several knee angles
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  surae protocol bent-straight --seed 4                         the plan: randomised order and steps
  surae protocol bent-straight k0.csv k30.csv k60.csv k90.csv --knee 0,30,60,90 --static stand.csv
  surae protocol bent-straight k0.csv k90.csv --load 20,20 --out report

One trial is one block (one knee angle, about 6 repetitions). Without trials the plan is printed; this version does not guide the
session live. Exit code 0: consistent or not consistent; 1: not testable")]
pub struct BentStraightArgs {
    /// Trials, one a block
    #[arg(value_name = "TRIAL")]
    trials: Vec<PathBuf>,
    /// Knee flexion of each block in deg; recorded angles are used where a trial has them
    #[arg(long, value_name = "DEG,..", value_delimiter = ',', allow_negative_numbers = true)]
    knee: Vec<f64>,
    /// Load of each block in any one unit (kg, N m, percent of the angle's own maximum)
    #[arg(long, value_name = "LOAD,..", value_delimiter = ',')]
    load: Vec<f64>,
    /// Quiet standing of the same session: rest level and zero of the knee
    #[arg(long = "static", value_name = "TRIAL")]
    standing: Option<PathBuf>,
    /// Profile of this person (zero of the knee); amplitudes need none, references cancel
    #[arg(long, value_name = "P.toml")]
    profile: Option<PathBuf>,
    /// Muscles, sides and units of channels whose labels do not say
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Leg; the one with more repetitions otherwise
    #[arg(long, value_enum)]
    side: Option<OneSide>,
    /// Folder for bent-straight.html, one page to read or print, and bent-straight.json
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// JSON (surae.bent_straight/1) instead of words
    #[arg(long)]
    json: bool,
    /// Plan: knee angles in deg
    #[arg(long, value_name = "DEG,..", value_delimiter = ',', default_values_t = [0.0, 30.0, 60.0, 90.0])]
    angles: Vec<f64>,
    /// Plan: repetitions a block
    #[arg(long, value_name = "N", default_value_t = 6)]
    repetitions: u32,
    /// Plan: seed of the order; the same seed gives the same order
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum OneSide {
    Left,
    Right,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let Protocol::BentStraight(args) = args.protocol;
    if args.trials.is_empty() { plan(&args) } else { judge(&args) }
}

fn judge(args: &BentStraightArgs) -> Result<ExitCode, Failure> {
    for (option, values) in [("--knee", &args.knee), ("--load", &args.load)] {
        if !values.is_empty() && values.len() != args.trials.len() {
            return Err(Failure::usage(
                format!("{option}: {} values for {} trials", values.len(), args.trials.len()),
                "give one value a trial, in the same order",
            ));
        }
    }
    let map = args.map.as_deref();
    let trials = args.trials.iter().map(|path| load::trial(path, map)).collect::<Result<Vec<_>, _>>()?;
    let standing = args.standing.as_deref().map(|path| load::trial(path, map)).transpose()?;
    let profile = load::profile(args.profile.as_deref())?;
    let blocks: Vec<Block<'_>> = trials
        .iter()
        .enumerate()
        .map(|(k, trial)| Block {
            trial,
            knee_deg: args.knee.get(k).copied(),
            load: args.load.get(k).copied(),
        })
        .collect();
    let side = args.side.map(|side| match side {
        OneSide::Left => Side::Left,
        OneSide::Right => Side::Right,
    });
    let report =
        bent_straight(&blocks, standing.as_ref(), profile.as_ref(), &Options { side, settings: None });
    let mut out = output::stdout();
    if args.json {
        output::write_json(&mut out, &report)?;
    } else {
        in_words(&mut out, &report)?;
    }
    if let Some(folder) = &args.out {
        fs::create_dir_all(folder).map_err(|e| {
            Failure::refused(
                format!("{}: {e}", folder.display()),
                "give a folder that can be written with --out",
            )
        })?;
        let mut json = Vec::new();
        output::write_json(&mut json, &report)?;
        output::write_file(&folder.join("bent-straight.json"), &json)?;
        let page = folder.join("bent-straight.html");
        output::write_file(&page, html::protocol(&report).as_bytes())?;
        if !args.json {
            writeln!(out, "\nwritten to {}", page.display())?;
        }
    }
    out.flush()?;
    Ok(if report.verdict == "not testable" { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn in_words(out: &mut impl Write, report: &BentStraightReport) -> io::Result<()> {
    let leg = report.side.map_or("", Side::name);
    writeln!(out, "Bent-straight protocol, {leg} leg, {} blocks", report.blocks.len())?;
    for sentence in &report.sentences {
        paragraph(out, "  ", sentence)?;
    }
    writeln!(out, "\nGates")?;
    for gate in &report.gates {
        paragraph(out, &format!("  {:12} {:13}", gate.gate, gate.state), &gate.text)?;
    }
    for block in &report.blocks {
        let angle = block
            .knee_deg
            .or(block.stated_knee_deg)
            .map_or("knee unknown".to_owned(), |d| format!("knee {d:.0} deg"));
        writeln!(out, "  {}: {angle}, {}", block.path, if block.usable { "used" } else { "not used" })?;
        for gate in &block.gates {
            paragraph(out, &format!("    {:12} {:13}", gate.gate, gate.state), &gate.text)?;
        }
    }
    paragraph(
        out,
        "\n  ",
        "G and S are relative to the straight knee, so no maximum is needed. The electrode stays over the skin while the muscle moves \
         under it: a change of geometry with the knee is not told apart from a change of drive. Says nothing about force.",
    )
}

fn paragraph(out: &mut impl Write, head: &str, text: &str) -> io::Result<()> {
    let indent = head.trim_start_matches('\n').chars().count();
    for (k, line) in wrapped(text, 100_usize.saturating_sub(indent).max(40)).iter().enumerate() {
        if k == 0 {
            writeln!(out, "{head}{line}")?;
        } else {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

/// Prints the steps of a session in an order that the seed decides.
fn plan(args: &BentStraightArgs) -> Result<ExitCode, Failure> {
    if args.angles.len() < 2 || args.angles.iter().any(|deg| !(-10.0..=120.0).contains(deg)) {
        return Err(Failure::usage(
            "--angles: at least two knee angles from -10 to 120 deg are needed",
            "for example --angles 0,30,60,90",
        ));
    }
    if !args.angles.iter().any(|deg| *deg < 15.0) || !args.angles.iter().any(|deg| *deg >= 45.0) {
        return Err(Failure::usage(
            "--angles: one angle under 15 deg and one from 45 deg on are needed to compare bent with straight",
            "for example --angles 0,30,60,90",
        ));
    }
    let order = shuffled(&args.angles, args.seed);
    let mut out = output::stdout();
    writeln!(out, "Bent-straight protocol: plan (order by seed {})\n", args.seed)?;
    writeln!(out, "  1  Stand quietly for 10 s; record it as one trial (rest level, zero of the knee).")?;
    for (k, deg) in order.iter().enumerate() {
        let step = format!("  {:<3}", k + 2);
        paragraph(
            &mut out,
            &step,
            &format!(
                "Knee at {deg:.0} deg (+-5), one leg: {} heel raises, 1 s up and 1 s down, or {} isometric plantar flexions at the same \
                 load; ankle as at the other angles (+-5 deg). Record it as one trial. Rest 60 s.",
                args.repetitions, args.repetitions
            ),
        )?;
    }
    let names: Vec<String> = order.iter().map(|deg| format!("knee{deg:.0}.csv")).collect();
    let angles: Vec<String> = order.iter().map(|deg| format!("{deg:.0}")).collect();
    writeln!(
        out,
        "\nThen: surae protocol bent-straight {} --knee {} --static standing.csv",
        names.join(" "),
        angles.join(",")
    )?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The angles in an order that the seed decides: sorted by one random number each.
fn shuffled(angles: &[f64], seed: u64) -> Vec<f64> {
    let mut random = crate::generate::random(seed);
    let mut keyed: Vec<(f64, f64)> = angles.iter().map(|deg| (random(), *deg)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    keyed.into_iter().map(|(_, deg)| deg).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_the_order_and_no_angle_is_lost() {
        let angles = [0.0, 30.0, 60.0, 90.0];
        assert_eq!(shuffled(&angles, 7), shuffled(&angles, 7));
        let mut firsts: Vec<f64> = (0..40).map(|seed| shuffled(&angles, seed)[0]).collect();
        for seed in 0..40 {
            let mut sorted = shuffled(&angles, seed);
            sorted.sort_by(f64::total_cmp);
            assert_eq!(sorted, angles);
        }
        firsts.sort_by(f64::total_cmp);
        firsts.dedup();
        assert_eq!(firsts.len(), 4, "every angle comes first for some seed");
    }
}
