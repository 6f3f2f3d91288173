//! `surae calibrate --device` against emulated people: what the generator put in is in the profile, what cannot be believed is asked
//! for again, and stopping keeps what was accepted. Three processes each, on a pseudo-terminal, in real time.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

#[path = "common/process.rs"]
mod process;

use process::Process;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use surae_trial::{Muscle, Profile, Side};

fn surae(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_surae"));
    command.current_dir(folder);
    command
}

fn emulate(folder: &Path, what: &[&str]) -> Process {
    let child = surae(folder)
        .args(["emulate", "--device", "ascii", "--link", "calf"])
        .args(what)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let process = Process(child);
    let patience = Instant::now();
    while !folder.join("calf").exists() {
        assert!(patience.elapsed() < Duration::from_secs(60), "no port");
        thread::sleep(Duration::from_millis(20));
    }
    process
}

fn calibrate(folder: &Path, more: &[&str]) -> Process {
    fs::write(folder.join("uv.toml"), "schema = \"surae.map/1\"\nunit = \"uV\"\n").unwrap();
    let child = surae(folder)
        .args(["calibrate", "--device", "ascii", "--port", "calf", "--map", "uv.toml", "--out", "me.toml"])
        .args(["--athlete", "A1"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Process(child)
}

/// Lines of standard error as they come.
fn told(process: &mut Process) -> mpsc::Receiver<String> {
    let (tx, rx) = mpsc::channel();
    let stderr = BufReader::new(process.0.stderr.take().unwrap());
    thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| tx.send(line)));
    rx
}

/// Everything told until the process ends: exit code, standard error, standard output.
fn end(mut process: Process, told: &mpsc::Receiver<String>) -> (Option<i32>, String, String) {
    let mut said = String::new();
    for line in told.iter() {
        said.push_str(&line);
        said.push('\n');
    }
    let mut out = String::new();
    std::io::Read::read_to_string(&mut process.0.stdout.take().unwrap(), &mut out).unwrap();
    (process.0.wait().unwrap().code(), said, out)
}

/// Marks of a recording: time and label.
fn marks(folder: &Path, recording: &str) -> Vec<(f64, String)> {
    let info = surae(folder).args(["info", recording, "--json"]).output().unwrap();
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    let events = info["events"].as_array().cloned().unwrap_or_default();
    events
        .iter()
        .filter(|event| event["kind"] == "mark")
        .map(|event| (event["time_s"].as_f64().unwrap(), event["label"].as_str().unwrap_or("").to_owned()))
        .collect()
}

/// A pseudo-terminal holds 4 kB: a machine that leaves a process waiting for 0.1 s loses samples for real, which is refused. Then it is
/// tried again, twice.
fn on_a_calm_machine(attempt: impl Fn() -> Result<(), String>) {
    let mut done = attempt();
    for _ in 0..2 {
        done = done.or_else(|_| attempt());
    }
    done.unwrap_or_else(|torn| panic!("samples were lost each time: {torn}"));
}

/// Refuses a session in which samples were lost.
fn whole(said: &str) -> Result<(), String> {
    if said.contains("samples were lost") { Err(said.to_owned()) } else { Ok(()) }
}

#[test]
fn what_the_generator_put_in_is_in_the_profile() {
    on_a_calm_machine(put_in_and_found);
}

