//! The two-part ring that carries the session log: entries by value, samples beside them.
//!
//! Two wait-free single-producer single-consumer rings (`rtrb`) that belong together: a block's values are written before its header,
//! so whoever sees the header finds all of them. A block goes in whole or not at all.

#![deny(clippy::disallowed_methods)]

use crate::queue::{Pop, Push};
use surae_trial::log::{Entry, Stamped};
use surae_trial::{HostNs, SampleIndex, Seconds};

use crate::session::NoteText;

/// What travels besides samples.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Item {
    /// An entry of the log; values of a block lie in the ring of words.
    Entry(Stamped),
    /// The player goes to another place: forget all samples; master sample 0 is at this session time.
    Restart(Seconds),
    /// When the next block was read, and the device's clock at its first frame (recorder only).
    Host {
        /// Host time of the read.
        at: HostNs,
        /// Microseconds of the device's own clock.
        device_us: Option<u64>,
    },
    /// Start writing what has been held so far (recorder only).
    Record,
    /// End the recording in order (recorder only).
    StopRecording,
    /// The words of the mark at this master sample (recorder only).
    Note {
        /// Where the mark stands.
        index: SampleIndex,
        /// What was typed.
        words: NoteText,
    },
    /// Nothing follows.
    #[default]
    Close,
}

/// Items kept free of blocks, so that gaps and drops find room when blocks do not.
pub(crate) const RESERVE: usize = 64;

/// The writing end.
pub(crate) struct Sender<I = rtrb::Producer<Item>, W = rtrb::Producer<f64>> {
    items: I,
    words: W,
}

/// The reading end.
pub(crate) struct Receiver<I = rtrb::Consumer<Item>, W = rtrb::Consumer<f64>> {
    items: I,
    words: W,
}

/// What a look at the ring found.
#[expect(clippy::large_enum_variant, reason = "a box would allocate on the sample path")]
pub(crate) enum Polled {
    /// An item; the values of a block are beside it.
    Item(Item),
    /// Nothing now.
    Empty,
    /// Nothing now and nothing ever: the writer is gone and all it wrote was read.
    Finished,
}

/// A ring with room for `items` entries and `words` values.
pub(crate) fn ring(items: usize, words: usize) -> (Sender, Receiver) {
    let (item_tx, item_rx) = rtrb::RingBuffer::new(items + RESERVE);
    let (word_tx, word_rx) = rtrb::RingBuffer::new(words);
    (Sender::new(item_tx, word_tx), Receiver::new(item_rx, word_rx))
}

impl<I: Push<Item>, W: Push<f64>> Sender<I, W> {
    /// Of two queues that belong together.
    pub(crate) fn new(items: I, words: W) -> Self {
        Self { items, words }
    }

    /// Puts a block in, whole; false when there is no room.
    pub(crate) fn try_block(&mut self, stamped: Stamped, native: &[f64]) -> bool {
        if self.items.slots() <= RESERVE || !self.words.push_all(native) {
            return false;
        }
        // Room was checked above, and nobody else writes.
        self.items.push(Item::Entry(stamped))
    }

    /// Puts anything but a block in; false when there is no room.
    pub(crate) fn try_item(&mut self, item: Item) -> bool {
        self.items.push(item)
    }

    /// True when the reader is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.items.is_abandoned()
    }
}

impl<I: Pop<Item>, W: Pop<f64>> Receiver<I, W> {
    /// Of two queues that belong together.
    pub(crate) fn new(items: I, words: W) -> Self {
        Self { items, words }
    }

    /// The next item; the values of a block are copied into `native`, which must be able to hold `width` values per frame.
    ///
    /// `native` is cleared; it does not allocate as long as its capacity suffices.
    pub(crate) fn poll(&mut self, native: &mut Vec<f64>, width: impl Fn(u8) -> usize) -> Polled {
        // Asked before the look: what was written before the writer went is found by the look.
        let over = self.items.is_abandoned();
        let Some(item) = self.items.pop() else {
            return if over { Polled::Finished } else { Polled::Empty };
        };
        native.clear();
        if let Item::Entry(Stamped { entry: Entry::Block(header), .. }) = item {
            self.words.pop_all(header.frames as usize * width(header.stream.0), native);
        }
        Polled::Item(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::log::BlockHeader;
    use surae_trial::{SampleIndex, StreamId};

    fn block(first: u64, frames: u32) -> Stamped {
        let header = BlockHeader {
            stream: StreamId(0),
            first: SampleIndex(first),
            frames,
            position: first as f64,
            step: 1.0,
        };
        Stamped { at: SampleIndex(first), entry: Entry::Block(header) }
    }

    #[test]
    fn a_block_goes_in_whole_or_not_at_all_and_comes_out_as_it_went_in() {
        let (mut tx, mut rx) = ring(8, 10);
        assert!(tx.try_block(block(0, 4), &[1.0, 2.0, 3.0, 4.0]));
        assert!(tx.try_block(block(4, 4), &[5.0, 6.0, 7.0, 8.0]));
        assert!(!tx.try_block(block(8, 4), &[9.0, 10.0, 11.0, 12.0]), "two words are not room for four");
        assert!(tx.try_item(Item::Close));
        let mut native = Vec::new();
        for expected in [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]] {
            assert!(matches!(rx.poll(&mut native, |_| 1), Polled::Item(Item::Entry(_))));
            assert_eq!(native, expected);
        }
        assert!(tx.try_block(block(8, 4), &[9.0, 10.0, 11.0, 12.0]), "wraps around the end");
        assert!(matches!(rx.poll(&mut native, |_| 1), Polled::Item(Item::Close)));
        rx.poll(&mut native, |_| 1);
        assert_eq!(native, [9.0, 10.0, 11.0, 12.0]);
        assert!(matches!(rx.poll(&mut native, |_| 1), Polled::Empty));
        drop(tx);
        assert!(matches!(rx.poll(&mut native, |_| 1), Polled::Finished));
    }
}
