//! The summary that `surae review` prints: it fits a terminal of 80 columns and says what the JSON says.

#![allow(clippy::unwrap_used, reason = "a missing part fails the test")]

use std::process::Command;

fn run(args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_surae")).args(args).output().unwrap();
    assert!(done.status.code().unwrap() < 2, "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn the_summary_fits_80_columns_and_begins_with_the_sentences() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in ["walk", "sprint", "heel-raise"] {
        let trial = folder.path().join(format!("{scenario}.csv"));
        let trial = trial.to_str().unwrap();
        run(&["generate", trial, "--scenario", scenario, "--seed", "5"]);
        let printed = run(&["review", trial]);
        for line in printed.lines().filter(|line| !line.contains(trial)) {
            assert!(line.chars().count() <= 80, "{scenario}: {} columns: {line}", line.chars().count());
        }
        let json: serde_json::Value =
            serde_json::from_str(&run(&["review", trial, "--format", "json"])).unwrap();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let printed = words(&printed);
        for sentence in json["sentences"].as_array().unwrap().iter().filter_map(serde_json::Value::as_str) {
            if !sentence.contains(" push-off ") {
                assert!(printed.contains(&words(sentence)), "{scenario}: not printed: {sentence}");
            }
        }
    }
}
