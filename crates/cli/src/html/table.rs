//! Tables: one row an item, a head with name and unit from the glossary, missing values explained under the table.

use super::value::Values;
use crate::words::capital;
use maud::{Markup, html};

/// What a cell shows, from the path of its item.
pub enum Cell {
    /// A number of the item.
    Number(&'static str),
    /// A number that may be a bound: "at least" or "at most" stands before it.
    Bounded(&'static str),
    /// An interval of the item.
    Interval(&'static str),
    /// Words made from the path of the item.
    Words(&'static str, fn(&Values<'_>, &str) -> String),
}

impl Cell {
    fn key(&self) -> &'static str {
        match self {
            Self::Number(key) | Self::Bounded(key) | Self::Interval(key) => key,
            Self::Words(key, _) => key,
        }
    }
}

/// The table of the items at `paths`; columns in which no item has a value are left out. Empty for no items.
pub fn table(values: &Values<'_>, caption: &str, paths: &[String], columns: &[Cell]) -> Markup {
    if paths.is_empty() {
        return html! {};
    }
    let shown: Vec<&Cell> =
        columns.iter().filter(|cell| paths.iter().any(|path| has(values, path, cell))).collect();
    let mut reasons: Vec<String> = Vec::new();
    let rows: Vec<Vec<Markup>> = paths
        .iter()
        .map(|path| shown.iter().map(|cell| content(values, path, cell, &mut reasons)).collect())
        .collect();
    let heads: Vec<(String, String)> = shown.iter().map(|cell| head(values, &paths[0], cell)).collect();
    html! {
        table class="stack" {
            caption { (caption) }
            thead { tr {
                @for ((name, unit), cell) in heads.iter().zip(&shown) {
                    th scope="col" class=[word(cell)] { (name) @if !unit.is_empty() { small { (unit) } } }
                }
            } }
            tbody {
                @for row in &rows {
                    tr {
                        @for ((cell, (name, unit)), markup) in shown.iter().zip(&heads).zip(row) {
                            @let label = if unit.is_empty() { name.clone() } else { format!("{name}, {unit}") };
                            td class=[word(cell)] data-label=(label) { span { (markup) } }
                        }
                    }
                }
            }
        }
        @if !reasons.is_empty() {
            p class="foot" {
                @for (at, reason) in reasons.iter().enumerate() {
                    sup { (mark(at)) } " " (reason) @if at + 1 < reasons.len() { "; " } @else { "." }
                }
            }
        }
    }
}

fn word(cell: &Cell) -> Option<&'static str> {
    matches!(cell, Cell::Words(..)).then_some("word")
}

fn has(values: &Values<'_>, path: &str, cell: &Cell) -> bool {
    match cell {
        Cell::Number(key) | Cell::Bounded(key) => values.get(&format!("{path}.{key}")).is_some(),
        Cell::Interval(key) => (0..2).any(|end| values.get(&format!("{path}.{key}[{end}]")).is_some()),
        Cell::Words(_, words) => !words(values, path).is_empty(),
    }
}

fn head(values: &Values<'_>, path: &str, cell: &Cell) -> (String, String) {
    let key = cell.key();
    if let Cell::Words(name, _) = cell {
        return (capital(name), String::new());
    }
    let path = format!("{path}.{key}");
    let name = values.entry(&path).map_or(key, |entry| entry.name);
    (capital(name), values.unit(&path))
}

fn content(values: &Values<'_>, path: &str, cell: &Cell, reasons: &mut Vec<String>) -> Markup {
    let key = cell.key();
    let full = format!("{path}.{key}");
    let markup = match cell {
        Cell::Number(_) => values.plain(&full),
        Cell::Bounded(_) => html! { (bound(values, path)) (values.plain(&full)) },
        Cell::Interval(_) => values.interval(&full),
        Cell::Words(_, words) => {
            let text = words(values, path);
            return if text.is_empty() {
                html! { span class="muted" { "\u{2014}" } }
            } else {
                html! { (text) }
            };
        }
    };
    if has(values, path, cell) {
        return markup;
    }
    // An interval is missing because its value is.
    let value = full.trim_end_matches("_ci90");
    let why = values.why(if values.get(value).is_none() { value } else { &full });
    let at = reasons.iter().position(|known| *known == why).unwrap_or_else(|| {
        reasons.push(why);
        reasons.len() - 1
    });
    html! { (markup) sup { (mark(at)) } }
}

/// `at least`, `at most` or nothing, of the item at `path`.
fn bound(values: &Values<'_>, path: &str) -> &'static str {
    match values.get(&format!("{path}.bound")).and_then(serde_json::Value::as_str) {
        Some("lower") => "at least ",
        Some("upper") => "at most ",
        _ => "",
    }
}

/// The letter of a footnote.
fn mark(at: usize) -> String {
    let letter = char::from(b'a' + (at % 26) as u8);
    if at < 26 { letter.to_string() } else { format!("{letter}{}", at / 26 + 1) }
}
