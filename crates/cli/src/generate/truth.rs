//! What was put into a generated trial, as JSON beside it (`surae.truth/1`).

use super::calibration::StepTruth;
use super::jumps::{AUX_RATE_HZ, JumpTruth, Timeline};
use super::legs::{Leg, MUSCLES, SOLEUS, Span};
use super::scenario::Content;
use super::{Fatigue, MAXIMUM_UV, Request, Scenario, Shwedyk};
use serde::Serialize;
use std::collections::BTreeMap;
use surae_trial::Task;

/// Weight of the medial head in both forms of the head mean (0.69: Fukunaga 1992).
const MEDIAL_WEIGHT: f64 = 0.69;
/// Drive below which a muscle counts as at rest in the truth.
const REST_DRIVE: f64 = 0.02;
/// Dominant beyond this |D|.
const CLASS_THRESHOLD: f64 = 0.2;
/// EMG before contact that the gastrocnemius lead includes, in s.
const LEAD_WINDOW_S: f64 = 0.15;
/// A phase of a stride: its window in fractions of the cycle (walking) or of the contact (running, sprint).
struct Phase {
    name: &'static str,
    from: f64,
    to: f64,
    of: Of,
}

#[derive(Clone, Copy)]
enum Of {
    Cycle,
    Contact,
    /// Seconds from contact.
    Seconds,
}

const fn phase(name: &'static str, from: f64, to: f64, of: Of) -> Phase {
    Phase { name, from, to, of }
}

/// Phases of the walking cycle (Perry).
const WALKING: [Phase; 5] = [
    phase("loading", 0.0, 0.12, Of::Cycle),
    phase("mid_stance", 0.12, 0.31, Of::Cycle),
    phase("terminal_stance", 0.31, 0.50, Of::Cycle),
    phase("pre_swing", 0.50, 0.62, Of::Cycle),
    phase("swing", 0.62, 1.0, Of::Cycle),
];

/// Phases of a running contact, halves of the contact where no force is measured.
const RUNNING: [Phase; 3] = [
    phase("pre_activation", -0.1, 0.0, Of::Seconds),
    phase("first_half", 0.0, 0.5, Of::Contact),
    phase("second_half", 0.5, 1.0, Of::Contact),
];

/// Halves of a pedal turn.
const PEDALLING: [Phase; 2] =
    [phase("downstroke", 0.0, 0.5, Of::Cycle), phase("upstroke", 0.5, 1.0, Of::Cycle)];

fn phases(scenario: Scenario) -> &'static [Phase] {
    match scenario {
        Scenario::Walk | Scenario::Stairs => &WALKING,
        Scenario::Cycling => &PEDALLING,
        _ => &RUNNING,
    }
}

impl Phase {
    fn window(&self, span: &Span) -> (f64, f64) {
        let unit_s = match self.of {
            Of::Cycle => span.end_s - span.start_s,
            Of::Contact => span.off_s - span.start_s,
            Of::Seconds => 1.0,
        };
        (span.start_s + self.from * unit_s, span.start_s + self.to * unit_s)
    }
}

/// The truth of a generated trial.
#[derive(Debug, Serialize)]
pub struct Truth {
    schema: &'static str,
    scenario: Scenario,
    sources: &'static [&'static str],
    seed: u64,
    duration_s: f64,
    rate_hz: f64,
    spectrum: Shwedyk,
    rms_at_maximum_uv: BTreeMap<&'static str, f64>,
    noise_uv: f64,
    crosstalk: f64,
    hum_uv: Option<f64>,
    hum_hz: Option<f64>,
    gap_start_s: Option<f64>,
    gap_duration_s: Option<f64>,
    medial_weight: f64,
    class_threshold: f64,
    /// Jump scenarios only, like what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_mass_kg: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    force_noise_n: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    jumps: Vec<JumpTruth>,
    /// Vertical force without noise at `force_rate_hz`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    force_n: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    force_rate_hz: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fatigue: Option<Fatigue>,
    sides: BTreeMap<&'static str, SideTruth>,
}

#[derive(Debug, Default, Serialize)]
struct SideTruth {
    /// Every contact within the trial.
    contacts_s: Vec<f64>,
    /// Every foot off within the trial.
    offs_s: Vec<f64>,
    stride_times_s: Vec<f64>,
    contact_times_s: Vec<f64>,
    /// Mean drive over the whole strides at 0, 1 ... 100 % of the cycle.
    drive: BTreeMap<&'static str, Vec<f64>>,
    by_phase: Vec<PhaseTruth>,
    efforts: Vec<EffortTruth>,
    /// Calibration only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepTruth>,
    /// Time of half of the soleus drive minus that of gastrocnemius, contact - 150 ms to foot off, per whole stride.
    gastrocnemius_lead_ms: Vec<f64>,
    /// Half of the drive of each muscle after contact, per whole stride; as for the lead.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    t50_ms: BTreeMap<&'static str, Vec<f64>>,
    /// Where the drive passes 20 % of the peak of the burst around contact, after contact, per whole stride; null when it does
    /// not fall below that for 50 ms before.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    onset_ms: BTreeMap<&'static str, Vec<Option<f64>>>,
    /// Per jump: where the drive passes 20 % of its peak before take-off, up and down, after take-off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    jump_bursts_ms: Vec<BTreeMap<&'static str, [f64; 2]>>,
    /// Drive of each muscle at 100 Hz; jump scenarios only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    drive_100hz: BTreeMap<&'static str, Vec<f64>>,
}

