//! The vocabulary of Surae: what a stream, a channel, a muscle, a side, a unit, a gap, an event, a trial, a profile
//! and a setting is, and what a channel label means.
//!
//! Data only (std and serde). Not for reading files or ports (`surae-io`), not for signal processing
//! (`surae-signal`), not for the method (`surae-gait`).
//!
//! Conventions that hold everywhere:
//! - time is seconds from trial start ([`Seconds`]), samples are counted from 0 ([`SampleIndex`]), host time is
//!   monotonic nanoseconds ([`HostNs`]); the three are never mixed;
//! - the knee is 0 deg when straight, flexion positive, hyperextension negative;
//! - `NaN` is a missing value, never a zero, and never an invented one;
//! - a side and a muscle are part of a channel's identity, never inferred from the order of channels.

mod channel;
mod event;
mod excerpt;
mod force;
mod kind;
pub mod label;
mod layout;
pub mod log;
mod marker;
mod muscle;
mod profile;
mod settings;
mod stream;
mod time;
mod trial;

pub use channel::{Amplifier, Channel, Electrode, Role, Scale};
pub use event::{Event, EventKind, EventSource};
pub use force::ForcePlate;
pub use kind::{Joint, Kind, Unit};
pub use layout::{SessionLayout, StreamId, StreamLayout};
pub use marker::{Marker, MarkerSet};
pub use muscle::{Muscle, Side};
pub use profile::{
    AmplitudeReference, Estimator, Goniometer, IsolationLeak, NormalisationKind, Profile, StraightReference,
    TaskReference,
};
pub use settings::{
    Conditioning, Correction, DominanceSettings, EventSettings, Notch, Settings, SettingsError,
    SpectrumSettings, Task,
};
pub use stream::{Gap, NativeType, Samples, Stream};
pub use time::{HostNs, SampleIndex, Seconds};
pub use trial::{Note, Severity, Subject, Trial};
