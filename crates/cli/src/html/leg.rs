//! One leg: strides, curves, dominance by phase and by knee angle, push-offs, muscles.

use super::capital;
use super::effort;
use super::table::{Cell, table};
use super::value::Values;
use crate::page::{Figures, figures};
use crate::review::leg_page;
use crate::words::{normalisation, phase};
use maud::{Markup, PreEscaped, html};
use serde_json::Value;
use surae_gait::dominance::{Class, Reason};
use surae_gait::report::{DominanceReport, PushOffReport, SideReport};
use surae_gait::review::ReviewModel;
use surae_gait::words as method_words;
use surae_trial::{NormalisationKind, Side};

/// More push-offs than this stand in the table only.
const MOST_CARDS: usize = 12;

/// The section of a leg; a line with the reason for a leg that the trial does not have.
pub fn section(model: &ReviewModel, values: &Values<'_>, side: Side) -> Markup {
    let path = format!("sides.{side}");
    let name = if side == Side::Left { "Left leg" } else { "Right leg" };
    let (Some(leg), Some(page)) = (model.report.sides.of(side), leg_page(model, side)) else {
        return html! {
            section id=(side.name()) {
                h2 { (name) }
                p { "Nothing to report: " (values.why(&path)) "." }
            }
        };
    };
    let drawn = figures(&page);
    html! {
        section id=(side.name()) class="leg" {
            h2 { (name) }
            (strides(values, &path, leg))
            div class="figures" {
                (curves(&drawn, leg, page.no_cycles.as_deref()))
                @if leg.dominance.is_some() {
                    (by_phase(&drawn, values, &path))
                    (by_angle(&drawn, values, &path, page.no_angle.as_deref()))
                }
                (lead(&drawn, values, &path, leg))
            }
            (dominance(values, &path, leg))
            (effort::repetitions(values, &path, leg))
            (effort::standing(values, &path, leg))
            (effort::force_share(values, &path, leg))
            (push_offs(values, &path, leg))
            (effort::steps(values, &path, leg))
            (muscles(values, &path, leg))
            (cycles(values, &path, leg))
        }
    }
}

fn strides(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    let at = |key: &str| format!("{path}.{key}");
    html! {
        p {
            @if leg.cycles.stride_time_s.is_some() {
                (values.with_unit(&at("cycles.n"))) @if leg.cycles.n == 1 { " stride of " } @else { " strides of " }
                (values.with_unit(&at("cycles.stride_time_s")))
                @if leg.cycles.stride_time_cv_percent.is_some() {
                    " (variation " (values.with_unit(&at("cycles.stride_time_cv_percent"))) ")"
                }
                ", stance " (values.with_unit(&at("cycles.stance_percent")))
                ", cadence " (values.with_unit(&at("cycles.cadence_steps_per_min"))) ". "
            } @else {
                "No strides: " (values.why(&at("cycles.stride_time_s"))) ". "
            }
            @if let Some(knee) = &leg.knee_angle {
                "Knee " (values.with_unit(&at("knee_angle.min_deg"))) " to "
                (values.with_unit(&at("knee_angle.max_deg"))) ", from " (knee.source) "; " (knee.sign_note) "; "
                @if knee.zero_method == "none" { "no zero subtracted." }
                @else { (values.with_unit(&at("knee_angle.offset_deg"))) " subtracted (" (knee.zero_method) ")." }
            } @else {
                "No knee angle: " (without_prefix(&values.why(&at("knee_angle")), "no knee angle: ")) "."
            }
            @if let Some(ankle) = &leg.ankle_angle {
                " Ankle " (values.with_unit(&at("ankle_angle.min_deg"))) " to "
                (values.with_unit(&at("ankle_angle.max_deg"))) " (dorsiflexion positive), from " (ankle.source) "; "
                @if ankle.zero_method == "none" { "no zero subtracted." }
                @else { (values.with_unit(&at("ankle_angle.offset_deg"))) " subtracted (" (ankle.zero_method) ")." }
            }
        }
    }
}

fn without_prefix(text: &str, prefix: &str) -> String {
    text.strip_prefix(prefix).unwrap_or(text).trim_end_matches('.').to_owned()
}

fn figure(title: &str, svg: Option<&String>, caption: &str) -> Markup {
    html! {
        @if let Some(svg) = svg {
            figure {
                h3 { (title) }
                (PreEscaped(svg))
                figcaption { (caption) }
            }
        }
    }
}

