//! The recorder thread: steps the recorder of `surae-io` from a ring of its own, so that no disk ever holds up the log.

use crate::Error;
use crate::ring::{self, Item, Receiver, Sender};
use crate::session::{DeviceSpec, SessionOptions};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use surae_io::recorder::Recorder;
use surae_trial::log::{Entry, Stamped};
use surae_trial::{HostNs, SessionLayout};

/// Seconds of samples that the recorder may fall behind.
const ROOM_S: f64 = 20.0;

/// Longest nap between two looks at the ring and at the flush interval.
const NAP: Duration = Duration::from_millis(5);

/// What the thread says at its end: the error that stopped the recording, if any.
pub(crate) type Recording = JoinHandle<Option<String>>;

/// Creates the file and starts the thread.
pub(crate) fn start(
    path: &Path,
    layout: &SessionLayout,
    specs: &[DeviceSpec],
    options: &SessionOptions,
) -> Result<(Sender, Recording), Error> {
    let refused =
        |error: surae_io::Error| Error::Recording { path: path.to_owned(), reason: error.to_string() };
    let recorder = create(path, layout, specs, options).map_err(refused)?;
    let words: f64 = layout.streams.iter().map(|s| s.rate_hz * s.channels.len() as f64 * ROOM_S).sum();
    let (tx, rx) = ring::ring(1 << 15, words.clamp(1e5, 3e7) as usize);
    let layout = Arc::new(layout.clone());
    let thread =
        thread::Builder::new().name("recorder".to_owned()).spawn(move || run(recorder, rx, &layout))?;
    Ok((tx, thread))
}

fn create(
    path: &Path,
    layout: &SessionLayout,
    specs: &[DeviceSpec],
    options: &SessionOptions,
) -> Result<Recorder, surae_io::Error> {
    let list = |item: fn(&DeviceSpec) -> String| specs.iter().map(item).collect::<Vec<_>>().join(", ");
    let mut provenance = BTreeMap::from([
        ("device".to_owned(), list(|spec| spec.device.name().to_owned())),
        ("port".to_owned(), list(|spec| spec.port.clone())),
    ]);
    if let Some(profile) = &options.profile {
        provenance.insert("athlete".to_owned(), profile.athlete.clone());
        provenance.insert("profile_date".to_owned(), profile.date.clone());
    }
    Recorder::create(path, layout, &options.settings, &provenance)
}

fn run(mut recorder: Recorder, mut input: Receiver, layout: &SessionLayout) -> Option<String> {
    let zero = Instant::now();
    let width = |stream: u8| layout.streams.get(usize::from(stream)).map_or(0, |s| s.channels.len());
    let mut native = Vec::new();
    let mut host = HostNs(0);
    let mut failed = None;
    loop {
        let mut worked = false;
        while let Some(item) = input.next(&mut native, width) {
            worked = true;
            let done = match item {
                Item::Host(at) => {
                    host = at;
                    Ok(())
                }
                Item::Entry(Stamped { entry: Entry::Block(header), .. }) => {
                    recorder.block(&header, &native, host)
                }
                Item::Entry(stamped) => recorder.entry(&stamped),
                Item::Restart(_) => Ok(()),
                Item::Close => {
                    let finished = recorder.finish().map_err(|error| error.to_string());
                    return failed.or(finished.err());
                }
            };
            // A full disk: what was written stays readable, the ring is emptied so that the session goes on.
            failed = failed.or(done.err().map(|error| error.to_string()));
        }
        if failed.is_none() {
            failed =
                recorder.step(HostNs(zero.elapsed().as_nanos() as i64)).err().map(|error| error.to_string());
        }
        if input.is_finished() {
            let finished = recorder.finish().map_err(|error| error.to_string());
            return failed.or(finished.err());
        }
        if !worked {
            thread::park_timeout(NAP);
        }
    }
}
