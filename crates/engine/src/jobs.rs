//! Many independent jobs on all cores, their results in the order of the jobs.

use crossbeam_channel::bounded;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many jobs run at a time: the cores that the system grants.
#[must_use]
pub fn workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `work` on each item, on `workers` threads at most, and hands each result to `take` in the order of the items, as soon as
/// it and all before it are there.
///
/// A job that panics gives `None`; the others go on. At most twice as many finished results wait as there are workers.
pub fn in_order<I: Sync, R: Send>(
    items: &[I],
    workers: usize,
    work: impl Fn(&I) -> R + Sync,
    mut take: impl FnMut(usize, Option<R>),
) {
    let workers = workers.clamp(1, items.len().max(1));
    let next = AtomicUsize::new(0);
    let (tx, rx) = bounded(workers * 2);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (tx, next, work) = (tx.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    let result = catch_unwind(AssertUnwindSafe(|| work(item))).ok();
                    if tx.send((at, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tx);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (at, result) in rx {
            early.insert(at, result);
            while let Some(result) = early.remove(&due) {
                take(due, result);
                due += 1;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_a_panic_stays_alone() {
        let items: Vec<u64> = (0..200).collect();
        let mut got = Vec::new();
        in_order(
            &items,
            8,
            |item| {
                // Early items take longest, so that later ones overtake them.
                let spin = (0..(200 - item) * 200).fold(0u64, |sum, k| sum.wrapping_add(k * k));
                assert!(*item != 77, "planted {spin}");
                item * 2
            },
            |at, result| got.push((at as u64, result)),
        );
        assert_eq!(got.len(), 200);
        for (k, (at, result)) in got.iter().enumerate() {
            assert_eq!(*at, k as u64);
            assert_eq!(*result, (k != 77).then_some(2 * at));
        }
        let mut none = 0;
        in_order(&[] as &[u8], 4, |_| 1, |_, _| none += 1);
        assert_eq!(none, 0);
    }
}
