//! Whether a recording of a guided calibration can be believed.

use super::{CalibrationRun, StepKind, Take};
use crate::calibrate::maximum::quality;
use crate::calibrate::{MuscleCalibration, Prepared, WINDOW_S};
use crate::emg::Emg;
use crate::noise::quiet_level;
use crate::stats::{median, percentile};
use surae_signal::quality::{Grade, QualityLimits, Reason};
use surae_trial::Trial;

/// Largest share of lost samples (METHOD 8: bad beyond 0.5 %; a repetition has few of them).
const MOST_LOST: f64 = 0.005;
/// A muscle at rest stays below this multiple of its own level in every 500 ms: noise alone reaches 1.2 (chosen).
const MOST_RESTLESS: f64 = 1.5;
/// Most that a held knee may move, as a share of the 90 deg between the two positions: 4.5 deg (chosen).
const MOST_SWAY: f64 = 0.05;
/// Least distance of the two positions, in spreads of the steadier one (chosen): a goniometer that is not on gives noise.
const LEAST_TURN: f64 = 5.0;

/// A verdict before it is known what comes next.
pub(super) struct Judged {
    pub(super) accepted: bool,
    pub(super) reasons: Vec<String>,
    pub(super) measured: Vec<String>,
    /// A step that must be done again because of this one.
    pub(super) back: Option<usize>,
    /// True when nothing in it can be used, whatever the muscle.
    pub(super) torn: bool,
}

impl Judged {
    fn new(reasons: Vec<String>, measured: Vec<String>) -> Self {
        Self { accepted: reasons.is_empty(), reasons, measured, back: None, torn: false }
    }
}

/// What a goniometer reads while it is held.
pub(super) struct Held {
    /// Median.
    pub(super) value: f64,
    /// 5th to 95th percentile.
    spread: f64,
}

/// What a channel holds in a recording; `None` without values.
pub(super) fn held(trial: &Trial, label: &str) -> Option<Held> {
    trial.streams.iter().find_map(|stream| {
        let at = stream.channels.iter().position(|c| c.label.eq_ignore_ascii_case(label))?;
        let values = stream.column(at);
        let spread = percentile(&values, 95.0)? - percentile(&values, 5.0)?;
        Some(Held { value: median(&values)?, spread })
    })
}

impl CalibrationRun {
    /// Judges the newest recording; `span` is its stretch in its own time.
    pub(super) fn judge(&self, span: (f64, f64)) -> Judged {
        let Some(take) = self.takes.last() else { return Judged::new(Vec::new(), Vec::new()) };
        let lost = lost(&take.trial, span);
        if !lost.is_empty() {
            return Judged { torn: true, ..Judged::new(lost, Vec::new()) };
        }
        match self.plan.steps[take.step].kind {
            StepKind::Rest => self.rest(take),
            StepKind::GoniometerZero => self.zero(take),
            StepKind::GoniometerNinety => self.ninety(take),
            StepKind::Maximum => self.maximum(take),
            StepKind::Straight => self.straight(),
        }
    }

    /// Why the accepted repetitions of the present step are not enough, if they are a maximum's.
    pub(super) fn wanting(&self) -> Vec<String> {
        let step = &self.plan.steps[self.at];
        if step.kind != StepKind::Maximum || !self.is_complete(self.at) {
            return Vec::new();
        }
        self.of_targets(|muscle| {
            let posture = muscle.postures.iter().find(|posture| posture.name == step.posture)?;
            posture.maximum().err().map(|why| format!("{} {}: {why}", muscle.side, muscle.muscle))
        })
    }

    fn of_targets(&self, say: impl Fn(&MuscleCalibration) -> Option<String>) -> Vec<String> {
        let step = &self.plan.steps[self.at];
        let found = self.calibration_of(|_| true);
        let is_target = |m: &&MuscleCalibration| {
            step.targets.iter().any(|(muscle, side)| m.muscle == *muscle && m.side == *side)
        };
        found.muscles.iter().filter(is_target).filter_map(say).collect()
    }

