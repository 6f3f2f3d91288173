//! `surae protocol bent-straight`, repetitions, trends, calf pump and force share on generated series whose laws are known.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a missing part fails the test")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn surae(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).current_dir(folder).args(arguments).output().unwrap()
}

/// Generates one block a knee angle; `law` is the fall of gastrocnemius and rise of soleus per deg.
fn series(folder: &Path, scenario: &str, law: &str, angles: &[&str], more: &[&str]) -> Vec<String> {
    angles
        .iter()
        .enumerate()
        .map(|(k, deg)| {
            let name = format!("k{deg}.csv");
            let seed = (40 + k).to_string();
            let mut arguments = vec![
                "generate",
                &name,
                "--scenario",
                scenario,
                "--knee",
                deg,
                "--per-deg",
                law,
                "--seed",
                &seed,
            ];
            arguments.extend(more);
            let made = surae(folder, &arguments);
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            name
        })
        .collect()
}

fn judged(folder: &Path, trials: &[String], more: &[&str]) -> (Value, Option<i32>) {
    let mut arguments = vec!["protocol", "bent-straight", "--json"];
    arguments.extend(trials.iter().map(String::as_str));
    arguments.extend(more);
    let output = surae(folder, &arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {text}")), output.status.code())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// The page has the verdict as its title, a row and a mark a block, and every gate in words.
fn page_says(html: &str, report: &Value) {
    let page = scraper::Html::parse_document(html);
    let select = |what: &str| {
        let found = scraper::Selector::parse(what).unwrap();
        page.select(&found).map(|e| e.text().collect::<String>()).collect::<Vec<_>>()
    };
    assert!(select("h1")[0].ends_with(report["verdict"].as_str().unwrap()));
    let blocks = report["blocks"].as_array().unwrap();
    let rows = select("#blocks tbody tr");
    assert_eq!(rows.len(), blocks.len());
    for (row, block) in rows.iter().zip(blocks).skip(1) {
        let change = format!("{:.2}", number(&block["log_ratio_change"])).replace('-', "\u{2212}");
        assert!(row.contains(&change), "{change} in {row}");
    }
    // One ring for the ratio and two for the amplitudes of every bent block; the straight one is what they are relative to.
    assert!(select("svg circle").len() >= 3 * (blocks.len() - 1), "{}", select("svg circle").len());
    let text = select("#gates").concat();
    for gate in blocks.iter().flat_map(|b| b["gates"].as_array().unwrap()) {
        assert!(text.contains(gate["text"].as_str().unwrap()), "{gate}");
    }
    assert!(!html.contains("<script") && !html.contains("NaN"));
}

#[test]
fn a_falling_gastrocnemius_is_consistent_and_its_fall_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in ["isometric", "heel-raise"] {
        // 0.009 per deg: ln(G/S) falls by 0.81 at 90 deg; gastrocnemius to 0.445, soleus unchanged.
        let trials =
            series(folder.path(), scenario, "0.009:0", &["0", "30", "60", "90"], &["--duration", "50"]);
        let (report, code) =
            judged(folder.path(), &trials, &["--knee", "0,30,60,90", "--load", "20,20,20,20"]);
        assert_eq!((report["verdict"].as_str(), code), (Some("consistent"), Some(0)), "{report:#}");
        for (block, deg) in report["blocks"].as_array().unwrap().iter().zip([0.0, 30.0, 60.0, 90.0]) {
            assert!(block["usable"].as_bool().unwrap());
            assert!((number(&block["knee_deg"]) - deg).abs() < 2.0);
            if deg > 0.0 {
                let expected = -0.009 * deg;
                let change = number(&block["log_ratio_change"]);
                let ci = [0, 1].map(|i| number(&block["log_ratio_change_ci90"][i]));
                assert!((change - expected).abs() < 0.15, "{scenario} {deg}: {change} for {expected}");
                assert!(ci[0] < change && change < ci[1] && ci[1] - ci[0] < 0.4);
                assert!((number(&block["g_ratio"]).ln() - expected).abs() < 0.2);
                assert!(number(&block["s_ratio"]).ln().abs() < 0.2);
            }
        }
        let (_, code) = judged(
            folder.path(),
            &trials,
            &["--knee", "0,30,60,90", "--load", "20,20,20,20", "--out", "page"],
        );
        assert_eq!(code, Some(0));
        let json: Value =
            serde_json::from_slice(&fs::read(folder.path().join("page/bent-straight.json")).unwrap())
                .unwrap();
        assert_eq!(json, report);
        page_says(&fs::read_to_string(folder.path().join("page/bent-straight.html")).unwrap(), &report);
    }
}

#[test]
fn a_gastrocnemius_that_stays_or_a_soleus_that_rises_alone_is_not_consistent() {
    let folder = tempfile::tempdir().unwrap();
    for law in ["0:0", "-0.004:0", "0:0.009"] {
        let trials = series(folder.path(), "isometric", law, &["0", "90"], &["--duration", "60"]);
        let (report, code) = judged(folder.path(), &trials, &["--knee", "0,90"]);
        assert_eq!(
            (report["verdict"].as_str(), code),
            (Some("not consistent"), Some(0)),
            "{law}: {report:#}"
        );
    }
    let trials = series(folder.path(), "isometric", "0:0.009", &["0", "90"], &["--duration", "60"]);
    let (report, _) = judged(folder.path(), &trials, &["--knee", "0,90"]);
    assert!(report["reason"].as_str().unwrap().contains("because soleus rises"));
}

#[test]
fn failed_gates_make_it_not_testable_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let trials = series(folder.path(), "isometric", "0.009:0", &["0", "40", "90"], &["--duration", "50"]);
    let gate = |report: &Value, block: usize, name: &str| -> String {
        let gates = report["blocks"][block]["gates"].as_array().unwrap();
        gates.iter().find(|g| g["gate"] == name).unwrap()["state"].as_str().unwrap().to_owned()
    };
    // Said to be at 60 deg, recorded at 90.
    let (report, code) = judged(folder.path(), &trials, &["--knee", "0,40,60"]);
    assert_eq!((report["verdict"].as_str(), code), (Some("not testable"), Some(1)));
    assert_eq!(gate(&report, 2, "knee"), "failed");
    // Another load over the bent knee.
    let (report, _) = judged(folder.path(), &trials, &["--knee", "0,40,90", "--load", "20,20,30"]);
    assert_eq!(
        (report["verdict"].as_str(), gate(&report, 2, "load").as_str()),
        (Some("not testable"), "failed")
    );
    // Hum over everything at the straight knee.
    let hum = ["--duration", "50", "--hum", "2000"];
    let bad = series(folder.path(), "isometric", "0.009:0", &["5"], &hum);
    let (report, _) = judged(folder.path(), &[bad[0].clone(), trials[2].clone()], &["--knee", "5,90"]);
    assert_eq!(
        (report["verdict"].as_str(), gate(&report, 0, "quality").as_str()),
        (Some("not testable"), "failed")
    );
    // No straight block at all; too few repetitions.
    let (report, _) = judged(folder.path(), &trials[1..], &[]);
    assert!(report["reason"].as_str().unwrap().contains("straight knee"));
    let short = series(folder.path(), "isometric", "0.009:0", &["90"], &["--duration", "12"]);
    let again = series(folder.path(), "isometric", "0.009:0", &["0"], &["--duration", "50"]);
    let (report, _) = judged(folder.path(), &[again[0].clone(), short[0].clone()], &["--knee", "0,90"]);
    assert_eq!(
        (report["verdict"].as_str(), gate(&report, 1, "repetitions").as_str()),
        (Some("not testable"), "failed")
    );
}

