//! A bounded queue with one writer and one reader on loom's atomics: the algorithm and the memory orderings of `rtrb`.

use crate::queue::{Pop, Push};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

struct Shared<T> {
    slots: Vec<UnsafeCell<T>>,
    /// Values read so far.
    head: AtomicUsize,
    /// Values written so far.
    tail: AtomicUsize,
    abandoned: AtomicBool,
}

// SAFETY: a slot is written only while the reader has not been told of it, and read only while the writer has not been told that it
// is free; loom checks exactly that.
unsafe impl<T: Send> Sync for Shared<T> {}

pub struct Writer<T>(Arc<Shared<T>>);
pub struct Reader<T>(Arc<Shared<T>>);

pub fn queue<T: Copy>(capacity: usize, filler: T) -> (Writer<T>, Reader<T>) {
    let shared = Arc::new(Shared {
        slots: (0..capacity).map(|_| UnsafeCell::new(filler)).collect(),
        head: AtomicUsize::new(0),
        tail: AtomicUsize::new(0),
        abandoned: AtomicBool::new(false),
    });
    (Writer(Arc::clone(&shared)), Reader(shared))
}

impl<T> Drop for Writer<T> {
    fn drop(&mut self) {
        self.0.abandoned.store(true, Ordering::Release);
    }
}

impl<T> Drop for Reader<T> {
    fn drop(&mut self) {
        self.0.abandoned.store(true, Ordering::Release);
    }
}

impl<T: Copy> Writer<T> {
    fn write(&self, at: usize, value: T) {
        let slot = &self.0.slots[at % self.0.slots.len()];
        // SAFETY: see `Shared`.
        slot.with_mut(|place| unsafe { *place = value });
    }
}

impl<T: Copy> Push<T> for Writer<T> {
    fn slots(&self) -> usize {
        let written = self.0.tail.load(Ordering::Relaxed);
        self.0.slots.len() - (written - self.0.head.load(Ordering::Acquire))
    }

    fn push(&mut self, value: T) -> bool {
        self.push_all(&[value])
    }

    fn push_all(&mut self, values: &[T]) -> bool {
        if self.slots() < values.len() {
            return false;
        }
        let tail = self.0.tail.load(Ordering::Relaxed);
        values.iter().enumerate().for_each(|(k, value)| self.write(tail + k, *value));
        self.0.tail.store(tail + values.len(), Ordering::Release);
        true
    }

    fn is_abandoned(&self) -> bool {
        self.0.abandoned.load(Ordering::Acquire)
    }
}

impl<T: Copy> Pop<T> for Reader<T> {
    fn pop(&mut self) -> Option<T> {
        let mut one = Vec::with_capacity(1);
        self.pop_all(1, &mut one).then(|| one[0])
    }

    fn pop_all(&mut self, n: usize, to: &mut Vec<T>) -> bool {
        let head = self.0.head.load(Ordering::Relaxed);
        if self.0.tail.load(Ordering::Acquire) - head < n {
            return false;
        }
        for k in 0..n {
            let slot = &self.0.slots[(head + k) % self.0.slots.len()];
            // SAFETY: see `Shared`.
            to.push(slot.with(|place| unsafe { *place }));
        }
        self.0.head.store(head + n, Ordering::Release);
        true
    }

    fn is_abandoned(&self) -> bool {
        self.0.abandoned.load(Ordering::Acquire)
    }
}
