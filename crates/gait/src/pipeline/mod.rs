//! The causal pipeline: one ordered log in, decisions about gastrocnemius and soleus out.
//!
//! Live, replay and `review --mode causal` all drive this one object with the same log and get the same bits, however the samples
//! are cut into blocks. After construction nothing here allocates, locks, waits, reads a clock or touches a file.
//!
//! - EMG runs through the causal chain of the settings, channel by channel, with carried state. The knee angle runs through the
//!   same low-pass at its own rate before the two are paired.
//! - A decision falls on master sample `round(k * tick_s * rate)`. It is made when the knee angle's time passes it, or when the EMG
//!   passes it by `angle_wait_s` of stream time: then the angle is missing, and samples that come later are counted and unused.
//! - A gap of at most `settings.bridge_s` (5 ms) is bridged inside the filters; a tick inside it takes the first frame after it. There are no decisions
//!   inside a longer gap, and the ones of three step lags after it are `undetermined(settling)`.
//! - References come from the profile and from the log, from nowhere else.
//!
//! Not for zero-phase analysis, cycles, events from plates or markers ([`crate::review`](crate)), nor for clocks: positions of other
//! streams on the master clock stand in the log.

mod angle;
mod contact;
mod core;
mod decide;
mod emg;
pub mod line;
pub mod map;
mod plan;
mod records;
mod stream;
#[cfg(test)]
mod tests;

pub use emg::ChannelSpectrum;
pub use line::{header, header_of, line};
pub use records::{
    ActivationUnit, Estimate, EventRecord, GapRecord, Output, Record, SignalState, StateChange,
};

use self::core::Core;
use crate::dominance::Reason;
use decide::Decider;
use emg::StreamDesign;
use map::AngleMap;
use plan::{LegPlan, MUSCLES};
use stream::StreamState;
use surae_signal::quality::ChannelQuality;
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{
    EventSource, Muscle, Profile, SampleIndex, Seconds, SessionLayout, Settings, SettingsError, Side,
    StreamId,
};

/// Why a session cannot be analysed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// No stream has an EMG channel.
    #[error("no channel is known to be EMG; name the channels with --map (surae info --write-map makes one)")]
    NoEmg,
    /// A setting is out of range.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The master stream's rate is not between 10 Hz and 1 MHz.
    #[error(
        "stream '{stream}': a sampling rate of {rate_hz} Hz cannot be used; state the true rate in the file or with --map"
    )]
    Rate {
        /// The stream.
        stream: String,
        /// What it says.
        rate_hz: f64,
    },
    /// More streams or channels than a session may hold.
    #[error("{0}")]
    TooLarge(String),
}

/// Rates of a master stream.
const RATES_HZ: std::ops::RangeInclusive<f64> = 10.0..=1e6;

/// Largest index that an f64 position holds exactly.
const MAX_INDEX: u64 = 1 << 53;

/// Delays to print beside live results.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lag {
    /// Step lag of the envelope filter (time to half of a step).
    pub envelope_s: f64,
    /// Longest wait for the knee angle, stream time.
    pub angle_wait_s: f64,
    /// Delay of a change between classes.
    pub dwell_s: f64,
}

/// The running analysis of a session.
#[derive(Clone, Debug)]
pub struct Pipeline {
    streams: Vec<StreamState>,
    master: usize,
    core: Core,
    lag: Lag,
    ended: bool,
}

/// The latest state of one leg, for display.
#[derive(Clone, Copy, Debug)]
pub struct LegView<'a> {
    /// The leg.
    pub side: Side,
    /// Last decision, if any.
    pub last: Option<&'a Estimate>,
    /// Dominance against knee angle so far.
    pub map: &'a AngleMap,
    /// Why this leg can never have a class in this session.
    pub refused: Option<Reason>,
    /// True when a knee angle channel was found.
    pub has_knee: bool,
    /// Time from the last known knee angle to the last decision; `NaN` before the first.
    pub knee_age_s: f64,
}

