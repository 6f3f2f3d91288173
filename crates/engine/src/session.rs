//! A session: its threads, and the handle through which a screen or a command line watches and steers it.

use crate::Error;
use crate::history::{self, Columns, History, Recent, VIEWS, View};
use crate::player::{self, PlayerSetup};
use crate::priority::Rank;
use crate::ring;
use crate::sample_path::{Results, SamplePath};
use crate::snapshot::Snapshot;
use crate::status::{SessionEvent, Status, Summary};
use crate::threads::Hub;
use crossbeam_channel::{Receiver, Sender, bounded};
use rtrb::{Consumer, RingBuffer};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::{self, JoinHandle};
use std::time::Instant;
use surae_gait::log_of_trial::TrialLog;
use surae_gait::pipeline::{Lag, Pipeline, Record};
use surae_trial::{Muscle, Note, Profile, Seconds, SessionLayout, Settings, Side, StreamId, Trial};

/// Records that may wait for their reader: 10 s of two legs and some.
const RECORDS: usize = 4096;

/// Events that may wait for their reader.
const EVENTS: usize = 256;

/// How fast a trial is played.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Speed {
    /// Times real time; values that are not positive and finite count as 1.
    Times(f64),
    /// As fast as possible.
    #[default]
    Max,
}

impl Speed {
    /// As a factor; infinite for [`Speed::Max`].
    #[must_use]
    pub fn times(self) -> f64 {
        match self {
            Self::Times(times) if times.is_finite() && times > 0.0 => times,
            Self::Times(_) => 1.0,
            Self::Max => f64::INFINITY,
        }
    }
}

/// The protocols that a live session speaks.
pub type Device = surae_io::device::Protocol;

/// One device on one port.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceSpec {
    /// Protocol.
    pub device: Device,
    /// Path, glob or `tcp://host:port`.
    pub port: String,
    /// Bits per second of a serial line.
    pub baud: u32,
    /// Nominal rate; asked of the device or measured before the session starts when not stated.
    pub rate_hz: Option<f64>,
    /// What the device's bytes do not say.
    pub options: surae_io::device::Options,
}

/// Where samples come from.
pub enum Source {
    /// A recorded trial, knee angles added already.
    Trial {
        /// The trial.
        trial: Arc<Trial>,
        /// Speed to start with.
        speed: Speed,
        /// Starts again at the end.
        looped: bool,
    },
    /// Devices on ports; the first one with EMG is the master clock.
    Devices(Vec<DeviceSpec>),
}

/// Called when there is something new to draw, at most 60 times a second.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// Names and scales the channels of a device's layout (`--map`); says what was guessed or did not fit.
pub type ApplyMap = Box<dyn Fn(&mut SessionLayout) -> Vec<Note> + Send>;

/// What a session is started with.
#[derive(Default)]
pub struct SessionOptions {
    /// Settings; a recording of Surae that is replayed starts with its own.
    pub settings: Settings,
    /// References.
    pub profile: Option<Profile>,
    /// Where to record a live session. An existing file is replaced.
    pub record: Option<PathBuf>,
    /// Hold the last 1-30 s in memory and begin the file with them at [`Command::Record`] or the first mark.
    pub pre_trigger_s: Option<f64>,
    /// Keep samples for [`Session::request_view`].
    pub history: bool,
    /// Publish snapshots.
    pub display: bool,
    /// Hand out every record through [`Session::drain`]. Whoever asks for records must drain them: a trial waits for it.
    pub records: bool,
    /// Hand out envelope rows through [`Session::drain_envelopes`]; those that nobody drains are lost.
    pub envelopes: bool,
    /// Channel map of a live session.
    pub map: Option<ApplyMap>,
    /// Called when there is something new to draw.
    pub wake: Option<Wake>,
    /// Where ports are found and opened; those of the system when not given.
    pub ports: Option<Arc<dyn surae_io::port::Ports>>,
    /// Hears of each block as it leaves the decoder ([`crate::latency`]).
    pub decoded: Option<Sender<crate::Decoded>>,
}

/// The words of a typed note, held in place so that a command stays a plain value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NoteText {
    length: u8,
    bytes: [u8; Self::MOST],
}

impl NoteText {
    /// Bytes of UTF-8 at most; what is longer is cut at a character.
    pub const MOST: usize = 160;

