//! The recorder: a session log and its samples as an XDF file that other programs open and that a crash cannot take away.
//!
//! One XDF stream per device stream with native values and exact, gap-aware stamps; a `clock` stream with one line per
//! block; a string stream `surae.log` with one JSON object per log entry. Step-driven: it opens no thread and reads no
//! clock, the engine's recorder thread calls [`Recorder::step`].
//!
//! What can be lost: what was handed over since the last step (at most 100 ms when stepped in time) if the process is
//! killed; up to one second more if the power fails. A disk that refuses a write ends the recording with the last whole
//! chunk: the file opens, and [`Recorder::is_stopped`] says so.

mod base;
mod pre_trigger;
mod store;

pub use pre_trigger::PreTrigger;
pub use store::Store;

use crate::error::{Error, io_error};
use crate::xdf::writer::{self, StreamHeader, tag};
use crate::xdf::{CLOCK_STREAM, LOG_STREAM};
use base::Base;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use store::Output;
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{
    Event, EventKind, EventSource, HostNs, Kind, NativeType, Profile, SampleIndex, Seconds, SessionLayout,
    Settings, StreamLayout,
};

/// Chunks are written when they hold this much, whatever the time.
const CHUNK_BYTES: usize = 256 << 10;
const CHUNK_NS: i64 = 100_000_000;
const SYNC_NS: i64 = 1_000_000_000;
const OFFSET_NS: i64 = 5_000_000_000;
const BOUNDARY_NS: i64 = 10_000_000_000;

/// The first line of `surae.log`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub schema: String,
    pub version: String,
    pub layout: SessionLayout,
    pub settings: Settings,
    pub settings_sha256: String,
    /// The references the session ran with, so that a replay needs no other file.
    #[serde(default)]
    pub profile: Option<Profile>,
    #[serde(default)]
    pub profile_sha256: Option<String>,
    pub provenance: BTreeMap<String, String>,
}

/// What a recording says of itself.
#[derive(Clone, Copy, Debug)]
pub struct RecordingInfo<'a> {
    /// Streams and channels.
    pub layout: &'a SessionLayout,
    /// Settings at the start.
    pub settings: &'a Settings,
    /// References the session runs with.
    pub profile: Option<&'a Profile>,
    /// What a reader should know of the origin (`device`, `port`, `recorded_at`, `synthetic`, ...). Version and the hashes of
    /// settings and profile are added.
    pub provenance: &'a BTreeMap<String, String>,
}

/// One line of `surae.log`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogLine {
    Header(Box<Header>),
    Entry(Stamped),
    Note(Event),
}

/// Samples of one XDF stream that wait for their chunk.
#[derive(Debug, Default)]
struct Pending {
    content: Vec<u8>,
    samples: usize,
    total: u64,
    first_stamp: f64,
    last_stamp: f64,
}

impl Pending {
    fn stamp(&mut self, stamp: f64) {
        if self.total == 0 {
            self.first_stamp = stamp;
        }
        self.last_stamp = stamp;
        self.samples += 1;
        self.total += 1;
        self.content.push(8);
        self.content.extend_from_slice(&stamp.to_le_bytes());
    }
}

/// Writes one session. Dropping it without [`Recorder::finish`] leaves a file that still opens.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    out: Output,
    layout: SessionLayout,
    base: Base,
    /// Data streams, then `clock`, then `surae.log`.
    pending: Vec<Pending>,
    /// Host time of master index 0 in s, from the first block.
    origin_s: Option<f64>,
    /// Index after the last master frame: where entries of other streams stand.
    master_end: SampleIndex,
    last_chunk: Option<HostNs>,
    last_sync: Option<HostNs>,
    last_offset: Option<HostNs>,
    last_boundary: Option<HostNs>,
}

impl Recorder {
    /// Creates the file and writes all headers, so that it opens from the first moment. An existing file is replaced.
    ///
    /// # Errors
    /// The file cannot be created or written.
    pub fn create(path: &Path, info: &RecordingInfo<'_>) -> Result<Self, Error> {
        let file = File::create(path).map_err(|e| io_error(path, "create", e))?;
        Self::into_store(path, Box::new(file), info)
    }