fn curves(drawn: &Figures, leg: &SideReport, no_cycles: Option<&str>) -> Markup {
    let caption = match (no_cycles, leg.cycles.n) {
        (Some(why), _) => format!("Envelopes and knee angle over the whole trial: {why}. Shaded: foot on the ground."),
        (None, 1) => "One stride, from foot contact to the next contact of the same foot; one stride has no band. Shaded: stance; dashed: foot off.".to_owned(),
        (None, 2) => "Mean of 2 strides, from foot contact to the next contact of the same foot; a band needs 3. Shaded: stance; dashed: foot off.".to_owned(),
        (None, n) => format!("Mean of {n} strides with \u{b1}1 SD, from foot contact to the next contact of the same foot. Shaded: stance; dashed: foot off."),
    };
    let title = if no_cycles.is_some() { "Over the trial" } else { "Over the gait cycle" };
    figure(title, drawn.curves.as_ref(), &caption)
}

fn by_phase(drawn: &Figures, values: &Values<'_>, path: &str) -> Markup {
    if drawn.phases.is_none() {
        return html! {};
    }
    let heads = heads(values, path);
    figure(
        "Dominance by phase",
        drawn.phases.as_ref(),
        &format!(
            "Ratio of {heads} to SOL, each relative to its own reference. Ring or dot: mean; bar: 90 % interval; open arrow: \
             only a bound is known. Grey zone: balanced, within 1.5 : 1."
        ),
    )
}

fn by_angle(drawn: &Figures, values: &Values<'_>, path: &str, no_angle: Option<&str>) -> Markup {
    let Some(svg) = &drawn.angles else {
        return html! {
            figure { h3 { "Dominance and knee angle" } p class="muted" { (no_angle.unwrap_or("No bins.")) } }
        };
    };
    let band =
        values.get(&format!("{path}.dominance.band_source")).and_then(Value::as_str).unwrap_or_default();
    figure(
        "Dominance and knee angle",
        Some(svg),
        &format!(
            "Each 10\u{b0} of knee flexion: mean and 90 % interval over n efforts; under 3 efforts a ring without interval. Open \
             arrow: only a bound is known. Published range: {band}."
        ),
    )
}

fn heads(values: &Values<'_>, path: &str) -> String {
    let heads = values.get(&format!("{path}.dominance.heads")).and_then(Value::as_array);
    let names: Vec<&str> = heads.into_iter().flatten().filter_map(Value::as_str).collect();
    names.join(" and ")
}

fn lead(drawn: &Figures, values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    let Some(summary) = &leg.lead_summary else { return html! {} };
    let at = format!("{path}.lead_summary");
    html! {
        figure {
            h3 { "Who was active first" }
            p {
                (summary.call) ": " (values.with_unit(&format!("{at}.median_ms"))) " (90 % interval "
                (values.interval(&format!("{at}.ci90_ms"))) ", n " (values.plain(&format!("{at}.n"))) ")"
                @if summary.n < 5 { "; 5 contacts make a firm answer" } "."
            }
            @if let Some(svg) = &drawn.lead { (PreEscaped(svg)) }
            figcaption {
                "Rings: one contact each; bar: median with its 90 % interval. By head: "
                @for (k, head) in summary.by_head_ms.keys().enumerate() {
                    @if k > 0 { ", " }
                    (head) " " (values.with_unit(&format!("{at}.by_head_ms.{head}")))
                }
                "."
            }
        }
    }
}

/// A class with its reason, from the item at `path`.
fn class_words(values: &Values<'_>, path: &str) -> String {
    let word = |key: &str| values.get(&format!("{path}.{key}")).cloned().unwrap_or_default();
    let Ok(class) = serde_json::from_value::<Class>(word("class")) else { return String::new() };
    let reason = serde_json::from_value::<Reason>(word("reason")).ok().map(method_words::reason);
    match reason {
        Some(reason) => format!("{}: {reason}", method_words::headline(class)),
        None => method_words::headline(class).to_owned(),
    }
}

fn phase_words(values: &Values<'_>, path: &str) -> String {
    let name = values.get(&format!("{path}.phase")).and_then(Value::as_str).unwrap_or_default();
    let (label, of) = phase(name);
    let of = of.trim_end_matches(", ");
    if of.is_empty() { label } else { format!("{label} {of}") }
}

