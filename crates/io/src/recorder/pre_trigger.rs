//! The last seconds of a session, held in memory until somebody says "record".

use super::base::Base;
use super::{Recorder, RecordingInfo, Store};
use crate::error::Error;
use std::collections::VecDeque;
use std::path::Path;
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{HostNs, Profile, SampleIndex, SessionLayout, Settings, StreamId};

/// One thing that a session hands over.
#[derive(Clone, Debug)]
enum Held {
    Block { header: BlockHeader, native: Vec<f64>, host: HostNs, device_us: Option<u64> },
    Entry(Stamped),
}

/// Keeps what a session hands over for [`PreTrigger::KEEP_S`] seconds at most, and starts a [`Recorder`] with it.
///
/// The file then begins that long before the trigger, with the settings and references in force there; its indices and
/// times count from its own beginning (`provenance.starts_at_session_s` says where that is in the session).
#[derive(Debug)]
pub struct PreTrigger {
    layout: SessionLayout,
    settings: Settings,
    keep: u64,
    /// Each with the master index at which it ends.
    held: VecDeque<(u64, Held)>,
    /// Settings aside, what was said before the oldest held block and still holds.
    standing: Vec<Stamped>,
    master_end: u64,
}

impl PreTrigger {
    /// Seconds that may be asked for.
    pub const KEEP_S: std::ops::RangeInclusive<f64> = 1.0..=30.0;

    /// Nothing held yet; `keep_s` is brought into [`PreTrigger::KEEP_S`].
    #[must_use]
    pub fn new(layout: &SessionLayout, settings: &Settings, keep_s: f64) -> Self {
        let keep_s = if keep_s.is_finite() { keep_s } else { 1.0 };
        let keep_s = keep_s.clamp(*Self::KEEP_S.start(), *Self::KEEP_S.end());
        let rate_hz = layout.master_stream().map_or(0.0, |stream| stream.rate_hz);
        Self {
            layout: layout.clone(),
            settings: *settings,
            keep: (keep_s * rate_hz).round() as u64,
            held: VecDeque::new(),
            standing: Vec::new(),
            master_end: 0,
        }
    }

    /// As [`Recorder::block_with_device_time`].
    pub fn block(&mut self, header: &BlockHeader, native: &[f64], host: HostNs, device_us: Option<u64>) {
        if self.layout.master == Some(header.stream) {
            self.master_end = header.first.0 + u64::from(header.frames);
        }
        let held = Held::Block { header: *header, native: native.to_vec(), host, device_us };
        self.held.push_back((self.master_end, held));
        let limit = self.master_end.saturating_sub(self.keep);
        while self.held.front().is_some_and(|(end, _)| *end <= limit) {
            if let Some((_, Held::Entry(stamped))) = self.held.pop_front() {
                self.passed(stamped);
            }
        }
    }

    /// As [`Recorder::entry`].
    pub fn entry(&mut self, stamped: &Stamped) {
        if !matches!(stamped.entry, Entry::Block(_)) {
            self.held.push_back((self.master_end, Held::Entry(*stamped)));
        }
    }

    /// Remembers of an entry that is let go what still holds after it.
    fn passed(&mut self, stamped: Stamped) {
        let same = |other: &Stamped| match (other.entry, stamped.entry) {
            (
                Entry::Reference { muscle: a, side: left, .. },
                Entry::Reference { muscle: b, side: right, .. },
            ) => a == b && left == right,
            (Entry::Straight { side: a, .. }, Entry::Straight { side: b, .. }) => a == b,
            (Entry::Clock { stream: a, .. }, Entry::Clock { stream: b, .. }) => a == b,
            _ => false,
        };
        match stamped.entry {
            Entry::Settings(settings) => self.settings = settings,
            Entry::Reference { .. } | Entry::Straight { .. } | Entry::Clock { .. } => {
                self.standing.retain(|other| !same(other));
                self.standing.push(stamped);
            }
            _ => {}
        }
    }

    /// One that holds nothing yet and goes on after this one: for the recording after the one that this one begins.
    #[must_use]
    pub fn successor(&self) -> Self {
        let mut next = Self {
            layout: self.layout.clone(),
            settings: self.settings,
            keep: self.keep,
            held: VecDeque::new(),
            standing: self.standing.clone(),
            master_end: self.master_end,
        };
        for (_, held) in &self.held {
            if let Held::Entry(stamped) = held {
                next.passed(*stamped);
            }
        }
        next
    }

    /// Index after the newest master sample that was handed over.
    #[must_use]
    pub fn master_end(&self) -> SampleIndex {
        SampleIndex(self.master_end)
    }

    /// Seconds held.
    #[must_use]
    pub fn held_s(&self) -> f64 {
        let rate_hz = self.layout.master_stream().map_or(f64::NAN, |stream| stream.rate_hz);
        let held = self.first_master().map_or(0, |first| self.master_end.saturating_sub(first));
        held as f64 / rate_hz
    }

    fn first_master(&self) -> Option<u64> {
        let master: StreamId = self.layout.master?;
        self.held.iter().find_map(|(_, held)| match held {
            Held::Block { header, .. } if header.stream == master => Some(header.first.0),
            _ => None,
        })
    }

    /// Starts the recording with what is held; `store` takes its bytes and `path` names it in errors.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn start(
        self,
        path: &Path,
        store: Box<dyn Store>,
        profile: Option<&Profile>,
        provenance: &std::collections::BTreeMap<String, String>,
    ) -> Result<Recorder, Error> {
        let begin = SampleIndex(self.first_master().unwrap_or(self.master_end));
        let rate_hz = self.layout.master_stream().map_or(f64::NAN, |stream| stream.rate_hz);
        let mut provenance = provenance.clone();
        let starts_s = begin.0 as f64 / rate_hz;
        provenance.insert("starts_at_session_s".to_owned(), format!("{starts_s:.6}"));
        let info = RecordingInfo {
            layout: &self.layout,
            settings: &self.settings,
            profile,
            provenance: &provenance,
        };
        let mut recorder = Recorder::into_store(path, store, &info)?;
        recorder.base = Base::at(&self.layout, begin);
        for stamped in &self.standing {
            recorder.entry(stamped)?;
        }
        for (_, held) in self.held {
            match held {
                Held::Block { header, native, host, device_us } => {
                    recorder.block_with_device_time(&header, &native, host, device_us)?;
                }
                Held::Entry(stamped) => recorder.entry(&stamped)?,
            }
        }
        Ok(recorder)
    }
}
