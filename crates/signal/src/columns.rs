//! Min/max columns: a long signal in as many columns as the screen has pixels, hiding no peak.
//!
//! The contract, which plots and the history pyramid rely on:
//! * a [`Column`] holds the smallest and the largest finite value of its samples, so the largest of the columns is the largest sample;
//! * every sample belongs to exactly one column, columns are in order, and their lengths differ by at most one;
//! * missing samples (NaN, infinite) never count as values; [`Column::missing`] says how many there were: a line is broken there;
//! * a column without a value has `min` and `max` NaN and draws nothing;
//! * [`Column::join`] of two neighbours equals the column of their samples: levels of a pyramid agree with the raw signal.
//!
//! Not for: measuring. Averages and spectra come from the samples.

use pulp::{Simd, WithSimd};

use crate::level::Level;

/// The extremes of a run of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Smallest finite value, unit of the signal; NaN without one.
    pub min: f64,
    /// Largest finite value, unit of the signal; NaN without one.
    pub max: f64,
    /// Samples that were missing.
    pub missing: u32,
}

impl Default for Column {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Column {
    /// The column of no samples: nothing to draw, nothing missing.
    pub const EMPTY: Self = Self { min: f64::NAN, max: f64::NAN, missing: 0 };

    /// The column of a run of samples.
    ///
    /// ```
    /// use surae_signal::columns::Column;
    /// let column = Column::of(&[1.0, f64::NAN, -2.0]);
    /// assert_eq!(column, Column { min: -2.0, max: 1.0, missing: 1 });
    /// ```
    pub fn of(samples: &[f64]) -> Self {
        let mut column = [Self::EMPTY];
        columns_into(samples, &mut column);
        column[0]
    }

    /// The column of this one's samples and its neighbour's.
    ///
    /// ```
    /// use surae_signal::columns::Column;
    /// assert_eq!(Column::of(&[1.0, 2.0]).join(Column::of(&[-1.0])), Column::of(&[1.0, 2.0, -1.0]));
    /// ```
    pub fn join(self, next: Self) -> Self {
        // `min` and `max` of the standard library prefer the number over the NaN.
        Self {
            min: self.min.min(next.min),
            max: self.max.max(next.max),
            missing: self.missing.saturating_add(next.missing),
        }
    }

    /// Whether there is something to draw.
    ///
    /// ```
    /// use surae_signal::columns::Column;
    /// assert!(!Column::of(&[f64::NAN]).is_drawn());
    /// ```
    pub fn is_drawn(&self) -> bool {
        !self.min.is_nan()
    }
}

/// All columns of a signal, compiled for each vector width.
struct Draw<'a> {
    signal: &'a [f64],
    out: &'a mut [Column],
}

impl WithSimd for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (len, count) = (self.signal.len(), self.out.len());
        // Column `i` ends before sample `⌈(i + 1)·len / count⌉`: whole samples and the part of the next one, without a division each.
        let (step, rest) = (len.checked_div(count).unwrap_or(0), len.checked_rem(count).unwrap_or(0));
        let (mut start, mut whole, mut part) = (0, 0, 0);
        for column in self.out {
            (whole, part) = (whole + step, part + rest);
            if part >= count {
                (whole, part) = (whole + 1, part - count);
            }
            let end = whole + usize::from(part > 0);
            *column = column_of(simd, &self.signal[start..end]);
            start = end;
        }
    }
}

#[inline(always)]
fn column_of<S: Simd>(simd: S, samples: &[f64]) -> Column {
    let (low, high, spoiled) = extremes(simd, samples);
    // Runs with a hole are rare; they are gone through value by value.
    let (low, high, finite) = if spoiled { extremes_with_holes(samples) } else { (low, high, samples.len()) };
    let missing = u32::try_from(samples.len() - finite).unwrap_or(u32::MAX);
    if finite == 0 { Column { missing, ..Column::EMPTY } } else { Column { min: low, max: high, missing } }
}