fn flag_words(values: &Values<'_>, path: &str) -> String {
    values
        .get(&format!("{path}.angle_flag"))
        .and_then(Value::as_str)
        .map_or(String::new(), |flag| flag.replace('_', " "))
}

fn dominance(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    let Some(dominance) = &leg.dominance else {
        let why = values.why(&format!("{path}.dominance"));
        return html! { section { h3 { "Dominance" } p { (without_leg(&why)) } } };
    };
    let items = |list: &str, n: usize| -> Vec<String> {
        (0..n).map(|at| format!("{path}.dominance.{list}[{at}]")).collect()
    };
    let phases = [
        Cell::Words("phase", phase_words),
        Cell::Number("from_percent"),
        Cell::Number("to_percent"),
        Cell::Bounded("dominance"),
        Cell::Interval("dominance_ci90"),
        Cell::Bounded("log_ratio"),
        Cell::Interval("log_ratio_ci90"),
        Cell::Words("result", class_words),
    ];
    let angles = [
        Cell::Number("knee_deg"),
        Cell::Number("ankle_deg"),
        Cell::Number("active_s"),
        Cell::Number("n_efforts"),
        Cell::Bounded("dominance"),
        Cell::Interval("dominance_ci90"),
        Cell::Bounded("log_ratio_change"),
        Cell::Interval("log_ratio_change_ci90"),
        Cell::Interval("expected_log_ratio_change_range"),
        Cell::Number("g_ratio"),
        Cell::Number("s_ratio"),
        Cell::Words("published range", flag_words),
    ];
    html! {
        section {
            h3 { "Dominance of " (dominance.heads.join(" and ")) " over SOL" }
            p class="small muted" { (relative_to(leg)) }
            (table(values, "By phase of the cycle", &items("by_phase", dominance.by_phase.len()), &phases))
            (table(values, "By knee angle", &items("by_angle", dominance.by_angle.len()), &angles))
            (durations(values, path, dominance))
        }
    }
}

/// What the ratio may be read as with the references of the leg.
fn relative_to(leg: &SideReport) -> String {
    let mut kinds: Vec<NormalisationKind> = ["MG", "LG", "GAS", "SOL"]
        .iter()
        .filter_map(|name| leg.muscles.get(*name))
        .map(|muscle| muscle.normalisation.kind)
        .collect();
    kinds.dedup();
    let names: Vec<&str> = kinds.iter().map(|kind| normalisation(*kind)).collect();
    let caution = if kinds.iter().all(|kind| kind.supports_dominance()) {
        "D is a ratio of relative activity and says nothing about force."
    } else {
        "With such references D says earlier or later within the trial, not which muscle is more active; no class is given."
    };
    format!("Activity relative to {}. {caution}", names.join(", "))
}

fn durations(values: &Values<'_>, path: &str, dominance: &DominanceReport) -> Markup {
    let at = format!("{path}.dominance.class_duration_s");
    if dominance.class_duration_s.is_none() {
        return html! { p class="foot" { "No time per class: " (values.why(&at)) "." } };
    }
    html! {
        p class="small" {
            "Time per class: rest " (values.with_unit(&format!("{at}.rest")))
            ", soleus more active " (values.with_unit(&format!("{at}.soleus_dominant")))
            ", balanced " (values.with_unit(&format!("{at}.balanced")))
            ", gastrocnemius more active " (values.with_unit(&format!("{at}.gastrocnemius_dominant")))
            ", not clear " (values.with_unit(&format!("{at}.undetermined"))) "."
        }
    }
}

/// A reason that begins with the leg's name says it without it.
fn without_leg(text: &str) -> String {
    let rest = text.strip_prefix("Left leg: ").or(text.strip_prefix("Right leg: ")).unwrap_or(text);
    format!("{}.", capital(rest).trim_end_matches('.'))
}

