//! Foot contacts and offs from markers, shank rate and EMG against force plates and stored events of real recordings.
//!
//! Needs `SURAE_TRIALS`, the folder of the recordings; without it the tests say that they are skipped, and fail if
//! `SURAE_REQUIRE_TRIALS=1`. The printed biases and spreads are those of `docs/validation.md`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a missing part fails the test; a skipped test says so"
)]

mod common;

use common::{folder, read};
use surae_gait::events::{Events, find_events};
use surae_gait::{ReviewOptions, review};
use surae_trial::{
    Channel, EventKind, EventSettings, EventSource, Kind, Role, Samples, Side, Stream, Task, Trial, Unit,
};

fn events(trial: &Trial) -> Events {
    find_events(trial, &EventSettings::default(), &mut Vec::new())
}

/// What is found less what is true, in ms, of every event that has a counterpart within 0.15 s.
fn errors_ms(
    found: &Events,
    source: EventSource,
    truth: &Events,
    by: EventSource,
    kind: EventKind,
) -> Vec<f64> {
    let mut errors = Vec::new();
    for side in Side::BOTH {
        let all = found.times_of(source, side, kind);
        for time in truth.times_of(by, side, kind) {
            let near = all.iter().map(|t| t - time).min_by(|a, b| a.abs().total_cmp(&b.abs()));
            errors.extend(near.filter(|d| d.abs() < 0.15).map(|d| 1e3 * d));
        }
    }
    errors
}

fn spread(name: &str, errors: &[f64]) -> (f64, f64) {
    let n = errors.len() as f64;
    let bias = errors.iter().sum::<f64>() / n;
    let sd = (errors.iter().map(|e| (e - bias).powi(2)).sum::<f64>() / (n - 1.0).max(1.0)).sqrt();
    let list: Vec<String> = errors.iter().map(|e| format!("{e:.0}")).collect();
    println!("{name}: bias {bias:.1} ms, SD {sd:.1} ms, n {} ({})", errors.len(), list.join(" "));
    (bias, sd)
}

/// The walks: two with plates in the C3D file, one with forces by foot beside its markers.
fn walks() -> Option<Vec<Trial>> {
    let (bmc, rajagopal, btk) = (folder("03_bmc_gait")?, folder("04_rajagopal_walk")?, folder("11_btkdata")?);
    Some(vec![
        read(&bmc.join("Gait.c3d")),
        surae_io::merge(read(&rajagopal.join("grf_walk_smoothed.mot")), read(&rajagopal.join("markers.trc"))),
        read(&btk.join("c3d/PiG_Motion-FlatFoot-Full.c3d")),
    ])
}

fn jog() -> Option<Trial> {
    Some(read(&folder("01_dorn2012_jog")?.join("JA1Gait21.c3d")))
}

#[test]
fn events_of_walking_from_markers_are_those_of_the_plates() {
    let Some(walks) = walks() else { return };
    let (mut contacts, mut offs) = (Vec::new(), Vec::new());
    for walk in &walks {
        let found = events(walk);
        for (kind, list) in [(EventKind::FootContact, &mut contacts), (EventKind::FootOff, &mut offs)] {
            list.extend(errors_ms(&found, EventSource::Kinematic, &found, EventSource::ForcePlate, kind));
        }
    }
    assert!(contacts.len() >= 6 && offs.len() >= 5, "{contacts:?} {offs:?}");
    let (bias, sd) = spread("walking, markers against plates, contact", &contacts);
    assert!(bias.abs() < 25.0 && sd < 25.0);
    let (bias, sd) = spread("walking, markers against plates, off", &offs);
    assert!(bias.abs() < 15.0 && sd < 15.0);
}

#[test]
fn events_of_running_from_markers_are_those_of_the_file() {
    let Some(trial) = jog() else { return };
    let found = events(&trial);
    let of = |kind| errors_ms(&found, EventSource::Kinematic, &found, EventSource::File, kind);
    let (contacts, offs) = (of(EventKind::FootContact), of(EventKind::FootOff));
    assert!(contacts.len() >= 5 && offs.len() >= 4, "{contacts:?} {offs:?}");
    let (bias, sd) = spread("running, markers against the file, contact", &contacts);
    assert!(bias.abs() < 20.0 && sd < 10.0);
    let (bias, sd) = spread("running, markers against the file, off", &offs);
    assert!(bias.abs() < 15.0 && sd < 15.0);
}

