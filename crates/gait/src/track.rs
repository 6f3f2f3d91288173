//! Activity, activation and class of one leg over time, in steps of 5 ms: what the class lane, the map and the
//! durations are made from.
//!
//! Review only; the live pipeline decides tick by tick.

use crate::dominance::{Activation, Class, Gate, Hysteresis, Ratio, Reason, Verdict, arithmetic_heads};
use crate::emg::interpolate;
use crate::leg::Leg;
use surae_trial::DominanceSettings;

/// Step of the track.
pub const STEP_S: f64 = 0.005;
/// Envelopes faster than this vary too much from sample to sample for a class per sample (METHOD 3.3 step 6, R9).
pub const FASTEST_PER_SAMPLE_HZ: f64 = 10.0;

/// A low-passed joint angle on its own clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AngleSeries {
    /// Samples per second.
    pub rate_hz: f64,
    /// Time of the first sample in s.
    pub start_s: f64,
    /// Angle in deg, `NaN` where missing.
    pub deg: Vec<f64>,
}

impl AngleSeries {
    /// Angle at a time, linear between samples; `NaN` outside and in holes.
    #[must_use]
    pub fn at(&self, time_s: f64) -> f64 {
        interpolate(&self.deg, (time_s - self.start_s) * self.rate_hz)
    }

    /// The samples from one time up to another; empty outside the record.
    #[must_use]
    pub fn between(&self, from_s: f64, to_s: f64) -> &[f64] {
        let at = |time_s: f64| {
            ((time_s - self.start_s) * self.rate_hz).ceil().clamp(0.0, self.deg.len() as f64) as usize
        };
        self.deg.get(at(from_s)..at(to_s)).unwrap_or_default()
    }

    /// When the angle is lowest between two times; `None` without a value.
    #[must_use]
    pub fn lowest_s(&self, from_s: f64, to_s: f64) -> Option<f64> {
        let part = self.between(from_s, to_s).iter().copied().enumerate().filter(|(_, v)| v.is_finite());
        let (at, _) = part.min_by(|a, b| a.1.total_cmp(&b.1))?;
        let first = ((from_s - self.start_s) * self.rate_hz).ceil().max(0.0);
        Some(self.start_s + (first + at as f64) / self.rate_hz)
    }
}

/// One leg over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// Time of the first step in s.
    pub start_s: f64,
    /// Gastrocnemius, of its reference; `NaN` where unknown.
    pub gastrocnemius: Vec<f64>,
    /// Soleus, of its reference; `NaN` where unknown.
    pub soleus: Vec<f64>,
    /// Ratio of the two with its interval; unknown where either is.
    pub ratio: Vec<Ratio>,
    /// True where either muscle is on.
    pub active: Vec<bool>,
    /// Class of each step, before any dwell.
    pub verdict: Vec<Verdict>,
    /// Knee flexion in deg, `NaN` where unknown.
    pub knee_deg: Vec<f64>,
    /// Ankle dorsiflexion in deg, `NaN` where unknown.
    pub ankle_deg: Vec<f64>,
}

impl Track {
    /// Time of a step in s.
    #[must_use]
    pub fn time(&self, step: usize) -> f64 {
        self.start_s + step as f64 * STEP_S
    }

    /// Seconds spent in a class.
    #[must_use]
    pub fn seconds_in(&self, class: Class) -> f64 {
        self.verdict.iter().filter(|v| v.class == class).count() as f64 * STEP_S
    }

    /// Runs of equal class: start, end, verdict.
    #[must_use]
    pub fn runs(&self) -> Vec<(f64, f64, Verdict)> {
        let mut runs: Vec<(f64, f64, Verdict)> = Vec::new();
        for (step, verdict) in self.verdict.iter().enumerate() {
            let end = self.time(step + 1);
            match runs.last_mut() {
                Some(last) if last.2 == *verdict => last.1 = end,
                _ => runs.push((self.time(step), end, *verdict)),
            }
        }
        runs
    }

