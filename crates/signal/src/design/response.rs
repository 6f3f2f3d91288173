//! What a filter does: frequency response, group delay, step lag.

use std::f64::consts::PI;

use super::{Complex64, Section, Sos};

/// Longest step response that [`Sos::step_t50_s`] follows, samples.
const STEP_LIMIT: usize = 10_000_000;

impl Sos {
    /// Complex gain at `freq_hz` when the filter runs at `rate_hz`; `H(e^{jω})` with `ω = 2π freq / rate`.
    ///
    /// A NaN argument gives NaN.
    ///
    /// ```
    /// use surae_signal::design::{butterworth, Band};
    /// let low = butterworth(2, Band::LowPass(100.0), 2000.0)?;
    /// let gain = low.response(100.0, 2000.0);
    /// assert!((gain.norm() - 0.5_f64.sqrt()).abs() < 1e-12); // -3 dB
    /// assert!((gain.arg() + std::f64::consts::FRAC_PI_2).abs() < 1e-12); // a quarter turn behind
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn response(&self, freq_hz: f64, rate_hz: f64) -> Complex64 {
        let back = Complex64::from_polar(1.0, -2.0 * PI * freq_hz / rate_hz);
        self.sections().iter().fold(Complex64::new(1.0, 0.0), |gain, s| gain * section_response(s, back))
    }

    /// Absolute gain at `freq_hz`: 1 in the pass band, `√½` at the corner of a Butterworth filter, one pass. A NaN
    /// argument gives NaN.
    ///
    /// ```
    /// use surae_signal::design::{butterworth, Band};
    /// let band = butterworth(2, Band::BandPass(20.0, 450.0), 2000.0)?;
    /// assert!((band.magnitude(10.0, 2000.0) - 0.2298).abs() < 1e-4);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn magnitude(&self, freq_hz: f64, rate_hz: f64) -> f64 {
        self.response(freq_hz, rate_hz).norm()
    }

    /// Group delay `−dφ/dω` in seconds at `freq_hz` for one causal pass; 0 Hz gives the delay of slow signals.
    ///
    /// Each polynomial contributes `Re(Σ n c_n z⁻ⁿ / Σ c_n z⁻ⁿ)` samples (Oppenheim & Schafer, *Discrete-Time Signal Processing*,
    /// §5.1.2). A numerator that is symmetric has exactly one sample of delay at every frequency, also at its zeros.
    ///
    /// ```
    /// use surae_signal::design::{butterworth, Band};
    /// let envelope = butterworth(2, Band::LowPass(6.0), 2000.0)?;
    /// assert!((envelope.group_delay_s(0.0, 2000.0) - 0.0375).abs() < 1e-3);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn group_delay_s(&self, freq_hz: f64, rate_hz: f64) -> f64 {
        let back = Complex64::from_polar(1.0, -2.0 * PI * freq_hz / rate_hz);
        self.sections().iter().map(|s| section_delay(s, back)).sum::<f64>() / rate_hz
    }

    /// Seconds until the response to a unit step first reaches half of its final value, linear between samples: the lag of an
    /// envelope as METHOD 1.3 tabulates it.
    ///
    /// A filter that blocks 0 Hz has no final value: the result is 0 (a step passes such a filter at once). NaN and infinite rates
    /// give NaN or 0; the response is followed for at most ten million samples and is `INFINITY` after that.
    ///
    /// ```
    /// use surae_signal::design::{butterworth, Band};
    /// let envelope = butterworth(4, Band::LowPass(6.0), 2000.0)?;
    /// assert!((envelope.step_t50_s(2000.0) - 0.075).abs() < 0.5e-3);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn step_t50_s(&self, rate_hz: f64) -> f64 {
        let target = self.dc_gain() / 2.0;
        if target.abs() < 1e-9 {
            return 0.0;
        }
        let mut step = StepResponse::new(self);
        let mut before = 0.0;
        for index in 0..STEP_LIMIT {
            let now = step.next_sample();
            if now / target >= 1.0 {
                let into = if index == 0 { 0.0 } else { (target - before) / (now - before) - 1.0 };
                return (index as f64 + into) / rate_hz;
            }
            before = now;
        }
        f64::INFINITY
    }
}

/// The response of a cascade to a unit step, one sample at a time.
struct StepResponse<'a> {
    sections: &'a [Section],
    state: [[f64; 2]; super::MAX_SECTIONS],
}

impl<'a> StepResponse<'a> {
    fn new(sos: &'a Sos) -> Self {
        Self { sections: sos.sections(), state: [[0.0; 2]; super::MAX_SECTIONS] }
    }

    fn next_sample(&mut self) -> f64 {
        let mut value = 1.0;
        for (section, state) in self.sections.iter().zip(&mut self.state) {
            value = crate::kernel::step(section, state, value);
        }
        value
    }
}

fn section_response(section: &Section, back: Complex64) -> Complex64 {
    let [b0, b1, b2] = section.b;
    let [a1, a2] = section.a;
    let back2 = back * back;
    (back * b1 + back2 * b2 + b0) / (back * a1 + back2 * a2 + 1.0)
}

fn section_delay(section: &Section, back: Complex64) -> f64 {
    let [b0, b1, b2] = section.b;
    let symmetric = b0 == b2 || (b0 == -b2 && b1 == 0.0);
    let numerator = if symmetric { 1.0 } else { polynomial_delay(section.b, back) };
    numerator - polynomial_delay([1.0, section.a[0], section.a[1]], back)
}

fn polynomial_delay(coefficients: [f64; 3], back: Complex64) -> f64 {
    let [c0, c1, c2] = coefficients;
    let back2 = back * back;
    ((back * c1 + back2 * (2.0 * c2)) / (back * c1 + back2 * c2 + c0)).re
}
