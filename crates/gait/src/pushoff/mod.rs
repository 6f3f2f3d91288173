//! Push-offs: who was first at each contact, how much came before it, and dominance in its phases (METHOD R8, R9).
//!
//! Needs raw EMG: an envelope has lost the timing. Says nothing about better, force or injury.

mod timing;

use timing::Search;
pub use timing::{BURST_HZ, MuscleTiming, SLOW_BURST_HZ, why};
pub(crate) use timing::{burst, envelope_peak, noise_free};

use crate::dominance::{Ratio, Verdict};
use crate::emg::Emg;
use crate::leg::Leg;
use crate::noise::Rest;
use crate::stats::{Z90, mean_ci90, median};
use crate::track::AngleSeries;
use surae_trial::{DominanceSettings, EventSettings};

/// Standard deviation of one muscle's t50 from the randomness of EMG, by simulation (METHOD R8: 7-9 ms).
const T50_SD_MS: f64 = 8.0;
/// From this many contacts on, their own spread makes the interval.
pub const ENOUGH_CONTACTS: usize = 5;

/// Dominance in one phase of a contact.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactPhase {
    /// `pre_activation`; `braking` and `propulsion` where a plate tells them apart, else `first_half` and `second_half`.
    pub name: &'static str,
    /// Ratio of the integrals.
    pub ratio: Ratio,
    /// Class and reason.
    pub verdict: Verdict,
}

/// One contact of one foot.
#[derive(Clone, Debug, PartialEq)]
pub struct PushOff {
    /// Contact.
    pub contact_s: f64,
    /// Foot off; `None` when the record has none for this contact.
    pub off_s: Option<f64>,
    /// Time in the air until any foot lands; `None` without flight or without a later contact.
    pub flight_time_s: Option<f64>,
    /// Timing of each muscle of the leg.
    pub muscles: Vec<MuscleTiming>,
    /// `t50` of soleus minus that of gastrocnemius: positive when gastrocnemius is first.
    pub lead_ms: Option<f64>,
    /// Interval of the lead from the model of one contact.
    pub lead_ci90_ms: Option<[f64; 2]>,
    /// Dominance by phase; empty without a leg or a foot off.
    pub phases: Vec<ContactPhase>,
    /// Knee flexion at contact, its minimum during contact, at foot off, in deg.
    pub knee_deg: [Option<f64>; 3],
    /// Why timing is missing.
    pub reason: Option<&'static str>,
    /// Why a person rejected it; `None` when it counts.
    pub rejected: Option<String>,
}

/// Lead over several contacts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeadSummary {
    /// Median over contacts.
    pub median_ms: f64,
    /// By t over at least five contacts, else from the model.
    pub ci90_ms: [f64; 2],
    /// Contacts.
    pub n: usize,
}

/// What the windows and thresholds were, as stored with every push-off: results under different rules are not compared.
#[must_use]
pub fn window_rule(settings: &EventSettings) -> String {
    format!(
        "pre-activation: {:.0} ms before contact; braking and propulsion by the sign of the fore-aft force where a plate gives it, else \
         halves: contact to 50 % of contact time to foot off; lead: t50 of noise-subtracted \
         rectified EMG from {:.0} ms before contact to foot off; burst: 20 % of its peak under {BURST_HZ:.0} Hz, isolated by 50 ms below; \
         no electromechanical delay applied",
        settings.preactivation_s * 1e3,
        settings.lead_window_s * 1e3
    )
}

/// Inputs of one leg.
pub struct PushOffInputs<'a> {
    /// Contacts of this foot.
    pub contacts_s: &'a [f64],
    /// Offs of this foot.
    pub offs_s: &'a [f64],
    /// Ends of braking by a plate, in any order; a contact without one is split in half.
    pub braking_ends_s: &'a [f64],
    /// Contacts of the other foot.
    pub other_contacts_s: &'a [f64],
    /// Triceps surae channels of this leg with their rest level and head weight.
    pub muscles: &'a [(&'a Emg, Rest, f64)],
    /// The leg, when it has gastrocnemius and soleus.
    pub leg: Option<&'a Leg<'a>>,
    /// Knee angle.
    pub knee: Option<&'a AngleSeries>,
    /// Windows.
    pub events: &'a EventSettings,
    /// Class threshold.
    pub dominance: &'a DominanceSettings,
}

