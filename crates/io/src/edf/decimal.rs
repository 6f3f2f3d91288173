//! Numbers in eight characters, rounded the way that is asked for.

/// Width of the number fields of the header.
const WIDTH: usize = 8;

/// Which way to round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Down,
    Nearest,
    Up,
}

/// The number of at most eight characters that is nearest to `value` on the side asked for; `None` beyond eight digits.
pub fn eight(value: f64, round: Round) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    (0..=WIDTH - 2).rev().find_map(|places| {
        let unit = 10f64.powi(i32::try_from(places).unwrap_or(0));
        let scaled = value * unit;
        // A value that is a decimal already must not move for the error of its product.
        let near = scaled.round();
        let whole = if (scaled - near).abs() <= 1e-9 * scaled.abs().max(1e-3) {
            near
        } else {
            match round {
                Round::Down => scaled.floor(),
                Round::Nearest => near,
                Round::Up => scaled.ceil(),
            }
        };
        let text = format!("{:.places$}", whole / unit);
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        let text = if text == "-0" { "0" } else { text };
        (text.len() <= WIDTH).then(|| text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_characters_bracket_the_value() {
        assert_eq!(eight(3.25, Round::Down).as_deref(), Some("3.25"));
        assert_eq!(eight(-1_234.567_89, Round::Down).as_deref(), Some("-1234.57"));
        assert_eq!(eight(-1_234.567_89, Round::Up).as_deref(), Some("-1234.56"));
        assert_eq!(eight(1e12, Round::Up), None);
        assert_eq!(eight(f64::NAN, Round::Up), None);
        for k in 0..2000 {
            let value = (f64::from(k) - 1000.0).powi(3) * 0.001_234_5;
            let low: f64 = eight(value, Round::Down).expect("fits").parse().expect("a number");
            let high: f64 = eight(value, Round::Up).expect("fits").parse().expect("a number");
            assert!(low <= value + 1e-9 * value.abs() && high >= value - 1e-9 * value.abs(), "{value}");
        }
    }
}
