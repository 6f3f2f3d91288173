//! The layout of a session: its streams and channels, fixed when it starts.

use crate::{Channel, NativeType, Stream, Trial};
use serde::{Deserialize, Serialize};

/// Position of a stream in a [`SessionLayout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamId(pub u8);

/// One stream of a session, without its samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamLayout {
    /// Unique name.
    pub name: String,
    /// Nominal rate.
    pub rate_hz: f64,
    /// How native values are stored.
    pub native: NativeType,
    /// The channels, in the order of a frame.
    pub channels: Vec<Channel>,
}

impl From<&Stream> for StreamLayout {
    fn from(stream: &Stream) -> Self {
        Self {
            name: stream.name.clone(),
            rate_hz: stream.rate_hz,
            native: stream.samples.native_type(),
            channels: stream.channels.clone(),
        }
    }
}

/// The streams of a session, in the order of their [`StreamId`]s, and which one is the master clock.
///
/// At most 64 streams of at most 1024 channels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionLayout {
    /// The streams.
    pub streams: Vec<StreamLayout>,
    /// The first EMG stream; `None` when there is no EMG.
    pub master: Option<StreamId>,
}

impl SessionLayout {
    /// Streams a session may hold.
    pub const MAX_STREAMS: usize = 64;
    /// Channels a stream may hold.
    pub const MAX_CHANNELS: usize = 1024;

    /// The layout of these streams; the first one with EMG is the master clock.
    #[must_use]
    pub fn new(streams: Vec<StreamLayout>) -> Self {
        let master = streams
            .iter()
            .position(|stream| stream.channels.iter().any(|channel| channel.role.kind.is_emg()))
            .map(|at| StreamId(at as u8));
        Self { streams, master }
    }

    /// The layout of a trial's streams, in their order.
    #[must_use]
    pub fn of_trial(trial: &Trial) -> Self {
        Self::new(trial.streams.iter().map(StreamLayout::from).collect())
    }

    /// The stream of an id; `None` out of range.
    #[must_use]
    pub fn stream(&self, id: StreamId) -> Option<&StreamLayout> {
        self.streams.get(usize::from(id.0))
    }

    /// The master stream's layout.
    #[must_use]
    pub fn master_stream(&self) -> Option<&StreamLayout> {
        self.master.and_then(|id| self.stream(id))
    }
}
