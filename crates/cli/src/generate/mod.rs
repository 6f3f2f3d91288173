//! Synthetic trials whose truth is known: drive per muscle, events, knee angle, noise, crosstalk.
//!
//! Written without the analysis crates on purpose: what they find is compared with what was put in here. Not a model
//! of muscle; the trial says that it is synthetic and where its numbers come from.

mod curve;
mod legs;
mod noise;
mod references;
mod scenario;
mod truth;

pub use noise::Shwedyk;
pub use references::profile;
pub use scenario::Scenario;
pub use truth::Truth;

use legs::{Leg, MUSCLES};
use surae_trial::{
    Channel, Gap, Joint, Kind, Muscle, Role, SampleIndex, Samples, Seconds, Side, Stream, Trial, Unit,
};

/// What to generate.
#[derive(Clone, Debug)]
pub struct Request {
    /// Scenario.
    pub scenario: Scenario,
    /// Seed of all randomness.
    pub seed: u64,
    /// Knee flexion of the effort scenarios.
    pub knee_deg: f64,
    /// Duration in s.
    pub duration_s: f64,
    /// Rate of the EMG stream.
    pub rate_hz: f64,
    /// Legs with sensors.
    pub sides: Vec<Side>,
    /// Spectrum of the EMG.
    pub spectrum: Shwedyk,
    /// Share of the soleus signal that both heads of gastrocnemius pick up.
    pub crosstalk: f64,
    /// RMS of the white noise of each channel, in uV.
    pub noise_uv: f64,
    /// Amplitude of mains hum in uV and its frequency.
    pub hum: Option<(f64, f64)>,
    /// Start and length of a hole in the EMG stream, in s.
    pub gap: Option<(f64, f64)>,
}

/// RMS of the raw EMG at maximal drive, in uV (chosen), in the order of [`MUSCLES`].
const MAXIMUM_UV: [f64; 4] = [300.0, 250.0, 280.0, 400.0];

/// Makes the trial and its truth.
pub fn generate(request: &Request) -> (Trial, Truth) {
    let legs: Vec<Leg> = request.sides.iter().map(|side| Leg::new(request, *side)).collect();
    let truth = Truth::new(request, &legs);
    let mut trial = Trial {
        format: "generated".to_owned(),
        task: Some(request.scenario.task()),
        synthetic: true,
        ..Trial::default()
    };
    trial.streams.push(emg_stream(request, &legs));
    trial.streams.push(aux_stream(&legs));
    (trial, truth)
}

fn role(kind: Kind, muscle: Option<Muscle>, joint: Option<Joint>, side: Side) -> Role {
    Role { kind, muscle, side: Some(side), joint, reason: "generated as such".to_owned() }
}

fn initial(side: Side) -> &'static str {
    match side {
        Side::Left => "L",
        Side::Right => "R",
    }
}

/// Raw EMG of four muscles per leg, in uV with a resolution of 0.1 uV.
fn emg_stream(request: &Request, legs: &[Leg]) -> Stream {
    let frames = frames(request);
    let mut channels = Vec::new();
    let mut columns = Vec::new();
    for leg in legs {
        let own: Vec<Vec<f64>> = MUSCLES
            .iter()
            .enumerate()
            .map(|(m, _)| {
                let mut random = noise::random(request.seed, leg.purpose(m as u64));
                let carrier = noise::shwedyk(&mut random, request.spectrum, frames, request.rate_hz);
                carrier.iter().zip(&leg.drive[m]).map(|(x, drive)| x * drive * MAXIMUM_UV[m]).collect()
            })
            .collect();
        for (m, muscle) in MUSCLES.into_iter().enumerate() {
            let leak = if muscle.is_gastrocnemius() { request.crosstalk } else { 0.0 };
            let mut random = noise::random(request.seed, leg.purpose(8 + m as u64));
            let column: Vec<f64> = (0..frames)
                .map(|k| {
                    let time_s = k as f64 / request.rate_hz;
                    let hum =
                        request.hum.map_or(0.0, |(uv, hz)| uv * (std::f64::consts::TAU * hz * time_s).sin());
                    let soleus = leak * own[legs::SOLEUS][k];
                    let value = own[m][k] + soleus + hum + request.noise_uv * noise::normal(&mut random);
                    (value * 10.0).round() / 10.0
                })
                .collect();
            let label = format!("{} {}", initial(leg.side), muscle.short());
            channels.push(Channel::new(
                label,
                role(Kind::RawEmg, Some(muscle), None, leg.side),
                Unit::Microvolt,
            ));
            columns.push(column);
        }
    }
    let gap = request.gap.map(|(at_s, length_s)| {
        let first = (at_s * request.rate_hz).round() as u64;
        let lost_samples = ((length_s * request.rate_hz).round() as u64).max(1);
        let time_s = SampleIndex(first).at(request.rate_hz, Seconds(0.0));
        Gap { index: SampleIndex(first), time_s, lost_samples, certain: true }
    });
    let kept =
        |k: &usize| gap.is_none_or(|g| (*k as u64) < g.index.0 || *k as u64 >= g.index.0 + g.lost_samples);
    let values = (0..frames).filter(kept).flat_map(|k| columns.iter().map(move |column| column[k])).collect();
    stream("emg", request.rate_hz, channels, values, gap.into_iter().collect())
}

/// Knee angle, and the foot switch of gait scenarios.
fn aux_stream(legs: &[Leg]) -> Stream {
    let mut channels = Vec::new();
    let mut columns: Vec<&[f64]> = Vec::new();
    for leg in legs {
        let side = initial(leg.side);
        channels.push(Channel::new(
            format!("{side} knee"),
            role(Kind::Angle, None, Some(Joint::Knee), leg.side),
            Unit::Degree,
        ));
        columns.push(&leg.knee_deg);
        if let Some(switch) = &leg.switch {
            let role = role(Kind::Switch, None, None, leg.side);
            channels.push(Channel::new(format!("{side} foot switch"), role, Unit::Ratio));
            columns.push(switch);
        }
    }
    let frames = columns.iter().map(|column| column.len()).min().unwrap_or(0);
    let values = (0..frames).flat_map(|k| columns.iter().map(move |column| column[k])).collect();
    let rate_hz = legs.first().map_or(100.0, |leg| leg.aux_rate_hz);
    stream("angles", rate_hz, channels, values, Vec::new())
}

fn stream(name: &str, rate_hz: f64, channels: Vec<Channel>, values: Vec<f64>, gaps: Vec<Gap>) -> Stream {
    Stream {
        name: name.to_owned(),
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels,
        samples: Samples::F64(values),
        gaps,
        times_s: Vec::new(),
    }
}

/// Frames of the EMG stream, lost ones included.
fn frames(request: &Request) -> usize {
    (request.duration_s * request.rate_hz).round() as usize
}
