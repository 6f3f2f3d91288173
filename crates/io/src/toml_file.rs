//! TOML documents with errors that name the line.

use crate::error::{Blame, Error, Position, io_error};
use serde::de::DeserializeOwned;
use std::path::Path;

/// Largest document that is read.
const MAX_BYTES: u64 = 4 << 20;

/// Reads a document from a file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path, format: &'static str) -> Result<T, Error> {
    let name = path.display().to_string();
    let meta = std::fs::metadata(path).map_err(|e| io_error(path, "open", e))?;
    let blame = Blame { path: &name, format };
    if meta.len() > MAX_BYTES {
        return Err(blame.limit(Position::Whole, format!("{} bytes", meta.len()), "4 MiB"));
    }
    let bytes = std::fs::read(path).map_err(|e| io_error(path, "read", e))?;
    parse(&crate::text::decode(&bytes), 0, &blame)
}

/// Parses a document; `lines_before` is added to the line of an error.
pub(crate) fn parse<T: DeserializeOwned>(
    text: &str,
    lines_before: u64,
    blame: &Blame<'_>,
) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(Position::Whole, |span| {
            let before = text.as_bytes().get(..span.start).unwrap_or(&[]);
            Position::Line(lines_before + 1 + before.iter().filter(|b| **b == b'\n').count() as u64)
        });
        blame.malformed(at, error.message().to_owned(), "correct this line")
    })
}
