//! The results of many trials as one dataset: `OUT/TABLE/trial=NAME/part-0.parquet`, which DuckDB, Polars and Spark read as
//! one table with a column `trial`.
//!
//! Every trial has a file in every table, and the columns and their types are the same in all of them: what a trial lacks is
//! null, and a trial without a push-off is a file without rows. Not for CSV (`tables`), whose columns these are.

use super::tables::{BY_ANGLE, BY_PHASE, CYCLES, Column, PUSHOFFS, cell, found};
use crate::failure::Failure;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use surae_gait::report::Report;
use surae_io::table::{Table, Values};
use surae_trial::Side;

/// Columns that are text; all others but [`WHOLE`] and [`FLAGS`] are numbers.
const TEXT: [&str; 23] = [
    "path",
    "sha256",
    "task",
    "mode",
    "surae_version",
    "settings",
    "side",
    "id",
    "reason",
    "outlier_muscles",
    "by",
    "phase",
    "bound",
    "class",
    "angle_flag",
    "onset_reason",
    "quality",
    "stream",
    "label",
    "kind",
    "muscle",
    "unit",
    "grade",
];
const WHOLE: [&str; 3] = ["index", "n_efforts", "n_samples"];
const FLAGS: [&str; 2] = ["kept", "synthetic"];

/// One row a trial.
const TRIALS: [Column; 9] = [
    ("path", "trial.path"),
    ("sha256", "trial.sha256"),
    ("task", "settings.task"),
    ("duration_s", "trial.duration_s"),
    ("synthetic", "trial.synthetic"),
    ("mass_kg", "trial.subject.mass_kg"),
    ("mode", "mode"),
    ("surae_version", "surae_version"),
    ("settings", "settings_json"),
];

/// What rows of dominance say beside the columns of the CSV tables.
const DOMINANCE_BY: [Column; 1] = [("by", "by")];

/// One row for each EMG channel that was judged.
const QUALITY: [Column; 15] = [
    ("stream", "stream"),
    ("rate_hz", "rate_hz"),
    ("n_samples", "n_samples"),
    ("label", "channel.label"),
    ("kind", "channel.kind"),
    ("muscle", "channel.muscle"),
    ("side", "channel.side"),
    ("unit", "channel.unit"),
    ("grade", "channel.quality.grade"),
    ("reason", "channel.quality.reasons"),
    ("snr_db", "channel.quality.snr_db"),
    ("noise_floor", "channel.quality.noise_floor"),
    ("hum_ratio", "channel.quality.hum_ratio"),
    ("motion_ratio", "channel.quality.motion_ratio"),
    ("clipping_fraction", "channel.quality.clipping_fraction"),
];

/// Rows of one trial in one table.
struct Rows {
    table: &'static str,
    columns: Vec<Column>,
    items: Vec<Value>,
}

/// Writes the partition of a trial in every table below `folder`; gives the files' names relative to it.
pub fn write(report: &Report, folder: &Path, trial: &str) -> Result<Vec<String>, Failure> {
    let metadata = [
        ("surae_version", report.surae_version.clone()),
        ("schema", report.schema.clone()),
        ("sha256", report.trial.sha256.clone()),
    ];
    let mut files = Vec::new();
    for rows in tables(report) {
        let partition = format!("{}/trial={}", rows.table, encoded(trial));
        let there = folder.join(&partition);
        fs::create_dir_all(&there).map_err(|error| Failure::writing(&there, &error))?;
        let mut table = Table::new();
        table.metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        for (name, place) in &rows.columns {
            table.push(*name, column(&rows.items, name, place));
        }
        table.write(&there.join("part-0.parquet"))?;
        files.push(format!("{partition}/part-0.parquet"));
    }
    Ok(files)
}

/// Takes the partitions of a trial away that an earlier run wrote, so that a trial that is refused now leaves no old rows.
pub fn forget(folder: &Path, trial: &str) -> Result<(), Failure> {
    for table in ["trials", "cycles", "push_offs", "dominance", "quality"] {
        let partition = folder.join(table).join(format!("trial={}", encoded(trial)));
        let file = partition.join("part-0.parquet");
        if file.is_file() {
            fs::remove_file(&file).map_err(|error| Failure::writing(&file, &error))?;
            // Something else in it is not ours, and the folder then stays.
            let _ = fs::remove_dir(&partition);
        }
    }
    Ok(())
}

