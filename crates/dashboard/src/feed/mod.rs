//! From a running session to the model of the view, and from actions to commands of the session.

mod lanes;
mod map;
pub mod phase;
pub mod quality;
mod session;
pub(crate) mod words;

pub use session::SessionFeed;

use crate::model::LabModel;
use crate::request::Opened;
use crate::state::{Action, ViewState};

/// Where the model comes from.
pub trait Feed {
    /// Brings the model up to date with what is set on the view.
    fn update(&mut self, view: &mut ViewState, model: &mut LabModel);
    /// Carries out what concerns the session.
    fn perform(&mut self, action: &Action, model: &LabModel);
    /// Takes another session.
    fn replace(&mut self, opened: Opened);
    /// The view that draws this feed is shown, or another one is: a trial stands still while nobody sees it.
    fn show(&mut self, _is_shown: bool) {}
    /// True while there is something new to draw each frame.
    fn is_moving(&self) -> bool;
}
