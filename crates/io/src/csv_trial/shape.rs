//! Where the table of numbers is in a text file, and what the lines above it say.

use super::table::{self, cells};
use crate::roles::parse_unit;
use surae_trial::Unit;

/// Lines looked at to find the table.
const LOOK: usize = 200;

/// Where the table is and how it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub delimiter: u8,
    pub decimal_comma: bool,
    pub columns: usize,
    /// Byte and line (from 1) of the first row of numbers.
    pub at: usize,
    pub line: u64,
    /// The row of labels above it, if any.
    pub labels: Option<Vec<String>>,
    /// The row of units between labels and numbers, if any.
    pub units: Vec<String>,
    /// What a line above states as sampling rate, with its number (from 1).
    pub rate_hz: Option<(f64, u64)>,
    /// What a line above states as the unit of all signals.
    pub unit: Option<String>,
}

impl Shape {
    /// The first place where three rows (or all that are left) of equally many numbers follow each other.
    pub fn of(text: &str) -> Option<Self> {
        let mut lines = Vec::new();
        let mut at = 0;
        for (number, line) in text.split_inclusive('\n').enumerate().take(LOOK) {
            lines.push((at, number as u64 + 1, line.trim_end_matches(['\r', '\n'])));
            at += line.len();
        }
        let filled: Vec<_> = lines.into_iter().filter(|(.., line)| !line.trim().is_empty()).collect();
        // A column of words (`event`, `phase`) only where nothing else is a table.
        let table = |words: bool| (0..filled.len()).find_map(|start| shape_at(&filled, start, words));
        table(false).or_else(|| table(true))
    }

    /// The label of a column, or its number.
    pub fn label(&self, column: usize) -> String {
        let stated =
            self.labels.as_ref().and_then(|labels| labels.get(column)).filter(|label| !label.is_empty());
        stated.cloned().unwrap_or_else(|| format!("column {}", column + 1))
    }
}

fn shape_at(filled: &[(usize, u64, &str)], start: usize, words: bool) -> Option<Shape> {
    let rows = &filled[start..(start + 3).min(filled.len())];
    let (at, line, first) = rows[0];
    let quoted = first.contains('"');
    let ways = [
        (b'\t', false),
        (b'\t', true),
        (b';', true),
        (b',', false),
        (b',', true),
        (b'|', false),
        (b' ', false),
    ];
    for (delimiter, decimal_comma) in ways {
        // Decimal commas between commas only where cells are quoted.
        if (delimiter, decimal_comma) == (b',', true) && !quoted {
            continue;
        }
        let way = Way { delimiter, decimal_comma, words };
        let Some(columns) = columns(rows, filled[..start].last(), way) else { continue };
        let (labels, units) = names(&filled[..start], delimiter, columns);
        if words && labels.is_none() {
            continue;
        }
        let above = &filled[..start];
        return Some(Shape {
            delimiter,
            decimal_comma,
            columns,
            at,
            line,
            labels,
            units,
            rate_hz: above.iter().find_map(|(_, number, line)| Some((stated_rate(line)?, *number))),
            unit: above.iter().find_map(|(.., line)| stated_unit(line)),
        });
    }
    None
}

/// The rows of labels and units just above the numbers.
fn names(above: &[(usize, u64, &str)], delimiter: u8, columns: usize) -> (Option<Vec<String>>, Vec<String>) {
    let row = |back: usize| -> Option<Vec<String>> {
        let (.., line) = above.get(above.len().checked_sub(back)?)?;
        let mut cells: Vec<String> = cells(line, delimiter)
            .iter()
            .map(|c| c.trim_start_matches(['#', '%']).trim().to_owned())
            .collect();
        while cells.len() > columns && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        let named = cells.iter().any(|c| c.chars().any(char::is_alphabetic));
        (cells.len() == columns && named).then_some(cells)
    };
    // LabChart: `ChannelTitle=` above `Range=`, and a first column of times that has no name.
    let chart = (1..=above.len()).filter_map(row).find(|cells| cells[0] == "ChannelTitle=");
    if let Some(mut labels) = chart {
        "time".clone_into(&mut labels[0]);
        return (Some(labels), Vec::new());
    }
    let Some(nearest) = row(1) else { return (None, Vec::new()) };
    if nearest.iter().all(|cell| cell.is_empty() || is_unit(cell))
        && let Some(labels) = row(2)
    {
        return (Some(labels), nearest);
    }
    (Some(nearest), Vec::new())
}

/// A cell of a row of units: `mV`, `[uV]`, `(s)`, `-`.
fn is_unit(cell: &str) -> bool {
    let bare = bare_unit(cell);
    matches!(bare, "ms" | "us" | "min" | "%" | "-" | "Hz" | "deg" | "a.u.")
        || !matches!(parse_unit(bare), Unit::Other(_))
}

/// A unit without its brackets.
pub fn bare_unit(cell: &str) -> &str {
    cell.trim().trim_start_matches(['[', '(']).trim_end_matches([']', ')']).trim()
}

/// `Sampling rate: 2000 Hz`, `Abtastrate;1000`, `Frequency<tab>1000 Hz`.
fn stated_rate(line: &str) -> Option<f64> {
    const NAMES: [&str; 14] = [
        "samplingrate",
        "samplerate",
        "samplingfrequency",
        "samplefrequency",
        "frequency",
        "rate",
        "fs",
        "abtastrate",
        "abtastfrequenz",
        "frequenz",
        "frequence",
        "frequencia",
        "frecuencia",
        "frequenza",
    ];
    let (key, value) = key_and_value(line)?;
    let key: String = key.chars().filter(|c| c.is_alphabetic()).collect();
    let key = key.strip_suffix("hz").unwrap_or(&key);
    if !NAMES.contains(&key) {
        return None;
    }
    let (number, unit) = value.split_at(
        value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(value.len()),
    );
    let factor = match unit.trim_matches([';', ',', '\t', '"', ' ']) {
        "" | "hz" | "1/s" | "samples/s" | "sps" | "s/s" => 1.0,
        "khz" => 1000.0,
        _ => return None,
    };
    table::number(number.trim_end_matches(','), true)
        .map(|rate| rate * factor)
        .filter(|rate| *rate > 0.0 && *rate <= 1e6)
}