/// Shank rate as a gyroscope would give it: the turning of the line from knee to ankle, in a trial with nothing else to tell steps.
fn as_gyroscope(trial: &Trial, labels: [[&str; 2]; 2]) -> Trial {
    let set = trial.markers.as_ref().unwrap();
    let mut channels = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for (side, [knee, ankle]) in ["L", "R"].into_iter().zip(labels) {
        let (knee, ankle) = (set.find(knee).unwrap(), set.find(ankle).unwrap());
        let unit: Vec<[f64; 3]> = knee
            .position
            .iter()
            .zip(&ankle.position)
            .map(|(k, a)| {
                let v = [a[0] - k[0], a[1] - k[1], a[2] - k[2]];
                let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
                v.map(|x| x / length)
            })
            .collect();
        let n = unit.len();
        for (axis, (i, j)) in ["x", "y", "z"].into_iter().zip([(1, 2), (2, 0), (0, 1)]) {
            let rate = (0..n).map(|f| {
                if f == 0 || f + 1 == n {
                    return f64::NAN;
                }
                let d = [0, 1, 2].map(|k: usize| 0.5 * (unit[f + 1][k] - unit[f - 1][k]) * set.rate_hz);
                (unit[f][i] * d[j] - unit[f][j] * d[i]).to_degrees()
            });
            columns.push(rate.collect());
            let role = Role { kind: Kind::Gyro, ..Role::unknown("from markers") };
            channels.push(Channel::new(format!("{side} shank gyro {axis}"), role, Unit::DegreePerSecond));
        }
    }
    let frames = columns[0].len();
    let samples = (0..frames).flat_map(|f| columns.iter().map(move |c| c[f]).collect::<Vec<f64>>()).collect();
    Trial {
        streams: vec![Stream {
            name: "imu".into(),
            rate_hz: set.rate_hz,
            measured_rate_hz: None,
            start_s: set.start_s,
            channels,
            samples: Samples::F64(samples),
            gaps: Vec::new(),
            times_s: Vec::new(),
        }],
        ..Trial::default()
    }
}

#[test]
fn events_from_the_rate_of_the_shank_are_near_those_of_plates_and_file() {
    let (Some(walks), Some(jog)) = (walks(), jog()) else { return };
    let labels = [
        [["LKNE", "LANK"], ["RKNE", "RANK"]],
        [["L.Knee", "L.Ankle"], ["R.Knee", "R.Ankle"]],
        [["LKNE", "LANK"], ["RKNE", "RANK"]],
    ];
    let (mut contacts, mut offs) = (Vec::new(), Vec::new());
    for (walk, labels) in walks.iter().zip(labels) {
        let (truth, found) = (events(walk), events(&as_gyroscope(walk, labels)));
        for (kind, list) in [(EventKind::FootContact, &mut contacts), (EventKind::FootOff, &mut offs)] {
            list.extend(errors_ms(&found, EventSource::Gyro, &truth, EventSource::ForcePlate, kind));
        }
    }
    let (bias, sd) = spread("walking, shank rate against plates, contact", &contacts);
    assert!(contacts.len() >= 4 && (0.0..50.0).contains(&bias) && sd < 25.0);
    let (bias, sd) = spread("walking, shank rate against plates, off", &offs);
    assert!(offs.len() >= 3 && bias.abs() < 30.0 && sd < 30.0);
    let (truth, found) =
        (events(&jog), events(&as_gyroscope(&jog, [["LLEPI", "LLMAL"], ["RLEPI", "RLMAL"]])));
    let of = |kind| errors_ms(&found, EventSource::Gyro, &truth, EventSource::File, kind);
    let contacts = of(EventKind::FootContact);
    let (bias, sd) = spread("running, shank rate against the file, contact", &contacts);
    assert!(contacts.len() >= 5 && (0.0..45.0).contains(&bias) && sd < 10.0);
    let offs = of(EventKind::FootOff);
    let (bias, sd) = spread("running, shank rate against the file, off", &offs);
    assert!(offs.len() >= 4 && bias.abs() < 20.0 && sd < 15.0);
}

