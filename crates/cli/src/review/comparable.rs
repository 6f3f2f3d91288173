//! Whether results of several trials may stand on one scale: the rule is `surae-gait`'s, held here against the demo.

pub use surae_gait::comparable::{Quantity, refusal};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::demo;
    use surae_gait::report::{MuscleReport, Report};
    use surae_gait::review::{ReviewOptions, review};
    use surae_trial::{NormalisationKind, Side};

    fn demo_report() -> Report {
        let demo = demo::open().unwrap();
        review(&demo.trial, None, Some(&demo.profile), &ReviewOptions::default()).report
    }

    fn refused(change: impl Fn(&mut Report), quantity: Quantity) -> Option<String> {
        let first = demo_report();
        let mut other = first.clone();
        change(&mut other);
        refusal(&first, &other, Side::Right, quantity)
    }

    fn soleus(report: &mut Report) -> &mut MuscleReport {
        report.sides.right.as_mut().unwrap().muscles.get_mut("SOL").unwrap()
    }

    #[test]
    fn a_trial_compares_with_itself() {
        for quantity in [Quantity::Dominance, Quantity::Curves, Quantity::Lead] {
            assert_eq!(refused(|_| {}, quantity), None, "{quantity:?}");
        }
    }

    #[test]
    fn other_filters_references_cut_offs_rules_and_people_are_refused_with_the_reason() {
        let said = |change: fn(&mut Report), quantity, words: &str| {
            let why = refused(change, quantity).unwrap_or_else(|| panic!("not refused: {words}"));
            assert!(why.contains(words), "{why}");
        };
        said(|other| other.mode = "causal".to_owned(), Quantity::Lead, "filters differ");
        said(
            |other| soleus(other).normalisation.kind = NormalisationKind::TaskPeak,
            Quantity::Dominance,
            "references differ",
        );
        said(
            |other| soleus(other).filter.effective_cutoffs_hz[2] = Some(10.0),
            Quantity::Curves,
            "cut-offs differ",
        );
        said(
            |other| {
                for push_off in &mut other.sides.right.as_mut().unwrap().pushoffs {
                    push_off.window_rule.push_str(", shifted");
                }
            },
            Quantity::Lead,
            "window rules differ",
        );
        let named = |name: &str| {
            let mut report = demo_report();
            report.trial.subject.name = Some(name.to_owned());
            report
        };
        let why = refusal(&named("A"), &named("B"), Side::Right, Quantity::Lead).unwrap();
        assert!(why.contains("two people"), "{why}");
    }

    /// The envelope's cut-off does not enter a lead, which is of band-passed EMG.
    #[test]
    fn a_lead_compares_across_envelope_cut_offs() {
        assert_eq!(
            refused(|other| soleus(other).filter.effective_cutoffs_hz[2] = Some(10.0), Quantity::Lead),
            None
        );
    }
}
