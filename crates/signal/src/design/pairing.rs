//! From poles and zeros to second-order sections, in SciPy's order.
//!
//! `scipy.signal.zpk2sos(pairing="nearest")`: sections are built from the last to the first; each takes the pole nearest to the unit
//! circle that is left, its conjugate, and the zeros nearest to it; the whole gain goes into the first section. The order matters
//! for the state and for rounding, and is part of the agreement with SciPy.

use super::{Complex64, MAX_SECTIONS, Section, Sos};

const CAPACITY: usize = 2 * MAX_SECTIONS;

/// An ordered list of at most 24 complex numbers, without allocation.
#[derive(Clone, Copy)]
pub(super) struct Roots {
    items: [Complex64; CAPACITY],
    len: usize,
}

impl Default for Roots {
    fn default() -> Self {
        Self { items: [Complex64::new(0.0, 0.0); CAPACITY], len: 0 }
    }
}

impl Roots {
    pub(super) fn repeated(root: Complex64, count: usize) -> Self {
        let mut roots = Self::default();
        for _ in 0..count {
            roots.push(root);
        }
        roots
    }

    pub(super) fn push(&mut self, root: Complex64) {
        self.items[self.len] = root;
        self.len += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Complex64> {
        self.items[..self.len].iter()
    }

    pub(super) fn map(&self, f: impl Fn(Complex64) -> Complex64) -> Self {
        let mut mapped = *self;
        for root in &mut mapped.items[..self.len] {
            *root = f(*root);
        }
        mapped
    }

    pub(super) fn product(&self, f: impl Fn(Complex64) -> Complex64) -> Complex64 {
        self.iter().fold(Complex64::new(1.0, 0.0), |product, &root| product * f(root))
    }

    fn remove(&mut self, index: usize) -> Complex64 {
        let root = self.items[index];
        self.items.copy_within(index + 1..self.len, index);
        self.len -= 1;
        root
    }

    fn reals(&self) -> usize {
        self.iter().filter(|root| root.im == 0.0).count()
    }

    /// Index of the first root that is smallest by `key` among those that `keep` accepts.
    fn smallest(&self, keep: impl Fn(&Complex64) -> bool, key: impl Fn(&Complex64) -> f64) -> Option<usize> {
        let candidates = self.iter().enumerate().filter(|(_, root)| keep(root));
        candidates.min_by(|(_, x), (_, y)| key(x).total_cmp(&key(y))).map(|(index, _)| index)
    }

    fn take_worst(&mut self, keep: impl Fn(&Complex64) -> bool) -> Option<Complex64> {
        self.smallest(keep, |root| (1.0 - root.norm()).abs()).map(|index| self.remove(index))
    }

    fn take_nearest(&mut self, to: Complex64, keep: impl Fn(&Complex64) -> bool) -> Option<Complex64> {
        self.smallest(keep, |root| (root - to).norm()).map(|index| self.remove(index))
    }

    /// One of each conjugate pair (upper half plane, sorted by real part), then the real roots: SciPy's `_cplxreal`.
    fn without_conjugates(&self) -> Self {
        let mut sorted = *self;
        sorted.items[..self.len]
            .sort_unstable_by(|x, y| x.re.total_cmp(&y.re).then(x.im.abs().total_cmp(&y.im.abs())));
        let is_real = |root: &Complex64| root.im.abs() <= 100.0 * f64::EPSILON * root.norm();
        let mut kept = Self::default();
        for root in sorted.iter().filter(|root| !is_real(root) && root.im > 0.0) {
            kept.push(*root);
        }
        for root in sorted.iter().filter(|root| is_real(root)) {
            kept.push(Complex64::new(root.re, 0.0));
        }
        kept
    }
}

/// A filter as zeros, poles and gain.
#[derive(Clone, Copy)]
pub(super) struct Zpk {
    pub(super) zeros: Roots,
    pub(super) poles: Roots,
    pub(super) gain: f64,
}

/// The sections of a digital filter with as many zeros as poles.
pub(super) fn into_sections(filter: &Zpk) -> Sos {
    let (mut zeros, mut poles) = (filter.zeros, filter.poles);
    if poles.len() % 2 == 1 {
        zeros.push(Complex64::new(0.0, 0.0));
        poles.push(Complex64::new(0.0, 0.0));
    }
    let (mut zeros, mut poles) = (zeros.without_conjugates(), poles.without_conjugates());
    let any = |_: &Complex64| true;
    let real = |root: &Complex64| root.im == 0.0;
    let complex = |root: &Complex64| root.im != 0.0;
    let mut sos = Sos::IDENTITY;
    while let Some(pole) = poles.take_worst(any) {
        let must_stay_complex =
            poles.len() + 1 == zeros.len() && complex(&pole) && poles.reals() == 1 && zeros.reals() == 1;
        let second_pole = if real(&pole) { poles.take_worst(real).unwrap_or_default() } else { pole.conj() };
        let zero =
            if must_stay_complex { zeros.take_nearest(pole, complex) } else { zeros.take_nearest(pole, any) };
        let zero = zero.unwrap_or_default();
        let second_zero =
            if complex(&zero) { zero.conj() } else { zeros.take_nearest(pole, real).unwrap_or_default() };
        sos.push(section([zero, second_zero], [pole, second_pole]));
    }
    sos.reverse();
    sos.scale_first(filter.gain);
    sos
}

fn section(zeros: [Complex64; 2], poles: [Complex64; 2]) -> Section {
    let quadratic = |roots: [Complex64; 2]| [-(roots[0] + roots[1]).re, (roots[0] * roots[1]).re];
    let (b, a) = (quadratic(zeros), quadratic(poles));
    // `+ 0.0` turns the −0.0 of a root at the origin into 0.0.
    Section { b: [1.0, b[0] + 0.0, b[1] + 0.0], a: [a[0] + 0.0, a[1] + 0.0] }
}
