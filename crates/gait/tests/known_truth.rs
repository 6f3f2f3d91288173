//! The whole review on trials whose truth is known because the test makes them: noise of known drive, known contacts.

#![allow(clippy::unwrap_used, reason = "a missing part of the report fails the test that asks for it")]

use surae_gait::dominance::{Bound, Class, Reason};
use surae_gait::report::PhaseReport;
use surae_gait::{Mode, ReviewModel, ReviewOptions, review};
use surae_trial::{
    AmplitudeReference, Channel, Estimator, Event, EventKind, EventSource, Joint, Kind, Muscle,
    NormalisationKind, Profile, Role, Samples, Seconds, Side, Stream, Task, Trial, Unit,
};

const RATE_HZ: f64 = 2000.0;
const STRIDES: usize = 12;
const NOISE: f64 = 2.0;
const FULL: f64 = 100.0;

/// Gaussian noise from a fixed seed.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn gaussian(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Drive of a muscle, 0 to 1, at a percentage of the stride.
type Drive = fn(f64) -> f64;

fn emg(drive: Drive, seed: u64) -> Vec<f64> {
    let mut noise = Noise(seed);
    (0..((STRIDES as f64 + 1.0) * RATE_HZ) as usize)
        .map(|i| {
            let percent = (100.0 * (i as f64 / RATE_HZ - 0.5)).rem_euclid(100.0);
            let level = (drive(percent) * FULL).hypot(NOISE);
            level * noise.gaussian()
        })
        .collect()
}

fn channel(label: &str, kind: Kind, muscle: Option<Muscle>, side: Side, unit: Unit) -> Channel {
    let joint = (kind == Kind::Angle).then_some(Joint::Knee);
    Channel::new(label, Role { kind, muscle, side: Some(side), joint, reason: "test".into() }, unit)
}

fn stream(name: &str, channels: Vec<Channel>, columns: &[Vec<f64>]) -> Stream {
    let samples = (0..columns[0].len()).flat_map(|i| columns.iter().map(move |c| c[i])).collect();
    Stream {
        name: name.into(),
        rate_hz: RATE_HZ,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels,
        samples: Samples::F64(samples),
        gaps: Vec::new(),
        times_s: Vec::new(),
    }
}

/// A walk of one-second strides, contact at 0.5 s and every second, off at 62 %, knee from 0 to 60 deg.
fn walk(muscles: &[(Muscle, Side, Drive)]) -> Trial {
    let columns: Vec<Vec<f64>> =
        muscles.iter().enumerate().map(|(k, (_, _, d))| emg(*d, 7 + k as u64)).collect();
    let channels = muscles
        .iter()
        .map(|(m, s, _)| channel(m.short(), Kind::RawEmg, Some(*m), *s, Unit::Microvolt))
        .collect();
    let knee: Vec<f64> = (0..columns[0].len())
        .map(|i| 30.0 - 30.0 * (std::f64::consts::TAU * (i as f64 / RATE_HZ - 0.5 - 0.3)).cos())
        .collect();
    let event = |time_s, kind| Event {
        time_s: Seconds(time_s),
        kind,
        side: Some(Side::Right),
        source: EventSource::File,
        label: String::new(),
    };
    let events = (0..=STRIDES)
        .map(|i| 0.5 + i as f64)
        .flat_map(|t| [event(t, EventKind::FootContact), event(t + 0.62, EventKind::FootOff)])
        .filter(|e| e.time_s.0 <= 0.5 + STRIDES as f64)
        .collect();
    Trial {
        task: Some(Task::Walk),
        streams: vec![
            stream("emg", channels, &columns),
            stream(
                "knee angle",
                vec![channel("knee", Kind::Angle, None, Side::Right, Unit::Degree)],
                &[knee],
            ),
        ],
        events,
        ..Trial::default()
    }
}

fn profile(muscles: &[Muscle]) -> Profile {
    let reference = |muscle: &Muscle| AmplitudeReference {
        muscle: *muscle,
        side: Side::Right,
        kind: NormalisationKind::MvcIso,
        estimator: Estimator::Rms,
        // White noise of this RMS keeps the share (450 - 20)/1000 of its power in the band.
        value: FULL * (430.0_f64 / 1000.0).sqrt(),
        rest: NOISE * (430.0_f64 / 1000.0).sqrt(),
        unit: Unit::Microvolt,
        posture: None,
        window_ms: Some(500.0),
        repeat_cv: Some(0.02),
    };
    Profile {
        schema: Profile::SCHEMA.into(),
        athlete: "A".into(),
        date: "2026-05-01".into(),
        placement: String::new(),
        illustrative: false,
        conditioning: None,
        references: muscles.iter().map(reference).collect(),
        straight: Vec::new(),
        isolation: Vec::new(),
        knee_offset_left_deg: None,
        knee_offset_right_deg: None,
        goniometers: Vec::new(),
    }
}