/// Push-offs of one leg, one for each contact.
#[must_use]
pub fn push_offs(inputs: &PushOffInputs<'_>) -> Vec<PushOff> {
    let contact_times: Vec<f64> = (0..inputs.contacts_s.len())
        .filter_map(|i| off_of(inputs, i).map(|off| off - inputs.contacts_s[i]))
        .collect();
    let typical = median(&contact_times);
    let untils: Vec<Option<f64>> = (0..inputs.contacts_s.len())
        .map(|at| off_of(inputs, at).or(typical.map(|t| inputs.contacts_s[at] + t)))
        .collect();
    let mut bursts = all_bursts(inputs, &untils).into_iter();
    let muscles = inputs.muscles.len();
    let untils = untils.into_iter().enumerate();
    untils
        .map(|(at, until)| one(inputs, at, until, &bursts.by_ref().take(muscles).collect::<Vec<_>>()))
        .collect()
}

/// The burst of every muscle at every contact, muscle by muscle within a contact.
fn all_bursts(inputs: &PushOffInputs<'_>, untils: &[Option<f64>]) -> Vec<timing::Burst> {
    let searches: Vec<Search<'_>> = inputs
        .contacts_s
        .iter()
        .zip(untils)
        .filter_map(|(contact, until)| Some((contact - inputs.events.lead_window_s, (*until)?)))
        .flat_map(|(from_s, to_s)| {
            inputs.muscles.iter().map(move |(emg, rest, _)| Search { emg, rest, from_s, to_s })
        })
        .collect();
    let mut found = timing::bursts(&searches, BURST_HZ).into_iter();
    let per_contact = inputs.muscles.len();
    let of = |until: &Option<f64>| match until {
        Some(_) => found.by_ref().take(per_contact).collect(),
        None => vec![timing::none(why::NOT_MEASURED); per_contact],
    };
    untils.iter().flat_map(of).collect()
}

/// The foot off that belongs to a contact: the first before the next contact of the same foot.
fn off_of(inputs: &PushOffInputs<'_>, at: usize) -> Option<f64> {
    let contact = inputs.contacts_s[at];
    let next = inputs.contacts_s.get(at + 1).copied().unwrap_or(f64::INFINITY);
    inputs.offs_s.iter().copied().find(|off| *off > contact && *off < next && off - contact < 3.0)
}

fn one(inputs: &PushOffInputs<'_>, at: usize, until: Option<f64>, bursts: &[timing::Burst]) -> PushOff {
    let contact = inputs.contacts_s[at];
    let off = off_of(inputs, at);
    let muscles: Vec<MuscleTiming> = inputs
        .muscles
        .iter()
        .zip(bursts)
        .map(|((emg, rest, _), burst)| timing::timing(emg, rest, contact, off, until, *burst, inputs.events))
        .collect();
    let lead_ms = lead(inputs, &muscles);
    let half = Z90 * T50_SD_MS * 2.0_f64.sqrt();
    let knee = |time: Option<f64>| time.and_then(|t| inputs.knee.map(|k| k.at(t))).filter(|v| v.is_finite());
    let reason = match (off, inputs.muscles.iter().any(|(emg, _, _)| emg.is_raw())) {
        (None, _) => Some("no foot off for this contact"),
        (_, false) => Some("needs raw EMG"),
        _ if lead_ms.is_none() => Some("gastrocnemius or soleus missing, or signal not whole"),
        _ => None,
    };
    PushOff {
        contact_s: contact,
        off_s: off,
        flight_time_s: off.and_then(|off| flight(inputs, contact, off)),
        lead_ci90_ms: lead_ms.map(|lead| [lead - half, lead + half]),
        lead_ms,
        phases: off.map(|off| phases(inputs, contact, off)).unwrap_or_default(),
        knee_deg: [knee(Some(contact)), off.and_then(|off| knee_min(inputs.knee?, contact, off)), knee(off)],
        muscles,
        reason,
        rejected: None,
    }
}