    /// These words.
    #[must_use]
    pub fn new(words: &str) -> Self {
        let mut length = words.len().min(Self::MOST);
        while !words.is_char_boundary(length) {
            length -= 1;
        }
        let mut bytes = [0; Self::MOST];
        bytes[..length].copy_from_slice(&words.as_bytes()[..length]);
        Self { length: length as u8, bytes }
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl std::fmt::Debug for NoteText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// What can be asked of a running session. Everything that changes a number becomes an entry of its log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Go on (trials).
    Play,
    /// Hold (trials; a device cannot be held).
    Pause,
    /// Play speed (trials).
    Speed(Speed),
    /// Go to a trial time (trials): the pipeline starts anew a settling time before it.
    Seek(Seconds),
    /// Whether to start again at the end (trials).
    Loop(bool),
    /// A mark at the present sample: key 0-9.
    Mark(u8),
    /// New settings from the present sample on.
    Settings(Settings),
    /// A new amplitude reference from the present sample on, rectified mean in the channel's unit.
    Reference {
        /// Muscle.
        muscle: Muscle,
        /// Leg.
        side: Side,
        /// Amplitude, rest included.
        reference: f64,
        /// Rest level.
        rest: f64,
    },
    /// A new straight-knee reference.
    Straight {
        /// Leg.
        side: Side,
        /// `ln(G/S)`.
        log_ratio: f64,
    },
    /// The words of the newest mark 255, typed after it was set (devices): they go into the recording at its sample.
    Note(NoteText),
    /// Begin the recording that [`SessionOptions::pre_trigger_s`] holds back; without one it runs already.
    Record,
    /// End the recording in order; the session goes on. With [`SessionOptions::pre_trigger_s`] the next [`Command::Record`]
    /// or mark begins another file beside it.
    StopRecording,
    /// End the session in order.
    Stop,
}

/// A running session.
pub struct Session {
    layout: Arc<SessionLayout>,
    settings: Settings,
    profile: Option<Profile>,
    lag: Lag,
    origin: Seconds,
    commands: Sender<Command>,
    events: Receiver<SessionEvent>,
    snapshot: triple_buffer::Output<Snapshot>,
    status: triple_buffer::Output<Status>,
    records: Option<Consumer<Record>>,
    envelopes: Option<Consumer<f64>>,
    /// Start of a live session.
    zero: Option<Instant>,
    views: Option<history::Handle>,
    source: Option<JoinHandle<Summary>>,
    pipeline: Option<JoinHandle<Pipeline>>,
    helpers: Vec<JoinHandle<()>>,
}

/// Everything that stands before the source thread starts.
pub(crate) struct Ends {
    pub(crate) layout: Arc<SessionLayout>,
    pub(crate) ring: ring::Sender,
    pub(crate) hub: Hub,
}

impl Session {
    /// Starts the threads of a session. Opening devices and learning their layout takes up to a few seconds and happens here.
    ///
    /// # Errors
    /// A port that cannot be opened or says nothing that can be understood, a layout without EMG, unusable settings.
    pub fn start(source: Source, options: SessionOptions) -> Result<Self, Error> {
        match source {
            Source::Trial { trial, speed, looped } => Self::start_trial(trial, speed, looped, options),
            Source::Devices(specs) => crate::device::start(specs, options),
        }
    }

    fn start_trial(
        trial: Arc<Trial>,
        speed: Speed,
        looped: bool,
        mut options: SessionOptions,
    ) -> Result<Self, Error> {
        let log = TrialLog::new(&trial);
        options.settings = log.settings().copied().unwrap_or(options.settings);
        // A recording brings the references it was made with.
        options.profile =
            options.profile.take().or_else(|| trial.log.as_ref().and_then(|log| log.profile.clone()));
        let (layout, origin, span) = (log.layout().clone(), log.origin(), log.span());
        let script = log.into_script();
        if let Some(path) = options.record {
            let reason = "a trial is a recording already: `surae convert` changes its format".to_owned();
            return Err(Error::Recording { path, reason });
        }
        let (mut session, ends) = Self::assemble(layout, &mut options, origin, Some(span))?;
        let settling_s = 3.0 * session.lag.envelope_s + options.settings.spectrum.segment_s;
        let setup = PlayerSetup { script, speed, looped, settling_s, pipeline: ends.ring, hub: ends.hub };
        session.source = Some(
            thread::Builder::new().name("player".to_owned()).spawn(move || player::play(&trial, setup))?,
        );
        Ok(session)
    }

