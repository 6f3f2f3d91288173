//! Bytes to trials and back: file formats, device decoders with their emulators' encoders, the recorder, ports.
//!
//! Everything here is step-driven and keeps no thread: only a long table is read by several at once, which end with the call. Not for the method (`surae-gait`), not for threads and clocks
//! (`surae-engine`), not for printing (`surae`). Every guess that a reader makes is a note in the trial.
//!
//! ```no_run
//! # fn main() -> Result<(), surae_io::Error> {
//! let trial = surae_io::read_trial(std::path::Path::new("walk.c3d"))?;
//! for note in &trial.notes {
//!     assert!(!note.text.is_empty());
//! }
//! # Ok(())
//! # }
//! ```

mod anc;
mod arrays;
mod c3d;
mod contained;
pub mod csv_trial;
mod described;
pub mod device;
mod edf;
mod error;
mod event_name;
mod hdf5;
mod input;
#[cfg(feature = "lsl")]
pub mod lsl;
pub mod map;
mod merge;
mod model_output;
mod nature;
mod opensim;
mod parquet_trial;
pub mod port;
pub mod profile;
mod reader;
pub mod recorder;
mod registry;
mod repair;
mod roles;
pub mod table;
mod target;
mod text;
mod tidy;
mod toml_file;
mod trc;
mod wav;
mod writer;
mod xdf;

pub use contained::panics_are_answered;
pub use error::{Error, Position};
pub use input::{HEAD_BYTES, Input};
pub use merge::merge;
pub use nature::{Nature, nature_of};
pub use reader::{Chunk, Reader, gather};
pub use registry::{Confidence, FORMATS, Format, detect};
pub use repair::{Repair, repair, repair_bytes};
pub use writer::{WRITERS, Writer, write_trial, writer_for};

use sha2::{Digest, Sha256};
use std::path::Path;
use surae_trial::Trial;

/// Said where a stream is asked for in a build without the feature `lsl`.
pub const NO_LSL: &str = "this build of surae has no Lab Streaming Layer";

/// Reads a trial in whichever format the file's content is; [`FORMATS`] lists them.
///
/// # Errors
/// With file, position, what is wrong and what to do. Never panics, whatever the content.
pub fn read_trial(path: &Path) -> Result<Trial, Error> {
    registry::read_input(&Input::file(path)?)
}

/// As [`read_trial`], with the rate that the user states for a table that has neither times nor a rate. Where the file states
/// its own, that one is used and a note says so.
///
/// # Errors
/// As [`read_trial`]; also a rate that is not above 0 and at most 1 MHz.
pub fn read_trial_at(path: &Path, rate_hz: Option<f64>) -> Result<Trial, Error> {
    let mut input = Input::file(path)?;
    input.rate_hz = rate_hz;
    if let Some(rate) = rate_hz.filter(|rate| !(*rate > 0.0 && *rate <= 1e6)) {
        let blame = error::Blame { path: &input.name, format: "rate" };
        return Err(blame.malformed(
            Position::Whole,
            format!("{rate} Hz"),
            "state a rate above 0 and at most 1000000 Hz",
        ));
    }
    registry::read_input(&input)
}

/// Names of the files in the same folder that belong to this one and are read with it; none where the file cannot be opened or is no
/// trial.
#[must_use]
pub fn companions_of(path: &Path) -> Vec<String> {
    let head = Input::file(path).and_then(|input| input.head()).unwrap_or_default();
    detect(&head).map_or_else(Vec::new, |format| format.companions(&head))
}

/// Opens a trial to read it piece by piece; files larger than memory can be gone through this way where their format
/// allows it (C3D). The layout's `sha256` is empty: it needs the whole file.
///
/// # Errors
/// As [`read_trial`].
pub fn open_trial(path: &Path) -> Result<Box<dyn Reader>, Error> {
    let input = Input::file(path)?;
    registry::format_of(&input)?.open(input)
}

/// As [`read_trial`], for bytes in memory; `name` is used in messages. Companion files are not looked for.
///
/// # Errors
/// As [`read_trial`].
pub fn read_bytes(name: &str, bytes: &[u8]) -> Result<Trial, Error> {
    registry::read_input(&Input::memory(name, bytes))
}

/// SHA-256 in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
