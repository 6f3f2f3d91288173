//! The summary in words: what was found, how sure, and what is missing and why.

use crate::words::{
    degrees, event, normalisation, number, phase, shown_unit, signed, significant, task, wrapped,
};
use std::io::{self, Write};
use surae_gait::dominance::Bound;
use surae_gait::report::{DominanceReport, Report, SideReport};
use surae_gait::{sentences, words as method_words};
use surae_trial::{EventKind, Severity, Side};

/// Columns of the narrowest terminal in use.
const WIDTH: usize = 80;
/// The muscles that the summary tells of, in the order of the field.
const CALF: [&str; 6] = ["MG", "LG", "GAS", "SOL", "TA", "PL"];

/// Writes the summary.
pub fn in_words(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let trial = &report.trial;
    let synthetic = if trial.synthetic { ", synthetic" } else { "" };
    let what = format!(
        "{}, {:.2} s, {}{synthetic}",
        task(trial.task),
        trial.duration_s,
        report.mode.replace('_', "-")
    );
    // A path stays whole, so that it can be copied.
    if trial.path.chars().count() + what.chars().count() + 2 <= WIDTH {
        writeln!(out, "{}: {what}", trial.path)?;
    } else {
        writeln!(out, "{}\n  {what}", trial.path)?;
    }
    // One a contact stands in the table of its leg.
    for sentence in report.sentences.iter().filter(|sentence| !sentences::is_of_one_push_off(sentence)) {
        paragraph(out, "  ", sentence)?;
    }
    for side in Side::BOTH {
        if let Some(leg) = report.sides.of(side) {
            one_leg(out, report, side, leg)?;
        }
    }
    jumps(out, report)?;
    notes(out, report)
}

/// Most jumps that the summary lists; tables and JSON have all.
const MOST_JUMPS: usize = 12;

/// Phases of each jump and the rule that made the times; what they amount to is in the sentences.
fn jumps(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let Some(first) = report.jumps.first() else { return Ok(()) };
    writeln!(out, "\nJumps")?;
    paragraph(out, "  rule       ", &first.take_off_rule)?;
    for (k, jump) in report.jumps.iter().take(MOST_JUMPS).enumerate() {
        let phases: Vec<String> = jump
            .phases
            .iter()
            .map(|p| format!("{} {:.0} ms", p.phase.replace('_', " "), (p.to_s - p.from_s) * 1e3))
            .collect();
        paragraph(
            out,
            &format!("  jump {:<6}", k + 1),
            &format!("take-off {:.3} s; {}", jump.take_off_s, phases.join(", ")),
        )?;
        if k == 0 {
            let why = report.reason("jumps[0].height_impulse_m").filter(|_| jump.height_impulse_m.is_none());
            if let Some(why) = why {
                paragraph(out, "             ", &format!("no height by impulse: {why}"))?;
            }
        }
    }
    if report.jumps.len() > MOST_JUMPS {
        writeln!(out, "  jump       {} more; --format csv or json has all", report.jumps.len() - MOST_JUMPS)?;
    }
    Ok(())
}

fn one_leg(out: &mut impl Write, report: &Report, side: Side, leg: &SideReport) -> io::Result<()> {
    writeln!(out, "\n{} leg", if side == Side::Left { "Left" } else { "Right" })?;
    events(out, report, side)?;
    let cycles = &leg.cycles;
    match (cycles.n, cycles.stride_time_s) {
        (0, _) | (_, None) => {
            let why =
                report.reason(&format!("sides.{side}.cycles.stride_time_s")).unwrap_or("no complete stride");
            paragraph(out, "  strides    ", &format!("none: {why}"))?;
        }
        (n, Some(stride_s)) => {
            let part = |text: &str, value: Option<f64>, decimals, unit: &str| {
                value.map_or(String::new(), |v| format!(", {text} {}{unit}", number(v, decimals)))
            };
            let plural = if n == 1 { "stride" } else { "strides" };
            let text = format!(
                "{n} {plural} of {stride_s:.3} s{}{}{}",
                part("CV", cycles.stride_time_cv_percent, 1, " %"),
                part("stance", cycles.stance_percent, 1, " %"),
                part("cadence", cycles.cadence_steps_per_min, 0, " steps/min"),
            );
            paragraph(out, "  strides    ", &text)?;
        }
    }
    knee(out, report, side, leg)?;
    muscles(out, leg)?;
    match &leg.dominance {
        Some(dominance) => balance(out, dominance)?,
        None => {
            let why = report.reason(&format!("sides.{side}.dominance")).unwrap_or("not available");
            let why = why.strip_prefix("Left leg: ").or(why.strip_prefix("Right leg: ")).unwrap_or(why);
            paragraph(out, "  dominance  ", &format!("none: {why}"))?;
        }
    }
    push_offs(out, leg)
}

