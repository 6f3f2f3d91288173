//! The canonical protocol (METHOD R13): single-leg heel raises or isometric plantar flexion at several knee angles; does
//! gastrocnemius fall when the knee bends?

use super::gates::{self, BENT_DEG, STRAIGHT_DEG};
use super::report::{BentStraightReport, BlockReport, GateReport};
use super::verdict::{Change, Says, difference, published, ratio_change, says};
use crate::dominance::Bound;
use crate::repetition::Repetition;
use crate::report::{finite, interval};
use crate::review::{ReviewOptions, review};
use crate::stats::mean;
use crate::words::signed;
use std::collections::BTreeMap;
use surae_trial::{Muscle, Profile, Settings, Side, Task, Trial};

/// One block: the trial of one knee angle.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// The trial.
    pub trial: &'a Trial,
    /// Knee flexion as stated, in deg.
    pub knee_deg: Option<f64>,
    /// Load as stated, in any one unit (kg, N m, percent of the angle's own maximum).
    pub load: Option<f64>,
}

/// How a series is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// Leg; `None`: the one with more repetitions.
    pub side: Option<Side>,
    /// Settings; `None`: those of plantar flexion.
    pub settings: Option<Settings>,
}

/// A block as measured.
pub(super) struct Measured {
    pub path: String,
    pub stated_knee_deg: Option<f64>,
    pub load: Option<f64>,
    pub repetitions: Vec<Repetition>,
    /// What is bad about which channel.
    pub bad: Vec<String>,
    /// Calf channels with their units.
    pub units: Vec<String>,
}

impl Measured {
    pub fn n(&self) -> usize {
        self.repetitions.iter().filter(|r| r.raw_ratio.is_known()).count()
    }

    /// Recorded knee flexion, else the stated one.
    pub fn angle_deg(&self) -> Option<f64> {
        mean(&self.repetitions.iter().filter_map(|r| r.knee_deg).collect::<Vec<_>>()).or(self.stated_knee_deg)
    }

    pub fn ankle_deg(&self) -> Option<f64> {
        mean(&self.repetitions.iter().filter_map(|r| r.ankle_deg).collect::<Vec<_>>())
    }

    fn ln(&self, muscle: usize) -> Vec<f64> {
        self.repetitions.iter().filter_map(|r| r.ln_amplitudes[muscle]).collect()
    }
}

