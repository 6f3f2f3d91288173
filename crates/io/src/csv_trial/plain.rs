//! The quick way through a table that is nothing but numbers: a long trial is tens of megabytes of them.
//!
//! Gives what [`super::table::read`] gives by the `csv` crate, value for value; the caller says when it may be used.

use super::quick;
use super::table::{Rows, number};
use rayon::prelude::*;

/// Bytes below which a further thread costs more than it does.
const WORTH_A_THREAD: usize = 1 << 20;

/// Rows of exactly `columns` cells; `line` is the number of the first line. `None` where the quick way does not read `text` as the
/// `csv` crate would (quotes, blanks as delimiters, lines that end in a lone carriage return), or above `limit` values.
///
/// Pieces of the text are read at the same time; what is found does not depend on how many there are.
pub fn rows(text: &str, line: u64, delimiter: u8, columns: usize, limit: usize) -> Option<Rows> {
    rows_on(
        rayon::current_num_threads().min(text.len() / WORTH_A_THREAD + 1),
        text,
        line,
        delimiter,
        columns,
        limit,
    )
}

fn rows_on(
    threads: usize,
    text: &str,
    line: u64,
    delimiter: u8,
    columns: usize,
    limit: usize,
) -> Option<Rows> {
    if delimiter == b' ' || columns == 0 {
        return None;
    }
    let pieces = pieces(text, threads);
    let count =
        |piece: &&str| piece.bytes().filter(|b| *b == b'\n').count() + usize::from(!piece.ends_with('\n'));
    let lines: Vec<usize> = pieces.par_iter().map(count).collect();
    let most: usize = lines.iter().sum();
    let others = columns - 1;
    if most.checked_mul(columns)? > limit {
        return None;
    }
    // Fresh pages are zero already.
    let (mut first, mut rest) = (vec![0.0; most], vec![0.0; most * others]);
    let mut jobs = Vec::new();
    let (mut first_left, mut rest_left) = (&mut first[..], &mut rest[..]);
    for (piece, lines) in pieces.iter().zip(&lines) {
        let (own_first, later_first) = first_left.split_at_mut(*lines);
        let (own_rest, later_rest) = rest_left.split_at_mut(lines * others);
        jobs.push((*piece, own_first, own_rest));
        (first_left, rest_left) = (later_first, later_rest);
    }
    let read = |(piece, first, rest)| part(piece, delimiter, columns, first, rest);
    let parts: Vec<Option<Part>> = jobs.into_par_iter().map(read).collect();
    let mut found = Rows { last: line, ..Rows::default() };
    let (mut kept, mut from, mut before) = (0, 0, line);
    for (part, lines) in parts.into_iter().zip(lines) {
        let part = part?;
        if kept < from {
            first.copy_within(from..from + part.rows, kept);
            rest.copy_within(from * others..(from + part.rows) * others, kept * others);
        }
        found.skipped.extend(part.skipped.iter().map(|at| before + at));
        found.last = part.last.map_or(found.last, |at| before + at);
        found.words += part.words;
        kept += part.rows;
        from += lines;
        before += lines as u64;
    }
    first.truncate(kept);
    rest.truncate(kept * others);
    (found.table.first, found.table.rest) = (first, rest);
    Some(found)
}

/// About equal pieces that end where lines do.
fn pieces(text: &str, count: usize) -> Vec<&str> {
    let mut pieces = Vec::with_capacity(count);
    let mut left = text;
    for k in (1..count).rev() {
        let wanted = left.len() - left.len() * k / (k + 1);
        let Some(end) = left.as_bytes()[wanted..].iter().position(|b| *b == b'\n') else { break };
        let (piece, later) = left.split_at(wanted + end + 1);
        pieces.push(piece);
        left = later;
    }
    pieces.push(left);
    pieces
}

/// What was read of one piece; lines are counted from 0.
#[derive(Default)]
struct Part {
    rows: usize,
    skipped: Vec<u64>,
    words: usize,
    last: Option<u64>,
}

