//! Files that were cut short, made whole again: lengths in headers set to what is there, torn ends cut off.
//!
//! Nothing is ever made up: a repaired file holds whole samples of the damaged one and nothing else. What was left out is
//! said. Not for reading around damage (the readers do that by themselves, [`crate::read_trial`]): for other programs.

mod c3d;
mod edf;
mod text;
mod wav;
mod xdf;

use crate::error::{Blame, Error, Position, io_error};
use crate::input::Input;
use std::io::Write;
use std::path::Path;
use surae_trial::Note;

/// What was found and done. Without notes the file was whole, and the copy is equal to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repair {
    /// Format in words (`"WAV"`).
    pub format: &'static str,
    /// What was wrong, what was done, what is lost.
    pub notes: Vec<Note>,
    /// Bytes of the damaged file that the repaired one does not hold.
    pub lost_bytes: u64,
}

impl Repair {
    fn new(format: &'static str) -> Self {
        Self { format, ..Self::default() }
    }

    fn say(&mut self, code: &str, text: impl Into<String>) {
        self.notes.push(Note::warning(code, text));
    }
}

/// A change of bytes at a place.
type Patch = (u64, Vec<u8>);

/// Repairs `from` into `to`: torn XDF, WAV with sizes of zero, truncated EDF, BDF, C3D, MOT, STO and tables of text.
/// `to` is replaced; it appears whole or not at all.
///
/// # Errors
/// A format that cannot be repaired, a file of which nothing is left, or the system refuses.
pub fn repair(from: &Path, to: &Path) -> Result<Repair, Error> {
    let input = Input::file(from)?;
    if input.is_empty() {
        return Err(Error::Empty { path: input.name.clone() });
    }
    let same = from.canonicalize().ok().zip(to.canonicalize().ok()).is_some_and(|(a, b)| a == b);
    if same {
        return Err(Blame { path: &input.name, format: "repair" }.unsupported(
            Position::Whole,
            "repairing a file in place",
            "name another file: the damaged one is the only witness",
        ));
    }
    let head = input.head()?;
    crate::target::filled(to, |file| repair_into(&input, &head, &mut Out { path: to, file }))
}

/// As [`repair`], in memory: the repaired bytes and what was done. `name` is used in messages.
///
/// # Errors
/// As [`repair`].
pub fn repair_bytes(name: &str, bytes: &[u8]) -> Result<(Vec<u8>, Repair), Error> {
    let input = Input::memory(name, bytes);
    if input.is_empty() {
        return Err(Error::Empty { path: input.name });
    }
    let mut repaired = Vec::new();
    let done = repair_into(&input, &input.head()?, &mut Out { path: Path::new(name), file: &mut repaired })?;
    Ok((repaired, done))
}

fn repair_into(input: &Input<'_>, head: &[u8], out: &mut Out<'_>) -> Result<Repair, Error> {
    if head.starts_with(b"XDF:") {
        xdf::repair(input, out)
    } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(&b"WAVE"[..]) {
        wav::repair(input, out)
    } else if head.starts_with(b"0       ") || head.starts_with(b"\xffBIOSEMI") {
        edf::repair(input, out)
    } else if head.get(1) == Some(&0x50) && head.len() >= 512 {
        c3d::repair(input, out)
    } else if text::is_text(head) {
        text::repair(input, out)
    } else {
        Err(Blame { path: &input.name, format: "repair" }.unsupported(
            Position::Whole,
            "repairing a file of this format",
            "repairable: XDF, WAV, EDF, BDF, C3D, MOT, STO, tables of text (CSV, OpenBCI, OpenSignals)",
        ))
    }
}

/// The repaired file.
struct Out<'a> {
    path: &'a Path,
    file: &'a mut dyn Write,
}

impl Out<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|e| io_error(self.path, "write", e))
    }

    /// The first `length` bytes of the input with some of them changed.
    fn copy(&mut self, input: &Input<'_>, length: u64, patches: &[Patch]) -> Result<(), Error> {
        const PIECE: u64 = 1 << 20;
        let mut at = 0;
        while at < length {
            let mut piece = input.piece(at, PIECE.min(length - at) as usize)?;
            if piece.is_empty() {
                break;
            }
            let end = at + piece.len() as u64;
            for (place, bytes) in patches {
                for (k, byte) in bytes.iter().enumerate() {
                    let place = place + k as u64;
                    if (at..end).contains(&place) {
                        piece[(place - at) as usize] = *byte;
                    }
                }
            }
            self.put(&piece)?;
            at = end;
        }
        Ok(())
    }
}
