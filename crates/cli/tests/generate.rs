//! What was put into a generated trial comes back from its review: stride and contact times, class per phase, lead.
//! The generator shares no code with the analysis. The committed demo is what the generator makes.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn surae(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output =
        Command::new(env!("CARGO_BIN_EXE_surae")).current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Generates and reviews a trial with its own profile: the truth and the report.
fn made(scenario: &str, more: &[&str]) -> (Value, Value) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["generate", "trial.csv", "--scenario", scenario];
    arguments.extend(more);
    surae(folder.path(), &arguments);
    let truth = json(&fs::read(folder.path().join("trial.truth.json")).unwrap());
    let review = ["review", "trial.csv", "--profile", "trial.profile.toml", "--format", "json"];
    let report = json(&surae(folder.path(), &review));
    (truth, report)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Stride and contact times against the truth; `resolution_s` is the period of the foot switch, whose samples are all
/// that the review can know of a contact.
fn check_timing(truth: &Value, report: &Value, resolution_s: f64) {
    let truth = &truth["sides"]["right"];
    let found = &report["sides"]["right"];
    let strides = numbers(&truth["stride_times_s"]);
    let items = found["cycles"]["items"].as_array().unwrap();
    assert_eq!(items.len(), strides.len());
    for (item, stride_s) in items.iter().zip(&strides) {
        let found_s = item["end_s"].as_f64().unwrap() - item["start_s"].as_f64().unwrap();
        assert!((found_s - stride_s).abs() <= resolution_s + 1e-9, "stride {found_s} for {stride_s}");
    }
    let mean_s = found["cycles"]["stride_time_s"].as_f64().unwrap();
    assert!((mean_s - mean(&strides)).abs() < 0.005, "mean stride {mean_s} for {}", mean(&strides));
    let contacts = numbers(&truth["contacts_s"]);
    let contact_times = numbers(&truth["contact_times_s"]);
    let push_offs = found["pushoffs"].as_array().unwrap();
    assert_eq!(push_offs.len(), contacts.len());
    for (push_off, contact_s) in push_offs.iter().zip(&contacts) {
        let found_s = push_off["contact_s"].as_f64().unwrap();
        assert!((found_s - contact_s).abs() <= resolution_s + 1e-9, "contact {found_s} for {contact_s}");
    }
    for (push_off, contact_time_s) in push_offs.iter().zip(&contact_times) {
        let found_s = push_off["contact_time_s"].as_f64().unwrap();
        assert!((found_s - contact_time_s).abs() <= resolution_s + 1e-9, "{found_s} for {contact_time_s}");
    }
}

/// The class of every phase is the true one or "undetermined" (never a wrong call), and at least `called` are called.
fn check_classes(truth: &Value, report: &Value, called: usize) {
    let found = report["sides"]["right"]["dominance"]["by_phase"].as_array().unwrap();
    let mut calls = 0;
    for row in truth["sides"]["right"]["by_phase"].as_array().unwrap() {
        let phase = row["phase"].as_str().unwrap();
        let class = row["class"].as_str().unwrap();
        let found = found
            .iter()
            .find(|f| f["phase"].as_str().unwrap().starts_with(phase))
            .unwrap_or_else(|| panic!("no phase {phase}"));
        let got = found["class"].as_str().unwrap();
        let context =
            format!("{phase}: {got} for {class}, D {} for {}", found["dominance"], row["dominance"]);
        assert!(got == class || got == "undetermined", "{context}");
        calls += usize::from(got == class);
        // Where both muscles are on, the value itself: three standard errors of about 3 % plus the reference (1 %).
        if found["bound"] == "none" && class != "rest" {
            let (d, true_d) = (found["dominance"].as_f64().unwrap(), row["dominance"].as_f64().unwrap());
            assert!((d - true_d).abs() < 0.1, "{context}");
        }
    }
    assert!(calls >= called, "only {calls} phases called");
}

#[test]
fn a_walk_gives_back_its_truth() {
    for seed in ["7", "11", "23"] {
        let (truth, report) = made("walk", &["--seed", seed]);
        assert_eq!(report["trial"]["synthetic"], true);
        check_timing(&truth, &report, 0.01);
        check_classes(&truth, &report, 4);
        let stance = report["sides"]["right"]["cycles"]["stance_percent"].as_f64().unwrap();
        assert!((stance - 60.0).abs() < 1.0, "stance {stance}");
        // METHOD 5.4: MG peaks at 34-46 %, SOL at 38-52 % of the cycle; the drive put in peaks at 40 and 47 %.
        for (muscle, low, high) in [("MG", 34.0, 46.0), ("SOL", 38.0, 52.0)] {
            let peak = report["sides"]["right"]["muscles"][muscle]["peak_percent_cycle"].as_f64().unwrap();
            assert!((low..=high).contains(&peak), "{muscle} peaks at {peak} %");
        }
        // METHOD 4: the curve that was put in, from Schwartz 2008, free speed.
        let knee = &report["sides"]["right"]["knee_angle"];
        let curve = numbers(&knee["mean_curve_deg"]);
        for (percent, degrees) in [(12, 19.3), (40, 6.2), (60, 33.9), (72, 59.1)] {
            assert!((curve[percent] - degrees).abs() < 2.0, "knee {} at {percent} %", curve[percent]);
        }
    }
}

