//! Words of the Review view and of reviews in general.

use super::{MISSING, signed};
use surae_gait::Mode;
use surae_gait::report::SideReport;
use surae_trial::{NormalisationKind, Side};

/// The computation ended without a result.
pub const FAILED: &str =
    "The review of this trial failed inside Surae. Try `surae review` on the file and report what it says.";
/// There is no trial.
pub const NOTHING_OPEN: &str = "No trial is open. Open a recording: drop a file here, or Ctrl+O.";
/// Title of the overview.
pub const WHOLE_TRIAL: &str = "Whole trial";
/// How the window is set.
pub const BRUSH_HINT: &str = "drag the edges, or I and O, to set the window";
/// Name of the brush.
pub const BRUSH: &str = "Window of the trial, s";
/// Row of the overview.
pub const ENVELOPES: &str = "envelopes";
/// Row of the overview.
pub const CLASS: &str = "class";
/// Row of the overview.
pub const CONTACT: &str = "contact";
/// In an empty contact row.
pub const NO_CONTACTS: &str = "no foot contacts";
/// Title of the push-offs.
pub const PUSH_OFFS: &str = "Push-offs";
/// Keys of the list, where there is little room.
pub const KEYS_SHORT: &str = "J K · X reject";
/// The list is empty.
pub const NO_PUSH_OFFS: &str = "No foot contact of this leg: no push-offs.";
/// Columns of the push-offs.
pub const COLUMNS: [&str; 5] = ["start", "contact", "knee off", "lead", "push-off"];
/// The same, where there is little room.
pub const COLUMNS_SHORT: [&str; 5] = ["start", "contact", "knee", "lead", ""];
/// One more column of what is copied.
pub const REJECTED_COLUMN: &str = "rejected because";
/// A contact without an end.
pub const NO_FOOT_OFF: &str = "no foot off for this contact";
/// Field for a reason.
pub const REASON_HINT: &str = "why is it rejected? Enter";
/// Rejected without a word.
pub const NO_REASON: &str = "no reason given";
/// Title of the lead.
pub const WHO_FIRST: &str = "Who was active first";
/// No lead and nobody says why.
pub const NO_LEAD_WHY: &str = "no contact with whole EMG of gastrocnemius and soleus";
/// Left end of the lead's axis.
pub const SOLEUS_FIRST: &str = "◀ soleus first";
/// Right end of the lead's axis.
pub const GASTROCNEMIUS_FIRST: &str = "gastrocnemius first ▶";
/// Where the interval comes from.
pub const FEW_CONTACTS: &str = "Fewer than 5 contacts: interval from the model.";
/// A number of a contact.
pub const CONTACT_TIME: &str = "contact time";
/// A number of a contact.
pub const FLIGHT_TIME: &str = "flight after it";
/// A number of a contact.
pub const KNEE_AT_CONTACT: &str = "knee at contact";
/// A number of a contact.
pub const KNEE_LEAST: &str = "knee, most straight in contact";
/// A number of a contact.
pub const KNEE_AT_OFF: &str = "knee at foot off";
/// A number of a contact.
pub const SIGNAL_QUALITY: &str = "signal quality";
/// Title of the doubts.
pub const DOUBTS: &str = "Doubts in this trial";
/// No doubts.
pub const NO_DOUBTS: &str = "None noted.";
/// The first doubt where it applies.
pub const DOUBT_ILLUSTRATIVE: &str =
    "The profile is illustrative, not measured: classes and % show how it looks, not what this person does.";
/// Title of the traces.
pub const TRACES: &str = "Linked traces";
/// How to read them.
pub const TRACES_NOTE: &str =
    "grey lines: contact, dotted: foot off · hatched: not clear · thin grey bar: rest";
/// Name of the cursor.
pub const CURSOR: &str = "Cursor, s";
/// Name of the class lane.
pub const CLASS_LANE: &str = "Class";
/// Name of the activation lane.
pub const G_S: &str = "G · S";
/// Unit of the activation lane with references.
pub const OF_REFERENCE: [&str; 2] = ["% of", "reference"];
/// Unit of the activation lane without references.
pub const OF_OWN_PEAK: [&str; 2] = ["% of", "own peak"];
/// Line of the activation lane.
pub const HUNDRED: &str = "100 %";
/// Name of the force lane.
pub const FORCE: &str = "Force";
/// Unit of the time axis.
pub const SECONDS: &str = "s";
/// Title of dominance by phase.
pub const BY_PHASE: &str = "Dominance by phase";
/// Short name of the right end.
pub const GASTROC_END: &str = "gastroc. ▶";
/// Under dominance by phase.
pub const RELATIVE: &str = super::RELATIVE;
/// Neither muscle.
pub const NO_CALF: &str = "Neither gastrocnemius nor soleus on this leg: no dominance.";
/// No stride.
pub const NO_STRIDES: &str = "No whole stride of this leg.";
/// What the dot of the map is.
pub const CURSOR_LEGEND: &str = "cursor";
/// Caution where amplitudes have no reference.
pub const OWN_PEAK_MAP: &str =
    "No reference: each relative to its own peak here. Read the change, not the level.";
