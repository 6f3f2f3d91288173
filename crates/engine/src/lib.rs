//! Threads, queues and clocks of a session: from a device or a trial to the pipeline, the recorder and the screen.
//!
//! ```text
//! port readers -> log thread -> ring -> pipeline thread -> ring -> records (command line)
//!   or player  ->            -> ring -> recorder thread         -> triple buffer -> snapshot (dashboard)
//!                            -> channel -> history thread
//! ```
//!
//! The log thread makes the session log, or follows that of a recording; everything downstream only reads it. A file source waits
//! where a ring is full; a device source drops a whole block for the pipeline, writes that into the log, and the recording has it
//! all the same. Every loss is counted and shown ([`Status`]). Rings and triple buffers are lock-free; the bounded channels that
//! carry commands, events and jobs are not, and none of them is touched by the pipeline thread while blocks flow.
//!
//! The only crate of Surae that starts threads. Not for formats and protocols (`surae-io`), formulas (`surae-gait`) or drawing.

#![allow(clippy::disallowed_methods, reason = "the list is for the sample path; its modules deny it")]

mod background;
mod clock;
mod device;
mod error;
pub mod frames;
mod handover;
mod history;
pub mod jobs;
#[cfg(unix)]
pub mod latency;
mod lines;
#[cfg(feature = "lsl")]
mod lsl_marks;
mod marks;
mod player;
mod priority;
pub mod publish;
mod queue;
mod ring;
mod sample_path;
mod session;
mod snapshot;
mod status;
mod threads;

pub use background::{Job, JobProgress, JobState};
pub use clock::ClockEstimator;
pub use device::recording::utc_now;
pub use error::Error;
pub use history::{ChannelColumns, ClassRun, ColumnEvent, ColumnGap, Columns, Recent, VIEWS, View};
pub use lines::lines;
#[cfg(feature = "lsl")]
pub use lsl_marks::{LslMarks, Marker};
pub use marks::{Marks, MarksError};
pub use priority::priorities;
pub use sample_path::{Feed, Progress, SamplePath};
pub use session::{
    ApplyMap, Command, Device, DeviceSpec, NoteText, Session, SessionOptions, Source, Speed, Wake,
};
pub use snapshot::{ChannelNow, LegNow, Snapshot, SpectrumNow};
pub use status::{
    Losses, RecordingNow, RecordingState, SessionEvent, SourceNow, SourceState, Status, Summary, Transport,
};
pub use threads::Decoded;
