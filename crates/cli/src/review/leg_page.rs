//! From the report of a leg to what stands on its page.

use crate::page::{AngleBin, Balance, Bound, Lane, Lead, LegPage, PushOff, colour};
use crate::words::{
    capital, degrees, file_name, normalisation, number, phase, shown_unit, signed, significant, task,
};
use surae_gait::dominance::{self, Class};
use surae_gait::report::{
    AngleReport, DominanceReport, Interval, KneeReport, MuscleReport, PhaseReport, PushOffReport, Report,
    SideReport,
};
use surae_gait::review::ReviewModel;
use surae_gait::words as method_words;
use surae_trial::{NormalisationKind, Severity, Side};

/// The calf in the order of the field, with its colours.
const ORDER: [(&str, &str); 5] =
    [("MG", colour::MG), ("LG", colour::LG), ("GAS", colour::MG), ("SOL", colour::SOL), ("TA", colour::TA)];
/// Points of a curve over the whole trial: one a px.
const TIME_POINTS: usize = 724;

/// The page of one leg; `None` for a leg that the trial does not have.
pub fn leg_page(model: &ReviewModel, side: Side) -> Option<LegPage> {
    let report = &model.report;
    let leg = report.sides.of(side)?;
    let path = format!("sides.{side}");
    let foot_off = foot_off(leg);
    let mut page = LegPage {
        trial: file_name(&report.trial.path),
        leg: if side == Side::Left { "Left leg" } else { "Right leg" }.to_owned(),
        summary: summary(report, leg),
        method: method(report, leg),
        lanes: lanes(leg),
        foot_off_percent: foot_off,
        strides: leg.cycles.n,
        leads: leads(leg),
        lead: lead(leg),
        push_offs: leg.pushoffs.iter().map(push_off).collect(),
        doubts: doubts(report, side),
        footer: format!(
            "surae {} \u{b7} {} \u{b7} sha256 {}",
            report.surae_version,
            report.schema,
            report.trial.sha256.get(..12).unwrap_or("not known")
        ),
        knee_axis: knee_axis(leg.knee_angle.as_ref()),
        ..LegPage::default()
    };
    let is_emg = leg.cycles.start_event != "foot_contact";
    if page.lanes.is_empty() || is_emg {
        let why = report
            .reason(&format!("{path}.cycles"))
            .or(report.reason(&format!("{path}.cycles.stride_time_s")));
        let why = if is_emg { Some("EMG cycles only: nothing shows the foot contacts") } else { why };
        page.no_cycles = Some(why.unwrap_or("the trial has no complete stride").to_owned());
        page.time_s = (0.0, report.trial.duration_s);
        page.contacts_s =
            leg.pushoffs.iter().filter_map(|push_off| Some((push_off.contact_s, push_off.off_s?))).collect();
        page.lanes = lanes_over_time(model, side, report.trial.duration_s);
    }
    match &leg.dominance {
        Some(dominance) => {
            let comparable = comparable(leg);
            page.phases = dominance.by_phase.iter().map(phase_row).collect();
            page.angles = dominance
                .by_angle
                .iter()
                .filter(|bin| bin.dominance.is_some())
                .map(|bin| angle_bin(bin, dominance, comparable))
                .collect();
            page.range_note = format!("Published range: {}", dominance.band_source);
            page.caution =
                (!comparable).then(|| "each of its own peak here: earlier or later only".to_owned());
        }
        None => {
            let why =
                report.reason(&format!("{path}.dominance")).unwrap_or("gastrocnemius or soleus is missing");
            page.no_dominance = Some(format!("No dominance: {why}."));
        }
    }
    if leg.knee_angle.is_none() {
        page.no_angle =
            Some("No knee angle: the straight-knee/bent-knee comparison is not available.".to_owned());
    } else if page.angles.is_empty() {
        let why = report.reason(&format!("{path}.dominance.by_angle"));
        page.no_angle = Some(format!("No bins: {}.", why.unwrap_or("no active samples with a knee angle")));
    }
    Some(page)
}