fn push_offs(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    if leg.pushoffs.is_empty() {
        let why = if leg.cycles.items.is_empty() {
            "no foot contact of this leg was found"
        } else {
            "none complete"
        };
        return html! { section { h3 { "Push-offs" } p { "No push-offs: " (why) "." } } };
    }
    let items: Vec<String> = (0..leg.pushoffs.len()).map(|at| format!("{path}.pushoffs[{at}]")).collect();
    let columns = [
        Cell::Words("push-off", |values, path| {
            let id = values.get(&format!("{path}.id")).and_then(Value::as_str).unwrap_or_default();
            id.rsplit('-').next().unwrap_or_default().to_owned()
        }),
        Cell::Number("contact_s"),
        Cell::Number("contact_time_s"),
        Cell::Number("mg_t50_ms"),
        Cell::Number("lg_t50_ms"),
        Cell::Number("sol_t50_ms"),
        Cell::Number("mg_peak_ms"),
        Cell::Number("lg_peak_ms"),
        Cell::Number("sol_peak_ms"),
        Cell::Number("mg_onset_ms"),
        Cell::Number("sol_onset_ms"),
        Cell::Number("knee_min_deg"),
    ];
    html! {
        section {
            h3 { "Push-offs" }
            (medians(values, path))
            @if leg.pushoffs.len() <= MOST_CARDS {
                div class="cards" {
                    @for (at, push_off) in leg.pushoffs.iter().enumerate() { (card(values, &items[at], at, push_off)) }
                }
            } @else {
                (table(values, "Leads and knee angles", &items, &[
                    Cell::Number("contact_s"),
                    Cell::Number("contact_time_s"),
                    Cell::Number("flight_time_s"),
                    Cell::Number("gastrocnemius_lead_ms"),
                    Cell::Interval("lead_ci90_ms"),
                    Cell::Number("knee_at_contact_deg"),
                    Cell::Number("knee_at_off_deg"),
                    Cell::Number("preactivation_fraction.MG"),
                    Cell::Number("preactivation_fraction.SOL"),
                ]))
            }
            (table(values, "Timing of each muscle, after contact", &items, &columns))
            p class="foot" { "Windows: " (leg.pushoffs[0].window_rule) ". Lead: " (leg.pushoffs[0].lead_method) "." }
        }
    }
}

/// Medians over the contacts, where there are some.
fn medians(values: &Values<'_>, path: &str) -> Markup {
    let at = |key: &str| format!("{path}.pushoff_summary.{key}");
    html! {
        @if values.get(&at("contact_time_s")).is_some() {
            p {
                "Medians over " (values.plain(&at("n"))) " contacts: contact " (values.with_unit(&at("contact_time_s")))
                @if values.get(&at("flight_time_s")).is_some() { ", flight " (values.with_unit(&at("flight_time_s"))) }
                @if values.get(&at("knee_deg[0]")).is_some() {
                    ", knee " (values.with_unit(&at("knee_deg[0]"))) " at contact and "
                    (values.with_unit(&at("knee_deg[2]"))) " at foot off"
                }
                "."
            }
        }
    }
}

fn card(values: &Values<'_>, path: &str, at: usize, push_off: &PushOffReport) -> Markup {
    let key = |key: &str| format!("{path}.{key}");
    let (word, class) = match push_off.lead_ci90_ms {
        [Some(low), _] if low > 0.0 => ("Gastrocnemius first", "card mg"),
        [_, Some(high)] if high < 0.0 => ("Soleus first", "card sol"),
        [Some(_), Some(_)] => ("No clear lead", "card"),
        _ => ("No lead", "card"),
    };
    html! {
        div class=(class) {
            h4 { "Push-off " (at + 1) ", contact at " (values.with_unit(&key("contact_s"))) }
            p class="big" { (word) }
            @if push_off.gastrocnemius_lead_ms.is_some() {
                p class="small" {
                    "gastrocnemius lead " (values.with_unit(&key("gastrocnemius_lead_ms"))) " (90 % interval "
                    (values.interval(&key("lead_ci90_ms"))) ")"
                }
            } @else {
                p class="small muted" { (capital(&values.why(&key("gastrocnemius_lead_ms")))) }
            }
            dl class="pairs" {
                @for name in ["contact_time_s", "flight_time_s", "knee_at_contact_deg", "knee_at_off_deg"] {
                    dt { (values.entry(&key(name)).map_or(name, |entry| entry.name)) }
                    dd { (values.with_unit(&key(name))) }
                }
                @for muscle in push_off.preactivation_fraction.keys() {
                    dt { (muscle) " before contact" }
                    dd { (values.with_unit(&key(&format!("preactivation_fraction.{muscle}")))) }
                }
                @for phase_of in &push_off.phases {
                    dt { (contact_phase(&phase_of.phase)) }
                    dd { (method_words::headline(phase_of.class)) }
                }
                dt { "signal quality" }
                dd { (push_off.quality.as_deref().unwrap_or("not graded")) }
            }
            @let why = reasons(push_off);
            @if !why.is_empty() { p class="foot" { "Not clear: " (why) "." } }
        }
    }
}

