//! Reasons for exactly the values that are missing.
//!
//! The review states reasons by pattern while it works ("no foot off for this contact"); a reader of the report wants
//! them only where a value really is `null`. Not for deciding what is missing.

use super::Report;
use super::absent::absent;
use std::collections::BTreeMap;

impl Report {
    /// Replaces the patterns of [`Report::unavailable`] by one entry for each `null` and each empty list that has a reason.
    ///
    /// A missing element of a list of numbers is entered under the list.
    #[must_use]
    pub(crate) fn with_exact_reasons(mut self) -> Self {
        let exact: BTreeMap<String, String> = absent(&self, "unavailable")
            .into_iter()
            .filter_map(|path| {
                let reason = self.reason(&path)?.to_owned();
                Some((path, reason))
            })
            .collect();
        self.unavailable = exact;
        self
    }
}
