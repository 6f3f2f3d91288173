//! WAV: integers of 8 to 32 bits and floats, extensible headers, RF64 and BW64, files whose sizes were never written.
//! With SpikeRecorder's calibration (LIST/INFO `clbr`, `cnam`) and its events file.
//!
//! From the RIFF and WAVEFORMATEXTENSIBLE definitions of Microsoft, EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64), and the
//! writer of SpikeRecorder. Not for compressed audio.

mod chunks;
mod events;
mod read;
mod write;

use crate::described::{file_name, losses};
use crate::error::Error;
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::writer::Writer;
use std::io::Write;
use std::path::Path;
use surae_trial::{Note, Stream, Trial};

pub(crate) use read::trial_of;

/// Chunk in which Surae keeps what WAV cannot say; other programs skip it.
const OURS: &[u8; 4] = b"SURA";

/// WAV with what SpikeRecorder adds.
pub struct Wav;

impl Format for Wav {
    fn name(&self) -> &'static str {
        "wav"
    }

    fn title(&self) -> &'static str {
        "WAV (SpikeRecorder)"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        let outer = [b"RIFF", b"RF64", b"BW64"].iter().any(|id| bytes.starts_with(*id));
        let wave = bytes.get(8..12) == Some(b"WAVE");
        if outer && wave { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        read::read(input)
    }
}

impl Writer for Wav {
    fn name(&self) -> &'static str {
        "wav"
    }

    fn title(&self) -> &'static str {
        "WAV"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["wav"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        let mut notes = losses(trial, "wav_cannot_hold", "WAV");
        let regular = |s: &&Stream| s.times_s.is_empty() && s.frames() > 0;
        let main = trial.master_stream().unwrap_or(0);
        let mut streams: Vec<&Stream> = trial.streams.iter().skip(main).take(1).filter(regular).collect();
        let others = trial.streams.iter().enumerate().filter(|(k, s)| *k != main && regular(s));
        streams.extend(others.map(|(_, s)| s));
        let Some((first, rest)) = streams.split_first() else {
            let nothing = std::io::Error::new(
                std::io::ErrorKind::InvalidInput,
                "the trial has no stream of a regular rate, and WAV holds nothing else",
            );
            return Err(crate::error::io_error(path, "write", nothing));
        };
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let names: Vec<String> = rest.iter().map(|s| format!("{stem}.{}.wav", file_name(&s.name))).collect();
        for (stream, name) in rest.iter().zip(&names) {
            crate::target::written(&path.with_file_name(name), |out| write::encode(trial, stream, &[], out))?;
        }
        crate::target::written(path, |out| write::encode(trial, first, &names, out))?;
        if !trial.events.is_empty() {
            let text = events::encode(&trial.events);
            let beside = path.with_file_name(format!("{stem}-events.txt"));
            crate::target::written(&beside, |out| out.write_all(text.as_bytes()))?;
        }
        if !names.is_empty() {
            let text =
                format!("WAV holds one stream: the others are beside it in {}", crate::text::list(&names, 6));
            notes.push(Note::info("wav_files", text));
        }
        let lost = trial.streams.len() - streams.len();
        if lost > 0 {
            let text = format!("WAV does not hold streams of irregular times: {lost} left out");
            notes.push(Note::warning("wav_cannot_hold", text));
        }
        notes.extend(streams.iter().flat_map(|stream| told(stream)));
        Ok(notes)
    }
}

/// What other programs will not see of a stream.
fn told(stream: &Stream) -> Vec<Note> {
    let mut notes = Vec::new();
    if !stream.gaps.is_empty() {
        let text = format!(
            "stream '{}': WAV does not hold gaps; Surae reads them back, other programs see {} pieces joined",
            stream.name,
            stream.gaps.len() + 1
        );
        notes.push(Note::warning("wav_cannot_hold", text));
    }
    if stream.rate_hz.fract() != 0.0 {
        let text = format!(
            "stream '{}': WAV holds whole rates; {} Hz is written as {}, Surae reads it back exactly",
            stream.name,
            stream.rate_hz,
            stream.rate_hz.round()
        );
        notes.push(Note::warning("wav_rate", text));
    }
    notes
}

#[cfg(test)]
mod tests;
