//! Tables of the report as CSV: one row a leg and item, units in the column names, missing values empty.

use serde_json::Value;
use surae_gait::report::{Report, SideReport};
use surae_gait::review::CycleCurves;
use surae_trial::Side;

/// A column: its head, and where its value is in the item's JSON (`lead_ci90_ms.0`).
pub(super) type Column = (&'static str, &'static str);

/// A table: its name (part of the file name), its columns, and the items of a leg.
pub struct Table {
    /// Name.
    pub name: &'static str,
    columns: &'static [Column],
    items: fn(&SideReport) -> Vec<Value>,
}

/// All tables.
pub const TABLES: [Table; 7] = [
    Table { name: "cycles", columns: &CYCLES, items: |side| values(&side.cycles.items) },
    Table { name: "steps", columns: &STEPS, items: |side| values(std::slice::from_ref(&side.cycles)) },
    Table { name: "pushoffs", columns: &PUSHOFFS, items: |side| values(&side.pushoffs) },
    Table {
        name: "by_angle",
        columns: &BY_ANGLE,
        items: |side| side.dominance.as_ref().map_or_else(Vec::new, |d| values(&d.by_angle)),
    },
    Table {
        name: "by_phase",
        columns: &BY_PHASE,
        items: |side| side.dominance.as_ref().map_or_else(Vec::new, |d| values(&d.by_phase)),
    },
    Table {
        name: "repetitions",
        columns: &REPETITIONS,
        items: |side| side.repetitions.as_ref().map_or_else(Vec::new, |r| values(&r.items)),
    },
    Table { name: "curves", columns: &CURVES, items: curves },
];

pub(super) const CYCLES: [Column; 6] = [
    ("start_s", "start_s"),
    ("foot_off_s", "foot_off_s"),
    ("end_s", "end_s"),
    ("kept", "kept"),
    ("reason", "reason"),
    ("outlier_muscles", "outlier_muscles"),
];

const STEPS: [Column; 17] = [
    ("start_event", "start_event"),
    ("source", "source"),
    ("n", "n"),
    ("stride_time_s", "stride_time_s"),
    ("stride_time_cv_percent", "stride_time_cv_percent"),
    ("stance_percent", "stance_percent"),
    ("cadence_steps_per_min", "cadence_steps_per_min"),
    ("stance_time_s", "stance_time_s"),
    ("swing_time_s", "swing_time_s"),
    ("step_time_s", "step_time_s"),
    ("double_support_percent", "double_support_percent"),
    ("single_support_percent", "single_support_percent"),
    ("stride_length_m", "stride_length_m"),
    ("step_length_m", "step_length_m"),
    ("step_width_m", "step_width_m"),
    ("speed_m_s", "speed_m_s"),
    ("belt_m_s", "belt_m_s"),
];

pub(super) const PUSHOFFS: [Column; 30] = [
    ("id", "id"),
    ("contact_s", "contact_s"),
    ("off_s", "off_s"),
    ("contact_time_s", "contact_time_s"),
    ("flight_time_s", "flight_time_s"),
    ("gastrocnemius_lead_ms", "gastrocnemius_lead_ms"),
    ("lead_ci90_low_ms", "lead_ci90_ms.0"),
    ("lead_ci90_high_ms", "lead_ci90_ms.1"),
    ("preactivation_fraction_mg", "preactivation_fraction.MG"),
    ("preactivation_fraction_lg", "preactivation_fraction.LG"),
    ("preactivation_fraction_sol", "preactivation_fraction.SOL"),
    ("mg_onset_ms", "mg_onset_ms"),
    ("lg_onset_ms", "muscles.LG.onset_ms"),
    ("sol_onset_ms", "sol_onset_ms"),
    ("mg_offset_ms", "muscles.MG.offset_ms"),
    ("lg_offset_ms", "muscles.LG.offset_ms"),
    ("sol_offset_ms", "muscles.SOL.offset_ms"),
    ("mg_t50_to_off_ms", "muscles.MG.t50_to_off_ms"),
    ("sol_t50_to_off_ms", "muscles.SOL.t50_to_off_ms"),
    ("onset_reason", "onset_reason"),
    ("mg_t50_ms", "mg_t50_ms"),
    ("lg_t50_ms", "lg_t50_ms"),
    ("sol_t50_ms", "sol_t50_ms"),
    ("mg_peak_ms", "mg_peak_ms"),
    ("lg_peak_ms", "lg_peak_ms"),
    ("sol_peak_ms", "sol_peak_ms"),
    ("knee_at_contact_deg", "knee_at_contact_deg"),
    ("knee_min_deg", "knee_min_deg"),
    ("knee_at_off_deg", "knee_at_off_deg"),
    ("quality", "quality"),
];

