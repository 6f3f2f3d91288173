//! The cards of the Coach view against what the generator put in, from the whole recording and from the last seconds of it
//! as a live session sees them; and the real jog.
//!
//! `cargo test -p surae --test coach_truth` (needs the dashboard; a headless build has nothing to test here).

#![cfg(feature = "dashboard")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a missing part fails the test; what is skipped is said"
)]

mod common;

use serde_json::Value;
use std::process::Command;
use std::sync::Arc;
use surae_dashboard::coach::from_review;
use surae_dashboard::coach::live::{LiveSource, join, look};
use surae_dashboard::coach::model::{CoachLeg, CoachModel, Effort, Measure, Turn};
use surae_dashboard::model::Class;
use surae_engine::Recent;
use surae_gait::review::{ReviewOptions, review};
use surae_trial::{Gap, Profile, SampleIndex, Samples, Seconds, Side, Stream, Trial};

/// A generated trial with its profile and its truth.
fn made(scenario: &str, more: &[&str]) -> (Trial, Profile, Value) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["generate", "made.csv", "--scenario", scenario, "--seed", "3"];
    arguments.extend(more);
    let program =
        Command::new(env!("CARGO_BIN_EXE_surae")).current_dir(folder.path()).args(&arguments).output();
    let output = program.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = |name: &str| folder.path().join(name);
    let trial = surae_io::merge(
        surae_io::read_trial(&path("made.csv")).unwrap(),
        surae_io::read_trial(&path("made.angles.csv")).unwrap(),
    );
    let profile = surae_io::profile::read(&path("made.profile.toml")).unwrap();
    let truth = serde_json::from_slice(&std::fs::read(path("made.truth.json")).unwrap()).unwrap();
    (trial, profile, truth)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn right(model: &CoachModel) -> &CoachLeg {
    model.legs.iter().find(|leg| leg.side == Some(Side::Right)).unwrap()
}

/// A stretch of a trial as a session keeps it: every stream cut, times from its own start.
fn stretch(trial: &Trial, from_s: f64, to_s: f64) -> Recent {
    let cut = |stream: &Stream| {
        let frame = |time_s: f64| {
            (((time_s - stream.start_s.0) * stream.rate_hz).round().max(0.0) as usize).min(stream.frames())
        };
        let (first, end, width) = (frame(from_s), frame(to_s), stream.channels.len());
        let values: Vec<f64> = (first * width..end * width).map(|at| stream.samples.get(at)).collect();
        Stream {
            samples: Samples::F64(values),
            start_s: Seconds(stream.start_s.0 + first as f64 / stream.rate_hz - from_s),
            gaps: Vec::<Gap>::new(),
            ..stream.clone()
        }
    };
    assert!(
        trial
            .streams
            .iter()
            .all(|stream| stream.gaps.is_empty() && stream.index_of_frame(0) == SampleIndex(0))
    );
    let streams = trial.streams.iter().map(cut).collect();
    // A device states no task and no event: switches and force tell.
    Recent { from_s, trial: Trial { streams, plates: trial.plates.clone(), ..Trial::default() } }
}

/// The cards a live session of this trial has found at its end, looked at twice a second, and when each came.
fn followed(trial: &Trial, profile: &Profile) -> (CoachModel, Vec<(f64, f64)>) {
    let source =
        LiveSource { name: "device".into(), profile: Some(Arc::new(profile.clone())), settings: None };
    let mut known = CoachModel::default();
    let mut came: Vec<(f64, f64)> = Vec::new();
    let mut now_s = 2.0;
    while now_s < trial.duration_s() {
        let (found, from_s, to_s) = look(&stretch(trial, (now_s - 30.0f64).max(0.0), now_s), &source);
        join(&mut known, found, from_s, to_s);
        for card in known.legs.iter().flat_map(|leg| &leg.cards) {
            if !came.iter().any(|(time_s, _)| (time_s - card.time_s).abs() < 0.05) {
                came.push((card.time_s, now_s - card.whole_s));
            }
        }
        now_s += 0.5;
    }
    (known, came)
}