/// `Measure unit: V`, `Einheit;mV`.
fn stated_unit(line: &str) -> Option<String> {
    let (key, value) = key_and_value(line)?;
    let named = ["measure unit", "unit", "units", "emg unit", "einheit", "unite", "unidad", "unidade"]
        .contains(&key.as_str());
    let value = line
        .get(line.len().checked_sub(value.len())?..)
        .unwrap_or("")
        .trim_matches([';', ',', '\t', ' ', '"']);
    (named && !matches!(parse_unit(bare_unit(value)), Unit::Other(_) | Unit::Arbitrary))
        .then(|| bare_unit(value).to_owned())
}

/// Both parts of `key: value`, in lower case.
fn key_and_value(line: &str) -> Option<(String, String)> {
    let line = line.trim_start_matches(['#', '%', '"', ' ']);
    let at = line.find([':', '=', '\t', ';', ',']).or_else(|| line.find('['))?;
    let (key, value) = line.split_at(at);
    let value = value.trim_start_matches([':', '=', '\t', ';', ',', ' ', '"']);
    Some((key.trim().to_lowercase(), value.to_lowercase()))
}

/// How rows may be written.
#[derive(Clone, Copy)]
struct Way {
    delimiter: u8,
    decimal_comma: bool,
    /// Whether cells may be words, beside one number more than the first.
    words: bool,
}

/// Number of columns when the rows are numbers and missing values with a number first, all equally long. Rows that end with a
/// delimiter have an empty cell more, unless the row above names that column.
fn columns(rows: &[(usize, u64, &str)], above: Option<&(usize, u64, &str)>, way: Way) -> Option<usize> {
    let delimiter = way.delimiter;
    let value = |cell: &String| table::number(cell, way.decimal_comma).is_some();
    let numeric = |row: &Vec<String>| {
        let numbers = || row.iter().all(|cell| value(cell) || table::is_missing(cell));
        let some = || way.words && delimiter != b' ' && row[1..].iter().any(value);
        row.first().is_some_and(value) && (numbers() || some())
    };
    // Most lines of a file that is no table are told by the first row alone.
    if rows.len() < 2 || !may_begin_with_a_number(rows[0].2, way) || !numeric(&cells(rows[0].2, delimiter)) {
        return None;
    }
    let rows: Vec<Vec<String>> = rows.iter().map(|(.., row)| cells(row, delimiter)).collect();
    if !rows[1..].iter().all(numeric) {
        return None;
    }
    let whole = rows[0].len();
    let named = above
        .is_some_and(|(.., line)| cells(line, delimiter).get(whole - 1).is_some_and(|cell| !cell.is_empty()));
    let ended = |row: &Vec<String>| row.last().is_some_and(String::is_empty);
    let equal = rows.iter().all(|row| row.len() == whole);
    let columns = if equal && (named || !rows.iter().all(ended)) {
        whole
    } else {
        let short = |row: &Vec<String>| row.len() - usize::from(ended(row));
        let columns = short(&rows[0]);
        rows.iter().all(|row| short(row) == columns).then_some(columns)?
    };
    (columns >= 2).then_some(columns)
}

/// False only for lines whose first cell is no number: words are told without taking the line apart.
fn may_begin_with_a_number(line: &str, way: Way) -> bool {
    let first = line.trim_start().split(char::from(way.delimiter)).next().unwrap_or("").trim();
    first.starts_with('"') || table::number(first, way.decimal_comma).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_above_a_table_may_state_rate_and_unit() {
        for (line, rate_hz) in [
            ("Sampling rate: 2000 Hz", Some(2000.0)),
            ("# fs = 1.5 kHz", Some(1500.0)),
            ("Abtastrate;1000", Some(1000.0)),
            ("Frequency:\t1000 Hz", Some(1000.0)),
            ("\"Sample Rate (Hz)\",\"2148.15\"", Some(2148.15)),
            ("heart rate: 60", None),
            ("Frequency: low", None),
            ("rate: 0", None),
        ] {
            assert_eq!(stated_rate(line), rate_hz, "{line}");
        }
        assert_eq!(stated_unit("Measure unit:\tmV").as_deref(), Some("mv").map(|_| "mV"));
        assert_eq!(stated_unit("unit: furlong"), None);
    }

    #[test]
    fn units_may_stand_between_labels_and_numbers() {
        let shape = Shape::of("Zeit;SOL re;GM re\n[s];[mV];[mV]\n0,000;0,5;-0,25\n0,001;0,25;\n0,002;1;-\n")
            .expect("a table");
        assert_eq!((shape.delimiter, shape.decimal_comma, shape.columns, shape.line), (b';', true, 3, 3));
        assert_eq!(shape.label(1), "SOL re");
        assert_eq!(shape.units, ["[s]", "[mV]", "[mV]"]);
        let bare = Shape::of("0.1\t0.2\n0.3\t0.4\n").expect("a table");
        assert_eq!((bare.labels.clone(), bare.label(1)), (None, "column 2".to_owned()));
        let tabs = Shape::of("t\ta\n0,001\t1,5\n0,002\t2,5\n").expect("a table");
        assert_eq!((tabs.delimiter, tabs.decimal_comma), (b'\t', true));
    }
}