    /// Pipeline thread, history thread and everything between them; `span` of a trial, `None` when live.
    pub(crate) fn assemble(
        layout: SessionLayout,
        options: &mut SessionOptions,
        origin: Seconds,
        span: Option<u64>,
    ) -> Result<(Self, Ends), Error> {
        let mut pipeline = Pipeline::new(&layout, &options.settings, options.profile.as_ref())?;
        pipeline.set_origin(origin);
        let lag = pipeline.lag();
        let layout = Arc::new(layout);
        let words =
            layout.streams.iter().map(|s| s.rate_hz.min(1e5) as usize * s.channels.len()).sum::<usize>();
        let (ring_tx, ring_rx) = ring::ring(1 << 13, words.clamp(1 << 17, 1 << 23));
        let (command_tx, command_rx) = bounded(64);
        let (event_tx, event_rx) = bounded(EVENTS);
        let (record_tx, record_rx) = split(options.records, RECORDS);
        let (history_tx, history_rx) = split(options.history, RECORDS);
        let (row_tx, row_rx) = split(options.history, 1 << 16);
        let (outlet_tx, outlet_rx) = split(options.envelopes, 1 << 16);
        let (snapshot_tx, snapshot_rx) =
            triple_buffer::TripleBuffer::new(&Snapshot::new(&pipeline, &layout)).split();
        let (status_tx, status_rx) = triple_buffer::TripleBuffer::new(&Status::default()).split();
        let lost_records = Arc::new(AtomicU64::new(0));
        let results = Results {
            records: record_tx,
            history: history_tx,
            envelopes: row_tx,
            outlet: outlet_tx,
            waits: span.is_some(),
            lost_records: Arc::clone(&lost_records),
            rows: Results::rows_of(&layout),
        };
        let snapshot = (options.display || options.history).then_some(snapshot_tx);
        if snapshot.is_none() {
            pipeline.leave_out_display();
        }
        let path = SamplePath::new(ring_rx, pipeline, Arc::clone(&layout), results, snapshot);
        let pipeline = thread::Builder::new().name("pipeline".to_owned()).spawn(move || {
            // A trial is played as fast as it goes: that must not push others aside.
            if span.is_none() {
                Rank::First.take();
            }
            path.run()
        })?;
        let mut helpers = Vec::new();
        let mut views = None;
        let mut history_input = None;
        if let Some((records, rows)) = history_rx.zip(row_rx) {
            let (history, handle, input) =
                History::new(Arc::clone(&layout), origin, span, records, rows, options.wake.take());
            helpers.push(thread::Builder::new().name("history".to_owned()).spawn(move || {
                Rank::Last.take();
                history.run();
            })?);
            (views, history_input) = (Some(handle), Some(input));
        }
        let hub = Hub {
            commands: command_rx,
            events: event_tx,
            status: status_tx,
            history: history_input,
            pipeline_thread: Some(pipeline.thread().clone()),
            lost_records,
            current: Status::default(),
            decoded: options.decoded.take(),
            own: crate::status::Losses::default(),
        };
        let session = Self {
            layout: Arc::clone(&layout),
            settings: options.settings,
            profile: options.profile.take(),
            lag,
            origin,
            commands: command_tx,
            events: event_rx,
            snapshot: snapshot_rx,
            status: status_rx,
            records: record_rx,
            envelopes: outlet_rx,
            zero: None,
            views,
            source: None,
            pipeline: Some(pipeline),
            helpers,
        };
        Ok((session, Ends { layout, ring: ring_tx, hub }))
    }

    pub(crate) fn set_zero(&mut self, zero: Instant) {
        self.zero = Some(zero);
    }

    pub(crate) fn set_source(&mut self, source: JoinHandle<Summary>, helpers: Vec<JoinHandle<()>>) {
        self.source = Some(source);
        self.helpers.extend(helpers);
    }

    /// Streams and channels.
    #[must_use]
    pub fn layout(&self) -> &SessionLayout {
        &self.layout
    }

    /// Settings the session started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The profile the session runs with: its name, and whether it is illustrative, are to be shown.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        self.profile.as_ref()
    }

    /// Delays to print beside results.
    #[must_use]
    pub fn lag(&self) -> Lag {
        self.lag
    }

    /// Session time of the first master sample at the start.
    #[must_use]
    pub fn origin(&self) -> Seconds {
        self.origin
    }

    /// The latest state of the analysis; needs [`SessionOptions::display`] or history.
    pub fn snapshot(&mut self) -> &Snapshot {
        self.snapshot.read()
    }

    /// The latest state of sources and transport.
    pub fn status(&mut self) -> &Status {
        self.status.read()
    }

    /// What happened, for people.
    #[must_use]
    pub fn events(&self) -> &Receiver<SessionEvent> {
        &self.events
    }

