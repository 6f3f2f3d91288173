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
        let (low, high, finite) = Level::best().run(Extremes(samples));
        let missing = u32::try_from(samples.len() - finite).unwrap_or(u32::MAX);
        if finite == 0 { Self { missing, ..Self::EMPTY } } else { Self { min: low, max: high, missing } }
    }

    /// The column of this one's samples and its neighbour's.
    pub fn join(self, next: Self) -> Self {
        // `min` and `max` of the standard library prefer the number over the NaN.
        Self {
            min: self.min.min(next.min),
            max: self.max.max(next.max),
            missing: self.missing.saturating_add(next.missing),
        }
    }

    /// Whether there is something to draw.
    pub fn is_drawn(&self) -> bool {
        !self.min.is_nan()
    }
}

/// [`extremes`], compiled for each vector width.
struct Extremes<'a>(&'a [f64]);

impl WithSimd for Extremes<'_> {
    type Output = (f64, f64, usize);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        extremes(self.0)
    }
}

/// Smallest and largest finite value and the number of finite values. Lanes keep the comparisons independent.
#[inline(always)]
fn extremes(samples: &[f64]) -> (f64, f64, usize) {
    const LANES: usize = 16;
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let mut finite = [0_u64; LANES];
    let take = |low: &mut f64, high: &mut f64, finite: &mut u64, x: f64| {
        // One comparison refuses NaN and both infinities; the refused value leaves the extremes alone.
        let is_finite = x.abs() < f64::INFINITY;
        let (down, up) = if is_finite { (x, x) } else { (f64::INFINITY, f64::NEG_INFINITY) };
        *low = if down < *low { down } else { *low };
        *high = if up > *high { up } else { *high };
        *finite += u64::from(is_finite);
    };
    let blocks = samples.chunks_exact(LANES);
    let rest = blocks.remainder();
    for block in blocks {
        for lane in 0..LANES {
            take(&mut low[lane], &mut high[lane], &mut finite[lane], block[lane]);
        }
    }
    for &x in rest {
        take(&mut low[0], &mut high[0], &mut finite[0], x);
    }
    let low = low.iter().fold(f64::INFINITY, |a, b| a.min(*b));
    let high = high.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    (low, high, finite.iter().sum::<u64>() as usize)
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
pub fn columns_into(signal: &[f64], out: &mut [Column]) {
    let count = out.len();
    let edge = |column: usize| (column as u128 * signal.len() as u128).div_ceil(count as u128) as usize;
    for (index, column) in out.iter_mut().enumerate() {
        *column = Column::of(&signal[edge(index)..edge(index + 1)]);
    }
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
