//! Known answers of METHOD §10 that live in this crate, each test named after its row. Row 14 is in `streams.rs`.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::f64::consts::PI;

use support::{gaussian, noise};
use surae_signal::chain::{ChainDesign, Rectify};
use surae_signal::design::{
    Band, Correction, Sos, butterworth, butterworth_two_pass, notch, two_pass_factor,
};
use surae_signal::envelope::{average_rectified, linear, moving_rms, root_mean_square};
use surae_signal::filter::{FilterBank, zero_phase, zero_phase_segments};
use surae_signal::gap::{GapChain, Mark};
use surae_signal::onset::{DoubleThreshold, DoubleThresholdDetector};
use surae_signal::quality::{Grade, Mains, PairMeter, QualityMeter, QualitySettings, Reason};
use surae_signal::spectrum::{Bins, Detrend, MedianRule, Spectrum, Welch, WelchSettings};
use surae_signal::tkeo::tkeo;

const RATE: f64 = 2000.0;

fn near(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual - expected).abs() <= tolerance, "{actual} is not {expected} ± {tolerance}");
}

fn sine(frequency: f64, amplitude: f64, samples: usize) -> Vec<f64> {
    (0..samples).map(|n| amplitude * (2.0 * PI * frequency * n as f64 / RATE).sin()).collect()
}

fn emg_band() -> Sos {
    butterworth(2, Band::BandPass(20.0, 450.0), RATE).unwrap()
}

/// Amplitude of a sine through one causal pass, measured on the output once it has settled.
fn one_pass(frequency: f64) -> f64 {
    let mut y = sine(frequency, 1.0, 20_000);
    FilterBank::new(&emg_band(), 1).process(&mut y);
    root_mean_square(&y[10_000..]) * 2.0_f64.sqrt()
}

fn two_passes(sos: &Sos, frequency: f64) -> f64 {
    let y = zero_phase(sos, &sine(frequency, 1.0, 30_000));
    root_mean_square(&y[10_000..20_000]) * 2.0_f64.sqrt()
}

#[test]
fn row_01_gain_at_100_hz() {
    near(one_pass(100.0), 1.0, 1e-3);
}

#[test]
fn row_02_gain_at_20_hz() {
    near(one_pass(20.0), 0.5_f64.sqrt(), 1e-3);
    near(two_passes(&emg_band(), 20.0), 0.5, 1e-3);
}

#[test]
fn row_03_gain_at_450_hz() {
    near(one_pass(450.0), 0.5_f64.sqrt(), 1e-3);
    near(two_passes(&emg_band(), 450.0), 0.5, 1e-3);
}

#[test]
fn row_04_gain_at_10_hz() {
    near(one_pass(10.0), 0.2298, 1e-3);
    near(two_passes(&emg_band(), 10.0), 0.0528, 1e-3);
}

#[test]
fn row_05_gain_at_600_hz() {
    near(one_pass(600.0), 0.3450, 1e-3);
    near(two_passes(&emg_band(), 600.0), 0.1190, 1e-3);
}

#[test]
fn row_06_winter_correction() {
    let high = butterworth_two_pass(2, Band::HighPass(20.0), RATE, Correction::Winter).unwrap();
    near(two_passes(&high, 20.0), 0.5_f64.sqrt(), 2e-3);
    // The edges of a band are corrected each on its own and are not independent: near, not exact.
    let band = butterworth_two_pass(4, Band::BandPass(20.0, 450.0), RATE, Correction::Winter).unwrap();
    near(band.magnitude(20.0, RATE).powi(2), 0.5_f64.sqrt(), 0.015);
    near(band.magnitude(450.0, RATE).powi(2), 0.5_f64.sqrt(), 0.015);
}

#[test]
fn row_07_two_pass_factor() {
    near(two_pass_factor(2), 0.802243, 1e-6);
    near(two_pass_factor(4), 0.895680, 1e-6);
}

#[test]
fn row_08_notch() {
    let notch = notch(50.0, 35.0, RATE).unwrap();
    for (frequency, gain) in [(50.0, 0.0), (49.0, 0.817), (51.0, 0.811), (45.0, 0.991), (55.0, 0.989)] {
        near(notch.magnitude(frequency, RATE), gain, 2e-3);
    }
}

