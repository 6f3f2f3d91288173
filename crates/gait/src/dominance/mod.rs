//! Gastrocnemius against soleus: from amplitudes to a log ratio, an interval and a class that may decline to answer.
//!
//! Pure numbers, nothing here allocates: the live pipeline and the review call the same functions. Not for deciding
//! which amplitude to use (`normalise`, `noise`) nor for summaries over angle or phase (`angle_map`, `phases`).
//!
//! Formulas and their sources are in `docs/method.md`. Dominance says which muscle is relatively more active (of its
//! own maximum), not which produces more force.

mod activity;
mod class;
mod expected;
mod level;
mod overlap;
mod ratio;
mod variation;

pub use activity::Gate;
pub use class::{Class, Dwell, Hysteresis, Reason, Verdict, classify};
pub use expected::{
    EXPECTED_PER_DEG, EXPECTED_PER_DEG_RANGE, expected_change, expected_change_range, leak_bound,
};
pub use level::{Activation, Level, REST_CV, arithmetic_heads, geometric_heads};
pub use overlap::{falconer_overlap_percent, rudolph_overlap};
pub use ratio::{Bound, Ratio, dominance_of, log_ratio_of, threshold_log_ratio};
pub use variation::{
    REFERENCE_BANDWIDTH_HZ, Smoothing, envelope_cv, lowpass_noise_bandwidth_hz, statistical_bandwidth_hz,
    window_cv,
};
