//! Ticks and decisions: what waits for what, and in which order results leave.
//!
//! Knows nothing of blocks: the streams hand in captured amplitudes, angle points and switch states, in the order of the log.

use super::angle::{self, AnglePoint};
use super::contact::Foot;
use super::decide::{Amplitudes, Decider};
use super::map::{AngleMap, MapPoint};
use super::plan::LegPlan;
use super::records::{Estimate, EventRecord, Output, Record, SignalState, StateChange};
use crate::dominance::{REFERENCE_BANDWIDTH_HZ, Smoothing, envelope_cv, lowpass_noise_bandwidth_hz};
use std::collections::VecDeque;
use surae_trial::{EventKind, EventSource, HostNs, SampleIndex, Seconds, Settings, Side};

/// Ticks that may wait at once: 5 s of ticks of 5 ms, the longest wait and shortest tick that settings allow.
const MAX_PENDING: usize = 1024;

/// Angle points that may run ahead of the EMG at once: half a second of 1 kHz. Reads come in bursts, so either stream may lead.
const MAX_AHEAD: usize = 512;

/// Legs of a session.
const LEGS: usize = 2;

/// Time of a master sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeMap {
    origin_s: f64,
    zero: Option<HostNs>,
    offset_s: f64,
    rate_hz: f64,
}

impl TimeMap {
    fn new(rate_hz: f64) -> Self {
        Self { origin_s: 0.0, zero: None, offset_s: 0.0, rate_hz }
    }

    pub(super) fn time(&self, index: f64) -> Seconds {
        Seconds(self.origin_s + self.offset_s + index / self.rate_hz)
    }

    /// The first estimate fixes what sample 0 is called; later ones move it by what they learnt.
    pub(super) fn update(&mut self, origin: HostNs, rate_hz: f64) {
        if rate_hz.is_finite() && rate_hz > 0.0 {
            let zero = *self.zero.get_or_insert(origin);
            self.offset_s = (origin.0 - zero.0) as f64 * 1e-9;
            self.rate_hz = rate_hz;
        }
    }
}

/// One leg's half of a waiting tick.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    amplitudes: Option<Amplitudes>,
    knee_deg: Option<f64>,
}

/// A tick that waits for its knee angles, or for EMG of a stream that is not the master.
#[derive(Clone, Copy, Debug)]
struct Pending {
    index: u64,
    legs: [Waiting; LEGS],
}

/// One leg of the running session.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) plan: LegPlan,
    pub(super) decider: Decider,
    pub(super) map: AngleMap,
    pub(super) on_master: bool,
    pub(super) last: Option<Estimate>,
    /// Last EMG point of a leg that is not on the master stream.
    previous_emg: Option<(f64, Amplitudes)>,
    /// Angle points, each with its predecessor, beyond the last captured tick: they settle ticks that are still to come.
    ahead: VecDeque<(Option<AnglePoint>, AnglePoint)>,
    /// Last tick that was decided without its knee angle.
    missed: Option<u64>,
    /// Last tick with a knee angle.
    pub(super) knee_seen: Option<u64>,
}

impl Leg {
    /// The angle at a tick from points that came before the tick itself; `None` when it is still to come.
    fn angle_ahead(&mut self, tick: f64, rate_hz: f64) -> Option<f64> {
        while self.ahead.front().is_some_and(|(_, to)| to.position < tick) {
            self.ahead.pop_front();
        }
        self.ahead.front().map(|(from, to)| angle::at(*from, *to, tick, rate_hz))
    }
}

/// Ticks, legs, feet and time.
#[derive(Clone, Debug)]
pub(super) struct Core {
    pub(super) settings: Settings,
    pub(super) rate_hz: f64,
    pub(super) clock: TimeMap,
    pub(super) legs: Vec<Leg>,
    /// Next master index.
    pub(super) position: u64,
    pub(super) unused: u64,
    amplitude_cv: f64,
    pending: VecDeque<Pending>,
    next_tick: u64,
    next_index: u64,
    feet: [Foot; LEGS],
}

impl Core {
    pub(super) fn new(settings: &Settings, rate_hz: f64, legs: Vec<(LegPlan, Decider, bool)>) -> Self {
        let legs = legs
            .into_iter()
            .map(|(plan, decider, on_master)| Leg {
                plan,
                decider,
                map: AngleMap::new(settings.dominance.angle_bin_deg),
                on_master,
                last: None,
                previous_emg: None,
                ahead: VecDeque::with_capacity(MAX_AHEAD),
                missed: None,
                knee_seen: None,
            })
            .collect();
        let mut core = Self {
            settings: *settings,
            rate_hz,
            clock: TimeMap::new(rate_hz),
            legs,
            position: 0,
            unused: 0,
            amplitude_cv: 0.0,
            pending: VecDeque::with_capacity(MAX_PENDING),
            next_tick: 0,
            next_index: 0,
            feet: [Foot::default(); LEGS],
        };
        core.set_settings(settings);
        core
    }