/// Reads one piece into its place. `None`: not for the quick way.
fn part(text: &str, delimiter: u8, columns: usize, first: &mut [f64], rest: &mut [f64]) -> Option<Part> {
    let mut part = Part::default();
    let (mut at, mut line) = (0, 0);
    let others = columns - 1;
    while at < text.len() {
        let place = &mut rest[part.rows * others..(part.rows + 1) * others];
        if let Some((time, next)) = quick::row(text.as_bytes(), at, delimiter, place) {
            first[part.rows] = time;
            part.rows += 1;
            part.last = Some(line);
            at = next;
        } else {
            let end = text.as_bytes()[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |n| at + n);
            let whole = &text[at..end];
            let whole = whole.strip_suffix('\r').unwrap_or(whole);
            if whole.contains(['"', '\r']) {
                return None;
            }
            if !whole.is_empty() {
                part.last = Some(line);
                match row(whole, delimiter, columns, place) {
                    Some((time, words)) => {
                        first[part.rows] = time;
                        part.rows += 1;
                        part.words += words;
                    }
                    None => part.skipped.push(line),
                }
            }
            at = end + 1;
        }
        line += 1;
    }
    Some(part)
}

/// First cell of a row and how many cells are words; the other cells go into `rest`. `None` when it is not one number and
/// `columns - 1` cells.
fn row(text: &str, delimiter: u8, columns: usize, rest: &mut [f64]) -> Option<(f64, usize)> {
    let mut first = f64::NAN;
    let (mut n, mut words, mut start) = (0, 0, 0);
    loop {
        let end = text.as_bytes()[start..].iter().position(|b| *b == delimiter).map(|at| start + at);
        let cell = &text[start..end.unwrap_or(text.len())];
        let value = simple(cell.as_bytes()).or_else(|| number(cell.trim(), false));
        // Programs end rows with a delimiter.
        let is_end = n == columns && end.is_none() && cell.trim().is_empty();
        if n == 0 {
            first = value.unwrap_or(f64::NAN);
        } else if n < columns {
            words += usize::from(value.is_none() && !super::table::is_missing(cell.trim()));
            rest[n - 1] = value.unwrap_or(f64::NAN);
        }
        n += usize::from(!is_end);
        match end {
            Some(end) if n <= columns => start = end + 1,
            _ => break,
        }
    }
    (n == columns && first.is_finite()).then_some((first, words))
}

/// Powers of ten that a double holds exactly and a short number needs.
pub(super) const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// `-12.345` and its like with up to 15 digits, to the nearest double: the digits and the power of ten are exact, so that one division
/// rounds once (Clinger 1990). Everything else is for the standard library.
pub(super) fn simple(cell: &[u8]) -> Option<f64> {
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
            threads in 1..5_usize,
        ) {
            let between = char::from(delimiter).to_string();
            let text: String = cells.iter().zip(&ends).map(|(row, end)| row.join(&between) + end).collect();
            let quick = rows_on(threads, &text, 1, delimiter, 3, 1 << 20).unwrap();
            let by_crate = table::by_crate(&text, 1, delimiter, false, 3).unwrap();
            let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&quick.table.first), bits(&by_crate.table.first), "{:?}", &text);
            prop_assert_eq!(bits(&quick.table.rest), bits(&by_crate.table.rest), "{:?}", &text);
            prop_assert_eq!((quick.skipped.len(), quick.words), (by_crate.skipped.len(), by_crate.words), "{:?}", &text);
            let alone = rows_on(1, &text, 1, delimiter, 3, 1 << 20).unwrap();
            prop_assert_eq!((quick.skipped, quick.last), (alone.skipped, alone.last), "{:?}", &text);
        }
    }

    #[test]
    fn quotes_and_old_line_ends_are_not_plain() {
        let is_plain = |text, delimiter| rows(text, 1, delimiter, 2, 100).is_some();
        assert!(!is_plain("1,\"2\"\n", b',') && !is_plain("1,2\r3,4\r", b',') && !is_plain("1 2\n", b' '));
        assert!(is_plain("1,2\r\n3,4", b',') && !is_plain(&"1,2\n".repeat(51), b','));
    }

    #[test]
    fn skipped_rows_are_told_by_their_line() {
        let found = rows("0,1,2\n\n1,x\n2,,3\n3,1,2,\n", 10, b',', 3, 100).unwrap();
        assert_eq!((found.skipped, found.last, found.words), (vec![12], 14, 0));
        assert_eq!(found.table.first, [0.0, 2.0, 3.0]);
    }
}
