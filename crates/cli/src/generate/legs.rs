//! One leg over time: drive per muscle, knee angle, foot contacts or efforts.

use super::curve::{half_cosine, periodic};
use super::noise::{normal, random};
use super::scenario::{Acceleration, Content, Efforts, Gait};
use super::{Request, frames, jumps};
use rand_chacha::ChaCha8Rng;
use surae_trial::{Muscle, Side};

/// The muscles of a generated leg, in channel order.
pub const MUSCLES: [Muscle; 4] = [Muscle::MG, Muscle::LG, Muscle::SOL, Muscle::TA];
/// Position of soleus in [`MUSCLES`].
pub const SOLEUS: usize = 2;
/// Variation of burst levels from stride to stride: common to all muscles, and each muscle's own (chosen).
const LEVEL_CV: (f64, f64) = (0.08, 0.05);
/// Highest drive of tibialis anterior during plantar flexion efforts (chosen).
const COACTIVATION: f64 = 0.04;

/// How long before its first contact a foot leaves the ground at a start from standing, in s (chosen).
const LIFTED_BEFORE_FIRST_S: f64 = 0.25;
/// Knee flexion in quiet standing, in deg (chosen).
const STANDING_KNEE_DEG: f64 = 5.0;

/// One stride or one effort.
#[derive(Clone, Debug)]
pub struct Span {
    /// Foot contact, or start of the effort, in s.
    pub start_s: f64,
    /// Foot off, or start of the fall of the effort, in s.
    pub off_s: f64,
    /// Next contact, or end of the effort, in s.
    pub end_s: f64,
    /// Level factor of each muscle.
    factor: [f64; 4],
}

/// One leg.
pub struct Leg {
    /// Side.
    pub side: Side,
    /// Drive of each muscle of [`MUSCLES`] at the EMG rate, as a fraction of its own maximum.
    pub drive: [Vec<f64>; 4],
    /// Knee flexion at the auxiliary rate, rounded to 0.01 deg.
    pub knee_deg: Vec<f64>,
    /// Foot switch at the auxiliary rate, 1 on the ground; only scenarios with contacts have one.
    pub switch: Option<Vec<f64>>,
    /// Rate of the two above.
    pub aux_rate_hz: f64,
    /// Strides or efforts; strides also before the start and after the end of the trial.
    pub spans: Vec<Span>,
}

impl Leg {
    /// The leg of one side.
    pub fn new(request: &Request, side: Side) -> Self {
        match request.scenario.content() {
            Content::Gait(gait) => Self::walking(request, side, &gait),
            Content::Efforts(efforts) => Self::working(request, side, &efforts),
            Content::Jumps(jumps) => jumps::Timeline::new(request, &jumps).leg(request, side),
            Content::Steps(steps) => steps.leg(request, side),
        }
    }

    /// Number of the random stream for one purpose of this leg.
    pub fn purpose(&self, purpose: u64) -> u64 {
        purpose_of(self.side, purpose)
    }

    fn walking(request: &Request, side: Side, gait: &Gait) -> Self {
        let spans = strides(request, side, gait);
        let mut drive: [Vec<f64>; 4] = Default::default();
        for (m, muscle) in MUSCLES.into_iter().enumerate() {
            let bursts = || gait.bursts.iter().filter(|(of, _)| *of == muscle).map(|(_, burst)| burst);
            drive[m] = sampled(frames(request), request.rate_hz, &spans, |at, percent| {
                let warped = gait.warped(&spans[at], percent);
                // A burst of the next stride may begin before its contact.
                bursts()
                    .map(|burst| {
                        let next = at + 1;
                        let early = spans.get(next).map_or(0.0, |span| {
                            span.factor[m] * burst.at((percent - 100.0) * length(&spans[at]) / length(span))
                        });
                        spans[at].factor[m] * burst.at(warped) + early
                    })
                    .sum()
            });
            let stands_until = gait.acceleration.map_or(f64::NEG_INFINITY, |a| a.standing_s);
            let quiet = (stands_until * request.rate_hz).max(0.0) as usize;
            drive[m].iter_mut().take(quiet).for_each(|value| *value = 0.0);
        }
        let aux_frames = (request.duration_s * gait.aux_rate_hz).round() as usize;
        let knee = sampled(aux_frames, gait.aux_rate_hz, &spans, |at, percent| {
            (periodic(gait.knee, gait.warped(&spans[at], percent)) * 100.0).round() / 100.0
        });
        let switch = (0..aux_frames)
            .map(|k| {
                let time_s = k as f64 / gait.aux_rate_hz;
                let stands = match (gait.acceleration, spans.first()) {
                    (Some(_), Some(first)) => time_s < first.start_s - LIFTED_BEFORE_FIRST_S,
                    _ => false,
                };
                let down = stands || spans.iter().any(|span| (span.start_s..span.off_s).contains(&time_s));
                f64::from(u8::from(down))
            })
            .collect();
        let switch = gait.contacts.then_some(switch);
        Self { side, drive, knee_deg: knee, switch, aux_rate_hz: gait.aux_rate_hz, spans }
    }

