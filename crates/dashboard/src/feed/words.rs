//! Engine and method terms in the words of the screen.

use crate::model::{Bound, Class, SourceState};
use crate::text;
use surae_engine as engine;
use surae_gait::dominance as method;
use surae_gait::pipeline::SignalState;

/// The class as the view knows it.
#[must_use]
pub fn class(class: method::Class) -> Class {
    match class {
        method::Class::Rest => Class::Rest,
        method::Class::SoleusDominant => Class::Soleus,
        method::Class::Balanced => Class::Balanced,
        method::Class::GastrocnemiusDominant => Class::Gastrocnemius,
        method::Class::Undetermined => Class::NotClear,
    }
}

/// The bound as the view knows it.
#[must_use]
pub fn bound(bound: method::Bound) -> Bound {
    match bound {
        method::Bound::None => Bound::None,
        method::Bound::Upper => Bound::AtMost,
        method::Bound::Lower => Bound::AtLeast,
    }
}

/// Why a class is not clear.
#[must_use]
pub fn reason(reason: method::Reason) -> &'static str {
    match reason {
        method::Reason::StraddlesDelta => text::reason::STRADDLES,
        method::Reason::NoReference => text::reason::NO_REFERENCE,
        method::Reason::ReferenceMismatch => text::reason::MISMATCH,
        method::Reason::GastrocnemiusAtFloor => text::reason::GASTROCNEMIUS_FLOOR,
        method::Reason::SoleusAtFloor => text::reason::SOLEUS_FLOOR,
        method::Reason::BothAtFloor => text::reason::BOTH_FLOOR,
        method::Reason::BadSignal => text::reason::BAD_SIGNAL,
        method::Reason::Settling => text::reason::SETTLING,
        method::Reason::DifferentClocks => text::reason::CLOCKS,
        method::Reason::MissingMuscle => text::reason::MISSING_MUSCLE,
        method::Reason::OneContact => text::reason::ONE_CONTACT,
        method::Reason::NoData => text::reason::NO_DATA,
    }
}

/// The state of a source; a trial that stands still is paused.
#[must_use]
pub fn state(state: engine::SourceState, is_playing: bool) -> SourceState {
    match state {
        engine::SourceState::Live => SourceState::Live,
        engine::SourceState::Stalled => SourceState::Stalled,
        engine::SourceState::Reconnecting => SourceState::Reconnecting,
        engine::SourceState::Lost => SourceState::Lost,
        engine::SourceState::Replay if is_playing => SourceState::Replay,
        engine::SourceState::Replay => SourceState::Paused,
        engine::SourceState::Ended => SourceState::Ended,
    }
}

/// What is to be said of a channel whose samples are not all there; `None` when they are.
#[must_use]
pub fn signal(state: SignalState) -> Option<&'static str> {
    match state {
        SignalState::Clean => None,
        SignalState::Bridged => Some(text::signal::BRIDGED),
        SignalState::Settling => Some(text::signal::SETTLING),
        SignalState::Missing => Some(text::signal::MISSING),
    }
}