    pub(super) fn set_settings(&mut self, settings: &Settings) {
        let c = &settings.conditioning;
        let bandwidth_hz = lowpass_noise_bandwidth_hz(c.envelope_hz, c.envelope_order, Smoothing::Causal);
        self.amplitude_cv = envelope_cv(bandwidth_hz, REFERENCE_BANDWIDTH_HZ);
        if settings.dominance.angle_bin_deg != self.settings.dominance.angle_bin_deg {
            self.legs.iter_mut().for_each(|leg| leg.map.reset(settings.dominance.angle_bin_deg));
        }
        let tick_changed = settings.tick_s != self.settings.tick_s;
        self.settings = *settings;
        if tick_changed {
            self.seek_tick(self.position.max(self.next_index));
        }
    }

    /// Forgets everything but settings and references; trial time of sample 0 becomes `origin`.
    pub(super) fn restart(&mut self, origin: Seconds) {
        self.clock = TimeMap { origin_s: origin.0, ..TimeMap::new(self.rate_hz) };
        self.pending.clear();
        (self.position, self.next_tick, self.next_index) = (0, 0, 0);
        self.feet = [Foot::default(); LEGS];
        for leg in &mut self.legs {
            leg.decider.reset();
            leg.map.reset(self.settings.dominance.angle_bin_deg);
            (leg.last, leg.previous_emg, leg.missed, leg.knee_seen) = (None, None, None, None);
            leg.ahead.clear();
        }
    }

    pub(super) fn set_origin(&mut self, origin: Seconds) {
        self.clock.origin_s = origin.0;
    }

    fn tick_index(&self, tick: u64) -> u64 {
        (tick as f64 * self.settings.tick_s * self.rate_hz).round() as u64
    }

    /// Makes the next tick the first one at or after a master index.
    pub(super) fn seek_tick(&mut self, index: u64) {
        let near = (index as f64 / (self.settings.tick_s * self.rate_hz)) as u64;
        self.next_tick = near.saturating_sub(1);
        while self.tick_index(self.next_tick) < index {
            self.next_tick += 1;
        }
        self.next_index = self.tick_index(self.next_tick);
    }

    /// The master index at which something happens next: a tick, or the end of the wait of the oldest one.
    pub(super) fn next_stop(&self) -> u64 {
        self.pending.front().map_or(self.next_index, |front| self.next_index.min(self.deadline(front)))
    }

    fn deadline(&self, pending: &Pending) -> u64 {
        pending.index + (self.settings.angle_wait_s * self.rate_hz).round() as u64
    }

    /// True when a tick falls on or before this master index.
    pub(super) fn tick_is_due(&self, index: u64) -> bool {
        self.next_index <= index
    }

    /// Captures every tick up to the frame at `index`; a tick inside a bridged gap takes the first frame after it.
    pub(super) fn capture(
        &mut self,
        index: u64,
        mut amplitudes: impl FnMut(&LegPlan) -> Amplitudes,
        out: &mut impl Output,
    ) {
        while self.next_index <= index {
            let mut pending = Pending {
                index: self.next_index,
                legs: [Waiting { amplitudes: Some(Amplitudes::MISSING), knee_deg: Some(f64::NAN) }; LEGS],
            };
            let rate_hz = self.rate_hz;
            for (leg, waiting) in self.legs.iter_mut().zip(&mut pending.legs) {
                waiting.amplitudes = leg.on_master.then(|| amplitudes(&leg.plan));
                waiting.knee_deg = if leg.plan.knee.is_some() {
                    leg.angle_ahead(pending.index as f64, rate_hz)
                } else {
                    Some(f64::NAN)
                };
            }
            if self.pending.len() == MAX_PENDING {
                self.decide_front(out);
            }
            self.pending.push_back(pending);
            // At low rates two ticks can round to one sample: that sample is decided once.
            while self.tick_index(self.next_tick) <= self.next_index {
                self.next_tick += 1;
            }
            self.next_index = self.tick_index(self.next_tick);
        }
    }

    /// A filtered knee angle of a leg: settles every waiting tick up to it.
    pub(super) fn knee_point(
        &mut self,
        leg: usize,
        from: Option<AnglePoint>,
        to: AnglePoint,
        out: &mut impl Output,
    ) {
        let ordered = from.is_none_or(|from| from.position < to.position);
        if !ordered || self.legs[leg].missed.is_some_and(|tick| to.position <= tick as f64) {
            self.unused += 1;
            return;
        }
        for pending in &mut self.pending {
            let tick = pending.index as f64;
            if tick > to.position {
                break;
            }
            let waiting = &mut pending.legs[leg];
            if waiting.knee_deg.is_none() {
                waiting.knee_deg = Some(angle::at(from, to, tick, self.rate_hz));
            }
        }
        if to.position >= self.next_index as f64 {
            let ahead = &mut self.legs[leg].ahead;
            if ahead.len() == MAX_AHEAD {
                ahead.pop_front();
                self.unused += 1;
            }
            ahead.push_back((from, to));
        }
        self.drain(out);
    }

