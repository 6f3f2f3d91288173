//! Written contracts: typed design errors, columns, interpolation, bursts, quality, short and empty input.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use proptest::prelude::*;
use support::{Reference, assert_close, assert_same_bits, gaussian, noise};
use surae_signal::chain::{ChainDesign, Rectify};
use surae_signal::columns::{Column, coarser, columns};
use surae_signal::design::{Band, DesignError, Section, Sos, butterworth, notch};
use surae_signal::envelope::{analytic, moving_rms};
use surae_signal::filter::{FilterBank, zero_phase, zero_phase_segments};
use surae_signal::gap::GapChain;
use surae_signal::onset::{Burst, OnsetError, TkeoOnset, TkeoSettings, Whitener, bursts};
use surae_signal::quality::{Grade, QualityMeter, QualitySettings, Reason, max_correlation};
use surae_signal::resample::{LinearTrack, ResampleError, interpolate, interpolate_regular};
use surae_signal::spectrum::{SpectrumError, Welch, WelchSettings};
use surae_signal::tkeo::tkeo;

#[test]
fn impossible_designs_are_typed() {
    let low = |cutoff: f64| butterworth(2, Band::LowPass(cutoff), 1000.0);
    assert_eq!(butterworth(0, Band::LowPass(6.0), 1000.0), Err(DesignError::Order(0)));
    assert_eq!(butterworth(11, Band::LowPass(6.0), 1000.0), Err(DesignError::Order(11)));
    for cutoff in [0.0, -1.0, 500.0, 501.0, f64::INFINITY] {
        assert_eq!(low(cutoff), Err(DesignError::Cutoff { cutoff_hz: cutoff, nyquist_hz: 500.0 }));
    }
    assert!(matches!(low(f64::NAN), Err(DesignError::Cutoff { .. })));
    let swapped = butterworth(2, Band::BandPass(450.0, 20.0), 1000.0);
    assert_eq!(swapped, Err(DesignError::Edges { low_hz: 450.0, high_hz: 20.0 }));
    assert_eq!(butterworth(2, Band::LowPass(6.0), 0.0), Err(DesignError::Rate(0.0)));
    assert!(matches!(butterworth(2, Band::LowPass(6.0), f64::NAN), Err(DesignError::Rate(_))));
    assert_eq!(notch(50.0, 0.0, 1000.0), Err(DesignError::Quality(0.0)));
    assert_eq!(notch(50.0, 0.05, 1000.0), Err(DesignError::Quality(0.05)));
    let ten = butterworth(10, Band::BandPass(20.0, 450.0), 1000.0).unwrap();
    assert_eq!(ten.then(&ten), Err(DesignError::Sections(20)));
    let unstable = Section { b: [1.0, 0.0, 0.0], a: [0.0, 1.1] };
    assert_eq!(Sos::from_sections(&[Section::IDENTITY, unstable]), Err(DesignError::Unstable(1)));
    let words = low(600.0).unwrap_err().to_string();
    assert_eq!(words, "cut-off 600 Hz is not between 0 and half the sampling rate (500 Hz)");
}

#[test]
fn short_and_empty_input() {
    let band = butterworth(4, Band::BandPass(20.0, 450.0), 1000.0).unwrap();
    assert!(zero_phase(&band, &[]).is_empty());
    for len in 1..60 {
        let y = zero_phase(&band, &noise(1, len));
        assert!(y.len() == len && y.iter().all(|v| v.is_finite()), "{len} samples");
    }
    assert!(zero_phase_segments(&band, &[f64::NAN; 5], 3).iter().all(|y| y.is_nan()));
    assert!(tkeo(&[1.0, 2.0]).iter().all(|y| y.is_nan()));
    assert!(moving_rms(&[1.0], 2).is_empty() && moving_rms(&[1.0], 0).is_empty());
    assert!(analytic(&[]).is_empty() && columns(&[], 0).is_empty());
    FilterBank::new(&band, 0).process(&mut []);
    FilterBank::new(&band, 3).process(&mut []);
    let mut welch = Welch::new(WelchSettings::for_rate(1000.0)).unwrap();
    let none = welch.density(&[1.0; 511]);
    assert!(none.segments == 0 && none.density.iter().all(|p| p.is_nan()));
    assert_eq!(none.median_frequency(20.0, 450.0), None);
    let settings = WelchSettings { overlap: 512, ..WelchSettings::for_rate(1000.0) };
    assert_eq!(Welch::new(settings).unwrap_err(), SpectrumError::Overlap { overlap: 512, segment: 512 });
}