#[test]
fn the_plan_is_decided_by_its_seed_and_wrong_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let plan = |seed: &str| surae(folder.path(), &["protocol", "bent-straight", "--seed", seed]).stdout;
    assert_eq!(plan("4"), plan("4"));
    assert!((5..20).any(|seed| plan(&seed.to_string()) != plan("4")));
    let text = String::from_utf8(plan("4")).unwrap();
    assert!(
        ["0 deg", "30 deg", "60 deg", "90 deg", "seed 4"].iter().all(|part| text.contains(part)),
        "{text}"
    );
    for wrong in [&["--angles", "0,30"][..], &["a.csv", "b.csv", "--knee", "0"], &["--angles", "60,90"]] {
        let mut arguments = vec!["protocol", "bent-straight"];
        arguments.extend(wrong);
        assert_eq!(surae(folder.path(), &arguments).status.code(), Some(2), "{wrong:?}");
    }
}

fn reviewed(folder: &Path, generate: &[&str], review: &[&str]) -> (Value, Value) {
    let mut arguments = vec!["generate", "trial.csv"];
    arguments.extend(generate);
    assert!(surae(folder, &arguments).status.success());
    let truth = serde_json::from_slice(&fs::read(folder.join("trial.truth.json")).unwrap()).unwrap();
    let mut arguments = vec!["review", "trial.csv", "--profile", "trial.profile.toml", "--format", "json"];
    arguments.extend(review);
    (truth, serde_json::from_slice(&surae(folder, &arguments).stdout).unwrap())
}

