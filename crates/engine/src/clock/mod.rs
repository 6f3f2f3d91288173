//! From what a device says and when it was read to sample indices, gaps and a measured rate.
//!
//! Three clocks per frame: the device's counter, the device's own time, the host's time when the bytes were read. The index comes from
//! the best of them that is there; a jump in it is a gap. The measured rate maps indices to host time and never touches a filter. The
//! index, not the number of frames received, is what host time is fitted to: so a hole does not bend the clock.
//!
//! A counter that wraps tells the length of a gap up to whole turns; the host's clock tells how many turns those were. That is certain
//! as long as a turn is much longer than reads are late. A counter of a few bits is not: such a gap is told as estimated.
//!
//! Not for synchronising devices by a pulse.

mod fit;

use fit::Fit;
use std::collections::VecDeque;
use surae_trial::HostNs;

/// A stall of at least this may have lost samples, where nothing but the host's clock can tell.
const STALL_S: f64 = 0.2;

/// Jumps of the device's clock or counter beyond this are a restart, not a gap.
const LONGEST_GAP_S: f64 = 24.0 * 3600.0;

/// A counter and a clock of one device that differ by more than this do not count the same: a clock that is read late is not as late.
const APART_S: f64 = 0.1;

/// Longest time over which the bytes of the very first read were sent: while the port was probed.
const FIRST_READ_S: f64 = 5.0;

/// How far the host's clock may be wrong about what had time to happen.
const SURELY_S: f64 = 0.5;

/// How much earlier than the line reads may come: the line is an estimate, too, above all in the first seconds.
const EARLY_S: f64 = 0.06;

/// Turns of a counter shorter than this cannot be told apart by the host's clock with certainty: reads are late by up to a quarter
/// of it (an FTDI chip 16 ms, Bluetooth 15 to 60 ms).
const SURE_TURN_S: f64 = 0.2;

/// Time after which a lead of the indices over the device's clock is mostly forgotten, s: what is left of it by then is error of the
/// rate that it was measured with.
const FORGET_S: f64 = 600.0;

/// Span of reads before a silence that show how late reads usually are.
const USUAL_S: f64 = 0.5;

/// What a frame says of its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameClock {
    /// The device's counter.
    pub counter: Option<u64>,
    /// The device's microseconds.
    pub device_us: Option<u64>,
    /// The device's clock started again.
    pub reset: bool,
    /// How many samples are missing before it is an estimate, whatever its counter says.
    pub estimated: bool,
}

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

/// What was made of the frames of one read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    /// One for each frame; `None` for a frame that repeats the one before.
    pub frames: Vec<Option<Placed>>,
    /// The device started again.
    pub restarted: bool,
    /// Frames that came twice.
    pub repeated: u64,
}

/// The clock of one stream.
#[derive(Clone, Debug)]
pub struct ClockEstimator {
    rate_hz: f64,
    modulus: Option<u64>,
    next: u64,
    started: bool,
    counter: Option<u64>,
    device_us: Option<u64>,
    /// Sum and number of single steps of the device's clock.
    steps: (f64, f64),
    /// Samples by which indices run ahead of the device's clock, where no counter tells: frames that followed each other faster than
    /// the rate each took a whole step.
    ahead: f64,
    read_at: HostNs,
    /// Host time of recent reads, s, and how many samples late their last frame was against the line.
    usual: VecDeque<(f64, f64)>,
    fit: Fit,
}

impl ClockEstimator {
    /// A clock at a nominal rate, of a device whose counter is unbounded or of unknown width.
    #[must_use]
    pub fn new(rate_hz: f64) -> Self {
        Self::with_counter(rate_hz, None)
    }

    /// A clock of a device whose counter takes `modulus` values before it starts again.
    #[must_use]
    pub fn with_counter(rate_hz: f64, modulus: Option<u64>) -> Self {
        Self {
            rate_hz,
            modulus: modulus.filter(|modulus| *modulus > 1),
            next: 0,
            started: false,
            counter: None,
            device_us: None,
            steps: (0.0, 0.0),
            ahead: 0.0,
            read_at: HostNs(0),
            usual: VecDeque::new(),
            fit: Fit::default(),
        }
    }

    /// True when the counter's turn is too short for the length of a gap to be certain.
    #[must_use]
    pub fn has_short_turn(&self) -> bool {
        self.modulus.is_some_and(|modulus| (modulus as f64) < SURE_TURN_S * self.rate_hz)
    }

