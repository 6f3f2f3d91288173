//! Files of plain arrays, without a word on rate, unit or channel: NPY, NPZ, MATLAB 5 (and, through `hdf5`, MATLAB 7.3).
//!
//! What is what comes from a description beside the file (`NAME.map.toml`), else from the names of the variables; every
//! such guess is a note, and without a rate nothing is read.

mod beside;
mod mat5;
mod meaning;
mod npy;
mod npz;
mod write;

use surae_trial::Samples;

pub use mat5::Mat5;
use meaning::name_of;
pub(crate) use meaning::trial;
pub use npy::Npy;
pub use npz::Npz;

/// A numeric array of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    /// Name, with the path through structures (`emg.data`).
    pub name: String,
    /// Lengths of the axes; an empty shape is a single number.
    pub shape: Vec<usize>,
    /// First axis fastest, as MATLAB and Fortran store.
    pub column_major: bool,
    pub values: Samples,
}

/// Texts of a file: one string or a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Texts {
    pub name: String,
    pub items: Vec<String>,
}

/// Everything in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub arrays: Vec<Array>,
    pub texts: Vec<Texts>,
    /// What is there and cannot be used, with the reason.
    pub skipped: Vec<String>,
}

/// The element types of the formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Element {
    pub fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Whole elements of `bytes`, in the smallest native type that holds the element type. 64-bit integers become 32-bit
    /// ones where they all fit, else f64.
    pub fn decode(self, bytes: &[u8], big: bool) -> Samples {
        macro_rules! values {
            ($type:ty) => {
                bytes.chunks_exact(std::mem::size_of::<$type>()).map(|piece| {
                    let mut own = [0u8; std::mem::size_of::<$type>()];
                    own.copy_from_slice(piece);
                    if big { <$type>::from_be_bytes(own) } else { <$type>::from_le_bytes(own) }
                })
            };
        }
        match self {
            Self::I8 => Samples::I16(values!(i8).map(i16::from).collect()),
            Self::U8 => Samples::I16(values!(u8).map(i16::from).collect()),
            Self::I16 => Samples::I16(values!(i16).collect()),
            Self::U16 => Samples::I32(values!(u16).map(i32::from).collect()),
            Self::I32 => Samples::I32(values!(i32).collect()),
            Self::U32 => narrow(values!(u32).map(i64::from).collect()),
            Self::I64 => narrow(values!(i64).collect()),
            Self::U64 => narrow(values!(u64).map(|v| i64::try_from(v).unwrap_or(i64::MAX)).collect()),
            Self::F32 => Samples::F32(values!(f32).collect()),
            Self::F64 => Samples::F64(values!(f64).collect()),
        }
    }
}

pub(crate) fn narrow(values: Vec<i64>) -> Samples {
    if values.iter().all(|v| i32::try_from(*v).is_ok()) {
        Samples::I32(values.into_iter().map(|v| v as i32).collect())
    } else {
        Samples::F64(values.into_iter().map(|v| v as f64).collect())
    }
}

/// Values in the wanted order, of the same native type.
pub(crate) fn gathered(values: &Samples, order: impl Iterator<Item = usize>) -> Samples {
    match values {
        Samples::I16(v) => Samples::I16(order.map(|k| v[k]).collect()),
        Samples::I32(v) => Samples::I32(order.map(|k| v[k]).collect()),
        Samples::F32(v) => Samples::F32(order.map(|k| v[k]).collect()),
        Samples::F64(v) => Samples::F64(order.map(|k| v[k]).collect()),
    }
}

#[cfg(test)]
mod tests;
