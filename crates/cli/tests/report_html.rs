//! The page of HTML: well formed, self-contained, and every number on it is the one of the JSON report, in its unit.
//!
//! The page is read by a conforming HTML parser and compared with the JSON of the same run. Real trials join in where
//! `SURAE_TRIALS` names their folder.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a missing part fails the test; a skipped test says so"
)]

use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn surae(args: &[&str]) -> i32 {
    let done = Command::new(env!("CARGO_BIN_EXE_surae")).args(args).output().unwrap();
    let code = done.status.code().unwrap();
    assert!(code < 2, "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    code
}

fn generated(folder: &Path, scenario: &str, seed: &str) -> PathBuf {
    let path = folder.join(format!("{scenario}-{seed}.csv"));
    let code = surae(&["generate", path.to_str().unwrap(), "--scenario", scenario, "--seed", seed]);
    assert_eq!(code, 0, "generate {scenario}");
    path
}

/// Reviews trials into a folder of their own and gives it.
fn reviewed(folder: &Path, trials: &[&Path], more: &[&str]) -> PathBuf {
    let out = folder.join("report");
    let mut args = vec!["review"];
    args.extend(trials.iter().map(|path| path.to_str().unwrap()));
    args.extend(["--out", out.to_str().unwrap(), "--format", "html,json,svg"]);
    args.extend(more);
    surae(&args);
    out
}

fn select<'a>(page: &'a Html, what: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(what).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

/// The value at a path such as `sides.right.pushoffs[2].off_s`.
fn at<'v>(json: &'v Value, path: &str) -> Option<&'v Value> {
    path.replace('[', ".").replace(']', "").split('.').try_fold(json, |value, key| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })
}

/// What must hold for every page.
fn check_page(html: &str, json: &Value) {
    let page = Html::parse_document(html);
    assert!(page.errors.is_empty(), "the parser complains: {:?}", page.errors);
    for outside in ["<script", "http://", "https://", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "the page has '{outside}'");
    }
    let mut ids = BTreeSet::new();
    for element in select(&page, "[id]") {
        assert!(ids.insert(element.value().id().unwrap()), "id twice");
    }
    for link in select(&page, "a[href^='#']") {
        assert!(ids.contains(&link.value().attr("href").unwrap()[1..]), "a link leads nowhere");
    }
    numbers_are_those_of_the_json(&page, json);
    every_missing_value_has_its_reason(&page, json);
    sentences_have_unit_and_doubt(json);
    for svg in select(&page, "svg.plot") {
        assert!(svg.value().attr("aria-label").is_some());
        no_texts_overlap(&svg.html());
    }
}

fn numbers_are_those_of_the_json(page: &Html, json: &Value) {
    let shown = select(page, "data[value][data-path]");
    assert!(shown.len() > 20, "only {} numbers", shown.len());
    for element in shown {
        let path = element.value().attr("data-path").unwrap();
        let value = at(json, path).unwrap_or_else(|| panic!("{path} is not in the JSON"));
        let number = value.as_f64().unwrap_or_else(|| panic!("{path} is no number"));
        let attribute: f64 = element.value().attr("value").unwrap().parse().unwrap();
        assert_eq!(attribute, number, "{path}");
        let words = text(element).replace('\u{2212}', "-");
        let digits: String =
            words.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '.')).collect();
        let written: f64 = digits.parse().unwrap_or_else(|_| panic!("{path}: '{words}'"));
        let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
        let half = 0.5 * 10_f64.powi(-(decimals as i32)) * (1.0 + 1e-9);
        // s as ms, V as mV, fractions as percent.
        let agrees = [1.0, 100.0, 1000.0].iter().any(|factor| (number * factor - written).abs() <= half);
        assert!(agrees, "{path}: the page says {words}, the JSON {number}");
    }
}

fn every_missing_value_has_its_reason(page: &Html, json: &Value) {
    for dash in select(page, "[data-missing]") {
        let path = dash.value().attr("data-missing").unwrap();
        assert!(at(json, path).is_none_or(|v| v.is_null() || v.is_array()), "{path} is not missing");
        assert!(dash.value().attr("title").is_some_and(|why| why.len() > 3), "{path}: no reason");
    }
    let section = select(page, "#missing").into_iter().next().map(text).unwrap();
    let reasons = json["unavailable"].as_object().unwrap();
    for reason in reasons.values().filter_map(Value::as_str) {
        let tail: String = reason.chars().skip(1).collect();
        assert!(section.contains(tail.as_str()), "not said: {reason}");
    }
}