    /// True when a read at `host` comes after a silence whose length only the host's clock tells: a counter of short turns may have
    /// turned, or frames have neither counter nor time. How late the reads of the next tenths of a second are tells what is missing, so
    /// their frames are best placed together. `since` is when bytes were read last, where those are not placed yet.
    #[must_use]
    pub fn is_unsure(&self, since: Option<HostNs>, host: HostNs, frames: &[FrameClock]) -> bool {
        let silent_s = (host.0 - since.unwrap_or(self.read_at).0) as f64 * 1e-9;
        let Some(first) = frames.first().filter(|_| self.started) else { return false };
        match self.modulus {
            Some(modulus) if self.has_short_turn() => {
                silent_s * self.rate() - frames.len() as f64 >= 0.5 * modulus as f64
            }
            _ => first.counter.is_none() && first.device_us.is_none() && silent_s >= self.stall_s(),
        }
    }

    /// A silence of at least this may have lost samples.
    fn stall_s(&self) -> f64 {
        STALL_S.max(5.0 / self.rate_hz)
    }

    /// Places the frames that were read at `host`, in order.
    pub fn place(&mut self, host: HostNs, frames: &[FrameClock]) -> Places {
        let reads = [(host, frames.len())];
        self.place_reads(&reads, frames)
    }

    /// As [`ClockEstimator::place`], for several reads at once: host time and number of frames of each.
    pub fn place_reads(&mut self, reads: &[(HostNs, usize)], frames: &[FrameClock]) -> Places {
        let mut places = Places::default();
        let Some(&(first_host, _)) = reads.first().filter(|_| !frames.is_empty()) else { return places };
        let silent_s = if self.started { self.silent_s(first_host) } else { 0.0 };
        let missing = self.missing(reads, frames.len());
        let late = self.late(reads, frames.len());
        let jumps = self.jumps(frames);
        // Turns of a short counter are believed only where a silence had room for them.
        let room = silent_s * self.rate() - reads[0].1 as f64;
        let turns = self.turns(&jumps, frames, missing, silent_s, room);
        for (at, (frame, jump)) in frames.iter().zip(&jumps).enumerate() {
            let steps = match (*jump, turns) {
                (Jump::First, _) => Some((1, true)),
                (Jump::Repeat, _) => None,
                (Jump::Unknown, _) => {
                    let stalled = at == 0 && silent_s >= self.stall_s();
                    let lost = if stalled && missing >= 3.0 { missing as u64 } else { 0 };
                    places.restarted |= frame.reset || frame.counter.is_some();
                    Some((1 + lost, lost == 0 && !frame.reset))
                }
                // A clock that started again far from where it was looks like a jump that no time had room for.
                (Jump::Steps(steps), _) if steps as f64 - 1.0 > late + SURELY_S * self.rate_hz => {
                    places.restarted = true;
                    Some((1 + missing.max(0.0).round() as u64, false))
                }
                (Jump::Steps(steps), _) => Some((steps, true)),
                (Jump::Again(steps), _) => {
                    places.restarted = true;
                    Some((steps, true))
                }
                (Jump::Counted(_), Turns::Restarted { at: there }) if there == at => {
                    places.restarted = true;
                    Some((1 + missing.max(0.0).round() as u64, false))
                }
                (Jump::Counted(steps), Turns::Whole { at: there, turns, certain }) if there == at => {
                    Some((steps + turns * self.modulus.unwrap_or(0), certain))
                }
                (Jump::Counted(steps), _) => Some((steps, steps == 1 || !self.has_short_turn())),
            };
            // No turn after all: the same frame again.
            let steps = steps.filter(|(steps, _)| *steps > 0);
            let steps = steps.map(|(steps, certain)| (steps, certain && !(frame.estimated && steps > 1)));
            self.counter = frame.counter.or(self.counter);
            self.device_us = frame.device_us.or(self.device_us);
            places.repeated += u64::from(steps.is_none());
            places.frames.push(steps.map(|(steps, certain)| {
                self.started = true;
                let placed = Placed { index: self.next + steps - 1, lost: steps - 1, certain };
                self.next = placed.index + 1;
                placed
            }));
        }
        let mut behind = frames.len();
        for &(host, frames) in reads {
            behind -= frames.min(behind);
            self.observe(host, self.next.saturating_sub(1 + behind as u64));
        }
        places
    }

    fn silent_s(&self, host: HostNs) -> f64 {
        (host.0 - self.read_at.0) as f64 * 1e-9
    }

    fn rate(&self) -> f64 {
        self.measured_rate_hz().unwrap_or(self.rate_hz)
    }

    /// How many samples late the last of these reads is by the host's clock, if none was lost: more cannot be missing, whether it was
    /// the device that was silent or the host that did not listen.
    fn late(&self, reads: &[(HostNs, usize)], frames: usize) -> f64 {
        let Some((host, _)) = reads.last().filter(|_| self.started) else { return f64::INFINITY };
        self.index_at(host.0 as f64 * 1e-9) - (self.next as f64 + frames as f64 - 1.0)
    }

