//! Jumps: generated ones against what was put in (take-off speed, flight, phases, bursts in closed form), recorded ones against
//! a plain threshold computed here.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a missing part fails the test; a skipped test says so"
)]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn surae(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).current_dir(folder).args(arguments).output().unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Truth and report of a generated jump trial.
fn made(scenario: &str, more: &[&str]) -> (Value, Value) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["generate", "trial.csv", "--scenario", scenario];
    arguments.extend(more);
    assert!(surae(folder.path(), &arguments).status.success());
    let truth = json(&fs::read(folder.path().join("trial.truth.json")).unwrap());
    let review = ["review", "trial.csv", "--profile", "trial.profile.toml", "--format", "json"];
    (truth, json(&surae(folder.path(), &review).stdout))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn close(what: &str, found: &Value, expected: f64, tolerance: f64) {
    let found = number(found);
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected} +- {tolerance}");
}

fn phase<'a>(jump: &'a Value, name: &str) -> &'a Value {
    jump["phases"].as_array().unwrap().iter().find(|p| p["phase"] == name).unwrap_or(&Value::Null)
}

/// Every jump of the truth is found, and nothing else; times to 2 ms, height by flight time to what 2 ms make.
fn check_flights(truth: &Value, report: &Value) -> usize {
    let expected = truth["jumps"].as_array().unwrap();
    let found = report["jumps"].as_array().unwrap();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        close("take-off", &found["take_off_s"], number(&expected["take_off_s"]), 0.002);
        close("landing", &found["landing_s"], number(&expected["landing_s"]), 0.002);
        let flight_s = number(&expected["flight_time_s"]);
        // dh = g t dt / 4.
        let tolerance = 9.806_65 * flight_s * 0.003 / 4.0;
        close("height by flight", &found["height_flight_m"], number(&expected["height_m"]), tolerance);
        close("mass", &found["body_mass_kg"], number(&truth["body_mass_kg"]), 0.2);
    }
    expected.len()
}

#[test]
fn countermovement_jumps_give_back_speed_phases_and_bursts() {
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for (seed, mass) in [("3", "75"), ("8", "58"), ("21", "96")] {
        let (truth, report) = made("cmj", &["--seed", seed, "--body-mass", mass]);
        assert_eq!(report["settings"]["task"], "jump");
        assert!(check_flights(&truth, &report) >= 3);
        let pairs = report["jumps"].as_array().unwrap().iter().zip(truth["jumps"].as_array().unwrap());
        for (at, (found, expected)) in pairs.enumerate() {
            assert_eq!(found["start"], "countermovement");
            close("speed", &found["take_off_speed_mps"], number(&expected["take_off_speed_mps"]), 0.03);
            close("height by impulse", &found["height_impulse_m"], number(&expected["height_m"]), 0.008);
            close("residual", &found["integration_residual_mps"], 0.0, 0.06);
            close("onset", &found["movement_onset_s"], number(&expected["movement_onset_s"]), 0.03);
            close(
                "lowest speed",
                &phase(found, "unweighting")["to_s"],
                number(&expected["lowest_speed_s"]),
                0.01,
            );
            close("turn", &phase(found, "braking")["to_s"], number(&expected["turn_s"]), 0.01);
            let leg = &found["sides"]["right"];
            close("knee at the bottom", &leg["knee_max_deg"], 85.0, 1.5);
            close("knee at take-off", &leg["knee_at_take_off_deg"], 10.0, 2.0);
            for (muscle, burst) in truth["sides"]["right"]["jump_bursts_ms"][at].as_object().unwrap() {
                let timing = &leg["muscles"][muscle];
                on.extend(timing["on_ms"].as_f64().map(|v| v - number(&burst[0])));
                off.extend(timing["off_ms"].as_f64().map(|v| v - number(&burst[1])));
            }
        }
    }
    // The same rule in SciPy, 150 bursts: 3 to 7 ms late at the beginning, SD 12 to 13 ms; 25 bursts add a standard error of 3 ms.
    for (what, errors) in [("on", on), ("off", off)] {
        assert!(errors.len() >= 22, "{what}: only {}", errors.len());
        let bias = errors.iter().sum::<f64>() / errors.len() as f64;
        println!("{what}: bias {bias:.1} ms over {}", errors.len());
        assert!(bias.abs() < 14.0, "{what}: bias {bias}");
    }
}

