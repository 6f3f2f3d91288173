//! The two-part ring that carries the session log: entries by value, samples beside them.
//!
//! Two wait-free single-producer single-consumer rings (`rtrb`) that belong together: a block's values are written before its header,
//! so whoever sees the header finds all of them. A block goes in whole or not at all.

#![deny(clippy::disallowed_methods)]

use rtrb::{Consumer, Producer, RingBuffer};
use surae_trial::log::{Entry, Stamped};
use surae_trial::{HostNs, SampleIndex, Seconds};

use crate::session::NoteText;

/// What travels besides samples.
#[derive(Clone, Copy, Debug)]
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
    Close,
}

/// Items kept free of blocks, so that gaps and drops find room when blocks do not.
const RESERVE: usize = 64;

/// The writing end.
pub(crate) struct Sender {
    items: Producer<Item>,
    words: Producer<f64>,
}

/// The reading end.
pub(crate) struct Receiver {
    items: Consumer<Item>,
    words: Consumer<f64>,
}

/// A ring with room for `items` entries and `words` values.
pub(crate) fn ring(items: usize, words: usize) -> (Sender, Receiver) {
    let (item_tx, item_rx) = RingBuffer::new(items + RESERVE);
    let (word_tx, word_rx) = RingBuffer::new(words);
    (Sender { items: item_tx, words: word_tx }, Receiver { items: item_rx, words: word_rx })
}

impl Sender {
    /// Puts a block in, whole; false when there is no room.
    pub(crate) fn try_block(&mut self, stamped: Stamped, native: &[f64]) -> bool {
        if self.items.slots() <= RESERVE {
            return false;
        }
        let Ok(mut chunk) = self.words.write_chunk(native.len()) else { return false };
        let (first, second) = chunk.as_mut_slices();
        let (head, tail) = native.split_at(first.len());
        first.copy_from_slice(head);
        second.copy_from_slice(tail);
        chunk.commit_all();
        // Room was checked above, and nobody else writes.
        self.items.push(Item::Entry(stamped)).is_ok()
    }

    /// Puts anything but a block in; false when there is no room.
    pub(crate) fn try_item(&mut self, item: Item) -> bool {
        self.items.push(item).is_ok()
    }

    /// True when the reader is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.items.is_abandoned()
    }
}

impl Receiver {
    /// The next item; the values of a block are copied into `native`, which must be able to hold `width` values per frame.
    ///
    /// `native` is cleared; it does not allocate as long as its capacity suffices.
    pub(crate) fn next(&mut self, native: &mut Vec<f64>, width: impl Fn(u8) -> usize) -> Option<Item> {
        let item = self.items.pop().ok()?;
        native.clear();
        if let Item::Entry(Stamped { entry: Entry::Block(header), .. }) = item {
            let words = header.frames as usize * width(header.stream.0);
            if let Ok(chunk) = self.words.read_chunk(words) {
                let (first, second) = chunk.as_slices();
                native.extend_from_slice(first);
                native.extend_from_slice(second);
                chunk.commit_all();
            }
        }
        Some(item)
    }

    /// True when the writer is gone and nothing is left.
    pub(crate) fn is_finished(&self) -> bool {
        self.items.is_abandoned() && self.items.is_empty()
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
            assert!(matches!(rx.next(&mut native, |_| 1), Some(Item::Entry(_))));
            assert_eq!(native, expected);
        }
        assert!(tx.try_block(block(8, 4), &[9.0, 10.0, 11.0, 12.0]), "wraps around the end");
        assert!(matches!(rx.next(&mut native, |_| 1), Some(Item::Close)));
        rx.next(&mut native, |_| 1);
        assert_eq!(native, [9.0, 10.0, 11.0, 12.0]);
        drop(tx);
        assert!(rx.is_finished());
    }
}