#[test]
fn heel_raises_are_counted_and_their_times_found() {
    let folder = tempfile::tempdir().unwrap();
    let (truth, report) =
        reviewed(folder.path(), &["--scenario", "heel-raise", "--duration", "60", "--seed", "3"], &[]);
    let efforts = truth["sides"]["right"]["efforts"].as_array().unwrap();
    let found = &report["sides"]["right"]["repetitions"];
    assert_eq!(number(&found["n"]) as usize, efforts.len());
    assert!((number(&found["per_min"]) - 20.0).abs() < 0.3, "{}", found["per_min"]);
    for (item, effort) in found["items"].as_array().unwrap().iter().zip(efforts) {
        assert!(number(&item["from_s"]) > number(&effort["start_s"]) - 0.1);
        assert!(number(&item["to_s"]) < number(&effort["end_s"]) + 0.1);
        assert!(item["rms"]["MG"].is_number() && item["mdf_hz"]["SOL"].is_number());
    }
    // Nothing changes: the 95 % interval of at least two of three muscles holds 0.
    let trends = found["trends"].as_object().unwrap();
    let flat = trends.values().filter(|t| {
        number(&t["mdf"]["ci95_per_min"][0]) <= 0.0 && number(&t["mdf"]["ci95_per_min"][1]) >= 0.0
    });
    assert!(flat.count() >= 2, "{trends:#?}");
    assert!(trends["MG"]["reading"].is_null(), "heel raises are not of constant length");
}

/// Slope of the least-squares line in percent of its value at the first point.
fn percent_per_min(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let slope = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum::<f64>()
        / points.iter().map(|p| (p.0 - mx).powi(2)).sum::<f64>();
    100.0 * slope / (my + slope * (points[0].0 - mx))
}

