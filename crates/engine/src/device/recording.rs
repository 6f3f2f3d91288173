//! The recorder thread: steps the recorder of `surae-io` from a ring of its own, so that no disk ever holds up the log.
//!
//! Syncing to disk is left to a second thread: an `fsync` may take longer than what a killed process is allowed to lose.

use crate::Error;
use crate::priority::Rank;
use crate::ring::{self, Item, Polled, Receiver, Sender};
use crate::session::{DeviceSpec, SessionOptions};
use crate::status::{RecordingNow, RecordingState, SessionEvent};
use crate::threads::Hub;
use crossbeam_channel::{Receiver as Messages, Sender as Teller, bounded};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};
use surae_io::recorder::{PreTrigger, Recorder, RecordingInfo, Store};
use surae_trial::log::{Entry, Stamped};
use surae_trial::{HostNs, Note, Profile, SampleIndex, SessionLayout};

/// Seconds of samples that the recorder may fall behind.
const ROOM_S: f64 = 20.0;

/// Room on the disk, in seconds of recording, below which a warning is given, each once.
const DISK_WARNINGS_S: [f64; 3] = [600.0, 60.0, 10.0];

/// Longest nap between two looks at the ring and at the flush interval.
const NAP: Duration = Duration::from_millis(5);

/// What the recorder thread lets others see.
#[derive(Debug, Default)]
struct Seen {
    state: AtomicU8,
    bytes: AtomicU64,
    held_ms: AtomicU64,
    /// `u64::MAX` where the system does not say.
    free_bytes: AtomicU64,
}

impl Seen {
    fn state(&self) -> RecordingState {
        match self.state.load(Ordering::Relaxed) {
            1 => RecordingState::Armed,
            2 => RecordingState::Running,
            3 => RecordingState::Failed,
            _ => RecordingState::Off,
        }
    }

    fn set(&self, state: RecordingState) {
        self.state.store(state as u8, Ordering::Relaxed);
    }
}

/// The log thread's side of a recording.
pub(crate) struct Recording {
    pub(crate) ring: Sender,
    seen: Arc<Seen>,
    /// Why the recording stopped; one message at most.
    failed: Messages<String>,
    thread: JoinHandle<Option<String>>,
    /// Files that were ended while the session went on.
    ended: Messages<PathBuf>,
    /// When the file began to be written, and how many warnings about the disk were given.
    since: Option<Instant>,
    warnings: usize,
}

impl Recording {
    /// The recording now; tells once what went wrong with it and, in time, that the disk is filling up.
    pub(crate) fn now(&mut self, hub: &Hub) -> RecordingNow {
        let state = self.seen.state();
        let bytes = self.seen.bytes.load(Ordering::Relaxed);
        let free_bytes =
            Some(self.seen.free_bytes.load(Ordering::Relaxed)).filter(|bytes| *bytes != u64::MAX);
        if let Ok(error) = self.failed.try_recv() {
            hub.tell(SessionEvent::RecordingFailed(error));
        }
        while let Ok(path) = self.ended.try_recv() {
            hub.tell(SessionEvent::Recorded(path));
            (self.since, self.warnings) = (None, 0);
        }
        if state == RecordingState::Running {
            self.since.get_or_insert_with(Instant::now);
        }
        let since_s = self.since.map_or(0.0, |since| since.elapsed().as_secs_f64());
        let bytes_per_s = if since_s >= 1.0 { bytes as f64 / since_s } else { f64::NAN };
        let disk_time_left_s = free_bytes.map_or(f64::NAN, |free| free as f64 / bytes_per_s);
        if state == RecordingState::Running
            && DISK_WARNINGS_S.get(self.warnings).is_some_and(|limit_s| disk_time_left_s < *limit_s)
        {
            while DISK_WARNINGS_S.get(self.warnings).is_some_and(|limit_s| disk_time_left_s < *limit_s) {
                self.warnings += 1;
            }
            let text = format!(
                "the disk has room for {disk_time_left_s:.0} s more of this recording; free some space. The recording \
                 goes on until a write fails"
            );
            hub.tell(SessionEvent::Note(Note::warning("disk_space_low", text)));
        }
        let held_ms = self.seen.held_ms.load(Ordering::Relaxed);
        let held_s = if state == RecordingState::Armed { held_ms as f64 * 1e-3 } else { 0.0 };
        RecordingNow { state, bytes, bytes_per_s, held_s, free_bytes, disk_time_left_s }
    }

