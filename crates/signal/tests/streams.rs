//! Properties of everything that carries state: partition of the stream, reset, SIMD level, NaN.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use proptest::prelude::*;
use support::{assert_same_bits, gaussian, noise};
use surae_signal::chain::{Chain, ChainDesign, Rectify};
use surae_signal::design::{Band, Sos, butterworth, notch};
use surae_signal::envelope::{MovingArv, MovingRms};
use surae_signal::filter::{
    Conditioned, FilterBank, zero_phase, zero_phase_chain, zero_phase_envelopes, zero_phase_many,
};
use surae_signal::gap::{GapChain, Mark};
use surae_signal::level::Level;
use surae_signal::onset::{DoubleThreshold, DoubleThresholdDetector, RestLevel, TkeoOnset, TkeoSettings};
use surae_signal::quality::{PairMeter, QualityMeter, QualitySettings};
use surae_signal::spectrum::{StreamingWelch, Welch, WelchSettings};
use surae_signal::tkeo::{Tkeo, tkeo};

const RATE: f64 = 2000.0;

fn design(order: usize, hum: bool, rectify: Rectify) -> ChainDesign {
    ChainDesign {
        band: butterworth(order, Band::BandPass(20.0, 450.0), RATE).unwrap(),
        notch: hum.then(|| notch(50.0, 30.0, RATE).unwrap()),
        rectify,
        envelope: butterworth(order, Band::LowPass(6.0), RATE).unwrap(),
    }
}

fn rectifiers() -> impl Strategy<Value = Rectify> {
    prop_oneof![Just(Rectify::Absolute), Just(Rectify::Square), Just(Rectify::None)]
}

/// Frames per block, repeated until the stream ends.
fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..500, 1..8)
}

/// Calls `process` on consecutive ranges of frames.
fn in_blocks(frames: usize, cuts: &[usize], mut process: impl FnMut(std::ops::Range<usize>)) {
    let mut start = 0;
    for cut in cuts.iter().cycle() {
        let end = (start + cut).min(frames);
        process(start..end);
        start = end;
        if start == frames {
            return;
        }
    }
}

fn chain_output(chain: &mut Chain, x: &[f64]) -> [Vec<f64>; 2] {
    let (mut band, mut envelope) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    chain.process(x, &mut band, &mut envelope);
    [band, envelope]
}

