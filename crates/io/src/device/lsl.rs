//! Samples of a Lab Streaming Layer stream: from stamps to places, holes kept.
//!
//! LSL has no counter. A stream's samples come in order and none is lost while it is connected; what is missing shows in their
//! stamps alone, and stamps of real sources wander: a whole chunk is stamped late and the next one on time, or every sample of a
//! burst gets the same stamp. So a step of the stamps is a hole only if the samples behind it do not catch up again. Samples that
//! would tell wait: four where stamps were regular so far, a quarter of a second where they were not; then the hole's length is told as
//! an estimate, and one that is shorter than the stamps stray is not seen.
//!
//! The bytes are not LSL's own: [`crate::port`] takes samples from the library and hands them over in this form, so that a stream
//! goes the way of every device. `'L'`, flags, channels (u16), nominal rate, stamp, values (all f64, little endian).

use super::{Counts, Decode, Frame, Item, Message};
use std::collections::VecDeque;

/// First byte of a sample.
const MAGIC: u8 = b'L';
/// Bytes before the values.
const HEAD: usize = 20;
/// Channels at most.
const MOST_CHANNELS: usize = 1024;
/// Highest rate, Hz, and largest stamp, s, that are believed.
const MOST_HZ: f64 = 1e7;
const MOST_STAMP_S: f64 = 1e12;
/// Flag: the stamps are not on LSL's clock, so the time of arrival stands for them.
const FOREIGN: u8 = 1;

/// Stamps that stray less than this part of a period are regular.
const REGULAR: f64 = 0.25;
/// Regular stamps before they are believed to be, s.
const BELIEVE_AFTER_S: f64 = 0.5;
/// Samples that wait behind a step of regular stamps, and the time that they wait otherwise, s.
const SOON: usize = 4;
const HOLD_S: f64 = 0.25;
/// Samples that wait at most.
const MOST_HELD: usize = 2048;
/// Idle looks, one each 20 ms, after which waiting samples go.
const IDLE_LOOKS: u32 = 15;
/// Time in which a straying stamp is forgotten, s.
const FORGET_S: f64 = 5.0;
/// Stamps that run back further than this, or leap further ahead, are those of a source that started again, s.
const RESTART_S: f64 = 1.0;
const LEAP_S: f64 = 24.0 * 3600.0;
/// Span of stamps that the true period is read from, s, and how far it may be from the nominal one.
const PERIOD_SPAN_S: f64 = 2.0;
const PERIOD_OFF: f64 = 0.02;