    /// Hands every waiting record to `take`, oldest first. False once the session is over and all were taken, or when the session
    /// was started without [`SessionOptions::records`].
    pub fn drain(&mut self, mut take: impl FnMut(&Record)) -> bool {
        let Some(records) = &mut self.records else { return false };
        let over = records.is_abandoned();
        while let Ok(record) = records.pop() {
            take(&record);
        }
        !over
    }

    /// Hands the waiting envelope rows to `take`, oldest first: stream, sample index, and a value for each of its channels in the
    /// channel's unit (`NaN` where it has none), about 100 a second on an even grid of samples. Needs
    /// [`SessionOptions::envelopes`].
    pub fn drain_envelopes(&mut self, mut take: impl FnMut(StreamId, u64, &[f64])) {
        let Some(rows) = &mut self.envelopes else { return };
        let mut row = Vec::new();
        while let Some((stream, index)) = head_of(rows) {
            let width = self.layout.streams.get(stream as usize).map_or(0, |stream| stream.channels.len());
            let Ok(chunk) = rows.read_chunk(2 + width) else { return };
            row.clear();
            row.extend(chunk.into_iter().skip(2));
            take(StreamId(stream as u8), index as u64, &row);
        }
    }

    /// Seconds since a live session started, by the clock of [`crate::SourceNow::host_line`]; `None` for a trial.
    #[must_use]
    pub fn since_start_s(&self) -> Option<f64> {
        self.zero.map(|zero| zero.elapsed().as_secs_f64())
    }

    /// Asks for something; a command that finds 64 others waiting is lost.
    pub fn command(&self, command: Command) {
        let _ = self.commands.try_send(command);
    }

    /// Sets marks from any thread, for as long as the session runs: what [`crate::Marks`] is given.
    pub fn marker(&self) -> impl Fn(u8) + Send + 'static {
        let commands = self.commands.clone();
        move |key| {
            let _ = commands.try_send(Command::Mark(key));
        }
    }

    /// As [`Session::marker`], for words: each becomes a mark 255 with a note at its sample (devices).
    pub fn noter(&self) -> impl Fn(&str) + Send + 'static {
        let commands = self.commands.clone();
        move |words| {
            let _ = commands.try_send(Command::Mark(u8::MAX));
            let _ = commands.try_send(Command::Note(NoteText::new(words)));
        }
    }

    /// Asks for the samples of a stretch of session time. `slot` is 0 or 1: two views can be kept at a time.
    pub fn request_view(&self, slot: usize, view: View) {
        if let Some(views) = self.views.as_ref().filter(|_| slot < VIEWS) {
            views.request(slot, view);
        }
    }

    /// The answer to the last request of that slot that has been answered.
    pub fn columns(&mut self, slot: usize) -> Option<Arc<Columns>> {
        self.views.as_mut()?.columns(slot)
    }

    /// Asks for the last seconds of a live session; of a trial there is no answer.
    pub fn request_recent(&self) {
        if let Some(views) = &self.views {
            views.request_recent();
        }
    }

    /// The answer to the last [`Session::request_recent`] that has been answered.
    pub fn recent(&mut self) -> Option<Arc<Recent>> {
        self.views.as_mut()?.recent()
    }

    /// Ends the session in order and waits for its threads.
    pub fn stop(mut self) -> Summary {
        self.finish(true)
    }

    /// Waits until a trial has been played to its end; of a live session, until someone stops it.
    pub fn join(mut self) -> Summary {
        self.finish(false)
    }

    fn finish(&mut self, stop: bool) -> Summary {
        if stop {
            let _ = self.commands.send(Command::Stop);
        }
        // A reader that is gone cannot hold the pipeline.
        self.records = None;
        let mut summary = self.source.take().and_then(|source| source.join().ok()).unwrap_or_default();
        if let Some(pipeline) = self.pipeline.take().and_then(|thread| thread.join().ok()) {
            summary.unused_samples = pipeline.unused_samples();
        }
        self.views = None;
        for helper in self.helpers.drain(..) {
            let _ = helper.join();
        }
        summary
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.source.is_some() {
            self.finish(true);
        }
    }
}

fn split<T>(wanted: bool, capacity: usize) -> (Option<rtrb::Producer<T>>, Option<Consumer<T>>) {
    if !wanted {
        return (None, None);
    }
    let (tx, rx) = RingBuffer::new(capacity);
    (Some(tx), Some(rx))
}

/// Stream and index of the next row, which stays.
fn head_of(rows: &mut Consumer<f64>) -> Option<(f64, f64)> {
    let chunk = rows.read_chunk(2).ok()?;
    let (first, second) = chunk.as_slices();
    let mut values = first.iter().chain(second).copied();
    values.next().zip(values.next())
}