    /// Waits for the thread, after [`Item::Close`]; the error that stopped the recording, if any.
    pub(crate) fn finish(self) -> Option<String> {
        drop(self.ring);
        match self.thread.join() {
            Ok(error) => error,
            Err(_) => Some("the recorder stopped".to_owned()),
        }
    }
}

/// Everything that the file says of its origin, and where it goes.
struct Target {
    path: PathBuf,
    profile: Option<Profile>,
    provenance: BTreeMap<String, String>,
    seen: Arc<Seen>,
}

/// Creates the file, or makes sure that it can be created, and starts the thread. `zero` is the session's time 0.
pub(crate) fn start(
    path: &Path,
    layout: &SessionLayout,
    specs: &[DeviceSpec],
    options: &SessionOptions,
    zero: Instant,
) -> Result<Recording, Error> {
    let refused =
        |error: surae_io::Error| Error::Recording { path: path.to_owned(), reason: error.to_string() };
    let target = Target {
        path: path.to_owned(),
        profile: options.profile.clone(),
        provenance: provenance(specs, options),
        seen: Arc::default(),
    };
    let phase = match options.pre_trigger_s {
        None => {
            let store = target.store()?;
            let info = RecordingInfo {
                layout,
                settings: &options.settings,
                profile: target.profile.as_ref(),
                provenance: &target.provenance,
            };
            Phase::Running(Box::new(Recorder::into_store(path, store, &info).map_err(refused)?))
        }
        Some(keep_s) => {
            // A folder that cannot be written to is said now, not when it is too late.
            drop(target.store()?);
            let _ = std::fs::remove_file(path);
            Phase::Armed(Box::new(PreTrigger::new(layout, &options.settings, keep_s)))
        }
    };
    let words: f64 = layout.streams.iter().map(|s| s.rate_hz * s.channels.len() as f64 * ROOM_S).sum();
    let (tx, rx) = ring::ring(1 << 15, words.clamp(1e5, 3e7) as usize);
    let (tell, failed) = bounded(1);
    let (tell_ended, ended) = bounded(64);
    let seen = Arc::clone(&target.seen);
    let widths = layout.streams.iter().map(|stream| stream.channels.len()).collect();
    let recording = Run {
        phase,
        next: None,
        target,
        widths,
        tell,
        ended: tell_ended,
        zero,
        host: HostNs(0),
        device_us: None,
        failure: None,
    };
    let thread = thread::Builder::new().name("recorder".to_owned()).spawn(move || {
        Rank::First.take();
        recording.run(rx)
    })?;
    Ok(Recording { ring: tx, seen, failed, ended, thread, since: None, warnings: 0 })
}

fn provenance(specs: &[DeviceSpec], options: &SessionOptions) -> BTreeMap<String, String> {
    let list = |item: fn(&DeviceSpec) -> String| specs.iter().map(item).collect::<Vec<_>>().join(", ");
    let mut provenance = BTreeMap::from([
        ("device".to_owned(), list(|spec| spec.device.name().to_owned())),
        ("port".to_owned(), list(|spec| spec.port.clone())),
        ("software".to_owned(), format!("surae {}", env!("CARGO_PKG_VERSION"))),
        ("recorded_at".to_owned(), utc_now()),
    ]);
    if let Some(profile) = &options.profile {
        provenance.insert("athlete".to_owned(), profile.athlete.clone());
        provenance.insert("profile_date".to_owned(), profile.date.clone());
    }
    provenance
}

