//! Live sessions with devices that are not there: their ports are plugged, unplugged and renamed by the test.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests fail as tests do; the list is for the sample path"
)]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use surae_engine::{
    Command, Device, DeviceSpec, NoteText, RecordingState, Session, SessionEvent, SessionOptions, Source,
    SourceState,
};
use surae_io::Error;
use surae_io::device::faults::{Faults, Wire};
use surae_io::device::{Options, Protocol, Twin};
use surae_io::port::{ByteSource, PortInfo, Ports, UsbIdentity};
use surae_trial::{Kind, SessionLayout};

/// One emulated board: it runs whether someone reads or not.
struct Board {
    path: String,
    usb: UsbIdentity,
    plugged: bool,
    /// Counts openings: a source of an earlier opening is dead.
    opened: u64,
    twin: Twin,
    wire: Wire,
    started: Instant,
    index: u64,
    outbox: Vec<u8>,
    rate_factor: f64,
    /// How much later than taken its bytes come.
    late_s: f64,
    /// A pulse of 100 ms every 500 ms on its last channel.
    pulse: bool,
    /// Its bit rate; at another one both sides hear noise.
    baud: Option<u32>,
    garbled: bool,
}

impl Board {
    fn new(path: &str, serial: &str, protocol: Protocol, options: Options, channels: usize) -> Self {
        Self {
            path: path.to_owned(),
            usb: UsbIdentity { vendor: 0x0403, product: 0x6015, serial: Some(serial.to_owned()) },
            plugged: true,
            opened: 0,
            twin: Twin::new(protocol, options, channels),
            wire: Wire::new(Faults::default()),
            started: Instant::now(),
            index: 0,
            outbox: Vec::new(),
            rate_factor: 1.0,
            late_s: 0.0,
            pulse: false,
            baud: None,
            garbled: false,
        }
    }

    fn rate_hz(&self) -> f64 {
        self.twin.rate_hz().unwrap_or(1000.0)
    }

    /// Frames whose time has come.
    fn run(&mut self) {
        let now_s = self.started.elapsed().as_secs_f64() - self.late_s;
        let due = (now_s * self.rate_hz() * self.rate_factor).max(0.0) as u64;
        let width = self.twin.facts().channels.len();
        while self.index < due {
            let n = self.index;
            self.index += 1;
            let time_s = n as f64 / self.rate_hz() / self.rate_factor;
            if !self.twin.is_streaming() || self.wire.swallows(n, time_s) {
                continue;
            }
            let mut values: Vec<f64> = (0..width).map(|k| ((n * 7 + k as u64) % 23) as f64).collect();
            if let Some(last) = values.last_mut().filter(|_| self.pulse) {
                *last = if time_s % 0.5 < 0.1 { 100.0 } else { 0.0 };
            }
            let mut frame = Vec::new();
            self.twin.frame_timed(n, (n as f64 / self.rate_hz() * 1e6) as u64, &values, &mut frame);
            if self.plugged {
                self.wire.send(n, &frame, &mut self.outbox);
            }
        }
        // A driver's buffer is limited.
        if self.outbox.len() > 1 << 16 {
            self.outbox.clear();
        }
    }
}

type Shared = Arc<Mutex<Board>>;

/// The ports of a machine that is not there; every opening is written down.
#[derive(Default)]
struct Bench {
    boards: Vec<Shared>,
    opened: Mutex<Vec<String>>,
}

struct Opened {
    board: Shared,
    name: String,
    opening: u64,
}

impl Ports for Bench {
    fn list(&self) -> Result<Vec<PortInfo>, Error> {
        let boards = self.boards.iter().map(|board| board.lock().unwrap());
        let plugged = boards.filter(|board| board.plugged);
        let info = |path: &str, usb: &UsbIdentity| PortInfo {
            path: path.to_owned(),
            description: String::new(),
            usb: Some(usb.clone()),
        };
        Ok(plugged.map(|board| info(&board.path, &board.usb)).collect())
    }