#[test]
fn a_sprint_has_a_card_for_each_contact_and_the_lead_that_was_put_in() {
    let (trial, profile, truth) = made("sprint", &["--rate", "2000", "--duration", "20"]);
    let model =
        from_review::model(&review(&trial, None, Some(&profile), &ReviewOptions::default()), "sprint");
    let leg = right(&model);
    let truth = &truth["sides"]["right"];
    let (contacts, offs) = (numbers(&truth["contacts_s"]), numbers(&truth["offs_s"]));
    assert_eq!(leg.effort, Effort::PushOff);
    assert_eq!(leg.cards.len(), offs.len());
    for (card, (contact, off)) in leg.cards.iter().zip(contacts.iter().zip(&offs)) {
        assert!((card.time_s - contact).abs() < 4e-3);
        assert!((card.values[0].unwrap() - (off - contact)).abs() < 6e-3, "{:?}", card.values);
        assert!((card.clock.off_s.unwrap() - card.values[0].unwrap()).abs() < 1e-9);
    }
    // METHOD R8: the true lead is inside the interval of the set, and soleus peaks later on the clock.
    let put_in = numbers(&truth["gastrocnemius_lead_ms"])[0];
    let lead = leg.lead.unwrap();
    assert_eq!(lead.n, leg.cards.iter().filter(|card| card.lead_ms.is_some()).count());
    assert!(lead.interval_ms[0] - 1.0 < put_in && put_in < lead.interval_ms[1] + 1.0, "{lead:?} {put_in}");
    assert_eq!(lead.first(), Some(true));
    let clock = &leg.cards[3].clock;
    assert_eq!((clock.turn, clock.is_of_reference, clock.rings.len()), (Turn::Stride, true, 3));
    assert!((clock.length_s - numbers(&truth["stride_times_s"])[3]).abs() < 6e-3);
    // The truth puts the drive of MG at 1.2 of the reference near contact.
    let high = clock.rings[0].values.iter().copied().fold(0.0, f32::max);
    assert!((0.7..2.2).contains(&high), "{high}");
}

#[test]
fn a_live_sprint_finds_the_same_cards_within_a_second() {
    let (trial, profile, truth) = made("sprint", &["--rate", "2000", "--duration", "12"]);
    let whole =
        from_review::model(&review(&trial, None, Some(&profile), &ReviewOptions::default()), "sprint");
    let (live, came) = followed(&trial, &profile);
    let offs = numbers(&truth["sides"]["right"]["offs_s"]);
    let (whole, live) = (right(&whole), right(&live));
    // The last flights may not be over when the recording ends.
    let complete = offs.iter().filter(|off| **off < 11.0).count();
    assert!(live.cards.len() >= complete && live.cards.len() <= whole.cards.len(), "{}", live.cards.len());
    for (one, other) in live.cards.iter().zip(&whole.cards) {
        assert!((one.time_s - other.time_s).abs() < 2e-3);
        assert!((one.values[0].unwrap() - other.values[0].unwrap()).abs() < 2e-3);
        if let (Some(a), Some(b)) = (one.lead_ms, other.lead_ms) {
            assert!((a - b).abs() < 3.0, "lead {a} live, {b} in the review");
        }
    }
    let (a, b) = (live.lead.unwrap(), whole.lead.unwrap());
    assert!((a.median_ms - b.median_ms).abs() < 2.0, "{a:?} {b:?}");
    // Looked at twice a second: what comes later than 0.6 s after its flight would not be there within a second.
    for (time_s, late_s) in came.iter().filter(|(time_s, _)| *time_s > 2.0) {
        assert!(*late_s <= 0.65, "the card of {time_s} came {late_s} s after its flight");
    }
}

