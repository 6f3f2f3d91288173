//! Where the bytes of a recording go, and what happens when they cannot.
//!
//! Chunks reach the store whole: they are gathered in memory and written together. When a write fails, whatever part of
//! it arrived is cut off again, so that the file ends with a whole chunk and opens as if the recording had been stopped
//! there.

use crate::xdf::writer;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// Where a recording goes: a file, or what stands in for one.
pub trait Store: Write + Send {
    /// Makes what was written survive a power failure. Called once a second with `wait` false, when the work may be
    /// left to another thread, and at the end with `wait` true.
    ///
    /// # Errors
    /// The system refuses, now or in a sync that was left to another thread before.
    fn sync(&mut self, wait: bool) -> io::Result<()>;

    /// Cuts off everything behind the first `length` bytes; the next write goes there.
    ///
    /// # Errors
    /// The system refuses.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

impl Store for File {
    fn sync(&mut self, wait: bool) -> io::Result<()> {
        if wait { self.sync_all() } else { self.sync_data() }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(SeekFrom::Start(length)).map(drop)
    }
}

/// Gathers chunks and writes them whole.
pub(crate) struct Output {
    store: Box<dyn Store>,
    waiting: Vec<u8>,
    /// Bytes in the store, all of them whole chunks.
    written: u64,
    failed: bool,
}

impl Output {
    pub fn new(store: Box<dyn Store>) -> Self {
        Self { store, waiting: Vec::new(), written: 0, failed: false }
    }

    pub fn put(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    pub fn chunk(&mut self, tag: u16, content: &[u8]) -> io::Result<()> {
        writer::chunk(&mut self.waiting, tag, content)
    }

    /// Bytes written and waiting.
    pub fn bytes(&self) -> u64 {
        self.written + self.waiting.len() as u64
    }

    /// Bytes written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// True once a write failed: nothing is written any more.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Writes what waits. After a failure the store ends with the last whole chunk and every further call fails.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("the recording was stopped by an earlier error"));
        }
        let done = self.store.write_all(&self.waiting).and_then(|()| self.store.flush());
        match done {
            Ok(()) => {
                self.written += self.waiting.len() as u64;
                self.waiting.clear();
                Ok(())
            }
            Err(error) => {
                self.failed = true;
                self.waiting.clear();
                // Where even this fails the torn chunk stays; readers leave it out.
                let _ = self.store.truncate(self.written);
                Err(error)
            }
        }
    }

    pub fn sync(&mut self, wait: bool) -> io::Result<()> {
        self.store.sync(wait).inspect_err(|_| self.failed = true)
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("written", &self.written).field("failed", &self.failed).finish()
    }
}

impl Drop for Output {
    /// A recorder that is dropped without its end still writes what it holds.
    fn drop(&mut self) {
        if !self.failed {
            let _ = self.flush();
        }
    }
}
