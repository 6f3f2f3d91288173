//! NPY (NumPy's format specification, versions 1 to 3).

use super::{Array, Element, Found, Texts};
use crate::described::Described;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use surae_trial::{Note, Trial};

const MAGIC: &[u8] = b"\x93NUMPY";

/// NPY: one array.
pub struct Npy;

impl Format for Npy {
    fn name(&self) -> &'static str {
        "npy"
    }

    fn title(&self) -> &'static str {
        "NumPy NPY"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        if bytes.starts_with(MAGIC) { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "NPY" };
        let bytes = input.bytes()?;
        let stem = super::name_of(&input.name);
        let mut found = Found::default();
        array(&stem, bytes, &blame, &mut found)?;
        if let Some(trial) = described(input, &found) {
            return Ok(trial);
        }
        super::trial(found, input, &blame)
    }
}

/// The description that Surae wrote beside the array.
fn described(input: &Input<'_>, found: &Found) -> Option<Trial> {
    let name = std::path::Path::new(&input.name).file_name()?.to_string_lossy().into_owned();
    let beside = input.companion(&format!("{name}.json")).ok()?;
    let described = Described::parse(std::str::from_utf8(beside.bytes().ok()?).ok()?)?;
    let ([stream], [array]) = (&described.streams[..], &found.arrays[..]) else { return None };
    let fits =
        array.shape == [stream.frames, stream.channels.len()] && !array.column_major && !stream.irregular;
    if !fits {
        return None;
    }
    let stream = stream.stream(array.values.clone(), Vec::new());
    let text = format!("rate, labels and scales are taken from '{name}.json' beside it");
    let mut notes = vec![Note::info("described_beside", text)];
    if !described.companions.is_empty() {
        let list = crate::text::list(&described.companions, 6);
        notes.push(Note::info("companions", format!("other streams of this trial are in {list}")));
    }
    let mut trial = described.clone().trial(vec![stream], notes);
    crate::roles::assign(&mut trial);
    Some(trial)
}

/// Adds the array of an NPY's bytes to `found`.
pub(super) fn array(name: &str, bytes: &[u8], blame: &Blame<'_>, found: &mut Found) -> Result<(), Error> {
    const CUT: &str = "the file was cut while it was written or copied; save it again";
    let cut = |at: usize, what: &str| blame.malformed(Position::Byte(at as u64), what, CUT);
    let version = bytes.get(6).copied().ok_or_else(|| cut(bytes.len(), "the header is cut"))?;
    let (length, at): (usize, usize) = match (version, bytes.get(8..10), bytes.get(8..12)) {
        (1, Some(two), _) => (usize::from(u16::from_le_bytes([two[0], two[1]])), 10),
        (2 | 3, _, Some(four)) => (u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize, 12),
        (1..=3, ..) => return Err(cut(bytes.len(), "the header is cut")),
        _ => {
            let what = format!("version {version} of NPY");
            return Err(blame.unsupported(Position::Byte(6), what, "save it with numpy.save"));
        }
    };
    let data_at = at.saturating_add(length);
    let header = bytes.get(at..data_at).ok_or_else(|| cut(bytes.len(), "the header is cut"))?;
    let header = crate::text::decode(header);
    let odd = |what: &str| {
        blame.malformed(Position::Byte(at as u64), format!("the header states no {what}"), "save it again")
    };
    let descr = value(&header, "descr").ok_or_else(|| odd("type ('descr')"))?;
    let shape =
        shape(value(&header, "shape").ok_or_else(|| odd("shape"))?).ok_or_else(|| odd("valid shape"))?;
    let column_major = value(&header, "fortran_order").is_some_and(|v| v.starts_with("True"));
    let data = &bytes[data_at..];
    let count =
        shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n)).ok_or_else(|| odd("valid shape"))?;
    let dtype = descr.trim_matches(['\'', '"']);
    if let Some(items) = texts(dtype, data, count) {
        found.texts.push(Texts { name: name.to_owned(), items });
        return Ok(());
    }
    let Some((element, big)) = element(dtype) else {
        let todo = "save plain numbers: one array per variable, no objects, records or complex numbers";
        let what = format!("an array '{name}' of type {}", descr.chars().take(60).collect::<String>());
        return Err(blame.unsupported(Position::Byte(at as u64), what, todo));
    };
    let needed = count.saturating_mul(element.bytes());
    if data.len() < needed {
        let what = format!("the array '{name}' needs {needed} bytes, {} are there", data.len());
        return Err(cut(bytes.len(), &what));
    }
    let values = element.decode(&data[..needed], big);
    found.arrays.push(Array { name: name.to_owned(), shape, column_major, values });
    Ok(())
}

/// The text after `'key':` up to the end of its value.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let at =
        [format!("'{key}':"), format!("\"{key}\":")].iter().find_map(|k| Some(header.find(k)? + k.len()))?;
    let rest = header[at..].trim_start();
    let end = match rest.as_bytes().first()? {
        b'(' => rest.find(')')? + 1,
        b'[' => rest.rfind(']')? + 1,
        _ => rest.find([',', '}']).unwrap_or(rest.len()),
    };
    Some(rest[..end].trim())
}

fn shape(text: &str) -> Option<Vec<usize>> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    inner
        .split(',')
        .map(|part| part.trim().trim_end_matches('L'))
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect()
}

fn element(dtype: &str) -> Option<(Element, bool)> {
    let (big, code) = match dtype.split_at_checked(1)? {
        (">", code) => (true, code),
        ("<" | "|" | "=", code) => (false, code),
        _ => (false, dtype),
    };
    let element = match code {
        "i1" => Element::I8,
        "u1" | "b1" => Element::U8,
        "i2" => Element::I16,
        "u2" => Element::U16,
        "i4" => Element::I32,
        "u4" => Element::U32,
        "i8" => Element::I64,
        "u8" => Element::U64,
        "f4" => Element::F32,
        "f8" => Element::F64,
        _ => return None,
    };
    Some((element, big))
}

/// Arrays of text: `<U12` (UTF-32) and `|S12`.
fn texts(dtype: &str, data: &[u8], count: usize) -> Option<Vec<String>> {
    let code = dtype.trim_start_matches(['<', '>', '|', '=']);
    let big = dtype.starts_with('>');
    let (kind, width) = code.split_at_checked(1)?;
    let width: usize = width.parse().ok().filter(|w| *w > 0)?;
    let size = match kind {
        "U" => width.checked_mul(4)?,
        "S" => width,
        _ => return None,
    };
    let one = |piece: &[u8]| {
        if kind == "S" {
            return crate::text::latin(piece);
        }
        let letter = |four: &[u8]| {
            let own = [four[0], four[1], four[2], four[3]];
            char::from_u32(if big { u32::from_be_bytes(own) } else { u32::from_le_bytes(own) })
        };
        let text: String = piece.chunks_exact(4).filter_map(letter).filter(|c| *c != '\0').collect();
        text.trim().to_owned()
    };
    Some(data.chunks_exact(size).take(count).map(one).collect())
}