/// Why phases of a contact are not clear, each reason once.
fn reasons(push_off: &PushOffReport) -> String {
    let mut said: Vec<&str> = Vec::new();
    for reason in push_off.phases.iter().filter_map(|phase| phase.reason) {
        let text = method_words::reason(reason);
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said.join("; ")
}

/// A phase of a contact, in the words of a card.
fn contact_phase(name: &str) -> String {
    match name {
        "pre_activation" => "before contact".to_owned(),
        "first_half" => "first half".to_owned(),
        "second_half" => "push-off half".to_owned(),
        other => other.replace('_', " "),
    }
}

fn muscles(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    if leg.muscles.is_empty() {
        return html! {};
    }
    let order = ["MG", "LG", "GAS", "SOL", "TA", "PL"];
    let mut names: Vec<&String> = leg.muscles.keys().collect();
    names.sort_by_key(|name| order.iter().position(|known| known == name).unwrap_or(order.len()));
    let items: Vec<String> = names.iter().map(|name| format!("{path}.muscles.{name}")).collect();
    let name = |_: &Values<'_>, path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let unit = |values: &Values<'_>, path: &str| values.unit(&format!("{path}.noise.value"));
    let reference = |values: &Values<'_>, path: &str| {
        let kind = values.get(&format!("{path}.normalisation.kind")).cloned().unwrap_or_default();
        serde_json::from_value::<NormalisationKind>(kind)
            .map_or(String::new(), |kind| normalisation(kind).to_owned())
    };
    let columns = [
        Cell::Words("muscle", name),
        Cell::Words("unit", unit),
        Cell::Number("peak"),
        Cell::Number("peak_percent_cycle"),
        Cell::Number("noise.value"),
        Cell::Number("normalisation.reference"),
        Cell::Words("relative to", reference),
        Cell::Number("vr"),
        Cell::Number("cmc"),
        Cell::Number("mdf_hz"),
        Cell::Number("mnf_hz"),
    ];
    html! {
        section {
            h3 { "Muscles" }
            (table(values, "Envelope over the cycle, rest level and spectrum of the bursts", &items, &columns))
            @if !leg.crosstalk.r_xy.is_empty() {
                p class="small" {
                    "Common signal, a screen for crosstalk: "
                    @for (k, pair) in leg.crosstalk.r_xy.keys().enumerate() {
                        @if k > 0 { ", " }
                        (pair) " " (values.plain(&format!("{path}.crosstalk.r_xy.{pair}")))
                    }
                    "."
                }
            }
            @if leg.crosstalk.isolation_coefficient.is_some() {
                p class="small" {
                    "Isolation trial: soleus reaches the electrodes over gastrocnemius with at most "
                    (values.plain(&format!("{path}.crosstalk.isolation_coefficient")))
                    " of its amplitude"
                    @if leg.crosstalk.lowest_dominance.is_some() {
                        "; with soleus alone D would read "
                        (values.plain(&format!("{path}.crosstalk.lowest_dominance")))
                        ", and nothing below that can be measured"
                    }
                    "."
                }
            }
        }
    }
}

fn cycles(values: &Values<'_>, path: &str, leg: &SideReport) -> Markup {
    if leg.cycles.items.is_empty() {
        return html! {};
    }
    let items: Vec<String> =
        (0..leg.cycles.items.len()).map(|at| format!("{path}.cycles.items[{at}]")).collect();
    let kept = |values: &Values<'_>, path: &str| {
        let kept = values.get(&format!("{path}.kept")).and_then(Value::as_bool).unwrap_or_default();
        let reason = values.get(&format!("{path}.reason")).and_then(Value::as_str).unwrap_or_default();
        if kept { "kept".to_owned() } else { format!("not counted: {reason}") }
    };
    let knee = |values: &Values<'_>, path: &str| {
        values.get(&format!("{path}.knee_reason")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    html! {
        section {
            h3 { "Strides" }
            (table(values, "Every stride found, and whether it counts", &items, &[
                Cell::Number("start_s"),
                Cell::Number("foot_off_s"),
                Cell::Number("end_s"),
                Cell::Words("counts", kept),
                Cell::Words("knee", knee),
            ]))
        }
    }
}
