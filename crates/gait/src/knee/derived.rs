//! Streams of angles that were computed rather than recorded.

use super::STREAM;
use surae_trial::{Channel, Joint, Kind, Role, Samples, Scale, Seconds, Side, Stream, Trial, Unit};

/// A knee angle of one leg that was computed.
pub(super) struct Derived {
    pub side: Side,
    /// Flexion before the zero is taken off.
    pub deg: Vec<f64>,
    /// Source; sign; zero.
    pub text: String,
    pub zero_deg: f64,
    pub rate_hz: f64,
    pub start_s: Seconds,
}

/// What the label of a computed angle ends with.
const LABEL: &str = " knee flexion";

/// Whether a channel is one that [`push_streams`] made.
pub(super) fn is_derived(channel: &Channel) -> bool {
    channel.label.ends_with(LABEL)
}

/// Adds computed angles: one stream for each clock.
pub(super) fn push_streams(trial: &mut Trial, mut derived: Vec<Derived>) {
    while !derived.is_empty() {
        let (rate_hz, start_s) = (derived[0].rate_hz, derived[0].start_s);
        let (same, rest) = derived.into_iter().partition(|d| d.rate_hz == rate_hz && d.start_s == start_s);
        derived = rest;
        let taken = trial.streams.iter().filter(|s| s.name.starts_with(STREAM)).count();
        let name = if taken == 0 { STREAM.to_owned() } else { format!("{STREAM} {}", taken + 1) };
        trial.streams.push(stream(name, same, rate_hz, start_s));
    }
}

fn stream(name: String, derived: Vec<Derived>, rate_hz: f64, start_s: Seconds) -> Stream {
    let frames = derived.iter().map(|d| d.deg.len()).min().unwrap_or(0);
    let mut samples = Vec::with_capacity(frames * derived.len());
    for frame in 0..frames {
        samples.extend(derived.iter().map(|d| d.deg[frame]));
    }
    let channels = derived
        .into_iter()
        .map(|d| {
            let role = Role {
                kind: Kind::Angle,
                muscle: None,
                side: Some(d.side),
                joint: Some(Joint::Knee),
                reason: d.text,
            };
            let mut channel = Channel::new(format!("{}{LABEL}", d.side), role, Unit::Degree);
            channel.scale = Scale { gain: 1.0, offset: d.zero_deg };
            channel
        })
        .collect();
    Stream {
        name,
        rate_hz,
        measured_rate_hz: None,
        start_s,
        channels,
        samples: Samples::F64(samples),
        gaps: Vec::new(),
        times_s: Vec::new(),
    }
}
