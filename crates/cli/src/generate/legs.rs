//! One leg over time: drive per muscle, knee angle, foot contacts or efforts.

use super::curve::{half_cosine, periodic};
use super::noise::{normal, random};
use super::scenario::{Content, Efforts, Gait};
use super::{Request, frames};
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
    /// Foot switch at the auxiliary rate, 1 on the ground; only gait scenarios have one.
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
                // A burst of the next stride may begin before its contact.
                bursts()
                    .map(|burst| {
                        let next = at + 1;
                        let early = spans.get(next).map_or(0.0, |span| {
                            span.factor[m] * burst.at((percent - 100.0) * length(&spans[at]) / length(span))
                        });
                        spans[at].factor[m] * burst.at(percent) + early
                    })
                    .sum()
            });
        }
        let aux_frames = (request.duration_s * gait.aux_rate_hz).round() as usize;
        let knee = sampled(aux_frames, gait.aux_rate_hz, &spans, |_, percent| {
            (periodic(gait.knee, percent) * 100.0).round() / 100.0
        });
        let switch = (0..aux_frames)
            .map(|k| {
                let time_s = k as f64 / gait.aux_rate_hz;
                let down = spans.iter().any(|span| (span.start_s..span.off_s).contains(&time_s));
                f64::from(u8::from(down))
            })
            .collect();
        Self { side, drive, knee_deg: knee, switch: Some(switch), aux_rate_hz: gait.aux_rate_hz, spans }
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
        let bent = request.knee_deg.clamp(0.0, 110.0);
        let level = |muscle: Muscle| match muscle {
            Muscle::SOL => efforts.level * (efforts.soleus_per_deg * bent).exp(),
            Muscle::TA => COACTIVATION,
            _ => efforts.level * (-efforts.gastrocnemius_per_deg * bent).exp(),
        };
        let mut drive: [Vec<f64>; 4] = Default::default();
        for (m, muscle) in MUSCLES.into_iter().enumerate() {
            drive[m] = (0..frames(request))
                .map(|k| {
                    let time_s = k as f64 / request.rate_hz;
                    let active = spans.iter().find(|span| (span.start_s..span.end_s).contains(&time_s));
                    active.map_or(0.0, |span| {
                        let edge = (time_s - span.start_s).min(span.end_s - time_s) / efforts.ramp_s;
                        level(muscle) * span.factor[m] * half_cosine(edge)
                    })
                })
                .collect();
        }
        let aux_rate_hz = 100.0;
        let knee_deg = (0..(request.duration_s * aux_rate_hz).round() as usize)
            .map(|k| {
                // Slow sway of 1 deg (chosen).
                let sway = (std::f64::consts::TAU * 0.3 * k as f64 / aux_rate_hz).sin();
                ((request.knee_deg + sway) * 100.0).round() / 100.0
            })
            .collect();
        Self { side, drive, knee_deg, switch: None, aux_rate_hz, spans }
    }

    /// The strides that lie wholly within the trial, or the efforts.
    pub fn whole_spans(&self, duration_s: f64) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(move |span| span.start_s >= 0.0 && span.end_s < duration_s)
    }
}

fn purpose_of(side: Side, purpose: u64) -> u64 {
    purpose + 64 * (1 + side as u64)
}

fn length(span: &Span) -> f64 {
    span.end_s - span.start_s
}

/// Strides that cover the trial and one more at each end; the left leg is half a stride later.
fn strides(request: &Request, side: Side, gait: &Gait) -> Vec<Span> {
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

fn factors(random: &mut ChaCha8Rng) -> [f64; 4] {
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
