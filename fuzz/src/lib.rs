//! What the targets share: one reader on any bytes. A panic, an overflow, too much memory or time is a finding.

use surae_io::{FORMATS, Input};

/// Reads `data` as the format of this short name, whether it recognises them or not, and through recognition too.
///
/// # Panics
/// When no format has this name: the target is stale.
pub fn read_as(format: &str, data: &[u8]) {
    let reader = FORMATS.iter().find(|known| known.name() == format).expect("a format of this name");
    let _ = reader.recognise(&data[..data.len().min(surae_io::HEAD_BYTES)]);
    match reader.read(&Input::memory("fuzz", data)) {
        Ok(trial) => {
            for stream in &trial.streams {
                assert!(stream.rate_hz.is_finite() && stream.rate_hz > 0.0, "{}: {}", stream.name, stream.rate_hz);
                let width = stream.channels.len();
                assert!(width > 0 && stream.samples.len().is_multiple_of(width), "{}", stream.name);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(mut pieces) = reader.open(Input::memory("fuzz", data)) {
        while let Ok(Some(_)) = pieces.next_chunk() {}
    }
}
