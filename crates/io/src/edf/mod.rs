//! EDF, EDF+, BDF and BDF+: records of 16- or 24-bit integers with a scale per signal, annotations in the plus forms.
//!
//! From the specifications: Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+), BioSemi's BDF page, van Beelen's BDF+.
//! Not for the meaning of labels (`surae-trial`), nor for filling holes: a discontinuous file gives gaps.

mod annotation;
mod decimal;
mod header;
mod plan;
mod read;
mod scale;
mod signals;
mod void;
mod write;

use crate::error::Error;
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::writer::Writer;
use std::path::Path;
use surae_trial::{Note, Trial};

/// Bytes per sample and the words of a file's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// EDF: 16 bits.
    Two,
    /// BDF: 24 bits.
    Three,
}

impl Width {
    pub fn bytes(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// Label of the signal that holds annotations.
    pub fn annotations(self) -> &'static str {
        match self {
            Self::Two => "EDF Annotations",
            Self::Three => "BDF Annotations",
        }
    }

    /// Smallest and largest code.
    pub fn limits(self) -> (i32, i32) {
        match self {
            Self::Two => (-32_768, 32_767),
            Self::Three => (-8_388_608, 8_388_607),
        }
    }
}

/// EDF and EDF+, BDF and BDF+.
pub struct Edf;

impl Format for Edf {
    fn name(&self) -> &'static str {
        "edf"
    }

    fn title(&self) -> &'static str {
        "EDF/EDF+ and BDF/BDF+"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        header::recognise(bytes)
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        read::read(input)
    }
}

/// EDF+ as a target.
pub struct EdfPlus;

impl Writer for EdfPlus {
    fn name(&self) -> &'static str {
        "edf"
    }

    fn title(&self) -> &'static str {
        "EDF+ (16 bits)"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["edf"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        crate::target::written(path, |out| write::encode(trial, Width::Two, out))
    }
}

/// BDF+ as a target.
pub struct BdfPlus;

impl Writer for BdfPlus {
    fn name(&self) -> &'static str {
        "edf"
    }

    fn title(&self) -> &'static str {
        "BDF+ (24 bits)"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["bdf"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        crate::target::written(path, |out| write::encode(trial, Width::Three, out))
    }
}

#[cfg(test)]
mod tests;
