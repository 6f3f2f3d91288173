//! The verdict of a bent-straight series as one page: the drawing, the numbers, every gate with its words.

use super::{capital, document};
use crate::page::{BentBlock, Ranged, bent_knee};
use crate::words::file_name;
use maud::{Markup, PreEscaped, html};
use surae_gait::protocol::{BentStraightReport, BlockReport, GateReport};
use surae_gait::report::Interval;
use surae_trial::Side;

/// What stands under the numbers: quantity, unit, definition, source.
const TERMS: [(&str, &str, &str); 4] = [
    (
        "Change of ln(G/S)",
        "no unit",
        "Natural logarithm of gastrocnemius over soleus at this knee angle minus the same at the straight knee, mean over \
         repetitions; 90 % interval by t over repetitions. References cancel. Source: docs/method.md, Protocol.",
    ),
    (
        "G, S",
        "% of the straight knee",
        "Amplitude of the muscle, rest taken off in power, relative to the block at the straight knee. Source: docs/method.md, Protocol.",
    ),
    (
        "Published range",
        "no unit",
        "Range of group means of isometric or slow plantar flexion for that change: 0.006 to 0.018 per degree (H\u{e9}bert-Losier 2012, \
         Avancini 2015, Gago 2017). Not a norm.",
    ),
    (
        "Knee",
        "deg",
        "Mean knee flexion of the repetitions, 0 = straight; the stated angle where none was recorded.",
    ),
];

/// The page of a series.
pub fn protocol(report: &BentStraightReport) -> String {
    let leg = report.side.map_or("leg not known", |side| match side {
        Side::Left => "left leg",
        Side::Right => "right leg",
    });
    let drawn: Vec<BentBlock> =
        report.blocks.iter().filter_map(|one| block(one, report.straight_knee_deg)).collect();
    let figure = bent_knee(&drawn, &format!("Bent-straight series, {leg}"));
    let body = html! {
        header {
            h1 { "Bent-straight: " (report.verdict) }
            p { (capital(leg)) " \u{b7} " (report.blocks.len()) " blocks \u{b7} surae " (report.surae_version) }
        }
        main {
            section id="results" {
                h2 { "Verdict" }
                ul class="results" {
                    li { (capital(&report.verdict)) ": " (report.reason) }
                    @for sentence in report.sentences.iter().filter(|s| !s.contains(&report.reason)) { li { (sentence) } }
                }
                p class="small muted caveat" {
                    "The electrode stays over the skin while the muscle moves under it: a change of geometry with the knee is not told \
                     apart from a change of drive. Says nothing about force."
                }
                @if let Some(svg) = figure {
                    figure {
                        (PreEscaped(svg))
                        figcaption {
                            "Mean and 90 % interval over repetitions; grey: range of published group means; hollow: a block that a gate keeps \
                             out of the verdict."
                        }
                    }
                }
            }
            section id="blocks" { h2 { "Blocks" } (blocks(report)) }
            section id="gates" {
                h2 { "Gates" }
                (gates("The series", &report.gates))
                @for one in &report.blocks { (gates(&file_name(&one.path), &one.gates)) }
            }
            section id="definitions" {
                h2 { "Definitions" }
                dl class="terms" {
                    @for (name, unit, text) in TERMS { dt { (name) " (" (unit) ")" } dd { (text) } }
                }
            }
        }
        footer class="small muted" {
            p { (report.schema) ". This is not a medical device; it does not judge technique, fatigue or injury risk." }
        }
    };
    document(&format!("Bent-straight: {}", report.verdict), &body)
}

fn block(one: &BlockReport, straight: Option<f64>) -> Option<BentBlock> {
    let deg = one.knee_deg.or(one.stated_knee_deg)?;
    let ranged = |value: Option<f64>, interval: Interval| Ranged { value, interval };
    Some(BentBlock {
        knee_deg: deg,
        n: one.n,
        usable: one.usable,
        is_straight: straight == Some(deg),
        change: ranged(one.log_ratio_change, one.log_ratio_change_ci90),
        published: one.published_range,
        gastrocnemius: ranged(one.g_ratio, one.g_ratio_ci90),
        soleus: ranged(one.s_ratio, one.s_ratio_ci90),
    })
}

fn blocks(report: &BentStraightReport) -> Markup {
    html! {
        table class="stack" {
            thead { tr {
                th class="word" { "Trial" }
                th { "Knee" small { "deg" } }
                th { "Ankle" small { "deg" } }
                th { "Repetitions" small { "count" } }
                th { "Change of ln(G/S)" small { "90 % interval" } }
                th { "Published range" }
                th { "G" small { "% of straight" } }
                th { "S" small { "% of straight" } }
            } }
            tbody {
                @for one in &report.blocks {
                    tr {
                        td class="word" data-label="Trial" { span {
                            (file_name(&one.path)) @if !one.usable { " (not used)" }
                        } }
                        td data-label="Knee, deg" { span {
                            (decimals(one.knee_deg.or(one.stated_knee_deg), 0)) @if one.knee_deg.is_none() { " stated" }
                        } }
                        td data-label="Ankle, deg" { span { (decimals(one.ankle_deg, 0)) } }
                        td data-label="Repetitions" { span { (one.n) } }
                        td data-label="Change of ln(G/S)" { span {
                            (decimals(one.log_ratio_change, 2)) " " (interval(one.log_ratio_change_ci90, 1.0, 2))
                        } }
                        td data-label="Published range" { span {
                            (interval(one.published_range.map_or([None; 2], |[a, b]| [Some(a), Some(b)]), 1.0, 2))
                        } }
                        td data-label="G, % of straight" { span {
                            (decimals(one.g_ratio.map(|v| 100.0 * v), 0)) " " (interval(one.g_ratio_ci90, 100.0, 0))
                        } }
                        td data-label="S, % of straight" { span {
                            (decimals(one.s_ratio.map(|v| 100.0 * v), 0)) " " (interval(one.s_ratio_ci90, 100.0, 0))
                        } }
                    }
                }
            }
        }
        @if !report.unavailable.is_empty() {
            @let whys: std::collections::BTreeSet<&String> = report.unavailable.values().collect();
            p class="foot" { "A dash: not available" @for why in whys { "; " (why) } "." }
        }
    }
}

fn gates(title: &str, list: &[GateReport]) -> Markup {
    html! {
        @if !list.is_empty() {
            h3 { (title) }
            ul class="doubts small" {
                @for gate in list { li { strong { (gate.gate) ", " (gate.state) } ": " (gate.text) } }
            }
        }
    }
}

fn decimals(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "\u{2014}".to_owned(), |v| format!("{v:.decimals$}").replace('-', "\u{2212}"))
}

fn interval(ends: Interval, factor: f64, digits: usize) -> String {
    match ends.map(|end| end.map(|v| v * factor)) {
        [None, None] => String::new(),
        [low, high] => format!("({} \u{2026} {})", decimals(low, digits), decimals(high, digits)),
    }
}
