//! NPZ: a zip of NPY files. Also SpikeRecorder's `.byb`, a zip of a WAV and its events.

use super::Found;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use std::io::{Cursor, Read};
use surae_trial::Trial;
use zip::ZipArchive;

/// Most bytes that one entry may unpack to.
const MOST_BYTES: u64 = 2 << 30;
/// Most entries looked at.
const MOST_ENTRIES: usize = 1_000;

/// NPZ, and SpikeRecorder's zip.
pub struct Npz;

impl Format for Npz {
    fn name(&self) -> &'static str {
        "npz"
    }

    fn title(&self) -> &'static str {
        "NumPy NPZ"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        // The first entry's name follows the 30 bytes of its header.
        let name = bytes.get(30..bytes.len().min(30 + 260)).unwrap_or(&[]);
        let length = bytes.get(26..28).map_or(0, |two| usize::from(u16::from_le_bytes([two[0], two[1]])));
        let name = &name[..length.min(name.len())];
        let ours = name.ends_with(b".npy") || name == b"signal.wav";
        match (bytes.starts_with(b"PK\x03\x04"), ours) {
            (true, true) => Confidence::Sure,
            _ => Confidence::No,
        }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "NPZ" };
        let bytes = input.bytes()?;
        let damaged = |error: zip::result::ZipError| {
            let todo = "the archive is damaged or cut; save it again";
            blame.malformed(Position::Whole, format!("not a whole zip archive: {error}"), todo)
        };
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
        if names.len() > MOST_ENTRIES {
            return Err(blame.limit(Position::Whole, format!("{} entries", names.len()), "1000 entries"));
        }
        if names.iter().any(|name| name == "signal.wav") {
            let wav = entry(&mut archive, "signal.wav", &blame)?;
            let events = names.iter().any(|name| name == "signal-events.txt");
            let events = if events { Some(entry(&mut archive, "signal-events.txt", &blame)?) } else { None };
            return crate::wav::trial_of(&input.name, &wav, events.as_deref());
        }
        let mut found = Found::default();
        for name in &names {
            let Some(variable) = name.strip_suffix(".npy") else {
                found.skipped.push(format!("'{name}' is no NPY"));
                continue;
            };
            let bytes = entry(&mut archive, name, &blame)?;
            if let Err(error) = super::npy::array(variable, &bytes, &blame, &mut found) {
                found.skipped.push(format!("'{variable}' ({error})"));
            }
        }
        super::trial(found, input, &blame)
    }
}

fn entry(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, blame: &Blame<'_>) -> Result<Vec<u8>, Error> {
    let damaged = |what: String| {
        let todo = "the archive is damaged or cut; save it again";
        blame.malformed(Position::Whole, format!("the entry '{name}' cannot be unpacked: {what}"), todo)
    };
    let file = archive.by_name(name).map_err(|e| damaged(e.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| damaged(e.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(blame.limit(Position::Whole, format!("the entry '{name}'"), "2 GiB"));
    }
    Ok(bytes)
}
