//! Clock estimation.
/// Estimator.
pub struct ClockEstimator;
