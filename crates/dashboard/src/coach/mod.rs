//! The Coach view: one answer in big type, for sunlight and 5 m.
//!
//! [`model`] is what is drawn, [`screen`] draws it, [`state`] is what is set and its keys, [`CoachView`] puts them into the
//! window. Not for analysis: the
//! numbers come from a review.

mod answer;
mod canvas;
mod clock;
pub mod from_review;
pub mod model;
pub mod screen;
pub mod state;
mod tiles;
mod view;
mod word;

pub use view::{CoachInput, CoachView};
