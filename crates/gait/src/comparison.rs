//! What may be compared with what: amplitudes of two results only where both are relative to the same kind of reference and were
//! filtered alike.
//!
//! A refusal is a sentence for the reader; a caution lets the comparison stand and is printed beside it. Not for statistics.

use crate::report::{FilterReport, MuscleReport, NormalisationReport, Report};
use surae_trial::{Conditioning, NormalisationKind};

/// Cut-offs that differ by less than this, relatively, are the same.
const SAME_CUTOFF: f64 = 0.01;

/// What stands against a comparison, and what must be said beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Why it is refused; empty when it is allowed.
    pub refusals: Vec<String>,
    /// What limits it.
    pub cautions: Vec<String>,
}

impl Comparison {
    /// True when nothing forbids it.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.refusals.is_empty()
    }

    fn refuse(&mut self, text: String) {
        self.refusals.push(text);
    }
}

/// Whether amplitudes of one muscle may be compared between two results: curves, peaks, activations, dominance.
///
/// Refused: another kind of reference, another filter (band, envelope cut-off, one or two passes, raw EMG against a source's own
/// envelope), and amplitudes without a reference of different days (electrodes are never put back alike).
#[must_use]
pub fn amplitudes(a: (&Report, &MuscleReport), b: (&Report, &MuscleReport)) -> Comparison {
    let mut found = references(&a.1.normalisation, &b.1.normalisation);
    if a.1.amplitude_unit != b.1.amplitude_unit && a.1.normalisation.kind == NormalisationKind::None {
        found.refuse(format!(
            "amplitudes without a reference in different units ({} and {})",
            a.1.amplitude_unit, b.1.amplitude_unit
        ));
    }
    if a.0.mode != b.0.mode {
        found.refuse(format!("one result is {}, the other {}: their filters differ", a.0.mode, b.0.mode));
    }
    found.refusals.extend(filters(&a.1.filter, &b.1.filter));
    found
}

/// Whether two references make activations comparable.
#[must_use]
pub fn references(a: &NormalisationReport, b: &NormalisationReport) -> Comparison {
    let mut found = Comparison::default();
    if a.kind != b.kind {
        found.refuse(format!(
            "normalised differently ({} and {}): the numbers are not on one scale",
            a.kind.name(),
            b.kind.name()
        ));
        return found;
    }
    match a.kind {
        NormalisationKind::TaskPeak | NormalisationKind::TaskMean => {
            found.cautions.push(
                "relative to each trial's own activity: shape and timing compare, amounts do not".to_owned(),
            );
            if kind_of_source(&a.source) != kind_of_source(&b.source) {
                found.refuse(format!("different references of the task ({} and {})", a.source, b.source));
            }
        }
        NormalisationKind::None => found
            .cautions
            .push("without a reference: only within one session and placement of electrodes".to_owned()),
        _ => {}
    }
    if let (Some(a), Some(b)) = (&a.date, &b.date)
        && a != b
    {
        found
            .cautions
            .push(format!("references of different days ({a} and {b}): electrodes were placed anew"));
    }
    if a.illustrative || b.illustrative {
        found.cautions.push("a reference is illustrative, not measured".to_owned());
    }
    found
}

