use super::super::{CalibrationRun, Next, Phase, Plan, StepKind, Verdict};
use surae_trial::{Channel, Muscle, Samples, Seconds, SessionLayout, Side, Stream, Trial, Unit, label};

const RATE_HZ: f64 = 1000.0;

/// Noise with variance 1, most of it between 50 and 300 Hz.
struct Noise(u64, f64);

impl Noise {
    fn sample(&mut self) -> f64 {
        let mut white = -6.0;
        for _ in 0..12 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            white += (self.0 >> 40) as f64 / (1_u64 << 24) as f64;
        }
        let both = (white + self.1) / 2.0_f64.sqrt();
        self.1 = white;
        both
    }
}

fn channels() -> Vec<Channel> {
    [("RMG", Unit::Microvolt), ("RSOL", Unit::Microvolt), ("gonio", Unit::Volt)]
        .into_iter()
        .map(|(text, unit)| Channel::new(text, label::role_of(text, "", &unit), unit))
        .collect()
}

fn layout() -> SessionLayout {
    SessionLayout::of_trial(&session(1.0, |_| [0.0; 3], f64::INFINITY))
}

/// A session of `seconds`: RMS of both muscles in uV and the goniometer's volts by time; EMG beyond `clip_uv` is cut off.
fn session(seconds: f64, level: impl Fn(f64) -> [f64; 3], clip_uv: f64) -> Trial {
    let mut noises = [Noise(11, 0.0), Noise(97, 0.0)];
    let values = (0..(seconds * RATE_HZ) as usize).flat_map(|k| {
        let [mg, sol, volts] = level(k as f64 / RATE_HZ);
        let mut emg = [mg * noises[0].sample(), sol * noises[1].sample()];
        emg.iter_mut().for_each(|value| *value = value.clamp(-clip_uv, clip_uv));
        [emg[0], emg[1], volts]
    });
    let stream = Stream {
        name: "emg".to_owned(),
        rate_hz: RATE_HZ,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels: channels(),
        samples: Samples::F64(values.collect()),
        gaps: Vec::new(),
        times_s: Vec::new(),
    };
    Trial { streams: vec![stream], ..Trial::default() }
}

fn run(kinds: &[StepKind]) -> CalibrationRun {
    let mut plan = Plan::new(&layout(), kinds, &[]).unwrap();
    plan.date = "2026-05-01".to_owned();
    CalibrationRun::new(plan)
}

/// One recording that begins at `from_s`; what became of it.
fn record(run: &mut CalibrationRun, from_s: f64, whole: &Trial) -> Verdict {
    run.go_at(from_s - 1.0, from_s);
    assert!(matches!(run.phase(), Phase::Countdown { left_s } if (*left_s - 1.0).abs() < 1e-9));
    let to_s = from_s + run.step().unwrap().duration_s;
    run.tick((from_s + to_s) / 2.0);
    assert!(matches!(run.phase(), Phase::Recording { done, .. } if (*done - 0.5).abs() < 1e-9));
    assert!(!run.give(whole, 0.0), "not before its end");
    run.tick(to_s);
    // What has arrived so far does not reach the end; the rest of the session lies in a trial with its own zero.
    assert!(!run.give(&whole.excerpt(0.0, to_s - 0.1), 0.0));
    let mut part = whole.excerpt(from_s - 0.5, to_s + 0.2);
    let origin_s = part.streams[0].start_s.0;
    part.streams[0].start_s = Seconds(0.0);
    assert!(run.give(&part, origin_s));
    let Phase::Verdict(verdict) = run.phase().clone() else { panic!("{:?}", run.phase()) };
    run.proceed(to_s);
    verdict
}

/// Contractions of 4 s within each recording of 5 s that begins at one of these times.
fn contracting(starts: &'static [(f64, f64, f64)]) -> impl Fn(f64) -> [f64; 3] {
    move |t| {
        let active = starts.iter().find(|(from, ..)| (from + 0.5..from + 4.5).contains(&t));
        active.map_or([2.0, 2.0, 1.0], |(_, mg, sol)| [*mg, *sol, 1.0])
    }
}