#[derive(Debug, Serialize)]
struct PhaseTruth {
    phase: &'static str,
    #[serde(flatten)]
    balance: Balance,
}

#[derive(Debug, Serialize)]
struct EffortTruth {
    start_s: f64,
    end_s: f64,
    knee_deg: f64,
    /// Median frequency over 20-450 Hz in the middle of the effort, without noise; only with fatigue.
    #[serde(skip_serializing_if = "Option::is_none")]
    median_frequency_hz: Option<f64>,
    #[serde(flatten)]
    balance: Balance,
}

/// Root-mean-square drives over a window, and what follows from them.
#[derive(Debug, Serialize)]
struct Balance {
    drive_rms: BTreeMap<&'static str, f64>,
    /// ln(G/S) with the arithmetic mean of the heads; null when a muscle is silent.
    log_ratio: Option<f64>,
    /// ln(G/S) with the geometric mean of the heads.
    log_ratio_geometric: Option<f64>,
    dominance: Option<f64>,
    class: &'static str,
}

impl Truth {
    /// Collects the truth of all legs.
    pub fn new(request: &Request, legs: &[Leg]) -> Self {
        let content = request.scenario.content();
        let (sources, line) = match &content {
            Content::Gait(gait) => (gait.sources, None),
            Content::Efforts(efforts) => (efforts.sources, None),
            Content::Jumps(jumps) => (jumps.sources, Some(Timeline::new(request, jumps))),
            Content::Steps(steps) => (steps.sources, None),
        };
        let jumps = line.as_ref().map(Timeline::jumps).unwrap_or_default();
        let sides = legs
            .iter()
            .map(|leg| {
                let side = match &content {
                    Content::Gait(gait) => SideTruth::of_gait(request, leg, gait.contacts),
                    Content::Efforts(_) => SideTruth::of_efforts(request, leg),
                    Content::Steps(steps) => SideTruth { steps: steps.truth(), ..SideTruth::default() },
                    Content::Jumps(_) => SideTruth::of_jumps(request, leg, &jumps),
                };
                (leg.side.name(), side)
            })
            .collect();
        Self {
            schema: "surae.truth/1",
            scenario: request.scenario,
            sources,
            seed: request.seed,
            duration_s: request.duration_s,
            rate_hz: request.rate_hz,
            spectrum: request.spectrum,
            rms_at_maximum_uv: MUSCLES.iter().map(|muscle| muscle.short()).zip(MAXIMUM_UV).collect(),
            noise_uv: request.noise_uv,
            crosstalk: request.crosstalk,
            hum_uv: request.hum.map(|(uv, _)| uv),
            hum_hz: request.hum.map(|(_, hz)| hz),
            gap_start_s: request.gap.map(|(start_s, _)| start_s),
            gap_duration_s: request.gap.map(|(_, duration_s)| duration_s),
            medial_weight: MEDIAL_WEIGHT,
            class_threshold: CLASS_THRESHOLD,
            body_mass_kg: line.as_ref().map(|_| request.mass_kg),
            force_noise_n: line.as_ref().map(|_| request.force_noise_n),
            force_n: line
                .as_ref()
                .map(|line| {
                    line.force_n(request.duration_s, request.mass_kg).into_iter().map(round).collect()
                })
                .unwrap_or_default(),
            force_rate_hz: line.as_ref().map(|_| AUX_RATE_HZ),
            jumps,
            fatigue: request.fatigue,
            sides,
        }
    }
}

impl SideTruth {
    fn of_efforts(request: &Request, leg: &Leg) -> Self {
        let efforts = leg
            .whole_spans(request.duration_s)
            .map(|span| EffortTruth {
                start_s: round(span.start_s),
                end_s: round(span.end_s),
                knee_deg: request.knee_deg,
                median_frequency_hz: request.fatigue.map(|fatigue| {
                    let part = (span.start_s + span.end_s) / 2.0 / request.duration_s;
                    let tired = request.spectrum.scaled(fatigue.spectrum_at_end);
                    round(request.spectrum.median_of_mixture(&tired, part, request.rate_hz, [20.0, 450.0]))
                }),
                balance: Balance::over(leg, &[(span.start_s, span.end_s)], request.rate_hz),
            })
            .collect();
        Self { efforts, ..Self::default() }
    }

