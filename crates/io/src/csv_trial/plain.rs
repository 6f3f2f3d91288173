//! The quick way through a table that is nothing but numbers: a long trial is tens of megabytes of them.
//!
//! Gives what [`super::table::read`] gives by the `csv` crate, value for value; the caller says when it may be used.

use super::table::{Rows, number};

/// Whether the quick way reads `text` as the `csv` crate would: no quotes, no line that ends in a lone carriage return.
pub fn is_plain(text: &str, delimiter: u8) -> bool {
    delimiter != b' ' && !text.contains('"') && text.matches('\r').count() == text.matches("\r\n").count()
}

/// Rows of exactly `columns` cells; `line` is the number of the first line. Stops after `limit` values.
pub fn rows(text: &str, line: u64, delimiter: u8, columns: usize, limit: usize) -> Rows {
    let mut found = Rows { last: line, ..Rows::default() };
    for (at, text) in text.split('\n').enumerate() {
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            continue;
        }
        found.last = line + at as u64;
        if !row(text, delimiter, columns, &mut found) {
            found.skipped.push(found.last);
        }
        if found.table.rest.len() > limit {
            break;
        }
    }
    found
}

/// Adds one row; false, and nothing added, when it is not one number and `columns - 1` cells.
fn row(text: &str, delimiter: u8, columns: usize, found: &mut Rows) -> bool {
    let (before, words) = (found.table.rest.len(), found.words);
    let mut first = f64::NAN;
    let mut n = 0;
    let mut start = 0;
    loop {
        let end = text.as_bytes()[start..].iter().position(|b| *b == delimiter).map(|at| start + at);
        let cell = &text[start..end.unwrap_or(text.len())];
        let value = simple(cell.as_bytes()).or_else(|| number(cell.trim(), false));
        // Programs end rows with a delimiter.
        let is_end = n == columns && end.is_none() && cell.trim().is_empty();
        if n == 0 {
            first = value.unwrap_or(f64::NAN);
        } else if n < columns {
            found.words += usize::from(value.is_none() && !super::table::is_missing(cell.trim()));
            found.table.rest.push(value.unwrap_or(f64::NAN));
        }
        n += usize::from(!is_end);
        match end {
            Some(end) if n <= columns => start = end + 1,
            _ => break,
        }
    }
    if n != columns || !first.is_finite() {
        found.table.rest.truncate(before);
        found.words = words;
        return false;
    }
    found.table.first.push(first);
    true
}

/// Powers of ten that a double holds exactly and a short number needs.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// `-12.345` and its like with up to 15 digits, to the nearest double: the digits and the power of ten are exact, so that one division
/// rounds once (Clinger 1990). Everything else is for the standard library.
fn simple(cell: &[u8]) -> Option<f64> {
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, cell),
    };
    if digits.len() > 16 {
        return None;
    }
    let (mut mantissa, mut seen, mut point) = (0_u64, 0_usize, None);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                seen += 1;
            }
            b'.' if point.is_none() => point = Some(seen),
            _ => return None,
        }
    }
    if seen == 0 || seen > 15 {
        return None;
    }
    let value = mantissa as f64 / POWERS[point.map_or(0, |at| seen - at)];
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv_trial::table;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_the_one_of_the_standard_library(text in "-?[0-9]{0,12}\\.?[0-9]{0,12}(e-?[0-9])?") {
            if let Some(value) = simple(text.as_bytes()) {
                prop_assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{}", text);
            }
        }

        #[test]
        fn the_quick_way_reads_what_the_csv_crate_reads(
            cells in prop::collection::vec(
                prop::collection::vec("-?[0-9]{1,3}\\.[0-9]{0,9}| 1e-3 |NaN||-|1234567890123456789|word|inf|\\+5| ", 0..6),
                0..12,
            ),
            ends in prop::collection::vec("\n|\r\n|\n\n", 12),
            delimiter in prop::sample::select(vec![b',', b'\t', b';']),
        ) {
            let between = char::from(delimiter).to_string();
            let text: String = cells.iter().zip(&ends).map(|(row, end)| row.join(&between) + end).collect();
            prop_assert!(is_plain(&text, delimiter));
            let quick = rows(&text, 1, delimiter, 3, 1 << 20);
            let by_crate = table::by_crate(&text, 1, delimiter, false, 3).unwrap();
            let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&quick.table.first), bits(&by_crate.table.first), "{:?}", &text);
            prop_assert_eq!(bits(&quick.table.rest), bits(&by_crate.table.rest), "{:?}", &text);
            prop_assert_eq!((quick.skipped.len(), quick.words), (by_crate.skipped.len(), by_crate.words), "{:?}", &text);
        }
    }

    #[test]
    fn quotes_and_old_line_ends_are_not_plain() {
        assert!(!is_plain("1,\"2\"\n", b',') && !is_plain("1,2\r3,4\r", b',') && !is_plain("1 2\n", b' '));
        assert!(is_plain("1,2\r\n3,4", b','));
    }

    #[test]
    fn skipped_rows_are_told_by_their_line() {
        let found = rows("0,1,2\n\n1,x\n2,,3\n3,1,2,\n", 10, b',', 3, 100);
        assert_eq!((found.skipped, found.last, found.words), (vec![12], 14, 0));
        assert_eq!(found.table.first, [0.0, 2.0, 3.0]);
    }
}
