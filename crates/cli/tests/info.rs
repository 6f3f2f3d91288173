//! `surae info`: on every recording at hand, and on trials longer than a minute.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a missing part fails the test; what was opened or refused is worth reading"
)]

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Far above what any of these files takes, on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(120);

fn info(path: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).arg("info").arg(path).args(more).output().unwrap()
}

fn files(root: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// What came of one file, in a line.
fn told(path: &Path) -> String {
    let started = Instant::now();
    let (words, machine) = (info(path, &[]), info(path, &["--json"]));
    let taken = started.elapsed();
    assert!(taken < PATIENCE, "{}: {taken:?}", path.display());
    let errors = String::from_utf8_lossy(&words.stderr).into_owned();
    assert!(!errors.contains("panicked"), "{}: {errors}", path.display());
    assert_eq!(words.status.code(), machine.status.code(), "{}", path.display());
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    match words.status.code() {
        Some(0) => {
            let value: Value = serde_json::from_slice(&machine.stdout).unwrap();
            let format = value["format"].as_str().unwrap();
            assert!(!format.is_empty() && value["schema"] == "surae.info/1", "{name}");
            let streams = value["streams"].as_array().unwrap();
            let printed = String::from_utf8(words.stdout).unwrap();
            for stream in streams {
                assert!(stream["rate_hz"].as_f64().unwrap() > 0.0, "{name}");
                let title = format!("stream {}: {} Hz", stream["name"].as_str().unwrap(), stream["rate_hz"]);
                let title = title.replace(".0 Hz", " Hz");
                assert!(printed.contains(&title), "{name}: no '{title}' in\n{printed}");
            }
            let something = [&value["markers"], &value["events"]]
                .iter()
                .any(|part| **part != json!(null) && **part != json!([]));
            assert!(!streams.is_empty() || something, "{name}: opens and holds nothing");
            format!("{format:18} {name}, {} streams", streams.len())
        }
        Some(1) => {
            assert!(words.stdout.is_empty() && machine.stdout.is_empty(), "{name}");
            // The message may be wrapped; the file's name and a way out stand in it.
            let flat = errors.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
            let stem = name.chars().take(12).collect::<String>();
            assert!(flat.contains(&stem) && flat.len() > name.len() + 30, "{name}: {errors}");
            format!("{:18} {name}: {}", "refused", flat.chars().take(150).collect::<String>())
        }
        code => panic!("{name}: exit code {code:?}: {errors}"),
    }
}

#[test]
fn every_recording_is_told_or_refused_with_the_reason() {
    let Some(root) = std::env::var_os("SURAE_TRIALS") else {
        println!("skipped: SURAE_TRIALS not set");
        assert!(std::env::var_os("SURAE_REQUIRE_TRIALS").is_none(), "recordings are required");
        return;
    };
    let files = files(Path::new(&root));
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    println!("{}", told(path));
                }
            });
        }
    });
    println!("{} files", files.len());
    assert!(files.len() > 50);
}

/// `seconds` of two noisy channels at 1000 Hz, with the lines of `head`.
fn long(seconds: usize, head: &str) -> String {
    let mut text =
        format!("# schema = \"surae.csv/1\"\n# rate_hz = 1000.0\n{head}time_s,R SOL (uV),R MG (uV)\n");
    let mut state = 1u64;
    for k in 0..seconds * 1000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (a, b) = ((state >> 40) as i32 % 200 - 100, (state >> 20) as i32 % 200 - 100);
        writeln!(text, "{:.3},{a},{b}", k as f64 / 1000.0).unwrap();
    }
    text
}

#[test]
fn of_a_long_trial_a_minute_is_looked_at_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv");
    let event = "# [[event]]\n# time_s = 20.0\n# kind = \"foot_contact\"\n# side = \"right\"\n";
    // About the middle of the EMG at 45 s; about the event at 20 s, as far as the trial goes.
    for (head, from, to) in [("", 15.0, 75.0), (event, 0.0, 60.0)] {
        std::fs::write(&path, long(90, head)).unwrap();
        let words = String::from_utf8(info(&path, &[]).stdout).unwrap();
        assert!(words.contains(&format!("quality is that of {from:.0} to {to:.0} s")), "{words}");
        assert!(words.contains("1000 Hz, 90000 samples from 0.000 s"), "{words}");
        assert!(words.contains("'surae review' goes through all of it"), "{words}");
        let value: Value = serde_json::from_slice(&info(&path, &["--json"]).stdout).unwrap();
        assert_eq!(value["looked_at_s"], json!([from, to]));
        assert_eq!(value["streams"][0]["n_samples"], 90_000);
        assert!(value["notes"].as_array().unwrap().iter().any(|note| note["code"] == "info_stretch"));
    }
    std::fs::write(&path, long(60, "")).unwrap();
    let short: Value = serde_json::from_slice(&info(&path, &["--json"]).stdout).unwrap();
    assert!(short.get("looked_at_s").is_none(), "60 s are looked at whole");
}
