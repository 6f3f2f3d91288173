//! One long computation or one read beside the window: started here, asked for from time to time, never waited for.
//!
//! Not for many jobs of a kind ([`crate::jobs`]) and not for the sample path.

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// How far a job has come; shared between the job and whoever waits for it.
#[derive(Clone, Debug, Default)]
pub struct JobProgress(Arc<AtomicU32>);

impl JobProgress {
    /// Says how far the job has come: 0 to 1.
    pub fn set(&self, share: f64) {
        self.0.store((share.clamp(0.0, 1.0) * 1000.0) as u32, Ordering::Relaxed);
    }

    /// How far it has come: 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        f64::from(self.0.load(Ordering::Relaxed)) / 1000.0
    }
}

/// What has become of a job.
#[derive(Debug, PartialEq, Eq)]
pub enum JobState<R> {
    /// It runs.
    Running,
    /// It is done; the result is handed over once.
    Done(R),
    /// It panicked, could not be started, or its result was taken before.
    Failed,
}

/// A job that runs on a thread of its own. Dropping it leaves the job to end by itself, its result unused.
#[derive(Debug)]
pub struct Job<R> {
    result: Receiver<R>,
    progress: JobProgress,
}

impl<R: Send + 'static> Job<R> {
    /// Starts `work` on a thread called `name`.
    pub fn start(name: &str, work: impl FnOnce(&JobProgress) -> R + Send + 'static) -> Self {
        let (tx, rx) = bounded(1);
        let progress = JobProgress::default();
        let inside = progress.clone();
        // A thread that cannot be started drops `tx`: the job has then failed, and says so when asked.
        let _ = thread::Builder::new().name(name.to_owned()).spawn(move || {
            crate::priority::Rank::Last.take();
            if let Ok(result) = catch_unwind(AssertUnwindSafe(|| work(&inside))) {
                // Nobody waits any more: the result is not wanted.
                let _ = tx.send(result);
            }
        });
        Self { result: rx, progress }
    }

    /// What has become of it; never waits.
    pub fn poll(&mut self) -> JobState<R> {
        match self.result.try_recv() {
            Ok(result) => JobState::Done(result),
            Err(TryRecvError::Empty) => JobState::Running,
            Err(TryRecvError::Disconnected) => JobState::Failed,
        }
    }

    /// How far it has come, 0 to 1, as the job itself says.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.progress.share()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<R: Send + 'static>(job: &mut Job<R>) -> JobState<R> {
        loop {
            match job.poll() {
                JobState::Running => thread::yield_now(),
                state => return state,
            }
        }
    }

    #[test]
    fn a_result_comes_once_and_progress_is_told() {
        let mut job = Job::start("test", |progress| {
            progress.set(0.4);
            7
        });
        assert_eq!(wait(&mut job), JobState::Done(7));
        assert_eq!(job.share(), 0.4);
        assert_eq!(job.poll(), JobState::Failed);
    }

    #[test]
    fn a_panic_is_a_failure_and_nothing_more() {
        let mut job = Job::start("test", |_| -> u8 { panic!("planted") });
        assert_eq!(wait(&mut job), JobState::Failed);
    }
}