/// Time from foot off to the next contact of any foot; none when the other foot is already down.
fn flight(inputs: &PushOffInputs<'_>, contact: f64, off: f64) -> Option<f64> {
    if inputs.other_contacts_s.iter().any(|c| *c > contact && *c <= off) {
        return None;
    }
    inputs
        .other_contacts_s
        .iter()
        .chain(inputs.contacts_s)
        .copied()
        .filter(|c| *c > off)
        .min_by(f64::total_cmp)
        .map(|next| next - off)
        .filter(|t| *t < 1.0)
}

fn knee_min(knee: &AngleSeries, contact: f64, off: f64) -> Option<f64> {
    let last = knee.deg.len() as f64;
    let from = ((contact - knee.start_s) * knee.rate_hz).ceil().clamp(0.0, last) as usize;
    let to = ((off - knee.start_s) * knee.rate_hz + 1.0).floor().clamp(0.0, last) as usize;
    knee.deg.get(from..to)?.iter().copied().filter(|v| v.is_finite()).min_by(f64::total_cmp)
}

/// Head-weighted t50 of gastrocnemius against soleus.
fn lead(inputs: &PushOffInputs<'_>, muscles: &[MuscleTiming]) -> Option<f64> {
    let (mut sum, mut weights, mut soleus) = (0.0, 0.0, None);
    for ((_, _, weight), timing) in inputs.muscles.iter().zip(muscles) {
        if timing.muscle.is_gastrocnemius() {
            sum += weight * timing.t50_ms?;
            weights += weight;
        } else {
            soleus = timing.t50_ms;
        }
    }
    (weights > 0.0).then(|| soleus.map(|s| s - sum / weights)).flatten()
}

fn phases(inputs: &PushOffInputs<'_>, contact: f64, off: f64) -> Vec<ContactPhase> {
    let Some(leg) = inputs.leg else { return Vec::new() };
    let by_force = inputs.braking_ends_s.iter().copied().find(|t| *t > contact && *t < off);
    let names = if by_force.is_some() { ["braking", "propulsion"] } else { ["first_half", "second_half"] };
    let middle = by_force.unwrap_or(0.5 * (contact + off));
    [
        ("pre_activation", contact - inputs.events.preactivation_s, contact),
        (names[0], contact, middle),
        (names[1], middle, off),
    ]
    .into_iter()
    .map(|(name, from, to)| {
        let ratio = leg.levels(&[(from, to)]).ratio();
        ContactPhase { name, ratio, verdict: leg.verdict(&ratio, inputs.dominance.class_threshold) }
    })
    .collect()
}

/// Fewest contacts of one leg that show an acceleration.
const ENOUGH_STEPS: usize = 4;
/// Contacts that shorten by this fraction from the first to the last are those of an acceleration. A choice: steady running
/// varies by a few percent.
const SHORTENING: f64 = 0.2;

/// First and last contact time in s, when contacts shorten from step to step as in a start; `None` in steady running.
#[must_use]
pub fn accelerating(push_offs: &[PushOff]) -> Option<[f64; 2]> {
    let times: Vec<f64> = push_offs.iter().filter_map(|p| p.off_s.map(|off| off - p.contact_s)).collect();
    let (first, last) = (*times.first()?, *times.last()?);
    let falling = times.windows(2).filter(|pair| pair[1] <= 1.03 * pair[0]).count();
    let mostly = 4 * falling >= 3 * (times.len() - 1);
    (times.len() >= ENOUGH_STEPS && mostly && first - last >= SHORTENING * first).then_some([first, last])
}

