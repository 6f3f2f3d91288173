//! Linear interpolation onto other times: the knee angle onto the EMG clock, a stride onto 101 points.
//!
//! Nothing is held and nothing is extrapolated: outside the samples, across a NaN and across a gap the result is NaN. Linear interpolation
//! is right for angles and envelopes, which are smooth at their sampling rate; it is wrong for raw EMG (METHOD 5.2).

/// Why a series cannot be interpolated.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// Times and values differ in number.
    #[error("{times} times do not match {values} values")]
    Lengths {
        /// Number of times.
        times: usize,
        /// Number of values.
        values: usize,
    },
    /// The time at this index is NaN or not above the one before it.
    #[error("time {0} does not come after the one before it")]
    NotIncreasing(usize),
    /// The sampling rate is not a positive, finite number of hertz.
    #[error("sampling rate {0} Hz is not a positive number")]
    Rate(f64),
}

/// Interpolates an irregular series `(times_s, values)` at the times `at_s`.
///
/// NaN before the first and after the last sample, where a neighbour is NaN, and between samples that lie more than `max_gap_s` apart
/// (`f64::INFINITY` allows any). A time that is exactly a sample's gives that sample. `at_s` may have any order; increasing is fastest.
///
/// # Errors
/// [`ResampleError::Lengths`] and [`ResampleError::NotIncreasing`].
///
/// ```
/// use surae_signal::resample::interpolate;
/// let angle = interpolate(&[0.0, 0.1, 0.2], &[0.0, 10.0, 30.0], f64::INFINITY, &[-0.1, 0.0, 0.15, 0.3])?;
/// assert!(angle[0].is_nan() && angle[3].is_nan());
/// assert!((angle[1] - 0.0).abs() < 1e-12 && (angle[2] - 20.0).abs() < 1e-9);
/// # Ok::<(), surae_signal::resample::ResampleError>(())
/// ```
pub fn interpolate(
    times_s: &[f64],
    values: &[f64],
    max_gap_s: f64,
    at_s: &[f64],
) -> Result<Vec<f64>, ResampleError> {
    if times_s.len() != values.len() {
        return Err(ResampleError::Lengths { times: times_s.len(), values: values.len() });
    }
    let increases = |pair: &[f64]| pair[0] < pair[1];
    if times_s.first().is_some_and(|t| t.is_nan()) {
        return Err(ResampleError::NotIncreasing(0));
    }
    if let Some(index) = times_s.windows(2).position(|pair| !increases(pair)) {
        return Err(ResampleError::NotIncreasing(index + 1));
    }
    let mut next = 0;
    Ok(at_s.iter().map(|&t| value_at(times_s, values, max_gap_s, t, &mut next)).collect())
}

/// The value at `t`; `next` remembers the first sample at or after the last time asked for.
fn value_at(times: &[f64], values: &[f64], max_gap: f64, t: f64, next: &mut usize) -> f64 {
    let fits = |index: usize| {
        (index == 0 || times[index - 1] < t) && times.get(index).is_none_or(|&after| after >= t)
    };
    if *next < times.len() && times[*next] < t && fits(*next + 1) {
        *next += 1;
    } else if !fits(*next) {
        *next = times.partition_point(|&time| time < t);
    }
    match times.get(*next) {
        Some(&after) if after == t => values[*next],
        Some(&after) if *next > 0 && after - times[*next - 1] <= max_gap => {
            between((times[*next - 1], values[*next - 1]), (after, values[*next]), t)
        }
        _ => f64::NAN,
    }
}

fn between(before: (f64, f64), after: (f64, f64), t: f64) -> f64 {
    before.1 + (after.1 - before.1) * ((t - before.0) / (after.0 - before.0))
}

