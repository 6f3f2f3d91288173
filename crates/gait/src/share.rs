//! Independent parts of one analysis on all processors.
//!
//! The threads live no longer than the call, share nothing but the input, and the results come in the order of the parts: how many
//! threads there are changes no bit. Not for the live pipeline, which has a thread of the engine and makes none.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Threads that work at the same time: the processors that this process may use.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// `work` on every part, in the order of the parts; a panic in one is a panic of the call.
pub(crate) fn map<T: Sync, R: Send>(parts: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    map_on(threads(), parts, work)
}

/// [`map`] of so many parts as are known beforehand.
pub(crate) fn each<const N: usize, T: Sync, R: Send>(
    parts: &[T; N],
    work: impl Fn(&T) -> R + Sync,
) -> [R; N] {
    let mut results = map(parts, &work).into_iter();
    parts.each_ref().map(|part| results.next().unwrap_or_else(|| work(part)))
}

fn map_on<T: Sync, R: Send>(threads: usize, parts: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let helpers = threads.min(parts.len()).saturating_sub(1);
    if helpers == 0 {
        return parts.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(at) else { return done };
            done.push((at, work(part)));
        }
    };
    let mut done = thread::scope(|scope| {
        // A thread that the system refuses is not needed: the others take its parts.
        let spawned: Vec<_> =
            (0..helpers).filter_map(|_| thread::Builder::new().spawn_scoped(scope, run).ok()).collect();
        let mut done = run();
        for thread in spawned {
            match thread.join() {
                Ok(part) => done.extend(part),
                Err(panic) => resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::map_on;

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        let parts: Vec<u64> = (0..100).collect();
        let alone = map_on(1, &parts, |part| part * part);
        for threads in [0, 2, 3, 200] {
            assert_eq!(map_on(threads, &parts, |part| part * part), alone);
        }
        assert!(map_on(4, &[], |part: &u64| *part).is_empty());
    }

    #[test]
    #[should_panic(expected = "part 3")]
    fn a_panic_is_not_swallowed() {
        map_on(2, &[1, 2, 3, 4], |part| assert!(*part != 3, "part {part}"));
    }
}
