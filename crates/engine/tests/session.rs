//! A trial played through a whole session: threads, rings, snapshot, history, seek and loop.

#![allow(clippy::disallowed_methods, reason = "the test waits for a session from outside the sample path")]

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use surae_engine::{
    Columns, Command, Session, SessionEvent, SessionOptions, Source, SourceState, Speed, View,
};
use surae_gait::pipeline::{Estimate, Record};
use surae_trial::{
    Channel, Event, EventKind, EventSource, Gap, Joint, Kind, Muscle, Role, SampleIndex, Samples, Seconds,
    Side, Stream, Trial, Unit,
};

const SECONDS: usize = 6;

fn channel(label: &str, kind: Kind, muscle: Option<Muscle>, unit: Unit) -> Channel {
    let joint = (kind == Kind::Angle).then_some(Joint::Knee);
    Channel::new(
        label,
        Role { kind, muscle, side: Some(Side::Right), joint, reason: "test".to_owned() },
        unit,
    )
}

fn stream(name: &str, rate_hz: f64, channels: Vec<Channel>, samples: Vec<f64>, gaps: Vec<Gap>) -> Stream {
    Stream {
        name: name.to_owned(),
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels,
        samples: Samples::F64(samples),
        gaps,
        times_s: Vec::new(),
    }
}

/// 6 s at 1 kHz with a spike of 5000 at 2.5 s and 300 ms missing from 4 s on; a knee of 30 deg at 100 Hz.
fn trial() -> Arc<Trial> {
    let mut emg = Vec::new();
    for k in (0..4000_u64).chain(4300..1000 * SECONDS as u64) {
        let noise = ((k.wrapping_mul(2_654_435_761) >> 7) % 2001) as f64 / 10.0 - 100.0;
        emg.extend([if k == 2500 { 5000.0 } else { noise }, 0.3 * noise]);
    }
    let gap = Gap { index: SampleIndex(4000), time_s: Seconds(4.0), lost_samples: 300, certain: true };
    let channels = vec![
        channel("RMG", Kind::RawEmg, Some(Muscle::MG), Unit::Microvolt),
        channel("RSOL", Kind::RawEmg, Some(Muscle::SOL), Unit::Microvolt),
    ];
    let knee = channel("knee", Kind::Angle, None, Unit::Degree);
    Arc::new(Trial {
        path: "made.csv".to_owned(),
        streams: vec![
            stream("emg", 1000.0, channels, emg, vec![gap]),
            stream("knee", 100.0, vec![knee], vec![30.0; 100 * SECONDS], Vec::new()),
        ],
        events: vec![Event {
            time_s: Seconds(1.5),
            kind: EventKind::FootContact,
            side: Some(Side::Right),
            source: EventSource::File,
            label: String::new(),
        }],
        ..Trial::default()
    })
}

fn start(speed: Speed, looped: bool, records: bool) -> Session {
    let options = SessionOptions { history: true, display: true, records, ..SessionOptions::default() };
    Session::start(Source::Trial { trial: trial(), speed, looped }, options).expect("a good trial")
}

fn within<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let patience = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(patience.elapsed() < Duration::from_secs(30), "it never came");
        thread::sleep(Duration::from_millis(5));
    }
}

fn play_to_end(session: &mut Session) -> Vec<Estimate> {
    let mut estimates = Vec::new();
    within(|| {
        let more = session.drain(|record| {
            if let Record::Estimate(estimate) = record {
                estimates.push(*estimate);
            }
        });
        (!more).then_some(())
    });
    estimates
}

/// Asks until the answer holds what `good` wants: the history runs behind the pipeline.
fn view(session: &mut Session, view: View, good: impl Fn(&Columns) -> bool) -> Arc<Columns> {
    within(|| {
        session.request_view(1, view);
        thread::sleep(Duration::from_millis(20));
        session.columns(1).filter(|columns| columns.t1_s == view.t1_s && good(columns))
    })
}

#[test]
fn everything_played_can_be_drawn_and_no_spike_is_hidden() {
    let mut session = start(Speed::Max, false, true);
    let estimates = play_to_end(&mut session);
    // Ticks of 20 ms over 6 s, less those inside 4.0 to 4.3 s.
    assert_eq!(estimates.len(), 300 - 15);
    let knee = |e: &&Estimate| (e.knee_flexion_deg - 30.0).abs() < 1e-9;
    assert!(estimates.iter().filter(knee).count() > 250);
    let whole = View { t0_s: 0.0, t1_s: 6.0, pixels: 60 };
    let columns = view(&mut session, whole, |c| c.knee[1].iter().filter(|deg| deg.is_finite()).count() > 40);
    let mg = &columns.channels[0];
    assert_eq!(mg.raw_max[25], 5000.0, "the spike at 2.5 s in a column of 100 ms");
    assert!(mg.raw_max[41].is_nan() && mg.raw_min[41].is_nan(), "4.1 to 4.2 s was never recorded");
    assert!(mg.envelope[10] > 20.0 && mg.envelope[10] < 80.0, "{}", mg.envelope[10]);
    assert_eq!(columns.gaps.len(), 1);
    assert!((columns.gaps[0].t0_s - 4.0).abs() < 1e-9 && (columns.gaps[0].t1_s - 4.3).abs() < 1e-9);
    assert!(columns.events.iter().any(|e| e.kind == EventKind::FootContact && (e.time_s - 1.5).abs() < 1e-9));
    assert!(!columns.class_runs[1].is_empty() && columns.class_runs[0].is_empty());
    let snapshot = session.snapshot();
    assert_eq!(snapshot.channels.len(), 2);
    assert!(snapshot.legs[0].last.is_some() && snapshot.spectra[0].median_hz.is_finite());
    let ended = session.status().sources[0].state;
    assert_eq!(ended, SourceState::Ended);
    assert!(session.events().try_iter().any(|event| event == SessionEvent::Ended));
    assert_eq!(session.stop().unused_samples, 0);
}

#[test]
fn a_seek_starts_anew_before_the_place_and_session_time_runs_on() {
    let mut session = start(Speed::Times(8.0), false, false);
    session.command(Command::Pause);
    within(|| (!session.status().transport.playing).then_some(()));
    let before = session.status().transport;
    session.command(Command::Seek(Seconds(3.0)));
    let after = within(|| Some(session.status().transport).filter(|t| t.offset_s != before.offset_s));
    // Three step lags of a 6 Hz envelope and a spectrum segment of 0.5 s.
    assert!(after.position_s < 2.5 && after.position_s > 2.2, "{}", after.position_s);
    let (was_s, is_s) = (before.offset_s + before.position_s, after.offset_s + after.position_s);
    assert!((was_s - is_s).abs() < 1e-9, "session time {was_s} then {is_s}");
    session.command(Command::Play);
    within(|| (session.status().transport.position_s > 3.2).then_some(()));
    let snapshot = session.snapshot().clone();
    assert!(snapshot.time_s > is_s, "{} after {is_s}", snapshot.time_s);
    drop(session);
}

#[test]
fn a_looped_trial_goes_on_and_ends_when_it_is_stopped() {
    let mut session = start(Speed::Max, true, false);
    let transport = within(|| Some(session.status().transport).filter(|t| t.loops >= 3));
    assert!((transport.offset_s - 6.0 * transport.loops as f64).abs() < 1e-6);
    session.command(Command::Pause);
    session.stop();
}
