//! HDF5: OpenSignals recordings, MATLAB 7.3 files, and plain arrays of other programs, through `hdf5-pure`.
//!
//! Not for writing, and not for objects that only HDF5 has (links to other files, compound tables).

mod arrays;
mod open_signals;

use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use hdf5_pure::{AttrValue, Dataset, File};
use surae_trial::Trial;

const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";

/// HDF5.
pub struct Hdf5;

impl Format for Hdf5 {
    fn name(&self) -> &'static str {
        "hdf5"
    }

    fn title(&self) -> &'static str {
        "HDF5 (OpenSignals, MATLAB 7.3)"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        // MATLAB puts a block of its own of 512 bytes before.
        let at = |at: usize| bytes.get(at..at + 8) == Some(MAGIC);
        if at(0) || (at(512) && bytes.starts_with(b"MATLAB 7.3")) { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "HDF5" };
        let bytes = input.bytes()?.to_vec();
        let damaged = |what: String| {
            let todo = "the file is damaged or cut; export it again";
            blame.malformed(Position::Whole, what, todo)
        };
        // The library is young; damage that it does not foresee must stay an error.
        let read = || {
            let file = File::from_bytes(bytes).map_err(|e| damaged(e.to_string()))?;
            if let Some(devices) = open_signals::devices(&file) {
                return open_signals::read(&devices, &blame);
            }
            let found = arrays::find(&file).map_err(|e| damaged(e.to_string()))?;
            crate::arrays::trial(found, input, &blame)
        };
        crate::contained::contained(read)
            .unwrap_or_else(|| Err(damaged("its structure contradicts itself".to_owned())))
    }
}

/// Most values taken from one dataset.
const MOST_VALUES: u64 = 1 << 28;

/// True where the size that a dataset states can be believed.
fn sane(dataset: &Dataset) -> bool {
    let shape = dataset.shape().unwrap_or_default();
    shape.iter().try_fold(1u64, |all, n| all.checked_mul(*n)).is_some_and(|count| count <= MOST_VALUES)
}

/// A number from an attribute, the first of an array.
fn number(value: &AttrValue) -> Option<f64> {
    numbers(value).first().copied()
}

fn numbers(value: &AttrValue) -> Vec<f64> {
    use AttrValue as A;
    match value {
        A::F32(v) => vec![f64::from(*v)],
        A::F64(v) => vec![*v],
        A::I8(v) => vec![f64::from(*v)],
        A::I16(v) => vec![f64::from(*v)],
        A::I32(v) => vec![f64::from(*v)],
        A::I64(v) => vec![*v as f64],
        A::U8(v) => vec![f64::from(*v)],
        A::U16(v) => vec![f64::from(*v)],
        A::U32(v) => vec![f64::from(*v)],
        A::U64(v) => vec![*v as f64],
        A::F32Array(v) => v.iter().map(|x| f64::from(*x)).collect(),
        A::F64Array(v) => v.clone(),
        A::I8Array(v) => v.iter().map(|x| f64::from(*x)).collect(),
        A::I16Array(v) => v.iter().map(|x| f64::from(*x)).collect(),
        A::I32Array(v) => v.iter().map(|x| f64::from(*x)).collect(),
        A::I64Array(v) => v.iter().map(|x| *x as f64).collect(),
        A::U8Array(v) => v.iter().map(|x| f64::from(*x)).collect(),
        A::U16Array(v) => v.iter().map(|x| f64::from(*x)).collect(),
        A::U32Array(v) => v.iter().map(|x| f64::from(*x)).collect(),
        A::U64Array(v) => v.iter().map(|x| *x as f64).collect(),
        other => text(other).and_then(|t| t.trim().parse().ok()).into_iter().collect(),
    }
}

/// A text from an attribute, whatever kind of string it is.
fn text(value: &AttrValue) -> Option<String> {
    use AttrValue as A;
    match value {
        A::String(v) | A::StringSized { value: v, .. } => Some(v.trim_end_matches('\0').to_owned()),
        A::AsciiString(v)
        | A::AsciiStringSized { value: v, .. }
        | A::VarLenString(v)
        | A::VarLenAsciiString(v) => Some(v.trim_end_matches('\0').to_owned()),
        A::StringArray(v) => v.first().cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
