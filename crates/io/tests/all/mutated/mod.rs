//! Mutated files of every format and mutated streams of every device: no panic, and what a trial promises.
//!
//! A quarter of a second for each target by default. The long form, ten minutes for each:
//! `SURAE_MUTATE_S=600 cargo test -p surae-io --test all -- --nocapture mutated`. A finding names the target and writes the
//! input to the folder for temporary files. Not coverage-guided: `crates/io/fuzz` is.

mod devices;
mod layouts;
mod promises;

use crate::common::recording;
use layouts::LAYOUTS;
use promises::promises;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use surae_io::{Confidence, FORMATS, Format, HEAD_BYTES, Input};

/// Longest input.
const LONGEST: usize = 64 << 10;

fn seconds() -> f64 {
    std::env::var("SURAE_MUTATE_S").ok().and_then(|s| s.parse().ok()).unwrap_or(0.25)
}

/// A linear congruential generator with a fixed seed: the same inputs each time, as many as the time allows.
struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

/// Numbers at which sizes and counts break.
const ODD: [u32; 12] = [0, 1, 2, 127, 128, 255, 256, 32_767, 32_768, 65_535, 0x7fff_ffff, 0xffff_ffff];
/// Words at which texts break.
const WORDS: [&str; 14] = [
    "-1",
    "0",
    "1e308",
    "-1e308",
    "NaN",
    "inf",
    "99999999999999999999",
    ",",
    ";",
    "\t",
    "\"",
    "\n\n",
    "\r",
    "\u{feff}",
];

fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(6) {
        let length = bytes.len();
        // Half of the changes hit the beginning, where headers are.
        let at = if random.below(2) == 0 { random.below(length.min(600)) } else { random.below(length) };
        match random.below(9) {
            0 if length > 0 => bytes[at] = random.below(256) as u8,
            1 if length > 0 => bytes[at] ^= 1 << random.below(8),
            2 if at + 4 <= length => bytes[at..at + 4].copy_from_slice(&ODD[random.below(12)].to_le_bytes()),
            3 if at + 2 <= length => {
                bytes[at..at + 2].copy_from_slice(&(ODD[random.below(12)] as u16).to_be_bytes())
            }
            4 => bytes.truncate(at),
            5 => drop(bytes.splice(at..at, WORDS[random.below(WORDS.len())].bytes())),
            6 => {
                let to = (at + random.below(64)).min(length);
                let piece: Vec<u8> = bytes[at..to].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            7 => drop(bytes.drain(at..(at + random.below(64)).min(length))),
            _ => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
        bytes.truncate(LONGEST);
    }
    bytes
}

/// Runs one target until its time is over; tells how many inputs it took.
fn run(name: &str, corpus: &[Vec<u8>], target: impl Fn(&[u8])) -> usize {
    let mut random = Random(0x5eed);
    let end = Instant::now() + Duration::from_secs_f64(seconds());
    let mut inputs = 0;
    while Instant::now() < end {
        let input = if inputs < corpus.len() { corpus[inputs].clone() } else { mutated(corpus, &mut random) };
        let started = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            let kept = std::env::temp_dir().join(format!("surae-{name}-finding"));
            std::fs::write(&kept, &input).expect("written");
            panic!("{name}: input {inputs} breaks it; it is in {}", kept.display());
        }
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{name}: input {inputs} takes {:?}",
            started.elapsed()
        );
        inputs += 1;
    }
    inputs
}

fn read_as(format: &dyn Format, bytes: &[u8]) {
    let _ = format.recognise(&bytes[..bytes.len().min(HEAD_BYTES)]);
    match format.read(&Input::memory("mutated", bytes)) {
        Ok(trial) => promises(&trial),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(mut pieces) = format.open(Input::memory("mutated", bytes)) {
        while let Ok(Some(_)) = pieces.next_chunk() {}
    }
}

/// Files to start from: those of `fixtures/`, and small ones of the recordings.
fn files() -> Vec<Vec<u8>> {
    let mut folders: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")];
    folders.extend(recording("CATALOGUE.md").and_then(|path| path.parent().map(Path::to_owned)));
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if entry.metadata().is_ok_and(|meta| meta.len() < 4 << 20) {
                let mut bytes = std::fs::read(&path).expect("readable");
                bytes.truncate(LONGEST);
                files.push(bytes);
            }
        }
    }
    files
}

#[test]
fn mutated_files_are_answered() {
    let files = files();
    let layouts: Vec<Vec<u8>> = LAYOUTS.iter().map(|text| text.as_bytes().to_vec()).collect();
    for format in FORMATS {
        let own = |bytes: &&Vec<u8>| format.recognise(&bytes[..bytes.len().min(HEAD_BYTES)]) > Confidence::No;
        let mut corpus: Vec<Vec<u8>> = files.iter().chain(&layouts).filter(own).cloned().collect();
        // First of all, so that it is met however slow the machine is.
        corpus.insert(0, vec![0; 600]);
        let inputs = run(format.name(), &corpus, |bytes| read_as(*format, bytes));
        println!("{}: {} files, {inputs} inputs", format.name(), corpus.len() - 1);
    }
    // As a user's file is read: the content chooses.
    let all: Vec<Vec<u8>> = files.into_iter().chain(layouts).collect();
    let inputs = run("any", &all, |bytes| {
        if let Ok(trial) = surae_io::read_bytes("mutated", bytes) {
            promises(&trial);
        }
    });
    println!("any: {} files, {inputs} inputs", all.len());
}

/// Recordings of our own: their session log too.
#[test]
fn mutated_recordings_are_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.xdf");
    crate::recorder::record_session(&path);
    let corpus = vec![std::fs::read(&path).expect("readable")];
    let inputs = run("xdf-log", &corpus, |bytes| {
        if let Ok(trial) = surae_io::read_bytes("mutated", bytes) {
            promises(&trial);
        }
    });
    println!("xdf-log: {inputs} inputs");
}

#[test]
fn mutated_streams_of_devices_are_decoded_alike_in_any_split() {
    for (name, make, _) in devices::DECODERS {
        let corpus: Vec<Vec<u8>> = devices::seeds(name);
        let inputs =
            run(&format!("device-{name}"), &corpus, |bytes| devices::any_split_is_the_same(make, bytes));
        println!("device-{name}: {inputs} inputs");
    }
}
