//! How a device source hands its log to a pipeline that may be slow: a block that finds no room is dropped whole and said to be,
//! before anything that comes after it.
//!
//! Model-checked together with the ring (`crates/engine/model`): whatever the interleaving, each sample is either read once or named in
//! one drop, in order, and both sides end.

#![deny(clippy::disallowed_methods)]

use crate::queue::Push;
use crate::ring::{Item, Sender};
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{SampleIndex, StreamId};

/// The way to the pipeline, with what did not fit.
pub(crate) struct Handover<I = rtrb::Producer<Item>, W = rtrb::Producer<f64>> {
    ring: Sender<I, W>,
    /// First and last sample that found no room and of which the reader has not been told, by stream.
    dropped: Vec<Option<(u64, u64)>>,
}

impl<I: Push<Item>, W: Push<f64>> Handover<I, W> {
    /// For the streams of a session.
    pub(crate) fn new(ring: Sender<I, W>, streams: usize) -> Self {
        Self { ring, dropped: vec![None; streams] }
    }

    /// Hands a block over, whole. False when it was dropped: there was no room, or none yet to tell of an earlier drop.
    pub(crate) fn block(&mut self, at: SampleIndex, header: &BlockHeader, native: &[f64]) -> bool {
        let stamped = Stamped { at, entry: Entry::Block(*header) };
        if self.dropped.iter().all(Option::is_none) && self.ring.try_block(stamped, native) {
            return true;
        }
        let (first, last) = (header.first.0, header.first.0 + u64::from(header.frames).max(1) - 1);
        if let Some(dropped) = self.dropped.get_mut(usize::from(header.stream.0)) {
            dropped.get_or_insert((first, last)).1 = last;
        }
        false
    }

    /// Tells the reader of drops as far as there is room. `stamp` says at which master sample a stream's drop stands, given its
    /// first sample; `told` hears of each.
    pub(crate) fn settle(
        &mut self,
        stamp: impl Fn(StreamId, u64) -> SampleIndex,
        mut told: impl FnMut(Item),
    ) {
        for (at, dropped) in self.dropped.iter_mut().enumerate() {
            let Some((first, last)) = *dropped else { continue };
            let stream = StreamId(at as u8);
            let entry = Entry::PipelineDrop { stream, first: SampleIndex(first), last: SampleIndex(last) };
            let item = Item::Entry(Stamped { at: stamp(stream, first), entry });
            if self.ring.try_item(item) {
                *dropped = None;
                told(item);
            }
        }
    }

    /// Hands over anything but a block; false when there is no room even for that, or a drop comes first.
    pub(crate) fn item(&mut self, item: Item) -> bool {
        self.dropped.iter().all(Option::is_none) && self.ring.try_item(item)
    }

    /// True when nobody reads any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.ring.is_abandoned()
    }
}
