//! A report in sentences: each result with its number, its unit and its doubt, most telling first.
//!
//! Made from the report alone, so that a report read back from JSON says the same. Never advice, never a norm, never
//! force or injury (METHOD R10). What cannot be said is said with its reason, last.

use crate::dominance::{Bound, Reason};
use crate::pushoff::{ENOUGH_CONTACTS, LeadSummary};
use crate::report::{AngleReport, Interval, PhaseReport, PushOffReport, Report, SideReport};
use crate::words::{self, ratio_words, signed};
use surae_trial::{NormalisationKind, Side};

/// A bin of knee angle is told from this many efforts on.
const FEWEST_EFFORTS: usize = 3;
/// From this flexion on the knee is called bent.
const BENT_DEG: f64 = 45.0;

/// The sentences of a report.
#[must_use]
pub fn of(report: &Report) -> Vec<String> {
    let mut legs: Vec<(Side, &SideReport)> =
        Side::BOTH.into_iter().filter_map(|side| Some((side, report.sides.of(side)?))).collect();
    // The leg that answers the question comes first.
    legs.sort_by_key(|(_, leg)| (leg.dominance.is_none(), leg.muscles.is_empty()));
    let each = |say: &dyn Fn(Side, &SideReport) -> Vec<String>| -> Vec<String> {
        legs.iter().flat_map(|(side, leg)| say(*side, leg)).collect()
    };
    let mut said = each(&|side, leg| lead(side, leg).into_iter().collect());
    said.extend(each(&|side, leg| bent_knee(side, leg).into_iter().collect()));
    said.extend(each(&phases));
    said.extend(side_difference(report));
    crate::review::jump_sentences(&report.jumps, &mut said);
    said.extend(each(&|side, leg| most_used_angle(side, leg).into_iter().collect()));
    said.extend(each(&crate::review::effort_sentences));
    said.extend(each(&|side, leg| peaks(side, leg).into_iter().collect()));
    said.extend(each(&|side, leg| strides(report, side, leg).into_iter().collect()));
    said.extend(each(&push_offs));
    said.extend(each(&|side, leg| quality(report, side, leg).into_iter().collect()));
    said.extend(each(&|side, leg| no_dominance(report, side, leg).into_iter().collect()));
    said
}

/// The legs against each other in the phase of the push-off; where that is not known, in the first phase that is.
fn side_difference(report: &Report) -> Option<String> {
    let push = |phase: &str| matches!(phase, "terminal_stance" | "second_half_of_contact");
    let rows = &report.side_difference;
    let row = rows.iter().find(|row| push(&row.phase)).or(rows.first())?;
    let [low, high] = row.log_ratio_difference_ci90;
    Some(format!(
        "Legs, {}: gastrocnemius to soleus on the left is {:.2} times that on the right (90 % interval {:.2} \u{2026} {:.2}){}.",
        phase_name(&row.phase),
        row.log_ratio_difference.exp(),
        low.exp(),
        high.exp(),
        if low <= 0.0 && high >= 0.0 { ": no clear difference" } else { "" }
    ))
}

/// Why a leg with EMG has no dominance.
fn no_dominance(report: &Report, side: Side, leg: &SideReport) -> Option<String> {
    if leg.dominance.is_some() || leg.muscles.is_empty() {
        return None;
    }
    report.reason(&format!("sides.{side}.dominance")).map(str::to_owned)
}

/// A phase in words.
fn phase_name(name: &str) -> String {
    name.replace("pre_", "pre-").replace("mid_", "mid-").replace('_', " ")
}

fn leg_name(side: Side) -> &'static str {
    if side == Side::Left { "Left" } else { "Right" }
}

fn lead(side: Side, leg: &SideReport) -> Option<String> {
    let found = leg.lead_summary.as_ref()?;
    let summary = LeadSummary { median_ms: found.median_ms, ci90_ms: found.ci90_ms, n: found.n };
    let sentence = words::lead(side, &summary);
    Some(if found.n < ENOUGH_CONTACTS {
        let rest = sentence.trim_end_matches('.');
        format!("{rest}; {ENOUGH_CONTACTS} contacts make a firm answer.")
    } else {
        sentence
    })
}