/// Judges a series of blocks. A block that cannot be analysed fails its gates; nothing is left out silently.
#[must_use]
pub fn bent_straight(
    blocks: &[Block<'_>],
    standing: Option<&Trial>,
    profile: Option<&Profile>,
    options: &Options,
) -> BentStraightReport {
    let settings = options.settings.unwrap_or(Settings::for_task(Task::PlantarFlexion));
    let review_options = ReviewOptions { settings: Some(settings), ..ReviewOptions::default() };
    let models: Vec<_> = blocks.iter().map(|b| review(b.trial, standing, profile, &review_options)).collect();
    let count = |side| models.iter().map(|m| m.series.side(side).repetitions.len()).sum::<usize>();
    let side =
        options.side.unwrap_or(if count(Side::Left) > count(Side::Right) { Side::Left } else { Side::Right });
    let mut measured: Vec<Measured> = blocks
        .iter()
        .zip(&models)
        .map(|(block, model)| {
            let calf = |muscle: &Muscle| muscle.is_triceps_surae();
            let channels = model.report.trial.streams.iter().flat_map(|s| &s.channels);
            let channels: Vec<_> = channels
                .filter(|c| c.side == Some(side) && c.kind.is_emg() && c.muscle.as_ref().is_some_and(calf))
                .collect();
            Measured {
                path: block.trial.path.clone(),
                stated_knee_deg: block.knee_deg,
                load: block.load,
                repetitions: model.series.side(side).repetitions.clone(),
                bad: channels
                    .iter()
                    .filter_map(|c| c.quality.as_ref().filter(|q| q.grade == "bad").map(|q| (c, q)))
                    .map(|(c, q)| format!("{}: {}", c.label, q.reasons.join(", ")))
                    .collect(),
                units: channels.iter().map(|c| format!("{:?} {}", c.muscle, c.unit.symbol())).collect(),
            }
        })
        .collect();
    let angle = |m: &Measured| m.angle_deg().unwrap_or(f64::INFINITY);
    measured.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    judge(&measured, side)
}

/// The straight block: the straightest one that passes its own gates.
fn straight_of(measured: &[Measured]) -> Option<&Measured> {
    measured
        .iter()
        .filter(|m| m.angle_deg().is_some_and(|deg| deg.abs() < STRAIGHT_DEG))
        .find(|m| !gates::of_block(m).iter().any(GateReport::failed))
}

fn judge(measured: &[Measured], side: Side) -> BentStraightReport {
    let straight = straight_of(measured);
    let judged: Vec<(BlockReport, Option<Says>)> = measured.iter().map(|m| block(m, straight)).collect();
    let bent: Vec<(&BlockReport, Says)> = judged.iter().filter_map(|(b, s)| Some((b, (*s)?))).collect();
    let gates = vec![
        match straight.and_then(Measured::angle_deg) {
            Some(deg) => GateReport::new("straight", "passed", format!("{deg:.0} deg")),
            None => {
                GateReport::new("straight", "failed", format!("no usable block under {STRAIGHT_DEG:.0} deg"))
            }
        },
        match bent.is_empty() {
            false => {
                GateReport::new("bent", "passed", format!("{} usable from {BENT_DEG:.0} deg on", bent.len()))
            }
            true => GateReport::new("bent", "failed", format!("no usable block from {BENT_DEG:.0} deg on")),
        },
    ];
    let (verdict, reason) = verdict(straight.is_some(), &bent);
    let mut unavailable = BTreeMap::new();
    for (k, (block, _)) in judged.iter().enumerate() {
        say_missing(k, block, straight.is_some(), &mut unavailable);
    }
    if straight.is_none() {
        unavailable.insert("straight_knee_deg".to_owned(), "no usable straight block".to_owned());
    }
    let blocks: Vec<BlockReport> = judged.into_iter().map(|(block, _)| block).collect();
    let mut sentences = vec![format!("{}: {reason}.", capital(verdict))];
    sentences.extend(blocks.iter().filter_map(sentence));
    BentStraightReport {
        schema: BentStraightReport::SCHEMA.to_owned(),
        surae_version: env!("CARGO_PKG_VERSION").to_owned(),
        side: Some(side),
        verdict: verdict.to_owned(),
        reason,
        straight_knee_deg: straight.and_then(Measured::angle_deg),
        blocks,
        gates,
        sentences,
        unavailable,
    }
}

fn verdict(has_straight: bool, bent: &[(&BlockReport, Says)]) -> (&'static str, String) {
    if !has_straight {
        return ("not testable", "no block at a straight knee passes its gates".to_owned());
    }
    let Some((most, says)) = bent.last() else {
        return (
            "not testable",
            format!("no block from {BENT_DEG:.0} deg of knee flexion on passes its gates"),
        );
    };
    let deg = most.knee_deg.or(most.stated_knee_deg).unwrap_or(f64::NAN);
    if let Some((_, Says::DoesNotFall(why))) = bent.iter().find(|(_, s)| matches!(s, Says::DoesNotFall(_))) {
        return ("not consistent", format!("with the knee bent {why}"));
    }
    match says {
        Says::Falls => (
            "consistent",
            format!(
                "at {deg:.0} deg gastrocnemius falls, alone and against soleus, in the published direction"
            ),
        ),
        _ => (
            "not testable",
            format!(
                "at {deg:.0} deg the interval holds both no change and the published fall: too few or too unlike repetitions"
            ),
        ),
    }
}

fn block(m: &Measured, straight: Option<&Measured>) -> (BlockReport, Option<Says>) {
    let mut gates = gates::of_block(m);
    let is_straight = straight.is_some_and(|s| std::ptr::eq(s, m));
    if let Some(straight) = straight.filter(|_| !is_straight) {
        gates.extend(gates::against(m, straight));
    }
    let usable = !gates.iter().any(GateReport::failed);
    let changes = straight.filter(|_| !is_straight).map(|s| changes(m, s));
    let range = straight.filter(|_| !is_straight).and_then(|s| published(m, s));
    let bent = m.angle_deg().is_some_and(|deg| deg >= BENT_DEG);
    let says = match (&changes, range) {
        (Some([ratio, g, _]), Some(range)) if usable && bent => Some(says(ratio, g, range)),
        _ => None,
    };
    let of = |k: usize| changes.as_ref().map(|c| c[k]);
    let exp = |c: Option<Change>| c.and_then(|c| finite(c.value.exp()));
    let exp_ci = |c: Option<Change>| {
        c.map_or([None; 2], |c| {
            let [low, high] = c.ci90;
            [finite(low).map(f64::exp), finite(high).map(f64::exp)]
        })
    };
    let report = BlockReport {
        path: m.path.clone(),
        stated_knee_deg: m.stated_knee_deg,
        knee_deg: mean(&m.repetitions.iter().filter_map(|r| r.knee_deg).collect::<Vec<_>>()),
        ankle_deg: m.ankle_deg(),
        stated_load: m.load,
        n: m.n(),
        usable,
        gates,
        log_ratio_change: of(0).and_then(|c| finite(c.value)),
        log_ratio_change_ci90: of(0).map_or([None; 2], |c| interval(c.ci90)),
        published_range: range,
        g_ratio: exp(of(1)),
        g_ratio_ci90: exp_ci(of(1)),
        s_ratio: exp(of(2)),
        s_ratio_ci90: exp_ci(of(2)),
    };
    (report, says)
}

/// Changes of ln(G/S), ln G and ln S from the straight block.
fn changes(m: &Measured, straight: &Measured) -> [Change; 3] {
    let ratios = |m: &Measured| m.repetitions.iter().map(|r| r.raw_ratio).collect::<Vec<_>>();
    let ratio = ratio_change(&ratios(m), &ratios(straight));
    let soleus = difference(&m.ln(1), &straight.ln(1));
    let at_floor = m.repetitions.iter().any(|r| r.raw_ratio.is_known() && r.raw_ratio.bound == Bound::Upper);
    let gastrocnemius = if at_floor {
        // G = (G/S) S: its upper end from the bound of the ratio and the upper end of soleus.
        let high = ratio.ci90[1] + soleus.ci90[1];
        Change { value: high, ci90: [f64::NEG_INFINITY, high] }
    } else {
        difference(&m.ln(0), &straight.ln(0))
    };
    [ratio, gastrocnemius, soleus]
}

fn say_missing(
    k: usize,
    block: &BlockReport,
    has_straight: bool,
    unavailable: &mut BTreeMap<String, String>,
) {
    let mut say = |key: &str, missing: bool, why: &str| {
        if missing {
            unavailable.insert(format!("blocks[{k}].{key}"), why.to_owned());
        }
    };
    let change = if !has_straight {
        "no usable straight block to compare with"
    } else if block.published_range.is_none() {
        "this is the straight block, or its knee angle is not known"
    } else {
        "too few repetitions over the floor, or an open end of a bound"
    };
    let open = |ci: &[Option<f64>; 2]| ci.iter().any(Option::is_none);
    say("log_ratio_change", block.log_ratio_change.is_none(), change);
    say("log_ratio_change_ci90", open(&block.log_ratio_change_ci90), change);
    say("published_range", block.published_range.is_none(), change);
    say("g_ratio", block.g_ratio.is_none(), change);
    say("g_ratio_ci90", open(&block.g_ratio_ci90), change);
    say("s_ratio", block.s_ratio.is_none(), change);
    say("s_ratio_ci90", open(&block.s_ratio_ci90), change);
    say("stated_knee_deg", block.stated_knee_deg.is_none(), "not stated (--knee)");
    say("stated_load", block.stated_load.is_none(), "not stated (--load)");
    say("knee_deg", block.knee_deg.is_none(), "no knee angle recorded");
    say("ankle_deg", block.ankle_deg.is_none(), "no ankle angle recorded");
}

fn sentence(block: &BlockReport) -> Option<String> {
    let deg = block.knee_deg.or(block.stated_knee_deg)?;
    let failed: Vec<&str> = block.gates.iter().filter(|g| g.failed()).map(|g| g.gate.as_str()).collect();
    if !failed.is_empty() {
        return Some(format!("Knee {deg:.0}\u{b0}: not used, gate failed: {}.", failed.join(", ")));
    }
    let value = |v: Option<f64>, ci: &[Option<f64>; 2]| {
        let end = |e: Option<f64>| e.map_or("open".to_owned(), |e| format!("{e:.2}"));
        v.map_or("unknown".to_owned(), |v| format!("{v:.2} ({} \u{2026} {})", end(ci[0]), end(ci[1])))
    };
    let change = block.log_ratio_change?;
    let [low, high] = block.log_ratio_change_ci90.map(|e| e.map_or("open".to_owned(), |e| signed(e, 2)));
    let range = block.published_range.map_or(String::new(), |[a, b]| {
        format!("; published group means {} to {}", signed(a, 2), signed(b, 2))
    });
    Some(format!(
        "Knee {deg:.0}\u{b0}, {} repetitions: ln(G/S) changes by {} (90 % interval {low} \u{2026} {high}{range}); gastrocnemius {} and \
         soleus {} times that of the straight knee.",
        block.n,
        signed(change, 2),
        value(block.g_ratio, &block.g_ratio_ci90),
        value(block.s_ratio, &block.s_ratio_ci90),
    ))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
