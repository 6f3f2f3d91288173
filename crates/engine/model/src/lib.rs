//! The hand-over of `surae-engine`, compiled with queues that loom can look into.

// The files are the product's; what only other modules of the product use is unused here.
#![allow(dead_code, unused_imports)]

#[path = "../../src/handover.rs"]
mod handover;
#[path = "../../src/queue.rs"]
mod queue;
#[path = "../../src/ring.rs"]
mod ring;

/// What travels in the queue besides samples; its content does not matter here.
mod session {
    #[derive(Clone, Copy, Debug)]
    pub struct NoteText;
}

#[cfg(test)]
mod checks;
#[cfg(test)]
mod spsc;
