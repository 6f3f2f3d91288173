//! One leg through one jump: when its calf muscles are on against take-off, dominance by phase, knee angle.

use super::{Jump, JumpPhase};
use crate::dominance::{Ratio, Verdict};
use crate::emg::Emg;
use crate::leg::Leg;
use crate::noise::Rest;
use crate::pushoff::{BURST_HZ, SLOW_BURST_HZ, burst, envelope_peak, noise_free};
use crate::stats::Z90;
use crate::track::AngleSeries;
use surae_trial::{DominanceSettings, EventSettings, Muscle};

/// Timing of one muscle in one jump, in ms after take-off (negative: before).
#[derive(Clone, Debug, PartialEq)]
pub struct MuscleBurst {
    /// Which.
    pub muscle: Muscle,
    /// Beginning of the burst before take-off, or why there is none.
    pub on_ms: Result<f64, &'static str>,
    /// Its end, or why there is none.
    pub off_ms: Result<f64, &'static str>,
    /// Highest envelope.
    pub peak_ms: Option<f64>,
    /// Half of the EMG from the beginning of the jump to take-off has accumulated.
    pub t50_ms: Option<f64>,
    /// EMG of the 100 ms before landing over that and the 100 ms after it.
    pub landing_preactivation_fraction: Option<f64>,
}

/// Dominance in one phase of a jump.
#[derive(Clone, Debug, PartialEq)]
pub struct JumpPhaseRatio {
    /// Which.
    pub phase: JumpPhase,
    /// Ratio of the integrals.
    pub ratio: Ratio,
    /// Class and reason.
    pub verdict: Verdict,
}

/// One leg in one jump.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JumpSide {
    /// Timing of each calf muscle.
    pub muscles: Vec<MuscleBurst>,
    /// `t50` of soleus minus that of gastrocnemius in ms: positive when gastrocnemius is first.
    pub lead_ms: Option<f64>,
    /// Interval of the lead from the model of one effort.
    pub lead_ci90_ms: Option<[f64; 2]>,
    /// Dominance by phase.
    pub phases: Vec<JumpPhaseRatio>,
    /// Knee flexion in deg at the beginning, deepest before take-off, at take-off, at landing, deepest after landing.
    pub knee_deg: [Option<f64>; 5],
    /// When the knee is most bent before take-off, in s.
    pub turn_s: Option<f64>,
}

/// Standard deviation of one muscle's t50 over a push-off of half a second, from the randomness of EMG; scaled from the 8 ms of a
/// sprint window of 0.25 s by the square root of the length.
const T50_SD_MS: f64 = 8.0;
const T50_WINDOW_S: f64 = 0.25;
/// Window after landing in which the knee bends most, in s.
const LANDING_S: f64 = 0.6;

