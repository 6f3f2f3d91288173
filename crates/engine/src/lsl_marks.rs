//! Marks from Lab Streaming Layer: each text of a stream of markers, as it comes.
//!
//! A key `0`-`9` (or `mark 3`) is that mark; any other text is a mark with these words. It stands at the sample of the moment in which it
//! arrives, a few milliseconds after it was sent.

use crate::marks::key_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use surae_io::lsl::{Inlet, LslError};
use surae_io::port::find_stream;

/// Longest wait for a marker, and for a connection, s.
const LOOK_S: f64 = 0.2;
const ANSWER_S: f64 = 3.0;

/// Time between two looks for a stream that is gone.
const SEEK_EVERY: Duration = Duration::from_secs(1);

/// What a marker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A key 0-9.
    Key(u8),
    /// Words.
    Words(String),
}

/// Takes markers from one stream until it is dropped.
pub struct LslMarks {
    stop: Arc<AtomicBool>,
}

impl LslMarks {
    /// Listens to the stream of this name, or `type=Markers,...`; `mark` gets each marker on a thread of its own.
    ///
    /// # Errors
    /// There is no such stream, several fit, or it is no text.
    pub fn open(stated: &str, mut mark: impl FnMut(Marker) + Send + 'static) -> Result<Self, crate::Error> {
        let refused = |reason: String| crate::Error::Port { port: format!("lsl://{stated}"), reason };
        let mut inlet = Some(connect(stated).map_err(|error| refused(error.to_string()))?);
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, stated) = (Arc::clone(&stop), stated.to_owned());
        thread::Builder::new().name("lsl marks".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let Some(open) = &mut inlet else {
                    thread::sleep(SEEK_EVERY);
                    inlet = connect(&stated).ok();
                    continue;
                };
                match open.pull_text(LOOK_S) {
                    Ok(Some((_, text))) => mark(marker_of(&text)),
                    Ok(None) => {}
                    Err(_) => inlet = None,
                }
            }
        })?;
        Ok(Self { stop })
    }
}

impl Drop for LslMarks {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn connect(stated: &str) -> Result<Inlet, Box<dyn std::error::Error>> {
    let found = find_stream(stated)?;
    if !found.is_text {
        return Err(Box::new(LslError::Refused(format!("marks from {}, which sends numbers", found.name))));
    }
    Ok(Inlet::open(&found, ANSWER_S)?)
}

fn marker_of(text: &str) -> Marker {
    key_of(text).map_or_else(|| Marker::Words(text.trim().to_owned()), Marker::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_marks_and_all_else_is_words() {
        assert_eq!(marker_of("3"), Marker::Key(3));
        assert_eq!(marker_of("mark 4\n"), Marker::Key(4));
        assert_eq!(marker_of(" jump begins "), Marker::Words("jump begins".to_owned()));
    }
}