/// The calf and its antagonist, each on a line; the rest by name only.
fn muscles(out: &mut impl Write, leg: &SideReport) -> io::Result<()> {
    let mut relative: Vec<&str> = Vec::new();
    for name in CALF {
        let Some(muscle) = leg.muscles.get(name) else { continue };
        let (factor, unit) = shown_unit(&muscle.amplitude_unit);
        let peak = match (muscle.peak, muscle.peak_percent_cycle) {
            (Some(peak), Some(percent)) => {
                format!("peak {} {unit} at {} % of the cycle", significant(peak * factor), number(percent, 0))
            }
            _ => "no gait cycle, no mean curve".to_owned(),
        };
        let mdf = muscle.mdf_hz.map_or(String::new(), |hz| format!(", median frequency {hz:.0} Hz"));
        writeln!(out, "  {name:10} {peak}{mdf}")?;
        let kind = normalisation(muscle.normalisation.kind);
        if !relative.contains(&kind) {
            relative.push(kind);
        }
    }
    let others: Vec<&str> =
        leg.muscles.keys().map(String::as_str).filter(|name| !CALF.contains(name)).collect();
    if !others.is_empty() {
        paragraph(out, "  also       ", &others.join(" "))?;
    }
    if relative.is_empty() {
        Ok(())
    } else {
        paragraph(out, "  activity   ", &format!("relative to {}", relative.join(", ")))
    }
}

fn events(out: &mut impl Write, report: &Report, side: Side) -> io::Result<()> {
    for kind in [EventKind::FootContact, EventKind::FootOff] {
        let chosen: Vec<_> =
            report.events.iter().filter(|e| e.chosen && e.kind == kind && e.side == Some(side)).collect();
        if let Some(first) = chosen.first() {
            let times: Vec<String> = chosen.iter().take(6).map(|e| format!("{:.3}", e.time_s)).collect();
            let more =
                if chosen.len() > 6 { format!(" \u{2026} {} in all", chosen.len()) } else { String::new() };
            let source = first.source.name().replace('_', " ");
            let head = format!("  {:12} ", event(kind));
            paragraph(out, &head, &format!("{} s{more} (from the {source})", times.join(" ")))?;
        }
    }
    Ok(())
}

fn knee(out: &mut impl Write, report: &Report, side: Side, leg: &SideReport) -> io::Result<()> {
    let Some(knee) = &leg.knee_angle else {
        let why = report
            .reason(&format!("sides.{side}.knee_angle"))
            .unwrap_or("the straight-knee/bent-knee comparison is not available");
        return paragraph(out, "  knee angle ", &format!("none: {why}"));
    };
    let range = match (knee.min_deg, knee.max_deg) {
        (Some(low), Some(high)) => format!("{} to {}; ", degrees(low), degrees(high)),
        _ => String::new(),
    };
    let zero = match knee.zero_method.as_str() {
        "none" => "no zero subtracted".to_owned(),
        method => format!("{} subtracted ({method})", degrees(knee.offset_deg)),
    };
    paragraph(out, "  knee angle ", &format!("{range}{}; {}; {zero}", knee.source, knee.sign_note))
}

