//! Values of the report by path: how they are written, where they come from, and why one is missing.

use crate::words::{number, shown_unit, significant};
use maud::{Markup, html};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use surae_gait::glossary::{self, Entry, Shown};
use surae_gait::report::Report;

/// The report as JSON, with a record of which definitions the page needs.
pub struct Values<'a> {
    report: &'a Report,
    json: Value,
    used: RefCell<BTreeMap<&'static str, &'static Entry>>,
}

impl<'a> Values<'a> {
    /// The values of a report.
    pub fn new(report: &'a Report) -> Self {
        // A report is plain data with string keys: it always becomes JSON.
        let json = serde_json::to_value(report).unwrap_or_default();
        Self { report, json, used: RefCell::default() }
    }

    /// The value at a path, if it is there and not null.
    pub fn get(&self, path: &str) -> Option<&Value> {
        steps(path)
            .try_fold(&self.json, |value, step| match step {
                Step::Key(key) => value.get(key),
                Step::Index(at) => value.get(at),
            })
            .filter(|value| !value.is_null())
    }

    /// Why the value at a path is missing.
    pub fn why(&self, path: &str) -> String {
        self.report.reason(path).unwrap_or("not available in this trial").to_owned()
    }

    /// What the value at a path is; remembered for the list of definitions.
    pub fn entry(&self, path: &str) -> Option<&'static Entry> {
        let entry = glossary::find(path)?;
        self.used.borrow_mut().insert(entry.key, entry);
        Some(entry)
    }

    /// Every definition that was asked for.
    pub fn used(&self) -> Vec<&'static Entry> {
        let used = self.used.borrow();
        glossary::all().filter(|entry| used.contains_key(entry.key)).collect()
    }

    /// The number at a path without its unit, which stands in the head of the column; a dash with the reason where it is missing.
    pub fn plain(&self, path: &str) -> Markup {
        self.written(path, false)
    }

    /// The number at a path with its unit; a dash with the reason where it is missing.
    pub fn with_unit(&self, path: &str) -> Markup {
        self.written(path, true)
    }

    /// Two numbers as an interval; an open end is said, an interval without ends is missing.
    pub fn interval(&self, path: &str) -> Markup {
        let ends = [format!("{path}[0]"), format!("{path}[1]")];
        match [self.get(&ends[0]).is_some(), self.get(&ends[1]).is_some()] {
            [true, true] => html! { (self.plain(&ends[0])) " \u{2026} " (self.plain(&ends[1])) },
            [true, false] => html! { "from " (self.plain(&ends[0])) },
            [false, true] => html! { "to " (self.plain(&ends[1])) },
            [false, false] => self.dash(path),
        }
    }

    /// The unit that the number at a path is shown in, or empty.
    pub fn unit(&self, path: &str) -> String {
        match self.entry(path).map(|entry| entry.shown) {
            Some(Shown::Amplitude) => shown_unit(&self.amplitude_unit(path)).1.to_owned(),
            Some(Shown::Count) | None => String::new(),
            Some(_) => self.entry(path).map_or(String::new(), |entry| entry.unit().to_owned()),
        }
    }

    fn written(&self, path: &str, with_unit: bool) -> Markup {
        let entry = self.entry(path);
        let Some(value) = self.get(path) else { return self.dash(path) };
        let Some(number) = value.as_f64() else {
            return html! { (value.as_str().map_or_else(|| value.to_string(), str::to_owned)) };
        };
        let text = self.text(path, entry, number);
        let unit = if with_unit { self.unit(path) } else { String::new() };
        let space = if unit.is_empty() || unit == "\u{b0}" { "" } else { "\u{a0}" };
        html! { data value=(value) data-path=(path) { (text) } (space) (unit) }
    }

    fn text(&self, path: &str, entry: Option<&Entry>, value: f64) -> String {
        match entry.map(|entry| entry.shown) {
            Some(Shown::In(_, decimals) | Shown::Plain(decimals)) => number(value, decimals),
            Some(Shown::Milliseconds) => number(value * 1e3, 0),
            Some(Shown::Percent(decimals)) => number(value * 100.0, decimals),
            Some(Shown::Count) => number(value, 0),
            Some(Shown::Amplitude) => significant(value * shown_unit(&self.amplitude_unit(path)).0),
            None => significant(value),
        }
    }

    /// A missing value: a dash that a reader of the table finds explained under it, and a pointer at once.
    pub fn dash(&self, path: &str) -> Markup {
        html! { span class="muted" data-missing=(path) title=(self.why(path)) { "\u{2014}" } }
    }

    /// The unit of the channel that an amplitude belongs to.
    fn amplitude_unit(&self, path: &str) -> String {
        let of_channel = path.find(".channels[").and_then(|at| {
            let end = at + path[at..].find(']')? + 1;
            Some(format!("{}.unit", &path[..end]))
        });
        let of_muscle = path.find(".muscles.").map(|at| {
            let name = path[at + ".muscles.".len()..].split('.').next().unwrap_or_default();
            format!("{}.muscles.{name}.amplitude_unit", &path[..at])
        });
        let unit = of_channel.or(of_muscle).and_then(|path| self.get(&path).and_then(Value::as_str));
        unit.unwrap_or("a.u.").to_owned()
    }
}

enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

/// The keys and indices of a path such as `a.b[2].c`.
fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split('.').flat_map(|part| {
        let (key, indices) = part.split_once('[').unwrap_or((part, ""));
        let indices = indices.split(['[', ']']).filter_map(|at| at.parse().ok()).map(Step::Index);
        std::iter::once(Step::Key(key)).chain(indices)
    })
}
