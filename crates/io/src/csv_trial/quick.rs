//! Rows of short plain numbers, eight bytes at a time, without a branch that depends on the digits: in EMG the sign and the number of
//! digits change from cell to cell, and a wrong guess of the processor costs more than the digits do.
//!
//! Exact: a number of at most seven digits is a whole number over a power of ten, both exact, so that one division rounds once (Clinger
//! 1990). Everything else is left to the caller.

use super::plain::{POWERS, simple};

/// Reads the row that starts at `at`: its first cell, and where the next row starts; the other cells go into `rest`. `None` (and
/// anything in `rest`) unless it is as many plain numbers as fit, with nothing around them.
pub(super) fn row(text: &[u8], at: usize, delimiter: u8, rest: &mut [f64]) -> Option<(f64, usize)> {
    // The first column counts time: more digits than fit, the same number in every row.
    let end = at + text.get(at..at + LONGEST)?.iter().position(|b| *b == delimiter)?;
    let first = simple(&text[at..end])?;
    let mut at = end + 1;
    let (last, others) = rest.split_last_mut()?;
    for value in others {
        let (cell, end) = cell(text, at)?;
        if text[end] != delimiter {
            return None;
        }
        *value = cell;
        at = end + 1;
    }
    let (cell, end) = cell(text, at)?;
    *last = cell;
    match text[end] {
        b'\n' => Some((first, end + 1)),
        b'\r' if text.get(end + 1) == Some(&b'\n') => Some((first, end + 2)),
        _ => None,
    }
}

/// Longest first cell.
const LONGEST: usize = 17;
/// The same byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The number at `at` and where it ends, inside the text. `None` unless it is `-`? digits (`.` digits?)? in at most seven bytes after
/// the sign.
#[inline]
fn cell(text: &[u8], at: usize) -> Option<(f64, usize)> {
    let negative = usize::from(*text.get(at)? == b'-');
    let at = at + negative;
    let word = u64::from_le_bytes(*text.get(at..at + 8)?.first_chunk()?);
    let digits = word ^ each(b'0');
    // The high bit of every byte above 9.
    let other = (((digits & each(0x7f)) + each(0x76)) | digits) & each(0x80);
    if other == 0 {
        return None;
    }
    let whole = other.trailing_zeros() / 8;
    let point = (word >> (8 * whole)) as u8 == b'.';
    let after = other & (other - 1);
    if point && after == 0 {
        return None;
    }
    let end = if point { after.trailing_zeros() / 8 } else { whole };
    let count = end - u32::from(point);
    if count == 0 {
        return None;
    }
    // Digits before the point stay, those after it move down over it; then all move up against the end.
    let before = (1_u64 << (8 * whole)) - 1;
    let moved = (digits & before) | ((digits >> (8 * u32::from(point))) & !before);
    let digits = moved << (8 * (8 - count));
    // Eight digits at once: pairs, then fours, then all (the first byte is the highest digit).
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    let mantissa = low.wrapping_add(high) >> 32;
    let value = mantissa as f64 / POWERS[(count - whole) as usize];
    let signed = f64::from_bits(value.to_bits() | ((negative as u64) << 63));
    Some((signed, at + end as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cell_is_the_number_of_the_standard_library(
            text in "-?[0-9]{0,8}\\.?[0-9]{0,4}",
            end in prop::sample::select(vec![",", "\n", "\r\n", ";", "x", "-", "e3", ".", " ", ":", "/", "\u{b2}"]),
            before in 0..3_usize,
        ) {
            let padded = format!("{}{text}{end}1234567890", "9".repeat(before));
            if let Some((value, stop)) = cell(padded.as_bytes(), before) {
                let read = &padded[before..stop];
                prop_assert_eq!(value.to_bits(), read.parse::<f64>().unwrap().to_bits(), "{}", padded);
                prop_assert!(!padded.as_bytes()[stop].is_ascii_digit());
            }
        }
    }

    #[test]
    fn a_row_is_read_whole_or_not_at_all() {
        let text = b"0.0005,1.25,-3\r\n0.001,-0,.5\n0.0015,1,2,3\n0.002,1\n0.0025,1e3,2\n                 ";
        let mut rest = [0.0; 2];
        assert_eq!((row(text, 0, b',', &mut rest), rest), (Some((0.0005, 16)), [1.25, -3.0]));
        assert_eq!((row(text, 16, b',', &mut rest), rest), (Some((0.001, 28)), [0.0, 0.5]));
        assert!(rest[0].is_sign_negative());
        for at in [28, 41, 49] {
            assert_eq!(row(text, at, b',', &mut rest), None);
        }
        assert_eq!(row(b"1,2", 0, b',', &mut [0.0; 1]), None, "the end of the text is for the careful way");
    }
}
