//! A guided calibration on a running session: which step is due, when its recording begins and ends, whether it can be
//! believed, and what comes next.
//!
//! [`CalibrationRun`] is a state machine without a screen, a clock or a port, so that the command line and the window drive
//! the same one. Every number comes from [`calibrate`](super::calibrate()). Not for recorded trials: those go there at once.

mod judge;
mod plan;

use super::{Calibration, CalibrationInputs, MvcTrial, calibrate};
pub use plan::{Plan, Step, StepKind};
use surae_trial::{Goniometer, Side, Trial};

/// Samples of slower streams are waited for this long after the newest sample of all has passed the end.
const LATE_S: f64 = 1.0;

/// Where a [`CalibrationRun`] stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The step's instruction is to be shown; the person says when ([`CalibrationRun::go`]).
    Instruction {
        /// Session time until which the muscle should rest first; in the past when there is nothing to wait for.
        rest_until_s: f64,
    },
    /// The recording begins soon.
    Countdown {
        /// Seconds until then.
        left_s: f64,
    },
    /// Samples of this stretch are the recording.
    Recording {
        /// Its start, in s of session time.
        from_s: f64,
        /// Its end.
        to_s: f64,
        /// How far it is, 0 to 1.
        done: f64,
    },
    /// The stretch is over; its samples are awaited ([`CalibrationRun::give`]).
    Judging {
        /// Its start, in s of session time.
        from_s: f64,
        /// Its end.
        to_s: f64,
    },
    /// What became of it; to be shown until [`CalibrationRun::proceed`].
    Verdict(Verdict),
    /// Nothing is left to do: [`CalibrationRun::calibration`].
    Done,
}

/// What became of one recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// True when it counts.
    pub accepted: bool,
    /// Why it does not, or why another one is needed all the same; each a sentence that says what to do.
    pub reasons: Vec<String>,
    /// What was measured, one line a channel.
    pub measured: Vec<String>,
    /// What [`CalibrationRun::proceed`] leads to.
    pub next: Next,
}

/// What comes after a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same step once more.
    Again,
    /// This step of the plan.
    Step(usize),
    /// The end.
    Done,
}

/// A recording that was made.
#[derive(Clone, Debug)]
struct Take {
    step: usize,
    trial: Trial,
    accepted: bool,
}

/// A guided calibration.
///
/// Time is session time: that of the newest sample, never a clock's, so that a device that stalls is waited for. Call
/// [`tick`](Self::tick) with it as often as the screen is drawn, and look at [`phase`](Self::phase):
///
/// * `Instruction`: show [`step`](Self::step); on the person's word call [`go`](Self::go). A script says when with
///   [`go_at`](Self::go_at).
/// * `Countdown`, `Recording`: show how long.
/// * `Judging`: call [`give`](Self::give) with a trial that holds these seconds and its place in the session
///   (`Session::request_recent`, then `recent.trial` and `recent.from_s`) until it says `true`.
/// * `Verdict`: show it; then [`proceed`](Self::proceed), or [`repeat`](Self::repeat) when the person wants the recording gone.
///
/// [`skip`](Self::skip) and [`select`](Self::select) leave a step for another at any time. [`calibration`](Self::calibration)
/// is what has been accepted so far, at any time: stopping early loses nothing.
///
/// The session must run without the goniometer calibration of a profile: what is calibrated are the channel's own values.
#[derive(Clone, Debug)]
pub struct CalibrationRun {
    plan: Plan,
    at: usize,
    phase: Phase,
    takes: Vec<Take>,
    starts_s: f64,
    newest_s: f64,
}

