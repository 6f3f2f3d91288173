//! Results in plain words: the sentences of the report and of the screen.
//!
//! Dominance is relative activity. Never said: stronger, weaker, wins, force or power of a muscle, normal, typical, and
//! no advice (METHOD R10).

use crate::dominance::{Bound, Class, Ratio, Reason};
use crate::pushoff::LeadSummary;
use surae_trial::{NormalisationKind, Side};

/// The line that belongs under every class.
pub const CAVEAT: &str = "relative to its own maximum \u{b7} says nothing about force";

/// The headline of a class.
#[must_use]
pub fn headline(class: Class) -> &'static str {
    match class {
        Class::GastrocnemiusDominant => "Gastrocnemius more active",
        Class::SoleusDominant => "Soleus more active",
        Class::Balanced => "Balanced",
        Class::Rest => "Rest",
        Class::Undetermined => "Not clear",
    }
}

/// The short form of a class.
#[must_use]
pub fn short(class: Class) -> &'static str {
    match class {
        Class::GastrocnemiusDominant => "Gastroc. more",
        Class::SoleusDominant => "Soleus more",
        Class::Balanced => "Balanced",
        Class::Rest => "Rest",
        Class::Undetermined => "Not clear",
    }
}

/// Why a class is not clear.
#[must_use]
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::StraddlesDelta => "interval too wide",
        Reason::NoReference => "no reference: calibrate or load a profile",
        Reason::ReferenceMismatch => "references of different kinds",
        Reason::GastrocnemiusAtFloor => "gastrocnemius at its floor",
        Reason::SoleusAtFloor => "soleus at its floor",
        Reason::BothAtFloor => "both muscles at their floor",
        Reason::BadSignal => "signal bad",
        Reason::Settling => "settling after a gap",
        Reason::DifferentClocks => "different clocks",
        Reason::MissingMuscle => "gastrocnemius or soleus missing",
        Reason::OneContact => "one contact",
        Reason::NoData => "no data",
    }
}

/// What amplitudes are relative to.
#[must_use]
pub fn normalisation(kind: NormalisationKind) -> &'static str {
    match kind {
        NormalisationKind::MvcTask => "MVC in the same task",
        NormalisationKind::MvcIso => "isometric MVC",
        NormalisationKind::Submax => "a submaximal task",
        NormalisationKind::TaskPeak => "its own peak in this trial",
        NormalisationKind::TaskMean => "its own mean in this trial",
        NormalisationKind::None => "nothing",
        NormalisationKind::Mmax => "M-max",
    }
}

/// A signed number with a true minus.
#[must_use]
pub fn signed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "\u{2212}") }
}

/// `D` with its interval: `−0.53 (−0.66 … −0.36)`, or the one-sided form in ratios: `at least 1.5 : 1`.
#[must_use]
pub fn dominance(ratio: &Ratio) -> String {
    let [low, high] = ratio.dominance_ci90();
    match ratio.bound {
        _ if !ratio.is_known() => "\u{2014}".to_owned(),
        Bound::None => {
            format!("{} ({} \u{2026} {})", signed(ratio.dominance(), 2), signed(low, 2), signed(high, 2))
        }
        Bound::Upper => format!("gastrocnemius to soleus at most {}", ratio_words(ratio.log_ratio)),
        Bound::Lower => format!("gastrocnemius to soleus at least {}", ratio_words(ratio.log_ratio)),
    }
}

/// `1.5 : 1` or `1 : 3.0`, the larger number on the side of the more active muscle.
#[must_use]
pub fn ratio_words(log_ratio: f64) -> String {
    if log_ratio >= 0.0 {
        format!("{:.1} : 1", log_ratio.exp())
    } else {
        format!("1 : {:.1}", (-log_ratio).exp())
    }
}

/// Who was first, without numbers.
#[must_use]
pub fn lead_call(ci90_ms: [f64; 2]) -> &'static str {
    if ci90_ms[0] > 0.0 {
        "Gastrocnemius first"
    } else if ci90_ms[1] < 0.0 {
        "Soleus first"
    } else {
        "No clear lead"
    }
}

/// The lead of a leg in one sentence.
#[must_use]
pub fn lead(side: Side, summary: &LeadSummary) -> String {
    let [low, high] = summary.ci90_ms;
    let leg = if side == Side::Left { "Left" } else { "Right" };
    let contacts = if summary.n == 1 { "1 contact".to_owned() } else { format!("{} contacts", summary.n) };
    let doubt = format!("(90 % interval {} \u{2026} {}, {contacts})", signed(low, 0), signed(high, 0));
    match lead_call(summary.ci90_ms) {
        "No clear lead" => format!("{leg}: no clear lead, {} ms {doubt}.", signed(summary.median_ms, 0)),
        "Gastrocnemius first" => {
            format!("{leg}: gastrocnemius first by {} ms {doubt}.", signed(summary.median_ms, 0))
        }
        _ => {
            let doubt =
                format!("(90 % interval {} \u{2026} {}, {contacts})", signed(-high, 0), signed(-low, 0));
            format!("{leg}: soleus first by {} ms {doubt}.", signed(-summary.median_ms, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_a_true_minus_and_no_minus_zero() {
        assert_eq!(signed(-3.2, 0), "\u{2212}3");
        assert_eq!(signed(-0.2, 0), "0");
        assert_eq!(
            dominance(&Ratio::normal(-1.18, 0.28)),
            "\u{2212}0.53 (\u{2212}0.68 \u{2026} \u{2212}0.34)"
        );
        assert_eq!(dominance(&Ratio::lower(1.5_f64.ln())), "gastrocnemius to soleus at least 1.5 : 1");
        assert_eq!(ratio_words(-3.0_f64.ln()), "1 : 3.0");
    }

    #[test]
    fn a_lead_whose_interval_holds_zero_is_no_lead() {
        let summary = |median_ms, low, high| LeadSummary { median_ms, ci90_ms: [low, high], n: 5 };
        assert!(
            lead(Side::Right, &summary(-10.0, -23.0, 3.0)).starts_with("Right: no clear lead, \u{2212}10 ms")
        );
        assert!(
            lead(Side::Left, &summary(42.0, 30.0, 54.0))
                .contains("gastrocnemius first by 42 ms (90 % interval 30 \u{2026} 54")
        );
        assert!(
            lead(Side::Left, &summary(-42.0, -54.0, -30.0))
                .contains("soleus first by 42 ms (90 % interval 30 \u{2026} 54")
        );
    }

    #[test]
    fn forbidden_words_are_nowhere() {
        let classes = [
            Class::Rest,
            Class::SoleusDominant,
            Class::Balanced,
            Class::GastrocnemiusDominant,
            Class::Undetermined,
        ];
        for word in ["strong", "weak", "win", "power", "normal", "typical"] {
            assert!(classes.iter().all(|c| !headline(*c).contains(word) && !short(*c).contains(word)));
        }
    }
}
