//! Ctrl-C, SIGTERM and a closing terminal: a request to end in order, not to die.

use crate::failure::Failure;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that the first Ctrl-C, SIGTERM or SIGHUP raises; the second one ends the process at once.
///
/// To be called once a process.
pub fn flag() -> Result<Arc<AtomicBool>, Failure> {
    let raised = Arc::new(AtomicBool::new(false));
    let raise = Arc::clone(&raised);
    ctrlc::set_handler(move || {
        if raise.swap(true, Ordering::Relaxed) {
            process::exit(130);
        }
    })
    .map_err(|error| {
        Failure::refused(
            format!("signals cannot be handled: {error}"),
            "start it from a shell; end it with the line `stop`",
        )
    })?;
    Ok(raised)
}