#[test]
fn squat_jumps_have_no_countermovement() {
    let (truth, report) = made("squat-jump", &["--seed", "4"]);
    check_flights(&truth, &report);
    for jump in report["jumps"].as_array().unwrap() {
        assert_eq!(jump["start"], "squat");
        assert!(phase(jump, "unweighting").is_null() && !phase(jump, "propulsion").is_null());
        assert!(jump["height_impulse_m"].is_number());
    }
}

#[test]
fn drop_jumps_give_contact_height_of_the_drop_and_rsi() {
    for seed in ["3", "9"] {
        let (truth, report) = made("drop-jump", &["--seed", seed]);
        assert!(check_flights(&truth, &report) >= 3);
        let pairs = report["jumps"].as_array().unwrap().iter().zip(truth["jumps"].as_array().unwrap());
        for (found, expected) in pairs {
            assert_eq!(found["start"], "drop");
            close("contact", &found["contact_s"], number(&expected["contact_s"]), 0.002);
            let contact_s = number(&expected["take_off_s"]) - number(&expected["contact_s"]);
            close("RSI", &found["rsi"], number(&expected["height_m"]) / contact_s, 0.04);
            close("drop", &found["drop_height_m"], 0.30, 0.01);
            assert!(found["height_impulse_m"].is_null());
            assert!(found["rsi_definition"].as_str().unwrap().contains("contact time"));
        }
    }
}

#[test]
fn hops_follow_each_other() {
    let (truth, report) = made("hop", &["--seed", "3"]);
    assert_eq!(check_flights(&truth, &report), 12);
    let jumps = report["jumps"].as_array().unwrap();
    assert_eq!(jumps[0]["start"], "countermovement");
    for (found, expected) in jumps.iter().zip(truth["jumps"].as_array().unwrap()).skip(1) {
        assert_eq!(found["start"], "rebound");
        close("contact", &found["contact_s"], number(&expected["contact_s"]), 0.002);
    }
}

#[test]
fn without_force_the_foot_switch_gives_flight_time_only() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        surae(folder.path(), &["generate", "cmj.csv", "--scenario", "cmj", "--seed", "3"]).status.success()
    );
    let truth = json(&fs::read(folder.path().join("cmj.truth.json")).unwrap());
    // The same trial with its force called something that is not understood.
    let angles = folder.path().join("cmj.angles.csv");
    let text = fs::read_to_string(&angles).unwrap().replace("kind = \"force\"", "kind = \"unknown\"");
    fs::write(&angles, text).unwrap();
    let report = json(&surae(folder.path(), &["review", "cmj.csv", "--format", "json"]).stdout);
    let (found, expected) = (report["jumps"].as_array().unwrap(), truth["jumps"].as_array().unwrap());
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found["source"], "foot_switch");
        assert!(found["take_off_rule"].as_str().unwrap().contains("one foot"));
        close("flight", &found["flight_time_s"], number(&expected["flight_time_s"]), 0.003);
        assert!(found["height_impulse_m"].is_null());
    }
    assert!(report["unavailable"]["jumps[0].height_impulse_m"].as_str().unwrap().contains("force"));
}

#[test]
fn running_on_force_plates_is_not_jumping() {
    let (_, report) = made("run", &["--seed", "3", "--duration", "5"]);
    assert_eq!(report["jumps"].as_array().unwrap().len(), 0);
}

fn recordings() -> Option<PathBuf> {
    match std::env::var_os("SURAE_TRIALS") {
        Some(root) => Some(Path::new(&root).join("30_force_jumps")),
        None => {
            assert!(
                std::env::var("SURAE_REQUIRE_TRIALS").as_deref() != Ok("1"),
                "SURAE_REQUIRE_TRIALS=1 but SURAE_TRIALS is not set"
            );
            println!("skipped: SURAE_TRIALS not set");
            None
        }
    }
}