/// Lead over all contacts that have one.
#[must_use]
pub fn lead_summary(push_offs: &[PushOff]) -> Option<LeadSummary> {
    let leads: Vec<f64> = push_offs.iter().filter_map(|p| p.lead_ms).collect();
    let (n, median_ms) = (leads.len(), median(&leads)?);
    let ci90_ms = if n >= ENOUGH_CONTACTS {
        mean_ci90(&leads)?.1
    } else {
        let half = Z90 * T50_SD_MS * (2.0 / n as f64).sqrt();
        [median_ms - half, median_ms + half]
    };
    Some(LeadSummary { median_ms, ci90_ms, n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::{Mode, tests::stream};
    use crate::noise::RestSource;
    use surae_trial::{Conditioning, Kind, Muscle};

    /// Noise-like EMG (a fixed sequence) under a triangular burst centred at `centre_s`.
    fn burst(muscle: Muscle, centre_s: f64, seed: u64) -> Emg {
        let mut state = seed;
        let values: Vec<f64> = (0..4000)
            .map(|i| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let noise = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
                let t = f64::from(i) / 2000.0;
                noise * (0.01 + (1.0 - (t - centre_s).abs() / 0.12).max(0.0))
            })
            .collect();
        let stream = stream(Kind::RawEmg, muscle, 2000.0, values);
        Emg::of(&stream, (0, 0), &Conditioning::default(), 0.005, Mode::ZeroPhase, &mut Vec::new())
            .unwrap()
            .unwrap()
    }

    #[test]
    fn the_lead_is_the_shift_between_bursts_and_positive_when_gastrocnemius_is_first() {
        let (mg, sol) = (burst(Muscle::MG, 1.08, 1), burst(Muscle::SOL, 1.13, 2));
        let rest = Rest { arv: 0.002, rms: 0.0025, source: RestSource::TrialPercentile };
        let muscles = [(&mg, rest, 0.69), (&sol, rest, 1.0)];
        let inputs = PushOffInputs {
            contacts_s: &[1.0, 1.9],
            offs_s: &[1.26],
            braking_ends_s: &[],
            other_contacts_s: &[1.4],
            muscles: &muscles,
            leg: None,
            knee: None,
            events: &EventSettings::default(),
            dominance: &DominanceSettings::default(),
        };
        let found = push_offs(&inputs);
        assert!((found[0].lead_ms.unwrap() - 50.0).abs() < 2.6 * 11.3, "{:?}", found[0].lead_ms);
        assert!(found[0].lead_ms.unwrap() > 20.0);
        assert!((found[0].flight_time_s.unwrap() - 0.14).abs() < 1e-9);
        assert!((found[0].muscles[0].t50_ms.unwrap() - 80.0).abs() < 20.0);
        assert!(found[0].muscles[0].onset_ms.unwrap() < 60.0);
        assert_eq!(found[1].reason, Some("no foot off for this contact"));
        assert_eq!(lead_summary(&found).unwrap().n, 1);
    }

    #[test]
    fn a_start_is_told_from_steady_running() {
        let steps = |times: &[f64]| -> Vec<PushOff> {
            let with = |(k, time): (usize, &f64)| PushOff {
                contact_s: k as f64,
                off_s: Some(k as f64 + time),
                flight_time_s: None,
                muscles: Vec::new(),
                lead_ms: None,
                lead_ci90_ms: None,
                phases: Vec::new(),
                knee_deg: [None; 3],
                reason: None,
                rejected: None,
            };
            times.iter().enumerate().map(with).collect()
        };
        let start = accelerating(&steps(&[0.19, 0.16, 0.14, 0.125, 0.115])).unwrap();
        assert!((start[0] - 0.19).abs() < 1e-9 && (start[1] - 0.115).abs() < 1e-9);
        assert_eq!(accelerating(&steps(&[0.101, 0.099, 0.1, 0.102, 0.098])), None);
        assert_eq!(accelerating(&steps(&[0.19, 0.11])), None);
        assert_eq!(accelerating(&[]), None);
    }

    #[test]
    fn five_contacts_speak_for_themselves() {
        let with = |lead: f64| PushOff {
            contact_s: 0.0,
            off_s: Some(0.2),
            flight_time_s: None,
            muscles: Vec::new(),
            lead_ms: Some(lead),
            lead_ci90_ms: None,
            phases: Vec::new(),
            knee_deg: [None; 3],
            reason: None,
            rejected: None,
        };
        let all: Vec<PushOff> = [40.0, 42.0, 44.0, 41.0, 43.0].map(with).to_vec();
        let summary = lead_summary(&all).unwrap();
        // SD 1.581, t(4 df) 2.132.
        assert!((summary.ci90_ms[1] - 42.0 - 2.132 * 1.581_1 / 5f64.sqrt()).abs() < 0.01);
        let few = lead_summary(&all[..2]).unwrap();
        assert!((few.ci90_ms[1] - 41.0 - Z90 * 8.0).abs() < 1e-9);
    }
}
