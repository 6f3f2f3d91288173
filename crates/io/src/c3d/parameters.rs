//! The parameter section: groups of named arrays.

use super::number::Bytes;
use std::collections::BTreeMap;

/// The section is at most 255 blocks by the format; writers that overflow it stay far below this.
const MAX_SECTION_BYTES: usize = 16 << 20;

/// Values of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Characters; the first dimension is the length of a string.
    Text(Vec<u8>),
    Byte(Vec<i8>),
    Int(Vec<i16>),
    Float(Vec<f32>),
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub dims: Vec<usize>,
    pub values: Values,
}

impl Parameter {
    /// Numbers, integers taken as signed.
    pub fn numbers(&self) -> Vec<f64> {
        match &self.values {
            Values::Text(_) => Vec::new(),
            Values::Byte(v) => v.iter().map(|x| f64::from(*x)).collect(),
            Values::Int(v) => v.iter().map(|x| f64::from(*x)).collect(),
            Values::Float(v) => v.iter().map(|x| f64::from(*x)).collect(),
        }
    }

    /// Strings, trimmed. One dimension is one string.
    pub fn strings(&self) -> Vec<String> {
        let Values::Text(text) = &self.values else { return Vec::new() };
        let length = self.dims.first().copied().unwrap_or(text.len()).max(1);
        if self.dims.len() < 2 {
            return vec![crate::text::latin(text)];
        }
        text.chunks(length).map(crate::text::latin).collect()
    }
}

/// All parameters by group and name, upper case.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    groups: BTreeMap<String, BTreeMap<String, Parameter>>,
    /// Names of parameters that stood more than once in a group; the first one that holds values counts.
    pub duplicates: Vec<String>,
    /// Set when the section ended before its last entry: byte offset.
    pub torn_at: Option<usize>,
}

impl Parameters {
    /// Reads the section that starts at `at` (its 4-byte preamble included).
    pub fn read(data: &Bytes<'_>, at: usize) -> Self {
        let mut parameters = Self::default();
        let mut names: BTreeMap<i8, String> = BTreeMap::new();
        let mut loose: Vec<(i8, String, Parameter)> = Vec::new();
        let mut at = at + 4;
        let mut budget = MAX_SECTION_BYTES;
        // An entry takes at least five bytes, so the file's length bounds the loop; overlapping entries are bounded
        // by the budget.
        while at < data.all.len() {
            let found = entry(data, at).filter(|entry| match entry {
                Entry::Parameter { parameter: Some(parameter), .. } => {
                    let bytes = parameter.dims.iter().product::<usize>().saturating_mul(4);
                    budget.checked_sub(bytes).map(|rest| budget = rest).is_some()
                }
                _ => true,
            });
            match found {
                Some(Entry::End) => break,
                Some(Entry::Group { id, name, next }) => {
                    names.entry(id).or_insert(name);
                    match next {
                        Some(next) => at = next,
                        None => break,
                    }
                }
                Some(Entry::Parameter { group, name, parameter, next }) => {
                    loose.extend(parameter.map(|parameter| (group, name, parameter)));
                    match next {
                        Some(next) => at = next,
                        None => break,
                    }
                }
                None => {
                    parameters.torn_at = Some(at);
                    break;
                }
            }
        }
        for (group, name, parameter) in loose {
            let group = names.get(&group).cloned().unwrap_or_else(|| format!("GROUP {group}"));
            parameters.add(&group, name, parameter);
        }
        parameters
    }

    fn add(&mut self, group: &str, name: String, parameter: Parameter) {
        let slot = self.groups.entry(group.to_owned()).or_default();
        match slot.get(&name) {
            None => {
                slot.insert(name, parameter);
            }
            Some(first) => {
                self.duplicates.push(format!("{group}:{name}"));
                if first.numbers().is_empty() && first.strings().iter().all(String::is_empty) {
                    slot.insert(name, parameter);
                }
            }
        }
    }

    pub fn get(&self, group: &str, name: &str) -> Option<&Parameter> {
        self.groups.get(group)?.get(name)
    }

