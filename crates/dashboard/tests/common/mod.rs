//! Models made by hand: panels are drawn from these, with no session behind.

#![allow(dead_code)]

pub mod drawing;
pub mod trial;

use surae_dashboard::model::*;
use surae_trial::{Muscle, Severity, Side, Task};

/// Columns of a lane.
pub const COLUMNS: usize = 872;
/// Seconds shown.
pub const WINDOW_S: f64 = 12.0;
/// Start of the window.
pub const START_S: f64 = 122.0;

/// One stride a second, a burst from 20 to 50 % of it.
fn burst(at: usize) -> f32 {
    let percent = (at as f64 / COLUMNS as f64 * WINDOW_S).fract() * 100.0;
    if (20.0..50.0).contains(&percent) {
        (std::f64::consts::PI * (percent - 20.0) / 30.0).sin() as f32
    } else {
        0.02
    }
}

/// A lane with a burst each stride and a hole of 300 ms.
pub fn lane(name: &str, full_name: &str, muscle: Option<Muscle>, peak: f32) -> Lane {
    let hole = 540..562;
    let value = |k: usize, factor: f32| if hole.contains(&k) { f32::NAN } else { burst(k) * factor };
    let wobble = |k: usize| 0.4 + 0.6 * ((k * 37 % 101) as f32 / 101.0);
    Lane {
        name: name.to_owned(),
        full_name: full_name.to_owned(),
        muscle,
        unit: "mV".to_owned(),
        is_envelope: false,
        activation: Some(0.3),
        amplitude: Some(peak * 0.3),
        quality: Quality { grade: Grade::Good, snr_db: Some(26.0), ..Quality::default() },
        columns: Columns {
            low: (0..COLUMNS).map(|k| value(k, -0.9 * peak * wobble(k))).collect(),
            high: (0..COLUMNS).map(|k| value(k, 0.9 * peak * wobble(k + 3))).collect(),
            envelope: (0..COLUMNS).map(|k| value(k, 0.35 * peak)).collect(),
        },
        scale: peak,
        centre: 0.0,
    }
}

/// The calf of a right leg.
pub fn calf() -> Vec<Lane> {
    let mut lg = lane("LG", "lateral gastrocnemius", Some(Muscle::LG), 450.0);
    lg.quality = Quality {
        grade: Grade::Fair,
        reason: "mains hum 14 %".to_owned(),
        advice: "Re-wet or move the reference".to_owned(),
        snr_db: Some(18.0),
    };
    vec![
        lane("MG", "medial gastrocnemius", Some(Muscle::MG), 600.0),
        lg,
        lane("SOL", "soleus", Some(Muscle::SOL), 600.0),
        lane("TA", "tibialis anterior", Some(Muscle::TA), 360.0),
    ]
}

fn runs() -> Vec<ClassRun> {
    let classes = [Class::Rest, Class::NotClear, Class::Soleus, Class::Balanced, Class::Gastrocnemius];
    (0..60)
        .map(|k| ClassRun {
            t0_s: START_S + f64::from(k) * 0.2,
            t1_s: START_S + f64::from(k + 1) * 0.2,
            class: classes[k as usize % classes.len()],
        })
        .collect()
}

fn map() -> Map {
    let bins = [(0.0, 0.1, None, 2, Bound::None), (10.0, 0.3, None, 14, Bound::AtLeast)]
        .into_iter()
        .chain([(20.0, 0.0, Some((-0.1, 0.1)), 13, Bound::None)])
        .chain([(30.0, -0.4, Some((-0.5, -0.3)), 12, Bound::None)]);
    Map {
        bins: bins
            .map(|(knee_deg, mean, interval, n, bound)| MapBin {
                knee_deg,
                mean,
                interval,
                n,
                bound,
                is_outside: knee_deg == 30.0,
            })
            .collect(),
        cells: (0..60)
            .map(|k| MapCell {
                knee_deg: 5.0 + 2.5 * (k % 10) as f32,
                dominance: 0.3 - 0.05 * (k % 17) as f32,
                share: (k % 7) as f32 / 7.0,
            })
            .collect(),
        cell_size: (2.5, 0.05),
        trail: (0..30)
            .map(|k| TrailPoint {
                knee_deg: 12.0 + 0.4 * k as f32,
                dominance: -0.2 - 0.01 * k as f32,
                age_s: 0.02 * (29 - k) as f32,
            })
            .collect(),
        has_dot: true,
        not_published: surae_dashboard::text::missing::PUBLISHED.to_owned(),
        ..Map::default()
    }
}

