//! The PDF of a review: other programs open it, it has one A4 page for each leg, and the words of the page are text in it.
//!
//! Read by `pdfinfo` and `pdftotext` (Poppler); without them the test says so and looks at the frame of the file alone.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a missing part fails the test; a skipped test says so"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn surae(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).args(args).output().unwrap()
}

fn generated(folder: &Path, side: &str) -> PathBuf {
    let path = folder.join(format!("walk-{side}.csv"));
    let done = surae(&["generate", path.to_str().unwrap(), "--scenario", "walk", "--side", side]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    path
}

/// What a program of Poppler prints; `None` where there is none.
fn poppler(program: &str, args: &[&str]) -> Option<String> {
    match Command::new(program).args(args).output() {
        Err(error) => {
            println!("skipped: {program} cannot be started ({error})");
            None
        }
        Ok(done) => {
            let errors = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success() && errors.trim().is_empty(), "{program}: {errors}");
            Some(String::from_utf8_lossy(&done.stdout).into_owned())
        }
    }
}

/// Words with single blanks between them.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of an SVG, one text element each.
fn words_of(svg: &str) -> Vec<String> {
    let parts = svg.split("<text").skip(1);
    let inner = parts.filter_map(|part| part.split_once('>')?.1.split_once("</text>"));
    let unescape = |text: &str| {
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        text.replace("&#39;", "'").replace("&apos;", "'").replace("&amp;", "&")
    };
    inner.map(|(text, _)| plain(&unescape(text))).filter(|text| !text.is_empty()).collect()
}

#[test]
fn each_leg_is_a_page_of_a4_and_its_words_can_be_searched() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    let trial = generated(folder.path(), "both");
    let (trial, out_name) = (trial.to_str().unwrap(), out.to_str().unwrap());
    let done = surae(&["review", trial, "--out", out_name, "--format", "pdf,svg"]);
    assert!(done.status.code().unwrap() < 2, "{}", String::from_utf8_lossy(&done.stderr));
    let path = out.join("walk-both.pdf");
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.") && bytes.trim_ascii_end().ends_with(b"%%EOF"));

    let path = path.to_str().unwrap();
    let Some(info) = poppler("pdfinfo", &[path]) else { return };
    let field = |name: &str| {
        let line =
            info.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {info}"));
        line.split_once(':').unwrap().1.trim().to_owned()
    };
    assert_eq!(field("Pages"), "2");
    assert!(field("Page size").ends_with("(A4)"), "{info}");
    assert_eq!(field("Title"), "walk-both.csv");
    for (page, side) in [("1", "left"), ("2", "right")] {
        let Some(text) = poppler("pdftotext", &["-f", page, "-l", page, path, "-"]) else { return };
        let text = plain(&text);
        let svg = fs::read_to_string(out.join(format!("walk-both.{side}.svg"))).unwrap();
        let words = words_of(&svg);
        assert!(words.len() > 60, "{} words", words.len());
        let missing: Vec<&String> = words.iter().filter(|words| !text.contains(words.as_str())).collect();
        // A reader joins what stands close; it loses nothing of a sentence.
        assert!(missing.iter().all(|words| words.len() < 24), "page {page} lacks {missing:?}\n{text}");
        assert!(missing.len() * 10 <= words.len(), "page {page} lacks {missing:?}\n{text}");
        assert!(text.contains("It says nothing about force."), "{text}");
    }
}

#[test]
fn one_pdf_goes_to_standard_output_and_a_trial_without_a_page_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let trial = generated(folder.path(), "right");
    let done = surae(&["review", trial.to_str().unwrap(), "--format", "pdf"]);
    assert!(done.status.code().unwrap() < 2 && done.stdout.starts_with(b"%PDF-1."));
    let empty = folder.path().join("empty.csv");
    fs::write(&empty, "time,x\n0,1\n0.01,2\n0.02,3\n").unwrap();
    let done = surae(&["review", empty.to_str().unwrap(), "--format", "pdf"]);
    assert!(!done.status.success() && done.stdout.is_empty());
}