#[test]
fn what_was_put_in_is_what_the_profile_holds() {
    const STARTS: &[(f64, f64, f64)] = &[
        (10.0, 194.0, 60.0),
        (16.0, 200.0, 60.0),
        (22.0, 190.0, 60.0),
        (28.0, 50.0, 100.0),
        (34.0, 50.0, 97.0),
        (40.0, 50.0, 98.0),
    ];
    let contractions = contracting(STARTS);
    let whole = session(
        80.0,
        |t| match t {
            // The knee of the goniometer steps: 0.6 V straight, 2.4 V bent.
            t if (46.0..50.0).contains(&t) => [2.0, 2.0, 0.6],
            t if (50.0..54.0).contains(&t) => [2.0, 2.0, 2.4],
            // Heel raises with a straight knee: 60 of 200 against 30 of 100.
            t if t >= 55.0 => {
                if t % 2.0 < 1.0 {
                    [60.0, 30.0, 0.6]
                } else {
                    [2.0, 2.0, 0.6]
                }
            }
            t => contractions(t),
        },
        f64::INFINITY,
    );
    let mut run = run(&StepKind::ALL);
    assert_eq!(record(&mut run, 2.0, &whole).next, Next::Step(1));
    assert!(record(&mut run, 46.5, &whole).accepted && record(&mut run, 50.5, &whole).accepted);
    for (at, (from_s, ..)) in STARTS.iter().enumerate() {
        let verdict = record(&mut run, *from_s, &whole);
        assert!(verdict.accepted, "{verdict:?}");
        // Three of a posture, then the next one; a pause before another maximum.
        assert_eq!(verdict.next, if at % 3 < 2 { Next::Again } else { Next::Step(4 + at / 3) });
        if at == 0 {
            assert_eq!(*run.phase(), Phase::Instruction { rest_until_s: from_s + 5.0 + 60.0 });
        }
    }
    let verdict = record(&mut run, 58.0, &whole);
    assert!(verdict.accepted && verdict.next == Next::Done, "{verdict:?}");
    assert_eq!((run.phase(), run.step()), (&Phase::Done, None));
    let found = run.calibration();
    // Rectified mean of Gaussian noise behind 20-450 Hz; the highest 500 ms of 4 s lies about 6 % above the mean (METHOD 2.3).
    let power = |f: f64| f / 500.0 + (std::f64::consts::PI * f / 500.0).sin() / std::f64::consts::PI;
    let arv = (power(450.0) - power(20.0)).sqrt() * (2.0 / std::f64::consts::PI).sqrt();
    for (muscle, level, posture) in [(Muscle::MG, 200.0, "standing"), (Muscle::SOL, 100.0, "seated")] {
        let reference = found.profile.reference(muscle, Side::Right).unwrap();
        let ratio = reference.value / (level * arv);
        assert!((1.0..1.12).contains(&ratio), "{muscle} {ratio}");
        assert!((reference.rest / (2.0 * arv) - 1.0).abs() < 0.1);
        assert_eq!(reference.posture.as_deref(), Some(posture));
        assert!(reference.repeat_cv.unwrap() < 0.08);
    }
    let goniometer = &found.profile.goniometers[0];
    assert_eq!((goniometer.at_0_deg, goniometer.at_90_deg, goniometer.side), (0.6, 2.4, Side::Right));
    let straight = found.profile.straight(Side::Right).unwrap();
    assert!(straight.log_ratio.abs() < 0.1 && straight.knee_deg.abs() < 0.1, "{straight:?}");
    assert!(found.notes.iter().all(|note| note.code != "straight_without_angle"));
}

#[test]
fn a_clipped_a_spiky_and_a_missing_contraction_are_refused_with_their_reason() {
    const STARTS: &[(f64, f64, f64)] = &[(10.0, 200.0, 60.0)];
    let kinds = [StepKind::Rest, StepKind::Maximum];
    let clipped = session(20.0, contracting(STARTS), 120.0);
    let mut first = run(&kinds);
    assert!(record(&mut first, 2.0, &clipped).accepted);
    let verdict = record(&mut first, 10.0, &clipped);
    assert!(!verdict.accepted && verdict.next == Next::Again, "{verdict:?}");
    assert!(verdict.reasons[0].contains("right MG: clipped"), "{:?}", verdict.reasons);
    // A cable that is knocked: 10 ms of 3 mV.
    let knocked = session(
        20.0,
        |t| if (12.0..12.01).contains(&t) { [3000.0, 60.0, 1.0] } else { contracting(STARTS)(t) },
        f64::INFINITY,
    );
    let mut second = run(&kinds);
    record(&mut second, 2.0, &knocked);
    let verdict = record(&mut second, 10.0, &knocked);
    assert!(verdict.reasons[0].contains("artefact"), "{:?}", verdict.reasons);
    let quiet = session(20.0, |_| [2.0, 2.0, 1.0], f64::INFINITY);
    let mut third = run(&kinds);
    record(&mut third, 2.0, &quiet);
    let verdict = record(&mut third, 10.0, &quiet);
    assert!(verdict.reasons[0].contains("dB above rest"), "{:?}", verdict.reasons);
    assert!(third.calibration().profile.references.is_empty());
}