/// METHOD R10 and issue item 10: a number with its unit and its doubt, or the reason why there is none; nothing forbidden.
fn sentences_have_unit_and_doubt(json: &Value) {
    let units = [
        " ms",
        " %",
        "\u{b0}",
        " s ",
        " s,",
        " s;",
        " m ",
        " : 1",
        "1 : ",
        "D ",
        "steps/min",
        " dB",
        "factor",
    ];
    let doubts = [
        "interval",
        "at least",
        "at most",
        "variation",
        "mean of",
        "no spread",
        "adds to it",
        "efforts",
        "signal quality",
    ];
    // A grade says its metric and its limit in its own words.
    let reasons = ["not clear", "missing", "no EMG", "no dominance", "signal quality:"];
    let forbidden = [
        "stronger",
        "weaker",
        "wins",
        "injur",
        "risk",
        "normal ",
        "typical",
        "you should",
        "too much",
        "power of",
    ];
    for sentence in json["sentences"].as_array().unwrap().iter().filter_map(Value::as_str) {
        let has = |list: &[&str]| list.iter().any(|word| sentence.contains(word));
        assert!(sentence.ends_with('.'), "{sentence}");
        assert!(has(&reasons) || (has(&units) && has(&doubts)), "no unit or no doubt: {sentence}");
        // "Record a stronger effort" is about the recording, not about a muscle.
        assert!(sentence.contains("signal quality:") || !has(&forbidden), "{sentence}");
        assert!(!sentence.contains("NaN") && !sentence.contains("inf "), "{sentence}");
    }
}

/// Boxes of texts by the mean advance of a sans-serif font: horizontal texts of one drawing must not cover each other.
fn no_texts_overlap(svg: &str) {
    let fragment = Html::parse_fragment(svg);
    let boxes: Vec<(String, [f64; 4])> = select(&fragment, "text")
        .into_iter()
        .filter(|element| element.value().attr("transform").is_none() && !text(*element).is_empty())
        .map(|element| {
            let number = |name: &str| element.value().attr(name).unwrap().parse::<f64>().unwrap();
            let (x, y, size) = (number("x"), number("y"), number("font-size"));
            let words = text(element);
            let width = 0.5 * size * words.chars().count() as f64;
            let left = match element.value().attr("text-anchor") {
                Some("middle") => x - width / 2.0,
                Some("end") => x - width,
                _ => x,
            };
            (words, [left, left + width, y - 0.7 * size, y])
        })
        .collect();
    for (k, (words, a)) in boxes.iter().enumerate() {
        for (other, b) in &boxes[k + 1..] {
            let apart = a[1] <= b[0] || b[1] <= a[0] || a[3] <= b[2] || b[3] <= a[2];
            assert!(apart, "'{words}' and '{other}' overlap");
        }
    }
}

/// Every character of every drawing in the folder is in the font that draws the PNG.
fn no_glyph_is_missing(out: &Path) -> usize {
    let font = ttf_parser::Face::parse(epaint_default_fonts::UBUNTU_LIGHT, 0).unwrap();
    let drawings = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    let drawings: Vec<PathBuf> =
        drawings.filter(|path| path.extension().is_some_and(|e| e == "svg")).collect();
    for path in &drawings {
        let page = Html::parse_document(&fs::read_to_string(path).unwrap());
        for c in select(&page, "text").into_iter().flat_map(|e| text(e).chars().collect::<Vec<_>>()) {
            let known = c.is_whitespace() || font.glyph_index(c).is_some();
            assert!(known, "{}: '{c}' ({:04x}) has no glyph", path.display(), u32::from(c));
        }
    }
    drawings.len()
}

fn page_of(out: &Path, stem: &str) -> (String, Value) {
    let html = fs::read_to_string(out.join(format!("{stem}.html"))).unwrap();
    let json = serde_json::from_str(&fs::read_to_string(out.join(format!("{stem}.json"))).unwrap()).unwrap();
    (html, json)
}

