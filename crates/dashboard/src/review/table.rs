//! The push-offs of a leg as rows of words: what the table shows, and what is copied.

use crate::text::{self, review as words};
use surae_gait::report::{PushOffReport, SideReport};

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Start, contact time, knee at foot off, lead, word; `—` where missing.
    pub cells: [String; 5],
    /// Why the row does not count; `None` when it does.
    pub rejected: Option<String>,
    /// Why the word is "not clear"; empty otherwise.
    pub reason: String,
}

/// The rows of a leg. `reason` gives why a value of the report is missing, by its path below the leg.
pub fn rows(leg: &SideReport, reason: impl Fn(&str) -> Option<String>) -> Vec<Row> {
    leg.pushoffs.iter().enumerate().map(|(at, push)| row(at, push, &reason)).collect()
}

fn row(at: usize, push: &PushOffReport, reason: &impl Fn(&str) -> Option<String>) -> Row {
    let rejected = if !push.rejected.is_empty() {
        Some(words::rejected_by_hand(&push.rejected))
    } else if push.off_s.is_none() {
        reason(&format!("pushoffs[{at}].off_s")).or_else(|| Some(words::NO_FOOT_OFF.to_owned()))
    } else {
        None
    };
    let last = push.phases.last();
    let class = last.map_or(surae_gait::dominance::Class::Undetermined, |phase| phase.class);
    let word = text::headline_short(crate::feed::words::class(class));
    let why = last.and_then(|phase| phase.reason).map_or("", crate::feed::words::reason);
    Row {
        cells: [
            format!("{:.3}", push.contact_s),
            ms(push.contact_time_s),
            push.knee_at_off_deg.map_or_else(missing, |deg| format!("{}°", text::signed(deg as f32, 1))),
            push.gastrocnemius_lead_ms.map_or_else(missing, words::lead),
            word.to_owned(),
        ],
        rejected,
        reason: why.to_owned(),
    }
}

fn missing() -> String {
    text::MISSING.to_owned()
}

fn ms(seconds: Option<f64>) -> String {
    seconds.map_or_else(missing, |s| format!("{:.0} ms", s * 1e3))
}

/// The table as text with tabs, for a spreadsheet.
#[must_use]
pub fn tabbed(rows: &[Row]) -> String {
    let mut lines = vec![[words::COLUMNS.join("\t").as_str(), words::REJECTED_COLUMN].join("\t")];
    for row in rows {
        lines.push(format!("{}\t{}", row.cells.join("\t"), row.rejected.as_deref().unwrap_or("")));
    }
    lines.join("\n")
}
