//! The data of a filter: one second-order section, and a short cascade of them.

use super::DesignError;

/// Most sections that a [`Sos`] holds: a band-pass of order 10 and two notches.
pub const MAX_SECTIONS: usize = 12;

/// One second-order section, normalised to `a0 = 1`.
///
/// Its transfer function is `(b[0] + b[1] z⁻¹ + b[2] z⁻²) / (1 + a[0] z⁻¹ + a[1] z⁻²)`: `a` holds SciPy's `a1, a2`, with SciPy's sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// Numerator `b0, b1, b2`.
    pub b: [f64; 3],
    /// Denominator `a1, a2` (`a0` is 1).
    pub a: [f64; 2],
}

impl Section {
    /// The section that changes nothing: output equals input.
    pub const IDENTITY: Self = Self { b: [1.0, 0.0, 0.0], a: [0.0, 0.0] };

    /// Gain at 0 Hz, output over input; not finite for a section with a pole there, which is not stable.
    ///
    /// ```
    /// use surae_signal::design::Section;
    /// assert_eq!(Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] }.dc_gain(), 1.0);
    /// ```
    pub fn dc_gain(&self) -> f64 {
        (self.b[0] + self.b[1] + self.b[2]) / (1.0 + self.a[0] + self.a[1])
    }

    /// Whether all coefficients are finite and both poles lie inside the unit circle (Jury's test for order 2).
    ///
    /// ```
    /// use surae_signal::design::Section;
    /// assert!(Section { b: [1.0, 0.0, 0.0], a: [-1.9, 0.95] }.is_stable());
    /// assert!(!Section { b: [1.0, 0.0, 0.0], a: [-2.1, 1.1] }.is_stable());
    /// ```
    pub fn is_stable(&self) -> bool {
        self.b.iter().chain(&self.a).all(|c| c.is_finite())
            && self.a[1].abs() < 1.0
            && self.a[0].abs() < 1.0 + self.a[1]
    }

    /// State of the transposed direct form II that a constant input of 1 settles to: SciPy's `lfilter_zi` for one section.
    pub(crate) fn settled_state(&self) -> [f64; 2] {
        let rest1 = self.b[1] - self.a[0] * self.b[0];
        let rest2 = self.b[2] - self.a[1] * self.b[0];
        let first = (rest1 + rest2) / (1.0 + self.a[0] + self.a[1]);
        [first, (1.0 + self.a[0]) * first - rest1]
    }
}

/// A filter as a cascade of at most [`MAX_SECTIONS`] second-order sections, first section first.
///
/// The storage is inline and the type is `Copy`: designing, copying and swapping filters never allocates.
///
/// ```
/// use surae_signal::design::{butterworth, notch, Band};
/// let band = butterworth(4, Band::BandPass(20.0, 450.0), 2000.0)?;
/// let both = band.then(&notch(50.0, 30.0, 2000.0)?)?;
/// assert_eq!(both.sections().len(), 5);
/// assert!(both.magnitude(50.0, 2000.0) < 1e-12);
/// # Ok::<(), surae_signal::design::DesignError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Sos {
    sections: [Section; MAX_SECTIONS],
    len: usize,
}

impl Sos {
    /// The filter without any section: output equals input.
    pub const IDENTITY: Self = Self { sections: [Section::IDENTITY; MAX_SECTIONS], len: 0 };

    /// A filter from sections that were designed elsewhere, for example SciPy's `sos` rows.
    ///
    /// # Errors
    /// [`DesignError::Sections`] when there are more than [`MAX_SECTIONS`]; [`DesignError::Unstable`] with the index of the first
    /// section that is not finite or whose poles are not inside the unit circle.
    ///
    /// ```
    /// use surae_signal::design::{DesignError, Section, Sos};
    /// let mean_of_two = Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] };
    /// assert_eq!(Sos::from_sections(&[mean_of_two])?.sections(), [mean_of_two]);
    /// let runaway = Section { b: [1.0, 0.0, 0.0], a: [-2.0, 1.5] };
    /// assert_eq!(Sos::from_sections(&[mean_of_two, runaway]), Err(DesignError::Unstable(1)));
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn from_sections(sections: &[Section]) -> Result<Self, DesignError> {
        if sections.len() > MAX_SECTIONS {
            return Err(DesignError::Sections(sections.len()));
        }
        if let Some(bad) = sections.iter().position(|s| !s.is_stable()) {
            return Err(DesignError::Unstable(bad));
        }
        let mut sos = Self::IDENTITY;
        sos.sections[..sections.len()].copy_from_slice(sections);
        sos.len = sections.len();
        Ok(sos)
    }

