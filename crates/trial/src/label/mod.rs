//! What a channel label means: muscle, side and kind, with the reason.
//!
//! Not for units and not for deciding raw against envelope: a label is not evidence of either.

mod company;
mod muscle;
mod other;
mod side;
mod words;

use crate::{Kind, Muscle, Role, Side, Unit};
use company::Company;
use words::Word;

/// A label with what the source says beside it.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// Label.
    pub label: &'a str,
    /// Longer description, or empty.
    pub description: &'a str,
    /// Unit of the physical values.
    pub unit: &'a Unit,
}

/// What a label (with the source's description and unit, as far as given) says a channel is, taken by itself.
///
/// Never guesses silently: the reason names the part of the label that decided, and what cannot be told is
/// [`Kind::Unknown`] or has no side. Prefer [`roles_of`]: some labels (`GM`, `LGAST`) only mean something beside others.
#[must_use]
pub fn role_of(label: &str, description: &str, unit: &Unit) -> Role {
    roles_of(&[Labelled { label, description, unit }]).pop().unwrap_or_else(|| Role::unknown(""))
}

/// What the labels of one source say, each read in the company of the others.
///
/// EMG is given as [`Kind::RawEmg`]: whether it is raw, rectified or an envelope is for the signal to say.
///
/// ```
/// use surae_trial::{Muscle, Side, Unit, label};
/// let role = label::role_of("RSOL", "", &Unit::Volt);
/// assert_eq!((role.muscle, role.side), (Some(Muscle::SOL), Some(Side::Right)));
/// assert_eq!(role.reason, "label 'RSOL': R = right, SOL = soleus");
/// ```
#[must_use]
pub fn roles_of(labels: &[Labelled<'_>]) -> Vec<Role> {
    let company = Company::new(labels);
    labels.iter().map(|labelled| role(labelled, &company)).collect()
}

fn role(labelled: &Labelled<'_>, company: &Company) -> Role {
    let words = words::split(labelled.label);
    if let Some(role) = other::role(labelled.label, &words, labelled.unit) {
        return role;
    }
    let own = read(&words, Some(company));
    let described = if labelled.description.trim() == labelled.label.trim() {
        Reading::default()
    } else {
        read(&words::split(labelled.description), None)
    };
    let says_emg = |words: &[Word]| {
        words.iter().any(|w| w.plain == "emg" || w.plain == "semg" || w.plain == "elektromyogramm")
    };
    let emg = says_emg(&words) || says_emg(&words::split(labelled.description));
    let reading = own.with(described, labelled.description);
    if reading.muscle.is_none() && !emg {
        let side = reading.side;
        return Role { side, ..Role::unknown(format!("label '{}' is not in the tables", labelled.label)) };
    }
    let mut parts = reading.why;
    if reading.muscle.is_none() {
        parts.push("EMG, but no muscle is named".to_owned());
    }
    Role {
        kind: Kind::RawEmg,
        muscle: reading.muscle,
        side: reading.side,
        joint: None,
        reason: format!("label '{}': {}", labelled.label, parts.join(", ")),
    }
}

/// Muscle and side found in one text.
#[derive(Clone, Debug, Default)]
struct Reading {
    muscle: Option<Muscle>,
    side: Option<Side>,
    why: Vec<String>,
}

impl Reading {
    /// Completed by what the description says: a head that the label leaves open, a missing muscle or side.
    fn with(mut self, described: Self, description: &str) -> Self {
        let open = match self.muscle {
            None => described.muscle.is_some(),
            Some(Muscle::GAS) => matches!(described.muscle, Some(Muscle::MG | Muscle::LG)),
            Some(Muscle::Other) => described.muscle.is_some_and(|m| m != Muscle::Other),
            Some(_) => false,
        };
        if open && let Some(muscle) = described.muscle {
            self.muscle = Some(muscle);
            self.why.push(format!("description '{description}' = {}", muscle.name()));
        }
        if self.side.is_none()
            && let Some(side) = described.side
        {
            self.side = Some(side);
            self.why.push(format!("description '{description}' = {side}"));
        }
        self
    }
}

/// Reads muscle and side from the words of one text.
fn read(words: &[Word], company: Option<&Company>) -> Reading {
    let straight = |k: usize| {
        words[k].plain == "droit"
            && words
                .get(k + 1)
                .is_some_and(|w| ["anter", "femor", "crural"].iter().any(|s| w.plain.starts_with(s)))
    };
    let mut reading = Reading::default();
    let mut rest: Vec<&Word> = Vec::new();
    let mut contradiction = false;
    for (k, word) in words.iter().enumerate() {
        match side::side(&word.plain).filter(|_| !straight(k)) {
            Some(side) => {
                contradiction |= reading.side.is_some_and(|before| before != side);
                reading.side = Some(side);
                reading.why.push(format!("{} = {side}", word.written));
            }
            None => rest.push(word),
        }
    }
    if contradiction {
        reading.side = None;
        reading.why.push("both sides are named: side left open".to_owned());
    }
    named(&rest, company, &mut reading);
    reading
}

fn named(rest: &[&Word], company: Option<&Company>, reading: &mut Reading) {
    if let Some(company) = company {
        for word in rest {
            if let Some(told) = company.ambiguous(&word.plain) {
                reading.side = reading.side.or(told.side);
                reading.muscle = Some(told.muscle);
                reading.why.push(told.why);
                return;
            }
            if left_or_lateral(word, company, reading) {
                return;
            }
        }
    }
    let plain: Vec<&str> = rest.iter().map(|w| w.plain.as_str()).collect();
    let written = |words: &[&Word]| words.iter().map(|w| w.written.as_str()).collect::<Vec<_>>().join(" ");
    if let Some(found) = muscle::long(&plain) {
        reading.muscle = Some(found.muscle);
        reading.why.push(format!("{} = {}", written(rest), found.name));
        return;
    }
    for word in rest {
        if let Some(found) = muscle::short(&word.plain) {
            reading.muscle = Some(found.muscle);
            reading.why.push(format!("{} = {}", word.written, found.name));
            return;
        }
    }
    for word in rest {
        let Some((side, prefix, tail)) = side::glued(&word.plain).filter(|(.., tail)| tail.len() >= 2) else {
            continue;
        };
        if tail == "es" {
            continue;
        }
        // `LGastrocnemius Medialis`: the other words name the head.
        let whole: Vec<&str> = plain.iter().map(|w| if *w == word.plain { tail } else { *w }).collect();
        let long = || muscle::long(&[tail]).map(|alone| muscle::long(&whole).unwrap_or(alone));
        let Some(found) = muscle::short(tail).or_else(long) else { continue };
        reading.muscle = Some(found.muscle);
        reading.side = reading.side.or(Some(side));
        let tail = word.written.get(prefix.len()..).unwrap_or(tail);
        reading.why.push(format!("{} = {side}, {tail} = {}", prefix.to_uppercase(), found.name));
        return;
    }
}

/// `LGAST`, `LHAMS`, `LVAS`, `LG`: left or lateral, by company; true when the word was one of them.
fn left_or_lateral(word: &Word, company: &Company, reading: &mut Reading) -> bool {
    use Muscle::{BF, GAS, LG, Other, VL};
    let (rest, left, lateral) = match word.plain.as_str() {
        "lg" => ("g", GAS, LG),
        "lgas" | "lgast" | "lgastroc" => (&word.plain[1..], GAS, LG),
        "lham" | "lhams" => (&word.plain[1..], Other, BF),
        "lvas" => ("vas", Other, VL),
        "rg" if company.l_is_left("lg", "g").is_some_and(|(is_left, _)| is_left) => {
            reading.muscle = Some(GAS);
            reading.side = reading.side.or(Some(Side::Right));
            reading.why.push("R = right, G = gastrocnemius, head not stated".to_owned());
            return true;
        }
        _ => return false,
    };
    // With a side word of its own (`R LGAS`), or as the usual abbreviation LG, the L is not a side.
    let told =
        company.l_is_left(&word.plain, rest).filter(|(is_left, _)| !(*is_left && reading.side.is_some()));
    let by_side = reading.side.is_some();
    match told {
        Some((true, why)) if word.plain != "lg" || why.contains("'RG'") => {
            reading.muscle = Some(left);
            reading.side = Some(Side::Left);
            reading.why.push(format!("{why}; {} = {}", rest.to_uppercase(), left.name()));
        }
        Some((false, why)) => {
            reading.muscle = Some(lateral);
            reading.why.push(format!("{why}: {}", lateral.name()));
        }
        _ if by_side || word.plain == "lg" => {
            reading.muscle = Some(lateral);
            reading.why.push(format!("{} = {}", word.written, lateral.name()));
        }
        _ => {
            reading.muscle = Some(left);
            reading.why.push(format!(
                "{}: L may be left or lateral, nothing beside it tells; name side and head in a map",
                word.written
            ));
        }
    }
    true
}

#[cfg(test)]
mod tests;