#[test]
fn row_09_mean_of_a_rectified_sine() {
    near(average_rectified(&sine(100.0, 1.0, 2000)), 2.0 / 20.0 / (PI / 20.0).tan(), 1e-12);
    near(average_rectified(&sine(100.0, 1.0, 2000)), 0.631375, 1e-5);
}

#[test]
fn row_10_arv_over_rms_of_gaussian_noise() {
    let x = gaussian(10, 1_000_000);
    near(average_rectified(&x) / root_mean_square(&x), 0.797885, 0.00797885);
}

/// Time of half height, overshoot in percent, 10 to 90 % rise, in milliseconds.
fn step_response(order: usize, cutoff: f64) -> (f64, f64, f64) {
    let low = butterworth(order, Band::LowPass(cutoff), RATE).unwrap();
    let mut y = vec![1.0; 4000];
    FilterBank::new(&low, 1).process(&mut y);
    let peak = y.iter().copied().fold(0.0, f64::max);
    let reaches = |level: f64| y.iter().position(|v| *v >= level).unwrap() as f64 / RATE * 1e3;
    (low.step_t50_s(RATE) * 1e3, (peak - 1.0) * 100.0, reaches(0.9) - reaches(0.1))
}

#[test]
fn row_11_step_of_the_6_hz_envelope() {
    let (t50, overshoot, _) = step_response(2, 6.0);
    near(t50, 38.0, 0.5);
    near(overshoot, 4.3, 0.2);
    let (t50, overshoot, _) = step_response(4, 6.0);
    near(t50, 75.0, 0.5);
    near(overshoot, 10.8, 0.2);
}

#[test]
fn row_12_step_of_the_20_hz_envelope() {
    let (t50, _, rise) = step_response(2, 20.0);
    near(t50, 11.5, 0.5);
    near(rise, 17.0, 0.5);
}

#[test]
fn row_13_zero_phase_moves_no_peak() {
    let pulse: Vec<f64> = (0..2001).map(|n| (-((n as f64 - 1000.0) / 80.0).powi(2)).exp()).collect();
    let low = butterworth(4, Band::LowPass(6.0), RATE).unwrap();
    let y = zero_phase(&low, &pulse);
    let peak = (0..y.len()).max_by(|&i, &j| y[i].total_cmp(&y[j])).unwrap();
    assert_eq!(peak, 1000);
}

#[test]
fn row_15_tkeo_of_a_sine() {
    let expected = 4.0 * (2.0 * PI * 80.0 / RATE).sin().powi(2);
    for value in tkeo(&sine(80.0, 2.0, 500)) {
        near(value, expected, 1e-9);
        near(value, 0.247387, 1e-6);
    }
}

#[test]
fn row_24_double_threshold_design() {
    let design = DoubleThreshold::design(2, 5, 0.05).unwrap();
    near(design.exceedance, 0.07644, 1e-5);
    near(design.threshold_over_variance, 5.142, 1e-3);
    for (needed, false_alarm, expected) in [
        (2, 0.01, 6.84),
        (2, 0.001, 9.19),
        (1, 0.05, 9.17),
        (1, 0.01, 12.42),
        (1, 0.001, 17.03),
        (3, 0.05, 3.33),
        (3, 0.01, 4.50),
        (3, 0.001, 6.09),
    ] {
        let design = DoubleThreshold::design(needed, 5, false_alarm).unwrap();
        near(design.threshold_over_variance, expected, 6e-3);
    }
}

#[test]
fn row_25_double_threshold_false_alarms() {
    let design = DoubleThreshold::design(2, 5, 0.05).unwrap();
    let mut detector = DoubleThresholdDetector::new(&design, 4.0).unwrap();
    let flags: Vec<bool> =
        gaussian(25, 2_000_000).iter().filter_map(|x| detector.push(2.0 * x)).skip(5).collect();
    let rate = flags.iter().filter(|active| **active).count() as f64 / flags.len() as f64;
    near(rate, 0.05, 0.005);
}

fn shwedyk(f: f64) -> f64 {
    let (low, high) = (60.0_f64.powi(2), 120.0_f64.powi(2));
    high * high * f * f / ((f * f + low) * (f * f + high).powi(2))
}

#[test]
fn row_26_shwedyk_spectrum() {
    let density: Vec<f64> = (0..=100_000).map(|i| shwedyk(f64::from(i) / 100.0)).collect();
    let bins = Bins { resolution_hz: 0.01, density: &density };
    near(bins.median_frequency(0.0, 1000.0, MedianRule::Trapezoid).unwrap(), 95.58, 0.1);
    near(bins.mean_frequency(0.0, 1000.0).unwrap(), 121.04, 0.1);
}