    /// The sections in processing order.
    /// At most [`MAX_SECTIONS`]; none for [`Sos::IDENTITY`].
    ///
    /// ```
    /// use surae_signal::design::{butterworth, Band};
    /// // First order at a quarter of the sampling rate: the mean of two samples.
    /// let low = butterworth(1, Band::LowPass(500.0), 2000.0)?;
    /// let [section] = low.sections() else { unreachable!() };
    /// assert!((section.b[0] - 0.5).abs() < 1e-12 && (section.b[1] - 0.5).abs() < 1e-12);
    /// assert!(section.a[0].abs() < 1e-12);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn sections(&self) -> &[Section] {
        &self.sections[..self.len]
    }

    /// This filter followed by `next`.
    ///
    /// # Errors
    /// [`DesignError::Sections`] when the cascade would exceed [`MAX_SECTIONS`].
    ///
    /// ```
    /// use surae_signal::design::{DesignError, Section, Sos};
    /// let mean_of_two = Section { b: [0.5, 0.5, 0.0], a: [0.0, 0.0] };
    /// let once = Sos::from_sections(&[mean_of_two])?;
    /// assert_eq!(once.then(&once)?.sections(), [mean_of_two; 2]);
    /// let full = Sos::from_sections(&[mean_of_two; 12])?;
    /// assert_eq!(full.then(&once), Err(DesignError::Sections(13)));
    /// # Ok::<(), DesignError>(())
    /// ```
    pub fn then(&self, next: &Sos) -> Result<Sos, DesignError> {
        let total = self.len + next.len;
        if total > MAX_SECTIONS {
            return Err(DesignError::Sections(total));
        }
        let mut joined = *self;
        joined.sections[self.len..total].copy_from_slice(next.sections());
        joined.len = total;
        Ok(joined)
    }

    /// Gain at 0 Hz of the whole cascade, output over input; 1 for a low-pass, 0 for a band-pass or high-pass.
    ///
    /// ```
    /// use surae_signal::design::{butterworth, Band};
    /// assert!((butterworth(4, Band::LowPass(6.0), 2000.0)?.dc_gain() - 1.0).abs() < 1e-9);
    /// assert!(butterworth(4, Band::HighPass(20.0), 2000.0)?.dc_gain().abs() < 1e-12);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn dc_gain(&self) -> f64 {
        self.sections().iter().map(Section::dc_gain).product()
    }

    /// The state, per section, that a constant input of 1 settles to: SciPy's `sosfilt_zi`. Rows beyond the sections are 0.
    ///
    /// Multiply by the first sample to start a filter without a step transient (see [`crate::filter::FilterBank::prime`]).
    ///
    /// ```
    /// use surae_signal::design::{butterworth, Band};
    /// let zi = butterworth(2, Band::LowPass(6.0), 2000.0)?.zi();
    /// assert!((zi[0][0] - 0.999_912_344_451).abs() < 1e-9); // SciPy: sosfilt_zi(butter(2, 6, fs=2000, output="sos"))
    /// assert!((zi[0][1] + 0.973_607_216_428).abs() < 1e-9);
    /// assert_eq!(zi[1], [0.0, 0.0]);
    /// # Ok::<(), surae_signal::design::DesignError>(())
    /// ```
    pub fn zi(&self) -> [[f64; 2]; MAX_SECTIONS] {
        let mut states = [[0.0; 2]; MAX_SECTIONS];
        let mut level = 1.0;
        for (state, section) in states.iter_mut().zip(self.sections()) {
            let settled = section.settled_state();
            *state = [settled[0] * level, settled[1] * level];
            level *= section.dc_gain();
        }
        states
    }

    pub(crate) fn push(&mut self, section: Section) {
        self.sections[self.len] = section;
        self.len += 1;
    }

    pub(crate) fn scale_first(&mut self, gain: f64) {
        for b in &mut self.sections[0].b {
            *b *= gain;
        }
    }

    pub(crate) fn reverse(&mut self) {
        self.sections[..self.len].reverse();
    }
}

impl PartialEq for Sos {
    fn eq(&self, other: &Self) -> bool {
        self.sections() == other.sections()
    }
}

impl std::fmt::Debug for Sos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.sections()).finish()
    }
}
