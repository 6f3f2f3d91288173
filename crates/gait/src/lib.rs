//! The method of Surae: normalisation, dominance against knee angle, knee angle, gait events, cycles, push-offs and
//! report data.
//!
//! Pure: the same input gives the same bits, on however many processors. Not for files, ports, lasting threads or clocks (`surae-io`, `surae-engine`),
//! and not for drawing. Every formula and its source is in `docs/method.md`.

pub mod activity;
pub mod angle_map;
pub mod ankle;
pub mod braking;
pub mod calf_pump;
pub mod calibrate;
pub mod comparable;
pub mod comparison;
pub mod cycles;
pub mod dominance;
pub mod emg;
pub mod events;
pub mod force_share;
pub mod glossary;
pub mod inertial;
pub mod jump;
pub mod knee;
pub mod leg;
pub mod log_of_trial;
pub mod noise;
pub mod normalise;
pub mod phases;
pub mod pipeline;
pub mod plate;
pub mod protocol;
pub mod pushoff;
pub mod repetition;
pub mod report;
pub mod review;
pub mod sentences;
pub mod spectra;
pub mod stats;
pub mod steps;
pub mod strides;
pub mod task;
pub mod track;
pub mod words;

pub use review::{Mode, ReviewModel, ReviewOptions, review};
