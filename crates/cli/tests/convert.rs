//! `surae convert`: every target that can be written, what it says, and what it refuses.

#![allow(clippy::unwrap_used, reason = "a missing part fails the test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use surae_io::WRITERS;

fn convert(args: &[&Path], more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).arg("convert").args(args).args(more).output().unwrap()
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo/walk.csv")
}

fn said(output: &Output) -> String {
    // Messages are wrapped on the terminal.
    let whole =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    whole.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_target_reads_back_within_its_stated_precision() {
    let folder = tempfile::tempdir().unwrap();
    let original = surae_io::read_trial(&demo()).unwrap();
    for writer in WRITERS.iter().filter(|writer| writer.name() != "trc") {
        let target = folder.path().join(format!("walk.{}", writer.extensions()[0]));
        let done = convert(&[&demo(), &target], &[]);
        let text = said(&done);
        assert!(done.status.success() && text.contains("read back"), "{}: {text}", writer.name());
        let worst = text
            .split("largest difference ")
            .nth(1)
            .map_or(0.0, |rest| rest.split(' ').next().unwrap().parse::<f64>().unwrap());
        // Half a step of 16 bits over the range, 32-bit floats, 8 printed digits: nothing is coarser.
        assert!(worst <= 1e-4, "{}: {worst}", writer.name());
        if text.contains("not in the written file") {
            // One stream a file: the others lie beside it, and the command says that they are not in this one.
            continue;
        }
        let back = surae_io::read_trial(&target).unwrap();
        let emg = |trial: &surae_trial::Trial| {
            let channels = trial.streams.iter().flat_map(|stream| &stream.channels);
            channels.filter(|c| c.role.muscle.is_some_and(surae_trial::Muscle::is_triceps_surae)).count()
        };
        assert_eq!(emg(&back), emg(&original), "{}: {text}", writer.name());
    }
}

#[test]
fn a_trial_without_markers_is_no_trc() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("walk.trc");
    let done = convert(&[&demo(), &target], &[]);
    assert_eq!(done.status.code(), Some(1));
    assert!(said(&done).contains("without markers") && !target.exists(), "{}", said(&done));
}

#[test]
fn what_is_there_is_kept_and_a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("walk.edf");
    std::fs::write(&target, b"mine").unwrap();
    let refused = convert(&[&demo(), &target], &[]);
    assert_eq!((refused.status.code(), std::fs::read(&target).unwrap()), (Some(2), b"mine".to_vec()));
    assert!(convert(&[&demo(), &target], &["--overwrite"]).status.success());
    for ending in ["csv", "c3d", "edf", "wav", "npy", "parquet", "xdf", "sto"] {
        let lost = convert(&[&demo(), &folder.path().join("results").join(format!("walk.{ending}"))], &[]);
        assert_eq!(lost.status.code(), Some(1), "{ending}: {}", said(&lost));
        assert!(said(&lost).contains("' does not exist; make it"), "{ending}: {}", said(&lost));
    }
}

#[test]
fn a_table_without_times_needs_a_rate() {
    let folder = tempfile::tempdir().unwrap();
    let (table, target) = (folder.path().join("plain.csv"), folder.path().join("plain.edf"));
    let rows: String = (0..200).map(|k| format!("{},{}\n", k % 7, (k * 3) % 11)).collect();
    std::fs::write(&table, rows).unwrap();
    let refused = convert(&[&table, &target], &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("--rate HZ"), "{}", said(&refused));
    let done = convert(&[&table, &target], &["--rate", "2000"]);
    assert!(done.status.success(), "{}", said(&done));
    let trial = surae_io::read_trial(&target).unwrap();
    assert_eq!((trial.streams[0].rate_hz, trial.streams[0].channels.len()), (2000.0, 2));
    // A map may say the same, and name the columns.
    let map = folder.path().join("map.toml");
    let text = "schema = \"surae.map/1\"\nrate_hz = 1000.0\n[[channel]]\nlabel = \"column 2\"\nmuscle = \"SOL\"\nside = \"right\"\n";
    std::fs::write(&map, text).unwrap();
    let done = convert(&[&table, &target], &["--overwrite", "--map", map.to_str().unwrap()]);
    assert!(done.status.success(), "{}", said(&done));
    let trial = surae_io::read_trial(&target).unwrap();
    assert_eq!(trial.streams[0].rate_hz, 1000.0);
    assert!(trial.streams[0].emg(surae_trial::Muscle::SOL, surae_trial::Side::Right).is_some());
}