    /// Stretches of activity that last at least `shortest_s`, holes of up to 50 ms closed.
    #[must_use]
    pub fn bursts(&self, shortest_s: f64) -> Vec<(f64, f64)> {
        const CLOSE_S: f64 = 0.05;
        let mut bursts: Vec<(f64, f64)> = Vec::new();
        for step in (0..self.active.len()).filter(|step| self.active[*step]) {
            let (from, to) = (self.time(step), self.time(step + 1));
            match bursts.last_mut() {
                Some(last) if from - last.1 <= CLOSE_S => last.1 = to,
                _ => bursts.push((from, to)),
            }
        }
        bursts.retain(|(from, to)| to - from >= shortest_s);
        bursts
    }
}

/// Follows one leg. `envelope_hz` is the cut-off of the envelope; classes per step need a slow one.
#[must_use]
pub fn follow(
    leg: &Leg<'_>,
    knee: Option<&AngleSeries>,
    ankle: Option<&AngleSeries>,
    settings: &DominanceSettings,
    envelope_hz: f64,
) -> Track {
    let start_s = leg.muscles().map(|m| m.emg.start_s).fold(f64::NEG_INFINITY, f64::max);
    let end_s = leg.muscles().map(|m| m.emg.time_of(m.emg.envelope.len())).fold(f64::INFINITY, f64::min);
    let steps = ((end_s - start_s) / STEP_S).floor().max(0.0) as usize;
    let mut track = Track { start_s, ..Track::default() };
    let mut gates = vec![Gate::default(); leg.heads.len() + 1];
    let mut hysteresis = Hysteresis::default();
    let no_class = leg.no_class.or((envelope_hz > FASTEST_PER_SAMPLE_HZ).then_some(Reason::OneContact));
    for step in 0..steps {
        let time = track.time(step);
        let mut heads = [(0.0, NOTHING); 3];
        let mut any_on = false;
        let mut hole = false;
        for (at, muscle) in leg.heads.iter().enumerate().take(heads.len()) {
            let level = muscle.level_at(time);
            hole |= level.amplitude.is_nan();
            any_on |= gates[at].step(level.amplitude, level.rest, level.amplitude_cv, STEP_S);
            heads[at] = (muscle.weight, level.activation());
        }
        let level = leg.soleus.level_at(time);
        hole |= level.amplitude.is_nan();
        any_on |= gates[leg.heads.len()].step(level.amplitude, level.rest, level.amplitude_cv, STEP_S);
        let g = arithmetic_heads(&heads[..leg.heads.len().min(heads.len())]);
        let s = level.activation();
        let ratio = Ratio::of(&g, &s);
        track.verdict.push(decide(any_on, hole, no_class, &ratio, &mut hysteresis, settings));
        track.ratio.push(ratio);
        track.gastrocnemius.push(g.value);
        track.soleus.push(s.value);
        track.active.push(any_on);
        track.knee_deg.push(knee.map_or(f64::NAN, |k| k.at(time)));
        track.ankle_deg.push(ankle.map_or(f64::NAN, |a| a.at(time)));
    }
    track
}

const NOTHING: Activation = Activation { value: f64::NAN, sd: 0.0, floor: 0.0, reference_cv: 0.0 };

fn decide(
    any_on: bool,
    hole: bool,
    no_class: Option<Reason>,
    ratio: &Ratio,
    hysteresis: &mut Hysteresis,
    settings: &DominanceSettings,
) -> Verdict {
    if hole {
        hysteresis.reset();
        return Verdict::undetermined(Reason::NoData);
    }
    if !any_on {
        hysteresis.reset();
        return Verdict::of(Class::Rest);
    }
    match no_class {
        Some(reason) => Verdict::undetermined(reason),
        None => hysteresis.step(ratio, settings.class_threshold, settings.hysteresis),
    }
}
