//! Tables written as Parquet, for whatever has rows: cycles, push-offs, samples. DuckDB, Polars and Spark read them.
//!
//! Written column by column with `parquet`'s own writer, without Arrow. Not for reading (`parquet` does) and not for the
//! layout of a dataset: a partitioned one is one table per folder `KEY=VALUE`.

use crate::error::{Error, io_error};
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// A column of a table. `None` is a missing value (null), never a zero.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Values {
    /// 64-bit floats; `NaN` is written as null.
    F64(Vec<Option<f64>>),
    /// 64-bit integers.
    I64(Vec<Option<i64>>),
    /// Text.
    Text(Vec<Option<String>>),
    /// True or false.
    Bool(Vec<Option<bool>>),
}

impl Values {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F64(v) => v.len(),
            Self::I64(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Bool(v) => v.len(),
        }
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn physical(&self) -> Physical {
        match self {
            Self::F64(_) => Physical::DOUBLE,
            Self::I64(_) => Physical::INT64,
            Self::Text(_) => Physical::BYTE_ARRAY,
            Self::Bool(_) => Physical::BOOLEAN,
        }
    }
}

/// Columns of equal length, with words about the whole.
///
/// ```no_run
/// # fn main() -> Result<(), surae_io::Error> {
/// use surae_io::table::{Table, Values};
/// let mut table = Table::new();
/// table.push("side", Values::Text(vec![Some("left".to_owned())]));
/// table.push("stance_percent", Values::F64(vec![None]));
/// table.metadata.push(("surae_version".to_owned(), "0.1.0".to_owned()));
/// table.write(std::path::Path::new("cycles.parquet"))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    columns: Vec<(String, Values)>,
    /// Key and value pairs in the file's metadata.
    pub metadata: Vec<(String, String)>,
}

impl Table {
    /// A table without columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, values: Values) {
        self.columns.push((name.into(), values));
    }

    /// Names and values of the columns.
    #[must_use]
    pub fn columns(&self) -> &[(String, Values)] {
        &self.columns
    }

    /// Writes a Parquet file; one that is there is replaced by the whole new one.
    ///
    /// # Errors
    /// No column, columns of different lengths or of one name, or the system refuses.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let refuse = |what: &str| io_error(path, "write", invalid(what));
        let Some((_, first)) = self.columns.first() else { return Err(refuse("the table has no column")) };
        if self.columns.iter().any(|(_, values)| values.len() != first.len()) {
            return Err(refuse("the columns of the table differ in length"));
        }
        let schema: Vec<(&str, Physical)> =
            self.columns.iter().map(|(name, values)| (name.as_str(), values.physical())).collect();
        crate::target::written(path, |out| {
            let mut sink = Sink::new(out, &schema, &self.metadata)?;
            sink.rows(&self.columns.iter().map(|(_, values)| values).collect::<Vec<_>>())?;
            sink.finish()
        })
    }
}

fn invalid(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidInput, what.to_owned())
}

fn other(error: parquet::errors::ParquetError) -> std::io::Error {
    std::io::Error::other(error)
}

/// An open Parquet file that takes groups of rows: memory holds one group at a time.
pub(crate) struct Sink<W: Write + Send> {
    writer: SerializedFileWriter<W>,
}

impl<W: Write + Send> Sink<W> {
    pub fn new(out: W, columns: &[(&str, Physical)], metadata: &[(String, String)]) -> std::io::Result<Self> {
        let mut names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(invalid("two columns of the table have the same name"));
        }
        let fields: Result<Vec<TypePtr>, _> = columns
            .iter()
            .map(|(name, physical)| {
                let text = *physical == Physical::BYTE_ARRAY;
                Type::primitive_type_builder(name, *physical)
                    .with_repetition(Repetition::OPTIONAL)
                    .with_logical_type(text.then_some(LogicalType::String))
                    .build()
                    .map(Arc::new)
            })
            .collect();
        let schema =
            Type::group_type_builder("surae").with_fields(fields.map_err(other)?).build().map_err(other)?;
        let words = metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(format!("surae {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(words));
        for (name, physical) in columns {
            let path = ColumnPath::from(*name);
            // Numbers hardly repeat: a dictionary costs more than it saves. Indices differ by one.
            if *physical == Physical::DOUBLE || *physical == Physical::INT64 {
                properties = properties.set_column_dictionary_enabled(path.clone(), false);
            }
            if *physical == Physical::INT64 {
                properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
            }
        }
        let writer =
            SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build())).map_err(other)?;
        Ok(Self { writer })
    }

    /// Writes one group of rows: as many columns as the schema has, equally long.
    pub fn rows(&mut self, columns: &[&Values]) -> std::io::Result<()> {
        if columns.first().is_none_or(|values| values.is_empty()) {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(other)?;
        for values in columns {
            let Some(mut column) = group.next_column().map_err(other)? else {
                return Err(invalid("more columns than the schema has"));
            };
            put(&mut column, values).map_err(other)?;
            column.close().map_err(other)?;
        }
        group.close().map_err(other)?;
        Ok(())
    }

    pub fn finish(self) -> std::io::Result<()> {
        self.writer.close().map(|_| ()).map_err(other)
    }
}

/// Values that are there, and for every row whether one is.
fn split<T, U>(values: &[Option<T>], keep: impl Fn(&T) -> Option<U>) -> (Vec<U>, Vec<i16>) {
    let mut there = Vec::with_capacity(values.len());
    let mut levels = Vec::with_capacity(values.len());
    for value in values {
        let kept = value.as_ref().and_then(&keep);
        levels.push(i16::from(kept.is_some()));
        there.extend(kept);
    }
    (there, levels)
}

fn put(column: &mut SerializedColumnWriter<'_>, values: &Values) -> parquet::errors::Result<()> {
    match values {
        Values::F64(v) => {
            let (there, levels) = split(v, |x| Some(*x).filter(|x| !x.is_nan()));
            column.typed::<DoubleType>().write_batch(&there, Some(&levels), None)?;
        }
        Values::I64(v) => {
            let (there, levels) = split(v, |x| Some(*x));
            column.typed::<Int64Type>().write_batch(&there, Some(&levels), None)?;
        }
        Values::Bool(v) => {
            let (there, levels) = split(v, |x| Some(*x));
            column.typed::<BoolType>().write_batch(&there, Some(&levels), None)?;
        }
        Values::Text(v) => {
            let (there, levels) = split(v, |x| Some(ByteArray::from(x.as_str())));
            column.typed::<ByteArrayType>().write_batch(&there, Some(&levels), None)?;
        }
    }
    Ok(())
}