/// Button of the second face of the map.
pub const CHANGE: &str = "G/G0 S/S0";
/// What it does.
pub const CHANGE_HINT: &str = "each muscle relative to its own activity with the straight knee";
/// Legend of the change.
pub const G_CHANGE: &str = "▲ gastrocnemius, 1 = straight knee";
/// Legend of the change.
pub const S_CHANGE: &str = "▼ soleus";
/// Unit of the cycle axis.
pub const PERCENT_CYCLE: &str = "% cycle";
/// Button.
pub const SETTINGS: &str = "Settings";
/// Button.
pub const REPORT: &str = "Report";
/// What it does.
pub const REPORT_HINT: &str = "one page of HTML, Ctrl+P";
/// Button.
pub const COPY: &str = "Copy";
/// What it does.
pub const COPY_HINT: &str = "copy the push-offs as a table, Ctrl+C";
/// Said after copying.
pub const COPIED: &str = "The push-offs are in the clipboard, as a table.";
/// Nothing to copy.
pub const NOTHING_TO_COPY: &str = "There is no table to copy: no trial is reviewed yet.";
/// Chip without references.
pub const NO_PROFILE: &str = "▲ no profile: earlier or later only";
/// Chip of an illustrative profile.
pub const ILLUSTRATIVE: &str = "▲ demo profile, illustrative";
/// What a click on the filters does.
pub const FILTER_HINT: &str = "click: zero-phase or causal";
/// Button.
pub const TO_START: &str = "⏮";
/// What it does.
pub const TO_START_HINT: &str = "start of the window";
/// Button.
pub const BACK: &str = "◀";
/// What it does.
pub const BACK_HINT: &str = "event before, Ctrl+←";
/// Button.
pub const PLAY: &str = "▶";
/// Button.
pub const PAUSE: &str = "⏸";
/// What it does.
pub const PLAY_HINT: &str = "play, pause: Space";
/// Button.
pub const TO_END: &str = "⏭";
/// What it does.
pub const TO_END_HINT: &str = "end of the window";
/// Button.
pub const COMPARE_LEGS: &str = "Compare legs";
/// What it does.
pub const LEGS_HINT: &str = "the other leg, dashed on the same axes";
/// Button.
pub const COMPARE_TRIALS: &str = "Compare trials";
/// What it does.
pub const COMPARE_HINT: &str = "a second trial, dashed on the same axes, C";
/// Undo at its end.
pub const NOTHING_TO_UNDO: &str = "There is no change to go back to.";
/// Drawer.
pub const TASK: &str = "What the person does";
/// Drawer.
pub const FILTERS: &str = "Filters";
/// Drawer.
pub const ZERO_PHASE: &str = "zero-phase";
/// Drawer.
pub const CAUSAL: &str = "causal, as live";
/// Drawer.
pub const BAND_LOW: &str = "EMG band from";
/// Drawer.
pub const BAND_HIGH: &str = "EMG band to";
/// Drawer.
pub const ENVELOPE_HZ: &str = "envelope low-pass";
/// Drawer.
pub const NOTCH: &str = "mains notch";
/// Drawer.
pub const NOTCH_HZ: &str = "mains frequency";
/// Drawer.
pub const CORRECTION: &str = "cut-offs hold for both passes (Winter)";
/// Drawer.
pub const ANGLE_HZ: &str = "knee angle low-pass";
/// Drawer.
pub const DOMINANCE: &str = "Dominance";
/// Drawer.
pub const THRESHOLD: &str = "balanced up to |D|";
/// Drawer.
pub const MEDIAL: &str = "weight of the medial head";
/// Drawer.
pub const BIN: &str = "width of an angle bin";
/// Drawer.
pub const CONTACTS: &str = "Contacts and windows";
/// Drawer.
pub const FORCE_THRESHOLD: &str = "contact from a load of";
/// Drawer.
pub const PREACTIVATION: &str = "before contact";
/// Drawer.
pub const LEAD_WINDOW: &str = "lead counts from before contact";
/// Drawer.
pub const UNDO: &str = "Undo";
/// Drawer.
pub const REDO: &str = "Redo";
/// Drawer.
pub const DEFAULTS: &str = "Defaults";
/// Drawer, when nothing runs.
pub const UP_TO_DATE: &str = "What is shown was made with these settings.";

/// A review is being made.
#[must_use]
pub fn progress(share: f64) -> String {
    format!("computing {:.0} %", share * 100.0)
}