/// One leg through a jump. `muscles` are its calf channels with rest level and head weight.
#[must_use]
pub fn jump_side(
    jump: &Jump,
    muscles: &[(&Emg, Rest, f64)],
    leg: Option<&Leg<'_>>,
    knee: Option<&AngleSeries>,
    events: &EventSettings,
    dominance: &DominanceSettings,
) -> JumpSide {
    let from_s = jump.contact_s.map_or(jump.begins_s(), |contact| contact - events.lead_window_s);
    let timings: Vec<MuscleBurst> =
        muscles.iter().map(|(emg, rest, _)| timing(jump, emg, rest, from_s, events)).collect();
    let lead_ms = lead(muscles, &timings);
    let sd = T50_SD_MS * ((jump.take_off_s - from_s) / T50_WINDOW_S).max(1.0).sqrt();
    let half = Z90 * sd * 2.0_f64.sqrt();
    let mut windows: Vec<JumpPhase> =
        jump.phases.iter().copied().filter(|phase| !matches!(phase.name, "flight" | "landing")).collect();
    if windows.is_empty() {
        windows.push(JumpPhase { name: "push_off", from_s, to_s: jump.take_off_s });
    }
    let before = (jump.landing_s - events.preactivation_s).max(jump.take_off_s);
    windows.push(JumpPhase { name: "before_landing", from_s: before, to_s: jump.landing_s });
    let phases = leg.map_or_else(Vec::new, |leg| {
        let ratio = |phase: &JumpPhase| leg.levels(&[(phase.from_s, phase.to_s)]).ratio();
        windows
            .iter()
            .map(|phase| {
                let ratio = ratio(phase);
                JumpPhaseRatio {
                    phase: *phase,
                    verdict: leg.verdict(&ratio, dominance.class_threshold),
                    ratio,
                }
            })
            .collect()
    });
    let at = |time_s: f64| knee.map(|k| k.at(time_s)).filter(|v| v.is_finite());
    let deepest = |from_s, to_s| knee.and_then(|k| most_bent(k, from_s, to_s));
    let turn = deepest(jump.begins_s(), jump.take_off_s);
    JumpSide {
        muscles: timings,
        lead_ci90_ms: lead_ms.map(|lead| [lead - half, lead + half]),
        lead_ms,
        phases,
        knee_deg: [
            at(jump.begins_s()),
            turn.map(|t| t.1),
            at(jump.take_off_s),
            at(jump.landing_s),
            deepest(jump.landing_s, jump.landing_s + LANDING_S).map(|t| t.1),
        ],
        turn_s: turn.map(|t| t.0),
    }
}

fn timing(jump: &Jump, emg: &Emg, rest: &Rest, from_s: f64, events: &EventSettings) -> MuscleBurst {
    let ms = |time_s: f64| (time_s - jump.take_off_s) * 1e3;
    let burst_hz = if jump.contact_s.is_some() { BURST_HZ } else { SLOW_BURST_HZ };
    let found = burst(emg, rest, from_s, jump.take_off_s, burst_hz);
    let window = events.preactivation_s;
    let landing = noise_free(emg, rest, jump.landing_s - window, jump.landing_s + window).and_then(|clean| {
        let (before, after) =
            (clean.sum(jump.landing_s - window, jump.landing_s), clean.sum(jump.landing_s, f64::INFINITY));
        (before + after > 0.0).then(|| before / (before + after))
    });
    MuscleBurst {
        muscle: emg.muscle,
        on_ms: found.onset_s.map(ms),
        off_ms: found.offset_s.map(ms),
        peak_ms: envelope_peak(emg, from_s, jump.take_off_s).map(|(at, _)| ms(emg.time_of(at))),
        t50_ms: noise_free(emg, rest, from_s, jump.take_off_s).and_then(|clean| clean.half_s(from_s)).map(ms),
        landing_preactivation_fraction: landing,
    }
}

/// Head-weighted t50 of gastrocnemius against soleus.
fn lead(muscles: &[(&Emg, Rest, f64)], timings: &[MuscleBurst]) -> Option<f64> {
    let (mut sum, mut weights, mut soleus) = (0.0, 0.0, None);
    for ((_, _, weight), timing) in muscles.iter().zip(timings) {
        if timing.muscle.is_gastrocnemius() {
            sum += weight * timing.t50_ms?;
            weights += weight;
        } else {
            soleus = timing.t50_ms;
        }
    }
    (weights > 0.0).then(|| soleus.map(|s| s - sum / weights)).flatten()
}

/// When the knee is most bent between two times, and how much.
fn most_bent(knee: &AngleSeries, from_s: f64, to_s: f64) -> Option<(f64, f64)> {
    let last = knee.deg.len() as f64;
    let from = ((from_s - knee.start_s) * knee.rate_hz).ceil().clamp(0.0, last) as usize;
    let to = ((to_s - knee.start_s) * knee.rate_hz + 1.0).floor().clamp(0.0, last) as usize;
    let most = knee.deg.get(from..to)?.iter().copied().enumerate().filter(|(_, v)| v.is_finite());
    most.max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(i, deg)| (knee.start_s + (from + i) as f64 / knee.rate_hz, deg))
}
