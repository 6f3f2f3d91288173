//! What leaves the pipeline: fixed-size records without strings, so that they travel through a ring by value.
//!
//! Not for text: [`super::line`] turns a record into the JSON line of the stream schema.

use crate::dominance::{Class, Ratio, Reason};
use surae_trial::{EventKind, EventSource, Muscle, SampleIndex, Seconds, Side, StreamId, Unit};

/// What activation numbers are measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActivationUnit {
    /// Fraction of the person's own reference, rest level taken out; may pass 1.
    Reference,
    /// V, no reference known.
    Volt,
    /// mV, no reference known.
    Millivolt,
    /// uV, no reference known.
    Microvolt,
    /// No reference and no known unit: comparable within a channel only.
    #[default]
    Arbitrary,
}

impl ActivationUnit {
    /// The unit of an envelope of a channel in `unit`, without a reference.
    #[must_use]
    pub fn of_channel(unit: &Unit) -> Self {
        match unit {
            Unit::Volt => Self::Volt,
            Unit::Millivolt => Self::Millivolt,
            Unit::Microvolt => Self::Microvolt,
            _ => Self::Arbitrary,
        }
    }

    /// The word used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "fraction_of_reference",
            Self::Volt => "V",
            Self::Millivolt => "mV",
            Self::Microvolt => "uV",
            Self::Arbitrary => "a.u.",
        }
    }
}

/// How far the samples behind an estimate can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalState {
    /// Nothing missing within the memory of the filters.
    #[default]
    Clean,
    /// A gap of at most 5 ms was bridged inside the filters less than one step lag ago.
    Bridged,
    /// The filters are settling after the start, a gap or new settings.
    Settling,
    /// A channel has no sample here.
    Missing,
}

impl SignalState {
    /// The word used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Bridged => "bridged",
            Self::Settling => "settling",
            Self::Missing => "missing",
        }
    }
}

/// The decision for one leg at one tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Master sample of the tick.
    pub index: SampleIndex,
    /// Its time from trial start. The envelope behind it lags by [`super::Lag::envelope_s`]: nothing is shifted.
    pub time_s: Seconds,
    /// Leg.
    pub side: Side,
    /// The class shown: after hysteresis and dwell.
    pub class: Class,
    /// Set exactly when `class` is undetermined.
    pub reason: Option<Reason>,
    /// The class before dwell: what class durations count.
    pub class_before_dwell: Class,
    /// `ln(G/S)` with its 90 % interval, or a bound.
    pub ratio: Ratio,
    /// Gastrocnemius; `NaN` when not known.
    pub gastrocnemius: f64,
    /// Soleus; `NaN` when not known.
    pub soleus: f64,
    /// Unit of the two.
    pub unit: ActivationUnit,
    /// Knee flexion, 0 = straight, low-passed as the envelope is; `NaN` when missing or stale.
    pub knee_flexion_deg: f64,
    /// How far to trust the samples.
    pub quality: SignalState,
}

/// Samples of a stream that never arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapRecord {
    /// Stream.
    pub stream: StreamId,
    /// First lost sample on that stream.
    pub index: SampleIndex,
    /// How many.
    pub lost_samples: u64,
    /// False when the length is an estimate.
    pub certain: bool,
    /// True when the filters bridge it.
    pub bridged: bool,
}

/// A contact, a foot off, or an event that stood in the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventRecord {
    /// What.
    pub kind: EventKind,
    /// Leg, if known.
    pub side: Option<Side>,
    /// When, as master sample.
    pub index: SampleIndex,
    /// Who says so.
    pub source: EventSource,
}

/// Something changed that changes numbers from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateChange {
    /// New settings were taken; filters start anew where they changed.
    Settings,
    /// New settings cannot be used at these rates; the old ones stay.
    SettingsRefused,
    /// New amplitude reference of a muscle.
    Reference(Muscle, Side),
    /// New straight-knee reference of a leg.
    Straight(Side),
    /// Samples that came after their decision, or twice, so far in the session.
    Unused(u64),
    /// The end of the log.
    End,
}

/// A record and nothing else: no heap, `Copy`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Record {
    /// A decision.
    Estimate(Estimate),
    /// A gap.
    Gap {
        /// Time of its first lost sample.
        time_s: Seconds,
        /// The gap.
        gap: GapRecord,
    },
    /// An event.
    Event {
        /// Time.
        time_s: Seconds,
        /// The event.
        event: EventRecord,
    },
    /// A mark set by a person or a trigger.
    Mark {
        /// Time.
        time_s: Seconds,
        /// Key 0-9, or 255 for a typed note.
        code: u8,
        /// Master sample.
        index: SampleIndex,
    },
    /// A whole block that the pipeline's ring had no room for; the recording has it.
    Drop {
        /// Time of the first sample.
        time_s: Seconds,
        /// Stream.
        stream: StreamId,
        /// First dropped sample.
        first: SampleIndex,
        /// Last dropped sample.
        last: SampleIndex,
    },
    /// Something changed.
    State {
        /// Time.
        time_s: Seconds,
        /// Master sample.
        index: SampleIndex,
        /// What.
        change: StateChange,
    },
}

/// Where the pipeline puts its results. Called on the sample path: implementations may not allocate, lock or wait.
pub trait Output {
    /// One result, in the order of the log.
    fn record(&mut self, record: &Record);

    /// The conditioned samples of an EMG stream: interleaved frames from `first` on, band-passed and envelope, in the channels' units,
    /// `NaN` where a sample is missing. Channels that are not EMG hold `NaN`. How frames are grouped into calls has no meaning.
    fn frames(&mut self, stream: StreamId, first: SampleIndex, band: &[f64], envelope: &[f64]) {
        let _ = (stream, first, band, envelope);
    }
}

/// Everything is thrown away: for benches and warm-ups.
impl Output for () {
    fn record(&mut self, _: &Record) {}
}

/// Keeps the records; allocates, so not for the live path.
impl Output for Vec<Record> {
    fn record(&mut self, record: &Record) {
        self.push(*record);
    }
}