    /// Samples that these reads must lack, by the host's clock: how much later than usual their last frames come if none was lost.
    fn missing(&self, reads: &[(HostNs, usize)], frames: usize) -> f64 {
        if !self.started {
            return 0.0;
        }
        let mut next = self.next as f64;
        let mut least = f64::INFINITY;
        for &(host, n) in reads {
            next += n as f64;
            least = least.min(self.index_at(host.0 as f64 * 1e-9) - (next - 1.0));
        }
        // With a counter of short turns the line is too coarse in the first seconds: what counts is how late reads were just before.
        let usual = self.usual.iter().map(|(_, late)| *late).fold(f64::INFINITY, f64::min);
        let usual =
            if usual.is_finite() && (self.has_short_turn() || self.modulus.is_none()) { usual } else { 0.0 };
        let missing = least - usual;
        // Nothing can be missing that no silence had room for.
        let silence = reads.last().map_or(0.0, |(host, _)| self.silent_s(*host)) * self.rate();
        missing.min(silence - frames as f64 + EARLY_S * self.rate_hz)
    }

    /// How far each frame is from the one before, by what the device says.
    fn jumps(&mut self, frames: &[FrameClock]) -> Vec<Jump> {
        let (mut counter, mut device_us, mut started) = (self.counter, self.device_us, self.started);
        let mut jumps = Vec::with_capacity(frames.len());
        for frame in frames {
            jumps.push(if started { self.jump(frame, counter, device_us) } else { Jump::First });
            started = true;
            counter = frame.counter.or(counter);
            device_us = frame.device_us.or(device_us);
        }
        jumps
    }

    fn jump(&mut self, frame: &FrameClock, counter: Option<u64>, device_us: Option<u64>) -> Jump {
        let by_time = frame.device_us.zip(device_us).filter(|(now, last)| !frame.reset && now > last);
        let by_time = by_time.map(|(now, last)| (now - last) as f64 * 1e-6);
        let exact = by_time.map(|passed_s| passed_s * self.device_rate_hz());
        let timed = exact.map(|exact| exact.round().max(1.0));
        if exact.is_some_and(|exact| exact.round() == 1.0)
            && let Some(passed_s) = by_time
        {
            self.steps = (self.steps.0 + passed_s, self.steps.1 + 1.0);
        }
        if let Some((now, last)) = frame.counter.zip(counter) {
            if let Some(modulus) = self.modulus {
                let steps = (now + modulus - last % modulus) % modulus;
                return match timed {
                    // The device's clock tells how often the counter turned.
                    Some(timed) => {
                        let turns = ((timed - steps as f64) / modulus as f64).round().max(0.0) as u64;
                        let steps = steps + turns * modulus;
                        let apart = (timed - steps as f64).abs();
                        match steps {
                            0 => Jump::Repeat,
                            // Both cannot be right: the counter started again while the clock ran on.
                            _ if apart > APART_S * self.rate_hz + 0.05 * timed => Jump::Again(timed as u64),
                            _ => Jump::Steps(steps),
                        }
                    }
                    None if frame.reset => Jump::Unknown,
                    None if steps == 0 => Jump::Counted(0),
                    None => Jump::Counted(steps),
                };
            }
            match self.counted(now, last) {
                Some(0) => return Jump::Repeat,
                Some(1) => return Jump::Steps(1),
                // A counter in text may be damaged: what the device's clock contradicts is not believed.
                Some(steps) => match timed {
                    Some(timed) if (timed - steps as f64).abs() > 2.0 + 0.05 * timed => {
                        return Jump::Steps(timed as u64);
                    }
                    Some(_) => return Jump::Steps(steps),
                    None => return Jump::Counted(steps),
                },
                None => {}
            }
        }
        match self.by_time_alone(exact) {
            Some(timed) if timed < LONGEST_GAP_S * self.rate_hz => Jump::Steps(timed as u64),
            _ => Jump::Unknown,
        }
    }

    /// Steps where the device's clock alone tells them. Frames follow each other by whole steps, its time does not: after a stall a
    /// sketch that catches up stamps them closer than the rate allows, and a line that is written late makes one step long and the next
    /// one short. Rounding each for itself would add up; what indices lead by is taken off the next long step instead.
    fn by_time_alone(&mut self, exact: Option<f64>) -> Option<f64> {
        let Some(exact) = exact else {
            self.ahead = 0.0;
            return None;
        };
        let steps = (exact - self.ahead).round().max(1.0);
        let keep = (-exact / (FORGET_S * self.rate_hz)).exp();
        self.ahead = ((self.ahead + steps - exact) * keep).max(0.0);
        Some(steps)
    }

