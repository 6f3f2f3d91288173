//! From what a device says and when it was read to sample indices, gaps and a measured rate.
//!
//! Three clocks per frame: the device's counter, the device's own time, the host's time when the bytes were read. The index comes from
//! the best of them that is there; a jump in it is a gap. The measured rate maps indices to host time and never touches a filter. The
//! index, not the number of frames received, is what host time is fitted to: so a hole does not bend the clock.
//!
//! Not for synchronising devices by a pulse, nor for counters of a few bits that wrap within a read.

use std::collections::VecDeque;
use surae_trial::HostNs;

/// Span before a measured rate is believed, s.
const TRUST_AFTER_S: f64 = 10.0;

/// Seconds that are remembered.
const MEMORY: usize = 60;

/// A stall of at least this may have lost samples, where nothing but the host's clock can tell.
const STALL_S: f64 = 0.2;

/// Jumps of the device's clock or counter beyond this are a restart, not a gap.
const LONGEST_GAP_S: f64 = 24.0 * 3600.0;

/// Where a frame stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its index.
    pub index: u64,
    /// Samples lost directly before it.
    pub lost: u64,
    /// False when that number rests on the host's clock.
    pub certain: bool,
}

/// The clock of one stream.
#[derive(Clone, Debug)]
pub struct ClockEstimator {
    rate_hz: f64,
    next: u64,
    started: bool,
    counter: Option<u64>,
    device_us: Option<u64>,
    /// Sum and number of single steps of the device's clock.
    steps: (f64, f64),
    chunk_host: HostNs,
    fit: Fit,
}

impl ClockEstimator {
    /// A clock at a nominal rate.
    #[must_use]
    pub fn new(rate_hz: f64) -> Self {
        Self {
            rate_hz,
            next: 0,
            started: false,
            counter: None,
            device_us: None,
            steps: (0.0, 0.0),
            chunk_host: HostNs(0),
            fit: Fit::default(),
        }
    }

    /// Bytes were read at `host` and hold `frames` frames; to be called before [`ClockEstimator::place`] for each of them.
    ///
    /// Gives the number of samples that a silence before these bytes must have cost, for devices without counter and time and for
    /// those whose counter and time started again; frames that were only late arrive together and are not lost.
    pub fn chunk(&mut self, host: HostNs, frames: u64) -> u64 {
        let silent_s = (host.0 - self.chunk_host.0) as f64 * 1e-9;
        let first = !self.started || frames == 0;
        if frames > 0 {
            self.chunk_host = host;
        }
        if first || silent_s < STALL_S.max(5.0 / self.rate_hz) {
            return 0;
        }
        let missing = (silent_s * self.measured_rate_hz().unwrap_or(self.rate_hz)).round() - frames as f64;
        if missing >= 3.0 { missing as u64 } else { 0 }
    }

    /// The index of the next frame. `None` for a frame that repeats the one before.
    ///
    /// `silence` is what [`ClockEstimator::chunk`] gave, for the first frame of the chunk.
    pub fn place(
        &mut self,
        counter: Option<u64>,
        device_us: Option<u64>,
        reset: bool,
        silence: u64,
    ) -> Option<Placed> {
        let steps = if self.started { self.steps_to(counter, device_us, reset) } else { Some((1, true)) };
        let (steps, certain) = match steps {
            Some((0, _)) => return None,
            Some(steps) => steps,
            None => (1 + silence, silence == 0),
        };
        self.started = true;
        self.counter = counter.or(self.counter);
        self.device_us = device_us.or(self.device_us);
        let placed = Placed { index: self.next + steps - 1, lost: steps - 1, certain };
        self.next = placed.index + 1;
        Some(placed)
    }

    /// Samples from the last frame to this one by counter, else by device time; `None` when neither can tell.
    fn steps_to(&mut self, counter: Option<u64>, device_us: Option<u64>, reset: bool) -> Option<(u64, bool)> {
        if let Some((now, last)) = counter.zip(self.counter)
            && let Some(steps) = self.counted(now, last)
        {
            return Some((steps, true));
        }
        let (now, last) = device_us.zip(self.device_us)?;
        if reset || now <= last {
            return None;
        }
        let passed_s = (now - last) as f64 * 1e-6;
        let steps = (passed_s * self.device_rate_hz()).round().max(1.0);
        if steps == 1.0 {
            self.steps = (self.steps.0 + passed_s, self.steps.1 + 1.0);
        }
        (passed_s < LONGEST_GAP_S).then_some((steps as u64, true))
    }

