//! A process that does not outlive its test.

use std::process::Child;

/// Killed and waited for when it is dropped.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