    fn open(&self, port: &str, baud: u32, _protocol: Protocol) -> Result<Box<dyn ByteSource>, Error> {
        self.opened.lock().unwrap().push(port.to_owned());
        for board in &self.boards {
            let mut locked = board.lock().unwrap();
            if locked.plugged && locked.path == port {
                locked.opened += 1;
                locked.garbled = locked.baud.is_some_and(|own| own != baud);
                locked.outbox.clear();
                let opening = locked.opened;
                return Ok(Box::new(Opened { board: Arc::clone(board), name: port.to_owned(), opening }));
            }
        }
        Err(Error::Port {
            port: port.to_owned(),
            what: "no such port".to_owned(),
            todo: "plug it in".to_owned(),
        })
    }
}

impl ByteSource for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        std::thread::sleep(Duration::from_millis(2));
        let mut board = self.board.lock().unwrap();
        board.run();
        if !board.plugged || board.opened != self.opening {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "unplugged"));
        }
        let n = buffer.len().min(board.outbox.len());
        buffer[..n].copy_from_slice(&board.outbox[..n]);
        board.outbox.drain(..n);
        if board.garbled {
            buffer[..n].iter_mut().for_each(|byte| *byte = byte.rotate_left(3) ^ 0x5a);
        }
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut board = self.board.lock().unwrap();
        if board.garbled {
            return Ok(());
        }
        let (index, mut answer) = (board.index, Vec::new());
        board.twin.receive(bytes, index, &mut answer);
        board.outbox.extend_from_slice(&answer);
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }
}

fn shared(board: Board) -> Shared {
    Arc::new(Mutex::new(board))
}

fn spec(device: Device, port: &str) -> DeviceSpec {
    DeviceSpec { device, port: port.to_owned(), baud: 115_200, ..DeviceSpec::default() }
}

fn start(bench: &Arc<Bench>, specs: Vec<DeviceSpec>, options: SessionOptions) -> Session {
    let ports: Arc<dyn Ports> = Arc::clone(bench) as Arc<dyn Ports>;
    let options = SessionOptions { ports: Some(ports), ..options };
    Session::start(Source::Devices(specs), options).unwrap_or_else(|error| panic!("{error}"))
}

fn sleep(seconds: f64) {
    std::thread::sleep(Duration::from_secs_f64(seconds));
}

fn events(session: &Session) -> Vec<SessionEvent> {
    session.events().try_iter().collect()
}