#[test]
fn one_plate_is_completed_by_the_markers_and_a_leg_is_told_by_its_bursts() {
    let (Some(walks), Some(jog)) = (walks(), jog()) else { return };
    let model = review(&walks[0], None, None, &ReviewOptions::default());
    let right = model.report.sides.right.as_ref().unwrap();
    assert!(right.cycles.n >= 1, "{:?}", right.cycles);
    let sources: Vec<EventSource> =
        model.report.events.iter().filter(|e| e.chosen).map(|e| e.source).collect();
    assert!(sources.contains(&EventSource::ForcePlate) && sources.contains(&EventSource::Kinematic));
    // The jog states no leg for its EMG; it is the right one.
    let model = review(&jog, None, None, &ReviewOptions::default());
    let note = model.report.notes.iter().find(|n| n.code == "side_told").unwrap();
    assert!(note.text.contains("right leg") && note.text.contains("bursts"), "{}", note.text);
    assert!(!model.report.notes.iter().any(|n| n.code == "side_not_stated"));
    // 3.53 m/s, as published with the recording.
    let cycles = &model.report.sides.right.as_ref().unwrap().cycles;
    let speed = cycles.speed_m_s.unwrap();
    println!("jog: speed {speed:.2} m/s, stride {:.2} m", cycles.stride_length_m.unwrap());
    assert!((speed - 3.53).abs() < 0.1, "{speed}");
    assert_eq!(cycles.double_support_percent, None);
}

#[test]
fn braking_ends_where_the_force_of_the_plates_turns() {
    let (Some(walks), Some(jog)) = (walks(), jog()) else { return };
    // Least cumulative fore-aft force over each contact, from the platform forces of ezc3d in laboratory axes.
    for (trial, contacts, expected) in [
        (&jog, vec![(0.8993, 1.1387), (1.6520, 1.9013)], vec![1.0127, 1.7693]),
        (&walks[0], vec![(2.083, 2.659), (2.569, 3.145)], vec![2.355, 2.912]),
    ] {
        let found = surae_gait::braking::braking_ends(trial, &events(trial).plates, &contacts);
        println!("end of braking: {found:?}, expected {expected:?}");
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 0.01), "{found:?}");
    }
}

#[test]
fn the_rhythm_of_the_emg_is_that_of_the_knee() {
    let Some(folder) = folder("06_ceinmsrt_walk_run") else { return };
    for (name, task) in [("walk36", Task::Walk), ("run81", Task::Run)] {
        let trial = surae_io::merge(
            read(&folder.join(name).join("emgFilt.sto")),
            read(&folder.join(name).join("ik.sto")),
        );
        let found = events(&trial);
        let starts = found.burst_starts(Side::Right);
        // Strides by the knee: flexion (negative in this file) over 40 deg once a stride, in swing.
        let (stream, channel) = trial
            .streams
            .iter()
            .enumerate()
            .find_map(|(s, st)| {
                st.channels.iter().position(|c| c.label.trim() == "knee_angle_r").map(|c| (s, c))
            })
            .unwrap();
        let knee = trial.streams[stream].column(channel);
        let rate = trial.streams[stream].rate_hz;
        let mut last = f64::NEG_INFINITY;
        let mut swings = Vec::new();
        for (i, pair) in knee.windows(2).enumerate() {
            let time = i as f64 / rate;
            if pair[0].abs() < 40.0 && pair[1].abs() >= 40.0 && time - last > 0.35 {
                swings.push(time);
                last = time;
            }
        }
        let stride = |times: &[f64]| (times[times.len() - 1] - times[0]) / (times.len() - 1) as f64;
        println!(
            "{name}: {} burst starts, {:.4} s; knee {} swings, {:.4} s",
            starts.len(),
            stride(&starts),
            swings.len(),
            stride(&swings)
        );
        assert!((stride(&starts) / stride(&swings) - 1.0).abs() < 0.01);
        let options =
            ReviewOptions { settings: Some(surae_trial::Settings::for_task(task)), ..Default::default() };
        let model = review(&trial, None, None, &options);
        let right = model.report.sides.right.as_ref().unwrap();
        assert_eq!(right.cycles.start_event, "soleus_burst_start");
        assert!(right.pushoffs.is_empty() && right.cycles.stance_percent.is_none());
        assert!(right.dominance.as_ref().is_none_or(|d| d.by_phase.is_empty()));
    }
}