impl Pipeline {
    /// A pipeline for a session. All memory is taken here.
    ///
    /// # Errors
    /// No EMG, unusable settings or rates. A stream that is too slow for its filters is no error: its channels have no
    /// envelope and its legs stay undetermined.
    pub fn new(
        layout: &SessionLayout,
        settings: &Settings,
        profile: Option<&Profile>,
    ) -> Result<Self, PipelineError> {
        settings.validate()?;
        check_size(layout)?;
        let master = layout.master.map(|id| usize::from(id.0)).ok_or(PipelineError::NoEmg)?;
        let stream = layout.streams.get(master).ok_or(PipelineError::NoEmg)?;
        let rate_hz = stream.rate_hz;
        if !RATES_HZ.contains(&rate_hz) {
            return Err(PipelineError::Rate { stream: stream.name.clone(), rate_hz });
        }
        let legs: Vec<_> = Side::BOTH
            .into_iter()
            .filter_map(|side| LegPlan::of(layout, side))
            .map(|plan| {
                let first = plan.sites.iter().flat_map(|sites| sites.columns()).next().unwrap_or(0);
                let unit = &layout.streams[plan.stream].channels[first].unit;
                (plan, Decider::new(plan, unit, profile), plan.stream == master)
            })
            .collect();
        let plans: Vec<LegPlan> = legs.iter().map(|(plan, ..)| *plan).collect();
        let streams =
            (0..layout.streams.len()).map(|at| StreamState::new(layout, at, settings, &plans)).collect();
        let core = Core::new(settings, rate_hz, legs);
        let mut pipeline = Self { streams, master, core, lag: Lag::default(), ended: false };
        pipeline.lag = pipeline.lag_now();
        Ok(pipeline)
    }

    /// Delays to print beside results.
    #[must_use]
    pub fn lag(&self) -> Lag {
        self.lag
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.core.settings
    }

    /// Trial time of master sample 0; 0 unless set.
    pub fn set_origin(&mut self, origin: Seconds) {
        self.core.set_origin(origin);
    }

    /// Forgets all samples: equals a new pipeline with the present settings and references, whose master sample 0 is at `origin`.
    pub fn restart(&mut self, origin: Seconds) {
        self.streams.iter_mut().for_each(StreamState::reset);
        self.core.restart(origin);
        self.ended = false;
    }

    /// Takes an entry of the log. Blocks come with their values through [`Pipeline::block`]; their headers alone are ignored here.
    pub fn entry(&mut self, stamped: &Stamped, out: &mut impl Output) {
        match stamped.entry {
            Entry::Block(_) => {}
            Entry::Gap { stream, index, lost, certain } => self.gap(stream, index, lost, certain, out),
            Entry::PipelineDrop { stream, first, last } => {
                if let Some(state) = self.streams.get_mut(usize::from(stream.0)) {
                    state.announce(first.0, last.0.saturating_sub(first.0).saturating_add(1));
                    let time_s = self.core.clock.time(state.position_of(first.0));
                    out.record(&Record::Drop { time_s, stream, first, last });
                }
            }
            Entry::Clock { stream, origin, rate_hz } => {
                if usize::from(stream.0) == self.master {
                    self.core.clock.update(origin, rate_hz);
                }
            }
            Entry::Settings(settings) => self.change_settings(&settings, out),
            Entry::Reference { muscle, side, reference, rest } => {
                for leg in self.core.legs.iter_mut().filter(|leg| leg.plan.side == side) {
                    leg.decider.set_reference(muscle, reference, rest);
                }
                self.core.state(StateChange::Reference(muscle, side), out);
            }
            Entry::Straight { side, .. } => self.core.state(StateChange::Straight(side), out),
            Entry::Event { kind, side, index } => {
                let event = EventRecord { kind, side, index, source: EventSource::File };
                out.record(&Record::Event { time_s: self.core.clock.time(index.0 as f64), event });
            }
            Entry::Mark { code, index } => {
                out.record(&Record::Mark { time_s: self.core.clock.time(index.0 as f64), code, index });
            }
            Entry::End => self.finish(out),
        }
    }

