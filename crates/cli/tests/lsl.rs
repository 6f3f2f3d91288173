//! Lab Streaming Layer against pylsl, another program's view of the same library: samples in, decisions out.
//!
//! `SURAE_PYTHON` names a Python that has pylsl, which brings liblsl; without it the tests are skipped and say so, and with
//! `SURAE_REQUIRE_LSL=1` that fails.
#![cfg(all(unix, feature = "lsl"))]
#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "common/process.rs"]
mod process;

use process::Process;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use surae_trial::{Kind, Muscle, Side, Unit};

/// The other side: a Python with pylsl, its library, and a folder with a configuration that keeps LSL on this machine.
struct Peer {
    python: String,
    library: String,
    folder: tempfile::TempDir,
}

impl Peer {
    fn find() -> Option<Self> {
        let python = std::env::var("SURAE_PYTHON").ok();
        let library = python.as_ref().and_then(|python| {
            let output = Command::new(python).arg(script()).arg("library").output().ok()?;
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        });
        let Some((python, library)) = python.zip(library) else {
            assert!(std::env::var("SURAE_REQUIRE_LSL").as_deref() != Ok("1"), "no Python with pylsl");
            println!("skipped: SURAE_PYTHON names no Python with pylsl");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let config = "[ports]\nIPv6=disable\n[multicast]\nResolveScope=machine\n[lab]\nKnownPeers={127.0.0.1}\n[log]\nlevel=-3\n";
        fs::write(folder.path().join("lsl.cfg"), config).unwrap();
        Some(Self { python, library, folder })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn python(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(script()).args(arguments).env("LSLAPICFG", self.at("lsl.cfg"));
        command
    }

    fn surae(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_surae"));
        command.args(arguments).env("LSLAPICFG", self.at("lsl.cfg")).env("SURAE_LSL_LIB", &self.library);
        command.stdin(Stdio::null());
        command
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("fixtures/tools/lsl_peer.py")
}

/// A name that no other test on this machine has.
fn named(what: &str) -> String {
    format!("{what}-{}", std::process::id())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_stream_is_recorded_value_by_value_with_its_hole() {
    let Some(peer) = Peer::find() else { return };
    let (name, record) = (named("in"), peer.at("run.xdf"));
    let mut sender = Process(peer.python(&["send", &name, "9", "3000", "5000"]).spawn().unwrap());
    let output =
        peer.surae(&["live", "--duration", "6", "--lsl", &name, "--record"]).arg(&record).output().unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("2000 samples lost"), "{said}");
    let _ = sender.0.kill();

    let trial = surae_io::read_trial(&record).unwrap();
    let stream = &trial.streams[0];
    assert_eq!(stream.rate_hz, 1000.0);
    let channels: Vec<(&str, Kind, &Unit)> =
        stream.channels.iter().map(|c| (c.label.as_str(), c.role.kind, &c.unit)).collect();
    assert_eq!(channels[0], ("RMG", Kind::RawEmg, &Unit::Microvolt));
    assert_eq!(channels[1], ("RSOL", Kind::RawEmg, &Unit::Microvolt));
    assert_eq!(channels[2], ("knee", Kind::Angle, &Unit::Degree));
    assert_eq!(
        (stream.channels[1].role.muscle, stream.channels[1].role.side),
        (Some(Muscle::SOL), Some(Side::Right))
    );

    // Each value is that of its sample, and each sample stands where its stamp puts it.
    let [gap] = &stream.gaps[..] else { panic!("{:?}", stream.gaps) };
    assert_eq!((gap.lost_samples, gap.certain), (2000, true));
    let (mg, knee, number) = (stream.column(0), stream.column(2), stream.column(3));
    let start = number[0] as usize;
    assert!(
        stream.frames() > 4500 && gap.index.0 as usize + start == 3000,
        "{} frames, {gap:?}",
        stream.frames()
    );
    let mut compared = 0;
    for at in 0..stream.frames() {
        if !number[at].is_finite() {
            continue;
        }
        let k = at + start;
        assert_eq!(number[at], k as f64, "place of a sample");
        assert_eq!(mg[at], ((k * 7) % 401) as f64 - 200.0);
        assert_eq!(knee[at], (k % 90) as f64);
        compared += 1;
    }
    assert!(compared > 2500, "{compared} samples");
}

#[test]
fn a_stream_that_is_not_there_says_which_are() {
    let Some(peer) = Peer::find() else { return };
    let name = named("there");
    let _sender = Process(peer.python(&["send", &name, "20", "0", "0"]).spawn().unwrap());
    let output = peer.surae(&["live", "--lsl", "nobody", "--duration", "1"]).output().unwrap();
    assert!(!output.status.success() && said(&output).contains("no such LSL stream"), "{}", said(&output));
    // Two that fit are never taken for each other.
    let _other = Process(peer.python(&["send", &named("there-too"), "20", "0", "0"]).spawn().unwrap());
    std::thread::sleep(Duration::from_secs(2));
    let output = peer.surae(&["live", "--lsl", "type=EMG", "--duration", "1"]).output().unwrap();
    assert!(said(&output).contains("several LSL streams fit"), "{}", said(&output));
    let output = peer
        .surae(&["live", "--lsl", &name, "--duration", "1"])
        .env("SURAE_LSL_LIB", "/nonexistent/liblsl.so")
        .output()
        .unwrap();
    assert!(said(&output).contains("pip install pylsl"), "{}", said(&output));
}

#[test]
fn results_reach_other_programs_with_their_labels_units_and_times() {
    let Some(peer) = Peer::find() else { return };
    let (link, name) = (peer.at("calf"), named("out"));
    let mut emulate = peer.surae(&["emulate", "--device", "ascii", "--link"]);
    let _device = Process(emulate.arg(&link).stdout(Stdio::null()).spawn().unwrap());
    let patience = Instant::now();
    while !link.exists() {
        assert!(patience.elapsed() < Duration::from_secs(60), "no port");
        std::thread::sleep(Duration::from_millis(20));
    }
    let profile = script().ancestors().nth(2).unwrap().join("demo/walk.profile.toml");
    let mut live = peer.surae(&[
        "live",
        "--device",
        "ascii",
        "--duration",
        "12",
        "--output",
        "jsonl",
        "--lsl-out",
        &name,
    ]);
    live.arg("--profile").arg(profile).arg("--port").arg(&link).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut live = live.spawn().unwrap();
    let mut commands = live.stdin.take().unwrap();
    let lines = std::thread::spawn(move || live.wait_with_output().unwrap());
    std::thread::sleep(Duration::from_secs(3));
    let taking = peer.python(&["take", &name, "5"]).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(6500));
    writeln!(commands, "mark 4").unwrap();
    let taken = taking.wait_with_output().unwrap();
    let taken: Value = serde_json::from_slice(&taken.stdout).unwrap();
    drop(commands);
    let lines = lines.join().unwrap();
    let told: Vec<Value> = String::from_utf8_lossy(&lines.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let stream = |what: &str| {
        let wanted = format!("{name}-{what}");
        let streams = taken["streams"].as_array().unwrap();
        streams
            .iter()
            .find(|stream| stream["name"] == wanted.as_str())
            .unwrap_or_else(|| panic!("no {wanted}: {taken}"))
    };
    let numbers = |value: &Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
    };

    // Envelopes: 100 Hz, a channel each, stamped evenly and lately.
    let envelopes = stream("envelope");
    assert_eq!(envelopes["rate_hz"], 100.0);
    let labels: Vec<&str> =
        envelopes["channels"].as_array().unwrap().iter().filter_map(|c| c[0].as_str()).collect();
    assert_eq!(labels, ["R_MG", "R_LG", "R_SOL", "R_TA"]);
    let stamps = numbers(&envelopes["stamps"]);
    assert!(stamps.len() > 300, "{} envelopes", stamps.len());
    for pair in stamps.windows(2) {
        // The line under the clock is fitted anew as the session goes on.
        assert!((pair[1] - pair[0] - 0.01).abs() < 0.005, "{pair:?}");
    }
    let late_s = taken["now"].as_f64().unwrap() - stamps[stamps.len() - 1];
    assert!((0.0..1.0).contains(&late_s), "{late_s} s late");
    let row = numbers(&envelopes["samples"][200]);
    assert!(row.iter().all(|value| *value > 0.0), "{row:?}");

    // Decisions: those of the lines, value by value.
    let decisions = stream("right");
    let rows: Vec<Vec<f64>> = decisions["samples"].as_array().unwrap().iter().map(numbers).collect();
    let estimates: Vec<[f64; 3]> = told
        .iter()
        .filter(|line| line["type"] == "estimate" && line["side"] == "right")
        .map(|line| {
            ["log_ratio", "gastrocnemius", "soleus"].map(|key| line[key].as_f64().unwrap_or(f64::NAN))
        })
        .collect();
    let same = |row: &[f64], estimate: &[f64; 3]| {
        [row[0], row[4], row[5]].iter().zip(estimate).all(|(sent, value)| {
            (sent.is_nan() && value.is_nan()) || (sent - value).abs() <= 1e-6 * value.abs().max(1e-3)
        })
    };
    assert!(rows.len() > 200 && rows.iter().any(|row| row[4].is_finite()), "{} decisions", rows.len());
    let first = (0..estimates.len()).find(|from| {
        rows.len() <= estimates.len() - from
            && rows.iter().zip(&estimates[*from..]).all(|(row, e)| same(row, e))
    });
    assert!(first.is_some(), "decisions of the stream are a stretch of those printed");

    // What happened, in words.
    let events = stream("events");
    let words: Vec<&str> =
        events["samples"].as_array().unwrap().iter().filter_map(|sample| sample[0].as_str()).collect();
    assert!(words.contains(&"mark 4"), "{words:?}");
}

#[test]
fn markers_of_another_program_become_marks() {
    let Some(peer) = Peer::find() else { return };
    let (link, name, record) = (peer.at("calf"), named("markers"), peer.at("marked.xdf"));
    let mut emulate = peer.surae(&["emulate", "--device", "ascii", "--link"]);
    let _device = Process(emulate.arg(&link).stdout(Stdio::null()).spawn().unwrap());
    let _marker = Process(peer.python(&["mark", &name, "3", "jump begins"]).spawn().unwrap());
    std::thread::sleep(Duration::from_secs(2));
    let mut live =
        peer.surae(&["live", "--device", "ascii", "--duration", "4", "--marks", &format!("lsl://{name}")]);
    let output = live.arg("--port").arg(&link).arg("--record").arg(&record).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let trial = surae_io::read_trial(&record).unwrap();
    let labels: Vec<&str> = trial.events.iter().map(|event| event.label.as_str()).collect();
    assert!(
        labels.contains(&"mark 3") && labels.iter().any(|label| label.contains("jump begins")),
        "{labels:?}"
    );
}

#[test]
fn a_stream_that_ends_is_taken_up_again_soon_after_it_is_back() {
    let Some(peer) = Peer::find() else { return };
    let (name, record) = (named("back"), peer.at("run.xdf"));
    let first = Process(peer.python(&["send", &name, "60", "0", "0"]).spawn().unwrap());
    let session = peer
        .surae(&["live", "--duration", "16", "--lsl", &name, "--record"])
        .arg(&record)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let session = std::thread::spawn(move || session.wait_with_output().unwrap());
    std::thread::sleep(Duration::from_secs(7));
    drop(first);
    std::thread::sleep(Duration::from_millis(1500));
    let _second = Process(peer.python(&["send", &name, "60", "0", "0"]).spawn().unwrap());
    let said = said(&session.join().unwrap());
    let trial = surae_io::read_trial(&record).unwrap();
    let [gap] = &trial.streams[0].gaps[..] else { panic!("{:?} {said}", trial.streams[0].gaps) };
    let lost_s = gap.lost_samples as f64 / trial.streams[0].rate_hz;
    // Silent for 1.5 s, then Python starts, then 3 s at most. The sender waits for a listener before its first sample.
    println!("{lost_s} s lost");
    assert!((1.5..5.5).contains(&lost_s), "{lost_s} s lost: {said}");
}

#[test]
fn the_emulated_stream_is_the_trial_with_its_hole() {
    let Some(peer) = Peer::find() else { return };
    let (name, record) = (named("emulated"), peer.at("run.xdf"));
    let arguments = ["emulate", "--device", "lsl", "--lsl-name", &name, "--fault", "hole=4000..6000"];
    let _emulator = Process(peer.surae(&arguments).stdout(Stdio::null()).spawn().unwrap());
    let output =
        peer.surae(&["live", "--duration", "9", "--lsl", &name, "--record"]).arg(&record).output().unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    let trial = surae_io::read_trial(&record).unwrap();
    let stream = &trial.streams[0];
    assert!(stream.emg(Muscle::SOL, Side::Right).is_some(), "{said}");
    let [gap] = &stream.gaps[..] else { panic!("{:?} {said}", stream.gaps) };
    assert_eq!((gap.lost_samples, gap.certain), (2000, true), "{said}");
    // A stream has no bytes to lose.
    let output = peer.surae(&["emulate", "--device", "lsl", "--fault", "drop-byte=9"]).output().unwrap();
    assert!(
        !output.status.success() && self::said(&output).contains("drop-frame"),
        "{}",
        self::said(&output)
    );
}