    fn rest(&self, take: &Take) -> Judged {
        let prepared = Prepared::of(&take.trial, &self.plan.settings, &mut Vec::new());
        let (mut reasons, mut measured) = (Vec::new(), Vec::new());
        for emg in &prepared.emg {
            let name = format!("{} {}", emg.side, emg.muscle);
            let Some(level) = quiet_level(emg) else {
                reasons.push(format!("{name}: too short a rest"));
                continue;
            };
            measured.push(format!("{name}: rest {} {}", figures(level.arv), emg.unit));
            let whole = (emg.start_s, emg.time_of(emg.envelope.len()));
            let judged = if emg.is_raw() {
                quality(&prepared.trial, emg, whole, QualityLimits::default())
            } else {
                None
            };
            // Shares of the power say nothing where there is no signal: hum and movement are judged in the contractions.
            let is_bad = |reason: &Reason| {
                matches!(
                    reason,
                    Reason::Noise { .. }
                        | Reason::ElectrodeOff
                        | Reason::Clipping { .. }
                        | Reason::Offset { .. }
                )
            };
            let reported = judged.iter().flat_map(|quality| quality.reasons());
            let bad = reported.filter(|(grade, reason)| *grade == Grade::Bad && is_bad(reason));
            let bad: Vec<String> = bad.map(|(_, reason)| format!("{name}: {reason}")).collect();
            if !bad.is_empty() {
                reasons.extend(bad);
            } else if let Some((at_s, times)) = restless(emg, level.arv) {
                reasons.push(format!(
                    "{name} was active {:.1} s after the start, {times:.1} times its rest (at most {MOST_RESTLESS}): relax, then again",
                    at_s - emg.start_s
                ));
            }
        }
        if prepared.emg.is_empty() {
            reasons.push("no EMG of a known muscle and leg arrived".to_owned());
        }
        Judged::new(reasons, measured)
    }

    fn maximum(&self, take: &Take) -> Judged {
        let step = &self.plan.steps[take.step];
        let mut measured = Vec::new();
        let found = self.calibration_of(|_| true);
        let mut reasons = Vec::new();
        for (muscle, side) in &step.targets {
            let name = format!("{side} {muscle}");
            let Some(calibrated) = found.muscles.iter().find(|m| m.muscle == *muscle && m.side == *side)
            else {
                reasons.push(format!("{name}: nothing arrived"));
                continue;
            };
            let own = || {
                let all = calibrated.postures.iter().flat_map(|posture| &posture.repetitions);
                all.filter(|repetition| repetition.source == take.trial.path)
            };
            let best = own().filter(|r| r.problem.is_none()).max_by(|a, b| a.value.total_cmp(&b.value));
            match best.or_else(|| own().max_by(|a, b| a.value.total_cmp(&b.value))) {
                Some(repetition) => {
                    let rest = calibrated.rest.map_or(f64::NAN, |rest| rest.arv);
                    let over = 20.0 * (repetition.value / rest).log10();
                    let over =
                        if over.is_finite() { format!(", {over:.0} dB over rest") } else { String::new() };
                    measured.push(format!("{name}: {} {}{over}", figures(repetition.value), calibrated.unit));
                    if let Some(problem) = &repetition.problem {
                        reasons.push(format!("{name}: {problem}"));
                    }
                }
                None => reasons.push(format!("{name}: no contraction found in it")),
            }
        }
        Judged::new(reasons, measured)
    }

    fn zero(&self, take: &Take) -> Judged {
        let (mut reasons, mut measured) = (Vec::new(), Vec::new());
        for channel in &self.plan.goniometers {
            let Some(held) = held(&take.trial, &channel.label) else {
                reasons.push(format!("{}: no values arrived", channel.label));
                continue;
            };
            measured.push(format!("{}: {} {}", channel.label, figures(held.value), channel.unit));
            if channel.unit == surae_trial::Unit::Degree && held.spread > MOST_SWAY * 90.0 {
                reasons.push(moved(&channel.label, held.spread));
            }
        }
        Judged::new(reasons, measured)
    }

