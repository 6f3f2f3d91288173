//! The sample path neither allocates nor frees: ten seconds with a gap, a change of settings, changes of class and spectrum hops,
//! under an allocator that counts. A planted allocation must be noticed, else the test proves nothing.

// The counting allocator exists in debug builds only.
#![cfg(debug_assertions)]

use assert_no_alloc::{AllocDisabler, assert_no_alloc, reset_violation_count, violation_count};
use surae_engine::{Feed, Progress, SamplePath};
use surae_gait::dominance::Class;
use surae_gait::pipeline::{Record, StateChange};
use surae_trial::log::{BlockHeader, Entry, Stamped};
use surae_trial::{
    AmplitudeReference, Channel, Estimator, Joint, Kind, Muscle, NativeType, NormalisationKind, Profile,
    Role, SampleIndex, SessionLayout, Settings, Side, StreamId, StreamLayout, Unit,
};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const RATE_HZ: f64 = 2000.0;
const MUSCLES: [Muscle; 3] = [Muscle::MG, Muscle::LG, Muscle::SOL];

fn channel(kind: Kind, muscle: Option<Muscle>, unit: Unit) -> Channel {
    let joint = (kind == Kind::Angle).then_some(Joint::Knee);
    let role = Role { kind, muscle, side: Some(Side::Right), joint, reason: "test".to_owned() };
    Channel::new(kind.name(), role, unit)
}

fn layout() -> SessionLayout {
    let stream = |name: &str, rate_hz, channels| StreamLayout {
        name: name.to_owned(),
        rate_hz,
        native: NativeType::F64,
        channels,
    };
    let emg = MUSCLES.map(|muscle| channel(Kind::RawEmg, Some(muscle), Unit::Microvolt)).to_vec();
    let aux = vec![channel(Kind::Angle, None, Unit::Degree), channel(Kind::Switch, None, Unit::Volt)];
    SessionLayout::new(vec![stream("emg", RATE_HZ, emg), stream("aux", 100.0, aux)])
}

fn profile() -> Profile {
    let reference = |muscle| AmplitudeReference {
        muscle,
        side: Side::Right,
        kind: NormalisationKind::MvcIso,
        estimator: Estimator::Arv,
        value: 100.0,
        rest: 1.0,
        unit: Unit::Microvolt,
        posture: None,
        window_ms: None,
        repeat_cv: None,
    };
    Profile {
        schema: Profile::SCHEMA.to_owned(),
        athlete: "test".to_owned(),
        date: "2026-01-01".to_owned(),
        placement: String::new(),
        illustrative: true,
        conditioning: None,
        references: MUSCLES.map(reference).to_vec(),
        straight: Vec::new(),
        isolation: Vec::new(),
        knee_offset_left_deg: None,
        knee_offset_right_deg: None,
        goniometers: Vec::new(),
    }
}

/// One 16-frame block of EMG: gastrocnemius leads in even seconds, soleus in odd ones.
fn block(first: u64, values: &mut [f64; 48]) {
    for (k, value) in values.iter_mut().enumerate() {
        let index = first + k as u64 / 3;
        let mut x = (index * 3 + k as u64 % 3 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let noise = (x >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
        let gastrocnemius = k % 3 < 2;
        let leads = (index / 2000).is_multiple_of(2) == gastrocnemius;
        *value = noise * if leads { 100.0 } else { 8.0 };
    }
}

fn header(stream: u8, first: u64, frames: u32, step: f64) -> BlockHeader {
    let position = first as f64 * step;
    BlockHeader { stream: StreamId(stream), first: SampleIndex(first), frames, position, step }
}

/// Feeds ten seconds and steps the path after every block, as the pipeline thread would.
fn ten_seconds(feed: &mut Feed, path: &mut SamplePath, mut take: impl FnMut()) {
    let mut values = [0.0; 48];
    let mut changed = Settings::default();
    changed.conditioning.envelope_hz = 10.0;
    let mut first = 0_u64;
    while first < 20_000 {
        if first == 8_000 {
            let gap = Entry::Gap { stream: StreamId(0), index: SampleIndex(8_000), lost: 608, certain: true };
            assert!(feed.entry(&Stamped { at: SampleIndex(8_000), entry: gap }));
            first = 8_608;
        }
        if first == 12_000 {
            assert!(feed.entry(&Stamped { at: SampleIndex(12_000), entry: Entry::Settings(changed) }));
        }
        block(first, &mut values);
        assert!(feed.block(&header(0, first, 16, 1.0), &values));
        if first.is_multiple_of(80) {
            let k = first / 20;
            for k in k..k + 4 {
                let knee_deg = 20.0 + (k as f64 * 0.05).sin() * 15.0;
                let heel = if (k / 50).is_multiple_of(2) { 0.0 } else { 3.3 };
                assert!(feed.block(&header(1, k, 1, 20.0), &[knee_deg, heel]));
            }
        }
        first += 16;
        while path.step(64) == Progress::Worked {}
        take();
    }
    assert!(feed.entry(&Stamped { at: SampleIndex(20_000), entry: Entry::End }));
    path.step(64);
    take();
}

#[test]
fn ten_seconds_without_one_allocation() {
    let (mut feed, mut path, mut records) =
        Feed::new(&layout(), &Settings::default(), Some(&profile())).expect("a good layout");
    let (mut estimates, mut gaps, mut settings, mut events, mut changes) = (0, 0, 0, 0, 0);
    let mut last = Class::Undetermined;
    reset_violation_count();
    assert_no_alloc(|| {
        ten_seconds(&mut feed, &mut path, || {
            while let Ok(record) = records.pop() {
                match record {
                    Record::Estimate(estimate) => {
                        estimates += 1;
                        changes += u32::from(estimate.class.is_dominant() && estimate.class != last);
                        last = if estimate.class.is_dominant() { estimate.class } else { last };
                    }
                    Record::Gap { .. } => gaps += 1,
                    Record::Event { .. } => events += 1,
                    Record::State { change: StateChange::Settings, .. } => settings += 1,
                    _ => {}
                }
            }
        });
    });
    assert_eq!(violation_count(), 0, "the sample path allocated");
    // The run held what it was meant to hold.
    // The second device is silent as long as the first one's samples are missing: a gap each.
    assert_eq!((gaps, settings), (2, 1));
    assert!(estimates >= 480, "{estimates} estimates");
    assert!(changes >= 8, "{changes} changes of class");
    assert!(events >= 8, "{events} contacts");
    // Segments of 1024 samples at half overlap: a hop every 512 samples of 10 s.
    assert!(path.pipeline().spectra(StreamId(0)).iter().all(|s| s.welch.segments() == 8));
}

#[test]
fn a_planted_allocation_is_noticed() {
    let (mut feed, mut path, _records) =
        Feed::new(&layout(), &Settings::default(), Some(&profile())).expect("a good layout");
    reset_violation_count();
    let mut planted = 0;
    assert_no_alloc(|| {
        ten_seconds(&mut feed, &mut path, || {
            planted += 1;
            if planted == 500 {
                drop(std::hint::black_box(Box::new(planted)));
            }
        });
    });
    assert!(
        violation_count() > 0,
        "one allocation in ten seconds went unseen: the test above proves nothing"
    );
    reset_violation_count();
}
