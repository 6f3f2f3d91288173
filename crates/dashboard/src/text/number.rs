//! Numbers as the dashboard shows them: signs, degrees, clocks, ratios, amplitudes.
//!
//! A number stands with its unit; missing is `—`. Not for words: those are in [`super`].

use super::MISSING;
use crate::model::Bound;

/// `−0.53`: two decimals and a real minus.
#[must_use]
pub fn signed(value: f32, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, value.abs());
    let is_zero = text.chars().all(|c| c == '0' || c == '.');
    if value < 0.0 && !is_zero { format!("−{text}") } else { text }
}

/// `24°`, or the sign for missing.
#[must_use]
pub fn degrees(value: Option<f32>) -> String {
    value.filter(|v| v.is_finite()).map_or_else(|| MISSING.to_owned(), |v| format!("{}°", signed(v, 0)))
}

/// `30 %` of a share of 1, or the sign for missing.
#[must_use]
pub fn percent(share: Option<f32>) -> String {
    share
        .filter(|v| v.is_finite())
        .map_or_else(|| MISSING.to_owned(), |v| format!("{} %", signed(v * 100.0, 0)))
}

/// `02:14.2`; hours are added where there are some.
#[must_use]
pub fn clock(time_s: f64, decimals: usize) -> String {
    if !time_s.is_finite() {
        return MISSING.to_owned();
    }
    let sign = if time_s < 0.0 { "−" } else { "" };
    let unit = 10f64.powi(decimals as i32);
    let ticks = (time_s.abs() * unit).round();
    let seconds = ticks / unit;
    let (hours, minutes) = ((seconds / 3600.0).floor(), (seconds / 60.0).floor() % 60.0);
    let rest = (ticks - (hours * 60.0 + minutes) * 60.0 * unit) / unit;
    let width = if decimals == 0 { 2 } else { 3 + decimals };
    if hours > 0.0 {
        format!("{sign}{hours:.0}:{minutes:02.0}:{rest:0width$.decimals$}")
    } else {
        format!("{sign}{minutes:02.0}:{rest:0width$.decimals$}")
    }
}

/// `3 : 1`: the ratio a D stands for, by the side it favours.
#[must_use]
pub fn ratio(dominance: f32) -> String {
    let d = f64::from(dominance.abs()).min(0.999_999);
    let ratio = (1.0 + d) / (1.0 - d);
    let rounded = (ratio * 10.0).round() / 10.0;
    if (rounded - rounded.round()).abs() < 0.05 {
        format!("{rounded:.0} : 1")
    } else {
        format!("{rounded:.1} : 1")
    }
}

/// `at least 1.5 : 1`, before a one-sided value.
#[must_use]
pub fn bound(bound: Bound) -> &'static str {
    match bound {
        Bound::None => "",
        Bound::AtLeast => "at least",
        Bound::AtMost => "at most",
    }
}

/// A one-sided D as a ratio of the muscle it favours: a gastrocnemius at its floor makes soleus `at least 7.6 : 1`.
#[must_use]
pub fn one_sided(bound: Bound, dominance: f32) -> String {
    let words = match (bound, dominance < 0.0) {
        (Bound::AtLeast, false) | (Bound::AtMost, true) => "at least",
        _ => "at most",
    };
    format!("{words} {}", ratio(dominance))
}

/// The interval of D: `−0.66 … −0.36`.
#[must_use]
pub fn interval((low, high): (f32, f32)) -> String {
    format!("{} … {}", signed(low, 2), signed(high, 2))
}

/// A half scale: `±600 mV`, with three significant digits at most.
#[must_use]
pub fn scale(half: f32, unit: &str, centre: f32) -> String {
    let range = format!("±{} {}", figure(half), display_unit(unit));
    if centre == 0.0 { range } else { format!("{range} about {}", figure(centre)) }
}

/// A positive amplitude with up to three significant digits.
#[must_use]
pub fn figure(value: f32) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let magnitude = value.abs();
    let decimals = match magnitude {
        m if m >= 100.0 || m == 0.0 => 0,
        m if m >= 10.0 => 1,
        m if m >= 1.0 => 2,
        m if m >= 0.1 => 3,
        _ => return format!("{value:.1e}"),
    };
    let text = format!("{magnitude:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if value < 0.0 { format!("−{text}") } else { text.to_owned() }
}

/// The unit as shown on screen; files keep plain ASCII.
#[must_use]
pub fn display_unit(symbol: &str) -> &str {
    match symbol {
        "uV" => "µV",
        "deg" => "°",
        other => other,
    }
}

/// The order of a filter: `2nd order`.
#[must_use]
pub fn order(order: u8) -> String {
    let ending = match order {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{order}{ending} order")
}

/// What `--latency-test` found.
#[must_use]
pub fn latency(found: surae_engine::frames::Quantiles, frames: usize, seconds: f64) -> String {
    format!(
        "from a decoded sample to the end of the frame that first shows what came of it: p50 {:.1} ms, p99 {:.1} ms \
         ({} blocks, {frames} frames in {seconds:.1} s: {:.1} a second)",
        found.p50_ms,
        found.p99_ms,
        found.n,
        frames as f64 / seconds
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_the_design_says() {
        assert_eq!(signed(-0.531, 2), "−0.53");
        assert_eq!(signed(-0.001, 2), "0.00");
        assert_eq!(degrees(Some(23.6)), "24°");
        assert_eq!(degrees(None), "—");
        assert_eq!(percent(Some(1.2)), "120 %");
        assert_eq!(percent(Some(f32::NAN)), "—");
        assert_eq!(clock(134.2, 1), "02:14.2");
        assert_eq!(clock(59.96, 1), "01:00.0");
        assert_eq!(clock(123.0, 0), "02:03");
        assert_eq!(clock(3723.0, 0), "1:02:03");
        assert_eq!(ratio(-0.5), "3 : 1");
        assert_eq!(ratio(0.2), "1.5 : 1");
        assert_eq!(ratio(0.8), "9 : 1");
        assert_eq!(ratio(0.0), "1 : 1");
        assert_eq!(one_sided(Bound::AtMost, -0.5), "at least 3 : 1");
        assert_eq!(one_sided(Bound::AtLeast, -0.5), "at most 3 : 1");
        assert_eq!(one_sided(Bound::AtLeast, 0.5), "at least 3 : 1");
        assert_eq!(scale(600.0, "mV", 0.0), "±600 mV");
        assert_eq!(scale(0.25, "uV", 0.0), "±0.25 µV");
    }
}
