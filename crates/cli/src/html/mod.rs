//! The report of a trial as one page of HTML: no script, nothing from outside, good on a phone and on paper.
//!
//! Says what the report says and computes nothing: every number stands in the page with its path in the JSON, every
//! missing one with its reason, and the list of definitions at the end is [`surae_gait::glossary`].

mod compare;
mod effort;
mod leg;
mod protocol;
mod table;
mod trial;
mod value;

pub use compare::{Compared, comparison};
pub use protocol::protocol;

use crate::page::colour;
use crate::words::{file_name, task};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use surae_gait::report::Report;
use surae_gait::review::ReviewModel;
use surae_gait::{sentences, words as method_words};
use surae_trial::Side;
use value::Values;

/// The page of one trial.
pub fn page(model: &ReviewModel) -> String {
    let report = &model.report;
    let values = Values::new(report);
    let body = html! {
        (header(report, &values))
        main {
            (results(report))
            @for side in ordered(report) {
                (leg::section(model, &values, side))
            }
            (effort::both_legs(report, &values))
            (trial::jumps(report, &values))
            (trial::quality(report, &values))
            (trial::events(report, &values))
            (trial::settings(report, &values))
            (trial::missing(report))
            (trial::notes(report))
            (trial::definitions(&values))
        }
        (footer(report))
    };
    document(&file_name(&report.trial.path), &body)
}

/// The legs, the one that answers the question first, a missing one last.
fn ordered(report: &Report) -> [Side; 2] {
    let mut sides = Side::BOTH;
    sides.sort_by_key(|side| {
        report.sides.of(*side).map_or((true, true), |leg| (false, leg.dominance.is_none()))
    });
    sides
}

/// A whole document around a body.
fn document(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " \u{b7} Surae" }
                style { (PreEscaped(theme())) (PreEscaped(include_str!("style.css"))) }
            }
            body { (body) }
        }
    };
    page.into_string()
}

/// The colours of both themes as CSS variables; paper is always light.
fn theme() -> String {
    let variables = |of: fn(&(&'static str, &'static str, &'static str)) -> (&'static str, &'static str)| {
        colour::THEME
            .iter()
            .map(|entry| {
                let (name, value) = of(entry);
                format!("--{name}:{value};")
            })
            .collect::<String>()
    };
    let light = variables(|(name, light, _)| (name, light));
    let dark = variables(|(name, _, dark)| (name, dark));
    format!(":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
}

fn header(report: &Report, values: &Values<'_>) -> Markup {
    let trial = &report.trial;
    html! {
        header {
            h1 { (file_name(&trial.path)) }
            p {
                (capital(task(trial.task)))
                @if trial.synthetic { " \u{b7} synthetic data" }
                " \u{b7} " (values.with_unit("trial.duration_s")) " recorded"
                " \u{b7} " (report.mode.replace('_', "-")) " filters"
                @if let Some(name) = &trial.subject.name { " \u{b7} " (name) }
                @if trial.subject.mass_kg.is_some() { " \u{b7} " (values.with_unit("trial.subject.mass_kg")) }
                @if trial.subject.height_m.is_some() { " \u{b7} " (values.with_unit("trial.subject.height_m")) }
            }
            nav {
                a href="#results" { "Results" }
                @if report.sides.left.is_some() { a href="#left" { "Left leg" } }
                @if report.sides.right.is_some() { a href="#right" { "Right leg" } }
                @if !report.jumps.is_empty() { a href="#jumps" { "Jumps" } }
                a href="#quality" { "Signal quality" }
                a href="#settings" { "Settings" }
                a href="#missing" { "What is missing" }
                a href="#definitions" { "Definitions" }
            }
        }
    }
}

/// The sentences, and the doubts that belong beside them.
fn results(report: &Report) -> Markup {
    let doubts = trial::doubts(report);
    html! {
        section id="results" {
            h2 { "Results" }
            @if report.sentences.is_empty() {
                p { "No result can be said in a sentence for this trial; what could be computed is below." }
            } @else {
                ul class="results" {
                    @for sentence in report.sentences.iter().filter(|one| !sentences::is_of_one_push_off(one)) {
                        li class=[sentence_class(sentence)] { (sentence) }
                    }
                }
            }
            p class="small muted caveat" {
                "Dominance says which muscle is more active, " (method_words::CAVEAT.replace(" \u{b7} ", "; it ")) "."
            }
            @if !doubts.is_empty() {
                h3 { "Doubts in this trial" }
                ul class="doubts small" {
                    @for doubt in &doubts { li { (doubt) } }
                }
            }
        }
    }
}

/// The colour at the edge of a sentence that says which muscle; the words say it too.
fn sentence_class(sentence: &str) -> Option<&'static str> {
    let says = |text: &str| sentence.to_lowercase().contains(text);
    match (
        says("gastrocnemius first") || says("gastrocnemius more"),
        says("soleus first") || says("soleus more"),
    ) {
        (true, false) => Some("mg"),
        (false, true) => Some("sol"),
        _ => None,
    }
}

fn footer(report: &Report) -> Markup {
    html! {
        footer class="small muted" {
            p {
                "surae " (report.surae_version) " \u{b7} " (report.schema) " \u{b7} file " (report.trial.path)
                " \u{b7} SHA-256 " (report.trial.sha256)
            }
            p {
                "Each number is the value of the JSON report at the path in its data-path attribute. This is not a medical \
                 device; it does not judge technique, fatigue or injury risk."
            }
        }
    }
}

/// The text with a capital first letter.
fn capital(text: &str) -> String {
    crate::words::capital(text)
}
