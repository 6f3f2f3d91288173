//! What does each stage of the signal path cost for a sample of a channel?
#![allow(missing_docs, reason = "criterion's macros make public functions")]
#![allow(clippy::unwrap_used, reason = "fixed numbers that are known to be valid")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use surae_benches::{RATE_HZ, chain_design, noise};
use surae_signal::chain::Chain;
use surae_signal::columns::{Column, columns_into};
use surae_signal::design::{Band, butterworth};
use surae_signal::envelope::{MovingRms, linear};
use surae_signal::filter::{FilterBank, zero_phase, zero_phase_many};
use surae_signal::gap::{GapChain, Mark};
use surae_signal::level::Level;
use surae_signal::onset::{RestLevel, TkeoOnset, TkeoSettings};
use surae_signal::quality::{PairMeter, QualityMeter, QualitySettings};
use surae_signal::resample::interpolate_regular;
use surae_signal::spectrum::{Spectrum, Stft, StreamingWelch, Welch, WelchSettings};
use surae_signal::tkeo::tkeo_into;

/// Samples of all channels together in one iteration.
const SAMPLES: usize = 1 << 16;

fn chain(c: &mut Criterion) {
    let mut group = c.benchmark_group("chain");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    for level in Level::available() {
        for channels in [1, 2, 8, 64, 256] {
            let mut chain = Chain::new(&chain_design().unwrap(), channels);
            chain.set_level(level);
            let raw = noise(1, SAMPLES);
            let mut frames = raw.clone();
            group.bench_function(BenchmarkId::new(level.name(), channels), |b| {
                b.iter(|| {
                    frames.copy_from_slice(&raw);
                    chain.process_in_place(black_box(&mut frames));
                });
            });
        }
    }
    group.finish();
    let mut group = c.benchmark_group("chain block of 16 frames");
    for channels in [8, 64] {
        let mut chain = Chain::new(&chain_design().unwrap(), channels);
        let mut frames = noise(2, 16 * channels);
        group.throughput(Throughput::Elements(16 * channels as u64));
        group.bench_function(BenchmarkId::from_parameter(channels), |b| {
            b.iter(|| chain.process_in_place(black_box(&mut frames)));
        });
    }
    group.finish();
}

fn filters(c: &mut Criterion) {
    let mut group = c.benchmark_group("filters");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    let design = chain_design().unwrap();
    let raw = noise(3, SAMPLES);
    let mut frames = raw.clone();
    let mut bank = FilterBank::new(&design.band, 8);
    group.bench_function("bank of 4 sections, 8 channels", |b| {
        b.iter(|| bank.process(black_box(&mut frames)))
    });
    let mut gaps = GapChain::new(&design, RATE_HZ, 8);
    let (mut band, mut envelope, mut marks) = (raw.clone(), raw.clone(), vec![Mark::Clean; SAMPLES]);
    group.bench_function("gap chain, 8 channels", |b| {
        b.iter(|| gaps.process(black_box(&raw), &mut band, &mut envelope, &mut marks));
    });
    group.bench_function("zero phase, 1 signal", |b| b.iter(|| zero_phase(&design.band, black_box(&raw))));
    let planar: Vec<&[f64]> = raw.chunks_exact(SAMPLES / 8).collect();
    group.bench_function("zero phase, 8 signals", |b| {
        b.iter(|| zero_phase_many(&design.band, black_box(&planar)));
    });
    group.bench_function("linear envelope", |b| b.iter(|| linear(&design.envelope, black_box(&raw), 10)));
    group.bench_function("design of a band-pass", |b| {
        b.iter(|| butterworth(4, Band::BandPass(black_box(20.0), 450.0), RATE_HZ));
    });
    group.finish();
}

fn spectra(c: &mut Criterion) {
    let mut group = c.benchmark_group("spectra");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    let raw = noise(4, SAMPLES);
    let settings = WelchSettings::for_rate(RATE_HZ);
    let mut welch = Welch::new(settings).unwrap();
    let mut spectrum = Spectrum::default();
    group.bench_function("welch and median frequency", |b| {
        b.iter(|| {
            welch.density_into(black_box(&raw), &mut spectrum);
            spectrum.median_frequency(20.0, 450.0)
        });
    });
    let mut streaming = StreamingWelch::new(settings, 8).unwrap();
    group.bench_function("streaming welch, mean of 8", |b| b.iter(|| streaming.push(black_box(&raw))));
    let mut stft = Stft::new(256, 32, RATE_HZ).unwrap();
    let mut column = vec![Default::default(); stft.bins()];
    group.bench_function("stft 256 every 32", |b| {
        b.iter(|| (0..stft.columns(SAMPLES)).for_each(|i| stft.column(black_box(&raw), i, &mut column)));
    });
    group.finish();
}

fn features(c: &mut Criterion) {
    let mut group = c.benchmark_group("features");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    let raw = noise(5, SAMPLES);
    let mut out = raw.clone();
    group.bench_function("tkeo", |b| b.iter(|| tkeo_into(black_box(&raw), &mut out)));
    let mut rms = MovingRms::new(100, 8);
    group.bench_function("moving rms, 8 channels", |b| {
        b.iter(|| {
            out.copy_from_slice(&raw);
            rms.process(black_box(&mut out));
        });
    });
    let mut onset = TkeoOnset::new(TkeoSettings::for_rate(RATE_HZ), 8).unwrap();
    (0..8).for_each(|channel| onset.set_rest(channel, RestLevel { mean: 0.1, deviation: 0.1 }));
    let mut active = vec![false; SAMPLES];
    group
        .bench_function("tkeo onset, 8 channels", |b| b.iter(|| onset.process(black_box(&raw), &mut active)));
    let mut drawn = vec![Column::EMPTY; 1000];
    group.bench_function("columns", |b| b.iter(|| columns_into(black_box(&raw), &mut drawn)));
    let times: Vec<f64> = (0..SAMPLES).map(|i| i as f64 / 2000.0).collect();
    group.bench_function("interpolation 100 Hz to 2000 Hz", |b| {
        b.iter(|| interpolate_regular(black_box(&raw[..4000]), 0.0, 100.0, &times));
    });
    let mut meter = QualityMeter::new(QualitySettings::microvolts(RATE_HZ)).unwrap();
    group.bench_function("quality meter", |b| b.iter(|| meter.push(black_box(&raw))));
    let mut pair = PairMeter::new(QualitySettings::microvolts(RATE_HZ)).unwrap();
    group.bench_function("pair meter", |b| b.iter(|| pair.push(black_box(&raw), &out)));
    group.finish();
}

fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
}

criterion_group! { name = benches; config = quick(); targets = chain, filters, spectra, features }
criterion_main!(benches);
