//! What belongs to the whole trial: jumps, signal quality, events, settings, what is missing, notes, definitions.

use super::capital;
use super::table::{Cell, table};
use super::value::Values;
use crate::words::event;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;
use surae_gait::report::Report;
use surae_trial::{Note, Severity};

/// Warnings and errors, most serious first, each once.
pub fn doubts(report: &Report) -> Vec<String> {
    let mut notes: Vec<&Note> = report.notes.iter().filter(|note| note.severity > Severity::Info).collect();
    notes.sort_by_key(|note| std::cmp::Reverse(note.severity));
    let mut texts: Vec<String> = Vec::new();
    for note in notes {
        let text = capital(&note.text);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Jumps; nothing for a trial without.
pub fn jumps(report: &Report, values: &Values<'_>) -> Markup {
    if report.jumps.is_empty() {
        return html! {};
    }
    let items: Vec<String> = (0..report.jumps.len()).map(|at| format!("jumps[{at}]")).collect();
    let legs: Vec<String> = (report.jumps.iter().zip(&items))
        .flat_map(|(jump, path)| jump.sides.keys().map(move |side| format!("{path}.sides.{side}")))
        .collect();
    html! {
        section id="jumps" {
            h2 { "Jumps" }
            (table(values, "Each jump", &items, &[
                Cell::Words("jump", |values, path| text(values, path, "id")),
                Cell::Words("kind", |values, path| text(values, path, "start")),
                Cell::Number("take_off_s"),
                Cell::Number("landing_s"),
                Cell::Number("flight_time_s"),
                Cell::Number("height_flight_m"),
                Cell::Number("height_impulse_m"),
                Cell::Number("take_off_speed_mps"),
                Cell::Number("contact_time_s"),
                Cell::Number("rsi"),
                Cell::Words("definition", |values, path| text(values, path, "rsi_definition")),
                Cell::Words("take-off rule", |values, path| text(values, path, "take_off_rule")),
            ]))
            (table(values, "Each leg through the jumps", &legs, &[
                Cell::Words("jump", |_, path| {
                    let at = path.split(['[', ']']).nth(1).and_then(|at| at.parse::<usize>().ok());
                    at.map_or(String::new(), |at| format!("jump-{}", at + 1))
                }),
                Cell::Words("leg", |_, path| path.rsplit('.').next().unwrap_or_default().to_owned()),
                Cell::Number("gastrocnemius_lead_ms"),
                Cell::Interval("lead_ci90_ms"),
                Cell::Number("knee_at_start_deg"),
                Cell::Number("knee_max_deg"),
                Cell::Number("knee_at_take_off_deg"),
                Cell::Number("knee_at_landing_deg"),
                Cell::Number("knee_max_landing_deg"),
            ]))
        }
    }
}

fn text(values: &Values<'_>, path: &str, key: &str) -> String {
    values.get(&format!("{path}.{key}")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Every graded channel with its reasons, and the gaps of every stream.
pub fn quality(report: &Report, values: &Values<'_>) -> Markup {
    let streams = || report.trial.streams.iter().enumerate();
    let graded: Vec<String> = streams()
        .flat_map(|(s, stream)| stream.channels.iter().enumerate().map(move |(c, channel)| (s, c, channel)))
        .filter(|(.., channel)| channel.quality.is_some())
        .map(|(s, c, _)| format!("trial.streams[{s}].channels[{c}]"))
        .collect();
    let every: Vec<String> = streams().map(|(s, _)| format!("trial.streams[{s}]")).collect();
    let gaps: Vec<String> = streams()
        .flat_map(|(s, stream)| (0..stream.gaps.len()).map(move |g| format!("trial.streams[{s}].gaps[{g}]")))
        .collect();
    html! {
        section id="quality" {
            h2 { "Signal quality" }
            @if graded.is_empty() {
                p { "No channel could be graded: grades need raw EMG." }
            }
            (table(values, "Grade of each EMG channel: the worst of its metrics, with what to do", &graded, &[
                Cell::Words("channel", |values, path| text(values, path, "label")),
                Cell::Words("muscle", |values, path| {
                    format!("{} {}", text(values, path, "side"), text(values, path, "muscle")).trim().to_owned()
                }),
                Cell::Words("grade", |values, path| grade(&text(values, path, "quality.grade"))),
                Cell::Number("quality.snr_db"),
                Cell::Number("quality.noise_floor"),
                Cell::Words("unit", |values, path| values.unit(&format!("{path}.quality.noise_floor"))),
                Cell::Number("quality.hum_ratio"),
                Cell::Number("quality.motion_ratio"),
                Cell::Number("quality.clipping_fraction"),
                Cell::Words("what to do", |values, path| {
                    let reasons = values.get(&format!("{path}.quality.reasons")).and_then(Value::as_array);
                    let reasons: Vec<&str> = reasons.into_iter().flatten().filter_map(Value::as_str).collect();
                    if reasons.is_empty() { "nothing".to_owned() } else { reasons.join("; ") }
                }),
            ]))
            (table(values, "Streams", &every, &[
                Cell::Words("stream", |values, path| text(values, path, "name")),
                Cell::Number("rate_hz"),
                Cell::Number("measured_rate_hz"),
                Cell::Number("start_s"),
                Cell::Number("n_samples"),
                Cell::Words("holes", |values, path| {
                    let gaps = values.get(&format!("{path}.gaps")).and_then(Value::as_array).map_or(0, Vec::len);
                    if gaps == 0 { "none".to_owned() } else { gaps.to_string() }
                }),
            ]))
            (table(values, "Holes: lost samples are never filled in", &gaps, &[
                Cell::Number("time_s"),
                Cell::Number("lost_samples"),
                Cell::Words("length", |values, path| {
                    let certain = values.get(&format!("{path}.certain")).and_then(Value::as_bool);
                    if certain == Some(true) { "exact".to_owned() } else { "estimated".to_owned() }
                }),
            ]))
        }
    }
}

/// A grade with a shape, so that it can be told without colour.
fn grade(grade: &str) -> String {
    match grade {
        "good" => "\u{25cf}\u{a0}good".to_owned(),
        "fair" => "\u{25b2}\u{a0}fair".to_owned(),
        "bad" => "\u{25a0}\u{a0}bad".to_owned(),
        other => other.to_owned(),
    }
}

/// How many events each source has, and the times of those in use.
pub fn events(report: &Report, values: &Values<'_>) -> Markup {
    let mut groups: BTreeMap<(String, &str, String, bool), Vec<usize>> = BTreeMap::new();
    for (at, found) in report.events.iter().enumerate() {
        let side = found.side.map_or("", |side| side.name()).to_owned();
        let source = found.source.name().replace('_', " ");
        groups.entry((side, event(found.kind), source, found.chosen)).or_default().push(at);
    }
    if groups.is_empty() {
        return html! {};
    }
    html! {
        section id="events" {
            h2 { "Events" }
            table class="stack" {
                caption { "Sources stand side by side; the analysis uses those marked" }
                thead { tr {
                    th class="word" { "Leg" } th class="word" { "Event" } th class="word" { "Source" }
                    th class="word" { "Used" } th class="word" { "Times" small { "s" } }
                } }
                tbody {
                    @for ((side, kind, source, chosen), members) in &groups {
                        tr {
                            td class="word" data-label="Leg" { span { @if side.is_empty() { "\u{2014}" } @else { (side) } } }
                            td class="word" data-label="Event" { span { (kind) } }
                            td class="word" data-label="Source" { span { (source) } }
                            td class="word" data-label="Used" { span { @if *chosen { "yes" } @else { "no" } } }
                            td class="word" data-label="Times, s" { span {
                                @for at in members { (values.plain(&format!("events[{at}].time_s"))) " " }
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// Every setting, with its definition in the list at the end.
pub fn settings(report: &Report, values: &Values<'_>) -> Markup {
    let mut paths = Vec::new();
    let tree = serde_json::to_value(report.settings).unwrap_or_default();
    leaves(&tree, "settings", &mut paths);
    html! {
        section id="settings" {
            h2 { "Settings" }
            p class="small muted" {
                "Everything that changed a number. Results under different settings are not compared."
            }
            dl class="pairs" {
                dt { "filters" } dd { (report.mode.replace('_', "-")) }
                @for path in &paths {
                    @if values.get(path).is_some() {
                        dt { (values.entry(path).map_or_else(|| name_of(path), |entry| entry.name.to_owned())) }
                        dd { (values.with_unit(path)) }
                    }
                }
            }
        }
    }
}

fn name_of(path: &str) -> String {
    path.rsplit('.').next().unwrap_or(path).replace('_', " ")
}

fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, field)| leaves(field, &format!("{path}.{key}"), found))
        }
        _ => found.push(path.to_owned()),
    }
}

/// Every missing value with its reason, grouped by reason.
pub fn missing(report: &Report) -> Markup {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, reason) in &report.unavailable {
        groups.entry(reason).or_default().push(path);
    }
    html! {
        section id="missing" {
            h2 { "What is missing, and why" }
            @if groups.is_empty() {
                p { "Nothing." }
            } @else {
                table class="stack" {
                    caption { "Values that are null or empty in the JSON report" }
                    thead { tr { th class="word" { "Why" } th class="word" { "What" } } }
                    tbody {
                        @for (reason, paths) in &groups {
                            tr {
                                td class="word" data-label="Why" { span { (capital(reason)) } }
                                td class="word" data-label="What" { span { (summarised(paths)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Paths as words: equal ones but for the index are said once, with how many there are.
fn summarised(paths: &[&str]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for path in paths {
        let mut name = String::new();
        let mut inside = false;
        for c in path.chars() {
            match c {
                '[' => inside = true,
                ']' => inside = false,
                c if !inside => name.push(c),
                _ => {}
            }
        }
        let name = without_muscle(name.trim_start_matches("sides.")).replace(['.', '_'], " ");
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let said: Vec<String> = counts
        .iter()
        .map(|(name, count)| if *count == 1 { name.clone() } else { format!("{name} ({count})") })
        .collect();
    said.join(", ")
}

/// A path without the name of the muscle in it.
fn without_muscle(path: &str) -> String {
    match path.split_once(".muscles.").and_then(|(leg, rest)| Some((leg, rest.split_once('.')?.1))) {
        Some((leg, of_muscle)) => format!("{leg}.muscles.{of_muscle}"),
        None => path.to_owned(),
    }
}

/// How the trial was read: every remark that is not a doubt.
pub fn notes(report: &Report) -> Markup {
    let remarks: Vec<&Note> = report.notes.iter().filter(|note| note.severity == Severity::Info).collect();
    html! {
        @if !remarks.is_empty() {
            section id="notes" {
                h2 { "How the trial was read" }
                ul class="doubts small" { @for note in remarks { li { (capital(&note.text)) } } }
            }
        }
    }
}

/// The definition and source of every number on the page.
pub fn definitions(values: &Values<'_>) -> Markup {
    html! {
        section id="definitions" {
            h2 { "Definitions" }
            p class="small muted" { "Every number on this page: what it is, its unit, and where the definition comes from." }
            dl class="terms" {
                @for entry in values.used() {
                    dt { (capital(entry.name)) @if !entry.unit().is_empty() { ", " (entry.unit()) } }
                    dd { (entry.definition) " " span class="muted" { "Source: " (entry.source) "." } }
                }
            }
        }
    }
}
