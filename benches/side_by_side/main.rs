//! Surae's half of the side-by-side run: takes orders from `compare.py` on standard input, one a line, and answers with seconds.
//!
//! `load PATH CHANNELS` reads interleaved little-endian f64 frames. `time WHAT LEVEL` does the work once and answers the seconds of processor time it took.
//! `stream WHAT FRAMES BLOCKS` feeds blocks and answers nanoseconds, one a block. `save PATH` writes the last result. `levels`, `quit`.

#![allow(clippy::print_stdout, reason = "answers go to the script that asked")]

use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead, Write as _};
use std::time::Instant;

use cpu_time::ThreadTime;
use surae_benches::{RATE_HZ, chain_design};
use surae_signal::chain::Chain;
use surae_signal::columns::{Column, columns_into};
use surae_signal::envelope::MovingRms;
use surae_signal::filter::{ZeroPhaseChain, zero_phase_envelopes};
use surae_signal::level::Level;
use surae_signal::onset::{
    DoubleThreshold, DoubleThresholdDetector, TkeoOnset, TkeoSettings, bursts_of_channels,
};
use surae_signal::spectrum::{Detrend, MedianRule, Spectrum, Welch, WelchSettings};
use surae_signal::tkeo::{Tkeo, tkeo_into};

/// Rest that the onset detector learns from, the shortest burst it keeps, and the variance of the double threshold: as in `compare.py`.
const REST_FRAMES: usize = 2000;
const SHORTEST_BURST: usize = 50;
const NOISE_VARIANCE: f64 = 0.003;

type Answer = Result<String, Box<dyn Error>>;