    fn of_gait(request: &Request, leg: &Leg, contacts: bool) -> Self {
        let rate_hz = request.rate_hz;
        let within = |times: &mut dyn Iterator<Item = f64>| -> Vec<f64> {
            times.filter(|t| contacts && (0.0..request.duration_s).contains(t)).map(round).collect()
        };
        let whole: Vec<&Span> = leg.whole_spans(request.duration_s).collect();
        let by_phase = phases(request.scenario)
            .iter()
            .map(|phase| {
                let windows: Vec<(f64, f64)> = whole.iter().map(|span| phase.window(span)).collect();
                PhaseTruth { phase: phase.name, balance: Balance::over(leg, &windows, rate_hz) }
            })
            .collect();
        let stepped: &[&Span] = if contacts { &whole } else { &[] };
        let named = || MUSCLES.iter().enumerate().map(|(m, muscle)| (m, muscle.short()));
        let sprung = matches!(request.scenario.task(), Task::Run | Task::Sprint);
        let calf = || named().take(if sprung { SOLEUS + 1 } else { 0 });
        Self {
            contacts_s: within(&mut leg.spans.iter().map(|span| span.start_s)),
            offs_s: within(&mut leg.spans.iter().map(|span| span.off_s)),
            stride_times_s: whole.iter().map(|span| round(span.end_s - span.start_s)).collect(),
            contact_times_s: stepped.iter().map(|span| round(span.off_s - span.start_s)).collect(),
            drive: named().map(|(m, name)| (name, mean_curve(&leg.drive[m], &whole, rate_hz))).collect(),
            by_phase,
            gastrocnemius_lead_ms: stepped
                .iter()
                .map(|span| round(1000.0 * lead_s(leg, span, rate_hz)))
                .collect(),
            t50_ms: calf()
                .map(|(m, name)| {
                    (name, stepped.iter().map(|s| round(t50_ms(&leg.drive[m], s, rate_hz))).collect())
                })
                .collect(),
            onset_ms: calf()
                .map(|(m, name)| {
                    (name, stepped.iter().map(|s| onset_ms(&leg.drive[m], s, rate_hz)).collect())
                })
                .collect(),
            ..Self::default()
        }
    }

    fn of_jumps(request: &Request, leg: &Leg, jumps: &[JumpTruth]) -> Self {
        let rate_hz = request.rate_hz;
        let jump_bursts_ms = jumps
            .iter()
            .map(|jump| {
                let from_s =
                    jump.contact_s.map(|t| t - LEAD_WINDOW_S).or(jump.movement_onset_s).unwrap_or(0.0);
                let bursts = MUSCLES.iter().take(SOLEUS + 1).enumerate();
                bursts
                    .filter_map(|(m, muscle)| {
                        let (on, off) = burst_s(&leg.drive[m], from_s, jump.take_off_s, rate_hz)?;
                        let after = |time_s: f64| round(1000.0 * (time_s - jump.take_off_s));
                        Some((muscle.short(), [after(on), after(off)]))
                    })
                    .collect()
            })
            .collect();
        let step = ((rate_hz / 100.0).round() as usize).max(1);
        Self {
            jump_bursts_ms,
            drive_100hz: MUSCLES
                .iter()
                .zip(&leg.drive)
                .map(|(muscle, drive)| {
                    (muscle.short(), drive.iter().step_by(step).copied().map(round).collect())
                })
                .collect(),
            ..Self::default()
        }
    }
}

/// Fraction of a burst's peak at which it counts as begun or ended.
const BURST_FRACTION: f64 = 0.2;

/// First and last moment over 20 % of the peak that `drive` has between two times.
fn burst_s(drive: &[f64], from_s: f64, to_s: f64, rate_hz: f64) -> Option<(f64, f64)> {
    let from = (from_s.max(0.0) * rate_hz) as usize;
    let to = ((to_s * rate_hz) as usize).min(drive.len());
    let (peak, level) =
        drive.get(from..to)?.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (peak, level) = (from + peak, BURST_FRACTION * level);
    let on = (0..peak).rev().find(|k| drive[*k] < level)? + 1;
    let off = (peak..drive.len()).find(|k| drive[*k] < level)?;
    (level > 0.0).then_some((on as f64 / rate_hz, off as f64 / rate_hz))
}

