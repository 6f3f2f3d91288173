//! Force plates as the file describes them.
//!
//! Not for computing forces: `surae-gait` does that from this description.

use serde::{Deserialize, Serialize};

/// A force plate of C3D type 1-4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForcePlate {
    /// C3D type: 1 (Fx Fy Fz Px Py Mz), 2 (Fx Fy Fz Mx My Mz), 3 (eight Kistler channels), 4 (as 2, with calibration matrix).
    pub plate_type: u8,
    /// Name of the stream that holds its channels.
    pub stream: String,
    /// Channels in the plate's order, as positions in that stream.
    pub channels: Vec<usize>,
    /// Corners in mm, laboratory axes.
    pub corners_mm: [[f64; 3]; 4],
    /// Origin in mm (C3D FORCE_PLATFORM:ORIGIN).
    pub origin_mm: [f64; 3],
    /// Calibration matrix, row after row (types 4 and up): `output[i] = sum_j matrix[i][j] * channel[j]`.
    pub calibration: Option<Vec<Vec<f64>>>,
    /// Frames (first, last) of the unloaded baseline, 1-based, as in FORCE_PLATFORM:ZERO; `None` = no baseline correction.
    pub zero_frames: Option<(u32, u32)>,
}
