//! Butterworth design: analogue prototype, band transform, bilinear transform with pre-warping.
//!
//! The steps and their order are those of `scipy.signal.iirfilter(..., ftype="butter", output="sos")` (SciPy 1.17): `buttap`,
//! `lp2lp_zpk` and its siblings, `bilinear_zpk` with `fs = 2`, `zpk2sos`. Poles are kept as poles until the last step: a transfer
//! function in powers of z would lose the low cut-offs to rounding.

use std::f64::consts::PI;

use super::pairing::{Roots, Zpk, into_sections};
use super::{Complex64, DesignError, MAX_ORDER, Sos, check_cutoff, check_rate};

/// What a Butterworth filter lets through. All frequencies in Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Band {
    /// Everything below the corner.
    LowPass(f64),
    /// Everything above the corner.
    HighPass(f64),
    /// Everything between the two corners.
    BandPass(f64, f64),
    /// Everything but what lies between the two corners.
    BandStop(f64, f64),
}

/// Whether the corners of a filter that will be run forwards and backwards are moved so that the net response is −3 dB at the
/// nominal corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Correction {
    /// Corners as given: two passes are −6 dB there (what pyCGM2, gaitutils and biomechZoo compute).
    #[default]
    None,
    /// Corners moved by [`two_pass_factor`] on the pre-warped axis: two passes are −3 dB at the nominal corner.
    Winter,
}

/// The factor `C = (√2 − 1)^(1 / 2N)` between nominal and designed corner of a filter of order `N` that is run twice.
///
/// Source: Winter, *Biomechanics and Motor Control of Human Movement*, 4th ed., §3.4.4.2, for N = 2 (0.802), here for any order
/// (METHOD 1.3). A low-pass edge is designed at `Ω / C`, a high-pass edge at `Ω · C`, with `Ω = tan(π f / rate)`. No unit; 0.64 for order 1,
/// nearer to 1 for every order above it.
///
/// ```
/// assert!((surae_signal::design::two_pass_factor(2) - 0.802243).abs() < 1e-6);
/// ```
pub fn two_pass_factor(order: usize) -> f64 {
    (2.0_f64.sqrt() - 1.0).powf(1.0 / (2.0 * order as f64))
}

/// Designs a digital Butterworth filter as SciPy's `butter(order, edges, btype, fs=rate_hz, output="sos")` does.
///
/// `order` is the order of the prototype: a band-pass of order N has 2N poles and N sections, −3 dB at both edges.
///
/// # Errors
/// [`DesignError::Order`], [`DesignError::Rate`], [`DesignError::Cutoff`] or [`DesignError::Edges`], each with the number that is
/// wrong. NaN is refused everywhere.
///
/// ```
/// use surae_signal::design::{butterworth, Band, DesignError};
/// let low = butterworth(4, Band::LowPass(6.0), 2000.0)?;
/// assert!((low.magnitude(6.0, 2000.0).powi(2) - 0.5).abs() < 1e-9);
/// assert!(matches!(butterworth(4, Band::LowPass(1000.0), 2000.0), Err(DesignError::Cutoff { .. })));
/// # Ok::<(), DesignError>(())
/// ```
pub fn butterworth(order: usize, band: Band, rate_hz: f64) -> Result<Sos, DesignError> {
    check(order, band, rate_hz)?;
    let warp = |hz: f64| 4.0 * (PI * (2.0 * hz / rate_hz) / 2.0).tan();
    let prototype = prototype(order);
    let analogue = match band {
        Band::LowPass(cutoff) => low_to_low(&prototype, warp(cutoff)),
        Band::HighPass(cutoff) => low_to_high(&prototype, warp(cutoff)),
        Band::BandPass(low, high) => low_to_band_pass(&prototype, warp(low), warp(high)),
        Band::BandStop(low, high) => low_to_band_stop(&prototype, warp(low), warp(high)),
    };
    Ok(into_sections(&bilinear(&analogue)))
}

/// Designs the filter that is to be run forwards and backwards (see [`crate::filter::zero_phase`]).
///
/// With [`Correction::Winter`] every edge is moved by [`two_pass_factor`] on the pre-warped axis, so that the *two-pass* response
/// is −3 dB at the nominal edges. With [`Correction::None`] this is [`butterworth`]. The two edges of a band are corrected each on its
/// own (METHOD 1.3); a band of less than a decade or two couples them, and 20 to 450 Hz of order 4 at 2000 Hz is −2.9 dB at its edges.
///
/// # Errors
/// As [`butterworth`].
///
/// ```
/// use surae_signal::design::{butterworth_two_pass, Band, Correction};
/// let low = butterworth_two_pass(2, Band::LowPass(6.0), 2000.0, Correction::Winter)?;
/// let two_passes = low.magnitude(6.0, 2000.0).powi(2);
/// assert!((two_passes - 0.5_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
pub fn butterworth_two_pass(
    order: usize,
    band: Band,
    rate_hz: f64,
    correction: Correction,
) -> Result<Sos, DesignError> {
    check(order, band, rate_hz)?;
    let factor = match correction {
        Correction::None => return butterworth(order, band, rate_hz),
        Correction::Winter => two_pass_factor(order),
    };
    let moved = |hz: f64, by: f64| ((PI * hz / rate_hz).tan() * by).atan() * rate_hz / PI;
    let (wider, narrower) = (1.0 / factor, factor);
    let corrected = match band {
        Band::LowPass(cutoff) => Band::LowPass(moved(cutoff, wider)),
        Band::HighPass(cutoff) => Band::HighPass(moved(cutoff, narrower)),
        Band::BandPass(low, high) => Band::BandPass(moved(low, narrower), moved(high, wider)),
        Band::BandStop(low, high) => Band::BandStop(moved(low, wider), moved(high, narrower)),
    };
    butterworth(order, corrected, rate_hz)
}

