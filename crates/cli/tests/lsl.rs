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
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
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
    let output = peer
        .surae(&["live", "--lsl", &name, "--duration", "1"])
        .env("SURAE_LSL_LIB", "/nonexistent/liblsl.so")
        .output()
        .unwrap();
    assert!(said(&output).contains("pip install pylsl"), "{}", said(&output));
}
