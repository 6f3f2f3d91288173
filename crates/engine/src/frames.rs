//! How long it takes from a decoded block to the end of the frame that first shows what came of it: the window's part of a latency.
//!
//! The window says which state a frame shows and when that frame was handed to the screen; the decoder says when a block was
//! placed. A decision leaves the pipeline after that, so that no decision takes longer than what is told here.

use crate::threads::Decoded;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The first frames make fonts and buffers and are not counted.
const SETTLE: Duration = Duration::from_secs(2);

/// Blocks between two frames at most; a window that stands still longer loses the rest, which then is not counted.
const BLOCKS: usize = 1 << 14;

/// A latency of many frames, ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// Half are faster.
    pub p50_ms: f64,
    /// 99 % are faster.
    pub p99_ms: f64,
    /// How many were measured.
    pub n: usize,
}

impl Quantiles {
    pub(crate) fn of(mut times_ms: Vec<f64>) -> Self {
        times_ms.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let rank = (part * times_ms.len() as f64).ceil() as usize;
            times_ms.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
        };
        Self { p50_ms: at(0.5), p99_ms: at(0.99), n: times_ms.len() }
    }
}

/// Measures from decoded to presented.
#[derive(Debug)]
pub struct FrameLatency {
    decoded: Receiver<Decoded>,
    waiting: VecDeque<Decoded>,
    shown: Option<u64>,
    begun: Option<Instant>,
    frames: usize,
    times_ms: Vec<f64>,
}

impl FrameLatency {
    /// A measurement, and where the session tells of its blocks ([`crate::SessionOptions::decoded`]).
    #[must_use]
    pub fn new() -> (Self, Sender<Decoded>) {
        let (tx, decoded) = bounded(BLOCKS);
        let waiting = VecDeque::new();
        (Self { decoded, waiting, shown: None, begun: None, frames: 0, times_ms: Vec::new() }, tx)
    }

    /// The frame that is being drawn shows the state before master sample `index`.
    pub fn shows(&mut self, index: u64) {
        self.shown = Some(index);
    }

    /// The frame drawn last was handed to the screen at `now`, at the latest.
    pub fn presented(&mut self, now: Instant) {
        self.waiting.extend(self.decoded.try_iter());
        let Some(shown) = self.shown.take() else { return };
        let counts = now >= *self.begun.get_or_insert(now) + SETTLE;
        self.frames += usize::from(counts);
        while let Some(block) = self.waiting.front().filter(|block| block.first < shown) {
            if counts {
                self.times_ms.push(now.saturating_duration_since(block.at).as_secs_f64() * 1e3);
            }
            self.waiting.pop_front();
        }
    }

    /// Seconds that were counted until `now`.
    #[must_use]
    pub fn counted_s(&self, now: Instant) -> f64 {
        self.begun.map_or(0.0, |begun| now.saturating_duration_since(begun + SETTLE).as_secs_f64())
    }

    /// Frames that were counted.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Of the blocks shown so far; `NaN` where none was.
    #[must_use]
    pub fn quantiles(&self) -> Quantiles {
        Quantiles::of(self.times_ms.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_counts_once_with_the_first_frame_that_shows_it() {
        let (mut measured, decoded) = FrameLatency::new();
        let zero = Instant::now();
        let ms = |at: u64| zero + Duration::from_millis(at);
        let block = |first: u64, at: u64| Decoded { first, device_us: 0, at: ms(at) };
        // A frame before the measurement begins.
        measured.shows(0);
        measured.presented(zero);
        for (first, at) in [(0, 2500), (10, 2505), (20, 2510)] {
            decoded.send(block(first, at)).unwrap();
        }
        // The first two are in the frame that ends at 2520 ms, the third in the next one.
        measured.shows(20);
        measured.presented(ms(2520));
        // Handed over again without anything new drawn.
        measured.presented(ms(2536));
        measured.shows(30);
        measured.presented(ms(2537));
        let found = measured.quantiles();
        assert_eq!((found.n, found.p50_ms, found.p99_ms), (3, 20.0, 27.0));
        assert_eq!(measured.frames(), 2);
        assert!((measured.counted_s(ms(2537)) - 0.537).abs() < 1e-9);
    }

    #[test]
    fn quantiles_are_those_of_the_nearest_rank() {
        let q = Quantiles::of((1..=200).rev().map(f64::from).collect());
        assert_eq!((q.p50_ms, q.p99_ms, q.n), (100.0, 198.0, 200));
        assert!(Quantiles::of(Vec::new()).p50_ms.is_nan());
    }

    #[test]
    fn the_start_is_not_counted() {
        let (mut measured, decoded) = FrameLatency::new();
        let zero = Instant::now();
        decoded.send(Decoded { first: 0, device_us: 0, at: zero }).unwrap();
        measured.shows(10);
        measured.presented(zero);
        assert_eq!((measured.quantiles().n, measured.frames()), (0, 0));
    }
}
