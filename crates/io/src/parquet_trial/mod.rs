//! Trials as Parquet: one row per sample (`stream, channel, index, time, value`), with everything else in the file's
//! metadata. Reads such tidy tables of other programs too, and wide ones with a time column.
//!
//! `index` counts samples of the stream from 0 with holes left out, `time` is s from trial start, `value` is physical.

mod columns;
mod read;
mod write;

use crate::error::Error;
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::writer::Writer;
use std::path::Path;
use surae_trial::{Note, Trial};

/// Key of the metadata that describes the trial.
const OURS: &str = "surae.trial";

/// Parquet.
pub struct Parquet;

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn title(&self) -> &'static str {
        "Parquet (tidy or wide)"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        if bytes.starts_with(b"PAR1") { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        read::read(input)
    }
}

impl Writer for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn title(&self) -> &'static str {
        "Parquet, one row per sample"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["parquet"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        write::write(trial, path)
    }
}

#[cfg(test)]
mod tests;