/// Now (UTC) as `2026-11-22T10:15:20Z`; the first ten characters are the day.
#[must_use]
pub fn utc_now() -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, of_day) = ((seconds / 86_400) as i64, seconds % 86_400);
    // Civil date from days since 1970-01-01 (proleptic Gregorian, eras of 400 years that begin in March).
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The first of `name-2`, `name-3`, ... that is not taken: a recording never replaces another one of its session.
fn beside(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let base = match stem.rsplit_once('-') {
        Some((base, number)) if number.len() <= 3 && number.parse::<u32>().is_ok() => base.to_owned(),
        _ => stem,
    };
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let named = |k: u32| path.with_file_name(format!("{base}-{k}.{ending}"));
    (2..10_000).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(10_000))
}

impl Target {
    /// The file, with a thread that syncs it and looks at the free space.
    fn store(&self) -> Result<Box<dyn Store>, Error> {
        let refused = |e: io::Error| Error::Recording {
            path: self.path.clone(),
            reason: format!("cannot create: {e}"),
        };
        let file = File::create(&self.path).map_err(refused)?;
        let (ask, asked) = bounded(1);
        let (tell, failed) = bounded(1);
        let twin = file.try_clone().map_err(refused)?;
        let (path, seen) = (self.path.clone(), Arc::clone(&self.seen));
        let look = move || {
            let free = fs4::available_space(
                path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")),
            );
            seen.free_bytes.store(free.unwrap_or(u64::MAX), Ordering::Relaxed);
        };
        look();
        thread::Builder::new().name("disk".to_owned()).spawn(move || {
            while asked.recv().is_ok() {
                if let Err(error) = twin.sync_data() {
                    let _: Result<(), _> = tell.try_send(error);
                }
                look();
            }
        })?;
        Ok(Box::new(Disk { file, ask, failed }))
    }
}

/// A file whose syncs are done elsewhere.
struct Disk {
    file: File,
    ask: Teller<()>,
    failed: Messages<io::Error>,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Store for Disk {
    fn sync(&mut self, wait: bool) -> io::Result<()> {
        if let Ok(error) = self.failed.try_recv() {
            return Err(error);
        }
        if wait {
            return self.file.sync_all();
        }
        // One that is still running covers the next one too.
        let _ = self.ask.try_send(());
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }
}

/// What becomes of the next item.
enum Phase {
    Armed(Box<PreTrigger>),
    Running(Box<Recorder>),
    /// Ended when asked, with nothing held for another one.
    Ended,
    /// Stopped by an error: the ring is emptied so that the session goes on.
    Stopped,
}

struct Run {
    phase: Phase,
    /// What the next recording begins with, held while this one runs.
    next: Option<Box<PreTrigger>>,
    target: Target,
    widths: Vec<usize>,
    tell: Teller<String>,
    ended: Teller<PathBuf>,
    zero: Instant,
    host: HostNs,
    device_us: Option<u64>,
    failure: Option<String>,
}

impl Run {
    fn run(mut self, mut input: Receiver) -> Option<String> {
        let widths = std::mem::take(&mut self.widths);
        let width = |stream: u8| widths.get(usize::from(stream)).copied().unwrap_or(0);
        let mut native = Vec::new();
        loop {
            let mut worked = false;
            loop {
                match input.poll(&mut native, width) {
                    Polled::Item(Item::Close) | Polled::Finished => return self.finish(),
                    Polled::Item(item) => self.take(item, &native),
                    Polled::Empty => break,
                }
                worked = true;
            }
            self.step();
            if !worked {
                thread::park_timeout(NAP);
            }
        }
    }