/// Smallest and largest value, and whether any value is not finite (then the extremes mean nothing).
#[inline(always)]
fn extremes<S: Simd>(simd: S, samples: &[f64]) -> (f64, f64, bool) {
    /// Vectors side by side, so that no comparison waits for the one before it.
    const SIDE: usize = 4;
    let nothing = simd.splat_f64s(0.0);
    let mut low = [simd.splat_f64s(f64::INFINITY); SIDE];
    let mut high = [simd.splat_f64s(f64::NEG_INFINITY); SIDE];
    // Zero times a number is zero; zero times NaN or infinity is NaN, and stays.
    let mut zero = [nothing; SIDE];
    let (vectors, rest) = S::as_simd_f64s(samples);
    let mut blocks = vectors.chunks_exact(SIDE);
    for block in &mut blocks {
        for i in 0..SIDE {
            low[i] = simd.min_f64s(block[i], low[i]);
            high[i] = simd.max_f64s(block[i], high[i]);
            zero[i] = simd.add_f64s(zero[i], simd.mul_f64s(nothing, block[i]));
        }
    }
    for &vector in blocks.remainder() {
        low[0] = simd.min_f64s(vector, low[0]);
        high[0] = simd.max_f64s(vector, high[0]);
        zero[0] = simd.add_f64s(zero[0], simd.mul_f64s(nothing, vector));
    }
    let low = simd.min_f64s(simd.min_f64s(low[0], low[1]), simd.min_f64s(low[2], low[3]));
    let high = simd.max_f64s(simd.max_f64s(high[0], high[1]), simd.max_f64s(high[2], high[3]));
    let zero = simd.add_f64s(simd.add_f64s(zero[0], zero[1]), simd.add_f64s(zero[2], zero[3]));
    let (mut least, mut most) = (simd.reduce_min_f64s(low), simd.reduce_max_f64s(high));
    let mut sum = simd.reduce_sum_f64s(zero);
    for &x in rest {
        least = least.min(x);
        most = most.max(x);
        sum += 0.0 * x;
    }
    (least, most, sum.is_nan())
}

fn extremes_with_holes(samples: &[f64]) -> (f64, f64, usize) {
    let finite = samples.iter().filter(|x| x.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY, 0), |(low, high, count), x| {
        (low.min(*x), high.max(*x), count + 1)
    })
}

/// The signal in `count` columns, first to last; sample `i` is in column `i·count / len`. With fewer samples than columns the surplus
/// columns are empty.
///
/// ```
/// use surae_signal::columns::columns;
/// let spike: Vec<f64> = (0..10_000).map(|i| if i == 7777 { 5.0 } else { 0.0 }).collect();
/// let drawn = columns(&spike, 100);
/// assert_eq!(drawn[77].max, 5.0);
/// ```
pub fn columns(signal: &[f64], count: usize) -> Vec<Column> {
    let mut drawn = vec![Column::EMPTY; count];
    columns_into(signal, &mut drawn);
    drawn
}

/// As [`columns`], filling `out`. Does not allocate.
///
/// ```
/// use surae_signal::columns::{columns_into, Column};
/// let mut drawn = [Column::EMPTY; 2];
/// columns_into(&[0.0, 3.0, -1.0, 1.0], &mut drawn);
/// assert_eq!((drawn[0].max, drawn[1].min), (3.0, -1.0));
/// ```
pub fn columns_into(signal: &[f64], out: &mut [Column]) {
    Level::best().run(Draw { signal, out });
}

/// Joins each `factor` neighbouring columns (at least 1) into one: the next level of a pyramid. The last may cover fewer.
///
/// ```
/// use surae_signal::columns::{columns, coarser};
/// let signal: Vec<f64> = (0..64).map(f64::from).collect();
/// assert_eq!(coarser(&columns(&signal, 16), 4), columns(&signal, 4));
/// ```
pub fn coarser(fine: &[Column], factor: usize) -> Vec<Column> {
    fine.chunks(factor.max(1)).map(|group| group.iter().fold(Column::EMPTY, |a, b| a.join(*b))).collect()
}
