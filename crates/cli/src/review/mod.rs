//! What `surae review` writes: the summary in words, tables as CSV and as a dataset, one page per leg.
//!
//! Formats what the report says; computes nothing that the report does not have.

mod comparable;
pub mod dataset;
mod findings;
mod leg_page;
mod summary;
mod tables;

pub use comparable::{Quantity, refusal};
pub use findings::findings;
pub use leg_page::leg_page;
pub use summary::in_words;
pub use tables::{TABLES, curve_matrix, jump_table, table};

use crate::failure::Failure;
use crate::page;
use surae_gait::review::ReviewModel;
use surae_trial::Side;

/// The pages of the legs as one PDF; `None` where no leg has a page.
pub fn pdf(model: &ReviewModel) -> Result<Option<Vec<u8>>, Failure> {
    let pages: Vec<_> = Side::BOTH.into_iter().filter_map(|side| leg_page(model, side)).collect();
    let Some(first) = pages.first() else { return Ok(None) };
    let svgs: Vec<String> = pages.iter().map(page::svg).collect();
    page::pdf(&svgs, &first.trial).map(Some)
}