#[test]
fn repetitions_that_differ_are_asked_for_again_until_two_agree() {
    const STARTS: &[(f64, f64, f64)] =
        &[(10.0, 200.0, 60.0), (16.0, 150.0, 60.0), (22.0, 110.0, 60.0), (28.0, 196.0, 60.0)];
    let whole = session(36.0, contracting(STARTS), f64::INFINITY);
    let mut run = run(&[StepKind::Rest, StepKind::Maximum]);
    record(&mut run, 2.0, &whole);
    assert!(record(&mut run, 10.0, &whole).reasons.is_empty());
    assert!(record(&mut run, 16.0, &whole).reasons.is_empty());
    let third = record(&mut run, 22.0, &whole);
    assert!(
        third.accepted && third.next == Next::Again && third.reasons[0].contains("differ by"),
        "{third:?}"
    );
    let fourth = record(&mut run, 28.0, &whole);
    assert!(fourth.accepted && fourth.next == Next::Step(2) && fourth.reasons.is_empty(), "{fourth:?}");
}

#[test]
fn a_restless_rest_and_a_moving_or_absent_goniometer_are_refused() {
    let restless = session(
        20.0,
        |t| if (4.0..5.0).contains(&t) { [2.0, 9.0, 1.0] } else { [2.0, 2.0, 1.0] },
        f64::INFINITY,
    );
    let mut rest = run(&[StepKind::Rest]);
    let verdict = record(&mut rest, 2.0, &restless);
    assert!(!verdict.accepted && verdict.reasons[0].contains("right SOL was active"), "{verdict:?}");
    // The same step again, where it is quiet.
    assert!(record(&mut rest, 9.0, &restless).accepted);
    let flat = session(20.0, |_| [0.0, 2.0, 1.0], f64::INFINITY);
    let verdict = record(&mut run(&[StepKind::Rest]), 2.0, &flat);
    assert!(!verdict.accepted && verdict.reasons[0].contains("right MG"), "{verdict:?}");

    let both = [StepKind::GoniometerZero, StepKind::GoniometerNinety];
    let still = session(20.0, |_| [2.0, 2.0, 1.0], f64::INFINITY);
    let mut absent = run(&both);
    record(&mut absent, 2.0, &still);
    let verdict = record(&mut absent, 8.0, &still);
    assert!(verdict.reasons[0].contains("the same straight and bent"), "{verdict:?}");
    // The zero was taken while the knee moved by 18 deg: it is the zero that has to be done again.
    let volts = |t: f64| if t < 6.0 { 0.6 + 0.36 * ((t - 2.0) / 3.0).clamp(0.0, 1.0) } else { 2.4 };
    let moving = session(20.0, |t| [2.0, 2.0, volts(t)], f64::INFINITY);
    let mut moved = run(&both);
    record(&mut moved, 2.0, &moving);
    let verdict = record(&mut moved, 8.0, &moving);
    assert!(!verdict.accepted && verdict.next == Next::Step(0), "{verdict:?}");
    assert!(verdict.reasons[0].starts_with("At 0 deg gonio moved by"), "{verdict:?}");
}

#[test]
fn lost_samples_stopping_and_choosing_again_lose_nothing_else() {
    let whole = session(40.0, contracting(&[(10.0, 200.0, 60.0), (16.0, 200.0, 60.0)]), f64::INFINITY);
    let mut run = run(&[StepKind::Rest, StepKind::Maximum]);
    record(&mut run, 2.0, &whole);
    let mut torn = whole.clone();
    let stream = &mut torn.streams[0];
    if let Samples::F64(values) = &mut stream.samples {
        values.drain(12_000 * 3..12_100 * 3);
    }
    stream.gaps.push(surae_trial::Gap {
        index: surae_trial::SampleIndex(12_000),
        time_s: Seconds(12.0),
        lost_samples: 100,
        certain: true,
    });
    let verdict = record(&mut run, 10.0, &torn);
    assert!(
        !verdict.accepted && verdict.reasons[0].contains("2.0 % of the samples were lost"),
        "{verdict:?}"
    );
    assert!(record(&mut run, 16.0, &whole).accepted);
    assert_eq!(run.taken(1), (1, 2));
    // Stopped here: one repetition is a maximum, said to be one.
    let found = run.calibration();
    assert!(found.profile.reference(Muscle::MG, Side::Right).is_some());
    assert!(found.notes.iter().any(|note| note.code == "single_repetition"));
    run.skip(22.0);
    assert_eq!(run.position(), 2);
    run.select(0, 22.0);
    run.go_at(22.0, 23.0);
    run.tick(24.0);
    run.repeat(24.0);
    assert!(matches!(run.phase(), Phase::Instruction { .. }));
    run.select(99, 25.0);
    assert_eq!(run.phase(), &Phase::Done);
}
