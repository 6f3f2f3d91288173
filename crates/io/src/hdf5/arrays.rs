//! Arrays and texts of any HDF5 file, structures of MATLAB 7.3 as groups.

use super::{sane, text};
use crate::arrays::{Array, Element, Found, Texts};
use hdf5_pure::{DType, Dataset, Error, File, Group, Object};

/// Groups inside groups.
const DEEPEST: usize = 12;
/// Most arrays taken from one file.
const MOST_ARRAYS: usize = 10_000;

pub fn find(file: &File) -> Result<Found, Error> {
    let mut found = Found::default();
    group(&file.root(), "", 0, &mut found)?;
    Ok(found)
}

fn group(group: &Group, prefix: &str, depth: usize, found: &mut Found) -> Result<(), Error> {
    let path = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    for name in group.datasets()? {
        if found.arrays.len() + found.texts.len() > MOST_ARRAYS {
            return Ok(());
        }
        let own = path(&name);
        match group.dataset(&name).and_then(|d| dataset(&d, &own, found)) {
            Ok(()) => {}
            Err(error) => found.skipped.push(format!("'{own}' ({error})")),
        }
    }
    for name in group.groups()? {
        // MATLAB keeps what cells refer to, and its objects, in groups of these names.
        if name.starts_with('#') || depth >= DEEPEST {
            continue;
        }
        let inner = group.group(&name)?;
        self::group(&inner, &path(&name), depth + 1, found)?;
    }
    Ok(())
}

fn dataset(dataset: &Dataset, name: &str, found: &mut Found) -> Result<(), Error> {
    if !sane(dataset) {
        found.skipped.push(format!("'{name}' (too large)"));
        return Ok(());
    }
    let class = dataset.attrs()?.get("MATLAB_class").and_then(text);
    let shape: Vec<usize> =
        dataset.shape()?.iter().map(|n| usize::try_from(*n).unwrap_or(usize::MAX)).collect();
    let dtype = dataset.dtype()?;
    match (&dtype, class.as_deref()) {
        (_, Some("char")) => {
            let items = vec![letters(dataset)?];
            found.texts.push(Texts { name: name.to_owned(), items });
        }
        (DType::ObjectReference, _) => {
            let items = cells(dataset)?;
            if items.iter().any(|text| !text.is_empty()) {
                found.texts.push(Texts { name: name.to_owned(), items });
            } else {
                found.skipped.push(format!("'{name}' (a cell array of numbers)"));
            }
        }
        (DType::String | DType::VariableLengthString, _) => {
            let items = dataset.read_string()?;
            found.texts.push(Texts { name: name.to_owned(), items });
        }
        (other, class) => {
            let Some(element) = element(other) else {
                found.skipped.push(format!("'{name}' ({other})"));
                return Ok(());
            };
            let values = values(dataset, element)?;
            if shape.iter().product::<usize>() != values.len() {
                found.skipped.push(format!("'{name}' (its size contradicts its shape)"));
                return Ok(());
            }
            // MATLAB's first axis is the last one here.
            let matlab = class.is_some();
            let shape = if matlab { shape.into_iter().rev().collect() } else { shape };
            found.arrays.push(Array { name: name.to_owned(), shape, column_major: matlab, values });
        }
    }
    Ok(())
}

pub(super) fn element(dtype: &DType) -> Option<Element> {
    Some(match dtype {
        DType::F32 => Element::F32,
        DType::F64 => Element::F64,
        DType::I8 => Element::I8,
        DType::I16 => Element::I16,
        DType::I32 => Element::I32,
        DType::I64 => Element::I64,
        DType::U8 => Element::U8,
        DType::U16 => Element::U16,
        DType::U32 => Element::U32,
        DType::U64 => Element::U64,
        _ => return None,
    })
}

/// Values in the smallest native type that holds them.
pub(super) fn values(dataset: &Dataset, element: Element) -> Result<surae_trial::Samples, Error> {
    use surae_trial::Samples as S;
    Ok(match element {
        Element::F64 => S::F64(dataset.read_f64()?),
        Element::F32 => S::F32(dataset.read_f32()?),
        Element::I8 => S::I16(dataset.read_i8()?.into_iter().map(i16::from).collect()),
        Element::U8 => S::I16(dataset.read_u8()?.into_iter().map(i16::from).collect()),
        Element::I16 => S::I16(dataset.read_i16()?),
        Element::U16 => S::I32(dataset.read_u16()?.into_iter().map(i32::from).collect()),
        Element::I32 => S::I32(dataset.read_i32()?),
        Element::U32 | Element::I64 | Element::U64 => crate::arrays::narrow(dataset.read_i64()?),
    })
}

/// A character array: 16-bit letters.
fn letters(dataset: &Dataset) -> Result<String, Error> {
    let codes = dataset.read_u16()?;
    Ok(codes
        .into_iter()
        .filter_map(|code| char::from_u32(u32::from(code)))
        .collect::<String>()
        .trim()
        .to_owned())
}

/// Texts of a cell array; empty where a cell is no text.
fn cells(dataset: &Dataset) -> Result<Vec<String>, Error> {
    let text = |object: &Object| match object {
        Object::Dataset(inner) if sane(inner) => letters(inner).unwrap_or_default(),
        _ => String::new(),
    };
    Ok(dataset.dereference()?.iter().map(text).collect())
}