fn summary(report: &Report, leg: &SideReport) -> String {
    let cycles = &leg.cycles;
    let mut parts = vec![capital(task(report.trial.task))];
    if report.trial.synthetic {
        parts.push("synthetic".to_owned());
    }
    parts.push(format!("{:.2} s recorded", report.trial.duration_s));
    if let Some(stride_s) = cycles.stride_time_s {
        let plural = if cycles.n == 1 { "stride" } else { "strides" };
        let cv = cycles.stride_time_cv_percent.map_or(String::new(), |cv| format!(" (CV {cv:.1} %)"));
        parts.push(format!("{} {plural} of {stride_s:.3} s{cv}", cycles.n));
    }
    if let Some(stance) = cycles.stance_percent {
        parts.push(format!("stance {stance:.1} %"));
    }
    if let Some(cadence) = cycles.cadence_steps_per_min {
        parts.push(format!("{cadence:.0} steps/min"));
    }
    parts.join(" \u{b7} ")
}

fn method(report: &Report, leg: &SideReport) -> String {
    let c = &report.settings.conditioning;
    let mut parts = vec![report.mode.replace('_', "-")];
    let any = leg.muscles.values().next();
    match any.map(|muscle| muscle.filter.envelope_kind.as_str()) {
        Some("source_envelope") => parts.push("envelope as the source made it".to_owned()),
        _ => parts.push(format!(
            "band-pass {}\u{2013}{} Hz, envelope {} Hz",
            c.band_low_hz, c.band_high_hz, c.envelope_hz
        )),
    }
    if let Some(muscle) = any {
        parts.push(format!("relative to {}", normalisation(muscle.normalisation.kind)));
    }
    if let Some(knee) = &leg.knee_angle {
        let zero = match knee.zero_method.as_str() {
            "none" => "no zero subtracted".to_owned(),
            method => format!("{} of {method} subtracted", degrees(knee.offset_deg)),
        };
        parts.push(format!("knee: {}, {zero}", knee.source));
    }
    parts.join(" \u{b7} ")
}

fn knee_axis(knee: Option<&KneeReport>) -> String {
    let zero = match knee.map(|knee| knee.zero_method.as_str()) {
        Some("standing trial" | "profile" | "quiet standing in this trial") => "standing",
        Some("straightest of this trial") => "straightest of this trial",
        _ => "straight",
    };
    format!("knee flexion, 0\u{b0} = {zero}")
}

/// The calf, then the knee.
fn lanes(leg: &SideReport) -> Vec<Lane> {
    let muscles = ORDER.iter().filter_map(|(name, ink)| muscle_lane(name, ink, leg.muscles.get(*name)?));
    muscles.chain(leg.knee_angle.as_ref().and_then(knee_lane)).collect()
}

fn muscle_lane(name: &str, ink: &'static str, muscle: &MuscleReport) -> Option<Lane> {
    let mean = muscle.mean_curve.clone()?;
    let (factor, unit) = shown_unit(&muscle.amplitude_unit);
    let scaled = |values: &[f64]| values.iter().map(|value| value * factor).collect::<Vec<f64>>();
    let peak = muscle.peak.zip(muscle.peak_percent_cycle).map(|(peak, percent)| {
        format!("peak {} {unit} at {} %", significant(peak * factor), number(percent, 0))
    });
    Some(Lane {
        name: name.to_owned(),
        colour: ink,
        unit: unit.to_owned(),
        others: Vec::new(),
        sd: muscle.sd_curve.as_deref().map(scaled).unwrap_or_default(),
        mean: scaled(&mean),
        peak,
        signed: false,
    })
}

fn knee_lane(knee: &KneeReport) -> Option<Lane> {
    let mean = knee.mean_curve_deg.clone()?;
    let most = mean.iter().copied().filter(|v| v.is_finite()).fold(f64::NEG_INFINITY, f64::max);
    Some(Lane {
        name: "Knee".to_owned(),
        colour: colour::TEXT,
        unit: "flexion, deg".to_owned(),
        others: Vec::new(),
        sd: knee.sd_curve_deg.clone().unwrap_or_default(),
        mean,
        peak: most.is_finite().then(|| format!("most bent {}", degrees(most))),
        signed: true,
    })
}

