//! What every number of a report is: its name, its unit, its definition and where the definition comes from.
//!
//! One table for the printed report, its list of definitions and the tests; a number of the report without an entry
//! fails a test. Status of a source as in `docs/method.md`: published, computed, or "Surae" for a choice of ours that
//! the settings list. Not for explaining results: those are sentences ([`crate::words`]).

mod contact;
mod effort;
mod jump;
mod leg;
mod settings;
mod trial;

/// The unit of a number, and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shown {
    /// A value in this unit with so many decimals.
    In(&'static str, usize),
    /// Seconds, shown in whole milliseconds.
    Milliseconds,
    /// A fraction, shown in percent with so many decimals.
    Percent(usize),
    /// A plain number without a unit, with so many decimals.
    Plain(usize),
    /// A count.
    Count,
    /// An amplitude in the unit of its channel.
    Amplitude,
}

/// What one number of the report is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Path in the report without legs, muscles and indices (`pushoffs.lead_ci90_ms`).
    pub key: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Unit and decimals.
    pub shown: Shown,
    /// What it is, in one or two sentences.
    pub definition: &'static str,
    /// Where the definition or the rule comes from.
    pub source: &'static str,
}

impl Entry {
    /// The unit in words, or empty for a plain number.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self.shown {
            Shown::In(unit, _) => unit,
            Shown::Milliseconds => "ms",
            Shown::Percent(_) => "%",
            Shown::Plain(_) => "",
            Shown::Count => "count",
            Shown::Amplitude => "unit of the channel",
        }
    }
}

/// A row of the tables of this module.
pub(crate) const fn entry(
    key: &'static str,
    name: &'static str,
    shown: Shown,
    definition: &'static str,
    source: &'static str,
) -> Entry {
    Entry { key, name, shown, definition, source }
}

/// All entries, in the order of the report.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    trial::ENTRIES
        .iter()
        .chain(&jump::ENTRIES)
        .chain(&leg::ENTRIES)
        .chain(&contact::ENTRIES)
        .chain(&effort::ENTRIES)
        .chain(&settings::ENTRIES)
}

/// The entry of a value at `path` of the report (`sides.right.pushoffs[2].preactivation_fraction.MG`): the one with the longest
/// key that is the path, without leg, muscle and indices, or contains it.
#[must_use]
pub fn find(path: &str) -> Option<&'static Entry> {
    let key = key_of(path);
    all()
        .filter(|entry| {
            key.strip_prefix(entry.key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
        .max_by_key(|entry| entry.key.len())
}

/// A path without indices, leg and muscle.
fn key_of(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    let mut parts = plain.split('.').peekable();
    let mut key: Vec<&str> = Vec::new();
    while let Some(part) = parts.next() {
        match part {
            "sides" if parts.next_if(|leg| matches!(*leg, "left" | "right")).is_some() => {}
            "muscles" => {
                key.push(part);
                parts.next();
            }
            _ => key.push(part),
        }
    }
    key.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_path_is_found_without_its_leg_muscle_and_index() {
        let key = |path| find(path).map(|entry| entry.key);
        assert_eq!(key("sides.right.pushoffs[2].lead_ci90_ms[0]"), Some("pushoffs.lead_ci90_ms"));
        assert_eq!(key("sides.left.muscles.MG.peak"), Some("muscles.peak"));
        assert_eq!(key("sides.left.muscles.SOL.peak_percent_cycle"), Some("muscles.peak_percent_cycle"));
        assert_eq!(key("sides.left.crosstalk.r_xy.MG-SOL"), Some("crosstalk.r_xy"));
        assert_eq!(key("jumps[0].sides.right.knee_max_deg"), Some("jumps.knee_max_deg"));
        assert_eq!(key("trial.duration_s"), Some("trial.duration_s"));
        assert_eq!(key("no.such.number"), None);
    }

    #[test]
    fn every_entry_is_whole_and_stands_once() {
        let mut keys = BTreeSet::new();
        for entry in all() {
            assert!(keys.insert(entry.key), "{} stands twice", entry.key);
            assert!(entry.definition.ends_with('.') && entry.definition.len() > 15, "{}", entry.key);
            assert!(!entry.name.is_empty() && !entry.source.is_empty(), "{}", entry.key);
        }
    }

    /// A name that ends in a unit must not be shown in another one.
    #[test]
    fn units_agree_with_the_names_of_the_keys() {
        let suffixes = [
            ("_ms", "ms"),
            ("_s", "s"),
            ("_deg", "\u{b0}"),
            ("_hz", "Hz"),
            ("_percent", "%"),
            ("_db", "dB"),
            ("_kg", "kg"),
            ("_m", "m"),
            ("_n", "N"),
        ];
        for entry in all() {
            let plain = entry.key.trim_end_matches("_ci90");
            if plain.ends_with("_m_s") {
                assert_eq!(entry.unit(), "m/s", "{}", entry.key);
                continue;
            }
            if let Some((suffix, unit)) = suffixes.iter().find(|(suffix, _)| plain.ends_with(suffix)) {
                let scaled = entry.shown == Shown::Milliseconds && *unit == "s";
                assert!(entry.unit() == *unit || scaled, "{} ends in {suffix}", entry.key);
            }
        }
    }

    /// METHOD R10: no advice, no ranking of muscles by force, no norms.
    #[test]
    fn definitions_give_no_advice() {
        for entry in all() {
            let text = format!("{} {}", entry.name, entry.definition).to_lowercase();
            for word in ["stronger", "weaker", "injur", "risk", "should ", "typical", "normal "] {
                assert!(!text.contains(word), "{}: '{word}'", entry.key);
            }
        }
    }
}