fn within(percent: f64, from: f64, to: f64) -> bool {
    (from..to).contains(&percent)
}

fn gastrocnemius(percent: f64) -> f64 {
    if within(percent, 12.0, 31.0) {
        0.4
    } else if within(percent, 31.0, 50.0) {
        0.6
    } else {
        0.0
    }
}

fn soleus(percent: f64) -> f64 {
    if within(percent, 12.0, 31.0) {
        0.4
    } else if within(percent, 31.0, 62.0) {
        0.2
    } else {
        0.0
    }
}

fn reviewed(trial: &Trial, profile: Option<&Profile>, mode: Mode) -> ReviewModel {
    review(trial, None, profile, &ReviewOptions { mode, ..ReviewOptions::default() })
}

fn phase<'a>(model: &'a ReviewModel, name: &str) -> &'a PhaseReport {
    let side = model.report.sides.right.as_ref().unwrap();
    side.dominance.as_ref().unwrap().by_phase.iter().find(|p| p.phase == name).unwrap()
}

#[test]
fn classes_per_phase_are_those_of_the_drive() {
    let trial = walk(&[(Muscle::MG, Side::Right, gastrocnemius), (Muscle::SOL, Side::Right, soleus)]);
    let model = reviewed(&trial, Some(&profile(&[Muscle::MG, Muscle::SOL])), Mode::ZeroPhase);
    let late = phase(&model, "terminal_stance");
    assert_eq!(late.class, Class::GastrocnemiusDominant);
    assert!((late.log_ratio.unwrap() - 3.0_f64.ln()).abs() < 0.1, "{:?}", late.log_ratio);
    let early = phase(&model, "mid_stance");
    assert_eq!(early.class, Class::Balanced);
    assert!(early.log_ratio.unwrap().abs() < 0.1);
    assert_eq!(phase(&model, "loading").class, Class::Rest);
    assert_eq!(phase(&model, "swing").class, Class::Rest);
    let side = model.report.sides.right.as_ref().unwrap();
    assert!((side.cycles.stride_time_s.unwrap() - 1.0).abs() < 1e-9);
    assert!((side.cycles.stance_percent.unwrap() - 62.0).abs() < 1e-6);
    assert_eq!(side.cycles.n, STRIDES - 2, "first and last of twelve are spared");
}

#[test]
fn a_silent_gastrocnemius_is_evidence_and_not_a_hole() {
    let silent: Drive = |_| 0.0;
    let trial = walk(&[(Muscle::MG, Side::Right, silent), (Muscle::SOL, Side::Right, soleus)]);
    let model = reviewed(&trial, Some(&profile(&[Muscle::MG, Muscle::SOL])), Mode::ZeroPhase);
    for name in ["mid_stance", "terminal_stance"] {
        let found = phase(&model, name);
        assert_eq!((found.class, found.bound), (Class::SoleusDominant, Bound::Upper), "{name}");
        assert_eq!(found.log_ratio_ci90[0], None);
    }
    let dominance = model.report.sides.right.as_ref().unwrap().dominance.as_ref().unwrap();
    let bounded = dominance.by_angle.iter().filter(|b| b.bound == Bound::Upper).count();
    assert!(bounded >= 3, "{:?}", dominance.by_angle);
}

#[test]
fn without_references_no_class_and_with_other_kinds_neither() {
    let trial = walk(&[(Muscle::MG, Side::Right, gastrocnemius), (Muscle::SOL, Side::Right, soleus)]);
    let model = reviewed(&trial, None, Mode::ZeroPhase);
    assert_eq!(phase(&model, "terminal_stance").reason, Some(Reason::NoReference));
    let mut mixed = profile(&[Muscle::MG, Muscle::SOL]);
    mixed.references[0].kind = NormalisationKind::Submax;
    let model = reviewed(&trial, Some(&mixed), Mode::ZeroPhase);
    assert_eq!(phase(&model, "terminal_stance").reason, Some(Reason::ReferenceMismatch));
}

