//! Nothing allocates once it is built: every stage under `assert_no_alloc`.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use assert_no_alloc::{AllocDisabler, assert_no_alloc, reset_violation_count, violation_count};
use support::noise;
use surae_signal::chain::{Chain, ChainDesign, Rectify};
use surae_signal::columns::{Column, columns_into};
use surae_signal::design::{Band, butterworth, notch};
use surae_signal::envelope::{MovingArv, MovingRms};
use surae_signal::filter::FilterBank;
use surae_signal::gap::{GapChain, Mark};
use surae_signal::onset::{
    Bursts, DoubleThreshold, DoubleThresholdDetector, TkeoOnset, TkeoSettings, Whitener,
};
use surae_signal::quality::{PairMeter, QualityMeter, QualitySettings};
use surae_signal::resample::LinearTrack;
use surae_signal::spectrum::{Spectrum, Stft, StreamingWelch, Welch, WelchSettings};
use surae_signal::tkeo::{Tkeo, tkeo_into};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const RATE: f64 = 1000.0;

fn design(order: usize) -> ChainDesign {
    ChainDesign {
        band: butterworth(order, Band::BandPass(20.0, 450.0), RATE).unwrap(),
        notch: Some(notch(50.0, 30.0, RATE).unwrap()),
        rectify: Rectify::Absolute,
        envelope: butterworth(order, Band::LowPass(6.0), RATE).unwrap(),
    }
}

/// Runs `work`; an allocation or a release in it fails the test.
fn forbids(what: &str, work: impl FnOnce()) {
    reset_violation_count();
    assert_no_alloc(work);
    let count = violation_count();
    reset_violation_count();
    assert_eq!(count, 0, "{what}: {count} allocations or releases");
}

/// A planted allocation must be seen, else nothing here proves anything.
#[test]
#[should_panic(expected = "planted")]
fn the_check_itself_works() {
    forbids("planted", || drop(std::hint::black_box(vec![1_u8; 100])));
}

#[test]
fn filters_and_chain() {
    let mut x = noise(1, 3 * 500);
    let (mut band, mut envelope, mut marks) = (x.clone(), x.clone(), vec![Mark::Clean; x.len()]);
    let mut bank = FilterBank::new(&design(4).band, 3);
    let mut chain = Chain::new(&design(4), 3);
    let mut gaps = GapChain::new(&design(2), RATE, 3);
    forbids("filter bank", || {
        bank.process(&mut x);
        bank.prime(&[1.0, 2.0, 3.0]);
        bank.reset();
    });
    forbids("design and swap", || {
        let next = butterworth(10, Band::BandStop(45.0, 55.0), RATE).unwrap();
        bank.set_design(&next);
        chain.set_design(&design(10));
    });
    forbids("chain", || {
        chain.process(&x, &mut band, &mut envelope);
        chain.prime(&[1.0, 2.0, 3.0]);
        chain.process_in_place(&mut x);
    });
    x[300] = f64::NAN;
    forbids("gap chain", || {
        gaps.process(&x, &mut band, &mut envelope, &mut marks);
        gaps.lost(100);
        gaps.process(&x, &mut band, &mut envelope, &mut marks);
        gaps.set_design(&design(4), RATE);
    });
}

#[test]
fn envelopes_energy_and_onsets() {
    let mut x = noise(2, 2 * 1000);
    let mut energy = x.clone();
    let mut flags = vec![false; x.len()];
    let (mut rms, mut arv) = (MovingRms::new(50, 2), MovingArv::new(50, 2));
    let mut operator = Tkeo::new(2);
    let mut onset = TkeoOnset::new(TkeoSettings::for_rate(RATE), 2).unwrap();
    onset.learn_rest(&x).unwrap();
    let mut whitener = Whitener::fit(&x, 6).unwrap();
    let design = DoubleThreshold::design(1, 5, 0.01).unwrap();
    let mut detector = DoubleThresholdDetector::new(&design, whitener.variance()).unwrap();
    let mut bursts = Bursts::new(30, 30);
    forbids("envelopes and energy", || {
        tkeo_into(&x, &mut energy);
        operator.process(&mut energy);
        rms.process(&mut x);
        rms.reset();
        arv.process(&mut energy);
    });
    let x = noise(3, 2 * 1000);
    forbids("onsets", || {
        onset.process(&x, &mut flags);
        for &value in &x {
            if let Some(active) = detector.push(whitener.push(value)) {
                bursts.push(active);
            }
        }
        detector.process(&x, &mut flags);
        bursts.finish();
    });
}

#[test]
fn spectra() {
    let x = noise(4, 5000);
    let settings = WelchSettings::for_rate(RATE);
    let mut welch = Welch::new(settings).unwrap();
    let mut spectrum = Spectrum::default();
    welch.density_into(&x, &mut spectrum);
    let mut streaming = StreamingWelch::new(settings, 8).unwrap();
    let mut stft = Stft::new(256, 32, RATE).unwrap();
    let mut column = vec![Default::default(); stft.bins()];
    forbids("spectra", || {
        welch.density_into(&x, &mut spectrum);
        assert!(spectrum.median_frequency(20.0, 450.0).is_some());
        streaming.push(&x);
        assert!(streaming.bins().mean_frequency(20.0, 450.0).is_some());
        streaming.reset();
        stft.column(&x, 3, &mut column);
    });
}

#[test]
fn quality_resampling_and_columns() {
    let x = noise(5, 5000);
    let y = noise(6, 5000);
    let mut meter = QualityMeter::new(QualitySettings::microvolts(RATE)).unwrap();
    let mut pair = PairMeter::new(QualitySettings::microvolts(RATE)).unwrap();
    let mut track = LinearTrack::new(64, 0.1);
    let mut drawn = vec![Column::EMPTY; 300];
    forbids("quality", || {
        meter.push(&x);
        meter.lost(10);
        meter.push(&y);
        let report = meter.report();
        assert!(report.reasons().count() > 0);
        pair.push(&x, &y);
        assert!(pair.report().correlation.is_some());
    });
    forbids("resampling and columns", || {
        for i in 0..200 {
            track.push(f64::from(i) * 0.01, 1.0);
        }
        assert!(track.at(1.955).is_finite());
        columns_into(&x, &mut drawn);
    });
}