fn check(order: usize, band: Band, rate_hz: f64) -> Result<(), DesignError> {
    if order == 0 || order > MAX_ORDER {
        return Err(DesignError::Order(order));
    }
    check_rate(rate_hz)?;
    match band {
        Band::LowPass(cutoff) | Band::HighPass(cutoff) => check_cutoff(cutoff, rate_hz),
        Band::BandPass(low, high) | Band::BandStop(low, high) => {
            check_cutoff(low, rate_hz)?;
            check_cutoff(high, rate_hz)?;
            if low < high { Ok(()) } else { Err(DesignError::Edges { low_hz: low, high_hz: high }) }
        }
    }
}

/// Analogue low-pass prototype with its corner at 1 rad/s: poles evenly spaced on the left half of the unit circle.
fn prototype(order: usize) -> Zpk {
    let mut poles = Roots::default();
    for step in 0..order {
        let m = 2 * step as i64 - (order as i64 - 1);
        let angle = PI * m as f64 / (2 * order) as f64;
        // The middle pole of an odd order is exactly real.
        poles.push(if m == 0 {
            Complex64::new(-1.0, 0.0)
        } else {
            -Complex64::new(angle.cos(), angle.sin())
        });
    }
    Zpk { zeros: Roots::default(), poles, gain: 1.0 }
}

fn low_to_low(prototype: &Zpk, corner: f64) -> Zpk {
    let order = prototype.poles.len() as i32;
    Zpk { zeros: Roots::default(), poles: prototype.poles.map(|p| p * corner), gain: corner.powi(order) }
}

fn low_to_high(prototype: &Zpk, corner: f64) -> Zpk {
    let gain = (Complex64::new(1.0, 0.0) / prototype.poles.product(|p| -p)).re;
    let poles = prototype.poles.map(|p| corner / p);
    Zpk { zeros: Roots::repeated(Complex64::new(0.0, 0.0), poles.len()), poles, gain }
}

fn low_to_band_pass(prototype: &Zpk, low: f64, high: f64) -> Zpk {
    let (width, centre) = (high - low, (low * high).sqrt());
    let order = prototype.poles.len();
    let poles = split(&prototype.poles.map(|p| p * (width / 2.0)), centre);
    Zpk { zeros: Roots::repeated(Complex64::new(0.0, 0.0), order), poles, gain: width.powi(order as i32) }
}

fn low_to_band_stop(prototype: &Zpk, low: f64, high: f64) -> Zpk {
    let (width, centre) = (high - low, (low * high).sqrt());
    let gain = (Complex64::new(1.0, 0.0) / prototype.poles.product(|p| -p)).re;
    let poles = split(&prototype.poles.map(|p| (width / 2.0) / p), centre);
    let mut zeros = Roots::default();
    for _ in 0..prototype.poles.len() {
        zeros.push(Complex64::new(0.0, centre));
        zeros.push(Complex64::new(0.0, -centre));
    }
    Zpk { zeros, poles, gain }
}

/// Each scaled prototype pole `p` becomes the pair `p ± √(p² − centre²)`.
fn split(scaled: &Roots, centre: f64) -> Roots {
    let mut poles = Roots::default();
    for &p in scaled.iter() {
        poles.push(p + square_root(p * p - centre * centre));
    }
    for &p in scaled.iter() {
        poles.push(p - square_root(p * p - centre * centre));
    }
    poles
}

/// Principal square root without the trigonometry (and its rounding) of the polar form.
fn square_root(z: Complex64) -> Complex64 {
    if z.re == 0.0 && z.im == 0.0 {
        return z;
    }
    let half = ((z.re.abs() + z.re.hypot(z.im)) / 2.0).sqrt();
    if z.re >= 0.0 {
        Complex64::new(half, z.im / (2.0 * half))
    } else {
        Complex64::new(z.im.abs() / (2.0 * half), half.copysign(z.im))
    }
}

/// Bilinear transform at SciPy's internal rate of 2 Hz, `z = (4 + s) / (4 − s)`; zeros at infinity go to Nyquist.
fn bilinear(analogue: &Zpk) -> Zpk {
    const TWICE_RATE: f64 = 4.0;
    let map = |s: Complex64| (s + TWICE_RATE) / (-s + TWICE_RATE);
    let numerator = analogue.zeros.product(|z| -z + TWICE_RATE);
    let denominator = analogue.poles.product(|p| -p + TWICE_RATE);
    let mut zeros = analogue.zeros.map(map);
    while zeros.len() < analogue.poles.len() {
        zeros.push(Complex64::new(-1.0, 0.0));
    }
    Zpk { zeros, poles: analogue.poles.map(map), gain: analogue.gain * (numerator / denominator).re }
}
