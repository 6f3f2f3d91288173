//! Synthetic trials whose truth is known: drive per muscle, events, knee angle, noise, crosstalk.
//!
//! Written without the analysis crates on purpose: what they find is compared with what was put in here. Not a model
//! of muscle; the trial says that it is synthetic and where its numbers come from.

mod calibration;
mod curve;
mod jump_scenario;
mod jumps;
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
use scenario::Content;
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
    /// Body mass of the jump scenarios, in kg.
    pub mass_kg: f64,
    /// RMS of the white noise of the force, in N.
    pub force_noise_n: f64,
    /// Fall of gastrocnemius and rise of soleus per deg of knee flexion, instead of the scenario's own.
    pub law: Option<[f64; 2]>,
    /// Change of all muscles towards the end of an effort scenario.
    pub fatigue: Option<Fatigue>,
}

impl Request {
    /// A scenario as `surae generate` makes it where nothing else is asked for.
    pub fn of(scenario: Scenario, seed: u64) -> Self {
        Self {
            scenario,
            seed,
            knee_deg: 0.0,
            duration_s: scenario.default_duration_s(),
            rate_hz: 1000.0,
            sides: vec![Side::Right],
            spectrum: Shwedyk { low_hz: 60.0, high_hz: 120.0 },
            crosstalk: 0.0,
            noise_uv: 3.0,
            hum: None,
            gap: None,
            mass_kg: 75.0,
            force_noise_n: 1.5,
            law: None,
            fatigue: None,
        }
    }
}

/// A change that grows linearly over the trial, alike in all muscles.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Fatigue {
    /// Factor of both corners of the spectrum that the signal is mixed towards, in power.
    pub spectrum_at_end: f64,
    /// Factor of the drive at the end.
    pub drive_at_end: f64,
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
    let force = match request.scenario.content() {
        Content::Jumps(jumps) => {
            let mut random = noise::random(request.seed, 4);
            let clean = jumps::Timeline::new(request, &jumps).force_n(request.duration_s, request.mass_kg);
            let noisy = clean.iter().map(|f| f + request.force_noise_n * noise::normal(&mut random));
            Some(noisy.map(|f| (f * 10.0).round() / 10.0).collect())
        }
        _ => None,
    };
    trial.streams.push(aux_stream(&legs, force));
    (trial, truth)
}

/// Random numbers for orders that a seed decides.
pub fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut random = noise::random(seed, 5);
    move || noise::normal(&mut random)
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
                let carrier = carrier(request, leg.purpose(m as u64), leg.purpose(32 + m as u64), frames);
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
    if matches!(request.scenario.content(), Content::Steps(_)) {
        // An Arduino reads the goniometer with the EMG.
        for leg in legs {
            let role = Role {
                kind: Kind::Unknown,
                muscle: None,
                side: Some(leg.side),
                joint: None,
                reason: "generated as such".to_owned(),
            };
            channels.push(Channel::new(format!("{} goniometer", initial(leg.side)), role, Unit::Volt));
            columns.push(calibration::goniometer_volts(leg, frames, request.rate_hz));
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

/// Noise of unit power with the spectrum asked for; with fatigue, mixed in power with a compressed one towards the end.
fn carrier(request: &Request, purpose: u64, second: u64, frames: usize) -> Vec<f64> {
    let draw = |purpose, spectrum| {
        noise::shwedyk(&mut noise::random(request.seed, purpose), spectrum, frames, request.rate_hz)
    };
    let fresh = draw(purpose, request.spectrum);
    let Some(fatigue) = request.fatigue else { return fresh };
    let tired = draw(second, request.spectrum.scaled(fatigue.spectrum_at_end));
    let part = |k: usize| k as f64 / frames.max(1) as f64;
    let mixed = fresh.iter().zip(&tired).enumerate();
    mixed.map(|(k, (a, b))| (1.0 - part(k)).sqrt() * a + part(k).sqrt() * b).collect()
}

/// Knee angle, foot switch where there are contacts, and the vertical force of jumps.
fn aux_stream(legs: &[Leg], force: Option<Vec<f64>>) -> Stream {
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
    if let Some(force) = &force {
        let role = Role {
            kind: Kind::Force,
            muscle: None,
            side: None,
            joint: None,
            reason: "generated as such".to_owned(),
        };
        channels.push(Channel::new("Fz".to_owned(), role, Unit::Newton));
        columns.push(force);
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