/// A plain threshold: the one stretch of 0.3 to 0.9 s under 20 N with load before and after, by samples.
fn plain_flight(time_s: &[f64], force_n: &[f64]) -> (f64, f64) {
    let mut found = Vec::new();
    let mut left = None;
    for k in 1..force_n.len() {
        match (force_n[k - 1] > 20.0, force_n[k] > 20.0) {
            (true, false) => left = Some(time_s[k]),
            (false, true) => {
                if let Some(off) = left.filter(|off| (0.3..0.9).contains(&(time_s[k] - off))) {
                    found.push((off, time_s[k]));
                }
            }
            _ => {}
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found[0]
}

/// Review of a force-only recording: exit code as for findings, and the jump.
fn review_force(path: &Path) -> Value {
    let output = surae(Path::new("."), &["review", &path.display().to_string(), "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "a trial without EMG is half an answer");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no EMG of a calf muscle"));
    json(&output.stdout)
}

#[test]
fn recorded_jumps_agree_with_a_plain_threshold_and_a_plain_sum() {
    let Some(folder) = recordings() else { return };
    for (name, quiet_s) in [("bmc_jump1.txt", [2.8, 3.7]), ("bmc_jump2.txt", [2.8, 3.6])] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(1)
            .map(|line| line.split_whitespace().map(|cell| cell.parse().unwrap()).collect())
            .collect();
        let (time_s, force_n): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| (row[0], row[1])).unzip();
        check_recorded(name, &time_s, &force_n, quiet_s, &review_force(&folder.join(name)));
    }
    // Twelve columns without labels at 2000 Hz: two plates of six, the third of each is vertical.
    let text = fs::read_to_string(folder.join("cmj_example.txt")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let labels = ["Fx", "Fy", "Fz", "Mx", "My", "Mz"];
    let head: Vec<String> = (1..=2)
        .flat_map(|p| labels.map(|l| format!("{l}{p} ({})", if l.starts_with('F') { "N" } else { "Nm" })))
        .collect();
    let mut table = format!("time_s,{}\n", head.join(","));
    let (mut time_s, mut force_n) = (Vec::new(), Vec::new());
    for (k, row) in rows.iter().enumerate() {
        let cells: Vec<f64> = row.split(',').map(|cell| cell.trim().parse().unwrap()).collect();
        time_s.push(k as f64 / 2000.0);
        force_n.push(cells[2] + cells[8]);
        table.push_str(&format!("{:.4},{}\n", k as f64 / 2000.0, row.replace(' ', "")));
    }
    let made = tempfile::tempdir().unwrap();
    let path = made.path().join("cmj_example.csv");
    fs::write(&path, table).unwrap();
    check_recorded("cmj_example", &time_s, &force_n, [5.0, 7.0], &review_force(&path));
}

/// Flight by the plain threshold; impulse as a plain sum from the still stretch `quiet_s`, chosen by eye, to take-off.
fn check_recorded(name: &str, time_s: &[f64], force_n: &[f64], quiet_s: [f64; 2], report: &Value) {
    let jumps = report["jumps"].as_array().unwrap();
    assert_eq!(jumps.len(), 1, "{name}");
    let jump = &jumps[0];
    let (off, on) = plain_flight(time_s, force_n);
    let step = time_s[1] - time_s[0];
    close(name, &jump["take_off_s"], off, 1.01 * step);
    close(name, &jump["landing_s"], on, 1.01 * step);
    close(name, &jump["height_flight_m"], 9.806_65 * (on - off).powi(2) / 8.0, 0.012);
    let quiet: Vec<f64> = time_s
        .iter()
        .zip(force_n)
        .filter(|(t, _)| (quiet_s[0]..quiet_s[1]).contains(*t))
        .map(|(_, f)| *f)
        .collect();
    let weight = quiet.iter().sum::<f64>() / quiet.len() as f64;
    close(name, &jump["body_mass_kg"], weight / 9.806_65, 0.6);
    let net: f64 = time_s
        .iter()
        .zip(force_n)
        .filter(|(t, _)| (quiet_s[1]..off).contains(*t))
        .map(|(_, f)| (f - weight) * step)
        .sum();
    let speed = net / (weight / 9.806_65);
    println!(
        "{name}: flight {:.3} s, height {:.3} m by flight, {} m by impulse; plain sum {:.3} m",
        on - off,
        number(&jump["height_flight_m"]),
        jump["height_impulse_m"],
        speed * speed / (2.0 * 9.806_65)
    );
    close(name, &jump["height_impulse_m"], speed * speed / (2.0 * 9.806_65), 0.03);
    assert_eq!(jump["start"], "countermovement", "{name}");
}
