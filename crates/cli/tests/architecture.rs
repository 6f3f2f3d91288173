//! The shape of the workspace, checked against its manifests and `docs/ARCHITECTURE.md`: which crate may use which,
//! why each external crate is there, and that files stay short enough to read.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Folder, package, and the crates of ours that it may depend on (dev-dependencies too).
const EDGES: [(&str, &str, &[&str]); 7] = [
    ("trial", "surae-trial", &[]),
    ("signal", "surae-signal", &[]),
    ("gait", "surae-gait", &["surae-trial", "surae-signal"]),
    ("io", "surae-io", &["surae-trial", "surae-signal"]),
    ("engine", "surae-engine", &["surae-trial", "surae-signal", "surae-gait", "surae-io"]),
    ("dashboard", "surae-dashboard", &["surae-trial", "surae-signal", "surae-gait", "surae-engine"]),
    (
        "cli",
        "surae",
        &["surae-trial", "surae-signal", "surae-gait", "surae-io", "surae-engine", "surae-dashboard"],
    ),
];

const LONGEST_FILE_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// Every dependency that a manifest names, in any of its tables.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let mut found = BTreeSet::new();
    let mut collect = |table: &toml::Table| {
        for name in tables {
            if let Some(toml::Value::Table(dependencies)) = table.get(name) {
                found.extend(dependencies.iter().map(|(key, value)| {
                    let renamed = value.get("package").and_then(|package| package.as_str());
                    renamed.unwrap_or(key).to_owned()
                }));
            }
        }
    };
    collect(manifest);
    if let Some(toml::Value::Table(targets)) = manifest.get("target") {
        targets.values().filter_map(|target| target.as_table()).for_each(collect);
    }
    found
}

fn manifest(folder: &str) -> toml::Table {
    let path = root().join("crates").join(folder).join("Cargo.toml");
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).parse().unwrap()
}

/// Rows of the table under the heading "External crates": crate, users, reason.
fn listed() -> BTreeMap<String, (BTreeSet<String>, String)> {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let section = text.split("## External crates").nth(1).expect("heading 'External crates'");
    let section = section.split("\n## ").next().unwrap();
    section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let users = cells[1].split(',').map(|user| user.trim().to_owned()).collect();
            (cells[0].trim_matches('`').to_owned(), (users, cells[2].to_owned()))
        })
        .collect()
}

#[test]
fn crates_depend_only_on_those_below_them() {
    let folders: BTreeSet<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let known: BTreeSet<String> = EDGES.iter().map(|(folder, ..)| (*folder).to_owned()).collect();
    assert_eq!(folders, known, "a crate without a rule, or a rule without a crate");
    for (folder, package, allowed) in EDGES {
        let manifest = manifest(folder);
        assert_eq!(manifest["package"]["name"].as_str(), Some(package));
        for name in dependencies(&manifest).iter().filter(|name| name.starts_with("surae")) {
            assert!(allowed.contains(&name.as_str()), "{package} must not depend on {name}");
        }
    }
}

#[test]
fn every_external_crate_is_listed_with_its_reason() {
    let listed = listed();
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (folder, ..) in EDGES {
        for name in dependencies(&manifest(folder)).into_iter().filter(|name| !name.starts_with("surae")) {
            users.entry(name).or_default().insert(folder.to_owned());
        }
    }
    for (name, used_by) in &users {
        let (stated, reason) =
            listed.get(name).unwrap_or_else(|| panic!("`{name}` is not listed in docs/ARCHITECTURE.md"));
        assert_eq!(stated, used_by, "docs/ARCHITECTURE.md: users of `{name}`");
        assert!(reason.len() > 10, "docs/ARCHITECTURE.md: `{name}` without a reason");
    }
    for name in listed.keys() {
        assert!(users.contains_key(name), "docs/ARCHITECTURE.md lists `{name}`, which no crate uses");
    }
}

#[test]
fn only_the_dashboard_sees_egui_and_only_cli_uses_miette() {
    for (folder, package, _) in EDGES {
        let names = dependencies(&manifest(folder));
        let sees_egui = names.iter().any(|name| name.starts_with("egui") || name == "eframe");
        assert!(!sees_egui || folder == "dashboard", "{package} sees egui");
        assert!(!names.contains("miette") || folder == "cli", "{package} uses miette");
    }
}

#[test]
fn every_crate_has_its_invariant_in_the_architecture_page() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    for (folder, package, _) in EDGES {
        let heading = format!("### `crates/{folder}`");
        let section = text.split(&heading).nth(1).unwrap_or_else(|| panic!("no heading {heading}"));
        let section = section.split("\n##").next().unwrap();
        assert!(section.contains("**Invariant:**"), "{package} without its invariant");
    }
}

/// Our Rust files below these folders; not what a build beside them generated.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 50, "only {} files found: the check looked in the wrong place", found.len());
    found
}

#[test]
fn source_files_stay_short_enough_to_read() {
    for path in sources(&["crates", "benches"]) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST_FILE_LINES, "{}: {lines} lines; split it", path.display());
    }
}

/// The C library of LSL is called in one file.
#[test]
fn unsafe_code_stands_in_one_file() {
    let is_allowed = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        ["allow", "expect"].iter().any(|word| text.contains(&format!("{word}({}", "unsafe_code")))
    };
    let mut found = sources(&["crates"]);
    found.retain(is_allowed);
    let found: Vec<&Path> = found.iter().map(|path| path.strip_prefix(root()).unwrap()).collect();
    assert_eq!(found, [Path::new("crates/io/src/lsl.rs")]);
}
