//! One session, three processes, the same numbers: two emulated devices recorded live, the recording replayed, the recording
//! reviewed causally. Every estimate line must be the same text, and must change when one filter coefficient does.
#![cfg(unix)]

#[path = "common/process.rs"]
mod process;

use process::Process;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn surae() -> Command {
    Command::new(env!("CARGO_BIN_EXE_surae"))
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("surae starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn emulate(folder: &Path, link: &str, more: &[&str]) -> Process {
    let child = surae()
        .args(["emulate", "--device", "ascii", "--trial"])
        .arg(folder.join("walk.csv"))
        .arg("--link")
        .arg(folder.join(link))
        .args(["--duration", "60"])
        .args(more)
        .stdout(Stdio::null())
        .spawn()
        .expect("the emulator starts");
    let process = Process(child);
    let patience = Instant::now();
    while !folder.join(link).exists() {
        assert!(patience.elapsed() < Duration::from_secs(20), "no port {link}");
        thread::sleep(Duration::from_millis(20));
    }
    process
}

/// Runs the live session to its end, changing a setting and setting a mark on the way; gives its lines.
fn live(folder: &Path, recording: &Path) -> Vec<String> {
    let child = surae()
        .args(["live", "--device", "ascii", "--output", "jsonl", "--port"])
        .arg(folder.join("emg"))
        .arg("--port")
        .arg(folder.join("knee"))
        .arg("--map")
        .arg(folder.join("map.toml"))
        .arg("--profile")
        .arg(folder.join("walk.profile.toml"))
        .arg("--record")
        .arg(recording)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the session starts");
    let mut process = Process(child);
    let mut commands = process.0.stdin.take().expect("piped");
    let output = BufReader::new(process.0.stdout.take().expect("piped"));
    let (mut lines, mut estimates) = (Vec::new(), 0);
    for line in output.lines() {
        let line = line.expect("text");
        estimates += usize::from(is_estimate(&line));
        lines.push(line);
        let command = match estimates {
            100 => "set envelope_hz 10",
            120 => "mark 3",
            350 => "stop",
            _ => continue,
        };
        if is_estimate(lines.last().map_or("", String::as_str)) {
            writeln!(commands, "{command}").expect("it listens");
        }
    }
    assert!(process.0.wait().expect("it ends").success());
    lines
}

fn is_estimate(line: &str) -> bool {
    line.starts_with("{\"type\":\"estimate\"")
}

fn estimates<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    lines.into_iter().filter(|line| is_estimate(line)).collect()
}

fn replay(folder: &Path, recording: &Path) -> String {
    run(surae()
        .args(["replay", "--speed", "max", "--output", "jsonl", "--profile"])
        .arg(folder.join("walk.profile.toml"))
        .arg(recording))
}

fn review(folder: &Path, recording: &Path) -> String {
    let out = folder.join("review");
    run(surae()
        .args(["review", "--mode", "causal", "--format", "jsonl", "--profile"])
        .arg(folder.join("walk.profile.toml"))
        .arg("--out")
        .arg(&out)
        .arg(recording));
    let found: Vec<PathBuf> =
        fs::read_dir(out).expect("written").flatten().map(|entry| entry.path()).collect();
    let lines = found.iter().find(|path| path.extension().is_some_and(|e| e == "jsonl"));
    fs::read_to_string(lines.expect("estimate lines")).expect("text")
}

/// Lines that differ, for a message of bounded length.
fn first_difference(a: &[&str], b: &[&str]) -> String {
    let at = a.iter().zip(b).position(|(a, b)| a != b);
    match at {
        Some(at) => format!("line {at} of {} and {}:\n{}\n{}", a.len(), b.len(), a[at], b[at]),
        None => format!("{} lines against {}", a.len(), b.len()),
    }
}

/// Replaces a setting of the recording by another of the same length.
fn with_other_coefficient(recording: &[u8]) -> Vec<u8> {
    let (from, to) = (b"\"band_low_hz\":20.0", b"\"band_low_hz\":20.1");
    let mut changed = recording.to_vec();
    let mut n = 0;
    for at in 0..recording.len() - from.len() {
        if recording[at..].starts_with(from) {
            changed[at..at + to.len()].copy_from_slice(to);
            n += 1;
        }
    }
    assert!(n >= 2, "the settings at the start and the changed ones stand in the recording");
    changed
}

#[test]
fn live_replay_and_review_give_the_same_lines() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path();
    run(surae()
        .args(["generate", "--scenario", "walk", "--duration", "12", "--rate", "2000", "--seed", "3"])
        .arg(folder.join("walk.csv")));
    // ASCII lines carry no unit.
    fs::write(folder.join("map.toml"), "schema = \"surae.map/1\"\nunit = \"uV\"\n").expect("written");
    let recording = folder.join("session.xdf");
    let lines = {
        let _emg = emulate(folder, "emg", &["--fault", "hole=8000..8600"]);
        let _knee = emulate(folder, "knee", &["--stream", "angles"]);
        live(folder, &recording)
    };
    let live_lines = estimates(lines.iter().map(String::as_str));

    // The session held what it was meant to hold.
    let has = |what: &str| lines.iter().any(|line| line.contains(what));
    assert!(live_lines.len() >= 350, "{} estimates", live_lines.len());
    assert!(has("\"lost_samples\":600,\"certain\":true"), "300 ms at 2 kHz");
    assert!(has("\"change\":\"settings\"") && has("\"type\":\"mark\"") && has("\"change\":\"end\""));
    assert!(has("\"class\":\"soleus_dominant\"") && has("\"reason\":\"settling\""));
    let with_knee = live_lines.iter().filter(|line| !line.contains("\"knee_flexion_deg\":null")).count();
    assert!(with_knee * 2 > live_lines.len(), "{with_knee} of {} with a knee angle", live_lines.len());

    let replayed = replay(folder, &recording);
    let replayed = estimates(replayed.lines());
    assert!(replayed == live_lines, "replay: {}", first_difference(&live_lines, &replayed));
    let reviewed = review(folder, &recording);
    let reviewed = estimates(reviewed.lines());
    assert!(reviewed == live_lines, "review: {}", first_difference(&live_lines, &reviewed));

    // One edge of the band, half a percent: the comparison notices.
    let other = folder.join("other.xdf");
    fs::write(&other, with_other_coefficient(&fs::read(&recording).expect("recorded"))).expect("written");
    let changed = replay(folder, &other);
    assert!(estimates(changed.lines()) != live_lines, "another filter gave the same lines");
}
