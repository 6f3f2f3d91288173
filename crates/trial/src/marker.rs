//! Marker trajectories.

use crate::{Seconds, Unit};
use serde::{Deserialize, Serialize};

/// One marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marker {
    /// Label without a subject prefix (`RKNE` of `Subject:RKNE`), trimmed.
    pub label: String,
    /// Position per frame in the unit of the set; `[NaN; 3]` where the marker was not seen.
    pub position: Vec<[f64; 3]>,
}

/// Markers that share a clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkerSet {
    /// Frames per second.
    pub rate_hz: f64,
    /// Time of frame 0.
    pub start_s: Seconds,
    /// Unit of the coordinates (mm or m).
    pub unit: Unit,
    /// The markers, in file order; labels may repeat.
    pub markers: Vec<Marker>,
}

impl MarkerSet {
    /// The marker of this label (case-insensitive) with the most valid frames; labels that repeat in a file are
    /// thereby resolved to the one that was tracked.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<&Marker> {
        self.markers
            .iter()
            .filter(|marker| marker.label.eq_ignore_ascii_case(label))
            .max_by_key(|marker| marker.position.iter().filter(|p| p[0].is_finite()).count())
    }

    /// Frames of the longest marker.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.markers.iter().map(|marker| marker.position.len()).max().unwrap_or(0)
    }
}
