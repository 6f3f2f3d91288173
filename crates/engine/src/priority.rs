//! Which threads go first on a busy machine, as far as the system lets a user decide that without an administrator's rights.
//!
//! Linux keeps a nice value for each thread. Threads that only show or pass on what is known already are made nicer, which is always
//! allowed; those that read devices, decide and record are put ahead where `RLIMIT_NICE` permits it, and stay at the usual value where it
//! does not. Nothing depends on it but how late a busy machine is: elsewhere, and where the system refuses, threads run as they are.

/// Nice value of threads that may wait.
#[cfg(target_os = "linux")]
const LAST: i32 = 5;

/// Nice values that are tried for threads that must not wait, best first.
#[cfg(target_os = "linux")]
const FIRST: [i32; 3] = [-10, -5, -1];

/// When a thread's work is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// Samples are lost or late if it waits: port readers, log, recorder, and the pipeline of a live session.
    First,
    /// It can wait: history, listeners, background jobs.
    Last,
}

impl Rank {
    /// Ranks the calling thread, and threads that it starts later; gives its nice value where that could be set.
    #[cfg(target_os = "linux")]
    pub(crate) fn take(self) -> Option<i32> {
        // Of Linux's own, process 0 is the calling thread.
        let set = |nice: &i32| rustix::process::setpriority_process(None, *nice).is_ok();
        match self {
            Self::First => FIRST.into_iter().find(set),
            Self::Last => Some(LAST).filter(set),
        }
    }

    /// Ranks the calling thread: only Linux ranks single threads.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn take(self) -> Option<i32> {
        None
    }
}

/// What this system allows, in a sentence for people. Tries it on two threads of its own.
#[must_use]
pub fn priorities() -> String {
    let tried = |rank: Rank| std::thread::spawn(move || rank.take()).join().ok().flatten();
    match (tried(Rank::First), tried(Rank::Last)) {
        (Some(first), _) => {
            format!("threads that read devices and record go first (nice {first}, history and listeners 5)")
        }
        (None, Some(last)) => format!(
            "threads of history and listeners give way to those that read devices and record (nice {last}); to put the latter ahead of \
             other programs, let your user: `@audio - nice -10` in /etc/security/limits.conf, for a group you are in"
        ),
        (None, None) => {
            "this system ranks no single threads: close other programs before a measurement".to_owned()
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// The kernel's own word: field 19 of the thread's stat.
    fn nice() -> i32 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("Linux tells");
        let after_name = stat.rsplit(')').next().expect("a name");
        after_name.split_whitespace().nth(16).and_then(|n| n.parse().ok()).expect("a number")
    }

    #[test]
    fn a_thread_gives_way_and_its_parent_does_not() {
        let before = nice();
        let inside = std::thread::spawn(|| (Rank::Last.take(), nice())).join().expect("it runs");
        // A process that runs nicer than that already may not be allowed back.
        if before <= LAST {
            assert_eq!(inside, (Some(LAST), LAST));
        }
        assert_eq!(nice(), before);
    }

    #[test]
    fn a_refusal_changes_nothing() {
        let before = nice();
        let (given, found) = std::thread::spawn(|| (Rank::First.take(), nice())).join().expect("it runs");
        assert_eq!(found, given.unwrap_or(before));
        assert!(!priorities().is_empty());
    }
}