#[test]
fn causal_mode_needs_a_profile_and_agrees_on_the_phase() {
    let trial = walk(&[(Muscle::MG, Side::Right, gastrocnemius), (Muscle::SOL, Side::Right, soleus)]);
    let bare = reviewed(&trial, None, Mode::Causal);
    let late = phase(&bare, "terminal_stance");
    assert_eq!((late.log_ratio, late.reason), (None, Some(Reason::NoReference)));
    let model = reviewed(&trial, Some(&profile(&[Muscle::MG, Muscle::SOL])), Mode::Causal);
    assert_eq!(phase(&model, "terminal_stance").class, Class::GastrocnemiusDominant);
    assert!(!model.series.estimates.is_empty() && model.report.mode == "causal");
    let seconds =
        model.report.sides.right.as_ref().unwrap().dominance.as_ref().unwrap().class_duration_s.unwrap();
    let total = seconds.rest
        + seconds.soleus_dominant
        + seconds.balanced
        + seconds.gastrocnemius_dominant
        + seconds.undetermined;
    assert!((total - trial.duration_s()).abs() < 0.1, "{total}");
}

#[test]
fn method_row_54_hum_is_bad_and_not_called() {
    let mut trial = walk(&[(Muscle::MG, Side::Right, gastrocnemius), (Muscle::SOL, Side::Right, soleus)]);
    if let Samples::F64(values) = &mut trial.streams[0].samples {
        for (i, frame) in values.chunks_exact_mut(2).enumerate() {
            // 20 dB above the EMG at full drive.
            frame[0] += 1000.0 * 2f64.sqrt() * (std::f64::consts::TAU * 60.0 * i as f64 / RATE_HZ).sin();
        }
    }
    let model = reviewed(&trial, Some(&profile(&[Muscle::MG, Muscle::SOL])), Mode::ZeroPhase);
    assert_eq!(phase(&model, "terminal_stance").reason, Some(Reason::BadSignal));
    let quality = model.report.trial.streams[0].channels[0].quality.as_ref().unwrap();
    assert_eq!(quality.grade, "bad");
    assert!(quality.reasons.iter().any(|r| r.contains("hum")), "{:?}", quality.reasons);
}

#[test]
fn method_row_55_one_signal_in_two_channels_is_not_balanced() {
    let mut trial = walk(&[(Muscle::MG, Side::Right, gastrocnemius), (Muscle::SOL, Side::Right, soleus)]);
    if let Samples::F64(values) = &mut trial.streams[0].samples {
        values.chunks_exact_mut(2).for_each(|frame| frame[1] = frame[0]);
    }
    let model = reviewed(&trial, Some(&profile(&[Muscle::MG, Muscle::SOL])), Mode::ZeroPhase);
    assert_eq!(phase(&model, "mid_stance").reason, Some(Reason::BadSignal));
    assert!(model.report.notes.iter().any(|n| n.code == "identical_channels"));
}

#[test]
fn muscles_of_different_legs_give_no_dominance_but_a_sentence() {
    let trial = walk(&[(Muscle::MG, Side::Left, gastrocnemius), (Muscle::SOL, Side::Right, soleus)]);
    let model = reviewed(&trial, None, Mode::ZeroPhase);
    let sides = &model.report.sides;
    assert!(
        sides.left.as_ref().unwrap().dominance.is_none() && sides.right.as_ref().unwrap().dominance.is_none()
    );
    assert!(model.report.sentences.iter().any(|s| s.starts_with("Left leg: soleus missing")));
    assert!(model.report.sentences.iter().any(|s| s.starts_with("Right leg: gastrocnemius missing")));
}

#[test]
fn broken_trials_are_reviewed_without_a_panic() {
    let whole = walk(&[(Muscle::MG, Side::Right, gastrocnemius), (Muscle::SOL, Side::Right, soleus)]);
    let mut broken: Vec<Trial> = Vec::new();
    for rate_hz in [0.0, f64::NAN, f64::INFINITY, -5.0, 1e-9, 30.0, 1e12] {
        let mut trial = whole.clone();
        trial.streams.iter_mut().for_each(|s| s.rate_hz = rate_hz);
        broken.push(trial);
    }
    for value in [f64::NAN, f64::INFINITY, 0.0, 1e300] {
        let mut trial = whole.clone();
        for stream in &mut trial.streams {
            stream.samples = Samples::F64(vec![value; 4000]);
        }
        broken.push(trial);
    }
    let mut trial = whole.clone();
    trial.streams.iter_mut().for_each(|s| s.samples = Samples::F64(Vec::new()));
    broken.push(trial);
    let mut trial = whole.clone();
    trial.streams.iter_mut().for_each(|s| s.start_s = Seconds(f64::NAN));
    trial.events.iter_mut().for_each(|e| e.time_s = Seconds(f64::NAN));
    broken.push(trial);
    let mut trial = whole.clone();
    trial.streams[0].channels.iter_mut().for_each(|c| c.role.kind = Kind::Switch);
    broken.push(trial);
    let mut trial = whole;
    trial.streams[0].channels.iter_mut().for_each(|c| c.role.kind = Kind::Envelope);
    trial.events.clear();
    broken.push(trial);
    let profile = profile(&[Muscle::MG, Muscle::SOL]);
    for trial in &broken {
        for mode in [Mode::ZeroPhase, Mode::Causal] {
            let model = reviewed(trial, Some(&profile), mode);
            assert!(!model.report.notes.is_empty());
        }
    }
}

