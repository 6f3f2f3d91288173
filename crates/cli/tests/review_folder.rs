//! `surae review DIR`: one line for each trial, what was refused at the end, the exit code.

#![allow(clippy::unwrap_used, reason = "a missing part fails the test")]

use std::path::Path;
use std::process::{Command, Output};

fn review(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).arg("review").arg(folder).args(more).output().unwrap()
}

fn generate(path: &Path) {
    let done = Command::new(env!("CARGO_BIN_EXE_surae"))
        .args(["generate", path.to_str().unwrap(), "--scenario", "walk", "--seed", "5"])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn failures_stand_at_the_end_with_their_reason_and_make_the_exit_code_one() {
    let folder = tempfile::tempdir().unwrap();
    let season = folder.path().join("season");
    std::fs::create_dir_all(season.join("day 2")).unwrap();
    generate(&season.join("a.csv"));
    generate(&season.join("day 2/c.csv"));
    // One that is cut within its header, one that is empty, one that is no recording.
    std::fs::write(season.join("b.c3d"), [&[2u8, 0x50][..], &[1u8; 300]].concat()).unwrap();
    std::fs::write(season.join("empty.xdf"), "").unwrap();
    std::fs::write(season.join("notes.pdf"), "%PDF-1.7 nothing of ours").unwrap();
    let out = folder.path().join("out");
    let done = review(&season, &["--out", out.to_str().unwrap(), "--format", "json,parquet"]);
    let printed = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(1), "{printed}");
    let at = |text: &str| printed.find(text).unwrap_or_else(|| panic!("no '{text}' in\n{printed}"));
    // In the order of names, refused or not; then the counts; then the reasons.
    let lines = [at("a.csv |"), at("b.c3d"), at("c.csv |"), at("empty.xdf")];
    assert!(lines.is_sorted(), "{printed}");
    let counts = at("2 trials analysed");
    // Beside each generated trial lie a profile and the truth, and its knee angles, which are read with it and are no trial.
    assert!(lines[3] < counts && printed.contains("2 refused; 5 other files"), "{printed}");
    assert!(!printed.contains("angles.csv"), "{printed}");
    let reasons = &printed[at("\nrefused:")..];
    assert!(
        reasons.contains("b.c3d") && reasons.contains("empty.xdf") && counts < at("\nrefused:"),
        "{printed}"
    );
    assert!(reasons.contains("empty") && !reasons.contains("/c.csv"), "{printed}");
    assert!(printed.contains("no recordings: ") && printed.contains("notes.pdf"), "{printed}");
    for table in ["trials", "cycles", "push_offs", "dominance", "quality"] {
        let parts = std::fs::read_dir(out.join(table)).unwrap().flatten();
        let mut names: Vec<String> =
            parts.map(|part| part.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        assert_eq!(names, ["trial=a", "trial=day%202%2Fc"], "{table}");
    }
    assert!(out.join("a.json").is_file() && out.join("c.json").is_file() && !out.join("b.json").exists());
}

#[test]
fn a_folder_of_whole_trials_is_success_and_one_without_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let none = review(folder.path(), &[]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("no files"));
    std::fs::write(folder.path().join("only.pdf"), "%PDF-1.7").unwrap();
    let other = review(folder.path(), &[]);
    let printed = String::from_utf8(other.stdout).unwrap();
    assert!(printed.contains("0 trials analysed") && printed.contains("1 other files"), "{printed}");
}