    /// First number of a parameter.
    pub fn number(&self, group: &str, name: &str) -> Option<f64> {
        self.get(group, name)?.numbers().first().copied()
    }

    /// An integer that writers store signed though it counts upwards to 65535.
    pub fn count(&self, group: &str, name: &str) -> Option<usize> {
        let value = self.number(group, name)?;
        let wrapped = if value < 0.0 { value + 65536.0 } else { value };
        (wrapped.is_finite() && wrapped >= 0.0).then_some(wrapped as usize)
    }

    /// First string of a parameter, when not empty.
    pub fn text(&self, group: &str, name: &str) -> Option<String> {
        self.get(group, name)?.strings().into_iter().next().filter(|s| !s.is_empty())
    }

    /// Strings of `NAME`, `NAME2`, `NAME3`, ... in one list: how more than 255 labels are stored.
    pub fn strings(&self, group: &str, name: &str) -> Vec<String> {
        self.parts(group, name).flat_map(Parameter::strings).collect()
    }

    /// Numbers of `NAME`, `NAME2`, `NAME3`, ... in one list.
    pub fn numbers(&self, group: &str, name: &str) -> Vec<f64> {
        self.parts(group, name).flat_map(Parameter::numbers).collect()
    }

    fn parts<'a>(&'a self, group: &'a str, name: &'a str) -> impl Iterator<Item = &'a Parameter> {
        (1usize..)
            .map(move |part| if part == 1 { name.to_owned() } else { format!("{name}{part}") })
            .map_while(move |part| self.get(group, &part))
    }
}

enum Entry {
    End,
    Group {
        id: i8,
        name: String,
        next: Option<usize>,
    },
    /// `parameter` is `None` for a type that the format does not define.
    Parameter {
        group: i8,
        name: String,
        parameter: Option<Parameter>,
        next: Option<usize>,
    },
}

/// The entry at `at`; `None` when it runs past the end of the file.
fn entry(data: &Bytes<'_>, at: usize) -> Option<Entry> {
    let length = usize::from(data.u8(at)?.cast_signed().unsigned_abs());
    let id = data.u8(at + 1)?.cast_signed();
    if length == 0 || id == 0 {
        return Some(Entry::End);
    }
    let name = crate::text::latin(data.slice(at + 2, length)?).to_uppercase();
    let pointer = at + 2 + length;
    // The pointer counts from its own first byte; unsigned, as it passes 32767 in files with long tables.
    let next = match data.u16(pointer)? {
        0 => None,
        offset => Some(pointer + usize::from(offset)),
    };
    if next.is_some_and(|next| next < pointer + 2) {
        return None;
    }
    if id < 0 {
        return Some(Entry::Group { id: id.checked_neg()?, name, next });
    }
    let kind = data.u8(pointer + 2)?.cast_signed();
    let rank = usize::from(data.u8(pointer + 3)?);
    if rank > 7 {
        return None;
    }
    let dims: Vec<usize> = data.slice(pointer + 4, rank)?.iter().map(|d| usize::from(*d)).collect();
    let count = dims.iter().try_fold(1usize, |all, d| all.checked_mul(*d))?;
    let values_at = pointer + 4 + rank;
    let values = match kind {
        -1 => Values::Text(data.slice(values_at, count)?.to_vec()),
        1 => Values::Byte(data.slice(values_at, count)?.iter().map(|b| b.cast_signed()).collect()),
        2 => {
            let bytes = data.slice(values_at, count.checked_mul(2)?)?;
            Values::Int(bytes.chunks_exact(2).map(|b| data.processor.i16([b[0], b[1]])).collect())
        }
        4 => {
            let bytes = data.slice(values_at, count.checked_mul(4)?)?;
            Values::Float(
                bytes.chunks_exact(4).map(|b| data.processor.f32([b[0], b[1], b[2], b[3]])).collect(),
            )
        }
        _ => return Some(Entry::Parameter { group: id, name, parameter: None, next }),
    };
    Some(Entry::Parameter { group: id, name, parameter: Some(Parameter { dims, values }), next })
}