    fn working(request: &Request, side: Side, efforts: &Efforts) -> Self {
        let mut levels = random(request.seed, purpose_of(side, 16));
        let mut spans = Vec::new();
        let mut start_s = efforts.quiet_s;
        while start_s + efforts.effort_s + efforts.rest_s / 2.0 <= request.duration_s {
            let end_s = start_s + efforts.effort_s;
            let factor = factors(&mut levels);
            spans.push(Span { start_s, off_s: end_s - efforts.ramp_s, end_s, factor });
            start_s = end_s + efforts.rest_s;
        }
        let (gastrocnemius_per_deg, soleus_per_deg) = request
            .law
            .map_or((efforts.gastrocnemius_per_deg, efforts.soleus_per_deg), |law| (law[0], law[1]));
        let level = |muscle: Muscle, knee_deg: f64| match (muscle, knee_deg.clamp(0.0, 110.0)) {
            (Muscle::SOL, bent) => efforts.level * (soleus_per_deg * bent).exp(),
            (Muscle::TA, _) => COACTIVATION,
            (_, bent) => efforts.level * (-gastrocnemius_per_deg * bent).exp(),
        };
        // A squat bends and stretches the knee along with the effort; otherwise it is held.
        let knee_at = |time_s: f64| {
            let active = spans.iter().find(|span| (span.start_s..span.end_s).contains(&time_s));
            match (efforts.squat_deg, active) {
                (None, _) => request.knee_deg,
                (Some(_), None) => STANDING_KNEE_DEG,
                (Some(depth), Some(span)) => {
                    let edge = (time_s - span.start_s).min(span.end_s - time_s) / efforts.ramp_s;
                    STANDING_KNEE_DEG + (depth - STANDING_KNEE_DEG) * half_cosine(edge)
                }
            }
        };
        let tired = |time_s: f64| {
            request.fatigue.map_or(1.0, |f| 1.0 + (f.drive_at_end - 1.0) * time_s / request.duration_s)
        };
        let mut drive: [Vec<f64>; 4] = Default::default();
        for (m, muscle) in MUSCLES.into_iter().enumerate() {
            drive[m] = (0..frames(request))
                .map(|k| {
                    let time_s = k as f64 / request.rate_hz;
                    let active = spans.iter().find(|span| (span.start_s..span.end_s).contains(&time_s));
                    active.map_or(0.0, |span| {
                        let edge = (time_s - span.start_s).min(span.end_s - time_s) / efforts.ramp_s;
                        level(muscle, knee_at(time_s)) * span.factor[m] * half_cosine(edge) * tired(time_s)
                    })
                })
                .collect();
        }
        let aux_rate_hz = 100.0;
        let knee_deg = (0..(request.duration_s * aux_rate_hz).round() as usize)
            .map(|k| {
                // Slow sway of 1 deg (chosen).
                let time_s = k as f64 / aux_rate_hz;
                let sway = (std::f64::consts::TAU * 0.3 * time_s).sin();
                ((knee_at(time_s) + sway) * 100.0).round() / 100.0
            })
            .collect();
        Self { side, drive, knee_deg, switch: None, aux_rate_hz, spans }
    }