fn put_in_and_found() -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = surae(folder).args(["generate", "truth.csv", "--scenario", "calibration"]).output().unwrap();
    assert!(made.status.success());
    let truth = surae_io::profile::read(&folder.join("truth.profile.toml")).unwrap();
    let put_in: Value = serde_json::from_slice(&fs::read(folder.join("truth.truth.json")).unwrap()).unwrap();
    let _device = emulate(folder, &["--scenario", "calibration"]);
    let mut process = calibrate(folder, &["--auto", "--pause", "3"]);
    let told = told(&mut process);
    let (code, said, out) = end(process, &told);
    whole(&said)?;
    assert_eq!(code, Some(0), "{said}\n{out}");
    let found = surae_io::profile::read(&folder.join("me.toml")).unwrap();
    assert_eq!((found.athlete.as_str(), found.date.len()), ("A1", 10));
    for muscle in [Muscle::MG, Muscle::LG, Muscle::SOL, Muscle::TA] {
        let of = |profile: &Profile| profile.reference(muscle, Side::Right).unwrap().clone();
        let (found, truth) = (of(&found), of(&truth));
        // The truth is the mean. A window of 500 ms varies by 1 / (2 sqrt(B T)), 7 % for the 100 Hz or so of this spectrum, and the
        // highest of three times 4 s lies two to three of these above it.
        let ratio = found.value / truth.value;
        assert!((1.0..1.22).contains(&ratio), "{muscle}: {} for {}", found.value, truth.value);
        assert!((found.rest / truth.rest - 1.0).abs() < 0.15, "{muscle}: {} for {}", found.rest, truth.rest);
        assert!(found.repeat_cv.is_some_and(|cv| cv < 0.08));
        let posture = match muscle {
            Muscle::SOL => "seated",
            Muscle::TA => "dorsiflexion",
            _ => "standing",
        };
        assert_eq!(found.posture.as_deref(), Some(posture));
    }
    let (goniometer, expected) = (&found.goniometers[0], &truth.goniometers[0]);
    assert_eq!(goniometer.side, Side::Right);
    // 0.3 deg of sway and steps of 5 mV.
    assert!((goniometer.at_0_deg - expected.at_0_deg).abs() < 0.015, "{goniometer:?}");
    assert!((goniometer.at_90_deg - expected.at_90_deg).abs() < 0.015, "{goniometer:?}");
    let straight = found.straight(Side::Right).unwrap();
    let log_ratio = truth.straight(Side::Right).unwrap().log_ratio;
    assert!((straight.log_ratio - log_ratio).abs() < 0.1 && straight.n == 5, "{straight:?} for {log_ratio}");
    assert!(straight.knee_deg.abs() < 2.0);
    // The recording has a mark at the start of every step, where the generator has the step.
    let marks = marks(folder, "me.xdf");
    let steps = put_in["sides"]["right"]["steps"].as_array().unwrap();
    assert_eq!(marks.len(), steps.len(), "{marks:?}");
    for ((time_s, label), step) in marks.iter().zip(steps) {
        let start_s = step["start_s"].as_f64().unwrap();
        assert!((time_s - start_s).abs() < 1.0, "{label} at {time_s} for {start_s}");
    }
    Ok(())
}

/// Noise of unit variance in the EMG band.
struct Noise(u64, f64);

impl Noise {
    fn sample(&mut self) -> f64 {
        let mut white = -6.0;
        for _ in 0..12 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            white += (self.0 >> 40) as f64 / (1_u64 << 24) as f64;
        }
        let both = (white + self.1) / 2.0_f64.sqrt();
        self.1 = white;
        both
    }
}

/// A trial of right MG and SOL: their RMS in uV and where MG is cut off, by time.
fn write(path: &Path, seconds: f64, level: impl Fn(f64) -> [f64; 3]) {
    let mut text =
        String::from("# schema = \"surae.csv/1\"\n# rate_hz = 500.0\n# [[channel]]\n# label = \"RMG\"\n");
    text.push_str("# unit = \"uV\"\n# [[channel]]\n# label = \"RSOL\"\n# unit = \"uV\"\ntime_s,RMG,RSOL\n");
    let mut noises = [Noise(11, 0.0), Noise(97, 0.0)];
    for k in 0..(seconds * 500.0) as usize {
        let time_s = k as f64 / 500.0;
        let [mg, sol, clip] = level(time_s);
        let mg = (mg * noises[0].sample()).clamp(-clip, clip);
        writeln!(text, "{time_s:.3},{mg:.1},{:.1}", sol * noises[1].sample()).unwrap();
    }
    fs::write(path, text).unwrap();
}

#[test]
fn what_cannot_be_believed_is_asked_for_again_and_ctrl_c_keeps_the_rest() {
    on_a_calm_machine(asked_for_again_and_kept);
}

