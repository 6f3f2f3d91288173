//! Whether references serve a trial: only amplitudes behind the same band-pass compare.
//!
//! Not for comparing two reports (the comparison page refuses by the reports themselves).

use surae_trial::Conditioning;

/// Cut-offs that differ by less than this, relatively, are the same.
const SAME_CUTOFF: f64 = 0.01;

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

    #[test]
    fn a_reference_is_tied_to_its_band_and_not_to_the_envelope() {
        let walk = Conditioning::default();
        assert_eq!(band_difference(&walk, &Conditioning { envelope_hz: 20.0, ..walk }), None);
        let sprint = Conditioning { band_low_hz: 30.0, ..walk };
        assert!(band_difference(&walk, &sprint).is_some_and(|why| why.contains("30 to 450")));
    }
}
