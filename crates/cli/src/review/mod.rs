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
