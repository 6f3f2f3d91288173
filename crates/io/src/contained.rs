//! Panics of libraries that a reader answers with an error. Not for our own code, which has none.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// Runs a library that was checked against damage and not proved; `None` where it panics.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    WITHIN.set(true);
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    WITHIN.set(false);
    done
}

/// True while this thread is in a library whose panics are answered with an error of their own: a program's panic hook need not
/// print them.
#[must_use]
pub fn panics_are_answered() -> bool {
    WITHIN.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_nothing_and_only_inside_is_it_answered() {
        assert_eq!(contained(panics_are_answered), Some(true));
        assert_eq!(contained(|| [1, 2, 3].into_iter().find(|k| *k > 3).expect("none")), None);
        assert!(!panics_are_answered());
    }
}
