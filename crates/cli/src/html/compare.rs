//! Several trials of one person on one page and one scale, refused with the reason where they do not compare.
//!
//! There is no norm on it: a person is compared with the same person's other trials only (METHOD R10).

use super::value::Values;
use super::{capital, document, trial};
use crate::page::{self, Lane, Lead, LegPage};
use crate::review::{Quantity, leg_page, refusal};
use crate::words::{file_name, phase, task};
use maud::{Markup, PreEscaped, html};
use surae_gait::report::SideReport;
use surae_gait::review::ReviewModel;
use surae_gait::words as method_words;
use surae_trial::Side;

/// One trial of the comparison.
pub struct Compared<'a> {
    /// Its result.
    pub model: &'a ReviewModel,
    /// Name of its own page in the same folder.
    pub page: String,
}

/// Line styles of the trials on common axes, and what they are called.
const STYLES: [(&str, &str); 4] =
    [("", "solid"), ("7 4", "dashed"), ("2 3", "dotted"), ("11 3 2 3", "dash-dotted")];

/// The page of several trials.
pub fn comparison(trials: &[Compared<'_>]) -> String {
    let body = html! {
        header {
            h1 { "Comparison of " (trials.len()) " trials" }
            p {
                "Same axes and scales for all. A trial is left out of a plot, with the reason, where its references, cut-offs, \
                 window rule or filters differ from those of trial A. There are no norms here: trials are compared with each \
                 other only."
            }
        }
        main {
            (list(trials))
            @for side in Side::BOTH { (leg(trials, side)) }
            (definitions(trials))
        }
        footer class="small muted" { p { (method_words::CAVEAT) } }
    };
    document(&format!("Comparison of {} trials", trials.len()), &body)
}

/// `A`, `B`, ...
fn letter(at: usize) -> String {
    let letter = char::from(b'A' + (at % 26) as u8);
    if at < 26 { letter.to_string() } else { format!("{letter}{}", at / 26 + 1) }
}

fn list(trials: &[Compared<'_>]) -> Markup {
    html! {
        section id="trials" {
            h2 { "Trials" }
            table class="stack" {
                thead { tr {
                    th class="word" { "Trial" } th class="word" { "File" } th class="word" { "What was done" }
                    th class="word" { "Person" } th class="word" { "First result" }
                } }
                tbody {
                    @for (at, one) in trials.iter().enumerate() {
                        @let report = &one.model.report;
                        tr {
                            td class="word" data-label="Trial" { span { (letter(at)) } }
                            td class="word" data-label="File" { span {
                                a href=(one.page) { (file_name(&report.trial.path)) }
                            } }
                            td class="word" data-label="What was done" { span {
                                (task(report.trial.task)) @if report.trial.synthetic { ", synthetic" }
                            } }
                            td class="word" data-label="Person" { span {
                                (report.trial.subject.name.as_deref().unwrap_or("not stated"))
                            } }
                            td class="word" data-label="First result" { span {
                                (report.sentences.first().map_or("none", String::as_str))
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// The trials of a leg that stand on one scale, with their letters, and the reasons of the others.
fn sorted<'a>(
    trials: &'a [Compared<'_>],
    side: Side,
    quantity: Quantity,
    has: impl Fn(&SideReport) -> bool,
) -> (Vec<(usize, &'a ReviewModel)>, Vec<String>) {
    let mut kept: Vec<(usize, &ReviewModel)> = Vec::new();
    let mut refused = Vec::new();
    for (at, one) in trials.iter().enumerate() {
        let Some(leg) = one.model.report.sides.of(side) else { continue };
        if !has(leg) {
            continue;
        }
        let first = kept.first().map(|(at, model)| (*at, &model.report));
        match first.and_then(|(at, first)| Some((at, refusal(first, &one.model.report, side, quantity)?))) {
            Some((of, why)) => {
                refused.push(format!("{} is not compared with {}: {why}", letter(at), letter(of)))
            }
            None => kept.push((at, one.model)),
        }
    }
    (kept, refused)
}

fn leg(trials: &[Compared<'_>], side: Side) -> Markup {
    let has_leg = trials.iter().filter(|one| one.model.report.sides.of(side).is_some()).count();
    let name = if side == Side::Left { "Left leg" } else { "Right leg" };
    html! {
        @if has_leg > 0 {
            section id=(side.name()) class="leg" {
                h2 { (name) }
                (numbers(trials, side))
                div class="figures" {
                    (lead_rows(trials, side))
                    (curves(trials, side))
                    (phases(trials, side))
                }
            }
        }
    }
}

/// What stands in the table of a leg: path below the leg, and whether it is an interval.
const ROWS: [(&str, bool); 9] = [
    ("cycles.n", false),
    ("cycles.stride_time_s", false),
    ("cycles.stride_time_cv_percent", false),
    ("cycles.stance_percent", false),
    ("cycles.cadence_steps_per_min", false),
    ("lead_summary.median_ms", false),
    ("lead_summary.ci90_ms", true),
    ("muscles.MG.peak_percent_cycle", false),
    ("muscles.SOL.peak_percent_cycle", false),
];

/// One column a trial, one row a quantity, with the unit in the first column.
fn numbers(trials: &[Compared<'_>], side: Side) -> Markup {
    let values: Vec<(usize, Values<'_>)> = trials
        .iter()
        .enumerate()
        .filter(|(_, one)| one.model.report.sides.of(side).is_some())
        .map(|(at, one)| (at, Values::new(&one.model.report)))
        .collect();
    let Some((_, first)) = values.first() else { return html! {} };
    let name = |key: &str| {
        let path = format!("sides.{side}.{key}");
        let name = first.entry(&path).map_or(key, |entry| entry.name);
        let unit = first.unit(&path);
        let muscle = key.strip_prefix("muscles.").and_then(|rest| rest.split('.').next());
        let muscle = muscle.map_or(String::new(), |muscle| format!("{muscle} "));
        capital(&if unit.is_empty() { format!("{muscle}{name}") } else { format!("{muscle}{name}, {unit}") })
    };
    html! {
        table class="stack" {
            thead { tr {
                th class="word" { "Quantity" }
                @for (at, _) in &values { th { (letter(*at)) } }
            } }
            tbody {
                @for (key, is_interval) in ROWS {
                    tr {
                        td class="word" data-label="Quantity" { span { (name(key)) } }
                        @for (at, values) in &values {
                            td data-label=(letter(*at)) { span {
                                @if is_interval { (values.interval(&format!("sides.{side}.{key}"))) }
                                @else { (values.plain(&format!("sides.{side}.{key}"))) }
                            } }
                        }
                    }
                }
            }
        }
        p class="foot" { "A dash: not available in that trial; its own page says why." }
    }
}

/// A figure over the trials that compare, and a line for each that does not.
fn figure(title: &str, svg: Option<String>, caption: &str, refused: &[String]) -> Markup {
    html! {
        @if svg.is_some() || !refused.is_empty() {
            figure {
                h3 { (title) }
                @if let Some(svg) = svg { (PreEscaped(svg)) }
                figcaption {
                    @if !caption.is_empty() { (caption) " " }
                    @for why in refused { strong { (capital(why)) ". " } }
                }
            }
        }
    }
}

fn lead_rows(trials: &[Compared<'_>], side: Side) -> Markup {
    let (kept, refused) = sorted(trials, side, Quantity::Lead, |leg| leg.lead_summary.is_some());
    let rows: Vec<(String, Lead)> = kept
        .iter()
        .filter_map(|(at, model)| {
            let lead = leg_page(model, side)?.leads?;
            let summary = model.report.sides.of(side)?.lead_summary.as_ref()?;
            Some((format!("{}: {}, n {}", letter(*at), summary.call.to_lowercase(), summary.n), lead))
        })
        .collect();
    let svg = (!rows.is_empty()).then(|| page::leads(&rows, &format!("Who was active first, {side} leg")));
    figure(
        "Who was active first",
        svg,
        "Rings: one contact each; bar: median with its 90 % interval.",
        &refused,
    )
}

fn curves(trials: &[Compared<'_>], side: Side) -> Markup {
    let (kept, mut refused) = sorted(trials, side, Quantity::Curves, |leg| {
        leg.muscles.values().any(|muscle| muscle.mean_curve.is_some())
    });
    for (at, _) in kept.iter().skip(STYLES.len()) {
        refused
            .push(format!("{} is not drawn: four curves are the most that can be told apart", letter(*at)));
    }
    let pages: Vec<(usize, LegPage)> = kept
        .iter()
        .take(STYLES.len())
        .filter_map(|(at, model)| Some((*at, as_percent(leg_page(model, side)?, model, side))))
        .collect();
    let Some(((_, first), rest)) = pages.split_first() else {
        return figure("Over the gait cycle", None, "", &refused);
    };
    let mut common = first.clone();
    common.foot_off_percent = None;
    for lane in &mut common.lanes {
        lane.peak = None;
        lane.sd.clear();
        lane.others = rest
            .iter()
            .zip(&STYLES[1..])
            .filter_map(|((_, page), (dash, _))| {
                let other: &Lane = page.lanes.iter().find(|other| other.name == lane.name)?;
                Some((other.mean.clone(), *dash))
            })
            .collect();
    }
    common.lanes.retain(|lane| !lane.mean.is_empty());
    let key: Vec<String> =
        pages.iter().zip(&STYLES).map(|((at, _), (_, style))| format!("{} {style}", letter(*at))).collect();
    let caption = format!(
        "Mean envelopes in percent of each trial's own reference, and knee angle: {}.",
        key.join(", ")
    );
    figure("Over the gait cycle", page::figures(&common).curves, &caption, &refused)
}

/// The lanes of the muscles in percent of their references.
fn as_percent(mut page: LegPage, model: &ReviewModel, side: Side) -> LegPage {
    let leg = model.report.sides.of(side);
    for lane in &mut page.lanes {
        let muscle = leg.and_then(|leg| leg.muscles.get(&lane.name));
        let Some(muscle) = muscle else { continue };
        let curve = muscle.mean_curve.as_ref().zip(muscle.normalisation.reference);
        lane.mean = curve.map_or_else(Vec::new, |(mean, reference)| {
            mean.iter().map(|value| 100.0 * value / reference).collect()
        });
        lane.unit = "% of reference".to_owned();
    }
    page
}

fn phases(trials: &[Compared<'_>], side: Side) -> Markup {
    let (kept, refused) = sorted(trials, side, Quantity::Dominance, |leg| {
        leg.dominance.as_ref().is_some_and(|d| !d.by_phase.is_empty())
    });
    let pages: Vec<(usize, LegPage, &SideReport)> = kept
        .iter()
        .filter_map(|(at, model)| Some((*at, leg_page(model, side)?, model.report.sides.of(side)?)))
        .collect();
    let Some((_, first, leg)) = pages.first() else {
        return figure("Dominance by phase", None, "", &refused);
    };
    let names: Vec<String> =
        leg.dominance.iter().flat_map(|dominance| &dominance.by_phase).map(|row| row.phase.clone()).collect();
    let told = |name: &str| {
        let rows = pages.iter().filter_map(|(.., leg)| leg.dominance.as_ref()).flat_map(|d| &d.by_phase);
        rows.filter(|row| row.phase == name).any(|row| row.dominance.is_some())
    };
    let (shown, quiet): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| told(name));
    let quiet: Vec<String> = quiet.iter().map(|name| phase(name).0.to_lowercase()).collect();
    html! {
        @for (k, name) in shown.into_iter().enumerate() {
            @let rows = pages.iter().filter_map(|(at, page, leg)| {
                let same = leg.dominance.as_ref()?.by_phase.iter().position(|row| row.phase == *name)?;
                let mut row = page.phases.get(same)?.clone();
                row.label = letter(*at);
                Some(row)
            });
            @let (label, of) = phase(name);
            @let title = format!("Dominance: {label} {}", of.trim_end_matches(", "));
            (figure(
                title.trim(),
                page::figures(&LegPage { phases: rows.collect(), ..first.clone() }).phases,
                "",
                if k == 0 { &refused } else { &[] },
            ))
        }
        @if !quiet.is_empty() {
            p class="small" { "No ratio in any trial, the muscles being at rest or at their floor: " (quiet.join(", ")) "." }
        }
    }
}

fn definitions(trials: &[Compared<'_>]) -> Markup {
    let Some(first) = trials.first() else { return html! {} };
    let values = Values::new(&first.model.report);
    for key in [
        "cycles.n",
        "cycles.stride_time_s",
        "cycles.stride_time_cv_percent",
        "cycles.stance_percent",
        "cycles.cadence_steps_per_min",
        "lead_summary.median_ms",
        "lead_summary.ci90_ms",
        "muscles.mean_curve",
        "muscles.normalisation.reference",
        "dominance.by_phase.dominance",
        "dominance.by_phase.dominance_ci90",
    ] {
        values.entry(key);
    }
    trial::definitions(&values)
}
