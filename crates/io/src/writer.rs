//! The formats that can be written, chosen by the name of the target.
//!
//! A new one is one file that implements [`Writer`] and one line in [`WRITERS`].

use crate::error::{Blame, Error, Position};
use std::path::Path;
use surae_trial::{Note, Trial};

/// One format that can be written.
pub trait Writer: Sync {
    /// Short name, that of the [`crate::Format`] which reads it back (`"c3d"`).
    fn name(&self) -> &'static str;

    /// What it is, in a few words, for the list of writable formats.
    fn title(&self) -> &'static str;

    /// Endings of file names in lower case without the dot; the first is the usual one. An ending may hold a dot.
    fn extensions(&self) -> &'static [&'static str];

    /// Writes a trial at `path`, and beside it where the format needs more than one file. A file that is there is
    /// replaced only by a complete one.
    ///
    /// Every note says something that the target cannot hold or holds with less precision; no notes, nothing lost.
    ///
    /// # Errors
    /// The trial cannot be expressed at all, or the system refuses.
    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error>;
}

/// Every format that can be written.
pub static WRITERS: &[&dyn Writer] = &[
    &crate::csv_trial::SuraeCsv,
    &crate::csv_trial::tidy::TidyCsv,
    &crate::c3d::C3d,
    &crate::opensim::write::Storage,
    &crate::opensim::write::Motion,
    &crate::trc::Trc,
    &crate::edf::EdfPlus,
    &crate::edf::BdfPlus,
    &crate::wav::Wav,
    &crate::arrays::Npy,
    &crate::parquet_trial::Parquet,
    &crate::xdf::Xdf,
];

/// The writer for the name of a target file, by its ending.
///
/// # Errors
/// The ending belongs to no writable format; the message lists those that do.
pub fn writer_for(path: &Path) -> Result<&'static dyn Writer, Error> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let ends = |writer: &&&'static dyn Writer| {
        writer.extensions().iter().filter(|e| name.ends_with(&format!(".{e}"))).map(|e| e.len()).max()
    };
    // The longest ending wins.
    if let Some(writer) = WRITERS.iter().filter(|w| ends(w).is_some()).max_by_key(|w| ends(w)) {
        return Ok(*writer);
    }
    let known: Vec<String> =
        WRITERS.iter().map(|w| format!("{} (.{})", w.title(), w.extensions().join(", ."))).collect();
    let shown = path.display().to_string();
    Err(Blame { path: &shown, format: "target" }.unsupported(
        Position::Whole,
        "writing a file with this ending",
        format!("name the target by one of: {}", known.join("; ")),
    ))
}

/// Writes a trial in the format that the ending of `path` names. The notes say what the target cannot hold.
///
/// # Errors
/// As [`writer_for`] and [`Writer::write`].
pub fn write_trial(trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
    writer_for(path)?.write(trial, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_chooses_and_an_unknown_one_lists_what_there_is() {
        assert_eq!(writer_for(Path::new("A.CSV")).expect("known").name(), "surae-csv");
        let error = writer_for(Path::new("a.docx")).err().expect("unknown").to_string();
        assert!(error.contains(".csv") && error.contains("a.docx"), "{error}");
    }

    #[test]
    fn what_is_written_can_be_read_and_endings_are_not_shared() {
        let mut endings: Vec<&str> = WRITERS.iter().flat_map(|w| w.extensions()).copied().collect();
        for writer in WRITERS {
            assert!(crate::FORMATS.iter().any(|format| format.name() == writer.name()), "{}", writer.name());
        }
        let all = endings.len();
        endings.sort_unstable();
        endings.dedup();
        assert_eq!(endings.len(), all);
    }
}
