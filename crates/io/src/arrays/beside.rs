//! The description beside a file of arrays, `NAME.map.toml` (`walk.mat.map.toml`):
//!
//! ```toml
//! schema = "surae.arrays/1"
//! rate_hz = 2000.0              # for streams that state none
//!
//! [[stream]]
//! data = "emg.data"             # variable; frames along the longer axis unless `frames` says otherwise
//! rate = "emg.fs"               # or rate_hz = 2000.0, or time = "t" (s)
//! labels = ["RSOL", "RMG"]      # or labels_from = "emg.names"
//! unit = "mV"
//! start_s = 0.0
//! frames = "rows"               # or "columns"
//! ```

use crate::error::{Blame, Error, Position};
use crate::input::Input;
use serde::Deserialize;

const SCHEMA: &str = "surae.arrays/1";

/// The document.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Beside {
    pub schema: String,
    #[serde(default)]
    pub rate_hz: Option<f64>,
    #[serde(default, rename = "stream")]
    pub streams: Vec<BesideStream>,
}

/// What it states of one stream.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BesideStream {
    pub data: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub rate_hz: Option<f64>,
    #[serde(default)]
    pub rate: Option<String>,
    #[serde(default)]
    pub time: Option<String>,
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub labels_from: Option<String>,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub start_s: f64,
    #[serde(default)]
    pub frames: Option<Axis>,
}

/// Along which axis time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Axis {
    Rows,
    Columns,
}

/// Name of the description of a file.
pub(super) fn name(input: &Input<'_>) -> String {
    let file = std::path::Path::new(&input.name).file_name();
    format!("{}.map.toml", file.map(|f| f.to_string_lossy()).unwrap_or_default())
}

/// Reads it where there is one.
///
/// # Errors
/// It is there and cannot be understood.
pub(super) fn read(input: &Input<'_>) -> Result<Option<Beside>, Error> {
    let Ok(beside) = input.companion(&name(input)) else { return Ok(None) };
    let blame = Blame { path: &beside.name, format: "description of arrays" };
    let text = crate::text::decode(beside.bytes()?).into_owned();
    let found: Beside = crate::toml_file::parse(&text, 0, &blame)?;
    if found.schema != SCHEMA {
        let what = format!("schema '{}'", found.schema);
        return Err(blame.unsupported(Position::Line(1), what, format!("state schema = \"{SCHEMA}\"")));
    }
    let rates = found.streams.iter().filter_map(|s| s.rate_hz).chain(found.rate_hz);
    for rate in rates {
        if !(rate > 0.0 && rate <= 1e6) {
            let what = format!("rate_hz = {rate}");
            return Err(blame.malformed(Position::Whole, what, "give a rate above 0 and at most 1e6 Hz"));
        }
    }
    Ok(Some(found))
}