/// A review is being made anew.
#[must_use]
pub fn recomputing(share: f64) -> String {
    format!("recomputing {:.0} %", share * 100.0)
}

/// The filters in force.
#[must_use]
pub fn filters(mode: Mode, envelope_hz: f64) -> String {
    let mode = if mode == Mode::Causal { "causal" } else { "zero-phase" };
    format!("{mode} · envelope {envelope_hz} Hz")
}

/// The profile in force.
#[must_use]
pub fn profile(athlete: &str, date: &str) -> String {
    if date.is_empty() { format!("profile {athlete}") } else { format!("profile {athlete}, {date}") }
}

/// `3 contacts, 2 full strides`.
#[must_use]
pub fn contacts_and_strides(contacts: usize, strides: usize) -> String {
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    format!("{contacts} contact{}, {strides} full stride{}", plural(contacts), plural(strides))
}

/// Keys of the list, with its leg.
#[must_use]
pub fn push_off_keys(side: Side) -> String {
    format!("{} leg · J K move · X reject", side.name())
}

/// `0.80 – 2.80 s`.
#[must_use]
pub fn window((from, to): (f64, f64)) -> String {
    format!("{from:.2} – {to:.2} s")
}

/// `2.482 s`.
#[must_use]
pub fn seconds(time_s: f64) -> String {
    format!("{time_s:.3} s")
}

/// A lead with its sign: `+2 ms`.
#[must_use]
pub fn lead(ms: f64) -> String {
    let text = signed(ms as f32, 0);
    if ms.round() > 0.0 { format!("+{text} ms") } else { format!("{text} ms") }
}

/// A tick of the lead's axis: `+20`.
#[must_use]
pub fn signed_ms(ms: f64) -> String {
    let text = signed(ms as f32, 0);
    if ms > 0.0 { format!("+{text}") } else { text }
}

/// The call of a lead, from its interval alone.
#[must_use]
pub fn call(median_ms: f64, [low, high]: [f64; 2]) -> &'static str {
    if low > 0.0 && median_ms > 0.0 {
        "Gastrocnemius first"
    } else if high < 0.0 && median_ms < 0.0 {
        "Soleus first"
    } else {
        "No clear lead"
    }
}

/// `median −3 ms, interval −13 … +8 ms, n 3`.
#[must_use]
pub fn lead_numbers(median_ms: f64, [low, high]: [f64; 2], n: usize) -> String {
    format!("median {}, interval {} … {}, n {n}", lead(median_ms), signed_ms(low.round()), lead(high))
}

/// No lead, with the reason.
#[must_use]
pub fn no_lead(why: &str) -> String {
    format!("No lead: {why}")
}

/// A row for screen readers.
#[must_use]
pub fn row(cells: &[String; 5], rejected: Option<&str>) -> String {
    match rejected {
        Some(why) => format!("Push-off at {} s, rejected: {why}", cells[0]),
        None => format!(
            "Push-off at {} s, contact {}, knee at foot off {}, lead {}, {}",
            cells[0], cells[1], cells[2], cells[3], cells[4]
        ),
    }
}

/// Rejected by the person.
#[must_use]
pub fn rejected_by_hand(reason: &str) -> String {
    format!("rejected: {reason}")
}

/// Title of the chosen contact.
#[must_use]
pub fn contact_at(time_s: f64) -> String {
    format!("Contact at {time_s:.3} s")
}

/// A number of a contact.
#[must_use]
pub fn peak_of(muscle: &str) -> String {
    format!("peak: {muscle}")
}

/// A number of a contact.
#[must_use]
pub fn half_by(muscle: &str) -> String {
    format!("half of EMG by: {muscle}")
}

/// A number of a contact.
#[must_use]
pub fn before_contact(muscles: &str) -> String {
    format!("before contact: {muscles}")
}

/// Scale of the knee lane.
#[must_use]
pub fn degree_range(low: f32, high: f32) -> String {
    format!("{}–{}°", signed(low, 0), signed(high, 0))
}

/// Scale of the force lane.
#[must_use]
pub fn kilonewton(top_n: f32) -> String {
    format!("{} kN", super::figure(top_n / 1e3))
}

/// Caption of the map.
#[must_use]
pub fn map_caption(n: usize, is_short: bool) -> String {
    let plural = if n == 1 { "" } else { "s" };
    if is_short { format!("{n} effort{plural}") } else { format!("{n} effort{plural} · active time only") }
}

/// A bin of the change for screen readers.
#[must_use]
pub fn change_spoken(knee_deg: f64, g: Option<f64>, s: Option<f64>, n: usize) -> String {
    let number = |value: Option<f64>| value.map_or_else(|| MISSING.to_owned(), |v| format!("{v:.2}"));
    format!("{knee_deg:.0}°: G/G0 {}, S/S0 {}, n {n}", number(g), number(s))
}