#[test]
fn jumps_have_their_heights_and_a_live_session_the_same() {
    for (scenario, turn_of_set) in [("cmj", false), ("hop", true)] {
        let (trial, profile, truth) = made(scenario, &[]);
        let whole =
            from_review::model(&review(&trial, None, Some(&profile), &ReviewOptions::default()), scenario);
        let leg = right(&whole);
        let jumps = truth["jumps"].as_array().unwrap();
        assert_eq!((leg.effort, leg.cards.len()), (Effort::Jump, jumps.len()), "{scenario}");
        assert_eq!(leg.measures[1] == Measure::Contact, turn_of_set, "{scenario}");
        for (card, jump) in leg.cards.iter().zip(jumps) {
            assert!((card.time_s - jump["take_off_s"].as_f64().unwrap()).abs() < 0.012, "{scenario}");
            let height_m = jump["height_m"].as_f64().unwrap();
            assert!(
                (card.values[0].unwrap() - height_m).abs() < 0.015,
                "{scenario} {:?} {height_m}",
                card.values
            );
            assert_eq!(card.clock.turn, Turn::Jump);
        }
        let (live, _) = followed(&trial, &profile);
        let live = right(&live);
        assert_eq!(live.cards.len(), leg.cards.len(), "{scenario}");
        for (one, other) in live.cards.iter().zip(&leg.cards) {
            assert!((one.values[0].unwrap() - other.values[0].unwrap()).abs() < 1e-3, "{scenario}");
            if let (Some(a), Some(b)) = (one.lead_ms, other.lead_ms) {
                assert!((a - b).abs() < 12.0, "{scenario}: lead {a} live, {b} in the review");
            }
        }
    }
}

#[test]
fn heel_raises_are_counted_and_have_a_word() {
    let (mut trial, profile, _) = made("heel-raise", &["--knee", "60"]);
    trial.task = Some(surae_trial::Task::PlantarFlexion);
    let model =
        from_review::model(&review(&trial, None, Some(&profile), &ReviewOptions::default()), "raises");
    let leg = right(&model);
    assert_eq!(leg.effort, Effort::HeelRaise);
    assert!(leg.cards.len() >= 5, "{}", leg.cards.len());
    assert!(leg.lead.is_none());
    // With the knee at 60 deg the generator drives soleus more.
    let set = leg.set_word.as_ref().unwrap();
    assert_eq!(set.class, Class::Soleus, "{set:?}");
    let (low, high) = set.interval.unwrap();
    assert!(low < set.value.unwrap() && set.value.unwrap() < high);
    for card in &leg.cards {
        assert!((card.values[1].unwrap() - 60.0).abs() < 6.0);
        assert!((0.3..4.0).contains(&card.values[2].unwrap()));
    }
}

#[test]
fn the_real_jog_has_the_numbers_of_the_catalogue() {
    let Some(folder) = common::folder("01_dorn2012_jog") else { return };
    let (jog, standing) =
        (common::read(&folder.join("JA1Gait21.c3d")), common::read(&folder.join("JA1Static05.c3d")));
    let model = from_review::model(&review(&jog, Some(&standing), None, &ReviewOptions::default()), "jog");
    let leg = right(&model);
    // Strikes 0.896, 1.648 and offs 1.140, 1.904 s; no clear lead.
    let found: Vec<f64> = leg.cards.iter().map(|card| card.time_s).collect();
    for (strike, contact_s) in [(0.896, 0.244), (1.648, 0.256)] {
        let card = leg.cards.iter().find(|card| (card.time_s - strike).abs() < 0.012);
        let card = card.unwrap_or_else(|| panic!("no card at {strike}: {found:?}"));
        assert!((card.values[0].unwrap() - contact_s).abs() < 0.015, "{:?}", card.values);
        // Pre-activation fractions MG .12 .11, LG .10 .10, SOL .034 .031, each within .01.
        assert!((card.shares[0].unwrap() - 0.11).abs() < 0.02, "{:?}", card.shares);
        assert!((card.shares[1].unwrap() - 0.033).abs() < 0.012, "{:?}", card.shares);
    }
    assert_eq!(leg.lead.unwrap().first(), None, "{:?}", leg.lead);
    assert!(!leg.cards[0].clock.is_of_reference, "there is no profile");
    assert!(leg.cards[0].word.value.is_none() && !leg.cards[0].word.reason.is_empty());
}
