//! The layout of records: a duration in which every stream has a whole number of samples, and what must be filled.

use surae_trial::Stream;

/// Longest and shortest record looked at, in ms.
const LONGEST_MS: u32 = 10_000;
/// Bytes of a record that the standard recommends not to exceed.
const RECOMMENDED_BYTES: usize = 61_440;

/// The layout.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Duration of a record as the header states it, and as a number.
    pub record: String,
    pub record_s: f64,
    /// Samples per record of each stream.
    pub samples: Vec<usize>,
    /// Records from the first to the last sample of all streams.
    pub records: u64,
    /// Index in the file's grid of each stream's index 0.
    pub shift: Vec<u64>,
    /// Largest relative error of a rate.
    pub rate_error: f64,
    /// Largest error of a start, in samples.
    pub shift_error: f64,
    /// True when some frame of the grid has no sample: a hole, an edge, or the end of the last record.
    pub needs_void: bool,
}

/// `None` without streams.
pub fn plan(streams: &[&Stream], bytes_per_sample: usize) -> Option<Plan> {
    let first_s = streams.iter().map(|s| s.start_s.0).fold(f64::INFINITY, f64::min);
    let shifts: Vec<f64> = streams.iter().map(|s| (s.start_s.0 - first_s) * s.rate_hz).collect();
    let shift: Vec<u64> = shifts.iter().map(|exact| exact.round().max(0.0) as u64).collect();
    let shift_error = shifts.iter().map(|exact| (exact - exact.round()).abs()).fold(0.0, f64::max);
    let ends: Vec<u64> = streams.iter().zip(&shift).map(|(s, shift)| s.span() + shift).collect();
    let rates: Vec<f64> = streams.iter().map(|s| s.rate_hz).collect();
    let best = candidates(&rates).into_iter().min_by(|a, b| {
        let cost = |text: &String| cost(text, streams, &ends, bytes_per_sample);
        let (a, b) = (cost(a), cost(b));
        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)).then(a.3.total_cmp(&b.3))
    })?;
    let record_s: f64 = best.parse().ok()?;
    let samples = per_record(&rates, record_s);
    let rate_error = error(&rates, &samples, record_s);
    let records = ends.iter().zip(&samples).map(|(end, n)| end.div_ceil(*n as u64)).max()?.max(1);
    let full = streams.iter().zip(&samples).all(|(s, n)| s.frames() as u64 == records * *n as u64);
    Some(Plan { record: best, record_s, samples, records, shift, rate_error, shift_error, needs_void: !full })
}

fn per_record(rates: &[f64], record_s: f64) -> Vec<usize> {
    rates.iter().map(|rate| (rate * record_s).round().max(1.0) as usize).collect()
}

fn error(rates: &[f64], samples: &[usize], record_s: f64) -> f64 {
    let one = |(rate, n): (&f64, &usize)| ((*n as f64 / record_s - rate) / rate).abs();
    rates.iter().zip(samples).map(one).fold(0.0, f64::max)
}

/// Durations worth trying: whole ms up to 10 s, and whole numbers of samples of the first stream.
fn candidates(rates: &[f64]) -> Vec<String> {
    let mut found: Vec<String> = (1..=LONGEST_MS).map(|ms| trimmed(f64::from(ms) / 1000.0, 3)).collect();
    if let Some(rate) = rates.first() {
        let longest = (10.0 * rate).clamp(1.0, 4000.0) as u32;
        found.extend((1..=longest).map(|n| trimmed(f64::from(n) / rate, 6)).filter(|text| text.len() <= 8));
    }
    found.extend([20, 30, 60, 100, 200, 1000].map(|s| s.to_string()));
    found.retain(|text| text.parse::<f64>().is_ok_and(|s| s > 0.0));
    found
}

fn trimmed(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Rate error first, then whether samples must be filled, then the size of a record, then the distance from 1 s.
fn cost(text: &str, streams: &[&Stream], ends: &[u64], bytes: usize) -> (f64, bool, bool, f64) {
    let record_s: f64 = text.parse().unwrap_or(f64::NAN);
    let rates: Vec<f64> = streams.iter().map(|s| s.rate_hz).collect();
    let samples = per_record(&rates, record_s);
    let error = error(&rates, &samples, record_s);
    let filled = ends.iter().zip(&samples).any(|(end, n)| !end.is_multiple_of(*n as u64));
    let size: usize = streams.iter().zip(&samples).map(|(s, n)| s.channels.len() * n * bytes).sum();
    // A tenth of a second of records is mostly header; a fill at the end costs less than that.
    let tiny = record_s < 0.02;
    let error = if error < 1e-9 { 0.0 } else { error };
    (error, filled || tiny, size > RECOMMENDED_BYTES, record_s.ln().abs())
}
