//! `surae dashboard --latency-test`: the window on an emulated board, and how long samples take to be seen in it.

use crate::failure::Failure;
use surae_dashboard::request::Opened;
use surae_dashboard::{LatencyTest, Waker};

/// The window on the board; the board stops when this is dropped.
pub struct Tested {
    pub test: LatencyTest,
    pub opened: Opened,
    pub board: Box<dyn std::any::Any>,
}

/// Starts board, measurement and session.
#[cfg(unix)]
pub fn open(seconds: f64, waker: &Waker) -> Result<Tested, Failure> {
    use surae_dashboard::request::SourceFacts;
    use surae_engine::frames::FrameLatency;
    use surae_engine::latency::{Board, calf};
    use surae_engine::{Session, SessionOptions, Source};
    use surae_trial::Settings;

    if !(2.0..=3600.0).contains(&seconds) {
        return Err(Failure::usage(
            "--latency-test runs 2 to 3600 s",
            "for example surae dashboard --latency-test 20",
        ));
    }
    let refused = |error: surae_engine::Error| {
        Failure::refused(error.to_string(), "check that /dev/ptmx can be opened")
    };
    let board = Board::start().map_err(refused)?;
    let (frames, decoded) = FrameLatency::new();
    let options = SessionOptions {
        settings: Settings::default(),
        history: true,
        display: true,
        wake: Some(waker.call()),
        map: Some(Box::new(calf)),
        decoded: Some(decoded),
        ..SessionOptions::default()
    };
    let session = Session::start(Source::Devices(vec![board.spec()]), options).map_err(refused)?;
    let facts = SourceFacts::of_device("emulated board", session.settings(), None);
    let opened = Opened { facts, session, material: None, task_settings: None };
    Ok(Tested { test: LatencyTest { frames, seconds }, opened, board: Box::new(board) })
}

#[cfg(not(unix))]
pub fn open(_: f64, _: &Waker) -> Result<Tested, Failure> {
    Err(Failure::refused("the latency test needs a pseudo-terminal", "run it on Linux or macOS"))
}