    fn counted(&self, now: u64, last: u64) -> Option<u64> {
        let longest = (LONGEST_GAP_S * self.rate_hz) as u64;
        if now >= last {
            return Some(now - last).filter(|&steps| steps < longest);
        }
        // A counter of 8, 16 or 32 bits that wrapped: it was near its end and is near its start.
        [8_u32, 16, 32].into_iter().map(|bits| 1_u64 << bits).find_map(|modulus| {
            (last < modulus && last >= modulus - modulus / 8 && now < modulus / 8)
                .then(|| now + modulus - last)
        })
    }

    /// Rate in the device's own seconds: the mean of single steps, once there are enough of them.
    fn device_rate_hz(&self) -> f64 {
        let (sum_s, n) = self.steps;
        if n >= 100.0 { n / sum_s } else { self.rate_hz }
    }

    /// Tells when the frame with the last placed index was read.
    pub fn observe(&mut self, host: HostNs) {
        self.fit.add(self.next.saturating_sub(1) as f64 / self.rate_hz, host.0 as f64 * 1e-9);
    }

    /// Takes over what another clock of the same frames has learnt about the host's.
    pub fn learn_from(&mut self, other: &Self) {
        self.fit = other.fit.clone();
    }

    /// The index after the last one.
    #[must_use]
    pub fn next_index(&self) -> u64 {
        self.next
    }

    /// Nominal rate.
    #[must_use]
    pub fn nominal_rate_hz(&self) -> f64 {
        self.rate_hz
    }

    /// Rate against the host's clock; `None` until 10 s were seen.
    #[must_use]
    pub fn measured_rate_hz(&self) -> Option<f64> {
        self.fit.slope().map(|slope| self.rate_hz / slope)
    }

    /// Host time of an index, s, as if its bytes had not waited: fitted once there is enough, at the nominal rate before.
    #[must_use]
    pub fn host_s(&self, index: f64) -> f64 {
        self.fit.at(index / self.rate_hz)
    }

    /// Index, with fraction, at a host time in s: the inverse of [`ClockEstimator::host_s`].
    #[must_use]
    pub fn index_at(&self, host_s: f64) -> f64 {
        let slope = self.fit.slope().unwrap_or(1.0);
        (host_s - self.fit.at(0.0)) / slope * self.rate_hz
    }
}

/// A straight line under (stream time, host time): bytes are read late, never early, so the earliest point of each second counts.
///
/// A burst that waited in a buffer therefore bends nothing.
#[derive(Clone, Debug, Default)]
struct Fit {
    /// The earliest point of each second of stream time.
    points: VecDeque<(f64, f64)>,
    slope: Option<f64>,
    offset: f64,
}

impl Fit {
    fn add(&mut self, x: f64, y: f64) {
        let slope = self.slope.unwrap_or(1.0);
        let late = |point: (f64, f64)| point.1 - slope * point.0;
        match self.points.back_mut() {
            Some(last) if last.0.floor() == x.floor() => {
                if late((x, y)) < late(*last) {
                    *last = (x, y);
                }
            }
            _ => {
                if self.points.len() == MEMORY {
                    self.points.pop_front();
                }
                self.points.push_back((x, y));
                self.slope = self.fitted();
            }
        }
        let slope = self.slope.unwrap_or(1.0);
        self.offset = self.points.iter().map(|(x, y)| y - slope * x).fold(f64::INFINITY, f64::min);
    }

    /// Least squares through all but the newest point, whose second is not over.
    fn fitted(&self) -> Option<f64> {
        let n = self.points.len().checked_sub(1)?;
        let span = self.points.get(n.checked_sub(1)?)?.0 - self.points.front()?.0;
        if span < TRUST_AFTER_S {
            return None;
        }
        let points = || self.points.iter().take(n);
        let mean = |of: fn(&(f64, f64)) -> f64| points().map(of).sum::<f64>() / n as f64;
        let (mean_x, mean_y) = (mean(|p| p.0), mean(|p| p.1));
        let xy: f64 = points().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let xx: f64 = points().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum();
        Some(xy / xx).filter(|slope| (0.5..2.0).contains(slope))
    }