/// Interpolates a regular series that starts at `start_s` at the times `at_s`. NaN outside and beside NaN.
///
/// # Errors
/// [`ResampleError::Rate`].
///
/// ```
/// use surae_signal::resample::interpolate_regular;
/// let angle = interpolate_regular(&[0.0, 10.0], 1.0, 100.0, &[1.0, 1.005, 1.02])?;
/// assert!((angle[1] - 5.0).abs() < 1e-9 && angle[2].is_nan());
/// # Ok::<(), surae_signal::resample::ResampleError>(())
/// ```
pub fn interpolate_regular(
    values: &[f64],
    start_s: f64,
    rate_hz: f64,
    at_s: &[f64],
) -> Result<Vec<f64>, ResampleError> {
    if !(rate_hz.is_finite() && rate_hz > 0.0) {
        return Err(ResampleError::Rate(rate_hz));
    }
    Ok(at_s.iter().map(|t| value_at_index(values, (t - start_s) * rate_hz)).collect())
}

/// The value at a fractional index, NaN outside `0 ..= len − 1` and beside NaN. Indices within 1e-9 of a sample are that sample: a
/// time that was computed from an index must find it again.
///
/// ```
/// assert_eq!(surae_signal::resample::value_at_index(&[1.0, 2.0], 0.5), 1.5);
/// assert!(surae_signal::resample::value_at_index(&[1.0, 2.0], 1.5).is_nan());
/// ```
pub fn value_at_index(values: &[f64], index: f64) -> f64 {
    const ROUNDING: f64 = 1e-9;
    let nearest = index.round();
    if (index - nearest).abs() <= ROUNDING * nearest.abs().max(1.0) {
        let inside = nearest >= 0.0 && nearest < values.len() as f64;
        return if inside { values[nearest as usize] } else { f64::NAN };
    }
    let floor = index.floor();
    // NaN and negative indices fail here.
    if !(floor >= 0.0 && floor + 1.0 < values.len() as f64) {
        return f64::NAN;
    }
    let at = floor as usize;
    values[at] + (values[at + 1] - values[at]) * (index - floor)
}

/// `points` values evenly spaced from fractional index `start` to `end`, both included: a cycle onto 101 points.
///
/// NaN where the signal is NaN or has ended. One point is `start`'s; 0 points are none.
///
/// ```
/// let cycle = surae_signal::resample::to_points(&[0.0, 1.0, 2.0, 3.0, 4.0], 1.0, 3.0, 5);
/// assert_eq!(cycle, [1.0, 1.5, 2.0, 2.5, 3.0]);
/// ```
pub fn to_points(values: &[f64], start: f64, end: f64, points: usize) -> Vec<f64> {
    let step = (end - start) / points.saturating_sub(1).max(1) as f64;
    (0..points).map(|i| value_at_index(values, start + step * i as f64)).collect()
}

/// The newest samples of an irregular live series, asked for values in between: the knee angle in the pipeline.
///
/// Holds the last `capacity` samples in memory taken at construction. Asking before the oldest kept or after the newest sample gives NaN:
/// nothing is held over.
///
/// ```
/// use surae_signal::resample::LinearTrack;
/// let mut knee = LinearTrack::new(16, 0.1);
/// assert!(knee.push(0.00, 10.0) && knee.push(0.01, 12.0));
/// assert!((knee.at(0.005) - 11.0).abs() < 1e-12);
/// assert!(knee.at(0.02).is_nan());
/// assert!(!knee.push(0.01, 13.0)); // not later than the last: ignored
/// ```
#[derive(Clone, Debug)]
pub struct LinearTrack {
    /// Ring of (time, value).
    samples: Vec<(f64, f64)>,
    capacity: usize,
    /// Slot of the oldest sample once the ring is full.
    oldest: usize,
    max_gap_s: f64,
}

impl LinearTrack {
    /// Room for `capacity` samples (at least 2); values between samples more than `max_gap_s` apart are NaN.
    /// Times are seconds, values keep their unit.
    ///
    /// ```
    /// use surae_signal::resample::LinearTrack;
    /// let mut knee = LinearTrack::new(2, 0.1);
    /// for (time_s, angle_deg) in [(0.0, 0.0), (0.1, 10.0), (0.3, 30.0)] {
    ///     knee.push(time_s, angle_deg);
    /// }
    /// assert!(knee.at(0.0).is_nan()); // room for two: the first is gone
    /// assert_eq!(knee.at(0.1), 10.0);
    /// assert!(knee.at(0.2).is_nan()); // its neighbours are more than 0.1 s apart
    /// ```
    pub fn new(capacity: usize, max_gap_s: f64) -> Self {
        let capacity = capacity.max(2);
        Self { samples: Vec::with_capacity(capacity), capacity, oldest: 0, max_gap_s }
    }