pub(super) const BY_ANGLE: [Column; 19] = [
    ("knee_deg", "knee_deg"),
    ("ankle_deg", "ankle_deg"),
    ("active_s", "active_s"),
    ("n_efforts", "n_efforts"),
    ("log_ratio", "log_ratio"),
    ("log_ratio_ci90_low", "log_ratio_ci90.0"),
    ("log_ratio_ci90_high", "log_ratio_ci90.1"),
    ("dominance", "dominance"),
    ("dominance_ci90_low", "dominance_ci90.0"),
    ("dominance_ci90_high", "dominance_ci90.1"),
    ("bound", "bound"),
    ("log_ratio_change", "log_ratio_change"),
    ("log_ratio_change_ci90_low", "log_ratio_change_ci90.0"),
    ("log_ratio_change_ci90_high", "log_ratio_change_ci90.1"),
    ("expected_log_ratio_change_low", "expected_log_ratio_change_range.0"),
    ("expected_log_ratio_change_high", "expected_log_ratio_change_range.1"),
    ("g_ratio", "g_ratio"),
    ("s_ratio", "s_ratio"),
    ("angle_flag", "angle_flag"),
];

pub(super) const BY_PHASE: [Column; 12] = [
    ("phase", "phase"),
    ("from_percent", "from_percent"),
    ("to_percent", "to_percent"),
    ("log_ratio", "log_ratio"),
    ("log_ratio_ci90_low", "log_ratio_ci90.0"),
    ("log_ratio_ci90_high", "log_ratio_ci90.1"),
    ("dominance", "dominance"),
    ("dominance_ci90_low", "dominance_ci90.0"),
    ("dominance_ci90_high", "dominance_ci90.1"),
    ("bound", "bound"),
    ("class", "class"),
    ("reason", "reason"),
];

const REPETITIONS: [Column; 10] = [
    ("from_s", "from_s"),
    ("to_s", "to_s"),
    ("knee_deg", "knee_deg"),
    ("ankle_deg", "ankle_deg"),
    ("mg_rms", "rms.MG"),
    ("lg_rms", "rms.LG"),
    ("sol_rms", "rms.SOL"),
    ("mg_mdf_hz", "mdf_hz.MG"),
    ("lg_mdf_hz", "mdf_hz.LG"),
    ("sol_mdf_hz", "mdf_hz.SOL"),
];

const CURVES: [Column; 5] =
    [("curve", "curve"), ("unit", "unit"), ("percent_cycle", "percent"), ("mean", "mean"), ("sd", "sd")];

/// One table of both legs; `None` when it would have no row.
pub fn table(table: &Table, report: &Report) -> Option<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = std::iter::once("side").chain(table.columns.iter().map(|(head, _)| *head));
    writer.write_record(head).ok()?;
    let mut rows = 0;
    for side in Side::BOTH {
        for item in report.sides.of(side).map_or_else(Vec::new, table.items) {
            let cells = table.columns.iter().map(|(_, path)| cell(&item, path));
            writer.write_record(std::iter::once(side.name().to_owned()).chain(cells)).ok()?;
            rows += 1;
        }
    }
    (rows > 0).then(|| writer.into_inner().ok()).flatten().and_then(|bytes| String::from_utf8(bytes).ok())
}

const JUMPS: [Column; 21] = [
    ("id", "id"),
    ("start", "start"),
    ("movement_onset_s", "movement_onset_s"),
    ("contact_s", "contact_s"),
    ("take_off_s", "take_off_s"),
    ("landing_s", "landing_s"),
    ("flight_time_s", "flight_time_s"),
    ("height_flight_m", "height_flight_m"),
    ("height_impulse_m", "height_impulse_m"),
    ("take_off_speed_mps", "take_off_speed_mps"),
    ("integration_residual_mps", "integration_residual_mps"),
    ("body_mass_kg", "body_mass_kg"),
    ("body_mass_source", "body_mass_source"),
    ("weighing_snr_db", "weighing_snr_db"),
    ("contact_time_s", "contact_time_s"),
    ("time_to_take_off_s", "time_to_take_off_s"),
    ("drop_height_m", "drop_height_m"),
    ("rsi", "rsi"),
    ("rsi_definition", "rsi_definition"),
    ("rsi_other", "rsi_other"),
    ("take_off_rule", "take_off_rule"),
];

/// Columns of one muscle of one leg in the table of jumps.
const JUMP_MUSCLE: [&str; 5] = ["on_ms", "off_ms", "peak_ms", "t50_ms", "landing_preactivation_fraction"];