    /// As [`Recorder::create`], into any store; `path` names it in errors.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn into_store(path: &Path, store: Box<dyn Store>, info: &RecordingInfo<'_>) -> Result<Self, Error> {
        let streams = info.layout.streams.len() + 2;
        let mut recorder = Self {
            path: path.to_owned(),
            out: Output::new(store),
            layout: info.layout.clone(),
            base: Base::start_of_session(info.layout),
            pending: (0..streams).map(|_| Pending::default()).collect(),
            origin_s: None,
            master_end: SampleIndex(0),
            last_chunk: None,
            last_sync: None,
            last_offset: None,
            last_boundary: None,
        };
        recorder.headers(info).map_err(|e| io_error(path, "write", e))?;
        Ok(recorder)
    }

    fn headers(&mut self, info: &RecordingInfo<'_>) -> io::Result<()> {
        self.out.put(b"XDF:");
        let mut file_header = String::from("<?xml version=\"1.0\"?><info><version>1.0</version>");
        if let Some(at) = info.provenance.get("recorded_at") {
            // Writing into a String cannot fail.
            let _ = write!(file_header, "<datetime>{}</datetime>", writer::escape(at));
        }
        file_header.push_str("</info>");
        self.out.chunk(tag::FILE_HEADER, file_header.as_bytes())?;
        let layout = self.layout.clone();
        for (number, stream) in layout.streams.iter().enumerate() {
            let desc = describe(stream);
            let header = StreamHeader {
                name: &stream.name,
                kind: content_type(stream),
                channels: stream.channels.len(),
                rate_hz: stream.rate_hz,
                format: writer::format_name(stream.native),
                source_id: &format!("surae {}", stream.name),
                desc: &desc,
            };
            self.stream_header(number, &header)?;
        }
        let columns = ["stream", "first_index", "frames", "device_us", "host_ns"];
        let desc = writer::channels_xml(columns.iter().map(|label| (*label, "", "")));
        let clock = StreamHeader {
            name: CLOCK_STREAM,
            kind: "Clock",
            channels: columns.len(),
            rate_hz: 0.0,
            format: "double64",
            source_id: "surae clock",
            desc: &desc,
        };
        self.stream_header(layout.streams.len(), &clock)?;
        let log =
            StreamHeader { name: LOG_STREAM, kind: "Log", channels: 1, format: "string", desc: "", ..clock };
        self.stream_header(layout.streams.len() + 1, &log)?;
        let hash = |json: Vec<u8>| crate::sha256_hex(&json);
        let profile_sha256 = info.profile.map(serde_json::to_vec).transpose().map_err(io::Error::other)?;
        let header = Header {
            schema: "surae.log/1".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            layout,
            settings: *info.settings,
            settings_sha256: hash(serde_json::to_vec(info.settings).map_err(io::Error::other)?),
            profile: info.profile.cloned(),
            profile_sha256: profile_sha256.map(hash),
            provenance: info.provenance.clone(),
        };
        self.log(&LogLine::Header(Box::new(header)))?;
        self.write_pending()?;
        self.out.flush()
    }

    fn stream_header(&mut self, number: usize, header: &StreamHeader<'_>) -> io::Result<()> {
        let mut content = id(number).to_vec();
        content.extend_from_slice(header.xml().as_bytes());
        self.out.chunk(tag::STREAM_HEADER, &content)
    }

    /// Takes a block of frames: `native` holds `frames` times as many values as the stream has channels. `host` is the
    /// host time at which the block was read. Blocks of streams other than the master are also entered in the log,
    /// after the last master block.
    ///
    /// # Errors
    /// The block does not fit the layout, a value does not fit the native type, or the file cannot be written.
    pub fn block(&mut self, header: &BlockHeader, native: &[f64], host: HostNs) -> Result<(), Error> {
        self.block_with_device_time(header, native, host, None)
    }

    /// As [`Recorder::block`], with the device's clock at the first frame in microseconds.
    ///
    /// # Errors
    /// As [`Recorder::block`].
    pub fn block_with_device_time(
        &mut self,
        header: &BlockHeader,
        native: &[f64],
        host: HostNs,
        device_us: Option<u64>,
    ) -> Result<(), Error> {
        let Some(header) = self.base.block(header) else { return Ok(()) };
        let header = &header;
        self.samples(header, native, host).map_err(|e| io_error(&self.path, "record a block in", e))?;
        let clock = self.layout.streams.len();
        let numbers = [
            f64::from(header.stream.0),
            header.first.0 as f64,
            f64::from(header.frames),
            device_us.map_or(f64::NAN, |us| us as f64),
            host.0 as f64,
        ];
        let stamp = host.0 as f64 * 1e-9;
        let pending = &mut self.pending[clock];
        pending.stamp(stamp);
        numbers.iter().for_each(|number| pending.content.extend_from_slice(&number.to_le_bytes()));
        if self.layout.master == Some(header.stream) {
            self.master_end = SampleIndex(header.first.0 + u64::from(header.frames));
            Ok(())
        } else {
            self.line(&LogLine::Entry(Stamped { at: self.master_end, entry: Entry::Block(*header) }))
        }
    }

    fn samples(&mut self, header: &BlockHeader, native: &[f64], host: HostNs) -> io::Result<()> {
        let number = usize::from(header.stream.0);
        let refuse = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
        let Some(stream) = self.layout.streams.get(number) else {
            return Err(refuse(format!("no stream {number} in the layout")));
        };
        let width = stream.channels.len();
        if native.len() != width * header.frames as usize {
            return Err(refuse(format!("{} values for {} frames of {width}", native.len(), header.frames)));
        }
        let rate_hz = self.layout.master_stream().map_or(stream.rate_hz, |master| master.rate_hz);
        let (position, step) = match self.layout.master {
            Some(_) => (header.position, header.step),
            None => (header.first.0 as f64, 1.0),
        };
        let end = (position + step * f64::from(header.frames)) / rate_hz;
        let origin_s = *self.origin_s.get_or_insert(host.0 as f64 * 1e-9 - end);
        let native_type = stream.native;
        // All or nothing: a half frame would spoil the chunk.
        if let Some(value) = native.iter().find(|value| !holds(native_type, **value)) {
            return Err(refuse(format!("{value} does not fit {native_type:?} of stream {number}")));
        }
        let pending = &mut self.pending[number];
        for (k, frame) in native.chunks_exact(width.max(1)).enumerate() {
            pending.stamp(origin_s + (position + step * k as f64) / rate_hz);
            frame.iter().for_each(|value| encode(*value, native_type, &mut pending.content));
        }
        Ok(())
    }

    /// Takes a log entry. [`Entry::Block`] is ignored: [`Recorder::block`] enters blocks itself.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn entry(&mut self, stamped: &Stamped) -> Result<(), Error> {
        if matches!(stamped.entry, Entry::Block(_)) {
            return Ok(());
        }
        match self.base.entry(stamped, &self.layout) {
            Some(stamped) => self.line(&LogLine::Entry(stamped)),
            None => Ok(()),
        }
    }

    /// Takes an event with its words (a typed note, a named mark), for display; it is no log entry.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note_event(&mut self, event: &Event) -> Result<(), Error> {
        self.line(&LogLine::Note(event.clone()))
    }

    /// Takes the words of a typed note whose mark stands at a master sample of the session.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note(&mut self, index: SampleIndex, words: &str) -> Result<(), Error> {
        let mark = Stamped { at: index, entry: Entry::Mark { code: u8::MAX, index } };
        let Some(Stamped { entry: Entry::Mark { index, .. }, .. }) = self.base.entry(&mark, &self.layout)
        else {
            return Ok(());
        };
        let rate_hz = self.layout.master_stream().map_or(f64::NAN, |stream| stream.rate_hz);
        self.note_event(&Event {
            time_s: index.at(rate_hz, Seconds(0.0)),
            kind: EventKind::Mark,
            side: None,
            source: EventSource::User,
            label: words.to_owned(),
        })
    }

    fn line(&mut self, line: &LogLine) -> Result<(), Error> {
        self.log(line).map_err(|e| io_error(&self.path, "write", e))
    }

    fn log(&mut self, line: &LogLine) -> io::Result<()> {
        let text = serde_json::to_string(line).map_err(io::Error::other)?;
        let stamp = self.origin_s.unwrap_or(0.0) + self.stamp_of_master();
        let number = self.layout.streams.len() + 1;
        let pending = &mut self.pending[number];
        pending.stamp(stamp);
        writer::count(&mut pending.content, text.len());
        pending.content.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn stamp_of_master(&self) -> f64 {
        self.layout.master_stream().map_or(0.0, |master| self.master_end.0 as f64 / master.rate_hz)
    }

    /// Writes what is due at `now`: chunks every 100 ms, `fsync` every second, clock offsets every 5 s, a boundary every
    /// 10 s. Call it at least every 50 ms.
    ///
    /// # Errors
    /// The file cannot be written (disk full, removed): what was written before stays readable.
    pub fn step(&mut self, now: HostNs) -> Result<(), Error> {
        self.due(now).map_err(|e| io_error(&self.path, "write", e))
    }

    fn due(&mut self, now: HostNs) -> io::Result<()> {
        let due =
            |last: Option<HostNs>, after: i64| last.is_none_or(|last| now.0.saturating_sub(last.0) >= after);
        let full = self.pending.iter().any(|pending| pending.content.len() >= CHUNK_BYTES);
        // Half of what is promised: a step comes late as often as early.
        if full || due(self.last_chunk, CHUNK_NS / 2) {
            self.last_chunk = Some(now);
            self.write_pending()?;
            if due(self.last_offset, OFFSET_NS) {
                self.last_offset = Some(now);
                self.offsets(now)?;
            }
            if due(self.last_boundary, BOUNDARY_NS) {
                self.last_boundary = Some(now);
                self.out.chunk(tag::BOUNDARY, &writer::BOUNDARY)?;
            }
            self.out.flush()?;
        }
        if due(self.last_sync, SYNC_NS) {
            self.last_sync = Some(now);
            self.out.flush()?;
            self.out.sync(false)?;
        }
        Ok(())
    }

    /// Data before the log: a torn file holds the samples that its log speaks of.
    fn write_pending(&mut self) -> io::Result<()> {
        for number in 0..self.pending.len() {
            let pending = &mut self.pending[number];
            if pending.samples == 0 {
                continue;
            }
            let mut content = id(number).to_vec();
            writer::count(&mut content, std::mem::take(&mut pending.samples));
            content.append(&mut pending.content);
            self.out.chunk(tag::SAMPLES, &content)?;
        }
        Ok(())
    }

    /// All streams stand on the host's clock already: offset 0.
    fn offsets(&mut self, now: HostNs) -> io::Result<()> {
        for number in 0..self.pending.len() {
            let mut content = id(number).to_vec();
            content.extend_from_slice(&(now.0 as f64 * 1e-9).to_le_bytes());
            content.extend_from_slice(&0.0f64.to_le_bytes());
            self.out.chunk(tag::CLOCK_OFFSET, &content)?;
        }
        Ok(())
    }

    /// Bytes written or waiting so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.out.bytes() + self.pending.iter().map(|pending| pending.content.len() as u64).sum::<u64>()
    }

    /// Bytes in the file so far: what is left of it if the process ends now.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.out.written()
    }

    /// True once the disk refused a write or a sync: the file ends with its last whole chunk, nothing more is written.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.out.has_failed()
    }

    /// Writes everything and the footers, and syncs to disk.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<(), Error> {
        let path = self.path.clone();
        self.close().map_err(|e| io_error(&path, "write", e))
    }

    fn close(&mut self) -> io::Result<()> {
        self.write_pending()?;
        for number in 0..self.pending.len() {
            let pending = &self.pending[number];
            let xml = writer::footer(pending.first_stamp, pending.last_stamp, pending.total);
            let mut content = id(number).to_vec();
            content.extend_from_slice(xml.as_bytes());
            self.out.chunk(tag::STREAM_FOOTER, &content)?;
        }
        self.out.flush()?;
        self.out.sync(true)
    }
}