/// Onset of the burst around a contact, if 50 ms below its level come first.
fn onset_ms(drive: &[f64], span: &Span, rate_hz: f64) -> Option<f64> {
    let (on_s, _) = burst_s(drive, span.start_s - LEAD_WINDOW_S, span.off_s, rate_hz)?;
    let on = (on_s * rate_hz).round() as usize;
    let quiet = (0.05 * rate_hz) as usize;
    let level = drive.get(on)?;
    let isolated = on >= quiet && drive[on - quiet..on].iter().all(|value| value < level);
    isolated.then(|| round(1000.0 * (on_s - span.start_s)))
}

/// Half of the drive between contact - 150 ms and foot off, after contact.
fn t50_ms(drive: &[f64], span: &Span, rate_hz: f64) -> f64 {
    let window = || slice(drive, span.start_s - LEAD_WINDOW_S, span.off_s, rate_hz);
    let total: f64 = window().sum();
    let mut below = 0.0;
    let before = window()
        .take_while(|x| {
            below += x;
            below < total / 2.0
        })
        .count();
    let first = ((span.start_s - LEAD_WINDOW_S) * rate_hz).ceil().max(0.0);
    1000.0 * ((first + before as f64) / rate_hz - span.start_s)
}

impl Balance {
    fn over(leg: &Leg, windows: &[(f64, f64)], rate_hz: f64) -> Self {
        let rms: Vec<f64> = leg
            .drive
            .iter()
            .map(|drive| {
                let values = windows.iter().flat_map(|(from_s, to_s)| slice(drive, *from_s, *to_s, rate_hz));
                let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), x| (sum + x * x, n + 1));
                (sum / f64::from(n.max(1))).sqrt()
            })
            .collect();
        let (mg, lg, soleus) = (rms[0], rms[1], rms[SOLEUS]);
        let gastrocnemius = MEDIAL_WEIGHT * mg + (1.0 - MEDIAL_WEIGHT) * lg;
        let silent = mg.min(lg).min(soleus) <= 0.0;
        let log_ratio = (!silent).then(|| (gastrocnemius / soleus).ln());
        let geometric = MEDIAL_WEIGHT * mg.ln() + (1.0 - MEDIAL_WEIGHT) * lg.ln() - soleus.ln();
        let dominance =
            (gastrocnemius + soleus > 0.0).then(|| (gastrocnemius - soleus) / (gastrocnemius + soleus));
        let class = match dominance {
            _ if gastrocnemius < REST_DRIVE && soleus < REST_DRIVE => "rest",
            Some(d) if d >= CLASS_THRESHOLD => "gastrocnemius_dominant",
            Some(d) if d <= -CLASS_THRESHOLD => "soleus_dominant",
            _ => "balanced",
        };
        Self {
            drive_rms: MUSCLES.iter().map(|muscle| muscle.short()).zip(rms.into_iter().map(round)).collect(),
            log_ratio: log_ratio.map(round),
            log_ratio_geometric: (!silent).then(|| round(geometric)),
            dominance: dominance.map(round),
            class,
        }
    }
}

fn at_percent(span: &Span, percent: f64) -> f64 {
    span.start_s + (span.end_s - span.start_s) * percent / 100.0
}

fn slice(values: &[f64], from_s: f64, to_s: f64, rate_hz: f64) -> impl Iterator<Item = f64> {
    let from = ((from_s * rate_hz).ceil().max(0.0) as usize).min(values.len());
    let to = ((to_s * rate_hz).ceil().max(0.0) as usize).clamp(from, values.len());
    values[from..to].iter().copied()
}

fn mean_curve(drive: &[f64], strides: &[&Span], rate_hz: f64) -> Vec<f64> {
    let at = |time_s: f64| {
        let position = time_s * rate_hz;
        let k = (position as usize).min(drive.len().saturating_sub(2));
        let fraction = position - k as f64;
        drive[k] * (1.0 - fraction) + drive[k + 1] * fraction
    };
    (0..=100)
        .map(|percent| {
            let sum: f64 = strides.iter().map(|span| at(at_percent(span, f64::from(percent)))).sum();
            round(sum / strides.len().max(1) as f64)
        })
        .collect()
}

/// Difference of the half-activity times, soleus minus head-weighted gastrocnemius.
fn lead_s(leg: &Leg, span: &Span, rate_hz: f64) -> f64 {
    let half_s = |m: usize| {
        let total: f64 = slice(&leg.drive[m], span.start_s - LEAD_WINDOW_S, span.off_s, rate_hz).sum();
        let mut below = 0.0;
        let before = slice(&leg.drive[m], span.start_s - LEAD_WINDOW_S, span.off_s, rate_hz)
            .take_while(|x| {
                below += x;
                below < total / 2.0
            })
            .count();
        before as f64 / rate_hz
    };
    half_s(SOLEUS) - (MEDIAL_WEIGHT * half_s(0) + (1.0 - MEDIAL_WEIGHT) * half_s(1))
}

/// To six decimals: enough for any tolerance, and short in the file.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
