//! The Coach view: one answer in big type, for sunlight and 5 m.
//!
//! [`model`] is what is drawn, [`screen`] draws it, [`state`] is what is set and its keys, [`CoachView`] puts them into the
//! window. Of a trial the numbers come from its review ([`from_review`]), of a device from reviews of its last seconds
//! ([`live`]). Not for analysis.

mod answer;
mod canvas;
mod clock;
pub mod from_review;
pub mod live;
pub mod model;
pub mod screen;
pub mod state;
mod tiles;
mod view;
mod word;

pub use view::{CoachInput, CoachView};