fn asked_for_again_and_kept() -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // With a pause of 1 s: rest at 1 s and, refused, at 7 s; standing repetitions from 13 s on, every 6 s.
    const LEVELS: [(f64, f64); 5] =
        [(13.0, 210.0), (19.0, 200.0), (25.0, 150.0), (31.0, 110.0), (37.0, 196.0)];
    write(&folder.join("trial.csv"), 70.0, |t| {
        let held = LEVELS.iter().find(|(from_s, _)| (from_s + 0.5..from_s + 4.5).contains(&t));
        match held {
            // The first repetition hits the rails of the amplifier.
            Some((from_s, mg)) => [*mg, 60.0, if *from_s < 14.0 { 150.0 } else { f64::INFINITY }],
            None if (3.0..4.5).contains(&t) => [2.0, 12.0, f64::INFINITY],
            None => [2.0, 2.0, f64::INFINITY],
        }
    });
    let _device = emulate(folder, &["--trial", "trial.csv"]);
    let mut process = calibrate(folder, &["--auto", "--pause", "1", "--steps", "rest,mvc"]);
    let told = told(&mut process);
    let mut said = Vec::new();
    loop {
        let line = told.recv_timeout(Duration::from_secs(120)).expect("it goes on");
        whole(&line)?;
        let seated = line.contains("Maximum, seated");
        said.push(line);
        if seated {
            break;
        }
    }
    let pid = process.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let (code, rest, out) = end(process, &told);
    let said = said.join("\n");
    assert_eq!(code, Some(1), "{said}{rest}{out}");
    assert_eq!(said.matches("refused").count(), 2, "{said}");
    assert!(said.contains("right SOL was active") && said.contains("right MG: clipped"), "{said}");
    assert!(said.contains("differ by"), "{said}");
    assert_eq!(said.matches("accepted").count(), 5, "{said}");
    assert!(rest.contains("stopped before the end") && rest.contains("mvc seated right"), "{rest}");
    let profile = surae_io::profile::read(&folder.join("me.toml")).unwrap();
    let reference = profile.reference(Muscle::MG, Side::Right).unwrap();
    // 200 uV RMS with the spectrum (1 + cos(pi f / 250)) / 2, of which 20-225 Hz pass; the rectified mean is 0.798 of the RMS.
    let power = |f: f64| f / 250.0 + (std::f64::consts::PI * f / 250.0).sin() / std::f64::consts::PI;
    let ratio = reference.value / (200.0 * (power(225.0) - power(20.0)).sqrt() * 0.797_885);
    assert!((0.98..1.13).contains(&ratio), "{reference:?}");
    assert_eq!(marks(folder, "me.xdf").len(), 7);
    Ok(())
}

#[test]
fn a_person_starts_each_step_and_files_are_not_replaced_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(&folder.join("trial.csv"), 10.0, |_| [2.0, 2.0, f64::INFINITY]);
    let _device = emulate(folder, &["--trial", "trial.csv"]);
    let mut process = calibrate(folder, &["--steps", "rest,mvc"]);
    let told = told(&mut process);
    let mut keys = process.0.stdin.take().unwrap();
    let until = |word: &str| loop {
        let line = told.recv_timeout(Duration::from_secs(60)).expect("it goes on");
        if line.contains(word) {
            break;
        }
    };
    until("Enter starts");
    writeln!(keys, "x").unwrap();
    until("'x' is no key here");
    writeln!(keys).unwrap();
    // Refused or not, by how calm the machine is: it says what it measured or what it lost, and asks again.
    until("Enter starts");
    writeln!(keys, "q").unwrap();
    let (code, said, out) = end(process, &told);
    assert_eq!(code, Some(1), "{said}{out}");
    assert!(said.contains("nothing was accepted") && !folder.join("me.toml").exists(), "{said}");
    assert_eq!(marks(folder, "me.xdf").len(), 1);
    let mut again = calibrate(folder, &["--steps", "rest"]);
    let told = self::told(&mut again);
    let (code, said, _) = end(again, &told);
    assert!(code == Some(2) && said.contains("--overwrite"), "{said}");
}