    /// An EMG frame at a master position, for a leg that is not on the master stream.
    pub(super) fn emg_point(&mut self, leg: usize, position: f64, now: Amplitudes, out: &mut impl Output) {
        let previous = self.legs[leg].previous_emg.replace((position, now));
        for pending in &mut self.pending {
            let tick = pending.index as f64;
            if tick > position {
                break;
            }
            let waiting = &mut pending.legs[leg];
            if waiting.amplitudes.is_none() {
                waiting.amplitudes = Some(between(previous, (position, now), tick));
            }
        }
        self.drain(out);
    }

    /// Forgets the last EMG point of legs on a stream that jumped.
    pub(super) fn emg_lost(&mut self, stream: usize) {
        for leg in self.legs.iter_mut().filter(|leg| leg.plan.stream == stream) {
            leg.previous_emg = None;
        }
    }

    /// The master has passed `index`: ticks that waited long enough are decided with what they have.
    pub(super) fn pass(&mut self, index: u64, out: &mut impl Output) {
        self.drain(out);
        while self.pending.front().is_some_and(|front| self.deadline(front) <= index) {
            self.decide_front(out);
            self.drain(out);
        }
    }

    /// Decides every waiting tick with what it has.
    pub(super) fn finish(&mut self, out: &mut impl Output) {
        while !self.pending.is_empty() {
            self.decide_front(out);
        }
    }

    fn drain(&mut self, out: &mut impl Output) {
        let ready = |p: &Pending| p.legs.iter().all(|w| w.amplitudes.is_some() && w.knee_deg.is_some());
        while self.pending.front().is_some_and(ready) {
            self.decide_front(out);
        }
    }

    fn decide_front(&mut self, out: &mut impl Output) {
        let Some(pending) = self.pending.pop_front() else { return };
        let time_s = self.clock.time(pending.index as f64);
        for (leg, waiting) in self.legs.iter_mut().zip(&pending.legs) {
            let amplitudes = waiting.amplitudes.unwrap_or(Amplitudes::MISSING);
            let knee_deg = waiting.knee_deg.unwrap_or_else(|| {
                leg.missed = Some(pending.index);
                f64::NAN
            });
            let decision = leg.decider.decide(&amplitudes, &self.settings, self.amplitude_cv);
            let estimate = Estimate {
                index: SampleIndex(pending.index),
                time_s,
                side: leg.plan.side,
                class: decision.shown.class,
                reason: decision.shown.reason,
                class_before_dwell: decision.before_dwell.class,
                ratio: decision.ratio,
                gastrocnemius: decision.gastrocnemius.value,
                soleus: decision.soleus.value,
                unit: decision.unit,
                knee_flexion_deg: knee_deg,
                quality: amplitudes.state,
            };
            let point = MapPoint {
                class: decision.before_dwell.class,
                knee_deg,
                dominance: decision.ratio.dominance(),
                gastrocnemius: estimate.gastrocnemius,
                soleus: estimate.soleus,
                gastrocnemius_floor: decision.gastrocnemius.floor,
                soleus_floor: decision.soleus.floor,
                comparable: decision.comparable,
            };
            leg.map.add(&point, self.settings.tick_s);
            if knee_deg.is_finite() {
                leg.knee_seen = Some(pending.index);
            }
            leg.last = Some(estimate);
            out.record(&Record::Estimate(estimate));
        }
    }

    /// Whether any switch of a foot is pressed at a master position.
    pub(super) fn foot(&mut self, side: Side, pressed: bool, position: f64, out: &mut impl Output) {
        let debounce = self.settings.events.debounce_s * self.rate_hz;
        if let Some((down, since)) = self.feet[side as usize].push(pressed, position, debounce) {
            let kind = if down { EventKind::FootContact } else { EventKind::FootOff };
            let index = SampleIndex(since.max(0.0).round() as u64);
            let event = EventRecord { kind, side: Some(side), index, source: EventSource::FootSwitch };
            out.record(&Record::Event { time_s: self.clock.time(since), event });
        }
    }

    /// Says that something changed here.
    pub(super) fn state(&self, change: StateChange, out: &mut impl Output) {
        let (time_s, index) = (self.clock.time(self.position as f64), SampleIndex(self.position));
        out.record(&Record::State { time_s, index, change });
    }
}

/// Amplitudes between two EMG points, linear; the worse state of the two.
fn between(from: Option<(f64, Amplitudes)>, to: (f64, Amplitudes), position: f64) -> Amplitudes {
    if position == to.0 {
        return to.1;
    }
    let Some(from) = from.filter(|from| from.0 <= position && from.0 < to.0) else {
        return Amplitudes::MISSING;
    };
    let part = (position - from.0) / (to.0 - from.0);
    let mut values = from.1.values;
    for (value, next) in values.iter_mut().zip(to.1.values) {
        *value += (next - *value) * part;
    }
    let state: SignalState = from.1.state.max(to.1.state);
    Amplitudes { values, state, bad: from.1.bad || to.1.bad }
}
