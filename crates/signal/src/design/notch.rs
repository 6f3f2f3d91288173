//! The mains notch.

use std::f64::consts::PI;

use super::{DesignError, Section, Sos, check_cutoff, check_rate};

/// A second-order notch at `centre_hz` with quality factor `q`: SciPy's `iirnotch(centre_hz, q, fs=rate_hz)`.
///
/// The −3 dB width is `centre_hz / q`; the gain is 0 at the centre and 1 at 0 Hz and at Nyquist. Source: Orfanidis, *Introduction to
/// Signal Processing*, eq. 11.3.4, 11.3.6 and 11.3.7. A notch sits inside the EMG band and takes signal with the hum: apply it only
/// where a measurement asks for it (METHOD 1.4).
///
/// # Errors
/// [`DesignError::Rate`], [`DesignError::Cutoff`] for a centre outside 0 to Nyquist, [`DesignError::Quality`] for a `q` that is not
/// a positive finite number or so small that the band reaches past Nyquist.
///
/// ```
/// let notch = surae_signal::design::notch(50.0, 35.0, 2000.0)?;
/// assert!(notch.magnitude(50.0, 2000.0) < 1e-12);
/// assert!((notch.magnitude(49.0, 2000.0) - 0.817).abs() < 2e-3);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn notch(centre_hz: f64, q: f64, rate_hz: f64) -> Result<Sos, DesignError> {
    check_rate(rate_hz)?;
    check_cutoff(centre_hz, rate_hz)?;
    if !(q.is_finite() && q > 0.0) || centre_hz / q >= rate_hz / 2.0 {
        return Err(DesignError::Quality(q));
    }
    let normalised = 2.0 * centre_hz / rate_hz;
    let beta = (normalised / q * PI / 2.0).tan();
    let gain = 1.0 / (1.0 + beta);
    let cosine = (normalised * PI).cos();
    let section =
        Section { b: [gain, gain * (-2.0 * cosine), gain], a: [-2.0 * gain * cosine, 2.0 * gain - 1.0] };
    Sos::from_sections(&[section])
}