fn balance(out: &mut impl Write, dominance: &DominanceReport) -> io::Result<()> {
    let heads = dominance.heads.join(" and ");
    let head = format!(
        "D = (G \u{2212} S)/(G + S) of {heads} (G) and SOL (S), {}; 90 % interval",
        method_words::CAVEAT
    );
    paragraph(out, "  dominance  ", &head)?;
    let mut reasons: Vec<&str> = Vec::new();
    for row in &dominance.by_phase {
        let (label, _) = phase(&row.phase);
        let from_to = format!("{} to {} %", number(row.from_percent, 0), number(row.to_percent, 0));
        let d = interval(row.dominance, row.dominance_ci90, row.bound);
        writeln!(out, "    {label:16} {from_to:12} {d:24} {}", method_words::short(row.class))?;
        let why = row.reason.map(method_words::reason).filter(|why| !reasons.contains(why));
        reasons.extend(why);
    }
    if !reasons.is_empty() {
        paragraph(out, "    not clear: ", &reasons.join("; "))?;
    }
    for bin in dominance.by_angle.iter().filter(|bin| bin.dominance.is_some()) {
        let d = interval(bin.dominance, bin.dominance_ci90, bin.bound);
        let few = if bin.n_efforts < 3 { ", few" } else { "" };
        let knee = format!("knee {}", degrees(bin.knee_deg));
        let n = format!("n {}{few}", bin.n_efforts);
        writeln!(out, "    {knee:16} {n:12} {d:24} {:.2} s active", bin.active_s)?;
    }
    paragraph(out, "    published range: ", &dominance.band_source)
}

/// The contacts as a table; as many as a screen holds.
fn push_offs(out: &mut impl Write, leg: &SideReport) -> io::Result<()> {
    if leg.pushoffs.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "  push-offs  {:>9} {:>9} {:>11} {:>11}  lead, + gastrocnemius",
        "start", "contact", "knee on", "knee off"
    )?;
    let dash = || "\u{2014}".to_owned();
    for push_off in leg.pushoffs.iter().take(12) {
        let contact = push_off.contact_time_s.map_or_else(dash, |s| format!("{:.0} ms", s * 1e3));
        let lead = push_off.gastrocnemius_lead_ms.zip(push_off.lead_ci90_ms[0].zip(push_off.lead_ci90_ms[1]));
        let lead = lead.map_or_else(dash, |(ms, (low, high))| {
            format!("{} ms ({} \u{2026} {})", signed(ms, 0), signed(low, 0), signed(high, 0))
        });
        writeln!(
            out,
            "             {:>7.3} s {contact:>9} {:>11} {:>11}  {lead}",
            push_off.contact_s,
            push_off.knee_at_contact_deg.map_or_else(dash, degrees),
            push_off.knee_at_off_deg.map_or_else(dash, degrees),
        )?;
    }
    if leg.pushoffs.len() > 12 {
        writeln!(out, "             {} more: --format html, csv or json has all", leg.pushoffs.len() - 12)?;
    }
    Ok(())
}

fn notes(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut sorted: Vec<_> = report.notes.iter().filter(|note| note.severity > Severity::Info).collect();
    sorted.sort_by_key(|note| std::cmp::Reverse(note.severity));
    let info = report.notes.len() - sorted.len();
    if !sorted.is_empty() {
        writeln!(out, "\nDoubts")?;
    }
    for note in sorted {
        let head = if note.severity == Severity::Error { "  error    " } else { "  warning  " };
        paragraph(out, head, &note.text)?;
    }
    if info > 0 {
        let plural = if info == 1 { "remark" } else { "remarks" };
        writeln!(out, "\n{info} more {plural} on how the trial was read: `surae info`, or --format json")?;
    }
    Ok(())
}

/// Text after a head, wrapped, with the following lines indented as far.
fn paragraph(out: &mut impl Write, head: &str, text: &str) -> io::Result<()> {
    let indent = head.chars().count();
    for (k, line) in wrapped(text, WIDTH - indent.min(WIDTH / 2)).iter().enumerate() {
        if k == 0 {
            writeln!(out, "{head}{line}")?;
        } else {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

/// `D −0.53 (−0.66 … −0.36)`, or the bound.
fn interval(value: Option<f64>, [low, high]: [Option<f64>; 2], bound: Bound) -> String {
    match (value, bound, low.zip(high)) {
        (None, ..) => "D \u{2014}".to_owned(),
        (Some(value), Bound::Lower, _) => format!("D at least {}", number(value, 2)),
        (Some(value), Bound::Upper, _) => format!("D at most {}", number(value, 2)),
        (Some(value), Bound::None, Some((low, high))) => {
            format!("D {} ({} \u{2026} {})", number(value, 2), number(low, 2), number(high, 2))
        }
        (Some(value), Bound::None, None) => format!("D {}", number(value, 2)),
    }
}
