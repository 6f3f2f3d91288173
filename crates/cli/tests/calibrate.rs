//! `surae calibrate` on recorded trials: signals of known amplitude in, a profile out, and a review that uses it.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use surae_trial::{Muscle, NormalisationKind, Side};

const RATE_HZ: usize = 1000;

/// Noise of unit variance in the EMG band: differences of a sum of twelve uniform numbers.
struct Noise {
    state: u64,
    last: f64,
}

impl Noise {
    fn new(seed: u64) -> Self {
        Self { state: seed, last: 0.0 }
    }

    fn white(&mut self) -> f64 {
        let mut sum = -6.0;
        for _ in 0..12 {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sum += (self.state >> 40) as f64 / (1_u64 << 24) as f64;
        }
        sum
    }

    /// Variance 1, most of it between 50 and 300 Hz at 1000 Hz.
    fn sample(&mut self) -> f64 {
        let x = self.white();
        let y = (x + self.last) / 2.0_f64.sqrt();
        self.last = x;
        y
    }
}

/// Writes a trial of MG and SOL; the level of each muscle in microvolts RMS by time in s.
fn write(path: &Path, header: &str, seconds: f64, level: impl Fn(f64) -> [f64; 2], clip_uv: f64) {
    let mut text = String::from("# schema = \"surae.csv/1\"\n# rate_hz = 1000.0\n");
    text.push_str(header);
    for muscle in ["MG", "SOL"] {
        writeln!(
            text,
            "# [[channel]]\n# label = \"{muscle}\"\n# kind = \"raw_emg\"\n# muscle = \"{muscle}\""
        )
        .unwrap();
        writeln!(text, "# side = \"right\"\n# unit = \"uV\"").unwrap();
    }
    text.push_str("time_s,MG,SOL\n");
    let mut noises = [Noise::new(11), Noise::new(97)];
    for k in 0..(seconds * RATE_HZ as f64) as usize {
        let time = k as f64 / RATE_HZ as f64;
        let [mg, sol] = level(time);
        let values = [mg * noises[0].sample(), sol * noises[1].sample()].map(|v| v.clamp(-clip_uv, clip_uv));
        writeln!(text, "{time:.3},{:.4},{:.4}", values[0], values[1]).unwrap();
    }
    fs::write(path, text).unwrap();
}

fn surae(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surae")).current_dir(folder).args(arguments).output().unwrap()
}

/// Two contractions of 3 s, the second one weaker by `part`.
fn twice(mg: f64, sol: f64, part: f64) -> impl Fn(f64) -> [f64; 2] {
    move |t| match t {
        t if (1.0..4.0).contains(&t) => [mg, sol],
        t if (7.0..10.0).contains(&t) => [part * mg, part * sol],
        _ => [2.0, 2.0],
    }
}

#[test]
fn the_best_posture_of_each_muscle_becomes_its_reference_and_review_uses_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let none = f64::INFINITY;
    write(&at("rest.csv"), "# recorded_on = \"2026-05-01\"\n", 10.0, |_| [2.0, 2.0], none);
    write(&at("standing.csv"), "", 11.0, twice(200.0, 60.0, 0.97), none);
    write(&at("seated.csv"), "", 11.0, twice(50.0, 100.0, 0.97), none);
    let effort = |t: f64| if t % 2.0 < 1.0 { [60.0, 30.0] } else { [2.0, 2.0] };
    write(&at("raises.csv"), "", 16.0, effort, none);
    let output = surae(
        folder.path(),
        &[
            "calibrate",
            "--rest",
            "rest.csv",
            "--mvc",
            "standing.csv",
            "--mvc",
            "bent=seated.csv",
            "--straight",
            "raises.csv",
            "--out",
            "p.toml",
        ],
    );
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let profile = surae_io::profile::read(&at("p.toml")).unwrap();
    assert_eq!(profile.date, "2026-05-01");
    let of = |muscle| profile.reference(muscle, Side::Right).unwrap();
    let (mg, sol) = (of(Muscle::MG), of(Muscle::SOL));
    assert_eq!((mg.kind, sol.kind), (NormalisationKind::MvcIso, NormalisationKind::MvcIso));
    assert_eq!((mg.posture.as_deref(), sol.posture.as_deref()), (Some("standing"), Some("bent")));
    // The spectrum (1 + cos)/2 keeps `share` of its power in 20-450 Hz; the highest 500 ms of 3 s lies about 6 % above the mean (METHOD 2.3).
    let power = |f: f64| f / 500.0 + (std::f64::consts::PI * f / 500.0).sin() / std::f64::consts::PI;
    let share = power(450.0) - power(20.0);
    for (found, level) in [(mg.value, 200.0), (sol.value, 100.0)] {
        let expected = level * share.sqrt() * (2.0 / std::f64::consts::PI).sqrt();
        assert!((1.0..1.12).contains(&(found / expected)), "{found} against {expected}");
    }
    assert!((mg.rest / (2.0 * share.sqrt() * 0.797_885) - 1.0).abs() < 0.1, "{}", mg.rest);
    assert!(mg.repeat_cv.is_some_and(|cv| cv < 0.08));
    // 60 of 200 against 30 of 100: equal.
    let straight = profile.straight(Side::Right).unwrap();
    assert!(straight.log_ratio.abs() < 0.1 && straight.n >= 6, "{straight:?}");
    let review = surae(
        folder.path(),
        &["review", "raises.csv", "--profile", "p.toml", "--task", "plantar-flexion", "--format", "json"],
    );
    let report: serde_json::Value = serde_json::from_slice(&review.stdout).unwrap();
    let normalisation = &report["sides"]["right"]["muscles"]["MG"]["normalisation"];
    assert_eq!(normalisation["kind"], "mvc_iso");
    assert_eq!(normalisation["posture"], "standing");
    assert!(report["notes"].as_array().unwrap().iter().all(|n| n["code"] != "profile_of_another_day"));
    // A trial of another day is told; the sprint's band is not that of the references.
    write(&at("later.csv"), "# recorded_on = \"2026-05-09\"\n", 16.0, effort, none);
    let later = surae(
        folder.path(),
        &["review", "later.csv", "--profile", "p.toml", "--task", "sprint", "--format", "json"],
    );
    let report: serde_json::Value = serde_json::from_slice(&later.stdout).unwrap();
    let has = |code: &str| report["notes"].as_array().unwrap().iter().any(|n| n["code"] == code);
    assert!(has("profile_of_another_day") && has("profile_filters_differ"));
}

