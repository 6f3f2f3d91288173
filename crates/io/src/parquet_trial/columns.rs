//! Columns of a group of rows as numbers or texts, whatever their physical type.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;
use parquet::schema::types::ColumnDescriptor;

/// Most rows of one group.
const MOST_ROWS: usize = 1 << 27;

/// One value per row of `group`, `None` where it is null.
fn all<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
    optional: bool,
) -> Result<Vec<Option<T::T>>> {
    let mut values: Vec<T::T> = Vec::new();
    let mut levels: Vec<i16> = Vec::new();
    let levels_of = if optional { Some(&mut levels) } else { None };
    reader.read_records(rows, levels_of, None, &mut values)?;
    if !optional {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut there = values.into_iter();
    Ok(levels.into_iter().map(|level| if level > 0 { there.next() } else { None }).collect())
}

/// True for columns that can be read as numbers or texts: flat, not repeated.
pub fn is_flat(column: &ColumnDescriptor) -> bool {
    column.max_rep_level() == 0 && column.max_def_level() <= 1
}

/// Seconds per unit of a timestamp column.
pub fn time_unit_s(column: &ColumnDescriptor) -> Option<f64> {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Timestamp(stamp)), _) => Some(match stamp.unit {
            TimeUnit::MILLIS => 1e-3,
            TimeUnit::MICROS => 1e-6,
            TimeUnit::NANOS => 1e-9,
        }),
        (_, ConvertedType::TIMESTAMP_MILLIS) => Some(1e-3),
        (_, ConvertedType::TIMESTAMP_MICROS) => Some(1e-6),
        _ => None,
    }
}

fn rows_of(group: &dyn RowGroupReader) -> Result<usize> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
    if rows > MOST_ROWS {
        return Err(ParquetError::General(format!(
            "a group of {rows} rows; the metadata is probably damaged"
        )));
    }
    Ok(rows)
}

/// Column `at` as numbers, `NaN` where it is null.
pub fn numbers(group: &dyn RowGroupReader, at: usize) -> Result<Vec<f64>> {
    let rows = rows_of(group)?;
    let optional = group.metadata().column(at).column_descr().max_def_level() > 0;
    fn plain<T>(values: Vec<Option<T>>, number: impl Fn(T) -> f64) -> Vec<f64> {
        values.into_iter().map(|v| v.map_or(f64::NAN, &number)).collect()
    }
    Ok(match group.get_column_reader(at)? {
        ColumnReader::DoubleColumnReader(r) => plain(all(r, rows, optional)?, |v| v),
        ColumnReader::FloatColumnReader(r) => plain(all(r, rows, optional)?, f64::from),
        ColumnReader::Int32ColumnReader(r) => plain(all(r, rows, optional)?, f64::from),
        ColumnReader::Int64ColumnReader(r) => plain(all(r, rows, optional)?, |v| v as f64),
        ColumnReader::BoolColumnReader(r) => plain(all(r, rows, optional)?, |v| f64::from(u8::from(v))),
        _ => return Err(ParquetError::General("the column holds no numbers".to_owned())),
    })
}

/// Column `at` as texts, empty where it is null.
pub fn texts(group: &dyn RowGroupReader, at: usize) -> Result<Vec<String>> {
    let rows = rows_of(group)?;
    let optional = group.metadata().column(at).column_descr().max_def_level() > 0;
    match group.get_column_reader(at)? {
        ColumnReader::ByteArrayColumnReader(r) => Ok(all(r, rows, optional)?
            .into_iter()
            .map(|v| v.map_or(String::new(), |v| String::from_utf8_lossy(v.data()).into_owned()))
            .collect()),
        _ => Err(ParquetError::General("the column holds no text".to_owned())),
    }
}
