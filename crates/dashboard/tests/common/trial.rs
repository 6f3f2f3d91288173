//! A trial made by hand and reviewed: a leg that runs, with as much of it as a test wants.

use std::sync::Arc;
use surae_dashboard::reviewed::{Material, Recipe, Reviewed};
use surae_trial::*;

const RATE_HZ: f64 = 1000.0;
const ANGLE_HZ: f64 = 100.0;
/// Time of a stride in s.
pub const STRIDE_S: f64 = 0.75;

/// What the trial holds.
#[derive(Clone, Copy)]
pub struct Wanted {
    pub muscles: &'static [Muscle],
    pub strides: usize,
    pub has_knee: bool,
    pub has_contacts: bool,
    pub has_profile: bool,
    pub both_legs: bool,
}

pub const WHOLE: Wanted = Wanted {
    muscles: &[Muscle::MG, Muscle::LG, Muscle::SOL, Muscle::TA],
    strides: 8,
    has_knee: true,
    has_contacts: true,
    has_profile: true,
    both_legs: false,
};

/// Numbers without order, the same in every run, with a mean of 0 and an SD of about 1.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
    };
    move || (0..4).map(|_| next()).sum::<f64>() * 1.73
}

/// Drive of a muscle over the stride.
fn drive(muscle: Muscle, share: f64) -> f64 {
    let (centre, half): (f64, f64) = match muscle {
        Muscle::MG => (0.16, 0.14),
        Muscle::LG => (0.15, 0.14),
        Muscle::SOL => (0.18, 0.15),
        _ => (0.70, 0.20),
    };
    0.8 * (1.0 - ((share - centre) / half).abs()).max(0.0)
}

fn emg(wanted: &Wanted, side: Side, seconds: f64) -> Stream {
    let n = (seconds * RATE_HZ) as usize;
    let mut channels = Vec::new();
    let mut columns = Vec::new();
    for (at, muscle) in wanted.muscles.iter().enumerate() {
        let role = Role {
            kind: Kind::RawEmg,
            muscle: Some(*muscle),
            side: Some(side),
            joint: None,
            reason: "made by hand".into(),
        };
        channels.push(Channel::new(format!("{muscle}{at}"), role, Unit::Microvolt));
        let mut next = noise(at as u64 * 7 + 3 + u64::from(side == Side::Left) * 100);
        columns.push(
            (0..n)
                .map(|k| {
                    let share = (k as f64 / RATE_HZ / STRIDE_S).fract();
                    next() * (3.0 + 200.0 * drive(*muscle, share))
                })
                .collect::<Vec<f64>>(),
        );
    }
    let mut samples = Vec::with_capacity(n * columns.len());
    for k in 0..n {
        samples.extend(columns.iter().map(|column| column[k]));
    }
    stream("emg", RATE_HZ, channels, samples)
}

fn stream(name: &str, rate_hz: f64, channels: Vec<Channel>, samples: Vec<f64>) -> Stream {
    Stream {
        name: name.into(),
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels,
        samples: Samples::F64(samples),
        gaps: Vec::new(),
        times_s: Vec::new(),
    }
}

fn knee(side: Side, seconds: f64) -> Stream {
    let role = Role {
        kind: Kind::Angle,
        muscle: None,
        side: Some(side),
        joint: Some(Joint::Knee),
        reason: "made by hand".into(),
    };
    let values = (0..(seconds * ANGLE_HZ) as usize).map(|k| {
        let share = (k as f64 / ANGLE_HZ / STRIDE_S).fract();
        let swing = (std::f64::consts::PI * share).sin().powi(4) * 70.0;
        10.0 + swing + 12.0 * (2.0 * std::f64::consts::PI * share * 2.0).sin().max(0.0)
    });
    let name = format!("knee_{side}");
    stream(&name.clone(), ANGLE_HZ, vec![Channel::new(name, role, Unit::Degree)], values.collect())
}

/// The trial as wanted.
pub fn material(wanted: Wanted) -> Material {
    let seconds = wanted.strides as f64 * STRIDE_S + 0.3;
    let sides: &[Side] = if wanted.both_legs { &[Side::Left, Side::Right] } else { &[Side::Right] };
    let mut trial = Trial { path: "by-hand.csv".into(), task: Some(Task::Run), ..Trial::default() };
    for side in sides {
        if !wanted.muscles.is_empty() {
            let mut stream = emg(&wanted, *side, seconds);
            stream.name = format!("emg_{side}");
            trial.streams.push(stream);
        }
        if wanted.has_knee {
            trial.streams.push(knee(*side, seconds));
        }
        for k in (0..=wanted.strides).filter(|_| wanted.has_contacts) {
            let at = k as f64 * STRIDE_S;
            let event = |kind, time_s| Event {
                time_s: Seconds(time_s),
                kind,
                side: Some(*side),
                source: EventSource::File,
                label: String::new(),
            };
            trial.events.push(event(EventKind::FootContact, at));
            if k < wanted.strides {
                trial.events.push(event(EventKind::FootOff, at + 0.33 * STRIDE_S));
            }
        }
    }
    trial.events.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
    let references =
        sides.iter().flat_map(|side| wanted.muscles.iter().map(|muscle| reference(*muscle, *side)));
    let profile = Profile {
        schema: Profile::SCHEMA.into(),
        athlete: "by hand".into(),
        date: "2026-01-01".into(),
        placement: String::new(),
        illustrative: false,
        conditioning: None,
        references: references.collect(),
        straight: Vec::new(),
        isolation: Vec::new(),
        knee_offset_left_deg: None,
        knee_offset_right_deg: None,
        goniometers: Vec::new(),
    };
    Material {
        name: "by-hand.csv".into(),
        trial: Arc::new(trial),
        standing: None,
        profile: wanted.has_profile.then(|| Arc::new(profile)),
    }
}

fn reference(muscle: Muscle, side: Side) -> AmplitudeReference {
    AmplitudeReference {
        muscle,
        side,
        kind: NormalisationKind::MvcIso,
        estimator: Estimator::Arv,
        value: 160.0,
        rest: 2.4,
        unit: Unit::Microvolt,
        posture: None,
        window_ms: Some(500.0),
        repeat_cv: Some(0.05),
    }
}

/// The trial reviewed.
pub fn reviewed(wanted: Wanted) -> Reviewed {
    Reviewed::of(&material(wanted), &Recipe::default(), &mut |_| {})
}
