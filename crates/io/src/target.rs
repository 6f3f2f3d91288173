//! Files written whole or not at all: beside the target first, then renamed onto it.

use crate::error::{Error, io_error};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A buffered file that is not yet at its place.
pub(crate) type Out = BufWriter<File>;

/// Gives `fill` a buffered file beside `path` and renames it when all went well; else the partial file is removed.
///
/// # Errors
/// Those of `fill` and of the system, with the path.
pub(crate) fn written<T>(path: &Path, fill: impl FnOnce(&mut Out) -> io::Result<T>) -> Result<T, Error> {
    filled(path, |out| fill(out).map_err(|e| io_error(path, "write", e)))
}

/// As [`written`], for what has errors of its own.
///
/// # Errors
/// Those of `fill` and of the system, with the path.
pub(crate) fn filled<T>(path: &Path, fill: impl FnOnce(&mut Out) -> Result<T, Error>) -> Result<T, Error> {
    let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(".partial");
    let beside = path.with_file_name(name);
    let file = File::create(&beside).map_err(|e| io_error(path, "create", explained(path, e)))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let done = fill(&mut out).and_then(|told| {
        out.flush().and_then(|()| std::fs::rename(&beside, path)).map_err(|e| io_error(path, "write", e))?;
        Ok(told)
    });
    if done.is_err() {
        // What is left of an unfinished file is of no use; that it cannot be removed says nothing new.
        let _ = std::fs::remove_file(&beside);
    }
    done
}

/// The system's "No such file" is about the folder.
fn explained(path: &Path, error: io::Error) -> io::Error {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        Some(folder) if error.kind() == io::ErrorKind::NotFound => io::Error::new(
            error.kind(),
            format!("the folder '{}' does not exist; make it, or name another", folder.display()),
        ),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        written(&path, |out| out.write_all(b"old")).expect("written");
        let failed = written(&path, |out| {
            out.write_all(b"new")?;
            Err::<(), _>(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).expect("there"), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let error =
            written(&folder.path().join("results/a.txt"), |_| Ok(())).expect_err("no folder").to_string();
        assert!(error.contains("results' does not exist; make it"), "{error}");
    }
}
