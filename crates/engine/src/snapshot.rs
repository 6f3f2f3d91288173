//! The latest state of the analysis, for display: what the pipeline thread leaves in the triple buffer.
//!
//! All memory is taken when the session starts; publishing copies numbers only. `NaN` means "not known", never zero.

#![deny(clippy::disallowed_methods)]

use surae_gait::dominance::Reason;
use surae_gait::pipeline::map::AngleMap;
use surae_gait::pipeline::{Estimate, Lag, Pipeline, SignalState};
use surae_signal::quality::ChannelQuality;
use surae_signal::spectrum::MedianRule;
use surae_trial::{Kind, SessionLayout, Side, StreamId};

/// One leg now.
#[derive(Clone, Debug)]
pub struct LegNow {
    /// Leg.
    pub side: Side,
    /// Last decision; `None` before the first.
    pub last: Option<Estimate>,
    /// Age of the last known knee angle at the last decision, s; `NaN` before the first.
    pub knee_age_s: f64,
    /// Why this leg can never have a class in this session.
    pub refused: Option<Reason>,
    /// True when the session has a knee angle of this leg.
    pub has_knee: bool,
    /// Dominance against knee angle, since the start or the last seek.
    pub map: AngleMap,
}

/// One EMG channel now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelNow {
    /// Stream of the layout.
    pub stream: StreamId,
    /// Channel in that stream.
    pub channel: u16,
    /// Envelope in the channel's unit.
    pub envelope: f64,
    /// Envelope as a fraction of the muscle's reference, rest included; `NaN` without a reference.
    pub activation: f64,
    /// How far to trust the envelope.
    pub state: SignalState,
    /// Grade with its reasons, signal-to-noise ratio, hum: of raw channels, renewed every second of samples.
    pub quality: Option<ChannelQuality>,
}

/// The running spectrum of one raw EMG channel.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectrumNow {
    /// Stream of the layout.
    pub stream: StreamId,
    /// Channel in that stream.
    pub channel: u16,
    /// Distance between bins, Hz.
    pub resolution_hz: f64,
    /// Power density from 0 Hz on, unit²/Hz; `NaN` before the first segment.
    pub density: Vec<f64>,
    /// Segments averaged.
    pub segments: usize,
    /// Median frequency of the band of the settings.
    pub median_hz: f64,
    /// Mean frequency of that band.
    pub mean_hz: f64,
}

/// The latest state of the analysis.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Counts publications; 0 before the first.
    pub generation: u64,
    /// Next master sample.
    pub index: u64,
    /// Session time of it, s.
    pub time_s: f64,
    /// Legs with EMG of their triceps surae, left first.
    pub legs: Vec<LegNow>,
    /// EMG channels, in the order of the layout.
    pub channels: Vec<ChannelNow>,
    /// Spectra of the raw EMG channels, in the order of the layout.
    pub spectra: Vec<SpectrumNow>,
    /// Delays to print beside it.
    pub lag: Lag,
    /// Samples that came after their decision, or twice.
    pub unused_samples: u64,
}

impl Snapshot {
    /// An empty snapshot with room for everything a session of this pipeline can show.
    #[must_use]
    pub fn new(pipeline: &Pipeline, layout: &SessionLayout) -> Self {
        let all = || {
            layout.streams.iter().enumerate().flat_map(|(at, stream)| {
                stream.channels.iter().enumerate().map(move |(column, channel)| (at, column, channel))
            })
        };
        let unknown = |stream: usize, column: usize| ChannelNow {
            stream: StreamId(stream as u8),
            channel: column as u16,
            envelope: f64::NAN,
            activation: f64::NAN,
            state: SignalState::Missing,
            quality: None,
        };
        let emg = all().filter(|(.., channel)| channel.role.kind.is_emg());
        let raw = all().filter(|(.., channel)| channel.role.kind == Kind::RawEmg);
        Self {
            generation: 0,
            index: 0,
            time_s: 0.0,
            legs: pipeline
                .legs()
                .map(|leg| LegNow {
                    side: leg.side,
                    last: None,
                    knee_age_s: f64::NAN,
                    refused: leg.refused,
                    has_knee: leg.has_knee,
                    map: leg.map.clone(),
                })
                .collect(),
            channels: emg.map(|(stream, column, _)| unknown(stream, column)).collect(),
            spectra: raw
                .filter_map(|(stream, column, _)| {
                    let id = StreamId(stream as u8);
                    let spectrum = pipeline.spectra(id).iter().find(|s| s.column == column)?;
                    let bins = spectrum.welch.bins();
                    Some(SpectrumNow {
                        stream: id,
                        channel: column as u16,
                        resolution_hz: bins.resolution_hz,
                        density: vec![f64::NAN; bins.density.len()],
                        segments: 0,
                        median_hz: f64::NAN,
                        mean_hz: f64::NAN,
                    })
                })
                .collect(),
            lag: pipeline.lag(),
            unused_samples: 0,
        }
    }

    /// Takes the pipeline's state. Does not allocate.
    pub(crate) fn fill(&mut self, pipeline: &Pipeline, layout: &SessionLayout, generation: u64) {
        self.generation = generation;
        self.index = pipeline.position().0;
        self.time_s = pipeline.time_of(pipeline.position()).0;
        self.lag = pipeline.lag();
        self.unused_samples = pipeline.unused_samples();
        for (now, leg) in self.legs.iter_mut().zip(pipeline.legs()) {
            now.last = leg.last.copied();
            now.map.copy_from(leg.map);
            now.knee_age_s = leg.knee_age_s;
        }
        for now in &mut self.channels {
            let (envelope, state) = pipeline.envelope(now.stream, usize::from(now.channel));
            let role = &layout.streams[usize::from(now.stream.0)].channels[usize::from(now.channel)].role;
            let reference = role
                .muscle
                .zip(role.side)
                .map_or(f64::NAN, |(muscle, side)| pipeline.reference(muscle, side));
            (now.envelope, now.state, now.activation) = (envelope, state, envelope / reference);
            now.quality = pipeline.quality(now.stream, usize::from(now.channel)).copied();
        }
        let band = pipeline.settings().spectrum;
        for now in &mut self.spectra {
            let column = usize::from(now.channel);
            if let Some(source) = pipeline.spectra(now.stream).iter().find(|s| s.column == column) {
                now.density.copy_from_slice(source.welch.latest());
                now.segments = source.welch.segments();
                let bins = source.welch.bins();
                let median = bins.median_frequency(band.low_hz, band.high_hz, MedianRule::Interpolated);
                now.median_hz = median.unwrap_or(f64::NAN);
                now.mean_hz = bins.mean_frequency(band.low_hz, band.high_hz).unwrap_or(f64::NAN);
            }
        }
    }
}
