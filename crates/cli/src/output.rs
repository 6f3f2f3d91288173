//! Writing: stdout that survives a closed pipe, and files that appear whole or not at all.

use crate::failure::Failure;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Buffered, locked stdout; write with `writeln!(out, ...)?` and end with `out.flush()?`.
pub fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// Writes `bytes` to `path`, through a file beside it, so that an interrupted run leaves no half file.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    fs::write(beside, bytes)
        .and_then(|()| fs::rename(beside, path))
        .inspect_err(|_| drop(fs::remove_file(beside)))
        .map_err(|error| Failure::writing(path, &error))
}

/// Pretty JSON and a final newline.
pub fn write_json(out: &mut impl Write, value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    writeln!(out, "{text}")?;
    Ok(())
}