fn spectrum(lanes: &[Lane]) -> Spectrum {
    let line = |lane: &Lane, at: usize| SpectrumLine {
        name: lane.name.clone(),
        muscle: lane.muscle,
        first_hz: 0.0,
        step_hz: 2.0,
        decibel: (0..375)
            .map(|k| {
                let hz = 2.0 * k as f32;
                -0.04 * (hz - 100.0 - 10.0 * at as f32).abs() - ((k * 13 + at * 5) % 7) as f32
            })
            .collect(),
        median_hz: Some(105.0 + 26.0 * at as f32),
    };
    Spectrum {
        lines: lanes.iter().enumerate().map(|(at, lane)| line(lane, at)).collect(),
        caption: "Welch 0.5 s, running".to_owned(),
        missing: String::new(),
        hum: Some((50.0, "LG".to_owned())),
        band_hz: (20.0, 450.0),
    }
}

/// A whole Lab view: a device with one loss, a fair channel, a gap and two marks.
pub fn full() -> LabModel {
    let lanes = calf();
    let contacts = (0..12)
        .map(|k| Contact { t0_s: START_S + f64::from(k), t1_s: Some(START_S + f64::from(k) + 0.6) })
        .collect();
    let signals = Signals {
        t0_s: START_S,
        t1_s: START_S + WINDOW_S,
        now_s: START_S + WINDOW_S,
        seams_s: Vec::new(),
        lanes,
        knee: Some(Knee {
            now_deg: Some(24.0),
            stale_s: None,
            source: "goniometer".to_owned(),
            rate_hz: 250.0,
            columns: (0..COLUMNS).map(|k| 50.0 + 45.0 * (k as f32 * 0.08).sin()).collect(),
            range_deg: (0.0, 100.0),
        }),
        gaps: vec![GapSpan { t0_s: 129.43, t1_s: 129.73, lost: 450, certain: true }],
        runs: runs(),
        contacts,
        marks: vec![
            Mark { time_s: 123.9, label: "2".to_owned(), words: String::new() },
            Mark { time_s: 130.8, label: "1".to_owned(), words: String::new() },
        ],
    };
    let phase = surae_dashboard::feed::phase::of(&signals, Some(23.0));
    LabModel {
        sides: vec![Side::Right],
        side: Some(Side::Right),
        source: SourceModel {
            name: "Emulated board · plays a jog in a loop of 2.28 s".to_owned(),
            state: SourceState::Live,
            rate_hz: Some(1499.98),
            rate_is_measured: true,
            lost_session: Some(0.0022),
            lost_10s: Some(450),
            lag_filter_ms: Some(23.0),
            lag_decision_ms: Some(3.0),
            profile: Some("demo".to_owned()),
            profile_is_illustrative: true,
            task: Task::Run,
            envelope_hz: 10.0,
            envelope_order: 2,
            tick_ms: 20.0,
            ..SourceModel::default()
        },
        dominance: Dominance {
            class: Class::Soleus,
            value: Some(-0.53),
            interval: Some((-0.66, -0.36)),
            gastrocnemius: Some(0.09),
            soleus: Some(0.30),
            has_soleus: true,
            has_gastrocnemius: true,
            ..Dominance::default()
        },
        map: map(),
        spectrum: spectrum(&signals.lanes),
        phase,
        session: SessionList {
            problems: vec![
                Problem { severity: Severity::Error, text: "One gap of 300 ms in the last 10 s.".to_owned() },
                Problem {
                    severity: Severity::Warning,
                    text: "LG: mains hum. Re-wet or move the reference electrode.".to_owned(),
                },
                Problem { severity: Severity::Info, text: "Left leg: no channels.".to_owned() },
            ],
            entries: vec![
                Entry { time_s: 130.8, text: "mark 1".to_owned() },
                Entry { time_s: 129.6, text: "gap 300 ms, 450 samples, exact".to_owned() },
            ],
        },
        transport: Transport {
            is_replay: true,
            position_s: 14.2,
            duration_s: Some(20.0),
            playing: true,
            speed: 1.0,
            looped: true,
            overview: (0..400).map(|k| burst(k * 2)).collect(),
            overview_muscle: Some(Muscle::SOL),
            overview_gaps: vec![(0.4, 0.41)],
            overview_window: Some((0.11, 0.71)),
            ..Transport::default()
        },
        recording: Recording::default(),
        signals,
    }
}

/// The same from a board, recorded or not.
pub fn board(is_recording: bool) -> LabModel {
    let mut model = full();
    model.transport = Transport {
        duration_s: None,
        is_replay: false,
        span_s: Some((0.0, 600.0)),
        position_s: START_S + WINDOW_S,
        ..model.transport
    };
    model.recording = Recording {
        is_possible: true,
        is_running: is_recording,
        seconds: if is_recording { 14.2 } else { 0.0 },
        held_s: 10.0,
        disk_time_left_s: is_recording.then_some(41.0 * 3600.0),
        ..Recording::default()
    };
    model.signals.marks[0].label = "N".to_owned();
    model.signals.marks[0].words = "good step".to_owned();
    model
}