    /// How often the counter turned in the silence before these frames, or that the device started again.
    fn turns(&self, jumps: &[Jump], frames: &[FrameClock], missing: f64, silent_s: f64, room: f64) -> Turns {
        let counted = |jump: &Jump| if let Jump::Counted(steps) = jump { *steps } else { 1 };
        // The first jump after a silence, else the longest one, is where it happened.
        let longest = jumps
            .iter()
            .enumerate()
            .map(|(at, jump)| (at, counted(jump)))
            .filter(|(_, steps)| *steps != 1)
            .max_by_key(|(at, steps)| (*at == 0, *steps));
        let lost: f64 = jumps.iter().map(|jump| counted(jump).saturating_sub(1) as f64).sum();
        let slack = EARLY_S * self.rate_hz + 4.0;
        // Before the first frame there is no line: all that is known is how long bytes can have waited.
        let most = if self.started { missing + slack } else { FIRST_READ_S * self.rate_hz };
        let Some(modulus) = self.modulus.map(|modulus| modulus as f64) else {
            // Frames cannot be lost faster than time passes.
            return match longest {
                Some((at, _)) if lost > most => Turns::Restarted { at },
                _ => Turns::None,
            };
        };
        if self.has_short_turn() {
            let most = (room / modulus + 0.5).floor();
            let turns = ((missing - lost) / modulus).round().min(most).max(0.0) as u64;
            let at = longest.map_or(0, |(at, _)| at);
            return Turns::Whole { at, turns, certain: turns == 0 && longest.is_none() };
        }
        let Some((at, steps)) = longest else { return Turns::None };
        if steps == 0 && missing < 0.75 * modulus {
            return Turns::Repeated;
        }
        if !self.started {
            return if lost > most { Turns::Restarted { at } } else { Turns::None };
        }
        let turns = ((missing - lost) / modulus).round().max(0.0);
        let over = missing - lost - turns * modulus;
        let stalled = silent_s >= STALL_S;
        // After a silence a counter that stands at 0 has started again; one that claims more than the time had room for, too.
        let zero = stalled && frames[at].counter == Some(0);
        if zero || (over < -slack && (stalled || lost > most)) {
            return Turns::Restarted { at };
        }
        // Where time had room for much more than the counter claims, it may have started again without standing at 0.
        Turns::Whole { at, turns: turns as u64, certain: !(stalled && over > slack) }
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

    /// The frame with this index was read at `host`.
    fn observe(&mut self, host: HostNs, index: u64) {
        self.read_at = host;
        let host_s = host.0 as f64 * 1e-9;
        self.fit.add(index as f64 / self.rate_hz, host_s);
        self.usual.push_back((host_s, self.index_at(host_s) - index as f64));
        while self.usual.front().is_some_and(|(then_s, _)| host_s - then_s > USUAL_S) {
            self.usual.pop_front();
        }
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
        self.fit.trusted_slope().map(|slope| self.rate_hz / slope)
    }

    /// How much faster than nominal the device runs, in parts per million of the host's clock; `None` until 10 s were seen.
    #[must_use]
    pub fn rate_error_ppm(&self) -> Option<f64> {
        self.measured_rate_hz().map(|rate_hz| (rate_hz / self.rate_hz - 1.0) * 1e6)
    }

    /// Host time of an index, s, as if its bytes had not waited: fitted once there is enough, at the nominal rate before.
    #[must_use]
    pub fn host_s(&self, index: f64) -> f64 {
        self.fit.at(index / self.rate_hz)
    }

    /// Host time of index 0 and per nominal second, s.
    #[must_use]
    pub fn line(&self) -> (f64, f64) {
        (self.fit.at(0.0), self.fit.slope())
    }

    /// Index, with fraction, at a host time in s: the inverse of [`ClockEstimator::host_s`].
    #[must_use]
    pub fn index_at(&self, host_s: f64) -> f64 {
        (host_s - self.fit.at(0.0)) / self.fit.slope() * self.rate_hz
    }
}

/// The distance of a frame from the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Jump {
    /// There is none before.
    First,
    /// The same frame again.
    Repeat,
    /// So many samples, certainly.
    Steps(u64),
    /// So many by the device's clock; its counter started again.
    Again(u64),
    /// So many by a counter that may have turned meanwhile; 0 for a whole turn or the same frame again.
    Counted(u64),
    /// The device does not say.
    Unknown,
}

/// What happened to a counter in the silence before some frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turns {
    None,
    Repeated,
    /// It turned so often before frame `at`.
    Whole {
        at: usize,
        turns: u64,
        certain: bool,
    },
    /// It started again before frame `at`.
    Restarted {
        at: usize,
    },
}

#[cfg(test)]
mod tests;
