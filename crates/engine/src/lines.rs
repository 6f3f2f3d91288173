//! Lines of text from a reader that may block for ever, such as standard input.

use crossbeam_channel::{Receiver, bounded};
use std::io::BufRead;
use std::thread;

/// Lines that may wait.
const WAITING: usize = 64;

/// Reads lines on a thread of its own until the reader ends or nobody listens. The thread is not waited for: a read from a
/// terminal cannot be called off.
///
/// # Errors
/// The operating system refused the thread.
pub fn lines(reader: impl BufRead + Send + 'static) -> std::io::Result<Receiver<String>> {
    let (tx, rx) = bounded(WAITING);
    thread::Builder::new().name("lines".to_owned()).spawn(move || {
        for line in reader.lines().map_while(Result::ok) {
            if tx.send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(rx)
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_arrive_in_order_and_the_end_is_seen() {
        let lines = super::lines(std::io::Cursor::new("mark 3\nset envelope_hz 10\n")).expect("a thread");
        assert_eq!(lines.iter().collect::<Vec<_>>(), ["mark 3", "set envelope_hz 10"]);
    }
}
