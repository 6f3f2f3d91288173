//! A window whose thread is blocked for 2 s while it records a board: what was sent equals what the file holds.
//!
//! The window is drawn without a display on this thread, which then sleeps; the session runs on its own threads, as in the
//! program. The board is a process that sends a known sequence at 2 kHz in real time.
#![cfg(all(unix, feature = "dashboard"))]

#[path = "common/emulated.rs"]
mod emulated;

use emulated::{CHANNELS, RATE_HZ, emulator, trial};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use surae_dashboard::app::App;
use surae_dashboard::headless::Headless;
use surae_dashboard::lab::LabView;
use surae_dashboard::request::{Opened, Response, SourceFacts};
use surae_engine::{Device, DeviceSpec, Session, SessionOptions, Source};
use surae_trial::Settings;

/// How long the thread of the window stands still.
const BLOCKED: Duration = Duration::from_secs(2);

fn follow(port: &Path, recording: &Path) -> Opened {
    let spec = DeviceSpec {
        device: Device::Ascii,
        port: port.display().to_string(),
        baud: 115_200,
        rate_hz: Some(RATE_HZ),
        ..DeviceSpec::default()
    };
    let options = SessionOptions {
        record: Some(recording.to_owned()),
        pre_trigger_s: Some(1.0),
        history: true,
        display: true,
        ..SessionOptions::default()
    };
    let session = Session::start(Source::Devices(vec![spec]), options).expect("the board is there");
    let facts = SourceFacts::of_device("board", &Settings::default(), None);
    Opened { facts, session, material: None, task_settings: None }
}

/// Draws at about 60 Hz; returns the fewest triangles of a frame.
fn draw(window: &mut Headless, seconds: f64) -> usize {
    let begun = Instant::now();
    let mut fewest = usize::MAX;
    while begun.elapsed().as_secs_f64() < seconds {
        fewest = fewest.min(window.frame(1.0 / 60.0));
        sleep(Duration::from_millis(12));
    }
    fewest
}

#[test]
fn nothing_is_lost_while_the_window_stands_still() {
    let folder = tempfile::tempdir().expect("a folder");
    let (link, recording) = (folder.path().join("port"), folder.path().join("blocked.xdf"));
    trial(&folder.path().join("trial.csv"));
    let _board = emulator(folder.path(), &link);
    let mut app = App::new(Box::new(|_| Response::Nothing), LabView::default());
    app.open(follow(&link, &recording));
    let mut window = Headless::new(app);
    assert!(draw(&mut window, 1.5) > 500, "a blank view");
    assert!(window.press("R"));
    draw(&mut window, 0.5);
    let blocked = Instant::now();
    sleep(BLOCKED);
    let blocked_s = blocked.elapsed().as_secs_f64();
    assert!(window.press("N"));
    draw(&mut window, 0.2);
    window.type_text("after the pause");
    draw(&mut window, 0.2);
    assert!(window.press("Enter"));
    draw(&mut window, 0.4);
    // Once asks, twice stops.
    assert!(window.press("R"));
    draw(&mut window, 0.2);
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |about| about.len());
    let before = size(&recording);
    draw(&mut window, 0.5);
    assert!(size(&recording) > before, "one R does not stop it");
    assert!(window.press("R"));
    draw(&mut window, 1.0);

    let trial = surae_io::read_trial(&recording).expect("it opens while the session goes on");
    let stream = &trial.streams[0];
    assert!(stream.gaps.is_empty(), "{:?}", stream.gaps);
    assert!(trial.duration_s() > blocked_s + 2.0, "{} s with {blocked_s} s blocked", trial.duration_s());
    assert!(trial.events.iter().any(|event| event.label == "after the pause"), "{:?}", trial.events);
    // What the board sends is known to the last bit: ten seconds, then from the beginning.
    let length = (10.0 * RATE_HZ) as usize;
    let sent = |frame: usize, channel: usize| {
        let seed = ((frame % length * CHANNELS + channel) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54;
        seed as f64 - 512.0
    };
    let columns: Vec<Vec<f64>> = (0..CHANNELS).map(|channel| stream.column(channel)).collect();
    let fits = |start: usize, n: usize| {
        (0..n).all(|k| (0..CHANNELS).all(|channel| columns[channel][k] == sent(start + k, channel)))
    };
    let start = (0..length).find(|start| fits(*start, 8)).expect("the sequence of the board");
    assert!(fits(start, stream.frames()), "a sample is missing, twice or wrong");
}