#[test]
fn row_26_welch_of_shwedyk_noise() {
    // Noise with this density: inverse transform of its root with random phases, 2^18 samples.
    let len = 1 << 18;
    let phases = noise(26, len / 2);
    let mut x = vec![0.0; len];
    let mut planner = realfft::RealFftPlanner::<f64>::new();
    let mut spectrum = planner.plan_fft_forward(len).make_output_vec();
    for (i, value) in spectrum[1..len / 2].iter_mut().enumerate() {
        let f = (i + 1) as f64 * RATE / len as f64;
        *value = surae_signal::design::Complex64::from_polar(shwedyk(f).sqrt(), PI * phases[i]);
    }
    planner.plan_fft_inverse(len).process(&mut spectrum, &mut x).unwrap();
    let settings = WelchSettings { segment: 1024, overlap: 512, detrend: Detrend::Constant, rate_hz: RATE };
    let spectrum = Welch::new(settings).unwrap().density(&x);
    near(spectrum.median_frequency(0.0, 1000.0).unwrap(), 95.58, 2.5);
    near(spectrum.mean_frequency(0.0, 1000.0).unwrap(), 121.04, 2.5);
}

#[test]
fn row_27_two_sines() {
    let x: Vec<f64> =
        sine(80.0, 1.0, 20_000).iter().zip(sine(120.0, 1.0, 20_000)).map(|(a, b)| a + b).collect();
    let spectrum: Spectrum = Welch::new(WelchSettings::for_rate(RATE)).unwrap().density(&x);
    near(spectrum.mean_frequency(20.0, 450.0).unwrap(), 100.0, 2.0);
    let median = spectrum.median_frequency(20.0, 450.0).unwrap();
    assert!((78.0..=122.0).contains(&median), "{median}");
}

#[test]
fn row_52_maximum_of_a_sliding_rms() {
    // White noise in 20 to 450 Hz, 3 s; the mean over trials of the largest window over the overall RMS.
    let band = emg_band();
    let mut largest = [0.0; 4];
    const TRIALS: u64 = 200;
    for trial in 0..TRIALS {
        let mut y = gaussian(5200 + trial, 7000);
        FilterBank::new(&band, 1).process(&mut y);
        let y = &y[1000..];
        for (sum, window) in largest.iter_mut().zip([1000, 500, 200, 100]) {
            *sum += moving_rms(y, window).iter().copied().fold(0.0, f64::max) / root_mean_square(y);
        }
    }
    for (sum, expected) in largest.iter().zip([1.064, 1.102, 1.19, 1.29]) {
        near(sum / TRIALS as f64, expected, 0.02);
    }
}

fn walking_chain() -> ChainDesign {
    ChainDesign {
        band: emg_band(),
        notch: None,
        rectify: Rectify::Absolute,
        envelope: butterworth(2, Band::LowPass(6.0), RATE).unwrap(),
    }
}

#[test]
fn row_53_gap_of_20_ms_live() {
    let mut x = gaussian(53, 4000);
    x[2000..2040].fill(f64::NAN);
    let mut chain = GapChain::new(&walking_chain(), RATE, 1);
    let (mut band, mut envelope, mut marks) = (vec![0.0; 4000], vec![0.0; 4000], vec![Mark::Clean; 4000]);
    chain.process(&x, &mut band, &mut envelope, &mut marks);
    let settling = chain.settling_frames() as usize;
    near(settling as f64 / RATE, 3.0 * 0.038, 0.003);
    for i in 0..4000 {
        let expected = match i {
            2000..2040 => Mark::Gap,
            _ if i < settling || (2040..2040 + settling).contains(&i) => Mark::Settling,
            _ => Mark::Clean,
        };
        assert_eq!(marks[i], expected, "mark {i}");
        assert_eq!(envelope[i].is_nan(), expected == Mark::Gap, "envelope {i}");
    }
}

