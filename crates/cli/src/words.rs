//! The words for people: tasks, events, classes and reasons, as the dashboard says them too.

use std::path::Path;
use surae_gait::knee::KneeSource;
use surae_gait::report::Report;
pub use surae_gait::words::{normalisation, signed as number};
use surae_trial::{EventKind, Joint, Task};

/// The name of a file without its folders.
pub fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The text with a capital first letter.
pub fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// A task.
pub fn task(task: Task) -> &'static str {
    match task {
        Task::Standing => "quiet standing",
        Task::PlantarFlexion => "plantar flexion",
        Task::Walk => "walking",
        Task::Run => "running",
        Task::Sprint => "sprint",
        Task::Jump => "jump",
        Task::KneeExtension => "knee extension effort",
    }
}

/// An event.
pub fn event(kind: EventKind) -> &'static str {
    match kind {
        EventKind::FootContact => "foot contact",
        EventKind::FootOff => "foot off",
        EventKind::TakeOff => "take-off",
        EventKind::Landing => "landing",
        EventKind::Mark => "mark",
    }
}

/// Where a knee angle comes from, its sign and its zero.
pub fn knee_source(source: &KneeSource) -> String {
    let zero = match source.zero_method {
        "none" => "no zero subtracted".to_owned(),
        method => format!("{} subtracted ({method})", degrees(source.offset_deg)),
    };
    format!("{}; {}; {zero}", source.text, source.sign_note)
}

/// The unit an amplitude is shown in, and the factor to it: volts of surface EMG are read in thousandths.
pub fn shown_unit(unit: &str) -> (f64, &str) {
    match unit {
        "V" => (1e3, "mV"),
        "uV" => (1.0, "\u{b5}V"),
        "1" => (100.0, "% of reference"),
        other => (1.0, other),
    }
}

/// The joint of an angle channel.
pub fn joint(joint: Joint) -> &'static str {
    match joint {
        Joint::Knee => "knee",
        Joint::Ankle => "ankle",
        Joint::Hip => "hip",
    }
}

/// A phase of the gait cycle or of a contact, and what it is a part of.
pub fn phase(name: &str) -> (String, &'static str) {
    match name {
        "mid_stance" => ("Mid-stance".to_owned(), ""),
        "pre_swing" => ("Pre-swing".to_owned(), ""),
        "pre_activation" => ("Before contact".to_owned(), ""),
        "first_half_of_contact" => ("First half".to_owned(), "of contact, "),
        "second_half_of_contact" => ("Push-off half".to_owned(), "of contact, "),
        other => {
            let mut words = other.replace('_', " ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            (words, "")
        }
    }
}

/// Grade of a channel with what lowers it; `None` where it was not graded.
pub fn quality_of(report: &Report, stream: &str, label: &str) -> Option<String> {
    let stream = report.trial.streams.iter().find(|s| s.name == stream)?;
    let quality = stream.channels.iter().find(|c| c.label == label)?.quality.as_ref()?;
    let reasons =
        if quality.reasons.is_empty() { String::new() } else { format!(": {}", quality.reasons.join("; ")) };
    let snr = quality.snr_db.map_or(String::new(), |db| format!(", SNR {db:.0} dB"));
    Some(format!("{}{reasons}{snr}", quality.grade))
}

/// An angle to a tenth of a degree.
pub fn degrees(value: f64) -> String {
    format!("{}\u{b0}", number(value, 1))
}

/// A number with its sign always shown, for what is a difference; zero has none.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if text.starts_with('\u{2212}') || is_zero { text } else { format!("+{text}") }
}

/// Three significant digits, without an exponent.
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return number(value, 0);
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    number(value, digits)
}

/// Breaks text into lines of at most `width` characters; a longer word stands alone.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_show_their_sign_and_zero_has_none() {
        assert_eq!(signed(2.0, 0), "+2");
        assert_eq!(signed(-0.2, 0), "0");
        assert_eq!(signed(-9.0, 0), "\u{2212}9");
        assert_eq!(degrees(19.94), "19.9\u{b0}");
    }

    #[test]
    fn wrapping_keeps_every_word_within_the_width() {
        let lines = wrapped("aa bb cc dddddd e", 5);
        assert_eq!(lines, ["aa bb", "cc", "dddddd", "e"]);
    }
}
