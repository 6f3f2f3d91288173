//! The formats that can be read, told apart by content.
//!
//! A new format is one file that implements [`Format`] and one line in [`FORMATS`]. Extensions are only ever used to
//! word a message.

use crate::error::{Blame, Error, Position};
use std::path::{Path, PathBuf};
use surae_trial::Trial;

/// Largest file that is read into memory.
const MAX_FILE_BYTES: u64 = 4 << 30;

/// How sure a format is that bytes are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Not this format.
    No,
    /// Could be; taken when nothing is surer.
    Guess,
    /// A signature matches.
    Sure,
}

/// The bytes to read and what surrounds them.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The file as the user named it.
    pub name: &'a str,
    /// Its whole content.
    pub bytes: &'a [u8],
    /// Folder of the file, for companion files that the file itself names; `None` for bytes from memory.
    pub folder: Option<&'a Path>,
}

impl Input<'_> {
    /// Reads a companion file that this file names; only plain names in the same folder.
    ///
    /// # Errors
    /// When there is no folder, the name leaves it, or the system refuses.
    pub fn companion(&self, name: &str) -> Result<(PathBuf, Vec<u8>), Error> {
        let blame = Blame { path: self.name, format: "companion file" };
        let plain = !name.is_empty() && !name.contains(['/', '\\']) && name != ".." && name != ".";
        let Some(folder) = self.folder.filter(|_| plain) else {
            return Err(blame.unsupported(
                Position::Whole,
                format!("the companion file '{name}'"),
                "name a file in the same folder, without a path",
            ));
        };
        let path = folder.join(name);
        let bytes = load(&path)?;
        Ok((path, bytes))
    }
}

/// One file format.
pub trait Format: Sync {
    /// Short name, as in [`Trial::format`] and in messages (`"c3d"`).
    fn name(&self) -> &'static str;

    /// What it is, in a few words, for the list of readable formats.
    fn title(&self) -> &'static str;

    /// Whether the content is of this format; looks at the content only and never panics.
    fn recognise(&self, bytes: &[u8]) -> Confidence;

    /// Reads a trial. Damage that leaves whole samples becomes a note; damage that leaves none is an error with its
    /// position.
    ///
    /// # Errors
    /// Malformed, unsupported or over a limit; never a panic, whatever the bytes.
    fn read(&self, input: &Input<'_>) -> Result<Trial, Error>;
}

/// Every format, in the order in which equal confidence is resolved.
pub static FORMATS: &[&dyn Format] = &[
    &crate::c3d::C3d,
    &crate::xdf::Xdf,
    &crate::csv_trial::SuraeCsv,
    &crate::opensim::OpenSim,
    &crate::csv_trial::GenericCsv,
];

/// The surest format for these bytes.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<&'static dyn Format> {
    let mut best: Option<(&'static dyn Format, Confidence)> = None;
    for format in FORMATS {
        let confidence = format.recognise(bytes);
        if confidence > best.map_or(Confidence::No, |(_, sure)| sure) {
            best = Some((*format, confidence));
        }
    }
    best.map(|(format, _)| format)
}

/// Reads a whole file, refusing folders, empty files and sizes beyond the limit.
pub(crate) fn load(path: &Path) -> Result<Vec<u8>, Error> {
    let meta = std::fs::metadata(path).map_err(|e| crate::error::io_error(path, "open", e))?;
    let name = path.display().to_string();
    if meta.is_dir() {
        let found = "it is a folder".to_owned();
        return Err(Error::Unrecognised { path: name, found, readable: readable() });
    }
    if meta.len() > MAX_FILE_BYTES {
        let blame = Blame { path: &name, format: "file" };
        return Err(blame.limit(Position::Whole, format!("{} bytes", meta.len()), "4 GiB"));
    }
    std::fs::read(path).map_err(|e| crate::error::io_error(path, "read", e))
}

/// Reads bytes in whichever format they are.
pub(crate) fn read_input(input: &Input<'_>) -> Result<Trial, Error> {
    if input.bytes.is_empty() {
        return Err(Error::Empty { path: input.name.to_owned() });
    }
    let Some(format) = detect(input.bytes) else {
        return Err(Error::Unrecognised {
            path: input.name.to_owned(),
            found: describe(input.bytes),
            readable: readable(),
        });
    };
    let mut trial = format.read(input)?;
    input.name.clone_into(&mut trial.path);
    format.name().clone_into(&mut trial.format);
    trial.sha256 = crate::sha256_hex(input.bytes);
    trial.events.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
    Ok(trial)
}

fn readable() -> String {
    FORMATS.iter().map(|format| format.title()).collect::<Vec<_>>().join(", ")
}

/// What unknown bytes look like, for the message.
fn describe(bytes: &[u8]) -> String {
    let known: &[(&[u8], &str)] = &[
        (b"\x89HDF", "it is an HDF5 file"),
        (b"PK\x03\x04", "it is a zip archive (or .xlsx, .npz)"),
        (b"%PDF", "it is a PDF"),
        (b"RIFF", "it is a RIFF file (WAV or AVI)"),
        (b"\x1f\x8b", "it is gzip-compressed"),
        (b"\xfd7zXZ", "it is xz-compressed (or R data)"),
        (b"MATLAB 5.0", "it is a MATLAB file"),
        (b"0       ", "it is an EDF file"),
        (b"\xffBIOSEMI", "it is a BDF file"),
    ];
    if let Some((_, text)) = known.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return (*text).to_owned();
    }
    let head = &bytes[..bytes.len().min(4096)];
    if bytes.iter().all(|b| *b == 0) {
        "it holds zeros only".to_owned()
    } else if head.iter().all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\r' | b'\n')) {
        let line: String =
            String::from_utf8_lossy(head).lines().next().unwrap_or("").chars().take(60).collect();
        format!("it is text that starts with '{line}' and has no table of numbers that can be told apart")
    } else {
        let magic: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
        format!("it is binary and starts with {}", magic.join(" "))
    }
}