/// The words of a source without its numbers: "peak of the ensemble of 5 cycles" and "... of 8 cycles" are one kind.
fn kind_of_source(source: &str) -> String {
    source.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn filters(a: &FilterReport, b: &FilterReport) -> Vec<String> {
    let mut found = Vec::new();
    if a.envelope_kind != b.envelope_kind {
        found.push(format!("envelopes made differently ({} and {})", a.envelope_kind, b.envelope_kind));
        return found;
    }
    if a.passes != b.passes {
        found.push("filtered in one pass and in two".to_owned());
    }
    let names = ["lower band edge", "upper band edge", "envelope cut-off"];
    for ((name, a), b) in names.into_iter().zip(a.effective_cutoffs_hz).zip(b.effective_cutoffs_hz) {
        match (a, b) {
            (Some(a), Some(b)) if (a - b).abs() > SAME_CUTOFF * a.max(b) => {
                found.push(format!("{name} {a:.1} Hz and {b:.1} Hz: peaks change with it"));
            }
            (Some(_), None) | (None, Some(_)) => found.push(format!("{name} known of one only")),
            _ => {}
        }
    }
    found
}

/// Why references measured behind one band-pass cannot serve amplitudes behind another; `None` when they can.
///
/// References are integrals of band-passed EMG, so the envelope's cut-off does not matter to them.
#[must_use]
pub fn band_difference(reference: &Conditioning, now: &Conditioning) -> Option<String> {
    let differs = |a: f64, b: f64| (a - b).abs() > SAME_CUTOFF * a.max(b);
    if differs(reference.band_low_hz, now.band_low_hz) || differs(reference.band_high_hz, now.band_high_hz) {
        return Some(format!(
            "measured behind a band of {} to {} Hz, the trial is filtered at {} to {} Hz",
            reference.band_low_hz, reference.band_high_hz, now.band_low_hz, now.band_high_hz
        ));
    }
    if reference.band_order != now.band_order {
        return Some(format!(
            "measured behind a band-pass of order {}, the trial's is of order {}",
            reference.band_order, now.band_order
        ));
    }
    if reference.notch != now.notch {
        return Some("measured with another notch filter than the trial's".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(kind: NormalisationKind, date: Option<&str>) -> NormalisationReport {
        NormalisationReport {
            kind,
            reference: Some(1.0),
            source: "peak of the ensemble of 5 cycles".to_owned(),
            date: date.map(str::to_owned),
            posture: None,
            window_ms: None,
            repeat_cv: None,
            illustrative: false,
        }
    }

    fn filter(envelope_hz: f64, passes: u8) -> FilterReport {
        FilterReport {
            order: [2, 2],
            passes,
            correction: "winter".to_owned(),
            effective_cutoffs_hz: [Some(20.0), Some(450.0), Some(envelope_hz)],
            envelope_kind: "rectified_lowpass".to_owned(),
            lag_ms: Some(0.0),
        }
    }

    #[test]
    fn kinds_are_never_mixed_and_days_are_told() {
        use NormalisationKind::{MvcIso, TaskPeak};
        let refused = references(&reference(MvcIso, None), &reference(TaskPeak, None));
        assert!(!refused.is_allowed() && refused.refusals[0].contains("mvc_iso and task_peak"));
        let days = references(&reference(MvcIso, Some("2026-05-01")), &reference(MvcIso, Some("2026-05-02")));
        assert!(days.is_allowed() && days.cautions[0].contains("2026-05-02"));
        let mut other = reference(TaskPeak, None);
        other.source = "peak of the ensemble of 8 cycles".to_owned();
        assert!(references(&reference(TaskPeak, None), &other).is_allowed());
        other.source = "mean over 8 cycles of each cycle's peak".to_owned();
        assert!(!references(&reference(TaskPeak, None), &other).is_allowed());
    }

    #[test]
    fn cut_offs_are_never_mixed() {
        assert!(filters(&filter(6.0, 2), &filter(6.0, 2)).is_empty());
        assert!(
            filters(&filter(6.0, 2), &filter(10.0, 2))[0].contains("envelope cut-off 6.0 Hz and 10.0 Hz")
        );
        assert!(!filters(&filter(6.0, 2), &filter(6.0, 1)).is_empty());
        let source = FilterReport { envelope_kind: "source_envelope".to_owned(), ..filter(6.0, 2) };
        assert!(filters(&filter(6.0, 2), &source)[0].contains("made differently"));
    }

    #[test]
    fn a_reference_is_tied_to_its_band_and_not_to_the_envelope() {
        let walk = Conditioning::default();
        assert_eq!(band_difference(&walk, &Conditioning { envelope_hz: 20.0, ..walk }), None);
        let sprint = Conditioning { band_low_hz: 30.0, ..walk };
        assert!(band_difference(&walk, &sprint).is_some_and(|why| why.contains("30 to 450")));
    }
}
