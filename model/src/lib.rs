//! The hand-over of `surae-engine`, compiled with queues that loom can look into.

// The files are the product's; what only other modules of the product use is unused here.
#![allow(dead_code, unused_imports)]

#[path = "../../crates/engine/src/handover.rs"]
mod handover;
#[path = "../../crates/engine/src/queue.rs"]
mod queue;
#[path = "../../crates/engine/src/ring.rs"]
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