/// Appends one sample.
pub fn encode(rate_hz: f64, stamp: f64, foreign: bool, values: &[f64], out: &mut Vec<u8>) {
    out.push(MAGIC);
    out.push(if foreign { FOREIGN } else { 0 });
    out.extend_from_slice(&(values.len().min(MOST_CHANNELS) as u16).to_le_bytes());
    out.extend_from_slice(&rate_hz.to_le_bytes());
    out.extend_from_slice(&stamp.to_le_bytes());
    for value in values.iter().take(MOST_CHANNELS) {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// Bytes of a sample of so many channels.
#[must_use]
pub fn frame_len(channels: usize) -> usize {
    HEAD + 8 * channels.min(MOST_CHANNELS)
}

fn f64_at(bytes: &[u8], at: usize) -> f64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    f64::from_le_bytes(eight)
}

/// Decodes samples and places them.
#[derive(Debug)]
pub struct Decoder {
    /// Rate that the user states; the stream's own otherwise.
    stated_hz: Option<f64>,
    buffer: Vec<u8>,
    counts: Counts,
    values: Vec<f64>,
    places: Places,
    foreign_told: bool,
}

impl Decoder {
    /// A decoder; `rate_hz` where the user states the rate.
    #[must_use]
    pub fn new(rate_hz: Option<f64>) -> Self {
        Self {
            stated_hz: rate_hz.filter(|rate| *rate > 0.0 && *rate <= MOST_HZ),
            buffer: Vec::new(),
            counts: Counts::default(),
            values: Vec::new(),
            places: Places::default(),
            foreign_told: false,
        }
    }

    /// Takes the sample at `at`; its length, or `None` where it is not whole yet.
    fn sample(&mut self, at: usize, out: &mut dyn FnMut(Item<'_>)) -> Option<usize> {
        let bytes = &self.buffer[at..];
        let head = bytes.get(..HEAD)?;
        let channels = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (rate_hz, stamp) = (f64_at(head, 4), f64_at(head, 12));
        let stated = (0.0..=MOST_HZ).contains(&rate_hz) && stamp.abs() < MOST_STAMP_S;
        if head[0] != MAGIC || !(1..=MOST_CHANNELS).contains(&channels) || !stated {
            self.counts.skipped_bytes += 1;
            return Some(1);
        }
        let body = bytes.get(HEAD..HEAD + 8 * channels)?;
        self.values.clear();
        self.values.extend(body.chunks_exact(8).map(|value| f64_at(value, 0)));
        self.counts.missing_values += self.values.iter().filter(|value| !value.is_finite()).count() as u64;
        self.counts.frames += 1;
        if head[1] & FOREIGN != 0 && !self.foreign_told {
            self.foreign_told = true;
            out(Item::Message(Message::Text(
                "its stamps are not on LSL's clock: samples are placed by when they arrive",
            )));
        }
        let rate_hz = self.stated_hz.unwrap_or(rate_hz);
        self.places.push(rate_hz, stamp, &self.values, out);
        Some(HEAD + 8 * channels)
    }
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        self.counts.bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        let mut at = 0;
        while at < self.buffer.len() {
            let Some(length) = self.sample(at, out) else { break };
            at += length;
        }
        self.buffer.drain(..at);
    }

    fn idle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        self.places.idle(out);
    }

    fn finish(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        self.places.settle(out);
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// A sample that waits, and how much later than due it was stamped, s.
#[derive(Debug)]
struct Held {
    stamp: f64,
    late_s: f64,
    values: Vec<f64>,
}

/// Where samples stand, by their stamps.
#[derive(Debug, Default)]
struct Places {
    /// Place of the next sample.
    index: u64,
    /// Stamp of the last sample that has its place.
    last: Option<f64>,
    /// Nominal rate, and the period that the stamps show, s.
    rate_hz: f64,
    period_s: f64,
    /// Where the period is read from: stamp and place.
    anchor: Option<(f64, u64)>,
    /// How far stamps strayed lately, s, and for how long there are any.
    stray_s: f64,
    seen_s: f64,
    held: Vec<Held>,
    idle: u32,
}

impl Places {
    fn push(&mut self, rate_hz: f64, stamp: f64, values: &[f64], out: &mut dyn FnMut(Item<'_>)) {
        self.idle = 0;
        if rate_hz != self.rate_hz {
            self.settle(out);
            (self.rate_hz, self.period_s) = (rate_hz, if rate_hz > 0.0 { 1.0 / rate_hz } else { 0.0 });
            (self.anchor, self.seen_s, self.stray_s) = (None, 0.0, 0.0);
        }
        let Some(last) = self.last.filter(|_| self.period_s > 0.0) else {
            self.give(stamp, values, out);
            return;
        };
        let newest = self.held.last().map_or(last, |held| held.stamp);
        if !(-RESTART_S..LEAP_S).contains(&(stamp - newest)) {
            self.settle(out);
            self.restart(stamp, values, out);
            return;
        }
        if self.held.is_empty() && stamp - last <= 1.5 * self.period_s {
            self.in_step(stamp - last);
            self.give(stamp, values, out);
        } else {
            self.hold(Held { stamp, late_s: 0.0, values: values.to_vec() }, out);
        }
    }

    fn in_step(&mut self, step_s: f64) {
        self.stray((step_s - self.period_s).abs(), step_s.max(0.0));
    }

    /// Lets a sample wait behind others until it is known whether they come late or behind a hole.
    fn hold(&mut self, newest: Held, out: &mut dyn FnMut(Item<'_>)) {
        let mut queue = VecDeque::from([newest]);
        while let Some(mut sample) = queue.pop_front() {
            let since_s = sample.stamp - self.last.unwrap_or(sample.stamp);
            sample.late_s = since_s - (self.held.len() + 1) as f64 * self.period_s;
            if self.held.is_empty() && since_s <= 1.5 * self.period_s {
                self.in_step(since_s);
                self.give(sample.stamp, &sample.values, out);
            } else if sample.late_s <= 0.5 * self.period_s {
                // They caught up: it was no hole but stamps that came late.
                let most = self.held.iter().map(|held| held.late_s).fold(0.0, f64::max);
                self.stray(most, since_s.max(0.0));
                for held in std::mem::take(&mut self.held) {
                    self.give(held.stamp, &held.values, out);
                }
                self.give(sample.stamp, &sample.values, out);
            } else {
                let waited_s = sample.stamp - self.held.first().map_or(sample.stamp, |held| held.stamp);
                self.held.push(sample);
                let soon = self.held.len() >= SOON && self.is_regular();
                if soon || waited_s >= HOLD_S || self.held.len() >= MOST_HELD {
                    // The others are judged anew behind it.
                    let rest = self.first_behind_hole(out);
                    rest.into_iter().rev().for_each(|held| queue.push_front(held));
                }
            }
        }
    }

    /// Stamps were regular for long enough, and those that wait are.
    fn is_regular(&self) -> bool {
        let most = REGULAR * self.period_s;
        let steps = self.held.windows(2).map(|pair| pair[1].stamp - pair[0].stamp - self.period_s);
        self.seen_s >= BELIEVE_AFTER_S && self.stray_s < most && steps.into_iter().all(|off| off.abs() < most)
    }

    fn stray(&mut self, by_s: f64, passed_s: f64) {
        self.stray_s = by_s.max(self.stray_s * (1.0 - passed_s / FORGET_S).max(0.0));
        self.seen_s += passed_s;
    }

    /// The first of those that wait is given its place, behind a hole if all of them are late; the others are handed back.
    fn first_behind_hole(&mut self, out: &mut dyn FnMut(Item<'_>)) -> Vec<Held> {
        let least_s = self.held.iter().map(|held| held.late_s).fold(f64::INFINITY, f64::min);
        let regular = self.is_regular();
        // A hole that is shorter than stamps stray anyway cannot be told from their straying: none is made up.
        let is_hole = least_s.is_finite() && (regular || least_s > self.stray_s);
        let lost = if is_hole { (least_s / self.period_s).round().max(0.0) as u64 } else { 0 };
        let mut rest = std::mem::take(&mut self.held);
        if rest.is_empty() {
            return rest;
        }
        let first = rest.remove(0);
        if lost > 0 {
            self.index = self.index.saturating_add(lost);
            self.anchor = None;
            if !regular {
                out(Item::Message(Message::Estimated));
            }
        } else {
            self.stray(first.late_s, 0.0);
        }
        self.give(first.stamp, &first.values, out);
        rest
    }

    /// Whatever waits is given its place by what is known.
    fn settle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        while !self.held.is_empty() {
            for held in self.first_behind_hole(out) {
                self.hold(held, out);
            }
        }
    }

    fn idle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        if !self.held.is_empty() {
            self.idle += 1;
            if self.idle >= IDLE_LOOKS {
                self.settle(out);
            }
        }
    }

    fn give(&mut self, stamp: f64, values: &[f64], out: &mut dyn FnMut(Item<'_>)) {
        let regular = self.period_s > 0.0 && self.stray_s < REGULAR * self.period_s;
        let device_us = (regular && (0.0..1e12).contains(&stamp)).then(|| (stamp * 1e6).round() as u64);
        self.last = Some(stamp);
        self.follow(stamp);
        let counter = Some(self.index);
        self.index = self.index.saturating_add(1);
        out(Item::Frame(Frame { values, counter, device_us, clock_reset: false }));
    }

    /// The source started again: how much is missing only the host's clock can tell. The sample has no place of its own.
    fn restart(&mut self, stamp: f64, values: &[f64], out: &mut dyn FnMut(Item<'_>)) {
        (self.last, self.anchor, self.seen_s, self.stray_s) = (Some(stamp), None, 0.0, 0.0);
        out(Item::Frame(Frame { values, counter: None, device_us: None, clock_reset: true }));
    }

    /// The true period, from stamps that lie far apart.
    fn follow(&mut self, stamp: f64) {
        let Some((from, at)) = self.anchor else {
            self.anchor = Some((stamp, self.index));
            return;
        };
        let (span_s, steps) = (stamp - from, self.index - at);
        if span_s < PERIOD_SPAN_S || steps == 0 {
            return;
        }
        let nominal_s = 1.0 / self.rate_hz;
        let period_s = span_s / steps as f64;
        if (period_s / nominal_s - 1.0).abs() < PERIOD_OFF {
            self.period_s = period_s;
        }
        self.anchor = Some((stamp, self.index));
    }
}

#[cfg(test)]
mod tests;