#[test]
fn moving_rms_tkeo_and_analytic_envelope_against_scipy() {
    for (name, rate) in support::RATES {
        let reference = Reference::open(name);
        let y = reference.get("bpn_causal");
        let window = (0.05 * rate).round() as usize;
        assert_close("rms", &moving_rms(y, window), reference.get("rms50ms_valid"), 1e-9);
        assert_close("tkeo", &tkeo(y), reference.get("tkeo"), 1e-9);
        assert_close("analytic", &analytic(y), reference.get("hilbert_env"), 1e-9);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn columns_hide_nothing(len in 1_usize..3000, count in 1_usize..300, holes in prop::collection::vec(0_usize..3000, 0..20)) {
        let mut x = noise(len as u64, len);
        for hole in holes {
            if hole < len { x[hole] = if hole % 2 == 0 { f64::NAN } else { f64::INFINITY }; }
        }
        let drawn = columns(&x, count);
        prop_assert_eq!(drawn.len(), count);
        for (i, column) in drawn.iter().enumerate() {
            let samples: Vec<f64> = (0..len).filter(|s| s * count / len == i).map(|s| x[s]).collect();
            let finite = || samples.iter().copied().filter(|v| v.is_finite());
            prop_assert_eq!(column.missing as usize, samples.len() - finite().count());
            if finite().count() == 0 {
                prop_assert!(column.min.is_nan() && column.max.is_nan() && !column.is_drawn());
            } else {
                prop_assert_eq!(column.min, finite().fold(f64::INFINITY, f64::min));
                prop_assert_eq!(column.max, finite().fold(f64::NEG_INFINITY, f64::max));
            }
        }
        let joined = drawn.iter().fold(Column::EMPTY, |a, b| a.join(*b));
        let pyramid = coarser(&coarser(&drawn, 7), count);
        prop_assert_eq!(pyramid.len(), 1);
        prop_assert_eq!(format!("{:?}", pyramid[0]), format!("{joined:?}"));
        prop_assert_eq!(format!("{joined:?}"), format!("{:?}", Column::of(&x)));
    }

    #[test]
    fn interpolation_recovers_lines_and_never_holds(slope in -10.0..10.0_f64, gaps in prop::collection::vec(0.001..0.05_f64, 3..40)) {
        let times: Vec<f64> = gaps.iter().scan(0.0, |t, g| { *t += g; Some(*t) }).collect();
        let values: Vec<f64> = times.iter().map(|t| 3.0 + slope * t).collect();
        let at: Vec<f64> = (-10..400).map(|i| f64::from(i) * 0.005).collect();
        let (first, last) = (times[0], times[times.len() - 1]);
        let mut track = LinearTrack::new(64, f64::INFINITY);
        for (t, v) in times.iter().zip(&values) { prop_assert!(track.push(*t, *v)); }
        for (t, v) in at.iter().zip(interpolate(&times, &values, f64::INFINITY, &at).unwrap()) {
            if *t < first || *t > last {
                prop_assert!(v.is_nan());
            } else {
                prop_assert!((v - 3.0 - slope * t).abs() < 1e-9);
            }
            prop_assert!(track.at(*t).to_bits() == v.to_bits() || v.is_nan());
        }
        let shuffled: Vec<f64> = at.iter().rev().copied().collect();
        let mut backwards = interpolate(&times, &values, f64::INFINITY, &shuffled).unwrap();
        backwards.reverse();
        assert_same_bits("any order", &backwards, &interpolate(&times, &values, f64::INFINITY, &at).unwrap());
    }
}

#[test]
fn interpolation_stops_at_nan_gaps_and_bad_times() {
    let times = [0.0, 0.1, 0.2, 0.9, 1.0];
    let values = [1.0, 2.0, f64::NAN, 3.0, 4.0];
    let y = interpolate(&times, &values, 0.5, &[0.05, 0.15, 0.2, 0.5, 0.95]).unwrap();
    assert!((y[0] - 1.5).abs() < 1e-12 && y[1..4].iter().all(|v| v.is_nan()) && (y[4] - 3.5).abs() < 1e-12);
    assert_eq!(interpolate(&[0.0, 0.0], &[1.0, 2.0], 1.0, &[]), Err(ResampleError::NotIncreasing(1)));
    assert_eq!(interpolate(&[0.0], &[], 1.0, &[]), Err(ResampleError::Lengths { times: 1, values: 0 }));
    assert_eq!(interpolate_regular(&[1.0], 0.0, 0.0, &[]), Err(ResampleError::Rate(0.0)));
    let mut short = LinearTrack::new(3, 1.0);
    (0..10).for_each(|i| assert!(short.push(f64::from(i) * 0.1, f64::from(i))));
    assert!(short.at(0.5).is_nan() && (short.at(0.85) - 8.5).abs() < 1e-9);
}

#[test]
fn bursts_merge_and_drop() {
    let flags: Vec<bool> = "..###..####......#...#######".chars().map(|c| c == '#').collect();
    let found = bursts(&flags, 3, 3);
    assert_eq!(found, [Burst { start: 2, end: 11 }, Burst { start: 21, end: 28 }]);
}

#[test]
fn energy_onset_finds_a_burst_in_noise() {
    let band = butterworth(2, Band::BandPass(30.0, 300.0), 2000.0).unwrap();
    let mut x = gaussian(11, 2 * 8000);
    FilterBank::new(&band, 2).process(&mut x);
    for (i, v) in x.iter_mut().enumerate() {
        if (4000..6000).contains(&(i / 2)) && i % 2 == 1 {
            *v *= 8.0;
        }
    }
    let mut detector = TkeoOnset::new(TkeoSettings::for_rate(2000.0), 2).unwrap();
    detector.learn_rest(&x[200..6000]).unwrap();
    let mut active = vec![false; x.len()];
    detector.process(&x, &mut active);
    let channel = |c: usize| active.iter().skip(c).step_by(2).copied().collect::<Vec<bool>>();
    assert!(bursts(&channel(0), 60, 60).is_empty());
    let found = bursts(&channel(1), 60, 60);
    assert_eq!(found.len(), 1, "{found:?}");
    let onset = found[0].start as f64 - detector.lag_samples();
    assert!((onset - 4000.0).abs() < 40.0 && (found[0].end as f64 - 6000.0).abs() < 60.0, "{found:?}");
    assert_eq!(detector.learn_rest(&x[..10]), Err(OnsetError::Rest(5)));
}

#[test]
fn whitening_whitens() {
    let band = butterworth(2, Band::BandPass(20.0, 300.0), 1000.0).unwrap();
    let mut y = gaussian(12, 40_000);
    FilterBank::new(&band, 1).process(&mut y);
    let mut whitener = Whitener::fit(&y[..10_000], 10).unwrap();
    let white: Vec<f64> = y[10_000..].iter().map(|x| whitener.push(*x)).skip(20).collect();
    let correlation = |signal: &[f64]| max_correlation(&signal[1..], &signal[..signal.len() - 1], 0);
    assert!(correlation(&y[10_000..]) > 0.3 && correlation(&white) < 0.05);
    let variance = white.iter().map(|w| w * w).sum::<f64>() / white.len() as f64;
    assert!((variance / whitener.variance() - 1.0).abs() < 0.05);
}

#[test]
fn meters_see_clipping_loss_offset_and_silence() {
    let settings = QualitySettings {
        range: Some((-200.0, 200.0)),
        step: Some(0.1),
        ..QualitySettings::microvolts(1000.0)
    };
    let report = |x: &[f64], lost: u64| {
        let mut meter = QualityMeter::new(settings).unwrap();
        meter.push(&x[..x.len() / 2]);
        meter.lost(lost);
        meter.push(&x[x.len() / 2..]);
        meter.report()
    };
    let has = |quality: &surae_signal::quality::ChannelQuality, code: &str| {
        quality.reasons().find(|(_, reason)| reason.code() == code).map(|(grade, _)| grade)
    };
    let emg: Vec<f64> = gaussian(13, 10_000).iter().map(|x| 40.0 * x).collect();
    let clean = report(&emg, 0);
    assert_eq!((has(&clean, "clipping"), has(&clean, "lost"), has(&clean, "offset")), (None, None, None));

    let clipped = report(&emg.iter().map(|x| (3.0 * x).clamp(-200.0, 200.0)).collect::<Vec<_>>(), 0);
    let beyond = emg.iter().filter(|x| 3.0 * x.abs() >= 200.0).count() as f64 / 10_000.0;
    assert!((clipped.clipping_fraction - beyond).abs() < 1e-12 && beyond > 0.05);
    assert_eq!(has(&clipped, "clipping"), Some(Grade::Bad));

    let torn = report(&emg, 100);
    assert!(
        (torn.lost_fraction - 100.0 / 10_100.0).abs() < 1e-12 && (torn.longest_gap_s - 0.1).abs() < 1e-12
    );
    assert_eq!((has(&torn, "lost"), has(&torn, "long_gap")), (Some(Grade::Bad), Some(Grade::Fair)));
    let with_nan: Vec<f64> = [&emg[..5000], &[f64::NAN; 100], &emg[5000..]].concat();
    assert_eq!(report(&with_nan, 0).lost_fraction, torn.lost_fraction);

    let offset = report(&emg.iter().map(|x| 0.2 * x + 150.0).collect::<Vec<_>>(), 0);
    assert!((offset.offset_of_range.unwrap() - 0.375).abs() < 0.01);
    assert_eq!(has(&offset, "offset"), Some(Grade::Bad));

    let off = report(&[3.0; 4000], 0);
    assert_eq!((off.grade, has(&off, "electrode_off")), (Grade::Bad, Some(Grade::Bad)));

    let swaying: Vec<f64> = emg.iter().enumerate().map(|(n, x)| x + 60.0 * (n as f64 * 0.03).sin()).collect();
    let motion = report(&swaying, 0);
    let expected = 1800.0 / (1800.0 + 1600.0) + 1600.0 * 0.039 / 3400.0;
    assert!((motion.motion_ratio.unwrap() - expected).abs() < 0.03, "{:?}", motion.motion_ratio);
    assert_eq!(has(&motion, "motion"), Some(Grade::Bad));
    let words = Reason::Lost { fraction: 0.012 }.to_string();
    assert!(words.starts_with("lost data 1.2 %:"), "{words}");
}

/// The short way to the verdict and the report must agree, second for second, on each of the reasons alone and on none.
#[test]
fn a_channel_is_unusable_for_hum_clipping_or_a_loose_electrode_only() {
    let emg: Vec<f64> = gaussian(13, 6000).iter().map(|x| 40.0 * x).collect();
    let with = |change: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
        emg.iter().enumerate().map(|(n, x)| change(n, *x)).collect()
    };
    let tone = |n: usize, hz: f64| (n as f64 * std::f64::consts::TAU * hz / 1000.0).sin();
    let microvolts = QualitySettings { range: Some((-300.0, 300.0)), ..QualitySettings::microvolts(1000.0) };
    let arbitrary = QualitySettings { microvolts_per_unit: None, ..microvolts };
    let cases = [
        (emg.clone(), true, true),
        (with(&|n, x| x + 280.0 * tone(n, 50.0)), false, false),
        (with(&|n, x| x + 280.0 * tone(n, 60.0)), false, false),
        (with(&|_, x| (9.0 * x).clamp(-300.0, 300.0)), false, false),
        // A channel that sways or is noisy is graded bad, yet its numbers stand.
        (with(&|n, x| x + 160.0 * tone(n, 3.0)), true, true),
        // Half a microvolt is no EMG; of an unknown unit nobody can say.
        (with(&|_, x| 0.01 * x), false, true),
        (vec![3.0; 6000], false, false),
    ];
    for (at, (x, in_microvolts, in_arbitrary)) in cases.into_iter().enumerate() {
        for (settings, usable) in [(microvolts, in_microvolts), (arbitrary, in_arbitrary)] {
            let mut meter = QualityMeter::new(settings).unwrap();
            for (second, x) in x.chunks(1000).enumerate() {
                meter.push(x);
                let report = meter.report();
                assert_eq!(
                    meter.is_unusable(),
                    report.is_unusable(),
                    "case {at}, second {second}: {report:?}"
                );
            }
            assert_eq!(!meter.is_unusable(), usable, "case {at}: {:?}", meter.report());
        }
    }
}

/// A board whose inputs are no EMG has a chain of no channels; the session goes on.
#[test]
fn a_chain_of_no_channels_takes_blocks_gaps_and_resets() {
    let design = ChainDesign {
        band: butterworth(4, Band::BandPass(20.0, 450.0), 1000.0).unwrap(),
        notch: None,
        rectify: Rectify::Absolute,
        envelope: butterworth(2, Band::LowPass(6.0), 1000.0).unwrap(),
    };
    let mut chain = GapChain::new(&design, 1000.0, 0);
    for lost in [1, 5000, 1 << 20] {
        chain.process(&[], &mut [], &mut [], &mut []);
        chain.lost(lost);
    }
    chain.reset();
}
