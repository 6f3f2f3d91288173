//! Files written whole or not at all: beside the target first, then renamed onto it.

use crate::error::{Error, io_error};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Gives `fill` a buffered file beside `path` and renames it when all went well; else the partial file is removed.
///
/// # Errors
/// Those of `fill` and of the system, with the path.
pub(crate) fn written<T>(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
) -> Result<T, Error> {
    let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(".partial");
    let beside = path.with_file_name(name);
    let file = File::create(&beside).map_err(|e| io_error(path, "create", e))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let done = fill(&mut out).and_then(|told| out.flush().map(|()| told));
    match done.and_then(|told| std::fs::rename(&beside, path).map(|()| told)) {
        Ok(told) => Ok(told),
        Err(error) => {
            // The first error is what the user needs; a leftover is harmless.
            let _ = std::fs::remove_file(&beside);
            Err(io_error(path, "write", error))
        }
    }
}