    /// Only the second position shows what 90 deg are, and with that whether the first one was held still.
    fn ninety(&self, take: &Take) -> Judged {
        let zero = self
            .takes
            .iter()
            .rev()
            .find(|take| take.accepted && self.plan.steps[take.step].kind == StepKind::GoniometerZero);
        let (mut reasons, mut measured, mut back) = (Vec::new(), Vec::new(), None);
        for channel in &self.plan.goniometers {
            let label = &channel.label;
            let first = zero.and_then(|zero| held(&zero.trial, label));
            let (Some(first), Some(second)) = (first, held(&take.trial, label)) else {
                reasons.push(format!("{label}: no values of both positions"));
                continue;
            };
            let turn = second.value - first.value;
            measured.push(format!(
                "{label}: {} {unit} at 90 deg, {} {unit} at 0 deg",
                figures(second.value),
                figures(first.value),
                unit = channel.unit
            ));
            let deg = |spread: f64| 90.0 * spread / turn.abs();
            if !turn.is_finite() || turn.abs() <= LEAST_TURN * first.spread.min(second.spread) || turn == 0.0
            {
                reasons.push(format!(
                    "{label} reads the same straight and bent: is it on, and is this its channel?"
                ));
            } else if second.spread > MOST_SWAY * turn.abs() {
                reasons.push(moved(label, deg(second.spread)));
            } else if first.spread > MOST_SWAY * turn.abs() {
                reasons.push(format!("At 0 deg {}", moved(label, deg(first.spread))));
                back = zero.map(|zero| zero.step);
            }
        }
        Judged { back, ..Judged::new(reasons, measured) }
    }

    fn straight(&self) -> Judged {
        let found = self.calibration_of(|_| true);
        let measured: Vec<String> = found
            .profile
            .straight
            .iter()
            .map(|s| {
                format!(
                    "{} leg: ln(G/S) {:.3} at {:.0} deg, {} efforts",
                    s.side, s.log_ratio, s.knee_deg, s.n
                )
            })
            .collect();
        let missing = found.notes.iter().filter(|note| note.code == "no_straight_reference");
        Judged::new(missing.map(|note| note.text.clone()).collect(), measured)
    }
}

fn moved(label: &str, deg: f64) -> String {
    format!(
        "{label} moved by {deg:.0} deg (at most {:.1}): hold the knee still, then again",
        MOST_SWAY * 90.0
    )
}

/// The first 500 ms that are too much for rest: their start and their multiple of the level.
fn restless(emg: &Emg, level: f64) -> Option<(f64, f64)> {
    let end_s = emg.time_of(emg.envelope.len());
    (0..)
        .map(|k| emg.start_s + f64::from(k) * WINDOW_S / 5.0)
        .take_while(|from| from + WINDOW_S <= end_s)
        .map(|from| (from, emg.sums(from, from + WINDOW_S).arv() / level))
        .find(|(_, times)| *times > MOST_RESTLESS)
}

/// Streams of which too many samples never came.
fn lost(trial: &Trial, (from_s, to_s): (f64, f64)) -> Vec<String> {
    let shares = trial.streams.iter().map(|stream| {
        let wanted = ((to_s - from_s) * stream.rate_hz).max(1.0);
        (stream, 1.0 - (stream.frames() as f64 + 1.0) / wanted)
    });
    shares
        .filter(|(_, share)| *share > MOST_LOST)
        .map(|(stream, share)| {
            format!(
                "{}: {:.1} % of the samples were lost: look at the cable, then again",
                stream.name,
                100.0 * share
            )
        })
        .collect()
}

/// Four figures that count.
fn figures(value: f64) -> String {
    let digits = if value == 0.0 || !value.is_finite() { 0 } else { value.abs().log10().floor() as i32 };
    format!("{value:.*}", usize::try_from(3 - digits).unwrap_or(0).min(9))
}

#[cfg(test)]
mod tests;
