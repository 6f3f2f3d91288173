//! What was put into a generated trial, as JSON beside it (`surae.truth/1`).

use super::legs::{Leg, MUSCLES, SOLEUS, Span};
use super::scenario::Content;
use super::{MAXIMUM_UV, Request, Scenario, Shwedyk};
use serde::Serialize;
use std::collections::BTreeMap;

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

fn phases(scenario: Scenario) -> &'static [Phase] {
    if scenario == Scenario::Walk { &WALKING } else { &RUNNING }
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
    sides: BTreeMap<&'static str, SideTruth>,
}

#[derive(Debug, Serialize)]
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
    /// Time of half of the soleus drive minus that of gastrocnemius, contact - 150 ms to foot off, per whole stride.
    gastrocnemius_lead_ms: Vec<f64>,
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
        let (sources, gait) = match request.scenario.content() {
            Content::Gait(gait) => (gait.sources, true),
            Content::Efforts(efforts) => (efforts.sources, false),
        };
        let sides = legs.iter().map(|leg| (leg.side.name(), SideTruth::new(request, leg, gait))).collect();
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
            sides,
        }
    }
}

impl SideTruth {
    fn new(request: &Request, leg: &Leg, gait: bool) -> Self {
        let rate_hz = request.rate_hz;
        let within = |times: &mut dyn Iterator<Item = f64>| -> Vec<f64> {
            times.filter(|t| (0.0..request.duration_s).contains(t)).map(round).collect()
        };
        let whole: Vec<&Span> = leg.whole_spans(request.duration_s).collect();
        if !gait {
            let efforts = whole
                .iter()
                .map(|span| EffortTruth {
                    start_s: round(span.start_s),
                    end_s: round(span.end_s),
                    knee_deg: request.knee_deg,
                    balance: Balance::over(leg, &[(span.start_s, span.end_s)], rate_hz),
                })
                .collect();
            return Self { efforts, ..Self::empty() };
        }
        let by_phase = phases(request.scenario)
            .iter()
            .map(|phase| {
                let windows: Vec<(f64, f64)> = whole.iter().map(|span| phase.window(span)).collect();
                PhaseTruth { phase: phase.name, balance: Balance::over(leg, &windows, rate_hz) }
            })
            .collect();
        Self {
            contacts_s: within(&mut leg.spans.iter().map(|span| span.start_s)),
            offs_s: within(&mut leg.spans.iter().map(|span| span.off_s)),
            stride_times_s: whole.iter().map(|span| round(span.end_s - span.start_s)).collect(),
            contact_times_s: whole.iter().map(|span| round(span.off_s - span.start_s)).collect(),
            drive: MUSCLES
                .iter()
                .enumerate()
                .map(|(m, muscle)| (muscle.short(), mean_curve(&leg.drive[m], &whole, rate_hz)))
                .collect(),
            by_phase,
            efforts: Vec::new(),
            gastrocnemius_lead_ms: whole
                .iter()
                .map(|span| round(1000.0 * lead_s(leg, span, rate_hz)))
                .collect(),
        }
    }

    fn empty() -> Self {
        Self {
            contacts_s: Vec::new(),
            offs_s: Vec::new(),
            stride_times_s: Vec::new(),
            contact_times_s: Vec::new(),
            drive: BTreeMap::new(),
            by_phase: Vec::new(),
            efforts: Vec::new(),
            gastrocnemius_lead_ms: Vec::new(),
        }
    }
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
