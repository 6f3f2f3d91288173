//! The two ends of a wait-free queue, as the session's rings need them: `rtrb` in the product, one that a model checker can look
//! into in `crates/engine/model`.

#![deny(clippy::disallowed_methods)]

/// The writing end. What is written is seen by the reader in the order of writing, across queues too: a value that was pushed
/// before something was pushed elsewhere is there for whoever has seen the latter.
pub(crate) trait Push<T> {
    /// Values that fit now; it may become more at any time.
    fn slots(&self) -> usize;
    /// Writes one value; false when there is no room.
    fn push(&mut self, value: T) -> bool;
    /// Writes all of the values or none; false when there is no room.
    fn push_all(&mut self, values: &[T]) -> bool;
    /// True when the reader is gone.
    fn is_abandoned(&self) -> bool;
}

/// The reading end.
pub(crate) trait Pop<T> {
    /// The oldest value.
    fn pop(&mut self) -> Option<T>;
    /// Appends the oldest `n` values; false, and nothing is read, when there are fewer.
    fn pop_all(&mut self, n: usize, to: &mut Vec<T>) -> bool;
    /// True when the writer is gone; everything that it wrote can still be read.
    fn is_abandoned(&self) -> bool;
}

impl<T: Copy + Default> Push<T> for rtrb::Producer<T> {
    fn slots(&self) -> usize {
        Self::slots(self)
    }

    fn push(&mut self, value: T) -> bool {
        Self::push(self, value).is_ok()
    }

    fn push_all(&mut self, values: &[T]) -> bool {
        let Ok(mut chunk) = self.write_chunk(values.len()) else { return false };
        let (first, second) = chunk.as_mut_slices();
        let (head, tail) = values.split_at(first.len());
        first.copy_from_slice(head);
        second.copy_from_slice(tail);
        chunk.commit_all();
        true
    }

    fn is_abandoned(&self) -> bool {
        Self::is_abandoned(self)
    }
}

impl<T: Copy> Pop<T> for rtrb::Consumer<T> {
    fn pop(&mut self) -> Option<T> {
        Self::pop(self).ok()
    }

    fn pop_all(&mut self, n: usize, to: &mut Vec<T>) -> bool {
        let Ok(chunk) = self.read_chunk(n) else { return false };
        let (first, second) = chunk.as_slices();
        to.extend_from_slice(first);
        to.extend_from_slice(second);
        chunk.commit_all();
        true
    }

    fn is_abandoned(&self) -> bool {
        Self::is_abandoned(self)
    }
}
