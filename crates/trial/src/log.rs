//! The session log: the one input of the pipeline.
//!
//! An ordered sequence of entries, each stamped with the master sample index it follows. Live makes the log and
//! records it; replay and review consume it and re-estimate nothing. Sample values travel beside the entries.

use crate::{
    Event, EventKind, HostNs, Muscle, Profile, SampleIndex, SessionLayout, Settings, Side, StreamId,
};
use serde::{Deserialize, Serialize};

/// A run of consecutive frames of one stream; the values follow separately, interleaved and native.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockHeader {
    /// Which stream.
    pub stream: StreamId,
    /// Index of the first frame on that stream.
    pub first: SampleIndex,
    /// Number of frames.
    pub frames: u32,
    /// Position of the first frame on the master clock, in master samples (for the master itself: `first`).
    pub position: f64,
    /// Master samples per frame (for the master itself: 1).
    pub step: f64,
}

/// One entry of the session log. Fixed size, no heap: it travels through the rings by value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entry {
    /// Samples of a stream.
    Block(BlockHeader),
    /// Samples of a stream that never arrived: `lost` of them from `index` on.
    Gap {
        /// Which stream.
        stream: StreamId,
        /// Index of the first lost sample.
        index: SampleIndex,
        /// How many.
        lost: u64,
        /// False when the length is an estimate.
        certain: bool,
    },
    /// A whole block that arrived but found the pipeline's ring full; the recording has it, the pipeline had not.
    PipelineDrop {
        /// Which stream.
        stream: StreamId,
        /// First dropped index.
        first: SampleIndex,
        /// Last dropped index.
        last: SampleIndex,
    },
    /// A new estimate of a stream's clock: only maps time, filters keep the nominal rate.
    Clock {
        /// Which stream.
        stream: StreamId,
        /// Host time of index 0.
        origin: HostNs,
        /// Measured rate.
        rate_hz: f64,
    },
    /// Settings from here on.
    Settings(Settings),
    /// Amplitude reference and rest level of one muscle from here on, in the channel's unit (rectified mean).
    Reference {
        /// Muscle.
        muscle: Muscle,
        /// Leg.
        side: Side,
        /// Reference amplitude, raw (its noise is subtracted by the pipeline, once).
        reference: f64,
        /// Rest level of the same estimator kind.
        rest: f64,
    },
    /// Straight-knee log ratio ln(G/S) of one leg from here on.
    Straight {
        /// Leg.
        side: Side,
        /// Mean log ratio.
        log_ratio: f64,
    },
    /// A gait event at a master sample.
    Event {
        /// What.
        kind: EventKind,
        /// Leg, if known.
        side: Option<Side>,
        /// When, as master sample.
        index: SampleIndex,
    },
    /// A mark (key 0-9, or 255 for a typed note) at a master sample.
    Mark {
        /// Key.
        code: u8,
        /// When, as master sample.
        index: SampleIndex,
    },
    /// The session ended in order.
    End,
}

/// An entry and where it stands among the master samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// The entry comes before the master sample with this index, and after all smaller ones.
    pub at: SampleIndex,
    /// The entry.
    pub entry: Entry,
}

/// The session log of a recording: everything but the master's own blocks, in order.
///
/// Blocks of other streams stand in it by header; their values are in the trial's streams.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionLog {
    /// The layout the session ran with; streams of the trial have the same names and order.
    pub layout: SessionLayout,
    /// Settings at the start.
    pub settings: Settings,
    /// The references the session ran with; a replay that is given none uses these.
    #[serde(default)]
    pub profile: Option<Profile>,
    /// Entries in the order the pipeline saw them.
    pub entries: Vec<Stamped>,
    /// Events with their labels (typed notes), for display.
    pub events: Vec<Event>,
}