/// The most bent knee bin against the straight knee: the answer to the angle test.
fn bent_knee(side: Side, leg: &SideReport) -> Option<String> {
    let dominance = leg.dominance.as_ref()?;
    let told = |bin: &&AngleReport| {
        bin.n_efforts >= FEWEST_EFFORTS && bin.knee_deg >= BENT_DEG && bin.log_ratio_change.is_some()
    };
    let bin = dominance.by_angle.iter().filter(told).max_by(|a, b| a.knee_deg.total_cmp(&b.knee_deg))?;
    let change = bin.log_ratio_change?;
    let heads = match (bin.g_ratio, bin.s_ratio) {
        (Some(g), Some(s)) => format!(
            "gastrocnemius at {:.0} % and soleus at {:.0} % of their own activity with the knee straight; ",
            100.0 * g,
            100.0 * s
        ),
        _ => String::new(),
    };
    let interval = match (bin.bound, bin.log_ratio_change_ci90) {
        (Bound::None, [Some(low), Some(high)]) => {
            format!("{:.2} (90 % interval {:.2} \u{2026} {:.2})", change.exp(), low.exp(), high.exp())
        }
        (Bound::Upper, _) => format!("at most {:.2}", change.exp()),
        (Bound::Lower, _) => format!("at least {:.2}", change.exp()),
        _ => return None,
    };
    let flag = match bin.angle_flag.as_deref() {
        Some("inside") => "; inside published group means",
        Some("outside_published_group_means") => "; outside published group means",
        _ => "",
    };
    Some(format!(
        "{} leg, knee at {:.0}\u{b0}: {heads}their ratio changes by a factor of {interval}, {} efforts{flag}.",
        leg_name(side),
        bin.knee_deg,
        bin.n_efforts
    ))
}

/// Where there are no phases: the knee angle at which the calf was active longest.
fn most_used_angle(side: Side, leg: &SideReport) -> Option<String> {
    let dominance = leg.dominance.as_ref().filter(|dominance| dominance.by_phase.is_empty())?;
    let told = |bin: &&AngleReport| bin.n_efforts >= FEWEST_EFFORTS && bin.dominance.is_some();
    let bin = dominance.by_angle.iter().filter(told).max_by(|a, b| a.active_s.total_cmp(&b.active_s))?;
    let d = ratio_with_doubt(bin.dominance, bin.log_ratio, bin.bound, bin.dominance_ci90)?;
    let kinds = ["MG", "LG", "GAS", "SOL"].iter().filter_map(|name| leg.muscles.get(*name));
    let relative = if kinds.map(|muscle| muscle.normalisation.kind).all(NormalisationKind::supports_dominance)
    {
        words::CAVEAT
    } else {
        "each relative to its own peak in this trial, which says earlier or later only"
    };
    Some(format!(
        "{} leg, knee at {:.0}\u{b0}, where the calf was active longest ({:.1} s, {} efforts): {d}; {relative}.",
        leg_name(side),
        bin.knee_deg,
        bin.active_s,
        bin.n_efforts
    ))
}

/// `D 0.12 (90 % interval 0.02 … 0.22)`, or the bound in ratios.
fn ratio_with_doubt(
    dominance: Option<f64>,
    log_ratio: Option<f64>,
    bound: Bound,
    ci90: Interval,
) -> Option<String> {
    match (dominance, bound, ci90) {
        (Some(d), Bound::None, [Some(low), Some(high)]) => Some(format!(
            "D {} (90 % interval {} \u{2026} {})",
            signed(d, 2),
            signed(low, 2),
            signed(high, 2)
        )),
        (_, Bound::Upper, _) => Some(format!("gastrocnemius to soleus at most {}", ratio_words(log_ratio?))),
        (_, Bound::Lower, _) => Some(format!("gastrocnemius to soleus at least {}", ratio_words(log_ratio?))),
        _ => None,
    }
}