#[test]
fn a_squat_carries_its_confound_and_a_walk_its_phases() {
    let muscles =
        [(Muscle::MG, Side::Right, gastrocnemius as Drive), (Muscle::SOL, Side::Right, soleus as Drive)];
    let mut trial = walk(&muscles);
    let bins = |model: &ReviewModel| {
        model.report.sides.right.as_ref().unwrap().dominance.as_ref().unwrap().by_angle.clone()
    };
    let said = |model: &ReviewModel, code: &str| model.report.notes.iter().any(|n| n.code == code);
    let walked = reviewed(&trial, None, Mode::ZeroPhase);
    assert!(said(&walked, "angle_and_phase") && !said(&walked, "knee_extension_confound"));
    // At foot off the knee is at 30 - 30 cos(2 pi (.62 - .3)) = 43 deg: what is active below that lies in stance, what is above (the tail
    // of the envelope) in swing. Published ranges are not for walking.
    for bin in bins(&walked) {
        let stance = bin.stance_percent.unwrap();
        match bin.knee_deg {
            deg if deg < 34.0 => assert!(stance > 99.0, "{bin:?}"),
            deg if deg > 46.0 => assert!(stance < 1.0, "{bin:?}"),
            _ => assert!((0.0..=100.0).contains(&stance)),
        }
        assert!(bin.angle_flag.is_none() && bin.expected_log_ratio_change_range.is_none());
    }
    for task in [Task::KneeExtension, Task::Jump] {
        trial.task = Some(task);
        let model = reviewed(&trial, None, Mode::ZeroPhase);
        assert!(said(&model, "knee_extension_confound") && !said(&model, "angle_and_phase"), "{task:?}");
        assert!(!bins(&model).is_empty());
        for bin in bins(&model) {
            assert_eq!(bin.angle_flag.as_deref(), Some("knee_extension_confound"));
            assert_eq!(bin.expected_log_ratio_change_range, None);
        }
    }
    trial.task = Some(Task::Sprint);
    let sprint = reviewed(&trial, None, Mode::ZeroPhase);
    assert!(
        bins(&sprint).iter().all(|b| b.expected_log_ratio_change_range.is_none() && b.angle_flag.is_none())
    );
}

#[test]
fn amplitudes_of_the_task_are_relative_to_what_the_settings_ask_for() {
    use surae_trial::{Settings, TaskReference};
    let trial = walk(&[(Muscle::MG, Side::Right, gastrocnemius), (Muscle::SOL, Side::Right, soleus)]);
    let of = |task_reference| {
        let settings = Some(Settings { task_reference, ..Settings::for_task(Task::Walk) });
        let model = review(&trial, None, None, &ReviewOptions { settings, ..ReviewOptions::default() });
        let muscles = &model.report.sides.right.as_ref().unwrap().muscles;
        (muscles["MG"].normalisation.clone(), muscles["MG"].mean_curve.clone().unwrap(), model)
    };
    let (peak, curve, model) = of(TaskReference::PeakOfMean);
    let (peaks, ..) = of(TaskReference::MeanOfPeaks);
    let (mean, ..) = of(TaskReference::Mean);
    let (none, _, unnormalised) = of(TaskReference::None);
    assert_eq!(peak.kind, NormalisationKind::TaskPeak);
    assert!((peak.reference.unwrap() - curve.iter().copied().fold(0.0, f64::max)).abs() < 1e-12);
    assert!(peaks.reference.unwrap() > peak.reference.unwrap());
    assert_eq!(mean.kind, NormalisationKind::TaskMean);
    assert!((mean.reference.unwrap() - curve.iter().sum::<f64>() / 101.0).abs() < 1e-9);
    assert_eq!((none.kind, none.reference), (NormalisationKind::None, None));
    for model in [&model, &unnormalised] {
        assert_eq!(phase(model, "terminal_stance").reason, Some(Reason::NoReference));
    }
    assert_eq!(phase(&unnormalised, "terminal_stance").log_ratio, None);
}
