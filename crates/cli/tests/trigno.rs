//! A Trigno base station in two processes: EMG and the sensors' acceleration and gyroscope as two streams of one session, the knee
//! angle from them, and both streams again after the control utility was closed and started.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

#[path = "common/process.rs"]
mod process;

use process::Process;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use surae_trial::{Joint, Side, Trial};

fn surae() -> Command {
    Command::new(env!("CARGO_BIN_EXE_surae"))
}

/// A port that is free together with the two of the data connections.
fn free_port() -> u16 {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    (0..100)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port())
        .find(|port| *port < 65_000 && [0, 3, 4].into_iter().all(|offset| free(port + offset)))
        .expect("three free ports")
}

/// A base station whose sensors have an IMU each; its map is there when this returns.
fn station(folder: &Path, port: u16) -> Process {
    let map = folder.join("map.toml");
    let mut emulate = surae();
    emulate.args(["emulate", "--device", "trigno", "--device-option", "imu=true", "--write-map"]).arg(&map);
    emulate.args(["--tcp-port", &port.to_string()]);
    let station = Process(emulate.stdout(Stdio::null()).spawn().unwrap());
    let patience = Instant::now();
    while !map.exists() || TcpListener::bind(("127.0.0.1", port)).is_ok() {
        assert!(patience.elapsed() < Duration::from_secs(60), "no base station");
        thread::sleep(Duration::from_millis(20));
    }
    station
}

fn live(folder: &Path, port: u16, map: &str, seconds: &str) -> Command {
    let mut live = surae();
    live.args(["live", "--device", "trigno", "--duration", seconds])
        .args(["--port", &format!("tcp://127.0.0.1:{port}")])
        .arg("--map")
        .arg(folder.join(map))
        .arg("--record")
        .arg(folder.join("run.xdf"))
        .stdin(Stdio::null());
    live
}

/// The knee angle at some times, by linear interpolation.
fn angle_at(trial: &Trial, stream: usize, channel: usize, times: impl Iterator<Item = f64>) -> Vec<f64> {
    let stream = &trial.streams[stream];
    let values = stream.column(channel);
    let at = |time_s: f64| {
        let place = (time_s - stream.start_s.0) * stream.rate_hz;
        let (n, part) = (place as usize, place.fract());
        values[n] * (1.0 - part) + values[n + 1] * part
    };
    times.map(at).collect()
}

#[test]
fn sensors_on_thigh_and_shank_give_the_knee_angle_that_the_goniometer_gives() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _station = station(folder.path(), port);
    // The goniometer adapter (sensor 16) is not named, so that the sensors on the leg are all there is.
    let map = fs::read_to_string(folder.path().join("map.toml")).unwrap();
    let entries: Vec<&str> = map.split("[[channel]]").filter(|entry| !entry.contains("\"S16\"")).collect();
    assert!(map.contains("\"S16\"") && map.contains("shank GYRO Y"));
    fs::write(folder.path().join("legs.toml"), entries.join("[[channel]]")).unwrap();
    let output = live(folder.path(), port, "legs.toml", "20").output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("nothing lost").count(), 2, "{said}");

    let mut trial = surae_io::read_trial(&folder.path().join("run.xdf")).unwrap();
    let rates: Vec<f64> = trial.streams.iter().map(|stream| stream.rate_hz).collect();
    assert!((rates[0] - 26.0 / 0.0135).abs() < 0.01 && (rates[1] - 2.0 / 0.0135).abs() < 0.01, "{rates:?}");
    assert!(trial.streams.iter().all(|stream| stream.gaps.is_empty()));
    assert_eq!(trial.streams[1].channels.len(), 16 * 6);
    // Both connections begin with START.
    let apart_s = (trial.streams[1].start_s.0 - trial.streams[0].start_s.0).abs();
    assert!(apart_s < 0.03, "{apart_s} s between the streams");

    surae_gait::knee::add_knee_angles(&mut trial, None, None);
    let is_knee = |channel: &surae_trial::Channel| channel.is_angle_of(Joint::Knee, Side::Right);
    let (stream, channel) = (trial.streams.iter().enumerate())
        .find_map(|(at, stream)| Some((at, stream.channels.iter().position(is_knee)?)))
        .unwrap_or_else(|| panic!("no knee angle: {:?}", trial.notes));
    let times = || (200..1700).map(|k| f64::from(k) * 0.01);
    let from_sensors = angle_at(&trial, stream, channel, times());
    // The adapter's counts are volts here: 0.01 deg each, zero at 0 (the map that the emulator wrote).
    let adapter = trial.streams[0].channels.iter().position(|c| c.label == "S16").unwrap();
    let scale = map.split("\"S16\"").nth(1).unwrap().split("scale = ").nth(1).unwrap();
    let scale: f64 = scale.lines().next().unwrap().parse().unwrap();
    let goniometer = angle_at(&trial, 0, adapter, times());
    // Which angle the sensors call 0 is another question: it needs somebody standing.
    let off: Vec<f64> = from_sensors.iter().zip(&goniometer).map(|(a, b)| a - b * scale).collect();
    let mean = off.iter().sum::<f64>() / off.len() as f64;
    let rmse = (off.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / off.len() as f64).sqrt();
    println!("knee from sensors against goniometer: {rmse:.2} deg, offset {mean:.1} deg");
    assert!(rmse < 2.0, "{rmse} deg");
}

#[test]
fn both_streams_come_back_with_the_base_station() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let first = station(folder.path(), port);
    let session = live(folder.path(), port, "map.toml", "14").stdout(Stdio::piped()).spawn().unwrap();
    let session = thread::spawn(move || session.wait_with_output().unwrap());
    thread::sleep(Duration::from_secs(5));
    drop(first);
    thread::sleep(Duration::from_secs(1));
    let _second = station(folder.path(), port);
    let output = session.join().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let trial = surae_io::read_trial(&folder.path().join("run.xdf")).unwrap();
    assert_eq!(trial.streams.len(), 2, "{said}");
    for stream in &trial.streams {
        assert_eq!(stream.gaps.len(), 1, "{}: {:?}\n{said}", stream.name, stream.gaps);
        let lost_s = stream.gaps[0].lost_samples as f64 / stream.rate_hz;
        assert!((0.9..6.0).contains(&lost_s), "{}: {lost_s} s\n{said}", stream.name);
    }
    let lost_s = |at: usize| trial.streams[at].gaps[0].lost_samples as f64 / trial.streams[at].rate_hz;
    assert!((lost_s(0) - lost_s(1)).abs() < 0.1, "{} and {} s\n{said}", lost_s(0), lost_s(1));
}
