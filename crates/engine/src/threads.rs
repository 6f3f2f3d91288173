//! What the log threads share: the way to the history, the status, the events and the commands.

use crate::history::HistoryMessage;
use crate::session::Command;
use crate::status::{Losses, SessionEvent, Status};
use crossbeam_channel::{Receiver, Sender, TrySendError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Most values of one block: 64 frames of 1024 channels.
pub(crate) const MAX_BLOCK_WORDS: usize = 64 * 1024;

/// Waiting for room in a ring, off the sample path.
pub(crate) struct Pause;

impl Pause {
    /// Tries again every half millisecond until it works.
    pub(crate) fn wait(mut done: impl FnMut() -> bool) {
        while !done() {
            thread::park_timeout(Duration::from_micros(500));
        }
    }
}

/// The log thread's connections.
pub(crate) struct Hub {
    pub(crate) commands: Receiver<Command>,
    pub(crate) events: Sender<SessionEvent>,
    pub(crate) status: triple_buffer::Input<Status>,
    pub(crate) history: Option<Sender<HistoryMessage>>,
    pub(crate) pipeline_thread: Option<Thread>,
    pub(crate) lost_records: Arc<AtomicU64>,
    pub(crate) current: Status,
    pub(crate) own: Losses,
    pub(crate) decoded: Option<Sender<Decoded>>,
}

/// A block that left the decoder, for whoever measures how long that took.
#[derive(Clone, Copy, Debug)]
pub struct Decoded {
    /// Index of its first frame.
    pub(crate) first: u64,
    /// The device's time of that frame.
    pub(crate) device_us: u64,
    /// When it was placed in the log.
    pub(crate) at: Instant,
}

impl Hub {
    /// True when there is a history that blocks are to be shown to.
    pub(crate) fn is_shown(&self) -> bool {
        self.history.is_some()
    }

    /// Hands samples to the history; `wait` for sources that can. What it has no room for is counted and not drawn.
    pub(crate) fn show(&mut self, message: HistoryMessage, wait: bool) {
        let Some(history) = &self.history else { return };
        let sent = if wait {
            history.send_timeout(message, Duration::from_millis(200)).is_ok()
        } else {
            !matches!(history.try_send(message), Err(TrySendError::Full(_)))
        };
        if !sent {
            self.own.history_blocks += 1;
        }
    }

    /// Tells people; when nobody reads, the newest is lost, not the session.
    pub(crate) fn tell(&self, event: SessionEvent) {
        let _ = self.events.try_send(event);
    }

    /// Changes and publishes the status.
    pub(crate) fn publish(&mut self, change: impl FnOnce(&mut Status)) {
        change(&mut self.current);
        self.current.generation += 1;
        self.status.input_buffer_mut().clone_from(&self.current);
        self.status.publish();
    }

    /// Losses that no single source owns.
    pub(crate) fn losses(&self) -> Losses {
        Losses { records: self.lost_records.load(Ordering::Relaxed), ..self.own }
    }

    /// Saves the pipeline thread the rest of its nap.
    pub(crate) fn wake_pipeline(&self) {
        if let Some(thread) = &self.pipeline_thread {
            thread.unpark();
        }
    }
}
