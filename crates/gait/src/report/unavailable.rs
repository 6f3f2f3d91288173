//! Reasons for exactly the values that are missing.
//!
//! The review states reasons by pattern while it works ("no foot off for this contact"); a reader of the report wants
//! them only where a value really is `null`. Not for deciding what is missing.

use super::Report;
use serde_json::Value;
use std::collections::BTreeMap;

impl Report {
    /// Replaces the patterns of [`Report::unavailable`] by one entry for each `null` and each empty list that has a reason.
    ///
    /// A missing element of a list of numbers is entered under the list.
    #[must_use]
    pub(crate) fn with_exact_reasons(mut self) -> Self {
        let mut exact = BTreeMap::new();
        // A report is plain data with string keys: it always becomes JSON.
        if let Ok(value) = serde_json::to_value(&self) {
            let mut missing = Vec::new();
            collect(&value, &mut String::new(), &mut missing);
            for path in missing {
                if let Some(reason) = self.reason(&path) {
                    exact.insert(path, reason.to_owned());
                }
            }
        }
        self.unavailable = exact;
        self
    }
}

/// Paths of what is missing below `path`, which is the same again at the end.
fn collect(value: &Value, path: &mut String, missing: &mut Vec<String>) {
    let length = path.len();
    match value {
        Value::Null => missing.push(path.clone()),
        Value::Array(items) if items.is_empty() => missing.push(path.clone()),
        Value::Array(items) if items.iter().all(|item| item.is_null() || item.is_number()) => {
            if items.iter().any(Value::is_null) {
                missing.push(path.clone());
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                path.push_str(&format!("[{i}]"));
                collect(item, path, missing);
                path.truncate(length);
            }
        }
        Value::Object(fields) => {
            if fields.is_empty() && !path.is_empty() {
                missing.push(path.clone());
            }
            for (key, field) in fields {
                if path.is_empty() && key == "unavailable" {
                    continue;
                }
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                collect(field, path, missing);
                path.truncate(length);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