/// The data at hand, in both layouts, and the buffers that every timed run reuses.
#[derive(Default)]
struct Bench {
    channels: usize,
    frames: Vec<f64>,
    planar: Vec<Vec<f64>>,
    band: Vec<f64>,
    result: Vec<f64>,
    active: Vec<bool>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut bench = Bench::default();
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words.as_slice() {
            ["load", path, channels] => bench.load(path, channels.parse()?)?,
            ["time", what, "auto"] => bench.time(what, None)?,
            ["time", what, level] => bench.time(what, Some(level_named(level)?))?,
            ["stream", what, frames, blocks] => bench.stream(what, frames.parse()?, blocks.parse()?)?,
            ["save", path] => bench.save(path)?,
            ["levels"] => Level::available().map(Level::name).collect::<Vec<_>>().join(" "),
            ["quit"] => return Ok(()),
            _ => return Err(format!("not an order: {line}").into()),
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn level_named(name: &str) -> Result<Level, Box<dyn Error>> {
    let named = Level::available().find(|level| level.name() == name);
    named.ok_or_else(|| format!("no level {name} here").into())
}

fn settings() -> WelchSettings {
    WelchSettings { segment: 512, overlap: 256, detrend: Detrend::Constant, rate_hz: RATE_HZ }
}

impl Bench {
    fn load(&mut self, path: &str, channels: usize) -> Answer {
        let bytes = std::fs::read(path)?;
        let value = |b: &[u8]| b.try_into().map(f64::from_le_bytes);
        self.channels = channels;
        self.frames = bytes.chunks_exact(8).map(value).collect::<Result<_, _>>()?;
        self.planar.clear();
        self.band = vec![0.0; self.frames.len()];
        self.result = self.frames.clone();
        Ok("ok".to_owned())
    }

    /// The channels one after the other, for work on whole signals.
    fn spread(&mut self) {
        if self.planar.is_empty() {
            let channel = |c| self.frames.iter().skip(c).step_by(self.channels).copied().collect();
            self.planar = (0..self.channels).map(channel).collect();
        }
    }

    fn save(&self, path: &str) -> Answer {
        let bytes: Vec<u8> = self.result.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(path, bytes)?;
        Ok("ok".to_owned())
    }

    /// One run at the level given, or at the one the crate picks; construction and the copy of the input are not counted, writing the result is.
    fn time(&mut self, what: &str, level: Option<Level>) -> Answer {
        let mut chain = Chain::new(&chain_design()?, self.channels);
        if let Some(level) = level {
            chain.set_level(level);
        }
        let frames = self.frames.len() / self.channels;
        let start;
        match what {
            "memcpy" => {
                self.result.resize(self.frames.len(), 0.0);
                start = ThreadTime::now();
                self.result.copy_from_slice(&self.frames);
            }
            "chain" => {
                self.result.copy_from_slice(&self.frames);
                start = ThreadTime::now();
                chain.process_in_place(&mut self.result);
            }
            "chain_with_band" => {
                start = ThreadTime::now();
                chain.process(&self.frames, &mut self.band, &mut self.result);
            }
            "zero_phase" => {
                self.spread();
                let mut stage = ZeroPhaseChain::new(&chain_design()?);
                let signals = slices(&self.planar);
                let mut envelopes = vec![Vec::new(); signals.len()];
                // Once before, for the memory: every stage writes into memory that is there.
                stage.envelopes_into(&signals, &mut envelopes);
                start = ThreadTime::now();
                stage.envelopes_into(&signals, &mut envelopes);
                let seconds = start.elapsed().as_secs_f64();
                self.result = envelopes.concat();
                return Ok(format!("{seconds:e}"));
            }
            "zero_phase_fresh" => {
                self.spread();
                let design = chain_design()?;
                start = ThreadTime::now();
                let stage = zero_phase_envelopes(&design, &slices(&self.planar));
                let seconds = start.elapsed().as_secs_f64();
                self.result = stage.concat();
                return Ok(format!("{seconds:e}"));
            }
            "welch_median" => {
                self.spread();
                let mut welch = Welch::new(settings())?;
                let mut spectrum = Spectrum::default();
                start = ThreadTime::now();
                self.result.clear();
                for signal in &self.planar {
                    welch.density_into(signal, &mut spectrum);
                    let median = spectrum.bins().median_frequency(0.0, RATE_HZ / 2.0, MedianRule::FirstBin);
                    let mean = spectrum.mean_frequency(0.0, RATE_HZ / 2.0);
                    self.result.extend([median.unwrap_or(f64::NAN), mean.unwrap_or(f64::NAN)]);
                }
            }
            "tkeo" => {
                self.spread();
                self.result.resize(self.frames.len(), 0.0);
                start = ThreadTime::now();
                for (signal, out) in self.planar.iter().zip(self.result.chunks_exact_mut(frames)) {
                    tkeo_into(signal, out);
                }
            }
            "tkeo_live" => {
                let mut operator = Tkeo::new(self.channels);
                self.result.clone_from(&self.frames);
                start = ThreadTime::now();
                operator.process(&mut self.result);
            }
            "rms" => {
                let mut rms = MovingRms::new(100, self.channels);
                self.result.clone_from(&self.frames);
                start = ThreadTime::now();
                rms.process(&mut self.result);
            }
            "onset" => {
                let settings = TkeoSettings { h: 3.0, ..TkeoSettings::for_rate(RATE_HZ) };
                let mut detector = TkeoOnset::new(settings, self.channels)?;
                self.active.clear();
                self.active.resize(self.frames.len(), false);
                let active = &mut self.active[..];
                start = ThreadTime::now();
                detector.learn_rest(&self.frames[..REST_FRAMES * self.channels])?;
                detector.process(&self.frames, active);
                let bursts = bursts_of_channels(active, self.channels, 1, SHORTEST_BURST);
                let seconds = start.elapsed().as_secs_f64();
                self.result = bursts.iter().flatten().flat_map(|b| [b.start as f64, b.end as f64]).collect();
                return Ok(format!("{seconds:e}"));
            }
            "double_threshold" => {
                let design = DoubleThreshold::design(2, 5, 0.05)?;
                let mut detectors =
                    vec![DoubleThresholdDetector::new(&design, NOISE_VARIANCE)?; self.channels];
                self.spread();
                self.active.clear();
                self.active.resize(self.frames.len() / 2, false);
                start = ThreadTime::now();
                for ((detector, signal), flags) in
                    detectors.iter_mut().zip(&self.planar).zip(self.active.chunks_exact_mut(frames / 2))
                {
                    detector.process(signal, flags);
                }
                let seconds = start.elapsed().as_secs_f64();
                self.result = self.active.iter().map(|a| f64::from(u8::from(*a))).collect();
                return Ok(format!("{seconds:e}"));
            }
            "columns" => {
                let mut drawn = vec![Column::EMPTY; 2000];
                start = ThreadTime::now();
                columns_into(&self.frames, &mut drawn);
                let seconds = start.elapsed().as_secs_f64();
                self.result = drawn.iter().flat_map(|c| [c.min, c.max]).collect();
                return Ok(format!("{seconds:e}"));
            }
            _ => return Err(format!("no work called {what}").into()),
        }
        Ok(format!("{:e}", start.elapsed().as_secs_f64()))
    }

    /// Nanoseconds of each block, with the cost of reading the clock in it.
    fn stream(&mut self, what: &str, frames: usize, blocks: usize) -> Answer {
        let mut chain = Chain::new(&chain_design()?, self.channels);
        let size = frames * self.channels;
        if what != "chain" || size == 0 || size > self.frames.len() {
            return Err(format!("cannot stream {what} in blocks of {frames}").into());
        }
        let mut answer = String::with_capacity(8 * blocks);
        self.result.clear();
        self.result.resize(self.frames.len(), 0.0);
        let whole = self.frames.len() / size * size;
        for block in 0..blocks {
            let at = block * size % whole;
            let out = &mut self.result[at..at + size];
            out.copy_from_slice(&self.frames[at..at + size]);
            let start = Instant::now();
            chain.process_in_place(out);
            write!(answer, "{} ", start.elapsed().as_nanos())?;
        }
        Ok(answer)
    }
}

fn slices(signals: &[Vec<f64>]) -> Vec<&[f64]> {
    signals.iter().map(Vec::as_slice).collect()
}