/// Stream numbers count from 1 in the file.
fn id(number: usize) -> [u8; 4] {
    (number as u32 + 1).to_le_bytes()
}

/// Whether a native type can hold a value.
fn holds(native: NativeType, value: f64) -> bool {
    let whole = |low: f64, high: f64| value.fract() == 0.0 && (low..=high).contains(&value);
    match native {
        NativeType::I16 => whole(f64::from(i16::MIN), f64::from(i16::MAX)),
        NativeType::I32 => whole(f64::from(i32::MIN), f64::from(i32::MAX)),
        NativeType::F32 | NativeType::F64 => true,
    }
}

/// Appends a native value that [`holds`].
fn encode(value: f64, native: NativeType, out: &mut Vec<u8>) {
    match native {
        NativeType::I16 => out.extend_from_slice(&(value as i16).to_le_bytes()),
        NativeType::I32 => out.extend_from_slice(&(value as i32).to_le_bytes()),
        NativeType::F32 => out.extend_from_slice(&(value as f32).to_le_bytes()),
        NativeType::F64 => out.extend_from_slice(&value.to_le_bytes()),
    }
}

fn content_type(stream: &StreamLayout) -> &'static str {
    if stream.channels.iter().any(|channel| channel.role.kind.is_emg()) {
        "EMG"
    } else if stream.channels.iter().any(|channel| channel.role.kind == Kind::Angle) {
        "MoCap"
    } else {
        "Misc"
    }
}

/// Channels, and the mark that keeps readers from smearing stamps over holes.
fn describe(stream: &StreamLayout) -> String {
    let channels = stream.channels.iter().map(|c| (c.label.as_str(), c.unit.symbol(), c.role.kind.name()));
    let mut desc = writer::channels_xml(channels);
    desc.push_str("<synchronization><can_drop_samples>true</can_drop_samples></synchronization>");
    desc
}