#[test]
fn a_run_and_a_sprint_give_back_their_contacts_and_lead() {
    for (scenario, resolution_s) in [("run", 0.005), ("sprint", 0.002)] {
        let (truth, report) = made(scenario, &["--seed", "5", "--rate", "2000"]);
        check_timing(&truth, &report, resolution_s);
        let leads = numbers(&truth["sides"]["right"]["gastrocnemius_lead_ms"]);
        let found = &report["sides"]["right"]["lead_summary"];
        let interval = numbers(&found["ci90_ms"]);
        let median = found["median_ms"].as_f64().unwrap();
        // METHOD R8: 7-9 ms a muscle at one contact; the median of ten or more is better than half of that.
        assert!((median - mean(&leads)).abs() < 6.0, "{scenario}: lead {median} for {}", mean(&leads));
        assert!(interval[0] < interval[1]);
    }
}

#[test]
fn bent_heel_raises_shift_the_balance_to_soleus_as_put_in() {
    let dominance = |knee: &str| {
        let (truth, report) = made("heel-raise", &["--knee", knee, "--seed", "3"]);
        let efforts = truth["sides"]["right"]["efforts"].as_array().unwrap();
        let truth = mean(&efforts.iter().map(|e| e["log_ratio"].as_f64().unwrap()).collect::<Vec<_>>());
        let bins = report["sides"]["right"]["dominance"]["by_angle"].as_array().unwrap().clone();
        let most =
            bins.iter().max_by_key(|b| (b["active_s"].as_f64().unwrap() * 1000.0) as u64).unwrap().clone();
        (truth, most["log_ratio"].as_f64().unwrap())
    };
    let (straight_truth, straight) = dominance("0");
    let (bent_truth, bent) = dominance("45");
    assert!((straight - straight_truth).abs() < 0.15, "straight: {straight} for {straight_truth}");
    assert!((bent - bent_truth).abs() < 0.15, "bent: {bent} for {bent_truth}");
    assert!(bent < straight - 0.3);
}

#[test]
fn both_legs_and_a_gap_survive_the_file() {
    let (truth, report) = made("walk", &["--side", "both", "--gap", "5.0:0.3", "--seed", "2"]);
    assert!(truth["sides"]["left"].is_object() && report["sides"]["left"].is_object());
    let gaps = report["trial"]["streams"][0]["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0]["index"], 5000);
    assert_eq!(gaps[0]["lost_samples"], 300);
}

#[test]
fn one_seed_is_one_trial() {
    let folder = tempfile::tempdir().unwrap();
    for (name, seed) in [("a.csv", "4"), ("b.csv", "4"), ("c.csv", "5")] {
        surae(folder.path(), &["generate", name, "--scenario", "walk", "--seed", seed, "--duration", "3"]);
    }
    let rows = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    };
    assert_eq!(rows("a.csv"), rows("b.csv"));
    assert_ne!(rows("a.csv"), rows("c.csv"));
}

/// `fixtures/MANIFEST.toml` says how each generated file was made; making it again gives the same numbers, to the last
/// digit that is stored (transcendental functions may differ in the last bit between machines).
#[test]
fn fixtures_are_what_the_manifest_says() {
    let fixtures: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "fixtures"].iter().collect();
    let manifest: toml::Table = fs::read_to_string(fixtures.join("MANIFEST.toml")).unwrap().parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for made in manifest["generated"].as_array().unwrap() {
        let command = made["command"].as_str().unwrap();
        let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
        surae(folder.path(), &arguments);
        for file in made["files"].as_array().unwrap() {
            let name = file["path"].as_str().unwrap();
            let committed = fs::read_to_string(fixtures.join(name)).unwrap();
            let again = fs::read_to_string(folder.path().join(Path::new(name).file_name().unwrap())).unwrap();
            same_numbers(name, &committed, &again);
            compared += 1;
        }
    }
    assert!(compared >= 4, "only {compared} files compared");
}

fn same_numbers(name: &str, committed: &str, again: &str) {
    assert_eq!(committed.lines().count(), again.lines().count(), "{name}: number of lines");
    for (k, (old, new)) in committed.lines().zip(again.lines()).enumerate() {
        let cells = |line: &str| -> Vec<String> { line.split([',', ' ', '=']).map(str::to_owned).collect() };
        let (old_cells, new_cells) = (cells(old), cells(new));
        assert_eq!(old_cells.len(), new_cells.len(), "{name}, line {}: {old} / {new}", k + 1);
        for (a, b) in old_cells.iter().zip(&new_cells) {
            let close = match (a.parse::<f64>(), b.parse::<f64>()) {
                (Ok(x), Ok(y)) => (x - y).abs() <= 1.001 * 0.1_f64.powi(decimals(a).max(decimals(b))),
                _ => a == b,
            };
            assert!(close, "{name}, line {}: {old} / {new}", k + 1);
        }
    }
}

fn decimals(number: &str) -> i32 {
    number.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32)
}