/// Mean and SD of foot off over the kept strides, in percent.
fn foot_off(leg: &SideReport) -> Option<(f64, f64)> {
    let percents: Vec<f64> = leg
        .cycles
        .items
        .iter()
        .filter(|cycle| cycle.kept)
        .filter_map(|cycle| Some(100.0 * (cycle.foot_off_s? - cycle.start_s) / (cycle.end_s - cycle.start_s)))
        .collect();
    let n = percents.len() as f64;
    let mean = percents.iter().sum::<f64>() / n;
    let spread = percents.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    mean.is_finite().then(|| (mean, spread.sqrt()))
}

/// The interval as drawn: an open end reaches to the end of the scale.
fn closed([low, high]: Interval) -> Option<(f64, f64)> {
    (low.is_some() || high.is_some()).then(|| (low.unwrap_or(-1.0), high.unwrap_or(1.0)))
}

fn bound(bound: dominance::Bound) -> Bound {
    match bound {
        dominance::Bound::None => Bound::None,
        dominance::Bound::Upper => Bound::AtMost,
        dominance::Bound::Lower => Bound::AtLeast,
    }
}

/// Whether the references of all parts of the calf carry a class between muscles.
fn comparable(leg: &SideReport) -> bool {
    let parts = ["MG", "LG", "GAS", "SOL"].iter().filter_map(|name| leg.muscles.get(*name));
    parts.map(|muscle| muscle.normalisation.kind).all(NormalisationKind::supports_dominance)
}

fn class_colour(class: Class) -> &'static str {
    match class {
        Class::GastrocnemiusDominant => colour::MG,
        Class::SoleusDominant => colour::SOL,
        Class::Balanced => colour::TEXT,
        Class::Rest | Class::Undetermined => colour::MUTED,
    }
}

/// The colour of a muscle only if the whole interval lies beyond the balanced zone.
fn interval_colour([low, high]: Interval, threshold: f64) -> &'static str {
    if low.is_some_and(|low| low > threshold) {
        colour::MG
    } else if high.is_some_and(|high| high < -threshold) {
        colour::SOL
    } else {
        colour::TEXT
    }
}

fn phase_row(row: &PhaseReport) -> Balance {
    let (label, of) = phase(&row.phase);
    Balance {
        label,
        detail: format!("{of}{} to {} %", number(row.from_percent, 0), number(row.to_percent, 0)),
        ink: class_colour(row.class),
        dominance: row.dominance,
        interval: closed(row.dominance_ci90),
        bound: bound(row.bound),
        word: method_words::headline(row.class).to_owned(),
        reason: row.reason.map_or("", method_words::reason).to_owned(),
    }
}

fn angle_bin(bin: &AngleReport, dominance: &DominanceReport, comparable: bool) -> AngleBin {
    // The range is of the change from the straight knee; on this axis it stands around that reference.
    let straight = dominance.straight_reference.as_ref().map(|reference| reference.log_ratio);
    let published = straight.zip(bin.expected_log_ratio_change_range);
    AngleBin {
        knee_deg: bin.knee_deg,
        efforts: bin.n_efforts,
        balance: Balance {
            label: String::new(),
            detail: String::new(),
            dominance: bin.dominance,
            interval: closed(bin.dominance_ci90),
            bound: bound(bin.bound),
            word: String::new(),
            reason: String::new(),
            ink: if comparable {
                interval_colour(bin.dominance_ci90, dominance.class_threshold)
            } else {
                colour::TEXT
            },
        },
        published: published.map(|(straight, [low, high])| {
            (((straight + low) / 2.0).tanh(), ((straight + high) / 2.0).tanh())
        }),
    }
}