    /// Takes a run of frames: `native` holds `header.frames` interleaved frames of the stream.
    ///
    /// Frames seen before are counted as unused; a jump in the index that no gap entry announced is a gap of certain length.
    pub fn block(&mut self, header: &BlockHeader, native: &[f64], out: &mut impl Output) {
        let at = usize::from(header.stream.0);
        let Some(state) = self.streams.get_mut(at) else { return };
        let width = state.width();
        let frames = native.len().checked_div(width).unwrap_or(0).min(header.frames as usize);
        if header.first.0 > MAX_INDEX {
            self.core.unused += frames as u64;
            return;
        }
        let seen = state.expected.map_or(0, |expected| expected.saturating_sub(header.first.0));
        let skip = seen.min(frames as u64) as usize;
        self.core.unused += skip as u64;
        if skip == frames {
            return;
        }
        let header = BlockHeader {
            first: SampleIndex(header.first.0 + skip as u64),
            position: header.position + skip as f64 * header.step,
            ..*header
        };
        let native = &native[skip * width..frames * width];
        if at == self.master {
            self.jump(at, header.first.0, out);
            let state = &mut self.streams[at];
            state.remember(&header, (frames - skip) as u64);
            state.master_frames(&mut self.core, header.first.0, native, out);
        } else if header.position.is_finite() && header.step.is_finite() && header.step > 0.0 {
            self.jump(at, header.first.0, out);
            let state = &mut self.streams[at];
            state.remember(&header, (frames - skip) as u64);
            state.other_frames(&mut self.core, &header, native, out);
        } else {
            self.core.unused += (frames - skip) as u64;
        }
    }

