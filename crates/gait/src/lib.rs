//! The method of Surae: normalisation, dominance against knee angle, knee angle, gait events, cycles, push-offs and
//! report data.
//!
//! Pure: the same input gives the same bits. Not for files, ports, threads or clocks (`surae-io`, `surae-engine`),
//! and not for drawing. Every formula and its source is in `docs/method.md`.

pub mod dominance;
pub mod events;
pub mod knee;
pub mod log_of_trial;
pub mod pipeline;
pub mod plate;
pub mod stats;
