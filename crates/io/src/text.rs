//! Small helpers for text in files.

use std::borrow::Cow;

/// Text of unknown encoding: UTF-8 when valid, else Latin-1; NUL and surrounding white space removed.
pub(crate) fn latin(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let text = match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes[..end].iter().map(|b| char::from(*b)).collect(),
    };
    text.trim().to_owned()
}

/// A piece of text: UTF-16 where a byte-order mark says so, UTF-8 (with or without mark) when valid, else Latin-1.
pub(crate) fn string(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(text) = utf16(bytes) {
        return text.into();
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect::<String>().into(),
    }
}

/// A whole text file, as [`string`]: without the zero bytes that a disk leaves at the end of a file that was cut by a crash, and
/// with lines that end in a newline where the file has carriage returns only.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let solid = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    // The last byte of a word of UTF-16 may be zero.
    let text = if utf16_mark(bytes).is_some() { string(bytes) } else { string(&bytes[..solid]) };
    if text.contains('\r') && !text.contains('\n') { text.replace('\r', "\n").into() } else { text }
}

/// The first bytes of a file as readers tell formats apart by: UTF-16, which spreadsheets write, as UTF-8; text without the zero
/// bytes behind it.
pub(crate) fn head(bytes: &[u8]) -> Cow<'_, [u8]> {
    if let Some(text) = utf16(bytes) {
        return text.into_bytes().into();
    }
    let solid = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    let lines = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let text = |byte: &u8| *byte >= 0x20 || *byte == b'\t' || lines(byte);
    let is_text = bytes[..solid].iter().all(text) && bytes[..solid].iter().any(lines);
    if is_text { bytes[..solid].into() } else { bytes.into() }
}

type Word = fn([u8; 2]) -> u16;

fn utf16_mark(bytes: &[u8]) -> Option<(&[u8], Word)> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => Some((rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some((rest, u16::from_be_bytes)),
        _ => None,
    }
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let (rest, word) = utf16_mark(bytes)?;
    let words = rest.chunks_exact(2).map(|pair| word([pair[0], pair[1]]));
    Some(char::decode_utf16(words).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// A list for a message, cut after `limit` items.
pub(crate) fn list<T: AsRef<str>>(items: &[T], limit: usize) -> String {
    let shown: Vec<&str> = items.iter().take(limit).map(AsRef::as_ref).collect();
    let more = items.len().saturating_sub(limit);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// Regular or irregular: what a column of times says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Timing {
    pub start_s: f64,
    pub rate_hz: f64,
    pub regular: bool,
    pub note: Option<surae_trial::Note>,
}

impl Timing {
    /// Rate from the median step, start from the first time. Regular when no time is further than half a step from
    /// its place; `times` holds at least two finite values.
    pub fn of(times: &[f64]) -> Self {
        let start_s = times.first().copied().unwrap_or(0.0);
        let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let backwards = steps.iter().filter(|step| **step <= 0.0).count();
        let whole = times.last().copied().unwrap_or(start_s) - start_s;
        let middle = steps.len() / 2;
        let median = match steps.is_empty() {
            true => 0.0,
            false => *steps.select_nth_unstable_by(middle, f64::total_cmp).1,
        };
        let mean = whole / steps.len().max(1) as f64;
        let off = |step: f64| {
            times
                .iter()
                .enumerate()
                .map(|(k, t)| (t - start_s - k as f64 * step).abs())
                .fold(0.0f64, f64::max)
        };
        // The mean step is the better estimate of a regular clock (printed times are rounded), the median of a torn one.
        let regular = backwards == 0 && mean > 0.0 && off(mean) <= 0.5 * mean;
        let step = if regular { mean } else { median };
        if step <= 0.0 || !step.is_finite() {
            let text =
                "the time column does not advance; a rate of 1 Hz is written, times are those of the file";
            let note = Some(surae_trial::Note::error("time_not_ascending", text));
            return Self { start_s, rate_hz: 1.0, regular: false, note };
        }
        let note = (!regular).then(|| {
            let text = format!(
                "the time column is irregular ({backwards} steps backwards, median step {median:.6} s): {:.3} Hz is used as the nominal rate, the times of the file are kept",
                1.0 / step
            );
            surae_trial::Note::warning("time_irregular", text)
        });
        Self { start_s, rate_hz: tidy(1.0 / step), regular, note }
    }
}

/// A rate within 1e-5 of a whole number is that number: printed times carry rounding.
fn tidy(rate_hz: f64) -> f64 {
    let whole = rate_hz.round();
    if whole >= 1.0 && (rate_hz - whole).abs() < 1e-5 * whole { whole } else { rate_hz }
}

/// Samples that the holes of one stream may span together (9 hours at 2 kHz). Columns are laid out with their holes, so a
/// damaged time stamp must not ask for all memory.
pub(crate) const MOST_LOST_SAMPLES: u64 = 1 << 26;