#[test]
fn generated_trials_give_sound_pages() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in ["walk", "sprint", "heel-raise", "isometric"] {
        let path = generated(folder.path(), scenario, "7");
        let stem = format!("{scenario}-7");
        let profile = folder.path().join(format!("{stem}.profile.toml"));
        let more: Vec<&str> =
            if profile.exists() { vec!["--profile", profile.to_str().unwrap()] } else { Vec::new() };
        let out = reviewed(folder.path(), &[&path], &more);
        let (html, json) = page_of(&out, &stem);
        check_page(&html, &json);
        assert!(no_glyph_is_missing(&out) > 0, "{scenario}: no drawing");
        let page = Html::parse_document(&html);
        let sentences: Vec<String> = select(&page, ".results li").into_iter().map(text).collect();
        let expected =
            json["sentences"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>();
        let expected: Vec<&str> = expected.into_iter().filter(|s| !s.contains(" push-off ")).collect();
        assert_eq!(sentences, expected, "{scenario}: the results are the sentences of the report");
    }
}

#[test]
fn every_number_of_a_report_is_defined() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in ["walk", "heel-raise"] {
        let path = generated(folder.path(), scenario, "3");
        let out = reviewed(folder.path(), &[&path], &[]);
        let (_, json) = page_of(&out, &format!("{scenario}-3"));
        assert_defined(&json, scenario);
    }
}

fn assert_defined(json: &Value, what: &str) {
    let missing = undefined(json);
    assert!(
        missing.is_empty(),
        "{what}: numbers without a definition; add an entry for each to crates/gait/src/glossary: {missing:#?}"
    );
}

/// Paths of numbers that the glossary does not define, without indices.
fn undefined(json: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Number(_) if surae_gait::glossary::find(path).is_none() => {
                found.insert(path.to_owned());
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{path}[0]"), found)),
            Value::Object(fields) => fields.iter().for_each(|(key, field)| {
                walk(field, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, found);
            }),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(json, "", &mut found);
    found
}

#[test]
fn two_walks_share_one_scale_and_another_cut_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (generated(folder.path(), "walk", "1"), generated(folder.path(), "walk", "2"));
    let sprint = generated(folder.path(), "sprint", "1");
    let out = reviewed(folder.path(), &[&one, &two, &sprint], &[]);
    let html = fs::read_to_string(out.join("comparison.html")).unwrap();
    let page = Html::parse_document(&html);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    for svg in select(&page, "svg.plot") {
        no_texts_overlap(&svg.html());
    }
    let said = text(page.root_element());
    assert!(!said.contains("B is not compared with A"), "two walks of one make compare");
    assert!(said.contains("C is not compared with A"), "a sprint has other cut-offs");
    assert!(said.contains("cut-offs differ"), "the reason is said");
    for link in select(&page, "#trials a") {
        assert!(out.join(link.value().attr("href").unwrap()).exists(), "a link leads nowhere");
    }
    for word in ["normal ", "typical", "stronger", "weaker"] {
        assert!(!said.contains(word), "{word}");
    }
}

#[test]
fn real_trials_give_sound_pages() {
    let Some(root) = std::env::var_os("SURAE_TRIALS").map(PathBuf::from) else {
        assert!(
            std::env::var("SURAE_REQUIRE_TRIALS").as_deref() != Ok("1"),
            "SURAE_REQUIRE_TRIALS=1 but SURAE_TRIALS is not set"
        );
        println!("skipped: SURAE_TRIALS not set");
        return;
    };
    let trials: [(&[&str], &str); 7] = [
        (&["01_dorn2012_jog/JA1Gait21.c3d"], "JA1Gait21"),
        (&["03_bmc_gait/Gait.c3d"], "Gait"),
        (&["06_ceinmsrt_walk_run/walk36/emgFilt.sto", "06_ceinmsrt_walk_run/walk36/ik.sto"], "emgFilt"),
        (&["05_santuz_treadmill_walk/ID0012_TW_01_emg.DERIVED.csv"], "ID0012_TW_01_emg.DERIVED"),
        (&["11_btkdata/c3d/PiG_Motion-FlatFoot-Full.c3d"], "PiG_Motion-FlatFoot-Full"),
        (&["11_btkdata/c3d/1123x01EMG.c3d"], "1123x01EMG"),
        (&["11_btkdata/c3d/Analysis.c3d"], "Analysis"),
    ];
    for (files, stem) in trials {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = files.iter().map(|file| root.join(file)).collect();
        let refs: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let out = reviewed(folder.path(), &refs, &[]);
        let (html, json) = page_of(&out, stem);
        check_page(&html, &json);
        no_glyph_is_missing(&out);
        assert_defined(&json, stem);
    }
    println!("{} real trials", trials.len());
}