    fn slope(&self) -> Option<f64> {
        self.slope
    }

    fn at(&self, x: f64) -> f64 {
        let offset = if self.points.is_empty() { 0.0 } else { self.offset };
        offset + self.slope.unwrap_or(1.0) * x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(s: f64) -> HostNs {
        HostNs((s * 1e9) as i64)
    }

    /// A device at `true_hz` that is read every 16 ms, with a counter and a 2 s hole.
    #[test]
    fn after_a_two_second_hole_time_is_right_to_one_sample() {
        let (nominal_hz, true_hz) = (1000.0, 1005.0);
        let mut clock = ClockEstimator::new(nominal_hz);
        let mut sent = 0_u64;
        let mut worst = 0.0_f64;
        for read in 0..5000_u64 {
            let host_s = read as f64 * 0.016;
            let until = (host_s * true_hz) as u64 + 1;
            let hole = (60.0..62.0).contains(&host_s);
            if !hole {
                clock.chunk(ns(host_s), until - sent);
            }
            for n in sent..until {
                if !hole {
                    let placed = clock.place(Some(n), None, false, 0).expect("no repeats");
                    assert_eq!(placed.index, n);
                    assert!(placed.certain);
                }
            }
            if !hole && until > sent {
                clock.observe(ns(host_s));
                if (62.0..70.0).contains(&host_s) {
                    // Reading late by up to one burst is all that the line can be off.
                    let error_s = clock.host_s((until - 1) as f64) - (until - 1) as f64 / true_hz;
                    worst = worst.max(error_s.abs());
                }
            }
            sent = until;
        }
        let rate = clock.measured_rate_hz().expect("80 s are enough");
        assert!((rate / true_hz - 1.0).abs() < 20e-6, "rate {rate}");
        assert!(worst <= 1.0 / true_hz, "{worst}");
    }

    #[test]
    fn device_time_alone_finds_the_gap_to_the_sample() {
        let mut clock = ClockEstimator::new(2000.0);
        // A crystal 0.5 % fast, micros() with 4 us resolution, 300 ms hole.
        let period_us = 500.0 / 1.005;
        let mut lost = 0;
        for n in (0..4000_u64).chain(4603..8000) {
            let us = (n as f64 * period_us / 4.0) as u64 * 4;
            let placed = clock.place(None, Some(us), false, 0).expect("no repeats");
            lost += placed.lost;
            assert_eq!(placed.index, n);
        }
        assert_eq!(lost, 603);
    }

    #[test]
    fn counters_wrap_repeat_and_restart() {
        let mut clock = ClockEstimator::new(250.0);
        let counters = [253_u64, 254, 255, 0, 1, 1, 4];
        let placed: Vec<_> = counters
            .iter()
            .filter_map(|&c| clock.place(Some(c), None, false, 0))
            .map(|p| (p.index, p.lost))
            .collect();
        assert_eq!(placed, [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (7, 2)]);
        // A restart: the counter alone cannot tell how much was lost.
        let restarted = clock.place(Some(0), None, true, 500).expect("a frame");
        assert_eq!((restarted.lost, restarted.certain), (500, false));
    }

    #[test]
    fn a_late_burst_is_not_a_gap_and_silence_is_an_uncertain_one() {
        let mut clock = ClockEstimator::new(1000.0);
        let mut feed = |host_s: f64, frames: u64| {
            let silence = clock.chunk(ns(host_s), frames);
            (0..frames)
                .filter_map(|k| clock.place(None, None, false, if k == 0 { silence } else { 0 }))
                .next()
        };
        assert_eq!(feed(0.0, 10).map(|p| p.lost), Some(0));
        assert_eq!(feed(0.3, 300).map(|p| p.lost), Some(0), "late, all there");
        let gap = feed(0.8, 10).expect("frames");
        assert_eq!((gap.lost, gap.certain), (490, false));
    }
}
