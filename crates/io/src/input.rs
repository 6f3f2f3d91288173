//! What a reader is given: the bytes of a file or of memory, read where and when they are needed.

use crate::error::{Blame, Error, Position, io_error};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Largest file that [`Input::bytes`] loads; formats that read piece by piece have their own limits.
const MAX_WHOLE_BYTES: u64 = 4 << 30;
/// Bytes that formats are told apart by.
pub const HEAD_BYTES: usize = 64 << 10;
/// Piece in which a file is read for its hash.
const PIECE: usize = 1 << 20;

/// The bytes to read and what surrounds them.
#[derive(Debug)]
pub struct Input<'a> {
    /// The file as the user named it; used in messages.
    pub name: String,
    /// Rate in Hz that the user states, for tables that have neither times nor a rate.
    pub rate_hz: Option<f64>,
    /// Folder of the file, for companion files that the file itself names; `None` for bytes from memory.
    pub folder: Option<PathBuf>,
    content: Content<'a>,
}

#[derive(Debug)]
enum Content<'a> {
    Memory(&'a [u8]),
    File { file: File, length: u64, whole: OnceLock<Vec<u8>> },
}

impl Input<'static> {
    /// A file, opened and not yet read.
    ///
    /// # Errors
    /// A folder, or the system refuses.
    pub fn file(path: &Path) -> Result<Self, Error> {
        let meta = std::fs::metadata(path).map_err(|e| io_error(path, "open", e))?;
        let name = path.display().to_string();
        if meta.is_dir() {
            let found = "it is a folder".to_owned();
            return Err(Error::Unrecognised { path: name, found, readable: crate::registry::readable() });
        }
        let file = File::open(path).map_err(|e| io_error(path, "open", e))?;
        let here = |p: &Path| if p.as_os_str().is_empty() { PathBuf::from(".") } else { p.to_owned() };
        Ok(Self {
            name,
            rate_hz: None,
            folder: path.parent().map(here),
            content: Content::File { file, length: meta.len(), whole: OnceLock::new() },
        })
    }
}

impl<'a> Input<'a> {
    /// Bytes in memory; companion files are not looked for.
    #[must_use]
    pub fn memory(name: &str, bytes: &'a [u8]) -> Self {
        Self { name: name.to_owned(), rate_hz: None, folder: None, content: Content::Memory(bytes) }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::File { length, .. } => *length,
        }
    }

    /// True for 0 bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole content; a file is loaded at the first call and kept.
    ///
    /// # Errors
    /// Larger than 4 GiB, or the system refuses.
    pub fn bytes(&self) -> Result<&[u8], Error> {
        match &self.content {
            Content::Memory(bytes) => Ok(bytes),
            Content::File { length, whole, .. } => {
                if let Some(bytes) = whole.get() {
                    return Ok(bytes);
                }
                if *length > MAX_WHOLE_BYTES {
                    let blame = Blame { path: &self.name, format: "file" };
                    return Err(blame.limit(Position::Whole, format!("{length} bytes"), "4 GiB"));
                }
                let bytes = self.piece(0, usize::try_from(*length).unwrap_or(usize::MAX))?;
                Ok(whole.get_or_init(|| bytes))
            }
        }
    }

    /// The first [`HEAD_BYTES`] bytes, or all of a shorter file.
    ///
    /// # Errors
    /// The system refuses.
    pub fn head(&self) -> Result<Vec<u8>, Error> {
        self.piece(0, HEAD_BYTES)
    }

    /// Up to `most` bytes from `at`; fewer only at the end of the file.
    ///
    /// # Errors
    /// The system refuses.
    pub fn piece(&self, at: u64, most: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; most.min(usize::try_from(self.len().saturating_sub(at)).unwrap_or(most))];
        let read = self.read_at(at, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// Fills `buffer` from `at`; returns how much was there, less than asked only at the end of the file.
    ///
    /// # Errors
    /// The system refuses.
    pub fn read_at(&self, at: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        let refuse = |e| io_error(Path::new(&self.name), "read", e);
        match &self.content {
            Content::Memory(bytes) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let n = buffer.len().min(bytes.len() - from);
                buffer[..n].copy_from_slice(&bytes[from..from + n]);
                Ok(n)
            }
            Content::File { file, .. } => {
                let mut filled = 0;
                while filled < buffer.len() {
                    match read_from(file, &mut buffer[filled..], at + filled as u64) {
                        Ok(0) => break,
                        Ok(n) => filled += n,
                        Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                        Err(e) => return Err(refuse(e)),
                    }
                }
                Ok(filled)
            }
        }
    }

    /// Reads a companion file that this file names; only plain names in the same folder.
    ///
    /// # Errors
    /// When there is no folder, the name leaves it, or the system refuses.
    pub fn companion(&self, name: &str) -> Result<Input<'static>, Error> {
        let blame = Blame { path: &self.name, format: "companion file" };
        let plain = !name.is_empty() && !name.contains(['/', '\\']) && name != ".." && name != ".";
        let Some(folder) = self.folder.as_ref().filter(|_| plain) else {
            return Err(blame.unsupported(
                Position::Whole,
                format!("the companion file '{name}'"),
                "name a file in the same folder, without a path",
            ));
        };
        Input::file(&folder.join(name))
    }

    /// SHA-256 of the content in lower-case hex; `None` when `wanted` became false meanwhile.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn sha256(&self, wanted: &AtomicBool) -> Result<Option<String>, Error> {
        let loaded = match &self.content {
            Content::Memory(bytes) => Some(*bytes),
            Content::File { whole, .. } => whole.get().map(Vec::as_slice),
        };
        let mut hash = Sha256::new();
        let mut buffer = vec![0; if loaded.is_some() { 0 } else { PIECE }];
        let mut at = 0;
        while wanted.load(Ordering::Relaxed) {
            let piece = match loaded {
                Some(bytes) => &bytes[at..bytes.len().min(at + PIECE)],
                None => {
                    let n = self.read_at(at as u64, &mut buffer)?;
                    &buffer[..n]
                }
            };
            if piece.is_empty() {
                return Ok(Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()));
            }
            hash.update(piece);
            at += piece.len();
        }
        Ok(None)
    }
}

/// Reads at a place without moving a place that other threads read at.
#[cfg(unix)]
fn read_from(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// Reads at a place; the file's own place moves and means nothing to anybody.
#[cfg(windows)]
fn read_from(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