fn tables(report: &Report) -> [Rows; 5] {
    let path = json!({ "path": report.trial.path });
    let (mut cycles, mut pushoffs, mut dominance) = (Vec::new(), Vec::new(), Vec::new());
    for side in Side::BOTH {
        let Some(leg) = report.sides.of(side) else { continue };
        let row = |item: Value, more: Value| {
            joined(joined(item, json!({ "side": side.name() })), joined(more, path.clone()))
        };
        for (index, item) in leg.cycles.items.iter().enumerate() {
            cycles.push(row(plain(item), json!({ "index": index })));
        }
        for (index, item) in leg.pushoffs.iter().enumerate() {
            pushoffs.push(row(plain(item), json!({ "index": index })));
        }
        for item in leg.dominance.iter().flat_map(|d| &d.by_phase) {
            dominance.push(row(plain(item), json!({ "by": "phase" })));
        }
        for item in leg.dominance.iter().flat_map(|d| &d.by_angle) {
            dominance.push(row(plain(item), json!({ "by": "knee_angle" })));
        }
    }
    let quality = report.trial.streams.iter().flat_map(|stream| {
        stream.channels.iter().filter(|channel| channel.quality.is_some()).map(|channel| {
            let of_stream =
                json!({ "stream": stream.name, "rate_hz": stream.rate_hz, "n_samples": stream.n_samples });
            joined(joined(of_stream, json!({ "channel": channel })), path.clone())
        })
    });
    let settings = plain(&report.settings).to_string();
    let trial = json!({
        "trial": report.trial, "mode": report.mode, "surae_version": report.surae_version,
        "settings": report.settings, "settings_json": settings,
    });
    let leg = [("path", "path"), ("side", "side")];
    let in_leg = [leg[0], leg[1], ("index", "index")];
    let by = [&leg[..], &DOMINANCE_BY, &BY_PHASE].concat();
    let angles = BY_ANGLE.iter().copied().filter(|column| !by.contains(column)).collect::<Vec<_>>();
    [
        Rows { table: "trials", columns: TRIALS.to_vec(), items: vec![trial] },
        Rows { table: "cycles", columns: [&in_leg[..], &CYCLES].concat(), items: cycles },
        Rows { table: "push_offs", columns: [&in_leg[..], &PUSHOFFS].concat(), items: pushoffs },
        Rows { table: "dominance", columns: [by, angles].concat(), items: dominance },
        Rows { table: "quality", columns: [&[leg[0]][..], &QUALITY].concat(), items: quality.collect() },
    ]
}

fn plain(item: &impl serde::Serialize) -> Value {
    serde_json::to_value(item).unwrap_or(Value::Null)
}

/// Two objects as one; what the second says holds.
fn joined(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut all), Value::Object(more)) => {
            all.extend(more);
            Value::Object(all)
        }
        (first, _) => first,
    }
}

/// A column of a table; its name decides the type, so that it is the same in every trial.
fn column(items: &[Value], name: &str, place: &str) -> Values {
    let there = items.iter().map(|item| found(item, place).filter(|value| !value.is_null()));
    if TEXT.contains(&name) {
        Values::Text(there.map(|value| value.map(|value| cell(value, ""))).collect())
    } else if WHOLE.contains(&name) {
        Values::I64(there.map(|value| value.and_then(Value::as_i64)).collect())
    } else if FLAGS.contains(&name) {
        Values::Bool(there.map(|value| value.and_then(Value::as_bool)).collect())
    } else {
        Values::F64(there.map(|value| value.and_then(Value::as_f64)).collect())
    }
}

/// A value of a partition's folder as Hive writes it: everything but letters, digits and `-_.` as %XX.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_partitions_hold_no_character_with_a_meaning() {
        assert_eq!(encoded("walk_1.2-b"), "walk_1.2-b");
        assert_eq!(encoded("a=b/c d%"), "a%3Db%2Fc%20d%25");
        assert_eq!(encoded("ü"), "%C3%BC");
    }

    #[test]
    fn what_a_trial_lacks_is_null_and_keeps_its_type() {
        let items = [
            json!({ "side": "left", "index": 0, "lead_ci90_ms": [null, 3.5], "outlier_muscles": ["MG", "SOL"] }),
        ];
        assert_eq!(column(&items, "lead_ci90_low_ms", "lead_ci90_ms.0"), Values::F64(vec![None]));
        assert_eq!(column(&items, "lead_ci90_high_ms", "lead_ci90_ms.1"), Values::F64(vec![Some(3.5)]));
        assert_eq!(column(&items, "side", "side"), Values::Text(vec![Some("left".to_owned())]));
        assert_eq!(column(&items, "reason", "reason"), Values::Text(vec![None]));
        assert_eq!(
            column(&items, "outlier_muscles", "outlier_muscles"),
            Values::Text(vec![Some("MG SOL".to_owned())])
        );
        assert_eq!(column(&items, "index", "index"), Values::I64(vec![Some(0)]));
        assert_eq!(column(&items, "kept", "kept"), Values::Bool(vec![None]));
    }
}
