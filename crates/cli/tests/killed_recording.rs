//! `kill -9` during a recording: what is lost against what the emulator sent, and whether the file opens.
//!
//! Three kills by default; `SURAE_KILLS=50` runs the full form. With `SURAE_PYTHON` naming a Python that has pyxdf, every file
//! is opened with it too, with default options.
#![cfg(unix)]
#![allow(clippy::print_stdout, reason = "the losses are what the test is run for")]

#[path = "common/emulated.rs"]
mod emulated;

use emulated::{CHANNELS, Process, RATE_HZ, emulator, surae, trial};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Most that may be lost.
const LOST_MS: f64 = 250.0;

/// One recording, killed after `after`: milliseconds lost, and marks set in time that the file lacks.
fn killed(folder: &Path, number: usize, after: Duration) -> (f64, usize) {
    let (link, recording) = (folder.join(format!("port{number}")), folder.join(format!("k{number}.xdf")));
    let mut emulator = emulator(folder, &link);
    let mut live = Process(
        surae()
            .args(["live", "--device", "ascii", "--rate", "2000", "--port"])
            .arg(&link)
            .arg("--record")
            .arg(&recording)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the session starts"),
    );
    let mut commands = live.0.stdin.take().expect("piped");
    let mut first = String::new();
    let mut output = BufReader::new(live.0.stdout.take().expect("piped"));
    output.read_line(&mut first).expect("it says its lag when it runs");
    assert!(!first.is_empty(), "the session did not start");
    let drain = thread::spawn(move || drop(output.read_to_end(&mut Vec::new())));
    // A mark every 100 ms; those given 250 ms before the kill must be there.
    let started = Instant::now();
    let mut marks = Vec::new();
    while started.elapsed() < after {
        let key = marks.len() % 10;
        if writeln!(commands, "mark {key}").is_ok() {
            marks.push(Instant::now());
        }
        thread::sleep(Duration::from_millis(100).min(after.saturating_sub(started.elapsed())));
    }
    live.0.kill().expect("kill -9");
    let killed_at = Instant::now();
    // The emulator says how much it had sent when it is asked to end.
    Command::new("kill").arg(emulator.0.id().to_string()).status().expect("kill");
    let mut said = String::new();
    emulator.0.stdout.take().expect("piped").read_to_string(&mut said).expect("text");
    drop(drain.join());
    let sent: f64 = said
        .lines()
        .find_map(|line| line.strip_suffix(" samples sent"))
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(|| panic!("the emulator said '{said}'"));

    let trial = surae_io::read_trial(&recording).expect("it opens");
    let stream = &trial.streams[0];
    assert_eq!(stream.channels.len(), CHANNELS);
    let lost_ms = (sent - stream.span() as f64) / RATE_HZ * 1e3;
    let due = marks.iter().filter(|at| killed_at - **at > Duration::from_millis(LOST_MS as u64)).count();
    let found: Vec<&str> = trial.events.iter().map(|event| event.label.as_str()).collect();
    for (k, label) in found.iter().enumerate() {
        assert_eq!(*label, format!("mark {}", k % 10), "marks in order, none doubled");
    }
    by_pyxdf(&recording, stream.frames(), found.len());
    (lost_ms, due.saturating_sub(found.len()))
}

/// pyxdf with default options finds as many samples and marks.
fn by_pyxdf(path: &Path, frames: usize, marks: usize) {
    let Ok(python) = std::env::var("SURAE_PYTHON") else { return };
    let script = "import pyxdf,sys\ns,h=pyxdf.load_xdf(sys.argv[1])\nd={x['info']['name'][0]:x for x in s}\n\
                  log=[r[0] for r in d['surae.log']['time_series']]\nn=[x for x in d if x not in('clock','surae.log')][0]\n\
                  print(len(d[n]['time_stamps']),sum('\"type\":\"mark\"' in r for r in log))";
    let output = Command::new(python).args(["-c", script]).arg(path).output().expect("python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim(), format!("{frames} {marks}"), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_killed_recording_loses_little_and_opens() {
    let kills: usize = std::env::var("SURAE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let temporary = tempfile::tempdir().expect("a folder");
    trial(&temporary.path().join("trial.csv"));
    let mut losses = Vec::new();
    let mut missing = 0;
    // Random moments of a fixed sequence between 1 and 4 s.
    let mut state = 20_261_122_u64;
    for number in 0..kills {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_millis(1000 + (state >> 33) % 3000);
        let (lost_ms, marks) = killed(temporary.path(), number, after);
        println!("kill {number} after {after:?}: {lost_ms:.1} ms lost, {marks} marks missing");
        losses.push(lost_ms);
        missing += marks;
    }
    let worst = losses.iter().copied().fold(0.0, f64::max);
    println!("{kills} kills: worst loss {worst:.1} ms, {missing} marks missing");
    assert_eq!(missing, 0);
    assert!(worst <= LOST_MS, "{losses:?}");
}

#[test]
fn an_interrupted_session_ends_in_order() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path();
    trial(&folder.join("trial.csv"));
    let (link, recording) = (folder.join("port"), folder.join("s.xdf"));
    let _emulator = emulator(folder, &link);
    let mut command = surae();
    command.args(["live", "--device", "ascii", "--rate", "2000", "--port"]).arg(&link);
    command.arg("--record").arg(&recording).args(["--pre-trigger", "2"]);
    let mut live =
        Process(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the session starts"));
    let mut commands = live.0.stdin.take().expect("piped");
    let mut output = BufReader::new(live.0.stdout.take().expect("piped"));
    let mut first = String::new();
    output.read_line(&mut first).expect("it says its lag when it runs");
    let drain = thread::spawn(move || drop(output.read_to_end(&mut Vec::new())));
    thread::sleep(Duration::from_millis(1500));
    assert!(!recording.exists(), "nothing is written before the trigger");
    writeln!(commands, "record").expect("it listens");
    thread::sleep(Duration::from_millis(700));
    Command::new("kill").args(["-TERM", &live.0.id().to_string()]).status().expect("kill");
    assert!(live.0.wait().expect("it ends").success(), "SIGTERM is a request to end in order");
    drop(drain.join());
    let trial = surae_io::read_trial(&recording).expect("it opens");
    assert!(!trial.notes.iter().any(|note| note.code == "recording_not_ended"), "{:?}", trial.notes);
    let seconds = trial.streams[0].span() as f64 / RATE_HZ;
    assert!(seconds > 1.8, "{seconds:.2} s: the time before the trigger is in it");

    // The same name again is refused: a recording is not lost by a slip of the hand.
    let again = surae()
        .args(["live", "--device", "ascii", "--port"])
        .arg(&link)
        .arg("--record")
        .arg(&recording)
        .output()
        .expect("surae starts");
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--overwrite"));
}