    /// Adds a sample. Returns false, and changes nothing, if its time is not later than the newest (or NaN).
    /// A NaN value is kept: it is missing between its neighbours.
    ///
    /// ```
    /// use surae_signal::resample::LinearTrack;
    /// let mut knee = LinearTrack::new(16, 1.0);
    /// assert!(knee.push(0.5, 10.0));
    /// assert!(!knee.push(0.5, 20.0) && !knee.push(0.4, 20.0) && !knee.push(f64::NAN, 20.0));
    /// assert_eq!(knee.at(0.5), 10.0);
    /// assert!(knee.push(1.0, f64::NAN) && knee.at(0.75).is_nan());
    /// ```
    pub fn push(&mut self, time_s: f64, value: f64) -> bool {
        let later = self.newest_s().is_none_or(|newest| time_s > newest);
        if !later || time_s.is_nan() {
            return false;
        }
        if self.samples.len() < self.capacity {
            self.samples.push((time_s, value));
        } else {
            self.samples[self.oldest] = (time_s, value);
            self.oldest = (self.oldest + 1) % self.capacity;
        }
        true
    }

    /// Time of the newest sample, the watermark up to which [`LinearTrack::at`] can answer.
    /// Seconds; `None` before the first sample.
    ///
    /// ```
    /// use surae_signal::resample::LinearTrack;
    /// let mut knee = LinearTrack::new(16, 1.0);
    /// assert_eq!(knee.newest_s(), None);
    /// knee.push(0.5, 10.0);
    /// assert_eq!(knee.newest_s(), Some(0.5));
    /// ```
    pub fn newest_s(&self) -> Option<f64> {
        self.samples.len().checked_sub(1).map(|last| self.get(last).0)
    }

    /// The value at a time, NaN where it is not known.
    /// Linear between the samples on both sides; a time that is exactly a sample's gives that sample.
    ///
    /// ```
    /// use surae_signal::resample::LinearTrack;
    /// let mut knee = LinearTrack::new(16, 1.0);
    /// knee.push(0.0, 10.0);
    /// knee.push(0.5, 30.0);
    /// assert_eq!([knee.at(0.0), knee.at(0.25), knee.at(0.5)], [10.0, 20.0, 30.0]);
    /// assert!(knee.at(-0.1).is_nan() && knee.at(0.6).is_nan() && knee.at(f64::NAN).is_nan());
    /// ```
    pub fn at(&self, time_s: f64) -> f64 {
        let (mut low, mut high) = (0, self.samples.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).0 < time_s { low = middle + 1 } else { high = middle }
        }
        if low == self.samples.len() {
            return f64::NAN;
        }
        let after = self.get(low);
        if after.0 == time_s {
            return after.1;
        }
        match low.checked_sub(1).map(|index| self.get(index)) {
            Some(before) if after.0 - before.0 <= self.max_gap_s => between(before, after, time_s),
            _ => f64::NAN,
        }
    }

    /// Forgets everything.
    ///
    /// ```
    /// use surae_signal::resample::LinearTrack;
    /// let mut knee = LinearTrack::new(16, 1.0);
    /// knee.push(9.0, 10.0);
    /// knee.reset();
    /// assert!(knee.at(9.0).is_nan());
    /// assert!(knee.push(0.0, 20.0)); // time may start again
    /// ```
    pub fn reset(&mut self) {
        self.samples.clear();
        self.oldest = 0;
    }

    fn get(&self, index: usize) -> (f64, f64) {
        self.samples[(self.oldest + index) % self.samples.len().max(1)]
    }
}