/// Strides of dominance by phase.
#[must_use]
pub fn strides(n: usize) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} stride{plural} · 90 % interval · rings: contacts")
}

/// Caption of the phase view.
#[must_use]
pub fn phase_caption(n: usize, start: &str, has_published: bool) -> String {
    let what = match n {
        0 => String::new(),
        1 => "1 stride".to_owned(),
        2 => "mean and both strides".to_owned(),
        n => format!("mean, SD and {n} strides"),
    };
    if n == 0 {
        return String::new();
    }
    let zero = if start == "foot_contact" { "contact" } else { "start of the soleus burst" };
    let outlines = if has_published { " · outlines: published on–off" } else { "" };
    format!("{what} · bars: above 20 % of peak{outlines} · 0 % = {zero}")
}

/// The phase view for screen readers.
#[must_use]
pub fn phase_spoken(n: usize, off: Option<f64>) -> String {
    let off = off.map_or_else(String::new, |off| format!(", foot off at {off:.0} %"));
    format!("Mean envelopes over {n} strides{off}")
}

/// Beside the highest point of a mean.
#[must_use]
pub fn peak_at(percent: usize) -> String {
    format!("peak at {percent} %")
}

/// Beside the knee.
#[must_use]
pub fn most_bent(deg: f32) -> String {
    format!("{deg:.0}° most bent")
}

/// On the foot off line.
#[must_use]
pub fn foot_off(percent: f32) -> String {
    format!("foot off {percent:.0} %")
}

/// Name of a phase, and what part of the cycle it is.
#[must_use]
pub fn phase(name: &str, from: f64, to: f64) -> (String, String) {
    let words = match name {
        "pre_activation" => "Before contact",
        "first_half_of_contact" => "First half",
        "second_half_of_contact" => "Push-off",
        "swing" => "Swing",
        "loading" => "Loading",
        "mid_stance" => "Mid stance",
        "terminal_stance" => "Terminal stance",
        "pre_swing" => "Pre-swing",
        other => return (other.replace('_', " "), format!("{from:.0}–{to:.0} %")),
    };
    let span = match name {
        "first_half_of_contact" => "of contact".to_owned(),
        "second_half_of_contact" => "second half".to_owned(),
        _ => format!("{from:.0}–{to:.0} % of cycle"),
    };
    (words.to_owned(), span)
}

/// A phase for screen readers.
#[must_use]
pub fn phase_spoken_value(
    name: &str,
    dominance: Option<f64>,
    ci90: [Option<f64>; 2],
    class: &str,
    reason: &str,
) -> String {
    let number = |value: Option<f64>| value.map_or_else(|| MISSING.to_owned(), |v| signed(v as f32, 2));
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    format!("{name}: {class}{why}; D {} ({} … {})", number(dominance), number(ci90[0]), number(ci90[1]))
}

/// The other leg in a legend.
#[must_use]
pub fn other_leg(side: Side) -> &'static str {
    match side {
        Side::Left => "left leg",
        Side::Right => "right leg",
    }
}

/// The other leg cannot be compared.
#[must_use]
pub fn no_other_leg(side: Side) -> String {
    format!("The {} leg has no EMG in this trial: there is nothing to compare.", side.name())
}

/// Two trials do not stand on one scale.
#[must_use]
pub fn not_compared(name: &str, why: &str) -> String {
    format!("{name} is not compared: {why}")
}

/// The trial has nothing of a leg.
#[must_use]
pub fn no_leg(name: &str) -> String {
    format!(
        "{name}: no EMG, no knee angle and no foot contact of either leg. `surae info` says what each channel was taken \
         for; a map (--map) names them."
    )
}

/// Whether amplitudes of the leg are relative to references that a class may rest on.
#[must_use]
pub fn has_reference(leg: &SideReport) -> bool {
    let calf = leg.muscles.iter().filter(|(name, _)| ["MG", "LG", "GAS", "SOL"].contains(&name.as_str()));
    let mut kinds = calf.map(|(_, muscle)| muscle.normalisation.kind).peekable();
    kinds.peek().is_some() && kinds.all(NormalisationKind::supports_dominance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_called_only_where_the_interval_leaves_zero() {
        assert_eq!(call(42.0, [30.0, 54.0]), "Gastrocnemius first");
        assert_eq!(call(-9.0, [-20.0, -1.0]), "Soleus first");
        assert_eq!(call(-3.0, [-13.0, 8.0]), "No clear lead");
        assert_eq!(call(f64::NAN, [f64::NAN; 2]), "No clear lead");
        assert_eq!(lead_numbers(-3.2, [-13.4, 8.1], 3), "median −3 ms, interval −13 … +8 ms, n 3");
        assert_eq!(lead(0.3), "0 ms");
    }
}