    /// The strides that lie wholly within the trial, or the efforts.
    pub fn whole_spans(&self, duration_s: f64) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(move |span| span.start_s >= 0.0 && span.end_s < duration_s)
    }
}

pub fn purpose_of(side: Side, purpose: u64) -> u64 {
    purpose + 64 * (1 + side as u64)
}

fn length(span: &Span) -> f64 {
    span.end_s - span.start_s
}

/// Strides that cover the trial and one more at each end; the left leg is half a stride later.
fn strides(request: &Request, side: Side, gait: &Gait) -> Vec<Span> {
    if let Some(acceleration) = gait.acceleration {
        return accelerating(request, side, gait, &acceleration);
    }
    // Both legs share their stride times: the steps alternate.
    let mut timing = random(request.seed, 1);
    let mut levels = random(request.seed, purpose_of(side, 16));
    let lag = if side == Side::Left { 0.5 } else { 0.0 };
    let mut start_s = (0.35 - 2.0 + lag) * gait.stride_s;
    let mut spans = Vec::new();
    while start_s < request.duration_s + gait.stride_s {
        let stride_s = gait.stride_s * (1.0 + gait.stride_cv * normal(&mut timing).clamp(-3.0, 3.0));
        let end_s = start_s + stride_s;
        let off_s = start_s + stride_s * gait.stance_percent / 100.0;
        spans.push(Span { start_s, off_s, end_s, factor: factors(&mut levels) });
        start_s = end_s;
    }
    spans
}

/// Steps that grow shorter on the ground and longer in the air; the legs take turns, the right foot first.
fn accelerating(request: &Request, side: Side, gait: &Gait, a: &Acceleration) -> Vec<Span> {
    let mut timing = random(request.seed, 1);
    let mut levels = random(request.seed, purpose_of(side, 16));
    let (mut contacts, mut start_s) = (Vec::new(), a.standing_s);
    for step in 0.. {
        let progress = 1.0 - (-f64::from(step) / a.steps).exp();
        let vary = 1.0 + gait.stride_cv * normal(&mut timing).clamp(-3.0, 3.0);
        let contact_s = (a.contact_s[0] + (a.contact_s[1] - a.contact_s[0]) * progress) * vary;
        let flight_s = (a.flight_s[0] + (a.flight_s[1] - a.flight_s[0]) * progress) * vary;
        contacts.push((start_s, start_s + contact_s));
        start_s += contact_s + flight_s;
        if start_s > request.duration_s + 2.0 {
            break;
        }
    }
    let first = usize::from(side == Side::Left);
    let own: Vec<(f64, f64)> = contacts.into_iter().skip(first).step_by(2).collect();
    own.windows(2)
        .map(|pair| Span {
            start_s: pair[0].0,
            off_s: pair[0].1,
            end_s: pair[1].0,
            factor: factors(&mut levels),
        })
        .collect()
}

impl Gait {
    /// Percent of the cycle in which curves and bursts are written: where contact and flight change from step to step, contact
    /// and flight are each stretched to their own share.
    fn warped(&self, span: &Span, percent: f64) -> f64 {
        if self.acceleration.is_none() {
            return percent;
        }
        let off = 100.0 * (span.off_s - span.start_s) / length(span);
        let stance = self.stance_percent;
        match percent {
            p if p < 0.0 => p.max(-100.0 + stance),
            p if p < off => p * stance / off,
            p => stance + (p - off) * (100.0 - stance) / (100.0 - off),
        }
    }
}

pub fn factors(random: &mut ChaCha8Rng) -> [f64; 4] {
    let common = LEVEL_CV.0 * normal(random);
    std::array::from_fn(|_| (common + LEVEL_CV.1 * normal(random)).exp())
}

/// Samples `value(stride, percent)` over the trial.
fn sampled(
    frames: usize,
    rate_hz: f64,
    spans: &[Span],
    mut value: impl FnMut(usize, f64) -> f64,
) -> Vec<f64> {
    let mut at = 0;
    (0..frames)
        .map(|k| {
            let time_s = k as f64 / rate_hz;
            while at + 1 < spans.len() && spans[at].end_s <= time_s {
                at += 1;
            }
            value(at, 100.0 * (time_s - spans[at].start_s) / length(&spans[at]))
        })
        .collect()
}
