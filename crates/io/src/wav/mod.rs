//! WAV: integers of 8 to 32 bits and floats, extensible headers, RF64 and BW64, files whose sizes were never written.
//! With SpikeRecorder's calibration (LIST/INFO `clbr`, `cnam`) and its events file.
//!
//! From the RIFF and WAVEFORMATEXTENSIBLE definitions of Microsoft, EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64), and the
//! writer of SpikeRecorder. Not for compressed audio.

mod chunks;
mod events;
mod read;
mod write;

use crate::error::Error;
use crate::registry::{Confidence, Format, Input};
use surae_trial::Trial;

pub(crate) use read::trial_of;
pub(crate) use write::encode;

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

#[cfg(test)]
mod tests;
