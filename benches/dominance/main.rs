//! Scores the dominance of the method on pairs of known sources, cell by cell, and prints the tables of
//! `docs/validation/dominance.md`: `cargo run --release -p surae-benches --bin dominance`.
//!
//! `--sessions N` (default 1000 of ten strides), `--snr DB`, `--threads N`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints tables")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use surae_benches::validation::{Cell, Score, Sessions, Tally, run};

const SNR_DB: [f64; 6] = [5.0, 10.0, 12.0, 15.0, 20.0, 25.0];
const LEAK: [f64; 3] = [0.0, 0.05, 0.10];
const STRIDE_SD: [f64; 3] = [0.0, 0.15, 0.30];
const MEDIAN_HZ: [f64; 3] = [65.0, 95.0, 125.0];

fn main() -> ExitCode {
    let mut sessions = 1000;
    let mut threads = 2;
    let mut only_snr = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|v| v.parse::<f64>().ok());
        match (name.as_str(), value) {
            ("--sessions", Some(n)) if n >= 1.0 => sessions = n as usize,
            ("--threads", Some(n)) if n >= 1.0 => threads = n as usize,
            ("--snr", Some(db)) => only_snr = Some(db),
            _ => {
                eprintln!("dominance: {name}: give --sessions N, --threads N or --snr DB");
                return ExitCode::from(2);
            }
        }
    }
    let cells = cells(only_snr);
    let scores =
        scores(&cells, Sessions { spread: sessions, equal: sessions / 4, bent: sessions / 5 }, threads);
    println!("{} sessions of 10 strides a cell; windows of 0.2 s.\n", sessions);
    spread_table(&cells, &scores);
    println!();
    special_table(&cells, &scores);
    ExitCode::SUCCESS
}

fn cells(only_snr: Option<f64>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for snr_db in SNR_DB.into_iter().filter(|db| only_snr.is_none_or(|only| only == *db)) {
        for leak in LEAK {
            for stride_sd in STRIDE_SD {
                cells.extend(MEDIAN_HZ.map(|median_hz| Cell { snr_db, leak, stride_sd, median_hz }));
            }
        }
    }
    cells
}

/// Every cell by its own seed: the result does not depend on the number of threads.
fn scores(cells: &[Cell], sessions: Sessions, threads: usize) -> Vec<Score> {
    let next = AtomicUsize::new(0);
    let mut scores = vec![Score::default(); cells.len()];
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(cell) = cells.get(at) else { return own };
                        own.push((at, run(*cell, sessions, 1000 * at as u64 + 1)));
                    }
                })
            })
            .collect();
        for worker in workers {
            for (at, score) in worker.join().unwrap_or_default() {
                scores[at] = score;
            }
        }
    });
    scores
}

fn name(cell: &Cell) -> String {
    format!("{:.0} | {:.0} | {:.2} | {:.0}", cell.snr_db, 100.0 * cell.leak, cell.stride_sd, cell.median_hz)
}

fn spread_table(cells: &[Cell], scores: &[Score]) {
    println!(
        "| SNR dB | leak % | stride SD | median Hz | right % of calls, 1 / 10 | wrong sign % | undetermined % | coverage % source | coverage % electrode | one-sided % | all held % | bias | change: coverage % source, electrode |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (cell, score) in cells.iter().zip(scores) {
        let [one, ten] = &score.spread;
        let both =
            |f: &dyn Fn(&Tally) -> f64, digits: usize| format!("{:.digits$} / {:.digits$}", f(one), f(ten));
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1}, {:.1} |",
            name(cell),
            both(&Tally::right_percent, 1),
            both(&|t| t.percent(t.wrong_sign), 2),
            both(&Tally::undetermined_percent, 1),
            both(&Tally::coverage_percent, 1),
            both(&Tally::electrode_coverage_percent, 1),
            both(&|t| t.percent(t.bounded), 1),
            both(&Tally::held_percent, 1),
            both(&Tally::mean_bias, 3),
            score.change.coverage_percent(),
            score.change.electrode_coverage_percent(),
        );
    }
}

fn special_table(cells: &[Cell], scores: &[Score]) {
    println!(
        "| SNR dB | leak % | median Hz | equal drive called dominant %, 1 / 10 | equal drive coverage % | bent knee called soleus %, 1 / 10 | bent knee bound held % |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (cell, score) in cells.iter().zip(scores).filter(|(cell, _)| cell.stride_sd == 0.0) {
        let pair = |t: &[Tally; 2], f: &dyn Fn(&Tally) -> f64| format!("{:.1} / {:.1}", f(&t[0]), f(&t[1]));
        println!(
            "| {:.0} | {:.0} | {:.0} | {} | {} | {} | {} |",
            cell.snr_db,
            100.0 * cell.leak,
            cell.median_hz,
            pair(&score.equal, &|t| t.percent(t.dominant)),
            pair(&score.equal, &Tally::coverage_percent),
            pair(&score.bent, &|t| t.percent(t.soleus)),
            pair(&score.bent, &|t| 100.0 * f64::from(t.bound_held) / f64::from(t.bounded)),
        );
    }
}