impl CalibrationRun {
    /// Starts with the first step of a plan.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let phase = if plan.steps.is_empty() {
            Phase::Done
        } else {
            Phase::Instruction { rest_until_s: f64::NEG_INFINITY }
        };
        Self { plan, at: 0, phase, takes: Vec::new(), starts_s: f64::NAN, newest_s: f64::NEG_INFINITY }
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The present step's place in the plan.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// The present step; `None` when all is done.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        self.plan.steps.get(self.at).filter(|_| self.phase != Phase::Done)
    }

    /// Where it stands.
    #[must_use]
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Recordings of a step: accepted ones, and all of them.
    #[must_use]
    pub fn taken(&self, step: usize) -> (usize, usize) {
        let of = || self.takes.iter().filter(|take| take.step == step);
        (of().filter(|take| take.accepted).count(), of().count())
    }

    /// True when a step has the accepted recordings that it needs.
    #[must_use]
    pub fn is_complete(&self, step: usize) -> bool {
        let needed = self.plan.steps.get(step).map_or(1, |step| step.repetitions);
        self.taken(step).0 >= needed
    }

    /// The person is ready: counts down, then records. Nothing happens in another phase than `Instruction`.
    pub fn go(&mut self, now_s: f64) {
        self.go_at(now_s, now_s + self.plan.countdown_s);
    }

    /// As [`Self::go`], with the recording to begin at a session time.
    pub fn go_at(&mut self, now_s: f64, starts_s: f64) {
        if matches!(self.phase, Phase::Instruction { .. }) {
            self.starts_s = starts_s.max(now_s);
            self.phase = Phase::Countdown { left_s: self.starts_s - now_s };
            self.tick(now_s);
        }
    }

    /// The newest sample is of this session time.
    pub fn tick(&mut self, now_s: f64) {
        self.newest_s = now_s;
        let Some(step) = self.plan.steps.get(self.at) else { return };
        let (from_s, to_s) = (self.starts_s, self.starts_s + step.duration_s);
        match &self.phase {
            Phase::Countdown { .. } if now_s < from_s => {
                self.phase = Phase::Countdown { left_s: from_s - now_s };
            }
            Phase::Countdown { .. } | Phase::Recording { .. } if now_s < to_s => {
                let done = ((now_s - from_s) / step.duration_s).clamp(0.0, 1.0);
                self.phase = Phase::Recording { from_s, to_s, done };
            }
            Phase::Countdown { .. } | Phase::Recording { .. } => {
                self.phase = Phase::Judging { from_s, to_s };
            }
            _ => {}
        }
    }

    /// The samples that [`Phase::Judging`] waits for: a trial whose time 0 is at `origin_s` of the session. False while they
    /// are not all in it, and in other phases; true once they are judged.
    pub fn give(&mut self, trial: &Trial, origin_s: f64) -> bool {
        let Phase::Judging { from_s, to_s } = self.phase else { return false };
        let streams = trial.streams.iter().filter(|stream| stream.rate_hz > 0.0);
        let ends = streams.map(|stream| (stream.start_s.0 + stream.duration_s() + origin_s, stream.rate_hz));
        let (mut all, mut newest_s) = (true, f64::NEG_INFINITY);
        for (end_s, rate_hz) in ends {
            all &= end_s + 1.5 / rate_hz >= to_s;
            newest_s = newest_s.max(end_s);
        }
        if newest_s < to_s || !(all || newest_s >= to_s + LATE_S) {
            return false;
        }
        let mut part = trial.excerpt(from_s - origin_s, to_s - origin_s);
        let number = self.taken(self.at).1 + 1;
        if let Some(step) = self.plan.steps.get(self.at) {
            part.path = format!("{} {number}", step.name);
        }
        let span = (from_s - origin_s, to_s - origin_s);
        self.takes.push(Take { step: self.at, trial: part, accepted: false });
        let judged = self.judge(span);
        if let Some(take) = self.takes.last_mut() {
            take.accepted = judged.accepted;
            if judged.torn {
                take.trial.streams.clear();
            }
        }
        let next = self.next(&judged);
        let judge::Judged { accepted, mut reasons, measured, .. } = judged;
        if accepted && next == Next::Again {
            reasons.extend(self.wanting());
        } else if !accepted && next != Next::Again {
            reasons.push("It goes on without.".to_owned());
        }
        self.phase = Phase::Verdict(Verdict { accepted, reasons, measured, next });
        true
    }

    /// Leaves the verdict for what it leads to.
    pub fn proceed(&mut self, now_s: f64) {
        let Phase::Verdict(verdict) = &self.phase else { return };
        match verdict.next {
            Next::Again => self.instruct(self.at, now_s),
            Next::Step(step) => self.instruct(step, now_s),
            Next::Done => self.phase = Phase::Done,
        }
    }

    /// Forgets the recording that was just judged, or stops the one that runs, and does the step again.
    pub fn repeat(&mut self, now_s: f64) {
        if matches!(self.phase, Phase::Verdict(_)) {
            self.takes.pop();
        }
        if self.phase != Phase::Done {
            self.instruct(self.at, now_s);
        }
    }

    /// Goes on to the next step, whatever this one has.
    pub fn skip(&mut self, now_s: f64) {
        if self.phase != Phase::Done {
            self.select(self.at + 1, now_s);
        }
    }

    /// Goes to a step of the plan; beyond the last one, to the end. Recordings stay: a rest or goniometer step done again
    /// replaces what it had.
    pub fn select(&mut self, step: usize, now_s: f64) {
        if step < self.plan.steps.len() {
            self.instruct(step, now_s);
        } else {
            self.at = self.plan.steps.len();
            self.phase = Phase::Done;
        }
    }

    /// What the accepted recordings give. Muscles without a believable maximum are in it with the reason.
    #[must_use]
    pub fn calibration(&self) -> Calibration {
        self.calibration_of(|take| take.accepted)
    }

    fn instruct(&mut self, step: usize, now_s: f64) {
        let rests = self.plan.steps.get(step).is_some_and(|step| step.kind == StepKind::Maximum)
            && self.takes.last().is_some_and(|take| self.plan.steps[take.step].kind == StepKind::Maximum);
        let rest_until_s = if rests {
            self.starts_s
                + self.plan.steps[self.at.min(self.plan.steps.len() - 1)].duration_s
                + self.plan.rest_s
        } else {
            now_s
        };
        self.at = step;
        self.phase = Phase::Instruction { rest_until_s };
    }

    /// Repetitions of a maximum count also when refused as a whole: another muscle may be good in them.
    fn calibration_of(&self, kept: impl Fn(&Take) -> bool) -> Calibration {
        let last = |kind: StepKind| {
            let of = |take: &&Take| self.plan.steps[take.step].kind == kind && kept(take);
            self.takes.iter().rev().find(of).map(|take| &take.trial)
        };
        let nothing = Trial::default();
        let maxima: Vec<MvcTrial<'_>> = self
            .takes
            .iter()
            .filter_map(|take| {
                let step = &self.plan.steps[take.step];
                (step.kind == StepKind::Maximum)
                    .then_some(MvcTrial { posture: &step.posture, trial: &take.trial })
            })
            .collect();
        let (goniometers, knee_offsets_deg) =
            self.goniometers(last(StepKind::GoniometerZero), last(StepKind::GoniometerNinety));
        calibrate(&CalibrationInputs {
            rest: last(StepKind::Rest).unwrap_or(&nothing),
            mvc: &maxima,
            straight: last(StepKind::Straight),
            isolation: None,
            settings: &self.plan.settings,
            kind: self.plan.kind,
            athlete: &self.plan.athlete,
            date: &self.plan.date,
            placement: &self.plan.placement,
            goniometers: &goniometers,
            knee_offsets_deg,
            base: self.plan.base.as_ref(),
        })
    }

    /// Two-point calibrations where both points are known; an angle in deg with its zero only becomes an offset.
    fn goniometers(
        &self,
        zero: Option<&Trial>,
        ninety: Option<&Trial>,
    ) -> (Vec<Goniometer>, [Option<f64>; 2]) {
        let (mut found, mut offsets) = (Vec::new(), [None; 2]);
        for channel in &self.plan.goniometers {
            let at = |trial: Option<&Trial>| judge::held(trial?, &channel.label).map(|held| held.value);
            match (at(zero), at(ninety)) {
                (Some(at_0_deg), Some(at_90_deg)) => found.push(Goniometer {
                    side: channel.side,
                    label: channel.label.clone(),
                    at_0_deg,
                    at_90_deg,
                    unit: channel.unit.clone(),
                }),
                (Some(zero), None) if channel.unit == surae_trial::Unit::Degree => {
                    offsets[usize::from(channel.side == Side::Right)] = Some(zero);
                }
                _ => {}
            }
        }
        (found, offsets)
    }

    fn next(&self, judged: &judge::Judged) -> Next {
        let step = &self.plan.steps[self.at];
        let (_, all) = self.taken(self.at);
        if let Some(back) = judged.back {
            return Next::Step(back);
        }
        let enough = self.is_complete(self.at) && self.wanting().is_empty();
        if !enough && all < self.plan.most_takes.max(step.repetitions) {
            return Next::Again;
        }
        let later = (self.at + 1..self.plan.steps.len()).find(|step| !self.is_complete(*step));
        later.map_or(Next::Done, Next::Step)
    }
}