    fn take(&mut self, item: Item, native: &[f64]) {
        match item {
            Item::Host { at, device_us } => (self.host, self.device_us) = (at, device_us),
            Item::Entry(Stamped { entry: Entry::Block(header), .. }) => {
                if let Some(next) = &mut self.next {
                    next.block(&header, native, self.host, self.device_us);
                }
                match &mut self.phase {
                    Phase::Armed(held) => held.block(&header, native, self.host, self.device_us),
                    Phase::Running(recorder) => {
                        let done =
                            recorder.block_with_device_time(&header, native, self.host, self.device_us);
                        self.settle(done);
                    }
                    Phase::Ended | Phase::Stopped => {}
                }
            }
            Item::Entry(stamped) => {
                if let Some(next) = &mut self.next {
                    next.entry(&stamped);
                }
                match &mut self.phase {
                    Phase::Armed(held) => held.entry(&stamped),
                    Phase::Running(recorder) => {
                        let done = recorder.entry(&stamped);
                        self.settle(done);
                    }
                    Phase::Ended | Phase::Stopped => {}
                }
                // A mark says that something worth keeping is happening.
                if matches!(stamped.entry, Entry::Mark { .. }) {
                    self.trigger();
                }
            }
            Item::Record => self.trigger(),
            Item::StopRecording => self.end(),
            Item::Note { index, words } => {
                if let Phase::Running(recorder) = &mut self.phase {
                    let done = recorder.note(index, words.as_str());
                    self.settle(done);
                }
            }
            Item::Restart(_) | Item::Close => {}
        }
    }

    /// Ends the waiting: the file begins with what was held.
    fn trigger(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Stopped) {
            Phase::Armed(held) => {
                self.next = Some(Box::new(held.successor()));
                self.target.provenance.insert("recorded_at".to_owned(), utc_now());
                let target = &self.target;
                let started = target.store().map_err(|error| error.to_string()).and_then(|store| {
                    let profile = target.profile.as_ref();
                    held.start(&target.path, store, profile, &target.provenance).map_err(|e| e.to_string())
                });
                match started {
                    Ok(recorder) => self.phase = Phase::Running(Box::new(recorder)),
                    Err(error) => self.fail(error),
                }
            }
            phase => self.phase = phase,
        }
    }

    /// Ends the recording in order; what was held meanwhile waits for the next one, in a file beside it.
    fn end(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Running(mut recorder) => {
                // The log of a whole recording ends with its end.
                let at = self.next.as_ref().map_or(SampleIndex(0), |next| next.master_end());
                let ended = recorder.entry(&Stamped { at, entry: Entry::End });
                let finished = ended.and_then(|()| recorder.finish());
                if let Err(error) = finished {
                    self.fail(error.to_string());
                    return;
                }
                let _ = self.ended.try_send(self.target.path.clone());
                if let Some(held) = self.next.take() {
                    self.target.path = beside(&self.target.path);
                    self.phase = Phase::Armed(held);
                }
            }
            phase => self.phase = phase,
        }
    }

    fn settle(&mut self, done: Result<(), surae_io::Error>) {
        if let Err(error) = done {
            self.fail(error.to_string());
        }
    }

    fn fail(&mut self, error: String) {
        self.phase = Phase::Stopped;
        let _ = self.tell.try_send(error.clone());
        self.failure.get_or_insert(error);
    }

    fn step(&mut self) {
        let now = HostNs(self.zero.elapsed().as_nanos() as i64);
        if let Phase::Running(recorder) = &mut self.phase {
            let done = recorder.step(now);
            self.target.seen.bytes.store(recorder.bytes(), Ordering::Relaxed);
            self.settle(done);
        }
        let seen = &self.target.seen;
        match &self.phase {
            Phase::Armed(held) => {
                seen.held_ms.store((held.held_s() * 1e3) as u64, Ordering::Relaxed);
                seen.set(RecordingState::Armed);
            }
            Phase::Running(_) => seen.set(RecordingState::Running),
            Phase::Ended => seen.set(RecordingState::Off),
            Phase::Stopped => seen.set(RecordingState::Failed),
        }
    }

    fn finish(mut self) -> Option<String> {
        if let Phase::Running(recorder) = std::mem::replace(&mut self.phase, Phase::Stopped) {
            let bytes = recorder.bytes();
            let finished = recorder.finish().map_err(|error| error.to_string());
            self.target.seen.bytes.store(bytes, Ordering::Relaxed);
            self.failure = self.failure.take().or(finished.err());
        }
        self.failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_has_the_form_of_iso_8601() {
        let now = utc_now();
        assert_eq!(now.len(), 20, "{now}");
        assert!(now.as_str() > "2024-01-01T00:00:00Z" && now.ends_with('Z'), "{now}");
    }
}
