//! What must hold in every interleaving.

use crate::handover::Handover;
use crate::queue::{Pop, Push};
use crate::ring::{Item, Polled, RESERVE, Receiver, Sender};
use crate::spsc::{Reader, Writer, queue};
use loom::thread;
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{SampleIndex, StreamId};

type Tx = Sender<Writer<Item>, Writer<f64>>;
type Rx = Receiver<Reader<Item>, Reader<f64>>;

/// Frames of a block.
const FRAMES: u64 = 2;

/// A ring with room for so many blocks.
fn ring(blocks: usize) -> (Tx, Rx) {
    let (item_tx, item_rx) = queue(RESERVE + blocks, Item::Close);
    let (word_tx, word_rx) = queue(blocks * FRAMES as usize, f64::NAN);
    (Sender::new(item_tx, word_tx), Receiver::new(item_rx, word_rx))
}

fn header(first: u64) -> BlockHeader {
    BlockHeader {
        stream: StreamId(0),
        first: SampleIndex(first),
        frames: FRAMES as u32,
        position: first as f64,
        step: 1.0,
    }
}

fn values(first: u64) -> [f64; FRAMES as usize] {
    std::array::from_fn(|k| (first + k as u64) as f64)
}

fn stamp(_: StreamId, first: u64) -> SampleIndex {
    SampleIndex(first)
}

/// Tries all interleavings with at most two preemptions, or as many as `LOOM_MAX_PREEMPTIONS` says.
fn in_every_order(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(2));
    builder.check(check);
}

/// Reads until the session is over; how many samples were accounted for, each once and in order.
fn read_all(mut rx: Rx) -> (u64, bool) {
    let (mut native, mut next, mut closed) = (Vec::new(), 0, false);
    loop {
        match rx.poll(&mut native, |_| 1) {
            Polled::Item(Item::Entry(Stamped { entry: Entry::Block(header), .. })) => {
                assert_eq!(header.first.0, next, "a sample twice, or none told of");
                assert_eq!(native, values(next), "another block's values");
                next += u64::from(header.frames);
            }
            Polled::Item(Item::Entry(Stamped { entry: Entry::PipelineDrop { first, last, .. }, .. })) => {
                assert_eq!(first.0, next, "a drop that does not begin where the samples ended");
                next = last.0 + 1;
            }
            Polled::Item(Item::Entry(Stamped { at, .. })) => {
                assert_eq!(at.0, next, "an entry before the drop that it follows");
            }
            Polled::Item(Item::Close) => closed = true,
            Polled::Item(_) => {}
            Polled::Empty => thread::yield_now(),
            Polled::Finished => return (next, closed),
        }
    }
}

/// Three blocks into room for one, a mark, the end.
#[test]
fn a_device_source_loses_no_sample_untold_and_both_sides_end() {
    in_every_order(|| {
        let (tx, rx) = ring(1);
        let reader = thread::spawn(move || read_all(rx));
        let mut handover = Handover::new(tx, 1);
        for first in [0, FRAMES, 2 * FRAMES] {
            handover.settle(stamp, |_| {});
            handover.block(SampleIndex(first), &header(first), &values(first));
        }
        let end = SampleIndex(3 * FRAMES);
        let mark = Stamped { at: end, entry: Entry::Mark { code: 1, index: end } };
        for item in [Item::Entry(mark), Item::Close] {
            loop {
                handover.settle(stamp, |_| {});
                if handover.item(item) {
                    break;
                }
                thread::yield_now();
            }
        }
        drop(handover);
        assert_eq!(reader.join().unwrap(), (3 * FRAMES, true));
    });
}

/// A source that waits, as a file does: nothing is dropped.
#[test]
fn a_file_source_waits_and_loses_nothing() {
    in_every_order(|| {
        let (mut tx, rx) = ring(1);
        let reader = thread::spawn(move || read_all(rx));
        for first in [0, FRAMES] {
            let stamped = Stamped { at: SampleIndex(first), entry: Entry::Block(header(first)) };
            while !tx.try_block(stamped, &values(first)) {
                thread::yield_now();
            }
        }
        assert!(tx.try_item(Item::Close));
        drop(tx);
        assert_eq!(reader.join().unwrap(), (2 * FRAMES, true));
    });
}

/// The source thread dies without a word: what it wrote is read, and the reader ends.
#[test]
fn a_writer_that_dies_leaves_all_it_wrote() {
    in_every_order(|| {
        let (mut tx, rx) = ring(2);
        let reader = thread::spawn(move || read_all(rx));
        for first in [0, FRAMES] {
            let stamped = Stamped { at: SampleIndex(first), entry: Entry::Block(header(first)) };
            assert!(tx.try_block(stamped, &values(first)));
        }
        drop(tx);
        assert_eq!(reader.join().unwrap(), (2 * FRAMES, false));
    });
}

/// The pipeline thread dies: a source that waits for room is let go.
#[test]
fn a_reader_that_dies_lets_the_writer_go() {
    in_every_order(|| {
        let (tx, mut rx) = ring(1);
        let reader = thread::spawn(move || {
            let mut native = Vec::new();
            while matches!(rx.poll(&mut native, |_| 1), Polled::Empty) {
                thread::yield_now();
            }
        });
        let mut handover = Handover::new(tx, 1);
        for first in [0, FRAMES] {
            handover.block(SampleIndex(first), &header(first), &values(first));
        }
        loop {
            handover.settle(stamp, |_| {});
            if handover.is_abandoned() {
                break;
            }
            thread::yield_now();
        }
        reader.join().unwrap();
    });
}

/// Planted: the header is written before the values that belong to it.
#[test]
#[should_panic(expected = "another block's values")]
fn a_header_before_its_values_is_found_out() {
    in_every_order(|| {
        let (mut item_tx, item_rx) = queue(4, Item::Close);
        let (mut word_tx, word_rx) = queue(FRAMES as usize, f64::NAN);
        let reader = thread::spawn(move || read_all(Receiver::new(item_rx, word_rx)));
        item_tx.push(Item::Entry(Stamped { at: SampleIndex(0), entry: Entry::Block(header(0)) }));
        word_tx.push_all(&values(0));
        drop((item_tx, word_tx));
        reader.join().unwrap();
    });
}

/// Planted: the reader looks first and asks then whether the writer is gone.
#[test]
#[should_panic(expected = "the last item was lost")]
fn a_look_before_the_question_is_found_out() {
    in_every_order(|| {
        let (mut tx, mut rx) = queue(1, 0_u8);
        let reader = thread::spawn(move || {
            let mut read = 0;
            loop {
                if rx.pop().is_some() {
                    read += 1;
                } else if rx.is_abandoned() {
                    return read;
                } else {
                    thread::yield_now();
                }
            }
        });
        tx.push(7);
        drop(tx);
        assert_eq!(reader.join().unwrap(), 1, "the last item was lost");
    });
}
