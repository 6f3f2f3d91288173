//! A recording whose disk fills up: the session goes on, the message names file and reason, and the file opens.
//!
//! Needs a small file system, which only root may mount: elsewhere the test says that it is skipped, and
//! `crates/io/tests/all/recorder_faults.rs` fills a disk of memory at any byte.
//! By hand: `mount -t tmpfs -o size=1m none /mnt/small`, record to it, then `umount`.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, reason = "what was lost is what the test is run for")]

#[path = "common/emulated.rs"]
mod emulated;

use emulated::{CHANNELS, emulator, surae, trial};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file system of one megabyte, unmounted at the end.
struct Small(PathBuf);

impl Small {
    fn mounted(at: PathBuf) -> Option<Self> {
        std::fs::create_dir(&at).expect("made");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "none"]).arg(&at).output();
        mount.is_ok_and(|done| done.status.success()).then_some(Self(at))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_session() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path();
    let Some(small) = Small::mounted(folder.join("small")) else {
        println!("skipped: a small file system can only be mounted by root");
        return;
    };
    trial(&folder.join("trial.csv"));
    let link = folder.join("port");
    let _emulator = emulator(folder, &link);
    let recording = small.0.join("session.xdf");
    let live = surae()
        .args(["live", "--device", "ascii", "--rate", "2000", "--duration", "9", "--port"])
        .arg(&link)
        .arg("--record")
        .arg(&recording)
        .stdin(Stdio::null())
        .output()
        .expect("the session runs");
    let said = format!("{}{}", String::from_utf8_lossy(&live.stdout), String::from_utf8_lossy(&live.stderr));
    assert_eq!(live.status.code(), Some(1), "{said}");
    assert!(said.contains("session.xdf") && said.to_lowercase().contains("no space"), "{said}");
    let over_s: f64 = said
        .lines()
        .find_map(|line| line.split("decisions over ").nth(1)?.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("{said}"));
    assert!(over_s > 7.5, "the session went on for {over_s} s: {said}");
    let (seconds, frames) = opened(&recording);
    println!("a disk of 1 MB holds {seconds:.2} s ({frames} frames); the session went on to {over_s} s");
    assert!(seconds > 1.0 && seconds < over_s, "{seconds} s recorded");
    by_pyxdf(&recording, frames);
}

/// Seconds and frames that the file holds; no torn chunk.
fn opened(path: &Path) -> (f64, usize) {
    let trial = surae_io::read_trial(path).expect("it opens");
    assert!(!trial.notes.iter().any(|note| note.code == "xdf_torn"), "{:?}", trial.notes);
    let stream = &trial.streams[0];
    assert_eq!(stream.channels.len(), CHANNELS);
    (stream.span() as f64 / stream.rate_hz, stream.frames())
}

fn by_pyxdf(path: &Path, frames: usize) {
    let Ok(python) = std::env::var("SURAE_PYTHON") else { return };
    let script =
        "import pyxdf,sys\ns,h=pyxdf.load_xdf(sys.argv[1])\nprint(max(len(x['time_stamps']) for x in s))";
    let output = Command::new(python).args(["-c", script]).arg(path).output().expect("python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim(), frames.to_string(), "{}", String::from_utf8_lossy(&output.stderr));
}