#[test]
fn every_device_becomes_a_session_without_loss() {
    let devices: Vec<Protocol> = Protocol::ALL
        .into_iter()
        .filter(|p| !matches!(p, Protocol::Ascii | Protocol::Auto | Protocol::Trigno | Protocol::Lsl))
        .collect();
    let sessions: Vec<(Protocol, Session)> = std::thread::scope(|scope| {
        let start = |protocol: Protocol| {
            let board = shared(Board::new("/dev/ttyX0", "A", protocol, Options::default(), 4));
            let bench = Arc::new(Bench { boards: vec![board], ..Bench::default() });
            (protocol, start(&bench, vec![spec(protocol, "/dev/ttyX0")], SessionOptions::default()))
        };
        let threads: Vec<_> = devices.iter().map(|protocol| scope.spawn(move || start(*protocol))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    sleep(2.0);
    for (protocol, session) in sessions {
        assert!(session.layout().streams[0].name.starts_with(protocol.name()));
        let summary = session.stop();
        let source = &summary.sources[0];
        assert!(source.frames as f64 > 1.5 * source.rate_hz, "{protocol:?}: {} frames", source.frames);
        assert_eq!(source.losses.lost_frames, 0, "{protocol:?}");
        assert_eq!(source.losses.restarts, 0, "{protocol:?}");
    }
}

#[test]
fn a_device_that_comes_back_under_another_name_goes_on_in_one_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replugged.xdf");
    let mine = shared(Board::new("/dev/ttyUSB0", "MINE", Protocol::Cyton, Options::default(), 8));
    let other = shared(Board::new("/dev/ttyUSB1", "OTHER", Protocol::Cyton, Options::default(), 8));
    let bench = Arc::new(Bench { boards: vec![Arc::clone(&mine), other], ..Bench::default() });
    let options = SessionOptions { record: Some(path.clone()), ..SessionOptions::default() };
    let mut session = start(&bench, vec![spec(Protocol::Cyton, "/dev/ttyUSB0")], options);
    sleep(1.5);
    mine.lock().unwrap().plugged = false;
    sleep(1.2);
    {
        let mut board = mine.lock().unwrap();
        // What it sampled meanwhile went nowhere.
        board.run();
        (board.plugged, board.path) = (true, "/dev/ttyUSB7".to_owned());
    }
    let appeared = Instant::now();
    let before = session.status().sources[0].frames;
    while session.status().sources[0].frames == before {
        assert!(appeared.elapsed() < Duration::from_secs(3), "no sample 3 s after the port reappeared");
        sleep(0.01);
    }
    sleep(1.0);
    let told = events(&session);
    let summary = session.stop();
    let states: Vec<SourceState> = told
        .iter()
        .filter_map(|event| if let SessionEvent::Source { state, .. } = event { Some(*state) } else { None })
        .collect();
    assert!(states.contains(&SourceState::Reconnecting), "{states:?}");
    assert_eq!(states.last(), Some(&SourceState::Live), "{states:?}");
    assert!(told.iter().any(|event| format!("{event:?}").contains("now as /dev/ttyUSB7")), "{told:?}");
    // Nobody else's board was touched.
    assert!(!bench.opened.lock().unwrap().iter().any(|name| name == "/dev/ttyUSB1"));
    let trial = surae_io::read_trial(&path).unwrap();
    assert_eq!(trial.streams.len(), 1);
    let gaps = &trial.streams[0].gaps;
    assert_eq!(gaps.len(), 1, "one gap record: {gaps:?}");
    assert_eq!(gaps[0].lost_samples, summary.sources[0].losses.lost_frames);
    // The board ran on: the counter and the host's clock give the length to the sample.
    assert!(gaps[0].certain && gaps[0].lost_samples >= 300, "{gaps:?}");
    let frames = trial.streams[0].span();
    let board = mine.lock().unwrap();
    assert!(frames <= board.index, "{frames} of {}: no sample was invented", board.index);
}

#[test]
fn recordings_of_one_session_begin_and_end_on_their_own_and_hold_what_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hop-1.xdf");
    let board = shared(Board::new("/dev/ttyX0", "A", Protocol::Surae, Options::default(), 4));
    let bench = Arc::new(Bench { boards: vec![board], ..Bench::default() });
    let record = Some(path.clone());
    let options = SessionOptions { record, pre_trigger_s: Some(1.0), ..SessionOptions::default() };
    let mut session = start(&bench, vec![spec(Protocol::Surae, "/dev/ttyX0")], options);
    let until = |state: RecordingState, session: &mut Session| {
        let begun = Instant::now();
        while session.status().recording.state != state {
            assert!(begun.elapsed() < Duration::from_secs(20), "not {state:?}");
            sleep(0.01);
        }
    };
    sleep(1.6);
    assert!(!path.exists(), "nothing is written before it is asked for");
    session.command(Command::Record);
    until(RecordingState::Running, &mut session);
    sleep(0.5);
    session.command(Command::Mark(u8::MAX));
    sleep(0.4);
    session.command(Command::Note(NoteText::new("good step")));
    sleep(0.3);
    session.command(Command::StopRecording);
    until(RecordingState::Armed, &mut session);
    sleep(0.6);
    session.command(Command::Record);
    until(RecordingState::Running, &mut session);
    sleep(0.8);
    session.command(Command::StopRecording);
    until(RecordingState::Armed, &mut session);
    let (mut ended, begun) = (Vec::new(), Instant::now());
    while ended.len() < 2 && begun.elapsed() < Duration::from_secs(10) {
        sleep(0.05);
        ended.extend(events(&session).into_iter().filter_map(|event| match event {
            SessionEvent::Recorded(path) => Some(path),
            _ => None,
        }));
    }
    assert_eq!(ended, [path.clone(), folder.path().join("hop-2.xdf")]);
    let summary = session.stop();
    assert_eq!(summary.recording_error, None);

    let first = surae_io::read_trial(&path).unwrap();
    // 1 s held, at least 1.2 s recorded: whole, and the note stands where its key was, before what was typed.
    assert!(first.duration_s() > 1.9, "{}", first.duration_s());
    let note: Vec<_> = first.events.iter().filter(|event| event.label == "good step").collect();
    assert_eq!(note.len(), 1, "{:?}", first.events);
    let before_end_s = first.duration_s() - note[0].time_s.0;
    assert!(note[0].time_s.0 > 1.0 && before_end_s > 0.6, "{:?} of {}", note[0], first.duration_s());
    assert!(!first.notes.iter().any(|note| note.code == "recording_not_ended"), "{:?}", first.notes);
    let second = surae_io::read_trial(&ended[1]).unwrap();
    assert!(second.duration_s() > 1.3, "{}", second.duration_s());
    for trial in [first, second] {
        assert!(trial.streams[0].gaps.is_empty(), "{:?}", trial.streams[0].gaps);
        // The samples are those of the board: what it sends counts up by 7 modulo 23.
        let values = trial.streams[0].column(0);
        let steps = values.windows(2).filter(|pair| (pair[1] - pair[0]).rem_euclid(23.0) == 7.0).count();
        assert_eq!(steps + 1, values.len(), "a sample is missing or twice");
    }
    assert!(!folder.path().join("hop-3.xdf").exists(), "what was not asked for is not written");
}

#[test]
fn half_a_second_of_silence_is_told_within_a_quarter() {
    let board = shared(Board::new("/dev/ttyX0", "A", Protocol::Surae, Options::default(), 4));
    board.lock().unwrap().wire = {
        let mut faults = Faults::default();
        faults.set("silence", "2.5..3.0").unwrap();
        Wire::new(faults)
    };
    let bench = Arc::new(Bench { boards: vec![board], ..Bench::default() });
    let session = start(&bench, vec![spec(Protocol::Surae, "/dev/ttyX0")], SessionOptions::default());
    sleep(3.5);
    let told = events(&session);
    let stalled = told.iter().find_map(|event| match event {
        SessionEvent::Source { state: SourceState::Stalled, text, .. } => Some(text.clone()),
        _ => None,
    });
    // The event says after how much silence it was told.
    let text = stalled.unwrap_or_else(|| panic!("{told:?}"));
    let after_ms: f64 = text.split_whitespace().find_map(|word| word.parse().ok()).unwrap();
    assert!((200.0..=250.0).contains(&after_ms), "{text}");
    let summary = session.stop();
    let lost = summary.sources[0].losses.lost_frames;
    assert!((498..=502).contains(&lost), "{lost} of 500");
}

#[test]
fn a_board_that_starts_again_is_told_to_send_and_named() {
    let board = shared(Board::new("/dev/ttyX0", "A", Protocol::Bitalino, Options::default(), 6));
    let bench = Arc::new(Bench { boards: vec![Arc::clone(&board)], ..Bench::default() });
    let mut session = start(&bench, vec![spec(Protocol::Bitalino, "/dev/ttyX0")], SessionOptions::default());
    sleep(1.0);
    {
        let mut board = board.lock().unwrap();
        let (index, mut text) = (board.index, Vec::new());
        board.twin.reset(index, &mut text);
    }
    sleep(0.5);
    let before = session.status().sources[0].frames;
    sleep(7.0);
    assert!(session.status().sources[0].frames > before + 1000, "it is sending again");
    let summary = session.stop();
    assert!(summary.sources[0].losses.lost_frames > 2000);
}

#[test]
fn the_wrong_device_is_named_and_an_unknown_one_is_found() {
    let bench = || {
        let board = shared(Board::new("/dev/ttyX0", "A", Protocol::Surae, Options::default(), 4));
        Arc::new(Bench { boards: vec![board], ..Bench::default() })
    };
    let ports: Arc<dyn Ports> = bench();
    let options = SessionOptions { ports: Some(ports), ..SessionOptions::default() };
    let error = Session::start(Source::Devices(vec![spec(Protocol::Cyton, "/dev/ttyX0")]), options)
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(error.contains("no valid frame") && error.contains("--device surae"), "{error}");
    let session = start(&bench(), vec![spec(Protocol::Auto, "/dev/ttyX0")], SessionOptions::default());
    assert!(session.layout().streams[0].name.starts_with("surae"));
    session.stop();
}

#[test]
fn a_daisy_is_found_and_a_board_at_its_other_bit_rate_too() {
    for device in [Protocol::Auto, Protocol::Cyton] {
        let board = shared(Board::new("/dev/ttyX0", "A", Protocol::CytonDaisy, Options::default(), 16));
        let bench = Arc::new(Bench { boards: vec![board], ..Bench::default() });
        let session = start(&bench, vec![spec(device, "/dev/ttyX0")], SessionOptions::default());
        let stream = &session.layout().streams[0];
        let emg = stream.channels.iter().filter(|channel| channel.role.kind.is_emg()).count();
        assert_eq!((emg, stream.rate_hz), (16, 125.0), "{device:?}");
        session.stop();
    }
    let mut board = Board::new("/dev/ttyX0", "A", Protocol::Chords, Options::default(), 6);
    board.baud = Some(115_200);
    let bench = Arc::new(Bench { boards: vec![shared(board)], ..Bench::default() });
    let chords = DeviceSpec { baud: Protocol::Chords.baud(), ..spec(Protocol::Chords, "/dev/ttyX0") };
    let session = start(&bench, vec![chords.clone()], SessionOptions::default());
    assert!(session.layout().streams[0].name.starts_with("chords"));
    session.stop();
    // A bit rate that the user states is the only one.
    let ports: Arc<dyn Ports> = Arc::clone(&bench) as Arc<dyn Ports>;
    let options = SessionOptions { ports: Some(ports), ..SessionOptions::default() };
    let stated = DeviceSpec { baud: 57_600, ..chords };
    assert!(Session::start(Source::Devices(vec![stated]), options).is_err());
}

/// An EMG board and a goniometer board whose bytes come 40 ms late, 80 ppm off; a pulse is wired to both.
#[test]
fn two_devices_share_a_clock_and_a_pulse() {
    let board = |path: &str, channels| {
        let mut board = Board::new(path, path, Protocol::Surae, Options::default(), channels);
        board.pulse = true;
        board
    };
    let emg = board("/dev/ttyX0", 3);
    let mut knee = board("/dev/ttyX1", 2);
    (knee.late_s, knee.rate_factor, knee.started) = (0.040, 1.0 + 80e-6, emg.started);
    let bench = Arc::new(Bench { boards: vec![shared(emg), shared(knee)], ..Bench::default() });
    let map = |layout: &mut SessionLayout| {
        let angle = &mut layout.streams[1].channels[0];
        angle.role.kind = Kind::Angle;
        for stream in &mut layout.streams {
            if let Some(last) = stream.channels.last_mut() {
                last.role.kind = Kind::Event;
            }
        }
        Vec::new()
    };
    let options = SessionOptions { map: Some(Box::new(map)), ..SessionOptions::default() };
    let specs = vec![spec(Protocol::Surae, "/dev/ttyX0"), spec(Protocol::Surae, "/dev/ttyX1")];
    let mut session = start(&bench, specs, options);
    sleep(5.0);
    let knee = session.status().sources[1].clone();
    assert!((knee.sync_offset_ms - 40.0).abs() < 4.0, "{} ms", knee.sync_offset_ms);
    assert!(knee.sync_residual_ms < 4.0, "{} ms", knee.sync_residual_ms);
    session.command(Command::Stop);
    session.stop();
}