#[test]
fn row_53_gap_of_20_ms_in_review() {
    let mut x = gaussian(53, 4000);
    x[2000..2040].fill(f64::NAN);
    let bridge = 10;
    let band = zero_phase_segments(&emg_band(), &x, bridge);
    let envelope = linear(&walking_chain().envelope, &band, bridge);
    for (i, value) in envelope.iter().enumerate() {
        assert_eq!(value.is_nan(), (2000..2040).contains(&i), "envelope {i}");
    }
    // The two sides do not know of each other.
    let before = linear(&walking_chain().envelope, &zero_phase(&emg_band(), &x[..2000]), bridge);
    support::assert_same_bits("before the gap", &envelope[..2000], &before);
}

#[test]
fn row_53_gap_of_5_ms_is_bridged_and_flagged() {
    let clean = sine(40.0, 1.0, 4000);
    let run = |x: &[f64]| {
        let mut chain = GapChain::new(&walking_chain(), RATE, 1);
        let (mut band, mut envelope, mut marks) = (vec![0.0; 4000], vec![0.0; 4000], vec![Mark::Clean; 4000]);
        chain.process(x, &mut band, &mut envelope, &mut marks);
        (envelope, marks)
    };
    let (expected, _) = run(&clean);
    let mut holed = clean.clone();
    holed[3000..3010].fill(f64::NAN);
    let (envelope, marks) = run(&holed);
    assert!(marks[3000..3010].iter().all(|m| *m == Mark::Gap));
    assert_eq!(marks[3010], Mark::Bridged);
    assert_eq!(marks[3999], Mark::Clean);
    // Carried on, not restarted: a restart would begin near 0.
    near(envelope[3010], expected[3010], 0.1 * expected[3010]);
    holed[3000..3011].fill(f64::NAN);
    let (restarted, marks) = run(&holed);
    assert_eq!(marks[3011], Mark::Settling);
    assert!(restarted[3011] < 0.1 * expected[3011]);
}

fn synthetic_emg(seed: u64, seconds: usize) -> Vec<f64> {
    // 10 µV floor as wide as the band, bursts of 100 µV each second.
    let mut y = gaussian(seed, seconds * 2000);
    FilterBank::new(&emg_band(), 1).process(&mut y);
    let gain = 1.0 / root_mean_square(&y[2000..]);
    y.iter().enumerate().map(|(n, x)| x * gain * if n % 2000 < 800 { 100.0 } else { 4.0 }).collect()
}

#[test]
fn row_54_hum_20_db_above_the_signal() {
    let mut x = synthetic_emg(54, 20);
    let clean = {
        let mut meter = QualityMeter::new(QualitySettings::microvolts(RATE)).unwrap();
        meter.push(&x);
        meter.report()
    };
    assert_eq!(clean.grade, Grade::Good, "{:?}", clean.reasons().collect::<Vec<_>>());
    near(clean.snr_db.unwrap(), 28.0, 1.5); // 100 over 4 µV
    near(clean.kurtosis.unwrap(), 3.0, 0.3);
    let level = root_mean_square(&x) * 10.0 * 2.0_f64.sqrt();
    for (value, hum) in x.iter_mut().zip(sine(60.0, level, 40_000)) {
        *value += hum;
    }
    let mut meter = QualityMeter::new(QualitySettings::microvolts(RATE)).unwrap();
    meter.push(&x);
    let report = meter.report();
    assert_eq!(report.grade, Grade::Bad);
    assert_eq!(report.mains, Some(Mains::Hz60));
    near(report.hum_ratio.unwrap(), 100.0 / 101.0, 0.02);
    let hum = report.reasons().find(|(_, reason)| matches!(reason, Reason::Hum { .. })).unwrap();
    assert_eq!(hum.0, Grade::Bad);
    assert!(hum.1.to_string().contains("mains hum, 99 % of the power at 60 Hz"), "{}", hum.1);
}

#[test]
fn row_55_duplicated_channel() {
    let (x, other) = (synthetic_emg(55, 5), synthetic_emg(56, 5));
    let mut meter = PairMeter::new(QualitySettings::microvolts(RATE)).unwrap();
    let louder: Vec<f64> = x.iter().map(|v| -3.0 * v + 7.0).collect();
    meter.push(&x, &louder);
    let report = meter.report();
    assert_eq!(report.grade, Grade::Bad);
    assert!(matches!(report.reason, Some(Reason::Identical { correlation }) if correlation > 0.999));
    meter.reset();
    meter.push(&x, &other);
    let report = meter.report();
    assert_eq!((report.grade, report.reason), (Grade::Good, None), "{report:?}");
}
