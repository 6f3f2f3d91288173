//! One line cut into names and values.

/// Tokens that a line may hold; more is noise.
pub const MAX_TOKENS: usize = 256;

/// A value as a line states it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Number(f64),
    /// `NaN`, `-`, or nothing between two separators.
    Missing,
    /// Text that is no number.
    Bad,
}

impl Value {
    pub fn native(self) -> f64 {
        match self {
            Self::Number(v) => v,
            Self::Missing | Self::Bad => f64::NAN,
        }
    }

    /// Strict: the whole token must be a number.
    fn read(token: &str, decimal_comma: bool) -> Self {
        let token = token.trim();
        if token.is_empty() || token == "-" || token.eq_ignore_ascii_case("nan") {
            return Self::Missing;
        }
        let number = |text: &str| {
            let numeric = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
            text.parse().ok().filter(|v: &f64| numeric && v.is_finite())
        };
        let parsed = if decimal_comma { number(&token.replace(',', ".")) } else { number(token) };
        parsed.map_or(Self::Bad, Self::Number)
    }
}

/// What a line is.
#[derive(Clone, Debug, PartialEq)]
pub enum Line<'a> {
    /// `name:value` pairs; `strays` counts text that belongs to none.
    Labelled { pairs: Vec<(&'a str, Value)>, strays: usize },
    /// Values by position.
    Plain(Vec<Value>),
    /// Column names.
    Names(Vec<&'a str>),
    /// Nothing on it.
    Blank,
    /// More tokens than a line may have.
    TooLong,
}

/// Cuts a line (without its end).
pub fn read(line: &str) -> Line<'_> {
    let line = line.trim_matches([' ', '\t', '\r']);
    if line.is_empty() {
        return Line::Blank;
    }
    let decimal_comma = line.contains(';');
    if line.find(':').is_some_and(|at| at > 0) {
        return labelled(line, decimal_comma);
    }
    let tokens = tokens(line, decimal_comma);
    if tokens.len() > MAX_TOKENS {
        return Line::TooLong;
    }
    let values: Vec<Value> = tokens.iter().map(|token| Value::read(token, decimal_comma)).collect();
    let wordy = |token: &&str| token.chars().any(char::is_alphabetic);
    if values.iter().all(|v| *v == Value::Bad) && tokens.iter().all(wordy) {
        return Line::Names(tokens);
    }
    Line::Plain(values)
}

/// Separators: runs of blanks count once; each comma (or `;`) separates, so that two in a row hold an empty token.
fn tokens(line: &str, decimal_comma: bool) -> Vec<&str> {
    let hard = if decimal_comma { ';' } else { ',' };
    let line = line.trim_matches([' ', '\t']);
    // A single trailing separator ends the last value; sketches print "1,2,".
    let line = line.strip_suffix(hard).unwrap_or(line);
    let mut tokens = Vec::new();
    for part in line.split(hard) {
        let before = tokens.len();
        tokens.extend(part.split([' ', '\t']).filter(|token| !token.is_empty()));
        if tokens.len() == before {
            tokens.push("");
        }
    }
    tokens
}

fn labelled(line: &str, decimal_comma: bool) -> Line<'_> {
    let hard: &[char] = if decimal_comma { &[';', '\t'] } else { &[',', ';', '\t'] };
    let ends: &[char] = if decimal_comma { &[';', ' ', '\t'] } else { &[',', ';', ' ', '\t'] };
    let mut pairs = Vec::new();
    let mut strays = 0;
    let mut rest = line;
    while let Some(colon) = rest.find(':') {
        let before = &rest[..colon];
        // Blanks may stand inside a name ("Raw EMG Signal: 512"); harder separators may not.
        let name = match before.rfind(hard) {
            Some(at) => {
                strays += usize::from(!before[..at].trim_matches(ends).is_empty());
                &before[at + 1..]
            }
            None => before,
        };
        let after = rest[colon + 1..].trim_start_matches(' ');
        let end = after.find(ends).unwrap_or(after.len());
        let name = name.trim();
        if name.is_empty() {
            strays += 1;
        } else {
            pairs.push((name, Value::read(&after[..end], decimal_comma)));
        }
        if pairs.len() > MAX_TOKENS {
            return Line::TooLong;
        }
        rest = after[end..].trim_start_matches(ends);
    }
    strays += usize::from(!rest.trim_matches(ends).is_empty());
    Line::Labelled { pairs, strays }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bad, Missing, Number};

    /// The golden lines of `vectors.json` (from the Arduino Serial Plotter's rules).
    #[test]
    fn golden_lines() {
        let plain = vec![Number(1.0), Number(2.0), Number(3.0), Number(4.0)];
        assert_eq!(read("1,2\t3  4\r"), Line::Plain(plain));
        let pairs = vec![("GM", Number(512.0)), ("SOL", Number(300.0)), ("knee", Number(12.5))];
        assert_eq!(read("GM:512,SOL:300 knee:12.5"), Line::Labelled { pairs, strays: 0 });
    }

    #[test]
    fn prose_empty_tokens_and_decimal_commas() {
        let prose = Line::Labelled { pairs: vec![("Raw EMG Signal", Number(512.0))], strays: 0 };
        assert_eq!(read("Raw EMG Signal: 512"), prose);
        assert_eq!(read("1,,3"), Line::Plain(vec![Number(1.0), Missing, Number(3.0)]));
        assert_eq!(read("1, -, NaN, 12abc"), Line::Plain(vec![Number(1.0), Missing, Missing, Bad]));
        assert_eq!(read("0,5;1,25"), Line::Plain(vec![Number(0.5), Number(1.25)]));
        assert_eq!(read("timestamp_us,adc"), Line::Names(vec!["timestamp_us", "adc"]));
        assert_eq!(read("1,2,"), Line::Plain(vec![Number(1.0), Number(2.0)]));
        assert_eq!(read("inf"), Line::Names(vec!["inf"]));
        assert_eq!(read(" \t "), Line::Blank);
    }

    #[test]
    fn a_lost_line_end_is_seen() {
        let Line::Labelled { pairs, .. } = read("GM:512,SOL:300GM:513,SOL:301") else { panic!("labelled") };
        assert!(pairs.contains(&("SOL", Bad)) || pairs.iter().filter(|(n, _)| *n == "SOL").count() > 1);
    }
}