#[test]
fn fatigue_put_in_comes_back_and_is_read_only_at_constant_length() {
    let folder = tempfile::tempdir().unwrap();
    let generate = ["--scenario", "isometric", "--duration", "120", "--seed", "5", "--fatigue", "0.6:2.0"];
    let (truth, report) = reviewed(folder.path(), &generate, &["--isometric"]);
    let efforts = truth["sides"]["right"]["efforts"].as_array().unwrap();
    let (first, last) = (&efforts[0], &efforts[efforts.len() - 1]);
    let middle = |e: &Value| (number(&e["start_s"]) + number(&e["end_s"])) / 2.0;
    let minutes = (middle(last) - middle(first)) / 60.0;
    let (from, to) = (number(&first["median_frequency_hz"]), number(&last["median_frequency_hz"]));
    let expected = 100.0 * (to / from - 1.0) / minutes;
    assert!(expected < -10.0, "the truth itself falls: {expected}");
    let trends = report["sides"]["right"]["repetitions"]["trends"].as_object().unwrap();
    for (muscle, trend) in trends {
        let mdf = &trend["mdf"];
        println!("{muscle}: {} % a minute, truth {expected:.1}", mdf["percent_per_min"]);
        assert!((number(&mdf["percent_per_min"]) - expected).abs() < 5.0, "{muscle}: {mdf} for {expected}");
        // Against a line through the drives that were put in, which vary from effort to effort.
        let points: Vec<(f64, f64)> =
            efforts.iter().map(|e| (middle(e) / 60.0, number(&e["drive_rms"][muscle]))).collect();
        let put_in = percent_per_min(&points);
        let found = number(&trend["rms"]["percent_per_min"]);
        assert!((found - put_in).abs() < 4.0, "{muscle}: amplitude {found} for {put_in}");
        assert_eq!(trend["reading"], "amplitude up, median frequency down: as in fatigue", "{muscle}");
    }
    let (_, unstated) = reviewed(folder.path(), &generate, &[]);
    let trend = &unstated["sides"]["right"]["repetitions"]["trends"]["MG"];
    assert!(trend["reading"].is_null() && trend["mdf"].is_object());
    let why = &unstated["unavailable"]["sides.right.repetitions.trends.MG.reading"];
    assert!(why.as_str().unwrap().contains("--isometric"), "{why}");
}

#[test]
fn too_few_points_or_too_little_signal_have_no_trend() {
    let folder = tempfile::tempdir().unwrap();
    let (_, few) = reviewed(folder.path(), &["--scenario", "heel-raise", "--duration", "22"], &[]);
    let why = |report: &Value| {
        let key = "sides.right.repetitions.trends.SOL.mdf";
        report["unavailable"][key].as_str().unwrap_or("").to_owned()
    };
    assert!(why(&few).contains("10 points"), "{}", why(&few));
}

#[test]
fn standing_counts_contractions_and_the_longest_pause() {
    let folder = tempfile::tempdir().unwrap();
    let generate = ["--scenario", "heel-raise", "--duration", "60", "--seed", "3"];
    let (truth, report) = reviewed(folder.path(), &generate, &["--task", "standing"]);
    let efforts = truth["sides"]["right"]["efforts"].as_array().unwrap();
    let pump = &report["sides"]["right"]["calf_pump"];
    assert_eq!(number(&pump["contractions"]) as usize, efforts.len());
    assert!((number(&pump["per_min"]) - efforts.len() as f64).abs() < 0.2);
    // Quiet for 4 s before the first; its gate opens a little later.
    assert!((4.0..4.7).contains(&number(&pump["longest_still_s"])), "{pump}");
}

#[test]
fn the_force_share_is_an_estimate_on_request_only() {
    let folder = tempfile::tempdir().unwrap();
    let generate = ["--scenario", "isometric", "--duration", "40", "--knee", "60", "--per-deg", "0:0"];
    let (_, without) = reviewed(folder.path(), &generate, &[]);
    assert!(without["sides"]["right"]["force_share"].is_null());
    let (_, with) = reviewed(folder.path(), &generate, &["--force-share"]);
    let share = &with["sides"]["right"]["force_share"];
    assert!(share["label"].as_str().unwrap().starts_with("model estimate"));
    let rows = share["by_angle"].as_array().unwrap();
    let row = rows.iter().find(|r| (number(&r["knee_deg"]) - 60.0).abs() < 3.0).unwrap();
    // METHOD row 34: equal activation at 60 deg, 0.358; equal drive was put in, found to a few percent.
    assert!((number(&row["share"]) - 0.358).abs() < 0.02, "{row}");
    assert_eq!(row["ankle_measured"], false);
}
