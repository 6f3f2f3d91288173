//! Words of the menus.

/// Shows every lane.
pub const SHOW_ALL: &str = "Show all lanes";
/// Scale.
pub const LARGER: &str = "Draw it twice as high";
/// Scale.
pub const SMALLER: &str = "Draw it half as high";
/// Scales.
pub const FIT: &str = "Fit all scales (0)";
/// Traces.
pub const TRACES: &str = "Raw, envelope, both (V)";
/// Picture.
pub const PICTURE: &str = "Save a picture of this panel (F12)";
/// Window of Review.
pub const WHOLE: &str = "Show the whole trial (0)";
/// Table.
pub const COPY: &str = "Copy the table (Ctrl+C)";
/// Bookmark.
pub const BOOKMARK: &str = "Bookmark here (M)";
/// Start card.
pub const OPEN: &str = "Open, connect … (Ctrl+O)";
/// Motion.
pub const REDUCE_MOTION: &str = "Reduce motion";
/// Full screen.
pub const FULL_SCREEN: &str = "Full screen (F11)";
/// Panels.
pub const PANELS: &str = "Panels";
/// Layouts.
pub const LAYOUTS: &str = "Layouts";
/// The layout of the design.
pub const STANDARD: &str = "Standard";
/// Field.
pub const LAYOUT_NAME: &str = "name";
/// Button.
pub const SAVE_LAYOUT: &str = "Save (Ctrl+S)";
/// Name where none was typed.
pub const UNNAMED: &str = "My layout";

/// Hides a lane.
#[must_use]
pub fn hide(lane: &str) -> String {
    format!("Hide {lane}")
}

/// The card of a lane.
#[must_use]
pub fn lane(name: &str) -> String {
    format!("Lane {name}: drag it, or Alt ↑ ↓")
}

/// A layout was saved.
#[must_use]
pub fn saved(name: &str) -> String {
    format!("Layout “{name}” is saved: ≡, Layouts.")
}

/// A layout does not fit what is open.
#[must_use]
pub fn does_not_fit(name: &str) -> String {
    format!("Layout “{name}” has other panels than this source at this window size.")
}
