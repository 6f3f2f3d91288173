//! Where the samples come from and what was lost on the way: what the log thread tells the screen and the command line.

use surae_trial::Seconds;

/// The state of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceState {
    /// Samples arrive.
    #[default]
    Live,
    /// Nothing for more than 5 samples and 200 ms.
    Stalled,
    /// The port is gone; it is being reopened.
    Reconnecting,
    /// Nothing for more than 10 s.
    Lost,
    /// A trial is being played.
    Replay,
    /// The end of the trial, or the session was stopped.
    Ended,
}

impl SourceState {
    /// The word used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Stalled => "stalled",
            Self::Reconnecting => "reconnecting",
            Self::Lost => "lost",
            Self::Replay => "replay",
            Self::Ended => "ended",
        }
    }
}

/// Samples and blocks that did not make it, by stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Frames the device sent and nobody received, since the start.
    pub lost_frames: u64,
    /// The same over the last 10 s.
    pub lost_frames_10s: u64,
    /// Bytes and lines that were not understood.
    pub bad_input: u64,
    /// Frames that came twice; one of each was used.
    pub repeated_frames: u64,
    /// Times the device started again while it was being read.
    pub restarts: u64,
    /// Frames the pipeline's ring had no room for; the recording has them.
    pub pipeline_frames: u64,
    /// Frames the recorder's ring had no room for.
    pub recorder_frames: u64,
    /// Blocks the history had no room for: display only.
    pub history_blocks: u64,
    /// Results the reader of the records had no room for.
    pub records: u64,
}

/// One source now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceNow {
    /// Port, or path of the trial.
    pub name: String,
    /// Stream it feeds.
    pub stream: String,
    /// State.
    pub state: SourceState,
    /// Nominal rate.
    pub rate_hz: f64,
    /// Rate measured against the host clock; `NaN` until known.
    pub measured_rate_hz: f64,
    /// Frames received.
    pub frames: u64,
    /// What was lost.
    pub losses: Losses,
    /// How much later than by the host's clock this source's sync pulses come, ms, and the median distance of single pulses from
    /// that; `NaN` without a shared pulse, and 0 for the master.
    pub sync_offset_ms: f64,
    /// See [`SourceNow::sync_offset_ms`].
    pub sync_residual_ms: f64,
    /// Host time of its sample 0 and of each nominal second after it, s since the start of the session; `None` for a trial.
    pub host_line: Option<(f64, f64)>,
}

impl SourceNow {
    /// How much faster than nominal the source runs, in parts per million of the host's clock; `NaN` until known.
    #[must_use]
    pub fn rate_error_ppm(&self) -> f64 {
        (self.measured_rate_hz / self.rate_hz - 1.0) * 1e6
    }
}

/// Where a trial is being played.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transport {
    /// Place in the trial, s.
    pub position_s: f64,
    /// Length of the trial, s; `NaN` for a live session.
    pub duration_s: f64,
    /// Times real time; infinite for as fast as possible.
    pub speed: f64,
    /// False while paused.
    pub playing: bool,
    /// Times the trial was started from its beginning, the first one not counted.
    pub loops: u64,
    /// Session time of trial time 0 in the present loop: `session = offset + position`. Session time never runs backwards.
    pub offset_s: f64,
}

/// What the recording is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordingState {
    /// None was asked for.
    #[default]
    Off = 0,
    /// The last seconds are held in memory; nothing is written yet.
    Armed = 1,
    /// Samples are written.
    Running = 2,
    /// The disk refused a write; what was written before stays readable.
    Failed = 3,
}

impl RecordingState {
    /// The word used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Armed => "armed",
            Self::Running => "running",
            Self::Failed => "failed",
        }
    }
}

/// The recording now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RecordingNow {
    /// State.
    pub state: RecordingState,
    /// Bytes written or about to be.
    pub bytes: u64,
    /// Bytes a second since the recording began; `NaN` during its first second.
    pub bytes_per_s: f64,
    /// Seconds held in memory while armed.
    pub held_s: f64,
    /// Free space on the disk of the file; `None` where the system does not say.
    pub free_bytes: Option<u64>,
    /// Seconds until the disk is full at the present rate; `NaN` until known. A warning, never a reason to stop.
    pub disk_time_left_s: f64,
}

/// The state of the sources and of the transport.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Counts publications.
    pub generation: u64,
    /// One per port, or one for the trial.
    pub sources: Vec<SourceNow>,
    /// Of a trial; default for live sessions.
    pub transport: Transport,
    /// The recording.
    pub recording: RecordingNow,
}

/// What happened, for people: told once.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEvent {
    /// A source changed state.
    Source {
        /// Session time.
        time_s: Seconds,
        /// Port or trial.
        name: String,
        /// The new state.
        state: SourceState,
        /// Words: what was seen, what is being done.
        text: String,
    },
    /// A recording was ended in order; the session goes on.
    Recorded(std::path::PathBuf),
    /// The recording failed; the session goes on.
    RecordingFailed(String),
    /// A guess or a limit.
    Note(surae_trial::Note),
    /// All results are out.
    Ended,
}

/// What a session did, at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The sources at the end.
    pub sources: Vec<SourceNow>,
    /// Samples that came after their decision, or twice.
    pub unused_samples: u64,
    /// Error of the recording, if any.
    pub recording_error: Option<String>,
}
