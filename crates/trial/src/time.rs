//! The three kinds of time, as types that do not mix.
//!
//! Not for clock estimation: `surae-engine` relates them.

use serde::{Deserialize, Serialize};

/// Position of a frame on one stream, counted from 0 at the first frame the device ever sent.
///
/// A jump in it is a gap; it never restarts within a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SampleIndex(pub u64);

/// Monotonic time of the host in nanoseconds, from an origin that is fixed within a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostNs(pub i64);

/// Seconds from trial start.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

impl SampleIndex {
    /// The time of this frame for a stream of `rate_hz` whose frame 0 falls on `start`.
    #[must_use]
    pub fn at(self, rate_hz: f64, start: Seconds) -> Seconds {
        Seconds(start.0 + self.0 as f64 / rate_hz)
    }
}
