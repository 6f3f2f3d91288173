//! Rows of numbers.

use super::plain;
use crate::error::{Blame, Error, Position};
use surae_trial::Note;

/// Values a table may hold.
const MAX_VALUES: usize = 1 << 28;

/// Numbers row after row; the first column apart.
#[derive(Debug, Default)]
pub struct Table {
    /// First column.
    pub first: Vec<f64>,
    /// All other columns, interleaved.
    pub rest: Vec<f64>,
    /// Cells that are neither numbers nor missing values.
    pub words: usize,
}

/// First column and the others put together again.
pub fn whole_rows(table: &Table, rest: usize) -> Vec<f64> {
    if rest == 0 {
        return table.first.clone();
    }
    let rows = table.first.iter().zip(table.rest.chunks_exact(rest));
    rows.flat_map(|(first, rest)| std::iter::once(*first).chain(rest.iter().copied())).collect()
}

/// Reads rows of exactly `columns` cells from `text`, whose first line has the number `line` (from 1).
///
/// A cell that is no number is `NaN`; a row of another length or without a first number is left out; both are notes.
pub fn read(
    text: &str,
    line: u64,
    delimiter: u8,
    decimal_comma: bool,
    columns: usize,
    blame: &Blame<'_>,
    notes: &mut Vec<Note>,
) -> Result<Table, Error> {
    let quick = if decimal_comma { None } else { plain::rows(text, line, delimiter, columns, MAX_VALUES) };
    let rows = match quick {
        Some(rows) => rows,
        None => by_crate(text, line, delimiter, decimal_comma, columns).map_err(|(at, error)| {
            blame.malformed(Position::Line(at), error.to_string(), "correct this line")
        })?,
    };
    if rows.table.rest.len() > MAX_VALUES {
        return Err(blame.limit(Position::Line(rows.last), "the number of values", "2^28 values"));
    }
    report(&rows.skipped, rows.words, rows.last, notes);
    Ok(Table { words: rows.words, ..rows.table })
}

/// What was read of a table.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub table: Table,
    /// Lines that were left out.
    pub skipped: Vec<u64>,
    /// Cells that are neither numbers nor missing values.
    pub words: usize,
    /// Line of the last row.
    pub last: u64,
}

/// Rows by the `csv` crate: quotes, blanks as delimiters, decimal commas. An error comes with its line.
pub(super) fn by_crate(
    text: &str,
    line: u64,
    delimiter: u8,
    decimal_comma: bool,
    columns: usize,
) -> Result<Rows, (u64, csv::Error)> {
    let mut reader = reader(text, delimiter);
    let mut record = csv::StringRecord::new();
    let mut rows = Rows { last: line, ..Rows::default() };
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let at = error.position().map_or(line, |p| line + p.line().saturating_sub(1));
                return Err((at, error));
            }
        }
        rows.last = record.position().map_or(rows.last, |p| line + p.line().saturating_sub(1));
        let mut cells = trimmed(&record, delimiter);
        let first = cells.first().map_or(f64::NAN, |cell| number(cell, decimal_comma).unwrap_or(f64::NAN));
        // Programs end rows with a delimiter.
        if cells.len() == columns + 1 && cells[columns].is_empty() {
            cells.pop();
        }
        if cells.len() != columns || !first.is_finite() {
            rows.skipped.push(rows.last);
            continue;
        }
        rows.table.first.push(first);
        for cell in &cells[1..] {
            let value = number(cell, decimal_comma);
            rows.words += usize::from(value.is_none() && !is_missing(cell));
            rows.table.rest.push(value.unwrap_or(f64::NAN));
        }
        if rows.table.rest.len() > MAX_VALUES {
            break;
        }
    }
    Ok(rows)
}

fn report(skipped: &[u64], words: usize, last: u64, notes: &mut Vec<Note>) {
    let lines: Vec<String> = skipped.iter().map(u64::to_string).collect();
    let cut = skipped == [last];
    report_rows(
        &lines,
        if cut { "the file was cut there" } else { "they do not hold one number per column" },
        notes,
    );
    report_words(words, notes);
}

/// Rows that were left out, by their lines.
pub fn report_rows(lines: &[String], why: &str, notes: &mut Vec<Note>) {
    if !lines.is_empty() {
        let text =
            format!("{} rows were left out (line {}): {why}", lines.len(), crate::text::list(lines, 6));
        notes.push(Note::warning("rows_skipped", text));
    }
}

/// Cells that are neither numbers nor known words for a missing value.
pub fn report_words(words: usize, notes: &mut Vec<Note>) {
    if words > 0 {
        notes.push(Note::warning(
            "cells_not_numbers",
            format!("{words} cells are no numbers; they are missing values"),
        ));
    }
}

/// A reader of cells without a header row.
pub fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
}

/// The cells of one line, trimmed; none of a line without anything.
pub fn cells(line: &str, delimiter: u8) -> Vec<String> {
    if line.is_empty() {
        return Vec::new();
    }
    if !line.contains(['"', '\r', '\n']) {
        // What the crate gives where nothing is quoted, without a reader for each line: telling formats apart looks at thousands.
        let cells = line.split(char::from(delimiter)).map(str::trim);
        return cells.filter(|cell| delimiter != b' ' || !cell.is_empty()).map(str::to_owned).collect();
    }
    let mut record = csv::StringRecord::new();
    match reader(line, delimiter).read_record(&mut record) {
        Ok(true) => trimmed(&record, delimiter).into_iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Cells; between blanks, runs of them count once.
fn trimmed(record: &csv::StringRecord, delimiter: u8) -> Vec<&str> {
    record.iter().filter(|cell| delimiter != b' ' || !cell.is_empty()).collect()
}

/// A finite number, or nothing.
pub fn number(cell: &str, decimal_comma: bool) -> Option<f64> {
    let parsed = if decimal_comma { cell.replace(',', ".").parse() } else { cell.parse() };
    parsed.ok().filter(|v: &f64| v.is_finite())
}

/// Cells by which programs say that a value is missing.
pub fn is_missing(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "" | "-" | "nan" | "na" | "n/a" | "null" | "none" | "inf" | "-inf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_line_are_those_of_the_crate() {
        for line in [
            "",
            " ",
            "a,b , c",
            "1,,2,",
            ",",
            "a b  c ",
            "\u{a0}a,\tb",
            "x;y",
            "\"a,b\",c",
            "a\"b,c",
            "a\rb,c",
        ] {
            for delimiter in *b",; \t" {
                let mut record = csv::StringRecord::new();
                let found = reader(line, delimiter).read_record(&mut record).unwrap();
                let expected = if found { trimmed(&record, delimiter) } else { Vec::new() };
                assert_eq!(cells(line, delimiter), expected, "{line:?} by {}", char::from(delimiter));
            }
        }
    }
}
