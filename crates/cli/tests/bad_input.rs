//! Bad input meets one clear message (file, what, what to do) and exit code 1; what can still be computed is computed
//! and labelled. Runs the real binary.

// Helpers of tests fail and tell as tests do.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn surae(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).args(arguments).output().unwrap()
}

/// Writes a file and reviews it.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Text without the line breaks and bars that the error printer adds.
fn flat(text: &str) -> String {
    text.replace(['\u{2502}', '\u{d7}', '|'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Nothing on stdout, and all that [`lacking`] says.
fn refused(output: &Output, path: &str, words: &[&str]) {
    assert!(output.stdout.is_empty(), "stdout: {}", stdout(output));
    lacking(output, path, words);
}

/// Exit 1, one message on stderr that names the file and each of `words`.
fn lacking(output: &Output, path: &str, words: &[&str]) {
    let message = flat(&stderr(output));
    assert_eq!(output.status.code(), Some(1), "{message}");
    // The file name may be broken over lines by the width of the terminal.
    let name = Path::new(path).file_name().unwrap().to_str().unwrap();
    assert!(message.replace(' ', "").contains(name), "does not name {name}: {message}");
    for word in words {
        assert!(message.contains(word), "does not say '{word}': {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
}

fn review_json(path: &str, more: &[&str]) -> (Output, serde_json::Value) {
    let mut arguments = vec!["review", path, "--format", "json"];
    arguments.extend(more);
    let output = surae(&arguments);
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("no JSON ({e}); stderr: {}", stderr(&output)));
    (output, report)
}

/// Five seconds of synthetic walk in our CSV without its header: label row and values, one column per label.
fn table(labels: &[&str], rate_hz: f64, value: impl Fn(usize, usize) -> String) -> String {
    let mut text = format!("time_s,{}\n", labels.join(","));
    for k in 0..(5.0 * rate_hz) as usize {
        let row: Vec<String> = (0..labels.len()).map(|c| value(k, c)).collect();
        text.push_str(&format!("{:.4},{}\n", k as f64 / rate_hz, row.join(",")));
    }
    text
}

/// A rough signal with bursts, different in each column: something that looks like EMG.
fn rough(k: usize, column: usize) -> f64 {
    let hash = (k as u64 * 4 + column as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let uniform = (hash >> 33) as f64 / (1_u64 << 31) as f64 - 0.5;
    let burst = if (k / 300).is_multiple_of(3) { 1.0 } else { 0.05 };
    (uniform * burst * 2000.0).round() / 10.0
}

#[test]
fn empty_file() {
    let case = Case::new();
    for name in ["empty.c3d", "empty.csv", "empty.mot"] {
        let path = case.write(name, "");
        refused(&surae(&["review", &path]), &path, &["empty"]);
        refused(&surae(&["info", &path]), &path, &["empty"]);
    }
}

#[test]
fn missing_file_and_folder() {
    let case = Case::new();
    let path = case.path("absent.c3d");
    refused(&surae(&["review", path.to_str().unwrap()]), path.to_str().unwrap(), &["absent.c3d"]);
    let folder = case.folder.path().to_str().unwrap();
    refused(&surae(&["info", folder]), folder, &[]);
}

#[test]
fn text_where_binary_is_expected_and_the_other_way_round() {
    let case = Case::new();
    let path = case.write("letter.c3d", "Dear laboratory,\nplease find the recording attached.\n");
    refused(&surae(&["review", &path]), &path, &[]);
    let noise: Vec<u8> = (0..4000_u32).map(|k| (k.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let path = case.write("noise.csv", noise);
    refused(&surae(&["review", &path]), &path, &[]);
}

#[test]
fn truncated_c3d() {
    let case = Case::new();
    // Header of a C3D file: parameter block 2, magic 0x50, 2 points, then nothing.
    let mut header = vec![0_u8; 512];
    header[0] = 2;
    header[1] = 0x50;
    header[2] = 2;
    let path = case.write("torn.c3d", &header);
    refused(&surae(&["review", &path]), &path, &[]);
    if let Some(trials) = trials() {
        let whole = fs::read(trials.join("01_dorn2012_jog/JA1Static05.c3d")).unwrap();
        let torn = |share: f64| case.write("torn.c3d", &whole[..(whole.len() as f64 * share) as usize]);
        for share in [0.001, 0.02] {
            let path = torn(share);
            refused(&surae(&["review", &path]), &path, &[]);
        }
        // Half of it is half of a trial: analysed, labelled, and told apart by the exit code.
        let path = torn(0.5);
        let output = surae(&["review", &path]);
        assert_eq!(output.status.code(), Some(1));
        assert!(flat(&stdout(&output)).contains("knee angle"), "{}", stdout(&output));
        assert!(flat(&stderr(&output)).contains("torn.c3d: the file ends at byte"), "{}", stderr(&output));
    }
}

#[test]
fn rate_of_zero() {
    let case = Case::new();
    let text = "# schema = \"surae.csv/1\"\n# rate_hz = 0.0\ntime_s,R SOL\n0,1\n0,2\n0,3\n";
    let path = case.write("zero.csv", text);
    refused(&surae(&["review", &path]), &path, &[]);
}

#[test]
fn nan_samples_are_missing_not_zero() {
    let case = Case::new();
    let labels = ["R MG", "R SOL"];
    let text = table(&labels, 1000.0, |k, c| {
        if (2000..2100).contains(&k) { "NaN".to_owned() } else { rough(k, c).to_string() }
    });
    let path = case.write("nan.csv", text);
    let (_, report) = review_json(&path, &[]);
    let text = report.to_string();
    assert!(text.contains("\"notes\""), "{text}");
    let all_nan = table(&labels, 1000.0, |_, _| "NaN".to_owned());
    let path = case.write("all_nan.csv", all_nan);
    let output = surae(&["review", &path]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

#[test]
fn without_soleus_the_rest_is_computed_and_said() {
    let case = Case::new();
    let path = case.write("no_soleus.csv", table(&["R MG", "R LG"], 1000.0, |k, c| rough(k, c).to_string()));
    let (_, report) = review_json(&path, &[]);
    assert!(report.to_string().to_lowercase().contains("soleus"), "{report}");
    assert!(!report["sides"]["right"]["muscles"]["MG"].is_null(), "{report}");
    let output = surae(&["review", &path]);
    assert!(stdout(&output).to_lowercase().contains("soleus"), "{}", stdout(&output));
    lacking(&output, &path, &["no soleus", "--map"]);
}

#[test]
fn without_knee_angle_and_events_the_summary_says_so() {
    let case = Case::new();
    let path = case.write("emg_only.csv", table(&["R MG", "R SOL"], 1000.0, |k, c| rough(k, c).to_string()));
    let (_, report) = review_json(&path, &[]);
    assert!(report["sides"]["right"]["knee_angle"].is_null(), "{report}");
    let reasons = report["unavailable"].to_string();
    assert!(reasons.contains("knee"), "{reasons}");
    let output = surae(&["review", &path]);
    let words = flat(&stdout(&output));
    assert!(words.contains("knee angle"), "{words}");
    lacking(&output, &path, &["no knee angle", "--with", "no foot contacts", "force plates"]);
}

#[test]
fn unknown_units_stay_unknown() {
    let case = Case::new();
    let path = case.write("units.csv", table(&["R MG", "R SOL"], 1000.0, |k, c| rough(k, c).to_string()));
    let (output, report) = review_json(&path, &[]);
    lacking(&output, &path, &["unit unknown", "--map"]);
    let unit = &report["sides"]["right"]["muscles"]["MG"]["amplitude_unit"];
    assert_eq!(unit, "a.u.", "{report}");
}

#[test]
fn sensors_without_names_are_asked_for() {
    let case = Case::new();
    let labels = ["Sensor 1", "Sensor 2", "Sensor 3"];
    let path = case.write("sensors.csv", table(&labels, 1000.0, |k, c| rough(k, c).to_string()));
    refused(&surae(&["review", &path]), &path, &["--map"]);
    let map = case.path("sensors.map.toml");
    let output = surae(&["info", &path, "--write-map", map.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("Sensor 2"), "{}", stdout(&output));
    assert!(fs::read_to_string(map).unwrap().contains("Sensor 3"));
}

#[test]
fn a_closed_pipe_is_success() {
    use std::process::Stdio;
    // More output than a pipe holds, to a reader that is gone.
    let walk =
        [env!("CARGO_MANIFEST_DIR"), "..", "..", "fixtures", "demo", "walk.csv"].iter().collect::<PathBuf>();
    let mut child = Command::new(env!("CARGO_BIN_EXE_surae"))
        .args(["review", walk.to_str().unwrap(), "--mode", "causal", "--format", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
}

#[test]
fn wrong_usage_is_two() {
    assert_eq!(surae(&["review"]).status.code(), Some(2));
    assert_eq!(surae(&["no-such-command"]).status.code(), Some(2));
    let output = surae(&["generate", "walk.c3d", "--scenario", "walk"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let output = surae(&["generate", "walk.csv", "--scenario", "walk", "--rate", "NaN"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

#[test]
fn no_bytes_make_it_panic() {
    let case = Case::new();
    let mut state = 1_u64;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let starts: [&[u8]; 5] = [
        b"\x02\x50",
        b"XDF:",
        b"time_s,R SOL\n",
        b"# schema = \"surae.csv/1\"\n",
        b"inDegrees=yes\nendheader\n",
    ];
    for start in starts {
        for length in [1, 100, 2000] {
            let mut bytes = start.to_vec();
            bytes.extend((0..length).map(|_| byte()));
            let path = case.write("garbage", &bytes);
            let output = surae(&["info", &path]);
            let message = stderr(&output);
            assert!(!message.contains("panicked"), "{message}");
            assert!(matches!(output.status.code(), Some(0 | 1)), "{message}");
        }
    }
}

/// The folder of real recordings; absence is told, and a failure where they are required.
fn trials() -> Option<PathBuf> {
    let folder = std::env::var_os("SURAE_TRIALS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: SURAE_TRIALS not set");
        assert!(std::env::var_os("SURAE_REQUIRE_TRIALS").is_none(), "recordings are required");
    }
    folder
}