/// A sentence for each phase with a class; one for all phases without, with the reasons.
fn phases(side: Side, leg: &SideReport) -> Vec<String> {
    let Some(dominance) = &leg.dominance else { return Vec::new() };
    let rows = &dominance.by_phase;
    let mut said: Vec<String> =
        rows.iter().filter(|row| row.reason.is_none()).filter_map(|row| phase(side, leg, row)).collect();
    let mut reasons: Vec<(Reason, Vec<String>)> = Vec::new();
    for row in rows {
        let Some(reason) = row.reason else { continue };
        let name = phase_name(&row.phase);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    said.extend(reasons.iter().map(|(reason, names)| {
        format!(
            "{} leg, {}: not clear which muscle is more active: {}.",
            leg_name(side),
            names.join(", "),
            words::reason(*reason)
        )
    }));
    said
}

fn phase(side: Side, leg: &SideReport, row: &PhaseReport) -> Option<String> {
    let d = ratio_with_doubt(row.dominance, row.log_ratio, row.bound, row.dominance_ci90)?;
    let n = leg.cycles.n;
    Some(format!(
        "{} leg, {} ({:.0} to {:.0} % of the cycle, {n} {}): {}, {d}; {}.",
        leg_name(side),
        phase_name(&row.phase),
        row.from_percent,
        row.to_percent,
        if n == 1 { "stride" } else { "strides" },
        words::headline(row.class).to_lowercase(),
        words::CAVEAT,
    ))
}

/// When in the stride each muscle of the calf is most active.
fn peaks(side: Side, leg: &SideReport) -> Option<String> {
    let parts: Vec<String> = ["MG", "LG", "GAS", "SOL"]
        .iter()
        .filter_map(|name| {
            let muscle = leg.muscles.get(*name)?;
            let percent = muscle.peak_percent_cycle.filter(|_| muscle.peak.is_some_and(|peak| peak > 0.0))?;
            let repeat = muscle.cmc.map_or(String::new(), |cmc| format!(" (repeatability {cmc:.2})"));
            Some(format!("{name} at {percent:.0} %{repeat}"))
        })
        .collect();
    let n = leg.cycles.n;
    let strides = if n == 1 { "one stride, no spread".to_owned() } else { format!("mean of {n} strides") };
    (!parts.is_empty()).then(|| {
        format!("{} leg, most active in the stride: {}; {strides}.", leg_name(side), parts.join(", "))
    })
}

fn strides(report: &Report, side: Side, leg: &SideReport) -> Option<String> {
    let cycles = &leg.cycles;
    let stride_s = cycles.stride_time_s?;
    let source = report.events.iter().find(|event| event.chosen && event.side == Some(side))?.source;
    let cv = cycles
        .stride_time_cv_percent
        .map_or("one stride, no spread".to_owned(), |cv| format!("variation {cv:.1} %"));
    let stance = cycles.stance_percent.map_or(String::new(), |stance| format!(", stance {stance:.1} %"));
    let cadence =
        cycles.cadence_steps_per_min.map_or(String::new(), |steps| format!(", cadence {steps:.0} steps/min"));
    Some(format!(
        "{} leg: {} {} of {stride_s:.3} s ({cv}){stance}{cadence}; contacts from the {}.",
        leg_name(side),
        cycles.n,
        if cycles.n == 1 { "stride" } else { "strides" },
        source.name().replace('_', " ")
    ))
}

fn push_offs(side: Side, leg: &SideReport) -> Vec<String> {
    let measured = |push_off: &&PushOffReport| push_off.gastrocnemius_lead_ms.is_some();
    let numbered = leg.pushoffs.iter().enumerate().filter(|(_, push_off)| measured(push_off));
    numbered.filter_map(|(at, push_off)| self::push_off(side, at + 1, push_off)).collect()
}

/// True for the sentence of a single push-off: there is one a contact, too many to head a report.
#[must_use]
pub fn is_of_one_push_off(sentence: &str) -> bool {
    sentence.starts_with("Left push-off ") || sentence.starts_with("Right push-off ")
}

/// One push-off: who was first, knee at foot off, signal quality. `None` without a lead.
#[must_use]
pub fn push_off(side: Side, number: usize, push_off: &PushOffReport) -> Option<String> {
    if !push_off.rejected.is_empty() {
        return None;
    }
    let lead_ms = push_off.gastrocnemius_lead_ms?;
    let [Some(low), Some(high)]: Interval = push_off.lead_ci90_ms else { return None };
    Some(contact(side, number, lead_ms, [low, high], push_off.knee_at_off_deg, push_off.quality.as_deref()))
}

fn contact(
    side: Side,
    number: usize,
    lead_ms: f64,
    [low, high]: [f64; 2],
    knee_at_off_deg: Option<f64>,
    grade: Option<&str>,
) -> String {
    let who = match words::lead_call([low, high]) {
        "Gastrocnemius first" => {
            format!(
                "gastrocnemius first by {} ms (90 % interval {} \u{2026} {})",
                signed(lead_ms, 0),
                signed(low, 0),
                signed(high, 0)
            )
        }
        "Soleus first" => format!(
            "soleus first by {} ms (90 % interval {} \u{2026} {})",
            signed(-lead_ms, 0),
            signed(-high, 0),
            signed(-low, 0)
        ),
        _ => format!(
            "no clear lead, {} ms (90 % interval {} \u{2026} {})",
            signed(lead_ms, 0),
            signed(low, 0),
            signed(high, 0)
        ),
    };
    let knee =
        knee_at_off_deg.map_or(String::new(), |deg| format!("; knee {}\u{b0} at foot off", signed(deg, 0)));
    let quality = grade.map_or("not graded".to_owned(), |grade| format!("quality {grade}"));
    format!("{} push-off {number}: {who}{knee}; signal {quality}.", leg_name(side))
}

/// Channels of the calf that are not good, with the reasons.
fn quality(report: &Report, side: Side, leg: &SideReport) -> Option<String> {
    let channels = report.trial.streams.iter().flat_map(|stream| &stream.channels);
    let mut doubtful: Vec<String> = Vec::new();
    for channel in channels.filter(|channel| channel.side == Some(side)) {
        let (Some(muscle), Some(found)) = (channel.muscle, &channel.quality) else { continue };
        let analysed = leg.muscles.get(muscle.short()).is_some_and(|m| m.label == channel.label);
        if muscle.is_triceps_surae() && analysed && found.grade != "good" {
            let snr = found.snr_db.map_or(String::new(), |db| format!(", SNR {db:.0} dB"));
            let why = found.reasons.join("; ");
            doubtful.push(format!("{} {}{snr} ({why})", muscle.short(), found.grade));
        }
    }
    (!doubtful.is_empty())
        .then(|| format!("{} leg, signal quality: {}.", leg_name(side), doubtful.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReviewOptions, review};
    use surae_trial::Trial;

    fn said(side: Side, lead_ms: f64) -> String {
        contact(side, 3, lead_ms, [lead_ms - 14.0, lead_ms + 14.0], Some(13.0), Some("fair"))
    }

    #[test]
    fn a_push_off_says_who_by_how_much_how_sure_and_where_the_knee_is() {
        assert_eq!(
            said(Side::Right, 52.0),
            "Right push-off 3: gastrocnemius first by 52 ms (90 % interval 38 \u{2026} 66); knee 13\u{b0} at foot off; signal quality fair."
        );
        let soleus = said(Side::Left, -52.0);
        assert!(soleus.contains("soleus first by 52 ms (90 % interval 38 \u{2026} 66)"), "{soleus}");
        assert!(said(Side::Left, 3.0).contains("no clear lead"));
    }

    #[test]
    fn an_empty_trial_says_nothing() {
        let model = review(&Trial::default(), None, None, &ReviewOptions::default());
        assert!(of(&model.report).is_empty());
    }
}
