//! Protocols: series of trials that answer one question together.
//!
//! Not for recording them; a protocol is judged from what was recorded.

mod bent_straight;
mod gates;
mod report;
mod verdict;

pub use bent_straight::{Block, Options, bent_straight};
pub use report::{BentStraightReport, BlockReport, GateReport};