fn bank_output(sos: &Sos, channels: usize, x: &[f64]) -> Vec<f64> {
    let mut y = x.to_vec();
    FilterBank::new(sos, channels).process(&mut y);
    y
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// METHOD row 14, for any number of channels, order, notch and rectifier.
    #[test]
    fn row_14_any_partition_gives_the_same_bits(
        channels in 1_usize..20, order in 1_usize..=10, hum: bool, rectify in rectifiers(), cuts in cuts(), seed: u64
    ) {
        let design = design(order, hum, rectify);
        let x = noise(seed, 1300 * channels);
        let [band, envelope] = chain_output(&mut Chain::new(&design, channels), &x);
        let mut chain = Chain::new(&design, channels);
        let (mut band_cut, mut envelope_cut) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        in_blocks(1300, &cuts, |frames| {
            let at = frames.start * channels..frames.end * channels;
            chain.process(&x[at.clone()], &mut band_cut[at.clone()], &mut envelope_cut[at]);
        });
        assert_same_bits("band", &band_cut, &band);
        assert_same_bits("envelope", &envelope_cut, &envelope);
        let mut in_place = x.clone();
        let mut chain = Chain::new(&design, channels);
        in_blocks(1300, &cuts, |f| chain.process_in_place(&mut in_place[f.start * channels..f.end * channels]));
        assert_same_bits("in place", &in_place, &envelope);
    }

    /// One and two channels have sections side by side in vectors: blocks shorter than the cascade, too.
    #[test]
    fn one_and_two_channels_give_the_bits_of_scalar(
        channels in 1_usize..=2, order in 1_usize..=4, hum: bool, rectify in rectifiers(),
        cuts in prop::collection::vec(1_usize..14, 1..8), seed: u64
    ) {
        let design = design(order, hum, rectify);
        let x = noise(seed, 600 * channels);
        let mut scalar = Chain::new(&design, channels);
        scalar.set_level(Level::Scalar);
        let [band, envelope] = chain_output(&mut scalar, &x);
        let mut chain = Chain::new(&design, channels);
        let (mut band_cut, mut envelope_cut) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        in_blocks(600, &cuts, |frames| {
            let at = frames.start * channels..frames.end * channels;
            chain.process(&x[at.clone()], &mut band_cut[at.clone()], &mut envelope_cut[at]);
        });
        assert_same_bits("band", &band_cut, &band);
        assert_same_bits("envelope", &envelope_cut, &envelope);
        let mut in_place = x.clone();
        let mut chain = Chain::new(&design, channels);
        in_blocks(600, &cuts, |f| chain.process_in_place(&mut in_place[f.start * channels..f.end * channels]));
        assert_same_bits("in place", &in_place, &envelope);
    }

    #[test]
    fn every_level_gives_the_bits_of_scalar(
        channels in 1_usize..40, order in 1_usize..=10, hum: bool, rectify in rectifiers(), seed: u64
    ) {
        let design = design(order, hum, rectify);
        let x = noise(seed, 600 * channels);
        let mut scalar = Chain::new(&design, channels);
        scalar.set_level(Level::Scalar);
        let expected = chain_output(&mut scalar, &x);
        for level in Level::available() {
            let mut chain = Chain::new(&design, channels);
            chain.set_level(level);
            let actual = chain_output(&mut chain, &x);
            assert_same_bits(&format!("{} band", level.name()), &actual[0], &expected[0]);
            assert_same_bits(&format!("{} envelope", level.name()), &actual[1], &expected[1]);
        }
    }

    #[test]
    fn fused_chain_equals_its_stages(
        channels in 1_usize..12, order in 1_usize..=6, hum: bool, rectify in rectifiers(), seed: u64
    ) {
        let design = design(order, hum, rectify);
        let x = noise(seed, 700 * channels);
        let [band, envelope] = chain_output(&mut Chain::new(&design, channels), &x);
        let mut staged = bank_output(&design.band, channels, &x);
        if let Some(notch) = design.notch {
            staged = bank_output(&notch, channels, &staged);
        }
        assert_same_bits("band", &band, &staged);
        for v in &mut staged {
            *v = match rectify { Rectify::Absolute => v.abs(), Rectify::Square => *v * *v, Rectify::None => *v };
        }
        assert_same_bits("envelope", &envelope, &bank_output(&design.envelope, channels, &staged));
    }

    #[test]
    fn channels_do_not_know_of_each_other(channels in 1_usize..20, channel in 0_usize..20, seed: u64) {
        let channel = channel % channels;
        let design = design(4, true, Rectify::Absolute);
        let x = noise(seed, 300 * channels);
        let [_, together] = chain_output(&mut Chain::new(&design, channels), &x);
        let alone: Vec<f64> = x.iter().skip(channel).step_by(channels).copied().collect();
        let [_, expected] = chain_output(&mut Chain::new(&design, 1), &alone);
        let actual: Vec<f64> = together.iter().skip(channel).step_by(channels).copied().collect();
        assert_same_bits("one channel", &actual, &expected);
    }

    #[test]
    fn gaps_give_the_same_bits_for_any_partition(
        channels in 1_usize..6, cuts in cuts(), seed: u64,
        holes in prop::collection::vec((0_usize..1200, 1_usize..40, 0_usize..6), 0..6)
    ) {
        let design = design(2, true, Rectify::Absolute);
        let frames = 1300;
        let mut x = noise(seed, frames * channels);
        for (start, length, channel) in holes {
            for frame in start..(start + length).min(frames) {
                x[frame * channels + channel % channels] = f64::NAN;
            }
        }
        let run = |cuts: &[usize]| {
            let mut chain = GapChain::new(&design, RATE, channels);
            let (mut band, mut envelope) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            let mut marks = vec![Mark::Clean; x.len()];
            in_blocks(frames, cuts, |f| {
                let at = f.start * channels..f.end * channels;
                chain.process(&x[at.clone()], &mut band[at.clone()], &mut envelope[at.clone()], &mut marks[at]);
            });
            (band, envelope, marks)
        };
        let (band, envelope, marks) = run(&[frames]);
        let (band_cut, envelope_cut, marks_cut) = run(&cuts);
        assert_same_bits("band", &band_cut, &band);
        assert_same_bits("envelope", &envelope_cut, &envelope);
        prop_assert_eq!(marks_cut, marks.clone());
        for ((value, mark), raw) in envelope.iter().zip(&marks).zip(&x) {
            prop_assert_eq!(value.is_nan(), raw.is_nan());
            prop_assert_eq!(*mark == Mark::Gap, raw.is_nan());
        }
    }

    #[test]
    fn lost_frames_equal_frames_of_nan(before in 1_usize..700, lost in 1_usize..600, after in 1_usize..700, seed: u64) {
        let design = design(4, false, Rectify::Absolute);
        let x = noise(seed, 2 * (before + after));
        let run = |told: bool| {
            let mut chain = GapChain::new(&design, RATE, 2);
            let mut envelope = Vec::new();
            let mut feed = |chain: &mut GapChain, x: &[f64]| {
                let (mut b, mut e, mut m) = (vec![0.0; x.len()], vec![0.0; x.len()], vec![Mark::Clean; x.len()]);
                chain.process(x, &mut b, &mut e, &mut m);
                envelope.extend(e);
                m
            };
            feed(&mut chain, &x[..2 * before]);
            if told {
                chain.lost(lost as u64);
            } else {
                feed(&mut chain, &vec![f64::NAN; 2 * lost]);
            }
            let marks = feed(&mut chain, &x[2 * before..]);
            (envelope.split_off(envelope.len() - 2 * after), marks)
        };
        let (told, nan) = (run(true), run(false));
        assert_same_bits("after the gap", &told.0, &nan.0);
        prop_assert_eq!(told.1, nan.1);
    }

    #[test]
    fn moving_windows_and_tkeo_by_partition(channels in 1_usize..6, window in 1_usize..120, cuts in cuts(), seed: u64) {
        let x = noise(seed, 900 * channels);
        let whole = |process: &mut dyn FnMut(&mut [f64])| { let mut y = x.clone(); process(&mut y); y };
        let cut = |process: &mut dyn FnMut(&mut [f64])| {
            let mut y = x.clone();
            in_blocks(900, &cuts, |f| process(&mut y[f.start * channels..f.end * channels]));
            y
        };
        let (mut a, mut b) = (MovingRms::new(window, channels), MovingRms::new(window, channels));
        assert_same_bits("rms", &cut(&mut |y| b.process(y)), &whole(&mut |y| a.process(y)));
        let (mut a, mut b) = (MovingArv::new(window, channels), MovingArv::new(window, channels));
        assert_same_bits("arv", &cut(&mut |y| b.process(y)), &whole(&mut |y| a.process(y)));
        let (mut a, mut b) = (Tkeo::new(channels), Tkeo::new(channels));
        let energy = whole(&mut |y| a.process(y));
        assert_same_bits("tkeo", &cut(&mut |y| b.process(y)), &energy);
        for channel in 0..channels {
            let of = |frames: &[f64]| frames.iter().skip(channel).step_by(channels).copied().collect::<Vec<f64>>();
            assert_same_bits("tkeo of a signal", &of(&energy)[2..], &tkeo(&of(&x))[1..899]);
        }
    }

    #[test]
    fn onset_detectors_by_partition(
        channels in 1_usize..6, cuts in cuts(), pairs in 1_usize..=64, share in 0.0..1.0_f64, seed: u64
    ) {
        let x = noise(seed, 900 * channels);
        let detector = || {
            let mut detector = TkeoOnset::new(TkeoSettings::for_rate(RATE), channels).unwrap();
            (0..channels).for_each(|c| detector.set_rest(c, RestLevel { mean: 0.2, deviation: 0.01 }));
            detector
        };
        let (mut whole, mut cut) = (vec![false; x.len()], vec![false; x.len()]);
        detector().process(&x, &mut whole);
        let mut stage = detector();
        in_blocks(900, &cuts, |f| {
            let at = f.start * channels..f.end * channels;
            stage.process(&x[at.clone()], &mut cut[at]);
        });
        prop_assert_eq!(&whole, &cut);
        let needed = 1 + (share * (pairs - 1) as f64) as usize;
        let design = DoubleThreshold::design(needed, pairs, 0.5).unwrap();
        let mut x = x;
        x[7] = f64::NAN;
        let mut single = DoubleThresholdDetector::new(&design, 0.3).unwrap();
        let expected: Vec<bool> = x.iter().filter_map(|&x| single.push(x)).collect();
        let mut stage = DoubleThresholdDetector::new(&design, 0.3).unwrap();
        let mut told = Vec::new();
        in_blocks(x.len(), &cuts, |f| {
            let mut flags = vec![false; f.len() / 2 + 1];
            let count = stage.process(&x[f], &mut flags);
            told.extend_from_slice(&flags[..count]);
        });
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn meters_by_partition(cuts in cuts(), seed: u64, hole in prop::option::of(0_usize..5000)) {
        let mut x = noise(seed, 5000);
        let y = noise(seed.wrapping_add(1), 5000);
        if let Some(hole) = hole {
            x[hole] = f64::NAN;
        }
        let settings = QualitySettings { range: Some((-0.99, 0.99)), step: Some(0.01), ..QualitySettings::microvolts(1000.0) };
        let run = |cuts: &[usize]| {
            let (mut meter, mut pair) = (QualityMeter::new(settings).unwrap(), PairMeter::new(settings).unwrap());
            in_blocks(5000, cuts, |f| {
                meter.push(&x[f.clone()]);
                pair.push(&x[f.clone()], &y[f]);
            });
            (format!("{:?}", meter.report()), format!("{:?}", pair.report()))
        };
        prop_assert_eq!(run(&cuts), run(&[5000]));
    }

    /// Three filters and a rectifier of their own give the bits of the chain that stays interleaved.
    #[test]
    fn zero_phase_chain_equals_its_stages(
        channels in 1_usize..12, order in 1_usize..=6, hum: bool, rectify in rectifiers(), len in 0_usize..700, seed: u64
    ) {
        let design = design(order, hum, rectify);
        let signals: Vec<Vec<f64>> = (0..channels).map(|c| noise(seed.wrapping_add(c as u64), len)).collect();
        let slices: Vec<&[f64]> = signals.iter().map(Vec::as_slice).collect();
        let envelopes = zero_phase_envelopes(&design, &slices);
        let both = zero_phase_chain(&design, &slices);
        for ((signal, envelope), Conditioned { band, envelope: same }) in signals.iter().zip(&envelopes).zip(&both) {
            let mut staged = zero_phase(&design.band, signal);
            if let Some(notch) = design.notch {
                staged = zero_phase(&notch, &staged);
            }
            assert_same_bits("band", band, &staged);
            for v in &mut staged {
                *v = match rectify { Rectify::Absolute => v.abs(), Rectify::Square => *v * *v, Rectify::None => *v };
            }
            assert_same_bits("envelope", envelope, &zero_phase(&design.envelope, &staged));
            assert_same_bits("with band", same, envelope);
        }
    }

    #[test]
    fn streaming_spectrum_by_partition_and_against_batch(cuts in cuts(), average in 1_usize..6, seed: u64) {
        let settings = WelchSettings::for_rate(500.0);
        let x = noise(seed, 2000);
        let (mut whole, mut cut) =
            (StreamingWelch::new(settings, average).unwrap(), StreamingWelch::new(settings, average).unwrap());
        let hops = whole.push(&x);
        let mut cut_hops = 0;
        in_blocks(2000, &cuts, |f| cut_hops += cut.push(&x[f]));
        prop_assert_eq!(hops, cut_hops);
        assert_same_bits("density", cut.latest(), whole.latest());
        let hop = settings.segment - settings.overlap;
        let end = settings.segment + (hops - 1) * hop;
        let start = end - settings.segment - (average - 1) * hop;
        let batch = Welch::new(settings).unwrap().density(&x[start..end]);
        prop_assert_eq!(batch.segments, average);
        support::assert_close("against batch", whole.latest(), &batch.density, 1e-13);
    }
}

#[test]
fn zero_phase_of_many_equals_one_by_one() {
    let sos = design(4, true, Rectify::Absolute).band;
    for channels in [2, 3, 8, 11] {
        let mut signals: Vec<Vec<f64>> = (0..channels).map(|c| noise(c as u64, 777)).collect();
        signals[1][400] = f64::NAN;
        let slices: Vec<&[f64]> = signals.iter().map(Vec::as_slice).collect();
        for (actual, signal) in zero_phase_many(&sos, &slices).iter().zip(&signals) {
            assert_same_bits("one of many", actual, &zero_phase(&sos, signal));
        }
    }
    let short = zero_phase_many(&sos, &[&[1.0, 2.0], &[3.0], &[]]);
    assert_eq!(short.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(zero_phase_many(&sos, &[&[], &[]]), vec![Vec::<f64>::new(); 2]);
}

#[test]
fn reset_equals_fresh() {
    let design = design(4, true, Rectify::Absolute);
    let (x, y) = (gaussian(1, 3000), gaussian(2, 3000));
    let mut chain = Chain::new(&design, 3);
    chain_output(&mut chain, &x);
    chain.reset();
    let [_, reset] = chain_output(&mut chain, &y);
    let [_, fresh] = chain_output(&mut Chain::new(&design, 3), &y);
    assert_same_bits("chain", &reset, &fresh);

    let mut rms = MovingRms::new(50, 3);
    rms.process(&mut x.clone());
    rms.reset();
    let (mut reset, mut fresh) = (y.clone(), y.clone());
    rms.process(&mut reset);
    MovingRms::new(50, 3).process(&mut fresh);
    assert_same_bits("rms", &reset, &fresh);

    let settings = WelchSettings::for_rate(1000.0);
    let mut spectrum = StreamingWelch::new(settings, 3).unwrap();
    spectrum.push(&x);
    spectrum.reset();
    assert!(spectrum.latest().iter().all(|p| p.is_nan()));
    spectrum.push(&y);
    let mut fresh = StreamingWelch::new(settings, 3).unwrap();
    fresh.push(&y);
    assert_same_bits("spectrum", spectrum.latest(), fresh.latest());
}

#[test]
fn a_swapped_design_equals_a_fresh_one() {
    let (first, second) = (design(8, true, Rectify::Absolute), design(2, false, Rectify::Square));
    let x = gaussian(3, 1000);
    let mut chain = Chain::new(&first, 1);
    chain_output(&mut chain, &x);
    chain.set_design(&second);
    let [_, swapped] = chain_output(&mut chain, &x);
    let [_, fresh] = chain_output(&mut Chain::new(&second, 1), &x);
    assert_same_bits("swapped", &swapped, &fresh);
}

#[test]
fn nan_stays_in_its_channel() {
    let design = design(4, true, Rectify::Absolute);
    let mut x = noise(5, 5 * 800);
    let [_, clean] = chain_output(&mut Chain::new(&design, 5), &x);
    x[100 * 5 + 3] = f64::NAN;
    let [_, dirty] = chain_output(&mut Chain::new(&design, 5), &x);
    for (i, (c, d)) in clean.iter().zip(&dirty).enumerate() {
        let poisoned = i % 5 == 3 && i / 5 >= 100;
        assert!(if poisoned { d.is_nan() } else { c.to_bits() == d.to_bits() }, "value {i}");
    }
}

#[test]
fn nan_stays_in_its_window() {
    let mut x = noise(6, 1000);
    x[500] = f64::NAN;
    let mut rms = x.clone();
    MovingRms::new(100, 1).process(&mut rms);
    for (i, value) in rms.iter().enumerate() {
        assert_eq!(value.is_nan(), i < 99 || (500..600).contains(&i), "moving RMS {i}");
    }
    for (i, value) in surae_signal::tkeo::tkeo(&x).iter().enumerate() {
        assert_eq!(value.is_nan(), (499..=501).contains(&i), "TKEO {i}");
    }
    let settings = WelchSettings { segment: 100, overlap: 50, ..WelchSettings::for_rate(1000.0) };
    let spectrum = Welch::new(settings).unwrap().density(&x);
    assert_eq!(spectrum.segments, 19 - 2); // the two segments that hold it
    assert!(spectrum.density.iter().all(|p| p.is_finite()));
}

#[test]
fn moving_rms_does_not_drift() {
    // Two simulated hours at 1 kHz with bursts a million times the baseline between quiet parts.
    let mut rms = MovingRms::new(100, 1);
    let quiet = noise(7, 1000);
    for second in 0..7200 {
        let gain = if second % 10 == 5 { 1e6 } else { 1.0 };
        let mut block: Vec<f64> = quiet.iter().map(|x| x * gain).collect();
        rms.process(&mut block);
    }
    let mut last = quiet.clone();
    rms.process(&mut last);
    let direct = |i: usize| (quiet[i - 99..=i].iter().map(|x| x * x).sum::<f64>() / 100.0).sqrt();
    for (i, value) in last.iter().enumerate().skip(99) {
        assert!((value - direct(i)).abs() <= 1e-14 * direct(i), "value {i}");
    }
}

#[test]
fn silence_leaves_no_denormal_numbers() {
    let low = butterworth(4, Band::LowPass(6.0), RATE).unwrap();
    let mut bank = FilterBank::new(&low, 2);
    bank.process(&mut noise(8, 2000));
    let mut last = 0.0;
    for _ in 0..200 {
        let mut silence = vec![0.0; 2 * 2000];
        bank.process(&mut silence);
        let denormal = silence.iter().filter(|x| **x != 0.0 && x.abs() < f64::MIN_POSITIVE).count();
        assert_eq!(denormal, 0);
        last = silence[3999];
    }
    assert_eq!(last, 0.0);
}
