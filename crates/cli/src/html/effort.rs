//! Tables of a leg that not every trial has: times and lengths of the steps, repetitions, standing, the force share; and the legs side by side.

use super::capital;
use super::table::{Cell, table};
use super::value::Values;
use crate::words::phase;
use maud::{Markup, html};
use serde_json::Value;
use surae_gait::report::{Report, SideReport};

fn text(values: &Values<'_>, path: &str, key: &str) -> String {
    values.get(&format!("{path}.{key}")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Times and lengths of the steps; what no stride gives is left out, with its reason among what is missing.
pub fn steps(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    let keys = [
        "stance_time_s",
        "swing_time_s",
        "step_time_s",
        "double_support_percent",
        "single_support_percent",
        "stride_length_m",
        "step_length_m",
        "step_width_m",
        "speed_m_s",
        "belt_m_s",
    ];
    let found: Vec<String> = keys
        .iter()
        .map(|key| format!("{path}.cycles.{key}"))
        .filter(|path| values.get(path).is_some())
        .collect();
    html! {
        @if !found.is_empty() {
            section {
                h3 { "Times and lengths of the steps" }
                p class="small muted" { "Means over " (values.with_unit(&format!("{path}.cycles.n"))) " kept " @if leg.cycles.n == 1 { "stride." } @else { "strides." } }
                dl class="pairs" {
                    @for path in &found {
                        dt { (values.entry(path).map_or(path.as_str(), |entry| entry.name)) }
                        dd { (values.with_unit(path)) }
                    }
                }
            }
        }
    }
}

/// Repetitions of plantar flexion and what changes over them.
pub fn repetitions(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    let Some(found) = leg.repetitions.as_ref().filter(|found| !found.items.is_empty()) else {
        return html! {};
    };
    let items: Vec<String> =
        (0..found.items.len()).map(|at| format!("{path}.repetitions.items[{at}]")).collect();
    let trends: Vec<String> =
        found.trends.keys().map(|muscle| format!("{path}.repetitions.trends.{muscle}")).collect();
    let part = if found.part == "rise" { "on the way up" } else { "over the whole of each" };
    html! {
        section {
            h3 { "Repetitions" }
            p {
                (values.plain(&format!("{path}.repetitions.n"))) " repetitions"
                @if found.per_min.is_some() { ", " (values.with_unit(&format!("{path}.repetitions.per_min"))) }
                "; amplitude and spectrum " (part) "."
            }
            (table(values, "Each repetition", &items, &[
                Cell::Number("from_s"),
                Cell::Number("to_s"),
                Cell::Number("knee_deg"),
                Cell::Number("ankle_deg"),
                Cell::Words("amplitude (RMS)", |values, path| by_muscle(values, path, "rms")),
                Cell::Words("median frequency, Hz", |values, path| by_muscle(values, path, "mdf_hz")),
            ]))
            (table(values, "Change over the repetitions, in percent of the start per minute, with 95 % intervals", &trends, &[
                Cell::Words("muscle", |_, path| path.rsplit('.').next().unwrap_or_default().to_owned()),
                Cell::Words("amplitude over rest, dB", |values, path| {
                    let found = values.get(&format!("{path}.snr_db")).and_then(Value::as_f64);
                    found.map_or(String::new(), |snr_db| crate::words::number(snr_db, 1))
                }),
                Cell::Words("amplitude, % a minute", |values, path| trend(values, path, "rms")),
                Cell::Words("median frequency, % a minute", |values, path| trend(values, path, "mdf")),
                Cell::Words("read together", |values, path| text(values, path, "reading")),
            ]))
        }
    }
}

/// `MG 212, SOL 180` in the unit of the muscle's channel.
fn by_muscle(values: &Values<'_>, path: &str, key: &str) -> String {
    let Some(found) = values.get(&format!("{path}.{key}")).and_then(Value::as_object) else {
        return String::new();
    };
    let leg = path.split(".repetitions").next().unwrap_or_default();
    let written = found.iter().filter_map(|(muscle, value)| {
        let value = value.as_f64()?;
        if key == "mdf_hz" {
            return Some(format!("{muscle} {}", crate::words::number(value, 0)));
        }
        let unit = text(values, &format!("{leg}.muscles.{muscle}"), "amplitude_unit");
        let (factor, unit) = crate::words::shown_unit(&unit);
        Some(format!("{muscle} {}\u{a0}{unit}", crate::words::significant(value * factor)))
    });
    written.collect::<Vec<_>>().join(", ")
}

fn trend(values: &Values<'_>, path: &str, key: &str) -> String {
    let number = |key: &str| values.get(&format!("{path}.{key}")).and_then(Value::as_f64);
    let at = |key2: &str| number(&format!("{key}.{key2}"));
    match (at("percent_per_min"), at("ci95_per_min[0]"), at("ci95_per_min[1]")) {
        (Some(slope), Some(low), Some(high)) => format!(
            "{} ({} \u{2026} {})",
            crate::words::number(slope, 1),
            crate::words::number(low, 1),
            crate::words::number(high, 1)
        ),
        _ => String::new(),
    }
}

/// Contractions of the calf in standing.
pub fn standing(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    let Some(pump) = &leg.calf_pump else { return html! {} };
    let at = |key: &str| format!("{path}.calf_pump.{key}");
    html! {
        section {
            h3 { "Calf in standing" }
            p {
                (values.plain(&at("contractions"))) " contractions in " (values.with_unit(&at("duration_s"))) ": "
                (values.with_unit(&at("per_min"))) "; longest time without one "
                (values.with_unit(&at("longest_still_s"))) "."
            }
            p class="foot" { "What counts: " (pump.rule) "." }
        }
    }
}

/// The model estimate of the force share.
pub fn force_share(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    let Some(found) = leg.force_share.as_ref().filter(|found| !found.by_angle.is_empty()) else {
        return html! {};
    };
    let items: Vec<String> =
        (0..found.by_angle.len()).map(|at| format!("{path}.force_share.by_angle[{at}]")).collect();
    html! {
        section {
            h3 { "Share of gastrocnemius in the force: " (found.label) }
            (table(values, "By knee angle; range over the published capacities", &items, &[
                Cell::Number("knee_deg"),
                Cell::Number("ankle_deg"),
                Cell::Words("ankle", |values, path| {
                    let measured = values.get(&format!("{path}.ankle_measured")).and_then(Value::as_bool);
                    if measured == Some(true) { "measured".to_owned() } else { "taken as a right angle".to_owned() }
                }),
                Cell::Number("share"),
                Cell::Interval("range"),
            ]))
            p class="foot" { "Capacities: " (found.capacities.join("; ")) "." }
        }
    }
}

/// Both legs side by side: times and lengths by index, dominance by the difference of the log ratio.
pub fn both_legs(report: &Report, values: &Values<'_>) -> Markup {
    if report.symmetry.is_empty() && report.side_difference.is_empty() {
        return html! {};
    }
    let items = |list: &str, n: usize| -> Vec<String> { (0..n).map(|at| format!("{list}[{at}]")).collect() };
    html! {
        section id="legs" {
            h2 { "Left and right" }
            (table(values, "Times and lengths; positive is more on the right", &items("symmetry", report.symmetry.len()), &[
                Cell::Words("quantity", |values, path| quantity(&text(values, path, "quantity"))),
                Cell::Number("left"),
                Cell::Number("right"),
                Cell::Number("symmetry_index_percent"),
                Cell::Number("symmetry_angle_percent"),
            ]))
            @if report.side_difference.is_empty() {
                p class="foot" { "Dominance of the legs is not compared: " (values.why("side_difference")) "." }
            }
            (table(values, "Dominance, ln(G/S); positive is more gastrocnemius on the left", &items("side_difference", report.side_difference.len()), &[
                Cell::Words("phase", |values, path| {
                    let (label, of) = phase(&text(values, path, "phase"));
                    format!("{label} {}", of.trim_end_matches(", ")).trim().to_owned()
                }),
                Cell::Number("log_ratio_left"),
                Cell::Number("log_ratio_right"),
                Cell::Number("log_ratio_difference"),
                Cell::Interval("log_ratio_difference_ci90"),
            ]))
        }
    }
}

/// `stance_time_s` as `Stance time, s`.
fn quantity(key: &str) -> String {
    let (name, unit) = key.rsplit_once('_').unwrap_or((key, ""));
    let unit = if unit == "percent" { "%" } else { unit };
    capital(&format!("{}, {unit}", name.replace('_', " ")))
}