    /// The end of the session: waiting ticks are decided with what they have. A second call does nothing.
    pub fn finish(&mut self, out: &mut impl Output) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.core.finish(out);
        if self.core.unused > 0 {
            self.core.state(StateChange::Unused(self.core.unused), out);
        }
        self.core.state(StateChange::End, out);
    }

    /// Samples that came after their decision, or twice.
    #[must_use]
    pub fn unused_samples(&self) -> u64 {
        self.core.unused
    }

    /// Next master sample.
    #[must_use]
    pub fn position(&self) -> SampleIndex {
        SampleIndex(self.core.position)
    }

    /// Trial time of a master sample.
    #[must_use]
    pub fn time_of(&self, index: SampleIndex) -> Seconds {
        self.core.clock.time(index.0 as f64)
    }

    /// The legs that have EMG of their triceps surae, left first.
    pub fn legs(&self) -> impl Iterator<Item = LegView<'_>> {
        self.core.legs.iter().map(|leg| LegView {
            side: leg.plan.side,
            last: leg.last.as_ref(),
            map: &leg.map,
            refused: leg.plan.refused,
            has_knee: leg.plan.knee.is_some(),
            knee_age_s: match (leg.last, leg.knee_seen) {
                (Some(last), Some(seen)) => (last.index.0 - seen) as f64 / self.core.rate_hz,
                _ => f64::NAN,
            },
        })
    }

    /// Envelope of an EMG channel at the stream's last frame, in the channel's unit, and how far to trust it; `NaN` when missing.
    #[must_use]
    pub fn envelope(&self, stream: StreamId, column: usize) -> (f64, SignalState) {
        self.streams
            .get(usize::from(stream.0))
            .map_or((f64::NAN, SignalState::Missing), |state| state.latest(column))
    }

    /// Quality of a raw EMG channel, renewed every second of samples; `None` before the first and for other channels.
    #[must_use]
    pub fn quality(&self, stream: StreamId, column: usize) -> Option<&ChannelQuality> {
        self.streams.get(usize::from(stream.0))?.quality(column)
    }

    /// Amplitude reference of a muscle, in its channel's unit; `NaN` without one.
    #[must_use]
    pub fn reference(&self, muscle: Muscle, side: Side) -> f64 {
        let at = MUSCLES.iter().position(|&m| m == muscle);
        let leg = self.core.legs.iter().find(|leg| leg.decider.side() == side);
        at.zip(leg).map_or(f64::NAN, |(at, leg)| leg.decider.reference_of(at))
    }

    /// Leaves out what nothing but a screen looks at, running spectra and reports of quality: they stay unknown, and no record changes.
    pub fn leave_out_display(&mut self) {
        self.streams.iter_mut().for_each(StreamState::leave_out_display);
    }

    /// The running spectra of a stream's raw EMG channels, of the unfiltered signal. Their segment length is that of the settings
    /// the session started with.
    #[must_use]
    pub fn spectra(&self, stream: StreamId) -> &[ChannelSpectrum] {
        self.streams.get(usize::from(stream.0)).map_or(&[], |state| state.spectra())
    }

    fn lag_now(&self) -> Lag {
        let settings = &self.core.settings;
        let envelope_s = StreamDesign::new(settings, self.core.rate_hz)
            .map_or(f64::NAN, |design| design.envelope.step_t50_s(self.core.rate_hz));
        Lag { envelope_s, angle_wait_s: settings.angle_wait_s, dwell_s: settings.dominance.dwell_s }
    }

    fn gap(&mut self, stream: StreamId, index: SampleIndex, lost: u64, certain: bool, out: &mut impl Output) {
        let Some(state) = self.streams.get_mut(usize::from(stream.0)) else { return };
        state.announce(index.0, lost);
        let bridged = state.bridges(lost);
        let time_s = self.core.clock.time(state.position_of(index.0));
        let gap = GapRecord { stream, index, lost_samples: lost, certain, bridged };
        out.record(&Record::Gap { time_s, gap });
    }

    /// The stream goes on at `first`: everything between is lost.
    fn jump(&mut self, at: usize, first: u64, out: &mut impl Output) {
        let state = &mut self.streams[at];
        let Some(expected) = state.expected else {
            // A session may start anywhere, after a seek or late: what came before it is not a gap.
            if at == self.master {
                self.core.seek_tick(first);
            }
            return;
        };
        let lost = first - expected;
        if lost == 0 {
            return;
        }
        if !state.is_announced(expected, first) {
            self.gap(StreamId(at as u8), SampleIndex(expected), lost, true, out);
        }
        let state = &mut self.streams[at];
        state.lost(lost);
        self.core.emg_lost(at);
        if at == self.master && !state.bridges(lost) {
            self.core.pass(first - 1, out);
            self.core.seek_tick(first);
        }
    }

    fn change_settings(&mut self, settings: &Settings, out: &mut impl Output) {
        let fits = settings.validate().is_ok() && StreamDesign::new(settings, self.core.rate_hz).is_ok();
        if !fits {
            self.core.state(StateChange::SettingsRefused, out);
            return;
        }
        let refilter = settings.conditioning != self.core.settings.conditioning;
        self.core.set_settings(settings);
        if refilter {
            self.streams.iter_mut().for_each(|state| state.set_design(settings));
        }
        self.lag = self.lag_now();
        self.core.state(StateChange::Settings, out);
    }
}

fn check_size(layout: &SessionLayout) -> Result<(), PipelineError> {
    if layout.streams.len() > SessionLayout::MAX_STREAMS {
        let text = format!("{} streams: a session holds at most 64", layout.streams.len());
        return Err(PipelineError::TooLarge(text));
    }
    match layout.streams.iter().find(|stream| stream.channels.len() > SessionLayout::MAX_CHANNELS) {
        Some(stream) => Err(PipelineError::TooLarge(format!(
            "stream '{}' has {} channels: a stream holds at most 1024",
            stream.name,
            stream.channels.len()
        ))),
        None => Ok(()),
    }
}
