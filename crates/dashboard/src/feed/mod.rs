//! From a running session to the model of the view, and from actions to commands of the session.

mod hands;
mod lanes;
mod map;
pub mod phase;
pub mod quality;
mod session;
pub(crate) mod words;

pub use session::SessionFeed;

use crate::coach::live::LiveSource;
use crate::model::LabModel;
use crate::request::Opened;
use crate::state::{Action, ViewState};
use std::path::PathBuf;
use std::sync::Arc;
use surae_engine::Recent;
use surae_trial::{Profile, SessionLayout};

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
    /// The last seconds of a device, as last answered, and asks for newer ones; `None` of a trial.
    fn recent(&mut self) -> Option<Arc<Recent>> {
        None
    }
    /// What a device's last seconds are reviewed with; `None` of a trial.
    fn live_source(&self) -> Option<LiveSource> {
        None
    }
    /// Recordings that were ended in order since this was asked last.
    fn take_recorded(&mut self) -> Vec<PathBuf> {
        Vec::new()
    }
    /// The channels of a device; `None` of a trial.
    fn layout(&self) -> Option<Arc<SessionLayout>> {
        None
    }
    /// The references of the session; `None` without.
    fn profile(&self) -> Option<Arc<Profile>> {
        None
    }
    /// New references from now on; the session's log has them.
    fn refer(&mut self, _profile: &Profile) {}
    /// Bookmarks of the trial that plays, in its time.
    fn bookmarks(&self) -> &[f64] {
        &[]
    }
    /// The master sample before which the state is that the last update took; `None` without a device.
    fn shown_index(&mut self) -> Option<u64> {
        None
    }
    /// True while there is something new to draw each frame.
    fn is_moving(&self) -> bool;
}
