//! What a user sees of each fault: `surae emulate --fault` against `surae live --record`, two processes on a pseudo-terminal, in
//! words and in the recording.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

#[path = "common/process.rs"]
mod process;

use process::Process;
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use surae_trial::Trial;

/// A session of `seconds` with a device that has these faults: what was said, and what was recorded.
fn session(device: &str, faults: &[&str], seconds: &str) -> (String, Trial) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut emulate = Command::new(env!("CARGO_BIN_EXE_surae"));
    emulate.args(["emulate", "--device", device, "--link"]).arg(at("port"));
    emulate.arg("--write-map").arg(at("map.toml"));
    for fault in faults {
        emulate.args(["--fault", fault]);
    }
    let _device = Process(emulate.stdout(Stdio::null()).spawn().unwrap());
    let patience = Instant::now();
    while !at("port").exists() || !at("map.toml").exists() {
        assert!(patience.elapsed() < Duration::from_secs(60), "no port");
        thread::sleep(Duration::from_millis(20));
    }
    // A port that is plugged in again may have another name: the glob finds both.
    let live = Command::new(env!("CARGO_BIN_EXE_surae"))
        .args(["live", "--device", device, "--duration", seconds, "--port"])
        .arg(at("port"))
        .arg("--map")
        .arg(at("map.toml"))
        .arg("--record")
        .arg(at("run.xdf"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&live.stdout).into_owned() + &String::from_utf8_lossy(&live.stderr);
    assert!(live.status.success(), "{device} {faults:?}: {said}");
    let trial = surae_io::read_trial(&at("run.xdf")).unwrap();
    fs::remove_file(at("run.xdf")).unwrap();
    (said, trial)
}

/// Number before these words, over all lines that have them.
fn number_before(said: &str, words: &str) -> u64 {
    said.split(words)
        .next()
        .filter(|before| before.len() < said.len())
        .and_then(|before| before.trim_end().rsplit([' ', '(']).next()?.parse().ok())
        .unwrap_or(0)
}

fn lost(trial: &Trial) -> u64 {
    trial.streams[0].gaps.iter().map(|gap| gap.lost_samples).sum()
}

/// Device, faults, words that must be said, words that must not, and how many samples may be missing in the recording.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
    std::ops::RangeInclusive<u64>,
);

const ROWS: &[Row] = &[
    // The demo is sent at 1000 Hz by these; Cyton at 250 Hz.
    ("surae", &[], &["nothing lost"], &["lost on the way", "stalled"], 0..=0),
    // 20 bytes a frame: about one frame in 25 for a byte in 500.
    ("surae", &["drop-byte=500"], &["lost on the way", "gap"], &["restarts"], 50..=800),
    ("surae", &["flip-bit=900"], &["lost on the way", "not understood"], &["restarts"], 20..=800),
    ("surae", &["duplicate=50"], &["came twice"], &["lost on the way"], 0..=0),
    (
        "surae",
        &["silence=3..3.6"],
        &["stalled", "nothing for", "live", "lost on the way"],
        &["restarts"],
        560..=640,
    ),
    ("surae", &["reset=4"], &["started again"], &[], 0..=1500),
    ("surae", &["garbage=400", "partial-first=true"], &["decisions over"], &["lost on the way"], 0..=0),
    ("surae", &["burst=16"], &["nothing lost"], &["lost on the way", "restarts"], 0..=0),
    ("cyton", &["drop-byte=100", "stuck=2"], &["lost on the way"], &["restarts"], 100..=900),
    ("cyton", &["hole=500..750"], &["gap", "250 samples lost"], &["restarts"], 250..=250),
    ("chords", &["drop-byte=400"], &["lost on the way"], &["restarts"], 5..=800),
    ("backyard", &["drop-byte=2000"], &["not understood"], &[], 0..=100_000),
    ("bitalino", &["silence=3..3.5"], &["stalled", "lost on the way"], &[], 400..=600),
    ("hackeeg", &["reset=4"], &["started again"], &[], 0..=6000),
];

/// What is wrong with a session of this row, in words.
fn check((device, faults, said, not_said, missing): &Row) -> Result<(), String> {
    let (text, trial) = session(device, faults, "8");
    let told = format!("{device} {faults:?}: {text}");
    if let Some(words) = said.iter().find(|words| !text.contains(**words)) {
        return Err(format!("'{words}' is not said of {told}"));
    }
    if let Some(words) = not_said.iter().find(|words| text.contains(**words)) {
        return Err(format!("'{words}' is said of {told}"));
    }
    let gone = lost(&trial);
    let counted = number_before(&text, " frames lost on the way");
    assert_eq!(counted, gone, "counted and recorded losses of {told}");
    if missing.contains(&gone) {
        return Ok(());
    }
    Err(format!("{gone} samples missing in the recording of {told}"))
}

#[test]
fn every_fault_is_named_and_counted_and_nothing_else() {
    // Two sessions at a time. A pseudo-terminal holds 4 kB, so a machine that leaves a process waiting for 0.1 s loses samples for
    // real: that is tried again. Losses that are counted wrongly are not.
    for rows in ROWS.chunks(2) {
        thread::scope(|scope| {
            for row in rows {
                scope.spawn(move || {
                    let mut wrong = check(row);
                    for _ in 0..3 {
                        wrong = wrong.or_else(|_| check(row));
                    }
                    wrong.unwrap_or_else(|wrong| panic!("{wrong}"));
                });
            }
        });
    }
}