fn lead(leg: &SideReport) -> String {
    leg.lead_summary.as_ref().map_or_else(String::new, |lead| {
        let [low, high] = lead.ci90_ms;
        format!(
            "{}: {} ms ({} \u{2026} {}), n {}",
            lead.call,
            signed(lead.median_ms, 0),
            signed(low, 0),
            signed(high, 0),
            lead.n
        )
    })
}

fn leads(leg: &SideReport) -> Option<Lead> {
    let summary = leg.lead_summary.as_ref()?;
    let [low, high] = summary.ci90_ms;
    Some(Lead {
        contacts_ms: leg.pushoffs.iter().filter_map(|push_off| push_off.gastrocnemius_lead_ms).collect(),
        median_ms: summary.median_ms,
        interval_ms: (low, high),
    })
}

fn push_off(push_off: &PushOffReport) -> PushOff {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "\u{2014}".to_owned());
    let lead = push_off.gastrocnemius_lead_ms.map(|ms| match push_off.lead_ci90_ms {
        [Some(low), Some(high)] => {
            format!("{} ms ({} \u{2026} {})", signed(ms, 0), signed(low, 0), signed(high, 0))
        }
        _ => format!("{} ms", signed(ms, 0)),
    });
    let word = push_off.phases.last().map(|phase| method_words::headline(phase.class).to_owned());
    PushOff {
        cells: [
            format!("{:.3} s", push_off.contact_s),
            or_dash(push_off.contact_time_s.map(|s| format!("{:.0} ms", s * 1e3))),
            or_dash(push_off.knee_at_contact_deg.map(degrees)),
            or_dash(push_off.knee_at_off_deg.map(degrees)),
            or_dash(lead),
            or_dash(word),
        ],
    }
}

/// Warnings and errors, most serious first, without those of the other leg.
fn doubts(report: &Report, side: Side) -> Vec<String> {
    let other = if side == Side::Left { "Right leg" } else { "Left leg" };
    let mut notes: Vec<_> = report
        .notes
        .iter()
        .filter(|note| note.severity > Severity::Info && !note.text.starts_with(other))
        .collect();
    notes.sort_by_key(|note| std::cmp::Reverse(note.severity));
    notes.iter().map(|note| capital(&note.text)).collect()
}

/// Envelopes and knee angle over the whole trial, at even steps.
fn lanes_over_time(model: &ReviewModel, side: Side, duration_s: f64) -> Vec<Lane> {
    let time_s = |k: usize| duration_s * k as f64 / (TIME_POINTS - 1) as f64;
    let lane = |name: &str, ink, unit: &str, mean, signed| Lane {
        name: name.to_owned(),
        colour: ink,
        unit: unit.to_owned(),
        mean,
        others: Vec::new(),
        sd: Vec::new(),
        peak: None,
        signed,
    };
    let calf = ORDER.iter().filter_map(|(name, ink)| {
        let emg = model.series.emg.iter().find(|emg| emg.side == side && emg.muscle.short() == *name)?;
        let (factor, unit) = shown_unit(emg.unit.symbol());
        let place =
            |k: usize| (((time_s(k) - emg.start_s) * emg.rate_hz).max(0.0) as usize).min(emg.envelope.len());
        // The highest value of each step, so that no burst falls between two points; a slow envelope has one value
        // for several points.
        let highest = |k: usize| {
            let (from, to) = (place(k), place(k + 1).max(place(k) + 1).min(emg.envelope.len()));
            emg.envelope.get(from..to)?.iter().copied().reduce(f64::max)
        };
        let mean = (0..TIME_POINTS).map(|k| highest(k).map_or(f64::NAN, |value| value * factor)).collect();
        Some(lane(name, *ink, unit, mean, false))
    });
    let knee = model.series.side(side).knee.as_ref().map(|knee| {
        let mean = (0..TIME_POINTS).map(|k| knee.at(time_s(k))).collect();
        lane("Knee", colour::TEXT, "flexion, deg", mean, true)
    });
    calf.chain(knee).collect()
}