/// Jumps, one a row, with the muscles of both legs as columns; `None` without a jump.
pub fn jump_table(report: &Report) -> Option<String> {
    let items = values(&report.jumps);
    let mut legs: Vec<(String, String)> = Vec::new();
    for jump in &report.jumps {
        for (side, leg) in &jump.sides {
            for muscle in leg
                .muscles
                .keys()
                .filter(|m| !legs.contains(&(side.clone(), (*m).clone())))
                .cloned()
                .collect::<Vec<_>>()
            {
                legs.push((side.clone(), muscle));
            }
        }
    }
    let sides: Vec<String> = Side::BOTH
        .iter()
        .map(|s| s.name().to_owned())
        .filter(|s| report.jumps.iter().any(|j| j.sides.contains_key(s)))
        .collect();
    let mut columns: Vec<(String, String)> =
        JUMPS.iter().map(|(head, path)| ((*head).to_owned(), (*path).to_owned())).collect();
    for side in &sides {
        for key in ["gastrocnemius_lead_ms", "knee_max_deg", "knee_at_take_off_deg"] {
            columns.push((format!("{side}_{key}"), format!("sides.{side}.{key}")));
        }
    }
    for (side, muscle) in &legs {
        for key in JUMP_MUSCLE {
            columns.push((
                format!("{side}_{}_{key}", muscle.to_lowercase()),
                format!("sides.{side}.muscles.{muscle}.{key}"),
            ));
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(head, _)| head)).ok()?;
    for item in &items {
        writer.write_record(columns.iter().map(|(_, path)| cell(item, path))).ok()?;
    }
    (!items.is_empty())
        .then(|| writer.into_inner().ok())
        .flatten()
        .and_then(|bytes| String::from_utf8(bytes).ok())
}

/// One signal over the kept cycles as statistical parametric mapping takes it (spm1d: `numpy.loadtxt(file, delimiter=",")`): a row a cycle,
/// 101 columns from 0 to 100 %, no head; `None` without a curve.
pub fn curve_matrix(curves: &CycleCurves) -> Option<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for curve in &curves.curves {
        writer.write_record(curve.iter().map(f64::to_string)).ok()?;
    }
    let text = writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.filter(|_| !curves.curves.is_empty())
}

fn values<T: serde::Serialize>(items: &[T]) -> Vec<Value> {
    items.iter().filter_map(|item| serde_json::to_value(item).ok()).collect()
}

/// Mean and SD at each percent of the cycle, one row each.
fn curves(side: &SideReport) -> Vec<Value> {
    let knee = side.knee_angle.iter().filter_map(|knee| {
        let mean = knee.mean_curve_deg.as_ref()?;
        Some(("knee", "deg", mean, knee.sd_curve_deg.as_ref()))
    });
    let muscles = side.muscles.iter().filter_map(|(name, muscle)| {
        let mean = muscle.mean_curve.as_ref()?;
        Some((name.as_str(), muscle.amplitude_unit.as_str(), mean, muscle.sd_curve.as_ref()))
    });
    muscles
        .chain(knee)
        .flat_map(|(curve, unit, mean, sd)| {
            mean.iter().enumerate().map(move |(percent, mean)| {
                let sd = sd.and_then(|sd| sd.get(percent));
                serde_json::json!({ "curve": curve, "unit": unit, "percent": percent, "mean": mean, "sd": sd })
            })
        })
        .collect()
}

/// The value at a dotted path.
pub(super) fn found<'a>(item: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').filter(|key| !key.is_empty()).try_fold(item, |value, key| match value {
        Value::Array(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)),
        other => other.get(key),
    })
}

/// The value at a dotted path, as a cell.
pub(super) fn cell(item: &Value, path: &str) -> String {
    match found(item, path) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| cell(item, "")).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_become_rows_of_101_numbers_without_a_head() {
        let mut curves = CycleCurves {
            name: "SOL".into(),
            unit: "uV".into(),
            cycles: vec![0, 2],
            curves: vec![[1.5; 101], [0.25; 101]],
        };
        let text = curve_matrix(&curves).unwrap();
        let rows: Vec<Vec<f64>> =
            text.lines().map(|l| l.split(',').map(|v| v.parse().unwrap()).collect()).collect();
        assert_eq!((rows.len(), rows[0].len(), rows[1][100]), (2, 101, 0.25));
        curves.curves.clear();
        assert!(curve_matrix(&curves).is_none());
    }

    #[test]
    fn cells_are_found_by_path_and_missing_ones_are_empty() {
        let item = serde_json::json!({ "a": { "MG": 1.5 }, "b": [null, -2.0], "c": "x" });
        assert_eq!(cell(&item, "a.MG"), "1.5");
        assert_eq!(cell(&item, "a.LG"), "");
        assert_eq!(cell(&item, "b.0"), "");
        assert_eq!(cell(&item, "b.1"), "-2.0");
        assert_eq!(cell(&item, "b.7"), "");
        assert_eq!(cell(&item, "c"), "x");
        assert_eq!(cell(&serde_json::json!({ "d": ["MG", "SOL"] }), "d"), "MG SOL");
    }
}