#[test]
fn what_cannot_be_believed_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let none = f64::INFINITY;
    write(&at("rest.csv"), "", 10.0, |_| [2.0, 2.0], none);
    let calibrate = |mvc: &str, more: &[&str]| {
        let mut arguments = vec!["calibrate", "--rest", "rest.csv", "--mvc", mvc, "--out", "p.toml"];
        arguments.extend(more);
        let output = surae(folder.path(), &arguments);
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let dated = ["--date", "2026-05-01"];
    write(&at("apart.csv"), "", 11.0, twice(200.0, 100.0, 0.75), none);
    let (code, text) = calibrate("apart.csv", &dated);
    assert!(code == Some(1) && text.contains("differ by") && !at("p.toml").exists(), "{text}");
    write(&at("clipped.csv"), "", 11.0, twice(200.0, 100.0, 1.0), 120.0);
    let (code, text) = calibrate("clipped.csv", &dated);
    assert!(code == Some(1) && text.contains("clipped"), "{text}");
    write(&at("weak.csv"), "", 11.0, twice(4.0, 100.0, 1.0), none);
    let (code, text) = calibrate("weak.csv", &dated);
    assert!(code == Some(1) && text.contains("dB above rest") && at("p.toml").exists(), "{text}");
    let profile = surae_io::profile::read(&at("p.toml")).unwrap();
    assert!(profile.reference(Muscle::MG, Side::Right).is_none());
    assert!(profile.reference(Muscle::SOL, Side::Right).is_some());
    assert_eq!(calibrate("weak.csv", &[]).0, Some(2), "a day is never guessed");
}

#[test]
fn an_isolation_trial_gives_the_leak_of_soleus_and_the_lowest_dominance() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let none = f64::INFINITY;
    write(&at("rest.csv"), "# recorded_on = \"2026-05-01\"\n", 10.0, |_| [2.0, 2.0], none);
    write(&at("mvc.csv"), "", 11.0, twice(200.0, 100.0, 0.97), none);
    // Powers add: 2 uV of rest and 6 % of a soleus of 50 uV.
    let light = |leak: f64| {
        move |t: f64| {
            if t % 3.0 < 2.0 { [(4.0 + leak.powi(2) * 2496.0).sqrt(), 50.0] } else { [2.0, 2.0] }
        }
    };
    write(&at("isolated.csv"), "", 30.0, light(0.06), none);
    write(&at("joint.csv"), "", 30.0, light(0.5), none);
    write(&at("short.csv"), "", 2.9, light(0.06), none);
    let calibrate = |isolation: &str| {
        let arguments = [
            "calibrate",
            "--rest",
            "rest.csv",
            "--mvc",
            "mvc.csv",
            "--out",
            "p.toml",
            "--isolation",
            isolation,
        ];
        let output = surae(folder.path(), &arguments);
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (surae_io::profile::read(&at("p.toml")).unwrap(), text)
    };
    let review = || -> serde_json::Value {
        let output = surae(
            folder.path(),
            &["review", "mvc.csv", "--profile", "p.toml", "--task", "plantar-flexion", "--format", "json"],
        );
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (profile, text) = calibrate("isolated.csv");
    let leak = profile.isolation(Muscle::MG, Side::Right).unwrap();
    assert!((leak.coefficient - 0.06).abs() < 0.006, "{leak:?}");
    assert!(leak.n >= 20 && leak.knee_deg.is_none() && text.contains("taken as bent"), "{text}");
    let crosstalk = review()["sides"]["right"]["crosstalk"].clone();
    assert_eq!(crosstalk["isolation_coefficient"].as_f64(), Some(leak.coefficient));
    // 6 % of soleus, a head with twice its reference: 3 %, so D = (0.03 - 1)/(0.03 + 1).
    let lowest = crosstalk["lowest_dominance"].as_f64().unwrap();
    assert!((lowest - (0.03 - 1.0) / (0.03 + 1.0)).abs() < 0.01, "{lowest}");
    for (trial, why) in [("joint.csv", "it was at work"), ("short.csv", "3 s are needed")] {
        let (profile, text) = calibrate(trial);
        assert!(profile.isolation.is_empty() && text.contains(why), "{text}");
    }
    let report = review();
    assert!(report["sides"]["right"]["crosstalk"]["isolation_coefficient"].is_null());
    let why = report["unavailable"]["sides.right.crosstalk.isolation_coefficient"].as_str().unwrap();
    assert!(why.contains("--isolation"), "{why}");
}
