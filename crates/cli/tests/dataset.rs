//! `surae review DIR --format parquet`: one dataset, read by DuckDB and Polars where Python has them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a missing part fails the test; what was compared is worth reading"
)]

use std::path::Path;
use std::process::{Command, Output};

fn surae(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).args(args).output().unwrap()
}

fn generate(path: &Path, scenario: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let done = surae(&["generate", path.to_str().unwrap(), "--scenario", scenario, "--seed", "3"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_season_becomes_one_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let (season, out) = (folder.path().join("season"), folder.path().join("out"));
    generate(&season.join("anna/walk.csv"), "walk");
    generate(&season.join("ben/walk.csv"), "walk");
    generate(&season.join("ben/007.csv"), "isometric");
    std::fs::write(
        season.join("torn.csv"),
        "# schema = \"surae.csv/1\"\n# rate_hz = 100.0\ntime_s,SOL\n0,1\n",
    )
    .unwrap();
    let review = || {
        let done = surae(&[
            "review",
            season.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--format",
            "parquet,json",
        ]);
        let printed = String::from_utf8(done.stdout).unwrap();
        assert!(printed.contains("3 trials analysed"), "{printed}{}", String::from_utf8_lossy(&done.stderr));
    };
    review();
    let part =
        |table: &str, trial: &str| out.join(table).join(format!("trial={trial}")).join("part-0.parquet");
    for table in ["trials", "cycles", "push_offs", "dominance", "quality"] {
        for trial in ["anna%2Fwalk", "ben%2Fwalk", "ben%2F007"] {
            assert!(part(table, trial).is_file(), "{table} {trial}");
        }
        assert!(!out.join(table).join("trial=torn").exists());
    }
    // A second run replaces; a trial that is now refused leaves no rows of before.
    std::fs::write(season.join("ben/walk.csv"), "# schema = \"surae.csv/1\"\n").unwrap();
    std::fs::remove_file(season.join("torn.csv")).unwrap();
    std::fs::remove_file(out.join("walk-2.json")).unwrap();
    let printed = String::from_utf8(
        surae(&["review", season.to_str().unwrap(), "--out", out.to_str().unwrap(), "--format", "parquet"])
            .stdout,
    )
    .unwrap();
    assert!(printed.contains("2 trials analysed"), "{printed}");
    assert!(!part("cycles", "ben%2Fwalk").exists() && part("cycles", "anna%2Fwalk").is_file());
    generate(&season.join("ben/walk.csv"), "walk");
    review();
    in_duckdb_and_polars(&out);
}

/// Both must agree with each other and with the JSON reports beside the dataset.
fn in_duckdb_and_polars(out: &Path) {
    let python = std::env::var("SURAE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import duckdb, polars"]).output();
    if !has.is_ok_and(|done| done.status.success()) {
        println!("skipped: {python} has no duckdb and polars (SURAE_PYTHON names another)");
        return;
    }
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tools/check_dataset.py");
    let done = Command::new(&python).arg(tool).arg(out).output().unwrap();
    let (printed, errors) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    println!("{printed}");
    assert!(done.status.success(), "{printed}{errors}");
    assert!(printed.contains("3 JSON reports say the same"), "{printed}");
}
